"""The planted truth: its domain, and that direct estimates find it in the published data."""

import re
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from estimates import ESTIMATES
from hypothesis import given, settings
from hypothesis import strategies as st

from ecomtrain import datasets, shop
from ecomtrain.errors import CourseError
from ecomtrain.shop import calendar
from ecomtrain.shop.profiles import profiles
from ecomtrain.shop.schema import schema


@pytest.fixture(scope="module")
def published():
    return {name: datasets.load(name) for name in datasets.names()}


@pytest.mark.parametrize("name", ESTIMATES)
def test_the_published_data_show_the_planted_truth_within_the_interval(published, name):
    estimate, truth = ESTIMATES[name]
    value, error = estimate(published)
    assert abs(value - truth(shop.Truth())) < 1.96 * error


def test_every_planted_number_has_an_estimate_or_a_test_of_its_own():
    folder = Path(__file__).parents[1]
    tests = "".join(
        path.read_text(encoding="utf-8")
        for room in ("shop", "course")
        for path in (folder / room).glob("*.py")
    )
    untested = {item.name for item in fields(shop.Truth) if not re.search(rf"\b{item.name}\b", tests)}
    assert not untested - {*ESTIMATES, "early_signal"}


def test_early_sales_foretell_hits_well_but_not_for_certain(published):
    products = published["products"].query("shop == 'apparel'")
    stock = published["inventory_daily"].merge(products, on=["product_id", "shop"])
    age = (stock["date"] - stock["launched_on"]).dt.days
    known = stock["launched_on"].between("2024-07-01", "2026-04-17")
    early = stock[known & (age < 14)].groupby("product_id")["sold"].sum()
    later = stock[known & (age >= 14) & (age < 74)].groupby("product_id")["sold"].sum()
    hits = later >= later.quantile(0.9)
    precision = hits[early.nlargest(20).index].mean()
    assert 2 * hits.mean() < precision < 0.9


def test_another_truth_is_found_as_well():
    truth = shop.Truth(
        weekend_index=0.8, recommendation_aov=0.5, margin_list=0.5, margin_dynamic=0.4, loss_short=0.1,
        loss_long=0.6, home_next_detail=0.3, home_ever_detail=0.6, dress_on_month=-0.3, dress_on_year=0.5,
        intent_base=0.3, intent_many_share=0.6, intent_many_rate=0.4, home_short_share=0.2, precision_app=0.2,
        precision_fused=0.9, turnover_gain=1.0, decision_median=4.0, decision_speed=1.5,
        layout_clicks=-0.3, electronics_margin_list=0.4, electronics_margin_dynamic=0.3, retention_old=0.4,
        retention_new=0.1, collection_conversion=-0.3, offer_conversion=-0.3, try_on_returns=0.15,
        try_on_careful=0.5, cross_sell_aov=0.4,
    )  # fmt: skip
    tables = shop.make(seed=7, truth=truth)
    for name, (estimate, expected) in ESTIMATES.items():
        value, error = estimate(tables)
        # Four standard errors, as there are more than twenty estimates at once.
        assert abs(value - expected(truth)) < 4 * error, name
        default = expected(shop.Truth())
        assert name == "home_dwell_scale" or abs(value - default) > 4 * error, name


@given(st.data())
def test_a_number_outside_its_domain_is_refused_by_name(data):
    item = data.draw(st.sampled_from(fields(shop.Truth)))
    low, high = item.metadata["low"], item.metadata["high"]
    wrong = data.draw(
        st.one_of(
            st.floats(max_value=low, exclude_max=True),
            st.floats(min_value=high, exclude_min=True),
            st.sampled_from([float("nan"), "much", None, True]),
        )
    )
    with pytest.raises(
        CourseError, match=f"Truth: {item.name} is .*; give a number from {low:g} to {high:g}"
    ):
        shop.Truth(**{item.name: wrong})


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        (
            {"home_next_detail": 0.5, "home_ever_detail": 0.4},
            "home_next_detail is 0.5, above home_ever_detail 0.4",
        ),
        ({"precision_app": 0.8}, "precision_app is 0.8, above precision_fused 0.71"),
        ({"home_ever_detail": 0.9}, "home_ever_detail is 0.9; .* Lower it or raise home_next_detail"),
        ({"intent_many_rate": 0.5}, "leave the sessions with a single interaction a paying rate of -0.023"),
    ],
)
def test_numbers_that_contradict_each_other_are_refused(numbers, message):
    with pytest.raises(CourseError, match=message):
        shop.Truth(**numbers)


@settings(deadline=None)
@given(st.floats(0.5, 3.0))
def test_the_weekend_index_is_exact_in_expectation(index):
    demand = calendar.demand(profiles()["fmcg"], replace(shop.Truth(), weekend_index=index))
    weekday, gain = calendar.weekday(), calendar.promotion_gain()
    weeks = [d for d in range(730 - 7) if weekday[d] == 0 and (gain[d : d + 7] == 1).all()]
    found = np.mean([demand[d + 5 : d + 7].mean() / demand[d : d + 7].mean() for d in weeks])
    assert found == pytest.approx(index, rel=0.002)


def test_promotions_raise_demand_in_every_shop_and_years_grow():
    ordinary = calendar.promotion_gain() == 1
    for profile in profiles().values():
        demand = calendar.demand(profile, shop.Truth())
        for day in np.flatnonzero(~ordinary):
            near = [d for d in (day - 21, day - 14, day + 14, day + 21) if 0 <= d < 730 and ordinary[d]]
            assert demand[day] > np.mean(demand[near])
        assert demand[365:].mean() > demand[:365].mean()


def test_every_claim_of_the_truth_is_named_by_a_datasheet_and_the_other_way_round():
    planted = {item.metadata["claim"] for item in fields(shop.Truth)}
    assert {claim for table in schema().values() for claim in table.claims} == planted


def test_the_datasheet_names_the_days_on_which_the_warehouses_switched():
    text = schema()["inventory_daily"].how
    assert all(f"{warehouse} {date}" in text for warehouse, date in shop.SWITCHED.items())
    assert shop.PRICE_TEST in schema()["order_lines"].how
