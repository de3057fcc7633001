"""Plots of who comes back: shares, the wait for a second order, daily visits, linked cards."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ecomtrain.errors import CourseError, require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t
from ecomtrain.plots._marks import estimates, word

_RATES = {"retention": ("retained", "customers"), "repurchase_rate": ("repeat_buyers", "buyers")}
_TOLD = {"retention": "come back", "repurchase_rate": "buy twice or more"}


@s.styled
def retention(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Compare the retention or the repurchase rate of groups.

    Parameters
    ----------
    table : DataFrame
        What `analysis.customers.retention` or `repurchase_rate` returns; one row per group.
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
    >>> import pandas as pd
    >>> table = pd.DataFrame({"customers": [400, 400], "retained": [60, 84], "retention": [0.15, 0.21],
    ...                       "low": [0.12, 0.17], "high": [0.19, 0.25]}, index=["control", "gift"])
    >>> s.finding(retention(table))
    'Come back: gift 21 % (17-25 %), control 15 % (12-19 %); the intervals overlap'
    >>> s.plt.close("all")
    >>> retention(table[["customers"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.retention: column 'retained' is not in the frame; it has customers. Pass what ...
    """
    where = "plots.retention"
    rate = next((name for name in _RATES if name in getattr(table, "columns", [])), "retention")
    k, n = _RATES[rate]
    columns = [k, n, rate, "low", "high"]
    s.table_with(table, columns, where, "what analysis.customers.retention or repurchase_rate returns")
    require_numeric(table, columns, where)
    texts = [
        f"{t.measured(row[rate], row['low'], row['high'])}, {t.number(row[k], 0)} of {t.number(row[n], 0)}"
        for _, row in table.iterrows()
    ]
    ax = s.canvas(ax, where, height=1.7 + 0.55 * len(table))
    estimates(ax, table, [rate, "low", "high"], texts, most=1.0)
    s.percent_axis(ax.xaxis)
    ax.set_xlabel(f"Share that {_TOLD[rate]} (line: confidence interval)")
    known = table[table[rate].notna()].sort_values(rate, ascending=False, kind="stable")
    if known.empty:
        say = "Nobody to come back"
    else:
        ends = known if len(known) == 1 else known.iloc[[0, -1]]
        told = [
            f"{word(name)} {t.measured(row[rate], row['low'], row['high'])}" for name, row in ends.iterrows()
        ]
        say = f"{t.capital(_TOLD[rate])}: {', '.join(told)}"
        if len(known) > 1:
            apart = known["low"].iloc[0] > known["high"].iloc[-1]
            say += f"; the intervals {'are apart' if apart else 'overlap'}"
    s.titled(ax, say, title)
    return ax


