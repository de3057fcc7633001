"""What a customer has brought by each age, when that pays back their cost, and what is still to come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from ecomtrain.analysis._checks import (
    between,
    days,
    moment,
    people,
    plain,
    require_ids,
    require_one,
)
from ecomtrain.analysis._sources import UNKNOWN
from ecomtrain.errors import CourseError, require, require_level, require_numeric

ALL = "all"
MONTH = 30
MOST_MONTHS = 120
CURVE = ["cohort", "age", "customers", "margin", "ltv", "low", "high"]


def ltv_curve(
    orders: pd.DataFrame,
    *,
    end: Any,
    start: Any = None,
    by: str | None = None,
    months: int = 12,
    margin: str = "margin",
    time: str = "paid_at",
    level: float = 0.95,
) -> pd.DataFrame:
    """Margin that an acquired customer has brought by each age, by cohort and pooled (历史LTV).

    Parameters
    ----------
    orders : DataFrame
        One row per order: ``customer_id``, ``order_id``, `time` (datetime; NaT unpaid), `margin` (money;
        negative where it was lost) and `by`. Customers are acquired by their first order in it.
    end : date-like
        Where the orders end, not included: what came later is unknown, not zero.
    start : date-like, optional
        Follow only customers acquired from here on. Begin well after the first order of the records, where
        old customers look new.
    by : str, optional
        A column to split by, taken from each customer's first order, such as ``"channel"``.
    months : int, default 12
        Months of age to follow, of 30 days each from the first order of each customer.
    margin, time : str
        The columns.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row per group, cohort and age: `by`, ``cohort`` (month of the first order, and ``"all"``),
        ``age`` (whole months; 0 is the first), ``customers`` (followed through that age), ``margin`` (per
        customer, in that month), ``ltv`` (up to its end), ``low``, ``high`` (money per acquired customer).

    Raises
    ------
    CourseError
        If a column is missing or of the wrong kind, a margin is missing, `months` is no whole number from 1
        to 120, or there are two shops or currencies.

    Notes
    -----
    ltv(a) = Σ m(k) for k ≤ a, where m(k) is the margin at age k over the customers who were followed through
    it; who never came back counts with 0. So the pooled curve takes all that is known at each age, from
    other customers at each [1]_. Interval: delta method with customers as units. A cohort is NaN from the age
    on that not all of it has reached (the ragged edge): who came late in the month would count with too
    little. A guest is a customer of their own. No contact costs and no discount are taken off.

    References
    ----------
    .. [1] D. Y. Lin, E. J. Feuer, R. Etzioni, Y. Wax (1997), Estimating medical costs from incomplete
       follow-up data, Biometrics 53(2), 419-434.

    Examples
    --------
    >>> day = pd.to_datetime(["2026-01-05", "2026-01-20", "2026-02-10", "2026-03-01"])
    >>> orders = pd.DataFrame({"customer_id": [1, 2, 1, 3], "order_id": [1, 2, 3, 4], "paid_at": day,
    ...                        "margin": [40.0, 20.0, 30.0, 10.0]})
    >>> curve = ltv_curve(orders, end="2026-04-15", months=3)
    >>> curve.loc[curve["cohort"] == "all", ["age", "customers", "margin", "ltv"]].round(2)
       age  customers  margin    ltv
    6    0          3   23.33  23.33
    7    1          2   15.00  38.33
    8    2          1    0.00  38.33
    >>> ltv_curve(orders, end="2026-04-15", months=0)
    Traceback (most recent call last):
        ...
    CourseError: channels.ltv_curve: months is 0; give a whole number from 1 to 120.
    """
    where = "channels.ltv_curve"
    require_level(level, where)
    if isinstance(months, bool) or not isinstance(months, int | np.integer) or not 1 <= months <= MOST_MONTHS:
        raise CourseError(f"{where}: months is {months}; give a whole number from 1 to {MOST_MONTHS}.")
    columns = list(dict.fromkeys(["customer_id", "order_id", time, margin, *([by] if by else [])]))
    require(orders, columns, where)
    require_numeric(orders, [margin], where)
    require_ids(orders, ["customer_id", "order_id"], where)
    for one in ("shop", "currency"):
        if one != by:
            require_one(orders, one, where)
    frame = plain(orders[columns], "order_id")
    frame = frame[between(frame[time], "1900-01-01", end, where)]
    if frame[margin].isna().any():
        raise CourseError(
            f"{where}: column '{margin}' is missing in {int(frame[margin].isna().sum())} paid row(s). Fill "
            "or drop them."
        )
    frame = frame.assign(who=people(frame["customer_id"])).sort_values([time, "order_id"])
    first = frame.drop_duplicates("who").set_index("who").sort_index()
    moments, last = first[time], moment(end, frame[time].dt.tz is not None, where)
    seen = ((last - moments) // pd.Timedelta(days=MONTH)).to_numpy()
    who = frame["who"].to_numpy()
    since = frame[time].reset_index(drop=True) - moments.take(who).reset_index(drop=True)
    age = (since // pd.Timedelta(days=MONTH)).to_numpy()
    early = age < months
    amount = np.bincount(
        who[early] * months + age[early],
        weights=frame[margin].to_numpy(dtype=float)[early],
        minlength=len(first) * months,
    ).reshape(len(first), months)
    cohort = days(moments, where).dt.strftime("%Y-%m").to_numpy(dtype=object)
    labels = {by: first[by].astype(object).where(first[by].notna(), UNKNOWN).to_numpy()} if by else {}
    keys = pd.DataFrame({**labels, "cohort": cohort})
    keep = np.ones(len(first), dtype=bool)
    if start is not None:
        keep = (moments >= moment(start, frame[time].dt.tz is not None, where)).to_numpy()
    keys, amount, seen = keys[keep].reset_index(drop=True), amount[keep], seen[keep]
    pooled = _curves(keys.assign(cohort=ALL), amount, seen, False, level)
    table = pd.concat([pooled, _curves(keys, amount, seen, True, level)], ignore_index=True)
    names = [*([by] if by else []), *CURVE]
    return table[names].sort_values([*([by] if by else []), "cohort", "age"], ignore_index=True)


def _curves(keys: pd.DataFrame, amount: np.ndarray, seen: np.ndarray, ragged: bool, level: float) -> Any:
    """Sum up the customers of each value of `keys`; with `ragged`, only ages that all have reached."""
    groups = keys.groupby(list(keys.columns))
    code, size = groups.ngroup().to_numpy(), groups.size()
    months = amount.shape[1]
    known = np.arange(months) < seen[:, None]

    def sums(values: np.ndarray) -> np.ndarray:
        cells = code[:, None] * months + np.arange(months)
        return np.bincount(cells.ravel(), weights=values.ravel(), minlength=len(size) * months).reshape(
            len(size), months
        )

    n = sums(known.astype(float))
    shown = n == size.to_numpy()[:, None] if ragged else n > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(shown, sums(amount * known) / n, np.nan)
        # How each customer moves the sum of the monthly means, added up over the months.
        moves = np.nan_to_num(known * (amount - mean[code]) / n[code]).cumsum(axis=1)
        se = np.sqrt(sums(moves**2) * size.to_numpy()[:, None] / (size.to_numpy()[:, None] - 1))
        ltv = mean.cumsum(axis=1)
        half = np.where((n > 1) & (se > 1e-12 * np.abs(ltv)), stdtrit(n - 1, 0.5 + level / 2) * se, np.nan)
    table = size.index.to_frame(index=False)
    table = table.loc[table.index.repeat(months)].reset_index(drop=True)
    table["age"] = np.tile(np.arange(months), len(size))
    table["customers"] = n.astype("int64").ravel()
    for name, values in (("margin", mean), ("ltv", ltv), ("low", ltv - half), ("high", ltv + half)):
        table[name] = values.ravel()
    return table


def payback(curve: pd.DataFrame, cac: Any, *, discount: float = 0.0) -> pd.DataFrame:
    """Month in which a customer has paid back the cost of winning them, and LTV over CAC (回本周期).

    Parameters
    ----------
    curve : DataFrame
        What `ltv_curve` returns, or some of its groups and cohorts.
    cac : number, or mapping of group to number
        Cost of a new customer in the money of the curve; a mapping or Series has one per value of the
        curve's first column (the `by` of `ltv_curve`), such as ``acquisition_cost(...)["cac"]``.
    discount : float, default 0
        Rate per month at which later money counts less, such as 0.01.

    Returns
    -------
    DataFrame
        One row per group and cohort of the curve: ``customers``, ``cac``, ``months`` (of age that are known),
        ``ltv``, ``ltv_cac``, ``low``, ``high`` (LTV over CAC at that age, with the curve's interval),
        ``payback_months`` (1 if the first month pays it back; NaN if the months known do not),
        ``payback_low``, ``payback_high`` (where the ends of the interval pay it back),
        ``discounted_payback_months``.

    Raises
    ------
    CourseError
        If a column is missing, a group has no cost, a cost is negative, or `discount` is not from 0 to 1.

    Notes
    -----
    The first month whose cumulated margin reaches the CAC; discounted with margin(k) / (1 + d)^k, the first
    month in full. The interval takes the CAC as known. An LTV over CAC of 3 is a rule of thumb of another
    trade; what matters is whether the money is back before it is needed again. Compare channels at one age.

    Examples
    --------
    >>> curve = pd.DataFrame({"channel": "live", "cohort": "all", "age": [0, 1, 2], "customers": [90, 80, 70],
    ...                       "margin": [50.0, 9.0, 8.0], "ltv": [50.0, 59.0, 67.0],
    ...                       "low": [46.0, 54.0, 60.0], "high": [54.0, 64.0, 74.0]})
    >>> table = payback(curve, {"live": 58.0}, discount=0.1)
    >>> table[["cac", "ltv_cac", "payback_months", "payback_low", "discounted_payback_months"]].round(2)
       cac  ltv_cac  payback_months  payback_low  discounted_payback_months
    0  58.0     1.16             2.0          2.0                        2.0
    >>> payback(curve, {"search": 58.0})
    Traceback (most recent call last):
        ...
    CourseError: channels.payback: cac has no cost for live; it has search.
    """
    where = "channels.payback"
    require(curve, CURVE, where)
    require_numeric(curve, [*CURVE[1:]], where)
    if not 0 <= discount < 1:
        raise CourseError(f"{where}: discount is {discount}; give a rate per month such as 0.01.")
    keys = [name for name in curve.columns if name not in CURVE[1:]]
    table = plain(curve).sort_values([*keys, "age"], ignore_index=True)
    if table[[*keys, "age"]].isna().any(axis=None):
        raise CourseError(f"{where}: the curve has rows without {', '.join(keys)} or age; drop them first.")
    if table.duplicated([*keys, "age"]).any():
        raise CourseError(f"{where}: an age comes twice; give the curve of one shop.")
    table["discounted"] = table["margin"] / (1 + discount) ** table["age"]
    groups = table.groupby(keys, sort=True)
    table["discounted"] = groups["discounted"].cumsum()
    made = groups["customers"].first().to_frame()
    made["cac"] = _costs(cac, made.index.get_level_values(0), keys[0] != "cohort", where)
    table["cac"] = made["cac"].to_numpy()[groups.ngroup()]
    known = table[table["ltv"].notna()]
    made["months"] = known.groupby(keys).size()
    made["months"] = made["months"].fillna(0).astype("int64")
    last = known.groupby(keys)[["ltv", "low", "high"]].last()
    made["ltv"] = last["ltv"]
    with np.errstate(divide="ignore", invalid="ignore"):
        paid = made["cac"].where(made["cac"] > 0)
        made["ltv_cac"], made["low"], made["high"] = (last[c] / paid for c in ("ltv", "low", "high"))
    for name, column in (
        ("payback_months", "ltv"),
        ("payback_low", "high"),
        ("payback_high", "low"),
        ("discounted_payback_months", "discounted"),
    ):
        back = table[table[column] >= table["cac"]]
        made[name] = back.groupby(keys)["age"].min() + 1.0
    return made.reset_index()


def _costs(cac: Any, labels: Any, split: bool, where: str) -> np.ndarray:
    """Cost of each group; checked."""
    if hasattr(cac, "to_dict") and not hasattr(cac, "columns"):
        cac = cac.to_dict()
    if isinstance(cac, Mapping):
        lacking = sorted({str(label) for label in labels if label not in cac})
        if not split or lacking:
            of = ", ".join(lacking) if split else "the whole, which is not split by a column"
            raise CourseError(
                f"{where}: cac has no cost for {of}; it has {', '.join(map(str, cac)) or 'none'}."
            )
        cac = [cac[label] for label in labels]
    try:
        costs = np.broadcast_to(np.asarray(cac, dtype=float), (len(labels),))
    except (TypeError, ValueError):
        raise CourseError(
            f"{where}: cac is a {type(cac).__name__}; give a number, or a mapping of group to number."
        ) from None
    if (costs < 0).any() or np.isinf(costs).any():
        raise CourseError(f"{where}: cac is {costs[(costs < 0) | np.isinf(costs)][0]:g}; give 0 or above.")
    return costs


def residual_value(margin: float, retention: float, discount: float = 0.0) -> float:
    """Margin still to come from a customer after the last month seen, if it fades at a steady rate (LTV外推).

    Parameters
    ----------
    margin : float
        Margin per acquired customer in the last month seen, such as the last ``margin`` of `ltv_curve`.
    retention : float
        What is left of a month's margin in the month after, from 0 on; below 1 + `discount`.
    discount : float, default 0
        Rate per month at which later money counts less.

    Returns
    -------
    float
        Money per acquired customer, as of the last month; add it to the ``ltv``.

    Raises
    ------
    CourseError
        If `retention` is negative or so high that the sum has no end, or `discount` is negative.

    Notes
    -----
    Σ margin · (r / (1 + d))^t for t = 1, 2, … = margin · r / (1 + d - r) [1]_. The steady rate is an
    assumption. Customers who stay are ever more the loyal ones, so the true rate rises with age; models of it
    are in `clv`. Do not pay today for margin that is only extrapolated.

    References
    ----------
    .. [1] S. Gupta, D. R. Lehmann (2003), Customers as assets, Journal of Interactive Marketing 17(1), 9-24.

    Examples
    --------
    >>> round(residual_value(8.0, 0.9, 0.01), 2)
    65.45
    >>> residual_value(8.0, 1.1)
    Traceback (most recent call last):
        ...
    CourseError: channels.residual_value: retention is 1.1; give one below 1 + discount = 1 and from ...
    """
    where = "channels.residual_value"
    if not np.isfinite(margin):
        raise CourseError(f"{where}: margin is {margin}; give a number.")
    if not 0 <= discount < np.inf:
        raise CourseError(f"{where}: discount is {discount}; give a rate per month such as 0.01.")
    if not 0 <= retention < 1 + discount:
        raise CourseError(
            f"{where}: retention is {retention}; give one below 1 + discount = {1 + discount:g} "
            "and from 0 on, or the sum has no end."
        )
    return float(margin * retention / (1 + discount - retention))
