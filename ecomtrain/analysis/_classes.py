"""Which products bring the money, and which sell steadily: the nine boxes of ABC and XYZ."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis._checks import days, plain, require_not_negative, require_one
from ecomtrain.errors import CourseError, require, require_numeric

__all__ = ["Portfolio", "abc_xyz"]

ROUNDING = 1e-9  # a cut that is reached but for the rounding of a sum is reached


@dataclass(frozen=True)
class Portfolio:
    """The products of a shop by value and steadiness.

    Attributes
    ----------
    table : DataFrame
        One row per product, the largest first: ``product_id``, ``amount`` (money), ``share``, ``cumulative``
        (fractions of all), ``mean`` and ``sd`` (units per period), ``cv`` (sd / mean), ``abc``, ``xyz``.
    boxes : DataFrame
        One row for each of the nine boxes, AX to CZ: ``abc``, ``xyz``, ``products``, ``share_of_products``,
        ``amount``, ``share_of_amount``. Products without a class are in none.
    periods, days_per_period : int
        Complete periods counted and their length.
    without_class : int
        Products that lack one of the two classes.
    """

    table: pd.DataFrame = field(repr=False)
    boxes: pd.DataFrame = field(repr=False)
    periods: int
    days_per_period: int
    without_class: int


def abc_xyz(
    sales: pd.DataFrame,
    *,
    a: float = 0.8,
    b: float = 0.95,
    x: float = 0.5,
    y: float = 1.0,
    days_per_period: int = 7,
    value: str = "amount",
    quantity: str = "quantity",
) -> Portfolio:
    """Sort products by what they bring and by how steadily they sell (ABC-XYZ 分类).

    Parameters
    ----------
    sales : DataFrame
        One row per sale or per product and day: ``date`` (datetime), ``product_id``, `value` (money, 0 or
        above) and `quantity` (units, 0 or above). A product and day without a row sold nothing.
    a, b : float, default 0.8 and 0.95
        Cumulative shares of the money up to which a product is A, and B; the rest is C.
    x, y : float, default 0.5 and 1.0
        Coefficients of variation up to which a product is X, and Y; the rest is Z. No standard sets them:
        0.1 and 0.25, 0.2 and 0.5, and these are all in use, for weeks vary less than days.
    days_per_period : int, default 7
        Length of a period, counted back from the last day of `sales`; the days left over at the start are
        left out of the variation, not of the money.
    value, quantity : str
        Columns of `sales`.

    Returns
    -------
    Portfolio
        ``.table`` with a row per product and ``.boxes`` with the nine boxes.

    Raises
    ------
    CourseError
        If a column is missing or negative, cuts are out of order, or two shops or currencies are mixed.

    Notes
    -----
    A product is A if those before it have not reached the cut, so the one that crosses it belongs to A. The
    coefficient of variation is the sample standard deviation over the mean of all complete periods, with 0
    where nothing was sold: left out, the zeros would make the rarest seller the steadiest. A product that
    sold nothing has no class. One launched within the window counts as unsteady for the weeks before its
    launch: give such products a window of their own. Both are counts of what was sold, without sampling
    error; the class of a product near a cut is still a matter of days.

    References
    ----------
    .. [1] E. A. Silver, D. F. Pyke, D. J. Thomas (2017), Inventory and Production Management in Supply
       Chains, 4th ed., chapter 2.

    Examples
    --------
    >>> day = pd.to_datetime(["2026-06-01", "2026-06-08"])
    >>> sales = pd.DataFrame({"date": [*day, *day, day[1]], "product_id": ["tea", "tea", "cup", "cup", "jar"],
    ...                       "amount": [400.0, 400.0, 90, 60, 50], "quantity": [4, 4, 3, 2, 1]})
    >>> result = abc_xyz(sales, days_per_period=1)
    >>> result.table[["product_id", "cumulative", "abc", "xyz"]].round(2)
      product_id  cumulative abc xyz
    0        tea        0.80   A   Z
    1        cup        0.95   B   Z
    2        jar        1.00   C   Z
    >>> abc_xyz(sales, a=0.95, b=0.8)
    Traceback (most recent call last):
        ...
    CourseError: lifecycle.abc_xyz: a=0.95 and b=0.8 are no cuts; give 0 < a < b < 1, such as 0.8 and 0.95.
    """
    where = "lifecycle.abc_xyz"
    if not 0 < a < b < 1:
        raise CourseError(f"{where}: a={a} and b={b} are no cuts; give 0 < a < b < 1, such as 0.8 and 0.95.")
    if not 0 < x < y < np.inf:
        raise CourseError(f"{where}: x={x} and y={y} are no cuts; give 0 < x < y, such as 0.5 and 1.0.")
    if days_per_period < 1:
        raise CourseError(f"{where}: days_per_period is {days_per_period}; give 1 or more, such as 7.")
    require(sales, ["date", "product_id", value, quantity], where)
    require_numeric(sales, [value, quantity], where)
    require_not_negative(sales, [value, quantity], where)
    require_one(sales, "shop", where)
    require_one(sales, "currency", where)
    sold = plain(sales[["date", "product_id", value, quantity]])
    sold = sold.assign(date=days(sold["date"], where)).dropna(subset=["date", "product_id"])

    table = sold.groupby("product_id")[value].sum().astype(float).rename("amount").reset_index()
    table = table.sort_values(["amount", "product_id"], ascending=[False, True], ignore_index=True)
    total = table["amount"].sum()
    table["share"] = table["amount"] / (total or np.nan)
    table["cumulative"] = table["share"].cumsum()
    before = (table["cumulative"] - table["share"]).to_numpy()
    table["abc"] = _class(before, (a, b), "ABC")

    back = (sold["date"].max() - sold["date"]).dt.days // days_per_period
    periods = int(((sold["date"].max() - sold["date"].min()).days + 1) // days_per_period) if len(sold) else 0
    counts = sold[back < periods].groupby([back, "product_id"])[quantity].sum().astype(float)
    squares = (counts**2).groupby(level="product_id").sum().reindex(table["product_id"], fill_value=0.0)
    sums = counts.groupby(level="product_id").sum().reindex(table["product_id"], fill_value=0.0)
    mean = sums.to_numpy() / periods if periods else np.full(len(table), np.nan)
    spread = (squares.to_numpy() - periods * mean**2) / (periods - 1) if periods > 1 else mean * np.nan
    table["mean"], table["sd"] = mean, np.sqrt(np.clip(spread, 0, None))
    table["cv"] = table["sd"] / table["mean"].where(table["mean"] > 0)
    table["xyz"] = _class(table["cv"].to_numpy() - 2 * ROUNDING, (x, y), "XYZ")
    table = table[["product_id", "amount", "share", "cumulative", "mean", "sd", "cv", "abc", "xyz"]]
    classed = table["abc"].notna() & table["xyz"].notna()
    return Portfolio(table, _boxes(table[classed], table), periods, days_per_period, int((~classed).sum()))


def _class(values: Any, cuts: tuple[float, float], names: str) -> Any:
    """Name each value by the cuts it has reached; a missing one stays without a name."""
    place = np.searchsorted(np.array(cuts) - ROUNDING, values, side="right")
    return pd.Series(np.array(list(names))[place]).where(~np.isnan(values)).astype("str")


def _boxes(classed: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Count the products and the money in each of the nine boxes."""
    nine = pd.MultiIndex.from_product([list("ABC"), list("XYZ")], names=["abc", "xyz"])
    sums = classed.groupby(["abc", "xyz"])["amount"].agg(products="size", amount="sum")
    boxes = sums.reindex(nine, fill_value=0).reset_index()
    boxes.insert(3, "share_of_products", boxes["products"] / (len(table) or np.nan))
    boxes["share_of_amount"] = boxes["amount"] / (table["amount"].sum() or np.nan)
    return boxes
