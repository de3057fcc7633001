"""Plots of stock and of new products."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib import dates as mdates
from matplotlib.axes import Axes

from ecomtrain.errors import CourseError, require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t


@s.styled
def turnover_steps(result: Any, *, weeks: int = 26, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show the turnover of each warehouse before and after its own switch, the season taken out.

    Parameters
    ----------
    result : SteppedEffect
        What `analysis.inventory.stepped_turnover` returns.
    weeks : int, default 26
        Weeks to show on either side of the switch.
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
        If `result` is something else, or no warehouse has weeks before and after a switch.

    Notes
    -----
    Each week is divided by what is common to all warehouses in it (the effect held apart), each warehouse by
    its own level before its switch: 100 % is "as before".

    Examples
    --------
    >>> turnover_steps(pd.DataFrame({"turnover": [12.0]}))
    Traceback (most recent call last):
        ...
    CourseError: plots.turnover_steps: a DataFrame was given. Pass what analysis.inventory...
    """
    where = "plots.turnover_steps"
    table = s.whole(
        result, ["effect", "low", "high"], where, "what analysis.inventory.stepped_turnover returns"
    )
    if weeks < 1:
        raise CourseError(f"{where}: weeks is {weeks}; give 1 or more.")
    by = table.columns[0]
    used = table[table["used"] & (table["turnover"] > 0)].copy()
    used["level"] = np.log(used["turnover"]) - np.log1p(result.effect) * used["switched"]
    own = used.groupby(by)["level"].transform("mean")
    season = (used["level"] - own).groupby(used["week"]).transform("mean")
    used["relative"] = np.exp(np.log(used["turnover"]) - season - own)
    # The switch itself, not the first used week after it: the stock may have been given time to settle.
    first = table[table["switched"]].groupby(by)["week"].min()
    used["since"] = (used["week"] - used[by].map(first)).dt.days / 7
    used = used[used["since"].between(-weeks, weeks - 1)]
    if not (used["switched"].any() and not used["switched"].all()):
        raise CourseError(
            f"{where}: no warehouse has weeks before and after its switch; pass a result that has both."
        )
    ax = s.canvas(ax, where, height=4.4)
    for colour, (name, part) in zip(s.SERIES * 4, used.groupby(by), strict=False):
        ax.scatter(
            part["since"], part["relative"], s=18, color=colour, alpha=0.7, label=t.safe(name), linewidth=0
        )
    mean = np.log(used["relative"]).groupby(used["since"]).mean()
    for side in (mean[mean.index < 0], mean[mean.index >= 0]):
        ax.plot(side.index, np.exp(side), color=s.INK, linewidth=2)
    ax.axhline(1, color=s.MUTED, linewidth=1)
    ax.axvline(-0.5, color=s.INK, linewidth=1.2, linestyle=(0, (3, 3)))
    end = float(used["since"].max())
    ax.fill_between(
        [-0.5, end], 1 + result.low, 1 + result.high, color=s.BLUE, alpha=0.2, linewidth=0, zorder=1
    )
    ax.hlines(1 + result.effect, -0.5, end, color=s.BLUE, linewidth=2, zorder=3)
    bold: Any = {"color": s.BLUE, "fontweight": "bold"}
    s.beside(ax, t.percent(result.effect, sign=True), (end, 1 + result.effect), (6, 0), va="center", **bold)
    s.beside(ax, "switch", (-0.5, 1), (5, -4), xycoords=("data", "axes fraction"), va="top")
    ax.legend(loc="lower left", bbox_to_anchor=(-0.01, 1), ncols=8, markerscale=1.8, handletextpad=0.1)
    s.percent_axis(ax.yaxis)
    s.grid(ax, "y")
    ax.set_xlabel("Weeks before and after the warehouse's own switch")
    ax.set_ylabel("Turnover, own level before = 100 %")
    verb = "rises" if result.effect >= 0 else "falls"
    effect, low, high = (abs(x) for x in (result.effect, result.low, result.high))
    told = t.measured(effect, min(low, high), max(low, high)) if result.low * result.high > 0 else (
        t.measured(result.effect, result.low, result.high, sign=True)
    )  # fmt: skip
    s.titled(
        ax, f"After its switch a warehouse's turnover {verb} by {told}", title,
        "Dots: warehouses, season taken out. Black: their mean. Blue: effect and its interval.", pad=30,
    )  # fmt: skip
    return ax


