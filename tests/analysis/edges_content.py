"""The edge cases of content, growth, promotions and interrupted series."""

from __future__ import annotations

import numpy as np
import pandas as pd
from edges import Case

from ecomtrain.analysis import causal, content, growth, sales

TZ = "Asia/Shanghai"
FIT = {"segments": ["gender", "age_band"]}
CASES: dict[str, Case] = {
    "causal.interrupted_series": Case(
        ("series_weekly",),
        lambda series_weekly: causal.interrupted_series(
            series_weekly.set_index("week")["visits"],
            start="2026-05-04",
            controls=series_weekly.set_index("week")[["others"]],
        ),
        times=("series_weekly.week",),
        refuses_negative=("series_weekly.visits", "series_weekly.others"),
    ),
    "content.audience_fit": Case(
        ("audience_counts", "audience_target"),
        lambda audience_counts, audience_target: content.audience_fit(
            audience_counts, audience_target, **FIT
        ),
        refuses_negative=("audience_counts.accounts",),
    ),
    "content.rate_against_benchmark": Case(
        ("content_clicks",),
        lambda content_clicks: content.rate_against_benchmark(
            content_clicks, benchmark=0.04, benchmark_se=0.003
        ),
        refuses_negative=("content_clicks.clicks", "content_clicks.plays"),
    ),
    "content.tgi": Case(
        ("audience_counts", "audience_target"),
        lambda audience_counts, audience_target: content.tgi(audience_counts, audience_target, **FIT),
        refuses_negative=("audience_counts.accounts",),
    ),
    "growth.k_factor": Case(
        ("invited_users", "invited"),
        lambda invited_users, invited: growth.k_factor(
            invited_users, invited, start="2026-05-01", end="2026-07-01"
        ),
        times=("invited_users.registered_at", "invited.invited_at"),
        ids=("invited_users.customer_id", "invited.customer_id"),
        refuses_shops=("invited_users",),
    ),
    "growth.retained_growth": Case(
        ("fans_daily",),
        lambda fans_daily: growth.retained_growth(
            fans_daily.set_index("date")["followers"], start="2026-06-01", at="2026-06-20"
        ),
        times=("fans_daily.date",),
    ),
    "growth.viral_growth": Case((), lambda: growth.viral_growth(0.7, first=100, cycles=5, market=1000)),
    "sales.promotion_lift": Case(
        ("promotion_daily",),
        lambda promotion_daily: sales.promotion_lift(promotion_daily, after=11),
        times=("promotion_daily.date",),
        refuses_shops=("promotion_daily",),
        refuses_currencies=("promotion_daily",),
    ),
}


def frames() -> dict[str, pd.DataFrame]:
    """Make the frames that the cases name."""
    i = np.arange(24)
    level = 100 + i + 5 * (i * i % 7)
    day = pd.date_range("2026-04-27", periods=60)
    days = pd.date_range("2026-01-05", periods=98)
    promotion = np.isin(np.arange(98), [11, 12, 13, 39, 40, 41, 67, 68, 69])
    joined = pd.date_range("2026-05-01 09:00", periods=12, freq="2D", tz=TZ)
    sent = joined[[0, 0, 2, 3, 3, 3]] + pd.Timedelta(hours=5)
    came = [joined[1], pd.NaT, pd.NaT, joined[5], pd.NaT, joined[6]]
    return {
        "series_weekly": pd.DataFrame(
            {
                "week": pd.date_range("2026-01-05", periods=24, freq="7D"),
                "visits": np.where(i >= 17, 1.3, 1.0) * (3 * level + i * i * i % 11),
                "others": level + i % 3,
            }
        ),
        "audience_counts": pd.DataFrame(
            {
                "platform": np.repeat(["Douyin", "Xiaohongshu"], 4),
                "gender": ["F", "F", "M", "M"] * 2,
                "age_band": ["under 30", "30 and over"] * 4,
                "accounts": [120, 200, 300, 380, 420, 350, 130, 100],
            }
        ),
        "audience_target": pd.DataFrame(
            {"gender": ["F"] * 40 + ["M"] * 20, "age_band": (["under 30"] * 3 + ["30 and over"] * 2) * 12}
        ),
        "content_clicks": pd.DataFrame({"plays": [1000, 2000, 1500, 500], "clicks": [52, 90, 80, 21]}),
        "invited_users": pd.DataFrame(
            {"customer_id": np.arange(1, 13), "registered_at": joined, "shop": "tea"}
        ),
        "invited": pd.DataFrame(
            {"customer_id": [1, 1, 3, 4, 4, 4], "invited_at": sent, "accepted_at": came}
        ).astype({"accepted_at": f"datetime64[us, {TZ}]"}),
        "fans_daily": pd.DataFrame(
            {"date": day, "followers": 1000 + 6 * (np.arange(60) // 7) + np.arange(60) ** 2 % 17}
        ),
        "promotion_daily": pd.DataFrame(
            {
                "date": days,
                "amount": 100.0 + np.arange(98) ** 2 % 11 + 120 * promotion,
                "promotion": promotion,
                "shop": "tea",
            }
        ),
    }
