"""What customers ask: chats with people and bots, and tickets about orders."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.random import Generator

from ecomtrain.shop.calendar import DAY, HOURS, LAST_SECOND, N_DAYS, START, day_number, stamp
from ecomtrain.shop.crew import FUNCTIONS, MONTH_FIRST, MONTHS, Crew
from ecomtrain.shop.draw import by_weight, identifiers, repeat, text
from ecomtrain.shop.scene import Scene

__all__ = ["CHATS_FROM", "chats", "tickets"]

CHATS_FROM = day_number("2026-06-03")
PER_SESSION = 0.25  # chats for each visit
MORE_ROUNDS = 0.6
OPENS, CLOSES = 8, 23  # hours that are judged by the platforms
IN_TIME = 180  # seconds
HANDLERS = ("person", "assist", "bot")
PERSON, ASSIST, BOT = range(3)

PER_ORDER = 0.02  # tickets for each order
TOPICS = ("delivery", "return", "quality", "invoice", "promotion", "account")
TOPIC = (0.32, 0.26, 0.16, 0.09, 0.12, 0.05)
HOURS_TO_CLOSE = np.array([20.0, 44.0, 60.0, 10.0, 8.0, 14.0])


def hours_of_day(truth_night: float) -> np.ndarray:
    """Give each hour's share of the rounds; the hours from 23 to 8 have the planted share."""
    night = (np.arange(24) < OPENS) | (np.arange(24) >= CLOSES)
    share = np.where(night, HOURS / HOURS[night].sum() * truth_night, 0.0)
    return share + np.where(night, 0.0, HOURS / HOURS[~night].sum() * (1 - truth_night))


