"""The real assignment as a trainee meets it: a question, a wrong answer to it, the right one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from ecomtrain.classroom.course import Course
from ecomtrain.classroom.notebooks import graded, question_of
from ecomtrain.classroom.wrong import answered, read_wrong

REPOSITORY = Path(__file__).resolve().parents[2]
ASSIGNMENT = "ch02_data"
TRAINEE = "trainee01"


@dataclass(frozen=True)
class Question:
    """Where a question's cells are in the notebook, two answers, and what its test says to the wrong one."""

    answer_cell: int
    test_cell: int
    wrong: str
    message: str
    right: str
    points: float


@dataclass(frozen=True)
class School:
    """An instructor's course with the assignment released, and a trainee's folder."""

    course: Course
    trainee: Path

    @cached_property
    def source(self) -> NotebookNode:
        return nbformat.read(self.course.root / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", as_version=4)

    @cached_property
    def tests(self) -> list[str]:
        """The title line of every test cell, in order."""
        return [
            cell.source.splitlines()[0].strip('"') for cell in graded(self.source) if cell.cell_type == "code"
        ]

    @property
    def points(self) -> float:
        return sum(cell.metadata.nbgrader.points for cell in graded(self.source))

    def first_question(self) -> Question:
        """Find the first question graded by a test, and a planted wrong answer that its visible part sees."""
        released = nbformat.read(
            self.course.root / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", as_version=4
        )
        test = next(cell for cell in graded(self.source) if cell.cell_type == "code")
        name = test.metadata.nbgrader.grade_id
        # What a hidden test says stands in the hidden test; what the visible check says, it makes up itself.
        planted = next(
            wrong
            for wrong in read_wrong(REPOSITORY / "source" / f"{ASSIGNMENT}.wrong.toml", self.source)
            if wrong.question == question_of(name) and wrong.slip not in test.source
        )
        places = {
            cell.metadata.get("nbgrader", {}).get("grade_id"): n for n, cell in enumerate(released.cells)
        }
        place = places[planted.cell]
        return Question(
            answer_cell=place,
            test_cell=places[name],
            wrong=answered(released, self.source, {planted.cell: planted.code}).cells[place].source,
            message=planted.slip,
            right=answered(released, self.source).cells[place].source,
            points=test.metadata.nbgrader.points,
        )
