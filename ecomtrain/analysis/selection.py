"""Selection: which niches are wanted more than they are served, and which phrases are searched ever more."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from ecomtrain.analysis._checks import days, moment, plain, require_not_negative, require_one
from ecomtrain.analysis.intervals import wilson
from ecomtrain.errors import CourseError, require, require_level, require_numeric

__all__ = ["blue_ocean", "blue_ocean_rate", "keyword_growth"]

RANKS = ((0.5, 0.5), (0.6, 0.4), (0.7, 0.3))
FARTHEST = 100.0  # an interval of more than this on the logarithm says nothing, and exp would overflow
GROWTH = ["months", "recent", "earlier", "growth", "low", "high", "p"]


def blue_ocean(
    keywords: pd.DataFrame, *, by: str = "term", demand: str = "buyers", supply: str = "listings"
) -> pd.DataFrame:
    """Blue-ocean index (蓝海指数): demand for each sub-niche against what is on offer.

    Parameters
    ----------
    keywords : DataFrame
        One row per sub-niche and month (or one per sub-niche): `by`, `demand`, `supply` (counts).
    by : str, default "term"
        The column that names the sub-niche. Rows of one sub-niche are averaged; rows without a name are
        left out.
    demand, supply : str
        The columns to compare: buyers (searches × click rate × conversion) against listings by default.

    Returns
    -------
    DataFrame
        One row per sub-niche, highest index first: ``demand``, ``supply`` (mean per row), ``ratio`` (demand
        per unit of supply; NaN without supply), ``demand_rank``, ``supply_rank``, ``index`` (0 lowest to 1
        highest; NaN for a single sub-niche).

    Raises
    ------
    CourseError
        If a column is missing, no number, negative or has gaps, or the frame holds two shops.

    Notes
    -----
    ratio = demand / supply; index = (rank of the ratio − 1) / (sub-niches − 1), ties sharing their mean rank.
    A sub-niche that is wanted and has no supply ranks highest. The index is relative: the best of a hundred
    poor niches has index 1. There is no standard blue-ocean index, and every tool has its own; this is ours,
    in the sense of the uncontested market space of [1]_.

    References
    ----------
    .. [1] W. C. Kim, R. Mauborgne (2005), Blue Ocean Strategy, Harvard Business School Press.

    Examples
    --------
    >>> keywords = pd.DataFrame({"term": ["glass steamer", "grinder", "juicer"], "buyers": [90, 200, 40],
    ...                          "listings": [30, 400, 80]})
    >>> blue_ocean(keywords)[["demand", "supply", "ratio", "index"]]
                   demand  supply  ratio  index
    term
    glass steamer    90.0    30.0    3.0   1.00
    grinder         200.0   400.0    0.5   0.25
    juicer           40.0    80.0    0.5   0.25
    >>> blue_ocean(keywords, supply="listing")
    Traceback (most recent call last):
        ...
    CourseError: selection.blue_ocean: column 'listing' is not in the frame; ... Did you mean 'listings'?
    """
    table = _niches(keywords, by, demand, supply, "selection.blue_ocean")
    n = len(table)
    wanted = (table["demand"] > 0) & (table["supply"] == 0)
    table["ratio"] = table["demand"] / table["supply"].where(table["supply"] > 0)
    score = table["ratio"].mask(wanted, np.inf)
    for name, values in {
        "demand_rank": table["demand"],
        "supply_rank": table["supply"],
        "index": score,
    }.items():
        table[name] = (values.rank() - 1) / (n - 1) if n > 1 else np.nan
    return table.sort_values("index", ascending=False, kind="stable")


def blue_ocean_rate(
    keywords: pd.DataFrame,
    *,
    by: str = "term",
    demand: str = "buyers",
    supply: str = "listings",
    ranks: Iterable[tuple[float, float]] = RANKS,
    ratios: Iterable[float] = (1.0,),
    level: float = 0.95,
) -> pd.DataFrame:
    """Share of sub-niches that count as a blue ocean (蓝海率), under one definition after the other.

    Parameters
    ----------
    keywords, by, demand, supply
        As for `blue_ocean`.
    ranks : pairs of numbers, default ((0.5, 0.5), (0.6, 0.4), (0.7, 0.3))
        Quantiles between 0 and 1: with (0.6, 0.4) a sub-niche counts if its demand is at or above the 60th
        percentile and its supply at or below the 40th.
    ratios : numbers, default (1.0,)
        Demand per unit of supply from which a sub-niche counts, such as one buyer a month per listing.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row per definition, those by rank first: ``definition`` (index), ``niches``, ``blue`` (counts),
        ``rate``, ``low``, ``high`` (fractions).

    Raises
    ------
    CourseError
        As for `blue_ocean`; if a quantile is not between 0 and 1, or a ratio not above 0.

    Notes
    -----
    rate = sub-niches that count / all, with Wilson's interval: how far the share would move with other
    niches of the kind. A sub-niche without demand never counts; one with demand and no supply has any ratio.
    By rank the rate is bounded by construction: with (0.6, 0.4) it is 40 % at most, and 16 % if demand and
    supply had nothing to do with each other. A rate without its definition says nothing.

    References
    ----------
    .. [1] E. B. Wilson (1927), J. Am. Stat. Assoc. 22(158), 209-212.

    Examples
    --------
    >>> keywords = pd.DataFrame({"term": list("abcde"), "buyers": [90, 200, 40, 60, 10],
    ...                          "listings": [30, 400, 30, 80, 90]})
    >>> blue_ocean_rate(keywords, ranks=[(0.6, 0.4)]).round(3)
                             niches  blue  rate    low   high
    definition
    demand P60, supply P40        5     1   0.2  0.036  0.624
    1 or more per supply          5     2   0.4  0.118  0.769
    >>> blue_ocean_rate(keywords, ranks=[(60, 40)])
    Traceback (most recent call last):
        ...
    CourseError: selection.blue_ocean_rate: ranks holds (60, 40); give quantiles such as (0.6, 0.4).
    """
    where = "selection.blue_ocean_rate"
    require_level(level, where)
    table = _niches(keywords, by, demand, supply, where)
    n, wanted = len(table), table["demand"] > 0
    blue: dict[str, int] = {}
    for many, few in ranks:
        if not (0 <= many <= 1 and 0 <= few <= 1):
            raise CourseError(f"{where}: ranks holds ({many}, {few}); give quantiles such as (0.6, 0.4).")
        enough = table["demand"] >= table["demand"].quantile(many)
        free = table["supply"] <= table["supply"].quantile(few)
        blue[f"demand P{100 * many:g}, supply P{100 * few:g}"] = int((enough & free & wanted).sum())
    for least in ratios:
        if not 0 < least < np.inf:
            raise CourseError(f"{where}: ratios holds {least}; give a number above 0, such as 1.")
        above = table["demand"] >= least * table["supply"]
        blue[f"{least:g} or more per supply"] = int((above & wanted).sum())
    result = pd.DataFrame({"niches": n, "blue": pd.Series(blue, dtype="int64")}).rename_axis("definition")
    result["rate"] = result["blue"] / n if n else np.nan
    result["low"], result["high"] = wilson(result["blue"], result["niches"], level)
    return result


def keyword_growth(
    keywords: pd.DataFrame,
    *,
    by: str = "term",
    value: str = "searches",
    months: int = 12,
    lag: int = 12,
    end: Any = None,
    min_n: int = 50,
    level: float = 0.95,
) -> pd.DataFrame:
    """Growth of each phrase (关键词增长): the last months against the same number of months before.

    Parameters
    ----------
    keywords : DataFrame
        One row per phrase and month: ``month`` (datetime), `by`, `value` (count). Rows of one phrase and
        month are added up; a month without a row counts 0; rows without a phrase are left out.
    by, value : str
        The columns of the phrase and of the count.
    months : int, default 12
        How many months to add up.
    lag : int, default 12
        How many months earlier the months to compare with lie. 12 pairs each month with the same month of
        the year before and takes the season out; any other lag leaves the season in.
    end : date or str, optional
        A day of the last month to use, such as ``"2025-11"``; by default the last month of the frame.
    min_n : int, default 50
        Growth is NaN where either sum is smaller.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row per phrase, fastest growth first: ``months``, ``recent``, ``earlier`` (sums), ``growth``,
        ``low``, ``high`` (0.38 is +38 %), ``p`` (of no growth; two-sided).

    Raises
    ------
    CourseError
        If a column is missing or of the wrong kind, a count is negative or missing, `months` or `lag` is not
        a whole number above 0, the frame holds two shops, or it does not reach back far enough.

    Notes
    -----
    growth = Σ recent / Σ earlier − 1. The pairs of months are the units: how much the ratio of sums moves
    when one pair after the other is left out gives its variance (jackknife [1]_). The interval is on the
    logarithm, with quantiles of t; its degrees of freedom are those of the variance of months that weigh wₖ,
    (Σ wₖ²)² / Σ wₖ⁴ − 1, months − 1 where they weigh the same. It is NaN for a single month. Growth that
    changes within the year widens it; months that scatter together would make it too narrow. With lag 12 and
    a steady growth this is the slope of a trend with the season taken out. The growth of the best months over
    the poor ones before them is a season, not a trend.

    References
    ----------
    .. [1] W. G. Cochran (1977), Sampling Techniques, 3rd ed., chapter 6.

    Examples
    --------
    >>> month = pd.date_range("2024-07-01", periods=24, freq="MS")
    >>> keywords = pd.DataFrame({"month": month, "term": "coffee machine", "searches": 1000})
    >>> keywords.loc[12:, "searches"] = [1370, 1390] * 6
    >>> keyword_growth(keywords)[["recent", "earlier", "growth", "low", "high"]].round(3)
                     recent  earlier  growth    low   high
    term
    coffee machine  16560.0  12000.0    0.38  0.373  0.387
    >>> keyword_growth(keywords, months=18)
    Traceback (most recent call last):
        ...
    CourseError: selection.keyword_growth: 30 months up to 2026-06 are needed; keywords begins with 2024-07.
    """
    where = "selection.keyword_growth"
    require_level(level, where)
    for name, number in {"months": months, "lag": lag}.items():
        if isinstance(number, bool) or not isinstance(number, int | np.integer) or number < 1:
            raise CourseError(f"{where}: {name} is {number!r}; give a whole number above 0, such as 12.")
    frame = _counted(keywords, ["month", by], [value], where)
    time = days(frame["month"], where)
    frame = frame.assign(month=time.dt.year * 12 + time.dt.month - 1)[time.notna() & frame[by].notna()]
    terms = pd.Index(sorted(frame[by].unique()), name=by)
    if frame.empty:
        return pd.DataFrame(index=terms, columns=GROWTH, dtype=float)
    first, last = int(frame["month"].min()), int(frame["month"].max())
    if end is not None:
        stop = moment(end, False, where)
        if stop.year * 12 + stop.month - 1 > last:
            raise CourseError(f"{where}: end={end!r} lies after the last month of keywords, {_name(last)}.")
        last = stop.year * 12 + stop.month - 1
    if last - months - lag + 1 < first:
        raise CourseError(
            f"{where}: {months + lag} months up to {_name(last)} are needed; "
            f"keywords begins with {_name(first)}. Give smaller months or lag."
        )
    counts = frame.pivot_table(index=by, columns="month", values=value, aggfunc="sum", fill_value=0)
    window = np.arange(last - months + 1, last + 1)
    recent, earlier = (
        counts.reindex(index=terms, columns=part, fill_value=0).to_numpy(float)
        for part in (window, window - lag)
    )
    sums = recent.sum(axis=1), earlier.sum(axis=1)
    known = np.minimum(*sums) >= max(min_n, 1)
    now, before = (np.where(known, total, np.nan) for total in sums)
    over = now / before
    weight = earlier / before[:, None]
    left_out = (over[:, None] * weight - recent / before[:, None]) / np.where(weight < 1, 1 - weight, np.nan)
    se = np.sqrt((months - 1) / months * (left_out**2).sum(axis=1)) / over
    se = np.where(se > 1e-12, se, np.nan)
    free = np.maximum((weight**2).sum(axis=1) ** 2 / (weight**4).sum(axis=1) - 1, 1)
    far = stdtrit(free, 0.5 + level / 2) * se
    reach = np.exp(np.where(far < FARTHEST, far, np.nan))
    table = pd.DataFrame({"months": months, "recent": sums[0], "earlier": sums[1]}, index=terms)
    table["growth"], table["low"], table["high"] = over - 1, over / reach - 1, over * reach - 1
    table["p"] = 2 * stdtr(free, -np.abs(np.log(over)) / se)
    return table[GROWTH].sort_values("growth", ascending=False, kind="stable")


def _niches(keywords: Any, by: str, demand: str, supply: str, where: str) -> pd.DataFrame:
    """Mean demand and supply of each sub-niche."""
    frame = _counted(keywords, [by], [demand, supply], where)
    table = frame.groupby(by)[[demand, supply]].mean()
    return pd.DataFrame({"demand": table[demand], "supply": table[supply]}, dtype=float)


def _counted(keywords: Any, names: list[str], counts: list[str], where: str) -> pd.DataFrame:
    """Take the columns that are needed, with counts that can be added up."""
    require(keywords, [*names, *counts], where)
    require_one(keywords, "shop", where)
    require_numeric(keywords, counts, where)
    require_not_negative(keywords, counts, where)
    for column in counts:
        if keywords[column].isna().any():
            raise CourseError(
                f"{where}: column '{column}' has missing counts. Leave those rows out where nothing is "
                "known, or fill them where they mean none, for example with .fillna(0)."
            )
    return pd.DataFrame(plain(keywords[[*names, *counts]])).astype(dict.fromkeys(counts, float))


def _name(month: int) -> str:
    """Spell out a month that is counted from the year 0."""
    return f"{month // 12}-{month % 12 + 1:02d}"
