"""What holds in every table of every shop, whatever the seed and the size."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ecomtrain import shop
from ecomtrain.errors import CourseError
from ecomtrain.shop.profiles import profiles
from ecomtrain.shop.schema import DTYPES, schema
from ecomtrain.shop.trials import TRIALS


@cache
def made(seed, scale):
    return shop.make(seed=seed, scale=scale)


# A few worlds, each made once: a law is checked on several seeds, from a handful of orders to thousands.
worlds = st.builds(made, st.integers(0, 2), st.sampled_from([0.001, 0.03]))
law = settings(max_examples=6, deadline=None)


def cents(money):
    return np.rint(money * 100).astype("int64")


@law
@given(worlds)
def test_every_table_keeps_to_its_schema_and_its_key(tables):
    assert list(tables) == list(schema())
    for name, table in schema().items():
        frame = tables[name]
        assert [(c, str(t)) for c, t in frame.dtypes.items()] == [
            (c.name, DTYPES[c.kind]) for c in table.columns
        ]
        assert not frame.duplicated(list(table.key)).any()
        for column in table.columns:
            may_miss = "missing" in column.description
            assert may_miss or not frame[column.name].isna().any(), (name, column.name)


@law
@given(worlds)
def test_an_orders_lines_and_postage_add_up_to_its_amount_to_the_cent(tables):
    orders, lines = tables["orders"].set_index("order_id").sort_index(), tables["order_lines"]
    assert (lines["quantity"] >= 1).all()
    assert (cents(lines["unit_price"]) * lines["quantity"] == cents(lines["amount"])).all()
    total = cents(lines["amount"]).groupby(lines["order_id"]).sum()
    assert total.index.equals(orders.index)
    assert (total + cents(orders["shipping"]) == cents(orders["amount"])).all()


@law
@given(worlds)
def test_money_is_paid_in_full_or_not_at_all(tables):
    orders = tables["orders"]
    paid = orders["status"] == "paid"
    assert (orders["paid_at"].notna() == paid).all()
    assert (orders["paid_amount"] == orders["amount"].where(paid, 0)).all()
    assert (orders.loc[paid, "paid_at"] > orders.loc[paid, "ordered_at"]).all()


@law
@given(worlds)
def test_a_return_follows_a_paid_line_and_never_exceeds_it(tables):
    returns = tables["returns"].merge(tables["order_lines"], on=["line_id", "order_id", "shop", "product_id"])
    returns = returns.merge(tables["orders"][["order_id", "paid_at"]], on="order_id")
    assert len(returns) == len(tables["returns"])
    assert (returns["returned_at"] > returns["paid_at"]).all()
    assert (returns["quantity_x"] <= returns["quantity_y"]).all()
    assert (cents(returns["refunded_amount"]) == cents(returns["unit_price"]) * returns["quantity_x"]).all()
    assert not returns["line_id"].duplicated().any()


@law
@given(worlds)
def test_a_customer_buys_only_in_the_own_shop_and_after_registering(tables):
    customers = tables["customers"]
    for table, at in (("orders", "ordered_at"), ("sessions", "started_at")):
        rows = tables[table].dropna(subset=["customer_id"]).astype({"customer_id": "int64"})
        joined = rows.merge(customers, on=["customer_id", "shop"])
        assert len(joined) == len(rows)
        assert (joined[at] >= joined["registered_at"]).all()


@law
@given(worlds)
def test_events_are_ordered_and_sessionise_back_into_their_sessions(tables):
    events, sessions = tables["events"], tables["sessions"]
    for _, log in events.groupby("shop"):
        assert log["session_id"].is_monotonic_increasing
        assert log["event_id"].is_monotonic_increasing
    gap = events["ts"].diff()[events["session_id"].eq(events["session_id"].shift())]
    assert (gap > pd.Timedelta(0)).all()
    assert (gap < pd.Timedelta("30min")).all()
    span = events.groupby("session_id", sort=False).agg(
        first=("ts", "min"), last=("ts", "max"), visitor=("visitor_id", "first")
    )
    assert (span["first"].to_numpy() == sessions["started_at"].to_numpy()).all()
    assert (span["visitor"].to_numpy() == sessions["visitor_id"].to_numpy()).all()
    span = span.sort_values(["visitor", "first"])
    pause = (span["first"] - span["last"].shift())[span["visitor"].eq(span["visitor"].shift())]
    assert (pause > pd.Timedelta("30min")).all()


@law
@given(worlds)
def test_every_order_of_the_log_is_an_order_event_at_its_second_and_likewise_its_payment(tables):
    orders, events = tables["orders"], tables["events"]
    logged = orders[orders["session_id"].notna()].astype({"session_id": "int64"})
    assert (logged["ordered_at"] >= "2026-05-02").all()
    assert (orders.loc[orders["session_id"].isna(), "ordered_at"] < "2026-05-02").all()
    for event, at in (("order", "ordered_at"), ("pay", "paid_at")):
        seen = events[events["event"] == event].set_index("session_id")["ts"]
        expected = logged.dropna(subset=[at]).set_index("session_id")[at].sort_index()
        pd.testing.assert_series_equal(seen.sort_index(), expected, check_names=False)
    joined = logged.merge(tables["sessions"], on=["session_id", "shop", "channel"])
    assert len(joined) == len(logged)
    assert (joined["customer_id_x"] == joined["customer_id_y"]).all()


@law
@given(worlds)
def test_everything_lies_within_its_window(tables):
    for name, table in schema().items():
        start = "2026-05-02" if name in ("sessions", "events") else "2024-07-01"
        for column in table.columns:
            if column.kind in ("date", "time") and column.name not in (
                "opened_on",
                "registered_at",
                "launched_on",
                "hired_on",
            ):
                times = tables[name][column.name].dropna()
                assert times.between(start, "2026-07-01", inclusive="left").all(), (name, column.name)


@law
@given(worlds)
def test_stock_balances_day_by_day_and_what_it_sold_are_the_paid_units(tables):
    stock, orders = tables["inventory_daily"], tables["orders"]
    assert (stock["closing"] == stock["opening"] + stock["received"] - stock["sold"]).all()
    assert (stock[["opening", "received", "sold", "closing"]] >= 0).all(axis=None)
    same = stock["product_id"].eq(stock["product_id"].shift())
    assert (stock["opening"] == stock["closing"].shift())[same].all()
    assert (stock["date"].diff()[same] == pd.Timedelta("1D")).all()
    lines = tables["order_lines"].merge(orders[["order_id", "paid_at"]].dropna(), on="order_id")
    lines["date"] = lines["paid_at"].dt.tz_localize(None).dt.normalize()
    sold = lines.groupby(["product_id", "date"])["quantity"].sum()
    kept = stock[stock["sold"] > 0].set_index(["product_id", "date"])["sold"].sort_index()
    pd.testing.assert_series_equal(sold, kept, check_names=False)


@law
@given(worlds)
def test_products_are_sold_and_looked_at_only_after_their_launch(tables):
    products = tables["products"][["product_id", "shop", "launched_on"]]
    lines = tables["order_lines"].merge(tables["orders"][["order_id", "ordered_at"]], on="order_id")
    for rows, at in ((lines, "ordered_at"), (tables["events"].dropna(subset=["product_id"]), "ts")):
        joined = rows.merge(products, on=["product_id", "shop"])
        assert len(joined) == len(rows)
        assert (joined[at].dt.tz_localize(None) >= joined["launched_on"]).all()


@law
@given(worlds)
def test_only_the_long_checkout_has_more_than_four_steps(tables):
    events = tables["events"]
    test = tables["experiments"].query("experiment == 'checkout_steps'").set_index("visitor_id")["arm"]
    extra = events[events["event"].isin(["identity", "customs", "shipping_choice"])]
    assert (extra["shop"] == "cross_border").all()
    assert (test.reindex(extra["visitor_id"]) == "treatment").all()
    ordered = events.loc[events["event"] == "order", ["session_id", "visitor_id", "shop"]]
    begun = ["checkout", "address", "payment"]
    counted = events[events["event"].isin(begun)].groupby("session_id")["event"].nunique()
    assert (counted.reindex(ordered["session_id"]) == len(begun)).all()


@law
@given(worlds)
def test_each_visitor_of_a_shop_is_in_each_of_its_tests_from_the_first_visit_on(tables):
    first = tables["sessions"].groupby(["shop", "visitor_id"])["started_at"].min().reset_index()
    for test in TRIALS:
        rows = tables["experiments"].query("experiment == @test.name")
        assert (rows["shop"] == test.shop).all()
        assert rows["visitor_id" if test.unit == "customer" else "customer_id"].isna().all()
        if test.unit == "visitor":
            given_at = rows.astype({"visitor_id": "int64"}).set_index("visitor_id")["assigned_at"]
            seen = first[first["shop"] == test.shop].set_index("visitor_id")["started_at"]
            pd.testing.assert_series_equal(given_at.sort_index(), seen, check_names=False)


@law
@given(worlds)
def test_each_customer_of_a_test_by_customer_has_an_arm_from_registration_or_its_first_day_on(tables):
    customers = tables["customers"].set_index("customer_id")
    for test in (test for test in TRIALS if test.unit == "customer"):
        rows = tables["experiments"].query("experiment == @test.name").astype({"customer_id": "int64"})
        assert rows["customer_id"].is_unique
        registered = customers["registered_at"].loc[rows["customer_id"]]
        first = pd.Timestamp(test.first, tz="Asia/Shanghai")
        assert (rows["assigned_at"].to_numpy() == registered.clip(lower=first).to_numpy()).all()


@law
@given(worlds)
def test_lines_are_tried_on_by_treated_customers_of_the_try_on_test_only(tables):
    lines = tables["order_lines"].merge(tables["orders"][["order_id", "customer_id", "ordered_at"]])
    tried = lines[lines["tried_on"]]
    arms = tables["experiments"].query("experiment == 'ar_try_on'").set_index("customer_id")["arm"]
    assert (tried["shop"] == "shoes").all()
    assert (arms.loc[tried["customer_id"]] == "treatment").all()
    assert tried["ordered_at"].between("2025-09-01", "2026-05-01", inclusive="left").all()


@law
@given(worlds)
def test_personal_data_belongs_to_nobody(tables):
    customers = tables["customers"]
    assert customers["mobile"].str.fullmatch(r"154\d{8}").all()
    assert customers["mobile"].is_unique
    assert customers["email"].str.endswith("@example.com").all()
    title = customers["name"].str[1:]
    assert (title == customers["gender"].map({"F": "女士", "M": "先生"})).all()


@settings(max_examples=4, deadline=None)
@given(st.sampled_from(list(profiles().values())), st.integers(0, 2**64))
def test_the_same_seed_gives_the_same_tables_and_another_seed_others(profile, seed):
    first, again, other = (shop.make_shop(profile, s, 0.002, shop.Truth()) for s in (seed, seed, seed + 1))
    for name in first:
        assert_frame_equal(first[name], again[name])
    drawn = [name for name in first if name != "shops" and len(first[name])]
    assert all(not first[name].equals(other[name]) for name in drawn)


def test_a_shop_is_the_same_whichever_shops_stand_beside_it():
    alone = shop.make_shop(profiles()["home"], 1, 0.03, shop.Truth())
    for name, frame in alone.items():
        together = made(1, 0.03)[name].query("shop == 'home'").reset_index(drop=True)
        assert_frame_equal(frame[together.columns], together)


def test_a_changed_truth_leaves_the_other_shops_alone():
    other = shop.make(seed=1, scale=0.03, truth=shop.Truth(recommendation_aov=0.4))
    for name, frame in made(1, 0.03).items():
        if "shop" in frame:
            rest = frame["shop"] != "home"
            assert_frame_equal(
                frame[rest], other[name][other[name]["shop"] != "home"].set_axis(frame[rest].index)
            )


def test_scale_multiplies_customers_sessions_and_orders():
    small, large = made(1, 0.03), shop.make(seed=1, scale=0.12)
    for name in ("customers", "sessions", "orders"):
        assert len(large[name]) / len(small[name]) == pytest.approx(4, rel=0.1)
    assert len(large["products"]) == len(small["products"])


def test_one_shop_with_hardly_a_visitor_is_still_whole():
    tables = shop.make(seed=5, scale=1e-6)
    assert len(tables["shops"]) == 10
    assert tables["orders"].columns.tolist() == [column.name for column in schema()["orders"].columns]


@pytest.mark.parametrize("seed", [-1, 1.5, "2026", None, True])
def test_a_seed_that_is_no_whole_number_from_zero_is_refused(seed):
    with pytest.raises(CourseError, match=r"make: seed is .*; give a whole number from 0 on"):
        shop.make(seed=seed, scale=0.001)


@pytest.mark.parametrize("scale", [0, -1, float("nan"), float("inf"), "1", None, True])
def test_a_scale_that_is_no_positive_number_is_refused(scale):
    with pytest.raises(CourseError, match=r"make: scale is .*; give a number above 0"):
        shop.make(scale=scale)


def test_a_truth_of_another_kind_is_refused():
    with pytest.raises(CourseError, match=r"make: truth is a dict; give shop.Truth"):
        shop.make(scale=0.001, truth={"weekend_index": 1.25})
