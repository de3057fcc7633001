"""Plots of stock and of new products."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ecomtrain.errors import CourseError
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t


def _result(given: Any, fields: list[str], where: str, source: str) -> pd.DataFrame:
    """Return ``.table`` of a result that carries more than a table; raise if it is something else."""
    if not all(hasattr(given, field) for field in [*fields, "table"]):
        raise CourseError(
            f"{where}: a {type(given).__name__} was given. Pass {source}, whole, not its table."
        )
    return given.table


@s.styled
def turnover_steps(result: Any, *, weeks: int = 26, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show the turnover of each warehouse before and after its own switch, the season taken out.

    Parameters
    ----------
    result : SteppedEffect
        What `analysis.inventory.stepped_turnover` returns.
    weeks : int, default 26
        Weeks to show on either side of the switch.
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
        If `result` is something else, or no warehouse has weeks before and after a switch.

    Notes
    -----
    Each week is divided by what is common to all warehouses in it (the effect held apart), each warehouse by
    its own level before its switch: 100 % is "as before".

    Examples
    --------
    >>> turnover_steps(pd.DataFrame({"turnover": [12.0]}))
    Traceback (most recent call last):
        ...
    CourseError: plots.turnover_steps: a DataFrame was given. Pass what analysis.inventory...
    """
    where = "plots.turnover_steps"
    table = _result(
        result, ["effect", "low", "high"], where, "what analysis.inventory.stepped_turnover returns"
    )
    if weeks < 1:
        raise CourseError(f"{where}: weeks is {weeks}; give 1 or more.")
    by = table.columns[0]
    used = table[table["used"] & (table["turnover"] > 0)].copy()
    used["level"] = np.log(used["turnover"]) - np.log1p(result.effect) * used["switched"]
    own = used.groupby(by)["level"].transform("mean")
    season = (used["level"] - own).groupby(used["week"]).transform("mean")
    used["relative"] = np.exp(np.log(used["turnover"]) - season - own)
    # The switch itself, not the first used week after it: the stock may have been given time to settle.
    first = table[table["switched"]].groupby(by)["week"].min()
    used["since"] = (used["week"] - used[by].map(first)).dt.days / 7
    used = used[used["since"].between(-weeks, weeks - 1)]
    if not (used["switched"].any() and not used["switched"].all()):
        raise CourseError(
            f"{where}: no warehouse has weeks before and after its switch; pass a result that has both."
        )
    ax = s.canvas(ax, where, height=4.4)
    for colour, (name, part) in zip(s.SERIES * 4, used.groupby(by), strict=False):
        ax.scatter(
            part["since"], part["relative"], s=18, color=colour, alpha=0.7, label=t.safe(name), linewidth=0
        )
    mean = np.log(used["relative"]).groupby(used["since"]).mean()
    for side in (mean[mean.index < 0], mean[mean.index >= 0]):
        ax.plot(side.index, np.exp(side), color=s.INK, linewidth=2)
    ax.axhline(1, color=s.MUTED, linewidth=1)
    ax.axvline(-0.5, color=s.INK, linewidth=1.2, linestyle=(0, (3, 3)))
    end = float(used["since"].max())
    ax.fill_between(
        [-0.5, end], 1 + result.low, 1 + result.high, color=s.BLUE, alpha=0.2, linewidth=0, zorder=1
    )
    ax.hlines(1 + result.effect, -0.5, end, color=s.BLUE, linewidth=2, zorder=3)
    bold: Any = {"color": s.BLUE, "fontweight": "bold"}
    s.beside(ax, t.percent(result.effect, sign=True), (end, 1 + result.effect), (6, 0), va="center", **bold)
    s.beside(ax, "switch", (-0.5, 1), (5, -4), xycoords=("data", "axes fraction"), va="top")
    ax.legend(loc="lower left", bbox_to_anchor=(-0.01, 1), ncols=8, markerscale=1.8, handletextpad=0.1)
    s.percent_axis(ax.yaxis)
    s.grid(ax, "y")
    ax.set_xlabel("Weeks before and after the warehouse's own switch")
    ax.set_ylabel("Turnover, own level before = 100 %")
    verb = "rises" if result.effect >= 0 else "falls"
    effect, low, high = (abs(x) for x in (result.effect, result.low, result.high))
    told = t.measured(effect, min(low, high), max(low, high)) if result.low * result.high > 0 else (
        t.measured(result.effect, result.low, result.high, sign=True)
    )  # fmt: skip
    s.titled(
        ax, f"After its switch a warehouse's turnover {verb} by {told}", title,
        "Dots: warehouses, season taken out. Black: their mean. Blue: effect and its interval.", pad=30,
    )  # fmt: skip
    return ax


