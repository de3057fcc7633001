"""Plots of customers over time: their states, where these lead, and cohorts as they age."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ecomtrain.analysis.intervals import wilson
from ecomtrain.errors import CourseError, require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t
from ecomtrain.plots._shades import shaded

_COLOURS = {"active": s.BLUE, "new": s.SKY, "at risk": s.ORANGE, "lost": s.FAINT}
_VALUES = {
    "retention": "Customers who buy again, % of the cohort",
    "orders_per_customer": "Orders per customer of the cohort",
    "revenue_per_customer": "Money per customer of the cohort",
}


def _whole(result: Any, where: str) -> None:
    s.whole(result, ["months", "to_lost"], where, "what analysis.customers.state_transitions returns")
    if not result.months["customers"].sum():
        raise CourseError(f"{where}: the result counts no customers, so there is nothing to draw.")


@s.styled
def state_shares(result: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show which share of the customers is active, new, at risk and lost, month by month.

    Parameters
    ----------
    result : Transitions
        What `analysis.customers.state_transitions` returns.
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
        If `result` is something else, or counts no customers.

    Examples
    --------
    >>> from ecomtrain.analysis import customers
    >>> day = pd.to_datetime(["2026-01-01", "2026-01-21", "2026-02-25", "2026-01-05", "2026-01-10"])
    >>> orders = pd.DataFrame({"customer_id": [1, 1, 1, 2, 2], "paid_at": day})
    >>> result = customers.state_transitions(orders, start="2026-02-01", end="2026-04-01")
    >>> s.finding(state_shares(result))
    'Active on 1 April 2026: 0 % of 2 customers (50 % of 2 on 1 February 2026); lost: 100 % (50 %)'
    >>> s.plt.close("all")
    >>> state_shares(result.table)
    Traceback (most recent call last):
        ...
    CourseError: plots.state_shares: a DataFrame was given. Pass what analysis.customers.state_transitions ...
    """
    where = "plots.state_shares"
    _whole(result, where)
    months = result.months[result.months.groupby("month")["customers"].transform("sum") > 0]
    shares = months.pivot_table(index="month", columns="state", values="share")[list(_COLOURS)]
    counts = months.groupby("month")["customers"].sum()
    ax = s.canvas(ax, where, height=4.6)
    at, floor = np.arange(len(shares)), np.zeros(len(shares))
    middles = []
    for state, colour in _COLOURS.items():
        ax.bar(at, shares[state], bottom=floor, width=0.86, color=colour, edgecolor="white", linewidth=0.6)
        middles.append(float(floor[-1] + shares[state].iloc[-1] / 2))
        floor = floor + shares[state].to_numpy()
    for (state, share), middle in zip(shares.iloc[-1].items(), s.spread(middles, 0.07), strict=True):
        s.beside(ax, f"{state} {t.percent(share)}", (at[-1] + 0.43, middle), (8, 0), va="center")
    step = -(-len(shares) // 13)
    shown = at[::-1][::step][::-1]
    ax.set_xticks(shown, [f"{shares.index[place]:%b}\n{shares.index[place]:%Y}" for place in shown])
    ax.set_xlim(-0.6, at[-1] + 0.2 * len(shares) + 0.5)
    ax.set_ylim(0, 1)
    ax.spines["left"].set_visible(False)
    s.percent_axis(ax.yaxis)
    s.grid(ax, "")
    ax.set_ylabel("Share of all customers known by then")
    days = [f"{day.day} {day:%B %Y}" for day in (shares.index[0], shares.index[-1])]
    first, last = shares.iloc[0], shares.iloc[-1]
    n = [t.number(counts.iloc[place], 0) for place in (0, -1)]
    say = f"Active on {days[1]}: {t.percent(last['active'])} of {n[1]} customers "
    say += f"({t.percent(first['active'])} of {n[0]} on {days[0]}); "
    say += f"lost: {t.percent(last['lost'])} ({t.percent(first['lost'])})"
    s.titled(ax, say, title, "On the first of each month. Who was lost long ago stays in the count.")
    return ax


@s.styled
def state_moves(result: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show where customers in each state are a month later.

    Parameters
    ----------
    result : Transitions
        What `analysis.customers.state_transitions` returns.
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
        If `result` is something else, or counts no customers.

    Examples
    --------
    >>> from ecomtrain.analysis import customers
    >>> day = pd.to_datetime(["2026-01-01", "2026-01-21", "2026-02-25", "2026-01-05", "2026-01-10"])
    >>> orders = pd.DataFrame({"customer_id": [1, 1, 1, 2, 2], "paid_at": day})
    >>> result = customers.state_transitions(orders, start="2026-02-01", end="2026-04-01")
    >>> s.finding(state_moves(result))
    'An active customer is first lost after 2 months on average; of the lost, 0 % (0-66 %) buy again ...'
    >>> s.plt.close("all")
    >>> state_moves(result.table)
    Traceback (most recent call last):
        ...
    CourseError: plots.state_moves: a DataFrame was given. Pass what analysis.customers.state_transitions ...
    """
    where = "plots.state_moves"
    _whole(result, where)
    order = ["active", "new", "at risk", "lost"]
    cells = result.table.set_index(["before", "after"])
    share = np.array([[cells.loc[(row, column), "share"] for column in order] for row in order])
    texts = np.full(share.shape, "", dtype=object)
    for (row, column), value in np.ndenumerate(share):
        cell = cells.loc[(order[row], order[column])]
        if cell["customers"]:
            told = t.measured(value, cell["low"], cell["high"])
            texts[row, column] = told.replace(" (", "\n(")
    names = [f"{row} ({t.number(cells.loc[(row, 'lost'), 'n'], 0)})" for row in order]
    ax = s.canvas(ax, where, height=4.6)
    shaded(ax, share, texts, names, order, most=float(np.nanmax(share, initial=0)))
    ax.set_xlabel("State a month later", loc="left")
    ax.set_ylabel("State (customers, all months)", loc="top")
    months = result.to_lost.loc["active"]
    say = "No active customer was seen to be lost"
    if months["months"] == months["months"]:
        told = t.measured(*months, share=False).replace(" (", " months on average (")
        if "(" not in told:
            told += " months on average"
        say = f"An active customer is first lost after {told}"
    back = cells.loc[("lost", "active")]
    if back["n"]:
        rate = t.measured(back["share"], back["low"], back["high"])
        say += f"; of the lost, {rate} buy again within a month"
    s.titled(ax, say, title, "Share of each row, and its interval. New: one purchase so far.")
    return ax


@s.styled
def cohorts(
    table: Any,
    *,
    period: str = "month",
    most: int = 13,
    unit: str = "¥",
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Show how cohorts of customers come back as they grow older.

    Parameters
    ----------
    table : DataFrame
        What `analysis.customers.cohorts` returns, with any metric.
    period : str, default "month"
        What one step of age is called: "week" with ``freq="W"``.
    most : int, default 13
        Show so many cohorts, the latest, and so many ages.
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
        If `table` lacks a column or a row, or `most` is below 2.

    Examples
    --------
    >>> from ecomtrain.analysis import customers
    >>> day = pd.to_datetime(["2026-01-31", "2026-02-01", "2026-01-05", "2026-02-28", "2026-03-31"])
    >>> orders = pd.DataFrame({"customer_id": [1, 1, 2, 3, 3], "paid_at": day})
    >>> s.finding(cohorts(customers.cohorts(orders, end="2026-04-01")))
    'Of new customers 67 % (21-94 %) buy again one month later, 0 % (0-66 %) after 2'
    >>> s.plt.close("all")
    >>> cohorts(orders)
    Traceback (most recent call last):
        ...
    CourseError: plots.cohorts: column 'cohort' is not in the frame; it has customer_id, paid_at. Pass ...
    """
    where = "plots.cohorts"
    source = "what analysis.customers.cohorts returns"
    s.table_with(table, ["cohort", "age", "customers", "complete"], where, source)
    value = next((name for name in _VALUES if name in table), "retention")
    total = {"orders_per_customer": "orders", "revenue_per_customer": "amount"}.get(value, "buyers")
    s.table_with(table, [value, total], where, source)
    require_numeric(table, ["customers", total, value], where)
    if most < 2:
        raise CourseError(f"{where}: most is {most}; give the number of cohorts to show, 2 or more.")
    kept = sorted(table["cohort"].unique())[-most:]
    part = table[table["cohort"].isin(kept) & (table["age"] < most)]
    part = part[part["age"] <= part.loc[part[value].notna(), "age"].max()]
    matrix, done = (
        part.pivot_table(index="cohort", columns="age", values=name, dropna=False)
        for name in (value, "complete")
    )
    share, money = value == "retention", value == "revenue_per_customer"
    texts = np.full(matrix.shape, "", dtype=object)
    for place, number in np.ndenumerate(matrix.to_numpy()):
        if number == number:
            text = t.number(100 * number, 0 if number >= 0.095 else 1) if share else t.compact(number)
            texts[place] = text if done.to_numpy()[place] else f"({text})"
    sizes = part.groupby("cohort")["customers"].first()
    days = [pd.Timestamp(day) for day in matrix.index]
    style = "%Y-%m" if all(day.day == 1 for day in days) else "%Y-%m-%d"
    names = [f"{day:{style}} ({t.number(n, 0)})" for day, n in zip(days, sizes, strict=True)]
    ax = s.canvas(ax, where, height=1.9 + 0.34 * len(matrix))
    later = matrix.loc[:, matrix.columns > 0].to_numpy()
    peak = float(np.nanmax(later)) if np.isfinite(later).any() else 1.0
    shade = matrix.where(matrix <= peak) if share else matrix.clip(upper=peak)
    shaded(ax, shade, texts, names, matrix.columns, most=peak, size=t.NOTE)
    ax.set_xlabel(f"Age: {period}s since the first order", loc="left")
    ax.set_ylabel("First order (new customers)", loc="top")
    note = f"{_VALUES[value]}{f' ({unit})' if money else ''}."
    if not part.loc[part[value].notna(), "complete"].all():
        note += f" In brackets: the {period} is not over yet."
    s.titled(ax, _course(part, value, total, unit if money else "", period), title, note)
    return ax


def _course(table: Any, value: str, total: str, unit: str, period: str) -> str:
    """Tell what the cohorts do at age 1 and at the latest age that half of them have reached."""
    known = table[table["complete"] & table[value].notna()]
    sums = known.groupby("age")[[total, "customers"]].sum()
    if 1 not in sums.index:
        return f"No cohort has reached its second {period} yet"
    reached = known.groupby("age").size()
    late = int(reached.index[reached >= reached[1] / 2].max())
    ages = [1] if late == 1 else [1, late]
    if value == "retention":
        bounds = [wilson(*sums.loc[age]) for age in ages]
        told = [
            t.measured(sums.loc[age, total] / sums.loc[age, "customers"], *ends)
            for age, ends in zip(ages, bounds, strict=True)
        ]
        say = f"Of new customers {told[0]} buy again one {period} later"
    else:
        what = "spends" if unit else "orders"
        told = [t.compact(sums.loc[age, total] / sums.loc[age, "customers"], unit) for age in ages]
        say = f"A new customer {what} {told[0]}{'' if unit else ' times'} one {period} later, on average"
    return say + (f", {told[1]} after {late}" if late > 1 else "")
