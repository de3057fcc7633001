"""New, active, at risk, lost: each customer against the time that usually passes between two purchases."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from ecomtrain.analysis import _checks
from ecomtrain.analysis._orders_by_customer import day_numbers, paid_orders
from ecomtrain.analysis.intervals import wilson
from ecomtrain.errors import CourseError, require_level

__all__ = ["STATES", "Transitions", "state_transitions", "states"]

STATES = {"new": "新客户", "active": "活跃客户", "at risk": "预流失客户", "lost": "流失客户"}
FEW = 3  # gaps of one's own below which the quantiles of all gaps say more


def states(
    orders: Any,
    *,
    asof: Any,
    warn: float = 0.8,
    lost: float = 0.9,
    gaps: int = FEW,
    customer: str = "customer_id",
    time: str = "paid_at",
) -> pd.DataFrame:
    """Tell new, active, at-risk and lost customers apart by the days since their last order (客户状态, NAPL).

    Parameters
    ----------
    orders : DataFrame
        Orders, or their lines, with `customer` and `time`. Rows without a time (unpaid) and without a
        customer (guests) are left out.
    asof : date or str
        The day to judge on, on the shop's clock; orders of that day and later are left out.
    warn, lost : float, default 0.8 and 0.9
        The quantiles of the days between purchases after which a customer is at risk, and lost.
    gaps : int, default 3
        A customer with at least so many gaps between purchases is judged by their own; one with fewer by
        those of all customers together.
    customer, time : str
        Columns: the customer, the moment (datetime).

    Returns
    -------
    DataFrame
        One row per customer, by id: `customer`, ``purchases`` (days with an order), ``days_since`` (from the
        last of them to `asof`), ``warn_after``, ``lost_after`` (days), ``own`` (whether these are the
        customer's own), ``state`` ("new", "active", "at risk", "lost"), ``state_zh``. No interval: it sorts
        the customers there are by a rule.

    Raises
    ------
    CourseError
        If a column is missing, `warn` and `lost` are not rising fractions, `gaps` is below 1, or nobody has
        bought on two days.

    Notes
    -----
    No authoritative source defines these states; this is the definition of this course. With d days since the
    last purchase, w and l the two quantiles of the gaps (linear between two ranks): lost if d > l, at risk if
    w < d ≤ l, otherwise new with one purchase and active with more. Several orders of one day are one
    purchase: a parcel ordered in two halves says nothing about returning.

    Only gaps that have closed are known, and those are the short ones: in a young shop every limit comes too
    early. `survival.quantiles` over `survival.time_to_repurchase` keeps the open ones.

    Examples
    --------
    >>> day = pd.to_datetime(["2026-01-01", "2026-01-11", "2026-01-31", "2026-02-10", "2026-02-01"])
    >>> orders = pd.DataFrame({"customer_id": [1, 1, 1, 1, 2], "paid_at": day})
    >>> states(orders, asof="2026-02-25")[["customer_id", "days_since", "warn_after", "lost_after", "state"]]
       customer_id  days_since  warn_after  lost_after    state
    0            1          15        16.0        18.0   active
    1            2          24        16.0        18.0     lost
    >>> states(orders, asof="2026-02-25", warn=0.9, lost=0.8)
    Traceback (most recent call last):
        ...
    CourseError: customers.states: warn is 0.9 and lost is 0.8; give two rising fractions such as 0.8 and 0.9.
    """
    where = "customers.states"
    _require_rule(warn, lost, gaps, where)
    bought = paid_orders(orders, where, customer=customer, order=None, time=time, end=asof)
    code, ids = pd.factorize(bought[customer], sort=True)
    judged = _judge(code, day_numbers(bought[time]), _day(asof, where), len(ids), (warn, lost), gaps, where)
    table = pd.DataFrame({customer: pd.Index(ids)}).join(judged)
    names = [pd.array(list(words), dtype="str") for words in (STATES, STATES.values())]
    place = table.pop("place").to_numpy()
    return table.assign(state=names[0].take(place), state_zh=names[1].take(place))


@dataclass(frozen=True)
class Transitions:
    """How customers went from state to state, month by month.

    Attributes
    ----------
    table : DataFrame
        One row per pair of states: ``before``, ``after``, ``customers`` (months of customers that went so),
        ``n`` (those that began in `before`), ``share``, ``low``, ``high`` (of `n`).
    months : DataFrame
        One row per month and state: ``month`` (its first day, on which the customers were judged),
        ``state``, ``customers``, ``share`` (of the customers known by then; all of them, so no interval).
    to_lost : DataFrame
        Index ``state`` (new, active, at risk): ``months`` expected until a customer in that state is first
        lost, ``low``, ``high``; NaN where that never happened.
    """

    table: pd.DataFrame
    months: pd.DataFrame = field(repr=False)
    to_lost: pd.DataFrame = field(repr=False)


def state_transitions(
    orders: Any,
    *,
    start: Any,
    end: Any,
    warn: float = 0.8,
    lost: float = 0.9,
    gaps: int = FEW,
    customer: str = "customer_id",
    time: str = "paid_at",
    level: float = 0.95,
) -> Transitions:
    """Count how customers go from state to state between firsts of the month, and how soon they are lost.

    Parameters
    ----------
    orders, warn, lost, gaps, customer, time
        As for `states`.
    start, end : date or str
        The first and the last day to judge on, both the first of a month, on the shop's clock; leave half a
        year of orders before `start`, or all limits come too early.
    level : float, default 0.95
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    Transitions
        ``.table`` (each pair of states), ``.months`` (each month's states), ``.to_lost`` (months until lost).

    Raises
    ------
    CourseError
        As for `states`, and if `start` and `end` are no firsts of two months in their order.

    Notes
    -----
    Each month is judged by what was known on its first day. The shares have Wilson intervals, as if each
    month of a customer were drawn anew. The months until lost are those of an absorbing Markov chain
    (吸收马尔可夫链): with Q the shares among new, active and at risk, (I − Q)⁻¹·1 [1]_, and the interval by
    the delta method with customers as the units, whose months hang together. It takes the next state to turn
    on the present one only. Lost means silent for long, not gone: the table's row "lost" shows how many come
    back in a month.

    References
    ----------
    .. [1] J. G. Kemeny, J. L. Snell (1960), Finite Markov Chains, Van Nostrand, chapter III.

    Examples
    --------
    >>> day = pd.to_datetime(["2026-01-01", "2026-01-21", "2026-02-25", "2026-01-05", "2026-01-10"])
    >>> orders = pd.DataFrame({"customer_id": [1, 1, 1, 2, 2], "paid_at": day})
    >>> found = state_transitions(orders, start="2026-02-01", end="2026-04-01")
    >>> found.months.pivot(index="state", columns="month", values="customers").to_numpy().tolist()
    [[1, 1, 0], [0, 0, 0], [1, 1, 2], [0, 0, 0]]
    >>> found.to_lost["months"].round(2).to_dict()
    {'new': nan, 'active': 2.0, 'at risk': nan}
    >>> state_transitions(orders, start="2026-02-10", end="2026-04-01")
    Traceback (most recent call last):
        ...
    CourseError: customers.state_transitions: start is 2026-02-10, not the first of a month; give such as ...
    """
    where = "customers.state_transitions"
    _require_rule(warn, lost, gaps, where)
    require_level(level, where)
    firsts = _months(start, end, where)
    bought = paid_orders(orders, where, customer=customer, order=None, time=time, end=end)
    code, ids = pd.factorize(bought[customer], sort=True)
    day, count = day_numbers(bought[time]), len(ids)
    place = np.full((len(firsts), count), -1)
    for row, first in enumerate(firsts):
        known = day < first
        known_code, known_ids = pd.factorize(code[known], sort=True)
        judged = _judge(known_code, day[known], first, len(known_ids), (warn, lost), gaps, where)
        place[row, known_ids] = judged["place"]
    months = pd.DataFrame(
        {
            "month": np.repeat(pd.to_datetime(firsts, unit="D"), len(STATES)),
            "state": pd.array([*STATES] * len(firsts), dtype="str"),
            "customers": np.concatenate([np.bincount(row + 1, minlength=5)[1:] for row in place]),
        }
    )
    months["share"] = months["customers"] / months.groupby("month")["customers"].transform("sum")
    went = place[:-1] >= 0
    begin, finish = place[:-1][went], place[1:][went]
    who = np.nonzero(went)[1]
    size = len(STATES)
    pairs = np.bincount(begin * size + finish, minlength=size * size)
    table = pd.DataFrame(
        {
            "before": pd.array(np.repeat([*STATES], size), dtype="str"),
            "after": pd.array([*STATES] * size, dtype="str"),
            "customers": pairs,
            "n": np.repeat(pairs.reshape(size, size).sum(axis=1), size),
        }
    )
    table["share"] = table["customers"] / table["n"].where(table["n"] > 0)
    table["low"], table["high"] = wilson(table["customers"], table["n"], level)
    return Transitions(table, months, _until_lost(pairs.reshape(size, size), begin, finish, who, level))


def _judge(
    code: Any, day: Any, asof: int, count: int, rule: tuple[float, float], gaps: int, where: str
) -> pd.DataFrame:
    """Judge the customers ``0 .. count - 1`` by their days of purchase; `place` is that in STATES."""
    width = asof + 1 - day.min(initial=asof)
    # Customer and day in one number: sorted, each pair once, they are the purchases in their order.
    pairs = np.unique(code * width + (day + width - asof - 1))
    who, when = np.divmod(pairs, width)
    purchases = np.bincount(who, minlength=count)
    ends = np.cumsum(purchases)
    since = width - 1 - when[ends - 1]
    later = np.append(False, who[1:] == who[:-1])[: len(who)]
    gap, owner = np.diff(when, prepend=0)[later], who[later]
    if not len(gap) and count:
        raise CourseError(
            f"{where}: no customer has bought on two days before the day to judge on, so nobody knows how "
            "long it takes to come back. Give more orders, or a later day."
        )
    own = purchases > gaps
    limits = np.empty((2, count))
    gap = gap[np.lexsort((gap, owner))]
    starts = ends - purchases - np.arange(count)  # of each customer's gaps: one fewer than purchases
    pooled = np.quantile(gap, rule) if len(gap) else np.full(2, np.nan)
    for row, share in enumerate(rule):
        place = (purchases[own] - 2) * share
        low = np.floor(place + 1e-9).astype(np.int64)
        high = np.minimum(low + 1, purchases[own] - 2)
        first, second = gap[starts[own] + low], gap[starts[own] + high]
        limits[row] = pooled[row]
        limits[row, own] = first + (second - first) * np.clip(place - low, 0, 1)
    place = np.select([since > limits[1], since > limits[0], purchases > 1], [3, 2, 1], 0)
    return pd.DataFrame(
        {
            "purchases": purchases,
            "days_since": since,
            "warn_after": limits[0],
            "lost_after": limits[1],
            "own": own,
            "place": place,
        }
    )


def _until_lost(pairs: Any, begin: Any, finish: Any, who: Any, level: float) -> pd.DataFrame:
    """Find the expected months until first lost from the counted pairs; the delta method by customer."""
    staying, n = pairs[:3, :3], pairs[:3].sum(axis=1)
    found = np.full((3, 3), np.nan)
    # A state that never leads to lost, or may lead where nothing is known, has no expected time.
    reach = pairs[:3, 3] > 0
    for _ in range(3):
        reach = reach | (staying[:, reach] > 0).any(axis=1)
    sound = reach & (n > 0)
    for _ in range(3):
        sound = sound & ~(staying[:, ~sound] > 0).any(axis=1)
    if sound.any():
        q = staying[np.ix_(sound, sound)] / n[sound][:, None]
        inverse = np.linalg.inv(np.eye(len(q)) - q)
        months = np.zeros(4)
        months[:3][sound] = inverse.sum(axis=1)
        # What one month of one customer adds to its state's share-weighted months, over what was expected.
        used = np.isin(begin, np.flatnonzero(sound))
        row = (np.cumsum(sound) - 1)[begin[used]]
        step = (months[finish[used]] - (months[begin[used]] - 1)) / n[begin[used]]
        units = np.unique(who[used], return_inverse=True)[1]
        moved = np.stack([np.bincount(units, inverse[i, row] * step) for i in range(len(q))])
        count = moved.shape[1]
        spread = np.sqrt((moved**2).sum(axis=1) * count / max(count - 1, 1))
        half = ndtri(0.5 + level / 2) * np.where(spread > 1e-12, spread, np.nan)
        value = months[:3][sound]
        # On the scale of the logarithm, since months are above 0.
        found[sound] = np.column_stack([value, value / np.exp(half / value), value * np.exp(half / value)])
    names = pd.Index([*STATES][:3], name="state", dtype="str")
    return pd.DataFrame(found, index=names, columns=["months", "low", "high"])


def _require_rule(warn: float, lost: float, gaps: int, where: str) -> None:
    if not 0 < warn < lost < 1:
        raise CourseError(
            f"{where}: warn is {warn} and lost is {lost}; give two rising fractions such as 0.8 and 0.9."
        )
    if gaps < 1:
        raise CourseError(f"{where}: gaps is {gaps}; give 1 or more.")


def _day(value: Any, where: str) -> int:
    """Count the days from 1970 to `value`, on the shop's clock."""
    return (_checks.moment(value, False, where).normalize() - pd.Timestamp(0)).days


def _months(start: Any, end: Any, where: str) -> Any:
    """Numbers of the firsts of all months from `start` to `end`, both of them included."""
    ends = {name: _checks.moment(value, False, where) for name, value in (("start", start), ("end", end))}
    for name, value in ends.items():
        if value != value.normalize() or value.day != 1:
            raise CourseError(
                f"{where}: {name} is {value.date()}, not the first of a month; give such as '2026-01-01'."
            )
    if ends["start"] >= ends["end"]:
        raise CourseError(f"{where}: end must be at least one month after start.")
    firsts = pd.date_range(ends["start"], ends["end"], freq="MS")
    return firsts.as_unit("s").asi8 // 86_400
