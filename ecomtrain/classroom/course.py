"""A course folder: nbgrader's settings for it, and nbgrader itself with failures that are raised."""

from __future__ import annotations

import logging
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from traitlets.config import Config, PyFileConfigLoader

from ecomtrain.errors import CourseError, nearest

__all__ = ["Course", "settings"]

COURSE_ID = "ecomtrain"

_SANITIZE = ("ClearOutput", "DeduplicateIds", "OverwriteKernelspec", "OverwriteCells", "CheckCellMetadata")
_SCORE = ("IgnorePattern", "LimitOutput", "SaveAutoGrades", "AssignLatePenalties", "CheckCellMetadata")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
# A message of its own, or the last line of a traceback, which the log indents.
_TOLD = re.compile(r"(?:\[(?:ERROR|CRITICAL)\] |    (?=[A-Za-z_.]+(?:Error|Exception): ))(.+)")
_NOISE = ("Did you mean", "Please see the", "There was an error processing", "Traceback")


def settings(
    root: str | os.PathLike[str],
    *,
    private: bool = False,
    cell_seconds: int = 30,
    submission_seconds: int = 600,
) -> Config:
    """Give nbgrader's settings for the course in `root`; ``nbgrader_config.py`` hands them on.

    Parameters
    ----------
    root : path
        The course's folder.
    private : bool, default False
        Keep gradebook and exchange in `root` whatever ECOMTRAIN_DB_URL and ECOMTRAIN_EXCHANGE say.
    cell_seconds : int, default 30
        How long one cell of a trainee may run while it is graded.
    submission_seconds : int, default 600
        How long one submission may take altogether.

    Returns
    -------
    traitlets.config.Config

    Examples
    --------
    >>> settings("course", private=True).CourseDirectory.autograded_directory
    'autograde'
    """
    root = Path(root).resolve()
    outside = {} if private else os.environ
    c = Config()
    c.CourseDirectory.course_id = COURSE_ID
    c.CourseDirectory.root = str(root)
    c.CourseDirectory.autograded_directory = "autograde"
    c.CourseDirectory.db_url = outside.get("ECOMTRAIN_DB_URL") or f"sqlite:///{root / 'gradebook.db'}"
    # The exchange's clock stays at UTC: nbgrader reads "+0800" as 800 seconds and "CST" as UTC.
    c.Exchange.root = str(Path(outside.get("ECOMTRAIN_EXCHANGE") or root / "exchange").resolve())
    c.Execute.timeout = cell_seconds
    # nbclient gives a cell up whose last word comes 4 s late, which a busy computer does to honest work.
    c.Execute.iopub_timeout = 10
    c.SteadyExecute.submission_seconds = submission_seconds
    c.Autograde.sanitize_preprocessors = [
        "ecomtrain.classroom.repair.Repair",
        *(f"nbgrader.preprocessors.{name}" for name in _SANITIZE),
    ]
    c.Autograde.autograde_preprocessors = [
        "ecomtrain.classroom.execute.SteadyExecute",
        "ecomtrain.classroom.execute.FairOutputs",
        *(f"nbgrader.preprocessors.{name}" for name in _SCORE),
    ]
    return c


_log = logging.getLogger("ecomtrain.nbgrader")
_log.addHandler(logging.NullHandler())  # without one, warnings would go to the terminal
_log.propagate = False
_log.setLevel(logging.INFO)


