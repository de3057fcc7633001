"""What the models of repeat purchases need to know of each customer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis._checks import moment
from ecomtrain.analysis._orders_by_customer import by_customer, day_numbers, paid_orders
from ecomtrain.errors import CourseError

UNITS = {"D": 1, "W": 7}


def summary(
    orders: Any,
    *,
    end: Any,
    unit: str = "W",
    customer: str = "customer_id",
    order: str | None = "order_id",
    time: str = "paid_at",
    amount: str | None = "paid_amount",
) -> pd.DataFrame:
    """Sum up the purchases of each customer: how often, until when, since when, for how much (复购汇总).

    Parameters
    ----------
    orders : DataFrame
        Orders with `customer`, `order`, `time` and `amount` of one currency; repeated rows of one order count
        once. Rows without a customer, a time or an amount are left out.
    end : date or str
        Look at orders before this moment, on the shop's clock.
    unit : {"W", "D"}, default "W"
        Unit of time: weeks (days / 7) or days.
    customer, order, time : str
        Columns: the customer, the order (None if each row is one), the moment (datetime).
    amount : str or None, default "paid_amount"
        Column of money; None to count only.

    Returns
    -------
    DataFrame
        One row per customer, in the order of their ids: `customer`; ``frequency`` (days with a purchase after
        the first one), ``recency`` (time from the first to the last), ``T`` (time from the first to the
        last day before `end`), both in `unit`; ``monetary_value`` (mean per day with a purchase, the first
        left out, unit of `amount`; NaN without a repeat purchase; only with `amount`).

    Raises
    ------
    CourseError
        If a column is missing, times are no times, `unit` is another one, or money is in two currencies.

    Notes
    -----
    Orders of one day are one purchase, as in the published data [1]_. The first purchase brings a customer
    into the data and says nothing about returning; the models leave it out. Customers who had bought before
    the data begin look younger than they are: keep those whose first order is known.

    References
    ----------
    .. [1] P. S. Fader, B. G. S. Hardie, K. L. Lee (2005), "Counting your customers" the easy way, Marketing
       Science 24(2), 275-284.

    Examples
    --------
    >>> orders = pd.DataFrame({"customer_id": [1, 1, 1, 2], "order_id": [10, 11, 12, 13],
    ...                        "paid_at": ["2026-06-01", "2026-06-08", "2026-06-22", "2026-06-10"],
    ...                        "paid_amount": [50.0, 80, 60, 90]}).astype({"paid_at": "datetime64[us]"})
    >>> summary(orders, end="2026-07-01").round(2)
       customer_id  frequency  recency     T  monetary_value
    0            1          2      3.0  4.14            70.0
    1            2          0      0.0  2.86             NaN
    >>> summary(orders, end="2026-07-01", unit="month")
    Traceback (most recent call last):
        ...
    CourseError: clv.summary: unit is 'month'; give 'W' for weeks or 'D' for days.
    """
    where = "clv.summary"
    step = require_unit(unit, where)
    found = paid_orders(orders, where, customer=customer, order=order, time=time, amount=amount, end=end)
    return summarise(found, last_day(end, where), step, customer, time, amount)


def summarise(
    found: Any, until: int, step: int, customer: str, time: str, amount: str | None
) -> pd.DataFrame:
    """Sum up orders that `paid_orders` has checked, as of the day `until`."""
    of = by_customer(found[customer], found[time], found[amount] if amount else None)
    first, last = (day_numbers(pd.Series(days)) for days in (of.first, of.last))
    again = of.periods - 1
    table = pd.DataFrame(
        {
            customer: of.customer,
            "frequency": again,
            "recency": (last - first) / step,
            "T": (until - first) / step,
        }
    )
    if amount:
        table["monetary_value"] = (of.amount - of.first_amount) / np.where(again > 0, again, np.nan)
    return table


def last_day(end: Any, where: str) -> int:
    """Return the number of the last day that has a moment before `end`, as `day_numbers` counts."""
    before = moment(end, False, where) - pd.Timedelta(1, "ns")
    return int(before.normalize().value // 86_400_000_000_000)


def require_unit(unit: str, where: str) -> int:
    """Days in a `unit`."""
    if unit not in UNITS:
        raise CourseError(f"{where}: unit is {unit!r}; give 'W' for weeks or 'D' for days.")
    return UNITS[unit]
