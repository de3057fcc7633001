"""Waiting lines against published values, a sum over states and a simulated desk; the bot's case by hand."""

import heapq

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecomtrain import datasets
from ecomtrain.analysis import service, team
from ecomtrain.errors import CourseError
from ecomtrain.shop.truth import Truth


def one(table):
    assert len(table) == 1
    return table.iloc[0]


def test_a_hundred_calls_in_half_an_hour_need_fourteen_agents():
    found = one(service.agents_needed(100, 180, service_level=0.8, target=20, shrinkage=0.3))
    assert (found["agents"], found["staff"]) == (14, 20)
    assert found["service_level"] == pytest.approx(0.888, abs=5e-4)
    assert found["asa"] == pytest.approx(7.8, abs=0.05)
    assert found["occupancy"] == pytest.approx(0.714, abs=5e-4)
    assert found["p_wait"] == pytest.approx(0.1741, abs=5e-5)


def test_forty_eight_erlang_on_fifty_five_agents():
    found = one(service.erlang_c(48 * 1800 / 240, 240, 55, target=15))
    assert found["load"] == pytest.approx(48)
    assert found["p_wait"] == pytest.approx(0.2387, abs=5e-5)
    assert found["service_level"] == pytest.approx(0.846, abs=5e-4)
    assert found["asa"] == pytest.approx(8.18, abs=5e-3)


@pytest.mark.parametrize("agents", [8, 10])
def test_a_load_that_the_agents_cannot_do_is_said_to_grow_for_ever(agents):
    found = one(service.erlang_c(100, 180, agents))
    assert not found["stable"]
    assert (found["p_wait"], found["service_level"], found["occupancy"]) == (1, 0, 1)
    assert np.isnan(found["asa"])


def test_nobody_waits_where_nobody_calls():
    for table in (service.erlang_c(0, 180, 2, target=0), service.erlang_a(0, 180, 2, 60, target=0)):
        assert one(table)[["p_wait", "service_level", "asa"]].tolist() == [0, 1, 0]


def test_a_large_desk_does_not_overflow():
    found = one(service.erlang_c(100_000, 180, 10_100))
    assert 0 < found["p_wait"] < 1
    lost = one(service.erlang_a(100_000, 180, 9_000, 60))
    assert lost["abandoned"] == pytest.approx(0.1, abs=1e-3)


def states(calls, aht, agents, patience):
    """Erlang A by summing over the number of callers in the system."""
    arrive, serve, leave = calls / 1800, 1 / aht, 1 / patience
    j = np.arange(1, agents + 5000)
    logs = np.cumsum(
        np.log(arrive) - np.log(np.minimum(j, agents) * serve + np.maximum(j - agents, 0) * leave)
    )
    weight = np.exp(np.append(0, logs) - max(0, logs.max()))
    weight /= weight.sum()
    queue = np.maximum(np.append(0, j) - agents, 0)
    return weight[agents:].sum(), leave * (weight * queue).sum() / arrive, (weight * queue).sum() / arrive


@pytest.mark.parametrize(
    "given_", [(100, 180, 14, 120), (100, 180, 8, 120), (1000, 300, 100, 60), (5, 100, 3, 500)]
)
def test_erlang_a_agrees_with_the_sum_over_states(given_):
    found = one(service.erlang_a(*given_))
    assert found[["p_wait", "abandoned", "asa"]].tolist() == pytest.approx(states(*given_), rel=1e-10)


@settings(max_examples=15, deadline=None)
@given(st.floats(1, 300), st.floats(30, 600), st.integers(1, 40))
def test_endless_patience_is_erlang_c_where_that_has_an_end(calls, aht, spare):
    agents = int(np.ceil(calls * aht / 1800)) + spare
    names = ["p_wait", "service_level", "asa", "occupancy"]
    patient = one(service.erlang_a(calls, aht, agents, 1e13))
    assert patient[names].tolist() == pytest.approx(
        one(service.erlang_c(calls, aht, agents))[names].tolist(), rel=1e-6, abs=1e-9
    )


@settings(max_examples=15, deadline=None)
@given(st.floats(1, 400), st.floats(30, 400), st.floats(20, 600))
def test_more_agents_never_answer_fewer_in_time(calls, aht, patience):
    agents = np.arange(1, 60)
    for table in (service.erlang_c(calls, aht, agents), service.erlang_a(calls, aht, agents, patience)):
        assert (table["service_level"].diff().dropna() >= -1e-9).all()
        assert (table["p_wait"].diff().dropna() <= 1e-9).all()
    lost = service.erlang_a(calls, aht, agents, patience)
    assert lost["abandoned"].between(0, 1).all()
    # Who is served and who hangs up are all who called.
    assert (lost["occupancy"] * agents).to_numpy() == pytest.approx(lost["load"] * (1 - lost["abandoned"]))


