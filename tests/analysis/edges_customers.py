"""The edge-case table's rows for waiting times, matching, and who comes back."""

import numpy as np
import pandas as pd
from edges import Case

from ecomtrain.analysis import causal, customers, survival

MAY, JUNE = "2026-05-01", "2026-06-01"

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
    "customers.merge_identities": Case(
        ("purchases", "cards"),
        lambda purchases, cards: customers.merge_identities(purchases, cards)[
            ["purchase_id", "customer_id"]
        ].dropna(),
        ids=("purchases.card_id", "purchases.customer_id", "cards.card_id", "cards.customer_id"),
        aligned=True,
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
}  # fmt: skip


def frames() -> dict[str, pd.DataFrame]:
    """Customers of the small shop with arms, waits with ties, cards of which one is nobody's."""
    i = np.arange(24)
    return {
        "buyers": pd.DataFrame(
            {"customer_id": [11, 12, 13, 14, 15], "arm": ["control", "gift", "control", "gift", "gift"]}
        ),
        "cards": pd.DataFrame(
            {"card_id": [71, 72, 73], "customer_id": pd.array([11, 12, None], dtype="Int64")}
        ),
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
