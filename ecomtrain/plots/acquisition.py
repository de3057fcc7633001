"""Plots of winning customers: what one costs, what the spend returns, when a customer has paid it back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ecomtrain.errors import require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t
from ecomtrain.plots._growing import k_factor, retained_growth, viral_growth
from ecomtrain.plots._marks import between, estimates, reference, word
from ecomtrain.plots._values import channel_value, ltv_curve

__all__ = [
    "acquisition_cost",
    "channel_value",
    "incremental_return",
    "k_factor",
    "ltv_curve",
    "retained_growth",
    "returns_on_spend",
    "viral_growth",
]


@s.styled
def acquisition_cost(
    table: Any, *, unit: str = "¥", ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Show the cost of a new customer of each channel, with its interval.

    Parameters
    ----------
    table : DataFrame
        What `analysis.channels.acquisition_cost` returns.
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
    >>> table = pd.DataFrame({"new_customers": [210.0, 250.0], "cac": [70.0, 50.0], "low": [64, 46.0],
    ...     "high": [76, 54.0], "relative_change": [0.4, np.nan], "relative_low": [0.25, np.nan],
    ...     "relative_high": [0.57, np.nan]}, index=["live", "image_text"])
    >>> s.finding(acquisition_cost(table))
    'Live costs 40 % more per new customer than image text (+25 to +57 %)'
    >>> s.plt.close("all")
    >>> acquisition_cost(table[["cac"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.acquisition_cost: column 'new_customers' is not in the frame; it has cac. Pass what ...
    """
    where, source = "plots.acquisition_cost", "what analysis.channels.acquisition_cost returns"
    columns = ["new_customers", "cac", "low", "high"]
    versus = ["relative_change", "relative_low", "relative_high"]
    compared = "relative_change" in table if hasattr(table, "columns") else False
    columns += versus if compared else []
    s.table_with(table, columns, where, source)
    require_numeric(table, columns, where)
    shown = table.sort_values("cac", kind="stable")
    ax = s.canvas(ax, where, height=1.7 + 0.55 * len(shown))
    told = [
        f"{t.compact(row['cac'], unit)}{between(row)}" if row["cac"] == row["cac"] else "no new customer"
        for _, row in shown.iterrows()
    ]
    estimates(ax, shown, ["cac", "low", "high"], told)
    s.number_axis(ax.xaxis, unit)
    ax.set_xlabel("Cost of a new customer")
    known = shown.dropna(subset="cac")
    if known.empty:
        say = "No new customer was won"
    elif len(known) == 1:
        say = f"A new customer costs {told[0]}"
    elif compared and known["relative_change"].notna().any():
        base = next((name for name in shown.index[shown["relative_change"].isna()]), "the control")
        say = _cost_finding(known.dropna(subset="relative_change"), word(base))
    else:
        ends = [f"{word(known.index[i])} ({t.compact(known['cac'].iloc[i], unit)})" for i in (0, -1)]
        say = f"A new customer costs least through {ends[0]}, most through {ends[1]}"
    count = t.number(table["new_customers"].sum(), 0)
    s.titled(ax, t.capital(say), title, f"{count} new customers. Lines: confidence interval.")
    return ax


def _cost_finding(others: pd.DataFrame, base: str) -> str:
    """Say how much dearer or cheaper the channel that differs most is, if the interval carries it."""
    row = others.loc[others["relative_change"].abs().idxmax()]
    name, change, low, high = (
        word(row.name), *(float(row[c]) for c in ("relative_change", "relative_low", "relative_high"))
    )  # fmt: skip
    if low <= 0 <= high or not np.isfinite(low + high):
        measured = t.measured(change, low, high, sign=True)
        return f"no difference shown: {name} costs {measured} per new customer against {base}"
    how = f"{t.percent(abs(change))} {'more' if change > 0 else 'less'}"
    return f"{name} costs {how} per new customer than {base} ({t.interval(low, high, sign=True)})"


