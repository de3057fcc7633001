"""Objectives, their alignment, and who reports to whom: counted by hand and held to their laws."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecomtrain import datasets
from ecomtrain.analysis import team
from ecomtrain.errors import CourseError


def result(start, target, current, direction="up", weight=1.0):
    return {
        "okr_id": 2, "kind": "key_result", "parent_id": 1, "start": start, "target": target,
        "current": current, "weight": weight, "direction": direction,
    }  # fmt: skip


def goals(*results):
    rows = [row | {"okr_id": 2 + place} for place, row in enumerate(results)]
    top = dict.fromkeys(rows[0]) | {"okr_id": 1, "kind": "objective"}
    return pd.DataFrame([top, *rows]).astype(
        {"parent_id": "Int64", **dict.fromkeys(["start", "target", "current", "weight"], float)}
    )


def scores(*results):
    return team.okr_score(goals(*results))["score"].to_numpy()


@pytest.mark.parametrize(
    ("row", "raw", "score", "band"),
    [
        (result(2.0, 4.0, 3.0), 0.5, 0.5, "yellow"),
        (result(95, 57, 76, "down"), 0.5, 0.5, "yellow"),
        (result(95, 57, 105, "down"), -10 / 38, 0, "red"),
        (result(2, 4, 5), 1.5, 1, "green"),
        (result(3.9, 4.2, 4.11), 0.7, 0.7, "green"),
        (result(0, 1, 0.9, "binary"), 0, 0, "red"),
        (result(0, 1, 1, "binary"), 1, 1, "green"),
        (result(4.2, 4.2, 4.5), np.nan, np.nan, "none"),
        (result(1, 2, None), np.nan, np.nan, "none"),
    ],
)
def test_a_key_result_is_scored_by_the_way_it_went(row, raw, score, band):
    found = team.okr_score(goals(row)).iloc[1]
    assert found[["raw", "score"]].tolist() == pytest.approx([raw, score], nan_ok=True)
    assert found["band"] == band


def test_an_objective_is_the_mean_by_weight_of_what_could_be_scored():
    table = team.okr_score(goals(result(0, 10, 5, weight=3), result(0, 10, 9), result(1, 1, 1, weight=4)))
    assert table.loc[0, "score"] == pytest.approx((3 * 0.5 + 0.9) / 4)
    assert table.loc[0, "weight_scored"] == pytest.approx(4 / 8)
    assert table["objective_id"].tolist() == [1, 1, 1, 1]


@settings(max_examples=15, deadline=None)
@given(st.floats(-50, 50), st.floats(0.1, 50), st.floats(-100, 100), st.floats(0.1, 20), st.floats(-9, 9))
def test_scale_and_direction_of_the_measure_play_no_part(start, way, current, scale, shift):
    one = result(start, start + way, current)
    other = result(scale * start + shift, scale * (start + way) + shift, scale * current + shift)
    mirrored = result(-start, -start - way, -current, "down")
    found = scores(one, other, mirrored)
    assert 0 <= found[1] <= 1
    assert found[2:] == pytest.approx(found[1], abs=1e-6)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0.1, 5)), min_size=1, max_size=5))
def test_an_objective_lies_between_its_worst_and_its_best_result(results):
    found = scores(*(result(0, 10, current, weight=weight) for current, weight in results))
    assert found[1:].min() - 1e-9 <= found[0] <= found[1:].max() + 1e-9


def test_a_target_on_the_wrong_side_is_told_with_its_id():
    with pytest.raises(CourseError, match="of okr_id 2 the direction is down, and its target 4 lies above"):
        team.okr_score(goals(result(2, 4, 3, "down")))


def test_one_id_for_two_goals_is_refused_and_the_same_row_twice_is_not():
    frame = goals(result(0, 1, 1))
    twice = pd.concat([frame, frame])
    pd.testing.assert_frame_equal(team.okr_score(twice), team.okr_score(frame))
    with pytest.raises(CourseError, match="okr_id 2 stands in rows that differ"):
        team.okr_score(pd.concat([frame, frame.iloc[[1]].assign(current=0.5)]))


@pytest.mark.parametrize(
    ("shop", "fault", "teams"),
    [("home", "in a circle", 2), ("food", "no parent", 1), ("shoes", "parent not in the table", 1)],
)
def test_the_faults_planted_in_the_course_data_are_found(shop, fault, teams):
    found = team.okr_alignment(datasets.load("okrs", shop=shop), by="quarter")
    assert found.faults["fault"].value_counts().to_dict() == {fault: teams}
    last = found.table.iloc[-1]
    assert last["team_objectives"] - last["linked"] == teams
    assert (found.table["linked_share"].iloc[:-1] == 1).all()


def test_what_hangs_below_a_circle_is_not_linked():
    frame = pd.DataFrame(
        {"okr_id": [1, 2, 3, 4], "parent_id": [None, 3, 2, 3], "kind": "objective",
         "team": [None, "a", "b", "c"]}
    ).astype({"parent_id": "Int64"})  # fmt: skip
    found = team.okr_alignment(frame)
    assert found.table.loc["all", "linked"] == 0
    faults = found.faults.set_index("okr_id")["fault"]
    assert faults[faults != "no key results"].to_dict() == {
        2: "in a circle", 3: "in a circle", 4: "above it a circle or a fault",
    }  # fmt: skip


def test_a_long_chain_of_goals_reaches_the_company():
    n = 300
    frame = pd.DataFrame(
        {"okr_id": range(n), "parent_id": pd.array([None, *range(n - 1)], "Int64"), "kind": "objective",
         "team": [None, *["t"] * (n - 1)]}
    )  # fmt: skip
    assert team.okr_alignment(frame).table.loc["all", ["team_objectives", "linked"]].tolist() == [
        n - 1,
        n - 1,
    ]


def staff(managers, **more):
    n = len(managers)
    return pd.DataFrame(
        {"staff_id": range(1, n + 1), "manager_id": pd.array(managers, "Int64"), "salary": 100.0,
         "hired_on": pd.Timestamp("2025-01-01"), "left_on": pd.Series([pd.NaT] * n, dtype="datetime64[us]")}
    ).assign(**more)  # fmt: skip


def test_spans_layers_and_pay_are_counted_down_the_tree():
    found = team.span_of_control(
        staff([None, 1, 1, 2, 2, 3, 3, 3], boss=[None, 2] + [None] * 6), at="2026-01-01", dotted="boss"
    )
    assert found.table[["manager_id", "layer", "direct_reports", "all_reports"]].to_numpy().tolist() == [
        [1, 1, 2, 7], [2, 2, 2, 2], [3, 2, 3, 3],
    ]  # fmt: skip
    assert found.table["flag"].tolist() == ["few", "few", ""]
    assert found.table["dotted_reports"].tolist() == [0, 1, 0]
    assert found.table["pay_below"].tolist() == [700, 200, 300]
    assert found.layers[["people", "managers"]].to_numpy().tolist() == [[1, 1], [2, 2], [5, 0]]
    assert (found.staff, found.managers, found.management_cost) == (8, 3, 3 / 8)


def test_circles_and_vacant_posts_are_told_and_do_not_hang_the_count():
    found = team.span_of_control(staff([None, 1, 4, 3, 9, None]), at="2026-01-01")
    assert found.faults.to_numpy().tolist() == [
        [3, "in a circle"], [4, "in a circle"], [5, "manager not there"], [6, "no manager"],
    ]  # fmt: skip


def test_who_has_left_or_not_come_yet_is_not_there():
    frame = staff([None, 1, 1, 1])
    frame.loc[2, "left_on"] = pd.Timestamp("2025-12-31")
    frame.loc[3, "hired_on"] = pd.Timestamp("2026-01-02")
    assert team.span_of_control(frame, at="2026-01-01").staff == 2
    assert team.span_of_control(frame, at="2025-12-31").staff == 3


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=40))
def test_every_report_is_counted_once_and_the_head_has_everybody(draws):
    managers = [None, *(1 + draw % (place + 1) for place, draw in enumerate(draws))]
    found = team.span_of_control(staff(managers), at="2026-01-01")
    assert found.table["direct_reports"].sum() == len(draws)
    assert found.table["all_reports"].max() == len(draws)
    assert found.layers["people"].sum() == len(draws) + 1
    assert not len(found.faults)


def test_the_wide_and_the_narrow_team_of_the_course_data_are_flagged():
    home = team.span_of_control(datasets.load("staff", shop="home"), at="2026-06-30")
    assert "many" in set(home.table["flag"])
    food = team.span_of_control(datasets.load("staff", shop="food"), at="2026-06-30")
    assert (food.table.loc[food.table["direct_reports"] == 1, "flag"] == "few").all()


def test_output_per_head_and_per_full_time_person_by_hand():
    work = pd.DataFrame(
        {"staff_id": [1, 1, 2, 3], "team": "a", "month": pd.Timestamp("2026-06-01"),
         "output": [50, 50, 90, 40], "hours": [50, 50, 100, 50]}
    )  # fmt: skip
    found = team.output_per_head(work, full_time=100).iloc[0]
    assert found[["heads", "fte", "output_per_head"]].tolist() == [3, 2.5, 230 / 3]
    assert found["output_per_fte"] == pytest.approx(92)
    expected = team.before_after  # the two agree on the ratio of the sums
    assert expected(
        work, numerator="output", denominator="hours", before=("2026-06-01", "2026-07-01"),
        after=("2026-06-01", "2026-07-01"),
    )["before"].iloc[0] == pytest.approx(0.92)  # fmt: skip


def test_the_interval_of_output_per_head_is_that_of_a_ratio():
    from ecomtrain.analysis.intervals import ratio

    kpis = datasets.load("kpis", shop="electronics")
    june = kpis[kpis["month"] == "2026-06-01"]
    found = team.output_per_head(june, by=None, full_time=100).iloc[0]
    value, _, low, high = ratio(june["output"], june["hours"])
    assert found[["output_per_fte", "low", "high"]].tolist() == pytest.approx(
        [100 * value, 100 * low, 100 * high]
    )
