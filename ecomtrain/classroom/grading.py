"""Grade a class: collect, run, score, write feedback, release it; no submission stops another."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
from nbgrader.api import MissingEntry
from nbgrader.utils import parse_utc

from ecomtrain.classroom import intake, marks, outcomes, pages, workers
from ecomtrain.classroom.course import Course
from ecomtrain.classroom.outcomes import Outcome
from ecomtrain.classroom.terminal import bar, say
from ecomtrain.errors import CourseError

__all__ = ["grade", "mark"]


def grade(
    root: str | Path, assignment: str | None = None, jobs: int | None = None, force: bool = False
) -> list[Outcome]:
    """Collect what was handed in for `assignment`, grade it, and release feedback to everybody.

    Parameters
    ----------
    root : path
        The course's folder.
    assignment : str, optional
        Its name, such as ``"ch02_data"``; not needed where there is only one. It must have been released.
    jobs : int, optional
        How many submissions at a time; by default one per processor.
    force : bool, default False
        Grade also what was graded before and has not changed since.

    Returns
    -------
    list of Outcome
        One per trainee of the class, sorted by name; each is a line on the terminal. Who is refused gets a
        page of feedback that says why.

    Raises
    ------
    CourseError
        If the assignment was never released, nothing was handed in, or another grading of it is running.
    """
    course = Course(root)
    assignment = course.choose(assignment)
    course.require(assignment)
    with _alone(course, assignment):
        _collect(course, assignment)
        students = marks.class_list(course, assignment)
        if not students:
            raise CourseError(f"Nobody has handed in {assignment} yet, and the class list is empty.")
        results = mark(course, assignment, students, jobs=jobs, force=force)
        for outcome in results:
            folder = course.folder("feedback", outcome.student, assignment)
            # Without the two files nbgrader cannot tell whose feedback it is: handed in past the exchange.
            if (folder / "timestamp.txt").is_file() and (folder / "submission_secret.txt").is_file():
                course.release_feedback(assignment, outcome.student)
    for outcome in results:
        say(str(outcome))
    return results


def mark(
    course: Course,
    assignment: str,
    students: list[str],
    *,
    jobs: int | None = None,
    force: bool = False,
    feedback: bool = True,
) -> list[Outcome]:
    """Grade what lies in ``submitted/`` for `students`, several at a time, and keep how each one ended."""
    edition = marks.edition(course, assignment)
    kept = {} if force else _kept(course, assignment)
    release = course.folder("release", ".", assignment)
    ended: dict[str, Outcome] = {}
    waiting: dict[str, tuple[Any, ...]] = {}
    for student in students:
        folder = course.folder("submitted", student, assignment)
        if not folder.is_dir():
            ended[student] = Outcome(student, "missing", sentence="Nothing was handed in.")
            continue
        fingerprint = intake.fingerprint(folder, edition)
        if student in kept and kept[student][0] == fingerprint:
            ended[student] = kept[student][1]
            continue
        with course.quiet():
            reason = intake.refusal(folder, release)
        if reason is None:
            waiting[student] = (course.root, assignment, student, fingerprint, feedback)
        else:
            ended[student] = _refuse(course, assignment, student, fingerprint, reason, feedback)
    with bar(f"Grading {assignment}", len(waiting)) as progress:

        def done(student: str, result: Outcome | workers.Failure) -> None:
            if isinstance(result, workers.Failure):
                # It may be ours to mend: no page for the trainee; no fingerprint, so that it is tried again.
                reason = f"Grading it failed: {result.reason}."
                result = _refuse(course, assignment, student, "", reason, feedback=False)
            ended[student] = result
            progress.step()

        limit = course.config.SteadyExecute.get("submission_seconds", 600) + 120
        workers.run_each(_grade_one, waiting, log=course.log_file, workers=jobs, seconds=limit, done=done)
    points = pd.Series({question.cell: question.points for question in marks.questions(course, assignment)})
    return outcomes.with_marks(
        [ended[student] for student in students], marks.scores(course, assignment), points
    )


def _grade_one(root: Path, assignment: str, student: str, fingerprint: str, feedback: bool) -> Outcome:
    """Grade one submission, in a process of its own, and keep the outcome as the last thing."""
    course = Course(root)
    course.autograde(assignment, student)
    notebook = nbformat.read(
        course.folder("autograded", student, assignment) / f"{assignment}.ipynb", as_version=4
    )
    status, sentence = outcomes.describe(notebook)
    outcome = Outcome(student, status, late=_late(course, assignment, student), sentence=sentence)
    if feedback:
        course.write_feedback(assignment, student)
    outcomes.save(course, assignment, fingerprint, outcome)
    return outcome


def _kept(course: Course, assignment: str) -> dict[str, tuple[str, Outcome]]:
    """Read the outcomes of earlier runs that still stand: what was graded must be in gradebook and folder."""
    scored = marks.scores(course, assignment).index
    return {
        student: (fingerprint, outcome)
        for student, (fingerprint, outcome) in outcomes.load(course, assignment).items()
        if outcome.status == "refused"
        or (student in scored and course.folder("autograded", student, assignment).is_dir())
    }


def _refuse(
    course: Course, assignment: str, student: str, fingerprint: str, reason: str, feedback: bool
) -> Outcome:
    outcome = Outcome(student, "refused", late=_late(course, assignment, student), sentence=reason)
    if feedback:
        submitted = course.folder("submitted", student, assignment)
        folder = course.folder("feedback", student, assignment)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        pages.write("refusal", folder / f"{assignment}.html", assignment=assignment, outcome=outcome)
        for name in ("timestamp.txt", "submission_secret.txt"):
            if (submitted / name).is_file():
                shutil.copyfile(submitted / name, folder / name)
    outcomes.save(course, assignment, fingerprint, outcome)
    return outcome


def _late(course: Course, assignment: str, student: str) -> float:
    """Seconds after the due date; an extension that the gradebook grants counts."""
    with course.gradebook() as book:
        try:
            due = book.find_submission(assignment, student).duedate
        except MissingEntry:
            due = book.find_assignment(assignment).duedate
    stamp = course.folder("submitted", student, assignment) / "timestamp.txt"
    if due is None or not stamp.is_file():
        return 0.0
    return max(0.0, (parse_utc(stamp.read_text().strip()) - due).total_seconds())


def _collect(course: Course, assignment: str) -> None:
    try:
        course.collect(assignment)
    except CourseError:
        # Submissions can also come as files, without an exchange.
        if not any(course.folder("submitted", "*", assignment).parent.parent.glob(f"*/{assignment}")):
            raise


@contextmanager
def _alone(course: Course, assignment: str) -> Iterator[None]:
    """Hold the assignment's lock, which the system gives up for us however this process ends."""
    folder = course.root / "outcomes" / assignment
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CourseError(
                f"Another grading of {assignment} is running in {course.root}; wait until it has ended."
            ) from None
        yield
