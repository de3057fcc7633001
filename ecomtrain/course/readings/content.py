"""The audits of content, sharing and promotions; each function is named after its claim, as in ``data``."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from ecomtrain.course.readings import Analysis, Reading, Tables, aside, change, reading
from ecomtrain.shop.calendar import DAYS, END
from ecomtrain.shop.content import INVITED_FROM as FIRST_CARD
from ecomtrain.shop.truth import Truth

EFFECT = ["effect", "low", "high"]
RELATIVE = ["relative_change", "relative_low", "relative_high"]
DAY, WEEK = pd.Timedelta(days=1), pd.Timedelta(days=7)
COMPARED = 12  # weeks before and after the series began
INVITED_FROM = DAYS[FIRST_CARD]
CHALLENGE, KEPT_AFTER = 14, 60  # days
BANDS = {24: "under 25", 29: "25-29", 34: "30-34", 39: "35-39", math.inf: "40 and over"}  # up to this age


def first_day(posts: pd.DataFrame, series: str) -> pd.Timestamp:
    """Return the day of a series' first post."""
    first: pd.Timestamp = posts.loc[posts["series"] == series, "published_at"].min()
    return first.tz_localize(None).normalize()


def c3_t3(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Short video: the pages with one after over before, or against the pages without."""
    pages = t["product_pages"]
    begin = pages.loc[pages["video"], "week"].min()
    pages = pages.assign(time=np.where(pages["week"] >= begin, "after", "before"))
    pages["lot"] = pages["product_id"].isin(pages.loc[pages["video"], "product_id"].unique())
    # Two periods of many weeks: neither weeks without a buyer nor errors that last can do harm.
    sums = pages.groupby(["product_id", "time", "lot"])[["visitors", "buyers"]].sum().reset_index()
    sums["conversion_rate"] = sums["buyers"] / sums["visitors"]
    sums["video"] = sums["lot"] & (sums["time"] == "after")
    over = {"arm": "time", "control": "before", "numerator": "buyers", "denominator": "visitors"}
    history = naive(sums[sums["lot"]], level=level, **over).iloc[0]
    panel = {"outcome": "conversion_rate", "unit": "product_id", "time": "time", "treated": "video"}
    lots = sound(sums, relative=True, level=level, **panel).iloc[0]
    gain = truth.video_gain
    return [
        change("pages with a video, after over before", history, gain),
        reading("against the pages that drew none", lots[EFFECT], lots["units"], gain),
    ]


def c3_d(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Audience fit: the customers taken as they are, or as a sample of those who might buy."""
    customers = t["customers"]
    age = 2026 - customers["birth_year"]
    place = np.searchsorted(np.array(list(BANDS)), age)
    people = pd.DataFrame({"gender": customers["gender"], "age_band": np.array(list(BANDS.values()))[place]})
    asked = {"segments": ["gender", "age_band"], "reference": "Douyin", "level": level}
    exact = naive(t["audiences"], people, known=True, **asked).loc["Xiaohongshu"]
    table = sound(t["audiences"], people, **asked)
    row, fits = table.loc["Xiaohongshu"], {"Xiaohongshu": truth.fit_xiaohongshu, "Douyin": truth.fit_douyin}
    better, apart = truth.fit_xiaohongshu - truth.fit_douyin, ["change", "change_low", "change_high"]
    n = table["n"].sum()
    return [
        reading("as if the customers were all there will be", exact[apart], n, better),
        reading("customers as a sample", row[apart], n + row["n_target"], better),
        *(
            aside(f"fit of {name}", table.loc[name, ["fit", "low", "high"]], table.loc[name, "n"], fit)
            for name, fit in fits.items()
        ),
    ]


def c3_f1a(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Search traffic: over the weeks before, or over what the other categories led to expect."""
    start = first_day(t["content_posts"], "ingredient analysis")
    found = t["content_traffic"][t["content_traffic"]["source"] == "search"]
    visits = found.pivot_table("visits", index="week", columns="category", aggfunc="sum").astype(float)
    skincare, others = visits["skincare"], visits.drop(columns="skincare")
    since, end = start - COMPARED * WEEK, start + COMPARED * WEEK
    near = skincare[(skincare.index >= since) & (skincare.index < end)].rename("visits").reset_index()
    near["time"] = np.where(near["week"] >= start, "after", "before")
    history = naive(near, arm="time", control="before", numerator="visits", level=level).iloc[0]
    series = sound(skincare, start=start, end=end, controls=others, level=level).iloc[0]
    alone = sound(skincare, start=start, end=end, level=level).iloc[0]
    gain = truth.series_effect
    return [
        change("twelve weeks after over twelve weeks before", history, gain),
        reading("over what the other categories led to expect", series[EFFECT], series["n_before"], gain),
        aside("over its own trend, without the others", alone[EFFECT], alone["n_before"], unit="relative"),
    ]


def c3_f1b(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Click rate: against an exact mean with the play as unit, or a sampled one with the post as unit."""
    posts = t["content_posts"][t["content_posts"]["series"] == "scene decoration"]
    place = posts[["platform", "kind"]].iloc[0]
    trade = t["content_benchmarks"]
    mean = trade[(trade["platform"] == place["platform"]) & (trade["kind"] == place["kind"])].iloc[0]
    exact = naive(posts, benchmark=mean["click_rate"], pooled=True, level=level).iloc[0]
    row = sound(
        posts, benchmark=mean["click_rate"], benchmark_se=mean["click_rate_se"], level=level
    ).iloc[0]  # fmt: skip
    more = truth.scene_click_rate / truth.industry_click_rate - 1
    return [
        reading("each play a unit, the mean exact", exact[RELATIVE], exact["trials"], more),
        reading("each post a unit, the mean a sample's", row[RELATIVE], row["posts"], more),
        aside("click rate of the series", row[["rate", "low", "high"]], row["posts"], truth.scene_click_rate),
    ]


def c3_f1c(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Fans: at the peak, or two months later against the trend."""
    start = first_day(t["content_posts"], "tasting challenge")
    daily = t["followers_daily"]
    fans = daily[daily["platform"] == "Douyin"].set_index("date")["followers"]
    end = start + (CHALLENGE - 1) * DAY
    before, peak = float(fans[start - DAY]), float(fans[end])
    at_peak = naive(before, math.sqrt(before), peak, math.sqrt(peak), level=level)
    later = sound(fans, start=start, at=end + KEPT_AFTER * DAY, level=level).iloc[0]
    return [
        reading("on the last day over the day before the first", at_peak, peak, truth.fans_kept),
        reading("60 days later, over the trend", later[EFFECT], later["actual"], truth.fans_kept),
    ]


def c3_f3a(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Fission: new users over those who invite, or over all users."""
    cards, sent = t["invite_cards"], t["invitations"]
    asked = {"joined": "issued_at", "start": INVITED_FROM, "end": END, "level": level}
    busy, all_ = (found(cards, sent, **asked).iloc[0] for found in (naive, sound))
    per_sender = busy[["k_per_sender", "sender_low", "sender_high"]]
    senders, n = truth.invite_senders, all_["users"]
    cycle = (all_["cycle_days"], math.nan, math.nan)
    return [
        reading("over those who sent an invitation", per_sender, busy["senders"], truth.invite_k / senders),
        reading("over all users", all_[["k_factor", "low", "high"]], n, truth.invite_k),
        reading("days from joining to who comes, median", cycle, all_["accepted"], unit="days", aside=True),
    ]


def c3_f3b(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Flash sales: over the days just before, or with the weeks after."""
    daily = t["flagship_daily"].sort_values("date")
    on = daily["flash_sale"].to_numpy()
    soon = np.r_[on[3:], [False] * 3] & ~on
    near = daily[on | soon].assign(time=np.where(on, "flash sale", "before")[on | soon])
    jump = naive(near, arm="time", control="before", numerator="amount", level=level).iloc[0]
    asked = {"promotion": "flash_sale", "leave_out": t["calendar"], "level": level}
    lift = sound(daily, **asked)
    margin = sound(daily, value="margin", **asked)
    of = ["lift", "low", "high"]
    net, gross = lift.loc["net"], lift.loc["gross"]
    return [
        change("days of a flash sale over the three days before", jump, truth.flash_net),
        reading("with the 18 days after", net[of], net["promotions"], truth.flash_net),
        aside("the days themselves", gross[of], gross["promotions"], truth.flash_gross, unit="relative"),
        aside(
            "with the 18 days after, in margin",
            margin.loc["net", of],
            net["promotions"],
            truth.flash_margin,
            unit="relative",
        ),
    ]
