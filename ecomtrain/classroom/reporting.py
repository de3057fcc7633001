"""The class report: one HTML page that needs nothing else, and the scores as CSV beside it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from ecomtrain import plots
from ecomtrain.analysis import intervals
from ecomtrain.classroom import marks, outcomes, pages
from ecomtrain.classroom.course import Course
from ecomtrain.classroom.marks import Question
from ecomtrain.classroom.notebooks import read_notebook
from ecomtrain.classroom.outcomes import DONE, STATUSES, Outcome
from ecomtrain.classroom.terminal import bar
from ecomtrain.course import syllabus
from ecomtrain.errors import CourseError

__all__ = ["report"]

ZONE = ZoneInfo("Asia/Shanghai")


def report(root: str | Path, assignment: str | None = None) -> Path:
    """Write ``reports/<assignment>.html`` and ``.csv`` from what is graded by now.

    Parameters
    ----------
    root : path
        The course's folder.
    assignment : str, optional
        Its name, such as ``"ch02_data"``; not needed where there is only one.

    Returns
    -------
    Path
        The page. Marks given by hand since the last report are in it.

    Raises
    ------
    CourseError
        If the assignment was never released, or nothing of it is graded yet.

    Notes
    -----
    A question is passed with full points. Its pass rate has the Wilson interval, a mean share of points the
    interval of a ratio over trainees by the delta method. Both leave refused and missing trainees out, and
    say how many.
    """
    course = Course(root)
    assignment = course.choose(assignment)
    course.require(assignment)
    asked = marks.questions(course, assignment)
    ended = _ended(course, assignment, asked)
    table = marks.scores(course, assignment).reindex([one.student for one in ended if one.status in DONE])
    names = _names(course)
    path = course.root / "reports" / f"{assignment}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    _write_csv(path.with_suffix(".csv"), ended, table)
    counted = [question for question in asked if question.cell in marks.settled(table)]
    if not counted:
        raise CourseError(
            f"No question of {assignment} is marked for the whole class yet; mark by hand first."
        )
    shares = _capability_shares(table, counted)
    with bar("Writing the report", 3) as progress:
        pictures = _pictures(table, counted, shares, progress)
    pages.write(
        "report",
        path,
        title=_title(course, assignment),
        assignment=assignment,
        due=_shanghai(course.due(assignment)),
        written=datetime.now(ZONE).strftime("%-d %B %Y, %H:%M"),
        summary=_summary(ended, table, counted),
        attention=[one for one in ended if one.status != "graded"],
        questions=[_question_row(question, table, question in counted) for question in asked],
        waiting=[question for question in asked if question not in counted],
        counted=counted,
        capabilities=_capability_rows(counted, table),
        spokes=[_capability(str(key)) for key in shares],
        pictures=pictures,
        trainees=[_trainee_row(one, names, asked, table, shares) for one in ended],
        asked=asked,
    )
    return path


def _ended(course: Course, assignment: str, asked: list[Question]) -> list[Outcome]:
    kept = outcomes.load(course, assignment)
    if not any(one.status in DONE for _, one in kept.values()):
        raise CourseError(f"Nothing of {assignment} is graded yet. Run: ecomtrain grade {assignment}")
    ended = []
    for student in marks.class_list(course, assignment):
        if student in kept:
            ended.append(kept[student][1])
        elif course.folder("submitted", student, assignment).is_dir():
            ended.append(Outcome(student, "missing", sentence="Handed in, but not graded yet: grade again."))
        else:
            ended.append(Outcome(student, "missing", sentence="Nothing was handed in."))
    points = pd.Series({question.cell: question.points for question in asked})
    return outcomes.with_marks(ended, marks.scores(course, assignment), points)


def _names(course: Course) -> dict[str, str]:
    with course.gradebook() as book:
        return {
            one.id: " ".join(part for part in (one.first_name, one.last_name) if part)
            for one in book.students
        }


def _title(course: Course, assignment: str) -> str:
    """Find the first heading of the assignment."""
    notebook = read_notebook(course.folder("source", ".", assignment) / f"{assignment}.ipynb")
    for cell in notebook.cells:
        heading = re.match(r"#\s+(.+)", cell.source) if cell.cell_type == "markdown" else None
        if heading:
            return heading[1].strip()
    return assignment


def _summary(ended: list[Outcome], table: pd.DataFrame, counted: list[Question]) -> list[dict[str, str]]:
    done, partly, refused, missing = (sum(one.status == status for one in ended) for status in STATUSES)
    in_time = sum(one.late == 0 for one in ended if one.status != "missing")
    handed_in = len(ended) - missing
    most = sum(question.points for question in counted)
    totals = table[[question.cell for question in counted]].sum(axis=1)
    mean = intervals.ratio(totals / most if most else totals, 1.0)
    return [
        {
            "name": "Trainees",
            "value": str(len(ended)),
            "note": f"{handed_in} handed in, {in_time} of them in time",
        },
        {
            "name": "Graded",
            "value": str(done),
            "note": f"{partly} partly, {refused} refused, {missing} missing",
        },
        {
            "name": "Mean share of points",
            "value": _percent(mean.value),
            "note": f"interval {_range(mean.low, mean.high)}, {len(table)} trainees",
        },
        {
            "name": "Median",
            "value": f"{totals.median():g} of {most:g}",
            "note": f"points in {len(counted)} questions",
        },
    ]


def _question_row(question: Question, table: pd.DataFrame, counted: bool) -> dict[str, Any]:
    # What waits for its marker has a zero already where nothing was written: no rate to be read from that.
    given = table[question.cell].dropna() if counted else table[question.cell].iloc[:0]
    passed = int((given >= question.points).sum())
    low, high = intervals.wilson(passed, len(given))
    return {
        "title": question.title,
        "capability": _capability(question.capability),
        "points": f"{question.points:g}",
        "by_hand": question.by_hand,
        "passed": f"{passed} of {len(given)}" if len(given) else "not marked yet",
        "rate": _percent(passed / len(given)) if len(given) else "–",
        "interval": _range(float(low), float(high)),
        "mean": f"{given.mean():.2g}" if len(given) else "–",
    }


def _capability_shares(table: pd.DataFrame, counted: list[Question]) -> pd.DataFrame:
    """Tabulate the share of each capability's points per trainee, NaN where no question shows it."""
    shares = pd.DataFrame(index=table.index)
    for key in syllabus.capabilities():
        cells = [question.cell for question in counted if question.capability == key]
        most = sum(question.points for question in counted if question.capability == key)
        shares[key] = (table[cells].sum(axis=1) / most).clip(0, 1) if most else np.nan
    return shares.astype(float)


