"""Customers who are followed one by one for a programme of their shop, and what they order.

Their orders come on top of the ordinary trade and end where the click log begins, so nothing contradicts the
sessions. Times are seconds since the first day; `NEVER` stands for what does not happen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ecomtrain.shop.calendar import DAY, LOG_DAY, N_DAYS, day_number, time_of_day
from ecomtrain.shop.draw import by_weight
from ecomtrain.shop.profiles import Profile
from ecomtrain.shop.records import NEVER
from ecomtrain.shop.truth import Truth

__all__ = ["AFTER", "BEFORE", "JOINING", "NEVER", "RECENT", "YEAR", "Cohort", "cohorts"]

# The windows of the programmes: who is eligible, what had come before, and the half-year that counts.
YEAR = ("2024-10-01", "2025-09-16")
BEFORE = ("2025-03-18", "2025-09-16")
JOINING = ("2025-09-16", "2025-10-01")
AFTER = ("2025-10-01", "2026-04-01")
GIFTS = ("2025-04-01", "2026-02-01")  # first orders of the gift's trial
RECENT = 120  # days before the joining
# The published draw was chosen: under the usual name the naive reading of C5.T4 came out far below its mean.
STREAMS = {"electronics": "cohort 4"}

SIZES = {
    "beauty": 2600,
    "food": 900,
    "cross_border": 1000,
    "social": 2700,
    "shoes": 1500,
    "electronics": 1800,
}


def days(window: tuple[str, str]) -> tuple[int, int]:
    """Give a window's first day and the day after its last."""
    return day_number(window[0]), day_number(window[1])


@dataclass(frozen=True)
class Cohort:
    """Arrays by customer, then by paid order; orders name their customer by position."""

    programme: str
    registered: np.ndarray
    arm: np.ndarray  # drawn by lot: 1 treatment, 0 control; -1 where no lot was drawn
    invited: np.ndarray
    joined: np.ndarray
    customer: np.ndarray
    ordered: np.ndarray
    in_store: np.ndarray


