"""Plots of the three kinds of traffic: their metrics, their shares, who comes back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ecomtrain.errors import require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t
from ecomtrain.plots._marks import estimates, word
from ecomtrain.plots.overview import _amount, _board_finding, _card

_DOMAINS = {"public": "Public (公域)", "private": "Private (私域)", "content": "Content (内容)"}


@s.styled
def channel_metrics(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show the 15 channel metrics as a board: one column of cards for each kind of traffic.

    Parameters
    ----------
    table : DataFrame
        What `analysis.channels.channel_metrics` returns, with or without ``compare``.
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
    >>> table = pd.DataFrame({"dimension": "public", "name": "Click-through rate (CTR)", "unit": "share",
    ...     "value": 0.018, "numerator": 90, "denominator": 5000, "low": 0.017, "high": 0.019}, index=["ctr"])
    >>> s.finding(channel_metrics(table))
    'Click-through rate (CTR) is 1.80 % (1.70-1.90 %)'
    >>> s.plt.close("all")
    >>> channel_metrics(table[["name"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.channel_metrics: column 'dimension' is not in the frame; it has name. Pass what ...
    """
    where, source = "plots.channel_metrics", "what analysis.channels.channel_metrics returns"
    numbers = ["value", "numerator", "denominator", "low", "high"]
    s.table_with(table, ["dimension", "name", "unit", *numbers], where, source)
    compared = "previous" in table
    numbers += ["previous", "change", "relative_change"] if compared else []
    s.table_with(table, numbers, where, source)
    require_numeric(table, numbers, where)
    domains = list(dict.fromkeys(table["dimension"]))
    deep = int(table["dimension"].value_counts().max())
    ax = s.canvas(ax, where, height=1.2 + deep * (1.15 if compared else 0.95))
    ax.set_axis_off()
    ax.set_xlim(0, max(len(domains), 3))
    ax.set_ylim(deep + 0.35, 0)
    for x, domain in enumerate(domains):
        said = _DOMAINS.get(domain, t.capital(str(domain)))
        name = t.safe(said if t.has_chinese() else said.split(" (")[0])
        ax.text(x + 0.05, 0.18, name, fontsize=t.TEXT + 1, fontweight="bold", va="center")
        for y, (metric, row) in enumerate(table[table["dimension"] == domain].iterrows()):
            _card(ax, x, y + 0.35, str(metric), row, compared)
    note = "Right of a value: its confidence interval. Below it: the two numbers it is made of."
    if compared:
        note += " Last line: change and earlier value, grey where that lies inside the interval."
    say = _board_finding(table, True) if compared else _key_metrics(table)
    s.titled(ax, say, title, note)
    return ax


def _key_metrics(table: pd.DataFrame) -> str:
    """Say one figure of each kind: what a customer costs, which members return, what plays bring."""
    known = table[table["value"].notna()]
    told = {name: _amount(row["unit"], row["value"])[0] for name, row in known.iterrows()}
    says = {
        "cac": "a new customer costs {}",
        "member_repurchase": "{} of the members who buy come back",
        "gpm": "a thousand plays bring {}",
    }
    found = [text.format(told[name]) for name, text in says.items() if name in told]
    if not found and len(known):
        row = known.iloc[0]
        value, between = _amount(row["unit"], row["value"], row["low"], row["high"])
        found = [f"{row['name']} is {value}{f' ({between})' if between else ''}"]
    return t.capital("; ".join(found)) if found else "No metric is known in this window"


