"""Experiments: how large they must be, whether the arms were split as planned, what the treatment changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc, ndtr, stdtr, stdtrit

from ecomtrain.analysis._arms import COLUMNS, by_arm, no_gaps
from ecomtrain.analysis._checks import plain, require_one
from ecomtrain.analysis._cuped import cuped
from ecomtrain.analysis._looks import group_sequential, peeking
from ecomtrain.analysis._multiple import adjust
from ecomtrain.analysis._power import power, sample_size
from ecomtrain.analysis._sequential import always_valid
from ecomtrain.analysis._steps import FiveSteps, five_steps
from ecomtrain.analysis.intervals import ratio, relative_change, wilson
from ecomtrain.errors import CourseError, nearest, require, require_level, require_numeric

__all__ = [
    "FiveSteps",
    "adjust",
    "always_valid",
    "compare_means",
    "compare_rates",
    "cuped",
    "five_steps",
    "group_sequential",
    "peeking",
    "power",
    "sample_ratio",
    "sample_size",
]


def sample_ratio(arms: pd.Series, expected: Mapping[Any, float] | None = None) -> pd.DataFrame:
    """Check that the arms of an experiment have the sizes that were planned (sample ratio mismatch).

    Parameters
    ----------
    arms : Series
        The arm of each randomised unit, one value per unit, such as ``experiments["arm"]``.
    expected : mapping, optional
        Arm to its planned share, in any scale: ``{"control": 1, "treatment": 1}``. Equal shares by default.

    Returns
    -------
    DataFrame
        One row: ``n`` (units), ``arms`` (count), ``largest_share`` (fraction of the arm furthest from plan),
        ``planned_share`` (of that arm), ``chi2``, ``p``, ``mismatch`` (bool: p below 0.001).

    Raises
    ------
    CourseError
        If `arms` is not a Series, holds missing values or fewer than two arms, or `expected` does not fit.

    Notes
    -----
    Pearson's chi-square against the planned shares. With a mismatch do not read the result at all: units were
    lost on the way into one arm, and they are not a random part of it [1]_.

    References
    ----------
    .. [1] A. Fabijan et al. (2019), Diagnosing sample ratio mismatch in online controlled experiments, KDD.

    Examples
    --------
    >>> arms = pd.Series(["control"] * 821 + ["treatment"] * 740)
    >>> sample_ratio(arms)[["n", "chi2", "p", "mismatch"]].round(4)
          n    chi2       p  mismatch
    0  1561  4.2031  0.0404     False
    >>> sample_ratio(arms, {"control": 1, "treatmnt": 1})
    Traceback (most recent call last):
        ...
    CourseError: experiment.sample_ratio: arm 'treatment' is not in expected. Did you mean 'treatmnt'?
    """
    where = "experiment.sample_ratio"
    if not isinstance(arms, pd.Series):
        raise CourseError(f"{where}: a Series of arms is needed, a {type(arms).__name__} was given.")
    no_gaps(arms, where)
    codes, found = pd.factorize(arms.to_numpy(dtype=object), sort=True)
    names, counts = np.asarray(found, dtype=object), np.bincount(codes, minlength=len(found))
    if expected is not None:
        for name in names:
            if name not in expected:
                raise CourseError(f"{where}: arm '{name}' is not in expected.{nearest(name, expected)}")
        counts = np.array([counts[names == name].sum() for name in expected])
        planned = np.array(list(expected.values()), dtype=float)
    else:
        planned = np.ones(len(names))
    if len(counts) < 2 or not (planned > 0).all():
        raise CourseError(f"{where}: two arms or more, each with a planned share above 0, are needed.")
    planned = planned / planned.sum()
    n = int(counts.sum())
    chi2 = float(((counts - n * planned) ** 2 / (n * planned)).sum()) if n else np.nan
    p = float(chdtrc(len(counts) - 1, chi2))
    worst = int(np.argmax(np.abs(counts / max(n, 1) - planned)))
    row = {
        "n": n,
        "arms": len(counts),
        "largest_share": counts[worst] / n if n else np.nan,
        "planned_share": planned[worst],
        "chi2": chi2,
        "p": p,
        "mismatch": p < 0.001,
    }
    return pd.DataFrame([row])


def compare_rates(
    frame: pd.DataFrame,
    *,
    arm: str = "arm",
    success: str = "success",
    control: Any = "control",
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare the share of successes of each treatment with that of the control.

    Parameters
    ----------
    frame : DataFrame
        One row per randomised unit, with its arm and whether it succeeded (bool, or 0 and 1).
    arm, success : str
        The columns.
    control : label, default "control"
        The arm to compare with.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row per treatment arm: ``control``, ``treatment`` (shares), ``n_control``, ``n_treatment``
        (units), ``change``, ``change_low``, ``change_high`` (difference of the shares: 0.01 is one
        percentage point), ``relative_change``, ``relative_low``, ``relative_high`` (0.32 is +32 %), ``p``
        (two-sided).

    Raises
    ------
    CourseError
        If a column, an arm or an outcome is missing, `success` is not 0 or 1, or `control` is no arm.

    Notes
    -----
    Difference: Newcombe's interval from two Wilson intervals [1]_. Relative change: delta method on the
    logarithm (Katz), NaN where an arm has no success. p: z test with the pooled share.

    References
    ----------
    .. [1] R. G. Newcombe (1998), Interval estimation for the difference between independent proportions,
       Stat. Med. 17, 873-890.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": ["control"] * 1000 + ["long"] * 1000,
    ...                       "lost": [1] * 250 + [0] * 750 + [1] * 330 + [0] * 670})
    >>> row = compare_rates(frame, success="lost")
    >>> row[["change", "relative_change", "relative_low", "relative_high"]].round(3)
          change  relative_change  relative_low  relative_high
    long    0.08             0.32         0.149          0.517
    >>> compare_rates(frame, success="lost", control="short")
    Traceback (most recent call last):
        ...
    CourseError: experiment.compare_rates: control='short' is not an arm; the arms are control, long.
    """
    where = "experiment.compare_rates"
    require_level(level, where)
    require(frame, [arm, success], where)
    frame = plain(frame[[arm, success]])
    no_gaps(frame[success], where)
    require_numeric(frame, [success], where)
    if not frame[success].isin([0, 1]).all():
        raise CourseError(f"{where}: column '{success}' holds values other than 0 and 1 (False and True).")
    arms = by_arm(frame, arm, control, where)
    counts = {name: (int(part[success].sum()), len(part)) for name, part in arms.items()}
    k0, n0 = counts.pop(control)
    p0, (low0, high0) = k0 / n0, wilson(k0, n0, level)
    rows = {}
    for name, (k1, n1) in counts.items():
        p1, (low1, high1) = k1 / n1, wilson(k1, n1, level)
        change = p1 - p0
        errors = np.sqrt(p0 * (1 - p0) / n0), np.sqrt(p1 * (1 - p1) / n1)
        pooled = (k0 + k1) / (n0 + n1)
        se = np.sqrt(pooled * (1 - pooled) * (1 / n0 + 1 / n1))
        rows[name] = [
            p0,
            p1,
            n0,
            n1,
            change,
            change - np.hypot(p1 - low1, high0 - p0),
            change + np.hypot(high1 - p1, p0 - low0),
            *map(float, relative_change(p0, errors[0], p1, errors[1], level=level)),
            float(2 * ndtr(-abs(change) / se)) if se > 0 else np.nan,
        ]
    return pd.DataFrame.from_dict(rows, orient="index", columns=COLUMNS)


