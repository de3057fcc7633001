"""The week's rhythm, bridges that close to the last cent, and searches that grow."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy.stats import false_discovery_control

from ecomtrain.analysis import metrics, sales
from ecomtrain.errors import CourseError

MAY, JUNE = ("2026-05-01", "2026-06-01"), ("2026-06-01", "2026-07-01")

# Day of the week


def weeks(counts, start="2026-06-01"):
    """One order a row: counts[i] orders on the i-th day."""
    day = pd.date_range(start, periods=len(counts), tz="Asia/Shanghai").repeat(counts)
    return pd.DataFrame({"order_id": range(len(day)), "paid_at": day, "paid_amount": 10.0})


def test_the_index_is_each_day_over_the_mean_of_its_own_week():
    table = sales.day_of_week_index(weeks([1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 9]))
    assert list(table.index) == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    assert table["index"].tolist() == pytest.approx([(1 + 2 / 3) / 2] * 6 + [(1 + 3) / 2])
    assert table["index"].mean() == pytest.approx(1)
    # Two weeks: sd / sqrt(2) times t with one degree of freedom.
    half = np.std([1, 3], ddof=1) / np.sqrt(2) * 12.706204736
    assert table.loc["Sun", ["low", "high"]].tolist() == pytest.approx([2 - half, 2 + half])
    assert (table["weeks"] == 2).all()


def test_a_growing_shop_has_no_weekend_effect_of_its_own():
    # Sales double every week; only the comparison within the week is fair.
    table = sales.day_of_week_index(weeks([2 * 2**w for w in range(6) for _ in range(7)]))
    assert table["index"].tolist() == pytest.approx([1] * 7)


def test_broken_weeks_and_the_weeks_of_promotions_are_left_out():
    counts = [5, 5, *[1] * 7, *[4, 4, 4, 4, 4, 90, 4], *[1] * 7, 7]  # begins on a Saturday
    orders = weeks(counts, start="2026-05-30")
    calendar = pd.DataFrame(
        {
            "date": pd.to_datetime(["2026-06-10", "2026-06-13"]),
            "promotion": pd.array([None, "618"], dtype="str"),
        }
    )
    clean = sales.day_of_week_index(orders, leave_out=calendar)
    assert clean["index"].tolist() == [1] * 7
    assert clean["weeks"].unique().tolist() == [2]
    assert_frame_equal(sales.day_of_week_index(orders, leave_out=["2026-06-13"]), clean)
    assert sales.day_of_week_index(orders).loc["Sat", "index"] > 2


def test_a_day_without_a_sale_counts_as_zero_and_a_week_without_one_not_at_all():
    table = sales.day_of_week_index(weeks([7, 0, 0, 0, 0, 0, 0, *[0] * 7, *[1] * 7]))
    assert table["weeks"].unique().tolist() == [2]
    assert table["index"].tolist() == [4, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]


def test_midnight_is_that_of_shanghai_whatever_the_clock_of_the_column():
    orders = weeks([1, 1, 1, 1, 1, 3, 3] * 3)
    utc = orders.assign(paid_at=orders["paid_at"].dt.tz_convert("UTC"))
    naive = orders.assign(paid_at=orders["paid_at"].dt.tz_localize(None))
    expected = sales.day_of_week_index(orders)
    assert_frame_equal(sales.day_of_week_index(utc), expected)
    assert_frame_equal(sales.day_of_week_index(naive), expected)


def test_money_and_orders_are_two_indices_and_a_repeated_order_counts_once():
    orders = weeks([2] * 14)
    orders.loc[orders["paid_at"].dt.day_of_week == 6, "paid_amount"] = 20.0
    twice = pd.concat([orders, orders])
    assert sales.day_of_week_index(twice)["index"].tolist() == pytest.approx([1] * 7)
    money = sales.day_of_week_index(twice, value="paid_amount", by="weekend")
    assert money["index"].tolist() == pytest.approx([7 / 8, 7 / 8 * 1.5])


def test_fewer_than_two_weeks_have_no_interval_and_none_no_index():
    one = sales.day_of_week_index(weeks([1] * 7))
    assert one["index"].tolist() == [1] * 7
    assert one[["low", "high"]].isna().all(axis=None)
    none = sales.day_of_week_index(weeks([1] * 5))
    assert none["index"].isna().all()
    assert (none["weeks"] == 0).all()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"time": "payed_at"}, "column 'payed_at' is not in the frame.*Did you mean 'paid_at'"),
        ({"time": "order_id"}, "not times"),
        ({"value": "paid_at"}, "not numbers"),
        ({"by": "month"}, "give 'day' or 'weekend'"),
        ({"leave_out": ["the festival"]}, "'the festival' is not a date"),
        ({"leave_out": pd.DataFrame({"day": []})}, "column 'date' is not in the frame"),
        ({"level": 95}, "level is 95"),
    ],
)
def test_a_bad_day_of_week_call_gets_a_clear_sentence(options, says):
    with pytest.raises(CourseError, match=says):
        sales.day_of_week_index(weeks([1] * 7), **options)


# Bridges

factor = st.one_of(st.just(0.0), st.floats(1e-6, 1e6))
sides = st.integers(1, 5).flatmap(
    lambda n: st.tuples(st.lists(factor, min_size=n, max_size=n), st.lists(factor, min_size=n, max_size=n))
)


@settings(max_examples=300, deadline=None)
@given(sides)
def test_the_effects_add_up_to_the_change_and_do_not_depend_on_the_order(both):
    before, after = ({str(i): x for i, x in enumerate(side)} for side in both)
    table = sales.bridge(before, after)
    total = table.loc["total"]
    scale = max(total["before"], total["after"], 1e-300)
    assert total["before"] == pytest.approx(np.prod(both[0]))
    assert total["effect"] == total["after"] - total["before"]
    assert abs(table["effect"].iloc[:-1].sum() - total["effect"]) <= 1e-9 * scale
    turned = sales.bridge(dict(reversed(before.items())), after)
    assert turned.loc[table.index, "effect"].tolist() == pytest.approx(
        table["effect"].tolist(), abs=1e-9 * scale
    )
    back = sales.bridge(after, before)
    assert back["effect"].tolist() == pytest.approx((-table["effect"]).tolist(), rel=1e-9, abs=1e-9 * scale)


def test_the_log_mean_bridge_by_hand():
    # V: 6 -> 24; L = 18 / ln 4, effects L ln 2 each.
    table = sales.bridge({"a": 2, "b": 3}, {"a": 4, "b": 6}, total="paid")
    assert table["effect"].tolist() == pytest.approx([9, 9, 18])
    assert list(table.index) == ["a", "b", "paid"]


def test_a_factor_that_did_not_change_has_no_effect_and_nor_has_anything_when_nothing_changed():
    table = sales.bridge({"a": 2, "b": 3}, {"a": 2, "b": 5})
    assert table["effect"].tolist() == [0, pytest.approx(4), 4]
    same = sales.bridge({"a": 2, "b": 3}, {"a": 2, "b": 3})
    assert same["effect"].tolist() == [0, 0, 0]
    swapped = sales.bridge({"a": 2, "b": 3}, {"a": 3, "b": 2})
    assert swapped["effect"].tolist() == pytest.approx([6 * np.log(1.5), -6 * np.log(1.5), 0])


@pytest.mark.parametrize(
    ("before", "after", "effects"),
    [
        ((2, 3), (0, 3), [-6, 0]),
        ((2, 3), (0, 0), [-3, -3]),
        ((0, 3), (2, 5), [10, 0]),
        ((0, 3), (2, 0), [0, 0]),
        ((0, 0), (0, 0), [0, 0]),
    ],
)
def test_zeros_are_taken_at_their_limit(before, after, effects):
    one, other = (dict(zip("ab", side, strict=True)) for side in (before, after))
    assert sales.bridge(one, other)["effect"].tolist()[:2] == effects


def test_the_zero_limit_is_what_a_tiny_number_approaches():
    tiny = sales.bridge({"a": 2, "b": 3, "c": 4}, {"a": 1e-200, "b": 9, "c": 1e-100})
    assert tiny["effect"].iloc[1] == pytest.approx(0, abs=0.1)
    exact = sales.bridge({"a": 2, "b": 3, "c": 4}, {"a": 0, "b": 9, "c": 0})
    assert exact["effect"].tolist() == [-12, 0, -12, -24]


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ({"a": 1}, {"b": 1}, "after lacks the factor 'a'"),
        ({}, {}, "before has no factors"),
        ({"a": -1}, {"a": 1}, "the factor 'a' is -1 before and 1 after; both must be 0 or above"),
        ({"a": 1}, {"a": float("nan")}, "'a' is 1 before and nan after"),
    ],
)
def test_a_bridge_without_piers_gets_a_clear_sentence(before, after, says):
    with pytest.raises(CourseError, match=says):
        sales.bridge(before, after)


def test_the_tree_explains_the_paid_amount_with_the_metrics_own_figures(tables):
    tree = sales.gmv_tree(tables, before=MAY, after=JUNE)
    for name, metric in {
        "visitors": "U1",
        "conversion_rate": "T3",
        "value_per_buyer": "T5",
        "paid_amount": "T2",
    }.items():
        for side, window in (("before", MAY), ("after", JUNE)):
            assert tree.loc[name, side] == pytest.approx(metrics.value(tables, metric, *window))
    assert tree["effect"].iloc[:-1].sum() == pytest.approx(60, abs=1e-9)
    fine = sales.gmv_tree(tables, before=MAY, after=JUNE, detail=True)
    parts = ["orders_per_buyer", "units_per_order", "amount_per_unit"]
    assert fine.loc[parts, "after"].prod() == pytest.approx(130)
    assert fine.loc[parts, "effect"].sum() == pytest.approx(tree.loc["value_per_buyer", "effect"])
    assert fine.loc["paid_amount", "effect"] == 60


def test_a_side_without_buyers_charges_the_fall_to_conversion(tables):
    tables["orders"] = tables["orders"].query("order_id in (5, 7, 6)")
    tree = sales.gmv_tree(tables, before=MAY, after=JUNE)
    assert tree.loc["conversion_rate", "effect"] == pytest.approx(-200)
    assert tree.loc["paid_amount", "after"] == 0
    assert tree.loc["value_per_buyer", "effect"] == 0


def test_a_tree_over_a_window_without_records_gets_a_clear_sentence(tables):
    with pytest.raises(CourseError, match=r"table 'sessions' has no started_at around .* Choose a window"):
        sales.gmv_tree(tables, before=("2025-05-01", "2025-06-01"), after=JUNE)


# Margin


def lines(*rows):
    return pd.DataFrame(rows, columns=["product_id", "quantity", "amount", "unit_cost"])


def test_the_margin_bridge_by_hand():
    before = lines(("a", 10, 100.0, 7.0), ("b", 10, 200.0, 12.0))
    after = lines(("a", 20, 220.0, 8.0), ("b", 10, 210.0, 12.0))
    table = sales.margin_bridge(before, after)
    # Volume: 20 -> 30 units of the old mix. Mix: 5 units move from b (8 a unit) to a (3 a unit).
    assert table["effect"].tolist() == pytest.approx([55, -25, 30, -20, 40])
    assert table.loc["volume", ["before", "after"]].tolist() == [20, 30]
    assert table.loc["mix", ["before", "after"]].tolist() == pytest.approx([5.5, 140 / 30])
    assert table.loc["price", ["before", "after"]].tolist() == pytest.approx([400 / 30, 430 / 30])
    assert table.loc["cost", ["before", "after"]].tolist() == pytest.approx([260 / 30, 280 / 30])
    assert table.loc["total", ["before", "after"]].tolist() == [110, 150]
    rates = [110 / 300, 140 / 400, 170 / 430, 150 / 430]
    assert table["rate_effect"].tolist() == pytest.approx([0, *np.diff(rates), rates[-1] - rates[0]])


def test_a_new_product_and_a_dropped_one_are_mix():
    table = sales.margin_bridge(lines(("a", 10, 100.0, 7.0)), lines(("b", 10, 150.0, 7.0)))
    assert table["effect"].tolist() == pytest.approx([0, 50, 0, 0, 50])


def yuan(most):
    """Money comes in cents."""
    return st.integers(0, most * 100).map(lambda cents: cents / 100)


part = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 50), yuan(10_000), yuan(500)), max_size=12)


@settings(max_examples=60, deadline=None)
@given(part, part)
def test_the_margin_bridge_closes(one, other):
    before, after = lines(*one), lines(*other)
    for frame in (before, after):
        frame.loc[frame["quantity"] == 0, "amount"] = 0.0
    before, after = (
        frame.astype({"quantity": "int64", "amount": float, "unit_cost": float}) for frame in (before, after)
    )
    table = sales.margin_bridge(before, after)
    gross = [(f["amount"] - f["quantity"] * f["unit_cost"]).sum() for f in (before, after)]
    assert table.loc["total", ["before", "after"]].tolist() == pytest.approx(gross, abs=1e-6)
    if before["quantity"].sum():
        scale = (
            before["amount"].sum()
            + after["amount"].sum()
            + (after["quantity"] * after["unit_cost"]).sum()
            + 1
        )
        assert abs(table["effect"].iloc[:4].sum() - table.loc["total", "effect"]) <= 1e-9 * scale * 50
    assert not np.isinf(table).any(axis=None)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda f: f.drop(columns="amount"), "column 'amount' is not in the frame"),
        (lambda f: f.assign(quantity=-1), "'quantity' is negative in 1 row"),
        (lambda f: f.assign(unit_cost="x"), "not numbers"),
        (lambda f: pd.concat([f, f]).assign(currency=["CNY", "USD"]), "values of 'currency'"),
    ],
)
def test_bad_lines_get_a_clear_sentence(change, says):
    good = lines(("a", 1, 2.0, 1.0))
    with pytest.raises(CourseError, match=says):
        sales.margin_bridge(good, change(good))


# Searches


def counts(terms=400, growth=0.06, spread=0.06, weekday=0.05, seed=0):
    """Daily searches that scatter more than Poisson, with a season, over 13 months."""
    rng = np.random.default_rng(seed)
    day = pd.date_range("2025-05-01", "2026-06-30")
    season = 400 * np.exp(0.4 * np.cos(2 * np.pi * (day.day_of_year - 200) / 365))
    season = season * (1 + weekday * (day.day_of_week >= 5))
    mean = np.outer(season * (1 + growth) ** (day.year - 2025), np.ones(terms))
    # The planted growth is that of the whole month: give June of both years the same shape.
    june = [np.flatnonzero((day.year == y) & (day.month == 6)) for y in (2025, 2026)]
    mean[june[1]] = mean[june[0]] * (1 + growth)
    count = rng.poisson(mean * rng.gamma(1 / spread**2, spread**2, mean.shape))
    return pd.DataFrame(
        {
            "date": day.repeat(terms),
            "term": np.tile([f"t{i:03d}" for i in range(terms)], len(day)),
            "searches": count.ravel(),
        }
    )


def test_growth_by_hand_of_month_and_year():
    day = pd.to_datetime(["2025-06-01", "2025-06-30", "2026-05-10", "2026-06-10", "2026-06-30"])
    frame = pd.DataFrame({"date": day, "term": "dress", "searches": [100, 100, 150, 200, 12]})
    row = sales.search_growth(frame, month="2026-06").loc["dress"]
    assert row[["searches", "previous_month", "last_year"]].tolist() == [212, 150, 200]
    assert row["month_on_month"] == pytest.approx(212 / 150 - 1)
    assert row["year_on_year"] == pytest.approx(0.06)
    assert row["year_on_year_low"] < 0.06 < row["year_on_year_high"]


def test_the_interval_holds_the_growth_where_counting_as_poisson_would_not():
    table = sales.search_growth(counts(spread=0.15), month="2026-06")
    held = (table["year_on_year_low"] <= 0.06) & (table["year_on_year_high"] >= 0.06)
    assert 0.93 <= held.mean() <= 0.995
    reach = 1.96 * np.sqrt(1 / table["searches"] + 1 / table["last_year"])
    poisson = np.abs(np.log1p(table["year_on_year"]) - np.log(1.06)) < reach
    assert poisson.mean() < 0.7
    assert table["dispersion"].median() > 3


def test_terms_that_did_not_grow_are_called_growing_no_oftener_than_q_allows():
    table = sales.search_growth(counts(growth=0.0), month="2026-06")
    assert (table["p"] < 0.05).mean() <= 0.06
    assert (table["q"] < 0.05).sum() <= 2
    assert table["q"].to_numpy() == pytest.approx(false_discovery_control(table["p"]))


def test_the_season_makes_month_on_month_grow_without_any_growth():
    table = sales.search_growth(counts(growth=0.0, terms=20), month="2026-06")
    assert (table["month_on_month_low"] > 0).all()
    assert ((table["year_on_year_low"] < 0) & (table["year_on_year_high"] > 0)).mean() > 0.8


def test_small_terms_and_uncovered_years_have_counts_but_no_growth():
    frame = counts(terms=1)
    small = frame.assign(term="rare", searches=1)
    table = sales.search_growth(pd.concat([frame, small]), month="2026-06")
    assert table.loc["rare", "searches"] == 30
    assert table.loc["rare", "month_on_month":"year_on_year_high"].isna().all()
    assert table["q"].notna().tolist() == [True, False]
    young = sales.search_growth(frame[frame["date"] >= "2026-05-01"], month="2026-06").iloc[0]
    assert young[["last_year", "year_on_year", "p", "q"]].isna().all()
    assert young["month_on_month_low"] < young["month_on_month"] < young["month_on_month_high"]


def test_a_term_that_nobody_searched_last_year_has_no_yearly_growth():
    frame = counts(terms=2)
    new = (frame["term"] == "t001") & (frame["date"] < "2026-05-01")
    row = sales.search_growth(frame[~new], month="2026-06").loc["t001"]
    assert row["last_year"] == 0
    assert np.isnan(row["year_on_year"])
    assert row["month_on_month"] > 0


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**16))
def test_searches_in_any_order_give_the_same_table(seed):
    frame = counts(terms=3)
    mixed = frame.sample(frac=1, random_state=seed)
    assert_frame_equal(
        sales.search_growth(mixed, month="2026-06"), sales.search_growth(frame, month="2026-06")
    )


@pytest.mark.parametrize(
    ("change", "month", "says"),
    [
        (
            lambda f: f,
            "2026-07",
            "month 2026-07 is not complete: searches runs from 2025-05-01 to 2026-06-30",
        ),
        (lambda f: f.iloc[:0], "2026-06", "searches is empty"),
        (lambda f: f, "June", "month='June' is not a month"),
        (lambda f: f.assign(searches=-1), "2026-06", "'searches' is negative"),
        (lambda f: f.assign(searches="many"), "2026-06", "not numbers"),
        (lambda f: f.rename(columns={"term": "word"}), "2026-06", "column 'term' is not in the frame"),
    ],
)
def test_bad_searches_get_a_clear_sentence(change, month, says):
    with pytest.raises(CourseError, match=says):
        sales.search_growth(change(counts(terms=1)), month=month)
