"""HTML pages from the templates beside this file: everything is escaped, nothing is fetched from outside."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

__all__ = ["write"]


def write(template: str, path: Path, **content: Any) -> None:
    """Fill ``templates/<template>.html.j2`` with `content` and write it to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_templates().get_template(f"{template}.html.j2").render(**content), encoding="utf-8")


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("ecomtrain.classroom"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
