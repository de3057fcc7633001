"""The claims of people, goals and service: the verdict follows what is planted."""

import numpy as np
import pandas as pd
import pytest

from ecomtrain import shop
from ecomtrain.course import claims
from ecomtrain.shop import Truth, team
from ecomtrain.shop.crew import crew
from ecomtrain.shop.draw import stream
from ecomtrain.shop.profiles import profiles

SHOPS = {"C1.K5": list(profiles()), "C6.T1": ["beauty"], "C6.T2": ["electronics"], "C6.T3": ["apparel"],
         "C6.T4": ["social"]}  # fmt: skip


def audit(key, seed, **planted):
    """The audit of a claim about the office in a world of its own."""
    truth, made = Truth(**planted), []
    for name in SHOPS[key]:
        people = crew(profiles()[name], truth, stream(seed, profiles()[name], "staff"))
        made.append(team.office(profiles()[name], seed, truth, people))
    tables = {name: pd.concat([part[name] for part in made], ignore_index=True) for name in made[0]}
    return claims.audit(key, tables=tables, truth=truth)


def chat_audit(seed, **planted):
    truth = Truth(**planted)
    return claims.audit("C6.T5", tables=shop.make_shop(profiles()["fmcg"], seed, 1.0, truth), truth=truth)


EXPECTED = {
    ("C1.K5", "what is planted"): ({}, "does not hold"),
    ("C1.K5", "an effect as large as the figure"): ({"okr_execution": 0.31}, "holds"),
    ("C6.T1", "what is planted"): ({}, "holds"),
    ("C6.T1", "a pattern that changes nothing"): ({"three_on_output": 0.0}, "cannot be told from these data"),
    ("C6.T2", "what is planted"): ({}, "does not hold"),
    ("C6.T2", "an effect as large as the figure"): ({"talent_output": 0.27}, "holds"),
    ("C6.T3", "what is planted"): ({}, "does not hold"),
    ("C6.T3", "profit that rises like the points"): ({"game_profit": 0.3}, "holds"),
    ("C6.T3", "a game that changes nothing at all"): ({"game_points": 0.0}, "cannot be told from these data"),
    ("C6.T4", "what is planted"): ({}, "depends on what is counted"),
    ("C6.T4", "a shop that nobody leaves"): ({"attrition_monthly": 0.0}, "does not hold"),
}  # fmt: skip


@pytest.mark.parametrize(("key", "case"), EXPECTED)
def test_the_verdict_follows_what_is_planted(key, case):
    planted, verdict = EXPECTED[key, case]
    found = [audit(key, seed, **planted) for seed in range(3, 7)]
    # An interval of 95 % may miss in one of them.
    assert sum(each.verdict == verdict for each in found) >= 3
    assert sum(each.low <= each.truth <= each.high for each in found) >= 3


@pytest.mark.parametrize("key", ["C1.K5", "C6.T2"])
def test_the_naive_estimate_gives_about_the_figure_without_any_effect_behind_it(key):
    planted = {"okr_execution": 0.08, "talent_output": 0.09}
    found = [audit(key, seed, **planted) for seed in range(10, 16)]
    assert np.mean([each.naive for each in found]) == pytest.approx(claims.claim(key).figure, abs=0.05)
    assert np.mean([each.high for each in found]) < claims.claim(key).figure


def test_the_game_raises_points_and_the_pattern_keeps_people():
    assert audit("C6.T3", 1).naive == pytest.approx(0.3, abs=0.06)
    leaving = audit("C6.T1", 1, three_on_attrition=-0.05).table.iloc[2]
    assert leaving["unit"] == "points"
    assert leaving["low"] <= -0.05 <= leaving["high"] < 0


def test_while_output_per_head_rises_the_heads_and_the_whole_fall():
    heads, whole = audit("C6.T2", 2).table["value"].iloc[2:]
    assert heads < -0.2
    assert whole < 0


def test_the_year_follows_from_the_month():
    found = audit("C6.T4", 1)
    month, closed, added = found.table["value"].iloc[:3]
    assert closed == pytest.approx(1 - (1 - month) ** 12)
    assert added == pytest.approx(12 * month)
    assert found.table["truth"].iloc[:3].tolist() == pytest.approx([0.15, 0.8578, 1.8], abs=1e-4)


def test_the_response_rate_depends_on_who_counts():
    found = chat_audit(1)
    assert found.verdict == "depends on what is counted"
    table = found.table.set_index("reading")
    told = table.dropna(subset=["truth"])
    # 99.9 %: five intervals are looked at together, at three and a third standard errors instead of two.
    wide = 1.7 * (told["high"] - told["low"]) / 2
    assert ((told["value"] - told["truth"]).abs() < wide).all()
    assert table["value"].iloc[0] > table["value"].iloc[1:4].max()


def test_where_ai_changes_nothing_no_way_of_counting_shows_the_figure():
    alike = dict.fromkeys(
        ["response_before", "response_before_night", "response_person", "response_assist", "response_bot"],
        0.8,
    )
    assert chat_audit(2, **alike).verdict == "does not hold"
