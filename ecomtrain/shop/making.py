"""How one shop comes about, whole or in shards."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.errors import CourseError
from ecomtrain.shop import (
    ads,
    calendar,
    clicklog,
    content,
    market,
    office,
    people,
    pricing,
    programmes,
    stock,
    team,
    trade,
    traffic,
)
from ecomtrain.shop.addition import addition
from ecomtrain.shop.catalogue import Catalogue, catalogue
from ecomtrain.shop.draw import ROOM, stream
from ecomtrain.shop.profiles import Profile, profiles
from ecomtrain.shop.scene import Scene
from ecomtrain.shop.schema import schema
from ecomtrain.shop.truth import Truth

__all__ = ["MOST", "SEED", "asked", "count_pieces", "make_shop", "pieces", "shards"]

SEED = 2026  # of what is published
TOPICS = (market, ads, content, pricing, programmes, team)
SHARD = 5  # a shop of up to this scale is made at once
STRIDE = 500_000  # ids between the first ones of two shards
MOST = SHARD * ROOM // STRIDE  # the biggest scale that the ids have room for


def asked(seed: Any, scale: Any, truth: Any) -> tuple[int, float, Truth]:
    """Check what a shop shall be made from."""
    if isinstance(seed, bool) or not isinstance(seed, Integral) or seed < 0:
        raise CourseError(f"make: seed is {seed!r}; give a whole number from 0 on, such as 2026.")
    if isinstance(scale, bool) or not isinstance(scale, Real) or not 0 < float(scale) < math.inf:
        raise CourseError(
            f"make: scale is {scale!r}; give a number above 0, such as 0.1 for a tenth of the trade."
        )
    if float(scale) > MOST:
        raise CourseError(f"make: scale is {scale:g}; a shop has room for the ids of scale {MOST} at most.")
    truth = Truth() if truth is None else truth
    if not isinstance(truth, Truth):
        raise CourseError(f"make: truth is a {type(truth).__name__}; give shop.Truth(...), or leave it out.")
    return int(seed), float(scale), truth


def pieces(
    seed: int = SEED, scale: float = 1.0, truth: Truth | None = None
) -> Iterator[dict[str, pd.DataFrame]]:
    """Make all shops piece by piece: each piece holds rows of some tables; arguments as for `make`."""
    seed, scale, truth = asked(seed, scale, truth)
    for profile in profiles().values():
        yield from shards(profile, seed, scale, truth)
    yield {"calendar": calendar.promotions()}


def count_pieces(scale: float) -> int:
    """Count the pieces that `pieces` makes."""
    return len(profiles()) * math.ceil(scale / SHARD) + 1


def make_shop(profile: Profile, seed: int, scale: float, truth: Truth) -> dict[str, pd.DataFrame]:
    """Make the tables of one shop; each draws from a stream of its own."""
    parts: dict[str, list[pd.DataFrame]] = {}
    for made in shards(profile, seed, scale, truth):
        for name, frame in made.items():
            parts.setdefault(name, []).append(frame)
    return {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}


def shards(profile: Profile, seed: int, scale: float, truth: Truth) -> Iterator[dict[str, pd.DataFrame]]:
    """Make one shop piece by piece, so that memory does not grow with its size.

    Each shard has customers, visits and orders of its own and the ids that follow those of the one before;
    products, demand and the office are those of the whole shop. Stock comes last, when all sales are known.
    """
    count = math.ceil(scale / SHARD)
    demand = calendar.demand(profile, truth)
    goods = catalogue(profile, truth, stream(seed, profile, "products"))
    sold, expected = 0, 0.0
    for place in range(count):
        part = replace(profile, first=place * STRIDE)
        scene, made = _trade(part, truth, seed, scale / count, demand, goods)
        sold = sold + scene.sales.sold + scene.more.sold
        expected = expected + scene.sales.expected + scene.more.expected
        if place:
            made = {name: frame for name, frame in made.items() if schema()[name].grows}
        if place == count - 1:
            sales = replace(scene.sales, sold=sold, expected=expected)
            random = stream(seed, profile, "inventory_daily")
            made["inventory_daily"] = stock.inventory(profile, truth, goods, sales, random)
        yield made


def _trade(
    profile: Profile, truth: Truth, seed: int, scale: float, demand: np.ndarray, goods: Catalogue
) -> tuple[Scene, dict[str, pd.DataFrame]]:
    random = partial(stream, seed, profile)
    members = people.customers(profile, scale, random("customers"))
    seen = traffic.visits(profile, truth, goods, members, demand, scale, random("sessions"))
    log = clicklog.clicks(profile, truth, goods, seen, random("events"))
    made, session_ids = clicklog.tables(profile, goods, seen, log, members.frame, random("logins"))
    sales = trade.trade(profile, truth, goods, members, demand, seen, log, session_ids, random("orders"))
    made |= {"shops": office.shop_row(profile), "products": goods.frame, "customers": members.frame}
    made |= sales.tables
    made["searches"] = office.searches(profile, truth, random("searches"))
    made["decisions"] = office.decisions(profile, truth, random("decisions"))
    if profile.shop == "beauty":
        made["identities"] = people.identities(profile, members, truth, random("identities"))
    more = addition(profile, truth, goods, members, demand, seen, sales, scale, random)
    scene = Scene(profile, truth, seed, scale, demand, goods, members, seen, log, sales, more)
    for topic in TOPICS:
        for name, frame in topic.tables(scene).items():
            made[name] = pd.concat([made[name], frame], ignore_index=True) if name in made else frame
    return scene, made
