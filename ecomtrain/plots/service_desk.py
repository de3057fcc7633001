"""Plots of the service desk: answers under three rules, what the bot settles, staffing, rosters."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib import ticker
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from ecomtrain.errors import CourseError, require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t

RULES = {
    "exclude": "people alone",
    "assist": "people, with suggested texts too",
    "include": "people and the bot",
}
SAID = {"exclude": "by people alone", "assist": "with suggested texts too", "include": "with the bot too"}


@s.styled
def response_metrics(result: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show the response rate of the same chats under the three rules about bots.

    Parameters
    ----------
    result : ResponseReport
        What `analysis.service.response_metrics` returns.
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
    >>> response_metrics(0.8)
    Traceback (most recent call last):
        ...
    CourseError: plots.response_metrics: a float was given. Pass what analysis.service.response_metrics ...
    """
    where = "plots.response_metrics"
    table = s.whole(result, ["chats"], where, "what analysis.service.response_metrics returns")
    ax = s.canvas(ax, where, height=3.0)
    rows = np.arange(len(table))
    rate, low, high = (table[c].to_numpy(dtype=float) for c in ("response_rate", "low", "high"))
    s.whiskers(ax, rows, rate, low, high, size=70)
    s.rows(ax, [f"Counted: {RULES[name]}" for name in table.index])
    texts = [
        f"{t.measured(*ends)}: {t.number(row.answered, 0)} of {t.number(row.rounds, 0)} "
        f"in {t.number(row.within / 60)} min"
        for ends, row in zip(zip(rate, low, high, strict=True), table.itertuples(), strict=True)
    ]
    known = np.append(rate[~np.isnan(rate)], 1.0)
    start = float(np.clip(np.floor(known.min() * 10 - 1) / 10, 0, 0.9))
    s.end_labels(ax, np.where(np.isnan(high), rate, high), rows, texts, start=start, most=1.0)
    s.percent_axis(ax.xaxis)
    s.grid(ax, "x")
    ax.set_xlabel("Share of the counted rounds answered in time (line: confidence interval)")
    told = [f"{t.percent(value)} {SAID[name]}" for name, value in zip(table.index, rate, strict=True)]
    note = f"The axis starts at {t.percent(start)}." if start else ""
    s.titled(ax, f"The same chats, answered in time: {t.listed(told)}", title, note)
    return ax


