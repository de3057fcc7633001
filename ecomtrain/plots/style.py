"""The look that all plots share: fonts, colours, titles, numbers as text, and the way out to HTML."""

from __future__ import annotations

import base64
import functools
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ParamSpec, TypeVar
from weakref import WeakSet

import matplotlib as mpl
import numpy as np
from cycler import cycler
from matplotlib import pyplot as plt
from matplotlib import ticker
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import blended_transform_factory

from ecomtrain.errors import CourseError, require
from ecomtrain.plots import text as t

P = ParamSpec("P")
R = TypeVar("R")

# Okabe and Ito's palette: the eight colours that people with any kind of colour vision can tell apart.
BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
SKY, PURPLE, YELLOW = "#56B4E9", "#CC79A7", "#F0E442"
INK, MUTED, FAINT, GRID = "#222222", "#5F6368", "#B8BCC2", "#E4E6E9"
SERIES = [BLUE, ORANGE, GREEN, PURPLE, RED, SKY, INK, FAINT]

PAPER = {"color": "white", "alpha": 0.85, "pad": 1.0}  # behind a text that a line may cross

ROUND = [1, 2, 2.5, 5, 10]  # steps of an axis that read well

WIDTH = 9.0  # inches; 900 pixels in a notebook

_ours: WeakSet[Figure] = WeakSet()


def _settings() -> Any:
    return {
        "font.family": list(t.fonts()),
        "font.size": t.TEXT,
        "text.color": INK,
        "text.parse_math": False,  # a term or product name may hold dollar signs
        "axes.edgecolor": FAINT,
        "axes.labelcolor": MUTED,
        "axes.labelsize": t.TEXT,
        "axes.titlesize": t.TITLE,
        "axes.titleweight": "bold",
        "axes.titlepad": 12,
        "axes.axisbelow": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.prop_cycle": cycler(color=SERIES),
        "axes.grid": True,
        "grid.color": GRID,
        "grid.linewidth": 0.8,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "xtick.labelsize": t.TEXT,
        "ytick.labelsize": t.TEXT,
        "xtick.major.size": 0,
        "ytick.major.size": 0,
        "lines.linewidth": 2,
        "legend.frameon": False,
        "figure.dpi": 100,
        "figure.figsize": (WIDTH, 4.5),
        "figure.facecolor": "white",
        "savefig.facecolor": "white",
    }


def use_style() -> None:
    """Give every later matplotlib figure of this session the look of the course.

    The plots of this package look so without it; call it for figures of your own.

    Examples
    --------
    >>> with mpl.rc_context():
    ...     use_style()
    ...     mpl.rcParams["axes.spines.top"]
    False
    >>> funnel(None)  # doctest: +SKIP
    Traceback (most recent call last):
        ...
    ecomtrain.errors.CourseError: plots.funnel: a DataFrame is needed, a NoneType was given.
    """
    mpl.rcParams.update(_settings())


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Draw in the look of the course and leave the reader's own matplotlib settings as they are."""

    @functools.wraps(draw)
    def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        with mpl.rc_context(_settings()):
            drawn = draw(*args, **kwargs)
            interactive = mpl.is_interactive()
        # The first figure of a notebook starts its backend, which turns interactive mode on; were that undone
        # with the rest, no later figure would be shown.
        mpl.interactive(interactive)
        return drawn

    return inner


# --- where to draw -----------------------------------------------------------------------------------------


def canvas(ax: Axes | None, where: str, *, height: float = 4.5) -> Axes:
    """Return `ax`, or the Axes of a new figure, prepared with the look of the course."""
    return canvases(None if ax is None else [ax], where, 1, height=height)[0]


