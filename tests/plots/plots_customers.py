"""Results of the customers' analyses on the course's own data, for the tests of their plots."""

from __future__ import annotations

import pandas as pd
from plot_case import Case, table

from ecomtrain.analysis import customers, privacy, survival

JULY, YEAR = "2026-07-01", "2025-07-01"
ORDER = ["basic", "silver", "gold"]


def scored() -> pd.DataFrame:
    return customers.rfm(table("orders", "beauty"), asof=JULY, bins=5)


def best_cell(scores: pd.DataFrame) -> list[float]:
    best = scores[(scores["r"] == 5) & (scores["f"] == 5)]
    return [100 * len(best) / len(scores), 100 * best["monetary"].sum() / scores["monetary"].sum()]


def champions(scores: pd.DataFrame) -> list[float]:
    best = scores[scores["segment"] == "important value"]
    return [100 * len(best) / len(scores), 100 * best["monetary"].sum() / scores["monetary"].sum()]


def moved() -> customers.Migration:
    people = table("customers", "cross_border")[["customer_id"]]
    orders = table("orders", "cross_border").dropna(subset=["paid_at"])
    rules = {"basic": {"orders": 1}, "silver": {"orders": 3}, "gold": {"amount": 3000, "orders": 6}}
    before, after = (
        customers.tiers(customers.activity(people, orders, start=start, end=end), rules)
        for start, end in (("2024-07-01", YEAR), (YEAR, JULY))
    )
    return customers.migration(before, after, order=ORDER)


def transitions() -> customers.Transitions:
    return customers.state_transitions(table("orders", "beauty"), start=YEAR, end=JULY)


def active(result: customers.Transitions) -> list[float]:
    shares = result.months[result.months["state"] == "active"]["share"]
    return [100 * shares.iloc[0], 100 * shares.iloc[-1]]


def months_to_lost(result: customers.Transitions) -> list[float]:
    back = result.table.set_index(["before", "after"]).loc[("lost", "active"), "share"]
    return [*result.to_lost.loc["active"], 100 * back]


def triangle(metric: str) -> pd.DataFrame:
    return customers.cohorts(table("orders", "home"), metric=metric, end=JULY)


def at_age_one(cohorts: pd.DataFrame) -> list[float]:
    shown = sorted(cohorts["cohort"].unique())[-13:]
    known = cohorts[(cohorts["age"] == 1) & cohorts["complete"] & cohorts["cohort"].isin(shown)]
    total = next(name for name in ("buyers", "orders", "amount") if name in cohorts)
    value = known[total].sum() / known["customers"].sum()
    return [100 * value if total == "buyers" else value]


def high_value() -> pd.DataFrame:
    members = table("memberships", "cross_border")
    tried = members[members["programme"] == "tiers"]
    orders = table("orders", "cross_border").dropna(subset=["paid_at"])
    return customers.retention(tried, orders, start="2025-10-01", end="2026-04-01", by="arm")


def by_channel() -> pd.DataFrame:
    return customers.repurchase_rate(table("orders", "home").dropna(subset=["paid_at"]), by="channel")


def ends(rates: pd.DataFrame) -> list[float]:
    rate = "retention" if "retention" in rates else "repurchase_rate"
    return [100 * rates[rate].max(), 100 * rates[rate].min()]


def gifts() -> pd.DataFrame:
    members = table("memberships", "social")
    waits = survival.time_to_repurchase(table("orders", "social"), start="2025-04-01", end=JULY)
    return waits.merge(members.loc[members["programme"] == "first_order_gift", ["customer_id", "arm"]])


def second_orders() -> pd.DataFrame:
    waits = gifts()
    return survival.kaplan_meier(waits["days"], waits["observed"], group=waits["arm"])


def all_second_orders() -> pd.DataFrame:
    waits = survival.time_to_repurchase(table("orders", "home"), start="2024-10-01", end=JULY)
    return survival.kaplan_meier(waits["days"], waits["observed"])


