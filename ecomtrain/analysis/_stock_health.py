"""How healthy the stock of a shop is: what share sells, how long it lasts, how often a shelf is empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis._checks import between, days, plain, require_not_negative, require_one
from ecomtrain.analysis.intervals import ratio
from ecomtrain.errors import CourseError, require, require_level, require_numeric

FLOWS = ["opening", "received", "sold"]
METRICS = ["P1", "sell_through_received", "P2", "P3", "days_of_supply", "P4", "gmroi"]


def sell_through(
    inventory: pd.DataFrame,
    products: pd.DataFrame | None = None,
    *,
    by: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Share of the units that were sold, over both denominators in use (售罄率).

    Parameters
    ----------
    inventory : DataFrame
        One row per product and day: ``date`` (datetime), ``product_id``, ``opening``, ``received``, ``sold``
        (units). A repeated row counts once.
    products : DataFrame, optional
        ``product_id`` and the column `by`, where it is not in `inventory`.
    by : str, optional
        Column to split by, such as ``"category"`` or ``"product_id"``.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row per group (``"all"`` without `by`): ``products``, ``opening`` (units, on each product's first
        day), ``received``, ``available`` (opening + received), ``sold`` (units), ``sell_through`` = sold /
        available with ``low``, ``high`` (fractions) and ``sell_through_received`` = sold / received.

    Raises
    ------
    CourseError
        If a column is missing or not numeric, a quantity is negative, or two shops are mixed.

    Notes
    -----
    Ask which of the two is meant: over the units received only, old stock makes it exceed 1. The interval is
    by the delta method over products: how far it would move with other products of the kind; NaN for one
    product alone. The share grows with the span: compare spans of equal length, and goods of equal age.

    Examples
    --------
    >>> stock = pd.DataFrame({"date": pd.to_datetime(["2026-06-01", "2026-06-02"]), "product_id": "tea",
    ...                       "opening": [10, 6], "received": [0, 5], "sold": [4, 8]})
    >>> sell_through(stock)[["available", "sold", "sell_through", "sell_through_received"]].round(2)
         available  sold  sell_through  sell_through_received
    all       15.0  12.0           0.8                    2.4
    >>> sell_through(stock, by="category")
    Traceback (most recent call last):
        ...
    CourseError: inventory.sell_through: by='category' is a column of neither inventory nor products.
    """
    where = "inventory.sell_through"
    require_level(level, where)
    stock, group = _flows(inventory, products, by, where)
    stock = stock.sort_values("date", kind="stable")
    each = stock.groupby([group, "product_id"]).agg(
        opening=("opening", "first"), received=("received", "sum"), sold=("sold", "sum")
    )
    each = each.astype(float)
    each.insert(2, "available", each["opening"] + each["received"])
    kinds = each.groupby(level=0)
    table = kinds.sum()
    table.insert(0, "products", kinds.size())
    table["sell_through"] = table["sold"] / table["available"].where(table["available"] > 0)
    bounds = [ratio(part["sold"], part["available"], level=level)[2:] for _, part in kinds]
    table[["low", "high"]] = np.clip(np.array(bounds, dtype=float).reshape(-1, 2), 0, 1)
    table["sell_through_received"] = table["sold"] / table["received"].where(table["received"] > 0)
    return table.rename_axis(by)


