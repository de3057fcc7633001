"""Plots of prices: elasticity, profit, learning by trying, markdowns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib import colors, ticker
from matplotlib.axes import Axes

from ecomtrain.errors import require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t

WAYS = {
    "thompson": ("Thompson sampling", s.BLUE, "-"),
    "epsilon": ("epsilon-greedy", s.ORANGE, (0, (5, 2))),
    "test": ("fixed test", s.RED, (0, (1, 1))),
}


@s.styled
def price_elasticity(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show the price elasticity with and without what else moves demand, each with its interval.

    Parameters
    ----------
    table : DataFrame
        What `analysis.pricing.elasticity` returns.
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
    >>> table = pd.DataFrame({"group": "all", "model": ["price only", "with controls"],
    ...                       "elasticity": [-3.1, -1.6], "low": [-3.4, -1.9], "high": [-2.8, -1.3],
    ...                       "price_left": [1, 0.3]})
    >>> s.finding(price_elasticity(table))
    '1 % on the price costs 1.6 % of the units (1.3-1.9 %); without controls it would seem 3.1 %'
    >>> s.plt.close("all")
    >>> price_elasticity(table[["group"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.price_elasticity: column 'model' is not in the frame; it has group. Pass what ...
    """
    where = "plots.price_elasticity"
    numbers = ["elasticity", "low", "high", "price_left"]
    s.table_with(table, ["group", "model", *numbers], where, "what analysis.pricing.elasticity returns")
    require_numeric(table, numbers, where)
    rows = table.reset_index(drop=True)
    groups, models = rows["group"].nunique(), rows["model"].nunique()
    names = rows["model"] if groups == 1 else rows["group"].astype("str") + (
        ", " + rows["model"] if models > 1 else ""
    )  # fmt: skip
    ax = s.canvas(ax, where, height=1.9 + 0.42 * len(rows))
    s.rows(ax, names, inches=2.6)
    seen = rows[rows["elasticity"].notna()]
    for model, colour, marker in (("price only", s.ORANGE, "s"), ("with controls", s.BLUE, "o")):
        part = seen[seen["model"] == model]
        s.whiskers(
            ax, part.index, part["elasticity"], part["low"], part["high"], colour=colour, marker=marker
        )
    ends = seen[["elasticity", "low", "high"]].to_numpy(float)
    left = min(float(np.nanmin(ends)) if len(seen) else -2.0, -1.2) * 1.05
    right = max(float(np.nanmax(ends)) if len(seen) else 0.0, 0.0)
    span = right - left
    ax.set_xlim(left - 0.05 * span, right + 0.03 * span)
    for row in rows.itertuples():
        if row.elasticity != row.elasticity:
            s.beside(ax, "cannot be told: the price moves only with the controls", (left, row.Index), (0, 0),
                     va="center", color=s.MUTED)  # fmt: skip
        else:
            said = t.measured(row.elasticity, row.low, row.high, share=False)
            s.beside(ax, said, (row.elasticity, row.Index), (0, 9), ha="center", va="bottom", bbox=s.PAPER)
    for at, word in ((-1, "−1: sales in money stay"), (0, "0: no answer")):
        if at and span > 8:  # the two would lie on each other
            continue
        ax.axvline(at, color=s.INK if at else s.MUTED, linewidth=1.2, linestyle=(0, (4, 3)) if at else "-")
        s.beside(ax, word, (at, 0), (-4, 4), xycoords=("data", "axes fraction"), ha="right", va="bottom",
                 color=s.MUTED, fontsize=t.NOTE, bbox=s.PAPER)  # fmt: skip
    ax.set_ylim(len(rows) - 0.1, -0.7)
    s.grid(ax, "x")
    ax.set_xlabel("Elasticity: % more units for 1 % more price")
    left = rows.loc[rows["model"] != "price only", "price_left"].min()
    note = "A promotion sells by itself too: without a control for it the price gets the credit of both."
    if left < 0.05:
        rest = "almost nothing" if left < 0.001 else t.percent(left)
        note = f"Of the price's movement the controls leave {rest}: too little to tell the two apart."
    s.titled(ax, _answer(rows), title, f"Lines: confidence intervals. {note}")
    return ax


