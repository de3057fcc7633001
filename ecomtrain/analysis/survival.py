"""Waiting times of which some have not ended yet: the curve, its quantiles, two groups compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc, ndtri

from ecomtrain.analysis._hazard import falls_to, product_limit, waits
from ecomtrain.analysis._waiting import time_to_repurchase
from ecomtrain.errors import CourseError, nearest

__all__ = ["kaplan_meier", "log_rank", "quantiles", "time_to_repurchase"]


def kaplan_meier(durations: Any, observed: Any, *, group: Any = None, level: float = 0.95) -> pd.DataFrame:
    """Share of units still waiting after each time, with the open ones kept (Kaplan-Meier, 生存曲线).

    Parameters
    ----------
    durations : array-like of numbers
        How long each unit has been watched, from its start to its end or to the last look; one unit of time
        throughout, 0 or more.
    observed : array-like of bool
        Whether the end was seen; False means that the unit was still waiting at the last look (censored).
    group : array-like, optional
        The group of each unit; one curve for each.
    level : float, default 0.95
        Confidence level of the band, between 0 and 1.

    Returns
    -------
    DataFrame
        One row per distinct time (and group): ``group`` (where given), ``time`` (unit of `durations`),
        ``at_risk`` (units still waiting just before), ``events`` (units that ended then), ``survival``,
        ``low``, ``high`` (fractions; the band is NaN once nobody waits). Units with a gap are left out.

    Raises
    ------
    CourseError
        If the columns differ in length, durations are negative or no numbers, or `observed` is not bool.

    Notes
    -----
    S(t) = product over times up to t of (1 - events / at_risk) [1]_, with Greenwood's variance on the
    log(-log S) scale. It takes for granted that who is still open would go on like those who were followed
    longer. Leaving the open ones out makes every wait look too short.

    References
    ----------
    .. [1] E. L. Kaplan, P. Meier (1958), J. Am. Stat. Assoc. 53(282), 457-481.

    Examples
    --------
    >>> days, second_order = [5, 9, 9, 20], [True, True, False, True]
    >>> kaplan_meier(days, second_order)[["time", "at_risk", "events", "survival"]]
       time  at_risk  events  survival
    0   5.0        4       1      0.75
    1   9.0        3       1      0.50
    2  20.0        1       1      0.00
    >>> kaplan_meier(days, [True, False])
    Traceback (most recent call last):
        ...
    CourseError: survival.kaplan_meier: durations has 4 values and observed has 2; each duration needs ...
    """
    known = waits(durations, observed, group, level, "survival.kaplan_meier")
    curve = product_limit(known, "group", "time", level)
    return curve if group is not None else curve.drop(columns="group")


def quantiles(
    durations: Any,
    observed: Any,
    *,
    q: Sequence[float] = (0.5, 0.9),
    group: Any = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Find the times by which given shares of the units have ended, with the open ones kept.

    Parameters
    ----------
    durations, observed, group, level
        As for `kaplan_meier`.
    q : sequence of float, default (0.5, 0.9)
        The shares that have ended, between 0 and 1: 0.5 is the median.

    Returns
    -------
    DataFrame
        One row per share (and group): ``group`` (where given), ``q``, ``value``, ``low``, ``high`` (unit of
        `durations`; NaN where the curve, or its band, never gets that far), ``n`` (units), ``events`` (ends
        seen).

    Raises
    ------
    CourseError
        As for `kaplan_meier`, and if a share is not between 0 and 1.

    Notes
    -----
    The value is the first time at which S(t) is 1 - q or less; the interval is that of the times at which the
    band of the curve is [1]_.

    References
    ----------
    .. [1] R. Brookmeyer, J. Crowley (1982), A confidence interval for the median survival time,
       Biometrics 38(1), 29-41.

    Examples
    --------
    >>> days = [3, 5, 6, 8, 10, 12, 14, 20]
    >>> done = [True, True, True, True, True, True, False, False]
    >>> quantiles(days, done)
         q  value   low  high  n  events
    0  0.5    8.0   3.0   NaN  8       6
    1  0.9    NaN  10.0   NaN  8       6
    >>> quantiles(days, done, q=[90])
    Traceback (most recent call last):
        ...
    CourseError: survival.quantiles: q holds 90; give shares between 0 and 1, such as 0.9.
    """
    where = "survival.quantiles"
    known = waits(durations, observed, group, level, where)
    for share in q:
        if not 0 < share < 1:
            raise CourseError(f"{where}: q holds {share}; give shares between 0 and 1, such as 0.9.")
    curve = product_limit(known, "group", "time", level)
    counts = known.groupby("group", observed=True)["seen"].agg(n="size", events="sum")
    found = pd.concat(
        [counts.join(falls_to(curve, 1 - share, "group", "time")).assign(q=float(share)) for share in q]
    )
    found = found.reset_index().sort_values("group", kind="stable").reset_index(drop=True)
    found = found[["group", "q", "value", "low", "high", "n", "events"]]
    return found if group is not None else found.drop(columns="group")


