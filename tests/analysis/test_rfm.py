"""RFM scores, the eight kinds, tiers and who moved between them: counts by hand, laws, sentences."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ecomtrain import datasets
from ecomtrain.analysis import customers
from ecomtrain.analysis._rfm import SEGMENTS
from ecomtrain.errors import CourseError

JULY = "2026-07-01"
law = settings(max_examples=15, deadline=None)


def bought(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "day", "paid_amount"])
    frame["paid_at"] = pd.Timestamp(JULY) - pd.to_timedelta(frame.pop("day"), unit="D")
    return frame.assign(order_id=range(len(frame)))


some = st.lists(
    st.tuples(st.integers(1, 9), st.integers(1, 60), st.integers(0, 900).map(float)), min_size=1, max_size=40
).map(lambda rows: bought(*rows))


def test_recency_frequency_and_money_are_counted_to_the_day_before():
    orders = bought((1, 30, 60.0), (1, 10, 90.0), (2, 5, 30.0), (2, 0, 999.0))  # the last on the day itself
    table = customers.rfm(orders, asof=JULY, bins=2)
    assert table[["recency", "frequency", "monetary"]].to_numpy().tolist() == [[10, 2, 150], [5, 1, 30]]
    assert table["score"].tolist() == ["122", "211"]
    late = customers.rfm(orders, asof=JULY, bins=2, start="2026-06-15")
    assert late["frequency"].tolist() == [1, 1]


@law
@given(some, st.integers(2, 6))
def test_quantile_scores_are_those_of_qcut_on_ranks(orders, bins):
    table = customers.rfm(orders, asof=JULY, bins=bins, ties="first")
    if len(table) <= bins:
        return
    others = {"r": ["frequency", "monetary"], "f": ["recency", "monetary"], "m": ["recency", "frequency"]}
    for score, (first, second) in others.items():
        keys = table.assign(recency=-table["recency"])
        value = {"r": "recency", "f": "frequency", "m": "monetary"}[score]
        ranked = keys.sort_values([value, first, second, "customer_id"])["customer_id"]
        # In whole numbers: qcut cuts at floats, and its own rounding puts an edge to either side.
        cut = pd.qcut(np.arange(len(ranked)), bins, labels=False) + 1
        found = table.set_index("customer_id").loc[ranked, score].to_numpy()
        edge = np.arange(len(ranked)) * bins % (len(ranked) - 1) == 0
        assert (found == cut)[~edge].all()
        assert (np.diff(found) >= 0).all()


@law
@given(some)
def test_each_score_is_given_as_often_as_the_next_and_better_never_scores_less(orders):
    table = customers.rfm(orders, asof=JULY, bins=3, ties="first")
    same = customers.rfm(orders, asof=JULY, bins=3)
    for score, value, sign in (("r", "recency", -1), ("f", "frequency", 1), ("m", "monetary", 1)):
        counts = np.bincount(table[score], minlength=4)[1:]
        if len(table) > 3:
            assert np.ptp(counts) <= 2
        ordered = table.assign(value=sign * table[value]).sort_values(["value", score])
        assert ordered[score].is_monotonic_increasing
        assert (same[score] <= table[score]).all()
        assert same.groupby(value)[score].nunique().eq(1).all()


@law
@given(some, st.sampled_from(["same", "first"]))
def test_neither_the_order_of_rows_nor_a_row_written_twice_matters(orders, ties):
    table = customers.rfm(orders, asof=JULY, ties=ties)
    again = pd.concat([orders, orders]).sample(frac=1, random_state=1)
    assert_frame_equal(customers.rfm(again, asof=JULY, ties=ties), table)


def test_one_time_buyers_are_told_apart_by_recency_with_first_and_not_at_all_with_same():
    orders = bought(*((who, who, 10.0) for who in range(1, 10)), (10, 3, 5.0), (10, 4, 5.0))
    first, same = (customers.rfm(orders, asof=JULY, ties=ties) for ties in ("first", "same"))
    once = first["frequency"] == 1
    assert sorted(first.loc[once, "f"].unique()) == [1, 2, 3, 4, 5]
    assert first.loc[once].sort_values("recency")["f"].is_monotonic_decreasing
    assert same.loc[once, "f"].unique().tolist() == [1]
    assert same.loc[~once, "f"].tolist() == [5]


def test_rules_score_a_value_on_the_limit_as_having_reached_it():
    orders = bought((1, 30, 200.0), (2, 31, 199.0), (3, 90, 800.0), (4, 91, 0.0), (4, 95, 0.0))
    rules = {"recency": [30, 90], "frequency": [2, 4], "monetary": [200, 800]}
    table = customers.rfm(orders, asof=JULY, rules=rules)
    assert table["score"].tolist() == ["312", "211", "213", "121"]


def test_the_eight_kinds_are_the_eight_ways_to_lie_above_the_means():
    rows = []
    for who, (lately, often, much) in enumerate(itertools.product([0, 1], repeat=3)):
        total = 1000.0 if much else 100.0
        count = 5 if often else 1
        rows += [(who, (5 if lately else 50) + extra / 100, total / count) for extra in range(count)]
    table = customers.rfm(bought(*rows), asof=JULY)
    assert table["segment"].tolist() == [
        "general to win back", "important to win back", "general to keep", "important to keep",
        "general to develop", "important to develop", "general value", "important value",
    ]  # fmt: skip
    assert dict(zip(table["segment"], table["segment_zh"], strict=True)) == SEGMENTS


def test_where_all_customers_are_alike_nobody_is_above_the_mean():
    table = customers.rfm(bought(*((who, 3, 0.1) for who in range(7))), asof=JULY)
    assert table["segment"].unique().tolist() == ["general to win back"]


def test_the_shops_best_tenth_of_its_customers_bring_far_more_than_a_tenth():
    table = customers.rfm(datasets.load("orders", shop="beauty"), asof=JULY, bins=5)
    paid = datasets.load("orders", shop="beauty").dropna(subset=["paid_at"])
    assert table["monetary"].sum() == pytest.approx(paid["paid_amount"].sum())
    assert table["frequency"].sum() == len(paid)
    share = table.groupby("m")["monetary"].sum() / table["monetary"].sum()
    assert share[5] > 0.4 > share[1]


RULES = {"basic": {}, "silver": {"amount": 500}, "gold": {"amount": 2000, "orders": 4}}
SPENT = pd.DataFrame(
    {"amount": [2000.0, 2500.0, 100.0, 500.0, np.nan], "orders": [4, 3, 9, 1, 4]}, index=[5, 5, 6, 7, 8]
)


def test_a_tier_is_reached_on_its_limit_and_the_highest_counts():
    assert customers.tiers(SPENT, RULES)["tier"].tolist() == ["gold", "silver", "basic", "silver", "basic"]
    either = customers.tiers(SPENT, RULES, need="any")["tier"]
    assert either.tolist() == ["gold", "gold", "gold", "silver", "gold"]
    assert either.index.tolist() == [5, 5, 6, 7, 8]


def test_without_a_tier_for_everybody_some_have_none():
    tier = customers.tiers(SPENT, {"gold": {"amount": 2000}})["tier"]
    assert tier.isna().tolist() == [False, False, True, True, True]


ORDER = ["basic", "silver", "gold"]
members = st.dictionaries(st.integers(1, 12), st.sampled_from(ORDER), min_size=1).map(
    lambda tier: pd.DataFrame({"customer_id": list(tier), "tier": list(tier.values())})
)


@law
@given(members, members)
def test_everybody_moves_once_and_the_shares_of_a_tier_sum_to_one(before, after):
    moved = customers.migration(before, after, order=ORDER)
    both = before.merge(after, on="customer_id", how="outer")
    assert moved.table["customers"].sum() == len(both)
    shares = moved.table.groupby("before")["share"].sum(min_count=1).dropna()
    assert shares.to_numpy() == pytest.approx(1)
    assert moved.summary["share"].sum() == pytest.approx(1)
    assert moved.summary["customers"].sum() == len(before) == moved.summary["n"].iloc[0]
    back = customers.migration(after, before, order=ORDER)
    assert back.summary.loc["up", "customers"] == moved.summary.loc["down", "customers"]
    assert (moved.table["low"].fillna(0) <= moved.table["share"].fillna(0) + 1e-12).all()


def test_who_leaves_and_who_is_new_are_counted_apart():
    before = pd.DataFrame({"customer_id": [1, 2, 3], "tier": ["gold", "basic", None]})
    after = pd.DataFrame({"customer_id": [2, 3, 4], "tier": ["silver", "basic", "gold"]})
    table = customers.migration(before, after, order=ORDER).table
    some = table[table["customers"] > 0].set_index(["before", "after"])
    assert some["move"].to_dict() == {
        ("basic", "silver"): "up",
        ("gold", "left"): "left",
        ("new", "basic"): "new",
        ("new", "gold"): "new",
    }
    assert some["n"].tolist() == [1, 1, 2, 2]


ONE = bought((1, 3, 5.0))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: customers.rfm(ONE, asof=JULY, bins=10), "bins is 10; give a whole number from 2 to 9"),
        (lambda: customers.rfm(ONE, asof=JULY, ties="frist"), "Did you mean 'first'?"),
        (lambda: customers.rfm(ONE, asof="soon"), "'soon' is not a date"),
        (
            lambda: customers.rfm(ONE, asof=JULY, rules={"recency": [90, 30]}),
            "the limits for 'recency' are [90, 30]; give 1 to 8 rising numbers",
        ),
        (
            lambda: customers.rfm(pd.concat([ONE, ONE.assign(paid_amount=6.0)]), asof=JULY),
            "these are lines, not orders",
        ),
        (lambda: customers.tiers(SPENT, {}), "give each tier its least values"),
        (lambda: customers.tiers(SPENT, {"gold": 5}), "tier 'gold' has 5"),
        (lambda: customers.tiers(SPENT, RULES, need="some"), "give 'all' or 'any'"),
        (lambda: customers.migration(SPENT, SPENT, order=["new"]), "none of them 'left' or 'new'"),
        (
            lambda: customers.migration(
                pd.DataFrame({"customer_id": [1, 1], "tier": "gold"}), SPENT, order=ORDER
            ),
            "customer_id 1 comes twice",
        ),
        (
            lambda: customers.migration(
                pd.DataFrame({"customer_id": [1], "tier": "golden"}), SPENT, order=ORDER
            ),
            "Did you mean 'gold'?",
        ),
    ],
)
def test_bad_input_gets_a_sentence(call, words):
    with pytest.raises(CourseError) as refusal:
        call()
    assert words in str(refusal.value)
