"""Plots of products over their life, and of prices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from ecomtrain.errors import CourseError, nearest
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t
from ecomtrain.plots._launches import launch_test, launch_watch
from ecomtrain.plots._prices import markdown, price_elasticity, price_learning, profit_curve

__all__ = [
    "diffusion",
    "launch_test",
    "launch_watch",
    "life_stages",
    "markdown",
    "nine_boxes",
    "price_elasticity",
    "price_learning",
    "profit_curve",
]

STAGES = {"launch": s.YELLOW, "growth": s.GREEN, "maturity": s.SKY, "decline": s.FAINT}


@s.styled
def nine_boxes(result: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show how products and sales are spread over the nine boxes of ABC and XYZ.

    Parameters
    ----------
    result : Portfolio
        What `analysis.lifecycle.abc_xyz` returns.
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
    >>> nine_boxes(0.8)
    Traceback (most recent call last):
        ...
    CourseError: plots.nine_boxes: a float was given. Pass what analysis.lifecycle.abc_xyz returns, whole, ...
    """
    where = "plots.nine_boxes"
    table = s.whole(result, ["boxes", "periods"], where, "what analysis.lifecycle.abc_xyz returns")
    ax = s.canvas(ax, where, height=4.4)
    boxes = result.boxes
    for place, box in enumerate(boxes.itertuples()):
        row, column = divmod(place, 3)
        share = box.share_of_amount if box.share_of_amount == box.share_of_amount else 0.0
        ax.add_patch(Rectangle((column, row), 1, 1, facecolor=s.BLUE, alpha=0.75 * share**0.7))
        ax.add_patch(Rectangle((column, row), 1, 1, fill=False, edgecolor="white", linewidth=3))
        paper: Any = {"ha": "center", "va": "center", "color": s.INK, "bbox": s.PAPER}
        said = f"{t.number(box.products, 0)} product{'' if box.products == 1 else 's'}"
        if box.products:
            said += f"\n{t.percent(share)} of sales"
        ax.text(column + 0.5, row + 0.5, f"{box.abc}{box.xyz}\n{said}", linespacing=1.4, **paper)
    ax.set_xlim(0, 3)
    ax.set_ylim(3, 0)
    ax.set_xticks([0.5, 1.5, 2.5], ["X: steady", "Y: moving", "Z: jumpy"])
    ax.set_yticks([0.5, 1.5, 2.5], ["A: most sales", "B: next", "C: the rest"])
    ax.tick_params(labelcolor=s.INK)
    for side in ax.spines.values():
        side.set_visible(False)
    s.grid(ax, "")
    ax.set_xlabel(f"How steadily units sell, by {result.periods} periods of {result.days_per_period} day(s)")
    top = table[table["abc"] == "A"]
    steady = int(((table["abc"] == "A") & (table["xyz"] == "X")).sum())
    if not len(top):
        say = "Nothing was sold, so no product has a class"
    else:
        some = "none of them sells" if not steady else f"{steady} of them sell{'s' if steady == 1 else ''}"
        bring = "brings" if len(top) == 1 else "bring"
        say = (
            f"{len(top)} of {len(table)} products ({t.percent(len(top) / len(table))}) {bring} "
            f"{t.percent(top['share'].sum())} of sales, and {some} steadily"
        )
    note = "Darker: more of the sales."
    if result.without_class:
        note += f" {result.without_class} product(s) sold nothing to class them by and are left out."
    s.titled(ax, say, title, note)
    return ax


