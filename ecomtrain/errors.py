"""The one exception a trainee can mend, and the checks that raise it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

__all__ = ["CourseError", "nearest", "require", "require_level", "require_numeric", "require_times"]


class CourseError(ValueError):
    """Something the reader can mend; the message names the argument, what was given and what to do."""


def nearest(name: object, options: Iterable[object]) -> str:
    """Return `` Did you mean 'x'?`` for a name close to one of `options`, else an empty string."""
    close = get_close_matches(str(name), [str(option) for option in options], n=1)
    return f" Did you mean '{close[0]}'?" if close else ""


def require(frame: Any, columns: Iterable[str], where: str, hints: Mapping[str, str] | None = None) -> None:
    """Raise unless `frame` is a DataFrame that has all `columns`.

    `hints` maps a column to one more sentence that is added when that column is missing.
    """
    if not hasattr(frame, "columns"):
        raise CourseError(f"{where}: a DataFrame is needed, a {type(frame).__name__} was given.")
    present = [str(column) for column in frame.columns]
    for column in columns:
        if column not in present:
            hint = (hints or {}).get(column) or nearest(column, present).strip()
            has = ", ".join(present) or "no columns"
            raise CourseError(
                f"{where}: column '{column}' is not in the frame; it has {has}. {hint}".rstrip()
            )


def require_level(level: float, where: str) -> None:
    """Raise unless `level` is a confidence level strictly between 0 and 1."""
    if not 0 < level < 1:
        raise CourseError(f"{where}: level is {level}; give a fraction such as 0.95.")


def require_numeric(frame: Any, columns: Iterable[str], where: str) -> None:
    """Raise unless every one of `columns` holds numbers."""
    for column in columns:
        kind = frame[column].dtype
        if getattr(kind, "kind", "O") not in "iufb":
            raise CourseError(
                f"{where}: column '{column}' holds {kind}, not numbers. "
                f"Convert it first, for example with pd.to_numeric(frame['{column}'])."
            )


def require_times(times: Any, where: str) -> None:
    """Raise unless the Series `times` has a datetime dtype (aware or naive throughout)."""
    kind = times.dtype
    if getattr(kind, "kind", "O") == "M":
        return
    column = times.name
    zones = {getattr(value, "tzinfo", None) is not None for value in times if hasattr(value, "tzinfo")}
    if len(zones) == 2:
        raise CourseError(
            f"{where}: column '{column}' mixes times with and without a time zone. "
            f"Bring them to one zone first, for example with pd.to_datetime(frame['{column}'], utc=True)."
        )
    raise CourseError(
        f"{where}: column '{column}' holds {kind}, not times. "
        f"Convert it first, for example with pd.to_datetime(frame['{column}'])."
    )
