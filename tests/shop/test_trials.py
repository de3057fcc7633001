"""The randomised tests inside the shops: fair lots, planted effects, and nothing else that moves."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecomtrain import shop
from ecomtrain.shop import Truth, trade, trials
from ecomtrain.shop.draw import stream
from ecomtrain.shop.profiles import profiles

PROFILE = profiles()["shoes"]
NOTHING = Truth(
    layout_clicks=0.0, retention_old=0.2, retention_new=0.2, collection_conversion=0.0, offer_conversion=0.0,
    try_on_returns=0.0, try_on_careful=0.0, cross_sell_aov=0.0,
)  # fmt: skip


@cache
def made(name, truth=NOTHING, scale=1.0, seed=5):
    return shop.make_shop(profiles()[name], seed, scale, truth)


def back_in_the_window(tables):
    """Of social's new visitors with enough time left, who comes back when, and in which arm."""
    visits = tables["sessions"]
    first = visits[visits["is_new"]].set_index("visitor_id")["started_at"]
    first = first[first < "2026-05-31"]
    age = (visits["started_at"] - visits["visitor_id"].map(first)).dt.total_seconds() / 86_400
    back = first.index.isin(visits.loc[age.between(24, 31, inclusive="left"), "visitor_id"])
    arm = tables["experiments"].query("experiment == 'interaction_design'").set_index("visitor_id")["arm"]
    return pd.Series(back, first.index), arm.loc[first.index] == "treatment"


@pytest.mark.parametrize("test", trials.TRIALS, ids=lambda test: test.name)
def test_half_of_the_units_are_treated(test):
    rows = made(test.shop)["experiments"].query("experiment == @test.name")
    treated, n = (rows["arm"] == "treatment").sum(), len(rows)
    assert n > 3000
    assert abs(treated - n / 2) < 3.5 * np.sqrt(n) / 2


def test_two_tests_of_one_shop_draw_their_lots_independently():
    arms = made("social")["experiments"].set_index("visitor_id")
    one, two = (
        arms.loc[arms["experiment"] == name, "arm"] for name in ("interaction_design", "personal_offer")
    )
    counts = pd.crosstab(one, two.loc[one.index]).to_numpy()
    expected = counts.sum(1, keepdims=True) * counts.sum(0) / counts.sum()
    assert ((counts - expected) ** 2 / expected).sum() < 12


def test_a_named_branch_leaves_its_stream_alone_and_is_always_the_same():
    rng, other = (stream(1, PROFILE, "orders") for _ in range(2))
    rng.random(3)
    drawn = trials.branch(rng, "tries").random(4)
    assert np.array_equal(drawn, trials.branch(other, "tries").random(4))
    assert not np.array_equal(drawn, trials.branch(other, "trials").random(4))
    other.random(3)
    assert rng.random() == other.random()


def test_a_shard_of_a_shop_draws_lots_of_its_own():
    one, two = (stream(1, replace(PROFILE, first=first), "orders") for first in (0, 500_000))
    assert not np.array_equal(trials.branch(one, "x").random(4), trials.branch(two, "x").random(4))


def test_every_session_gets_the_value_of_its_visitors_first_one():
    assert trials.by_first_visit(np.array([4, 5, 6, 7]), np.array([2, 0, 2, 0])).tolist() == [4, 5, 4, 5]


def test_another_truth_of_the_tests_leaves_the_shops_of_chapter_2_as_they_are():
    truth = Truth(
        layout_clicks=0.5, electronics_margin_dynamic=0.4, retention_new=0.5, offer_conversion=0.4,
        try_on_returns=-0.3, cross_sell_aov=0.3,
    )  # fmt: skip
    names = ("sessions", "events", "orders", "order_lines", "returns", "inventory_daily")
    for place in ("apparel", "home", "cross_border"):
        one, two = (made(place, t, 0.02) for t in (Truth(), truth))
        assert all(one[name].equals(two[name]) for name in names)


