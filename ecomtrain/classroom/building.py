"""Every derived file again from what is authored: the same input gives the same bytes."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ecomtrain.classroom.course import Course
from ecomtrain.classroom.notebooks import convert, text_of
from ecomtrain.classroom.terminal import bar, say
from ecomtrain.errors import CourseError

__all__ = ["PARTS", "Derived", "build"]

PARTS = ("notebooks", "source", "release", "data")


@dataclass(frozen=True)
class Derived:
    """A derived file, relative to the course's folder, and whether it differed from what was there."""

    path: Path
    changed: bool


def build(root: str | Path, check: bool = False, parts: Sequence[str] = PARTS) -> list[Derived]:
    """Derive notebooks from their scripts, trainees' versions from the sources, and data from the shop.

    Parameters
    ----------
    root : path
        The course's folder.
    check : bool, default False
        Change nothing; only say what differs.
    parts : sequence of str
        Which of ``notebooks``, ``source``, ``release`` and ``data``.

    Returns
    -------
    list of Derived
        Every derived file, sorted by path. Those that differ are named on the terminal.

    Raises
    ------
    CourseError
        If a part is unknown, or a script breaks a rule of `notebooks.convert`.

    Examples
    --------
    >>> build(".", parts=["notebook"])
    Traceback (most recent call last):
        ...
    CourseError: build: there is no part 'notebook'; the parts are notebooks, source, release, data.
    """
    for part in parts:
        if part not in PARTS:
            raise CourseError(f"build: there is no part '{part}'; the parts are {', '.join(PARTS)}.")
    root = Path(root).resolve()
    if not root.is_dir():
        raise CourseError(f"There is no folder {root}. Name the course's folder.")
    makers = {"notebooks": _notebooks, "source": _source, "release": _release, "data": _data}
    derived = []
    with tempfile.TemporaryDirectory(prefix="ecomtrain-") as place, bar("Building", len(parts)) as progress:
        for part in PARTS:
            if part in parts:
                folder = Path(place, part)
                folder.mkdir()
                makers[part](root, folder)
                derived += list(_settle(folder, root / part, root, check))
                progress.step()
    derived.sort(key=lambda one: one.path)
    changed = [one for one in derived if one.changed]
    for one in changed:
        say(f"{'differs' if check else 'written'}  {one.path}")
    say(f"{len(derived)} derived files, {len(changed)} {'differ' if check else 'written'}.")
    return derived


def _settle(made: Path, place: Path, root: Path, check: bool) -> Iterator[Derived]:
    """Compare what was made with what is in its place, and put it there unless only checking."""
    for path in sorted(made.rglob("*")):
        if not path.is_file():
            continue
        target = place / path.relative_to(made)
        changed = not target.is_file() or target.read_bytes() != path.read_bytes()
        if changed and not check:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        yield Derived(target.relative_to(root), changed)


def _notebooks(root: Path, made: Path) -> None:
    for script in sorted((root / "notebooks").glob("*.py")):
        _derive(script, made / f"{script.stem}.ipynb")


def _source(root: Path, made: Path) -> None:
    for script in sorted((root / "source").glob("*.py")):
        _derive(script, made / script.stem / f"{script.stem}.ipynb")


def _release(root: Path, made: Path) -> None:
    """Let nbgrader make the trainees' versions in a throw-away course, away from the class's gradebook."""
    scripts = sorted((root / "source").glob("*.py"))
    if not scripts:
        return
    with tempfile.TemporaryDirectory(prefix="ecomtrain-") as place:
        course = Course.private(Path(place))
        for script in scripts:
            name = script.stem
            given = root / "source" / name  # files that go out beside the notebook
            if given.is_dir():
                shutil.copytree(given, course.root / "source" / name)
            _derive(script, course.root / "source" / name / f"{name}.ipynb")
            course.generate(name)
        shutil.copytree(course.root / "release", made, dirs_exist_ok=True)


def _data(root: Path, made: Path) -> None:
    from ecomtrain import datasets, shop
    from ecomtrain.course import claims, ledger

    tables = shop.make()
    datasets.write(made, tables, pages={"claims.md": ledger.page(claims.table(tables=tables))})


def _derive(script: Path, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text_of(convert(script.read_text(encoding="utf-8"), script.stem)), encoding="utf-8")