def canvases(
    axes: Any,
    where: str,
    count: int,
    *,
    height: float = 4.5,
    ratios: Sequence[float] | None = None,
    **kwargs: Any,
) -> np.ndarray:
    """Return `count` Axes side by side: those given, or those of a new figure."""
    if axes is None:
        figure, made = plt.subplots(
            1,
            count,
            figsize=(WIDTH, height),
            layout="constrained",
            squeeze=False,
            width_ratios=ratios,
            **kwargs,
        )
        _ours.add(figure)
        panels = made[0]
    else:
        panels = np.array(axes, dtype=object).ravel()
        if len(panels) != count or not all(isinstance(panel, Axes) for panel in panels):
            needed = "one matplotlib Axes" if count == 1 else f"{count} matplotlib Axes"
            given = ", ".join(type(panel).__name__ for panel in panels) or "nothing"
            raise CourseError(
                f"{where}: ax must be {needed}; {given} was given. "
                f"Make them with plt.subplots(1, {count}), or leave ax out."
            )
    for panel in panels:
        # Ticks may be made again when the figure is drawn, outside our settings: fix their look on the axis.
        fonts = list(t.fonts())
        panel.tick_params(length=0, pad=6, labelsize=t.TEXT, labelcolor=MUTED, labelfontfamily=fonts)
        panel.spines[["top", "right"]].set_visible(False)
        panel.spines[["left", "bottom"]].set_color(FAINT)
        panel.set_axisbelow(True)
        for label in (panel.xaxis.label, panel.yaxis.label):
            label.set(color=MUTED, fontsize=t.TEXT, fontfamily=fonts)
    return panels


def table_with(table: Any, columns: Sequence[str], where: str, source: str) -> None:
    """Raise unless `table` is a DataFrame with these columns and a row; say which function makes one."""
    if not hasattr(table, "columns"):
        raise CourseError(
            f"{where}: a DataFrame is needed, a {type(table).__name__} was given. Pass {source}."
        )
    require(table, columns, where, dict.fromkeys(columns, f"Pass {source}."))
    if not len(table):
        raise CourseError(
            f"{where}: the frame has no rows, nothing to draw. Pass {source}, from data that has some."
        )


def whole(given: Any, fields: Iterable[str], where: str, source: str) -> Any:
    """Return the table of a result that carries more than a table; raise if `given` is no such result."""
    if not all(hasattr(given, field) for field in [*fields, "table"]):
        kind = type(given).__name__
        raise CourseError(f"{where}: a {kind} was given. Pass {source}, whole, not its table.")
    return given.table


def grid(ax: Axes, axis: Any) -> None:
    """Show a light grid across one axis (``"x"``, ``"y"``) or none (``""``)."""
    ax.grid(False)
    if axis:
        ax.grid(True, axis=axis, color=GRID, linewidth=0.8)


def rows(ax: Axes, labels: Iterable[object], *, inches: float = 2.3) -> None:
    """Name the rows of a horizontal plot, the first on top, long names wrapped."""
    texts = [t.wrapped(t.safe(label), inches) for label in labels]
    ax.set_yticks(range(len(texts)), texts)
    ax.set_ylim(len(texts) - 0.5, -0.5)
    ax.tick_params(axis="y", labelcolor=INK)
    ax.spines["left"].set_visible(False)


def beside(ax: Axes, text: Any, at: Any, offset: tuple[float, float], **kwargs: Any) -> None:
    """Write a text at a distance in points from a place."""
    look: dict[str, Any] = {"textcoords": "offset points", "annotation_clip": False, "linespacing": 1.3}
    ax.annotate(t.safe(text), at, offset, **{**look, **kwargs})


def end_labels(
    ax: Axes, ends: Any, at: Any, texts: Sequence[str], *, start: float = 0.0, most: float = 1.0
) -> None:
    """Write a text beside the end of each row, and make the axis wide enough for all of them.

    The axis begins at `start`; ticks stop at `most`, the highest value that makes sense (1 for shares).
    """
    inches = ax.get_window_extent().width / ax.figure.dpi
    if ax.figure in _ours:  # not laid out yet: what the row names leave
        names = [line for label in ax.get_yticklabels() for line in label.get_text().split("\n")]
        inches = WIDTH - 0.45 - max((t.inches_of(name, t.TEXT, "normal") for name in names), default=0)
    texts = [t.wrapped(t.safe(text), 0.65 * inches) for text in texts]
    ends = np.nan_to_num(np.asarray(ends, dtype=float), nan=start)
    for end, y, text in zip(ends, at, texts, strict=True):
        beside(ax, text, (end, y), (8, 0), va="center", bbox=PAPER)
    needed = np.array(
        [max(t.inches_of(line, t.TEXT, "normal") for line in text.split("\n")) + 0.2 for text in texts]
    )
    reach = float(np.max((ends - start) / np.clip(1 - needed / inches, 0.2, 1), initial=0)) + start
    ax.set_xlim(start, reach if reach > start else start + 1)
    ax.xaxis.set_major_locator(ticker.MaxNLocator(6, steps=ROUND))
    ax.set_xticks([tick for tick in ax.get_xticks() if start <= tick <= min(reach, most) + 1e-9])