@pytest.mark.parametrize(("old", "new"), [(0.0, 0.6), (0.2, 0.2)])
def test_new_visitors_come_back_after_a_month_with_the_planted_shares(old, new):
    back, treated = back_in_the_window(made("social", replace(NOTHING, retention_old=old, retention_new=new)))
    for arm, planted in ((~treated, old), (treated, new)):
        error = np.sqrt(planted * (1 - planted) / arm.sum())
        assert abs(back[arm].mean() - planted) <= 3 * error


def test_the_visits_stay_the_same_whoever_pays_them_and_keep_their_distance():
    few, many = (
        made("social", replace(NOTHING, retention_old=share, retention_new=share))["sessions"]
        for share in (0.0, 0.6)
    )
    assert few["started_at"].equals(many["started_at"])
    assert few["is_new"].equals(many["is_new"])
    for visits in (few, many):
        visits = visits.sort_values(["visitor_id", "started_at"])
        first = ~visits["visitor_id"].duplicated()
        assert first[visits["is_new"]].all()
        assert (visits["started_at"].diff()[~first] >= pd.Timedelta("4h")).all()


def test_a_shop_whose_test_raises_conversion_sells_as_much_as_ever():
    paid = [
        made("beauty", truth)["events"]["event"].eq("pay").sum()
        for truth in (NOTHING, replace(NOTHING, collection_conversion=0.4))
    ]
    assert paid[1] == pytest.approx(paid[0], rel=0.06)


def test_only_some_parts_of_a_detail_page_are_clicked_more():
    one, two = (made("electronics", replace(NOTHING, layout_clicks=gain))["events"] for gain in (0.0, 0.6))
    counts = [events["element"].value_counts() for events in (one, two)]
    parts = ["gallery", "reviews", "size_guide"]
    assert counts[1][parts].sum() / counts[0][parts].sum() == pytest.approx(1.3, abs=0.04)
    assert counts[1]["search_box"] == pytest.approx(counts[0]["search_box"], rel=0.1)


@given(st.floats(0.05, 0.95), st.floats(-0.4, 0.2), st.floats(-0.5, 0.5))
def test_return_rates_average_to_the_shops_and_the_offer_takes_off_the_planted_share(share, effect, careful):
    truth = Truth(try_on_returns=effect, try_on_careful=careful)
    n = 10_000
    tries = np.arange(n) < round(share * n)
    nobody, everybody = np.zeros(n, bool), tries
    without, with_ = (
        trade.return_rates(PROFILE, truth, tries, np.ones(n, bool), tried) for tried in (nobody, everybody)
    )
    assert without.mean() == pytest.approx(PROFILE.returned)
    assert without[tries].mean() == pytest.approx(without[~tries].mean() * (1 + careful))
    if with_.min() > 0:
        assert with_.mean() == pytest.approx(PROFILE.returned * (1 + effect))
    assert (with_ >= 0).all()


def test_not_half_of_the_customers_try_on_but_they_buy_most_of_the_lines():
    tables = made("shoes")
    lines = tables["order_lines"].merge(tables["orders"][["order_id", "customer_id", "ordered_at"]])
    lines = lines[lines["ordered_at"].between("2025-09-01", "2026-05-01", inclusive="left")]
    arms = tables["experiments"].set_index("customer_id")["arm"]
    offered = lines[lines["customer_id"].map(arms) == "treatment"]
    assert 0.7 < offered["tried_on"].mean() < 0.9
    tried = offered.groupby("customer_id")["tried_on"].agg(["any", "all"])
    assert (tried["any"] == tried["all"]).all()
    assert tried["any"].sum() < 0.5 * (arms == "treatment").sum()


@pytest.mark.parametrize("name", ["beauty", "electronics", "social", "shoes", "food"])
def test_a_shop_with_hardly_a_visitor_has_its_tests_still(name):
    tables = made(name, NOTHING, 1e-6)
    assert len(tables["experiments"]) <= 10
    assert tables["order_lines"]["tried_on"].dtype == bool
