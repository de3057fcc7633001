"""How a new kind of product spreads: the model of Bass, by nonlinear least squares and as he fitted it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from ecomtrain.analysis._checks import days
from ecomtrain.errors import CourseError, require_level, require_numeric

__all__ = ["Diffusion", "bass"]

FEWEST = 5  # periods: three numbers are fitted
MOST = 100  # a market this many times what was sold so far cannot be told from an endless one


@dataclass(frozen=True)
class Diffusion:
    """What was fitted to the sales of a new kind of product.

    Attributes
    ----------
    table : DataFrame
        One row for each of ``p`` (innovation, per period), ``q`` (imitation, per period), ``m`` (units, all
        first purchases there will be), ``t_peak`` (periods from the launch to the fastest sales) and ``peak``
        (units per period then), with ``estimate``, ``se``, ``low``, ``high``.
    path : DataFrame
        One row per period: ``period`` (as in the index given), ``t`` (periods since launch at its end),
        ``quantity`` (units), ``fitted``, ``cumulative``, ``cumulative_fitted``.
    method : str
        ``"nls"`` or ``"ols"``.
    level : float
        Confidence level of the intervals.
    """

    table: pd.DataFrame = field(repr=False)
    path: pd.DataFrame = field(repr=False)
    method: str
    level: float


def bass(sales: pd.Series, *, method: str = "nls", level: float = 0.95) -> Diffusion:
    """Fit the Bass model: how many will buy in all, how fast, and when sales peak (巴斯扩散模型).

    Parameters
    ----------
    sales : Series
        First purchases (units) of each period since the launch, indexed by period: whole numbers such as
        years, or dates at equal distances. No period may be missing.
    method : {"nls", "ols"}, default "nls"
        Nonlinear least squares on the sales of each period [2]_, or the regression of sales on what was sold
        before and its square with which Bass began [1]_: quick, but it takes the rate at the start of a
        period for all of it.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    Diffusion
        ``.table`` with p, q, m and the peak, ``.path`` with sales and fit.

    Raises
    ------
    CourseError
        If periods are missing, repeated or fewer than five, sales are negative, or they do not bend yet, so
        that the size of the market cannot be told.

    Notes
    -----
    F(t) = (1 - e^-(p+q)t) / (1 + q/p · e^-(p+q)t); sales of period t are m (F(t) - F(t-1)), and they are
    fastest at t* = ln(q/p) / (p + q), or at the launch where q ≤ p. The intervals are of the logarithms, by
    the curvature of the fit with a t quantile of n - 3 degrees of freedom, so none falls below 0. They take
    the model for true: before the peak is past, m is a guess whose interval says so only in part. Repeat
    purchases do not belong in `sales`.

    References
    ----------
    .. [1] F. M. Bass (1969), A new product growth for model consumer durables, Management Science 15(5),
       215-227.
    .. [2] V. Srinivasan, C. H. Mason (1986), Nonlinear least squares estimation of new product diffusion
       models, Marketing Science 5(2), 169-178.

    Examples
    --------
    >>> room_coolers = pd.Series([96, 195, 238, 380, 1045, 1230, 1267, 1828, 1586, 1673, 1800, 1580, 1500],
    ...                          index=range(1949, 1962))  # thousands, room air conditioners in the US
    >>> bass(room_coolers).table.loc[["p", "q", "m"], "estimate"].round(5).tolist()
    [0.00944, 0.37476, 18712.74...]
    >>> bass(room_coolers.drop(1952))
    Traceback (most recent call last):
        ...
    CourseError: lifecycle.bass: the periods are not at equal distances; give each its sales, 0 if none.
    """
    where = "lifecycle.bass"
    require_level(level, where)
    if method not in ("nls", "ols"):
        raise CourseError(f"{where}: method is {method!r}; give 'nls' or 'ols'.")
    sold = _periods(sales, where)
    x = sold.to_numpy()
    theta, covariance = (_nls if method == "nls" else _ols)(x, where)
    t = np.arange(len(x) + 1)
    share = _adopted(t, theta[0], theta[1])
    # The regression fits the rate at what was sold before; it is drawn by the curve that it implies.
    path = pd.DataFrame(
        {
            **{"period": sold.index, "t": t[1:], "quantity": x, "fitted": theta[2] * np.diff(share)},
            **{"cumulative": x.cumsum(), "cumulative_fitted": theta[2] * share[1:]},
        }
    )
    return Diffusion(_table(theta, covariance, len(x) - 3, level), path, method, float(level))


def _periods(sales: Any, where: str) -> pd.Series:
    """Sales in order of time, one value per period, without a gap."""
    if not isinstance(sales, pd.Series):
        raise CourseError(f"{where}: a Series is needed, a {type(sales).__name__} was given.")
    require_numeric({"sales": sales}, ["sales"], where)
    index = sales.index
    if index.dtype.kind not in "iuf":
        index = pd.DatetimeIndex(days(pd.Series(index, name="index"), where))
    sold = pd.Series(sales.to_numpy(dtype=float, na_value=np.nan), index=index).sort_index()
    if sold.isna().any() or sold.index.hasnans or sold.index.has_duplicates:
        raise CourseError(f"{where}: a period is missing or there twice; give each its sales, 0 if none.")
    if (sold < 0).any():
        raise CourseError(f"{where}: sales are negative; give first purchases, without what came back.")
    if len(sold) < FEWEST or sold.sum() == 0:
        raise CourseError(f"{where}: {len(sold)} period(s) with sales of {sold.sum():g} are too few to fit.")
    if not _even(sold.index):
        raise CourseError(f"{where}: the periods are not at equal distances; give each its sales, 0 if none.")
    return sold


def _even(index: pd.Index) -> bool:
    """Whether the periods follow at one distance; months and years have days of their own."""
    if index.dtype.kind != "M":
        return bool(np.ptp(np.diff(index.to_numpy(float))) < 1e-9)
    gaps = np.diff(index.to_numpy()).astype("timedelta64[D]").astype(int)
    return bool(np.ptp(gaps) == 0 or (len(set(index.day)) == 1 and np.ptp(np.diff(_months(index))) == 0))


def _months(index: Any) -> Any:
    return 12 * index.year.to_numpy() + index.month.to_numpy()


def _adopted(t: Any, p: Any, q: Any) -> Any:
    """Share of the market that has bought by the time `t`."""
    gone = np.exp(-(p + q) * t)
    return (1 - gone) / (1 + q / p * gone)


def _nls(x: Any, where: str) -> tuple[Any, Any]:
    """Fit p, q, m to the sales of each period, and the covariance of their logarithms."""
    from scipy.optimize import least_squares

    t = np.arange(len(x) + 1)
    # On the way to a fit m follows from p and q, so a coarse grid of two finds where to begin.
    p, q = (grid.ravel() for grid in np.meshgrid(np.geomspace(1e-4, 0.3, 25), np.geomspace(1e-3, 2, 25)))
    curves = np.diff(_adopted(t[None, :], p[:, None], q[:, None]), axis=1)
    power = (curves**2).sum(axis=1)
    best = int(np.argmax((curves @ x) ** 2 / power))
    start = np.log([p[best], q[best], curves[best] @ x / power[best]])
    scale = x.max()

    def miss(log: Any) -> Any:
        a, b, m = np.exp(log)
        return (m * np.diff(_adopted(t, a, b)) - x) / scale

    reach = np.array([30.0, 30.0, 60.0])
    fit = least_squares(miss, start, jac="3-point", bounds=(start - reach, start + reach), xtol=1e-14,
                        ftol=1e-14, gtol=1e-14)  # fmt: skip
    theta = np.exp(fit.x)
    if not fit.success or theta[2] > MOST * x.sum():
        raise CourseError(
            f"{where}: sales do not bend yet, so the size of the market cannot be told. "
            "Fit again when growth has slowed down."
        )
    _, size, turned = np.linalg.svd(fit.jac, full_matrices=False)
    spread = 2 * fit.cost / (len(x) - 3)
    sure = size.min() > 1e-9 * size.max()
    return theta, spread * (turned.T / size**2) @ turned if sure else np.full((3, 3), np.nan)


def _ols(x: Any, where: str) -> tuple[Any, Any]:
    """Regress sales on what was sold before and its square, as Bass did in 1969."""
    before = np.concatenate([[0.0], x.cumsum()[:-1]]) / x.sum()
    design = np.column_stack([np.ones(len(x)), before, before**2])
    (a, b, c), *_ = np.linalg.lstsq(design, x, rcond=None)
    root = b * b - 4 * a * c
    p, q, m = np.nan, np.nan, np.nan
    if c < 0 < root:
        m = (-b - np.sqrt(root)) / (2 * c)
        p, q = a / m, -c * m
    if not (p > 0 and q > 0 and m < MOST):
        raise CourseError(
            f"{where}: the regression gives no market (p={p:.3g}, q={q:.3g}); use method='nls'."
        )
    residual = x - design @ [a, b, c]
    of_abc = (residual @ residual) / (len(x) - 3) * np.linalg.inv(design.T @ design)
    # m solves a + b m + c m² = 0, which gives its slopes; p = a / m and q = -c m.
    dm = -np.array([1, m, m * m]) / (b + 2 * c * m)
    slopes = np.array([np.array([1 / a, 0, 0]) - dm / m, np.array([0, 0, 1 / c]) + dm / m, dm / m])
    total = x.sum()
    return np.array([p / total, q / total, m * total]), slopes @ of_abc @ slopes.T


def _table(theta: Any, covariance: Any, free: int, level: float) -> pd.DataFrame:
    """Estimates with standard errors and intervals, from the covariance of the logarithms of p, q, m."""
    p, q, m = theta
    late = max(float(np.log(q / p) / (p + q)), 0.0)
    # Slopes of the logarithms of p, q, m, and of the height of the peak, m (p + q)² / 4q.
    logs = np.vstack([np.eye(3), [2 * p / (p + q), (q - p) / (p + q), 1]])
    height = m * (p + q) ** 2 / (4 * q) if q > p else m * p
    if q <= p:
        logs[3] = [1, 0, 1]
    of_time = np.array([-1 - p * late, 1 - q * late, 0]) / (p + q) if late else np.full(3, np.nan)
    se_log = np.sqrt(np.einsum("ij,jk,ik->i", logs, covariance, logs))
    se_time = float(np.sqrt(of_time @ covariance @ of_time))
    near = stdtrit(free, 0.5 + level / 2)
    value = np.array([p, q, m, height])
    table = pd.DataFrame(
        {
            **{"estimate": value, "se": value * se_log},
            **{"low": value * np.exp(-near * se_log), "high": value * np.exp(near * se_log)},
        },
        index=["p", "q", "m", "peak"],
    )
    table.loc["t_peak"] = [late, se_time, max(late - near * se_time, 0.0), late + near * se_time]
    if not late or not np.isfinite(se_time):
        table.loc["t_peak", ["se", "low", "high"]] = np.nan
    return table.loc[["p", "q", "m", "t_peak", "peak"]].where(np.isfinite)
