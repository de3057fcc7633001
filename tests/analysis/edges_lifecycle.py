"""The edge-case table's rows for the life of products and their prices."""

import numpy as np
import pandas as pd
from edges import Case

from ecomtrain.analysis import lifecycle, pricing


def season_of(frame: pd.DataFrame) -> pd.Series:
    return frame.groupby("date")["sold"].sum() + 10.0 if len(frame) else pd.Series(dtype=float)


CASES: dict[str, Case] = {
    "lifecycle.abc_xyz": Case(
        ("lifecycle_days",),
        lambda days: lifecycle.abc_xyz(days, quantity="sold"),
        times=("lifecycle_days.date",),
        refuses_negative=("lifecycle_days.amount", "lifecycle_days.sold"),
        refuses_shops=("lifecycle_days",), refuses_currencies=("lifecycle_days",),
    ),
    "lifecycle.stage": Case(
        ("lifecycle_days",),
        lambda days: lifecycle.stage(days, window=2, launch=2),
        times=("lifecycle_days.date",),
        refuses_negative=("lifecycle_days.sold", "lifecycle_days.closing"),
        refuses_shops=("lifecycle_days",),
    ),
    "lifecycle.bass": Case(
        ("lifecycle_years",),
        lambda years: lifecycle.bass(pd.Series(years["bought"].array, index=pd.Index(years["period"]))),
        times=("lifecycle_years.period",),
        refuses_negative=("lifecycle_years.bought",),
    ),
    "lifecycle.test_launch": Case(
        ("lifecycle_trials",),
        lambda trials: lifecycle.test_launch(trials, 0.03),
        refuses_negative=("lifecycle_trials.visitors", "lifecycle_trials.buyers"),
    ),
    "lifecycle.launch_monitor": Case(
        ("lifecycle_plan",),
        lambda plan: lifecycle.launch_monitor(plan, dispersion=0.1, false_alarm=20),
        times=("lifecycle_plan.date",),
        refuses_negative=("lifecycle_plan.sold",), refuses_shops=("lifecycle_plan",),
    ),
    "pricing.elasticity": Case(
        ("pricing_weeks",),
        lambda weeks: pricing.elasticity(weeks, controls=["promotion", "warmth"], by="category"),
        refuses_negative=("pricing_weeks.quantity",),
        refuses_shops=("pricing_weeks",), refuses_currencies=("pricing_weeks",),
    ),
    "pricing.optimal_price": Case(
        (),
        lambda: pricing.optimal_price(
            6, -2.5, price=9, quantity=200, interval=(-3.5, -1.8), stock=300, step=0.1
        ),
    ),
    "pricing.explore": Case(
        ("pricing_market",),
        lambda market: pricing.explore(market, seed=3, cost=1.0, rounds=12, runs=5),
        refuses_currencies=("pricing_market",),
    ),
    "pricing.markdown_plan": Case(
        ("pricing_ladder",),
        lambda ladder: pricing.markdown_plan(9, ladder, salvage=1.0),
        refuses_negative=("pricing_ladder.price", "pricing_ladder.demand"),
        refuses_currencies=("pricing_ladder",),
    ),
}  # fmt: skip


def frames() -> dict[str, pd.DataFrame]:
    """Three products over fifteen weeks, a new kind of product over ten months, and some prices."""
    day = pd.date_range("2026-01-05", periods=105)
    n = np.arange(105)
    lives = {"bowl": 6 + n % 3, "lamp": 2 + np.minimum(n // 3, 20), "vase": np.maximum(30 - n // 3, 2)}
    days = [
        pd.DataFrame({"date": day, "product_id": name, "sold": sold, "amount": sold * 10.0, "shop": "home"})
        for name, sold in lives.items()
    ]
    days[1] = days[1].iloc[14:]
    i = np.arange(72)
    banner = i % 4 == 0
    price = np.where(banner, 8.0, 10.0) * (1 + i // 6 % 5 / 20)
    return {
        "lifecycle_days": pd.concat(days, ignore_index=True).assign(
            closing=lambda frame: np.where(np.arange(len(frame)) % 17 == 3, 0, 5)
        ),
        "lifecycle_years": pd.DataFrame(
            {
                "period": pd.date_range("2025-01-01", periods=10, freq="MS"),
                "bought": [20, 34, 58, 86, 120, 130, 118, 92, 60, 41],
            }
        ),
        "lifecycle_trials": pd.DataFrame(
            {"product_id": [7, 8, 9, 7], "visitors": [400, 500, 600, 100], "buyers": [30, 14, 9, 4]}
        ),
        "lifecycle_plan": pd.DataFrame(
            {
                "date": [*pd.date_range("2026-06-01", periods=5)] * 2,
                "product_id": [7] * 5 + [8] * 5,
                "sold": [9, 20, 24, 30, 28, 8, 1, 2, 0, 1],
                "expected": [10.0, 11, 12, 12, 11] * 2,
            }
        ),
        "pricing_weeks": pd.DataFrame(
            {
                "product_id": i % 6,
                "category": np.where(i % 6 < 3, "cups", "pots"),
                "promotion": np.where(banner, "banner", "none"),
                "warmth": 10.0 + i % 7,
                "unit_price": price,
                "quantity": np.rint(2000 * price**-1.5 * np.where(banner, 1.5, 1) + i % 5),
            }
        ),
        "pricing_market": pd.DataFrame({"price": [3.0, 4.0, 5.0], "rate": [0.2, 0.15, 0.07]}),
        "pricing_ladder": pd.DataFrame(
            {
                "period": [1, 1, 2, 2, 3, 3],
                "price": [10.0, 7.0] * 3,
                "demand": [2.0, 3.5, 1.5, 3.0, 1.0, 4.0],
            }
        ),
    }
