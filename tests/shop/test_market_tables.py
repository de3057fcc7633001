"""The market by month and the surveys: they join, they add up, and another truth is really planted."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from scipy.stats import t as student

from ecomtrain import shop
from ecomtrain.errors import CourseError
from ecomtrain.shop import Truth, making
from ecomtrain.shop.profiles import profiles
from ecomtrain.shop.schema import conform, schema

NAMES = ("market_monthly", "surveys")
SMALL = ["apparel", "fmcg", "electronics", "home"]
OTHER = Truth(
    online_shoppers=0.6, netizens=0.9, online_retail=0.4, certified_preferred=0.3, certified_claimed=0.7,
    quick_response_share=0.3, category_growth=-0.1, smart_office_listed=20.0,
)  # fmt: skip
TRUTHS = {"the published one": Truth(), "another": OTHER}


@cache
def made(name, seed=1, scale=0.2, truth="the published one"):
    return making.make_shop(profiles()[name], seed, scale, TRUTHS[truth])


@pytest.mark.parametrize("name", SMALL)
def test_keys_are_unique_and_never_missing(name):
    for table in NAMES:
        frame = conform(table, made(name)[table])
        key = list(schema()[table].key)
        assert len(frame)
        assert not frame[key].isna().any(axis=None)
        assert not frame.duplicated(key).any()
        assert frame["shop"].dropna().eq(name).all()


@pytest.mark.parametrize("name", SMALL)
def test_every_segment_has_all_months_and_sells_less_of_the_brand_than_of_all(name):
    market = made(name)["market_monthly"]
    assert market.groupby(["level", "market", "region", "segment"])["date"].nunique().eq(24).all()
    rows = market[market["level"] == "category"]
    assert (rows["brand_gmv"] < rows["gmv"]).all()
    assert (rows["brand_gmv"] > 0).all()
    assert set(rows["segment"]) == set(profiles()[name].categories)


def test_a_part_of_the_nation_is_smaller_than_the_whole():
    rows = made("electronics")["market_monthly"].query("level == 'nation'")
    assert len(rows) == 24
    assert (rows["online_shoppers"] < rows["netizens"]).all()
    assert (rows["netizens"] < rows["population"]).all()
    assert (rows["online_retail_value"] < rows["retail_value"]).all()
    assert rows["shop"].isna().all()


def test_keywords_and_sellers_of_the_small_market_add_up_to_the_same_cents_each_month():
    market = made("electronics")["market_monthly"]
    keywords = market[market["level"] == "keyword"]
    fen = np.rint(keywords["price"] * 100).astype("int64") * keywords["units"]
    assert (fen == np.rint(keywords["gmv"] * 100)).all()
    by_month = market.assign(fen=np.rint(market["gmv"] * 100)).groupby(["level", "date"])["fen"].sum()
    assert (by_month["keyword"] == by_month["seller"]).all()


def test_the_head_of_the_small_market_pulls_away():
    sellers = made("electronics")["market_monthly"].query("level == 'seller'")
    monthly = sellers.pivot_table(index="date", columns="segment", values="gmv", aggfunc="sum")
    head = monthly.apply(lambda row: row.nlargest(4).sum() / row.sum(), axis=1)
    assert head.iloc[-6:].mean() > head.iloc[:6].mean() + 0.05


def test_half_of_the_36_lines_get_quick_response_on_one_day():
    rows = made("fmcg")["market_monthly"]
    lines = rows.drop_duplicates(["region", "segment"])
    assert len(lines) == 36
    assert lines["quick_response_since"].notna().sum() == 18
    assert rows["quick_response_since"].dropna().unique() == [pd.Timestamp("2025-07-01")]
    assert made("home")["market_monthly"]["quick_response_since"].isna().all()


@pytest.mark.parametrize("name", SMALL)
def test_who_answers_as_a_customer_is_one_of_the_age_and_city_given_and_answers_once(name):
    tables = made(name)
    answers = tables["surveys"].dropna(subset=["customer_id"])
    joined = answers.merge(tables["customers"], on=["customer_id", "shop"])
    assert len(joined) == len(answers)
    assert not answers.duplicated(["survey", "customer_id"]).any()
    assert (joined["date"] >= joined["registered_at"].dt.tz_localize(None).dt.normalize()).all()
    age = joined["date"].dt.year - joined["birth_year"]
    edges = joined["age_group"].str.extract(r"(\d+)\D?(\d*)").replace("", "200").astype("int64")
    assert ((age >= edges[0]) & (age <= edges[1]))[age >= 18].all()
    assert joined.loc[joined["city"] == "上海", "city_tier"].eq("tier 1").all()


@pytest.mark.parametrize("name", SMALL)
def test_satisfaction_is_asked_about_a_paid_order_of_the_customer_who_answers(name):
    tables = made(name)
    answers = tables["surveys"].query("survey == 'csat'").merge(
        tables["orders"], on=["order_id", "customer_id", "shop"]
    )  # fmt: skip
    assert len(answers) == (tables["surveys"]["survey"] == "csat").sum() > 0
    assert (answers["status"] == "paid").all()
    assert (answers["date"] > answers["paid_at"].dt.tz_localize(None)).all()


@pytest.mark.parametrize("name", SMALL)
def test_every_score_is_on_the_scale_of_its_survey(name):
    answers = made(name)["surveys"]
    for survey, (least, most) in {"nps": (0, 10), "csat": (1, 5), "certified_goods": (1, 5)}.items():
        assert answers.loc[answers["survey"] == survey, "score"].between(least, most).all()
    assert (answers["survey"].unique().tolist() == ["nps", "csat"]) == (name != "apparel")


def test_the_weights_of_the_panel_bring_it_to_the_same_population_in_both_wordings():
    panel = made("apparel")["surveys"].query("recruitment == 'panel'")
    assert panel["customer_id"].isna().all()
    by_cell = panel.groupby(["wording", "age_group", "city_tier"])["weight"].sum()
    share = by_cell / by_cell.groupby("wording").transform("sum")
    np.testing.assert_allclose(share["neutral"], share["leading"], atol=1e-4)
    assert panel.groupby("wording")["weight"].mean().tolist() == pytest.approx([1, 1])
    assert made("apparel")["surveys"].query("recruitment != 'panel'")["weight"].eq(1).all()


def test_the_market_and_the_panel_do_not_grow_with_the_shop_and_the_customers_who_answer_do():
    small, large = (made("apparel", scale=scale) for scale in (0.05, 0.2))
    assert_frame_equal(small["market_monthly"], large["market_monthly"])
    few, many = (tables["surveys"].groupby("recruitment").size() for tables in (small, large))
    assert few["panel"] == many["panel"]
    assert many["opt_in"] / few["opt_in"] == pytest.approx(4, rel=0.1)
    assert many["customer"] / few["customer"] == pytest.approx(4, rel=0.1)


def test_a_shop_in_shards_has_one_panel(monkeypatch):
    monkeypatch.setattr(making, "SHARD", 0.025)
    answers = making.make_shop(profiles()["apparel"], 1, 0.05, Truth())["surveys"]
    assert answers["response_id"].is_unique
    assert (answers["recruitment"] == "panel").sum() == 1350
    assert (answers["recruitment"] == "opt_in").sum() == pytest.approx(53, abs=2)


@pytest.mark.parametrize("name", ["apparel", "home"])
def test_a_shop_with_hardly_a_customer_is_still_whole(name):
    tables = making.make_shop(profiles()[name], 5, 1e-6, Truth())
    for table in NAMES:
        assert len(conform(table, tables[table])) == len(tables[table])


def test_the_same_seed_gives_the_same_tables_and_another_seed_others():
    again = making.make_shop(profiles()["electronics"], 1, 0.2, Truth())
    other = made("electronics", seed=2)
    for table in NAMES:
        assert_frame_equal(again[table], made("electronics")[table])
        assert not other[table].equals(made("electronics")[table])


# Direct estimates of what is planted, with their standard errors and the value the truth gives them.


def last_year(tables, level):
    rows = tables["market_monthly"]
    return rows[(rows["level"] == level) & (rows["date"] >= "2025-07-01")]


def ratio_of_months(part, whole):
    part, whole = part.to_numpy(float), whole.to_numpy(float)
    value = part.sum() / whole.sum()
    return value, np.std(part - value * whole, ddof=1) * np.sqrt(len(part)) / whole.sum()


def online_shoppers(tables):
    rows = last_year(tables, "nation")
    return ratio_of_months(rows["online_shoppers"], rows["netizens"])


def netizens(tables):
    rows = last_year(tables, "nation")
    return ratio_of_months(rows["netizens"], rows["population"])


def online_retail(tables):
    rows = last_year(tables, "nation")
    return ratio_of_months(rows["online_retail_value"], rows["retail_value"])


def certified_preferred(tables):
    rows = tables["surveys"].query("recruitment == 'panel' and wording == 'neutral'")
    yes = (rows["score"] >= 4).astype(float)
    cells = yes.groupby([rows["age_group"], rows["city_tier"]])
    share = rows["weight"].groupby([rows["age_group"], rows["city_tier"]]).sum() / rows["weight"].sum()
    return (share * cells.mean()).sum(), np.sqrt((share**2 * cells.var() / cells.size()).sum())


def certified_claimed(tables):
    rows = tables["surveys"].query("recruitment == 'opt_in' and wording == 'leading'")
    p = (rows["score"] >= 4).mean()
    return p, np.sqrt(p * (1 - p) / len(rows))


def lines(tables):
    rows = tables["market_monthly"].query("level == 'category'")
    rows = rows.assign(
        line=rows["region"] + rows["segment"],
        log_share=np.log(rows["brand_gmv"] / rows["gmv"]),
        second=rows["date"] >= "2025-07-01",
    )
    return rows, rows.groupby("line")["quick_response_since"].first().notna()


def quick_response_share(tables):
    rows, chosen = lines(tables)
    mean = rows.pivot_table(index="line", columns="second", values="log_share")
    change = mean[True] - mean[False]
    with_, without = change[chosen], change[~chosen]
    return with_.mean() - without.mean(), np.sqrt(with_.var() / len(with_) + without.var() / len(without))


def category_growth(tables):
    rows, _ = lines(tables)
    year = rows.pivot_table(index="line", columns="second", values="gmv", aggfunc="sum")
    logs = np.log(year[True] / year[False])
    return logs.mean(), logs.std() / np.sqrt(len(logs))


def smart_office_listed(tables):
    rows = last_year(tables, "keyword")
    return np.log(rows["gmv"].sum() / 1e9), 0.05 * np.sqrt((rows["gmv"] ** 2).sum()) / rows["gmv"].sum()


# name: (shop, estimate, value the truth gives on the same scale)
ESTIMATES = {
    "online_shoppers": ("electronics", online_shoppers, lambda w: w.online_shoppers),
    "netizens": ("electronics", netizens, lambda w: w.netizens),
    "online_retail": ("electronics", online_retail, lambda w: w.online_retail),
    "certified_preferred": ("apparel", certified_preferred, lambda w: w.certified_preferred),
    "certified_claimed": ("apparel", certified_claimed, lambda w: w.certified_claimed),
    "quick_response_share": ("fmcg", quick_response_share, lambda w: np.log1p(w.quick_response_share)),
    "category_growth": ("fmcg", category_growth, lambda w: np.log1p(w.category_growth)),
    "smart_office_listed": ("electronics", smart_office_listed, lambda w: np.log(w.smart_office_listed)),
}
REACH = student.ppf(0.975, 11)  # twelve months


@pytest.mark.parametrize("name", ESTIMATES)
def test_the_published_seed_shows_the_planted_truth_within_the_interval(name):
    where, estimate, expected = ESTIMATES[name]
    value, error = estimate(made(where, seed=shop.SEED, scale=1.0))
    assert abs(value - expected(Truth())) < REACH * error


@pytest.mark.parametrize("name", ESTIMATES)
def test_another_truth_is_found_as_well(name):
    where, estimate, expected = ESTIMATES[name]
    value, error = estimate(made(where, seed=7, scale=1.0, truth="another"))
    assert abs(value - expected(OTHER)) < 4 * error
    assert abs(value - expected(Truth())) > 4 * error


def test_a_claim_below_what_is_preferred_contradicts_itself():
    with pytest.raises(CourseError, match=r"Truth: certified_claimed is 0.5, below certified_preferred 0.61"):
        Truth(certified_claimed=0.5)
