"""What a new customer costs: by the ads alone or with all that belongs to it, at once or some days later."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis._checks import days
from ecomtrain.analysis._returns import not_negative, ratios, side_by_side
from ecomtrain.errors import CourseError, require_level


def acquisition_cost(
    spend: Any,
    new_customers: Any,
    *,
    scope: str = "paid",
    other: Any = None,
    date: Any = None,
    lag: int = 0,
    by: Any = None,
    unit: Any = None,
    control: Any = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Cost of a new customer (获客成本, CAC).

    Parameters
    ----------
    spend : array-like of numbers
        What the ads cost, one value per row, such as a day of a channel.
    new_customers : array-like of numbers
        Customers who bought for the first time: those attributed to the ads for the scope "paid", all of
        them, however they came, for "blended".
    scope : {"paid", "blended"}, default "paid"
        The cost of the ads alone, or with the `other` costs.
    other : array-like of numbers, optional
        For "blended": what else was spent to win customers, such as content, staff and gifts.
    date : array-like of datetime, optional
        The day of each row, needed for a `lag`.
    lag : int, default 0
        Days between the spend and the customers it wins: the spend of a day is set against the new customers
        of the day `lag` days later. Days for which only one of the two is known are left out.
    by : array-like, optional
        A label per row, such as the channel; one row of the answer for each.
    unit : array-like, optional
        The independent unit of each row, such as its week; without it every row is one.
    control : label, optional
        A value of `by` to compare the others with.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row per group, or one row "all": ``spend``, for "blended" also ``other`` (sums, in the currency),
        ``new_customers`` (sum), ``n`` (units), ``cac``, ``low``, ``high`` (cost per new customer; NaN where
        there is none). With `control` also ``relative_change``, ``relative_low``, ``relative_high`` (0.4 is
        40 % dearer), NaN in the row of the control.

    Raises
    ------
    CourseError
        If lengths differ, a number, day or label is missing, a number is negative, `control` is no group,
        `scope` and `other` do not fit, or `lag` leaves no day.

    Notes
    -----
    CAC = Σ costs / Σ new customers, with the delta method over units [1]_. Orders of old customers are no
    acquisition: over all orders, a channel that talks to its fans looks cheap. The paid cost is the lower
    one: it leaves out the people and gifts that the ads need, yet counts those who would have come anyway.
    The blended cost counts those whom no ad brought. Say which one is meant, and never set one against the
    other. A `lag` matters where spend changes from week to week; over a level year it moves little.

    References
    ----------
    .. [1] A. Deng, U. Knoblich, J. Lu (2018), Applying the Delta Method in Metric Analytics, KDD.

    Examples
    --------
    >>> table = acquisition_cost([700.0, 720, 500, 480], [10, 11, 10, 9],
    ...                          by=["live", "live", "posts", "posts"], control="posts")
    >>> table[["spend", "new_customers", "cac", "relative_change"]].round(3)
            spend  new_customers     cac  relative_change
    live   1420.0           21.0  67.619             0.311
    posts   980.0           19.0  51.579               NaN
    >>> acquisition_cost([700.0, 720], [20, 22], scope="blended", other=[500.0, 520])["cac"].round(1).item()
    58.1
    >>> acquisition_cost([700.0], [10, 11])
    Traceback (most recent call last):
        ...
    CourseError: channels.acquisition_cost: spend has 1 value(s) and new_customers 2; give one per row.
    """
    where = "channels.acquisition_cost"
    require_level(level, where)
    if scope not in ("paid", "blended"):
        raise CourseError(f"{where}: scope is {scope!r}; give 'paid' or 'blended'.")
    if (scope == "blended") != (other is not None):
        says = "needs the costs beside the ads: pass other=" if other is None else "has no other costs"
        raise CourseError(f"{where}: the scope '{scope}' {says}.{' Leave other out.' * (other is not None)}")
    costs = {"spend": spend} if other is None else {"spend": spend, "other": other}
    rows = side_by_side(where, **costs, new_customers=new_customers, by=by, unit=unit)
    for name in (*costs, "new_customers"):
        not_negative(rows[name], where)
    if lag or date is not None:
        rows = _later(rows, date, lag, list(costs), unit is not None, where)
    rows["cost"] = rows[list(costs)].sum(axis=1)
    table = ratios(rows, "cost", "new_customers", control=control, level=level, where=where)
    table = table.rename(columns={"value": "cac"}).join(rows.groupby("by")[list(costs)].sum())
    dropped = ["cost", *(name for name in table if name.startswith("marginal_"))]
    table = table.drop(columns=dropped)
    return table[[*costs, *(name for name in table if name not in costs)]]


def _later(
    rows: pd.DataFrame, date: Any, lag: Any, costs: list[str], units: bool, where: str
) -> pd.DataFrame:
    """Set the costs of each day against the new customers of the day `lag` days later, group by group."""
    if isinstance(lag, bool) or not isinstance(lag, int | np.integer) or lag < 0:
        raise CourseError(f"{where}: lag is {lag!r}; give a whole number of days, 0 or more.")
    if date is None:
        raise CourseError(f"{where}: lag={lag} needs the day of each row; pass date=.")
    given = date.astype(object).infer_objects() if hasattr(date, "cat") else date
    times = pd.Series(given).reset_index(drop=True).rename("date")
    if len(times) != len(rows):
        raise CourseError(
            f"{where}: date has {len(times)} value(s) for {len(rows)} row(s); give one per row."
        )
    rows = rows.assign(date=days(times, where))
    if rows["date"].isna().any():
        raise CourseError(
            f"{where}: date is missing in {int(rows['date'].isna().sum())} row(s). Drop them first."
        )
    day = rows.groupby(["by", "date"])
    if units and day["unit"].nunique().gt(1).any():
        raise CourseError(f"{where}: a day lies in two values of unit, so a lag cannot move it as a whole.")
    spent = day[costs].sum().reset_index()
    spent["unit"] = day["unit"].first().to_numpy() if units else spent["date"]
    won = day["new_customers"].sum().reset_index()
    won["date"] -= pd.Timedelta(days=int(lag))
    both = spent.merge(won, on=["by", "date"])
    if len(rows) and both.empty:
        raise CourseError(
            f"{where}: no day has new customers {lag} day(s) later; give more days or less lag."
        )
    return both
