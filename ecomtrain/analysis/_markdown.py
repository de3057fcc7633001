"""The way down in price that clears a stock for the most money."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import pdtr

from ecomtrain.analysis._checks import plain, require_not_negative, require_one
from ecomtrain.errors import CourseError, require, require_numeric

__all__ = ["MarkdownPlan", "markdown_plan"]

LARGEST = 20_000  # units; beyond it count in dozens


@dataclass(frozen=True)
class MarkdownPlan:
    """What to ask for what is left, period by period.

    Attributes
    ----------
    table : DataFrame
        The policy, one row per period and stock: ``period`` (from 1), ``stock`` (units left at its start),
        ``price`` (what to ask, if no lower price was asked before), ``value`` (money expected from then on).
    path : DataFrame
        What to expect, one row per period: ``period``, ``price`` (mean), ``stock`` (mean units at its start),
        ``sold`` (mean units), ``revenue`` (mean money).
    revenue : float
        Money expected of the plan, salvage and all.
    hold, hold_price : float
        The most that one price for all periods brings, and that price.
    cut, cut_from, cut_to, cut_period : float and int
        The most that one single cut fixed beforehand brings, its two prices, and the period in which the
        second begins (the prices are the same where no cut is better).
    left : float
        Units expected to be left for salvage.
    """

    table: pd.DataFrame = field(repr=False)
    path: pd.DataFrame = field(repr=False)
    revenue: float
    hold: float
    hold_price: float
    cut: float
    cut_from: float
    cut_to: float
    cut_period: int
    left: float


def markdown_plan(
    stock: int,
    prices: pd.DataFrame,
    *,
    periods: int | None = None,
    salvage: float = 0.0,
    only_down: bool = True,
    random: bool = True,
) -> MarkdownPlan:
    """Plan the markdown of a stock that must go by a date (清仓降价计划).

    Parameters
    ----------
    stock : int
        Units to sell, 1 or more.
    prices : DataFrame
        The prices that may be asked: ``price`` (money, 0 or above) and ``demand`` (units wanted in a period
        at it, on average). With a column ``period`` (1, 2, ...) demand may differ from period to period; each
        period then has a row for each price.
    periods : int, optional
        Periods until the date; the last ``period`` of `prices` if left out.
    salvage : float, default 0
        Money for each unit left at the end; below 0 where it costs to get rid of it.
    only_down : bool, default True
        A price once lowered is not raised again.
    random : bool, default True
        Demand is Poisson around its mean; else it is the mean, rounded to whole units.

    Returns
    -------
    MarkdownPlan
        The policy in ``.table``, what to expect in ``.path``, and what holding and one cut would bring.

    Raises
    ------
    CourseError
        If a column is missing, a number is out of range, a price is there twice, or a period lacks a price.

    Notes
    -----
    Backwards from the last period: value(period, stock) = max over prices of E[price · sold + value(next
    period, stock - sold)], sold = min(demand, stock), and salvage at the end [1]_. It is exact for the demand
    given, and can be no worse than one price or one cut, which are among its choices; the gain over the
    cut is what waiting for news of the stock is worth. Cost does not enter: what was paid for the stock is
    gone. Customers who learn to wait for the cut are not in it.

    References
    ----------
    .. [1] G. Gallego, G. van Ryzin (1994), Optimal dynamic pricing of inventories with stochastic demand over
       finite horizons, Management Science 40(8), 999-1020.

    Examples
    --------
    >>> ladder = pd.DataFrame({"price": [100, 80, 60], "demand": [3, 5, 9]})
    >>> plan = markdown_plan(30, ladder, periods=6)
    >>> round(plan.hold), round(plan.cut), round(plan.revenue)
    (2226, 2242, 2261)
    >>> plan.table[(plan.table["stock"] == 10)]["price"].tolist()
    [100.0, 100.0, 100.0, 100.0, 80.0, 60.0]
    >>> markdown_plan(0, ladder, periods=6)
    Traceback (most recent call last):
        ...
    CourseError: pricing.markdown_plan: stock is 0; give whole units from 1 to 20000.
    """
    where = "pricing.markdown_plan"
    price, demand = _ladder(prices, periods, where)
    if stock != stock or not 1 <= stock <= LARGEST or stock != int(stock):
        raise CourseError(f"{where}: stock is {stock}; give whole units from 1 to {LARGEST}.")
    if not -np.inf < salvage < np.inf:
        raise CourseError(f"{where}: salvage is {salvage}; give the money for one unit left.")
    stock = int(stock)
    chance = _chance(demand, stock, random)
    value, best = _backwards(price, chance, salvage, only_down)
    path, left = _forwards(price, chance, best, only_down)
    hold, cut = _simple(price, chance, salvage)
    count = len(demand)
    units = np.arange(stock + 1)
    table = pd.DataFrame(
        {
            **{"period": np.repeat(np.arange(1, count + 1), stock), "stock": np.tile(units[1:], count)},
            "price": price[best[:, 0, 1:]].ravel(),
            "value": value[:-1, 0, 1:].ravel(),
        }
    )
    at = int(hold.argmax())
    period, i, j = np.unravel_index(int(cut.argmax()), cut.shape)
    return MarkdownPlan(
        table=table,
        path=path,
        revenue=float(value[0, 0, stock]),
        hold=float(hold[at]),
        hold_price=float(price[at]),
        cut=float(cut.max()),
        cut_from=float(price[i]),
        cut_to=float(price[j]),
        cut_period=int(period) + 1,
        left=left,
    )


def _ladder(prices: Any, periods: Any, where: str) -> tuple[Any, Any]:
    """Prices from the highest down, and the demand at each, periods by prices."""
    require(prices, ["price", "demand"], where)
    require_numeric(prices, ["price", "demand"], where)
    require_not_negative(prices, ["price", "demand"], where)
    require_one(prices, "currency", where)
    timed = ["period"] if "period" in prices else []
    require_numeric(prices, timed, where)
    ladder = plain(prices[["price", "demand", *timed]].dropna())
    if ladder.empty or not np.isfinite(ladder).all(axis=None):
        raise CourseError(f"{where}: prices has no row with a price and its demand; give one for each price.")
    if ladder.duplicated(["price", *timed]).any():
        raise CourseError(f"{where}: a price is there twice in prices; give each one demand in a period.")
    if periods is None and timed:
        periods = ladder["period"].max()
    if periods is None or not 1 <= periods <= 1000 or periods != int(periods):
        raise CourseError(f"{where}: periods is {periods}; give a whole number from 1 to 1000.")
    count = int(periods)
    if not timed:
        ladder = ladder.sort_values("price", ascending=False)
        return ladder["price"].to_numpy(float), np.tile(ladder["demand"].to_numpy(float), (count, 1))
    table = ladder.set_index(["period", "price"])["demand"].unstack().sort_index(axis=1, ascending=False)  # noqa: PD010
    table = table.reindex(range(1, count + 1))
    if table.isna().any(axis=None):
        missing = int(table.index[table.isna().any(axis=1)][0])
        raise CourseError(f"{where}: period {missing} lacks the demand at some price; give one for each.")
    return table.columns.to_numpy(float), table.to_numpy(float)


def _chance(demand: Any, stock: int, random: bool) -> Any:
    """Chance that d units are wanted, periods by prices by d; the last place is `stock` units or more."""
    units = np.arange(stock + 1)
    mean = demand[..., None] if random else np.rint(demand)[..., None]
    up_to = pdtr(units, mean) if random else (units >= mean).astype(float)
    up_to[..., stock] = 1.0
    return np.diff(up_to, axis=-1, prepend=0.0)


def _wanted(chance: Any) -> Any:
    """Chances of what may be wanted short of the whole stock, without the zeros that would only cost time."""
    return chance[: max(int(np.flatnonzero(chance[:-1]).max(initial=0)) + 1, 1)]


def _sell(chance: Any, price: float, later: Any) -> Any:
    """Expect the money from one period's sales and from what is left, for each stock at its start."""
    # Wanting s or more of s sells all of them, so what the chances up to s - 1 leave over goes there.
    more = 1 - chance.cumsum() + chance
    sold = np.concatenate([[0.0], more[1:].cumsum()])
    kept = np.convolve(_wanted(chance), later - later[0])[: len(later)]
    return price * sold + later[0] + kept


