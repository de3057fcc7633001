"""The formulas behind `metrics`: twenty key metrics and their companions, each a function of a window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ecomtrain.analysis import paths
from ecomtrain.analysis._checks import days
from ecomtrain.analysis._window import NEW_DAYS, RETURN_DAYS, Window, by_unit
from ecomtrain.analysis.intervals import ratio, wilson


@dataclass(frozen=True)
class Metric:
    """One metric: what it is called, how it is computed, in which unit, and what its interval rests on."""

    id: str
    dimension: str
    name: str
    name_zh: str
    formula: str
    unit: str
    interval: str
    note: str


class Figure(NamedTuple):
    """A metric's value with the two numbers that it is made of and its interval."""

    value: float
    numerator: float
    denominator: float = np.nan
    low: float = np.nan
    high: float = np.nan


METRICS: dict[str, Metric] = {}
COMPANIONS: dict[str, Metric] = {}
FORMULAS: dict[str, Callable[[Window], Figure]] = {}

VISITOR, BUYER, PRODUCT = "delta, by visitor", "delta, by buyer", "delta, by product"


def _metric(
    id: str, name: str, name_zh: str, unit: str, interval: str, formula: str, note: str
) -> Callable[[Callable[[Window], Figure]], Callable[[Window], Figure]]:
    """Register the formula of a metric; ``"depth:U2"`` is a companion of U2, not one of the twenty."""

    def register(function: Callable[[Window], Figure]) -> Callable[[Window], Figure]:
        short, _, parent = id.partition(":")
        dimension = {"U": "user", "T": "transaction", "P": "product"}[(parent or id)[0]]
        target = COMPANIONS if parent else METRICS
        target[short] = Metric(short, dimension, name, name_zh, formula, unit, interval, note)
        FORMULAS[short] = function
        return function

    return register


def _count(total: Any) -> Figure:
    return Figure(float(total), float(total))


def _share(k: float, n: float, level: float) -> Figure:
    low, high = wilson(k, n, level) if k <= n else (np.nan, np.nan)
    return Figure(k / n if n else np.nan, float(k), float(n), float(low), float(high))


def _ratio(sums: Sequence[Any], level: float, *, share: bool = False) -> Figure:
    top, base = sums
    value, _, low, high = ratio(top, base, level=level)
    low, high = np.maximum(low, 0) if share else low, np.minimum(high, 1) if share else high
    return Figure(value, float(np.sum(top)), float(np.sum(base)), float(low), float(high))


def _divide(top: float, base: float) -> Figure:
    return Figure(top / base if base else np.nan, float(top), float(base))


# --- user ---


@_metric(
    "U1", "Visitors (UV)", "访客数", "visitors", "none",
    "distinct visitor_id of the sessions begun in the window",
    "Adds up over neither days nor channels: who comes twice is one visitor. A count, so it has no interval.",
)  # fmt: skip
def _visitors(w: Window) -> Figure:
    return _count(w.visitors)


@_metric(
    "U2", "Page views (PV)", "浏览量", "page views", "none",
    "view events of the sessions begun in the window",
    "A page reloaded counts again. A count, so it has no interval. Per session: the companion 'depth'.",
)  # fmt: skip
def _page_views(w: Window) -> Figure:
    return _count(w.views["views"].sum())


@_metric(
    "U3", "Bounce rate", "跳失率", "share", VISITOR, "sessions with one page view / sessions",
    "Sessions of one visitor resemble each other, hence the interval by visitor. Other tools call a session "
    "without engagement a bounce.",
)  # fmt: skip
def _bounce(w: Window) -> Figure:
    return _ratio((w.views["bounces"], w.views["sessions"]), w.level, share=True)


@_metric(
    "U4", "Average dwell time", "平均停留时长", "seconds", VISITOR,
    "Σ seconds to the next page view / page views that have a next one",
    "How long the last page of a session was read is unknown: it is left out, not counted as 0.",
)  # fmt: skip
def _dwell(w: Window) -> Figure:
    events = w.events
    if not (events["event"] == "view").any():
        return Figure(np.nan, 0.0, 0.0)
    seen = paths.dwell(events, by="session_id")
    seen = seen[~seen["censored"]]
    visitor = seen["session_id"].map(w.sessions.set_index("session_id")["visitor_id"])
    return _ratio(by_unit(visitor, seen["seconds"], np.ones(len(seen))), w.level)


@_metric(
    "U5", "New-visitor share", "新访客占比", "share", "Wilson",
    "visitors without a visit in the six months before / UV",
    "The look-back of six months is part of the definition: a shorter one makes more visitors new.",
)  # fmt: skip
def _new_visitors(w: Window) -> Figure:
    new = w.table("sessions", "session_id", "is_new")
    ids = new.loc[new["is_new"].fillna(False).astype(bool), "session_id"]
    newcomers = w.sessions.loc[w.sessions["session_id"].isin(ids), "visitor_id"]
    return _share(newcomers.nunique(), w.visitors, w.level)


