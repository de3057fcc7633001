"""Plots of kinds of customer: RFM scores, the eight kinds, moves between tiers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ecomtrain.errors import CourseError, require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t
from ecomtrain.plots._shades import shaded

_RFM = "what analysis.customers.rfm returns"
_KINDS = (
    "Important: money above the mean of all customers. Value: recency and frequency better than the mean; "
    "develop: recency alone; keep: frequency alone; win back: neither."
)
_SIGNS = {"up": "▲ ", "down": "▼ "}


@s.styled
def rfm(table: Any, *, unit: str = "¥", ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show how many customers have each score of recency and frequency, and what they spent.

    Parameters
    ----------
    table : DataFrame
        What `analysis.customers.rfm` returns.
    unit : str, default "¥"
        Put before amounts.
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
    >>> table = pd.DataFrame({"recency": [3, 9, 80, 40], "frequency": [5, 1, 1, 2], "r": [3, 3, 1, 2],
    ...                       "f": [3, 1, 1, 2], "monetary": [600.0, 100.0, 100.0, 200.0]})
    >>> s.finding(rfm(table))
    'The 25 % of the customers who score best in recency and frequency bring 60 % of the money'
    >>> s.plt.close("all")
    >>> rfm(table[["r", "f"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.rfm: column 'recency' is not in the frame; it has r, f. Pass what ...
    """
    where = "plots.rfm"
    columns = ["r", "f", "recency", "frequency", "monetary"]
    s.table_with(table, columns, where, _RFM)
    require_numeric(table, columns, where)
    r, f = (np.sort(table[name].unique()) for name in ("r", "f"))
    cells = table.groupby(["r", "f"])["monetary"].agg(["size", "mean", "sum"])
    cells = cells.reindex(pd.MultiIndex.from_product([r[::-1], f]))
    count, mean = (cells[name].to_numpy().reshape(len(r), len(f)) for name in ("size", "mean"))
    texts = np.full(count.shape, "", dtype=object)
    for place, customers in np.ndenumerate(count):
        if customers == customers:
            texts[place] = f"{t.number(customers, 0)}\n{t.compact(mean[place], unit)} each"
    ax = s.canvas(ax, where, height=1.7 + 0.62 * len(r))
    names = [_ranges(table, *pair) for pair in (("r", "recency", "days"), ("f", "frequency", "orders"))]
    shaded(ax, mean, texts, names[0][::-1], names[1], most=float(np.nanmax(mean)))
    ax.set_xlabel("Frequency score: orders", loc="left")
    ax.set_ylabel("Recency score: days since the last", loc="top")
    best = cells.loc[(r[-1], f[-1])]
    say = "No customer scores best in both recency and frequency"
    if best["size"] == best["size"]:
        share = t.percent(best["size"] / len(table))
        say = f"The {share} of the customers who score best in recency and frequency bring "
        say += _of_the_money(best["sum"], table)
    s.titled(ax, say, title, "In each cell: customers, and what each of them spent on average (the shade).")
    return ax


def _of_the_money(amount: float, table: Any) -> str:
    total = table["monetary"].sum()
    return f"{t.percent(amount / total)} of the money" if total > 0 else "no money"


def _ranges(table: Any, score: str, value: str, what: str) -> list[str]:
    """Name each score by the values that it was given for: ``5: 1-30 days``."""
    ends = table.groupby(score)[value].agg(["min", "max"]).round().astype("int64")
    spans = [
        t.number(low) if low == high else f"{t.number(low)}-{t.number(high)}" for low, high in ends.to_numpy()
    ]
    return [
        f"{name}: {span} {what[:-1] if span == '1' else what}"
        for name, span in zip(ends.index, spans, strict=True)
    ]