def log_rank(durations: Any, observed: Any, group: Any, *, control: Any, level: float = 0.95) -> pd.DataFrame:
    """Compare how fast two groups end, with the open ones kept (log-rank test, 对数秩检验).

    Parameters
    ----------
    durations, observed, level
        As for `kaplan_meier`.
    group : array-like
        The group of each unit: two different ones.
    control : label
        The group to compare with.

    Returns
    -------
    DataFrame
        One row, named after the other group: ``hazard_ratio`` (its rate of ends over the control's, 1 is
        alike), ``low``, ``high``, ``chi2``, ``p`` (log-rank), ``n`` (units), ``events`` (ends seen). NaN
        where a group has no end at all.

    Raises
    ------
    CourseError
        As for `kaplan_meier`, and if there are not two groups or `control` is none of them.

    Notes
    -----
    At each time the ends are compared with those expected if both groups ended alike, the hypergeometric mean
    and variance given who still waits [1]_. The hazard ratio is Cox's for one factor, with ties after Efron,
    and its interval that of the logarithm. One number says it all only where the ratio stays the same over
    time; look at the two curves first.

    References
    ----------
    .. [1] N. Mantel (1966), Evaluation of survival data and two new rank order statistics arising in its
       consideration, Cancer Chemother. Rep. 50(3), 163-170.
    .. [2] B. Efron (1977), The efficiency of Cox's likelihood function for censored data, J. Am. Stat. Assoc.
       72(359), 557-565.

    Examples
    --------
    >>> days = [4, 8, 12, 20, 3, 5, 6, 9]
    >>> back = [True, True, True, False, True, True, True, True]
    >>> arm = ["control"] * 4 + ["gift"] * 4
    >>> log_rank(days, back, arm, control="control")[["hazard_ratio", "chi2", "p", "events"]].round(3)
          hazard_ratio   chi2      p  events
    gift         3.097  1.808  0.179       7
    >>> log_rank(days, back, arm, control="none")
    Traceback (most recent call last):
        ...
    CourseError: survival.log_rank: control='none' is not a group; the groups are control, gift.
    """
    where = "survival.log_rank"
    known = waits(durations, observed, group, level, where)
    names = sorted(known["group"].unique(), key=str)
    told = ", ".join(map(str, names)) or "none"
    if control not in names:
        raise CourseError(
            f"{where}: control='{control}' is not a group; the groups are {told}.{nearest(control, names)}"
        )
    if len(names) != 2:
        raise CourseError(f"{where}: two groups are compared; there are {len(names)}: {told}.")
    other = next(name for name in names if name != control)
    row = _compare(
        known["time"].to_numpy(), known["seen"].to_numpy(), known["group"].to_numpy() == other, level
    )
    return pd.DataFrame([row | {"n": len(known), "events": int(known["seen"].sum())}], index=[other])


def _compare(time: Any, seen: Any, treated: Any, level: float) -> dict[str, float]:
    """Log-rank test and Cox's hazard ratio of one factor."""
    moments = np.unique(time[seen])
    ended = np.searchsorted(moments, time[seen])
    d = np.bincount(ended, minlength=len(moments)).astype(float)
    d1 = np.bincount(ended, treated[seen], len(moments))
    waiting = [np.sort(time[rows]) for rows in (np.ones(len(time), bool), treated)]
    n, n1 = (len(rows) - np.searchsorted(rows, moments, side="left") for rows in waiting)
    share = n1 / n
    variance = (d * share * (1 - share) * (n - d) / np.maximum(n - 1, 1)).sum()
    chi2 = float((d1 - d * share).sum() ** 2 / variance) if variance > 0 else np.nan
    total = d1.sum()
    row = {"hazard_ratio": np.nan, "low": np.nan, "high": np.nan}
    if 0 < total < d.sum():
        # Efron: of the tied ends of a moment, the k-th finds the tied ones gone to k / d.
        at = np.repeat(np.arange(len(moments)), d.astype("int64"))
        gone = (np.arange(len(at)) - np.searchsorted(at, at)) / d[at]
        still1 = n1[at] - gone * d1[at]
        still0 = (n - n1)[at] - gone * (d - d1)[at]
        log_ratio, information = _newton(total, still0, still1)
        reach = ndtri(0.5 + level / 2) / np.sqrt(information) if information > 0 else np.nan
        row = dict(
            zip(row, map(float, np.exp([log_ratio, log_ratio - reach, log_ratio + reach])), strict=True)
        )
    return row | {"chi2": chi2, "p": float(chdtrc(1, chi2))}


def _newton(total: float, still0: Any, still1: Any) -> tuple[float, float]:
    """Maximise Cox's partial likelihood of one factor; NaN where it has no maximum."""
    log_ratio, information = 0.0, np.nan
    for _ in range(50):
        expected = still1 / (still1 + still0 * np.exp(-log_ratio))
        information = float((expected * (1 - expected)).sum())
        if information <= 0:
            break
        step = float(np.clip((total - expected.sum()) / information, -1, 1))
        log_ratio += step
        if abs(step) < 1e-12:
            break
    return (log_ratio, information) if information > 1e-6 else (np.nan, np.nan)
