"""Chromium, the servers and the pages of the browser tests; everything in temporary folders."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

from ecomtrain.classroom import Course, build

from .driver import CHROMIUM_FLAGS, PATIENCE, Visit, Visitor, Watch, own_environment, running
from .school import ASSIGNMENT, REPOSITORY, TRAINEE, School

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

VISITORS: pytest.StashKey[dict[str, Visitor]] = pytest.StashKey()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Show, where a test failed, what the servers said and what the pages looked like."""
    report = yield
    if report.failed and report.when == "call":
        for role, visitor in item.stash.get(VISITORS, {}).items():
            picture = visitor.log.with_suffix(".png")
            with suppress(Error):
                visitor.page.screenshot(path=picture)
            report.sections.append((f"{role}: last page in {picture}, JupyterLab's log", _tail(visitor.log)))
            report.sections.append((f"{role}: complaints of the pages", "\n".join(visitor.watch.errors)))
    return report


def _tail(log: Path, characters: int = 4000) -> str:
    return log.read_text(errors="replace")[-characters:]


@pytest.fixture
def chromium(tmp_path: Path) -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip(
            "Chromium is not installed, so nothing was tried in a browser. Install it with "
            "`apt-get install --no-install-recommends chromium` (as root), or run `make test` as root."
        )
    with sync_playwright() as playwright:
        # Its own home: Chromium writes there even with a temporary profile.
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=CHROMIUM_FLAGS, env=own_environment(tmp_path / "chromium")
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """Give a function that starts JupyterLab on a folder for a role and opens a page on it."""
    shots = Path(os.environ.get("ECOMTRAIN_SCREENSHOTS") or tmp_path / "screenshots").resolve()
    with ExitStack() as servers:
        visitors = request.node.stash.setdefault(VISITORS, {})

        def start(root: Path, role: str) -> Visitor:
            log = tmp_path / f"{role}.log"
            server = servers.enter_context(running(root, role, tmp_path / f"{role}-home", log))
            # A context each: who has signed in as a trainee is nobody to the instructor's server.
            context = chromium.new_context(viewport={"width": 1440, "height": 900}, service_workers="block")
            context.set_default_timeout(PATIENCE)
            watch = Watch()
            watch.attach(context)
            visitors[role] = Visitor(context.new_page(), server, watch, shots, log)
            return visitors[role]

        yield start
        for visitor in visitors.values():
            visitor.page.context.close()


@pytest.fixture
def school(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> School:
    """Build and release the real assignment into a course of its own, and give a trainee a folder."""
    # The kernels that grade write into their home.
    for name in os.environ.keys() - (own := own_environment(tmp_path / "school-home")).keys():
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", own["HOME"])
    course = Course.private(tmp_path / "course")
    shutil.copytree(REPOSITORY / "source", course.root / "source")
    build(course.root, parts=["source"])
    course.generate(ASSIGNMENT)
    course.hand_out(ASSIGNMENT)
    with course.gradebook() as book:
        book.add_student(TRAINEE, first_name="Trainee", last_name="One")
    trainee = tmp_path / "trainee"
    trainee.mkdir()
    (trainee / "nbgrader_config.py").write_text(
        f"""c = get_config()
c.CourseDirectory.course_id = {course.config.CourseDirectory.course_id!r}
c.CourseDirectory.student_id = {TRAINEE!r}
c.CourseDirectory.root = {str(trainee)!r}
c.Exchange.root = {course.config.Exchange.root!r}
c.Exchange.assignment_dir = {str(trainee)!r}
"""
    )
    return School(course, trainee)
