"""The small tables: the shops themselves, what people search for, and how fast the office decides."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.shop.calendar import DAY, DAYS, LAST_SECOND, N_DAYS, day_number, promotion_gain, stamp, weekday
from ecomtrain.shop.draw import identifiers, repeat, text
from ecomtrain.shop.profiles import Profile
from ecomtrain.shop.truth import Truth

__all__ = ["decisions", "searches", "shop_row"]

TOPICS = ("price", "stock", "campaign", "assortment", "service")
DECISIONS = 110
LAST_RAISED = day_number(
    "2026-03-31"
)  # leaves three months, so that hardly a decision is still open at the end


def shop_row(profile: Profile) -> pd.DataFrame:
    """Describe the shop itself."""
    return pd.DataFrame(
        {
            "shop": [profile.shop],
            "title": [profile.title],
            "title_zh": [profile.title_zh],
            "vertical": [profile.vertical],
            "currency": ["CNY"],
            "opened_on": [pd.Timestamp(profile.opened_on).as_unit("us")],
        }
    )


def monthly(term: dict[str, Any], truth: Truth) -> np.ndarray:
    """Give a term's expected searches in each of the 24 months."""
    month = (np.arange(24) + 6) % 12
    if "months" in term:
        shape = np.array(term["months"])
        shape[4] = shape[5] / (1 + truth.dress_on_month)
        return 30 * term["daily"] * shape[month] * (1 + truth.dress_on_year) ** (np.arange(24) // 12)
    season = np.exp(term["season"] * np.cos(2 * np.pi * (month + 1 - term["peak"]) / 12))
    return 30 * term["daily"] * season / season.mean() * (1 + term["growth"]) ** (np.arange(24) / 12)


def searches(profile: Profile, truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    """Count each term's searches day by day, with more spread than pure chance, and the clicks on results."""
    month = np.asarray((DAYS.year - 2024) * 12 + DAYS.month - 7)
    middle = np.array([np.flatnonzero(month == m).mean() for m in range(24)])
    busy = np.array([0.98, 0.96, 0.97, 0.98, 1.0, 1.06, 1.05])[weekday()] * (1 + 0.3 * (promotion_gain() - 1))
    daily = []
    for term in profile.terms:
        total = monthly(term, truth)
        shape = busy * np.exp(np.interp(np.arange(N_DAYS), middle, np.log(total)))
        # Bend the smooth curve so that every month has exactly its expected total.
        daily.append(shape * (total / np.bincount(month, shape))[month])
    mean = np.array(daily).T
    count = rng.poisson(mean * rng.gamma(280, 1 / 280, mean.shape))
    clicks = rng.binomial(count, rng.uniform(0.35, 0.6, len(profile.terms))[None, :])
    day, which = (grid.ravel() for grid in np.indices(mean.shape))
    return pd.DataFrame(
        {
            "date": DAYS[day],
            "shop": repeat(profile.shop, len(day)),
            "term": text(which, [term["term"] for term in profile.terms]),
            "term_zh": text(which, [term["term_zh"] for term in profile.terms]),
            "searches": count.ravel(),
            "clicks": clicks.ravel(),
        }
    )


def decisions(profile: Profile, truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    """List questions that came up in the office, half of them, by lot, decided with the dashboard."""
    n = DECISIONS
    raised = np.sort(rng.integers(0, LAST_RAISED, n)) * DAY + rng.integers(9 * 3600, 18 * 3600, n)
    dashboard = rng.random(n) < 0.5
    median = truth.decision_median / np.where(dashboard, 1 + truth.decision_speed, 1)
    decided = raised + np.rint(median * np.exp(0.55 * rng.normal(size=n)) * DAY).astype("int64")
    return pd.DataFrame(
        {
            "decision_id": identifiers(profile, n),
            "shop": repeat(profile.shop, n),
            "topic": text(rng.integers(len(TOPICS), size=n), TOPICS),
            "raised_at": stamp(raised),
            "decided_at": stamp(decided).where(decided <= LAST_SECOND),
            "dashboard": dashboard,
        }
    )
