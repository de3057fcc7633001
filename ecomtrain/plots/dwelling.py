"""Plots of dwell time: how long a page holds its visitors, and who buys."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib import ticker
from matplotlib.axes import Axes

from ecomtrain.errors import CourseError, nearest, require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t

_CURVE = ["seconds", "at_risk", "left", "survival", "low", "high"]
_MOST = 8


@s.styled
def dwell(
    curve: Any,
    *,
    page: str | None = None,
    mark: float | None = None,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Show which share of views is still open after so many seconds, one curve per page.

    Parameters
    ----------
    curve : DataFrame
        What `analysis.paths.survival_curve` returns: one curve, or one per page.
    page : str, optional
        The curve that the title speaks of and that stands out; "home" if there is one, else the first.
    mark : float, optional
        Seconds at which to read the curve, such as 15; the median otherwise.
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
        If `curve` lacks a column or a row, `page` is none of its curves or `mark` is below 1.

    Notes
    -----
    The seconds are on a logarithmic scale. The band is the confidence interval.

    Examples
    --------
    >>> curve = pd.DataFrame({"page": "home", "seconds": [5.0, 9, 20], "at_risk": [4, 3, 1], "left": 1,
    ...     "survival": [0.75, 0.5, 0], "low": [0.13, 0.06, None], "high": [0.96, 0.84, None]})
    >>> s.finding(dwell(curve))
    'Half of the home views are over after 9 seconds'
    >>> s.finding(dwell(curve, mark=15))
    '50 % of the home views are over within 15 seconds (16-94 %)'
    >>> s.plt.close("all")
    >>> dwell(curve, page="hom")
    Traceback (most recent call last):
        ...
    CourseError: plots.dwell: page is 'hom', which has no curve here (home). Did you mean 'home'?
    """
    where = "plots.dwell"
    s.table_with(curve, _CURVE, where, "what analysis.paths.survival_curve returns")
    require_numeric(curve, _CURVE, where)
    if mark is not None and not mark >= 1:
        raise CourseError(f"{where}: mark is {mark:g}; give seconds, 1 or more, such as 15.")
    by = next((column for column in curve.columns if column not in _CURVE), None)
    curves = {"": curve} if by is None else dict(list(curve.groupby(by, sort=False, observed=True)))
    curves = {str(name): part.sort_values("seconds") for name, part in curves.items()}
    if page is not None and page not in curves:
        raise CourseError(
            f"{where}: page is {page!r}, which has no curve here ({', '.join(curves)})."
            + nearest(page, curves)
        )
    page = page or ("home" if "home" in curves else next(iter(curves)))
    shown = [page, *[name for name in curves if name != page]][:_MOST]
    ax = s.canvas(ax, where, height=4.4)
    until = max(_until(curves[name]) for name in shown)
    medians = {name: _first(curves[name], 0.5) for name in shown}
    for colour, name in zip(s.SERIES, shown, strict=False):
        part = _from_one(curves[name], until)
        wide = 2.8 if name == page else 1.5
        half = (
            f"half over after {t.number(medians[name], 0)} s"
            if medians[name] == medians[name]
            else "end not seen"
        )
        label = f"{t.safe(name)}: {half}" if name else None
        ax.step(part["seconds"], part["survival"], where="post", color=colour, linewidth=wide, label=label)
        band: Any = {"step": "post", "color": colour, "alpha": 0.18, "linewidth": 0}
        ax.fill_between(part["seconds"], part["low"].astype(float), part["high"].astype(float), **band)
    if len(shown) > 1:
        handles, labels = ax.get_legend_handles_labels()
        order = sorted(range(len(labels)), key=lambda i: -np.nan_to_num(medians[shown[i]], nan=np.inf))
        sorted_ = [handles[i] for i in order], [labels[i] for i in order]
        ax.legend(*sorted_, loc="center left", bbox_to_anchor=(1, 0.5))
    told = f"{page} views" if page else "views"
    if mark is None:
        x, y = medians[page], 0.5
        say = f"Half of the {told} are over after {t.number(x, 0)} seconds"
        if x != x:
            say = f"More than half of the {told} are still open at the last second seen"
    else:
        x, (y, low, high) = float(mark), _at(curves[page], mark)
        say = f"{t.percent(1 - y, 0)} of the {told} are over within {mark:g} seconds"
        if low == low:
            say += f" ({t.interval(1 - high, 1 - low)})"
    if x == x:
        ax.vlines(x, 0, y, color=s.INK, linewidth=1.2, linestyle=(0, (3, 3)), zorder=5)
        ax.hlines(y, 1, x, color=s.INK, linewidth=1.2, linestyle=(0, (3, 3)), zorder=5)
        ax.scatter([x], [y], color=s.INK, s=36, zorder=6)
        s.beside(
            ax, f"{t.percent(y, 0)} still open at {x:g} s", (1, y), (6, 5), fontweight="bold", bbox=s.PAPER
        )
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(ticker.FixedLocator([1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200]))
    ax.xaxis.set_minor_locator(ticker.NullLocator())
    ax.xaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:g} s"))
    ax.set_xlim(1, max(until, 2))
    ax.set_ylim(0, 1)
    s.percent_axis(ax.yaxis)
    s.grid(ax, "y")
    ax.set_xlabel("Time since the page was opened (logarithmic scale)")
    ax.set_ylabel("Views still open")
    note = (
        "Kaplan-Meier curve: nobody saw the end of a visit's last page, so it counts as far as seen. "
        "Shaded: confidence interval."
    )
    s.titled(ax, say, title, note)
    return ax


