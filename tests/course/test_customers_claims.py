"""The claims of membership, care and repurchase: verdicts follow what is planted."""

from functools import cache

import pytest

from ecomtrain import shop
from ecomtrain.course import claims
from ecomtrain.course.readings import customers, data
from ecomtrain.shop import Truth
from ecomtrain.shop.profiles import profiles

EXPECTED = {
    "C1.K3": "does not hold",
    "C3.T2": "does not hold",
    "C5.T1": "does not hold",
    "C5.T3": "holds",
    "C5.T4": "does not hold",
    "C5.F1a": "depends on what is counted",
    "C5.F2a": "holds",
    "C5.F3a": "does not hold",
}
OTHERWISE = {
    "an invitation that keeps 89 of 100": ("C1.K3", {"retention_invited": 0.89}, "holds"),
    "a private group that does as much as is said": ("C3.T2", {"private_ratio": 3.7}, "holds"),
    "a private group that does nothing": ("C3.T2", {"private_ratio": 1.0}, "does not hold"),
    "tiers that do as much as is said": ("C5.T1", {"tier_retention": 0.39}, "holds"),
    "tiers that do nothing": ("C5.T1", {"tier_retention": 0.0}, "does not hold"),
    "greetings that nobody minds": ("C5.T3", {"birthday_visits": 0.0}, "cannot be told from these data"),
    "a joint service that does as much as is said": ("C5.T4", {"omni_repurchase": 0.15}, "holds"),
    "a joint service that does nothing": ("C5.T4", {"omni_repurchase": 0.0}, "does not hold"),
    "a gift that does nothing": ("C5.F2a", {"gift_hazard": 0.0}, "cannot be told from these data"),
    "a membership that does nothing": ("C5.F3a", {"membership_orders": 0.0}, "does not hold"),
}


@cache
def audited(key, seed=shop.SEED, **planted):
    truth = Truth(**planted)
    return claims.audit(
        key, tables=shop.make_shop(profiles()[claims.claim(key).shop], seed, 1.0, truth), truth=truth
    )


@pytest.mark.parametrize(("key", "verdict"), EXPECTED.items())
def test_on_the_published_draw_the_verdict_is_the_expected_one_and_the_truth_is_covered(key, verdict):
    found = audited(key)
    assert found.verdict == verdict
    assert found.low <= found.truth <= found.high


@pytest.mark.parametrize("key", ["C1.K3", "C3.T2", "C5.T1", "C5.T4"])
def test_the_naive_reading_of_a_spurious_claim_gives_the_outlines_figure_and_misses_the_truth(key):
    found = audited(key)
    assert found.naive_low <= found.figure <= found.naive_high
    assert not found.naive_low <= found.truth <= found.naive_high
    assert not found.low <= found.figure <= found.high


def test_about_half_of_the_members_lead_is_left_after_matching():
    found = audited("C5.F3a")
    assert found.sound / found.naive == pytest.approx(0.5, abs=0.1)
    assert found.naive_low > found.truth


@pytest.mark.parametrize("case", OTHERWISE)
def test_the_verdict_follows_what_is_planted(case):
    key, planted, verdict = OTHERWISE[case]
    found = audited(key, 7, **planted)
    assert found.verdict == verdict
    assert found.low <= found.truth <= found.high


def test_the_invitation_gains_the_planted_points():
    table = audited("C1.K3").table.set_index("reading")
    row = table.loc["invited over not invited"]
    assert row["truth"] == pytest.approx(0.04)
    assert row["low"] <= row["truth"] <= row["high"]


def test_merging_alone_moves_the_rate_of_persons_not_at_all():
    row = audited("C5.T4", 7, omni_repurchase=0.0).table.iloc[2]
    assert row["low"] <= 0 <= row["high"]


def test_chapter_five_repeats_the_claim_of_chapter_two():
    assert customers.c5_f1a is data.c2_f2c
    assert claims.claim("C5.F1a").truth == claims.claim("C2.F2c").truth
    assert claims.claim("C5.F1a").figure == claims.claim("C2.F2c").figure
