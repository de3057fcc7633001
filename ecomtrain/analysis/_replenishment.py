"""When to order and how much, of goods that are ordered again and again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import log_ndtr, ndtri

from ecomtrain.analysis._checks import days, plain, require_not_negative, require_one
from ecomtrain.errors import CourseError, require, require_numeric

STOCK = ["opening", "received", "sold", "closing"]


def eoq(fixed_cost: Any, holding_cost: Any, demand: Any) -> pd.DataFrame:
    """Order the quantity at which ordering and holding cost least together (经济订货批量).

    Parameters
    ----------
    fixed_cost : number or Series
        Cost of placing one order, money.
    holding_cost : number or Series
        Cost of holding one unit for a year, money: capital, space, what spoils.
    demand : number or Series
        Units a year. Any other span will do, if `holding_cost` is for the same.

    Returns
    -------
    DataFrame
        One row per product (one for numbers): the three inputs, ``quantity`` (units per order), ``cost`` (of
        ordering and holding, money a year), ``orders_per_year``, ``days_between_orders``.

    Raises
    ------
    CourseError
        If a cost or the demand is not above 0, or two Series do not name the same products.

    Notes
    -----
    quantity = √(2·K·D/h), cost = √(2·K·D·h), for steady demand and delivery at once [1]_. The curve is flat:
    half as much again costs 8 % more, so round to a pallet. There is no interval: the formula is exact for
    the inputs, and what they are worth is yours to say. A quantity discount needs a comparison of its own.

    References
    ----------
    .. [1] F. W. Harris (1913), How many parts to make at once, Factory 10(2), 135-136, 152.

    Examples
    --------
    >>> eoq(8, 0.225, 1300)[["quantity", "cost", "days_between_orders"]].round(4)
       quantity     cost  days_between_orders
    0  304.0468  68.4105               85.367
    >>> eoq(8, 0.225, 0)
    Traceback (most recent call last):
        ...
    CourseError: inventory.eoq: demand is 0; give a number above 0.
    """
    where = "inventory.eoq"
    table = _side_by_side(where, fixed_cost=fixed_cost, holding_cost=holding_cost, demand=demand)
    for name in table:
        require_positive(table[name], name, where)
    table["quantity"] = np.sqrt(2 * table["fixed_cost"] * table["demand"] / table["holding_cost"])
    table["cost"] = np.sqrt(2 * table["fixed_cost"] * table["demand"] * table["holding_cost"])
    table["orders_per_year"] = table["demand"] / table["quantity"]
    table["days_between_orders"] = 365 / table["orders_per_year"]
    return table


def reorder_point(
    mean: Any, sd: Any, lead_time: Any, lead_time_sd: Any = 0.0, *, service: float = 0.95
) -> pd.DataFrame:
    """Order when stock and what is on order fall to this point (再订货点, 安全库存).

    Parameters
    ----------
    mean, sd : number or Series
        Mean and standard deviation of the units asked for on one day.
    lead_time, lead_time_sd : number or Series
        Mean and standard deviation of the days from order to delivery.
    service : float, default 0.95
        Share of the order cycles that are to end without a stock-out, between 0 and 1.

    Returns
    -------
    DataFrame
        One row per product (one for numbers): the four inputs, ``service``, ``lead_time_demand`` (units
        expected until the delivery), ``safety_stock``, ``reorder_point`` (units).

    Raises
    ------
    CourseError
        If a number is negative, `service` is not between 0 and 1, or Series do not name the same products.

    Notes
    -----
    reorder_point = d·L + z·√(L·σ_d² + d²·σ_L²) [1]_, with z the normal quantile of `service`. It takes the
    days as independent and the sum of the lead time as normal: for slow movers (fewer than about ten units
    in a lead time) use `newsvendor` on the sums. `service` counts cycles, not units: the share of units that
    are served at once is higher. For a shop that looks at its stock only each R days, add R to `lead_time`.

    References
    ----------
    .. [1] E. A. Silver, D. F. Pyke, D. J. Thomas (2017), Inventory and Production Management in Supply
       Chains, 4th ed., chapter 6.

    Examples
    --------
    >>> reorder_point(20, 6, 7, 2)[["lead_time_demand", "safety_stock", "reorder_point"]].round(1)
       lead_time_demand  safety_stock  reorder_point
    0             140.0          70.8          210.8
    >>> reorder_point(20, 6, 7, 2, service=95)
    Traceback (most recent call last):
        ...
    CourseError: inventory.reorder_point: service is 95; give a fraction such as 0.95.
    """
    where = "inventory.reorder_point"
    _require_service(service, where)
    table = _side_by_side(where, mean=mean, sd=sd, lead_time=lead_time, lead_time_sd=lead_time_sd)
    require_not_negative(table, table.columns, where)
    return _with_reorder_point(table, service)


def reorder_points(
    inventory: pd.DataFrame,
    lead_time: Any,
    lead_time_sd: Any = 0.0,
    *,
    service: float = 0.95,
    window: int = 56,
) -> pd.DataFrame:
    """Set the reorder point of each product from its daily sales, and say which to order now.

    Parameters
    ----------
    inventory : DataFrame
        One shop's stock by day and product: ``date`` (datetime), ``product_id``, ``opening``, ``received``,
        ``sold``, ``closing`` (units). A repeated row counts once.
    lead_time, lead_time_sd : number or Series
        As for `reorder_point`; a Series is looked up by product_id.
    service : float, default 0.95
        Share of the order cycles that are to end without a stock-out.
    window : int, default 56
        Days up to the last of `inventory` to learn from; whole weeks, so that each weekday counts alike.

    Returns
    -------
    DataFrame
        One row per product, by product_id: ``product_id``, ``days`` (with stock left), ``stockout_days``
        (sold out), ``mean``, ``sd`` (units asked for per day), ``lead_time``, ``lead_time_sd``, ``service``,
        ``lead_time_demand``, ``safety_stock``, ``reorder_point``, ``on_hand`` (closing of the last day),
        ``days_left`` (on_hand / mean) and ``order_now`` (bool). NaN where fewer than two days had stock left.

    Raises
    ------
    CourseError
        If a column is missing, a quantity is negative, two shops are mixed, a product has no lead time, or an
        option is out of range.

    Notes
    -----
    A day that ends with the shelf empty tells only that at least so many were asked for: sales are censored
    there. Taken as they stand they would order less of what sells out. Mean and standard deviation are those
    of a normal demand by maximum likelihood with such days censored [1]_ (EM); days that begin and end
    without stock say nothing and are left out. No interval: `sd` is itself the spread; 56 days know it to
    about ±20 %. Orders on their way are not in the table: take them off before you order.

    References
    ----------
    .. [1] J. Tobin (1958), Estimation of relationships for limited dependent variables, Econometrica 26(1).

    Examples
    --------
    >>> day = pd.date_range("2026-06-01", periods=4)
    >>> stock = pd.DataFrame({"date": day, "product_id": "tea", "opening": [30, 26, 20, 15],
    ...                       "received": 0, "sold": [4, 6, 5, 5], "closing": [26, 20, 15, 10]})
    >>> table = reorder_points(stock, lead_time=3)
    >>> table[["mean", "sd", "reorder_point", "on_hand", "order_now"]].round(2)
       mean    sd  reorder_point  on_hand  order_now
    0   5.0  0.82          17.33     10.0       True
    >>> reorder_points(stock, lead_time=-3)
    Traceback (most recent call last):
        ...
    CourseError: inventory.reorder_points: column 'lead_time' is negative in 1 row(s). ...
    """
    where = "inventory.reorder_points"
    require(inventory, ["date", "product_id", *STOCK], where)
    require_numeric(inventory, STOCK, where)
    require_not_negative(inventory, STOCK, where)
    require_one(inventory, "shop", where)
    _require_service(service, where)
    if window < 2:
        raise CourseError(f"{where}: window is {window}; give 2 days or more.")
    day = days(inventory["date"], where)
    stock = plain(inventory[["product_id", *STOCK]].assign(date=day), ["date", "product_id"]).dropna()
    stock = stock[stock["date"] > stock["date"].max() - pd.Timedelta(days=window)]
    code, ids = pd.factorize(stock["product_id"], sort=True)
    column = (stock["date"].max() - stock["date"]).dt.days.to_numpy()
    sold, out = np.full((2, len(ids), window), np.nan)
    sold[code, column] = stock["sold"]
    full = stock["opening"] + stock["received"] > 0
    out[code, column] = np.where(full, stock["closing"] == 0, np.nan)
    sold[np.isnan(out)] = np.nan
    mean, sd = _censored_normal(sold, out == 1)
    table = pd.DataFrame({"mean": mean, "sd": sd}, index=pd.Index(ids, name="product_id"))
    for name, given in {"lead_time": lead_time, "lead_time_sd": lead_time_sd}.items():
        table[name] = _looked_up(given, table.index, name, where)
    require_not_negative(table, ["lead_time", "lead_time_sd"], where)
    table = _with_reorder_point(table, service)
    table.insert(0, "stockout_days", (out == 1).sum(axis=1))
    table.insert(0, "days", (out == 0).sum(axis=1))
    last = stock.sort_values("date").groupby("product_id")["closing"].last()
    table["on_hand"] = last.reindex(table.index).astype(float)
    table["days_left"] = table["on_hand"] / table["mean"].where(table["mean"] > 0)
    table["order_now"] = table["on_hand"] <= table["reorder_point"]
    return table.reset_index()


def _censored_normal(values: Any, censored: Any) -> tuple[Any, Any]:
    """Mean and standard deviation of each row, where a censored value is the least that it may have been."""
    known = np.isfinite(values)
    exact = (known & ~censored).sum(axis=1)
    count = np.where(exact >= 2, known.sum(axis=1), 0)[:, None]
    n = np.where(count > 0, count, np.nan)
    seen = np.where(known, values, 0.0)
    mean = seen.sum(axis=1, keepdims=True) / n
    variance = (np.where(known, seen - mean, 0.0) ** 2).sum(axis=1, keepdims=True) / n
    some = (censored & known).any(axis=1) & (count[:, 0] > 0) & (variance[:, 0] > 0)
    x, cut, there, m, m2 = seen[some], censored[some] & known[some], known[some], n[some], variance[some]
    mu = mean[some]
    for _ in range(200 if some.any() else 0):
        sd = np.sqrt(m2)
        z = (x - mu) / sd
        hazard = np.exp(-(z**2) / 2 - log_ndtr(-z)) / np.sqrt(2 * np.pi)
        filled = np.where(cut, mu + sd * hazard, x)
        spread = np.where(cut, m2 * (1 + z * hazard - hazard**2), 0.0)
        mu = np.where(there, filled, 0.0).sum(axis=1, keepdims=True) / m
        m2 = (np.where(there, (filled - mu) ** 2, 0.0) + spread).sum(axis=1, keepdims=True) / m
    mean[some], variance[some] = mu, m2
    return mean[:, 0], np.sqrt(variance * n / (n - 1))[:, 0]


def _with_reorder_point(table: pd.DataFrame, service: float) -> pd.DataFrame:
    daily = table["lead_time"] * table["sd"] ** 2 + table["mean"] ** 2 * table["lead_time_sd"] ** 2
    demand, safety = table["mean"] * table["lead_time"], ndtri(service) * np.sqrt(daily)
    return table.assign(
        service=service, lead_time_demand=demand, safety_stock=safety, reorder_point=demand + safety
    )


def _side_by_side(where: str, **inputs: Any) -> pd.DataFrame:
    """Numbers and Series as columns, one row per product."""
    frames = {name: given for name, given in inputs.items() if isinstance(given, pd.Series)}
    index = next(iter(frames.values())).index if frames else pd.RangeIndex(1)
    for name, given in frames.items():
        if not given.index.equals(index):
            raise CourseError(
                f"{where}: {name} names other products than {next(iter(frames))}; align them first."
            )
    table = pd.DataFrame(inputs, index=index)
    require_numeric(table, list(inputs), where)
    return table.astype(float)


def _looked_up(given: Any, ids: Any, name: str, where: str) -> Any:
    if not isinstance(given, pd.Series):
        return float(given)
    found = given[~given.index.duplicated()].reindex(ids)
    if found.isna().any():
        raise CourseError(
            f"{where}: product '{ids[found.isna()][0]}' has no {name}; give one for each product."
        )
    return found.astype(float)


def require_positive(values: pd.Series, name: str, where: str) -> None:
    wrong = values[~(values > 0)].dropna()
    if len(wrong):
        raise CourseError(f"{where}: {name} is {wrong.iloc[0]:g}; give a number above 0.")


def _require_service(service: float, where: str) -> None:
    if not 0 < service < 1:
        raise CourseError(f"{where}: service is {service}; give a fraction such as 0.95.")
