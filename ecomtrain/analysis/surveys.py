"""Surveys: what share of a population would say so, and how willing customers are to recommend."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from ecomtrain.analysis._checks import plain
from ecomtrain.analysis.intervals import wilson
from ecomtrain.errors import CourseError, require, require_level, require_numeric

__all__ = ["net_promoter_score", "weighted_share"]


def weighted_share(
    responses: pd.DataFrame,
    *,
    success: str,
    weight: str | None = None,
    strata: Iterable[str] = (),
    by: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Share of a population that says yes, from a sample whose make-up is put right by weights (加权比例).

    Parameters
    ----------
    responses : DataFrame
        One row per response.
    success : str
        Column of bool (or 0 and 1).
    weight : str, optional
        Column of weights of 0 or above: how many persons of the population a response stands for, in any
        scale. Without it every response counts alike.
    strata : iterable of str, default none
        Columns of the cells whose share of the population the weights were made to agree with
        (post-stratification), such as age group and city tier.
    by : str, optional
        A column to split by.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row per group (``all`` without `by`): ``share``, ``low``, ``high`` (fractions), ``n``
        (responses), ``effective_n`` (a plain sample of that size has the same error), ``unweighted``
        (fraction). NaN where no response has weight.

    Raises
    ------
    CourseError
        If a column is missing or holds gaps, `success` is not 0 or 1, a weight is negative or not finite,
        or `level` is not between 0 and 1.

    Notes
    -----
    share = Σ wᵢyᵢ / Σ wᵢ. Its variance is Σ over the cells h of n_h/(n_h − 1) Σ wᵢ²(yᵢ − ȳ_h)² / (Σ w)²,
    where ȳ_h is the cell's weighted share; a cell with one response is measured from the share of all. The
    interval is Wilson's with effective_n = share (1 − share) / variance responses [1]_; where all agree,
    with Kish's (Σ w)²/Σ w². Weights mend who was asked, not how: a leading question, or who comes by
    themselves for a reason that the cells do not hold, stays in the result.

    References
    ----------
    .. [1] C. Franco, R. J. A. Little, T. A. Louis, E. V. Slud (2019), Comparative study of confidence
       intervals for proportions in complex sample surveys, J. Surv. Stat. Methodol. 7(3), 334-364.

    Examples
    --------
    >>> young = pd.DataFrame({"age": "18-25", "yes": [1] * 30 + [0] * 10, "weight": 1.5})
    >>> old = pd.DataFrame({"age": "26-29", "yes": [1] * 20 + [0] * 40, "weight": 0.5})
    >>> asked = pd.concat([young, old], ignore_index=True)
    >>> weighted_share(asked, success="yes", weight="weight", strata=["age"]).round(3)
         share   low   high    n  effective_n  unweighted
    all  0.611  0.51  0.704  100       93.006         0.5
    >>> weighted_share(asked, success="yes", weight="wieght")
    Traceback (most recent call last):
        ...
    CourseError: surveys.weighted_share: column 'wieght' is not in the frame; ... Did you mean 'weight'?
    """
    where = "surveys.weighted_share"
    require_level(level, where)
    cells = [strata] if isinstance(strata, str) else list(strata)
    columns = list(dict.fromkeys([success, *([weight] if weight else []), *cells, *([by] if by else [])]))
    require(responses, columns, where)
    frame = plain(responses[columns])
    _no_gaps(frame, columns, where)
    require_numeric(frame, [success, *([weight] if weight else [])], where)
    if not frame[success].isin([0, 1]).all():
        raise CourseError(f"{where}: column '{success}' holds values other than 0 and 1 (False and True).")
    w = frame[weight].to_numpy(dtype=float) if weight else np.ones(len(frame))
    if not (np.isfinite(w) & (w >= 0)).all():
        raise CourseError(f"{where}: column '{weight}' holds weights that are negative or not finite.")
    y = frame[success].to_numpy(dtype=float)
    cell = frame.groupby(cells, sort=False).ngroup().to_numpy() if cells else np.zeros(len(frame), "int64")
    groups = frame.groupby(by, sort=True).indices if by else {"all": np.arange(len(frame))}
    made = {name: _share(y[at], w[at], cell[at], level) for name, at in groups.items()}
    names = ["share", "low", "high", "n", "effective_n", "unweighted"]
    result = pd.DataFrame.from_dict(made, orient="index", columns=names)
    return result.rename_axis(by) if by else result


