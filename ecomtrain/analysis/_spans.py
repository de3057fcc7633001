"""Lengths of time as the reader writes them: "14D", "30min"."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ecomtrain.errors import CourseError


def duration(value: Any, name: str, where: str) -> pd.Timedelta:
    """Read `value`, the argument `name`, as a length of time above 0."""
    try:
        length: Any = pd.Timedelta(value)
    except (TypeError, ValueError):
        length = pd.NaT
    if length is pd.NaT or length <= pd.Timedelta(0):
        raise CourseError(f"{where}: {name}={value!r} is not a length of time; give one such as '14D'.")
    return length
