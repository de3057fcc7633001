"""Write the tables as a Frictionless data package: Parquet files, ``datapackage.json`` and a datasheet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ecomtrain.datasets import datasheet
from ecomtrain.datasets.rules import Rule, joins, rules
from ecomtrain.errors import CourseError, nearest
from ecomtrain.shop import SEED, Truth, pieces
from ecomtrain.shop.schema import Column, Table, conform, schema

__all__ = ["ARROW", "DESCRIPTOR", "TableFile", "digest", "stream", "write"]

DESCRIPTOR = "datapackage.json"
ROWS_PER_GROUP = 131_072
PACKAGE = {
    "profile": "data-package",
    "name": "ecomtrain-shop",
    "title": "A simulated shop group with planted truth",
    "licenses": [
        {
            "name": "CC-BY-4.0",
            "path": "https://creativecommons.org/licenses/by/4.0/",
            "title": "Creative Commons Attribution 4.0 International",
        }
    ],
}
ARROW = {
    "int64": pa.int64(), "Int64": pa.int64(), "str": pa.string(), "float64": pa.float64(),
    "bool": pa.bool_(), "date": pa.timestamp("us"), "time": pa.timestamp("us", "Asia/Shanghai"),
}  # fmt: skip
FRICTIONLESS = {
    "int64": "integer", "Int64": "integer", "str": "string", "float64": "number", "bool": "boolean",
    "date": "date", "time": "datetime",
}  # fmt: skip


class TableFile:
    """A table's file, written piece by piece so that the same rows always give the same bytes.

    No pandas metadata: it names the pandas version. Ids and times, which mostly grow, are stored as
    differences, all else through a dictionary. Each page carries its checksum: without it, most single
    changed bytes would be read as wrong numbers.
    """

    def __init__(self, folder: Path, table: Table, compression: int = 15) -> None:
        self.table, self.path, self.rows = table, folder / f"{table.name}.parquet", 0
        self.missing = dict.fromkeys((column.name for column in table.columns), 0)
        self.layout = pa.schema([pa.field(column.name, ARROW[column.kind]) for column in table.columns])
        numbers = [c.name for c in table.columns if c.name.endswith("_id") and c.kind != "str"]
        growing = [*numbers, *(c.name for c in table.columns if c.kind == "time")]
        self.writer = pq.ParquetWriter(
            self.path,
            self.layout,
            compression="zstd",
            compression_level=compression,
            version="2.6",
            use_dictionary=[c.name for c in table.columns if c.name not in growing and c.kind != "bool"],
            column_encoding=dict.fromkeys(growing, "DELTA_BINARY_PACKED"),
            data_page_version="2.0",
            write_page_checksum=True,
        )

    def add(self, frame: pd.DataFrame) -> None:
        """Append rows."""
        rows = conform(self.table.name, frame)
        stored = pa.Table.from_pandas(rows, schema=self.layout, preserve_index=False)
        self.writer.write_table(stored.replace_schema_metadata(None), ROWS_PER_GROUP)
        self.rows += len(rows)
        for name, count in rows.isna().sum().items():
            self.missing[str(name)] += int(count)


def digest(path: Path) -> str:
    """Give a file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def constraints(rule: Rule) -> dict[str, Any]:
    """Put a column's rule in the standard's words."""
    made = {"required": rule.required, "unique": rule.unique, "minimum": rule.low, "maximum": rule.high}
    return {name: value for name, value in made.items() if value is not None and value is not False}


def field(column: Column, rule: Rule, missing: int) -> dict[str, Any]:
    """Describe a column for the descriptor."""
    made: dict[str, Any] = {"name": column.name, "type": FRICTIONLESS[column.kind], "dtype": column.kind}
    if column.unit:
        made["unit"] = column.unit
    made["description"] = column.description
    if constraints(rule):
        made["constraints"] = constraints(rule)
    made["missing"] = missing
    return made


