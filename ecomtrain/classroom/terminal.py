"""Our lines on the terminal: plain sentences, and a bar for whatever takes longer than two seconds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

__all__ = ["Bar", "bar", "say"]

console = Console(highlight=False)


def say(line: str) -> None:
    """Print `line` as it is: square brackets are no markup, and the terminal's width cuts nothing."""
    console.print(line, markup=False, soft_wrap=True)


class Bar:
    """A progress bar, with lines above it if there is something to say."""

    def __init__(self, progress: Progress, total: int, title: str) -> None:
        self._progress = progress
        self._task = progress.add_task(title, total=total)

    def step(self, line: str | None = None) -> None:
        """One more is done; `line` is printed above the bar."""
        if line is not None:
            say(line)
        self._progress.advance(self._task)


@contextmanager
def bar(title: str, total: int) -> Iterator[Bar]:
    """Show a bar of `total` steps while the block runs; it disappears at the end. A log file gets none."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    hidden = not console.is_terminal or total == 0
    with Progress(*columns, console=console, transient=True, disable=hidden) as progress:
        yield Bar(progress, total, title)
