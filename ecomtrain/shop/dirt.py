"""The dirt of a real shop's export, planted into clean tables, and listed so that cleaning can be checked.

Each kind of dirt is a function that takes the tables and a random stream, changes the tables it was given,
and returns rows of the list. They run one after the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.shop.draw import stream
from ecomtrain.shop.profiles import Profile

__all__ = ["KINDS", "soil"]

Frames = dict[str, pd.DataFrame]
LISTED = ["kind", "shop", "table", "id", "column", "was"]

DUPLICATED = 0.004  # of orders
TESTS = 12  # test orders a shop
BOTS = 5  # bots a shop, each with
BOT_SESSIONS = 60  # sessions
NAMELESS = 0.008  # of orders
SKEWED = 3  # days on which one device's clock runs eight hours behind
EIGHT_HOURS = pd.Timedelta(hours=8)
BOOKED_LATER = 0.1  # of returns
SLIPPED = 0.0015  # of order lines
MERGED = 0.02  # of orders with several lines


def _listed(kind: str, shop: str, table: str, ids: Any, column: str = "", was: Any = "") -> pd.DataFrame:
    ids = np.asarray(ids, "int64")
    spelled = pd.Series(was, index=range(len(ids)), dtype="str") if isinstance(was, str) else was
    rows = {"kind": kind, "shop": shop, "table": table, "id": ids, "column": column}
    return pd.DataFrame(rows).assign(was=np.asarray(spelled, dtype=object))[LISTED].astype({"was": "str"})


def _some(rng: np.random.Generator, candidates: np.ndarray, share: float) -> np.ndarray:
    """Choose a share of the candidates, one at least where there are any."""
    count = min(len(candidates), max(1, round(share * len(candidates))))
    chosen: np.ndarray = np.sort(rng.choice(candidates, count, replace=False))
    return chosen


def duplicate_orders(t: Frames, shop: str, rng: np.random.Generator) -> list[pd.DataFrame]:
    """Export some orders twice, lines and all."""
    twice = _some(rng, t["orders"]["order_id"].to_numpy(), DUPLICATED)
    found = []
    for table, key in (("orders", "order_id"), ("order_lines", "line_id")):
        again = t[table][t[table]["order_id"].isin(twice)]
        t[table] = pd.concat([t[table], again], ignore_index=True)
        found.append(_listed("duplicate order", shop, table, again[key]))
    return found


def tried_orders(t: Frames, shop: str, rng: np.random.Generator) -> list[pd.DataFrame]:
    """Let the office try its checkout: a customer called 测试, orders of one fen."""
    customer = t["customers"].iloc[[0]].assign(
        customer_id=t["customers"]["customer_id"].max() + 1, name="测试", email="test@example.com",
        mobile="15400000000", survey_category=None,
    ).astype({"survey_category": "str"})  # fmt: skip
    orders = t["orders"][t["orders"]["status"] == "paid"]
    orders = orders.iloc[rng.choice(len(orders), min(TESTS, len(orders)), replace=False)]
    money = {"amount": 0.01, "shipping": 0.0, "paid_amount": 0.01}
    copies = orders.assign(
        order_id=t["orders"]["order_id"].max() + 1 + np.arange(len(orders)),
        customer_id=customer["customer_id"].iloc[0],
        session_id=pd.array([pd.NA] * len(orders), "Int64"),
        **money,
    )
    lines = t["order_lines"][t["order_lines"]["order_id"].isin(orders["order_id"])]
    lines = lines.drop_duplicates("order_id").set_index("order_id").loc[orders["order_id"]].reset_index()
    line_ids = t["order_lines"]["line_id"].max() + 1 + np.arange(len(lines))
    lines = lines.assign(
        line_id=line_ids, order_id=copies["order_id"].to_numpy(), quantity=1, unit_price=0.01, amount=0.01
    )
    found = []
    for table, rows, key in (
        ("customers", customer, "customer_id"),
        ("orders", copies, "order_id"),
        ("order_lines", lines, "line_id"),
    ):
        t[table] = pd.concat([t[table], rows[list(t[table])]], ignore_index=True)
        found.append(_listed("test order", shop, table, rows[key]))
    return found


def bots(t: Frames, shop: str, rng: np.random.Generator) -> list[pd.DataFrame]:
    """Send machines that look at a list every half minute, day and night, and never buy."""
    sessions, events = t["sessions"], t["events"]
    n = BOTS * BOT_SESSIONS
    first = sessions["started_at"].min().normalize()
    days = max(1, (sessions["started_at"].max() - first).days)
    bot = np.repeat(np.arange(BOTS), BOT_SESSIONS)
    begin = first + pd.to_timedelta(rng.integers(0, days, BOTS)[bot], unit="D")
    begin += pd.to_timedelta(np.tile(np.arange(BOT_SESSIONS), BOTS) * 1440 // BOT_SESSIONS * 60, unit="s")
    session_ids = sessions["session_id"].max() + 1 + np.arange(n)
    visitors = sessions["visitor_id"].max() + 1 + bot
    made = pd.DataFrame(
        {
            "session_id": session_ids, "shop": shop, "visitor_id": visitors,
            "customer_id": pd.array([pd.NA] * n, "Int64"), "started_at": begin, "channel": "direct",
            "device": "web", "is_new": np.tile(np.arange(BOT_SESSIONS) == 0, BOTS),
        }
    )  # fmt: skip
    views = 20
    row = np.repeat(np.arange(n), views)
    log = pd.DataFrame(
        {
            "event_id": events["event_id"].max() + 1 + np.arange(n * views), "shop": shop,
            "session_id": session_ids[row], "visitor_id": visitors[row],
            "ts": begin[row] + pd.to_timedelta(np.tile(np.arange(views) * 30, n), unit="s"),
            "event": "view", "page": "list", "element": None, "product_id": None,
        }
    )  # fmt: skip
    found = []
    for table, rows, key in (("sessions", made, "session_id"), ("events", log, "event_id")):
        rows = rows[list(t[table])].astype(t[table].dtypes.to_dict())
        t[table] = pd.concat([t[table], rows], ignore_index=True)
        found.append(_listed("bot", shop, table, rows[key]))
    return found


def missing_customers(t: Frames, shop: str, rng: np.random.Generator) -> list[pd.DataFrame]:
    """Lose the customer of some orders."""
    orders = t["orders"]
    alone = ~orders["order_id"].duplicated(keep=False) & orders["amount"].gt(0.01)
    rows = _some(rng, np.flatnonzero(alone), NAMELESS)
    was = orders["customer_id"].iloc[rows].astype("str").to_numpy()
    orders.loc[rows, "customer_id"] = pd.NA
    return [_listed("missing id", shop, "orders", orders["order_id"].iloc[rows], "customer_id", was)]


def clock_skew(t: Frames, shop: str, rng: np.random.Generator) -> list[pd.DataFrame]:
    """Let the mini program write London's winter time for some days: eight hours too early."""
    sessions, events = t["sessions"], t["events"]
    first, last = sessions["started_at"].agg(["min", "max"])
    begin = first.normalize() + pd.Timedelta(days=int(rng.integers(1, max(2, (last - first).days - SKEWED))))
    inside = sessions["started_at"].between(begin, begin + pd.Timedelta(days=SKEWED), inclusive="left")
    late = np.flatnonzero(inside & (sessions["device"] == "mini_program"))
    late_events = np.flatnonzero(events["session_id"].isin(sessions["session_id"].iloc[late]))
    found = []
    for table, rows, key, column in (
        ("sessions", late, "session_id", "started_at"),
        ("events", late_events, "event_id", "ts"),
    ):
        was = t[table][column].iloc[rows]
        found.append(
            _listed("clock skew", shop, table, t[table][key].iloc[rows], column, was.astype("str").to_numpy())
        )
        t[table].loc[rows, column] = was - EIGHT_HOURS
    return found


