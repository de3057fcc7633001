"""The instructor's side, on nbgrader: build, check, release, demo class, grading, report.

Each function loads its module, and nbgrader with it, when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_WHERE = {
    "build": "building",
    "check": "checking",
    "release": "releasing",
    "prove": "releasing",
    "demo_class": "demo",
    "grade": "grading",
    "report": "reporting",
    "Course": "course",
    "settings": "course",
}

__all__ = sorted(_WHERE)


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
