"""The ledger of all claims as a page for people."""

from __future__ import annotations

import math

import pandas as pd

from ecomtrain.course import claims
from ecomtrain.course.units import told

__all__ = ["page"]

OPENING = """\
# The claims of the outline

The outline quotes {n} case figures and effects without base, window or control. Each is held against the
simulated shop, in which the truth is planted: how such a figure usually comes about (naive), an estimate to
rely on with its 95 % interval (sound), and what is true there. None of it says what is true of a real firm.
`ecomtrain.course.claims.audit(id)` does it again; the estimators are functions of `ecomtrain.analysis`.
`ecomtrain build` writes this page.

| verdict | claims |
|---|--:|
"""


def page(audits: pd.DataFrame) -> str:
    """Write the ledger for people, in Markdown.

    Parameters
    ----------
    audits : DataFrame
        What `claims.table` returns.

    Returns
    -------
    str
        The verdicts counted; by chapter a table of figure, naive and sound estimate, truth and verdict, and
        the lessons.
    """
    counts = audits["verdict"].value_counts()
    text = OPENING.format(n=len(audits))
    text += "".join(f"| {verdict} | {count} |\n" for verdict, count in counts.items())
    for number, rows in audits.groupby([claims.claim(key).chapter for key in audits.index]):
        text += f"\n## Chapter {number}\n\n| id | claim | figure | naive | sound | truth | verdict |\n"
        text += "|---|---|--:|--:|--:|--:|---|\n"
        text += "".join(_row(str(key), row) for key, row in rows.iterrows())
        text += "\n" + "".join(f"- **{key}**: {row['lesson']}\n" for key, row in rows.iterrows())
    return text


def _row(key: str, row: pd.Series) -> str:
    unit = row["unit"]
    figure, naive, truth = (
        "" if math.isnan(row[name]) else told(unit, row[name]) for name in ("figure", "naive", "truth")
    )
    sound = told(unit, row["sound"], row["low"], row["high"])
    statement = f"{row['statement']}<br>{claims.claim(key).statement_zh}"
    return f"| {key} | {statement} | {figure} | {naive} | {sound} | {truth} | {row['verdict']} |\n"
