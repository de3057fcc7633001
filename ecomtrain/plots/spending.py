"""Plots of response to spend and of budgets."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ecomtrain.errors import CourseError, nearest, require_numeric
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t


@s.styled
def response_curve(
    fit: Any,
    channel: str | None = None,
    *,
    prefix: str = "¥",
    period: str = "day",
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Show what one channel brings at each spend, with the days behind it and where the shop stands.

    Parameters
    ----------
    fit : ResponseFit
        What `analysis.response.fit_response` returns.
    channel : str, optional
        The channel; the one that is spent most on if left out.
    prefix : str, default "¥"
        Sign of the money.
    period : {"day", "week"} or str
        What a row of the data is.
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
        If `fit` is something else, or has no such channel.

    Examples
    --------
    >>> response_curve(1.5)
    Traceback (most recent call last):
        ...
    CourseError: plots.response_curve: a float was given. Pass what analysis.response ...
    """
    where = "plots.response_curve"
    s.whole(fit, ["points", "series"], where, "what analysis.response.fit_response returns")
    table = fit.table
    if channel is None:
        channel = table["spend"].idxmax()
    if channel not in table.index:
        raise CourseError(f"{where}: channel '{channel}' is not in the fit.{nearest(channel, table.index)}")
    row = table.loc[channel]
    points = fit.points[fit.points["channel"] == channel]
    ax = s.canvas(ax, where)
    seen = float(points["adstock"].max())
    ax.scatter(points["adstock"], points["partial"], s=14, color=s.FAINT, linewidth=0, zorder=2)

    def curve(x: Any) -> Any:
        with np.errstate(divide="ignore"):
            return row["beta"] / (1 + (row["half"] / x) ** row["slope"])

    known, beyond = np.linspace(0, seen, 200), np.linspace(seen, 1.25 * seen, 50)
    ax.plot(known, curve(known), color=s.BLUE, zorder=3)
    ax.plot(beyond, curve(beyond), color=s.BLUE, linestyle=(0, (3, 3)), zorder=3)
    here = row["spend"], row["response"]
    ends = [(row["response_low"], row["response_high"])]
    if np.isfinite(ends).all():
        s.whiskers(ax, [here[0]], [here[1]], *zip(*ends, strict=True), colour=s.INK, upright=True, size=70)
    else:
        ax.scatter(*here, s=70, color=s.INK, zorder=4)
    # The line that the curve follows just here: what one more yuan brings.
    run = np.array([0.55, 1.45]) * here[0]
    ax.plot(run, here[1] + row["marginal_return"] * (run - here[0]), color=s.RED, linewidth=2.4, zorder=4)
    one = t.measured(
        row["marginal_return"], row["marginal_return_low"], row["marginal_return_high"], share=False
    )
    texts = (
        f"now {t.compact(here[0], prefix)} a {period}:\none more brings {t.number(row['marginal_return'], 2)}"
    )
    s.beside(ax, texts, here, (14, -14), va="top", color=s.RED, fontweight="bold", bbox=s.PAPER, zorder=6)
    s.beside(
        ax,
        "beyond what was spent",
        (1.25 * seen, float(curve(1.25 * seen))),
        (0, 7),
        ha="right",
        color=s.BLUE,
    )
    ax.set_xlim(0, 1.27 * seen)
    s.number_axis(ax.xaxis, prefix)
    s.number_axis(ax.yaxis, prefix)
    s.grid(ax, "y")
    ax.set_xlabel(f"Spend at work per {period}, with what is left of earlier spend")
    ax.set_ylabel(f"Sales it brings per {period}")
    say = f"{t.capital(str(channel))}: at {t.compact(here[0], prefix)} a {period}, one more yuan brings {one}"
    say += " of sales"
    if row["identified"]:
        half = t.measured(row["half"], row["half_low"], row["half_high"], share=False)
        say += f"; half of its most is reached at {prefix}{half}"
    else:
        say += "; where it levels off, these data do not tell"
    note = (
        f"Dots: {period}s, other effects taken out. {t.percent(row['decay'])} of the effect carries over to "
        f"the next {period}. Black line: interval. R² of the fit {t.number(fit.r2, 2)}."
    )
    s.titled(ax, say, title, note)
    return ax


