"""Derived files: the same every time, and made without the class noticing."""

from __future__ import annotations

import pytest
from conftest import tree

from ecomtrain.classroom import build
from ecomtrain.errors import CourseError

PARTS = ["notebooks", "source", "release"]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CourseError, match="There is no folder"):
        build(tmp_path / "nowhere", parts=PARTS)


def test_an_unknown_part_is_named(tmp_path):
    with pytest.raises(CourseError, match="the parts are notebooks"):
        build(tmp_path, parts=["figures"])


def test_a_course_without_scripts_derives_nothing(tmp_path):
    assert build(tmp_path, parts=PARTS) == []


def test_building_twice_changes_nothing_and_leaves_no_gradebook(course):
    before = tree(course)
    assert not any(one.changed for one in build(course, parts=PARTS))
    assert tree(course) == before
    assert not list(course.glob("gradebook.db*"))


def test_checking_names_what_differs_and_changes_nothing(course):
    script = course / "source" / "basket.py"
    script.write_text(script.read_text().replace("Three short questions", "Some questions"))
    before = tree(course)
    differing = [str(one.path) for one in build(course, check=True, parts=PARTS) if one.changed]
    assert differing == ["release/basket/basket.ipynb", "source/basket/basket.ipynb"]
    assert tree(course) == before


def test_every_derived_file_of_this_course_is_what_its_source_gives(pytestconfig):
    derived = build(pytestconfig.rootpath, check=True)
    assert len(derived) > 15
    assert [str(one.path) for one in derived if one.changed] == []


def test_a_release_has_neither_solutions_nor_hidden_tests_but_the_capability(course):
    text = (course / "release" / "basket" / "basket.ipynb").read_text()
    assert "HIDDEN" not in text
    assert "max(prices)" not in text
    assert "not the sales" not in text
    assert '"capability": "C1.K3"' in text


def test_files_beside_a_source_notebook_go_out_with_it(course):
    (course / "source" / "basket" / "hint.txt").write_text("count buyers")
    build(course, parts=["release"])
    assert (course / "release" / "basket" / "hint.txt").read_text() == "count buyers"