@s.styled
def returns_on_spend(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show the return on ad spend of each channel against the return at which it breaks even.

    Parameters
    ----------
    table : DataFrame
        What `analysis.channels.returns_on_spend` returns.
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
    >>> table = pd.DataFrame({"roas": [8.0], "low": [7.4], "high": [8.6], "roi": [0.6],
    ...                       "break_even_roas": [5.0]}, index=["live"])
    >>> s.finding(returns_on_spend(table))
    'Live returns 8.0 yuan per yuan (7.4-8.6), above the break-even of 5.0: ROI +60 %'
    >>> s.plt.close("all")
    >>> returns_on_spend(table[["roas"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.returns_on_spend: column 'low' is not in the frame; it has roas. Pass what ...
    """
    where, source = "plots.returns_on_spend", "what analysis.channels.returns_on_spend returns"
    columns = ["roas", "low", "high", "roi", "break_even_roas"]
    s.table_with(table, columns, where, source)
    require_numeric(table, columns, where)
    shown = table.sort_values("roas", ascending=False, kind="stable")
    even = float(shown["break_even_roas"].iloc[0])
    ax = s.canvas(ax, where, height=2.0 + 0.55 * len(shown))
    told = [_returned(row) for _, row in shown.iterrows()]
    estimates(ax, shown, ["roas", "low", "high"], told)
    ax.set_xlim(0, max(ax.get_xlim()[1], 1.15 * even))
    reference(ax, even, f"break-even {t.number(even, 1)}")
    ax.set_xlabel("Attributed revenue, yuan per yuan of spend (ROAS)")
    known = shown.dropna(subset="roas")
    clear = known["low"].where(known["low"].notna(), known["roas"]) > even
    below = known["high"].where(known["high"].notna(), known["roas"]) < even
    if known.empty:
        say = "Nothing was spent, so there is no return"
    elif len(known) == 1:
        row = known.iloc[0]
        side = "above" if clear.iloc[0] else "below" if below.iloc[0] else "not clearly off"
        name = "the spend" if str(row.name) == "all" else word(row.name)
        found = t.measured(row["roas"], row["low"], row["high"], "yuan per yuan", share=False)
        say = f"{name} returns {found}, {side} the break-even of {t.number(even, 1)}: "
        say += f"ROI {t.percent(row['roi'], 0, sign=True)}"
    else:
        best, worst = known.iloc[0], known.iloc[-1]
        some = {0: "none", len(known): "all"}.get(int(clear.sum()), str(clear.sum()))
        say = f"{some} of {len(known)} lie clearly above the break-even return of {t.number(even, 1)}"
        say += f", {below.sum()} clearly below" if below.any() else ""
        say += f": from {word(worst.name)} {t.number(worst['roas'], 1)} to {word(best.name)} "
        say += t.number(best["roas"], 1)
    note = "Lines: confidence interval. Attributed is what the platforms credit themselves with, not what "
    note += "they caused."
    s.titled(ax, t.capital(say), title, note, pad=30)
    return ax


def _returned(row: pd.Series) -> str:
    if row["roas"] != row["roas"]:
        return "nothing spent"
    return f"{t.number(row['roas'], 1)}, ROI {t.percent(row['roi'], 0, sign=True)}"


@s.styled
def incremental_return(
    table: Any, last_click: Any = None, *, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Show the return that a campaign caused, beside the return that the last click credits it with.

    Parameters
    ----------
    table : DataFrame
        What `analysis.channels.incremental_return` returns.
    last_click : DataFrame, optional
        What `analysis.channels.returns_on_spend` returns for the same groups; adds the credited return and
        the break-even line.
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
        If a table lacks a column or a row, or `ax` is no Axes.

    Examples
    --------
    >>> table = pd.DataFrame({"incremental_roas": [2.1], "low": [1.5], "high": [2.7]}, index=["interest"])
    >>> s.finding(incremental_return(table))
    'Interest caused 2.1 yuan of sales per yuan of spend (1.5-2.7)'
    >>> s.plt.close("all")
    >>> incremental_return(table[["low"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.incremental_return: column 'incremental_roas' is not in the frame; it has low. Pass ...
    """
    where, source = "plots.incremental_return", "what analysis.channels.incremental_return returns"
    columns = ["incremental_roas", "low", "high"]
    s.table_with(table, columns, where, source)
    require_numeric(table, columns, where)
    credited = None
    if last_click is not None:
        more = ["roas", "low", "high", "break_even_roas"]
        s.table_with(last_click, more, where, "what analysis.channels.returns_on_spend returns")
        require_numeric(last_click, more, where)
        credited = last_click.reindex(table.index)
    ax = s.canvas(ax, where, height=2.2 + (0.9 if credited is not None else 0.55) * len(table))
    shift = 0.0 if credited is None else 0.17
    at = np.arange(len(table)) + shift
    s.rows(ax, [word(name) for name in table.index])
    s.whiskers(ax, at, table["incremental_roas"], table["low"], table["high"], size=64)
    ends = [np.fmax(table["incremental_roas"], table["high"]).to_numpy(dtype=float)]
    texts = [f"caused {t.number(value, 1)}" for value in table["incremental_roas"]]
    places = [at]
    if credited is not None:
        s.whiskers(
            ax, at - 2 * shift, credited["roas"], credited["low"], credited["high"], colour=s.ORANGE,
            marker="s",
        )  # fmt: skip
        ends.append(np.fmax(credited["roas"], credited["high"]).to_numpy(dtype=float))
        texts += [f"last click {t.number(value, 1)}" for value in credited["roas"]]
        places.append(at - 2 * shift)
    least = float(np.nanmin([0.0, *table["low"].fillna(0)]))
    s.end_labels(ax, np.concatenate(ends), np.concatenate(places), texts, start=least, most=1e12)
    if credited is not None and credited["break_even_roas"].notna().any():
        even = float(credited["break_even_roas"].dropna().iloc[0])
        reference(ax, even, f"break-even {t.number(even, 1)}")
    s.grid(ax, "x")
    ax.set_xlabel("Sales, yuan per yuan of spend")
    row = table.iloc[0] if len(table) == 1 else table.loc[table["incremental_roas"].fillna(-1e300).idxmax()]
    name = "the ads" if str(row.name) == "all" else word(row.name)
    value, low, high = (float(row[column]) for column in columns)
    if low <= 0 <= high:
        caused = t.measured(value, low, high, share=False, sign=True)
        say = f"{name}: no sales caused can be shown ({caused} per yuan)"
    elif not np.isfinite(value):
        say = "Nothing was spent, so there is no return"
    else:
        caused = t.measured(value, low, high, "yuan of sales per yuan of spend", share=False)
        say = f"{name} caused {caused}"
    if credited is not None and np.isfinite(credited.loc[row.name, "roas"]):
        say += f"; the last click credits {t.number(credited.loc[row.name, 'roas'], 1)}"
    s.titled(
        ax, t.capital(say), title, "Caused: exposed against a random holdout. Lines: confidence interval.",
        pad=30 if credited is not None else None,
    )  # fmt: skip
    return ax
