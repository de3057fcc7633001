"""Plots of whom to speak to, on the shops' data."""

import numpy as np
import pandas as pd
from plot_case import Case, table

from ecomtrain.analysis import targeting

DAYS = ["2025-07-01", "2025-10-01", "2026-01-01", "2026-04-01"]


def churn():
    paid = table("orders", "fmcg").dropna(subset=["paid_at"])
    return targeting.churn_model(targeting.churn_features(paid, asof=DAYS), rule="recency > 90")


def offer_test():
    arms = table("experiments", "social").query("experiment == 'personal_offer'")
    log = table("sessions", "social")
    began = arms["assigned_at"].min()
    before = log[log["started_at"] < began].groupby("visitor_id").size()
    bought = table("events", "social").query("event == 'pay'")["visitor_id"].unique()
    return arms.assign(
        visits=arms["visitor_id"].map(before).fillna(0).to_numpy(),
        bought=arms["visitor_id"].isin(bought).to_numpy(),
    )


def uplift():
    return targeting.uplift(offer_test(), outcome="bought", columns=["visits"], margin=30, cost=0.5)


def planted():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"moved": rng.integers(0, 2, 6000), "noise": rng.normal(size=6000)})
    treated = rng.random(6000) < 0.5
    frame["arm"] = np.where(treated, "sms", "control")
    frame["bought"] = rng.random(6000) < 0.1 + 0.2 * frame["moved"] * treated
    return targeting.uplift(frame, outcome="bought", columns=["moved", "noise"], margin=20, cost=1)


def hits():
    lines = table("order_lines", "beauty").merge(
        table("orders", "beauty")[["order_id", "customer_id", "paid_at"]], on="order_id"
    )
    early = lines["paid_at"] < "2026-01-01"
    held = lines[early].drop_duplicates(["customer_id", "product_id"])
    pairs = held.merge(held, on="customer_id", suffixes=("", "_to")).query("product_id != product_id_to")
    both = pairs.groupby(["product_id", "product_id_to"]).size()
    rules = (both / held["product_id"].value_counts().rename_axis("product_id")).rename("confidence")
    rules = rules.reset_index().set_axis(["antecedent", "consequent", "confidence"], axis=1)
    goods = table("products", "beauty")
    goods = goods.assign(margin=goods["list_price"] - goods["unit_cost"])
    return targeting.offer_hit_rate(lines[early], lines[~early], rules, goods)


def gift():
    members = table("memberships", "social").query("programme == 'first_order_gift'")
    spent = table("orders", "social").groupby("customer_id")["paid_amount"].sum()
    frame = members[["arm"]].assign(amount=members["customer_id"].map(spent).fillna(0).to_numpy())
    return targeting.campaign_return(frame, margin=0.4, cost=3.0)


def sms():
    rng = np.random.default_rng(0)
    sent = rng.random(4000) < 0.5
    amount = rng.gamma(2, 20, 4000) * (rng.random(4000) < 0.3) + 5 * sent
    claimed = np.where(sent & (rng.random(4000) < 0.4), amount, 0.0)
    frame = pd.DataFrame({"arm": np.where(sent, "sms", "control"), "amount": amount, "claimed": claimed})
    return targeting.campaign_return(frame, margin=0.4, cost=0.5, attributed="claimed")


CASES = [
    Case(
        "churn", churn,
        lambda r: [
            *(100 * r.table.set_index("metric").loc[["accuracy_rule", "accuracy_always_no"], "value"]),
            r.lift["lift"].iloc[0],
        ],
        "analysis.targeting.churn_model", panels=2, whole=True,
    ),
    Case(
        "qini", uplift, lambda r: [100 * r.effect, 100 * r.table["uplift"].iloc[4]],
        "analysis.targeting.uplift", whole=True,
    ),
    Case(
        "qini", planted, lambda r: [100 * r.effect, 100 * r.table["uplift"].iloc[4]],
        "analysis.targeting.uplift", whole=True,
    ),
    Case(
        "policy_profit", planted,
        lambda r: [100 * r.best_share, r.table["profit"].max(), r.gain_over_all, r.gain_low],
        "analysis.targeting.uplift", whole=True,
    ),
    Case(
        "offer_hits", hits,
        lambda r: [*(100 * r["hit_rate"]), 100 * r["change"].iloc[0], 100 * r["change_low"].iloc[0]],
        "analysis.targeting.offer_hit_rate",
    ),
    Case(
        "message_return", gift, lambda r: (r[["profit", "profit_low"]].iloc[0] / r["sent"].iloc[0]).tolist(),
        "analysis.targeting.campaign_return", number="profit",
    ),
    Case(
        "message_return", sms,
        lambda r: [0.5 * r["attributed_roi"].iloc[0], r["profit"].iloc[0] / r["sent"].iloc[0]],
        "analysis.targeting.campaign_return", number="profit",
    ),
]  # fmt: skip
