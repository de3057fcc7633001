"""What a change of sales or margin is made of, to the last cent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis._checks import plain, require_not_negative, require_one
from ecomtrain.analysis._window import OutsideError, Window
from ecomtrain.errors import CourseError, require, require_numeric

__all__ = ["bridge", "gmv_tree", "margin_bridge"]


def bridge(before: Mapping[str, float], after: Mapping[str, float], *, total: str = "total") -> pd.DataFrame:
    """Split the change of a product of factors into one effect per factor, without a rest.

    Parameters
    ----------
    before, after : mapping
        The same factors, 0 or above, whose product is the quantity: visitors, conversion rate, value per
        buyer.
    total : str, default "total"
        Name of the last row.

    Returns
    -------
    DataFrame
        Index ``factor``: each factor and, last, `total`; ``before``, ``after`` (in the factor's unit) and
        ``effect`` (in the unit of the product). The effects add up to the total's effect.

    Raises
    ------
    CourseError
        If the factors differ, there are none, or one is negative or no number.

    Notes
    -----
    Logarithmic mean Divisia: effect = L(V₁, V₀)·ln(x₁/x₀), L(a, b) = (a − b)/ln(a/b), L(a, a) = a [1]_. The
    order of the factors does not matter. Zeros by their limit: when k factors fall to 0 (or rise from it),
    the whole change is shared equally by them; when the product is 0 before and after, all effects are 0.

    References
    ----------
    .. [1] B. W. Ang, N. Liu (2007), Handling zero values in the logarithmic mean Divisia index decomposition
       approach, Energy Policy 35, 238-246.

    Examples
    --------
    >>> may = {"visitors": 1000, "conversion_rate": 0.05, "value_per_buyer": 200.0}
    >>> june = {"visitors": 1200, "conversion_rate": 0.05, "value_per_buyer": 190.0}
    >>> bridge(may, june, total="paid").round(2)
                      before     after   effect
    factor
    visitors         1000.00   1200.00  1948.05
    conversion_rate     0.05      0.05     0.00
    value_per_buyer   200.00    190.00  -548.05
    paid            10000.00  11400.00  1400.00
    >>> bridge(may, {"visitors": 1200})
    Traceback (most recent call last):
        ...
    CourseError: sales.bridge: after lacks the factor 'conversion_rate'; ...
    """
    where = "sales.bridge"
    for name, one, other in (("after", before, after), ("before", after, before)):
        lacking = [factor for factor in one if factor not in other]
        if lacking:
            raise CourseError(
                f"{where}: {name} lacks the factor '{lacking[0]}'; before and after need the same factors."
            )
    if not before:
        raise CourseError(f"{where}: before has no factors; give one or more, such as {{'visitors': 1000}}.")
    x0 = np.array([before[factor] for factor in before], dtype=float)
    x1 = np.array([after[factor] for factor in before], dtype=float)
    for factor in before:
        if not (before[factor] >= 0 and after[factor] >= 0):
            given = f"{before[factor]} before and {after[factor]} after"
            raise CourseError(f"{where}: the factor '{factor}' is {given}; both must be 0 or above.")
    v0, v1 = x0.prod(), x1.prod()
    if x0.all() and x1.all():
        logs = np.log(x1) - np.log(x0)
        step = logs.sum()
        # For nearly equal values the quotient is all rounding; its series is exact to 1e-16 there.
        mean = (v1 - v0) / step if abs(step) > 1e-4 else np.sqrt(v0 * v1) * (1 + step**2 / 24)
        effect = mean * logs
    else:
        gone = (x1 == 0) if x0.all() else (x0 == 0)
        effect = (v1 - v0) * gone / max(gone.sum(), 1)
    table = pd.DataFrame({"before": x0, "after": x1, "effect": effect}, index=list(before))
    table.loc[total] = [v0, v1, v1 - v0]
    return table.rename_axis("factor")


def gmv_tree(
    tables: Mapping[str, pd.DataFrame],
    *,
    before: tuple[Any, Any],
    after: tuple[Any, Any],
    detail: bool = False,
) -> pd.DataFrame:
    """Explain the change of the paid amount by visitors, conversion and value per buyer (GMV 树).

    Parameters
    ----------
    tables : mapping
        ``sessions`` and ``orders`` of one shop, and ``order_lines`` with `detail`, as for `metrics.kpi20`.
    before, after : tuple of two dates
        The half-open windows [start, end). Of unequal length they differ for that reason too.
    detail : bool, default False
        Split value per buyer further: orders per buyer, units per order, amount per unit.

    Returns
    -------
    DataFrame
        As `bridge`: index ``factor`` with ``visitors``, ``conversion_rate``, ``value_per_buyer`` (or its
        three parts) and ``paid_amount``; ``before``, ``after``, ``effect`` (money).

    Raises
    ------
    CourseError
        If a table or column is missing, a window is empty or lies outside a table, or there are two shops.

    Notes
    -----
    paid = visitors × conversion rate × value per buyer, with the definitions U1, T3 and T5 of `metrics`;
    effects by `bridge`. A factor that one side cannot have (value per buyer without buyers) stands at the
    other side's value. The tree says where the change sits, not what caused it.

    References
    ----------
    .. [1] B. W. Ang (2005), The LMDI approach to decomposition analysis, Energy Policy 33, 867-871.

    Examples
    --------
    >>> time = pd.to_datetime(["2026-05-03", "2026-05-04", "2026-06-03", "2026-06-04"])
    >>> sessions = pd.DataFrame({"session_id": range(4), "visitor_id": [1, 2, 1, 2], "started_at": time})
    >>> orders = pd.DataFrame({"order_id": [1, 2, 3], "customer_id": [1, 1, 2], "paid_at": time[[0, 2, 3]],
    ...                        "paid_amount": [100.0, 80.0, 60.0]})
    >>> tables = {"sessions": sessions, "orders": orders}
    >>> may, june = ("2026-05-01", "2026-06-01"), ("2026-06-01", "2026-07-01")
    >>> gmv_tree(tables, before=may, after=june).round(2)
                     before  after  effect
    factor
    visitors            2.0    2.0     0.0
    conversion_rate     0.5    1.0    82.4
    value_per_buyer   100.0   70.0   -42.4
    paid_amount       100.0  140.0    40.0
    >>> gmv_tree({"orders": orders}, before=may, after=june)
    Traceback (most recent call last):
        ...
    CourseError: sales.gmv_tree: table 'sessions' is not in tables; it has orders. ...
    """
    where = "sales.gmv_tree"
    sides = []
    for start, end in (before, after):
        view = Window(tables, start, end, where)
        try:
            uv, orders = float(view.visitors), view.paid
            units = float(view.lines["quantity"].sum()) if detail else np.nan
        except OutsideError as gap:
            raise CourseError(f"{where}: {gap} Choose a window that the table covers.") from None
        count, buyers = float(len(orders)), float(orders["buyer"].nunique())
        paid = float(orders["paid_amount"].astype(float).sum())
        value = {"value_per_buyer": (paid, buyers)}
        if detail:
            value = {
                "orders_per_buyer": (count, buyers),
                "units_per_order": (units, count),
                "amount_per_unit": (paid, units),
            }
        factors = {"visitors": (uv, 1.0), "conversion_rate": (buyers, uv), **value}
        sides.append({name: _per(top, base) for name, (top, base) in factors.items()})
    # Without buyers there is no value per buyer: the other side's stands in, and the zero above it counts.
    first, second = (
        {name: one[name] if one[name] == one[name] else np.nan_to_num(other[name]) for name in one}
        for one, other in (sides, sides[::-1])
    )
    return bridge(first, second, total="paid_amount")


def margin_bridge(
    lines_before: pd.DataFrame, lines_after: pd.DataFrame, by: str = "product_id"
) -> pd.DataFrame:
    """Explain the change of the gross margin by volume, mix, price and cost.

    Parameters
    ----------
    lines_before, lines_after : DataFrame
        Order lines of the two periods (or arms): `by`, ``quantity`` (units), ``amount`` (money of the line),
        ``unit_cost`` (money).
    by : str, default "product_id"
        What makes up the mix.

    Returns
    -------
    DataFrame
        Index ``factor``: volume, mix, price, cost and total. ``before``, ``after``: units; margin per unit at
        the old prices and costs; price per unit and cost per unit of the new mix; the gross margin.
        ``effect`` (money) and ``rate_effect`` (on margin / sales, 0.01 is one point); both add up to the
        total's.

    Raises
    ------
    CourseError
        If a column is missing or no number, a quantity is negative, or there are two currencies.

    Notes
    -----
    One step after the other: units grow with the old mix, then the mix changes, then prices, then costs; each
    effect is the difference that its step makes, so nothing is left over. Price and cost weigh the new
    quantities (Paasche). A new product enters at its own price and cost, so that it counts as mix.

    References
    ----------
    .. [1] C. T. Horngren et al. (2014), Cost Accounting: A Managerial Emphasis, 15th ed., chapters 7 and 14.

    Examples
    --------
    >>> may = pd.DataFrame({"product_id": ["a", "b"], "quantity": [10, 10], "amount": [100.0, 200.0],
    ...                     "unit_cost": [7.0, 12.0]})
    >>> june = may.assign(amount=[110.0, 230.0])
    >>> margin_bridge(may, june).round(3)
            before  after  effect  rate_effect
    factor
    volume    20.0   20.0     0.0        0.000
    mix        5.5    5.5     0.0        0.000
    price     15.0   17.0    40.0        0.075
    cost       9.5    9.5     0.0        0.000
    total    110.0  150.0    40.0        0.075
    >>> margin_bridge(may, june.drop(columns="unit_cost"))
    Traceback (most recent call last):
        ...
    CourseError: sales.margin_bridge: column 'unit_cost' is not in the frame; it has product_id, ...
    """
    where = "sales.margin_bridge"
    sums = []
    for lines in (lines_before, lines_after):
        require(lines, [by, "quantity", "amount", "unit_cost"], where)
        require_numeric(lines, ["quantity", "amount", "unit_cost"], where)
        require_one(lines, "currency", where)
        require_not_negative(lines, ["quantity"], where)
        part = plain(lines, "line_id")
        part = part.assign(cost=part["quantity"] * part["unit_cost"])
        # A missing amount makes the margin unknown, not smaller; a line without units has no price.
        part = part[part["quantity"] > 0].groupby(by)[["quantity", "amount", "cost"]].sum(skipna=False)
        sums.append(part.astype(float))
    old, new = sums[0].align(sums[1], fill_value=0.0)
    q0, q1 = old.pop("quantity").to_numpy(), new.pop("quantity").to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        first, later = old.to_numpy().T / q0, new.to_numpy().T / q1
    (p0, c0), (p1, c1) = np.where(q0 > 0, first, later), np.where(q1 > 0, later, first)
    total0, total1 = q0.sum(), q1.sum()
    scaled = q0 * (total1 / total0 if total0 else np.nan)
    states = [(q0, p0, c0), (scaled, p0, c0), (q1, p0, c0), (q1, p1, c0), (q1, p1, c1)]
    margin = np.array([(q * (p - c)).sum() for q, p, c in states])
    sales = np.array([(q * p).sum() for q, p, _ in states])
    rate = np.divide(margin, sales, out=np.full(5, np.nan), where=sales != 0)
    return pd.DataFrame(
        {
            "before": [total0, *(_per(x, total1) for x in (margin[1], q1 @ p0, q1 @ c0)), margin[0]],
            "after": [total1, *(_per(x, total1) for x in (margin[2], q1 @ p1, q1 @ c1)), margin[-1]],
            "effect": [*np.diff(margin), margin[-1] - margin[0]],
            "rate_effect": [*np.diff(rate), rate[-1] - rate[0]],
        },
        index=pd.Index(["volume", "mix", "price", "cost", "total"], name="factor"),
    )


def _per(amount: float, units: float) -> float:
    return amount / units if units else np.nan