def _answer(rows: pd.DataFrame) -> str:
    """Say what a higher price costs, as far as the interval carries it."""
    best = rows["model"].iloc[-1]
    told = rows[(rows["model"] == best) & rows["elasticity"].notna()]
    if told.empty:
        return "The price moves only together with the controls, so no elasticity can be told"
    row = told.loc[told["elasticity"].idxmin()]
    of = "" if len(set(rows["group"])) == 1 else f" of {row['group']}, which answer most"
    value, low, high = -row["elasticity"] / 100, -row["high"] / 100, -row["low"] / 100
    if low != low:
        say = f"1 % on the price goes with {t.percent(value, 1)} fewer units{of} (no interval)"
    elif low <= 0 <= high:
        signed = t.measured(row["elasticity"], row["low"], row["high"], share=False)
        say = f"No answer of the units to the price is shown{of}: elasticity {signed}"
    elif value < 0:
        more = t.measured(-value, -high, -low)
        return f"Units rise with the price{of}, {more} for 1 %: something else moves both"
    else:
        verb, what = ("goes with", "fewer units") if best == "price only" else ("costs", "of the units")
        say = f"1 % on the price {verb} {t.measured(value, low, high, what + of)}"
    alone = rows[(rows["group"] == row["group"]) & (rows["model"] == "price only")]["elasticity"]
    if best != "price only" and len(alone):
        seems = -alone.iloc[0] / 100
        seems = t.number(-100 * seems, 1) if low <= 0 <= high else t.percent(seems, 1)
        say += f"; without controls it would seem {seems}"
    return say


