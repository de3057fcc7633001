"""The edge-case table's rows for what advertising brings."""

import pandas as pd
from edges import Case

from ecomtrain.analysis import channels

CASES: dict[str, Case] = {
    "channels.acquisition_cost": Case(
        ("ads_days",),
        lambda ads_days: channels.acquisition_cost(
            ads_days["spend"], ads_days["new_customers"], scope="blended", other=ads_days["content"],
            date=ads_days["date"], lag=1, by=ads_days["format"], unit=ads_days["week"], control="image_text",
        ),
        times=("ads_days.date",), refuses_negative=("ads_days.spend", "ads_days.new_customers"),
    ),
    "channels.catalogue": Case((), channels.catalogue),
    "channels.channel_matrix": Case(
        ("sessions", "orders"),
        lambda sessions, orders: channels.channel_matrix(
            sessions, orders, end="2026-07-01", domains=dict.fromkeys(sessions["channel"].dropna(), "public")
            | {"live": "content", "direct": "private"},
        ),
        times=("sessions.started_at", "orders.paid_at"),
        ids=("sessions.session_id", "orders.customer_id"),
        refuses_shops=("sessions",), refuses_currencies=("orders",),
    ),
    "channels.channel_metrics": Case(
        ("sessions", "orders", "ads_spend", "ads_members", "ads_messages", "ads_posts", "ads_fans"),
        lambda sessions, orders, ads_spend, ads_members, ads_messages, ads_posts, ads_fans: (
            channels.channel_metrics(
                {"sessions": sessions, "orders": orders, "ad_spend_daily": ads_spend,
                 "memberships": ads_members, "messages": ads_messages, "content_posts": ads_posts,
                 "followers_daily": ads_fans},
                "2026-06-01", "2026-07-01", metrics=list(channels.catalogue().index),
            )
        ),
        times=("sessions.started_at", "orders.paid_at", "ads_spend.date", "ads_members.joined_at",
               "ads_members.left_at", "ads_messages.sent_at", "ads_posts.published_at", "ads_fans.date"),
        ids=("orders.customer_id", "ads_members.customer_id", "ads_messages.customer_id"),
        refuses_negative=("ads_spend.spend", "ads_posts.plays", "ads_fans.gained"),
        refuses_shops=("orders", "ads_spend", "ads_posts"), refuses_currencies=("orders", "ads_spend"),
    ),
    "channels.incremental_return": Case(
        ("ads_regions",),
        lambda ads_regions: channels.incremental_return(
            ads_regions, by="campaign", control="broad", margin=0.5
        ),
        refuses_negative=("ads_regions.users", "ads_regions.spend"),
        refuses_shops=("ads_regions",), refuses_currencies=("ads_regions",),
    ),
    "channels.ltv_curve": Case(
        ("ads_orders",),
        lambda ads_orders: channels.ltv_curve(ads_orders, end="2026-06-01", by="channel", months=4),
        times=("ads_orders.paid_at",), ids=("ads_orders.customer_id", "ads_orders.order_id"),
        refuses_shops=("ads_orders",), refuses_currencies=("ads_orders",),
    ),
    "channels.parse_ratio": Case((), lambda: channels.parse_ratio("1:8")),
    "channels.payback": Case(
        ("ads_curve",), lambda ads_curve: channels.payback(ads_curve, {"live": 58.0, "feed": 30.0}),
    ),
    "channels.repurchase_ratio": Case(
        ("ads_people", "ads_orders"),
        lambda ads_people, ads_orders: channels.repurchase_ratio(
            ads_people, ads_orders, start="2026-02-01", end="2026-06-01", by="domain", control="public",
            time="paid_at",
        ),
        times=("ads_orders.paid_at",), ids=("ads_people.customer_id", "ads_orders.order_id"),
    ),
    "channels.residual_value": Case((), lambda: channels.residual_value(8.0, 0.9, 0.01)),
    "channels.returns_on_spend": Case(
        ("ads_days",),
        lambda ads_days: channels.returns_on_spend(
            ads_days["spend"], ads_days["attributed_amount"], 0.5, by=ads_days["format"],
            unit=ads_days["week"], control="image_text",
        ),
        refuses_negative=("ads_days.spend",),
    ),
}  # fmt: skip


