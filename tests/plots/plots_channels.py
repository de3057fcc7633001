"""Cases of the plots of channels: what customers cost and bring, attribution, growth."""

from __future__ import annotations

import pandas as pd
from plot_case import Case, table

from ecomtrain.analysis import attribution, channels, growth

WEEK = pd.Timedelta(days=7)
FORMATS = {
    "live": "live",
    "search": "search",
    "feed": "feed",
    "short_video": "content",
    "image_text": "paid_ads",
}


def ads(shop: str) -> pd.DataFrame:
    frame = table("ad_spend_daily", shop)
    return frame.assign(week=(frame["date"] - frame["date"].min()) // WEEK)


def margins(shop: str) -> pd.DataFrame:
    """Paid orders with what is left after the goods."""
    lines, orders = table("order_lines", shop), table("orders", shop)
    left = (lines["amount"] - lines["quantity"] * lines["unit_cost"]).groupby(lines["order_id"]).sum()
    return orders[orders["status"] == "paid"].assign(margin=lambda paid: paid["order_id"].map(left))


def margin_rate(shop: str) -> float:
    lines = table("order_lines", shop)
    return float(1 - (lines["quantity"] * lines["unit_cost"]).sum() / lines["amount"].sum())


def cost() -> pd.DataFrame:
    frame = ads("beauty")
    return channels.acquisition_cost(
        frame["spend"], frame["new_customers"], by=frame["format"], unit=frame["week"], control="image_text"
    )


def two_costs() -> pd.DataFrame:
    return cost().loc[["live", "image_text"]]


def returns() -> pd.DataFrame:
    frame = ads("apparel")
    return channels.returns_on_spend(
        frame["spend"], frame["attributed_amount"], margin_rate("apparel"), by=frame["platform"],
        unit=frame["week"],
    )  # fmt: skip


def caused() -> pd.DataFrame:
    return channels.incremental_return(table("campaigns", "apparel"), by="campaign")


def credited() -> pd.DataFrame:
    frame = table("campaigns", "apparel").query("arm == 'exposed'")
    return channels.returns_on_spend(
        frame["spend"], frame["last_click_amount"], margin_rate("apparel"), by=frame["campaign"],
        unit=frame["region"],
    )  # fmt: skip


def value() -> pd.DataFrame:
    return channels.ltv_curve(margins("beauty"), start="2025-01-01", end="2026-05-01")


def value_by_channel() -> pd.DataFrame:
    return channels.ltv_curve(margins("beauty"), start="2025-01-01", end="2026-05-01", by="channel")


def worth() -> pd.DataFrame:
    curve = value_by_channel()
    curve = curve[(curve["cohort"] == "all") & (curve["channel"] != "direct")]
    return channels.payback(curve, cost()["cac"].rename(FORMATS))


def invited() -> pd.DataFrame:
    return growth.k_factor(
        table("customers", "social"), table("invitations", "social"), start="2026-01-01", end="2026-04-01"
    )


def chains() -> pd.DataFrame:
    made = {k: growth.viral_growth(k, first=100, cycles=8, market=5000) for k in (0.5, 0.8, 1.0, 1.2, 1.6)}
    return pd.concat([part.assign(k=k) for k, part in made.items()], ignore_index=True)


def challenge() -> pd.DataFrame:
    fans = table("followers_daily", "food").query("platform == 'Douyin'").set_index("date")["followers"]
    return growth.retained_growth(fans, start="2026-03-02", at="2026-05-14")


def journeys() -> pd.DataFrame:
    return table("touchpoints", "beauty")


METRICS = ["ad_spend_daily", "memberships", "messages", "orders", "content_posts", "followers_daily"]
APRIL, MARCH = ("2026-04-01", "2026-05-01"), ("2026-03-01", "2026-04-01")


def fifteen() -> pd.DataFrame:
    return channels.channel_metrics({name: table(name, "beauty") for name in METRICS}, *APRIL)


def fifteen_compared() -> pd.DataFrame:
    tables = {name: table(name, "beauty") for name in METRICS}
    return channels.channel_metrics(tables, *APRIL, compare=MARCH)


def matrix() -> pd.DataFrame:
    return channels.channel_matrix(table("sessions", "beauty"), table("orders", "beauty"), end="2026-07-01")


def returning() -> pd.DataFrame:
    people = table("memberships", "beauty").query("programme == 'private_group'")
    people = people.assign(domain=people["joined_at"].notna().map({True: "private", False: "public"}))
    orders = table("orders", "beauty").query("status == 'paid'")
    window = {"start": "2025-10-01", "end": "2026-04-01"}
    return channels.repurchase_ratio(people, orders, by="domain", control="public", **window)


def widest(shares: pd.DataFrame) -> list[float]:
    row = shares.loc[(shares.max(axis=1) - shares.min(axis=1)).idxmax()]
    return [100 * row.max(), 100 * row.min()]


CASES: list[Case] = [
    Case("attribution", lambda: attribution.compare(journeys()), widest, "analysis.attribution.compare"),
    Case(
        "removal_effects",
        lambda: attribution.removal_effects(journeys()),
        lambda r: [100 * r["removal_effect"].max(), 100 * r.loc[r["removal_effect"].idxmax(), "reach"]],
        "analysis.attribution.removal_effects",
    ),
    Case(
        "channel_moves",
        lambda: attribution.transitions(journeys()),
        lambda r: [100 * r[r["to"] == "(conversion)"]["probability"].max()],
        "analysis.attribution.transitions",
    ),
    Case(
        "channel_metrics",
        fifteen,
        lambda r: [r.loc["cac", "value"], 100 * r.loc["member_repurchase", "value"], r.loc["gpm", "value"]],
        "analysis.channels.channel_metrics",
        number="value",
    ),
    Case(
        "channel_metrics",
        fifteen_compared,
        lambda r: [15],
        "analysis.channels.channel_metrics",
        number="value",
    ),
    Case(
        "channel_matrix",
        matrix,
        lambda r: [100 * r["paid_share"].max(), 100 * r.loc[r["paid_share"].idxmax(), "uv_share"]],
        "analysis.channels.channel_matrix",
        number="paid_share",
    ),
    Case(
        "repurchase_ratio",
        returning,
        lambda r: [r.loc["private", c] for c in ("ratio", "ratio_low", "ratio_high")],
        "analysis.channels.repurchase_ratio",
    ),
    Case(
        "acquisition_cost",
        two_costs,
        lambda r: [100 * r.loc["live", c] for c in ("relative_change", "relative_low", "relative_high")],
        "analysis.channels.acquisition_cost",
        number="cac",
    ),
    Case(
        "acquisition_cost",
        lambda: cost().drop(columns=["relative_change", "relative_low", "relative_high"]),
        lambda r: [r["cac"].min(), r["cac"].max()],
        "analysis.channels.acquisition_cost",
    ),
    Case(
        "returns_on_spend",
        returns,
        lambda r: [r["roas"].min(), r["roas"].max(), r["break_even_roas"].iloc[0]],
        "analysis.channels.returns_on_spend",
        number="roi",
    ),
    Case(
        "incremental_return",
        caused,
        lambda r: [r["incremental_roas"].max(), r.loc[r["incremental_roas"].idxmax(), "low"]],
        "analysis.channels.incremental_return",
    ),
    Case(
        "ltv_curve",
        value,
        lambda r: [r[r["cohort"] == "all"]["ltv"].iloc[-1], 12, 210],
        "analysis.channels.ltv_curve",
        {"cac": 210.0},
    ),
    Case(
        "ltv_curve",
        value_by_channel,
        lambda r: [r[(r["cohort"] == "all") & (r["age"] == 11)]["ltv"].max(), 12],
        "analysis.channels.ltv_curve",
    ),
    Case(
        "channel_value",
        worth,
        lambda r: [r["ltv_cac"].max(), r["ltv_cac"].min(), r["months"].min()],
        "analysis.channels.payback",
        number="ltv_cac",
    ),
    Case(
        "k_factor",
        invited,
        lambda r: [r["k_factor"].iloc[0], r["low"].iloc[0], r["high"].iloc[0]],
        "analysis.growth.k_factor",
        number="k_factor",
    ),
    Case(
        "viral_growth",
        chains,
        lambda r: [100, 8, 0.5, 1.6],
        "analysis.growth.viral_growth",
    ),
    Case(
        "retained_growth",
        challenge,
        lambda r: [100 * r[c].iloc[0] for c in ("peak_growth", "effect", "low", "high")],
        "analysis.growth.retained_growth",
    ),
]
