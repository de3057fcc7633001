"""The 15 channel metrics counted by hand, the matrix of the three kinds of traffic, and who comes back."""

import numpy as np
import pandas as pd
import pytest
from edges_ads import frames
from pandas.testing import assert_frame_equal

from ecomtrain import datasets
from ecomtrain.analysis import channels, customers
from ecomtrain.errors import CourseError
from ecomtrain.shop.truth import Truth

JUNE = ("2026-06-01", "2026-07-01")


@pytest.fixture
def traffic(tables):
    made = frames()
    names = {"ad_spend_daily": "ads_spend", "memberships": "ads_members", "messages": "ads_messages",
             "content_posts": "ads_posts", "followers_daily": "ads_fans"}  # fmt: skip
    orders = tables["orders"].assign(
        channel=tables["orders"]["channel"].mask(tables["orders"]["order_id"] == 3)
    )
    orders["channel"] = orders["channel"].fillna("content")
    return {"sessions": tables["sessions"], "orders": orders} | {k: made[v] for k, v in names.items()}


BY_HAND = {
    "cpm": (1000 * 2450 / 85000, 2450, 85000),
    "ctr": (1650 / 85000, 1650, 85000),
    "cac": (2450 / 32, 2450, 32),
    "cvr": (56 / 1650, 56, 1650),
    "roas": (10700 / 2450, 10700, 2450),
    "pool_growth": (0.5, 1, 2),
    "reach_rate": (5 / 6, 5, 6),
    "open_rate": (0.6, 3, 5),
    "member_repurchase": (0.5, 1, 2),
    "member_revenue": (130, 260, 2),
    "plays": (6000, 6000, np.nan),
    "completion_rate": (0.3, 1200, 4000),
    "interaction_rate": (290 / 6000, 290, 6000),
    "gpm": (75, 450, 6000),
    "fan_growth": (25 / 1500, 25, 1500),
    "impressions": (85000, 85000, np.nan),
    "cpc": (2450 / 1650, 2450, 1650),
    "pool": (3, 3, np.nan),
    "response_rate": (0.2, 1, 5),
    "unsubscribe_rate": (0.2, 1, 5),
    "item_click_rate": (0.02, 120, 6000),
}


def test_each_metric_by_hand(traffic):
    table = channels.channel_metrics(traffic, *JUNE, metrics=list(BY_HAND))
    for name, expected in BY_HAND.items():
        row = table.loc[name, ["value", "numerator", "denominator"]]
        assert row.tolist() == pytest.approx(expected, nan_ok=True), name


def test_there_are_five_metrics_of_each_kind_and_every_value_lies_in_its_interval(traffic):
    table = channels.channel_metrics(traffic, *JUNE)
    assert table["dimension"].value_counts().to_dict() == {"public": 5, "private": 5, "content": 5}
    known = table.dropna(subset="low")
    assert set(known["interval"]) >= {"delta, by week", "delta, by customer", "delta, by post", "Wilson"}
    assert ((known["low"] <= known["value"]) & (known["value"] <= known["high"])).all()
    assert table.loc[table["interval"] == "none", ["low", "high"]].isna().all().all()


def test_a_visitor_through_a_public_channel_is_worth_what_was_ordered_there(traffic):
    sessions = traffic["sessions"]
    public = sessions[
        sessions["channel"].isin(["search", "feed", "live", "paid_ads"])
        & (sessions["started_at"] >= "2026-06-01")
        & (sessions["started_at"] < "2026-07-01")
    ]
    orders = traffic["orders"]
    placed = orders[orders["session_id"].isin(public["session_id"]) & orders["paid_at"].notna()]
    row = channels.channel_metrics(traffic, *JUNE, metrics=["uv_value"]).loc["uv_value"]
    assert row["denominator"] == public["visitor_id"].nunique()
    assert row["numerator"] == placed["paid_amount"].sum()


def test_the_time_between_two_orders_is_that_of_members_whose_later_order_lies_in_the_window(traffic):
    row = channels.channel_metrics(traffic, *JUNE, metrics=["purchase_interval"]).loc["purchase_interval"]
    gap = pd.Timestamp("2026-06-10 10:00:45") - pd.Timestamp("2026-06-01 10:01:30")
    assert row["value"] == pytest.approx(gap / pd.Timedelta(days=1))
    assert row["denominator"] == 1


def test_a_window_that_a_table_does_not_reach_is_unknown_not_zero(traffic):
    table = channels.channel_metrics(traffic, "2025-01-01", "2025-02-01", compare=JUNE)
    assert table.loc[["cpm", "reach_rate", "plays", "fan_growth", "member_revenue"], "value"].isna().all()
    assert table.loc["ctr", "previous"] == pytest.approx(1650 / 85000)


def test_a_comparison_gives_the_change_and_the_relative_change(traffic):
    row = channels.channel_metrics(traffic, *JUNE, metrics=["cac"], compare=("2026-05-01", "2026-06-01")).loc[
        "cac"
    ]
    assert row[["previous", "change"]].tolist() == pytest.approx([100, 2450 / 32 - 100])
    assert row["relative_change"] == pytest.approx(2450 / 3200 - 1)


