"""The syllabus: every element is there in both languages, and an unknown id is met with the nearest."""

import re

import pytest

from ecomtrain.course import syllabus
from ecomtrain.errors import CourseError

FRAMEWORK = [f"F{column}{row}" for column in "123" for row in "abc"]
CHAPTER_2 = [
    "T1",
    "T2",
    "T3",
    "T4",
    "T5",
    "M",
    "L1",
    "L2",
    "L3",
    "L4",
    "L5",
    *FRAMEWORK,
    "S",
    "P1",
    "P2",
    "P3",
]


def test_chapter_2_has_every_element_of_the_outline_in_its_order():
    assert list(syllabus.elements(2)) == [f"C2.{name}" for name in CHAPTER_2]


def test_every_element_has_both_languages_and_a_known_type():
    for element in syllabus.elements().values():
        assert re.search("[a-z]", element.en)
        assert re.search("[\u4e00-\u9fff]", element.zh)
        assert not re.search("[\u4e00-\u9fff]", element.en)
        assert element.type in syllabus.TYPES


def test_every_element_belongs_to_a_chapter_that_has_a_title():
    for element in syllabus.elements().values():
        assert element.id.startswith(f"C{element.chapter}.")
        assert syllabus.chapter(element.chapter).zh


def test_there_are_six_capabilities_in_both_languages():
    found = syllabus.capabilities()
    assert list(found) == [f"C1.K{number}" for number in range(1, 7)]
    assert all(capability.en and capability.zh.endswith("能力") for capability in found.values())


def test_changing_what_the_reader_returns_changes_nothing_for_the_next_reader():
    syllabus.elements().clear()
    syllabus.capabilities().clear()
    assert syllabus.elements()
    assert syllabus.capabilities()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: syllabus.element("C2.F1"), "there is no element 'C2.F1'. Did you mean"),
        (lambda: syllabus.element("nothing like it"), "there is no element 'nothing like it'."),
        (lambda: syllabus.capability("C1.K7"), "Did you mean 'C1.K"),
        (lambda: syllabus.chapter(9), "there is no chapter 9; the syllabus has"),
        (lambda: syllabus.elements(9), "there is no chapter 9; the syllabus has"),
    ],
)
def test_an_unknown_id_is_met_with_a_sentence(call, words):
    with pytest.raises(CourseError, match=re.escape(words)):
        call()
