"""Every element of the syllabus is taught: its chapter's notebook has a cell that is tagged with it."""

import re
from pathlib import Path

import pytest

from ecomtrain.course import syllabus

ROOT = Path(__file__).parents[2]
CHAPTERS = sorted({element.chapter for element in syllabus.elements().values()})


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_element_of_a_chapter_is_tagged_in_its_notebook_and_no_other_is(chapter):
    (notebook,) = (ROOT / "notebooks").glob(f"ch{chapter:02d}_*.py")
    heads = [line for line in notebook.read_text(encoding="utf-8").splitlines() if line.startswith("# %%")]
    tagged = {tag for head in heads for tag in re.findall(r'"syllabus:([^"]+)"', head)}
    assert tagged == set(syllabus.elements(chapter))
