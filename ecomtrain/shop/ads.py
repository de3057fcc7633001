"""Advertising: what is spent, who is reached, what the platforms credit themselves with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ecomtrain.shop.calendar import DAY, DAYS, LOG_DAY, LOG_START, N_DAYS, stamp
from ecomtrain.shop.draw import by_weight, cents, identifiers, repeat, text
from ecomtrain.shop.profiles import CHANNELS, Profile
from ecomtrain.shop.scene import Scene
from ecomtrain.shop.truth import Truth

__all__ = ["tables"]

PLATFORMS = ("Douyin", "Xiaohongshu", "Tmall", "WeChat")
FORMATS = ("live", "short_video", "image_text", "search", "feed")
LIVE, IMAGE_TEXT = FORMATS.index("live"), FORMATS.index("image_text")

# Each kind of ad: its platform, share of the budget, click rate, yuan per click in a shop with a median price
# of 100, return on spend over that of the shop, share of the orders that are a customer's first.
ON = np.array([0, 0, 1, 2, 3])
BUDGET = np.array([0.28, 0.20, 0.20, 0.22, 0.10])
CLICK_RATE = np.array([0.035, 0.020, 0.028, 0.050, 0.012])
CLICK_PRICE = np.array([1.20, 0.90, 1.10, 1.60, 0.80])
RETURN = np.array([1.25, 1.00, 0.97, 1.20, 0.80])
NEW = np.array([0.34, 0.50, 0.55, 0.42, 0.48])
EDGE = 91  # days of level prices at either end of apparel's two years on Douyin
GROWTH = 1.5  # of its spend between them, on top of the demand
SPREAD = 0.7  # of the amounts of single orders, over their mean

REGIONS = 40
EXPOSED = 0.6  # share of the audience
CAMPAIGNS = ("interest", "broad", "targeted")
RUNS = (("2026-03-02", "2026-03-29"), ("2026-05-04", "2026-05-31"), ("2026-05-04", "2026-05-31"))
BROAD = (10.0, 5.0)  # apparel: last-click amount and caused amount over spend, without targeting
PER_USER = 0.4  # yuan spent per exposed user
ANYWAY = 1.3  # purchases that come without ads, over those that the last click credits to the ads

JOURNEYS = ("apparel", "beauty", "cross_border")
WINDOW = 30  # days of orders whose journeys are known, and how far a journey reaches back
WITHOUT = 3  # journeys without an order for each with one
EARLIER = np.array([0.5, 1.6, 1.8, 1.2, 1.6, 0.2])  # by channel, on its share of the visits
NEVER_BOUGHT = np.array([0.8, 1.3, 1.2, 0.9, 1.5, 0.4])


def tables(scene: Scene) -> dict[str, pd.DataFrame]:
    """Make the tables of this topic for one shop."""
    made = {"ad_spend_daily": ad_spend(scene), "campaigns": campaigns(scene)}
    if scene.profile.shop in JOURNEYS:
        made["touchpoints"] = touchpoints(scene)
    return made


def basket(profile: Profile) -> float:
    """Give the mean amount of an order on a platform, in yuan."""
    return float(profile.price * np.exp(profile.price_spread**2 / 2) * profile.lines)


def shocks(rng: np.random.Generator, spread: float, shape: tuple[int, ...]) -> np.ndarray:
    """Draw factors around 1; their mean is exactly 1, so that no ratio of sums is shifted."""
    drawn: np.ndarray = rng.gamma(spread**-2, spread**2, shape)
    return drawn


def amounts(rng: np.random.Generator, orders: np.ndarray, mean: np.ndarray | float) -> np.ndarray:
    """Draw what each number of orders adds up to, in fen."""
    shape = np.maximum(orders, 1) / SPREAD**2
    return cents(np.where(orders > 0, orders * mean * rng.gamma(shape) / shape, 0.0))


def ad_spend(scene: Scene) -> pd.DataFrame:
    """Spend and what the platforms report for it; arrays are days by formats."""
    profile, truth, rng = scene.profile, scene.truth, scene.random("ad_spend_daily")
    order = basket(profile)
    shape = (N_DAYS, len(FORMATS))
    back = np.broadcast_to((4 + 1.4 / profile.margin) * RETURN, shape).copy()
    price = np.broadcast_to(CLICK_PRICE * (profile.price / 100) ** 0.4, shape).copy()
    new = np.broadcast_to(NEW, shape).copy()
    budget = profile.sessions * 150 * scene.demand[:, None] * BUDGET
    if profile.shop == "apparel":
        # The last complete week ends two days before the two years do.
        way = np.clip((np.arange(N_DAYS) - EDGE) / (N_DAYS - 2 - 2 * EDGE), 0, 1)[:, None]
        douyin = ON == 0
        first, last = truth.douyin_roas_first, truth.douyin_roas_last
        back = np.where(douyin, first * (last / first) ** way, back)
        price = price * np.where(douyin, (1 + truth.douyin_click_price) ** way, 1.0)
        budget = budget * np.where(douyin, GROWTH**way, 1.0)
    if profile.shop == "beauty":
        # Spend per new customer is the order over the return and the share of first orders.
        new[:, LIVE] = NEW[IMAGE_TEXT] * RETURN[IMAGE_TEXT] / RETURN[LIVE] / (1 + truth.live_acquisition)
    spend = np.maximum(cents(budget * shocks(rng, 0.15, shape)), 1)
    clicks = rng.poisson(spend / 100 / price * shocks(rng, 0.05, shape))
    impressions = 100 * np.rint(np.maximum(clicks, 1) / CLICK_RATE * shocks(rng, 0.08, shape) / 100 + 1)
    week = np.arange(N_DAYS) // 7
    luck = shocks(rng, 0.06, (int(week[-1]) + 1, len(FORMATS)))[week] * shocks(rng, 0.10, shape)
    orders = rng.poisson(spend / 100 * back * luck / order)
    amount = amounts(rng, orders, order)
    day, line = (grid.ravel() for grid in np.indices(shape))
    return pd.DataFrame(
        {
            "date": DAYS[day],
            "shop": repeat(profile.shop, day.size),
            "platform": text(ON[line], PLATFORMS),
            "format": text(line, FORMATS),
            "impressions": impressions.astype("int64").ravel(),
            "clicks": clicks.ravel(),
            "spend": spend.ravel() / 100,
            "attributed_orders": orders.ravel(),
            "attributed_amount": amount.ravel() / 100,
            "new_customers": rng.binomial(orders, new).ravel(),
        }
    )


def returns(profile: Profile, truth: Truth) -> tuple[np.ndarray, np.ndarray]:
    """Give each campaign's last-click amount and caused amount, both over its spend."""
    if profile.shop != "apparel":
        usual = 3 + 1.2 / profile.margin
        return usual * np.array([1.3, 1.1, 1.3]), usual * np.array([0.6, 0.55, 0.58])
    last, caused = BROAD
    return (
        np.array([truth.interest_last_click, last, last * (1 + truth.targeting_last_click)]),
        np.array([truth.interest_incremental, caused, caused * (1 + truth.targeting_incremental)]),
    )


