"""Plots of teams: their goals, how they are built, and what changed in them."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib import ticker
from matplotlib.axes import Axes

from ecomtrain.errors import CourseError, require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t

BANDS = {"green": s.GREEN, "yellow": s.ORANGE, "red": s.RED, "none": s.FAINT}
SHAPES = {"green": "o", "yellow": "s", "red": "X"}


@s.styled
def okr(table: Any, *, most: int = 20, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show how far each objective got, and its key results.

    Parameters
    ----------
    table : DataFrame
        What `analysis.team.okr_score` returns, of one quarter.
    most : int, default 20
        Most objectives that are drawn.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    title : str, optional
        In place of the finding.

    Returns
    -------
    Axes

    Raises
    ------
    CourseError
        If `table` lacks a column or a row, or has more than `most` objectives.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"okr_id": [1, 2, 3], "kind": ["objective", "key_result", "key_result"],
    ...     "objective_id": 1, "title": ["Serve faster", "a", "b"], "score": [0.5, 0.2, 0.8],
    ...     "band": ["yellow", "red", "green"]})
    >>> s.finding(okr(table))
    'Objectives got 0.50 of the way on average: none green, 1 yellow, none red'
    >>> s.plt.close("all")
    >>> okr(table.drop(columns="band"))
    Traceback (most recent call last):
        ...
    CourseError: plots.okr: column 'band' is not in the frame; it has ... Pass what analysis.team ...
    """
    where = "plots.okr"
    source = "what analysis.team.okr_score returns"
    s.table_with(table, ["okr_id", "kind", "objective_id", "score", "band"], where, source)
    require_numeric(table, ["score"], where)
    goals = table[table["kind"] == "objective"]
    if not len(goals):
        raise CourseError(f"{where}: the frame has no objectives. Pass {source}, whole.")
    if len(goals) > most:
        raise CourseError(
            f"{where}: there are {len(goals)} objectives, more than {most} can be read. "
            "Choose a quarter or a shop first, for example table[table['quarter'] == '2026-04-01']."
        )
    names = [_goal(row) for row in goals.to_dict("records")]
    score = goals["score"].to_numpy(dtype=float)
    ax = s.canvas(ax, where, height=1.6 + 0.36 * len(goals))
    ax.barh(range(len(goals)), np.nan_to_num(score), height=0.62, color=[BANDS[b] for b in goals["band"]])
    place = {goal: at for at, goal in enumerate(goals["okr_id"])}
    results = table[(table["kind"] == "key_result") & table["objective_id"].isin(place)]
    for band, shape in SHAPES.items():
        part = results[results["band"] == band]
        at = part["objective_id"].map(place)
        ax.scatter(part["score"], at, marker=shape, s=22, facecolor="white", edgecolor=s.INK, zorder=4)
    s.rows(ax, names, inches=3.2)
    for at, (value, band) in enumerate(zip(score, goals["band"], strict=True)):
        told = "no score" if band == "none" else f"{t.number(value, 2)} {band}"
        s.beside(ax, told, (1, at), (10, 0), va="center")
    for edge in (0.4, 0.7):
        ax.axvline(edge, color=s.MUTED, linewidth=1, linestyle=(0, (3, 3)), zorder=1)
    ax.set_xlim(0, 1.14)
    ax.set_xticks([0, 0.4, 0.7, 1])
    s.grid(ax, "")
    ax.set_xlabel("Score, 0 to 1 (bar: objective; dots: its key results; dashed: 0.4 and 0.7)")
    counts = goals["band"].value_counts()
    told = ", ".join(f"{counts.get(b, 0) or 'none'} {b}" for b in SHAPES)
    known = score[~np.isnan(score)]
    say = (
        f"Objectives got {t.number(known.mean(), 2)} of the way on average: {told}"
        if len(known)
        else "No objective has a score yet"
    )
    s.titled(ax, say, title, "Circle: green, square: yellow, cross: red.")
    return ax


def _goal(row: dict[Any, Any]) -> str:
    """Name an objective: whose it is and what it says."""
    named = [str(row[c]) for c in ("team", "title") if isinstance(row.get(c), str)]
    who = [] if isinstance(row.get("team"), str) or "team" not in row else ["company"]
    return ": ".join([*who, *named]) or f"objective {row['okr_id']}"


