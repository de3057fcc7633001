"""Plots of growth: what users bring, how far a chain carries, what a campaign leaves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ecomtrain.errors import require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t
from ecomtrain.plots._marks import curves, estimates, reference


@s.styled
def k_factor(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show how many new users each user brings, over all users and over those who invite.

    Parameters
    ----------
    table : DataFrame
        What `analysis.growth.k_factor` returns.
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
    >>> table = pd.DataFrame({"users": [900], "senders": [300], "k_factor": [0.5], "low": [0.45],
    ...     "high": [0.55], "k_per_sender": [1.5], "sender_low": [1.4], "sender_high": [1.6]})
    >>> s.finding(k_factor(table))
    'Each user brings 0.50 new users in a cycle (0.45-0.55): the chain dies out after 2 users per first one'
    >>> s.plt.close("all")
    >>> k_factor(table[["users"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.k_factor: column 'senders' is not in the frame; it has users. Pass what ...
    """
    where = "plots.k_factor"
    columns = [
        *("users", "senders", "k_factor", "low", "high"),
        *("k_per_sender", "sender_low", "sender_high"),
    ]
    s.table_with(table, columns, where, "what analysis.growth.k_factor returns")
    require_numeric(table, columns, where)
    row = table.iloc[0].astype(float)
    names = [f"all {t.number(row['users'], 0)} users", f"the {t.number(row['senders'], 0)} who invited"]
    both = pd.DataFrame(
        {"k": row[["k_factor", "k_per_sender"]].to_numpy(), "low": row[["low", "sender_low"]].to_numpy(),
         "high": row[["high", "sender_high"]].to_numpy()}, index=names,
    )  # fmt: skip
    ax = s.canvas(ax, where, height=2.9)
    told = [
        t.measured(*values, share=False) if np.isfinite(values["k"]) else "nobody"
        for _, values in both.iterrows()
    ]
    estimates(ax, both, ["k", "low", "high"], told)
    ax.set_xlim(0, max(ax.get_xlim()[1], 1.15))
    reference(ax, 1, "1: each round as large as the last")
    ax.set_xlabel("New users per user in one cycle (K)")
    k, low, high = (float(row[c]) for c in ("k_factor", "low", "high"))
    low, high = (low, high) if np.isfinite(low + high) else (k, k)
    if not np.isfinite(k):
        say = "Nobody could invite, so there is no K-factor"
    else:
        found = t.measured(k, row["low"], row["high"], "new users in a cycle", share=False)
        say = f"Each user brings {found}: "
        if high < 1:
            say += (
                f"the chain dies out after {t.number(1 / (1 - k), 1).removesuffix('.0')} users per first one"
            )
        else:
            say += "each round is larger than the last" if low > 1 else "whether it grows is not shown"
    s.titled(
        ax,
        say,
        title,
        "Only the K over all users tells whether it grows. Lines: confidence interval.",
        pad=30,
    )
    return ax


