"""The gradebook as tables: the questions of an assignment, and who scored what in each."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

import pandas as pd
from nbformat import NotebookNode
from nbgrader import api

from ecomtrain.classroom.course import Course
from ecomtrain.classroom.notebooks import graded, question_of, read_notebook

__all__ = ["Question", "class_list", "edition", "questions", "scores", "settled"]


@dataclass(frozen=True)
class Question:
    """A graded cell: grade id, question, title, points, the capability it shows, and who marks it."""

    cell: str
    question: str
    title: str
    points: float
    capability: str
    by_hand: bool


def questions(course: Course, assignment: str) -> list[Question]:
    """List the graded cells of `assignment`, in the order of its source notebook."""
    folder = course.folder("source", ".", assignment)
    notebook = read_notebook(folder / f"{assignment}.ipynb")
    found = []
    for cell in graded(notebook):
        marks = cell.metadata["nbgrader"]
        by_hand = bool(marks.get("task") or marks["solution"])
        found.append(
            Question(
                cell=marks["grade_id"],
                question=question_of(marks["grade_id"]),
                title=_title(cell),
                points=float(marks["points"]),
                capability=cell.metadata.get("capability", ""),
                by_hand=by_hand,
            )
        )
    return found


def scores(course: Course, assignment: str) -> pd.DataFrame:
    """Read the points per trainee and graded cell, as the gradebook has them now.

    Returns
    -------
    DataFrame
        A row per trainee in the gradebook with a submission, a column per graded cell in the order of the
        source notebook; points, float, NaN where nobody has marked the cell yet.
    """
    columns = [question.cell for question in questions(course, assignment)]
    with course.gradebook() as book:
        rows = (
            book.db.query(
                api.Student.id,
                api.BaseCell.name,
                api.Grade.auto_score,
                api.Grade.manual_score,
                api.Grade.extra_credit,
            )
            .select_from(api.Grade)
            .join(api.BaseCell, api.Grade.cell_id == api.BaseCell.id)
            .join(api.SubmittedNotebook, api.Grade.notebook_id == api.SubmittedNotebook.id)
            .join(api.SubmittedAssignment, api.SubmittedNotebook.assignment_id == api.SubmittedAssignment.id)
            .join(api.Assignment, api.SubmittedAssignment.assignment_id == api.Assignment.id)
            .join(api.Student, api.SubmittedAssignment.student_id == api.Student.id)
            .filter(api.Assignment.name == assignment)
            .all()
        )
    points: dict[str, dict[str, float]] = {}
    for student, cell, auto, manual, extra in rows:
        points.setdefault(student, {})[cell] = _points(auto, manual, extra)
    table = pd.DataFrame(index=pd.Index(sorted(points), name="student"), columns=columns, dtype=float)
    for student, given in points.items():
        table.loc[student] = pd.Series(given).reindex(columns)
    return table


def settled(table: pd.DataFrame) -> list[str]:
    """List the cells marked for everybody in `table`: only their points add up to what compares."""
    return [cell for cell in table.columns if table[cell].notna().all()]


def class_list(course: Course, assignment: str) -> list[str]:
    """List everybody in the gradebook and everybody with something in ``submitted/``, sorted."""
    with course.gradebook() as book:
        enrolled = {student.id for student in book.students}
    submitted = course.folder("submitted", "*", assignment)
    return sorted(
        enrolled | {path.parent.name for path in course.root.glob(str(submitted.relative_to(course.root)))}
    )


def edition(course: Course, assignment: str) -> str:
    """Digest the tests in the gradebook: it changes when a mended assignment is released again."""
    with course.gradebook() as book:
        cells = [
            f"{cell.name} {cell.checksum}"
            for notebook in book.find_assignment(assignment).notebooks
            for cell in notebook.source_cells
        ]
    return hashlib.sha256("\n".join(sorted(cells)).encode()).hexdigest()


def _title(cell: NotebookNode) -> str:
    """Take the first line of a test cell, which says what it tests; else its grade id."""
    said = re.match(r'\s*"""(.+?)\s*(?:"""|\n)', cell.source)
    return (
        said[1].rstrip(".")
        if said
        else str(cell.metadata["nbgrader"]["grade_id"]).replace("-", " ").capitalize()
    )


def _points(auto: float | None, manual: float | None, extra: float | None) -> float:
    """Put a mark given by hand before the tests' mark, as nbgrader itself does."""
    given = manual if manual is not None else auto
    return float("nan") if given is None else given + (extra or 0.0)
