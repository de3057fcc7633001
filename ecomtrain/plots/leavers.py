"""Plots of leaving and of incentives: attrition, tenure, its forecast, and points against profit."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ecomtrain.errors import CourseError, require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t

MARKERS = ["o", "s", "^", "D", "v", "P", "X", "*"]


@s.styled
def attrition(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show the monthly attrition and what it comes to in a year.

    Parameters
    ----------
    table : DataFrame
        What `analysis.team.attrition` returns; the tables of several months may be concatenated, their index
        names the rows.
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
    >>> table = pd.DataFrame({"separations": 15, "headcount": 100.0, "monthly_rate": 0.15, "low": 0.084,
    ...     "high": 0.247, "closed_year": 0.858, "added_year": 1.8}, index=["all"])
    >>> s.finding(attrition(table))
    '15 % leave in a month (8-25 %): of a closed group 86 % are gone after a year'
    >>> s.plt.close("all")
    >>> attrition(table[["low"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.attrition: column 'separations' is not in the frame; it has low. Pass what ...
    """
    where = "plots.attrition"
    rates = ["monthly_rate", "low", "high"]
    columns = ["separations", "headcount", *rates, "closed_year", "added_year"]
    s.table_with(table, columns, where, "what analysis.team.attrition returns")
    require_numeric(table, columns, where)
    ax = s.canvas(ax, where, height=1.7 + 0.42 * len(table))
    rows = np.arange(len(table))
    s.whiskers(ax, rows, *(table[c] for c in rates), size=60)
    s.rows(ax, table.index)
    texts = [
        f"{t.percent(row.monthly_rate)}: {t.number(row.separations)} of {t.number(row.headcount)} heads; "
        f"a year: {t.percent(row.closed_year)} closed, {t.percent(row.added_year)} added up"
        for row in table.itertuples()
    ]
    s.end_labels(ax, table["high"], rows, texts)
    s.percent_axis(ax.xaxis)
    s.grid(ax, "x")
    ax.set_xlabel("Leavers of a month over the headcount (line: confidence interval)")
    rate = table["monthly_rate"].to_numpy(float)
    if np.isnan(rate).all():
        say = "Nobody was there to leave"
    else:
        top = table.iloc[int(np.nanargmax(rate))]
        who = "" if len(table) == 1 else f"Most in {top.name}: "
        said = f"{t.percent(top['monthly_rate'])} leave in a month ({t.interval(top['low'], top['high'])})"
        say = f"{who}{said}: of a closed group {t.percent(top['closed_year'])} are gone after a year"
        if len(table) > 1:
            say = say.replace("): of", "), of")
    note = "Closed: nobody is replaced. Added up: leavers of twelve months over the headcount, newcomers too."
    s.titled(ax, say, title, note)
    return ax


