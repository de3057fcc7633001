"""Advertising tables: keys, joins, laws, and that another truth is really planted."""

from dataclasses import fields
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecomtrain import shop
from ecomtrain.errors import CourseError
from ecomtrain.shop import ads
from ecomtrain.shop.profiles import profiles
from ecomtrain.shop.schema import conform, schema

DEFAULT = shop.Truth()
NAMES = ("ad_spend_daily", "campaigns", "touchpoints")
OTHERWISE = shop.Truth(
    douyin_roas_first=6.0, douyin_roas_last=9.0, douyin_click_price=-0.2, interest_last_click=3.0,
    interest_incremental=5.0, targeting_last_click=-0.2, targeting_incremental=0.4, live_acquisition=-0.3,
)  # fmt: skip


@cache
def made(name, seed=1, scale=0.1, truth=DEFAULT):
    return shop.make_shop(profiles()[name], seed, scale, truth)


# Few worlds, so that each is made once for all laws.
worlds = st.sampled_from([("apparel", 0.002), ("beauty", 0.1), ("fmcg", 0.05), ("cross_border", 0.1)]).map(
    lambda shop_and_scale: made(shop_and_scale[0], 2, shop_and_scale[1])
)
law = settings(max_examples=6, deadline=None)


def test_every_shop_advertises_and_three_know_the_journeys():
    for name in profiles():
        assert {"ad_spend_daily", "campaigns"} <= set(made(name, 1, 1e-6))
        assert ("touchpoints" in made(name, 1, 1e-6)) == (name in ads.JOURNEYS)


@law
@given(worlds)
def test_every_table_keeps_to_its_schema_and_its_key(tables):
    for name in set(NAMES) & set(tables):
        frame = conform(name, tables[name])
        assert not frame.duplicated(list(schema()[name].key)).any()
        for column in schema()[name].columns:
            may_miss = "missing" in column.description
            assert may_miss or not frame[column.name].isna().any(), (name, column.name)
        for amount in frame.select_dtypes("float64"):
            assert (frame[amount] >= 0).all()
            assert np.allclose(frame[amount] * 100, np.rint(frame[amount] * 100), atol=1e-4)


@law
@given(worlds)
def test_each_step_from_impression_to_new_customer_is_part_of_the_one_before(tables):
    spent = tables["ad_spend_daily"]
    assert (spent["clicks"] <= spent["impressions"]).all()
    assert (spent["new_customers"] <= spent["attributed_orders"]).all()
    assert ((spent["attributed_amount"] > 0) == (spent["attributed_orders"] > 0)).all()
    assert (spent["spend"] > 0).all()
    assert len(spent) == 730 * 5
    assert spent.groupby("format")["platform"].nunique().eq(1).all()


@law
@given(worlds)
def test_a_holdout_sees_no_ads_and_the_last_click_takes_part_of_what_was_bought(tables):
    rows = tables["campaigns"]
    held = rows[rows["arm"] == "holdout"]
    assert (held[["spend", "clicks", "last_click_orders", "last_click_amount"]] == 0).all(axis=None)
    assert (rows["last_click_orders"] <= rows["orders"]).all()
    assert (rows["last_click_amount"] <= rows["amount"] + 1e-6).all()
    assert (rows["buyers"] <= rows[["orders", "users"]].min(axis=1)).all()
    assert (rows["clicks"] <= rows["users"]).all()
    assert rows.groupby(["campaign", "region"])["arm"].nunique().eq(2).all()
    assert (rows["started_on"] < rows["ended_on"]).all()


@law
@given(worlds.filter(lambda tables: "touchpoints" in tables))
def test_a_journey_ends_with_its_order_or_with_nothing(tables):
    touches, orders = tables["touchpoints"], tables["orders"]
    journeys = touches.groupby("journey_id")
    assert touches["touchpoint_id"].is_monotonic_increasing
    assert (journeys["customer_id"].min() == journeys["customer_id"].max()).all()
    assert journeys["ts"].is_monotonic_increasing.all()
    assert touches["customer_id"].isin(tables["customers"]["customer_id"]).all()
    ended = touches[touches["converted"]]
    assert ended["order_id"].is_unique
    assert ended.index.isin(journeys.tail(1).index).all()
    joined = ended.merge(orders, on=["order_id", "customer_id", "channel", "shop"])
    assert len(joined) == len(ended)
    assert (joined["amount_x"] == joined["paid_amount"]).all()
    assert (joined["ts"] < joined["ordered_at"]).all()
    paid = orders[orders["ordered_at"].between("2026-04-02", "2026-05-02", inclusive="left")]
    assert set(paid.loc[paid["status"] == "paid", "order_id"]) == set(ended["order_id"])
    rest = touches[~touches["converted"]]
    assert rest["order_id"].isna().all()
    assert (rest["amount"] == 0).all()


def test_an_earlier_contact_lies_after_the_order_before_and_within_thirty_days():
    tables = made("beauty", 4, 0.5)
    touches, orders = tables["touchpoints"], tables["orders"]
    whole = touches.groupby("journey_id").agg(
        customer_id=("customer_id", "first"), start=("ts", "min"), order_id=("order_id", "max")
    )
    whole = whole.dropna(subset=["order_id"]).merge(orders[["order_id", "ordered_at"]], on="order_id")
    assert (whole["ordered_at"] - whole["start"] <= pd.Timedelta("30D")).all()
    other = whole.merge(orders[["customer_id", "ordered_at"]], on="customer_id")
    before = other[other["ordered_at_y"] < other["ordered_at_x"]]
    assert (before["ordered_at_y"] < before["start"]).all()
    assert len(before)


