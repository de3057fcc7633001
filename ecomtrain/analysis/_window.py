"""One shop's tables seen through one half-open window: the rows that the metrics count."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis import inventory
from ecomtrain.analysis._checks import (
    between,
    moment,
    people,
    plain,
    require_ids,
    require_not_negative,
    require_one,
    require_same_clock,
    require_same_ids,
    window,
)
from ecomtrain.errors import CourseError, nearest, require, require_numeric

KEYS: dict[str, str | list[str]] = {
    "sessions": "session_id",
    "events": "event_id",
    "orders": "order_id",
    "order_lines": "line_id",
    "returns": "return_id",
    "products": "product_id",
    "inventory_daily": ["date", "product_id"],
    "ad_spend_daily": ["date", "platform", "format"],
    "memberships": ["customer_id", "programme"],
    "messages": "message_id",
    "content_posts": "post_id",
    "followers_daily": ["date", "platform"],
}
RETURN_DAYS = 30
NEW_DAYS = 30


class OutsideError(Exception):
    """A table has no row on the window's side of time: what is not recorded is unknown, not zero."""


class Window:
    """What happened in ``[start, end)``; each part is cut out when first asked for."""

    def __init__(self, tables: Any, start: Any, end: Any, where: str, level: float = 0.95) -> None:
        if not isinstance(tables, Mapping):
            raise CourseError(
                f"{where}: tables is a mapping of names to DataFrames such as {{'orders': orders}}; "
                f"a {type(tables).__name__} was given."
            )
        self.tables, self.where, self.level = tables, where, level
        self.start, self.end = window(start, end, where)
        self.days = (self.end - self.start) / pd.Timedelta(days=1)
        shops = {
            str(shop)
            for frame in tables.values()
            if hasattr(frame, "columns") and "shop" in frame
            for shop in frame["shop"].dropna().unique()
        }
        if len(shops) > 1:
            raise CourseError(
                f"{where}: tables hold {len(shops)} shops ({', '.join(sorted(shops)[:3])}"
                f"{', …' if len(shops) > 3 else ''}). Pass the tables of one shop, "
                f"for example datasets.load('orders', shop='{min(shops)}')."
            )

    def table(self, name: str, *columns: str) -> pd.DataFrame:
        """Table `name` with its repeated rows and categorical columns resolved."""
        if name not in self.tables:
            has = ", ".join(map(str, self.tables)) or "no tables"
            hint = nearest(name, self.tables)
            raise CourseError(f"{self.where}: table '{name}' is not in tables; it has {has}.{hint}")
        where = f"{self.where}, table '{name}'"
        frame = self.tables[name]
        require(frame, columns, where)
        require_one(frame, "currency", where)
        require_ids(frame, [column for column in columns if column.endswith("_id")], where)
        numbers = {"quantity", "amount", "paid_amount", "refunded_amount", "unit_cost", "opening", "received"}
        require_numeric(frame, numbers & set(columns), where)
        key = KEYS[name]
        keys = [key] if isinstance(key, str) else key
        keep = list(dict.fromkeys([*columns, *(column for column in keys if column in frame)]))
        return plain(frame[keep], key)

    def inside(
        self, frame: pd.DataFrame, time: str, name: str, *, shift: float = 0, sparse: bool = False
    ) -> pd.DataFrame:
        """Rows of `frame` whose `time` lies in the window, moved back by `shift` days.

        A table that may well be silent for long (`sparse`) says nothing about time before its first row;
        of the others the first and last row tell what they cover.
        """
        where = f"{self.where}, table '{name}'"
        start, end = (bound - pd.Timedelta(days=shift) for bound in (self.start, self.end))
        mask = between(frame[time], start, end, where)
        aware = frame[time].dt.tz is not None
        begin, stop = moment(start, aware, where), moment(end, aware, where)
        if not sparse and not (frame[time].min() < stop and frame[time].max() >= begin):
            raise OutsideError(f"table '{name}' has no {time} around [{start:%Y-%m-%d}, {end:%Y-%m-%d}).")
        return frame[mask].reset_index(drop=True)

    @cached_property
    def sessions(self) -> pd.DataFrame:
        """Sessions that start in the window."""
        frame = self.table("sessions", "session_id", "visitor_id", "started_at")
        return self.inside(frame, "started_at", "sessions")

    @property
    def visitors(self) -> int:
        """Distinct visitors (UV)."""
        return int(self.sessions["visitor_id"].nunique())

    @cached_property
    def events(self) -> pd.DataFrame:
        """Events of those sessions, also the ones after the window's end."""
        frame = self.table("events", "session_id", "ts", "event", "page")
        require_same_ids("session_id", self.where, frame, self.sessions)
        return frame.merge(self.sessions[["session_id", "visitor_id"]], on="session_id")

    @cached_property
    def views(self) -> pd.DataFrame:
        """Per visitor: ``sessions``, page ``views`` and ``bounces`` (sessions with one page view)."""
        seen = self.events[self.events["event"] == "view"].groupby("session_id").size()
        views = self.sessions["session_id"].map(seen).fillna(0).astype(int)
        frame = pd.DataFrame({"sessions": 1, "views": views, "bounces": (views == 1).astype(int)})
        return frame.groupby(people(self.sessions["visitor_id"])).sum()

    @cached_property
    def orders(self) -> pd.DataFrame:
        """All orders, each with its ``buyer`` (a guest is a buyer of their own)."""
        frame = self.table("orders", "order_id", "customer_id", "paid_at")
        return frame.assign(buyer=people(frame["customer_id"]))

    @cached_property
    def paid(self) -> pd.DataFrame:
        """Orders paid in the window."""
        amounts = self.table("orders", "order_id", "paid_amount")["paid_amount"].astype(float)
        return self.inside(self.orders.assign(paid_amount=amounts), "paid_at", "orders")

    @cached_property
    def placed(self) -> pd.DataFrame:
        """Orders placed in the window, paid or not; ``done`` marks those paid before its end."""
        more = self.table("orders", "order_id", "ordered_at", "amount")
        frame = self.orders.assign(ordered_at=more["ordered_at"], amount=more["amount"].astype(float))
        require_same_clock(
            self.where, **{f"orders.{name}": frame[name] for name in ("ordered_at", "paid_at")}
        )
        frame = self.inside(frame, "ordered_at", "orders")
        return frame.assign(
            done=frame["paid_at"] < moment(self.end, frame["paid_at"].dt.tz is not None, self.where)
        )

    def lines_of(self, orders: pd.DataFrame, *columns: str) -> pd.DataFrame:
        """Lines of `orders`, with their buyer and time of payment."""
        lines = self.table("order_lines", "order_id", "quantity", *columns)
        require_not_negative(lines, ["quantity"], f"{self.where}, table 'order_lines'")
        require_same_ids("order_id", self.where, lines, orders)
        return lines.merge(orders[["order_id", "buyer", "paid_at"]], on="order_id")

    @cached_property
    def lines(self) -> pd.DataFrame:
        """Lines of the orders paid in the window: ``buyer``, ``quantity``."""
        return self.lines_of(self.paid)

    @cached_property
    def margins(self) -> pd.DataFrame:
        """Lines of the orders paid in the window: ``buyer``, ``product_id``, ``amount`` and ``margin``."""
        lines = self.lines_of(self.paid, "product_id", "amount", "unit_cost")
        cost = lines["quantity"] * lines["unit_cost"]
        return lines.assign(
            amount=lines["amount"].astype(float), margin=(lines["amount"] - cost).astype(float)
        )

    @cached_property
    def returns(self) -> pd.DataFrame:
        """All returns."""
        frame = self.table("returns", "order_id", "quantity", "refunded_amount", "returned_at")
        require_same_ids("order_id", self.where, frame, self.orders)
        require_not_negative(frame, ["quantity", "refunded_amount"], f"{self.where}, table 'returns'")
        times = {"orders.paid_at": self.orders["paid_at"], "returns.returned_at": frame["returned_at"]}
        require_same_clock(self.where, **times)
        return frame

    @cached_property
    def refunds(self) -> pd.DataFrame:
        """Refunds made in the window: ``buyer``, ``refunded_amount``."""
        frame = self.returns
        frame = self.inside(frame, "returned_at", "returns", sparse=True)
        buyer = frame["order_id"].map(self.orders.set_index("order_id")["buyer"])
        # A refund of an order that is not in the table belongs to a buyer we do not know.
        unknown = pd.Series(-1 - pd.factorize(frame["order_id"])[0], frame.index)
        return frame.assign(buyer=buyer.fillna(unknown).astype("int64"))

    @cached_property
    def matured(self) -> pd.DataFrame:
        """Orders whose time to return ended in the window: those paid RETURN_DAYS earlier."""
        return self.inside(self.orders, "paid_at", "orders", shift=RETURN_DAYS)

    @cached_property
    def returned(self) -> pd.DataFrame:
        """What came back of the matured orders within RETURN_DAYS of payment."""
        frame = self.returns.merge(self.matured[["order_id", "buyer", "paid_at"]], on="order_id")
        return frame[frame["returned_at"] < frame["paid_at"] + pd.Timedelta(days=RETURN_DAYS)]

    @cached_property
    def stock(self) -> pd.DataFrame:
        """Daily stock of each product in the window, in units."""
        frame = self.table("inventory_daily", "date", "product_id", "opening", "received", "sold", "closing")
        require_not_negative(
            frame, ["opening", "received", "sold", "closing"], f"{self.where}, table 'inventory_daily'"
        )
        return self.inside(frame, "date", "inventory_daily")

    @cached_property
    def turnover(self) -> pd.Series:
        """Turnover of all products together."""
        costs = self.table("products", "product_id", "unit_cost")
        table = inventory.turnover(self.stock, costs, level=self.level)
        return table.iloc[0] if len(table) else pd.Series(np.nan, index=table.columns)

    @cached_property
    def goods(self) -> pd.DataFrame:
        """Per product in stock in the window: ``sold``, ``received``, ``available`` (opening + received)."""
        stock = self.stock.sort_values("date", kind="stable")
        per = stock.groupby("product_id").agg(
            opening=("opening", "first"), received=("received", "sum"), sold=("sold", "sum")
        )
        return per.assign(available=per["opening"] + per["received"]).astype(float)


def by_unit(units: Any, *values: Any) -> list[Any]:
    """Add up each of `values` over the rows of each unit; a missing value makes the sum of its unit NaN."""
    codes = people(units)
    return [np.bincount(codes, weights=np.asarray(column, dtype=float)) for column in values]
