"""Plots of attribution: who gets the credit under which rule, and the chain behind it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ecomtrain.errors import CourseError, require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t
from ecomtrain.plots._marks import word
from ecomtrain.plots._traffic import channel_matrix, channel_metrics, repurchase_ratio

__all__ = [
    "attribution",
    "channel_matrix",
    "channel_metrics",
    "channel_moves",
    "removal_effects",
    "repurchase_ratio",
]

_SHAPES = "os^vD<>P"
_NAMES = {
    "first": "first",
    "last": "last",
    "last_non_direct": "last but direct",
    "linear": "linear",
    "time_decay": "time decay",
    "position": "position",
    "markov": "Markov",
    "shapley": "Shapley",
}


@s.styled
def attribution(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show the share of the conversions that each channel gets under each rule.

    Parameters
    ----------
    table : DataFrame
        What `analysis.attribution.compare` returns, with its measure "share".
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
        If `table` has no rule, no row or no shares, or `ax` is no Axes.

    Examples
    --------
    >>> table = pd.DataFrame({"last": [0.5, 0.5], "markov": [0.3, 0.7]}, index=["search", "feed"])
    >>> s.finding(attribution(table))
    'The rule matters most for search: 50 % of the conversions by last, 30 % by Markov'
    >>> s.plt.close("all")
    >>> attribution(table * 100)
    Traceback (most recent call last):
        ...
    CourseError: plots.attribution: the numbers are no shares of 1. Pass what analysis.attribution.compare ...
    """
    where, source = "plots.attribution", "what analysis.attribution.compare returns"
    s.table_with(table, [], where, source)
    models = [name for name in table.columns if name in _NAMES]
    if not models:
        raise CourseError(f"{where}: no column is a rule of attribution. Pass {source}.")
    require_numeric(table, models, where)
    shares = table[models].astype(float)
    sums = shares.sum(skipna=False)
    if not (sums.isna() | ((sums - 1).abs() < 1e-6)).all():
        raise CourseError(f"{where}: the numbers are no shares of 1. Pass {source}, with measure='share'.")
    shown = shares.loc[shares.mean(axis=1).sort_values(ascending=False, kind="stable").index]
    ax = s.canvas(ax, where, height=2.3 + 0.62 * len(shown))
    s.rows(ax, [word(name) for name in shown.index])
    low, high = shown.min(axis=1), shown.max(axis=1)
    ax.hlines(range(len(shown)), low, high, color=s.FAINT, linewidth=5, zorder=1)
    steps = np.linspace(-0.26, 0.26, len(models)) if len(models) > 1 else [0.0]
    for place, (model, step) in enumerate(zip(models, steps, strict=True)):
        ax.scatter(
            shown[model], np.arange(len(shown)) + step, s=42, color=s.SERIES[place % 7], zorder=3,
            marker=_SHAPES[place % 8], label=_NAMES[model], clip_on=False,
        )  # fmt: skip
    ax.legend(
        loc="lower left", bbox_to_anchor=(-0.01, 1), ncols=8, handletextpad=0.0, columnspacing=0.9,
        borderaxespad=0.2, fontsize=t.NOTE,
    )  # fmt: skip
    ax.set_xlim(left=min(0.0, float(np.nanmin([0.0, low.min()]))))
    s.percent_axis(ax.xaxis)
    s.grid(ax, "x")
    ax.set_xlabel("Share of the conversions credited to the channel")
    width = high - low
    if shares.isna().all(axis=None):
        say = "Nothing converted, so there is nothing to credit"
    elif len(models) == 1:
        top = shown[models[0]].idxmax()
        say = f"{word(top)} gets most by {_NAMES[models[0]]}: {t.percent(shown.loc[top, models[0]])}"
        say += " of the conversions"
    else:
        most = width.idxmax()
        row = shown.loc[most]
        if width[most] < 0.02:
            say = f"All rules agree within {t.number(100 * width[most], 1)} percentage points"
        else:
            best, worst = row.idxmax(), row.idxmin()
            say = f"The rule matters most for {word(most)}: {t.percent(row[best])} of the conversions by "
            say += f"{_NAMES[best]}, {t.percent(row[worst])} by {_NAMES[worst]}"
    s.titled(ax, t.capital(say), title, "A rule gives credit; it does not tell what caused the sale.", pad=30)
    return ax


