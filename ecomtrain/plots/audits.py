"""Plots of claims: what the outline says, what the data say, what is true."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import ticker
from matplotlib.axes import Axes

from ecomtrain.errors import CourseError, require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t

_FIELDS = [
    "id",
    "statement",
    "figure",
    "unit",
    "naive",
    "naive_low",
    "naive_high",
    "sound",
    "low",
    "high",
    "truth",
    "verdict",
]


def _told(unit: Any, value: Any, low: Any = math.nan, high: Any = math.nan) -> str:
    """Return an amount in the unit of its claim, with its interval where there is one."""
    name, value = str(unit), float(value)
    exact = not math.isfinite(float(low) + float(high))
    if name.startswith("relative"):
        return f"{t.plain(value * 100, sign=True)} %" if exact else t.measured(value, low, high, sign=True)
    if name.startswith("share"):
        return f"{t.plain(value * 100)} %" if exact else t.measured(value, low, high)
    if name == "points":
        value, low, high = (100 * float(number) for number in (value, low, high))
        return t.measured(value, low, high, name, share=False, sign=True)
    return t.measured(value, low, high, "times" if name == "ratio" else name, share=False)


def _is_share(unit: Any) -> bool:
    return _told(unit, 0.5).endswith("%")


def _number(value: Any) -> float:
    return float(value) if value is not None and value is not pd.NA else math.nan


@s.styled
def claim(audit: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show a claim's figure beside the naive estimate, the sound one and the planted truth.

    Parameters
    ----------
    audit : Audit
        What `course.claims.audit` returns.
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
        If `audit` is something else or `ax` is no Axes.

    Examples
    --------
    >>> claim(0.32)
    Traceback (most recent call last):
        ...
    CourseError: plots.claim: a float was given, without 'id'. Pass what course.claims.audit returns.
    """
    where = "plots.claim"
    for field in _FIELDS:
        if not hasattr(audit, field):
            raise CourseError(
                f"{where}: a {type(audit).__name__} was given, without '{field}'. "
                "Pass what course.claims.audit returns."
            )
    unit = audit.unit
    names = ["Naive estimate", "Sound estimate"]
    readings = getattr(audit, "table", None)
    if readings is not None and "reading" in readings and len(readings) >= 2:
        names = [f"{name}: {reading}" for name, reading in zip(names, readings["reading"], strict=False)]
    rows = [
        ("The outline says", audit.figure, math.nan, math.nan, s.INK, "D"),
        (names[0], audit.naive, audit.naive_low, audit.naive_high, s.ORANGE, "o"),
        (names[1], audit.sound, audit.low, audit.high, s.BLUE, "o"),
        ("Truth planted in the shop", audit.truth, math.nan, math.nan, s.GREEN, "D"),
    ]
    figure = math.isfinite(_number(audit.figure))
    rows = [row for row in rows if math.isfinite(_number(row[1]))]
    ax = s.canvas(ax, where, height=1.8 + 0.46 * len(rows))
    ends = []
    for place, (_, value, low, high, colour, mark) in enumerate(rows):
        low, high = _number(low), _number(high)
        s.whiskers(ax, [place], [value], [low], [high], colour=colour, marker=mark, size=54)
        ends.append(np.fmax(value, high))
    if figure:
        ax.axvline(audit.figure, color=s.INK, linewidth=1.2, linestyle=(0, (3, 3)), zorder=1)
    s.rows(ax, [row[0] for row in rows], inches=2.6)
    texts = [_told(unit, *map(_number, row[1:4])) for row in rows]
    lows = [np.fmin(_number(row[1]), _number(row[2])) for row in rows]
    least = min(0.0, *lows)
    s.end_labels(ax, ends, range(len(rows)), texts, start=least - 0.04 * (max(ends) - least), most=math.inf)
    if least < 0:
        ax.axvline(0, color=s.MUTED, linewidth=1)
    s.grid(ax, "x")
    if _is_share(unit):
        s.percent_axis(ax.xaxis, sign=_told(unit, 0.5).startswith("+"))
    else:
        scale = 100 if unit == "points" else 1
        ax.xaxis.set_major_formatter(ticker.FuncFormatter(lambda tick, _: t.plain(scale * tick)))
    label = {"relative": "Relative change", "share": "Share"}.get(str(unit), t.capital(str(unit)))
    ax.set_xlabel(f"{label} (line: interval)", loc="left")
    say = f"{audit.id} {audit.verdict}: the outline {f'says {texts[0]}' if figure else 'gives no figure'}"
    if math.isfinite(_number(audit.sound)):
        say += f", the data {_told(unit, *map(_number, (audit.sound, audit.low, audit.high)))}"
    s.titled(ax, say, title, f"The claim: {str(audit.statement).rstrip('.')}.")
    return ax


