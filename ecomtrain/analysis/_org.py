"""How a team is built, and what it gets done per head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from ecomtrain.analysis._checks import days, moment, plain, require_ids, require_not_negative, require_one
from ecomtrain.analysis._tree import no_gaps, once, tree
from ecomtrain.errors import CourseError, require, require_level, require_numeric, require_times

FULL_TIME = (365 - 104 - 13) / 12 * 8  # hours a month: weekends and public holidays of China out, 8 a day


def output_per_head(
    work: pd.DataFrame,
    *,
    output: str = "output",
    hours: str = "hours",
    by: str | None = "team",
    person: str = "staff_id",
    time: str = "month",
    full_time: float = FULL_TIME,
    level: float = 0.95,
) -> pd.DataFrame:
    """Output per head and per full-time person, by team and month (人均产出).

    Parameters
    ----------
    work : DataFrame
        Rows of people in periods, such as ``kpis``: `person`, `time` (datetime, the first day of the period),
        `output`, `hours` (worked), `by`.
    output, hours : str
        Columns of numbers.
    by : str or None, default "team"
        Column to split by; None for everyone together.
    person, time : str
        Columns of the person and of the period.
    full_time : float, default 165.33
        Hours of one full-time person in a period: (365 - 104 - 13) / 12 days of 8 hours.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row per period and group, in order: `time`, `by`, ``output``, ``heads`` (people), ``fte`` (hours /
        full_time), ``output_per_head``, ``output_per_fte``, ``low``, ``high`` (of the latter). NaN where
        nobody worked; the interval needs two people who differ.

    Raises
    ------
    CourseError
        If a column is missing, has gaps or is of the wrong kind, hours are negative, or `full_time` is not
        above 0.

    Notes
    -----
    Per head counts everyone who was there at all, also who came on the 28th: hiring lowers it. Per full-time
    person (FTE) divides by the hours worked. The interval is that of a ratio of sums over people (delta
    method, t with people - 1 degrees of freedom) [1]_. To judge a change, use `before_after` and, for its
    cause, `causal.difference_in_differences` on these rows.

    References
    ----------
    .. [1] A. Deng, U. Knoblich, J. Lu (2018), Applying the Delta Method in Metric Analytics, KDD.

    Examples
    --------
    >>> work = pd.DataFrame({"team": "live", "month": pd.Timestamp("2026-06-01"), "staff_id": [1, 2, 3],
    ...                      "output": [180, 150, 30], "hours": [160, 160, 40]})
    >>> found = output_per_head(work, full_time=160)
    >>> found[["output", "heads", "fte", "output_per_head", "output_per_fte"]]
       output  heads   fte  output_per_head  output_per_fte
    0   360.0      3  2.25            120.0           160.0
    >>> output_per_head(work, full_time=0)
    Traceback (most recent call last):
        ...
    CourseError: team.output_per_head: full_time is 0; give the hours of a full-time person, such as 165.3.
    """
    where = "team.output_per_head"
    require_level(level, where)
    if not full_time > 0:
        raise CourseError(
            f"{where}: full_time is {full_time}; give the hours of a full-time person, such as 165.3."
        )
    columns = [person, time, output, hours, *([by] if by else [])]
    require(work, columns, where)
    require_ids(work, [person], where)
    frame = plain(work[list(dict.fromkeys(columns))])
    require_numeric(frame, [output, hours], where)
    require_times(frame[time], where)
    no_gaps(frame, columns, where)
    require_not_negative(frame, [hours], where)
    keys = [time, *([by] if by else [])]
    each = frame.groupby([*keys, person])[list(dict.fromkeys([output, hours]))].sum().astype(float)
    each = pd.DataFrame({"output": each[output], "hours": each[hours]}).reset_index(person, drop=True)
    groups = each.groupby(level=keys)
    table = groups.sum()
    heads = groups.size()
    per_hour = table["output"] / table["hours"].where(table["hours"] > 0)
    # Each person's pull on the ratio; what they sum to is its standard error.
    pull = each["output"] - per_hour.reindex(each.index) * each["hours"]
    square = (pull**2).groupby(level=keys).sum(min_count=1)
    se = np.sqrt(square * heads / (heads - 1).where(heads > 1)) / table["hours"].where(table["hours"] > 0)
    se = se.where(se > 1e-12 * per_hour.abs())
    half = se * stdtrit(np.maximum(heads - 1, 1), 0.5 + level / 2)
    found = pd.DataFrame(
        {
            "output": table["output"],
            "heads": heads,
            "fte": table["hours"] / full_time,
            "output_per_head": table["output"] / heads,
            "output_per_fte": per_hour * full_time,
            "low": (per_hour - half) * full_time,
            "high": (per_hour + half) * full_time,
        }
    )
    return found.reset_index()


@dataclass(frozen=True)
class SpanReport:
    """How many people report to whom.

    Attributes
    ----------
    table : DataFrame
        One row per manager: ``manager_id``, ``layer`` (1 at the top; missing in and below a circle),
        ``direct_reports``, ``dotted_reports``, ``all_reports`` (everybody below), ``pay``, ``pay_below``
        (monthly, of everybody below), ``flag`` (few, many or an empty text).
    layers : DataFrame
        ``layer``, ``people``, ``managers``, ``direct_reports`` (mean per manager; NaN without any).
    faults : DataFrame
        ``staff_id``, ``fault``: no manager, manager not there, in a circle.
    staff, managers : int
        People who are there; those of them to whom somebody reports.
    management_cost : float
        Share of all pay that goes to managers (fraction).
    """

    table: pd.DataFrame
    layers: pd.DataFrame
    faults: pd.DataFrame
    staff: int
    managers: int
    management_cost: float


def span_of_control(
    staff: pd.DataFrame, *, at: Any, few: int = 3, many: int = 12, dotted: str | None = None
) -> SpanReport:
    """How many people report to each manager, in how many layers, and what managing costs (管理幅度).

    Parameters
    ----------
    staff : DataFrame
        One row per person of one shop: ``staff_id``, ``manager_id`` (missing at the top), ``salary`` (a
        month), ``hired_on``, ``left_on`` (last day; missing for those still there).
    at : date
        Who is there on this day counts.
    few, many : int, default 3 and 12
        Fewer direct reports than `few`, or more than `many`, are flagged.
    dotted : str, optional
        Column of a second manager, to whom a person reports in part (dotted line); counted apart.

    Returns
    -------
    SpanReport
        ``.table``, ``.layers``, ``.faults``, ``.staff``, ``.managers``, ``.management_cost``.

    Raises
    ------
    CourseError
        If a column is missing or of the wrong kind, two shops are mixed, a person has two different rows,
        or nobody is there on that day.

    Notes
    -----
    The top is the person without a manager who has most people below; others without one are faults: a
    vacant post above them. That 3 to 12 is sound is a rule of thumb: routine work bears more, and a span is
    no measure of how well someone leads. Everybody is counted, so there is no interval.

    Examples
    --------
    >>> staff = pd.DataFrame({"staff_id": [1, 2, 3, 4, 5], "manager_id": [None, 1, 1, 2, 9],
    ...     "salary": [20e3, 12e3, 8e3, 7e3, 7e3], "hired_on": pd.Timestamp("2025-01-01"), "left_on": pd.NaT})
    >>> found = span_of_control(staff, at="2026-06-30")
    >>> found.table[["manager_id", "layer", "direct_reports", "all_reports", "flag"]]
       manager_id  layer  direct_reports  all_reports flag
    0           1      1               2            3  few
    1           2      2               1            1  few
    >>> found.faults["fault"].tolist(), round(found.management_cost, 3)
    (['manager not there'], 0.593)
    >>> span_of_control(staff, at="2024-06-30")
    Traceback (most recent call last):
        ...
    CourseError: team.span_of_control: nobody is there on 2024-06-30; give a day within the table's years.
    """
    where = "team.span_of_control"
    if not 0 <= few <= many:
        raise CourseError(f"{where}: few={few} and many={many}; give two counts in order, such as 3 and 12.")
    columns = ["staff_id", "manager_id", "salary", "hired_on", "left_on", *([dotted] if dotted else [])]
    require(staff, columns, where)
    require_one(staff, "shop", where)
    require_one(staff, "currency", where)
    frame = plain(staff[columns])
    require_numeric(frame, ["salary"], where)
    no_gaps(frame, ["staff_id", "salary", "hired_on"], where)
    require_not_negative(frame, ["salary"], where)
    day = moment(at, False, where).normalize()
    there = (days(frame["hired_on"], where) <= day) & ~(days(frame["left_on"], where) < day)
    frame = once(frame[there], ["staff_id"], where)
    if not len(frame):
        raise CourseError(f"{where}: nobody is there on {day.date()}; give a day within the table's years.")
    n, pay = len(frame), frame["salary"].to_numpy(float)
    links = tree(frame, "staff_id", "manager_id", where)
    found = links.above >= 0
    direct = np.bincount(links.above[found], minlength=n)
    below, pay_below = np.zeros(n), np.zeros(n)
    # From the lowest layer up; who is in or below a circle has no layer and is added to nobody.
    for depth in np.unique(links.steps[links.steps > 0])[::-1]:
        rows = np.flatnonzero(links.steps == depth)
        below += np.bincount(links.above[rows], below[rows] + 1, n)
        pay_below += np.bincount(links.above[rows], pay_below[rows] + pay[rows], n)
    alone = ~links.named
    # Of several without a manager the one with most people below, then most pay, is the head.
    head = np.lexsort((-np.arange(n), pay, below, alone))[-1]
    faults = {
        "no manager": alone & (np.arange(n) != head),
        "manager not there": links.named & ~found,
        "in a circle": links.circle,
    }
    manages = direct > 0
    second = tree(frame, "staff_id", dotted, where).above if dotted else np.full(n, -1)
    extra = np.bincount(second[second >= 0], minlength=n)
    layer = pd.array(np.where(np.isnan(links.steps), 0, links.steps + 1).astype("int64"), dtype="Int64")
    layer[np.isnan(links.steps)] = pd.NA
    table = pd.DataFrame(
        {
            "manager_id": frame["staff_id"],
            "layer": layer,
            "direct_reports": direct,
            "dotted_reports": extra,
            "all_reports": below.astype("int64"),
            "pay": pay,
            "pay_below": pay_below,
            "flag": np.select([direct < few, direct > many], ["few", "many"], ""),
        }
    ).astype({"flag": "str"})
    layers = table.assign(managers=manages, reports=direct).groupby("layer")
    layers = layers.agg(people=("pay", "size"), managers=("managers", "sum"), reports=("reports", "sum"))
    layers["direct_reports"] = layers.pop("reports") / layers["managers"].where(layers["managers"] > 0)
    said = [frame.loc[rows, ["staff_id"]].assign(fault=name) for name, rows in faults.items()]
    return SpanReport(
        table=table[manages].reset_index(drop=True),
        layers=layers.reset_index(),
        faults=pd.concat(said)
        .sort_values("staff_id", kind="stable", ignore_index=True)
        .astype({"fault": "str"}),
        staff=n,
        managers=int(manages.sum()),
        management_cost=float(pay[manages].sum() / pay.sum()) if pay.sum() else float("nan"),
    )