@s.styled
def okr_alignment(result: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show which share of the teams' objectives hangs on the company's.

    Parameters
    ----------
    result : OkrAlignment
        What `analysis.team.okr_alignment` returns.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    title : str, optional
        In place of the finding.

    Returns
    -------
    Axes

    Raises
    ------
    CourseError
        If `result` is something else.

    Examples
    --------
    >>> okr_alignment(0.9)
    Traceback (most recent call last):
        ...
    CourseError: plots.okr_alignment: a float was given. Pass what analysis.team.okr_alignment returns, ...
    """
    where = "plots.okr_alignment"
    table = s.whole(result, ["faults"], where, "what analysis.team.okr_alignment returns")
    ax = s.canvas(ax, where, height=2.0 + 0.62 * len(table))
    rows = np.arange(len(table))
    ax.hlines(rows, 0, 1, color=s.GRID, linewidth=6, zorder=1)
    for column, marker, colour, lift, part, whole, what in (
        ("linked_share", "o", s.BLUE, 8, "linked", "team_objectives", "team objectives linked"),
        ("coverage", "D", s.ORANGE, -17, "covered", "key_results", "company key results served"),
    ):
        share = table[column].to_numpy(dtype=float)
        ax.scatter(share, rows, s=60, marker=marker, color=colour, zorder=4, clip_on=False)
        for at in rows:
            text = f"{table[part].iloc[at]} of {table[whole].iloc[at]} {what}"
            s.beside(ax, text, (0, at), (4, lift), color=s.INK, bbox=s.PAPER)
    days = table.index.dtype.kind == "M"
    s.rows(ax, [f"{name:%Y-%m-%d}" for name in table.index] if days else table.index)
    ax.set_ylim(len(table) - 0.45, -0.6)
    ax.set_xlim(0, 1.02)
    s.percent_axis(ax.xaxis)
    s.grid(ax, "x")
    ax.set_xlabel("Share linked (circle) and share served (diamond)")
    total, linked = int(table["team_objectives"].sum()), int(table["linked"].sum())
    loose = total - linked
    say = (
        f"{linked} of {total} team objectives hang on the company's, {loose} "
        f"{'does' if loose == 1 else 'do'} not"
        if loose
        else f"All {total} team objectives hang on the company's"
        if total
        else "No team has an objective"
    )
    faults = result.faults
    told = [f"{row.fault} ({row.team})" for row in faults.head(4).itertuples() if isinstance(row.team, str)]
    note = f"Faults: {'; '.join(told)}{' and more' if len(faults) > len(told) else ''}." if told else ""
    s.titled(ax, say, title, note)
    return ax


@s.styled
def span_of_control(result: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show how many managers lead how many people.

    Parameters
    ----------
    result : SpanReport
        What `analysis.team.span_of_control` returns.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    title : str, optional
        In place of the finding.

    Returns
    -------
    Axes

    Raises
    ------
    CourseError
        If `result` is something else, or nobody manages anybody.

    Examples
    --------
    >>> span_of_control(7)
    Traceback (most recent call last):
        ...
    CourseError: plots.span_of_control: a int was given. Pass what analysis.team.span_of_control returns, ...
    """
    where = "plots.span_of_control"
    fields = ["layers", "faults", "staff", "managers", "management_cost"]
    table = s.whole(result, fields, where, "what analysis.team.span_of_control returns")
    if not len(table):
        raise CourseError(f"{where}: nobody has a report in the result, so there is nothing to draw.")
    ax = s.canvas(ax, where, height=4.0)
    count = table.groupby(["direct_reports", "flag"], observed=True).size().reset_index(name="managers")
    for flag, colour, hatch in (("", s.BLUE, ""), ("few", s.ORANGE, "//"), ("many", s.RED, "xx")):
        part = count[count["flag"] == flag]
        ax.bar(part["direct_reports"], part["managers"], 0.8, color=colour, hatch=hatch, edgecolor="white")
        for at, high in zip(part["direct_reports"], part["managers"], strict=True):
            text = f"{high}\n({flag})" if flag else str(high)
            s.beside(ax, text, (at, high), (0, 3), ha="center", va="bottom")
    ax.set_xticks(range(1, int(table["direct_reports"].max()) + 1))
    ax.set_ylim(0, float(count["managers"].max()) * 1.22)
    s.grid(ax, "y")
    ax.yaxis.set_major_locator(ticker.MaxNLocator(integer=True))
    ax.set_xlabel("People who report to the manager directly")
    ax.set_ylabel("Managers")
    flags = table["flag"].value_counts()
    mean = table["direct_reports"].mean()
    layers = int(result.layers["layer"].max()) if len(result.layers) else 0
    few, many = (flags.get(flag, 0) or "none" for flag in ("few", "many"))
    odd = f"by the rule of thumb {few} too few, {many} too many"
    who = "1 manager leads" if result.managers == 1 else f"{result.managers} managers lead"
    say = (
        f"{who} {t.number(mean, 1)} people each "
        f"in {layers} layers, for {t.percent(result.management_cost)} of the pay; {odd}"
    )
    faults = result.faults["fault"].value_counts()
    note = "Faults: " + ", ".join(f"{name} {n}" for name, n in faults.items()) + "." if len(faults) else ""
    s.titled(ax, say, title, note)
    return ax


@s.styled
def before_after(
    table: Any, *, what: str = "Output per hour", ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Show how a ratio changed from one window to the next, with its interval.

    Parameters
    ----------
    table : DataFrame
        What `analysis.team.before_after` returns; several may be concatenated, their index names the rows.
    what : str, default "Output per hour"
        What was measured; begins the title.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    title : str, optional
        In place of the finding.

    Returns
    -------
    Axes

    Raises
    ------
    CourseError
        If `table` lacks a column or a row.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"before": 1.0, "after": 1.2, "relative_change": 0.2, "relative_low": 0.1,
    ...                       "relative_high": 0.3, "units": 12}, index=["coached"])
    >>> s.finding(before_after(table))
    'Output per hour changed by +20 % (+10 to +30 %) in coached'
    >>> s.plt.close("all")
    >>> before_after(table[["before"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.before_after: column 'after' is not in the frame; it has before. Pass what ...
    """
    where = "plots.before_after"
    change = ["relative_change", "relative_low", "relative_high"]
    columns = ["before", "after", *change, "units"]
    s.table_with(table, columns, where, "what analysis.team.before_after returns")
    require_numeric(table, columns, where)
    ax = s.canvas(ax, where, height=1.8 + 0.62 * len(table))
    rows = np.arange(len(table))
    values = table[change].to_numpy(dtype=float)
    s.whiskers(ax, rows, *values.T, size=70)
    told = [t.measured(*row, sign=True) for row in values]
    for at, row in enumerate(table.itertuples()):
        text = f"{told[at]}: {t.number(row.before)} → {t.number(row.after)}, {t.number(row.units)} units"
        middle = row.relative_change if row.relative_change == row.relative_change else 0.0
        s.beside(ax, text, (middle, at), (0, 9), ha="center", va="bottom", bbox=s.PAPER)
    names = (
        [str(name) for name in table.index] if table.index.dtype.kind not in "iu" else ["all"] * len(table)
    )
    s.rows(ax, names)
    ax.set_ylim(len(table) - 0.5, -0.8)
    ax.axvline(0, color=s.INK, linewidth=1.2)
    ends = np.append(values[~np.isnan(values)], 0.0)
    room = max(float(np.ptp(ends)), 0.02) * 0.5
    ax.set_xlim(ends.min() - room, ends.max() + room)
    s.percent_axis(ax.xaxis, sign=True)
    s.grid(ax, "x")
    ax.set_xlabel("Change from before to after (line: confidence interval; 0 = no change)")
    sure = (values[:, 1] > 0) | (values[:, 2] < 0)
    parts = [
        f"{text} in {name}{'' if ok else ', no change shown'}"
        for text, name, ok in zip(told[:3], names, sure, strict=False)
    ]
    note = "Before and after say what changed, not why: the season and who left move it too."
    s.titled(ax, f"{what} changed by {t.listed(parts)}", title, note)
    return ax
