"""Plots of sales: the week's rhythm, what a change is made of, growing searches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ecomtrain.errors import CourseError, nearest, require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t

_DAYS = {
    "Mon": "Monday", "Tue": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday", "Fri": "Friday",
    "Sat": "Saturday", "Sun": "Sunday", "weekday": "Weekdays", "weekend": "Weekend",
}  # fmt: skip


@s.styled
def day_of_week(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show each day of the week against the average day of its own week.

    Parameters
    ----------
    table : DataFrame
        What `analysis.sales.day_of_week_index` returns, by day or by weekend.
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
        If `table` lacks a column or a row, or `ax` is no Axes.

    Examples
    --------
    >>> table = pd.DataFrame({"index": [0.9, 1.25], "low": [0.88, 1.2], "high": [0.92, 1.3], "weeks": 40},
    ...                      index=["weekday", "weekend"])
    >>> s.finding(day_of_week(table))
    'Weekend days stand at 1.25 (1.20-1.30) of the average day of their week: +25 %'
    >>> s.plt.close("all")
    >>> day_of_week(table[["index"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.day_of_week: column 'low' is not in the frame; it has index. Pass what ...
    """
    where = "plots.day_of_week"
    columns = ["index", "low", "high", "weeks"]
    s.table_with(table, columns, where, "what analysis.sales.day_of_week_index returns")
    require_numeric(table, columns, where)
    ax = s.canvas(ax, where, height=4.0)
    names = [str(name) for name in table.index]
    end = np.isin(names, ["Sat", "Sun", "weekend"])
    for colour, part in ((s.MUTED, ~end), (s.BLUE, end)):
        rows = np.flatnonzero(part)
        values = (table[c].iloc[rows] for c in ("index", "low", "high"))
        s.whiskers(ax, rows, *values, colour=colour, upright=True, size=70)
    for place, value in enumerate(table["index"]):
        s.beside(ax, t.number(value, 2), (place, value), (10, 0), va="center")
    ax.axhline(1, color=s.INK, linewidth=1)
    right = ("axes fraction", "data")
    s.beside(ax, "average day", (1, 1), (0, 4), xycoords=right, ha="right", color=s.MUTED)
    ax.set_xticks(range(len(names)), [_DAYS.get(name, name) for name in names])
    ax.tick_params(axis="x", labelcolor=s.INK)
    ax.set_xlim(-0.5, len(names) - 0.25)
    s.grid(ax, "y")
    ax.set_ylabel("Sales (average day = 1)")
    weeks = t.number(table["weeks"].iloc[0], 0)
    s.titled(
        ax, _week_finding(table.set_axis(names)), title, f"Lines: confidence interval over {weeks} weeks."
    )
    return ax


def _week_finding(table: Any) -> str:
    told = {name: t.measured(*row, share=False) for name, row in table[["index", "low", "high"]].iterrows()}
    if "weekend" in told:
        change = t.percent(table.loc["weekend", "index"] - 1, sign=True)
        return f"Weekend days stand at {told['weekend']} of the average day of their week: {change}"
    found = table["index"].dropna()
    if found.empty:
        return "No complete week to compare"
    most, least = found.idxmax(), found.idxmin()
    if set(found.nlargest(2).index) == {"Sat", "Sun"}:
        low = table.loc[["Sat", "Sun"], "low"].min()
        clear = "; both intervals clear 1" if low > 1 else ""
        values = t.listed([t.number(found["Sat"], 2), t.number(found["Sun"], 2)])
        return f"Saturday and Sunday stand at {values} of the average day of their week{clear}"
    busiest, quietest = _DAYS.get(most, most), _DAYS.get(least, least)
    return f"{busiest} is busiest at {told[most]} of the average day, {quietest} quietest at {told[least]}"


