"""When to order and how much: published values, simulation, and what empty shelves hide."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_series_equal

from ecomtrain import datasets
from ecomtrain.analysis import inventory, metrics
from ecomtrain.errors import CourseError

FEW = settings(max_examples=30, deadline=None)
POSITIVE = st.floats(0.1, 1000)


def test_the_order_quantity_of_the_textbook():
    row = inventory.eoq(8, 0.225, 1300).iloc[0]
    assert row["quantity"] == pytest.approx(304.047, abs=5e-4)
    assert row["cost"] == pytest.approx(68.4105, abs=5e-5)
    assert row["orders_per_year"] * row["quantity"] == pytest.approx(1300)


@FEW
@given(POSITIVE, POSITIVE, POSITIVE, st.floats(0.2, 5))
def test_no_other_order_quantity_costs_less(fixed, holding, demand, times):
    row = inventory.eoq(fixed, holding, demand).iloc[0]
    other = row["quantity"] * times
    assert fixed * demand / other + holding * other / 2 >= row["cost"] * (1 - 1e-12)


def test_products_keep_their_names_and_their_order():
    demand = pd.Series({"pot": 100.0, "cup": 400.0})
    table = inventory.eoq(8, 0.5, demand)
    assert table.index.tolist() == ["pot", "cup"]
    assert table["quantity"].tolist() == pytest.approx([np.sqrt(3200), np.sqrt(12800)])
    with pytest.raises(CourseError, match="demand names other products than fixed_cost"):
        inventory.eoq(demand.rename({"pot": "jar"}), 0.5, demand)


def test_the_reorder_point_by_hand():
    row = inventory.reorder_point(20, 6, 7, 2, service=0.95).iloc[0]
    assert row["lead_time_demand"] == 140
    assert row["safety_stock"] == pytest.approx(1.6448536 * np.sqrt(7 * 36 + 400 * 4))
    assert inventory.reorder_point(20, 0, 7).iloc[0]["reorder_point"] == 140
    assert inventory.reorder_point(20, 6, 7, service=0.5).iloc[0]["safety_stock"] == pytest.approx(0)


@FEW
@given(POSITIVE, POSITIVE, st.floats(0, 30), st.floats(0, 9), st.floats(0.5, 0.98))
def test_more_service_or_a_longer_wait_never_lowers_the_reorder_point(mean, sd, lead, lead_sd, service):
    points = [
        inventory.reorder_point(mean, sd, lead, lead_sd, service=service),
        inventory.reorder_point(mean, sd, lead, lead_sd, service=service + 0.01),
        inventory.reorder_point(mean, sd, lead + 1, lead_sd, service=service + 0.01),
    ]
    assert np.all(np.diff([point["reorder_point"].item() for point in points]) >= 0)


def cycle_service(point, *, mean, sd, lead, lead_sd, seed, cycles=4000):
    """Share of order cycles without a stock-out, of a shop that orders when its stock falls to `point`."""
    rng = np.random.default_rng(seed)
    waits = np.maximum(np.round(rng.normal(lead, lead_sd, cycles)), 0).astype(int)
    asked = rng.normal(mean, sd, (cycles, waits.max()))
    return np.mean((asked * (np.arange(waits.max()) < waits[:, None])).sum(axis=1) <= point)


@pytest.mark.parametrize("service", [0.8, 0.95, 0.99])
def test_a_simulated_shop_reaches_the_service_that_was_asked_for(service):
    plan = {"mean": 20, "sd": 8, "lead": 9, "lead_sd": 2}
    point = inventory.reorder_point(20, 8, 9, 2, service=service)["reorder_point"].item()
    assert cycle_service(point, **plan, seed=1) == pytest.approx(service, abs=0.02)
    # Without the spread of the delivery the promise would not be kept.
    naive = inventory.reorder_point(20, 8, 9, service=service)["reorder_point"].item()
    assert cycle_service(naive, **plan, seed=1) < service - 0.02


def shelf(sold, opening, received=0):
    sold, opening = np.asarray(sold), np.broadcast_to(opening, len(sold))
    return pd.DataFrame(
        {
            "date": pd.date_range("2026-06-01", periods=len(sold)),
            "product_id": "tea",
            "opening": opening,
            "received": received,
            "sold": sold,
            "closing": opening + received - sold,
        }
    )


def test_reorder_points_of_full_shelves_are_those_of_the_plain_mean_and_deviation():
    sold = [4, 6, 5, 9, 2, 7]
    row = inventory.reorder_points(shelf(sold, 50), 5, 1, service=0.9).iloc[0]
    plain = inventory.reorder_point(np.mean(sold), np.std(sold, ddof=1), 5, 1, service=0.9).iloc[0]
    assert row["reorder_point"] == pytest.approx(plain["reorder_point"])
    assert (row["days"], row["stockout_days"], row["on_hand"]) == (6, 0, 43)
    assert row["order_now"] == (plain["reorder_point"] >= 43)


def test_demand_behind_empty_shelves_is_recovered():
    rng = np.random.default_rng(2)
    asked = np.maximum(np.round(rng.normal(30, 8, 2000)), 0).astype(int)
    stocked = rng.integers(25, 60, 2000)
    table = shelf(np.minimum(asked, stocked), stocked)
    row = inventory.reorder_points(table, 5, window=2000).iloc[0]
    full = table[table["closing"] > 0]["sold"]
    assert row["stockout_days"] > 200
    assert (row["mean"], row["sd"]) == pytest.approx((30, 8), abs=0.6)
    # Taken as they stand, or without the days that sold out, the sales say less.
    assert table["sold"].mean() < row["mean"] - 0.8
    assert full.mean() < row["mean"] - 0.8


def test_days_without_stock_say_nothing_and_a_product_always_sold_out_has_no_point():
    empty = shelf([4, 6, 5, 0, 0], [20, 20, 20, 0, 0])
    row = inventory.reorder_points(empty, 5).iloc[0]
    assert (row["days"], row["mean"]) == (3, 5)
    gone = inventory.reorder_points(shelf([5, 5, 5], 5), 5).iloc[0]
    assert np.isnan(gone["reorder_point"])
    assert not gone["order_now"]


def test_each_product_has_its_own_lead_time():
    two = pd.concat([shelf([4, 6, 5], 50), shelf([4, 6, 5], 50).assign(product_id="pot")])
    table = inventory.reorder_points(two, pd.Series({"tea": 2, "pot": 8})).set_index("product_id")
    assert table["lead_time_demand"].to_dict() == {"pot": 40, "tea": 10}
    with pytest.raises(CourseError, match="product 'pot' has no lead_time"):
        inventory.reorder_points(two, pd.Series({"tea": 2}))


def test_the_newsvendor_of_the_textbook():
    best = inventory.newsvendor(mean=50, sd=8, overage=0.18, underage=0.70)
    assert best.quantity == pytest.approx(56.60396, abs=5e-6)
    assert best.cost == pytest.approx(1.99760, abs=1e-5)
    assert best.service == pytest.approx(best.critical_ratio)


DEMANDS = st.lists(st.integers(0, 60), min_size=1, max_size=30)


@FEW
@given(DEMANDS, st.floats(0.1, 9), st.floats(0.1, 9))
def test_the_newsvendor_buys_the_smallest_quantity_that_is_served_often_enough(seen, overage, underage):
    best = inventory.newsvendor(seen, overage=overage, underage=underage)
    x = np.array(seen)
    served = [np.mean(x <= quantity) for quantity in range(61)]
    assert best.quantity == int(np.argmax(np.array(served) >= best.critical_ratio - 1e-12))
    costs = [
        np.mean(overage * np.maximum(q - x, 0) + underage * np.maximum(x - q, 0))
        for q in range(int(x.max()) + 1)
    ]
    assert best.cost == pytest.approx(min(costs))
    assert best.table["cost"].min() == pytest.approx(min(costs))
    ends = np.nan_to_num([best.low, best.high], nan=best.quantity)
    assert ends[0] <= best.quantity <= ends[1]


def test_a_share_that_equals_the_critical_ratio_is_enough():
    assert inventory.newsvendor(range(1, 11), overage=3, underage=7).quantity == 7
    assert inventory.newsvendor([0, 1, 2], probability=[0.7, 0.2, 0.1], overage=3, underage=7).quantity == 0


def test_weights_and_repeated_demands_are_the_same():
    one = inventory.newsvendor([10, 10, 10, 40], overage=1, underage=4)
    two = inventory.newsvendor([10, 40], probability=[3, 1], overage=1, underage=4)
    assert (one.quantity, one.cost, one.mean) == (two.quantity, two.cost, two.mean)
    assert np.isnan(two.low)


def test_the_interval_of_the_quantity_covers_the_true_quantile():
    rng = np.random.default_rng(3)
    true = inventory.newsvendor(mean=100, sd=20, overage=1, underage=3).quantity
    held = [
        best.low <= true <= best.high
        for best in (inventory.newsvendor(rng.normal(100, 20, 60), overage=1, underage=3) for _ in range(60))
    ]
    assert np.mean(held) >= 0.88


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "either demand, or mean and sd"),
        ({"demand": [1], "mean": 2, "sd": 1}, "either demand, or mean and sd"),
        ({"mean": 2}, "either demand, or mean and sd"),
        ({"demand": [np.nan]}, "demand holds no number"),
        ({"demand": [1, 2], "probability": [1]}, "1 probabilities are given for 2 demands"),
        ({"demand": [-1]}, "negative"),
    ],
)
def test_a_newsvendor_who_knows_too_little_gets_a_sentence(given, says):
    with pytest.raises(CourseError, match=says):
        inventory.newsvendor(**given, overage=1, underage=1)


def test_both_denominators_of_the_sell_through(tables):
    table = inventory.sell_through(tables["inventory_daily"], tables["products"], by="category")
    leaf = table.loc["leaf"]
    # p2: 20 at first, 4 + 3 + 2 sold; p3: 5 at first, 1 sold; nothing came in.
    assert (leaf["available"], leaf["sold"], leaf["sell_through"]) == (25, 10, 0.4)
    assert np.isnan(leaf["sell_through_received"])
    assert table.loc["pot", "sell_through_received"] == 2 / 5
    whole = inventory.sell_through(tables["inventory_daily"])
    assert whole["sold"].item() == table["sold"].sum()


def test_the_health_of_the_stock_is_told_in_the_metrics_of_the_shop(tables):
    june = ("2026-06-01", "2026-07-01")
    table = inventory.stock_kpis(tables, *june).set_index("metric")
    board = metrics.kpi20(tables, *june, metrics=["P1", "P2", "P3", "days_of_supply", "P4", "gmroi"])
    assert_series_equal(table["value"].loc[board.index], board["value"])
    # Of the five products only p4 never has stock: 30 of 150 days.
    assert table.loc["stockout_rate", ["numerator", "denominator", "value"]].tolist() == [30, 150, 0.2]


def test_the_groups_of_the_stock_add_up(tables):
    june = ("2026-06-01", "2026-07-01")
    parts = inventory.stock_kpis(tables, *june, by="warehouse")
    whole = inventory.stock_kpis(tables, *june).set_index("metric")
    sums = parts.groupby("metric")[["numerator", "denominator"]].sum()
    for name in ("P1", "P2", "stockout_rate"):
        assert sums.loc[name].tolist() == whole.loc[name, ["numerator", "denominator"]].tolist()


def test_the_shops_shelves_give_a_list_of_what_to_order():
    stock = datasets.load("inventory_daily", shop="apparel")
    table = inventory.reorder_points(stock, 7, 2)
    assert len(table) == stock["product_id"].nunique()
    known = table.dropna()
    assert (known["reorder_point"] >= known["lead_time_demand"]).all()
    assert table["order_now"].any()
    assert not table["order_now"].all()
