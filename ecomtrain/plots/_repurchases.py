"""Plots of repeat purchases: who is still there, and whether the models were right about it."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ecomtrain.errors import require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t

__all__ = ["alive_by_frequency", "alive_map", "holdout", "tracking"]


def named(
    ax: Axes, text: str, at: tuple[float, float], offset: tuple[float, float], colour: str, **look: Any
) -> None:
    """Write the name of a mark beside it, in its colour."""
    s.beside(ax, text, at, offset, color=colour, fontweight="bold", bbox=s.PAPER, **look)


@s.styled
def alive_map(grid: Any, *, unit: str = "weeks", ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show how silence and purchases together tell whether a customer is still there.

    Parameters
    ----------
    grid : DataFrame
        What `analysis.clv.alive_grid` returns.
    unit : str, default "weeks"
        Name of its unit of time.
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
        If a column is missing or holds no numbers.

    Examples
    --------
    >>> alive_map([0.4])
    Traceback (most recent call last):
        ...
    CourseError: plots.alive_map: a DataFrame is needed, a list was given. Pass what analysis.clv...
    """
    where = "plots.alive_map"
    columns = ["frequency", "silence", "p_alive"]
    s.table_with(grid, columns, where, "what analysis.clv.alive_grid returns")
    require_numeric(grid, columns, where)
    wide = grid.pivot_table(index="frequency", columns="silence", values="p_alive")
    x, y, z = wide.columns.to_numpy(float), wide.index.to_numpy(float), wide.to_numpy()
    ax = s.canvas(ax, where, height=4.6)
    drawn = min(wide.shape) > 1 and float(np.ptp(z)) > 0
    if drawn:
        levels = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]
        ax.contourf(x, y, z, levels, cmap="Blues", alpha=0.85)
        lines = [level for level in (0.1, 0.3, 0.5, 0.7, 0.9) if z.min() < level < z.max()]
        if lines:
            marks = ax.contour(
                x, y, z, lines, colors=s.INK, linewidths=[2.6 if v == 0.5 else 1 for v in lines]
            )
            for text in ax.clabel(marks, fmt=lambda v: t.percent(v, 0), fontsize=t.NOTE, inline=True):
                text.set_bbox(s.PAPER)
                text.set_color(s.INK)
    s.grid(ax, "")
    ax.set_xlabel(f"Silence: {unit} since the last purchase")
    ax.set_ylabel("Repeat purchases before")
    ax.set_yticks(sorted({int(v) for v in np.linspace(y[0], y[-1], min(len(y), 6))}))
    said = []
    for row in (wide.iloc[-1], wide.iloc[0]):
        gone = row[row < 0.5]
        said.append(
            f"{t.number(gone.index[0], 0)} {unit} of silence"
            if len(gone)
            else f"more than the {t.number(x[-1], 0)} {unit} shown"
        )
    finding = (
        f"A customer with {y[-1]:.0f} repeat purchases is more likely gone than not after {said[0]}, "
        f"one with {y[0]:.0f} after {said[1]}"
    )
    age = t.number(x[-1], 0)
    s.titled(
        ax, finding, title,
        f"Customers whose first purchase was {age} {unit} ago. Lines: chance to be alive, thick: 50 %.",
    )  # fmt: skip
    return ax


