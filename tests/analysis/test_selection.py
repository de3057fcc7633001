"""Niches and search phrases: values worked out by hand, laws, and sentences for bad input."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy import stats

from ecomtrain import datasets
from ecomtrain.analysis import selection
from ecomtrain.errors import CourseError
from ecomtrain.shop.truth import Truth

MONTHS = pd.date_range("2024-07-01", periods=24, freq="MS")
SEASON = 1 + 0.5 * np.cos(2 * np.pi * np.arange(12) / 12)


def niches(buyers, listings):
    terms = [f"n{i:02d}" for i in range(len(buyers))]
    return pd.DataFrame({"term": terms, "buyers": buyers, "listings": listings})


def phrase(searches, term="coffee machine"):
    return pd.DataFrame({"month": MONTHS[-len(searches) :], "term": term, "searches": searches})


counts = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=30).map(
    lambda pairs: niches(*zip(*pairs, strict=True))
)
law = settings(max_examples=20, deadline=None)


def test_the_index_ranks_demand_per_listing_from_0_to_1():
    table = selection.blue_ocean(niches([90, 200, 40, 60, 10], [30, 400, 30, 80, 100]))
    assert table.index.tolist() == ["n00", "n02", "n03", "n01", "n04"]
    assert table["ratio"].tolist() == [3, 40 / 30, 0.75, 0.5, 0.1]
    assert table["index"].tolist() == [1, 0.75, 0.5, 0.25, 0]
    assert table.loc["n02", ["demand_rank", "supply_rank"]].tolist() == [0.25, 0.125]


def test_rows_of_one_niche_are_averaged():
    frame = pd.concat([niches([10, 7], [4, 7]), niches([30, 7], [6, 7])])
    assert selection.blue_ocean(frame).loc["n00", ["demand", "supply", "ratio"]].tolist() == [20, 5, 4]


def test_a_niche_that_is_wanted_and_not_served_ranks_highest_and_one_that_is_neither_does_not_count():
    frame = niches([5, 9, 0], [0, 1, 0])
    table = selection.blue_ocean(frame)
    assert table["index"].idxmax() == "n00"
    assert np.isnan(table.loc["n00", "ratio"])
    assert np.isnan(table.loc["n02", "index"])
    rate = selection.blue_ocean_rate(frame, ranks=[(0, 1)], ratios=[1, 100])
    assert rate["blue"].tolist() == [2, 2, 1]


def test_a_single_niche_has_no_rank():
    table = selection.blue_ocean(niches([5], [2]))
    assert table[["demand_rank", "supply_rank", "index"]].isna().all(axis=None)
    assert table["ratio"].tolist() == [2.5]


def test_the_rate_by_rank_and_by_ratio_is_the_one_counted_by_hand():
    # Demand grows from 1 to 10; the two best of the four in demand have the least supply.
    frame = niches(range(1, 11), [50, 60, 70, 80, 90, 100, 30, 40, 1, 2])
    table = selection.blue_ocean_rate(frame, ranks=[(0.6, 0.4), (0.8, 0.2)], ratios=[0.2, 4.9])
    assert table.index.tolist() == [
        "demand P60, supply P40",
        "demand P80, supply P20",
        "0.2 or more per supply",
        "4.9 or more per supply",
    ]
    assert table["niches"].tolist() == [10] * 4
    assert table["blue"].tolist() == [4, 2, 4, 2]
    low, high = stats.binomtest(4, 10).proportion_ci(method="wilson")
    assert table.iloc[0][["rate", "low", "high"]].tolist() == pytest.approx([0.4, low, high])


def test_without_niches_there_is_no_rate():
    table = selection.blue_ocean_rate(niches([], []).astype({"buyers": int, "listings": int}))
    assert table["niches"].eq(0).all()
    assert table["rate"].isna().all()


@law
@given(counts, st.integers(2, 9))
def test_the_index_does_not_depend_on_the_unit_of_demand_or_supply(frame, factor):
    other = frame.assign(buyers=frame["buyers"] * factor, listings=frame["listings"] * 7)
    assert_frame_equal(
        selection.blue_ocean(other)[["demand_rank", "supply_rank", "index"]].sort_index(),
        selection.blue_ocean(frame)[["demand_rank", "supply_rank", "index"]].sort_index(),
    )


@law
@given(counts)
def test_a_stricter_definition_never_counts_more(frame):
    ranks = [(0.3, 0.7), (0.5, 0.5), (0.6, 0.4), (0.9, 0.1)]
    table = selection.blue_ocean_rate(frame, ranks=ranks, ratios=[0.5, 1, 2])
    assert (table["blue"].iloc[:4].diff().dropna() <= 0).all()
    assert (table["blue"].iloc[4:].diff().dropna() <= 0).all()
    assert ((table["low"] <= table["rate"]) & (table["rate"] <= table["high"])).all()


def test_rates_and_rankings_under_every_definition_are_those_of_each_alone():
    frame = niches([9, 80, 90, 2], [2, 60, 30, 1]).assign(clicks=[90, 700, 900, 9])
    found = selection.blue_ocean_sensitivity(frame, demands=["buyers", "clicks"], ratios=[2, 20], k=2)
    for demand, part in found.table.groupby("demand"):
        alone = selection.blue_ocean_rate(frame, demand=demand, ratios=[2, 20])
        assert_frame_equal(part.drop(columns="demand").set_index("definition"), alone)
    by_ratio = selection.blue_ocean(frame)["index"].rank(ascending=False)
    assert found.niches["place"].sort_index().tolist() == by_ratio.sort_index().tolist()
    # Ratio 4.5, 1.3, 3, 2; gap 0, -1, 1, 0: n02 leads by rank, n00 by ratio.
    assert found.rankings["first"].tolist()[:2] == ["n00", "n02"]
    assert found.rankings["kept"].tolist()[:2] == [1, 1]
    assert found.rankings["correlation"].iloc[0] == 1


def test_the_log_index_compares_standard_deviations_of_the_logarithm():
    frame = niches([9, 80, 90, 0], [2, 60, 30, 0])
    found = selection.blue_ocean_sensitivity(frame, demands="buyers", k=1)
    logs = np.log1p(frame[["buyers", "listings"]].to_numpy())
    z = (logs - logs.mean(axis=0)) / logs.std(axis=0)
    apart = z[:3, 0] - z[:3, 1]
    assert found.rankings["first"].iloc[2] == f"n{apart.argmax():02d}"
    assert found.niches.loc["n03"].isna().all()  # neither wanted nor served


@law
@given(counts)
def test_the_first_definition_agrees_with_itself_and_no_niche_is_better_than_its_best(frame):
    found = selection.blue_ocean_sensitivity(frame, demands=["buyers"], k=3)
    known = found.niches.dropna()
    assert (known["best"] <= known["place"]).all()
    assert (known["place"] <= known["worst"]).all()
    assert known["top"].between(0, 1).all()
    assert len(known) == 0 or found.rankings["kept"].iloc[0] == 1


def test_the_simulated_market_has_the_blue_oceans_that_were_planted():
    words, truth = datasets.load("keywords_monthly", shop="mother_baby"), Truth()
    words = words[(words["niche"] == "baby-food maker") & (words["month"] >= "2025-07-01")]
    found = selection.blue_ocean_sensitivity(words)
    rate = found.table.set_index(["demand", "definition"])["rate"]
    assert rate["buyers", "demand P60, supply P40"] == pytest.approx(truth.blue_ocean_ranks)
    assert rate["buyers", "1 or more per supply"] == pytest.approx(truth.blue_ocean_ratio)
    # With searches for demand, every niche has one or more per listing: the cut says nothing any more.
    assert rate["searches", "1 or more per supply"] == 1
    assert found.rankings["correlation"].between(0.9, 1).all()


def test_growth_with_the_season_out_is_the_planted_one_exactly():
    searches = 10_000 * np.tile(SEASON, 2) * 1.38 ** (np.arange(24) / 12)
    row = selection.keyword_growth(phrase(searches)).iloc[0]
    assert row["growth"] == pytest.approx(0.38)
    assert np.isnan(row["low"])  # twelve ratios that are all alike show no spread


def test_a_quarter_over_the_quarter_before_shows_the_season_and_no_growth():
    searches = 10_000 * np.tile(SEASON, 2)
    quarter = selection.keyword_growth(phrase(searches), months=3, lag=3, end="2025-12").iloc[0]
    assert quarter["growth"] == pytest.approx(SEASON[3:6].sum() / SEASON[:3].sum() - 1)
    assert selection.keyword_growth(phrase(searches)).iloc[0]["growth"] == pytest.approx(0)


def test_the_interval_is_that_of_the_jackknife():
    rng = np.random.default_rng(1)
    searches = rng.poisson(1000, 24)
    row = selection.keyword_growth(phrase(searches), level=0.9).iloc[0]
    now, before = searches[12:], searches[:12]
    without = [np.delete(now, i).sum() / np.delete(before, i).sum() for i in range(12)]
    ratio = now.sum() / before.sum()
    se = np.sqrt(11 / 12 * sum((x - ratio) ** 2 for x in without)) / ratio
    free = (before**2.0).sum() ** 2 / (before**4.0).sum() - 1
    assert 10.9 < free < 11
    reach = np.exp(stats.t.ppf(0.95, free) * se)
    assert row[["recent", "earlier"]].tolist() == [now.sum(), before.sum()]
    assert row[["growth", "low", "high"]].tolist() == pytest.approx(
        [ratio - 1, ratio / reach - 1, ratio * reach - 1]
    )
    assert row["p"] == pytest.approx(2 * stats.t.sf(abs(np.log(ratio)) / se, free))


def test_the_interval_covers_the_growth_as_often_as_it_says():
    rng = np.random.default_rng(3)
    mean = 3_000 * np.tile(SEASON, 2) * 1.2 ** (np.arange(24) / 12)
    many = pd.concat([phrase(rng.poisson(mean * rng.gamma(400, 1 / 400, 24)), f"t{i}") for i in range(500)])
    table = selection.keyword_growth(many)
    assert 0.92 <= ((table["low"] <= 0.2) & (table["high"] >= 0.2)).mean() <= 0.97


def test_a_phrase_searched_too_rarely_has_counts_and_no_growth():
    rare = phrase([1] * 24, "rare")
    table = selection.keyword_growth(pd.concat([rare, phrase([100] * 12 + [110] * 12)]))
    assert table.loc["rare", ["recent", "earlier"]].tolist() == [12, 12]
    assert np.isnan(table.loc["rare", "growth"])
    assert selection.keyword_growth(rare, min_n=0).loc["rare", "growth"] == 0


def test_a_month_without_a_row_counts_as_none_and_rows_of_one_month_are_added_up():
    frame = phrase([100] * 24)
    table = selection.keyword_growth(
        pd.concat([frame.drop(index=20), frame.iloc[[23]], phrase([1] * 24, "x")])
    )
    assert table.loc["coffee machine", "recent"] == 1200


def test_one_month_alone_has_growth_and_no_interval():
    row = selection.keyword_growth(phrase([100] * 23 + [150]), months=1, lag=1).iloc[0]
    assert row["growth"] == 0.5
    assert row[["low", "high", "p"]].isna().all()


@law
@given(st.lists(st.integers(1, 5000), min_size=24, max_size=24), st.integers(2, 9))
def test_growth_does_not_depend_on_the_level(searches, factor):
    one = selection.keyword_growth(phrase(searches), min_n=0)
    other = selection.keyword_growth(phrase(np.array(searches) * factor), min_n=0)
    assert_frame_equal(
        one.drop(columns=["recent", "earlier", "p"]), other.drop(columns=["recent", "earlier", "p"])
    )
    low, high = (one[name].fillna(one["growth"]) for name in ("low", "high"))
    assert ((low <= one["growth"]) & (one["growth"] <= high)).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: selection.blue_ocean(niches([1], [2]), by="niche"), "column 'niche' is not in the frame"),
        (lambda: selection.blue_ocean(niches([None, 2], [1, 2])), "column 'buyers' has missing counts"),
        (lambda: selection.blue_ocean(niches(["a"], [2])), "column 'buyers' holds"),
        (lambda: selection.blue_ocean_rate(niches([1], [2]), ranks=[(60, 40)]), "ranks holds (60, 40)"),
        (lambda: selection.blue_ocean_rate(niches([1], [2]), ratios=[0]), "ratios holds 0; give a number"),
        (lambda: selection.blue_ocean_rate(niches([1], [2]), level=95), "level is 95"),
        (lambda: selection.blue_ocean_sensitivity(niches([1], [2]), demands=[]), "demands is empty"),
        (lambda: selection.blue_ocean_sensitivity(niches([1], [2]), demands="buyers", k=0), "k is 0; give"),
        (lambda: selection.keyword_growth(phrase([1] * 24), months=0), "months is 0; give a whole number"),
        (lambda: selection.keyword_growth(phrase([1] * 24), lag=1.5), "lag is 1.5; give a whole number"),
        (lambda: selection.keyword_growth(phrase([1] * 23)), "24 months up to 2026-06 are needed"),
        (lambda: selection.keyword_growth(phrase([1] * 24), end="2026-07"), "after the last month"),
        (lambda: selection.keyword_growth(phrase([1] * 24), end="soon"), "'soon' is not a date"),
    ],
)  # fmt: skip
def test_bad_input_is_met_with_a_sentence(call, words):
    with pytest.raises(CourseError, match=re.escape(words)):
        call()
