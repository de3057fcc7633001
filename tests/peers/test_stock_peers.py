"""Baskets, stock rules and forecasts against the packages that do the same."""

import numpy as np
import pandas as pd
import pytest

from ecomtrain.analysis import basket, inventory

MLXTEND = """
import pandas as pd
from mlxtend.frequent_patterns import association_rules, fpgrowth
lines = pd.DataFrame(given["lines"], columns=["order_id", "product_id"])
held = pd.crosstab(lines["order_id"], lines["product_id"]).astype(bool)
sets = fpgrowth(held, min_support=given["min_count"] / len(held) - 1e-12, max_len=3, use_colnames=True)
rules = association_rules(sets, metric="support", min_threshold=0)
rules = rules[rules["consequents"].map(len) == 1]
columns = ["support", "confidence", "lift", "leverage", "conviction", "zhangs_metric"]
result = [
    [sorted(a), *c, *numbers] for a, c, numbers in
    zip(rules["antecedents"], rules["consequents"], rules[columns].astype(float).values.tolist())
]
"""


def test_the_rules_and_their_measures_are_those_of_mlxtend(peer):
    rng = np.random.default_rng(5)
    order, product = np.nonzero(rng.random((400, 12)) < np.linspace(0.05, 0.6, 12))
    lines = pd.DataFrame({"order_id": order, "product_id": [f"p{n:02d}" for n in product]})
    theirs = peer("mlxtend", MLXTEND, lines=lines.to_numpy().tolist(), min_count=20)
    theirs = {(*a, c): numbers for a, c, *numbers in theirs}
    ours = basket.rules(lines, min_count=20, max_len=3, q=1)
    assert len(ours) == len(theirs) > 200
    measures = ours[["support", "confidence", "lift", "leverage", "conviction", "zhang"]]
    for a, c, numbers in zip(ours["antecedent"], ours["consequent"], measures.to_numpy(), strict=True):
        key = (a, c) if isinstance(a, str) else (*a, c)
        assert numbers == pytest.approx(theirs[key], rel=1e-9, abs=1e-12)


STOCKPYL = """
from stockpyl.eoq import economic_order_quantity
from stockpyl.newsvendor import newsvendor_discrete, newsvendor_normal
pmf = {int(d): q for d, q in zip(given["demand"], given["chance"])}
result = {
    "eoq": [economic_order_quantity(*x) for x in given["orders"]],
    "normal": [newsvendor_normal(*x)[:2] for x in given["normal"]],
    "discrete": [
        newsvendor_discrete(*cost, demand_pmf=pmf)[:2]
        for cost in given["costs"]
    ],
}
"""


def test_order_quantities_and_newsvendors_are_those_of_stockpyl(peer):
    orders = [[8, 0.225, 1300], [120, 3.5, 90_000], [1, 0.01, 3]]
    normal = [[0.18, 0.70, 50, 8], [2.0, 1.0, 400, 90], [1.0, 30.0, 20, 5]]
    costs = [[1.0, 4.0], [3.0, 1.0], [0.5, 20.0]]
    demand, chance = [0, 5, 10, 20, 40], [0.1, 0.2, 0.4, 0.2, 0.1]
    theirs = peer(
        "stockpyl", STOCKPYL, orders=orders, normal=normal, costs=costs, demand=demand, chance=chance
    )
    ours = [inventory.eoq(*given).iloc[0][["quantity", "cost"]].tolist() for given in orders]
    assert np.allclose(ours, theirs["eoq"])
    for (overage, underage, mean, sd), numbers in zip(normal, theirs["normal"], strict=True):
        best = inventory.newsvendor(mean=mean, sd=sd, overage=overage, underage=underage)
        assert [best.quantity, best.cost] == pytest.approx(numbers)
    for (overage, underage), numbers in zip(costs, theirs["discrete"], strict=True):
        best = inventory.newsvendor(demand, probability=chance, overage=overage, underage=underage)
        assert [best.quantity, best.cost] == pytest.approx(numbers)
