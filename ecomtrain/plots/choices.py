"""Plots of options, niches and risks that are weighed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ecomtrain.errors import require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t
from ecomtrain.plots._marks import word
from ecomtrain.plots._oceans import blue_ocean, blue_ocean_rate, blue_ocean_sensitivity, keyword_growth
from ecomtrain.plots._risks import rank_reversal, risk_matrix, tows

__all__ = [
    "blue_ocean",
    "blue_ocean_rate",
    "blue_ocean_sensitivity",
    "keyword_growth",
    "rank_reversal",
    "risk_matrix",
    "tows",
    "weight_sensitivity",
    "weighted_scores",
]

HATCHES = ["", "//", "..", "\\\\", "xx", "--", "oo"]


@s.styled
def weighted_scores(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show the score of each option and what each criterion adds to it.

    Parameters
    ----------
    table : DataFrame
        What `analysis.scoring.weighted_scores` or `analysis.selection.category_attractiveness` returns.
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
    >>> table = pd.DataFrame({"score": [4.0, 3.8], "low": [4.0, 3.8], "high": [4.0, 3.8], "rank": [1, 2],
    ...     "known": 1.0, "ease": [2.6, 1.4], "depth": [1.4, 2.4]}, index=["Sycm", "Python"])
    >>> s.finding(weighted_scores(table))
    'Sycm leads with 4.00 points, 0.20 ahead of Python; most of it comes from ease (2.60)'
    >>> s.plt.close("all")
    >>> weighted_scores(table[["score"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.weighted_scores: column 'low' is not in the frame; it has score. Pass what ...
    """
    where = "plots.weighted_scores"
    columns = ["score", "low", "high", "rank", "known"]
    source = "what analysis.scoring.weighted_scores returns"
    s.table_with(table, columns, where, source)
    criteria = list(table.columns[list(table.columns).index("known") + 1 :])
    require_numeric(table, [*columns, *criteria], where)
    shown = table.sort_values("rank", kind="stable")
    ax = s.canvas(ax, where, height=2.3 + 0.5 * len(shown))
    at, ends_of = np.arange(len(shown)), np.zeros((2, len(shown)))
    for place, name in enumerate(criteria):
        part = shown[name].fillna(0).to_numpy(dtype=float)
        side = (part < 0).astype(int)  # on a scale that goes below 0, what takes away is drawn to the left
        left = ends_of[side, at]
        ax.barh(
            at, part, left=left, height=0.6, color=s.SERIES[place % 6], hatch=HATCHES[place % 7],
            edgecolor="white", linewidth=0.8, label=word(name), alpha=0.9,
        )  # fmt: skip
        ends_of[side, at] += part
    vague = shown["known"] < 1 - 1e-9
    for place, (_, row) in enumerate(shown.iterrows()):
        if vague.iloc[place] and np.isfinite(row["score"]):
            ax.hlines(place, row["low"], row["high"], color=s.INK, linewidth=2, zorder=4)
            ax.plot([row["low"], row["high"]], [place] * 2, "|", color=s.INK, markersize=9, zorder=4)
    s.rows(ax, [word(name) for name in shown.index])
    ends = np.fmax(ends_of[0], np.where(vague, shown["high"], 0.0))
    s.end_labels(ax, ends, at, _scores(shown), start=1.05 * float(ends_of[1].min()), most=1e12)
    widest = max((t.inches_of(word(name), t.TEXT, "normal") for name in criteria), default=1.0)
    across = max(1, min(6, int(ax.get_window_extent().width / ax.figure.dpi / (widest + 0.75))))
    ax.legend(loc="lower left", bbox_to_anchor=(-0.01, 1), ncols=across, borderaxespad=0.2, handlelength=1.4)
    s.grid(ax, "x")
    ax.set_xlabel("Score, and what each criterion adds to it")
    note = "The weights are a judgement: see how far the order turns on them."
    if "best_rank" in shown:
        note = "Rank to rank: when any one weight is halved or doubled, or ranks and z values are exchanged."
    if vague.any():
        note += " Black: from all missing scores at their worst to all at their best."
    s.titled(ax, _leader(shown, criteria), title, note, pad=14 + 17 * -(-len(criteria) // across))
    return ax


def _scores(shown: pd.DataFrame) -> list[str]:
    """Return what is written beside each option."""
    ranged = "best_rank" in shown
    texts = []
    for _, row in shown.iterrows():
        text = t.number(row["score"], _digits(shown)) if np.isfinite(row["score"]) else "no score"
        if row["known"] < 1 - 1e-9:
            text += f", {t.percent(row['known'], 0)} of the weight known"
        if ranged and np.isfinite(row["score"]):
            best, worst = int(row["best_rank"]), int(row["worst_rank"])
            text += f" (rank {best})" if best == worst else f" (rank {best} to {worst})"
        texts.append(text)
    return texts


def _digits(shown: pd.DataFrame) -> int:
    return 2 if shown["score"].max() < 10 else 1 if shown["score"].max() < 100 else 0


def _leader(shown: pd.DataFrame, criteria: Sequence[str]) -> str:
    """Say who leads, by how much, and what it owes that to."""
    known = shown.dropna(subset="score")
    if known.empty:
        return "No option has a score"
    digits, first = _digits(shown), known.iloc[0]
    lead = word(known.index[0])
    level = known.index[known["rank"] == 1]
    if len(level) > 1:
        names = t.listed([word(name) for name in level])
        say = f"{names} share the lead with {t.number(first['score'], digits)} points"
    else:
        say = f"{lead} leads with {t.number(first['score'], digits)} points"
        if len(known) > 1:
            apart = t.number(first["score"] - known["score"].iloc[1], digits)
            say += f", {apart} ahead of {word(known.index[1])}"
    rivals = known[(known["rank"] > 1) & (known["high"] > first["low"])]
    if len(rivals) and (known["known"] < 1 - 1e-9).any():
        return f"{say}; missing scores could turn that round"
    if not criteria or not first[list(criteria)].notna().any():
        return say
    most = first[list(criteria)].astype(float).idxmax()
    return f"{t.capital(say)}; most of it comes from {word(most)} ({t.number(first[most], digits)})"


@s.styled
def weight_sensitivity(
    result: Any, *, ax: Sequence[Axes] | None = None, title: str | None = None
) -> np.ndarray:
    """Show how far each weight may move before another option leads, and who leads under random weights.

    Parameters
    ----------
    result : WeightSensitivity
        What `analysis.scoring.weight_sensitivity` returns.
    ax : two Axes, optional
        Where to draw; a new figure if left out.
    title : str, optional
        In place of the finding.

    Returns
    -------
    array of two Axes

    Raises
    ------
    CourseError
        If `result` is something else, or `ax` is no two Axes.

    Examples
    --------
    >>> weight_sensitivity(pd.DataFrame({"weight": [0.4]}))
    Traceback (most recent call last):
        ...
    CourseError: plots.weight_sensitivity: a DataFrame was given. Pass what analysis.scoring...
    """
    where = "plots.weight_sensitivity"
    fields = ["winner", "runner_up", "criterion", "change", "draws", "table", "wins"]
    s.whole(result, fields, where, "what analysis.scoring.weight_sensitivity returns")
    table, wins = result.table, result.wins
    count = max(len(table), len(wins))
    left, right = panels = s.canvases(ax, where, 2, height=2.2 + 0.62 * count, ratios=[1.5, 1])
    at = np.arange(len(table))
    lower, upper = table["lower"].fillna(0.0), table["upper"].fillna(1.0)
    left.barh(at, 1.0, height=0.5, color=s.GRID)
    left.barh(at, upper - lower, left=lower, height=0.5, color=s.SKY)
    left.scatter(table["weight"], at, s=64, color=s.INK, zorder=4)
    for place, (_, row) in enumerate(table.iterrows()):
        over: Any = {"va": "bottom", "fontsize": t.NOTE}
        if np.isfinite(row["lower"]):
            text = f"below {t.percent(row['lower'], 0)}: {word(row['winner_below'])}"
            s.beside(left, text, (0, place - 0.25), (0, 2), ha="left", **over)
        if np.isfinite(row["upper"]):
            text = f"above {t.percent(row['upper'], 0)}: {word(row['winner_above'])}"
            s.beside(left, text, (1, place - 0.25), (0, 2), ha="right", **over)
    s.rows(left, [f"{word(name)} ({t.percent(w, 0)})" for name, w in table["weight"].items()], inches=1.6)
    left.set_xlim(0, 1)
    left.set_xticks([0, 0.25, 0.5, 0.75, 1])
    s.percent_axis(left.xaxis)
    s.grid(left, "")
    left.set_xlabel(f"Blue: weights under which {word(result.winner)} leads", wrap=True)
    rows = np.arange(len(wins))
    first = wins.index == result.winner
    right.barh(rows, wins["wins"], height=0.5, color=np.where(first, s.BLUE, s.FAINT))
    s.rows(right, [word(name) for name in wins.index], inches=1.2)
    right.set_ylim(max(count, len(wins)) - 0.5, -0.5)
    left.set_ylim(count - 0.5, -0.5)
    for place, share in enumerate(wins["wins"]):
        s.beside(right, t.percent(share, 0), (share, place), (5, 0), va="center", fontweight="bold")
    right.set_xlim(0, max(1.25 * float(wins["wins"].max()), 0.1))
    right.set_xticks([])
    right.spines["bottom"].set_visible(False)
    s.grid(right, "")
    right.set_xlabel(f"Leads in … of {t.number(result.draws, 0)}\nsets of random weights")
    share = t.percent(float(wins.loc[result.winner, "wins"]), 0)
    who = word(result.winner)
    if result.runner_up is None:
        say = f"{who} is the only option"
    elif result.criterion is None:
        say = f"{who} leads whatever one weight is changed to, and in {share} of random weights"
    else:
        row = table.loc[result.criterion]
        down = np.isfinite(row["lower"]) and np.isclose(row["weight"] - row["lower"], result.change)
        end = row["lower"] if down else row["upper"]
        rival = word(row["winner_below"] if down else row["winner_above"])
        turn = f"{word(result.criterion)} weighs {'less' if down else 'more'} than {t.percent(end, 0)}"
        say = f"{who} leads until {turn} instead of {t.percent(row['weight'], 0)} (then {rival}), "
        say += f"and in {share} of random weights"
    s.titled(
        panels, t.capital(say), title, "Dots: the given weights; the other weights give way in proportion."
    )
    return panels
