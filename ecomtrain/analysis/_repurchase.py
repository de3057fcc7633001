"""Who comes back: orders of a window by customer, retention, repurchase, and one person in two channels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis import _checks
from ecomtrain.analysis.intervals import wilson
from ecomtrain.errors import CourseError, require, require_level, require_numeric

__all__ = ["activity", "merge_identities", "repurchase_rate", "retention"]


def activity(
    people: Any,
    orders: Any,
    *,
    start: Any,
    end: Any,
    customer: str = "customer_id",
    order: str = "order_id",
    time: str = "ordered_at",
    amount: str | None = "paid_amount",
) -> pd.DataFrame:
    """Count what each customer ordered in a window: frequency, amount and recency (RFM).

    Parameters
    ----------
    people : DataFrame
        One row per customer, with the column `customer`; those who ordered nothing stay in.
    orders : DataFrame
        Orders of any time, with `customer`, `order`, `time` and `amount`; repeated rows of one order count
        once. Take out unpaid ones first, if they shall not count.
    start, end : date or str
        The window, from `start` on and before `end`, on the shop's clock.
    customer, order, time : str
        Columns: the customer, the order, the moment (datetime).
    amount : str or None, default "paid_amount"
        Column to add up; None to count only.

    Returns
    -------
    DataFrame
        `people` with ``orders`` (count), ``amount`` (unit of `amount`; 0 without an order) and ``recency``
        (days from the last order of the window to its end; NaN without one). A column of `people` of one of
        these names is replaced.

    Raises
    ------
    CourseError
        If a column is missing, a customer is listed twice, times are no times, the window is empty, or
        amounts are of two currencies.

    Notes
    -----
    Describe customers by a window that ended before what is to be explained began. A group that is set by
    what happened within the window of the outcome explains itself.

    Examples
    --------
    >>> people = pd.DataFrame({"customer_id": [1, 2]})
    >>> orders = pd.DataFrame({"customer_id": [1, 1], "order_id": [10, 11], "paid_amount": [50.0, 70.0],
    ...                        "ordered_at": pd.to_datetime(["2026-05-02", "2026-05-22"])})
    >>> activity(people, orders, start="2026-05-01", end="2026-06-01")
       customer_id  orders  amount  recency
    0            1       2   120.0     10.0
    1            2       0     0.0      NaN
    >>> activity(people, orders, start="2026-06-01", end="2026-05-01")
    Traceback (most recent call last):
        ...
    CourseError: customers.activity: the window [2026-06-01, 2026-05-01) is empty; its end must come after ...
    """
    where = "customers.activity"
    require(people, [customer], f"{where} (people)")
    require(orders, [customer, order, time, *([amount] if amount else [])], f"{where} (orders)")
    _checks.require_ids(people, [customer], where)
    _checks.require_ids(orders, [customer, order], where)
    _checks.window(start, end, where)
    within = _checks.between(orders[time], start, end, where)
    if amount:
        require_numeric(orders, [amount], where)
        _checks.require_one(orders, "currency", where)
    if people[customer].duplicated().any():
        raise CourseError(f"{where}: a customer comes twice in people; keep one row per customer.")
    if len(people) and len(orders):
        _checks.require_same_ids(customer, where, _checks.plain(people), _checks.plain(orders))
    wanted = [customer, order, time, *([amount] if amount else [])]
    placed = _checks.plain(
        orders.loc[within.to_numpy(dtype=bool), wanted].dropna(subset=[customer, order, time])
    )
    # Of rows that repeat an order the one with the largest amount stays, whatever their order.
    placed = placed.sort_values([time, *([amount] if amount else [])]).drop_duplicates(
        [customer, order], keep="last"
    )
    group = placed.groupby(customer)
    ids = _checks.plain(people[[customer]])[customer].astype(object)
    ids = ids.where(ids.notna(), None)
    found = people.copy()
    found["orders"] = _lookup(group.size(), ids, 0.0).astype("int64")
    if amount:
        found["amount"] = _lookup(group[amount].sum(), ids, 0.0)
    last = group[time].max()
    finish = _checks.moment(end, last.dt.tz is not None, where) if len(last) else None
    passed = (finish - last) / pd.Timedelta(days=1) if len(last) else pd.Series(dtype=float)
    found["recency"] = _lookup(passed, ids, np.nan)
    return found


def _lookup(values: pd.Series, ids: pd.Series, otherwise: float) -> Any:
    """Give the value of each id, `otherwise` where there is none."""
    table = pd.Series(values.to_numpy(dtype=float), index=values.index.astype(object))
    return table.reindex(ids.to_numpy()).fillna(otherwise).to_numpy()


def retention(
    people: Any,
    orders: Any,
    *,
    start: Any,
    end: Any,
    by: str | None = None,
    customer: str = "customer_id",
    order: str = "order_id",
    time: str = "ordered_at",
    level: float = 0.95,
) -> pd.DataFrame:
    """Share of given customers who order in a window (留存率).

    Parameters
    ----------
    people : DataFrame
        One row per customer, chosen by what was known before `start`; those who order nothing stay in.
    orders, start, end, customer, order, time
        As for `activity`.
    by : str, optional
        A column of `people` to split by, such as the arm of a lot; customers without one are left out.
    level : float, default 0.95
        Confidence level of the interval, between 0 and 1.

    Returns
    -------
    DataFrame
        One row per group, indexed by it (``"all"`` without `by`): ``customers``, ``retained`` (counts),
        ``retention``, ``low``, ``high`` (fractions).

    Raises
    ------
    CourseError
        As for `activity`, and if `level` is not between 0 and 1.

    Notes
    -----
    retention = customers with an order in the window / customers, with the Wilson score interval [1]_. Among
    customers who became members *during* the window, those who had to stay active to become one are many:
    nobody joins at the till without an order (immortal time).

    References
    ----------
    .. [1] E. B. Wilson (1927), J. Am. Stat. Assoc. 22(158), 209-212.

    Examples
    --------
    >>> people = pd.DataFrame({"customer_id": [1, 2, 3, 4], "arm": ["control", "control", "gift", "gift"]})
    >>> orders = pd.DataFrame({"customer_id": [1, 3, 4], "order_id": [10, 11, 12],
    ...                        "ordered_at": pd.to_datetime(["2026-05-02", "2026-05-22", "2026-05-30"])})
    >>> retention(people, orders, start="2026-05-01", end="2026-06-01", by="arm").round(3)
             customers  retained  retention    low   high
    arm
    control          2         1        0.5  0.095  0.905
    gift             2         2        1.0  0.342  1.000
    >>> retention(people, orders, start="2026-05-01", end="2026-06-01", by="lot")
    Traceback (most recent call last):
        ...
    CourseError: customers.retention (people): column 'lot' is not in the frame; it has customer_id, arm.
    """
    where = "customers.retention"
    require_level(level, where)
    require(people, [customer, *([by] if by else [])], f"{where} (people)")
    given = _checks.plain(people[list(dict.fromkeys([customer, *([by] if by else [])]))])
    counted = activity(
        given, orders, start=start, end=end, customer=customer, order=order, time=time, amount=None
    )
    group = counted[by] if by else pd.Series("all", index=counted.index)
    back = counted["orders"].gt(0).groupby(group)
    return _rates(back, ["customers", "retained", "retention"], by, level)


def repurchase_rate(
    orders: Any,
    *,
    by: str | None = None,
    customer: str = "customer_id",
    order: str = "order_id",
    level: float = 0.95,
) -> pd.DataFrame:
    """Share of buyers who bought at least twice (复购率).

    Parameters
    ----------
    orders : DataFrame
        The orders of one window. Repeated rows of one order count once; a row without a customer is a buyer
        of its own (a guest).
    by : str, optional
        A column of `orders` to split by, such as ``"channel"``. A customer counts in every group they bought
        in; rows without a group are left out.
    customer, order : str
        Columns: the customer, the order.
    level : float, default 0.95
        Confidence level of the interval, between 0 and 1.

    Returns
    -------
    DataFrame
        One row per group, indexed by it (``"all"`` without `by`): ``buyers``, ``repeat_buyers`` (counts),
        ``repurchase_rate``, ``low``, ``high`` (fractions).

    Raises
    ------
    CourseError
        If a column is missing, ids were read as floats, or `level` is not between 0 and 1.

    Notes
    -----
    rate = buyers with two orders or more / buyers, with the Wilson score interval [1]_. The rate turns on who
    is one person: put two accounts of a person together and two buyers with one order each become one buyer
    with two. Buyers who came late had less time to return; compare windows of equal length, or use
    `survival.time_to_repurchase`.

    References
    ----------
    .. [1] E. B. Wilson (1927), J. Am. Stat. Assoc. 22(158), 209-212.

    Examples
    --------
    >>> orders = pd.DataFrame({"customer_id": [1, 1, 2, 3], "order_id": [10, 11, 12, 13]})
    >>> repurchase_rate(orders).round(3)
         buyers  repeat_buyers  repurchase_rate    low   high
    all       3              1            0.333  0.061  0.792
    >>> repurchase_rate(orders.drop(columns="customer_id"))
    Traceback (most recent call last):
        ...
    CourseError: customers.repurchase_rate: column 'customer_id' is not in the frame; it has order_id.
    """
    where = "customers.repurchase_rate"
    require_level(level, where)
    require(orders, [customer, order, *([by] if by else [])], where)
    _checks.require_ids(orders, [customer, order], where)
    frame = _checks.plain(orders[list(dict.fromkeys([customer, order, *([by] if by else [])]))])
    frame = frame.dropna(subset=[order, *([by] if by else [])])
    group = frame[by] if by else pd.Series("all", index=frame.index)
    buyer = pd.Series(_checks.people(frame[customer]), index=frame.index)
    times = frame[order].groupby([group.rename("group"), buyer.rename("buyer")]).nunique()
    return _rates(
        times.ge(2).groupby(level="group"), ["buyers", "repeat_buyers", "repurchase_rate"], by, level
    )


def _rates(group: Any, names: list[str], by: str | None, level: float) -> pd.DataFrame:
    """Count each group of a bool column, how many are True, and their share with its interval."""
    n, k, rate = names
    table = pd.DataFrame({n: group.size(), k: group.sum()}).astype("int64")
    table[rate] = table[k] / table[n]
    table["low"], table["high"] = wilson(table[k], table[n], level)
    return table.rename_axis(by)


def merge_identities(
    purchases: Any, links: Any, *, identity: str = "card_id", customer: str = "customer_id"
) -> pd.DataFrame:
    """Find the customer behind each purchase that was made under another identity (ID打通).

    Parameters
    ----------
    purchases : DataFrame
        One row per purchase with `identity` (such as a store card; missing where none was shown) and, if any
        of them are known by it already, `customer`.
    links : DataFrame
        One row per identity: `identity` and `customer`, missing where nobody is known behind it.
    identity, customer : str
        The columns.

    Returns
    -------
    DataFrame
        `purchases` with `customer` filled in where a link tells it, missing where none does.

    Raises
    ------
    CourseError
        If a column is missing, ids were read as floats, or an identity is linked to two customers.

    Notes
    -----
    Linking changes whom the purchases are counted for, not what was bought. A rate per buyer from before the
    linking is not comparable with one from afterwards: link both windows alike.

    Examples
    --------
    >>> purchases = pd.DataFrame({"card_id": [7, 8, None], "customer_id": [None, None, 1]}, dtype="Int64")
    >>> links = pd.DataFrame({"card_id": [7, 8], "customer_id": [1, None]}, dtype="Int64")
    >>> merge_identities(purchases, links)
       card_id  customer_id
    0        7            1
    1        8         <NA>
    2     <NA>            1
    >>> merge_identities(purchases, links.assign(card_id=7, customer_id=[1, 2]))
    Traceback (most recent call last):
        ...
    CourseError: customers.merge_identities: card_id 7 is linked to 2 customers; one identity is one person.
    """
    where = "customers.merge_identities"
    require(purchases, [identity], f"{where} (purchases)")
    require(links, [identity, customer], f"{where} (links)")
    known = [customer] if customer in purchases else []
    _checks.require_ids(purchases, [identity, *known], where)
    _checks.require_ids(links, [identity, customer], where)
    table = _checks.plain(links[[identity, customer]]).dropna().drop_duplicates()
    twice = table.groupby(identity).size()
    if twice.gt(1).any():
        name = twice.index[twice.gt(1)][0]
        raise CourseError(
            f"{where}: {identity} {name} is linked to {twice[name]} customers; one identity is one person."
        )
    bought = _checks.plain(purchases[[identity, *known]])
    if len(table) and bought[identity].notna().any():
        _checks.require_same_ids(identity, where, bought, table)
    if known and len(table) and bought[customer].notna().any():
        _checks.require_same_ids(customer, where, bought, table)
    through = pd.Series(table[customer].astype(object).to_numpy(), index=table[identity].astype(object))
    ids = bought[identity].astype(object)
    found = through.reindex(ids.where(ids.notna(), None).to_numpy()).reset_index(drop=True)
    if known:
        own = bought[customer].astype(object)
        found = own.where(own.notna(), found.astype(object))
    numbers = pd.api.types.is_integer_dtype(table[customer]) and found.notna().any()
    text = found.astype(object).where(found.notna(), pd.NA)
    filled = pd.array(text, dtype="Int64") if numbers else text.array
    return purchases.assign(**{customer: filled})
