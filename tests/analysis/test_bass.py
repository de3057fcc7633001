"""The Bass model: the published fits, the curve it was made from, and what it refuses."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ecomtrain.analysis import lifecycle
from ecomtrain.errors import CourseError

# Room air conditioners sold in the United States, thousands, 1949-1961: one of the series of Bass (1969).
COOLERS = pd.Series(
    [96.0, 195, 238, 380, 1045, 1230, 1267, 1828, 1586, 1673, 1800, 1580, 1500], index=range(1949, 1962)
)


def curve(p, q, m, periods):
    t = np.arange(periods + 1)
    gone = np.exp(-(p + q) * t)
    return pd.Series(m * np.diff((1 - gone) / (1 + q / p * gone)), index=range(1, periods + 1))


def test_room_air_conditioners_by_nonlinear_least_squares_as_published():
    found = lifecycle.bass(COOLERS).table["estimate"]
    assert round(found["p"], 5) == 0.00944
    assert round(found["q"], 4) == 0.3748
    assert round(found["m"]) == 18713


def test_room_air_conditioners_by_the_regression_as_published():
    found = lifecycle.bass(COOLERS, method="ols").table["estimate"]
    assert round(found["p"], 4) == 0.0170
    assert round(found["q"], 3) == 0.405
    assert round(found["m"]) == 17091


def test_the_fitted_sums_of_squares_cannot_be_bettered_nearby():
    best = lifecycle.bass(COOLERS).table["estimate"]
    least = ((curve(best["p"], best["q"], best["m"], 13).to_numpy() - COOLERS.to_numpy()) ** 2).sum()
    for name in ("p", "q", "m"):
        for factor in (0.999, 1.001):
            moved = best.copy()
            moved[name] *= factor
            worse = curve(moved["p"], moved["q"], moved["m"], 13).to_numpy() - COOLERS.to_numpy()
            assert (worse**2).sum() > least


def test_standard_errors_are_those_of_a_general_fitter():
    from scipy.optimize import curve_fit

    def sold(t, p, q, m):
        def adopted(t):
            gone = np.exp(-(p + q) * t)
            return (1 - gone) / (1 + q / p * gone)

        return m * (adopted(t) - adopted(t - 1))

    _, covariance = curve_fit(sold, np.arange(1.0, 14), COOLERS.to_numpy(), p0=[0.01, 0.4, 18000])
    found = lifecycle.bass(COOLERS).table["se"][["p", "q", "m"]]
    assert found.to_numpy() == pytest.approx(np.sqrt(np.diag(covariance)), rel=1e-3)


@settings(max_examples=25, deadline=None)
@given(st.floats(0.002, 0.05), st.floats(0.15, 0.8), st.floats(100, 1e7), st.floats(1.05, 2))
def test_a_curve_without_noise_is_found_again(p, q, m, past):
    peak = np.log(q / p) / (p + q)
    sold = curve(p, q, m, max(int(np.ceil(past * peak)), 6))
    found = lifecycle.bass(sold).table["estimate"]
    assert found[["p", "q", "m"]].to_numpy() == pytest.approx([p, q, m], rel=1e-4)
    assert found["t_peak"] == pytest.approx(max(peak, 0), rel=1e-4)
    assert found["peak"] == pytest.approx(m * (p + q) ** 2 / (4 * q), rel=1e-4)


def test_the_intervals_hold_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(6)
    truth, held = pd.Series({"p": 0.01, "q": 0.4, "m": 5000.0}), []
    clean = curve(*truth, 16)
    for _ in range(60):
        table = lifecycle.bass(clean + rng.normal(0, 25, 16)).table.loc[["p", "q", "m"]]
        held.append((table["low"] <= truth) & (truth <= table["high"]))
    assert 0.88 <= np.mean(held) <= 0.99


@pytest.mark.parametrize("method", ["nls", "ols"])
def test_the_unit_and_the_name_of_the_periods_play_no_part(method):
    one = lifecycle.bass(COOLERS, method=method).table
    months = COOLERS.set_axis(pd.date_range("2025-01-01", periods=13, freq="MS")) * 1000
    other = lifecycle.bass(months, method=method).table
    other.loc[["m", "peak"]] /= 1000
    assert_frame_equal(one, other, rtol=1e-5)


def test_who_innovates_more_than_imitates_sells_most_at_the_launch():
    table = lifecycle.bass(curve(0.5, 0.1, 1000, 12).round()).table
    assert table.loc["t_peak", "estimate"] == 0
    assert np.isnan(table.loc["t_peak", "high"])
    assert table.loc["peak", "estimate"] == pytest.approx(500, rel=0.02)


def test_the_path_adds_up():
    path = lifecycle.bass(COOLERS).path
    assert path["cumulative"].iloc[-1] == COOLERS.sum()
    assert path["cumulative_fitted"].to_numpy() == pytest.approx(path["fitted"].cumsum().to_numpy())


@pytest.mark.parametrize(
    ("sales", "says"),
    [
        (COOLERS.drop(1955), "not at equal distances"),
        (pd.concat([COOLERS, COOLERS.tail(1)]), "missing or there twice"),
        (COOLERS.head(4), "4 period"),
        (COOLERS * 0, "too few to fit"),
        (-COOLERS, "negative"),
        (pd.Series(1.5 ** np.arange(10.0)), "do not bend yet"),
        ([1, 2, 3], "a list was given"),
    ],
)
def test_what_cannot_be_fitted_is_refused_with_a_reason(sales, says):
    with pytest.raises(CourseError, match=says):
        lifecycle.bass(sales)


def test_the_regression_says_when_it_gives_no_market():
    with pytest.raises(CourseError, match="the regression gives no market"):
        lifecycle.bass(pd.Series(1.2 ** np.arange(10.0)), method="ols")
