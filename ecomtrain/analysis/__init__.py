"""The analyses that the chapters teach: frames in, frames out; no files, no plots, no Jupyter.

One module per topic, loaded when first used.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

__all__ = [
    "attribution",
    "basket",
    "causal",
    "channels",
    "clv",
    "content",
    "customers",
    "experiment",
    "forecast",
    "funnel",
    "growth",
    "intervals",
    "inventory",
    "lifecycle",
    "market",
    "metrics",
    "paths",
    "pricing",
    "privacy",
    "response",
    "sales",
    "scoring",
    "selection",
    "service",
    "surveys",
    "survival",
    "targeting",
    "team",
]


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
