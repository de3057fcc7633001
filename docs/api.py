"""Write the API pages: one for each public module, from its docstrings; a warning is an error.

    python docs/api.py [FOLDER]

The pages go to build/api unless FOLDER says otherwise. Nothing is fetched.
"""

from __future__ import annotations

import inspect
import sys
import tempfile
from importlib import import_module
from itertools import chain
from pathlib import Path

from sphinx.application import Sphinx

import ecomtrain
from ecomtrain import analysis, plots

ROOMS = {
    "Analyses": [f"ecomtrain.analysis.{name}" for name in analysis.__all__],
    "Plots": [f"ecomtrain.plots.{name}" for name in plots.TOPICS],
    "Data": ["ecomtrain.datasets", "ecomtrain.shop"],
    "Course": ["ecomtrain.course.claims", "ecomtrain.course.check", "ecomtrain.course.syllabus"],
    "Errors": ["ecomtrain.errors"],
}
SETTINGS = {
    "project": "ecomtrain",
    "version": ecomtrain.__version__,
    "copyright": "the authors of ecomtrain",
    "default_role": "py:obj",
    "extensions": ["sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc"],
    "autosummary_generate": False,
    "autodoc_typehints": "none",
    "numpydoc_class_members_toctree": False,
    "numpydoc_show_class_members": False,
    "html_theme": "furo",
    "html_title": "ecomtrain: the API",
    "html_copy_source": False,
    "html_show_sourcelink": False,
    "highlight_language": "pycon",
}


def page(module: str) -> str:
    """Write the source of one module's page: its purpose, a list of its public names, then each of them."""
    room, _, topic = module.rpartition(".")
    is_plot = room == "ecomtrain.plots"
    # A plot is called by its name alone, whatever module it lives in.
    home = room if is_plot else module
    names = sorted(plots.TOPICS[topic] if is_plot else import_module(module).__all__, key=str.lower)
    title = module.removeprefix("ecomtrain.")
    lines = [title, "=" * len(title), "", f".. automodule:: {module}", "", f".. currentmodule:: {home}", ""]
    lines += [".. autosummary::", "", *[f"   {name}" for name in names], ""]
    for name in names:
        thing = getattr(import_module(home), name)
        kind = "class" if inspect.isclass(thing) else "function" if callable(thing) else "data"
        lines += [f".. auto{kind}:: {name}", "   :no-value:" if kind == "data" else "", ""]
    return "\n".join(lines)


def index() -> str:
    """Write the source of the first page: every module with the first line of what it is for."""
    lines = ["The API of ecomtrain", "====================", ""]
    for room, modules in ROOMS.items():
        lines += [room, "-" * len(room), ""]
        for module in modules:
            about = (import_module(module).__doc__ or "").splitlines()[0]
            lines += [f"- :doc:`{module}`: {about}"]
        lines += ["", ".. toctree::", "   :hidden:", f"   :caption: {room}", ""]
        lines += [f"   {module}" for module in modules] + [""]
    return "\n".join(lines)


def build(folder: Path) -> None:
    """Write every page into `folder`; raise on the first warning."""
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch)
        (source / "index.rst").write_text(index(), encoding="utf-8")
        for module in chain.from_iterable(ROOMS.values()):
            (source / f"{module}.rst").write_text(page(module), encoding="utf-8")
        app = Sphinx(
            source, None, folder, source / ".doctrees", "html", SETTINGS, status=None, warningiserror=True
        )
        app.build()


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("build/api"))
