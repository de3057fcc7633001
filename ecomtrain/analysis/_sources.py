"""Where visitors come from, and what they buy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis._checks import (
    between,
    days,
    moment,
    people,
    plain,
    require_ids,
    require_one,
    require_same_ids,
)
from ecomtrain.analysis.intervals import wilson
from ecomtrain.errors import CourseError, require, require_level, require_numeric

UNKNOWN = "(unknown)"
SALE = ["order_id", "session_id", "customer_id", "paid_at", "paid_amount"]
COLUMNS = [
    *("uv", "new_uv", "sessions", "session_share", "bounce"),
    *("buyers", "conversion_rate", "low", "high"),
    *("paid_amount", "paid_share", "uv_value"),
]


def visitor_sources(
    sessions: pd.DataFrame,
    orders: pd.DataFrame,
    *,
    end: Any,
    days: int = 30,
    by: str = "channel",
    events: pd.DataFrame | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Visitors, buyers and sales of each channel over the last days (流量来源).

    Parameters
    ----------
    sessions : DataFrame
        One row per session: ``session_id``, ``visitor_id``, ``started_at`` (datetime), ``is_new`` (bool) and
        `by`.
    orders : DataFrame
        One row per order: ``order_id``, ``session_id``, ``customer_id``, ``paid_at`` (datetime; NaT unpaid),
        ``paid_amount``.
    end : date-like
        End of the window, not included; the window is [end − days, end).
    days : int, default 30
        Length of the window in days.
    by : str, default "channel"
        A column of `sessions` to split by.
    events : DataFrame, optional
        The click log (``session_id``, ``event``), needed for the bounce rate.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row per channel, most visitors first, and last the row "all": ``uv``, ``new_uv`` (visitors),
        ``sessions``, ``session_share``, ``bounce`` (share of sessions with one page view; NaN without
        `events`), ``buyers`` (customers who paid), ``conversion_rate`` (buyers / uv) with ``low``, ``high``,
        ``paid_amount``, ``paid_share``, ``uv_value`` (paid amount per visitor). Shares are fractions.

    Raises
    ------
    CourseError
        If a column is missing or of the wrong kind, or there are two shops or currencies.

    Notes
    -----
    A visitor who came through two channels counts in both, but once in "all", so the rows of uv add up to
    more than that. A sale belongs to the session it was placed in, and counts if it was paid before `end`;
    orders without a session of the window are in no row, so "all" may fall short of the shop's paid amount.
    Interval: Wilson, NaN where buyers outnumber visitors. The last channel before the sale gets all of it;
    that is a convention, not a cause.

    References
    ----------
    .. [1] E. B. Wilson (1927), J. Am. Stat. Assoc. 22(158), 209-212.

    Examples
    --------
    >>> day = pd.to_datetime(["2026-06-03", "2026-06-04", "2026-06-05"])
    >>> sessions = pd.DataFrame({"session_id": [1, 2, 3], "visitor_id": [7, 7, 8], "started_at": day,
    ...                          "channel": ["search", "live", "live"], "is_new": [True, False, True]})
    >>> orders = pd.DataFrame({"order_id": [1], "session_id": [2], "customer_id": [5], "paid_at": day[1:2],
    ...                        "paid_amount": [90.0]})
    >>> table = visitor_sources(sessions, orders, end="2026-07-01")
    >>> table[["uv", "new_uv", "sessions", "buyers", "conversion_rate", "uv_value"]]
             uv  new_uv  sessions  buyers  conversion_rate  uv_value
    channel
    live      2       1         2       1              0.5      45.0
    search    1       1         1       0              0.0       0.0
    all       2       2         3       1              0.5      45.0
    >>> visitor_sources(sessions.drop(columns="is_new"), orders, end="2026-07-01")
    Traceback (most recent call last):
        ...
    CourseError: channels.visitor_sources: column 'is_new' is not in the frame; it has session_id, ...
    """
    where = "channels.visitor_sources"
    require_level(level, where)
    require(orders, SALE, where)
    require_numeric(orders, ["paid_amount"], where)
    require_ids(orders, ["order_id", "session_id", "customer_id"], where)
    require_one(orders, "currency", where)
    visits = visits_of(sessions, ["is_new"], end, days, by, where)
    sales = plain(orders[SALE], "order_id")
    sales = sales[between(sales["paid_at"], "1900-01-01", end, where) & sales["session_id"].notna()]
    require_same_ids("session_id", where, visits, sales)
    sales = sales.assign(buyer=people(sales["customer_id"]), paid_amount=sales["paid_amount"].astype(float))
    sales = sales.merge(visits[["session_id", by]], on="session_id")
    visits["newcomer"] = visits["visitor"].where(visits["is_new"].fillna(False).astype(bool))
    visits["bounce"] = np.nan
    if events is not None:
        require(events, ["session_id", "event"], where)
        log = plain(events.filter(["session_id", "event", "event_id"]), "event_id")
        require_same_ids("session_id", where, visits, log)
        views = log[log["event"] == "view"].groupby("session_id").size()
        visits["bounce"] = (visits["session_id"].map(views) == 1).astype(float)
    channels = _summary(visits, sales, by, level).sort_values("uv", ascending=False, kind="stable")
    every = _summary(visits.assign(**{by: "all"}), sales.assign(**{by: "all"}), by, level, ["all"])
    return pd.concat([channels, every]).rename_axis(by)


