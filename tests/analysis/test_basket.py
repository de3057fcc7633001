"""Rules found in baskets, by hand, by brute force and against SciPy; bundles that pay and that do not."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy.stats import binom, fisher_exact, hypergeom

from ecomtrain import datasets
from ecomtrain.analysis import basket
from ecomtrain.errors import CourseError

SMALL = st.lists(st.sets(st.sampled_from("abcde"), min_size=1), min_size=3, max_size=25)
FEW = settings(max_examples=25, deadline=None)


def lines_of(baskets):
    return pd.DataFrame(
        [(n, item) for n, held in enumerate(baskets) for item in sorted(held)],
        columns=["order_id", "product_id"],
    )


def by_brute_force(baskets, max_len):
    """Every rule as {(antecedent, consequent): (antecedent count, consequent count, count)}."""

    def count(items):
        return sum(items <= held for held in baskets)

    found = {}
    for size in range(2, max_len + 1):
        for items in combinations("abcde", size):
            both = count(set(items))
            for c in items:
                a = tuple(x for x in items if x != c)
                if both:
                    found[a if size > 2 else a[0], c] = (count(set(a)), count({c}), both)
    return found


@FEW
@given(SMALL, st.sampled_from([2, 3]))
def test_the_rules_are_those_that_counting_every_subset_finds(baskets, max_len):
    table = basket.rules(lines_of(baskets), min_count=1, max_len=max_len, q=1)
    keys = zip(table["antecedent"], table["consequent"], strict=True)
    counts = table[["antecedent_count", "consequent_count", "count"]].itertuples(index=False, name=None)
    assert dict(zip(keys, counts, strict=True)) == by_brute_force(baskets, max_len)


@FEW
@given(SMALL)
def test_the_measures_keep_their_identities(baskets):
    table = basket.rules(lines_of(baskets), min_count=1, max_len=3, q=1)
    a, c = table["antecedent_count"] / table["baskets"], table["consequent_count"] / table["baskets"]
    assert np.allclose(table["confidence"], table["support"] / a)
    assert np.allclose(table["lift"], table["confidence"] / c)
    assert np.allclose(table["leverage"], table["support"] - a * c)
    assert table["zhang"].dropna().between(-1 - 1e-12, 1 + 1e-12).all()
    assert ((table["low"] <= table["confidence"]) & (table["confidence"] <= table["high"])).all()
    assert ((table["lift_low"] <= table["lift"]) & (table["lift"] <= table["lift_high"])).all()
    assert (table["conviction"].isna() == (table["confidence"] == 1)).all()
    assert (table["q_value"] >= table["p"] - 1e-12).all()


@FEW
@given(SMALL)
def test_the_p_of_a_pair_is_fishers_one_sided_p(baskets):
    table = basket.rules(lines_of(baskets), min_count=1, q=1)
    for row in table.itertuples():
        rest = row.baskets - row.antecedent_count - row.consequent_count + row.count
        square = [[row.count, row.antecedent_count - row.count], [row.consequent_count - row.count, rest]]
        assert row.p == pytest.approx(fisher_exact(square, alternative="greater").pvalue, rel=1e-9, abs=1e-12)


def test_fishers_p_is_exact_far_in_the_tail_and_at_the_size_of_a_large_shop():
    count, a, c, n = 300, 5_000, 6_000, 250_000
    exact = hypergeom.logsf(count - 1, n, a, c)
    assert np.log(basket._excess(count, a, c, n, "fisher")) == pytest.approx(exact, rel=1e-7)
    assert basket._excess(100, a, c, n, "fisher") == pytest.approx(hypergeom.sf(99, n, a, c), rel=1e-7)


def test_the_normal_test_comes_close_to_the_exact_one_where_counts_are_large():
    exact, normal = (basket._excess(1300, 10_000, 12_000, 100_000, test) for test in ("fisher", "chi2"))
    assert normal == pytest.approx(exact, rel=0.2)
    assert basket._excess(10, 10, 10, 10, "chi2") == 1.0


def filled(held):
    """Lines of a table of baskets × items, with a bag in every basket, for an empty one leaves no line."""
    order, product = np.nonzero(np.column_stack([held, np.ones(len(held), bool)]))
    return pd.DataFrame({"order_id": order, "product_id": product})


def test_of_baskets_filled_by_chance_few_rules_are_found_and_a_planted_one_is():
    rng = np.random.default_rng(1)
    held = rng.random((4000, 40)) < 0.1
    held[:, 1] |= held[:, 0] & (rng.random(4000) < 0.15)
    table = basket.rules(filled(held))
    assert set(zip(table["antecedent"][:2], table["consequent"][:2], strict=True)) == {(0, 1), (1, 0)}
    assert len(table) <= 4
    # Taken singly at 5 %, chance alone gives dozens.
    assert (basket.rules(filled(held), q=1)["p"] < 0.05).sum() > 40


def test_a_third_item_that_adds_nothing_makes_no_rule_of_three():
    rng = np.random.default_rng(2)
    a = rng.random(6000) < 0.3
    c = np.where(a, rng.random(6000) < 0.7, rng.random(6000) < 0.2)
    b = rng.random(6000) < 0.3
    lines = filled(np.column_stack([a, b, c]))
    table = basket.rules(lines, max_len=3, q=0.01)
    assert set(zip(table["antecedent"], table["consequent"], strict=True)) == {(0, 2), (2, 0)}
    # Its lift alone would have sold it.
    every = basket.rules(lines, max_len=3, q=1)
    assert every.loc[(every["antecedent"] == (0, 1)) & (every["consequent"] == 2), "lift_low"].item() > 1.5


def test_the_interval_of_the_lift_covers_the_planted_lift():
    rng = np.random.default_rng(3)
    covered = []
    for _ in range(60):
        a = rng.random(1500) < 0.2
        c = rng.random(1500) < np.where(a, 0.3, 0.1)
        row = basket.rules(filled(np.column_stack([a, c])), min_count=1, q=1).iloc[0]
        covered.append(row["lift_low"] < 0.3 / 0.14 < row["lift_high"])
    assert np.mean(covered) >= 0.88


def test_baskets_count_though_only_one_item_lies_in_them():
    table = basket.rules(lines_of(["ab", "ab", "a", "c", "c"]), min_count=2, q=1)
    assert table["baskets"].tolist() == [5, 5]
    assert table["lift"].tolist() == pytest.approx([2 / 5 / (3 / 5 * 2 / 5)] * 2)


def test_repeated_lines_and_blanks_around_a_name_make_no_other_item():
    clean = lines_of(["ab", "ab", "abc"])
    odd = pd.concat([clean, clean.assign(product_id=" " + clean["product_id"] + "  ")])
    odd = pd.concat([odd, pd.DataFrame({"order_id": [0, 1, None], "product_id": ["  ", None, "a"]})])
    options = {"min_count": 2, "max_len": 3, "q": 1}
    assert_frame_equal(basket.rules(odd, **options), basket.rules(clean, **options))


def test_more_items_to_look_at_make_every_rule_harder_to_believe():
    few = lines_of(["ab"] * 6 + ["c"] * 14 + ["d"] * 10)
    extra = pd.concat([few, lines_of(["ef", "eg", "fg"] * 5).assign(order_id=lambda t: t["order_id"] % 30)])
    one, other = (basket.rules(t, min_count=3, q=1) for t in (few, extra))
    pick = [t[(t["antecedent"] == "a") & (t["consequent"] == "b")].iloc[0] for t in (one, other)]
    assert pick[0]["p"] == pick[1]["p"]
    assert pick[0]["q_value"] < pick[1]["q_value"]


def test_a_shop_without_a_pair_that_often_has_no_rules():
    assert basket.rules(lines_of(["ab", "c"]), min_count=2).empty
    assert basket.rules(lines_of(["ab", "c"]), min_count=2, max_len=3).empty


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"min_count": 0}, "min_count is 0"),
        ({"max_len": 4}, "max_len is 4; give 2 or 3"),
        ({"q": 0}, "q is 0"),
        ({"test": "z"}, "test is 'z'"),
        ({"level": 95}, "level is 95"),
    ],
)
def test_rules_refuse_options_out_of_range(options, says):
    with pytest.raises(CourseError, match=says):
        basket.rules(lines_of(["ab"]), **options)


# --- bundles ---

RULE = pd.DataFrame({"antecedent": ["pot"], "consequent": ["cup"], "antecedent_count": [200], "count": [50]})
GOODS = pd.DataFrame(
    {"product_id": ["pot", "cup"], "quantity": [2, 4], "amount": [100.0, 80.0], "unit_cost": [30.0, 8.0]}
)


def test_a_bundle_by_hand():
    row = basket.bundles(RULE, GOODS, elasticity=-2.0, discounts=[0.1]).iloc[0]
    # Pot 50 (margin 20), cup 20 (margin 12): 10 % off the pair is 7, which is 35 % off the cup.
    assert (row["offers"], row["price"], row["margin"], row["attach_rate"]) == (200, 70, 32, 0.25)
    assert row["attach_rate_with"] == pytest.approx(0.25 / 0.65**2)
    assert row["break_even_attach_rate"] == pytest.approx(0.25 * 12 / 5)
    assert row["profit_without"] == pytest.approx(20 + 0.25 * 12)
    assert row["profit_with"] == pytest.approx(20 + 0.25 / 0.65**2 * 5)
    assert row["gain"] == pytest.approx(row["profit_with"] - row["profit_without"])
    assert row["break_even_discount"] == pytest.approx(12 * (1 - 0.65**2) / 70)


@FEW
@given(st.floats(-6, -0.1), st.floats(0.01, 0.6), st.integers(1, 199))
def test_a_bundle_pays_exactly_when_the_attach_rate_and_the_discount_break_even(elasticity, discount, count):
    row = basket.bundles(RULE.assign(count=count), GOODS, elasticity=elasticity, discounts=[discount]).iloc[0]
    assert 0 < row["attach_rate"] <= row["attach_rate_with"] <= 1
    if abs(row["gain"]) > 1e-9:
        assert (row["gain"] > 0) == (row["break_even_discount"] > discount)
        assert (row["gain"] > 0) == (
            row["attach_rate_with"] > np.nan_to_num(row["break_even_attach_rate"], nan=2)
        )
    assert row["best"] == (row["gain"] > 0)
    assert row["gain_low"] <= row["gain"] <= row["gain_high"]


def test_the_best_discount_is_that_of_the_optimal_price_of_the_second_item():
    steps = np.linspace(0.001, 0.2, 2000)
    table = basket.bundles(RULE.assign(count=2), GOODS, elasticity=-2.5, discounts=steps)
    best = table.loc[table["best"], "discount"].item()
    assert 20 - best * 70 == pytest.approx(8 * 2.5 / 1.5, abs=0.01)


def test_what_everybody_takes_anyway_is_the_worst_bundle():
    two = pd.concat([RULE, RULE.assign(antecedent="cup", consequent="pot", count=190)])
    table = basket.bundles(two, GOODS, elasticity=-3.0)
    anyway = table[table["antecedent"] == "cup"]
    assert (anyway["gain"] < 0).all()
    assert not anyway["best"].any()
    assert table["antecedent"].iloc[0] == "pot"


def test_an_uncertain_elasticity_widens_the_interval_and_nothing_else():
    sure, unsure = (
        basket.bundles(RULE, GOODS, elasticity=-2.0, elasticity_se=se, discounts=[0.1]) for se in (0, 0.5)
    )
    assert unsure["gain_low"].item() < sure["gain_low"].item() < sure["gain_high"].item()
    assert_frame_equal(
        sure.drop(columns=["gain_low", "gain_high"]), unsure.drop(columns=["gain_low", "gain_high"])
    )


def test_the_interval_of_the_gain_covers_as_often_as_it_says():
    options = {"elasticity": -2.0, "discounts": [0.1]}
    true = basket.bundles(RULE, GOODS, **options)["gain"].item()
    counts = np.arange(20, 85)
    every = pd.DataFrame({"antecedent": "pot", "consequent": "cup", "antecedent_count": 200, "count": counts})
    table = basket.bundles(every, GOODS, **options)
    held = (table["gain_low"] < true) & (true < table["gain_high"])
    chance = binom.pmf((table["attach_rate"] * 200).round(), 200, 0.25)
    assert 0.93 <= chance[held].sum() <= 0.97


def test_rules_of_three_are_passed_over_and_rules_of_another_shop_refused():
    three = pd.concat([RULE, RULE.assign(antecedent=pd.Series([("pot", "jam")]))], ignore_index=True)
    assert len(basket.bundles(three, GOODS, elasticity=-2.0, discounts=[0.1])) == 1
    with pytest.raises(CourseError, match="no pair of rules is among"):
        basket.bundles(RULE.assign(antecedent="tea"), GOODS, elasticity=-2.0)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"elasticity": 1.0}, "elasticity is 1.0; give a number below 0"),
        ({"elasticity": -1.0, "elasticity_se": -1}, "elasticity_se is -1"),
        ({"elasticity": -1.0, "discounts": [10]}, r"discounts are \[10\]"),
        ({"elasticity": -1.0, "discounts": []}, "discounts are"),
    ],
)
def test_bundles_refuse_options_out_of_range(options, says):
    with pytest.raises(CourseError, match=says):
        basket.bundles(RULE, GOODS, **options)


def test_the_shops_own_baskets_give_rules_and_bundles():
    lines = datasets.load("order_lines", shop="fmcg")
    table = basket.rules(lines, q=1)
    assert table["baskets"].iloc[0] == lines["order_id"].nunique()
    offers = basket.bundles(table.head(40), lines, elasticity=-2.0)
    assert len(offers) == 40 * 6
    assert offers["attach_rate"].between(0, 1).all()
