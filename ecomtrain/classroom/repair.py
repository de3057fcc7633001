"""The first step of nbgrader's grading: a trainee's notebook gets the marks of the release again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

__all__ = ["Repair", "notes", "repair"]


def repair(notebook: NotebookNode, release: NotebookNode) -> list[str]:
    """Give the cells of a submitted `notebook` the ids, types and marks of the `release`, in place.

    Parameters
    ----------
    notebook : NotebookNode
        The submission. A marked cell that is there twice keeps its marks once, where the release has it; a
        cell that lost its marks gets them again; one that was deleted or made another type is put back; marks
        that the release has not are taken off.
    release : NotebookNode
        What was handed out.

    Returns
    -------
    list of str
        One sentence per kind of repair that a trainee should know of; none if nothing was wrong.

    Examples
    --------
    >>> def cell(name):
    ...     marks = {"grade": True, "solution": False, "locked": True, "grade_id": name, "points": 1}
    ...     return nbformat.v4.new_code_cell(name, metadata={"nbgrader": {**marks, "schema_version": 3}})
    >>> release = nbformat.v4.new_notebook(cells=[cell("q1-test"), cell("q2-test")])
    >>> copied = nbformat.v4.new_notebook(cells=[cell("q1-test"), cell("q1-test"), cell("q2-test")])
    >>> repair(copied, release)
    ['Copied cells, counted once: q1-test.']
    >>> repair(nbformat.v4.new_notebook(cells=[cell("q1-test")]), release)
    ['Deleted or changed cells, put back: q2-test.']
    """
    model = {_grade_id(cell): cell for cell in release.cells if _grade_id(cell)}
    above = dict(zip(model, ["", *model], strict=False))
    places = _places(notebook, model)
    copied = [name for name, found in places.items() if len(found) > 1]
    kept = {_choose(found, above[name], notebook): name for name, found in places.items()}
    for index, cell in enumerate(notebook.cells):
        cell.metadata.pop("nbgrader", None)
        if index in kept:
            cell.metadata["nbgrader"] = nbformat.from_dict(dict(model[kept[index]].metadata["nbgrader"]))
    missing = [name for name in model if name not in places]
    for name in missing:
        _insert(notebook, model[name], above[name])
    told = {"Copied cells, counted once": copied, "Deleted or changed cells, put back": missing}
    return [f"{what}: {', '.join(names)}." for what, names in told.items() if names]


class Repair(NbGraderPreprocessor):
    """`repair` as nbgrader runs it, before anything else; the sentences stay in the notebook's metadata."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Repair `nb` against the release of its assignment."""
        # The exporter belongs to the Autograde step, which knows the course's folders.
        course = self.parent.parent.coursedir
        folder = course.format_path(course.release_directory, ".", resources["nbgrader"]["assignment"])
        path = Path(folder, f"{resources['nbgrader']['notebook']}.ipynb")
        nb.metadata.pop("ecomtrain", None)
        if path.is_file():
            told = repair(nb, nbformat.read(path, as_version=4))
            if told:
                nb.metadata["ecomtrain"] = {"repairs": told}
        return nb, resources


def notes(notebook: NotebookNode) -> list[str]:
    """Read what `Repair` noted in a graded notebook."""
    return list(notebook.metadata.get("ecomtrain", {}).get("repairs", []))


def _grade_id(cell: NotebookNode) -> str:
    marks = cell.metadata.get("nbgrader")
    name = marks.get("grade_id") if isinstance(marks, dict) else None
    return name if isinstance(name, str) else ""


def _places(notebook: NotebookNode, model: dict[str, NotebookNode]) -> dict[str, list[int]]:
    """Find the release's marked cells in `notebook`: by mark, otherwise by cell id or unchanged text."""
    places: dict[str, list[int]] = {}
    unmarked = []
    for index, cell in enumerate(notebook.cells):
        name = _grade_id(cell)
        if name in model and cell.cell_type == model[name].cell_type:
            places.setdefault(name, []).append(index)
        else:
            unmarked.append((index, cell))
    for name, cell in model.items():
        if name not in places:
            for index, other in unmarked:
                same = other.get("id") == cell.get("id") or other.source.strip() == cell.source.strip()
                if same and other.cell_type == cell.cell_type and not _grade_id(other):
                    places[name] = [index]
                    unmarked.remove((index, other))
                    break
    return places


def _choose(found: list[int], above: str, notebook: NotebookNode) -> int:
    """Of several copies take the one that stands where the release has the cell, otherwise the last."""
    for index in found:
        name = next((name for cell in reversed(notebook.cells[:index]) if (name := _grade_id(cell))), "")
        if name == above:
            return index
    return found[-1]


def _insert(notebook: NotebookNode, model: NotebookNode, above: str) -> None:
    cell = nbformat.from_dict(dict(model))
    if notebook.nbformat_minor < 5:
        cell.pop("id", None)
    else:
        # A cell made another type still has the id, and nbformat refuses two of one id.
        for other in notebook.cells:
            if other.get("id") == cell.id:
                other["id"] = f"{cell.id[:60]}-old"
    place = next((n for n, other in enumerate(notebook.cells) if above and _grade_id(other) == above), -1)
    notebook.cells.insert(place + 1, cell)
