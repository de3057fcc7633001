"""What people can do against what their work needs (4D), and what hangs on a single person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from ecomtrain.analysis._checks import plain
from ecomtrain.analysis._tree import no_gaps, once
from ecomtrain.analysis.intervals import wilson
from ecomtrain.errors import CourseError, nearest, require, require_level, require_numeric

DIMENSIONS = ("data", "digital", "system", "intelligence")  # 数据化, 数字化, 系统化, 智能化


@dataclass(frozen=True)
class CompetencyGap:
    """What people can do against what their roles need.

    Attributes
    ----------
    table : DataFrame
        One row per role and skill: the role, ``skill``, ``people``, ``rated``, ``required``, ``mean``,
        ``low``, ``high``, ``gap`` (mean less required: below 0 something is lacking), ``at_level`` (people
        who have what is required), ``coverage`` (at_level / rated), ``coverage_low``, ``coverage_high``.
    roles : DataFrame
        One row per role: the role, ``people``, ``rated`` (in at least one skill), ``readiness`` (0 to 1),
        ``low``, ``high``, ``complete`` (rated in all skills).
    alpha : float
        Cronbach's alpha of the skills, over people rated in all: whether the ratings tell skills apart.
    """

    table: pd.DataFrame
    roles: pd.DataFrame
    alpha: float


def competency_gap(
    ratings: pd.DataFrame,
    required: pd.DataFrame,
    *,
    by: str = "function",
    skills: Sequence[str] = DIMENSIONS,
    weights: Mapping[str, float] | None = None,
    level: float = 0.95,
) -> CompetencyGap:
    """Gap between the skills people have and those their roles need, in four dimensions (4D能力差距).

    Parameters
    ----------
    ratings : DataFrame
        One row per person: `by` and a column of ratings per skill, 1 to 5; missing where nobody rated.
    required : DataFrame
        One row per role: `by` and, per skill, the rating that the work needs.
    by : str, default "function"
        Column of the role, in both tables.
    skills : sequence of str
        Columns of the skills; data (数据化), digital (数字化), system (系统化), intelligence (智能化).
    weights : dict of str to float, optional
        Weight of each skill in the readiness; alike if left out.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    CompetencyGap
        ``.table``, ``.roles``, ``.alpha``.

    Raises
    ------
    CourseError
        If a column is missing or of the wrong kind, a role has no requirement or two, or weights are
        negative or name other skills.

    Notes
    -----
    Readiness of a person: the mean by weight of min(rating / required, 1) over the skills that were rated; of
    a role, the mean over its people (t interval; Wilson for shares). A surplus in one skill does not make up
    for a lack in another, which a mean of gaps would let it do. Missing ratings are left out, not zero.
    alpha = k/(k - 1) (1 - Σ var of each skill / var of their sum) [1]_: near 1 the raters gave one overall
    mark four times. Ratings are opinions on an ordinal scale: a gap of 1 is not the same amount everywhere.

    References
    ----------
    .. [1] L. J. Cronbach (1951), Coefficient alpha and the internal structure of tests, Psychometrika 16(3),
       297-334.

    Examples
    --------
    >>> ratings = pd.DataFrame({"function": "live", "data": [2, 4, 3], "digital": [4, 5, None]})
    >>> required = pd.DataFrame({"function": ["live"], "data": [4], "digital": [4]})
    >>> found = competency_gap(ratings, required, skills=["data", "digital"])
    >>> found.table[["skill", "rated", "required", "mean", "gap", "at_level", "coverage"]].round(2)
         skill  rated  required  mean  gap  at_level  coverage
    0     data      3       4.0   3.0 -1.0         1      0.33
    1  digital      2       4.0   4.5  0.5         2      1.00
    >>> competency_gap(ratings, required.assign(function="design"), skills=["data"])
    Traceback (most recent call last):
        ...
    CourseError: team.competency_gap: required has no row for 'live'; add one.
    """
    where = "team.competency_gap"
    require_level(level, where)
    skills = _skills(skills, where)
    for frame in (ratings, required):
        require(frame, [by, *skills], where)
        require_numeric(frame, skills, where)
    share = _weights(weights, skills, where)
    people = plain(ratings[[by, *skills]])
    needed = once(plain(required[[by, *skills]]), [by], where).set_index(by)
    no_gaps(people, [by], where)
    for name in people[by].unique():
        if name not in needed.index:
            raise CourseError(f"{where}: required has no row for '{name}'; add one.")
    needed = needed.reindex(sorted(people[by].unique())).astype(float)
    no_gaps(needed.reset_index(), skills, where)
    if not (needed > 0).all().all():
        raise CourseError(f"{where}: a required rating is not above 0; give ratings on the scale of 1 to 5.")
    rated = people[skills].astype(float)
    asked = needed.reindex(people[by]).set_axis(rated.index)
    role = people[by].to_numpy()

    def long(values: pd.DataFrame, how: str) -> Any:
        """Role by skill, in one column."""
        return getattr(values.groupby(role), how)()[skills].stack(future_stack=True)  # noqa: PD013

    count, mean = long(rated, "count"), long(rated, "mean")
    at_level = long((rated >= asked).astype(float), "sum")
    half = long(rated, "std") / np.sqrt(count) * stdtrit(np.maximum(count - 1, 1), 0.5 + level / 2)
    half = half.where(half > 0)
    low, high = wilson(at_level, count, level)
    stacked = needed[skills].stack(future_stack=True).to_numpy()  # noqa: PD013
    heads = people.groupby(role).size()
    table = pd.DataFrame(
        {
            "people": heads.reindex(count.index.get_level_values(0)).to_numpy(),
            "rated": count,
            "required": stacked,
            "mean": mean,
            "low": mean - half,
            "high": mean + half,
            "gap": mean - stacked,
            "at_level": at_level.astype("int64"),
            "coverage": at_level / count.where(count > 0),
            "coverage_low": low,
            "coverage_high": high,
        }
    )
    table = table.rename_axis([by, "skill"]).reset_index().astype({"skill": "str"})
    known = rated.notna()
    had = (np.minimum(rated / asked, 1).where(known) * share).sum(axis=1) / (known * share).sum(axis=1).where(
        lambda total: total > 0
    )
    readiness = had.groupby(role).agg(["size", "count", "mean", "std"])
    reach = stdtrit(np.maximum(readiness["count"] - 1, 1), 0.5 + level / 2)
    reach = reach * (readiness["std"] / np.sqrt(readiness["count"])).where(readiness["std"] > 0)
    roles = pd.DataFrame(
        {
            "people": readiness["size"],
            "rated": readiness["count"],
            "readiness": readiness["mean"],
            "low": (readiness["mean"] - reach).clip(lower=0),
            "high": (readiness["mean"] + reach).clip(upper=1),
            "complete": known.all(axis=1).groupby(role).sum().astype("int64"),
        }
    )
    return CompetencyGap(table, roles.rename_axis(by).reset_index(), _alpha(rated.dropna().to_numpy()))


@dataclass(frozen=True)
class BusFactor:
    """How many people each skill of a team hangs on.

    Attributes
    ----------
    table : DataFrame
        One row per team and skill: the team, ``skill``, ``people``, ``rated``, ``holders`` (at the level),
        ``bus_factor`` (how many of them have to leave until fewer than needed are left; 0 where it is so
        now).
    alone : DataFrame
        The team, ``skill`` and the person, where just one holds it.
    """

    table: pd.DataFrame
    alone: pd.DataFrame


def bus_factor(
    ratings: pd.DataFrame,
    skill_level: float | Mapping[str, float] = 4,
    *,
    by: str = "team",
    skills: Sequence[str] = DIMENSIONS,
    needed: int = 1,
    person: str = "staff_id",
) -> BusFactor:
    """How many people have to leave until a team lacks a skill (巴士系数).

    Parameters
    ----------
    ratings : DataFrame
        One row per person who is there: `person`, `by` and a column of ratings per skill; missing where
        nobody rated.
    skill_level : float or dict of str to float, default 4
        Rating from which a person holds the skill, one for all or one for each.
    by : str, default "team"
        Column of the team.
    skills : sequence of str
        Columns of the skills.
    needed : int, default 1
        People with the skill that the work needs at the same time.
    person : str, default "staff_id"
        Column of the person.

    Returns
    -------
    BusFactor
        ``.table``, ``.alone``.

    Raises
    ------
    CourseError
        If a column is missing or of the wrong kind, a person has two different rows, or a level is missing.

    Notes
    -----
    bus factor = max(holders - needed + 1, 0): 1 means that one resignation, or one holiday, uncovers the
    skill. It says nothing of how likely that is. People without a rating count as not holding the skill, so
    a new team looks worse than it is. Everybody is counted, so there is no interval.

    Examples
    --------
    >>> ratings = pd.DataFrame({"staff_id": [1, 2, 3], "team": "live", "data": [5, 3, 2],
    ...                         "digital": [4, 4, 5]})
    >>> found = bus_factor(ratings, skills=["data", "digital"])
    >>> found.table
       team    skill  people  rated  holders  bus_factor
    0  live     data       3      3        1           1
    1  live  digital       3      3        3           3
    >>> found.alone
       team skill  staff_id
    0  live  data         1
    >>> bus_factor(ratings, {"data": 4}, skills=["data", "digital"])
    Traceback (most recent call last):
        ...
    CourseError: team.bus_factor: skill_level says nothing of 'digital'; give a level for each skill.
    """
    where = "team.bus_factor"
    skills = _skills(skills, where)
    require(ratings, [person, by, *skills], where)
    require_numeric(ratings, skills, where)
    if needed < 1:
        raise CourseError(f"{where}: needed is {needed}; give 1 or more.")
    levels = skill_level if isinstance(skill_level, Mapping) else dict.fromkeys(skills, skill_level)
    for name in skills:
        if name not in levels:
            raise CourseError(f"{where}: skill_level says nothing of '{name}'; give a level for each skill.")
    people = plain(ratings[[person, by, *skills]])
    no_gaps(people, [person, by], where)
    people = once(people, [person], where)
    # Missing ratings melt to NaN, which reaches no level.
    long = people.astype(dict.fromkeys(skills, float)).melt([person, by], skills, "skill", "rating")
    long["holds"] = long["rating"] >= long["skill"].map(levels).astype(float)
    group = long.groupby([by, "skill"], sort=True)
    table = group.agg(people=("rating", "size"), rated=("rating", "count"), holders=("holds", "sum"))
    table["bus_factor"] = (table["holders"] - needed + 1).clip(lower=0)
    order = {name: place for place, name in enumerate(skills)}

    def sorted_(frame: pd.DataFrame) -> pd.DataFrame:
        """Rows by team, the skills in the order they were given in."""
        place = frame["skill"].map(order)
        return frame.assign(place=place).sort_values([by, "place"], ignore_index=True).drop(columns="place")

    only = long["holds"] & (long.groupby([by, "skill"])["holds"].transform("sum") == 1)
    return BusFactor(
        sorted_(table.reset_index()).astype({"skill": "str"}),
        sorted_(long.loc[only, [by, "skill", person]]).astype({"skill": "str"}),
    )


def _skills(skills: Sequence[str], where: str) -> list[str]:
    if isinstance(skills, str) or not len(skills):
        raise CourseError(f"{where}: skills is {skills!r}; give a list of columns of ratings.")
    return list(dict.fromkeys(skills))


def _weights(weights: Mapping[str, float] | None, skills: list[str], where: str) -> Any:
    given = dict.fromkeys(skills, 1.0) if weights is None else dict(weights)
    for name in given:
        if name not in skills:
            raise CourseError(f"{where}: weights names '{name}', which is no skill.{nearest(name, skills)}")
    share = np.array([float(given.get(name, 0)) for name in skills])
    if not ((share >= 0).all() and share.sum() > 0):
        raise CourseError(f"{where}: weights={given}; give numbers of 0 or above, one of them above 0.")
    return share / share.sum()


def _alpha(rated: Any) -> float:
    """Cronbach's alpha; NaN for one skill, for fewer than two people, or where sums do not differ."""
    n, k = rated.shape
    if n < 2 or k < 2:
        return float("nan")
    total = rated.sum(axis=1).var(ddof=1)
    return (
        float(k / (k - 1) * (1 - rated.var(axis=0, ddof=1).sum() / total)) if total > 1e-12 else float("nan")
    )
