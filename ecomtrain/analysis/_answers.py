"""Answers to customers: how many come in time under each rule, what the bot settles, what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis._checks import (
    plain,
    require_ids,
    require_same_clock,
    require_same_ids,
)
from ecomtrain.analysis._tree import no_gaps
from ecomtrain.analysis.intervals import ratio, wilson
from ecomtrain.errors import CourseError, nearest, require, require_level, require_numeric, require_times

BOTS = {"exclude": ("person",), "assist": ("person", "assist"), "include": ("person", "assist", "bot")}


def response_rate(
    chats: pd.DataFrame,
    *,
    bots: str = "exclude",
    within: Any = "3min",
    hours: tuple[int, int] | None = (8, 23),
    by: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Share of the rounds of chats that are answered in time (响应率).

    Parameters
    ----------
    chats : DataFrame
        One row per round (a customer's question): ``chat_id``, ``ts`` (time), ``handler`` (``"person"``,
        ``"assist"``: a person with a suggested text, ``"bot"``), ``first_response_seconds`` (missing where
        nobody answered).
    bots : {"exclude", "assist", "include"}
        Which rounds count, above and below the line: those of people alone, those of people with or without
        suggestions, or all.
    within : duration, default "3min"
        An answer is in time up to and including this.
    hours : tuple of two ints or None, default (8, 23)
        Hours of the day ``[first, last)`` in Shanghai, or None for round the clock.
    by : str, optional
        A column to split by.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row per group (``all`` without `by`): ``rounds``, ``answered`` (in time), ``response_rate``,
        ``se``, ``low``, ``high`` (fractions), ``median_seconds`` (of the answered rounds).

    Raises
    ------
    CourseError
        If a column is missing or of the wrong kind, a handler or rule is unknown, or `hours` is no span.

    Notes
    -----
    Rounds of one chat hang together, so the interval is that of a ratio over chats (`intervals.ratio`) [1]_.
    Platforms differ, and change their rules: one leaves the bot's answers out and counts assisted ones within
    three minutes from 8:00 to 23:00, another counts every answer within five. From a rate of r the relative
    change can be 1/r − 1 at most: from 78 % no more than +28 %.

    References
    ----------
    .. [1] A. Deng, U. Knoblich, J. Lu (2018), Applying the Delta Method in Metric Analytics, KDD.

    Examples
    --------
    >>> chats = pd.DataFrame({"chat_id": [1, 1, 2, 3], "handler": ["person", "bot", "person", "assist"],
    ...                       "ts": pd.date_range("2026-06-01 09:00", periods=4, freq="h"),
    ...                       "first_response_seconds": [60, 1, None, 20]})
    >>> response_rate(chats)[["rounds", "answered", "response_rate", "median_seconds"]]
         rounds  answered  response_rate  median_seconds
    all       2         1            0.5            60.0
    >>> response_rate(chats, bots="include")[["rounds", "answered", "response_rate", "median_seconds"]]
         rounds  answered  response_rate  median_seconds
    all       4         3           0.75            20.0
    >>> response_rate(chats, bots="humans")
    Traceback (most recent call last):
        ...
    CourseError: team.response_rate: bots='humans' is unknown; choose exclude, assist, include.
    """
    where = "team.response_rate"
    require_level(level, where)
    if bots not in BOTS:
        raise CourseError(
            f"{where}: bots='{bots}' is unknown; choose {', '.join(BOTS)}.{nearest(bots, BOTS)}"
        )
    columns = ["chat_id", "ts", "handler", "first_response_seconds", *([by] if by else [])]
    require(chats, columns, where)
    require_ids(chats, ["chat_id"], where)
    chats = plain(chats[list(dict.fromkeys(columns))])
    require_times(chats["ts"], where)
    require_numeric(chats, ["first_response_seconds"], where)
    no_gaps(chats, [c for c in columns if c != "first_response_seconds"], where)
    for name in chats["handler"].unique():
        if name not in BOTS["include"]:
            raise CourseError(
                f"{where}: handler '{name}' is unknown; it must be {', '.join(BOTS['include'])}."
                f"{nearest(name, BOTS['include'])}"
            )
    limit = _seconds(within, where)
    counted = chats["handler"].isin(BOTS[bots])
    if hours is not None:
        begin, stop = hours
        if not 0 <= begin < stop <= 24:
            raise CourseError(f"{where}: hours={hours} is no span of a day; give two hours such as (8, 23).")
        clock = chats["ts"] if chats["ts"].dt.tz is None else chats["ts"].dt.tz_convert("Asia/Shanghai")
        counted &= clock.dt.hour.between(begin, stop - 1)
    chats = chats[counted]
    seconds = chats["first_response_seconds"].to_numpy(dtype=float, na_value=np.nan)
    chats = chats.assign(seconds=seconds, answered=(seconds <= limit).astype(float), rounds=1.0)
    groups = chats.groupby(by) if by else [("all", chats)]
    rows = {}
    for name, part in groups:
        chat = part.groupby("chat_id")[["answered", "rounds"]].sum()
        found = ratio(chat["answered"], chat["rounds"], level=level)
        rows[name] = {
            "rounds": len(part),
            "answered": int(part["answered"].sum()),
            "response_rate": found.value,
            "se": found.se,
            "low": max(found.low, 0.0) if found.low == found.low else np.nan,
            "high": min(found.high, 1.0) if found.high == found.high else np.nan,
            "median_seconds": float(part["seconds"].median()),
        }
    names = ["rounds", "answered", "response_rate", "se", "low", "high", "median_seconds"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=names).rename_axis(by)


