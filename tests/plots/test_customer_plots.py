"""Plots of customers where there is little to see: the words stay true."""

import numpy as np
import pandas as pd
import pytest

from ecomtrain import plots
from ecomtrain.analysis import customers, privacy, survival
from ecomtrain.errors import CourseError

ONE = pd.DataFrame(
    {"customer_id": [1], "order_id": [1], "paid_at": pd.to_datetime(["2026-06-03"]), "paid_amount": [9.0]}
)


def drawn(ax):
    """Draw the figure, so that a text that cannot be drawn fails, and return the title."""
    ax.figure.canvas.draw()
    return plots.finding(ax)


def said(ax):
    return [text.get_text() for text in ax.texts]


def test_one_customer_is_a_map_of_one_cell():
    table = customers.rfm(ONE, asof="2026-07-01")
    assert drawn(plots.rfm(table)).endswith("bring 100 % of the money")
    ax = plots.segments(table)
    assert drawn(ax) == "General to win back: 100 % of the customers bring 100 % of the money"


def test_customers_who_paid_nothing_bring_no_share_of_nothing():
    table = customers.rfm(ONE.assign(paid_amount=0.0), asof="2026-07-01")
    for plot in (plots.rfm, plots.segments):
        assert "bring no money" in drawn(plot(table))


def test_where_nobody_scores_best_in_both_the_title_says_so():
    rows = pd.DataFrame(
        {"r": [2, 1], "f": [1, 2], "recency": [3, 9], "frequency": [1, 4], "monetary": [5.0, 7]}
    )
    assert drawn(plots.rfm(rows)) == "No customer scores best in both recency and frequency"


def test_a_score_is_named_by_the_values_it_was_given_for():
    rows = pd.DataFrame(
        {"r": [1, 1], "f": [1, 2], "recency": [3, 9], "frequency": [1, 4], "monetary": [5.0, 7]}
    )
    ax = plots.rfm(rows)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1: 1 order", "2: 4 orders"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["1: 3-9 days"]


def test_a_tier_that_nobody_was_in_is_an_empty_row():
    before = pd.DataFrame({"customer_id": [1, 2], "tier": ["basic", "basic"]})
    moved = customers.migration(before, before, order=["basic", "gold"])
    title = drawn(plots.tier_migration(moved))
    assert title.startswith("Of 2 members 0 % moved up (0-66 %), 0 % moved down")
    nobody = customers.migration(before[:0], before, order=["basic", "gold"])
    with pytest.raises(CourseError, match="nobody had a tier before"):
        plots.tier_migration(nobody)


def test_active_customers_who_are_never_lost_have_no_time_until_lost():
    day = pd.date_range("2026-01-01", periods=20, freq="9D")
    orders = pd.DataFrame({"customer_id": np.repeat([1, 2], 20), "paid_at": [*day, *day]})
    result = customers.state_transitions(orders, start="2026-02-01", end="2026-06-01")
    assert drawn(plots.state_moves(result)) == "No active customer was seen to be lost"
    assert "100 % of 2 customers" in drawn(plots.state_shares(result))


def test_a_single_cohort_that_is_not_a_period_old_says_so():
    table = customers.cohorts(ONE, end="2026-07-01")
    assert drawn(plots.cohorts(table)) == "No cohort has reached its second month yet"
    assert drawn(plots.cohorts(customers.cohorts(ONE, freq="W", end="2026-06-08"), period="week")).endswith(
        "week yet"
    )


def test_a_period_that_is_not_over_is_in_brackets_and_left_out_of_the_title():
    day = pd.to_datetime(["2026-04-01", "2026-05-01", "2026-05-02", "2026-06-02"])
    orders = pd.DataFrame({"customer_id": [1, 1, 2, 2], "paid_at": day})
    ax = plots.cohorts(customers.cohorts(orders, end="2026-06-10"))
    assert said(ax) == ["100", "100", "(0.0)", "100", "(100)"]
    assert drawn(ax) == "Of new customers 100 % (21-100 %) buy again one month later"


def test_the_latest_cohorts_are_shown():
    day = pd.date_range("2024-01-15", periods=24, freq="MS")
    table = customers.cohorts(pd.DataFrame({"customer_id": range(24), "paid_at": day}))
    names = [label.get_text() for label in plots.cohorts(table, most=4).get_yticklabels()]
    assert names == ["2025-10 (1)", "2025-11 (1)", "2025-12 (1)", "2026-01 (1)"]
    with pytest.raises(CourseError, match="most is 1"):
        plots.cohorts(table, most=1)


def test_groups_of_nobody_have_nobody_to_come_back():
    table = pd.DataFrame(
        {"customers": [0], "retained": [0], "retention": [np.nan], "low": [np.nan], "high": [np.nan]}, ["all"]
    )
    assert drawn(plots.retention(table)) == "Nobody to come back"


def test_intervals_that_are_apart_are_called_so():
    table = pd.DataFrame(
        {"buyers": 900, "repeat_buyers": [90, 400], "repurchase_rate": [0.1, 0.44], "low": [0.08, 0.41],
         "high": [0.12, 0.48]}, ["live", "feed"],
    )  # fmt: skip
    assert drawn(plots.retention(table)).endswith("the intervals are apart")


def test_a_mark_beyond_the_last_look_is_not_read_off_and_no_difference_is_not_sold_as_one():
    curve = survival.kaplan_meier([5, 8, 6, 9], [True, True, True, False], group=["a", "a", "b", "b"])
    test = survival.log_rank([5, 8, 6, 9], [True, True, True, False], ["a", "a", "b", "b"], control="a")
    title = drawn(plots.repurchase_curve(curve, test, mark=30))
    assert title.startswith("Nobody was followed for 30 days; b at ")
    assert title.endswith("no difference shown")
    none = survival.log_rank([5, 8], [False, False], ["a", "b"], control="a")
    assert drawn(plots.repurchase_curve(curve, none, mark=30)).endswith("too few came back to compare")


def test_a_comparison_tells_how_many_times_the_rate():
    days, group = [*range(1, 41), *range(2, 82, 2)], ["gift"] * 40 + ["control"] * 40
    test = survival.log_rank(days, [True] * 80, group, control="control")
    curve = survival.kaplan_meier(days, [True] * 80, group=group)
    title = drawn(plots.repurchase_curve(curve, test, mark=20))
    assert title == (
        "Ordered again by day 20: control 25 % (14-41 %) and gift 50 % (36-66 %); "
        "gift at 4.1 (2.3-7.2) times the rate"
    )


def test_visits_of_a_week_do_not_fill_a_month():
    events = pd.DataFrame({"visitor_id": [1, 2], "ts": pd.to_datetime(["2026-06-01", "2026-06-07"])})
    assert drawn(plots.stickiness(customers.stickiness(events))) == "The visits do not fill a month yet"


def test_everyone_who_hides_is_said_without_a_share():
    people = pd.DataFrame({"city": "杭州", "bought": ["serum", "mask", "cream"]})
    title = drawn(plots.l_diversity(privacy.l_diversity(people, ["city"], "bought")))
    assert title.startswith("Everyone hides among at least 3 different secrets")
