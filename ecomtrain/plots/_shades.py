"""A table of shaded cells with their numbers in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ecomtrain.plots import style as s
from ecomtrain.plots import text as t


def shaded(
    ax: Axes,
    values: Any,
    texts: Any,
    rows: Iterable[object],
    columns: Iterable[object],
    *,
    most: float,
    size: float = t.TEXT,
) -> None:
    """Shade a matrix from white (0) to dark blue (`most`), write `texts` in it and name rows and columns.

    A NaN is left white. The numbers carry the meaning; the shade, which also prints in grey, leads the eye.
    """
    matrix = np.ma.masked_invalid(np.asarray(values, dtype=float))
    ax.imshow(matrix, cmap="Blues", vmin=0, vmax=max(most, 1e-12) * 1.25, aspect="auto")
    for (row, column), text in np.ndenumerate(np.asarray(texts, dtype=object)):
        if text:
            dark = matrix[row, column] is not np.ma.masked and matrix[row, column] > 0.68 * most
            ax.text(
                column, row, t.safe(text), ha="center", va="center", fontsize=size, linespacing=1.25,
                color="white" if dark else s.INK,
            )  # fmt: skip
    across, down = ([t.safe(name) for name in names] for names in (columns, rows))
    ax.set_xticks(range(len(across)), across)
    ax.set_yticks(range(len(down)), down)
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    ax.tick_params(labelcolor=s.INK)
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.set_xticks(np.arange(len(across) - 1) + 0.5, minor=True)
    ax.set_yticks(np.arange(len(down) - 1) + 0.5, minor=True)
    ax.grid(which="minor", color="white", linewidth=2)
    ax.tick_params(which="minor", length=0)
