"""Experiments against scipy and statsmodels, and the slips they must refuse."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

from ecomtrain.analysis import experiment
from ecomtrain.errors import CourseError


def rates(k0=250, n0=1000, k1=330, n1=1000):
    success = np.r_[np.ones(k0), np.zeros(n0 - k0), np.ones(k1), np.zeros(n1 - k1)]
    return pd.DataFrame({"arm": ["control"] * n0 + ["treatment"] * n1, "success": success.astype(bool)})


def orders(visitors=400, lift=0.0, seed=0):
    """Orders of visitors randomised into arms; one visitor's orders resemble each other."""
    rng = np.random.default_rng(seed)
    count = 1 + rng.poisson(1.0, visitors)
    arm = rng.integers(2, size=visitors)
    level = 100 * rng.gamma(4, 1 / 4, visitors) * (1 + lift * arm)
    frame = pd.DataFrame({"visitor_id": np.arange(visitors), "arm": np.where(arm, "treatment", "control")})
    frame = frame.loc[frame.index.repeat(count)].reset_index(drop=True)
    return frame.assign(paid=np.repeat(level, count) * rng.gamma(10, 1 / 10, count.sum()), orders=1)


def test_sample_ratio_is_pearsons_chi_square():
    arms = pd.Series(["a"] * 821 + ["b"] * 740)
    row = experiment.sample_ratio(arms).iloc[0]
    expected = stats.chisquare([821, 740])
    assert (row["chi2"], row["p"]) == pytest.approx(tuple(expected))
    assert (row["n"], row["arms"], row["mismatch"]) == (1561, 2, False)
    assert row["largest_share"] == pytest.approx(821 / 1561)


def test_a_planned_split_of_9_to_1_is_no_mismatch_and_an_even_plan_is():
    arms = pd.Series(["control"] * 900 + ["treatment"] * 100)
    assert experiment.sample_ratio(arms, {"control": 9, "treatment": 1})["p"].item() == pytest.approx(1)
    assert experiment.sample_ratio(arms)["mismatch"].item()


def test_an_arm_that_nobody_reached_counts_as_empty():
    row = experiment.sample_ratio(pd.Series(["a"] * 40), {"a": 1, "b": 1}).iloc[0]
    assert row["chi2"] == pytest.approx(40)
    assert row["mismatch"]


@pytest.mark.parametrize(
    ("counts", "expected"), [((250, 1000, 330, 1000), None), ((3, 40, 9, 55), None), ((0, 20, 5, 20), "nan")]
)
def test_rates_are_compared_as_statsmodels_does(counts, expected):
    k0, n0, k1, n1 = counts
    row = experiment.compare_rates(rates(*counts)).loc["treatment"]
    difference = confint_proportions_2indep(k1, n1, k0, n0, compare="diff", method="newcomb")
    assert row["change"] == pytest.approx(k1 / n1 - k0 / n0)
    assert (row["change_low"], row["change_high"]) == pytest.approx(difference, abs=1e-9)
    assert row["p"] == pytest.approx(proportions_ztest([k1, k0], [n1, n0])[1])
    if expected:
        assert row[["relative_change", "relative_low", "relative_high"]].isna().all()
    else:
        relative = confint_proportions_2indep(k1, n1, k0, n0, compare="ratio", method="log")
        assert (row["relative_low"] + 1, row["relative_high"] + 1) == pytest.approx(relative)
        assert row["relative_change"] == pytest.approx(k1 / n1 / (k0 / n0) - 1)


def test_each_treatment_gets_its_row():
    frame = pd.concat([rates(), rates().query("arm == 'treatment'").assign(arm="third")])
    table = experiment.compare_rates(frame)
    assert list(table.index) == ["third", "treatment"]
    assert table.loc["third"].tolist() == table.loc["treatment"].tolist()


def test_means_are_compared_by_welchs_t():
    rng = np.random.default_rng(2)
    a, b = rng.gamma(2, 50, 30), rng.gamma(2, 60, 80)
    frame = pd.DataFrame({"arm": ["control"] * 30 + ["treatment"] * 80, "paid": np.r_[a, b]})
    row = experiment.compare_means(frame, numerator="paid").loc["treatment"]
    test = stats.ttest_ind(b, a, equal_var=False)
    interval = test.confidence_interval(0.95)
    assert row["p"] == pytest.approx(test.pvalue)
    assert (row["change_low"], row["change_high"]) == pytest.approx((interval.low, interval.high))
    assert (row["control"], row["treatment"]) == pytest.approx((a.mean(), b.mean()))


