"""Plots of whom a platform reaches, and of a rate beside that of the trade."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib import ticker
from matplotlib.axes import Axes

from ecomtrain.errors import require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t
from ecomtrain.plots._marks import estimates, reference, word

MARKS = "oDs^vP*X"


@s.styled
def tgi(table: Any, *, k: int = 10, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show, segment by segment, whether a platform reaches more or fewer of the target than it should.

    Parameters
    ----------
    table : DataFrame
        What `analysis.content.tgi` returns.
    k : int, default 10
        Segments to show: the largest of the target.
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
    >>> table = pd.DataFrame({"platform": "Douyin", "gender": ["F", "M"], "share": [0.3, 0.7],
    ...     "target_share": [0.8, 0.2], "tgi": [37.5, 350.0], "low": [33.0, 236.0], "high": [43.0, 519.0]})
    >>> s.finding(tgi(table))
    'Douyin reaches too few F (80 % of the target): TGI 38 (33-43)'
    >>> s.plt.close("all")
    >>> tgi(table[["share"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.tgi: column 'target_share' is not in the frame; it has share. Pass what ...
    """
    where = "plots.tgi"
    columns = ["share", "target_share", "tgi", "low", "high"]
    s.table_with(table, columns, where, "what analysis.content.tgi returns")
    require_numeric(table, columns, where)
    first = list(table.columns).index("share")
    platform, segments = table.columns[0], list(table.columns[1:first])
    named = table.assign(segment=table[segments].astype(str).agg(" ".join, axis=1) if segments else "all")
    order = (
        named.groupby("segment")["target_share"]
        .max()
        .sort_values(ascending=False, kind="stable")
        .index[: max(k, 1)]
    )
    named = named[named["segment"].isin(order)]
    ax = s.canvas(ax, where, height=2.2 + 0.46 * len(order))
    groups = list(named.groupby(platform, sort=True))
    shifts = (np.arange(len(groups)) - (len(groups) - 1) / 2) * 0.3
    for place, (name, part) in enumerate(groups):
        part = part[part["tgi"] > 0]
        at = order.get_indexer(part["segment"]) + shifts[place]
        s.whiskers(
            ax, at, part["tgi"], part["low"], part["high"], colour=s.SERIES[place % 7],
            marker=MARKS[place % 8], label=t.safe(name),
        )  # fmt: skip
    share = named.groupby("segment")["target_share"].max()
    s.rows(ax, [f"{word(name)} ({t.percent(share[name], 0)})" for name in order])
    ax.set_xscale("log")
    found = named.loc[named["tgi"] > 0, ["tgi", "low", "high"]].to_numpy(dtype=float)
    ends = (np.nanmin(found), np.nanmax(found)) if np.isfinite(found).any() else (50.0, 200.0)
    low, high = min(ends[0] / 1.1, 80), max(ends[1] * 1.1, 125)
    ax.set_xlim(low, high)
    ticks = [
        tick
        for tick in (1, 2, 5, 10, 20, 30, 50, 70, 100, 150, 200, 300, 500, 1000, 2000)
        if low <= tick <= high
    ]
    ax.xaxis.set_major_locator(ticker.FixedLocator(ticks[:: 2 if len(ticks) > 9 else 1]))
    ax.xaxis.set_minor_locator(ticker.NullLocator())
    ax.xaxis.set_major_formatter(lambda tick, _: f"{tick:g}")
    ax.axvline(100, color=s.INK, linewidth=1)
    s.grid(ax, "x")
    ax.legend(loc="lower left", bbox_to_anchor=(-0.01, 1), ncols=4, borderaxespad=0.2, handletextpad=0.2)
    ax.set_xlabel("TGI (100: as many as in the target); share of the target in brackets")
    s.titled(ax, _missed(named, platform), title, "Lines: confidence interval. Logarithmic scale.", pad=30)
    return ax


def _missed(named: pd.DataFrame, platform: str) -> str:
    """Say where platform and target lie farthest apart."""
    known = named.dropna(subset="tgi")
    if known.empty:
        return "The target has nobody in these segments"
    sure = known[(known["low"] > 100) | (known["high"] < 100)]
    if sure.empty:
        return "No segment's TGI is surely above or below 100: the audience looks like the target"
    gap: Any = (sure["share"] - sure["target_share"]).abs()
    row = sure.loc[gap.idxmax()] if sure.index.is_unique else sure.iloc[int(gap.to_numpy().argmax())]
    many = "too few" if row["tgi"] < 100 else "more than its share of"
    index = t.measured(row["tgi"], row["low"], row["high"], share=False)
    index = f"{t.number(row['tgi'], 0)} ({index.split('(')[1]}" if "(" in index else t.number(row["tgi"], 0)
    return (
        f"{row[platform]} reaches {many} {word(row['segment'])} "
        f"({t.percent(row['target_share'], 0)} of the target): TGI {index}"
    )


