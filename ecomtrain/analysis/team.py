"""Teams: goals, skills, output, who leaves and why, indicators as a game, and who reports to whom."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtri, stdtrit

from ecomtrain.analysis._answers import response_rate
from ecomtrain.analysis._checks import between, plain, window
from ecomtrain.analysis._competency import BusFactor, CompetencyGap, bus_factor, competency_gap
from ecomtrain.analysis._incentives import GamingReport, KpiPoints, gaming_check, kpi_points
from ecomtrain.analysis._leaving import attrition_cost, staff_days, tenure_curve
from ecomtrain.analysis._okr import OkrAlignment, okr_alignment, okr_score
from ecomtrain.analysis._org import SpanReport, output_per_head, span_of_control
from ecomtrain.analysis._risk import AttritionRisk, attrition_risk
from ecomtrain.analysis._tree import no_gaps
from ecomtrain.errors import CourseError, require, require_level, require_numeric, require_times

__all__ = [
    "AttritionRisk",
    "BusFactor",
    "CompetencyGap",
    "GamingReport",
    "KpiPoints",
    "OkrAlignment",
    "SpanReport",
    "attrition",
    "attrition_cost",
    "attrition_risk",
    "before_after",
    "bus_factor",
    "competency_gap",
    "gaming_check",
    "kpi_points",
    "okr_alignment",
    "okr_score",
    "output_per_head",
    "response_rate",
    "span_of_control",
    "tenure_curve",
]

YEAR = 12  # months


def before_after(
    frame: pd.DataFrame,
    *,
    numerator: str,
    denominator: str,
    before: tuple[Any, Any],
    after: tuple[Any, Any],
    unit: str = "team",
    time: str = "month",
    level: float = 0.95,
) -> pd.DataFrame:
    """Relative change of a ratio of two sums between two windows (前后对比), such as output per hour (人效).

    Parameters
    ----------
    frame : DataFrame
        Rows of units in periods, such as ``kpis``: one per person and month.
    numerator, denominator : str
        Columns of numbers: output and hours, tasks done and due, points and hours.
    before, after : tuple of two dates
        Half-open windows ``[first day, day after the last)``.
    unit : str, default "team"
        Column of the independent units; all rows of one hang together.
    time : str, default "month"
        Column of times (datetime).
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row: ``before``, ``after`` (the ratios), ``numerator_before``, ``numerator_after``,
        ``denominator_before``, ``denominator_after`` (the sums), ``relative_change``, ``relative_low``,
        ``relative_high`` (fractions), ``units``. NaN where a denominator is 0; the interval is NaN too unless
        both ratios are above 0 and there are two units.

    Raises
    ------
    CourseError
        If a column is missing or of the wrong kind, a value is missing, or a window is empty.

    Notes
    -----
    R = Σ numerator / Σ denominator in each window, and ln R₁ − ln R₀ with the delta method over the units:
    each adds (y₁ − R₁x₁)/Σy₁ − (y₀ − R₀x₀)/Σy₀ [1]_, t with units − 1 degrees of freedom. It says what
    changed, not why: units chosen for a bad period come back by themselves [2]_, people who leave take their
    hours along, and the season moves everybody. For the effect of a change see
    `causal.difference_in_differences`.

    References
    ----------
    .. [1] A. Deng, U. Knoblich, J. Lu (2018), Applying the Delta Method in Metric Analytics, KDD.
    .. [2] F. Galton (1886), Regression towards mediocrity in hereditary stature, J. Anthropol.
       Inst. 15, 246-263.

    Examples
    --------
    >>> month = pd.to_datetime(["2026-01-01", "2026-02-01"] * 3)
    >>> frame = pd.DataFrame({"team": ["a", "a", "b", "b", "c", "c"], "month": month,
    ...                       "output": [90, 120, 100, 110, 110, 130],
    ...                       "hours": [100, 100, 100, 90, 100, 110]})
    >>> asked = {"denominator": "hours", "before": ("2026-01-01", "2026-02-01"),
    ...          "after": ("2026-02-01", "2026-03-01")}
    >>> found = before_after(frame, numerator="output", **asked)
    >>> found[["before", "after", "relative_change", "relative_low", "relative_high", "units"]].round(3)
       before  after  relative_change  relative_low  relative_high  units
    0     1.0    1.2              0.2        -0.085          0.574      3
    >>> before_after(frame, numerator="out", **asked)
    Traceback (most recent call last):
        ...
    CourseError: team.before_after: column 'out' is not in the frame; it has team, month, output, hours.
    """
    where = "team.before_after"
    require_level(level, where)
    columns = [numerator, denominator, unit, time]
    require(frame, columns, where)
    frame = plain(frame[list(dict.fromkeys(columns))])
    require_numeric(frame, [numerator, denominator], where)
    require_times(frame[time], where)
    no_gaps(frame, columns, where)
    ids, names = pd.factorize(frame[unit])
    sums = []
    for ends in (before, after):
        window(*ends, where)
        inside = between(frame[time], *ends, where).to_numpy()
        sums.append([
            np.bincount(ids[inside], frame.loc[inside, column].to_numpy(float), len(names))
            for column in (numerator, denominator)
        ])  # fmt: skip
    (y0, x0), (y1, x1) = sums
    seen = (x0 != 0) | (x1 != 0) | (y0 != 0) | (y1 != 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        r0, r1 = (y.sum() / x.sum() if x.sum() else np.nan for y, x in sums)
        pull = ((y1 - r1 * x1) / y1.sum() - (y0 - r0 * x0) / y0.sum())[seen]
    count = len(pull)
    change, low, high = (r1 / r0 - 1 if r0 else np.nan), np.nan, np.nan
    if r0 > 0 and r1 > 0 and count > 1:
        se = np.sqrt(count / (count - 1) * ((pull - pull.mean()) ** 2).sum())
        reach = np.exp(stdtrit(count - 1, 0.5 + level / 2) * se) if se > 1e-12 else np.nan
        low, high = (1 + change) / reach - 1, (1 + change) * reach - 1
    row = {
        "before": r0,
        "after": r1,
        "numerator_before": y0.sum(),
        "numerator_after": y1.sum(),
        "denominator_before": x0.sum(),
        "denominator_after": x1.sum(),
        "relative_change": change,
        "relative_low": low,
        "relative_high": high,
        "units": count,
    }
    return pd.DataFrame([{name: x if name == "units" else float(x) for name, x in row.items()}])


def attrition(
    staff: pd.DataFrame,
    start: Any,
    end: Any,
    *,
    by: str | None = None,
    kind: str = "all",
    level: float = 0.95,
) -> pd.DataFrame:
    """Monthly attrition and what it comes to in a year (流失率).

    Parameters
    ----------
    staff : DataFrame
        One row per person: ``hired_on`` and ``left_on`` (dates; missing for those still there), for a `kind`
        other than all also ``reason``.
    start, end : date
        Half-open window ``[start, end)`` of whole months: both are the first of a month.
    by : str, optional
        A column to split by, such as ``"team"`` or ``"function"``.
    kind : {"all", "voluntary", "regretted"}
        Which leavers count: all; those who went by their own wish; those of them whom one wanted to keep.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row per group (``all`` without `by`): ``months``, ``separations``, ``headcount`` (average),
        ``monthly_rate``, ``low``, ``high``; ``closed_year``, ``closed_low``, ``closed_high`` (share of a
        closed group gone after a year); ``added_year``, ``added_low``, ``added_high`` (leavers of a year over
        the headcount, can exceed 1). Fractions; NaN where nobody was there.

    Raises
    ------
    CourseError
        If a column is missing or of the wrong kind, someone left before being hired, or the window is empty
        or not of whole months.

    Notes
    -----
    Monthly rate m = separations / headcount, summed over the months; the headcount of a month is the mean of
    those employed at its beginning and at its end [1]_. The interval is the exact one of a Poisson count
    [2]_.
    A closed group keeps (1 − m)¹² of its people, so 1 − (1 − m)¹² are gone: 15 % a month are 85.8 % a year.
    Where leavers are replaced, 12 m counts the departures, those of the newcomers too: 180 %. Hiring raises
    the headcount and lowers the rate without anyone staying longer.

    References
    ----------
    .. [1] W. F. Cascio, J. W. Boudreau (2011), Investing in People, 2nd ed., ch. 4.
    .. [2] F. Garwood (1936), Fiducial limits for the Poisson distribution, Biometrika 28(3/4), 437-442.

    Examples
    --------
    >>> staff = pd.DataFrame({"hired_on": pd.to_datetime(["2025-01-01"] * 20),
    ...                       "left_on": pd.to_datetime(["2026-03-10"] * 3 + [None] * 17)})
    >>> rate = attrition(staff, "2026-03-01", "2026-04-01")
    >>> rate[["separations", "headcount", "monthly_rate", "closed_year", "added_year"]].round(3)
         separations  headcount  monthly_rate  closed_year  added_year
    all            3       18.5         0.162         0.88       1.946
    >>> attrition(staff, "2026-03-01", "2026-04-01", kind="wanted")
    Traceback (most recent call last):
        ...
    CourseError: team.attrition: kind='wanted' is unknown; choose all, voluntary, regretted.
    """
    where = "team.attrition"
    require_level(level, where)
    people, opens, closes = staff_days(staff, start, end, by, kind, [], where)
    hired, left, group = people["hired_on"], people["left_on"], people["group"]
    edges = pd.date_range(opens, closes, freq="MS")
    if len(edges) < 2 or edges[0] != opens or edges[-1] != closes:
        raise CourseError(
            f"{where}: the window [{start}, {end}) is not of whole months. "
            f"Begin and end it on the first of one."
        )
    table = pd.DataFrame(
        0.0, index=pd.Index(sorted(group.unique()), name=by), columns=["separations", "headcount"]
    )
    for opens, closes in pairwise(edges):
        gone = (left >= opens) & (left < closes) & people["counts"]
        # Whoever was hired on the first day was not there when the month began.
        there = (hired < opens) & ~(left < opens), (hired < closes) & ~(left < closes)
        table["separations"] += gone.groupby(group).sum()
        table["headcount"] += (there[0].groupby(group).sum() + there[1].groupby(group).sum()) / 2
    months = len(edges) - 1
    k, exposure = table["separations"].to_numpy(), table["headcount"].to_numpy()
    exposed = np.where(exposure > 0, exposure, np.nan)
    table["separations"] = table["separations"].astype("int64")
    table["headcount"] /= months
    ends = {
        "monthly_rate": k,
        "low": np.where(k > 0, chdtri(2 * np.maximum(k, 1), 0.5 + level / 2) / 2, 0.0),
        "high": chdtri(2 * (k + 1), 0.5 - level / 2) / 2,
    }
    for name, count in ends.items():
        table[name] = count / exposed
    monthly = table[list(ends)].to_numpy()
    table[["closed_year", "closed_low", "closed_high"]] = 1 - (1 - np.minimum(monthly, 1)) ** YEAR
    table[["added_year", "added_low", "added_high"]] = YEAR * monthly
    table.insert(0, "months", months)
    return table
