"""Plots of what to offer next, and of what a message earned."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ecomtrain.errors import require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t


@s.styled
def offer_hits(table: pd.DataFrame, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show how often customers bought what they would have been offered, by rules and by popularity.

    Parameters
    ----------
    table : DataFrame
        What `analysis.targeting.offer_hit_rate` returns.
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
        If `table` is something else.

    Examples
    --------
    >>> offer_hits(pd.DataFrame({"hits": [1]}))
    Traceback (most recent call last):
        ...
    CourseError: plots.offer_hits: column 'customers' is not in the frame; it has hits. ...
    """
    where = "plots.offer_hits"
    columns = ["customers", "hits", "hit_rate", "low", "high", "change", "change_low", "change_high"]
    s.table_with(table, columns, where, "what analysis.targeting.offer_hit_rate returns")
    require_numeric(table, columns, where)
    ax = s.canvas(ax, where, height=2.9)
    at = np.arange(len(table))
    for place, colour in zip(at, [s.BLUE, *[s.MUTED] * len(table)], strict=False):
        row = table.iloc[place]
        s.whiskers(ax, [place], [row["hit_rate"]], [row["low"]], [row["high"]], colour=colour, size=70)
    s.rows(ax, [f"by {name}" for name in table.index])
    texts = [
        f"{t.measured(row.hit_rate, row.low, row.high)}, "
        f"{t.number(row.hits, 0)} of {t.number(row.customers, 0)}"
        for row in table.itertuples()
    ]
    s.end_labels(ax, table["high"], at, texts)
    s.percent_axis(ax.xaxis)
    s.grid(ax, "x")
    ax.set_xlabel("Customers who later bought one of their offers")
    first = table.iloc[0]
    points = [100 * first[name] for name in ("change", "change_low", "change_high")]
    sure = first["change_low"] > 0 or first["change_high"] < 0
    say = (
        f"Offers by rules hit {t.percent(first['hit_rate'])}, best sellers "
        f"{t.percent(table.iloc[-1]['hit_rate'])}: "
        f"{t.measured(*points, share=False, sign=True)} points{'' if sure else ', no difference for sure'}"
    )
    s.titled(
        ax,
        say,
        title,
        "A hit is a purchase that came without any offer: what an offer adds, only a test tells.",
    )
    return ax


@s.styled
def message_return(table: pd.DataFrame, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show the profit that a message caused, beside what its clicks would claim.

    Parameters
    ----------
    table : DataFrame
        What `analysis.targeting.campaign_return` returns.
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
        If `table` is something else.

    Examples
    --------
    >>> message_return(None)
    Traceback (most recent call last):
        ...
    CourseError: plots.message_return: a DataFrame is needed, a NoneType was given. ...
    """
    where = "plots.message_return"
    columns = ["sent", "cost", "profit", "profit_low", "profit_high"]
    s.table_with(table, columns, where, "what analysis.targeting.campaign_return returns")
    require_numeric(table, columns, where)
    claims = "attributed_amount" in table
    names, values, lows, highs = [], [], [], []
    for name, row in table.iterrows():
        names.append(f"{name}: caused, against the control")
        values.append(row["profit"])
        lows.append(row["profit_low"])
        highs.append(row["profit_high"])
        if claims:
            names.append(f"{name}: claimed by clicks")
            values.append(row["attributed_roi"] * row["cost"])
            lows.append(np.nan)
            highs.append(np.nan)
    each = table["sent"].repeat(2 if claims else 1).to_numpy(dtype=float)
    value, low, high = (np.array(part, dtype=float) / each for part in (values, lows, highs))
    ax = s.canvas(ax, where, height=2.2 + 0.45 * len(names))
    ax.axvline(0, color=s.INK, linewidth=1)
    for place in range(len(names)):
        claimed = claims and place % 2 == 1
        colour = s.MUTED if claimed else s.BLUE
        marker = "D" if claimed else "o"
        s.whiskers(
            ax, [place], [value[place]], [low[place]], [high[place]], colour=colour, marker=marker, size=60
        )
    s.rows(ax, names)
    ends = np.nanmax([high, value], axis=0)
    texts = [f"{t.plain(round(v, 2), sign=True)} yuan" for v in value]
    for end, place, text in zip(ends, range(len(names)), texts, strict=True):
        s.beside(ax, text, (end, place), (8, 0), va="center", bbox=s.PAPER)
    span = max(np.nanmax(ends), 0) - min(np.nanmin([low, value]), 0)
    ax.set_xlim(min(np.nanmin([low, value]), 0) - 0.08 * span, max(np.nanmax(ends), 0) + 0.25 * span)
    ax.xaxis.set_major_formatter(lambda found, _: t.plain(found))
    s.grid(ax, "x")
    ax.set_xlabel("Profit per message, yuan")
    first = table.iloc[0]
    per = [first[name] / first["sent"] for name in ("profit", "profit_low", "profit_high")]
    pays = "earns" if per[1] > 0 else "loses" if per[2] < 0 else "brings"
    told = t.measured(
        *(per if pays != "loses" else [-per[0], -per[2], -per[1]]), share=False, sign=pays == "brings"
    )
    say = f"A message {pays} {told} yuan{'' if pays != 'brings' else ', nothing for sure'}"
    if claims:
        say += f"; its clicks claim {t.plain(round(value[1], 2))}"
    s.titled(ax, say, title, f"{t.number(first['sent'], 0)} messages. Lines: confidence interval.")
    return ax
