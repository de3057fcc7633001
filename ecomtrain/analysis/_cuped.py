"""An experiment with what was known before it: less noise for the same units."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from ecomtrain.analysis._arms import COLUMNS, by_arm, no_gaps
from ecomtrain.analysis._checks import plain, require_one
from ecomtrain.analysis.intervals import relative_change
from ecomtrain.errors import CourseError, require, require_level, require_numeric

SHIFTED = 0.001  # p of the covariate between the arms, as small as for a sample ratio mismatch


def cuped(
    frame: pd.DataFrame,
    *,
    arm: str = "arm",
    outcome: str,
    covariate: str,
    control: Any = "control",
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare the means of the arms after taking out what a quantity from before the test foretells (CUPED).

    Parameters
    ----------
    frame : DataFrame
        One row per randomised unit.
    arm, outcome : str
        The columns of the arm and of the quantity, such as a customer's payments during the test.
    covariate : str
        The column of a quantity that was settled before the test, best of all the outcome itself in the weeks
        before.
    control : label, default "control"
        The arm to compare with.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row per treatment arm: the columns of `compare_means` (``control`` and ``treatment`` are the
        adjusted means), then ``theta`` (outcome per unit of the covariate), ``correlation`` (within the
        arms), ``variance_reduction`` (fraction: 0.4 saves two units of five), ``useful`` (bool: False where
        the correlation cannot be told from none, and `compare_means` does as well), ``covariate_p`` (p of the
        covariate's own difference between the arms) and ``covariate_shifted`` (bool: that p is below 0.001;
        the treatment has moved the covariate, or the lots are broken, so do not read the result), and for
        comparison ``unadjusted_change``, ``unadjusted_low``, ``unadjusted_high`` (Welch on Y itself).

    Raises
    ------
    CourseError
        If a column is missing or no number, a value is missing, the covariate is the same for every unit,
        `control` is no arm, or there are two currencies.

    Notes
    -----
    Y' = Y − θ (X − X̄) with θ = cov(Y, X) / var(X) within the arms, the same for all; its variance is 1 − ρ²
    of that of Y [1]_. As lots were drawn, X has the same mean in all arms but for chance, so θ takes away
    chance and no effect; a covariate that the treatment can move takes away the effect itself. Difference and
    p: Welch's t on Y'. Relative change: delta method on the logarithm, NaN unless both means are above 0.

    References
    ----------
    .. [1] A. Deng, Y. Xu, R. Kohavi, T. Walker (2013), Improving the sensitivity of online controlled
       experiments by utilizing pre-experiment data, WSDM.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": ["control"] * 5 + ["treatment"] * 5,
    ...                       "before": [10.0, 20, 30, 40, 50, 12, 22, 28, 41, 52],
    ...                       "paid": [11.0, 19, 31, 42, 49, 18, 27, 35, 45, 60], "shop": "tea"})
    >>> row = cuped(frame, outcome="paid", covariate="before")
    >>> row[["change", "change_low", "change_high", "theta", "variance_reduction", "useful"]].round(2)
               change  change_low  change_high  theta  variance_reduction  useful
    treatment    5.59        3.46         7.73   1.01                0.99    True
    >>> cuped(frame.assign(one=1.0), outcome="paid", covariate="one")
    Traceback (most recent call last):
        ...
    CourseError: experiment.cuped: column 'one' is the same for every unit, so it foretells nothing ...
    """
    where = "experiment.cuped"
    require_level(level, where)
    require(frame, [arm, outcome, covariate], where)
    if len({arm, outcome, covariate}) < 3:
        raise CourseError(f"{where}: arm, outcome and covariate must be three columns of their own.")
    require_one(frame, "currency", where)
    frame = plain(frame[[arm, outcome, covariate]])
    require_numeric(frame, [outcome, covariate], where)
    for column in (outcome, covariate):
        no_gaps(frame[column], where)
    frame = frame.astype({outcome: float, covariate: float})
    arms = by_arm(frame, arm, control, where)
    if frame[covariate].min() == frame[covariate].max():
        raise CourseError(
            f"{where}: column '{covariate}' is the same for every unit, so it foretells nothing. "
            f"Choose a quantity from before the test in which units differ, or use compare_means."
        )
    # Grouping by text again and again is what takes the time.
    key = frame[arm].astype("category")
    by = frame.groupby(key, observed=True)
    within = frame[[outcome, covariate]] - by[[outcome, covariate]].transform("mean")
    y, x = (within[column].to_numpy() for column in (outcome, covariate))
    squares, products = float(x @ x), float(x @ y)
    alike = squares <= 1e-20 * float(np.square(frame[covariate]).sum())
    theta = 0.0 if alike else products / squares
    rho = products / np.sqrt(squares * (y @ y)) if not alike and y @ y > 0 else np.nan
    rho = float(np.clip(rho, -1, 1))
    df = len(frame) - len(arms) - 1
    useful = bool(df > 0 and (abs(rho) == 1 or 2 * stdtr(df, -abs(rho) * np.sqrt(df / (1 - rho**2))) < 0.05))
    centred = frame[covariate] - frame[covariate].mean()
    adjusted = (frame[outcome] - theta * centred).groupby(key, observed=True)
    mean, se, size = adjusted.mean(), adjusted.std() / np.sqrt(adjusted.size()), adjusted.size()
    raw = by[outcome]
    raw_mean, raw_se = raw.mean(), raw.std() / np.sqrt(size)
    balance = by[covariate]
    spread = balance.std() / np.sqrt(size)
    rows = {}
    for name in arms:
        if name == control:
            continue
        change, half, p = _welch(mean, se, size, name, control, level)
        plain_change, plain_half, _ = _welch(raw_mean, raw_se, size, name, control, level)
        shift = _welch(balance.mean(), spread, size, name, control, level)[2]
        relative = relative_change(mean[control], se[control], mean[name], se[name], level=level)
        values = [mean[control], mean[name], size[control], size[name], change, change - half, change + half]
        rows[name] = [
            *(float(value) if place not in (2, 3) else int(value) for place, value in enumerate(values)),
            *map(float, relative),
            p,
            theta,
            rho,
            rho**2,
            useful,
            shift,
            shift < SHIFTED,
            plain_change,
            plain_change - plain_half,
            plain_change + plain_half,
        ]
    more = ["theta", "correlation", "variance_reduction", "useful", "covariate_p", "covariate_shifted"]
    more += ["unadjusted_change", "unadjusted_low", "unadjusted_high"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=[*COLUMNS, *more])


def _welch(
    mean: pd.Series, se: pd.Series, size: pd.Series, name: Any, control: Any, level: float
) -> tuple[float, float, float]:
    """Difference of two means, half of its interval, and p, by Welch's t."""
    change, error = mean[name] - mean[control], np.hypot(se[name], se[control])
    if not error > 1e-12 * abs(mean[control]):
        return float(change), np.nan, np.nan
    df = error**4 / (se[name] ** 4 / (size[name] - 1) + se[control] ** 4 / (size[control] - 1))
    return (
        float(change),
        float(stdtrit(df, 0.5 + level / 2) * error),
        float(2 * stdtr(df, -abs(change) / error)),
    )
