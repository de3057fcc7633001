"""Forecasts of many series at once: against statsmodels, by hand, and on what was planted."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ecomtrain import datasets
from ecomtrain.analysis import _smoothing, forecast
from ecomtrain.errors import CourseError

DAY = pd.Timestamp("2026-01-01")
FEW = settings(max_examples=15, deadline=None)


def long(values, start=None):
    """A panel from days × series; rows before the start of a series are left out."""
    values = np.asarray(values, dtype=float)
    day, column = np.indices(values.shape)
    frame = pd.DataFrame(
        {
            "date": DAY + pd.to_timedelta(day.ravel(), unit="D"),
            "product_id": [f"p{n:03d}" for n in column.ravel()],
            "sold": values.ravel(),
        }
    )
    begun = np.zeros(values.shape[1], int) if start is None else np.asarray(start)
    return frame[day.ravel() >= begun[column.ravel()]]


def shops(days=200, count=12, seed=0):
    """Poisson sales with a week and a slow drift."""
    rng = np.random.default_rng(seed)
    week = 1 + 0.4 * np.sin(2 * np.pi * np.arange(days)[:, None] / 7 + rng.random(count) * 6)
    drift = np.exp(np.cumsum(rng.normal(0, 0.02, (days, count)), axis=0))
    return rng.poisson(rng.uniform(5, 40, count) * week * drift).astype(float)


def test_the_recursion_is_that_of_statsmodels():
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    y = shops(120, 1)[:, 0]
    season = np.linspace(-3, 3, 7)
    model = ExponentialSmoothing(
        y, trend="add", damped_trend=True, seasonal="add", seasonal_periods=7, initialization_method="known",
        initial_level=15.0, initial_trend=0.2, initial_seasonal=season,
    )  # fmt: skip
    alpha, beta, gamma, phi = 0.3, 0.1, 0.2, 0.9
    theirs = model.fit(
        smoothing_level=alpha, smoothing_trend=beta / alpha, smoothing_seasonal=gamma, damping_trend=phi,
        optimized=False,
    )  # fmt: skip
    one = [np.full((1, 1), x) for x in (alpha, beta, gamma, phi)]
    first = [np.array([15.0]), np.array([0.2]), season[:, None]]
    total, (level, slope, seasonal) = _smoothing._run(y[:, None], np.array([0]), first, True, *one)
    assert total.item() == pytest.approx(theirs.sse)
    fit = _smoothing.Smoothed(
        level[0], slope[0], seasonal[:, 0], np.ones(1), np.ones(1), *(p[0] for p in one)
    )
    mean, _ = _smoothing.steps_ahead(fit, len(y), 20)
    # For the weekday of the last day, statsmodels forgets what it learnt on it.
    told = np.arange(1, 21) % 7 != 0
    assert mean[told, 0] == pytest.approx(theirs.forecast(20)[told])


def test_the_variance_ahead_is_that_of_the_errors_added_up():
    rng = np.random.default_rng(1)
    fit = _smoothing.Smoothed(
        np.array([50.0]), np.array([0.5]), np.linspace(-3, 3, 7)[:, None], np.array([2.0]), np.array([99]),
        np.array([0.3]), np.array([0.05]), np.array([0.2]), np.array([0.9]),
    )  # fmt: skip
    mean, se = _smoothing.steps_ahead(fit, 14, 20)
    level, slope = np.full(20_000, 50.0), np.full(20_000, 0.5)
    season = np.tile(fit.seasonal, (1, 20_000))
    for h in range(20):
        error = rng.normal(0, 2, 20_000)
        y = level + 0.9 * slope + season[h % 7] + error
        level, slope = level + 0.9 * slope + 0.3 * error, 0.9 * slope + 0.05 * error
        season[h % 7] += 0.2 * error
        assert y.mean() == pytest.approx(mean[h, 0], abs=0.1)
        assert y.std() == pytest.approx(se[h, 0], rel=0.03)


def test_fits_and_forecasts_are_as_good_as_those_of_statsmodels():
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    y = shops(160, 3, seed=2)
    past, later = y[:-14], y[-14:]
    table = forecast.holt_winters(long(past), 14)
    ours = np.abs(table["forecast"].to_numpy().reshape(3, 14).T - later).mean()
    options = {"trend": "add", "damped_trend": True, "seasonal": "add", "seasonal_periods": 7}
    fits = [ExponentialSmoothing(x, **options, initialization_method="heuristic").fit() for x in past.T]
    assert ours < 1.03 * np.abs(np.column_stack([fit.forecast(14) for fit in fits]) - later).mean()
    found = _smoothing.smooth(past, np.zeros(3, int), 7, True)
    squares = found.sigma**2 * found.free
    assert (squares < 1.01 * np.array([fit.sse for fit in fits])).all()


def test_the_week_and_the_level_of_a_noiseless_series_are_found():
    week = np.array([3.0, 4, 5, 6, 9, 14, 12])
    table = forecast.holt_winters(long(np.tile(week, 8)[:, None]), 14)
    assert table["forecast"].to_numpy() == pytest.approx(np.tile(week, 2), abs=1e-6)
    assert table["low"].isna().all()


@pytest.mark.parametrize(("times", "plus"), [(1000.0, 0.0), (1.0, 1e7), (1e-3, 5.0)])
def test_another_unit_or_a_higher_level_changes_nothing_else(times, plus):
    y = shops(80, 4)
    one, other = (forecast.holt_winters(long(v), 10, never_negative=False) for v in (y, y * times + plus))
    for name in ("forecast", "low", "high"):
        assert other[name].to_numpy() == pytest.approx(one[name] * times + plus, abs=2e-3 * times, rel=1e-9)


def test_the_intervals_cover_as_often_as_they_say():
    y = shops(250, 150, seed=3)
    told = forecast.holt_winters(long(y[:-14]), 14)
    row = forecast.accuracy(told, long(y), pooled=True).iloc[0]
    assert 0.91 <= row["coverage"] <= 0.98
    assert row["coverage_low"] <= row["coverage"] <= row["coverage_high"]
    naive = forecast.accuracy(forecast.seasonal_naive(long(y[:-14]), 14), long(y), pooled=True).iloc[0]
    assert 0.9 <= naive["coverage"] <= 0.99
    assert row["mase"] < 0.9 * naive["mase"]


@FEW
@given(st.integers(1, 40), st.integers(0, 3), st.sampled_from([1, 2, 7]), st.booleans())
def test_every_length_and_kind_of_series_gets_a_forecast_that_depends_on_no_other(
    length, kind, season, trend
):
    rng = np.random.default_rng(length)
    y = np.zeros((40, 5))
    y[:, 1] = 3
    y[:, 2] = rng.poisson(2, 40)
    y[:, 3] = np.where(rng.random(40) < 0.3, np.nan, 5 + rng.normal(0, 1, 40))
    y[:, 4] = np.linspace(80, 1, 40)
    panel = long(y, [0, 0, 0, 0, 40 - length])
    table = forecast.holt_winters(panel, 9, season, trend=trend)
    assert len(table) == 45
    assert table["forecast"].between(0, 200).all()
    known = table.dropna()
    assert (known["low"] <= known["forecast"]).all()
    assert (known["forecast"] <= known["high"]).all()
    name = f"p{kind + 1:03d}"
    # Kept in the panel: its last day, so that the forecast begins on the same one.
    alone = panel[
        (panel["product_id"] == name) | ((panel["product_id"] == "p000") & (panel["date"].dt.day > 0))
    ]
    again = forecast.holt_winters(alone, 9, season, trend=trend)
    both = [t[t["product_id"] == name].reset_index(drop=True) for t in (table, again)]
    assert_frame_equal(*both)


def test_a_missing_day_is_a_day_of_nothing_and_a_missing_value_a_day_unknown():
    y = shops(70, 1)
    panel = long(y)
    shut = panel["date"].dt.day_of_week == 6
    zero = forecast.holt_winters(panel.assign(sold=panel["sold"].mask(shut, 0)), 7)
    assert_frame_equal(forecast.holt_winters(panel[~shut], 7), zero)
    unknown = forecast.holt_winters(panel.assign(sold=panel["sold"].mask(panel["date"] == "2026-02-10")), 7)
    sold_out = forecast.holt_winters(
        panel.assign(sold=panel["sold"].mask(panel["date"] == "2026-02-10", 0)), 7
    )
    true = forecast.holt_winters(panel, 7)["forecast"]
    assert np.abs(unknown["forecast"] - true).max() < np.abs(sold_out["forecast"] - true).max()


def test_a_short_history_falls_back_on_the_naive_forecast():
    y = shops(30, 2)
    table = forecast.holt_winters(long(y, [0, 20]), 7)
    assert table.groupby("product_id")["method"].first().tolist() == ["holt_winters", "seasonal_naive"]
    naive = forecast.seasonal_naive(long(y, [0, 20]), 7)
    short = table["product_id"] == "p001"
    assert_frame_equal(table[short], naive[short])


def test_a_forecast_below_nothing_is_cut_unless_told_otherwise():
    y = np.linspace(60, 1, 60)[:, None] + shops(60, 1, seed=4) / 40
    cut, plain = (forecast.holt_winters(long(y), 30, never_negative=cut) for cut in (True, False))
    assert cut["low"].min() == 0
    assert plain["low"].min() < 0
    assert_frame_equal(cut[["forecast", "low", "high"]], plain[["forecast", "low", "high"]].clip(lower=0))


def test_the_naive_forecast_by_hand():
    y = np.array([1.0, 2, 3, 4, 5, np.nan, 9])[:, None]
    table = forecast.seasonal_naive(long(y), 5, 3)
    # The day that is not known is told by the one a season before.
    assert table["forecast"].tolist() == [5, 3, 9, 5, 3]
    spread = np.sqrt(np.mean(np.array([3, 3, 5]) ** 2)) * 1.959964
    assert (table["high"] - table["forecast"]).tolist() == pytest.approx(
        spread * np.sqrt([1, 1, 1, 2, 2]), rel=1e-6
    )


def test_accuracy_by_hand():
    panel = long(np.array([[4.0, 0], [6, 0], [5, 0], [9, 0], [8, 0], [2, 3]]))
    told = forecast.seasonal_naive(panel[panel["date"] < "2026-01-05"], 2, 1)
    table = forecast.accuracy(told, panel, season=1).set_index("product_id")
    one = table.loc["p000"]
    assert (one["days"], one["mae"], one["mase"]) == (2, 4, 4 / (7 / 3))
    assert (one["wape"], one["bias"]) == (8 / 10, 8 / 10)
    # A past that never changed has no scale; three units against none foretold.
    assert np.isnan(table.loc["p001", "mase"])
    assert (table.loc["p001", "wape"], table.loc["p001", "bias"]) == (1, -1)
    whole = forecast.accuracy(told, panel, season=1, pooled=True).iloc[0]
    assert (whole["series"], whole["days"], whole["mase"]) == (2, 4, one["mase"])
    assert whole["wape"] == 11 / 13


def test_days_not_yet_over_are_not_scored():
    panel = long(shops(40, 2))
    told = forecast.seasonal_naive(panel[panel["date"] < "2026-02-06"], 14)
    assert forecast.accuracy(told, panel)["days"].tolist() == [4, 4]


def test_each_origin_knows_its_past_alone():
    y = shops(90, 4)
    table = forecast.rolling_origin(long(y), horizon=7, origins=3)
    assert table["origin"].unique().tolist() == [DAY + pd.Timedelta(days=n) for n in (69, 76, 83)]
    changed = y.copy()
    changed[83:] *= 9
    other = forecast.rolling_origin(long(changed), horizon=7, origins=3)
    early = table["origin"] < table["origin"].max()
    assert_frame_equal(table[early], other[early])
    assert (other.loc[~early, "mase"] > 3 * table.loc[~early, "mase"]).all()


def test_quiet_days_before_an_origin_are_days_of_nothing():
    y = shops(60, 1)
    y[40:46] = 0
    panel = long(y)
    sparse = panel[panel["sold"] > 0]
    both = [forecast.rolling_origin(p, horizon=7, origins=3, every=7) for p in (panel, sparse)]
    assert_frame_equal(*both)
    assert both[0]["days"].unique().tolist() == [7]


def test_smoothing_beats_the_naive_forecast_on_the_shops_own_sales():
    sold = datasets.load("inventory_daily", shop="food")
    table = forecast.rolling_origin(sold[sold["date"] < "2026-05-01"], horizon=14, origins=2)
    mase = table.groupby("method")["mase"].mean()
    assert mase["holt_winters"] < mase["seasonal_naive"]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda p: forecast.seasonal_naive(p, 0), "horizon is 0"),
        (lambda p: forecast.holt_winters(p, 7, 0), "season is 0"),
        (lambda p: forecast.holt_winters(p, 7, level=95), "level is 95"),
        (lambda p: forecast.holt_winters(p.iloc[:0], 7), "no row with a date"),
        (lambda p: forecast.rolling_origin(p, ["holt_winter"]), "no method 'holt_winter'.*holt_winters'"),
        (lambda p: forecast.rolling_origin(p, origins=9), "the panel has 60 days"),
        (lambda p: forecast.rolling_origin(p, origins=0), "origins is 0"),
        (lambda p: forecast.accuracy(forecast.seasonal_naive(p, 3), p), "none of the days forecast"),
    ],
)
def test_bad_options_get_a_sentence(call, says):
    with pytest.raises(CourseError, match=says):
        call(long(shops(60, 2)))
