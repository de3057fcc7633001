"""The edge-case table's rows for waiting times, matching, and who comes back."""

import numpy as np
import pandas as pd
from edges import Case

from ecomtrain.analysis import causal, customers, privacy, survival

MAY, JUNE, JULY = "2026-05-01", "2026-06-01", "2026-07-01"
BOUGHT = {
    "times": ("customers_orders.paid_at",),
    "ids": ("customers_orders.customer_id",),
}

CASES: dict[str, Case] = {
    "causal.matched_change": Case(
        ("joiners",),
        lambda joiners: causal.matched_change(
            joiners, outcome="after", before="past", on=["city", "past"], bins={"past": [0, 2]}
        ),
    ),
    "customers.activity": Case(
        ("buyers", "orders"),
        lambda buyers, orders: customers.activity(buyers, orders, start=JUNE, end="2026-07-01"),
        times=("orders.ordered_at",), ids=("buyers.customer_id", "orders.customer_id", "orders.order_id"),
        refuses_currencies=("orders",), aligned=True,
    ),
    "customers.cohorts": Case(
        ("customers_orders",),
        lambda orders: customers.cohorts(orders, metric="revenue", end=JULY),
        refuses_currencies=("customers_orders",), **BOUGHT,
    ),
    "customers.merge_identities": Case(
        ("purchases", "cards"),
        lambda purchases, cards: customers.merge_identities(purchases, cards)[
            ["purchase_id", "customer_id"]
        ].dropna(),
        ids=("purchases.card_id", "purchases.customer_id", "cards.card_id", "cards.customer_id"),
        aligned=True,
    ),
    "customers.migration": Case(
        ("customers_before", "customers_after"),
        lambda before, after: customers.migration(before, after, order=["basic", "silver", "gold"]),
        ids=("customers_before.customer_id", "customers_after.customer_id"),
    ),
    "customers.repurchase_rate": Case(
        ("orders",), lambda orders: customers.repurchase_rate(orders, by="channel"),
        ids=("orders.customer_id", "orders.order_id"),
    ),
    "customers.retention": Case(
        ("buyers", "orders"),
        lambda buyers, orders: customers.retention(buyers, orders, start=MAY, end=JUNE, by="arm"),
        times=("orders.ordered_at",), ids=("buyers.customer_id", "orders.customer_id", "orders.order_id"),
    ),
    "customers.rfm": Case(
        ("customers_orders",), lambda orders: customers.rfm(orders, asof=JULY, bins=3, ties="first"),
        times=BOUGHT["times"], ids=("customers_orders.customer_id", "customers_orders.order_id"),
        refuses_currencies=("customers_orders",),
    ),
    "customers.state_transitions": Case(
        ("customers_orders",),
        lambda orders: customers.state_transitions(orders, start="2026-03-01", end=JULY, gaps=1),
        **BOUGHT,
    ),
    "customers.states": Case(
        ("customers_orders",), lambda orders: customers.states(orders, asof=JULY, gaps=2), **BOUGHT
    ),
    "customers.stickiness": Case(
        ("customers_orders",),
        lambda orders: customers.stickiness(orders, who="customer_id", time="paid_at"),
        **BOUGHT,
    ),
    "customers.tiers": Case(
        ("customers_spent",),
        lambda spent: customers.tiers(spent, {"basic": {}, "gold": {"amount": 100, "orders": 2}}),
        aligned=True,
    ),
    "privacy.l_diversity": Case(
        ("customers_people",),
        lambda people: privacy.l_diversity(people, ["city", "birth_year"], "bought"),
    ),
    "survival.kaplan_meier": Case(
        ("waits",),
        lambda waits: survival.kaplan_meier(waits["days"], waits["came"], group=waits["arm"]),
        refuses_negative=("waits.days",),
    ),
    "survival.log_rank": Case(
        ("waits",),
        lambda waits: survival.log_rank(waits["days"], waits["came"], waits["arm"], control="control"),
        refuses_negative=("waits.days",),
    ),
    "survival.quantiles": Case(
        ("waits",),
        lambda waits: survival.quantiles(waits["days"], waits["came"], group=waits["arm"]),
        refuses_negative=("waits.days",),
    ),
    "survival.time_to_repurchase": Case(
        ("customers_orders",), lambda orders: survival.time_to_repurchase(orders, end=JULY, start=MAY),
        times=BOUGHT["times"], ids=("customers_orders.customer_id", "customers_orders.order_id"),
    ),
}  # fmt: skip


def frames() -> dict[str, pd.DataFrame]:
    """Customers of the small shop with arms, waits with ties, cards of which one is nobody's."""
    i, j = np.arange(24), np.arange(40)
    return {
        "buyers": pd.DataFrame(
            {"customer_id": [11, 12, 13, 14, 15], "arm": ["control", "gift", "control", "gift", "gift"]}
        ),
        "cards": pd.DataFrame(
            {"card_id": [71, 72, 73], "customer_id": pd.array([11, 12, None], dtype="Int64")}
        ),
        "customers_after": pd.DataFrame(
            {"customer_id": [11, 12, 13, 15], "tier": ["basic", "gold", "silver", "basic"]}
        ),
        "customers_before": pd.DataFrame(
            {"customer_id": [11, 12, 13, 14], "tier": ["basic", "silver", "gold", None]}
        ),
        # Seven customers with gaps of all lengths, one of them with one order only, ties in days and amounts.
        "customers_orders": pd.DataFrame(
            {
                "customer_id": np.where(j == 7, 99, 11 + j * j % 7),
                "order_id": 500 + j,
                "paid_at": pd.Timestamp("2026-01-03 23:30", tz="Asia/Shanghai")
                + pd.to_timedelta((j * 37) % 176, unit="D"),
                "paid_amount": 10.0 + (j * 5) % 40,
            }
        ),
        "customers_people": pd.DataFrame(
            {
                "city": ["杭州", "杭州", "宁波", "宁波"],
                "birth_year": [1990, 1990, 1985, 1985],
                "bought": ["serum", "mask", "mask", "mask"],
            }
        ),
        "customers_spent": pd.DataFrame({"amount": [120.0, 300.0, 80.0], "orders": [1, 2, 5]}),
        "joiners": pd.DataFrame(
            {
                "customer_id": i,
                "treated": i % 2 == 0,
                "city": np.where(i % 3 == 0, "杭州", "宁波"),
                "past": i % 5,
                "after": 1 + i % 5 + i % 7,
            }
        ),
        "purchases": pd.DataFrame(
            {
                "purchase_id": [1, 2, 3, 4],
                "card_id": pd.array([71, None, 73, 72], dtype="Int64"),
                "customer_id": pd.array([None, 13, None, None], dtype="Int64"),
            }
        ),
        "waits": pd.DataFrame(
            {
                "days": 1 + (7 * i) % 11,
                "came": i % 4 != 0,
                "arm": np.where(i % 2, "gift", "control"),
            }
        ),
    }
