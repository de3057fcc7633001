"""Plots of risks and of strengths against weaknesses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from ecomtrain.errors import CourseError, require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t
from ecomtrain.plots._marks import word

# By score, not by band: bands are the reader's own. Darker as it rises, in grey too.
SHADES = LinearSegmentedColormap.from_list("risk", ["#E8F1F8", "#F6E7BF", "#EDB98C", "#D97F5E"])


@s.styled
def risk_matrix(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show each risk in the matrix of probability and impact, and where control brings it.

    Parameters
    ----------
    table : DataFrame
        What `analysis.scoring.risk_matrix` returns.
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
    >>> table = pd.DataFrame({"probability": [4.0, 2], "impact": [4.0, 5], "score": [16.0, 10],
    ...     "band": ["high", "high"], "residual_probability": [2.0, 2], "residual_impact": [3.0, 5],
    ...     "residual": [6.0, 10], "residual_band": ["medium", "high"]}, index=["customs", "data fine"])
    >>> s.finding(risk_matrix(table))
    'Customs is the largest risk (4 × 4 = 16); control brings it to 6 and leaves data fine on top (10)'
    >>> s.plt.close("all")
    >>> risk_matrix(table[["score"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.risk_matrix: column 'probability' is not in the frame; it has score. Pass what ...
    """
    where = "plots.risk_matrix"
    numbers = ["probability", "impact", "score", "residual_probability", "residual_impact", "residual"]
    s.table_with(
        table, [*numbers, "band", "residual_band"], where, "what analysis.scoring.risk_matrix returns"
    )
    require_numeric(table, numbers, where)
    known = table.dropna(subset="score")
    texts = [
        t.wrapped(t.safe(f"{place + 1}  {word(name)}: {_step(row)}"), 3.3)
        for place, (name, row) in enumerate(known.iterrows())
    ]
    inches = [0.185 * (text.count("\n") + 1.6) for text in texts]
    ax = s.canvas(ax, where, height=max(5.4, 1.7 + sum(inches)))
    level = np.arange(1, 6)
    scores = np.outer(level, level)
    for y in level:
        for x in level:
            shade = SHADES((scores[y - 1, x - 1] - 1) / 24)
            ax.add_patch(
                s.plt.Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=shade, edgecolor="white", zorder=0)
            )
            s.beside(
                ax, scores[y - 1, x - 1], (x + 0.44, y + 0.42), (0, 0), ha="right", va="top", fontsize=t.NOTE
            )
    moved = np.flatnonzero(known["residual"] != known["score"])
    places = known[["impact", "probability"]].to_numpy(dtype=float)
    left = known[["residual_impact", "residual_probability"]].to_numpy(dtype=float)[moved]
    at = _apart(np.concatenate([places, left]))
    number: Any = {"ha": "center", "va": "center", "zorder": 6, "fontsize": t.NOTE}
    for mark, (x, y) in zip(moved, at[len(known) :], strict=True):
        ax.annotate(
            "", (x, y), at[mark], zorder=3,
            arrowprops={"arrowstyle": "-|>", "color": s.INK, "lw": 1.3, "shrinkA": 9, "shrinkB": 9},
        )  # fmt: skip
        ax.scatter(x, y, s=210, facecolor="white", edgecolor=s.INK, linewidth=1.4, zorder=4)
        s.beside(ax, mark + 1, (x, y), (0, 0), **number)
    for place, (x, y) in enumerate(at[: len(known)]):
        ax.scatter(x, y, s=210, color=s.INK, zorder=4)
        s.beside(ax, place + 1, (x, y), (0, 0), color="white", fontweight="bold", **number)
    ax.set_xlim(0.5, 8.6)
    ax.set_ylim(0.5, 5.5)
    top, unit = 5.45, 5.0 / (ax.get_window_extent().height / ax.figure.dpi)
    for text, line in zip(texts, inches, strict=True):
        s.beside(ax, text, (5.65, top), (0, 0), va="top")
        top -= line * unit
    ax.set_xticks(level)
    ax.set_yticks(level)
    s.grid(ax, "")
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    ax.set_xlabel("Impact (1 slight to 5 grave)", x=0.5 * 5 / 8.1)
    ax.set_ylabel("Probability (1 rare to 5 nearly sure)")
    note = "Black: before control; white: what control leaves. Levels are an order, no measure."
    s.titled(ax, _largest(known), title, note)
    return ax


