"""Plots of baskets and of quantities to buy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import ticker
from matplotlib.axes import Axes

from ecomtrain.errors import CourseError, require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t


@s.styled
def basket_rules(
    table: Any,
    *,
    names: Mapping[str, str] | None = None,
    k: int = 8,
    q: float = 0.05,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Show the strongest rules: how many times as often as by chance, in how many baskets, how sure.

    Parameters
    ----------
    table : DataFrame
        What `analysis.basket.rules` returns.
    names : mapping, optional
        Items to the names that people know them by.
    k : int, default 8
        Rules to show; a pair is shown once, in its more confident direction.
    q : float, default 0.05
        Share of false rules to put up with among those counted as found.
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
    >>> row = {"antecedent": "pot", "consequent": "cup", "count": 40, "confidence": 0.4, "lift": 2.0,
    ...        "lift_low": 1.6, "lift_high": 2.5, "q_value": 0.001}
    >>> s.finding(basket_rules(pd.DataFrame([row])))
    'Who buys pot buys cup 2.0 times (1.6-2.5) as often as by chance; 1 rule found'
    >>> s.plt.close("all")
    >>> basket_rules(pd.DataFrame([row]).drop(columns="lift"))
    Traceback (most recent call last):
        ...
    CourseError: plots.basket_rules: column 'lift' is not in the frame; it has antecedent, ...
    """
    where = "plots.basket_rules"
    numbers = ["count", "confidence", "lift", "lift_low", "lift_high", "q_value"]
    s.table_with(table, ["antecedent", "consequent", *numbers], where, "what analysis.basket.rules returns")
    require_numeric(table, numbers, where)
    if k < 1:
        raise CourseError(f"{where}: k is {k}; give 1 or more.")
    ax = s.canvas(ax, where, height=1.6 + 0.42 * min(k, len(table)))
    held = [
        frozenset([*(a if isinstance(a, tuple) else (a,)), c])
        for a, c in zip(table["antecedent"], table["consequent"], strict=True)
    ]
    once = table.assign(held=held).sort_values("confidence", ascending=False, kind="stable")
    once = once.drop_duplicates("held").sort_values("lift", ascending=False, kind="stable").head(k)
    called = {str(key): str(name) for key, name in (names or {}).items()}

    def name(item: Any) -> str:
        if isinstance(item, tuple):
            return " + ".join(name(one) for one in item)
        return called.get(str(item), str(item))

    found = once["q_value"] <= q
    at = np.arange(len(once))
    for part, colour in ((found, s.BLUE), (~found, s.MUTED)):
        rows = np.flatnonzero(part)
        values = (once[c].iloc[rows] for c in ("lift", "lift_low", "lift_high"))
        s.whiskers(ax, rows, *values, colour=colour, facecolor=colour if colour == s.BLUE else "white")
    s.rows(ax, [f"{name(r.antecedent)} → {name(r.consequent)}" for r in once.itertuples()], inches=2.9)
    texts = [
        f"{t.measured(r.lift, r.lift_low, r.lift_high, share=False)}, {t.percent(r.confidence)} of buyers, "
        f"{t.number(r.count, 0)} baskets"
        for r in once.itertuples()
    ]
    ax.axvline(1, color=s.INK, linewidth=1)
    s.end_labels(ax, np.fmax(once["lift_high"], once["lift"]), at, texts, most=np.inf)
    s.grid(ax, "x")
    ax.set_xlabel("Lift: times as often as by chance (line at 1)")
    count = int((table["q_value"] <= q).sum())
    best = once[found].iloc[0] if found.any() else once.iloc[0]
    lift = t.measured(best["lift"], share=False) if not np.isfinite(best["lift_low"]) else (
        f"{t.number(best['lift'], 1)} times ({t.interval(best['lift_low'], best['lift_high'], share=False)})"
    )  # fmt: skip
    pair = f"{name(best['antecedent'])} buys {name(best['consequent'])}"
    say = (
        f"Who buys {pair} {lift} as often as by chance; {count} rule{'s' if count > 1 else ''} found"
        if count
        else f"No rule stands out from chance: who buys {pair} {lift} as often as by chance"
    )
    note = (
        "Filled: stands out among all rules that were possible; hollow: may be chance. Lines: confidence "
        "intervals of each alone."
    )
    s.titled(ax, say, title, note)
    return ax


