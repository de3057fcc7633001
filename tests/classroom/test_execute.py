"""Running a trainee's notebook to its end, whatever a cell does to the kernel, the clock or the score."""

from __future__ import annotations

import nbformat
import pytest
from conftest import code

from ecomtrain.classroom.execute import DIED, NOT_RUN, TIMEOUT, FairOutputs, SteadyExecute

pytestmark = [
    # jupyter_client closes a killed kernel's sockets when they are collected, not when it is shut down.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    # From Python 3.12 on, nbclient's note of a timeout calls a function that is on its way out.
    pytest.mark.filterwarnings(r"ignore:datetime\.datetime\.utcnow:DeprecationWarning"),
]

STUBBORN = """
while True:
    try:
        while True:
            pass
    except KeyboardInterrupt:
        pass
"""


def run(*sources, **limits):
    """Run the cells and return the first error of each, or what it printed."""
    notebook = nbformat.v4.new_notebook(cells=[code(source) for source in sources])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    SteadyExecute(**{"timeout": 20, "iopub_timeout": 10, **limits}).preprocess(
        notebook, {"metadata": {"path": "."}}
    )
    ended = []
    for cell in notebook.cells:
        error = next((output.ename for output in cell.outputs if output.output_type == "error"), None)
        ended.append(error or "".join(output.get("text", "") for output in cell.outputs).strip())
    return ended


def test_a_cell_that_ends_the_process_costs_only_itself():
    sources = [
        "x = 1",
        "import os; os._exit(1)",
        "print(x)",
        "1 / 0",
        "print('warned', file=__import__('sys').stderr)",
    ]
    assert run(*sources) == ["", DIED, "1", "ZeroDivisionError", "warned"]


def test_a_loop_is_stopped_and_what_was_there_before_it_still_is():
    assert run("x = 2", "while True: pass", "print(x)", timeout=2) == ["", TIMEOUT, "2"]


def test_a_loop_that_will_not_be_interrupted_costs_only_itself():
    assert run("x = 3", STUBBORN, "print(x)", timeout=2, iopub_timeout=2) == ["", TIMEOUT, "3"]


def test_after_too_many_lost_kernels_the_rest_is_left_out():
    die = "import os; os._exit(1)"
    assert run("x = 4", die, die, "print(x)", restarts=1) == ["", DIED, DIED, NOT_RUN]


def test_endless_printing_is_cut():
    (shown,) = run("for n in range(20_000): print('x' * 100)", max_output=50_000)
    assert 10_000 < len(shown) <= 50_000


def test_a_question_to_the_keyboard_fails():
    assert run("input('name?')") == ["StdinNotImplementedError"]


def test_the_gradebook_s_address_does_not_reach_the_trainee(monkeypatch):
    monkeypatch.setenv("ECOMTRAIN_DB_URL", "postgresql://teacher:secret@host/db")
    assert run("import os; print(os.environ.get('ECOMTRAIN_DB_URL'))") == ["None"]


@pytest.mark.parametrize(
    ("value", "failed"),
    [
        ("1.5", False),
        ("0", False),
        ("'fine'", False),
        ("nan", True),
        ("-1", True),
        ("inf", True),
        ("3", True),
    ],
)
def test_only_a_score_between_nothing_and_all_points_is_one(value, failed):
    result = nbformat.v4.new_output("execute_result", {"text/plain": value}, execution_count=1)
    cell = code("score", "q1-test", grade=True, locked=True, points=2)
    cell.outputs = [nbformat.v4.new_output("stream", name="stderr", text="a warning"), result]
    FairOutputs().preprocess_cell(cell, {}, 0)
    assert [output.output_type for output in cell.outputs] == ["error", "execute_result"][not failed :]


def test_what_a_trainee_s_own_cell_says_stays():
    cell = code("answer", "q1-answer", solution=True)
    cell.outputs = [nbformat.v4.new_output("stream", name="stderr", text="a warning")]
    FairOutputs().preprocess_cell(cell, {}, 0)
    assert len(cell.outputs) == 1
