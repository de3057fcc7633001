"""Events put in order once, as arrays: what sessions, paths, dwell and funnels are all computed from."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ecomtrain.analysis._checks import require_ids
from ecomtrain.errors import CourseError, nearest, require, require_times


class Ordered(NamedTuple):
    """Row positions sorted by unit, then time; the unit's code and the time stand in that same order."""

    rows: np.ndarray
    unit: np.ndarray
    when: np.ndarray
    ticks: int  # ticks of `when` in one second


def in_order(
    frame: Any, by: str, time: str, where: str, *, among: Any = None, sort_keys: bool = False
) -> Ordered:
    """Sort the rows of `frame` by `by`, then `time`; rows without either are left out.

    Rows at the same moment follow ``event_id`` where the frame has one, so that the result does not depend on
    the order of the rows, and row order otherwise. `among` is a mask of the rows that matter.
    """
    require(frame, [by, time], where)
    require_times(frame[time], where)
    require_ids(frame, [by], where)
    fine = "ns" if getattr(frame[time].dt, "unit", "us") == "ns" else "us"
    at = frame[time].to_numpy(dtype=f"datetime64[{fine}]")
    unit = pd.factorize(frame[by], sort=sort_keys)[0]
    known = (unit >= 0) & ~np.isnat(at)
    rows = np.flatnonzero(known if among is None else known & among)
    if "event_id" in frame.columns and not frame["event_id"].is_monotonic_increasing:
        rows = rows[np.argsort(pd.factorize(frame["event_id"], sort=True)[0][rows], kind="stable")]
    unit, when = unit[rows].astype(np.int64), at[rows].view(np.int64)
    order = _by_both(unit, when)
    if order is not None:
        rows, unit, when = rows[order], unit[order], when[order]
    return Ordered(rows, unit, when, 10**9 if fine == "ns" else 10**6)


def _by_both(unit: np.ndarray, when: np.ndarray) -> np.ndarray | None:
    """Return the stable order by unit, then time; None if the rows stand in it already."""
    since = when - when.min() if len(when) else when
    bits = int(since.max(initial=0)).bit_length()
    # One key sorts three times faster than two; where both do not fit, the last bits of the time stay out.
    spare = max(int(unit.max(initial=0)).bit_length() + bits - 63, 0)
    key = unit << (bits - spare) | since >> spare
    if not spare and not (key[1:] < key[:-1]).any():
        return None
    order = np.argsort(key)
    key = key[order]
    # Rows that the key does not tell apart go by time, then keep their order: to sort those few again is
    # faster than a stable sort of all.
    same = key[1:] == key[:-1]
    tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
    order[tied] = order[tied][np.lexsort((order[tied], since[order[tied]], key[tied]))]
    return order


def starts_new(*columns: np.ndarray) -> np.ndarray:
    """Mark the positions where any of the sorted `columns` differs from the row before, and the first."""
    new = np.zeros(len(columns[0]), dtype=bool)
    new[:1] = True
    for column in columns:
        new[1:] |= column[1:] != column[:-1]
    return new


def seconds(span: Any, name: str, where: str) -> float:
    """Return a positive time span such as ``"30min"`` in seconds."""
    try:
        length = pd.Timedelta(span).total_seconds()
    except (ValueError, TypeError):
        length = 0.0
    if not length > 0:
        raise CourseError(f"{where}: {name} is {span!r}; give a positive time span such as '30min' or '7D'.")
    return length


class Views(NamedTuple):
    """Page views in order: row positions, codes of session and page, times, and the pages' labels."""

    rows: np.ndarray
    unit: np.ndarray
    when: np.ndarray
    page: np.ndarray
    labels: list[Any]
    ends: np.ndarray  # time of the session's last event, one per view
    ticks: int


def page_views(events: Any, by: str, page: str, event: str | None, view: str, time: str, where: str) -> Views:
    """Pick the page views out of `events`, in order; rows without session, page or time are left out."""
    hints = {event: "Pass event=None if every row is a page view."} if event else {}
    require(events, [by, page, *([event] if event else [])], where, hints)
    rows, unit, at, ticks = in_order(events, by, time, where, sort_keys=True)
    ends = np.zeros(len(unit), dtype=np.int64)
    last = np.roll(starts_new(unit), -1)
    if len(unit):
        ends = at[last][np.cumsum(starts_new(unit)) - 1]
    codes, labels = pd.factorize(events[page], sort=True)
    seen = codes[rows] >= 0
    if event:
        seen &= events[event].isin([view]).to_numpy()[rows]
        if len(rows) and not events[event].isin([view]).any():
            found = sorted(map(str, events[event].dropna().unique()))
            raise CourseError(
                f"{where}: no row of column '{event}' is '{view}'; it holds {', '.join(found) or 'nothing'}."
                f"{nearest(view, found)} Pass view= the name of a page view."
            )
    return Views(rows[seen], unit[seen], at[seen], codes[rows][seen], list(labels), ends[seen], ticks)


def require_page(label: object, labels: list[Any], name: str, where: str) -> None:
    """Raise unless `label` is one of the pages that were viewed."""
    if labels and label not in labels:
        raise CourseError(
            f"{where}: {name} is {label!r}, a page that nobody viewed; "
            f"the pages are {', '.join(map(str, labels))}.{nearest(label, labels)}"
        )
