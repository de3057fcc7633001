"""Growth between figures that were rounded: a rate from two of them, or one figure carried on or back."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ecomtrain.errors import CourseError


class Range(NamedTuple):
    """A value with the least and the most it can be, given how its figures were rounded or assumed."""

    value: float
    low: float
    high: float


def cagr(
    first: float, last: float, years: float, *, first_step: float = 0.0, last_step: float = 0.0
) -> Range:
    """Growth a year between two figures, and the range that their rounding leaves (年复合增长率).

    Parameters
    ----------
    first, last : float
        The figures at both ends, in one unit.
    years : float
        Years between them, above 0.
    first_step, last_step : float, default 0
        What each figure was rounded to, in the same unit: 1 where 7 may be anything from 6.5 to 7.5.

    Returns
    -------
    Range
        ``value``, ``low``, ``high``: growth a year, fractions (0.12 is 12 %). ``low`` and ``high`` are NaN
        where neither figure is rounded, and ``high`` also where the first one may be 0.

    Raises
    ------
    CourseError
        If a figure is not above 0, `years` is not above 0, or a step is negative.

    Notes
    -----
    (last / first)^(1/years) − 1. The range is no confidence interval: it holds every growth that would have
    been rounded to the same figures. Two rounded figures one year apart hardly show any growth at all.

    Examples
    --------
    >>> [round(x, 3) for x in cagr(4, 7, 5, first_step=1, last_step=1)]
    [0.118, 0.076, 0.165]
    >>> cagr(0, 7, 5)
    Traceback (most recent call last):
        ...
    CourseError: market.cagr: first is 0; growth needs a figure above 0 at both ends.
    """
    where = "market.cagr"
    for name, value in (("first", first), ("last", last)):
        if not is_number(value) or not 0 < value < np.inf:
            raise CourseError(f"{where}: {name} is {value!r}; growth needs a figure above 0 at both ends.")
    if not is_number(years) or not 0 < years < np.inf:
        raise CourseError(f"{where}: years is {years!r}; give a number above 0.")
    steps = _steps(where, first_step=first_step, last_step=last_step)
    (least_first, most_first), (least_last, most_last) = (
        (value - step / 2, value + step / 2) for value, step in zip((first, last), steps, strict=True)
    )

    def rate(before: float, after: float) -> float:
        return (max(after, 0.0) / before) ** (1 / years) - 1 if before > 0 else np.nan

    ends = (rate(most_first, least_last), rate(least_first, most_last)) if any(steps) else (np.nan, np.nan)
    return Range(*map(float, (rate(first, last), *ends)))


def project(
    value: float, rate: float, years: Any, *, value_step: float = 0.0, rate_step: float = 0.0
) -> pd.DataFrame:
    """Carry a figure forward at a growth rate, with the range that rounding leaves.

    Parameters
    ----------
    value : float
        The figure today.
    rate : float
        Growth a year, a fraction above -1: 0.12 is 12 %.
    years : float or sequence of floats
        How many years from now; below 0 looks back.
    value_step, rate_step : float, default 0
        What each was rounded to: ``rate_step=0.01`` where 12 % may be anything from 11.5 to 12.5 %.

    Returns
    -------
    DataFrame
        One row per element of `years`: ``years``, ``value``, ``low``, ``high`` in the unit of `value`;
        the range is NaN where nothing is rounded.

    Raises
    ------
    CourseError
        If a number is not finite, `rate` is -1 or less (or may be, once rounded), or a step is negative.

    Notes
    -----
    value · (1 + rate)^years. The range takes the least and the most of both figures; it says nothing on
    whether the rate stays what it is.

    Examples
    --------
    >>> project(4, 0.12, 5, value_step=1, rate_step=0.01).round(2)
       years  value   low  high
    0    5.0   7.05  6.03  8.11
    >>> project(4, -1.5, 5)
    Traceback (most recent call last):
        ...
    CourseError: market.project: rate is -1.5; give a fraction above -1, such as 0.12 for 12 % a year.
    """
    return _carried("market.project", value, rate, years, 1, value_step, rate_step)


def back_cast(
    value: float, rate: float, years: Any, *, value_step: float = 0.0, rate_step: float = 0.0
) -> pd.DataFrame:
    """Carry a figure back at the growth rate that is claimed for it: where it must have come from (回推).

    Parameters
    ----------
    value, rate, value_step, rate_step : float
        As for `project`.
    years : float or sequence of floats
        How many years ago.

    Returns
    -------
    DataFrame
        As `project` returns it; ``years`` counts back.

    Raises
    ------
    CourseError
        As `project`.

    Notes
    -----
    value / (1 + rate)^years. Hold the result against what was published at that time: if the two disagree,
    the figure, its rate, or what was counted changed on the way.

    Examples
    --------
    >>> back_cast(7, 0.12, [1, 5], value_step=1, rate_step=0.01).round(2)
       years  value   low  high
    0    1.0   6.25  5.78  6.73
    1    5.0   3.97  3.61  4.35
    >>> back_cast(float("nan"), 0.12, 5)
    Traceback (most recent call last):
        ...
    CourseError: market.back_cast: value is nan; give a finite number.
    """
    return _carried("market.back_cast", value, rate, years, -1, value_step, rate_step)


def _carried(
    where: str, value: float, rate: float, years: Any, sign: int, value_step: float, rate_step: float
) -> pd.DataFrame:
    """Carry `value` over `years` at `rate`, with the least and the most of both."""
    if not is_number(value) or not np.isfinite(value):
        raise CourseError(f"{where}: value is {value!r}; give a finite number.")
    step, rate_width = _steps(where, value_step=value_step, rate_step=rate_step)
    if not is_number(rate) or not -1 < rate - rate_width / 2 < np.inf:
        raise CourseError(
            f"{where}: rate is {rate!r}; give a fraction above -1, such as 0.12 for 12 % a year."
        )
    try:
        asked = np.atleast_1d(np.asarray(years, dtype=float))
    except (TypeError, ValueError):
        asked = np.array([np.nan])
    if not np.isfinite(asked).all() or asked.ndim > 1:
        raise CourseError(f"{where}: years is {years!r}; give a number of years, or a list of them.")
    values = np.array([value, *([value - step / 2, value + step / 2] if step else [])])
    rates = 1 + np.array([rate, *([rate - rate_width / 2, rate + rate_width / 2] if rate_width else [])])
    corners = values[:, None, None] * rates[:, None] ** (sign * asked)
    ends = [corners.min(axis=(0, 1)), corners.max(axis=(0, 1))]
    if not (step or rate_width):
        ends = [np.full(len(asked), np.nan)] * 2
    return pd.DataFrame({"years": asked, "value": corners[0, 0], "low": ends[0], "high": ends[1]})


def _steps(where: str, **steps: Any) -> list[float]:
    for name, step in steps.items():
        if not is_number(step) or not 0 <= step < np.inf:
            raise CourseError(f"{where}: {name} is {step!r}; give what the figure was rounded to, or 0.")
    return list(map(float, steps.values()))


def is_number(value: Any) -> bool:
    """Tell a number from everything else; truth values are none."""
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
