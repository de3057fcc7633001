"""Which searches grow, beyond the season and beyond chance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from ecomtrain.analysis._checks import days, plain, require_not_negative
from ecomtrain.errors import CourseError, require, require_level, require_numeric

__all__ = ["search_growth"]

PARTS = 6
COLUMNS = [
    *("searches", "previous_month", "last_year"),
    *("month_on_month", "month_on_month_low", "month_on_month_high"),
    *("year_on_year", "year_on_year_low", "year_on_year_high"),
    *("dispersion", "p", "q"),
]


def search_growth(
    searches: pd.DataFrame, *, month: str, by: str = "term", min_n: int = 50, level: float = 0.95
) -> pd.DataFrame:
    """Growth of each search term (搜索词) against the month before and the same month of last year.

    Parameters
    ----------
    searches : DataFrame
        Daily counts: ``date`` (datetime), `by`, ``searches`` (count). Rows of one day and term are added up;
        a day without a row counts 0.
    month : str
        The month, such as ``"2026-06"``; it must be complete in `searches`.
    by : str, default "term"
        The column to group by.
    min_n : int, default 50
        Growth is NaN where either month has fewer searches than this.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row per term, most searched first: ``searches``, ``previous_month``, ``last_year`` (counts; NaN
        for a month that the frame does not cover), ``month_on_month``, ``month_on_month_low``,
        ``month_on_month_high``, ``year_on_year``, ``year_on_year_low``, ``year_on_year_high`` (0.38 is
        +38 %), ``dispersion`` (variance of the yearly growth, 1 for Poisson counts), ``p`` and ``q`` (of no
        change year on year).

    Raises
    ------
    CourseError
        If a column is missing or of the wrong kind, a count is negative, or the month is not complete.

    Notes
    -----
    Month on month contains the season: compare with last year first. Searches scatter more than Poisson
    counts (weather, feeds, promotions), so the interval takes six parts of the month as units: each is paired
    with the same part of the year before, and how much their ratios differ gives the variance of ln(a/b) by
    the delta method for a ratio of sums [1]_. Over Poisson's 1/a + 1/b it is the dispersion, not below 1. It
    serves month on month too, where the season's slope would pass for scatter; without last year, the parts
    are paired with the month before. Quantiles of t with 5 degrees of freedom. q is Benjamini and Hochberg's
    false discovery rate over the terms [2]_.

    References
    ----------
    .. [1] W. G. Cochran (1977), Sampling Techniques, 3rd ed., chapter 6.
    .. [2] Y. Benjamini, Y. Hochberg (1995), J. R. Stat. Soc. B 57(1), 289-300.

    Examples
    --------
    >>> day = pd.date_range("2025-06-01", "2026-06-30")
    >>> searches = pd.DataFrame({"date": day, "term": "summer dress", "searches": 100})
    >>> searches.loc[day >= "2026-06-01", "searches"] = 130
    >>> table = search_growth(searches, month="2026-06")
    >>> table[["last_year", "year_on_year", "year_on_year_low", "year_on_year_high"]].round(3)
                  last_year  year_on_year  year_on_year_low  year_on_year_high
    term
    summer dress     3000.0           0.3             0.221              0.384
    >>> search_growth(searches, month="2026-07")
    Traceback (most recent call last):
        ...
    CourseError: sales.search_growth: month 2026-07 is not complete: searches ends on 2026-06-30.
    """
    where = "sales.search_growth"
    require_level(level, where)
    require(searches, ["date", by, "searches"], where)
    require_numeric(searches, ["searches"], where)
    require_not_negative(searches, ["searches"], where)
    if searches["searches"].isna().any():
        raise CourseError(
            f"{where}: column 'searches' has missing counts. Leave those rows out where they mean none, "
            "for example with searches.dropna()."
        )
    frame = plain(searches[["date", by, "searches"]])
    frame["date"] = days(frame["date"], where)
    try:
        now = pd.Period(month, freq="M")
    except ValueError:
        now = pd.Period("0001", freq="M")
    if now.year < 1900:  # a bare "June" is read as that of the year 1
        raise CourseError(f"{where}: month={month!r} is not a month; give one such as '2026-06'.")
    first, last = frame["date"].min(), frame["date"].max()
    if not (first <= now.start_time and last >= now.end_time.normalize()):
        covers = "is empty" if first is pd.NaT else f"runs from {first:%Y-%m-%d} to {last:%Y-%m-%d}"
        raise CourseError(f"{where}: month {now} is not complete: searches {covers}.")
    months = {"searches": now, "previous_month": now - 1, "last_year": now - 12}
    terms = pd.Index(sorted(frame[by].dropna().unique()), name=by)
    parts = {name: _parts(frame, by, period, terms, first) for name, period in months.items()}
    table = pd.DataFrame({name: part.sum(axis=1) for name, part in parts.items()}, index=terms)
    t = stdtrit(PARTS - 1, 0.5 + level / 2)
    yearly, monthly = (_dispersion(parts["searches"], parts[x]) for x in ("last_year", "previous_month"))
    table["dispersion"] = np.where(np.isnan(yearly), monthly, yearly)
    for name, base in {"month_on_month": "previous_month", "year_on_year": "last_year"}.items():
        enough = (table["searches"] >= min_n) & (table[base] >= max(min_n, 1))
        a, b = table["searches"].where(enough), table[base].where(enough)
        se = np.sqrt(table["dispersion"] * (1 / a.where(a > 0) + 1 / b))
        table[name], reach = a / b - 1, np.exp(t * se)
        table[f"{name}_low"], table[f"{name}_high"] = a / b / reach - 1, a / b * reach - 1
    table["p"] = 2 * stdtr(PARTS - 1, -np.abs(np.log(a.where(a > 0) / b)) / se)
    table["q"] = _false_discovery(table["p"])
    table["searches"] = table["searches"].astype("int64")
    return table[COLUMNS].sort_values("searches", ascending=False, kind="stable")


def _dispersion(parts: Any, base: Any) -> Any:
    """Measure how much more the ratio of paired parts scatters than Poisson counts would; 1 at least."""
    a, b = parts.sum(axis=1), base.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = parts - (a / b)[:, None] * base
        variance = (apart**2).sum(axis=1) * PARTS / (PARTS - 1) / a**2
        return np.where((a > 0) & (b > 0), np.maximum(variance / (1 / a + 1 / b), 1.0), np.nan)


def _parts(frame: pd.DataFrame, by: str, period: pd.Period, terms: pd.Index, first: pd.Timestamp) -> Any:
    """Add up each term's searches in the parts of a month; NaN if the frame begins after the month did."""
    inside = frame[(frame["date"] >= period.start_time) & (frame["date"] <= period.end_time)]
    part = (inside["date"].dt.day.to_numpy() - 1) * PARTS // period.days_in_month
    sums = np.zeros((len(terms), PARTS))
    row = terms.get_indexer(pd.Index(inside[by]))
    np.add.at(sums, (row[row >= 0], part[row >= 0]), inside["searches"].to_numpy(float)[row >= 0])
    return sums if first <= period.start_time else np.full_like(sums, np.nan)


def _false_discovery(p: pd.Series) -> pd.Series:
    """Benjamini and Hochberg's adjusted p values; a missing p stays missing and is not counted."""
    known = p.dropna().sort_values(ascending=False)
    ranks = np.arange(len(known), 0, -1)
    return (known * len(known) / ranks).cummin().reindex(p.index)
