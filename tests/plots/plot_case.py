"""What the tests of the plots say of one plot; the topics add theirs in ``plots_<topic>.py``."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import pandas as pd

from ecomtrain import datasets


class Case(NamedTuple):
    """One plot: a result on the course's data, and the numbers that its title has to state."""

    plot: str
    compute: Callable[[], Any]
    states: Callable[[Any], list[float]]  # in per cent where the title speaks of per cent
    source: str  # the function that the error message must name
    options: dict[str, Any] | None = None
    panels: int = 1
    number: str | None = None  # a column that must hold numbers; the last that does, if left out
    polar: bool = False
    whole: bool = False  # takes a result that carries more than a table, or anything else that is no table
    any_table: bool = False  # every table of numbers will do

    def make(self) -> Any:
        return copy.deepcopy(_once(self.compute))


@cache
def _once(compute: Callable[[], Any]) -> Any:
    return compute()


@cache
def table(name: str, shop: str) -> pd.DataFrame:
    return datasets.load(name, shop=shop)
