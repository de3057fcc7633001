"""Staffing curves and rosters: every interval covered, with the fewest people, within the law."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecomtrain import datasets
from ecomtrain.analysis import service
from ecomtrain.errors import CourseError


def day(*people, first=9):
    return pd.DataFrame({"hour": np.arange(first, first + len(people)), "staff": people})


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=8, max_size=14), st.sampled_from(["3+3", "5+2", "6+1"]))
def test_every_interval_is_covered_and_nobody_is_lost(people, pattern):
    found = service.roster(day(*people), pattern, shift_hours=4)
    assert (found.cover["over"] >= 0).all()
    assert found.table["people"].sum() == found.people
    on, cycle = int(pattern[0]), int(pattern[0]) + int(pattern[2])
    assert found.optimal
    # No roster can do with fewer hours than are asked for.
    assert found.people * on * 4 >= sum(people) * cycle - 1e-9


def test_a_single_shift_needs_as_many_groups_as_the_cycle_asks_for():
    assert service.roster(day(*[2] * 8), "3+3").people == 4
    assert service.roster(day(*[2] * 8), "5+2").people == 3  # 14 working days of five a week
    assert service.roster(day(*[6] * 8), "6+1").people == 7


def test_the_fewest_people_are_fewer_than_what_a_greedy_choice_takes():
    found = service.roster(day(1, 1, 2, 2, 1, 1), "1+0", shift_hours=4)
    assert found.people == 2
    assert found.table[["start", "end", "people"]].to_numpy().tolist() == [[9, 13, 1], [11, 15, 1]]


def test_a_night_shift_reaches_into_the_next_morning():
    night = pd.DataFrame({"hour": range(24), "staff": 1})
    found = service.roster(night, "3+3", shift_hours=8)
    assert found.people == 6
    assert found.spare == pytest.approx(0)
    assert found.table["end"].max() > 24


def test_days_of_the_week_may_differ():
    demand = pd.concat([day(*[1 + (weekday >= 5)] * 8).assign(weekday=weekday) for weekday in range(7)])
    found = service.roster(demand, "5+2")
    asked = found.cover.groupby(found.cover["day"] % 7)["demand"].max()
    assert asked.tolist() == [1, 1, 1, 1, 1, 2, 2]
    assert (found.cover["over"] >= 0).all()
    assert found.cover["day"].nunique() == 7


@pytest.mark.parametrize(
    ("pattern", "hours", "broken", "week"),
    [
        ("3+3", 8, set(), 28),
        ("5+2", 8, set(), 40),
        ("6+1", 8, {"hours a week on average"}, 48),
        ("3+3", 12, {"hours a day", "overtime hours a day", "overtime hours a month"}, 42),
        ("7+0", 8, {"hours a week on average", "working days in any seven", "overtime hours a month"}, 56),
    ],
)
def test_the_hours_are_held_against_the_labour_law(pattern, hours, broken, week):
    law = service.roster(day(*[1] * hours), pattern, shift_hours=hours).law.set_index("rule")
    assert set(law.index[~law["met"]]) == broken
    assert law.loc["hours a week on average", "value"] == pytest.approx(week)


def test_the_standard_week_of_forty_hours_can_be_asked_for():
    law = service.roster(day(*[1] * 8), "6+1", week_limit=40).law.set_index("rule")
    assert law.loc["overtime hours a month", "value"] == pytest.approx(8 * 365 / 84)


def test_nobody_needed_is_nobody_in_the_roster():
    found = service.roster(day(*[0] * 8))
    assert (found.people, len(found.table), found.optimal) == (0, 0, True)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: service.roster(day(1, 1), "three"), "pattern='three' is none"),
        (lambda: service.roster(day(*[1] * 12), starts=[9]), "no shift reaches 17 h, which needs 1"),
        (lambda: service.roster(day(1, 1), starts=[30]), "give hours of the day"),
        (lambda: service.roster(day(1, 1).assign(weekday=9)), "0 \\(Monday\\) to 6"),
        (lambda: service.roster(day(1, 1, first=23)), "each hour of the day"),
        (lambda: service.roster(day(1, 1), shift_hours=30), "shift_hours is 30"),
        (lambda: service.roster(day(1, 1), need="people"), "column 'people' is not in the frame"),
        (lambda: service.staffing(chats(), "2026-06-01", "2026-06-03", hours=(9, 9)), "no span of a day"),
    ],
)
def test_bad_input_is_met_with_a_sentence(call, words):
    with pytest.raises(CourseError, match=words):
        call()


def chats():
    ts = pd.to_datetime(["2026-06-01 09:10", "2026-06-01 09:50", "2026-06-02 09:20", "2026-06-02 10:30"])
    return pd.DataFrame(
        {
            "ts": ts,
            "handler": ["person", "assist", "person", "bot"],
            "handling_seconds": [100, None, 300, None],
        }
    )


def test_unanswered_rounds_are_demand_and_days_without_a_chat_are_days():
    found = service.staffing(chats(), "2026-06-01", "2026-06-04", hours=(9, 11), minutes=60)
    assert found["rounds"].tolist() == pytest.approx([1, 0])
    assert found["days"].tolist() == [3, 3]
    assert found["aht"].tolist() == [200, 200]
    assert found["load"].tolist() == pytest.approx([200 / 3600, 0])
    assert found["agents"].tolist() == [1, 0]


def test_the_rounds_of_the_course_data_add_up_by_weekday_and_without():
    table = datasets.load("chats", shop="home")
    window = ("2026-06-03", "2026-07-01")
    whole = service.staffing(table, *window, hours=(0, 24))
    people = table["handler"].isin(["person", "assist"]) & (
        table["ts"] >= pd.Timestamp(window[0], tz="Asia/Shanghai")
    )
    assert (whole["rounds"] * whole["days"]).sum() == pytest.approx(people.sum())
    weekly = service.staffing(table, *window, hours=(0, 24), by_weekday=True)
    assert (weekly["rounds"] * weekly["days"]).sum() == pytest.approx(people.sum())
    assert weekly.groupby("weekday")["days"].first().sum() == 28
