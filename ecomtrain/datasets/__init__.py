"""The course's data: ``load("orders")`` gives a table, offline; ``fetch_...`` gives a public set, once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ecomtrain.datasets.contents import check, known, schema_of
from ecomtrain.datasets.package import ARROW, DESCRIPTOR, digest, stream, write
from ecomtrain.datasets.public import (
    fetch_cdnow,
    fetch_cdnow_sample,
    fetch_groceries,
    fetch_hillstrom,
    fetch_ibm_attrition,
    fetch_online_shoppers,
    fetch_uci_online_retail,
    public_sets,
)
from ecomtrain.errors import CourseError, nearest
from ecomtrain.shop.schema import schema

__all__ = [
    "check",
    "describe",
    "fetch_cdnow",
    "fetch_cdnow_sample",
    "fetch_groceries",
    "fetch_hillstrom",
    "fetch_ibm_attrition",
    "fetch_online_shoppers",
    "fetch_uci_online_retail",
    "folder",
    "load",
    "names",
    "public_sets",
    "schema_of",
    "stream",
    "verify",
    "write",
]

INSTALLED = "_data"
ENTRY = {"path": str, "bytes": int, "hash": str, "rows": int, "schema": dict}


def folder() -> Path:
    """Find the data: inside the package when installed, beside it in a clone."""
    package = Path(__file__).resolve().parents[1]
    places = [package / INSTALLED, package.parent / "data"]
    for place in places:
        if (place / DESCRIPTOR).is_file():
            return place
    raise CourseError(
        f"datasets: there is no {DESCRIPTOR} in {' or '.join(map(str, places))}. {_again(places[-1])}"
    )


def _again(place: Path, it: str = "it") -> str:
    """Say how to get a file of the data folder `place` again."""
    if place.name == INSTALLED:
        return f"`pip install --force-reinstall --no-deps ecomtrain` brings {it} again."
    return f"`ecomtrain build` makes {it} again."


def descriptor(place: Path) -> dict[str, dict[str, Any]]:
    """Read the entries of the descriptor by table."""
    try:
        rows = json.loads((place / DESCRIPTOR).read_text(encoding="utf-8"))["resources"]
        for row in rows:
            for key, kind in ENTRY.items():
                if not isinstance(row[key], kind):
                    raise TypeError(f"{key} is {row[key]!r}")
        return {Path(row["path"]).stem: row for row in rows}
    except (OSError, ValueError, KeyError, TypeError) as problem:
        told = f"{type(problem).__name__}: {problem}"
        raise CourseError(
            f"datasets: {place / DESCRIPTOR} cannot be read ({told}). {_again(place)}"
        ) from problem


def names() -> list[str]:
    """List the tables that `load` knows."""
    return list(schema())


def path_of(name: str) -> Path:
    """Give a table's file, after a check that it is there and whole by its size."""
    place = folder()
    path = place / f"{name}.parquet"
    fault = _fault(path, descriptor(place).get(name))
    if fault:
        raise CourseError(f"datasets: the file {fault}. {_again(place)}")
    return path


def _fault(path: Path, entry: dict[str, Any] | None) -> str:
    """Say what can be seen of a damage without reading the file; an empty string if nothing."""
    if not path.is_file():
        return f"{path} is missing"
    if entry is None:
        return f"{path} is not in {DESCRIPTOR}"
    size = path.stat().st_size
    return "" if size == entry["bytes"] else f"{path} is damaged: {size} bytes, not {entry['bytes']}"


