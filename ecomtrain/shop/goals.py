"""Objectives and key results, a tree per shop and quarter."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.random import Generator

from ecomtrain.shop.calendar import DAYS
from ecomtrain.shop.crew import FUNCTIONS, MONTH_FIRST, MONTHS, Crew
from ecomtrain.shop.draw import identifiers, repeat, text
from ecomtrain.shop.profiles import Profile

__all__ = ["okrs"]

FIRST_QUARTER = MONTHS // 2
SHOP_GOALS = ("Grow profitable sales", "Serve customers faster", "Waste less stock")
TEAM_GOALS = {
    "service": "Answer at once and settle it", "live": "Sell more in every hour on air",
    "operations": "Run the shop by numbers", "warehouse": "Ship every parcel the same day",
    "design": "Pages that sell", "data": "Figures that people trust",
}  # fmt: skip
# Key results: what is measured, the usual start, and the target as a ratio to it (for 0, the target itself).
RESULTS = (
    ("conversion rate, %", 2.4, 1.15), ("repurchase rate, %", 18.0, 1.12),
    ("gross margin rate, %", 30.0, 1.08),
    ("return rate, %", 12.0, 0.85), ("first response, seconds", 95.0, 0.6), ("days of stock", 42.0, 0.85),
    ("orders shipped in 24 hours, %", 84.0, 1.1), ("customer satisfaction, 1 to 5", 4.1, 1.08),
    ("cost per order, yuan", 6.5, 0.9), ("complaints open", 40.0, 0.5), ("launches", 0.0, 6.0),
    ("process written down, yes or no", 0.0, 1.0),
)  # fmt: skip
COUNTED = 10  # from this one on, results are whole numbers from 0
WEIGHTS = np.array([0.5, 0.3, 0.2])


def okrs(profile: Profile, people: Crew, since: np.ndarray, rng: Generator) -> pd.DataFrame:
    """Give each quarter objectives of the shop and of each team that has any, with three key results each."""
    quarter, team = [], []
    for first_month in range(FIRST_QUARTER, MONTHS, 3):
        who = np.flatnonzero(since <= first_month)
        team.append(np.concatenate([np.full(len(SHOP_GOALS), -1), who]))
        quarter.append(np.full(len(team[-1]), first_month))
    of, when = np.concatenate(team), np.concatenate(quarter)
    objectives = len(of)
    first = np.searchsorted(when, when)  # the shop's first objective of the quarter
    goal = np.where(of < 0, np.arange(objectives) - first, -1)
    serves = rng.integers(0, len(SHOP_GOALS), objectives)
    parent = np.where(of < 0, -1, 4 * (first + serves))
    last = np.flatnonzero((of >= 0) & (when == MONTHS - 3))
    if profile.shop == "home":
        parent[last[[2, 5]]] = 4 * last[[5, 2]]
    if profile.shop == "food":
        parent[last[1]] = -1

    # Rows: an objective, then its three results.
    rows = np.repeat(np.arange(objectives), 4)
    place = np.tile(np.arange(4), objectives)
    is_result = place > 0
    measure = (rng.integers(0, len(RESULTS), objectives)[rows] + 5 * place) % len(RESULTS)
    usual, aim = (
        np.array([row[1] for row in RESULTS])[measure],
        np.array([row[2] for row in RESULTS])[measure],
    )
    counted = measure >= COUNTED
    start = np.where(counted, 0.0, np.round(usual * np.exp(0.15 * rng.normal(size=len(rows))), 1))
    target = np.where(counted, aim, np.round(start * aim, 1))
    if profile.shop == "food":
        kept = np.flatnonzero(is_result & ~counted)[-1]
        target[kept] = start[kept]
    progress = np.clip(rng.normal(0.62, 0.28, len(rows)), -0.2, 1.25)
    current = start + (target - start) * progress
    current = np.where(counted, np.minimum(np.rint(np.maximum(current, 0)), aim), np.round(current, 1))

    ids = identifiers(profile, len(rows))
    above = np.where(is_result, 4 * rows, parent[rows])
    above_id = ids[np.maximum(above, 0)]
    if profile.shop == "shoes":
        above_id[4 * last[3]] = ids[-1] + 1
    goals = [*SHOP_GOALS, *(TEAM_GOALS[name] for name in FUNCTIONS)]
    function = people.function[np.maximum(of, 0)]
    named = np.where(of < 0, goal, len(SHOP_GOALS) + function)[rows]
    frame = pd.DataFrame(
        {
            "okr_id": ids,
            "shop": repeat(profile.shop, len(rows)),
            "team": text(of[rows], people.teams),
            "kind": text(is_result.astype(int), ("objective", "key_result")),
            "parent_id": pd.array(above_id, "Int64"),
            "quarter": DAYS[MONTH_FIRST[when[rows]]],
            "title": text(
                np.where(is_result, len(goals) + measure, named), [*goals, *(row[0] for row in RESULTS)]
            ),
            "start": np.where(is_result, start, np.nan),
            "target": np.where(is_result, target, np.nan),
            "current": np.where(is_result, current, np.nan),
            "weight": np.where(is_result, WEIGHTS[place - 1], 1.0),
            "direction": text(np.where(is_result, (aim < 1).astype(int), -1), ("up", "down")),
        }
    )
    frame.loc[above < 0, "parent_id"] = pd.NA
    return frame
