"""The market: growth that rounding leaves, penetration, concentration, and the size of a niche."""

import math
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ecomtrain import datasets
from ecomtrain.analysis import market
from ecomtrain.errors import CourseError

amounts = st.floats(0.01, 1e6)
rates = st.floats(-0.5, 2)
years = st.floats(0.5, 40)
few = settings(max_examples=25, deadline=None)
sold = st.lists(st.floats(0.01, 1e6), min_size=1, max_size=30)


def concentration(amounts):
    sellers = pd.DataFrame({"seller": range(len(amounts)), "gmv": amounts})
    return market.concentration(sellers, seller="seller", value="gmv").iloc[0]


def test_a_market_that_doubles_in_six_years_grows_by_twelve_per_cent_and_a_quarter_a_year():
    assert market.cagr(3.5, 7, 6).value == pytest.approx(2 ** (1 / 6) - 1)
    assert market.cagr(3.5, 7, 6).value == pytest.approx(0.12246, abs=1e-5)


@few
@given(amounts, rates, years)
def test_growth_and_projection_undo_each_other(value, rate, time):
    later = market.project(value, rate, time)["value"].iloc[0]
    assert market.cagr(value, later, time).value == pytest.approx(rate, abs=1e-6)
    assert market.back_cast(later, rate, time)["value"].iloc[0] == pytest.approx(value)


@few
@given(amounts, rates, years)
def test_looking_back_is_looking_ahead_for_a_negative_time(value, rate, time):
    back = market.back_cast(value, rate, time, value_step=value, rate_step=0.01)
    ahead = market.project(value, rate, -time, value_step=value, rate_step=0.01)
    assert_frame_equal(back.drop(columns="years"), ahead.drop(columns="years"))


@few
@given(st.floats(0.5, 9.5), st.floats(0.5, 9.5), st.integers(1, 20), st.data())
def test_whatever_the_rounded_figures_were_their_growth_lies_in_the_range(first, last, time, data):
    asked = market.cagr(round(first) or 1, round(last) or 1, time, first_step=1, last_step=1)
    exact = (last / first) ** (1 / time) - 1
    assert asked.low - 1e-9 <= exact <= asked.high + 1e-9


@few
@given(amounts, st.floats(-0.5, 1), st.floats(-10, 10), st.floats(0, 1), st.floats(0, 1))
def test_every_corner_of_the_rounded_figures_lies_in_the_range_of_the_projection(value, rate, time, up, more):
    row = market.project(value, rate, time, value_step=0.5 * value, rate_step=0.1).iloc[0]
    figure = value * (0.75 + 0.5 * up) * (1 + rate - 0.05 + 0.1 * more) ** time
    assert row["low"] * (1 - 1e-9) <= figure <= row["high"] * (1 + 1e-9)
    assert row["low"] <= row["value"] <= row["high"]


def test_exact_figures_leave_no_range():
    assert math.isnan(market.cagr(4, 7, 5).low)
    assert market.project(4, 0.12, [0, 1])[["low", "high"]].isna().all(axis=None)


def test_a_start_that_may_be_nothing_leaves_growth_without_an_end():
    growth = market.cagr(1, 7, 5, first_step=2)
    assert growth.low == pytest.approx((7 / 2) ** 0.2 - 1)
    assert math.isnan(growth.high)


@few
@given(st.integers(1, 40))
def test_sellers_of_one_size_share_the_market_evenly(many):
    row = concentration([5.0] * many)
    assert row["hhi"] == pytest.approx(1e4 / many)
    assert row["equal_sellers"] == pytest.approx(many)
    assert row["cr4"] == pytest.approx(min(1, 4 / many))
    assert row["gini"] == pytest.approx(0, abs=1e-12)


def test_concentration_counted_by_hand():
    row = concentration([50.0, 30, 10, 5, 5])
    assert row["hhi"] == pytest.approx(2500 + 900 + 100 + 25 + 25)
    assert row["cr4"] == pytest.approx(0.95)
    # Mean absolute difference over twice the mean: 460 / (5 * 5) / (2 * 20).
    assert row["gini"] == pytest.approx(0.46)


@few
@given(sold, st.floats(0.01, 100))
def test_concentration_does_not_depend_on_the_currency(amounts, factor):
    one, other = concentration(amounts), concentration([factor * amount for amount in amounts])
    measures = ["hhi", "equal_sellers", "cr4", "cr10", "gini"]
    np.testing.assert_allclose(one[measures], other[measures], rtol=1e-6, atol=1e-9)


