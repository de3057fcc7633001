"""Whether those who are compared were alike beforehand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis._checks import plain
from ecomtrain.analysis._matching import classes_of
from ecomtrain.errors import CourseError, require, require_numeric

__all__ = ["balance"]

ALIKE = 0.1


def balance(
    frame: Any,
    *,
    treated: str = "treated",
    on: str | Sequence[str],
    also: str | Sequence[str] = (),
    bins: Mapping[str, Sequence[float]] | None = None,
) -> pd.DataFrame:
    """How alike the treated and the others were before and after matching (匹配平衡性).

    Parameters
    ----------
    frame : DataFrame
        One row per unit, as for `matched_change`.
    treated : str, default "treated"
        The column that says who took part (bool, or 0 and 1).
    on, bins
        What is matched on, as there.
    also : str or sequence of str, default none
        More columns measured beforehand that are not matched on, to see what was left unlike.

    Returns
    -------
    DataFrame
        One row per numeric column, and one per value of the others: ``variable``, ``value`` (of a column that
        holds no numbers; else empty), ``treated``, ``control`` (means or shares of all), ``matched_treated``,
        ``matched_control`` (of those matched, the controls weighted by class), ``smd_before``, ``smd_after``
        (standardised mean differences), ``alike`` (bool: ``smd_after`` within ±0.1). Means of what is known;
        NaN where nobody is matched or nothing varies.

    Raises
    ------
    CourseError
        If a column is missing, who took part is missing, or bins do not rise.

    Notes
    -----
    smd = difference of the means / √((s₁² + s₀²) / 2), with the standard deviations of all units before and
    after, so that it shrinks only if the means come closer [1]_. It has no interval and needs no test: it
    tells of these units, not of others. Alike in what was measured is not alike in what was not.

    References
    ----------
    .. [1] P. C. Austin (2009), Balance diagnostics for comparing the distribution of baseline covariates
       between treatment groups in propensity-score matched samples, Stat. Med. 28(25), 3083-3107.

    Examples
    --------
    >>> frame = pd.DataFrame({"member": [1, 1, 1, 1, 0, 0, 0, 0, 0, 0],
    ...                       "past": [5, 5, 5, 1, 5, 5, 1, 1, 1, 1]})
    >>> found = balance(frame, treated="member", on="past")
    >>> found[["variable", "treated", "control", "matched_control", "smd_before", "smd_after"]].round(2)
      variable  treated  control  matched_control  smd_before  smd_after
    0     past      4.0     2.33              4.0        0.82        0.0
    >>> balance(frame, treated="member", on="passed")
    Traceback (most recent call last):
        ...
    CourseError: causal.balance: column 'passed' is not in the frame; ... Did you mean 'past'?
    """
    where = "causal.balance"
    alike = [on] if isinstance(on, str) else list(on)
    more = [also] if isinstance(also, str) else list(also)
    require(frame, [treated, *alike, *more], where)
    frame = plain(frame[list(dict.fromkeys([treated, *alike, *more]))])
    require_numeric(frame, [treated], where)
    if frame[treated].isna().any() or not frame[treated].isin([0, 1]).all():
        raise CourseError(f"{where}: column '{treated}' holds values other than 0 and 1 (False and True).")
    rows, classes = classes_of(frame, alike, bins or {}, where)
    arm = (frame[treated] == 1).to_numpy(dtype=bool)
    matched = pd.DataFrame({"class": classes, "arm": arm[rows]}, index=rows)
    taking = matched.groupby("class")["arm"].transform("mean")
    kept = matched[taking.gt(0) & taking.lt(1)]
    by = kept.groupby("class")["arm"]
    many, ours = by.transform("size"), by.transform("sum")
    weight = np.zeros(len(frame))
    weight[kept.index] = np.where(kept["arm"], 1.0, ours / (many - ours))
    found = []
    for column in dict.fromkeys([*alike, *more]):
        values = frame[column]
        if getattr(values.dtype, "kind", "O") in "iufb":
            parts = {"": values.to_numpy(dtype=float, na_value=np.nan)}
        else:
            known = values.notna().to_numpy()
            parts = {
                str(value): np.where(known, (values == value).to_numpy(dtype=float, na_value=0.0), np.nan)
                for value in sorted(values.dropna().unique(), key=str)
            }
        found += [(column, value, *_compared(numbers, arm, weight)) for value, numbers in parts.items()]
    columns = ["variable", "value", "treated", "control", "matched_treated", "matched_control"]
    table = pd.DataFrame(found, columns=[*columns, "smd_before", "smd_after"])
    return table.assign(alike=table["smd_after"].abs() <= ALIKE)


def _compared(values: Any, arm: Any, weight: Any) -> list[float]:
    """Means of both sides, all and matched, and their distances in standard deviations."""
    known = ~np.isnan(values)

    def mean(side: Any, weights: Any) -> float:
        total = weights[side].sum()
        return float((weights[side] * values[side]).sum() / total) if total > 0 else np.nan

    sides = [known & arm, known & ~arm]
    every = np.ones(len(values))
    means = [mean(side, weights) for weights in (every, weight) for side in sides]
    spread = np.sqrt(sum(values[side].var(ddof=1) if side.sum() > 1 else np.nan for side in sides) / 2)
    spread = spread if spread > 0 else np.nan
    return [*means, float((means[0] - means[1]) / spread), float((means[2] - means[3]) / spread)]
