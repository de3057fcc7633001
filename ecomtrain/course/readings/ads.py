"""The audits of advertising and channels; each function is named after its claim, as in ``data``."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ecomtrain.course.readings import Analysis, Reading, Tables, aside, change, reading
from ecomtrain.shop.truth import Truth

WEEKS = 13
YEAR = pd.Timedelta(days=365)
ROAS = ["roas", "low", "high"]
ROI = ["roi", "roi_low", "roi_high"]
CAUSED = ["incremental_roas", "low", "high"]
CHANGE = ["relative_change", "relative_low", "relative_high"]


def c1_k2(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Return of a campaign: what the last click credits, or what the holdout did not buy."""
    regions = t["campaigns"][t["campaigns"]["campaign"] == "interest"]
    shown = regions[regions["arm"] == "exposed"]
    margin = margin_rate(t["order_lines"])
    last = naive(shown["spend"], shown["last_click_amount"], margin, unit=shown["region"], level=level)
    caused = sound(regions, margin=margin, level=level)
    last, caused = last.iloc[0], caused.iloc[0]
    n = caused["regions"]
    return [
        reading(
            "last click: orders after a click on the ads", last[ROAS], last["n"], truth.interest_last_click
        ),
        reading("caused: exposed against holdout", caused[CAUSED], n, truth.interest_incremental),
        aside("break-even at the shop's margin", (1 / margin, np.nan, np.nan), n, unit="ratio"),
        aside("profit over spend (ROI), last click", last[ROI], last["n"], unit="relative"),
        aside("profit over spend (ROI), caused", caused[ROI], n, unit="relative"),
    ]


