"""What customers are worth from now on: purchases times spend times margin, discounted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from ecomtrain.analysis._btyd import BuyerModel, collapse, read_summary, require_model
from ecomtrain.analysis._btyd_spend import SpendModel, read_spend
from ecomtrain.analysis._btyd_summary import require_unit
from ecomtrain.analysis._checks import plain
from ecomtrain.errors import CourseError, require, require_level

__all__ = ["LifetimeValue", "lifetime_value"]

YEAR = 365.25  # days


@dataclass(frozen=True)
class LifetimeValue:
    """What each customer, each group and all customers are expected to bring in from now on.

    Attributes
    ----------
    table : DataFrame
        One row per customer, the most valuable first: ``customer_id``, ``p_alive`` (fraction),
        ``expected_purchases`` (within the horizon), ``expected_value`` (spend per purchase), ``clv``
        (discounted margin, money), and the group. No interval: a single customer is chance above all.
    groups : DataFrame
        One row per group (``decile``, 1 the most valuable, or `by`): ``customers``, ``p_alive`` and
        ``expected_purchases`` (means), ``clv`` (mean, money), ``total`` (money) with ``low`` and ``high``,
        ``share`` (of the total of all) with ``share_low`` and ``share_high``.
    total, low, high : float
        Of all customers, money.
    horizon : float
        In the unit of time of the models.
    margin, discount : float
        As given.
    note : str
        What the check of the spend model says.
    """

    table: pd.DataFrame
    groups: pd.DataFrame
    total: float
    low: float
    high: float
    horizon: float
    margin: float
    discount: float
    note: str


def lifetime_value(
    summary: Any,
    buying: BuyerModel,
    spending: SpendModel,
    *,
    margin: float,
    horizon: float,
    discount: float = 0.1,
    unit: str = "W",
    by: str | None = None,
    level: float = 0.95,
) -> LifetimeValue:
    """Value each customer by what is still to come from them (客户终身价值, expected residual CLV).

    Parameters
    ----------
    summary : DataFrame
        One row per customer with ``customer_id``, ``frequency``, ``recency``, ``T``, ``monetary_value``, as
        from `clv.summary`; one currency.
    buying : BuyerModel
        What `bg_nbd`, `mbg_nbd` or `pareto_nbd` returned for it.
    spending : SpendModel
        What `gamma_gamma` returned for it.
    margin : float
        Share of the sales that is left after the cost of goods and fulfilment, above 0 and up to 1.
    horizon : float
        How far to look ahead, in the unit of time of `summary`, above 0.
    discount : float, default 0.1
        Interest per year, 0 or more: 0.1 makes 1.10 in a year worth 1 now.
    unit : {"W", "D"}, default "W"
        Unit of time of `summary`.
    by : str, optional
        A column of `summary` to group by, such as a tier (who has none is in the total only); deciles of the
        value if left out.
    level : float, default 0.95
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    LifetimeValue
        Per customer in ``.table``, per group in ``.groups``, and in all.

    Raises
    ------
    CourseError
        If a column is missing, a customer is listed twice, a model is something else, a number is out of
        range, money is in two currencies, or the mean spend does not exist (q of 1 or less).

    Notes
    -----
    clv = margin x E[M | x, m] x integral over the horizon of e^(-δ t) dE[X(t) | x, recency, T] [1]_, each
    purchase discounted to its own moment. Intervals are by the delta method on the logarithm: they say how
    well the parameters are known, not how well the model fits; `holdout_score` does. What was spent before is
    not in it, so it compares with what it costs to keep a customer, not with the cost of acquisition.

    References
    ----------
    .. [1] P. S. Fader, B. G. S. Hardie, K. L. Lee (2005), RFM and CLV: using iso-value curves for customer
       base analysis, J. Marketing Research 42(4), 415-430.

    Examples
    --------
    >>> from ecomtrain.analysis.clv import gamma_gamma, mbg_nbd
    >>> rng = np.random.default_rng(1)
    >>> few = pd.DataFrame({"frequency": [0, 1, 1, 2, 2, 4, 7, 12], "T": 39,
    ...                     "recency": [0, 3, 20, 10, 30, 15, 34, 38]})
    >>> summary = few.loc[few.index.repeat([42, 18, 3, 6, 12, 15, 12, 12])].assign(customer_id=range(120))
    >>> x = summary["frequency"].clip(lower=1)
    >>> summary["monetary_value"] = rng.gamma(6 * x, 50 / rng.gamma(4, 1, 120)) / x
    >>> models = mbg_nbd(summary), gamma_gamma(summary)
    >>> found = lifetime_value(summary, *models, margin=0.4, horizon=52)
    >>> found.table.round(2).iloc[[0, 50, -1], :-1]
         customer_id  p_alive  expected_purchases  expected_value      clv
    0             97     0.84                6.38          539.62  1317.55
    50            94     0.12                0.67           71.18    18.17
    119           41     0.01                0.04          102.31     1.73
    >>> found.groups[["decile", "total", "low", "high", "share"]].round(2).head(2)
       decile    total      low     high  share
    0       1  6347.72  5354.53  7525.13   0.59
    1       2  2560.06  2148.70  3050.18   0.24
    >>> lifetime_value(summary, *models, margin=40, horizon=52)
    Traceback (most recent call last):
        ...
    CourseError: clv.lifetime_value: margin is 40; give a share above 0 and up to 1, such as 0.4.
    """
    where = "clv.lifetime_value"
    require_level(level, where)
    _check(summary, buying, spending, margin, horizon, discount, by, where)
    summary = plain(summary)
    x, recency, age = read_summary(summary, where)
    money = read_spend(summary, where)[1]
    interest = np.log1p(discount) * require_unit(unit, where) / YEAR
    seen = collapse(x, recency, age)
    nodes, weights = np.polynomial.legendre.leggauss(8)
    times = np.append(horizon * (nodes + 1) / 2, horizon)[:, None]

    def purchases(logs: Any = None) -> tuple[Any, Any, Any]:
        """P(alive), expected purchases and the same discounted, by distinct row of the summary."""
        alive, made = buying._values((seen.x, seen.recency, seen.age), times, logs)
        # By parts: the purchases of the whole horizon at its end, and the interest on those made early.
        early = (weights[:, None] / 2 * np.exp(-interest * times[:-1]) * made[:-1]).sum(axis=0)
        return alive, made[-1], np.exp(-interest * horizon) * made[-1] + interest * horizon * early

    alive, made, worth = purchases()
    value = spending._values(x, money)
    if np.isnan(value).any():
        raise CourseError(
            f"{where}: the spend model has q = {spending.table['value'].iloc[1]:.2f}; with 1 or less the "
            "mean spend of those who bought once does not exist. Leave them out, or fit on more customers."
        )
    table = pd.DataFrame(
        {
            "customer_id": summary["customer_id"],
            "p_alive": alive[seen.row],
            "expected_purchases": made[seen.row],
            "expected_value": value,
            "clv": margin * value * worth[seen.row],
        }
    )
    name = by or "decile"
    if by:
        table[by] = summary[by]
    # Equal rows have equal values: the ids decide between them, whatever the order of the rows.
    order = table.sort_values(["clv", "customer_id"], ascending=[False, True]).index
    table = table.loc[order]
    if not by:
        table["decile"] = 1 + np.arange(len(table)) * 10 // len(table)
    table = table.reset_index(drop=True)
    groups = table.groupby(name).agg(
        customers=("clv", "size"),
        p_alive=("p_alive", "mean"),
        expected_purchases=("expected_purchases", "mean"),
        clv=("clv", "mean"),
        total=("clv", "sum"),
    )
    code = pd.Series(groups.index.get_indexer(table[name]), order).sort_index().to_numpy()

    def totals(value: Any, worth: Any) -> Any:
        each = margin * value * worth[seen.row]
        return np.append(np.bincount(code[code >= 0], each[code >= 0], len(groups)), each.sum())

    def slopes(model: Any, changed: Any) -> Any:
        """Relative slopes of the totals by the logarithms of a model's parameters."""
        logs, step = np.log(model.table["value"].to_numpy()), 1e-4
        moves = step * np.eye(len(logs))
        found = np.array([changed(logs + move) - changed(logs - move) for move in moves]) / (2 * step)
        return found / np.where(all_of > 0, all_of, np.nan)

    all_of = totals(value, worth)
    by_model = [
        (slopes(buying, lambda logs: totals(value, purchases(logs)[2])), buying.covariance),
        (slopes(spending, lambda logs: totals(spending._values(x, money, logs), worth)), spending.covariance),
    ]

    groups, reach = _intervals(groups, all_of[-1], by_model, level)
    total = float(all_of[-1])
    return LifetimeValue(
        table,
        groups.reset_index(),
        total,
        total / reach,
        total * reach,
        float(horizon),
        float(margin),
        float(discount),
        spending.note,
    )