def titled(
    axes: Axes | np.ndarray, finding: str, title: str | None, note: str = "", *, pad: float | None = None
) -> None:
    """Put the finding (or the reader's `title`) over the plot, wrapped, and a note under it."""
    panels = np.atleast_1d(np.array(axes, dtype=object))
    first, figure = panels[0], panels[0].figure
    text = t.safe(finding if title is None else title)
    ours = figure in _ours
    width = figure.get_figwidth() * (0.96 if ours else first.get_position().width)
    lines = t.wrapped(text, width, t.TITLE, "bold", even=True)
    if len(panels) > 1:
        figure.suptitle(lines, x=0.01, ha="left", fontsize=t.TITLE, fontweight="bold", linespacing=1.25)
    else:
        heading = first.set_title(
            lines, x=0, ha="left", linespacing=1.25, pad=pad, color=INK, fontfamily=list(t.fonts())
        )
        if ours:  # start at the figure's edge, not at the axis, which long row names push to the right
            across = blended_transform_factory(figure.transFigure, first.transAxes)
            heading.set_x(0.01)
            heading.set_transform(across + first.titleOffsetTrans)
    if note and ours:
        lines = t.wrapped(t.safe(note), width, t.NOTE)
        figure.supxlabel(lines, x=0.01, ha="left", fontsize=t.NOTE, color=MUTED, linespacing=1.3)
    elif note:
        label = first.get_xlabel()
        first.set_xlabel(t.wrapped(f"{label}{'. ' if label else ''}{t.safe(note)}", width, t.TEXT))


def finding(axes: Any) -> str:
    """Return the sentence over a plot on one line, for example as the alternative text of a picture.

    Parameters
    ----------
    axes : Axes or array of Axes
        What a plot returned.

    Returns
    -------
    str
        The title, without line breaks.

    Raises
    ------
    CourseError
        If `axes` is not what a plot returned.

    Examples
    --------
    >>> figure, ax = plt.subplots()
    >>> titled(ax, "Cart to checkout loses most", None)
    >>> finding(ax)
    'Cart to checkout loses most'
    >>> plt.close(figure)
    >>> finding("Cart to checkout")
    Traceback (most recent call last):
        ...
    CourseError: plots.finding: Axes are needed, a str was given. Pass what a plot returned, ...
    """
    panels = _panels(axes)
    if not panels:
        raise CourseError(
            f"plots.finding: Axes are needed, a {type(axes).__name__} was given. "
            "Pass what a plot returned, for example plots.finding(plots.funnel(table))."
        )
    over = panels[0].get_title() or panels[0].get_title(loc="left")
    if len(panels) > 1:
        over = panels[0].figure.get_suptitle() or over
    return " ".join(over.split())


def _panels(axes: Any) -> list[Axes]:
    """Return the Axes in what a plot returned; none if it is something else."""
    found = np.array(axes, dtype=object).ravel().tolist()
    return found if all(isinstance(panel, Axes) for panel in found) else []