def foreign_keys(table: Table, written: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the joins of a table to the tables that are `written` too."""
    return [
        {"fields": [column], "reference": {"resource": owner, "fields": [key]}}
        for column, (owner, key) in joins(table).items()
        if owner in written
    ]


def resource(file: TableFile, written: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a table's file for the descriptor."""
    path, table, kept = file.path, file.table, rules(file.table)
    layout: dict[str, Any] = {
        "fields": [field(c, kept[c.name], file.missing[c.name]) for c in table.columns],
        "primaryKey": list(table.key),
    }
    if leads := foreign_keys(table, written):
        layout["foreignKeys"] = leads
    return {
        "name": table.name,
        "path": path.name,
        "title": table.title,
        "description": table.what,
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{digest(path)}",
        "rows": file.rows,
        "topic": datasheet.topics()[table.name],
        "claims": list(table.claims),
        "schema": layout,
    }


def write(
    folder: str | Path, tables: Mapping[str, pd.DataFrame], *, pages: Mapping[str, str] | None = None
) -> list[Path]:
    """Write `tables` into `folder` as a data package; return the files written.

    Parameters
    ----------
    folder : str or Path
        Made if it is not there; files of the same names are replaced.
    tables : mapping of str to DataFrame
        As `ecomtrain.shop.make` returns them.
    pages : mapping of str to str, optional
        Further pages in Markdown by file name, such as ``{"claims.md": "# Claims ..."}``. ``README.md`` links
        to each by its first heading.

    Returns
    -------
    list of Path
        A Parquet file per table, ``datapackage.json``, ``README.md``, the pages. The same tables give the
        same bytes.

    Raises
    ------
    CourseError
        If a table is unknown or does not keep to its columns and dtypes, or a page's name is no plain name
        that ends in ``.md``; nothing is written then.
    """
    pages = {} if pages is None else pages
    for name in pages:
        if Path(name).name != name or not name.endswith(".md") or name == "README.md":
            raise CourseError(
                f"datasets.write: {name!r} cannot be the name of a page; give one such as 'claims.md'."
            )
    for name, frame in tables.items():
        if name not in schema():
            hint = f"the tables are {', '.join(schema())}.{nearest(name, schema())}"
            raise CourseError(f"datasets.write: there is no table '{name}'; {hint}")
        conform(name, frame)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    files = {name: TableFile(folder, table) for name, table in schema().items() if name in tables}
    for name, file in files.items():
        file.add(tables[name])
    return _describe(folder, files, pages)


def stream(
    folder: str | Path,
    *,
    seed: int = SEED,
    scale: float = 1.0,
    truth: Truth | None = None,
    step: Callable[[], object] | None = None,
) -> list[Path]:
    """Make the shop and write it as it comes, in memory that does not grow with its size.

    Parameters
    ----------
    folder : str or Path
        Made if it is not there; files of the same names are replaced.
    seed, scale, truth
        As for `ecomtrain.shop.make`; `scale` up to `ecomtrain.shop.MOST`.
    step : callable, optional
        Called after every piece, of which there are ``shop.count_pieces(scale)``: a progress bar's step.

    Returns
    -------
    list of Path
        As for `write`. ``datapackage.json`` comes last: a folder without it was cut off. Rows lie in order
        of shop and, in a shop above scale 5, of shard.

    Raises
    ------
    CourseError
        As `ecomtrain.shop.make` does; nothing is written then.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     files = stream(folder, seed=1, scale=0.01)
    ...     pq.read_metadata(files[0]).num_rows
    10
    >>> stream("shop", scale=1000)
    Traceback (most recent call last):
        ...
    CourseError: make: scale is 1000; a shop has room for the ids of scale 100 at most.
    """
    made = pieces(seed, scale, truth)
    folder = Path(folder)
    files: dict[str, TableFile] = {}
    for tables in made:
        if not files:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / DESCRIPTOR).unlink(missing_ok=True)
        for name, frame in tables.items():
            if name not in files:
                files[name] = TableFile(folder, schema()[name], compression=3)
            files[name].add(frame)
        if step is not None:
            step()
    return _describe(folder, {name: files[name] for name in schema() if name in files}, {})


def _describe(folder: Path, files: Mapping[str, TableFile], pages: Mapping[str, str]) -> list[Path]:
    """Close the files and describe them: the datasheets, then the descriptor."""
    for file in files.values():
        file.writer.close()
    resources = [resource(file, files) for file in files.values()]
    texts = {
        "README.md": datasheet.page(resources, pages),
        **pages,
        DESCRIPTOR: json.dumps({**PACKAGE, "resources": resources}, indent=1, ensure_ascii=False) + "\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return [folder / name for name in [*(entry["path"] for entry in resources), *texts]]
