"""An effect period by period, before and after it began."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import fdtrc, stdtrit

from ecomtrain.analysis._did import NO_SPREAD, checked_panel
from ecomtrain.errors import CourseError, require_level

__all__ = ["EventStudy", "event_study"]


@dataclass(frozen=True)
class EventStudy:
    """Effect by period in `table`, its mean from the start on, and the test of what was before it."""

    table: pd.DataFrame
    effect: float
    low: float
    high: float
    pretrend_p: float
    pretrend_periods: int
    units: int
    treated_units: int


def event_study(
    panel: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    treated: str,
    window: int = 6,
    relative: bool = False,
    level: float = 0.95,
) -> EventStudy:
    """Effect of a change by period before and after its start, with a test of the periods before (事件研究).

    Parameters
    ----------
    panel : DataFrame
        One row per unit and period, as for `difference_in_differences`. Units may start at different times or
        never, but a unit that has begun stays treated.
    outcome, unit, time, treated : str
        The columns, as there.
    window : int, default 6
        Periods to show on either side of the start.
    relative : bool, default False
        Estimate relative changes, as there.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    EventStudy
        ``table``: one row per period: ``period`` (0 is the first one treated, -1 the one before, which is the
        measure), ``effect``, ``low``, ``high`` (unit of the outcome, or a fraction with `relative`), ``se``,
        ``treated_units``. ``effect``, ``low``, ``high``: the mean over the periods from the start on.
        ``pretrend_p``: p of the test that the periods before -1 all show none (NaN without any, or where the
        units are too few), ``pretrend_periods`` (their number), ``units``, ``treated_units`` (used).

    Raises
    ------
    CourseError
        As `difference_in_differences`; and if a unit stops, or nobody has a period before the start.

    Notes
    -----
    For each group of units that start together: its mean change since the period before the start, less that
    of the units that have not begun by then; groups are then averaged by their size [1]_. Early starters are
    never the measure of late ones, which is what misleads a single regression. Units are left out in turn for
    the intervals and for the joint test (F with units − periods degrees of freedom), which has little power
    with few units: a large p does not prove that they went the same way [2]_. Look at the size of what is
    there before, not at the p alone.

    References
    ----------
    .. [1] B. Callaway, P. H. C. Sant'Anna (2021), Difference-in-differences with multiple time periods,
       J. Econometrics 225(2), 200-230.
    .. [2] J. Roth (2022), Pretest with caution: event-study estimates after testing for parallel trends,
       Am. Econ. Rev.: Insights 4(3), 305-322.

    Examples
    --------
    >>> i, month = (grid.ravel() for grid in np.indices((8, 5)))
    >>> coached = (i < 4) & (month >= 3)
    >>> panel = pd.DataFrame({"team": i, "month": month, "coached": coached,
    ...                       "output": 10.0 + i + month + 3 * coached + (i * i + 3 * i * month) % 5 / 5})
    >>> asked = {"outcome": "output", "unit": "team", "time": "month", "treated": "coached"}
    >>> found = event_study(panel, **asked)
    >>> found.table[["period", "effect", "low", "high"]].round(2)
       period  effect   low  high
    0      -3    0.05 -0.59  0.69
    1      -2   -0.10 -0.67  0.47
    2      -1    0.00   NaN   NaN
    3       0    2.85  2.30  3.40
    4       1    2.70  2.08  3.32
    >>> event_study(panel.assign(coached=month == 1), **asked)
    Traceback (most recent call last):
        ...
    CourseError: causal.event_study: team 0 stops being treated; leave out what comes after, or use ...
    """
    where = "causal.event_study"
    require_level(level, where)
    if isinstance(window, bool) or not isinstance(window, int | np.integer) or window < 1:
        raise CourseError(f"{where}: window is {window!r}; give a number of periods from 1 on.")
    frame = checked_panel(panel, outcome, unit, time, treated, where)
    if relative and not (frame[outcome] > 0).all():
        raise CourseError(
            f"{where}: column '{outcome}' is not above 0 in a row, and a relative change needs that."
        )
    i, units = pd.factorize(frame[unit])
    t, periods = pd.factorize(frame[time], sort=True)
    y = np.full((len(units), len(periods)), np.nan)
    y[i, t] = np.log(frame[outcome].to_numpy(float)) if relative else frame[outcome].to_numpy(float)
    on = frame[treated].to_numpy(float) == 1
    start = np.full(len(units), len(periods))
    np.minimum.at(start, i[on], t[on])
    stops = ~on & (t > start[i])
    if stops.any():
        raise CourseError(
            f"{where}: {unit} {units[i[stops][0]]} stops being treated; leave out what comes after, or use "
            "difference_in_differences."
        )
    groups = [g for g in np.unique(start) if 0 < g < len(periods)]
    if not groups:
        raise CourseError(
            f"{where}: nobody begins within the periods, so there is no before and after. Add periods."
        )
    span = range(-int(window), int(window) + 1)
    found = {e: one for e in span if e != -1 and (one := _effect(y, start, groups, e)) is not None}
    after = [e for e in found if e >= 0]
    if not after:
        raise CourseError(
            f"{where}: nobody has yet to begin when others have, so nobody shows what would have happened "
            "without it. Add units that were not treated."
        )
    count = len(units)
    factor = (count - 1) / count
    q = stdtrit(count - 1, 0.5 + level / 2)

    def ends(effect: float, without: Any) -> tuple[float, float, float, float]:
        se = np.sqrt(factor * ((without - without.mean()) ** 2).sum())
        se = se if se > NO_SPREAD * max(abs(effect), 1e-300) else np.nan
        told = (effect, effect - q * se, effect + q * se)
        first, low, high = (float(np.expm1(end) if relative else end) for end in told)
        return first, low, high, float(se)

    rows = [(e, *ends(one[0], one[1]), one[2]) for e, one in found.items()]
    rows.append((-1, 0.0, np.nan, np.nan, np.nan, max(one[2] for one in found.values())))
    table = pd.DataFrame(rows, columns=["period", "effect", "low", "high", "se", "treated_units"])
    mean = ends(float(np.mean([found[e][0] for e in after])), np.mean([found[e][1] for e in after], axis=0))
    before = [e for e in found if e < -1]
    return EventStudy(
        table.sort_values("period").reset_index(drop=True),
        *mean[:3],
        pretrend_p=_pretrend([found[e] for e in before], count),
        pretrend_periods=len(before),
        units=count,
        treated_units=int((start < len(periods)).sum() - (start == 0).sum()),
    )


def _effect(y: Any, start: Any, groups: list[int], e: int) -> tuple[float, Any, int] | None:
    """Effect at a distance from the start: with all units, without each, and the treated behind it."""
    whole = np.zeros(2)
    without = np.zeros((2, len(y)))
    many = 0
    for g in groups:
        at = g + e
        if not 0 <= at < y.shape[1]:
            continue
        moved = y[:, at] - y[:, g - 1]
        seen = ~np.isnan(moved)
        moved = np.where(seen, moved, 0.0)
        treated, others = seen & (start == g), seen & (start > max(at, g - 1)) & (start != g)
        if not treated.any() or not others.any():
            continue
        many += int(treated.sum())
        for every in (True, False):
            n1, n0 = (mask.sum() - (0 if every else mask) for mask in (treated, others))
            s1, s0 = ((moved * mask).sum() - (0 if every else moved * mask) for mask in (treated, others))
            with np.errstate(divide="ignore", invalid="ignore"):
                gained = np.where(n1 > 0, s1 - n1 * np.divide(s0, n0), 0.0)
            if every:
                whole += [float(gained), float(n1)]
            else:
                without += np.stack([gained, n1])
    if not many:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(whole[0] / whole[1]), np.where(without[1] > 0, without[0] / without[1], np.nan), many


def _pretrend(found: list[tuple[float, Any, int]], count: int) -> float:
    """Test jointly that all of these are none: Hotelling, with the covariance of leaving units out."""
    many = len(found)
    if not many or count <= many + 1:
        return np.nan
    effects, without = np.array([one[0] for one in found]), np.stack([one[1] for one in found])
    away = without - without.mean(axis=1, keepdims=True)
    covariance = (count - 1) / count * away @ away.T
    scale = np.sqrt(np.diag(covariance))
    if not (scale > NO_SPREAD * max(np.abs(effects).max(), 1e-300)).all():
        return np.nan
    correlation = covariance / np.outer(scale, scale)
    if np.linalg.matrix_rank(correlation, hermitian=True) < many:
        return np.nan
    z = effects / scale
    statistic = z @ np.linalg.solve(correlation, z) * (count - many) / (many * (count - 1))
    return float(fdtrc(many, count - many, statistic))