def spread(positions: Sequence[float], gap: float) -> np.ndarray:
    """Move label positions apart until they are `gap` from each other, each as near to its own as can be."""
    wanted = np.asarray(positions, dtype=float)
    order = np.argsort(wanted, kind="stable")
    groups: list[list[float]] = []  # [centre, size]
    for value in wanted[order]:
        groups.append([value, 1])
        while len(groups) > 1 and groups[-1][0] - groups[-2][0] < gap * (groups[-1][1] + groups[-2][1]) / 2:
            (centre, size), (before, count) = groups.pop(), groups.pop()
            groups.append([(centre * size + before * count) / (size + count), size + count])
    placed = np.concatenate([np.empty(0), *(c + gap * (np.arange(n) - (n - 1) / 2) for c, n in groups)])
    result = np.empty_like(wanted)
    result[order] = placed
    return result


def percent_axis(axis: Any, *, sign: bool = False) -> None:
    """Label an axis of fractions in per cent."""
    axis.set_major_formatter(ticker.FuncFormatter(lambda value, _: t.plain(value * 100, sign=sign) + " %"))


def number_axis(axis: Any, prefix: str = "", *, sign: bool = False) -> None:
    """Label an axis of counts or money in short: 950, 38 k, 1.2 m."""
    axis.set_major_formatter(ticker.FuncFormatter(lambda value, _: t.compact(value, prefix, sign=sign)))


# --- marks -------------------------------------------------------------------------------------------------


def whiskers(
    ax: Axes,
    at: Any,
    value: Any,
    low: Any,
    high: Any,
    *,
    colour: str = BLUE,
    upright: bool = False,
    **kwargs: Any,
) -> None:
    """Draw estimates as dots with their intervals as lines, across the page or upright."""
    at, value = np.asarray(at, dtype=float), np.asarray(value, dtype=float)
    ends = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    size = kwargs.pop("size", 46)
    kwargs.setdefault("clip_on", False)
    if upright:
        ax.vlines(at, *ends, color=colour, linewidth=2.4, zorder=3)
        ax.scatter(at, value, s=size, color=colour, zorder=4, **kwargs)
    else:
        ax.hlines(at, *ends, color=colour, linewidth=2.4, zorder=3)
        ax.scatter(value, at, s=size, color=colour, zorder=4, **kwargs)


# --- out ---------------------------------------------------------------------------------------------------


def data_uri(plot: Any, format: str = "svg") -> str:
    """Return a plot as a ``data:`` address for a self-contained HTML page, and close its figure.

    The same plot gives the same text every time: no date, no random ids.

    Parameters
    ----------
    plot : Figure, Axes or array of Axes
        What a plot returned.
    format : {"svg", "png"}, default "svg"
        Vector drawing, or picture at twice the screen's resolution.

    Returns
    -------
    str
        For ``<img src="...">``; `finding` gives the text for its ``alt``.

    Raises
    ------
    CourseError
        If `plot` is not a plot or `format` is another one.

    Examples
    --------
    >>> figure, ax = plt.subplots()
    >>> data_uri(ax)[:33]
    'data:image/svg+xml;base64,PD94bWw'
    >>> data_uri(ax, format="gif")
    Traceback (most recent call last):
        ...
    ecomtrain.errors.CourseError: plots.data_uri: format is 'gif'; give 'svg' or 'png'.
    """
    if format not in ("svg", "png"):
        raise CourseError(f"plots.data_uri: format is {format!r}; give 'svg' or 'png'.")
    panels = [] if isinstance(plot, Figure) else _panels(plot)
    figure = panels[0].get_figure(root=True) if panels else plot
    if not isinstance(figure, Figure):
        raise CourseError(
            f"plots.data_uri: a figure or Axes is needed, a {type(plot).__name__} was given. "
            "Pass what a plot returned, for example plots.data_uri(plots.funnel(table))."
        )
    out = io.BytesIO()
    metadata = {"Date": None} if format == "svg" else {"Software": None}
    with mpl.rc_context({**_settings(), "svg.hashsalt": "ecomtrain", "svg.fonttype": "path"}):
        figure.savefig(
            out, format=format, dpi=200 if format == "png" else 72, metadata=metadata, bbox_inches="tight"
        )
    plt.close(figure)
    kind = "image/png" if format == "png" else "image/svg+xml"
    return f"data:{kind};base64,{base64.b64encode(out.getvalue()).decode('ascii')}"
