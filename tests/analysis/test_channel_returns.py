"""Return on ad spend and the cost of a customer: gold values, laws, and sentences for bad input."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ecomtrain.analysis import experiment, intervals
from ecomtrain.analysis.channels import acquisition_cost, parse_ratio, returns_on_spend
from ecomtrain.errors import CourseError

yuan = st.floats(1, 1e4)
days = st.lists(st.tuples(yuan, st.floats(0, 1e5), st.sampled_from("abc")), min_size=2, max_size=30)
law = settings(max_examples=20, deadline=None)


def test_one_to_eight_at_a_margin_of_a_fifth_earns_sixty_per_cent_and_breaks_even_at_five():
    row = returns_on_spend(100, 100 * parse_ratio("1:8"), 0.2).loc["all"]
    assert row[["roas", "roi", "break_even_roas", "contribution"]].tolist() == pytest.approx([8, 0.6, 5, 60])
    assert row[["low", "high", "roi_low", "roi_high"]].isna().all()


def test_one_to_fifteen_at_a_margin_of_three_tenths_is_a_return_of_three_and_a_half():
    assert returns_on_spend(1, parse_ratio("1:15"), 0.3)["roi"].item() == pytest.approx(3.5)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1:8", 8), ("1：8", 8), (" 1 : 8.5 ", 8.5), ("2:16", 8), ("1:0.5", 0.5), ("8", 8), ("800%", 8),
     ("800 %", 8), ("800％", 8), (8, 8), (8.5, 8.5), ("1:1", 1), ("1:0", 0)],
)  # fmt: skip
def test_a_return_is_read_however_it_is_written(text, value):
    assert parse_ratio(text) == value


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "'' is not a return"), ("1:8:2", "is not a return"), ("eight", "is not a return"),
     (None, "'None' is not a return"), ("-3", "is not a return"), ("inf", "is not a return"),
     ("1.2.3:4", "is not a return"), ("0:8", "has no spend"),
     ("8:1", "can be meant either way; write the spend first")],
)  # fmt: skip
def test_what_is_no_return_is_met_with_a_sentence(text, words):
    with pytest.raises(CourseError, match=re.escape(words)):
        parse_ratio(text)


@law
@given(days, st.floats(0.05, 1))
def test_profit_is_zero_exactly_at_the_break_even_return(rows, margin):
    spend = np.array([row[0] for row in rows])
    table = returns_on_spend(spend, spend / margin, margin)
    assert table["roas"].item() == pytest.approx(table["break_even_roas"].item())
    assert table["roi"].item() == pytest.approx(0, abs=1e-9)
    assert table["contribution"].item() == pytest.approx(0, abs=1e-6 * spend.sum())


@law
@given(days, st.floats(0.05, 1))
def test_the_groups_add_up_to_the_whole(rows, margin):
    frame = pd.DataFrame(rows, columns=["spend", "revenue", "channel"])
    parts = returns_on_spend(frame["spend"], frame["revenue"], margin, by=frame["channel"])
    whole = returns_on_spend(frame["spend"], frame["revenue"], margin).loc["all"]
    for name in ("spend", "revenue", "n", "contribution"):
        assert parts[name].sum() == pytest.approx(whole[name], rel=1e-9, abs=1e-6)
    assert (parts["roas"] * parts["spend"]).sum() / parts["spend"].sum() == pytest.approx(whole["roas"])


@law
@given(days, st.floats(0.01, 100))
def test_the_currency_changes_amounts_but_no_rate(rows, rate):
    frame = pd.DataFrame(rows, columns=["spend", "revenue", "channel"])
    one, other = (
        returns_on_spend(frame["spend"] * x, frame["revenue"] * x, 0.4, by=frame["channel"])
        for x in (1.0, rate)
    )
    rates = ["roas", "roi", "break_even_roas"]
    assert_frame_equal(one[rates], other[rates], rtol=1e-6)
    assert (other["contribution"] / rate).tolist() == pytest.approx(one["contribution"].tolist(), rel=1e-6)


def test_the_interval_is_that_of_a_ratio_of_sums_over_the_units():
    rng = np.random.default_rng(1)
    spend, revenue, week = rng.gamma(9, size=70), rng.gamma(9, size=70), np.arange(70) // 7
    row = returns_on_spend(spend, revenue, 0.5, unit=week).loc["all"]
    by_week = pd.DataFrame({"x": spend, "y": revenue}).groupby(week).sum()
    expected = intervals.ratio(by_week["y"], by_week["x"])
    assert row[["roas", "low", "high"]].tolist() == pytest.approx(
        [expected.value, expected.low, expected.high]
    )
    assert row["n"] == 10
    assert row[["roi_low", "roi_high"]].tolist() == pytest.approx(
        [expected.low / 2 - 1, expected.high / 2 - 1]
    )


def test_groups_without_a_common_unit_have_the_standard_error_of_an_experiment():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"spend": rng.gamma(9, size=400), "revenue": rng.gamma(9, size=400)})
    frame["arm"] = np.repeat(["control", "later"], 200)
    row = returns_on_spend(frame["spend"], frame["revenue"], 0.5, by=frame["arm"], control="control").loc[
        "later"
    ]
    other = experiment.compare_means(frame, numerator="revenue", denominator="spend").loc["later"]
    assert row["relative_change"] == pytest.approx(other["relative_change"])
    width, expected = (np.log1p(r["relative_high"]) - np.log1p(r["relative_low"]) for r in (row, other))
    assert width == pytest.approx(expected, rel=0.01)  # t with 199 degrees of freedom, not the normal


def test_what_moves_both_groups_in_the_same_weeks_cancels_out():
    rng = np.random.default_rng(3)
    weeks = np.arange(60)
    market = rng.gamma(4, size=60)
    revenue = np.r_[100 * market, 150 * market * rng.normal(1, 0.01, 60)]
    groups = {"by": np.repeat(["posts", "live"], 60), "control": "posts"}
    same = returns_on_spend(np.full(120, 10.0), revenue, 0.5, unit=np.r_[weeks, weeks], **groups).loc["live"]
    apart = returns_on_spend(np.full(120, 10.0), revenue, 0.5, **groups).loc["live"]
    assert same["relative_change"] == pytest.approx(apart["relative_change"]) == pytest.approx(0.5, abs=0.02)
    assert same["relative_high"] - same["relative_low"] < 0.02
    assert apart["relative_high"] - apart["relative_low"] > 0.4


def test_the_marginal_return_is_more_revenue_over_more_spend():
    table = returns_on_spend(
        [50.0, 50, 100, 100], [600.0, 600, 800, 800], 0.5, by=["a", "a", "b", "b"], control="a"
    )
    assert table.loc["b", "marginal_roas"] == 4
    assert table.loc["a", ["relative_change", "marginal_roas", "marginal_low"]].isna().all()
    same_spend = returns_on_spend([50.0, 50], [600.0, 800], 0.5, by=["a", "b"], control="a")
    assert np.isnan(same_spend.loc["b", "marginal_roas"])


def test_the_interval_of_the_marginal_return_covers_it_as_often_as_it_says():
    rng = np.random.default_rng(4)
    hits = 0
    for _ in range(120):
        spend = np.r_[rng.gamma(25, 4, 20), rng.gamma(25, 8, 20)]
        revenue = spend * np.repeat([12.0, 8.0], 20) * rng.gamma(100, 0.01, 40)
        row = returns_on_spend(spend, revenue, 0.5, by=np.repeat(["a", "b"], 20), control="a").loc["b"]
        # Where spend doubles, 12 falls to 8: the second hundred brings 16 - 12 hundreds.
        hits += row["marginal_low"] <= 4 <= row["marginal_high"]
    assert 0.91 <= hits / 120 <= 0.985


def test_spend_without_revenue_is_a_loss_of_all_of_it_and_revenue_without_spend_has_no_return():
    lost = returns_on_spend([10.0, 20], [0, 0], 0.4).loc["all"]
    assert lost[["roas", "roi"]].tolist() == [0, -1]
    free = returns_on_spend([0, 0], [10.0, 20], 0.4).loc["all"]
    assert free[["roas", "low", "roi"]].isna().all()
    assert free["contribution"] == pytest.approx(12)


def test_no_new_customer_has_no_cost_and_no_infinity():
    row = acquisition_cost([100.0, 50], [0, 0]).loc["all"]
    assert np.isnan(row["cac"])
    assert row["spend"] == 150


@law
@given(st.lists(st.tuples(yuan, st.integers(0, 50)), min_size=2, max_size=20))
def test_the_cost_of_a_customer_is_spend_over_new_customers(rows):
    spend, new = map(np.array, zip(*rows, strict=True))
    cac = acquisition_cost(spend, new).loc["all", "cac"]
    assert cac == pytest.approx(spend.sum() / new.sum()) if new.sum() else np.isnan(cac)


def test_a_channel_that_talks_to_its_fans_is_cheap_by_order_and_dear_by_new_customer():
    channel = ["live", "live", "posts", "posts"]
    spend, orders, new = [900.0, 900, 500, 500], [60, 61, 25, 26], [10, 11, 12, 13]
    by = {"by": channel, "control": "posts"}
    assert acquisition_cost(spend, orders, **by).loc["live", "relative_change"] < 0
    assert acquisition_cost(spend, new, **by).loc["live", "relative_change"] > 0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: returns_on_spend([1.0], [2.0], 0.3, level=95), "level is 95; give a fraction"),
        (lambda: returns_on_spend([1.0], [2.0], 30), "margin is 30; give a fraction of the revenue"),
        (lambda: returns_on_spend([1.0], [2.0], 0), "margin is 0; give a fraction"),
        (lambda: returns_on_spend([1.0], [2.0], "much"), "margin is much; give a fraction"),
        (lambda: returns_on_spend([1.0], [2.0, 3.0], 0.3), "spend has 1 value(s) and revenue 2"),
        (lambda: returns_on_spend(["1"], [2.0], 0.3), "spend holds <U1, not numbers"),
        (lambda: returns_on_spend([1.0], [np.nan], 0.3), "revenue is missing in 1 row(s)"),
        (lambda: returns_on_spend([-1.0], [2.0], 0.3), "spend is negative in 1 row(s)"),
        (lambda: returns_on_spend([np.inf], [2.0], 0.3), "spend is infinite in some rows"),
        (lambda: returns_on_spend([1.0], [2.0], 0.3, by=["a", "b"]), "by has 2 value(s) for 1 row(s)"),
        (lambda: returns_on_spend([1.0], [2.0], 0.3, by=[None]), "by is missing in 1 row(s)"),
        (lambda: returns_on_spend([1.0], [2.0], 0.3, unit=[None]), "unit is missing in 1 row(s)"),
        (
            lambda: returns_on_spend([1.0], [2.0], 0.3, by=["a"], control="b"),
            "control='b' is not a group; the groups are a.",
        ),
        (lambda: acquisition_cost([], []), "there is no row to count"),
        (lambda: acquisition_cost([1.0], [-2]), "new_customers is negative in 1 row(s)"),
    ],
)
def test_bad_input_is_met_with_a_sentence(call, words):
    with pytest.raises(CourseError, match=re.escape(words)) as refusal:
        call()
    assert str(refusal.value).startswith("channels.")
