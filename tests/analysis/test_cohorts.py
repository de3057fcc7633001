"""Cohorts, stickiness and the wait for a second order: by hand, laws, planted truth, and sentences."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ecomtrain import datasets
from ecomtrain.analysis import customers, survival
from ecomtrain.analysis.intervals import ratio, wilson
from ecomtrain.errors import CourseError
from ecomtrain.shop.truth import Truth

law = settings(max_examples=15, deadline=None)


def bought(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "paid_at", "paid_amount"])
    frame["paid_at"] = pd.to_datetime(frame["paid_at"], format="ISO8601")
    return frame.assign(order_id=range(len(frame)))


some = st.lists(
    st.tuples(
        st.integers(1, 7),
        st.integers(0, 200).map(lambda day: pd.Timestamp("2025-12-15") + pd.Timedelta(days=day)),
        st.integers(-3, 50).map(float),
    ),
    min_size=1,
    max_size=40,
).map(lambda rows: bought(*rows))


def triangle(table, value="retention"):
    return table.pivot_table(index="cohort", columns="age", values=value, dropna=False)


def test_months_end_where_the_calendar_says_on_leap_days_too():
    orders = bought(
        (1, "2024-01-31 23:59", 1.0), (1, "2024-02-29 23:59", 1.0), (1, "2024-03-01", 1.0),
        (2, "2024-02-29", 1.0), (3, "2023-12-31", 1.0),
    )  # fmt: skip
    table = customers.cohorts(orders)
    assert triangle(table).fillna(-1).to_numpy().tolist() == [
        [1, 0, 0, 0],
        [1, 1, 1, -1],
        [1, 0, -1, -1],
    ]
    assert [str(day.date()) for day in triangle(table).index] == ["2023-12-01", "2024-01-01", "2024-02-01"]
    assert_frame_equal(customers.cohorts(orders, freq="ME"), table)


def test_the_month_is_that_of_the_shops_clock():
    utc = bought((1, "2026-01-31 16:30", 1.0)).assign(paid_at=lambda f: f["paid_at"].dt.tz_localize("UTC"))
    assert customers.cohorts(utc)["cohort"].iloc[0] == pd.Timestamp("2026-02-01")


def test_a_month_nobody_came_in_is_zero_and_one_that_has_not_come_is_missing():
    orders = bought((1, "2026-01-05", 9.0), (2, "2026-03-05", 9.0))
    table = customers.cohorts(orders, end="2026-04-01").set_index(["cohort", "age"])
    january, march = pd.Timestamp("2026-01-01"), pd.Timestamp("2026-03-01")
    assert table.loc[(january, 1), "retention"] == 0
    assert table.loc[march].loc[1, ["buyers", "retention", "low"]].isna().all()
    assert table.loc[(january, 2), "complete"]
    half = customers.cohorts(orders, end="2026-03-31").set_index(["cohort", "age"])
    assert not half.loc[(january, 2), "complete"]
    assert not table.loc[(march, 1), "complete"]


def test_later_cohorts_can_be_shown_alone_without_making_old_customers_new():
    orders = bought((1, "2026-01-05", 9.0), (1, "2026-02-05", 9.0), (2, "2026-02-07", 9.0))
    assert customers.cohorts(orders, start="2026-02-01")["customers"].tolist() == [1]
    assert len(customers.cohorts(orders, start="2026-02-02")) == 0


@law
@given(some, st.sampled_from(["W", "M", "Q"]))
def test_cohorts_count_everybody_once_and_every_buyer_of_a_period(orders, freq):
    table = customers.cohorts(orders, freq=freq)
    assert table.loc[table["age"] == 0, "customers"].sum() == orders["customer_id"].nunique()
    assert table.loc[table["age"] == 0, "retention"].eq(1).all()
    period = orders["paid_at"].dt.to_period(freq)
    buyers = orders.groupby(period)["customer_id"].nunique()
    when = table["cohort"].dt.to_period(freq).array.asi8 + table["age"]
    found = table["buyers"].groupby(when).sum(min_count=1).dropna()
    assert found[found > 0].tolist() == buyers.tolist()
    known = table.dropna()
    assert [known["low"].tolist(), known["high"].tolist()] == [
        pytest.approx(side) for side in wilson(known["buyers"], known["customers"])
    ]


@law
@given(some)
def test_money_and_orders_add_up_and_their_intervals_are_those_of_a_mean(orders):
    money = customers.cohorts(orders, metric="revenue")
    assert money["amount"].sum() == pytest.approx(orders["paid_amount"].sum())
    assert customers.cohorts(orders, metric="orders")["orders"].sum() == len(orders)
    first = orders.groupby("customer_id")["paid_at"].transform("min").dt.to_period("M")
    for _, cell in money.dropna(subset="amount").iterrows():
        month = cell["cohort"].to_period("M")
        people = pd.Index(orders.loc[first == month, "customer_id"].unique())
        then = orders[orders["paid_at"].dt.to_period("M") == month + cell["age"]]
        spent = then.groupby("customer_id")["paid_amount"].sum().reindex(people, fill_value=0.0)
        expected = ratio(spent)
        assert cell["revenue_per_customer"] == pytest.approx(expected.value, abs=1e-9)
        if expected.se > 1e-5:
            assert cell[["low", "high"]].tolist() == pytest.approx([expected.low, expected.high])


def test_an_order_written_twice_counts_once_and_lines_are_refused_for_money():
    orders = bought((1, "2026-01-05", 9.0), (1, "2026-01-05", 9.0)).assign(order_id=4)
    assert customers.cohorts(orders, metric="orders")["orders"].tolist() == [1]
    assert customers.cohorts(orders, metric="revenue")["amount"].tolist() == [9]
    assert customers.cohorts(orders, metric="revenue", order=None)["amount"].tolist() == [18]


def test_stickiness_counts_each_visitor_once_in_the_month_and_on_each_day():
    rng = np.random.default_rng(2)
    seen = pd.DataFrame({"visitor_id": rng.integers(0, 30, 400), "day": rng.integers(0, 60, 400)})
    seen = seen[(seen["day"] < 20) | (seen["day"] > 35)]  # a fortnight of nobody
    seen["ts"] = pd.Timestamp("2026-01-01 12:00") + pd.to_timedelta(seen["day"], unit="D")
    table = customers.stickiness(seen, days=10)
    assert len(table) == np.ptp(seen["day"]) + 1
    start = seen["day"].min()
    for place, row in table.iterrows():
        day = place + start
        month = seen[seen["day"].between(day - 9, day)]["visitor_id"].nunique()
        assert row["dau"] == seen.loc[seen["day"] == day, "visitor_id"].nunique()
        if place < 9 or not month:
            assert np.isnan(row["mau"])
            assert np.isnan(row["stickiness"])
        else:
            assert row["mau"] == month
            assert row["stickiness"] == row["dau"] / month
            assert row["low"] <= row["stickiness"] <= row["high"]


def test_visitors_who_come_daily_are_wholly_sticky():
    day = pd.date_range("2026-01-01", periods=40)
    events = pd.DataFrame({"visitor_id": np.repeat([1, 2], 40), "ts": [*day, *day]})
    assert customers.stickiness(events)["stickiness"].dropna().unique().tolist() == [1.0]


def test_the_wait_ends_with_the_second_order_or_with_the_last_look():
    orders = bought(
        (1, "2026-05-01", 1.0), (1, "2026-05-01", 1.0), (2, "2026-05-10", 1.0), (2, "2026-07-01", 1.0),
        (3, "2026-04-30", 1.0), (3, "2026-05-10", 1.0), (4, "2026-07-01", 1.0),
    )  # fmt: skip
    waits = survival.time_to_repurchase(orders, start="2026-05-01", end="2026-07-01")
    assert waits["customer_id"].tolist() == [1, 2]
    assert waits["days"].tolist() == [0, 52]
    assert waits["observed"].tolist() == [True, False]


@law
@given(some)
def test_waits_are_those_of_sorted_orders(orders):
    waits = survival.time_to_repurchase(orders, end="2026-12-01").set_index("customer_id")
    for who, times in orders.sort_values("paid_at").groupby("customer_id")["paid_at"]:
        last = times.iloc[1] if len(times) > 1 else pd.Timestamp("2026-12-01")
        assert waits.loc[who, "days"] == (last - times.iloc[0]).days
        assert waits.loc[who, "observed"] == (len(times) > 1)


def test_the_planted_gift_brings_second_orders_sooner():
    members = datasets.load("memberships", shop="social")
    orders = datasets.load("orders", shop="social")
    waits = survival.time_to_repurchase(orders, start="2025-04-01", end="2026-07-01")
    arms = members[members["programme"] == "first_order_gift"][["customer_id", "arm"]]
    waits = waits.merge(arms, on="customer_id")
    row = survival.log_rank(waits["days"], waits["observed"], waits["arm"], control="control").iloc[0]
    assert row["low"] - 1 < Truth().gift_hazard < row["high"] - 1


ONE = bought((1, "2026-01-05", 9.0))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: customers.cohorts(ONE, freq="H"), "freq is 'H'; give one of D, W, M, Q, Y"),
        (lambda: customers.cohorts(ONE, metric="revenu"), "Did you mean 'revenue'?"),
        (lambda: customers.cohorts(ONE, time="ordered_at"), "column 'ordered_at' is not in the frame"),
        (
            lambda: customers.stickiness(ONE, who="customer_id", time="paid_at", days=0),
            "days is 0; give 1 or more",
        ),
    ],
)
def test_bad_input_gets_a_sentence(call, words):
    with pytest.raises(CourseError) as refusal:
        call()
    assert words in str(refusal.value)
