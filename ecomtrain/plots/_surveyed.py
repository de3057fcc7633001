"""Plots of shares: what people answer, how far a market is penetrated, whether customers recommend."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ecomtrain.errors import require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t
from ecomtrain.plots._marks import estimates, word


@s.styled
def weighted_share(
    table: Any, *, claim: float | None = None, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Show what share of a population says yes, weighted and not, with the interval.

    Parameters
    ----------
    table : DataFrame
        What `analysis.surveys.weighted_share` returns; or several of them put together with names as index.
    claim : number, optional
        A share to hold them against (a fraction), drawn as a line.
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
    >>> table = pd.DataFrame({"share": [0.61], "low": [0.51], "high": [0.7], "n": 100,
    ...                       "unweighted": [0.5]}, index=["all"])
    >>> s.finding(weighted_share(table, claim=0.85))
    '61 % (51-70 %) say yes; the claimed 85 % lies outside'
    >>> s.plt.close("all")
    >>> weighted_share(table[["share"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.weighted_share: column 'low' is not in the frame; it has share. Pass what ...
    """
    where = "plots.weighted_share"
    columns = ["share", "low", "high", "n", "unweighted"]
    s.table_with(table, columns, where, "what analysis.surveys.weighted_share returns")
    require_numeric(table, columns, where)
    ax = s.canvas(ax, where, height=2.1 + 0.5 * len(table))
    asked = [f"{word(name)}, n = {t.number(n, 0)}" for name, n in table["n"].items()]
    rows = table.set_axis([name.removeprefix("all, ") for name in asked])
    told = [t.measured(*row) for _, row in rows[["share", "low", "high"]].iterrows()]
    at = np.arange(len(table))
    ax.scatter(table["unweighted"], at, s=130, facecolor="white", edgecolor=s.INK, linewidth=1.3, zorder=2)
    estimates(ax, rows, ["share", "low", "high"], told, most=1)
    _claimed(ax, claim)
    s.percent_axis(ax.xaxis)
    ax.set_xlabel("Share that says yes")
    say = _told(table, "share", " say yes", " say yes")
    say += _verdict(table, claim)
    s.titled(
        ax, say, title, "Dot and line: weighted, with confidence interval. Ring: unweighted.",
        pad=28 if claim is not None else None,
    )  # fmt: skip
    return ax