@s.styled
def channel_matrix(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show the shares of public, private and content traffic in visitors, orders and sales.

    Parameters
    ----------
    table : DataFrame
        What `analysis.channels.channel_matrix` returns.
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
    >>> parts = {"uv": (0.5, 0.4, 0.6), "order": (0.6, 0.5, 0.7), "paid": (0.7, 0.6, 0.8)}
    >>> table = pd.DataFrame({f"{name}_{end}": [value] for name, values in parts.items()
    ...                       for end, value in zip(("share", "low", "high"), values)}, index=["public"])
    >>> s.finding(channel_matrix(table))
    'Public traffic brings most sales: 70 % (60-80 %), with 50 % of the visitors'
    >>> s.plt.close("all")
    >>> channel_matrix(table[["uv_share"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.channel_matrix: column 'uv_low' is not in the frame; it has uv_share. Pass what ...
    """
    where = "plots.channel_matrix"
    parts = {
        "uv": ("visitors", s.MUTED, "o"),
        "order": ("orders", s.ORANGE, "s"),
        "paid": ("sales", s.BLUE, "D"),
    }
    columns = [f"{part}_{end}" for part in parts for end in ("share", "low", "high")]
    s.table_with(table, columns, where, "what analysis.channels.channel_matrix returns")
    require_numeric(table, columns, where)
    shown = table.sort_values("paid_share", ascending=False, kind="stable")
    ax = s.canvas(ax, where, height=1.9 + 0.85 * len(shown))
    s.rows(ax, [word(name) for name in shown.index])
    ends, places, texts = [], [], []
    for (part, (name, colour, mark)), step in zip(parts.items(), (-0.27, 0.0, 0.27), strict=True):
        value, low, high = (shown[f"{part}_{end}"] for end in ("share", "low", "high"))
        at = np.arange(len(shown)) + step
        s.whiskers(ax, at, value, low, high, colour=colour, marker=mark)
        ends += list(np.fmax(value, high))
        places += list(at)
        texts += [f"{name} {t.percent(one)}" if math.isfinite(one) else f"no {name}" for one in value]
    s.end_labels(ax, ends, places, texts)
    s.percent_axis(ax.xaxis)
    s.grid(ax, "x")
    ax.set_xlabel("Share of the whole shop (line: confidence interval)")
    top = shown.iloc[0]
    say = "Nothing was sold in the window"
    if math.isfinite(top["paid_share"]):
        found = t.measured(top["paid_share"], top["paid_low"], top["paid_high"])
        say = f"{word(top.name)} traffic brings most sales: {found}, with "
        say += f"{t.percent(top['uv_share'])} of the visitors"
    note = (
        "Who came through two kinds counts in both, so visitors add up to more than 100 %. The sale goes to "
    )
    s.titled(ax, t.capital(say), title, f"{note}the visit in which it was placed.")
    return ax


@s.styled
def repurchase_ratio(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show the share of each group that buys again, and how many times that of the control it is.

    Parameters
    ----------
    table : DataFrame
        What `analysis.channels.repurchase_ratio` returns.
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
    >>> table = pd.DataFrame({"customers": [400, 900], "retention": [0.6, 0.2], "low": [0.55, 0.17],
    ...     "high": [0.65, 0.23], "ratio": [3.0, np.nan], "ratio_low": [2.5, np.nan],
    ...     "ratio_high": [3.6, np.nan]}, index=["private", "public"])
    >>> s.finding(repurchase_ratio(table))
    'Private customers buy again 3.0 times as often as public ones (2.5-3.6); who joins makes part of it'
    >>> s.plt.close("all")
    >>> repurchase_ratio(table[["ratio"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.repurchase_ratio: column 'customers' is not in the frame; it has ratio. Pass what ...
    """
    where = "plots.repurchase_ratio"
    columns = ["customers", "retention", "low", "high", "ratio", "ratio_low", "ratio_high"]
    s.table_with(table, columns, where, "what analysis.channels.repurchase_ratio returns")
    require_numeric(table, columns, where)
    shown = table.sort_values("retention", ascending=False, kind="stable")
    ax = s.canvas(ax, where, height=1.8 + 0.6 * len(shown))
    told = [
        f"{t.measured(row['retention'], row['low'], row['high'])}, {t.number(row['customers'], 0)} customers"
        for _, row in shown.iterrows()
    ]
    estimates(ax, shown, ["retention", "low", "high"], told, most=1.0)
    s.percent_axis(ax.xaxis)
    ax.set_xlabel("Share of the customers who buy again in the window")
    known = shown.dropna(subset="ratio")
    base = next((word(name) for name in shown.index[shown["ratio"].isna()]), "the others")
    say = f"Among {base} customers nobody is there to compare with"
    if len(known):
        top = known.loc[np.log(known["ratio"].where(known["ratio"] > 0)).abs().fillna(np.inf).idxmax()]
        values = [float(top[name]) for name in ("ratio", "ratio_low", "ratio_high")]
        found, _, ends = t.measured(values[0], values[1], values[2], share=False).partition(" ")
        ends = f" {ends}" if ends else ""
        if not ends or values[1] <= 1 <= values[2]:
            say = f"No difference shown: {word(top.name)} customers buy again {found} times as often as "
            say += f"{base} ones{ends}"
        else:
            say = f"{word(top.name)} customers buy again {found} times as often as {base} ones{ends}; "
            say += "who joins makes part of it"
    note = "Lines: confidence interval. Loyal customers join: compare with those who were alike before."
    s.titled(ax, t.capital(say), title, note)
    return ax