@settings(max_examples=15, deadline=None)
@given(st.floats(0.5, 300), st.floats(30, 600), st.floats(0.05, 0.99), st.integers(1, 3), st.booleans())
def test_the_agents_needed_are_enough_and_one_fewer_are_not(calls, aht, level, concurrency, leave):
    patience = 90.0 if leave else None
    found = one(
        service.agents_needed(calls, aht, service_level=level, concurrency=concurrency, patience=patience)
    )

    def reached(agents):
        slots = agents * concurrency
        if leave:
            return one(service.erlang_a(calls, aht, slots, patience))["service_level"]
        return one(service.erlang_c(calls, aht, slots))["service_level"]

    assert reached(found["agents"]) >= level
    assert found["agents"] == 1 or reached(found["agents"] - 1) < level


def test_a_limit_to_occupancy_asks_for_more_agents():
    found = one(service.agents_needed(100, 180, max_occupancy=0.6))
    assert (found["agents"], round(found["occupancy"], 3)) == (17, 0.588)


def simulated(calls, aht, agents, patience, target, customers, seed):
    """A desk, caller by caller: first come, first served, and who is out of patience is gone."""
    rng = np.random.default_rng(seed)
    arrive = np.cumsum(rng.exponential(1800 / calls, customers))
    work, stay = rng.exponential(aht, customers), rng.exponential(patience, customers)
    free = [0.0] * agents
    waits, served = np.empty(customers), np.empty(customers, dtype=bool)
    for i in range(customers):
        wait = max(free[0] - arrive[i], 0.0)
        served[i] = wait <= stay[i]
        waits[i] = min(wait, stay[i])
        if served[i]:
            heapq.heapreplace(free, arrive[i] + wait + work[i])
    late = slice(customers // 20, None)
    waits, served = waits[late], served[late]
    return (waits > 0).mean(), (served & (waits <= target)).mean(), waits.mean(), 1 - served.mean()


def test_a_simulated_desk_waits_as_erlang_c_says():
    found = one(service.erlang_c(100, 180, 13))
    p_wait, level, asa, _ = simulated(100, 180, 13, np.inf, 20, 60_000, seed=1)
    assert found["p_wait"] == pytest.approx(p_wait, abs=0.02)
    assert found["service_level"] == pytest.approx(level, abs=0.02)
    assert found["asa"] == pytest.approx(asa, rel=0.12)


def test_a_simulated_desk_loses_callers_as_erlang_a_says():
    found = one(service.erlang_a(100, 180, 9, 100))
    told = simulated(100, 180, 9, 100, 20, 60_000, seed=2)
    assert found[["p_wait", "service_level"]].tolist() == pytest.approx(told[:2], abs=0.015)
    assert found["asa"] == pytest.approx(told[2], rel=0.05)
    assert found["abandoned"] == pytest.approx(told[3], abs=0.01)


CHATS = pd.DataFrame(
    [(1, 1, 11, "2026-06-01 09:00", "bot", 1), (1, 2, 11, "2026-06-01 09:02", "bot", 1),
     (2, 1, 12, "2026-06-01 10:00", "bot", 1), (2, 2, 12, "2026-06-01 10:03", "assist", 240),
     (3, 1, 13, "2026-06-01 11:00", "person", 100), (4, 1, 14, "2026-06-01 12:00", "person", None),
     (5, 1, 11, "2026-06-03 12:00", "person", 20)],
    columns=["chat_id", "round", "customer_id", "ts", "handler", "first_response_seconds"],
).assign(ts=lambda f: pd.to_datetime(f["ts"]).dt.tz_localize("Asia/Shanghai"))  # fmt: skip


def test_the_three_rules_give_three_rates_of_the_same_chats():
    found = service.response_metrics(CHATS, within={"exclude": "3min", "assist": "3min", "include": "5min"})
    assert found.table[["rounds", "answered"]].to_numpy().tolist() == [[3, 2], [4, 2], [7, 6]]
    assert found.table["within"].tolist() == [180, 180, 300]
    counts = found.chats.set_index("metric")[["k", "n"]]
    assert counts.loc["containment"].tolist() == [1, 2]
    assert counts.loc["hand_off"].tolist() == [1, 2]
    assert counts.loc["unanswered"].tolist() == [1, 5]


def test_inquiry_to_pay_counts_customers_who_had_the_time():
    paid = pd.to_datetime(["2026-06-01 08:59", "2026-06-02 09:59", "2026-06-02 11:00", "2026-06-03 13:00"])
    orders = pd.DataFrame({"customer_id": [11, 12, 13, 11], "paid_at": paid.tz_localize("Asia/Shanghai")})
    found = service.response_metrics(CHATS, orders).chats.set_index("metric").loc["inquiry_to_pay"]
    # 11 paid before asking, and 13 a whole day later; what 11 asked last has not had its day yet.
    assert found[["k", "n"]].tolist() == [1, 4]
    longer = service.response_metrics(CHATS, orders, pay_within="25h").chats.set_index("metric")
    assert longer.loc["inquiry_to_pay", ["k", "n"]].tolist() == [2, 4]


def test_the_rates_planted_in_the_course_data_are_recovered():
    truth, chats = Truth(), datasets.load("chats")
    served = service.response_metrics(chats[chats["ai"]])
    without = service.response_metrics(chats[~chats["ai"]])
    for row, planted in (
        (served.table.loc["exclude"], truth.response_person),
        (without.table.loc["exclude"], truth.response_before),
    ):
        assert row["low"] <= planted <= row["high"]
    alone = 1 - truth.rounds_bot - truth.rounds_assist
    mixed = alone * truth.response_person + truth.rounds_assist * truth.response_assist
    mixed /= alone + truth.rounds_assist
    assert served.table.loc["assist", "low"] <= mixed <= served.table.loc["assist", "high"]
    kept = served.chats.set_index("metric").loc[["containment", "hand_off"], "value"]
    assert kept.sum() == pytest.approx(1)


def test_the_rates_are_those_of_response_rate():
    chats = datasets.load("chats", shop="home")
    table = service.response_metrics(chats).table
    for rule in ("exclude", "assist", "include"):
        expected = team.response_rate(chats, bots=rule).iloc[0]
        assert table.loc[rule, expected.index].tolist() == pytest.approx(expected.tolist())


def test_the_case_for_the_bot_by_hand():
    row = one(
        service.ai_case(
            1000, 0.5, cost_person=4, cost_bot=0.5, fixed=200, rework=0.25, csat_person=0.9, csat_bot=0.7,
            value_of_csat=3,
        )
    )  # fmt: skip
    assert row[["cost_before", "cost_after", "saving"]].tolist() == [4000, 200 + 500 + 2500, 800]
    assert row["csat_after"] == pytest.approx(0.8)
    assert row["csat_value"] == pytest.approx(-300)
    assert row["net"] == pytest.approx(500)


@settings(max_examples=25, deadline=None)
@given(st.floats(0.1, 20), st.floats(0, 5), st.floats(0, 9000), st.floats(0, 1), st.floats(0, 3))
def test_at_the_break_even_the_bot_brings_nothing(person, bot, fixed, rework, value):
    terms = {"cost_person": person, "cost_bot": bot, "fixed": fixed, "rework": rework}
    terms |= {"csat_person": 0.9, "csat_bot": 0.8, "value_of_csat": value}
    share = one(service.ai_case(5000, 0.5, **terms))["break_even"]
    if 0 <= share <= 1:
        scale = 5000 * (person + bot) + fixed
        assert one(service.ai_case(5000, share, **terms))["net"] == pytest.approx(0, abs=1e-9 * scale + 1e-6)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: service.erlang_c(100, 180, 1.5), "agents holds 1.5; give whole numbers"),
        (lambda: service.erlang_c([1, 2], [1, 2, 3], 5), "lengths differ"),
        (lambda: service.erlang_c(100, 180, 5, interval=0), "interval is 0"),
        (lambda: service.agents_needed(100, 180, shrinkage=1), "shrinkage is 1"),
        (lambda: service.agents_needed(100, 180, concurrency=0), "concurrency is 0"),
        (lambda: service.agents_needed(1e9, 180), "check the units"),
        (lambda: service.ai_case(10, 0.5, cost_person=-1, cost_bot=0), "cost_person is -1"),
        (lambda: service.ai_case(10, 0.5, cost_person=1, cost_bot=0, value_of_csat=1), "needs csat_person"),
        (lambda: service.response_metrics(CHATS, within="soon"), "'soon' is not a duration"),
    ],
)
def test_bad_input_is_met_with_a_sentence(call, words):
    with pytest.raises(CourseError, match=words):
        call()
