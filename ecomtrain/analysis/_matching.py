"""Who took part compared with those who were alike beforehand: matching in classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from ecomtrain.analysis._checks import plain
from ecomtrain.errors import CourseError, require, require_level, require_numeric

__all__ = ["matched_change"]


def matched_change(
    frame: Any,
    *,
    treated: str = "treated",
    outcome: str,
    on: str | Sequence[str],
    before: str | None = None,
    bins: Mapping[str, Sequence[float]] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare who took part with those who were alike before they did (matching, 匹配比较).

    Parameters
    ----------
    frame : DataFrame
        One row per unit, such as a customer.
    treated : str, default "treated"
        The column that says who took part (bool, or 0 and 1).
    outcome : str
        The column of what came of it: a number, or whether something happened (0 and 1).
    on : str or sequence of str
        Columns on which the units must be alike; all of them measured before anybody took part.
    before : str, optional
        The column of the outcome in an equally long time before: the change from before to after is compared
        in place of the level.
    bins : mapping of str to sequence of float, optional
        Rising lower edges that put a numeric column of `on` in classes, such as ``{"orders": [0, 1, 2, 4]}``;
        a class includes its lower edge, the last one is open. The other columns must be equal.
    level : float, default 0.95
        Confidence level, between 0 and 1.

    Returns
    -------
    DataFrame
        One row: ``control``, ``treatment`` (mean outcome of the matched; with `before` its ratio to that of
        before), ``n_control``, ``n_treatment`` (units matched), ``unmatched`` (treated units that have no
        like), ``classes`` (count), ``change``, ``change_low``, ``change_high`` (unit of the outcome, of its
        gain with `before`), ``relative_change``, ``relative_low``, ``relative_high`` (0.3 is +30 %), ``p``
        (two-sided). NaN where nobody has a like.

    Raises
    ------
    CourseError
        If a column is missing or no number, an outcome or who took part is missing, or bins do not rise.

    Notes
    -----
    Units fall into classes by `on` (coarsened exact matching) [1]_; classes with treated and controls are
    kept, and the controls of each class count as much as its treated. So it tells the effect on those who
    took part. Change and relative change by the delta method, from the spread within the classes; two
    ratios to before are compared with `before`. What is not in `on` and drives both taking part and the
    outcome is left in the result: matching mends only what was measured.

    References
    ----------
    .. [1] S. M. Iacus, G. King, G. Porro (2012), Causal inference without balance checking: coarsened exact
       matching, Political Analysis 20(1), 1-24.

    Examples
    --------
    >>> frame = pd.DataFrame({"member": [1, 1, 1, 1, 0, 0, 0, 0, 0, 0],
    ...                       "past": [5, 5, 5, 1, 5, 5, 1, 1, 1, 1],
    ...                       "orders": [6, 7, 8, 2, 5, 6, 1, 2, 1, 0]})
    >>> row = matched_change(frame, treated="member", outcome="orders", on="past")
    >>> row[["control", "treatment", "change", "relative_change", "unmatched"]].round(3)
       control  treatment  change  relative_change  unmatched
    0    4.375       5.75   1.375            0.314          0
    >>> matched_change(frame, treated="member", outcome="orders", on="passed")
    Traceback (most recent call last):
        ...
    CourseError: causal.matched_change: column 'passed' is not in the frame; ... Did you mean 'past'?
    """
    where = "causal.matched_change"
    require_level(level, where)
    alike = [on] if isinstance(on, str) else list(on)
    numbers = [outcome, *([before] if before else [])]
    require(frame, [treated, *numbers, *alike], where)
    frame = plain(frame[list(dict.fromkeys([treated, *numbers, *alike]))])
    require_numeric(frame, [treated, *numbers], where)
    for column in (treated, *numbers):
        if frame[column].isna().any():
            raise CourseError(
                f"{where}: column '{column}' is missing in {int(frame[column].isna().sum())} row(s). Drop "
                f"them, or say what a gap means, for example with .fillna(0)."
            )
    if not frame[treated].isin([0, 1]).all():
        raise CourseError(f"{where}: column '{treated}' holds values other than 0 and 1 (False and True).")
    rows, classes = classes_of(frame, alike, bins or {}, where)
    arm = (frame[treated] == 1).to_numpy(dtype=bool)
    matched = pd.DataFrame({"class": classes, "arm": arm[rows]})
    for name, column in zip(("after", "before"), numbers, strict=False):
        matched[name] = frame[column].to_numpy(dtype=float)[rows]
    taking = matched.groupby("class")["arm"].transform("mean")
    kept = taking.gt(0) & taking.lt(1)
    return _compared(matched[kept], int(arm.sum()), before is not None, level)


