"""Who stands under whom: goals under goals, people under managers; and gaps that no analysis may hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis._checks import require_ids
from ecomtrain.errors import CourseError


@dataclass(frozen=True)
class Tree:
    """Rows by position: the one above each, and how far each is from the top.

    `above` is -1 at the top and where the one above is not in the table; `named` says whether one was named
    at all. `steps` is NaN in a circle and below one, `circle` marks the rows of circles themselves, `top` is
    the row at the end of the way up (-1 where there is none).
    """

    above: Any
    named: Any
    steps: Any
    circle: Any
    top: Any


def tree(frame: pd.DataFrame, own: str, parent: str, where: str) -> Tree:
    """Link the rows of `frame` by their ids; all ways up are walked at once, in strides that double."""
    require_ids(frame, [own, parent], where)
    named = frame[parent].notna().to_numpy()
    above = np.full(len(frame), -1)
    above[named] = pd.Index(frame[own].astype(object)).get_indexer(frame.loc[named, parent].astype(object))
    n = len(frame)
    jump = np.append(np.where(above < 0, n, above), n)
    steps = (jump < n).astype(float)
    top = np.where(jump == n, np.arange(n + 1), -1)
    for _ in range(n.bit_length()):
        steps = steps + steps[jump]
        top = np.where(top < 0, top[jump], top)
        jump = jump[jump]
    endless = jump[:n] < n
    circle = np.zeros(n, dtype=bool)
    circle[jump[:n][endless]] = True
    return Tree(above, named, np.where(endless, np.nan, steps[:n]), circle, np.where(endless, -1, top[:n]))


def no_gaps(frame: pd.DataFrame, columns: list[str], where: str) -> None:
    """Raise if a value is missing in one of `columns`."""
    for column in columns:
        gaps = int(frame[column].isna().sum())
        if gaps:
            raise CourseError(
                f"{where}: column '{column}' is missing in {gaps} row(s). Drop them, or say what a gap means."
            )


def once(frame: pd.DataFrame, key: list[str], where: str) -> pd.DataFrame:
    """Rows in the order of `key`, repeated ones once; raise if two rows of one key say different things."""
    require_ids(frame, key, where)
    frame = frame.drop_duplicates().sort_values(key, ignore_index=True)
    twice = frame.duplicated(key)
    if twice.any():
        row = frame.loc[twice, key].iloc[0]
        told = ", ".join(f"{name} {value}" for name, value in row.items())
        raise CourseError(f"{where}: {told} stands in rows that differ. Keep one of them.")
    return frame
