"""Checks for test cells: quiet where an answer is right, one plain sentence where it is not.

`number`, `series`, `table` and `choice` look at the form: type, then shape, then plausibility.
They belong in the visible test.
`close`, `close_series`, `close_table` and `same` compare with the right answer and never say what it is.
They belong in the hidden test.
`slips` pairs a wrong answer with the sentence that names the slip behind it: a dict for numbers and text,
a list of pairs for series and tables.

Every form of a right answer passes, in any order of rows and columns (see `answers`).
Every check returns None, because nbgrader would take a number at the end of a test cell for the points.
"""

from __future__ import annotations

import datetime as dt
import math
import warnings
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import wraps
from typing import Any, ParamSpec

import numpy as np
import pandas as pd

from ecomtrain.course.answers import as_label, as_labelled, as_number, as_text, keyed, listed
from ecomtrain.errors import CourseError, nearest

__all__ = ["choice", "close", "close_series", "close_table", "number", "same", "series", "table", "true"]

Slips = Mapping[Any, str] | Iterable[tuple[Any, str]] | None
P = ParamSpec("P")


def _spoken(check: Callable[P, None]) -> Callable[P, None]:
    """Raise what `check` says from here, in one line where IPython shows it."""

    @wraps(check)
    def spoken(*args: P.args, **kwargs: P.kwargs) -> None:
        __tracebackhide__ = True
        try:
            with warnings.catch_warnings():
                # nbgrader gives no points to a test cell with a warning on stderr
                warnings.simplefilter("ignore")
                check(*args, **kwargs)
            return
        except CourseError:
            raise
        except AssertionError as error:
            sentence = str(error)
        except Exception as error:
            name = kwargs.get("name", args[1] if len(args) > 1 else "the answer")
            sentence = f"{name} cannot be read ({type(error).__name__}); give plain numbers, text and tables."
        failure = AssertionError(sentence)
        # IPython asks an exception for its own traceback: the trainee needs the sentence, not our code
        vars(failure)["_render_traceback_"] = lambda: [f"AssertionError: {sentence}"]
        raise failure

    return spoken


def _plausible(
    value: float, name: str, above: float | None, below: float | None, unit: str | None, whole: bool
) -> None:
    where = f" in {unit}" if unit else ""
    if unit == "fraction" and below == 1 and 1 < value <= 100:
        raise AssertionError(f"{name} looks like a percentage; give a fraction between 0 and 1.")
    if above is not None and not value > above:
        raise AssertionError(f"{name} is {value:.6g}; a plausible answer{where} is above {above:g}.")
    if below is not None and not value < below:
        raise AssertionError(f"{name} is {value:.6g}; a plausible answer{where} is below {below:g}.")
    if whole and not value.is_integer():
        raise AssertionError(f"{name} is {value:.6g}; it counts something, so it is a whole number.")


def _near(value: float, other: float, rel: float, absolute: float | None) -> bool:
    return math.isclose(value, other, rel_tol=rel, abs_tol=absolute if absolute is not None else 1e-12)


def _pairs(slips: Slips) -> list[tuple[Any, str]]:
    if slips is None:
        return []
    return list(slips.items()) if isinstance(slips, Mapping) else list(slips)


# ---------------------------------------------------------------- form, for the visible test


@_spoken
def number(
    value: Any,
    name: str,
    *,
    above: float | None = None,
    below: float | None = None,
    unit: str | None = None,
    whole: bool = False,
) -> None:
    """Check that `value` is one number, strictly between `above` and `below`, and whole where `whole`.

    Examples
    --------
    >>> number(31.5, "per_buyer", above=0, unit="yuan")
    >>> number("31.5", "per_buyer", above=0, unit="yuan")
    Traceback (most recent call last):
        ...
    AssertionError: per_buyer is text; give a number in yuan, without quotes or units.
    """
    _plausible(as_number(value, name, unit), name, above, below, unit, whole)


@_spoken
def series(
    value: Any,
    name: str,
    *,
    index: Collection[Any],
    above: float | None = None,
    below: float | None = None,
    unit: str | None = None,
    whole: bool = False,
) -> None:
    """Check that `value` gives one plausible number for each label of `index`, and for no other.

    A Series, a dict, a frame of one column, and a frame of a key column and a number column all pass.

    Examples
    --------
    >>> series({"app": 3, "live": 4}, "visitors", index=["live", "app"], above=0, whole=True)
    >>> series({"app": 3}, "visitors", index=["live", "app"])
    Traceback (most recent call last):
        ...
    AssertionError: visitors has no number for 'live'; it has app.
    """
    read = as_labelled(value, name, unit)
    wanted = [as_label(label) for label in index]
    for label in wanted:
        if label not in read:
            raise AssertionError(
                f"{name} has no number for '{label}'; it has {listed(read)}.{nearest(label, read)}"
            )
    for label in read:
        if label not in wanted:
            raise AssertionError(f"{name} has a number for '{label}', which was not asked for.")
    for label, item in read.items():
        _plausible(item, f"{name}['{label}']", above, below, unit, whole)


