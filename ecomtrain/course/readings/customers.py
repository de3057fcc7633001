"""The audits of membership, care and repurchase; each function is named after its claim, as in ``data``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis import customers, experiment, intervals
from ecomtrain.course.readings import Analysis, Reading, Tables, aside, change, reading
from ecomtrain.course.readings.data import c2_f2c as c5_f1a
from ecomtrain.shop.cohorts import AFTER, BEFORE, RECENT, YEAR
from ecomtrain.shop.programmes import EXPORTED, GREETED_FROM
from ecomtrain.shop.truth import Truth

__all__ = ["c1_k3", "c3_t2", "c5_f1a", "c5_f2a", "c5_f3a", "c5_t1", "c5_t3", "c5_t4"]

RELATIVE = ["relative_change", "relative_low", "relative_high"]
NEAR = pd.Timedelta(days=91)  # of the start of the greetings


def programme(t: Tables, name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the customers of a programme, and the shop's paid orders."""
    members = t["memberships"]
    members = members[members["programme"] == name].reset_index(drop=True)
    return members.assign(member=members["joined_at"].notna()), t["orders"][t["orders"]["status"] == "paid"]


def ordered(people: pd.DataFrame, orders: pd.DataFrame, window: tuple[str, str]) -> pd.DataFrame:
    """Count each customer's orders of a window."""
    return customers.activity(people, orders, start=window[0], end=window[1])