@dataclass(frozen=True)
class ResponseReport:
    """How customers are answered, under the three rules at once, and what the bot settles.

    Attributes
    ----------
    table : DataFrame
        One row per rule (``exclude``, ``assist``, ``include``): ``within`` (seconds), then the columns of
        `response_rate`.
    chats : DataFrame
        ``metric``, ``value``, ``low``, ``high``, ``k``, ``n``. Metrics: containment (chats begun by the bot
        in which nobody else was needed), hand_off (the rest of them), unanswered (chats without any answer),
        and, where orders were given, inquiry_to_pay (customers who paid soon after they asked). Fractions.
    """

    table: pd.DataFrame
    chats: pd.DataFrame


def response_metrics(
    chats: pd.DataFrame,
    orders: pd.DataFrame | None = None,
    *,
    within: Any = "3min",
    hours: tuple[int, int] | None = (8, 23),
    pay_within: Any = "1D",
    level: float = 0.95,
) -> ResponseReport:
    """Response rate under the three rules about bots, containment, hand-off, inquiry to pay (客服响应指标).

    Parameters
    ----------
    chats : DataFrame
        One row per round: ``chat_id``, ``round`` (from 1), ``ts`` (time), ``handler`` (person, assist, bot),
        ``first_response_seconds`` (missing where nobody answered); with `orders` also ``customer_id``.
    orders : DataFrame, optional
        ``customer_id`` and ``paid_at`` (time; missing where not paid), for inquiry to pay (询单转化率).
    within : duration or dict of duration, default "3min"
        An answer is in time up to and including this; a dict has one for each rule, such as
        ``{"exclude": "3min", "assist": "3min", "include": "5min"}``.
    hours : tuple of two ints or None, default (8, 23)
        Hours of the day ``[first, last)`` in Shanghai that the response rates count. The chats are counted
        round the clock.
    pay_within : duration, default "1D"
        A customer has bought if they pay less than this long after a round of theirs.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    ResponseReport
        ``.table``, ``.chats``.

    Raises
    ------
    CourseError
        If a column is missing or of the wrong kind, a handler is unknown, or a rule has no duration.

    Notes
    -----
    The rules are those of `response_rate`; the one who may choose between them may choose the result.
    Containment is no success by itself: who gave up is contained too. Read it beside satisfaction, and beside
    the inquiry-to-pay rate. The latter counts customers, not rounds, who asked early enough for `pay_within`
    to be over before the last moment seen in either table; later ones have not had their time yet. Who asks
    is about to buy: the rate does not tell what the answer caused. Intervals of shares: Wilson.

    Examples
    --------
    >>> chats = pd.DataFrame({"chat_id": [1, 1, 2, 3], "round": [1, 2, 1, 1],
    ...     "handler": ["bot", "person", "bot", "person"], "first_response_seconds": [1, 200, 1, 60],
    ...     "ts": pd.date_range("2026-06-01 09:00", periods=4, freq="min")})
    >>> found = response_metrics(chats)
    >>> found.table[["rounds", "answered", "response_rate"]]
             rounds  answered  response_rate
    exclude       2         1           0.50
    assist        2         1           0.50
    include       4         3           0.75
    >>> found.chats[["metric", "value", "k", "n"]]
            metric  value  k  n
    0  containment    0.5  1  2
    1     hand_off    0.5  1  2
    2   unanswered    0.0  0  3
    >>> response_metrics(chats, within={"include": "5min"})
    Traceback (most recent call last):
        ...
    CourseError: service.response_metrics: within says nothing of 'exclude'; give a duration for each rule.
    """
    where = "service.response_metrics"
    require(chats, ["chat_id", "round", "ts", "handler"], where)
    limits = dict(within) if isinstance(within, Mapping) else dict.fromkeys(BOTS, within)
    for rule in BOTS:
        if rule not in limits:
            raise CourseError(f"{where}: within says nothing of '{rule}'; give a duration for each rule.")
    rates = {
        rule: response_rate(chats, bots=rule, within=limits[rule], hours=hours, level=level).assign(
            within=_seconds(limits[rule], where)
        )
        for rule in BOTS
    }
    table = pd.concat(rates.values()).set_axis(list(rates))
    table.insert(0, "within", table.pop("within"))
    require_numeric(chats, ["round"], where)
    who = ["customer_id"] if orders is not None else []
    require(chats, who, where)
    rows = plain(chats[["chat_id", "round", "ts", "handler", "first_response_seconds", *who]])
    no_gaps(rows, ["round"], where)
    rows = rows.sort_values(["chat_id", "round", "handler"], ignore_index=True)
    rows["bot"] = rows["handler"] == "bot"
    rows["answered"] = rows["first_response_seconds"].notna()
    chat = rows.groupby("chat_id").agg(first=("bot", "first"), alone=("bot", "all"), ever=("answered", "any"))
    begun = int(chat["first"].sum())
    kept = int((chat["alone"] & chat["first"]).sum())
    counts = [
        ("containment", kept, begun),
        ("hand_off", begun - kept, begun),
        ("unanswered", int((~chat["ever"]).sum()), len(chat)),
    ]
    if orders is not None:
        counts.append(("inquiry_to_pay", *_paid_after(rows, orders, _seconds(pay_within, where), where)))
    found = pd.DataFrame(counts, columns=["metric", "k", "n"]).astype({"metric": "str"})
    found.insert(1, "value", found["k"] / found["n"].where(found["n"] > 0))
    low, high = wilson(found["k"], found["n"], level)
    found.insert(2, "low", low)
    found.insert(3, "high", high)
    return ResponseReport(table, found)


