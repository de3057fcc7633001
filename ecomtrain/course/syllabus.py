"""The syllabus and the six capabilities, read from TOML."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ecomtrain.errors import CourseError, nearest

__all__ = [
    "TYPES",
    "Capability",
    "Chapter",
    "Element",
    "capabilities",
    "capability",
    "chapter",
    "element",
    "elements",
    "still_to_be_written",
]

TYPES = {
    "T": "trend",
    "X": "case figure",
    "M": "metric set",
    "L": "tool",
    "F": "framework item",
    "S": "summary",
    "P": "preparation task",
}


@dataclass(frozen=True)
class Chapter:
    """A chapter of the course: its number and its title in both languages."""

    number: int
    en: str
    zh: str


@dataclass(frozen=True)
class Element:
    """One element of the outline; `type` is a key of `TYPES`, or two of them: F/X.

    An `inferred` element is not in the outline, which breaks off: the course adds it.
    """

    id: str
    chapter: int
    type: str
    en: str
    zh: str
    inferred: bool = False


@dataclass(frozen=True)
class Capability:
    """One of the manager's capabilities that graded cells are mapped to."""

    id: str
    en: str
    zh: str


def read(name: str) -> dict[str, Any]:
    """Return the content of one of the TOML files of this package."""
    return tomllib.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))


@cache
def _elements() -> dict[str, Element]:
    found = read("syllabus.toml")["elements"]
    return {
        key: Element(id=key, chapter=int(key[1 : key.index(".")]), **value) for key, value in found.items()
    }


def elements(number: int | None = None) -> dict[str, Element]:
    """Return the elements of one chapter, or of all, by id and in the order they are taught.

    Examples
    --------
    >>> list(elements(2))[:3]
    ['C2.T1', 'C2.T2', 'C2.T3']
    """
    if number is not None:
        chapter(number)
    return {key: value for key, value in _elements().items() if number in (None, value.chapter)}


def element(key: str) -> Element:
    """Return one element.

    Raises
    ------
    CourseError
        If there is no such id; the message names the nearest one.

    Examples
    --------
    >>> element("C2.F1c").type
    'X'
    >>> element("C2.F1d")
    Traceback (most recent call last):
        ...
    ecomtrain.errors.CourseError: syllabus.element: there is no element 'C2.F1d'. Did you mean 'C2.F1c'?
    """
    if key not in _elements():
        raise CourseError(f"syllabus.element: there is no element '{key}'.{nearest(key, _elements())}")
    return _elements()[key]


def chapter(number: int) -> Chapter:
    """Return the title of a chapter; a number that is not in the syllabus raises CourseError."""
    found = read("syllabus.toml")["chapters"]
    if f"C{number}" not in found:
        numbers = ", ".join(key.removeprefix("C") for key in found)
        raise CourseError(f"syllabus.chapter: there is no chapter {number}; the syllabus has {numbers}.")
    return Chapter(number=number, **found[f"C{number}"])


def still_to_be_written() -> list[int]:
    """Return the numbers of the chapters that have no notebook yet."""
    return list(read("syllabus.toml")["still_to_be_written"])


def capabilities() -> dict[str, Capability]:
    """Return the six capabilities by id.

    Examples
    --------
    >>> capabilities()["C1.K1"].en
    'Data analysis'
    """
    return {key: Capability(id=key, **value) for key, value in read("capabilities.toml").items()}


def capability(key: str) -> Capability:
    """Return one capability; an unknown id raises CourseError with the nearest one.

    Examples
    --------
    >>> capability("C1.K4").zh
    '供应链管理能力'
    >>> capability("K4")
    Traceback (most recent call last):
        ...
    ecomtrain.errors.CourseError: syllabus.capability: there is no capability 'K4'. Did you mean 'C1.K4'?
    """
    if key not in capabilities():
        raise CourseError(
            f"syllabus.capability: there is no capability '{key}'.{nearest(key, capabilities())}"
        )
    return capabilities()[key]