def frames() -> dict[str, pd.DataFrame]:
    """Days of two formats, and two campaigns in three regions, small enough to count by hand."""
    return {
        "ads_days": pd.DataFrame(
            {
                "format": ["live", "live", "live", "live", *["image_text"] * 4],
                "week": [1, 1, 2, 3, 1, 2, 2, 3],
                "date": pd.to_datetime(
                    [
                        "2026-06-06",
                        "2026-06-07",
                        "2026-06-08",
                        "2026-06-15",
                        "2026-06-07",
                        "2026-06-08",
                        "2026-06-09",
                        "2026-06-15",
                    ]
                ),
                "content": [20.0, 0.0, 10.0, 5.0, 30.0, 0.0, 20.0, 10.0],
                "spend": [50.0, 50.0, 110.0, 90.0, 80.0, 50.0, 40.0, 70.0],
                "attributed_amount": [600.0, 500.0, 1000.0, 800.0, 400.0, 300.0, 200.0, 380.0],
                "new_customers": [2, 1, 4, 3, 4, 2, 2, 4],
            }
        ),
        "ads_curve": pd.DataFrame(
            {
                "channel": ["live"] * 3 + ["feed"] * 3,
                "cohort": "all",
                "age": [0, 1, 2] * 2,
                "customers": [90, 80, 70, 50, 40, 30],
                "margin": [50.0, 9.0, 8.0, 20.0, 4.0, 3.0],
                "ltv": [50.0, 59.0, 67.0, 20.0, 24.0, 27.0],
                "low": [46.0, 54.0, 60.0, 15.0, 18.0, 20.0],
                "high": [54.0, 64.0, 74.0, 25.0, 30.0, 34.0],
            }
        ),
        "ads_people": pd.DataFrame(
            {"customer_id": [1, 2, 3, 4, 5], "domain": ["private", "private", "public", "public", "public"]}
        ),
        "ads_spend": pd.DataFrame(
            {
                "date": pd.to_datetime(
                    ["2026-05-30", "2026-06-01", "2026-06-09", "2026-06-09", "2026-06-30"]
                ),
                "platform": ["Douyin", "Douyin", "Douyin", "Tmall", "Douyin"],
                "format": ["live", "live", "live", "search", "live"],
                "impressions": [9000, 20000, 30000, 10000, 25000],
                "clicks": [100, 400, 500, 300, 450],
                "spend": [100.0, 600.0, 800.0, 350.0, 700.0],
                "attributed_orders": [1, 12, 20, 10, 14],
                "attributed_amount": [90.0, 2400.0, 4100.0, 1500.0, 2700.0],
                "new_customers": [1, 8, 12, 3, 9],
                "shop": "tea",
            }
        ),
        "ads_members": pd.DataFrame(
            {
                "customer_id": [11, 12, 13, 13, 14, 15],
                "programme": ["points", "points", "points", "plus", "points", "points"],
                "joined_at": pd.to_datetime(
                    ["2026-01-01", "2026-02-01", "2026-03-01", "2026-06-05", "2026-06-10", None]
                ).tz_localize("Asia/Shanghai"),
                "left_at": pd.to_datetime([None, "2026-06-20", "2026-04-01", None, None, None]).tz_localize(
                    "Asia/Shanghai"
                ),
                "shop": "tea",
            }
        ),
        "ads_messages": pd.DataFrame(
            {
                "message_id": range(6),
                "customer_id": [11, 12, 12, 13, 14, 11],
                "sent_at": pd.date_range("2026-06-02", periods=6, freq="D", tz="Asia/Shanghai"),
                "delivered": [True, True, True, False, True, True],
                "opened": [True, False, True, False, False, True],
                "clicked": [True, False, False, False, False, False],
                "unsubscribed": [False, False, True, False, False, False],
            }
        ),
        "ads_posts": pd.DataFrame(
            {
                "post_id": range(4),
                "published_at": pd.to_datetime(
                    ["2026-05-31 23:59", "2026-06-01 00:00", "2026-06-12 00:00", "2026-06-30 23:59"]
                ).tz_localize("Asia/Shanghai"),
                "plays": [500, 1000, 3000, 2000],
                "full_plays": pd.array([100, 300, 900, None], dtype="Int64"),
                "likes": [5, 40, 90, 50],
                "comments": [1, 5, 20, 10],
                "shares": [1, 5, 10, 5],
                "favourites": [2, 10, 30, 15],
                "clicks": [9, 30, 60, 30],
                "orders": [0, 1, 3, 1],
                "shop": "tea",
            }
        ),
        "ads_fans": pd.DataFrame(
            {
                "date": pd.to_datetime(["2026-06-01", "2026-06-02"] * 2),
                "platform": ["Douyin"] * 2 + ["Xiaohongshu"] * 2,
                "gained": [10, 20, 5, 5],
                "lost": [4, 6, 5, 0],
                "followers": [1006, 1020, 500, 505],
            }
        ),
        "ads_orders": pd.DataFrame(
            {
                "order_id": range(1, 9),
                "customer_id": [1, 2, 1, 3, 4, 2, 5, 1],
                "paid_at": pd.to_datetime(
                    [
                        "2026-01-05 10:00",
                        "2026-01-31 23:30",
                        "2026-02-28 08:00",
                        "2026-03-31 12:00",
                        "2026-04-02 09:00",
                        "2026-04-20 20:00",
                        "2026-05-01 00:30",
                        "2026-05-31 23:59",
                    ]
                ).tz_localize("Asia/Shanghai"),
                "channel": ["live", "feed", "feed", "live", "live", "feed", "feed", "live"],
                "margin": [40.0, 25.0, 30.0, 10.0, -5.0, 12.0, 8.0, 9.0],
                "shop": "tea",
            }
        ),
        "ads_regions": pd.DataFrame(
            {
                "campaign": ["broad"] * 6 + ["targeted"] * 6,
                "region": ["R1", "R1", "R2", "R2", "R3", "R3"] * 2,
                "arm": ["exposed", "holdout"] * 6,
                "users": [1000, 500, 2000, 1000, 1500, 700, 1000, 500, 2000, 1000, 1500, 700],
                "spend": [100.0, 0.0, 210.0, 0.0, 140.0, 0.0, 100.0, 0.0, 190.0, 0.0, 150.0, 0.0],
                "amount": [
                    *(1500.0, 450.0, 3200.0, 950.0, 2300.0, 690.0),
                    *(1900.0, 600.0, 3900.0, 1300.0, 3000.0, 1000.0),
                ],
                "shop": "tea",
            }
        ),
    }
