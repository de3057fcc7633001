"""The edge-case table's rows for customer lifetime value."""

from functools import cache

import numpy as np
import pandas as pd
from edges import Case

from ecomtrain.analysis import clv

SPLIT, END = "2026-06-15", "2026-07-01"


@cache
def models():
    table = frames()["clv_summary"]
    return {"bg": clv.bg_nbd(table), "mbg": clv.mbg_nbd(table), "spend": clv.gamma_gamma(table)}


CASES: dict[str, Case] = {
    "clv.alive_by_frequency": Case(
        ("clv_summary",),
        lambda clv_summary: clv.alive_by_frequency(clv_summary, models()["bg"], models()["mbg"]),
        refuses_negative=("clv_summary.frequency", "clv_summary.T"),
    ),
    "clv.alive_grid": Case((), lambda: clv.alive_grid(models()["bg"], T=39)),
    "clv.bg_nbd": Case(
        ("clv_summary",), clv.bg_nbd, refuses_negative=("clv_summary.frequency", "clv_summary.recency"),
    ),
    "clv.calibration_holdout": Case(
        ("clv_orders",), lambda clv_orders: clv.calibration_holdout(clv_orders, split=SPLIT, end=END),
        times=("clv_orders.paid_at",), ids=("clv_orders.customer_id", "clv_orders.order_id"),
        refuses_currencies=("clv_orders",),
    ),
    "clv.gamma_gamma": Case(
        ("clv_summary",), clv.gamma_gamma, refuses_negative=("clv_summary.frequency",),
        refuses_currencies=("clv_summary",),
    ),
    "clv.holdout_score": Case(
        ("clv_holdout",), lambda clv_holdout: clv.holdout_score(models()["mbg"], clv_holdout),
        refuses_negative=("clv_holdout.frequency_holdout", "clv_holdout.recency"),
    ),
    "clv.lifetime_value": Case(
        ("clv_summary",),
        lambda clv_summary: clv.lifetime_value(
            clv_summary, models()["mbg"], models()["spend"], margin=0.4, horizon=52
        ),
        refuses_negative=("clv_summary.frequency",), refuses_currencies=("clv_summary",),
    ),
    "clv.mbg_nbd": Case(
        ("clv_summary",), clv.mbg_nbd, refuses_negative=("clv_summary.recency", "clv_summary.T"),
    ),
    "clv.pareto_nbd": Case(
        ("clv_summary",), clv.pareto_nbd, refuses_negative=("clv_summary.frequency", "clv_summary.T"),
    ),
    "clv.sbg": Case(("clv_survivors",), clv.sbg, refuses_negative=("clv_survivors.survivors",)),
    "clv.summary": Case(
        ("clv_orders",), lambda clv_orders: clv.summary(clv_orders, end=END),
        times=("clv_orders.paid_at",), ids=("clv_orders.customer_id", "clv_orders.order_id"),
        refuses_currencies=("clv_orders",),
    ),
    "clv.tracking": Case(
        ("clv_orders",),
        lambda clv_orders: clv.tracking(models()["mbg"], clv_orders, split=SPLIT, end=END),
        times=("clv_orders.paid_at",), ids=("clv_orders.customer_id", "clv_orders.order_id"),
    ),
}  # fmt: skip


@cache
def frames() -> dict[str, pd.DataFrame]:
    """A few patterns of buying that settle all models, and two months of orders."""
    few = pd.DataFrame(
        {
            "frequency": [0, 1, 1, 2, 2, 4, 7, 12],
            "recency": [0.0, 3.0, 20.0, 10.0, 30.0, 15.0, 34.0, 38.0],
            "T": 39.0,
            "frequency_holdout": [0, 1, 0, 0, 2, 0, 4, 6],
        }
    )
    table = few.loc[few.index.repeat([42, 18, 3, 6, 12, 15, 12, 12])].reset_index(drop=True)
    rng = np.random.default_rng(1)
    x = table["frequency"].clip(lower=1)
    money = rng.gamma(6 * x, 50 / rng.gamma(4, 1, len(x))) / x
    table = table.assign(customer_id=np.arange(len(x)) + 1, monetary_value=money)
    i = np.arange(40)
    hours = pd.to_timedelta(i * 37 % 1400, unit="h")
    return {
        "clv_holdout": table.drop(columns="monetary_value").assign(duration_holdout=26.0),
        "clv_orders": pd.DataFrame(
            {
                "order_id": i + 1,
                "customer_id": i * i % 11 + 1,
                "paid_at": pd.Timestamp("2026-05-01 00:30", tz="Asia/Shanghai") + hours,
                "paid_amount": 20.0 + i % 7 * 10,
            }
        ).astype({"paid_at": "datetime64[us, Asia/Shanghai]"}),
        "clv_summary": table.drop(columns="frequency_holdout"),
        "clv_survivors": pd.DataFrame(
            {"period": range(8), "survivors": [1000, 631, 468, 382, 326, 289, 262, 241]}
        ),
    }
