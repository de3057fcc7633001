"""Whether a model of repeat purchases was right about what came after it was fitted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis._btyd import BuyerModel, read_summary, require_model
from ecomtrain.analysis._btyd_spend import classes
from ecomtrain.analysis._btyd_summary import last_day, require_unit, summarise
from ecomtrain.analysis._checks import between, window
from ecomtrain.analysis._orders_by_customer import by_customer, day_numbers, paid_orders
from ecomtrain.analysis.intervals import ratio
from ecomtrain.errors import CourseError, require, require_level, require_numeric

__all__ = ["HoldoutScore", "calibration_holdout", "holdout_score", "tracking"]


def calibration_holdout(
    orders: Any,
    *,
    split: Any,
    end: Any,
    unit: str = "W",
    customer: str = "customer_id",
    order: str | None = "order_id",
    time: str = "paid_at",
    amount: str | None = "paid_amount",
) -> pd.DataFrame:
    """Sum up purchases before a day to fit a model on, and those after it to judge it by (留出检验).

    Parameters
    ----------
    orders, unit, customer, order, time, amount
        As for `summary`.
    split, end : date or str
        Fit on orders before `split`; judge by those from `split` on and before `end`, on the shop's clock.

    Returns
    -------
    DataFrame
        As of `summary` with ``end=split``, one row per customer who bought before `split`, with
        ``frequency_holdout`` (days with a purchase from `split` on), ``duration_holdout`` (length of that
        time in `unit`) and, with `amount`, ``monetary_value_holdout`` (mean per day with a purchase; NaN
        without).

    Raises
    ------
    CourseError
        As for `summary`, and if `end` does not come after `split`.

    Notes
    -----
    A model that is judged on the data it was fitted to is judged too kindly. Customers who first bought from
    `split` on are in neither part.

    Examples
    --------
    >>> orders = pd.DataFrame({"customer_id": [1, 1, 1, 2], "order_id": [10, 11, 12, 13],
    ...                        "paid_at": ["2026-06-01", "2026-06-08", "2026-06-22", "2026-06-10"],
    ...                        "paid_amount": [50.0, 80, 60, 90]}).astype({"paid_at": "datetime64[us]"})
    >>> table = calibration_holdout(orders, split="2026-06-15", end="2026-06-29")
    >>> table[["customer_id", "frequency", "frequency_holdout", "duration_holdout"]]
       customer_id  frequency  frequency_holdout  duration_holdout
    0            1          1                  1               2.0
    1            2          0                  0               2.0
    >>> calibration_holdout(orders, split="2026-06-15", end="2026-06-01")
    Traceback (most recent call last):
        ...
    CourseError: clv.calibration_holdout: the window [2026-06-15, 2026-06-01) is empty; ...
    """
    where = "clv.calibration_holdout"
    step = require_unit(unit, where)
    window(split, end, where)
    found = paid_orders(orders, where, customer=customer, order=order, time=time, amount=amount, end=end)
    later = between(found[time], split, end, where)
    until = last_day(split, where)
    table = summarise(found[~later], until, step, customer, time, amount)
    held = found[later]
    after = by_customer(held[customer], held[time], held[amount] if amount else None)
    days = pd.Series(after.periods, after.customer).reindex(table[customer]).to_numpy()
    table["frequency_holdout"] = np.nan_to_num(days).astype("int64")
    table["duration_holdout"] = (last_day(end, where) - until) / step
    if amount:
        mean = pd.Series(after.amount / after.periods, after.customer)
        table["monetary_value_holdout"] = mean.reindex(table[customer]).to_numpy()
    return table


@dataclass(frozen=True)
class HoldoutScore:
    """How a model's forecast of the time held out compares with what happened.

    Attributes
    ----------
    table : DataFrame
        One row per class of repeat purchases before: ``frequency`` ("0", "1", ... "7+"), ``customers``,
        ``actual`` (mean purchases of the time held out), ``low``, ``high``, ``expected`` (mean forecast).
    model : str
        Which one.
    mae, mae_naive : float
        Mean absolute error per customer, of the model and of "goes on at the customer's rate of before".
    actual, expected : float
        All purchases, made and forecast.
    relative_error : float
        expected / actual - 1; NaN if nobody bought.
    duration : float
        Length of the time held out, in the unit of the fit.
    n : int
        Customers.
    """

    table: pd.DataFrame
    model: str
    mae: float
    mae_naive: float
    actual: float
    expected: float
    relative_error: float
    duration: float
    n: int


def holdout_score(model: BuyerModel, holdout: Any, *, most: int = 7, level: float = 0.95) -> HoldoutScore:
    """Compare a model's forecast with the purchases of the time held out.

    Parameters
    ----------
    model : BuyerModel
        Fitted on `holdout`, that is on the time before the split.
    holdout : DataFrame
        What `calibration_holdout` returns.
    most : int, default 7
        Customers with this many repeat purchases or more make up the last class.
    level : float, default 0.95
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    HoldoutScore
        The comparison by class in ``.table``, and errors in all.

    Raises
    ------
    CourseError
        If a column is missing, the lengths of the time held out differ, or `model` is something else.

    Notes
    -----
    The interval is that of the class's mean purchases: an expectation outside of it is more than chance. A
    forecast of the total can be right while those of single customers are far off; read ``mae`` beside it.

    Examples
    --------
    >>> from ecomtrain.analysis.clv import mbg_nbd
    >>> few = pd.DataFrame({"frequency": [0, 1, 1, 2, 2, 4, 7, 12], "T": 39,
    ...                     "recency": [0, 3, 20, 10, 30, 15, 34, 38],
    ...                     "frequency_holdout": [0, 1, 0, 0, 2, 0, 4, 6], "duration_holdout": 26.0})
    >>> holdout = few.loc[few.index.repeat([14, 6, 1, 2, 4, 5, 4, 4])]
    >>> score = holdout_score(mbg_nbd(holdout), holdout, most=2)
    >>> score.table.round(2)
      frequency  customers  actual   low  high  expected
    0         0         14    0.00   NaN   NaN      0.03
    1         1          7    0.86  0.51  1.21      0.13
    2        2+         19    2.53  1.37  3.68      2.37
    >>> round(score.mae, 2), round(score.mae_naive, 2)
    (0.35, 0.8)
    >>> holdout_score(mbg_nbd(holdout), few.drop(columns="frequency_holdout"))
    Traceback (most recent call last):
        ...
    CourseError: clv.holdout_score: column 'frequency_holdout' is not in the frame; ...
    """
    where = "clv.holdout_score"
    require_level(level, where)
    require_model(model, where)
    if most != int(most) or most < 1:
        raise CourseError(f"{where}: most is {most}; give a whole number, 1 or more.")
    x, _, age = read_summary(holdout, where)
    columns = ["frequency_holdout", "duration_holdout"]
    require(holdout, columns, where, dict.fromkeys(columns, "Pass what clv.calibration_holdout returns."))
    require_numeric(holdout, columns, where)
    actual, length = (holdout[name].to_numpy(dtype=float, na_value=np.nan) for name in columns)
    if not (np.isfinite(actual) & (actual >= 0)).all():
        raise CourseError(f"{where}: frequency_holdout is missing or negative for some; it counts purchases.")
    if not (length[0] > 0 and (length == length[0]).all()):
        raise CourseError(
            f"{where}: duration_holdout must be one length above 0 for all. "
            "Pass what clv.calibration_holdout returns."
        )
    duration = float(length[0])
    expected = model.expected_purchases(holdout, duration).to_numpy()
    order = np.lexsort((actual, expected, x))  # so that rounding does not depend on the order of the rows
    x, age, actual, expected = x[order], age[order], actual[order], expected[order]
    named = classes(x, int(most))
    rows = []
    for code in np.unique(named.codes):
        own = named.codes == code
        mean = ratio(actual[own], level=level)
        rows.append(
            (named.categories[code], int(own.sum()), mean.value, mean.low, mean.high, expected[own].mean())
        )
    naive = x / np.where(age > 0, age, np.nan) * duration
    total, forecast = float(actual.sum()), float(expected.sum())
    return HoldoutScore(
        pd.DataFrame(rows, columns=["frequency", "customers", "actual", "low", "high", "expected"]),
        model.model,
        float(np.abs(expected - actual).mean()),
        float(np.nanmean(np.abs(naive - actual))),
        total,
        forecast,
        forecast / total - 1 if total else np.nan,
        duration,
        len(x),
    )


def tracking(
    model: BuyerModel,
    orders: Any,
    *,
    split: Any,
    end: Any,
    unit: str = "W",
    customer: str = "customer_id",
    order: str | None = "order_id",
    time: str = "paid_at",
) -> pd.DataFrame:
    """Compare repeat purchases with the model's expectation, week after week (跟踪曲线).

    Parameters
    ----------
    model : BuyerModel
        Fitted on the orders before `split`, in `unit`.
    orders, unit, customer, order, time
        As for `summary`.
    split, end : date or str
        Where the fit ended, and where the comparison does, on the shop's clock.

    Returns
    -------
    DataFrame
        One row per whole `unit` from the first order on: ``period`` (1, 2, ...), ``start`` (its first day),
        ``customers`` (who had bought for the first time by its end, before `split`), ``actual``, ``expected``
        (repeat purchases in it), ``cumulative_actual``, ``cumulative_expected``, ``holdout`` (True from
        `split` on). No interval: the purchases are those of the whole cohort, not of a sample.

    Raises
    ------
    CourseError
        As for `calibration_holdout`, and if `model` is something else.

    Notes
    -----
    Expected = sum of E[X(t)] of a new customer, t counted from each first purchase. Only those who first
    bought before `split` are followed. The cumulative curve forgives: look at the weeks too.

    Examples
    --------
    >>> from ecomtrain.analysis.clv import bg_nbd
    >>> few = pd.DataFrame({"frequency": [0, 1, 1, 2, 2, 4, 7, 12], "T": 39,
    ...                     "recency": [0, 3, 20, 10, 30, 15, 34, 38]})
    >>> summary = few.loc[few.index.repeat([14, 6, 1, 2, 4, 5, 4, 4])]
    >>> orders = pd.DataFrame({"customer_id": [1, 1, 1, 2, 2, 3], "paid_at": pd.to_datetime(
    ...     ["2026-01-01", "2026-01-09", "2026-01-20", "2026-01-02", "2026-01-19", "2026-01-08"])})
    >>> weeks = tracking(bg_nbd(summary), orders, split="2026-01-15", end="2026-01-22", order=None)
    >>> weeks[["period", "customers", "actual", "expected", "cumulative_expected", "holdout"]].round(2)
       period  customers  actual  expected  cumulative_expected  holdout
    0       1          2       0      0.17                 0.17    False
    1       2          3       1      0.31                 0.48    False
    2       3          3       2      0.31                 0.79     True
    >>> tracking(0.4, orders, split="2026-01-15", end="2026-01-22", order=None)
    Traceback (most recent call last):
        ...
    CourseError: clv.tracking: a float was given in place of a model of purchases. ...
    """
    where = "clv.tracking"
    require_model(model, where)
    step = require_unit(unit, where)
    window(split, end, where)
    found = paid_orders(orders, where, customer=customer, order=order, time=time, end=end)
    of = by_customer(found[customer], found[time])
    first, day = day_numbers(pd.Series(of.first)), day_numbers(found[time])
    until, stop = last_day(split, where) + 1, last_day(end, where) + 1
    kept = first < until
    if not kept.any():
        raise CourseError(f"{where}: nobody bought before {split}; choose a later split.")
    begin = int(first.min())
    count = (stop - begin) // step
    if not count:
        raise CourseError(f"{where}: less than one whole '{unit}' lies before {end}; choose a later end.")
    ends = begin + step * np.arange(1, count + 1)
    pairs = pd.DataFrame({"code": of.code, "day": day}).drop_duplicates().to_numpy()
    again = pairs[kept[pairs[:, 0]] & (pairs[:, 1] > first[pairs[:, 0]]), 1]
    actual = np.histogram(again, np.append(begin, ends) - 0.5)[0]
    births, born = np.unique(first[kept], return_counts=True)
    # As in the summary, time runs to the last day of a period, not to the day after it.
    since = np.maximum(ends[:, None] - 1 - births, 0) / step
    total = (model.expected_new(since) * born).sum(axis=1)
    return pd.DataFrame(
        {
            "period": np.arange(1, count + 1),
            "start": pd.to_datetime(ends - step, unit="D"),
            "customers": (born * (births < ends[:, None])).sum(axis=1),
            "actual": actual,
            "expected": np.diff(total, prepend=0.0),
            "cumulative_actual": np.cumsum(actual),
            "cumulative_expected": total,
            "holdout": ends - step >= until,
        }
    )
