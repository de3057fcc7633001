"""Write the datasheets: one page, an overview by topic and then a section per table."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from ecomtrain.datasets.rules import joins
from ecomtrain.shop import Truth
from ecomtrain.shop.schema import TOPICS, Table, schema

__all__ = ["page", "topics"]

OPENING = """\
# The data

The tables of the simulated shop group: two years of trade up to 2026-06-30, and the click log of the last
sixty days. All of it is made by `ecomtrain.shop.make`; no row describes a real person or company. This folder
is derived: `ecomtrain build` writes it again, byte for byte. Licence: CC BY 4.0.

Times are of the zone Asia/Shanghai, amounts in yuan to the cent. Conversion is higher and promotions are
gentler than in most real shops, so that sixty days are enough to see the planted effects. Which draw is
published is not left to chance: it is one in which every planted effect lies inside the 95 % interval of its
direct estimate. Over other seeds one estimate in twenty misses, as it should.

`datasets.load("orders")` gives a table, `datasets.describe("orders")` its columns, and
`datasets.check("orders", frame)` says whether a frame keeps to its rules. A column is always filled unless
its description says that it may be missing.
"""
TITLES = {
    "trade": "Trade and the click log",
    "market": "The market",
    "ads": "Advertising",
    "content": "Content",
    "products": "Products and prices",
    "customers": "Customers",
    "team": "The team",
}


@cache
def topics() -> dict[str, str]:
    """Give the topic of each table: the TOML file that describes it."""
    folder = files("ecomtrain.shop") / "tables"
    return {
        name: topic
        for topic in TOPICS
        for name in tomllib.loads((folder / f"{topic}.toml").read_text(encoding="utf-8"))
    }


def planted() -> dict[str, list[str]]:
    """Spell out what is planted for each claim."""
    lines: dict[str, list[str]] = {}
    for item in fields(Truth):
        about = item.metadata
        line = f"{about['meaning']}: {item.default:g} ({about['unit']})"
        lines.setdefault(about["claim"], []).append(line)
    return lines


def page(resources: list[dict[str, Any]], pages: Mapping[str, str]) -> str:
    """Write the page: the further pages, the overview by topic, the datasheets."""
    lines = [OPENING]
    if pages:
        lines += ["Further pages:", "", *(f"- [{_title(text)}]({name})" for name, text in pages.items()), ""]
    lines += ["## Overview"]
    topic = ""
    for entry in resources:
        name, size = Path(entry["path"]).stem, entry["bytes"] / 1000
        if topics()[name] != topic:
            topic = topics()[name]
            heading = TITLES.get(topic, topic.capitalize())
            lines += ["", f"**{heading}**", "", "| table | rows | KB | what it is |", "|---|--:|--:|---|"]
        lines.append(f"| [{name}](#{name}) | {entry['rows']:,} | {size:,.0f} | {entry['description']} |")
    truths, written = planted(), [Path(entry["path"]).stem for entry in resources]
    for name in written:
        lines += _sheet(schema()[name], truths, written)
    return "\n".join(lines) + "\n"


def _title(text: str) -> str:
    found = re.search(r"^# (.+)$", text, flags=re.MULTILINE)
    return found[1] if found else "Untitled"


def _sheet(table: Table, truths: Mapping[str, list[str]], written: list[str]) -> list[str]:
    lines = ["", f"## {table.name}", "", table.what, "", f"*How it is made.* {table.how}"]
    lines += ["", "*Beware.*", "", *(f"- {quirk}" for quirk in table.quirks)]
    told = [f"- {claim}: {line}" for claim in table.claims for line in truths.get(claim, [])]
    if told:
        lines += ["", "*Planted.*", "", *told]
    leads = [
        f"{column} to [{owner}](#{owner})" + (f" ({key})" if key != column else "")
        for column, (owner, key) in joins(table).items()
        if owner in written
    ]
    joined = f" *Joins:* {'; '.join(leads)}." if leads else ""
    lines += ["", f"*Used by* {'; '.join(table.used_by)}. *Key:* {', '.join(table.key)}.{joined}", ""]
    lines += ["| column | dtype | unit | description |", "|---|---|---|---|"]
    return lines + [f"| {c.name} | {c.kind} | {c.unit} | {c.description} |" for c in table.columns]