@_spoken
def table(
    value: Any,
    name: str,
    *,
    columns: Collection[str],
    rows: int | None = None,
    index: str | list[str] | None = None,
) -> None:
    """Check that `value` is a frame with `columns`, `rows` rows, and one row for each key `index`.

    The keys may stand in the index or in columns; further columns do no harm.

    Examples
    --------
    >>> frame = pd.DataFrame({"step": ["view", "pay"], "reached": [9, 4]})
    >>> table(frame.set_index("step"), "funnel", columns=["reached"], rows=2, index="step")
    >>> table(frame, "funnel", columns=["reach"], index="step")
    Traceback (most recent call last):
        ...
    AssertionError: funnel has no column 'reach'; it has reached. Did you mean 'reached'?
    """
    keys = [index] if isinstance(index, str) else list(index or [])
    frame = keyed(value, name, keys)
    for column in columns:
        if column not in frame.columns and column not in frame.index.names:
            has = listed(frame.columns)
            raise AssertionError(
                f"{name} has no column '{column}'; it has {has}.{nearest(column, frame.columns)}"
            )
    if rows is not None and len(frame) != rows:
        raise AssertionError(f"{name} has {len(frame)} rows; {rows} are needed.")
    if keys and frame.index.has_duplicates:
        twice = frame.index[frame.index.duplicated()][0]
        raise AssertionError(
            f"{name} has more than one row for '{twice}'; one row per {', '.join(keys)} is needed."
        )


@_spoken
def choice(value: Any, name: str, options: Collection[str]) -> None:
    """Check that `value` is one of the texts in `options`.

    Examples
    --------
    >>> choice("cart", "worst_step", ["detail", "cart", "pay"])
    >>> choice("carts", "worst_step", ["detail", "cart", "pay"])
    Traceback (most recent call last):
        ...
    AssertionError: worst_step is not one of detail, cart, pay. Did you mean 'cart'?
    """
    text = as_text(value, name)
    if text not in options:
        raise AssertionError(f"{name} is not one of {listed(options)}.{nearest(text, options)}")


@_spoken
def true(condition: Any, sentence: str) -> None:
    """Say `sentence` unless `condition` is true.

    Examples
    --------
    >>> true(2 > 1, "The second is not above the first.")
    """
    if type(condition) not in (bool, np.bool_) or not condition:
        raise AssertionError(sentence)


# ---------------------------------------------------------------- value, for the hidden test


@_spoken
def close(
    value: Any,
    expected: Any,
    name: str,
    *,
    rel: float = 1e-6,
    abs: float | None = None,
    slips: Slips = None,
) -> None:
    """Check that `value` is `expected`, within a relative tolerance `rel` or an absolute one `abs`.

    Examples
    --------
    >>> close(0.25, 0.25, "share")
    >>> close(0.50, 0.25, "share", slips={0.5: "Two windows were added."})
    Traceback (most recent call last):
        ...
    AssertionError: share: Two windows were added.
    """
    got, right = as_number(value, name), _expected(expected)
    if _near(got, right, rel, abs):
        return
    for wrong, sentence in _pairs(slips):
        # a rounded slip is still that slip
        if _near(got, _expected(wrong), max(rel, 1e-4), abs):
            raise AssertionError(f"{name}: {sentence}")
    raise AssertionError(f"{name} {_hint(got, right)}")


def _expected(value: Any) -> float:
    try:
        return as_number(value, "the expected value")
    except AssertionError as error:
        raise CourseError(f"check: {error}") from None


def _hint(got: float, right: float) -> str:
    """Say what kind of wrong, from the ratio alone."""
    if right and _near(got / right, 100, 1e-4, None):
        return "is a hundred times too large; a fraction is asked for, not a percentage."
    if right and _near(got / right, -1, 1e-4, None):
        return "has the wrong sign; which of the two comes first?"
    if right and _near(got / right, 1, 0.01, None):
        return (
            "is close but not exact; look at the edges of the window, at rounding, and at rows counted twice."
        )
    return "is not right; read again what is counted, what it is divided by, and over which window."


