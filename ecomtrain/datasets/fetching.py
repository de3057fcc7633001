"""Find a public data set on this machine, or download it once.

The standard library does the download: one file per set, a checksum and a rename. A library such as pooch
would do the same with one more dependency, and the sentences for people who have no network would still be
ours.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

from ecomtrain.errors import CourseError

__all__ = ["Source", "cache_folder", "find", "sources"]

CHUNK = 1 << 18
PATIENCE = 30  # seconds without a byte


@dataclass(frozen=True)
class Source:
    """Where a public set comes from, and what is known of it; None where nothing is."""

    name: str
    title: str
    what: str
    page: str
    url: str
    files: tuple[str, ...]
    rows: int
    columns: int
    licence: str
    citation: str
    known: str
    member: str | None = None
    sha256: str | None = None
    bytes: int | None = None
    licence_url: str | None = None
    doi: str | None = None
    verified: str | None = None

    @property
    def function(self) -> str:
        """Give the name of the function that reads the set."""
        return f"fetch_{self.name}"


@cache
def sources() -> dict[str, Source]:
    """Read the registry of public sets by name."""
    text = Path(__file__).with_name("public.toml").read_text(encoding="utf-8")
    made = {}
    for name, row in tomllib.loads(text).items():
        texts: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}
        made[name] = Source(name=name, **texts)
    return made


def cache_folder() -> Path:
    """Give the folder of the user in which downloads are kept."""
    import platformdirs

    return platformdirs.user_cache_path("ecomtrain", appauthor=False) / "data"


def find(source: Source, path: str | Path | None, folder: str | Path | None) -> Path:
    """Give a file that holds the set: from `path`, else from the cache, else downloaded into it."""
    if path is not None:
        return _given(source, Path(path))
    kept = cache_folder() if folder is None else Path(folder)
    return _within(kept, source.files) or _download(source, kept)


def _given(source: Source, path: Path) -> Path:
    if path.is_file():
        return path
    if not path.exists():
        raise CourseError(f"{source.function}: there is no file or folder {path}. Check path=.")
    found = _within(path, source.files)
    if found is None:
        raise CourseError(
            f"{source.function}: the folder {path} holds none of {', '.join(source.files)}. "
            f"Download {source.url} and put it there, or give the file itself as path=."
        )
    return found


def _within(folder: Path, names: Iterable[str]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _download(source: Source, folder: Path) -> Path:
    """Fetch the file, check it, and only then give it its name."""
    target = folder / source.files[-1]
    remedy = (
        f"Download it where there is a network and put it at {target}, "
        f"or call {source.function}(path=...) with the place where you keep it."
    )
    part = folder / f"{target.name}.{os.getpid()}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        kept = part.open("wb")
    except OSError as problem:
        raise CourseError(
            f"{source.function}: nothing can be written to {folder} ({problem.strerror or problem}). "
            "Give a folder of your own as folder=."
        ) from problem
    try:
        with kept:
            found = _stream(source, kept, remedy)
        if source.sha256 not in (None, found):
            raise CourseError(
                f"{source.function}: what {source.url} sent has the checksum {found}, not {source.sha256}, "
                "and was thrown away: damaged on the way, or replaced at its source. Try again, or call "
                f"{source.function}(path=...) with a copy that you trust."
            )
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return target


def _stream(source: Source, kept: IO[bytes], remedy: str) -> str:
    """Copy the answer into an open file, with progress; return its SHA-256."""
    # Who reads a file that is here need not load what talks to a network.
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    from rich.console import Console
    from rich.progress import wrap_file

    console = Console(stderr=True, force_jupyter=False)
    summed, count = hashlib.sha256(), 0
    try:
        request = Request(source.url, headers={"User-Agent": "ecomtrain (course software)"})
        with urlopen(request, timeout=PATIENCE) as answer:
            length = int(answer.headers.get("Content-Length") or source.bytes or 0)
            with wrap_file(answer, total=length, description=source.title, console=console) as watched:
                while chunk := watched.read(CHUNK):
                    kept.write(chunk)
                    summed.update(chunk)
                    count += len(chunk)
    except (OSError, HTTPException) as problem:
        # urllib's own errors are OSErrors; so are a reset, a time-out and a full disk.
        told = f"it answered {problem.code}" if isinstance(problem, HTTPError) else _reason(problem)
        raise CourseError(
            f"{source.function}: {source.url} cannot be fetched ({told}). {remedy}"
        ) from problem
    if count < length:
        raise CourseError(
            f"{source.function}: {source.url} broke off after {count:,} of {length:,} bytes, and nothing was "
            f"kept. Try again. {remedy}"
        )
    return summed.hexdigest()


def _reason(problem: BaseException) -> str:
    reason = getattr(problem, "reason", None) or problem
    return getattr(reason, "strerror", None) or str(reason) or type(problem).__name__
