"""Run every lecture notebook from top to bottom, several at a time, and say what failed where."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ecomtrain.classroom import workers
from ecomtrain.classroom.terminal import bar
from ecomtrain.errors import CourseError

__all__ = ["Checked", "check"]

# Whatever asks for a proxy's help to reach the outside gets none: a lecture must run without a network.
OFFLINE = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")


@dataclass(frozen=True)
class Checked:
    """A notebook that was run: seconds it took, and where it failed the cell's number, source and error."""

    notebook: str
    seconds: float
    cell: int | None = None
    source: str = ""
    error: str = ""

    @property
    def passed(self) -> bool:
        """Whether it ran to its end."""
        return not self.error

    def __str__(self) -> str:
        """One line for a notebook that ran; for one that failed also the cell and its error."""
        line = f"{self.notebook:<32} {self.seconds:6.1f} s  {'ok' if self.passed else 'FAILED'}"
        if self.passed:
            return line
        where = f"cell {self.cell}" if self.cell else "before its first cell"
        shown = [
            f"    {part}" for part in [f"{where}:", *self.source.splitlines(), "", *self.error.splitlines()]
        ]
        return "\n".join([line, *shown]).rstrip()


def check(root: str | Path, jobs: int | None = None, cell_seconds: int = 120) -> list[Checked]:
    """Run all of ``notebooks/`` with papermill, and put the results into ``build/notebooks/``.

    Parameters
    ----------
    root : path
        The course's folder.
    jobs : int, optional
        How many notebooks at a time; by default one per processor.
    cell_seconds : int, default 120
        How long one cell may run.

    Returns
    -------
    list of Checked
        One per notebook, sorted by name. A line per notebook goes to the terminal as it ends.

    Raises
    ------
    CourseError
        If there is no notebook.
    """
    root = Path(root).resolve()
    notebooks = sorted((root / "notebooks").glob("*.ipynb"))
    if not notebooks:
        raise CourseError(f"There is no notebook in {root / 'notebooks'}. Run: ecomtrain build")
    results = root / "build" / "notebooks"
    results.mkdir(parents=True, exist_ok=True)
    waiting = {path.name: (path, results / path.name, cell_seconds) for path in notebooks}
    ended: dict[str, Checked] = {}
    with bar("Running the notebooks", len(waiting)) as progress:

        def done(name: str, result: Checked | workers.Failure) -> None:
            if isinstance(result, workers.Failure):
                result = Checked(name, float("nan"), error=result.reason)
            ended[name] = result
            progress.step(str(result))

        workers.run_each(
            _run, waiting, log=root / "logs" / "notebooks.log", workers=jobs, seconds=1800, done=done
        )
    return [ended[path.name] for path in notebooks]


def _run(path: Path, result: Path, cell_seconds: int, offline: Mapping[str, str] = OFFLINE) -> Checked:
    import papermill
    from papermill.exceptions import PapermillExecutionError

    from ecomtrain.classroom.kernel import PrivateKernelManager

    # nbclient starts the kernel from this process, whose environment is its own.
    os.environ.update(offline, no_proxy="localhost,127.0.0.1", PYDEVD_DISABLE_FILE_VALIDATION="1")
    start = time.monotonic()
    try:
        papermill.execute_notebook(
            path,
            result,
            progress_bar=False,
            execution_timeout=cell_seconds,
            cwd=path.parent,
            kernel_manager_class=PrivateKernelManager,
            request_save_on_cell_execute=False,
        )
    except PapermillExecutionError as error:
        seconds = time.monotonic() - start
        return Checked(
            path.name, seconds, error.cell_index + 1, error.source, f"{error.ename}: {error.evalue}"
        )
    except Exception as error:  # a kernel that died, a notebook that is none: one line, and the others go on
        return Checked(path.name, time.monotonic() - start, error=f"{type(error).__name__}: {error}")
    return Checked(path.name, time.monotonic() - start)
