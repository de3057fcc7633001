"""Surveys: weights put right who was asked, and the interval knows it."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecomtrain.analysis import surveys
from ecomtrain.analysis.intervals import wilson
from ecomtrain.errors import CourseError

few = settings(max_examples=25, deadline=None)
answers = st.lists(st.integers(0, 1), min_size=2, max_size=60)
CELLS = pd.DataFrame({"cell": ["a"] * 40 + ["b"] * 60, "yes": [1] * 30 + [0] * 10 + [1] * 20 + [0] * 40})


def share(frame, **options):
    return surveys.weighted_share(frame, success="yes", **options).iloc[0]


def test_weights_bring_the_cells_to_their_share_of_the_population():
    # Half of the population is in each cell: (0.75 + 1/3) / 2.
    weighted = CELLS.assign(weight=CELLS["cell"].map({"a": 0.5 / 40, "b": 0.5 / 60}))
    row = share(weighted, weight="weight", strata=["cell"])
    assert row["share"] == pytest.approx((0.75 + 1 / 3) / 2)
    variance = 0.25 * 0.75 * 0.25 / 39 + 0.25 * (1 / 3) * (2 / 3) / 59
    assert row["effective_n"] == pytest.approx(row["share"] * (1 - row["share"]) / variance)
    assert row["unweighted"] == 0.5


@few
@given(answers)
def test_without_weights_it_is_the_plain_share_with_its_wilson_interval(values):
    row = share(pd.DataFrame({"yes": values}))
    k, n = sum(values), len(values)
    assert row["share"] == pytest.approx(k / n)
    assert row["unweighted"] == pytest.approx(k / n)
    # The variance has n - 1 below it, where Wilson has n.
    size = n - 1 if 0 < k < n else n
    np.testing.assert_allclose(row[["low", "high"]].astype(float), wilson(k / n * size, size), atol=1e-9)


@few
@given(answers, st.floats(1e-6, 1e6))
def test_the_scale_of_the_weights_plays_no_part(values, factor):
    frame = pd.DataFrame({"yes": values, "weight": 1.0 + np.arange(len(values)) % 3})
    one, other = (share(frame.assign(weight=frame["weight"] * f), weight="weight") for f in (1, factor))
    np.testing.assert_allclose(one.astype(float), other.astype(float), rtol=1e-6)


def test_a_response_without_weight_counts_for_nothing():
    frame = pd.DataFrame({"yes": [1, 0, 0], "weight": [2.0, 2.0, 0.0]})
    assert share(frame, weight="weight")["share"] == 0.5
    assert np.isnan(share(frame.assign(weight=0.0), weight="weight")["share"])


def test_everyone_says_yes_and_the_interval_still_has_a_width():
    row = share(pd.DataFrame({"yes": [1] * 20}))
    assert row["share"] == row["high"] == 1
    assert 0.8 < row["low"] < 0.9


def test_the_interval_covers_the_share_of_the_population_and_the_unweighted_share_misses_it():
    rng = np.random.default_rng(5)
    population, rates, sizes = np.array([0.5, 0.3, 0.2]), np.array([0.4, 0.6, 0.9]), np.array([30, 60, 160])
    cell = np.repeat(np.arange(3), sizes)
    weight = (population / sizes)[cell]
    truth, off, covers = population @ rates, 0, 0
    for _ in range(300):
        frame = pd.DataFrame({"yes": rng.random(len(cell)) < rates[cell], "cell": cell, "weight": weight})
        row = share(frame, weight="weight", strata="cell", level=0.9)
        covers += row["low"] <= truth <= row["high"]
        off += row["unweighted"] > row["high"]
    assert 0.85 <= covers / 300 <= 0.95
    assert off > 280


def test_a_cell_with_one_response_is_measured_from_the_share_of_all():
    frame = pd.DataFrame({"yes": [1, 1, 0, 0, 1], "cell": list("aaaab")})
    row = share(frame, strata=["cell"])
    variance = (4 / 3 * 4 * 0.25 + 0.4**2) / 25
    assert row["effective_n"] == pytest.approx(0.24 / variance)


def test_promoters_less_detractors_counted_by_hand():
    table = surveys.net_promoter_score(
        pd.DataFrame({"score": [10, 9, 8, 7, 6, 0, np.nan], "shop": ["a"] * 7})
    )
    row = table.iloc[0]
    assert row["nps"] == pytest.approx(0)
    assert row["n"] == 6
    assert row[["promoters", "passives", "detractors"]].tolist() == pytest.approx([1 / 3] * 3)


@few
@given(st.lists(st.integers(0, 10), min_size=2, max_size=80))
def test_the_score_lies_between_a_hundred_below_and_above_and_its_parts_add_up(scores):
    row = surveys.net_promoter_score(pd.DataFrame({"score": scores})).iloc[0]
    assert row[["promoters", "passives", "detractors"]].sum() == pytest.approx(1)
    assert row["nps"] == pytest.approx(100 * (row["promoters"] - row["detractors"]))
    assert np.isnan(row["low"]) or -100 <= row["low"] <= row["nps"] <= row["high"] <= 100


ASKED = pd.DataFrame({"yes": [1, 0], "weight": [1.0, 1.0], "score": [9, 3]})


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: share(ASKED.assign(yes=[2, 0])), "column 'yes' holds values other than 0 and 1"),
        (lambda: share(ASKED.assign(yes=[1, None])), "column 'yes' is missing in 1 row(s)"),
        (lambda: share(ASKED.assign(weight=[-1.0, 1]), weight="weight"), "negative or not finite"),
        (lambda: share(ASKED, weight="weight", level=95), "level is 95; give a fraction such as 0.95."),
        (lambda: share(ASKED, strata=["age"]), "column 'age' is not in the frame"),
        (
            lambda: surveys.net_promoter_score(ASKED.assign(score=[-1, 3])),
            "'score' holds -1, which is not on the scale of 0 to 10.",
        ),
        (lambda: surveys.net_promoter_score(ASKED, level=0), "level is 0"),
    ],
)
def test_bad_input_is_met_with_a_sentence(call, words):
    with pytest.raises(CourseError, match=re.escape(words)):
        call()
