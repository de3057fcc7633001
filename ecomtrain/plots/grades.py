"""Plots for the class report: capabilities, totals, questions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib import ticker
from matplotlib.axes import Axes
from matplotlib.projections.polar import PolarAxes

from ecomtrain.analysis.intervals import wilson
from ecomtrain.errors import CourseError, require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t

_SHARE = "Scores are fractions of the points: divide by the points that could be had."


def _series(values: Any, where: str, what: str) -> pd.Series:
    if not isinstance(values, pd.Series):
        raise CourseError(f"{where}: a Series of {what} is needed, a {type(values).__name__} was given.")
    if values.empty:
        raise CourseError(f"{where}: the Series is empty; give at least one row.")
    if values.dtype.kind not in "iufb":
        raise CourseError(f"{where}: the Series holds {values.dtype}, not numbers; use pd.to_numeric first.")
    return values.astype(float)


@s.styled
def radar(
    scores: pd.Series,
    reference: pd.Series | float | None = None,
    *,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Show a score per capability as spokes of a wheel, the rim being full points.

    Parameters
    ----------
    scores : Series of float
        Fractions from 0 to 1, indexed by the capability's name; NaN where nothing was assessed yet.
    reference : Series or float, optional
        What to compare with: scores of the class on the same index, or one level such as 0.5.
    ax : Axes, optional
        Polar Axes to draw on; a new figure if left out.
    title : str, optional
        In place of the finding.

    Returns
    -------
    Axes
        Polar.

    Raises
    ------
    CourseError
        If `scores` is not a Series of fractions, `reference` does not fit it or `ax` is not polar.

    Examples
    --------
    >>> ax = radar(pd.Series({"Data analysis": 0.9, "Traffic": 0.6, "Team": 0.4}))
    >>> ax.get_title()
    'Strongest: Data analysis (90 %); weakest: Team (40 %)'
    >>> s.plt.close("all")
    >>> radar(pd.Series({"Data analysis": 45}))
    Traceback (most recent call last):
        ...
    ecomtrain.errors.CourseError: plots.radar: scores hold 45; ...
    """
    where = "plots.radar"
    scores = _series(scores, where, "scores indexed by capability")
    if (outside := scores[(scores < 0) | (scores > 1)]).size:
        raise CourseError(f"{where}: scores hold {outside.iloc[0]:g}; give fractions from 0 to 1. {_SHARE}")
    if ax is None:
        figure, ax = plt.subplots(
            figsize=(7.5, 5.6), layout="constrained", subplot_kw={"projection": "polar"}
        )
        s._ours.add(figure)
    if not isinstance(ax, PolarAxes):
        raise CourseError(
            f"{where}: ax must be polar; make it with plt.subplots(subplot_kw={{'projection': 'polar'}})."
        )
    angles = np.linspace(0, 2 * np.pi, len(scores), endpoint=False)
    ax.set_theta_zero_location("N")
    ax.set_theta_direction(-1)
    ax.set_ylim(0, 1)
    ax.spines["polar"].set_color(s.FAINT)
    ax.set_rgrids([0.25, 0.5, 0.75, 1], labels=[""] * 4)
    ax.grid(True, color=s.GRID)
    _draw_reference(ax, scores, angles, reference, where)
    known = scores.notna().to_numpy()
    if known.all() and len(scores) > 2:
        ax.fill([*angles, angles[0]], [*scores, scores.iloc[0]], color=s.BLUE, alpha=0.13, zorder=2)
        ax.plot([*angles, angles[0]], [*scores, scores.iloc[0]], color=s.BLUE, zorder=3)
    ax.vlines(angles[known], 0, scores[known], color=s.BLUE, linewidth=3, zorder=3)
    ax.scatter(angles[known], scores[known], color=s.BLUE, s=52, zorder=4, clip_on=False)
    ax.set_xticks(angles, [""] * len(scores))
    for angle, (name, score) in zip(angles, scores.items(), strict=True):
        side = np.sin(angle)
        s.beside(
            ax,
            t.wrapped(t.safe(name), 1.5)
            + "\n"
            + (t.percent(score, 0) if score == score else "not assessed yet"),
            (angle, 1.1),
            (0, 0),
            ha="center" if abs(side) < 0.1 else "left" if side > 0 else "right",
            va="bottom" if np.cos(angle) > 0.9 else "top" if np.cos(angle) < -0.9 else "center",
            color=s.INK if score == score else s.MUTED,
        )
    found = scores.dropna().sort_values()
    if found.empty:
        say = "No capability has been assessed yet"
    elif len(found) == 1:
        say = f"{found.index[0]}: {t.percent(found.iloc[0], 0)} of the points"
    else:
        say = (
            f"Strongest: {found.index[-1]} ({t.percent(found.iloc[-1], 0)}); "
            f"weakest: {found.index[0]} ({t.percent(found.iloc[0], 0)})"
        )
    s.titled(ax, say, title, "Rings: 25, 50, 75 and 100 % of the points.", pad=54)
    return ax