@s.styled
def life_stages(
    result: Any,
    *,
    products: Sequence[Any] | None = None,
    most: int = 10,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Show the stages of products week by week, with their sales.

    Parameters
    ----------
    result : Stages
        What `analysis.lifecycle.stage` returns.
    products : sequence, optional
        Ids of the products to show; by default those that sold most.
    most : int, default 10
        How many to show at most.
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
        If `result` is something else, a product is not in it, or `ax` is no Axes.

    Examples
    --------
    >>> life_stages("growth")
    Traceback (most recent call last):
        ...
    CourseError: plots.life_stages: a str was given. Pass what analysis.lifecycle.stage returns, whole, ...
    """
    where = "plots.life_stages"
    table = s.whole(result, ["history"], where, "what analysis.lifecycle.stage returns")
    history = result.history
    if products is None:
        total = history.groupby("product_id")["units"].sum()
        products = total.sort_values(ascending=False, kind="stable").index[:most].tolist()
    for name in products:
        if name not in set(table["product_id"]):
            hint = nearest(name, table["product_id"])
            raise CourseError(f"{where}: product '{name}' is not in the result.{hint}")
    shown = list(products)[:most]
    ax = s.canvas(ax, where, height=1.4 + 0.42 * len(shown))
    s.rows(ax, shown)
    first, last = history["week"].min(), history["week"].max() + pd.Timedelta(days=7)
    width = (last - first) / pd.Timedelta(days=7)
    for row, name in enumerate(shown):
        own = history[history["product_id"] == name].sort_values("week")
        run = (own["stage"] != own["stage"].shift()).cumsum()
        level = own["per_day"].rolling(5, min_periods=1, center=True).mean()
        level = level / (level.max() or 1)
        for _, part in own.groupby(run):
            kind = part["stage"].iloc[0]
            start, end = part["week"].iloc[0], part["week"].iloc[-1] + pd.Timedelta(days=7)
            ax.barh(row, end - start, left=start, height=0.8, color=STAGES[kind], alpha=0.75, linewidth=0)
            # A word where there is room for it, so that no key is needed.
            if len(part) / width > 0.018 * len(kind):
                beneath = level[part.index].head(int(0.018 * len(kind) * width) + 1)
                below = beneath.min() > 1 - beneath.max()  # where the line is not
                s.beside(ax, kind, (start, row + (0.4 if below else -0.4)), (3, 2 if below else -2),
                         va="bottom" if below else "top", fontsize=t.NOTE)  # fmt: skip
        height = 0.36 - 0.72 * level
        middle = own["week"] + pd.Timedelta(days=3.5)
        ax.plot(middle, row + height, color=s.INK, linewidth=1.4)
    ax.set_xlim(first, last)
    s.grid(ax, "")
    count = table["stage"].value_counts().reindex(list(STAGES), fill_value=0)
    words = {
        "launch": ("is new", "are new"), "growth": ("grows", "grow"),
        "maturity": ("is mature", "are mature"), "decline": ("declines", "decline"),
    }  # fmt: skip
    parts = [f"{n} {words[kind][n != 1]}" for kind, n in count.items() if n]
    noun = "product" if len(table) == 1 else "products"
    say = f"Of {len(table)} {noun} {t.listed(parts)}"
    which = f"The {len(shown)} that sold most. " if len(shown) < len(table) else ""
    s.titled(
        ax,
        say,
        title,
        f"{which}Lines: units per day, each to its own scale. Bands without a word: "
        "yellow launch, green growth, blue maturity, grey decline.",
    )
    return ax


@s.styled
def diffusion(result: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show the sales of a new kind of product with the fitted Bass curve and its peak.

    Parameters
    ----------
    result : Diffusion
        What `analysis.lifecycle.bass` returns.
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
    >>> diffusion(None)
    Traceback (most recent call last):
        ...
    CourseError: plots.diffusion: a NoneType was given. Pass what analysis.lifecycle.bass returns, whole, ...
    """
    where = "plots.diffusion"
    table = s.whole(result, ["path", "method"], where, "what analysis.lifecycle.bass returns")
    path = result.path
    p, q, m, late, peak = table["estimate"]
    low, high = table.loc["t_peak", ["low", "high"]]
    n = len(path)
    end = max(n, late + 2.5) if late < 3 * n else n
    ax = s.canvas(ax, where, height=4.4)
    ax.bar(path["t"] - 0.5, path["quantity"], width=0.8, color=s.FAINT)
    at = np.linspace(0, end, 200)
    gone = np.exp(-(p + q) * at)
    ax.plot(at, m * (p + q) ** 2 / p * gone / (1 + q / p * gone) ** 2, color=s.BLUE)
    top = max(float(path["quantity"].max()), peak)
    if late < end:
        if low == low:
            ax.axvspan(low, min(high, end), color=s.BLUE, alpha=0.15, linewidth=0)
        ax.plot([late, late], [0, peak], color=s.BLUE, linestyle=(0, (4, 3)), linewidth=1.5)
        ax.scatter([late], [peak], s=46, color=s.BLUE, zorder=4)
        side = "left" if late < 0.15 * end else "right" if late > 0.85 * end else "center"
        s.beside(ax, f"peak: {t.compact(peak)} a period", (late, top * 1.08), (0, 0), ha=side, va="bottom",
                 color=s.BLUE, fontweight="bold", bbox=s.PAPER)  # fmt: skip
    ax.set_ylim(0, top * 1.22)
    ax.set_xlim(0, end)
    step = max(1, int(np.ceil(n / 9)))
    names = path["period"].iloc[::step]
    dates = names.dtype.kind == "M"
    labels = names.dt.strftime("%Y-%m-%d") if dates else names.map(lambda value: f"{value:g}")
    ax.set_xticks(path["t"].iloc[::step] - 0.5, labels)
    if dates and n > 6:
        ax.tick_params(axis="x", labelrotation=30)
    s.number_axis(ax.yaxis)
    s.grid(ax, "y")
    ax.set_xlabel("Period")
    ax.set_ylabel("First purchases in a period")
    size = table.loc["m"]
    all_ = f"{t.compact(size['estimate'])} will buy in all"
    if size["low"] == size["low"]:
        all_ += f" ({t.compact(size['low'])} to {t.compact(size['high'])})"
    if late == 0:
        say = f"Sales were fastest at the launch; {all_}"
    else:
        when = t.number(late, 1) + (f" ({t.interval(low, high, share=False)})" if low == low else "")
        say = f"Sales peak{'ed' if late <= n else ''} {when} periods after the launch; {all_}"
    bought = path["cumulative"].iloc[-1] / m
    fitted = "nonlinear least squares" if result.method == "nls" else "Bass's regression of 1969"
    note = (
        f"Bars: sales. Line: Bass model by {fitted}, innovation p {t.number(p, 4)}, imitation q "
        f"{t.number(q, 3)}. So far {t.percent(bought, 0)} of the market bought."
        f"{' Band: interval of the peak.' if late < end and low == low else ''}"
    )
    s.titled(ax, say, title, note)
    return ax