def stock_kpis(
    tables: Mapping[str, pd.DataFrame],
    start: Any,
    end: Any,
    *,
    by: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Look at the health of a shop's stock in one table (库存健康度).

    Parameters
    ----------
    tables : mapping of str to DataFrame
        One shop's ``orders``, ``order_lines``, ``products`` and ``inventory_daily``, as for `metrics.kpi20`.
    start, end : date-like
        The half-open window [start, end).
    by : str, optional
        A column of ``products`` to split by, such as ``"category"`` or ``"warehouse"``.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row per group and figure: ``group`` ("all" without `by`), ``metric``, ``name``, ``name_zh``,
        ``unit``, ``value``, ``numerator``, ``denominator``, ``low``, ``high``, ``interval`` (what it rests
        on). The figures: sell-through P1 and of units received, active-SKU rate P2, turnover P3 and days of
        supply, gross margin P4 and GMROI as in `metrics.catalogue`, and ``stockout_rate``: days that ended
        with an empty shelf / days of products on sale.

    Raises
    ------
    CourseError
        As `metrics.kpi20`, or if `by` is not a column of products.

    Notes
    -----
    No figure is good alone: a high turnover with a high stock-out rate is a shop that sells out, a low one
    with a low sell-through is one that bought too much. A stock-out hides demand, see `reorder_points`.

    Examples
    --------
    >>> day = pd.to_datetime(["2026-06-01", "2026-06-02"])
    >>> stock = pd.DataFrame({"date": day, "product_id": "tea", "opening": [10, 6], "received": [0, 0],
    ...                       "sold": [4, 6], "closing": [6, 0]})
    >>> goods = pd.DataFrame({"product_id": ["tea"], "unit_cost": [5.0], "category": "leaf"})
    >>> orders = pd.DataFrame({"order_id": [1], "customer_id": 7, "paid_at": day[:1], "paid_amount": 90.0})
    >>> lines = pd.DataFrame({"order_id": [1], "product_id": "tea", "quantity": [10], "amount": [90.0],
    ...                       "unit_cost": [5.0]})
    >>> shop = {"inventory_daily": stock, "products": goods, "orders": orders, "order_lines": lines}
    >>> table = stock_kpis(shop, "2026-06-01", "2026-06-03").set_index("metric")
    >>> table.loc[["P1", "days_of_supply", "stockout_rate"], ["name", "value", "unit"]]
                              name  value   unit
    metric
    P1                Sell-through    1.0  share
    days_of_supply  Days of supply    0.0   days
    stockout_rate   Stock-out rate    0.5  share
    >>> stock_kpis(shop, "2026-06-01", "2026-06-03", by="brand")
    Traceback (most recent call last):
        ...
    CourseError: inventory.stock_kpis: column 'brand' is not in the frame; it has product_id, ...
    """
    from ecomtrain.analysis import metrics  # which builds on this module

    where = "inventory.stock_kpis"
    for name in ("inventory_daily", "products", "order_lines", "orders"):
        if name not in tables:
            raise CourseError(
                f"{where}: table '{name}' is not in tables; it has {', '.join(tables) or 'none'}."
            )
    goods = tables["products"]
    require(goods, ["product_id", *([by] if by else [])], where)
    require(tables["order_lines"], ["product_id"], where)
    stock = tables["inventory_daily"]
    require(stock, ["date", "product_id", "closing"], where)
    require_numeric(stock, ["closing"], where)
    goods = plain(goods, "product_id")
    kinds = goods[by] if by else pd.Series("all", goods.index)
    parts = []
    for kind, part in goods.groupby(kinds, sort=True):
        chosen = {
            name: tables[name][tables[name]["product_id"].isin(part["product_id"])]
            for name in ("inventory_daily", "order_lines", "products")
        }
        table = metrics.kpi20({**tables, **chosen}, start, end, metrics=METRICS, level=level).reset_index()
        rate = _stockout_rate(chosen["inventory_daily"], start, end, level, where)
        table = pd.concat([table, pd.DataFrame([rate])], ignore_index=True)
        parts.append(table.assign(group=kind))
    if not parts:
        raise CourseError(f"{where}: products has no row; pass the products of the shop.")
    table = pd.concat(parts, ignore_index=True)
    columns = ["metric", "name", "name_zh", "unit", "value", "numerator", "denominator", "low", "high"]
    return table[["group", *columns, "interval"]]


def _stockout_rate(stock: pd.DataFrame, start: Any, end: Any, level: float, where: str) -> dict[str, Any]:
    rows = plain(stock[["date", "product_id", "closing"]], ["date", "product_id"])
    rows = rows[between(rows["date"], start, end, where) & rows["closing"].notna()]
    empty = (rows["closing"] <= 0).groupby(rows["product_id"])
    value, _, low, high = ratio(empty.sum(), empty.size(), level=level)
    return {
        "metric": "stockout_rate", "name": "Stock-out rate", "name_zh": "缺货率", "unit": "share",
        "value": value, "numerator": float(empty.sum().sum()), "denominator": float(empty.size().sum()),
        "low": float(np.maximum(low, 0)), "high": float(np.minimum(high, 1)), "interval": "delta, by product",
    }  # fmt: skip


def _flows(inventory: Any, products: Any, by: str | None, where: str) -> tuple[pd.DataFrame, Any]:
    """Distinct rows of the stock and the group of each."""
    require(inventory, ["date", "product_id", *FLOWS], where)
    require_numeric(inventory, FLOWS, where)
    require_not_negative(inventory, FLOWS, where)
    require_one(inventory, "shop", where)
    if by and by not in inventory and (products is None or by not in products):
        raise CourseError(f"{where}: by='{by}' is a column of neither inventory nor products.")
    if products is not None:
        require(products, ["product_id"], where)
    keep = list(dict.fromkeys(["product_id", *FLOWS, *([by] if by and by in inventory else [])]))
    stock = plain(inventory[keep].assign(date=days(inventory["date"], where)), ["date", "product_id"])
    if not by:
        return stock, pd.Series("all", stock.index, name="group")
    if by in stock:
        return stock, stock[by].rename("group")
    goods = plain(products, "product_id").set_index("product_id")[by]
    return stock, stock["product_id"].map(goods).rename("group")
