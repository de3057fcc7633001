"""Plots of models that pick whom to speak to."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ecomtrain.errors import CourseError
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t

UPLIFT = "what analysis.targeting.uplift returns"
BUY = {
    "source": "what analysis.targeting.intent_model returns",
    "rows": "visits",
    "do": "buy",
    "does": "buys",
    "who": "one who buys",
    "foretold": "Foretold share of buyers",
    "came true": "Share that did buy",
}
STAY_AWAY = {
    "source": "what analysis.targeting.churn_model returns",
    "rows": "customers",
    "do": "stay away",
    "does": "stays away",
    "who": "one who stays away",
    "foretold": "Foretold share that stays away",
    "came true": "Share that did stay away",
}


@s.styled
def intent(report: Any, *, ax: Any = None, title: str | None = None) -> np.ndarray:
    """Show whether predicted probabilities come true, and how far the likeliest stand out.

    Parameters
    ----------
    report : ModelReport
        What `analysis.targeting.intent_model` returns.
    ax : sequence of two Axes, optional
        Where to draw calibration and lift; a new figure if left out.
    title : str, optional
        In place of the finding.

    Returns
    -------
    array of two Axes

    Raises
    ------
    CourseError
        If `report` is something else or `ax` is not two Axes.

    Examples
    --------
    >>> intent(0.67)
    Traceback (most recent call last):
        ...
    CourseError: plots.intent: a float was given. Pass what analysis.targeting.intent_model returns, ...
    """
    return _model(report, BUY, "plots.intent", ax, title)


@s.styled
def churn(report: Any, *, ax: Any = None, title: str | None = None) -> np.ndarray:
    """Show whether predicted probabilities come true, and how far the likeliest stand out.

    Parameters
    ----------
    report : ModelReport
        What `analysis.targeting.churn_model` returns.
    ax : sequence of two Axes, optional
        Where to draw calibration and lift; a new figure if left out.
    title : str, optional
        In place of the finding.

    Returns
    -------
    array of two Axes

    Raises
    ------
    CourseError
        If `report` is something else or `ax` is not two Axes.

    Examples
    --------
    >>> churn(0.67)
    Traceback (most recent call last):
        ...
    CourseError: plots.churn: a float was given. Pass what analysis.targeting.churn_model returns, ...
    """
    return _model(report, STAY_AWAY, "plots.churn", ax, title)


def _model(report: Any, words: dict[str, str], where: str, ax: Any, title: str | None) -> np.ndarray:
    """Draw a report of a model that foretells yes or no, told in the words of its subject."""
    s.whole(report, ["calibration", "lift"], where, words["source"])
    found = report.table.set_index("metric")
    base = float(found.loc["base_rate", "value"])
    left, right = panels = s.canvases(ax, where, 2, height=4.6)
    told, lift = report.calibration, report.lift
    top = float(np.nanmax([told["high"].max(), told["predicted"].max()])) * 1.05
    left.plot([0, top], [0, top], color=s.MUTED, linewidth=1.2, linestyle=(0, (4, 3)))
    s.beside(left, "dashed: as foretold", (top, 0), (-4, 4), ha="right", color=s.MUTED)
    s.whiskers(left, told["predicted"], told["observed"], told["low"], told["high"], upright=True)
    left.set(xlim=(0, top), ylim=(0, top), xlabel=words["foretold"], ylabel=words["came true"])
    s.percent_axis(left.xaxis)
    s.percent_axis(left.yaxis)
    s.grid(left, "y")
    left.set_title("Do the probabilities come true?", loc="left", fontsize=t.TEXT + 1, fontweight="normal")
    right.bar(lift["decile"], lift["lift"], width=0.75, color=[s.BLUE] + [s.SKY] * (len(lift) - 1))
    right.vlines(
        lift["decile"], lift["low"] / base, lift["high"] / base, color=s.INK, linewidth=1.8, zorder=4
    )
    right.axhline(1, color=s.INK, linewidth=1)
    average = f"line at 1: average, {t.percent(base)} {words['do']}"
    s.beside(right, average, (1, 1), (0, -2), xycoords="axes fraction", ha="right", va="top", bbox=s.PAPER)
    right.set_xticks(lift["decile"])
    right.set(xlabel=f"Tenth of the {words['rows']}, the likeliest first", ylabel="Times the average")
    s.grid(right, "y")
    right.set_title(
        "How far do the likeliest stand out?", loc="left", fontsize=t.TEXT + 1, fontweight="normal"
    )
    rule = "accuracy_rule" in found.index
    who, accuracy = ("the rule", "accuracy_rule") if rule else ("the model", "accuracy")
    say = (
        f"{t.capital(who)} is right {t.percent(found.loc[accuracy, 'value'])} of the time, “nobody "
        f"{words['does']}” {t.percent(found.loc['accuracy_always_no', 'value'])}; the likeliest tenth "
        f"{words['does']} {t.number(lift['lift'].iloc[0], 1)} times as often as the average"
    )
    auc = found.loc["auc"]
    note = (
        f"AUC {t.measured(*auc[['value', 'low', 'high']], share=False)}: the chance that {words['who']} is "
        f"ranked above one who does not; 0.5 is a coin. {t.number(auc['n'], 0)} {words['rows']} judged. "
        "Lines: confidence interval."
    )
    s.titled(panels, say, title, note)
    return panels


@s.styled
def qini(report: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show what treating those with the highest scores first brings, beside treating by lot.

    Parameters
    ----------
    report : UpliftReport
        What `analysis.targeting.uplift` returns.
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
        If `report` is something else.

    Examples
    --------
    >>> qini(0.1)
    Traceback (most recent call last):
        ...
    CourseError: plots.qini: a float was given. Pass what analysis.targeting.uplift returns, whole, ...
    """
    where = "plots.qini"
    s.whole(report, ["curve", "qini", "best_share"], where, UPLIFT)
    curve, n = report.curve, report.n
    ax = s.canvas(ax, where)
    ax.plot(curve["share"], curve["blind"] * n, color=s.MUTED, linewidth=1.5, linestyle=(0, (4, 3)))
    ax.plot(curve["share"], curve["gain"] * n, color=s.BLUE)
    ax.fill_between(
        curve["share"], curve["blind"] * n, curve["gain"] * n, color=s.SKY, alpha=0.25, linewidth=0
    )
    apart = curve["gain"] - curve["blind"]
    peak = int(apart.abs().idxmax())
    at = curve.loc[peak]
    below = apart[peak] < 0
    s.beside(
        ax, "by score", (at["share"], at["gain"] * n), (-6, -6 if below else 6), ha="right",
        va="top" if below else "bottom", color=s.BLUE, fontweight="bold",
    )  # fmt: skip
    s.beside(
        ax, "by lot", (0.75, np.interp(0.75, curve["share"], curve["blind"]) * n), (6, 6 if below else -6),
        va="bottom" if below else "top", color=s.MUTED,
    )  # fmt: skip
    s.percent_axis(ax.xaxis)
    s.number_axis(ax.yaxis)
    s.grid(ax, "y")
    ax.set_xlim(0, 1.02)
    ax.set_xlabel("Share of the people treated, highest score first")
    ax.set_ylabel("Outcomes added, if all were asked")
    top = report.table.loc[(report.table["share"] - 0.5).abs().idxmin()]
    yes_no = not np.isnan(report.qini_coefficient)
    first, everyone = (
        t.measured(*np.multiply(found, 100 if yes_no else 1), share=False, sign=True)
        for found in (top[["uplift", "low", "high"]], (report.effect, report.effect_low, report.effect_high))
    )
    unit = " points" if yes_no else ""
    say = (
        f"The treatment moves the {t.percent(top['share'], 0)} with the highest scores by {first}{unit}, "
        f"everyone by {everyone}{unit}"
    )
    if not top["low"] > report.effect:
        say += ": the scores pick out nobody for sure"
    note = f"{t.number(n, 0)} people, each scored by a model that had not seen them."
    if yes_no:
        note += f" Qini coefficient {t.number(report.qini_coefficient, 2)}: 0 is no better than by lot."
    s.titled(ax, say, title, note)
    return ax


