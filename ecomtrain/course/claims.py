"""The claims of the outline and their audits: figure, naive and sound estimate, planted truth, verdict."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from ecomtrain import datasets
from ecomtrain.course.readings import Reading
from ecomtrain.course.syllabus import read
from ecomtrain.course.units import told
from ecomtrain.errors import CourseError, nearest, require_level
from ecomtrain.shop.schema import schema
from ecomtrain.shop.truth import Truth

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Audit", "Claim", "audit", "claim", "ledger", "plot", "table"]

HOLDS, FAILS = "holds", "does not hold"
DEPENDS, OPEN = "depends on what is counted", "cannot be told from these data"
EXTERNAL = "no shop can show it"
# The modules of ``readings``, one per topic.
TOPICS = ("data", "market", "trials", "ads", "content", "products", "customers", "team")


@dataclass(frozen=True)
class Claim:
    """A figure of the outline and what it takes to audit it; the fields are explained in ``claims.toml``."""

    id: str
    chapter: int
    statement: str
    statement_zh: str
    figure: float
    unit: str
    shop: str
    tables: tuple[str, ...]
    kind: str
    truth: tuple[str, ...]
    naive: str
    sound: str
    definition: str
    base: str
    lesson: str


@dataclass(frozen=True, repr=False)
class Audit:
    """What an audit found.

    Attributes
    ----------
    id, statement, figure, unit, definition, base, lesson : str, float
        Of the claim; `figure` is what the outline says, in `unit`.
    n : int
        Units behind the sound estimate.
    naive, naive_low, naive_high : float
        How such a figure usually comes about, with its interval, in `unit`.
    sound, low, high : float
        The estimate to rely on, with its interval, in `unit`.
    truth : float
        What is planted in the simulated shop, in `unit`; NaN where it is planted as another quantity.
    verdict : str
        Derived from the numbers: holds, does not hold, depends on what is counted, or cannot be told from
        these data.
    table : DataFrame
        Every reading: ``reading``, ``value``, ``low``, ``high``, ``n``, ``unit``, ``truth``; the naive one
        first, then the sound one.
    """

    id: str
    statement: str
    figure: float
    unit: str
    definition: str
    base: str
    n: int
    naive: float
    naive_low: float
    naive_high: float
    sound: float
    low: float
    high: float
    truth: float
    verdict: str
    lesson: str
    table: pd.DataFrame = field(compare=False)

    def __repr__(self) -> str:
        """Tell the audit in a few lines, as a notebook shows it."""
        rows = []
        for place, row in enumerate(self.table.to_dict("records")):
            name = ("naive", "sound")[place] if place < 2 else "also"
            found = told(row["unit"], row["value"], row["low"], row["high"])
            truth = "" if math.isnan(row["truth"]) else f"; truth {told(row['unit'], row['truth'])}"
            rows.append(f"  {name:9}{found}: {row['reading']}, n = {row['n']:,}{truth}")
        lines = [
            f"{self.id}  The outline says: {self.statement}.",
            f"  measure  {self.definition}",
            f"  base     {self.base}",
            *rows,
            f"  verdict  {self.verdict}",
            f"  lesson   {self.lesson}",
        ]
        return "\n".join(lines)


@cache
def _claims() -> dict[str, Claim]:
    found = {}
    for key, row in read("claims.toml").items():
        row["tables"], row["truth"] = tuple(row["tables"]), tuple(row["truth"])
        row["figure"] = float(row.get("figure", math.nan))
        found[key] = Claim(id=key, **row)
    return found


def ledger(chapter: int | None = None) -> dict[str, Claim]:
    """Return the claims of a chapter (of all chapters by default) by id.

    Examples
    --------
    >>> ledger(2)["C2.F2b"].figure
    0.38
    """
    found = {key: item for key, item in _claims().items() if chapter in (None, item.chapter)}
    if not found:
        numbers = sorted({item.chapter for item in _claims().values()})
        raise CourseError(
            f"claims: there are no claims of chapter {chapter}; chapters with claims: {numbers}."
        )
    return found


def claim(key: str) -> Claim:
    """Return one claim; an unknown id raises CourseError with the nearest one.

    Examples
    --------
    >>> claim("C2.F1c").statement_zh
    '跨境电商支付步骤>4步,流失率+32%'
    >>> claim("C2.F1")
    Traceback (most recent call last):
        ...
    ecomtrain.errors.CourseError: claims: there is no claim 'C2.F1'. Did you mean 'C2.F1c'?
    """
    if key not in _claims():
        raise CourseError(f"claims: there is no claim '{key}'.{nearest(key, _claims())}")
    return _claims()[key]


def audit(
    key: str,
    *,
    tables: Mapping[str, pd.DataFrame] | None = None,
    truth: Truth | None = None,
    level: float = 0.95,
) -> Audit:
    """Hold a figure of the outline against the data of the simulated shop.

    Parameters
    ----------
    key : str
        The claim's id, such as ``"C2.F1c"``.
    tables : mapping of DataFrames, optional
        Tables to use in place of the course's data, as `shop.make` returns them.
    truth : Truth, optional
        What is planted in `tables`; the default is what is planted in the course's data.
    level : float, default 0.95
        Confidence level of the intervals.

    Returns
    -------
    Audit

    Raises
    ------
    CourseError
        If there is no such claim, a table is missing, or `level` is not between 0 and 1.

    Examples
    --------
    >>> found = audit("C2.F2b")
    >>> found.figure, found.truth, found.verdict
    (0.38, 0.06, 'does not hold')
    >>> found.low < found.truth < found.high < found.naive
    True
    >>> audit("C2.F2")
    Traceback (most recent call last):
        ...
    ecomtrain.errors.CourseError: claims: there is no claim 'C2.F2'. Did you mean 'C2.F2c'?
    """
    claim(key)
    require_level(level, "claims.audit")
    if tables is None and truth is None:
        found = _published(key, level)
        return replace(found, table=found.table.copy())
    return _audit(key, tables, truth, level)


@cache
def _published(key: str, level: float) -> Audit:
    return _audit(key, None, None, level)


def _audit(key: str, tables: Mapping[str, pd.DataFrame] | None, truth: Truth | None, level: float) -> Audit:
    found = claim(key)
    planted = Truth() if truth is None else truth
    readings = _reader(found)(
        {name: _frame(name, found.shop, tables) for name in found.tables},
        _analysis(found.naive),
        _analysis(found.sound),
        planted,
        level,
    )
    naive, sound = readings[:2]
    rows = [{**vars(row), "unit": row.unit or found.unit} for row in readings]
    columns = ["reading", "value", "low", "high", "n", "unit", "truth"]
    return Audit(
        id=key,
        statement=found.statement,
        figure=float(found.figure),
        unit=found.unit,
        definition=found.definition,
        base=found.base,
        n=sound.n,
        naive=naive.value,
        naive_low=naive.low,
        naive_high=naive.high,
        sound=sound.value,
        low=sound.low,
        high=sound.high,
        truth=sound.truth,
        verdict=_verdict(found, readings),
        lesson=found.lesson,
        table=pd.DataFrame(rows, columns=columns),
    )


def table(
    chapter: int | None = None,
    *,
    tables: Mapping[str, pd.DataFrame] | None = None,
    truth: Truth | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Audit all claims of a chapter, or of all chapters.

    Parameters
    ----------
    chapter : int, optional
        The chapter's number; all chapters if left out.
    tables, truth, level
        As for `audit`.

    Returns
    -------
    DataFrame
        One row per claim, indexed by ``id``, with the fields of `Audit` but for its own table.
    """
    audits = [audit(key, tables=tables, truth=truth, level=level) for key in ledger(chapter)]
    rows = [{name: value for name, value in vars(row).items() if name != "table"} for row in audits]
    return pd.DataFrame(rows).set_index("id")