def agents(people: Crew, ids: np.ndarray, day: np.ndarray, rng: Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw someone of a service team who is there for the whole month of each day: person and id, or -1."""
    service = people.function[people.team] == FUNCTIONS.index("service")
    at = np.searchsorted(MONTH_FIRST, day, side="right") - 1
    last = np.append(MONTH_FIRST[1:], N_DAYS) - 1
    month, person = np.nonzero(
        service & (people.hired <= MONTH_FIRST[:, None]) & (people.left > last[:, None])
    )
    count = np.bincount(month, minlength=MONTHS)
    begin = np.cumsum(count) - count
    pick = begin[at] + np.minimum((rng.random(len(day)) * count[at]).astype("int64"), count[at] - 1)
    drawn = np.where(count[at] > 0, np.append(person, -1)[np.where(count[at] > 0, pick, -1)], -1)
    return drawn, np.where(drawn >= 0, ids[np.maximum(drawn, 0)], -1)


def chats(scene: Scene, people: Crew, ids: np.ndarray) -> pd.DataFrame:
    """Make the rounds of the chats of June 2026; half of the chats, by lot, are served with AI."""
    profile, truth, rng = scene.profile, scene.truth, scene.random("chats")
    days = np.arange(CHATS_FROM, N_DAYS)
    day = np.repeat(days, rng.poisson(PER_SESSION * profile.sessions * scene.scale * scene.demand[days]))
    size = len(day)
    hour = by_weight(rng, hours_of_day(truth.rounds_night), size)
    count = 1 + rng.poisson(MORE_ROUNDS, size)
    chat = np.repeat(np.arange(size), count)
    number = np.arange(len(chat)) - np.repeat(np.cumsum(count) - count, count)
    gap = np.where(number > 0, 20 + rng.geometric(1 / 90, len(chat)), 0)
    waited = np.cumsum(gap)
    waited = waited - np.repeat(waited[np.cumsum(count) - count], count)
    # A chat that would run past the hour begins earlier, so that all its rounds lie on one side of a shift.
    length = np.bincount(chat, gap, size).astype("int64") if size else np.zeros(0, "int64")
    begin = (rng.random(size) * np.maximum(3600 - length, 1)).astype("int64")
    start = day * DAY + hour * 3600 + begin
    ai = rng.random(size) < 0.5
    order = np.argsort(start, kind="stable")
    rank = np.empty(size, "int64")
    rank[order] = np.arange(size)
    customer = scene.people.who(rng, start)

    night = (hour < OPENS) | (hour >= CLOSES)
    drawn = rng.random(len(chat))
    by_day = np.where(
        drawn < truth.rounds_bot,
        BOT,
        np.where(drawn < truth.rounds_bot + truth.rounds_assist, ASSIST, PERSON),
    )
    handler = np.where(ai[chat], np.where(night[chat], BOT, by_day), PERSON)
    alone = np.select(
        [ai[chat], night[chat]], [truth.response_person, truth.response_before_night], truth.response_before
    )
    chance = np.choose(handler, [alone, truth.response_assist, truth.response_bot])
    in_time = rng.random(len(chat)) < chance
    usual = np.choose(handler, [45.0, 28.0, 1.0])
    quick = np.minimum(np.rint(usual * np.exp(0.7 * rng.normal(size=len(chat)))), IN_TIME)
    slow = IN_TIME + rng.geometric(np.where(night[chat], 1 / 9000, 1 / 420))
    seconds = np.where(in_time, np.maximum(quick, 1), slow).astype("int64")
    answered = in_time | (rng.random(len(chat)) < np.choose(handler, [0.7, 0.8, 0.0]))
    handling = np.rint(np.choose(handler, [165.0, 120.0, 0.0]) * np.exp(0.5 * rng.normal(size=len(chat))))
    agent = agents(people, ids, day, rng)[1]
    by_person = answered & (handler != BOT) & (agent[chat] >= 0)
    rows = np.lexsort((number, rank[chat]))
    chat = chat[rows]

    def gaps(values: np.ndarray, keep: np.ndarray) -> pd.Series:
        column = pd.Series(pd.array(values[rows].astype("int64"), "Int64"))
        return column.mask(~keep[rows])

    return pd.DataFrame(
        {
            "chat_id": identifiers(profile, size)[rank[chat]],
            "round": number[rows] + 1,
            "shop": repeat(profile.shop, len(rows)),
            "customer_id": scene.people.frame["customer_id"].to_numpy()[customer[chat]],
            "ts": stamp(start[chat] + waited[rows]),
            "ai": ai[chat],
            "handler": text(handler[rows], HANDLERS),
            "staff_id": gaps(agent[np.repeat(np.arange(size), count)], by_person),
            "first_response_seconds": gaps(seconds, answered),
            "handling_seconds": gaps(handling, answered & (handler != BOT)),
        }
    )


def tickets(scene: Scene, people: Crew, ids: np.ndarray) -> pd.DataFrame:
    """Open tickets about a few of the orders, some days after them."""
    profile, rng = scene.profile, scene.random("tickets")
    orders = scene.sales.tables["orders"]
    about = np.flatnonzero(rng.random(len(orders)) < PER_ORDER)
    zero = START.tz_convert("UTC").tz_localize(None).to_datetime64()
    ordered = pd.DatetimeIndex(orders["ordered_at"].iloc[about]).tz_convert("UTC").tz_localize(None)
    placed = ((ordered.to_numpy() - zero) / np.timedelta64(1, "s")).astype("int64")
    opened = placed + (rng.gamma(1.6, 2.5, len(about)) * DAY).astype("int64") + 600
    known = np.flatnonzero(opened <= LAST_SECOND)
    about, opened = about[known], opened[known]
    order = np.argsort(opened, kind="stable")
    about, opened = about[order], opened[order]
    size = len(about)
    topic = by_weight(rng, TOPIC, size)
    urgent = by_weight(rng, (0.6, 0.3, 0.1), size)
    wait = HOURS_TO_CLOSE[topic] / (1 + 0.6 * urgent) * np.exp(0.8 * rng.normal(size=size))
    closed = opened + np.rint(wait * 3600).astype("int64")
    is_open = closed > LAST_SECOND
    happy = np.clip(np.rint(4.6 - 0.25 * np.log1p(wait) + 0.9 * rng.normal(size=size)), 1, 5)
    person, agent = agents(people, ids, opened // DAY, rng)
    frame = pd.DataFrame(
        {
            "ticket_id": identifiers(profile, size),
            "shop": repeat(profile.shop, size),
            "order_id": orders["order_id"].to_numpy()[about],
            "customer_id": orders["customer_id"].to_numpy()[about],
            "team": text(np.where(person >= 0, people.team[np.maximum(person, 0)], -1), people.teams),
            "staff_id": pd.array(agent, "Int64"),
            "topic": text(topic, TOPICS),
            "priority": text(urgent, ("normal", "high", "urgent")),
            "opened_at": stamp(opened),
            "closed_at": stamp(closed).where(~is_open),
            "reopened": (rng.random(size) < 0.07) & ~is_open,
            "satisfaction": pd.array(happy.astype("int64"), "Int64"),
        }
    )
    frame.loc[person < 0, "staff_id"] = pd.NA
    frame.loc[is_open | (rng.random(size) > 0.35), "satisfaction"] = pd.NA
    return frame