def classes_of(
    frame: pd.DataFrame, alike: list[str], bins: Mapping[str, Sequence[float]], where: str
) -> tuple[Any, Any]:
    """Find the rows that fall into a class, and number the class of each."""
    columns = {}
    for column in alike:
        values = frame[column]
        if column in bins:
            require_numeric(frame, [column], where)
            edges = np.asarray(bins[column], dtype=float)
            if edges.ndim != 1 or not len(edges) or not (np.diff(edges) > 0).all():
                raise CourseError(
                    f"{where}: bins of '{column}' are {bins[column]!r}; give rising lower edges "
                    "such as [0, 1, 2, 4]."
                )
            place = np.searchsorted(edges, values.to_numpy(dtype=float, na_value=np.nan), side="right")
            values = pd.Series(place, frame.index).where(values.notna())
        columns[column] = values.to_numpy(dtype=object, na_value=None)
    keys = pd.DataFrame(columns, index=frame.index)
    rows = np.flatnonzero(keys.notna().all(axis=1))
    return rows, keys.iloc[rows].groupby(alike, sort=False).ngroup().to_numpy()


def _compared(matched: pd.DataFrame, treated: int, twice: bool, level: float) -> pd.DataFrame:
    """Compare the two arms of the matched units, class by class."""
    in_class = matched.groupby("class")["arm"]
    units, taking = in_class.transform("size"), in_class.transform("sum")
    arm = matched["arm"].to_numpy(dtype=bool)
    # The controls of a class weigh together as much as its treated.
    weight = np.where(arm, 1.0, (taking / (units - taking)).to_numpy(dtype=float))
    total = float(arm.sum()) or np.nan
    after = matched["after"].to_numpy()
    earlier = matched["before"].to_numpy() if twice else np.ones(len(after))
    change, variance = [], 0.0
    logs, log_variance = [], 0.0
    told = []
    for side in (~arm, arm):
        y, x, w = after[side], earlier[side], weight[side]
        mean, base = float((w * y).sum() / total), float((w * x).sum() / total)
        cells = matched["class"].to_numpy()[side]
        change.append(mean - base if twice else mean)
        told.append(mean / base if base else np.nan)
        variance += _variance(y - x, w, cells) / total**2
        positive = mean > 0 and base > 0
        logs.append(np.log(mean / base) if positive else np.nan)
        log_variance += _variance(y / mean - x / base, w, cells) / total**2 if positive else np.nan
    z = ndtri(0.5 + level / 2)
    se, log_se = (np.sqrt(v) if v > 0 else np.nan for v in (variance, log_variance))
    gain, relative = change[1] - change[0], logs[1] - logs[0]
    ratio = told[1] / told[0] - 1 if told[0] else np.nan
    row = {
        "control": told[0], "treatment": told[1],
        "n_control": int((~arm).sum()), "n_treatment": int(arm.sum()),
        "unmatched": treated - int(arm.sum()), "classes": int(matched["class"].nunique()),
        "change": gain, "change_low": gain - z * se, "change_high": gain + z * se, "relative_change": ratio,
        "relative_low": np.expm1(relative - z * log_se), "relative_high": np.expm1(relative + z * log_se),
        "p": float(2 * ndtr(-abs(gain) / se)),
    }  # fmt: skip
    return pd.DataFrame([row])


def _variance(values: Any, weight: Any, cells: Any) -> float:
    """Variance of the weighted sum of `values` about class means; a lone unit borrows the others' spread."""
    if not len(values):
        return np.nan
    group = pd.DataFrame({"cell": cells, "values": values, "weight": weight}).groupby("cell")
    size = group["values"].size().to_numpy()
    spread = group["values"].var(ddof=1).to_numpy()
    free = np.maximum(size - 1, 0)
    pooled = float((np.nan_to_num(spread) * free).sum() / free.sum()) if free.sum() else np.nan
    each = np.where(size > 1, spread, pooled)
    return float((group["weight"].first().to_numpy() ** 2 * size * each).sum())
