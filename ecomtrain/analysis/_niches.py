"""Niches: which are wanted more than they are served, and how far that turns on the definition."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis._checks import plain, require_not_negative, require_one
from ecomtrain.analysis.intervals import wilson
from ecomtrain.errors import CourseError, require, require_level, require_numeric

RANKS = ((0.5, 0.5), (0.6, 0.4), (0.7, 0.3))
INDICES = ("ratio", "gap", "log")


@dataclass(frozen=True)
class BlueOceanSensitivity:
    """What the blue-ocean index and rate say under one definition after the other, all of them our own.

    Attributes
    ----------
    k : int
        How many sub-niches make the top.
    table : DataFrame
        The rate: one row per measure of demand and cut: ``demand``, ``definition``, ``niches``, ``blue``,
        ``rate``, ``low``, ``high``.
    rankings : DataFrame
        The index: one row per measure of demand and way to compute it: ``demand``, ``index``, ``first`` (the
        best sub-niche), ``correlation`` (Spearman's, with the first row's ranking), ``kept`` (fraction of the
        first row's top `k` that stays in the top).
    niches : DataFrame
        One row per sub-niche, those most often on top first: ``place`` (in the first row's ranking),
        ``best``, ``worst`` (over all of them), ``top`` (fraction of the definitions that put it into the top
        `k`).
    """

    k: int
    table: pd.DataFrame
    rankings: pd.DataFrame
    niches: pd.DataFrame


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
    table["ratio"] = table["demand"] / table["supply"].where(table["supply"] > 0)
    for name, values in {
        "demand_rank": table["demand"],
        "supply_rank": table["supply"],
        "index": _index(table, "ratio"),
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
    return _rates(_niches(keywords, by, demand, supply, where), ranks, ratios, level, where)


def blue_ocean_sensitivity(
    keywords: pd.DataFrame,
    *,
    by: str = "term",
    demands: Iterable[str] = ("buyers", "clicks", "searches"),
    supply: str = "listings",
    ranks: Iterable[tuple[float, float]] = RANKS,
    ratios: Iterable[float] = (1.0,),
    k: int = 10,
    level: float = 0.95,
) -> BlueOceanSensitivity:
    """How blue-ocean index and rate change with their definition (蓝海指数的敏感性).

    Parameters
    ----------
    keywords, by, supply, ranks, ratios, level
        As for `blue_ocean_rate`.
    demands : iterable of str, default ("buyers", "clicks", "searches")
        Columns that may stand for demand; the first one is the base.
    k : int, default 10
        How many sub-niches make the top.

    Returns
    -------
    BlueOceanSensitivity
        ``.table`` (rates), ``.rankings`` (definitions of the index), ``.niches`` (sub-niches).

    Raises
    ------
    CourseError
        As for `blue_ocean_rate`; if `demands` is empty or `k` is no whole number above 0.

    Notes
    -----
    Three indices of our own, for there is no standard: ``ratio``, demand over supply, the one of
    `blue_ocean`; ``gap``, the rank of demand less the rank of supply; ``log``, the difference of both in
    standard deviations of the logarithm ln(1 + x). The ratio favours small sub-niches, the gap large ones. A
    sub-niche that stays on top under all of them is a better bet than the best under one.

    Examples
    --------
    >>> keywords = pd.DataFrame({"term": list("abcd"), "buyers": [9, 80, 90, 2], "clicks": [90, 700, 900, 9],
    ...                          "listings": [2, 60, 30, 1]})
    >>> found = blue_ocean_sensitivity(keywords, demands=["buyers", "clicks"], k=1)
    >>> found.rankings.round(2)
       demand  index first  correlation  kept
    0  buyers  ratio     a         1.00   1.0
    1  buyers    gap     c         0.63   0.0
    2  buyers    log     a         1.00   1.0
    3  clicks  ratio     a         0.80   1.0
    4  clicks    gap     c         0.63   0.0
    5  clicks    log     a         0.80   1.0
    >>> blue_ocean_sensitivity(keywords)
    Traceback (most recent call last):
        ...
    CourseError: selection.blue_ocean_sensitivity: column 'searches' is not in the frame; it has term, ...
    """
    where = "selection.blue_ocean_sensitivity"
    require_level(level, where)
    measures = [demands] if isinstance(demands, str) else list(dict.fromkeys(demands))
    if not measures:
        raise CourseError(f"{where}: demands is empty; name a column or more.")
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        raise CourseError(f"{where}: k is {k!r}; give a whole number above 0, such as 10.")
    tables = {demand: _niches(keywords, by, demand, supply, where) for demand in measures}
    ranks, ratios = list(ranks), list(ratios)
    rates = [
        _rates(table, ranks, ratios, level, where).reset_index().assign(demand=demand)
        for demand, table in tables.items()
    ]
    index = pd.DataFrame(
        {(demand, kind): _index(table, kind) for demand, table in tables.items() for kind in INDICES}
    )
    place = index.rank(ascending=False, method="min")
    top = place <= k
    base = (measures[0], INDICES[0])
    rankings = pd.DataFrame(list(index.columns), columns=["demand", "index"])
    first = index.fillna(-np.inf).idxmax() if len(index) else index.sum()
    rankings["first"] = [first[name] if index[name].notna().any() else None for name in index]
    rankings["correlation"] = index.rank().corr()[base].to_numpy()
    rankings["kept"] = (top & top[[base]].to_numpy()).sum().to_numpy() / (top[base].sum() or np.nan)
    known = place.notna().any(axis=1)
    niches = pd.DataFrame(
        {
            "place": place[base],
            "best": place.min(axis=1),
            "worst": place.max(axis=1),
            "top": top.mean(axis=1).where(known),
        }
    ).rename_axis(by)
    columns = ["demand", "definition", "niches", "blue", "rate", "low", "high"]
    return BlueOceanSensitivity(
        k=int(k),
        table=pd.concat(rates, ignore_index=True)[columns],
        rankings=rankings,
        niches=niches.sort_values(["top", "place"], ascending=[False, True], kind="stable"),
    )


def _index(table: pd.DataFrame, kind: str) -> pd.Series:
    """Score that ranks the sub-niches; NaN for those that are neither wanted nor served."""
    demand, supply = table["demand"], table["supply"]
    if kind == "ratio":
        score = (demand / supply.where(supply > 0)).mask((demand > 0) & (supply == 0), np.inf)
    elif kind == "gap":
        score = demand.rank() - supply.rank()
    else:
        logs = np.log1p(table[["demand", "supply"]])
        spread = logs.std(ddof=0)
        z = (logs - logs.mean()) / spread.where(spread > 1e-12)
        score = z["demand"].fillna(0.0) - z["supply"].fillna(0.0)
        score = score.round(12)  # equal sub-niches tie
    return score.where((demand > 0) | (supply > 0))


def _rates(table: Any, ranks: Any, ratios: Any, level: float, where: str) -> pd.DataFrame:
    """Count the sub-niches that each definition calls blue."""
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


def _niches(keywords: Any, by: str, demand: str, supply: str, where: str) -> pd.DataFrame:
    """Mean demand and supply of each sub-niche."""
    frame = counted(keywords, [by], [demand, supply], where)
    table = frame.groupby(by)[[demand, supply]].mean()
    return pd.DataFrame({"demand": table[demand], "supply": table[supply]}, dtype=float)


def counted(keywords: Any, names: list[str], counts: list[str], where: str) -> pd.DataFrame:
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