def load(name: str, *, shop: str | None = None, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Load a table of the simulated shop.

    Parameters
    ----------
    name : str
        One of `names`, such as ``"orders"``; `describe` tells what is in it.
    shop : str, optional
        Only the rows of this shop.
    columns : sequence of str, optional
        Only these columns, in this order.

    Returns
    -------
    DataFrame
        With the dtypes of the datasheet (``data/README.md``); a new frame on every call.

    Raises
    ------
    CourseError
        If there is no such table, shop or column, or the file is missing or damaged.

    Examples
    --------
    >>> load("shops", columns=["shop", "currency"]).head(2)
          shop currency
    0  apparel      CNY
    1   beauty      CNY
    >>> load("order")
    Traceback (most recent call last):
        ...
    ecomtrain.errors.CourseError: load: there is no table 'order'; the tables are ... Did you mean 'orders'?
    """
    table = known(name, "load")
    kinds = {column.name: column.kind for column in table.columns}
    wanted = list(
        dict.fromkeys(kinds if columns is None else [columns] if isinstance(columns, str) else columns)
    )
    for column in wanted:
        if column not in kinds:
            hint = f"it has {', '.join(kinds)}.{nearest(column, kinds)}"
            raise CourseError(f"load: table '{name}' has no column {column!r}; {hint}")
    if shop is not None:
        if "shop" not in kinds:
            raise CourseError(f"load: table '{name}' is the same for all shops; leave shop={shop!r} out.")
        shops = read("shops", ["shop"], None)["shop"].to_pylist()
        if shop not in shops:
            raise CourseError(
                f"load: there is no shop {shop!r}; the shops are {', '.join(shops)}.{nearest(shop, shops)}"
            )
    stored = read(name, wanted, shop)
    nullable = [column for column in wanted if kinds[column] == "Int64"]
    frame = stored.drop_columns(nullable).to_pandas()
    whole: Any = pd.Int64Dtype()
    for column in nullable:
        frame.insert(wanted.index(column), column, whole.__from_arrow__(stored[column]))
    return frame


def read(name: str, columns: list[str], shop: str | None) -> pa.Table:
    """Read the rows of a file, with a check of every page that is read."""
    path = path_of(name)
    wanted = None if shop is None else [("shop", "=", shop)]
    try:
        stored = pq.read_table(path, columns=columns, filters=wanted, page_checksum_verification=True)
    except (OSError, pa.ArrowException) as problem:
        told = str(problem).splitlines()[0]
        raise CourseError(
            f"datasets: the file {path} is damaged ({told}). {_again(path.parent)}"
        ) from problem
    kinds = {column.name: ARROW[column.kind] for column in schema()[name].columns}
    for column in columns:
        if stored.schema.field(column).type != kinds[column]:
            raise CourseError(
                f"datasets: the file {path} is of another version: column '{column}' holds "
                f"{stored.schema.field(column).type}, not {kinds[column]}. {_again(path.parent)}"
            )
    return stored


def describe(name: str) -> pd.DataFrame:
    """List a table's columns.

    Parameters
    ----------
    name : str
        One of `names`.

    Returns
    -------
    DataFrame
        One row per column: ``dtype``, ``unit``, ``missing`` (count), ``description``; the table's ``title``,
        ``what``, ``how``, ``rows``, ``quirks`` and ``claims`` are in ``.attrs``.

    Raises
    ------
    CourseError
        If there is no such table.
    """
    table = known(name, "describe")
    path = path_of(name)
    entry = descriptor(path.parent)[name]
    missing = {field["name"]: field.get("missing") for field in entry["schema"].get("fields", [])}
    if list(missing) != [column.name for column in table.columns]:
        raise CourseError(
            f"datasets: {path.parent / DESCRIPTOR} describes another version of table '{name}'. "
            f"{_again(path.parent)}"
        )
    frame = pd.DataFrame(
        [(c.name, c.kind, c.unit, missing[c.name], c.description) for c in table.columns],
        columns=["column", "dtype", "unit", "missing", "description"],
    ).set_index("column")  # fmt: skip
    frame.attrs = {"title": table.title, "what": table.what, "rows": entry["rows"], "how": table.how,
                   "quirks": list(table.quirks), "claims": list(table.claims)}  # fmt: skip
    return frame


def verify() -> pd.DataFrame:
    """Check every file against its checksum.

    Returns
    -------
    DataFrame
        One row per table: ``bytes`` and ``sha256``, as found.

    Raises
    ------
    CourseError
        If a file is missing or differs; the message names all of them.
    """
    place = folder()
    entries = descriptor(place)
    rows, wrong = {}, []
    for name in dict.fromkeys([*names(), *entries]):
        path, entry = place / f"{name}.parquet", entries.get(name)
        fault = _fault(path, entry)
        if entry and not fault:
            found = digest(path)
            rows[name] = {"bytes": entry["bytes"], "sha256": found}
            fault = "" if entry["hash"] == f"sha256:{found}" else f"{path} is damaged: its checksum differs"
        if fault:
            wrong.append(fault)
    if wrong:
        raise CourseError(f"datasets.verify: {'; '.join(wrong)}. {_again(place, 'them')}")
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("table")
