"""Channels: where visitors come from, what they buy, and what the advertising brings for its money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ecomtrain.analysis._acquisition import acquisition_cost
from ecomtrain.analysis._board import board, listing, require_metric
from ecomtrain.analysis._fifteen import COMPANIONS, FORMULAS, METRICS, Traffic
from ecomtrain.analysis._lift import incremental_return
from ecomtrain.analysis._ltv import ltv_curve, payback, residual_value
from ecomtrain.analysis._matrix import channel_matrix, repurchase_ratio
from ecomtrain.analysis._returns import parse_ratio, returns_on_spend
from ecomtrain.analysis._sources import daily_sources, visitor_sources
from ecomtrain.errors import require_level

__all__ = [
    "acquisition_cost",
    "catalogue",
    "channel_matrix",
    "channel_metrics",
    "daily_sources",
    "incremental_return",
    "ltv_curve",
    "parse_ratio",
    "payback",
    "repurchase_ratio",
    "residual_value",
    "returns_on_spend",
    "visitor_sources",
]


def catalogue() -> pd.DataFrame:
    """List the 15 channel metrics and their companions, as a table.

    Returns
    -------
    DataFrame
        Index ``metric``; ``dimension`` (public, private or content), ``name``, ``name_zh``, ``formula``,
        ``unit``, ``interval``, ``note``.

    Examples
    --------
    >>> catalogue().loc[["ctr", "reach_rate"], ["name_zh", "formula"]]
               name_zh                             formula
    metric
    ctr            点击率                clicks / impressions
    reach_rate     触达率  messages delivered / messages sent
    """
    return listing([*METRICS.values(), *COMPANIONS.values()])


def channel_metrics(
    tables: Mapping[str, pd.DataFrame],
    start: Any,
    end: Any,
    *,
    compare: tuple[Any, Any] | None = None,
    metrics: Sequence[str] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Compute the 15 metrics of public, private and content traffic of one shop in a window (渠道15项指标).

    Parameters
    ----------
    tables : mapping of str to DataFrame
        One shop's ``ad_spend_daily``, ``memberships``, ``messages``, ``orders``, ``content_posts``,
        ``followers_daily``, and for the companions ``sessions``, whole: the window is cut here. Times aware,
        or naive in shop time.
    start, end : date-like
        The half-open window [start, end), midnight in Shanghai for a bare date.
    compare : tuple of two dates, optional
        A second window to compare with, such as the month before.
    metrics : sequence of str, optional
        Which rows, of `catalogue`; by default the fifteen.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        Index ``metric``: ``dimension``, ``name``, ``name_zh``, ``unit``, ``value``, ``numerator``,
        ``denominator`` (NaN for counts), ``low``, ``high``, ``interval`` (what the interval rests on, or
        "none"); with `compare` also ``previous``, ``change`` (value − previous), ``relative_change``. Shares
        are fractions.

    Raises
    ------
    CourseError
        If a table, column or metric is missing, the tables hold two shops or currencies, a count is negative,
        or a window is empty.

    Notes
    -----
    Formulas and caveats: `catalogue`. A window that a table does not reach gives NaN, not 0. The three kinds
    of traffic are not rivals for one customer: a post brings a visitor, an ad the first order, a message the
    second. Intervals by the delta method over weeks (ads), customers (messages, members) or posts [1]_.

    References
    ----------
    .. [1] A. Deng, U. Knoblich, J. Lu (2018), Applying the Delta Method in Metric Analytics, KDD.

    Examples
    --------
    >>> ads = pd.DataFrame({"date": pd.to_datetime(["2026-06-01", "2026-06-09"]), "platform": "Douyin",
    ...                     "format": "live", "impressions": [20000, 30000], "clicks": [400, 500],
    ...                     "spend": [600.0, 800.0], "attributed_orders": [12, 20],
    ...                     "attributed_amount": [2400.0, 4100.0], "new_customers": [8, 12]})
    >>> table = channel_metrics({"ad_spend_daily": ads}, "2026-06-01", "2026-07-01", metrics=["ctr", "cac"])
    >>> table[["value", "numerator", "denominator"]]
            value  numerator  denominator
    metric
    ctr     0.018      900.0      50000.0
    cac    70.000     1400.0         20.0
    >>> channel_metrics({"ad_spend_daily": ads}, "2026-06-01", "2026-07-01")
    Traceback (most recent call last):
        ...
    CourseError: channels.channel_metrics: table 'memberships' is not in tables; it has ad_spend_daily.
    """
    where = "channels.channel_metrics"
    require_level(level, where)
    chosen = list(METRICS) if metrics is None else list(metrics)
    for name in chosen:
        require_metric(name, FORMULAS, where)
    window = Traffic(tables, start, end, where, level)
    earlier = None if compare is None else Traffic(tables, *compare, where)
    return board(window, earlier, chosen, {**METRICS, **COMPANIONS}, FORMULAS)