@s.styled
def early_hits(result: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show how many of the products picked from their first days became hits.

    Parameters
    ----------
    result : EarlyHits
        What `analysis.forecast.early_hits` returns.
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
    >>> early_hits(0.4)
    Traceback (most recent call last):
        ...
    CourseError: plots.early_hits: a float was given. Pass what analysis.forecast.early_hits returns, ...
    """
    where = "plots.early_hits"
    fields = [
        "k",
        "n",
        "hits",
        "hits_found",
        "precision_at_k",
        "low",
        "high",
        "base_rate",
        "lift",
        "median_lead_days",
        "ranked_by",
    ]
    table: pd.DataFrame = s.whole(result, fields, where, "what analysis.forecast.early_hits returns")
    k, shown = result.k, table.head(max(4 * result.k, 40))
    ax = s.canvas(ax, where, height=4.2)
    last = float(shown["rank"].max())
    ax.axvspan(0.5, k + 0.5, color=s.SKY, alpha=0.15, linewidth=0)
    ax.plot(shown["rank"], shown["precision_at_rank"], color=s.BLUE, drawstyle="steps-post")
    s.whiskers(ax, [k], [result.precision_at_k], [result.low], [result.high], upright=True, size=70)
    s.beside(
        ax,
        t.percent(result.precision_at_k, 0),
        (k, result.high),
        (7, 0),
        va="top",
        color=s.BLUE,
        fontweight="bold",
    )
    ax.axhline(result.base_rate, color=s.RED, linewidth=1.5, linestyle=(0, (4, 3)))
    blind = f"a blind pick: {t.percent(result.base_rate, 0)}"
    s.beside(ax, blind, (last, result.base_rate), (0, -4), ha="right", va="top", color=s.RED)
    hits = shown.loc[shown["hit"], "rank"]
    top = max(float(shown["precision_at_rank"].max()), result.high) * 1.2
    s.beside(ax, f"the {k} picks", (k / 2 + 0.5, top), (0, -4), ha="center", va="top")
    ax.vlines(hits, -0.09 * top, -0.03 * top, color=s.INK, linewidth=1.6)
    ax.set_ylim(-0.12 * top, top)
    ax.set_xlim(0.5, last + 0.5)
    ax.set_yticks([tick for tick in ax.get_yticks() if 0 <= tick <= min(1, top) + 1e-9])
    s.percent_axis(ax.yaxis)
    s.grid(ax, "y")
    signs = result.ranked_by.replace("early_units", "sales").replace("_", " ")
    ax.set_xlabel(f"Rank by the {signs} of the first {result.days} days (black ticks: became hits)")
    ax.set_ylabel("Hits among those down to this rank")
    rate = t.measured(result.precision_at_k, result.low, result.high)
    say = (
        f"{result.hits_found} of {k} picks became hits: {rate}, {t.number(result.lift, 1)} times a blind pick"
    )
    if result.median_lead_days == result.median_lead_days:
        say += f", seen {t.number(result.median_lead_days, 0)} days ahead (median)"
    note = (
        f"{t.number(result.n, 0)} launches; {result.hits} hits, best sellers of the {result.horizon} days "
        f"after the first {result.days}. Upright line: confidence interval."
    )
    s.titled(ax, say, title, note)
    return ax


@s.styled
def sell_through(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show the share of the stock that each group sold.

    Parameters
    ----------
    table : DataFrame
        What `analysis.inventory.sell_through` returns, split by a column.
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
    >>> table = pd.DataFrame({"available": [100.0, 80.0], "sold": [82.0, 40.0], "sell_through": [0.82, 0.5],
    ...                       "low": [0.76, 0.44], "high": [0.88, 0.56]}, index=["tea", "pots"])
    >>> s.finding(sell_through(table))
    'Tea sold 82 % (76-88 %) of what could be sold, pots 50 % (44-56 %)'
    >>> s.plt.close("all")
    >>> sell_through(table[["sold"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.sell_through: column 'available' is not in the frame; it has sold. ...
    """
    where = "plots.sell_through"
    numbers = ["available", "sold", "sell_through", "low", "high"]
    s.table_with(table, numbers, where, "what analysis.inventory.sell_through returns")
    require_numeric(table, numbers, where)
    ax = s.canvas(ax, where, height=1.5 + 0.45 * len(table))
    order = table.sort_values("sell_through", ascending=False, kind="stable", na_position="last")
    at = np.arange(len(order))
    ax.hlines(at, 0, order["sell_through"], color=s.GRID, linewidth=7, zorder=2)
    s.whiskers(ax, at, order["sell_through"], order["low"], order["high"])
    s.rows(ax, order.index)
    texts = [
        f"{t.measured(r.sell_through, r.low, r.high)}: {t.compact(r.sold)} of {t.compact(r.available)}"
        for r in order.itertuples()
    ]
    s.end_labels(ax, order[["sell_through", "high"]].max(axis=1), at, texts)
    s.percent_axis(ax.xaxis)
    s.grid(ax, "x")
    ax.set_xlabel("Units sold of the units at the start and received since")
    known = order.dropna(subset=["sell_through"])
    if known.empty:
        say = "There was no stock to sell"
    else:
        ends = known.iloc[[0, -1]]
        told = [t.measured(r.sell_through, r.low, r.high) for r in ends.itertuples()]
        say = f"{t.capital(str(ends.index[0]))} sold {told[0]} of what could be sold"
        say += f", {ends.index[1]} {told[1]}" if len(known) > 1 else ""
    s.titled(ax, say, title, "Lines: confidence interval over the products of the group.")
    return ax


@s.styled
def stock_level(
    table: Any,
    *,
    stock: Any,
    product: Any = None,
    days: int = 90,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Show the stock of one product day by day against its reorder point.

    Parameters
    ----------
    table : DataFrame
        What `analysis.inventory.reorder_points` returns.
    stock : DataFrame
        The daily stock that it was computed from: ``date``, ``product_id``, ``closing``, ``received``.
    product : label, optional
        A product_id; the one that sells most a day if left out.
    days : int, default 90
        Days to show.
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
        If a frame lacks a column or a row, or the product is not in both.

    Examples
    --------
    >>> day = pd.date_range("2026-06-01", periods=3)
    >>> stock = pd.DataFrame({"date": day, "product_id": "tea", "received": 0, "closing": [26, 20, 12]})
    >>> table = pd.DataFrame({"product_id": ["tea"], "mean": [5.0], "safety_stock": [2.3],
    ...                       "reorder_point": [17.3], "on_hand": [12.0]})
    >>> s.finding(stock_level(table, stock=stock))
    'Order tea now: 12 units are left, the reorder point is 17'
    >>> s.plt.close("all")
    >>> stock_level(table, stock=stock, product="pot")
    Traceback (most recent call last):
        ...
    CourseError: plots.stock_level: product 'pot' is not in the table and the stock, or has no reorder point.
    """
    where = "plots.stock_level"
    numbers = ["mean", "safety_stock", "reorder_point", "on_hand"]
    s.table_with(table, ["product_id", *numbers], where, "what analysis.inventory.reorder_points returns")
    require_numeric(table, numbers, where)
    s.table_with(stock, ["date", "product_id", "received", "closing"], where, "the daily stock as stock=")
    require_numeric(stock, ["received", "closing"], where)
    known = table.dropna(subset=numbers).set_index("product_id")
    known = known[known.index.isin(stock["product_id"])]
    name = known["mean"].idxmax() if product is None and len(known) else product
    if name not in known.index:
        raise CourseError(
            f"{where}: product '{name}' is not in the table and the stock, or has no reorder point."
        )
    ax = s.canvas(ax, where)
    row = known.loc[name]
    daily = stock[stock["product_id"] == name].sort_values("date").tail(days)
    date, closing = daily["date"].to_numpy(), daily["closing"].to_numpy(dtype=float)
    point, safety, left = row["reorder_point"], row["safety_stock"], row["on_hand"]
    ax.fill_between(date, 0, closing, color=s.SKY, alpha=0.2, linewidth=0)
    ax.plot(date, closing, color=s.BLUE)
    came = daily["received"].to_numpy(dtype=float) > 0
    ax.scatter(date[came], closing[came], marker="^", s=34, color=s.INK, zorder=4)
    empty = closing <= 0
    ax.scatter(date[empty], closing[empty], marker="X", s=60, color=s.RED, zorder=5, clip_on=False)
    ax.axhline(point, color=s.RED, linewidth=1.6, linestyle=(0, (5, 3)))
    ax.axhline(safety, color=s.MUTED, linewidth=1.4, linestyle=(0, (1, 2)))
    top = max(float(closing.max()), float(point)) * 1.12 or 1.0
    labels = {
        "reorder point": (point, s.RED),
        "safety stock": (safety, s.MUTED),
        "stock": (closing[-1], s.BLUE),
    }
    places = s.spread([place for place, _ in labels.values()], 0.062 * top)
    right = ("axes fraction", "data")
    for (text, (value, colour)), y in zip(labels.items(), places, strict=True):
        s.beside(
            ax, f"{text} {t.number(value, 0)}", (1, y), (6, 0), xycoords=right, va="center", color=colour
        )
    ax.set_ylim(0, top)
    ax.margins(x=0.01)
    months = mdates.AutoDateLocator(minticks=4, maxticks=8)
    ax.xaxis.set_major_locator(months)
    ax.xaxis.set_major_formatter(mdates.ConciseDateFormatter(months))
    s.number_axis(ax.yaxis)
    s.grid(ax, "y")
    ax.set_ylabel("Units at the end of the day")
    state = "is left" if left == 1 else "are left"
    unit = "unit" if left == 1 else "units"
    have = f"{t.number(left, 0)} {unit} {state}, the reorder point is {t.number(point, 0)}"
    say = f"Order {name} now: {have}" if left <= point else f"No need to order {name} yet: {have}"
    below = int((closing <= point).sum())
    note = (
        f"Triangles: deliveries. At or below the reorder point on {below} of {len(closing)} days"
        f"{f', empty on {int(empty.sum())} (crosses)' if empty.any() else ', never empty'}."
    )
    s.titled(ax, say, title, note)
    return ax
