"""Skills, points and the signs of a game, by hand and by law."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ecomtrain import datasets
from ecomtrain.analysis import team
from ecomtrain.errors import CourseError

RULES = pd.DataFrame(
    {"kpi": ["sales", "refunds", "replies"], "threshold": [80, 0.10, 1.0], "target": [100, 0.05, 2.0],
     "stretch": [120, 0.02, 3.0], "points": [50, 30, 20], "cap": [1.5, 1.2, 1.2],
     "per_opportunity": [False, False, True]}
)  # fmt: skip


def scored(rows, rules=RULES):
    frame = pd.DataFrame(rows, columns=["staff_id", "month", "kpi", "value", "opportunity"])
    return team.kpi_points(frame.assign(month=pd.to_datetime(frame["month"])), rules)


@pytest.mark.parametrize(
    ("kpi", "value", "chances", "reached"),
    [
        ("sales", 80, 1, 0), ("sales", 90, 1, 0.5), ("sales", 100, 1, 1), ("sales", 110, 1, 1.25),
        ("sales", 120, 1, 1.5), ("sales", 900, 1, 1.5), ("sales", -900, 1, 0),
        ("refunds", 0.10, 1, 0), ("refunds", 0.075, 1, 0.5), ("refunds", 0.05, 1, 1), ("refunds", 0, 1, 1.2),
        ("replies", 150, 100, 0.5), ("replies", 150, 0, np.nan), ("replies", np.nan, 100, np.nan),
    ],
)  # fmt: skip
def test_an_indicator_earns_points_piece_by_piece(kpi, value, chances, reached):
    found = scored([(1, "2026-06-01", kpi, value, chances)])
    assert found.detail["reached"].iloc[0] == pytest.approx(reached, nan_ok=True)
    points = RULES.set_index("kpi").loc[kpi, "points"]
    assert found.table["points"].iloc[0] == pytest.approx(np.nan_to_num(reached * points))
    assert found.table["possible"].iloc[0] == (0 if np.isnan(reached) else points)


def test_no_traffic_is_left_out_and_does_not_count_as_zero():
    rows = [(1, "2026-06-01", "sales", 100, 1), (1, "2026-06-01", "replies", 0, 0)]
    found = scored(rows).table.iloc[0]
    assert found[["points", "possible", "attainment"]].tolist() == [50, 50, 1]
    nothing = scored(rows[1:]).table.iloc[0]
    assert np.isnan(nothing["attainment"])
    assert nothing["level"] == "none"


def test_streaks_end_with_a_month_missed_and_with_one_not_there():
    months = ["2025-11-01", "2025-12-01", "2026-01-01", "2026-03-01", "2026-04-01", "2026-05-01"]
    values = [100, 101, 130, 100, 99, 100]
    found = scored([(7, month, "sales", value, 1) for month, value in zip(months, values, strict=True)]).table
    assert found["streak"].tolist() == [1, 2, 3, 1, 0, 1]
    assert found["level"].tolist() == ["gold", "gold", "gold", "gold", "silver", "gold"]


def test_a_guardrail_takes_the_months_points_away():
    rules = RULES.assign(guardrail=[False, True, False])
    rows = [(1, "2026-06-01", "sales", 120, 1), (1, "2026-06-01", "refunds", 0.11, 1)]
    found = scored(rows, rules).table.iloc[0]
    assert (found["points"], found["possible"], bool(found["breached"])) == (0, 50, True)
    assert not scored([rows[0], (1, "2026-06-01", "refunds", 0.10, 1)], rules).table["breached"].iloc[0]


@settings(max_examples=12, deadline=None)
@given(st.floats(-500, 500), st.floats(0, 100))
def test_more_of_a_good_thing_never_earns_less_and_never_more_than_the_cap(value, more):
    one, two = (
        scored([(1, "2026-06-01", "sales", v, 1)]).table["points"].iloc[0] for v in (value, value + more)
    )
    assert 0 <= one <= two + 1e-9 <= 75 + 2e-9


def months(rng, people=30, periods=6, slope=1.0):
    who, when = (grid.ravel() for grid in np.indices((people, periods)))
    able = rng.normal(size=people)[who]
    return pd.DataFrame(
        {"staff_id": who, "hours": 160,
         "month": pd.date_range("2026-01-01", periods=periods, freq="MS")[when],
         "points": 200 * np.exp(slope * 0.2 * able + 0.05 * rng.normal(size=len(who))),
         "profit": 900 * np.exp(0.2 * able + 0.05 * rng.normal(size=len(who)))}
    )  # fmt: skip


def test_the_correlation_is_spearmans_over_people():
    frame = months(np.random.default_rng(4))
    found = team.gaming_check(frame, per="hours").table.loc["all"]
    sums = frame.groupby("staff_id")[["points", "profit"]].sum()
    assert found["spearman"] == pytest.approx(stats.spearmanr(sums["points"], sums["profit"]).statistic)
    assert found["low"] < found["spearman"] < found["high"]
    assert found["people"] == 30


def test_a_jump_of_points_without_profit_is_found_and_one_with_profit_is_not():
    frame = months(np.random.default_rng(5))
    frame.loc[8, "points"] *= 5
    frame.loc[20, ["points", "profit"]] *= 5
    found = team.gaming_check(frame)
    assert (found.jumps["staff_id"] * 6 + found.jumps["month"].dt.month - 1).tolist() == [8]
    assert found.jumps["change"].iloc[0] > 3
    assert found.table.loc["all", "jumps"] == 1


def test_ranks_alike_have_no_correlation_and_three_people_no_interval():
    frame = months(np.random.default_rng(6), people=3)
    assert team.gaming_check(frame.assign(points=5)).table["spearman"].isna().all()
    assert team.gaming_check(frame).table[["low", "high"]].isna().all(axis=None)


def test_leaning_and_breaches_come_from_the_points():
    rows = [
        (who, month, kpi, value, 1)
        for who in range(4)
        for month in ("2026-05-01", "2026-06-01")
        for kpi, value in (("sales", 120), ("refunds", 0.095 if who else 0.2))
    ]
    table = scored(rows, RULES.assign(guardrail=[False, True, False])).table
    found = team.gaming_check(table.assign(profit=table["staff_id"] * 10.0)).table.loc["all"]
    assert (found["breaches"], found["breach_rate"]) == (2, 0.25)
    assert found["leaned_share"] == 1


def test_the_correlation_alone_does_not_give_the_game_of_the_course_data_away():
    """Half of the points are luck there, but able people still lead: what shows the game is the level."""
    kpis = datasets.load("kpis", shop="apparel")
    table = team.gaming_check(kpis[kpis["month"] >= "2026-01-01"], per="hours", by="game").table
    assert (table["low"] > 0).all()
    assert table.loc[True, "low"] < table.loc[False, "spearman"] < table.loc[True, "high"]
    assert table["jumps"].sum() == 0


RATINGS = pd.DataFrame(
    {"staff_id": [1, 2, 3, 4], "function": ["live", "live", "live", "data"], "team": "t",
     "data": [4, 2, None, 5], "system": [5, 3, 1, None]}
)  # fmt: skip
REQUIRED = pd.DataFrame({"function": ["live", "data", "design"], "data": [4, 4, 1], "system": [2, 3, 1]})


def test_gaps_and_readiness_by_hand():
    found = team.competency_gap(RATINGS, REQUIRED, skills=["data", "system"])
    rows = found.table.set_index(["function", "skill"])
    assert rows.loc[("live", "data"), ["rated", "mean", "gap", "at_level"]].tolist() == [2, 3, -1, 1]
    assert rows.loc[("live", "system"), ["rated", "mean", "gap", "at_level"]].tolist() == [3, 3, 1, 2]
    assert np.isnan(rows.loc[("data", "system"), "coverage"])
    roles = found.roles.set_index("function")
    assert roles.loc["live", "readiness"] == pytest.approx((1 + 0.75 + 0.5) / 3)
    assert roles.loc["live", ["people", "rated", "complete"]].tolist() == [3, 3, 2]


def test_weights_move_the_readiness_towards_their_skill():
    one = team.competency_gap(RATINGS, REQUIRED, skills=["data", "system"], weights={"data": 1}).roles
    assert one.set_index("function").loc["live", "readiness"] == pytest.approx((1 + 0.5) / 2)


def test_cronbachs_alpha_is_that_of_the_covariance_matrix():
    staff = datasets.load("staff", shop="beauty")
    names = ["data", "digital", "system", "intelligence"]
    needed = staff[["function"]].drop_duplicates().assign(**dict.fromkeys(names, 3))
    found = team.competency_gap(staff, needed).alpha
    cov = np.cov(staff[names].dropna().to_numpy(float).T)
    assert found == pytest.approx(4 / 3 * (1 - np.trace(cov) / cov.sum()))
    copies = staff.dropna(subset=["data"]).assign(**dict.fromkeys(names, staff["data"]))
    assert team.competency_gap(copies, needed).alpha == pytest.approx(1)


def test_the_bus_factor_counts_who_holds_a_skill():
    found = team.bus_factor(RATINGS, {"data": 4, "system": 3}, skills=["data", "system"], needed=2)
    assert found.table[["holders", "bus_factor"]].to_numpy().tolist() == [[2, 1], [2, 1]]
    assert not len(found.alone)
    strict = team.bus_factor(RATINGS, 5, skills=["data", "system"])
    assert strict.table["bus_factor"].tolist() == [1, 1]
    assert strict.alone["staff_id"].tolist() == [4, 1]


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=12), st.integers(1, 3))
def test_after_the_bus_factor_of_holders_has_left_the_skill_is_short(levels, needed):
    frame = pd.DataFrame({"staff_id": range(len(levels)), "team": "t", "data": levels})
    row = team.bus_factor(frame, 4, skills=["data"], needed=needed).table.iloc[0]
    left = frame.sort_values("data", ascending=False).iloc[int(row["bus_factor"]) :]
    assert (left["data"] >= 4).sum() < needed
    if row["bus_factor"]:
        assert (left["data"] >= 4).sum() == needed - 1


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: scored([(1, "2026-06-01", "likes", 1, 1)]), "'likes' has no rule"),
        (
            lambda: scored(
                [(1, "2026-06-01", "sales", 1, 1), (1, "2026-06-02", "sales", 2, 1)][:1] * 1
                + [(1, "2026-06-01", "sales", 2, 1)]
            ),
            "rows that differ",
        ),
        (lambda: scored([(1, "2026-06-01", "sales", 1, 1)], RULES.assign(cap=0.5)), "cap 1 or above"),
        (lambda: team.competency_gap(RATINGS, REQUIRED, skills="data"), "give a list of columns"),
        (lambda: team.competency_gap(RATINGS, REQUIRED, skills=["data"], weights={"date": 1}), "no skill"),
        (lambda: team.bus_factor(RATINGS, needed=0, skills=["data"]), "needed is 0"),
    ],
)
def test_bad_input_is_met_with_a_sentence(call, words):
    with pytest.raises(CourseError, match=words):
        call()
