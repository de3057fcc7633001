"""Grading a class: every way a submission can turn out, a second run, a killed run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from ecomtrain.classroom import Course, build, grade, prove, release
from ecomtrain.classroom.demo import CLASS, DUE
from ecomtrain.classroom.marks import scores
from ecomtrain.classroom.outcomes import load
from ecomtrain.errors import CourseError

pytestmark = pytest.mark.slow


def outcomes(place):
    return {student: outcome for student, (_, outcome) in load(Course(place), "basket").items()}


def test_an_assignment_that_was_never_released_cannot_be_graded(course):
    with pytest.raises(CourseError, match="Release it first"):
        grade(course, "basket")


def test_a_class_that_handed_nothing_in_is_told_so(course):
    Course(course).generate("basket")
    Course(course).hand_out("basket")
    with pytest.raises(CourseError, match="Nobody has handed in basket yet"):
        grade(course, "basket")
    with Course(course).gradebook() as book:
        book.update_or_create_student("somebody")
    (outcome,) = grade(course, "basket")
    assert (outcome.status, outcome.score, outcome.sentence) == ("missing", None, "Nothing was handed in.")


def test_the_solution_gets_all_points_the_release_none_and_each_slip_loses_its_question(course):
    table = prove(course, "basket")
    assert table.loc["solution", "score"] == table.loc["solution", "max_score"] == 6
    assert table.loc["release", "score"] == 0
    assert table.loc["q2.first", "lost"] == ("q2-test",)
    assert table["as_expected"].all()
    assert not list(course.glob("gradebook.db*"))


def test_a_first_release_says_one_line(course):
    done = run(course, sys.executable, "-c", "from ecomtrain.classroom import release; release('.')")
    assert done.stderr == ""
    assert done.stdout.startswith("basket is released to ")
    assert done.stdout.count("\n") == 1
    assert (course / "exchange" / "ecomtrain" / "outbound" / "basket" / "basket.ipynb").read_bytes() == (
        course / "release" / "basket" / "basket.ipynb"
    ).read_bytes()
    assert not any(one.changed for one in build(course, check=True, parts=["release"]))


def test_an_assignment_whose_solution_fails_is_not_released(course):
    path = course / "source" / "basket" / "basket.ipynb"
    (course / "source" / "basket.py").unlink()
    path.write_text(path.read_text().replace("dearest == 30.0", "dearest == 31.0"))
    with pytest.raises(
        CourseError,
        match=r"'solution' should lose nothing and loses q3-test\. q3-test says: .*not the dearest",
    ):
        release(course, "basket")
    assert not (course / "exchange").exists()


def test_every_submission_ends_in_its_own_way_and_the_others_are_graded(graded_class):
    ended = outcomes(graded_class)
    assert list(ended) == list(CLASS)
    statuses = {student: outcome.status for student, outcome in ended.items()}
    assert statuses == {
        **dict.fromkeys(CLASS, "graded"),
        "trainee09": "partly graded",
        "trainee10": "refused",
        "trainee11": "refused",
    }
    assert "ZeroDivisionError" in ended["trainee08"].sentence
    assert "q2-answer did not end" in ended["trainee09"].sentence
    assert "no JSON" in ended["trainee10"].sentence
    assert "basket.ipynb is missing; it holds Untitled1.ipynb" in ended["trainee11"].sentence
    assert ended["trainee12"].sentence == "Copied cells, counted once: q1-test."
    assert ended["trainee07"].sentence == "Not answered: q1, q2, q3, memo."
    assert {student for student, outcome in ended.items() if outcome.late} == {"trainee06", "trainee11"}
    assert ended["trainee06"].late == 26 * 3600


def test_points_are_lost_only_where_something_is_wrong(graded_class):
    table = scores(Course(graded_class), "basket")
    tests = ["q1-test", "q2-test", "q3-test"]
    assert table.loc["trainee01", tests].tolist() == [2, 3, 1]
    assert table.loc["trainee05", tests].tolist() == [0, 0, 0]
    assert table.loc["trainee08", tests].tolist() == [0, 3, 1]
    assert table.loc["trainee09", "q2-test"] == 0
    assert table.loc["trainee09", tests].sum() > 0
    assert table.loc["trainee06", tests].sum() == 6 - 2
    assert table.loc["trainee01", "memo"] != table.loc["trainee01", "memo"]  # NaN: waits for its marker
    assert table.loc["trainee07", "memo"] == 0


def test_everybody_gets_feedback_also_who_was_refused(graded_class):
    from nbgrader.utils import notebook_hash

    for student in CLASS:
        folder = graded_class / "feedback" / student / "basket"
        secret = (folder / "submission_secret.txt").read_text()
        name = notebook_hash(secret=secret, notebook_id="basket")
        page = graded_class / "exchange" / "ecomtrain" / "feedback" / f"{name}.html"
        assert page.read_text() == (folder / "basket.html").read_text()
    assert "no JSON" in (graded_class / "feedback" / "trainee10" / "basket" / "basket.html").read_text()


def test_a_second_run_grades_only_what_is_new_changed_or_lost(own_class):
    before = {path: path.stat().st_mtime_ns for path in (own_class / "outcomes").rglob("*.json")}
    course = Course(own_class)
    desk = own_class / "trainees" / "trainee07"
    solved = nbformat.read(own_class / "trainees" / "trainee01" / "basket" / "basket.ipynb", as_version=4)
    nbformat.write(solved, desk / "basket" / "basket.ipynb")
    course.submit("basket", "trainee07", desk, DUE)
    shutil.rmtree(own_class / "autograde" / "trainee08")
    ended = {outcome.student: outcome for outcome in grade(own_class, "basket")}
    touched = {path.stem for path, moment in before.items() if path.stat().st_mtime_ns != moment}
    assert touched == {"trainee07", "trainee08"}
    assert (ended["trainee07"].score, ended["trainee07"].max_score) == (6, 6)
    assert ended["trainee08"].score == 4


def test_what_failed_for_another_reason_is_tried_again(own_class):
    shutil.rmtree(own_class / "autograde" / "trainee03")
    (own_class / "autograde" / "trainee03").touch()
    ended = {outcome.student: outcome for outcome in grade(own_class, "basket")}
    assert ended["trainee03"].status == "refused"
    assert ended["trainee03"].sentence.startswith("Grading it failed: ")
    assert "Grading" not in (own_class / "feedback" / "trainee03" / "basket" / "basket.html").read_text()
    assert [student for student, outcome in ended.items() if outcome.status == "graded"] == [
        f"trainee{number:02}" for number in (1, 2, 4, 5, 6, 7, 8, 12)
    ]
    (own_class / "autograde" / "trainee03").unlink()
    assert {outcome.student: outcome for outcome in grade(own_class, "basket")}[
        "trainee03"
    ].status == "graded"


def test_the_terminal_shows_a_line_per_trainee_and_nothing_else(own_class):
    (own_class / "outcomes" / "basket" / "trainee12.json").unlink()
    done = run(own_class, sys.executable, "-c", "from ecomtrain.classroom import grade; grade('.')")
    assert done.stderr == ""
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(CLASS)
    assert "trainee06        graded         4 of 6       26 h late." in done.stdout


def test_the_nbgrader_command_grades_the_same_way(own_class):
    before = scores(Course(own_class), "basket").loc["trainee12"].dropna().to_dict()
    nbgrader = str(Path(sys.executable).with_name("nbgrader"))
    done = run(own_class, nbgrader, "autograde", "basket", "--student", "trainee12", "--force")
    assert done.returncode == 0
    assert "Removing existing assignment" in done.stderr
    assert scores(Course(own_class), "basket").loc["trainee12"].dropna().to_dict() == before


def test_a_broken_entry_in_the_exchange_stops_nobody_s_collection(own_class):
    course = Course(own_class)
    course.submit("basket", "trainee02", own_class / "trainees" / "trainee02", DUE)
    (own_class / "exchange" / "ecomtrain" / "inbound" / "somebody+basket+never").mkdir()
    course.collect("basket")
    stamp = own_class / "submitted" / "trainee02" / "basket" / "timestamp.txt"
    assert stamp.read_text() == f"{DUE:%Y-%m-%d %H:%M:%S.%f} UTC"


def test_two_gradings_do_not_run_at_once(own_class):
    from ecomtrain.classroom.grading import _alone

    with (
        _alone(Course(own_class), "basket"),
        pytest.raises(CourseError, match="Another grading of basket is running"),
    ):
        grade(own_class, "basket")


def test_who_stops_the_grader_loses_nothing(own_class):
    for path in (own_class / "outcomes").rglob("*.json"):
        if path.stem in ("trainee01", "trainee09"):
            path.unlink()
    kept = {path: path.stat().st_mtime_ns for path in (own_class / "outcomes").rglob("*.json")}
    program = "import sys; from ecomtrain.classroom import grade; grade(sys.argv[1], 'basket', jobs=1)"
    grader = subprocess.Popen([sys.executable, "-c", program, str(own_class)], start_new_session=True)
    first = own_class / "outcomes" / "basket" / "trainee01.json"
    wait_for(first.exists)
    wait_for(lambda: processes_in(own_class / "autograde" / "trainee09"))
    grader.kill()
    grader.wait()
    wait_for(lambda: not processes_in(own_class / "autograde" / "trainee09"))
    assert not (own_class / "outcomes" / "basket" / "trainee09.json").exists()
    kept[first] = first.stat().st_mtime_ns
    ended = {outcome.student: outcome for outcome in grade(own_class, "basket")}
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert ended["trainee09"].status == "partly graded"
    assert list(ended) == list(CLASS)


def test_the_demo_class_leaves_the_real_one_alone(graded_class):
    real = json.loads((graded_class.parents[1] / "real-class.json").read_text())
    assert "gradebook.db" in real["before"]
    assert any(name.startswith("exchange/") for name in real["before"])
    assert real["after"] == real["before"]
    assert len(list((graded_class / "exchange" / "ecomtrain" / "inbound").iterdir())) == len(CLASS) == 12


def run(folder, *command):
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def wait_for(condition, seconds=90):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)


def processes_in(folder):
    """The processes whose working directory is below `folder`: the kernels that run there."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                where = os.readlink(process / "cwd")
            except OSError:
                continue
            if where.startswith(str(folder)):
                found.append(int(process.name))
    return found
