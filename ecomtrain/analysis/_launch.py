"""New products: whether a test launch says go, and when the sales of a new item call for a look."""

# ruff: noqa: PT028  (test_launch is no test)
from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import betainc, betaincinv

from ecomtrain.analysis._checks import days, plain, require_not_negative, require_one
from ecomtrain.errors import CourseError, require, require_level, require_numeric

__all__ = ["launch_monitor", "test_launch"]


def test_launch(
    trials: pd.DataFrame,
    target: float,
    *,
    prior: tuple[float, float] = (1.0, 1.0),
    sure: float = 0.9,
    worth: float = 1.0,
    trial: str = "visitors",
    success: str = "buyers",
    level: float = 0.95,
) -> pd.DataFrame:
    """Decide for each product tested whether to launch, go on testing or stop (小批量测款).

    Parameters
    ----------
    trials : DataFrame
        ``product_id``, `trial` and `success` (counts): who saw the product, and who of them bought. Rows of
        one product add up.
    target : float
        The rate that a launch must beat: break-even (fixed cost / margin per buyer / visitors planned), or
        what the shelf place earns today.
    prior : pair of float, default (1, 1)
        What was believed before as a beta distribution: successes and failures that the experience with
        earlier products is worth. The default knows nothing and weighs two visitors.
    sure : float, default 0.9
        Probability from which on a side is taken; above one half.
    worth : float, default 1
        Money that one more buyer per visitor brings in all: margin per buyer times visitors planned. The
        losses are in this money.
    trial, success : str
        Columns of `trials`.
    level : float, default 0.95
        Probability that the interval holds the rate.

    Returns
    -------
    DataFrame
        One row per product, the most promising first: ``product_id``, `trial`, `success` (counts), ``rate``
        (posterior mean), ``low``, ``high``, ``p_above`` (probability that the rate beats `target`),
        ``decision`` ("go", "hold", "stop"), ``p_error`` (probability that this is the wrong one; NaN for
        hold), ``loss_go`` and ``loss_stop`` (money lost on average if that side is taken).

    Raises
    ------
    CourseError
        If a column is missing, more buy than see, or `target`, `prior` or `sure` are out of range.

    Notes
    -----
    With k of n the rate is Beta(α + k, β + n - k). It is "go" if P(rate > target) ≥ sure, "stop" if it is
    ≤ 1 - sure, else "hold". The loss of going is E[max(target - rate, 0)] · worth, that of stopping
    E[max(rate - target, 0)] · worth; before a launch that can be taken back compare these, for a small loss
    is worth no longer test. The posterior may be looked at any day, but the best of many products tested
    looks better than it is: give a prior made from earlier launches, which draws them to what is usual.

    References
    ----------
    .. [1] A. Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., chapters 2 and 9.

    Examples
    --------
    >>> trials = pd.DataFrame({"product_id": ["mug", "pan", "jar"], "visitors": [900, 900, 900],
    ...                        "buyers": [41, 20, 29]})
    >>> test_launch(trials, 0.03)[["product_id", "rate", "p_above", "decision", "p_error"]].round(3)
      product_id   rate  p_above decision  p_error
    0        mug  0.047    0.996       go    0.004
    1        jar  0.033    0.693     hold      NaN
    2        pan  0.023    0.097     stop    0.097
    >>> test_launch(trials, 3)
    Traceback (most recent call last):
        ...
    CourseError: lifecycle.test_launch: target is 3; give the rate to beat as a fraction, such as 0.03.
    """
    where = "lifecycle.test_launch"
    require_level(level, where)
    if not 0 < target < 1:
        raise CourseError(f"{where}: target is {target}; give the rate to beat as a fraction, such as 0.03.")
    if not 0.5 < sure < 1:
        raise CourseError(f"{where}: sure is {sure}; give a probability above 0.5, such as 0.9.")
    if not (len(prior) == 2 and all(0 < part < np.inf for part in prior)):
        raise CourseError(f"{where}: prior is {prior}; give two numbers above 0, such as (1, 1).")
    if not 0 < worth < np.inf:
        raise CourseError(f"{where}: worth is {worth}; give an amount of money above 0.")
    require(trials, ["product_id", trial, success], where)
    require_numeric(trials, [trial, success], where)
    require_not_negative(trials, [trial, success], where)
    table = plain(trials[["product_id", trial, success]].dropna())
    table = table.groupby("product_id")[[trial, success]].sum().reset_index()
    wrong = table[table[success] > table[trial]]
    if len(wrong):
        raise CourseError(
            f"{where}: product '{wrong['product_id'].iloc[0]}' has more {success} than {trial}. "
            "Count each person once."
        )
    n, k = table[trial].to_numpy(float), table[success].to_numpy(float)
    a, b = prior[0] + k, prior[1] + n - k
    mean, below, reach = a / (a + b), betainc(a, b, target), 0.5 + level / 2
    # E[max(rate - target, 0)] is what lies above the target of the mean and of the weight.
    stop = np.clip(mean * (1 - betainc(a + 1, b, target)) - target * (1 - below), 0, None)
    go = np.clip(stop + target - mean, 0, None)
    decided = np.select([below <= 1 - sure, below >= sure], ["go", "stop"], "hold")
    table = table.assign(
        **{"rate": mean, "low": betaincinv(a, b, 1 - reach), "high": betaincinv(a, b, reach)},
        **{"p_above": 1 - below, "decision": pd.array(decided, dtype="str")},
        p_error=np.select([decided == "go", decided == "stop"], [below, 1 - below], np.nan),
        **{"loss_go": go * worth, "loss_stop": stop * worth},
    )
    return table.sort_values(["p_above", "product_id"], ascending=[False, True], ignore_index=True)


