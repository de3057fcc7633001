"""A demo class of twelve in a folder of its own: every way a submission can turn out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from pathlib import Path

from nbformat import NotebookNode

from ecomtrain.classroom.course import Course
from ecomtrain.classroom.grading import grade
from ecomtrain.classroom.notebooks import graded, read_notebook, text_of
from ecomtrain.classroom.releasing import release
from ecomtrain.classroom.reporting import report
from ecomtrain.classroom.terminal import bar, say
from ecomtrain.classroom.wrong import Wrong, answered, read_wrong
from ecomtrain.errors import CourseError

__all__ = ["DUE", "demo_class"]

DUE = datetime(2026, 7, 10, 15, 59, 59)
"""The due date of the demo class, UTC: a second before midnight in Shanghai."""


@dataclass(frozen=True)
class _Trainee:
    """How one trainee answers: so many planted slips, handed in so many hours before it is due."""

    slips: int = 0
    hours: float = 30.0
    memo: bool = True
    twist: Callable[[_Paper], None] | None = None


@dataclass
class _Paper:
    """What a trainee has on the desk: the folder to hand in, and the notebook in it."""

    folder: Path
    name: str
    notebook: NotebookNode


def demo_class(
    root: str | Path, assignment: str | None = None, jobs: int | None = None, cell_seconds: int = 15
) -> Path:
    """Play a class of twelve in ``build/demo-class/``: release, fetch, submit, grade, feedback, report.

    Parameters
    ----------
    root : path
        The course's folder; only its ``source/`` is read.
    assignment : str, optional
        Its name, such as ``"ch02_data"``; not needed where there is only one.
    jobs : int, optional
        How many submissions are graded at a time; by default one per processor.
    cell_seconds : int, default 15
        How long one cell may run while the class is graded; one trainee's runs for ever.

    Returns
    -------
    Path
        The folder of the demo class, a course of its own: gradebook, exchange, feedback and report are in it.

    Notes
    -----
    The twelve: all right; one, two and three slips; a slip in every question; right but late; the release
    untouched; an answer that raises; one that loops for ever; a file cut in the middle; a notebook under
    another name; a copied test cell.
    """
    root = Path(root).resolve()
    assignment = Course(root).choose(assignment)
    place = _hand_in(root, assignment, jobs, cell_seconds)
    grade(place, assignment, jobs=jobs)
    page = report(place, assignment)
    say("")
    say(f"Notebooks that ran    {root / 'build' / 'notebooks'}")
    say(f"Demo class            {place} (no real class was touched)")
    say(f"Class report          {page}")
    say("Open the course       make lab")
    say(f"A class of your own   ecomtrain release {assignment}, and later: ecomtrain grade {assignment}")
    return place


def _hand_in(root: Path, assignment: str, jobs: int | None, cell_seconds: int) -> Path:
    """Set the class up anew, release the assignment, and let the twelve fetch, answer and submit it."""
    place = root / "build" / "demo-class"
    source = read_notebook(root / "source" / assignment / f"{assignment}.ipynb")
    planted = read_wrong(root / "source" / f"{assignment}.wrong.toml", source)
    if place.exists():
        shutil.rmtree(place)
    course = Course.private(place, cell_seconds=cell_seconds)
    shutil.copytree(root / "source" / assignment, place / "source" / assignment)
    release(place, assignment, jobs=jobs)
    with course.gradebook() as book:
        book.update_or_create_assignment(assignment, duedate=DUE)
        for student in CLASS:
            book.update_or_create_student(student)
    slips = cycle(planted)
    with bar("The demo class answers", len(CLASS)) as progress:
        for student, trainee in CLASS.items():
            desk = place / "trainees" / student
            desk.mkdir(parents=True)
            course.fetch(assignment, student, desk)
            handed_out = read_notebook(desk / assignment / f"{assignment}.ipynb")
            _answer(
                trainee,
                _Paper(desk / assignment, assignment, handed_out),
                source,
                _choose(slips, planted, trainee),
            )
            course.submit(assignment, student, desk, DUE - timedelta(hours=trainee.hours))
            progress.step()
    return place


def _choose(slips: cycle[Wrong], planted: list[Wrong], trainee: _Trainee) -> dict[str, str]:
    """Take the next planted slips, one per question, so that the class shows many different ones."""
    chosen: dict[str, str] = {}
    wanted = min(trainee.slips, len({slip.cell for slip in planted}))
    while len(chosen) < wanted:
        slip = next(slips)
        chosen.setdefault(slip.cell, slip.code)
    return chosen


def _answer(trainee: _Trainee, paper: _Paper, source: NotebookNode, slips: dict[str, str]) -> None:
    if trainee.twist is not _leave_empty:
        empty = paper.notebook
        paper.notebook = answered(empty, source, slips)
        if not trainee.memo:
            for cell, untouched in zip(paper.notebook.cells, empty.cells, strict=True):
                if cell.cell_type == "markdown":
                    cell.source = untouched.source
        (paper.folder / f"{paper.name}.ipynb").write_text(text_of(paper.notebook), encoding="utf-8")
    if trainee.twist is not None:
        trainee.twist(paper)


def _leave_empty(paper: _Paper) -> None:
    """Hand in what was handed out."""


def _rewrite(paper: _Paper, question: int, code: str) -> None:
    """Put `code` into the solution cell of the numbered question and save."""
    cells = [
        cell
        for cell in paper.notebook.cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    ]
    if not cells:
        raise CourseError(f"{paper.name} has no question that is answered in code.")
    cells[min(question, len(cells)) - 1].source = code
    (paper.folder / f"{paper.name}.ipynb").write_text(text_of(paper.notebook), encoding="utf-8")


def _raise(paper: _Paper) -> None:
    _rewrite(paper, 1, "buyers = []\naverage = 100 / len(buyers)")


def _loop(paper: _Paper) -> None:
    _rewrite(paper, 2, "remaining = 10\nwhile remaining > 0:\n    print(end='')")


def _cut(paper: _Paper) -> None:
    path = paper.folder / f"{paper.name}.ipynb"
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: len(text) // 2], encoding="utf-8")


def _rename(paper: _Paper) -> None:
    (paper.folder / f"{paper.name}.ipynb").rename(paper.folder / "Untitled1.ipynb")


def _copy_test(paper: _Paper) -> None:
    test = next(cell for cell in graded(paper.notebook) if cell.cell_type == "code")
    copy = deepcopy(test)
    copy.id = f"{test.id[:58]}-copy"
    paper.notebook.cells.insert(paper.notebook.cells.index(test) + 1, copy)
    (paper.folder / f"{paper.name}.ipynb").write_text(json.dumps(paper.notebook, indent=1), encoding="utf-8")


CLASS = {
    f"trainee{number:02}": trainee
    for number, trainee in enumerate(
        (
            _Trainee(hours=52),
            _Trainee(slips=1, hours=49),
            _Trainee(slips=2, hours=27),
            _Trainee(slips=3, hours=25),
            _Trainee(slips=99, hours=4, memo=False),
            _Trainee(slips=1, hours=-26),
            _Trainee(hours=2, twist=_leave_empty),
            _Trainee(hours=6, twist=_raise),
            _Trainee(slips=1, hours=3, twist=_loop),
            _Trainee(hours=1, twist=_cut),
            _Trainee(slips=2, hours=-2, twist=_rename),
            _Trainee(slips=1, hours=7, twist=_copy_test),
        ),
        start=1,
    )
}
"""The twelve, in the order of the notes of `demo_class`."""
