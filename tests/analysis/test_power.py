"""The size of an experiment: published values, statsmodels, and whether it keeps what it promises."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import proportion_effectsize, samplesize_proportions_2indep_onetail

from ecomtrain.analysis import experiment
from ecomtrain.errors import CourseError

shares = st.floats(0.02, 0.98)


@pytest.mark.parametrize(("pooled", "expected"), [(True, 14_751), (False, 14_748)])
def test_from_10_to_11_percent_takes_the_published_number_of_units_per_arm(pooled, expected):
    row = experiment.sample_size(0.10, p2=0.11, pooled=pooled).iloc[0]
    assert (row["n_control"], row["n_treatment"], row["n"]) == (expected, expected, 2 * expected)


@pytest.mark.parametrize("ratio", [0.5, 1.0, 3.0])
def test_the_pooled_size_is_that_of_statsmodels(ratio):
    row = experiment.sample_size(0.2, p2=0.25, power=0.9, ratio=ratio).iloc[0]
    expected = samplesize_proportions_2indep_onetail(-0.05, 0.25, 0.9, ratio=ratio, alpha=0.05)
    assert row["n_control"] == pytest.approx(expected, abs=1)


def test_a_relative_change_is_the_share_that_it_leads_to():
    one, other = experiment.sample_size(0.2, change=-0.25), experiment.sample_size(0.2, p2=0.15)
    assert one["treatment"].item() == pytest.approx(0.15)
    assert one["n"].item() == other["n"].item()


@given(shares, shares, st.floats(0.2, 5))
def test_swapping_the_arms_swaps_their_sizes(p1, p2, ratio):
    assume(abs(p1 - p2) > 0.01)
    row = experiment.sample_size(p1, p2=p2, ratio=ratio).iloc[0]
    back = experiment.sample_size(p2, p2=p1, ratio=1 / ratio).iloc[0]
    assert row["n_control"] == pytest.approx(back["n_treatment"], abs=1 + 1e-6 * row["n"])
    assert row["n_treatment"] == pytest.approx(row["n_control"] * ratio, abs=1 + ratio)


@given(shares, st.floats(0.02, 0.3))
def test_a_smaller_difference_or_a_surer_answer_takes_more_units(p1, change):
    assume(p1 * (1 + change) < 0.99)
    n = experiment.sample_size(p1, change=change)["n"].item()
    assert experiment.sample_size(p1, change=change / 2)["n"].item() > n
    assert experiment.sample_size(p1, change=change, power=0.9)["n"].item() >= n
    assert experiment.sample_size(p1, change=change, alpha=0.01)["n"].item() >= n


def test_a_test_of_the_planned_size_finds_the_difference_as_often_as_planned():
    rng = np.random.default_rng(5)
    row = experiment.sample_size(0.30, change=0.10).iloc[0]
    n0, n1 = int(row["n_control"]), int(row["n_treatment"])
    a, b = rng.binomial(n0, 0.30, 4000) / n0, rng.binomial(n1, 0.33, 4000) / n1
    pooled = (a * n0 + b * n1) / (n0 + n1)
    z = (b - a) / np.sqrt(pooled * (1 - pooled) * (1 / n0 + 1 / n1))
    assert (np.abs(z) > 1.96).mean() == pytest.approx(0.8, abs=0.02)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: experiment.sample_size(0.1), "give p2 .* or change .*, one of the two"),
        (lambda: experiment.sample_size(0.1, p2=0.2, change=1.0), "one of the two"),
        (lambda: experiment.sample_size(10, p2=0.2), "p1 is 10; give a share between 0 and 1"),
        (lambda: experiment.sample_size(0.1, p2=11), "p2 is 11; give a share"),
        (lambda: experiment.sample_size(0.1, p2=0.1), "no size is enough"),
        (lambda: experiment.sample_size(0.1, change=0), "no size is enough"),
        (lambda: experiment.sample_size(0.6, change=1), "takes p1 0.6 to 1.2, which is no share"),
        (lambda: experiment.sample_size("0.1", p2=0.2), "p1 is '0.1'; give a number"),
        (lambda: experiment.sample_size(float("nan"), p2=0.2), "p1 is nan; give a number"),
        (lambda: experiment.sample_size(0.1, p2=0.2, alpha=5), "alpha is 5; give a share"),
        (lambda: experiment.sample_size(0.1, p2=0.2, power=80), "power is 80; give a share"),
        (lambda: experiment.sample_size(0.1, p2=0.2, power=0.03), "power is 0.03, not above alpha"),
        (lambda: experiment.sample_size(0.1, p2=0.2, ratio=0), "ratio is 0; give a number above 0"),
        (lambda: experiment.sample_size(0.1, p2=0.2, ratio=True), "ratio is True; give a number"),
    ],
)
def test_slips_get_a_clear_sentence(call, says):
    with pytest.raises(CourseError, match=f"experiment.sample_size: .*{says}"):
        call()


# --- power, size and smallest effect -----------------------------------------------------------------------


@pytest.mark.parametrize(("pooled", "expected"), [(True, 14_751), (False, 14_748)])
def test_the_size_that_is_solved_for_is_the_published_one(pooled, expected):
    found = experiment.power(0.10, change=0.10, power=0.8, pooled=pooled)["n_control"].item()
    assert found == pytest.approx(expected, abs=1)


def test_the_arcsine_approximation_of_statsmodels_stands_beside_it():
    effect = proportion_effectsize(0.11, 0.10)
    assert round(NormalIndPower().solve_power(effect, power=0.8, alpha=0.05)) == 14_744


def test_the_power_of_a_mean_is_that_of_statsmodels():
    found = experiment.power(85.0, n=[50, 400, 3000], change=0.05, sd=30.0, ratio=2.0)["power"]
    peer = [NormalIndPower().power(85 * 0.05 / 30, n, 0.05, ratio=2.0) for n in (50, 400, 3000)]
    assert found.tolist() == pytest.approx(peer, rel=1e-9)


@given(shares, st.floats(0.03, 0.5), st.floats(0.1, 0.95), st.floats(0.3, 3))
@settings(max_examples=25, deadline=None)
def test_what_is_solved_for_gives_what_was_asked_for(control, change, power, ratio):
    assume(control * (1 + change) < 0.98)
    n = experiment.power(control, change=change, power=power, ratio=ratio)["n_control"].item()
    reached = experiment.power(control, n=n, change=change, ratio=ratio)["power"].item()
    assert reached >= power - 1e-9
    if n > 1000:
        assert reached == pytest.approx(power, abs=0.01)
        back = experiment.power(control, n=n, power=reached, ratio=ratio)["change"].item()
        assert back == pytest.approx(change, rel=1e-6)


def test_every_pair_has_a_row_and_power_rises_with_units_and_with_the_effect():
    table = experiment.power(0.1, n=[1000, 5000, 20000], change=[0.05, 0.1])
    grid = table["power"].to_numpy().reshape(3, 2)
    assert (np.diff(grid, axis=0) > 0).all()
    assert (np.diff(grid, axis=1) > 0).all()


def test_no_effect_is_seen_as_often_as_alpha():
    assert experiment.power(0.1, n=1000, change=0.0)["power"].item() == pytest.approx(0.05)


def test_an_effect_that_no_share_reaches_is_nan():
    assert np.isnan(experiment.power(0.9, n=10, power=0.8)["change"].item())


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: experiment.power(0.1, n=10), "1 is given"),
        (lambda: experiment.power(0.1, n=10, change=0.1, power=0.8), "3 is given"),
        (lambda: experiment.power(10, n=10, change=0.1), "control is 10"),
        (lambda: experiment.power(0.1, n=1, change=0.1), "n is 1"),
        (lambda: experiment.power(0.1, n="many", change=0.1), "n is 'many'"),
        (lambda: experiment.power(0.1, n=10, change=10), "no share between 0 and 1"),
        (lambda: experiment.power(0.1, change=0, power=0.8), "change is 0"),
        (lambda: experiment.power(0.1, change=0.1, power=0.01), "between alpha 0.05 and 1"),
        (lambda: experiment.power(85, n=10, change=0.1, sd=0), "sd must be above 0"),
    ],
)
def test_slips_in_power_get_a_clear_sentence(call, says):
    with pytest.raises(CourseError, match=f"experiment.power: .*{says}"):
        call()
