"""Products: what a shop sells, at what price, and how sales spread over them day by day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ecomtrain.shop.calendar import DAYS, N_DAYS, day_number, promotion_gain
from ecomtrain.shop.draw import repeat, text
from ecomtrain.shop.profiles import Profile
from ecomtrain.shop.truth import Truth

__all__ = ["Catalogue", "catalogue", "tested_margins"]

STYLES = (
    "Classic",
    "Light",
    "Everyday",
    "Fresh",
    "Soft",
    "Pure",
    "Little",
    "Morning",
    "Garden",
    "City",
    "Travel",
    "Premium",
)
EARLY = 14  # days in which a launch shows its first signal
MATURE = day_number(
    "2026-03-31"
)  # the last launch of shops other than apparel, so that the tests see a fixed range


@dataclass(frozen=True)
class Catalogue:
    """A shop's products as arrays; money in fen."""

    frame: pd.DataFrame
    names: tuple[str, ...]
    price: np.ndarray
    cost: np.ndarray
    launch: np.ndarray
    warehouse: np.ndarray
    share: np.ndarray  # days by products: expected share of lines
    running: np.ndarray  # the same, added up along each day
    paid: np.ndarray  # by day: share of the list price that is paid
    cost_level: np.ndarray  # by day: purchase cost relative to the last quarter


def shelf_price(amount: np.ndarray) -> np.ndarray:
    """Move prices to what a shelf would show: 9.9, 29.9, 99, 139, 1,299."""
    tens = np.select(
        [amount < 100, amount < 1000],
        [np.rint(amount / 10) * 10 - 0.1, np.rint(amount / 10) * 10 - 1],
        np.rint(amount / 100) * 100 - 1,
    )
    tens = np.where(np.abs(tens - 99.9) < 0.5, 99.0, tens)
    return np.maximum(tens, 9.9)


def appeal(profile: Profile, truth: Truth, launch: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Give each product's pull on each day; 0 before its launch."""
    late, other = rng.normal(size=(2, len(launch)))
    age = np.arange(N_DAYS)[:, None] - launch[None, :]
    if profile.shop != "apparel":
        return np.where(age >= 0, np.exp(0.8 * late), 0.0)
    # A fashion item's first fortnight shares only part of what makes its later sales; then it fades.
    early = truth.early_signal * late + np.sqrt(1 - truth.early_signal**2) * other
    life = np.where(launch[None, :] < 0, 0.35, np.exp(-np.maximum(age - 60, 0) / 60) + 0.02)
    pull = np.where(age < EARLY, np.exp(0.9 * early), np.exp(0.9 * late))
    return np.where(age >= 0, pull * life, 0.0)


def catalogue(profile: Profile, truth: Truth, rng: np.random.Generator) -> Catalogue:
    """Make a shop's products."""
    n, old = profile.products, profile.products - profile.launches
    last = N_DAYS - 8 if profile.shop == "apparel" else MATURE
    launch = np.concatenate([-rng.integers(30, 500, old), np.sort(rng.integers(3, last, profile.launches))])
    launch = np.sort(launch)
    kinds = [(kind, item) for kind, items in profile.categories.items() for item in items]
    which = np.resize(rng.permutation(len(kinds)), n)
    style = np.arange(n) // len(kinds)
    price = cents_of_shelf(profile.price * np.exp(profile.price_spread * rng.normal(size=n)))
    pull = appeal(profile, truth, launch, rng)
    share = pull / pull.sum(axis=1, keepdims=True)
    running = np.cumsum(share, axis=1)
    running[:, -1] = 1.0

    # Costs are scaled so that the margin rate of the last day's range is the shop's own, whatever sells most.
    aim, _ = tested_margins(profile, truth) or (profile.margin, None)
    raw = price * np.clip(1 - aim + 0.05 * rng.normal(size=n), 0.05, 0.97)
    cost = np.rint(raw * (1 - aim) * (share[-1] @ price) / (share[-1] @ raw)).astype("int64")
    promoted = promotion_gain() > 1
    quarter = (DAYS.year - 2024) * 4 + DAYS.quarter - 3
    warehouse = np.arange(n) % 4 if profile.shop == "fmcg" else np.zeros(n, "int64")
    names = tuple(f"{profile.shop}-{k + 1:03d}" for k in range(n))
    frame = pd.DataFrame(
        {
            "product_id": text(np.arange(n), names),
            "shop": repeat(profile.shop, n),
            "title": text(
                np.arange(n),
                [f"{STYLES[s % len(STYLES)]} {kinds[k][1]}" for s, k in zip(style, which, strict=True)],
            ),
            "category": text(which, [kind for kind, _ in kinds]),
            "list_price": price / 100,
            "unit_cost": cost / 100,
            "launched_on": DAYS[0] + pd.to_timedelta(launch, unit="D").as_unit("us"),
            "warehouse": text(warehouse, ["W1", "W2", "W3", "W4"]),
        }
    )
    return Catalogue(
        frame,
        names,
        price,
        cost,
        launch,
        warehouse,
        share,
        running,
        np.where(promoted, profile.discount, 1.0),
        1 - 0.006 * (7 - np.asarray(quarter)),
    )


def tested_margins(profile: Profile, truth: Truth) -> tuple[float, float] | None:
    """Give the margin rates at the list and the dynamic price, where a shop tests them."""
    return {
        "cross_border": (truth.margin_list, truth.margin_dynamic),
        "electronics": (truth.electronics_margin_list, truth.electronics_margin_dynamic),
    }.get(profile.shop)


def cents_of_shelf(amount: np.ndarray) -> np.ndarray:
    """Give shelf prices in fen."""
    return np.rint(shelf_price(amount) * 100).astype("int64")
