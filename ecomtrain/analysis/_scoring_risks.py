"""Risks by how likely and how grave they are, and strengths against weaknesses by weight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis._checks import plain, require_not_negative, require_one
from ecomtrain.errors import CourseError, require, require_numeric

BANDS = {"low": 4, "medium": 9, "high": 16, "critical": 25}
AFTER = {"residual_probability": "probability", "residual_impact": "impact"}
STRATEGIES = {
    (1, 1): "SO: use strengths to take opportunities",
    (-1, 1): "WO: mend weaknesses to take opportunities",
    (1, -1): "ST: use strengths against threats",
    (-1, -1): "WT: mend weaknesses and avoid threats",
}


@dataclass(frozen=True)
class RankReversal:
    """Pairs of risks that probability times impact puts in the wrong order of expected loss.

    Attributes
    ----------
    pairs : int
        Pairs of risks.
    crossing : int
        Of them, those in which one risk is more likely and the other graver: only there can scales decide.
    reversed : int
        Pairs of which the one with the higher score has the lower expected loss.
    alike : int
        Pairs with one score and different expected losses.
    losses : DataFrame
        One row per risk, highest loss first: ``score``, ``expected_loss`` (in the unit of `amounts`).
    table : DataFrame
        One row per reversed pair, worst first: ``risk`` (higher score), ``other``, ``score``,
        ``other_score``, ``expected_loss``, ``other_loss``, ``times`` (the other's loss over the first's).
    """

    pairs: int
    crossing: int
    reversed: int
    alike: int
    losses: pd.DataFrame
    table: pd.DataFrame


@dataclass(frozen=True)
class Tows:
    """Strengths, weaknesses, opportunities and threats added up by weight.

    Attributes
    ----------
    internal, external : float
        Strengths less weaknesses; opportunities less threats (points of the rating).
    strategy : str
        What the two signs point to; ``"undecided"`` where one is 0 or unknown.
    table : DataFrame
        One row per kind (S, W, O, T): ``items`` (count), ``weight`` (fraction of its side), ``score``
        (Σ weight × rating).
    """

    internal: float
    external: float
    strategy: str
    table: pd.DataFrame


def risk_matrix(risks: pd.DataFrame, *, by: str = "risk", bands: Mapping[str, float] = BANDS) -> pd.DataFrame:
    """Probability times impact of each risk, before and after control (风险矩阵).

    Parameters
    ----------
    risks : DataFrame
        One row per risk: `by`, ``probability``, ``impact`` (levels from 1 to 5) and, where there is a
        control, ``residual_probability``, ``residual_impact`` (levels with it; the level before where they
        are missing).
    by : str, default "risk"
        The column that names the risk.
    bands : mapping of str to float, default low 4, medium 9, high 16, critical 25
        Each band with its highest score, rising; the last one is 25.

    Returns
    -------
    DataFrame
        One row per risk, highest score first: ``probability``, ``impact``, ``score`` (1 to 25), ``band``,
        ``residual_probability``, ``residual_impact``, ``residual``, ``residual_band``, ``reduction``
        (fraction of the score that the control takes away), ``rank`` (ties share the better one). NaN where a
        level is not known.

    Raises
    ------
    CourseError
        If a column is missing or no number, a level is not from 1 to 5, or `bands` do not rise to 25.

    Notes
    -----
    score = probability × impact. The levels are an order, no measure: level 4 is not twice as likely as level
    2, and a score of 20 is not twice one of 10. Two risks may stand in the wrong order [1]_, which
    `rank_reversal` shows. Bands are a convention; write down what each asks for. Nothing is sampled, so there
    is no interval.

    References
    ----------
    .. [1] L. A. Cox (2008), What's wrong with risk matrices?, Risk Anal. 28(2), 497-512.

    Examples
    --------
    >>> risks = pd.DataFrame({"risk": ["customs delay", "data fine"], "probability": [4, 2],
    ...                       "impact": [3, 5], "residual_probability": [2, 2]})
    >>> risk_matrix(risks)[["score", "band", "residual", "residual_band"]]
                   score  band  residual residual_band
    risk
    customs delay   12.0  high       6.0        medium
    data fine       10.0  high      10.0          high
    >>> risk_matrix(risks.assign(impact=50))
    Traceback (most recent call last):
        ...
    CourseError: scoring.risk_matrix: column 'impact' holds 50, which is no level from 1 to 5. ...
    """
    where = "scoring.risk_matrix"
    try:
        tops = {str(name): float(top) for name, top in dict(bands).items()}
    except (TypeError, ValueError):
        tops = {}
    ends = list(tops.values())
    if not ends or ends[-1] != 25 or not (np.diff([0.0, *ends]) > 0).all():
        raise CourseError(
            f"{where}: bands is {bands!r}; give each band its highest score, rising to 25, such as {BANDS}."
        )
    table = _levels(risks, by, where)
    score, left = (table[f"{kind}probability"] * table[f"{kind}impact"] for kind in ("", "residual_"))
    names = np.array([*tops, None], dtype=object)
    made = {"score": score, "residual": left}
    for column, values in made.items():
        band = names[np.where(values.isna(), len(ends), np.searchsorted(ends, values))]
        table[column] = values
        table["band" if column == "score" else "residual_band"] = pd.Series(band, table.index, dtype=object)
    table["reduction"] = 1 - left / score
    table["rank"] = score.rank(ascending=False, method="min")
    columns = [
        *("probability", "impact", "score", "band"),
        *(*AFTER, "residual", "residual_band", "reduction", "rank"),
    ]
    table = table.sort_values(["score", "residual", by], ascending=[False, False, True], kind="stable")
    return table.set_index(by)[columns]


def rank_reversal(
    risks: pd.DataFrame, *, probabilities: Sequence[float], amounts: Sequence[float], by: str = "risk"
) -> RankReversal:
    """Which risks probability times impact ranks the wrong way round, once levels get numbers (排序反转).

    Parameters
    ----------
    risks : DataFrame
        As for `risk_matrix`, with whole levels; the levels before control are used.
    probabilities : five numbers
        What the levels 1 to 5 stand for: chances a year, rising fractions such as
        ``(0.01, 0.05, 0.2, 0.5, 0.9)``.
    amounts : five numbers
        What the levels of impact cost, rising amounts of money above 0.
    by : str, default "risk"
        The column that names the risk.

    Returns
    -------
    RankReversal
        With ``.table`` of the reversed pairs and ``.losses`` of all risks. Risks without a level are left
        out.

    Raises
    ------
    CourseError
        As for `risk_matrix`; if a level is not whole, or a scale is not five rising numbers.

    Notes
    -----
    expected loss = probability × amount of the levels. Both scales rise with their levels, so nobody who set
    the levels need object, and yet the order of P × I may not survive: for every pair of which one risk is
    likelier and the other graver (``crossing``) there are scales that turn it round. Rank by expected loss
    where chances and amounts can be told; keep the matrix for talking.

    Examples
    --------
    >>> risks = pd.DataFrame({"risk": ["late parcels", "data fine"], "probability": [5, 2], "impact": [2, 4]})
    >>> found = rank_reversal(risks, probabilities=(0.01, 0.1, 0.3, 0.6, 0.9),
    ...                       amounts=(1e4, 5e4, 2e5, 1e6, 5e6))
    >>> found.table[["risk", "other", "score", "other_score", "times"]].round(2)
               risk      other  score  other_score  times
    0  late parcels  data fine   10.0          8.0   2.22
    >>> rank_reversal(risks, probabilities=(0.1, 0.5), amounts=(1, 2, 3, 4, 5))
    Traceback (most recent call last):
        ...
    CourseError: scoring.rank_reversal: probabilities is (0.1, 0.5); give five rising numbers above 0, ...
    """
    where = "scoring.rank_reversal"
    chance = _scale(probabilities, "probabilities", where)
    money = _scale(amounts, "amounts", where)
    if chance[-1] > 1:
        raise CourseError(f"{where}: probabilities ends with {chance[-1]:g}; a chance is a fraction up to 1.")
    levels = _levels(risks, by, where)[[by, "probability", "impact"]].dropna()
    # By name: which of two pairs that are equally bad comes first must not hang on the order of the rows.
    levels = levels.sort_values([by, "probability", "impact"], kind="stable")
    p, i = (levels[name].to_numpy() for name in ("probability", "impact"))
    if (p % 1).any() or (i % 1).any():
        raise CourseError(f"{where}: a level is no whole number; round the levels first.")
    loss, score = chance[p.astype(int) - 1] * money[i.astype(int) - 1], p * i
    name = levels[by].astype(object).to_numpy()
    more = loss > loss[:, None] * (1 + 1e-9)  # the other's loss is larger
    first, other = np.nonzero((score[:, None] > score) & more)
    crossing = (p[:, None] > p) & (i[:, None] < i)
    table = pd.DataFrame(
        {
            "risk": name[first],
            "other": name[other],
            "score": score[first],
            "other_score": score[other],
            "expected_loss": loss[first],
            "other_loss": loss[other],
            "times": loss[other] / loss[first],
        }
    )
    losses = pd.DataFrame({"score": score, "expected_loss": loss}, index=pd.Index(name, name=by))
    n = len(levels)
    return RankReversal(
        pairs=n * (n - 1) // 2,
        crossing=int(crossing.sum()),
        reversed=len(table),
        alike=int(((score[:, None] == score) & more).sum()),
        losses=losses.sort_values("expected_loss", ascending=False, kind="stable"),
        table=table.sort_values("times", ascending=False, kind="stable", ignore_index=True),
    )


def tows(items: pd.DataFrame, *, kind: str = "kind", weight: str = "weight", rating: str = "rating") -> Tows:
    """Strengths, weaknesses, opportunities and threats by weight, and what they point to (SWOT/TOWS 加权).

    Parameters
    ----------
    items : DataFrame
        One row per item.
    kind : str, default "kind"
        Column of ``S``, ``W``, ``O`` or ``T`` (or the whole words).
    weight : str, default "weight"
        Column of weights of 0 or above, in any scale.
    rating : str, default "rating"
        Column of how strong the item is, 0 or above, all on one scale such as 1 to 5; rows without a rating
        or weight are left out.

    Returns
    -------
    Tows
        ``internal``, ``external``, ``strategy`` and ``.table``.

    Raises
    ------
    CourseError
        If a column is missing, holds no numbers or negative ones, or a kind is none of the four.

    Notes
    -----
    Weights are divided by the sum of their side: strengths and weaknesses (internal), opportunities and
    threats (external). A kind's score is Σ weight × rating; the signs of S − W and O − T point to one of the
    four strategies of the TOWS matrix [1]_. The matrix itself has no numbers: weights and ratings are
    judgements, so a difference near 0 decides nothing.

    References
    ----------
    .. [1] H. Weihrich (1982), The TOWS matrix: a tool for situational analysis, Long Range Plann. 15(2),
       54-66.

    Examples
    --------
    >>> items = pd.DataFrame({"kind": ["S", "W", "O", "T"], "weight": [60, 40, 30, 70],
    ...                       "rating": [4, 3, 4, 2]})
    >>> found = tows(items)
    >>> round(found.internal, 2), round(found.external, 2), found.strategy
    (1.2, -0.2, 'ST: use strengths against threats')
    >>> tows(items.assign(kind="X"))
    Traceback (most recent call last):
        ...
    CourseError: scoring.tows: column 'kind' holds 'X'; give S, W, O or T.
    """
    where = "scoring.tows"
    require(items, [kind, weight, rating], where)
    require_numeric(items, [weight, rating], where)
    frame = plain(items[[kind, weight, rating]]).dropna()
    require_not_negative(frame, [weight, rating], where)
    letter = frame[kind].astype(str).str.strip().str.upper()
    words = ["S", "W", "O", "T", "STRENGTH", "WEAKNESS", "OPPORTUNITY", "THREAT"]
    words += ["STRENGTHS", "WEAKNESSES", "OPPORTUNITIES", "THREATS"]
    odd = frame.loc[~letter.isin(words), kind]
    if len(odd):
        raise CourseError(f"{where}: column '{kind}' holds '{odd.iloc[0]}'; give S, W, O or T.")
    if np.isinf(frame[[weight, rating]].to_numpy(float)).any():
        raise CourseError(f"{where}: a weight or rating is infinite; give a number.")
    letter = letter.str[:1]
    w = frame[weight].astype(float)
    of_side = w.groupby(letter.isin(["S", "W"])).transform("sum")
    share = w / of_side.where(of_side > 0)
    rows = pd.DataFrame({"kind": letter, "weight": share, "score": share * frame[rating]})
    table = rows.groupby("kind").agg(items=("kind", "size"), weight=("weight", "sum"), score=("score", "sum"))
    table = table.reindex(["S", "W", "O", "T"]).fillna(0.0).astype({"items": "int64"})
    internal, external = (
        float(table.loc[good, "score"] - table.loc[bad, "score"])
        if table.loc[[good, bad], "weight"].sum() > 0
        else float("nan")
        for good, bad in ("SW", "OT")
    )
    inside, outside = (0 if abs(x) < 1e-9 or x != x else int(np.sign(x)) for x in (internal, external))
    return Tows(internal, external, STRATEGIES.get((inside, outside), "undecided"), table)


def _levels(risks: Any, by: str, where: str) -> pd.DataFrame:
    """Levels of each risk before and after control, from 1 to 5 or missing."""
    require(risks, [by, "probability", "impact"], where)
    after = [name for name in AFTER if name in risks]
    columns = ["probability", "impact", *after]
    require_numeric(risks, columns, where)
    require_one(risks, "currency", where)
    frame = plain(risks[[by, *columns]]).astype(dict.fromkeys(columns, float)).dropna(subset=[by])
    for name in columns:
        wrong = frame.loc[~frame[name].between(1, 5) & frame[name].notna(), name]
        if len(wrong):
            raise CourseError(
                f"{where}: column '{name}' holds {wrong.iloc[0]:g}, which is no level from 1 to 5. "
                "Give 1 for the least and 5 for the most."
            )
    for name, before in AFTER.items():
        frame[name] = frame[name].fillna(frame[before]) if name in after else frame[before]
    return frame.reset_index(drop=True)


def _scale(values: Any, name: str, where: str) -> np.ndarray:
    """Read what five levels stand for."""
    try:
        scale = np.array([float(value) for value in values])
    except (TypeError, ValueError):
        scale = np.empty(0)
    if len(scale) != 5 or not (np.isfinite(scale).all() and (np.diff(scale, prepend=0.0) > 0).all()):
        raise CourseError(f"{where}: {name} is {values!r}; give five rising numbers above 0, one per level.")
    return scale
