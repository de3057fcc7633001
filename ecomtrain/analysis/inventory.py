"""Inventory: how often the stock turns, how long it lasts, when to order and how much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from ecomtrain.analysis._checks import days, moment, plain, require_not_negative, require_one
from ecomtrain.analysis._newsvendor import Newsvendor, newsvendor
from ecomtrain.analysis._replenishment import eoq, reorder_point, reorder_points
from ecomtrain.analysis._stock_health import sell_through, stock_kpis
from ecomtrain.analysis.intervals import ratio
from ecomtrain.errors import CourseError, nearest, require, require_level, require_numeric

__all__ = [
    "Newsvendor",
    "SteppedEffect",
    "eoq",
    "newsvendor",
    "reorder_point",
    "reorder_points",
    "sell_through",
    "stepped_turnover",
    "stock_kpis",
    "turnover",
]

UNITS = ["opening", "sold", "closing"]


def turnover(
    inventory: pd.DataFrame,
    products: pd.DataFrame,
    *,
    by: str | None = None,
    days_per_year: float = 365,
    level: float = 0.95,
) -> pd.DataFrame:
    """Inventory turnover (库存周转率) and days of supply (可售天数), at cost.

    Parameters
    ----------
    inventory : DataFrame
        One row per product and day: ``date`` (datetime), ``product_id``, ``opening``, ``sold``, ``closing``
        (units). A day without a row counts as a day without stock; a repeated row counts once.
    products : DataFrame
        ``product_id`` and ``unit_cost`` (money), one row per product.
    by : str, optional
        A column of `inventory` or `products` to split by, such as ``"warehouse"``.
    days_per_year : float, default 365
        Days to which the turnover is scaled.
    level : float, default 0.95
        Confidence level of the interval of the turnover.

    Returns
    -------
    DataFrame
        One row per group (``"all"`` without `by`): ``days`` (in the window), ``cogs``, ``average_inventory``,
        ``closing_inventory`` (money at cost), ``turnover`` (times a year), ``low``, ``high``,
        ``days_of_supply`` (days; NaN where nothing was sold).

    Raises
    ------
    CourseError
        If a column is missing, a quantity is negative, a product has no cost, or there are two currencies.

    Notes
    -----
    turnover = Σ sold × unit cost × days per year / days, over the average inventory: the mean of the opening
    of the first day and the closing of every day. Days of supply = closing inventory / cost sold per day.
    The interval is by the delta method over products: how far the figure would move with other products of
    the kind. Sales are valued at cost, never at price: a price rise does not turn the stock faster.

    References
    ----------
    .. [1] W. J. Hopp, M. L. Spearman (2011), Factory Physics, 3rd ed., chapter 2.

    Examples
    --------
    >>> day = pd.to_datetime(["2026-06-01", "2026-06-02"])
    >>> stock = pd.DataFrame({"date": day, "product_id": "tea-1", "opening": [10, 8], "sold": [2, 4],
    ...                       "closing": [8, 4]})
    >>> costs = pd.DataFrame({"product_id": ["tea-1"], "unit_cost": [5.0]})
    >>> table = turnover(stock, costs)
    >>> table[["cogs", "average_inventory", "turnover", "days_of_supply"]].round(2)
         cogs  average_inventory  turnover  days_of_supply
    all  30.0              36.67    149.32            1.33
    >>> turnover(stock, costs.drop(columns="unit_cost"))
    Traceback (most recent call last):
        ...
    CourseError: inventory.turnover: column 'unit_cost' is not in the frame; it has product_id.
    """
    where = "inventory.turnover"
    require_level(level, where)
    stock = _at_cost(inventory, products, by, where)
    first, last = stock["date"].min(), stock["date"].max()
    span = (last - first).days + 1
    stock["first"] = stock["opening"].where(stock["date"] == first, 0.0)
    stock["last"] = stock["closing"].where(stock["date"] == last, 0.0)
    goods = stock.groupby(["group", "product_id"])[["sold", "closing", "first", "last"]].sum()
    goods["average"] = (goods["first"] + goods["closing"]) / (span + 1)
    table = goods.groupby(level="group").agg(
        cogs=("sold", "sum"), average_inventory=("average", "sum"), closing_inventory=("last", "sum")
    )
    table.insert(0, "days", span)
    annual = days_per_year / span
    estimates = [
        ratio(g["sold"] * annual, g["average"], level=level) for _, g in goods.groupby(level="group")
    ]
    for column, field in {"turnover": "value", "low": "low", "high": "high"}.items():
        table[column] = [float(getattr(estimate, field)) for estimate in estimates]
    table["low"] = table["low"].clip(lower=0)
    table["days_of_supply"] = table["closing_inventory"] / (table["cogs"] / span).where(table["cogs"] > 0)
    return table.rename_axis(by)


@dataclass(frozen=True)
class SteppedEffect:
    """What a change did that reached the groups on different dates.

    ``effect``, ``low``, ``high`` are relative changes (0.23 is +23 %); ``p`` tests no change; ``weeks``
    counts the group-weeks used; ``table`` has one row per group and week: ``warehouse``, ``week`` (Monday),
    ``turnover`` (times a year), ``switched`` (bool), ``used`` (bool).
    """

    effect: float
    low: float
    high: float
    p: float
    weeks: int
    table: pd.DataFrame


def stepped_turnover(
    inventory: pd.DataFrame,
    products: pd.DataFrame,
    switched: Mapping[str, Any],
    *,
    by: str = "warehouse",
    settle_weeks: int = 0,
    days_per_year: float = 365,
    level: float = 0.95,
) -> SteppedEffect:
    """Effect on turnover of a change that reached the warehouses in steps.

    Parameters
    ----------
    inventory, products : DataFrame
        As for `turnover`, over many weeks before and after the switches.
    switched : mapping
        Warehouse to the date of its switch; None for a warehouse that never switched.
    by : str, default "warehouse"
        The column of `inventory` or `products` that names the warehouse.
    settle_weeks : int, default 0
        Weeks after each switch to leave out, while the stock finds its new level. The week of the switch
        itself is left out unless the switch falls on its Monday.
    days_per_year : float, default 365
        Days to which the turnover is scaled.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    SteppedEffect
        ``effect``, ``low``, ``high`` (relative changes), ``p``, ``weeks`` and the weekly ``table``.

    Raises
    ------
    CourseError
        If a column is missing, a warehouse has no entry in `switched`, or too few weeks are left to compare.

    Notes
    -----
    ln(turnover) on an effect of each warehouse, an effect of each week (season and promotions strike all
    alike) and the switch; the effect is exp(coefficient) − 1. Stock remembers, so weeks are not independent:
    the standard error is Driscoll and Kraay's [1]_, summed over the warehouses of a week and
    Bartlett-weighted over neighbouring weeks, times n / (n − coefficients) for the effects fitted. A change
    of all warehouses on one day could not be told from the season.

    References
    ----------
    .. [1] J. C. Driscoll, A. C. Kraay (1998), Consistent covariance matrix estimation with spatially
       dependent panel data, Rev. Econ. Stat. 80(4), 549-560.

    Examples
    --------
    >>> day = pd.date_range("2026-01-05", periods=56)
    >>> rows = [(d, p, 20, 3 if p == "a" and i >= 28 else 2 + i // 7 % 2 / 2, 20)
    ...         for i, d in enumerate(day) for p in "ab"]
    >>> stock = pd.DataFrame(rows, columns=["date", "product_id", "opening", "sold", "closing"])
    >>> goods = pd.DataFrame({"product_id": ["a", "b"], "unit_cost": 1.0, "warehouse": ["W1", "W2"]})
    >>> result = stepped_turnover(stock, goods, {"W1": "2026-02-02", "W2": None})
    >>> round(result.effect, 3), result.low < result.effect < result.high, result.weeks
    (0.342, True, 16)
    >>> stepped_turnover(stock, goods, {"W1": "2026-02-02"})
    Traceback (most recent call last):
        ...
    CourseError: inventory.stepped_turnover: warehouse 'W2' has no date in switched; give one, or None.
    """
    where = "inventory.stepped_turnover"
    require_level(level, where)
    stock = _at_cost(inventory, products, by, where)
    groups = sorted(stock["group"].unique())
    missing = [name for name in groups if name not in switched]
    if missing:
        hint = nearest(missing[0], [key for key in switched if key not in groups])
        raise CourseError(f"{where}: {by} '{missing[0]}' has no date in switched; give one, or None.{hint}")
    stock["week"] = stock["date"] - pd.to_timedelta(stock["date"].dt.day_of_week, unit="D")
    table = stock.groupby(["group", "week"])[UNITS].sum()
    seen = stock.groupby(["group", "week"])["date"].nunique()
    average = (table["opening"] + table["closing"]) / 2
    table = (table["sold"] / average.where(average > 0) * days_per_year).rename("turnover").reset_index()
    dates = {
        name: pd.NaT if switched[name] is None else moment(switched[name], False, where) for name in groups
    }
    switch = pd.to_datetime(table["group"].map(dates))
    settled = switch + pd.to_timedelta(7 * settle_weeks, unit="D")
    table["switched"] = (table["week"] + pd.Timedelta(days=6)) >= switch
    between = table["switched"] & (table["week"] < settled)
    table["used"] = (seen.to_numpy() == 7) & ~between & (table["turnover"] > 0)
    effect = _two_way(table[table["used"]], level, where)
    return SteppedEffect(*effect, weeks=int(table["used"].sum()), table=table.rename(columns={"group": by}))


def _two_way(panel: pd.DataFrame, level: float, where: str) -> tuple[float, float, float, float]:
    """Effect, its interval and p value from the log-linear model with group and week effects."""
    group, week = panel["group"].to_numpy(), panel["week"].to_numpy()
    effects = pd.get_dummies(panel["group"]).join(pd.get_dummies(panel["week"]).iloc[:, 1:]).to_numpy(float)
    y, x = np.log(panel["turnover"].to_numpy(float)), panel["switched"].to_numpy(float)
    apart = np.column_stack([y, x])
    if len(panel):
        apart = apart - effects @ np.linalg.lstsq(effects, apart, rcond=None)[0]
    y, x = apart.T
    power = (x**2).sum()
    if len(np.unique(group)) < 2 or power < 1e-9:
        raise CourseError(
            f"{where}: no two groups can be compared before and after a switch. "
            "Pass full weeks of two groups or more, switched at different dates."
        )
    beta = (x * y).sum() / power
    scores = pd.Series(x * (y - beta * x)).groupby(week).sum().to_numpy()
    weeks = len(scores)
    lags = int(4 * (weeks / 100) ** (2 / 9))
    spread = scores @ scores + 2 * sum(
        (1 - lag / (lags + 1)) * (scores[lag:] @ scores[:-lag]) for lag in range(1, lags + 1)
    )
    free = len(panel) - effects.shape[1] - 1
    se = np.sqrt(max(spread, 0.0) * len(panel) / free) / power if free > 0 else np.nan
    half = stdtrit(weeks - 1, 0.5 + level / 2) * se
    p = 2 * stdtr(weeks - 1, -abs(beta) / se) if se > 0 else np.nan
    return float(np.expm1(beta)), float(np.expm1(beta - half)), float(np.expm1(beta + half)), float(p)


def _at_cost(inventory: Any, products: Any, by: str | None, where: str) -> pd.DataFrame:
    """Stock of each product and day valued at cost, with the group it belongs to."""
    require(inventory, ["date", "product_id", *UNITS], where)
    require(products, ["product_id", "unit_cost"], where)
    if by and by not in inventory and by not in products:
        raise CourseError(f"{where}: by='{by}' is a column of neither inventory nor products.")
    require_numeric(inventory, UNITS, where)
    require_numeric(products, ["unit_cost"], where)
    require_not_negative(inventory, UNITS, where)
    require_one(products, "currency", where)
    keep = ["date", "product_id", *UNITS] + ([by] if by and by in inventory else [])
    stock = plain(inventory[keep], ["date", "product_id"])
    goods = plain(products, "product_id").set_index("product_id")
    cost = stock["product_id"].map(goods["unit_cost"])
    if cost.isna().any():
        name = stock["product_id"][cost.isna()].iloc[0]
        raise CourseError(f"{where}: product '{name}' has stock but no unit_cost in products.")
    group: Any = "all"
    if by:
        group = stock[by] if by in stock else stock["product_id"].map(goods[by])
    valued = stock[UNITS].astype(float).mul(cost.astype(float), axis=0)
    return valued.assign(date=days(stock["date"], where), product_id=stock["product_id"], group=group)
