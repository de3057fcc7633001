"""Sessions, dwell with the last page censored, transitions, reach, whole paths, clicks."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal, assert_series_equal
from statsmodels.duration.survfunc import SurvfuncRight

from ecomtrain.analysis import _order, paths
from ecomtrain.errors import CourseError

START = pd.Timestamp("2026-06-01 10:00", tz="Asia/Shanghai")


def log(*rows):
    """Events from (session, second, page[, event[, element]])."""
    full = [(*row, *("view", None)[len(row) - 3 :]) for row in rows]
    frame = pd.DataFrame(full, columns=["session_id", "second", "page", "event", "element"])
    frame["event_id"] = np.arange(len(frame))
    return frame.assign(ts=START + pd.to_timedelta(frame.pop("second"), unit="s"))


def visits(*rows):
    frame = pd.DataFrame(rows, columns=["visitor_id", "minute"])
    return frame.assign(ts=START + pd.to_timedelta(frame.pop("minute"), unit="min"))


walks = st.lists(
    st.tuples(st.integers(1, 4), st.integers(0, 40), st.sampled_from(["home", "list", "detail"])),
    min_size=1,
    max_size=20,
)

# Sessions


def test_a_silence_of_exactly_the_gap_does_not_split_and_one_second_more_does():
    events = visits((1, 0), (1, 30), (1, 60 + 1 / 60))
    assert paths.sessionise(events).tolist() == [0, 0, 1]


def test_visitors_never_share_a_session():
    assert paths.sessionise(visits((1, 0), (2, 0), (1, 1), (2, 1))).tolist() == [0, 1, 0, 1]


def test_unsorted_rows_keep_their_index():
    events = visits((1, 90), (1, 0), (1, 10)).set_axis([7, 7, 9])
    expected = pd.Series([1, 0, 0], index=[7, 7, 9], name="session")
    assert_series_equal(paths.sessionise(events), expected)


def test_rows_without_visitor_or_time_get_minus_one():
    events = visits((1, 0), (2, 0), (3, 0))
    events["visitor_id"] = pd.array([1, None, 3], dtype="Int64")
    events.loc[2, "ts"] = pd.NaT
    assert paths.sessionise(events).tolist() == [0, -1, -1]


@settings(max_examples=120, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 200)), min_size=1, max_size=25))
def test_sessions_are_what_walking_through_the_log_gives(rows):
    number, numbers, before = -1, {}, None
    for visitor, minute, row in sorted((*row, i) for i, row in enumerate(rows)):
        number += before is None or before[0] != visitor or minute - before[1] > 30
        numbers[row], before = number, (visitor, minute)
    assert paths.sessionise(visits(*rows)).tolist() == [numbers[row] for row in range(len(rows))]


def test_nanoseconds_far_apart_and_many_visitors_still_sort():
    # Wide times leave no room to pack visitor and time into one key.
    rng = np.random.default_rng(1)
    stamps = pd.Series(pd.to_datetime(rng.integers(0, 2**62, 500), unit="ns")).dt.as_unit("ns")
    events = pd.DataFrame({"visitor_id": rng.integers(0, 40, 500), "ts": stamps})
    expected = events.sort_values(["visitor_id", "ts"]).index
    assert paths.sessionise(events, gap="1ns").sort_values().index.tolist() == expected.tolist()


@pytest.mark.parametrize("gap", ["-5min", "0s", "soon", None])
def test_a_gap_that_is_no_span_is_refused(gap):
    with pytest.raises(CourseError, match="give a positive time span"):
        paths.sessionise(visits((1, 0)), gap=gap)


def test_long_ids_that_became_floats_are_refused():
    with pytest.raises(CourseError, match="lost their last digits"):
        paths.sessionise(visits((9007199254740993001, 0)).astype({"visitor_id": float}))


# Dwell


def test_the_last_page_is_censored_at_the_last_event_of_the_session():
    events = log((1, 0, "home"), (1, 12, "list"), (1, 20, "list", "click", "row"), (2, 5, "home"))
    table = paths.dwell(events)
    assert table["seconds"].tolist() == [12, 8, 0]
    assert table["censored"].tolist() == [False, True, True]
    assert table.columns.tolist() == ["session_id", "page", "ts", "seconds", "censored"]
    assert table["ts"].dt.tz is not None


@settings(max_examples=40, deadline=None)
@given(walks)
def test_dwell_adds_up_to_the_length_of_each_session(rows):
    events = log(*rows)
    table = paths.dwell(events)
    length = events.groupby("session_id")["ts"].agg(lambda ts: (ts.max() - ts.min()).total_seconds())
    assert table.groupby("session_id")["seconds"].sum().tolist() == length.tolist()
    assert table.groupby("session_id")["censored"].sum().eq(1).all()
    assert len(table) == len(rows)


def test_events_of_one_moment_follow_their_event_id_in_any_row_order():
    events = log((1, 0, "home"), (1, 0, "list"), (1, 3, "detail"))
    assert_frame_equal(paths.dwell(events), paths.dwell(events.iloc[::-1]))
    assert paths.dwell(events)["page"].tolist() == ["home", "list", "detail"]


def test_a_log_without_views_says_how_to_name_them():
    with pytest.raises(CourseError, match=r"no row of column 'event' is 'pageview'; it holds view"):
        paths.dwell(log((1, 0, "home")), view="pageview")
    with pytest.raises(CourseError, match="Pass event=None"):
        paths.dwell(log((1, 0, "home")).drop(columns="event"))
    assert len(paths.dwell(log((1, 0, "home")).drop(columns="event"), event=None)) == 1


durations = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=3, max_size=30)


@settings(max_examples=30, deadline=None)
@given(durations)
def test_the_curve_and_its_median_are_those_of_statsmodels(rows):
    views = pd.DataFrame(rows, columns=["seconds", "censored"]).assign(page="home")
    seen = ~views["censored"]
    curve = paths.survival_curve(views).query("left > 0")
    with np.errstate(all="ignore"):
        oracle = SurvfuncRight(views["seconds"], seen.astype(int))
        np.testing.assert_allclose(curve["survival"], oracle.surv_prob, atol=1e-12)
        assert curve["seconds"].tolist() == oracle.surv_times.tolist()
        assert curve["at_risk"].tolist() == oracle.n_risk.tolist()
        inside = curve["survival"].gt(0).to_numpy()
        # Half the width on the log(-log S) scale is z times Greenwood's error over S |log S|.
        s, error = oracle.surv_prob[inside], oracle.surv_prob_se[inside]
        width = 1.959963984540054 * error / (s * -np.log(s))
        np.testing.assert_allclose(curve["low"][inside], s ** np.exp(width), atol=1e-9)
        np.testing.assert_allclose(curve["high"][inside], s ** np.exp(-width), atol=1e-9)
    row = paths.dwell_summary(views).iloc[0]
    reached = oracle.surv_times[oracle.surv_prob <= 0.5 + 1e-12]
    assert row["median"] == reached[0] if len(reached) else np.isnan(row["median"])
    assert not row["low"] > row["median"]
    assert not row["high"] < row["median"]


def test_the_interval_of_the_median_is_that_of_brookmeyer_and_crowley():
    rng = np.random.default_rng(4)
    stay, stop = rng.exponential(20, 300), rng.exponential(40, 300)
    views = pd.DataFrame({"page": "home", "seconds": np.minimum(stay, stop), "censored": stay > stop})
    row = paths.dwell_summary(views).iloc[0]
    oracle = SurvfuncRight(views["seconds"], (~views["censored"]).astype(int))
    with np.errstate(all="ignore"):  # the oracle takes the logarithm of the curve's last value, zero
        low, high = oracle.quantile_ci(0.5, method="cloglog")
    assert (row["median"], row["low"], row["high"]) == (oracle.quantile(0.5), low, high)


def test_the_interval_of_the_median_covers_the_true_one_as_often_as_it_says():
    rng = np.random.default_rng(11)
    stay, stop = rng.exponential(20, (400, 80)), rng.exponential(40, (400, 80))
    views = pd.DataFrame({
        "page": np.repeat(np.arange(400), 80),
        "seconds": np.minimum(stay, stop).ravel(),
        "censored": (stay > stop).ravel(),
    })  # fmt: skip
    table = paths.dwell_summary(views)
    assert 0.92 <= table["median"].notna().mean() <= 1
    covered = (table["low"] <= 20 * np.log(2)) & ~(table["high"] < 20 * np.log(2))
    assert 0.92 <= covered.mean() <= 0.98


def test_pages_have_curves_of_their_own():
    views = pd.DataFrame({"page": ["a", "a", "b", "b"], "seconds": [1.0, 2.0, 5.0, 9.0], "censored": False})
    alone = pd.concat(
        [paths.survival_curve(views[views["page"] == page]) for page in "ab"], ignore_index=True
    )
    assert_frame_equal(paths.survival_curve(views), alone)
    assert paths.dwell_summary(views)["median"].tolist() == [1, 5]


def test_counting_the_last_page_as_zero_would_shorten_the_median():
    views = pd.DataFrame(
        {"page": "home", "seconds": [0.0, 0, 0, 10, 20, 30], "censored": [True] * 3 + [False] * 3}
    )
    row = paths.dwell_summary(views).iloc[0]
    assert row["median"] == 20
    assert row["share_censored"] == 0.5
    assert row["mean_seen"] == 20


def test_where_all_views_are_censored_no_median_is_claimed():
    views = pd.DataFrame({"page": "home", "seconds": [1.0, 2.0], "censored": True})
    row = paths.dwell_summary(views).iloc[0]
    assert row[["mean_seen", "median", "low", "high"]].isna().all()
    assert row["censored"] == 2


def test_negative_times_are_refused():
    with pytest.raises(CourseError, match="negative times"):
        paths.survival_curve(pd.DataFrame({"page": "home", "seconds": [-1.0], "censored": False}))


def test_bands_hold_their_lower_edge_and_the_last_page_stands_apart():
    views = paths.dwell(
        log(
            (1, 0, "home"), (1, 15, "list"), (2, 0, "home"), (2, 14, "list"),
            (3, 0, "home"), (4, 0, "home"), (4, 99, "home"), (4, 100, "list"),
        )
    )  # fmt: skip
    table = paths.dwell_conversion(views, [1, 4], bins=(0, 15, 60))
    assert table["band"].tolist() == ["0-15 s", "15-60 s", "60 s and more", "last page"]
    assert table["sessions"].tolist() == [1, 1, 1, 1]
    assert table["converted"].tolist() == [0, 1, 1, 0]
    assert table["conversion_rate"].tolist() == [0, 1, 1, 0]


def test_buyers_can_be_given_as_ids_or_as_yes_and_no_by_id():
    views = paths.dwell(log((1, 0, "home"), (1, 9, "list"), (2, 0, "home"), (2, 9, "list")))
    flags = pd.Series([True, False], index=[1, 2])
    assert_frame_equal(paths.dwell_conversion(views, [1]), paths.dwell_conversion(views, flags))


@pytest.mark.parametrize("bins", [(), (5, 5), (9, 1), 3])
def test_bands_that_do_not_rise_are_refused(bins):
    views = paths.dwell(log((1, 0, "home")))
    with pytest.raises(CourseError, match="give rising lower edges"):
        paths.dwell_conversion(views, [1], bins=bins)


# Transitions, reach, paths


def test_transitions_count_loops_and_exits():
    events = log((1, 0, "home"), (1, 1, "home"), (1, 2, "detail"), (2, 0, "home"))
    counts = paths.transitions(events, normalise=False)
    assert counts.loc["home"].to_dict() == {"detail": 1, "home": 1, "(exit)": 1}
    assert counts.loc["detail", "(exit)"] == 1


@settings(max_examples=40, deadline=None)
@given(walks)
def test_each_row_of_the_matrix_adds_up_to_one_and_every_session_leaves_once(rows):
    events = log(*rows)
    shares, counts = paths.transitions(events), paths.transitions(events, normalise=False)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert counts["(exit)"].sum() == events["session_id"].nunique()
    assert counts.to_numpy().sum() == len(events)
    assert_frame_equal(paths.transitions(events.sample(frac=1, random_state=0)), shares)


def test_clicks_do_not_break_the_path():
    events = log((1, 0, "home"), (1, 1, "home", "click", "banner"), (1, 2, "detail"))
    assert paths.transitions(events).loc["home", "detail"] == 1


def test_reach_has_two_meanings():
    events = log(
        (1, 0, "home"), (1, 1, "detail"),
        (2, 0, "home"), (2, 1, "list"), (2, 2, "detail"),
        (3, 0, "detail"), (3, 1, "home"),
        (4, 0, "home"), (4, 1, "home"),
    )  # fmt: skip
    table = paths.reach(events, "home", "detail").set_index("meaning")
    assert table.loc["next_page", ["n", "reached"]].tolist() == [5, 1]
    assert table.loc["ever", ["n", "reached"]].tolist() == [4, 2]
    assert table["rate"].tolist() == [0.2, 0.5]
    assert table["low"].lt(table["rate"]).all()
    assert table["high"].gt(table["rate"]).all()


@settings(max_examples=40, deadline=None)
@given(walks)
def test_reach_is_what_reading_each_session_gives(rows):
    events = log(*rows)
    if not {"home", "detail"} <= set(events["page"]):
        return
    n = next_page = saw = ever = 0
    for _, part in events.sort_values(["session_id", "ts", "event_id"]).groupby("session_id"):
        pages = [*part["page"], "(exit)"]
        n += pages.count("home")
        next_page += sum(pair == ("home", "detail") for pair in pairwise(pages))
        if "home" in pages:
            saw += 1
            ever += "detail" in pages[pages.index("home") :]
    table = paths.reach(events, "home", "detail")
    assert table["n"].tolist() == [n, saw]
    assert table["reached"].tolist() == [next_page, ever]


def test_a_page_that_nobody_viewed_is_named_with_the_nearest():
    with pytest.raises(CourseError, match=r"target is 'detial', a page that nobody viewed; .*'detail'"):
        paths.reach(log((1, 0, "home"), (1, 1, "detail")), "home", "detial")


def test_top_paths_cut_long_ones_and_share_all_sessions():
    events = log(
        (1, 0, "home"), (1, 1, "list"), (1, 2, "detail"), (2, 0, "home"), (2, 1, "list"), (3, 0, "home")
    )
    table = paths.top_paths(events, max_length=2)
    assert table["path"].tolist() == ["home", "home > list", "home > list > …"]
    assert table["share"].tolist() == pytest.approx([1 / 3] * 3)
    assert paths.top_paths(events, k=1)["path"].tolist() == ["home"]


@settings(max_examples=40, deadline=None)
@given(walks, st.integers(1, 4))
def test_paths_are_those_read_off_each_session(rows, length):
    events = log(*rows)
    found = {}
    for _, part in events.sort_values(["session_id", "ts", "event_id"]).groupby("session_id"):
        pages = part["page"].tolist()
        path = " > ".join(pages[:length] + ["…"] * (len(pages) > length))
        found[path] = found.get(path, 0) + 1
    table = paths.top_paths(events, k=100, max_length=length)
    assert table.set_index("path")["sessions"].to_dict() == found
    assert table["sessions"].is_monotonic_decreasing


# Clicks


def test_a_view_with_many_clicks_is_one_clicked_view():
    events = log(
        (1, 0, "home"), (1, 1, "home", "click", "banner"), (1, 2, "home", "click", "banner"),
        (1, 3, "home", "click", "dead_click"), (2, 0, "home"), (2, 5, "list"),
        (2, 6, "list", "click", "row"),
    )  # fmt: skip
    table = paths.element_clicks(events, "home").set_index("element")
    assert table.loc["banner", ["views", "clicks", "clicked_views"]].tolist() == [2, 2, 1]
    assert table.loc["banner", "click_rate"] == 0.5
    assert table.loc["dead_click", "click_share"] == pytest.approx(1 / 3)
    assert "row" not in table.index


def test_a_page_without_clicks_has_no_rows():
    table = paths.element_clicks(log((1, 0, "home")), "home")
    assert table.empty
    assert table.columns.tolist() == [
        "element", "views", "clicks", "clicked_views", "click_rate", "low", "high", "click_share",
    ]  # fmt: skip


# All


def test_nothing_is_changed_in_place():
    events = log((2, 0, "home"), (1, 1, "detail"), (1, 0, "home"))
    before = events.copy()
    paths.sessionise(events, by="session_id")
    views = paths.dwell(events)
    paths.dwell_conversion(views, [1])
    paths.transitions(events)
    paths.reach(events, "home", "detail")
    paths.top_paths(events)
    paths.element_clicks(events, "home")
    assert_frame_equal(events, before)


def test_an_empty_log_gives_empty_tables():
    events = log((1, 0, "home")).iloc[:0]
    views = paths.dwell(events)
    assert len(paths.sessionise(events, by="session_id")) == 0
    assert len(views) == len(paths.dwell_summary(views)) == len(paths.survival_curve(views)) == 0
    assert paths.transitions(events).shape == (0, 1)
    assert paths.reach(events, "home", "detail")["rate"].isna().all()
    assert len(paths.top_paths(events)) == len(paths.element_clicks(events, "home")) == 0
    assert paths.dwell_conversion(views, [])["sessions"].sum() == 0


@given(
    st.lists(st.tuples(st.integers(0, 2**21), st.integers(-(2**50), 2**50)), max_size=30),
    st.sampled_from([0, 25, 49]),
)
def test_events_come_in_the_order_of_unit_and_time_however_large_both_are(pairs, coarse):
    unit, when = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    when = when >> coarse << coarse  # many at one moment
    order = _order._by_both(unit, when)
    found = np.arange(len(unit)) if order is None else order
    assert found.tolist() == np.lexsort((when, unit)).tolist()
