"""Plots of what a change caused where nobody drew lots."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ecomtrain.errors import CourseError, require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t

__all__ = ["balance", "counterfactual", "event_study", "promotion_lift"]


@s.styled
def event_study(
    result: Any, *, share: bool = False, level: float = 0.95, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Show an effect period by period, before and after the change began.

    Parameters
    ----------
    result : EventStudy
        What `analysis.causal.event_study` returns.
    share : bool, default False
        The effects are fractions (of shares, or with ``relative=True``) and are told in per cent.
    level : float, default 0.95
        Confidence level of the verdict on the periods before.
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
    >>> event_study(0.1)
    Traceback (most recent call last):
        ...
    CourseError: plots.event_study: a float was given. Pass what analysis.causal.event_study ...
    """
    where = "plots.event_study"
    s.whole(
        result, ["effect", "low", "high", "pretrend_p"], where, "what analysis.causal.event_study returns"
    )
    table = result.table
    ax = s.canvas(ax, where)
    after = (table["period"] >= 0).to_numpy()
    for colour, part in ((s.MUTED, ~after), (s.BLUE, after)):
        some = table[part]
        s.whiskers(ax, some["period"], some["effect"], some["low"], some["high"], colour=colour, upright=True)
    before = table[~after]
    ax.scatter(before["period"], before["effect"], s=16, color="white", zorder=5, clip_on=False)
    ax.axhline(0, color=s.INK, linewidth=1)
    ax.axvline(-0.5, color=s.INK, linewidth=1.2, linestyle=(0, (3, 3)))
    across = ("data", "axes fraction")
    s.beside(
        ax, "before", (-0.5, 1), (-6, -3), xycoords=across, ha="right", va="top", color=s.MUTED, bbox=s.PAPER
    )
    s.beside(ax, "after the start", (-0.5, 1), (6, -3), xycoords=across, va="top", color=s.BLUE, bbox=s.PAPER)
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.12 * (high - low))
    ax.set_xticks(table["period"])
    if share:
        s.percent_axis(ax.yaxis, sign=True)
    else:
        s.number_axis(ax.yaxis, sign=True)
    s.grid(ax, "y")
    ax.set_xlabel("Periods since the start (-1 is the measure)")
    ax.set_ylabel("Difference to those not begun")
    told = t.measured(result.effect, result.low, result.high, share=share, sign=True)
    clear = result.low > 0 or result.high < 0
    say = f"From the start on {told}" + ("" if clear else ", no difference shown")
    p = result.pretrend_p
    if p != p:
        say += "; the periods before cannot be tested"
    elif p <= 1 - level:
        say = (
            f"The two groups went apart before the start (p {_p(p)}): {told} after it is not the change alone"
        )
    else:
        say += f"; no difference shown before it (p {_p(p)})"
    note = f"Lines: confidence interval, {result.treated_units} of {result.units} units treated."
    s.titled(ax, say, title, note)
    return ax


def _p(value: float) -> str:
    return "below 0.001" if value < 0.001 else t.number(value, 3 if value < 0.01 else 2)