def c1_k3(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Retention: of those who are members by the end, or of all who were invited by lot."""
    people, orders = programme(t, "membership")
    window = {"start": AFTER[0], "end": AFTER[1], "level": level}
    by_the_end = people["joined_at"] < AFTER[1]
    members = naive(people[by_the_end], orders, **window).loc["all"]
    lots = sound(people, orders, by="arm", **window)
    rate = ["retention", "low", "high"]
    invited, others = lots.loc["treatment"], lots.loc["control"]
    counted = people.merge(ordered(people, orders, AFTER)[["customer_id", "orders"]], on="customer_id")
    gain = experiment.compare_rates(
        counted.assign(retained=counted["orders"] > 0), success="retained", level=level
    ).iloc[0]
    points = gain[["change", "change_low", "change_high"]]
    return [
        reading(
            "members at the end of the half-year",
            members[rate],
            members["customers"],
            truth.retention_invited,
        ),
        reading("all who were invited by lot", invited[rate], invited["customers"], truth.retention_invited),
        aside("not invited", others[rate], others["customers"], truth.retention_uninvited),
        aside(
            "invited over not invited",
            points,
            len(people),
            truth.retention_invited - truth.retention_uninvited,
            unit="points",
        ),
    ]


def c3_t2(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Private over public: as they are, or matched on the year before joining."""
    people, orders = programme(t, "private_group")
    past = ordered(people, orders, YEAR).rename(columns={"orders": "past_orders", "amount": "past_amount"})
    past["recency"] = past["recency"].fillna(np.inf)
    people = ordered(past.rename(columns={"recency": "past_recency"}), orders, AFTER)
    people["again"] = people["orders"] > 0
    apart = naive(people, arm="member", control=False, success="again", level=level).iloc[0]
    matched = sound(
        people,
        treated="member",
        outcome="again",
        on=["past_orders", "past_recency", "past_amount"],
        bins={
            "past_orders": [0, 2, 3],
            "past_recency": [0, RECENT],
            "past_amount": [0, people["past_amount"].median()],
        },
        level=level,
    ).iloc[0]
    n = matched["n_control"] + matched["n_treatment"]
    planted = truth.private_ratio
    with_, without = (people.loc[people["member"] == side, "again"] for side in (True, False))
    return [
        reading("members over all others", 1 + apart[RELATIVE], len(people), planted),
        reading("members over others alike before", 1 + matched[RELATIVE], n, planted),
        *(
            aside(
                f"{who} who order again",
                (rate, *intervals.wilson(again.sum(), len(again), level)),
                len(again),
            )
            for who, again, rate in (
                ("members", with_, with_.mean()),
                ("others", without, without.mean()),
            )
        ),
    ]


def c5_t1(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Tiers: set on the outcome's own window, or benefits by lot."""
    people, orders = programme(t, "tiers")
    people = ordered(people, orders, AFTER)
    people["retained"] = people["orders"] > 0
    asked = {"success": "retained", "level": level}

    def upper(column: str) -> pd.DataFrame:
        return people.assign(upper=people[column] != "bronze")

    now = naive(upper("tier"), arm="upper", control=False, **asked).iloc[0]
    lots = sound(people, **asked).iloc[0]
    then = naive(upper("tier_before"), arm="upper", control=False, **asked).iloc[0]
    n = then["n_control"] + then["n_treatment"]
    return [
        change("silver and gold over bronze, tiers after the half-year", now, truth.tier_retention),
        change("with over without benefits by tier, by lot", lots, truth.tier_retention),
        aside("silver and gold over bronze, tiers before it", then[RELATIVE], n, unit="relative"),
    ]


def c5_t3(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Birthday care: all birthdays of the year, or those close to the start of the greetings."""
    frame = t["birthdays"]
    near = (frame["birthday"] - pd.Timestamp(GREETED_FROM)).between(-NEAR, NEAR, inclusive="left")
    asked = {"arm": "greeted", "control": False, "numerator": "visits_30d", "level": level}
    year, close = naive(frame, **asked).iloc[0], sound(frame[near], **asked).iloc[0]
    return [
        change("all birthdays of the year", year, truth.birthday_visits),
        change("birthdays within thirteen weeks of the start", close, truth.birthday_visits),
    ]


def c5_t4(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Repurchase: accounts and cards before, persons afterwards; or persons by lot."""
    people, orders = programme(t, "omni_channel")
    receipts = t["store_receipts"].rename(columns={"ts": "ordered_at", "amount": "paid_amount"})
    known = orders["customer_id"].isin(people["customer_id"])
    # Receipts and orders are numbered apart; an even and an odd number keep them so.
    both = pd.concat(
        [
            orders[known].assign(order_id=2 * orders["order_id"]),
            receipts.assign(order_id=2 * receipts["receipt_id"] + 1),
        ]
    )
    columns = ["order_id", "customer_id", "card_id", "ordered_at", "paid_amount"]
    both = both[columns].reset_index(drop=True).astype({"customer_id": "Int64", "card_id": "Int64"})
    merged = customers.merge_identities(both, t["store_cards"])
    merged = merged[merged["customer_id"].isin(people["customer_id"])]
    apart = merged.assign(account=(2 * both["customer_id"]).fillna(2 * both["card_id"] + 1))

    def half_year(purchases: pd.DataFrame, window: tuple[str, str]) -> pd.DataFrame:
        return purchases[purchases["ordered_at"].between(*window, inclusive="left")]

    def rate(purchases: pd.DataFrame, who: str) -> pd.Series:
        return naive(purchases, customer=who, level=level).loc["all"]

    before, after = rate(half_year(apart, BEFORE), "account"), rate(half_year(merged, AFTER), "customer_id")
    like = rate(half_year(merged, BEFORE), "customer_id")

    def over(base: pd.Series, later: pd.Series) -> Any:
        values = [row["repurchase_rate"] for row in (base, later)]
        errors = [np.sqrt(p * (1 - p) / row["buyers"]) for p, row in zip(values, (base, later), strict=True)]
        return intervals.relative_change(values[0], errors[0], values[1], errors[1], level=level)

    buyers = ordered(people, merged, AFTER).query("orders > 0")
    buyers = buyers.assign(again=buyers["orders"] > 1)
    lots = sound(buyers, success="again", level=level).iloc[0]
    planted = truth.omni_repurchase
    n = before["buyers"] + after["buyers"]
    return [
        reading("persons after, accounts and cards before", over(before, after), n, planted),
        change("persons with over without the joint service, by lot", lots, planted),
        aside(
            "persons after, persons before",
            over(like, after),
            like["buyers"] + after["buyers"],
            unit="relative",
        ),
    ]


def c5_f2a(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """First-order gift: who has come back so far, or the days it took."""
    people, orders = programme(t, "first_order_gift")
    placed = orders[orders["customer_id"].isin(people["customer_id"])].sort_values("ordered_at")
    place = placed.groupby("customer_id").cumcount()
    day = placed.set_index("customer_id")["ordered_at"].dt.tz_localize(None).dt.normalize()
    first, second = (day[(place == k).to_numpy()].reindex(people["customer_id"]) for k in (0, 1))
    came = second.notna()
    wait = (second.fillna(pd.Timestamp(EXPORTED)) - first).dt.days
    arm = people["arm"].to_numpy()
    so_far = naive(pd.DataFrame({"arm": arm, "came": came.to_numpy()}), success="came", level=level).iloc[0]
    row = sound(wait, came, arm, control="control", level=level).iloc[0]
    ratio = row[["hazard_ratio", "low", "high"]]
    return [
        change("share with a second order so far", so_far, truth.gift_hazard),
        reading("rate of second orders, those still waiting kept", ratio - 1, row["n"], truth.gift_hazard),
    ]


def c5_f3a(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Membership: members over others, or over those who had ordered as often before."""
    people, orders = programme(t, "plus")
    people = ordered(people, orders, BEFORE).rename(columns={"orders": "past_orders"})
    people = ordered(people, orders, AFTER)
    planted = truth.membership_orders
    apart = naive(people, arm="member", control=False, numerator="orders", level=level).iloc[0]
    matched = sound(
        people,
        treated="member",
        outcome="orders",
        before="past_orders",
        on="past_orders",
        level=level,
    ).iloc[0]
    n = matched["n_control"] + matched["n_treatment"]
    return [
        change("members over all others", apart, planted),
        reading("members over others with as many orders before", matched[RELATIVE], n, planted),
    ]
