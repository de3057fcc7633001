"""What the shops do for their customers: memberships, messages, birthday greetings, store cards."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ecomtrain.shop.addition import Addition
from ecomtrain.shop.calendar import DAY, DAYS, LOG_DAY, day_number, stamp, time_of_day
from ecomtrain.shop.cohorts import AFTER, NEVER, Cohort
from ecomtrain.shop.draw import by_weight, cents, identifiers, repeat, text
from ecomtrain.shop.scene import Scene

__all__ = ["EXPORTED", "GREETED_FROM", "tables"]

EXPORTED = str(DAYS[LOG_DAY].date())  # the CRM's tables are an export of the first day of the click log
GREETED_FROM = "2025-10-01"  # mother_baby: first birthday that is greeted
FIRST_BIRTHDAY = "2025-04-02"  # of the year of birthdays that the CRM counts
POINTS = 0.16  # share of ordinary customers in the shop's points programme
LEAVES = 0.08
MESSAGES = 0.11  # by ordinary customer
TIERS = ("bronze", "silver", "gold")
TIER_SHARES = (0.70, 0.90)  # below these ranks by amount: bronze, silver; gold above
KINDS = ("sms", "offer", "birthday", "gift")
COSTS = np.array([5, 45, 20, 300])  # fen by kind
CARDS = 260  # of persons unknown to the web shop
VISITS, VISITS_SPREAD = 5.0, 4.0


def tables(scene: Scene) -> dict[str, pd.DataFrame]:
    """Make the tables of this topic for one shop."""
    more = scene.more
    made = dict(more.tables)
    greeted = None
    if scene.profile.shop == "mother_baby":
        made["birthdays"] = greeted = birthdays(scene)
    made["memberships"] = memberships(scene, more)
    made["messages"] = messages(scene, more, greeted)
    if more.cohort is not None and scene.profile.shop == "electronics":
        made |= stores(scene, more.cohort, more.customers)
    return made


def tier(amount: np.ndarray) -> np.ndarray:
    """Rank customers by amount: 0 bronze, 1 silver, 2 gold."""
    place = np.empty(len(amount))
    place[np.argsort(amount, kind="stable")] = (np.arange(len(amount)) + 0.5) / max(len(amount), 1)
    return np.searchsorted(TIER_SHARES, place)


def spent(orders: pd.DataFrame, customer_id: np.ndarray, start: str, end: str) -> np.ndarray:
    """Add up what each customer paid for orders of a window."""
    within = orders["ordered_at"].between(start, end, inclusive="left")
    amount = orders[within].groupby("customer_id")["paid_amount"].sum()
    return amount.reindex(customer_id, fill_value=0.0).to_numpy()


def year_to(date: str) -> tuple[str, str]:
    """Give the twelve months up to a day."""
    return str((pd.Timestamp(date) - pd.DateOffset(years=1)).date()), date


def memberships(scene: Scene, more: Addition) -> pd.DataFrame:
    """List who belongs to the shop's programmes: the points programme, and that of the cohort."""
    rng, shop = scene.random("memberships"), scene.profile.shop
    frame, registered = scene.people.frame, scene.people.registered
    earliest = np.maximum(registered, 0)
    wait = (rng.exponential(60 * DAY, len(frame))).astype("int64")
    takes = np.flatnonzero((rng.random(len(frame)) < POINTS) & (earliest + wait < LOG_DAY * DAY))
    joined = (earliest + wait)[takes]
    ids = frame["customer_id"].to_numpy()[takes]
    left = joined + rng.exponential(400 * DAY, len(takes)).astype("int64")
    left = np.where((rng.random(len(takes)) < LEAVES) & (left < LOG_DAY * DAY), left, NEVER)
    orders = scene.sales.tables["orders"]
    rank = [tier(spent(orders, ids, *year_to(date))) for date in (AFTER[0], AFTER[1])]
    points = rows(shop, "points", ids, np.full(len(ids), -1), np.full(len(ids), NEVER), joined, left, rank)
    if more.cohort is None:
        return points
    made, ids = more.cohort, more.customers["customer_id"].to_numpy()
    rank = [np.full(len(ids), -1)] * 2
    if made.programme == "tiers":
        rank = [tier(spent(more.tables["orders"], ids, *year_to(date))) for date in (AFTER[0], AFTER[1])]
    never = np.full(len(ids), NEVER)
    theirs = rows(shop, made.programme, ids, made.arm, made.invited, made.joined, never, rank)
    return pd.concat([points, theirs], ignore_index=True)


def rows(
    shop: str,
    programme: str,
    ids: np.ndarray,
    arm: np.ndarray,
    invited: np.ndarray,
    joined: np.ndarray,
    left: np.ndarray,
    rank: list[np.ndarray],
) -> pd.DataFrame:
    """Write rows of memberships."""
    n = len(ids)
    return pd.DataFrame(
        {
            "customer_id": ids,
            "shop": repeat(shop, n),
            "programme": repeat(programme, n),
            "arm": text(arm, ["control", "treatment"]),
            "invited_at": stamp(invited).where(invited != NEVER),
            "joined_at": stamp(joined).where(joined != NEVER),
            "tier_before": text(rank[0], TIERS),
            "tier": text(rank[1], TIERS),
            "left_at": stamp(left).where(left != NEVER),
        }
    )


