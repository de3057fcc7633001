"""Customers by the time of their first order, and what they did as they grew older."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from ecomtrain.analysis import _checks
from ecomtrain.analysis._orders_by_customer import paid_orders
from ecomtrain.analysis.intervals import wilson
from ecomtrain.errors import CourseError, nearest, require_level

__all__ = ["METRICS", "cohorts"]

METRICS = {
    "retention": ("buyers", "retention"),
    "orders": ("orders", "orders_per_customer"),
    "revenue": ("amount", "revenue_per_customer"),
}
PERIODS = ("D", "W", "M", "Q", "Y")


def cohorts(
    orders: Any,
    *,
    freq: str = "M",
    metric: str = "retention",
    start: Any = None,
    end: Any = None,
    customer: str = "customer_id",
    order: str | None = "order_id",
    time: str = "paid_at",
    amount: str = "paid_amount",
    level: float = 0.95,
) -> pd.DataFrame:
    """Follow customers by the period of their first order (同期群分析).

    Parameters
    ----------
    orders : DataFrame
        All orders there are, with `customer` and `time`, and `order` or `amount` where `metric` asks for it;
        lines of orders will do for retention. Rows without a time (unpaid) or customer are left out. Take out
        cancellations first: with them more people count as buyers.
    freq : {"M", "W", "Q", "D", "Y"}, default "M"
        Length of a period: calendar months, weeks from Monday, and so on, on the shop's clock.
    metric : {"retention", "orders", "revenue"}, default "retention"
        The share of the cohort that buys, or orders or money per customer of the cohort.
    start : date or str, optional
        Show only cohorts whose period begins on it or later. Who bought before is still not new.
    end : date or str, optional
        Look at orders before it only; up to the last one if left out.
    customer, order, time, amount : str
        Columns: the customer, the order (each counts once; None: each row is one), the moment, the money.
    level : float, default 0.95
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    DataFrame
        One row per cohort and age: ``cohort`` (first day of its period), ``age`` (periods since), then
        ``customers`` (all of the cohort), the total (``buyers``, ``orders`` or ``amount``), the value per
        customer (``retention``, ``orders_per_customer`` or ``revenue_per_customer``), ``low``, ``high`` and
        ``complete``: whether the orders reach to the end of that period. The value is 0 where nobody came and
        NaN where the time has not come yet. ``pivot(index="cohort", columns="age", values="retention")`` is
        the triangle (in Excel: a pivot table of first month by age).

    Raises
    ------
    CourseError
        If a column is missing, `freq` or `metric` is another word, amounts are of two currencies, or an order
        comes with two amounts.

    Notes
    -----
    retention = distinct customers who buy at that age / customers of the cohort, with the Wilson score
    interval [1]_; at age 0 it is 1 by definition. Orders and money per customer are means over the whole
    cohort, those who did not come with 0, with the interval of a mean. Ages are periods of the calendar:
    someone who first bought on 31 January is one month old on 1 February.

    Read down a column to compare cohorts of the same age. The last period is seldom complete, and the first
    cohort holds everybody who bought before the records began.

    References
    ----------
    .. [1] E. B. Wilson (1927), J. Am. Stat. Assoc. 22(158), 209-212.

    Examples
    --------
    >>> day = pd.to_datetime(["2026-01-31", "2026-02-01", "2026-01-05", "2026-02-28", "2026-03-01"])
    >>> orders = pd.DataFrame({"customer_id": [1, 1, 2, 3, 3], "paid_at": day})
    >>> table = cohorts(orders)
    >>> table.pivot(index="cohort", columns="age", values="retention")
    age           0    1    2
    cohort
    2026-01-01  1.0  0.5  0.0
    2026-02-01  1.0  1.0  NaN
    >>> cohorts(orders, metric="profit")
    Traceback (most recent call last):
        ...
    CourseError: customers.cohorts: metric is 'profit'; give 'retention', 'orders' or 'revenue'.
    """
    where = "customers.cohorts"
    require_level(level, where)
    if metric not in METRICS:
        raise CourseError(
            f"{where}: metric is {metric!r}; give 'retention', 'orders' or 'revenue'."
            f"{nearest(metric, METRICS)}"
        )
    period = str(freq).removesuffix("E")  # pandas calls month ends ME
    if period not in PERIODS:
        raise CourseError(f"{where}: freq is {freq!r}; give one of {', '.join(PERIODS)}.")
    bought = paid_orders(
        orders,
        where,
        customer=customer,
        order=None if metric == "retention" else order,
        time=time,
        amount=amount if metric == "revenue" else None,
        end=end,
    )
    code, ids = pd.factorize(bought[customer])
    when = _checks.days(bought[time], where).dt.to_period(period).array.asi8
    first = np.full(len(ids), np.iinfo(np.int64).max)
    np.minimum.at(first, code, when)
    # The period that is still running at the last look; those before it are complete.
    running, opening = (when.max() if len(when) else 0), False
    if end is not None:
        running, opening = _period_of(end, period, where)
    newest = running - opening
    oldest = first.min() if len(first) else newest
    if start is not None:
        begun, whole = _period_of(start, period, where)
        oldest = max(oldest, begun + (not whole))
    size = max(newest - oldest + 1, 0)
    money = bought[amount].to_numpy(float) if metric == "revenue" else None
    who, at, done = _per_period(code, when, money)
    if metric == "retention":
        done = np.ones(len(done))  # each buyer counts once
    kept = first[who] >= oldest
    cell = ((first[who] - oldest) * size + at - first[who])[kept]
    customers = np.bincount(first[first >= oldest] - oldest, minlength=size)
    total, square = (np.bincount(cell, power[kept], size * size) for power in (done, done**2))
    cohort, age = np.divmod(np.arange(size * size), max(size, 1))
    name, rate = METRICS[metric]
    table = pd.DataFrame(
        {
            "cohort": pd.PeriodIndex.from_ordinals(cohort + oldest, freq=period).to_timestamp(),
            "age": age,
            "customers": customers[cohort],
            name: np.where(cohort + age < size, total, np.nan),
        }
    )
    table[rate] = table[name] / table["customers"].where(table["customers"] > 0)
    table["low"], table["high"] = _bounds(table, name, rate, square, level)
    table["complete"] = cohort + age + oldest < running
    return table[table["customers"] > 0].reset_index(drop=True)


def _period_of(value: Any, period: str, where: str) -> tuple[int, bool]:
    """Return the number of the period that a moment lies in, and whether it is the period's first moment."""
    moment = _checks.moment(value, False, where)
    found = pd.Period(moment, period)
    return found.ordinal, found.start_time == moment


def _per_period(code: Any, when: Any, money: Any) -> tuple[Any, Any, Any]:
    """Return each customer and period with a row, and the rows (or the money) of the pair."""
    base = when.min() if len(when) else 0
    offset = when - base
    width = offset.max(initial=0) + 1
    pairs, place = np.unique(code * width + offset, return_inverse=True)
    done = np.bincount(place, money, len(pairs)).astype(float)
    return pairs // width, pairs % width + base, done


def _bounds(table: pd.DataFrame, name: str, rate: str, square: Any, level: float) -> tuple[Any, Any]:
    """Bounds of a share (Wilson) or of a mean (Student); NaN for a share that is 1 by definition."""
    n, value = table["customers"], table[rate]
    if rate == "retention":
        low, high = wilson(table[name], n.where(value.notna()), level)
        return np.where(table["age"] > 0, low, np.nan), np.where(table["age"] > 0, high, np.nan)
    variance = (square - n * value**2) / (n - 1).where(n > 1)
    # Customers who all did the same show no spread to judge by.
    spread = np.sqrt((variance / n).where(variance > 1e-12 * value**2))
    half = stdtrit(np.maximum(n - 1, 1), 0.5 + level / 2) * spread
    return value - half, value + half
