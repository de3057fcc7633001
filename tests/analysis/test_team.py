"""Teams: changes between windows, attrition and response rates, counted by hand and held to their laws."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ecomtrain.analysis import team
from ecomtrain.errors import CourseError

WINDOWS = {"before": ("2026-01-01", "2026-02-01"), "after": ("2026-02-01", "2026-03-01")}
SUMS = {"numerator": "output", "denominator": "hours"}


def work(seed=0, teams=12, gain=1.0):
    rng = np.random.default_rng(seed)
    i, t = (grid.ravel() for grid in np.indices((teams, 2)))
    hours = rng.integers(80, 120, len(i))
    output = hours * np.exp(0.1 * rng.normal(size=len(i)) + 0.1 * rng.normal(size=teams)[i]) * gain**t
    month = pd.to_datetime(["2026-01-01", "2026-02-01"])[t]
    return pd.DataFrame({"team": i, "month": month, "hours": hours, "output": output})


def people(*rows):
    frame = pd.DataFrame(rows, columns=["hired_on", "left_on", "reason"])
    return frame.assign(hired_on=pd.to_datetime(frame["hired_on"]), left_on=pd.to_datetime(frame["left_on"]))


def rounds(*rows):
    frame = pd.DataFrame(rows, columns=["chat_id", "ts", "handler", "first_response_seconds"])
    return frame.assign(ts=pd.to_datetime(frame["ts"]).dt.tz_localize("Asia/Shanghai"))


def test_the_change_is_that_of_the_pooled_ratios_not_of_the_mean_ratio():
    frame = work()
    sums = frame.groupby("month")[["output", "hours"]].sum()
    ratios = (sums["output"] / sums["hours"]).to_numpy()
    found = team.before_after(frame, **SUMS, **WINDOWS).iloc[0]
    assert found["relative_change"] == pytest.approx(ratios[1] / ratios[0] - 1)
    assert found[["before", "after"]].tolist() == pytest.approx(ratios)
    assert found["denominator_after"] == sums["hours"].iloc[1]
    assert found["units"] == 12


def test_the_interval_of_a_change_is_close_to_the_jackknife_over_teams():
    frame = work(3)
    found = team.before_after(frame, **SUMS, **WINDOWS).iloc[0]
    logs = np.array([
        np.log1p(team.before_after(frame[frame["team"] != one], **SUMS, **WINDOWS)["relative_change"].iloc[0])
        for one in range(12)
    ])  # fmt: skip
    se = np.sqrt(11 / 12 * ((logs - logs.mean()) ** 2).sum())
    high = (1 + found["relative_change"]) * np.exp(stats.t.ppf(0.975, 11) * se) - 1
    assert found["relative_high"] == pytest.approx(high, abs=0.01)


def test_the_interval_of_a_change_covers_it_as_often_as_it_says():
    found = [team.before_after(work(seed, gain=1.2), **SUMS, **WINDOWS).iloc[0] for seed in range(120)]
    assert 0.89 <= np.mean([row["relative_low"] <= 0.2 <= row["relative_high"] for row in found]) <= 0.99


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.01, 100), st.floats(0.01, 100))
def test_units_of_measure_play_no_part_in_a_relative_change(seed, one, two):
    frame = work(seed)
    scaled = frame.assign(output=frame["output"] * one, hours=frame["hours"] * two)
    names = ["relative_change", "relative_low", "relative_high"]
    expected = team.before_after(frame, **SUMS, **WINDOWS)[names].to_numpy()
    assert team.before_after(scaled, **SUMS, **WINDOWS)[names].to_numpy() == pytest.approx(expected)


def test_nothing_to_divide_by_is_no_number():
    frame = work().assign(hours=0)
    found = team.before_after(frame, **SUMS, **WINDOWS).iloc[0]
    assert found[["before", "after", "relative_change", "relative_low"]].isna().all()


def test_fifteen_in_a_hundred_a_month_are_86_percent_of_a_closed_group_and_180_percent_added_up():
    # One hundred posts, fifteen of them left every month and filled again before it ends.
    rows = [("2025-01-01", None, None)] * 85
    for month in pd.date_range("2025-07-01", periods=12, freq="MS"):
        hired = "2025-01-01" if month.month == 7 else month - pd.Timedelta(days=5)
        rows += [(hired, month + pd.Timedelta(days=9), "voluntary")] * 15
    rows += [("2026-06-20", None, None)] * 15
    found = team.attrition(people(*rows), "2025-07-01", "2026-07-01").iloc[0]
    assert found[["months", "separations", "headcount", "monthly_rate"]].tolist() == [12, 180, 100, 0.15]
    assert found["closed_year"] == pytest.approx(1 - 0.85**12) == pytest.approx(0.858, abs=5e-4)
    assert found["added_year"] == pytest.approx(1.8)


def test_leavers_and_heads_are_counted_month_by_month():
    staff = people(
        ("2025-11-10", "2026-01-31", "voluntary"),  # there all January, left on its last day
        ("2026-01-01", None, None),  # hired on the first: not there when the month began
        ("2025-12-01", "2026-02-01", "dismissed"),
        ("2026-02-15", None, None),
    )
    found = team.attrition(staff, "2026-01-01", "2026-03-01").iloc[0]
    # January 2 to 2, February 2 to 2.
    assert found[["separations", "headcount", "monthly_rate"]].tolist() == [2, 2.0, 0.5]
    own = team.attrition(staff, "2026-01-01", "2026-03-01", kind="voluntary").iloc[0]
    assert own["separations"] == 1
    assert team.attrition(staff, "2026-01-01", "2026-03-01", kind="regretted")["separations"].iloc[0] == 0


def test_the_interval_of_attrition_is_the_exact_one_of_a_count():
    staff = people(*[("2025-01-01", "2026-01-15", "voluntary")] * 4, *[("2025-01-01", None, None)] * 98)
    found = team.attrition(staff, "2026-01-01", "2026-02-01").iloc[0]
    ends = stats.chi2.ppf(0.025, 8) / 2, stats.chi2.ppf(0.975, 10) / 2
    assert found[["low", "high"]].tolist() == pytest.approx([end / 100 for end in ends])
    none = team.attrition(staff, "2025-06-01", "2025-07-01").iloc[0]
    assert none["monthly_rate"] == none["low"] == 0 < none["high"]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_groups_add_up_to_the_whole_and_a_year_is_never_less_than_a_month(seed):
    rng = np.random.default_rng(seed)
    hired = pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 400, 60), unit="D")
    left = pd.Series(hired + pd.to_timedelta(rng.integers(0, 300, 60), unit="D")).where(rng.random(60) < 0.6)
    staff = pd.DataFrame({"hired_on": hired, "left_on": left, "team": rng.integers(0, 3, 60)})
    asked = staff, "2025-06-01", "2026-03-01"
    whole, parts = team.attrition(*asked).iloc[0], team.attrition(*asked, by="team")
    assert parts["separations"].sum() == whole["separations"]
    assert parts["headcount"].sum() == pytest.approx(whole["headcount"])
    assert whole["monthly_rate"] <= whole["closed_year"] <= 1
    assert whole["low"] <= whole["monthly_rate"] <= whole["high"]


CHATS = rounds(
    (1, "2026-06-01 09:00", "person", 180),
    (1, "2026-06-01 09:05", "person", 181),
    (2, "2026-06-01 22:59", "assist", 20),
    (3, "2026-06-01 23:00", "bot", 1),
    (4, "2026-06-01 12:00", "bot", 1),
    (5, "2026-06-01 07:59", "person", None),
)


@pytest.mark.parametrize(
    ("rule", "answered", "counted"),
    [
        ({"bots": "exclude"}, 1, 2),
        ({"bots": "assist"}, 2, 3),
        ({"bots": "include"}, 3, 4),
        ({"bots": "include", "hours": None}, 4, 6),
        ({"bots": "exclude", "within": "5min"}, 2, 2),
        ({"bots": "exclude", "hours": (0, 8)}, 0, 1),
    ],
)
def test_the_response_rate_turns_on_who_counts_and_when(rule, answered, counted):
    found = team.response_rate(CHATS, **rule).iloc[0]
    assert found[["answered", "rounds"]].tolist() == [answered, counted]
    assert found["response_rate"] == answered / counted


def test_the_median_is_of_the_answered_rounds():
    assert team.response_rate(CHATS, bots="include", hours=None)["median_seconds"].iloc[0] == 20


def test_rounds_of_one_chat_do_not_count_as_independent():
    rng = np.random.default_rng(1)
    luck = rng.random(200) < 0.8
    ts = pd.date_range("2026-06-01 09:00", periods=200, freq="min", tz="Asia/Shanghai")
    one = pd.DataFrame({"chat_id": range(200), "ts": ts, "handler": "person",
                        "first_response_seconds": np.where(luck, 30.0, 900.0)})  # fmt: skip
    four = pd.concat([one] * 4, ignore_index=True)
    names = ["response_rate", "low", "high"]
    assert team.response_rate(four)[names].to_numpy() == pytest.approx(
        team.response_rate(one)[names].to_numpy()
    )


CALLS = {
    "before_after": lambda **more: team.before_after(work(), **{**SUMS, **WINDOWS, **more}),
    "attrition": lambda start="2026-01-01", end="2026-02-01", rows=(("2025-01-01", None, None),), **more: (
        team.attrition(people(*rows), start, end, **more)
    ),
    "response_rate": lambda frame=CHATS, **more: team.response_rate(frame, **more),
}


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("before_after", {"level": 95}, "level is 95; give a fraction such as 0.95."),
        ("before_after", {"unit": "crew"}, "column 'crew' is not in the frame; it has team, month, hours"),
        (
            "before_after",
            {"before": ("2026-02-01", "2026-01-01")},
            "the window [2026-02-01, 2026-01-01) is empty",
        ),
        (
            "attrition",
            {"kind": "volantary"},
            "kind='volantary' is unknown; choose all, voluntary, regretted.",
        ),
        ("attrition", {"end": "2026-02-10"}, "the window [2026-01-01, 2026-02-10) is not of whole months."),
        (
            "attrition",
            {"start": "2026-01-05", "end": "2026-01-20"},
            "the window [2026-01-05, 2026-01-20) is not of",
        ),
        (
            "attrition",
            {"rows": [("2026-01-02", "2025-01-01", "x")]},
            "left_on lies before hired_on in 1 row(s).",
        ),
        ("attrition", {"by": "team"}, "column 'team' is not in the frame; it has hired_on, left_on, reason."),
        (
            "response_rate",
            {"bots": "assisted"},
            "bots='assisted' is unknown; choose exclude, assist, include.",
        ),
        ("response_rate", {"within": "soon"}, "within='soon' is not a duration; give one such as '3min'."),
        (
            "response_rate",
            {"hours": (23, 8)},
            "hours=(23, 8) is no span of a day; give two hours such as (8, 23).",
        ),
        (
            "response_rate",
            {"frame": CHATS.replace("bot", "robot")},
            "handler 'robot' is unknown; it must be person",
        ),
    ],
)
def test_bad_input_is_met_with_a_sentence(name, given, words):
    with pytest.raises(CourseError, match=re.escape(f"team.{name}: {words}")):
        CALLS[name](**given)
