"""The claims and their audits: the ledger is whole, numbers come from data, verdicts from numbers."""

import math
import re
from dataclasses import FrozenInstanceError, fields, replace
from importlib import import_module

import pandas as pd
import pytest

from ecomtrain import datasets, shop
from ecomtrain.course import claims, syllabus
from ecomtrain.course.readings import median, reading
from ecomtrain.course.units import UNITS
from ecomtrain.errors import CourseError
from ecomtrain.shop import Truth
from ecomtrain.shop.profiles import profiles

LEDGER = claims.ledger()
BY_KIND = {
    "holds": "holds",
    "spurious": "does not hold",
    "definition": "depends on what is counted",
    "external": "no shop can show it",
}
# The outline tells these two again in a later chapter.
REPEATED = {"C3.T4": "C1.T4", "C5.F1a": "C2.F2c"}


@pytest.fixture(scope="module")
def audits():
    return {key: claims.audit(key) for key in LEDGER}


def test_every_case_figure_is_a_claim_and_so_are_seven_statements_without_a_figure():
    figures = [key for key, element in syllabus.elements().items() if "X" in element.type]
    without_figure = ["C3.A", "C3.F3a", "C3.F3b", "C5.F2a", "C5.F3a", "C5.F3c", "C6.T3"]
    order = list(syllabus.elements())
    assert list(LEDGER) == sorted([*figures, *without_figure], key=order.index)


@pytest.mark.parametrize("claim", LEDGER.values(), ids=LEDGER)
def test_a_claim_names_only_what_there_is(claim):
    for name in (claim.naive, claim.sound):
        module, function = name.split(".")
        assert function in import_module(f"ecomtrain.analysis.{module}").__all__
    assert set(claim.tables) <= set(datasets.names())
    assert claim.shop in ("", *profiles())
    assert claim.unit in UNITS
    assert claim.kind in BY_KIND
    told = REPEATED.get(claim.id, claim.id)
    planted = {field.name for field in fields(Truth) if field.metadata["claim"] == told}
    assert set(claim.truth) == planted
    assert re.search("[\u4e00-\u9fff]", claim.statement_zh)
    for sentence in (claim.definition, claim.lesson):
        assert sentence.endswith(".")


@pytest.mark.parametrize("key", LEDGER)
def test_the_verdict_on_the_courses_data_is_the_one_the_ledger_expects(audits, key):
    assert audits[key].verdict == BY_KIND[LEDGER[key].kind]


@pytest.mark.parametrize("key", LEDGER)
def test_every_reading_with_a_planted_truth_is_close_to_it(key):
    # 99.9 %, for some twenty intervals are looked at together; the naive one may miss
    table = claims.audit(key, level=0.999).table
    sound = table.iloc[1:].dropna(subset=["truth", "low", "high"])
    assert ((sound["low"] <= sound["truth"]) & (sound["truth"] <= sound["high"])).all()


@pytest.mark.parametrize("key", LEDGER)
def test_an_audit_shows_its_two_estimates_first_and_says_of_how_many(audits, key):
    audit = audits[key]
    assert (audit.naive, audit.naive_low, audit.naive_high) == pytest.approx(
        audit.table.loc[0, ["value", "low", "high"]].tolist(), nan_ok=True
    )
    assert (audit.sound, audit.low, audit.high, audit.n) == pytest.approx(
        audit.table.loc[1, ["value", "low", "high", "n"]].tolist()
    )
    assert audit.low <= audit.sound <= audit.high
    assert (audit.table["n"] > 0).all()
    assert audit.table["reading"].is_unique
    if LEDGER[key].kind == "definition":
        values = audit.table.loc[audit.table["unit"] == audit.unit, "value"]
        assert values.nunique() >= 2


def test_the_spurious_claim_shows_the_figure_only_in_its_naive_estimate(audits):
    audit = audits["C2.F2b"]
    assert audit.naive_low <= audit.figure <= audit.naive_high
    assert audit.high < audit.figure


def test_the_table_has_a_row_per_claim_and_the_fields_of_an_audit(audits):
    table = claims.table(2)
    assert table.index.tolist() == list(claims.ledger(2))
    assert table.index.name == "id"
    row = table.loc["C2.F1c"]
    for name in (
        "figure",
        "naive",
        "sound",
        "low",
        "high",
        "truth",
        "verdict",
        "statement",
        "unit",
        "lesson",
        "n",
    ):
        assert row[name] == getattr(audits["C2.F1c"], name)