@s.styled
def removal_effects(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show which share of the conversions is lost if a channel leads to nothing.

    Parameters
    ----------
    table : DataFrame
        What `analysis.attribution.removal_effects` returns.
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
    >>> table = pd.DataFrame({"reach": [0.6, 0.5], "conversion_rate": [0.25, 0.5], "total_rate": 0.33,
    ...                       "removal_effect": [0.45, 0.75], "share": [0.375, 0.625]}, index=["a", "b"])
    >>> s.finding(removal_effects(table))
    'Without b the chain loses 75 % of its conversions: 50 % of the journeys come to it'
    >>> s.plt.close("all")
    >>> removal_effects(table[["share"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.removal_effects: column 'reach' is not in the frame; it has share. Pass what ...
    """
    where = "plots.removal_effects"
    columns = ["reach", "conversion_rate", "total_rate", "removal_effect", "share"]
    s.table_with(table, columns, where, "what analysis.attribution.removal_effects returns")
    require_numeric(table, columns, where)
    shown = table.sort_values("removal_effect", ascending=False, kind="stable")
    ax = s.canvas(ax, where, height=1.8 + 0.5 * len(shown))
    s.rows(ax, [word(name) for name in shown.index])
    ax.barh(range(len(shown)), shown["removal_effect"], height=0.55, color=s.BLUE)
    told = [
        f"{t.percent(row['removal_effect'], 0)} lost, credit {t.percent(row['share'], 0)}: reached by "
        f"{t.percent(row['reach'], 0)}, then {t.percent(row['conversion_rate'], 0)} convert"
        if np.isfinite(row["removal_effect"]) else "nothing converts"
        for _, row in shown.iterrows()
    ]  # fmt: skip
    s.end_labels(ax, shown["removal_effect"], range(len(shown)), told)
    s.percent_axis(ax.xaxis)
    s.grid(ax, "x")
    ax.set_xlabel("Share of the conversions lost without the channel (removal effect)")
    top = shown.iloc[0]
    say = "Nothing converts, so nothing can be lost"
    if np.isfinite(top["removal_effect"]):
        say = f"Without {word(top.name)} the chain loses {t.percent(top['removal_effect'])} of its "
        say += f"conversions: {t.percent(top['reach'])} of the journeys come to it"
    note = "The effects overlap; the credit is their part of all effects. Customers go round a closed door."
    s.titled(ax, say, title, note)
    return ax


@s.styled
def channel_moves(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show where journeys go from each channel, as a table of probabilities.

    Parameters
    ----------
    table : DataFrame
        What `analysis.attribution.transitions` returns.
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
    >>> table = pd.DataFrame({"from": ["(start)", "a", "a"], "to": ["a", "(conversion)", "(null)"],
    ...     "count": [10, 4, 6], "probability": [1, 0.4, 0.6], "low": [0.7, 0.2, 0.3], "high": [1, 0.7, 0.8]})
    >>> s.finding(channel_moves(table))
    'From a the next step is a sale most often: 40 % (20-70 %)'
    >>> s.plt.close("all")
    >>> channel_moves(table[["to"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.channel_moves: column 'from' is not in the frame; it has to. Pass what ...
    """
    where = "plots.channel_moves"
    columns = ["count", "probability", "low", "high"]
    s.table_with(table, ["from", "to", *columns], where, "what analysis.attribution.transitions returns")
    require_numeric(table, columns, where)
    ends = ["(conversion)", "(null)"]
    names = sorted({*table["from"], *table["to"]} - {"(start)", *ends}, key=str)
    grid: pd.DataFrame = table.pivot_table(index="from", columns="to", values="probability").reindex(
        index=["(start)", *names], columns=[*names, *ends]
    )
    ax = s.canvas(ax, where, height=1.9 + 0.42 * len(grid))
    shade = s.plt.get_cmap("Blues")
    for y, (_, row) in enumerate(grid.iterrows()):
        for x, value in enumerate(row):
            if not np.isfinite(value):
                continue
            ax.add_patch(
                s.plt.Rectangle(
                    (x - 0.48, y - 0.46), 0.96, 0.92, color=shade(0.08 + 0.8 * value), linewidth=0
                )
            )
            ax.text(
                x, y, t.percent(value, 0 if value >= 0.005 else 1), ha="center", va="center",
                fontsize=t.NOTE + 0.5, color="white" if value > 0.6 else s.INK,
            )  # fmt: skip
    said = {"(start)": "start", "(conversion)": "sale", "(null)": "no sale"}
    s.rows(ax, [said.get(name, word(name)) for name in grid.index], inches=1.4)
    ax.set_xlim(-0.5, len(grid.columns) - 0.5)
    ax.axvline(len(names) - 0.5, color=s.MUTED, linewidth=1.2)
    ax.set_xticks(
        range(len(grid.columns)), [said.get(name, t.wrapped(word(name), 0.85)) for name in grid.columns]
    )
    ax.tick_params(axis="x", labelcolor=s.INK)
    ax.spines["bottom"].set_visible(False)
    s.grid(ax, "")
    ax.set_xlabel("goes to")
    ax.set_ylabel("from")
    sales = table[(table["to"] == "(conversion)") & (table["from"] != "(start)")]
    say = "No channel is the last step before a sale"
    if len(sales):
        top = sales.loc[sales["probability"].idxmax()]
        found = t.measured(top["probability"], top["low"], top["high"])
        say = f"From {word(top['from'])} the next step is a sale most often: {found}"
    s.titled(
        ax,
        say,
        title,
        "Each row adds up to 100 %. Right of the line the journey ends, with a sale or without.",
    )
    return ax