def net_promoter_score(
    responses: pd.DataFrame, *, score: str = "score", by: str | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Promoters less detractors among those who say how likely they are to recommend (NPS 净推荐值).

    Parameters
    ----------
    responses : DataFrame
        One row per response.
    score : str, default "score"
        Column of answers from 0 to 10; rows without an answer are left out.
    by : str, optional
        A column to split by.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row per group (``all`` without `by`): ``promoters``, ``passives``, ``detractors`` (fractions),
        ``nps``, ``low``, ``high`` (points, -100 to 100), ``n`` (answers). NaN where nobody answered.

    Raises
    ------
    CourseError
        If a column is missing, a score is not from 0 to 10, or `level` is not between 0 and 1.

    Notes
    -----
    Promoters answer 9 or 10, detractors 0 to 6 [1]_; nps = 100 (p − d), with the t interval of the mean of
    the values 1, 0 and −1. Two thirds of the scale are thrown away, so the score needs far more answers than
    a mean does: with 200 of them it is known to some ten points.

    References
    ----------
    .. [1] F. F. Reichheld (2003), The one number you need to grow, Harv. Bus. Rev. 81(12), 46-54.

    Examples
    --------
    >>> answers = pd.DataFrame({"score": [10, 9, 9, 8, 7, 3, 10, 6, 9, 8]})
    >>> net_promoter_score(answers).round(1)[["promoters", "detractors", "nps", "low", "high", "n"]]
         promoters  detractors   nps   low  high   n
    all        0.5         0.2  30.0 -28.9  88.9  10
    >>> net_promoter_score(answers * 10)
    Traceback (most recent call last):
        ...
    CourseError: surveys.net_promoter_score: 'score' holds 100, which is not on the scale of 0 to 10.
    """
    where = "surveys.net_promoter_score"
    require_level(level, where)
    require(responses, [score, *([by] if by else [])], where)
    require_numeric(responses, [score], where)
    frame = plain(responses[list(dict.fromkeys([score, *([by] if by else [])]))]).dropna()
    x = frame[score].to_numpy(dtype=float)
    off = ~((x >= 0) & (x <= 10))
    if off.any():
        raise CourseError(f"{where}: '{score}' holds {x[off][0]:g}, which is not on the scale of 0 to 10.")
    groups = frame.groupby(by, sort=True).indices if by else {"all": np.arange(len(frame))}
    made = {}
    for name, at in groups.items():
        n = len(at)
        value = np.where(x[at] >= 9, 1.0, np.where(x[at] <= 6, -1.0, 0.0))
        mean = float(value.mean()) if n else np.nan
        spread = float(value.std(ddof=1)) if n > 1 else 0.0
        half = float(stdtrit(n - 1, 0.5 + level / 2)) * spread / np.sqrt(n) if spread > 0 else np.nan
        kinds = [float((value == kind).mean()) if n else np.nan for kind in (1, 0, -1)]
        ends = [100 * max(mean - half, -1.0), 100 * min(mean + half, 1.0)]
        made[name] = [*kinds, 100 * mean, *map(float, ends), n]
    names = ["promoters", "passives", "detractors", "nps", "low", "high", "n"]
    result = pd.DataFrame.from_dict(made, orient="index", columns=names)
    return result.rename_axis(by) if by else result


def _share(y: np.ndarray, w: np.ndarray, cell: np.ndarray, level: float) -> list[float]:
    """Return the weighted share of one group with its interval and its sizes."""
    n, total = len(y), w.sum()
    if not total > 0:
        return [np.nan, np.nan, np.nan, n, np.nan, float(y.mean()) if n else np.nan]
    # In proportion to the largest weight: the squares of tiny ones would vanish.
    w = w / w.max()
    total = w.sum()
    p = float((w * y).sum() / total)
    cell = np.unique(cell, return_inverse=True)[1]
    size = np.bincount(cell)
    weight = np.bincount(cell, w)
    own = np.divide(np.bincount(cell, w * y), weight, out=np.full(len(size), p), where=weight > 0)
    centre = np.where(size > 1, own, p)[cell]
    factor = np.where(size > 1, size / np.maximum(size - 1, 1), 1.0)[cell]
    variance = float((factor * (w * (y - centre)) ** 2).sum() / total**2)
    if p * (1 - p) > 1e-12 and variance > 1e-15:
        effective = p * (1 - p) / variance
    else:
        effective = float(total**2 / (w**2).sum())
    p = min(max(p, 0.0), 1.0)
    low, high = wilson(min(p * effective, effective), effective, level)
    return [p, float(low), float(high), n, effective, float(y.mean())]


def _no_gaps(frame: pd.DataFrame, columns: Iterable[str], where: str) -> None:
    for column in columns:
        count: Any = int(frame[column].isna().sum())
        if count:
            raise CourseError(
                f"{where}: column '{column}' is missing in {count} row(s). Leave these responses out first, "
                f"for example with frame.dropna(subset=['{column}'])."
            )