def _apart(places: np.ndarray) -> np.ndarray:
    """Places in the matrix, those in one cell beside each other, three in a row."""
    at = pd.DataFrame(places, columns=["x", "y"])
    cell = at.groupby(["x", "y"])["x"]
    n, place = cell.transform("size"), cell.cumcount()
    across = (place % 3 - (np.minimum(n, 3) - 1) / 2) * 0.27
    down = (place // 3 - (np.ceil(n / 3) - 1) / 2) * 0.3
    return np.column_stack([at["x"] + across - 0.06, at["y"] - down - 0.04])


def _step(row: Any) -> str:
    """Say what control does to a score."""
    score = f"{t.plain(row['score'])} {row['band']}"
    if row["residual"] == row["score"]:
        return score
    return f"{score} → {t.plain(row['residual'])} {row['residual_band']}"


def _largest(known: pd.DataFrame) -> str:
    """Say which risk is the largest, before and after control."""
    if known.empty:
        return "No risk has both levels"
    first = known.loc[[*known.sort_values("score", ascending=False, kind="stable").index][:1]].iloc[0]
    levels = f"{t.plain(first['probability'])} × {t.plain(first['impact'])} = {t.plain(first['score'])}"
    say = f"{t.capital(word(first.name))} is the largest risk ({levels})"
    left = known.sort_values("residual", ascending=False, kind="stable")
    top = left.iloc[0]
    if not (known["residual"] != known["score"]).any():
        return f"{say}; no control is entered yet"
    if left.index[0] == first.name:
        return f"{say} and stays it after control ({t.plain(top['residual'])})"
    to = f"brings it to {t.plain(first['residual'])} and " if first["residual"] != first["score"] else ""
    return f"{say}; control {to}leaves {word(left.index[0])} on top ({t.plain(top['residual'])})"


@s.styled
def rank_reversal(result: Any, *, unit: str = "¥", ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show the order of risks by score beside their order by expected loss.

    Parameters
    ----------
    result : RankReversal
        What `analysis.scoring.rank_reversal` returns.
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
        If `result` is something else or has no risk, or `ax` is no Axes.

    Examples
    --------
    >>> rank_reversal(pd.DataFrame({"score": [4.0]}))
    Traceback (most recent call last):
        ...
    CourseError: plots.rank_reversal: a DataFrame was given. Pass what analysis.scoring.rank_reversal ...
    """
    where = "plots.rank_reversal"
    s.whole(result, ["pairs", "reversed", "losses"], where, "what analysis.scoring.rank_reversal returns")
    losses = result.losses
    if not len(losses):
        raise CourseError(f"{where}: the result has no risk with both levels; nothing to draw.")
    n = len(losses)
    right = np.arange(n, dtype=float)
    left = losses["score"].rank(ascending=False, method="average").to_numpy() - 1
    label = s.spread(left, 1.0)
    wrong = set(result.table["risk"])
    ax = s.canvas(ax, where, height=1.8 + 0.42 * n)
    for place, (name, row) in enumerate(losses.iterrows()):
        over = name in wrong
        colour = s.RED if over else s.MUTED
        ax.plot(
            [0, 1], [label[place], right[place]], color=colour, linewidth=2.4 if over else 1.2, marker="o",
            linestyle="-" if over else (0, (4, 2)), markersize=6, clip_on=False,
        )  # fmt: skip
        look: Any = {"va": "center", "color": colour if over else s.INK}
        s.beside(
            ax, f"{word(name)}  {t.plain(row['score'])}", (0, label[place]), (-10, 0), ha="right", **look
        )
        s.beside(
            ax, f"{t.compact(row['expected_loss'], unit)}  {word(name)}", (1, right[place]), (10, 0), **look
        )
    ax.set_xlim(-0.85, 1.85)
    ax.set_ylim(n - 0.4, -0.9)
    for x, text, side in ((0, "by probability × impact", "right"), (1, "by expected loss a year", "left")):
        s.beside(ax, text, (x, -0.8), (-10 if x == 0 else 10, 0), ha=side, va="center", fontweight="bold")
    ax.set_xticks([])
    ax.set_yticks([])
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    s.grid(ax, "")
    if result.reversed:
        worst = result.table.iloc[0]
        say = f"{result.reversed} of {result.pairs} pairs of risks change places once levels get numbers: "
        say += f"{word(worst['other'])} costs {t.number(worst['times'], 1)} times {word(worst['risk'])}"
    else:
        say = f"No pair of risks changes places under these numbers ({result.pairs} compared)"
    s.titled(
        ax,
        say,
        title,
        "Red: scores above a risk that costs more. Losses follow from the chances and amounts given.",
    )
    return ax


@s.styled
def tows(result: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show strengths against weaknesses and opportunities against threats, and what they point to.

    Parameters
    ----------
    result : Tows
        What `analysis.scoring.tows` returns.
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
        If `result` is something else, or `ax` is no Axes.

    Examples
    --------
    >>> tows({"S": 2.4})
    Traceback (most recent call last):
        ...
    CourseError: plots.tows: a dict was given. Pass what analysis.scoring.tows returns, whole, not its table.
    """
    where = "plots.tows"
    s.whole(result, ["internal", "external", "strategy"], where, "what analysis.scoring.tows returns")
    scores = result.table["score"].astype(float)
    ax = s.canvas(ax, where, height=5.0)
    reach = 1.25 * max(float(scores.max()), 1e-9)
    corners = {"S": (scores["S"], 0), "O": (0, scores["O"]), "W": (-scores["W"], 0), "T": (0, -scores["T"])}
    ax.add_patch(
        s.plt.Polygon(list(corners.values()), facecolor=s.SKY, alpha=0.25, edgecolor=s.BLUE, linewidth=2)
    )
    ax.axhline(0, color=s.INK, linewidth=1)
    ax.axvline(0, color=s.INK, linewidth=1)
    words = {"S": "strengths", "O": "opportunities", "W": "weaknesses", "T": "threats"}
    sides = {
        "S": ((8, 8), "left", "bottom"),
        "W": ((-8, 8), "right", "bottom"),
        "O": ((8, 4), "left", "bottom"),
        "T": ((8, -4), "left", "top"),
    }
    for kind, at in corners.items():
        offset, across, upright = sides[kind]
        count = int(result.table.loc[kind, "items"])
        s.beside(
            ax, f"{words[kind]} {t.number(scores[kind], 2)} ({count})", at, offset, ha=across, va=upright
        )
    names = {"SO": (0.98, 0.98), "WO": (0.02, 0.98), "ST": (0.98, 0.02), "WT": (0.02, 0.02)}
    for name, (x, y) in names.items():
        chosen = result.strategy.startswith(name)
        s.beside(
            ax, name, (x, y), (0, 0), xycoords="axes fraction", ha="right" if x > 0.5 else "left",
            va="top" if y > 0.5 else "bottom", fontsize=t.TITLE + 3, fontweight="bold",
            color=s.BLUE if chosen else s.FAINT,
        )  # fmt: skip
    if np.isfinite(result.internal + result.external):
        ax.scatter(result.internal, result.external, s=110, color=s.RED, marker="D", zorder=5)
    ax.set_xlim(-1.6 * reach, 1.6 * reach)
    ax.set_ylim(-reach, reach)
    ax.set_xticks([])
    ax.set_yticks([])
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    s.grid(ax, "")
    inside, outside = (
        t.number(x, 2, sign=True) if np.isfinite(x) else "unknown" for x in (result.internal, result.external)
    )
    say = f"Inside {inside}, outside {outside}: {result.strategy}"
    note = "Scores: weight × rating, items in brackets. Diamond: the two differences. All are judgements."
    s.titled(ax, say, title, note)
    return ax
