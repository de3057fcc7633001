"""The claims of content and growth: the verdict follows what is planted."""

import pytest

from ecomtrain import shop
from ecomtrain.course import claims
from ecomtrain.shop import Truth, calendar
from ecomtrain.shop.profiles import profiles

NOT, HOLDS, DEPENDS = "does not hold", "holds", "depends on what is counted"
OPEN = "cannot be told from these data"
PLANTED = {
    "a video that sells": ("C3.T3", {}, (HOLDS,)),
    "a video that does nothing": ("C3.T3", {"video_gain": 0.0}, (NOT, OPEN)),
    "a platform that fits better": ("C3.D", {}, (HOLDS,)),
    "two platforms that fit alike": ("C3.D", {"fit_xiaohongshu": 0.64}, (OPEN, NOT)),
    "a series in spring": ("C3.F1a", {}, (NOT,)),
    "a series that does all of it": ("C3.F1a", {"series_effect": 0.41}, (HOLDS, OPEN)),
    "videos above the mean": ("C3.F1b", {}, (HOLDS,)),
    "videos like the mean": ("C3.F1b", {"scene_click_rate": 0.04}, (OPEN, NOT)),
    "fans who leave": ("C3.F1c", {}, (NOT,)),
    "fans who stay": ("C3.F1c", {"fans_kept": 0.63}, (HOLDS, OPEN)),
    "users who bring less than one": ("C3.F3a", {}, (DEPENDS,)),
    "senders who bring less than one too": ("C3.F3a", {"invite_k": 0.2}, (NOT,)),
    "buyers who stock up": ("C3.F3b", {}, (NOT,)),
    "a promotion that adds nothing": ("C3.F3b", {"flash_gross": 0.0, "flash_net": 0.0}, (NOT, OPEN)),
}


def audit(key, planted, seed=5):
    truth = Truth(**planted)
    tables = shop.make_shop(profiles()[claims.claim(key).shop], seed, 1.0, truth)
    tables["calendar"] = calendar.promotions()
    return claims.audit(key, tables=tables, truth=truth)


@pytest.mark.parametrize("case", PLANTED)
def test_the_verdict_follows_what_is_planted(case):
    key, planted, verdicts = PLANTED[case]
    found = audit(key, planted)
    assert found.verdict in verdicts
    assert found.low <= found.sound <= found.high


@pytest.mark.parametrize("key", ["C3.F1a", "C3.F1c", "C3.F3b"])
def test_a_spurious_figure_comes_from_the_naive_estimate_alone(key):
    found = audit(key, {})
    assert found.naive_low > found.truth
    assert found.high < found.naive
    if claims.claim(key).figure == claims.claim(key).figure:
        assert found.naive == pytest.approx(found.figure, abs=0.1)


def test_in_margin_the_flash_sales_lose_what_they_win_in_sales():
    found = audit("C3.F3b", {}).table.set_index("reading")
    margin = found.loc["with the 18 days after, in margin"]
    assert margin["high"] < 0
    assert margin["low"] <= margin["truth"] <= margin["high"]
