"""A course folder: what is not there is named, its own file decides, failures are raised."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ecomtrain.classroom import Course, prove, release, settings
from ecomtrain.errors import CourseError

ROOT = Path(__file__).parents[2]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CourseError, match="There is no folder"):
        Course(tmp_path / "nowhere")


def test_an_assignment_that_was_never_released_is_named(course):
    with pytest.raises(CourseError, match=r"it is empty\. Release it first: ecomtrain release basket"):
        Course(course).require("basket")


def test_a_misspelt_assignment_gets_the_nearest(course):
    with pytest.raises(CourseError, match=r"it has basket\. Did you mean 'basket'"):
        release(course, "baskett")


def test_the_only_assignment_needs_no_name(course, tmp_path):
    assert Course(course).choose(None) == "basket"
    with pytest.raises(CourseError, match=r"Which assignment.* it has none"):
        Course(tmp_path).choose(None)
    (course / "source" / ".ipynb_checkpoints").mkdir()
    (course / "source" / ".ipynb_checkpoints" / "basket-checkpoint.ipynb").touch()
    assert Course(course).choose(None) == "basket"
    (course / "source" / "other.py").touch()
    with pytest.raises(CourseError, match="it has basket, other; name one"):
        Course(course).choose(None)


def test_a_source_older_than_its_script_is_not_released(course):
    with (course / "source" / "basket.py").open("a") as script:
        script.write("\n# %%\n1\n")
    with pytest.raises(CourseError, match=r"older than source/basket\.py\. Run: ecomtrain build"):
        prove(course, "basket")


def test_a_failure_that_nbgrader_only_reports_is_raised_with_its_reason(course):
    with pytest.raises(
        CourseError, match=r"release gone: Assignment not found at: .*/release/\./gone.*nbgrader\.log"
    ):
        Course(course).hand_out("gone")


def test_a_script_that_nbgrader_refuses_is_named(course):
    path = course / "source" / "basket" / "basket.ipynb"
    path.write_text(path.read_text().replace("### END SOLUTION", "### END", 1))
    with pytest.raises(CourseError, match="generate basket: RuntimeError: no end solution statement found"):
        Course(course).generate("basket")


def test_the_environment_decides_where_gradebook_and_exchange_are(tmp_path, monkeypatch):
    monkeypatch.setenv("ECOMTRAIN_DB_URL", "sqlite:////elsewhere/grades.db")
    monkeypatch.setenv("ECOMTRAIN_EXCHANGE", "/elsewhere/exchange")
    given = settings(tmp_path)
    assert given.CourseDirectory.db_url == "sqlite:////elsewhere/grades.db"
    assert given.Exchange.root == "/elsewhere/exchange"
    own = settings(tmp_path, private=True)
    assert own.CourseDirectory.db_url == f"sqlite:///{tmp_path}/gradebook.db"
    assert own.Exchange.root == f"{tmp_path}/exchange"


def test_the_folder_s_own_file_decides(tmp_path):
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\nc.Execute.timeout = 7\n")
    assert Course(tmp_path).config.Execute.timeout == 7


def test_the_course_s_own_file_gives_nbgrader_our_settings():
    assert Course(ROOT).config == settings(ROOT)


def test_the_nbgrader_command_reads_them_too(tmp_path):
    course = Course.private(tmp_path / "private")
    command = [str(Path(sys.executable).with_name("nbgrader")), "generate_assignment", "nothing"]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert f"{course.root}/source/./nothing" in done.stderr
