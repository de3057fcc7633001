"""Plots of the whole shop: the board of key metrics, and where the visitors come from."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import dates, ticker
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from ecomtrain.errors import CourseError, require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t

_COLUMNS = 4
_BANDS = {"user": "Users", "transaction": "Transactions", "product": "Products"}


def _amount(unit: str, value: Any, low: Any = math.nan, high: Any = math.nan) -> tuple[str, str]:
    """Return a metric's value and its interval as text, in its unit."""
    value, low, high = float(value), float(low), float(high)
    known = math.isfinite(low + high)
    if unit == "share":
        text = t.measured(value, low, high)
        return text.split(" (")[0], text.split(" (")[1].rstrip(")") if known else ""
    sign, after = ("¥", "") if unit.startswith("yuan") else ("", _suffix(unit))
    text = f"{t.compact(value, sign)}{after}"
    return text, f"{t.compact(low, sign)} to {t.compact(high, sign)}" if known else ""


def _suffix(unit: str) -> str:
    return {"seconds": " s", "days": " days", "times a year": " ×"}.get(unit, "")


@s.styled
def kpi_board(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show the key metrics as a board of cards: value, interval, and the change where there is one.

    Parameters
    ----------
    table : DataFrame
        What `analysis.metrics.kpi20` returns, with or without ``compare``.
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

    Notes
    -----
    The change is grey where the earlier value lies inside the interval: it may be chance alone.

    Examples
    --------
    >>> table = pd.DataFrame({"dimension": "transaction", "name": "Payment conversion", "unit": "share",
    ...     "value": 0.05, "numerator": 50, "denominator": 1000, "low": 0.038, "high": 0.065}, index=["T3"])
    >>> s.finding(kpi_board(table))
    'Payment conversion is 5.0 % (3.8-6.5 %)'
    >>> s.finding(kpi_board(table.assign(previous=0.04, change=0.01, relative_change=0.25)))
    'No metric changed by more than chance may do; most: Payment conversion, 4.0 % → 5.0 %'
    >>> s.plt.close("all")
    >>> kpi_board(table[["name"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.kpi_board: column 'dimension' is not in the frame; it has name. Pass what ...
    """
    where = "plots.kpi_board"
    numbers = ["value", "numerator", "denominator", "low", "high"]
    s.table_with(table, ["dimension", "name", "unit", *numbers], where, "what analysis.metrics.kpi20 returns")
    compared = "previous" in table
    numbers += ["previous", "change", "relative_change"] if compared else []
    s.table_with(table, numbers, where, "what analysis.metrics.kpi20 returns")
    require_numeric(table, numbers, where)
    bands = {name: table[table["dimension"] == name] for name in table["dimension"].unique()}
    deep = sum(0.32 + math.ceil(len(band) / _COLUMNS) for band in bands.values())
    ax = s.canvas(ax, where, height=0.9 + deep * (1.2 if compared else 1.0))
    ax.set_axis_off()
    ax.set_xlim(0, _COLUMNS)
    ax.set_ylim(deep, 0)
    y = 0.0
    for name, band in bands.items():
        ax.text(
            0.03,
            y + 0.2,
            _BANDS.get(name, t.capital(str(name))),
            fontsize=t.TEXT + 1,
            fontweight="bold",
            va="center",
        )
        ax.plot(
            [0.42 if name == "user" else 0.72, _COLUMNS - 0.03], [y + 0.2] * 2, color=s.FAINT, linewidth=0.8
        )
        y += 0.32
        for place, (metric, row) in enumerate(band.iterrows()):
            _card(ax, place % _COLUMNS, y + place // _COLUMNS, str(metric), row, compared)
        y += math.ceil(len(band) / _COLUMNS)
    note = "Beside a value: its confidence interval. Below it: the two numbers it is made of."
    if compared:
        note += " Last line: change and earlier value, grey where that lies inside the interval."
    s.titled(ax, _board_finding(table, compared), title, note)
    return ax


def _card(ax: Axes, x: float, y: float, metric: str, row: pd.Series, compared: bool) -> None:
    shape = "round,pad=0,rounding_size=0.03"
    ax.add_patch(
        FancyBboxPatch((x + 0.04, y + 0.05), 0.92, 0.9, shape, facecolor="#F7F8FA", edgecolor=s.GRID)
    )
    left = x + 0.09
    steps = [y + part for part in ((0.18, 0.31, 0.51, 0.68, 0.84) if compared else (0.2, 0.36, 0.6, 0.82))]
    value, between = _amount(row["unit"], row["value"], row["low"], row["high"])
    chinese = row.get("name_zh", "") if t.has_chinese() else ""
    ax.text(left, steps[0], t.safe(row["name"]), fontsize=t.NOTE + 0.5, va="center")
    said = (
        str(row["unit"]) in ("share", "yuan", "seconds", "days")
        or str(row["unit"]) in str(row["name"]).lower()
    )
    under = " · ".join([chinese or metric, *([] if said else [row["unit"]])])
    ax.text(left, steps[1], t.safe(under), fontsize=t.NOTE - 1, color=s.MUTED, va="center")
    ax.text(left, steps[2], value, fontsize=15, fontweight="bold", va="center")
    ax.text(x + 0.93, steps[2], between, fontsize=t.NOTE - 0.5, color=s.MUTED, va="center", ha="right")
    if math.isfinite(row["denominator"]):
        of = f"{t.compact(row['numerator'])} / {t.compact(row['denominator'])}"
        ax.text(left, steps[3], of, fontsize=t.NOTE - 0.5, color=s.MUTED, va="center")
    if not compared or not math.isfinite(row["change"]):
        return
    change, before = t.percent(row["relative_change"], 1, sign=True), _amount(row["unit"], row["previous"])[0]
    if row["unit"] == "share":
        change, before = f"{t.number(row['change'] * 100, 1, sign=True)} pp", t.percent(row["previous"], 1)
    mark = "=" if change.startswith("0") else "▲" if row["change"] > 0 else "▼"
    colour = s.MUTED if _unsure(row) or not row["change"] else s.BLUE if row["change"] > 0 else s.RED
    moved = f"{mark} {change} from {before}"
    ax.text(left, steps[4], moved, fontsize=t.NOTE - 0.5, color=colour, va="center")


def _unsure(row: Any) -> bool:
    return bool(row["low"] <= row["previous"] <= row["high"])


def _board_finding(table: Any, compared: bool) -> str:
    if not compared:
        known = table[table["value"].notna()]
        row = known.loc["T3"] if "T3" in known.index else known.iloc[0] if len(known) else table.iloc[0]
        value, between = _amount(row["unit"], row["value"], row["low"], row["high"])
        return f"{row['name']} is {value}" + (f" ({between})" if between else "")
    moved = table[table["relative_change"].notna()]
    if moved.empty:
        return "Nothing to compare: the earlier window has no values"
    sure = moved[~moved.apply(_unsure, axis=1)]
    row = (sure if len(sure) else moved).loc[lambda part: [part["relative_change"].abs().idxmax()]].iloc[0]
    before, after = _amount(row["unit"], row["previous"])[0], _amount(row["unit"], row["value"])[0]
    if sure.empty:
        return f"No metric changed by more than chance may do; most: {row['name']}, {before} → {after}"
    change = t.percent(row["relative_change"], sign=True)
    return f"{row['name']} changed most of {len(table)} metrics: {before} → {after} ({change})"


@s.styled
def sources(table: Any, *, ax: Any = None, title: str | None = None) -> np.ndarray:
    """Show how many visitors each channel brings, and which share of them buys.

    Parameters
    ----------
    table : DataFrame
        What `analysis.channels.visitor_sources` returns.
    ax : sequence of two Axes, optional
        Where to draw; a new figure if left out.
    title : str, optional
        In place of the finding.

    Returns
    -------
    array of two Axes

    Raises
    ------
    CourseError
        If `table` lacks a column or a row, or `ax` is not two Axes.

    Examples
    --------
    >>> table = pd.DataFrame({"uv": [90, 40, 120], "new_uv": [30, 20, 50], "buyers": [4, 4, 8],
    ...     "conversion_rate": [0.044, 0.1, 0.067], "low": [0.02, 0.04, 0.03], "high": [0.11, 0.23, 0.13],
    ...     "uv_value": [8.0, 21.0, 12.0]}, index=["search", "live", "all"])
    >>> s.finding(sources(table))
    'Search brings most visitors (90 of 120), live converts best: 10 % (4-23 %)'
    >>> s.plt.close("all")
    >>> sources(table.drop(columns="buyers"))
    Traceback (most recent call last):
        ...
    CourseError: plots.sources: column 'buyers' is not in the frame; ...
    """
    where = "plots.sources"
    columns = ["uv", "new_uv", "buyers", "conversion_rate", "low", "high", "uv_value"]
    s.table_with(table, columns, where, "what analysis.channels.visitor_sources returns")
    require_numeric(table, columns, where)
    channels, total = (
        table.drop(index="all", errors="ignore"),
        table.loc["all"] if "all" in table.index else None,
    )
    if channels.empty:
        raise CourseError(
            f"{where}: the table has no channel beside 'all'; choose days on which somebody came."
        )
    left, right = panels = s.canvases(ax, where, 2, height=1.9 + 0.44 * len(channels), ratios=[1.1, 1])
    at = np.arange(len(channels))
    back = channels["uv"] - channels["new_uv"]
    left.barh(at, back, height=0.62, color=s.BLUE, label="came before")
    left.barh(at, channels["new_uv"], left=back, height=0.62, color=s.SKY, label="new")
    for y, count in zip(at, channels["uv"], strict=True):
        s.beside(left, t.number(count, 0), (count, y), (6, 0), va="center")
    s.rows(left, [str(name).replace("_", " ") for name in channels.index], inches=1.4)
    left.set_xlim(0, float(channels["uv"].max()) * 1.2 or 1)
    s.number_axis(left.xaxis)
    left.xaxis.set_major_locator(ticker.MaxNLocator(5, steps=s.ROUND, prune="upper"))
    s.grid(left, "x")
    left.set_xlabel("Visitors")
    left.legend(loc="lower left", bbox_to_anchor=(-0.02, 1), ncols=2, borderaxespad=0.2, handlelength=1)
    s.whiskers(right, at, channels["conversion_rate"], channels["low"], channels["high"])
    for y, row in zip(at, channels.itertuples(index=False), strict=True):
        text = f"{t.percent(row.conversion_rate)} · ¥{t.number(row.uv_value)}"
        s.beside(right, text, (np.nan_to_num(row.high), y), (8, 0), va="center", bbox=s.PAPER)
    s.rows(right, [""] * len(channels))
    right.set_xlim(0, float(np.nan_to_num(channels["high"].max())) * 1.55 or 1)
    s.percent_axis(right.xaxis)
    right.xaxis.set_major_locator(ticker.MaxNLocator(5, steps=s.ROUND))
    s.grid(right, "x")
    right.set_xlabel("Share of visitors who buy · paid per visitor")
    note = "Line: confidence interval."
    top, best = channels["uv"].idxmax(), channels["conversion_rate"].fillna(-1).idxmax()
    brings = f"{t.capital(str(top))} brings most visitors ({t.number(channels.loc[top, 'uv'], 0)}"
    if total is not None:
        rate = total["conversion_rate"]
        right.axvline(rate, color=s.INK, linewidth=1.2, linestyle=(0, (3, 3)), zorder=1)
        at_top = ("data", "axes fraction")
        s.beside(right, f"all: {t.percent(rate)}", (rate, 1), (0, 4), xycoords=at_top, ha="center")
        note += (
            f" The bars add up to {t.number(channels['uv'].sum(), 0)}, but there were "
            f"{t.number(total['uv'], 0)} visitors: who came through two channels counts in both."
        )
        brings += f" of {t.number(total['uv'], 0)}"
    row = channels.loc[best]
    told = t.measured(row["conversion_rate"], row["low"], row["high"])
    joint = "and" if best == top else str(best).replace("_", " ")
    s.titled(panels, f"{brings.replace('_', ' ')}), {joint} converts best: {told}", title, note)
    return panels


@s.styled
def daily_sources(daily: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show the visitors of each channel day by day.

    Parameters
    ----------
    daily : DataFrame
        What `analysis.channels.daily_sources` returns.
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
        If `daily` is not such a table or `ax` is no Axes.

    Notes
    -----
    From two weeks on, a thick line shows the mean of the seven days around each day, a thin one the days.

    Examples
    --------
    >>> day = pd.date_range("2026-06-01", periods=3)
    >>> daily = pd.DataFrame({"search": [5, 6, 7], "live": [2, 9, 1], "all": [6, 12, 8]}, index=day)
    >>> s.finding(daily_sources(daily))
    'Search brings most visitors: 6 a day of 9 in all; it leads on 2 of 3 days'
    >>> s.plt.close("all")
    >>> daily_sources(daily.reset_index(drop=True))
    Traceback (most recent call last):
        ...
    CourseError: plots.daily_sources: the index holds int64, not dates. Pass what ...
    """
    where, source = "plots.daily_sources", "what analysis.channels.daily_sources returns"
    s.table_with(daily, [], where, source)
    if daily.index.dtype.kind != "M":
        raise CourseError(f"{where}: the index holds {daily.index.dtype}, not dates. Pass {source}.")
    require_numeric(daily, daily.columns, where)
    channels = daily.drop(columns="all", errors="ignore")
    if channels.columns.empty:
        raise CourseError(f"{where}: the table has no channel. Pass {source}.")
    ax = s.canvas(ax, where, height=4.2)
    smooth = len(daily) >= 14
    lines = channels.rolling(7, center=True, min_periods=4).mean() if smooth else channels.astype(float)
    order = lines.mean().sort_values(ascending=False).index
    for place, name in enumerate(order):
        colour = s.SERIES[place % len(s.SERIES)]
        if smooth:
            ax.plot(channels.index, channels[name], color=colour, linewidth=0.8, alpha=0.45)
        ax.plot(lines.index, lines[name], color=colour, linewidth=2.2)
    top = float(channels.to_numpy().max()) * 1.08 or 1
    ax.set_ylim(0, top)
    ends = s.spread([float(lines[name].iloc[-1]) for name in order], top * 0.062)
    for place, (name, y) in enumerate(zip(order, ends, strict=True)):
        look: Any = {"color": s.SERIES[place % len(s.SERIES)], "fontweight": "bold", "va": "center"}
        s.beside(ax, str(name).replace("_", " "), (1, y), (6, 0), xycoords=("axes fraction", "data"), **look)
    ax.set_xlim(daily.index[0], daily.index[-1])
    ax.xaxis.set_major_locator(dates.AutoDateLocator(minticks=3, maxticks=9))
    ax.xaxis.set_major_formatter(lambda day, _: f"{dates.num2date(day).day} {dates.num2date(day):%b}")
    s.grid(ax, "y")
    s.number_axis(ax.yaxis)
    ax.set_ylabel("Visitors a day")
    first = channels.mean().idxmax()
    name, mean = t.capital(str(first).replace("_", " ")), t.number(channels[first].mean(), 0)
    say = f"{name} brings most visitors: {mean} a day"
    if "all" in daily:
        say += f" of {t.number(daily['all'].mean(), 0)} in all"
    led = int((channels.idxmax(axis=1) == first).sum())
    note = "Thick: mean of the seven days around; thin: the days themselves." if smooth else ""
    s.titled(ax, f"{say}; it leads on {led} of {len(daily)} days", title, note)
    return ax
