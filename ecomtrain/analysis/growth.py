"""Growth: whether users bring users, how far that carries, and what is left of a campaign."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from ecomtrain.analysis._checks import (
    between,
    days,
    moment,
    plain,
    require_ids,
    require_one,
    require_same_clock,
    require_same_ids,
    window,
)
from ecomtrain.analysis._spans import duration
from ecomtrain.analysis.intervals import ratio
from ecomtrain.errors import CourseError, require, require_level, require_numeric

__all__ = ["k_factor", "retained_growth", "viral_growth"]

MOST_CYCLES = 10_000


def k_factor(
    users: pd.DataFrame,
    invitations: pd.DataFrame,
    *,
    start: Any,
    end: Any,
    cycle: str = "14D",
    joined: str = "registered_at",
    level: float = 0.95,
) -> pd.DataFrame:
    """Count the new users whom each user brings within one cycle (K-factor 裂变系数).

    Parameters
    ----------
    users : DataFrame
        One row per user: ``customer_id`` and `joined` (datetime).
    invitations : DataFrame
        One row per invitation: ``customer_id`` of who invites, ``invited_at``, and ``accepted_at`` (datetime,
        missing where nobody came).
    start, end : date
        The programme's window ``[start, end)``. Users are counted who joined in it and had a whole cycle
        before its end.
    cycle : str, default "14D"
        Time after joining in which invitations and those who come count.
    joined : str, default "registered_at"
        Column of the time of joining.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row: ``users``, ``senders`` (who invited), ``invitations``, ``accepted`` (counts),
        ``invitations_per_user``, ``acceptance_rate`` (fraction), ``k_factor``, ``low``, ``high`` (over all
        users), ``k_per_sender``, ``sender_low``, ``sender_high`` (over those who invited), ``cycle_days``
        (median from joining to an accepted invitation).

    Raises
    ------
    CourseError
        If a column is missing or of the wrong kind, two shops are mixed, the window is empty, or `cycle` is
        not a length of time.

    Notes
    -----
    K = i · c, invitations per user times their acceptance rate; the interval takes the users as units, for
    a few bring most. Above 1 each round is larger than the one before, below 1 the chain dies out after
    1 / (1 - K) users per first user. Over senders alone K looks larger by as much as there are users who
    never invite. Who would have come anyway is counted too: only a group that may not invite tells how many
    [1]_.

    References
    ----------
    .. [1] S. Aral, D. Walker (2011), Creating social contagion through viral product design, Management
       Science 57(9), 1623-1639.

    Examples
    --------
    >>> day = pd.date_range("2026-05-01", periods=4, tz="Asia/Shanghai")
    >>> users = pd.DataFrame({"customer_id": [1, 2, 3, 4], "registered_at": day})
    >>> sent = pd.DataFrame({"customer_id": [1, 1, 1], "invited_at": day[0] + pd.Timedelta(hours=1),
    ...                      "accepted_at": [day[1], day[2], pd.NaT]})
    >>> k = k_factor(users, sent, start="2026-05-01", end="2026-06-01")
    >>> k[["users", "senders", "invitations", "accepted", "k_factor", "k_per_sender"]]
       users  senders  invitations  accepted  k_factor  k_per_sender
    0      4        1            3         2       0.5           2.0
    >>> k_factor(users, sent, start="2026-05-01", end="2026-05-01")
    Traceback (most recent call last):
        ...
    CourseError: growth.k_factor: the window [2026-05-01, 2026-05-01) is empty; its end must come after ...
    """
    where = "growth.k_factor"
    require_level(level, where)
    first, last = window(start, end, where)
    length = duration(cycle, "cycle", where)
    require(users, ["customer_id", joined], where)
    require(invitations, ["customer_id", "invited_at", "accepted_at"], where)
    require_one(users, "shop", where)
    users = plain(users[["customer_id", joined]].dropna(), "customer_id")
    sent = plain(invitations)
    sent = sent[["customer_id", "invited_at", "accepted_at"]].dropna(subset=["customer_id", "invited_at"])
    clocks = {"invited_at": sent["invited_at"], "accepted_at": sent["accepted_at"]}
    require_same_clock(where, **{joined: users[joined]}, **clocks)
    for frame in (users, sent):
        require_ids(frame, ["customer_id"], where)
    require_same_ids("customer_id", where, *(frame for frame in (users, sent) if len(frame)))
    users = users[between(users[joined], first, last - length, where)]
    sent = sent.merge(users, on="customer_id")
    since, came = sent["invited_at"] - sent[joined], sent["accepted_at"] - sent[joined]
    sent = sent.assign(came=came.where(came < length))[(since >= pd.Timedelta(0)) & (since < length)]
    each = sent.groupby("customer_id")["came"].agg(["size", "count"])
    brought = each["count"].reindex(users["customer_id"], fill_value=0)
    k, own = ratio(brought, level=level), ratio(each["count"], level=level)
    n, invited, accepted = len(users), len(sent), int(each["count"].sum())
    row = {
        **{"users": n, "senders": len(each), "invitations": invited, "accepted": accepted},
        "invitations_per_user": invited / n if n else np.nan,
        "acceptance_rate": accepted / invited if invited else np.nan,
        **{"k_factor": k.value, "low": k.low, "high": k.high},
        **{"k_per_sender": own.value, "sender_low": own.low, "sender_high": own.high},
        "cycle_days": sent["came"].median() / pd.Timedelta(days=1),
    }
    return pd.DataFrame([row])


def viral_growth(
    k: float,
    *,
    first: float = 1.0,
    cycles: int = 10,
    market: float | None = None,
    cycle_days: float | None = None,
) -> pd.DataFrame:
    """Project the users after each cycle if every new user brings `k` more in the next (裂变增长).

    Parameters
    ----------
    k : float
        New users per user in one cycle, 0 or above.
    first : float, default 1
        Users at the start.
    cycles : int, default 10
        Cycles to go.
    market : float, optional
        All who could ever join; as they run out fewer of those invited are new. Without it there is no end.
    cycle_days : float, optional
        Days that a cycle takes, such as the ``cycle_days`` of `k_factor`; adds the day of each cycle. In a
        given time a short cycle carries further than a large k.

    Returns
    -------
    DataFrame
        One row per cycle from 0: ``cycle``, ``new``, ``users`` (all so far); with `cycle_days` also ``day``.

    Raises
    ------
    CourseError
        If `k` is negative, `first` is not above 0 or above `market`, `cycles` is not a whole number, or
        `cycle_days` is not above 0.

    Notes
    -----
    users(t) = first · (kᵗ⁺¹ - 1) / (k - 1), and first · (t + 1) where k is 1. With a market each round's k is
    multiplied by the share that has not joined yet, new(t + 1) = k · new(t) · (1 - users(t) / market), as in
    a discrete epidemic: even a k above 1 falls below it [1]_.

    References
    ----------
    .. [1] W. O. Kermack, A. G. McKendrick (1927), A contribution to the mathematical theory of epidemics,
       Proc. R. Soc. A 115, 700-721.

    Examples
    --------
    >>> viral_growth(0.5, first=100, cycles=3)["users"].tolist()
    [100.0, 150.0, 175.0, 187.5]
    >>> viral_growth(1.6, first=100, cycles=3, market=600)["users"].round(1).tolist()
    [100.0, 233.3, 363.7, 445.9]
    >>> viral_growth(-0.5)
    Traceback (most recent call last):
        ...
    CourseError: growth.viral_growth: k is -0.5; give a number from 0 on, such as 0.7.
    """
    where = "growth.viral_growth"
    if not 0 <= k < np.inf:
        raise CourseError(f"{where}: k is {k}; give a number from 0 on, such as 0.7.")
    if not 0 < first < np.inf:
        raise CourseError(f"{where}: first is {first}; give a number above 0, such as 100.")
    if market is not None and not first <= market < np.inf:
        raise CourseError(f"{where}: market is {market}; it must hold the first {first} users at least.")
    if isinstance(cycles, bool) or not isinstance(cycles, int | np.integer) or not 0 <= cycles <= MOST_CYCLES:
        raise CourseError(f"{where}: cycles is {cycles}; give a whole number from 0 to {MOST_CYCLES}.")
    if cycle_days is not None and not 0 < cycle_days < np.inf:
        raise CourseError(f"{where}: cycle_days is {cycle_days}; give a number above 0, such as 3.")
    new, users = np.empty(cycles + 1), np.empty(cycles + 1)
    new[0] = users[0] = first
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(cycles):
            coming = k * new[t]
            if market is not None:
                left = max(market - users[t], 0.0)
                coming = min(coming * left / market, left)
            new[t + 1], users[t + 1] = coming, users[t] + coming
    if not np.isfinite(users[-1]):
        raise CourseError(f"{where}: k={k} grows beyond all numbers in {cycles} cycles; give a market.")
    table = pd.DataFrame({"cycle": np.arange(cycles + 1), "new": new, "users": users})
    return table if cycle_days is None else table.assign(day=table["cycle"] * float(cycle_days))


def retained_growth(stock: pd.Series, *, start: Any, at: Any, level: float = 0.95) -> pd.DataFrame:
    """Measure what is left of a campaign's growth at a later day, against the trend before it.

    Parameters
    ----------
    stock : Series
        Followers, members or users at the end of each day, above 0, indexed by day.
    start : date
        First day of the campaign.
    at : date
        The day on which is counted, on or after `start`.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row: ``before`` (stock on the day before `start`), ``actual`` (at `at`), ``expected`` (without the
        campaign), ``effect`` (actual / expected - 1; 0.21 is +21 %), ``low``, ``high``, ``growth`` (actual /
        before - 1, trend and all), ``peak_growth`` (the highest until `at`), ``weeks`` (before `start`).

    Raises
    ------
    CourseError
        If a day is missing or there twice, a stock is missing or not above 0, or there are fewer than three
        weeks before `start`.

    Notes
    -----
    A random walk with drift in ln stock: the weeks before `start` give the mean μ and the spread s of the
    weekly growth; after h weeks ln expected = ln before + h μ, with the standard error s √(h + h² / weeks)
    and a t quantile of weeks - 1 degrees of freedom [1]_. The peak of a campaign holds those who leave again:
    count when they have had the time to.

    References
    ----------
    .. [1] R. J. Hyndman, G. Athanasopoulos (2021), Forecasting: Principles and Practice, 3rd ed., sections
       5.2 and 5.5.

    Examples
    --------
    >>> day = pd.date_range("2026-02-01", periods=42)
    >>> fans = pd.Series([1000 + 6 * (i // 7) + i * i % 17 + 200 * (i >= 35) for i in range(42)], index=day)
    >>> row = retained_growth(fans, start="2026-03-08", at="2026-03-14")
    >>> row[["actual", "expected", "effect", "low", "high", "growth", "weeks"]].round(3)
       actual  expected  effect    low   high  growth  weeks
    0  1245.0  1029.575   0.209  0.156  0.265   0.216      4
    >>> retained_growth(fans, start="2026-02-08", at="2026-03-14")
    Traceback (most recent call last):
        ...
    CourseError: growth.retained_growth: 0 whole week(s) of growth before start are too few; ...
    """
    where = "growth.retained_growth"
    require_level(level, where)
    if not isinstance(stock, pd.Series):
        raise CourseError(f"{where}: a Series is needed, a {type(stock).__name__} was given.")
    require_numeric({"stock": stock}, ["stock"], where)
    day = days(pd.Series(stock.index, name="index"), where)
    values = pd.Series(stock.to_numpy(dtype=float, na_value=np.nan), index=pd.DatetimeIndex(day)).sort_index()
    begin, ends = (moment(date, False, where).normalize() for date in (start, at))
    if ends < begin:
        raise CourseError(f"{where}: at={at} lies before start={start}; give the campaign time.")
    if values.index.hasnans or values.index.has_duplicates:
        raise CourseError(f"{where}: a day is missing or there twice. Give each day one row.")
    if len(values):
        values = values.reindex(pd.date_range(values.index[0], values.index[-1]))
    if values.isna().any():
        raise CourseError(f"{where}: there is no value for {values.index[values.isna()][0]:%Y-%m-%d}.")
    if (values <= 0).any():
        raise CourseError(
            f"{where}: the stock is not above 0 on {values.index[values <= 0][0]:%Y-%m-%d}, and growth in "
            "percent needs one that is. Begin later."
        )
    log = np.log(values)
    before = log[log.index < begin].iloc[::-7].iloc[::-1].diff().dropna()
    weeks = len(before)
    if weeks < 3:
        raise CourseError(
            f"{where}: {weeks} whole week(s) of growth before start are too few; give three or more, "
            "which is 22 days."
        )
    if ends not in log.index:
        raise CourseError(
            f"{where}: there is no row for at={at}; the series ends on {log.index[-1]:%Y-%m-%d}."
        )
    base = begin - pd.Timedelta(days=1)
    horizon = (ends - base) / pd.Timedelta(days=7)
    expected = log[base] + horizon * before.mean()
    se = before.std() * np.sqrt(horizon + horizon**2 / weeks)
    half = stdtrit(weeks - 1, 0.5 + level / 2) * se if se > 1e-12 else np.nan
    lift = log[ends] - expected
    since = values[(values.index >= begin) & (values.index <= ends)]
    row = {
        **{"before": values[base], "actual": values[ends], "expected": np.exp(expected)},
        **{"effect": np.expm1(lift), "low": np.expm1(lift - half), "high": np.expm1(lift + half)},
        **{"growth": values[ends] / values[base] - 1, "peak_growth": since.max() / values[base] - 1},
        "weeks": weeks,
    }
    return pd.DataFrame([row])