def later_refunds(t: Frames, shop: str, rng: np.random.Generator) -> list[pd.DataFrame]:
    """Book some refunds as orders with a negative amount, in the month after the return."""
    if not len(t["returns"]):
        return []
    returns = t["returns"].iloc[_some(rng, np.arange(len(t["returns"])), BOOKED_LATER)]
    sold = (
        t["orders"].drop_duplicates("order_id").set_index("order_id").loc[returns["order_id"]].reset_index()
    )
    # The first of the next month, noon; the last month has none in these tables.
    month = returns["returned_at"].dt.tz_localize(None).dt.to_period("M") + 1
    booked = (month.dt.start_time + pd.Timedelta(hours=12)).dt.tz_localize(returns["returned_at"].dt.tz)
    rows = sold.assign(
        order_id=t["orders"]["order_id"].max() + 1 + np.arange(len(sold)),
        session_id=pd.array([pd.NA] * len(sold), "Int64"),
        ordered_at=booked.dt.as_unit("us").to_numpy(),
        paid_at=booked.dt.as_unit("us").to_numpy(),
        status="refund",
        shipping=0.0,
        amount=-returns["refunded_amount"].to_numpy(),
        paid_amount=-returns["refunded_amount"].to_numpy(),
    )
    rows = rows[rows["paid_at"] <= t["orders"]["ordered_at"].max()]
    rows = rows[list(t["orders"])].astype(t["orders"].dtypes.to_dict())
    t["orders"] = pd.concat([t["orders"], rows], ignore_index=True)
    return [_listed("refund in a later month", shop, "orders", rows["order_id"])]


