"""Fit of sales to spend: a base, and for each channel a saturating curve over its adstock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, stdtrit

from ecomtrain.analysis._checks import plain, require_one
from ecomtrain.analysis._curves import positive
from ecomtrain.analysis._response_model import BETA, DECAY, HALF, SLOPE, Model
from ecomtrain.analysis._series import in_order
from ecomtrain.errors import CourseError, require, require_level, require_numeric, require_times

__all__ = ["ResponseFit", "fit_response"]

TOLD = 10.0  # a half whose interval spans more than this factor is not known
YEAR = 365.25


@dataclass(frozen=True)
class ResponseFit:
    """What `fit_response` found: the curves in `table`, and the rows that they were fitted to."""

    table: pd.DataFrame
    series: pd.DataFrame
    points: pd.DataFrame
    r2: float
    error: float
    autocorrelation: float
    n: int


def fit_response(
    table: pd.DataFrame,
    *,
    spend: str | Sequence[str],
    sales: str = "amount",
    date: str = "date",
    controls: Sequence[str] = (),
    slope: float | None = 1.0,
    trend: bool = True,
    season: int = 0,
    warm_up: int = 0,
    level: float = 0.95,
) -> ResponseFit:
    """Fit how sales answer to the spend of each channel, with carry-over and saturation (营销组合模型).

    Parameters
    ----------
    table : DataFrame
        One row per day or week without gaps: `date` (datetime), the `spend` of each channel (0 or above),
        `sales`, and the `controls` (numbers).
    spend : str or sequence of str
        Columns of spend, one per channel, in one currency.
    sales, date : str
        Columns of what is to be explained (amount, orders, new customers) and of the day.
    controls : sequence of str, default none
        Columns of what else moves sales: price, a promotion (0 and 1), the sales of a shop without ads.
    slope : float or None, default 1
        Slope of all curves; 1 wears off from the first yuan. None fits one for each channel, which takes
        months in which the spend went from next to nothing to far above the bend.
    trend : bool, default True
        Let the base grow or fall at a steady rate. Days also get an effect of the weekday.
    season : int, default 0
        Waves per year in the base: 2 is a yearly and a half-yearly one. Takes two years of rows.
    warm_up : int, default 0
        First rows that only fill the adstock, for the spend before them is not known.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    ResponseFit
        ``table``: a row per channel: ``beta`` (most that it can bring per period, in the unit of `sales`),
        ``decay`` (share carried over per period), ``half`` (steady spend per period that brings half of
        ``beta``), ``slope``, each with ``_low`` and ``_high``; at the mean ``spend``: ``response`` (sales per
        period) and ``marginal_return`` (sales for one more unit of money), with ``_low`` and ``_high``; and
        ``identified`` (bool: the spend has been beyond ``half``, and its interval spans less than a factor of
        ten). The interval of what ended at the edge of what is searched is NaN.
        ``series``: ``date``, ``actual``, ``expected``, ``base``. ``points``: ``date``, ``channel``,
        ``spend``, ``adstock``, ``contribution``, ``partial`` (contribution and what the fit leaves).
        ``r2``, ``error`` (standard deviation of what is left), ``autocorrelation`` (of what is left, from one
        row to the next), ``n`` (rows fitted).

    Raises
    ------
    CourseError
        If a column is missing or of the wrong kind, a date is missing or there twice, a spend is negative or
        never moves, two shops or currencies are mixed, or the rows are too few for what is fitted.

    Notes
    -----
    sales = base + Σ beta · hill(adstock(spend, decay), half, slope) + error, the adstock normalised so that
    ``half`` is a steady spend [1]_. Base and controls are taken out by projection; the rest is bounded least
    squares from several fixed starts. Intervals: delta method, errors that hang together over time (Newey and
    West [2]_), on the logarithm for ``half`` and ``slope``. Where ``identified``
    is False, many curves fit as well, and their ends differ widely: do not plan beyond what was once spent.
    The trap: a shop spends more when demand is high anyway, and the fit credits the ads with the season. A
    holdout by region tells (`channels.incremental_return`).

    References
    ----------
    .. [1] Y. Jin, Y. Wang, Y. Sun, D. Chan, J. Koehler (2017), Bayesian methods for media mix modeling with
       carryover and shape effects, Google.
    .. [2] W. K. Newey, K. D. West (1987), A simple, positive semi-definite, heteroskedasticity and
       autocorrelation consistent covariance matrix, Econometrica 55(3), 703-708.

    Examples
    --------
    >>> from ecomtrain.analysis.response import adstock, hill
    >>> i = np.arange(140)
    >>> day = pd.DataFrame({"date": pd.date_range("2026-01-05", periods=140), "live": 50.0 + 37 * i % 211})
    >>> at_work = adstock(day["live"].to_numpy(), 0.5, normalised=True)
    >>> day["amount"] = 900 + 400 * hill(at_work, half=150) + (i * i % 13 - 6)
    >>> found = fit_response(day, spend="live", trend=False)
    >>> found.table[["beta", "decay", "half", "half_low", "half_high", "identified"]].round(2)
            beta  decay    half  half_low  half_high  identified
    live  403.77    0.5  135.66    116.27     158.28        True
    >>> fit_response(day.iloc[:9], spend="live")
    Traceback (most recent call last):
        ...
    CourseError: response.fit_response: 9 row(s) are too few to fit ... numbers; give ... or more.
    """
    where = "response.fit_response"
    require_level(level, where)
    channels = [spend] if isinstance(spend, str) else list(spend)
    frame = _checked(table, channels, sales, date, list(controls), slope, where)
    x = positive(frame[channels], "spend", where)
    y = frame[sales].to_numpy(dtype=float)
    keep = slice(max(int(warm_up), 0), None)
    base = _base(frame, list(controls), trend, season)[keep]
    n = len(y[keep])
    need = (int(np.linalg.matrix_rank(base)) if n else 1) + (3 + (slope is None)) * len(channels)
    if n < need + 10:
        raise CourseError(f"{where}: {n} row(s) are too few to fit {need} numbers; give {need + 10} or more.")
    for channel, column in zip(channels, x[keep].T, strict=True):
        if column.max() - column.min() <= 1e-9 * abs(column.max()):
            raise CourseError(
                f"{where}: spend '{channel}' never moves, so sales cannot show what it does. Leave it out."
            )
    scale = x.mean(axis=0)
    model = Model(x / scale, y, base, keep, slope)
    theta, free = model.solve()
    numbers = _table(model, theta, free, scale, x[keep], channels, level)
    h, adstocks = model.curves(theta)
    contribution = h * theta[:, BETA]
    rest = y[keep] - contribution.sum(axis=1)
    under = model.taken(rest)
    left = rest - under
    dates = frame.index[keep]
    series = pd.DataFrame({"date": dates, "actual": y[keep], "expected": y[keep] - left, "base": under})
    points = pd.DataFrame(
        {
            "date": np.repeat(dates, len(channels)),
            "channel": np.tile(np.array(channels, dtype=object), n),
            "spend": x[keep].ravel(),
            "adstock": (adstocks * scale).ravel(),
            "contribution": contribution.ravel(),
            "partial": (contribution + left[:, None]).ravel(),
        }
    )
    squares, spread = float(left @ left), float(((y[keep] - y[keep].mean()) ** 2).sum())
    return ResponseFit(
        table=numbers,
        series=series,
        points=points,
        r2=1 - squares / spread if spread > 0 else np.nan,
        error=float(np.sqrt(squares / (n - need))),
        autocorrelation=float(left[1:] @ left[:-1] / squares) if squares > 0 else np.nan,
        n=n,
    )


def _checked(
    table: Any, channels: list[str], sales: str, date: str, controls: list[str], slope: Any, where: str
) -> pd.DataFrame:
    """Check and keep the columns, in the order of the days."""
    if slope is not None and (isinstance(slope, bool) or not isinstance(slope, int | float) or slope <= 0):
        raise CourseError(f"{where}: slope is {slope!r}; give a number above 0, or None to fit it.")
    names = [*channels, sales, *controls]
    require(table, [date, *names], where)
    if not channels or len({*names, date}) <= len(names):
        raise CourseError(f"{where}: date, spend, sales and controls must be columns of their own.")
    for column in ("shop", "currency"):
        require_one(table, column, where)
    frame = plain(table[[date, *names]])
    require_times(frame[date], where)
    require_numeric(frame, names, where)
    for column in names:
        gaps = int(frame[column].isna().sum())
        if gaps:
            raise CourseError(
                f"{where}: column '{column}' is missing in {gaps} row(s). Fill it with 0 where nothing was."
            )
    return in_order(frame.set_index(date), where)


def _base(frame: Any, controls: list[str], trend: bool, season: int) -> Any:
    """Columns of what sales would be without ads."""
    n = len(frame)
    columns = [np.ones(n)]
    if trend:
        columns.append(np.linspace(-1, 1, n))
    day = (frame.index - frame.index[0]).days.to_numpy(float) if n else np.zeros(0)
    if n > 1 and (np.diff(day) == 1).all():
        columns += list((frame.index.day_of_week.to_numpy() == np.arange(1, 7)[:, None]).astype(float))
    for wave in range(1, season + 1):
        angle = 2 * np.pi * wave * day / YEAR
        columns += [np.sin(angle), np.cos(angle)]
    for column in controls:
        values = frame[column].to_numpy(dtype=float)
        columns.append((values - values.mean()) / (values.std() or 1.0) if n else values)
    return np.column_stack(columns)


def _table(
    model: Model, theta: Any, free: Any, scale: Any, x: Any, channels: list[str], level: float
) -> pd.DataFrame:
    """Numbers of each channel with their intervals, in the units of the data."""
    mean = x.mean(axis=0)
    beta, decay, half, slope = theta[:, 0], theta[:, 1], np.exp(theta[:, 2]) * scale, np.exp(theta[:, 3])
    covariance, n, used = _covariance(model, theta, free)
    q = stdtrit(max(n - used - model.u.shape[1], 1), 0.5 + level / 2)
    se = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    with np.errstate(divide="ignore"):
        away = slope * (np.log(mean) - np.log(half))
    h = expit(away)
    bend = h * (1 - h)
    zero = np.zeros(len(beta))
    gradients = {
        "response": np.column_stack([h, zero, -beta * slope * bend, beta * bend * away]),
        "marginal_return": (slope * bend / mean)[:, None]
        * np.column_stack(
            [np.ones(len(h)), zero, -beta * slope * (1 - 2 * h), beta * (1 + (1 - 2 * h) * away)]
        ),
    }
    values = {"response": beta * h, "marginal_return": beta * slope * bend / mean}
    found = {"beta": (beta, beta - q * se[:, BETA], beta + q * se[:, BETA])}
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        ends = (np.clip(decay + side * q * se[:, DECAY], 0.0, 1.0) for side in (-1, 1))
        found["decay"] = (decay, *ends)
        for name, value, error in (("half", half, se[:, HALF]), ("slope", slope, se[:, SLOPE])):
            found[name] = (value, value * np.exp(-q * error), value * np.exp(q * error))
        for name, value in values.items():
            variance = np.einsum("ci,cij,cj->c", gradients[name], np.nan_to_num(covariance), gradients[name])
            reach = np.where(free[:, BETA] & (variance > 0), q * np.sqrt(variance), np.nan)
            found[name] = (value, value - reach, value + reach)
    table = pd.DataFrame(
        {
            f"{name}{end}": column
            for name, three in found.items() for end, column in zip(("", "_low", "_high"), three, strict=True)
        },
        index=channels,
    )  # fmt: skip
    table = table.replace([np.inf, -np.inf], np.nan)
    table.insert(table.columns.get_loc("response"), "spend", mean)
    stock = model.curves(theta)[1].max(axis=0) * scale
    known = table["half_high"] / table["half_low"] < TOLD
    return table.assign(identified=known & (half <= stock) & free[:, [BETA, HALF]].all(axis=1))


def _covariance(model: Model, theta: Any, free: Any) -> tuple[Any, int, int]:
    """Covariance of each channel's four numbers (NaN for those at an edge), rows, and numbers fitted."""
    fitted = free[:, model.fitted].ravel()
    jacobian, error = model.slopes(theta)[:, fitted], model.error(theta)
    n, used = jacobian.shape
    blocks = np.full((len(theta), 4, 4), np.nan)
    size = np.sqrt((jacobian**2).sum(axis=0))
    if not used or not (size > 0).all():
        return blocks, n, used
    unit = jacobian / size
    bread = np.linalg.pinv(unit.T @ unit, rcond=1e-12, hermitian=True)
    score = unit * error[:, None]
    meat = score.T @ score
    lags = int(4 * (n / 100) ** (2 / 9))
    for lag in range(1, lags + 1):
        part = score[lag:].T @ score[:-lag]
        meat += (1 - lag / (lags + 1)) * (part + part.T)
    spread = max(n - used - model.u.shape[1], 1)
    whole = bread @ meat @ bread * (n / spread) / np.outer(size, size)
    place = np.argwhere(free & np.isin(np.arange(4), model.fitted))
    for channel in range(len(theta)):
        rows = np.flatnonzero(place[:, 0] == channel)
        names = place[rows, 1]
        blocks[channel][np.ix_(names, names)] = whole[np.ix_(rows, rows)]
    return blocks, n, used
