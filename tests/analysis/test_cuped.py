"""CUPED against least squares, and what it must say of a covariate that is useless, moved or constant."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ecomtrain.analysis import experiment
from ecomtrain.errors import CourseError

HOW = {"outcome": "paid", "covariate": "before"}


def units(n=400, lift=5.0, rho=0.8, seed=0, moved=0.0):
    """Units whose outcome of standard deviation 10 correlates with what was before."""
    rng = np.random.default_rng(seed)
    arm = rng.integers(2, size=n)
    before = rng.normal(size=n)
    paid = 100 + 10 * (rho * before + np.sqrt(1 - rho**2) * rng.normal(size=n)) + lift * arm
    return pd.DataFrame(
        {"arm": np.where(arm, "treatment", "control"), "before": 50 + 3 * before + moved * arm, "paid": paid}
    )


def test_the_change_and_theta_are_those_of_least_squares_with_the_covariate():
    frame = pd.concat([units(), units(seed=1).query("arm == 'treatment'").assign(arm="third", paid=90.0)])
    table = experiment.cuped(frame, **HOW)
    fit = smf.ols("paid ~ C(arm) + before", frame.reset_index(drop=True)).fit()
    for name in ("treatment", "third"):
        assert table.loc[name, "change"] == pytest.approx(fit.params[f"C(arm)[T.{name}]"])
        assert table.loc[name, "theta"] == pytest.approx(fit.params["before"])


def test_the_interval_is_nearly_that_of_least_squares_and_narrower_than_without_the_covariate():
    frame = units()
    row = experiment.cuped(frame, **HOW).iloc[0]
    fit = smf.ols("paid ~ C(arm) + before", frame).fit()
    low, high = fit.conf_int().loc["C(arm)[T.treatment]"]
    assert (row["change_low"], row["change_high"]) == pytest.approx((low, high), abs=0.05)
    raw = experiment.compare_means(frame, numerator="paid").iloc[0]
    narrower = (row["change_high"] - row["change_low"]) / (raw["change_high"] - raw["change_low"])
    assert narrower == pytest.approx(np.sqrt(1 - row["variance_reduction"]), abs=0.03)
    assert row["variance_reduction"] == pytest.approx(0.64, abs=0.08)
    assert row["useful"]
    assert not row["covariate_shifted"]


def test_the_variance_reduction_is_the_squared_correlation_within_the_arms():
    frame = units(lift=500.0)
    row = experiment.cuped(frame, **HOW).iloc[0]
    within = frame[["paid", "before"]] - frame.groupby("arm")[["paid", "before"]].transform("mean")
    assert row["correlation"] == pytest.approx(within.corr().iloc[0, 1])
    assert row["variance_reduction"] == pytest.approx(row["correlation"] ** 2)


def test_with_a_covariate_of_no_use_it_says_so_and_answers_as_without():
    frame = units(rho=0.0, n=2000, seed=3)
    row = experiment.cuped(frame, **HOW).iloc[0]
    raw = experiment.compare_means(frame, numerator="paid").iloc[0]
    assert not row["useful"]
    assert row["variance_reduction"] < 0.003
    names = ["change", "change_low", "change_high", "relative_change"]
    assert row[names].tolist() == pytest.approx(raw[names].tolist(), abs=0.05)


def test_a_covariate_that_the_treatment_moves_takes_the_effect_away_and_is_flagged():
    row = experiment.cuped(units(lift=5.0, rho=0.9, moved=3 * 5.0 / 9), **HOW).iloc[0]
    assert row["covariate_shifted"]
    assert row["covariate_p"] < 0.001
    assert abs(row["change"]) < 1.5


def test_without_an_effect_it_rejects_as_often_as_it_says_and_its_interval_covers():
    p, covers, relative = [], [], []
    for seed in range(300):
        row = experiment.cuped(units(n=80, lift=0.0, seed=seed), **HOW).iloc[0]
        p.append(row["p"])
        covers.append(row["change_low"] <= 0 <= row["change_high"])
        relative.append(row["relative_low"] <= 0 <= row["relative_high"])
    assert 0.02 <= np.mean(np.array(p) < 0.05) <= 0.08
    assert 0.92 <= np.mean(covers) <= 0.98
    assert 0.91 <= np.mean(relative) <= 0.98


@settings(max_examples=15, deadline=None)
@given(st.floats(0.01, 100), st.floats(-1000, 1000), st.integers(0, 100))
def test_the_scale_of_the_covariate_and_the_order_of_the_rows_play_no_part(factor, shift, seed):
    frame = units(n=60)
    other = frame.assign(before=factor * frame["before"] + shift).sample(frac=1, random_state=seed)
    one, two = (experiment.cuped(f, **HOW).drop(columns="theta") for f in (frame, other))
    assert_frame_equal(one, two, rtol=1e-6)


def test_an_outcome_that_the_covariate_tells_exactly_leaves_no_spread_and_no_interval():
    frame = units(n=40)
    row = experiment.cuped(frame.assign(paid=2 * frame["before"]), **HOW).iloc[0]
    assert row["variance_reduction"] == pytest.approx(1)
    assert row["change"] == pytest.approx(0, abs=1e-9)
    assert row[["change_low", "p", "relative_low"]].isna().all()


def test_a_covariate_that_differs_between_the_arms_only_cannot_help():
    frame = units(n=40)
    row = experiment.cuped(frame.assign(before=(frame["arm"] == "control") * 1.0), **HOW).iloc[0]
    raw = experiment.compare_means(frame, numerator="paid").iloc[0]
    assert row["change"] == pytest.approx(raw["change"])
    assert not row["useful"]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: experiment.cuped(units().assign(before=1), **HOW), "'before' is the same for every unit"),
        (lambda: experiment.cuped(units(), outcome="payed", covariate="before"), "Did you mean 'paid'"),
        (lambda: experiment.cuped(units(), outcome="paid", covariate="paid"), "three columns of their own"),
        (lambda: experiment.cuped(units().assign(before=np.nan), **HOW), "'before' is missing in 400 row"),
        (lambda: experiment.cuped(units().assign(before="x"), **HOW), "'before' holds .*, not numbers"),
        (lambda: experiment.cuped(units(), control="old", **HOW), "the arms are control, treatment"),
        (lambda: experiment.cuped(units().query("arm == 'control'"), **HOW), "a treatment arm is needed"),
        (lambda: experiment.cuped(units(), level=95, **HOW), "level is 95"),
    ],
)
def test_slips_get_a_clear_sentence(call, says):
    with pytest.raises(CourseError, match=f"experiment.cuped: .*{says}"):
        call()
