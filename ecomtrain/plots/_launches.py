"""Plots of launches: the test before, and the watch after."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib import dates
from matplotlib.axes import Axes

from ecomtrain.errors import CourseError, nearest, require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t

LOOKS = {"go": (s.GREEN, "o"), "hold": (s.ORANGE, "s"), "stop": (s.RED, "X")}


@s.styled
def launch_test(
    table: Any, *, target: float, most: int = 15, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Show the rate of each product in a test launch against the rate it must beat.

    Parameters
    ----------
    table : DataFrame
        What `analysis.lifecycle.test_launch` returns.
    target : float
        The rate that was to be beaten, a fraction.
    most : int, default 15
        How many products to show at most, the most promising first.
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
        If `table` lacks a column or a row, `target` is no fraction, or `ax` is no Axes.

    Examples
    --------
    >>> table = pd.DataFrame({"product_id": ["mug", "pan"], "decision": ["go", "hold"], "rate": [0.047, 0.03],
    ...                       "low": [0.034, 0.02], "high": [0.062, 0.04], "p_above": [0.996, 0.35]})
    >>> s.finding(launch_test(table, target=0.03))
    'Go for mug: 4.7 % buy (3.4-6.2 %), against a target of 3.0 %; go on testing 1'
    >>> s.plt.close("all")
    >>> launch_test(table, target=3)
    Traceback (most recent call last):
        ...
    CourseError: plots.launch_test: target is 3; give the fraction given to analysis.lifecycle.test_launch.
    """
    where, source = "plots.launch_test", "what analysis.lifecycle.test_launch returns"
    numbers = ["rate", "low", "high", "p_above"]
    s.table_with(table, ["product_id", "decision", *numbers], where, source)
    require_numeric(table, numbers, where)
    if not 0 < target < 1:
        raise CourseError(
            f"{where}: target is {target}; give the fraction given to analysis.lifecycle.test_launch."
        )
    shown = table.head(most).reset_index(drop=True)
    ax = s.canvas(ax, where, height=1.7 + 0.36 * len(shown))
    s.rows(ax, shown["product_id"])
    for decision, (colour, marker) in LOOKS.items():
        part = shown[shown["decision"] == decision]
        s.whiskers(ax, part.index, part["rate"], part["low"], part["high"], colour=colour, marker=marker)
    told = [f"{row.decision}: {t.percent(row.p_above, 0)} sure to beat it" if row.decision != "stop" else
            f"stop: {t.percent(1 - row.p_above, 0)} sure not to" for row in shown.itertuples()]  # fmt: skip
    s.end_labels(ax, np.maximum(shown["high"], target), shown.index, told)
    ax.axvline(target, color=s.INK, linewidth=1.4, linestyle=(0, (4, 3)))
    s.beside(ax, f"target {t.percent(target)}", (target, 1), (4, 3), xycoords=("data", "axes fraction"),
             va="bottom")  # fmt: skip
    s.percent_axis(ax.xaxis)
    s.grid(ax, "x")
    ax.set_xlabel("Share of visitors who buy")
    count = table["decision"].value_counts().reindex(list(LOOKS), fill_value=0)
    rest = [
        f"{word} {count[kind]}" for kind, word in (("hold", "go on testing"), ("stop", "stop")) if count[kind]
    ]
    if count["go"]:
        best = table[table["decision"] == "go"].iloc[0]
        name = (
            best["product_id"] if count["go"] == 1 else f"{count['go']} products, first {best['product_id']}"
        )
        rate = t.measured(best["rate"], best["low"], best["high"], "buy")
        say = f"Go for {name}: {rate}, against a target of {t.percent(target)}"
    else:
        say = f"No product is sure enough to beat {t.percent(target)}"
    s.titled(
        ax, "; ".join([say, *([t.listed(rest)] if rest else [])]), title,
        "Dots: posterior means; lines: intervals. Circles go, squares hold, crosses stop.", pad=26,
    )  # fmt: skip
    return ax


