"""Public, private and content traffic side by side, and how much oftener members come back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis._checks import between, people, plain, require_ids, require_one, require_same_ids
from ecomtrain.analysis._repurchase import retention
from ecomtrain.analysis._sources import SALE, UNKNOWN, visits_of
from ecomtrain.analysis._window import by_unit
from ecomtrain.analysis.intervals import ratio, relative_change, wilson
from ecomtrain.errors import CourseError, require, require_level, require_numeric

DOMAINS = {
    "search": "public",
    "feed": "public",
    "paid_ads": "public",
    "direct": "private",
    "content": "content",
    "live": "content",
}


def channel_matrix(
    sessions: pd.DataFrame,
    orders: pd.DataFrame,
    *,
    end: Any,
    days: int = 30,
    domains: Mapping[Any, str] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Shares of public, private and content traffic in visitors, orders and sales (公域/私域/内容).

    Parameters
    ----------
    sessions : DataFrame
        One row per session: ``session_id``, ``visitor_id``, ``started_at`` (datetime), ``channel``.
    orders : DataFrame
        One row per order: ``order_id``, ``session_id``, ``customer_id``, ``paid_at`` (datetime; NaT unpaid),
        ``paid_amount``.
    end : date-like
        End of the window, not included; the window is [end − days, end).
    days : int, default 30
        Length of the window in days.
    domains : mapping of channel to domain, optional
        By default search, feed and paid_ads are public, direct is private, content and live are content.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row per domain, by name: ``uv`` (visitors), ``uv_share``, ``uv_low``, ``uv_high``, ``orders``
        (paid), ``order_share``, ``order_low``, ``order_high``, ``paid_amount``, ``paid_share``, ``paid_low``,
        ``paid_high``, ``orders_per_visitor``, ``amount_per_order``. Shares are fractions of the whole shop.

    Raises
    ------
    CourseError
        If a column is missing or of the wrong kind, a channel has no domain, or there are two shops or
        currencies.

    Notes
    -----
    A visitor who came through two domains counts in both, so the shares of visitors add up to more than 1;
    those of orders and sales add up to 1. Intervals: Wilson for visitors, delta method with buyers as units
    for orders and sales. The domain of the session in which the order was placed gets all of it, which
    favours the last step: see `attribution.compare`. What counts as private is a choice; say which it was.

    Examples
    --------
    >>> day = pd.to_datetime(["2026-06-03", "2026-06-04", "2026-06-05"])
    >>> sessions = pd.DataFrame({"session_id": [1, 2, 3], "visitor_id": [7, 7, 8], "started_at": day,
    ...                          "channel": ["search", "live", "direct"]})
    >>> orders = pd.DataFrame({"order_id": [1, 2], "session_id": [2, 3], "customer_id": [5, 6],
    ...                        "paid_at": day[1:], "paid_amount": [90.0, 30.0]})
    >>> table = channel_matrix(sessions, orders, end="2026-07-01")
    >>> table[["uv", "uv_share", "orders", "order_share", "paid_share"]]
             uv  uv_share  orders  order_share  paid_share
    domain
    content   1       0.5       1          0.5        0.75
    private   1       0.5       1          0.5        0.25
    public    1       0.5       0          0.0        0.00
    >>> channel_matrix(sessions.assign(channel="sms"), orders, end="2026-07-01")
    Traceback (most recent call last):
        ...
    CourseError: channels.channel_matrix: the channel 'sms' has no domain; pass domains= with every ...
    """
    where = "channels.channel_matrix"
    require_level(level, where)
    require(orders, SALE, where)
    require_numeric(orders, ["paid_amount"], where)
    require_ids(orders, ["order_id", "session_id", "customer_id"], where)
    require_one(orders, "currency", where)
    known = {**(DOMAINS if domains is None else domains)}
    visits = visits_of(sessions, [], end, days, "channel", where)
    lacking = sorted({str(name) for name in visits["channel"].unique() if name not in known} - {UNKNOWN})
    if lacking:
        raise CourseError(
            f"{where}: the channel '{lacking[0]}' has no domain; pass domains= with every channel, for "
            f"example {{'{lacking[0]}': 'public'}}."
        )
    visits["domain"] = visits["channel"].map({UNKNOWN: UNKNOWN, **known})
    sales = plain(orders[SALE], "order_id")
    sales = sales[between(sales["paid_at"], "1900-01-01", end, where) & sales["session_id"].notna()]
    require_same_ids("session_id", where, visits, sales)
    sales = sales.assign(buyer=people(sales["customer_id"])).merge(
        visits[["session_id", "domain"]], on="session_id"
    )
    total = visits["visitor"].nunique()
    rows = {}
    for domain in sorted(set(visits["domain"])):
        uv = visits.loc[visits["domain"] == domain, "visitor"].nunique()
        mine = (sales["domain"] == domain).to_numpy(dtype=float)
        paid = sales["paid_amount"].to_numpy(dtype=float)
        row = {"uv": uv, "uv_share": uv / total if total else np.nan}
        row["uv_low"], row["uv_high"] = wilson(uv, total, level)
        for name, values in (("orders", np.ones(len(sales))), ("paid_amount", paid)):
            short = "order" if name == "orders" else "paid"
            share = ratio(*by_unit(sales["buyer"], mine * values, values), level=level)
            row[name] = float((mine * values).sum())
            row |= {
                f"{short}_share": share.value,
                f"{short}_low": max(share.low, 0.0) if share.low == share.low else np.nan,
                f"{short}_high": min(share.high, 1.0) if share.high == share.high else np.nan,
            }
        row["orders_per_visitor"] = row["orders"] / uv if uv else np.nan
        row["amount_per_order"] = row["paid_amount"] / row["orders"] if row["orders"] else np.nan
        rows[domain] = row
    columns = [
        *("uv", "uv_share", "uv_low", "uv_high", "orders", "order_share", "order_low", "order_high"),
        *("paid_amount", "paid_share", "paid_low", "paid_high", "orders_per_visitor", "amount_per_order"),
    ]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("domain")
    return table.astype(float).astype({"uv": "int64", "orders": "int64"})


