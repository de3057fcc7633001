"""Plots of lifetime value."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ecomtrain.errors import CourseError
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t
from ecomtrain.plots._repurchases import alive_by_frequency, alive_map, holdout, named, tracking

__all__ = [
    "alive_by_frequency",
    "alive_map",
    "contract_survival",
    "holdout",
    "lifetime_value",
    "spend_check",
    "tracking",
]


@s.styled
def lifetime_value(
    result: Any, *, currency: str = "¥", ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Show what each tenth (or tier) of the customers is expected to bring in.

    Parameters
    ----------
    result : LifetimeValue
        What `analysis.clv.lifetime_value` returns.
    currency : str, default "¥"
        Sign before amounts.
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
    >>> lifetime_value(0.4)
    Traceback (most recent call last):
        ...
    CourseError: plots.lifetime_value: a float was given. Pass what analysis.clv.lifetime_value returns, ...
    """
    where = "plots.lifetime_value"
    s.whole(
        result,
        ["groups", "table", "total", "low", "high", "horizon"],
        where,
        "what analysis.clv.lifetime_value returns",
    )
    table = result.groups
    by = table.columns[0]
    ax = s.canvas(ax, where, height=4.4)
    at = np.arange(len(table))
    best = table["share"].to_numpy().argmax()
    colours = [s.BLUE if k == best else s.SKY for k in at]
    ax.bar(at, table["total"], color=colours, width=0.72)
    ax.vlines(at, table["low"], table["high"], color=s.INK, linewidth=1.6)
    for k, (high, share) in enumerate(zip(table["high"], table["share"], strict=True)):
        s.beside(
            ax, t.percent(share), (k, high), (0, 5), ha="center", fontweight="bold" if k == best else "normal"
        )
    ax.set_xticks(at, [t.safe(name) for name in table[by]])
    ax.set_xlabel("Tenth of the customers, 1 the most valuable" if by == "decile" else t.safe(by))
    ax.set_ylabel("Expected margin, all customers of the group")
    ax.set_ylim(0, float(table["high"].max()) * 1.15)
    s.number_axis(ax.yaxis, currency)
    s.grid(ax, "y")
    row = table.iloc[best]
    name = "The best tenth" if by == "decile" else t.safe(row[by])
    share = t.measured(row["share"], row["share_low"], row["share_high"])
    interval = f"{t.compact(result.low, currency)}-{t.compact(result.high, currency)}"
    s.titled(
        ax,
        f"{name} holds {share} of the {t.compact(result.total, currency)} that customers are still expected "
        "to bring",
        title,
        f"Margin to come, {t.number(result.horizon, 0)} periods ahead, discounted; in all {interval}. "
        "Above the bars: share of all. "
        "Lines: how well the models' parameters are known.",
    )
    return ax


