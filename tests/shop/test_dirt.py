"""The dirty variant: every flaw is listed, nothing else is changed, and the list is enough to clean it."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from ecomtrain.shop import SEED, Truth, make_shop
from ecomtrain.shop.dirt import KINDS, soil
from ecomtrain.shop.profiles import profiles

PROFILE = profiles()["apparel"]
KEYS = {"customers": "customer_id", "orders": "order_id", "order_lines": "line_id", "sessions": "session_id",
        "events": "event_id"}  # fmt: skip


@pytest.fixture(scope="module")
def clean():
    return make_shop(PROFILE, SEED, 0.5, Truth())


@pytest.fixture(scope="module")
def dirty(clean):
    return soil(PROFILE, SEED, clean)


def of(dirty, kind, table):
    listed = dirty["dirt"]
    return listed[(listed["kind"] == kind) & (listed["table"] == table)]


def test_every_kind_of_dirt_is_there(dirty):
    assert dirty["dirt"]["kind"].unique().tolist() == list(KINDS)


def test_the_clean_tables_are_left_as_they_are(clean):
    before = {name: frame.copy() for name, frame in clean.items()}
    soil(PROFILE, SEED, clean)
    for name, frame in clean.items():
        assert_frame_equal(frame, before[name])


def test_the_list_is_enough_to_get_the_clean_tables_back(clean, dirty):
    for table, frame in clean.items():
        found = dirty[table].copy()
        if table in KEYS:
            key = KEYS[table]
            listed = dirty["dirt"][dirty["dirt"]["table"] == table]
            extra = listed[(listed["column"] == "") & (listed["kind"] != "duplicate order")]
            found = found[~found[key].isin(extra["id"])].drop_duplicates(key).reset_index(drop=True)
            for column, rows in listed[listed["column"] != ""].groupby("column"):
                at = found.set_index(key).index.get_indexer(rows["id"])
                kind = frame[column].dtype
                was = (
                    pd.to_datetime(rows["was"], format="ISO8601")
                    if column in ("ts", "started_at")
                    else rows["was"]
                )
                found[column] = found[column].astype("object")
                found.iloc[at, found.columns.get_loc(column)] = was.astype(kind).to_numpy()
            found = found.astype(frame.dtypes.to_dict())
        assert_frame_equal(found, frame, check_exact=True)


def test_the_same_seed_plants_the_same_dirt_and_another_other_dirt(clean, dirty):
    again, other = soil(PROFILE, SEED, clean), soil(PROFILE, SEED + 1, clean)
    for name in dirty:
        assert_frame_equal(again[name], dirty[name])
    assert not other["dirt"].equals(dirty["dirt"])


def test_duplicates_are_whole_orders(dirty):
    orders = of(dirty, "duplicate order", "orders")["id"]
    rows = dirty["orders"][dirty["orders"]["order_id"].isin(orders)]
    assert (rows.groupby("order_id").size() == 2).all()
    assert (rows.drop(columns="shop").drop_duplicates().groupby("order_id").size() == 1).all()


def test_test_orders_cost_one_fen_and_belong_to_the_customer_called_test(dirty):
    orders = dirty["orders"].merge(dirty["customers"], on="customer_id")
    assert set(orders.loc[orders["name"] == "测试", "order_id"]) == set(
        of(dirty, "test order", "orders")["id"]
    )
    assert (orders.loc[orders["name"] == "测试", "amount"] == 0.01).all()


def test_bots_view_more_than_people_and_never_buy(dirty):
    sessions = dirty["sessions"].assign(views=dirty["sessions"]["session_id"].map(
        dirty["events"].groupby("session_id").size()))  # fmt: skip
    daily = sessions.groupby(["visitor_id", sessions["started_at"].dt.date]).size()
    bots = sessions.loc[
        sessions["session_id"].isin(of(dirty, "bot", "sessions")["id"]), "visitor_id"
    ].unique()
    busiest = daily.groupby("visitor_id").max().sort_values(ascending=False)
    assert set(busiest.index[: len(bots)]) == set(bots)


def test_the_slow_clock_shows_in_orders_that_are_placed_after_their_session(dirty):
    placed = dirty["events"].query("event == 'order'").set_index("session_id")["ts"]
    orders = dirty["orders"].dropna(subset=["session_id"]).drop_duplicates("order_id")
    late = orders["ordered_at"].to_numpy() - placed.loc[orders["session_id"]].to_numpy()
    skewed = orders["session_id"].isin(of(dirty, "clock skew", "sessions")["id"])
    assert skewed.any()
    assert (late[skewed] == np.timedelta64(8, "h")).all()
    assert (late[~skewed] == np.timedelta64(0, "h")).all()


def test_refunds_are_negative_orders_of_a_later_month(clean, dirty):
    refunds = dirty["orders"][
        dirty["orders"]["order_id"].isin(of(dirty, "refund in a later month", "orders")["id"])
    ]
    assert (refunds["paid_amount"] < 0).all()
    assert set(dirty["orders"].loc[dirty["orders"]["amount"] < 0, "order_id"]) == set(refunds["order_id"])
    assert (refunds["paid_at"].dt.day == 1).all()
    assert set(-refunds["amount"]) <= set(clean["returns"]["refunded_amount"])


def test_a_price_typo_no_longer_gives_the_amount(dirty):
    lines = dirty["order_lines"]
    off = (lines["unit_price"] * lines["quantity"] - lines["amount"]).abs() > 0.005
    assert set(lines.loc[off, "line_id"]) == set(of(dirty, "price typo", "order_lines")["id"])


def test_a_merged_cell_is_filled_from_the_line_above(clean, dirty):
    lines = dirty["order_lines"].drop_duplicates("line_id")
    filled = lines.set_index("line_id")["order_id"].ffill().loc[clean["order_lines"]["line_id"]]
    assert filled.to_numpy().tolist() == clean["order_lines"]["order_id"].tolist()


def test_a_shop_without_trade_stays_clean():
    tables = make_shop(PROFILE, 3, 1e-6, Truth())
    assert soil(PROFILE, 3, tables)["dirt"].empty


@pytest.mark.parametrize("seed", range(5))
def test_a_shop_with_hardly_any_trade_can_be_soiled(seed):
    tables = make_shop(PROFILE, seed, 0.001, Truth())
    assert len(soil(PROFILE, seed, tables)["dirt"])