@s.styled
def launch_watch(
    table: Any, *, product: Any = None, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Show the daily sales of a new product against its plan, and the days on which they had left it.

    Parameters
    ----------
    table : DataFrame
        What `analysis.lifecycle.launch_monitor` returns.
    product : optional
        The product to show; by default the first that gave an alarm, or the first of all.
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
        If `table` lacks a column or a row, `product` is not in it, or `ax` is no Axes.

    Examples
    --------
    >>> table = pd.DataFrame({"product_id": "lamp", "date": pd.date_range("2026-06-01", periods=3),
    ...                       "sold": [9, 18, 21], "expected": 10.0, "above": [0.0, 2.3, 5.8], "below": 0.0,
    ...                       "limit": 4.6, "alert": ["", "", "above"]})
    >>> s.finding(launch_watch(table))
    'Lamp left its plan on 2026-06-03: so far it sold 60 % more than planned'
    >>> s.plt.close("all")
    >>> launch_watch(table, product="lamb")
    Traceback (most recent call last):
        ...
    CourseError: plots.launch_watch: product 'lamb' is not in the table. Did you mean 'lamp'?
    """
    where, source = "plots.launch_watch", "what analysis.lifecycle.launch_monitor returns"
    s.table_with(table, ["product_id", "date", "above", "below", "limit", "alert"], where, source)
    quantity, expected = table.columns[2:4]
    require_numeric(table, [quantity, expected, "above", "below", "limit"], where)
    alarms = table[table["alert"] != ""].groupby("product_id")["date"].min().sort_values(kind="stable")
    if product is None:
        product = alarms.index[0] if len(alarms) else table["product_id"].iloc[0]
    own = table[table["product_id"] == product]
    if own.empty:
        hint = nearest(product, table["product_id"].unique())
        raise CourseError(f"{where}: product '{product}' is not in the table.{hint}")
    ax = s.canvas(ax, where, height=4.2)
    alert = (own["alert"] != "").to_numpy()
    colours = np.where(alert, s.RED, s.FAINT)
    ax.bar(own["date"], own[quantity], color=colours, width=0.8)
    ax.plot(own["date"], own[expected], color=s.INK, linewidth=1.8, drawstyle="steps-mid")
    top = 1.25 * max(float(own[[quantity, expected]].max().max()), 1.0)
    ax.set_ylim(0, top)
    last = own.iloc[-1]
    ax.margins(x=0.02)
    s.beside(ax, "plan", (last["date"], last[expected]), (10, 0), va="center", fontweight="bold")
    ratio = own[quantity].sum() / own[expected].sum() - 1
    words = f"{t.percent(abs(ratio))} {'more' if ratio >= 0 else 'less'} than planned"
    if alert.any():
        first = own[alert].iloc[0]
        ax.axvline(first["date"] - pd.Timedelta(hours=12), color=s.RED, linewidth=1.4, linestyle=(0, (4, 3)))
        side = "left" if first["date"] <= own["date"].iloc[len(own) // 2] else "right"
        s.beside(ax, f"alarm: {first['alert']} plan", (first["date"] - pd.Timedelta(hours=12), top),
                 (5 if side == "left" else -5, -3), ha=side, va="top", color=s.RED, fontweight="bold",
                 bbox=s.PAPER)  # fmt: skip
        say = f"{t.capital(str(product))} left its plan on {first['date']:%Y-%m-%d}: so far it sold {words}"
    else:
        say = f"{t.capital(str(product))} keeps to its plan: it sold {words}, which chance may bring"
    count = table["product_id"].nunique()
    left = "has left its plan" if len(alarms) == 1 else "have left their plan"
    say += f" ({len(alarms)} of {count} products {left})" if count > 1 else ""
    s.grid(ax, "y")
    s.number_axis(ax.yaxis)
    ax.xaxis.set_major_locator(dates.AutoDateLocator(maxticks=7))
    ax.xaxis.set_major_formatter(dates.ConciseDateFormatter(ax.xaxis.get_major_locator()))
    ax.set_ylabel("Units a day")
    s.titled(
        ax, say, title,
        "Red: the evidence summed up so far stands above its limit. Single odd days give no alarm.",
    )  # fmt: skip
    return ax
