"""A plot of how much those who look alike differ in what nobody should learn."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ecomtrain.errors import CourseError
from ecomtrain.plots import style as s
from ecomtrain.plots import text as t


@s.styled
def l_diversity(result: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Show how many different secrets there are among people who look alike.

    Parameters
    ----------
    result : LDiversity
        What `analysis.privacy.l_diversity` returns.
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
        If `result` is something else, or counts no rows.

    Examples
    --------
    >>> import pandas as pd
    >>> from ecomtrain.analysis import privacy
    >>> people = pd.DataFrame({"city": ["杭州", "杭州", "宁波"], "bought": ["serum", "mask", "test kit"]})
    >>> s.finding(l_diversity(privacy.l_diversity(people, ["city"], "bought")))
    '33 % of 3 people are in groups of fewer than 2 different secrets; the plainest group has 1'
    >>> s.plt.close("all")
    >>> l_diversity(people)
    Traceback (most recent call last):
        ...
    CourseError: plots.l_diversity: a DataFrame was given. Pass what analysis.privacy.l_diversity returns, ...
    """
    where = "plots.l_diversity"
    s.whole(
        result, ["l", "entropy_l", "threshold", "rows"], where, "what analysis.privacy.l_diversity returns"
    )
    if not result.rows:
        raise CourseError(f"{where}: the result counts no rows, so there is nothing to draw.")
    limit = result.threshold
    edges = sorted({1, 2, 3, 4, 5, limit, 2 * max(limit, 5)})
    band = np.searchsorted(edges, result.table["values"].to_numpy(), side="right") - 1
    shares = np.bincount(band, result.table["rows"], len(edges)) / result.rows
    last = max(int(band.max()), edges.index(limit))
    names = [str(a) if b == a + 1 else f"{a}-{b - 1}" for a, b in pairwise(edges)] + [f"{edges[-1]} or more"]
    ax = s.canvas(ax, where, height=3.8)
    places = np.arange(last + 1)
    colours = [s.RED if edge < limit else s.BLUE for edge in edges[: last + 1]]
    bars = ax.bar(places, shares[: last + 1], width=0.7, color=colours)
    for bar, edge in zip(bars, edges, strict=False):
        bar.set_hatch("//" if edge < limit else "")
        bar.set_edgecolor("white")
    for place in places:
        text = f"{t.percent(shares[place])}\n{t.number(shares[place] * result.rows, 0)}"
        s.beside(ax, text, (place, shares[place]), (0, 3), ha="center", va="bottom")
    ax.set_xticks(places, names[: last + 1])
    ax.tick_params(axis="x", labelcolor=s.INK)
    ax.axvline(edges.index(limit) - 0.5, color=s.INK, linewidth=1.2, linestyle=(0, (3, 3)))
    ax.set_xlim(-0.6, last + 0.6)
    ax.set_yticks([tick for tick in ax.get_yticks() if 0 <= tick <= 1])
    ax.set_ylim(0, max(float(shares.max()) * 1.25, 0.01))
    s.percent_axis(ax.yaxis)
    s.grid(ax, "y")
    ax.set_xlabel("Different secrets among people with the same traits")
    ax.set_ylabel("Share of all people (and their number)")
    say = f"Everyone hides among at least {result.l} different secrets: no group has fewer than {limit}"
    if result.rows_below:
        say = f"{t.percent(result.share_below)} of {t.number(result.rows, 0)} people are in groups of fewer "
        say += f"than {limit} different secrets; the plainest group has {result.l}"
    note = f"Weighed by how common each is, the plainest group has {t.number(result.entropy_l, 2)}."
    s.titled(ax, say, title, note)
    return ax