@s.styled
def repurchase_curve(
    curve: Any, comparison: Any = None, *, mark: float = 90, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Show which share of new customers has ordered again by each day, those still waited for kept.

    Parameters
    ----------
    curve : DataFrame
        What `analysis.survival.kaplan_meier` returns of `time_to_repurchase`, in days, with groups or not.
    comparison : DataFrame, optional
        What `analysis.survival.log_rank` returns of the same customers, for the title.
    mark : float, default 90
        The day that the title speaks of.
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
        If a table lacks a column or a row, or `mark` is below 0.

    Examples
    --------
    >>> import pandas as pd
    >>> from ecomtrain.analysis import survival
    >>> days, again = [5, 9, 9, 20, 60], [True, True, False, True, False]
    >>> s.finding(repurchase_curve(survival.kaplan_meier(days, again), mark=30))
    '70 % have ordered again by day 30 (28-99 %)'
    >>> s.plt.close("all")
    >>> repurchase_curve(pd.DataFrame({"time": [5.0]}))
    Traceback (most recent call last):
        ...
    CourseError: plots.repurchase_curve: column 'survival' is not in the frame; it has time. Pass what ...
    """
    where = "plots.repurchase_curve"
    columns = ["time", "survival", "low", "high", "at_risk"]
    s.table_with(curve, columns, where, "what analysis.survival.kaplan_meier returns")
    require_numeric(curve, columns, where)
    if not mark >= 0:
        raise CourseError(f"{where}: mark is {mark}; give a day, 0 or more.")
    groups = dict(list(curve.groupby("group", observed=True))) if "group" in curve else {"": curve}
    ax = s.canvas(ax, where, height=4.6)
    ends, found, styles = [], {}, ["-", "--", "-.", ":"]
    for place, (name, part) in enumerate(groups.items()):
        part = part.sort_values("time")
        days = np.append(0.0, part["time"])
        back, low, high = (np.append(0.0, 1 - part[c].astype(float)) for c in ("survival", "high", "low"))
        colour = s.SERIES[place % 7]
        ax.step(days, back, where="post", color=colour, linestyle=styles[place % 4])
        ax.fill_between(days, low, high, step="post", color=colour, alpha=0.18, linewidth=0)
        at = np.searchsorted(days, mark, side="right") - 1
        if mark <= days[-1]:
            found[name] = (back[at], low[at], high[at])
        ends.append((days[-1], back[-1], name))
    ax.axvline(mark, color=s.INK, linewidth=1, linestyle=(0, (3, 3)))
    ax.set_ylim(0, min(1.0, 1.15 * max(end[1] for end in ends) + 0.02))
    ax.set_xlim(0, max(end[0] for end in ends))
    gap = 0.055 * ax.get_ylim()[1]
    for (_, y, name), height in zip(ends, s.spread([end[1] for end in ends], gap), strict=True):
        text = f"{word(name)} {t.percent(y)}".strip()
        s.beside(ax, text, (ax.get_xlim()[1], height), (8, 0), va="center")
    s.percent_axis(ax.yaxis)
    s.grid(ax, "y")
    ax.set_xlabel("Days since the first order")
    ax.set_ylabel("Share who have ordered again")
    told = [f"{word(name)} {t.measured(*row)}".strip() for name, row in found.items()]
    say = f"Nobody was followed for {mark:g} days"
    if len(told) == 1 and len(groups) == 1:
        value, low, high = next(iter(found.values()))
        say = t.measured(value, low, high, f"have ordered again by day {mark:g}")
    elif told:
        say = f"Ordered again by day {mark:g}: {t.listed(told)}"
    if comparison is not None:
        say += f"; {_rate(comparison, where)}"
    s.titled(ax, say, title, "Kaplan-Meier: who still had time to come back is counted as waited for.")
    return ax


def _rate(comparison: Any, where: str) -> str:
    """Tell a log-rank test: how many times the rate of the control, and whether the difference is shown."""
    columns = ["hazard_ratio", "low", "high", "p"]
    s.table_with(comparison, columns, f"{where} (comparison)", "what analysis.survival.log_rank returns")
    row = comparison.iloc[0]
    if row["hazard_ratio"] != row["hazard_ratio"]:
        return "too few came back to compare"
    told = t.measured(row["hazard_ratio"], row["low"], row["high"], share=False)
    doubt = ", no difference shown" if row["low"] <= 1 <= row["high"] else ""
    return f"{word(comparison.index[0])} at {told} times the rate{doubt}"


@s.styled
def stickiness(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show which share of the month's visitors comes on each day.

    Parameters
    ----------
    table : DataFrame
        What `analysis.customers.stickiness` returns.
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
    >>> import pandas as pd
    >>> table = pd.DataFrame({"date": pd.date_range("2026-06-01", periods=28), "dau": 10, "mau": 80.0,
    ...                       "stickiness": 0.125})
    >>> s.finding(stickiness(table))
    "On an average day 12 % of the month's visitors come (12 % over the 28 days to 28 June 2026)"
    >>> s.plt.close("all")
    >>> stickiness(table[["date"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.stickiness: column 'stickiness' is not in the frame; it has date. Pass what ...
    """
    where = "plots.stickiness"
    s.table_with(table, ["date", "stickiness"], where, "what analysis.customers.stickiness returns")
    require_numeric(table, ["stickiness"], where)
    known = table.dropna(subset=["stickiness"]).sort_values("date")
    ax = s.canvas(ax, where, height=4.2)
    at, share = np.arange(len(known)), known["stickiness"]
    ax.scatter(at, share, s=14, color=s.FAINT)
    week = share.rolling(7).mean()
    ax.plot(at, week, color=s.BLUE, linewidth=2.4)
    ax.set_ylim(0, 1.15 * float(share.max()) if share.gt(0).any() else 1)
    ax.set_xlim(-1, max(len(known), 2))
    shown = at[::-1][:: max(-(-len(known) // 8), 1)][::-1]
    ax.set_xticks(shown, [f"{day.day} {day:%b}\n{day:%Y}" for day in known["date"].iloc[shown]])
    if week.notna().any():
        text = f"mean of the\n7 days so far\n{t.percent(week.iloc[-1])}"
        s.beside(ax, text, (at[-1], week.iloc[-1]), (12, 0), va="center", color=s.BLUE)
    s.percent_axis(ax.yaxis)
    s.grid(ax, "y")
    ax.set_ylabel("Visitors of the day / of the month")
    say = "The visits do not fill a month yet"
    if len(known):
        last = known[-28:]
        day = last["date"].iloc[-1]
        say = f"On an average day {t.percent(known['stickiness'].mean())} of the month's visitors come "
        say += f"({t.percent(last['stickiness'].mean())} over the {len(last)} days to {day.day} {day:%B %Y})"
    s.titled(ax, say, title, "Dots: days. The month is the time that ends with the day.")
    return ax


@s.styled
def identity_merge(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show what linking identities does to the repurchase rate.

    Parameters
    ----------
    table : DataFrame
        Two rows of `analysis.customers.repurchase_rate`: the same purchases counted apart, then with
        `merge_identities`; for example ``pd.concat([apart, merged]).set_axis(["apart", "linked"])``.
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
        If `table` lacks a column, or has not two rows.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"buyers": [1000, 800], "repeat_buyers": [200, 240],
    ...                       "repurchase_rate": [0.2, 0.3]}, index=["apart", "linked"])
    >>> s.finding(identity_merge(table))
    'Linking turns 1,000 buyers into 800: the repurchase rate goes from 20 % to 30 % by counting alone'
    >>> s.plt.close("all")
    >>> identity_merge(table[:1])
    Traceback (most recent call last):
        ...
    CourseError: plots.identity_merge: the frame has 1 row(s); give two: apart, then linked.
    """
    where = "plots.identity_merge"
    columns = ["buyers", "repeat_buyers", "repurchase_rate"]
    s.table_with(table, columns, where, "two rows of what analysis.customers.repurchase_rate returns")
    require_numeric(table, columns, where)
    if len(table) != 2:
        raise CourseError(f"{where}: the frame has {len(table)} row(s); give two: apart, then linked.")
    ax = s.canvas(ax, where, height=2.9)
    at, repeat, buyers = np.arange(2), table["repeat_buyers"], table["buyers"]
    ax.barh(at, buyers, height=0.55, color=s.GRID, edgecolor=s.FAINT)
    ax.barh(at, repeat, height=0.55, color=s.BLUE)
    s.rows(ax, table.index)
    texts = [
        f"{t.number(n, 0)} buyers; {t.number(k, 0)} of them bought twice or more: {t.percent(rate)}"
        for n, k, rate in table[columns].itertuples(index=False)
    ]
    s.end_labels(ax, buyers, at, texts, most=1e12)
    s.number_axis(ax.xaxis)
    s.grid(ax, "x")
    ax.set_xlabel("Buyers (blue: those who bought twice or more)")
    rates = [t.percent(rate) for rate in table["repurchase_rate"]]
    say = f"Linking turns {t.number(buyers.iloc[0], 0)} buyers into {t.number(buyers.iloc[1], 0)}: "
    say += f"the repurchase rate goes from {rates[0]} to {rates[1]} by counting alone"
    s.titled(ax, say, title)
    return ax
