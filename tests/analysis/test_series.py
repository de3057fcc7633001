"""Interrupted series: what is fitted, how wide the interval is, what is refused."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import stdtrit

from ecomtrain.analysis.causal import interrupted_series
from ecomtrain.errors import CourseError

WEEK = pd.date_range("2025-01-06", periods=60, freq="7D")
START = WEEK[48]


def errors(rng, size, rho, spread=0.05):
    drawn = rng.normal(size=size) * spread
    drawn[1:] *= np.sqrt(1 - rho**2)
    for t in range(1, size):
        drawn[t] += rho * drawn[t - 1]
    return drawn


def made(seed=0, rho=0.4, gain=0.24):
    rng = np.random.default_rng(seed)
    season = 0.3 * np.sin(np.arange(60) / 9)
    series = pd.Series(1000 * np.exp(season + errors(rng, 60, rho)), index=WEEK)
    series[WEEK >= START] *= 1 + gain
    return series, pd.DataFrame({"others": 300 * np.exp(season)}, index=WEEK)


def row(*args, **options):
    return interrupted_series(*args, **options).iloc[0]


def test_without_autocorrelation_it_is_a_regression_and_its_prediction_interval():
    sign = np.where(np.arange(40) % 2, 1, -1) * np.where(np.arange(40) % 4 < 2, 1.0, 1.2)
    y = pd.Series(100 * np.exp(0.02 * sign), index=range(40))
    y[30:] = 150.0
    found = row(y, start=30, trend=False)
    log = np.log(y[:30])
    se = log.std() * np.sqrt(1 / 10 + 1 / 30)
    half = stdtrit(29, 0.975) * se
    effect = 150 / y[:30].mean() - 1
    assert found["effect"] == pytest.approx(effect, rel=1e-9)
    assert (np.log1p(found["high"]) - np.log1p(found["effect"])) == pytest.approx(half, rel=1e-3)
    assert found[["n_before", "n_after"]].tolist() == [30, 10]


def test_the_season_of_the_controls_is_not_taken_for_an_effect():
    series, others = made(gain=0.0)
    found = row(series, start=START, controls=others)
    assert found["low"] < 0 < found["high"]
    # The twelve weeks before say something else.
    assert abs(series[START:].mean() / series[: WEEK[47]].iloc[-12:].mean() - 1) > 2 * abs(found["effect"])


def test_actual_over_expected_is_the_effect():
    series, others = made()
    found = row(series, start=START, controls=others)
    assert found["actual"] == pytest.approx(series[START:].sum())
    assert found["effect"] == pytest.approx(found["actual"] / found["expected"] - 1)
    assert found["low"] < 0.24 < found["high"]


@settings(max_examples=8, deadline=None)
@given(st.floats(1e-3, 1e6), st.floats(1e-3, 1e6))
def test_the_units_of_the_series_play_no_part(one, other):
    series, others = made()
    usual = row(series, start=START, controls=others)[["effect", "low", "high"]]
    found = row(series * one, start=START, controls=others * other)[["effect", "low", "high"]]
    assert np.allclose(found.astype(float), usual.astype(float), atol=1e-6)


def test_errors_that_hang_together_widen_the_interval():
    widths = []
    for rho in (0.0, 0.8):
        found = [row(*made(seed, rho)[:1], start=START, controls=made(seed, rho)[1]) for seed in range(8)]
        widths.append(np.mean([one["high"] - one["low"] for one in found]))
    assert widths[1] > 1.5 * widths[0]


@pytest.mark.parametrize("rho", [0.0, 0.5])
def test_the_interval_covers_the_effect_as_often_as_it_says(rho):
    found = [row(*made(seed, rho)[:1], start=START, controls=made(seed, rho)[1]) for seed in range(70)]
    assert 0.87 <= np.mean([one["low"] <= 0.24 <= one["high"] for one in found]) <= 1.0


def test_days_are_compared_with_their_own_weekday_and_end_is_left_out():
    day = pd.date_range("2026-01-05", periods=90)
    rng = np.random.default_rng(1)
    sold = pd.Series(100 + 60.0 * (day.day_of_week >= 5), index=day) * np.exp(0.01 * rng.normal(size=90))
    sold[day >= "2026-04-01"] *= 9
    found = row(sold, start="2026-03-24", end="2026-04-01")
    assert abs(found["effect"]) < 0.02
    assert found[["n_before", "n_after"]].tolist() == [78, 8]


def test_a_steady_trend_is_carried_on_without_controls_and_not_with_them():
    rng = np.random.default_rng(2)
    grows = pd.Series(1000 * 1.01 ** np.arange(60) * np.exp(0.01 * rng.normal(size=60)), index=WEEK)
    assert abs(row(grows, start=START)["effect"]) < 0.03
    assert row(grows, start=START, trend=False)["effect"] > 0.3


def test_a_series_without_any_error_has_no_interval():
    found = row(pd.Series([10.0] * 8 + [20.0] * 2), start=8)
    assert found["effect"] == pytest.approx(1.0)
    assert np.isnan(found["low"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s, c: {"series": s.tolist()}, "a Series is needed, a list was given"),
        (lambda s, c: {"series": s.drop(WEEK[7])}, "rows are missing after 2025-02-17"),
        (lambda s, c: {"series": pd.concat([s, s[:1]])}, "2025-01-06 is there twice"),
        (lambda s, c: {"series": s.mask(s.index == WEEK[2])}, "the series has no value for 2025-01-20"),
        (lambda s, c: {"series": s.where(s.index != WEEK[2], 0.0)}, "the series is 0 for 2025-01-20"),
        (lambda s, c: {"controls": -c}, "control 'others' is negative"),
        (lambda s, c: {"controls": c[1:]}, "controls have no row for 2025-01-06"),
        (lambda s, c: {"start": WEEK[2]}, "2 row(s) before start are too few to fit 2 numbers"),
        (lambda s, c: {"start": "2027-01-01"}, "no row lies in [2027-01-01, None)"),
        (lambda s, c: {"start": "soon"}, "'soon' is not a date"),
        (lambda s, c: {"series": s.reset_index(drop=True), "controls": None}, "the rows are numbered"),
        (lambda s, c: {"series": s.set_axis(s.index.astype(str))}, "holds str, not times"),
        (lambda s, c: {"level": 95}, "level is 95"),
    ],
)
def test_bad_input_is_met_with_a_sentence(change, words):
    series, others = made()
    given = {"series": series, "start": START, "controls": others} | change(series, others)
    with pytest.raises(CourseError, match=re.escape(words)):
        interrupted_series(given.pop("series"), **given)
