"""Looking at an experiment more than once: intervals, bounds, and what happens without them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from ecomtrain.analysis._looks import crossing
from ecomtrain.analysis._sequential import _path
from ecomtrain.analysis.experiment import always_valid, compare_rates, group_sequential, peeking
from ecomtrain.errors import CourseError

DAYS = pd.date_range("2026-06-01", periods=30)


def totals(seed, shares=(0.1, 0.1), per_day=120, days=DAYS):
    rng = np.random.default_rng(seed)
    rows = [(d, a, per_day, k) for a, p in zip(("control", "treatment"), shares, strict=True)
            for d, k in zip(days, rng.binomial(per_day, p, len(days)), strict=True)]  # fmt: skip
    return pd.DataFrame(rows, columns=["assigned_at", "arm", "visitors", "success"])


def follow(frame, **more):
    return always_valid(frame, **{"tau": 0.02, "units": "visitors", **more})


def rows_of(frame):
    many = frame.loc[frame.index.repeat(frame["visitors"])]
    first = many.groupby(level=0).cumcount()
    return many.assign(success=(first < many["success"]).astype(int)).drop(columns="visitors")


def test_totals_per_day_and_one_row_per_unit_tell_the_same():
    frame = totals(1)
    pd.testing.assert_frame_equal(follow(frame), follow(rows_of(frame), units=None))


def test_the_ratio_is_that_of_the_formula():
    """Λ = √(V / (V + nτ²)) · exp(n²τ²d² / (2V(V + nτ²))) for n units in each arm."""
    last = follow(totals(2, (0.1, 0.12))).iloc[-1]
    n, d, tau = last["n_control"], last["change"], 0.02
    v = sum(p * (1 - p) * n / (n - 1) for p in (last["control"], last["treatment"]))
    ratio = np.sqrt(v / (v + n * tau**2)) * np.exp(n**2 * tau**2 * d**2 / (2 * v * (v + n * tau**2)))
    assert last["p"] == pytest.approx(min(1, 1 / ratio), rel=1e-9)


@given(st.integers(0, 500), st.floats(0.003, 0.1))
@settings(max_examples=10, deadline=None)
def test_the_interval_leaves_zero_out_where_the_ratio_says_so_and_p_never_rises(seed, tau):
    found = follow(totals(seed, (0.1, 0.13)), tau=tau)
    assert (found["p"].diff().dropna() <= 0).all()
    out = (found["low"] > 0) | (found["high"] < 0)
    assert (out.cummax() == found["decided"]).all()
    fixed = found["p_fixed"].fillna(1)
    assert (found["p"] >= fixed.cummin()).all()


def test_the_last_day_compares_what_a_single_look_would():
    frame = totals(3, (0.1, 0.12))
    last, once = follow(frame).iloc[-1], compare_rates(rows_of(frame)).iloc[0]
    assert last[["control", "treatment", "change"]].tolist() == pytest.approx(
        once[["control", "treatment", "change"]].tolist()
    )
    assert last["p_fixed"] == pytest.approx(once["p"], rel=0.02)


def test_who_looks_every_day_is_wrong_at_most_as_often_as_promised():
    """The early looks of a rare outcome are the hard ones: a hundred units with ten successes."""
    rng = np.random.default_rng(4)
    wrong, fooled = 0, 0
    for _ in range(500):
        arms = [np.cumsum(rng.binomial(60, 0.1, 30)) for _ in range(2)]
        base, one = (pd.DataFrame({"n": 60.0 * np.arange(1, 31), "y": y, "yy": y}) for y in arms)
        found = _path("treatment", base, one, tau=0.03, first=100, alpha=0.05)
        wrong += found["decided"].iloc[-1]
        fooled += (found["p_fixed"] <= 0.05).any()
    assert wrong / 500 <= 0.05
    assert fooled / 500 > 0.2


def test_nothing_is_concluded_from_a_handful_of_units():
    frame = pd.DataFrame({"assigned_at": DAYS[:2].repeat(2), "arm": ["control", "treatment"] * 2})
    found = follow(frame.assign(visitors=[20, 20, 200, 200], success=[0, 19, 20, 60]))
    assert found["p"].tolist()[0] == 1
    assert np.isnan(found["low"].tolist()[0])
    assert found["decided"].tolist() == [False, True]


def test_each_treatment_has_its_own_path_and_a_day_without_units_adds_nothing():
    frame = totals(5)
    three = pd.concat([frame, totals(6)[totals(6)["arm"] == "treatment"].assign(arm="other")])
    three = three[(three["arm"] != "other") | (three["assigned_at"] != DAYS[3])]
    found = follow(three)
    assert found.groupby("arm").size().to_dict() == {"other": 30, "treatment": 30}
    other = found[found["arm"] == "other"]["n_treatment"].tolist()
    assert other[2] == other[3] == 360
    pd.testing.assert_frame_equal(found[found["arm"] == "treatment"].reset_index(drop=True), follow(frame))


# --- bounds ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("looks", "kind", "constant"),
    [
        (2, "pocock", 2.178), (3, "pocock", 2.289), (5, "pocock", 2.413), (10, "pocock", 2.555),
        (2, "obrien_fleming", 1.977), (3, "obrien_fleming", 2.004), (5, "obrien_fleming", 2.040),
        (10, "obrien_fleming", 2.087), (1, "pocock", 1.960),
    ],
)  # fmt: skip
def test_the_bounds_are_those_of_the_published_tables(looks, kind, constant):
    """Jennison and Turnbull (2000), tables 2.1 and 2.3, alpha 0.05."""
    assert group_sequential(looks, kind=kind)["z"].iloc[-1] == pytest.approx(constant, abs=0.0005)


@given(st.integers(1, 12), st.sampled_from(["pocock", "obrien_fleming"]), st.floats(0.001, 0.4))
@settings(max_examples=8, deadline=None)
def test_the_bounds_spend_just_alpha(looks, kind, alpha):
    found = group_sequential(looks, kind=kind, alpha=alpha)
    assert found["spent"].iloc[-1] == pytest.approx(alpha, abs=1e-9)
    assert (found["spent"].diff().dropna() > 0).all()


def test_the_chance_of_crossing_is_that_of_the_normal_distribution_in_three_dimensions():
    share, z = np.array([0.2, 0.5, 1.0]), np.array([2.5, 2.2, 2.0])
    covariance = np.sqrt(np.minimum.outer(share, share) / np.maximum.outer(share, share))
    inside = multivariate_normal.cdf(z, np.zeros(3), covariance, lower_limit=-z, abseps=1e-7, maxpts=10**6)
    assert crossing(z, share)[-1] == pytest.approx(1 - inside, abs=1e-6)


def test_unequal_looks_are_allowed_and_late_ones_cost_less():
    even, late = group_sequential(3, kind="pocock"), group_sequential([0.8, 0.9, 1.0], kind="pocock")
    assert late["z"].iloc[0] < even["z"].iloc[0]


# --- peeking -----------------------------------------------------------------------------------------------


def test_five_per_cent_become_more_than_twenty_by_looking_often():
    """Armitage, McPherson and Rowe (1969): 0.050, 0.083, 0.142, 0.193, 0.248."""
    table = peeking(trials=8_000, seed=3).set_index(["method", "looks"])
    assert table.loc["fixed", "rate"].tolist() == pytest.approx(
        [0.050, 0.083, 0.142, 0.193, 0.248], abs=0.012
    )
    for method in ("pocock", "obrien_fleming"):
        assert table.loc[method, "rate"].tolist() == pytest.approx([0.05] * 5, abs=0.01)
    assert (table.loc["always_valid", "rate"] < 0.05).all()


def test_the_simulation_agrees_with_the_integral():
    found = peeking([7], trials=20_000, seed=1, level=0.999).set_index("method").loc["fixed"]
    exact = crossing(np.full(7, 1.959964), np.arange(1, 8) / 7)[-1]
    assert found["low"] < exact < found["high"]


def test_an_effect_as_planned_is_found_as_planned_and_sooner():
    table = peeking([1, 10], effect=1.0, trials=5000, seed=2).set_index(["looks", "method"])
    assert table.loc[(1, "fixed"), "rate"] == pytest.approx(0.8, abs=0.02)
    assert table.loc[(10, "obrien_fleming"), "rate"] == pytest.approx(0.79, abs=0.02)
    assert table.loc[(10, "obrien_fleming"), "units_used"] < 0.85
    assert table.loc[(1, "fixed"), "units_used"] == 1


def test_the_same_seed_gives_the_same_table_and_another_one_another():
    one, two, three = (peeking([5], trials=500, seed=s) for s in (1, 1, 2))
    pd.testing.assert_frame_equal(one, two)
    assert not one.equals(three)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: group_sequential(3, kind="pokock"), "Did you mean 'pocock'"),
        (lambda: group_sequential([0.5, 0.9]), "rise to 1"),
        (lambda: group_sequential([0.5, 0.5, 1]), "rise to 1"),
        (lambda: group_sequential([0.5, 0.9999, 1]), "by 0.001 or more"),
        (lambda: group_sequential("three"), "looks is 'three'"),
        (lambda: group_sequential(3, alpha=5), "alpha is 5"),
        (lambda: peeking([1.5]), "whole numbers"),
        (lambda: peeking(trials=0), "trials is 0"),
        (lambda: peeking(alpha=0.9), "alpha, power and effect"),
        (lambda: follow(totals(1), tau=-1), "tau is -1"),
        (lambda: follow(totals(1).assign(success=500)), "counts more than"),
        (lambda: follow(totals(1), outcome="visitors"), "columns of their own"),
    ],
)
def test_slips_get_a_clear_sentence(call, says):
    with pytest.raises(CourseError, match=f"experiment.\\w+: .*{says}"):
        call()
