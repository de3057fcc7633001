"""Intervals that the other analyses share: shares, ratios of sums, relative changes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy.special import ndtri, stdtrit

from ecomtrain.errors import CourseError, require_level

__all__ = ["Estimate", "ratio", "relative_change", "wilson"]


class Estimate(NamedTuple):
    """A value with its standard error and its interval; a pooled ratio, not a mean of ratios."""

    value: float
    se: float
    low: float
    high: float


def wilson(k: Any, n: Any, level: float = 0.95) -> tuple[Any, Any]:
    """Wilson score interval of the share `k` of `n`.

    Parameters
    ----------
    k, n : array-like of numbers
        Successes and trials, of one shape or broadcastable; ``0 <= k <= n``.
    level : float, default 0.95
        Confidence level, between 0 and 1.

    Returns
    -------
    tuple of arrays
        ``(low, high)``, fractions; NaN where `n` is 0.

    Raises
    ------
    CourseError
        If a count is negative, `k` exceeds `n`, or `level` is not between 0 and 1.

    Notes
    -----
    With p = k/n and z the normal quantile: (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n) [1]_.
    The interval never leaves [0, 1] and is not empty at 0 or n, unlike p ± z·se.

    References
    ----------
    .. [1] E. B. Wilson (1927), J. Am. Stat. Assoc. 22(158), 209-212.

    Examples
    --------
    >>> low, high = wilson([1, 0], [3, 0])
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.061, nan], [0.792, nan])
    >>> wilson(4, 3)
    Traceback (most recent call last):
        ...
    CourseError: wilson: 4 of 3 is not a share; k counts a part of n.
    """
    require_level(level, "wilson")
    k, n = np.broadcast_arrays(_floats(k), _floats(n))
    wrong = (k < 0) | (n < 0) | (k > n)
    if wrong.any():
        raise CourseError(
            f"wilson: {k[wrong].flat[0]:g} of {n[wrong].flat[0]:g} is not a share; k counts a part of n."
        )
    z2 = ndtri(0.5 + level / 2) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        p = k / n
        centre = p + z2 / (2 * n)
        half = np.sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n * n)))
        low, high = (centre - half) / (1 + z2 / n), (centre + half) / (1 + z2 / n)
    # At 0 and n the exact bound is 0 or 1; rounding would leave 1e-17 beside it.
    low, high = np.where((k == 0) & (n > 0), 0.0, low), np.where((k == n) & (n > 0), 1.0, high)
    return low[()], high[()]


def ratio(numerator: Any, denominator: Any = 1.0, *, level: float = 0.95) -> Estimate:
    """Ratio of two sums over independent units, with its interval by the delta method.

    Parameters
    ----------
    numerator, denominator : array-like of numbers
        One value per independent unit: a customer's payments and orders, a visitor's page views and sessions.
        The default denominator 1 gives the mean.
    level : float, default 0.95
        Confidence level, between 0 and 1.

    Returns
    -------
    Estimate
        ``value`` = Σ numerator / Σ denominator, ``se``, ``low``, ``high``. The interval needs two units
        that differ; a denominator of 0 gives NaN, and so does a missing value among the units.

    Raises
    ------
    CourseError
        If `level` is not between 0 and 1.

    Notes
    -----
    se² = Σ (yᵢ − R xᵢ)² / ((n − 1) n x̄²), and R ± t·se with n − 1 degrees of freedom [1]_. The unit must be
    the one that was sampled or randomised: orders of one customer are not independent.

    References
    ----------
    .. [1] A. Deng, U. Knoblich, J. Lu (2018), Applying the Delta Method in Metric Analytics, KDD.

    Examples
    --------
    >>> paid, orders = [100.0, 60.0, 80.0], [2, 1, 1]
    >>> [round(float(x), 2) for x in ratio(paid, orders)]
    [60.0, 8.66, 22.74, 97.26]
    >>> ratio(paid, orders, level=95)
    Traceback (most recent call last):
        ...
    CourseError: ratio: level is 95; give a fraction such as 0.95.
    """
    require_level(level, "ratio")
    y, x = np.broadcast_arrays(_floats(numerator), _floats(denominator))
    n, total = y.size, x.sum()
    if not n or total == 0:
        return Estimate(np.nan, np.nan, np.nan, np.nan)
    value = y.sum() / total
    if n == 1:
        return Estimate(float(value), np.nan, np.nan, np.nan)
    se = np.sqrt(n * ((y - value * x) ** 2).sum() / (n - 1)) / abs(total)
    # Units that are all alike show no spread to judge by; an interval of no width would claim certainty.
    half = stdtrit(n - 1, 0.5 + level / 2) * se if se > 1e-12 * abs(value) else np.nan
    return Estimate(float(value), float(se), float(value - half), float(value + half))


def relative_change(
    before: Any, before_se: Any, after: Any, after_se: Any, *, level: float = 0.95
) -> tuple[Any, Any, Any]:
    """Relative change ``after / before - 1`` of two independent estimates, with its interval.

    Parameters
    ----------
    before, after : array-like of numbers
        The two estimates, for example two shares or two means.
    before_se, after_se : array-like of numbers
        Their standard errors.
    level : float, default 0.95
        Confidence level, between 0 and 1.

    Returns
    -------
    tuple of arrays
        ``(change, low, high)``, fractions: 0.18 is +18 %. The change is NaN where `before` is 0;
        the interval is NaN where either estimate is not positive, for the logarithm does not exist there, and
        where neither has a standard error above 0.

    Raises
    ------
    CourseError
        If `level` is not between 0 and 1.

    Notes
    -----
    Delta method on the logarithm: var(ln(after/before)) = (se₁/after)² + (se₀/before)²; for two shares it is
    the interval of Katz [1]_. Fieller's interval would do as well; this one never falls below −100 %.

    References
    ----------
    .. [1] D. Katz et al. (1978), Obtaining confidence intervals for the risk ratio, Biometrics 34, 469-474.

    Examples
    --------
    >>> change, low, high = relative_change(0.25, 0.01, 0.33, 0.01)
    >>> round(float(change), 3), round(float(low), 3), round(float(high), 3)
    (0.32, 0.196, 0.456)
    >>> relative_change(0.25, 0.01, 0.33, 0.01, level=2)
    Traceback (most recent call last):
        ...
    CourseError: relative_change: level is 2; give a fraction such as 0.95.
    """
    require_level(level, "relative_change")
    before, after = _floats(before), _floats(after)
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.where(before == 0, np.nan, after / before - 1)
        log_se = np.hypot(_floats(before_se) / before, _floats(after_se) / after)
        log_se = np.where((before > 0) & (after > 0) & (log_se > 0), log_se, np.nan)
        reach = np.exp(ndtri(0.5 + level / 2) * log_se)
    return change[()], (1 + change) / reach - 1, (1 + change) * reach - 1


def _floats(values: Any) -> Any:
    """Values as a float array; nullable integers keep their gaps as NaN."""
    if hasattr(values, "to_numpy"):
        return values.to_numpy(dtype=float, na_value=np.nan)
    return np.asarray(values, dtype=float)