def _capability_rows(counted: list[Question], table: pd.DataFrame) -> list[dict[str, str]]:
    rows = []
    for key in syllabus.capabilities():
        cells = {question.cell: question.points for question in counted if question.capability == key}
        if cells:
            most = sum(cells.values())
            mean = intervals.ratio(table[list(cells)].sum(axis=1) / most, 1.0)
            rows.append(
                {
                    "name": _capability(key),
                    "points": f"{most:g}",
                    "share": _percent(mean.value),
                    "interval": _range(mean.low, mean.high),
                }
            )
    return rows


def _pictures(
    table: pd.DataFrame, counted: list[Question], shares: pd.DataFrame, progress: Any
) -> dict[str, dict[str, str]]:
    """Draw the three plots as data addresses, each with its finding for who cannot see it."""
    graded = pd.DataFrame(
        {
            "question": [question.title for question in counted],
            "passed": [int((table[question.cell] >= question.points).sum()) for question in counted],
            "graded": len(table),
        }
    )
    graded["low"], graded["high"] = intervals.wilson(graded["passed"], graded["graded"])
    most = sum(question.points for question in counted)
    totals = table[[question.cell for question in counted]].sum(axis=1)
    mean = shares.mean().rename(lambda key: _capability(str(key)))
    drawn = {}
    for name, draw in (
        ("questions", lambda: plots.pass_rates(graded)),
        ("capabilities", lambda: plots.radar(mean)),
        ("totals", lambda: plots.scores(totals, most)),
    ):
        ax = draw()
        said = plots.finding(ax)
        # The page says it in its own type, where it wraps with the column.
        for side in ("left", "center", "right"):
            ax.set_title("", loc=side)
        drawn[name] = {"said": said, "src": plots.data_uri(ax)}
        progress.step()
    return drawn


