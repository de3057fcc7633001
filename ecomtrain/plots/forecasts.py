"""Plots of forecasts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib import dates as mdates
from matplotlib.axes import Axes

from ecomtrain.errors import CourseError, require_numeric, require_times
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t

_NAMES = {"holt_winters": "Holt-Winters", "seasonal_naive": "seasonal naive"}


@s.styled
def forecast_fan(
    table: Any,
    *,
    history: Any,
    product: Any = None,
    mase: float | None = None,
    series: str = "product_id",
    value: str = "sold",
    days: int = 70,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Show a forecast with its interval after the days that it was made from.

    Parameters
    ----------
    table : DataFrame
        What `analysis.forecast.holt_winters` or `seasonal_naive` returns.
    history : DataFrame
        The panel: ``date``, `series`, `value`. Days that it has of those forecast are drawn as well.
    product : label, optional
        The series to show; the one with the largest forecast if left out.
    mase : float, optional
        Its error against the naive forecast's, from `analysis.forecast.accuracy`, to say in the note.
    series, value : str
        The columns that name the series and hold its values.
    days : int, default 70
        Days of the past to show.
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
        If a frame lacks a column or a row, or the series is not in both.

    Examples
    --------
    >>> day = pd.date_range("2026-06-01", periods=4)
    >>> past = pd.DataFrame({"date": day, "product_id": "tea", "sold": [10.0, 12, 11, 13]})
    >>> table = pd.DataFrame({"product_id": "tea", "date": day + pd.Timedelta(days=4), "forecast": 12.0,
    ...                       "low": 9.0, "high": 15.0})
    >>> s.finding(forecast_fan(table, history=past))
    'Tea: 48 units in the next 4 days, 12 a day against 11.5 in the 4 days before (+4.3 %)'
    >>> s.plt.close("all")
    >>> forecast_fan(table, history=past, product="pot")
    Traceback (most recent call last):
        ...
    CourseError: plots.forecast_fan: product 'pot' is not both in the forecast and in history.
    """
    where = "plots.forecast_fan"
    numbers = ["forecast", "low", "high"]
    source = "what analysis.forecast.holt_winters returns"
    s.table_with(table, [series, "date", *numbers], where, source)
    require_numeric(table, numbers, where)
    s.table_with(history, [series, "date", value], where, "the panel of the forecast as history=")
    require_numeric(history, [value], where)
    for frame in (table, history):
        require_times(frame["date"], where)
    sums = table[table[series].isin(history[series])].groupby(series, observed=True)["forecast"].sum()
    name = sums.idxmax() if product is None and len(sums) else product
    if name not in sums.index:
        raise CourseError(f"{where}: product '{name}' is not both in the forecast and in history.")
    told = table[table[series] == name].sort_values("date")
    past = history[history[series] == name].groupby("date", observed=True)[value].sum()
    first = told["date"].iloc[0]
    # A day without a row is a day of nothing, as in the forecast; a column of zeros is seen as such.
    past = past.reindex(pd.date_range(past.index.min(), max(past.index.max(), first - pd.Timedelta(days=1))))
    past = past.fillna(0.0)
    before, after = past[past.index < first], past[past.index >= first]
    after = after[after.index <= told["date"].iloc[-1]]
    ax = s.canvas(ax, where)
    shown = before.tail(days)
    ax.plot(shown.index, shown, color=s.INK, linewidth=1.4)
    date = told["date"].to_numpy()
    ax.fill_between(date, told["low"], told["high"], color=s.BLUE, alpha=0.18, linewidth=0)
    ax.plot(date, told["forecast"], color=s.BLUE, linewidth=2.4)
    if len(after):
        ax.scatter(after.index, after, s=20, color=s.INK, zorder=4)
    ax.axvline(first - pd.Timedelta(hours=12), color=s.MUTED, linewidth=1, linestyle=(0, (3, 3)))
    top = float(np.nanmax([shown.max(), *told[["forecast", "high"]].max(), *after, 1e-9])) * 1.12
    bottom = min(0.0, float(np.nanmin([shown.min(), told[["forecast", "low"]].min().min()])))
    at = (first - pd.Timedelta(hours=12), top)
    s.beside(ax, "sold", at, (-6, -2), ha="right", va="top", bbox=s.PAPER)
    s.beside(ax, "forecast", at, (6, -2), ha="left", va="top", color=s.BLUE, weight="bold", bbox=s.PAPER)
    ax.set_ylim(bottom, top)
    ax.margins(x=0.01)
    locator = mdates.AutoDateLocator(minticks=4, maxticks=9)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator))
    s.number_axis(ax.yaxis)
    s.grid(ax, "y")
    ax.set_ylabel(f"{t.capital(value)} per day")
    n = len(told)
    ago = before.tail(n)
    unit = "units" if value in ("sold", "quantity") else value
    total, mean, was = told["forecast"].sum(), told["forecast"].mean(), ago.mean()
    change = f" ({t.percent(mean / was - 1, 1, sign=True)})" if was > 0 else ""
    say = (
        f"{t.capital(str(name))}: {t.number(total, 0)} {unit} in the next {n} days, {t.number(mean)} a day "
        f"against {t.number(was)} in the {len(ago)} days before{change}"
    )
    interval = "Band: prediction interval of single days."
    interval = interval if told["low"].notna().any() else "Too little history for an interval."
    dots = " Dots: what was sold since." if len(after) else ""
    scored = "" if mase is None else (
        f" MASE {t.number(mase, 2)}: the error is {t.number(mase, 2)} times that of the naive forecast."
    )  # fmt: skip
    s.titled(ax, say, title, interval + dots + scored)
    return ax