def _check(
    summary: Any,
    buying: Any,
    spending: Any,
    margin: float,
    horizon: float,
    discount: float,
    by: Any,
    where: str,
) -> None:
    """Raise if an argument is out of range or something else than it should be."""
    require_model(buying, where)
    if not isinstance(spending, SpendModel):
        raise CourseError(
            f"{where}: a {type(spending).__name__} was given in place of a model of spend. "
            "Pass what clv.gamma_gamma returns."
        )
    if not 0 < margin <= 1:
        raise CourseError(f"{where}: margin is {margin}; give a share above 0 and up to 1, such as 0.4.")
    if not (np.isfinite(horizon) and horizon > 0):
        raise CourseError(f"{where}: horizon is {horizon}; give a time above 0, in the unit of T.")
    if not 0 <= discount < np.inf:
        raise CourseError(f"{where}: discount is {discount}; give interest per year such as 0.1.")
    require(summary, ["customer_id", *([by] if by else [])], where)
    if summary["customer_id"].duplicated().any() or summary["customer_id"].isna().any():
        raise CourseError(f"{where}: each customer_id must be there once. Make the summary with clv.summary.")


def _intervals(groups: Any, total: float, by_model: Any, level: float) -> tuple[pd.DataFrame, float]:
    """Add shares and intervals to the groups; return them, and the factor for the interval of the total.

    Each of `by_model` holds relative slopes of the groups' totals and, last, the total, and the covariance of
    the parameters that they are by.
    """

    def reach(of: Any) -> Any:
        variance = sum(np.einsum("ig,ij,jg->g", of(s), c.to_numpy(), of(s)) for s, c in by_model)
        return np.exp(ndtri(0.5 + level / 2) * np.sqrt(variance))

    sums, shares = reach(lambda s: s[:, :-1]), reach(lambda s: s[:, :-1] - s[:, -1:])
    share = groups["total"] / total if total > 0 else np.nan
    groups = groups.assign(
        low=groups["total"] / sums,
        high=groups["total"] * sums,
        share=share,
        share_low=share / shares,
        share_high=share * shares,
    )
    return groups, float(reach(lambda s: s[:, -1:])[0])