def repurchase_ratio(
    people: pd.DataFrame,
    orders: pd.DataFrame,
    *,
    start: Any,
    end: Any,
    by: str,
    control: Any,
    time: str = "ordered_at",
    level: float = 0.95,
) -> pd.DataFrame:
    """How many times as often one group of customers buys again as another (私域/公域复购率之比).

    Parameters
    ----------
    people : DataFrame
        One row per customer who had bought before `start`: ``customer_id`` and `by`, known by then.
    orders : DataFrame
        Orders of any time: ``customer_id``, ``order_id``, `time`. Take out unpaid ones first.
    start, end : date
        The window [start, end) in which an order counts as buying again.
    by : str
        The column of `people` with the group, such as public or private.
    control : label
        The group to compare the others with, such as ``"public"``.
    time : str, default "ordered_at"
        Column of the moment.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row per group: ``customers``, ``retained`` (who order in the window), ``retention``, ``low``,
        ``high`` (fractions), ``ratio`` (of the rate to the control's), ``ratio_low``, ``ratio_high``; the
        ratio is NaN in the row of the control.

    Raises
    ------
    CourseError
        As `customers.retention`, or if `control` is no group.

    Notes
    -----
    Rates by `customers.retention`; the interval of the ratio by the delta method on its logarithm [1]_, NaN
    where one of the rates is 0. The ratio tells who joins as much as what joining does: loyal customers join
    the private group. Among customers alike before they joined the ratio is smaller: see
    `causal.matched_change`. Groups must be set by what was known before `start`, or those who had to buy
    to get into one lead by definition.

    References
    ----------
    .. [1] D. Katz et al. (1978), Obtaining confidence intervals for the risk ratio, Biometrics 34, 469-474.

    Examples
    --------
    >>> people = pd.DataFrame({"customer_id": range(8), "domain": ["private"] * 4 + ["public"] * 4})
    >>> orders = pd.DataFrame({"customer_id": [0, 1, 2, 5], "order_id": [1, 2, 3, 4],
    ...                        "ordered_at": pd.to_datetime(["2026-05-02"] * 4)})
    >>> window = {"start": "2026-05-01", "end": "2026-06-01"}
    >>> table = repurchase_ratio(people, orders, by="domain", control="public", **window)
    >>> table[["customers", "retention", "ratio", "ratio_low", "ratio_high"]].round(2)
             customers  retention  ratio  ratio_low  ratio_high
    domain
    private          4       0.75    3.0        0.5       17.95
    public           4       0.25    NaN        NaN         NaN
    >>> repurchase_ratio(people, orders, by="domain", control="open", **window)
    Traceback (most recent call last):
        ...
    CourseError: channels.repurchase_ratio: control='open' is not a group; the groups are private, public.
    """
    where = "channels.repurchase_ratio"
    require_level(level, where)
    table = retention(people, orders, start=start, end=end, by=by, time=time, level=level)
    if control not in table.index:
        names = ", ".join(map(str, table.index)) or "none"
        raise CourseError(f"{where}: control={control!r} is not a group; the groups are {names}.")
    rate = table["retention"].to_numpy()
    se = np.sqrt(rate * (1 - rate) / table["customers"].to_numpy())
    base = table.index.get_loc(control)
    found = relative_change(rate[base], se[base], rate, se, level=level)
    other = table.index != control
    for name, values in zip(("ratio", "ratio_low", "ratio_high"), found, strict=True):
        table[name] = np.where(other, 1 + values, np.nan)
    return table
