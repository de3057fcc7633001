"""A trainee's notebook that lost or copied marks is brought back to those of the release."""

from __future__ import annotations

from copy import deepcopy

import nbformat
import pytest
from conftest import code

from ecomtrain.classroom.repair import repair

QUESTION = {"locked": True}
ANSWER = {"solution": True}
TEST = {"grade": True, "locked": True, "points": 1}


@pytest.fixture
def release():
    cells = [
        code("setup", "setup", **QUESTION),
        code("a1", "q1-answer", **ANSWER),
        code("t1", "q1-test", **TEST),
        code("a2", "q2-answer", **ANSWER),
        code("t2", "q2-test", **TEST),
    ]
    return nbformat.v4.new_notebook(cells=cells)


def marked(notebook):
    return [cell.metadata.nbgrader.grade_id for cell in notebook.cells if "nbgrader" in cell.metadata]


ALL = ["setup", "q1-answer", "q1-test", "q2-answer", "q2-test"]


def test_an_empty_notebook_gets_all_marked_cells_back(release):
    notebook = nbformat.v4.new_notebook()
    assert repair(notebook, release) == [
        "Deleted or changed cells, put back: setup, q1-answer, q1-test, q2-answer, q2-test."
    ]
    assert [cell.source for cell in notebook.cells] == ["setup", "a1", "t1", "a2", "t2"]


def test_an_untouched_notebook_stays_as_it_is(release):
    notebook = deepcopy(release)
    assert repair(notebook, release) == []
    assert notebook == release


def test_of_a_test_copied_to_the_end_the_one_in_its_place_counts(release):
    notebook = deepcopy(release)
    notebook.cells.append(deepcopy(notebook.cells[2]))
    assert repair(notebook, release) == ["Copied cells, counted once: q1-test."]
    assert marked(notebook) == ALL
    assert "nbgrader" not in notebook.cells[-1].metadata


def test_of_a_test_copied_to_the_top_the_one_in_its_place_counts(release):
    notebook = deepcopy(release)
    notebook.cells.insert(0, deepcopy(notebook.cells[2]))
    repair(notebook, release)
    assert marked(notebook) == ALL
    assert "nbgrader" not in notebook.cells[0].metadata


def test_a_deleted_test_comes_back_after_its_answer(release):
    notebook = deepcopy(release)
    del notebook.cells[2]
    notebook.cells.insert(2, nbformat.v4.new_code_cell("own"))
    assert repair(notebook, release) == ["Deleted or changed cells, put back: q1-test."]
    assert marked(notebook) == ALL


def test_cells_that_lost_their_marks_are_known_by_their_id(release):
    notebook = deepcopy(release)
    for cell in notebook.cells:
        del cell.metadata["nbgrader"]
        cell.source += " changed"
    assert repair(notebook, release) == []
    assert marked(notebook) == ALL


def test_cells_that_lost_marks_and_ids_are_known_by_their_text(release):
    notebook = deepcopy(release)
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        del cell.metadata["nbgrader"]
        del cell["id"]
    assert repair(notebook, release) == []
    assert marked(notebook) == ALL


def test_a_test_made_text_is_put_back_as_code(release):
    notebook = deepcopy(release)
    old = nbformat.v4.new_markdown_cell("t1", metadata=deepcopy(notebook.cells[2].metadata))
    old.id = notebook.cells[2].id
    notebook.cells[2] = old
    repair(notebook, release)
    assert marked(notebook) == ALL
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    nbformat.validate(notebook)


def test_a_notebook_without_ids_gets_cells_without_ids(release):
    notebook = nbformat.v4.new_notebook()
    notebook.nbformat_minor = 4
    repair(notebook, release)
    nbformat.validate(notebook)


@pytest.mark.parametrize(
    "invented", [{"grade_id": "q9-test"}, {"grade_id": 7}, {}, "nonsense", None, {"schema_version": 99}]
)
def test_marks_that_the_release_has_not_are_taken_off(release, invented):
    notebook = deepcopy(release)
    extra = nbformat.v4.new_code_cell("x")
    extra.metadata["nbgrader"] = invented
    notebook.cells.append(extra)
    assert repair(notebook, release) == []
    assert "nbgrader" not in notebook.cells[-1].metadata


def test_changed_points_are_those_of_the_release_again(release):
    notebook = deepcopy(release)
    notebook.cells[2].metadata.nbgrader["points"] = 100
    notebook.cells[4].metadata.nbgrader["schema_version"] = 99
    repair(notebook, release)
    assert notebook == release
