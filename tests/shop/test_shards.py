"""A big shop is made in shards: the same laws, the same office, ids that never meet."""

import numpy as np
import pytest
from pandas.testing import assert_frame_equal

from ecomtrain import shop
from ecomtrain.errors import CourseError
from ecomtrain.shop import Truth, making
from ecomtrain.shop.profiles import profiles
from ecomtrain.shop.schema import schema

PROFILE = profiles()["fmcg"]


@pytest.fixture(scope="module")
def big():
    """A shop in three shards, small ones, so that the test is quick."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(making, "SHARD", 0.1)
        return making.make_shop(PROFILE, 3, 0.3, Truth())


@pytest.fixture(scope="module")
def whole():
    return making.make_shop(PROFILE, 3, 0.3, Truth())


def test_keys_are_unique_over_all_shards(big):
    for name, frame in big.items():
        key = list(schema()[name].key)
        assert not frame.duplicated(key).any(), name


def test_what_belongs_to_the_office_is_the_same_however_big_the_shop_is(big, whole):
    other = making.make_shop(PROFILE, 3, 0.05, Truth())
    for name, frame in big.items():
        if not schema()[name].grows and name != "inventory_daily":
            assert_frame_equal(frame, whole[name])
            assert_frame_equal(frame, other[name])


def test_shards_together_are_as_big_as_the_shop_made_at_once(big, whole):
    for name, frame in big.items():
        if schema()[name].grows:
            assert len(frame) == pytest.approx(len(whole[name]), rel=0.2), name


def test_stock_counts_the_sales_of_all_shards(big):
    orders = big["orders"][big["orders"]["status"] == "paid"]
    units = big["order_lines"].merge(orders[["order_id"]], on="order_id")["quantity"].sum()
    assert big["inventory_daily"]["sold"].sum() == units
    assert (big["inventory_daily"]["closing"] >= 0).all()


def test_shards_differ_from_each_other(big):
    born = big["customers"]["birth_year"].to_numpy()
    third = len(born) // 3
    assert not np.array_equal(born[:third], born[third : 2 * third])


def test_an_address_belongs_to_one_customer_over_all_shards(big):
    assert big["customers"]["email"].is_unique


def test_a_scale_beyond_the_room_for_ids_is_refused_with_the_most_there_is_room_for():
    with pytest.raises(CourseError, match=f"has room for the ids of scale {making.MOST:g} at most"):
        shop.make(scale=making.MOST + 1)


def test_a_shop_of_the_published_size_is_one_shard():
    assert len(list(making.shards(PROFILE, 3, 1.0, Truth()))) == 1