# Its name is the field's; pytest would take it for a test.
test_launch.__test__ = False  # type: ignore[attr-defined]


def launch_monitor(
    sales: pd.DataFrame,
    *,
    ratio: float = 1.5,
    false_alarm: float = 365.0,
    dispersion: float = 0.0,
    quantity: str = "sold",
    expected: str = "expected",
) -> pd.DataFrame:
    """Watch the sales of new items against their plan and say when they have left it (新品销量监控).

    Parameters
    ----------
    sales : DataFrame
        One row per product and day on sale: ``date`` (datetime), ``product_id``, `quantity` (units sold) and
        `expected` (units planned, above 0). Leave out days without stock.
    ratio : float, default 1.5
        The change to be found: sales of `ratio` times the plan, or of the plan over `ratio`.
    false_alarm : float, default 365
        Days that pass on average, at least, until a product that keeps to its plan gives an alarm on one
        side.
    dispersion : float, default 0
        How much days scatter beyond chance: the variance is μ + dispersion · μ². From earlier launches.
    quantity, expected : str
        Columns of `sales`.

    Returns
    -------
    DataFrame
        One row per product and day: ``product_id``, ``date``, `quantity`, `expected`, ``above`` and ``below``
        (evidence so far for more and for less than planned), ``limit``, ``alert`` ("above", "below" or "").

    Raises
    ------
    CourseError
        If a column is missing, a plan is not above 0, or an option is out of range.

    Notes
    -----
    Evidence = max(0, evidence of the day before + ln of how much likelier the day's sales are under the
    changed level than under the plan): a cumulative sum chart with negative binomial counts, Poisson at
    dispersion 0. The alarm is at ln(false_alarm), which bounds the mean time between false alarms from below
    [1]_. It adds up small signs: three weak days in a row tell more than one, which a limit for each day
    alone would pass over. The bound holds for a plan that is right, and for each product and side: a hundred
    products give more than one.

    References
    ----------
    .. [1] G. Lorden (1971), Procedures for reacting to a change in distribution, Annals of Mathematical
       Statistics 42(6), 1897-1908.

    Examples
    --------
    >>> sales = pd.DataFrame({"date": pd.date_range("2026-06-01", periods=6), "product_id": "lamp",
    ...                       "sold": [9, 11, 16, 17, 19, 18], "expected": 10.0})
    >>> launch_monitor(sales, false_alarm=100)[["sold", "above", "limit", "alert"]].round(2)
       sold  above  limit  alert
    0     9   0.00   4.61
    1    11   0.00   4.61
    2    16   1.49   4.61
    3    17   3.38   4.61
    4    19   6.08   4.61  above
    5    18   8.38   4.61  above
    >>> launch_monitor(sales, ratio=0.5)
    Traceback (most recent call last):
        ...
    CourseError: lifecycle.launch_monitor: ratio is 0.5; give a number above 1, such as 1.5.
    """
    where = "lifecycle.launch_monitor"
    for name, value, least in (("ratio", ratio, 1), ("false_alarm", false_alarm, 1)):
        if not least < value < np.inf:
            raise CourseError(f"{where}: {name} is {value}; give a number above {least}, such as 1.5.")
    if not 0 <= dispersion < np.inf:
        raise CourseError(f"{where}: dispersion is {dispersion}; give 0 or a number above, such as 0.1.")
    require(sales, ["date", "product_id", quantity, expected], where)
    require_numeric(sales, [quantity, expected], where)
    require_not_negative(sales, [quantity], where)
    require_one(sales, "shop", where)
    table = plain(sales[["product_id", "date", quantity, expected]])
    table = table.assign(date=days(table["date"], where)).dropna()
    table = table.groupby(["product_id", "date"])[[quantity, expected]].sum().reset_index()
    wrong = table[~(table[expected] > 0)]
    if len(wrong):
        raise CourseError(
            f"{where}: product '{wrong['product_id'].iloc[0]}' has a plan of {wrong[expected].iloc[0]:g}; "
            "plan more than 0, or leave the day out."
        )
    x, plan = table[quantity].to_numpy(float), table[expected].to_numpy(float)
    for side, factor in {"above": ratio, "below": 1 / ratio}.items():
        step = pd.Series(_likelier(x, plan, factor, dispersion))
        total = step.groupby(table["product_id"]).cumsum()
        # A sum that is not let below 0 is how far the plain sum stands above its lowest point so far.
        lowest = total.groupby(table["product_id"]).cummin().clip(upper=0)
        table[side] = total - lowest
    limit = float(np.log(false_alarm))
    table["limit"] = limit
    higher = np.where(table["above"] >= table["below"], "above", "below")
    table["alert"] = pd.array(np.where(table[["above", "below"]].max(axis=1) >= limit, higher, ""), "str")
    return table


def _likelier(x: Any, plan: Any, factor: float, dispersion: float) -> Any:
    """Log of how much likelier the counts are at `factor` times the plan than at the plan."""
    if dispersion == 0:
        return x * np.log(factor) - (factor - 1) * plan
    spread = (1 + dispersion * factor * plan) / (1 + dispersion * plan)
    return x * np.log(factor / spread) - np.log(spread) / dispersion