@s.styled
def search_growth(
    table: Any, *, term: str | None = None, k: int = 10, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Show the growth of search terms on the month before and on the same month of last year.

    Parameters
    ----------
    table : DataFrame
        What `analysis.sales.search_growth` returns.
    term : str, optional
        The term that the title speaks of; the one that gained most searches on the month before if left out.
    k : int, default 10
        Terms to show: the most searched, and `term`.
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
        If `table` lacks a column or a row, or `term` is not in it.

    Examples
    --------
    >>> growth = {"month_on_month": 0.38, "month_on_month_low": 0.33, "month_on_month_high": 0.43,
    ...           "year_on_year": 0.06, "year_on_year_low": 0.02, "year_on_year_high": 0.1}
    >>> table = pd.DataFrame({"searches": 9000, **growth}, index=["summer dress"])
    >>> s.finding(search_growth(table))
    '“summer dress”: +38 % on the month before, but +6 % (+2 to +10 %) on the same month of last year'
    >>> s.plt.close("all")
    >>> search_growth(table, term="sumer dress")
    Traceback (most recent call last):
        ...
    CourseError: plots.search_growth: term 'sumer dress' is not in the table. Did you mean 'summer dress'?
    """
    where = "plots.search_growth"
    ways = {
        "month_on_month": ("on the month before", s.ORANGE),
        "year_on_year": ("on the same month of last year", s.BLUE),
    }
    columns = ["searches", *(f"{way}{part}" for way in ways for part in ("", "_low", "_high"))]
    s.table_with(table, columns, where, "what analysis.sales.search_growth returns")
    require_numeric(table, columns, where)
    if term is not None and term not in table.index:
        raise CourseError(f"{where}: term '{term}' is not in the table.{nearest(term, table.index)}")
    if k < 1:
        raise CourseError(f"{where}: k is {k}; give the number of terms to show, 1 or more.")
    if term is None and table["month_on_month"].notna().any():
        growth = table["month_on_month"]
        term = (table["searches"] * growth / (1 + growth)).idxmax()
    shown = table.sort_values("searches", ascending=False, kind="stable")
    shown = pd.concat([shown.loc[[term]], shown.drop(index=term)])[:k] if term is not None else shown[:k]
    shown = shown.sort_values("searches", ascending=False, kind="stable")
    ax = s.canvas(ax, where, height=1.9 + 0.46 * len(shown))
    for (way, (label, colour)), shift in zip(ways.items(), (-0.16, 0.16), strict=True):
        at = np.arange(len(shown)) + shift
        s.whiskers(ax, at, shown[way], shown[f"{way}_low"], shown[f"{way}_high"], colour=colour, label=label)
    ax.axvline(0, color=s.INK, linewidth=1)
    s.rows(ax, [f"{name} ({t.number(n, 0)})" for name, n in shown["searches"].items()])
    if term is not None:
        ax.get_yticklabels()[shown.index.get_loc(term)].set_fontweight("bold")
    ax.legend(loc="lower left", bbox_to_anchor=(-0.01, 1), ncols=2, borderaxespad=0.2, handletextpad=0.2)
    s.grid(ax, "x")
    s.percent_axis(ax.xaxis, sign=True)
    ax.set_xlabel("Growth of searches (line: confidence interval); searches of the month in brackets")
    say = "No term has enough searches to tell its growth"
    if term is not None:
        row = table.loc[term]
        month = t.percent(row["month_on_month"], sign=True)
        year = [row[f"year_on_year{part}"] for part in ("", "_low", "_high")]
        say = f"“{term}”: {month} on the month before"
        if year[0] == year[0]:
            joint = "but" if year[0] < row["month_on_month"] / 2 else "and"
            say += f", {joint} {t.measured(*year, sign=True)} on the same month of last year"
    s.titled(ax, say, title, pad=30)
    return ax


@s.styled
def bridge(
    table: Any, *, value: str = "effect", unit: str = "¥", ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Show, as a waterfall, what a change is made of.

    Parameters
    ----------
    table : DataFrame
        What `analysis.sales.bridge`, `gmv_tree` or `margin_bridge` returns; the last row is the total.
    value : str, default "effect"
        ``"effect"`` starts at the total before; ``"rate_effect"`` of `margin_bridge` shows the percentage
        points of the margin rate, from 0.
    unit : str, default "¥"
        Put before amounts; ``""`` for counts.
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
        If `table` lacks a column or a row, or `ax` is no Axes.

    Examples
    --------
    >>> table = pd.DataFrame({"before": [1000, 0.05, 50], "after": [1200, 0.049, 58.8],
    ...                       "effect": [9.9, -1.1, 8.8]}, index=["visitors", "conversion_rate", "orders"])
    >>> s.finding(bridge(table, unit=""))
    'Orders rose by 8.80 (+18 %): visitors +9.90, conversion rate −1.10'
    >>> s.plt.close("all")
    >>> bridge(table[["effect"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.bridge: column 'before' is not in the frame; it has effect. ...
    """
    where = "plots.bridge"
    s.table_with(
        table,
        ["before", "after", value],
        where,
        "what analysis.sales.gmv_tree, bridge or margin_bridge returns",
    )
    require_numeric(table, ["before", "after", value], where)
    total = table.iloc[-1]
    parts = table.iloc[:-1][value].astype(float)
    money = value == "effect"
    start = float(total["before"]) if money else 0.0
    steps = np.concatenate([[start], start + parts.cumsum().to_numpy()])
    ax = s.canvas(ax, where, height=4.4)

    def told(amount: Any, sign: bool = False) -> str:
        return t.compact(amount, unit, sign=sign) if money else t.number(amount * 100, 1, sign=sign) + " pp"

    low, high = min(0.0, steps.min()), max(0.0, steps.max())
    cut = money and steps.min() > 0.6 * steps.max() > 0
    if cut:  # the whole bars would dwarf the steps
        low = steps.min() - 1.2 * (steps.max() - steps.min() or steps.max())
        low = max(low, 0.0)
        cut = low > 0
    room = (high - low) * 0.09
    names = ["before"] if money else []
    if money:
        ax.bar(0, start - low, bottom=low, width=0.62, color=s.MUTED)
        s.beside(ax, told(start), (0, start), (0, 4), ha="center", fontweight="bold")
    for place, (name, effect) in enumerate(parts.items(), start=len(names)):
        base, top = steps[place - int(money)], steps[place - int(money) + 1]
        ax.bar(place, top - base, bottom=base, width=0.62, color=s.BLUE if effect >= 0 else s.RED)
        ax.plot([place - 0.69, place + 0.31], [base, base], color=s.FAINT, linewidth=1)
        s.beside(ax, told(effect, True), (place, max(base, top)), (0, 4), ha="center")
        row = table.loc[name]
        change = f"\n{_change(name, row['before'], row['after'])}" if money else ""
        names.append(t.wrapped(t.safe(str(name).replace("_", " ")), 7.2 / (len(parts) + 2)) + change)
    last = len(names)
    ax.bar(last, steps[-1] - low, bottom=low, width=0.62, color=s.MUTED)
    end = told(steps[-1], not money)
    s.beside(ax, end, (last, max(steps[-1], 0)), (0, 4), ha="center", fontweight="bold")
    names.append("after" if money else "total")
    ax.set_xticks(range(len(names)), names)
    ax.tick_params(axis="x", labelcolor=s.INK)
    ax.set_ylim(low - (room if low < 0 else 0), high + room)
    ax.set_xlim(-0.6, len(names) - 0.4)
    if not cut:
        ax.axhline(0, color=s.INK, linewidth=1)
    if money:
        s.number_axis(ax.yaxis, unit)
    else:
        ax.yaxis.set_major_formatter(lambda tick, _: told(tick, True))
    s.grid(ax, "y")
    margin = "rate_effect" in table
    label = "Gross margin" if margin else t.capital(str(table.index[-1]).replace("_", " "))
    ax.set_ylabel(label if money else "Margin rate, percentage points")
    moved = float(total[value])
    moves = parts[parts.abs().sort_values(ascending=False, kind="stable").index][:3]
    moves = moves[moves.abs() >= 0.02 * moves.abs().max()]
    most = ", ".join(f"{str(name).replace('_', ' ')} {told(effect, True)}" for name, effect in moves.items())
    relative = f" ({t.percent(moved / start, sign=True)})" if money and start else ""
    by = f"{'rose' if moved > 0 else 'fell'} by {told(abs(moved))}{relative}" if moved else "did not change"
    say = f"{label if money else 'Margin rate'} {by}: {most}"
    s.titled(
        ax, say, title, "The axis does not start at 0: compare the steps, not the grey bars." if cut else ""
    )
    return ax


def _change(name: Any, before: float, after: float) -> str:
    """Return ``15.1 % → 14.9 %``, with as many decimals as it takes to tell the two apart."""
    rate = str(name).endswith("rate")
    texts = [t.percent(x) if rate else t.compact(x) for x in (before, after)]
    for digits in (1, 2):
        if rate and texts[0] == texts[1]:
            texts = [t.percent(x, digits) for x in (before, after)]
    return " → ".join(texts)