def by_day(curve: pd.DataFrame, mark: float) -> list[float]:
    parts = [part for _, part in curve.groupby("group")] if "group" in curve else [curve]
    return [100 * (1 - part.loc[part["time"] <= mark, "survival"].iloc[-1]) for part in parts]


def visits() -> pd.DataFrame:
    return customers.stickiness(table("sessions", "beauty"), time="started_at")


def linked() -> pd.DataFrame:
    """Count the store's receipts and the web shop's orders of half a year apart, then by person."""
    start, end = "2025-10-01", "2026-04-01"
    orders = table("orders", "electronics")
    orders = orders[orders["paid_at"].between(start, end, inclusive="left")]
    receipts = table("store_receipts", "electronics")
    receipts = receipts[receipts["ts"].between(start, end, inclusive="left") & receipts["card_id"].notna()]
    bought = pd.concat(
        [
            orders[["order_id", "customer_id"]].astype({"customer_id": "Int64"}),
            receipts[["receipt_id", "card_id"]].rename(columns={"receipt_id": "order_id"}),
        ],
        ignore_index=True,
    )
    bought["order_id"] = range(len(bought))
    cards = table("store_cards", "electronics")[["card_id", "customer_id"]]
    merged = customers.merge_identities(bought, cards)
    rates = [
        customers.repurchase_rate(
            frame.assign(person=frame["customer_id"].fillna(-frame["card_id"])), customer="person"
        )
        for frame in (bought, merged)
    ]
    return pd.concat(rates).set_axis(["apart", "linked"])


def told_by_traits() -> privacy.LDiversity:
    answered = table("customers", "beauty").dropna(subset=["survey_category"])
    return privacy.l_diversity(answered, ["gender", "birth_year", "province"], "survey_category")


CASES: list[Case] = [
    Case("rfm", scored, best_cell, "analysis.customers.rfm", number="monetary"),
    Case("segments", scored, champions, "analysis.customers.rfm", number="monetary"),
    Case(
        "tier_migration",
        moved,
        lambda r: [r.summary["n"].iloc[0], *(100 * r.summary.loc[["up", "down", "left"], "share"])],
        "analysis.customers.migration",
        whole=True,
    ),
    Case("state_shares", transitions, active, "analysis.customers.state_transitions", whole=True),
    Case("state_moves", transitions, months_to_lost, "analysis.customers.state_transitions", whole=True),
    Case(
        "cohorts",
        lambda: triangle("retention"),
        at_age_one,
        "analysis.customers.cohorts",
        number="retention",
    ),
    Case(
        "cohorts",
        lambda: triangle("revenue"),
        at_age_one,
        "analysis.customers.cohorts",
        number="revenue_per_customer",
    ),
    Case("retention", high_value, ends, "analysis.customers.retention", number="retention"),
    Case("retention", by_channel, ends, "analysis.customers.retention", number="repurchase_rate"),
    Case(
        "repurchase_curve",
        second_orders,
        lambda r: by_day(r, 90),
        "analysis.survival.kaplan_meier",
        number="survival",
    ),
    Case(
        "repurchase_curve",
        all_second_orders,
        lambda r: by_day(r, 60),
        "analysis.survival.kaplan_meier",
        {"mark": 60},
        number="survival",
    ),
    Case(
        "stickiness",
        visits,
        lambda r: [100 * r["stickiness"].mean(), 100 * r["stickiness"].iloc[-28:].mean()],
        "analysis.customers.stickiness",
        number="stickiness",
    ),
    Case(
        "identity_merge",
        linked,
        lambda r: [*r["buyers"], *(100 * r["repurchase_rate"])],
        "analysis.customers.repurchase_rate",
        number="buyers",
    ),
    Case(
        "l_diversity",
        told_by_traits,
        lambda r: [100 * r.share_below, r.rows, r.l],
        "analysis.privacy.l_diversity",
        whole=True,
    ),
]
