"""How many reach each step, and how long it takes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from ecomtrain.analysis._order import in_order, seconds, starts_new
from ecomtrain.analysis.intervals import wilson
from ecomtrain.errors import CourseError, nearest, require, require_level

__all__ = ["conversion", "time_to_convert"]

MODES = ("ordered", "strict", "unordered")


def conversion(
    events: Any,
    steps: Sequence[str],
    *,
    by: str = "visitor_id",
    order: Literal["ordered", "strict", "unordered"] = "ordered",
    window: str | None = None,
    event: str = "event",
    time: str = "ts",
    group: str | None = None,
    absent_ok: bool = False,
    level: float = 0.95,
) -> pd.DataFrame:
    """Count the visitors or sessions that reach each step of a funnel (转化漏斗).

    Parameters
    ----------
    events : DataFrame
        One row per event, in any order, with the columns named below. Rows without unit or time are left out.
    steps : sequence of str
        Names of events, first step first. A name may come more than once.
    by : str, default "visitor_id"
        The unit that is counted: a visitor, or a session with ``by="session_id"``.
    order : {"ordered", "strict", "unordered"}
        ordered: each step later than the one before, other events may come between. strict: each step at the
        very next moment at which the unit did anything. unordered: all steps so far happened, in any order.
    window : str or Timedelta, optional
        Longest time from the first step to the step counted, exclusive ("7D" means less than seven days).
        Every occurrence of the first step is tried as the start.
    event, time : str
        Columns: the name of the event and its moment (datetime).
    group : str, optional
        A column of `events` to split by, such as ``"device"``. A unit counts in each group with the events it
        has there.
    absent_ok : bool, default False
        Count a step that no event is named after as reached by nobody. Otherwise it is taken for a slip of
        the pen.
    level : float, default 0.95
        Confidence level of the interval, between 0 and 1.

    Returns
    -------
    DataFrame
        One row per step (and group, the first column if asked for): ``step``, ``reached`` (count),
        ``step_rate`` (reached / reached of the step before; NaN on the first step), ``overall_rate`` (reached
        / reached of the first step), ``low``, ``high`` (interval of step_rate; Wilson). Rates are fractions,
        NaN where nobody came so far.

    Raises
    ------
    CourseError
        If a column is missing, `time` holds no times, `steps` is empty, a step is no event's name, or
        `order`, `window` or `level` is not one of the values above.

    Notes
    -----
    Two events of a unit at the same time have no order, so the later step must be *strictly* later; the row
    order of the frame plays no part. In an unordered funnel the window runs from whichever step came first,
    and a name that comes twice must have happened at two moments.

    The earliest start is not always the one to count from: for view (Monday), view (Friday), pay (Saturday)
    and a window of two days only the second view leads to the payment in time. From a given start, the
    earliest possible next step is never worse than a later one, so trying all starts and stepping greedily
    finds every conversion.

    Examples
    --------
    >>> events = pd.DataFrame({"visitor_id": [1, 1, 1, 2], "event": ["view", "like", "pay", "view"],
    ...     "ts": pd.to_datetime(["2026-06-01", "2026-06-02", "2026-06-03", "2026-06-01"])})
    >>> conversion(events, ["view", "pay"]).round(3)
       step  reached  step_rate  overall_rate    low   high
    0  view        2        NaN           1.0    NaN    NaN
    1   pay        1        0.5           0.5  0.095  0.905
    >>> conversion(events, ["view", "pay"], order="strict")["reached"].tolist()
    [2, 0]
    >>> conversion(events, ["view", "paid"])
    Traceback (most recent call last):
        ...
    CourseError: funnel.conversion: step 'paid' is not among the events; they are like, pay, view. ...
    """
    where = "funnel.conversion"
    require(events, [by, event, time, *([group] if group else [])], where)
    require_level(level, where)
    if order not in MODES:
        raise CourseError(
            f"{where}: order is {order!r}; give one of {', '.join(MODES)}.{nearest(order, MODES)}"
        )
    limit = None if window is None else seconds(window, "window", where)
    steps = _checked(events, steps, event, absent_ok, where)
    if group is None:
        return _table(steps, _reached(events, steps, by, order, limit, event, time, where), level)
    parts = []
    for name, part in events.groupby(group, observed=True):
        table = _table(steps, _reached(part, steps, by, order, limit, event, time, where), level)
        table.insert(0, group, name)
        parts.append(table)
    if not parts:
        table = _table(steps, np.zeros(len(steps), dtype=np.int64), level).iloc[:0]
        table.insert(0, group, events[group].iloc[:0])
        return table
    return pd.concat(parts, ignore_index=True)


def time_to_convert(
    events: Any,
    first: str,
    last: str,
    *,
    by: str = "visitor_id",
    event: str = "event",
    time: str = "ts",
    quantiles: Sequence[float] = (0.1, 0.25, 0.5, 0.75, 0.9),
) -> pd.DataFrame:
    """Time from the first `first` of a visitor to the next `last`, as quantiles over those who converted.

    Parameters
    ----------
    events : DataFrame
        One row per event, in any order, with the columns named below. Rows without unit or time are left out.
    first, last : str
        Names of events; `last` counts only if strictly later.
    by, event, time : str
        Columns: the unit (visitor or session), the name of the event, its moment (datetime).
    quantiles : sequence of float
        Between 0 and 1.

    Returns
    -------
    DataFrame
        One row per quantile: ``quantile``, ``seconds`` (s; NaN if nobody converted), ``started``,
        ``converted`` (counts).

    Raises
    ------
    CourseError
        If a column is missing, a step is no event's name, or a quantile is outside 0 to 1.

    Notes
    -----
    Those who have not converted yet are left out, so the times are too short where the log ends early: read
    them together with ``converted`` of ``started``.

    Examples
    --------
    >>> events = pd.DataFrame({"visitor_id": [1, 1, 2], "event": ["view", "pay", "view"],
    ...     "ts": pd.to_datetime(["2026-06-01 10:00", "2026-06-01 10:05", "2026-06-01 10:00"])})
    >>> time_to_convert(events, "view", "pay", quantiles=[0.5])
       quantile  seconds  started  converted
    0       0.5    300.0        2          1
    >>> time_to_convert(events, "view", "pay", quantiles=[50])
    Traceback (most recent call last):
        ...
    CourseError: funnel.time_to_convert: quantiles is [50]; give fractions between 0 and 1.
    """
    where = "funnel.time_to_convert"
    require(events, [by, event, time], where)
    points = np.asarray(quantiles, dtype=float)
    if points.ndim != 1 or not ((points >= 0) & (points <= 1)).all():
        raise CourseError(f"{where}: quantiles is {quantiles!r}; give fractions between 0 and 1.")
    steps = _checked(events, [first, last], event, None, where)
    log = _moments(events, steps, by, event, time, True, where)
    starts = np.flatnonzero(log.has[first])
    starts = starts[starts_new(log.unit[starts])]
    ends = _occurrence(log, last, starts + 1, 1)
    hit = _same_unit(log, starts, ends)
    spent = (log.when[ends[hit]] - log.when[starts[hit]]) / log.ticks
    values = np.quantile(spent, points) if len(spent) else np.full(len(points), np.nan)
    table = pd.DataFrame({"quantile": points, "seconds": values})
    return table.assign(started=len(starts), converted=len(spent))


class _Moments(NamedTuple):
    """The moments at which a unit did something, in order, and which steps happened at each."""

    unit: np.ndarray
    when: np.ndarray
    has: dict[str, np.ndarray]
    ticks: int


def _moments(
    events: Any, steps: Sequence[str], by: str, event: str, time: str, only_steps: bool, where: str
) -> _Moments:
    names, labels = pd.factorize(events[event])
    code = {label: number for number, label in enumerate(labels)}
    wanted = {step: code.get(step, -2) for step in steps}
    among = np.isin(names, list(wanted.values())) if only_steps else None
    rows, unit, at, ticks = in_order(events, by, time, where, among=among)
    new = starts_new(unit, at)
    moment = np.cumsum(new) - 1
    named = names[rows]
    has = {}
    for step, number in wanted.items():
        has[step] = np.zeros(int(new.sum()), dtype=bool)
        has[step][moment[named == number]] = True
    return _Moments(unit[new], at[new], has, ticks)


def _reached(
    events: Any, steps: list[str], by: str, order: str, limit: float | None, event: str, time: str, where: str
) -> np.ndarray:
    """Count the units that reach each step; other events matter to a strict funnel only."""
    log = _moments(events, steps, by, event, time, order != "strict", where)
    start = np.arange(len(log.unit)) if order == "unordered" else np.flatnonzero(log.has[steps[0]])
    end, counts = start, []
    for position, step in enumerate(steps):
        if order == "unordered":
            end = _occurrence(log, step, start, steps[: position + 1].count(step))
        elif position and order == "ordered":
            end = _occurrence(log, step, end + 1, 1)
        elif position:
            end = end + 1
        kept = _same_unit(log, start, end)
        if order == "strict":
            kept[kept] = log.has[step][end[kept]]
        if limit is not None:
            kept[kept] = log.when[end[kept]] - log.when[start[kept]] < limit * log.ticks
        start, end = start[kept], end[kept]
        counts.append(int(starts_new(log.unit[start]).sum()))
    return np.array(counts, dtype=np.int64)


def _occurrence(log: _Moments, step: str, position: np.ndarray, nth: int) -> np.ndarray:
    """Return the moment of the nth `step` at or after each position, or one past the end if there is none."""
    has = log.has[step]
    before = np.concatenate([[0], np.cumsum(has)])
    found = np.append(np.flatnonzero(has), np.full(nth, len(has)))
    return found[before[position] + nth - 1]


def _same_unit(log: _Moments, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Mark the pairs whose end exists and belongs to the unit that started."""
    within = end < len(log.unit)
    within[within] = log.unit[end[within]] == log.unit[start[within]]
    return within


def _checked(events: Any, steps: Sequence[str], event: str, absent_ok: bool | None, where: str) -> list[str]:
    """Return `steps` as a list; raise for a step that is no event's name."""
    if isinstance(steps, str) or not len(steps):
        raise CourseError(f"{where}: steps is {steps!r}; give a list of event names, first step first.")
    names = sorted(map(str, events[event].dropna().unique()))
    hint = (
        "" if absent_ok is None else " If the name is right and it only did not happen, pass absent_ok=True."
    )
    for step in steps:
        if names and not absent_ok and step not in names:
            raise CourseError(
                f"{where}: step '{step}' is not among the events; "
                f"they are {', '.join(names)}.{nearest(step, names)}{hint}"
            )
    return list(steps)


def _table(steps: list[str], reached: np.ndarray, level: float) -> pd.DataFrame:
    table = pd.DataFrame({"step": pd.Series(steps, dtype="str"), "reached": reached})
    before = table["reached"].shift()
    table["step_rate"] = table["reached"] / before
    table["overall_rate"] = table["reached"] / table["reached"].iloc[0]
    table["low"], table["high"] = wilson(table["reached"].where(before.notna()), before, level)
    return table