@_metric(
    "U6", "Favourite or cart rate", "收藏加购率", "share", "Wilson", "visitors who favoured or carted / UV",
    "Who did both counts once.",
)  # fmt: skip
def _keen(w: Window) -> Figure:
    keen = w.events["event"].isin(["favourite", "cart"])
    return _share(w.events.loc[keen, "visitor_id"].nunique(), w.visitors, w.level)


@_metric(
    "U7", "Repurchase rate", "复购率", "share", "Wilson",
    "buyers with two paid orders or more in the window / buyers",
    "Who first bought late in the window had less time to return: compare windows of equal length. Guests "
    "are left out, for nobody can tell whether they came back.",
)  # fmt: skip
def _repurchase(w: Window) -> Figure:
    orders = w.paid["customer_id"].value_counts()
    return _share(int((orders >= 2).sum()), len(orders), w.level)


# --- transaction ---


@_metric(
    "T1", "Order amount (GMV)", "成交额(下单金额)", "yuan", "none",
    "Σ amount of the orders placed in the window",
    "With unpaid and cancelled orders and with shipping. A total, so it has no interval.",
)  # fmt: skip
def _gmv(w: Window) -> Figure:
    return _count(w.placed["amount"].to_numpy().sum())


@_metric(
    "T2", "Paid amount", "支付金额", "yuan", "none", "Σ paid_amount of the orders paid in the window",
    "With shipping; refunds are not taken off. A total, so it has no interval.",
)  # fmt: skip
def _paid(w: Window) -> Figure:
    return _count(w.paid["paid_amount"].to_numpy().sum())


@_metric(
    "T3", "Payment conversion", "支付转化率", "share", "Wilson",
    "buyers who paid in the window / UV of the window",
    "A buyer whose visit fell before the window counts above but not below; where buyers outnumber visitors "
    "there is no interval.",
)  # fmt: skip
def _conversion(w: Window) -> Figure:
    return _share(w.paid["buyer"].nunique(), w.visitors, w.level)


@_metric(
    "T4", "Order-to-pay rate", "下单支付转化率", "share", "Wilson",
    "buyers who ordered in the window and paid such an order before its end / buyers who ordered in it",
    "Two definitions are in use: this one follows the same buyers; the other divides all who paid by all "
    "who ordered.",
)  # fmt: skip
def _order_to_pay(w: Window) -> Figure:
    done = w.placed.groupby("buyer")["done"].any()
    return _share(int(done.sum()), len(done), w.level)


@_metric(
    "T5", "Value per buyer", "客单价", "yuan per buyer", BUYER, "paid amount / buyers",
    "Not the value per order, which is the row aov. A guest counts as a buyer of their own.",
)  # fmt: skip
def _per_buyer(w: Window) -> Figure:
    (paid,) = by_unit(w.paid["buyer"], w.paid["paid_amount"])
    return _ratio((paid, np.ones(len(paid))), w.level)


@_metric(
    "T6", "Items per order", "连带率", "units per order", BUYER,
    "units / orders, of the orders paid in the window",
    "Gifts at price 0 are units too.",
)  # fmt: skip
def _items(w: Window) -> Figure:
    units = w.lines.groupby("order_id")["quantity"].sum()
    per_order = w.paid["order_id"].map(units).fillna(0)
    return _ratio(by_unit(w.paid["buyer"], per_order, np.ones(len(per_order))), w.level)


@_metric(
    "T7", "Refund rate (amount)", "退款率", "share", BUYER,
    "amount refunded in the window / amount paid in it",
    "By the date of the refund, so money paid earlier counts above and the rate can exceed 1. By orders, "
    "with the date of payment: the companion 'refund_orders'.",
)  # fmt: skip
def _refunds(w: Window) -> Figure:
    both = pd.concat([w.paid[["buyer", "paid_amount"]], w.refunds[["buyer", "refunded_amount"]]])
    # A row has one of the two; the other is nothing, whereas a gap in the table itself stays a gap.
    back, paid = both["refunded_amount"].to_numpy(float).copy(), both["paid_amount"].to_numpy(float).copy()
    back[: len(w.paid)], paid[len(w.paid) :] = 0.0, 0.0
    figure = _ratio(by_unit(both["buyer"], back, paid), w.level)
    return figure._replace(low=float(np.maximum(figure.low, 0)))


# --- product ---


@_metric(
    "P1", "Sell-through", "售罄率", "share", PRODUCT,
    "units sold / (units at the start + units received)",
    "Of all that could be sold. The other denominator in use, units received only, is the companion "
    "'sell_through_received'. The interval asks how far other products of the kind would differ.",
)  # fmt: skip
def _sell_through(w: Window) -> Figure:
    return _ratio((w.goods["sold"], w.goods["available"]), w.level, share=True)


@_metric(
    "P2", "Active-SKU rate", "动销率", "share", "Wilson",
    "products sold at least once / products with stock on any day",
    "A product without stock all through the window is not on the shelf.",
)  # fmt: skip
def _active(w: Window) -> Figure:
    shelf = w.goods[w.goods["available"] > 0]
    return _share(int((shelf["sold"] > 0).sum()), len(shelf), w.level)


