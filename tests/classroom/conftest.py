"""A small course, the class that takes it, and notebooks made by hand."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from hashlib import sha256
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from ecomtrain.classroom import Course, build, demo_class

HERE = Path(__file__).parent
CELL_SECONDS = 8


def write_course(root: Path) -> Path:
    """A course with one assignment of three tested questions and a memo, derived files included."""
    (root / "source").mkdir(parents=True)
    (root / "notebooks").mkdir()
    shutil.copyfile(HERE / "basket.percent", root / "source" / "basket.py")
    shutil.copyfile(HERE / "basket.wrong.toml", root / "source" / "basket.wrong.toml")
    build(root, parts=["notebooks", "source", "release"])
    return root


@pytest.fixture(scope="session")
def built_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_course(tmp_path_factory.mktemp("built") / "course")


@pytest.fixture
def course(built_course: Path, tmp_path: Path) -> Path:
    """A course of the test's own."""
    return Path(shutil.copytree(built_course, tmp_path / "course"))


@pytest.fixture(scope="session")
def graded_class(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo class, graded once for all test processes; only to be read."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    with (base / "classroom.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        root = base / "classroom"
        if not (root / "real-class.json").is_file():
            _run_demo_class(root)
    return root / "build" / "demo-class"


def _run_demo_class(root: Path) -> None:
    """Let the demo class run beside a real class, and note every file of the real one before and after."""
    course = Course(write_course(root))
    course.generate("basket")
    course.hand_out("basket")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ECOMTRAIN_DB_URL", course.config.CourseDirectory.db_url)
        environment.setenv("ECOMTRAIN_EXCHANGE", course.config.Exchange.root)
        before = digests(root)
        demo_class(root, "basket", cell_seconds=CELL_SECONDS)
    (root / "real-class.json").write_text(json.dumps({"before": before, "after": digests(root)}))


@pytest.fixture
def own_class(graded_class: Path, tmp_path: Path) -> Path:
    """A copy of the graded class, to be changed."""
    return Path(shutil.copytree(graded_class, tmp_path / "class", symlinks=True))


def code(source: str, grade_id: str | None = None, **marks: object) -> NotebookNode:
    """A code cell, with nbgrader's marks if it has a grade id."""
    cell = nbformat.v4.new_code_cell(source)
    if grade_id is not None:
        given = {
            "grade": False,
            "locked": False,
            "solution": False,
            "task": False,
            "schema_version": 3,
            **marks,
        }
        cell.metadata["nbgrader"] = {**given, "grade_id": grade_id}
    return cell


def digests(root: Path) -> dict[str, str]:
    """Every file of the real class in `root`: all that is not under ``build/``."""
    return {
        name: sha256(content).hexdigest()
        for name, content in tree(root).items()
        if not name.startswith("build/")
    }


def tree(folder: Path) -> dict[str, bytes]:
    """Every file under `folder` with its bytes, but for the logs."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "logs" not in path.parts
    }
