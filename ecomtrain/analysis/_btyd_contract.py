"""Customers under contract, who are seen to leave: the shifted beta-geometric model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import betaln, hyp2f1, psi

from ecomtrain.analysis._btyd import maximise, parameters
from ecomtrain.analysis.intervals import wilson
from ecomtrain.errors import CourseError, require, require_level, require_numeric

__all__ = ["ContractModel", "sbg"]


@dataclass(frozen=True)
class ContractModel:
    """A fitted model of how many customers renew, period after period.

    Attributes
    ----------
    table : DataFrame
        One row per period: ``period``, ``survivors``, ``survival`` (share of those who began), ``low``,
        ``high``, ``expected`` (share by the model), ``retention`` (share of the period before that renewed),
        ``expected_retention``.
    parameters : DataFrame
        One row per parameter: ``parameter`` (alpha, beta), ``value``, ``se``, ``low``, ``high``.
    log_likelihood : float
        Natural logarithm of the likelihood at its maximum.
    n : int
        Customers who began.
    """

    table: pd.DataFrame
    parameters: pd.DataFrame
    log_likelihood: float
    n: int

    def survival(self, periods: Any) -> Any:
        """Return the share of those who began that is still there after `periods` renewals."""
        alpha, beta = self.parameters["value"]
        time = _whole(periods, "survival", 0)
        return np.exp(betaln(alpha, beta + time) - betaln(alpha, beta))[()]

    def retention(self, periods: Any) -> Any:
        """Return the share of those still there who renew for the `periods`-th time, 1 or more."""
        alpha, beta = self.parameters["value"]
        time = _whole(periods, "retention", 1)
        return ((beta + time - 1) / (alpha + beta + time - 1))[()]

    def residual_lifetime(self, discount: float, *, renewals: int = 0) -> float:
        """Return the expected number of payments still to come, discounted at `discount` per period.

        For a customer about to decide on the next renewal, who has renewed `renewals` times before; a payment
        at once counts whole. Times the margin of one period it is the value that is left.
        """
        if not discount > 0:
            raise CourseError(
                f"clv.ContractModel.residual_lifetime: discount is {discount}; give a rate per period above "
                "0, such as 0.1."
            )
        alpha, beta = self.parameters["value"]
        time = float(_whole(renewals, "residual_lifetime", 0))
        renews = (beta + time) / (alpha + beta + time)
        return float(renews * hyp2f1(1, beta + time + 1, alpha + beta + time + 1, 1 / (1 + discount)))


def sbg(survivors: Any, *, level: float = 0.95) -> ContractModel:
    """Fit the renewals of customers under contract (shifted beta-geometric, 合约客户留存).

    Parameters
    ----------
    survivors : DataFrame
        ``period`` (whole numbers 0, 1, 2, ... without a gap) and ``survivors`` (customers of one cohort still
        there after that many renewals; those who began at period 0).
    level : float, default 0.95
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    ContractModel
        Observed and expected survival, parameters; ``.survival(periods)`` goes on beyond the data,
        ``.retention(periods)`` and ``.residual_lifetime(discount)`` follow from it.

    Raises
    ------
    CourseError
        If a column is missing, periods have a gap, survivors rise or are negative, nobody leaves or everyone
        does at once, or the data do not settle the parameters.

    Notes
    -----
    Each customer leaves with the same chance at every renewal; the chances are spread over customers as a
    beta [1]_: S(t) = B(alpha, beta + t) / B(alpha, beta), retention (beta + t - 1) / (alpha + beta + t - 1).
    Retention of the cohort rises with time although nobody becomes more loyal: those who leave easily are
    gone. A line or an exponential curve drawn through the first years therefore falls too far.

    References
    ----------
    .. [1] P. S. Fader, B. G. S. Hardie (2007), How to project customer retention, J. Interactive Marketing
       21(1), 76-90.

    Examples
    --------
    >>> years = pd.DataFrame({"period": range(8), "survivors": [1000, 631, 468, 382, 326, 289, 262, 241]})
    >>> model = sbg(years)
    >>> model.parameters["value"].round(3).tolist()
    [0.704, 1.182]
    >>> round(float(model.survival(12)), 3)
    0.17
    >>> sbg(years.drop(index=3))
    Traceback (most recent call last):
        ...
    CourseError: clv.sbg: the periods 0, 1, 2, 4, ... have a gap; give one row for each from 0 on.
    """
    where = "clv.sbg"
    require_level(level, where)
    require(survivors, ["period", "survivors"], where)
    require_numeric(survivors, ["period", "survivors"], where)
    period, left = (
        survivors[name].to_numpy(dtype=float, na_value=np.nan) for name in ("period", "survivors")
    )
    order = np.argsort(period, kind="stable")
    period, left = period[order], left[order]
    if len(period) < 3:
        raise CourseError(f"{where}: {len(period)} period(s) are too few for two parameters; give 3 or more.")
    if not np.array_equal(period, np.arange(len(period))):
        told = ", ".join(f"{value:g}" for value in period[:4])
        raise CourseError(f"{where}: the periods {told}, ... have a gap; give one row for each from 0 on.")
    if not (np.isfinite(left).all() and (left >= 0).all() and (np.diff(left) <= 0).all()):
        raise CourseError(
            f"{where}: survivors must be 0 or above and never rise; follow one cohort, and count who came "
            "back as a new customer."
        )
    if (left != np.floor(left)).any():
        raise CourseError(
            f"{where}: survivors holds {left[left != np.floor(left)][0]:g}, which is no number of customers; "
            "give counts, not shares: how sure the fit is depends on how many they are."
        )
    if left[0] == left[-1] or left[1] == 0:
        raise CourseError(f"{where}: nobody leaves or everyone does at once, so there is nothing to fit.")
    lost = left[:-1] - left[1:]
    ages = period[:-1]  # renewals made by those who left at the next one
    end = len(lost)

    def likelihood(logs: Any) -> tuple[float, Any]:
        alpha, beta = np.exp(logs)
        whole = betaln(alpha, beta)
        value = (lost * (betaln(alpha + 1, beta + ages) - whole)).sum()
        value += left[-1] * (betaln(alpha, beta + end) - whole)
        after, stayed = psi(alpha + 1 + beta + ages), psi(alpha + beta + end)
        both = psi(alpha + beta)
        slopes = [
            (lost * (psi(alpha + 1) - after - psi(alpha) + both)).sum() + left[-1] * (both - stayed),
            (lost * (psi(beta + ages) - after - psi(beta) + both)).sum()
            + left[-1] * (psi(beta + end) - stayed - psi(beta) + both),
        ]
        return float(value), np.array(slopes)

    names = ["alpha", "beta"]
    found = maximise(likelihood, np.array([1.0, 2.0]), int(left[0]), names, where)
    alpha, beta = np.exp(found.at)
    low, high = wilson(left, np.full(len(left), left[0]), level)
    with np.errstate(invalid="ignore"):
        retention = np.append(np.nan, left[1:] / np.where(left[:-1] > 0, left[:-1], np.nan))
    table = pd.DataFrame(
        {
            "period": period.astype(int),
            "survivors": left,
            "survival": left / left[0],
            "low": np.where(period > 0, low, np.nan),  # that all began is no estimate
            "high": np.where(period > 0, high, np.nan),
            "expected": np.exp(betaln(alpha, beta + period) - betaln(alpha, beta)),
            "retention": retention,
            "expected_retention": np.append(np.nan, (beta + ages) / (alpha + beta + ages)),
        }
    )
    return ContractModel(
        table, parameters(names, found.at, found.covariance, level), found.log_likelihood, int(left[0])
    )


def _whole(periods: Any, method: str, least: int) -> Any:
    try:
        time = np.asarray(periods, dtype=float)
    except (TypeError, ValueError):
        time = np.array(np.nan)
    if not ((time >= least) & (time == np.floor(time))).all():
        raise CourseError(
            f"clv.ContractModel.{method}: {periods!r} was given; give a whole number of renewals, "
            f"{least} or more."
        )
    return time
