"""Who comes back: counts by hand, laws, and sentences for bad input."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ecomtrain.analysis import customers
from ecomtrain.errors import CourseError

PEOPLE = pd.DataFrame({"customer_id": [11, 12, 13, 99], "arm": ["gift", "gift", "none", "none"]})
MAY = {"start": "2026-05-01", "end": "2026-06-01"}


def bought(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "order_id", "ordered_at", "paid_amount"])
    return frame.assign(
        ordered_at=pd.to_datetime(frame["ordered_at"], format="ISO8601").dt.tz_localize("Asia/Shanghai")
    )


ORDERS = bought(
    (11, 1, "2026-05-01 00:00", 10.0),
    (11, 2, "2026-05-31 23:59:59", 30.0),
    (12, 3, "2026-06-01 00:00", 50.0),  # the first moment of June
    (13, 4, "2026-05-22 00:00", 20.0),
    (13, 4, "2026-05-22 00:00", 20.0),  # the same order twice
    (77, 5, "2026-05-03 00:00", 90.0),  # nobody of the people asked for
)

orders = st.lists(
    st.tuples(
        st.integers(1, 5), st.integers(1, 30), st.sampled_from(["2026-05-03", "2026-05-20", "2026-06-02"]),
        st.integers(1, 9).map(float),
    ),
    min_size=1, max_size=30, unique_by=lambda row: row[1],
).map(lambda rows: bought(*rows))  # fmt: skip
law = settings(max_examples=15, deadline=None)


def test_frequency_amount_and_recency_are_those_of_the_window():
    table = customers.activity(PEOPLE, ORDERS, **MAY)
    assert table["orders"].tolist() == [2, 0, 1, 0]
    assert table["amount"].tolist() == [40.0, 0.0, 20.0, 0.0]
    assert table["recency"].round(4).tolist()[::2] == [0.0, 10.0]
    assert table["recency"].isna().tolist() == [False, True, False, True]


def test_retention_counts_all_who_were_chosen_and_orders_of_the_window_only():
    table = customers.retention(PEOPLE, ORDERS, by="arm", **MAY)
    assert table["customers"].to_dict() == {"gift": 2, "none": 2}
    assert table["retained"].to_dict() == {"gift": 1, "none": 1}
    assert customers.retention(PEOPLE, ORDERS, **MAY).loc["all", "retention"] == 0.5


def test_an_order_written_twice_makes_no_repeat_buyer_and_a_guest_is_a_buyer():
    table = customers.repurchase_rate(ORDERS.astype({"customer_id": "Int64"}))
    assert table.loc["all", ["buyers", "repeat_buyers"]].tolist() == [4, 1]
    guests = ORDERS.assign(customer_id=pd.array([11, 11, None, None, None, None], dtype="Int64"))
    assert customers.repurchase_rate(guests).loc["all", "buyers"] == 5


def test_merging_two_halves_of_a_person_alone_raises_the_rate():
    purchases = pd.DataFrame(
        {
            "order_id": [1, 2, 3],
            "customer_id": pd.array([1, None, 2], dtype="Int64"),
            "card_id": pd.array([None, 71, None], dtype="Int64"),
        }
    )
    cards = pd.DataFrame({"card_id": [71], "customer_id": [1]})
    apart = purchases.assign(account=purchases["customer_id"].fillna(-purchases["card_id"]))
    assert customers.repurchase_rate(apart, customer="account").loc["all", "repurchase_rate"] == 0
    merged = customers.merge_identities(purchases, cards)
    assert customers.repurchase_rate(merged).loc["all", "repurchase_rate"] == 0.5


def test_a_customer_known_already_is_kept_and_an_unknown_card_stays_unknown():
    purchases = pd.DataFrame({"card_id": [71, 72], "customer_id": [5, None]}, dtype="Int64")
    cards = pd.DataFrame({"card_id": [71, 72], "customer_id": [1, None]}, dtype="Int64")
    merged = customers.merge_identities(purchases, cards)["customer_id"]
    assert merged.iloc[0] == 5
    assert merged.isna().tolist() == [False, True]


@law
@given(orders)
def test_orders_of_everybody_add_up_to_the_orders_of_the_window(frame):
    people = pd.DataFrame({"customer_id": range(1, 6)})
    table = customers.activity(people, frame, **MAY)
    within = frame[frame["ordered_at"] < "2026-06-01"]
    assert table["orders"].sum() == len(within)
    assert table["amount"].sum() == pytest.approx(within["paid_amount"].sum())


@law
@given(orders)
def test_retention_is_the_share_with_activity_and_row_order_plays_no_part(frame):
    people = pd.DataFrame({"customer_id": range(1, 6)})
    rate = customers.retention(people, frame, **MAY)
    assert rate.loc["all", "retained"] == customers.activity(people, frame, **MAY)["orders"].gt(0).sum()
    shuffled = frame.sample(frac=1, random_state=1)
    assert_frame_equal(customers.retention(people.iloc[::-1], shuffled, **MAY), rate)
    assert_frame_equal(customers.repurchase_rate(shuffled), customers.repurchase_rate(frame))


@law
@given(orders)
def test_linking_cards_never_makes_more_buyers(frame):
    cards = pd.DataFrame({"card_id": range(1, 6), "customer_id": [1, 1, 2, 2, 3]})
    purchases = frame.rename(columns={"customer_id": "card_id"})
    merged = customers.merge_identities(purchases, cards)
    before = customers.repurchase_rate(purchases, customer="card_id").loc["all"]
    after = customers.repurchase_rate(merged).loc["all"]
    assert after["buyers"] <= before["buyers"]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: customers.activity(pd.concat([PEOPLE, PEOPLE]), ORDERS, **MAY),
            "a customer comes twice in people",
        ),
        (
            lambda: customers.activity(PEOPLE, ORDERS, start="2026-06-01", end="2026-05-01"),
            "the window [2026-06-01, 2026-05-01) is empty",
        ),
        (
            lambda: customers.activity(PEOPLE, ORDERS.astype({"customer_id": str}), **MAY),
            "'customer_id' holds numbers in one table and text in another",
        ),
        (lambda: customers.retention(PEOPLE, ORDERS, by="ar", **MAY), "Did you mean 'arm'?"),
        (lambda: customers.repurchase_rate(ORDERS, level=2), "level is 2"),
        (
            lambda: customers.merge_identities(
                pd.DataFrame({"card_id": [7]}), pd.DataFrame({"card_id": [7, 7], "customer_id": [1, 2]})
            ),
            "card_id 7 is linked to 2 customers",
        ),
    ],
)
def test_bad_input_gets_a_sentence(call, words):
    with pytest.raises(CourseError) as refusal:
        call()
    assert words in str(refusal.value)
