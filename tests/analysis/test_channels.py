"""Sources of visitors: who counts once, who counts twice, and what adds up."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ecomtrain.analysis import channels, metrics
from ecomtrain.errors import CourseError

END = "2026-07-01"


def test_the_sources_of_june_by_hand(tables):
    table = channels.visitor_sources(tables["sessions"], tables["orders"], end=END, events=tables["events"])
    assert list(table.index) == ["live", "search", "direct", "feed", "all"]
    assert table["uv"].tolist() == [2, 2, 1, 1, 4]
    assert table["new_uv"].tolist() == [0, 2, 0, 1, 3]
    assert table["sessions"].tolist() == [2, 2, 1, 1, 6]
    assert table["bounce"].tolist() == pytest.approx([0, 0.5, 0, 0, 1 / 6])
    # Customer 11 bought through search and through live, and is one buyer in all.
    assert table["buyers"].tolist() == [1, 1, 0, 0, 1]
    assert table["conversion_rate"].tolist() == [0.5, 0.5, 0, 0, 0.25]
    assert table["paid_amount"].tolist() == [60, 110, 0, 0, 170]
    assert table["uv_value"].tolist() == [30, 55, 0, 0, 42.5]
    assert table.loc["all", "paid_share"] == table.loc["all", "session_share"] == 1


def test_the_row_all_agrees_with_the_twenty_metrics(tables):
    row = channels.visitor_sources(
        tables["sessions"], tables["orders"], end=END, events=tables["events"]
    ).loc["all"]
    kpi = metrics.kpi20(tables, "2026-06-01", END)["value"]
    assert (row["uv"], row["bounce"], row["new_uv"] / row["uv"]) == (kpi["U1"], kpi["U3"], kpi["U5"])


def test_without_the_click_log_the_bounce_rate_is_unknown(tables):
    table = channels.visitor_sources(tables["sessions"], tables["orders"], end=END)
    assert table["bounce"].isna().all()


def test_a_window_without_a_visit_has_zeros_and_no_rates(tables):
    table = channels.visitor_sources(tables["sessions"], tables["orders"], end="2026-06-21", days=3)
    assert list(table.index) == ["all"]
    assert table[["uv", "sessions", "buyers", "paid_amount"]].to_numpy().tolist() == [[0, 0, 0, 0]]
    assert table[["conversion_rate", "low", "high", "uv_value", "bounce", "paid_share"]].isna().all(axis=None)


def test_a_session_without_a_channel_is_named_not_dropped(tables):
    tables["sessions"].loc[0, "channel"] = None
    table = channels.visitor_sources(tables["sessions"], tables["orders"], end=END)
    assert table.loc["(unknown)", "paid_amount"] == 110
    assert table.loc["all", "paid_amount"] == 170


def test_an_order_paid_after_the_end_does_not_count_yet(tables):
    table = channels.visitor_sources(tables["sessions"], tables["orders"], end="2026-06-01 10:01:25", days=1)
    assert table.loc["all", ["uv", "buyers", "paid_amount"]].tolist() == [1, 0, 0]


def test_two_guests_are_two_buyers_and_more_buyers_than_visitors_have_no_interval(tables):
    orders = tables["orders"].assign(customer_id=pd.array([pd.NA] * 7, dtype="Int64"))
    one = tables["sessions"].query("visitor_id == 101")
    row = channels.visitor_sources(one, orders, end=END).loc["all"]
    assert (row["buyers"], row["uv"], row["conversion_rate"]) == (2, 1, 2)
    assert np.isnan(row["low"])


def test_days_without_a_visit_stay_in_the_trend(tables):
    daily = channels.daily_sources(tables["sessions"], end=END, days=30)
    assert len(daily) == 30
    assert daily.index[[0, -1]].tolist() == [pd.Timestamp("2026-06-01"), pd.Timestamp("2026-06-30")]
    assert daily.loc["2026-06-01"].to_dict() == {"direct": 0, "feed": 0, "live": 0, "search": 1, "all": 1}
    assert daily.loc["2026-06-20"].sum() == 0
    assert daily["all"].sum() == 6


visits = st.lists(
    st.tuples(st.integers(1, 5), st.integers(0, 35), st.sampled_from(["a", "b", "c"]), st.booleans()),
    min_size=1,
    max_size=25,
)


@settings(max_examples=25, deadline=None)
@given(visits, st.integers(0, 2**16))
def test_all_is_never_more_than_the_sum_of_the_channels_and_shares_add_up(rows, seed):
    sessions = pd.DataFrame(rows, columns=["visitor_id", "day", "channel", "paid"])
    sessions["started_at"] = pd.Timestamp("2026-05-28") + pd.to_timedelta(sessions["day"], unit="D")
    sessions = sessions.assign(session_id=range(len(sessions)), is_new=sessions["day"] % 2 == 0)
    orders = sessions[sessions["paid"]].rename(columns={"started_at": "paid_at"})
    orders = orders.assign(order_id=orders["session_id"], customer_id=orders["visitor_id"], paid_amount=10.0)
    table = channels.visitor_sources(sessions, orders, end=END)
    parts, whole = table.drop(index="all"), table.loc["all"]
    if whole["uv"]:
        assert parts["uv"].max() <= whole["uv"] <= parts["uv"].sum()
        assert parts["buyers"].max() <= whole["buyers"] <= parts["buyers"].sum()
        assert parts["session_share"].sum() == pytest.approx(1)
        assert parts["sessions"].sum() == whole["sessions"]
        assert parts["paid_amount"].sum() == pytest.approx(whole["paid_amount"])
        if whole["paid_amount"]:
            assert parts["paid_share"].sum() == pytest.approx(1)
    mixed = sessions.sample(frac=1, random_state=seed)
    again = channels.visitor_sources(mixed, orders[::-1], end=END)
    assert_frame_equal(again.sort_index(), table.sort_index())
    daily = channels.daily_sources(sessions, end=END)
    assert (daily["all"] <= daily.drop(columns="all").sum(axis=1)).all()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"sessions": lambda f: f.drop(columns="is_new")}, "column 'is_new' is not in the frame"),
        ({"orders": lambda f: f.drop(columns="customer_id")}, "column 'customer_id' is not in the frame"),
        ({"sessions": lambda f: f.assign(started_at="noon")}, "not times"),
        ({"sessions": lambda f: f.assign(shop=list("aabbaabb"))}, "values of 'shop'"),
        ({"orders": lambda f: f.assign(currency=["CNY"] * 6 + ["EUR"])}, "values of 'currency'"),
        ({"orders": lambda f: f.assign(paid_amount="1")}, "not numbers"),
        ({"orders": lambda f: f.assign(session_id="s1")}, "holds numbers in one table and text in another"),
    ],
)
def test_bad_tables_get_a_clear_sentence(tables, change, says):
    for name, edit in change.items():
        tables[name] = edit(tables[name])
    with pytest.raises(CourseError, match=says):
        channels.visitor_sources(tables["sessions"], tables["orders"], end=END)


def test_a_bad_window_or_column_gets_a_clear_sentence(tables):
    with pytest.raises(CourseError, match="days=0; give the length"):
        channels.visitor_sources(tables["sessions"], tables["orders"], end=END, days=0)
    with pytest.raises(CourseError, match="'tomorrow!' is not a date"):
        channels.daily_sources(tables["sessions"], end="tomorrow!")
    with pytest.raises(CourseError, match="column 'chanel' is not in the frame"):
        channels.daily_sources(tables["sessions"], end=END, by="chanel")