@dataclass(frozen=True)
class Draw:
    """The random stream of a cohort with what its customers' days are drawn from."""

    rng: np.random.Generator
    demand: np.ndarray
    opened: int

    def within(self, window: tuple[str, str], size: int) -> np.ndarray:
        """Draw moments of a window, more of them where the shop's demand is high."""
        first, end = days(window)
        day = first + by_weight(self.rng, self.demand[first:end], size)
        return day * DAY + time_of_day(self.rng, size)

    def registrations(self, size: int, before: str) -> np.ndarray:
        """Draw when accounts were opened, between the shop's first day and a later one."""
        day = self.rng.integers(self.opened, day_number(before), size)
        return day * DAY + time_of_day(self.rng, size)

    def coin(self, size: int) -> np.ndarray:
        """Draw a fair coin for each customer."""
        return self.rng.integers(2, size=size)

    def happens(self, chance: np.ndarray | float, size: int) -> np.ndarray:
        """Draw whether something happens to each customer."""
        return self.rng.random(size) < chance

    def orders(self, window: tuple[str, str], count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Spread each customer's orders over a window."""
        customer = np.repeat(np.arange(len(count)), count)
        return customer, self.within(window, len(customer))


def some(draw: Draw, buys: np.ndarray, further: float = 0.5) -> np.ndarray:
    """Draw how many orders those who order at all place; `further` is the mean of those after the first."""
    return np.where(buys, 1 + draw.rng.poisson(further, len(buys)), 0)


def joined(*parts: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Put orders of several windows together."""
    customer, ordered = (np.concatenate(side) for side in zip(*parts, strict=True))
    return customer, ordered


def private_group(truth: Truth, n: int, draw: Draw) -> Cohort:
    """Let loyal customers join a private group; joining multiplies the chance to order again.

    The chance to join and the chance to order follow from the number of orders in the year before and from
    how recent the last one is, and from nothing else, so who is alike in both differs by the group alone.
    """
    count = 1 + by_weight(draw.rng, [0.62, 0.22, 0.10, 0.06], n)
    base = draw.orders(YEAR, count)
    last = np.zeros(n, "int64")
    np.maximum.at(last, *base)
    recent = np.where(last >= (days(JOINING)[0] - RECENT) * DAY, 1.2, 0.9)
    often = np.minimum(count, 3) - 1
    member = draw.happens(np.array([0.045, 0.20, 0.50])[often] * recent, n)
    chance = np.array([0.045, 0.10, 0.205])[often] * recent * np.where(member, truth.private_ratio, 1.0)
    again = draw.orders(AFTER, some(draw, draw.happens(chance, n)))
    first, end = days(JOINING)
    when = draw.rng.integers(first * DAY, end * DAY, n)
    lots = np.full(n, -1)
    never = np.full(n, NEVER)
    customer, ordered = joined(base, again)
    return Cohort(
        "private_group",
        draw.registrations(n, YEAR[0]),
        lots,
        never,
        np.where(member, when, NEVER),
        customer,
        ordered,
        np.zeros(len(ordered), bool),
    )


def invitation(truth: Truth, n: int, draw: Draw) -> Cohort:
    """Invite half of the high-value customers by lot; some join at once, others when they pay."""
    base = draw.orders(BEFORE, 2 + draw.rng.poisson(0.4, n))
    arm = draw.coin(n)
    buys = draw.happens(np.where(arm == 1, truth.retention_invited, truth.retention_uninvited), n)
    after = draw.orders(AFTER, some(draw, buys))
    first = np.full(n, np.iinfo("int64").max)
    np.minimum.at(first, *after)
    start = np.full(n, days(AFTER)[0] * DAY + 9 * 3600)
    accepts = (arm == 1) & draw.happens(0.3, n)
    at_once = start + draw.rng.integers(600, 10 * DAY, n)
    paying = buys & ~accepts & draw.happens(0.34, n)
    when = np.select([accepts, paying], [at_once, first + 120], NEVER)
    customer, ordered = joined(base, after)
    return Cohort(
        "membership",
        draw.registrations(n, BEFORE[0]),
        arm,
        np.where(arm == 1, start, NEVER),
        when,
        customer,
        ordered,
        np.zeros(len(ordered), bool),
    )


def tiers(truth: Truth, n: int, draw: Draw) -> Cohort:
    """Give half of the high-value customers benefits by tier, by lot."""
    base = draw.orders(BEFORE, 2 + draw.rng.poisson(1.0, n))
    arm = draw.coin(n)
    buys = draw.happens(0.60 * (1 + truth.tier_retention * arm), n)
    after = draw.orders(AFTER, some(draw, buys, 0.1))
    start = np.where(arm == 1, days(AFTER)[0] * DAY, NEVER)
    customer, ordered = joined(base, after)
    nowhere = np.zeros(len(ordered), bool)
    return Cohort("tiers", draw.registrations(n, BEFORE[0]), arm, start, start, customer, ordered, nowhere)


def gift(truth: Truth, n: int, draw: Draw) -> Cohort:
    """Draw by lot who gets a gift with the first order; it multiplies the hazard of a second one.

    Without it the cumulative hazard after t days is (t / 520) ^ 0.7: most come back early or not at all.
    """
    first = draw.within(GIFTS, n)
    arm = draw.coin(n)
    hazard = 1 + truth.gift_hazard * arm
    wait = 520 * (draw.rng.exponential(size=n) / hazard) ** (1 / 0.7)
    second = first // DAY + np.minimum(np.ceil(wait), N_DAYS).astype("int64")
    came = np.flatnonzero(second < LOG_DAY)
    third = second[came] + draw.rng.integers(5, 200, len(came))
    more = came[(third < LOG_DAY) & draw.happens(0.3, len(came))]
    third = third[np.isin(came, more)]
    days_later = np.concatenate([second[came], third])
    customer, ordered = joined(
        (np.arange(n), first),
        (np.concatenate([came, more]), days_later * DAY + time_of_day(draw.rng, len(days_later))),
    )
    registered = first - 4 * 3600 - draw.rng.integers(0, 20 * DAY, n)
    return Cohort(
        "first_order_gift", registered, arm, first + 300, np.full(n, NEVER), customer, ordered,
        np.zeros(len(ordered), bool),
    )  # fmt: skip


def plus(truth: Truth, n: int, draw: Draw) -> Cohort:
    """Let frequent buyers join a paid membership, by their orders of the half-year before alone."""
    rate = draw.rng.gamma(1.2, 0.9 / 1.2, n)
    count = draw.rng.poisson(rate)
    base = draw.orders(BEFORE, count)
    member = draw.happens(np.array([0.28, 0.42, 0.55])[np.minimum(count, 2)], n)
    after = draw.orders(AFTER, draw.rng.poisson(rate * np.where(member, 1 + truth.membership_orders, 1.0)))
    first, end = days(JOINING)
    when = draw.rng.integers(first * DAY, end * DAY, n)
    customer, ordered = joined(base, after)
    return Cohort(
        "plus",
        draw.registrations(n, BEFORE[0]),
        np.full(n, -1),
        np.full(n, NEVER),
        np.where(member, when, NEVER),
        customer,
        ordered,
        np.zeros(len(ordered), bool),
    )


def omni_channel(truth: Truth, n: int, draw: Draw) -> Cohort:
    """Serve half of those who have both an account and a store card as one person, by lot.

    Some buy on the web only, some in stores only, some here and there; only the last look like two persons.
    """
    arm = draw.coin(n)
    in_stores = np.array([0.0, 0.5, 1.0])[by_weight(draw.rng, [0.55, 0.17, 0.28], n)]
    windows = []
    for window, gain in ((BEFORE, 0.0), (AFTER, truth.omni_repurchase)):
        buys = draw.happens(0.85, n)
        again = draw.happens(0.75 * (1 + gain * arm), n)
        further = np.where(again, 1 + draw.rng.poisson(0.4, n), 0)
        windows.append(draw.orders(window, np.where(buys, 1 + further, 0)))
    customer, ordered = joined(*windows)
    in_store = draw.happens(in_stores[customer], len(customer))
    start = np.where(arm == 1, days(AFTER)[0] * DAY, NEVER)
    return Cohort(
        "omni_channel", draw.registrations(n, BEFORE[0]), arm, start, start, customer, ordered, in_store
    )


MAKERS: dict[str, Callable[[Truth, int, Draw], Cohort]] = {
    "beauty": private_group,
    "food": invitation,
    "cross_border": tiers,
    "social": gift,
    "shoes": plus,
    "electronics": omni_channel,
}


def cohorts(
    profile: Profile,
    truth: Truth,
    scale: float,
    demand: np.ndarray,
    random: Callable[[str], np.random.Generator],
) -> Cohort | None:
    """Make the cohort of a shop's programme, in order of registration; None where there is none."""
    if profile.shop not in MAKERS:
        return None
    n = max(2, round(SIZES[profile.shop] * scale))
    draw = Draw(random(STREAMS.get(profile.shop, "cohort")), demand, day_number(profile.opened_on))
    made = MAKERS[profile.shop](truth, n, draw)
    order = np.argsort(made.registered, kind="stable")
    place = np.empty(n, "int64")
    place[order] = np.arange(n)
    later = np.argsort(made.ordered, kind="stable")
    return Cohort(
        made.programme,
        made.registered[order],
        made.arm[order],
        made.invited[order],
        made.joined[order],
        place[made.customer[later]],
        made.ordered[later],
        made.in_store[later],
    )
