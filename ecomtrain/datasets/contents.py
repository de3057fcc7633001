"""Check a table's contents against the rules of its datasheet, with pandera."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from ecomtrain.datasets.rules import Rule, rules
from ecomtrain.errors import CourseError, nearest
from ecomtrain.shop.schema import DTYPES, Table, schema

if TYPE_CHECKING:
    import pandera.pandas as pandera

__all__ = ["check", "known", "schema_of"]

TOLD = 5  # findings spelled out in one sentence


def known(name: str, where: str) -> Table:
    """Give the datasheet of a table, or say which tables there are."""
    if not isinstance(name, str) or name not in schema():
        hint = f"the tables are {', '.join(schema())}.{nearest(name, schema())}"
        raise CourseError(f"{where}: there is no table {name!r}; {hint}")
    return schema()[name]


def _checks(rule: Rule, text: bool) -> list[Any]:
    import pandera.pandas as pandera

    # Pandera takes a column of objects for text; a frame that was read from a file has none.
    bounds = [pandera.Check(lambda values: str(values.dtype) == "str", error="no text")] if text else []
    if rule.low is not None:
        bounds.append(pandera.Check.ge(rule.low, error=f"below {rule.low}"))
    if rule.high is not None:
        bounds.append(pandera.Check.le(rule.high, error=f"above {rule.high}"))
    return bounds


def schema_of(name: str) -> pandera.DataFrameSchema:
    """Make the pandera schema of a table.

    Parameters
    ----------
    name : str
        One of `names`.

    Returns
    -------
    pandera.DataFrameSchema
        Exactly the table's columns, in any order: their dtypes, where values may be missing, which are
        unique, and the least and greatest value allowed.

    Raises
    ------
    CourseError
        If there is no such table.

    Examples
    --------
    >>> schema_of("orders").columns["paid_at"].nullable
    True
    >>> schema_of("order")
    Traceback (most recent call last):
        ...
    CourseError: schema_of: there is no table 'order'; the tables are ... Did you mean 'orders'?
    """
    table = known(name, "schema_of")
    # Pandera takes half a second to load, which nobody should pay who only loads data.
    import pandera.pandas as pandera

    kinds = {column.name: column for column in table.columns}
    columns = {
        column: pandera.Column(
            None if kinds[column].kind == "str" else DTYPES[kinds[column].kind],
            checks=_checks(rule, kinds[column].kind == "str"),
            nullable=not rule.required,
            unique=rule.unique,
            description=kinds[column].description,
        )
        for column, rule in rules(table).items()
    }
    several = list(table.key) if len(table.key) > 1 else None
    return pandera.DataFrameSchema(columns, name=name, title=table.title, strict=True, unique=several)


def check(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Check that a frame keeps to the rules of a table: columns, dtypes, missing values, keys, ranges.

    Parameters
    ----------
    name : str
        One of `names`.
    frame : DataFrame
        What should be that table, or some of its rows.

    Returns
    -------
    DataFrame
        `frame` itself, so that a check can stand in a chain.

    Raises
    ------
    CourseError
        If there is no such table or a rule is broken; the message counts what is wrong and shows the first
        row.

    Examples
    --------
    >>> from ecomtrain import datasets
    >>> orders = datasets.load("orders", shop="home")
    >>> check("orders", orders) is orders
    True
    >>> check("orders", orders.assign(amount=-orders["amount"]))
    Traceback (most recent call last):
        ...
    CourseError: datasets.check('orders'): column 'amount' has ... values below 0, the first in row 0: ...
    """
    known(name, "datasets.check")
    if not isinstance(frame, pd.DataFrame):
        raise CourseError(f"datasets.check: a DataFrame is needed, a {type(frame).__name__} was given.")
    import pandera.errors

    try:
        schema_of(name).validate(frame.reset_index(drop=True), lazy=True)
    except pandera.errors.SchemaErrors as problem:
        found = list(_findings(problem.failure_cases, schema()[name], frame))
        more = f"; and {len(found) - TOLD} more" if len(found) > TOLD else ""
        raise CourseError(
            f"datasets.check('{name}'): {'; '.join(found[:TOLD])}{more}. "
            f"datasets.describe('{name}') lists the columns."
        ) from problem
    return frame


def _findings(cases: pd.DataFrame, table: Table, frame: pd.DataFrame) -> Iterator[str]:
    """Say what is wrong, one phrase per column and rule, in the order of the table's columns."""
    for absent in (column.name for column in table.columns if column.name not in frame):
        yield f"column '{absent}' is missing"
    for column in cases.loc[cases["check"] == "column_in_schema", "failure_case"]:
        yield f"column '{column}' does not belong there"
    broken = cases.loc[cases["schema_context"] == "Column", ["column", "check"]].drop_duplicates().astype(str)
    for column, rule in rules(table).items():
        checks = set(broken.loc[broken["column"] == column, "check"])
        kind = next(c.kind for c in table.columns if c.name == column)
        if any(name.startswith("dtype(") or name == "no text" for name in checks):
            yield f"column '{column}' holds {frame[column].dtype}, not {DTYPES[kind]}"
            continue
        values = frame.get(column, pd.Series(dtype="float64"))
        if "not_nullable" in checks:
            yield _first(f"column '{column}' has {{}} missing values", values.isna(), None)
        if "field_uniqueness" in checks:
            yield _first(f"column '{column}' repeats {{}} values", values.duplicated(), values)
        if f"below {rule.low}" in checks:
            yield _first(f"column '{column}' has {{}} values below {rule.low}", values < rule.low, values)
        if f"above {rule.high}" in checks:
            yield _first(f"column '{column}' has {{}} values above {rule.high}", values > rule.high, values)
    if "multiple_fields_uniqueness" in set(cases["check"]):
        keys = frame[list(table.key)].astype(str).agg(", ".join, axis=1)
        yield _first(
            "{} rows repeat the key " + ", ".join(table.key), frame.duplicated(list(table.key)), keys
        )


def _first(text: str, bad: pd.Series, values: pd.Series | None) -> str:
    """Fill in how many rows are bad, and add the first of them."""
    rows = bad.fillna(False).to_numpy(bool)
    row = int(rows.argmax())
    shown = "" if values is None else f": {values.iloc[row]}"
    return f"{text.format(rows.sum())}, the first in row {row}{shown}"
