"""What customers have brought by each age, when that pays back, and the two scopes of their cost."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal, assert_series_equal

from ecomtrain import datasets
from ecomtrain.analysis.channels import acquisition_cost, ltv_curve, payback, residual_value
from ecomtrain.analysis.intervals import ratio
from ecomtrain.errors import CourseError

law = settings(max_examples=30, deadline=None)
FIRST = pd.Timestamp("2026-01-01")
END = FIRST + pd.Timedelta(days=300)
bought = st.lists(
    st.tuples(st.integers(1, 6), st.integers(0, 299), st.floats(-50, 500)), min_size=1, max_size=30
).map(
    lambda rows: pd.DataFrame(
        {
            "order_id": range(len(rows)),
            "customer_id": [row[0] for row in rows],
            "paid_at": [FIRST + pd.Timedelta(days=row[1]) for row in rows],
            "margin": [row[2] for row in rows],
        }
    )
)


def pooled(curve):
    return curve[curve["cohort"] == "all"].reset_index(drop=True)


def test_months_are_thirty_days_from_the_first_order_of_each_customer():
    day = [FIRST, FIRST + pd.Timedelta(days=30) - pd.Timedelta(seconds=1), FIRST + pd.Timedelta(days=30)]
    orders = pd.DataFrame(
        {"order_id": [1, 2, 3], "customer_id": 7, "paid_at": day, "margin": [10.0, 5.0, 3.0]}
    )
    table = pooled(ltv_curve(orders, end=END, months=3))
    assert table["margin"].tolist() == [15, 3, 0]
    assert table["ltv"].tolist() == [15, 18, 18]


def test_a_month_that_is_not_over_by_the_end_is_unknown():
    orders = pd.DataFrame({"order_id": [1], "customer_id": [7], "paid_at": [FIRST], "margin": [10.0]})
    whole = pooled(ltv_curve(orders, end=FIRST + pd.Timedelta(days=60), months=3))
    assert whole["customers"].tolist() == [1, 1, 0]
    assert whole["ltv"].isna().tolist() == [False, False, True]
    short = pooled(ltv_curve(orders, end=FIRST + pd.Timedelta(days=59), months=3))
    assert short["customers"].tolist() == [1, 0, 0]


def test_a_cohort_ends_where_its_last_customer_does_and_the_pool_goes_on():
    day = pd.to_datetime(["2026-01-01", "2026-01-31"])
    orders = pd.DataFrame({"order_id": [1, 2], "customer_id": [1, 2], "paid_at": day, "margin": [10.0, 20.0]})
    curve = ltv_curve(orders, end="2026-03-10", months=2)
    january = curve[curve["cohort"] == "2026-01"]
    assert january["ltv"].isna().tolist() == [False, True]
    assert pooled(curve)["ltv"].tolist() == [15, 15]
    assert pooled(curve)["customers"].tolist() == [2, 1]


@law
@given(bought)
def test_of_those_followed_throughout_the_curve_is_the_mean_of_what_each_brought(orders):
    table = pooled(ltv_curve(orders, end=END + pd.Timedelta(days=200), months=6)).iloc[-1]
    first = orders.groupby("customer_id")["paid_at"].transform("min")
    early = orders[orders["paid_at"] < first + pd.Timedelta(days=180)]
    each = early.groupby("customer_id")["margin"].sum()
    expected = ratio(each)
    assert table["ltv"] == pytest.approx(expected.value, abs=1e-9)
    if expected.se > 1e-6:
        assert [table["low"], table["high"]] == pytest.approx([expected.low, expected.high], abs=1e-6)


@law
@given(bought)
def test_neither_row_order_nor_repeated_rows_nor_later_orders_change_the_curve(orders):
    options = {"end": FIRST + pd.Timedelta(days=200), "months": 4}
    one = ltv_curve(orders, **options)
    late = orders.assign(order_id=orders["order_id"] + 100, paid_at=FIRST + pd.Timedelta(days=250))
    more = pd.concat([orders, late, orders]).sample(frac=1, random_state=1)
    assert_frame_equal(ltv_curve(more, **options), one)


@law
@given(bought)
def test_without_losses_the_curve_never_falls_and_customers_only_get_fewer(orders):
    curve = ltv_curve(orders.assign(margin=orders["margin"].abs()), end=END, months=8)
    assert (curve.groupby("cohort")["ltv"].diff().dropna() >= -1e-9).all()
    assert (curve.groupby("cohort")["customers"].diff().dropna() <= 0).all()


def test_the_group_is_that_of_the_first_order_and_old_customers_can_be_left_out():
    orders = pd.DataFrame(
        {
            "order_id": [1, 2, 3],
            "customer_id": [1, 1, 2],
            "paid_at": pd.to_datetime(["2026-01-05", "2026-02-20", "2026-03-01"]),
            "channel": ["live", "feed", None],
            "margin": [10.0, 30.0, 5.0],
        }
    )
    curve = ltv_curve(orders, end="2026-06-01", by="channel", months=2)
    whole = curve[curve["cohort"] == "all"].set_index(["channel", "age"])["ltv"]
    assert whole.to_dict() == {("(unknown)", 0): 5, ("(unknown)", 1): 5, ("live", 0): 10, ("live", 1): 40}
    later = ltv_curve(orders, end="2026-06-01", start="2026-02-01", months=2)
    assert set(later["cohort"]) == {"all", "2026-03"}


def test_a_margin_that_is_missing_is_not_taken_for_zero():
    orders = pd.DataFrame({"order_id": [1], "customer_id": [7], "paid_at": [FIRST], "margin": [np.nan]})
    with pytest.raises(CourseError, match="'margin' is missing in 1 paid row"):
        ltv_curve(orders, end=END)


def curve(ltv, low=None, high=None):
    ltv = np.asarray(ltv, dtype=float)
    return pd.DataFrame(
        {"cohort": "all", "age": range(len(ltv)), "customers": 10, "margin": np.diff(ltv, prepend=0.0),
         "ltv": ltv, "low": ltv if low is None else low, "high": ltv if high is None else high}
    )  # fmt: skip


def test_the_first_month_that_reaches_the_cost_pays_it_back_and_none_is_nan():
    months = [payback(curve([30, 45, 52]), cac)["payback_months"].item() for cac in (0, 30, 30.01, 52, 53)]
    assert months[:4] == [1, 1, 2, 3]
    assert np.isnan(months[4])


def test_later_money_counts_less_and_may_never_pay_back():
    row = payback(curve([30, 45, 52]), 50, discount=0.1).iloc[0]
    assert row["payback_months"] == 3
    assert np.isnan(row["discounted_payback_months"])  # 30 + 15/1.1 + 7/1.21 = 49.4
    assert payback(curve([30, 45, 52]), 49.4, discount=0.1)["discounted_payback_months"].item() == 3


def test_the_ends_of_the_interval_pay_back_sooner_and_later():
    row = payback(curve([30, 45, 60], low=[25, 38, 48], high=[35, 52, 72]), 50).iloc[0]
    assert row[["payback_months", "payback_low"]].tolist() == [3, 2]
    assert np.isnan(row["payback_high"])
    assert row[["ltv_cac", "low", "high"]].tolist() == [1.2, 0.96, 1.44]


def test_months_beyond_the_ragged_edge_pay_nothing_back():
    row = payback(curve([30, 45, np.nan]), 50).iloc[0]
    assert row["months"] == 2
    assert row["ltv"] == 45
    assert np.isnan(row["payback_months"])


@pytest.mark.parametrize("kind", [dict, pd.Series])
def test_each_group_has_its_own_cost(kind):
    both = pd.concat([curve([30, 45]).assign(channel="a"), curve([10, 20]).assign(channel="b")])
    both = both[["channel", *both.columns.drop("channel")]]
    table = payback(both, kind({"a": 40.0, "b": 20.0})).set_index("channel")
    assert table["payback_months"].tolist() == [2, 2]
    assert table["ltv_cac"].tolist() == pytest.approx([45 / 40, 1])
    with pytest.raises(CourseError, match="no cost for b"):
        payback(both, kind({"a": 40.0}))


@pytest.mark.parametrize(
    ("cac", "words"),
    [(-1, "cac is -1; give 0 or above"), ("much", "cac is a str"), ({"a": 1}, "not split by a column"),
     (np.inf, "cac is inf")],
)  # fmt: skip
def test_what_is_no_cost_gets_a_sentence(cac, words):
    with pytest.raises(CourseError, match=words):
        payback(curve([30]), cac)


@law
@given(st.floats(0, 100), st.floats(0, 0.9), st.floats(0, 0.2))
def test_the_rest_of_a_life_is_the_sum_of_its_months(margin, retention, discount):
    months = np.arange(1, 400)
    expected = (margin * (retention / (1 + discount)) ** months).sum()
    assert residual_value(margin, retention, discount) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(("retention", "discount"), [(1.0, 0.0), (1.2, 0.1), (-0.1, 0.0), (np.nan, 0)])
def test_a_life_without_end_has_no_sum(retention, discount):
    with pytest.raises(CourseError, match="the sum has no end"):
        residual_value(10, retention, discount)


def test_on_the_courses_orders_the_curve_ends_near_what_the_oldest_customers_brought():
    orders = (
        datasets.load("orders", shop="beauty")
        .query("status == 'paid'")
        .assign(margin=lambda f: f["paid_amount"])
    )
    table = pooled(ltv_curve(orders, end="2026-05-01", start="2024-07-01", months=12))
    first = orders.groupby("customer_id")["paid_at"].transform("min")
    year = pd.Timedelta(days=360)
    old = orders[
        (first + year <= pd.Timestamp("2026-05-01", tz="Asia/Shanghai")) & (orders["paid_at"] < first + year)
    ]
    assert table["ltv"].iloc[-1] == pytest.approx(old.groupby("customer_id")["margin"].sum().mean(), rel=0.05)
    assert table["customers"].iloc[-1] == old["customer_id"].nunique()


# --- scope and lag of the cost ---


def test_the_blended_cost_takes_all_costs_over_all_new_customers():
    paid = acquisition_cost([700.0, 720], [10, 11])["cac"].item()
    table = acquisition_cost([700.0, 720], [20, 22], scope="blended", other=[500.0, 520])
    assert paid == pytest.approx(1420 / 21)
    assert table[["spend", "other", "new_customers", "cac"]].iloc[0].tolist() == pytest.approx(
        [1420, 1020, 42, 2440 / 42]
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [({"scope": "blended"}, "pass other="), ({"other": [1.0, 2]}, "Leave other out"),
     ({"scope": "all"}, "scope is 'all'"), ({"lag": 1}, "pass date="), ({"lag": 1.5}, "whole number of days"),
     ({"lag": 40, "date": pd.date_range("2026-06-01", periods=2)}, "no day has new customers 40"),
     ({"lag": 1, "date": pd.date_range("2026-06-01", periods=3)}, "date has 3 value"),
     ({"lag": 1, "date": [pd.Timestamp("2026-06-01"), pd.NaT]}, "date is missing in 1 row"),
     ({"scope": "blended", "other": [1.0]}, "spend has 2 value")],
)  # fmt: skip
def test_a_scope_or_lag_that_does_not_fit_gets_a_sentence(options, words):
    with pytest.raises(CourseError, match=words):
        acquisition_cost([700.0, 720], [10, 11], **options)


def test_with_the_right_lag_a_cost_that_never_changed_is_found_again():
    day = pd.date_range("2026-06-01", periods=60)
    spend = np.where(np.arange(60) < 30, 100.0, 400.0)
    won = np.roll(spend, 7) / 50
    won[:7] = 0
    right = acquisition_cost(spend, won, date=day, lag=7)
    assert right["cac"].item() == pytest.approx(50)
    assert right["n"].item() == 53
    assert acquisition_cost(spend, won, date=day)["cac"].item() > 58


def test_no_lag_with_dates_is_the_cost_without_and_groups_stay_apart():
    day = pd.to_datetime(["2026-06-01", "2026-06-02"] * 2)
    given = ([10.0, 20, 30, 40], [1, 2, 1, 1])
    by = ["a", "a", "b", "b"]
    assert_frame_equal(acquisition_cost(*given, date=day, by=by), acquisition_cost(*given, by=by))
    table = acquisition_cost(*given, date=day, by=by, lag=1)
    assert_series_equal(table["cac"], pd.Series([5.0, 30.0], ["a", "b"], name="cac"))


def test_a_week_may_be_the_unit_of_lagged_days_but_two_units_a_day_may_not():
    day = pd.to_datetime(["2026-06-01", "2026-06-01", "2026-06-02"])
    with pytest.raises(CourseError, match="a day lies in two values of unit"):
        acquisition_cost([1.0, 2, 3], [1, 1, 1], date=day, lag=1, unit=[1, 2, 2])
    table = acquisition_cost([1.0, 2, 3], [1, 1, 4], date=day, lag=1, unit=[1, 1, 1])
    assert table[["spend", "new_customers", "n"]].iloc[0].tolist() == [3, 4, 1]


def test_a_lag_of_some_days_moves_the_cost_of_a_level_year_little():
    ads = datasets.load("ad_spend_daily", shop="beauty")
    ads = ads[ads["format"].isin(["live", "image_text"])]
    versus = {"by": ads["format"], "control": "image_text"}
    now = acquisition_cost(ads["spend"], ads["new_customers"], **versus)
    later = acquisition_cost(ads["spend"], ads["new_customers"], date=ads["date"], lag=7, **versus)
    assert (later["cac"] / now["cac"]).tolist() == pytest.approx([1, 1], abs=0.02)
