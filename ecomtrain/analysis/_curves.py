"""Two shapes of advertising: what of it is still at work later, and how it wears off as it grows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from ecomtrain.analysis._series import in_order
from ecomtrain.errors import CourseError, require_numeric

__all__ = ["adstock", "carried", "hill", "positive"]


def adstock(x: Any, decay: float, *, normalised: bool = False) -> Any:
    """Spend that is still at work in each period: its own and what is left of earlier ones (广告存量).

    Parameters
    ----------
    x : Series, DataFrame or array
        Spend per day or week, 0 or above. The rows of a Series or DataFrame are periods, and their index
        (dates or numbers without gaps) gives their order; columns are channels or groups, each on its own.
        The rows of an array are taken as they stand.
    decay : float
        Share that carries over to the next period, from 0 (nothing) to below 1.
    normalised : bool, default False
        Multiply by 1 - `decay`, so that a steady spend of 100 is an adstock of 100.

    Returns
    -------
    same kind as `x`
        Adstock in the unit of `x`, with the same index.

    Raises
    ------
    CourseError
        If `decay` is not in [0, 1), a value is missing or negative, or a period is missing or there twice.

    Notes
    -----
    aₜ = xₜ + decay · aₜ₋₁, from nothing before the first row [1]_. Half of it is gone after ln 0.5 / ln decay
    periods. Carry over first and let it saturate after (`hill`): the other order would let a burst of spend
    saturate in one day and then stay at work for weeks.

    References
    ----------
    .. [1] S. Broadbent (1979), One way TV advertisements work, J. Market Research Society 21(3), 139-166.

    Examples
    --------
    >>> spend = pd.Series([100.0, 0, 0, 50], index=pd.date_range("2026-06-01", periods=4))
    >>> adstock(spend, 0.5).tolist()
    [100.0, 50.0, 25.0, 62.5]
    >>> adstock(spend, 1.0)
    Traceback (most recent call last):
        ...
    CourseError: response.adstock: decay is 1.0; give the share that carries over, from 0 to below 1.
    """
    where = "response.adstock"
    if isinstance(decay, bool) or not isinstance(decay, int | float | np.number) or not 0 <= decay < 1:
        raise CourseError(
            f"{where}: decay is {decay!r}; give the share that carries over, from 0 to below 1."
        )
    if isinstance(x, pd.Series | pd.DataFrame):
        frame = x.to_frame("x") if isinstance(x, pd.Series) else x
        require_numeric(frame, frame.columns, where)
        rows = pd.DataFrame({"row": np.arange(len(frame))}, frame.index)
        order = in_order(rows, where)["row"].to_numpy()
        values = positive(frame, "x", where)
        found = np.empty_like(values)
        found[order] = carried(values[order], float(decay), normalised)
        if isinstance(x, pd.Series):
            return pd.Series(found[:, 0], index=x.index, name=x.name)
        return pd.DataFrame(found, index=x.index, columns=x.columns)
    return carried(positive(x, "x", where), float(decay), normalised)


def hill(x: Any, half: float, slope: float = 1.0) -> Any:
    """Share of the most that a spend can reach (饱和曲线, Hill function).

    Parameters
    ----------
    x : number, array, Series or DataFrame
        Spend or adstock, 0 or above.
    half : float
        Spend that reaches half of the most, above 0, in the unit of `x`.
    slope : float, default 1
        Up to 1 every yuan brings less than the one before. Above 1 the curve is an S: a little brings next
        to nothing, then it takes off, then it wears off.

    Returns
    -------
    same kind as `x`
        Fractions from 0 to below 1; NaN where `x` is missing.

    Raises
    ------
    CourseError
        If `x` is negative or no number, or `half` or `slope` is not above 0.

    Notes
    -----
    x^slope / (x^slope + half^slope), computed on the logarithm, so that no power overflows.

    Examples
    --------
    >>> hill([0, 100, 300], half=100).round(3).tolist()
    [0.0, 0.5, 0.75]
    >>> hill([0, 100, 300], half=100, slope=3).round(3).tolist()
    [0.0, 0.5, 0.964]
    >>> hill([100], half=0)
    Traceback (most recent call last):
        ...
    CourseError: response.hill: half is 0; give a number above 0.
    """
    where = "response.hill"
    for name, value in (("half", half), ("slope", slope)):
        number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
        if not number or not 0 < value < np.inf:
            raise CourseError(f"{where}: {name} is {value!r}; give a number above 0.")
    values = positive(x, "x", where, gaps=True)
    with np.errstate(divide="ignore"):
        found = expit(slope * (np.log(values) - np.log(half)))
    if isinstance(x, pd.Series):
        return pd.Series(found, index=x.index, name=x.name)
    if isinstance(x, pd.DataFrame):
        return pd.DataFrame(found, index=x.index, columns=x.columns)
    return found[()]


def carried(x: Any, decay: float, normalised: bool) -> Any:
    """Adstock of the rows as they stand."""
    from scipy.signal import lfilter

    found: Any = lfilter([1 - decay if normalised else 1.0], [1.0, -decay], x, axis=0) if len(x) else x
    return found


def positive(x: Any, name: str, where: str, *, gaps: bool = False) -> Any:
    """Read spend as floats of 0 or above, complete unless `gaps` are allowed."""
    try:
        values = x.to_numpy(dtype=float, na_value=np.nan) if hasattr(x, "to_numpy") else np.asarray(x, float)
    except (TypeError, ValueError):
        raise CourseError(f"{where}: {name} holds something that is no number; convert it first.") from None
    if not gaps and np.isnan(values).any():
        raise CourseError(f"{where}: {name} is missing in {int(np.isnan(values).sum())} row(s); fill with 0.")
    if (values < 0).any() or np.isinf(values).any():
        raise CourseError(f"{where}: {name} is negative or infinite; spend must be 0 or above.")
    return values