def _draw_reference(ax: PolarAxes, scores: pd.Series, angles: np.ndarray, reference: Any, where: str) -> None:
    if reference is None:
        return
    if isinstance(reference, pd.Series):
        if missing := [str(name) for name in scores.index if name not in reference.index]:
            raise CourseError(
                f"{where}: reference has no score for '{missing[0]}'; give the same capabilities as scores."
            )
        values = reference.reindex(scores.index).to_numpy(dtype=float)
        around, values, label = np.append(angles, angles[0]), np.append(values, values[0]), "reference"
    else:
        around, values = np.linspace(0, 2 * np.pi, 181), np.full(181, float(reference))
        label = f"reference {t.percent(reference, 0)}"
    ax.plot(around, values, color=s.ORANGE, linewidth=1.8, linestyle=(0, (4, 3)), zorder=2.5, label=label)
    ax.legend(loc="lower left", bbox_to_anchor=(-0.32, -0.12), fontsize=t.NOTE)


@s.styled
def scores(
    totals: pd.Series,
    max_points: float,
    pass_mark: float | None = None,
    *,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Show how the totals of a class are spread: one dot per trainee (bars in a large class).

    Parameters
    ----------
    totals : Series of float
        Points per trainee; NaN for one who handed nothing in.
    max_points : float
        Points that could be had.
    pass_mark : float, optional
        Points needed to pass.
    ax, title : optional
        Where to draw, and a title in place of the finding.

    Returns
    -------
    Axes

    Raises
    ------
    CourseError
        If `totals` is not a Series of numbers or `max_points` is not above 0.

    Examples
    --------
    >>> ax = scores(pd.Series([40.0, 62, 75, None]), 100, pass_mark=60)
    >>> ax.get_title().replace("\\n", " ")
    '2 of 4 pass (50 %, interval 15-85 %); the median is 62 of 100 points; 1 handed nothing in'
    >>> s.plt.close("all")
    >>> scores(pd.Series([40.0]), 0)
    Traceback (most recent call last):
        ...
    ecomtrain.errors.CourseError: plots.scores: max_points is 0; ...
    """
    where = "plots.scores"
    totals = _series(totals, where, "totals, one per trainee,")
    if not max_points > 0:
        raise CourseError(
            f"{where}: max_points is {max_points:g}; give the points that could be had, above 0."
        )
    given = totals.dropna().clip(0, max_points)
    ax = s.canvas(ax, where, height=3.4)
    passes = (given >= (pass_mark if pass_mark is not None else -np.inf)).to_numpy()
    if len(given) <= 60:
        # Dots of one result, or nearly one, stand on each other; pass and fail never share a pile.
        pile = pd.DataFrame({"x": given.to_numpy(), "passes": passes}).sort_values("x", kind="stable")
        group = pile.groupby(["passes", (pile["x"] / max_points * 40).round()])
        pile["x"], pile["level"] = group["x"].transform("mean"), group.cumcount() + 0.5
        colours = np.where(pile["passes"], s.BLUE, s.ORANGE)
        ax.scatter(pile["x"], pile["level"], s=170, c=colours, edgecolor="white", linewidth=1, zorder=3)
        top = max(pile["level"].max() + 0.5 if len(pile) else 0, 3) * 1.3
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        s.grid(ax, "x")
        ax.set_xlabel(f"Points of {max_points:g} (each dot is a trainee)")
    else:
        edges = np.linspace(0, max_points, (20 if max_points >= 20 else max(5, round(max_points))) + 1)
        middle, wide = (edges[:-1] + edges[1:]) / 2, edges[1] * 0.9
        failed, passing = (np.histogram(given[part], edges)[0] for part in (~passes, passes))
        ax.bar(middle, failed, width=wide, color=s.ORANGE, zorder=3)
        ax.bar(middle, passing, bottom=failed, width=wide, color=s.BLUE, zorder=3)
        top = (failed + passing).max() * 1.28
        s.grid(ax, "y")
        ax.yaxis.set_major_locator(ticker.MaxNLocator(6, integer=True))
        ax.set_xlabel(f"Points of {max_points:g}")
        ax.set_ylabel("Trainees")
    ax.set_ylim(0, top)
    ax.set_xlim(-0.02 * max_points, 1.02 * max_points)
    if pass_mark is not None:
        ax.axvline(pass_mark, color=s.MUTED, linewidth=1.5, linestyle=(0, (4, 3)))
        right = pass_mark < max_points * 0.7
        s.beside(
            ax,
            f"pass mark {pass_mark:g}",
            (pass_mark, top * 0.97),
            (5 if right else -5, 0),
            ha="left" if right else "right",
            va="top",
            color=s.MUTED,
        )
    parts = []
    if pass_mark is not None:
        passed, n = int(passes.sum()), len(totals)
        low, high = (float(end) for end in wilson(passed, n))
        parts.append(f"{passed} of {n} pass ({t.percent(passed / n, 0)}, interval {t.interval(low, high)})")
    parts.append(
        f"the median is {t.number(given.median())} of {max_points:g} points"
        if len(given)
        else "nobody handed in"
    )
    if len(given) < len(totals) and len(given):
        parts.append(f"{len(totals) - len(given)} handed nothing in")
    s.titled(ax, t.capital("; ".join(parts)), title)
    return ax


@s.styled
def pass_rates(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show the share of trainees who got each question right, with its interval.

    Parameters
    ----------
    table : DataFrame
        One row per question: ``question`` (name), ``passed``, ``graded`` (counts), ``low``, ``high``
        (interval of passed / graded, fractions).
    ax, title : optional
        Where to draw, and a title in place of the finding.

    Returns
    -------
    Axes

    Raises
    ------
    CourseError
        If a column is missing or the table has no rows.

    Examples
    --------
    >>> table = pd.DataFrame({"question": ["1 Visitors", "2 Funnel"], "passed": [11, 5], "graded": [12, 12],
    ...                       "low": [0.65, 0.19], "high": [0.99, 0.68]})
    >>> ax = pass_rates(table)
    >>> ax.get_title()
    'Hardest: 2 Funnel, right for 5 of 12 (42 %, interval 19-68 %)'
    >>> s.plt.close("all")
    >>> pass_rates(table.drop(columns="graded"))
    Traceback (most recent call last):
        ...
    ecomtrain.errors.CourseError: plots.pass_rates: column 'graded' is not in the frame; ...
    """
    where = "plots.pass_rates"
    s.table_with(
        table, ["question", "passed", "graded", "low", "high"], where, "the class report's table of questions"
    )
    require_numeric(table, ["passed", "graded", "low", "high"], where)
    graded = table["graded"].astype(float)
    rate = table["passed"] / graded.where(graded > 0)
    ax = s.canvas(ax, where, height=1.3 + 0.42 * len(table))
    hardest = int(np.nanargmin(rate)) if rate.notna().any() else -1
    for row, (value, low, high) in enumerate(zip(rate, table["low"], table["high"], strict=True)):
        s.whiskers(ax, [row], [value], [low], [high], colour=s.RED if row == hardest else s.BLUE)
        s.beside(
            ax,
            f"{table['passed'].iloc[row]:g} of {table['graded'].iloc[row]:g}",
            (1, row),
            (8, 0),
            color=s.MUTED,
            xycoords=("axes fraction", "data"),
            va="center",
        )
    s.rows(ax, table["question"])
    s.grid(ax, "x")
    ax.set_xlim(-0.02, 1.02)
    s.percent_axis(ax.xaxis)
    ax.set_xlabel("Share of the graded trainees who got it right (line: confidence interval)")
    if hardest < 0:
        say = "No question has been graded yet"
    elif rate.max() == rate.min() and len(rate) > 1:
        say = f"All questions alike: right for {t.percent(rate.dropna().iloc[0], 0)} of the trainees"
    else:
        row = table.iloc[hardest]
        say = (
            f"Hardest: {row['question']}, right for {row['passed']:g} of {row['graded']:g} "
            f"({t.percent(rate.iloc[hardest], 0)}, interval {t.interval(row['low'], row['high'])})"
        )
    s.titled(ax, say, title)
    return ax
