"""Planted wrong answers: a misspelt table is named, and the code takes exactly the solution's place."""

from __future__ import annotations

import nbformat
import pytest

from ecomtrain.classroom.wrong import answered, read_wrong
from ecomtrain.errors import CourseError


@pytest.fixture
def notebooks(course):
    return tuple(
        nbformat.read(course / folder / "basket" / "basket.ipynb", as_version=4)
        for folder in ("release", "source")
    )


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ("[q1.units\n", "is no TOML"),
        ('[q9.units]\ncode = "x"\ncaught_by = "q1-test"\nslip = "s"', "is no question"),
        ('[memo.units]\ncode = "x"\ncaught_by = "q1-test"\nslip = "s"', "is no question"),
        ('[q1.units]\ncode = "x"\nslip = "s"', "needs code, caught_by and slip"),
        ('[q1]\ncode = "x"', "needs code, caught_by and slip"),
        ('[q1.units]\ncode = "x"\ncaught_by = "q1-tset"\nslip = "s"', "Did you mean 'q1-test'"),
    ],
)
def test_a_table_that_cannot_be_used_is_named(toml, sentence, tmp_path, notebooks):
    path = tmp_path / "basket.wrong.toml"
    path.write_text(toml)
    with pytest.raises(CourseError, match=sentence):
        read_wrong(path, notebooks[1])


def test_an_assignment_without_the_file_has_no_wrong_answers(tmp_path, notebooks):
    assert read_wrong(tmp_path / "none.toml", notebooks[1]) == []


def test_an_unknown_cell_cannot_be_replaced(notebooks):
    with pytest.raises(CourseError, match="Did you mean 'q1-answer'"):
        answered(*notebooks, {"q1-anwser": "1"})


def test_a_trainee_s_memo_holds_none_of_the_mark_scheme():
    scheme = "=== BEGIN MARK SCHEME ===\n1 point for the base rate\n=== END MARK SCHEME ==="
    memo = f"### BEGIN SOLUTION\nDear team,\n\nno.\n\n{scheme}\n### END SOLUTION"
    cells = [
        nbformat.v4.new_markdown_cell(text, metadata={"nbgrader": {"grade_id": "memo", "solution": True}})
        for text in ("YOUR ANSWER HERE", memo)
    ]
    release, source = (nbformat.v4.new_notebook(cells=[cell]) for cell in cells)
    assert answered(release, source).cells[0].source == "Dear team,\n\nno."


def test_the_answers_are_the_author_s_without_the_marks(notebooks):
    release, source = notebooks
    sources = "\n".join(cell.source for cell in answered(release, source).cells)
    assert "dearest = max(prices)" in sources
    assert "SOLUTION" not in sources
    assert "raise NotImplementedError" not in sources


def test_wrong_code_stands_where_the_solution_stood(notebooks):
    release, source = notebooks
    notebook = answered(release, source, {"q2-answer": "half = 0.5\nreturn sales * half"}, blank=True)
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell.source for cell in notebook.cells}
    assert cells["q2-answer"].splitlines()[2:] == ["    half = 0.5", "    return sales * half"]
    assert "NotImplementedError" in cells["q1-answer"]


def test_the_given_notebooks_stay_as_they_are(notebooks):
    release, source = notebooks
    before = nbformat.writes(release), nbformat.writes(source)
    answered(release, source, {"q1-answer": "sales = 1.0"})
    assert (nbformat.writes(release), nbformat.writes(source)) == before
