"""Memberships, messages, birthdays, store cards, and the customers who are followed for a programme."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from ecomtrain import shop
from ecomtrain.shop import calendar, cohorts, making
from ecomtrain.shop.draw import stream
from ecomtrain.shop.profiles import profiles
from ecomtrain.shop.scene import Scene
from ecomtrain.shop.schema import conform, schema

TABLES = ("memberships", "messages", "birthdays", "store_cards", "store_receipts")
ONLY = {
    "birthdays": {"mother_baby"},
    "store_cards": {"electronics"},
    "store_receipts": {"electronics"},
}
COHORTS = {"beauty": "private_group", "food": "membership", "cross_border": "tiers"}
COHORTS |= {"social": "first_order_gift", "shoes": "plus", "electronics": "omni_channel"}
HALF_YEAR = ("2025-10-01", "2026-04-01")


@cache
def made(name, seed=3, scale=0.1, **planted):
    return shop.make_shop(profiles()[name], seed, scale, shop.Truth(**planted))


@cache
def followed(name, seed=3, scale=1.0, **planted):
    """A shop's cohort as a table: customer, arm, joined, and orders of the half-year that counts."""
    profile, truth = profiles()[name], shop.Truth(**planted)
    demand = calendar.demand(profile, truth)
    cohort = cohorts.cohorts(profile, truth, scale, demand, lambda table: stream(seed, profile, table))
    first, end = cohorts.days(cohorts.AFTER)
    inside = (cohort.ordered >= first * calendar.DAY) & (cohort.ordered < end * calendar.DAY)
    return cohort, pd.DataFrame(
        {
            "arm": cohort.arm,
            "member": cohort.joined != cohorts.NEVER,
            "before": np.bincount(cohort.customer[~inside], minlength=len(cohort.arm)),
            "after": np.bincount(cohort.customer[inside], minlength=len(cohort.arm)),
        }
    )


@pytest.mark.parametrize("name", list(profiles()))
def test_every_shop_has_memberships_and_messages_that_keep_to_their_datasheets(name):
    tables = made(name)
    for table in TABLES:
        assert (table in tables) == (name in ONLY.get(table, {name})), table
        if table in tables:
            frame = conform(table, tables[table])
            key = list(schema()[table].key)
            assert not frame.duplicated(key).any()
            assert not frame[key].isna().any(axis=None)


@pytest.mark.parametrize("name", list(profiles()))
def test_whoever_is_in_a_table_is_a_customer_who_had_registered(name):
    tables = made(name)
    registered = tables["customers"].set_index("customer_id")["registered_at"]
    assert registered.index.is_unique
    for table, at in (("memberships", "joined_at"), ("memberships", "invited_at"), ("messages", "sent_at")):
        rows = tables[table].dropna(subset=[at])
        since = registered.reindex(rows["customer_id"]).to_numpy()
        assert (rows[at].to_numpy() >= since).all()
    left = tables["memberships"].dropna(subset=["left_at"])
    assert (left["left_at"] > left["joined_at"]).all()


@pytest.mark.parametrize("name", list(profiles()))
def test_the_crm_ends_where_the_click_log_begins(name):
    tables = made(name)
    for table in TABLES:
        for column in schema()[table].columns if table in tables else ():
            if column.kind in ("date", "time"):
                times = tables[table][column.name].dropna()
                assert times.between("2024-07-01", "2026-05-02", inclusive="left").all(), (table, column.name)


@pytest.mark.parametrize("name", list(profiles()))
def test_a_message_is_opened_only_if_delivered_and_clicked_only_if_opened(name):
    messages = made(name)["messages"]
    assert not (messages["opened"] & ~messages["delivered"]).any()
    assert not (messages["clicked"] & ~messages["opened"]).any()
    assert (messages["cost"] > 0).all()


@pytest.mark.parametrize(("name", "programme"), COHORTS.items())
def test_the_customers_of_a_programme_come_on_top_and_order_before_the_log_only(name, programme):
    tables = made(name)
    members = tables["memberships"].query("programme == @programme")["customer_id"]
    orders = tables["orders"][tables["orders"]["customer_id"].isin(members)]
    assert len(members) == round(cohorts.SIZES[name] * 0.1)
    assert orders["session_id"].isna().all()
    assert (orders["ordered_at"] < "2026-05-02").all()
    assert not tables["sessions"]["customer_id"].isin(members).any()
    assert tables["orders"]["order_id"].is_unique
    assert tables["order_lines"]["line_id"].is_unique
    assert tables["returns"]["return_id"].is_unique
    assert tables["customers"]["mobile"].is_unique
    share = orders["status"].eq("paid").mean()
    assert 0.85 < share < 0.98


