"""How long the shop takes to make, and how much memory a big one needs.

    python benchmarks/making.py

Each measurement is a process of its own: the shop of the published size, then a big one that is streamed to
Parquet, with its order lines a minute and its peak memory; then the slowest audits. The table goes to
``benchmarks/results/making.md``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

RESULT = Path(__file__).with_name("results") / "making.md"
MEASURE = """
import json, resource, tempfile, time
{body}
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
print(json.dumps({{"seconds": seconds, "rows": rows, "peak": peak}}))
"""
ONCE = """
from ecomtrain import shop
start = time.perf_counter()
tables = shop.make()
seconds = time.perf_counter() - start
rows = len(tables["order_lines"])
"""
STREAM = """
from ecomtrain import datasets
with tempfile.TemporaryDirectory() as folder:
    start = time.perf_counter()
    datasets.stream(folder, scale={scale})
    seconds = time.perf_counter() - start
    import pyarrow.parquet as pq
    rows = pq.read_metadata(folder + "/order_lines.parquet").num_rows
"""
AUDITS = """
from ecomtrain.course import claims
spent = {}
for key in claims.ledger():
    start = time.perf_counter()
    claims.audit(key, level=0.9)
    spent[key] = time.perf_counter() - start
seconds, rows = sum(spent.values()), dict(sorted(spent.items(), key=lambda item: -item[1])[:5])
"""


def measured(body: str) -> dict[str, Any]:
    """Run one measurement in a fresh process."""
    code = MEASURE.format(body=dedent(body))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def row(what: str, found: dict[str, Any]) -> str:
    """Write one measurement as a row of the table."""
    pace = found["rows"] / found["seconds"] * 60 / 1e6
    return f"| {what} | {found['seconds']:.1f} | {found['rows']:,} | {pace:.1f} | {found['peak']:.2f} |"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=20)
    asked = parser.parse_args()
    once, big, audits = measured(ONCE), measured(STREAM.format(scale=asked.scale)), measured(AUDITS)
    slowest = ", ".join(f"{key} {seconds:.2f} s" for key, seconds in audits["rows"].items())
    lines = [
        "# Making the shop",
        "",
        f"`python benchmarks/making.py --scale {asked.scale:g}`",
        "",
        "| what | seconds | order lines | million lines a minute | peak memory, GiB |",
        "|---|--:|--:|--:|--:|",
        row("`shop.make()`, scale 1, in memory", once),
        row(f"`datasets.stream(folder, scale={asked.scale:g})`", big),
        "",
        f"All audits together take {audits['seconds']:.1f} s; the slowest: {slowest}.",
    ]
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