@s.styled
def audience_fit(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show how far each platform's audience has the make-up of the target.

    Parameters
    ----------
    table : DataFrame
        What `analysis.content.audience_fit` returns.
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
    >>> table = pd.DataFrame({"fit": [0.5, 0.9], "low": [0.42, 0.82], "high": [0.58, 0.98], "n": 1000,
    ...     "n_target": 100, "change": [0.0, 0.4], "change_low": [np.nan, 0.3], "change_high": [np.nan, 0.5]},
    ...     index=["Douyin", "Xiaohongshu"])
    >>> s.finding(audience_fit(table))
    'Xiaohongshu fits the target best: 90 % (82-98 %), +40 points (+30 to +50) on Douyin'
    >>> s.plt.close("all")
    >>> audience_fit(table[["fit"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.audience_fit: column 'low' is not in the frame; it has fit. Pass what ...
    """
    where = "plots.audience_fit"
    columns = ["fit", "low", "high", "n", "n_target", "change", "change_low", "change_high"]
    s.table_with(table, columns, where, "what analysis.content.audience_fit returns")
    require_numeric(table, columns, where)
    shown = table.sort_values("fit", ascending=False, kind="stable")
    ax = s.canvas(ax, where, height=2.0 + 0.5 * len(shown))
    told = [t.measured(*row) for _, row in shown[["fit", "low", "high"]].iterrows()]
    estimates(ax, shown, ["fit", "low", "high"], told, most=1)
    ax.set_xlim(0, max(ax.get_xlim()[1], 1.05))
    ax.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1])
    s.percent_axis(ax.xaxis)
    ax.set_xlabel("Audience and target in common (100 %: same make-up)")
    best = shown.iloc[0]
    say = f"{shown.index[0]} fits the target: {told[0]}"
    base = shown.index[(shown["change"] == 0) & shown["change_low"].isna()]
    if len(base) and base[0] != shown.index[0] and np.isfinite(best["change_low"]):
        points = [100 * best[name] for name in ("change", "change_low", "change_high")]
        apart = f"{t.number(points[0], sign=True)} points ({t.interval(*points[1:], share=False, sign=True)})"
        say += f", {apart} on {base[0]}{'' if points[1] > 0 else ': no difference shown'}"
        say = say.replace(" fits the target:", " fits the target best:") if points[1] > 0 else say
    elif len(shown) > 1:
        ahead = best["low"] > shown["high"].iloc[1]
        say += f"; {shown.index[1]} {told[1]}{'' if ahead else ': no sure difference'}"
    n, target = t.number(shown["n"].min(), 0), t.number(best["n_target"], 0)
    note = f"Lines: confidence interval, from {n} people or more of each audience and {target} of the target."
    s.titled(ax, say, title, note)
    return ax


@s.styled
def rate_against_benchmark(
    table: Any, *, what: str = "click rate", ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Show a rate with its interval beside the benchmark it is held against.

    Parameters
    ----------
    table : DataFrame
        What `analysis.content.rate_against_benchmark` returns; or several of them put together with names as
        index.
    what : str, default "click rate"
        What the rate is called.
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
    >>> table = pd.DataFrame({"rate": [0.049], "low": [0.042], "high": [0.055], "posts": 40,
    ...     "benchmark": 0.04, "relative_change": [0.22], "relative_low": [0.02], "relative_high": [0.45]})
    >>> s.finding(rate_against_benchmark(table))
    'The click rate of 4.9 % lies above the benchmark of 4.0 %: +22 % (+2 to +45 %)'
    >>> s.plt.close("all")
    >>> rate_against_benchmark(table[["rate"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.rate_against_benchmark: column 'low' is not in the frame; it has rate. Pass what ...
    """
    where = "plots.rate_against_benchmark"
    columns = [
        "rate",
        "low",
        "high",
        "posts",
        "benchmark",
        "relative_change",
        "relative_low",
        "relative_high",
    ]
    s.table_with(table, columns, where, "what analysis.content.rate_against_benchmark returns")
    require_numeric(table, columns, where)
    shown = table.sort_values("relative_change", ascending=False, kind="stable")
    single = len(shown) == 1
    ax = s.canvas(ax, where, height=2.1 + 0.5 * len(shown))
    names = [t.capital(what) if single and not isinstance(name, str) else word(name) for name in shown.index]
    rows = shown.set_axis(
        [f"{name}, {t.number(n, 0)} posts" for name, n in zip(names, shown["posts"], strict=True)]
    )
    change = [
        t.measured(*row, sign=True)
        for _, row in shown[["relative_change", "relative_low", "relative_high"]].iterrows()
    ]
    told = [f"{t.percent(rate)}: {change[place]}" for place, rate in enumerate(shown["rate"])]
    ends = rows.assign(high=np.fmax(rows["high"], rows["benchmark"]))
    estimates(ax, rows, ["rate", "low", "high"], [""] * len(rows), most=1)
    at = np.arange(len(rows))
    if single or (shown["benchmark"] == shown["benchmark"].iloc[0]).all():
        mark = float(shown["benchmark"].iloc[0])
        reference(ax, mark, f"benchmark {t.percent(mark)}")
    else:
        ax.plot(shown["benchmark"], at, "|", color=s.RED, markersize=22, markeredgewidth=2.4, zorder=5)
        s.beside(
            ax,
            "red: the benchmark of each",
            (0, 1),
            (0, 4),
            xycoords="axes fraction",
            va="bottom",
            color=s.RED,
        )
    s.end_labels(ax, np.fmax(ends["rate"], ends["high"]), at, told, most=1)
    s.percent_axis(ax.xaxis)
    ax.set_xlabel(f"{t.capital(what)} (text: rate, and its relative change on the benchmark)")
    first = shown.iloc[0]
    if single:
        rate, bench = (
            t.percent(first[name], 1 if first[name] < 0.1 else None) for name in ("rate", "benchmark")
        )
        side = (
            "above"
            if first["relative_low"] > 0
            else "below"
            if first["relative_high"] < 0
            else "not surely off"
        )
        say = f"The {what} of {rate} lies {side} the benchmark of {bench}: {change[0]}"
        say = say.replace("lies not", "is not")
    else:
        over, under = int((shown["relative_low"] > 0).sum()), int((shown["relative_high"] < 0).sum())
        say = f"{over} of {len(shown)} lie surely above their benchmark and {under} below; "
        say += f"{names[0]} is highest at {change[0]}"
    s.titled(ax, say, title, "Lines: confidence interval, with the post as the unit.", pad=28)
    return ax
