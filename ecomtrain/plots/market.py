"""Plots of markets: how large, how fast, who holds them; what people answer, and whom a platform reaches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ecomtrain.analysis.market import concentration
from ecomtrain.errors import require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t
from ecomtrain.plots._audience import audience_fit, rate_against_benchmark, tgi
from ecomtrain.plots._marks import word
from ecomtrain.plots._surveyed import net_promoter_score, penetration, weighted_share

__all__ = [
    "audience_fit",
    "lorenz",
    "market_fan",
    "market_size",
    "net_promoter_score",
    "penetration",
    "rate_against_benchmark",
    "tgi",
    "weighted_share",
]


@s.styled
def market_fan(
    table: Any,
    back: Any = None,
    *,
    year: int = 0,
    unit: str = "",
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Show where a figure leads at its claimed rate, where it must have come from, and what rounding leaves.

    Parameters
    ----------
    table : DataFrame
        What `analysis.market.project` returns for several years.
    back : DataFrame, optional
        What `analysis.market.back_cast` returns for several years, drawn to the left.
    year : int, default 0
        The year from which both count.
    unit : str, default ""
        Put after the figures, such as ``"US$ trn"``.
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
        If a table lacks a column or a row, or `ax` is no Axes.

    Examples
    --------
    >>> table = pd.DataFrame({"years": [0.0, 5.0], "value": [4.0, 7.05], "low": [3.5, 6.03],
    ...                       "high": [4.5, 8.11]})
    >>> s.finding(market_fan(table, year=2021, unit="trn"))
    'From 4.0 (3.5-4.5) trn in 2021 to 7.0 (6.0-8.1) trn in 2026, if the rate holds'
    >>> s.plt.close("all")
    >>> market_fan(table[["years"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.market_fan: column 'value' is not in the frame; it has years. Pass what ...
    """
    where = "plots.market_fan"
    columns = ["years", "value", "low", "high"]
    s.table_with(table, columns, where, "what analysis.market.project returns")
    require_numeric(table, columns, where)
    shown = table[columns].astype(float)
    if back is not None:
        s.table_with(back, columns, where, "what analysis.market.back_cast returns as back")
        require_numeric(back, columns, where)
        shown = pd.concat([back[columns].astype(float).assign(years=-back["years"]), shown])
    shown = shown.drop_duplicates("years").sort_values("years")
    x = shown["years"] + year
    ax = s.canvas(ax, where, height=4.4)
    ax.fill_between(x, shown["low"], shown["high"], color=s.BLUE, alpha=0.18, linewidth=0)
    ahead = shown["years"] >= 0
    ax.plot(x[ahead], shown.loc[ahead, "value"], color=s.BLUE, marker="o", markersize=5)
    behind = shown["years"] <= 0
    ax.plot(
        x[behind], shown.loc[behind, "value"], color=s.BLUE, marker="o", markersize=5, linestyle=(0, (3, 2))
    )
    told = {place: _figure(row, unit) for place, row in shown.set_index("years").iterrows()}
    known = shown.set_index("years")
    places = dict.fromkeys([known.index[0], *([0.0] if 0.0 in known.index else []), known.index[-1]])
    for place in places:
        at = (place + year, np.nanmax([known.loc[place, "high"], known.loc[place, "value"]]))
        side = "left" if place == known.index[0] else "right" if place == known.index[-1] else "center"
        s.beside(ax, t.number(known.loc[place, "value"], 1), at, (0, 5), ha=side, fontweight="bold")
    ax.set_ylim(0, 1.15 * max(float(np.nanmax(shown[["value", "high"]])), 1e-9))
    ax.set_xticks(sorted({float(tick) for tick in x}) if len(x) <= 12 else ax.get_xticks())
    ax.xaxis.set_major_formatter(lambda tick, _: f"{tick:g}")
    s.grid(ax, "y")
    ax.set_xlabel("Year" if year else "Years from now")
    ax.set_ylabel(f"Size, {unit}" if unit else "Size")
    ends = [f"{told[place]} {_when(place, year)}" for place in (known.index[0], known.index[-1])]
    say = f"From {ends[0]} to {ends[1]}, if the rate holds" if len(known) > 1 else f"The figure is {ends[0]}"
    note = "Band: what the rounding of the figures leaves, no confidence interval."
    if back is not None:
        note += " Dashed: carried back, where it must have come from."
    s.titled(ax, say, title, note if shown["low"].notna().any() else "No rounding was given, so no band.")
    return ax


def _when(place: float, year: int) -> str:
    """Name a year, or how far it lies from today."""
    if year:
        return f"in {place + year:g}"
    years = f"{abs(place):g} year{'s' if abs(place) != 1 else ''}"
    return f"{years} {'ago' if place < 0 else 'on'}" if place else "today"