@s.styled
def policy_profit(report: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show what it earns to treat the share of people with the highest scores, and only them.

    Parameters
    ----------
    report : UpliftReport
        What `analysis.targeting.uplift` returns, with a margin.
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
        If `report` is something else, or was made without a margin.

    Examples
    --------
    >>> policy_profit("report")
    Traceback (most recent call last):
        ...
    CourseError: plots.policy_profit: a str was given. Pass what analysis.targeting.uplift returns, whole, ...
    """
    where = "plots.policy_profit"
    s.whole(report, ["curve", "qini", "best_share"], where, UPLIFT)
    table = report.table.dropna(subset=["profit"])
    if table.empty:
        raise CourseError(f"{where}: the report has no profit. Pass margin= to analysis.targeting.uplift.")
    ax = s.canvas(ax, where)
    ax.axhline(0, color=s.INK, linewidth=1)
    ax.fill_between(
        table["share"], table["profit_low"], table["profit_high"], color=s.SKY, alpha=0.3, linewidth=0
    )
    ax.plot(table["share"], table["profit"], color=s.BLUE, marker="o", markersize=6)
    best = report.best_share
    everyone = table.iloc[-1]
    if best:
        row = table.loc[(table["share"] - best).abs().idxmin()]
        ax.scatter(
            [best], [row["profit"]], s=130, facecolors="none", edgecolors=s.RED, linewidths=2.2, zorder=5
        )
    s.percent_axis(ax.xaxis)
    ax.yaxis.set_major_formatter(lambda value, _: t.plain(value))
    s.grid(ax, "y")
    ax.set_xlim(0, 1.05)
    ax.set_xlabel("Share of the people treated, highest score first")
    ax.set_ylabel("Profit, yuan per person of all")
    if not best:
        say = (
            f"No share earns: treating everyone loses {t.plain(round(-everyone['profit'], 2))} yuan each "
            f"({t.interval(-everyone['profit_high'], -everyone['profit_low'], share=False)})"
        )
    else:
        told = t.measured(report.gain_over_all, report.gain_low, report.gain_high, share=False, sign=True)
        say = (
            f"Treating {t.percent(best, 0)} earns {t.plain(round(row['profit'], 2))} yuan each, everyone "
            f"{t.plain(round(everyone['profit'], 2))}"
        )
        if best < everyone["share"]:
            say += f": {told} yuan for leaving out the rest"
            say += "" if report.gain_low > 0 else ", no gain for sure"
    s.titled(
        ax, say, title, "Band: confidence interval. Ring: the best of the shares tried; try it on new people."
    )
    return ax
