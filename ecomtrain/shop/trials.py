"""The randomised tests inside the shops: who gets what by lot, and since when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ecomtrain.shop.calendar import END, LOG_START, day_number, stamp
from ecomtrain.shop.draw import repeat, text

__all__ = ["TRIALS", "Trial", "assignments", "branch", "by_first_visit", "of_shop", "trial"]


@dataclass(frozen=True)
class Trial:
    """One test: half of the units, by a fair coin, get what it changes from the first day to the last."""

    name: str
    shop: str
    unit: str  # visitor (on the first visit) or customer (from the registration or the first day on)
    changes: str
    first: str = str(LOG_START.date())
    last: str = str((END - pd.Timedelta(days=1)).date())

    @property
    def days(self) -> tuple[int, int]:
        """Give the first day and the day after the last as numbers."""
        return day_number(self.first), day_number(self.last) + 1


TRIALS = (
    Trial("checkout_steps", "cross_border", "visitor", "five checkout steps in place of two"),
    Trial("recommendation", "home", "visitor", "related products add lines to an order"),
    Trial("collection", "beauty", "visitor", "collection pages raise the chance to pay"),
    Trial("detail_layout", "electronics", "visitor", "another layout draws more clicks on detail pages"),
    Trial("interaction_design", "social", "visitor", "more new visitors come back after a month"),
    Trial("personal_offer", "social", "visitor", "a personal offer raises the chance to pay"),
    Trial("ar_try_on", "shoes", "customer", "trying on by camera lowers returns", "2025-09-01", "2026-04-30"),
    Trial("cross_sell", "food", "customer", "cross-selling adds lines to an order", "2025-09-01"),
)  # fmt: skip
# Their lots are drawn among the visits' own numbers, as they were before there were other tests.
FROM_THE_VISITS = ("checkout_steps", "recommendation")


def trial(name: str) -> Trial:
    """Find a test by name."""
    return next(test for test in TRIALS if test.name == name)


def of_shop(shop: str, unit: str) -> list[Trial]:
    """List a shop's tests that randomise visitors, or customers."""
    return [test for test in TRIALS if (test.shop, test.unit) == (shop, unit)]


def branch(rng: np.random.Generator, name: str) -> np.random.Generator:
    """Open a named stream beside `rng`, which goes on as if it had not been asked."""
    seeds = rng.bit_generator.seed_seq
    assert isinstance(seeds, np.random.SeedSequence)
    key = (*seeds.spawn_key, *name.encode())
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seeds.entropy, spawn_key=key)))


def by_first_visit(values: np.ndarray, visitor: np.ndarray) -> np.ndarray:
    """Give every session the value of its visitor's first one."""
    _, first, which = np.unique(visitor, return_index=True, return_inverse=True)
    given: np.ndarray = values[first][which]
    return given


def assignments(test: Trial, ids: np.ndarray, arm: np.ndarray, since: np.ndarray) -> pd.DataFrame:
    """Write a test's rows of the table ``experiments``."""
    nobody = pd.array([pd.NA] * len(ids), "Int64")
    by = {"visitor": nobody, "customer": nobody, test.unit: pd.array(ids, "Int64")}
    return pd.DataFrame(
        {
            "experiment": repeat(test.name, len(ids)),
            "shop": repeat(test.shop, len(ids)),
            "visitor_id": by["visitor"],
            "customer_id": by["customer"],
            "arm": text(arm, ["control", "treatment"]),
            "assigned_at": stamp(since),
        }
    )
