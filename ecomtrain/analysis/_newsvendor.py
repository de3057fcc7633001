"""How much to buy of goods that are bought once, for one season."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from ecomtrain.analysis._replenishment import require_positive
from ecomtrain.errors import CourseError, require_level


@dataclass(frozen=True)
class Newsvendor:
    """How much to buy once for a season.

    ``quantity`` (units) with ``low``, ``high`` (interval of the quantile, from samples only), ``cost``
    (expected, money), ``critical_ratio`` and ``service`` (chance that demand does not exceed the quantity,
    fractions), ``mean`` (units expected to be asked for), ``overage``, ``underage`` (money a unit), and
    ``table``: ``quantity``, ``cost``, ``left_over``, ``lost`` (units expected), ``service``, by quantity.
    """

    quantity: float
    low: float
    high: float
    cost: float
    critical_ratio: float
    service: float
    mean: float
    overage: float
    underage: float
    table: pd.DataFrame = field(repr=False)


def newsvendor(
    demand: Any = None,
    *,
    overage: float,
    underage: float,
    probability: Any = None,
    mean: float | None = None,
    sd: float | None = None,
    level: float = 0.95,
) -> Newsvendor:
    """Buy once for a season: the quantity with the least expected cost (报童模型).

    Parameters
    ----------
    demand : Series or array, optional
        Demands seen in like seasons (units), each as likely as the other; missing ones are left out.
    overage : float
        What a unit left over costs: cost − salvage, or a season's holding cost (money).
    underage : float
        What a unit short costs: price − cost, and goodwill (money).
    probability : Series or array, optional
        Weight of each of `demand`, for a demand that is known and not a sample.
    mean, sd : float, optional
        In place of `demand`: a normal demand.
    level : float, default 0.95
        Confidence level of the interval of the quantity.

    Returns
    -------
    Newsvendor
        ``quantity``, ``cost``, ``critical_ratio``, ``service``, and ``table`` of the cost by quantity.

    Raises
    ------
    CourseError
        If a cost is not above 0, a demand or a weight is negative, nothing is known of the demand, or both
        kinds of demand are given.

    Notes
    -----
    The quantity is the smallest with P(demand ≤ quantity) ≥ underage / (underage + overage) [1]_. Buying the
    average demand is right only where both costs are alike. From a sample, the interval is that of the
    quantile by the order statistics (binomial); NaN at an end that the sample is too small to know. Sales of
    a season that sold out are not its demand.

    References
    ----------
    .. [1] K. J. Arrow, T. Harris, J. Marschak (1951), Optimal inventory policy, Econometrica 19(3), 250-272.

    Examples
    --------
    >>> best = newsvendor(mean=50, sd=8, overage=0.18, underage=0.70)
    >>> round(best.quantity, 5), round(best.cost, 5)
    (56.60396, 1.99761)
    >>> newsvendor([40, 50, 60, 80], overage=2, underage=5).quantity
    60.0
    >>> newsvendor([40, 50], overage=0, underage=5)
    Traceback (most recent call last):
        ...
    CourseError: inventory.newsvendor: overage is 0; give a number above 0.
    """
    where = "inventory.newsvendor"
    require_level(level, where)
    for name, cost in (("overage", overage), ("underage", underage)):
        require_positive(pd.Series([cost]), name, where)
    ratio = underage / (underage + overage)
    if (demand is None) == (mean is None) or (mean is None) != (sd is None):
        raise CourseError(f"{where}: give either demand, or mean and sd.")
    if mean is not None and sd is not None:
        require_positive(pd.Series([sd]), "sd", where)
        quantity, low, high = max(mean + sd * ndtri(ratio), 0.0), np.nan, np.nan
        grid = np.unique(np.append(mean + sd * np.linspace(-3.5, 3.5, 141), quantity))
        grid = grid[grid >= 0]
        z = (grid - mean) / sd
        service = ndtr(z)
        lost = sd * (np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) - z * (1 - service))
        expected = float(mean)
    else:
        x, weight, n = _demands(demand, probability, where)
        share = np.cumsum(weight)
        # Rounding must not push a share that equals the critical ratio below it.
        quantity = x[np.searchsorted(share, ratio - 1e-12)]
        low, high = (
            _quantile_interval(x, weight, n, ratio, level) if probability is None else (np.nan, np.nan)
        )
        grid = np.unique(np.append(x, np.linspace(x[0], x[-1], 101)))
        at = np.searchsorted(x, grid, side="right") - 1
        service, expected = share[at], float(weight @ x)
        lost = expected - np.cumsum(weight * x)[at] - grid * (1 - service)
    lost = np.maximum(lost, 0.0)
    left = np.maximum(grid - expected + lost, 0.0)
    table = pd.DataFrame(
        {"quantity": grid, "cost": overage * left + underage * lost, "left_over": left, "lost": lost}
    ).assign(service=np.minimum(service, 1.0))
    row = table.iloc[int(np.searchsorted(grid, quantity))]
    return Newsvendor(
        float(quantity), float(low), float(high), float(row["cost"]), float(ratio), float(row["service"]),
        expected, float(overage), float(underage), table,
    )  # fmt: skip


def _demands(demand: Any, probability: Any, where: str) -> tuple[Any, Any, int]:
    """Distinct demands in order, their probabilities, and how many were seen."""
    x = pd.to_numeric(pd.Series(np.asarray(demand).ravel()), errors="coerce").to_numpy(dtype=float)
    weight = np.ones(len(x)) if probability is None else np.asarray(probability, dtype=float).ravel()
    if len(weight) != len(x):
        raise CourseError(
            f"{where}: {len(weight)} probabilities are given for {len(x)} demands; give one each."
        )
    known = np.isfinite(x) & np.isfinite(weight)
    x, weight = x[known], weight[known]
    if (x < 0).any() or (weight < 0).any():
        raise CourseError(f"{where}: a demand or a probability is negative; give numbers of 0 or above.")
    if not weight.sum() > 0:
        raise CourseError(f"{where}: demand holds no number; give the units asked for in like seasons.")
    values, place = np.unique(x, return_inverse=True)
    sums = np.bincount(place, weights=weight)
    return values, sums / sums.sum(), len(x)


def _quantile_interval(x: Any, weight: Any, n: int, ratio: float, level: float) -> tuple[float, float]:
    """Interval of the quantile between two of the n demands in order."""
    from scipy.stats import binom

    each = np.repeat(x, np.round(weight * n).astype(int))
    below, above = binom.ppf([(1 - level) / 2, (1 + level) / 2], n, ratio)
    low = each[int(below) - 1] if below >= 1 and binom.cdf(below - 1, n, ratio) <= (1 - level) / 2 else np.nan
    high = each[int(above)] if above < n else np.nan
    return low, high
