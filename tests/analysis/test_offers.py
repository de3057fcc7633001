"""What to offer next, how often that was right, and what a message earned."""

import numpy as np
import pandas as pd
import pytest

from ecomtrain import datasets
from ecomtrain.analysis import experiment, targeting
from ecomtrain.errors import CourseError

LINES = pd.DataFrame({"customer_id": [1, 2, 2, 3, 3], "product_id": ["pot", "pot", "cup", "tea", "cup"]})
RULES = pd.DataFrame({"antecedent": ["pot", "tea"], "consequent": ["cup", "pot"], "confidence": [0.9, 0.8]})
MARGINS = pd.DataFrame({"product_id": ["pot", "cup", "tea", "urn"], "margin": [30.0, 10.0, 12.0, 500.0]})


def offers(**changes):
    given = {"lines": LINES, "rules": RULES, "margins": MARGINS, **changes}
    return targeting.next_best_offer(**given)


def test_nobody_is_offered_what_they_have_nor_the_same_twice():
    table = offers(top=4)
    assert not table.merge(LINES, on=["customer_id", "product_id"]).shape[0]
    assert not table.duplicated(["customer_id", "product_id"]).any()
    assert table.groupby("customer_id")["rank"].apply(list).map(lambda r: r == [*range(1, len(r) + 1)]).all()


def test_margin_weighs_as_much_as_probability():
    table = offers().set_index("customer_id")
    assert table.loc[1, ["product_id", "because"]].tolist() == ["cup", "pot"]
    assert table.loc[3, ["product_id", "because", "expected_margin"]].tolist() == ["pot", "tea", 24.0]
    dear = offers(margins=MARGINS.assign(margin=[30.0, 1.0, 12.0, 500.0])).set_index("customer_id")
    assert dear.loc[1, "product_id"] == "tea"
    assert pd.isna(dear.loc[1, "because"])


def test_goods_that_are_not_in_stock_are_not_offered():
    table = offers(margins=MARGINS[MARGINS["product_id"] != "cup"], top=4)
    assert "cup" not in set(table["product_id"])


def test_of_two_rules_for_one_item_the_stronger_is_told():
    rules = pd.DataFrame({"antecedent": ["tea", "cup"], "consequent": "pot", "confidence": [0.4, 0.7]})
    row = offers(rules=rules).set_index("customer_id").loc[3]
    assert row[["because", "probability"]].tolist() == ["cup", 0.7]


def test_an_item_without_a_sale_is_never_offered_before_one_that_sells():
    assert offers(top=1)["product_id"].ne("urn").all()


def test_the_hit_rate_counts_people_and_pairs_the_two_kinds_of_offer():
    after = pd.DataFrame({"customer_id": [1, 3, 9], "product_id": ["cup", "urn", "pot"]})
    rules = RULES.assign(consequent=["cup", "urn"])
    found = targeting.offer_hit_rate(LINES, after, rules, MARGINS, top=1)
    assert found["customers"].tolist() == [2, 2]
    assert found["hits"].tolist() == [2, 1]
    assert found.loc["rules", "change"] == 0.5
    assert found.loc["popularity", ["change", "change_low"]].isna().all()


def people(n=4000, lift=5.0, seed=0):
    rng = np.random.default_rng(seed)
    sent = rng.random(n) < 0.5
    amount = rng.gamma(2, 20, n) * (rng.random(n) < 0.3) + lift * sent
    claimed = np.where(sent & (rng.random(n) < 0.1), amount, 0.0)
    return pd.DataFrame({"arm": np.where(sent, "sms", "control"), "amount": amount, "claimed": claimed})


def test_what_a_message_brings_is_found_and_paid_for():
    row = targeting.campaign_return(people(), margin=0.4, cost=0.5, attributed="claimed").loc["sms"]
    assert row["amount_low"] < 5 * row["sent"] < row["amount_high"]
    assert row["profit"] == pytest.approx(0.4 * row["incremental_amount"] - 0.5 * row["sent"])
    assert row["roi"] == pytest.approx(row["profit"] / row["cost"])
    assert row["break_even"] == 1.25
    assert row["change"] * row["sent"] == pytest.approx(row["incremental_amount"])


def test_the_return_is_that_of_the_comparison_of_means_times_the_people_written_to():
    frame = people()
    means = experiment.compare_means(frame, numerator="amount").loc["sms"]
    row = targeting.campaign_return(frame, margin=0.4, cost=0.5).loc["sms"]
    for column, mean in zip(["amount_low", "amount_high"], ["change_low", "change_high"], strict=True):
        assert row[column] == pytest.approx(means[mean] * row["sent"])


def test_a_message_for_nothing_has_no_return_on_its_cost():
    row = targeting.campaign_return(people(), margin=0.4, cost=0).loc["sms"]
    assert np.isnan(row["roi"])
    assert row["profit"] > 0


def test_people_without_a_known_amount_are_not_silently_dropped():
    frame = people()
    frame.loc[0, "amount"] = np.nan
    with pytest.raises(CourseError, match="'amount' is missing in 1 row"):
        targeting.campaign_return(frame, margin=0.4, cost=0.5)


def test_the_shops_gift_to_first_orders_is_weighed_by_all_purchases_of_those_who_got_it():
    members = datasets.load("memberships", shop="social").query("programme == 'first_order_gift'")
    orders = datasets.load("orders", shop="social")
    spent = orders.groupby("customer_id")["paid_amount"].sum()
    frame = members[["arm"]].assign(amount=members["customer_id"].map(spent).fillna(0).to_numpy())
    row = targeting.campaign_return(frame, margin=0.4, cost=3.0).loc["treatment"]
    assert row["sent"] == (members["arm"] == "treatment").sum()
    assert row["profit_low"] < row["profit"] < row["profit_high"]
