"""Visits: who comes when and from where, through which pages, and how far towards paying."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from ecomtrain.shop.calendar import DAY, LOG_DAY, N_DAYS, time_of_day
from ecomtrain.shop.catalogue import Catalogue
from ecomtrain.shop.draw import by_day, by_weight
from ecomtrain.shop.people import People
from ecomtrain.shop.profiles import Profile
from ecomtrain.shop.trials import FROM_THE_VISITS, branch, by_first_visit, of_shop
from ecomtrain.shop.truth import Truth

__all__ = ["CONVERTS", "PAID_SHARE", "WALKED", "Visits", "home_seconds", "visits"]

PAID_SHARE = 0.925  # of orders placed
SPACING = 4 * 3600  # between two visits of one person: longer than any visit can last, and half an hour more
NEW = 0.3  # share of sessions
RETURN_DAYS = (24, 31)  # after the first visit; in social's test of retention who comes back does so in these
CART_TO_CHECKOUT = 0.62
LOSS = 0.25  # of those who begin the checkout, outside the checkout test

# The pages walked through before the cart, as a Markov chain; the home row is set by each shop's two shares.
WALKED = ("home", "list", "search", "detail", "content")
HOME, LIST, SEARCH, DETAIL, CONTENT = range(5)
MOVES = np.array([
    [0.00, 0.00, 0.00, 0.00, 0.00],
    [0.00, 0.15, 0.05, 0.40, 0.00],
    [0.00, 0.10, 0.10, 0.45, 0.00],
    [0.00, 0.12, 0.05, 0.22, 0.00],
    [0.10, 0.00, 0.00, 0.25, 0.20],
])  # fmt: skip
FROM_HOME = np.array([0.0, 0.47, 0.32, 0.0, 0.21])  # how the rest of the home row is split
LONGEST = 12
ENTRY = np.array([
    [0.10, 0.10, 0.55, 0.25, 0.00],
    [0.40, 0.13, 0.00, 0.32, 0.15],
    [0.18, 0.00, 0.00, 0.27, 0.55],
    [0.17, 0.05, 0.00, 0.43, 0.35],
    [0.25, 0.25, 0.00, 0.50, 0.00],
    [0.80, 0.05, 0.05, 0.10, 0.00],
])  # fmt: skip
CONVERTS = np.array([1.05, 0.80, 0.90, 1.35, 0.75, 1.30])  # by channel
DEVICE_SHARE = (0.52, 0.30, 0.18)
DEAD = np.array(
    [0.03, 0.11, 0.06]
)  # by device: chance that a detail view meets a hit on something that does not respond
DEAD_CONVERTS = 0.70


@dataclass(frozen=True)
class Visits:
    """Sessions as arrays, in order of start; times in seconds, names as codes, -1 for none."""

    start: np.ndarray
    visitor: np.ndarray
    customer: np.ndarray  # row in People.frame; who it is if the session logs in
    channel: np.ndarray
    device: np.ndarray
    is_new: np.ndarray
    arms: dict[str, np.ndarray]  # by test; 1 is treatment
    pages: np.ndarray  # sessions by steps, -1 after the end
    home_seconds: np.ndarray  # how long the first home view lasts or would have lasted
    product: np.ndarray  # the product of the last detail view
    dead: np.ndarray
    interactions: np.ndarray
    depth: np.ndarray  # 0 leaves, 1 cart, 2 checkout, 3 ordered, 4 paid
    expected: np.ndarray  # chance to order, by the short checkout


def chain(profile: Profile, truth: Truth) -> np.ndarray:
    """Complete the page chain with a home row that gives the shop's two home-to-detail shares exactly.

    With r the chance to see a detail page sooner or later from each page, r = M r outside the detail page;
    the rest of the home row must supply ever - next.
    """
    beauty = profile.shop == "beauty"
    straight = truth.home_next_detail if beauty else profile.next_detail
    ever = truth.home_ever_detail if beauty else profile.ever_detail
    moves = MOVES.copy()
    open_pages = [LIST, SEARCH, CONTENT]
    inner = moves[np.ix_(open_pages, open_pages)]
    reach = np.linalg.solve(np.eye(3) - inner, moves[open_pages, DETAIL] + moves[open_pages, HOME] * ever)
    rest = (ever - straight) / (FROM_HOME[open_pages] @ reach)
    moves[HOME] = FROM_HOME * rest
    moves[HOME, DETAIL] = straight
    return moves


def walk(moves: np.ndarray, entry: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Walk every session through the chain at once, a step at a time; the last column stays free."""
    running = np.cumsum(moves, axis=1)
    pages = np.full((len(entry), LONGEST + 1), -1, "int8")
    at, alive = entry.astype("int64"), np.arange(len(entry))
    for step in range(LONGEST):
        pages[alive, step] = at
        following = (rng.random(len(at))[:, None] >= running[at]).sum(axis=1)
        stays = following < len(WALKED)
        at, alive = following[stays], alive[stays]
    return pages


