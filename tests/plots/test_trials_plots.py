"""What the titles of the plots of experiments say where there is little to say."""

import numpy as np
import pandas as pd
import pytest

from ecomtrain import plots
from ecomtrain.analysis import causal, experiment, response


def trial(k0, n0, k1, n1):
    return pd.DataFrame({"arm": ["control"] * n0 + ["treatment"] * n1,
                         "success": np.r_[np.arange(n0) < k0, np.arange(n1) < k1]})  # fmt: skip


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (
            trial(20, 100, 40, 100),
            "Wait, do not read the result yet: treatment has 100 of 1,094 planned units",
        ),
        (trial(400, 2000, 500, 2500), "Void: do not read the result at all"),
        (trial(400, 2000, 401, 2000), "No difference shown: success 20.0 % to 20.1 %"),
        (trial(400, 2000, 300, 2000), "Keep the control"),
    ],
)
def test_the_five_steps_say_what_to_do(frame, says):
    found = experiment.five_steps(frame, hypothesis="Shorter sells", baseline=0.2, change=0.25)
    assert plots.finding(plots.five_steps(found)).startswith(says)


def path(p, p_fixed):
    date = pd.date_range("2026-06-01", periods=len(p))
    return pd.DataFrame(
        {"arm": "b", "date": date, "p": p, "p_fixed": p_fixed, "decided": np.array(p) <= 0.05}
    )


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (path([1.0, 0.9], [0.5, 0.3]), "Neither p falls below the line: no difference shown on any day"),
        (path([1.0, 0.9], [0.5, 0.03]), "Always-valid p shows no difference on any day; who reads a plain p "
         "every day would have stopped on 2 June"),
        (path([0.04, 0.01], [0.01, 0.001]), "Always-valid p decides on 1 June, and the plain p no sooner"),
    ],
)  # fmt: skip
def test_the_path_of_p_says_who_stops_when(table, says):
    assert plots.finding(plots.sequential(table)) == says


def test_no_significant_test_is_said():
    assert (
        plots.finding(plots.adjusted_p(experiment.adjust([0.3, 0.8])))
        == "Of 2 tests none has p of at most 0.05"
    )
    found = plots.finding(plots.adjusted_p(experiment.adjust([0.03, 0.8])))
    assert found == "Of 2 tests 1 has p of at most 0.05; none still has after adjustment"


def test_with_an_effect_the_looks_are_told_as_power():
    table = experiment.peeking([1, 5], effect=1.0, trials=500)
    assert plots.finding(plots.peeking(table)).startswith(
        "With 100 % of the planned effect, a test for one look"
    )


def study(**changes):
    table = pd.DataFrame({"period": [-2, -1, 0], "effect": [0.1, 0, 2.0], "low": [-1, np.nan, 1.0]})
    fields = {"effect": 2.0, "low": 1.0, "high": 3.0, "pretrend_p": 0.6, "units": 9, "treated_units": 4}
    table = table.assign(high=[1, np.nan, 3.0])
    return type("Study", (), {"table": table, **fields, **changes})


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "From the start on +2.0 (+1.0 to +3.0); no difference shown before it (p 0.60)"),
        (
            {"low": -1.0},
            "From the start on +2.0 (−1.0 to +3.0), no difference shown; no difference shown before it",
        ),
        ({"pretrend_p": 0.0004}, "The two groups went apart before the start (p below 0.001)"),
        ({"pretrend_p": np.nan}, "From the start on +2.0 (+1.0 to +3.0); the periods before cannot"),
    ],
)
def test_an_effect_after_groups_went_apart_is_not_sold_as_one(changes, says):
    assert plots.finding(plots.event_study(study(**changes))).startswith(says)


def test_an_interval_around_none_shows_no_difference():
    week = pd.date_range("2026-01-05", periods=16, freq="7D")
    series = pd.Series(100.0 + np.arange(16) % 5 * 3, index=week)
    table = causal.counterfactual(series, start="2026-03-30")
    assert plots.finding(plots.counterfactual(table)).endswith("no difference shown")


def test_nobody_matched_is_said():
    frame = pd.DataFrame({"member": [1, 1, 0, 0], "past": [1, 2, 3, 4]})
    assert plots.finding(plots.balance(causal.balance(frame, treated="member", on="past"))).startswith(
        "Nobody"
    )


def test_promotions_that_win_nothing_or_cannot_be_measured_say_so():
    lifts = {"lift": [0.5, -0.5, 0.0], "low": [0.4, -0.6, -0.1], "high": [0.6, -0.4, 0.1]}
    table = pd.DataFrame(lifts, index=["gross", "after", "net"]).assign(promotions=4)
    assert plots.finding(plots.promotion_lift(table)).endswith("no gain shown")
    none = table.assign(lift=np.nan, low=np.nan, high=np.nan, promotions=0)
    assert plots.finding(plots.promotion_lift(none)).startswith("No promotion has clear weeks")


def test_a_split_that_cannot_be_bettered_and_one_of_another_size_are_told_as_such():
    curves = pd.DataFrame(
        {"beta": [900.0, 900], "half": [400.0, 400], "slope": 1.0, "spend": 500.0}, index=["a", "b"]
    )
    same = plots.finding(plots.allocation(response.allocate(curves)))
    assert same.startswith("The present split of ¥1.00 k is as good")
    more = plots.finding(plots.allocation(response.allocate(curves, 2000)))
    assert more.startswith("¥2.00 k bring ¥1.29 k, ¥1.00 k now bring ¥1.00 k")


def test_noise_that_was_not_foretold_is_said():
    table = pd.DataFrame({"change": 5.0, "change_low": -3.0, "change_high": 13.0, "unadjusted_change": 5.0,
                          "unadjusted_low": -3.0, "unadjusted_high": 13.0, "variance_reduction": 0.0,
                          "useful": False, "covariate_shifted": False}, index=["b"])  # fmt: skip
    assert plots.finding(plots.cuped(table)).startswith("What was known before foretells nothing")
    shifted = plots.finding(plots.cuped(table.assign(covariate_shifted=True)))
    assert shifted.startswith("The treatment has moved what was measured before it")
