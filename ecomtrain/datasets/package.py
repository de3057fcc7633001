"""Write the tables as a Frictionless data package: Parquet files, ``datapackage.json`` and a datasheet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ecomtrain.errors import CourseError, nearest
from ecomtrain.shop import Truth
from ecomtrain.shop.schema import Column, Table, conform, schema

__all__ = ["DESCRIPTOR", "digest", "write", "write_parquet"]

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
OPENING = """\
# The data

The tables of the simulated shop group: two years of trade up to 2026-06-30, and the click log of the last
sixty days. All of it is made by `ecomtrain.shop.make`; no row describes a real person or company. This folder
is derived: `ecomtrain build` writes it again, byte for byte. Licence: CC BY 4.0.

Times are of the zone Asia/Shanghai, amounts in yuan to the cent. Conversion is higher and promotions are
gentler than in most real shops, so that sixty days are enough to see the planted effects. Which draw is
published is not left to chance: it is one in which every planted effect lies inside the 95 % interval of its
direct estimate. Over other seeds one estimate in twenty misses, as it should.
"""
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
    differences, all else through a dictionary.
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
    )


def digest(path: Path) -> str:
    """Give a file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def field(column: Column, frame: pd.DataFrame) -> dict[str, Any]:
    """Describe a column for the descriptor."""
    made: dict[str, Any] = {"name": column.name, "type": FRICTIONLESS[column.kind], "dtype": column.kind}
    if column.unit:
        made["unit"] = column.unit
    made["description"] = column.description
    made["missing"] = int(frame[column.name].isna().sum())
    return made


def resource(folder: Path, table: Table, frame: pd.DataFrame) -> dict[str, Any]:
    """Describe a table's file for the descriptor."""
    path = folder / f"{table.name}.parquet"
    return {
        "name": table.name.replace("_", "-"),
        "path": path.name,
        "title": table.title,
        "description": table.what,
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{digest(path)}",
        "rows": len(frame),
        "claims": list(table.claims),
        "schema": {"fields": [field(c, frame) for c in table.columns], "primaryKey": list(table.key)},
    }


def planted() -> dict[str, list[str]]:
    """Spell out what is planted for each claim."""
    lines: dict[str, list[str]] = {}
    for item in fields(Truth):
        about = item.metadata
        line = f"{about['meaning']}: {item.default:g} ({about['unit']})"
        lines.setdefault(about["claim"], []).append(line)
    return lines


def datasheet(resources: list[dict[str, Any]]) -> str:
    """Write the datasheet of all tables in Markdown."""
    lines = [OPENING, "| table | rows | KB | what it is |", "|---|--:|--:|---|"]
    for entry in resources:
        name, size = Path(entry["path"]).stem, entry["bytes"] / 1000
        lines.append(f"| [{name}](#{name}) | {entry['rows']:,} | {size:,.0f} | {entry['description']} |")
    truths = planted()
    for entry in resources:
        table = schema()[Path(entry["path"]).stem]
        lines += ["", f"## {table.name}", "", table.what, "", f"*How it is made.* {table.how}"]
        lines += ["", "*Beware.*", "", *(f"- {quirk}" for quirk in table.quirks)]
        if table.claims:
            lines += ["", "*Planted.*", "", *(f"- {c}: {line}" for c in table.claims for line in truths[c])]
        lines += ["", f"*Used by* {'; '.join(table.used_by)}. *Key:* {', '.join(table.key)}.", ""]
        lines += ["| column | dtype | unit | description |", "|---|---|---|---|"]
        lines += [f"| {c.name} | {c.kind} | {c.unit} | {c.description} |" for c in table.columns]
    return "\n".join(lines) + "\n"


def write(folder: str | Path, tables: Mapping[str, pd.DataFrame]) -> list[Path]:
    """Write `tables` into `folder` as a data package; return the files written.

    Parameters
    ----------
    folder : str or Path
        Made if it is not there; files of the same names are replaced.
    tables : mapping of str to DataFrame
        As `ecomtrain.shop.make` returns them.

    Returns
    -------
    list of Path
        A Parquet file per table, ``datapackage.json``, ``README.md``. The same tables give the same bytes.

    Raises
    ------
    CourseError
        If a table is unknown or does not keep to its schema; nothing is written then.
    """
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
            resources.append(resource(folder, table, tables[table.name]))
    texts = {
        DESCRIPTOR: json.dumps({**PACKAGE, "resources": resources}, indent=1, ensure_ascii=False) + "\n",
        "README.md": datasheet(resources),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return [folder / name for name in [*(entry["path"] for entry in resources), *texts]]
