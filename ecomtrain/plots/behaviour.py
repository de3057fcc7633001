"""Plots of what visitors do in the shop: funnel, transitions, paths, clicks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ecomtrain.errors import CourseError, nearest, require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t

_FUNNEL = ["step", "reached", "step_rate", "overall_rate", "low", "high"]
_LEAVE = "(exit)"


@s.styled
def funnel(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show how many reach each step and which share goes on to the next.

    Parameters
    ----------
    table : DataFrame
        What `analysis.funnel.conversion` returns, split by a group or not.
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
    A bar is the share of those who began. The dark line at its end is the interval of the step's own rate,
    drawn on the scale of the bar: with that many at the step before, so long the bar could be.

    Examples
    --------
    >>> table = pd.DataFrame({"step": ["cart", "pay"], "reached": [100, 58], "step_rate": [None, 0.58],
    ...                       "overall_rate": [1, 0.58], "low": [None, 0.48], "high": [None, 0.67]})
    >>> s.finding(funnel(table))
    'Cart to pay loses most: 58 % go on (48-67 %)'
    >>> s.plt.close("all")
    >>> funnel(table.drop(columns="reached"))
    Traceback (most recent call last):
        ...
    CourseError: plots.funnel: column 'reached' is not in the frame; ...
    """
    where = "plots.funnel"
    s.table_with(table, _FUNNEL, where, "what analysis.funnel.conversion returns")
    require_numeric(table, _FUNNEL[1:], where)
    by = next((column for column in table.columns if column not in _FUNNEL), None)
    parts = {"": table} if by is None else dict(list(table.groupby(by, sort=False, observed=True)))
    parts = {str(name): part.reset_index(drop=True) for name, part in parts.items()}
    steps = next(iter(parts.values()))["step"].tolist()
    rates = pd.DataFrame({name: part["step_rate"] for name, part in parts.items()}).iloc[1:]
    weakest = rates[""].idxmin() if by is None and rates.notna().any(axis=None) else -1
    thick = 0.62 if by is None else 0.8 / len(parts)
    ax = s.canvas(ax, where, height=1.5 + len(steps) * (0.5 if by is None else 0.15 + 0.3 * len(parts)))
    ends, places, texts = [], [], []
    for k, (name, part) in enumerate(parts.items()):
        for place, row in part.iterrows():
            y = place + (k - (len(parts) - 1) / 2) * thick
            colour = s.RED if place == weakest else s.SERIES[k % len(s.SERIES)]
            ax.barh(y, row["overall_rate"], height=thick * 0.88, color=colour)
            text, end = f"{t.number(row['reached'], 0)} ", row["overall_rate"]
            if place == 0:
                text += f"{name} begin" if name else "begin"
            else:
                before = part["overall_rate"].iloc[place - 1]
                ax.hlines(y, row["low"] * before, row["high"] * before, color=s.INK, linewidth=1.8, zorder=4)
                end = np.fmax(end, row["high"] * before)
                text += f"· {t.measured(row['step_rate'], row['low'], row['high'], 'of the step above')}"
            ends.append(end)
            places.append(y)
            texts.append(text)
    s.rows(ax, steps)
    s.grid(ax, "x")
    s.end_labels(ax, ends, places, texts)
    s.percent_axis(ax.xaxis)
    ax.set_xlabel("Share of those who began", loc="left")
    note = "In brackets, and as a dark line on the bar: confidence interval of the share of the step above."
    s.titled(ax, _funnel_finding(parts, steps, rates, weakest), title, note)
    return ax


def _funnel_finding(parts: dict[str, Any], steps: list[str], rates: Any, weakest: Any) -> str:
    gap = (rates.max(axis=1) - rates.min(axis=1)).dropna()
    place = weakest if weakest > 0 else gap.idxmax() if len(gap) and rates.shape[1] > 1 else 0
    if place == 0:
        return f"Nobody goes on from {steps[0]}" if len(steps) > 1 else f"{steps[0]} is the only step"
    rows = {name: part.iloc[place] for name, part in parts.items()}
    told = {
        name: t.measured(row["step_rate"], row["low"], row["high"], f"of {name} go on" if name else "go on")
        for name, row in rows.items()
    }
    step = f"{t.capital(steps[place - 1])} to {steps[place]}"
    if len(parts) == 1:
        return f"{step} loses most: {next(iter(told.values()))}"
    least, most = rates.loc[place].idxmin(), rates.loc[place].idxmax()
    return f"{step} sets the groups apart: {told[least]}, {told[most]}"


