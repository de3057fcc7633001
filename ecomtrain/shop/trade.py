"""Orders, their lines, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ecomtrain.shop.calendar import DAY, LAST_SECOND, LOG_DAY, N_DAYS, day_number, stamp, time_of_day
from ecomtrain.shop.catalogue import Catalogue
from ecomtrain.shop.clicklog import Clicks
from ecomtrain.shop.draw import by_day, by_weight, cents, identifiers, repeat, text
from ecomtrain.shop.people import People
from ecomtrain.shop.profiles import CHANNELS, Profile
from ecomtrain.shop.traffic import CONVERTS, PAID_SHARE, Visits
from ecomtrain.shop.truth import Truth

__all__ = ["Trade", "trade"]

MORE_LINES = np.array([1.5, 0.9, 0.9, 0.8, 0.8, 1.1])  # by channel, on the lines after the first
PRICE_TEST = day_number("2026-04-01")  # half of cross_border's lines get the dynamic price from here on
MOST_EXTRA = 4
NEVER = -(2**40)


@dataclass(frozen=True)
class Trade:
    """The three tables, and what stock needs to know."""

    tables: dict[str, pd.DataFrame]
    sold: np.ndarray  # days by products: units of paid orders
    expected: np.ndarray  # the same, in expectation


def trade(
    profile: Profile,
    truth: Truth,
    goods: Catalogue,
    people: People,
    demand: np.ndarray,
    seen: Visits,
    log: Clicks,
    session_ids: np.ndarray,
    rng: np.random.Generator,
) -> Trade:
    """Make a shop's orders: before the click log from demand alone, inside it one per ordering session."""
    # The log's own chance to order sets the level of the months before, so that nothing jumps between.
    rate = seen.expected.sum() / demand[LOG_DAY:].sum() * demand
    day = np.repeat(np.arange(LOG_DAY), rng.poisson(rate[:LOG_DAY]))
    before = day * DAY + time_of_day(rng, len(day))
    channel_before = by_weight(rng, np.array(profile.channels) * CONVERTS, len(day))
    settled = rng.random(len(day)) < PAID_SHARE
    paid_before = np.where(settled, before + 8 + rng.geometric(1 / 40, len(day)), NEVER)
    session = np.flatnonzero(log.ordered >= 0)

    ordered = np.concatenate([before, log.ordered[session]])
    paid = np.concatenate([paid_before, np.where(log.paid[session] >= 0, log.paid[session], NEVER)])
    channel = np.concatenate([channel_before, seen.channel[session]])
    customer = np.concatenate([people.who(rng, before), seen.customer[session]])
    visit = np.concatenate([np.full(len(day), -1), session])
    order = np.argsort(ordered, kind="stable")
    ordered, paid, channel, customer, visit = (x[order] for x in (ordered, paid, channel, customer, visit))

    lines = order_lines(profile, truth, goods, seen, ordered, channel, visit, rng)
    n = len(ordered)
    goods_total = np.bincount(lines.order, lines.amount, n).astype("int64")
    shipping = np.where(goods_total < cents(profile.free_from), cents(profile.shipping), 0)
    is_paid = paid != NEVER
    amount = goods_total + shipping
    ids = identifiers(profile, n)
    sessions = pd.array(np.where(visit >= 0, session_ids[visit], 0), "Int64")
    sessions[visit < 0] = pd.NA
    orders = pd.DataFrame(
        {
            "order_id": ids,
            "shop": repeat(profile.shop, n),
            "customer_id": people.frame["customer_id"].to_numpy()[customer],
            "session_id": sessions,
            "channel": text(channel, CHANNELS),
            "ordered_at": stamp(ordered),
            "paid_at": stamp(paid).where(is_paid),
            "status": text(np.where(is_paid, 0, rng.integers(1, 3, n)), ["paid", "unpaid", "cancelled"]),
            "amount": amount / 100,
            "shipping": shipping / 100,
            "paid_amount": np.where(is_paid, amount, 0) / 100,
        }
    )
    m = len(lines.order)
    order_id, line_id = ids[lines.order], identifiers(profile, m)
    table = pd.DataFrame(
        {
            "line_id": line_id,
            "order_id": order_id,
            "shop": repeat(profile.shop, m),
            "product_id": text(lines.product, goods.names),
            "quantity": lines.quantity,
            "unit_price": lines.price / 100,
            "amount": lines.amount / 100,
            "unit_cost": lines.cost / 100,
            "price_rule": text(lines.rule, ["list", "dynamic"]),
        }
    )
    back, units, at = send_back(profile, lines, paid, rng)
    returns = pd.DataFrame(
        {
            "return_id": identifiers(profile, len(back)),
            "order_id": order_id[back],
            "line_id": line_id[back],
            "shop": repeat(profile.shop, len(back)),
            "product_id": text(lines.product[back], goods.names),
            "quantity": units,
            "refunded_amount": units * lines.price[back] / 100,
            "returned_at": stamp(at),
        }
    )
    taken = is_paid[lines.order]
    sold = np.zeros((N_DAYS, len(goods.names)), "int64")
    np.add.at(sold, (paid[lines.order[taken]] // DAY, lines.product[taken]), lines.quantity[taken])
    units_each = profile.quantity * (
        1
        + (profile.lines - 1)
        * (np.array(profile.channels) * CONVERTS)
        @ MORE_LINES
        / (np.array(profile.channels) @ CONVERTS)
    )
    expected = rate[:, None] * goods.share * PAID_SHARE * units_each
    return Trade({"orders": orders, "order_lines": table, "returns": returns}, sold, expected)


@dataclass(frozen=True)
class Lines:
    """Order lines as arrays; money in fen."""

    order: np.ndarray
    product: np.ndarray
    quantity: np.ndarray
    price: np.ndarray
    cost: np.ndarray
    amount: np.ndarray
    rule: np.ndarray


def order_lines(
    profile: Profile,
    truth: Truth,
    goods: Catalogue,
    seen: Visits,
    ordered: np.ndarray,
    channel: np.ndarray,
    visit: np.ndarray,
    rng: np.random.Generator,
) -> Lines:
    """Fill the orders."""
    more = np.minimum((profile.lines - 1) * MORE_LINES[channel], MOST_EXTRA)
    count = 1 + rng.binomial(MOST_EXTRA, more / MOST_EXTRA)
    if profile.shop == "home":
        # The recommendation adds a line like any other with this chance, which raises the expected amount,
        # whatever the prices are, by exactly the planted share.
        helped = (visit >= 0) & (seen.arm[visit] == 1)
        chance = truth.recommendation_aov * (1 + more)
        whole = np.floor(chance).astype("int64")
        count = count + np.where(helped, whole + (rng.random(len(count)) < chance - whole), 0)
    order = np.repeat(np.arange(len(count)), count)
    product = by_day(rng, goods.running, ordered[order] // DAY)
    first = np.r_[True, np.diff(order) > 0][: len(order)]
    looked_at = first & (visit[order] >= 0)
    product[looked_at] = seen.product[visit[order[looked_at]]]
    quantity = rng.geometric(1 / profile.quantity, len(order))

    # Two lines of one product become one.
    key, place = np.unique(order * len(goods.names) + product, return_inverse=True)
    quantity = np.bincount(place, quantity, len(key)).astype("int64")
    order, product = key // len(goods.names), key % len(goods.names)
    day = ordered[order] // DAY
    price = np.rint(goods.price[product] * goods.paid[day] / 10).astype("int64") * 10
    rule = np.zeros(len(order), "int64")
    if profile.shop == "cross_border":
        rule = ((day >= PRICE_TEST) & (rng.random(len(order)) < 0.5)).astype("int64")
        # The same cost over a price that is this much higher gives the planted margin rate.
        lift = (1 - truth.margin_list) / (1 - truth.margin_dynamic)
        factor = lift * np.exp(0.05 * rng.normal(size=len(order)) - 0.05**2 / 2)
        price = np.where(rule == 1, np.rint(price * factor).astype("int64"), price)
    cost = np.rint(goods.cost[product] * goods.cost_level[day]).astype("int64")
    return Lines(order, product, quantity, price, cost, quantity * price, rule)


def send_back(
    profile: Profile, lines: Lines, paid: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, ...]:
    """Choose the lines that come back, how many units and when; what comes after the end is not known yet."""
    n = len(lines.order)
    at = paid[lines.order] + DAY + (rng.gamma(2.0, 4.0, n) * DAY).astype("int64")
    drawn = rng.random(n) < profile.returned
    units = np.minimum(rng.geometric(0.7, n), lines.quantity)
    units = np.where(rng.random(n) < 0.8, lines.quantity, units)
    back = np.flatnonzero(drawn & (paid[lines.order] != NEVER) & (at <= LAST_SECOND))
    back = back[np.argsort(at[back], kind="stable")]
    return back, units[back], at[back]
