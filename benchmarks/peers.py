"""How fast the analyses are beside other packages, on the same input, turn by turn, in one run.

    python benchmarks/peers.py [--only NAME ...] [--turns 5]

Most peers pin an older pandas, so each side is a process of its own: ours in this environment, theirs in
build/peers (``make bench`` makes it). Both load the same files first. Only the call is timed, after a
first one to warm up, and the answers are compared. The contests are in ``contests.py``; the table goes to
``benchmarks/results/peers.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

from contests import CONTESTS, Contest

HERE = Path(__file__).parent
RESULT = HERE / "results" / "peers.md"
PYTHONS = {
    "ours": sys.executable,
    "theirs": os.environ.get("ECOMTRAIN_PEERS", str(HERE.parent / "build" / "peers" / "bin" / "python")),
}


class Side:
    """One process that has the input in memory and makes the call when told to."""

    def __init__(self, contest: Contest, side: str, folder: Path) -> None:
        self.process = subprocess.Popen(
            [PYTHONS[side], __file__, "--serve", side, contest.name, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "RETENTIONEERING_NO_TRACK": "1"},
        )
        self.read()

    def read(self) -> dict[str, Any]:
        """Wait for the next line of JSON; whatever a package prints besides is passed over."""
        for line in self.process.stdout or ():
            if line.startswith("{"):
                found: dict[str, Any] = json.loads(line)
                return found
        raise SystemExit("a side of the contest ended early; its message is above")

    def call(self) -> dict[str, Any]:
        """Make one call: its seconds and its answer in a few numbers."""
        assert self.process.stdin is not None
        self.process.stdin.write("call\n")
        self.process.stdin.flush()
        return self.read()

    def end(self) -> None:
        """Let the process go."""
        self.process.communicate()


def serve(side: str, name: str, folder: Path) -> None:
    """Run as one side: load, then a call for each line that comes in."""
    warnings.simplefilter("ignore")
    contest = CONTESTS[name]
    call, told = (contest.ours if side == "ours" else contest.theirs)(folder)
    print("\n" + json.dumps({"ready": True}), flush=True)
    for _ in sys.stdin:
        begun = time.perf_counter()
        result = call()
        seconds = (time.perf_counter() - begun) * (contest.factor if side == "theirs" else 1)
        print("\n" + json.dumps({"seconds": seconds, "told": told(result)}), flush=True)


def measure(contest: Contest, turns: int) -> dict[str, Any]:
    """Let both sides call in turn, so that a busy moment of the machine falls on both."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        contest.make(folder)
        sides = {side: Side(contest, side, folder) for side in PYTHONS}
        found: dict[str, list[dict[str, Any]]] = {side: [] for side in sides}
        for turn in range(turns + 1):
            for side, process in sides.items():
                answer = process.call()
                if turn:  # the first call warms up
                    found[side].append(answer)
        for process in sides.values():
            process.end()
    ours, theirs = (statistics.median(call["seconds"] for call in found[side]) for side in PYTHONS)
    ratios = [b["seconds"] / a["seconds"] for a, b in zip(found["ours"], found["theirs"], strict=True)]
    told = [found[side][-1]["told"] for side in PYTHONS]
    return {
        "ours": ours,
        "theirs": theirs,
        "ratio": statistics.median(ratios),
        "least": min(ratios),
        "most": max(ratios),
        "agree": contest.agree(*told),
        "told": told,
    }


def row(contest: Contest, found: dict[str, Any]) -> str:
    """Write one contest as a row of the table."""
    kept = "yes" if found["ratio"] >= contest.target else "**no**"
    turns = f"{found['least']:,.3g}-{found['most']:,.3g}"
    return (
        f"| {contest.title} | {contest.peer} | {found['ours']:.3f} | {found['theirs']:.3f} "
        f"| **{found['ratio']:,.3g}** ({turns}) | {contest.target:g} | {kept} "
        f"| {found['agree']} |"
    )


def versions() -> str:
    """Name the packages of the peers with their versions."""
    names = ["pandas", "numpy", *sorted({contest.peer.split()[0] for contest in CONTESTS.values()})]
    code = f"import importlib.metadata as m, json; print(json.dumps({{n: m.version(n) for n in {names}}}))"
    done = subprocess.run([PYTHONS["theirs"], "-c", code], capture_output=True, text=True, check=True)
    return ", ".join(f"{name} {version}" for name, version in json.loads(done.stdout).items())


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=CONTESTS, help="these contests only, nothing is written")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--serve", nargs=3, metavar=("SIDE", "NAME", "FOLDER"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        side, name, folder = asked.serve
        return serve(side, name, Path(folder))
    if not Path(PYTHONS["theirs"]).exists():
        raise SystemExit(f"{PYTHONS['theirs']} is not there. `make bench` installs the peers.")
    import numpy as np
    import pandas as pd

    lines = [
        "# Beside other packages",
        "",
        f"`python benchmarks/peers.py --turns {asked.turns}`",
        "",
        f"Ours: pandas {pd.__version__}, NumPy {np.__version__}. Theirs: {versions()}.",
        "Seconds are medians; the ratio is the median of the turns, with the least and the most.",
        "",
        "| what | peer | ours, s | theirs, s | times faster | target | reached | same answer |",
        "|---|---|--:|--:|--:|--:|---|---|",
    ]
    print("\n".join(lines))
    for name in asked.only or CONTESTS:
        lines.append(row(CONTESTS[name], measure(CONTESTS[name], asked.turns)))
        print(lines[-1], flush=True)
    notes = [f"- **{c.title}**: {c.note}" for c in CONTESTS.values() if c.note]
    if not asked.only:
        RESULT.parent.mkdir(exist_ok=True)
        RESULT.write_text("\n".join([*lines, "", *notes]) + "\n", encoding="utf-8")
        print(f"written to {RESULT}")
    return None


if __name__ == "__main__":
    main()
