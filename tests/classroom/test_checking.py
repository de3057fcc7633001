"""Running the lecture notebooks: one line each, and the failing cell with its source and error."""

from __future__ import annotations

import nbformat
import pytest
from conftest import code

from ecomtrain.classroom import check
from ecomtrain.errors import CourseError


def write(folder, name, *sources):
    notebook = nbformat.v4.new_notebook(cells=[code(source) for source in sources])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    folder.mkdir(exist_ok=True)
    nbformat.write(notebook, folder / f"{name}.ipynb")


def test_a_course_without_notebooks_is_told_how_to_get_them(tmp_path):
    with pytest.raises(CourseError, match="Run: ecomtrain build"):
        check(tmp_path)


def test_each_notebook_gets_a_line_and_a_failure_its_cell(tmp_path, capsys):
    folder = tmp_path / "notebooks"
    write(
        folder,
        "ch01",
        "x = 1",
        "import os\nassert os.environ['https_proxy'].endswith(':9')\nopen('../here', 'w').close()",
    )
    write(folder, "ch02", "x = 2", "y = [x]\ny['a']")
    write(folder, "ch03", "import os\nos._exit(1)")
    results = check(tmp_path, jobs=3)
    assert [result.notebook for result in results] == ["ch01.ipynb", "ch02.ipynb", "ch03.ipynb"]
    assert [result.passed for result in results] == [True, False, False]
    assert (tmp_path / "here").exists()
    failed = results[1]
    assert (failed.cell, failed.source) == (2, "y = [x]\ny['a']")
    assert failed.error.startswith("TypeError: list indices must be integers")
    assert "DeadKernelError" in results[2].error
    shown = capsys.readouterr().out
    assert "y = [x]" in shown
    assert shown.count("FAILED") == 2
    assert (tmp_path / "build" / "notebooks" / "ch01.ipynb").is_file()
