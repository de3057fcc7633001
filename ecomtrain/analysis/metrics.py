"""The 20 key metrics of a shop: seven of its users, seven of its transactions, six of its products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ecomtrain.analysis._board import board, figures, listing, require_metric
from ecomtrain.analysis._twenty import COMPANIONS, FORMULAS, METRICS, Metric
from ecomtrain.analysis._window import Window
from ecomtrain.errors import require_level

__all__ = ["COMPANIONS", "METRICS", "Metric", "catalogue", "kpi20", "value"]


def catalogue() -> pd.DataFrame:
    """List the 20 metrics and their companions, as a table.

    Returns
    -------
    DataFrame
        Index ``metric``; ``dimension``, ``name``, ``name_zh``, ``formula``, ``unit``, ``interval``, ``note``.

    Examples
    --------
    >>> catalogue().loc[["T5", "aov"], ["name", "name_zh", "formula"]]
                             name name_zh                    formula
    metric
    T5            Value per buyer     客单价       paid amount / buyers
    aov     Value per order (AOV)     笔单价  paid amount / paid orders
    """
    return listing([*METRICS.values(), *COMPANIONS.values()])


def kpi20(
    tables: Mapping[str, pd.DataFrame],
    start: Any,
    end: Any,
    *,
    compare: tuple[Any, Any] | None = None,
    metrics: Sequence[str] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Compute the 20 key metrics of one shop in a window, each with its denominator and interval.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        One shop's ``sessions``, ``events``, ``orders``, ``order_lines``, ``returns``, ``products``,
        ``inventory_daily``, whole: the window is cut here. Times aware, or naive in shop time.
    start, end : date-like
        The half-open window [start, end), midnight in Shanghai for a bare date.
    compare : tuple of two dates, optional
        A second window to compare with, such as the month before.
    metrics : sequence of str, optional
        Which rows, of METRICS and COMPANIONS; by default the twenty and ``"aov"``.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        Index ``metric``: ``dimension``, ``name``, ``name_zh``, ``unit``, ``value``, ``numerator``,
        ``denominator`` (NaN for counts and totals), ``low``, ``high``, ``interval`` (what the interval rests
        on, or "none"); with `compare` also ``previous``, ``change`` (value − previous), ``relative_change``.
        Shares are fractions.

    Raises
    ------
    CourseError
        If a table or column is missing, the tables hold two shops or currencies, a quantity is negative, some
        times have a zone and others none, or a window is empty.

    Notes
    -----
    Formulas and caveats: `catalogue`. Repeated rows of one id count once. A window that a table does not
    reach gives NaN, not 0: the click log of this course covers 60 days, the orders two years. Only rows
    before `end` are used (and the rest of a session begun before it), so a figure does not change when the
    tables grow. Shares of people: Wilson; averages and ratios of sums: delta method with people (or products)
    as the independent units.

    References
    ----------
    .. [1] A. Deng, U. Knoblich, J. Lu (2018), Applying the Delta Method in Metric Analytics, KDD.

    Examples
    --------
    >>> time = pd.to_datetime(["2026-06-02 10:00", "2026-06-09 11:00", "2026-06-09 12:00"])
    >>> orders = pd.DataFrame({"order_id": [1, 2, 3], "customer_id": [7, 7, 8], "paid_at": time,
    ...                        "paid_amount": [100.0, 50.0, 90.0]})
    >>> table = kpi20({"orders": orders}, "2026-06-01", "2026-07-01", metrics=["U7", "T5", "aov"])
    >>> table[["value", "numerator", "denominator", "low"]].round(2)
            value  numerator  denominator     low
    metric
    U7        0.5        1.0          2.0    0.09
    T5      120.0      240.0          2.0 -261.19
    aov      80.0      240.0          3.0   -4.71
    >>> kpi20({"orders": orders}, "2026-06-01", "2026-07-01")
    Traceback (most recent call last):
        ...
    CourseError: metrics.kpi20: table 'sessions' is not in tables; it has orders. ...
    """
    where = "metrics.kpi20"
    require_level(level, where)
    chosen = [*METRICS, "aov"] if metrics is None else list(metrics)
    known = {**METRICS, **COMPANIONS}
    for name in chosen:
        require_metric(name, FORMULAS, where)
    window = Window(tables, start, end, where, level)
    earlier = None if compare is None else Window(tables, *compare, where)
    return board(window, earlier, chosen, known, FORMULAS)


def value(tables: Mapping[str, pd.DataFrame], metric: str, start: Any, end: Any) -> float:
    """Compute one metric of one shop in a window.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The tables that the metric needs, as for `kpi20`.
    metric : str
        ``"U1"`` to ``"P6"``, or a companion such as ``"aov"``.
    start, end : date-like
        The half-open window [start, end).

    Returns
    -------
    float
        The value, in the unit that `catalogue` gives; NaN where it is 0/0 or the window is not covered.

    Raises
    ------
    CourseError
        As `kpi20`, or if there is no such metric.

    Examples
    --------
    >>> orders = pd.DataFrame({"order_id": [1, 2], "paid_at": pd.to_datetime(["2026-06-02", "2026-06-09"]),
    ...                        "customer_id": [7, 7], "paid_amount": [100.0, 50.0]})
    >>> value({"orders": orders}, "T5", "2026-06-01", "2026-07-01")
    150.0
    >>> value({"orders": orders}, "AOV", "2026-06-01", "2026-07-01")
    Traceback (most recent call last):
        ...
    CourseError: metrics.value: there is no metric 'AOV'; choose one of U1, U2, ... Did you mean 'aov'?
    """
    where = "metrics.value"
    require_metric(metric, FORMULAS, where)
    return figures(Window(tables, start, end, where), [metric], FORMULAS)[0].value
