"""The syllabus: every element is there in both languages, and an unknown id is met with the nearest."""

import re

import pytest

from ecomtrain.course import syllabus
from ecomtrain.errors import CourseError

FRAMEWORK = " ".join(f"F{column}{row}" for column in "123" for row in "abc")
CHAPTERS = {
    1: "T0a T0b T0c T0d T1 T2 T3 T4 T5 K1 K2 K3 K4 K5 K6 PL1a PL1b PL1c PL2a PL2b PL2c PL3a PL3b PL3c "
    "AS S P1 P2 P3",
    2: f"T1 T2 T3 T4 T5 M L1 L2 L3 L4 L5 {FRAMEWORK} S P1 P2 P3",
    3: f"T1 T2 T3 T4 T5 M A C D L E {FRAMEWORK} S P1 P2 P3",
    4: "T1 T2 T3 T4 T5 A1 A2 A3 L1 L2 L3 F1a F1b F1c F2a F2b F2c FM F3a F3b F3c S P1 P2 P3",
    5: f"T1 T2 T3 T4 T5 A L {FRAMEWORK} S P1 P2 P3",
    6: f"T1 T2 T3 T4 T5 L1 L2 L3 L4 L5 L6 {FRAMEWORK} S P1 P2 P3",
}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_has_every_element_of_the_outline_in_its_order(chapter):
    assert list(syllabus.elements(chapter)) == [f"C{chapter}.{name}" for name in CHAPTERS[chapter].split()]


def test_what_the_outline_does_not_have_is_marked_as_inferred():
    inferred = [key for key, element in syllabus.elements().items() if element.inferred]
    assert inferred[0] == "C4.FM"
    assert inferred[1:] == [key for key in syllabus.elements(6) if not key.startswith("C6.T")]


def test_every_element_has_both_languages_and_a_known_type():
    for element in syllabus.elements().values():
        assert re.search("[a-z]", element.en)
        assert re.search("[\u4e00-\u9fff]", element.zh)
        assert not re.search("[\u4e00-\u9fff]", element.en)
        assert set(element.type.split("/")) <= set(syllabus.TYPES)


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
