"""How many of those who come in a month come on a given day."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis._orders_by_customer import day_numbers, paid_orders
from ecomtrain.analysis.intervals import wilson
from ecomtrain.errors import CourseError, require_level

__all__ = ["stickiness"]


def stickiness(
    events: Any, *, days: int = 30, who: str = "visitor_id", time: str = "ts", level: float = 0.95
) -> pd.DataFrame:
    """Share of a month's active visitors who are active on the day (用户粘性, DAU/MAU).

    Parameters
    ----------
    events : DataFrame
        Whatever counts as active, one row each, with `who` and `time`: all events, or those of one kind such
        as ``events[events["event"] == "pay"]``. Say which; visits make another figure than purchases.
    days : int, default 30
        Length of the "month" that ends with the day.
    who, time : str
        Columns: the visitor (rows without one are left out), the moment (datetime).
    level : float, default 0.95
        Confidence level of the interval, between 0 and 1.

    Returns
    -------
    DataFrame
        One row per day from the first to the last, on the shop's clock: ``date``, ``dau`` (visitors of the
        day), ``mau`` (visitors of the `days` days that end with it), ``stickiness``, ``low``, ``high``
        (fractions). ``mau`` and what follows are NaN until the first `days` days are over.

    Raises
    ------
    CourseError
        If a column is missing, `days` is below 1, or `level` is not between 0 and 1.

    Notes
    -----
    stickiness = dau / mau, with the Wilson score interval: the day's visitors are a part of the month's. A
    share of 0.1 means that a visitor comes on one day in ten, on average. Visitors are counted once in the
    month, so the days' counts must not be added up. Weekdays differ: compare a day with the same weekday, or
    take the mean of whole weeks. Many new visitors lower the figure, for most come once.

    Examples
    --------
    >>> day = pd.to_datetime(["2026-06-01", "2026-06-01", "2026-06-02", "2026-06-03"])
    >>> events = pd.DataFrame({"visitor_id": [1, 2, 1, 3], "ts": day})
    >>> stickiness(events, days=2).set_index("date").round(3)
                dau  mau  stickiness    low   high
    date
    2026-06-01    2  NaN         NaN    NaN    NaN
    2026-06-02    1  2.0         0.5  0.095  0.905
    2026-06-03    1  2.0         0.5  0.095  0.905
    >>> stickiness(events, who="user_id")
    Traceback (most recent call last):
        ...
    CourseError: customers.stickiness: column 'user_id' is not in the frame; it has visitor_id, ts.
    """
    where = "customers.stickiness"
    require_level(level, where)
    if days < 1:
        raise CourseError(f"{where}: days is {days}; give 1 or more.")
    seen = paid_orders(events, where, customer=who, order=None, time=time)
    code, day = pd.factorize(seen[who])[0], day_numbers(seen[time])
    begin = day.min() if len(day) else 0
    width = day.max() - begin + 1 if len(day) else 0
    person, at = np.divmod(np.unique(code * max(width, 1) + day - begin), max(width, 1))
    # A visit counts for the month of this day and the days after it, until the person's next visit does.
    following = np.append(at[1:], 0)
    same = np.append(person[1:] == person[:-1], False)[: len(person)]
    until = np.minimum(at + days, np.where(same, following[: len(at)], width))
    change = np.bincount(at, minlength=width + 1) - np.bincount(until.clip(max=width), minlength=width + 1)
    dau, mau = np.bincount(at, minlength=width), np.cumsum(change)[:width].astype(float)
    mau[: days - 1] = np.nan
    mau[mau == 0] = np.nan
    low, high = wilson(np.where(np.isnan(mau), 0, dau), np.nan_to_num(mau), level)
    return pd.DataFrame(
        {
            "date": pd.to_datetime(np.arange(width) + begin, unit="D"),
            "dau": dau,
            "mau": mau,
            "stickiness": dau / mau,
            "low": low,
            "high": high,
        }
    )
