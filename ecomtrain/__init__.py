"""E-commerce management taught on data: analyses, plots, a simulated shop, the course and its grading.

Submodules load when first used, so ``import ecomtrain`` itself costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

__version__ = "0.1.0"
__all__ = ["analysis", "classroom", "course", "datasets", "errors", "plots", "shop"]


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