def _until(curve: Any) -> float:
    """Return the last second at which enough views are open for the curve to mean something."""
    enough = curve.loc[curve["at_risk"] >= min(20, curve["at_risk"].max()), "seconds"]
    return float(enough.max())


def _from_one(curve: Any, until: float) -> pd.DataFrame:
    """Return the curve from 1 second (the left edge of a logarithmic axis) on."""
    survival, low, high = _at(curve, 1)
    start = pd.DataFrame({"seconds": [1.0], "survival": [survival], "low": [low], "high": [high]})
    later = curve.loc[(curve["seconds"] > 1) & (curve["seconds"] <= until), start.columns].astype(float)
    return pd.concat([start, later])


def _at(curve: Any, seconds: float) -> tuple[float, float, float]:
    """Return share open and its interval after so many seconds; before the first view has ended, 1."""
    before = curve[curve["seconds"] <= seconds]
    if before.empty:
        return 1.0, 1.0, 1.0
    survival, low, high = before[["survival", "low", "high"]].iloc[-1].astype(float)
    return float(survival), float(low), float(high)


def _first(curve: Any, share: float) -> float:
    """Return the first second at which no more than `share` is open, NaN if never."""
    return float(curve.loc[curve["survival"] <= share + 1e-12, "seconds"].min())


@s.styled
def dwell_conversion(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show how many buy, by how long they stayed on the page.

    Parameters
    ----------
    table : DataFrame
        What `analysis.paths.dwell_conversion` returns.
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
    >>> table = pd.DataFrame({"band": ["0-15 s", "15 s and more", "last page"], "sessions": [900, 700, 400],
    ...     "converted": [18, 42, 2], "conversion_rate": [0.02, 0.06, 0.005], "low": [0.013, 0.045, 0.001],
    ...     "high": [0.031, 0.08, 0.018]})
    >>> s.finding(dwell_conversion(table))
    '2.0 % buy after 0-15 s on the page (1.3-3.1 %), 6.0 % after 15 s and more (4.5-8.0 %)'
    >>> s.plt.close("all")
    >>> dwell_conversion(table[["band"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.dwell_conversion: column 'sessions' is not in the frame; ...
    """
    where = "plots.dwell_conversion"
    columns = ["band", "sessions", "converted", "conversion_rate", "low", "high"]
    s.table_with(table, columns, where, "what analysis.paths.dwell_conversion returns")
    require_numeric(table, columns[1:], where)
    ax = s.canvas(ax, where, height=4.2)
    unseen = table["band"].eq("last page").to_numpy()
    for colour, part in ((s.BLUE, ~unseen), (s.FAINT, unseen)):
        rows = np.flatnonzero(part)
        values = (table[c].iloc[rows] for c in ("conversion_rate", "low", "high"))
        s.whiskers(ax, rows, *values, colour=colour, upright=True, size=60)
    known = table[~unseen]
    ax.plot(np.flatnonzero(~unseen), known["conversion_rate"], color=s.BLUE, linewidth=1, alpha=0.5)
    labels = [
        t.wrapped(name if name != "last page" else "last page: time unknown", 1.15) + f"\n({t.number(n, 0)})"
        for name, n in zip(table["band"], table["sessions"], strict=True)
    ]
    ax.set_xticks(range(len(table)), labels)
    for place, row in enumerate(table.itertuples(index=False)):
        s.beside(ax, t.percent(row.conversion_rate), (place, row.conversion_rate), (8, 3), bbox=s.PAPER)
    ax.set_xlim(-0.5, len(table) - 0.3)
    top = float(table["high"].max())
    ax.set_ylim(0, top * 1.12 if top > 0 else 1)
    s.percent_axis(ax.yaxis)
    s.grid(ax, "y")
    ax.set_xlabel("Time on the page (number of visits)")
    ax.set_ylabel("Visits that buy")
    found = known.dropna(subset=["conversion_rate"])
    say = "No visit has a known time on the page"
    if len(found):
        # The band that is surely high: a few long visits that happened to buy would win by their rate alone.
        first, best = found.iloc[0], found.loc[found["low"].idxmax()]
        say = _buying(first, "buy after {} on the page")
        if best["band"] != first["band"]:
            say += f", {_buying(best, 'after {}')}"
    s.titled(
        ax,
        say,
        title,
        "Lines: confidence interval. This does not show that making visitors stay makes them buy.",
    )
    return ax


def _buying(row: pd.Series, words: str) -> str:
    return t.measured(row["conversion_rate"], row["low"], row["high"], words.format(row["band"]))