def compare_means(
    frame: pd.DataFrame,
    *,
    arm: str = "arm",
    numerator: str,
    denominator: str | None = None,
    unit: str | None = None,
    control: Any = "control",
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare a mean, or a ratio of two sums, of each treatment with that of the control.

    Parameters
    ----------
    frame : DataFrame
        One row per randomised unit, or several with `unit`.
    arm, numerator : str
        The columns of the arm and of the quantity, such as a visitor's payments.
    denominator : str, optional
        Makes it a ratio metric: Σ numerator / Σ denominator, such as payments per order. Without it, per row
        (per unit, where `unit` is given).
    unit : str, optional
        The column of the randomised unit; the rows of a unit are added up before they are compared.
    control : label, default "control"
        The arm to compare with.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row per treatment arm: ``control``, ``treatment`` (values), ``n_control``, ``n_treatment``
        (units), ``change``, ``change_low``, ``change_high`` (in the unit of the numerator),
        ``relative_change``, ``relative_low``, ``relative_high`` (0.18 is +18 %), ``p`` (two-sided).

    Raises
    ------
    CourseError
        If a column is missing or no number, an arm or value is missing, a unit is in two arms, `control`
        is no arm, or there are two currencies.

    Notes
    -----
    Standard errors by the delta method (`intervals.ratio`) [1]_: orders of one visitor are not independent.
    Difference and p: Welch's t with Satterthwaite's degrees of freedom. Relative change: delta method on the
    logarithm, NaN unless both values are above 0.

    References
    ----------
    .. [1] A. Deng, U. Knoblich, J. Lu (2018), Applying the Delta Method in Metric Analytics, KDD.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": ["control"] * 4 + ["treatment"] * 4,
    ...                       "paid": [100.0, 210, 90, 200, 130, 230, 110, 250],
    ...                       "orders": [1, 2, 1, 2, 1, 2, 1, 2]})
    >>> row = compare_means(frame, numerator="paid", denominator="orders")
    >>> row[["control", "treatment", "relative_change", "relative_low", "relative_high"]].round(3)
               control  treatment  relative_change  relative_low  relative_high
    treatment    100.0      120.0              0.2         0.105          0.303
    >>> compare_means(frame, numerator="payed")
    Traceback (most recent call last):
        ...
    CourseError: experiment.compare_means: column 'payed' is not in the frame; ... Did you mean 'paid'?
    """
    where = "experiment.compare_means"
    require_level(level, where)
    numbers = [numerator, *([denominator] if denominator else [])]
    require(frame, [arm, *numbers, *([unit] if unit else [])], where)
    require_one(frame, "currency", where)
    frame = plain(frame[list(dict.fromkeys([arm, *numbers, *([unit] if unit else [])]))])
    require_numeric(frame, numbers, where)
    for column in numbers:
        no_gaps(frame[column], where)
    if unit:
        no_gaps(frame[unit], where)
        no_gaps(frame[arm], where)
        frame = frame.groupby([unit, arm], sort=False)[numbers].sum().reset_index()
        if frame[unit].duplicated().any():
            name = frame.loc[frame[unit].duplicated(), unit].iloc[0]
            raise CourseError(
                f"{where}: {unit} {name} is in two arms; a unit must stay in the arm it was given."
            )
    arms = by_arm(frame, arm, control, where)
    values = {
        name: ratio(part[numerator], part[denominator] if denominator else 1.0) for name, part in arms.items()
    }
    base, n0 = values.pop(control), len(arms[control])
    rows = {}
    for name, value in values.items():
        n1 = len(arms[name])
        change, se = value.value - base.value, np.hypot(value.se, base.se)
        half, p = np.nan, np.nan
        if se > 0:
            df = se**4 / (value.se**4 / (n1 - 1) + base.se**4 / (n0 - 1))
            half, p = stdtrit(df, 0.5 + level / 2) * se, 2 * stdtr(df, -abs(change) / se)
        relative = relative_change(base.value, base.se, value.value, value.se, level=level)
        row = [base.value, value.value, n0, n1, change, change - half, change + half, *relative, p]
        rows[name] = [x if isinstance(x, int) else float(x) for x in row]
    return pd.DataFrame.from_dict(rows, orient="index", columns=COLUMNS)
