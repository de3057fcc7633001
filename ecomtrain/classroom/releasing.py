"""Release an assignment after a rehearsal: the solution must get every point, the empty release none."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import nbformat
import pandas as pd
from nbformat import NotebookNode

from ecomtrain.classroom import grading, marks
from ecomtrain.classroom.course import COURSE_ID, Course
from ecomtrain.classroom.notebooks import convert, read_notebook, text_of
from ecomtrain.classroom.terminal import say
from ecomtrain.classroom.wrong import answered, read_wrong
from ecomtrain.errors import CourseError, nearest

__all__ = ["prove", "release"]


def release(root: str | Path, assignment: str | None = None, jobs: int | None = None) -> Path:
    """Rehearse `assignment` and put the trainees' version into the exchange, in place of an earlier one.

    Parameters
    ----------
    root : path
        The course's folder.
    assignment : str, optional
        Its name, such as ``"ch02_data"``; not needed where there is only one.
    jobs : int, optional
        How many notebooks the rehearsal grades at a time; by default one per processor.

    Returns
    -------
    Path
        Its folder in the exchange.

    Raises
    ------
    CourseError
        If there is no such assignment, its notebook is older than its script, the rehearsal fails, or its
        cells were renamed after trainees handed in.
    """
    course = Course(root)
    assignment = course.choose(assignment)
    _require_source(course, assignment)
    rehearsal = prove(root, assignment, wrong=False, jobs=jobs)
    failed = rehearsal[~rehearsal["as_expected"]]
    if len(failed):
        raise CourseError(f"{assignment} is not released. {' '.join(failed['sentence'])}")
    course.generate(assignment)
    course.hand_out(assignment)
    place = Path(course.config.Exchange.root, COURSE_ID, "outbound", assignment)
    most = float(rehearsal["max_score"].iloc[0])
    say(f"{assignment} is released to {place}; the solution got all {most:g} points, the release none.")
    return place


def prove(root: str | Path, assignment: str, *, wrong: bool = True, jobs: int | None = None) -> pd.DataFrame:
    """Grade the author's solution, the empty release and the planted wrong answers in a throw-away course.

    Parameters
    ----------
    root : path
        The course's folder; it is only read.
    assignment : str
        Its name.
    wrong : bool, default True
        Grade also each planted wrong answer, alone among right ones.
    jobs : int, optional
        How many at a time; by default one per processor.

    Returns
    -------
    DataFrame
        A row per notebook, named ``solution``, ``release`` or ``q3.per_order``: ``score`` and ``max_score``
        (points given by tests), ``lost`` and ``must_lose`` (tuples of test cells), ``as_expected`` (bool),
        ``sentence``.
    """
    course = Course(root)
    source = _require_source(course, assignment)
    planted = read_wrong(course.root / "source" / f"{assignment}.wrong.toml", source) if wrong else []
    with tempfile.TemporaryDirectory(prefix="ecomtrain-") as place:
        scratch = Course.private(Path(place), cell_seconds=int(course.config.Execute.get("timeout", 30)))
        shutil.copytree(course.root / "source" / assignment, scratch.root / "source" / assignment)
        scratch.generate(assignment)
        handed_out = read_notebook(scratch.folder("release", ".", assignment) / f"{assignment}.ipynb")
        tested = {q.cell: q.points for q in marks.questions(scratch, assignment) if not q.by_hand}
        notebooks = {"solution": answered(handed_out, source), "release": handed_out}
        must_lose = {"solution": (), "release": tuple(tested)}
        for answer in planted:
            name = f"{answer.question}.{answer.name}"
            notebooks[name] = answered(handed_out, source, {answer.cell: answer.code})
            must_lose[name] = (answer.caught_by,)
        return _rehearse(scratch, assignment, notebooks, must_lose, tested, jobs)


def _rehearse(
    scratch: Course,
    assignment: str,
    notebooks: Mapping[str, NotebookNode],
    must_lose: Mapping[str, tuple[str, ...]],
    tested: Mapping[str, float],
    jobs: int | None,
) -> pd.DataFrame:
    for name, notebook in notebooks.items():
        folder = scratch.folder("submitted", name, assignment)
        folder.mkdir(parents=True)
        (folder / f"{assignment}.ipynb").write_text(text_of(notebook), encoding="utf-8")
    ended = grading.mark(scratch, assignment, list(notebooks), jobs=jobs, feedback=False)
    told = {outcome.student: outcome.sentence for outcome in ended}
    scores = marks.scores(scratch, assignment).reindex(list(notebooks))
    rows = {}
    for name in notebooks:
        given = scores.loc[name, list(tested)].fillna(0.0)
        lost = tuple(cell for cell, points in tested.items() if given[cell] < points)
        expected = lost == must_lose[name] and (name != "release" or given.sum() == 0)
        rows[name] = {
            "score": given.sum(),
            "max_score": sum(tested.values()),
            "lost": lost,
            "must_lose": must_lose[name],
            "as_expected": expected,
            "sentence": ""
            if expected
            else _complaint(scratch, assignment, name, lost, must_lose[name], told[name]),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _complaint(
    scratch: Course, assignment: str, name: str, lost: tuple[str, ...], must_lose: tuple[str, ...], told: str
) -> str:
    path = scratch.folder("autograded", name, assignment) / f"{assignment}.ipynb"
    why = _messages(path, set(lost) - set(must_lose)) if path.is_file() else ""
    wanted = ", ".join(must_lose) or "nothing"
    what = f"'{name}' should lose {wanted} and loses {', '.join(lost) or 'nothing'}."
    return " ".join(part for part in (what, why, told) if part)


def _messages(path: Path, cells: set[str]) -> str:
    """Quote the tests that should have passed."""
    said = []
    for cell in nbformat.read(path, as_version=4).cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
        if name in cells and errors:
            said.append(f"{name} says: {errors[0].ename}: {errors[0].evalue[:200]}".rstrip(".: ") + ".")
    return " ".join(said)


def _require_source(course: Course, assignment: str) -> NotebookNode:
    folder = course.root / "source"
    known = course.assignments()
    if assignment not in known:
        have = ", ".join(known) or "none"
        raise CourseError(
            f"There is no assignment '{assignment}' in source/; it has {have}.{nearest(assignment, known)}"
        )
    notebook = read_notebook(folder / assignment / f"{assignment}.ipynb")
    script = folder / f"{assignment}.py"
    if script.is_file():
        derived = text_of(convert(script.read_text(encoding="utf-8"), assignment))
        if derived != text_of(notebook):
            raise CourseError(
                f"source/{assignment}/ is older than source/{assignment}.py. Run: ecomtrain build"
            )
    return notebook
