"""Plots of what a customer brings: the curve by age, and each channel's value against its cost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ecomtrain.analysis.channels import payback
from ecomtrain.errors import require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t
from ecomtrain.plots._marks import between, curves, word


@s.styled
def ltv_curve(
    curve: Any, cac: Any = None, *, unit: str = "¥", ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Show what an acquired customer has brought by each age, and where that pays back the cost.

    Parameters
    ----------
    curve : DataFrame
        What `analysis.channels.ltv_curve` returns. Without `by` its cohorts are drawn too, with `by` one
        pooled line per group.
    cac : number, optional
        Cost of a new customer, drawn as a line.
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
        If `curve` lacks a column or a row or `cac` is no cost, or `ax` is no Axes.

    Examples
    --------
    >>> curve = pd.DataFrame({"cohort": "all", "age": [0, 1], "customers": 9, "margin": [50.0, 9.0],
    ...                       "ltv": [50.0, 59.0], "low": [46.0, 54.0], "high": [54.0, 64.0]})
    >>> s.finding(ltv_curve(curve, 58))
    'A customer has brought ¥59 (54-64) after 2 months and pays back ¥58 in month 2'
    >>> s.plt.close("all")
    >>> ltv_curve(curve[["age"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.ltv_curve: column 'cohort' is not in the frame; it has age. Pass what ...
    """
    where, source = "plots.ltv_curve", "what analysis.channels.ltv_curve returns"
    columns = ["age", "customers", "margin", "ltv", "low", "high"]
    s.table_with(curve, ["cohort", *columns], where, source)
    require_numeric(curve, columns, where)
    by = [name for name in curve.columns if name not in ("cohort", *columns)]
    pooled = curve[(curve["cohort"].astype(str) == "all") & curve["ltv"].notna()]
    s.table_with(pooled, columns, where, f"{source}, with its rows 'all'")
    ax = s.canvas(ax, where, height=4.6)
    cost = 0.0 if cac is None else float(payback(pooled, cac)["cac"].iloc[0])
    groups = list(pooled.groupby(by[0])) if by else [("all", pooled)]
    top = max(float(pooled["high"].fillna(pooled["ltv"]).max()), cost, 0.0)
    ax.set_ylim(min(0.0, float(pooled["ltv"].min())), 1.08 * top or 1.0)
    if not by:
        for _, part in curve[curve["cohort"].astype(str) != "all"].dropna(subset="ltv").groupby("cohort"):
            ax.plot(part["age"] + 1, part["ltv"], color=s.FAINT, linewidth=1, zorder=1)
        ax.fill_between(
            pooled["age"] + 1, pooled["low"], pooled["high"], color=s.BLUE, alpha=0.2, linewidth=0
        )
    lines = [((part["age"] + 1).to_numpy(), part["ltv"].to_numpy()) for _, part in groups]
    curves(
        ax,
        lines,
        [f"{word(name)} {t.compact(y[-1], unit)}" for (name, _), (_, y) in zip(groups, lines, strict=True)],
    )
    if cac is not None:
        ax.axhline(cost, color=s.RED, linewidth=1.6, linestyle=(0, (4, 3)))
        s.beside(
            ax, f"cost of a customer {t.compact(cost, unit)}", (1, cost), (0, -4),
            xycoords=("axes fraction", "data"), ha="right", va="top", color=s.RED, bbox=s.PAPER,
        )  # fmt: skip
    last = int(pooled["age"].max()) + 1
    ax.set_xlim(0.5, last + 0.5)
    ax.set_xticks(range(1, last + 1, max(1, last // 12)))
    s.number_axis(ax.yaxis, unit)
    s.grid(ax, "y")
    ax.set_xlabel("Months of 30 days since the first order")
    ax.set_ylabel("Margin per acquired customer, cumulated")
    s.titled(
        ax, _value_finding(pooled, groups, cac, unit), title,
        "Pooled over all months of first orders; a customer belongs to the group of the first." if by
        else "Blue band: confidence interval. Grey: single months of first orders, as far as they are known.",
    )  # fmt: skip
    return ax


def _value_finding(pooled: Any, groups: Any, cac: Any, unit: str) -> str:
    """Say what a customer has brought and, where there is a cost, when that is paid back."""
    ends = pd.DataFrame([part.iloc[-1] for _, part in groups], index=[word(name) for name, _ in groups])
    months = int(ends["age"].max()) + 1
    after = f"after {months} month{'s' if months > 1 else ''}"
    if len(ends) > 1:
        ends = ends.sort_values("ltv")
        low, high = (
            f"{name} {t.compact(ends.loc[name, 'ltv'], unit)}" for name in (ends.index[0], ends.index[-1])
        )
        say = f"{t.capital(after)} a customer has brought from {low} to {high}"
    else:
        one = ends.iloc[0]
        say = f"A customer has brought {t.compact(one['ltv'], unit)}{between(one)} {after}"
    if cac is None:
        return say
    back = payback(pooled, cac)["payback_months"]
    cost = t.compact(float(payback(pooled, cac)["cac"].iloc[0]), unit)
    if back.isna().all():
        return f"{say} and has not paid back {cost}"
    if len(ends) > 1:
        return f"{say}; {int(back.notna().sum())} of {len(ends)} channels have paid back {cost}"
    return f"{say} and pays back {cost} in month {back.iloc[0]:.0f}"


@s.styled
def channel_value(table: Any, *, unit: str = "¥", ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show each channel by what a customer costs and what a customer brings, sized by its customers.

    Parameters
    ----------
    table : DataFrame
        What `analysis.channels.payback` returns for a curve by channel.
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
    >>> table = pd.DataFrame({"channel": ["live", "feed"], "cohort": "all", "customers": [90, 60],
    ...     "cac": [60.0, 45.0], "months": 12, "ltv": [180.0, 90.0], "ltv_cac": [3.0, 2.0],
    ...     "low": [2.7, 1.7], "high": [3.3, 2.3]})
    >>> s.finding(channel_value(table))
    'Live brings most for its cost: 3.0 times (2.7-3.3) after 12 months; feed least: 2.0 times (1.7-2.3)'
    >>> s.plt.close("all")
    >>> channel_value(table[["cac"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.channel_value: column 'customers' is not in the frame; it has cac. Pass what ...
    """
    where, source = "plots.channel_value", "what analysis.channels.payback returns for a curve by channel"
    columns = ["customers", "cac", "months", "ltv", "ltv_cac", "low", "high"]
    s.table_with(table, columns, where, source)
    require_numeric(table, columns, where)
    shown = table.dropna(subset=["cac", "ltv"]).sort_values("customers", ascending=False, kind="stable")
    s.table_with(shown, columns, where, f"{source}, with costs")
    names = [word(row.iloc[0]) for _, row in shown.iterrows()]
    ax = s.canvas(ax, where, height=5.0)
    size = 900 * shown["customers"] / max(float(shown["customers"].max()), 1)
    ax.scatter(shown["cac"], shown["ltv"], s=size, color=s.SKY, alpha=0.55, edgecolor=s.BLUE, linewidth=1.4)
    ax.set_xlim(*_room(shown["cac"]))
    ax.set_ylim(*_room(shown["ltv"]))
    _multiples(ax)
    _names(ax, shown, names, size)
    s.number_axis(ax.xaxis, unit)
    s.number_axis(ax.yaxis, unit)
    s.grid(ax, "")
    ax.set_xlabel("Cost of a new customer (CAC)")
    months = int(shown["months"].min())
    after = f"{months} month{'s' if months != 1 else ''}"
    ax.set_ylabel(f"Margin per customer after {after} (LTV)")
    ranked = shown.assign(name=names).dropna(subset="ltv_cac").sort_values("ltv_cac", kind="stable")
    told = [
        t.measured(row["ltv_cac"], row["low"], row["high"], "times", share=False)
        for _, row in ranked.iterrows()
    ]
    if ranked.empty:
        say = "No channel has a cost to compare with"
    elif len(ranked) == 1:
        say = f"{ranked['name'].iloc[0]} brings {told[0]} its cost after {after}"
    else:
        first, last = ranked["name"].iloc[-1], ranked["name"].iloc[0]
        sure = "" if ranked["low"].iloc[-1] > ranked["high"].iloc[-2] else ", though not clearly"
        say = f"{first} brings most for its cost{sure}: {told[-1]} after {after}; {last} least: {told[0]}"
    s.titled(
        ax,
        t.capital(say),
        title,
        "Area: customers. Lines: margin as a multiple of the cost. The axes do not start at 0.",
        pad=26,
    )
    return ax


def _room(values: pd.Series) -> tuple[float, float]:
    """Return limits of an axis around the values, not from 0: the lines of equal multiples tell the ratio."""
    low, high = float(values.min()), float(values.max())
    pad = max(0.35 * (high - low), 0.15 * abs(high), 1e-9)
    return (max(low - pad, 0.0) if low >= 0 else low - pad), high + pad


def _multiples(ax: Axes) -> None:
    """Draw lines on which a customer brings a round multiple of their cost, where they cross the plot."""
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    round_ = np.array([1, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 100])
    cross = round_[(round_ * right > bottom) & (round_ * left < top)]
    for times in cross[:: max(1, len(cross) // 5)]:
        ax.plot([left, right], [times * left, times * right], color=s.FAINT, linewidth=1.2, zorder=1)
        out = times * right <= top  # leaves on the right, or else at the top
        at = (1.0, (times * right - bottom) / (top - bottom)) if out else (
            (top / times - left) / (right - left), 1.0
        )  # fmt: skip
        s.beside(
            ax, f"{t.plain(times)} ×", at, (4, 0) if out else (0, 4), xycoords="axes fraction",
            va="center" if out else "bottom", ha="left" if out else "center", color=s.MUTED,
        )  # fmt: skip
    ax.set_xlim(left, right)
    ax.set_ylim(bottom, top)


def _names(ax: Axes, shown: Any, names: list[str], size: Any) -> None:
    """Write each name over its bubble, or under or beside it where another bubble or name is in the way."""
    box = ax.get_window_extent()
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    x = ((shown["cac"] - left) / (right - left) * box.width / ax.figure.dpi).to_numpy()  # in inches
    y = ((shown["ltv"] - bottom) / (top - bottom) * box.height / ax.figure.dpi).to_numpy()
    reach = np.sqrt(size.to_numpy()) / 144
    taken = [(x[i] - reach[i], x[i] + reach[i], y[i] - reach[i], y[i] + reach[i]) for i in range(len(x))]
    for i, (name, (_, row)) in enumerate(zip(names, shown.iterrows(), strict=True)):
        half = t.inches_of(name, t.TEXT, "normal") / 2
        away = reach[i] + 0.14
        options = [(0.0, away), (0.0, -away), (reach[i] + half + 0.08, 0.0), (-reach[i] - half - 0.08, 0.0)]
        boxes = [(x[i] + a - half, x[i] + a + half, y[i] + b - 0.1, y[i] + b + 0.1) for a, b in options]
        free = (
            n for n, one in enumerate(boxes)
            if not any(one[0] < o[1] and o[0] < one[1] and one[2] < o[3] and o[2] < one[3] for o in taken)
        )  # fmt: skip
        best = next(free, 0)
        taken.append(boxes[best])
        across, up = options[best]
        s.beside(ax, name, (row["cac"], row["ltv"]), (72 * across, 72 * up), ha="center", va="center")
