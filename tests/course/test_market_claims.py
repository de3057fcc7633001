"""The claims of the market, surveys and laws: verdicts follow what is planted."""

import math
from functools import cache

import pytest

from ecomtrain import shop
from ecomtrain.course import claims
from ecomtrain.shop import Truth
from ecomtrain.shop.profiles import profiles

KINDS = {
    "C1.T0a": "no shop can show it",
    "C1.T0b": "no shop can show it",
    "C1.T0c": "depends on what is counted",
    "C1.T3": "does not hold",
    "C1.K4": "does not hold",
    "C1.K6": "no shop can show it",
    "C4.A1": "no shop can show it",
}


@cache
def audited(key, seed=shop.SEED, **planted):
    truth = Truth(**planted)
    where = claims.claim(key).shop or "electronics"
    return claims.audit(key, tables=_tables(where, seed, truth), truth=truth)


@cache
def _tables(where, seed, truth):
    return shop.make_shop(profiles()[where], seed, 1.0, truth)


@pytest.mark.parametrize("key", KINDS)
def test_the_published_draw_has_the_expected_verdict_and_the_truth_in_the_sound_interval(key):
    found = audited(key)
    assert found.verdict == KINDS[key]
    assert found.low <= found.sound <= found.high
    assert math.isnan(found.truth) or found.low <= found.truth <= found.high
    assert "nan" not in repr(found)


@pytest.mark.parametrize("key", ["C1.T3", "C1.K4"])
def test_the_naive_estimate_of_a_spurious_claim_shows_its_figure(key):
    found = audited(key)
    assert found.naive_low <= found.figure <= found.naive_high
    assert not found.naive_low <= found.truth <= found.naive_high


OTHERWISE = {
    "the young say the same however they are asked": (
        "C1.T3", {"certified_preferred": 0.85, "certified_claimed": 0.85}, "holds",
    ),
    "hardly any of the young would take it": ("C1.T3", {"certified_preferred": 0.2}, "does not hold"),
    "quick response does all of it": ("C1.K4", {"quick_response_share": 0.23}, "holds"),
    "quick response does nothing": ("C1.K4", {"quick_response_share": 0.0}, "does not hold"),
    "a market that shrinks": ("C1.K4", {"category_growth": -0.1}, "does not hold"),
    "nobody reads it as 78 %": ("C1.T0c", {"online_shoppers": 0.5}, "does not hold"),
    "a small market is no verdict": ("C4.A1", {"smart_office_listed": 5.0}, "no shop can show it"),
}  # fmt: skip


@pytest.mark.parametrize("case", OTHERWISE)
def test_the_verdict_follows_what_is_planted(case):
    key, planted, verdict = OTHERWISE[case]
    found = audited(key, 8, **planted)
    assert found.verdict == verdict
    assert math.isnan(found.truth) or found.low <= found.truth <= found.high


def test_a_growing_category_raises_the_sales_and_leaves_the_effect_on_the_share_alone():
    slow, fast = (audited("C1.K4", 8, category_growth=growth) for growth in (0.0, 0.3))
    assert fast.naive - slow.naive == pytest.approx(0.3 * 1.1, abs=0.05)
    assert fast.sound == pytest.approx(slow.sound, abs=0.001)


def test_each_of_the_two_biases_of_the_survey_alone_goes_part_of_the_way():
    audit = audited("C1.T3")
    leading, came = audit.table["value"].iloc[2:]
    for alone in (leading, came):
        assert audit.sound < alone < audit.naive


def test_the_rounded_figures_of_the_world_market_agree_and_leave_a_wide_range():
    size, growth = audited("C1.T0a"), audited("C1.T0b")
    assert size.low < 6.5 < 7.5 < size.high
    assert growth.low < 0.12 < growth.high
    assert growth.high - growth.low > 0.08
    back = size.table.set_index("reading").loc["where it must have come from five years ago"]
    assert back["value"] == pytest.approx(7 / 1.12**5)


def test_the_two_sizes_of_smart_office_do_not_agree():
    audit = audited("C4.A1")
    assert audit.naive > audit.high
    assert audit.naive_low < audit.figure < audit.naive_high
    listed = audit.table.iloc[2]
    assert listed["value"] == pytest.approx(listed["truth"], rel=0.05)


def test_masking_leaves_nearly_everyone_exposed_and_keeping_less_does_not():
    audit = audited("C1.K6")
    assert audit.naive > 0.99
    assert audit.high < 0.05
    assert math.isnan(audit.figure)
