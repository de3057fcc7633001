"""Authored percent scripts to notebooks: the same script always gives the same bytes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbformat import NotebookNode

from ecomtrain.errors import CourseError, nearest

__all__ = ["convert", "graded", "question_of", "read_notebook", "text_of"]

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
GRADER_KEYS = {"schema_version", "grade", "locked", "solution", "task", "grade_id", "points"}


def convert(script: str, name: str) -> NotebookNode:
    """Make the notebook `name` from the text of a percent `script`.

    Parameters
    ----------
    script : str
        A Jupytext ``py:percent`` script; tags, nbgrader's marks and the capability stand on the ``# %%``
        lines.
    name : str
        The notebook's name without its ending: the first part of every cell id.

    Returns
    -------
    NotebookNode
        No outputs, no execution counts, Python 3 as kernel. A cell's id is made of `name` and its grade id,
        or of `name`, the last tag above it and its place under that tag, so that a new cell moves few other
        ids.

    Raises
    ------
    CourseError
        If a grade id is missing or there twice, a key of nbgrader's marks is misspelt, a graded cell has no
        points, or a graded cell names no capability.

    Examples
    --------
    >>> notebook = convert("# %%\\n1 + 1", "sums")
    >>> notebook.cells[0].id, notebook.cells[0].source
    ('sums-1', '1 + 1')
    >>> convert('# %% nbgrader={"grade": true, "solution": false, "grade_id": "q1"}\\nassert True', "sums")
    Traceback (most recent call last):
        ...
    CourseError: sums, cell 1 (q1): a graded cell needs its points, for example "points": 2.
    """
    raw = jupytext.reads(script, fmt="py:percent")
    notebook = nbformat.v4.new_notebook(
        metadata={"kernelspec": dict(KERNEL), "language_info": {"name": "python"}}, nbformat_minor=5
    )
    ids = _cell_ids(name)
    for number, cell in enumerate(raw.cells, start=1):
        metadata = {key: value for key, value in cell.metadata.items() if key != "lines_to_next_cell"}
        if "nbgrader" in metadata:
            metadata["nbgrader"] = _marks(metadata, name, number)
        make = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}
        new = make.get(cell.cell_type, nbformat.v4.new_raw_cell)(source=cell.source, metadata=metadata)
        new.id = ids(metadata)
        notebook.cells.append(new)
    seen: dict[str, int] = {}
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.id in seen:
            raise CourseError(
                f"{name}, cell {number}: the id '{cell.id}' is taken by cell {seen[cell.id]}. "
                "Give every marked cell a grade_id of its own."
            )
        seen[cell.id] = number
    nbformat.validate(notebook)
    return notebook


def text_of(notebook: NotebookNode) -> str:
    """Give the notebook as the text of its file."""
    return nbformat.writes(notebook, version=4) + "\n"


def graded(notebook: NotebookNode) -> Iterator[NotebookNode]:
    """Yield the cells of `notebook` that carry points, in order."""
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("grade") or marks.get("task"):
            yield cell


def question_of(grade_id: str) -> str:
    """Name the question of a marked cell: ``q3`` for ``q3-test``, ``memo`` for ``memo``."""
    return grade_id.split("-")[0]


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook of the course's own, or say which one is missing."""
    if not path.is_file():
        raise CourseError(f"{path.name} is not in {path.parent}. Run: ecomtrain build")
    return nbformat.read(path, as_version=4)


def _marks(metadata: dict[str, Any], name: str, number: int) -> dict[str, Any]:
    marks = {"grade": False, "locked": False, "solution": False, "task": False, **metadata["nbgrader"]}
    marks["schema_version"] = 3
    grade_id = marks.get("grade_id", "")
    where = f"{name}, cell {number} ({grade_id or 'no grade_id'})"
    for key in marks:
        if key not in GRADER_KEYS:
            raise CourseError(f"{where}: nbgrader knows no '{key}'.{nearest(key, GRADER_KEYS)}")
    if not re.fullmatch(r"[A-Za-z0-9_-]+", grade_id):
        raise CourseError(f'{where}: give a grade_id of letters, digits, - and _, for example "q1-test".')
    if (marks["grade"] or marks["task"]) and "points" not in marks:
        raise CourseError(f'{where}: a graded cell needs its points, for example "points": 2.')
    if (marks["grade"] or marks["task"]) and "capability" not in metadata:
        raise CourseError(f'{where}: name the capability that it shows, for example capability="C1.K1".')
    return marks


def _cell_ids(name: str) -> Any:
    """Make a function from a cell's metadata to its id; it counts cells under each tag as it goes."""
    section, count = "", {"": 0}

    def next_id(metadata: dict[str, Any]) -> str:
        nonlocal section
        grade_id = metadata.get("nbgrader", {}).get("grade_id")
        if grade_id:
            return _slug(f"{name}-{grade_id}")
        tags = metadata.get("tags", [])
        if tags:
            section = tags[0].removeprefix("syllabus:")
        count[section] = count.get(section, 0) + 1
        return _slug("-".join(part for part in (name, section, str(count[section])) if part))

    return next_id


def _slug(text: str) -> str:
    """Letters, digits, ``-`` and ``_`` only, at most 64 of them, as the notebook format asks."""
    slug = re.sub(r"[^A-Za-z0-9_-]", "-", text)
    return slug if len(slug) <= 64 else f"{slug[:55]}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