@s.styled
def allocation(plan: Any, *, prefix: str = "¥", ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show how a budget is split over channels, beside how it is split now.

    Parameters
    ----------
    plan : DataFrame
        What `analysis.response.allocate` returns.
    prefix : str, default "¥"
        Sign of the money.
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
        If `plan` lacks a column or a row, or `ax` is no Axes.

    Examples
    --------
    >>> import pandas as pd
    >>> plan = pd.DataFrame({"spend": [600.0, 400, 1000], "response": [540.0, 720, 1260],
    ...     "marginal_return": 0.36, "at": "inside", "present_spend": [700.0, 300, 1000],
    ...     "present_response": [572.7, 675, 1247.7], "present_marginal_return": [0.3, 0.56, None]},
    ...     index=["live", "feed", "all"])
    >>> s.finding(allocation(plan))
    'The same ¥1.00 k brings 0.99 % more with ¥100 moved; one more yuan then brings 0.36 in live and feed'
    >>> s.plt.close("all")
    >>> allocation(plan[["response"]])
    Traceback (most recent call last):
        ...
    CourseError: plots.allocation: column 'spend' is not in the frame; it has response. Pass what ...
    """
    where = "plots.allocation"
    columns = ["spend", "response", "marginal_return"]
    s.table_with(plan, [*columns, "at"], where, "what analysis.response.allocate returns")
    present = "present_spend" in plan.columns
    columns += ["present_spend", "present_response"] if present else []
    require_numeric(plan, columns, where)
    rows, total = plan[plan.index != "all"], plan[columns[:2]].iloc[-1]
    ax = s.canvas(ax, where, height=1.6 + (0.85 if present else 0.55) * len(rows))
    places = np.arange(len(rows), dtype=float)
    shift = 0.2 if present else 0.0
    ax.barh(places + shift, rows["spend"], height=0.36, color=s.BLUE)
    ends = [rows["spend"].to_numpy()]
    at = [places + shift]
    bounds = {"lower": " (at its least)", "upper": " (at its most)"}
    texts = [
        f"{t.compact(row.spend, prefix)}{bounds.get(row.at, '')}; "
        f"one more yuan brings {_return(row.marginal_return)}"
        for row in rows.itertuples()
    ]
    if present:
        ax.barh(places - shift, rows["present_spend"], height=0.36, color=s.FAINT)
        ends.append(rows["present_spend"].to_numpy())
        at.append(places - shift)
        was = rows.get("present_marginal_return", rows["spend"] * np.nan)
        texts += [
            f"now {t.compact(spend, prefix)}; one more yuan brings {_return(marginal)}"
            for spend, marginal in zip(rows["present_spend"], was, strict=True)
        ]
    s.rows(ax, [t.capital(str(name)) for name in rows.index])
    s.end_labels(ax, np.concatenate(ends), np.concatenate(at), texts, most=np.inf)
    s.number_axis(ax.xaxis, prefix)
    s.grid(ax, "x")
    ax.set_xlabel("Spend per period" + (" (blue: planned, grey: now)" if present else ""))
    s.titled(ax, _split(rows, plan, total, present, prefix), title)
    return ax


def _return(value: float) -> str:
    return t.number(value, 2) if value == value else "far more"


def _split(rows: Any, plan: Any, total: Any, present: bool, prefix: str) -> str:
    """Say what the split brings."""
    inside = rows[rows["at"] == "inside"]
    names = [str(name) for name in inside.index]
    equal = ""
    if len(inside) > 1:
        price = t.number(inside["marginal_return"].mean(), 2)
        told = t.listed(names) if len(names) < 4 else f"each of {len(names)} channels"
        equal = f"; one more yuan then brings {price} in {told}"
    budget = t.compact(total["spend"], prefix)
    if not present:
        return f"{budget} bring {t.compact(total['response'], prefix)}{equal}"
    now = plan[["present_spend", "present_response"]].iloc[-1]
    if abs(now["present_spend"] - total["spend"]) > 1e-6 * max(total["spend"], 1):
        before = t.compact(now["present_spend"], prefix)
        result = [t.compact(x, prefix) for x in (total["response"], now["present_response"])]
        return f"{budget} bring {result[0]}, {before} now bring {result[1]}{equal}"
    gain = total["response"] / now["present_response"] - 1 if now["present_response"] > 0 else np.nan
    if gain <= 0.0005:
        return f"The present split of {budget} is as good as any{equal}"
    moved = float((rows["spend"] - rows["present_spend"]).clip(lower=0).sum())
    more = f"{t.percent(gain)} more" if gain == gain else "more"
    return f"The same {budget} brings {more} with {t.compact(moved, prefix)} moved{equal}"
