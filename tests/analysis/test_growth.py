"""Growth: the K-factor and its denominators, how far a chain carries, what a campaign leaves."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import stdtrit

from ecomtrain.analysis.growth import k_factor, retained_growth, viral_growth
from ecomtrain.errors import CourseError

TZ = "Asia/Shanghai"
WINDOW = {"start": "2026-05-01", "end": "2026-07-01"}


def at(*days):
    return pd.DatetimeIndex([pd.Timestamp(day, tz=TZ) if day else pd.NaT for day in days]).tz_convert(TZ)


def programme():
    users = pd.DataFrame(
        {
            "customer_id": [1, 2, 3, 4, 5, 6],
            "registered_at": at(
                "2026-04-30", "2026-05-01", "2026-05-03", "2026-06-10", "2026-06-16 23:59", "2026-06-17 00:01"
            ),
        }
    )
    sent = pd.DataFrame(
        {
            "customer_id": [1, 2, 2, 2, 2, 3, 6],
            "invited_at": at(
                "2026-05-01",
                "2026-05-02",
                "2026-05-02",
                "2026-05-03",
                "2026-05-20",
                "2026-05-04",
                "2026-06-18",
            ),
            "accepted_at": at(
                "2026-05-02", "2026-05-03", "2026-05-16", None, "2026-05-21", None, "2026-06-19"
            ),
        }
    )
    return users, sent


def test_users_senders_and_those_who_came_within_the_cycle_by_hand():
    row = k_factor(*programme(), **WINDOW).iloc[0]
    # User 1 joined before the window, user 6 too late; what user 2 sent on 20 May or was accepted on the 16th
    # lies outside the cycle.
    assert row[["users", "senders", "invitations", "accepted"]].tolist() == [4, 2, 4, 1]
    assert row["invitations_per_user"] == 1.0
    assert row["acceptance_rate"] == 0.25
    assert row["k_factor"] == pytest.approx(row["invitations_per_user"] * row["acceptance_rate"])
    assert row["k_per_sender"] == 0.5
    assert row["cycle_days"] == 2.0
    assert row["low"] <= row["k_factor"] <= row["high"]


def test_a_longer_cycle_counts_those_who_come_later_but_fewer_users_have_had_it():
    row = k_factor(*programme(), cycle="28D", **WINDOW).iloc[0]
    assert row[["users", "accepted"]].tolist() == [2, 3]


def test_nobody_who_invites_is_a_k_of_nothing():
    users, sent = programme()
    row = k_factor(users, sent.iloc[:0], **WINDOW).iloc[0]
    assert row["k_factor"] == 0
    assert np.isnan(row["k_per_sender"])
    assert np.isnan(row["acceptance_rate"])


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ({"cycle": "soon"}, "cycle='soon' is not a length of time"),
        ({"cycle": "-3D"}, "is not a length of time"),
        ({"end": "2026-04-01"}, "the window [2026-05-01, 2026-04-01) is empty"),
        ({"joined": "issued_at"}, "column 'issued_at' is not in the frame"),
    ],
)
def test_k_factor_says_what_is_wrong(given_, words):
    with pytest.raises(CourseError, match=re.escape(words)):
        k_factor(*programme(), **(WINDOW | given_))


@given(st.floats(0, 3).filter(lambda k: abs(k - 1) > 1e-3), st.integers(0, 30), st.floats(1, 1e6))
def test_users_follow_the_sum_of_a_geometric_series(k, cycles, first):
    users = viral_growth(k, first=first, cycles=cycles)["users"]
    assert users.iloc[-1] == pytest.approx(first * (k ** (cycles + 1) - 1) / (k - 1), rel=1e-9)


def test_with_k_of_1_each_cycle_adds_as_many_and_below_1_the_chain_dies_out():
    assert viral_growth(1, first=50, cycles=9)["users"].iloc[-1] == 500
    end = viral_growth(0.72, first=100, cycles=200)
    assert end["users"].iloc[-1] == pytest.approx(100 / (1 - 0.72))
    assert end["new"].iloc[-1] < 1e-9


@settings(max_examples=40, deadline=None)
@given(st.floats(0, 50), st.integers(0, 60), st.floats(1, 1e4))
def test_nobody_joins_twice_where_the_market_is_finite(k, cycles, market):
    table = viral_growth(k, first=1, cycles=cycles, market=market)
    assert (table["users"] <= market * (1 + 1e-12)).all()
    assert (table["new"] >= 0).all()


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ({"k": -1}, "k is -1"),
        ({"k": float("nan")}, "k is nan"),
        ({"k": 1, "first": 0}, "first is 0"),
        ({"k": 1, "first": 10, "market": 5}, "market is 5; it must hold the first 10 users"),
        ({"k": 1, "cycles": 1.5}, "cycles is 1.5; give a whole number"),
        ({"k": 9, "cycles": 9999}, "grows beyond all numbers in 9999 cycles; give a market"),
    ],
)
def test_viral_growth_says_what_is_wrong(given_, words):
    with pytest.raises(CourseError, match=re.escape(words)):
        viral_growth(**given_)


def fans(seed=0, lift=1.0, days=301):
    drawn = np.random.default_rng(seed).normal(0.001, 0.002, days)
    level = 5000 * np.exp(np.cumsum(drawn))
    level[-75:] *= lift
    return pd.Series(level, index=pd.date_range("2025-09-01", periods=days))


def test_retained_growth_is_a_random_walk_with_drift():
    stock = fans(lift=1.2)
    day = stock.index
    found = retained_growth(stock, start=day[-75], at=day[-6]).iloc[0]
    log = np.log(stock[: day[-76]].iloc[::-7].iloc[::-1]).diff().dropna()
    h, n = 10.0, len(log)
    expected = stock[day[-76]] * np.exp(h * log.mean())
    assert found["expected"] == pytest.approx(expected)
    assert found["effect"] == pytest.approx(stock[day[-6]] / expected - 1)
    half = stdtrit(n - 1, 0.975) * log.std() * np.sqrt(h + h * h / n)
    assert np.log1p(found["high"]) - np.log1p(found["effect"]) == pytest.approx(half)
    assert found["weeks"] == n == 32


def test_the_later_the_wider():
    stock = fans()
    rows = [retained_growth(stock, start=stock.index[-75], at=stock.index[i]).iloc[0] for i in (-70, -6)]
    assert rows[0]["high"] - rows[0]["low"] < rows[1]["high"] - rows[1]["low"]


def test_the_interval_covers_what_is_left_as_often_as_it_says():
    covers = []
    for seed in range(100):
        stock = fans(seed, lift=1.21)
        row = retained_growth(stock, start=stock.index[-75], at=stock.index[-6]).iloc[0]
        covers.append(row["low"] <= 0.21 <= row["high"])
    assert 0.9 <= np.mean(covers) <= 0.99


def test_the_peak_holds_those_who_leave_again():
    stock = fans()
    stock.iloc[-70:-40] *= 1.5
    row = retained_growth(stock, start=stock.index[-75], at=stock.index[-6]).iloc[0]
    assert row["peak_growth"] > 0.4
    assert abs(row["effect"]) < 0.1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: {"stock": s.to_frame()}, "a Series is needed, a DataFrame was given"),
        (lambda s: {"stock": s.drop(s.index[40])}, "there is no value for 2025-10-11"),
        (lambda s: {"stock": pd.concat([s, s[:1]])}, "a day is missing or there twice"),
        (lambda s: {"stock": s - s.max()}, "the stock is not above 0 on 2025-09-01"),
        (lambda s: {"start": s.index[20]}, "2 whole week(s) of growth before start are too few"),
        (lambda s: {"at": "2027-01-01"}, "there is no row for at=2027-01-01"),
        (lambda s: {"at": "2025-01-01"}, "at=2025-01-01 lies before start"),
    ],
)
def test_retained_growth_says_what_is_wrong(change, words):
    stock = fans()
    given_ = {"stock": stock, "start": stock.index[-75], "at": stock.index[-6]} | change(stock)
    with pytest.raises(CourseError, match=re.escape(words)):
        retained_growth(given_.pop("stock"), **given_)


def test_a_k_of_one_adds_the_first_users_again_in_every_cycle():
    assert viral_growth(1, first=50, cycles=4)["users"].tolist() == [50, 100, 150, 200, 250]


def test_in_the_same_time_a_short_cycle_beats_a_larger_k():
    slow = viral_growth(1.5, first=100, cycles=2, cycle_days=14)
    fast = viral_growth(1.2, first=100, cycles=14, cycle_days=2)
    assert slow["day"].iloc[-1] == fast["day"].iloc[-1] == 28
    assert fast["users"].iloc[-1] > slow["users"].iloc[-1]


@pytest.mark.parametrize("days", [0, -1, float("nan"), float("inf")])
def test_a_cycle_takes_some_days(days):
    with pytest.raises(CourseError, match="cycle_days is"):
        viral_growth(1, cycle_days=days)
