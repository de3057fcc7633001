"""A simulated shop group with a planted truth: ten shops, two years, and tables that agree to the cent."""

from __future__ import annotations

from numbers import Integral, Real

import pandas as pd
from numpy.random import Generator

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
from ecomtrain.shop.catalogue import catalogue
from ecomtrain.shop.draw import stream
from ecomtrain.shop.profiles import Profile, profiles
from ecomtrain.shop.scene import Scene
from ecomtrain.shop.schema import conform, schema
from ecomtrain.shop.truth import Truth

__all__ = ["PRICE_TEST", "SEED", "SWITCHED", "Truth", "make", "make_shop"]

SEED = 2026
SWITCHED = stock.SWITCHED  # fmcg: the day each warehouse switched to live sales
PRICE_TEST = str(calendar.DAYS[trade.PRICE_TEST].date())  # cross_border: first day of the price test

TOPICS = (market, ads, content, pricing, programmes, team)


def make_shop(profile: Profile, seed: int, scale: float, truth: Truth) -> dict[str, pd.DataFrame]:
    """Make the tables of one shop; each draws from a stream of its own."""

    def random(table: str) -> Generator:
        return stream(seed, profile.shop, table)

    demand = calendar.demand(profile, truth)
    goods = catalogue(profile, truth, random("products"))
    members = people.customers(profile, scale, random("customers"))
    seen = traffic.visits(profile, truth, goods, members, demand, scale, random("sessions"))
    log = clicklog.clicks(profile, truth, goods, seen, random("events"))
    made, session_ids = clicklog.tables(profile, goods, seen, log, members.frame, random("logins"))
    sales = trade.trade(profile, truth, goods, members, demand, seen, log, session_ids, random("orders"))
    made |= {"shops": office.shop_row(profile), "products": goods.frame, "customers": members.frame}
    made |= sales.tables
    made["inventory_daily"] = stock.inventory(profile, truth, goods, sales, random("inventory_daily"))
    made["searches"] = office.searches(profile, truth, random("searches"))
    made["decisions"] = office.decisions(profile, truth, random("decisions"))
    if profile.shop == "beauty":
        made["identities"] = people.identities(profile, members, truth, random("identities"))
    scene = Scene(profile, truth, seed, scale, demand, goods, members, seen, log, sales)
    for topic in TOPICS:
        for name, frame in topic.tables(scene).items():
            made[name] = pd.concat([made[name], frame], ignore_index=True) if name in made else frame
    return made


def make(seed: int = SEED, scale: float = 1.0, truth: Truth | None = None) -> dict[str, pd.DataFrame]:
    """Make the tables of all shops.

    Parameters
    ----------
    seed : int, default 2026
        The same seed gives the same tables; each shop and table draws from a stream of its own.
    scale : float, default 1
        Multiplies customers, sessions and orders; 1 is what ``data/`` holds.
    truth : Truth, optional
        What is planted; by default the figures of the claims ledger.

    Returns
    -------
    dict of str to DataFrame
        The tables of ``tables/`` by name, with the columns and dtypes given there. Times are of the zone
        Asia/Shanghai, money in yuan to the cent.

    Raises
    ------
    CourseError
        If `seed` is not a whole number from 0 on, `scale` not a number above 0, or `truth` not a `Truth`.

    Notes
    -----
    An order's lines and postage add up to its amount; every order of the last sixty days belongs to a session
    of the click log; stock closes at opening + received - sold and never below zero; a return follows a paid
    line and never exceeds it.

    Examples
    --------
    >>> tables = make(seed=1, scale=0.01)
    >>> len(tables["shops"]), list(tables)[:3]
    (10, ['shops', 'products', 'customers'])
    >>> make(scale=0)
    Traceback (most recent call last):
        ...
    ecomtrain.errors.CourseError: make: scale is 0; give a number above 0, such as 0.1 for a tenth ...
    """
    if isinstance(seed, bool) or not isinstance(seed, Integral) or seed < 0:
        raise CourseError(f"make: seed is {seed!r}; give a whole number from 0 on, such as 2026.")
    if isinstance(scale, bool) or not isinstance(scale, Real) or not 0 < scale < float("inf"):
        raise CourseError(
            f"make: scale is {scale!r}; give a number above 0, such as 0.1 for a tenth of the trade."
        )
    truth = Truth() if truth is None else truth
    if not isinstance(truth, Truth):
        raise CourseError(f"make: truth is a {type(truth).__name__}; give shop.Truth(...), or leave it out.")
    parts: dict[str, list[pd.DataFrame]] = {}
    for profile in profiles().values():
        for name, table in make_shop(profile, int(seed), float(scale), truth).items():
            parts.setdefault(name, []).append(table)
    parts["calendar"] = [calendar.promotions()]
    return {name: conform(name, pd.concat(parts[name], ignore_index=True)) for name in schema()}