@s.styled
def profit_curve(result: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show the profit at each price, the best price with its interval, and today's.

    Parameters
    ----------
    result : BestPrice
        What `analysis.pricing.optimal_price` returns.
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
        If `result` is something else, or `ax` is no Axes.

    Examples
    --------
    >>> profit_curve(100)
    Traceback (most recent call last):
        ...
    CourseError: plots.profit_curve: a int was given. Pass what analysis.pricing.optimal_price returns, ...
    """
    where = "plots.profit_curve"
    fields = ["price", "low", "high", "profit", "current_price", "gain", "bound"]
    table = s.whole(result, fields, where, "what analysis.pricing.optimal_price returns")
    ax = s.canvas(ax, where, height=4.4)
    known = result.low == result.low
    if known:
        ax.fill_between(table["price"], table["low"], table["high"], color=s.BLUE, alpha=0.15, linewidth=0)
        ax.axvspan(result.low, result.high, color=s.GREEN, alpha=0.12, linewidth=0)
    ax.plot(table["price"], table["profit"], color=s.BLUE)
    ax.axvline(result.price, color=s.GREEN, linewidth=1.4, linestyle=(0, (4, 3)))
    ax.scatter([result.price], [result.profit], s=70, color=s.GREEN, zorder=4)
    ax.scatter([result.current_price], [result.current_profit], s=60, color=s.INK, marker="s", zorder=4)
    high = float(np.nanmax(table[["profit", "high"]].to_numpy(float)))
    low = min(float(np.nanmin(table[["profit", "low"]].to_numpy(float))), result.current_profit)
    room = (high - low) or 1.0
    ax.set_ylim(low - 0.22 * room, high + 0.18 * room)
    later = result.price >= result.current_price
    s.beside(ax, f"best: {t.plain(round(result.price, 2))}", (result.price, high + 0.16 * room),
             (6 if later else -6, 0), ha="left" if later else "right", va="top", color=s.GREEN,
             fontweight="bold", bbox=s.PAPER)  # fmt: skip
    s.beside(ax, f"today: {t.plain(round(result.current_price, 2))}",
             (result.current_price, result.current_profit), (0, -9), ha="center", va="top", fontweight="bold",
             bbox=s.PAPER)  # fmt: skip
    edges = (float(table["price"].min()), float(table["price"].max()), result.current_price)
    pad = 0.06 * (max(edges) - min(edges) or 1)
    ax.set_xlim(min(edges) - pad, max(edges) + pad)
    s.number_axis(ax.yaxis)
    s.grid(ax, "y")
    ax.set_xlabel("Price")
    ax.set_ylabel("Profit")
    at = t.plain(round(result.price, 2))
    if known and result.high > result.low:
        at += f" ({t.plain(round(result.low, 2))} to {t.plain(round(result.high, 2))})"
    if abs(result.price / result.current_price - 1) < 1e-9:
        say = f"Today's price of {at} is the best one allowed"
    else:
        say = f"The best price is {at}"
        if result.gain == result.gain:
            say += f": profit {t.measured(result.gain, result.gain_low, result.gain_high, sign=True)}"
            say += f" against today's {t.plain(round(result.current_price, 2))}"
    why = {
        "ceiling": "A higher one would earn more still, but the bound on change ends the curve.",
        "floor": "A lower one would earn more still, but the bound on margin or change ends the curve.",
        "stock": "At a lower one the stock would run out.",
    }.get(result.bound, "")
    band = "Blue band: profit over the interval of the elasticity; green band: where the best price may lie. "
    s.titled(ax, say, title, ((band if known else "") + why).strip())
    return ax


@s.styled
def price_learning(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show what each way of learning the best price has lost, round by round.

    Parameters
    ----------
    table : DataFrame
        What `analysis.pricing.explore` returns.
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
    >>> table = pd.DataFrame({"method": ["thompson", "test"], "round": 50, "regret": [400.0, 900],
    ...                       "low": [350.0, 850], "high": [450.0, 950]})
    >>> s.finding(price_learning(table))
    'Thompson sampling loses least in 50 rounds: 400 (350-450); the fixed test loses 900'
    >>> s.plt.close("all")
    >>> price_learning(table[["method"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.price_learning: column 'round' is not in the frame; it has method. Pass what ...
    """
    where = "plots.price_learning"
    numbers = ["round", "regret", "low", "high"]
    s.table_with(table, ["method", *numbers], where, "what analysis.pricing.explore returns")
    require_numeric(table, numbers, where)
    ax = s.canvas(ax, where, height=4.3)
    ends = table.sort_values("round").groupby("method").last().sort_values("regret", kind="stable")
    for name, (_, colour, dash) in WAYS.items():
        path = table[table["method"] == name].sort_values("round")
        ax.fill_between(path["round"], path["low"], path["high"], color=colour, alpha=0.18, linewidth=0)
        ax.plot(path["round"], path["regret"], color=colour, linestyle=dash)
    top = float(np.nanmax(table[["regret", "high"]].to_numpy(float))) or 1.0
    last = int(table["round"].max())
    labels = s.spread(ends["regret"], 0.07 * top)
    for (name, row), y in zip(ends.iterrows(), labels, strict=True):
        words, colour, _ = WAYS.get(str(name), (str(name), s.INK, "-"))
        s.beside(ax, f"{words}: {t.compact(row['regret'])}", (last, y), (8, 0), va="center", color=colour,
                 fontweight="bold")  # fmt: skip
    ax.set_ylim(0, 1.12 * top)
    first = int(table["round"].min())
    ax.set_xlim(first - 0.5, last + 0.42 * max(last - first, 1))
    ax.set_xticks([tick for tick in ax.get_xticks() if first - 0.5 <= tick <= last])
    s.number_axis(ax.yaxis)
    s.grid(ax, "y")
    ax.set_xlabel("Round")
    ax.set_ylabel("Profit lost so far against the best price")
    best = ends.iloc[0]
    name = WAYS.get(str(ends.index[0]), (str(ends.index[0]),))[0]
    if len(ends) > 1 and not best["high"] < ends["low"].iloc[1]:
        say = f"After {last} rounds no way of learning is shown to lose less than the others: "
    else:
        say = f"{t.capital(name)} loses least in {last} rounds: "
    said = t.compact(best["regret"])
    if best["low"] == best["low"]:
        said += f" ({t.compact(best['low'])}-{t.compact(best['high'])})"
    rest = [f"{'the ' if k == 'test' else ''}{WAYS.get(k, (k,))[0]} loses {t.compact(v)}"
            for k, v in ends["regret"].iloc[1:].items()]  # fmt: skip
    if "no way" in say:
        said = f"{name} {said}"
    s.titled(
        ax, say + "; ".join([said, *rest]), title,
        "Mean of the simulated runs, with its interval as a band. A line that turns flat has learned.",
    )  # fmt: skip
    return ax


@s.styled
def markdown(result: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show which price to ask for what is left in each period, and the stock to expect.

    Parameters
    ----------
    result : MarkdownPlan
        What `analysis.pricing.markdown_plan` returns.
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
        If `result` is something else, or `ax` is no Axes.

    Examples
    --------
    >>> markdown([100, 80])
    Traceback (most recent call last):
        ...
    CourseError: plots.markdown: a list was given. Pass what analysis.pricing.markdown_plan returns, ...
    """
    where = "plots.markdown"
    fields = ["path", "revenue", "hold", "hold_price", "cut", "cut_from", "cut_to", "cut_period", "left"]
    table = s.whole(result, fields, where, "what analysis.pricing.markdown_plan returns")
    asked = table.pivot_table(index="stock", columns="period", values="price")
    prices = np.unique(asked.to_numpy())[::-1]
    ax = s.canvas(ax, where, height=4.8)
    place = np.searchsorted(-prices, -asked.to_numpy())
    edges = np.arange(0.5, asked.shape[1] + 1), np.arange(0.5, asked.shape[0] + 1)
    # Dearer is darker, in one colour, so that it reads without colour too.
    shades = colors.LinearSegmentedColormap.from_list("prices", ["#3B8FC4", "#EAF3F9"])
    ax.pcolormesh(*edges, place, cmap=shades, vmin=0, vmax=max(len(prices) - 1, 1), shading="flat")
    path = result.path
    ax.plot(path["period"], path["stock"], color=s.INK, marker="o", markersize=5)
    taken = np.interp(np.arange(1, asked.shape[1] + 1), path["period"], path["stock"])
    for k, price in enumerate(prices):
        # In the middle of where its own area is highest, or a quarter off if the line of the stock is there.
        column = int((place == k).sum(axis=0).argmax())
        rows = np.flatnonzero(place[:, column] == k)
        spots = rows[0] + 1 + (rows[-1] - rows[0]) * np.array([0.5, 0.2, 0.8])
        free = np.minimum(np.abs(spots - taken[column]) / len(asked), 0.06)
        ax.text(column + 1, spots[int(free.argmax())], t.plain(price), ha="center", va="center",
                fontweight="bold", color=s.INK, bbox=s.PAPER)  # fmt: skip
    ax.set_xlim(0.5, asked.shape[1] + 0.5)
    ax.set_ylim(0.5, asked.shape[0] + 0.5)
    ax.xaxis.set_major_locator(ticker.MaxNLocator(12, integer=True))
    ax.yaxis.set_major_locator(ticker.MaxNLocator(6, integer=True))
    s.grid(ax, "")
    ax.set_xlabel("Period")
    ax.set_ylabel("Units left at its start")
    rest = [_more(result.revenue, result.hold, f"holding {t.plain(result.hold_price)}")]
    if result.cut > result.hold * (1 + 1e-9):
        prices_cut = f"from {t.plain(result.cut_from)} to {t.plain(result.cut_to)}"
        said = f"one cut {prices_cut} in period {result.cut_period}"
        rest.append(_more(result.revenue, result.cut, said))
    say = f"Following the stock earns {t.compact(result.revenue)}: {t.listed(rest)}"
    note = (
        f"Numbers: price to ask for what is left, the darker the dearer. Line: stock to expect. "
        f"{t.number(result.left, 1)} units are left at the end on average."
    )
    s.titled(ax, say, title, note)
    return ax


def _more(revenue: float, other: float, what: str) -> str:
    """Say how much more the plan earns than something simpler."""
    if not other > 0:
        return f"{t.compact(revenue - other)} more than {what}"
    gain = revenue / other - 1
    return f"no more than {what}" if gain < 5e-5 else f"{t.percent(gain)} more than {what}"
