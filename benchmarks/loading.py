"""How long the largest table takes to load, beside plain pyarrow on the same file, turn by turn.

    python benchmarks/loading.py

The target is under 0.3 s. The table goes to ``benchmarks/results/loading.md``.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq

from ecomtrain import datasets

TARGET = 0.3
RESULT = Path(__file__).with_name("results") / "loading.md"


def largest() -> str:
    """Name the table with the most rows."""
    rows = datasets.descriptor(datasets.folder())
    return max(rows, key=lambda name: rows[name]["rows"])


def seconds(call: Callable[[], object]) -> float:
    """Time one call."""
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def fresh(code: str) -> float:
    """Time a new Python process."""
    return seconds(lambda: subprocess.run([sys.executable, "-c", code], check=True))


def measure(turns: int) -> tuple[str, dict[str, list[float]]]:
    """Take turns, so that a busy moment of the machine falls on both."""
    name = largest()
    path = datasets.path_of(name)
    warm = {
        f"datasets.load('{name}')": lambda: datasets.load(name),
        "pq.read_table(...).to_pandas()": lambda: pq.read_table(path).to_pandas(),
    }
    cold = {
        "new process: nothing": "pass",
        "new process: import ecomtrain": "import ecomtrain",
        "new process: import pandas": "import pandas",
        "new process: import pandas and ecomtrain.analysis": "import pandas, ecomtrain.analysis",
        "new process: import pandas and every analysis": "import pandas; from ecomtrain.analysis import *",
        "new process: import and load": f"from ecomtrain import datasets; datasets.load('{name}')",
        "new process: pyarrow and pandas alone": f"import pandas, pyarrow.parquet as pq; "
        f"pq.read_table({str(path)!r}).to_pandas()",
    }
    for call in warm.values():
        call()
    times: dict[str, list[float]] = {key: [] for key in [*warm, *cold]}
    for _ in range(turns):
        for key, call in warm.items():
            times[key].append(seconds(call))
    for _ in range(max(3, turns // 3)):
        for key, code in cold.items():
            times[key].append(fresh(code))
    return name, times


def report(name: str, times: dict[str, list[float]], command: str) -> str:
    """Write the table for people."""

    def beyond(what: str, base: str) -> float:
        one, other = (statistics.median(times[f"new process: {code}"]) for code in (what, base))
        return max(one - other, 0.0)

    package, modules = (
        beyond(f"import pandas and {what}", "import pandas")
        for what in ("ecomtrain.analysis", "every analysis")
    )
    entry = datasets.descriptor(datasets.folder())[name]
    ours, plain = (statistics.median(times[key]) for key in list(times)[:2])
    kept = "is kept" if ours < TARGET else "is missed"
    lines = [
        "# Loading the largest table",
        "",
        f"`{command}`",
        "",
        f"`{name}`: {entry['rows']:,} rows, {entry['bytes'] / 1e6:.1f} MB. The target of {TARGET} s {kept}; "
        f"`datasets.load` takes {ours / plain:.2f} times as long as plain pyarrow.",
        "",
        f"`import ecomtrain` takes {beyond('import ecomtrain', 'nothing'):.3f} s beyond Python (target 0.2), "
        f"`import ecomtrain.analysis` {package:.3f} s beyond pandas (target 0.5), all of its modules "
        f"{modules:.3f} s.",
        "",
        "| what | turns | least, s | median, s | most, s |",
        "|---|--:|--:|--:|--:|",
    ]
    for key, found in times.items():
        least, middle, most = min(found), statistics.median(found), max(found)
        lines.append(f"| {key} | {len(found)} | {least:.3f} | {middle:.3f} | {most:.3f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=15)
    asked = parser.parse_args()
    text = report(*measure(asked.turns), f"python benchmarks/loading.py --turns {asked.turns}")
    print(text)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(text, encoding="utf-8")
    print(f"written to {RESULT}")


if __name__ == "__main__":
    main()
