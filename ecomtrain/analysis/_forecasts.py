"""Forecasts of many daily series at once: the naive one to beat, and exponential smoothing."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtrit

from ecomtrain.analysis._checks import days, plain
from ecomtrain.analysis._smoothing import FIRST, smooth, steps_ahead
from ecomtrain.errors import CourseError, require, require_level, require_numeric


class Panel(NamedTuple):
    """Daily values as days × series; NaN before a series' first row and where its value is missing."""

    grid: Any
    start: Any  # position of each series' first row
    ids: Any
    first: Any  # the day of the first row of all


def seasonal_naive(
    panel: pd.DataFrame,
    horizon: int,
    season: int = 7,
    *,
    series: str = "product_id",
    value: str = "sold",
    never_negative: bool = True,
    level: float = 0.95,
) -> pd.DataFrame:
    """Forecast each day by the same day of the last season, the forecast to beat (季节性朴素预测).

    Parameters
    ----------
    panel : DataFrame
        ``date`` (datetime), `series` and `value` (number). Several rows of one series and day add up. A day
        without a row, between the first row of its series and the last day of the panel, is a day of 0; a
        row whose value is missing is a day that is not known.
    horizon : int
        Days to forecast, from the day after the last of the panel on.
    season : int, default 7
        Days of a season: 7 for the week; 1 for none.
    series, value : str
        The columns that name the series and hold its values.
    never_negative : bool, default True
        Cut forecasts and intervals at 0, as for units and money received.
    level : float, default 0.95
        Level of the prediction intervals.

    Returns
    -------
    DataFrame
        One row per series and day: `series`, ``date``, ``step`` (days ahead), ``forecast``, ``low``, ``high``
        (in the unit of `value`) and ``method``. The interval is NaN where there was too little to judge by.

    Raises
    ------
    CourseError
        If a column is missing or of the wrong type, the panel has no day, or an option is out of range.

    Notes
    -----
    forecast = value of the day k seasons before, k = ⌈step / season⌉ (an older one if that is not known, the
    mean of the series if there is none). Standard error = √k × root mean square of the changes from season
    to season. A method that does not beat this one has learnt nothing.

    References
    ----------
    .. [1] R. J. Hyndman, G. Athanasopoulos (2021), Forecasting: Principles and Practice, 3rd ed., 5.2, 5.5.

    Examples
    --------
    >>> panel = pd.DataFrame({"date": pd.date_range("2026-06-01", periods=6), "product_id": "tea",
    ...                       "sold": [4, 8, 5, 9, 6, 9]})
    >>> seasonal_naive(panel, 3, season=2)[["date", "step", "forecast", "low", "high"]]
            date  step  forecast       low       high
    0 2026-06-07     1       6.0  4.302621   7.697379
    1 2026-06-08     2       9.0  7.302621  10.697379
    2 2026-06-09     3       6.0  3.599544   8.400456
    >>> seasonal_naive(panel, 0)
    Traceback (most recent call last):
        ...
    CourseError: forecast.seasonal_naive: horizon is 0; give a whole number of days, 1 or more.
    """
    where = "forecast.seasonal_naive"
    found = read_panel(panel, series, value, where)
    _require_options(horizon, season, level, where)
    mean, se, _ = _naive(found.grid, horizon, season)
    half = ndtri(0.5 + level / 2) * se
    return _table(found, panel[series], mean, half, np.full(len(found.ids), "seasonal_naive"), never_negative)


def holt_winters(
    panel: pd.DataFrame,
    horizon: int,
    season: int = 7,
    *,
    trend: bool = True,
    series: str = "product_id",
    value: str = "sold",
    never_negative: bool = True,
    level: float = 0.95,
) -> pd.DataFrame:
    """Forecast by exponential smoothing with a season and a damped trend (指数平滑法), all series at once.

    Parameters
    ----------
    panel, horizon, season, series, value, never_negative, level
        As for `seasonal_naive`.
    trend : bool, default True
        Follow a trend that is damped; with False and season 1 it is simple exponential smoothing.

    Returns
    -------
    DataFrame
        As `seasonal_naive`. ``method`` is "holt_winters", or "seasonal_naive" for a series with fewer than
        two seasons or ten days that are known.

    Raises
    ------
    CourseError
        If a column is missing or of the wrong type, the panel has no day, or an option is out of range.

    Notes
    -----
    With error e = y − (level + φ·slope + season): level ← level + φ·slope + α·e, slope ← φ·slope + β·e,
    season ← season + γ·e [1]_. α, β, γ, φ are those with the smallest Σe² of each series (0 ≤ β ≤ α ≤ 1,
    0 ≤ γ ≤ 1 − α, 0.8 ≤ φ ≤ 0.98); the first states come from the first five seasons. Variance h days ahead:
    σ²(1 + Σ c_j²), j < h, with c_j = α + β(φ + … + φʲ) + γ where j is a whole number of seasons; t quantiles.
    Thousands of series take about a second, as arrays of days × series. The intervals take the future to vary
    as the past did: a festival that the past did not have lies outside. Days out of stock pull a forecast
    down: give their value as missing.

    References
    ----------
    .. [1] R. J. Hyndman, A. B. Koehler, J. K. Ord, R. D. Snyder (2008), Forecasting with Exponential
       Smoothing, Springer.

    Examples
    --------
    >>> panel = pd.DataFrame({"date": pd.date_range("2026-06-01", periods=28), "product_id": "tea",
    ...                       "sold": [4, 4, 5, 4, 6, 9, 8] * 4})
    >>> table = holt_winters(panel, 3)
    >>> table.assign(forecast=table["forecast"].round(2))[["date", "step", "forecast", "method"]]
            date  step  forecast        method
    0 2026-06-29     1       4.0  holt_winters
    1 2026-06-30     2       4.0  holt_winters
    2 2026-07-01     3       5.0  holt_winters
    >>> holt_winters(panel.drop(columns="sold"), 3)
    Traceback (most recent call last):
        ...
    CourseError: forecast.holt_winters: column 'sold' is not in the frame; it has date, product_id.
    """
    where = "forecast.holt_winters"
    found = read_panel(panel, series, value, where)
    _require_options(horizon, season, level, where)
    mean, se, method = _naive(found.grid, horizon, season)
    half = ndtri(0.5 + level / 2) * se
    known = np.isfinite(found.grid).sum(axis=0)
    fit = (known >= max(2 * season, FIRST)) & (len(found.grid) - found.start >= 2 * season)
    if fit.any():
        smoothed = smooth(found.grid[:, fit], found.start[fit], season, trend)
        mean[:, fit], se = steps_ahead(smoothed, len(found.grid), horizon)
        half[:, fit] = stdtrit(np.maximum(smoothed.free, 1), 0.5 + level / 2) * se
        method[fit] = "holt_winters"
    return _table(found, panel[series], mean, half, method, never_negative)