@s.styled
def tenure_curve(
    table: Any, *, month: float = 12, least: int = 10, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Show the share of the newly hired who are still there, month by month.

    Parameters
    ----------
    table : DataFrame
        What `analysis.team.tenure_curve` returns.
    month : float, default 12
        Month at which the title reads the curves.
    least : int, default 10
        A curve ends where fewer people are followed: its last steps say little.
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
    >>> table = pd.DataFrame({"group": "all", "months": [2.0, 14.0], "survival": [0.8, 0.6],
    ...                       "low": [0.7, 0.5], "high": [0.9, 0.7], "at_risk": [50, 20]})
    >>> s.finding(tenure_curve(table))
    'After 12 months 80 % are still there (70-90 %)'
    >>> s.plt.close("all")
    >>> tenure_curve(table[["group"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.tenure_curve: column 'months' is not in the frame; it has group. Pass what ...
    """
    where = "plots.tenure_curve"
    columns = ["group", "months", "survival", "low", "high", "at_risk"]
    s.table_with(table, columns, where, "what analysis.team.tenure_curve returns")
    require_numeric(table, columns[1:], where)
    ax = s.canvas(ax, where, height=4.4)
    ends, names, told = [], [], []
    enough = table["at_risk"] >= least
    groups = list((table[enough] if enough.any() else table).groupby("group", observed=True))
    styles = ["solid", (0, (5, 2)), (0, (1, 1.2)), (0, (6, 2, 1, 2))]
    read = min(month, *(float(part["months"].max()) for _, part in groups))
    for at, (name, part) in enumerate(groups):
        colour = s.SERIES[at % len(s.SERIES)]
        x = np.append(0, part["months"])
        y, low, high = (np.append(1.0, part[c]) for c in ("survival", "low", "high"))
        if len(groups) <= 3:
            ax.fill_between(x, low, high, step="post", color=colour, alpha=0.15, linewidth=0)
        ax.step(x, y, where="post", color=colour, linestyle=styles[at % len(styles)])
        ends.append((float(x[-1]), float(y[-1])))
        names.append(str(name))
        now = int(np.searchsorted(x, read, side="right")) - 1
        told.append((str(name), y[now], low[now], high[now]))
    right = max(x for x, _ in ends)
    for (end, last), name, at in zip(ends, names, s.spread([y for _, y in ends], 0.055), strict=True):
        label = f"{name} {t.percent(last)}" if len(names) > 1 else t.percent(last)
        s.beside(ax, label, (end, at), (6, 0), va="center")
    ax.axvline(read, color=s.MUTED, linewidth=1, linestyle=(0, (3, 3)), zorder=1)
    ax.set_xlim(0, right * (1.22 if len(names) > 1 else 1.1))
    ax.set_ylim(0, 1.04)
    s.percent_axis(ax.yaxis)
    s.grid(ax, "y")
    ax.set_xlabel("Months since they were hired (band: confidence interval)")
    ax.set_ylabel("Share still there")
    told = sorted(told, key=lambda row: -row[1])
    shown = told if len(told) <= 2 else [told[0], told[-1]]
    parts = [
        f"{t.percent(y)} {'' if len(told) == 1 else f'of {name} '}are still there ({t.interval(low, high)})"
        if low == low
        else f"{t.percent(y)} {'' if len(told) == 1 else f'of {name} '}are still there"
        for name, y, low, high in shown
    ]
    note = f"Each curve ends where fewer than {least} people are followed." if enough.any() else ""
    s.titled(ax, f"After {t.plain(round(read, 1))} months {t.listed(parts)}", title, note)
    return ax


@s.styled
def attrition_risk(result: Any, *, ax: Any = None, title: str | None = None) -> np.ndarray:
    """Show how far the flagged stand out, and whom the forecast flags.

    Parameters
    ----------
    result : AttritionRisk
        What `analysis.team.attrition_risk` returns, with groups.
    ax : sequence of two Axes, optional
        Where to draw lift and fairness; a new figure if left out.
    title : str, optional
        In place of the finding.

    Returns
    -------
    array of two Axes

    Raises
    ------
    CourseError
        If `result` is something else, has no groups, or `ax` is not two Axes.

    Examples
    --------
    >>> attrition_risk(0.16)
    Traceback (most recent call last):
        ...
    CourseError: plots.attrition_risk: a float was given. Pass what analysis.team.attrition_risk returns, ...
    """
    where = "plots.attrition_risk"
    s.whole(result, ["lift", "fairness", "warning"], where, "what analysis.team.attrition_risk returns")
    fair = result.fairness
    if not len(fair):
        raise CourseError(
            f"{where}: the result compares no groups. Name some with attrition_risk(groups=...)."
        )
    left, right = panels = s.canvases(ax, where, 2, height=3.0 + 0.34 * len(fair))
    lift = result.lift
    left.bar(lift["decile"], lift["rate"], width=0.75, color=[s.BLUE] + [s.SKY] * (len(lift) - 1))
    left.vlines(lift["decile"], lift["low"], lift["high"], color=s.INK, linewidth=1.6, zorder=4)
    base = float(result.table.set_index("metric").loc["base_rate", "value"])
    left.axhline(base, color=s.INK, linewidth=1)
    s.beside(
        left, f"everybody: {t.percent(base)} left", (10.5, base), (0, 4), ha="right", bbox=s.PAPER, zorder=6
    )
    left.set_xticks(lift["decile"])
    left.set(xlabel="Tenth of the people, the likeliest first", ylabel="Share that left")
    s.percent_axis(left.yaxis)
    s.grid(left, "y")
    left.set_title("Do those who are flagged leave?", loc="left", fontsize=t.TEXT + 1, fontweight="normal")
    rows = np.arange(len(fair))
    s.whiskers(right, rows, fair["selection_rate"], fair["low"], fair["high"])
    right.scatter(fair["observed"], rows, marker="|", s=190, color=s.RED, linewidth=2.6, zorder=5)
    s.rows(
        right,
        [
            f"{a}: {g} ({t.number(n)})"
            for a, g, n in zip(fair["attribute"], fair["group"], fair["n"], strict=True)
        ],
        inches=1.6,
    )
    s.percent_axis(right.xaxis)
    s.grid(right, "x")
    right.set_xlim(left=0)
    right.set_xlabel("Flagged (dot, interval); left (bar |)")
    right.set_title("Whom does it flag?", loc="left", fontsize=t.TEXT + 1, fontweight="normal")
    flagged = int(fair.groupby("attribute")["flagged"].sum().iloc[0])
    first = fair[fair["attribute"] == fair["attribute"].iloc[0]]
    stayed = round(float((first["fpr"] * first["n"] * (1 - first["observed"])).sum()))
    auc = result.table.set_index("metric").loc["auc", ["value", "low", "high"]]
    chance = "" if auc["low"] > 0.5 else ", no better than chance"
    told = f"{t.number(auc['value'], 2)}, {t.interval(auc['low'], auc['high'], share=False)}"
    # A group counts as flagged more only where the intervals are apart, whatever the ratio of the rates.
    uneven = [
        str(name)
        for name, part in fair.groupby("attribute", sort=False)
        if part.loc[part["selection_rate"].idxmin(), "high"]
        < part.loc[part["selection_rate"].idxmax(), "low"]
    ]
    groups = f"flags fall unevenly by {t.listed(uneven)}" if uneven else "no group is clearly flagged more"
    say = f"Of {flagged} people flagged {stayed} stayed (AUC {told}{chance}); {groups}"
    s.titled(panels, say, title, result.warning)
    return panels


@s.styled
def gaming(result: Any, *, unit: str = "", ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show each person's points against their profit.

    Parameters
    ----------
    result : GamingReport
        What `analysis.team.gaming_check` returns.
    unit : str, optional
        What both were divided by, such as "hour", for the axes.
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
        If `result` is something else, or holds nobody.

    Examples
    --------
    >>> gaming(0.6)
    Traceback (most recent call last):
        ...
    CourseError: plots.gaming: a float was given. Pass what analysis.team.gaming_check returns, whole, ...
    """
    where = "plots.gaming"
    table = s.whole(result, ["jumps", "people"], where, "what analysis.team.gaming_check returns")
    people = result.people
    if not len(people):
        raise CourseError(f"{where}: nobody has points in the result, so there is nothing to draw.")
    ax = s.canvas(ax, where, height=4.6)
    several = len(table) > 1
    for at, (name, part) in enumerate(people.groupby("group", observed=True)):
        look: dict[str, Any] = {"color": s.SERIES[at % 8], "marker": MARKERS[at % 8], "s": 30, "alpha": 0.75}
        ax.scatter(part["points"], part["profit"], linewidth=0, label=_called(table, name), **look)
    if several:
        ax.legend(loc="lower left", bbox_to_anchor=(-0.01, 1), ncols=6, handletextpad=0.1, borderaxespad=0.1)
    per = f" per {unit}" if unit else ""
    ax.set(xlabel=f"Points{per}", ylabel=f"Profit{per}, ¥")
    s.grid(ax, "both")
    told = []
    for name, row in table.iterrows():
        who = f" ({_called(table, name)})" if several else ""
        value, low, high = (t.number(row[c], 2) for c in ("spearman", "low", "high"))
        known = f"{value} ({low} to {high})" if row["low"] == row["low"] else value
        told.append(f"{'unknown' if row['spearman'] != row['spearman'] else known}{who}")
    sure = bool((table["low"] > 0).all())
    say = "Who has more points earns more profit" if sure else "It is not shown that points go with profit"
    jumps = int(table["jumps"].sum())
    note = f"Each dot: a person. Jumps of points without profit: {jumps}. 1 would be the same order, 0 none."
    s.titled(ax, f"{say}: rank correlation {t.listed(told)}", title, note, pad=30 if several else None)
    return ax


def _called(table: Any, name: Any) -> str:
    """Name a group: yes or no are named by what they answer."""
    by = table.index.name
    return t.safe(f"{by}: {'yes' if name else 'no'}" if isinstance(name, (bool, np.bool_)) and by else name)