def price_typos(t: Frames, shop: str, rng: np.random.Generator) -> list[pd.DataFrame]:
    """Slip the decimal point of some prices by one or two places; the amount stays right."""
    lines = t["order_lines"]
    sound = ~lines["line_id"].duplicated(keep=False) & lines["amount"].gt(0.01)
    rows = _some(rng, np.flatnonzero(sound), SLIPPED)
    was = lines["unit_price"].iloc[rows]
    wrong = (was * 10.0 ** rng.choice([1, 2], len(rows))).round(2)
    found = _listed("price typo", shop, "order_lines", lines["line_id"].iloc[rows], "unit_price",
                    was.map(repr).to_numpy())  # fmt: skip
    lines.loc[rows, "unit_price"] = wrong
    return [found]


def merged_cells(t: Frames, shop: str, rng: np.random.Generator) -> list[pd.DataFrame]:
    """Leave the order's number only on the first of its lines, as a sheet with merged cells is read."""
    lines = t["order_lines"]
    whole = ~lines["line_id"].duplicated(keep=False)
    follows = lines["order_id"].eq(lines["order_id"].shift()) & whole & whole.shift(fill_value=False)
    if not follows.any():
        return []
    orders = _some(rng, lines.loc[follows, "order_id"].unique(), MERGED)
    rows = np.flatnonzero(follows & lines["order_id"].isin(orders))
    was = lines["order_id"].iloc[rows].astype("str").to_numpy()
    lines.loc[rows, "order_id"] = pd.NA
    return [_listed("merged cells", shop, "order_lines", lines["line_id"].iloc[rows], "order_id", was)]


KINDS: dict[str, Callable[[Frames, str, np.random.Generator], list[pd.DataFrame]]] = {
    "duplicate order": duplicate_orders,
    "test order": tried_orders,
    "refund in a later month": later_refunds,
    "bot": bots,
    "clock skew": clock_skew,
    "missing id": missing_customers,
    "price typo": price_typos,
    "merged cells": merged_cells,
}


def soil(profile: Profile, seed: int, tables: Frames) -> Frames:
    """Plant the dirt into one shop's tables.

    Parameters
    ----------
    profile : Profile
        The shop.
    seed : int
        The same seed plants the same dirt.
    tables : dict of str to DataFrame
        Clean; left as they are. A shop without orders or visits stays clean.

    Returns
    -------
    dict of str to DataFrame
        The same tables with the dirt in them, and ``dirt``: one row per flaw, with ``kind``, ``shop``,
        ``table``, the row's ``id``, the ``column`` that is wrong (empty where the whole row does not belong
        there) and what it ``was``.
    """
    dirty = {name: frame.copy() for name, frame in tables.items()}
    dirty["orders"] = dirty["orders"].astype({"customer_id": "Int64"})
    dirty["order_lines"] = dirty["order_lines"].astype({"order_id": "Int64"})
    listed = []
    if not (len(tables["orders"]) and len(tables["sessions"])):
        return dirty | {"dirt": pd.DataFrame(columns=LISTED)}
    for kind, plant in KINDS.items():
        listed += plant(dirty, profile.shop, stream(seed, profile, f"dirt {kind}"))
    return dirty | {"dirt": pd.concat(listed, ignore_index=True)}