def campaigns(scene: Scene) -> pd.DataFrame:
    """Campaigns by region with a random holdout; arrays are campaigns by regions, row by row."""
    profile, rng = scene.profile, scene.random("campaigns")
    order, shape = basket(profile), (len(CAMPAIGNS), REGIONS)
    last, caused = (part[:, None] for part in returns(profile, scene.truth))
    # What comes anyway, over the spend, is more than what the last click takes of it.
    anyway = ANYWAY * np.maximum(last - caused, 3.0)
    audience = 40_000 * np.exp(0.35 * rng.normal(size=REGIONS))
    users = rng.poisson(audience, shape)
    exposed = rng.binomial(users, EXPOSED)
    held = users - exposed
    spend = cents(exposed * PER_USER * shocks(rng, 0.08, shape))
    rate = PER_USER * anyway * shocks(rng, 0.15, (1, REGIONS)) / order
    gain = caused * shocks(rng, 0.08, (1, REGIONS)) * shocks(rng, 0.06, shape) / order
    own, moved = rng.poisson(exposed * rate), rng.poisson(spend / 100 * gain)
    # The last click credits purchases that the ads caused first, and then those that came anyway.
    claimed = rng.binomial(own, np.maximum(last - caused, 0) / anyway)
    earned = rng.binomial(moved, np.minimum(last / caused, 1))
    credited = claimed + earned
    taken = amounts(rng, claimed, order) + amounts(rng, earned, order)
    rest = amounts(rng, own + moved - credited, order)
    idle = rng.poisson(held * rate)
    clicks = rng.binomial(exposed, 0.12 * np.minimum(shocks(rng, 0.1, shape), 2))
    nothing = np.zeros(shape, "int64")

    def arms(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return np.stack([one, other], axis=2).ravel()

    count = arms(own + moved, idle)
    campaign, region, arm = (grid.ravel() for grid in np.indices((*shape, 2)))
    runs = pd.DataFrame(RUNS, columns=["started_on", "ended_on"])
    runs = runs.apply(pd.to_datetime).astype("datetime64[us]").take(campaign).reset_index(drop=True)
    return pd.DataFrame(
        {
            "shop": repeat(profile.shop, campaign.size),
            "campaign": text(campaign, CAMPAIGNS),
            "platform": repeat("Douyin", campaign.size),
            "region": text(region, [f"R{number:02d}" for number in range(1, REGIONS + 1)]),
            "arm": text(arm, ["exposed", "holdout"]),
            "started_on": runs["started_on"],
            "ended_on": runs["ended_on"],
            "users": arms(exposed, held),
            "spend": arms(spend, nothing) / 100,
            "clicks": arms(clicks, nothing),
            "last_click_orders": arms(credited, nothing),
            "last_click_amount": arms(taken, nothing) / 100,
            # One order in fifteen is a buyer's second or third.
            "buyers": np.minimum(count - rng.binomial(count, 1 / 15), arms(exposed, held)),
            "orders": count,
            "amount": arms(taken + rest, amounts(rng, idle, order)) / 100,
        }
    )


@dataclass(frozen=True)
class Ends:
    """Where journeys end, one entry each: customer, second, how far back, and the order, -1 for none."""

    customer: np.ndarray
    second: np.ndarray
    reach: np.ndarray
    channel: np.ndarray
    order: np.ndarray
    amount: np.ndarray


def journey_ends(scene: Scene, rng: np.random.Generator) -> Ends:
    """Choose the paid orders before the click log, and customers who ordered nothing."""
    orders = scene.sales.tables["orders"]
    orders = orders[orders["ordered_at"] < LOG_START].sort_values(["customer_id", "ordered_at"])
    second = ((orders["ordered_at"] - stamp(np.zeros(1))[0]).dt.total_seconds()).to_numpy("int64")
    since = np.diff(second, prepend=0)
    since[~orders["customer_id"].duplicated().to_numpy()] = WINDOW * DAY
    recent = second >= (LOG_DAY - WINDOW) * DAY
    paid = recent & (orders["status"] == "paid").to_numpy()
    everyone = scene.people.frame["customer_id"].to_numpy()[scene.people.registered < LOG_DAY * DAY]
    idle = np.setdiff1d(everyone, orders["customer_id"].to_numpy()[recent])
    idle = rng.permutation(idle)[: WITHOUT * int(paid.sum())]
    none = len(idle)
    return Ends(
        np.concatenate([orders["customer_id"].to_numpy()[paid], idle]),
        np.concatenate([second[paid], (LOG_DAY - rng.random(none) * WINDOW) * DAY]).astype("int64"),
        np.concatenate([np.minimum(since[paid], WINDOW * DAY), np.full(none, WINDOW * DAY)]),
        np.concatenate(
            [
                pd.Categorical(orders["channel"][paid], CHANNELS).codes,
                by_weight(rng, np.array(scene.profile.channels) * NEVER_BOUGHT, none),
            ]
        ),
        np.concatenate([orders["order_id"].to_numpy()[paid], np.full(none, -1)]),
        np.concatenate([orders["paid_amount"].to_numpy()[paid], np.zeros(none)]),
    )


def touchpoints(scene: Scene) -> pd.DataFrame:
    """Lay out the contacts of each journey, the last one just before its end."""
    profile, rng = scene.profile, scene.random("touchpoints")
    ends = journey_ends(scene, rng)
    bought = ends.order >= 0
    count = np.minimum(rng.geometric(np.where(bought, 0.45, 0.62)), 9)
    journey = np.repeat(np.arange(len(count)), count)
    last = np.r_[np.diff(journey) > 0, True][: len(journey)]
    share = np.where(last, 0.01 * rng.random(len(journey)), 0.02 + 0.97 * rng.random(len(journey)) ** 1.5)
    before = np.minimum(share * ends.reach[journey], np.where(last, 1800.0, np.inf))
    ts = ends.second[journey] - np.maximum(np.ceil(before), 1).astype("int64")
    early = by_weight(rng, np.array(profile.channels) * EARLIER, len(journey))
    channel = np.where(last, ends.channel[journey], early)
    # In order of journey and time; the journeys in order of their ends.
    rank = np.empty(len(count), "int64")
    rank[np.argsort(ends.second, kind="stable")] = np.arange(len(count))
    place = np.lexsort((last, ts, rank[journey]))
    journey, last, ts, channel = (part[place] for part in (journey, last, ts, channel))
    order = np.where(last, ends.order[journey], -1)
    ids = pd.array(np.maximum(order, 0), "Int64")
    ids[order < 0] = pd.NA
    return pd.DataFrame(
        {
            "touchpoint_id": identifiers(profile, len(ts)),
            "shop": repeat(profile.shop, len(ts)),
            "journey_id": identifiers(profile, len(count))[rank[journey]],
            "customer_id": ends.customer[journey],
            "ts": stamp(ts),
            "channel": text(channel, CHANNELS),
            "converted": order >= 0,
            "order_id": ids,
            "amount": np.where(order >= 0, ends.amount[journey], 0.0),
        }
    )
