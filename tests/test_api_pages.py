"""The API pages: every public name, without a warning, without a request to anywhere."""

import inspect
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from ecomtrain import analysis, plots

WRITER = Path(__file__).parents[1] / "docs" / "api.py"


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("api")
    done = subprocess.run([sys.executable, WRITER, folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.html")}


@pytest.mark.slow
def test_every_public_name_has_its_entry_and_no_page_asks_the_network(pages):
    wanted = {f"ecomtrain.plots.{name}" for name in plots.__all__}
    for topic in analysis.__all__:
        module = import_module(f"ecomtrain.analysis.{topic}")
        wanted |= {
            f"ecomtrain.analysis.{topic}.{name}"
            for name in module.__all__
            if inspect.isroutine(getattr(module, name)) or inspect.isclass(getattr(module, name))
        }
    found = {name for text in pages.values() for name in re.findall(r'<dt [^>]*id="([\w.]+)"', text)}
    assert wanted - found == set()
    assert pages["index.html"].count("analysis.") >= len(analysis.__all__)
    loads = [
        address
        for text in pages.values()
        for tag in re.findall(r"<(?:script|link|img|iframe)\b[^>]*>", text)
        for address in re.findall(r'(?:src|href)="((?:https?:)?//[^"]*)"', tag)
    ]
    assert loads == []