@s.styled
def contract_survival(
    model: Any, *, ahead: int = 5, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Show how many customers under contract are still there, and how the model goes on.

    Parameters
    ----------
    model : ContractModel
        What `analysis.clv.sbg` returns.
    ahead : int, default 5
        Periods to go on beyond the data, 1 or more.
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
        If `model` is something else, or `ahead` is below 1.

    Examples
    --------
    >>> contract_survival(0.4)
    Traceback (most recent call last):
        ...
    CourseError: plots.contract_survival: a float was given. Pass what analysis.clv.sbg returns, whole, ...
    """
    where = "plots.contract_survival"
    s.whole(model, ["parameters", "survival", "retention"], where, "what analysis.clv.sbg returns")
    if ahead < 1:
        raise CourseError(f"{where}: ahead is {ahead}; give 1 or more.")
    table = model.table
    last = int(table["period"].iloc[-1])
    periods = np.arange(last + ahead + 1)
    curve = model.survival(periods)
    ax = s.canvas(ax, where)
    ax.axvspan(last, periods[-1], color=s.SKY, alpha=0.13, linewidth=0)
    ax.plot(periods, curve, color=s.BLUE, linestyle=(0, (4, 2)))
    seen = table.iloc[1:]
    s.whiskers(ax, seen["period"], seen["survival"], seen["low"], seen["high"], colour=s.INK, upright=True)
    naive = float(table["survival"].iloc[1]) ** periods
    ax.plot(periods, naive, color=s.MUTED, linewidth=1.4, linestyle=(0, (1, 2)))
    s.beside(
        ax,
        "as if all stayed like in period 1",
        (periods[-1], naive[-1]),
        (-2, -4),
        ha="right",
        va="top",
        color=s.MUTED,
    )
    named(ax, f"model: {t.percent(curve[-1])}", (periods[-1], curve[-1]), (-2, 10), s.BLUE, ha="right")
    s.beside(
        ax,
        "beyond the data",
        ((last + periods[-1]) / 2, 1),
        (0, -4),
        xycoords=("data", "axes fraction"),
        ha="center",
        va="top",
    )
    ax.set_ylim(0, 1.02)
    ax.set_xlim(0, periods[-1])
    s.percent_axis(ax.yaxis)
    s.grid(ax, "y")
    ax.set_xlabel("Renewals since the start")
    ax.set_ylabel("Share of the customers still there")
    first, later = table["expected_retention"].iloc[[1, -1]]
    s.titled(
        ax,
        f"Renewal rises from {t.percent(first)} at the first to {t.percent(later)} at renewal {last}: "
        f"{t.percent(curve[-1])} are expected to be left after {periods[-1]}",
        title,
        f"{t.number(model.n, 0)} customers began. Dots: observed, with interval. Nobody becomes more loyal: "
        "those who leave easily are gone.",
    )
    return ax


@s.styled
def spend_check(model: Any, *, currency: str = "¥", ax: Any = None, title: str | None = None) -> np.ndarray:
    """Show whether spend goes with frequency, and whether its spread is that of the model.

    Parameters
    ----------
    model : SpendModel
        What `analysis.clv.gamma_gamma` returns.
    currency : str, default "¥"
        Sign before amounts.
    ax : array of two Axes, optional
        Where to draw; a new figure if left out.
    title : str, optional
        In place of the finding.

    Returns
    -------
    array of Axes

    Raises
    ------
    CourseError
        If `model` is something else.

    Examples
    --------
    >>> spend_check(0.4)
    Traceback (most recent call last):
        ...
    CourseError: plots.spend_check: a float was given. Pass what analysis.clv.gamma_gamma returns, whole, ...
    """
    where = "plots.spend_check"
    fields = ["by_frequency", "spread", "correlation", "correlation_low", "correlation_high"]
    s.whole(model, fields, where, "what analysis.clv.gamma_gamma returns")
    axes = s.canvases(ax, where, 2, height=4.4)
    by, spread = model.by_frequency, model.spread.iloc[:-1]
    at = np.arange(len(by))
    s.whiskers(axes[0], at, by["observed"], by["low"], by["high"], colour=s.INK, upright=True)
    axes[0].plot([-0.5, len(by) - 0.5], by["expected"].iloc[[0, 0]], color=s.BLUE, linestyle=(0, (4, 2)))
    axes[0].set_xticks(at, [t.safe(name) for name in by["frequency"]])
    axes[0].set_xlim(-0.5, len(by) - 0.5)
    axes[0].set_ylim(0, 1.3 * float(np.nanmax([by["high"].max(), by["observed"].max()])))
    axes[0].set_xlabel("Repeat purchases")
    axes[0].set_ylabel("Mean spend per purchase")
    s.number_axis(axes[0].yaxis, currency)
    edges = np.append(spread["from"], spread["to"].iloc[-1])
    axes[1].stairs(spread["observed"], edges, color=s.FAINT, fill=True)
    middle = (edges[1:] + edges[:-1]) / 2
    axes[1].plot(middle, spread["expected"], color=s.BLUE, linestyle=(0, (4, 2)))
    axes[1].set_xlim(edges[0], edges[-1])
    axes[1].set_ylim(0, 1.3 * float(max(spread["observed"].max(), spread["expected"].max())))
    axes[1].set_xlabel("A customer's mean spend per purchase")
    axes[1].set_ylabel("Share of the customers")
    s.number_axis(axes[1].xaxis, currency)
    s.percent_axis(axes[1].yaxis)
    named(axes[0], "customers (dots), model (dashed)", (0.03, 0.93), (0, 0), s.INK, xycoords="axes fraction")
    named(
        axes[1],
        "customers (area), model (dashed)",
        (0.97, 0.93),
        (0, 0),
        s.INK,
        xycoords="axes fraction",
        ha="right",
    )
    for panel in axes:
        s.grid(panel, "y")
    told = t.measured(model.correlation, model.correlation_low, model.correlation_high, share=False)
    if model.correlation != model.correlation:
        say = "Whether spend goes with frequency cannot be told from these customers"
    elif model.correlation_low > 0 or model.correlation_high < 0:
        way = "more" if model.correlation > 0 else "less"
        size = "somewhat" if abs(model.correlation) < 0.3 else "much"
        say = f"Customers who buy more often spend {size} {way} per purchase: correlation {told}"
    else:
        say = f"How often customers buy tells nothing clear of how much they spend: correlation {told}"
    s.titled(axes, say, title, f"{t.number(model.n, 0)} customers with a repeat purchase. {model.note}")
    return axes