@pytest.mark.parametrize(
    ("metrics", "words"), [(["CPM"], "Did you mean 'cpm'"), (["gmv"], "there is no metric 'gmv'")]
)
def test_a_metric_that_is_none_is_named(traffic, metrics, words):
    with pytest.raises(CourseError, match=words):
        channels.channel_metrics(traffic, *JUNE, metrics=metrics)


def test_the_catalogue_explains_every_metric():
    table = channels.catalogue()
    assert len(table) == 15 + 9
    assert table.notna().all().all()
    assert table.index.is_unique


def test_on_the_courses_data_all_fifteen_are_there_and_small_intervals_hold_the_value():
    names = ["ad_spend_daily", "memberships", "messages", "orders", "content_posts", "followers_daily"]
    tables = {name: datasets.load(name, shop="beauty") for name in names}
    table = channels.channel_metrics(tables, "2026-04-01", "2026-05-01")
    assert table["value"].notna().all()
    assert (table["value"].drop(["pool_growth", "fan_growth"]) > 0).all()
    known = table.dropna(subset="low")
    assert ((known["low"] < known["value"]) & (known["value"] < known["high"])).all()


# --- the matrix ---


def load(name):
    return datasets.load(name, shop="beauty")


def test_orders_and_sales_of_the_three_kinds_add_up_to_the_whole_and_visitors_to_more():
    sessions, orders = load("sessions"), load("orders")
    table = channels.channel_matrix(sessions, orders, end="2026-07-01")
    assert list(table.index) == ["content", "private", "public"]
    assert table["order_share"].sum() == pytest.approx(1)
    assert table["paid_share"].sum() == pytest.approx(1)
    assert table["uv_share"].sum() > 1
    for part in ("uv", "order", "paid"):
        assert (table[f"{part}_low"] < table[f"{part}_share"]).all()
        assert (table[f"{part}_share"] < table[f"{part}_high"]).all()
    sources = channels.visitor_sources(sessions, orders, end="2026-07-01")
    assert table["paid_amount"].sum() == pytest.approx(sources.loc["all", "paid_amount"])
    assert table.loc["private", "uv"] == sources.loc["direct", "uv"]


def test_every_channel_is_a_domain_of_its_own_if_the_reader_says_so():
    sessions, orders = load("sessions"), load("orders")
    own = {name: name for name in sessions["channel"].unique()}
    table = channels.channel_matrix(sessions, orders, end="2026-07-01", domains=own)
    sources = channels.visitor_sources(sessions, orders, end="2026-07-01").drop("all").sort_index()
    assert_frame_equal(table[["uv", "paid_amount"]], sources[["uv", "paid_amount"]], check_names=False)


def test_without_orders_the_shares_of_orders_are_unknown():
    table = channels.channel_matrix(load("sessions"), load("orders").iloc[:0], end="2026-07-01")
    assert table[["order_share", "paid_share", "amount_per_order"]].isna().all().all()
    assert (table[["orders", "orders_per_visitor"]] == 0).all().all()


# --- who comes back ---


def members_and_others():
    """Customers of the year before the private group, with what they were afterwards."""
    people = load("memberships").query("programme == 'private_group'")
    orders = load("orders").query("status == 'paid'")
    joined = people["joined_at"].notna()
    return people.assign(domain=np.where(joined, "private", "public")), orders


def test_private_customers_come_back_far_oftener_than_the_group_makes_them():
    people, orders = members_and_others()
    window = {"start": "2025-10-01", "end": "2026-04-01"}
    table = channels.repurchase_ratio(people, orders, by="domain", control="public", **window)
    row = table.loc["private"]
    plain = customers.retention(people, orders, by="domain", **window)["retention"]
    assert row["ratio"] == pytest.approx(plain["private"] / plain["public"])
    # Joining itself was planted at 1.6; who joins makes up the rest.
    assert row["ratio_low"] > Truth().private_ratio
    assert table.loc["public", ["ratio", "ratio_low", "ratio_high"]].isna().all()


def test_the_other_way_round_the_ratio_and_its_interval_are_turned_over():
    people, orders = members_and_others()
    window = {"start": "2025-10-01", "end": "2026-04-01", "by": "domain"}
    one = channels.repurchase_ratio(people, orders, control="public", **window).loc["private"]
    two = channels.repurchase_ratio(people, orders, control="private", **window).loc["public"]
    assert 1 / one["ratio"] == pytest.approx(two["ratio"])
    assert [1 / one["ratio_high"], 1 / one["ratio_low"]] == pytest.approx(
        [two["ratio_low"], two["ratio_high"]]
    )


def test_a_group_nobody_of_whom_comes_back_has_no_interval():
    people = pd.DataFrame({"customer_id": [1, 2, 3], "domain": ["public", "public", "private"]})
    orders = pd.DataFrame({"customer_id": [1], "order_id": [1], "ordered_at": pd.to_datetime(["2026-05-02"])})
    window = {"start": "2026-05-01", "end": "2026-06-01", "by": "domain"}
    row = channels.repurchase_ratio(people, orders, control="public", **window).loc["private"]
    assert row["ratio"] == 0
    assert np.isnan(row["ratio_low"])
    assert np.isnan(
        channels.repurchase_ratio(people, orders, control="private", **window).loc["public", "ratio"]
    )