@pytest.mark.parametrize("key", LEDGER)
def test_an_audit_reads_as_text_with_every_reading_and_says_that_the_figure_is_only_a_claim(audits, key):
    text = repr(audits[key])
    assert text.startswith(f"{key}  The outline says: ")
    assert f"verdict  {audits[key].verdict}" in text
    for row in audits[key].table.itertuples():
        assert f": {row.reading}, n = {row.n:,}" in text
    assert "nan" not in text


def test_an_audit_cannot_be_changed_and_its_table_is_its_own(audits):
    with pytest.raises(FrozenInstanceError):
        audits["C2.F1c"].verdict = "holds"
    mine = claims.audit("C2.F1c").table
    mine.loc[0, "value"] = 9.0
    assert claims.audit("C2.F1c") == audits["C2.F1c"]


OTHERWISE = {
    "a week without a weekend": ("C2.F3a", {"weekend_index": 1.0}, "does not hold"),
    "a term that grows from year to year": ("C2.F2b", {"dress_on_year": 0.38}, "holds"),
    "two checkouts that lose alike": ("C2.F1c", {"loss_long": 0.25}, "does not hold"),
    "one price like the other": ("C2.F3c", {"margin_dynamic": 0.30}, "does not hold"),
    "a dashboard that does nothing": ("C2.T4", {"decision_speed": 0.0}, "does not hold"),
}


@pytest.mark.parametrize("case", OTHERWISE)
def test_the_verdict_follows_what_is_planted(case):
    key, planted, verdict = OTHERWISE[case]
    truth = Truth(**planted)
    where = claims.claim(key).shop or "fmcg"
    tables = shop.make_shop(profiles()[where], 7, 1.0, truth)
    tables["calendar"] = datasets.load("calendar")
    found = claims.audit(key, tables=tables, truth=truth)
    assert found.verdict == verdict
    if LEDGER[key].kind != "definition":
        assert found.low <= found.truth <= found.high


def test_the_verdict_is_open_where_neither_the_figure_nor_no_change_can_be_excluded():
    claim = claims.claim("C2.F3b")
    wide = [reading("naive", (0.2, 0.1, 0.3), 9), reading("sound", (0.15, -0.1, 0.4), 9)]
    assert claims._verdict(claim, wide) == "cannot be told from these data"
    assert claims._verdict(claim, [wide[0], replace(wide[1], low=0.05)]) == "holds"
    assert claims._verdict(claim, [wide[0], replace(wide[1], high=0.17)]) == "does not hold"


def test_a_reading_aside_takes_no_part_in_the_verdict():
    claim = claims.claim("C2.F2c")
    two = [reading("naive", (0.67, 0.66, 0.68), 9), reading("sound", (0.67, 0.65, 0.69), 9)]
    other = reading("other", (0.26, 0.25, 0.27), 9)
    assert claims._verdict(claim, two) == "holds"
    assert claims._verdict(claim, [*two, other]) == "depends on what is counted"
    assert claims._verdict(claim, [*two, replace(other, aside=True)]) == "holds"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: claims.audit("C2.F1"), "there is no claim 'C2.F1'. Did you mean 'C2.F1c'?"),
        (lambda: claims.claim(""), "there is no claim ''."),
        (lambda: claims.ledger(9), "there are no claims of chapter 9"),
        (lambda: claims.table(9), "there are no claims of chapter 9"),
        (lambda: claims.audit("C2.F1c", level=95), "level is 95; give a fraction such as 0.95."),
        (lambda: claims.audit("C2.F1c", tables={}), "table 'events' is not in tables; it has no tables."),
    ],
)
def test_bad_input_is_met_with_a_sentence(call, words):
    with pytest.raises(CourseError, match=re.escape(words)):
        call()


def test_the_median_and_its_interval_are_order_statistics():
    assert median(range(1, 13), 0.95) == (6.5, 3.0, 10.0)
    assert median([3.0, math.nan, 1.0, 2.0], 0.95)[0] == 2.0
    assert all(math.isnan(number) for number in median([], 0.95))
    low, high = median([5.0, 7.0], 0.95)[1:]
    assert math.isnan(low)
    assert math.isnan(high)


def test_the_interval_of_a_median_covers_it_as_often_as_it_says():
    import numpy as np

    rng = np.random.default_rng(1)
    covers = [low <= 0 <= high for _, low, high in (median(rng.normal(size=40), 0.9) for _ in range(800))]
    assert 0.88 <= pd.Series(covers).mean() <= 0.95
