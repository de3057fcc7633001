"""What is installed, what is missing, what to do: the first look when something does not work."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from sqlalchemy import make_url

from ecomtrain import datasets
from ecomtrain.classroom.course import Course
from ecomtrain.errors import CourseError
from ecomtrain.plots.text import fonts, has_chinese

__all__ = ["Finding", "examine"]


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `state` is ``ok``, ``optional`` (works without it) or ``missing`` (does not)."""

    what: str
    state: str
    detail: str
    remedy: str = ""


def examine(root: Path) -> list[Finding]:
    """Look at the installation and the course folder `root`; change nothing.

    Returns
    -------
    list of Finding
        In the order to mend them: Python, packages, commands, course folder, data, optional helpers.

    Examples
    --------
    >>> examine(Path("."))[0].what
    'Python'
    """
    return [*_python(), *_packages(), *_commands(), *_course(root), *_data(), *_optional()]


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    enough = sys.version_info >= (3, 11)
    yield Finding(
        "Python", "ok" if enough else "missing", version, "" if enough else "Install Python 3.11 or newer."
    )


def _packages() -> Iterator[Finding]:
    wanted = [Requirement(line) for line in metadata.requires("ecomtrain") or []]
    wrong = []
    for requirement in wanted:
        if requirement.marker is not None and not requirement.marker.evaluate():
            continue
        try:
            have = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{requirement.name} is missing")
            continue
        if not requirement.specifier.contains(have, prereleases=True):
            wrong.append(f"{requirement.name} {have} is installed, {requirement.specifier} is needed")
    if wrong:
        yield Finding("Packages", "missing", "; ".join(wrong), "Run: make clean course")
    else:
        names = ("pandas", "jupyterlab", "nbgrader", "papermill")
        seen = ", ".join(f"{name} {metadata.version(name)}" for name in names)
        yield Finding("Packages", "ok", f"all {len(wanted)} present ({seen})")


def _commands() -> Iterator[Finding]:
    # nbgrader starts alembic by its bare name, so it must be on PATH of whoever starts nbgrader.
    own = Path(sys.executable).parent
    for name, use in (("jupyter", "JupyterLab"), ("nbgrader", "grading"), ("alembic", "the gradebook")):
        if shutil.which(name) or shutil.which(name, path=str(own)):
            yield Finding(f"Command {name}", "ok", f"for {use}")
        else:
            yield Finding(f"Command {name}", "missing", f"needed for {use}", "Run: make clean course")


def _course(root: Path) -> Iterator[Finding]:
    needed = ("nbgrader_config.py", "notebooks", "source", "release")
    absent = [name for name in needed if not (root / name).exists()]
    if absent:
        yield Finding(
            "Course folder",
            "missing",
            f"{', '.join(absent)} not found",
            "Go into the course's folder, or name it with --root.",
        )
        return
    yield Finding("Course folder", "ok", "notebooks, source and release are here")
    config = Course(root).config
    exchange = Path(config.Exchange.root)
    nearest = next(folder for folder in (exchange, *exchange.parents) if folder.exists())
    if os.access(nearest, os.W_OK | os.X_OK):
        yield Finding("Exchange", "ok", f"{exchange}, writable")
    else:
        remedy = "Give yourself write permission, or set ECOMTRAIN_EXCHANGE to a folder of your own."
        yield Finding("Exchange", "missing", f"{exchange} is not writable", remedy)
    database = make_url(config.CourseDirectory.db_url)
    if database.get_backend_name() != "sqlite":
        yield Finding("Gradebook", "ok", database.render_as_string(hide_password=True))
    elif Path(database.database or "").exists():
        yield Finding("Gradebook", "ok", str(database.database))
    else:
        yield Finding("Gradebook", "ok", f"none yet; the first release makes {database.database}")


def _data() -> Iterator[Finding]:
    try:
        datasets.verify()
    except CourseError as error:
        yield Finding("Data", "missing", str(error), "Run: ecomtrain build")
    else:
        yield Finding("Data", "ok", f"{len(datasets.names())} tables, checksums right")


def _optional() -> Iterator[Finding]:
    if shutil.which("chromium"):
        yield Finding("Chromium", "ok", "the browser test can run")
    else:
        yield Finding(
            "Chromium", "optional", "the browser test will be skipped", "On Debian: apt install chromium"
        )
    if has_chinese():
        yield Finding("Chinese font", "ok", fonts()[-1])
    else:
        yield Finding(
            "Chinese font",
            "optional",
            "plots show English labels only",
            "On Debian: apt install fonts-noto-cjk",
        )
