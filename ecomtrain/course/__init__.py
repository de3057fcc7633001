"""The programme as data (TOML) and the little code that reads it: syllabus, capabilities, claims, checks.

One module per topic, loaded when first used.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

__all__ = ["check", "claims", "syllabus"]


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