def birthdays(scene: Scene) -> pd.DataFrame:
    """List the birthdays of a year, half a year before the greetings began and half a year after.

    The visits of the thirty days that follow are Poisson with a gamma rate, without trend or season.
    """
    rng, frame = scene.random("birthdays"), scene.people.frame
    first, start = day_number(FIRST_BIRTHDAY), day_number(GREETED_FROM)
    day = first + rng.integers(365, size=len(frame))
    known = np.flatnonzero(scene.people.registered < day * DAY)
    day = day[known]
    greeted = day >= start
    rate = VISITS * rng.gamma(VISITS_SPREAD, 1 / VISITS_SPREAD, len(known))
    visits = rng.poisson(rate * np.where(greeted, 1 + scene.truth.birthday_visits, 1.0))
    return pd.DataFrame(
        {
            "customer_id": frame["customer_id"].to_numpy()[known],
            "shop": repeat(scene.profile.shop, len(known)),
            "birthday": DAYS[day],
            "greeted": greeted,
            "visits_30d": visits.astype("int64"),
        }
    )


def messages(scene: Scene, more: Addition, greeted: pd.DataFrame | None) -> pd.DataFrame:
    """List messages to customers: a sample of the shop's ordinary ones, all greetings and all gifts."""
    rng, shop = scene.random("messages"), scene.profile.shop
    frame = scene.people.frame
    n = round(MESSAGES * len(frame))
    who = rng.integers(len(frame), size=n)
    sent = rng.integers(day_number("2025-05-01"), LOG_DAY, n) * DAY + rng.integers(9 * 3600, 20 * 3600, n)
    kind = by_weight(rng, [0.5, 0.35, 0.15], n)
    if greeted is not None:
        kind = np.where(kind == 2, 0, kind)
    kept = scene.people.registered[who] < sent
    parts = [(frame["customer_id"].to_numpy()[who[kept]], sent[kept], kind[kept])]
    if greeted is not None:
        got = greeted[greeted["greeted"]]
        day = (got["birthday"] - DAYS[0]).dt.days.to_numpy()
        at = day * DAY + rng.integers(8 * 3600, 10 * 3600, len(got))
        parts.append((got["customer_id"].to_numpy(), at, np.full(len(got), 2)))
    made = more.cohort
    if made is not None and made.programme == "first_order_gift":
        got = made.arm == 1
        at = made.invited[got]
        parts.append((more.customers["customer_id"].to_numpy()[got], at, np.full(len(at), 3)))
    ids, sent, kind = (np.concatenate(side) for side in zip(*parts, strict=True))
    order = np.lexsort((ids, sent))
    ids, sent, kind = ids[order], sent[order], kind[order]
    m = len(ids)
    delivered = rng.random(m) < 0.97
    opened = delivered & (rng.random(m) < np.array([0.22, 0.3, 0.45, 0.6])[kind])
    clicked = opened & (rng.random(m) < np.array([0.08, 0.15, 0.2, 0.4])[kind])
    return pd.DataFrame(
        {
            "message_id": identifiers(scene.profile, m),
            "shop": repeat(shop, m),
            "customer_id": ids,
            "kind": text(kind, KINDS),
            "sent_at": stamp(sent),
            "delivered": delivered,
            "opened": opened,
            "clicked": clicked,
            "unsubscribed": delivered & ~clicked & (rng.random(m) < 0.006),
            "cost": COSTS[kind] / 100,
        }
    )


def stores(scene: Scene, made: Cohort, customers: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Write the store cards and what was bought with them; some cards are of persons unknown to the web."""
    rng, profile = scene.random("store_receipts"), scene.profile
    n, stray = len(customers), max(1, round(CARDS * scene.scale))
    cards = identifiers(profile, n + stray)
    order = rng.permutation(n + stray)
    ids = pd.array(np.concatenate([customers["customer_id"].to_numpy(), np.zeros(stray, "int64")]), "Int64")
    ids[n:] = pd.NA
    issued = rng.integers(0, day_number("2025-03-01"), n + stray) * DAY + time_of_day(rng, n + stray)
    card_of = np.empty(n + stray, "int64")
    card_of[order] = cards
    links = pd.DataFrame(
        {
            "card_id": cards,
            "shop": repeat(profile.shop, n + stray),
            "customer_id": ids[order],
            "issued_at": stamp(issued),
        }
    )
    visits = 1 + rng.poisson(0.6, stray)
    holder = np.concatenate([made.customer[made.in_store], n + np.repeat(np.arange(stray), visits)])
    first, last = day_number("2025-03-18"), day_number(AFTER[1])
    other = rng.integers(first, last, int(visits.sum())) * DAY + rng.integers(
        10 * 3600, 21 * 3600, int(visits.sum())
    )
    at = np.concatenate([made.ordered[made.in_store], other])
    # Stores are open from ten to ten.
    at = at // DAY * DAY + 10 * 3600 + at % DAY // 2
    later = np.argsort(at, kind="stable")
    holder, at = holder[later], at[later]
    product = by_weight(rng, scene.goods.share[first], len(at))
    receipts = pd.DataFrame(
        {
            "receipt_id": identifiers(profile, len(at)),
            "shop": repeat(profile.shop, len(at)),
            "card_id": card_of[holder],
            "store": text(rng.integers(3, size=len(at)), ["S1", "S2", "S3"]),
            "ts": stamp(at),
            "amount": cents(scene.goods.price[product] / 100) / 100,
        }
    )
    return {"store_cards": links, "store_receipts": receipts}