def _paid_after(rows: pd.DataFrame, orders: pd.DataFrame, seconds: float, where: str) -> tuple[int, int]:
    """Count customers who paid in time after a round, and customers who had the time."""
    require(orders, ["customer_id", "paid_at"], where)
    require_ids(orders, ["customer_id"], where)
    require_ids(rows, ["customer_id"], where)
    paid = plain(orders[["customer_id", "paid_at"]])
    require_times(paid["paid_at"], where)
    require_same_clock(where, ts=rows["ts"], paid_at=paid["paid_at"])
    require_same_ids("customer_id", where, rows, paid)
    paid = paid.dropna()
    asked = rows[["customer_id", "ts"]].dropna()
    ends = [times.max() for times in (asked["ts"], paid["paid_at"]) if len(times)]
    if not ends:
        return 0, 0
    asked = asked[asked["ts"] <= max(ends) - pd.Timedelta(seconds=seconds)]
    # One clock and one kind of id for both, so that each question finds the next payment.
    everyone = pd.factorize(pd.concat([asked["customer_id"], paid["customer_id"]]).astype(object))[0]
    moments = pd.concat([asked["ts"], paid["paid_at"]]).reset_index(drop=True)
    clock = moments.dt.tz_convert("UTC").dt.tz_localize(None) if moments.dt.tz is not None else moments
    both = pd.DataFrame({"who": everyone, "at": clock.astype("datetime64[us]")}, index=range(len(everyone)))
    one, two = both.iloc[: len(asked)].sort_values("at"), both.iloc[len(asked) :].sort_values("at")
    limit = pd.Timedelta(seconds=seconds)
    met = pd.merge_asof(one, two.assign(then=two["at"]), on="at", by="who", direction="forward")
    bought = (met["then"] - met["at"] < limit).groupby(met["who"]).any()
    return int(bought.sum()), len(bought)


def _seconds(within: Any, where: str) -> float:
    try:
        return float(pd.Timedelta(within).total_seconds())
    except ValueError:
        raise CourseError(f"{where}: within={within!r} is not a duration; give one such as '3min'.") from None