@s.styled
def claims(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show all claims on one scale: every estimate as a multiple of the figure that the outline gives.

    Where it gives none, the naive estimate stands for it.

    Parameters
    ----------
    table : DataFrame
        What `course.claims.table` returns.
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
    >>> claims(pd.DataFrame({"id": ["C2.F1c"]}))
    Traceback (most recent call last):
        ...
    CourseError: plots.claims: column 'statement' is not in the frame; it has id. Pass what course...
    """
    where = "plots.claims"
    if hasattr(table, "columns") and "id" not in table and table.index.name in ("id", "claim"):
        table = table.rename_axis("id").reset_index()
    s.table_with(table, _FIELDS, where, "what course.claims.table returns")
    amounts = ["naive", "naive_low", "naive_high", "sound", "low", "high", "truth"]
    require_numeric(table, ["figure", *amounts], where)
    base = table["figure"].fillna(table["naive"])
    scaled = table[amounts].astype(float).div(base.where(base != 0), axis=0)
    ax = s.canvas(ax, where, height=2.0 + 0.6 * len(table))
    at = np.arange(len(table))
    naive, sound = scaled[["naive", "naive_low", "naive_high"]], scaled[["sound", "low", "high"]]
    s.whiskers(ax, at - 0.2, *naive.to_numpy().T, colour=s.ORANGE, size=36, label="naive estimate")
    s.whiskers(ax, at, *sound.to_numpy().T, colour=s.BLUE, size=36, label="sound estimate")
    ax.scatter(scaled["truth"], at + 0.2, marker="D", s=36, color=s.GREEN, zorder=4, label="planted truth")
    ax.axvline(1, color=s.INK, linewidth=1.2, linestyle=(0, (3, 3)), label="the outline's figure")
    ax.axvline(0, color=s.FAINT, linewidth=1)
    s.rows(ax, [f"{row.id}  {row.statement}" for row in table.itertuples(index=False)], inches=3.6)
    for label in ax.get_yticklabels():
        label.set_fontsize(t.NOTE)
    # Far intervals would squeeze all else: the axis follows the estimates, a cut interval leaves the frame.
    points = scaled[["naive", "sound", "truth"]].to_numpy().ravel()
    points = points[np.isfinite(points)]
    least, most = min(0, *points, 0), max(1.5, *points, 0)
    ax.set_xlim(least - 0.15 * (most - least), most + 0.15 * (most - least))
    for place, row in enumerate(table.itertuples(index=False)):
        text = t.wrapped(str(row.verdict), 1.1, t.NOTE)
        if math.isfinite(_number(row.sound)):
            text += "\n" + t.wrapped(_told(row.unit, row.sound, row.low, row.high), 1.45, t.NOTE)
        across = ("axes fraction", "data")
        s.beside(ax, text, (1, place), (8, 0), xycoords=across, va="center", fontsize=t.NOTE)
    ax.legend(
        loc="lower right",
        bbox_to_anchor=(1, 1),
        ncols=4,
        columnspacing=1.2,
        handletextpad=0.3,
        fontsize=t.NOTE,
    )
    ax.xaxis.set_major_locator(ticker.MaxNLocator(7, steps=s.ROUND))
    ax.xaxis.set_major_formatter(ticker.FuncFormatter(lambda tick, _: f"{t.plain(tick)} ×"))
    s.grid(ax, "x")
    ax.set_xlabel("Multiple of the outline's figure (lines: intervals)")
    counts = table["verdict"].value_counts()
    told = t.listed([f"{count} “{verdict}”" for verdict, count in counts.items()])
    s.titled(
        ax,
        f"Of {len(table)} claims: {told}",
        title,
        "Right: verdict, and the sound estimate in its own unit.",
        pad=30,
    )
    return ax
