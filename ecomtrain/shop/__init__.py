"""A simulated shop group with a planted truth: ten shops, two years, and tables that agree to the cent."""

from __future__ import annotations

import pandas as pd

from ecomtrain.shop import calendar, stock, trade
from ecomtrain.shop.dirt import soil
from ecomtrain.shop.making import MOST, SEED, asked, count_pieces, make_shop, pieces
from ecomtrain.shop.profiles import profiles
from ecomtrain.shop.schema import conform, schema
from ecomtrain.shop.truth import Truth

__all__ = [
    "MOST",
    "PRICE_TEST",
    "SEED",
    "SWITCHED",
    "Truth",
    "asked",
    "count_pieces",
    "make",
    "make_shop",
    "pieces",
]

SWITCHED = stock.SWITCHED  # fmcg: the day each warehouse switched to live sales
PRICE_TEST = str(
    calendar.DAYS[trade.PRICE_TEST].date()
)  # cross_border and electronics: first day of the test


def make(
    seed: int = SEED, scale: float = 1.0, truth: Truth | None = None, *, clean: bool = True
) -> dict[str, pd.DataFrame]:
    """Make the tables of all shops.

    Parameters
    ----------
    seed : int, default 2026
        The same seed gives the same tables; each shop and table draws from a stream of its own.
    scale : float, default 1
        Multiplies customers, sessions and orders; 1 is what ``data/`` holds.
    truth : Truth, optional
        What is planted; by default the figures of the claims ledger.
    clean : bool, default True
        False plants the dirt of a real shop's export (duplicate and test orders, bots, missing ids, a clock
        that runs behind, refunds booked in a later month, price typos, merged cells) and adds a table
        ``dirt`` that lists every flaw, so that cleaning can be checked.

    Returns
    -------
    dict of str to DataFrame
        The tables of ``tables/`` by name, with the columns and dtypes given there. Times are of the zone
        Asia/Shanghai, money in yuan to the cent.

    Raises
    ------
    CourseError
        If `seed` is not a whole number from 0 on, `scale` not a number above 0 and up to `MOST`,
        or `truth` not a `Truth`.

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
    seed, scale, truth = asked(seed, scale, truth)
    parts: dict[str, list[pd.DataFrame]] = {}
    for profile in profiles().values():
        tables = make_shop(profile, seed, scale, truth)
        if not clean:
            tables = soil(profile, seed, tables)
        for name, table in tables.items():
            parts.setdefault(name, []).append(table)
    parts["calendar"] = [calendar.promotions()]
    made = {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}
    if not clean:
        return {name: made[name] for name in (*schema(), "dirt")}
    return {name: conform(name, made[name]) for name in schema()}
