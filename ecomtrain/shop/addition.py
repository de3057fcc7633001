"""What a programme's cohort adds to its shop: customers, orders, and units for the stock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ecomtrain.shop.calendar import DAY, N_DAYS
from ecomtrain.shop.catalogue import Catalogue
from ecomtrain.shop.cohorts import Cohort, cohorts
from ecomtrain.shop.draw import by_weight
from ecomtrain.shop.people import People, newcomers
from ecomtrain.shop.profiles import Profile
from ecomtrain.shop.records import NEVER, Placed, records
from ecomtrain.shop.trade import Trade, order_lines, units_of_an_order
from ecomtrain.shop.traffic import CONVERTS, PAID_SHARE, Visits
from ecomtrain.shop.truth import Truth

__all__ = ["Addition", "addition"]


@dataclass(frozen=True)
class Addition:
    """What the cohort adds to the shop: rows of its tables, and units for the stock."""

    cohort: Cohort | None
    customers: pd.DataFrame
    sold: np.ndarray
    expected: np.ndarray
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)


def addition(
    profile: Profile,
    truth: Truth,
    goods: Catalogue,
    people: People,
    demand: np.ndarray,
    seen: Visits,
    sales: Trade,
    scale: float,
    random: Callable[[str], np.random.Generator],
) -> Addition:
    """Make a shop's cohort and what it adds; always the same, as its streams are its own."""
    made = cohorts(profile, truth, scale, demand, random)
    nothing = np.zeros_like(sales.sold)
    if made is None:
        return Addition(None, people.frame.iloc[:0], nothing, np.zeros(nothing.shape))
    customers = newcomers(profile, people, made.registered, random("cohort customers"))
    tables, sold, expected = web_orders(
        profile, truth, goods, seen, sales, made, customers, random("cohort orders")
    )
    return Addition(made, customers, sold, expected, {"customers": customers} | tables)


def web_orders(
    profile: Profile,
    truth: Truth,
    goods: Catalogue,
    seen: Visits,
    sales: Trade,
    made: Cohort,
    customers: pd.DataFrame,
    rng: np.random.Generator,
) -> tuple[dict[str, pd.DataFrame], np.ndarray, np.ndarray]:
    """Write the cohort's orders as the shop's trade writes its own, with ids that follow.

    Every planted order is paid; the unpaid ones are first tries of some of them, minutes before.
    """
    web = ~made.in_store
    ordered, customer = made.ordered[web], made.customer[web]
    tried = rng.random(len(ordered)) < (1 - PAID_SHARE) / PAID_SHARE
    earlier = ordered[tried] - rng.integers(300, 3 * 3600, int(tried.sum()))
    earlier = np.maximum(earlier, made.registered[customer[tried]] + 60)
    paid = ordered + 8 + rng.geometric(1 / 40, len(ordered))
    ordered, paid = np.concatenate([ordered, earlier]), np.concatenate([paid, np.full(len(earlier), NEVER)])
    customer = np.concatenate([customer, customer[tried]])
    order = np.argsort(ordered, kind="stable")
    ordered, paid, customer = ordered[order], paid[order], customer[order]

    n = len(ordered)
    channel = by_weight(rng, np.array(profile.channels) * CONVERTS, n)
    lines = order_lines(profile, truth, goods, seen, ordered, channel, np.full(n, -1), {}, rng)
    placed = Placed(
        customers["customer_id"].to_numpy()[customer], pd.array([pd.NA] * n, "Int64"), channel, ordered, paid
    )
    m = len(lines.order)
    rate_of_return = np.full(m, profile.returned)
    tables, sold = records(
        profile, goods, placed, lines, np.zeros(m, bool), rate_of_return, rng, after=sales.tables
    )
    # Stock is planned on the level of the weeks around, not on each day's chance.
    daily = np.bincount(paid[paid != NEVER] // DAY, minlength=N_DAYS)[:N_DAYS].astype(float)
    level = pd.Series(daily).rolling(29, center=True, min_periods=1).mean().to_numpy()
    return tables, sold, level[:, None] * goods.share * units_of_an_order(profile)
