"""The course's data: ``load("orders")`` gives a table, offline."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ecomtrain.datasets.package import DESCRIPTOR, digest, write
from ecomtrain.errors import CourseError, nearest
from ecomtrain.shop.schema import Table, schema

__all__ = ["describe", "folder", "load", "names", "verify", "write"]

AGAIN = "`ecomtrain build` makes it again."


def folder() -> Path:
    """Find the data: inside the package when installed, beside it in a clone."""
    package = Path(__file__).resolve().parents[1]
    places = [package / "_data", package.parent / "data"]
    for place in places:
        if (place / DESCRIPTOR).is_file():
            return place
    raise CourseError(f"datasets: there is no {DESCRIPTOR} in {' or '.join(map(str, places))}; {AGAIN}")


def descriptor(place: Path) -> dict[str, dict[str, Any]]:
    """Read the entries of the descriptor by table."""
    try:
        rows = json.loads((place / DESCRIPTOR).read_text(encoding="utf-8"))["resources"]
        return {Path(row["path"]).stem: row for row in rows}
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise CourseError(f"datasets: {place / DESCRIPTOR} cannot be read ({problem}); {AGAIN}") from problem


def names() -> list[str]:
    """List the tables that `load` knows."""
    return list(schema())


def known(name: str, where: str) -> Table:
    """Give the schema of a table, or say which tables there are."""
    if not isinstance(name, str) or name not in schema():
        hint = f"the tables are {', '.join(schema())}.{nearest(name, schema())}"
        raise CourseError(f"{where}: there is no table {name!r}; {hint}")
    return schema()[name]


def path_of(name: str) -> Path:
    """Give a table's file, after a check that it is there and whole by its size."""
    path = folder() / f"{name}.parquet"
    entry = descriptor(folder()).get(name)
    if entry is None or not path.is_file():
        raise CourseError(f"datasets: the file {path} is missing; {AGAIN}")
    size = path.stat().st_size
    if size != entry["bytes"]:
        raise CourseError(
            f"datasets: the file {path} is damaged: {size} bytes, not {entry['bytes']}; {AGAIN}"
        )
    return path


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
    """Read the rows of a file."""
    path = path_of(name)
    try:
        return pq.read_table(path, columns=columns, filters=None if shop is None else [("shop", "=", shop)])
    except (OSError, pa.ArrowException) as problem:
        raise CourseError(f"datasets: the file {path} is damaged ({problem}); {AGAIN}") from problem


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
    path_of(name)
    entry = descriptor(folder())[name]
    frame = pd.DataFrame(
        [(c.name, c.kind, c.unit, field["missing"], c.description)
         for c, field in zip(table.columns, entry["schema"]["fields"], strict=True)],
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
    rows, wrong = {}, []
    for name, entry in descriptor(folder()).items():
        path = folder() / entry["path"]
        if not path.is_file():
            wrong.append(f"{path} is missing")
            continue
        rows[name] = {"bytes": path.stat().st_size, "sha256": digest(path)}
        if f"sha256:{rows[name]['sha256']}" != entry["hash"]:
            wrong.append(f"{path} is damaged")
    if wrong:
        raise CourseError(f"datasets.verify: {'; '.join(wrong)}; {AGAIN.replace('it', 'them')}")
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("table")
