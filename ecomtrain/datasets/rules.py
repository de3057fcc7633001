"""What must hold in every table beyond its dtypes, told by names, units and descriptions.

A column that no exception speaks of follows four conventions. It is always filled unless its kind is
``Int64`` or its description has the word ``missing``. It is unique where it is the table's whole key. A
number that is no id is never below 0, unless its description says that it may ``be negative``, and never
above 1 where its unit is a share. A column ``shop`` or ``..._id`` joins the first table whose whole key it
is.

The exceptions stand in the table's TOML: ``joins = {owner_id = "staff.staff_id", visitor_id = ""}`` (an empty
string: no join) and ``ranges = {rating = [1, 5]}``.
"""

from __future__ import annotations

from dataclasses import dataclass

from ecomtrain.errors import CourseError
from ecomtrain.shop.schema import Column, Table, schema

__all__ = ["Rule", "joins", "rules"]

NUMBERS = ("int64", "Int64", "float64")
SHARES = ("share", "fraction")


@dataclass(frozen=True)
class Rule:
    """What must hold in a column: always filled, never twice the same, not below `low`, not above `high`."""

    required: bool
    unique: bool
    low: float | None = None
    high: float | None = None


def _bounds(table: Table, column: Column) -> tuple[float | None, float | None]:
    stated = getattr(table, "ranges", {}).get(column.name)
    if stated is not None:
        low, high = stated
        return low, high
    if column.kind not in NUMBERS or column.name.endswith("_id") or "be negative" in column.description:
        return None, None
    return 0, 1 if column.unit in SHARES else None


def rules(table: Table) -> dict[str, Rule]:
    """Give the rule of each column of a table."""
    made = {}
    for column in table.columns:
        low, high = _bounds(table, column)
        made[column.name] = Rule(
            required=column.kind != "Int64" and "missing" not in column.description,
            unique=table.key == (column.name,),
            low=low,
            high=high,
        )
    return made


def joins(table: Table) -> dict[str, tuple[str, str]]:
    """Give the table and column that each joining column of a table leads to."""
    owners: dict[str, str] = {}
    for other in schema().values():
        if len(other.key) == 1:
            owners.setdefault(other.key[0], other.name)
    stated = getattr(table, "joins", {})
    made = {}
    for column in (column.name for column in table.columns):
        if column in stated:
            if stated[column]:
                made[column] = _target(table.name, column, stated[column])
        elif column == "shop" or column.endswith("_id"):
            owner = owners.get(column, table.name)
            if owner != table.name:
                made[column] = (owner, column)
    return made


def _target(table: str, column: str, stated: str) -> tuple[str, str]:
    owner, _, key = stated.partition(".")
    if owner not in schema() or schema()[owner].key != (key,):
        raise CourseError(
            f"datasets.rules: table '{table}' joins {column} to {stated!r}, which is no table with that key. "
            "Write it as 'orders.order_id'."
        )
    return owner, key