@s.styled
def hand_off(result: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show what the bot settles alone and what it hands over to people.

    Parameters
    ----------
    result : ResponseReport
        What `analysis.service.response_metrics` returns.
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
        If `result` is something else, or no chat was begun by the bot.

    Examples
    --------
    >>> hand_off("bot")
    Traceback (most recent call last):
        ...
    CourseError: plots.hand_off: a str was given. Pass what analysis.service.response_metrics returns, ...
    """
    where = "plots.hand_off"
    s.whole(result, ["chats"], where, "what analysis.service.response_metrics returns")
    found = result.chats.set_index("metric")
    begun = int(found.loc["containment", "n"])
    if not begun:
        raise CourseError(
            f"{where}: no chat was begun by the bot; pass a result of chats that it took part in."
        )
    steps = {
        "Begun by the bot": begun,
        "Settled by the bot alone": int(found.loc["containment", "k"]),
        "Handed over to a person": int(found.loc["hand_off", "k"]),
    }
    ax = s.canvas(ax, where, height=3.2)
    values = np.array(list(steps.values()))
    # The third begins where the second ends: together they are the first.
    ax.barh(range(3), values, left=[0, 0, values[1]], height=0.6, color=[s.MUTED, s.BLUE, s.ORANGE])
    ax.vlines(values[1], 0.7, 2.3, color=s.INK, linewidth=1, linestyle=(0, (3, 3)))
    s.rows(ax, steps)
    kept, gone = (
        t.measured(*found.loc[name, ["value", "low", "high"]]) for name in ("containment", "hand_off")
    )
    texts = [f"{begun:,} chats", f"{values[1]:,}: {kept}", f"{values[2]:,}: {gone}"]
    s.end_labels(ax, [begun, values[1], begun], range(3), texts, most=begun)
    s.number_axis(ax.xaxis)
    s.grid(ax, "x")
    ax.set_xlabel("Chats")
    over = t.percent(found.loc["hand_off", "value"])
    say = f"The bot settles {kept} of its chats alone and hands over {over}"
    rest = [f"{t.percent(found.loc['unanswered', 'value'])} of all chats got no answer at all."]
    if "inquiry_to_pay" in found.index:
        paid = found.loc["inquiry_to_pay"]
        rest.append(f"Customers who paid soon after asking: {t.measured(*paid[['value', 'low', 'high']])}.")
    rest.append("Settled is not satisfied: who gave up counts too.")
    s.titled(ax, say, title, " ".join(rest))
    return ax


def _clock(hour: float) -> str:
    return f"{int(hour) % 24}:{round(hour % 1 * 60):02d}"


@s.styled
def staffing(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show how many agents each interval of the day needs, over the work there is.

    Parameters
    ----------
    table : DataFrame
        What `analysis.service.staffing` returns, of one day of the week where it has several.
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
        If `table` lacks a column or a row, or holds an hour twice.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"hour": [9.0, 9.5], "rounds": [60.0, 20.0], "load": [5.0, 2.0],
    ...                       "agents": [8, 4], "staff": [10, 5]})
    >>> s.finding(staffing(table))
    'The desk needs 8 agents at 9:00 and 4 at 9:30; with absences 10 and 5 have to be planned'
    >>> s.plt.close("all")
    >>> staffing(table[["hour"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.staffing: column 'rounds' is not in the frame; it has hour. Pass what ...
    """
    where = "plots.staffing"
    columns = ["hour", "rounds", "load", "agents", "staff"]
    s.table_with(table, columns, where, "what analysis.service.staffing returns")
    require_numeric(table, columns, where)
    if table["hour"].duplicated().any():
        raise CourseError(
            f"{where}: hours stand more than once. "
            "Choose a day first, for example table[table['weekday'] == 0]."
        )
    table = table.sort_values("hour")
    hour, step = table["hour"].to_numpy(float), float(np.diff(table["hour"]).min()) if len(table) > 1 else 1.0
    ax = s.canvas(ax, where, height=4.2)
    edges = np.append(hour, hour[-1] + step)
    ax.bar(hour, table["load"], step * 0.94, align="edge", color=s.SKY)
    for name, style, width in (("staff", (0, (4, 2)), 1.6), ("agents", "solid", 2.4)):
        ax.stairs(table[name], edges, color=s.INK, linewidth=width, linestyle=style, baseline=None)
    last = table.iloc[-1]
    high = float(table["staff"].max())
    gap = s.spread([last["staff"], last["agents"], last["load"]], high * 0.09)
    for name, at in zip(("planned, with absences", "agents at work", "work, in Erlang"), gap, strict=True):
        s.beside(ax, name, (edges[-1], at), (6, 0), va="center")
    ax.set_xlim(edges[0], edges[-1] + 0.26 * (edges[-1] - edges[0]))
    whole = np.arange(np.ceil(edges[0]), edges[-1] + 0.01, 2 if edges[-1] - edges[0] > 10 else 1)
    ax.set_xticks(whole, [_clock(value) for value in whole])
    ax.set_ylim(0, high * 1.12 + 0.2)
    s.grid(ax, "y")
    ax.set_xlabel("Time of the day")
    ax.set_ylabel("Agents")
    most, least = table.loc[table["load"].idxmax()], table.loc[table["load"].idxmin()]
    say = (
        f"The desk needs {t.number(most['agents'])} agents at {_clock(most['hour'])} and "
        f"{t.number(least['agents'])} at {_clock(least['hour'])}; with absences {t.number(most['staff'])} "
        f"and {t.number(least['staff'])} have to be planned"
    )
    s.titled(ax, say, title, "A mean day: half of the days need more.")
    return ax


@s.styled
def service_level(
    table: Any, *, target: float = 20, goal: float = 0.8, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Show how the service level rises with the agents at work.

    Parameters
    ----------
    table : DataFrame
        What `analysis.service.erlang_c` or `erlang_a` returns for several numbers of agents.
    target : float, default 20
        Seconds that were asked for, for the words.
    goal : float, default 0.8
        Service level wanted.
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
    >>> table = pd.DataFrame({"agents": [13, 14], "service_level": [0.796, 0.888], "asa": [17.1, 7.8],
    ...                       "occupancy": [0.77, 0.71], "load": 10.0})
    >>> s.finding(service_level(table))
    '14 agents are the fewest for the 80 % that are wanted: 89 % within 20 s, 13 only 80 % (79.6 %)'
    >>> s.plt.close("all")
    >>> service_level(table[["agents"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.service_level: column 'service_level' is not in the frame; it has agents. Pass what ...
    """
    where = "plots.service_level"
    columns = ["agents", "service_level", "asa", "occupancy", "load"]
    s.table_with(table, columns, where, "what analysis.service.erlang_c or erlang_a returns")
    require_numeric(table, columns, where)
    table = table.sort_values("agents")
    ax = s.canvas(ax, where, height=4.2)
    level = table["service_level"].to_numpy(float)
    ax.plot(table["agents"], level, color=s.BLUE, marker="o", zorder=3, clip_on=False)
    ax.axhline(goal, color=s.INK, linewidth=1.2, linestyle=(0, (4, 3)))
    s.beside(ax, f"wanted: {t.percent(goal)}", (table["agents"].iloc[0], goal), (0, 5), bbox=s.PAPER)
    known = table.dropna(subset=["asa"])
    for row in known.iloc[:: max(1, len(known) // 8)].itertuples():
        wait = f"{t.number(row.asa)} s"
        s.beside(ax, wait, (row.agents, row.service_level), (8, -5), va="top", color=s.MUTED, bbox=s.PAPER)
    if len(known) < len(table):
        low = table["agents"].iloc[0], 0
        s.beside(ax, "the queue grows for ever", low, (-8, -16), color=s.MUTED, bbox=s.PAPER)
    ax.set_xlim(table["agents"].min() - 0.5, table["agents"].max() + 1.2)
    ax.xaxis.set_major_locator(ticker.MaxNLocator(integer=True))
    ax.set_ylim(-0.12, 1.05)
    s.percent_axis(ax.yaxis)
    s.grid(ax, "y")
    ax.set_xlabel("Agents at work (beside the dots: average wait)")
    ax.set_ylabel(f"Answered within {t.plain(target)} s")
    enough = table[level >= goal]
    if len(enough):
        first = enough.iloc[0]
        fewer = table[table["agents"] < first["agents"]]
        which = "the fewest" if len(fewer) else "enough"
        one = f"{t.number(first['agents'])} agents are {which} for the {t.percent(goal)} that are wanted"
        say = f"{one}: {t.percent(first['service_level'])} within {t.plain(target)} s"
        if len(fewer):
            last = fewer.iloc[-1]
            rough = t.percent(last["service_level"])
            told = f"{t.number(last['service_level'] * 100, 1)} %"
            exact = f" ({told})" if rough == t.percent(goal) else ""
            say += f", {t.number(last['agents'])} only {rough}{exact}"
    else:
        last = table.iloc[-1]
        say = (
            f"Even {t.number(last['agents'])} agents answer only {t.percent(last['service_level'])} within "
            f"{t.plain(target)} s, below the {t.percent(goal)} wanted"
        )
    s.titled(
        ax,
        say,
        title,
        f"Load: {t.number(table['load'].iloc[0])} Erlang.",
    )
    return ax


@s.styled
def roster(result: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show who works on which days of the cycle, and at what hours.

    Parameters
    ----------
    result : Roster
        What `analysis.service.roster` returns.
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
        If `result` is something else, or has nobody in it.

    Examples
    --------
    >>> roster("3+3")
    Traceback (most recent call last):
        ...
    CourseError: plots.roster: a str was given. Pass what analysis.service.roster returns, ...
    """
    where = "plots.roster"
    fields = ["cover", "law", "pattern", "people", "spare", "optimal"]
    table = s.whole(result, fields, where, "what analysis.service.roster returns")
    if not len(table):
        raise CourseError(f"{where}: nobody is in the roster, so there is nothing to draw.")
    on, off = (int(part) for part in result.pattern.split("+"))
    cycle = on + off
    ax = s.canvas(ax, where, height=1.9 + 0.34 * len(table))
    shifts = sorted(table["start"].unique())
    tones = dict(zip(shifts, [s.SKY, s.YELLOW, s.ORANGE, s.PURPLE, s.GREEN, s.FAINT] * 9, strict=False))
    for at, row in enumerate(table.itertuples()):
        for day in (np.arange(on) + row.first_day) % cycle:
            box = Rectangle(
                (day - 0.47, at - 0.4), 0.94, 0.8, facecolor=tones[row.start], edgecolor=s.INK, linewidth=0.6
            )
            ax.add_patch(box)
            ax.text(
                day, at, f"{_clock(row.start)}-{_clock(row.end)}", ha="center", va="center", fontsize=t.NOTE
            )
    s.rows(ax, [f"{n} {'person' if n == 1 else 'people'}" for n in table["people"]])
    ax.set_xlim(-0.5, cycle - 0.5)
    ax.set_xticks(range(cycle), [f"Day {day + 1}" for day in range(cycle)])
    s.grid(ax, "")
    ax.set_xlabel("Day of the cycle (empty: off)")
    law = result.law.set_index("rule")
    hours = law.loc["hours a week on average", "value"]
    broken = list(law.index[~law["met"]])
    legal = "within the law" if not broken else f"against the rule on {t.listed(broken)}"
    fewest = f"{result.people} people" if result.people != 1 else "1 person"
    say = (
        f"{fewest} cover the demand in {result.pattern}: {t.number(hours)} hours a week on average, {legal}; "
        f"{t.percent(result.spare)} of the hours are to spare"
    )
    worst = "Fewer cannot do it." if result.optimal else "Whether fewer could do it was not settled in time."
    s.titled(ax, say, title, worst)
    return ax