def arrivals(
    profile: Profile, demand: np.ndarray, scale: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw the start of every session, the visitor behind it and whether it is that visitor's first.

    A session brings a new visitor or one of those known by then, so that the share of new ones stays level.
    """
    counts = rng.poisson(profile.sessions * scale * demand[LOG_DAY:])
    n = int(counts.sum())
    start = np.sort(np.repeat(np.arange(LOG_DAY, N_DAYS), counts) * DAY + time_of_day(rng, n))
    is_new = rng.random(n) < NEW
    old = 1 + n // 2
    rate = np.concatenate([rng.gamma(0.8, size=old) + 0.05, 0.3 * rng.gamma(0.8, size=int(is_new.sum()))])
    running, born = np.cumsum(rate), old + np.cumsum(is_new)
    back = np.searchsorted(running, running[born - 1] * rng.random(n), side="right")
    visitor = np.where(is_new, born - 1, np.minimum(back, born - 1))
    order = np.lexsort((start, visitor))
    close = np.zeros(n, bool)
    close[order[1:]] = (np.diff(visitor[order]) == 0) & (np.diff(start[order]) < SPACING)
    visitor[close] = len(rate) + np.arange(close.sum())
    return start, np.unique(visitor, return_inverse=True)[1], is_new


def come_back(
    truth: Truth,
    start: np.ndarray,
    visitor: np.ndarray,
    is_new: np.ndarray,
    arm: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Give social's new visitors the planted shares of return in `RETURN_DAYS`; the visits stay as they are.

    Visits that some of them would have paid in those days go to visitors seen this once; who comes back by
    the planted share takes over a visit of somebody known before the log.
    """
    since, until = (day * DAY for day in RETURN_DAYS)
    visitor = visitor.copy()
    known = np.full(len(start) + int(visitor.max(initial=-1)) + 1, -1)
    known[visitor[is_new]] = start[is_new]
    first = known[visitor]
    age = start - first
    natural = np.flatnonzero((first >= 0) & (age >= since - SPACING) & (age < until + SPACING))
    spare = np.flatnonzero(first < 0)
    visitor[natural] = int(visitor.max(initial=-1)) + 1 + np.arange(len(natural))

    cohort = np.flatnonzero(is_new & (start + until <= N_DAYS * DAY))
    returns = rng.random(len(cohort)) < np.where(arm[cohort] == 1, truth.retention_new, truth.retention_old)
    cohort = cohort[returns]
    at = start[cohort] + since + (rng.random(len(cohort)) * 0.95 * (until - since)).astype("int64")
    cohort, at = cohort[np.argsort(at)], np.sort(at)
    # The next visit that is free: one person a visit, in the order of time.
    place = np.arange(len(at))
    place = place + np.maximum.accumulate(np.searchsorted(start[spare], at) - place)
    there = np.flatnonzero(place < len(spare))
    taken, cohort = spare[place[there]], cohort[there]
    in_time = start[taken] - start[cohort] < until
    visitor[taken[in_time]] = visitor[cohort[in_time]]
    coded: np.ndarray = np.unique(visitor, return_inverse=True)[1]
    return coded


def interact(profile: Profile, truth: Truth, saw: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw how often each session likes, comments, shares or keeps something."""
    share = truth.intent_many_share if profile.shop == "mother_baby" else 0.3
    some = saw & (rng.random(len(saw)) < profile.interacting)
    many = some & (rng.random(len(saw)) < share)
    more = np.minimum(rng.poisson(0.8, len(saw)), 4)
    return some.astype("int64") + np.where(many, 1 + more, 0)


def chance(
    profile: Profile,
    truth: Truth,
    channel: np.ndarray,
    saw_home: np.ndarray,
    seconds: np.ndarray,
    dead: np.ndarray,
    interactions: np.ndarray,
) -> np.ndarray:
    """Give each session's chance to pay, were its checkout the short one."""
    chance = profile.pay_rate * CONVERTS[channel] * np.where(dead, DEAD_CONVERTS, 1.0)
    chance = chance * np.where(saw_home, 1.35 * (1 - np.exp(-seconds / truth.home_dwell_scale)), 1.0)
    if profile.shop == "mother_baby":
        share, many = truth.intent_many_share, truth.intent_many_rate
        single = (truth.intent_base - share * many) / (1 - share)
        return np.select([interactions >= 2, interactions == 1], [many, single], chance)
    return chance * np.where(interactions > 0, 1.3, 1.0)


def conversion(truth: Truth, arms: dict[str, np.ndarray]) -> np.ndarray | float:
    """Give the factor on each session's chance to pay by its tests; both arms together convert as ever.

    So the months before the log, which take their level from it, fit.
    """
    factor: np.ndarray | float = 1.0
    for name, gain in (
        ("collection", truth.collection_conversion),
        ("personal_offer", truth.offer_conversion),
    ):
        if name in arms:
            factor = factor * (1 + gain * arms[name]) / (1 + gain / 2)
    return factor


def visits(
    profile: Profile,
    truth: Truth,
    goods: Catalogue,
    people: People,
    demand: np.ndarray,
    scale: float,
    rng: np.random.Generator,
) -> Visits:
    """Make a shop's visits of the click log."""
    start, visitor, is_new = arrivals(profile, demand, scale, rng)
    n = len(start)
    coins = {
        test.name: branch(rng, test.name).integers(2, size=n) for test in of_shop(profile.shop, "visitor")
    }
    if "interaction_design" in coins:
        design = by_first_visit(coins["interaction_design"], visitor)
        visitor = come_back(truth, start, visitor, is_new, design, branch(rng, "come_back"))
    arms = {name: by_first_visit(coin, visitor) for name, coin in coins.items()}
    persons = int(visitor.max(initial=-1)) + 1
    first = np.full(persons, np.iinfo("int64").max)
    np.minimum.at(first, visitor, start)
    device = by_weight(rng, DEVICE_SHARE, persons)[visitor]
    coin = rng.integers(2, size=persons)[visitor]
    arms |= {name: coin for name in arms if name in FROM_THE_VISITS}
    patience = rng.random(persons)[visitor]
    customer = people.who(rng, first)[visitor]

    channel = by_weight(rng, profile.channels, n)
    entry_running = np.cumsum(ENTRY, axis=1)[channel]
    entry = np.minimum((rng.random(n)[:, None] >= entry_running).sum(axis=1), CONTENT)
    pages = walk(chain(profile, truth), entry, rng)
    saw, saw_home = (pages == DETAIL).any(axis=1), (pages == HOME).any(axis=1)

    seconds = home_seconds(truth, n, rng)
    product = by_day(rng, goods.running, start // DAY)
    dead = saw & (rng.random(n) < 1 - (1 - DEAD[device]) ** (pages == DETAIL).sum(axis=1))
    interactions = interact(profile, truth, saw, rng)

    pays = np.where(saw, chance(profile, truth, channel, saw_home, seconds, dead, interactions), 0.0)
    usually = np.minimum(pays / PAID_SHARE / (1 - LOSS), 1)
    checks_out = np.minimum(usually * conversion(truth, arms), 1)
    carts = np.maximum(np.minimum(checks_out / CART_TO_CHECKOUT, 0.95), checks_out)
    in_cart = rng.random(n) < carts
    checkout = in_cart & (rng.random(n) * carts < checks_out)
    # In the checkout test a visitor's patience is the same on every visit, so that the loss is the same
    # whether visitors or sessions are counted.
    draw, loss, usual = rng.random(n), np.full(n, LOSS), LOSS
    if profile.shop == "cross_border":
        draw, loss, usual = (
            patience,
            np.where(arms["checkout_steps"] == 1, truth.loss_long, truth.loss_short),
            truth.loss_short,
        )
    ordered = checkout & (draw >= loss)
    paid = ordered & (rng.random(n) < PAID_SHARE)
    depth = in_cart.astype("int64") + checkout + ordered + paid

    # Who puts something into the cart does so on a detail page: come back to one if the walk ended elsewhere.
    length = (pages >= 0).sum(axis=1)
    back = np.flatnonzero((depth > 0) & (pages[np.arange(n), length - 1] != DETAIL))
    pages[back, length[back]] = DETAIL
    return Visits(
        start,
        visitor,
        customer,
        channel,
        device,
        is_new,
        arms,
        pages,
        seconds,
        product,
        dead,
        interactions,
        depth,
        usually * (1 - usual),
    )


def home_seconds(truth: Truth, size: int, rng: np.random.Generator) -> np.ndarray:
    """Draw how long home views last, in whole seconds; two at least, as the click that leads on needs one."""
    spread = 0.8
    middle = np.log(14.5) - spread * NormalDist().inv_cdf(truth.home_short_share)
    drawn: np.ndarray = np.rint(np.exp(middle + spread * rng.normal(size=size))).clip(2, 400).astype("int64")
    return drawn
