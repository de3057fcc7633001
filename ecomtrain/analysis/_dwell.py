"""How long a page holds its visitors: dwell time with the last page of a session censored."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis._hazard import falls_to, product_limit
from ecomtrain.analysis._order import page_views
from ecomtrain.analysis.intervals import wilson
from ecomtrain.errors import CourseError, nearest, require, require_level, require_numeric, require_times

__all__ = ["dwell", "dwell_conversion", "dwell_summary", "survival_curve"]


def dwell(
    events: Any,
    *,
    by: str = "session_id",
    page: str = "page",
    time: str = "ts",
    event: str | None = "event",
    view: str = "view",
) -> pd.DataFrame:
    """Seconds spent on each viewed page (页面停留时间), the last page of a session marked as censored.

    Parameters
    ----------
    events : DataFrame
        The click log, in any row order, with the columns named below. Rows without session, page or time are
        left out.
    by, page, time : str
        Columns: the session, the page, the moment (datetime).
    event : str or None, default "event"
        The column that tells views from clicks; None if every row is a page view.
    view : str, default "view"
        The value of `event` that is a page view.

    Returns
    -------
    DataFrame
        One row per page view, by session and time: the columns `by`, `page`, `time`, ``seconds`` (to the next
        view of the session) and ``censored`` (bool: no view follows; then ``seconds`` runs to the session's
        last event, may be 0, and is only a lower bound).

    Raises
    ------
    CourseError
        If a column is missing, `time` holds no times or no row is a view.

    Notes
    -----
    Nobody knows how long the last page was read. Counting it as zero makes every page look shorter than it
    is.

    Examples
    --------
    >>> events = pd.DataFrame({"session_id": 1, "event": "view", "page": ["home", "list", "detail"],
    ...     "ts": pd.to_datetime(["2026-06-01 10:00:00", "2026-06-01 10:00:12", "2026-06-01 10:01:00"])})
    >>> dwell(events)[["page", "seconds", "censored"]]
         page  seconds  censored
    0    home     12.0     False
    1    list     48.0     False
    2  detail      0.0      True
    >>> dwell(events.drop(columns="page"))
    Traceback (most recent call last):
        ...
    CourseError: dwell: column 'page' is not in the frame; it has session_id, event, ts.
    """
    seen = page_views(events, by, page, event, view, time, "dwell")
    censored = np.append(seen.unit[1:] != seen.unit[:-1], [True] * bool(len(seen.unit)))
    stop = np.where(censored, seen.ends, np.roll(seen.when, -1))
    table = events.iloc[seen.rows][[by, page, time]].reset_index(drop=True)
    return table.assign(seconds=(stop - seen.when) / seen.ticks, censored=censored.astype(bool))


def survival_curve(views: Any, *, by: str = "page", level: float = 0.95) -> pd.DataFrame:
    """Share of views still open after so many seconds: the Kaplan-Meier curve of dwell time.

    Parameters
    ----------
    views : DataFrame
        What `dwell` returns: `by`, ``seconds`` (number, s) and ``censored`` (bool).
    by : str, default "page"
        One curve per value of this column; rows without one are left out.
    level : float, default 0.95
        Confidence level of the band, between 0 and 1.

    Returns
    -------
    DataFrame
        One row per curve and distinct time: `by`, ``seconds``, ``at_risk`` (views still open just before),
        ``left`` (views that ended then), ``survival``, ``low``, ``high`` (fractions; NaN once nothing is
        left).

    Raises
    ------
    CourseError
        If a column is missing or not numeric, a time is negative, or `level` is not between 0 and 1.

    Notes
    -----
    S(t) = product over times up to t of (1 - left / at_risk) [1]_, with Greenwood's variance on the log(-log
    S) scale, which keeps the band inside 0 to 1. Views of one session are taken as independent.

    References
    ----------
    .. [1] E. L. Kaplan, P. Meier (1958), J. Am. Stat. Assoc. 53(282), 457-481.

    Examples
    --------
    >>> views = pd.DataFrame({"page": "home", "seconds": [5.0, 9.0, 9.0, 20.0],
    ...                       "censored": [False, False, True, False]})
    >>> survival_curve(views)[["seconds", "at_risk", "left", "survival"]]
       seconds  at_risk  left  survival
    0      5.0        4     1      0.75
    1      9.0        3     1      0.50
    2     20.0        1     1      0.00
    >>> survival_curve(views, level=95)
    Traceback (most recent call last):
        ...
    CourseError: survival_curve: level is 95; give a fraction such as 0.95.
    """
    known = _durations(views, by, level, "survival_curve")
    return product_limit(known, by, "seconds", level).rename(columns={"events": "left"})


def dwell_summary(views: Any, *, by: str = "page", level: float = 0.95) -> pd.DataFrame:
    """Summarise the dwell time of each page: views, censored views, median with its interval.

    Parameters
    ----------
    views : DataFrame
        What `dwell` returns: `by`, ``seconds`` (number, s) and ``censored`` (bool).
    by : str, default "page"
        The column to group by; rows without a value are left out.
    level : float, default 0.95
        Confidence level of the interval of the median, between 0 and 1.

    Returns
    -------
    DataFrame
        One row per group: `by`, ``views``, ``censored`` (counts), ``share_censored`` (fraction),
        ``mean_seen`` (s; of the uncensored views only, so too low where many long views are censored),
        ``median`` (s; Kaplan-Meier), ``low``, ``high`` (s; NaN where the curve or its band never falls to one
        half).

    Raises
    ------
    CourseError
        If a column is missing or not numeric, a time is negative, or `level` is not between 0 and 1.

    Notes
    -----
    The median is the first time at which S(t) <= 1/2. Its interval holds the times at which the log-log band
    of S(t) contains 1/2 [1]_.

    References
    ----------
    .. [1] R. Brookmeyer, J. Crowley (1982), Biometrics 38(1), 29-41.

    Examples
    --------
    >>> views = pd.DataFrame({"page": "home", "seconds": [4.0, 9.0, 12.0, 20.0, 1.0],
    ...                       "censored": [False, False, False, False, True]})
    >>> dwell_summary(views).round(2)
       page  views  censored  share_censored  mean_seen  median  low  high
    0  home      5         1             0.2      11.25     9.0  4.0   NaN
    >>> dwell_summary(views.drop(columns="censored"))
    Traceback (most recent call last):
        ...
    CourseError: dwell_summary: column 'censored' is not in the frame; it has page, seconds.
    """
    known = _durations(views, by, level, "dwell_summary")
    group = known.groupby(by, observed=True)
    table = pd.DataFrame(
        {"views": group["seen"].size(), "censored": group["seen"].agg(lambda seen: (~seen).sum())}
    )
    table = table.astype("int64")
    table["share_censored"] = table["censored"] / table["views"]
    table["mean_seen"] = known[known["seen"]].groupby(by, observed=True)["seconds"].mean()
    curve = product_limit(known, by, "seconds", level)
    table = table.join(falls_to(curve, 0.5, by, "seconds").rename(columns={"value": "median"}))
    return table.reset_index()


def dwell_conversion(
    views: Any,
    converted: Any,
    page: str = "home",
    *,
    bins: Sequence[float] = (0, 5, 15, 30, 60, 120),
    by: str = "session_id",
    time: str = "ts",
    level: float = 0.95,
) -> pd.DataFrame:
    """Conversion by how long the session stayed on its first view of a page.

    Parameters
    ----------
    views : DataFrame
        What `dwell` returns: `by`, ``page``, `time`, ``seconds`` (s), ``censored`` (bool).
    converted : array-like
        The sessions that bought: their ids (values of `by`), or a boolean Series indexed by them.
    page : str, default "home"
        The page whose dwell time is banded.
    bins : sequence of float, default (0, 5, 15, 30, 60, 120)
        Lower edges of the bands in seconds, rising; a band includes its lower edge and the last one is open.
    by, time : str
        Columns: the session and the moment of the view.
    level : float, default 0.95
        Confidence level of the interval, between 0 and 1.

    Returns
    -------
    DataFrame
        One row per band, then ``"last page"`` for the sessions whose first view of the page was also their
        last view (dwell unknown): ``band``, ``sessions``, ``converted`` (counts), ``conversion_rate``,
        ``low``, ``high`` (fractions; NaN for an empty band).

    Raises
    ------
    CourseError
        If a column is missing, nobody viewed `page`, or `bins` do not rise.

    Notes
    -----
    Wilson interval. A session counts once, so that the rows are independent. A rise says that those who stay
    also buy, not that making them stay would make them buy.

    Examples
    --------
    >>> views = pd.DataFrame({"session_id": [1, 2, 3], "page": "home", "seconds": [3.0, 40.0, 0.0],
    ...     "censored": [False, False, True], "ts": pd.to_datetime(["2026-06-01"] * 3)})
    >>> dwell_conversion(views, [2], bins=(0, 15)).round(3)
                band  sessions  converted  conversion_rate    low   high
    0         0-15 s         1          0              0.0  0.000  0.793
    1  15 s and more         1          1              1.0  0.207  1.000
    2      last page         1          0              0.0  0.000  0.793
    >>> dwell_conversion(views, [2], page="hom")
    Traceback (most recent call last):
        ...
    CourseError: dwell_conversion: page is 'hom', which is not among the views; they have home. Did ...
    """
    where = "dwell_conversion"
    require(views, [by, "page", time, "seconds", "censored"], where)
    require_level(level, where)
    require_numeric(views, ["seconds"], where)
    require_times(views[time], where)
    edges = np.asarray(bins, dtype=float)
    if edges.ndim != 1 or not len(edges) or not (np.diff(edges) > 0).all():
        raise CourseError(
            f"{where}: bins is {bins!r}; give rising lower edges in seconds such as (0, 15, 30)."
        )
    seen = views[views["page"].isin([page])]
    if len(views) and seen.empty:
        pages = sorted(map(str, views["page"].dropna().unique()))
        raise CourseError(
            f"{where}: page is {page!r}, which is not among the views; "
            f"they have {', '.join(pages) or 'none'}.{nearest(page, pages)}"
        )
    seen = seen.dropna(subset=[by, time, "seconds", "censored"]).sort_values([time, "seconds"], kind="stable")
    first = seen.drop_duplicates(by)
    if isinstance(converted, pd.Series) and converted.dtype.kind == "b":
        converted = converted.index[converted.astype(bool)]
    bought = first[by].isin(list(converted)).to_numpy()
    last = first["censored"].to_numpy(dtype=bool)
    band = np.searchsorted(edges, first["seconds"].to_numpy(dtype=float), side="right") - 1
    band = np.where(last, len(edges), band)
    bought, band = bought[band >= 0], band[band >= 0]
    text = [f"{edge:g}" for edge in edges]
    names = [f"{a}-{b} s" for a, b in pairwise(text)] + [
        f"{text[-1]} s and more",
        "last page",
    ]
    sessions = np.bincount(band, minlength=len(names))
    table = pd.DataFrame({"band": names, "sessions": sessions})
    table["converted"] = np.bincount(band[bought], minlength=len(names))
    table["conversion_rate"] = table["converted"] / table["sessions"]
    table["low"], table["high"] = wilson(table["converted"], table["sessions"], level)
    return table


def _durations(views: Any, by: str, level: float, where: str) -> pd.DataFrame:
    """Check `views` and return `by`, ``seconds`` and ``seen`` of the rows that have them."""
    require(views, [by, "seconds", "censored"], where)
    require_level(level, where)
    require_numeric(views, ["seconds"], where)
    if (views["seconds"] < 0).any():
        raise CourseError(f"{where}: column 'seconds' has negative times; they are computed by paths.dwell.")
    known = views[[by, "seconds", "censored"]].dropna()
    return known[[by, "seconds"]].assign(seen=~known["censored"].astype(bool))