class Course:
    """The course in the folder `root`, set up as its ``nbgrader_config.py`` says.

    Every method that runs nbgrader raises `CourseError` with the reason when nbgrader reports a failure; what
    nbgrader itself has to say goes to ``logs/nbgrader.log`` in the folder.
    """

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = Path(root).resolve()
        if not self.root.is_dir():
            raise CourseError(f"There is no folder {self.root}. Name the course's folder.")
        if (self.root / "nbgrader_config.py").is_file():
            self.config = PyFileConfigLoader("nbgrader_config.py", path=str(self.root)).load_config()
        else:
            self.config = settings(self.root)
        # nbgrader calls alembic by its bare name when it makes a gradebook.
        own = str(Path(sys.executable).parent)
        if own not in os.environ.get("PATH", "").split(os.pathsep):
            os.environ["PATH"] = os.pathsep.join([own, os.environ.get("PATH", os.defpath)])

    @classmethod
    def private(cls, folder: Path, **how: int) -> Course:
        """Set up a course in `folder` that shares neither gradebook nor exchange with any other.

        `how` are the limits of `settings`. The source folder is still to be filled.
        """
        folder.mkdir(parents=True, exist_ok=True)
        given = "".join(f", {name}={value}" for name, value in how.items())
        (folder / "nbgrader_config.py").write_text(
            "from pathlib import Path\n\n"
            "from ecomtrain.classroom.course import settings\n\n"
            "c = get_config()\n"
            f"c.merge(settings(Path(__file__).parent, private=True{given}))\n",
            encoding="utf-8",
        )
        return cls(folder)

    @property
    def log_file(self) -> Path:
        """The file for nbgrader's own lines."""
        return self.root / "logs" / "nbgrader.log"

    @cached_property
    def api(self) -> Any:
        """Open nbgrader's own interface, which does not raise when something fails; the methods here do."""
        with self.quiet():
            from nbgrader import api
            from nbgrader.apps.api import NbGraderAPI

            # Each new gradebook starts alembic as a program to ask for its newest version, which takes 2 s.
            api.get_alembic_version = _alembic_version
            return NbGraderAPI(config=self.config, log=_log)

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Keep the many warnings of nbgrader, SQLAlchemy and nbformat to themselves while the block runs."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield

    def folder(self, step: str, student: str, assignment: str) -> Path:
        """Name a folder; `step` is source, release, submitted, autograded or feedback."""
        directory = getattr(self.api.coursedir, f"{step}_directory")
        return Path(self.api.coursedir.format_path(directory, student, assignment))

    @contextmanager
    def gradebook(self) -> Iterator[Any]:
        """Open the gradebook, and close it again at the end of the block."""
        with self.quiet(), self.api.gradebook as book:
            yield book

    def assignments(self) -> list[str]:
        """Name the assignments in ``source/``: its scripts, and its folders with a notebook."""
        source = self.root / "source"
        folders = {path.parent.name for path in source.glob("[!.]*/*.ipynb")}
        return sorted(folders | {path.stem for path in source.glob("*.py")})

    def choose(self, assignment: str | None) -> str:
        """Return `assignment`, or the only one in ``source/`` if none is named."""
        if assignment is not None:
            return assignment
        known = self.assignments()
        if len(known) != 1:
            have = f"it has {', '.join(known)}; name one of them" if known else "it has none"
            raise CourseError(f"Which assignment? Look into {self.root / 'source'}: {have}.")
        return known[0]

    def require(self, assignment: str) -> None:
        """Raise unless `assignment` is in the gradebook, where a release puts it."""
        with self.gradebook() as book:
            known = [one.name for one in book.assignments]
        if assignment not in known:
            have = f"it has {', '.join(known)}" if known else "it is empty"
            raise CourseError(
                f"The assignment '{assignment}' is not in the gradebook; {have}.{nearest(assignment, known)} "
                f"Release it first: ecomtrain release {assignment}"
            )

    def due(self, assignment: str) -> datetime | None:
        """When `assignment` is due, as UTC without a zone, the way nbgrader keeps times."""
        with self.gradebook() as book:
            return book.find_assignment(assignment).duedate

    def generate(self, assignment: str) -> None:
        """Make the trainees' version of `assignment` and enter its cells in the gradebook."""
        self._run(f"generate {assignment}", lambda: self.api.generate_assignment(assignment))

    def hand_out(self, assignment: str) -> None:
        """Put the generated version of `assignment` into the exchange, in place of an earlier one."""

        def release() -> Any:
            from nbgrader.utils import capture_log, temp_attrs

            with temp_attrs(self.api.coursedir, assignment_id=assignment):
                # The interface's own release_assignment cannot replace what was released before.
                return capture_log(self._exchange("ReleaseAssignment", force=True))

        self._run(f"release {assignment}", release)

    def collect(self, assignment: str) -> None:
        """Fetch what was handed in from the exchange; if that fails, one trainee after the other."""
        try:
            self._run(f"collect {assignment}", lambda: self.api.collect(assignment))
        except CourseError:
            inbound = Path(self.config.Exchange.root, COURSE_ID, "inbound")
            students = {path.name.rsplit("+", 3)[0] for path in inbound.glob(f"*+{assignment}+*")}
            if not students:
                raise
            for student in sorted(students):
                with self._only(student):
                    try:
                        self._run(f"collect {assignment}", lambda: self.api.collect(assignment))
                    except CourseError:
                        continue  # why is in the log

    def autograde(self, assignment: str, student: str) -> None:
        """Run and score one trainee's submission."""
        self._run(f"grade {assignment} of {student}", lambda: self.api.autograde(assignment, student))

    def write_feedback(self, assignment: str, student: str) -> None:
        """Write the HTML that shows `student` the scored notebook."""
        self._run(
            f"feedback on {assignment} for {student}", lambda: self.api.generate_feedback(assignment, student)
        )

    def release_feedback(self, assignment: str, student: str) -> None:
        """Put one trainee's feedback into the exchange."""
        self._run(
            f"release feedback on {assignment} to {student}",
            lambda: self.api.release_feedback(assignment, student),
        )

    def fetch(self, assignment: str, student: str, folder: Path) -> None:
        """Fetch `assignment` from the exchange into `folder`, as `student` would."""
        self._as(student, folder, "FetchAssignment", assignment, f"fetch {assignment} as {student}")

    def submit(self, assignment: str, student: str, folder: Path, at: datetime) -> None:
        """Hand in what lies in `folder`, as `student` would, stamped with the UTC time `at`."""
        self._as(student, folder, "Submit", assignment, f"submit {assignment} as {student}", at)

    def _as(
        self, student: str, folder: Path, step: str, assignment: str, what: str, at: datetime | None = None
    ) -> None:
        def act() -> Any:
            from nbgrader.utils import capture_log, temp_attrs

            with temp_attrs(self.api.coursedir, assignment_id=assignment, student_id=student):
                tool = self._exchange(step, assignment_dir=str(folder), cache=str(folder / ".cache"))
                if at is not None:
                    tool.set_timestamp = lambda: setattr(tool, "timestamp", f"{at:%Y-%m-%d %H:%M:%S.%f} UTC")
                return capture_log(tool)

        self._run(what, act)

    def _exchange(self, step: str, **traits: Any) -> Any:
        api = self.api
        make = getattr(api.exchange, step)
        return make(coursedir=api.coursedir, authenticator=api.authenticator, parent=api, **traits)

    @contextmanager
    def _only(self, student: str) -> Iterator[None]:
        from nbgrader.utils import temp_attrs

        with temp_attrs(self.api.coursedir, student_id=student):
            yield

    def _run(self, what: str, step: Callable[[], Any]) -> None:
        with self.quiet():
            result = step()
        lines = _ANSI.sub("", result.get("log", "")).splitlines()
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("a", encoding="utf-8") as log:
            log.writelines(f"{line}\n" for line in (f"--- {datetime.now():%Y-%m-%d %H:%M:%S} {what}", *lines))
        if not result["success"]:
            raise CourseError(f"{what}: {_reason(lines, result['error'])} More is in logs/nbgrader.log.")


@cache
def _alembic_version() -> str:
    """Find the version of nbgrader's newest gradebook schema, as nbgrader does with the alembic command."""
    from alembic.script import ScriptDirectory
    from nbgrader.dbutil import ALEMBIC_DIR

    return str(ScriptDirectory(ALEMBIC_DIR).get_current_head())


def _reason(lines: list[str], error: str) -> str:
    """Find the last line of nbgrader's report that tells what happened, as a sentence."""
    told = [found[1] for found in map(_TOLD.match, lines) if found and not found[1].startswith(_NOISE)]
    reason = [*error.splitlines(), *told][-1].strip()
    return reason if reason.endswith((".", "!", "?")) else f"{reason}."
