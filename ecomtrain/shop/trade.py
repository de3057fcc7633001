"""Orders, their lines, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ecomtrain.shop.calendar import DAY, LOG_DAY, N_DAYS, day_number, time_of_day
from ecomtrain.shop.catalogue import Catalogue, tested_margins
from ecomtrain.shop.clicklog import Clicks
from ecomtrain.shop.draw import by_day, by_weight
from ecomtrain.shop.people import People
from ecomtrain.shop.profiles import Profile
from ecomtrain.shop.records import NEVER, Lines, Placed, records
from ecomtrain.shop.traffic import CONVERTS, PAID_SHARE, Visits
from ecomtrain.shop.trials import assignments, branch, of_shop, trial
from ecomtrain.shop.truth import Truth

__all__ = ["Trade", "trade"]

MORE_LINES = np.array([1.5, 0.9, 0.9, 0.8, 0.8, 1.1])  # by channel, on the lines after the first
PRICE_TEST = day_number("2026-04-01")  # half the lines of two shops get the dynamic price from here on
TRIES = 2.4  # a customer tries on with chance 1 - exp(-TRIES * buying rate): 45 % of them, 80 % of lines
MOST_EXTRA = 4


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

    coins = {
        test.name: branch(rng, test.name).integers(2, size=len(people.frame))
        for test in of_shop(profile.shop, "customer")
    }
    helped = {name: (coin[customer] == 1) & during(name, ordered) for name, coin in coins.items()}
    if "recommendation" in seen.arms:
        helped["recommendation"] = (visit >= 0) & (seen.arms["recommendation"][visit] == 1)
    lines = order_lines(profile, truth, goods, seen, ordered, channel, visit, helped, rng)
    tried, rate_of_return = np.zeros(len(lines.order), bool), np.full(len(lines.order), profile.returned)
    if "ar_try_on" in helped:
        tries = would_try(people, rng)[customer[lines.order]]
        tried = tries & helped["ar_try_on"][lines.order]
        counted = ((paid != NEVER) & during("ar_try_on", ordered))[lines.order]
        rate_of_return = return_rates(profile, truth, tries, counted, tried)
    sessions = pd.array(np.where(visit >= 0, session_ids[visit], 0), "Int64")
    sessions[visit < 0] = pd.NA
    placed = Placed(people.frame["customer_id"].to_numpy()[customer], sessions, channel, ordered, paid)
    made, sold = records(profile, goods, placed, lines, tried, rate_of_return, rng)
    if "cross_sell" in helped:
        rate = rate * (1 + truth.cross_sell_aov / 2 * during("cross_sell", np.arange(N_DAYS) * DAY))
    expected = rate[:, None] * goods.share * PAID_SHARE * units_of_an_order(profile)
    tests = [by_customer(name, people, coin) for name, coin in coins.items()]
    return Trade(made | ({"experiments": pd.concat(tests)} if tests else {}), sold, expected)


def units_of_an_order(profile: Profile) -> float:
    """Give the units that an order has on average."""
    mix = np.array(profile.channels) * CONVERTS
    return float(profile.quantity * (1 + (profile.lines - 1) * mix @ MORE_LINES / mix.sum()))


def during(name: str, at: np.ndarray) -> np.ndarray:
    """Say which moments lie within a test."""
    first, end = trial(name).days
    inside: np.ndarray = (at >= first * DAY) & (at < end * DAY)
    return inside


def by_customer(name: str, people: People, coin: np.ndarray) -> pd.DataFrame:
    """Write the lots of a test by customer: drawn on its first day, or when the account is opened."""
    first, end = trial(name).days
    known = people.registered < end * DAY
    since = np.maximum(people.registered, first * DAY)
    return assignments(trial(name), people.frame["customer_id"].to_numpy()[known], coin[known], since[known])


def order_lines(
    profile: Profile,
    truth: Truth,
    goods: Catalogue,
    seen: Visits,
    ordered: np.ndarray,
    channel: np.ndarray,
    visit: np.ndarray,
    helped: dict[str, np.ndarray],
    rng: np.random.Generator,
) -> Lines:
    """Fill the orders."""
    more = np.minimum((profile.lines - 1) * MORE_LINES[channel], MOST_EXTRA)
    count = 1 + rng.binomial(MOST_EXTRA, more / MOST_EXTRA)
    for name, gain in (("recommendation", truth.recommendation_aov), ("cross_sell", truth.cross_sell_aov)):
        if name in helped:
            # It adds a line like any other with this chance, which raises the expected amount, whatever the
            # prices are, by exactly the planted share.
            chance = gain * (1 + more)
            whole = np.floor(chance).astype("int64")
            count = count + np.where(helped[name], whole + (rng.random(len(count)) < chance - whole), 0)
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
    margins = tested_margins(profile, truth)
    if margins:
        rule = ((day >= PRICE_TEST) & (rng.random(len(order)) < 0.5)).astype("int64")
        # The same cost over a price that is this much higher gives the planted margin rate.
        lift = (1 - margins[0]) / (1 - margins[1])
        factor = lift * np.exp(0.05 * rng.normal(size=len(order)) - 0.05**2 / 2)
        price = np.where(rule == 1, np.rint(price * factor).astype("int64"), price)
    cost = np.rint(goods.cost[product] * goods.cost_level[day]).astype("int64")
    return Lines(order, product, quantity, price, cost, quantity * price, rule)


def would_try(people: People, rng: np.random.Generator) -> np.ndarray:
    """Draw the customers who would try on: those who buy often rather than the others."""
    buying = np.diff(people.running, prepend=0.0)
    would: np.ndarray = branch(rng, "tries").random(len(buying)) < 1 - np.exp(-TRIES * buying)
    return would


def return_rates(
    profile: Profile, truth: Truth, tries: np.ndarray, counted: np.ndarray, tried: np.ndarray
) -> np.ndarray:
    """Give each line's chance to come back in the shop of the try-on test.

    Who would try on sends less back anyway; with the share s of such lines among those `counted`, the rates
    of both kinds average to the shop's. Trying on takes off what makes all lines of the treated customers
    together come back less by the planted share.
    """
    share = tries[counted].mean() if counted.any() else 0.5
    other = profile.returned / (1 + share * truth.try_on_careful)
    careful = other * (1 + truth.try_on_careful)
    effect = truth.try_on_returns * profile.returned / (share * careful) if share else 0.0
    rates: np.ndarray = np.where(tries, careful, other) * np.where(tried, max(1 + effect, 0), 1)
    return rates
