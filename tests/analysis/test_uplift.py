"""Whom a treatment moves: the laws of the Qini curve, planted effects, and data not drawn by lot."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecomtrain.analysis import _uplift, targeting
from ecomtrain.errors import CourseError


def trial(n=6000, effect=0.2, seed=0, share=0.5):
    """Half of the people are moved by `effect`, the other half by nothing."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"moved": rng.integers(0, 2, n), "noise": rng.normal(size=n)})
    treated = rng.random(n) < share
    frame["arm"] = np.where(treated, "sms", "control")
    frame["bought"] = rng.random(n) < 0.1 + effect * frame["moved"] * treated
    return frame


def report(frame, **options):
    given = {"outcome": "bought", "columns": ["moved", "noise"], **options}
    return targeting.uplift(frame, **given)


@pytest.mark.parametrize("method", ["t_learner", "class_transform"])
def test_the_people_that_are_moved_are_found(method):
    found = report(trial(), method=method, margin=20, cost=1)
    half = found.table.set_index("share").loc[0.5]
    assert half["low"] < 0.2 < half["high"]
    assert found.scores.groupby("moved")["uplift"].mean().round(1).tolist() == [0.0, 0.2]
    assert 0.4 <= found.best_share <= 0.6
    assert found.gain_low > 0
    assert found.qini_coefficient > 0.1


def test_where_nobody_differs_the_curve_is_the_blind_line():
    found = [report(trial(effect=0.0, seed=seed)).qini for seed in range(4)]
    assert abs(np.mean(found)) < 0.006


def test_treating_everyone_is_the_whole_of_the_test():
    frame = trial(share=0.3)
    found = report(frame, margin=20, cost=1)
    arms = frame.groupby("arm")["bought"].mean()
    everyone = found.table.iloc[-1]
    assert everyone["uplift"] == pytest.approx(arms["sms"] - arms["control"])
    assert everyone["people"] == found.n == len(frame)
    assert found.effect == pytest.approx(everyone["uplift"])
    assert everyone["profit"] == pytest.approx(20 * everyone["uplift"] - 1)
    assert found.curve["gain"].iloc[-1] == pytest.approx(everyone["uplift"])


def test_a_cost_above_every_gain_says_treat_nobody():
    found = report(trial(), margin=1, cost=5)
    assert found.best_share == 0
    assert found.gain_over_all == pytest.approx(5 - found.effect)


def test_without_a_margin_nothing_is_said_of_profit():
    found = report(trial())
    assert found.table[["profit", "profit_low", "profit_high"]].isna().all(axis=None)
    assert np.isnan(found.best_share)


def test_amounts_are_taken_as_well_as_yes_and_no():
    frame = trial()
    frame["bought"] = frame["bought"] * 50.0
    found = report(frame)
    assert found.table.set_index("share").loc[0.5, "uplift"] == pytest.approx(10, abs=2)
    assert np.isnan(found.qini_coefficient)


def test_people_who_chose_their_arm_themselves_are_refused():
    frame = trial()
    frame["arm"] = np.where(frame["noise"] > 0.5, "sms", frame["arm"])
    with pytest.raises(CourseError, match="not drawn by lot"):
        report(frame)


def test_a_test_by_lot_is_refused_as_rarely_as_it_should_be():
    tests = [trial(n=400, seed=seed) for seed in range(60)]
    p = [_uplift._balance(t[["moved", "noise"]].to_numpy(), (t["arm"] == "sms").to_numpy()) for t in tests]
    assert min(p) > 0.001
    assert 0.25 < np.mean(p) < 0.75


def test_three_arms_get_a_sentence():
    frame = trial()
    frame.loc[:9, "arm"] = "mail"
    with pytest.raises(CourseError, match="choose one besides the control"):
        report(frame)


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10_000))
def test_the_curve_starts_at_nothing_ends_at_the_effect_and_ignores_the_scale_of_scores(seed):
    frame = trial(n=300, seed=seed)
    found = report(frame, columns=["moved"])
    assert found.curve["share"].iloc[[0, -1]].tolist() == [0, 1]
    assert found.curve["gain"].iloc[0] == 0
    assert found.curve["gain"].iloc[-1] == pytest.approx(found.effect)
    assert found.curve["share"].is_monotonic_increasing
    scaled = report(frame.assign(moved=frame["moved"] * 1000 - 7), columns=["moved"])
    assert scaled.qini == pytest.approx(found.qini)
