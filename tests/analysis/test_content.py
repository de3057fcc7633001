"""Audience fit and TGI, and a rate against a benchmark with an error of its own."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecomtrain.analysis.content import audience_fit, rate_against_benchmark, tgi
from ecomtrain.errors import CourseError

SEGMENTS = {"segments": ["gender"]}


def counts(platform, *accounts):
    return pd.DataFrame(
        {"platform": platform, "gender": ["F", "M", "?"][: len(accounts)], "accounts": accounts}
    )


def test_fit_and_tgi_by_hand():
    audience, target = counts("a", 30, 70), counts("x", 80, 20).drop(columns="platform")
    row = audience_fit(audience, target, **SEGMENTS).iloc[0]
    assert row["fit"] == pytest.approx(0.5)
    assert row[["n", "n_target"]].tolist() == [100, 100]
    # Of two segments the fit is a difference of two shares.
    se = np.sqrt(0.3 * 0.7 / 100 + 0.8 * 0.2 / 100)
    assert row["high"] - row["fit"] == pytest.approx(1.959964 * se)
    assert tgi(audience, target, **SEGMENTS)["tgi"].tolist() == pytest.approx([37.5, 350.0])


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.integers(0, 500), min_size=3, max_size=3).filter(any),
    st.lists(st.integers(0, 500), min_size=3, max_size=3).filter(any),
)
def test_fit_lies_between_0_and_1_is_symmetric_and_the_weighted_tgi_is_100(one, two):
    a, b = counts("a", *one), counts("b", *two)
    fit = audience_fit(a, b, **SEGMENTS)["fit"].iloc[0]
    assert -1e-12 <= fit <= 1 + 1e-12
    assert audience_fit(b, a, **SEGMENTS)["fit"].iloc[0] == pytest.approx(fit)
    assert audience_fit(a, a, **SEGMENTS)["fit"].iloc[0] == pytest.approx(1)
    table = tgi(a, b, **SEGMENTS)
    if table["tgi"].notna().all():
        assert (table["tgi"] * table["target_share"]).sum() == pytest.approx(100)


def test_a_segment_that_one_side_lacks_counts_as_nobody():
    table = tgi(counts("a", 10, 10, 5), counts("x", 60, 40), **SEGMENTS).set_index("gender")
    assert np.isnan(table.loc["?", "tgi"])
    assert table.loc["?", "share"] == pytest.approx(0.2)
    assert audience_fit(counts("a", 10, 10, 5), counts("x", 60, 40), **SEGMENTS)["fit"].iloc[
        0
    ] == pytest.approx(0.8)


def test_one_row_per_person_is_as_good_as_counts():
    people = pd.DataFrame({"gender": ["F"] * 8 + ["M"] * 2})
    audience = pd.concat([counts("a", 30, 70), counts("b", 70, 30)])
    found = [audience_fit(audience, target, **SEGMENTS) for target in (people, counts("x", 8, 2))]
    pd.testing.assert_frame_equal(*found)


def test_the_shared_target_makes_a_difference_of_fits_more_certain_than_the_fits():
    audience = pd.concat([counts("a", 300, 700), counts("b", 600, 400)])
    target = counts("x", 40, 10)
    row = audience_fit(audience, target, **SEGMENTS).loc["b"]
    assert row["change"] == pytest.approx(0.3)
    assert row["change_high"] - row["change"] < row["high"] - row["fit"]
    known = audience_fit(audience, target, known=True, **SEGMENTS).loc["b"]
    assert known["high"] - known["low"] < row["high"] - row["low"]


def test_the_interval_of_the_difference_covers_it_as_often_as_it_says():
    rng = np.random.default_rng(3)
    q, shares = np.array([0.5, 0.3, 0.2]), {"a": np.array([0.2, 0.3, 0.5]), "b": np.array([0.4, 0.25, 0.35])}
    truth = (np.abs(shares["a"] - q).sum() - np.abs(shares["b"] - q).sum()) / 2
    covers = []
    for _ in range(100):
        audience = pd.concat([counts(name, *rng.multinomial(800, p)) for name, p in shares.items()])
        row = audience_fit(audience, counts("x", *rng.multinomial(400, q)), **SEGMENTS).loc["b"]
        covers.append(row["change_low"] <= truth <= row["change_high"])
    assert 0.88 <= np.mean(covers) <= 1.0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda a, t: audience_fit(a, t, segments=[]), "segments is empty"),
        (lambda a, t: audience_fit(a, t, reference="c", **SEGMENTS), "reference='c' is not a platform"),
        (lambda a, t: tgi(a, t.iloc[:0], **SEGMENTS), "the target has nobody in it"),
        (lambda a, t: tgi(a.assign(accounts=0), t, **SEGMENTS), "the audience has nobody in it"),
        (lambda a, t: tgi(a.assign(gender=None), t, **SEGMENTS), "column 'gender' is missing in 2 row(s)"),
        (lambda a, t: tgi(a.assign(accounts=-1), t, **SEGMENTS), "column 'accounts' is negative"),
    ],
)
def test_an_audience_that_cannot_be_read_is_met_with_a_sentence(call, words):
    with pytest.raises(CourseError, match=re.escape(words)):
        call(counts("a", 3, 7), counts("x", 8, 2))


def posts(rng, rate=0.048, n=60):
    plays = rng.integers(500, 20_000, n)
    return pd.DataFrame({"plays": plays, "clicks": rng.binomial(plays, rng.beta(12, 12 / rate - 12, n))})


def test_the_rate_is_pooled_and_its_error_that_of_posts():
    frame = pd.DataFrame({"plays": [1000, 3000], "clicks": [60, 120]})
    row = rate_against_benchmark(frame, benchmark=0.04, benchmark_se=0.002).iloc[0]
    assert row["rate"] == pytest.approx(0.045)
    assert row["change"] == pytest.approx(0.005)
    assert row["relative_change"] == pytest.approx(0.125)
    se = np.sqrt(2 * (15.0**2 + 15.0**2)) / 4000
    assert row["change_high"] - row["change"] == pytest.approx(1.959964 * np.hypot(se, 0.002))
    assert row[["posts", "trials"]].tolist() == [2, 4000]


def test_a_benchmark_with_an_error_of_its_own_is_harder_to_beat():
    frame = posts(np.random.default_rng(0))
    p = [rate_against_benchmark(frame, benchmark=0.042, benchmark_se=se).iloc[0]["p"] for se in (0.0, 0.004)]
    assert p[0] < p[1]


def test_the_interval_covers_the_difference_as_often_as_it_says_and_that_of_plays_does_not():
    rng = np.random.default_rng(4)
    covers = {True: [], False: []}
    for _ in range(80):
        frame, mean = posts(rng), rng.normal(0.04, 0.0012)
        for pooled, found in covers.items():
            se = 0.0 if pooled else 0.0012
            row = rate_against_benchmark(frame, benchmark=mean, benchmark_se=se, pooled=pooled).iloc[0]
            found.append(row["relative_low"] <= 0.2 <= row["relative_high"])
    assert 0.88 <= np.mean(covers[False]) <= 1.0
    assert np.mean(covers[True]) < 0.5


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ({"benchmark": 4}, "benchmark is 4; give a fraction"),
        ({"benchmark": 0.04, "benchmark_se": -1}, "benchmark_se is -1"),
        ({"benchmark": 0.04, "success": "plays", "trials": "clicks"}, "a post has more plays than clicks"),
    ],
)
def test_a_benchmark_that_cannot_be_read_is_met_with_a_sentence(given_, words):
    with pytest.raises(CourseError, match=re.escape(words)):
        rate_against_benchmark(posts(np.random.default_rng(0)), **given_)
