"""Write the tables as a Frictionless data package: Parquet files, ``datapackage.json`` and a datasheet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ecomtrain.datasets import datasheet
from ecomtrain.datasets.rules import Rule, joins, rules
from ecomtrain.errors import CourseError, nearest
from ecomtrain.shop.schema import Column, Table, conform, schema

__all__ = ["ARROW", "DESCRIPTOR", "digest", "write", "write_parquet"]

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


def write_parquet(path: Path, table: Table, frame: pd.DataFrame) -> None:
    """Write one table so that the same rows always give the same bytes.

    No pandas metadata: it names the pandas version. Ids and times, which mostly grow, are stored as
    differences, all else through a dictionary. Each page carries its checksum: without it, most single
    changed bytes would be read as wrong numbers.
    """
    rows = conform(table.name, frame)
    layout = pa.schema([pa.field(column.name, ARROW[column.kind]) for column in table.columns])
    stored = pa.Table.from_pandas(rows, schema=layout, preserve_index=False).replace_schema_metadata(None)
    numbers = [c.name for c in table.columns if c.name.endswith("_id") and c.kind != "str"]
    growing = [*numbers, *(c.name for c in table.columns if c.kind == "time")]
    pq.write_table(
        stored,
        path,
        compression="zstd",
        compression_level=15,
        row_group_size=ROWS_PER_GROUP,
        version="2.6",
        use_dictionary=[c.name for c in table.columns if c.name not in growing and c.kind != "bool"],
        column_encoding=dict.fromkeys(growing, "DELTA_BINARY_PACKED"),
        data_page_version="2.0",
        write_page_checksum=True,
    )


def digest(path: Path) -> str:
    """Give a file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def constraints(rule: Rule) -> dict[str, Any]:
    """Put a column's rule in the standard's words."""
    made = {"required": rule.required, "unique": rule.unique, "minimum": rule.low, "maximum": rule.high}
    return {name: value for name, value in made.items() if value is not None and value is not False}


def field(column: Column, rule: Rule, frame: pd.DataFrame) -> dict[str, Any]:
    """Describe a column for the descriptor."""
    made: dict[str, Any] = {"name": column.name, "type": FRICTIONLESS[column.kind], "dtype": column.kind}
    if column.unit:
        made["unit"] = column.unit
    made["description"] = column.description
    if constraints(rule):
        made["constraints"] = constraints(rule)
    made["missing"] = int(frame[column.name].isna().sum())
    return made


def foreign_keys(table: Table, written: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the joins of a table to the tables that are `written` too."""
    return [
        {"fields": [column], "reference": {"resource": owner, "fields": [key]}}
        for column, (owner, key) in joins(table).items()
        if owner in written
    ]


def resource(folder: Path, table: Table, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Describe a table's file for the descriptor."""
    path, frame, kept = folder / f"{table.name}.parquet", tables[table.name], rules(table)
    layout: dict[str, Any] = {
        "fields": [field(column, kept[column.name], frame) for column in table.columns],
        "primaryKey": list(table.key),
    }
    if leads := foreign_keys(table, tables):
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
        "rows": len(frame),
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
    resources = []
    for table in schema().values():
        if table.name in tables:
            write_parquet(folder / f"{table.name}.parquet", table, tables[table.name])
            resources.append(resource(folder, table, tables))
    texts = {
        DESCRIPTOR: json.dumps({**PACKAGE, "resources": resources}, indent=1, ensure_ascii=False) + "\n",
        "README.md": datasheet.page(resources, pages),
        **pages,
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return [folder / name for name in [*(entry["path"] for entry in resources), *texts]]
