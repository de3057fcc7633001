"""Plots of skills: where they fall short, and which hang on one person."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from ecomtrain.errors import CourseError
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t

LACK = LinearSegmentedColormap.from_list("lack", [s.ORANGE, "white", s.BLUE])
HOLD = LinearSegmentedColormap.from_list("hold", [s.ORANGE, "white"])


def _cells(ax: Axes, values: Any, texts: Any, names: list[Any], skills: list[Any], shade: Any) -> None:
    """Draw a table of coloured cells with their words, dark enough to read on any of the colours."""
    ax.pcolormesh(
        np.arange(len(skills) + 1) - 0.5,
        np.arange(len(names) + 1) - 0.5,
        shade(values),
        edgecolors="white",
        linewidth=2,
    )
    for (row, column), text in np.ndenumerate(texts):
        ax.text(column, row, text, ha="center", va="center", color=s.INK, fontsize=t.TEXT)
    s.rows(ax, names)
    ax.set_xticks(range(len(skills)), [t.safe(skill) for skill in skills])
    ax.xaxis.tick_top()
    ax.tick_params(axis="x", labelcolor=s.INK)
    ax.spines["bottom"].set_visible(False)
    s.grid(ax, "")


@s.styled
def competency_gap(result: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show where people's skills fall short of what their roles need.

    Parameters
    ----------
    result : CompetencyGap
        What `analysis.team.competency_gap` returns.
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
    >>> competency_gap(-1)
    Traceback (most recent call last):
        ...
    CourseError: plots.competency_gap: a int was given. Pass what analysis.team.competency_gap returns, ...
    """
    where = "plots.competency_gap"
    table = s.whole(result, ["roles", "alpha"], where, "what analysis.team.competency_gap returns")
    by = table.columns[0]
    roles, skills = list(dict.fromkeys(table[by])), list(dict.fromkeys(table["skill"]))
    gap = table["gap"].to_numpy(dtype=float).reshape(len(roles), len(skills))
    cover = table["coverage"].to_numpy(dtype=float).reshape(gap.shape)
    told = [
        "not rated" if g != g else f"{t.number(g, 1, sign=True)}\n{t.percent(c)} have it"
        for g, c in zip(gap.ravel(), cover.ravel(), strict=True)
    ]
    ax = s.canvas(ax, where, height=1.7 + 0.58 * len(roles))
    reach = max(float(np.nanmax(np.abs(gap), initial=0)), 0.5) * 1.6  # never so dark that words are lost
    ready = result.roles.set_index(by)["readiness"]
    names = [f"{role}: {t.percent(ready[role])} ready" for role in roles]
    _cells(
        ax,
        gap,
        np.reshape(told, gap.shape),
        names,
        skills,
        lambda x: LACK(0.5 + np.nan_to_num(x) / (2 * reach)),
    )
    known = table.dropna(subset=["gap"])
    say = "Nobody has been rated"
    if len(known):
        row = known.loc[known["gap"].idxmin()]
        low = f"{t.number(abs(row['gap']), 1)} below the {t.number(row['required'], 1)} needed"
        say = (
            f"The largest gap is the skill {row['skill']} in {row[by]}: {low}; {t.percent(row['coverage'])} "
            "of the people have what it takes"
            if row["gap"] < 0
            else f"No role lacks a skill on average; the least to spare is in {row['skill']} of {row[by]} "
            f"({t.number(row['gap'], 1, sign=True)})"
        )
    s.titled(
        ax, say, title,
        "Mean rating less what the role needs (orange: lacking), and who has what it needs.",
        pad=30,
    )  # fmt: skip
    return ax


@s.styled
def bus_factor(result: Any, *, most: int = 14, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show which skills of which teams hang on one person, or on nobody.

    Parameters
    ----------
    result : BusFactor
        What `analysis.team.bus_factor` returns.
    most : int, default 14
        Most teams that are drawn, those with the fewest holders first.
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
    >>> bus_factor(1)
    Traceback (most recent call last):
        ...
    CourseError: plots.bus_factor: a int was given. Pass what analysis.team.bus_factor returns, ...
    """
    where = "plots.bus_factor"
    table = s.whole(result, ["alone"], where, "what analysis.team.bus_factor returns")
    if not len(table):
        raise CourseError(
            f"{where}: the result has no rows, nothing to draw. Pass one of a team with people."
        )
    by = table.columns[0]
    skills = list(dict.fromkeys(table["skill"]))
    wide = table.pivot_table(index=by, columns="skill", values="bus_factor", observed=True)[skills]
    weak = pd.DataFrame({"least": wide.min(axis=1), "mean": wide.mean(axis=1)})
    drawn = wide.loc[weak.sort_values(["least", "mean"], kind="stable").index[:most]]
    values = drawn.to_numpy(dtype=float)
    ax = s.canvas(ax, where, height=1.6 + 0.36 * len(drawn))
    texts = np.where(values == 0, "nobody", np.where(values == 1, "1 person", values.astype(int).astype(str)))
    people = table.groupby(by, observed=True)["people"].first()
    names = [f"{name} ({people[name]})" for name in drawn.index]
    _cells(ax, values, texts, names, skills, lambda x: HOLD(np.clip(x / 3, 0, 1)))
    none, one = int((table["bus_factor"] == 0).sum()), int((table["bus_factor"] == 1).sum())
    hang = "hangs" if one == 1 else "hang"
    say = f"Of {len(table)} skills of teams {one} {hang} on a single person, {none} on nobody"
    hidden = len(wide) - len(drawn)
    note = "Number: how many have to leave until the skill is not there; in brackets: people in the team."
    s.titled(
        ax,
        say,
        title,
        f"{note} {hidden} teams that are better off are not shown." if hidden else note,
        pad=30,
    )
    return ax