def _trainee_row(
    one: Outcome, names: dict[str, str], asked: list[Question], table: pd.DataFrame, shares: pd.DataFrame
) -> dict[str, Any]:
    graded = one.student in table.index
    marks_of: Any = table.loc[one.student] if graded else {}
    cells = []
    for question in asked:
        value = float(marks_of[question.cell]) if graded else math.nan
        if math.isnan(value):
            cells.append({"text": "to mark" if graded else "–", "kind": "none"})
        else:
            kind = "full" if value >= question.points else "part" if value > 0 else "zero"
            cells.append({"text": f"{value:g}", "kind": kind})
    own: dict[Any, float] = shares.loc[one.student].to_dict() if graded else {}
    return {
        "student": one.student,
        "name": names.get(one.student, ""),
        "status": one.status,
        "kind": one.status.replace(" ", "-"),
        "late": outcomes.duration(one.late) if one.late else "",
        "total": "–" if one.score is None else f"{one.score:g}",
        "cells": cells,
        "sentence": one.sentence,
        "spokes": _spokes(list(own.values())),
        "spoken": "; ".join(
            f"{_capability(key)} {_percent(share)}" for key, share in own.items() if share >= 0
        ),
    }


def _spokes(values: Sequence[float], size: float = 19.0) -> list[dict[str, float]]:
    """Place the ends of a small radar's spokes: the first points up, the others follow clockwise."""
    angles = [2 * math.pi * number / len(values) for number in range(len(values))]
    return [
        {
            "x": round(size * math.sin(angle), 2),
            "y": round(-size * math.cos(angle), 2),
            "to_x": round(size * math.sin(angle) * value, 2),
            "to_y": round(-size * math.cos(angle) * value, 2),
        }
        for angle, value in zip(angles, (0.0 if np.isnan(value) else value for value in values), strict=True)
    ]


def _write_csv(path: Path, ended: list[Outcome], table: pd.DataFrame) -> None:
    """Write a row per trainee: status, hours late, points per graded cell, total, sentence."""
    rows = pd.DataFrame(
        {
            "student": [_plain(one.student) for one in ended],
            "status": [one.status for one in ended],
            "hours_late": [round(one.late / 3600, 2) for one in ended],
            **{
                cell: table[cell].reindex([one.student for one in ended]).to_numpy() for cell in table.columns
            },
            "score": [one.score for one in ended],
            "max_score": [one.max_score for one in ended],
            "sentence": [_plain(one.sentence) for one in ended],
        }
    )
    # With the mark at the front a spreadsheet reads the Chinese in it as UTF-8.
    rows.to_csv(path, index=False, encoding="utf-8-sig")


def _plain(text: str) -> str:
    """Quote text that a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def _capability(key: str) -> str:
    known = syllabus.capabilities()
    return known[key].en if key in known else key


def _percent(share: float) -> str:
    return "–" if np.isnan(share) else f"{100 * share:.0f} %"


def _range(low: float, high: float) -> str:
    if np.isnan(low) or np.isnan(high):
        return "–"
    return f"{100 * max(0.0, low):.0f}–{100 * min(1.0, high):.0f} %"


def _shanghai(moment: datetime | None) -> str:
    """Write a UTC time of the gradebook as people in the course's time zone read it."""
    if moment is None:
        return ""
    return moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZONE).strftime("%-d %B %Y, %H:%M")