def plot(key: str, **options: Any) -> Axes:
    """Show a claim's figure beside the naive and the sound estimate and the planted truth.

    Parameters
    ----------
    key : str
        The claim's id.
    **options
        ``tables``, ``truth`` and ``level`` as for `audit`; ``ax`` and ``title`` as for
        `ecomtrain.plots.claim`.

    Returns
    -------
    Axes
    """
    from ecomtrain import plots

    drawn = {name: options.pop(name) for name in ("ax", "title") if name in options}
    return plots.claim(audit(key, **options), **drawn)


def _verdict(found: Claim, readings: list[Reading]) -> str:
    """Judge the figure by the numbers alone.

    A claim that can be read in several ways depends on what is counted as soon as one reading agrees with
    the figure and another does not, or they lie on both sides of it. Else the sound estimate decides: the
    figure lies in its interval or not; and if no change at all lies in it too, the data are too few. Where
    the outline gives no figure, the naive estimate stands for it.
    """
    if found.kind == "external":
        return EXTERNAL
    figure = readings[0].value if math.isnan(found.figure) else found.figure
    sides = {_side(row, figure) for row in readings if not row.aside}
    if found.kind == "definition" and len(sides) > 1:
        return DEPENDS
    sound = readings[1]
    if _side(sound, figure):
        return FAILS
    return OPEN if found.unit in ("relative", "points") and sound.low <= 0 <= sound.high else HOLDS


def _side(row: Reading, figure: float) -> int:
    """Say whether a reading lies below the figure (-1), agrees with it (0), or lies above (1)."""
    low, high = (row.value if math.isnan(end) else end for end in (row.low, row.high))
    return int(low > figure) - int(high < figure)


def _analysis(name: str) -> Callable[..., Any]:
    module, function = name.split(".")
    found: Callable[..., Any] = getattr(import_module(f"ecomtrain.analysis.{module}"), function)
    return found


def _reader(found: Claim) -> Callable[..., list[Reading]]:
    """Find the function that turns the two analyses into readings: C2.F1c is ``c2_f1c`` of a topic."""
    name = found.id.lower().replace(".", "_")
    for topic in TOPICS:
        reader = getattr(import_module(f"ecomtrain.course.readings.{topic}"), name, None)
        if reader is not None:
            return cast("Callable[..., list[Reading]]", reader)
    raise LookupError(f"ecomtrain.course.readings: no topic has {name}")


def _frame(name: str, shop: str, tables: Mapping[str, pd.DataFrame] | None) -> pd.DataFrame:
    if tables is None:
        split = shop and any(column.name == "shop" for column in schema()[name].columns)
        return datasets.load(name, shop=shop) if split else datasets.load(name)
    if name not in tables:
        has = ", ".join(tables) or "no tables"
        raise CourseError(f"claims.audit: table '{name}' is not in tables; it has {has}.")
    frame = tables[name]
    return frame[frame["shop"] == shop] if shop and "shop" in frame else frame