@s.styled
def bundle_profit(
    table: Any,
    *,
    names: Mapping[str, str] | None = None,
    k: int = 3,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Show what the best bundles earn at each discount.

    Parameters
    ----------
    table : DataFrame
        What `analysis.basket.bundles` returns.
    names : mapping, optional
        Items to the names that people know them by.
    k : int, default 3
        Bundles to show, the best first.
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
    >>> table = pd.DataFrame({"antecedent": "pot", "consequent": "cup", "discount": [0.1, 0.2],
    ...                       "gain": [0.4, -0.1], "gain_low": [0.2, -0.3], "gain_high": [0.6, 0.1]})
    >>> s.finding(bundle_profit(table))
    'Best bundle: pot + cup at 10 % off earns ¥0.40 more per offer (0.20 to 0.60)'
    >>> s.plt.close("all")
    >>> bundle_profit(table.drop(columns="gain"))
    Traceback (most recent call last):
        ...
    CourseError: plots.bundle_profit: column 'gain' is not in the frame; it has antecedent, ...
    """
    where = "plots.bundle_profit"
    numbers = ["discount", "gain", "gain_low", "gain_high"]
    source = "what analysis.basket.bundles returns"
    s.table_with(table, ["antecedent", "consequent", *numbers], where, source)
    require_numeric(table, numbers, where)
    ax = s.canvas(ax, where)
    shown = table.dropna(subset=["gain"])
    if shown.empty:
        raise CourseError(f"{where}: no bundle has a gain; pass {source}, of goods with prices and costs.")
    called = {str(key): str(name) for key, name in (names or {}).items()}
    pairs = shown.groupby(["antecedent", "consequent"], sort=False)
    order = pairs["gain"].max().sort_values(ascending=False, kind="stable").head(k)
    ends = []
    for (pair, _), colour, mark in zip(order.items(), s.SERIES * k, "osD^v" * k, strict=False):
        part = pairs.get_group(pair).sort_values("discount")
        # Far below nothing a curve only hides what happens near it.
        far = part["gain"] < -2 * max(order.iloc[0], 0)
        part = part[~far | (order.iloc[0] <= 0) | (part["gain"] == part["gain"].max())]
        ax.fill_between(
            part["discount"], part["gain_low"], part["gain_high"], color=colour, alpha=0.13, linewidth=0
        )
        ax.plot(part["discount"], part["gain"], color=colour, marker=mark, markersize=6)
        label = t.wrapped(" + ".join(called.get(str(item), str(item)) for item in pair), 1.9)
        ends.append((part["discount"].iloc[-1], part["gain"].iloc[-1], label, colour))
    low, high = ax.get_ylim()
    lines = max(end[2].count("\n") + 1 for end in ends)
    left, right = shown["discount"].min(), max(end[0] for end in ends)
    span = (right - left) or 0.1
    heights = s.spread([end[1] for end in ends], 0.062 * lines * (high - low))
    for (x, y, label, colour), height in zip(ends, heights, strict=True):
        ax.plot([x, right + 0.06 * span], [y, height], color=colour, linewidth=0.8, linestyle=(0, (2, 2)))
        s.beside(ax, label, (right + 0.06 * span, height), (3, 0), va="center", color=colour, bbox=s.PAPER)
    ax.set_xlim(left - 0.04 * span, right + 0.45 * span)
    ax.set_xticks([tick for tick in ax.get_xticks() if left - 1e-9 <= tick <= right + 1e-9])
    ax.axhline(0, color=s.INK, linewidth=1)
    s.percent_axis(ax.xaxis)
    s.number_axis(ax.yaxis, "¥")
    s.grid(ax, "y")
    ax.set_xlabel("Discount on the price of both")
    ax.set_ylabel("Gain per basket with the first, margin")
    best = shown.loc[shown["gain"].idxmax()]
    pair = " + ".join(called.get(str(best[c]), str(best[c])) for c in ("antecedent", "consequent"))
    digits = 2 if abs(best["gain"]) < 10 else 0
    between = f" ({t.number(best['gain_low'], digits)} to {t.number(best['gain_high'], digits)})"
    between = between if np.isfinite(best["gain_low"] + best["gain_high"]) else ""
    off = t.percent(best["discount"])
    amount = f"¥{t.number(abs(best['gain']), digits)}"
    if best["gain"] <= 0:
        say = f"No bundle pays: the best, {pair} at {off} off, loses {amount} per offer{between}"
    elif best["gain_low"] <= 0:
        say = f"No bundle surely pays: the best, {pair} at {off} off, may earn {amount} per offer{between}"
    else:
        say = f"Best bundle: {pair} at {off} off earns {amount} more per offer{between}"
    note = "Bands: confidence intervals. Above 0 the bundle earns more than no offer. "
    compared = t.number(len(pairs), 0)
    note += f"The best of {compared} looks better than it is: try it on half of the visitors first." * (
        len(pairs) > 1
    )
    s.titled(ax, say, title, note)
    return ax


@s.styled
def order_quantity(
    table: Any, *, product: Any = None, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Show the yearly cost of ordering and holding by the quantity per order.

    Parameters
    ----------
    table : DataFrame
        What `analysis.inventory.eoq` returns.
    product : label, optional
        Which row; the first if left out.
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
        If `table` lacks a column or a row, or has no such product.

    Examples
    --------
    >>> table = pd.DataFrame({"fixed_cost": [8.0], "holding_cost": [0.225], "demand": [1300.0],
    ...                       "quantity": [304.05], "cost": [68.41]})
    >>> s.finding(order_quantity(table))
    'Order 304 at a time, every 85 days: ordering and holding then cost ¥68.4 a year'
    >>> s.plt.close("all")
    >>> order_quantity(table, product="pot")
    Traceback (most recent call last):
        ...
    CourseError: plots.order_quantity: product 'pot' is not in the table; it has 0.
    """
    where = "plots.order_quantity"
    numbers = ["fixed_cost", "holding_cost", "demand", "quantity", "cost"]
    s.table_with(table, numbers, where, "what analysis.inventory.eoq returns")
    require_numeric(table, numbers, where)
    if product is not None and product not in table.index:
        has = ", ".join(map(str, table.index[:5]))
        raise CourseError(f"{where}: product '{product}' is not in the table; it has {has}.")
    ax = s.canvas(ax, where)
    row = (table.iloc[0] if product is None else table.loc[product]).astype(float)
    fixed, holding, demand, best, cost = row[numbers]
    if not np.isfinite([best, cost]).all():
        raise CourseError(f"{where}: the row has no quantity; pass one with costs and a demand.")
    x = np.linspace(0.25 * best, 3 * best, 200)
    ordering, holds = fixed * demand / x, holding * x / 2
    ax.plot(x, ordering, color=s.ORANGE, linestyle=(0, (5, 2)))
    ax.plot(x, holds, color=s.GREEN, linestyle=(0, (1, 1.2)))
    ax.plot(x, ordering + holds, color=s.BLUE, linewidth=2.6)
    digits = 0 if best >= 10 else 1
    near = x[(ordering + holds) <= 1.05 * cost]
    ax.axvspan(near[0], near[-1], color=s.SKY, alpha=0.18, linewidth=0)
    ax.scatter([best], [cost], s=70, color=s.BLUE, zorder=5)
    s.beside(
        ax, f"{t.number(best, 0)} units", (best, cost), (0, 10), ha="center", color=s.BLUE, weight="bold"
    )
    for name, end, colour in (
        ("both", (ordering + holds)[-1], s.BLUE),
        ("holding", holds[-1], s.GREEN),
        ("ordering", ordering[-1], s.ORANGE),
    ):
        shift = 8 if name == "both" else -8 if name == "holding" else 0
        s.beside(ax, name, (x[-1], end), (6, shift), va="center", color=colour)
    ax.set_ylim(0, max((ordering + holds)[0], cost * 2) * 1.05)
    ax.set_xlim(0, x[-1] * 1.12)
    s.number_axis(ax.yaxis, "¥")
    s.number_axis(ax.xaxis)
    s.grid(ax, "y")
    ax.set_xlabel("Units per order")
    ax.set_ylabel("Cost a year")
    days = 365 * best / demand
    every = f"every {t.number(days, 0 if days >= 10 else 1)} days"
    say = (
        f"Order {t.number(best, digits)} at a time, {every}: "
        f"ordering and holding then cost ¥{t.number(cost)} a year"
    )
    ends = f"{t.number(near[0], digits)} to {t.number(near[-1], digits)}"
    note = f"Shaded: from {ends} units the cost is at most 5 % higher: round to a pallet or a box."
    s.titled(ax, say, title, note)
    return ax


@s.styled
def newsvendor(result: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show the expected cost of a season by the quantity bought.

    Parameters
    ----------
    result : Newsvendor
        What `analysis.inventory.newsvendor` returns.
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
    >>> newsvendor(50)
    Traceback (most recent call last):
        ...
    CourseError: plots.newsvendor: a int was given. Pass what analysis.inventory.newsvendor returns, ...
    """
    where = "plots.newsvendor"
    fields = ["quantity", "low", "high", "cost", "critical_ratio", "mean", "overage", "underage"]
    table: pd.DataFrame = s.whole(result, fields, where, "what analysis.inventory.newsvendor returns")
    near = table["cost"] <= max(6 * result.cost, table["cost"].iloc[0])
    table = table[near | (table["quantity"] <= result.quantity)]
    ax = s.canvas(ax, where)
    left, lost = result.overage * table["left_over"], result.underage * table["lost"]
    x = table["quantity"]
    ax.plot(x, left, color=s.ORANGE, linestyle=(0, (5, 2)))
    ax.plot(x, lost, color=s.GREEN, linestyle=(0, (1, 1.2)))
    ax.plot(x, table["cost"], color=s.BLUE, linewidth=2.6)
    top = float(table["cost"].max()) * 1.08 or 1.0
    if np.isfinite(result.low + result.high):
        ax.axvspan(result.low, result.high, color=s.SKY, alpha=0.2, linewidth=0)
    ax.scatter([result.quantity], [result.cost], s=70, color=s.BLUE, zorder=5)
    ax.axvline(result.mean, color=s.MUTED, linewidth=1.2, linestyle=(0, (3, 3)))
    right = result.mean - x.min() > x.max() - result.mean
    side: Any = {"va": "top", "color": s.MUTED, "bbox": s.PAPER, "ha": "right" if right else "left"}
    s.beside(ax, "average demand", (result.mean, top), (-6 if right else 6, -2), **side)
    span = float(x.max() - x.min()) or 1.0
    ends = [("both", table["cost"].iloc[-1], s.BLUE), ("left over", left.iloc[-1], s.ORANGE)]
    ends.append(("sold out", lost.iloc[-1], s.GREEN))
    for (name, _, colour), y in zip(ends, s.spread([end[1] for end in ends], 0.07 * top), strict=True):
        s.beside(ax, name, (x.iloc[-1], y), (7, 0), va="center", color=colour)
    ax.set_ylim(0, top)
    ax.set_xlim(x.min() - 0.02 * span, x.max() + 0.14 * span)
    ax.xaxis.set_major_locator(ticker.MaxNLocator(7, steps=s.ROUND))
    s.number_axis(ax.yaxis, "¥")
    s.number_axis(ax.xaxis)
    s.grid(ax, "y")
    ax.set_xlabel("Units bought for the season")
    ax.set_ylabel("Expected cost of the season")
    digits = 0 if result.quantity >= 10 or result.quantity == round(result.quantity) else 1
    between = (
        f" ({t.interval(result.low, result.high, share=False)})"
        if np.isfinite(result.low + result.high)
        else ""
    )
    apart = result.quantity - result.mean
    more = t.number(abs(apart), 0 if abs(apart) >= 3 else 1)
    than = f"{more} {'more' if apart > 0 else 'fewer'} than the average demand"
    than = "as many as the average demand" if abs(apart) < 0.05 else than
    say = f"Buy {t.number(result.quantity, digits)}{between}: {than}, since a unit short costs "
    say += f"{t.number(result.underage / result.overage, 1)} times a unit left over"
    note = f"Enough in {t.percent(result.service)} of the seasons; expected cost ¥{t.number(result.cost)}."
    note += " Shaded: confidence interval of the quantity." if between else ""
    s.titled(ax, say, title, note)
    return ax
