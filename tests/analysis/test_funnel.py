"""Funnels: each mode against its definition tried out by hand on small logs, and the laws they obey."""

from itertools import pairwise, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ecomtrain.analysis import funnel
from ecomtrain.errors import CourseError

MODES = ["ordered", "strict", "unordered"]
START = pd.Timestamp("2026-06-01", tz="Asia/Shanghai")
NAMES = ["view", "cart", "pay", "like"]
STEPS = ["view", "cart", "pay"]


def log(*rows):
    """Events from (visitor, second, name)."""
    frame = pd.DataFrame(rows, columns=["visitor_id", "second", "event"])
    return frame.assign(ts=START + pd.to_timedelta(frame.pop("second"), unit="s"))


def reached(events, steps=STEPS, **options):
    return funnel.conversion(events, steps, **options)["reached"].tolist()


def follows(mine, chosen, order):
    """Whether the `chosen` events of one visitor stand in the order that the mode asks for."""
    times = [second for second, _ in chosen]
    if order == "unordered":
        names = [name for _, name in chosen]
        return all(len({t for t, n in chosen if n == name}) == names.count(name) for name in names)
    rising = all(a < b for a, b in pairwise(times))
    if order == "ordered" or not rising:
        return rising
    return not any(a < second < b for a, b in pairwise(times) for second, _ in mine)


def by_definition(rows, steps, order, window):
    """Try every choice of one event per step for every visitor."""
    counts = []
    for k in range(1, len(steps) + 1):
        count = 0
        for visitor in {row[0] for row in rows}:
            mine = [(second, name) for who, second, name in rows if who == visitor]
            options = [[event for event in mine if event[1] == step] for step in steps[:k]]
            count += any(
                follows(mine, chosen, order)
                and (window is None or max(t for t, _ in chosen) - min(t for t, _ in chosen) < window)
                for chosen in product(*options)
            )
        counts.append(count)
    return counts


events_of = st.lists(
    st.tuples(st.integers(1, 2), st.integers(0, 7), st.sampled_from(NAMES)), min_size=1, max_size=10
)
step_lists = st.lists(st.sampled_from(NAMES), min_size=1, max_size=4)
windows = st.one_of(st.none(), st.integers(1, 7))


@settings(max_examples=300, deadline=None)
@given(events_of, step_lists, windows, st.sampled_from(MODES))
def test_every_mode_counts_what_its_definition_counts(rows, steps, window, order):
    span = None if window is None else f"{window}s"
    counts = reached(log(*rows), steps, order=order, window=span, absent_ok=True)
    assert counts == by_definition(rows, steps, order, window)


@pytest.mark.parametrize("order", MODES)
@pytest.mark.parametrize("window", [None, 3, 6])
@pytest.mark.parametrize("steps", [STEPS, ["view", "view", "pay"], ["cart", "view"]])
def test_two_thousand_visitors_are_counted_one_by_one(order, window, steps):
    rng = np.random.default_rng(len(steps) + (window or 0))
    sizes = rng.integers(1, 8, 2000)
    visitors = np.repeat(np.arange(2000), sizes)
    seconds = rng.integers(0, 9, len(visitors)).tolist()
    names = rng.choice(NAMES, len(visitors)).tolist()
    rows = list(zip(visitors.tolist(), seconds, names, strict=True))
    span = None if window is None else f"{window}s"
    mine = {}
    for row in rows:
        mine.setdefault(row[0], []).append(row)
    expected = np.sum([by_definition(part, steps, order, window) for part in mine.values()], axis=0)
    assert reached(log(*rows), steps, order=order, window=span) == expected.tolist()


@settings(max_examples=40, deadline=None)
@given(events_of, st.randoms(use_true_random=False), st.sampled_from(MODES))
def test_the_row_order_plays_no_part(rows, random, order):
    shuffled = random.sample(rows, len(rows))
    options = {"order": order, "window": "4s", "absent_ok": True}
    assert_frame_equal(
        funnel.conversion(log(*rows), STEPS, **options), funnel.conversion(log(*shuffled), STEPS, **options)
    )


