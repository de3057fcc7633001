"""Every assignment: the solution gets full marks, the release none, each planted slip costs its question."""

import re
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

import pytest
import running

from ecomtrain.classroom.wrong import read_wrong
from ecomtrain.course import syllabus

NAMES = running.NAMES
SLIPS = [(name, *slip) for name in NAMES for slip in running.planted(name)]
assignment = pytest.mark.parametrize("name", NAMES)


def test_there_is_an_assignment():
    assert NAMES


@assignment
def test_the_solution_passes_every_test_and_is_quiet(name):
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        errors = running.run(running.source(name))
    assert errors == dict.fromkeys(errors)
    assert out.getvalue() == err.getvalue() == ""


@assignment
def test_the_solution_passes_the_tests_that_a_trainee_sees(name):
    answers = {
        running.marks(cell)["grade_id"]: cell.source
        for cell in running.source(name).cells
        if running.marks(cell).get("solution")
    }
    errors = running.run(running.release(name), answers)
    assert errors == dict.fromkeys(errors)


@assignment
def test_the_empty_release_passes_no_test_graded_or_seen(name):
    release = running.release(name)
    blank = {running.marks(cell)["grade_id"]: cell.source for cell in release.cells}
    for notebook in (release, running.source(name)):
        assert all(running.run(notebook, blank).values())


@pytest.mark.parametrize(("name", "question", "slip"), SLIPS, ids=[".".join(slip) for slip in SLIPS])
def test_a_planted_slip_costs_its_question_and_no_other_and_is_named(name, question, slip):
    wrong = running.planted(name)[question, slip]
    errors = running.run(running.source(name), {running.answer_of(question): wrong["code"]})
    failed = {grade_id: error for grade_id, error in errors.items() if error}
    assert list(failed) == [wrong["caught_by"]]
    assert wrong["caught_by"].startswith(f"{question}-")
    told = failed[wrong["caught_by"]]
    assert type(told) is AssertionError
    assert wrong["slip"] in str(told)


@assignment
def test_every_question_graded_by_tests_has_a_planted_slip_and_there_are_twelve_or_more(name):
    planted = running.planted(name)
    caught = {wrong["caught_by"] for wrong in planted.values()}
    assert caught == set(running.tests_of(running.source(name)))
    assert len(planted) >= 12
    for wrong in planted.values():
        assert re.fullmatch(r"[^\n]+\.", wrong["slip"])


@assignment
def test_the_classroom_reads_the_planted_slips(name):
    found = read_wrong(running.SOURCE / f"{name}.wrong.toml", running.source(name))
    assert len(found) == len(running.planted(name))
    assert all(wrong.cell == running.answer_of(wrong.question) for wrong in found)


@assignment
def test_the_release_holds_neither_solutions_nor_hidden_tests_nor_the_mark_scheme(name):
    source, release = running.source(name), running.release(name)
    told = "\n".join(cell.source for cell in release.cells)
    for word in ("BEGIN SOLUTION", "HIDDEN", "MARK SCHEME", "END SOLUTION"):
        assert word not in told
    kept = {line.strip() for cell in release.cells for line in cell.source.splitlines()}
    hidden = [
        line.strip()
        for cell in source.cells
        for region in re.findall(r"### BEGIN (?:SOLUTION|HIDDEN TESTS)\n(.*?)### END", cell.source, re.DOTALL)
        for line in region.splitlines()
    ]
    # short lines, such as a closing bracket, are in many a cell
    assert not {line for line in hidden if len(line) > 12} & kept
    assert len(hidden) > 50


@assignment
def test_every_graded_cell_names_a_capability_and_several_are_asked_for(name):
    graded = [cell for cell in running.source(name).cells if running.marks(cell).get("grade")]
    asked = [cell.metadata["capability"] for cell in graded]
    assert set(asked) <= set(syllabus.capabilities())
    assert len(set(asked)) >= 3


@assignment
def test_the_points_add_up_to_those_in_the_table_and_each_question_says_its_own(name):
    cells = running.source(name).cells
    points = {
        running.marks(cell)["grade_id"].split("-")[0]: running.marks(cell)["points"]
        for cell in cells
        if running.marks(cell).get("grade")
    }
    assert sum(points.values()) == 20
    assert 5 <= len(running.tests_of(running.source(name))) <= 7
    table = dict(re.findall(r"^\| (\d+) \|.*\| (\d+) \|$", cells[0].source, re.MULTILINE))
    assert {f"q{number}": int(value) for number, value in table.items()} == points
    told = "\n".join(cell.source for cell in cells)
    assert {
        f"q{number}": int(value) for number, value in re.findall(r"\*\*Question (\d+) \((\d+) points\)", told)
    } == points


@assignment
def test_a_question_is_a_locked_text_an_open_answer_and_a_locked_test(name):
    by_id = {running.marks(cell).get("grade_id"): cell for cell in running.source(name).cells}
    for grade_id in running.tests_of(running.source(name)):
        question = grade_id.split("-")[0]
        text, answer, test = by_id[question], by_id[running.answer_of(question)], by_id[grade_id]
        assert running.marks(text)["locked"]
        assert text.cell_type == "markdown"
        assert running.marks(answer)["solution"]
        assert not running.marks(answer)["locked"]
        assert running.marks(test)["locked"]
        visible, _, hidden = test.source.partition("### BEGIN HIDDEN TESTS")
        assert "check." in visible
        assert "check." in hidden
        assert hidden.strip().endswith("### END HIDDEN TESTS")


@assignment
def test_the_set_up_is_locked_and_loads_one_shop(name):
    cells = {running.marks(cell).get("grade_id"): cell for cell in running.source(name).cells}
    setup = cells["setup"]
    assert running.marks(setup)["locked"]
    names = {}
    exec(setup.source, names)
    frames = {key: value for key, value in names.items() if hasattr(value, "columns")}
    assert frames
    for key, frame in frames.items():
        assert f"`{key}`" in cells["frames"].source
        assert "shop" not in frame or set(frame["shop"]) == {names["SHOP"]}


@assignment
def test_a_hidden_test_leaves_the_names_of_a_trainee_alone(name):
    for cell in running.tests_of(running.source(name)).values():
        set_here = re.findall(r"^(?:def )?(\w+)(?:, (\w+))*(?: = |\()", cell.source, re.MULTILINE)
        assert all(part.startswith("_") or not part for names in set_here for part in names), cell.source


@assignment
def test_a_memo_has_criteria_that_a_trainee_can_see_and_a_mark_scheme_that_it_cannot(name):
    cells = {running.marks(cell).get("grade_id"): cell for cell in running.source(name).cells}
    memos = [
        key
        for key, cell in cells.items()
        if cell.cell_type == "markdown" and running.marks(cell).get("grade")
    ]
    assert memos
    for memo in memos:
        assert "=== BEGIN MARK SCHEME ===" in cells[memo].source
        criteria = re.findall(r"^\| .* \| (\d+) \|$", cells[memo.split("-")[0]].source, re.MULTILINE)
        assert sum(map(int, criteria)) == running.marks(cells[memo])["points"]
