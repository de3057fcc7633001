"""Objectives and key results: how far they got, and whether they pull one way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ecomtrain.analysis._checks import plain, require_not_negative
from ecomtrain.analysis._tree import no_gaps, once, tree
from ecomtrain.errors import CourseError, nearest, require, require_numeric

KINDS = ("objective", "key_result")
DIRECTIONS = ("up", "down", "binary")
CARRIED = ("shop", "team", "quarter", "title")


def okr_score(okrs: pd.DataFrame, *, bands: tuple[float, float] = (0.4, 0.7)) -> pd.DataFrame:
    """How far each key result and each objective got, from 0 to 1 (OKR评分).

    Parameters
    ----------
    okrs : DataFrame
        One row per objective or key result: ``okr_id``, ``kind`` (``"objective"`` or ``"key_result"``),
        ``parent_id`` (of a key result: its objective), ``start``, ``target``, ``current`` (numbers; missing
        for objectives), ``weight`` (of a key result within its objective), ``direction`` (``"up"``,
        ``"down"``, or ``"binary"``: done or not, no part of it counts).
    bands : tuple of two floats, default (0.4, 0.7)
        From the first on a score is yellow, from the second on green; below it is red.

    Returns
    -------
    DataFrame
        One row per row of `okrs`, in the order of ``okr_id``: that, ``kind``, ``objective_id`` (of a key
        result its objective, else its own id), what there is of ``shop``, ``team``, ``quarter``, ``title``,
        then ``weight`` (within the objective), ``raw`` (progress as it is, below 0 and above 1 too),
        ``score`` (0 to 1), ``band`` (green, yellow, red, or none where there is no score) and
        ``weight_scored`` (share of an objective's weight whose key results have a score).

    Raises
    ------
    CourseError
        If a column is missing or of the wrong kind, a target lies on the wrong side of its start, an id
        stands for two things, or the bands are not in order.

    Notes
    -----
    Key result: (current - start) / (target - start), held within 0 to 1; the sign takes care of goals that
    go down. An objective is the mean of its key results by weight. Where start and target are the same
    there is no way to go and no score. No interval: these are counts of what was reached, not samples.
    A team that always scores near 1 has set itself easy targets; 0.6 to 0.7 is where ambitious ones end
    [1]_. Pay by the score, and the targets become soft.

    References
    ----------
    .. [1] J. Doerr (2018), Measure What Matters, Portfolio/Penguin.

    Examples
    --------
    >>> okrs = pd.DataFrame({"okr_id": [1, 2, 3], "parent_id": [None, 1, 1],
    ...     "kind": ["objective", "key_result", "key_result"], "start": [None, 95.0, 2.4],
    ...     "target": [None, 57.0, 2.8], "current": [None, 60.0, 2.5], "weight": [1, 0.6, 0.4],
    ...     "direction": [None, "down", "up"]})
    >>> okr_score(okrs)[["okr_id", "kind", "score", "band"]].round(3)
       okr_id        kind  score    band
    0       1   objective  0.653  yellow
    1       2  key_result  0.921   green
    2       3  key_result  0.250     red
    >>> okr_score(okrs.assign(direction="up"))
    Traceback (most recent call last):
        ...
    CourseError: team.okr_score: of okr_id 2 the direction is up, and its target 57 lies below its start 95.
    """
    where = "team.okr_score"
    low, high = bands
    if not 0 <= low <= high <= 1:
        raise CourseError(f"{where}: bands={bands}; give two fractions in order, such as (0.4, 0.7).")
    numbers = ["start", "target", "current", "weight"]
    frame = _read(okrs, [*numbers, "direction"], where)
    require_numeric(frame, numbers, where)
    result = (frame["kind"] == "key_result").to_numpy()
    no_gaps(frame[result], ["weight", "direction"], where)
    require_not_negative(frame[result], ["weight"], where)
    for name in frame.loc[result, "direction"].unique():
        if name not in DIRECTIONS:
            raise CourseError(
                f"{where}: direction '{name}' is unknown; it must be {', '.join(DIRECTIONS)}."
                f"{nearest(name, DIRECTIONS)}"
            )
    start, target, current, weight = (
        frame[name].to_numpy(dtype=float, na_value=np.nan).copy() for name in numbers
    )
    binary = (frame["direction"] == "binary").to_numpy(dtype=bool)
    goes_up = (frame["direction"] == "up").to_numpy(dtype=bool)
    wrong = result & ~binary & np.where(goes_up, target < start, target > start)
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        way, side = ("up", "below") if goes_up[at] else ("down", "above")
        raise CourseError(
            f"{where}: of okr_id {frame['okr_id'].iloc[at]} the direction is {way}, and its target "
            f"{target[at]:g} lies {side} its start {start[at]:g}. Mend the direction or the target."
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        raw = np.where(target == start, np.nan, (current - start) / (target - start))
    done = np.where(np.isnan(current + target), np.nan, (current >= target).astype(float))
    # Rounding: 0.21 of the way from 3.9 to 4.2 must count as the 0.7 that it is.
    raw = np.where(result, np.where(binary, done, np.round(raw, 12)), np.nan)
    score = np.clip(raw, 0, 1)

    links = tree(frame, "okr_id", "parent_id", where)
    under = result & (links.above >= 0)
    known = under & ~np.isnan(score)
    n = len(frame)
    total = np.bincount(links.above[under], weight[under], n)
    scored = np.bincount(links.above[known], weight[known], n)
    reached = np.bincount(links.above[known], weight[known] * score[known], n)
    of_objective = (~result) & (scored > 0)
    np.divide(reached, scored, out=score, where=of_objective)
    raw = np.where(of_objective, score, raw)
    score = np.round(score, 12)
    table = frame[["okr_id", "kind"]].copy()
    table["objective_id"] = frame["okr_id"].take(np.where(under, links.above, np.arange(n))).to_numpy()
    table[[c for c in CARRIED if c in frame]] = frame[[c for c in CARRIED if c in frame]]
    table["weight"] = np.where(result, weight, np.nan)
    table["raw"], table["score"] = raw, score
    table["band"] = pd.Series(
        np.select([score >= high, score >= low, score < low], ["green", "yellow", "red"], "none"), dtype="str"
    )
    table["weight_scored"] = np.where(
        result, np.nan, np.divide(scored, total, out=np.full(n, np.nan), where=total > 0)
    )
    return table


@dataclass(frozen=True)
class OkrAlignment:
    """Whether the teams' objectives hang on the company's.

    Attributes
    ----------
    table : DataFrame
        One row per group (``all`` without `by`): ``team_objectives``, ``linked`` (those whose way up ends at
        the company), ``linked_share``, ``key_results`` (of the company), ``covered`` (those on which, or on
        whose objective, a team's objective hangs), ``coverage`` (fractions; NaN where there is none to
        count), ``faults``.
    faults : DataFrame
        ``okr_id``, ``team``, ``fault``: no parent (of a team's objective), parent not in the table, in a
        circle, above it a circle or a fault, no key results, no objective above (of a key result).
    """

    table: pd.DataFrame
    faults: pd.DataFrame


def okr_alignment(okrs: pd.DataFrame, *, by: str | None = None) -> OkrAlignment:
    """Say which teams' objectives serve the company's, and which hang in the air (OKR对齐).

    Parameters
    ----------
    okrs : DataFrame
        One row per objective or key result: ``okr_id``, ``kind``, ``parent_id``, ``team`` (missing where it
        is the company's). A team's objective hangs on an objective or a key result of the company, or of
        another team.
    by : str, optional
        A column to split by, such as ``"shop"`` or ``"quarter"``.

    Returns
    -------
    OkrAlignment
        ``.table``, ``.faults``.

    Raises
    ------
    CourseError
        If a column is missing, a kind is unknown or an id stands for two things.

    Notes
    -----
    linked share = team objectives whose parents lead to an objective of the company / team objectives;
    coverage = key results of the company that some team works for / key results of the company. All goals
    are in the table, so there is no interval. A link says that somebody wrote it down, not that the work
    helps; and a company of which every team serves every goal has no focus.

    Examples
    --------
    >>> okrs = pd.DataFrame({"okr_id": [1, 2, 3, 4, 5, 6], "parent_id": [None, 1, 1, 3, None, 4],
    ...     "kind": ["objective", "key_result", "objective", "key_result", "objective", "key_result"],
    ...     "team": [None, None, "live", "live", "service", "live"]})
    >>> found = okr_alignment(okrs)
    >>> found.table[["team_objectives", "linked", "key_results", "coverage"]]
         team_objectives  linked  key_results  coverage
    all                2       1            1       1.0
    >>> found.faults
       okr_id     team           fault
    0       5  service       no parent
    1       5  service  no key results
    2       6     live  no objective above
    >>> okr_alignment(okrs.drop(columns="team"))
    Traceback (most recent call last):
        ...
    CourseError: team.okr_alignment: column 'team' is not in the frame; it has okr_id, parent_id, kind.
    """
    where = "team.okr_alignment"
    frame = _read(okrs, ["team", *([by] if by else [])], where)
    if by:
        no_gaps(frame, [by], where)
    links = tree(frame, "okr_id", "parent_id", where)
    result = (frame["kind"] == "key_result").to_numpy()
    company = frame["team"].isna().to_numpy()
    teams = ~company & ~result
    found, top = links.above >= 0, links.top
    # The way up ends well at an objective of the company that names nobody above it.
    well = (top >= 0) & (company & ~result & ~links.named)[top]
    linked = teams & well
    has_results = np.zeros(len(frame), dtype=bool)
    has_results[links.above[result & found]] = True
    served = np.zeros(len(frame), dtype=bool)
    served[links.above[teams & found]] = True
    of_company = result & company
    covered = of_company & (served | (found & served[links.above]))
    astray = result & ~(found & ~result[links.above])
    reasons = {
        "no parent": teams & ~links.named,
        "parent not in the table": ~result & links.named & ~found,
        "in a circle": links.circle,
        "above it a circle or a fault": teams & found & ~well & ~links.circle,
        "no key results": ~result & ~has_results,
        "no objective above": astray,
    }
    faults = [frame.loc[rows, ["okr_id", "team"]].assign(fault=name) for name, rows in reasons.items()]
    counts = pd.DataFrame(
        {
            "team_objectives": teams,
            "linked": linked,
            "key_results": of_company,
            "covered": covered,
            "faults": np.sum(list(reasons.values()), axis=0),
        }
    )
    group = frame[by] if by else pd.Series("all", frame.index)
    table = counts.groupby(group.to_numpy()).sum().astype("int64").rename_axis(by)
    pairs = {"linked_share": ("linked", "team_objectives"), "coverage": ("covered", "key_results")}
    for place, (name, (part, whole)) in zip((2, 5), pairs.items(), strict=True):
        table.insert(place, name, table[part] / table[whole].where(table[whole] > 0))
    every = pd.concat(faults).sort_values("okr_id", kind="stable", ignore_index=True)
    return OkrAlignment(table, every.astype({"fault": "str"}))


def _read(okrs: pd.DataFrame, more: list[str], where: str) -> pd.DataFrame:
    """Goals in the order of their ids, each once, with kinds that are known."""
    columns = ["okr_id", "kind", "parent_id", *more]
    require(okrs, columns, where)
    carried = [column for column in CARRIED if column in okrs]
    frame = plain(okrs[list(dict.fromkeys([*columns, *carried]))])
    frame = frame.astype({name: "str" for name in ("shop", "team", "title") if name in frame})
    no_gaps(frame, ["okr_id", "kind"], where)
    for name in frame["kind"].unique():
        if name not in KINDS:
            raise CourseError(
                f"{where}: kind '{name}' is unknown; it must be {' or '.join(KINDS)}.{nearest(name, KINDS)}"
            )
    return once(frame, ["okr_id"], where)
