"""How grading one submission ended, in one word and a sentence; one small file per trainee keeps it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pandas as pd
from nbformat import NotebookNode
from nbgrader import utils

from ecomtrain.classroom.course import Course
from ecomtrain.classroom.execute import DIED, NOT_RUN, TIMEOUT
from ecomtrain.classroom.marks import settled
from ecomtrain.classroom.notebooks import question_of
from ecomtrain.classroom.repair import notes

__all__ = ["DONE", "STATUSES", "Outcome", "describe", "duration", "load", "save", "with_marks"]

STATUSES = ("graded", "partly graded", "refused", "missing")
DONE = STATUSES[:2]


@dataclass(frozen=True)
class Outcome:
    """How it ended for one trainee.

    `status` is ``graded``, ``partly graded`` (a cell was stopped, the rest counts), ``refused`` (not a
    readable submission) or ``missing`` (nothing was handed in). `score` of `max_score` points counts what is
    marked for the whole class so far, by the tests or by hand; both are None where nothing was graded. `late`
    is in seconds after the due date.
    """

    student: str
    status: str
    score: float | None = None
    max_score: float | None = None
    late: float = 0.0
    sentence: str = ""

    def __str__(self) -> str:
        """One line for the terminal."""
        points = "" if self.score is None else f"{self.score:g} of {self.max_score:g}"
        late = f"{duration(self.late)} late. " if self.late else ""
        return f"{self.student:<16} {self.status:<14} {points:<12} {late}{self.sentence}".rstrip()


def describe(notebook: NotebookNode) -> tuple[str, str]:
    """Find status and sentence of a notebook that was run: what was stopped, raised, left unanswered.

    Examples
    --------
    >>> import nbformat
    >>> error = nbformat.v4.new_output("error", ename="NameError", evalue="no name", traceback=[])
    >>> marks = {"grade_id": "q2-answer", "solution": True, "grade": False}
    >>> cell = nbformat.v4.new_code_cell("1 / 0", metadata={"nbgrader": marks}, outputs=[error])
    >>> describe(nbformat.v4.new_notebook(cells=[cell]))
    ('graded', 'q2-answer raised NameError: no name.')
    """
    told: list[str] = []
    unanswered: list[str] = []
    left_out: list[str] = []
    partly = False
    for number, cell in enumerate(notebook.cells, start=1):
        marks = cell.metadata.get("nbgrader", {})
        name = marks.get("grade_id") or f"Cell {number}"
        if marks.get("solution") and marks.get("checksum") == utils.compute_checksum(cell):
            unanswered.append(question_of(name))
            continue
        error = next((output for output in cell.get("outputs", []) if output.output_type == "error"), None)
        if error is None:
            continue
        if error.ename == TIMEOUT:
            partly = True
            told.append(f"{name} did not end and was stopped.")
        elif error.ename == DIED:
            partly = True
            told.append(f"{name} ended the Python process.")
        elif error.ename == NOT_RUN:
            partly = True
            left_out.append(name)
        elif marks.get("solution"):
            told.append(f"{name} raised {error.ename}: {error.evalue[:100]}".rstrip(".: ") + ".")
    if left_out:
        told.append(f"Not run after that: {', '.join(left_out)}.")
    if unanswered:
        told.append(f"Not answered: {', '.join(unanswered)}.")
    return "partly graded" if partly else "graded", " ".join([*told, *notes(notebook)])


def with_marks(ended: list[Outcome], table: pd.DataFrame, points: pd.Series) -> list[Outcome]:
    """Put the scores in where something was graded.

    `table` has the points per trainee and graded cell, `points` what each cell is worth. Cells that are not
    marked for everybody yet, such as a memo that waits for its reader, count for nobody.
    """
    graded = [one.student for one in ended if one.status in DONE and one.student in table.index]
    counted = settled(table.loc[graded])
    most = float(points[counted].sum())
    totals = table.loc[graded, counted].sum(axis=1)
    return [
        replace(one, score=float(totals[one.student]), max_score=most) if one.student in totals.index else one
        for one in ended
    ]


def duration(seconds: float) -> str:
    """Write a length of time as people say it: ``40 min``, ``26 h``, ``3 days``.

    Examples
    --------
    >>> duration(26 * 3600)
    '26 h'
    """
    hours = seconds / 3600
    if hours < 1:
        return f"{max(1, round(seconds / 60))} min"
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days"


def load(course: Course, assignment: str) -> dict[str, tuple[str, Outcome]]:
    """Read the kept outcomes: per trainee the fingerprint of what was graded, and how it ended."""
    kept = {}
    for path in sorted(_folder(course, assignment).glob("*.json")):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            outcome = Outcome(**content["outcome"])
            kept[outcome.student] = (content["fingerprint"], outcome)
        except (ValueError, KeyError, TypeError):
            continue  # written by another version: grade again
    return kept


def save(course: Course, assignment: str, fingerprint: str, outcome: Outcome) -> None:
    """Keep `outcome`; whoever stops the process finds the old file or the new one, never half of it."""
    folder = _folder(course, assignment)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{outcome.student}.json"
    part = path.with_suffix(".part")
    part.write_text(
        json.dumps({"fingerprint": fingerprint, "outcome": asdict(outcome)}, indent=1), encoding="utf-8"
    )
    os.replace(part, path)


def _folder(course: Course, assignment: str) -> Path:
    return course.root / "outcomes" / assignment
