"""An experiment that is looked at more than once: what may be concluded, and when."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr

from ecomtrain.analysis._arms import by_arm, no_gaps
from ecomtrain.analysis._checks import days, plain, require_not_negative, require_one
from ecomtrain.errors import CourseError, require, require_level, require_numeric

__all__ = ["always_valid"]


def always_valid(
    frame: pd.DataFrame,
    *,
    tau: float,
    outcome: str = "success",
    arm: str = "arm",
    time: str = "assigned_at",
    units: str | None = None,
    control: Any = "control",
    first: int = 100,
    level: float = 0.95,
) -> pd.DataFrame:
    """Follow an experiment day by day with intervals that hold however often one looks (序贯检验).

    Parameters
    ----------
    frame : DataFrame
        One row per randomised unit, or totals per day and arm with `units`.
    tau : float
        Size of the effect that is planned for, in the unit of the outcome and before the data are seen: 0.01
        for a percentage point. A `tau` far off the true effect only takes longer.
    outcome, arm, time : str
        Columns of the outcome (a number, or 0 and 1), the arm, and the time from which the outcome is known.
    units : str, optional
        Column of counts; each row then stands for that many units, of which `outcome` succeeded.
    control : label, default "control"
        The arm to compare with.
    first : int, default 100
        Units per arm below which nothing is concluded: the spread is not yet known.
    level : float, default 0.95
        Confidence level, for all looks together.

    Returns
    -------
    DataFrame
        One row per treatment arm and day on the shop's clock, by ``arm`` and ``date``, of all units so far:
        ``n_control``, ``n_treatment``, ``control``, ``treatment`` (means or shares), ``change``, ``low``,
        ``high`` (NaN below `first`), ``p`` (always valid), ``p_fixed`` (what a test says that allows one
        look only), ``decided`` (bool: ``p`` has been at most 1 - level).

    Raises
    ------
    CourseError
        If a column is missing or of the wrong kind, an arm, a time or an outcome is missing, `control` is no
        arm, `tau` is not above 0, or there are two currencies.

    Notes
    -----
    Mixture sequential probability ratio test [1]_: with the difference d and its variance s² so far,
    Λ = √(s² / (s² + τ²)) · exp(τ² d² / (2 s² (s² + τ²))), p = min(1, 1 / largest Λ so far), and the interval
    d ± s √((s² + τ²) / τ² · (ln((s² + τ²) / s²) − 2 ln(1 − level))). For n units per arm s² = V / n. Under no
    difference Λ exceeds 1 / α with a chance of at most α, whenever one stops; a test for one look that is
    repeated every day does not (`peeking`). The price is an interval about half as wide again.

    References
    ----------
    .. [1] R. Johari, P. Koomen, L. Pekelis, D. Walsh (2017), Peeking at A/B tests: why it matters, and what
       to do about it, KDD.

    Examples
    --------
    >>> day = pd.DataFrame({"assigned_at": pd.date_range("2026-06-01", periods=3).repeat(2),
    ...                     "arm": ["control", "treatment"] * 3, "visitors": 2000,
    ...                     "success": [200, 235, 190, 250, 205, 240]})
    >>> found = always_valid(day, tau=0.02, units="visitors")
    >>> found[["change", "low", "high", "p", "p_fixed", "decided"]].round(3)
       change    low   high      p  p_fixed  decided
    0   0.017 -0.013  0.048  0.635    0.075    False
    1   0.024  0.003  0.045  0.017    0.001     True
    2   0.022  0.004  0.039  0.005    0.000     True
    >>> always_valid(day, tau=0, units="visitors")
    Traceback (most recent call last):
        ...
    CourseError: experiment.always_valid: tau is 0; give the size of effect you plan for, above 0.
    """
    where = "experiment.always_valid"
    require_level(level, where)
    if isinstance(tau, bool) or not isinstance(tau, int | float | np.number) or not 0 < tau < np.inf:
        raise CourseError(f"{where}: tau is {tau!r}; give the size of effect you plan for, above 0.")
    frame = _checked(frame, [arm, time, outcome, *([units] if units else [])], units, where)
    frame["day"] = days(frame[time], where)
    no_gaps(frame["day"].rename(time), where)
    y = frame[outcome].astype(float)
    frame["n"] = frame[units].astype(float) if units else 1.0
    # Totals of successes are totals of their squares as well.
    frame["y"], frame["yy"] = y, y if units else y * y
    arms = by_arm(frame, arm, control, where)
    every = np.unique(frame["day"])
    totals = {
        name: part.groupby("day")[["n", "y", "yy"]].sum().reindex(every, fill_value=0.0).cumsum()
        for name, part in arms.items()
    }
    base, alpha = totals.pop(control), 1 - level
    tables = [_path(name, base, one, tau, first, alpha) for name, one in totals.items()]
    return pd.concat(tables, ignore_index=True)


def _checked(frame: Any, columns: list[str], units: str | None, where: str) -> pd.DataFrame:
    """Check and keep the columns of a followed experiment."""
    outcome = columns[2]
    require(frame, columns, where)
    if len(set(columns)) < len(columns):
        raise CourseError(f"{where}: arm, time, outcome and units must be columns of their own.")
    require_one(frame, "currency", where)
    frame = plain(frame[columns])
    require_numeric(frame, [outcome, *([units] if units else [])], where)
    for column in columns[2:]:
        no_gaps(frame[column], where)
    if units:
        require_not_negative(frame, [outcome, units], where)
        if (frame[outcome] > frame[units]).any():
            raise CourseError(f"{where}: column '{outcome}' counts more than '{units}' in a row.")
    return frame


def _path(name: Any, base: Any, one: Any, tau: float, first: int, alpha: float) -> pd.DataFrame:
    """Follow one arm against the control."""
    with np.errstate(divide="ignore", invalid="ignore"):
        mean0, mean1 = (t["y"].to_numpy() / t["n"].to_numpy() for t in (base, one))
        variance = np.zeros(len(base))
        for t, mean in ((base, mean0), (one, mean1)):
            n = t["n"].to_numpy()
            variance = variance + ((t["yy"].to_numpy() / n - mean**2).clip(0) * n / (n - 1)) / n
        change = mean1 - mean0
        enough = (np.minimum(base["n"], one["n"]) >= max(first, 2)).to_numpy() & (variance > 0)
        s2, both = np.where(enough, variance, np.nan), variance + tau**2
        log_ratio = 0.5 * np.log(s2 / both) + (tau * change) ** 2 / (2 * s2 * both)
        reach = np.sqrt(s2 * both / tau**2 * (np.log(both / s2) - 2 * np.log(alpha)))
        p = np.exp(-np.maximum.accumulate(np.nan_to_num(log_ratio, nan=0.0).clip(0)))
        p_fixed = 2 * ndtr(-np.abs(change) / np.sqrt(s2))
    return pd.DataFrame(
        {
            "arm": name,
            "date": base.index,
            "n_control": base["n"].to_numpy().astype("int64"),
            "n_treatment": one["n"].to_numpy().astype("int64"),
            "control": mean0,
            "treatment": mean1,
            "change": change,
            "low": change - reach,
            "high": change + reach,
            "p": p,
            "p_fixed": p_fixed,
            "decided": p <= alpha,
        }
    )
