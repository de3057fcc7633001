"""Every element of the syllabus is taught: its chapter's notebook has a cell that is tagged with it."""

import re
from pathlib import Path

import pytest

from ecomtrain.course import syllabus

ROOT = Path(__file__).parents[2]
CHAPTERS = range(1, 7)
WRITTEN = [number for number in CHAPTERS if number not in syllabus.still_to_be_written()]


def notebooks(chapter):
    return list((ROOT / "notebooks").glob(f"ch{chapter:02d}_*.py"))


def test_every_element_is_of_one_of_the_six_chapters():
    assert {element.chapter for element in syllabus.elements().values()} == set(CHAPTERS)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_has_a_notebook_or_is_on_the_list_of_those_still_to_be_written(chapter):
    assert len(notebooks(chapter)) == (chapter in WRITTEN)


@pytest.mark.parametrize("chapter", WRITTEN)
def test_every_element_of_a_chapter_is_tagged_in_its_notebook_and_no_other_is(chapter):
    (notebook,) = notebooks(chapter)
    heads = [line for line in notebook.read_text(encoding="utf-8").splitlines() if line.startswith("# %%")]
    tagged = {tag for head in heads for tag in re.findall(r'"syllabus:([^"]+)"', head)}
    assert tagged == set(syllabus.elements(chapter))