def c3_t1(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Return on Douyin: mean of the daily returns, or all amounts over all spend; and the next yuan."""
    ads = t["ad_spend_daily"]
    ads = (
        ads[ads["platform"] == "Douyin"]
        .groupby("date", as_index=False)[["spend", "clicks", "attributed_amount"]]
        .sum()
    )
    week = (ads["date"] - ads["date"].min()).dt.days // 7
    complete = len(ads) // 7
    period = np.select([week < WEEKS, (week >= complete - WEEKS) & (week < complete)], ["first", "last"], "")
    ads = ads.assign(week=week, period=period, roas=ads["attributed_amount"] / ads["spend"])
    ads = ads[ads["period"] != ""]
    days = naive(ads, arm="period", control="first", numerator="roas", level=level).iloc[0]
    versus = {"by": ads["period"], "unit": ads["week"], "control": "first", "level": level}
    margin = margin_rate(t["order_lines"])
    pooled = sound(ads["spend"], ads["attributed_amount"], margin, **versus)
    clicks = sound(ads["clicks"], ads["spend"], margin, **versus).loc["last"]
    worth = sound(ads["clicks"], ads["attributed_amount"], margin, **versus).loc["last"]
    first, last = pooled.loc["first"], pooled.loc["last"]
    fall = truth.douyin_roas_last / truth.douyin_roas_first - 1
    price = truth.douyin_click_price
    n = first["n"] + last["n"]
    return [
        change("mean of the daily returns, as if days were independent", days, fall),
        reading("all amounts over all spend, with weeks as units", last[CHANGE], n, fall),
        aside("return in the first 13 weeks", first[ROAS], first["n"], truth.douyin_roas_first, unit="ratio"),
        aside("return in the last 13 weeks", last[ROAS], last["n"], truth.douyin_roas_last, unit="ratio"),
        aside(
            "more amount over more spend (marginal return)",
            last[["marginal_roas", "marginal_low", "marginal_high"]],
            n,
            unit="ratio",
        ),
        aside("break-even at the shop's margin", (1 / margin, np.nan, np.nan), n, unit="ratio"),
        aside("profit over spend (ROI) in the last 13 weeks", last[ROI], last["n"], unit="relative"),
        aside("price of a click", clicks[CHANGE], n, price, unit="relative"),
        aside("amount per click", worth[CHANGE], n, (1 + fall) * (1 + price) - 1, unit="relative"),
    ]


def c3_a(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Three channels in three measures, each over all other channels."""
    paid = t["orders"][t["orders"]["status"] == "paid"].sort_values(["ordered_at", "order_id"])
    visits = t["sessions"].assign(paid=t["sessions"]["session_id"].isin(paid["session_id"].dropna()))
    first = paid.drop_duplicates("customer_id")
    first = first[first["ordered_at"] < t["orders"]["ordered_at"].max() - YEAR]
    began = paid["customer_id"].map(first.set_index("customer_id")["ordered_at"])
    again = paid.loc[(paid["ordered_at"] > began) & (paid["ordered_at"] <= began + YEAR), "customer_id"]
    buyers = first.assign(again=first["customer_id"].isin(again))
    others = {"control": "others", "level": level}

    def against(frame: pd.DataFrame, channel: str) -> pd.DataFrame:
        return frame.assign(arm=frame["channel"].where(frame["channel"] == channel, "others"))

    live = naive(against(visits, "live"), success="paid", **others).iloc[0]
    search = sound(against(paid, "search"), numerator="paid_amount", **others).iloc[0]
    content = naive(against(buyers, "content"), success="again", **others).iloc[0]
    return [
        change("live: share of sessions that pay", live),
        change("search: amount per order", search),
        change("content: buyers of a first order who buy again within a year", content, 0.0),
    ]


def c3_c(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Cost of a customer: spend over all orders, or over new customers."""
    ads = t["ad_spend_daily"]
    ads = ads[ads["format"].isin(["live", "image_text"])]
    week = (ads["date"] - ads["date"].min()).dt.days // 7
    versus = {"by": ads["format"], "unit": week, "control": "image_text", "level": level}
    orders = naive(ads["spend"], ads["attributed_orders"], **versus).loc["live"]
    new = sound(ads["spend"], ads["new_customers"], **versus).loc["live"]
    more = truth.live_acquisition
    share = ads.groupby("format")[["new_customers", "attributed_orders"]].sum()
    share = share["new_customers"] / share["attributed_orders"]
    return [
        reading("spend over all orders", orders[CHANGE], orders["n"], more),
        reading("spend over new customers", new[CHANGE], new["n"], more),
        *(
            aside(f"new among the orders of {name}", (share[name], np.nan, np.nan), new["n"])
            for name in ("live", "image_text")
        ),
    ]


def c3_f2a(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Targeted over broad: by the last click, or by what the holdouts did not buy."""
    both = t["campaigns"][t["campaigns"]["campaign"].isin(["broad", "targeted"])]
    shown = both[both["arm"] == "exposed"]
    last = naive(
        shown["spend"],
        shown["last_click_amount"],
        1.0,
        by=shown["campaign"],
        unit=shown["region"],
        control="broad",
        level=level,
    ).loc["targeted"]
    caused = sound(both, by="campaign", control="broad", level=level).loc[["broad", "targeted"]]
    held = both[both["arm"] == "holdout"]
    anyway = naive(
        held["users"],
        held["buyers"],
        1.0,
        by=held["campaign"],
        unit=held["region"],
        control="broad",
        level=level,
    ).loc["targeted"]
    n = caused["regions"].iloc[0]
    return [
        reading("last click, targeted over broad", last[CHANGE], last["n"], truth.targeting_last_click),
        reading(
            "caused, targeted over broad", caused.loc["targeted", CHANGE], n, truth.targeting_incremental
        ),
        *(
            aside(f"return that campaign {name} caused", row[CAUSED], n, unit="ratio")
            for name, row in caused.iterrows()
        ),
        aside(
            "buyers among those held out, targeted over broad", anyway[CHANGE], anyway["n"], unit="relative"
        ),
    ]


def margin_rate(lines: pd.DataFrame) -> float:
    """Gross margin rate of the order lines."""
    return float(1 - (lines["quantity"] * lines["unit_cost"]).sum() / lines["amount"].sum())
