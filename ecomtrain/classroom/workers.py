"""Jobs side by side, each in a process of its own: one that dies, hangs or prints harms no other."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

__all__ = ["Failure", "cores", "run_each"]

# Imported once, in the process that the others are forked from: nbgrader alone takes 2.5 s.
_PRELOAD = ["nbgrader.apps.api", "ecomtrain.classroom.execute", "ecomtrain.classroom.repair", "papermill"]


@dataclass(frozen=True)
class Failure:
    """A job that gave no result, and why, in a sentence without a full stop."""

    reason: str
    detail: str = ""


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_each(
    work: Callable[..., Any],
    jobs: Mapping[str, tuple[Any, ...]],
    *,
    log: Path,
    workers: int | None = None,
    seconds: float = 600,
    done: Callable[[str, Any], None] = lambda name, result: None,
) -> dict[str, Any]:
    """Call ``work(*arguments)`` for every job and gather the results.

    Parameters
    ----------
    work : function of a module
        Its result must be picklable; it runs in a forked process that has nbgrader imported.
    jobs : mapping of str to tuple
        A name and the arguments of each job.
    log : Path
        What the processes print goes here.
    workers : int, optional
        How many at a time; by default one per processor.
    seconds : float, default 600
        A job that takes longer is ended.
    done : function of a name and a result, optional
        Called in this process, in the caller's thread, as soon as a job is done.

    Returns
    -------
    dict
        A result per name in the order of `jobs`; a `Failure` for a job that raised, died or took too long.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOAD)
    results: dict[str, Any] = {}
    running: set[Any] = set()
    with ThreadPoolExecutor(max(1, workers or cores())) as pool:
        futures = {
            pool.submit(_run, context, work, arguments, log, seconds, running): name
            for name, arguments in jobs.items()
        }
        try:
            for future in as_completed(futures):
                name = futures[future]
                results[name] = future.result()
                done(name, results[name])
        except BaseException:
            # Ctrl-C, or `done` failed: start no further job, end those that run.
            pool.shutdown(wait=False, cancel_futures=True)
            for process in list(running):
                process.kill()
            raise
    return {name: results[name] for name in jobs}


def _run(
    context: Any,
    work: Callable[..., Any],
    arguments: tuple[Any, ...],
    log: Path,
    seconds: float,
    running: set[Any],
) -> Any:
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(sender, dict(os.environ), log, work, arguments))
    process.start()
    running.add(process)
    sender.close()
    try:
        if not receiver.poll(seconds):
            process.kill()
            return Failure(f"no end after {seconds:.0f} s")
        return receiver.recv()
    except EOFError:
        process.join()
        return Failure(f"the process ended with code {process.exitcode}")
    finally:
        process.join()
        running.discard(process)
        process.close()
        receiver.close()


def _child(
    sender: Connection, env: dict[str, str], log: Path, work: Callable[..., Any], arguments: tuple[Any, ...]
) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # The process it was forked from kept the environment of its own start.
    os.environ.clear()
    os.environ.update(env)
    with log.open("ab", buffering=0) as stream:
        os.dup2(stream.fileno(), 1)
        os.dup2(stream.fileno(), 2)
    try:
        result = work(*arguments)
    except BaseException as error:
        result = Failure(f"{type(error).__name__}: {error}".rstrip("."), traceback.format_exc())
        traceback.print_exc()
    sys.stdout.flush()
    sender.send(result)
    sender.close()


def _end_with_parent() -> None:
    """End this process when the one that asked for the job is gone, so that a second run has no rival."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
