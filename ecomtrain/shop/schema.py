"""The schema of every table, read from ``tables/``, and the check that a table keeps to it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from ecomtrain.errors import CourseError, require

__all__ = ["DTYPES", "Column", "Table", "conform", "schema"]

# The files of ``tables/`` in the order of their tables; one per topic.
TOPICS = ("trade", "market", "ads", "content", "products", "customers", "team")

# What pandas calls the dtype of each kind of column.
DTYPES = {
    "int64": "int64", "Int64": "Int64", "str": "str", "float64": "float64", "bool": "bool",
    "date": "datetime64[us]", "time": "datetime64[us, Asia/Shanghai]",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """One column: its kind (a key of `DTYPES`), unit and description."""

    name: str
    kind: str
    unit: str
    description: str


@dataclass(frozen=True)
class Table:
    """One table's datasheet."""

    name: str
    title: str
    what: str
    how: str
    quirks: tuple[str, ...]
    claims: tuple[str, ...]
    used_by: tuple[str, ...]
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    grows: bool = False


@cache
def schema() -> dict[str, Table]:
    """Read the tables by name, in their order."""
    folder = Path(__file__).with_name("tables")
    rows: dict[str, Any] = {}
    for topic in TOPICS:
        rows |= tomllib.loads((folder / f"{topic}.toml").read_text(encoding="utf-8"))
    made = {}
    for name, row in rows.items():
        columns = tuple(Column(column, *about) for column, about in row.pop("columns").items())
        texts: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in row.items()
        }
        made[name] = Table(name=name, columns=columns, **texts)
    return made


def conform(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Put a table's columns in their order and check every dtype."""
    table = schema()[name]
    require(frame, [column.name for column in table.columns], f"shop.conform('{name}')")
    ordered = frame[[column.name for column in table.columns]]
    for column in table.columns:
        if str(ordered[column.name].dtype) != DTYPES[column.kind]:
            raise CourseError(
                f"shop.conform('{name}'): column '{column.name}' holds {ordered[column.name].dtype}, "
                f"not {DTYPES[column.kind]}. Convert it first."
            )
    return ordered
