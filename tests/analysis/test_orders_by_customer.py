"""The fast pass over the orders of each customer, against pandas' own groups."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecomtrain.analysis._orders_by_customer import by_customer, day_numbers, paid_orders
from ecomtrain.errors import CourseError

NAMES = {"customer": "customer_id", "order": "order_id", "time": "paid_at", "amount": "paid_amount"}


def bought(rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "hours", "paid_amount"])
    # Around the shop's midnight, which is 16:00 in UTC.
    frame["paid_at"] = pd.Timestamp("1969-12-25 15:00", tz="UTC") + pd.to_timedelta(frame.pop("hours"), "h")
    return frame.assign(order_id=range(len(frame)))


some = st.lists(
    st.tuples(st.integers(1, 5), st.integers(0, 400), st.integers(-5, 90).map(float)), min_size=1, max_size=40
).map(bought)


@settings(max_examples=40, deadline=None)
@given(some)
def test_the_pass_counts_what_groups_of_pandas_count(frame):
    found = by_customer(frame["customer_id"], frame["paid_at"], frame["paid_amount"])
    day = frame["paid_at"].dt.tz_convert("Asia/Shanghai").dt.date
    group = frame.assign(day=day).groupby("customer_id")
    assert found.customer.tolist() == sorted(frame["customer_id"].unique())
    assert found.customer[found.code].tolist() == frame["customer_id"].tolist()
    assert found.orders.tolist() == group.size().tolist()
    assert found.periods.tolist() == group["day"].nunique().tolist()
    assert found.first.tolist() == group["paid_at"].min().tolist()
    assert found.last.tolist() == group["paid_at"].max().tolist()
    assert found.amount.tolist() == pytest.approx(group["paid_amount"].sum().tolist())
    opening = frame[day == day.groupby(frame["customer_id"]).transform("min")]
    assert found.first_amount.tolist() == pytest.approx(
        opening.groupby("customer_id")["paid_amount"].sum().tolist()
    )


def test_days_are_those_of_the_shops_clock_before_and_after_1970():
    times = pd.to_datetime(pd.Series(["1969-12-31 15:59", "1969-12-31 16:00", "2024-02-29 16:00"]), utc=True)
    day = pd.Timestamp("2024-03-01") - pd.Timestamp(0)
    assert day_numbers(times).tolist() == [-1, 0, day.days]


def test_periods_of_the_callers_own_count_once_each():
    frame = bought([(1, 0, 5.0), (1, 50, 5.0), (1, 200, 5.0)])
    weeks = day_numbers(frame["paid_at"]) // 7
    assert by_customer(frame["customer_id"], frame["paid_at"], periods=weeks).periods.tolist() == [
        len(set(weeks))
    ]


def test_an_order_written_twice_counts_once_and_guests_and_unpaid_orders_not_at_all():
    frame = bought([(1, 0, 5.0), (1, 0, 5.0), (2, 0, 1.0), (3, 0, 2.0)]).assign(order_id=[7, 7, 8, 9])
    frame = frame.astype({"customer_id": "Int64"})
    frame.loc[2, "customer_id"] = pd.NA
    frame.loc[3, "paid_at"] = pd.NaT
    kept = paid_orders(frame, "x.y", **NAMES)
    assert kept[["customer_id", "order_id", "paid_amount"]].to_numpy().tolist() == [[1, 7, 5.0]]


def test_lines_in_place_of_orders_are_refused_rather_than_half_counted():
    lines = bought([(1, 0, 5.0), (1, 0, 6.0)]).assign(order_id=7)
    with pytest.raises(CourseError, match="order_id 7 comes with two different values of 'paid_amount'"):
        paid_orders(lines, "x.y", **NAMES)
    assert len(paid_orders(lines, "x.y", **NAMES | {"amount": None})) == 1
    assert len(paid_orders(lines, "x.y", **NAMES | {"order": None})) == 2


def test_the_window_is_half_open_on_the_shops_clock():
    frame = bought([(1, 0, 1.0), (1, 1, 2.0), (1, 25, 4.0)])  # 23:00 of the 25th, 0:00 of the 26th and 27th
    kept = paid_orders(frame, "x.y", start="1969-12-26", end="1969-12-27", **NAMES)
    assert kept["paid_amount"].tolist() == [2.0]


def test_nobody_is_counted_as_nobody():
    empty = bought([(1, 0, 1.0)]).iloc[:0]
    found = by_customer(empty["customer_id"], empty["paid_at"], empty["paid_amount"])
    assert [len(part) for part in found] == [0] * len(found)
    assert found.amount.dtype == np.float64
