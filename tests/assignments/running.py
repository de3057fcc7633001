"""An assignment made from its script, and its cells run in one process, without a kernel or a gradebook."""

from __future__ import annotations

import tomllib
from copy import deepcopy
from functools import cache
from pathlib import Path

from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, ClearSolutions

from ecomtrain.classroom.notebooks import convert

SOURCE = Path(__file__).parents[2] / "source"
NAMES = sorted(path.stem for path in SOURCE.glob("*.py"))


@cache
def source(name):
    """The author's notebook, with solutions and hidden tests; not to be changed."""
    return convert((SOURCE / f"{name}.py").read_text(encoding="utf-8"), name)


@cache
def release(name):
    """What trainees get, made by nbgrader's own preprocessors in nbgrader's order; not to be changed."""
    notebook, resources = deepcopy(source(name)), {}
    for preprocessor in (ClearSolutions, ClearHiddenTests, ClearMarkScheme):
        notebook, resources = preprocessor().preprocess(notebook, resources)
    return notebook


def planted(name):
    """The planted wrong answers: (question, name of the slip) -> code, caught_by, slip."""
    tables = tomllib.loads((SOURCE / f"{name}.wrong.toml").read_text(encoding="utf-8"))
    return {(question, slip): keys for question, slips in tables.items() for slip, keys in slips.items()}


def marks(cell):
    """What nbgrader knows of a cell."""
    return cell.metadata.get("nbgrader", {})


def tests_of(notebook):
    """Grade id -> test cell, for the questions that are graded by tests."""
    return {
        marks(cell)["grade_id"]: cell
        for cell in notebook.cells
        if cell.cell_type == "code" and marks(cell).get("grade")
    }


def answer_of(question):
    """The grade id of a question's solution cell."""
    return f"{question}-answer"


def run(notebook, answers=None, only=""):
    """Run the code cells as a kernel would, one after the other, each error kept to its cell.

    `answers` puts code in place of solution cells, by grade id; `only` leaves out all questions but one.
    Returns the error of each test cell, None where it passed.
    """
    names, errors = {"__name__": "__main__"}, {}
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        grade_id = marks(cell).get("grade_id", "")
        if only and grade_id != "setup" and not grade_id.startswith(f"{only}-"):
            continue
        code = (answers or {}).get(grade_id, cell.source)
        try:
            exec(compile(code, f"<{grade_id}>", "exec"), names)
            errors[grade_id] = None
        except Exception as error:
            errors[grade_id] = error
    return {grade_id: errors[grade_id] for grade_id in tests_of(notebook) if grade_id in errors}