@s.styled
def transitions(
    matrix: Any, *, start: str | None = None, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Show which page follows which, as a table of shaded shares.

    Parameters
    ----------
    matrix : DataFrame
        What `analysis.paths.transitions` returns (shares; each row adds up to 1).
    start : str, optional
        The page that the title speaks of; "home" if there is one, else the first row.
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
        If `matrix` is no table of shares or `start` is not one of its pages.

    Examples
    --------
    >>> shares = {"home": [0.0, 0.1], "list": [0.6, 0.0], "(exit)": [0.4, 0.9]}
    >>> matrix = pd.DataFrame(shares, index=["home", "list"])
    >>> s.finding(transitions(matrix))
    'After home, the commonest page is list (60 %); 40 % leave'
    >>> s.plt.close("all")
    >>> transitions(matrix, start="lst")
    Traceback (most recent call last):
        ...
    CourseError: plots.transitions: start is 'lst', not a row of the matrix (home, list). Did you mean 'list'?
    """
    where = "plots.transitions"
    s.table_with(matrix, [], where, "what analysis.paths.transitions returns")
    require_numeric(matrix, matrix.columns, where)
    pages = [str(page) for page in matrix.index]
    if not ((matrix >= 0) & (matrix <= 1)).all(axis=None):
        raise CourseError(
            f"{where}: the matrix holds other values than shares; leave normalise=True in transitions."
        )
    if start is not None and start not in pages:
        raise CourseError(
            f"{where}: start is {start!r}, not a row of the matrix ({', '.join(pages)})."
            + nearest(start, pages)
        )
    # The pages of a visit in the order in which they are usually met; unknown pages after them.
    usual = ["home", "search", "list", "content", "detail", "cart", "checkout", "done"]
    pages = sorted(pages, key=lambda page: usual.index(page) if page in usual else len(usual))
    columns = [p for p in pages if p in matrix] + [c for c in map(str, matrix.columns) if c not in pages]
    shares = matrix.rename(index=str, columns=str).loc[pages, columns]
    ax = s.canvas(ax, where, height=1.7 + 0.42 * len(pages))
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=0.8, aspect="auto")
    for (row, column), share in np.ndenumerate(shares.to_numpy()):
        if share >= 0.005:
            ax.text(
                column,
                row,
                t.percent(share, 0),
                ha="center",
                va="center",
                color="white" if share > 0.45 else s.INK,
            )
    names = ["leave" if column == _LEAVE else t.safe(column) for column in columns]
    ax.set_xticks(range(len(columns)), names)
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    ax.set_yticks(range(len(pages)), [t.safe(page) for page in pages])
    ax.tick_params(labelcolor=s.INK)
    ax.set_xlabel("Next page", loc="left")
    ax.set_ylabel("Page viewed", loc="top")
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.set_xticks(np.arange(len(columns) - 1) + 0.5, minor=True)
    ax.set_yticks(np.arange(len(pages) - 1) + 0.5, minor=True)
    ax.grid(which="minor", color="white", linewidth=2)
    ax.tick_params(which="minor", length=0)
    start = start or ("home" if "home" in pages else pages[0])
    row, leave = shares.loc[start], shares.loc[start].get(_LEAVE, np.nan)
    onward = row.drop(_LEAVE, errors="ignore")
    say = f"After {start}, the commonest page is {onward.idxmax()} ({t.percent(onward.max(), 0)})"
    if leave == leave:
        say += f"; {t.percent(leave, 0)} leave"
    s.titled(
        ax,
        say,
        title,
        "Share of the views of a page; each row adds up to 100 %, shares under 0.5 % are left blank.",
    )
    return ax


@s.styled
def top_paths(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show the most frequent paths through the shop.

    Parameters
    ----------
    table : DataFrame
        What `analysis.paths.top_paths` returns.
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
    >>> table = pd.DataFrame({"path": ["home", "home > list"], "sessions": [30, 10], "all_sessions": 100,
    ...                       "share": [0.3, 0.1], "low": [0.22, 0.05], "high": [0.4, 0.17]})
    >>> s.finding(top_paths(table))
    'The commonest path, home only, is 30 % of all visits (22-40 %); these 2 cover 40 %'
    >>> s.plt.close("all")
    >>> top_paths(table[["path"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.top_paths: column 'sessions' is not in the frame; ...
    """
    where = "plots.top_paths"
    columns = ["path", "sessions", "share", "low", "high"]
    s.table_with(table, columns, where, "what analysis.paths.top_paths returns")
    require_numeric(table, columns[1:], where)
    paths = [path.replace(" > ", " → ") if " > " in path else f"{path} only" for path in table["path"]]
    ax = s.canvas(ax, where, height=1.5 + 0.46 * len(table))
    rows = np.arange(len(table))
    ax.barh(rows, table["share"], height=0.62, color=[s.BLUE] + [s.SKY] * (len(table) - 1))
    ax.hlines(rows, table["low"], table["high"], color=s.INK, linewidth=1.8, zorder=4)
    s.rows(ax, paths, inches=3.4)
    s.grid(ax, "x")
    texts = [
        f"{t.percent(share)} · {t.number(n, 0)}"
        for share, n in zip(table["share"], table["sessions"], strict=True)
    ]
    s.end_labels(ax, table[["share", "high"]].max(axis=1), rows, texts)
    s.percent_axis(ax.xaxis)
    ax.set_xlabel("Share of all visits · number of visits (dark line: confidence interval)", loc="left")
    first = table.iloc[0]
    told = t.measured(first["share"], first["low"], first["high"], "of all visits")
    cover = t.percent(table["share"].sum(), 0)
    s.titled(ax, f"The commonest path, {paths[0]}, is {told}; these {len(table)} cover {cover}", title)
    return ax


@s.styled
def reach(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show both meanings of "from one page to another": as the next page, and at any time later.

    Parameters
    ----------
    table : DataFrame
        What `analysis.paths.reach` returns.
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
    >>> table = pd.DataFrame({"meaning": ["next_page", "ever"], "start": "home", "target": "detail",
    ...     "n": [1000, 900], "reached": [150, 369], "rate": [0.15, 0.41], "low": [0.13, 0.38],
    ...     "high": [0.17, 0.44]})
    >>> s.finding(reach(table))
    'From home, 15 % of views lead straight to detail, but 41 % of visits get there in the end'
    >>> s.plt.close("all")
    >>> reach(table[["meaning"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.reach: column 'start' is not in the frame; ...
    """
    where = "plots.reach"
    columns = ["meaning", "start", "target", "n", "reached", "rate", "low", "high"]
    s.table_with(table, columns, where, "what analysis.paths.reach returns")
    require_numeric(table, columns[3:], where)
    start, target = table["start"].iloc[0], table["target"].iloc[0]
    words = {"next_page": f"{target} is the very next page", "ever": f"{target} is reached at any time later"}
    units = {"next_page": f"views of {start}", "ever": f"visits that saw {start}"}
    ax = s.canvas(ax, where, height=2.5)
    s.whiskers(ax, range(len(table)), table["rate"], table["low"], table["high"])
    s.rows(ax, [words.get(meaning, meaning) for meaning in table["meaning"]])
    s.grid(ax, "x")
    texts = [
        f"{t.measured(row.rate, row.low, row.high)}: {t.number(row.reached, 0)} of {t.number(row.n, 0)} "
        f"{units.get(row.meaning, '')}"
        for row in table.itertuples(index=False)
    ]
    s.end_labels(ax, table["high"], range(len(table)), texts)
    s.percent_axis(ax.xaxis)
    ax.set_xlabel(f"Share that goes from {start} to {target} (line: confidence interval)")
    rate = table.set_index("meaning")["rate"].map(t.percent)
    say = (
        f"From {start}, {rate.get('next_page')} of views lead straight to {target}, "
        f"but {rate.get('ever')} of visits get there in the end"
    )
    s.titled(ax, say, title)
    return ax


@s.styled
def element_clicks(table: Any, *, dead: str = "dead_click", ax: Axes | None = None,
                   title: str | None = None) -> Axes:  # fmt: skip
    """Show how often each element of a page is hit, dead hits set apart.

    Parameters
    ----------
    table : DataFrame
        What `analysis.paths.element_clicks` returns.
    dead : str, default "dead_click"
        The row of hits on something that does not respond.
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
    >>> table = pd.DataFrame({"element": ["banner", "dead_click"], "views": 200, "clicks": [60, 20],
    ...     "click_rate": [0.28, 0.09], "low": [0.22, 0.06], "high": [0.35, 0.14],
    ...     "click_share": [0.75, 0.25]})
    >>> s.finding(element_clicks(table))
    '25 % of all clicks hit nothing that responds: it happens in 9 % of views (6-14 %)'
    >>> s.plt.close("all")
    >>> element_clicks(table[["element"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.element_clicks: column 'views' is not in the frame; ...
    """
    where = "plots.element_clicks"
    columns = ["element", "views", "clicks", "click_rate", "low", "high", "click_share"]
    s.table_with(table, columns, where, "what analysis.paths.element_clicks returns")
    require_numeric(table, columns[1:], where)
    is_dead = table["element"].eq(dead).to_numpy()
    ax = s.canvas(ax, where, height=1.4 + 0.4 * len(table))
    for colour, part in ((s.BLUE, ~is_dead), (s.RED, is_dead)):
        rows = np.flatnonzero(part)
        s.whiskers(ax, rows, *(table[c].iloc[rows] for c in ("click_rate", "low", "high")), colour=colour)
    s.rows(
        ax,
        [
            "nothing that responds" if name == dead else str(name).replace("_", " ")
            for name in table["element"]
        ],
    )
    s.grid(ax, "x")
    texts = [
        f"{t.percent(row.click_rate)} · {t.number(row.clicks, 0)} clicks"
        for row in table.itertuples(index=False)
    ]
    s.end_labels(ax, table["high"], range(len(table)), texts)
    s.percent_axis(ax.xaxis)
    ax.set_xlabel(
        f"Share of the page's {t.number(table['views'].iloc[0], 0)} views with such a click (line: interval)"
    )
    row: Any = table[is_dead].iloc[0] if is_dead.any() else table.iloc[0]
    told = t.measured(row["click_rate"], row["low"], row["high"], "of views")
    if is_dead.any():
        share = t.percent(row["click_share"], 0)
        say = f"{share} of all clicks hit nothing that responds: it happens in {told}"
    else:
        say = f"Most clicked: {str(row['element']).replace('_', ' ')}, in {told}"
    s.titled(ax, say, title)
    return ax