@_metric(
    "P3", "Inventory turnover", "库存周转率", "times a year", PRODUCT,
    "cost of goods sold, scaled to a year / average inventory at cost",
    "The average of the opening and of every day's closing. In days: the companion 'days_of_supply'.",
)  # fmt: skip
def _turnover(w: Window) -> Figure:
    row = w.turnover
    cogs = row["cogs"] * 365 / row["days"]
    return Figure(row["turnover"], cogs, row["average_inventory"], row["low"], row["high"])


@_metric(
    "P4", "Gross margin", "毛利率", "share", BUYER,
    "(sales − cost) / sales, of the lines paid in the window",
    "Sales without shipping, before refunds. May be negative. Per yuan of stock: the companion 'gmroi'.",
)  # fmt: skip
def _margin(w: Window) -> Figure:
    return _ratio(by_unit(w.margins["buyer"], w.margins["margin"], w.margins["amount"]), w.level)


@_metric(
    "P5", "Return rate (units)", "退货率", "share", BUYER,
    f"units returned within {RETURN_DAYS} days of payment / units paid {RETURN_DAYS} days before the window",
    f"Sales whose {RETURN_DAYS} days to return ended in the window: yesterday's had no time to come back.",
)  # fmt: skip
def _returns(w: Window) -> Figure:
    sold, back = w.lines_of(w.matured), w.returned
    rows = pd.concat([sold.assign(back=0.0), back.assign(back=back["quantity"], quantity=0.0)])
    return _ratio(by_unit(rows["buyer"], rows["back"], rows["quantity"]), w.level, share=True)


@_metric(
    "P6", "New-item share", "新品销售占比", "share", BUYER,
    f"sales of products launched less than {NEW_DAYS} days before payment / sales",
    "How much the best sellers bring is the companion 'hit_share'.",
)  # fmt: skip
def _new_items(w: Window) -> Figure:
    goods = w.table("products", "product_id", "launched_on").set_index("product_id")["launched_on"]
    age = days(w.margins["paid_at"], w.where) - days(w.margins["product_id"].map(goods), w.where)
    new = w.margins["amount"].to_numpy() * (age < pd.Timedelta(days=NEW_DAYS)).to_numpy()
    return _ratio(by_unit(w.margins["buyer"], new, w.margins["amount"]), w.level, share=True)


# --- companions: the second definition in use, so that nobody mistakes one for the other ---


@_metric(
    "depth:U2", "Page views per session", "访问深度", "views per session", VISITOR,
    "page views / sessions", "Not pages per visitor: who comes twice has two sessions.",
)  # fmt: skip
def _depth(w: Window) -> Figure:
    return _ratio((w.views["views"], w.views["sessions"]), w.level)


@_metric(
    "aov:T5", "Value per order (AOV)", "笔单价", "yuan per order", BUYER,
    "paid amount / paid orders", "At most the value per buyer, T5: a buyer can order several times.",
)  # fmt: skip
def _aov(w: Window) -> Figure:
    return _ratio(by_unit(w.paid["buyer"], w.paid["paid_amount"], np.ones(len(w.paid))), w.level)


@_metric(
    "refund_orders:T7", "Refund rate (orders)", "退款率(订单)", "share", "Wilson",
    f"orders with a refund within {RETURN_DAYS} days / orders paid {RETURN_DAYS} days before the window",
    "By the date of payment, over the same orders as P5.",
)  # fmt: skip
def _refund_orders(w: Window) -> Figure:
    return _share(w.returned["order_id"].nunique(), len(w.matured), w.level)


@_metric(
    "sell_through_received:P1", "Sell-through of units received", "售罄率(入库)", "share", PRODUCT,
    "units sold / units received", "Exceeds 1 where old stock was sold.",
)  # fmt: skip
def _sell_through_received(w: Window) -> Figure:
    return _ratio((w.goods["sold"], w.goods["received"]), w.level)


@_metric(
    "days_of_supply:P3", "Days of supply", "可售天数", "days", "none",
    "closing inventory at cost / cost of goods sold per day", "NaN where nothing was sold.",
)  # fmt: skip
def _supply(w: Window) -> Figure:
    row = w.turnover
    return _divide(row["closing_inventory"], row["cogs"] / row["days"])


@_metric(
    "gmroi:P4", "Gross margin return on inventory", "库存投资毛利回报率", "times a year", "none",
    "gross margin, scaled to a year / average inventory at cost", "Margin and stock come from two tables.",
)  # fmt: skip
def _gmroi(w: Window) -> Figure:
    margin = w.margins["margin"].to_numpy().sum() * 365 / w.days
    return _divide(margin, w.turnover["average_inventory"])


@_metric(
    "hit_share:P6", "Hit share", "爆款贡献", "share", "none",
    "sales of the best-selling tenth of products / sales",
    "The tenth is chosen by the same sales, so it has no honest interval.",
)  # fmt: skip
def _hits(w: Window) -> Figure:
    sales = w.margins.groupby("product_id")["amount"].sum().sort_values(ascending=False).to_numpy()
    return _divide(sales[: -(-len(sales) // 10)].sum(), sales.sum())
