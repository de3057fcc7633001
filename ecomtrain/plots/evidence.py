"""Plots of evidence: experiments, forecasts of intent, profiles, anonymity."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ecomtrain.errors import CourseError, require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t

_CHANGE = ["relative_change", "relative_low", "relative_high"]


@s.styled
def experiment(
    table: Any, *, what: str = "", unit: str | None = None, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Show what each treatment changed against the control, with its interval.

    Parameters
    ----------
    table : DataFrame
        What `analysis.experiment.compare_rates` or `compare_means` returns; several may be concatenated.
    what : str, optional
        What was measured, such as "Loss at checkout"; begins the title.
    unit : str, optional
        ``"%"`` for shares, or a sign put before the values such as ``"¥"``; if left out, values up to 1 are
        taken for shares.
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
    >>> import pandas as pd
    >>> table = pd.DataFrame({"control": 0.25, "treatment": 0.33, "n_control": 1000, "n_treatment": 1000,
    ...     "relative_change": 0.32, "relative_low": 0.15, "relative_high": 0.52}, index=["long"])
    >>> s.finding(experiment(table, what="Loss at checkout"))
    'Loss at checkout: 25 % in control, 33 % in long, that is +32 % (+15 to +52 %)'
    >>> s.plt.close("all")
    >>> experiment(table.drop(columns="relative_low"))
    Traceback (most recent call last):
        ...
    CourseError: plots.experiment: column 'relative_low' is not in the frame; ...
    """
    where = "plots.experiment"
    columns = ["control", "treatment", "n_control", "n_treatment", *_CHANGE]
    s.table_with(table, columns, where, "what analysis.experiment.compare_rates or compare_means returns")
    require_numeric(table, columns, where)

    def told(before: float, after: float, share: bool) -> tuple[str, str]:
        if not share:
            return t.compact(before, unit or ""), t.compact(after, unit or "")
        digits = 1 if t.percent(before) == t.percent(after) else None
        return t.percent(before, digits), t.percent(after, digits)

    ax = s.canvas(ax, where, height=1.7 + 0.68 * len(table))
    clear = (table["relative_low"] > 0) | (table["relative_high"] < 0)
    for colour, part in ((s.BLUE, clear.to_numpy()), (s.MUTED, ~clear.to_numpy())):
        rows = np.flatnonzero(part)
        s.whiskers(ax, rows, *(table[c].iloc[rows] for c in _CHANGE), colour=colour, size=70)
    texts = []
    for place, row in enumerate(table.itertuples()):
        share = unit == "%" or (unit is None and max(abs(row.control), abs(row.treatment)) <= 1)
        texts.append(told(row.control, row.treatment, share))
        middle = row.relative_change if row.relative_change == row.relative_change else 0
        sizes = [t.number(n, 0) for n in (row.n_control, row.n_treatment)]
        counts = " → ".join(
            f"{x} of {n}" if share else f"{x} (n {n})" for x, n in zip(texts[-1], sizes, strict=True)
        )
        change = t.measured(*(getattr(row, c) for c in _CHANGE), sign=True)
        s.beside(ax, f"{change}\n{counts}", (middle, place), (0, 9), ha="center", va="bottom", bbox=s.PAPER)
    s.rows(ax, table.index)
    ax.set_ylim(len(table) - 0.6, -0.95)
    ax.axvline(0, color=s.INK, linewidth=1.2)
    ends = table[["relative_low", "relative_high", "relative_change"]].to_numpy(dtype=float)
    least, most = np.nanmin([0, *ends.ravel()]), np.nanmax([0, *ends.ravel()])
    room = max(most - least, 0.02) * 0.35
    ax.set_xlim(least - room, most + room)
    s.percent_axis(ax.xaxis, sign=True)
    s.grid(ax, "x")
    ax.set_xlabel("Change against control (line: confidence interval; 0 = no change)")
    changes = [t.measured(*row, sign=True) for row in table[_CHANGE].to_numpy(dtype=float)]
    doubts = ["" if sure else ", no difference shown" for sure in clear]
    if len(table) == 1:
        say = f"{texts[0][0]} in control, {texts[0][1]} in {table.index[0]}, that is {changes[0]}{doubts[0]}"
    else:
        say = "; ".join(f"{n} {c}{d}" for n, c, d in zip(table.index[:3], changes, doubts, strict=False))
    s.titled(ax, f"{what}: {say}" if what else t.capital(say), title)
    return ax


