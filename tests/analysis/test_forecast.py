"""Hits foretold from the first days: the label never sees them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ecomtrain.analysis import forecast
from ecomtrain.errors import CourseError

DAY = pd.Timestamp("2026-01-01")


def shop(units, launched=None):
    """Daily sales from one row of units per product, all launched on the first day unless told otherwise."""
    units = np.asarray(units)
    products = pd.DataFrame({"product_id": [f"p-{n:03d}" for n in range(len(units))]})
    products["launched_on"] = DAY if launched is None else launched
    day, row = np.meshgrid(np.arange(units.shape[1]), np.arange(len(units)))
    daily = pd.DataFrame({
        "date": DAY + pd.to_timedelta(day.ravel(), unit="D"),
        "product_id": products["product_id"].to_numpy()[row.ravel()],
        "sold": units.ravel(),
    })  # fmt: skip
    return daily, products


def test_ranking_hits_and_lead_days_by_hand():
    result = forecast.early_hits(
        *shop([[1, 1, 9, 0], [5, 5, 2, 9], [3, 3, 0, 1]]), days=2, horizon=2, k=1, share=1 / 3
    )
    assert result.table["product_id"].tolist() == ["p-001", "p-002", "p-000"]
    assert result.table["hit"].tolist() == [True, False, False]
    assert result.table["later_units"].tolist() == [11, 1, 9]
    # The edge is 11 units after the first days; it is reached on the second of them.
    assert result.table["lead_days"].iloc[0] == 2
    assert (result.precision_at_k, result.base_rate, result.lift) == (1, 1 / 3, 3)
    assert result.median_lead_days == 2


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 9), min_size=6, max_size=6), min_size=4, max_size=12), st.integers(1, 4)
)
def test_the_label_does_not_change_with_the_first_days(units, k):
    units = np.array(units)
    other = units.copy()
    other[:, :3] = other[::-1, :3]
    options = {"days": 3, "horizon": 3, "k": k, "share": 0.25}
    labels = [
        forecast.early_hits(*shop(table), **options).table.set_index("product_id")["hit"].sort_index()
        for table in (units, other)
    ]
    assert labels[0].tolist() == labels[1].tolist()


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 9), min_size=6, max_size=6), min_size=4, max_size=12), st.integers(1, 4)
)
def test_the_ranking_does_not_change_with_the_later_days(units, k):
    units = np.array(units)
    other = units.copy()
    other[:, 3:] = other[::-1, 3:]
    options = {"days": 3, "horizon": 3, "k": k}
    first, second = (forecast.early_hits(*shop(table), **options).table for table in (units, other))
    assert first["product_id"].tolist() == second["product_id"].tolist()


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 9), min_size=6, max_size=6), min_size=4, max_size=12), st.integers(1, 4)
)
def test_counts_rates_and_row_order(units, k):
    daily, products = shop(units)
    options = {"days": 3, "horizon": 3, "k": k, "share": 0.25}
    result = forecast.early_hits(daily, products, **options)
    shuffled = forecast.early_hits(
        daily.sample(frac=1, random_state=0), products.sample(frac=1, random_state=1), **options
    )
    assert_frame_equal(result.table, shuffled.table)
    assert result.precision_at_k == result.hits_found / k == result.table["precision_at_rank"].iloc[k - 1]
    assert result.base_rate == result.table["hit"].mean() == result.hits / result.n
    assert result.table["precision_at_rank"].iloc[-1] == pytest.approx(result.base_rate)
    assert result.low <= result.precision_at_k <= result.high
    assert result.table["lead_days"].notna().tolist() == result.table["hit"].tolist()
    assert result.table["lead_days"].dropna().between(1, 3).all()
    assert (result.table.loc[result.table["hit"], "later_units"] > 0).all()


def test_where_the_first_days_say_nothing_the_pick_is_no_better_than_blind():
    rng = np.random.default_rng(3)
    result = forecast.early_hits(*shop(rng.poisson(5, (2000, 40))), days=10, horizon=30, k=1000)
    assert result.low <= result.base_rate <= result.high
    # A label that counted the first days would show a lift from the same noise.
    assert abs(result.lift - 1) < 0.25


def test_products_launched_before_the_data_or_not_followed_to_the_end_are_left_out():
    launched = [DAY - pd.Timedelta("1D"), DAY, DAY + pd.Timedelta("2D"), pd.NaT]
    result = forecast.early_hits(*shop(np.ones((4, 5)), launched), days=2, horizon=3, k=1)
    assert result.n == 1
    assert result.left_out == 3


def test_several_rows_of_a_day_add_up_and_missing_days_are_no_sale():
    daily, products = shop([[2, 0, 4, 4], [1, 1, 1, 1]])
    split = pd.concat([daily[daily["sold"] > 0].assign(sold=lambda t: t["sold"] / 2)] * 2)
    options = {"days": 2, "horizon": 2, "k": 1}
    assert_frame_equal(
        forecast.early_hits(daily, products, **options).table,
        forecast.early_hits(split, products, **options).table,
    )


def test_nothing_sold_later_makes_no_hit_and_no_lift():
    result = forecast.early_hits(*shop([[5, 0], [1, 0]]), days=1, horizon=1, k=1)
    assert result.hits == 0
    assert np.isnan(result.lift)
    assert np.isnan(result.median_lead_days)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"k": 3}, "k is 3 but only 2 product"),
        ({"days": 0}, "days is 0; give 1 or more"),
        ({"share": 10}, "share is 10; give a fraction"),
        ({"horizon": 9}, "only 0 product"),
        ({"quantity": "units"}, "column 'units' is not in the frame"),
    ],
)
def test_bad_input_gets_a_sentence(options, message):
    with pytest.raises(CourseError, match=message):
        forecast.early_hits(*shop([[1, 2], [3, 4]]), **{"days": 1, "horizon": 1, "k": 1, **options})


def test_a_product_listed_twice_is_refused():
    daily, products = shop([[1, 2], [3, 4]])
    with pytest.raises(CourseError, match="comes twice in products"):
        forecast.early_hits(daily, pd.concat([products, products]), days=1, horizon=1, k=1)
