"""Selection: which niches are wanted more than they are served, and which phrases are searched ever more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from ecomtrain.analysis._checks import days, moment
from ecomtrain.analysis._niches import (
    BlueOceanSensitivity,
    blue_ocean,
    blue_ocean_rate,
    blue_ocean_sensitivity,
    counted,
)
from ecomtrain.analysis._scoring import points, ranks, scores_under, weighed
from ecomtrain.errors import CourseError, require_level

__all__ = [
    "BlueOceanSensitivity",
    "blue_ocean",
    "blue_ocean_rate",
    "blue_ocean_sensitivity",
    "category_attractiveness",
    "keyword_growth",
]

ATTRACTIVENESS = {"size": 25, "growth": 20, "margin": 20, "hhi": 15, "return_rate": 10, "fit": 10}
LESS_IS_BETTER = ("hhi", "return_rate")
TIMES = (0.5, 1.0, 2.0)  # what a weight is multiplied by to see what it decides
FARTHEST = 100.0  # an interval of more than this on the logarithm says nothing, and exp would overflow
GROWTH = ["months", "recent", "earlier", "growth", "low", "high", "p"]


def category_attractiveness(
    categories: pd.DataFrame,
    weights: Mapping[str, float] = ATTRACTIVENESS,
    *,
    by: str = "category",
    less_is_better: Iterable[str] = LESS_IS_BETTER,
    method: str = "rank",
) -> pd.DataFrame:
    """How attractive each category is among those compared, 0 to 100 (品类吸引力).

    Parameters
    ----------
    categories : DataFrame
        One row per category, each criterion in a unit of its own; with the usual `weights`: ``size`` (money
        a year), ``growth``, ``margin`` (fractions), ``hhi`` (of `market.concentration`), ``return_rate``
        (fraction), ``fit`` (how well the shop's own operations suit it, a score).
    weights : mapping of str to float
        Criterion and its weight, in any scale; by default size 25, growth 20, margin 20, hhi 15, return_rate
        10, fit 10, a convention of this course.
    by : str, default "category"
        The column that names the category.
    less_is_better : iterable of str, default ("hhi", "return_rate")
        Criteria of which less is better; those without a weight play no part.
    method : {"rank", "z", "range"}, default "rank"
        As for `scoring.weighted_scores`. Ranks are safest where one category dwarfs the others.

    Returns
    -------
    DataFrame
        What `scoring.weighted_scores` returns, with ``best_rank`` and ``worst_rank`` after ``rank``: the
        range of ranks when any single weight is halved or doubled, or ``rank`` and ``z`` are exchanged.

    Raises
    ------
    CourseError
        As for `scoring.weighted_scores`, or if `method` is ``"scale"``.

    Notes
    -----
    The score compares these categories with each other: 100 is best on every criterion, not good. It holds
    for them only; leave one out and the others may change places. `scoring.weight_sensitivity` with the same
    arguments tells which weight decides.

    Examples
    --------
    >>> table = pd.DataFrame({"category": ["desks", "lamps", "chairs"], "size": [90, 20, 50],
    ...                       "growth": [0.02, 0.12, 0.08], "return_rate": [0.06, 0.02, 0.09]})
    >>> weights = {"size": 40, "growth": 40, "return_rate": 20}
    >>> category_attractiveness(table, weights)[["score", "rank", "best_rank", "worst_rank"]].round(1)
              score  rank  best_rank  worst_rank
    category
    lamps      60.0   1.0        1.0         2.0
    desks      50.0   2.0        1.0         3.0
    chairs     40.0   3.0        2.0         3.0
    >>> category_attractiveness(table)
    Traceback (most recent call last):
        ...
    CourseError: selection.category_attractiveness: column 'margin' is not in the frame; ...
    """
    where = "selection.category_attractiveness"
    if method == "scale":
        raise CourseError(f"{where}: method is 'scale'; give 'rank', 'z' or 'range', or use scoring.")
    given = [less_is_better] if isinstance(less_is_better, str) else list(less_is_better)
    less = [name for name in given if name in weights]

    def placed(way: str) -> Any:
        return points(categories, weights, by, less, way, None, where)

    found = placed(method)
    w = found.weights
    varied = np.concatenate([w * np.where(np.eye(len(w)) > 0, times, 1.0) for times in TIMES])
    tried = [
        ranks(scores_under(placed(way), varied)[0], found) for way in dict.fromkeys((method, "rank", "z"))
    ]
    places = pd.DataFrame(np.concatenate(tried), columns=found.table.index)
    table = weighed(found)
    place = table.columns.get_loc("rank") + 1
    table.insert(place, "best_rank", places.min())
    table.insert(place + 1, "worst_rank", places.max())
    return table


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
    frame = counted(keywords, ["month", by], [value], where)
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


def _name(month: int) -> str:
    """Spell out a month that is counted from the year 0."""
    return f"{month // 12}-{month % 12 + 1:02d}"
