"""Two steps of nbgrader's grading: run a notebook to its end whatever a cell does, and judge fairly."""

from __future__ import annotations

import math
import os
import tempfile
import time
from copy import deepcopy
from typing import Any

import nbformat
from nbclient.client import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from traitlets import Integer

from ecomtrain.classroom.kernel import PrivateKernelManager

__all__ = ["DIED", "NOT_RUN", "TIMEOUT", "FairOutputs", "SteadyExecute"]

TIMEOUT, DIED, NOT_RUN = "CellTimeoutError", "DeadKernelError", "NotRunError"


class SteadyExecute(Execute):
    """Go on, unlike nbgrader's `Execute`, after a cell that loops for ever or ends the kernel.

    Such a cell gets an error as its output. Where the kernel is lost, a fresh one is brought to the same
    place by running the earlier cells again, but for those that stopped it.
    """

    restarts = Integer(3, help="How many lost kernels one notebook may cost before the rest is left out").tag(
        config=True
    )
    trusted_seconds = Integer(120, help="How long a locked cell that carries no points may run").tag(
        config=True
    )
    submission_seconds = Integer(600, help="How long a whole notebook may run").tag(config=True)
    max_output = Integer(1_000_000, help="How many characters of output one cell keeps").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any, km: Any = None) -> tuple[NotebookNode, Any]:
        """Run every cell of `nb` in order."""
        # As nbconvert's own method does: the second initialisation starts a new execution.
        NotebookClient.__init__(self, nb, km, kernel_manager_class=PrivateKernelManager)
        self.reset_execution_trackers()
        self._check_assign_resources(resources)
        self.shutdown_kernel = "immediate"
        self._lost = 0
        self._stopped: set[int] = set()
        self._shown: dict[int, int] = {}
        end = time.monotonic() + self.submission_seconds
        with tempfile.TemporaryDirectory() as profile:
            self._env = _kernel_environment(profile)
            with self.setup_kernel(env=self._env):
                for index, cell in enumerate(nb.cells):
                    if cell.cell_type != "code":
                        continue
                    if self._lost > self.restarts or time.monotonic() > end:
                        _fail(cell, NOT_RUN, "earlier cells took too long or ended the kernel")
                    else:
                        self._run(cell, index)
        return nb, self.resources

    def output(self, outs: list[NotebookNode], msg: Any, display_id: str, cell_index: int) -> Any:
        """Keep an output, until the cell has printed more than anybody reads."""
        room = self.max_output - self._shown.get(cell_index, 0)
        self._shown[cell_index] = self._shown.get(cell_index, 0) + len(str(msg["content"]))
        if msg["msg_type"] == "stream" and room > 0:
            msg["content"]["text"] = msg["content"]["text"][:room]
        elif room < len(str(msg["content"])) and msg["msg_type"] != "error":
            return None
        return super().output(outs, msg, display_id, cell_index)

    def _get_timeout(self, cell: NotebookNode | None) -> int | None:
        trusted = cell is not None and utils.is_locked(cell) and not utils.is_grade(cell)
        return self.trusted_seconds if trusted else self.timeout

    def _run(self, cell: NotebookNode, index: int) -> None:
        try:
            self.execute_cell(cell, index)
        except (DeadKernelError, CellTimeoutError) as error:
            self._stop(cell, index, error)
            self._lost += 1
            while self._lost <= self.restarts and not self._replay(index):
                self._lost += 1
        else:
            if any(output.get("ename") == TIMEOUT for output in cell.outputs):
                # nbclient interrupted the cell and left its own error beside the interrupt's.
                ours = (TIMEOUT, "KeyboardInterrupt")
                cell.outputs = [output for output in cell.outputs if output.get("ename") not in ours]
                _fail(cell, TIMEOUT, f"no end after {self.timeout} s")
                self._stopped.add(index)

    def _stop(self, cell: NotebookNode, index: int, error: Exception) -> None:
        self._stopped.add(index)
        if isinstance(error, DeadKernelError):
            _fail(cell, DIED, "the cell ended the Python process")
        else:
            _fail(cell, TIMEOUT, f"no end after {self.timeout} s, and the cell would not be interrupted")

    def _replay(self, until: int) -> bool:
        """Start a fresh kernel and run the cells before `until` again; False if one of them stops it too."""
        self._cleanup_kernel()
        self.create_kernel_manager()
        self.start_new_kernel(env=self._env)
        self.start_new_kernel_client()
        for index, cell in enumerate(self.nb.cells[:until]):
            if cell.cell_type != "code" or index in self._stopped:
                continue
            try:
                self.execute_cell(deepcopy(cell), index)
            except (DeadKernelError, CellTimeoutError) as error:
                self._stop(cell, index, error)
                return False
            finally:
                self.nb.cells[index] = cell
        return True


class FairOutputs(NbGraderPreprocessor):
    """Take from test cells what nbgrader would misread as a score.

    Anything on stderr counts as a failed test there, a warning too; and a test whose last value is NaN or
    negative gets all points.
    """

    def preprocess_cell(
        self, cell: NotebookNode, resources: Any, cell_index: int
    ) -> tuple[NotebookNode, Any]:
        """Mend the outputs of `cell` if it is a test."""
        if cell.cell_type == "code" and utils.is_grade(cell) and not utils.is_solution(cell):
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
            for output in cell.outputs:
                if output.output_type == "execute_result" and not _is_share(
                    output, cell.metadata.nbgrader["points"]
                ):
                    _fail(cell, "ScoreError", "the test's last value is no score between 0 and its points")
                    break
        return cell, resources


def _is_share(output: NotebookNode, points: float) -> bool:
    """Whether a test's value is a score, or no number at all (which is no score and costs nothing)."""
    try:
        value = float(output.data.get("text/plain", ""))
    except ValueError:
        return True
    return math.isfinite(value) and 0 <= value <= points


def _fail(cell: NotebookNode, name: str, reason: str) -> None:
    """Add an error to the outputs of `cell`, ahead of everything else that it shows."""
    error = nbformat.v4.new_output("error", ename=name, evalue=reason, traceback=[f"{name}: {reason}"])
    cell.outputs = [error, *cell.get("outputs", [])]


def _kernel_environment(profile: str) -> dict[str, str]:
    """Leave warnings, start-up files of an earlier kernel and the gradebook's address out."""
    env = {name: value for name, value in os.environ.items() if name != "ECOMTRAIN_DB_URL"}
    # A Jupyter debugger that is never used would warn on stderr about frozen modules.
    return {**env, "PYTHONWARNINGS": "ignore", "IPYTHONDIR": profile, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
