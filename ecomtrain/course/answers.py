"""Read what a trainee gives as an answer into plain numbers, texts and keyed tables.

Every form of an answer is read: Python, NumPy and Decimal numbers, a frame or Series of one element, keys in
the index or in a column.
Only exact types are read, so that an object which merely claims to be a number is refused.
What cannot be read raises AssertionError with one sentence that names the answer.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.errors import nearest

__all__ = ["as_frame", "as_label", "as_labelled", "as_number", "as_text", "keyed", "listed"]


def listed(values: Iterable[Any]) -> str:
    """Return the values in a row, for a sentence."""
    return ", ".join(str(value) for value in values) or "nothing"


def _what(value: Any) -> str:
    empty = value is None or value is Ellipsis or value is NotImplemented
    return "holds nothing yet" if empty else f"is a {type(value).__name__}"


def as_number(value: Any, name: str, unit: str | None = None) -> float:
    """Return `value` as a finite float."""
    wanted = f"a number in {unit}" if unit else "a number"
    kind = type(value)
    if kind in (pd.Series, pd.DataFrame, np.ndarray) or isinstance(value, pd.Index):
        values = np.asarray(value).ravel()
        if len(values) != 1:
            raise AssertionError(f"{name} is a {kind.__name__} of {len(values)} values; {wanted} is needed.")
        return as_number(values[0], name, unit)
    if kind in (bool, np.bool_):
        raise AssertionError(f"{name} is True or False; {wanted} is needed.")
    if kind in (str, np.str_):
        raise AssertionError(f"{name} is text; give {wanted}, without quotes or units.")
    if value is pd.NA or value is pd.NaT:
        value = math.nan
    elif isinstance(value, dt.timedelta | np.timedelta64):
        raise AssertionError(f"{name} is a length of time; give {wanted}, for example with .total_seconds().")
    elif issubclass(kind, np.generic) and kind.__module__ == "numpy":
        value = value.item()
    if type(value) not in (int, float, Decimal, Fraction):
        hint = " Call it, with brackets." if callable(value) else ""
        raise AssertionError(f"{name} {_what(value)}; {wanted} is needed.{hint}")
    try:
        plain = float(value)
    except OverflowError:
        plain = math.inf
    if math.isnan(plain):
        raise AssertionError(
            f"{name} is NaN, not a number; look for an empty selection or a division by zero."
        )
    if math.isinf(plain):
        raise AssertionError(f"{name} is infinite; look for a division by zero.")
    return plain


def as_text(value: Any, name: str) -> str:
    """Return `value` as plain text."""
    if (type(value) in (pd.Series, np.ndarray) or isinstance(value, pd.Index)) and len(value) == 1:
        value = value.tolist()[0]
    if type(value) not in (str, np.str_):
        raise AssertionError(f"{name} {_what(value)}; text is needed, in quotes.")
    return str(value)


def as_label(value: Any) -> Any:
    """Return a key in one spelling: 1, 1.0 and numpy.int64(1) are one label, a date is its midnight."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dt.date):
        return pd.Timestamp(value)
    return tuple(as_label(part) for part in value) if isinstance(value, tuple) else value


def as_labelled(value: Any, name: str, unit: str | None = None) -> dict[Any, float]:
    """Return label -> number from a Series, a dict, a frame of one column, or of a key and a column."""
    if type(value) is pd.DataFrame:
        if value.shape[1] == 2 and type(value.index) is pd.RangeIndex:
            value = value.set_index(value.columns[0])
        if value.shape[1] != 1:
            raise AssertionError(f"{name} has {value.shape[1]} columns; one number per label is needed.")
        value = value.iloc[:, 0]
    if type(value) is pd.Series:
        pairs = list(zip(value.index.tolist(), value.tolist(), strict=True))
    elif type(value) is dict:
        pairs = list(value.items())
    else:
        raise AssertionError(f"{name} {_what(value)}; a pandas Series with one number per label is needed.")
    read: dict[Any, float] = {}
    for label, item in pairs:
        key = as_label(label)
        if key in read:
            raise AssertionError(f"{name} has the label '{key}' twice; one number per label is needed.")
        read[key] = as_number(item, f"{name}['{key}']", unit)
    return read


def as_frame(value: Any, name: str) -> pd.DataFrame:
    """Return `value` as a DataFrame; a Series becomes a frame of one column."""
    if type(value) is pd.Series:
        value = value.to_frame(value.name if value.name is not None else name)
    if type(value) is not pd.DataFrame:
        raise AssertionError(f"{name} {_what(value)}; a pandas DataFrame is needed.")
    return value


def keyed(value: Any, name: str, keys: list[str]) -> pd.DataFrame:
    """Return the frame with `keys`, wherever they stand, as its index in one spelling."""
    frame = as_frame(value, name)
    if not keys:
        return frame
    absent = [key for key in keys if key not in frame.columns]
    unnamed = all(level is None for level in frame.index.names)
    # an index without a name is taken for the missing keys, a plain row count never
    if unnamed and len(absent) == frame.index.nlevels and type(frame.index) is not pd.RangeIndex:
        frame = frame.rename_axis(absent)
    inside = [key for key in absent if key in frame.index.names]
    if inside:
        frame = frame.reset_index(level=inside)
    for key in keys:
        if key not in frame.columns:
            has = listed(frame.columns)
            raise AssertionError(f"{name} has no column '{key}'; it has {has}.{nearest(key, frame.columns)}")
    labels = [[as_label(part) for part in frame[key].tolist()] for key in keys]
    index = pd.Index(labels[0], dtype=object) if len(keys) == 1 else pd.MultiIndex.from_arrays(labels)
    return frame.drop(columns=keys).set_axis(index, axis=0)
