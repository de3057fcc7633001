"""Indicators as a game: points by rules, and the signs that the points and not the work are being played."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from ecomtrain.analysis._checks import days, plain
from ecomtrain.analysis._tree import no_gaps, once
from ecomtrain.analysis.intervals import wilson
from ecomtrain.errors import CourseError, require, require_level, require_numeric, require_times

LEVELS = {"bronze": 0.6, "silver": 0.8, "gold": 1.0}
MAD_TO_SD = 0.6745  # the median distance from the median of a normal variable, in standard deviations


@dataclass(frozen=True)
class KpiPoints:
    """What the rules make of the indicators.

    Attributes
    ----------
    table : DataFrame
        One row per person and month, in order: ``staff_id``, ``month``, ``points``, ``possible`` (points at
        target of the indicators that could be scored), ``attainment`` (points / possible), ``level``,
        ``streak`` (months in a row, this one included, with the target reached), ``largest_share`` (of the
        points from one indicator), ``breached`` (bool: a guardrail, so that the month has no points).
    detail : DataFrame
        One row per person, month and indicator: ``staff_id``, ``month``, ``kpi``, ``value`` (per opportunity
        where the rule says so), ``reached`` (1 is the target), ``points``.
    """

    table: pd.DataFrame
    detail: pd.DataFrame


def kpi_points(
    scores: pd.DataFrame, rules: pd.DataFrame, *, levels: Mapping[str, float] = LEVELS
) -> KpiPoints:
    """Turn indicators into points, levels and streaks by rules that are hard to play (游戏化KPI).

    Parameters
    ----------
    scores : DataFrame
        One row per person, month and indicator: ``staff_id``, ``month`` (datetime), ``kpi``, ``value``;
        ``opportunity`` (visitors, inquiries) where a rule divides by it.
    rules : DataFrame
        One row per indicator: ``kpi``, ``threshold``, ``target``, ``stretch`` (rising, or falling where less
        is better), ``points`` (at target), ``cap`` (most that can be had at stretch, as a multiple of it);
        optional ``per_opportunity`` (bool) and ``guardrail`` (bool: gives no points; past its threshold the
        month has none).
    levels : dict of str to float
        Names of the levels and the attainment each begins at.

    Returns
    -------
    KpiPoints
        ``.table``, ``.detail``.

    Raises
    ------
    CourseError
        If a column is missing or of the wrong kind, an indicator has no rule, a rule's marks do not rise or
        fall, or a person has two values of one indicator in a month.

    Notes
    -----
    reached = 0 up to the threshold, straight to 1 at the target, straight to `cap` at stretch, no further:
    less than nothing cannot be lost, and no indicator can carry the rest. Divided by opportunity, a good
    shift or a rich channel does not earn points by itself; without any opportunity (no visitors) or without
    a value the indicator is left out of `possible` instead of counting as zero. A streak ends with a month
    missed and with a month not there. These are rules, not estimates: there is no interval.
    Points measure what is counted. Hold them against profit: `gaming_check`.

    Examples
    --------
    >>> rules = pd.DataFrame({"kpi": ["sales", "refunds"], "threshold": [80, 0.10], "target": [100, 0.05],
    ...     "stretch": [120, 0.02], "points": [60, 40], "cap": [1.5, 1.2]})
    >>> scores = pd.DataFrame({"staff_id": 1, "month": pd.Timestamp("2026-06-01"),
    ...     "kpi": ["sales", "refunds"], "value": [110, 0.075]})
    >>> kpi_points(scores, rules).table[["staff_id", "points", "possible", "attainment", "level", "streak"]]
       staff_id  points  possible  attainment   level  streak
    0         1    95.0     100.0        0.95  silver       0
    >>> kpi_points(scores, rules.assign(stretch=90))
    Traceback (most recent call last):
        ...
    CourseError: team.kpi_points: the marks of 'sales' are 80, 100, 90; threshold, target and stretch must ...
    """
    where = "team.kpi_points"
    keys = ["staff_id", "month", "kpi"]
    rules = _rules(rules, where)
    needs = bool((rules["per_opportunity"] & ~rules["guardrail"]).any())
    columns = [*keys, "value", *(["opportunity"] if needs else [])]
    require(scores, columns, where)
    if not levels or not all(np.isfinite(list(levels.values()))):
        raise CourseError(f"{where}: levels={levels!r}; give names and the attainment each begins at.")
    rows = plain(scores[columns])
    require_numeric(rows, columns[3:], where)
    no_gaps(rows, keys, where)
    rows["month"] = days(rows["month"], where)
    rows = once(rows, keys, where)
    for name in rows["kpi"].unique():
        if name not in rules.index:
            raise CourseError(f"{where}: '{name}' has no rule; add a row of its own to rules.")
    rule = rules.loc[rows["kpi"]].reset_index(drop=True)
    value = rows["value"].to_numpy(dtype=float, na_value=np.nan)
    if needs:
        chances = rows["opportunity"].to_numpy(dtype=float, na_value=np.nan)
        per = value / np.where(chances > 0, chances, np.nan)
        value = np.where(rule["per_opportunity"], per, value)
    threshold, target, stretch = (rule[c].to_numpy(float) for c in ("threshold", "target", "stretch"))
    guard, cap = rule["guardrail"].to_numpy(bool), rule["cap"].to_numpy(float)
    falling = np.where(target < threshold, -1, 1)
    breached = guard & (falling * (value - threshold) < 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        below = np.clip((value - threshold) / (target - threshold), 0, 1)
        above = np.clip((value - target) / (stretch - target), 0, 1)
    reached = np.where(guard, np.nan, np.where(below < 1, below, 1 + above * (cap - 1)))
    reached = np.where(np.isnan(value), np.nan, np.round(reached, 12))
    full = np.where(np.isnan(reached), 0.0, rule["points"].to_numpy(float))
    detail = rows[keys].assign(value=value, reached=reached, points=np.nan_to_num(reached) * full)
    work = detail.assign(possible=full, breached=breached).groupby(["staff_id", "month"])
    table = work.agg(
        points=("points", "sum"),
        possible=("possible", "sum"),
        largest=("points", "max"),
        breached=("breached", "any"),
    ).reset_index()
    table["largest_share"] = table["largest"] / table["points"].where(table["points"] > 0)
    table["points"] = table["points"].where(~table["breached"], 0.0)
    table["attainment"] = (table["points"] / table["possible"].where(table["possible"] > 0)).round(12)
    steps = sorted(levels.items(), key=lambda item: item[1])
    place = np.searchsorted([least for _, least in steps], table["attainment"].to_numpy(), side="right")
    place = np.where(table["attainment"].isna(), 0, place)
    table["level"] = pd.Series(np.array(["none", *(name for name, _ in steps)])[place], dtype="str")
    table["streak"] = _streak(table)
    names = ["points", "possible", "attainment", "level", "streak", "largest_share", "breached"]
    return KpiPoints(table[["staff_id", "month", *names]], detail)


def _rules(rules: pd.DataFrame, where: str) -> pd.DataFrame:
    marks = ["threshold", "target", "stretch"]
    numbers = [*marks, "points", "cap"]
    require(rules, ["kpi", *numbers], where)
    rules = plain(rules)
    require_numeric(rules, numbers, where)
    no_gaps(rules, ["kpi", *numbers], where)
    for name in ("per_opportunity", "guardrail"):
        if name not in rules:
            rules[name] = False
        no_gaps(rules, [name], where)
        if not rules[name].isin([0, 1]).all():
            raise CourseError(f"{where}: column '{name}' of rules holds more than True and False.")
        rules[name] = rules[name].astype(bool)
    rules = once(rules, ["kpi"], where)
    steps = np.sign(np.diff(rules[marks].to_numpy(float)))
    wrong = (steps[:, 0] == 0) | (steps[:, 0] != steps[:, 1])
    if wrong.any():
        row = rules[wrong].iloc[0]
        told = ", ".join(f"{row[mark]:g}" for mark in marks)
        raise CourseError(
            f"{where}: the marks of '{row['kpi']}' are {told}; threshold, target and stretch must rise, or "
            "fall where less is better."
        )
    if not ((rules["points"] >= 0) & (rules["cap"] >= 1)).all():
        raise CourseError(f"{where}: points must be 0 or above and cap 1 or above in every rule.")
    return rules.set_index("kpi")


def _streak(table: pd.DataFrame) -> Any:
    """Months in a row with the target reached; `table` is in order of person and month."""
    hit = (table["attainment"] >= 1).to_numpy()
    month = (table["month"].dt.year * 12 + table["month"].dt.month).to_numpy()
    person = pd.factorize(table["staff_id"])[0]
    goes_on = np.zeros(len(table), dtype=bool)
    goes_on[1:] = hit[1:] & hit[:-1] & (np.diff(person) == 0) & (np.diff(month) == 1)
    at = np.arange(len(table))
    begin = np.maximum.accumulate(np.where(goes_on, 0, at)) if len(at) else at
    return np.where(hit, at - begin + 1, 0)


@dataclass(frozen=True)
class GamingReport:
    """Signs that points and not work are being earned.

    Attributes
    ----------
    table : DataFrame
        One row per group (``all`` without `by`): ``people``, ``spearman`` (of a person's points with profit),
        ``low``, ``high``, ``months`` (rows), ``breaches``, ``breach_rate``, ``breach_low``, ``breach_high``,
        ``leaned`` (rows with most points from one indicator), ``leaned_share``, ``jumps``, ``jump_share``.
        Shares are fractions; NaN where the column they need was not given.
    jumps : DataFrame
        Those rows: `unit`, `time`, ``change`` of the points against the month before (fraction),
        ``profit_change``, ``score`` (how far from the usual change, in standard deviations).
    people : DataFrame
        One row per person: ``group``, `unit`, ``points``, ``profit`` (sums, over that of `per` where given).
    """

    table: pd.DataFrame
    jumps: pd.DataFrame
    people: pd.DataFrame


def gaming_check(
    frame: pd.DataFrame,
    *,
    points: str = "points",
    profit: str = "profit",
    per: str | None = None,
    by: str | None = None,
    unit: str = "staff_id",
    time: str = "month",
    most: float = 0.6,
    jump: float = 3.5,
    level: float = 0.95,
) -> GamingReport:
    """Look for signs that people earn points without earning profit (指标博弈检查).

    Parameters
    ----------
    frame : DataFrame
        One row per person and month: `unit`, `time` (datetime), `points`, `profit`; if there,
        ``largest_share`` and ``breached`` as `kpi_points` gives them.
    points, profit : str
        Columns of numbers.
    per : str, optional
        Column to divide both by, such as ``"hours"``: who works longer has more of both.
    by : str, optional
        A column to split by, such as whether the team plays.
    unit, time : str
        Columns of the person and of the month.
    most : float, default 0.6
        A row leans on one indicator if more than this share of its points comes from it.
    jump : float, default 3.5
        Points that changed this many standard deviations more than is usual from one month to the next are
        a jump, unless profit changed as far the same way.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    GamingReport
        ``.table``, ``.jumps``.

    Raises
    ------
    CourseError
        If a column is missing, has gaps or is of the wrong kind, or a person has two rows in a month.

    Notes
    -----
    Spearman's rank correlation over people, of Σ points and Σ profit (both over Σ `per`), with the interval
    of Bonett and Wright [1]_: tanh(artanh r ± z √((1 + r²/2) / (n - 3))). The usual change is that of the
    logarithm of points from month to month, judged by median and median distance from it [2]_, which the
    jumps themselves do not move. None of the signs is a proof: a promotion makes points jump too, and a low
    correlation can come from points that reward what pays later.

    References
    ----------
    .. [1] D. G. Bonett, T. A. Wright (2000), Sample size requirements for estimating Pearson, Kendall and
       Spearman correlations, Psychometrika 65(1), 23-28.
    .. [2] B. Iglewicz, D. C. Hoaglin (1993), How to Detect and Handle Outliers, ASQC Quality Press.

    Examples
    --------
    >>> frame = pd.DataFrame({"staff_id": [1, 2, 3, 4, 5], "month": pd.Timestamp("2026-06-01"),
    ...     "points": [10, 20, 30, 40, 50], "profit": [5, 9, 8, 12, 11]})
    >>> gaming_check(frame).table[["people", "spearman", "low", "high"]].round(2)
         people  spearman   low  high
    all       5       0.8 -0.46  0.99
    >>> gaming_check(frame, points="point")
    Traceback (most recent call last):
        ...
    CourseError: team.gaming_check: column 'point' is not in the frame; it has staff_id, ...
    """
    where = "team.gaming_check"
    require_level(level, where)
    extra = [name for name in ("largest_share", "breached") if name in frame]
    columns = [unit, time, points, profit, *([per] if per else []), *([by] if by else [])]
    require(frame, columns, where)
    rows = plain(frame[list(dict.fromkeys([*columns, *extra]))])
    require_numeric(rows, [points, profit, *([per] if per else []), *extra], where)
    require_times(rows[time], where)
    no_gaps(rows, columns, where)
    rows = once(rows, [unit, time], where)
    group = rows[by].to_numpy() if by else np.full(len(rows), "all")
    size = rows[per].to_numpy(float) if per else np.ones(len(rows))
    y = pd.DataFrame(
        {"points": rows[points].astype(float), "profit": rows[profit].astype(float), "per": size}
    )
    each = y.groupby([group, rows[unit].to_numpy()]).sum()
    rates = each[["points", "profit"]].div(each["per"].where(each["per"] > 0), axis=0).dropna()
    ranks = rates.groupby(level=0).rank()
    middle = ranks - ranks.groupby(level=0).transform("mean")
    cross, one, two = (
        (middle[a] * middle[b]).groupby(level=0).sum()
        for a, b in (("points", "profit"), ("points", "points"), ("profit", "profit"))
    )
    people = each.groupby(level=0).size()
    n = rates.groupby(level=0).size().reindex(people.index, fill_value=0)
    r = (cross / np.sqrt(one * two).where(one * two > 0)).reindex(people.index).clip(-1, 1)
    inner = r.where((r.abs() < 1) & (n > 3))
    half = ndtri(0.5 + level / 2) * np.sqrt((1 + inner**2 / 2) / (n - 3).where(n > 3))
    table = pd.DataFrame({"people": people, "spearman": r})
    table["low"], table["high"] = np.tanh(np.arctanh(inner) - half), np.tanh(np.arctanh(inner) + half)
    months = y.groupby(group).size()
    table["months"] = months
    flags = _jumps(rows, y, unit, time, jump)
    blank = np.full(len(rows), np.nan)
    share, breached = (
        rows[name].to_numpy(float, na_value=np.nan) if name in rows else blank
        for name in ("largest_share", "breached")
    )
    signs = {
        ("breaches", "breach_rate"): breached,
        ("leaned", "leaned_share"): np.where(np.isnan(share), np.nan, share > most),
        ("jumps", "jump_share"): np.where(flags["score"].isna(), np.nan, flags["flag"]),
    }
    for (count, rate), values in signs.items():
        found = pd.Series(values).groupby(group).agg(["sum", "count"])
        table[count], table[rate] = (
            found["sum"].astype("int64"),
            found["sum"] / found["count"].where(found["count"] > 0),
        )
        if count == "breaches":
            table["breach_low"], table["breach_high"] = wilson(found["sum"], found["count"], level)
    told = flags[flags["flag"]].drop(columns="flag")
    who = rates.rename_axis(["group", unit]).reset_index()
    return GamingReport(table.rename_axis(by), told.reset_index(drop=True), who)


def _jumps(rows: pd.DataFrame, y: pd.DataFrame, unit: str, time: str, jump: float) -> pd.DataFrame:
    """Change of points and profit against the month before, and which points jumped without profit."""
    clock = days(rows[time], "team.gaming_check")
    month = (clock.dt.year * 12 + clock.dt.month).to_numpy()
    follows = np.zeros(len(rows), dtype=bool)
    follows[1:] = (np.diff(pd.factorize(rows[unit])[0]) == 0) & (np.diff(month) == 1)
    rates = y[["points", "profit"]].div(y["per"].where(y["per"] > 0), axis=0)
    logs = np.log(rates.where(rates > 0))
    change = logs.diff()
    change[~follows] = np.nan
    off = change - change.median()
    score = MAD_TO_SD * off / off.abs().median().where(lambda spread: spread > 0)
    found = rows[[unit, time]].assign(
        change=np.expm1(change["points"]), profit_change=np.expm1(change["profit"]), score=score["points"]
    )
    return found.assign(flag=(score["points"] > jump) & ~(score["profit"] > jump))
