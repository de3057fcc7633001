"""How often the intervals of the audits cover the planted truth, over many seeds.

    python benchmarks/calibration.py --seeds 200 --jobs 2

For every claim that holds or is spurious, the sound interval must cover the truth between 91 % and 98.5 % of
the time, and the naive interval of a spurious claim must miss it at least 80 % of the time. The table goes to
``benchmarks/results/calibration.md``; ``--claims C3.T2 C5.T1`` and fewer seeds give a quick look.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

from ecomtrain import shop
from ecomtrain.course import claims
from ecomtrain.shop.profiles import profiles
from ecomtrain.shop.truth import Truth

COVERS = (0.91, 0.985)
MISSES = 0.80
RESULT = Path(__file__).with_name("results") / "calibration.md"


def calibrated(keys: Iterable[str] | None = None) -> list[str]:
    """List the claims that the bands are for, all or those of `keys`."""
    kinds = ("holds", "spurious")
    return [key for key, item in claims.ledger().items() if item.kind in kinds and key in (keys or [key])]


def trial(seed: int, keys: list[str], truth: Truth | None = None) -> list[dict[str, object]]:
    """Make the shops of one seed and audit the claims on them."""
    truth = Truth() if truth is None else truth
    wanted = {claims.claim(key).shop for key in keys}
    shops = profiles() if "" in wanted else {name: profiles()[name] for name in profiles() if name in wanted}
    parts: dict[str, list[pd.DataFrame]] = {}
    for profile in shops.values():
        for name, frame in shop.make_shop(profile, seed, 1.0, truth).items():
            parts.setdefault(name, []).append(frame)
    tables = {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}
    tables["calendar"] = shop.calendar.promotions()
    rows = []
    for key in keys:
        found = claims.audit(key, tables=tables, truth=truth)
        rows.append(
            {
                "claim": key,
                "seed": seed,
                "truth": found.truth,
                "naive": found.naive,
                "sound": found.sound,
                "covers": found.low <= found.truth <= found.high,
                "naive_misses": not found.naive_low <= found.truth <= found.naive_high,
            }
        )
    return rows


def work(job: tuple[int, list[str]]) -> list[dict[str, object]]:
    """Unpack one job of the pool."""
    return trial(*job)


def calibration(keys: list[str], seeds: Iterable[int], jobs: int = 1) -> pd.DataFrame:
    """Audit `keys` over `seeds` and sum up by claim."""
    todo = [(seed, keys) for seed in seeds]
    rows: list[dict[str, object]] = []
    with get_context("forkserver").Pool(jobs) as pool:
        for done, found in enumerate(pool.imap_unordered(work, todo), 1):
            rows += found
            print(f"\r{done} of {len(todo)} seeds", end="", flush=True)
    print()
    return summary(pd.DataFrame(rows))


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Sum up the trials by claim; ``calibrated`` says whether the claim keeps to its bands."""
    table = rows.groupby("claim", sort=False).agg(
        seeds=("seed", "size"),
        truth=("truth", "mean"),
        naive=("naive", "mean"),
        sound=("sound", "mean"),
        covers=("covers", "mean"),
        naive_misses=("naive_misses", "mean"),
    )
    table.insert(0, "kind", [claims.claim(key).kind for key in table.index])
    fits = table["covers"].between(*COVERS)
    table["calibrated"] = fits & ((table["kind"] != "spurious") | (table["naive_misses"] >= MISSES))
    return table


def markdown(table: pd.DataFrame, command: str) -> str:
    """Write the table for people."""
    lines = [
        "# Calibration of the claims",
        "",
        f"`{command}`",
        "",
        "| claim | kind | seeds | truth | mean naive | mean sound | sound covers | naive misses |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for key, row in table.iterrows():
        lines.append(
            f"| {key} | {row['kind']} | {row['seeds']} | {row['truth']:.4g} | {row['naive']:.4g} "
            f"| {row['sound']:.4g} | {row['covers']:.1%} | {row['naive_misses']:.1%} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--claims", nargs="*", help="only these; the table is printed, not written")
    asked = parser.parse_args()
    keys = calibrated(asked.claims)
    table = calibration(keys, range(asked.first, asked.first + asked.seeds), asked.jobs)
    with pd.option_context("display.width", 200, "display.max_columns", None, "display.max_rows", None):
        print(table.round(4))
    if not asked.claims:
        RESULT.parent.mkdir(exist_ok=True)
        command = f"python benchmarks/calibration.py --seeds {asked.seeds} --first {asked.first}"
        RESULT.write_text(markdown(table, command), encoding="utf-8")
        print(f"written to {RESULT}")


if __name__ == "__main__":
    main()
