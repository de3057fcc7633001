"""For each plot: a result on the course's data, and the numbers that its title has to state."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from plot_case import Case, table

from ecomtrain import datasets
from ecomtrain.analysis import (
    channels,
    customers,
    experiment,
    forecast,
    funnel,
    inventory,
    metrics,
    paths,
    privacy,
    sales,
    targeting,
)
from ecomtrain.analysis.intervals import wilson

JUNE, MAY = ("2026-06-01", "2026-07-01"), ("2026-05-02", "2026-06-01")
TABLES = ["sessions", "events", "orders", "order_lines", "returns", "products", "inventory_daily"]


def shop(name: str) -> dict[str, pd.DataFrame]:
    return {kind: table(kind, name) for kind in TABLES}


def curve(pages: list[str] | None = None) -> pd.DataFrame:
    views = paths.dwell(table("events", "home"))
    return paths.survival_curve(views[views["page"].isin(pages)] if pages else views)


def by_arm() -> pd.DataFrame:
    events = table("events", "cross_border")
    log = events.merge(table("experiments", "cross_border")[["visitor_id", "arm"]], on="visitor_id")
    return funnel.conversion(log, ["checkout", "order", "pay"], group="arm")


def checkout_loss() -> pd.DataFrame:
    events, arms = table("events", "cross_border"), table("experiments", "cross_border")
    began = arms[arms["visitor_id"].isin(events.loc[events["event"] == "checkout", "visitor_id"])]
    ordered = events.loc[events["event"] == "order", "visitor_id"]
    return experiment.compare_rates(began.assign(lost=~began["visitor_id"].isin(ordered)), success="lost")


def dwell_bands() -> pd.DataFrame:
    events = table("events", "home")
    return paths.dwell_conversion(paths.dwell(events), events.loc[events["event"] == "pay", "session_id"])


def stepped() -> Any:
    dates = {"W1": "2025-03-03", "W2": "2025-06-02", "W3": "2025-09-01", "W4": "2025-12-01"}
    return inventory.stepped_turnover(table("inventory_daily", "fmcg"), table("products", "fmcg"), dates)


def launches() -> Any:
    return forecast.early_hits(table("inventory_daily", "apparel"), table("products", "apparel"))


def intent() -> Any:
    features = targeting.intent_features(table("events", "mother_baby"))
    features = features[features["interactions"] > 0]
    return targeting.intent_model(features, time="started_at", rule="interactions >= 2")


def anonymity() -> Any:
    return privacy.k_anonymity(table("customers", "beauty"), ["gender", "birth_year", "city"])


def price_test() -> pd.DataFrame:
    lines = table("order_lines", "cross_border")
    first = lines.index[lines["price_rule"] == "dynamic"][0]
    test = lines.loc[first:]
    return sales.margin_bridge(test[test["price_rule"] == "list"], test[test["price_rule"] == "dynamic"])


def questions() -> pd.DataFrame:
    passed = np.array([11, 9, 5, 7, 10])
    low, high = wilson(passed, 12)
    names = [
        "1 Visitors of the last 30 days",
        "2 Dwell, with the last page censored",
        "3 Per buyer",
        "4 Funnel",
        "5 k",
    ]
    return pd.DataFrame({"question": names, "passed": passed, "graded": 12, "low": low, "high": high})


def audit(**changes: Any) -> SimpleNamespace:
    found = {
        "id": "C2.F1c",
        "statement": "More than four payment steps lose 32 % more buyers",
        "figure": 0.32,
        "unit": "relative",
        "naive": 0.39,
        "naive_low": 0.26,
        "naive_high": 0.53,
        "sound": 0.37,
        "low": 0.24,
        "high": 0.52,
        "truth": 0.32,
        "verdict": "holds",
    }
    return SimpleNamespace(**{**found, **changes})


def audits() -> pd.DataFrame:
    days = {"id": "C2.T3", "figure": 60, "unit": "days", "naive": 60, "naive_low": None, "naive_high": None}
    rest = {"sound": 47.5, "low": 35, "high": 58, "truth": None, "verdict": "depends on what is counted"}
    return pd.DataFrame([vars(audit()), vars(audit(**days, **rest))]).set_index("id")


def capability_scores() -> pd.Series:
    return pd.Series(
        {"Data analysis": 0.82, "Traffic acquisition": 0.64, "Customer management": 0.41, "Team": 0.9}
    )


def totals() -> pd.Series:
    return pd.Series([12, 12, 9, 10.5, 4, 6, 0, 11, 8, 7, None, 12])


def _weakest(result: pd.DataFrame) -> list[float]:
    row = result.loc[result["step_rate"].idxmin()]
    return [100 * row["step_rate"], 100 * row["low"], 100 * row["high"]]


def _apart(result: pd.DataFrame) -> list[float]:
    return (100 * result.loc[result["step"] == "order", "step_rate"]).tolist()


def _moved(result: pd.DataFrame) -> list[float]:
    sure = result[~result["previous"].between(result["low"], result["high"])]
    return [100 * sure.loc[sure["relative_change"].abs().idxmax(), "relative_change"], len(result)]


def _sources(result: pd.DataFrame) -> list[float]:
    some = result.drop(index="all")
    return [some["uv"].max(), result.loc["all", "uv"], 100 * some["conversion_rate"].max()]


def _search(result: pd.DataFrame) -> list[float]:
    row = result.loc["summer dress"]
    return [100 * row["month_on_month"], 100 * row["year_on_year"], 100 * row["year_on_year_high"]]


def _rows(result: pd.DataFrame, *columns: str) -> list[float]:
    return [100 * float(x) for x in result.iloc[-1][list(columns)]]


CASES = [
    Case(
        "kpi_board",
        lambda: metrics.kpi20(shop("beauty"), *JUNE, compare=MAY),
        _moved,
        "analysis.metrics.kpi20",
        number="value",
    ),
    Case(
        "kpi_board",
        lambda: metrics.kpi20(shop("fmcg"), *JUNE),
        lambda r: [100 * r.loc["T3", "value"], 100 * r.loc["T3", "low"]],
        "analysis.metrics.kpi20",
        number="value",
    ),
    Case(
        "sources",
        lambda: channels.visitor_sources(table("sessions", "beauty"), table("orders", "beauty"), end=JUNE[1]),
        _sources,
        "analysis.channels.visitor_sources",
        panels=2,
        number="uv",
    ),
    Case(
        "daily_sources",
        lambda: channels.daily_sources(table("sessions", "beauty"), end=JUNE[1]),
        lambda r: [r.drop(columns="all").mean().max(), r["all"].mean()],
        "analysis.channels.daily_sources",
    ),
    Case(
        "funnel",
        lambda: funnel.conversion(table("events", "beauty"), ["view", "cart", "checkout", "order", "pay"]),
        _weakest,
        "analysis.funnel.conversion",
        number="low",
    ),
    Case("funnel", by_arm, _apart, "analysis.funnel.conversion", number="low"),
    Case(
        "dwell",
        curve,
        lambda r: [100 * (1 - r[(r["page"] == "home") & (r["seconds"] <= 15)]["survival"].iloc[-1]), 15],
        "analysis.paths.survival_curve",
        {"mark": 15},
    ),
    Case(
        "dwell",
        lambda: curve(["home"]),
        lambda r: [r.loc[r["survival"] <= 0.5, "seconds"].min()],
        "analysis.paths.survival_curve",
    ),
    Case(
        "dwell_conversion",
        dwell_bands,
        lambda r: [100 * r["conversion_rate"].iloc[0], 100 * r["low"].iloc[0]],
        "analysis.paths.dwell_conversion",
    ),
    Case(
        "transitions",
        lambda: paths.transitions(table("events", "beauty")),
        lambda r: [100 * r.loc["home"].drop("(exit)").max(), 100 * r.loc["home", "(exit)"]],
        "analysis.paths.transitions",
        any_table=True,
    ),
    Case(
        "top_paths",
        lambda: paths.top_paths(table("events", "beauty")),
        lambda r: [100 * r["share"].iloc[0], 100 * r["share"].sum()],
        "analysis.paths.top_paths",
        number="share",
    ),
    Case(
        "reach",
        lambda: paths.reach(table("events", "beauty"), "home", "detail"),
        lambda r: (100 * r["rate"]).tolist(),
        "analysis.paths.reach",
    ),
    Case(
        "element_clicks",
        lambda: paths.element_clicks(table("events", "beauty"), "home"),
        lambda r: (100 * r[r["element"] == "dead_click"][["click_share", "click_rate"]].iloc[0]).tolist(),
        "analysis.paths.element_clicks",
    ),
    Case(
        "search_growth",
        lambda: sales.search_growth(table("searches", "apparel"), month="2026-06"),
        _search,
        "analysis.sales.search_growth",
        {"term": "summer dress"},
        number="searches",
    ),
    Case(
        "day_of_week",
        lambda: sales.day_of_week_index(table("orders", "fmcg"), leave_out=datasets.load("calendar")),
        lambda r: r.loc[["Sat", "Sun"], "index"].tolist(),
        "analysis.sales.day_of_week_index",
    ),
    Case(
        "day_of_week",
        lambda: sales.day_of_week_index(table("orders", "fmcg"), by="weekend"),
        lambda r: r.loc["weekend", ["index", "low", "high"]].tolist(),
        "analysis.sales.day_of_week_index",
    ),
    Case(
        "bridge",
        lambda: sales.gmv_tree(shop("beauty"), before=MAY, after=JUNE, detail=True),
        lambda r: [100 * r["effect"].iloc[-1] / r["before"].iloc[-1]],
        "analysis.sales.gmv_tree",
        number="before",
    ),
    Case(
        "bridge",
        price_test,
        lambda r: [100 * r["rate_effect"].iloc[-1], 100 * r.loc["price", "rate_effect"]],
        "analysis.sales.gmv_tree",
        {"value": "rate_effect"},
        number="before",
    ),
    Case(
        "turnover_steps",
        stepped,
        lambda r: [100 * r.effect, 100 * r.low, 100 * r.high],
        "analysis.inventory.stepped_turnover",
        whole=True,
    ),
    Case(
        "early_hits",
        launches,
        lambda r: [r.hits_found, r.k, 100 * r.precision_at_k, r.lift, r.median_lead_days],
        "analysis.forecast.early_hits",
        whole=True,
    ),
    Case(
        "experiment",
        checkout_loss,
        lambda r: _rows(r, "control", "treatment", "relative_change", "relative_low", "relative_high"),
        "analysis.experiment.compare_rates",
        {"what": "Loss after checkout has begun"},
        number="control",
    ),
    Case(
        "intent",
        intent,
        lambda r: [
            *(100 * r.table.set_index("metric").loc[["accuracy_rule", "accuracy_always_no"], "value"]),
            r.lift["lift"].iloc[0],
        ],
        "analysis.targeting.intent_model",
        whole=True,
        panels=2,
    ),
    Case(
        "k_anonymity",
        anonymity,
        lambda r: [100 * r.share_below, r.rows, r.k, r.threshold],
        "analysis.privacy.k_anonymity",
        whole=True,
    ),
    Case(
        "profile_precision",
        lambda: customers.profile_precision(datasets.load("identities"), table("customers", "beauty")),
        lambda r: [100 * r["precision"].iloc[0], *_rows(r, "precision", "relative_change", "relative_low")],
        "analysis.customers.profile_precision",
        number="n",
    ),
    Case(
        "claim",
        audit,
        lambda r: [100 * r.figure, 100 * r.sound, 100 * r.low, 100 * r.high],
        "course.claims.audit",
        whole=True,
    ),
    Case("claims", audits, lambda r: [len(r)], "course.claims.table", number="sound"),
    Case(
        "radar", capability_scores, lambda r: [100 * r.max(), 100 * r.min()], "Series", whole=True, polar=True
    ),
    Case(
        "scores",
        totals,
        lambda r: [7, 12, r.median()],
        "Series",
        {"max_points": 12, "pass_mark": 7.2},
        whole=True,
    ),
    Case("pass_rates", questions, lambda r: [5, 12, 100 * 5 / 12], "the class report's table of questions"),
]
for path in sorted(Path(__file__).parent.glob("plots_*.py")):
    CASES += import_module(path.stem).CASES
