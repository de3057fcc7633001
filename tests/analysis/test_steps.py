"""The five steps of an A/B test: when a decision is given, and when it is refused."""

import numpy as np
import pandas as pd
import pytest

from ecomtrain import datasets
from ecomtrain.analysis.experiment import compare_rates, five_steps
from ecomtrain.errors import CourseError
from ecomtrain.shop.truth import Truth

PLAN = {"hypothesis": "A shorter page sells more.", "baseline": 0.2, "change": 0.25}


def trial(control=(400, 2000), treatment=(500, 2000), hurt=(100, 100)):
    rows = []
    for arm, (k, n), bad in (("control", control, hurt[0]), ("treatment", treatment, hurt[1])):
        rows.append(pd.DataFrame({"arm": arm, "success": np.arange(n) < k, "refunded": np.arange(n) < bad}))
    return pd.concat(rows, ignore_index=True)


@pytest.mark.parametrize(
    ("frame", "decision"),
    [
        (trial(), "adopt"),
        (trial(treatment=(410, 2000)), "no difference shown"),
        (trial(treatment=(300, 2000)), "keep"),
        (trial(hurt=(100, 180)), "keep"),
        (trial(control=(80, 400), treatment=(140, 400)), "wait"),
        (trial(treatment=(600, 2400)), "void"),
    ],
)
def test_each_ending_is_reached(frame, decision):
    found = five_steps(frame, **PLAN, guardrails={"refunded": "lower"})
    assert found.decision == decision
    assert found.table["step"].tolist() == [1, 2, 3, 4, 5]
    assert found.table["ok"].all() == (decision not in ("wait", "void"))
    assert len(found.result) == (0 if decision in ("wait", "void") else 2)


def test_a_broken_split_is_told_before_a_short_one():
    found = five_steps(trial(control=(40, 200), treatment=(90, 300)), **PLAN)
    assert found.decision == "void"
    assert found.table["ok"].tolist() == [True, True, False, False, False]


def test_a_planned_uneven_split_is_no_mismatch_and_needs_its_own_sizes():
    frame = trial(control=(600, 3000), treatment=(375, 1500))
    assert five_steps(frame, **PLAN).decision == "void"
    found = five_steps(frame, **PLAN, expected={"control": 2, "treatment": 1})
    assert found.decision == "adopt"
    assert "has 1,500 of" in found.table["told"][2]


def test_a_share_that_should_fall_may_fall():
    found = five_steps(trial(treatment=(300, 2000)), **{**PLAN, "change": -0.25})
    assert found.decision == "adopt"


def test_the_result_is_that_of_the_plain_comparison():
    found = five_steps(trial(), **PLAN).result.iloc[0]
    expected = compare_rates(trial()).iloc[0]
    assert found.tolist() == expected.tolist()


def test_the_layout_test_of_the_electronics_shop_ends_where_its_truth_lies():
    """C1.K1: the click rate of the new detail page is planted."""
    arms = datasets.load("experiments", shop="electronics")
    events = datasets.load("events", shop="electronics")
    shown = events.loc[(events["event"] == "view") & (events["page"] == "detail"), "visitor_id"]
    layout = events["element"].isin(["gallery", "reviews", "size_guide"])
    clicked = events.loc[(events["event"] == "click") & layout, "visitor_id"]
    frame = arms[arms["visitor_id"].isin(shown)]
    frame = frame.assign(success=frame["visitor_id"].isin(clicked))
    baseline = frame.loc[frame["arm"] == "control", "success"].mean()
    found = five_steps(frame, hypothesis="A clear layout is clicked more", baseline=baseline, change=0.1)
    assert found.decision == "adopt", found.reason
    assert found.result["relative_change"].iloc[0] > 0
    assert Truth().layout_clicks > 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"change": 0}, "change is 0"),
        ({"guardrails": {"refunded": "up"}}, "'refunded' is 'up'; say which side is good"),
        ({"guardrails": {"refund": "lower"}}, "Did you mean 'refunded'"),
        ({"control": "old"}, "two arms are needed"),
        ({"baseline": 20}, "p1 is 20"),
        ({"expected": {"control": 1}}, "'treatment' is not in expected"),
    ],
)
def test_slips_get_a_clear_sentence(options, says):
    with pytest.raises(CourseError, match=f"experiment.five_steps: .*{says}"):
        five_steps(trial(), **{**PLAN, **options})
