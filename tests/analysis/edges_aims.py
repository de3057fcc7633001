"""The edge-case table's rows for whom to speak to."""

import numpy as np
import pandas as pd
from edges import Case

from ecomtrain.analysis import targeting

CASES: dict[str, Case] = {
    "targeting.campaign_return": Case(
        ("aims_people",),
        lambda aims_people: targeting.campaign_return(
            aims_people, margin=0.4, cost=0.05, attributed="claimed"
        ),
        refuses_negative=("aims_people.amount", "aims_people.claimed"), refuses_currencies=("aims_people",),
    ),
    "targeting.churn_features": Case(
        ("aims_orders",),
        lambda aims_orders: targeting.churn_features(
            aims_orders, asof=["2026-02-01", "2026-03-01"], horizon="30D"
        ),
        times=("aims_orders.ordered_at",), ids=("aims_orders.customer_id",),
        refuses_currencies=("aims_orders",),
    ),
    "targeting.churn_model": Case(
        ("aims_standing",),
        lambda aims_standing: targeting.churn_model(aims_standing, columns=["recency", "orders"]),
        times=("aims_standing.asof", "aims_standing.known_at"),
    ),
    "targeting.next_best_offer": Case(
        ("aims_lines", "aims_rules", "aims_margins"),
        lambda aims_lines, aims_rules, aims_margins: targeting.next_best_offer(
            aims_lines, aims_rules, aims_margins, top=2
        ),
        ids=("aims_lines.customer_id",), refuses_currencies=("aims_margins",),
    ),
    "targeting.offer_hit_rate": Case(
        ("aims_lines", "aims_later", "aims_rules", "aims_margins"),
        lambda aims_lines, aims_later, aims_rules, aims_margins: targeting.offer_hit_rate(
            aims_lines, aims_later, aims_rules, aims_margins, top=1
        ),
        ids=("aims_lines.customer_id",), refuses_currencies=("aims_margins",),
    ),
    "targeting.uplift": Case(
        ("aims_people",),
        lambda aims_people: targeting.uplift(
            aims_people, outcome="bought", columns=["visits"], margin=20, cost=1, shares=[0.5, 1]
        ),
        refuses_currencies=("aims_people",),
    ),
}  # fmt: skip


def frames() -> dict[str, pd.DataFrame]:
    """Make a test by lot, some orders and what goes with them, small enough to count by hand."""
    i = np.arange(120)
    day = pd.to_datetime(["2026-01-05", "2026-01-20", "2026-02-10", "2026-02-25", "2026-03-20", "2026-03-31"])
    return {
        "aims_later": pd.DataFrame({"customer_id": [1, 2, 3], "product_id": ["cup", "tea", "pot"]}),
        "aims_lines": pd.DataFrame(
            {"customer_id": [1, 2, 2, 3, 4], "product_id": ["pot", "pot", "cup", "tea", "bowl"]}
        ),
        "aims_margins": pd.DataFrame({"product_id": ["pot", "cup", "tea"], "margin": [30.0, 10.0, 12.0]}),
        "aims_orders": pd.DataFrame(
            {
                "order_id": [1, 2, 3, 4, 5, 6],
                "customer_id": [1, 2, 1, 3, 2, 4],
                "ordered_at": day.tz_localize("Asia/Shanghai"),
                "paid_amount": [50.0, 20.0, 30.0, 70.0, 10.0, 5.0],
            }
        ),
        "aims_people": pd.DataFrame(
            {
                "arm": np.where(i % 2, "treatment", "control"),
                "visits": i // 2 % 3,
                "bought": (i * 7 % 5 == 0) | ((i % 2 == 1) & (i // 2 % 3 == 2)),
                "amount": i * 7 % 50 * 1.0 + 5 * (i % 2),
                "claimed": np.where(i % 8 == 1, 40.0, 0.0),
            }
        ),
        "aims_rules": pd.DataFrame(
            {"antecedent": ["pot", "tea"], "consequent": ["cup", "pot"], "confidence": [0.5, 0.25]}
        ),
        "aims_standing": pd.DataFrame(
            {
                "asof": pd.to_datetime(["2026-01-01", "2026-04-01"]).tz_localize("Asia/Shanghai").repeat(30),
                "known_at": pd.to_datetime(["2026-03-01", "2026-06-01"])
                .tz_localize("Asia/Shanghai")
                .repeat(30),
                "recency": np.arange(60) % 30,
                "orders": np.arange(60) % 4,
                "churned": np.arange(60) % 3 == 0,
            }
        ),
    }