@s.styled
def early_hits(result: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show how many of the products picked from their first days became hits.

    Parameters
    ----------
    result : EarlyHits
        What `analysis.forecast.early_hits` returns.
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
    >>> early_hits(0.4)
    Traceback (most recent call last):
        ...
    CourseError: plots.early_hits: a float was given. Pass what analysis.forecast.early_hits returns, ...
    """
    where = "plots.early_hits"
    fields = [
        "k",
        "n",
        "hits",
        "hits_found",
        "precision_at_k",
        "low",
        "high",
        "base_rate",
        "lift",
        "median_lead_days",
    ]
    table = _result(result, fields, where, "what analysis.forecast.early_hits returns")
    k, shown = result.k, table.head(max(4 * result.k, 40))
    ax = s.canvas(ax, where, height=4.2)
    last = float(shown["rank"].max())
    ax.axvspan(0.5, k + 0.5, color=s.SKY, alpha=0.15, linewidth=0)
    ax.plot(shown["rank"], shown["precision_at_rank"], color=s.BLUE, drawstyle="steps-post")
    s.whiskers(ax, [k], [result.precision_at_k], [result.low], [result.high], upright=True, size=70)
    s.beside(
        ax,
        t.percent(result.precision_at_k, 0),
        (k, result.high),
        (7, 0),
        va="top",
        color=s.BLUE,
        fontweight="bold",
    )
    ax.axhline(result.base_rate, color=s.RED, linewidth=1.5, linestyle=(0, (4, 3)))
    blind = f"a blind pick: {t.percent(result.base_rate, 0)}"
    s.beside(ax, blind, (last, result.base_rate), (0, -4), ha="right", va="top", color=s.RED)
    hits = shown.loc[shown["hit"], "rank"]
    top = max(float(shown["precision_at_rank"].max()), result.high) * 1.2
    s.beside(ax, f"the {k} picks", (k / 2 + 0.5, top), (0, -4), ha="center", va="top")
    ax.vlines(hits, -0.09 * top, -0.03 * top, color=s.INK, linewidth=1.6)
    ax.set_ylim(-0.12 * top, top)
    ax.set_xlim(0.5, last + 0.5)
    ax.set_yticks([tick for tick in ax.get_yticks() if 0 <= tick <= min(1, top) + 1e-9])
    s.percent_axis(ax.yaxis)
    s.grid(ax, "y")
    ax.set_xlabel(
        f"Rank by the sales of the first {result.days} days (black ticks: products that became hits)"
    )
    ax.set_ylabel("Hits among those down to this rank")
    rate = t.measured(result.precision_at_k, result.low, result.high)
    say = (
        f"{result.hits_found} of {k} picks became hits: {rate}, {t.number(result.lift, 1)} times a blind pick"
    )
    if result.median_lead_days == result.median_lead_days:
        say += f", seen {t.number(result.median_lead_days, 0)} days ahead (median)"
    note = (
        f"{t.number(result.n, 0)} launches; {result.hits} hits, best sellers of the {result.horizon} days "
        f"after the first {result.days}. Upright line: confidence interval."
    )
    s.titled(ax, say, title, note)
    return ax
