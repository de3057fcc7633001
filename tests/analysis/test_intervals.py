"""Intervals against the libraries that have them, and what they must never do."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from ecomtrain.analysis import intervals
from ecomtrain.errors import CourseError

counts = st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@settings(max_examples=100, deadline=None)
@given(counts, st.sampled_from([0.8, 0.95, 0.999]))
def test_wilson_is_statsmodels_wilson_and_holds_the_share(count, level):
    low, high = intervals.wilson(*count, level)
    assert (low, high) == pytest.approx(
        proportion_confint(*count, alpha=1 - level, method="wilson"), abs=1e-12
    )
    assert 0 <= low <= count[0] / count[1] <= high <= 1


def test_wilson_of_nothing_is_unknown_and_at_the_edges_it_is_exact():
    low, high = intervals.wilson([0, 0, 5], [0, 5, 5])
    assert np.isnan([low[0], high[0]]).all()
    assert low[1] == 0
    assert high[2] == 1


def test_wilson_takes_nullable_counts():
    low, _ = intervals.wilson(pd.array([1, None], dtype="Int64"), pd.Series([3, 3]))
    assert np.isnan(low).tolist() == [False, True]


@pytest.mark.parametrize(("k", "n"), [(4, 3), (-1, 3), (0, -3)])
def test_a_part_larger_than_the_whole_is_no_share(k, n):
    with pytest.raises(CourseError, match="is not a share"):
        intervals.wilson([0, k], [1, n])


@pytest.mark.parametrize("level", [0, 1, 95, -0.5])
def test_a_level_that_is_no_fraction_is_refused(level):
    calls = (
        lambda: intervals.wilson(1, 2, level),
        lambda: intervals.ratio([1, 2], level=level),
        lambda: intervals.relative_change(1, 0.1, 2, 0.1, level=level),
    )
    for call in calls:
        with pytest.raises(CourseError, match="give a fraction such as"):
            call()


def test_without_a_denominator_the_ratio_is_the_mean_with_its_t_interval():
    values = np.random.default_rng(0).gamma(2, 50, 40)
    found = intervals.ratio(values)
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert found.value == pytest.approx(values.mean())
    assert found.se == pytest.approx(stats.sem(values))
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_the_delta_interval_of_a_ratio_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(400):
        orders = 1 + rng.poisson(1, 300)
        paid = orders * 100 * rng.gamma(4, 1 / 4, 300)  # a buyer's orders resemble each other
        found = intervals.ratio(paid, orders)
        held += found.low <= 100 <= found.high
    assert 0.925 <= held / 400 <= 0.975


def test_one_unit_or_units_all_alike_have_a_value_and_no_interval():
    for found in (intervals.ratio([3], [2]), intervals.ratio([3, 3], [2, 2])):
        assert found.value == 1.5
        assert np.isnan([found.low, found.high]).all()
    assert np.isnan(intervals.ratio([], [])).all()
    assert np.isnan(intervals.ratio([1, 2], [0, 0])).all()
    assert np.isnan(intervals.ratio([1, np.nan], [1, 1]).value)


def test_the_relative_change_of_two_shares_is_that_of_statsmodels():
    p0, p1, n = 0.25, 0.33, 1000
    se0, se1 = (np.sqrt(p * (1 - p) / n) for p in (p0, p1))
    change, low, high = intervals.relative_change(p0, se0, p1, se1)
    expected = confint_proportions_2indep(330, n, 250, n, compare="ratio", method="log")
    assert change == pytest.approx(0.32)
    assert (low + 1, high + 1) == pytest.approx(expected, rel=1e-9)


def test_a_change_from_zero_is_unknown_and_of_a_loss_has_no_interval():
    change, low, _ = intervals.relative_change([0, -5, 5], 1, [5, 5, 0], 1)
    assert np.isnan(change).tolist() == [True, False, False]
    assert change[1:].tolist() == [-2, -1]
    assert np.isnan(low).all()
