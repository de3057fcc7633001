"""Findings of the plots of channels where there is little, nothing or the opposite to tell."""

import numpy as np
import pandas as pd
import pytest
from plots_channels import caused, credited

from ecomtrain import plots
from ecomtrain.analysis import attribution, channels, growth
from ecomtrain.errors import CourseError

TOUCHES = pd.DataFrame(
    {
        "journey_id": [1, 1, 2],
        "ts": pd.date_range("2026-06-01", periods=3),
        "channel": ["a", "b", "a"],
        "converted": [False, True, False],
    }
)


def curve(ltv, **columns):
    ltv = np.asarray(ltv, dtype=float)
    return pd.DataFrame(
        {**columns, "cohort": "all", "age": range(len(ltv)), "customers": 10,
         "margin": np.diff(ltv, prepend=0.0), "ltv": ltv, "low": ltv - 5, "high": ltv + 5}
    )  # fmt: skip


def test_without_a_conversion_there_is_no_credit_and_no_loss_to_tell():
    nothing = TOUCHES.assign(converted=False)
    assert "nothing to credit" in plots.finding(plots.attribution(attribution.compare(nothing)))
    assert "nothing can be lost" in plots.finding(plots.removal_effects(attribution.removal_effects(nothing)))
    assert plots.finding(plots.channel_moves(attribution.transitions(nothing))).startswith("No channel")


def test_rules_that_agree_are_said_to_agree_and_one_alone_tells_its_first():
    alike = pd.DataFrame({"last": [0.5, 0.5], "markov": [0.505, 0.495]}, index=["a", "b"])
    assert plots.finding(plots.attribution(alike)) == "All rules agree within 0.5 percentage points"
    one = attribution.compare(TOUCHES, ["last"])
    assert plots.finding(plots.attribution(one)) == "B gets most by last: 100 % of the conversions"


def test_every_rule_has_a_mark_of_its_own():
    ax = plots.attribution(attribution.compare(TOUCHES))
    shapes = {
        part.get_paths()[0].vertices.tobytes() for part in ax.collections if len(part.get_offsets()) > 1
    }
    assert len(shapes) == len(attribution.MODELS)


def test_a_table_of_conversions_is_not_taken_for_shares():
    with pytest.raises(CourseError, match="no shares of 1"):
        plots.attribution(attribution.compare(pd.concat([TOUCHES, TOUCHES.assign(journey_id=[5, 5, 6])]),
                                              measure="conversions"))  # fmt: skip


def test_a_difference_in_cost_that_the_interval_does_not_carry_is_not_sold():
    table = channels.acquisition_cost([100.0, 90, 80, 110], [2, 3, 2, 3], by=list("aabb"), control="a")
    assert plots.finding(plots.acquisition_cost(table)).startswith("No difference shown: b costs")
    cheaper = channels.acquisition_cost([100.0, 101, 50, 51], [10, 10, 10, 10], by=list("aabb"), control="a")
    assert plots.finding(plots.acquisition_cost(cheaper)).startswith(
        "B costs 50 % less per new customer than a"
    )


def test_a_return_below_the_break_even_is_said_to_be_below():
    table = channels.returns_on_spend([10.0, 11, 12], [15, 17, 18], 0.5)
    assert "below the break-even of 2.0: ROI −24 %" in plots.finding(plots.returns_on_spend(table))


def test_the_last_click_stands_beside_what_was_caused():
    ax = plots.incremental_return(caused(), credited())
    row, last = caused().loc["interest"], credited().loc["interest"]
    assert plots.finding(ax).endswith(f"the last click credits {last['roas']:.1f}")
    said = {text.get_text() for text in ax.texts}
    assert {f"caused {row['incremental_roas']:.1f}", f"last click {last['roas']:.1f}"} <= said
    assert any(text.startswith("break-even") for text in said)
    with pytest.raises(CourseError, match=r"plots\.incremental_return: .*returns_on_spend"):
        plots.incremental_return(caused(), caused())


def test_a_cost_that_is_not_back_yet_is_said_not_to_be():
    assert plots.finding(plots.ltv_curve(curve([30, 45]), 50)).endswith("and has not paid back ¥50")
    both = pd.concat([curve([30, 45], channel="a"), curve([30, 60], channel="b")], ignore_index=True)
    assert plots.finding(plots.ltv_curve(both, 50)).endswith("1 of 2 channels have paid back ¥50")


def test_a_lead_that_is_within_the_intervals_is_not_called_clear():
    table = channels.payback(
        pd.concat([curve([60], channel="a"), curve([61], channel="b")], ignore_index=True), 20.0
    )
    assert "though not clearly" in plots.finding(plots.channel_value(table))


@pytest.mark.parametrize(
    ("k", "words"), [((1.0, 0.8, 1.2), "not shown"), ((1.5, 1.3, 1.7), "larger than the last"),
                     ((np.nan, np.nan, np.nan), "there is no K-factor")],
)  # fmt: skip
def test_whether_a_chain_grows_turns_on_the_interval(k, words):
    row = {"users": 9, "senders": 3, "k_factor": k[0], "low": k[1], "high": k[2], "k_per_sender": np.nan,
           "sender_low": np.nan, "sender_high": np.nan}  # fmt: skip
    assert words in plots.finding(plots.k_factor(pd.DataFrame([row])))


def test_growth_of_one_k_tells_its_last_cycle():
    say = plots.finding(plots.viral_growth(growth.viral_growth(0.5, first=100, cycles=2)))
    assert say == "100 first users become 175 after 2 cycles; the last cycle brings 25 new ones"


def test_what_is_not_shown_to_be_left_of_a_campaign_is_not_called_growth():
    row = {"effect": 0.02, "low": -0.01, "high": 0.05, "growth": 0.04, "peak_growth": 0.3, "weeks": 9}
    assert "nothing is shown to be left" in plots.finding(plots.retained_growth(pd.DataFrame([row])))


def test_a_ratio_that_may_be_one_is_no_difference():
    table = pd.DataFrame(
        {"customers": 4, "retention": [0.5, 0.25], "low": [0.1, 0.05], "high": [0.9, 0.7],
         "ratio": [2, np.nan], "ratio_low": [0.4, np.nan], "ratio_high": [9, np.nan]},
        index=["private", "public"],
    )  # fmt: skip
    assert plots.finding(plots.repurchase_ratio(table)).startswith("No difference shown")


def test_a_board_of_one_kind_of_traffic_is_drawn_and_an_unknown_one_said():
    table = pd.DataFrame(
        {"dimension": "content", "name": "Plays", "unit": "plays", "value": [np.nan], "numerator": np.nan,
         "denominator": np.nan, "low": np.nan, "high": np.nan}, index=["plays"],
    )  # fmt: skip
    assert plots.finding(plots.channel_metrics(table)) == "No metric is known in this window"