def _backwards(price: Any, chance: Any, salvage: float, only_down: bool) -> tuple[Any, Any]:
    """Value and best price for each period, price asked before and stock."""
    periods, kinds, size = chance.shape
    value = np.empty((periods + 1, kinds, size))
    best = np.empty((periods, kinds, size), int)
    value[-1] = salvage * np.arange(size)
    for t in range(periods - 1, -1, -1):
        each = np.array([_sell(chance[t, j], price[j], value[t + 1, j]) for j in range(kinds)])
        top = each.argmax(axis=0)
        for i in range(kinds - 1, -1, -1):
            if only_down:
                # Of equal ones the higher price: it can still be lowered.
                keep = np.ones(size, bool) if i == kinds - 1 else each[i] >= value[t, i + 1]
                value[t, i] = each[i] if i == kinds - 1 else np.where(keep, each[i], value[t, i + 1])
                best[t, i] = np.where(keep, i, best[t, min(i + 1, kinds - 1)])
            else:
                value[t, i], best[t, i] = each.max(axis=0), top
    return value, best


def _forwards(price: Any, chance: Any, best: Any, only_down: bool) -> tuple[pd.DataFrame, float]:
    """Follow the plan from a full stock: mean price, stock and sales of each period."""
    periods, kinds, size = chance.shape
    units = np.arange(size)
    held = np.zeros((kinds, size))  # chance of each price asked last and stock left
    held[0, -1] = 1.0
    rows = []
    for t in range(periods):
        asked = np.zeros((kinds, size))
        for i in range(kinds):
            np.add.at(asked, (best[t, i], units), held[i])
        held = np.array([_left(chance[t, j], asked[j]) for j in range(kinds)])
        before, after = asked @ units, held @ units
        open_ = asked[:, 1:].sum(axis=1)
        mean = float(price @ open_ / open_.sum()) if open_.sum() > 0 else np.nan
        sold = before - after
        rows.append((t + 1, mean, before.sum(), sold.sum(), float(price @ sold)))
    path = pd.DataFrame(rows, columns=["period", "price", "stock", "sold", "revenue"])
    return path, float((held @ units).sum())


def _left(chance: Any, held: Any) -> Any:
    """Chances of the stock after a period, from those before it."""
    after = np.convolve(held[::-1], _wanted(chance))[: len(held)][::-1]
    after[0] = held.sum() - after[1:].sum()
    return after


def _simple(price: Any, chance: Any, salvage: float) -> tuple[Any, Any]:
    """Money from each price held throughout, and from each single cut: first period of it, from, to."""
    periods, kinds, size = chance.shape
    tails = np.empty((periods + 1, kinds, size))  # value of holding price j from period t on
    tails[-1] = salvage * np.arange(size)
    for t in range(periods - 1, -1, -1):
        for j in range(kinds):
            tails[t, j] = _sell(chance[t, j], price[j], tails[t + 1, j])
    units = np.arange(size)
    cut = np.full((periods, kinds, kinds), -np.inf)
    for i in range(kinds):
        held, earned = np.zeros(size), 0.0
        held[-1] = 1.0
        for t in range(periods):
            cut[t, i, i:] = earned + tails[t, i:] @ held
            after = _left(chance[t, i], held)
            earned, held = earned + price[i] * float((held - after) @ units), after
    return tails[0, :, -1], cut