def daily_sources(sessions: pd.DataFrame, *, end: Any, days: int = 30, by: str = "channel") -> pd.DataFrame:
    """Visitors of each channel on each day, for the trend.

    Parameters
    ----------
    sessions : DataFrame
        One row per session: ``session_id``, ``visitor_id``, ``started_at`` (datetime), `by`.
    end : date-like
        End of the window, not included; the window is [end − days, end).
    days : int, default 30
        Length of the window in days.
    by : str, default "channel"
        A column of `sessions` to split by.

    Returns
    -------
    DataFrame
        Index ``date`` (every day of the window, also those without a visit); one column of visitors per
        channel, and ``all``, which counts a visitor once a day.

    Raises
    ------
    CourseError
        If a column is missing or of the wrong kind, or there are two shops.

    Notes
    -----
    The days do not add up to the visitors of the month: who comes on two days counts on both.

    Examples
    --------
    >>> day = pd.to_datetime(["2026-06-29", "2026-06-29", "2026-06-30"])
    >>> sessions = pd.DataFrame({"session_id": [1, 2, 3], "visitor_id": [7, 7, 8], "started_at": day,
    ...                          "channel": ["search", "live", "live"]})
    >>> daily_sources(sessions, end="2026-07-01", days=2)
    channel     live  search  all
    date
    2026-06-29     1       1    1
    2026-06-30     1       0    1
    >>> daily_sources(sessions, end="2026-07-01", days=0)
    Traceback (most recent call last):
        ...
    CourseError: channels.daily_sources: days=0; give the length of the window, 1 or more.
    """
    where = "channels.daily_sources"
    visits = visits_of(sessions, [], end, days, by, where)
    table = visits.pivot_table(
        index="date", columns=by, values="visitor", aggfunc="nunique", fill_value=0, observed=True
    )
    table["all"] = visits.groupby("date")["visitor"].nunique()
    last = moment(end, False, where)
    dates = pd.date_range(last - pd.Timedelta(days=days), last, inclusive="left").normalize()
    return table.reindex(dates, fill_value=0).rename_axis("date").astype("int64")


def visits_of(sessions: Any, extra: list[str], end: Any, length: int, by: str, where: str) -> pd.DataFrame:
    """Sessions of the window with their day; a missing channel is named."""
    if not length >= 1:
        raise CourseError(f"{where}: days={length}; give the length of the window, 1 or more.")
    columns = list(dict.fromkeys(["session_id", "visitor_id", "started_at", by, *extra]))
    require(sessions, columns, where)
    require_ids(sessions, ["session_id", "visitor_id"], where)
    if by != "shop":
        require_one(sessions, "shop", where)
    visits = plain(sessions[columns], "session_id")
    last = moment(end, True, where)
    visits = visits[between(visits["started_at"], last - pd.Timedelta(days=length), last, where)]
    visits = visits.assign(date=days(visits["started_at"], where))
    visits[by] = visits[by].astype(object).where(visits[by].notna(), UNKNOWN)
    # Small codes in place of ids: beside a gap, pandas would turn long ids into floats and merge them.
    codes = pd.Series(pd.factorize(visits["visitor_id"])[0], visits.index)
    return visits.assign(visitor=codes.where(codes >= 0)).reset_index(drop=True)


def _summary(
    visits: pd.DataFrame, sales: pd.DataFrame, by: str, level: float, names: Any = None
) -> pd.DataFrame:
    """Count the sessions and sales of each group, or of the groups in `names`, and compute the rates."""
    table = visits.groupby(by).agg(
        uv=("visitor", "nunique"),
        new_uv=("newcomer", "nunique"),
        sessions=("session_id", "size"),
        bounce=("bounce", "mean"),
    )
    if names:
        table = table.reindex(names, fill_value=0)
    sold = sales.groupby(by).agg(buyers=("buyer", "nunique"), paid_amount=("paid_amount", "sum"))
    table = table.join(sold.reindex(table.index, fill_value=0))
    # One visitor id can be two customers at a shared screen; beyond all visitors there is no share.
    part = (table["buyers"] <= table["uv"]).to_numpy()
    low, high = wilson(np.where(part, table["buyers"], 0), table["uv"], level)
    uv, total = table["uv"].where(table["uv"] > 0), table["paid_amount"].sum()
    table = table.assign(
        session_share=table["sessions"] / max(len(visits), 1),
        bounce=table["bounce"].where(table["sessions"] > 0),
        conversion_rate=table["buyers"] / uv,
        low=np.where(part, low, np.nan),
        high=np.where(part, high, np.nan),
        paid_share=table["paid_amount"] / (total if total else np.nan),
        uv_value=table["paid_amount"] / uv,
    )
    return table[COLUMNS]
