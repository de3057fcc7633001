"""Who leaves, what it costs, and how far it can be foretold."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from ecomtrain import datasets
from ecomtrain.analysis import survival, targeting, team
from ecomtrain.errors import CourseError
from ecomtrain.shop.truth import Truth

YEAR = ("2025-07-01", "2026-07-01")
ITEMS = {"recruiting": 1.0, "ramp_up": 1.5}


def people(*rows):
    frame = pd.DataFrame(rows, columns=["hired_on", "left_on", "salary", "reason"])
    return frame.assign(hired_on=pd.to_datetime(frame["hired_on"]), left_on=pd.to_datetime(frame["left_on"]))


def test_tenure_is_that_of_those_hired_in_the_window():
    staff = people(
        ("2025-01-01", "2025-08-01", 1.0, "voluntary"),  # there before: known only because they stayed
        ("2025-07-01", "2025-07-01", 1.0, "voluntary"),  # left on the first day
        ("2025-07-01", None, 1.0, None),
        ("2025-08-01", "2026-07-02", 1.0, "voluntary"),  # left after the end: still there then
    )
    found = team.tenure_curve(staff, *YEAR)
    assert (found["months"] * 365.25 / 12).tolist() == pytest.approx([1, 334, 365])
    assert found["survival"].tolist() == pytest.approx([2 / 3] * 3)
    assert found["events"].tolist() == [1, 0, 0]


def test_who_left_for_another_reason_is_followed_up_to_then():
    staff = people(
        ("2025-07-01", "2025-08-01", 1.0, "dismissed"), ("2025-07-01", "2025-09-01", 1.0, "regretted")
    )
    assert team.tenure_curve(staff, *YEAR, kind="voluntary")["events"].tolist() == [0, 1]
    assert team.tenure_curve(staff, *YEAR)["events"].tolist() == [1, 1]


def test_the_curve_falls_as_fast_as_the_course_data_were_made_to():
    staff = datasets.load("staff", shop="social")
    curve = team.tenure_curve(staff, "2024-07-01", "2026-07-01")
    at = curve[curve["months"] <= 6].iloc[-1]
    planted = (1 - Truth().attrition_monthly) ** 6
    assert at["low"] - 0.02 <= planted <= at["high"] + 0.02
    assert (
        survival.quantiles([1.0, 2.0], [True, True])["value"].iloc[0] == 1
    )  # the same code, in its own unit


def test_the_cost_of_leavers_is_what_was_assumed_of_them():
    staff = people(
        ("2025-01-01", "2025-12-31", 8000, "voluntary"),
        ("2026-01-01", None, 6000, None),
        ("2025-01-01", "2025-06-30", 9000, "voluntary"),
    )
    row = team.attrition_cost(staff, *YEAR, months_of_pay=ITEMS, per_leaver={"desk": 500}).loc["all"]
    assert row[["leavers", "recruiting", "ramp_up", "desk", "cost"]].tolist() == [1, 8000, 12000, 500, 20500]
    assert row["payroll"] == pytest.approx((184 * 8000 + 181 * 6000) * 12 / 365.25)
    assert row["cost_per_leaver"] == 20500


def test_a_window_without_leavers_costs_nothing_and_has_no_cost_per_leaver():
    row = team.attrition_cost(people(("2025-01-01", None, 8000, None)), *YEAR, months_of_pay=ITEMS).loc["all"]
    assert (row["leavers"], row["cost"]) == (0, 0)
    assert np.isnan(row["cost_per_leaver"])


def test_groups_add_up_to_the_whole_and_leavers_are_those_of_attrition():
    staff = datasets.load("staff", shop="beauty")
    whole = team.attrition_cost(staff, *YEAR, months_of_pay=ITEMS)
    parts = team.attrition_cost(staff, *YEAR, months_of_pay=ITEMS, by="function")
    names = ["leavers", "cost", "payroll"]
    assert parts[names].sum().tolist() == pytest.approx(whole.loc["all", names].tolist())
    rate = team.attrition(staff, *YEAR, by="function")
    assert parts["leavers"].tolist() == rate["separations"].tolist()


def made(seed=0, n=400, gap=1.5):
    rng = np.random.default_rng(seed)
    overtime, female = rng.random(n) < 0.4, rng.random(n) < 0.5
    left = rng.random(n) < 1 / (1 + np.exp(1.8 - gap * overtime))
    return pd.DataFrame(
        {"overtime": np.where(overtime, "yes", "no"), "pay": rng.normal(8, 2, n).round(1), "left": left,
         "gender": np.where(female, "f", "m"), "seen": pd.date_range("2026-01-01", periods=n)}
    )  # fmt: skip


@cache
def report():
    return team.attrition_risk(made(), columns=["overtime", "pay"], groups=["gender", "overtime"])


def test_the_rates_of_the_groups_are_those_of_the_whole():
    found = report()
    for _, part in found.fairness.groupby("attribute"):
        assert part["n"].sum() == 400
        assert (part["n"] * part["observed"]).sum() == pytest.approx(made()["left"].sum())
        assert part["ratio"].max() == 1
    flagged = found.fairness.groupby("attribute")["flagged"].sum()
    assert flagged.iloc[0] == flagged.iloc[1]
    assert flagged.iloc[0] >= 80
    assert f"of {flagged.iloc[0]} people flagged" in found.warning


def test_false_alarms_and_misses_count_every_error_of_a_group():
    found = team.attrition_risk(
        made(), columns=["overtime", "pay"], groups=["gender"], flag_share=0.3
    ).fairness
    left = (found["n"] * found["observed"]).to_numpy()
    hits = left * (1 - found["fnr"])
    alarms = (found["n"] - left) * found["fpr"]
    assert (hits + alarms).to_numpy() == pytest.approx(found["flagged"])


def test_the_report_is_that_of_the_model_of_intent_where_all_columns_are_numbers():
    frame = made().assign(late=lambda f: (f["overtime"] == "yes").astype(int))
    for time in (None, "seen"):
        one = team.attrition_risk(frame, columns=["late", "pay"], groups=["gender"], time=time)
        other = targeting.intent_model(frame, "left", columns=["late", "pay"], time=time)
        pd.testing.assert_frame_equal(one.table, other.table)
        pd.testing.assert_frame_equal(one.calibration, other.calibration)
        # What the fairness table rests on are the same probabilities.
        mean = (one.calibration["predicted"] * one.calibration["n"]).sum()
        assert (one.fairness["predicted"] * one.fairness["n"]).sum() == pytest.approx(mean)


def test_a_group_that_leaves_more_is_flagged_more_and_that_is_told():
    frame = made(gap=3)
    found = team.attrition_risk(frame, columns=["overtime"], groups=["overtime"], flag_share=0.3).fairness
    assert not found["even"].any()
    assert found.set_index("group").loc["no", "selection_rate"] == 0


def test_order_of_the_rows_plays_no_part_even_where_rows_are_alike():
    frame = made(n=120).assign(pay=8.0).drop(columns="seen")
    one, other = (
        team.attrition_risk(rows, columns=["overtime"], groups=["gender"])
        for rows in (frame, frame.sample(frac=1, random_state=3))
    )
    pd.testing.assert_frame_equal(one.fairness, other.fairness)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: team.attrition_risk(made(), columns="pay"), "columns is 'pay'; give a list"),
        (lambda: team.attrition_risk(made(), columns=["pay"], groups=["seen"]), "400 values, too many"),
        (lambda: team.attrition_risk(made(), columns=[]), "give a list of numeric columns"),
        (lambda: team.attrition_cost(made(), *YEAR, months_of_pay={}), "at least one"),
        (lambda: team.tenure_curve(people(("2020-01-01", None, 1, None)), *YEAR), "nobody was hired in"),
        (
            lambda: team.tenure_curve(people(("2020-01-01", "2019-01-01", 1, "x")), *YEAR),
            "left_on lies before",
        ),
        (lambda: team.tenure_curve(people(), *YEAR, kind="some"), "kind='some' is unknown"),
    ],
)
def test_bad_input_is_met_with_a_sentence(call, words):
    with pytest.raises(CourseError, match=words):
        call()
