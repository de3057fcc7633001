"""Marks that several plots share: estimates with their intervals in rows, names as words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ecomtrain.plots import style as s
from ecomtrain.plots import text as t


def word(name: Any) -> str:
    """Return a label of the data as words: ``image_text`` as ``image text``."""
    return t.safe(str(name).replace("_", " "))


def between(row: Any) -> str:
    """Return the interval of an amount in brackets, if it is known."""
    if not np.isfinite(row["low"] + row["high"]):
        return ""
    return f" ({t.interval(row['low'], row['high'], share=False)})"


def estimates(
    ax: Axes,
    table: Any,
    columns: Sequence[str],
    texts: Sequence[str],
    *,
    start: float = 0.0,
    most: float = 1e12,
) -> None:
    """Draw one row per row of `table`: its estimate, its interval and a text beside it."""
    value, low, high = (table[column].to_numpy(dtype=float) for column in columns)
    at = np.arange(len(table))
    s.rows(ax, [word(name) for name in table.index])
    s.whiskers(ax, at, value, low, high, size=64)
    s.end_labels(ax, np.fmax(value, high), at, texts, start=start, most=most)
    s.grid(ax, "x")


def reference(ax: Axes, at: float, text: str, *, colour: str = s.RED, offset: float = 4) -> None:
    """Draw a dashed line up the plot with its meaning above it."""
    ax.axvline(at, color=colour, linewidth=1.6, linestyle=(0, (4, 3)), zorder=2)
    s.beside(
        ax, text, (at, 1), (0, offset), xycoords=("data", "axes fraction"), ha="center", va="bottom",
        color=colour,
    )  # fmt: skip


def curves(ax: Axes, lines: Any, labels: Sequence[str]) -> None:
    """Draw lines with a marker each, and name each at its end, the names moved apart.

    `lines` are pairs of x and y without gaps at the end.
    """
    marks, ends = "osD^vPX*", []
    for place, (x, y) in enumerate(lines):
        colour = s.SERIES[place % 7]
        ax.plot(x, y, color=colour, marker=marks[place % 8], markersize=5, zorder=3, clip_on=False)
        ends.append((x[-1], y[-1]))
    low, high = ax.get_ylim()
    height = ax.get_window_extent().height / ax.figure.dpi
    gap = 0.19 * (high - low) / height
    for place, (label, y) in enumerate(zip(labels, s.spread([y for _, y in ends], gap), strict=True)):
        s.beside(ax, label, (max(x for x, _ in ends), y), (10, 0), va="center", color=s.SERIES[place % 7])
