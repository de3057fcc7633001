"""Models of customers who buy until they leave, unseen: the result of a fit, and how it is fitted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtri

from ecomtrain.analysis._btyd_formulas import FORMULAS, Patterns
from ecomtrain.errors import CourseError, require, require_level, require_numeric

COLUMNS = ["frequency", "recency", "T"]
FARTHEST = 12.0  # in logarithms: a parameter beyond e^12 times its start runs away for good


@dataclass(frozen=True)
class BuyerModel:
    """A fitted model of how often customers buy and when they leave.

    Attributes
    ----------
    model : str
        "BG/NBD", "MBG/NBD" or "Pareto/NBD".
    table : DataFrame
        One row per parameter: ``parameter``, ``value``, ``se`` (standard error), ``low``, ``high``.
    covariance : DataFrame
        Covariance of the logarithms of the parameters.
    log_likelihood : float
        Natural logarithm of the likelihood at its maximum; models of one summary may be compared by it.
    n : int
        Customers.
    """

    model: str
    table: pd.DataFrame
    covariance: pd.DataFrame
    log_likelihood: float
    n: int

    def p_alive(self, summary: Any) -> pd.Series:
        """Return the chance that each customer of `summary` still is one, a fraction (活跃概率).

        `summary` has ``frequency``, ``recency`` and ``T`` in the unit of the fit, as from `clv.summary`.
        """
        rows = self._rows(summary, "p_alive")
        return pd.Series(self._values(rows)[0], summary.index, name="p_alive")

    def expected_purchases(self, summary: Any, periods: float) -> pd.Series:
        """Return how often each customer of `summary` is expected to buy in the next `periods`."""
        rows = self._rows(summary, "expected_purchases")
        time = _times(periods, "clv.BuyerModel.expected_purchases")
        if time.ndim:
            raise CourseError(
                f"clv.BuyerModel.expected_purchases: periods holds {time.size} numbers; give one number."
            )
        return pd.Series(self._values(rows, time)[1], summary.index, name="expected_purchases")

    def expected_new(self, periods: Any) -> Any:
        """Return how often a customer is expected to buy again in the `periods` after a first purchase."""
        time = _times(periods, "clv.BuyerModel.expected_new")
        first = np.zeros(1)
        return self._values((first, first, first), time.ravel())[1].reshape(time.shape)[()]

    def _rows(self, summary: Any, method: str) -> tuple[Any, Any, Any]:
        return read_summary(summary, f"clv.BuyerModel.{method}")

    def _values(
        self, rows: tuple[Any, Any, Any], periods: Any = 0.0, logarithms: Any = None
    ) -> tuple[Any, Any]:
        """P(alive) and expected purchases; `logarithms` are of parameters other than the fitted ones."""
        if logarithms is None:
            logarithms = np.log(self.table["value"].to_numpy())
        formulas = FORMULAS[self.model]
        alive = formulas.p_alive(np.exp(logarithms), *rows)
        return alive, alive * formulas.purchases_if_alive(np.exp(logarithms), *rows, periods)


class Maximum(NamedTuple):
    """Where a likelihood is highest: logarithms of the parameters, their covariance, and its logarithm."""

    at: Any
    covariance: Any
    log_likelihood: float


def fit(summary: Any, model: str, level: float, where: str) -> BuyerModel:
    """Fit one of the models by maximum likelihood."""
    require_level(level, where)
    x, recency, age = read_summary(summary, where)
    if not x.any():
        raise CourseError(
            f"{where}: none of the {len(x)} customers bought again, so nothing is known of how often they "
            "do. Give more customers or a longer time."
        )
    # Ages of about one keep the parameters of any unit within reach of one start.
    scale = float(age.max())
    seen = collapse(x, recency / scale, age / scale)
    formulas = FORMULAS[model]
    found = maximise(
        lambda logs: formulas.likelihood(np.exp(logs), seen),
        formulas.start(float((seen.count * seen.x).sum() / (seen.count * seen.age).sum())),
        len(x),
        formulas.names,
        where,
    )
    shift = np.where(np.isin(formulas.names, ["alpha", "beta"]), np.log(scale), 0.0)
    return BuyerModel(
        model,
        parameters(formulas.names, found.at + shift, found.covariance, level),
        pd.DataFrame(found.covariance, index=list(formulas.names), columns=list(formulas.names)),
        found.log_likelihood - float(x.sum() * np.log(scale)),
        len(x),
    )


def maximise(
    likelihood: Callable[[Any], tuple[float, Any]], start: Any, n: int, names: Sequence[str], where: str
) -> Maximum:
    """Find the maximum of a log-likelihood over the logarithms of positive parameters.

    `likelihood` gives the sum over `n` customers and its slope by the parameters themselves. A quasi-Newton
    search comes near, Newton's own steps come to the last digit, and the curvature there is the information.
    """
    from scipy.optimize import minimize

    def mean(logs: Any) -> tuple[float, Any]:
        value, slope = likelihood(logs)
        return -value / n, -slope * np.exp(logs) / n

    def curvature(logs: Any) -> Any:
        step = 1e-4
        moves = step * np.eye(len(logs))
        rows = np.array([mean(logs + move)[1] - mean(logs - move)[1] for move in moves]) / (2 * step)
        return (rows + rows.T) / 2

    start = np.log(start)
    bounds = [(centre - FARTHEST, centre + FARTHEST) for centre in start]
    at = minimize(
        mean, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-13, "gtol": 1e-7}
    ).x
    information = curvature(at)
    for _ in range(25):
        if _flat(information, n, at - start):
            break
        step = np.linalg.solve(information, mean(at)[1])
        at = at - step * min(1.0, 1 / np.abs(step).max(initial=1e-300))
        if np.abs(step).max() < 1e-6:  # the next error is of the order of its square
            return Maximum(at, np.linalg.inv(n * information), -mean(at)[0] * n)
        information = curvature(at)
    _, directions = np.linalg.eigh(information)
    worst = names[int(np.argmax(np.abs(directions[:, 0] * (np.abs(at - start) + 1e-9))))]
    raise CourseError(
        f"{where}: the {n} customers do not settle the parameter {worst}: the farther it moves, the better, "
        "or no worse, the fit; often because customers hardly differ in it or hardly ever leave. Give more "
        "customers or a longer time, or try another model."
    )


def _flat(information: Any, n: int, moved: Any) -> bool:
    """Whether the likelihood has no clear maximum here: an edge, or a direction that hardly matters."""
    known = np.isfinite(information).all() and float(np.linalg.eigvalsh(information)[0]) * n > 1e-4
    return not known or bool((np.abs(moved) > FARTHEST - 1e-6).any())


def parameters(names: Sequence[str], logs: Any, covariance: Any, level: float) -> pd.DataFrame:
    """Table of parameters; the intervals are those of the logarithms, for a parameter is positive."""
    se = np.sqrt(np.diag(covariance))
    reach = ndtri(0.5 + level / 2) * se
    value = np.exp(logs)
    return pd.DataFrame(
        {
            "parameter": list(names),
            "value": value,
            "se": value * se,
            "low": np.exp(logs - reach),
            "high": np.exp(logs + reach),
        }
    )


def read_summary(summary: Any, where: str) -> tuple[Any, Any, Any]:
    """Take frequency, recency and T out of a summary, as floats; raise if they cannot belong together."""
    hint = "Make the summary with clv.summary."
    require(summary, COLUMNS, where, dict.fromkeys(COLUMNS, hint))
    require_numeric(summary, COLUMNS, where)
    x, recency, age = (summary[name].to_numpy(dtype=float, na_value=np.nan) for name in COLUMNS)
    if not len(x):
        raise CourseError(f"{where}: the summary has no rows. {hint}")
    wrong = ~np.isfinite(x + recency + age)
    if wrong.any():
        raise CourseError(
            f"{where}: {wrong.sum()} customer(s) have no frequency, recency or T. Take them out first, "
            "for example with summary.dropna(subset=['frequency', 'recency', 'T'])."
        )
    if (x < 0).any() or (recency < 0).any() or (age < 0).any():
        raise CourseError(f"{where}: a frequency, recency or T is negative. {hint}")
    if (x != np.floor(x)).any():
        raise CourseError(f"{where}: a frequency is no whole number; it counts repeat purchases. {hint}")
    if (recency > age * (1 + 1e-12)).any() or ((x == 0) & (recency > 0)).any() or not age.any():
        raise CourseError(
            f"{where}: recency, the time from the first purchase to the last, must lie between 0 and T and "
            f"be 0 without a repeat purchase, and T must not be 0 throughout. {hint}"
        )
    return x, np.minimum(recency, age), age


def collapse(x: Any, recency: Any, age: Any) -> Patterns:
    """Keep each pattern once, with its number of customers: many share one, and all count alike."""
    values, codes = zip(
        *(np.unique(column, return_inverse=True) for column in (x, recency, age)), strict=True
    )
    key = (codes[0] * len(values[1]) + codes[1]) * len(values[2]) + codes[2]
    _, first, row, count = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    by_x = np.bincount(codes[0]).astype(float)
    return Patterns(x[first], recency[first], age[first], count.astype(float), values[0], by_x, row)


def require_model(model: Any, where: str) -> None:
    """Raise unless `model` is a fitted model of purchases."""
    if not isinstance(model, BuyerModel):
        raise CourseError(
            f"{where}: a {type(model).__name__} was given in place of a model of purchases. "
            "Pass what clv.bg_nbd, clv.mbg_nbd or clv.pareto_nbd returns."
        )


def _times(periods: Any, where: str) -> Any:
    try:
        time = np.asarray(periods, dtype=float)
    except (TypeError, ValueError):
        time = np.array(np.nan)
    if not (np.isfinite(time) & (time >= 0)).all():
        raise CourseError(f"{where}: periods is {periods!r}; give a number of 0 or more, in the unit of T.")
    return time