def test_customers_without_an_order_in_the_thirty_days_make_up_the_other_journeys():
    tables = made("beauty", 4, 0.5)
    ended = (
        tables["touchpoints"]
        .groupby("journey_id")
        .agg(bought=("converted", "any"), customer_id=("customer_id", "first"))
    )
    recent = tables["orders"][tables["orders"]["ordered_at"].between("2026-04-02", "2026-05-02")]
    assert not ended.loc[~ended["bought"], "customer_id"].isin(recent["customer_id"]).any()
    assert ended["bought"].mean() == pytest.approx(1 / 4, abs=0.01)


def test_journeys_grow_with_the_shop_and_the_office_does_not():
    small, large = made("apparel", 1, 0.1), made("apparel", 1, 0.4)
    assert len(large["touchpoints"]) / len(small["touchpoints"]) == pytest.approx(4, rel=0.3)
    for name in ("ad_spend_daily", "campaigns"):
        pd.testing.assert_frame_equal(small[name], large[name])


def halves(t, platform="Douyin"):
    """Sums of apparel's first and last 13 weeks, by week."""
    spent = t["ad_spend_daily"].query("shop == 'apparel' and platform == @platform")
    week = (spent["date"] - pd.Timestamp("2024-07-01")).dt.days // 7
    weeks = spent.groupby(week)[["spend", "clicks", "attributed_amount"]].sum()
    return weeks.loc[:12], weeks.loc[91:103]


def log_ratio(rows, over, under):
    """Log of a ratio of sums and its standard error by leaving out one row at a time."""
    total = rows[over].sum() / rows[under].sum()
    left = np.log((rows[over].sum() - rows[over]) / (rows[under].sum() - rows[under]))
    return np.log(total), np.sqrt((len(rows) - 1) * left.var(ddof=0))


def log_change(first, last, over, under):
    (a, ea), (b, eb) = log_ratio(first, over, under), log_ratio(last, over, under)
    return b - a, np.hypot(ea, eb)


def caused(t, campaign):
    """Spend, last-click amount and caused amount of apparel's campaign by region."""
    rows = t["campaigns"].query("shop == 'apparel' and campaign == @campaign").set_index(["region", "arm"])
    shown, held = (rows.xs(arm, level="arm") for arm in ("exposed", "holdout"))
    gain = shown["amount"] - held["amount"] * shown["users"] / held["users"]
    return shown.assign(caused=gain)


def by_format(t, name):
    rows = t["ad_spend_daily"].query("shop == 'beauty' and format == @name")
    return rows.groupby((rows["date"] - pd.Timestamp("2024-07-01")).dt.days // 7)[
        ["spend", "new_customers"]
    ].sum()


# name: (estimate with its standard error, value the truth gives on the same scale)
ESTIMATES = {
    "douyin_roas_first": (
        lambda t: log_ratio(halves(t)[0], "attributed_amount", "spend"),
        lambda w: np.log(w.douyin_roas_first),
    ),
    "douyin_roas_last": (
        lambda t: log_ratio(halves(t)[1], "attributed_amount", "spend"),
        lambda w: np.log(w.douyin_roas_last),
    ),
    "douyin_click_price": (
        lambda t: log_change(*halves(t), "spend", "clicks"),
        lambda w: np.log1p(w.douyin_click_price),
    ),
    "interest_last_click": (
        lambda t: log_ratio(caused(t, "interest"), "last_click_amount", "spend"),
        lambda w: np.log(w.interest_last_click),
    ),
    "interest_incremental": (
        lambda t: log_ratio(caused(t, "interest"), "caused", "spend"),
        lambda w: np.log(w.interest_incremental),
    ),
    "targeting_last_click": (
        lambda t: log_change(caused(t, "broad"), caused(t, "targeted"), "last_click_amount", "spend"),
        lambda w: np.log1p(w.targeting_last_click),
    ),
    "targeting_incremental": (
        lambda t: log_change(caused(t, "broad"), caused(t, "targeted"), "caused", "spend"),
        lambda w: np.log1p(w.targeting_incremental),
    ),
    "live_acquisition": (
        lambda t: log_change(by_format(t, "image_text"), by_format(t, "live"), "spend", "new_customers"),
        lambda w: np.log1p(w.live_acquisition),
    ),
}


def two_shops(truth):
    parts = [made(name, 7, 0.002, truth) for name in ("apparel", "beauty")]
    return {name: pd.concat([part[name] for part in parts]) for name in NAMES[:2]}


def test_every_planted_number_of_advertising_has_an_estimate():
    topic = {field.name for field in fields(shop.Truth) if field.metadata["claim"] in CLAIMS}
    assert topic == set(ESTIMATES)


CLAIMS = ("C1.K2", "C3.T1", "C3.C", "C3.F2a")


@pytest.mark.parametrize("name", ESTIMATES)
def test_another_truth_is_found_as_well(name):
    estimate, expected = ESTIMATES[name]
    for truth in (shop.Truth(), OTHERWISE):
        value, error = estimate(two_shops(truth))
        assert abs(value - expected(truth)) < 4 * error
    assert abs(value - expected(shop.Truth())) > 4 * error or name == "interest_incremental"


def test_the_extremes_of_the_truth_make_whole_tables():
    for end in ("low", "high"):
        planted = {
            field.name: field.metadata[end]
            for field in fields(shop.Truth)
            if field.metadata["claim"] in CLAIMS
        }
        for frame in two_shops(shop.Truth(**planted)).values():
            assert not frame.isna().any(axis=None)
    with pytest.raises(CourseError, match="interest_incremental is 0"):
        shop.Truth(interest_incremental=0)