@_spoken
def close_series(
    value: Any,
    expected: Any,
    name: str,
    *,
    rel: float = 1e-6,
    abs: float | None = None,
    slips: Slips = None,
) -> None:
    """Check label by label that `value` is `expected`; `slips` pairs a wrong Series with its sentence.

    Examples
    --------
    >>> right = pd.Series({"app": 3.0, "live": 4.0})
    >>> close_series({"live": 4, "app": 3}, right, "visitors")
    >>> close_series({"live": 4, "app": 5}, right, "visitors")
    Traceback (most recent call last):
        ...
    AssertionError: visitors is not right for 1 of 2 labels, first for 'app'.
    """
    got, right = as_labelled(value, name), as_labelled(expected, "the expected value")
    if got.keys() != right.keys():
        raise AssertionError(f"{name} does not have the labels that were asked for.")
    bad = [label for label in right if not _near(got[label], right[label], rel, abs)]
    if not bad:
        return
    for wrong, sentence in _pairs(slips):
        other = as_labelled(wrong, "a slip")
        if all(label in got and _near(got[label], other[label], max(rel, 1e-4), abs) for label in other):
            raise AssertionError(f"{name}: {sentence}")
    raise AssertionError(f"{name} is not right for {len(bad)} of {len(right)} labels, first for '{bad[0]}'.")


@_spoken
def close_table(
    value: Any,
    expected: pd.DataFrame,
    name: str,
    *,
    by: str | list[str],
    rel: float = 1e-6,
    abs: float | None = None,
    slips: Slips = None,
) -> None:
    """Check row by row, matched on the keys `by`, that `value` has the columns of `expected`.

    Examples
    --------
    >>> right = pd.DataFrame({"step": ["view", "pay"], "reached": [9, 4]})
    >>> close_table(right.set_index("step").iloc[::-1], right, "funnel", by="step")
    >>> close_table(right.assign(reached=[9, 5]), right, "funnel", by="step")
    Traceback (most recent call last):
        ...
    AssertionError: funnel: column 'reached' is not right in 1 of 2 rows, first for 'pay'.
    """
    keys = [by] if isinstance(by, str) else list(by)
    got, right = keyed(value, name, keys), keyed(expected, "the expected value", keys)
    if got.index.has_duplicates:
        raise AssertionError(f"{name} has more than one row for a {', '.join(keys)}.")
    missing, extra = len(right.index.difference(got.index)), len(got.index.difference(right.index))
    bad = None if missing or extra else _first_wrong(got, right, rel, abs, name)
    if not missing and not extra and bad is None:
        return
    for wrong, sentence in _pairs(slips):
        other = keyed(wrong, "a slip", keys)
        if set(other.index) == set(got.index) and _first_wrong(got, other, max(rel, 1e-4), abs, name) is None:
            raise AssertionError(f"{name}: {sentence}")
    if bad is None:
        raise AssertionError(f"{name} lacks {missing} rows that belong in it and has {extra} that do not.")
    column, count, label = bad
    raise AssertionError(
        f"{name}: column '{column}' is not right in {count} of {len(right)} rows, first for '{label}'."
    )


def _first_wrong(
    got: pd.DataFrame, right: pd.DataFrame, rel: float, absolute: float | None, name: str
) -> tuple[str, int, Any] | None:
    """Return the first column that differs, in how many rows, and the first such row."""
    for column in right.columns:
        if column not in got.columns:
            raise AssertionError(f"{name} has no column '{column}'; it has {listed(got.columns)}.")
        theirs, ours = got[column].reindex(right.index).tolist(), right[column].tolist()
        wrong = [
            label
            for label, a, b in zip(right.index, theirs, ours, strict=True)
            if not _same_cell(a, b, rel, absolute, f"{name}: column '{column}'")
        ]
        if wrong:
            return str(column), len(wrong), wrong[0]
    return None


def _same_cell(theirs: Any, ours: Any, rel: float, absolute: float | None, name: str) -> bool:
    if pd.isna(ours):
        return bool(pd.isna(theirs)) if np.ndim(theirs) == 0 else False
    if isinstance(ours, bool | str | dt.date):
        return type(as_label(theirs)) is type(as_label(ours)) and bool(as_label(theirs) == as_label(ours))
    if np.ndim(theirs) == 0 and pd.isna(theirs):
        return False
    return _near(as_number(theirs, name), float(ours), rel, absolute)


@_spoken
def same(value: Any, expected: str, name: str, *, slips: Slips = None) -> None:
    """Check that the text `value` is `expected`.

    Examples
    --------
    >>> same("cart", "cart", "worst_step")
    >>> same("pay", "cart", "worst_step")
    Traceback (most recent call last):
        ...
    AssertionError: worst_step is not the right one.
    """
    text = as_text(value, name)
    if text == expected:
        return
    for wrong, sentence in _pairs(slips):
        if text == wrong:
            raise AssertionError(f"{name}: {sentence}")
    raise AssertionError(f"{name} is not the right one.")