@s.styled
def viral_growth(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show how far invitations carry, cycle by cycle, for one K or several.

    Parameters
    ----------
    table : DataFrame
        What `analysis.growth.viral_growth` returns; or several of them put together with a column ``k``:
        ``pd.concat([viral_growth(k).assign(k=k) for k in (0.5, 1, 1.2)])``.
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
    >>> table = pd.DataFrame({"cycle": [0, 1, 2], "new": [100.0, 50, 25], "users": [100.0, 150, 175]})
    >>> s.finding(viral_growth(table))
    '100 first users become 175 after 2 cycles; the last cycle brings 25 new ones'
    >>> s.plt.close("all")
    >>> viral_growth(table[["new"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.viral_growth: column 'cycle' is not in the frame; it has new. Pass what ...
    """
    where = "plots.viral_growth"
    several = "k" in table if hasattr(table, "columns") else False
    columns = ["cycle", "new", "users", *(["k"] if several else [])]
    s.table_with(table, columns, where, "what analysis.growth.viral_growth returns")
    require_numeric(table, columns, where)
    groups = list(table.groupby("k")) if several else [(np.nan, table)]
    lines = [(part["cycle"].to_numpy(), part["users"].to_numpy(dtype=float)) for _, part in groups]
    ax = s.canvas(ax, where, height=4.4)
    ax.set_ylim(0, 1.05 * max(float(table["users"].max()), 1e-9))
    labels = [
        f"{f'K = {t.plain(k)}: ' if several else ''}{t.compact(y[-1])}"
        for (k, _), (_, y) in zip(groups, lines, strict=True)
    ]
    curves(ax, lines, labels)
    cycles = int(table["cycle"].max())
    ax.set_xticks(range(0, cycles + 1, max(1, cycles // 10)))
    s.number_axis(ax.yaxis)
    s.grid(ax, "y")
    ax.set_xlabel("Cycles")
    ax.set_ylabel("Users so far")
    ends = [(k, part.iloc[0], part.iloc[-1]) for k, part in groups]
    first, after = t.compact(ends[0][1]["users"]), f"{cycles} cycle{'s' if cycles != 1 else ''}"
    if several:
        told = [f"{t.compact(end['users'])} with K = {t.plain(k)}" for k, _, end in (ends[0], ends[-1])]
        say = f"{first} first users become {told[0]}"
        say += f", {told[1]}" if len(ends) > 1 else ""
        say += f" after {after}"
    else:
        end = ends[0][2]
        say = f"{first} first users become {t.compact(end['users'])} after {after}"
        say += f"; the last cycle brings {t.compact(end['new'])} new ones" if cycles else ""
    s.titled(ax, say, title, "A projection: K and the time of a cycle are taken to stay as they are.")
    return ax


@s.styled
def retained_growth(
    table: Any, *, what: str = "followers", ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Show what is left of a campaign's growth, against its peak and against the trend.

    Parameters
    ----------
    table : DataFrame
        What `analysis.growth.retained_growth` returns.
    what : str, default "followers"
        What was counted, as it shall be called.
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
    >>> table = pd.DataFrame({"before": [9000.0], "actual": [11300.0], "expected": [9340.0], "effect": [0.21],
    ...     "low": [0.16], "high": [0.27], "growth": [0.26], "peak_growth": [0.63], "weeks": [80]})
    >>> s.finding(retained_growth(table))
    'Of +63 % at the peak, +21 % (+16 to +27 %) is left over what the trend would have given'
    >>> s.plt.close("all")
    >>> retained_growth(table[["effect"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.retained_growth: column 'low' is not in the frame; it has effect. Pass what ...
    """
    where = "plots.retained_growth"
    columns = ["effect", "low", "high", "growth", "peak_growth", "weeks"]
    s.table_with(table, columns, where, "what analysis.growth.retained_growth returns")
    require_numeric(table, columns, where)
    row = table.iloc[0].astype(float)
    nothing = np.nan
    shown = pd.DataFrame(
        [
            [row["peak_growth"], nothing, nothing],
            [row["growth"], nothing, nothing],
            [row["effect"], row["low"], row["high"]],
        ],
        columns=["value", "low", "high"],
        index=["at the peak", "at the later day", "of that, over the trend"],
    )
    ax = s.canvas(ax, where, height=3.1)
    told = [t.measured(*values, sign=True) for _, values in shown.iterrows()]
    least = min(0.0, float(shown[["value", "low"]].min().min()) * 1.1)
    estimates(ax, shown, ["value", "low", "high"], told, start=least)
    ax.axvline(0, color=s.INK, linewidth=1)
    s.percent_axis(ax.xaxis, sign=True)
    ax.set_xlabel(f"{t.capital(what)} over the day before the campaign, or over the trend")
    if row["low"] > 0 or row["high"] < 0:
        left = "is left over" if row["effect"] > 0 else "stands against"
        say = f"Of {told[0]} at the peak, {told[2]} {left} what the trend would have given"
    else:
        say = f"Of {told[0]} at the peak, nothing is shown to be left: {told[2]} over the trend"
    weeks = t.number(row["weeks"], 0)
    s.titled(ax, say, title, f"Line: confidence interval, from {weeks} weeks before the campaign.")
    return ax
