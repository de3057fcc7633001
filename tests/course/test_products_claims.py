"""The claims of launches, clearance and demand: the verdict follows what is planted."""

from functools import cache

import pytest

from ecomtrain import shop
from ecomtrain.course import claims
from ecomtrain.shop.profiles import profiles
from ecomtrain.shop.truth import Truth

EXPECTED = {
    "C4.T1": "holds",
    "C4.T4": "depends on what is counted",
    "C4.A2": "depends on what is counted",
    "C4.A3": "holds",
}


@cache
def made(name, seed, **planted):
    # None of these tables grows with the shop, so the smallest shop does.
    return shop.make_shop(profiles()[name], seed, 1e-6, Truth(**planted))


@cache
def audited(key, seed=2026, **planted):
    tables = made(claims.claim(key).shop, seed, **planted)
    return claims.audit(key, tables=tables, truth=Truth(**planted))


@pytest.mark.parametrize("key", EXPECTED)
def test_the_published_draw_has_the_expected_verdict_and_the_truth_inside_the_interval(key):
    found = audited(key)
    assert found.verdict == EXPECTED[key]
    for row in found.table.iloc[1:].dropna(subset=["truth", "low", "high"]).itertuples():
        assert row.low <= row.truth <= row.high, row.reading


OTHERWISE = {
    "a rhythm that changes nothing": ("C4.T1", {"clearance_gain": 0.0}, "does not hold"),
    "a rhythm that slows the lines down": ("C4.T1", {"clearance_gain": -0.2}, "does not hold"),
    "every project out in time": ("C4.T4", {"launch_median": 10.0, "launch_p90": 18.0}, "does not hold"),
    "no project out in time": ("C4.T4", {"launch_median": 60.0, "launch_p90": 90.0}, "does not hold"),
    "four niches of ten that are free whatever is counted": (
        "C4.A2",
        {"blue_ocean_ranks": 0.4, "blue_ocean_ratio": 0.4},
        "holds",
    ),
    "a search that does not grow": ("C4.A3", {"coffee_growth": 0.0}, "does not hold"),
    "a search that grows a little": ("C4.A3", {"coffee_growth": 0.15}, "does not hold"),
}


@pytest.mark.parametrize("case", OTHERWISE)
def test_the_verdict_follows_what_is_planted(case):
    key, planted, verdict = OTHERWISE[case]
    found = audited(key, seed=7, **planted)
    assert found.verdict == verdict
    sound = found.table.iloc[1]
    assert sound["low"] <= sound["truth"] <= sound["high"]


@pytest.mark.parametrize("key", ["C4.T1", "C4.A3"])
def test_the_sound_interval_covers_the_truth_on_nearly_every_draw_and_the_naive_one_misses_it(key):
    found = [audited(key, seed=seed) for seed in range(8)]
    assert sum(one.low <= one.truth <= one.high for one in found) >= 6
    assert sum(not one.naive_low <= one.truth <= one.naive_high for one in found) >= 4
    sound = sum(one.sound for one in found) / len(found)
    assert sound == pytest.approx(found[0].truth, abs=0.03)


def test_before_and_after_gives_the_season_to_the_new_rhythm():
    found = audited("C4.T1")
    assert found.naive_low > found.high


def test_the_finished_projects_alone_look_faster_than_all():
    found = [audited("C4.T4", seed=seed) for seed in range(8)]
    assert all(one.naive <= one.sound for one in found)
    assert all(one.table.loc[2, "low"] > 30 for one in found)


def test_the_blue_ocean_rate_lies_on_both_sides_of_the_figure():
    found = audited("C4.A2")
    assert found.high < found.figure < found.naive_low
    assert found.table["value"].is_unique


def test_the_last_quarter_says_that_the_search_shrinks_and_the_peak_that_it_soars():
    found = audited("C4.A3")
    assert found.naive < 0
    assert found.table.loc[2, "value"] > 0.5 > found.sound > 0.3
