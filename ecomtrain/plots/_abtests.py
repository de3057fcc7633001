"""Plots of experiments: their size, their five steps, their noise, their many metrics."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ecomtrain.errors import require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t

__all__ = ["adjusted_p", "cuped", "five_steps", "power_curve"]

DECISIONS = {
    "adopt": "Adopt the treatment",
    "keep": "Keep the control",
    "wait": "Wait, do not read the result yet",
    "void": "Void: do not read the result at all",
    "no difference shown": "No difference shown",
}
STEPS = {
    "hypothesis": "1 Hypothesis and smallest effect",
    "metric": "2 Metrics",
    "size": "3 Units",
    "split": "4 Random split",
    "test": "5 Test",
}


@s.styled
def power_curve(
    table: Any, *, wanted: float = 0.8, what: str = "units", ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Show how surely an experiment sees an effect, by its size.

    Parameters
    ----------
    table : DataFrame
        What `analysis.experiment.power` returns for several `n`, and one or more changes.
    wanted : float, default 0.8
        The power that is planned for.
    what : str, default "units"
        What is randomised, such as "visitors".
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
    >>> from ecomtrain.analysis import experiment
    >>> table = experiment.power(0.10, n=[2000, 5000, 10_000, 15_000, 20_000], change=[0.1, 0.2])
    >>> s.finding(power_curve(table))
    'From 10 %: +20 % is seen 8 times in 10 with 5,000 units in the control, +10 % with 15,000'
    >>> s.plt.close("all")
    >>> power_curve(table[["power"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.power_curve: column 'control' is not in the frame; it has power. Pass what ...
    """
    where = "plots.power_curve"
    columns = ["control", "change", "n_control", "power"]
    s.table_with(table, columns, where, "what analysis.experiment.power returns")
    require_numeric(table, columns, where)
    ax = s.canvas(ax, where)
    groups = sorted(table.groupby("change"), key=lambda pair: -abs(pair[0]))
    most = float(table["n_control"].max())
    told, ends = [], []
    for colour, mark, (change, part) in zip(s.SERIES * 4, "osD^vP" * 6, groups, strict=False):
        part = part.sort_values("n_control")
        ax.plot(part["n_control"], part["power"], color=colour, marker=mark, markersize=5, clip_on=False)
        ends.append((float(part["power"].iloc[-1]), t.percent(change, sign=True), colour))
        enough = part.loc[part["power"] >= wanted - 5e-4, "n_control"]
        size = t.number(enough.min(), 0) if len(enough) else f"more than {t.number(most, 0)}"
        told.append((t.percent(change, sign=True), size))
    for place, (_, text, colour) in zip(s.spread([end for end, *_ in ends], 0.055), ends, strict=True):
        s.beside(ax, text, (most, place), (8, 0), va="center", color=colour, fontweight="bold")
    ax.axhline(wanted, color=s.INK, linewidth=1.2, linestyle=(0, (4, 3)))
    s.beside(ax, f"wanted: {t.percent(wanted)}", (0, wanted), (4, 4), bbox=s.PAPER)
    ax.set(xlim=(0, most * 1.09), ylim=(0, 1.0))
    s.number_axis(ax.xaxis)
    s.percent_axis(ax.yaxis)
    s.grid(ax, "y")
    ax.set_xlabel(f"{t.capital(what)} in the control")
    ax.set_ylabel("Chance to see the effect")
    base = float(table["control"].iloc[0])
    start = t.percent(base) if abs(base) <= 1 else t.number(base)
    times = t.number(10 * wanted, None)
    first, *rest = told
    say = f"From {start}: {first[0]} is seen {times} times in 10 with {first[1]} {what} in the control"
    say += "".join(f", {change} with {size}" for change, size in rest[:2])
    s.titled(ax, say, title, f"Sizes: the smallest of those shown that reach {t.percent(wanted)}.")
    return ax