@settings(max_examples=40, deadline=None)
@given(events_of, st.integers(1, 6), st.sampled_from(MODES))
def test_a_longer_window_loses_nobody_and_no_step_gains_anyone(rows, window, order):
    def count(span):
        return np.array(reached(log(*rows), order=order, window=span, absent_ok=True))

    short, long, whole = count(f"{window}s"), count(f"{window + 1}s"), count(None)
    assert (short <= long).all()
    assert (long <= whole).all()
    assert (np.diff(short) <= 0).all()


@settings(max_examples=40, deadline=None)
@given(events_of)
def test_strict_is_within_ordered_and_ordered_within_unordered(rows):
    strict, ordered, unordered = (
        np.array(reached(log(*rows), order=m, absent_ok=True)) for m in MODES[1::-1] + MODES[2:]
    )
    assert (strict <= ordered).all()
    assert (ordered <= unordered).all()


def test_a_later_start_that_fits_the_window_is_found():
    events = log((1, 0, "view"), (1, 100, "view"), (1, 130, "pay"))
    assert reached(events, ["view", "pay"], window="60s") == [1, 1]


def test_the_window_is_half_open():
    events = log((1, 0, "view"), (1, 60, "pay"))
    assert reached(events, ["view", "pay"], window="60s") == [1, 0]
    assert reached(events, ["view", "pay"], window="61s") == [1, 1]


def test_two_events_at_the_same_moment_have_no_order():
    events = log((1, 0, "view"), (1, 0, "pay"))
    assert reached(events, ["view", "pay"]) == [1, 0]
    assert reached(events, ["view", "pay"], order="strict") == [1, 0]
    assert reached(events, ["view", "pay"], order="unordered") == [1, 1]


def test_a_step_named_twice_must_happen_twice():
    assert reached(log((1, 0, "view")), ["view", "view"]) == [1, 0]
    assert reached(log((1, 0, "view"), (1, 5, "view")), ["view", "view"]) == [1, 1]


def test_a_visitor_spreads_over_sessions_and_a_session_does_not():
    events = log((1, 0, "view"), (1, 9000, "pay")).assign(session_id=[1, 2])
    assert reached(events, ["view", "pay"]) == [1, 1]
    assert reached(events, ["view", "pay"], by="session_id") == [1, 0]


def test_rates_are_shares_of_the_step_before_and_of_the_first():
    events = log(*[(v, 0, "view") for v in range(10)], *[(v, 1, "cart") for v in range(5)], (0, 2, "pay"))
    table = funnel.conversion(events, STEPS)
    assert table["reached"].tolist() == [10, 5, 1]
    np.testing.assert_allclose(table["step_rate"], [np.nan, 0.5, 0.2])
    np.testing.assert_allclose(table["overall_rate"], [1, 0.5, 0.1])
    # Wilson interval of 5 in 10, from the published formula by hand.
    np.testing.assert_allclose(table.loc[1, ["low", "high"]].astype(float), [0.2366, 0.7634], atol=5e-5)


def test_groups_are_counted_apart_and_named_in_a_column():
    events = log((1, 0, "view"), (1, 1, "pay"), (2, 0, "view")).assign(device=["app", "app", "web"])
    table = funnel.conversion(events, ["view", "pay"], group="device")
    assert table.columns[0] == "device"
    assert table.set_index(["device", "step"])["reached"].to_dict() == {
        ("app", "view"): 1, ("app", "pay"): 1, ("web", "view"): 1, ("web", "pay"): 0,
    }  # fmt: skip


