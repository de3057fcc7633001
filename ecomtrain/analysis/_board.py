"""A board of metrics: one row per metric, computed in one window and set against another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis._twenty import Figure, Metric
from ecomtrain.analysis._window import OutsideError
from ecomtrain.errors import CourseError, nearest

Formulas = Mapping[str, Callable[[Any], Figure]]


def listing(metrics: Iterable[Metric]) -> pd.DataFrame:
    """List what each metric is called and how it is computed."""
    return (
        pd.DataFrame([asdict(metric) for metric in metrics])
        .rename(columns={"id": "metric"})
        .set_index("metric")
    )


def board(
    window: Any, earlier: Any, chosen: Sequence[str], known: Mapping[str, Metric], formulas: Formulas
) -> pd.DataFrame:
    """Compute the chosen metrics in a window and, where there is one, in an earlier window."""
    head = pd.DataFrame(
        [{k: getattr(known[m], k) for k in ("dimension", "name", "name_zh", "unit")} for m in chosen]
    )
    table = pd.concat(
        [head, pd.DataFrame(figures(window, chosen, formulas), columns=list(Figure._fields))], axis=1
    )
    table["interval"] = [known[m].interval for m in chosen]
    if earlier is not None:
        table["previous"] = [figure.value for figure in figures(earlier, chosen, formulas)]
        table["change"] = table["value"] - table["previous"]
        table["relative_change"] = table["change"] / table["previous"].where(table["previous"] != 0)
    return table.set_index(pd.Index(chosen, name="metric", dtype="str"))


def figures(window: Any, chosen: Sequence[str], formulas: Formulas) -> list[Figure]:
    """Compute each metric; NaN where a table does not reach the window."""
    found = []
    for name in chosen:
        try:
            found.append(formulas[name](window))
        except OutsideError:
            found.append(Figure(np.nan, np.nan))
    return found


def require_metric(name: str, formulas: Formulas, where: str) -> None:
    """Raise unless `name` is a metric."""
    if name not in formulas:
        near = [m for m in formulas if m.lower() == str(name).lower()]
        hint = f" Did you mean '{near[0]}'?" if near else nearest(name, formulas)
        raise CourseError(f"{where}: there is no metric '{name}'; choose one of {', '.join(formulas)}.{hint}")
