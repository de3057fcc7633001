"""Plots of an experiment that is looked at more than once."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ecomtrain.errors import CourseError, require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t

__all__ = ["peeking", "sequential"]

METHODS = {
    "fixed": ("a test for one look", s.RED, "o"),
    "pocock": ("Pocock", s.GREEN, "^"),
    "obrien_fleming": ("O'Brien-Fleming", s.PURPLE, "s"),
    "always_valid": ("always valid", s.BLUE, "D"),
}


@s.styled
def sequential(
    table: Any, *, arm: Any = None, level: float = 0.95, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Show the p of an experiment day by day: the one that may be looked at daily, and the one that may not.

    Parameters
    ----------
    table : DataFrame
        What `analysis.experiment.always_valid` returns.
    arm : label, optional
        The treatment arm; the first if left out.
    level : float, default 0.95
        Confidence level, as given there.
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
        If `table` lacks a column or a row, or has no such arm.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"arm": "treatment", "date": pd.date_range("2026-06-01", periods=4),
    ...     "change": 0.02, "low": [-0.02, -0.01, 0.001, 0.002], "high": 0.05, "p": [1.0, 0.4, 0.03, 0.01],
    ...     "p_fixed": [0.3, 0.04, 0.01, 0.002], "decided": [False, False, True, True]})
    >>> s.finding(sequential(table))
    'Always-valid p decides on 3 June; who reads a plain p every day would have stopped on 2 June'
    >>> s.plt.close("all")
    >>> sequential(table[["date"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.sequential: column 'arm' is not in the frame; it has date. Pass what ...
    """
    where = "plots.sequential"
    columns = ["arm", "date", "p", "p_fixed", "decided"]
    s.table_with(table, columns, where, "what analysis.experiment.always_valid returns")
    require_numeric(table, ["p", "p_fixed"], where)
    arm = table["arm"].iloc[0] if arm is None else arm
    part = table[table["arm"] == arm]
    if not len(part):
        raise CourseError(f"{where}: arm {arm!r} is not in the table.")
    ax = s.canvas(ax, where)
    alpha = 1 - level
    floor = 1e-4
    day = part["date"].to_numpy()
    ways = [("p", "always valid", s.BLUE, "D"), ("p_fixed", "plain p", s.RED, "o")]
    stops, ends = [], []
    for column, name, colour, mark in ways:
        values = part[column].clip(lower=floor).to_numpy()
        ax.plot(day, values, color=colour, marker=mark, markersize=4, clip_on=False)
        below = np.flatnonzero(values <= alpha)
        stops.append(part["date"].iloc[below[0]] if len(below) else None)
        if len(below):
            ax.scatter(
                day[below[0]],
                values[below[0]],
                s=150,
                facecolor="none",
                edgecolor=colour,
                linewidth=2,
                zorder=5,
            )
        last = values[np.isfinite(values)]
        ends.append((np.log10(last[-1]) if len(last) else 0.0, name, colour))
    gap = 0.06 * -np.log10(floor)
    for place, (_, name, colour) in zip(s.spread([end for end, *_ in ends], gap), ends, strict=True):
        s.beside(ax, name, (day[-1], 10**place), (9, 0), va="center", color=colour, fontweight="bold")
    ax.axhline(alpha, color=s.INK, linewidth=1.3, linestyle=(0, (4, 3)))
    s.beside(
        ax, t.plain(alpha), (0, alpha), (4, -4), xycoords=("axes fraction", "data"), va="top", bbox=s.PAPER
    )
    ax.set_yscale("log")
    ax.set_ylim(floor, 1.3)
    ticks = 10.0 ** np.arange(0, np.log10(floor) - 1, -1)
    ax.set_yticks(ticks, [*(t.plain(tick) for tick in ticks[:-1]), t.safe(f"≤ {t.plain(floor)}")])
    ax.minorticks_off()
    span = day[-1] - day[0]
    ax.set_xlim(
        day[0], day[-1] + span * 0.14 if span > np.timedelta64(0) else day[0] + np.timedelta64(1, "D")
    )
    _dates(ax, part["date"])
    s.grid(ax, "y")
    ax.set_ylabel("p of all units so far (log scale)")
    s.titled(
        ax, _stopped(*stops), title, "Rings: the first day below the line. A plain p holds for one look only."
    )
    return ax