@few
@given(st.lists(st.floats(0.01, 1e6), min_size=2, max_size=30))
def test_two_sellers_that_merge_concentrate_the_market(amounts):
    apart, together = concentration(amounts), concentration([amounts[0] + amounts[1], *amounts[2:]])
    assert together["hhi"] > apart["hhi"] - 1e-6
    assert together["cr4"] >= apart["cr4"] - 1e-9
    assert 0 <= apart["gini"] < 1


def test_the_rows_of_a_seller_are_added_up_and_who_sells_nothing_is_no_seller():
    sales = pd.DataFrame(
        {"seller": ["a", "a", "b", "c", "a"], "gmv": [1.0, 2, 3, 0, np.nan], "year": [1, 1, 1, 1, 2]}
    )
    table = market.concentration(sales, seller="seller", value="gmv", by="year")
    assert table.index.tolist() == [1]
    assert table.loc[1, ["sellers", "total", "hhi"]].tolist() == [2, 6, 5000]


def test_shares_that_do_not_add_up_to_one_are_held_against_the_whole_market():
    listed = pd.DataFrame({"seller": list("abc"), "share": [0.4, 0.2, 0.15]})
    taken = market.concentration(listed, seller="seller", value="share").iloc[0]
    assert taken["hhi"] == pytest.approx((0.4**2 + 0.2**2 + 0.15**2) / 0.75**2 * 1e4)
    whole = market.concentration(listed, seller="seller", value="share", total=1).iloc[0]
    assert whole["hhi"] == pytest.approx(1600 + 400 + 225)
    # The rest of 0.25: one seller of 0.15, as large as the smallest listed, and one of 0.10.
    assert whole["hhi_high"] == pytest.approx(1600 + 400 + 225 + 225 + 100)
    assert whole["covered"] == pytest.approx(0.75)
    assert whole[["cr4", "cr10", "gini"]].isna().all()
    assert taken["covered"] == 1
    assert taken["hhi_high"] == taken["hhi"]


@few
@given(sold, st.floats(0.1, 1))
def test_the_concentration_of_a_whole_market_lies_between_its_bounds(amounts, kept):
    x = np.sort(amounts)[::-1]
    listed = x[: max(1, int(kept * len(x)))]
    sellers = pd.DataFrame({"seller": range(len(listed)), "gmv": listed})
    row = market.concentration(sellers, seller="seller", value="gmv", total=float(x.sum())).iloc[0]
    true = concentration(amounts)["hhi"]
    assert row["hhi"] <= true * (1 + 1e-9)
    assert true <= row["hhi_high"] * (1 + 1e-6)


@few
@given(sold)
def test_the_gini_is_one_less_twice_the_area_under_the_lorenz_curve(amounts):
    sellers = pd.DataFrame({"seller": range(len(amounts)), "gmv": amounts})
    curve = market.lorenz(sellers, seller="seller", value="gmv")
    x, y = ([0.0, *curve[name]] for name in ("sellers_share", "sales_share"))
    assert concentration(amounts)["gini"] == pytest.approx(1 - 2 * np.trapezoid(y, x), abs=1e-9)
    assert curve["share"].sum() == pytest.approx(1)
    assert (curve["sales_share"] <= curve["sellers_share"] + 1e-9).all()
    assert curve[["sellers_share", "sales_share"]].iloc[-1].tolist() == pytest.approx([1, 1])


def test_a_lorenz_curve_by_group_begins_anew_in_each():
    sales = pd.DataFrame({"seller": [1, 2, 1, 3, 4], "gmv": [3.0, 1, 2, 0, 2], "year": [1, 1, 2, 2, 2]})
    curve = market.lorenz(sales, seller="seller", value="gmv", by="year")
    assert curve.columns.tolist() == ["year", "seller", "gmv", "share", "sellers_share", "sales_share"]
    assert curve["sales_share"].tolist() == [0.25, 1, 0.5, 1]


def test_the_head_of_the_simulated_market_pulls_away():
    sellers = datasets.load("market_monthly").query("level == 'seller'")
    year = sellers["date"].ge("2025-07-01").map({False: "first", True: "second"})
    found = market.concentration(sellers.assign(year=year), seller="segment", value="gmv", by="year")
    for measure in ("hhi", "cr4", "cr10", "gini"):
        assert found.loc["second", measure] > found.loc["first", measure]
    # The ten largest alone, held against the whole market, bound what all of them show.
    largest = sellers[year == "second"].groupby("segment", as_index=False)["gmv"].sum().nlargest(10, "gmv")
    total = float(found.loc["second", "total"])
    few_known = market.concentration(largest, seller="segment", value="gmv", total=total).iloc[0]
    assert few_known["hhi"] < found.loc["second", "hhi"] < few_known["hhi_high"]
    assert few_known["cr10"] == pytest.approx(found.loc["second", "cr10"])
    assert few_known["covered"] == pytest.approx(few_known["cr10"])


