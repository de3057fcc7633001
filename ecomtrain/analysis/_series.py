"""One series that was interrupted: what it would have been without the change."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from ecomtrain.analysis._checks import days, moment
from ecomtrain.errors import CourseError, require, require_level, require_numeric

__all__ = ["counterfactual", "interrupted_series"]

MOST = 0.98  # the strongest autocorrelation that is considered
FEW = 3  # rows before the change beyond the numbers that are fitted
COLUMNS = ["effect", "low", "high", "actual", "expected", "n_before", "n_after"]


def interrupted_series(
    series: pd.Series,
    *,
    start: Any,
    end: Any = None,
    controls: pd.DataFrame | None = None,
    trend: bool | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Effect of a change on a series, against what it would have been without it (interrupted time series).

    Parameters
    ----------
    series : Series
        Counts or amounts, indexed by day, week or month (dates, or numbers), one value each, without gaps;
        above 0 before `start`.
    start, end : date or number
        The change; the effect is that of ``[start, end)``, up to the last row by default. Rows from `end` on
        are left out.
    controls : DataFrame, optional
        Series that the change did not touch, one column each, above 0, with the dates of `series`. They
        carry the season, and what else moves all of them.
    trend : bool, optional
        Whether the level may grow or fall at a steady rate; by default only where there are no controls.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row: ``effect`` (actual over expected - 1; 0.24 is +24 %), ``low``, ``high``, ``actual`` and
        ``expected`` (sums from `start` on), ``n_before``, ``n_after`` (rows).

    Raises
    ------
    CourseError
        If a date is missing, repeated or without controls, a value is missing or not above 0, or there are
        too few rows before `start` for what has to be fitted.

    Notes
    -----
    ln y = a + Σ bᵢ ln xᵢ (+ trend, + weekday for days) + u is fitted to the rows before `start`, with
    uₜ = ρ uₜ₋₁ + e, ρ by restricted likelihood and the rest by generalised least squares. Carried on, it
    gives the expected series. The interval holds the errors of the fit and of the rows to come, with their
    autocorrelation; its t quantile has n (1 - ρ) / (1 + ρ) - k degrees of freedom. Rows that hang together
    say less than their number: an interval without ρ is too narrow [1]_. Without controls the season would
    pass for an effect; controls that the change touched too hide it [2]_.

    References
    ----------
    .. [1] J. Lopez Bernal, S. Cummins, A. Gasparrini (2017), Interrupted time series regression for the
       evaluation of public health interventions: a tutorial, Int. J. Epidemiol. 46(1), 348-355.
    .. [2] K. Brodersen et al. (2015), Inferring causal impact using Bayesian structural time-series models,
       Ann. Appl. Stat. 9(1), 247-274.

    Examples
    --------
    >>> week = pd.date_range("2026-01-05", periods=16, freq="7D")
    >>> hair = [90, 80, 85, 95, 90, 99, 97, 92, 94, 99, 98, 91, 96, 99, 94, 97]
    >>> others = pd.DataFrame({"hair": hair}, index=week)
    >>> visits = 3.0 * others["hair"] + [2, -4, 3, 0, -2, 1, 4, -3, 0, 2, -1, -2, 68, 75, 70, 66]
    >>> interrupted_series(visits, start="2026-03-30", controls=others).round(3)
       effect    low   high  actual  expected  n_before  n_after
    0   0.238  0.223  0.253  1437.0  1160.839        12        4
    >>> interrupted_series(visits, start="2026-01-12", controls=others)
    Traceback (most recent call last):
        ...
    CourseError: causal.interrupted_series: 1 row(s) before start are too few to fit 2 numbers; ...
    """
    where = "causal.interrupted_series"
    require_level(level, where)
    fit = _fitted(series, start, end, controls, trend, where)
    low, effect, high = (
        float(end[-1]) for end in _grown(fit, level, np.arange(1, len(fit.y) - fit.n + 1)[-1:])
    )
    actual, expected = float(fit.y[fit.n :].sum()), float(fit.curve[fit.n :].sum())
    row = [effect, low, high, actual, expected, fit.n, len(fit.y) - fit.n]
    return pd.DataFrame([row], columns=COLUMNS)


