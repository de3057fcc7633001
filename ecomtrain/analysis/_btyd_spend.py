"""How much customers spend per purchase: the gamma-gamma model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import betainc, gammaln, ndtri, psi

from ecomtrain.analysis._btyd import maximise, parameters
from ecomtrain.analysis._checks import require_one
from ecomtrain.analysis.intervals import ratio
from ecomtrain.errors import CourseError, require, require_level, require_numeric

__all__ = ["SpendModel", "gamma_gamma"]

STRONG = 0.3  # a rule of thumb: from here on the two models must not be multiplied


@dataclass(frozen=True)
class SpendModel:
    """A fitted model of how much customers spend per purchase.

    Attributes
    ----------
    table : DataFrame
        One row per parameter: ``parameter`` (p, q, v), ``value``, ``se``, ``low``, ``high``.
    covariance : DataFrame
        Covariance of the logarithms of the parameters.
    log_likelihood : float
        Natural logarithm of the likelihood at its maximum.
    n : int
        Customers who bought again; the others tell nothing of a mean without the first purchase.
    correlation, correlation_low, correlation_high : float
        Between how often and how much a customer buys, with its interval. The model takes it for 0.
    note : str
        What the correlation means for the use of the model.
    by_frequency : DataFrame
        Check of it: ``frequency`` (class), ``customers``, ``observed`` (mean of their monetary values),
        ``low``, ``high``, ``expected`` (what the model says of anyone).
    spread : DataFrame
        Check of the form: ``from``, ``to`` (bins of monetary value), ``observed``, ``expected`` (shares of
        the customers).
    """

    table: pd.DataFrame
    covariance: pd.DataFrame
    log_likelihood: float
    n: int
    correlation: float
    correlation_low: float
    correlation_high: float
    note: str
    by_frequency: pd.DataFrame
    spread: pd.DataFrame

    def expected_value(self, summary: Any) -> pd.Series:
        """Return what each customer of `summary` is expected to spend per purchase, in its money.

        Who never bought again gets the mean of all; NaN if q is 1 or less, for that mean does not exist then.
        """
        x, money = read_spend(summary, "clv.SpendModel.expected_value")
        return pd.Series(self._values(x, money), summary.index, name="expected_value")

    def _values(self, x: Any, money: Any, logarithms: Any = None) -> Any:
        """Return expected spend; `logarithms` are of parameters other than the fitted ones."""
        p, q, v = self.table["value"] if logarithms is None else np.exp(logarithms)
        below = p * x + q - 1
        spent = x * np.where(x > 0, money, 0.0)
        return p * (v + spent) / np.where(below > 0, below, np.nan)


def gamma_gamma(summary: Any, *, level: float = 0.95) -> SpendModel:
    """Fit how much customers spend per purchase, and how much they differ in it (Gamma-Gamma, 客单价模型).

    Parameters
    ----------
    summary : DataFrame
        One row per customer with ``frequency`` (repeat purchases) and ``monetary_value`` (mean of the repeat
        purchases, above 0; not used without one), as from `clv.summary`. One currency.
    level : float, default 0.95
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    SpendModel
        Parameters and checks; ``.expected_value(summary)`` gives the expected spend per customer.

    Raises
    ------
    CourseError
        If a column is missing, nobody bought again, a customer who did has no monetary value above 0, money
        is in two currencies, or the data do not settle the parameters.

    Notes
    -----
    Purchases of a customer are gamma with shape p and a scale of their own; the scales are inverse gamma with
    q and v [1]_ [2]_. E[M | x, m] = p (v + x m) / (p x + q - 1) lies between the customer's own mean m and
    that of all, p v / (q - 1), and the nearer to the own the more purchases x there are. A best customer by
    two purchases is mostly luck. The model takes how much for independent of how often: look at
    ``correlation`` and ``by_frequency`` before you multiply.

    References
    ----------
    .. [1] R. Colombo, W. Jiang (1999), A stochastic RFM model, J. Interactive Marketing 13(3), 2-12.
    .. [2] P. S. Fader, B. G. S. Hardie, K. L. Lee (2005), RFM and CLV: using iso-value curves for customer
       base analysis, J. Marketing Research 42(4), 415-430.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = np.arange(60) % 6
    >>> money = np.where(x > 0, rng.gamma(6 * x + 1e-9, 50 / rng.gamma(4, 1, 60)) / np.maximum(x, 1), np.nan)
    >>> summary = pd.DataFrame({"frequency": x, "monetary_value": money})
    >>> model = gamma_gamma(summary)
    >>> model.n, round(model.correlation, 2)
    (50, -0.06)
    >>> summary.assign(expected=model.expected_value(summary)).round(1).head(3)
       frequency  monetary_value  expected
    0          0             NaN      86.4
    1          1            31.8      71.2
    2          2            61.1      75.4
    >>> gamma_gamma(summary.assign(monetary_value=0.0))
    Traceback (most recent call last):
        ...
    CourseError: clv.gamma_gamma: 50 customer(s) bought again and have no monetary value above 0. ...
    """
    where = "clv.gamma_gamma"
    require_level(level, where)
    x, money = read_spend(summary, where)
    order = np.lexsort((money[x > 0], x[x > 0]))  # so that rounding does not depend on the order of the rows
    x, money = x[x > 0][order], money[x > 0][order]
    n = len(x)
    if not n:
        raise CourseError(f"{where}: nobody bought again, so there is no repeat purchase to learn from.")
    scale = float(money.mean())
    scaled, frequencies, counts = money / scale, *np.unique(x, return_counts=True)
    log_money, log_x = np.log(scaled), np.log(x)

    def likelihood(logs: Any) -> tuple[float, Any]:
        p, q, v = np.exp(logs)
        total = np.log(x * scaled + v)
        of_q = psi(p * frequencies + q)
        value = (
            (counts * (gammaln(p * frequencies + q) - gammaln(p * frequencies))).sum()
            + n * (q * np.log(v) - gammaln(q))
            + ((p * x - 1) * log_money + p * x * log_x - (p * x + q) * total).sum()
        )
        slopes = [
            (counts * frequencies * (of_q - psi(p * frequencies))).sum()
            + (x * (log_money + log_x - total)).sum(),
            (counts * of_q).sum() + n * (np.log(v) - psi(q)) - total.sum(),
            n * q / v - ((p * x + q) / (x * scaled + v)).sum(),
        ]
        return float(value), np.array(slopes)

    names = ["p", "q", "v"]
    found = maximise(likelihood, np.array([4.0, 4.0, 1.0]), n, names, where)
    logs = found.at + np.array([0.0, 0.0, np.log(scale)])
    correlation, low, high = _correlation(x, money, level)
    return SpendModel(
        parameters(names, logs, found.covariance, level),
        pd.DataFrame(found.covariance, index=names, columns=names),
        found.log_likelihood - n * float(np.log(scale)),
        n,
        correlation,
        low,
        high,
        _advice(correlation),
        _by_frequency(x, money, logs, level),
        _spread(x, money, frequencies, counts, logs),
    )


def read_spend(summary: Any, where: str) -> tuple[Any, Any]:
    """Take frequency and monetary value out of a summary; those who bought again must have one above 0."""
    hint = "Make the summary with clv.summary."
    columns = ["frequency", "monetary_value"]
    require(summary, columns, where, dict.fromkeys(columns, hint))
    require_numeric(summary, columns, where)
    require_one(summary, "currency", where)
    x, money = (summary[name].to_numpy(dtype=float, na_value=np.nan) for name in columns)
    if np.isnan(x).any() or (x < 0).any() or (x != np.floor(x)).any():
        raise CourseError(f"{where}: a frequency is missing, negative or no whole number. {hint}")
    without = int(((x > 0) & ~(np.isfinite(money) & (money > 0))).sum())
    if without:
        raise CourseError(
            f"{where}: {without} customer(s) bought again and have no monetary value above 0. Take them out "
            "first, for example with summary[(summary['frequency'] == 0) | (summary['monetary_value'] > 0)]."
        )
    return x, money


def _correlation(x: Any, money: Any, level: float) -> tuple[float, float, float]:
    """Pearson's correlation with Fisher's interval; NaN where either does not vary or there are too few."""
    if len(x) < 2 or np.ptp(x) == 0 or np.ptp(money) == 0:
        return np.nan, np.nan, np.nan
    value = float(np.corrcoef(x, money)[0, 1])
    if len(x) < 4 or abs(value) > 1 - 1e-12:
        return value, np.nan, np.nan
    reach = ndtri(0.5 + level / 2) / np.sqrt(len(x) - 3)
    low, high = np.tanh(np.arctanh(value) + np.array([-reach, reach]))
    return value, float(low), float(high)


def _advice(correlation: float) -> str:
    if np.isnan(correlation):
        return "Whether how much a customer spends goes with how often cannot be told from these customers."
    if abs(correlation) < STRONG:
        return (
            f"How much and how often hardly go together (correlation {correlation:.2f}), "
            "as the model takes for granted."
        )
    return (
        f"How much goes with how often (correlation {correlation:.2f}), which the model takes for "
        "independent: lifetime values built on it are wrong for the most and the least frequent. "
        "Fit groups apart."
    )


def classes(x: Any, most: int = 7) -> Any:
    """Frequency classes 0, 1, ... with all from `most` on as one, such as "7+"; an ordered categorical."""
    names = [*map(str, range(most)), f"{most}+"]
    return pd.Categorical.from_codes(np.minimum(x, most).astype(int), names, ordered=True)


def _by_frequency(x: Any, money: Any, logs: Any, level: float) -> pd.DataFrame:
    p, q, v = np.exp(logs)
    named = classes(x)
    rows = []
    for code in np.unique(named.codes):
        own = money[named.codes == code]
        mean = ratio(own, level=level)
        rows.append((named.categories[code], len(own), mean.value, mean.low, mean.high))
    table = pd.DataFrame(rows, columns=["frequency", "customers", "observed", "low", "high"])
    return table.assign(expected=p * v / (q - 1) if q > 1 else np.nan)


def _spread(x: Any, money: Any, frequencies: Any, counts: Any, logs: Any) -> pd.DataFrame:
    """Shares of the customers by monetary value. Given x, x m / (x m + v) is beta with p x and q."""
    p, q, v = np.exp(logs)
    edges = np.append(np.linspace(0, np.quantile(money, 0.98), 25), np.inf)
    spent = frequencies[:, None] * edges[None, :-1]
    below = betainc(p * frequencies[:, None], q, spent / (spent + v))
    expected = (counts[:, None] * np.column_stack([below, np.ones(len(below))])).sum(axis=0) / len(x)
    observed = np.append(np.searchsorted(np.sort(money), edges[:-1], side="right"), len(x)) / len(x)
    upper = np.append(edges[1:-1], np.nan)  # the last bin has no upper edge
    return pd.DataFrame(
        {"from": edges[:-1], "to": upper, "observed": np.diff(observed), "expected": np.diff(expected)}
    )