@s.styled
def forecast_scores(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show the error of each method from several starting days.

    Parameters
    ----------
    table : DataFrame
        What `analysis.forecast.rolling_origin` returns.
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
    >>> day = pd.to_datetime(["2026-05-01", "2026-05-15"] * 2)
    >>> table = pd.DataFrame({"method": ["seasonal_naive"] * 2 + ["holt_winters"] * 2, "origin": day,
    ...                       "mase": [1.0, 1.2, 0.8, 0.9], "mase_low": [0.9, 1.1, 0.7, 0.8],
    ...                       "mase_high": [1.1, 1.3, 0.9, 1.0], "series": 40})
    >>> s.finding(forecast_scores(table))
    'Holt-Winters errs least: MASE 0.85 on average against 1.10 of seasonal naive; best at 2 of 2 origins'
    >>> s.plt.close("all")
    >>> forecast_scores(table.drop(columns="mase"))
    Traceback (most recent call last):
        ...
    CourseError: plots.forecast_scores: column 'mase' is not in the frame; it has method, ...
    """
    where = "plots.forecast_scores"
    numbers = ["mase", "mase_low", "mase_high", "series"]
    s.table_with(
        table, ["method", "origin", *numbers], where, "what analysis.forecast.rolling_origin returns"
    )
    require_numeric(table, numbers, where)
    require_times(table["origin"], where)
    ax = s.canvas(ax, where)
    wide = table.pivot_table(index="origin", columns="method", values="mase", dropna=False, observed=True)
    order = wide.mean().sort_values(kind="stable").index
    at = np.arange(len(wide))
    ends = []
    for n, (method, colour, mark) in enumerate(zip(order, s.SERIES, "osD^v<>p", strict=False)):
        part = table[table["method"] == method].set_index("origin").reindex(wide.index)
        x = at + (n - (len(order) - 1) / 2) * 0.12
        values = (part[c] for c in ("mase", "mase_low", "mase_high"))
        s.whiskers(ax, x, *values, colour=colour, upright=True, size=60, marker=mark)
        ax.plot(x, part["mase"], color=colour, linewidth=1, alpha=0.6)
        ends.append((part["mase"].iloc[-1], _NAMES.get(str(method), str(method)), colour))
    top = float(np.nanmax(table[["mase", "mase_high"]].to_numpy(dtype=float), initial=1.0)) * 1.1
    where_to = s.spread(np.nan_to_num([end[0] for end in ends]), 0.065 * top)
    for (_, name, colour), y in zip(ends, where_to, strict=True):
        s.beside(ax, name, (at[-1] + 0.2, y), (4, 0), va="center", color=colour, weight="bold")
    ax.axhline(1, color=s.INK, linewidth=1)
    s.beside(ax, "naive error of the past", (-0.45, 1), (0, 4), color=s.MUTED, bbox=s.PAPER)
    ax.set_xlim(-0.5, len(at) - 0.5 + 0.16 * max(len(at), 3))
    ax.set_ylim(0, top)
    ax.set_xticks(at, [f"{origin:%d %b}" for origin in wide.index])
    s.grid(ax, "y")
    ax.set_xlabel("First day forecast")
    ax.set_ylabel("MASE (1 = as far off as naive)")
    means = wide.mean()[order]
    named = [_NAMES.get(str(method), str(method)) for method in order]
    if not means.notna().any():
        say = "No method could be scored"
    elif len(order) == 1:
        say = f"{t.capital(named[0])}: MASE {t.number(means.iloc[0], 2)} on average of {len(wide)} origins"
    else:
        won = int((wide.idxmin(axis=1) == order[0]).sum()) if wide.notna().all(axis=None) else 0
        lead = f"{t.capital(named[0])} errs least" if won > len(wide) / 2 else "No method is clearly better"
        whose = f" of {named[0]}" if won <= len(wide) / 2 else ""
        say = (
            f"{lead}: MASE {t.number(means.iloc[0], 2)}{whose} on average against "
            f"{t.number(means.iloc[1], 2)} of {named[1]}; best at {won} of {len(wide)} origins"
        )
    count = t.number(table["series"].max(), 0)
    s.titled(ax, say, title, f"Lines: confidence intervals over the series (up to {count}). Lower is better.")
    return ax
