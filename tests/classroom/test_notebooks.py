"""Percent scripts to notebooks: what is refused, and that the same script gives the same bytes."""

from __future__ import annotations

import json

import pytest

from ecomtrain.classroom.notebooks import convert, text_of
from ecomtrain.errors import CourseError

TEST = '# %% nbgrader={"grade": true, "solution": false, "locked": true, "points": 1, "grade_id": "q1-test"} '


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ('# %% nbgrader={"grade": true, "points": 1} capability="C1.K1"\n1', "give a grade_id"),
        ('# %% nbgrader={"grade_id": "q 1", "locked": true}\n1', "give a grade_id of letters"),
        ('# %% nbgrader={"grade_id": "q1", "lokced": true}\n1', "Did you mean 'locked'"),
        ('# %% nbgrader={"grade_id": "q1", "grade": true}\n1', "a graded cell needs its points"),
        (f"{TEST}\n1", "name the capability"),
        (f'{TEST} capability="C1.K1"\n1\n\n{TEST} capability="C1.K1"\n2', "taken by cell 1"),
    ],
)
def test_a_marked_cell_that_breaks_a_rule_is_named(script, sentence):
    with pytest.raises(CourseError, match=sentence):
        convert(script, "basket")


def test_an_empty_script_gives_an_empty_notebook():
    assert convert("", "empty").cells == []


def test_the_same_script_gives_the_same_bytes():
    script = '# %% [markdown] tags=["syllabus:C2.F1a"]\n# Dwell\n\n# %%\nx = 1;\n\n# %% [raw]\n# raw'
    assert text_of(convert(script, "ch02")) == text_of(convert(script, "ch02"))


def test_cell_ids_come_from_the_name_and_the_grade_id_or_the_last_tag():
    script = (
        "# %% [markdown]\n# Title\n\n"
        '# %% [markdown] tags=["syllabus:C2.F1a"]\n# Dwell\n\n# %%\n1\n\n'
        '# %% nbgrader={"grade_id": "setup", "locked": true}\n2\n\n# %%\n3'
    )
    ids = [cell.id for cell in convert(script, "ch02").cells]
    assert ids == ["ch02-1", "ch02-C2-F1a-1", "ch02-C2-F1a-2", "ch02-setup", "ch02-C2-F1a-3"]


def test_a_cell_put_into_one_section_moves_no_id_of_another():
    before = '# %% tags=["a"]\n1\n\n# %% tags=["b"]\n2\n\n# %%\n3'
    after = '# %% tags=["a"]\n1\n\n# %%\n9\n\n# %% tags=["b"]\n2\n\n# %%\n3'
    kept = {cell.source: cell.id for cell in convert(after, "n").cells}
    assert all(kept[cell.source] == cell.id for cell in convert(before, "n").cells)


def test_an_id_is_never_longer_than_the_format_allows():
    (cell,) = convert(f'# %% tags=["{"x" * 90}"]\n1', "n").cells
    assert len(cell.id) <= 64


def test_a_notebook_has_a_kernel_no_outputs_and_all_authored_metadata():
    content = json.loads(text_of(convert(f'# ---\n# title: x\n# ---\n\n{TEST} capability="C1.K1"\n1', "n")))
    assert content["metadata"]["kernelspec"]["name"] == "python3"
    assert content["metadata"]["kernelspec"]["display_name"]
    cell = content["cells"][-1]
    assert (cell["outputs"], cell["execution_count"]) == ([], None)
    assert cell["metadata"]["capability"] == "C1.K1"
    assert cell["metadata"]["nbgrader"]["schema_version"] == 3
