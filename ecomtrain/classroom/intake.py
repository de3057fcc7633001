"""A look at what was handed in before nbgrader sees it: is it a notebook, is it still the same one."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import nbformat

__all__ = ["fingerprint", "refusal"]


def refusal(submitted: Path, release: Path) -> str | None:
    """Say why the submission in the folder `submitted` cannot be graded; None if it can.

    Parameters
    ----------
    submitted : Path
        The folder of one trainee and one assignment.
    release : Path
        What was handed out: its notebooks must be there under the same names.

    Examples
    --------
    >>> refusal(Path("nobody"), Path("."))
    'The submission is an empty folder; hand in the assignment again.'
    """
    found = sorted(path.name for path in submitted.glob("*.ipynb"))
    if not submitted.is_dir() or not any(submitted.iterdir()):
        return "The submission is an empty folder; hand in the assignment again."
    for name in sorted(path.name for path in release.glob("*.ipynb")):
        path = submitted / name
        if name not in found:
            have = f"it holds {', '.join(found)}" if found else "it holds no notebook"
            return f"The notebook {name} is missing; {have}. Rename nothing and hand in the assignment again."
        if path.is_symlink() or not path.is_file():
            return f"{name} is not a file of its own. Hand in the notebook itself."
        reason = _unreadable(path)
        if reason:
            return f"{name} is not a notebook: {reason}. Open it in JupyterLab, save it and hand it in again."
    return None


def fingerprint(folder: Path, *more: str) -> str:
    """Digest every file in `folder` and the texts `more`: it changes whenever one of them does."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            digest.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    for text in more:
        digest.update(f"\0{text}".encode())
    return digest.hexdigest()


def _unreadable(path: Path) -> str | None:
    try:
        text = path.read_text(encoding="utf-8")
        content = json.loads(text)
    except UnicodeDecodeError:
        return "it is no text in UTF-8"
    except json.JSONDecodeError as error:
        return f"it is no JSON (line {error.lineno}: {error.msg})" if text.strip() else "the file is empty"
    except RecursionError:
        return "its JSON is nested too deeply"
    if not isinstance(content, dict) or "nbformat" not in content:
        return "it is JSON, but has no cells"
    try:
        cells = nbformat.reads(text, as_version=4).cells
    except Exception as error:  # nbformat raises whatever the odd value led to
        return f"it breaks the notebook format ({type(error).__name__})"
    for number, cell in enumerate(cells, start=1):
        kind, source = cell.get("cell_type"), cell.get("source")
        if kind not in ("code", "markdown", "raw") or not isinstance(source, str):
            return f"it breaks the notebook format (cell {number} is no cell)"
    return None
