"""Options weighed by criteria: brought to one scale, added up by weight, and how far the weights decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtr

from ecomtrain.analysis._checks import plain, require_one
from ecomtrain.analysis.intervals import wilson
from ecomtrain.errors import CourseError, nearest, require, require_level, require_numeric

METHODS = ("scale", "range", "rank", "z")
RESULT = ["score", "low", "high", "rank", "best_rank", "worst_rank", "known"]
TIE = 1e-9  # of the scale: closer scores differ by rounding only


class Points(NamedTuple):
    """Points of each option on each criterion, more is better, with the ends of their scale and weights."""

    table: pd.DataFrame
    weights: np.ndarray
    low: float
    high: float


@dataclass(frozen=True)
class WeightSensitivity:
    """How far the winner of a weighted comparison turns on the weights.

    Attributes
    ----------
    winner : label
        The option with the highest score at the given weights; of several, the first by name.
    runner_up : label
        The next one; None if there is a single option.
    margin : float
        Points between the two.
    criterion : str
        Whose weight needs the smallest change to give another winner; None if no single weight can.
    change : float
        That change of its share of the weight (0.08 is 8 points, the others giving way in proportion); NaN
        if no single weight can.
    draws : int
        Sets of random weights.
    table : DataFrame
        One row per criterion: ``weight`` (fraction), ``lower``, ``upper`` (the winner leads while the weight
        stays between them; NaN where it leads to the end), ``winner_below``, ``winner_above`` (who leads
        beyond them), ``change`` (to the nearer of the two).
    wins : DataFrame
        One row per option, most wins first: ``score``, ``wins`` (fraction of the draws in which it scores
        highest; ties are shared), ``low``, ``high`` (interval of the drawing only).
    """

    winner: Any
    runner_up: Any
    margin: float
    criterion: Any
    change: float
    draws: int
    table: pd.DataFrame
    wins: pd.DataFrame


def weighted_scores(
    scores: pd.DataFrame,
    weights: Mapping[str, float],
    *,
    by: str = "option",
    less_is_better: Iterable[str] = (),
    method: str = "scale",
    scale: tuple[float, float] = (1, 5),
) -> pd.DataFrame:
    """Weigh options by several criteria (加权评分): tools, suppliers, platforms.

    Parameters
    ----------
    scores : DataFrame
        One row per option with a column per criterion. Rows of one option (several judges) are averaged;
        rows without an option are left out.
    weights : mapping of str to float
        Criterion and its weight of 0 or above, in any scale: they are divided by their sum.
    by : str, default "option"
        The column that names the option.
    less_is_better : iterable of str, default none
        Criteria of which a smaller value is better, such as ``["price"]``.
    method : {"scale", "range", "rank", "z"}, default "scale"
        How criteria are brought together. ``scale``: all are scores on `scale` already. The others take any
        unit and give 0 to 100 points: ``range`` from the worst to the best of these options; ``rank`` by
        place, ties sharing their mean; ``z`` by place in a normal distribution of their mean and spread.
    scale : (low, high), default (1, 5)
        Ends of the scale for ``method="scale"``.

    Returns
    -------
    DataFrame
        One row per option, best first: ``score`` (in the unit of `scale`, or 0 to 100), ``low``, ``high``
        (what it would be if all missing scores were the worst or the best), ``rank`` (1 is best, ties share
        the better one), ``known`` (fraction of the weight that has a score), and for each criterion what it
        adds to the score. NaN for an option without any score.

    Raises
    ------
    CourseError
        If a column is missing, no number or infinite, a weight is negative or all are 0, a score lies off
        the scale, a name in `less_is_better` is no criterion, or there are two currencies.

    Notes
    -----
    score = Σ w·x / Σ w over the criteria that have a score; where less is better, x counts from the other end
    of the scale. On a scale it is Excel's SUMPRODUCT(weights, scores). A missing score is no average score:
    it lets an option profit from what nobody looked at, so hold ``low`` and ``high`` against the next option.
    They are bounds and no confidence interval, for nothing is sampled here. ``range``, ``rank`` and ``z``
    depend on which options are compared: another one may turn two others round. A criterion on which all
    options are alike gives each the middle; one that fewer than two have gives none. The weights are a
    judgement: see `weight_sensitivity`.

    Examples
    --------
    >>> tools = pd.DataFrame({"option": ["Sycm", "Tableau", "Python"], "ease": [5, 3, 2],
    ...                       "depth": [3, 4, 5], "cost": [2, 4, 1]})
    >>> weights = {"ease": 40, "depth": 40, "cost": 20}
    >>> weighted_scores(tools, weights, less_is_better=["cost"]).round(2).drop(columns=["low", "high"])
            score  rank  known  ease  depth  cost
    option
    Sycm      4.0   1.0    1.0   2.0    1.2   0.8
    Python    3.8   2.0    1.0   0.8    2.0   1.0
    Tableau   3.2   3.0    1.0   1.2    1.6   0.4
    >>> weighted_scores(tools, {"ease": 1, "deep": 1})
    Traceback (most recent call last):
        ...
    CourseError: scoring.weighted_scores: column 'deep' is not in the frame; ... Did you mean 'depth'?
    """
    return weighed(points(scores, weights, by, less_is_better, method, scale, "scoring.weighted_scores"))


def weight_sensitivity(
    scores: pd.DataFrame,
    weights: Mapping[str, float],
    *,
    by: str = "option",
    less_is_better: Iterable[str] = (),
    method: str = "scale",
    scale: tuple[float, float] = (1, 5),
    concentration: float | None = None,
    draws: int = 10_000,
    seed: int = 0,
    level: float = 0.95,
) -> WeightSensitivity:
    """How far the winner turns on the weights (权重敏感性): one weight at a time, and all drawn at random.

    Parameters
    ----------
    scores, weights, by, less_is_better, method, scale
        As for `weighted_scores`; no score may be missing.
    concentration : float, optional
        Left out, all sets of weights are equally likely. A number of 1 or above draws around the given ones:
        a weight w then scatters by √(w (1 − w) / (concentration + 1)).
    draws : int, default 10000
        Sets of random weights.
    seed : int, default 0
        Seed of the generator.
    level : float, default 0.95
        Confidence level of the shares of the draws.

    Returns
    -------
    WeightSensitivity
        With ``.table`` (one row per criterion) and ``.wins`` (one row per option).

    Raises
    ------
    CourseError
        As for `weighted_scores`; if a score is missing, or a number of this call is out of its range.

    Notes
    -----
    Moving one weight to v and the others in proportion, the lead of the winner over each option is a straight
    line in v; where it crosses 0 is where the winner changes, exactly. All at once: weights from a Dirichlet
    distribution [1]_; the intervals (Wilson) hold the error of the drawing only, which `draws` makes as small
    as wanted. Drawn over all weights the shares do not say how sure the choice is, only how much of it the
    weights decide.

    References
    ----------
    .. [1] J. Butler, J. Jia, J. Dyer (1997), Simulation techniques for the sensitivity analysis of
       multi-criteria decision models, Eur. J. Oper. Res. 103(3), 531-546.

    Examples
    --------
    >>> tools = pd.DataFrame({"option": ["Sycm", "Tableau", "Python"], "ease": [5, 3, 2], "depth": [3, 4, 5]})
    >>> found = weight_sensitivity(tools, {"ease": 0.5, "depth": 0.5})
    >>> found.table.round(2)
               weight  lower  upper winner_below winner_above  change
    criterion
    ease          0.5    0.4    NaN       Python         None     0.1
    depth         0.5    NaN    0.6         None       Python     0.1
    >>> found.wins[["score", "wins"]].round(1)
             score  wins
    option
    Sycm       4.0   0.6
    Python     3.5   0.4
    Tableau    3.5   0.0
    >>> weight_sensitivity(tools, {"ease": 0, "depth": 0})
    Traceback (most recent call last):
        ...
    CourseError: scoring.weight_sensitivity: the weights add up to 0; give at least one above 0.
    """
    where = "scoring.weight_sensitivity"
    require_level(level, where)
    if isinstance(draws, bool) or not isinstance(draws, int | np.integer) or draws < 1:
        raise CourseError(f"{where}: draws is {draws!r}; give a whole number above 0, such as 10000.")
    if concentration is not None and not 1 <= concentration < np.inf:
        raise CourseError(f"{where}: concentration is {concentration!r}; give a number of 1 or above.")
    found = points(scores, weights, by, less_is_better, method, scale, where)
    names, criteria, w = found.table.index, found.table.columns, found.weights
    gaps = found.table.isna()
    if gaps.any(axis=None) or not len(names):
        row, column = next(iter(np.argwhere(gaps.to_numpy())), (None, None))
        lacking = "no option" if row is None else f"no score of '{names[row]}' on '{criteria[column]}'"
        raise CourseError(f"{where}: there is {lacking}. Fill in what is missing, or leave it out.")
    x = found.table.to_numpy()
    score = x @ w
    width = found.high - found.low
    order = np.argsort(-np.round(score / width / TIE), kind="stable")
    first = int(order[0])
    lower, upper, below, above = _turns(x, w, first, width)
    change = np.fmin(w - lower, upper - w)
    label: Any = [*names.tolist(), None]
    table = pd.DataFrame({"weight": w, "lower": lower, "upper": upper}, index=criteria)
    table["winner_below"] = pd.Series([label[place] for place in below], criteria, dtype=object)
    table["winner_above"] = pd.Series([label[place] for place in above], criteria, dtype=object)
    table["change"] = change
    rng = np.random.default_rng(seed)
    alpha = np.ones(len(w)) if concentration is None else concentration * w
    drawn = rng.standard_gamma(alpha, size=(draws, len(w)))
    lead = drawn @ x.T / drawn.sum(axis=1, keepdims=True)
    best = lead >= lead.max(axis=1, keepdims=True) - TIE * width
    won = (best / best.sum(axis=1, keepdims=True)).sum(axis=0)
    wins = pd.DataFrame({"score": score, "wins": won / draws}, index=names)
    wins["low"], wins["high"] = wilson(np.minimum(won, draws), np.full(len(names), draws), level)
    turning = int(np.nanargmin(change)) if np.isfinite(change).any() else None
    return WeightSensitivity(
        winner=label[first],
        runner_up=label[int(order[1])] if len(names) > 1 else None,
        margin=float(score[first] - score[order[1]]) if len(names) > 1 else float("nan"),
        criterion=None if turning is None else str(criteria[turning]),
        change=float("nan") if turning is None else float(change[turning]),
        draws=int(draws),
        table=table,
        wins=wins.sort_values(["wins", "score"], ascending=False, kind="stable"),
    )


def points(
    scores: Any, weights: Any, by: str, less_is_better: Any, method: str, scale: Any, where: str
) -> Points:
    """Bring every criterion to points of which more is better; NaN where an option has none."""
    if method not in METHODS:
        raise CourseError(f"{where}: method is {method!r}; give one of {', '.join(METHODS)}.")
    share = _shares(weights, where)
    criteria = list(share.index)
    require(scores, [by, *criteria], where)
    require_numeric(scores, criteria, where)
    require_one(scores, "currency", where)
    reserved = next((name for name in criteria if name in [*RESULT, by]), None)
    if reserved:
        raise CourseError(f"{where}: a criterion may not be called '{reserved}'; rename that column.")
    less = [less_is_better] if isinstance(less_is_better, str) else list(less_is_better)
    for name in less:
        if name not in criteria:
            raise CourseError(
                f"{where}: less_is_better names '{name}', which has no weight.{nearest(name, criteria)}"
            )
    frame = plain(scores[[by, *criteria]]).astype(dict.fromkeys(criteria, float))
    if np.isinf(frame[criteria].to_numpy()).any():
        raise CourseError(f"{where}: a score is infinite; give a number, or leave it empty.")
    table = frame.groupby(by, sort=True)[criteria].mean()
    low, high = _ends(scale, where) if method == "scale" else (0.0, 100.0)
    if method == "scale":
        off = (table < low) | (table > high)
        if off.any(axis=None):
            row, column = np.argwhere(off.to_numpy())[0]
            raise CourseError(
                f"{where}: '{criteria[column]}' of {table.index[row]} is {table.iloc[row, column]:g}, off "
                f"the scale of {low:g} to {high:g}. Mend it, give its scale, or take method='range'."
            )
    else:
        table = 100 * _relative(table, method)
    table[less] = low + high - table[less]
    return Points(table.rename_axis(columns="criterion"), share.to_numpy(), low, high)


def weighed(found: Points) -> pd.DataFrame:
    """Add the points up by weight."""
    x = found.table.to_numpy()
    score, known = scores_under(found, found.weights[None])
    table = pd.DataFrame({"score": score[0]}, index=found.table.index)
    for name, end in (("low", found.low), ("high", found.high)):
        sums = np.where(np.isnan(x), end, x) @ found.weights
        table[name] = np.where(known[0] > 0, sums, np.nan)
    table["rank"] = ranks(score, found)[0]
    table["known"] = known[0]
    with np.errstate(invalid="ignore"):
        parts = x * found.weights / np.where(known[0] > 0, known[0], np.nan)[:, None]
    table = table.join(pd.DataFrame(parts, table.index, list(found.table.columns)))
    return table.sort_values("rank", kind="stable")


def scores_under(found: Points, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Score of every option (columns) under every set of weights (rows), and the weight that is known."""
    x = found.table.to_numpy()
    weights = weights / weights.sum(axis=1, keepdims=True)
    known = np.minimum(weights @ ~np.isnan(x).T, 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(known > 0, weights @ np.nan_to_num(x).T / known, np.nan), known


def ranks(scores: np.ndarray, found: Points) -> Any:
    """Rank each row of scores from the best, ties sharing the better rank; NaN for no score."""
    steps = np.round(scores / ((found.high - found.low) * TIE))
    return pd.DataFrame(steps).rank(axis=1, ascending=False, method="min").to_numpy()


def _relative(table: pd.DataFrame, method: str) -> pd.DataFrame:
    """Place each value among those of its criterion, 0 to 1; NaN where fewer than two are known."""
    n, several = table.count(), table.count() > 1
    # Values that are alike but for rounding tie, and no division blows their difference up.
    least = 1e-12 * table.abs().max().where(lambda most: most > 0, 1.0)
    if method == "rank":
        placed = ((table / least).round().rank() - 1) / (n - 1).where(several)
    else:
        spread = table.max() - table.min() if method == "range" else table.std(ddof=0)
        from_base = (table - (table.min() if method == "range" else table.mean())) / spread.where(
            spread > least
        )
        alike = from_base.isna() & table.notna()
        if method == "range":
            placed = from_base.mask(alike, 0.5)
        else:
            placed = pd.DataFrame(ndtr(from_base.mask(alike, 0.0).to_numpy()), table.index, table.columns)
    return placed.where(several, axis=1)


def _turns(x: np.ndarray, w: np.ndarray, first: int, width: float) -> tuple[Any, Any, Any, Any]:
    """For each criterion: between which weights the first stays ahead, and who (-1: nobody) leads beyond."""
    lead = x[first] - x  # option x criterion
    total = lead @ w
    total = np.where(total > TIE * width, total, 0.0)
    rest = 1 - w
    with np.errstate(divide="ignore", invalid="ignore"):
        # The lead as the weight goes from w to 1, the others in proportion; without others it cannot move.
        slope = (lead - total[:, None]) / np.where(rest > TIE, rest, np.nan)
        crossing = w - total[:, None] / slope
    falls, rises = slope < -TIE * width, slope > TIE * width
    down = np.where(rises & (crossing > TIE), crossing, -np.inf)
    up = np.where(falls & (crossing < 1 - TIE), crossing, np.inf)
    lower, upper = down.max(axis=0), up.min(axis=0)
    # Of those that overtake at one point, the steepest is ahead beyond it.
    below = np.where(down >= lower - TIE, slope, -np.inf).argmax(axis=0)
    above = np.where(up <= upper + TIE, slope, np.inf).argmin(axis=0)
    there = np.isfinite(lower), np.isfinite(upper)
    return (
        *(np.where(there[0], lower, np.nan), np.where(there[1], upper, np.nan)),
        *(np.where(there[0], below, -1), np.where(there[1], above, -1)),
    )


def _shares(weights: Any, where: str) -> pd.Series:
    """Weights as fractions of their sum."""
    try:
        share = pd.Series({str(name): float(weight) for name, weight in dict(weights).items()}, dtype=float)
    except (TypeError, ValueError):
        raise CourseError(
            f"{where}: weights is {weights!r}; give a number for each criterion, such as {{'price': 0.4}}."
        ) from None
    wrong = share[~(share >= 0) | np.isinf(share)]
    if len(wrong):
        raise CourseError(
            f"{where}: the weight of '{wrong.index[0]}' is {wrong.iloc[0]:g}; give a number of 0 or above."
        )
    total = float(share.sum())
    if not total > 0:
        raise CourseError(f"{where}: the weights add up to 0; give at least one above 0.")
    return share / total


def _ends(scale: Any, where: str) -> tuple[float, float]:
    """Read the ends of a scale."""
    try:
        low, high = map(float, scale)
    except (TypeError, ValueError):
        low, high = np.nan, np.nan
    if not -np.inf < low < high < np.inf:
        raise CourseError(f"{where}: scale is {scale!r}; give its lowest and highest score, such as (1, 5).")
    return low, high
