"""The claims that the shops' tests answer: their verdicts follow what is planted."""

from functools import cache

import pytest

from ecomtrain import shop
from ecomtrain.course import claims
from ecomtrain.shop import Truth
from ecomtrain.shop.profiles import profiles

KEYS = ("C1.K1", "C1.T2", "C1.T4", "C3.T4", "C4.T2", "C4.T3", "C5.F3c", "C5.T2")
EXPECTED = {"holds": "holds", "spurious": "does not hold", "definition": "depends on what is counted"}
# No test does anything, but trying on does what the outline says, for everybody alike.
OTHERWISE = Truth(
    layout_clicks=0.0, electronics_margin_dynamic=0.18, retention_new=0.18, collection_conversion=0.0,
    offer_conversion=0.0, try_on_returns=-0.22, try_on_careful=0.0, cross_sell_aov=0.0,
)  # fmt: skip


@cache
def tables(name, truth, seed):
    made = shop.make_shop(profiles()[name], seed, 1.0, truth)
    return made | {"calendar": shop.calendar.promotions()}


def audit(key, truth=OTHERWISE, seed=7):
    return claims.audit(key, tables=tables(claims.claim(key).shop, truth, seed), truth=truth)


@pytest.mark.parametrize("key", KEYS)
def test_on_the_published_draw_the_verdict_is_the_expected_one_and_the_truth_is_inside(key):
    found = audit(key, Truth(), shop.SEED)
    assert found.verdict == EXPECTED[claims.claim(key).kind]
    assert found.low <= found.truth <= found.high


@pytest.mark.parametrize("key", [key for key in KEYS if claims.claim(key).kind != "spurious"])
def test_where_a_test_does_nothing_the_figure_does_not_hold(key):
    found = audit(key)
    assert found.truth == 0
    assert found.verdict == ("cannot be told from these data" if key == "C5.F3c" else "does not hold")
    assert found.low <= 0 <= found.high


def test_returns_that_fall_as_the_outline_says_for_all_who_are_offered_it_make_the_claim_hold():
    found = audit("C4.T3")
    assert found.truth == -0.22
    assert found.verdict == "holds"


def test_a_week_is_too_short_to_tell_and_the_whole_test_is_not():
    found = audit("C4.T2", Truth(), shop.SEED)
    assert found.naive_high - found.naive_low > 2.5 * (found.high - found.low)
    assert found.low > 0


def test_the_layout_test_has_the_split_that_was_planned_and_shows_how_long_it_had_to_run():
    table = audit("C1.K1", Truth(), shop.SEED).table.set_index("reading")
    split = table.loc["visitors who got the new layout (sample ratio)"]
    assert split["low"] < 0.5 < split["high"]
    days = table[table["unit"] == "days"].iloc[0]
    assert 7 < days["value"] < 60


def test_the_same_prices_are_worth_28_percent_and_five_points():
    table = audit("C1.T2", Truth(), shop.SEED).table
    relative, points = table.iloc[1], table.iloc[2]
    assert (relative["unit"], points["unit"]) == ("relative", "points")
    assert relative["truth"] == pytest.approx(0.28)
    assert points["truth"] == pytest.approx(0.0504)
    assert points["low"] < 0.0504 < points["high"] < 0.28


def test_the_third_chapter_tells_the_figure_of_the_first_again():
    one, again = (audit(key, Truth(), shop.SEED) for key in ("C1.T4", "C3.T4"))
    assert (one.sound, one.low, one.high, one.figure) == (again.sound, again.low, again.high, again.figure)
    assert claims.claim("C1.T4").truth == claims.claim("C3.T4").truth


def test_who_tries_on_returns_less_even_before_trying_on_does_anything():
    truth = Truth(try_on_returns=0.0, try_on_careful=-0.5)
    found = claims.audit("C4.T3", tables=tables("shoes", truth, 7), truth=truth)
    assert found.naive_high < 0
    assert found.low <= 0 <= found.high
