"""Orders put together by customer in one fast pass: whole-number codes and counts, no group objects."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ecomtrain.analysis import _checks
from ecomtrain.errors import CourseError, require, require_numeric

__all__ = ["ByCustomer", "by_customer", "day_numbers", "paid_orders"]


class ByCustomer(NamedTuple):
    """What each customer did, one entry per customer in the order of their ids; `code` has one per row."""

    customer: pd.Index  # the ids
    code: Any  # for each row that was given, the place of its customer
    orders: Any  # rows
    periods: Any  # distinct periods with a row
    first: pd.DatetimeIndex  # on the clock of the times that were given
    last: pd.DatetimeIndex
    amount: Any  # sum; zeros where no amounts were given
    first_amount: Any  # of it, that of the first period (what a model of repeat purchases leaves out)


def by_customer(customer: Any, times: Any, amounts: Any = None, *, periods: Any = None) -> ByCustomer:
    """Count and add up the orders of each customer.

    `customer` and `times` are Series of equal length without gaps, `amounts` (an array, optional) has their
    length; take all from `paid_orders`. `periods` are whole numbers that rise with time, days on the shop's
    clock if left out; two orders in one period count once in ``periods`` of the answer.
    """
    code, ids = pd.factorize(customer, sort=True)
    count, ticks = len(ids), times.array.asi8
    if periods is None:
        periods = day_numbers(times)
    value = np.zeros(len(code)) if amounts is None else np.asarray(amounts, dtype=float)
    first, last = np.full(count, np.iinfo(np.int64).max), np.full(count, np.iinfo(np.int64).min)
    np.minimum.at(first, code, ticks)
    np.maximum.at(last, code, ticks)
    offset = periods - periods.min() if len(periods) else periods
    width = offset.max(initial=0) + 1
    opening = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(opening, code, periods)
    # One sort of customer and period in one number finds the distinct pairs of both.
    pairs = np.sort(code * width + offset)
    new = np.append(True, pairs[1:] != pairs[:-1])[: len(pairs)]
    early = periods == opening[code]
    unit, zone = times.dt.unit, times.dt.tz
    stamps = [pd.DatetimeIndex(found.view(f"M8[{unit}]")) for found in (first, last)]
    if zone is not None:
        stamps = [found.tz_localize("UTC").tz_convert(zone) for found in stamps]
    return ByCustomer(
        customer=pd.Index(ids, name=customer.name),
        code=code,
        orders=np.bincount(code, minlength=count),
        periods=np.bincount(pairs[new] // width, minlength=count),
        first=stamps[0],
        last=stamps[1],
        amount=np.bincount(code, value, count).astype(float),
        first_amount=np.bincount(code[early], value[early], count).astype(float),
    )


def day_numbers(times: Any) -> Any:
    """Days of `times` since 1970 on the shop's clock, as whole numbers."""
    return _checks.days(times, "").dt.as_unit("s").array.asi8 // 86_400


def paid_orders(
    orders: Any,
    where: str,
    *,
    customer: str,
    order: str | None,
    time: str,
    amount: str | None = None,
    start: Any = None,
    end: Any = None,
) -> pd.DataFrame:
    """Check `orders` and return those of ``[start, end)``, each once, with the columns that were named.

    Rows without a customer, a time or an amount are left out: guests cannot be known again, and what has no
    time of payment was not paid.
    """
    wanted = list(dict.fromkeys(name for name in (customer, order, time, amount) if name is not None))
    require(orders, wanted, where)
    _checks.require_ids(orders, [customer, *([order] if order else [])], where)
    _checks.require_same_clock(where, **{time: orders[time]})
    if amount:
        require_numeric(orders, [amount], where)
        _checks.require_one(orders, "currency", where)
    kept = orders[wanted].notna().all(axis=1).to_numpy()
    aware = orders[time].dt.tz is not None
    if start is not None:
        kept = kept & orders[time].ge(_checks.moment(start, aware, where)).to_numpy()
    if end is not None:
        kept = kept & orders[time].lt(_checks.moment(end, aware, where)).to_numpy()
    found = _checks.plain(orders[wanted] if kept.all() else orders.loc[kept, wanted])
    if order and not found[order].is_unique:
        # The earliest row of an order stays, whatever the order of the rows.
        key = [customer, order]
        found = found.sort_values([*key, *([amount] if amount else []), time])
        found = found.drop_duplicates([*key, *([amount] if amount else [])])
        again = found.duplicated(key)
        if again.any():
            name = found.loc[again, order].iloc[0]
            raise CourseError(
                f"{where}: {order} {name} comes with two different values of '{amount}'; these are lines, "
                f"not orders. Add them up first, for example with orders.groupby(['{customer}', '{order}', "
                f"'{time}'], as_index=False)['{amount}'].sum()."
            )
        found = found.reset_index(drop=True)
    return found
