"""Waiting times with open ones: published values, laws, and sentences for bad input."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ecomtrain.analysis import survival
from ecomtrain.errors import CourseError

# Remission in weeks under 6-mercaptopurine and placebo: Freireich et al. (1963), as in Cox (1972).
DRUG = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
DRUG_SEEN = [True] * 9 + [False] * 12
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
WEEKS, SEEN = DRUG + PLACEBO, DRUG_SEEN + [True] * 21
ARM = ["drug"] * 21 + ["placebo"] * 21

waits = st.lists(
    st.tuples(st.integers(0, 12), st.booleans(), st.sampled_from("ab")), min_size=2, max_size=40
).map(lambda rows: [list(side) for side in zip(*rows, strict=True)])
law = settings(max_examples=15, deadline=None)


def test_the_curve_of_the_remission_trial_is_the_published_one():
    curve = survival.kaplan_meier(DRUG, DRUG_SEEN)
    curve = curve[curve["events"] > 0]
    assert curve["time"].tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve["at_risk"].tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert curve["survival"].round(4).tolist() == [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]


def test_the_medians_of_the_remission_trial_are_23_and_8_weeks():
    medians = survival.quantiles(WEEKS, SEEN, q=[0.5], group=ARM).set_index("group")
    assert medians["value"].to_dict() == {"drug": 23, "placebo": 8}
    assert medians["events"].to_dict() == {"drug": 9, "placebo": 21}


def test_the_log_rank_test_of_the_remission_trial_is_the_published_one():
    row = survival.log_rank(WEEKS, SEEN, ARM, control="drug").loc["placebo"]
    assert row["chi2"] == pytest.approx(16.79, abs=0.005)
    assert row["hazard_ratio"] == pytest.approx(np.exp(1.572), rel=1e-3)  # Efron's ties
    assert row["n"], row["events"] == (42, 30)


def test_the_ratio_and_its_interval_agree_with_statsmodels():
    from statsmodels.duration.hazard_regression import PHReg

    rng = np.random.default_rng(1)
    arm = rng.integers(2, size=200)
    time, last = np.ceil(rng.exponential(9 - 3 * arm)), np.ceil(rng.exponential(15, 200))
    seen, time = time <= last, np.minimum(time, last)
    peer = PHReg(time, arm[:, None], status=seen.astype(int), ties="efron").fit()
    row = survival.log_rank(time, seen, arm, control=0).iloc[0]
    found = row[["hazard_ratio", "low", "high"]].astype(float)
    assert np.log(found).tolist() == pytest.approx([peer.params[0], *peer.conf_int()[0]], rel=1e-4)


def test_a_planted_hazard_ratio_is_covered_as_often_as_the_interval_says():
    rng = np.random.default_rng(3)
    covered = []
    for _ in range(150):
        arm = rng.integers(2, size=300)
        wait, last = rng.exponential(1 / (1 + 0.5 * arm)), rng.uniform(0.2, 2, 300)
        row = survival.log_rank(np.minimum(wait, last), wait <= last, arm, control=0).iloc[0]
        covered.append(row["low"] <= 1.5 <= row["high"])
    assert np.mean(covered) >= 0.90


@law
@given(waits)
def test_the_curve_falls_within_its_band_and_counts_everybody(rows):
    days, seen, group = rows
    curve = survival.kaplan_meier(days, seen, group=group)
    for _, part in curve.groupby("group"):
        assert part["survival"].is_monotonic_decreasing
    known = curve.dropna()
    assert (known["low"] <= known["survival"]).all()
    assert (known["survival"] <= known["high"]).all()
    assert curve["events"].sum() == sum(seen)


@law
@given(waits)
def test_with_nobody_waiting_the_curve_is_the_share_that_took_longer(rows):
    days = rows[0]
    curve = survival.kaplan_meier(days, [True] * len(days))
    longer = [np.mean(np.array(days) > time) for time in curve["time"]]
    assert curve["survival"].tolist() == pytest.approx(longer)


@law
@given(waits)
def test_swapping_the_groups_inverts_the_ratio_and_keeps_the_test(rows):
    days, seen, group = rows
    if len(set(group)) < 2:
        return
    one = survival.log_rank(days, seen, group, control="a").iloc[0]
    two = survival.log_rank(days, seen, group, control="b").iloc[0]
    assert one["chi2"] == pytest.approx(two["chi2"], nan_ok=True)
    assert one["hazard_ratio"] == pytest.approx(1 / two["hazard_ratio"], nan_ok=True)
    assert one["low"] == pytest.approx(1 / two["high"], nan_ok=True)


@law
@given(waits, st.sampled_from([2.0, 7.0]))
def test_another_unit_of_time_only_scales_the_quantiles(rows, unit):
    days, seen, group = rows
    table = survival.quantiles(days, seen, group=group)
    scaled = survival.quantiles(np.array(days) * unit, seen, group=group)
    columns = ["value", "low", "high"]
    assert_frame_equal(scaled.assign(**{c: scaled[c] / unit for c in columns}), table)


def test_a_quantile_that_is_never_reached_is_missing():
    row = survival.quantiles([1, 2, 3, 4], [True, False, False, False], q=[0.9]).iloc[0]
    assert np.isnan(row["value"])
    assert row["n"] == 4


def test_a_group_without_an_end_has_no_ratio():
    row = survival.log_rank([1, 2, 3, 4], [True, True, False, False], ["a", "a", "b", "b"], control="a").iloc[
        0
    ]
    assert row[["hazard_ratio", "low", "high"]].isna().all()
    assert row["chi2"] > 0


def test_gaps_are_left_out():
    days = pd.array([1, 2, None, 4], dtype="Int64")
    assert survival.kaplan_meier(days, [True, False, True, True])["at_risk"].tolist() == [3, 2, 1]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: survival.kaplan_meier([1, 2], [True]), "durations has 2 values and observed has 1"),
        (lambda: survival.kaplan_meier([1, -2], [True, True]), "column 'durations' is negative"),
        (lambda: survival.kaplan_meier(["a"], [True]), "column 'durations' holds str, not numbers"),
        (lambda: survival.kaplan_meier([1], [2]), "observed holds values other than True and False"),
        (lambda: survival.kaplan_meier([1], [True], level=95), "level is 95"),
        (lambda: survival.kaplan_meier(5, [True]), "durations is a int; give a column of values"),
        (lambda: survival.quantiles([1], [True], q=[50]), "q holds 50; give shares between 0 and 1"),
        (
            lambda: survival.log_rank([1, 2], [True, True], ["control", "gift"], control="contrl"),
            "control='contrl' is not a group; the groups are control, gift. Did you mean 'control'?",
        ),
        (
            lambda: survival.log_rank([1, 2, 3], [True] * 3, ["a", "b", "c"], control="a"),
            "two groups are compared; there are 3: a, b, c",
        ),
    ],
)
def test_bad_input_gets_a_sentence(call, words):
    with pytest.raises(CourseError) as refusal:
        call()
    assert words in str(refusal.value)