def _dates(ax: Axes, dates: Any) -> None:
    """Name some five of the dates."""
    step = max(1, len(dates) // 5)
    shown = dates.iloc[::step]
    ax.set_xticks(shown.to_numpy(), [_day(date) for date in shown])


def _day(date: Any) -> str:
    return f"{date.day} {date:%B}"


def _stopped(valid: Any, fixed: Any) -> str:
    """Say who stops when."""
    if valid is None and fixed is None:
        return "Neither p falls below the line: no difference shown on any day"
    if valid is None:
        return (
            "Always-valid p shows no difference on any day; "
            f"who reads a plain p every day would have stopped on {_day(fixed)}"
        )
    if fixed is None or fixed >= valid:
        return f"Always-valid p decides on {_day(valid)}, and the plain p no sooner"
    sooner = f"who reads a plain p every day would have stopped on {_day(fixed)}"
    return f"Always-valid p decides on {_day(valid)}; {sooner}"


@s.styled
def peeking(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show how often a test calls a success, by how often it is looked at.

    Parameters
    ----------
    table : DataFrame
        What `analysis.experiment.peeking` returns.
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
    >>> from ecomtrain.analysis import experiment
    >>> table = experiment.peeking([1, 20], trials=4000, seed=1)
    >>> s.finding(peeking(table))
    'Without any effect, a test for one look calls a success in 5.0 % of trials; looked at 20 times, in 24 %'
    >>> s.plt.close("all")
    >>> peeking(table[["rate"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.peeking: column 'looks' is not in the frame; it has rate. Pass what ...
    """
    where = "plots.peeking"
    columns = ["looks", "method", "effect", "rate", "low", "high"]
    s.table_with(table, columns, where, "what analysis.experiment.peeking returns")
    require_numeric(table, [column for column in columns if column != "method"], where)
    ax = s.canvas(ax, where)
    looks = np.sort(table["looks"].unique())
    ends = []
    for method, part in table.groupby("method", sort=False):
        name, colour, mark = METHODS.get(str(method), (str(method), s.INK, "v"))
        part = part.sort_values("looks")
        at = np.searchsorted(looks, part["looks"])
        ax.vlines(at, part["low"], part["high"], color=colour, linewidth=1.6, clip_on=False)
        ax.plot(at, part["rate"], color=colour, marker=mark, clip_on=False)
        ends.append((float(part["rate"].iloc[-1]), name, colour))
    top = max(float(table["high"].max()) * 1.1, 0.08)
    for place, (end, name, colour) in zip(s.spread([end for end, *_ in ends], 0.06 * top), ends, strict=True):
        text = f"{name}: {t.percent(end)}"
        s.beside(ax, text, (len(looks) - 1, place), (10, 0), va="center", color=colour, fontweight="bold")
    ax.set_xticks(range(len(looks)), [t.number(k, 0) for k in looks])
    ax.set(xlim=(-0.1, (len(looks) - 1 or 1) * 1.42), ylim=(0, top))
    s.percent_axis(ax.yaxis)
    s.grid(ax, "y")
    ax.set_xlabel("Number of looks")
    none = float(table["effect"].iloc[0]) == 0
    ax.set_ylabel("False alarms" if none else "Trials that see the effect")
    fixed = table[table["method"] == "fixed"].sort_values("looks")
    used = fixed if len(fixed) else table.sort_values("looks")
    name = METHODS.get(str(used["method"].iloc[0]), (str(used["method"].iloc[0]),))[0]
    first, last = used.iloc[0], used.iloc[-1]
    situation = (
        "Without any effect" if none else f"With {t.percent(table['effect'].iloc[0])} of the planned effect"
    )
    times = "once" if first["looks"] == 1 else f"{first['looks']} times"
    say = f"{situation}, {name} calls a success in {t.percent(first['rate'])} of trials"
    if len(used) > 1:
        also = "" if first["looks"] == 1 else f" looked at {times}"
        say += f"{also}; looked at {t.number(last['looks'], 0)} times, in {t.percent(last['rate'])}"
    s.titled(
        ax, say, title, f"{t.number(used['trials'].iloc[0], 0)} trials each." if "trials" in used else ""
    )
    return ax
