"""Plots of niches: demand against supply, the blue-ocean rate by definition, which searches grow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ecomtrain.errors import CourseError, require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t
from ecomtrain.plots._marks import estimates, word

OWN = "Our own definition: there is no standard blue-ocean index."


@s.styled
def blue_ocean(
    table: Any,
    *,
    rank: tuple[float, float] = (0.6, 0.4),
    k: int = 5,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Show each sub-niche by its supply and its demand, with the corner that counts as blue ocean.

    Parameters
    ----------
    table : DataFrame
        What `analysis.selection.blue_ocean` returns.
    rank : (demand, supply), default (0.6, 0.4)
        Quantiles of the corner, as for `analysis.selection.blue_ocean_rate`.
    k : int, default 5
        How many sub-niches of the corner to name, those with the highest index.
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
        If `table` lacks a column or a row, `rank` holds no quantiles, or `ax` is no Axes.

    Examples
    --------
    >>> table = pd.DataFrame({"demand": [90.0, 200, 40], "supply": [30.0, 400, 80], "index": [1, 0.25, 0.25]},
    ...                      index=["glass steamer", "grinder", "juicer"])
    >>> s.finding(blue_ocean(table, rank=(0.5, 0.5)))
    '1 of 3 sub-niches (33 %) is a blue ocean by demand P50 and supply P50, first of all glass steamer'
    >>> s.plt.close("all")
    >>> blue_ocean(table[["index"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.blue_ocean: column 'demand' is not in the frame; it has index. Pass what ...
    """
    where = "plots.blue_ocean"
    columns = ["demand", "supply", "index"]
    s.table_with(table, columns, where, "what analysis.selection.blue_ocean returns")
    require_numeric(table, columns, where)
    try:
        many, few = map(float, rank)
    except (TypeError, ValueError):
        many, few = np.nan, np.nan
    if not (0 <= many <= 1 and 0 <= few <= 1):
        raise CourseError(f"{where}: rank is {rank!r}; give two quantiles such as (0.6, 0.4).")
    edge, free = float(table["demand"].quantile(many)), float(table["supply"].quantile(few))
    blue = (table["demand"] >= edge) & (table["supply"] <= free) & (table["demand"] > 0)
    ax = s.canvas(ax, where, height=5.2)
    # One more than counted, so that nothing is lost on the logarithmic axes.
    x, y = table["supply"] + 1, table["demand"] + 1
    limits = [(float(v.min()) / 1.35, float(v.max()) * 1.5) for v in (x, y)]
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(*limits[0])
    ax.set_ylim(*limits[1])
    ax.fill_between([limits[0][0], free + 1], edge + 1, limits[1][1], color=s.SKY, alpha=0.18, linewidth=0)
    ax.axhline(edge + 1, color=s.MUTED, linewidth=1, linestyle=(0, (4, 3)))
    ax.axvline(free + 1, color=s.MUTED, linewidth=1, linestyle=(0, (4, 3)))
    ax.scatter(x[~blue], y[~blue], s=36, facecolor="white", edgecolor=s.MUTED, linewidth=1.2, zorder=3)
    ax.scatter(x[blue], y[blue], s=52, color=s.BLUE, zorder=4)
    named = table[blue].sort_values("index", ascending=False, kind="stable").head(max(k, 0))
    _names(ax, named)
    corner: Any = {"xycoords": "axes fraction", "color": s.MUTED}
    s.beside(ax, "wanted, little on offer", (0, 1), (4, 4), va="bottom", **{**corner, "color": s.BLUE})
    s.beside(ax, "wanted, much on offer", (1, 1), (-4, 4), ha="right", va="bottom", **corner)
    s.beside(
        ax, "hardly wanted, much on offer", (1, 0), (-4, 5), ha="right", va="bottom", bbox=s.PAPER, **corner
    )
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(lambda tick, _: t.compact(tick) if tick >= 1 else "")
        axis.set_minor_formatter("")
    ax.tick_params(which="minor", length=0)
    s.grid(ax, "")
    ax.set_xlabel("Supply, per month (one more than counted; logarithmic)")
    ax.set_ylabel("Demand, per month (logarithmic)")
    n, count = len(table), int(blue.sum())
    share = t.percent(count / n, 0)
    by = f"by demand P{100 * many:g} and supply P{100 * few:g}"
    say = f"{count} of {n} sub-niches ({share}) {'is a blue ocean' if count == 1 else 'are blue oceans'} {by}"
    say = say if count else f"None of {n} sub-niches (0 %) is a blue ocean {by}"
    say += f", first of all {word(named.index[0])}" if len(named) else ""
    s.titled(ax, say, title, OWN, pad=28)
    return ax


