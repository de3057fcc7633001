"""What visitors do on the way: sessions, dwell time, the next page, whole paths, clicks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis._dwell import dwell, dwell_conversion, dwell_summary, survival_curve
from ecomtrain.analysis._order import in_order, page_views, require_page, seconds, starts_new
from ecomtrain.analysis.intervals import wilson
from ecomtrain.errors import CourseError, require, require_level

__all__ = [
    "dwell",
    "dwell_conversion",
    "dwell_summary",
    "element_clicks",
    "reach",
    "sessionise",
    "survival_curve",
    "top_paths",
    "transitions",
]

EXIT = "(exit)"


def sessionise(events: Any, *, by: str = "visitor_id", time: str = "ts", gap: str = "30min") -> pd.Series:
    """Split a click log into numbered sessions: a silence longer than `gap` starts a new one (会话划分).

    Parameters
    ----------
    events : DataFrame
        One row per event, in any order, with the columns `by` and `time`.
    by : str, default "visitor_id"
        Column that tells visitors apart.
    time : str, default "ts"
        Column with the moment of the event (datetime, all with a time zone or all without).
    gap : str or Timedelta, default "30min"
        The longest silence inside a session. A silence of exactly `gap` does not split.

    Returns
    -------
    Series of int64
        ``session``: session numbers from 0 on, on the index of `events`; by visitor, then time.
        Rows without visitor or time get -1.

    Raises
    ------
    CourseError
        If a column is missing, `time` holds no times, or `gap` is not a positive time span.

    Examples
    --------
    >>> events = pd.DataFrame({"visitor_id": [7, 7, 7, 8], "ts": pd.to_datetime(
    ...     ["2026-06-01 10:00", "2026-06-01 10:30", "2026-06-01 11:01", "2026-06-01 10:00"])})
    >>> sessionise(events).tolist()
    [0, 0, 1, 2]
    >>> sessionise(events, gap="half an hour")
    Traceback (most recent call last):
        ...
    CourseError: sessionise: gap is 'half an hour'; give a positive time span such as '30min' or '7D'.
    """
    limit = seconds(gap, "gap", "sessionise")
    rows, unit, at, ticks = in_order(events, by, time, "sessionise", sort_keys=True)
    new = starts_new(unit)
    new[1:] |= np.diff(at) > limit * ticks
    numbers = np.full(len(events), -1, dtype=np.int64)
    numbers[rows] = np.cumsum(new) - 1
    return pd.Series(numbers, index=events.index, name="session")


def transitions(
    events: Any,
    *,
    by: str = "session_id",
    page: str = "page",
    time: str = "ts",
    event: str | None = "event",
    view: str = "view",
    normalise: bool = True,
) -> pd.DataFrame:
    """Where visitors go next: share of the views of one page followed by each other page, or by the exit.

    Parameters
    ----------
    events : DataFrame
        The click log, in any row order, with the columns named below. Rows without session, page or time are
        left out.
    by, page, time, event, view : str
        Columns and the value of `event` that is a page view, as in `dwell`.
    normalise : bool, default True
        Shares (each row adds up to 1); False gives counts, whose row sums are the denominators.

    Returns
    -------
    DataFrame
        Row: the page viewed (index ``from``); column: the page viewed next (``to``), with ``"(exit)"`` last.

    Raises
    ------
    CourseError
        If a column is missing, `time` holds no times or no row is a view.

    Notes
    -----
    The share is of *views*: a page viewed twice in a session counts twice, and so does a reload. "Of all
    sessions that saw the home page, how many came to a detail page at all" is another question; `reach` gives
    both.

    Examples
    --------
    >>> events = pd.DataFrame({"session_id": [1, 1, 2], "event": "view", "page": ["home", "detail", "home"],
    ...     "ts": pd.to_datetime(["2026-06-01 10:00", "2026-06-01 10:01", "2026-06-01 10:00"])})
    >>> transitions(events)
    to      detail  home  (exit)
    from
    detail     0.0   0.0     1.0
    home       0.5   0.0     0.5
    >>> transitions(events, view="pageview")
    Traceback (most recent call last):
        ...
    CourseError: transitions: no row of column 'event' is 'pageview'; it holds view. Pass view= ...
    """
    seen = page_views(events, by, page, event, view, time, "transitions")
    size = len(seen.labels)
    counts = np.zeros((size, size + 1), dtype=np.int64)
    np.add.at(counts, (seen.page, _next_page(seen.unit, seen.page, size)), 1)
    viewed = counts.sum(axis=1) > 0
    names = pd.Index(seen.labels, dtype=object)
    matrix = pd.DataFrame(
        counts[viewed][:, np.append(viewed, True)],
        index=pd.Index(names[viewed].tolist(), name="from"),
        columns=pd.Index([*names[viewed], EXIT], name="to"),
    )
    return matrix.div(matrix.sum(axis=1), axis=0) if normalise else matrix


def reach(
    events: Any,
    start: str,
    target: str,
    *,
    by: str = "session_id",
    page: str = "page",
    time: str = "ts",
    event: str | None = "event",
    view: str = "view",
    level: float = 0.95,
) -> pd.DataFrame:
    """How many get from one page to another: as the very next page, and at any later point of the session.

    Parameters
    ----------
    events : DataFrame
        The click log, in any row order, with the columns named below. Rows without session, page or time are
        left out.
    start, target : str
        The page to come from and the page to reach.
    by, page, time, event, view : str
        Columns and the value of `event` that is a page view, as in `dwell`.
    level : float, default 0.95
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    DataFrame
        Two rows: ``meaning`` ("next_page", "ever"), ``start``, ``target``, ``n`` (views of `start`; sessions
        that saw `start`), ``reached`` (count), ``rate``, ``low``, ``high`` (fractions; NaN for an empty log).

    Raises
    ------
    CourseError
        If a column is missing, or nobody viewed `start` or `target`.

    Notes
    -----
    "ever" asks for a view of `target` after the session's first view of `start`. Wilson interval, which takes
    views as independent; where sessions hold many views of `start`, that of "next_page" is a little too
    narrow.

    Examples
    --------
    >>> events = pd.DataFrame({"session_id": [1, 1, 1, 2], "page": ["home", "list", "detail", "home"],
    ...     "event": "view", "ts": pd.date_range("2026-06-01", periods=4, freq="min")})
    >>> reach(events, "home", "detail")[["meaning", "n", "reached", "rate"]]
         meaning  n  reached  rate
    0  next_page  2        0   0.0
    1       ever  2        1   0.5
    >>> reach(events, "home", "details")
    Traceback (most recent call last):
        ...
    CourseError: reach: target is 'details', a page that nobody viewed; the pages are detail, home, ...
    """
    require_level(level, "reach")
    seen = page_views(events, by, page, event, view, time, "reach")
    require_page(start, seen.labels, "start", "reach")
    require_page(target, seen.labels, "target", "reach")
    code = {label: number for number, label in enumerate(seen.labels)}
    from_start = seen.page == code.get(start, -1)
    at_target = seen.page == code.get(target, -1)
    followed = _next_page(seen.unit, seen.page, -1) == code.get(target, -2)
    positions = np.arange(len(seen.unit))
    session = np.cumsum(starts_new(seen.unit)) - 1
    sessions = int(session[-1]) + 1 if len(session) else 0
    first, last = np.full(sessions, len(seen.unit)), np.full(sessions, -1)
    np.minimum.at(first, session[from_start], positions[from_start])
    np.maximum.at(last, session[at_target], positions[at_target])
    n = [int(from_start.sum()), int((first < len(seen.unit)).sum())]
    reached = [int((from_start & followed).sum()), int((last > first).sum())]
    table = pd.DataFrame({"meaning": ["next_page", "ever"], "start": start, "target": target, "n": n})
    table["reached"] = reached
    table["rate"] = table["reached"] / table["n"]
    table["low"], table["high"] = wilson(table["reached"], table["n"], level)
    return table


def top_paths(
    events: Any,
    k: int = 10,
    max_length: int = 6,
    *,
    by: str = "session_id",
    page: str = "page",
    time: str = "ts",
    event: str | None = "event",
    view: str = "view",
    level: float = 0.95,
) -> pd.DataFrame:
    """Return the `k` most frequent paths through the shop (浏览路径).

    Parameters
    ----------
    events : DataFrame
        The click log, in any row order, with the columns named below. Rows without session, page or time are
        left out.
    k : int, default 10
        How many paths to return.
    max_length : int, default 6
        Pages kept of each path; longer ones are cut, end in "…" and count together.
    by, page, time, event, view : str
        Columns and the value of `event` that is a page view, as in `dwell`.
    level : float, default 0.95
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    DataFrame
        One row per path, most frequent first (ties by name): ``path`` ("home > list > detail"), ``sessions``,
        ``all_sessions`` (counts), ``share``, ``low``, ``high`` (fractions of all sessions with a view).

    Raises
    ------
    CourseError
        If a column is missing, no row is a view, or `k` or `max_length` is below 1.

    Examples
    --------
    >>> events = pd.DataFrame({"session_id": [1, 1, 2], "event": "view", "page": ["home", "detail", "home"],
    ...     "ts": pd.to_datetime(["2026-06-01 10:00", "2026-06-01 10:01", "2026-06-01 10:00"])})
    >>> top_paths(events)[["path", "sessions", "all_sessions", "share"]]
                path  sessions  all_sessions  share
    0           home         1             2    0.5
    1  home > detail         1             2    0.5
    >>> top_paths(events, k=0)
    Traceback (most recent call last):
        ...
    CourseError: top_paths: k is 0 and max_length is 6; both must be 1 or more.
    """
    require_level(level, "top_paths")
    if k < 1 or max_length < 1:
        raise CourseError(f"top_paths: k is {k} and max_length is {max_length}; both must be 1 or more.")
    seen = page_views(events, by, page, event, view, time, "top_paths")
    new = starts_new(seen.unit)
    session = np.cumsum(new) - 1
    step = np.arange(len(new)) - np.flatnonzero(new)[session]
    sessions = int(new.sum())
    steps = np.full((sessions, max_length + 1), -1)
    kept = step <= max_length
    # The last column only says that the path goes on.
    steps[session[kept], step[kept]] = np.where(step[kept] < max_length, seen.page[kept], len(seen.labels))
    counts = pd.DataFrame(steps).value_counts()
    names = [*map(str, seen.labels), "…"]
    paths = [" > ".join(names[code] for code in row if code >= 0) for row in counts.index]
    table = pd.DataFrame({"path": pd.Series(paths, dtype="str"), "sessions": counts.to_numpy()})
    table = table.sort_values(["sessions", "path"], ascending=[False, True], ignore_index=True).head(k)
    table["all_sessions"] = sessions
    table["share"] = table["sessions"] / sessions if sessions else np.nan
    table["low"], table["high"] = wilson(table["sessions"], table["all_sessions"], level)
    return table


def element_clicks(
    events: Any,
    page: str,
    *,
    by: str = "session_id",
    time: str = "ts",
    view: str = "view",
    click: str = "click",
    dead: str = "dead_click",
    level: float = 0.95,
) -> pd.DataFrame:
    """Which elements of a page are hit, and how many hits meet nothing that responds (按钮点击分析).

    Parameters
    ----------
    events : DataFrame
        The click log, in any row order: `by`, `time`, ``event``, ``page``, ``element``.
    page : str
        The page to look at.
    by, time : str
        Columns: the session and the moment (datetime).
    view, click : str
        Values of ``event`` that are page views and clicks.
    dead : str, default "dead_click"
        Value of ``element`` (or of ``event``) for a hit on something that does not respond.
    level : float, default 0.95
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    DataFrame
        One row per element, most clicked first: ``element``, ``views`` (of the page), ``clicks``,
        ``clicked_views`` (views with at least one such click; counts), ``click_rate`` (clicked_views /
        views), ``low``, ``high``, ``click_share`` (of all clicks on the page; on the row of `dead`, the share
        of dead clicks).

    Raises
    ------
    CourseError
        If a column is missing or nobody viewed `page`.

    Notes
    -----
    The rate counts views, not clicks: five impatient hits in one view are one clicked view. Wilson interval.

    Examples
    --------
    >>> events = pd.DataFrame({"session_id": 1, "event": ["view", "click", "click"], "page": "home",
    ...     "element": [None, "banner", "dead_click"],
    ...     "ts": pd.to_datetime(["2026-06-01 10:00", "2026-06-01 10:01", "2026-06-01 10:02"])})
    >>> element_clicks(events, "home")[["element", "views", "clicks", "click_rate", "click_share"]]
          element  views  clicks  click_rate  click_share
    0      banner      1       1         1.0          0.5
    1  dead_click      1       1         1.0          0.5
    >>> element_clicks(events, "hme")
    Traceback (most recent call last):
        ...
    CourseError: element_clicks: page is 'hme', a page that nobody viewed; the pages are home. ...
    """
    where = "element_clicks"
    require_level(level, where)
    require(events, [by, time, "event", "page", "element"], where)
    rows, unit, _, _ = in_order(events, by, time, where)
    log = events.iloc[rows][["event", "page", "element"]].reset_index(drop=True)
    is_view = log["event"].isin([view])
    require_page(page, sorted(log["page"][is_view].dropna().astype(object).unique()), "page", where)
    number = is_view.cumsum()
    of_page = log["page"].isin([page])
    # A click belongs to the view that is open; before the session's first view, none is.
    opened = is_view.groupby(unit).cumsum() > 0
    hits = log["event"].isin([click, dead]) & of_page & opened
    element = log["element"].astype(object).where(~log["event"].isin([dead]), dead)[hits]
    views = int((is_view & of_page).sum())
    pairs = pd.DataFrame({"element": element, "view": number[hits]}).dropna(subset="element")
    viewed = set(number[is_view & of_page])
    table = pd.DataFrame({"clicks": pairs["element"].value_counts()})
    distinct = pairs[pairs["view"].isin(viewed)].drop_duplicates()
    table["clicked_views"] = distinct["element"].value_counts().reindex(table.index, fill_value=0)
    table = table.rename_axis("element").reset_index()
    table["element"] = table["element"].astype("str")
    table = table.sort_values(["clicks", "element"], ascending=[False, True], ignore_index=True)
    table.insert(1, "views", views)
    table["click_rate"] = table["clicked_views"] / table["views"]
    table["low"], table["high"] = wilson(table["clicked_views"], table["views"], level)
    table["click_share"] = table["clicks"] / table["clicks"].sum()
    return table


def _next_page(unit: np.ndarray, page: np.ndarray, none: int) -> np.ndarray:
    """Return the code of the next page viewed in the same session, or `none` where there is no next."""
    following = np.append(page[1:], [none] * bool(len(page)))
    following[:-1][unit[1:] != unit[:-1]] = none
    return following.astype(np.int64)