@s.styled
def k_anonymity(result: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show how many people hide among how many others.

    Parameters
    ----------
    result : KAnonymity
        What `analysis.privacy.k_anonymity` returns.
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
    >>> k_anonymity(5)
    Traceback (most recent call last):
        ...
    CourseError: plots.k_anonymity: a int was given. Pass what analysis.privacy.k_anonymity returns, ...
    """
    where = "plots.k_anonymity"
    fields = ["k", "threshold", "rows", "rows_below", "share_below"]
    s.whole(result, fields, where, "what analysis.privacy.k_anonymity returns")
    if not result.rows:
        raise CourseError(
            f"{where}: the result counts no rows, so there is nothing to draw. Pass a table that has some."
        )
    limit = result.threshold
    edges = sorted({1, 2, limit, *(step * limit for step in (2, 4, 10, 40, 200))})
    sizes = result.table["class_size"].to_numpy()
    band = np.searchsorted(edges, sizes, side="right") - 1
    shares = np.bincount(band, weights=result.table["rows"], minlength=len(edges)) / result.rows
    last = max(int(band.max()), edges.index(limit))
    names = [
        "alone" if a == 1 and b == 2 else str(a) if b == a + 1 else f"{a:,}-{b - 1:,}"
        for a, b in pairwise(edges)
    ] + [f"{edges[-1]:,} or more"]
    ax = s.canvas(ax, where, height=3.8)
    places = np.arange(last + 1)
    colours = [s.RED if edge < limit else s.BLUE for edge in edges[: last + 1]]
    ax.bar(places, shares[: last + 1], width=0.7, color=colours)
    for place in places:
        count = t.number(shares[place] * result.rows, 0)
        text = f"{t.percent(shares[place])}\n{count}"
        s.beside(ax, text, (place, shares[place]), (0, 3), ha="center", va="bottom")
    ax.set_xticks(places, names[: last + 1])
    ax.tick_params(axis="x", labelcolor=s.INK)
    cut = edges.index(limit) - 0.5
    if cut >= 0:
        ax.axvline(cut, color=s.INK, linewidth=1.2, linestyle=(0, (3, 3)))
    ax.set_ylim(0, max(float(shares.max()) * 1.25, 0.01))
    s.percent_axis(ax.yaxis)
    s.grid(ax, "y")
    ax.set_xlabel("People who share the same combination of traits")
    ax.set_ylabel("Share of all people (and their number)")
    if result.rows_below:
        few = f"{t.percent(result.share_below)} of {t.number(result.rows, 0)} people"
        smallest = f"the smallest group is {result.k} {'person' if result.k == 1 else 'people'}"
        say = f"{few} are in groups of fewer than {limit} with the same traits; {smallest}"
    else:
        say = f"Everyone hides among at least {result.k} people: no group is smaller than {limit}"
    s.titled(ax, say, title)
    return ax


@s.styled
def profile_precision(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show how often a profile from one channel is right, and one from all channels.

    Parameters
    ----------
    table : DataFrame
        What `analysis.customers.profile_precision` returns.
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
    >>> import pandas as pd
    >>> table = pd.DataFrame({"profile": ["app", "all channels"], "n": 1000, "correct": [500, 710],
    ...     "precision": [0.5, 0.71], "low": [0.469, 0.681], "high": [0.531, 0.737],
    ...     "relative_change": [None, 0.42], "relative_low": [None, 0.36], "relative_high": [None, 0.48]})
    >>> s.finding(profile_precision(table))
    'All channels name the right category for 71 % of customers, app alone for 50 %: +42 % (+36 to +48 %)'
    >>> s.plt.close("all")
    >>> profile_precision(table[["profile"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.profile_precision: column 'n' is not in the frame; it has profile. Pass what ...
    """
    where = "plots.profile_precision"
    columns = ["profile", "n", "correct", "precision", "low", "high", *_CHANGE]
    s.table_with(table, columns, where, "what analysis.customers.profile_precision returns")
    require_numeric(table, columns[1:-3], where)
    ax = s.canvas(ax, where, height=2.5)
    for place, row in enumerate(table.itertuples(index=False)):
        s.whiskers(ax, [place], [row.precision], [row.low], [row.high], colour=s.BLUE if place else s.ORANGE)
    s.rows(ax, [f"Profile from {name}" for name in table["profile"]])
    s.grid(ax, "x")
    texts = [
        f"{t.measured(row.precision, row.low, row.high)}: {t.number(row.correct, 0)} of {t.number(row.n, 0)}"
        for row in table.itertuples(index=False)
    ]
    s.end_labels(ax, table["high"], range(len(table)), texts)
    s.percent_axis(ax.xaxis)
    ax.set_xlabel("Customers whose favourite category the profile names rightly (line: confidence interval)")
    first, last = table.iloc[0], table.iloc[-1]
    change = t.measured(*(last[c] for c in _CHANGE), sign=True)
    say = (
        f"{t.capital(str(last['profile']))} name the right category for {t.percent(last['precision'])} of "
        f"customers, {first['profile']} alone for {t.percent(first['precision'])}: {change}"
    )
    s.titled(ax, say, title)
    return ax