@pytest.mark.parametrize("name", COHORTS)
def test_the_units_that_the_stock_must_hold_are_those_of_the_paid_lines(name):
    kept = []

    def spy(*scene):
        kept.append(Scene(*scene))
        return kept[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(making, "Scene", spy)
        tables = shop.make_shop(profiles()[name], 3, 0.1, shop.Truth())
    found = kept[0].more
    paid = found.tables["orders"].dropna(subset=["paid_at"])
    lines = found.tables["order_lines"].merge(paid[["order_id"]], on="order_id")
    assert found.sold.sum() == lines["quantity"].sum()
    assert found.expected.sum() == pytest.approx(found.sold.sum(), rel=0.1)
    known = tables["orders"][tables["orders"]["order_id"].isin(found.tables["orders"]["order_id"])]
    assert len(known) == len(found.tables["orders"])


@pytest.mark.parametrize("name", list(profiles()))
def test_a_tiny_shop_is_whole_too(name):
    tiny = shop.make_shop(profiles()[name], 5, 1e-6, shop.Truth())
    programmes = {COHORTS[name]} if name in COHORTS else set()
    assert set(tiny["memberships"]["programme"]) - {"points"} == programmes
    for table in TABLES:
        if name in ONLY.get(table, {name}):
            conform(table, tiny[table])


def test_members_of_the_private_group_order_as_much_more_as_is_planted_among_those_alike():
    ratios = []
    for planted in (1.0, 3.0):
        frame = pd.concat([followed("beauty", seed, 1.0, private_ratio=planted)[1] for seed in range(3)])
        often = frame["before"].clip(upper=3)
        rate = frame["after"].gt(0).groupby([often, frame["member"]]).mean()
        size = frame.groupby([often, "member"]).size()
        weight = size.xs(True, level="member")
        ratios.append((rate.xs(True, level=1) * weight).sum() / (rate.xs(False, level=1) * weight).sum())
    # Recency is not matched here, so that the ratio is a little above the planted one.
    assert ratios == pytest.approx([1.0, 3.0], rel=0.2)


@pytest.mark.parametrize(
    ("name", "planted", "expected"),
    [
        ("food", {"retention_invited": 0.9, "retention_uninvited": 0.3}, (0.9, 0.3)),
        ("cross_border", {"tier_retention": 0.5}, (0.9, 0.6)),
    ],
)
def test_retention_by_lot_is_the_planted_one(name, planted, expected):
    frame = followed(name, 3, 2.0, **planted)[1]
    found = [frame.loc[frame["arm"] == arm, "after"].gt(0).mean() for arm in (1, 0)]
    assert found == pytest.approx(expected, abs=0.06)


def test_the_joint_service_changes_the_share_of_buyers_who_buy_again():
    frame = followed("electronics", 3, 2.0, omni_repurchase=-0.4)[1].query("after > 0")
    found = [frame.loc[frame["arm"] == arm, "after"].gt(1).mean() for arm in (1, 0)]
    assert found == pytest.approx((0.45, 0.75), abs=0.04)


def test_members_of_plus_order_as_much_more_as_is_planted_among_those_with_as_many_orders_before():
    frame = followed("shoes", 3, 4.0, membership_orders=1.5)[1]
    found = frame.groupby([frame["before"].clip(upper=4), "member"])["after"].mean()
    weight = frame[frame["member"]].groupby(frame["before"].clip(upper=4)).size()
    ratio = (found.xs(True, level=1) * weight).sum() / (found.xs(False, level=1) * weight).sum()
    assert ratio == pytest.approx(2.5, rel=0.15)


def test_the_gift_multiplies_the_rate_of_second_orders():
    cohort, _ = followed("social", 3, 2.0, gift_hazard=1.0)
    orders = pd.DataFrame({"customer": cohort.customer, "day": cohort.ordered // calendar.DAY})
    orders = orders.sort_values("day", kind="stable")
    place = orders.groupby("customer").cumcount()
    first, second = (orders[place == k].set_index("customer")["day"] for k in (0, 1))
    early = (second.reindex(first.index) - first).le(30)
    rate = [-np.log(1 - early[cohort.arm[early.index] == arm].mean()) for arm in (1, 0)]
    assert rate[0] / rate[1] == pytest.approx(2.0, rel=0.2)


def test_greetings_multiply_the_visits():
    frame = made("mother_baby", 3, 1.0, birthday_visits=1.0)["birthdays"]
    visits = frame.groupby("greeted")["visits_30d"].mean()
    assert visits[True] / visits[False] == pytest.approx(2.0, rel=0.08)
    assert (frame["greeted"] == frame["birthday"].ge("2025-10-01")).all()


def test_every_customer_of_omni_channel_has_one_card_and_every_receipt_a_card():
    tables = made("electronics")
    members = tables["memberships"].query("programme == 'omni_channel'")["customer_id"]
    cards = tables["store_cards"]
    assert sorted(cards["customer_id"].dropna()) == sorted(members)
    assert cards["customer_id"].isna().any()
    assert tables["store_receipts"]["card_id"].isin(cards["card_id"]).all()
    issued = tables["store_receipts"].merge(cards, on="card_id")
    assert (issued["ts"] > issued["issued_at"]).all()
    hour = tables["store_receipts"]["ts"].dt.hour
    assert hour.between(10, 21).all()
