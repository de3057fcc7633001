"""New, active, at risk, lost: by hand, laws, the chain's closed form, and sentences for bad input."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ecomtrain import datasets
from ecomtrain.analysis import customers
from ecomtrain.errors import CourseError

law = settings(max_examples=15, deadline=None)


def bought(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "day"])
    return frame.assign(paid_at=pd.Timestamp("2026-01-01") + pd.to_timedelta(frame.pop("day"), unit="D"))


some = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 150)), min_size=2, max_size=40).map(
    lambda rows: bought(*rows, (1, 0), (1, 7))
)


def test_each_state_is_given_on_its_side_of_the_limits():
    gaps = [(1, 10 * step) for step in range(11)]  # ten gaps of ten days
    orders = bought(*gaps, (2, 91), (3, 90), (4, 89), (5, 85), (5, 80), (6, 0))
    table = customers.states(orders, asof="2026-04-11", warn=0.5, lost=0.9).set_index("customer_id")
    # Pooled: ten gaps of 10 and one of 5; both quantiles are 10. Day 100 is the eleventh of April.
    assert table["warn_after"].unique().tolist() == [10.0]
    assert table["days_since"].to_dict() == {1: 10, 2: 9, 3: 10, 4: 11, 5: 15, 6: 100}
    assert table["state"].to_dict() == {1: "active", 2: "new", 3: "new", 4: "lost", 5: "lost", 6: "lost"}
    assert table["state_zh"].iloc[0] == "活跃客户"


def test_customers_with_gaps_enough_are_judged_by_their_own():
    orders = bought((1, 0), (1, 10), (1, 30), (1, 70), (2, 0), (2, 1), (3, 60))
    table = customers.states(orders, asof="2026-04-01", gaps=3).set_index("customer_id")
    own = np.quantile([10, 20, 40], [0.8, 0.9])
    pooled = np.quantile([10, 20, 40, 1], [0.8, 0.9])
    assert table["own"].to_dict() == {1: True, 2: False, 3: False}
    assert table.loc[1, ["warn_after", "lost_after"]].tolist() == pytest.approx(own)
    assert table.loc[3, ["warn_after", "lost_after"]].tolist() == pytest.approx(pooled)


def test_two_orders_of_one_day_are_one_purchase():
    once = bought((1, 0), (1, 20), (2, 10))
    twice = bought((1, 0), (1, 0), (1, 20), (2, 10), (2, 10))
    assert_frame_equal(customers.states(twice, asof="2026-02-01"), customers.states(once, asof="2026-02-01"))


def test_orders_of_the_day_itself_are_not_known_yet():
    orders = bought((1, 0), (1, 20), (2, 31))
    assert customers.states(orders, asof="2026-02-01")["customer_id"].tolist() == [1]


@law
@given(some, st.integers(1, 4))
def test_quantiles_of_each_customer_are_numpys(orders, gaps):
    table = customers.states(orders, asof="2026-06-30", gaps=gaps).set_index("customer_id")
    days = orders.drop_duplicates().sort_values("paid_at").groupby("customer_id")["paid_at"]
    for who, times in days:
        own = times.diff().dt.days.dropna()
        assert table.loc[who, "own"] == (len(own) >= gaps)
        if len(own) >= gaps:
            limits = table.loc[who, ["warn_after", "lost_after"]].astype(float)
            assert limits.tolist() == pytest.approx(np.quantile(own, [0.8, 0.9]))


@law
@given(some)
def test_a_customer_who_stays_away_only_gets_nearer_to_lost(orders):
    ranks = {"new": 0, "active": 0, "at risk": 1, "lost": 2}
    one, two = (
        customers.states(orders, asof=day)["state"].map(ranks) for day in ("2026-06-01", "2026-07-01")
    )
    assert (two >= one).all()


@law
@given(some)
def test_every_customer_of_a_month_goes_somewhere_in_the_next(orders):
    found = customers.state_transitions(orders, start="2026-03-01", end="2026-06-01")
    table, months = found.table, found.months
    assert table.groupby("before")["share"].sum(min_count=1).dropna().to_numpy() == pytest.approx(1)
    begun = months[months["month"] < "2026-06-01"].groupby("state")["customers"].sum()
    assert begun.to_dict() == table.groupby("before")["n"].first().to_dict()
    for month, part in months.groupby("month"):
        known = customers.states(orders, asof=month)["state"].value_counts()
        assert part.set_index("state")["customers"].to_dict() == {
            state: known.get(state, 0) for state in ("new", "active", "at risk", "lost")
        }


def chain(seed, people=3000):
    """Months of customers who go on buying daily with a known chance of stopping for good."""
    rng = np.random.default_rng(seed)
    stop = rng.geometric(0.25, people)  # months of activity
    rows = [
        (who, 30 * month + step)
        for who, months in enumerate(stop)
        for month in range(min(months, 13))
        for step in (0, 8, 16, 24)
    ]
    return bought(*rows)


def test_months_until_lost_are_those_of_a_geometric_life():
    found = customers.state_transitions(chain(1), start="2026-03-01", end="2026-12-01")
    row = found.to_lost.loc["active"]
    leave = found.table.set_index(["before", "after"]).loc[("active", "lost"), "share"]
    assert row["months"] == pytest.approx(1 / leave)
    assert row["low"] < 1 / leave < row["high"]
    # One state only: the delta method's interval is that of 1 / p on the scale of the logarithm.
    n = found.table.set_index(["before", "after"]).loc[("active", "lost"), "n"]
    half = 1.959964 * np.sqrt((1 - leave) / (leave * n))
    assert np.log(row["high"] / row["months"]) == pytest.approx(half, rel=0.1)


def test_months_until_lost_solve_the_absorbing_chain():
    orders = datasets.load("orders", shop="beauty")
    found = customers.state_transitions(orders, start="2025-07-01", end="2026-07-01")
    share = found.table.pivot_table(index="before", columns="after", values="share")
    stay = share.loc[found.to_lost.index, found.to_lost.index]
    expected = 1 + stay.to_numpy() @ found.to_lost["months"].to_numpy()
    assert found.to_lost["months"].tolist() == pytest.approx(expected.tolist())
    assert (found.to_lost["low"] < found.to_lost["months"]).all()
    assert (found.to_lost["months"] < found.to_lost["high"]).all()
    assert share.loc["active", "new"] == 0


def test_nobody_ever_lost_has_no_expected_month():
    orders = bought(*((who, 9 * step) for who in range(4) for step in range(20)))
    found = customers.state_transitions(orders, start="2026-02-01", end="2026-06-01")
    assert found.to_lost.isna().all(axis=None)


ONE = bought((1, 0), (1, 9))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: customers.states(ONE, asof="2026-02-01", lost=1.0), "two rising fractions"),
        (lambda: customers.states(ONE, asof="2026-02-01", gaps=0), "gaps is 0"),
        (
            lambda: customers.states(bought((1, 0), (2, 0)), asof="2026-02-01"),
            "no customer has bought on two",
        ),
        (
            lambda: customers.state_transitions(ONE, start="2026-03-01", end="2026-03-01"),
            "at least one month after start",
        ),
        (
            lambda: customers.state_transitions(ONE, start="2026-02-01", end="2026-03-02"),
            "end is 2026-03-02, not the first of a month",
        ),
    ],
)
def test_bad_input_gets_a_sentence(call, words):
    with pytest.raises(CourseError) as refusal:
        call()
    assert words in str(refusal.value)