def _figure(row: Any, unit: str) -> str:
    """Return a figure with its range and its unit, ``7.0 (6.0-8.1) trn``."""
    digits = 1 if abs(row["value"]) < 100 else 0
    text = t.number(row["value"], digits)
    if np.isfinite(row["low"] + row["high"]) and row["low"] < row["high"]:
        text += f" ({t.number(row['low'], digits)}-{t.number(row['high'], digits)})"
    return f"{text}{' ' if unit else ''}{unit}"


@s.styled
def lorenz(curve: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show how unequally the sales of a market are spread over its sellers, with HHI, CR4 and Gini.

    Parameters
    ----------
    curve : DataFrame
        What `analysis.market.lorenz` returns; with `by`, a curve for each group.
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
        If `curve` lacks a column or a row, or `ax` is no Axes.

    Examples
    --------
    >>> curve = pd.DataFrame({"seller": list("abcde"), "gmv": [5.0, 5, 10, 30, 50],
    ...     "share": [0.05, 0.05, 0.1, 0.3, 0.5], "sellers_share": [0.2, 0.4, 0.6, 0.8, 1],
    ...     "sales_share": [0.05, 0.1, 0.2, 0.5, 1]})
    >>> s.finding(lorenz(curve))
    'The 4 largest of 5 sellers make 95 % of sales; HHI 3,550, as with 2.8 sellers of one size'
    >>> s.plt.close("all")
    >>> lorenz(curve[["share"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.lorenz: column 'sellers_share' is not in the frame; it has share. Pass what ...
    """
    where = "plots.lorenz"
    columns = ["share", "sellers_share", "sales_share"]
    s.table_with(curve, columns, where, "what analysis.market.lorenz returns")
    require_numeric(curve, columns, where)
    lead = list(curve.columns[: list(curve.columns).index("share")])
    by = lead[0] if len(lead) > 2 else None
    groups = list(curve.groupby(by)) if by else [("all", curve)]
    sellers = curve.assign(seller_=np.arange(len(curve)))
    found = concentration(sellers, seller="seller_", value="share", by=by)
    ax = s.canvas(ax, where, height=4.8)
    ax.plot([0, 1], [0, 1], color=s.MUTED, linewidth=1.2, linestyle=(0, (4, 3)))
    s.beside(ax, "all sellers alike", (0.42, 0.42), (-6, 4), ha="right", color=s.MUTED)
    dashes: list[Any] = ["-", (0, (6, 2)), (0, (2, 1.5)), (0, (6, 2, 1, 2))]
    texts = []
    for place, (name, part) in enumerate(groups):
        x, y = ([0.0, *part[column]] for column in ("sellers_share", "sales_share"))
        colour = s.SERIES[place % 7]
        ax.plot(x, y, color=colour, linestyle=dashes[place % 4])
        if not by:
            ax.fill_between(x, y, x, color=colour, alpha=0.12, linewidth=0)
        texts.append((name, colour, found.iloc[place]))
    for place, (name, colour, row) in enumerate(texts):
        told = f"{word(name)}: " if by else ""
        told += (
            f"Gini {t.number(row['gini'], 2)}, HHI {t.number(row['hhi'], 0)}, CR4 {t.percent(row['cr4'], 0)}"
        )
        s.beside(
            ax, told, (0.02, 0.97), (0, -17 * place), xycoords="axes fraction", va="top", color=colour,
            fontweight="bold",
        )  # fmt: skip
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1)
    s.percent_axis(ax.xaxis)
    s.percent_axis(ax.yaxis)
    s.grid(ax, "")
    ax.set_xlabel("Share of the sellers, the smallest first")
    ax.set_ylabel("Share of the sales that they make")
    if by:
        first, last = found.iloc[0], found.iloc[-1]
        change = "rises" if last["hhi"] > first["hhi"] else "falls" if last["hhi"] < first["hhi"] else "stays"
        say = f"From {word(found.index[0])} to {word(found.index[-1])} the HHI {change}: "
        say += f"{t.number(first['hhi'], 0)} → {t.number(last['hhi'], 0)}, the 4 largest sellers "
        say += f"{t.percent(first['cr4'], 0)} → {t.percent(last['cr4'], 0)}"
    else:
        row = found.iloc[0]
        n = int(row["sellers"])
        say = f"The 4 largest of {t.number(n, 0)} sellers make {t.percent(row['cr4'], 0)} of sales"
        say = say if n > 4 else f"{n} seller{'s make' if n > 1 else ' makes'} all sales"
        size = t.number(row["equal_sellers"], 1).removesuffix(".0")
        say += f"; HHI {t.number(row['hhi'], 0)}"
        say += f", as with {size} sellers of one size" if n > 1 else ", the most there is"
    s.titled(
        ax,
        say,
        title,
        "Every seller is counted, so there is no interval; all turns on where the market ends.",
    )
    return ax


@s.styled
def market_size(
    top_down: Any,
    bottom_up: Any = None,
    *,
    claim: float | None = None,
    unit: str = "¥",
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Show the size of a niche from above, cut by cut, and from below, each with its range.

    Parameters
    ----------
    top_down : DataFrame
        What `analysis.market.top_down` returns.
    bottom_up : DataFrame, optional
        What `analysis.market.bottom_up` returns, in the same unit.
    claim : number, optional
        A figure to hold both against, drawn as a line.
    unit : str, default "¥"
        Put before amounts.
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
        If a table lacks a column or a row, or `ax` is no Axes.

    Examples
    --------
    >>> cuts = pd.DataFrame({"share": [np.nan, 0.5], "value": [360e9, 180e9], "low": [360e9, 100e9],
    ...                      "high": [360e9, 200e9]}, index=["total", "smart"])
    >>> s.finding(market_size(cuts))
    'From above the niche is ¥180 bn (100-200)'
    >>> s.plt.close("all")
    >>> market_size(cuts[["share"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.market_size: column 'value' is not in the frame; it has share. Pass what ...
    """
    where = "plots.market_size"
    columns = ["value", "low", "high"]
    s.table_with(top_down, ["share", *columns], where, "what analysis.market.top_down returns")
    require_numeric(top_down, columns, where)
    shown = top_down[columns].astype(float)
    names = [
        word(name) if not np.isfinite(share) else f"{word(name)} ({t.percent(share)})"
        for name, share in top_down["share"].items()
    ]
    above = shown.iloc[-1]
    if bottom_up is not None:
        s.table_with(bottom_up, columns, where, "what analysis.market.bottom_up returns as bottom_up")
        require_numeric(bottom_up, columns, where)
        shown = pd.concat([shown, bottom_up[columns].astype(float).iloc[:1]])
        names.append("from below: what is listed, over its coverage")
    ax = s.canvas(ax, where, height=1.9 + 0.55 * len(shown))
    at = np.arange(len(shown))
    colours = [s.FAINT] * (len(top_down) - 1) + [s.SKY] + [s.ORANGE] * (len(shown) - len(top_down))
    ax.barh(at, shown["value"], height=0.55, color=colours, zorder=2)
    ends = np.fmax(shown["value"], shown["high"])
    for place, (_, row) in enumerate(shown.iterrows()):
        if row["low"] < row["high"]:
            ax.hlines(place, row["low"], row["high"], color=s.INK, linewidth=2, zorder=4)
            ax.plot([row["low"], row["high"]], [place, place], "|", color=s.INK, markersize=9, zorder=4)
    s.rows(ax, names)
    s.end_labels(ax, ends, at, [_amount(row, unit) for _, row in shown.iterrows()], most=1e18)
    s.number_axis(ax.xaxis, unit)
    s.grid(ax, "x")
    ax.set_xlabel("Size of the market a year")
    say = f"From above the niche is {_amount(above, unit)}"
    if bottom_up is not None:
        below = shown.iloc[-1]
        meet = above["low"] <= below["high"] and below["low"] <= above["high"]
        say += f", from below {_amount(below, unit)}: the ranges {'meet' if meet else 'do not meet'}"
    if claim is not None:
        ax.axvline(claim, color=s.RED, linewidth=1.6, linestyle=(0, (4, 3)), zorder=3)
        s.beside(
            ax, f"claimed {t.compact(claim, unit)}", (claim, 1), (0, 4), ha="center", va="bottom",
            xycoords=("data", "axes fraction"), color=s.RED,
        )  # fmt: skip
    note = "Black: from the least to the most that the assumptions allow, no confidence interval."
    s.titled(ax, say, title, note, pad=28 if claim is not None else None)
    return ax


def _amount(row: Any, unit: str) -> str:
    """Return an amount with its range in one unit, ``¥172 bn (72-227)``."""
    text = t.compact(row["value"], unit)
    if not row["low"] < row["high"]:
        return text
    size = next((x for mark, x in ((" bn", 1e9), (" m", 1e6), (" k", 1e3)) if text.endswith(mark)), 1.0)
    digits = 0 if max(row["high"], row["value"]) / size >= 10 else 1
    return f"{text} ({t.number(row['low'] / size, digits)}-{t.number(row['high'] / size, digits)})"
