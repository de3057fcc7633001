"""Answers to an assignment made from its source: the author's own, and the wrong ones planted beside it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from ecomtrain.classroom.notebooks import graded, question_of
from ecomtrain.errors import CourseError, nearest

__all__ = ["Wrong", "answered", "read_wrong"]

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
MARK_SCHEME = re.compile(r"^=== BEGIN MARK SCHEME ===$.*?^=== END MARK SCHEME ===$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Wrong:
    """A planted wrong answer: code in place of the solution, the test that must catch it, the slip."""

    question: str
    name: str
    code: str
    caught_by: str
    slip: str
    cell: str
    """The grade id of the solution cell that it replaces."""


def read_wrong(path: Path, source: NotebookNode) -> list[Wrong]:
    """Read the planted wrong answers of an assignment.

    Parameters
    ----------
    path : Path
        ``source/<assignment>.wrong.toml``: tables ``[q3.per_order]`` with ``code``, ``caught_by`` and
        ``slip``.
    source : NotebookNode
        The assignment's source notebook.

    Returns
    -------
    list of Wrong
        In the order of the file; empty if there is no such file.

    Raises
    ------
    CourseError
        If the file is no TOML, a question or a test is not in the assignment, or a key is missing or
        misspelt.
    """
    if not path.is_file():
        return []
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise CourseError(f"{path.name} is no TOML: {error}.") from None
    tests = [cell.metadata["nbgrader"]["grade_id"] for cell in graded(source)]
    cells = _solution_cells(source)
    found = []
    for question, answers in tables.items():
        if question not in cells:
            raise CourseError(
                f"{path.name}: [{question}] is no question with one solution in code; the assignment has "
                f"{', '.join(cells)}.{nearest(question, cells)}"
            )
        for name, keys in answers.items():
            where = f"{path.name}: [{question}.{name}]"
            if not isinstance(keys, dict) or set(keys) != {"code", "caught_by", "slip"}:
                raise CourseError(f"{where} needs code, caught_by and slip, and nothing else.")
            if keys["caught_by"] not in tests:
                raise CourseError(
                    f"{where}: there is no test '{keys['caught_by']}'; the assignment has "
                    f"{', '.join(tests)}.{nearest(keys['caught_by'], tests)}"
                )
            found.append(Wrong(question, name, cell=cells[question], **keys))
    return found


def answered(
    release: NotebookNode, source: NotebookNode, instead: Mapping[str, str] | None = None, blank: bool = False
) -> NotebookNode:
    """Fill the answers of the `source` into a copy of the `release`, as a trainee would hand it in.

    Parameters
    ----------
    release, source : NotebookNode
        What was handed out, and the author's notebook with the solutions.
    instead : mapping of str to str, optional
        Other code for chosen solution cells, by grade id: it replaces the whole solution.
    blank : bool, default False
        Fill in only what `instead` names.
    """
    solutions = {
        _id(cell): cell.source for cell in source.cells if cell.metadata.get("nbgrader", {}).get("solution")
    }
    chosen = dict(instead or {})
    unknown = [name for name in chosen if name not in solutions]
    if unknown:
        raise CourseError(f"There is no solution cell '{unknown[0]}'.{nearest(unknown[0], solutions)}")
    notebook = deepcopy(release)
    for cell in notebook.cells:
        name = _id(cell)
        if name not in solutions:
            continue
        if name in chosen:
            cell.source = _replaced(solutions[name], chosen[name])
        elif not blank:
            cell.source = _as_handed_in(solutions[name])
    return notebook


def _as_handed_in(solution: str) -> str:
    """Return the author's answer without the marks around it and without the mark scheme in it."""
    answer = MARK_SCHEME.sub("", solution)
    return "\n".join(line for line in answer.splitlines() if line.strip() not in (BEGIN, END)).rstrip()


def _id(cell: NotebookNode) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def _solution_cells(source: NotebookNode) -> dict[str, str]:
    """Find the solution cell of each question that has exactly one, in code and not graded by hand."""
    found: dict[str, list[str]] = {}
    for cell in source.cells:
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and marks.get("solution") and not marks.get("grade"):
            found.setdefault(question_of(marks["grade_id"]), []).append(marks["grade_id"])
    return {question: names[0] for question, names in found.items() if len(names) == 1}


def _replaced(solution: str, code: str) -> str:
    """Put `code` where the marked solution stands; what the cell gives the trainee around it stays."""
    lines = solution.splitlines()
    marked = [n for n, line in enumerate(lines) if line.strip() in (BEGIN, END)]
    if not marked:
        return code.strip("\n")
    indent = lines[marked[0]][: len(lines[marked[0]]) - len(lines[marked[0]].lstrip())]
    middle = [f"{indent}{line}" if line else line for line in code.strip("\n").splitlines()]
    return "\n".join([*lines[: marked[0]], *middle, *lines[marked[-1] + 1 :]])
