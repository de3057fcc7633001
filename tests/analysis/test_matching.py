"""Matching in classes: counted by hand, laws, coverage, and sentences for bad input."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ecomtrain.analysis import causal, experiment
from ecomtrain.errors import CourseError


def frame(*rows):
    return pd.DataFrame(rows, columns=["treated", "past", "after"])


def selected(rng, n=800, effect=1.4):
    """Customers who join the likelier, the more they bought; joining multiplies what they buy next."""
    rate = rng.gamma(1.2, 0.8, n)
    past = rng.poisson(rate)
    joins = rng.random(n) < np.array([0.2, 0.4, 0.6])[np.minimum(past, 2)]
    after = rng.poisson(rate * np.where(joins, effect, 1))
    return pd.DataFrame({"treated": joins, "past": past, "after": after})


def test_the_controls_of_a_class_weigh_as_much_as_its_treated():
    data = frame((1, 0, 4), (1, 5, 10), (1, 5, 12), (0, 0, 2), (0, 0, 4), (0, 5, 9), (0, 9, 99))
    row = causal.matched_change(data, outcome="after", on="past").iloc[0]
    # Class 0: 4 against 3; class 5: 11 against 9, twice the weight; class 9 has no treated.
    assert row["treatment"] == pytest.approx((4 + 10 + 12) / 3)
    assert row["control"] == pytest.approx((3 + 9 + 9) / 3)
    assert row["change"] == pytest.approx(5 / 3)
    assert row[["n_treatment", "n_control", "unmatched", "classes"]].tolist() == [3, 3, 0, 2]


def test_treated_units_without_a_like_are_left_out_and_counted():
    data = frame((1, 0, 4), (1, 7, 50), (0, 0, 2), (0, 0, 4))
    row = causal.matched_change(data, outcome="after", on="past").iloc[0]
    assert row["unmatched"] == 1
    assert row["treatment"] == 4


def test_a_gap_in_a_matching_column_matches_nobody():
    data = frame((1, 0, 4), (1, None, 50), (0, 0, 2), (0, None, 4))
    row = causal.matched_change(data, outcome="after", on="past").iloc[0]
    assert row[["n_treatment", "n_control", "unmatched"]].tolist() == [1, 1, 1]


def test_bins_put_close_values_in_one_class():
    data = frame((1, 2, 4.0), (1, 3, 5.0), (0, 4, 2.0), (0, 1, 9.0))
    row = causal.matched_change(data, outcome="after", on="past", bins={"past": [0, 2]}).iloc[0]
    assert row[["control", "treatment", "classes"]].tolist() == [2.0, 4.5, 1]


def test_before_and_after_compares_the_gains():
    data = frame((1, 1, 3), (1, 3, 5), (0, 2, 2), (0, 2, 4)).assign(all="x")
    row = causal.matched_change(data, outcome="after", before="past", on="all").iloc[0]
    assert row["change"] == pytest.approx(2 - 1)
    assert row["treatment"], row["control"] == (2.0, 1.5)
    assert row["relative_change"] == pytest.approx(2 / 1.5 - 1)


def test_one_class_gives_the_intervals_of_two_means():
    rng = np.random.default_rng(4)
    data = pd.DataFrame({"treated": rng.random(400) < 0.4, "after": rng.gamma(2, 3, 400), "all": 1})
    row = causal.matched_change(data, outcome="after", on="all").iloc[0]
    peer = experiment.compare_means(data, arm="treated", control=False, numerator="after").iloc[0]
    for column in ("change", "relative_change", "relative_low", "relative_high"):
        assert row[column] == pytest.approx(peer[column], rel=1e-6)
    assert row["change_low"] == pytest.approx(peer["change_low"], rel=0.02)


def test_matching_finds_the_effect_that_the_plain_comparison_overstates():
    rng = np.random.default_rng(5)
    covered, plain = [], []
    for _ in range(80):
        data = selected(rng)
        row = causal.matched_change(data, outcome="after", before="past", on="past").iloc[0]
        covered.append(row["relative_low"] <= 0.4 <= row["relative_high"])
        apart = experiment.compare_means(data, arm="treated", control=False, numerator="after").iloc[0]
        plain.append(apart["relative_change"])
    assert np.mean(covered) >= 0.89
    assert np.mean(plain) > 0.7


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 3), st.integers(0, 5)), min_size=1, max_size=40),
    st.integers(1, 9),
)
def test_scaling_the_outcome_scales_the_change_and_not_the_relative_one(rows, factor):
    data = frame(*rows)
    one = causal.matched_change(data, outcome="after", on="past")
    two = causal.matched_change(data.assign(after=data["after"] * factor), outcome="after", on="past")
    scaled = ["control", "treatment", "change", "change_low", "change_high"]
    assert_frame_equal(two, one.assign(**{name: one[name] * factor for name in scaled}), rtol=1e-6)


def test_nobody_alike_gives_no_number():
    row = causal.matched_change(frame((1, 0, 4), (0, 5, 2)), outcome="after", on="past").iloc[0]
    assert row[["change", "change_low", "relative_change", "p"]].isna().all()
    assert row["unmatched"] == 1


@pytest.mark.parametrize(
    ("change", "options", "words"),
    [
        ({"treated": 2}, {}, "column 'treated' holds values other than 0 and 1"),
        ({"after": None}, {}, "not numbers"),
        ({"after": np.nan}, {}, "column 'after' is missing in 2 row(s)"),
        ({}, {"bins": {"past": [3, 1]}}, "bins of 'past' are [3, 1]; give rising lower edges"),
        ({}, {"on": "city"}, "column 'city' is not in the frame"),
        ({}, {"level": 0}, "level is 0"),
    ],
)
def test_bad_input_gets_a_sentence(change, options, words):
    data = frame((1, 0, 4), (0, 0, 2)).assign(**change)
    with pytest.raises(CourseError) as refusal:
        causal.matched_change(data, **{"outcome": "after", "on": "past"} | options)
    assert words in str(refusal.value)