@s.styled
def tracking(table: Any, *, ax: Any = None, title: str | None = None) -> np.ndarray:
    """Show repeat purchases beside the model's expectation: summed up, and period by period.

    Parameters
    ----------
    table : DataFrame
        What `analysis.clv.tracking` returns.
    ax : array of two Axes, optional
        Where to draw; a new figure if left out.
    title : str, optional
        In place of the finding.

    Returns
    -------
    array of Axes

    Raises
    ------
    CourseError
        If a column is missing or holds no numbers.

    Examples
    --------
    >>> tracking([1, 2])
    Traceback (most recent call last):
        ...
    CourseError: plots.tracking: a DataFrame is needed, a list was given. Pass what analysis.clv.tracking ...
    """
    where = "plots.tracking"
    columns = ["period", "actual", "expected", "cumulative_actual", "cumulative_expected"]
    s.table_with(table, [*columns, "holdout"], where, "what analysis.clv.tracking returns")
    require_numeric(table, columns, where)
    axes = s.canvases(ax, where, 2, height=4.4)
    held = table[table["holdout"]]
    end = float(table["period"].iloc[-1])
    for panel, prefix in zip(axes, ("cumulative_", ""), strict=True):
        made, forecast = table[f"{prefix}actual"], table[f"{prefix}expected"]
        panel.plot(table["period"], made, color=s.INK, linewidth=2)
        panel.plot(table["period"], forecast, color=s.BLUE, linewidth=2.4, linestyle=(0, (4, 2)))
        top = float(max(made.max(), forecast.max())) or 1.0
        if len(held):
            begin = float(held["period"].iloc[0]) - 0.5
            panel.axvspan(begin, end, color=s.SKY, alpha=0.13, linewidth=0)
        panel.set_ylim(0, top * 1.25)
        panel.set_xlim(float(table["period"].iloc[0]), end)
        s.number_axis(panel.yaxis)
        s.grid(panel, "y")
        panel.set_xlabel("Periods since the first purchase of all")
    axes[0].set_ylabel("Repeat purchases so far")
    axes[1].set_ylabel("Repeat purchases per period")
    named(axes[0], "actual (solid)", (0.04, 0.93), (0, 0), s.INK, xycoords="axes fraction")
    named(axes[0], "model (dashed)", (0.04, 0.85), (0, 0), s.BLUE, xycoords="axes fraction")
    if len(held):
        s.beside(
            axes[1],
            "held out",
            ((begin + end) / 2, 1),
            (0, -4),
            xycoords=("data", "axes fraction"),
            ha="center",
            va="top",
        )
        actual, expected = float(held["actual"].sum()), float(held["expected"].sum())
        what = f"{t.number(actual, 0)} repeat purchases in the {len(held)} periods held out"
    else:
        actual, expected = float(table["actual"].sum()), float(table["expected"].sum())
        what = f"{t.number(actual, 0)} repeat purchases, none of them held out"
    say = f"The model expected {t.number(expected, 0)}; there were {what}"
    if actual > 0:
        error = expected / actual - 1
        say += (
            f": {t.percent(abs(error))} too {'many' if error > 0 else 'few'}" if error else ": exactly right"
        )
    s.titled(
        axes,
        say,
        title,
        "The model was fitted to the periods before the shaded ones; only customers of then are followed.",
    )
    return axes


