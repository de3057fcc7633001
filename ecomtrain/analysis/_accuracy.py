"""How good a forecast was: against the naive one of its own past, and from many starting days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis._checks import days, plain, require_same_ids
from ecomtrain.analysis._forecasts import holt_winters, read_panel, seasonal_naive
from ecomtrain.analysis.intervals import ratio
from ecomtrain.errors import CourseError, nearest, require, require_level, require_numeric

METHODS = {"seasonal_naive": seasonal_naive, "holt_winters": holt_winters}
NUMBERS = ["forecast", "low", "high"]


def accuracy(
    forecast: pd.DataFrame,
    panel: pd.DataFrame,
    *,
    season: int = 7,
    series: str = "product_id",
    value: str = "sold",
    pooled: bool = False,
    level: float = 0.95,
) -> pd.DataFrame:
    """Score a forecast on the days that followed (预测准确度: MASE, WAPE, 偏差, 区间覆盖率).

    Parameters
    ----------
    forecast : DataFrame
        What `seasonal_naive` or `holt_winters` returned: `series`, ``date``, ``forecast``, ``low``, ``high``.
    panel : DataFrame
        The daily values, of the days before the forecast (for the scale) and of the days forecast, as for
        `seasonal_naive`. Days of the forecast after the end of the panel are not scored.
    season : int, default 7
        Season of the naive forecast that gives the scale.
    series, value : str
        The columns that name the series and hold its values.
    pooled : bool, default False
        One row for all series together, with intervals, in place of a row for each.
    level : float, default 0.95
        Confidence level of the intervals of the pooled row.

    Returns
    -------
    DataFrame
        One row per series: `series`, ``days`` (scored), ``mae`` (in the unit of `value`), ``mase``, ``wape``,
        ``bias``, ``coverage`` (fractions). Pooled: ``series`` (number of them), ``days``, ``mase`` (mean over
        the series) with ``mase_low``, ``mase_high``, ``wape``, ``bias``, ``coverage`` with ``coverage_low``,
        ``coverage_high``.

    Raises
    ------
    CourseError
        If a column is missing or of the wrong type, or no forecast day is in the panel.

    Notes
    -----
    MASE [1]_ = mean ``|error|`` / mean ``|y[t] − y[t−season]|`` of the days before the forecast: below 1, the
    forecast errs less than the naive one did there, one day after another. NaN where the past never changed
    or is shorter than a season and a day. WAPE = ``Σ|error| / Σ|actual|``; bias =
    ``Σ(forecast − actual) / Σ|actual|``, above 0 where too much was foretold; coverage =
    share of days inside [low, high]. There is no MAPE: a day without a sale would divide by 0. Intervals are
    over series, which are taken as independent: a common festival makes them too narrow.

    References
    ----------
    .. [1] R. J. Hyndman, A. B. Koehler (2006), Another look at measures of forecast accuracy, Int. J.
       Forecasting 22(4), 679-688.

    Examples
    --------
    >>> panel = pd.DataFrame({"date": pd.date_range("2026-06-01", periods=6), "product_id": "tea",
    ...                       "sold": [4, 8, 5, 9, 6, 8]})
    >>> made = seasonal_naive(panel.head(4), 2, season=2)
    >>> accuracy(made, panel, season=2)[["days", "mae", "mase", "wape", "bias"]].round(3)
       days  mae  mase   wape  bias
    0     2  1.0   1.0  0.143   0.0
    >>> accuracy(made, panel.head(4), season=2)
    Traceback (most recent call last):
        ...
    CourseError: forecast.accuracy: none of the days forecast is in the panel; pass the days that followed ...
    """
    where = "forecast.accuracy"
    require(forecast, [series, "date", *NUMBERS], f"{where} (forecast)")
    require_numeric(forecast, NUMBERS, f"{where} (forecast)")
    require_level(level, where)
    if season < 1:
        raise CourseError(f"{where}: season is {season}; give 1 or more.")
    found = read_panel(panel, series, value, where)
    require_same_ids(series, where, forecast, panel)
    told = plain(forecast[[series, *NUMBERS]]).assign(day=days(forecast["date"], where).to_numpy())
    told = told[told["day"].notna() & told["forecast"].notna()]
    row = (told["day"] - found.first).dt.days.to_numpy()
    column = pd.Index(found.ids).get_indexer(told[series])
    use = (row >= 0) & (row < len(found.grid)) & (column >= 0)
    told, row, column = told[use], row[use], column[use]
    actual = found.grid[row, column]
    scored = np.isfinite(actual)
    if not scored.any():
        raise CourseError(
            f"{where}: none of the days forecast is in the panel; pass the days that followed as well."
        )
    told, row, column, actual = told[scored], row[scored], column[scored], actual[scored]
    past = found.grid[: row.min()]
    change = np.abs(past[season:] - past[:-season]) if len(past) > season else past[:0]
    pairs = np.isfinite(change).sum(axis=0)
    scale = np.where(pairs > 0, np.nansum(change, axis=0), np.nan) / np.maximum(pairs, 1)
    error = told["forecast"].to_numpy(dtype=float) - actual
    low, high = (told[name].to_numpy(dtype=float) for name in ("low", "high"))
    known = np.isfinite(low + high)
    rows = {"days": 1.0, "wrong": np.abs(error), "error": error, "sales": np.abs(actual), "judged": known}
    rows["inside"] = known & (low <= actual) & (actual <= high)
    sums = pd.DataFrame(rows, dtype=float).groupby(column).sum()
    scale = pd.Series(np.where(scale > 0, scale, np.nan)).reindex(sums.index)
    mase = sums["wrong"] / sums["days"] / scale
    if not pooled:
        sums.insert(0, series, pd.Series(found.ids).take(sums.index).to_numpy())
        return _rates(sums.assign(mae=sums["wrong"] / sums["days"], mase=mase), series)
    whole = sums.sum().to_frame().T
    mean, inside = ratio(mase.dropna(), level=level), ratio(sums["inside"], sums["judged"], level=level)
    whole["series"], whole["mase"] = len(sums), mean.value
    whole["mase_low"], whole["mase_high"] = max(mean.low, 0.0), mean.high
    whole["coverage_low"], whole["coverage_high"] = max(inside.low, 0.0), min(inside.high, 1.0)
    return _rates(whole, "series")


def _rates(sums: pd.DataFrame, first: str) -> pd.DataFrame:
    """Rates from sums, in the order in which they are read."""
    sales = sums["sales"].where(sums["sales"] > 0)
    table = sums.assign(
        days=sums["days"].astype(int),
        wape=sums["wrong"] / sales,
        bias=sums["error"] / sales,
        coverage=sums["inside"] / sums["judged"].where(sums["judged"] > 0),
    )
    order = [first, "days", "mae", "mase", "mase_low", "mase_high", "wape", "bias"]
    order += ["coverage", "coverage_low", "coverage_high"]
    return table[[name for name in order if name in table]].reset_index(drop=True)


def rolling_origin(
    panel: pd.DataFrame,
    methods: Sequence[str] = ("seasonal_naive", "holt_winters"),
    *,
    horizon: int = 14,
    origins: int = 4,
    every: int | None = None,
    season: int = 7,
    series: str = "product_id",
    value: str = "sold",
    level: float = 0.95,
) -> pd.DataFrame:
    """Score forecasts made from several days of the past, each with what was known then (滚动起点检验).

    Parameters
    ----------
    panel : DataFrame
        As for `seasonal_naive`.
    methods : sequence of {"seasonal_naive", "holt_winters"}
        The methods to compare.
    horizon : int, default 14
        Days forecast from each origin.
    origins : int, default 4
        Number of origins; the last is `horizon` days before the end of the panel.
    every : int, optional
        Days from one origin to the next; the horizon if left out, so that no day is scored twice.
    season, series, value, level
        As for `accuracy`.

    Returns
    -------
    DataFrame
        One row per method and origin: ``method``, ``origin`` (the first day forecast) and the pooled columns
        of `accuracy`.

    Raises
    ------
    CourseError
        If a method is unknown, an option is out of range, or the panel is too short for so many origins.

    Notes
    -----
    One split of past and future is one draw: a festival inside it decides. Several origins show whether a
    method is better or was lucky. A series that had not begun at an origin is not forecast from it.

    References
    ----------
    .. [1] R. J. Hyndman, G. Athanasopoulos (2021), Forecasting: Principles and Practice, 3rd ed., 5.10.

    Examples
    --------
    >>> panel = pd.DataFrame({"date": pd.date_range("2026-06-01", periods=42), "product_id": "tea",
    ...                       "sold": [4, 4, 5, 4, 6, 9, 8, 5, 4, 5, 5, 6, 8, 8] * 3})
    >>> table = rolling_origin(panel, horizon=7, origins=2)
    >>> table[["method", "origin", "days", "mase"]].assign(mase=table["mase"].round(2))
               method     origin  days  mase
    0  seasonal_naive 2026-06-29     7  1.00
    1  seasonal_naive 2026-07-06     7  1.00
    2    holt_winters 2026-06-29     7  0.58
    3    holt_winters 2026-07-06     7  0.60
    >>> rolling_origin(panel, horizon=30, origins=2)
    Traceback (most recent call last):
        ...
    CourseError: forecast.rolling_origin: the panel has 42 days; 2 origins 30 days apart need more than 60.
    """
    where = "forecast.rolling_origin"
    for name in methods:
        if name not in METHODS:
            known = " or ".join(METHODS)
            raise CourseError(f"{where}: there is no method '{name}'; give {known}.{nearest(name, METHODS)}")
    every = horizon if every is None else every
    for name, number in (("horizon", horizon), ("origins", origins), ("every", every)):
        if number < 1:
            raise CourseError(f"{where}: {name} is {number}; give 1 or more.")
    found = read_panel(panel, series, value, where)
    needed = horizon + (origins - 1) * every
    if len(found.grid) <= needed:
        raise CourseError(
            f"{where}: the panel has {len(found.grid)} days; {origins} origins {every} days apart need more "
            f"than {needed}."
        )
    # Every day with a row of its own: cut anywhere, the quiet days before the cut stay days of 0.
    row, column = np.nonzero(np.arange(len(found.grid))[:, None] >= found.start)
    ids, date = pd.Series(found.ids), found.first + pd.to_timedelta(row, unit="D")
    dense = pd.DataFrame({"date": date, series: ids.take(column).array, value: found.grid[row, column]})
    ends = [len(found.grid) - horizon - every * n for n in range(origins)][::-1]
    dates = [found.first + pd.Timedelta(days=end) for end in ends]
    names: Any = {"series": series, "value": value}
    parts = []
    for name in methods:
        for date in dates:
            told = METHODS[name](dense[dense["date"] < date], horizon, season, level=level, **names)
            scored = accuracy(told, dense, season=season, pooled=True, level=level, **names)
            parts.append(scored.assign(method=name, origin=date))
    table = pd.concat(parts, ignore_index=True)
    return table[["method", "origin", *(c for c in table if c not in ("method", "origin"))]]