@s.styled
def segments(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show the eight kinds of customer: how many there are and how much of the money they bring.

    Parameters
    ----------
    table : DataFrame
        What `analysis.customers.rfm` returns.
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
    >>> table = pd.DataFrame({"segment": ["important value", "general to win back"], "segment_zh": ["a", "b"],
    ...                       "monetary": [900.0, 100.0]})
    >>> s.finding(segments(table))
    'Important value: 50 % of the customers bring 90 % of the money'
    >>> s.plt.close("all")
    >>> segments(table[["segment"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.segments: column 'segment_zh' is not in the frame; it has segment. Pass what ...
    """
    where = "plots.segments"
    s.table_with(table, ["segment", "segment_zh", "monetary"], where, _RFM)
    require_numeric(table, ["monetary"], where)
    kinds = table.groupby(["segment", "segment_zh"])["monetary"].agg(["size", "sum"]).reset_index()
    ways = ["value", "develop", "keep", "win back"]
    order = {f"{rank} {'' if way == 'value' else 'to '}{way}": (rank != "important", ways.index(way))
             for rank in ("important", "general") for way in ways}  # fmt: skip
    kinds = kinds.sort_values("segment", key=lambda names: names.map(order), kind="stable")
    total = float(table["monetary"].sum())
    customers, money = kinds["size"] / len(table), kinds["sum"] / (total if total > 0 else 1)
    ax = s.canvas(ax, where, height=1.6 + 0.58 * len(kinds))
    at = np.arange(len(kinds))
    ax.barh(at - 0.19, customers, height=0.34, color=s.FAINT)
    ax.barh(at + 0.19, money, height=0.34, color=s.BLUE)
    s.rows(ax, [f"{t.capital(a)} {b}" for a, b in zip(kinds["segment"], kinds["segment_zh"], strict=True)])
    ends = np.concatenate([customers, money])
    texts = [f"{t.percent(x)} of the customers ({t.number(n, 0)})"
             for x, n in zip(customers, kinds["size"], strict=True)]  # fmt: skip
    texts += [_of_the_money(amount, table) for amount in kinds["sum"]]
    s.end_labels(ax, ends, [*(at - 0.19), *(at + 0.19)], texts)
    s.percent_axis(ax.xaxis)
    s.grid(ax, "x")
    ax.set_xlabel("Share of all customers and of all money")
    first = kinds.iloc[int(np.argmax(money - customers))]
    say = f"{t.capital(first['segment'])}: {t.percent(first['size'] / len(table))} of the customers bring "
    say += _of_the_money(first["sum"], table)
    s.titled(ax, say, title, _KINDS)
    return ax


@s.styled
def tier_migration(result: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show who moved from which tier to which.

    Parameters
    ----------
    result : Migration
        What `analysis.customers.migration` returns.
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
        If `result` is something else, or had no member before.

    Examples
    --------
    >>> from ecomtrain.analysis import customers
    >>> before = pd.DataFrame({"customer_id": [1, 2, 3, 4], "tier": ["basic", "basic", "gold", "gold"]})
    >>> after = pd.DataFrame({"customer_id": [1, 2, 3, 5], "tier": ["basic", "gold", "basic", "basic"]})
    >>> s.finding(tier_migration(customers.migration(before, after, order=["basic", "gold"])))
    'Of 4 members 25 % moved up (5-70 %), 25 % moved down (5-70 %) and 25 % left (5-70 %)'
    >>> s.plt.close("all")
    >>> tier_migration(before)
    Traceback (most recent call last):
        ...
    CourseError: plots.tier_migration: a DataFrame was given. Pass what analysis.customers.migration ...
    """
    where = "plots.tier_migration"
    s.whole(result, ["summary", "order"], where, "what analysis.customers.migration returns")
    members = int(result.summary["n"].iloc[0])
    if not members:
        raise CourseError(f"{where}: nobody had a tier before, so there is nothing to draw.")
    order = list(result.order)
    cells = result.table.set_index(["before", "after"])
    rows, columns = order[::-1], [*order, "left"]
    share = np.array([[cells.loc[(row, column), "share"] for column in columns] for row in rows])
    texts = np.full(share.shape, "", dtype=object)
    for place, value in np.ndenumerate(share):
        cell = cells.loc[(rows[place[0]], columns[place[1]])]
        if cell["customers"]:
            sign = _SIGNS.get(cell["move"], "")
            texts[place] = f"{sign}{t.percent(value)}\n{t.number(cell['customers'], 0)}"
    ax = s.canvas(ax, where, height=1.7 + 0.75 * len(rows))
    names = [f"{row} ({t.number(cells.loc[row, 'customers'].sum(), 0)})" for row in rows]
    shaded(ax, share, texts, names, columns, most=float(np.nanmax(share)))
    for row in range(len(rows)):  # those who stayed
        corner = (len(rows) - 1.5 - row, row - 0.5)
        ax.add_patch(s.plt.Rectangle(corner, 1, 1, fill=False, edgecolor=s.INK, linewidth=1.5))
    ax.set_xlabel("Tier after", loc="left")
    ax.set_ylabel("Tier before (customers)", loc="top")
    moves = {"up": "moved up", "down": "moved down", "left": "left"}
    told = []
    for move, words in moves.items():
        value, low, high = result.summary.loc[move, ["share", "low", "high"]]
        told.append(t.measured(value, low, high, words))
    say = f"Of {t.number(members, 0)} members {t.listed(told)}"
    new = int(cells.loc["new", "customers"].sum())
    more = f" {t.number(new, 0)} joined since, not shown." if new else ""
    s.titled(ax, say, title, f"Share of each row; ▲ up, ▼ down, framed: same tier.{more}")
    return ax
