"""The price that earns most for a given elasticity, within what the shop allows itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.errors import CourseError

__all__ = ["BestPrice", "optimal_price"]

POINTS = 101


@dataclass(frozen=True)
class BestPrice:
    """The price that earns most.

    Attributes
    ----------
    table : DataFrame
        The profit curve, one row per price between the bounds: ``price``, ``quantity`` (units sold),
        ``profit``, ``low``, ``high`` (money; over the elasticities of the interval).
    price, low, high : float
        The best price, and the best prices at the ends of the elasticity's interval.
    unbounded : float
        c e / (1 + e), with no bound and endless stock; NaN if e ≥ -1, where every higher price earns more.
    bound : str
        What keeps the price from `unbounded`: "" (nothing), "floor", "ceiling" or "stock".
    quantity, profit : float
        Units and money at the best price.
    current_price, current_profit, gain : float
        Today's price and profit, and profit / current_profit - 1 (NaN if there is none today).
    gain_low, gain_high : float
        The gain of the best price if the elasticity is at an end of its interval.
    """

    table: pd.DataFrame = field(repr=False)
    price: float
    low: float
    high: float
    unbounded: float
    bound: str
    quantity: float
    profit: float
    current_price: float
    current_profit: float
    gain: float
    gain_low: float
    gain_high: float


def optimal_price(
    cost: float,
    elasticity: float,
    *,
    price: float,
    quantity: float,
    interval: tuple[float, float] | None = None,
    min_margin: float = 0.0,
    max_change: float = 0.3,
    stock: float | None = None,
    step: float | None = None,
) -> BestPrice:
    """Find the price that earns most, with its profit curve (最优定价).

    Parameters
    ----------
    cost : float
        What one more unit costs, above 0: purchase, postage, commission.
    elasticity : float
        Price elasticity, below 0, such as that of `elasticity`.
    price, quantity : float
        Today's price and the units it sells, above 0.
    interval : pair of float, optional
        Interval of the elasticity, both ends below 0. Without it the profit has no interval.
    min_margin : float, default 0
        Lowest (price - cost) / price allowed, from 0 to below 1.
    max_change : float, default 0.3
        Largest change of today's price, as a fraction: nothing is known of prices never asked.
    stock : float, optional
        Units that can be sold at most.
    step : float, optional
        Prices are a multiple of it, such as 1 or 0.1.

    Returns
    -------
    BestPrice
        The best price with its interval, what binds it, and the profit curve in ``.table``.

    Raises
    ------
    CourseError
        If a number is out of range, or the bounds leave no price.

    Notes
    -----
    Units at price p are quantity · (p / price)^e, and never more than the stock; profit = (p - cost) · units.
    For e < -1 the best price is cost · e / (1 + e): at -2 twice the cost, at -3 one and a half times. For
    e ≥ -1 every rise earns more as long as the elasticity holds, so the answer is the highest price allowed,
    a reason to try a higher one and not to believe in it. With little stock the price rises to where the
    stock just sells. The curve between the ends of the interval is the statistical uncertainty alone; that
    rivals answer is not in it.

    References
    ----------
    .. [1] R. L. Phillips (2021), Pricing and Revenue Optimization, 2nd ed., chapters 3 and 6.

    Examples
    --------
    >>> best = optimal_price(60, -2.5, price=90, quantity=200, interval=(-3.0, -2.0))
    >>> best.price, best.low, best.high, best.bound
    (100.0, 90.0, 117.0, '')
    >>> optimal_price(60, -0.8, price=90, quantity=200).bound
    'ceiling'
    >>> optimal_price(60, 2.5, price=90, quantity=200)
    Traceback (most recent call last):
        ...
    CourseError: pricing.optimal_price: elasticity is 2.5; give a number below 0, such as -1.8.
    """
    where = "pricing.optimal_price"
    ends = (elasticity, elasticity) if interval is None else tuple(interval)
    for value in (elasticity, *ends):
        if not -np.inf < value < 0:
            raise CourseError(f"{where}: elasticity is {value}; give a number below 0, such as -1.8.")
    if len(ends) != 2 or not ends[0] <= elasticity <= ends[1]:
        raise CourseError(f"{where}: interval is {interval}; give its lower and upper end around elasticity.")
    given = {"cost": cost, "price": price, "quantity": quantity, "stock": stock, "step": step}
    for name, number in given.items():
        if number is not None and not 0 < number < np.inf:
            raise CourseError(f"{where}: {name} is {number}; give a number above 0.")
    if not 0 <= min_margin < 1 or not 0 < max_change < np.inf:
        raise CourseError(
            f"{where}: min_margin={min_margin} and max_change={max_change}; give fractions, as 0.1 and 0.3."
        )
    floor = max(price * (1 - min(max_change, 1)), cost / (1 - min_margin))
    ceiling = price * (1 + max_change)
    if step:
        # A bound that is itself a multiple stays one after rounding.
        floor, ceiling = (np.ceil(floor / step - 1e-9) * step, np.floor(ceiling / step + 1e-9) * step)
    if floor > ceiling:
        raise CourseError(
            f"{where}: no price is left between {floor:g} and {ceiling:g}. "
            "Lower min_margin, or allow a larger max_change."
        )
    most = np.inf if stock is None else stock

    def units(p: Any, e: float) -> Any:
        return np.minimum(quantity * (p / price) ** e, most)

    def best(e: float) -> tuple[float, str, float]:
        free = cost * e / (1 + e) if e < -1 else np.inf
        scarce = price * (most / quantity) ** (1 / e) if stock is not None else 0.0
        wish = max(free, scarce)
        bound = "stock" if scarce > free else ""
        p = min(max(wish, floor), ceiling)
        if p > wish:
            bound = "floor"
        elif p < wish:
            bound = "ceiling"
        if step:
            # Profit has one top, so the best multiple is one of the two beside it.
            near = np.clip([np.floor(p / step) * step, np.ceil(p / step) * step], floor, ceiling)
            p = float(near[int(np.argmax((near - cost) * units(near, e)))])
        return float(p), bound, float(free) if np.isfinite(free) else np.nan

    p, bound, free = best(elasticity)
    grid = np.unique(np.concatenate([np.linspace(floor, ceiling, POINTS), [p]]))
    curves = [(grid - cost) * units(grid, e) for e in ends]
    sold = units(grid, elasticity)
    table = pd.DataFrame({"price": grid, "quantity": sold, "profit": (grid - cost) * sold})
    if interval is not None:
        table["low"], table["high"] = np.minimum(*curves), np.maximum(*curves)
    else:
        table["low"] = table["high"] = np.nan
    now = (price - cost) * float(units(price, elasticity))
    made = [(p - cost) * float(units(p, e)) for e in (elasticity, *ends)]
    gains = [value / now - 1 if now > 0 else np.nan for value in made]
    if interval is None:
        low = high = gain_low = gain_high = np.nan
    else:
        low, high = sorted(best(e)[0] for e in ends)
        gain_low, gain_high = sorted(gains[1:])
    return BestPrice(
        table=table,
        price=p,
        low=low,
        high=high,
        unbounded=free,
        bound=bound,
        quantity=float(units(p, elasticity)),
        profit=made[0],
        current_price=float(price),
        current_profit=now,
        gain=gains[0],
        gain_low=gain_low,
        gain_high=gain_high,
    )