@s.styled
def five_steps(result: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show the five steps of a test, which of them hold, and what follows.

    Parameters
    ----------
    result : FiveSteps
        What `analysis.experiment.five_steps` returns.
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
    >>> five_steps("adopt")
    Traceback (most recent call last):
        ...
    CourseError: plots.five_steps: a str was given. Pass what analysis.experiment.five_steps returns, whole.
    """
    where = "plots.five_steps"
    s.whole(result, ["decision", "reason"], where, "what analysis.experiment.five_steps returns")
    table = result.table
    ax = s.canvas(ax, where, height=4.2)
    ax.set(xlim=(0, 1), ylim=(len(table) - 0.4, -0.6))
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[["left", "bottom"]].set_visible(False)
    s.grid(ax, "")
    inches = 0.98 * (s.WIDTH if ax.figure in s._ours else ax.get_window_extent().width / ax.figure.dpi)
    for place, row in enumerate(table.itertuples()):
        colour = s.BLUE if row.ok else s.RED
        ax.scatter([0.02], [place], s=330, color=colour, zorder=3, clip_on=False)
        mark = "✓" if row.ok else "✗"
        ax.annotate(mark, (0.02, place), ha="center", va="center", color="white", fontsize=13, zorder=4)
        name = t.safe(STEPS.get(row.name, str(row.name)))
        s.beside(ax, name, (0.05, place), (0, 9), va="center", fontweight="bold")
        told = t.wrapped(t.safe(t.capital(row.told)), 0.9 * inches)
        s.beside(ax, told, (0.05, place), (0, 0), va="top")
        if place:
            ax.plot([0.02, 0.02], [place - 0.72, place - 0.28], color=s.FAINT, linewidth=2)
    say = f"{DECISIONS.get(result.decision, t.capital(result.decision))}: {result.reason.rstrip('.')}"
    s.titled(ax, say, title)
    return ax


@s.styled
def cuped(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show the interval of an effect before and after taking out what was known before the test.

    Parameters
    ----------
    table : DataFrame
        What `analysis.experiment.cuped` returns.
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
    >>> table = pd.DataFrame({"change": 5.6, "change_low": 3.4, "change_high": 7.8, "unadjusted_change": 7.0,
    ...     "unadjusted_low": -15.0, "unadjusted_high": 29.0, "variance_reduction": 0.9, "useful": True,
    ...     "covariate_shifted": False}, index=["treatment"])
    >>> s.finding(cuped(table))
    'Treatment: +5.6 (+3.4 to +7.8); without what was known before, +7 (−15 to +29), worth 10.0 times ...'
    >>> s.plt.close("all")
    >>> cuped(table[["change"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.cuped: column 'change_low' is not in the frame; it has change. Pass what ...
    """
    where = "plots.cuped"
    after = ["change", "change_low", "change_high"]
    before = ["unadjusted_change", "unadjusted_low", "unadjusted_high"]
    s.table_with(
        table,
        [*after, *before, "variance_reduction", "useful"],
        where,
        "what analysis.experiment.cuped returns",
    )
    require_numeric(table, [*after, *before, "variance_reduction"], where)
    ax = s.canvas(ax, where, height=1.5 + 1.1 * len(table))
    labels = []
    for place, row in enumerate(table.itertuples()):
        for at, names, colour, filled in (
            (2 * place, before, s.MUTED, False),
            (2 * place + 1, after, s.BLUE, True),
        ):
            value, low, high = (getattr(row, name) for name in names)
            s.whiskers(ax, [at], [value], [low], [high], colour=colour, size=70)
            if not filled:
                ax.scatter([value], [at], s=26, color="white", zorder=5)
            text = t.measured(value, low, high, share=False, sign=True)
            s.beside(ax, text, (value, at), (0, 8), ha="center", va="bottom", bbox=s.PAPER)
        name = f"{t.capital(str(row.Index))}: " if len(table) > 1 else ""
        labels += [t.capital(f"{name}as it is"), t.capital(f"{name}adjusted (CUPED)")]
    s.rows(ax, labels)
    ax.set_ylim(2 * len(table) - 0.5, -0.8)
    ax.axvline(0, color=s.INK, linewidth=1.2)
    s.number_axis(ax.xaxis, sign=True)
    s.grid(ax, "x")
    ax.set_xlabel("Change against control (line: confidence interval; 0 = no change)")
    row = table.iloc[0]
    told = t.measured(*row[after], share=False, sign=True)
    plain = t.measured(*row[before], share=False, sign=True)
    say = f"{t.capital(str(table.index[0]))}: {told}; without what was known before, {plain}"
    share = float(row["variance_reduction"])
    if row.get("covariate_shifted", False):
        say = "The treatment has moved what was measured before it: do not read the adjusted result"
    elif row["useful"] and share < 1:
        say += f", worth {t.number(1 / (1 - share), None if share > 0.5 else 2)} times the units"
    elif not row["useful"]:
        say = f"What was known before foretells nothing: {told} adjusted, {plain} as it is"
    s.titled(ax, say, title)
    return ax


@s.styled
def adjusted_p(table: Any, *, level: float = 0.95, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show the p of several tests before and after adjusting for their number.

    Parameters
    ----------
    table : DataFrame
        What `analysis.experiment.adjust` returns.
    level : float, default 0.95
        Confidence level that was adjusted for.
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
    >>> from ecomtrain.analysis import experiment
    >>> table = experiment.adjust({"orders": 0.004, "amount": 0.03, "dwell": 0.02, "returns": 0.4})
    >>> s.finding(adjusted_p(table))
    'Of 4 tests 3 have p of at most 0.05; 1 still has after adjustment: orders'
    >>> s.plt.close("all")
    >>> adjusted_p(table[["p"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.adjusted_p: column 'p_adjusted' is not in the frame; it has p. Pass what ...
    """
    where = "plots.adjusted_p"
    s.table_with(table, ["p", "p_adjusted", "significant"], where, "what analysis.experiment.adjust returns")
    require_numeric(table, ["p", "p_adjusted"], where)
    alpha = 1 - level
    shown = table.dropna(subset="p").sort_values(["p_adjusted", "p"], kind="stable")
    ax = s.canvas(ax, where, height=1.6 + 0.42 * len(shown))
    floor = 1e-4
    places = np.arange(len(shown))
    raw, adjusted = (shown[name].clip(lower=floor).to_numpy() for name in ("p", "p_adjusted"))
    ax.hlines(places, raw, adjusted, color=s.FAINT, linewidth=2.4, zorder=2)
    ax.scatter(
        raw, places, s=44, facecolor="white", edgecolor=s.MUTED, linewidth=1.6, zorder=3, clip_on=False
    )
    sure = shown["significant"].to_numpy(dtype=bool)
    for mark, colour, part in (("o", s.BLUE, sure), ("D", s.MUTED, ~sure)):
        ax.scatter(adjusted[part], places[part], s=60, marker=mark, color=colour, zorder=4, clip_on=False)
    ax.axvline(alpha, color=s.RED, linewidth=1.5, linestyle=(0, (4, 3)))
    ax.set_xscale("log")
    ax.set_xlim(0.7 * floor, 1.6)
    ticks = [0.0001, 0.001, 0.01, alpha, 1]
    ax.set_xticks(ticks, ["0.0001 or less", "0.001", "0.01", t.plain(alpha), "1"])
    ax.minorticks_off()
    s.rows(ax, [t.capital(str(name)) for name in shown.index])
    s.grid(ax, "x")
    ax.set_xlabel("p (open: of the test alone; filled: adjusted for the number of tests)")
    before, after = int((shown["p"] <= alpha).sum()), shown.index[sure]
    limit = t.plain(alpha)
    say = f"Of {len(shown)} tests {before or 'none'} {'has' if before < 2 else 'have'} p of at most {limit}"
    if before:
        named = f": {t.listed([str(name) for name in after])}" if 0 < len(after) < 4 else ""
        still = (
            f"{len(after)} still {'has' if len(after) == 1 else 'have'}" if len(after) else "none still has"
        )
        say += f"; {still} after adjustment{named}"
    s.titled(ax, say, title)
    return ax