def counterfactual(
    series: pd.Series,
    *,
    start: Any,
    end: Any = None,
    controls: pd.DataFrame | None = None,
    trend: bool | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Follow a series that was interrupted beside what it would have been without the change (反事实).

    Parameters
    ----------
    series, start, end, controls, trend, level
        As for `interrupted_series`.

    Returns
    -------
    DataFrame
        One row per date: ``date``, ``actual``, ``expected``, ``low``, ``high`` (where `actual` would lie
        without the change), ``after`` (bool: from `start` on), ``effect``, ``effect_low``, ``effect_high``
        (of all from `start` to this date, actual over expected - 1; NaN before). The last row tells what
        `interrupted_series` tells.

    Raises
    ------
    CourseError
        As `interrupted_series`.

    Notes
    -----
    The same fit. Before the change the band shows how well it fits; from there on it also holds the errors of
    carrying it on. One date outside the band says little, the effect so far says more.

    Examples
    --------
    >>> week = pd.date_range("2026-01-05", periods=16, freq="7D")
    >>> hair = [90, 80, 85, 95, 90, 99, 97, 92, 94, 99, 98, 91, 96, 99, 94, 97]
    >>> others = pd.DataFrame({"hair": hair}, index=week)
    >>> visits = 3.0 * others["hair"] + [2, -4, 3, 0, -2, 1, 4, -3, 0, 2, -1, -2, 68, 75, 70, 66]
    >>> path = counterfactual(visits, start="2026-03-30", controls=others)
    >>> path[["actual", "expected", "low", "high", "effect"]].tail(2).round(2)
        actual  expected     low    high  effect
    14   352.0    282.24  276.47  288.14    0.24
    15   357.0    291.80  285.71  298.03    0.24
    >>> counterfactual(visits, start="2026-01-12", controls=others)
    Traceback (most recent call last):
        ...
    CourseError: causal.counterfactual: 1 row(s) before start are too few to fit 2 numbers; ...
    """
    where = "causal.counterfactual"
    require_level(level, where)
    fit = _fitted(series, start, end, controls, trend, where)
    each = np.eye(len(fit.y))
    each[:, : fit.n] -= fit.design @ fit.lead
    reach = _reach(fit, each, level)
    table = pd.DataFrame(
        {
            "date": fit.index,
            "actual": fit.y,
            "expected": fit.curve,
            "low": fit.curve / reach,
            "high": fit.curve * reach,
            "after": np.arange(len(fit.y)) >= fit.n,
        }
    )
    table[["effect", "effect_low", "effect_high"]] = np.nan
    low, effect, high = _grown(fit, level, np.arange(1, len(fit.y) - fit.n + 1))
    table.loc[fit.n :, ["effect", "effect_low", "effect_high"]] = np.column_stack([effect, low, high])
    return table


class _Fit(NamedTuple):
    """The series, what is expected of it, and how the errors before the change enter that."""

    index: Any
    y: Any
    curve: Any
    n: int
    design: Any
    lead: Any
    rho: float
    variance: float
    free: float


def _fitted(series: Any, start: Any, end: Any, controls: Any, trend: bool | None, where: str) -> _Fit:
    """Fit the rows before the change, and carry the fit on."""
    if not isinstance(series, pd.Series):
        raise CourseError(f"{where}: a Series is needed, a {type(series).__name__} was given.")
    require_numeric({"series": series}, ["series"], where)
    values = in_order(series.to_frame("series"), where)
    first, last = _place(start, values.index, where), _place(end, values.index, where)
    if controls is not None:
        require(controls, [], where)
        require_numeric(controls, controls.columns, where)
        others = in_order(controls, where)
        lacking = values.index.difference(others.index)
        if len(lacking):
            raise CourseError(
                f"{where}: controls have no row for {_told(lacking[0])}. "
                "Give them the same dates as the series."
            )
        values = pd.concat([values, others.reindex(values.index)], axis=1)
    if last is not None:
        values = values[values.index < last]
    after = np.asarray(values.index >= first)
    y, x = values.iloc[:, 0].to_numpy(float), values.iloc[:, 1:].to_numpy(float)
    _check(values, after, where)
    n = int((~after).sum())
    design = _design(values.index, x, n, controls is None if trend is None else trend)
    k = int(np.linalg.matrix_rank(design[:n])) if n else 0
    if n < k + FEW:
        raise CourseError(
            f"{where}: {n} row(s) before start are too few to fit {max(k, design.shape[1])} numbers; "
            f"give {design.shape[1] + FEW} or more, or fewer controls."
        )
    if n == len(y):
        raise CourseError(f"{where}: no row lies in [{start}, {end}); the series ends before it.")
    log = np.log(y[:n])
    rho = _autocorrelation(design[:n], log, k)
    weights, inverse = _whitened(design[:n], rho)
    fit = np.linalg.pinv(weights)
    lead = fit @ inverse
    beta = lead @ log
    curve = np.exp(design @ beta)
    curve = curve * (y[:n].sum() / curve[:n].sum())
    error = inverse @ log - weights @ beta
    variance = float(error @ error) / (n - k) / (1 - rho**2)
    free = max(n * (1 - rho) / (1 + rho) - k, 2)
    return _Fit(values.index, y, curve, n, design, lead, rho, variance, free)


def _grown(fit: _Fit, level: float, counts: Any) -> tuple[Any, Any, Any]:
    """Low end, value and high end of actual over expected - 1, over the first rows after the change."""
    after = slice(fit.n, None)
    mask = np.arange(len(fit.y) - fit.n) < counts[:, None]
    actual, expected = mask @ fit.y[after], mask @ fit.curve[after]
    share = mask * fit.curve[after] / expected[:, None]
    # How each row's error enters ln(actual / expected): by its share, or before the change by the fit.
    reach = _reach(fit, np.column_stack([-(share @ fit.design[after]) @ fit.lead, share]), level)
    grown = actual / expected
    return grown / reach - 1, grown - 1, grown * reach - 1


def _reach(fit: _Fit, enters: Any, level: float) -> Any:
    """Factor to either end of the interval, NaN where the fit leaves no error to judge by."""
    from scipy.linalg import toeplitz

    spread = toeplitz(fit.rho ** np.arange(len(fit.y)))
    se = np.sqrt(fit.variance * ((enters @ spread) * enters).sum(axis=1).clip(0))
    return np.where(se > 1e-9, np.exp(stdtrit(fit.free, 0.5 + level / 2) * se), np.nan)


def in_order(frame: Any, where: str) -> Any:
    """Sort the rows by their day or number; raise where one is missing or there twice."""
    index = frame.index
    if getattr(index.dtype, "kind", "O") not in "iuf":
        index = pd.Index(days(pd.Series(index, name="index"), where))
    if index.hasnans:
        raise CourseError(f"{where}: a row has no date. Drop the rows without one.")
    if index.has_duplicates:
        raise CourseError(
            f"{where}: {_told(index[index.duplicated()][0])} is there twice. Give one row for each date, "
            "for example with .groupby(level=0).sum()."
        )
    frame = frame.set_axis(index).sort_index()
    step = np.diff(frame.index.to_numpy().astype("float64" if index.dtype.kind == "f" else "int64"))
    holes: Any = np.flatnonzero(step > 1.5 * np.median(step)) if len(step) else []
    if len(holes):
        raise CourseError(
            f"{where}: rows are missing after {_told(frame.index[holes[0]])}. "
            "Give every date a row, with 0 where nothing was counted."
        )
    return frame


def _place(given: Any, index: Any, where: str) -> Any:
    """Read a date or number on the clock of the index."""
    if given is None or index.dtype.kind != "M":
        if given is not None and not isinstance(given, int | float | np.number):
            raise CourseError(f"{where}: the rows are numbered; {given!r} is not a number.")
        return given
    return moment(given, False, where)


def _check(values: Any, after: Any, where: str) -> None:
    """Raise unless there is a number in every row, and one above 0 where its logarithm is needed."""
    for name, column in values.items():
        role = "the series" if name == "series" else f"control '{name}'"
        if column.isna().any():
            raise CourseError(f"{where}: {role} has no value for {_told(column.index[column.isna()][0])}.")
        if (column < 0).any():
            raise CourseError(f"{where}: {role} is negative for {_told(column.index[column < 0][0])}.")
        none = (column == 0) & (name != "series" or ~after)
        if none.any():
            raise CourseError(
                f"{where}: {role} is 0 for {_told(column.index[none][0])}, and ln 0 does not exist. "
                "Add the days up to weeks, or leave the series out."
            )


def _design(index: Any, x: Any, n: int, trend: bool) -> Any:
    """Columns that carry the expected series: level, trend, controls, weekday."""
    columns = [np.ones(len(index))]
    if trend:
        columns.append((np.arange(len(index)) - n / 2) / max(n, 1))
    with np.errstate(divide="ignore"):
        columns += list(np.log(x).T)
    if index.dtype.kind == "M" and n >= 21 and (np.diff(index) == np.timedelta64(1, "D")).all():
        columns += list((index.day_of_week.to_numpy()[None, :] == np.arange(1, 7)[:, None]).astype(float))
    return np.column_stack(columns)


def _whitened(design: Any, rho: float) -> tuple[Any, Any]:
    """Return the design without the autocorrelation of its errors, and the matrix that takes it out."""
    n = len(design)
    matrix = np.eye(n) - rho * np.eye(n, k=-1)
    matrix[0, 0] = np.sqrt(1 - rho**2)
    return matrix @ design, matrix


def _autocorrelation(design: Any, log: Any, k: int) -> float:
    """Estimate the autocorrelation of the errors by restricted likelihood, which allows for the fit."""
    from scipy.optimize import minimize_scalar

    n = len(log)

    def unlikely(rho: float) -> float:
        both = np.column_stack([design, log])
        both[1:] = both[1:] - rho * both[:-1]
        both[0] *= np.sqrt(1 - rho**2)
        x, y = both[:, :-1], both[:, -1]
        u, s, _ = np.linalg.svd(x, full_matrices=False)
        u, s = u[:, :k], s[:k]
        rest = y @ y - ((u.T @ y) ** 2).sum()
        return float((n - k) * np.log(max(rest, 1e-300)) - np.log(1 - rho**2) + 2 * np.log(s).sum())

    return float(minimize_scalar(unlikely, bounds=(0, MOST), method="bounded").x)


def _told(date: Any) -> str:
    return f"{date:%Y-%m-%d}" if isinstance(date, pd.Timestamp) else str(date)