@s.styled
def holdout(score: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show purchases of the time held out by how often customers had bought before, and the forecast.

    Parameters
    ----------
    score : HoldoutScore
        What `analysis.clv.holdout_score` returns.
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
        If `score` is something else.

    Examples
    --------
    >>> holdout(0.4)
    Traceback (most recent call last):
        ...
    CourseError: plots.holdout: a float was given. Pass what analysis.clv.holdout_score returns, whole, ...
    """
    where = "plots.holdout"
    fields = ["table", "model", "mae", "mae_naive", "actual", "expected", "relative_error"]
    s.whole(score, fields, where, "what analysis.clv.holdout_score returns")
    table = score.table
    ax = s.canvas(ax, where, height=4.4)
    at = np.arange(len(table))
    s.whiskers(ax, at, table["actual"], table["low"], table["high"], colour=s.INK, upright=True)
    ax.plot(
        at,
        table["expected"],
        color=s.BLUE,
        marker="D",
        markersize=8,
        linestyle=(0, (4, 2)),
        zorder=5,
        markerfacecolor="white",
        markeredgewidth=2,
    )
    ax.set_xticks(
        at,
        [
            f"{t.safe(name)}\n{t.number(n, 0)}"
            for name, n in zip(table["frequency"], table["customers"], strict=True)
        ],
    )
    ax.set_xlabel("Repeat purchases before the split (below: customers)")
    ax.set_ylabel("Purchases per customer afterwards")
    ax.set_xlim(-0.6, len(table) - 0.4)
    ax.set_ylim(bottom=min(0.0, float(np.nanmin([table["low"].min(), 0.0]))))
    named(ax, "actual, with interval (dots)", (0.03, 0.93), (0, 0), s.INK, xycoords="axes fraction")
    named(
        ax,
        f"{t.safe(score.model)} expects (diamonds)",
        (0.03, 0.86),
        (0, 0),
        s.BLUE,
        xycoords="axes fraction",
    )
    s.grid(ax, "y")
    inside = int(table["expected"].between(table["low"], table["high"]).sum())
    known = int(table["low"].notna().sum())
    made, forecast = t.number(score.actual, 0), t.number(score.expected, 0)
    say = f"{t.safe(score.model)} expects {forecast} purchases, there were {made}"
    if score.relative_error == score.relative_error:
        say += f" ({t.percent(score.relative_error, sign=True)})"
    say += f"; it is within the interval in {inside} of {known} classes"
    note = (
        f"Mean error per customer: {t.number(score.mae, 2)} purchases; if everyone went on at the rate of "
        f"before: {t.number(score.mae_naive, 2)}."
    )
    s.titled(ax, say, title, note)
    return ax


@s.styled
def alive_by_frequency(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Compare how many customers models take to be alive, by repeat purchases.

    Parameters
    ----------
    table : DataFrame
        What `analysis.clv.alive_by_frequency` returns.
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
        If a column is missing or holds no numbers.

    Examples
    --------
    >>> alive_by_frequency([0.4])
    Traceback (most recent call last):
        ...
    CourseError: plots.alive_by_frequency: a DataFrame is needed, a list was given. Pass what analysis.clv...
    """
    where = "plots.alive_by_frequency"
    columns = ["model", "frequency", "customers", "p_alive"]
    s.table_with(table, columns, where, "what analysis.clv.alive_by_frequency returns")
    require_numeric(table, columns[2:], where)
    ax = s.canvas(ax, where, height=4.4)
    first = table[table["model"] == table["model"].iloc[0]]
    at = np.arange(len(first))
    starts, names = [], []
    looks = zip([s.BLUE, s.RED, s.GREEN], "oDs", ["-", (0, (4, 2)), (0, (1, 2))], strict=True)
    groups = list(table.groupby("model", sort=False))[:3]
    for (name, part), (colour, marker, line) in zip(groups, looks, strict=False):
        ax.plot(
            at,
            part["p_alive"],
            color=colour,
            marker=marker,
            markersize=8,
            linestyle=line,
            clip_on=False,
            zorder=4,
        )
        starts.append(float(part["p_alive"].iloc[0]))
        names.append((t.safe(name), colour))
    for place, (name, colour), value in zip(s.spread(starts, 0.08), names, starts, strict=True):
        named(ax, f"{name}: {t.percent(value)}", (0, place), (-10, 0), colour, ha="right", va="center")
    ax.set_xticks(
        at,
        [
            f"{t.safe(name)}\n{t.number(n, 0)}"
            for name, n in zip(first["frequency"], first["customers"], strict=True)
        ],
    )
    ax.set_xlim(-2.2, len(first) - 0.7)
    ax.set_ylim(0, 1.05)
    s.percent_axis(ax.yaxis)
    s.grid(ax, "y")
    ax.set_xlabel("Repeat purchases (below: customers)")
    ax.set_ylabel("Mean chance to be alive")
    which = t.safe(first["frequency"].iloc[0])
    who = "without a repeat purchase" if which == "0" else f"with {which} repeat purchases"
    said = t.listed(
        [f"{name} says {t.percent(value)}" for (name, _), value in zip(names, starts, strict=True)]
    )
    s.titled(
        ax,
        f"Of the {t.number(first['customers'].iloc[0], 0)} customers {who}, how many are still there? {said}",
        title,
        "BG/NBD lets nobody leave before the second purchase, so it has all of them alive by construction.",
    )
    return ax
