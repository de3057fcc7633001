"""Differences in differences over a panel, with intervals that keep to their level for twenty units."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from ecomtrain.analysis._checks import plain
from ecomtrain.errors import CourseError, require, require_level, require_numeric

BATCH = 2_000_000  # numbers in the normal equations that are solved at once
NO_SPREAD = 1e-9  # a treatment or an error this much smaller than what it came from is none


def difference_in_differences(
    panel: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    treated: str,
    relative: bool = False,
    level: float = 0.95,
) -> pd.DataFrame:
    """Effect of a change that came to some units and not, or not yet, to others (双重差分).

    Parameters
    ----------
    panel : DataFrame
        One row per unit and period, such as a team's month. A unit may lack periods.
    outcome : str
        Column of numbers, the quantity that may have changed.
    unit, time : str
        Columns of the unit (team, shop, product) and of the period.
    treated : str
        Column of bool (or 0 and 1): whether the change is in force for the unit in that period. Units may
        start at different times, stop again, or never start.
    relative : bool, default False
        Estimate the relative change: the logarithm of `outcome` is used, which must be above 0.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row: ``effect``, ``low``, ``high`` (in the unit of `outcome`; with `relative` a fraction, 0.09 is
        +9 %), ``se`` (of the fitted coefficient: with `relative` of the log effect), ``units``,
        ``treated_units`` (ever treated), ``periods``, ``n`` (rows). The interval is NaN where leaving out
        one unit leaves nothing to compare, and where the fit is exact.

    Raises
    ------
    CourseError
        If a column is missing, holds gaps or is of the wrong kind, a unit has two rows in a period,
        `treated` is other than 0 and 1, nobody shows what would have happened without the change, or an
        outcome is not above 0 with `relative`.

    Notes
    -----
    y = unit effect + period effect + b·treated + error, by least squares. The units are the clusters: errors
    of one unit may hang together from period to period. b is estimated again without each of the G units;
    se² = (G − 1)/G Σ (b₋g − mean b₋g)², the cluster jackknife, and b ± t·se with G − 1 degrees of freedom
    [1]_. With `relative` the effect and its ends are exp(·) − 1. Without the change the treated units would
    have moved like the others: look at the periods before. Where starts are staggered and the effect differs
    between early and late starters or grows with time, b weighs the comparisons oddly [2]_.

    References
    ----------
    .. [1] J. G. MacKinnon, M. Ø. Nielsen, M. D. Webb (2023), Fast and reliable jackknife and bootstrap
       methods for cluster-robust inference, J. Appl. Econometrics 38(5), 671-694.
    .. [2] A. Goodman-Bacon (2021), Difference-in-differences with variation in treatment timing,
       J. Econometrics 225(2), 254-277.

    Examples
    --------
    >>> panel = pd.DataFrame({"team": ["a", "a", "b", "b", "c", "c", "d", "d"], "month": [1, 2] * 4,
    ...                       "output": [10.0, 14, 12, 17, 8, 9, 11, 13],
    ...                       "coached": [False, True, False, True] + [False] * 4})
    >>> asked = {"outcome": "output", "unit": "team", "time": "month", "treated": "coached"}
    >>> difference_in_differences(panel, **asked).round(3)
       effect    low   high     se  units  treated_units  periods  n
    0     3.0  0.244  5.756  0.866      4              2        2  8
    >>> difference_in_differences(panel.assign(coached=panel["month"] == 2), **asked)
    Traceback (most recent call last):
        ...
    CourseError: causal.difference_in_differences: 'coached' is the same for every unit in each period, ...
    """
    where = "causal.difference_in_differences"
    require_level(level, where)
    frame = checked_panel(panel, outcome, unit, time, treated, where)
    y = frame[outcome].to_numpy(float)
    if relative:
        if not (y > 0).all():
            raise CourseError(
                f"{where}: column '{outcome}' is not above 0 in {int((~(y > 0)).sum())} row(s), and a "
                f"relative change needs its logarithm. Leave those units out, or use relative=False."
            )
        y = np.log(y)
    d = frame[treated].to_numpy(float)
    i, units = pd.factorize(frame[unit])
    t, periods = pd.factorize(frame[time])
    parts = _Parts(i, t, d - _means(d, i)[i], y - _means(y, i)[i])
    effect = next(parts.slopes(None))[0]
    if not np.isfinite(effect):
        raise CourseError(
            f"{where}: '{treated}' is the same for every unit in each period, or never changes, so nobody "
            f"shows what would have happened without it. Add units or periods that were not treated."
        )
    without = np.concatenate(list(parts.slopes(np.arange(len(units)))))
    count = len(units)
    # A fit without errors shows no spread to judge by; an interval of no width would claim certainty.
    se = np.sqrt((count - 1) / count * ((without - without.mean()) ** 2).sum())
    se = se if se > NO_SPREAD * max(abs(effect), 1e-300) else np.nan
    reach = stdtrit(count - 1, 0.5 + level / 2) * se
    ends = effect, effect - reach, effect + reach
    told = [float(np.expm1(end) if relative else end) for end in ends]
    row = {
        **dict(zip(("effect", "low", "high"), told, strict=True)),
        "se": float(se),
        "units": count,
        "treated_units": int(frame.loc[d > 0, unit].nunique()),
        "periods": len(periods),
        "n": len(frame),
    }
    return pd.DataFrame([row])


def checked_panel(panel: Any, outcome: str, unit: str, time: str, treated: str, where: str) -> pd.DataFrame:
    """Check and keep the four columns: complete, one row per unit and period."""
    columns = [outcome, unit, time, treated]
    require(panel, columns, where)
    frame: pd.DataFrame = plain(panel[list(dict.fromkeys(columns))])
    for column in columns:
        gaps = int(frame[column].isna().sum())
        if gaps:
            raise CourseError(
                f"{where}: column '{column}' is missing in {gaps} row(s). Drop them, or say what a gap means."
            )
    require_numeric(frame, [outcome], where)
    if not frame[treated].isin([0, 1]).all():
        raise CourseError(f"{where}: column '{treated}' holds values other than 0 and 1 (False and True).")
    twice = frame.duplicated([unit, time])
    if twice.any():
        name, period = frame.loc[twice, [unit, time]].iloc[0]
        raise CourseError(
            f"{where}: {unit} {name} has more than one row in {time} {period}. "
            f"Add them up first, for example with .groupby(['{unit}', '{time}'])."
        )
    if frame[unit].nunique() < 2 or frame[time].nunique() < 2:
        raise CourseError(f"{where}: two units and two periods or more are needed.")
    return frame


def _means(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    return np.bincount(group, values) / np.bincount(group)


class _Parts:
    """The regression of y on d with a dummy for each period, both as deviations from the unit's mean.

    All sums are kept by unit, so that the slope without a unit is the whole less that unit's part. A panel
    without gaps needs the sums over units by period only; others solve for the period effects.
    """

    def __init__(self, i: np.ndarray, t: np.ndarray, d: np.ndarray, y: np.ndarray) -> None:
        shape = i.max() + 1, t.max() + 1
        self.seen, self.d, self.y = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        self.seen[i, t], self.d[i, t], self.y[i, t] = 1.0, d, y
        self.dd, self.dy = (self.d * self.d).sum(axis=1), (self.d * self.y).sum(axis=1)
        self.floor = NO_SPREAD * max(float(self.dd.sum()), 1e-300)

    def slopes(self, left_out: np.ndarray | None) -> Iterator[np.ndarray]:
        """Give the slope without each of the units, or (for None) with all; NaN where d does not vary."""
        nobody = left_out is None
        size = 1 if left_out is None else max(1, BATCH // self.seen.shape[1] ** 2)
        for first in range(0, 1 if left_out is None else len(left_out), size):
            g = np.arange(0) if left_out is None else left_out[first : first + size]
            yield self._slope(g, nobody)

    def _slope(self, g: np.ndarray, nobody: bool) -> np.ndarray:
        def less(whole: np.ndarray) -> np.ndarray:
            total: np.ndarray = whole.sum(axis=0)
            return total[None] if nobody else total - whole[g]

        d, y = less(self.d), less(self.y)
        if self.seen.all():
            units = self.seen.shape[0] - (not nobody)
            taken_d, taken_y = (d * d).sum(axis=1) / units, (d * y).sum(axis=1) / units
        else:
            effects = self._period_effects(g, nobody, d)
            taken_d, taken_y = (effects * d).sum(axis=1), (effects * y).sum(axis=1)
        spread = less(self.dd) - taken_d
        with np.errstate(divide="ignore", invalid="ignore"):
            found: np.ndarray = np.where(spread > self.floor, (less(self.dy) - taken_y) / spread, np.nan)
        return found

    def _period_effects(self, g: np.ndarray, nobody: bool, d: np.ndarray) -> np.ndarray:
        """Regress d on the period dummies, both as deviations from the unit's mean.

        Dummies of unit i have the cross product diag(s) − s sᵀ / Σs, with s its row of `seen`.
        """
        s, size = self.seen, self.seen.shape[1]
        scaled = s / np.sqrt(s.sum(axis=1, keepdims=True))
        whole = np.diag(s.sum(axis=0)) - scaled.T @ scaled
        if nobody:
            return (np.linalg.pinv(whole, hermitian=True) @ d[0])[None]
        parts = whole + scaled[g][:, :, None] * scaled[g][:, None, :]
        parts[:, np.arange(size), np.arange(size)] -= s[g]
        # The period effects are free up to a constant, which their mean of zero takes away; a period that
        # only this unit saw has no effect left to find.
        empty = (s.sum(axis=0) - s[g]) < 0.5
        parts += 1.0 / size
        parts[:, np.arange(size), np.arange(size)] += empty
        try:
            found: np.ndarray = np.linalg.solve(parts, d[:, :, None])[:, :, 0]
        except np.linalg.LinAlgError:
            found = (np.linalg.pinv(parts, hermitian=True) @ d[:, :, None])[:, :, 0]
        return found