def test_adding_up_by_unit_is_the_same_as_passing_one_row_per_unit():
    frame = orders(lift=0.18)
    per_visitor = frame.groupby(["visitor_id", "arm"], as_index=False)[["paid", "orders"]].sum()
    first = experiment.compare_means(frame, numerator="paid", denominator="orders", unit="visitor_id")
    second = experiment.compare_means(per_visitor, numerator="paid", denominator="orders")
    assert_frame_equal(first, second)
    assert first["n_control"].item() + first["n_treatment"].item() == 400


def test_without_an_effect_the_ratio_test_rejects_as_often_as_it_says_and_a_test_by_order_too_often():
    p, naive = [], []
    for seed in range(120):
        frame = orders(visitors=150, seed=seed)
        p.append(
            experiment.compare_means(frame, numerator="paid", denominator="orders", unit="visitor_id")[
                "p"
            ].item()
        )
        naive.append(experiment.compare_means(frame, numerator="paid")["p"].item())
    assert 0.01 <= np.mean(np.array(p) < 0.05) <= 0.09
    assert np.mean(np.array(naive) < 0.05) > 0.12


def test_the_relative_change_is_recovered_inside_its_interval():
    row = experiment.compare_means(
        orders(visitors=4000, lift=0.18), numerator="paid", denominator="orders", unit="visitor_id"
    ).iloc[0]
    assert row["relative_low"] < 0.18 < row["relative_high"]
    assert row["relative_high"] - row["relative_low"] < 0.15


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_row_order_plays_no_part(seed):
    frame = orders(visitors=40)
    mixed = frame.sample(frac=1, random_state=seed % 2**32)
    options = {"numerator": "paid", "denominator": "orders", "unit": "visitor_id"}
    assert_frame_equal(
        experiment.compare_means(frame, **options), experiment.compare_means(mixed, **options), rtol=1e-9
    )


def test_arms_without_spread_have_a_change_and_no_interval():
    frame = pd.DataFrame({"arm": ["control"] * 2 + ["treatment"] * 2, "paid": [1.0, 1, 2, 2]})
    row = experiment.compare_means(frame, numerator="paid").iloc[0]
    assert row["change"] == 1
    assert row[["change_low", "change_high", "relative_low", "p"]].isna().all()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: experiment.sample_ratio(["a", "b"]), "a Series of arms is needed"),
        (lambda: experiment.sample_ratio(pd.Series(["a", "a"])), "two arms or more"),
        (lambda: experiment.sample_ratio(pd.Series(["a", None], name="arm")), "'arm' is missing in 1 row"),
        (lambda: experiment.sample_ratio(pd.Series(["a", "b"]), {"a": 1, "b": 0}), "share above 0"),
        (
            lambda: experiment.sample_ratio(pd.Series(["a", "b"]), {"a": 1, "c": 1}),
            "arm 'b' is not in expected",
        ),
        (lambda: experiment.compare_rates(rates(), control="short"), "the arms are control, treatment"),
        (lambda: experiment.compare_rates(rates().query("arm == 'control'")), "a treatment arm is needed"),
        (lambda: experiment.compare_rates(rates().assign(success=2)), "other than 0 and 1"),
        (lambda: experiment.compare_rates(rates().assign(success="yes")), "not numbers"),
        (lambda: experiment.compare_rates(rates().assign(success=np.nan)), "missing in 2000 row"),
        (lambda: experiment.compare_rates(rates(), success="sucess"), "Did you mean 'success'"),
        (lambda: experiment.compare_means(orders().assign(arm=None), numerator="paid"), "'arm' is missing"),
        (
            lambda: experiment.compare_means(orders(), numerator="paid", unit="orders"),
            "orders 1 is in two arms",
        ),
        (
            lambda: experiment.compare_means(
                orders(2).assign(currency=["CNY", "USD", "CNY"]), numerator="paid"
            ),
            "values of 'currency'",
        ),
    ],
)
def test_slips_get_a_clear_sentence(call, says):
    with pytest.raises(CourseError, match=says):
        call()