@s.styled
def counterfactual(
    table: Any,
    *,
    what: str = "The series",
    prefix: str = "",
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Show a series beside what it would have been without the change.

    Parameters
    ----------
    table : DataFrame
        What `analysis.causal.counterfactual` returns.
    what : str, default "The series"
        What is counted; begins the title.
    prefix : str, default ""
        Sign of the money, such as ``"¥"``.
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
    >>> import pandas as pd
    >>> table = pd.DataFrame({"date": pd.date_range("2026-06-01", periods=3), "actual": [9.0, 10, 13],
    ...     "expected": [9.5, 9.8, 10], "low": 9.0, "high": 11.0, "after": [False, False, True],
    ...     "effect": [None, None, 0.3], "effect_low": [None, None, 0.2], "effect_high": [None, None, 0.41]})
    >>> s.finding(counterfactual(table.convert_dtypes().astype({"effect": float}), what="Visits"))
    'Visits: +30 % (+20 to +41 %) over what was expected without the change'
    >>> s.plt.close("all")
    >>> counterfactual(table[["date"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.counterfactual: column 'actual' is not in the frame; it has date. Pass what ...
    """
    where = "plots.counterfactual"
    columns = ["actual", "expected", "low", "high", "effect", "effect_low", "effect_high"]
    s.table_with(table, ["date", *columns, "after"], where, "what analysis.causal.counterfactual returns")
    require_numeric(table, columns, where)
    ax = s.canvas(ax, where)
    date = table["date"].to_numpy()
    low, high = (table[name].to_numpy(dtype=float) for name in ("low", "high"))
    expected, actual = (table[name].to_numpy(dtype=float) for name in ("expected", "actual"))
    ax.fill_between(date, low, high, color=s.ORANGE, alpha=0.25, linewidth=0)
    ax.plot(date, expected, color=s.ORANGE, linestyle=(0, (4, 2)))
    ax.plot(date, actual, color=s.BLUE)
    after = table["after"].to_numpy(dtype=bool)
    if after.any():
        ax.axvline(date[after.argmax()], color=s.INK, linewidth=1.2, linestyle=(0, (3, 3)))
        across = ("data", "axes fraction")
        s.beside(
            ax,
            "the change",
            (date[after.argmax()], 1),
            (-5, -3),
            xycoords=across,
            ha="right",
            va="top",
            bbox=s.PAPER,
        )
    bottom, top = min(0.0, float(np.nanmin(low, initial=0.0))), float(np.nanmax([*actual, *expected, *high]))
    gap = 0.065 * (top - bottom)
    names = (("actual", s.BLUE), ("expected", s.RED))
    for place, (name, colour) in zip(s.spread([actual[-1], expected[-1]], gap), names, strict=True):
        s.beside(ax, name, (date[-1], place), (8, 0), va="center", color=colour, fontweight="bold")
    span = date[-1] - date[0] if len(date) > 1 else date[0] - date[0]
    ax.set_xlim(date[0], date[-1] + 0.12 * span if len(date) > 1 else None)
    ax.set_ylim(bottom, top * 1.08)
    s.number_axis(ax.yaxis, prefix)
    s.grid(ax, "y")
    if getattr(table["date"].dtype, "kind", "O") == "M":
        step = max(1, len(table) // 5)
        shown = table["date"].iloc[::step]
        ax.set_xticks(shown.to_numpy(), [f"{day.day} {day:%b %Y}" for day in shown])
    effect, first, second = (float(table[name].iloc[-1]) for name in ("effect", "effect_low", "effect_high"))
    clear = first > 0 or second < 0
    told = t.measured(effect, first, second, sign=True)
    side = "over what was expected" if effect >= 0 else "against what was expected"
    say = f"{what}: {told} {side} without the change" + ("" if clear else ", no difference shown")
    s.titled(
        ax, say, title, "Band: where it would lie without the change. Effect: all since the change together."
    )
    return ax


@s.styled
def balance(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show how far apart two groups were before and after matching, trait by trait.

    Parameters
    ----------
    table : DataFrame
        What `analysis.causal.balance` returns.
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
    >>> import pandas as pd
    >>> table = pd.DataFrame({"variable": ["past", "age"], "value": "", "smd_before": [0.8, 0.3],
    ...                       "smd_after": [0.0, 0.25], "alike": [True, False]})
    >>> s.finding(balance(table))
    'After matching 1 of 2 traits is alike; the furthest, age, stands 0.25 standard deviations apart'
    >>> s.plt.close("all")
    >>> balance(table[["variable"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.balance: column 'value' is not in the frame; it has variable. Pass what ...
    """
    where = "plots.balance"
    numbers = ["smd_before", "smd_after"]
    s.table_with(
        table, ["variable", "value", *numbers, "alike"], where, "what analysis.causal.balance returns"
    )
    require_numeric(table, numbers, where)
    names = [f"{a}: {b}" if b else str(a) for a, b in zip(table["variable"], table["value"], strict=True)]
    ax = s.canvas(ax, where, height=1.7 + 0.36 * len(table))
    places = np.arange(len(table))
    before, after = (table[name].to_numpy(dtype=float) for name in numbers)
    ax.axvspan(-0.1, 0.1, color=s.SKY, alpha=0.18, linewidth=0)
    ax.axvline(0, color=s.INK, linewidth=1)
    ax.hlines(places, before, after, color=s.FAINT, linewidth=2.2, zorder=2)
    ax.scatter(before, places, s=44, facecolor="white", edgecolor=s.MUTED, linewidth=1.6, zorder=3)
    ax.scatter(after, places, s=56, color=s.BLUE, zorder=4)
    s.rows(ax, [t.capital(name) for name in names])
    reach = max(0.25, 1.15 * float(np.nanmax(np.abs([*before, *after, 0.0]))))
    ax.set_xlim(-reach, reach)
    ax.xaxis.set_major_formatter(lambda value, _: t.plain(value, sign=True))
    s.grid(ax, "x")
    ax.set_xlabel("Difference in standard deviations (open: all; filled: matched; band: alike)")
    alike = int(table["alike"].sum())
    if np.isnan(after).all():
        say = "Nobody could be matched, so nothing is alike"
    else:
        furthest = int(np.nanargmax(np.abs(after)))
        was = "is" if alike == 1 else "are"
        say = (
            f"After matching {alike} of {len(table)} traits {was} alike; "
            f"the furthest, {names[furthest]}, stands "
            f"{t.number(abs(after[furthest]), 2)} standard deviations apart"
        )
        if alike == len(table):
            worst = float(np.nanmax(np.abs(before)))
            say = f"After matching all {alike} traits are alike; before, the furthest stood "
            say += f"{t.number(worst, 2)} apart"
    s.titled(ax, say, title, "Alike in what was measured is not alike in what was not.")
    return ax


@s.styled
def promotion_lift(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show what promotions add on their days, what is missing after them, and what is left.

    Parameters
    ----------
    table : DataFrame
        What `analysis.sales.promotion_lift` returns.
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
    >>> import pandas as pd
    >>> table = pd.DataFrame({"lift": [1.14, -0.79, 0.35], "low": [1.05, -0.83, 0.25],
    ...     "high": [1.23, -0.75, 0.45], "promotions": 3}, index=["gross", "after", "net"])
    >>> s.finding(promotion_lift(table))
    'Promotions: +114 % on their days, −79 % in the days after, so +35 % (+25 to +45 %) in the end'
    >>> s.plt.close("all")
    >>> promotion_lift(table[["lift"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.promotion_lift: column 'low' is not in the frame; it has lift. Pass what ...
    """
    where = "plots.promotion_lift"
    columns = ["lift", "low", "high", "promotions"]
    s.table_with(table, columns, where, "what analysis.sales.promotion_lift returns")
    require_numeric(table, columns, where)
    if not {"gross", "after", "net"} <= set(table.index):
        raise CourseError(
            f"{where}: rows gross, after and net are needed. Pass what analysis.sales.promotion_lift returns."
        )
    table = table.loc[["gross", "after", "net"]]
    ax = s.canvas(ax, where, height=4.2)
    gross, after, net = (float(x) for x in table["lift"])
    bars = ((0, 0.0, gross, s.SKY), (1, gross, after, s.ORANGE), (2, 0.0, net, s.BLUE))
    for place, start, size, colour in bars:
        ax.bar(place, size, bottom=start, width=0.6, color=colour)
    ax.hlines([gross], 0.3, 0.7, color=s.MUTED, linewidth=1)
    ax.hlines([net], 1.3, 1.7, color=s.MUTED, linewidth=1)
    starts = np.array([0.0, gross, 0.0])
    ax.vlines([0, 1, 2], starts + table["low"], starts + table["high"], color=s.INK, linewidth=2, zorder=4)
    tops = np.fmax.reduce([starts, starts + table["lift"], starts + table["high"]])
    for place, top, row in zip(range(3), tops, table.itertuples(), strict=True):
        s.beside(
            ax,
            t.measured(row.lift, row.low, row.high, sign=True),
            (place, top),
            (0, 5),
            ha="center",
            va="bottom",
        )
    ax.axhline(0, color=s.INK, linewidth=1)
    ax.set_xticks(range(3), ["On their days", "In the days after", "In the end"])
    ax.tick_params(axis="x", labelcolor=s.INK)
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.1 * (high - low))
    s.percent_axis(ax.yaxis, sign=True)
    s.grid(ax, "y")
    ax.set_ylabel("Of what those days sell anyway")
    told = t.measured(*table.loc["net", ["lift", "low", "high"]], sign=True)
    clear = table.loc["net", "low"] > 0 or table.loc["net", "high"] < 0
    parts = [t.percent(x, sign=True) for x in (gross, after)]
    say = f"Promotions: {parts[0]} on their days, {parts[1]} in the days after, so {told} in the end"
    if gross != gross:
        say = "No promotion has clear weeks on both sides, so none can be measured"
    elif not clear:
        say += ", no gain shown"
    count = t.number(table["promotions"].iloc[0], 0)
    s.titled(ax, say, title, f"{count} promotions. Lines: confidence interval.")
    return ax
