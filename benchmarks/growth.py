"""How time and memory grow with the rows: 0.1, 1, 10 and 30 million.

    python benchmarks/growth.py [--most 30]

Each measurement is a process of its own that loads its input and makes the call once. Memory is what the call
takes at its peak beyond the loaded input. The table goes to ``benchmarks/results/growth.md``, the picture
beside it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import contests
import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib import pyplot as plt

from ecomtrain import analysis, plots
from ecomtrain.plots import style

HERE = Path(__file__).parent
RESULT = HERE / "results" / "growth.md"
SIZES = [0.1, 1.0, 10.0, 30.0]  # million rows
LINEAR = 1.15  # an exponent up to here is called near-linear


CALLS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "ordered funnel": lambda log: analysis.funnel.conversion(log, contests.STEPS),
    "sessions": lambda log: analysis.paths.sessionise(log),
    "customer summary": lambda orders: analysis.clv.summary(orders, end="2026-07-01", unit="D"),
    "RFM": lambda orders: analysis.customers.rfm(orders, asof="2026-07-01"),
    "cohorts": lambda orders: analysis.customers.cohorts(orders),
    "pair rules": lambda lines: analysis.basket.rules(lines, min_count=contests.FEWEST),
    "Markov": lambda touches: analysis.attribution.attribute(touches, model="markov"),
    "Holt-Winters": lambda panel: analysis.forecast.holt_winters(panel, horizon=28, value="sold"),
}


def long_panel(rows: int) -> pd.DataFrame:
    """Make a year of daily sales of as many products as make up `rows`."""
    wide = contests.daily_panel(max(rows // 365, 1), 365).rename_axis("date").reset_index()
    return wide.melt("date", var_name="product_id", value_name="sold")


INPUTS: list[tuple[Callable[[int], pd.DataFrame], list[str]]] = [
    (lambda rows: contests.click_log(rows, in_order=False), ["ordered funnel", "sessions"]),
    (contests.order_log, ["customer summary", "RFM", "cohorts"]),
    (contests.basket_lines, ["pair rules"]),
    (lambda rows: contests.journey_log(rows // 5), ["Markov"]),
    (long_panel, ["Holt-Winters"]),
]


def peak() -> float:
    """Return the most memory since the last reset, GiB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024**2


def serve(name: str, path: Path) -> None:
    """Load, make the call once on a few rows to warm up, then on all of them."""
    frame = pd.read_parquet(path)
    CALLS[name](frame.head(20_000))
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak starts anew
    before, begun = peak(), time.perf_counter()
    CALLS[name](frame)
    seconds = time.perf_counter() - begun
    print(json.dumps({"seconds": seconds, "memory": peak() - before}))


def measure(most: float) -> pd.DataFrame:
    """Measure every call at every size up to `most` million rows."""
    made = []
    for size in [size for size in SIZES if size <= most]:
        for make, names in INPUTS:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "input.parquet"
                frame = make(round(size * 1e6))
                rows = len(frame)
                frame.to_parquet(path)
                del frame
                for name in names:
                    command = [sys.executable, __file__, "--serve", name, str(path)]
                    done = subprocess.run(command, capture_output=True, text=True, check=False)
                    if done.returncode:
                        raise SystemExit(done.stderr)
                    found = json.loads(done.stdout.splitlines()[-1])
                    made.append({"call": name, "size": size, "rows": rows, **found})
                    print(f"{name:17} {rows:>12,} {found['seconds']:8.2f} s {found['memory']:7.2f} GiB")
    return pd.DataFrame(made)


def exponent(part: pd.DataFrame, column: str) -> float:
    """Return the power of the rows with which a cost grows, from a million rows on."""
    part = part[part["size"] >= 1]
    return float(np.polyfit(np.log(part["rows"]), np.log(part[column].clip(lower=1e-4)), 1)[0])


def draw(table: pd.DataFrame) -> None:
    """Draw time and memory per million rows: a line that stays level is linear."""
    with mpl.rc_context():
        plots.use_style()
        figure, axes = plt.subplots(1, 2, figsize=(11, 5), layout="constrained")
        titles = {"seconds": "Seconds per million rows", "memory": "GiB per million rows, beyond the input"}
        big = table[table["size"] >= 1]
        for ax, (column, title) in zip(axes, titles.items(), strict=True):
            each = big.assign(each=big[column] / big["rows"] * 1e6)
            looks = zip(style.SERIES, "osD^vPX*", each.groupby("call", sort=False), strict=False)
            ends = {}
            for colour, marker, (name, part) in looks:
                ax.plot(part["rows"], part["each"], color=colour, marker=marker)
                ends[name] = (float(part["each"].iloc[-1]), colour)
            ax.set_xscale("log")
            ax.set_ylim(0, 1.12 * each["each"].max())
            placed = style.spread([end for end, _ in ends.values()], 0.052 * ax.get_ylim()[1])
            for (name, (_, colour)), at in zip(ends.items(), placed, strict=True):
                style.beside(ax, name, (each["rows"].max(), at), (8, 0), va="center", color=colour)
            sizes = sorted(each["size"].unique())
            ax.set_xticks([size * 1e6 for size in sizes], [f"{size:g} M" for size in sizes])
            ax.minorticks_off()
            ax.set_xlabel("Rows")
            ax.set_title(title, loc="left")
        figure.savefig(RESULT.with_suffix(".png"), dpi=110)


def report(table: pd.DataFrame, command: str) -> str:
    """Write the table for people."""
    lines = ["# How cost grows with the rows", "", f"`{command}`", "", "![Time and memory](growth.png)", ""]
    sizes = sorted(table["size"].unique())
    lines += [
        "Seconds (GiB at the peak, beyond the input), and the power of the rows with which each grows from a "
        "million rows on; 1 is linear.",
        "",
        f"| call | {' | '.join(f'{size:g} M rows' for size in sizes)} | time grows as | memory grows as |",
        "|---|" + "--:|" * (len(sizes) + 2),
    ]
    steep = []
    for name, part in table.groupby("call", sort=False):
        cells = [f"{row.seconds:.2f} ({row.memory:.2f})" for row in part.itertuples()]
        powers = [exponent(part, column) for column in ("seconds", "memory")]
        lines.append(f"| {name} | {' | '.join(cells)} | {powers[0]:.2f} | {powers[1]:.2f} |")
        steep += [f"{name} ({powers[0]:.2f})"] if powers[0] > LINEAR else []
    said = (
        "Every call is near-linear in time." if not steep else f"Not near-linear in time: {', '.join(steep)}."
    )
    return "\n".join([*lines, "", said]) + "\n"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--most", type=float, default=SIZES[-1], help="million rows")
    parser.add_argument("--serve", nargs=2, metavar=("CALL", "FILE"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        return serve(asked.serve[0], Path(asked.serve[1]))
    table = measure(asked.most)
    RESULT.parent.mkdir(exist_ok=True)
    draw(table)
    text = report(table, f"python benchmarks/growth.py --most {asked.most:g}")
    RESULT.write_text(text, encoding="utf-8")
    print(f"\n{text}\nwritten to {RESULT}")
    return None


if __name__ == "__main__":
    main()