def read_panel(panel: Any, series: str, value: str, where: str) -> Panel:
    """Read a long frame as days × series."""
    require(panel, ["date", series, value], where)
    require_numeric(panel, [value], where)
    day = days(panel["date"], where)
    rows = plain(panel[[series, value]]).assign(day=day.to_numpy())
    rows = rows[rows["day"].notna() & rows[series].notna()]
    if rows.empty:
        raise CourseError(f"{where}: the panel has no row with a date and a {series}; pass one that has.")
    column, ids = pd.factorize(rows[series], sort=True)
    first = rows["day"].min()
    row = (rows["day"] - first).dt.days.to_numpy()
    shape = int(row.max()) + 1, len(ids)
    amount = rows[value].to_numpy(dtype=float, na_value=np.nan)
    values = np.bincount(row * shape[1] + column, weights=amount, minlength=shape[0] * shape[1]).reshape(
        shape
    )
    start = np.full(len(ids), shape[0])
    np.minimum.at(start, column, row)
    return Panel(np.where(np.arange(shape[0])[:, None] < start, np.nan, values), start, ids, first)


def _require_options(horizon: int, season: int, level: float, where: str) -> None:
    require_level(level, where)
    for name, number in (("horizon", horizon), ("season", season)):
        if number < 1 or number != int(number):
            raise CourseError(f"{where}: {name} is {number}; give a whole number of days, 1 or more.")


def _naive(values: Any, horizon: int, season: int) -> tuple[Any, Any, Any]:
    """Forecasts, standard errors and the name of the method, of the seasonal naive forecast."""
    ahead = np.arange(horizon)
    known = np.isfinite(values)
    count = known.sum(axis=0)
    mean = np.where(count > 0, np.where(known, values, 0.0).sum(axis=0) / np.maximum(count, 1), np.nan)
    last = np.tile(mean, (season, 1))
    # Position p of `last` is the latest known value of the days that are p days after the end, mod season.
    for back in range(min(len(values), season)):
        same_day = values[len(values) - 1 - back :: -season]
        seen = np.isfinite(same_day)
        newest = np.take_along_axis(same_day, seen.argmax(axis=0)[None], axis=0)[0]
        last[season - 1 - back] = np.where(seen.any(axis=0), newest, mean)
    change = values[season:] - values[:-season] if len(values) > season else values[:0]
    pairs = np.isfinite(change).sum(axis=0)
    square = np.nansum(change**2, axis=0)
    spread = np.sqrt(np.where((pairs > 1) & (square > 0), square / np.maximum(pairs, 1), np.nan))
    method = np.full(values.shape[1], "seasonal_naive", dtype=object)
    return last[ahead % season], spread * np.sqrt(1 + ahead // season)[:, None], method


def _table(found: Panel, given: Any, mean: Any, half: Any, method: Any, never_negative: bool) -> pd.DataFrame:
    """Forecasts as a long frame, series after series."""
    horizon, count = mean.shape
    floor = 0.0 if never_negative else -np.inf
    step = np.tile(np.arange(1, horizon + 1), count)
    date = found.first + pd.to_timedelta(len(found.grid) - 1 + step, unit="D")
    columns = {"forecast": mean, "low": mean - half, "high": mean + half}
    return pd.DataFrame(
        {
            given.name: pd.Series(found.ids).repeat(horizon).to_numpy(),
            "date": date,
            "step": step,
            **{name: np.maximum(numbers.T.ravel(), floor) for name, numbers in columns.items()},
            "method": pd.Series(method, dtype="str").repeat(horizon).to_numpy(),
        }
    )
