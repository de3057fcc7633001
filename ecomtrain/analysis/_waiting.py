"""How long each new customer took to come back, or has been waited for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis import _checks
from ecomtrain.analysis._orders_by_customer import paid_orders

__all__ = ["time_to_repurchase"]


def time_to_repurchase(
    orders: Any,
    *,
    end: Any,
    start: Any = None,
    customer: str = "customer_id",
    order: str | None = "order_id",
    time: str = "paid_at",
) -> pd.DataFrame:
    """Days from each customer's first order to the second, or to the last look (复购时间).

    Parameters
    ----------
    orders : DataFrame
        All orders there are, with `customer`, `order` and `time`; repeated rows of one order count once (with
        ``order=None`` each row is one). Rows without a time (unpaid) or a customer are left out.
    end : date or str
        When the orders were last looked at, on the shop's clock; later ones are left out.
    start : date or str, optional
        Only customers whose first order of all came on it or later. Whose first order is older than the
        records is not known: leave the first months of the records out.
    customer, order, time : str
        Columns: the customer, the order, the moment (datetime).

    Returns
    -------
    DataFrame
        One row per customer, by id: `customer`, ``first`` (moment of the first order), ``days`` (to the
        second order, or to `end`), ``observed`` (whether there was a second one). Give ``days`` and
        ``observed`` to `kaplan_meier`, `quantiles` or `log_rank`.

    Raises
    ------
    CourseError
        If a column is missing, times are no times, or `end` is no date.

    Notes
    -----
    Someone who first bought last week has had no time to return, and counts as still waited for (censored),
    not as lost. The share with a second order so far, which forgets this, makes the newest customers look the
    least loyal. A group of a customer must be known at their first order, not made by what came later.

    Examples
    --------
    >>> day = pd.to_datetime(["2026-05-01", "2026-05-11", "2026-05-30", "2026-06-01"])
    >>> orders = pd.DataFrame({"customer_id": [1, 1, 1, 2], "order_id": [10, 11, 12, 13], "paid_at": day})
    >>> waits = time_to_repurchase(orders, end="2026-07-01")
    >>> waits
       customer_id      first  days  observed
    0            1 2026-05-01  10.0      True
    1            2 2026-06-01  30.0     False
    >>> from ecomtrain.analysis import survival
    >>> survival.kaplan_meier(waits["days"], waits["observed"])["survival"].tolist()
    [0.5, 0.5]
    >>> time_to_repurchase(orders, end="soon")
    Traceback (most recent call last):
        ...
    CourseError: survival.time_to_repurchase: 'soon' is not a date; give one such as '2026-06-01'.
    """
    where = "survival.time_to_repurchase"
    bought = paid_orders(orders, where, customer=customer, order=order, time=time, end=end)
    aware = bought[time].dt.tz is not None
    finish = _checks.moment(end, aware, where)
    code, ids = pd.factorize(bought[customer], sort=True)
    moments = bought[time].iloc[np.lexsort((bought[time].array.asi8, code))].reset_index(drop=True)
    count = np.bincount(code, minlength=len(ids))
    begin = np.cumsum(count) - count
    observed = count > 1
    first = moments.iloc[begin].reset_index(drop=True)
    second = moments.iloc[begin + observed].reset_index(drop=True).where(observed, finish)
    table = pd.DataFrame(
        {
            customer: pd.Index(ids),
            "first": first,
            "days": (second - first) / pd.Timedelta(days=1),
            "observed": observed,
        }
    )
    if start is not None:
        table = table[first.ge(_checks.moment(start, aware, where))].reset_index(drop=True)
    return table