def _names(ax: Axes, named: pd.DataFrame) -> None:
    """Put a number on each dot, and its name beside the plot."""
    ax.scatter(named["supply"] + 1, named["demand"] + 1, s=150, color=s.BLUE, zorder=5)
    line = 17 / 72 / (ax.get_window_extent().height / ax.figure.dpi)
    for place, (name, row) in enumerate(named.iterrows(), start=1):
        s.beside(
            ax, place, (row["supply"] + 1, row["demand"] + 1), (0, 0), ha="center", va="center", zorder=6,
            color="white", fontsize=t.NOTE, fontweight="bold",
        )  # fmt: skip
        text = t.wrapped(f"{place}  {word(name)}", 1.9)
        s.beside(ax, text, (1, 1 - (place - 1) * 1.5 * line), (10, 0), xycoords="axes fraction", va="top")


@s.styled
def blue_ocean_rate(
    table: Any, *, claim: float | None = None, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Show the blue-ocean rate under one definition after the other.

    Parameters
    ----------
    table : DataFrame
        What `analysis.selection.blue_ocean_rate` returns, or ``.table`` of
        `analysis.selection.blue_ocean_sensitivity`.
    claim : number, optional
        A rate to hold them against (a fraction), drawn as a line.
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
    >>> table = pd.DataFrame({"niches": 100, "blue": [12, 55], "rate": [0.12, 0.55], "low": [0.07, 0.45],
    ...     "high": [0.2, 0.64]}, index=["demand P60, supply P40", "1 or more per supply"])
    >>> s.finding(blue_ocean_rate(table, claim=0.4))
    'The rate is anything from 12 % to 55 % by definition; 1 of 2 reaches the claimed 40 %'
    >>> s.plt.close("all")
    >>> blue_ocean_rate(table[["rate"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.blue_ocean_rate: column 'niches' is not in the frame; it has rate. Pass what ...
    """
    where = "plots.blue_ocean_rate"
    columns = ["niches", "blue", "rate", "low", "high"]
    s.table_with(table, columns, where, "what analysis.selection.blue_ocean_rate returns")
    require_numeric(table, columns, where)
    names = table["definition"] if "definition" in table else pd.Series(table.index, table.index)
    measures = table["demand"] if "demand" in table else pd.Series("", table.index)
    cuts, groups = list(dict.fromkeys(names)), list(dict.fromkeys(measures))
    row = {name: place for place, name in enumerate(cuts)}
    shift = (np.arange(len(groups)) - (len(groups) - 1) / 2) * (0.26 if len(groups) > 2 else 0.3)
    ax = s.canvas(ax, where, height=2.1 + max(0.5, 0.26 * len(groups)) * len(cuts))
    for place, group in enumerate(groups):
        part = table[(measures == group).to_numpy()]
        at = np.array([row[name] for name in names[(measures == group).to_numpy()]]) + shift[place]
        s.whiskers(
            ax, at, part["rate"], part["low"], part["high"], colour=s.SERIES[place % 7],
            marker="oDs^vP*X"[place % 8], label=word(group),
        )  # fmt: skip
        for y, (_, one) in zip(at, part.iterrows(), strict=True):
            text = (
                t.measured(one["rate"], one["low"], one["high"])
                if len(groups) == 1
                else t.percent(one["rate"], 0)
            )
            s.beside(ax, text, (np.fmax(one["rate"], one["high"]), y), (8, 0), va="center")
    s.rows(ax, cuts)
    ax.set_xlim(0, 1.12 if len(groups) > 1 else 1.3)
    ax.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1])
    s.percent_axis(ax.xaxis)
    s.grid(ax, "x")
    ax.set_xlabel("Share of the sub-niches that count as blue ocean")
    if len(groups) > 1:
        ax.legend(
            loc="lower left", bbox_to_anchor=(-0.01, 1), ncols=4, borderaxespad=0.2, handletextpad=0.2,
            title="Demand measured by", title_fontsize=t.NOTE, alignment="left",
        )  # fmt: skip
    if claim is not None:
        ax.axvline(claim, color=s.RED, linewidth=1.6, linestyle=(0, (4, 3)), zorder=2)
        s.beside(
            ax, f"claimed {t.percent(claim)}", (claim, 0), (4, 4), va="bottom", color=s.RED, bbox=s.PAPER,
            xycoords=("data", "axes fraction"),
        )  # fmt: skip
    known = table["rate"].dropna()
    low, high = (t.percent(x, 0) for x in (known.min(), known.max())) if len(known) else ("", "")
    say = f"The rate is anything from {low} to {high} by definition" if low != high else f"The rate is {low}"
    say = say if len(known) else "There are no sub-niches to take a rate of"
    if claim is not None and len(known):
        reach = int((known >= claim).sum())
        say += f"; {reach} of {len(known)} reach{'es' if reach == 1 else ''} the claimed {t.percent(claim)}"
    note = f"{OWN} Lines: confidence interval, from {t.number(table['niches'].max(), 0)} sub-niches."
    s.titled(ax, say, title, note, pad=48 if len(groups) > 1 else None)
    return ax


@s.styled
def blue_ocean_sensitivity(
    result: Any, *, shown: int = 12, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Show between which places each sub-niche stands under all definitions of the index.

    Parameters
    ----------
    result : BlueOceanSensitivity
        What `analysis.selection.blue_ocean_sensitivity` returns.
    shown : int, default 12
        Sub-niches to show: those most often on top.
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
        If `result` is something else or has no sub-niche, or `ax` is no Axes.

    Examples
    --------
    >>> blue_ocean_sensitivity(0.4)
    Traceback (most recent call last):
        ...
    CourseError: plots.blue_ocean_sensitivity: a float was given. Pass what analysis.selection...
    """
    where = "plots.blue_ocean_sensitivity"
    s.whole(
        result, ["k", "rankings", "niches"], where, "what analysis.selection.blue_ocean_sensitivity returns"
    )
    known = result.niches.dropna()
    if known.empty:
        raise CourseError(f"{where}: the result has no sub-niche that is wanted or served; nothing to draw.")
    part = known.head(max(shown, 1))
    ax = s.canvas(ax, where, height=2.0 + 0.36 * len(part))
    at, k = np.arange(len(part)), result.k
    always = (part["top"] == 1).to_numpy()
    ax.axvspan(0.5, k + 0.5, color=s.SKY, alpha=0.15, linewidth=0)
    for colour, rows in ((s.BLUE, always), (s.MUTED, ~always)):
        ax.hlines(at[rows], part["best"][rows], part["worst"][rows], color=colour, linewidth=5, alpha=0.45)
        ax.scatter(part["place"][rows], at[rows], s=52, color=colour, zorder=4)
    s.rows(ax, [word(name) for name in part.index])
    ends = zip(part["best"], part["worst"], strict=True)
    told = [f"{t.plain(one)} to {t.plain(last)}" if one < last else t.plain(one) for one, last in ends]
    s.end_labels(ax, part["worst"], at, told, start=0.5, most=1e12)
    ax.set_xticks([1, *[tick for tick in ax.get_xticks() if tick > 1.5]])
    s.beside(
        ax,
        f"top {k}",
        (k / 2 + 0.5, 1),
        (0, 3),
        xycoords=("data", "axes fraction"),
        ha="center",
        color=s.BLUE,
    )
    ax.set_xlabel("Place by blue-ocean index (1: best)")
    s.grid(ax, "x")
    steady, ways = int((known["top"] == 1).sum()), len(result.rankings)
    least = t.percent(float(result.rankings["kept"].min()), 0)
    say = f"{steady} of {len(known)} sub-niches are among the top {k} under all {ways} definitions; "
    say += f"the top {k} of one keeps as little as {least} under another"
    base = result.rankings["demand"].iloc[0]
    note = f"Dot: place by {base} over supply. Bar: from the best to the worst place. {OWN}"
    s.titled(ax, say, title, note, pad=28)
    return ax


@s.styled
def keyword_growth(table: Any, *, k: int = 10, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show how much more, or less, each phrase is searched than before, with its interval.

    Parameters
    ----------
    table : DataFrame
        What `analysis.selection.keyword_growth` returns.
    k : int, default 10
        Phrases to show: those searched most.
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
    >>> table = pd.DataFrame({"months": 12, "recent": [16560.0], "earlier": [12000.0], "growth": [0.38],
    ...                       "low": [0.35], "high": [0.41]}, index=["coffee machine"])
    >>> s.finding(keyword_growth(table))
    '“coffee machine” grew: +38 % (+35 to +41 %) over 12 months'
    >>> s.plt.close("all")
    >>> keyword_growth(table[["growth"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.keyword_growth: column 'months' is not in the frame; it has growth. Pass what ...
    """
    where = "plots.keyword_growth"
    columns = ["months", "recent", "growth", "low", "high"]
    s.table_with(table, columns, where, "what analysis.selection.keyword_growth returns")
    require_numeric(table, columns, where)
    shown = table.sort_values("recent", ascending=False, kind="stable").head(max(k, 1))
    shown = shown.sort_values("growth", ascending=False, kind="stable")
    known = shown.dropna(subset="growth")
    ax = s.canvas(ax, where, height=1.9 + 0.42 * len(shown))
    told = [
        t.measured(*row, sign=True) if np.isfinite(row.iloc[0]) else "searched too rarely"
        for _, row in shown[["growth", "low", "high"]].iterrows()
    ]
    edges = shown[["growth", "low"]].min().min()
    start = min(0.0, 1.1 * float(edges)) if np.isfinite(edges) else 0.0
    named = shown.set_axis([f"{name} ({t.compact(n)})" for name, n in shown["recent"].items()])
    estimates(ax, named, ["growth", "low", "high"], told, start=start)
    ax.axvline(0, color=s.INK, linewidth=1)
    s.percent_axis(ax.xaxis, sign=True)
    months = t.number(table["months"].iloc[0], 0)
    ax.set_xlabel(f"Growth of searches over {months} months; searches of these months in brackets")
    if known.empty:
        say = "No phrase is searched often enough to tell its growth"
    else:
        first = known.iloc[0]
        found = t.measured(first["growth"], first["low"], first["high"], sign=True)
        verb = "grew" if first["low"] > 0 else "fell" if first["high"] < 0 else "shows no sure change"
        fastest = {"grew": " most", "fell": " least"}.get(verb, "") if len(known) > 1 else ""
        say = f"“{known.index[0]}” {verb}{fastest}: {found} over {months} months"
        if len(known) > 1:
            sure = int((known["low"] > 0).sum())
            say += f"; {sure} of {len(known)} phrases surely grew"
    s.titled(ax, say, title, "Lines: confidence interval over the pairs of months.")
    return ax
