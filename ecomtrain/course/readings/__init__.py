"""One reading of a claim: a number with its interval, what it counts, and what is true of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binom

__all__ = ["Analysis", "Reading", "Tables", "aside", "change", "median", "reading"]

Tables = dict[str, pd.DataFrame]
Analysis = Callable[..., Any]


@dataclass(frozen=True)
class Reading:
    """A reading: its words, value and interval, the units behind it, and the planted truth (NaN if none).

    `unit` is that of the claim where it is empty. A reading `aside` is of another quantity, there to be seen
    with the others: it takes no part in the verdict.
    """

    reading: str
    value: float
    low: float
    high: float
    n: int
    truth: float
    unit: str
    aside: bool


def reading(
    text: str,
    estimate: Iterable[Any],
    n: Any,
    truth: float = math.nan,
    *,
    unit: str = "",
    aside: bool = False,
) -> Reading:
    """Make a reading of the three numbers of `estimate`: value, low, high."""
    value, low, high = (float(number) for number in estimate)
    return Reading(text, value, low, high, int(n), float(truth), unit, aside)


aside = partial(reading, unit="share", aside=True)


def change(text: str, row: pd.Series, truth: float = math.nan) -> Reading:
    """Read the relative change of a row of `experiment.compare_rates` or `compare_means`."""
    n = row["n_control"] + row["n_treatment"]
    return reading(text, row[["relative_change", "relative_low", "relative_high"]], n, truth)


def median(values: Any, level: float) -> tuple[float, float, float]:
    """Return the median of `values` and its interval between two order statistics; gaps are left out."""
    ordered = np.sort(np.asarray(values, dtype=float))
    ordered = ordered[~np.isnan(ordered)]
    middle = float(np.median(ordered)) if len(ordered) else math.nan
    place = int(binom.ppf((1 - level) / 2, len(ordered), 0.5)) if len(ordered) else 0
    if not place:
        return middle, math.nan, math.nan
    return middle, float(ordered[place - 1]), float(ordered[-place])
