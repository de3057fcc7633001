"""Leaving: how long people stay, and what it costs to replace them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis import survival
from ecomtrain.analysis._checks import days, plain, require_not_negative, require_one, window
from ecomtrain.analysis._tree import no_gaps
from ecomtrain.errors import CourseError, nearest, require, require_level, require_numeric, require_times

KINDS = {"all": None, "voluntary": ("voluntary", "regretted"), "regretted": ("regretted",)}
MONTH = 365.25 / 12  # days


def staff_days(
    staff: pd.DataFrame, start: Any, end: Any, by: str | None, kind: str, more: list[str], where: str
) -> tuple[pd.DataFrame, pd.Timestamp, pd.Timestamp]:
    """Staff with days for times, ``counts`` (left for a reason of that kind) and the window; all checked."""
    if kind not in KINDS:
        raise CourseError(
            f"{where}: kind='{kind}' is unknown; choose {', '.join(KINDS)}.{nearest(kind, KINDS)}"
        )
    wanted = KINDS[kind]
    columns = ["hired_on", "left_on", *([by] if by else []), *(["reason"] if wanted else []), *more]
    require(staff, columns, where)
    first, last = window(start, end, where)
    staff = plain(staff[list(dict.fromkeys(columns))])
    for column in ("hired_on", "left_on"):
        require_times(staff[column], where)
    no_gaps(staff, ["hired_on", *([by] if by else [])], where)
    staff["hired_on"], staff["left_on"] = days(staff["hired_on"], where), days(staff["left_on"], where)
    wrong = int((staff["left_on"] < staff["hired_on"]).sum())
    if wrong:
        raise CourseError(
            f"{where}: left_on lies before hired_on in {wrong} row(s). Mend the dates, or leave them out."
        )
    staff["counts"] = staff["reason"].isin(wanted) if wanted else True
    staff["group"] = staff[by] if by else "all"
    return staff, first.tz_localize(None), last.tz_localize(None)


def tenure_curve(
    staff: pd.DataFrame,
    start: Any,
    end: Any,
    *,
    by: str | None = None,
    kind: str = "all",
    level: float = 0.95,
) -> pd.DataFrame:
    """Share of the newly hired who are still there after so many months (在职曲线).

    Parameters
    ----------
    staff : DataFrame
        One row per person: ``hired_on`` and ``left_on`` (last day; missing for those still there), for a
        `kind` other than all also ``reason``.
    start, end : date
        Those hired in the half-open window ``[start, end)`` are followed to its end.
    by : str, optional
        A column to split by, such as ``"team"`` or ``"pattern"``.
    kind : {"all", "voluntary", "regretted"}
        Which leaving counts, as for `attrition`; who left otherwise is followed up to then.
    level : float, default 0.95
        Confidence level of the band.

    Returns
    -------
    DataFrame
        One row per group (``all`` without `by`) and time: ``group``, ``months`` (in service), ``at_risk``,
        ``events``, ``survival`` (share still there), ``low``, ``high`` (fractions).

    Raises
    ------
    CourseError
        If a column is missing or of the wrong kind, someone left before being hired, the window is empty or
        nobody was hired in it.

    Notes
    -----
    Kaplan-Meier (`survival.kaplan_meier`). Only those hired in the window are followed: those who were there
    before it are in the table because they stayed, and would make every tenure look long. The mean tenure of
    the leavers makes it look short, for it leaves out those who stay. A month is 365.25 / 12 days. Two groups
    are compared by `survival.log_rank`.

    Examples
    --------
    >>> staff = pd.DataFrame({"hired_on": pd.to_datetime(["2026-01-01"] * 4),
    ...                       "left_on": pd.to_datetime(["2026-01-31", "2026-04-01", None, None])})
    >>> tenure_curve(staff, "2026-01-01", "2026-07-01")[["months", "at_risk", "events", "survival"]].round(2)
       months  at_risk  events  survival
    0    1.02        4       1      0.75
    1    2.99        3       1      0.50
    2    5.95        2       0      0.50
    >>> tenure_curve(staff, "2026-07-01", "2026-01-01")
    Traceback (most recent call last):
        ...
    CourseError: team.tenure_curve: the window [2026-07-01, 2026-01-01) is empty; its end must come after ...
    """
    where = "team.tenure_curve"
    require_level(level, where)
    people, first, last = staff_days(staff, start, end, by, kind, [], where)
    people = people[(people["hired_on"] >= first) & (people["hired_on"] < last)]
    if not len(people):
        raise CourseError(f"{where}: nobody was hired in [{start}, {end}); give a longer window.")
    left = people["left_on"]
    gone = (left < last).to_numpy()
    # The last day was worked, so who leaves on the day of hiring has been there for one.
    until = left.add(pd.Timedelta(1, "D")).where(gone, last)
    stayed = (until - people["hired_on"]).dt.days / MONTH
    curve = survival.kaplan_meier(
        stayed, gone & people["counts"].to_numpy(bool), group=people["group"], level=level
    )
    return curve.rename(columns={"time": "months"})


def attrition_cost(
    staff: pd.DataFrame,
    start: Any,
    end: Any,
    *,
    months_of_pay: Mapping[str, float],
    per_leaver: Mapping[str, float] | None = None,
    by: str | None = None,
    kind: str = "all",
) -> pd.DataFrame:
    """Add up what it costs to replace those who left, by stated assumptions (流失成本).

    Parameters
    ----------
    staff : DataFrame
        One row per person: ``hired_on``, ``left_on`` (missing for those still there), ``salary`` (a month),
        for a `kind` other than all also ``reason``.
    start, end : date
        Half-open window ``[start, end)`` in which they left.
    months_of_pay : dict of str to float
        What replacing one costs, item by item, in months of the leaver's pay:
        ``{"recruiting": 1.0, "training": 0.5, "ramp_up": 1.5}``.
    per_leaver : dict of str to float, optional
        Items that cost the same for everybody, in the money of the salaries: ``{"equipment": 800}``.
    by : str, optional
        A column to split by.
    kind : {"all", "voluntary", "regretted"}
        Which leavers count, as for `attrition`.

    Returns
    -------
    DataFrame
        One row per group (``all`` without `by`): ``leavers``, a column for each item, ``cost`` (their sum),
        ``cost_per_leaver``, ``payroll`` (of everybody, for their days in the window), ``share_of_payroll``.
        Money, and a fraction. NaN where there is nothing to divide by.

    Raises
    ------
    CourseError
        If a column is missing or of the wrong kind, a salary is missing or negative, more than one currency
        is mixed, or an item is negative.

    Notes
    -----
    No item has a default: every published "cost of a leaver" rests on assumptions, and yours are to be
    stated. Ramp-up: three months at half the output are 1.5 months of pay. Not everything is a cost of
    leaving: who is replaced by someone better, or not at all, saves money [1]_. The leavers are counted and
    the prices assumed, so there is no interval; that of the rate comes from `attrition`.

    References
    ----------
    .. [1] W. F. Cascio, J. W. Boudreau (2011), Investing in People, 2nd ed., ch. 4.

    Examples
    --------
    >>> staff = pd.DataFrame({"hired_on": pd.Timestamp("2025-01-01"), "salary": [8000.0, 10000.0],
    ...                       "left_on": pd.to_datetime(["2026-03-10", None])})
    >>> months = {"recruiting": 1.0, "ramp_up": 1.5}
    >>> found = attrition_cost(staff, "2026-01-01", "2026-07-01", months_of_pay=months)
    >>> found[["leavers", "ramp_up", "cost"]]
         leavers  ramp_up     cost
    all        1  12000.0  20000.0
    >>> attrition_cost(staff, "2026-01-01", "2026-07-01", months_of_pay={"recruiting": -1})
    Traceback (most recent call last):
        ...
    CourseError: team.attrition_cost: 'recruiting' is -1; give a number of 0 or above.
    """
    where = "team.attrition_cost"
    fixed = dict(per_leaver or {})
    for name, value in [*months_of_pay.items(), *fixed.items()]:
        if not 0 <= value < np.inf:
            raise CourseError(f"{where}: '{name}' is {value}; give a number of 0 or above.")
    if set(months_of_pay) & set(fixed) or not (months_of_pay or fixed):
        raise CourseError(
            f"{where}: give each item once, in months_of_pay or in per_leaver, and at least one."
        )
    require(staff, [], where)
    require_one(staff, "currency", where)
    people, first, last = staff_days(staff, start, end, by, kind, ["salary"], where)
    require_numeric(people, ["salary"], where)
    no_gaps(people, ["salary"], where)
    require_not_negative(people, ["salary"], where)
    pay = people["salary"].astype(float)
    left = people["left_on"]
    gone = ((left >= first) & (left < last) & people["counts"].astype(bool)).astype(float)
    came = people["hired_on"].clip(lower=first)
    until = left.add(pd.Timedelta(1, "D")).where(left < last, last)
    there = ((until - came).dt.days / MONTH).clip(lower=0)
    sums = pd.DataFrame({"leavers": gone, "pay": gone * pay, "payroll": there * pay})
    sums = sums.groupby(people["group"].to_numpy()).sum().rename_axis(by)
    table = pd.DataFrame({"leavers": sums["leavers"].astype("int64")})
    for name, months in months_of_pay.items():
        table[name] = months * sums["pay"]
    for name, amount in fixed.items():
        table[name] = amount * sums["leavers"]
    table["cost"] = table[[*months_of_pay, *fixed]].sum(axis=1).astype(float)
    table["cost_per_leaver"] = table["cost"] / table["leavers"].where(table["leavers"] > 0)
    table["payroll"] = sums["payroll"]
    table["share_of_payroll"] = table["cost"] / sums["payroll"].where(sums["payroll"] > 0)
    return table
