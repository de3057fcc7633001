"""The audits of launches, clearance and demand for products; each function is named after its claim."""

from __future__ import annotations

import pandas as pd

from ecomtrain.course.readings import Analysis, Reading, Tables, change, reading
from ecomtrain.shop.truth import Truth

QUARTER, CHANGING = pd.Timedelta(days=91), pd.Timedelta(days=28)
PEAK = "2025-11"  # the month in which most people look for a coffee machine


def c4_t1(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Turnover of the stores: the lines that moved after over before, or against those that did not."""
    weeks = t["clearance_weekly"]
    weeks = weeks.assign(
        line=weeks["product_line"] + ", " + weeks["region"],
        turnover=52 * weeks["cogs"] / weeks["average_stock"],
        moved=weeks["rhythm"] == "new",
    )
    changing = weeks[weeks["rhythm"] == "changing"]
    since = weeks["week"] - weeks["line"].map(changing.groupby("line")["week"].min())
    near = since.between(-QUARTER, QUARTER + CHANGING, inclusive="left")
    near &= weeks["rhythm"] != "changing"
    earlier = naive(
        weeks[near].assign(cost=52 * weeks["cogs"]),
        arm="rhythm",
        control="old",
        numerator="cost",
        denominator="average_stock",
        level=level,
    ).iloc[0]
    settled = weeks[~weeks["week"].isin(changing["week"])]
    effect = sound(
        settled, outcome="turnover", unit="line", time="week", treated="moved", relative=True, level=level
    ).iloc[0]
    gain = truth.clearance_gain
    return [
        change("the lines that moved, a quarter after over a quarter before", earlier, gain),
        reading("against the lines that did not move", effect[["effect", "low", "high"]], effect["n"], gain),
    ]


def c4_t4(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Time to launch: of the projects that are finished, or of all that were begun."""
    projects = t["launches"]
    end = projects["launched_on"].fillna(projects["cancelled_on"]).fillna(projects["known_until"])
    days = (end - projects["started_on"]).dt.days
    launched = projects["status"] == "launched"
    done = naive(days[launched], launched[launched], q=(0.5, 0.9), level=level).set_index("q")
    kept = sound(days, launched, q=(0.5, 0.9), level=level).set_index("q")
    estimate = ["value", "low", "high"]
    middle, slow = truth.launch_median, truth.launch_p90
    n = len(days)
    return [
        reading("median of the launched projects", done.loc[0.5, estimate], launched.sum(), middle),
        reading("median, cancelled and running projects kept", kept.loc[0.5, estimate], n, middle),
        reading("nine of ten are on sale by then, all kept", kept.loc[0.9, estimate], n, slow),
        reading(
            "nine of ten of the launched projects",
            done.loc[0.9, estimate],
            launched.sum(),
            unit="days",
            aside=True,
        ),
    ]


def c4_a2(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Blue-ocean rate: by buyers per listing, or by ranks of demand and supply."""
    months = t["keywords_monthly"]
    year = months["month"] > months["month"].max() - pd.DateOffset(months=12)
    niches = months[year & (months["niche"] == "baby-food maker")]
    ratio = naive(niches, ranks=[], ratios=[1], level=level).iloc[0]
    ranks = sound(niches, ranks=[(0.6, 0.4), (0.5, 0.5), (0.4, 0.6)], ratios=[], level=level)
    strict, middle, loose = (ranks.iloc[row] for row in range(3))
    rate = ["rate", "low", "high"]
    return [
        reading("a buyer a month or more per listing", ratio[rate], ratio["niches"], truth.blue_ocean_ratio),
        reading(
            "buyers from P60 on, listings up to P40", strict[rate], strict["niches"], truth.blue_ocean_ranks
        ),
        reading("buyers and listings on the right side of the median", middle[rate], middle["niches"]),
        reading("buyers from P40 on, listings up to P60", loose[rate], loose["niches"]),
    ]


def c4_a3(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Growth of a search: the last quarter over the one before, or the year over the year before."""
    months = t["keywords_monthly"]
    months = months[months["term"] == "portable coffee machine"]
    last = naive(months, months=3, lag=3, level=level).iloc[0]
    peak = naive(months, months=3, lag=3, end=PEAK, level=level).iloc[0]
    year = sound(months, months=12, lag=12, level=level).iloc[0]
    growth, planted = ["growth", "low", "high"], truth.coffee_growth
    return [
        reading("the last quarter over the quarter before", last[growth], last["recent"], planted),
        reading("each month over the same month of last year", year[growth], year["recent"], planted),
        reading(
            "the three months up to the peak over the three before",
            peak[growth],
            peak["recent"],
            unit="relative",
            aside=True,
        ),
    ]
