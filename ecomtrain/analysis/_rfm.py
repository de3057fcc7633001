"""How lately, how often and for how much each customer bought: scores, and the eight kinds of customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis import _checks
from ecomtrain.analysis._orders_by_customer import by_customer, paid_orders
from ecomtrain.errors import CourseError, nearest, require_times

__all__ = ["SEGMENTS", "rfm"]

VALUES = ("recency", "frequency", "monetary")
MOST = 9  # scores are written one digit each
# Better than the mean in recency, in frequency, in monetary (1) or not (0), read as a binary number.
SEGMENTS = {
    "important to win back": "重要挽留客户",
    "important to keep": "重要保持客户",
    "important to develop": "重要发展客户",
    "important value": "重要价值客户",
    "general to win back": "一般挽留客户",
    "general to keep": "一般保持客户",
    "general to develop": "一般发展客户",
    "general value": "一般价值客户",
}


def rfm(
    orders: Any,
    *,
    asof: Any,
    start: Any = None,
    bins: int = 5,
    rules: Mapping[str, Sequence[float]] | None = None,
    ties: str = "same",
    customer: str = "customer_id",
    order: str = "order_id",
    time: str = "paid_at",
    amount: str = "paid_amount",
) -> pd.DataFrame:
    """Score each customer by recency, frequency and monetary value (RFM 模型, 八类客户).

    Parameters
    ----------
    orders : DataFrame
        One row per order with `customer`, `order`, `time` and `amount`; repeated rows of one order count
        once. Orders without a time (unpaid) and without a customer (guests) are left out.
    asof : date or str
        The day that recency is counted to, on the shop's clock; later orders are left out, as is that day.
    start : date or str, optional
        Leave out orders before it: the twelve months before `asof`, for example. All of them by default.
    bins : int, default 5
        Scores from 1 to this, 9 at most, by quantiles: as many customers in each, as far as ties allow.
    rules : mapping, optional
        Instead of quantiles, rising limits of your own: ``{"recency": [30, 90], "frequency": [2, 4],
        "monetary": [200, 800]}`` gives scores from 1 to 3. A recency of 30 days or less scores 3; a frequency
        of 4 or more scores 3.
    ties : {"same", "first"}, default "same"
        With quantiles, what customers with the same value get. ``"same"``: all the lowest of the scores that
        they would share, so equal customers score equally and some scores are not given. ``"first"``: they
        are ranked by the other two values, then by id, so that every score is given equally often.
    customer, order, time, amount : str
        Columns: the customer, the order, the moment (datetime), the money.

    Returns
    -------
    DataFrame
        One row per customer, by id: `customer`, ``recency`` (days from the last order to `asof`),
        ``frequency`` (orders), ``monetary`` (sum of `amount`), ``r``, ``f``, ``m`` (scores, the highest is
        best), ``score`` ("545"), ``segment``, ``segment_zh``. No interval: it describes the customers there
        are, and guesses nothing about others.

    Raises
    ------
    CourseError
        If a column is missing, an order comes with two amounts (lines, not orders), amounts are of two
        currencies, or `bins`, `rules` or `ties` cannot be read.

    Notes
    -----
    Recency is turned round: few days score high. With n customers the k-th from below scores
    ⌈bins · (k − 1) / (n − 1)⌉, at least 1, as ``pandas.qcut`` cuts ranks. Most customers of most shops have
    one order. With 55 % of them, ``ties="same"`` scores all of these 1 in frequency, and two orders 3. With
    ``ties="first"`` scores 1 to 3 are all "one order", told apart by recency: nobody who came lately scores 1
    in frequency any more, and a map of both scores shows a pattern that is not in the data.

    The eight kinds compare each value with its mean over all customers: important if the amount is above it;
    value (both lately and often), develop (lately), keep (often) or win back (neither). A few large buyers
    pull the mean up, so "above the mean" is seldom half of the customers.

    Examples
    --------
    >>> day = pd.to_datetime(["2026-06-01", "2026-06-20", "2026-06-25", "2026-03-01"])
    >>> orders = pd.DataFrame({"customer_id": [1, 1, 2, 3], "order_id": [10, 11, 12, 13],
    ...                        "paid_at": day, "paid_amount": [60.0, 90.0, 30.0, 20.0]})
    >>> table = rfm(orders, asof="2026-07-01", bins=3)
    >>> table[["customer_id", "recency", "frequency", "monetary", "score", "segment"]]
       customer_id  recency  frequency  monetary score              segment
    0            1     11.0          2     150.0   233      important value
    1            2      6.0          1      30.0   312   general to develop
    2            3    122.0          1      20.0   111  general to win back
    >>> rfm(orders, asof="2026-07-01", rules={"recent": [30]})
    Traceback (most recent call last):
        ...
    CourseError: customers.rfm: rules has no limits for 'recency'; give rising limits for recency, ...
    """
    where = "customers.rfm"
    if ties not in ("first", "same"):
        raise CourseError(
            f"{where}: ties is {ties!r}; give 'same' or 'first'.{nearest(ties, ['same', 'first'])}"
        )
    if isinstance(bins, bool) or not isinstance(bins, (int, np.integer)) or not 2 <= bins <= MOST:
        raise CourseError(f"{where}: bins is {bins}; give a whole number from 2 to {MOST}.")
    limits = None if rules is None else _limits(rules, where)
    bought = paid_orders(
        orders, where, customer=customer, order=order, time=time, amount=amount, start=start, end=asof
    )
    require_times(bought[time], where)
    finish = _checks.moment(asof, bought[time].dt.tz is not None, where)
    sums = by_customer(bought[customer], bought[time], bought[amount])
    table = pd.DataFrame(
        {
            customer: sums.customer,
            "recency": (finish - sums.last) / pd.Timedelta(days=1),
            "frequency": sums.orders,
            # Rounded, so that sums added up in another order of rows neither tie nor part.
            "monetary": sums.amount.round(6),
        }
    )
    better = np.column_stack([-table["recency"], table["frequency"], table["monetary"]])
    for place, name in enumerate(VALUES):
        if limits is not None:
            score = 1 + np.searchsorted(limits[name], better[:, place], side="right")
        else:
            score = _quantile_score(better, place, bins, ties)
        table[name[0]] = score
    table["score"] = _digits(table[["r", "f", "m"]])
    mean = better.mean(axis=0) if len(table) else 0.0
    high = better - mean > 1e-9 * np.abs(mean)  # where all are alike, nobody is above the mean
    # Rows of the table above: important first, then win back, keep, develop, value.
    kind = 4 * ~high[:, 2] + 2 * high[:, 0] + high[:, 1]
    for name, words in (("segment", list(SEGMENTS)), ("segment_zh", list(SEGMENTS.values()))):
        table[name] = pd.array(words, dtype="str").take(kind)
    return table


def _limits(rules: Mapping[str, Sequence[float]], where: str) -> dict[str, Any]:
    """Read the limits of the three values as rising arrays of what is better: minus the days of recency."""
    found = {}
    for name in VALUES:
        if name not in rules:
            raise CourseError(
                f"{where}: rules has no limits for '{name}'; give rising limits for recency, frequency and "
                "monetary, such as {'recency': [30, 90], 'frequency': [2, 4], 'monetary': [200, 800]}."
            )
        try:
            found[name] = np.asarray(rules[name], dtype=float)
        except (TypeError, ValueError):
            found[name] = np.empty(0)
        edges = found[name]
        if edges.ndim != 1 or not 1 <= len(edges) < MOST or not (np.diff(edges) > 0).all():
            raise CourseError(
                f"{where}: the limits for '{name}' are {rules[name]}; give 1 to {MOST - 1} rising numbers."
            )
        if name == "recency":
            found[name] = -edges[::-1]
    return found


def _quantile_score(better: Any, place: int, bins: int, ties: str) -> Any:
    """Score one column of `better` (higher is better), rows in the order of their ids."""
    count, values = len(better), better[:, place]
    if ties == "first":
        others = [better[:, other] for other in (2, 1, 0) if other != place]
        values = np.empty(count, dtype=np.int64)
        values[np.lexsort((*others, better[:, place]))] = np.arange(count)
    # The limits are found in whole numbers, so that a rank on the edge of a quantile never slips over it.
    limits = np.sort(values)[np.arange(1, bins) * (count - 1) // bins] if count else values
    return 1 + np.searchsorted(limits, values)


def _digits(scores: pd.DataFrame) -> Any:
    """Write three scores of one digit side by side; each of the few that occur is written once."""
    number = (scores * [100, 10, 1]).sum(axis=1).astype("int64")
    codes, values = pd.factorize(number)
    return pd.array(pd.Series(values, dtype="int64").astype("str")).take(codes)