@s.styled
def penetration(
    table: Any, *, claim: float | None = None, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Show how much of a whole a part makes up, definition by definition or group by group.

    Parameters
    ----------
    table : DataFrame
        What `analysis.market.penetration` returns; or several of them put together, with what each divides as
        index: ``pd.concat({"shoppers of netizens": one, "online of retail": other}).droplevel(1)``.
    claim : number, optional
        A share to hold them against (a fraction), drawn as a line.
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
    >>> table = pd.DataFrame({"penetration": [0.78, 0.31], "low": [0.77, 0.3], "high": [0.79, 0.32],
    ...                       "periods": 12}, index=["shoppers of netizens", "online of retail"])
    >>> s.finding(penetration(table))
    'From 31 % (30-32 %, online of retail) to 78 % (77-79 %, shoppers of netizens)'
    >>> s.plt.close("all")
    >>> penetration(table[["low"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.penetration: column 'penetration' is not in the frame; it has low. Pass what ...
    """
    where = "plots.penetration"
    columns = ["penetration", "low", "high", "periods"]
    s.table_with(table, columns, where, "what analysis.market.penetration returns")
    require_numeric(table, columns, where)
    ax = s.canvas(ax, where, height=2.1 + 0.5 * len(table))
    told = [t.measured(*row) for _, row in table[["penetration", "low", "high"]].iterrows()]
    estimates(ax, table, ["penetration", "low", "high"], told, most=1)
    _claimed(ax, claim)
    s.percent_axis(ax.xaxis)
    ax.set_xlabel("Part over whole")
    say = _told(table, "penetration", " of the whole", "") + _verdict(table, claim)
    periods = t.number(table["periods"].max(), 0)
    s.titled(
        ax, say, title, f"Lines: confidence interval over the {periods} periods.",
        pad=28 if claim is not None else None,
    )  # fmt: skip
    return ax


@s.styled
def net_promoter_score(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show detractors, passives and promoters of each group, and the score that is left of them.

    Parameters
    ----------
    table : DataFrame
        What `analysis.surveys.net_promoter_score` returns.
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
    >>> table = pd.DataFrame({"promoters": [0.5], "passives": [0.3], "detractors": [0.2], "nps": [30.0],
    ...                       "low": [20.0], "high": [40.0], "n": [200]}, index=["all"])
    >>> s.finding(net_promoter_score(table))
    'NPS is +30 (+20 to +40): 50 % promoters less 20 % detractors of 200 answers'
    >>> s.plt.close("all")
    >>> net_promoter_score(table[["nps"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.net_promoter_score: column 'promoters' is not in the frame; it has nps. Pass what ...
    """
    where = "plots.net_promoter_score"
    columns = ["promoters", "passives", "detractors", "nps", "low", "high", "n"]
    s.table_with(table, columns, where, "what analysis.surveys.net_promoter_score returns")
    require_numeric(table, columns, where)
    shown = table.sort_values("nps", ascending=False, kind="stable")
    ax = s.canvas(ax, where, height=2.0 + 0.46 * len(shown))
    at, left = np.arange(len(shown)), np.zeros(len(shown))
    looks = {"detractors": (s.RED, "white"), "passives": (s.GRID, s.INK), "promoters": (s.BLUE, "white")}
    for kind, (colour, ink) in looks.items():
        part = shown[kind].fillna(0).to_numpy(dtype=float)
        ax.barh(at, part, left=left, height=0.62, color=colour)
        for place, value in enumerate(part):
            if value >= 0.07:
                s.beside(
                    ax, t.percent(value, 0), (left[place] + value / 2, place), (0, 0), ha="center",
                    va="center", color=ink,
                )  # fmt: skip
        middle = left[0] + part[0] / 2
        name = {
            "detractors": "detractors (0-6)",
            "passives": "passives (7-8)",
            "promoters": "promoters (9-10)",
        }
        s.beside(
            ax, name[kind], (middle, -0.5), (0, 3), ha="center", va="bottom",
            color=colour if kind != "passives" else s.MUTED,
        )  # fmt: skip
        left = left + part
    s.rows(ax, ["all answers" if name == "all" else word(name) for name in shown.index])
    told = [
        f"NPS {t.measured(*row, share=False, sign=True)}" if np.isfinite(row.iloc[0]) else "no answers"
        for _, row in shown[["nps", "low", "high"]].iterrows()
    ]
    s.end_labels(ax, np.ones(len(shown)), at, told, most=1)
    s.percent_axis(ax.xaxis)
    s.grid(ax, "")
    ax.set_xlabel("Share of the answers")
    s.titled(ax, _recommended(shown), title, "In brackets: confidence interval of the score.", pad=28)
    return ax


def _recommended(shown: pd.DataFrame) -> str:
    known = shown.dropna(subset="nps")
    if known.empty:
        return "Nobody answered, so there is no NPS"
    scores = [
        t.measured(row["nps"], row["low"], row["high"], share=False, sign=True) for _, row in known.iterrows()
    ]
    first, last = known.iloc[0], known.iloc[-1]
    if len(known) == 1:
        return (
            f"NPS is {scores[0]}: {t.percent(first['promoters'], 0)} promoters less "
            f"{t.percent(first['detractors'], 0)} detractors of {t.number(first['n'], 0)} answers"
        )
    say = f"NPS runs from {scores[-1]} ({word(known.index[-1])}) to {scores[0]} ({word(known.index[0])})"
    return f"{say}: {'the intervals part' if last['high'] < first['low'] else 'the intervals meet'}"


def _claimed(ax: Axes, claim: float | None) -> None:
    """Draw the share that is claimed."""
    if claim is None:
        return
    ax.set_xlim(0, max(ax.get_xlim()[1], 1.08 * claim))
    ax.axvline(claim, color=s.RED, linewidth=1.6, linestyle=(0, (4, 3)), zorder=2)
    s.beside(
        ax, f"claimed {t.percent(claim)}", (claim, 1), (0, 4), ha="center", va="bottom",
        xycoords=("data", "axes fraction"), color=s.RED,
    )  # fmt: skip


def _told(table: pd.DataFrame, value: str, one: str, several: str) -> str:
    """Say the single share, or the least and the most of several."""
    known = table.dropna(subset=value).sort_values(value, kind="stable")
    if known.empty:
        return "There is nothing to take a share of"
    if len(known) == 1:
        return f"{t.measured(*known[[value, 'low', 'high']].iloc[0])}{one}"

    def end(place: int) -> str:
        row, name = known.iloc[place], word(known.index[place])
        inside = f"{t.interval(row['low'], row['high'])}, " if np.isfinite(row["low"] + row["high"]) else ""
        return f"{t.percent(row[value])} ({inside}{name})"

    return f"From {end(0)} to {end(-1)}{several}"


def _verdict(table: pd.DataFrame, claim: float | None) -> str:
    """Say whether the intervals hold what is claimed."""
    known: Any = table.dropna(subset=["low", "high"])
    if claim is None or not len(known):
        return ""
    holds = (known["low"] <= claim) & (claim <= known["high"])
    if len(known) == 1:
        return f"; the claimed {t.percent(claim)} lies {'within' if holds.iloc[0] else 'outside'}"
    which = f"in {int(holds.sum())}" if holds.any() else "in none"
    return f"; the claimed {t.percent(claim)} lies {which} of the {len(known)} intervals"