def test_a_step_that_nobody_reached_has_zero_and_the_rate_after_it_is_undefined():
    events = log((1, 5, "view"), (1, 0, "cart"), (2, 0, "pay"))
    table = funnel.conversion(events, STEPS)
    assert table["reached"].tolist() == [1, 0, 0]
    assert table["step_rate"].iloc[1] == 0
    assert np.isnan(table["step_rate"].iloc[2])


def test_missing_visitors_and_times_are_left_out():
    events = log((1, 0, "view"), (2, 0, "view"), (3, 0, "view"))
    events["visitor_id"] = pd.array([1, None, 3], dtype="Int64")
    events.loc[2, "ts"] = pd.NaT
    assert reached(events, ["view"]) == [1]


def test_ids_of_nineteen_digits_stay_apart():
    events = log((9007199254740993001, 0, "view"), (9007199254740993002, 1, "pay"))
    assert reached(events, ["view", "pay"]) == [1, 0]


def test_an_empty_log_has_every_step_with_zero():
    table = funnel.conversion(log((1, 0, "view")).iloc[:0], STEPS)
    assert table["reached"].tolist() == [0, 0, 0]
    assert table["overall_rate"].isna().all()


@pytest.mark.parametrize(
    ("steps", "options", "message"),
    [
        (["view", "paay"], {}, r"step 'paay' is not among the events; .*Did you mean 'pay'.*absent_ok=True"),
        ("view", {}, "give a list of event names"),
        ([], {}, "give a list of event names"),
        (STEPS, {"order": "stric"}, "Did you mean 'strict'"),
        (STEPS, {"window": "soon"}, "window is 'soon'; give a positive time span"),
        (STEPS, {"window": "-1D"}, "positive time span"),
        (STEPS, {"by": "user_id"}, "column 'user_id' is not in the frame; it has visitor_id, event, ts"),
        (STEPS, {"level": 95}, "level is 95"),
    ],
)
def test_bad_input_gets_a_sentence_that_says_what_to_do(steps, options, message):
    events = log((1, 0, "view"), (1, 1, "cart"), (1, 2, "pay"))
    with pytest.raises(CourseError, match=message):
        funnel.conversion(events, steps, **options)


def test_times_with_and_without_a_zone_are_refused():
    events = log((1, 0, "view"), (1, 1, "pay"))
    events["ts"] = pd.Series([START, START.tz_localize(None)], dtype=object)
    with pytest.raises(CourseError, match="mixes times with and without a time zone"):
        funnel.conversion(events, ["view", "pay"])


@settings(max_examples=40, deadline=None)
@given(events_of)
def test_as_many_have_a_time_to_convert_as_the_funnel_counts(rows):
    present = {name for _, _, name in rows}
    if {"view", "pay"} <= present:
        table = funnel.time_to_convert(log(*rows), "view", "pay")
        assert table.loc[0, ["started", "converted"]].astype(int).tolist() == reached(
            log(*rows), ["view", "pay"]
        )


def test_time_to_convert_runs_from_the_first_view_to_the_next_payment():
    events = log(
        (1, 0, "view"), (1, 10, "view"), (1, 30, "pay"), (1, 90, "pay"), (2, 5, "view"), (2, 15, "pay")
    )
    table = funnel.time_to_convert(events, "view", "pay", quantiles=[0, 0.5, 1])
    assert table["seconds"].tolist() == [10, 20, 30]


def test_time_to_convert_of_nobody_is_undefined():
    table = funnel.time_to_convert(log((1, 9, "view"), (1, 0, "pay")), "view", "pay")
    assert table["seconds"].isna().all()
    assert (table["converted"] == 0).all()


@pytest.mark.parametrize("last", ["paid out", "pya"])
def test_time_to_convert_refuses_a_name_that_no_event_has(last):
    with pytest.raises(CourseError, match=f"step '{last}' is not among the events") as raised:
        funnel.time_to_convert(log((1, 0, "view"), (1, 1, "pay")), "view", last)
    assert "absent_ok" not in str(raised.value)