def test_penetration_is_a_ratio_of_sums_not_a_mean_of_ratios():
    months = pd.DataFrame({"online": [10.0, 30], "all": [100.0, 100], "region": ["n", "s"]})
    assert market.penetration(months, "online", "all")["penetration"].tolist() == [0.2]
    months["all"] = [100.0, 300]
    assert market.penetration(months, "online", "all")["penetration"].tolist() == [0.1]
    assert market.penetration(months, "online", "all", by="region")["periods"].tolist() == [1, 1]


def test_the_interval_of_a_penetration_covers_it_as_often_as_it_says():
    rng = np.random.default_rng(3)
    whole = rng.uniform(90, 110, (250, 12))
    part = 0.6 * whole * (1 + 0.02 * rng.normal(size=whole.shape))
    frames = [pd.DataFrame({"part": p, "whole": w}) for p, w in zip(part, whole, strict=True)]
    rows = pd.concat([market.penetration(frame, "part", "whole", level=0.9) for frame in frames])
    assert 0.85 <= rows["low"].lt(0.6).mul(rows["high"].gt(0.6)).mean() <= 0.95


def test_both_ways_to_size_a_niche_agree_where_their_assumptions_do():
    listings = pd.DataFrame({"price": [10.0, 20.0, np.nan], "units": [5, 10, 3]})
    below = market.bottom_up(listings, coverage=(0.4, 0.5, 1)).iloc[0]
    above = market.top_down(5000, {"smart": (0.05, 0.1, 0.125)}).iloc[-1]
    assert below[["value", "low", "high"]].tolist() == above[["value", "low", "high"]].tolist()
    assert below[["units", "rows"]].tolist() == [15, 2]


@few
@given(amounts, st.lists(st.tuples(*[st.floats(0, 1)] * 3).map(sorted), max_size=4))
def test_each_cut_takes_something_away_and_keeps_the_order_of_the_range(total, cuts):
    table = market.top_down(total, {f"cut {place}": cut for place, cut in enumerate(cuts)})
    assert len(table) == len(cuts) + 1
    assert (table["value"].diff().dropna() <= 0).all()
    assert (table["low"] <= table["value"] * (1 + 1e-12)).all()
    assert (table["value"] <= table["high"] * (1 + 1e-12)).all()


SALES = pd.DataFrame({"seller": ["a"], "gmv": [1.0]})


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: market.cagr(4, -7, 5), "last is -7; growth needs a figure above 0"),
        (lambda: market.cagr(4, "7", 5), "last is '7'; growth needs a figure above 0"),
        (lambda: market.cagr(4, 7, 0), "years is 0; give a number above 0."),
        (lambda: market.cagr(4, 7, 5, first_step=-1), "first_step is -1; give what the figure was rounded"),
        (lambda: market.project(math.inf, 0.1, 1), "value is inf; give a finite number."),
        (lambda: market.project(4, -0.999, 1, rate_step=0.01), "rate is -0.999; give a fraction above -1"),
        (lambda: market.project(4, 0.1, "soon"), "years is 'soon'; give a number of years"),
        (lambda: market.back_cast(True, 0.1, 1), "value is True; give a finite number."),
        (lambda: market.top_down(-1, {}), "total is -1; give a finite number of 0 or above."),
        (lambda: market.top_down(1, {"x": 0.5}), "the cut 'x' is 0.5; give its least, usual and most"),
        (lambda: market.top_down(1, {"x": (0.5, 0.6, 60)}), "the cut 'x' is (0.5, 0.6, 60); give its least"),
        (
            lambda: market.concentration(SALES, seller="seller", value="gmv", total=0.5),
            "the sellers add up to 1, more than total=0.5.",
        ),
        (
            lambda: market.concentration(SALES, seller="seller", value="gmv", total=-1),
            "total is -1; give the whole market",
        ),
        (lambda: market.penetration(SALES, "gmv", "seller"), "column 'seller' holds"),
        (
            lambda: market.concentration(SALES.assign(gmv=np.inf), seller="seller", value="gmv"),
            "column 'gmv' holds infinite amounts",
        ),
    ],
)
def test_bad_input_is_met_with_a_sentence(call, words):
    with pytest.raises(CourseError, match=re.escape(words)):
        call()
