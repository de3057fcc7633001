"""The 20 metrics against a shop counted by hand, and the laws that hold for every shop."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ecomtrain.analysis import intervals, inventory, metrics
from ecomtrain.errors import CourseError

JUNE = ("2026-06-01", "2026-07-01")
MAY = ("2026-05-01", "2026-06-01")
ALL = [*metrics.METRICS, *metrics.COMPANIONS]

# Average stock of June at cost: (opening of the first day + 30 closings) / 31, over p1, p2, p3, p5.
AVERAGE = (355 * 30 + 441 * 12 + 125 * 2 + 248 * 1) / 31
COGS = 2 * 30 + 1 * 2 + 7 * 12
GOLD = {
    "U1": (4, None),
    "U2": (13, None),
    "U3": (1, 6),
    "U4": (10 + 20 + 30 + 12 + 5 + 30 + 900, 7),
    "U5": (3, 4),
    "U6": (3, 4),
    "U7": (1, 2),
    "T1": (110 + 60 + 90 + 200 + 40, None),
    "T2": (260, None),
    "T3": (2, 4),
    "T4": (2, 3),
    "T5": (260, 2),
    "T6": (10, 3),
    "T7": (100, 260),
    "P1": (10, 10 + 5 + 20 + 5 + 8),
    "P2": (3, 4),
    "P3": (COGS * 365 / 30, AVERAGE),
    "P4": (240 - COGS, 240),
    "P5": (1, 4),
    "P6": (140, 240),
    "depth": (13, 6),
    "aov": (260, 3),
    "refund_orders": (1, 2),
    "sell_through_received": (10, 5),
    "days_of_supply": (13 * 30 + 13 * 12 + 4 * 2 + 8, COGS / 30),
    "gmroi": ((240 - COGS) * 365 / 30, AVERAGE),
    "hit_share": (140, 240),
}


def row(table, metric):
    return table.loc[metric]


@pytest.mark.parametrize("metric", ALL)
def test_each_metric_of_june_is_what_counting_by_hand_gives(tables, metric):
    top, base = GOLD[metric]
    found = metrics.kpi20(tables, *JUNE, metrics=[metric]).iloc[0]
    assert found["numerator"] == pytest.approx(top)
    assert found["denominator"] == pytest.approx(base) if base else np.isnan(found["denominator"])
    assert found["value"] == pytest.approx(top / base if base else top)
    assert metrics.value(tables, metric, *JUNE) == found["value"]


def test_the_twenty_are_seven_of_users_seven_of_transactions_six_of_products(tables):
    table = metrics.kpi20(tables, *JUNE)
    names = [f"{letter}{n}" for letter, last in (("U", 7), ("T", 7), ("P", 6)) for n in range(1, last + 1)]
    assert list(metrics.METRICS) == names
    assert list(table.index) == [*names, "aov"]
    assert table["dimension"].value_counts().to_dict() == {"user": 7, "transaction": 8, "product": 6}


def test_every_metric_says_what_it_is_and_what_its_interval_rests_on():
    table = metrics.catalogue()
    assert list(table.index) == ALL
    assert (table.drop(columns="note").map(len) > 0).all(axis=None)
    assert (table["note"].str.len() > 0).all()
    assert set(table["interval"]) <= {
        "none",
        "Wilson",
        "delta, by visitor",
        "delta, by buyer",
        "delta, by product",
    }


def test_where_a_metric_has_no_interval_it_says_none_and_gives_none(tables):
    table = metrics.kpi20(tables, *JUNE, metrics=ALL)
    none = table["interval"] == "none"
    assert table.loc[none, ["low", "high"]].isna().all(axis=None)
    held = table[~none & table["low"].notna()]
    assert ((held["low"] <= held["value"]) & (held["value"] <= held["high"])).all()
    assert {"U5", "U6", "U7", "T3", "T4", "P2"} <= set(held.index)


def test_shares_of_people_have_wilson_intervals(tables):
    found = metrics.kpi20(tables, *JUNE, metrics=["U6"], level=0.9).iloc[0]
    assert (found["low"], found["high"]) == pytest.approx(intervals.wilson(3, 4, 0.9))


def test_ratios_have_delta_intervals_with_people_as_units(tables):
    found = metrics.kpi20(tables, *JUNE, metrics=["aov", "depth"])
    aov = intervals.ratio([110 + 60, 90], [2, 1])
    assert (found.loc["aov", "low"], found.loc["aov", "high"]) == pytest.approx((aov.low, aov.high))
    depth = intervals.ratio([4 + 2, 1, 2, 2 + 2], [2, 1, 1, 2])
    assert (found.loc["depth", "low"], found.loc["depth", "high"]) == pytest.approx((depth.low, depth.high))


def test_turnover_is_that_of_the_inventory_module(tables):
    june = tables["inventory_daily"].query("'2026-06-01' <= date < '2026-07-01'")
    row = inventory.turnover(june, tables["products"]).loc["all"]
    assert metrics.value(tables, "P3", *JUNE) == pytest.approx(row["turnover"])
    assert metrics.value(tables, "days_of_supply", *JUNE) == pytest.approx(row["days_of_supply"])


def test_the_comparison_gives_the_difference_and_the_relative_change(tables):
    table = metrics.kpi20(tables, *JUNE, compare=MAY, metrics=["T2", "U7", "U1"])
    assert table["previous"].tolist() == [200, 0, 1]
    assert table["change"].tolist() == [60, 0.5, 3]
    assert table["relative_change"].tolist()[::2] == [pytest.approx(0.3), 3]
    assert np.isnan(table.loc["U7", "relative_change"])


def test_a_window_that_a_table_does_not_reach_is_unknown_not_zero(tables):
    table = metrics.kpi20(tables, "2020-01-01", "2020-02-01", metrics=ALL)
    assert table["value"].isna().all()
    # Before the click log began the orders still count.
    early = metrics.kpi20(tables, "2026-05-04", "2026-05-10", metrics=["U1", "T2", "T3"])
    assert early["value"].isna().tolist() == [True, False, True]


def test_a_month_without_a_refund_has_refund_rate_zero_even_before_the_first_refund(tables):
    assert metrics.value(tables, "T7", "2026-05-01", "2026-05-10") == 0


def test_nothing_after_the_end_changes_a_figure(tables):
    end = pd.Timestamp("2026-07-01", tz="Asia/Shanghai")
    cut = dict(tables)
    for name, time in {"sessions": "started_at", "orders": "ordered_at", "returns": "returned_at"}.items():
        cut[name] = tables[name][tables[name][time] < end]
    cut["orders"] = cut["orders"].assign(
        paid_at=cut["orders"]["paid_at"].where(cut["orders"]["paid_at"] < end)
    )
    cut["inventory_daily"] = tables["inventory_daily"].query("date < '2026-07-01'")
    assert_frame_equal(metrics.kpi20(cut, *JUNE, metrics=ALL), metrics.kpi20(tables, *JUNE, metrics=ALL))


def test_days_of_supply_without_a_sale_are_nan_and_so_is_conversion_without_a_visit(tables):
    quiet = tables | {"inventory_daily": tables["inventory_daily"].assign(sold=0)}
    assert np.isnan(metrics.value(quiet, "days_of_supply", *JUNE))
    assert metrics.value(quiet, "P3", *JUNE) == 0
    assert np.isnan(metrics.value(tables, "U3", "2026-06-20", "2026-06-25"))
    assert metrics.value(tables, "U1", "2026-06-20", "2026-06-25") == 0


def test_the_last_page_of_a_session_is_left_out_of_dwell_not_counted_as_zero(tables):
    only = tables["events"].query("session_id == 2")
    one = tables | {"events": only, "sessions": tables["sessions"].query("session_id == 2")}
    assert metrics.value(one, "U4", *JUNE) == 12
    bounce = tables | {"sessions": tables["sessions"].query("session_id == 3")}
    assert np.isnan(metrics.value(bounce, "U4", *JUNE))


def test_visitors_do_not_add_up_over_days(tables):
    days = pd.date_range("2026-06-01", "2026-07-01")
    daily = [metrics.value(tables, "U1", a, b) for a, b in pairwise(days)]
    assert sum(daily) == 6 > metrics.value(tables, "U1", *JUNE)


def test_guests_are_buyers_of_their_own_but_can_not_be_seen_to_return(tables):
    guests = tables["orders"].astype({"customer_id": "Int64"})
    guests.loc[guests["order_id"].isin([1, 2]), "customer_id"] = pd.NA
    tables["orders"] = guests
    assert metrics.value(tables, "T5", *JUNE) == pytest.approx(260 / 3)
    table = metrics.kpi20(tables, *JUNE, metrics=["U7"])
    assert table.loc["U7", ["numerator", "denominator"]].tolist() == [0, 1]


def test_more_buyers_than_visitors_leave_no_interval(tables):
    tables["sessions"] = tables["sessions"].query("visitor_id == 103")
    found = metrics.kpi20(tables, *JUNE, metrics=["T3"]).iloc[0]
    assert found["value"] == 2
    assert np.isnan(found["low"])


def test_a_refund_of_an_order_that_the_table_lacks_still_counts(tables):
    tables["orders"] = tables["orders"].query("order_id != 5")
    assert metrics.value(tables, "T7", *JUNE) == pytest.approx(100 / 260)


def test_a_missing_amount_makes_the_total_unknown_not_smaller(tables):
    tables["orders"].loc[0, "paid_amount"] = np.nan
    assert np.isnan(metrics.value(tables, "T2", *JUNE))
    assert np.isnan(metrics.value(tables, "T5", *JUNE))


def test_a_late_evening_in_utc_is_the_next_day_in_the_shop(tables):
    utc = {
        name: frame.assign(**{c: frame[c].dt.tz_convert("UTC") for c in frame.select_dtypes("datetimetz")})
        for name, frame in tables.items()
    }
    assert_frame_equal(metrics.kpi20(utc, *JUNE, metrics=ALL), metrics.kpi20(tables, *JUNE, metrics=ALL))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda t: t.pop("events"), "table 'events' is not in tables; it has"),
        (
            lambda t: t.update(orders=t["orders"].drop(columns="paid_at")),
            "column 'paid_at' is not in the frame",
        ),
        (lambda t: t.update(orders=t["orders"].assign(paid_at="yesterday")), "not times"),
        (lambda t: t.update(orders=t["orders"].assign(paid_amount="60")), "not numbers"),
        (
            lambda t: t.update(
                orders=t["orders"].assign(paid_at=t["orders"]["paid_at"].dt.tz_localize(None))
            ),
            "none",
        ),
        (lambda t: t.update(orders=t["orders"].assign(shop="coffee")), r"hold 2 shops \(coffee, tea\)"),
        (lambda t: t.update(orders=t["orders"].assign(currency=["CNY"] * 6 + ["USD"])), "'currency'"),
        (lambda t: t.update(order_lines=t["order_lines"].assign(quantity=-1)), "negative"),
        (lambda t: t.update(order_lines=t["order_lines"].astype({"order_id": "str"})), "text"),
        (lambda t: t.update(orders=t["orders"].assign(customer_id=2.0**60)), "last digits"),
    ],
)
def test_bad_tables_get_a_clear_sentence(tables, change, says):
    change(tables)
    with pytest.raises(CourseError, match=says):
        metrics.kpi20(tables, *JUNE)


def test_a_bad_window_or_metric_gets_a_clear_sentence(tables):
    with pytest.raises(CourseError, match="empty; its end must come after its start"):
        metrics.kpi20(tables, "2026-06-01", "2026-06-01")
    with pytest.raises(CourseError, match="'soon' is not a date"):
        metrics.value(tables, "U1", "soon", "2026-06-01")
    with pytest.raises(CourseError, match="there is no metric 'U8'"):
        metrics.kpi20(tables, *JUNE, metrics=["U8"])
    with pytest.raises(CourseError, match="a DataFrame was given"):
        metrics.value(tables["orders"], "T2", *JUNE)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**16), copies=st.integers(1, 2))
def test_neither_row_order_nor_repeated_rows_change_a_figure(tables, seed, copies):
    mixed = {
        name: pd.concat([frame] * copies).sample(frac=1, random_state=seed) for name, frame in tables.items()
    }
    expected = metrics.kpi20(tables, *JUNE, metrics=ALL)
    assert_frame_equal(metrics.kpi20(mixed, *JUNE, metrics=ALL), expected, rtol=1e-12)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(day=st.integers(1, 27), length=st.integers(1, 3))
def test_shares_stay_between_0_and_1_in_any_window(tables, day, length):
    start = pd.Timestamp(2026, 6, day)
    table = metrics.kpi20(tables, start, start + pd.Timedelta(days=length), metrics=ALL)
    shares = table.loc[
        ["U3", "U5", "U6", "U7", "T4", "P1", "P2", "P5", "P6", "hit_share"], ["value", "low", "high"]
    ]
    assert (shares.isna() | ((shares >= 0) & (shares <= 1))).all(axis=None)
    values = table["value"]
    assert not np.isinf(table.select_dtypes("number")).any(axis=None)
    if values["U1"] > 0 and values["T2"] > 0:
        assert values["U1"] * values["T3"] * values["T5"] == pytest.approx(values["T2"], rel=1e-12)
    if values["T2"] > 0:
        assert values["aov"] <= values["T5"] + 1e-9
