"""Sales: the week's rhythm, what a change is made of, what a promotion adds, and which searches grow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from ecomtrain.analysis._bridges import bridge, gmv_tree, margin_bridge
from ecomtrain.analysis._checks import days, moment, plain, require_one
from ecomtrain.analysis._promotion import promotion_lift
from ecomtrain.analysis._searches import search_growth
from ecomtrain.errors import CourseError, require, require_level, require_numeric

__all__ = ["bridge", "day_of_week_index", "gmv_tree", "margin_bridge", "promotion_lift", "search_growth"]

WEEK = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def day_of_week_index(
    orders: pd.DataFrame,
    *,
    value: str = "orders",
    time: str = "paid_at",
    leave_out: Any = None,
    by: str = "day",
    level: float = 0.95,
) -> pd.DataFrame:
    """Sales of each day of the week against the average day of its own week (销量趋势).

    Parameters
    ----------
    orders : DataFrame
        One row per order with `time`; with ``order_id``, a repeated order counts once.
    value : str, default "orders"
        ``"orders"`` counts them; any other name is a column to add up, such as ``"paid_amount"``.
    time : str, default "paid_at"
        Column of times (datetime); rows without a time are left out. The day begins at midnight in Shanghai.
    leave_out : dates or DataFrame, optional
        Days whose whole week is left out: dates, or the table ``calendar`` (its days with a ``promotion``).
    by : {"day", "weekend"}
        Seven days, or weekday (Monday to Friday) against weekend.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        Rows Mon to Sun, or weekday and weekend: ``index`` (1.25 is 25 % above the average day of its week),
        ``low``, ``high``, ``weeks`` (complete weeks used).

    Raises
    ------
    CourseError
        If a column is missing or of the wrong kind, or the money is in two currencies.

    Notes
    -----
    Each complete week gives day / mean of its seven days; the index is the mean over the weeks, and its
    interval is a t interval with the weeks as units. A day without a sale counts 0; a week without any is
    left out, and so are the broken weeks at both ends. A festival that falls on a Saturday is no weekend
    effect: leave the promotion weeks out.

    References
    ----------
    .. [1] R. J. Hyndman, G. Athanasopoulos (2021), Forecasting: Principles and Practice, 3rd ed., ch. 3.

    Examples
    --------
    >>> day = pd.date_range("2026-06-01", periods=14, tz="Asia/Shanghai")
    >>> orders = pd.DataFrame({"paid_at": day.repeat([2, 2, 2, 2, 2, 3, 3, 4, 4, 4, 4, 4, 5, 5])})
    >>> day_of_week_index(orders, by="weekend").round(3)
             index    low   high  weeks
    weekday  0.904  0.534  1.275      2
    weekend  1.240  0.313  2.166      2
    >>> day_of_week_index(orders, value="paid_amount")
    Traceback (most recent call last):
        ...
    CourseError: sales.day_of_week_index: column 'paid_amount' is not in the frame; it has paid_at.
    """
    where = "sales.day_of_week_index"
    require_level(level, where)
    require(orders, [time, *([] if value == "orders" else [value])], where)
    if by not in ("day", "weekend"):
        raise CourseError(f"{where}: by='{by}' is not a choice; give 'day' or 'weekend'.")
    if value != "orders":
        require_numeric(orders, [value], where)
        require_one(orders, "currency", where)
    orders = plain(orders, "order_id")
    day = days(orders[time], where)
    amount = pd.Series(1.0, orders.index) if value == "orders" else orders[value].astype(float)
    daily = amount.groupby(day).sum()
    if len(daily):
        daily = daily.reindex(pd.date_range(daily.index[0], daily.index[-1]), fill_value=0.0)
        daily = daily[-daily.index[0].day_of_week % 7 :]
    weeks = len(daily) // 7
    table = pd.DataFrame(
        daily.to_numpy()[: 7 * weeks].reshape(weeks, 7), index=daily.index[: 7 * weeks : 7], columns=WEEK
    )
    if leave_out is not None:
        if isinstance(leave_out, pd.DataFrame):
            require(leave_out, ["date", "promotion"], where)
            leave_out = leave_out.loc[leave_out["promotion"].notna(), "date"]
        out = [moment(date, False, where).normalize() for date in leave_out]
        table = table[~table.index.isin([date - pd.Timedelta(days=date.day_of_week) for date in out])]
    share = table.div(table.mean(axis=1), axis=0)[(table != 0).any(axis=1)]
    if by == "weekend":
        groups = {"weekday": WEEK[:5], "weekend": WEEK[5:]}
        share = pd.DataFrame({name: share[names].mean(axis=1) for name, names in groups.items()})
    weeks = len(share)
    result = share.mean().rename("index").to_frame()
    half = np.nan
    if weeks > 1:
        half = share.std() / np.sqrt(weeks) * stdtrit(weeks - 1, 0.5 + level / 2)
    return result.assign(low=result["index"] - half, high=result["index"] + half, weeks=weeks)
