"""For each plot of lifetime value: a result on the course's data, and the numbers of its title."""

from __future__ import annotations

from functools import cache
from typing import Any

import pandas as pd
from plot_case import Case, table

from ecomtrain.analysis import clv

SPLIT, END = "2026-01-01", "2026-07-01"


@cache
def held() -> pd.DataFrame:
    return clv.calibration_holdout(table("orders", "beauty"), split=SPLIT, end=END)


@cache
def model() -> Any:
    return clv.mbg_nbd(held())


@cache
def spend() -> Any:
    return clv.gamma_gamma(held())


def years() -> Any:
    counts = [1000, 869, 743, 653, 593, 551, 517, 491]
    return clv.sbg(pd.DataFrame({"period": range(8), "survivors": counts}))


def _tracked(result: pd.DataFrame) -> list[float]:
    late = result[result["holdout"]]
    expected, actual = late["expected"].sum(), late["actual"].sum()
    return [round(expected), actual, 100 * (expected / actual - 1)]


def _first_below(result: pd.DataFrame, frequency: int) -> float:
    rows = result[(result["frequency"] == frequency) & (result["p_alive"] < 0.5)]
    return float(rows["silence"].min())


CASES: list[Case] = [
    Case(
        "alive_map",
        lambda: clv.alive_grid(model(), T=52, steps=52),
        lambda r: [12, round(_first_below(r, 12)), 1],
        "analysis.clv.alive_grid",
    ),
    Case(
        "tracking",
        lambda: clv.tracking(model(), table("orders", "beauty"), split=SPLIT, end=END),
        _tracked,
        "analysis.clv.tracking",
        panels=2,
        number="expected",
    ),
    Case(
        "holdout",
        lambda: clv.holdout_score(model(), held()),
        lambda r: [round(r.expected), r.actual, 100 * r.relative_error],
        "analysis.clv.holdout_score",
        whole=True,
    ),
    Case(
        "lifetime_value",
        lambda: clv.lifetime_value(held(), model(), spend(), margin=0.4, horizon=52),
        lambda r: (100 * r.groups[["share", "share_low", "share_high"]].iloc[0]).tolist(),
        "analysis.clv.lifetime_value",
        whole=True,
    ),
    Case(
        "contract_survival",
        years,
        lambda r: [100 * r.table["expected_retention"].iloc[1], 100 * r.survival(12), 12],
        "analysis.clv.sbg",
        whole=True,
    ),
    Case(
        "spend_check",
        spend,
        lambda r: [r.correlation, r.correlation_low, r.correlation_high],
        "analysis.clv.gamma_gamma",
        whole=True,
        panels=2,
    ),
    Case(
        "alive_by_frequency",
        lambda: clv.alive_by_frequency(held(), clv.bg_nbd(held()), model()),
        lambda r: [r["customers"].iloc[0], 100, 100 * r.loc[r["model"] == "MBG/NBD", "p_alive"].iloc[0]],
        "analysis.clv.alive_by_frequency",
        number="p_alive",
    ),
]
