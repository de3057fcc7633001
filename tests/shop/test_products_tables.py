"""Prices, launches, demand in the market and the rhythm of the stores: laws, and what is planted is found."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from ecomtrain import shop
from ecomtrain.analysis import selection, survival
from ecomtrain.errors import CourseError
from ecomtrain.shop.profiles import profiles
from ecomtrain.shop.schema import conform, schema
from ecomtrain.shop.truth import Truth

TABLES = ("prices", "launches", "keywords_monthly", "clearance_weekly")
FIRST, LAST = pd.Timestamp("2024-07-01"), pd.Timestamp("2026-06-30")


@cache
def made(name, seed=3, scale=0.02, **planted):
    return shop.make_shop(profiles()[name], seed, scale, Truth(**planted))


@pytest.mark.parametrize("name", ["apparel", "cross_border", "electronics", "mother_baby"])
def test_the_tables_keep_to_their_schema_and_key_and_to_the_two_years(name):
    for table in TABLES[: 4 if name == "apparel" else 3]:
        frame = conform(table, made(name)[table])
        assert not frame.duplicated(list(schema()[table].key)).any()
        for column in frame.select_dtypes("datetime"):
            assert frame[column].dropna().between(FIRST, LAST).all()
        for column in schema()[table].columns:
            assert "missing" in column.description or frame[column.name].notna().all(), column.name
    assert ("clearance_weekly" in made(name)) == (name == "apparel")


@pytest.mark.parametrize("scale", [1e-6, 0.2])
def test_the_tables_do_not_grow_with_the_shop(scale):
    for table in TABLES:
        assert_frame_equal(made("apparel")[table], made("apparel", scale=scale)[table])


@pytest.mark.parametrize("name", ["apparel", "food", "cross_border"])
def test_the_periods_of_one_kind_follow_each_other_without_overlap_and_list_and_cost_have_no_gaps(name):
    tables = made(name)
    prices = tables["prices"].sort_values(["product_id", "kind", "valid_from"])
    assert (prices["valid_from"] <= prices["valid_to"]).all()
    before = prices.groupby(["product_id", "kind"])["valid_to"].shift()
    gap = (prices["valid_from"] - before).dt.days.dropna()
    assert (gap >= 1).all()
    assert (gap[prices["kind"] != "promotion"] == 1).all()
    products = tables["products"].set_index("product_id")
    for kind, column in (("list", "list_price"), ("cost", "unit_cost")):
        of_kind = prices[prices["kind"] == kind].groupby("product_id")
        now = of_kind["price"].last()
        assert (now == products[column].reindex(now.index)).all()
        assert now.index.equals(products.index)
        assert (of_kind["valid_to"].last() == LAST).all()
        assert (of_kind["valid_from"].first() == products["launched_on"].clip(lower=FIRST)).all()


@pytest.mark.parametrize("name", ["apparel", "fmcg", "cross_border"])
def test_every_order_line_at_the_list_rule_has_the_price_and_the_cost_of_its_day(name):
    tables = made(name)
    lines = tables["order_lines"].merge(tables["orders"][["order_id", "ordered_at"]], on="order_id")
    lines["date"] = lines["ordered_at"].dt.tz_localize(None).dt.normalize()
    found = {}
    for kind, prices in tables["prices"].groupby("kind"):
        both = lines[["line_id", "product_id", "date"]].merge(prices, on="product_id")
        both = both[both["date"].between(both["valid_from"], both["valid_to"])]
        found[kind] = both.set_index("line_id")["price"].reindex(lines["line_id"]).to_numpy()
    at_list = (lines["price_rule"] == "list").to_numpy()
    promoted = found.get("promotion", np.full(len(lines), np.nan))
    price = np.where(np.isnan(promoted), found["list"], promoted)
    assert (price == lines["unit_price"])[at_list].all()
    assert (found["cost"] == lines["unit_cost"]).all()
    assert np.isnan(promoted).all() == (name == "cross_border")


@pytest.mark.parametrize("name", ["apparel", "shoes"])
def test_a_launched_project_is_a_product_of_the_shop_and_its_steps_follow_each_other(name):
    projects = made(name)["launches"]
    launched = projects["status"] == "launched"
    assert (projects["launched_on"].notna() == launched).all()
    assert (projects["product_id"].notna() == launched).all()
    assert (projects["cancelled_on"].notna() == (projects["status"] == "cancelled")).all()
    assert projects["product_id"].dropna().is_unique
    both = projects.merge(made(name)["products"], on="product_id")
    assert len(both) == launched.sum() > 10
    assert (both["launched_on_x"] == both["launched_on_y"]).all()
    assert (both["category_x"] == both["category_y"]).all()
    steps = projects[["started_on", "designed_on", "sampled_on", "tested_on", "launched_on"]]
    end = projects["launched_on"].fillna(projects["cancelled_on"]).fillna(projects["known_until"])
    for one, two in zip(steps, list(steps)[1:], strict=False):
        both = steps[[one, two]].dropna()
        assert (both[one] <= both[two]).all()
        assert not (steps[one].isna() & steps[two].notna()).any()
        assert (steps[two].dropna() <= end[steps[two].notna()]).all()


def launch_times(planted, seeds):
    frames = [made("apparel", seed=seed, scale=1e-6, **planted)["launches"] for seed in seeds]
    projects = pd.concat(frames, ignore_index=True)
    end = projects["launched_on"].fillna(projects["cancelled_on"]).fillna(projects["known_until"])
    return (end - projects["started_on"]).dt.days, projects["status"] == "launched"


@pytest.mark.parametrize("planted", [{}, {"launch_median": 60.0, "launch_p90": 90.0}])
def test_the_planted_launch_times_are_found_once_unfinished_projects_are_kept(planted):
    truth = Truth(**planted)
    days, launched = launch_times(planted, range(6))
    table = survival.quantiles(days, launched, level=0.999)
    assert (table["low"] <= [truth.launch_median, truth.launch_p90]).all()
    assert (table["high"] >= [truth.launch_median, truth.launch_p90]).all()
    assert days[launched].quantile(0.9) < table["value"].iloc[1]


def test_running_projects_are_as_many_as_an_even_pace_of_ideas_leaves():
    projects = pd.concat([made("apparel", seed=seed, scale=1e-6)["launches"] for seed in range(6)])
    month = projects["started_on"].dt.to_period("Q").value_counts().sort_index()
    # Eight quarters; the last one is cut short by a week.
    even = month.mean()
    assert (((month - even) ** 2) / even).sum() < 24.3  # 99.9 % of chi-square with 7 degrees of freedom


@pytest.mark.parametrize("name", ["mother_baby", "apparel", "electronics"])
def test_who_buys_has_clicked_and_who_clicks_has_searched(name):
    months = made(name)["keywords_monthly"]
    assert (months["buyers"] <= months["clicks"]).all()
    assert (months["clicks"] <= months["searches"]).all()
    assert (months["listings"] >= 1).all()
    assert months.groupby("term")["month"].nunique().eq(24).all()
    assert months.groupby("term")[["niche", "niche_zh", "term_zh"]].nunique().eq(1).all(axis=None)


def test_every_head_term_of_the_searches_is_there_in_both_languages():
    for name in ("apparel", "electronics"):
        searched = made(name)["searches"][["term", "term_zh"]].drop_duplicates()
        months = made(name)["keywords_monthly"]
        head = months.loc[months["term"] == months["niche"], ["term", "term_zh"]].drop_duplicates()
        assert set(head.itertuples(index=False)) == set(searched.itertuples(index=False))


@pytest.mark.parametrize(("ranks", "ratio"), [(0.12, 0.55), (0.3, 0.8), (0.0, 0.1), (0.4, 1.0)])
def test_the_planted_share_of_niches_is_a_blue_ocean(ranks, ratio):
    months = made("mother_baby", blue_ocean_ranks=ranks, blue_ocean_ratio=ratio)["keywords_monthly"]
    niches = months[(months["niche"] == "baby-food maker") & (months["month"] >= "2025-07-01")]
    assert niches["term"].nunique() == 100
    table = selection.blue_ocean_rate(niches, ranks=[(0.6, 0.4)])
    # A month's counts may move a niche or two over a threshold.
    assert table["rate"].tolist() == pytest.approx([ranks, ratio], abs=0.031)


@pytest.mark.parametrize("growth", [0.38, -0.3, 2.0])
def test_the_planted_growth_of_a_search_is_found(growth):
    months = made("electronics", coffee_growth=growth)["keywords_monthly"]
    table = selection.keyword_growth(months, level=0.999)
    assert table.loc["portable coffee machine", "low"] < growth < table.loc["portable coffee machine", "high"]
    assert table.loc["earphones", "low"] < 0.02 < table.loc["earphones", "high"]


@pytest.mark.parametrize("gain", [0.25, 0.0, -0.3, 1.0])
def test_the_lines_that_move_turn_faster_by_the_planted_gain(gain):
    weeks = made("apparel", clearance_gain=gain)["clearance_weekly"]
    weeks = weeks.assign(log=np.log(weeks["cogs"] / weeks["average_stock"]))
    quiet, moved = weeks["week"] < "2025-08-25", weeks["rhythm"] == "new"
    line = ["product_line", "region"]
    lines = pd.DataFrame(
        {
            "before": weeks[quiet].groupby(line)["log"].mean(),
            "after": weeks[weeks["week"] >= "2025-10-20"].groupby(line)["log"].mean(),
            "moved": moved.groupby([weeks[name] for name in line]).any(),
        }
    )
    assert lines["moved"].sum() == 30
    change = (lines["after"] - lines["before"]).groupby(lines["moved"])
    mean, se = change.mean(), change.sem()
    assert abs(mean[True] - mean[False] - np.log1p(gain)) < 3.3 * np.hypot(*se)
    assert lines.loc[lines["moved"], "before"].mean() < lines.loc[~lines["moved"], "before"].mean()


def test_clearance_is_part_of_what_is_sold_and_the_rhythm_never_goes_back():
    weeks = made("apparel")["clearance_weekly"]
    assert weeks["clearance_cogs"].between(0, weeks["cogs"]).all()
    assert (weeks["average_stock"] > 0).all()
    assert (weeks["week"].dt.day_of_week == 0).all()
    step = weeks["rhythm"].map({"old": 0, "changing": 1, "new": 2})
    assert step.groupby([weeks["product_line"], weeks["region"]]).is_monotonic_increasing.all()
    changing = weeks[weeks["rhythm"] == "changing"]
    assert changing.groupby(["product_line", "region"]).size().eq(4).all()


def test_a_slow_project_that_is_faster_than_the_middle_one_is_refused():
    with pytest.raises(CourseError, match="launch_p90 is 20, not a tenth above launch_median 28"):
        Truth(launch_p90=20)
