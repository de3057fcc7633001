"""Classes, stages and launches: do they find what was planted, and keep to their laws?"""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, nbinom, poisson

from ecomtrain import datasets
from ecomtrain.analysis import lifecycle
from ecomtrain.errors import CourseError

MONDAY = pd.Timestamp("2025-01-06")


def sales(amounts, quantity=1):
    return pd.DataFrame(
        {"date": MONDAY, "product_id": [f"p{i:02d}" for i in range(len(amounts))], "amount": amounts}
    ).assign(quantity=quantity)


# --- ABC and XYZ ----------------------------------------------------------------------------------------


def test_the_product_that_crosses_the_cut_belongs_to_a():
    table = lifecycle.abc_xyz(sales([50.0, 25, 15, 6, 4])).table
    assert table["abc"].tolist() == ["A", "A", "A", "B", "C"]


def test_a_cut_that_is_reached_exactly_is_reached():
    table = lifecycle.abc_xyz(sales([0.1] * 8 + [0.05] * 4)).table
    assert table["abc"].tolist() == ["A"] * 8 + ["B"] * 3 + ["C"]


def test_weeks_without_a_sale_count_as_zero():
    days = pd.date_range(MONDAY, periods=28)
    steady = pd.DataFrame({"date": days, "product_id": "steady", "amount": 1.0, "quantity": 1})
    rare = steady[steady["date"] == days[8]].assign(product_id="rare", quantity=4)
    table = lifecycle.abc_xyz(pd.concat([steady, rare])).table.set_index("product_id")
    assert table.loc["steady", ["mean", "cv", "xyz"]].tolist() == [7.0, 0.0, "X"]
    assert table.loc["rare", "cv"] == pytest.approx(np.std([0, 4, 0, 0], ddof=1) / 1)
    assert table.loc["rare", "xyz"] == "Z"


def test_days_short_of_a_whole_week_count_for_the_money_alone():
    days = pd.date_range(MONDAY, periods=16)
    frame = pd.DataFrame({"date": days, "product_id": "cup", "amount": 1.0, "quantity": [90, 90] + [1] * 14})
    result = lifecycle.abc_xyz(frame)
    assert result.periods == 2
    assert result.table.loc[0, ["amount", "mean", "cv"]].tolist() == [16.0, 7.0, 0.0]


def test_a_product_that_sold_nothing_has_no_xyz_and_stands_in_no_box():
    frame = pd.concat([sales([5.0, 0.0], quantity=[2, 0]), sales([5.0], quantity=2)])
    frame["date"] = [MONDAY, MONDAY, MONDAY + pd.Timedelta(days=13)]
    result = lifecycle.abc_xyz(frame)
    assert result.table["xyz"].isna().tolist() == [False, True]
    assert result.without_class == 1
    assert result.boxes["products"].sum() == 1


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=30), st.floats(0.1, 0.85), st.floats(0.86, 0.99))
def test_classes_cut_the_ranking_where_they_say(amounts, a, b):
    result = lifecycle.abc_xyz(sales(amounts), a=a, b=b)
    table = result.table
    assert table["share"].sum() == pytest.approx(1)
    assert table["abc"].is_monotonic_increasing
    for name, cut in (("A", a), ("B", b)):
        reached = table[table["abc"] <= name]["share"].sum()
        # Enough to reach the cut, and without the last not enough.
        assert reached >= cut - 1e-8
        assert reached - table[table["abc"] <= name]["share"].iloc[-1] < cut


def test_the_boxes_hold_all_that_the_shop_sold():
    days = datasets.load("inventory_daily", shop="fmcg").merge(
        datasets.load("products", shop="fmcg")[["product_id", "list_price"]], on="product_id"
    )
    result = lifecycle.abc_xyz(days.assign(amount=days["sold"] * days["list_price"]), quantity="sold")
    assert result.periods == 104
    assert len(result.boxes) == 9
    assert result.boxes["products"].sum() == len(result.table) - result.without_class
    if not result.without_class:
        assert result.boxes["share_of_amount"].sum() == pytest.approx(1)


# --- stages ---------------------------------------------------------------------------------------------


def lives(count=60, level=40.0, seed=5):
    """Products whose four stages were planted, and the weeks in which each begins."""
    rng = np.random.default_rng(seed)
    weeks = 80
    rows, truth = [], []
    for i in range(count):
        edges = np.cumsum(
            [rng.integers(4, 10), rng.integers(5, 8), rng.integers(10, 14), rng.integers(12, 18)]
        )
        up, down = rng.uniform(0.07, 0.14), rng.uniform(0.06, 0.12)
        knots = np.append(edges, weeks)
        height = np.cumsum([0, 0, up * (edges[2] - edges[1]), 0, -down * (weeks - edges[3])])
        day = np.arange(7 * edges[0], 7 * weeks)
        mean = level * np.exp(np.interp(day, 7 * knots, height) + 0.1 * rng.normal(size=len(day)))
        rows.append(
            pd.DataFrame(
                {
                    "date": MONDAY + pd.to_timedelta(day, "D"),
                    "product_id": f"p{i:03d}",
                    "sold": rng.poisson(mean),
                }
            )
        )
        truth.append(edges)
    rows.append(pd.DataFrame({"date": [MONDAY], "product_id": "first", "sold": 1}))
    return pd.concat(rows, ignore_index=True), np.array(truth)


def begins(result):
    """Week in which each product enters each stage for the first time."""
    history = result.history[result.history["product_id"] != "first"]
    week = (history["week"] - MONDAY).dt.days // 7
    first = week.groupby([history["product_id"], history["stage"]]).min().unstack()  # noqa: PD010
    return first[["launch", "growth", "maturity", "decline"]].to_numpy()


def test_planted_stages_are_dated_within_a_week():
    frame, truth = lives()
    late = begins(lifecycle.stage(frame)) - truth
    assert (late[:, 0] == 0).all()
    assert (np.abs(np.median(late, axis=0)) <= 1).all()
    assert (np.abs(late) <= 1).mean() > 0.85
    assert (np.abs(late) <= 3).mean() > 0.98


def test_the_latest_stage_agrees_with_the_history():
    result = lifecycle.stage(lives(20)[0])
    last = result.history.groupby("product_id").last()
    table = result.table.set_index("product_id")
    assert (table["stage"] == last["stage"]).all()
    for name, row in table.iterrows():
        own = result.history[result.history["product_id"] == name].set_index("week")["stage"]
        assert (own[own.index >= row["since"]] == row["stage"]).all()
        assert row["weeks"] == (own.index >= row["since"]).sum()
        assert own[own.index < row["since"]].iloc[-1:].tolist() != [row["stage"]]


def test_declining_products_fall_as_fast_as_planted():
    days = pd.date_range(MONDAY, periods=280)
    fall = 200 * np.exp(-0.08 * np.maximum(np.arange(280) / 7 - 20, 0))
    result = lifecycle.stage(pd.DataFrame({"date": days, "product_id": "vase", "sold": np.rint(fall)}))
    row = result.table.iloc[0]
    assert row["stage"] == "decline"
    assert row["low"] < np.exp(-0.08) - 1 < row["high"]
    assert row["confidence"] > 0.99


def test_days_without_stock_are_no_decline():
    days = pd.date_range(MONDAY, periods=210)
    frame = pd.DataFrame({"date": days, "product_id": "lamp", "sold": 20 + np.arange(210) % 3, "closing": 50})
    empty = np.arange(210) % 7 < np.clip((np.arange(210) - 105) // 14, 0, 5)
    frame.loc[empty, ["sold", "closing"]] = 0
    assert lifecycle.stage(frame).table["stage"].item() == "maturity"
    assert lifecycle.stage(frame.drop(columns="closing")).table["stage"].item() == "decline"


def test_a_season_that_all_share_is_no_stage():
    days = pd.date_range(MONDAY, periods=364)
    season = pd.Series(np.exp(np.sin(2 * np.pi * np.arange(364) / 182)), index=days)
    frame = pd.DataFrame({"date": days, "product_id": "lamp", "sold": 300 * season.to_numpy()})
    assert set(lifecycle.stage(frame, season=season).history["stage"]) == {"maturity"}
    assert {"growth", "decline"} <= set(lifecycle.stage(frame).history["stage"])


def test_the_size_of_the_season_plays_no_part():
    frame, _ = lives(10)
    season = frame.groupby("date")["sold"].sum() + 1
    one, other = (lifecycle.stage(frame, season=season * k).table["stage"] for k in (1, 1000))
    assert one.tolist() == other.tolist()


def test_chance_alone_seldom_changes_the_stage():
    rng = np.random.default_rng(8)
    days = pd.date_range(MONDAY, periods=364)
    frame = pd.DataFrame(
        {
            "date": np.tile(days, 40),
            "product_id": np.repeat(np.arange(40), 364),
            "sold": rng.poisson(3, 40 * 364),
        }
    )
    assert (lifecycle.stage(frame).history["stage"] == "maturity").mean() > 0.85


def test_fashion_fades_two_months_after_its_launch_as_planted():
    # The shop of apparel plants e^(-age / 60 days) from the 60th day on, which is -11 % a week.
    stock = datasets.load("inventory_daily", shop="apparel")
    result = lifecycle.stage(stock, season=stock.groupby("date")["sold"].sum())
    goods = datasets.load("products", shop="apparel").set_index("product_id")["launched_on"]
    aged = result.history[
        result.history["week"] - result.history["product_id"].map(goods) > pd.Timedelta("120D")
    ]
    new = goods.index[goods >= stock["date"].min() + pd.Timedelta("7D")]
    assert (aged[aged["product_id"].isin(new)]["stage"] == "decline").mean() > 0.85


def test_stages_of_a_broken_series_are_told_by_what_is_wrong():
    frame, _ = lives(2)
    with pytest.raises(CourseError, match="season is not above 0 on 2025-01-06"):
        lifecycle.stage(frame, season=frame.groupby("date")["sold"].sum() * 0)
    with pytest.raises(CourseError, match="season is a DataFrame"):
        lifecycle.stage(frame, season=frame)
    with pytest.raises(CourseError, match="window is 0"):
        lifecycle.stage(frame, window=0)


# --- test launches --------------------------------------------------------------------------------------

counts = st.tuples(st.integers(0, 400), st.integers(0, 400)).map(lambda pair: (min(pair), max(pair)))


@settings(max_examples=50, deadline=None)
@given(counts, st.floats(0.02, 0.9), st.floats(0.2, 20), st.floats(0.2, 20))
def test_a_launch_is_judged_as_the_beta_posterior_says(count, target, a, b):
    k, n = count
    frame = pd.DataFrame({"product_id": ["mug"], "visitors": [n], "buyers": [k]})
    row = lifecycle.test_launch(frame, target, prior=(a, b), worth=100).iloc[0]
    rate = beta(a + k, b + n - k)
    assert row["rate"] == pytest.approx(rate.mean())
    assert row["p_above"] == pytest.approx(rate.sf(target), abs=1e-9)
    assert row["high"] == pytest.approx(rate.ppf(0.975))
    grid = np.linspace(0, target, 4001)
    lost = np.trapezoid(rate.cdf(grid), grid)
    assert row["loss_go"] == pytest.approx(100 * lost, rel=1e-3, abs=1e-3)
    assert row["loss_stop"] - row["loss_go"] == pytest.approx(100 * (row["rate"] - target), abs=1e-9)
    wrong = {"go": 1 - row["p_above"], "stop": row["p_above"]}
    assert row["decision"] in ("go", "hold", "stop")
    if row["decision"] == "hold":
        assert 0.1 < row["p_above"] < 0.9
    else:
        assert row["p_error"] == pytest.approx(wrong[row["decision"]])
        assert row["p_error"] <= 0.1 + 1e-9


def test_more_buyers_never_turn_go_into_stop():
    frame = pd.DataFrame({"product_id": range(60), "visitors": 400, "buyers": range(60)})
    order = {"stop": 0, "hold": 1, "go": 2}
    decided = lifecycle.test_launch(frame, 0.05).sort_values("buyers")["decision"].map(order)
    assert decided.is_monotonic_increasing
    assert set(decided) == {0, 1, 2}


def test_rows_of_one_product_add_up_and_more_buyers_than_visitors_are_refused():
    frame = pd.DataFrame({"product_id": ["a", "a", "b"], "visitors": [10, 20, 5], "buyers": [1, 2, 6]})
    with pytest.raises(CourseError, match="product 'b' has more buyers than visitors"):
        lifecycle.test_launch(frame, 0.1)
    assert lifecycle.test_launch(frame.head(2), 0.1)[["visitors", "buyers"]].iloc[0].tolist() == [30, 3]


def test_few_launches_are_judged_wrongly_if_the_prior_is_right():
    rng = np.random.default_rng(2)
    rate = rng.beta(6, 194, 4000)
    frame = pd.DataFrame({"product_id": range(4000), "visitors": 600, "buyers": rng.binomial(600, rate)})
    table = lifecycle.test_launch(frame, 0.03, prior=(6, 194)).sort_values("product_id")
    above = rate > 0.03
    wrong = np.where(table["decision"] == "go", ~above, above)[table["decision"] != "hold"]
    promised = table["p_error"].dropna()
    assert wrong.mean() == pytest.approx(promised.mean(), abs=4 * np.sqrt(promised.mean() / len(promised)))


# --- the watch on new items -----------------------------------------------------------------------------


def watched(units, expected=10.0, **options):
    frame = pd.DataFrame({"date": pd.date_range(MONDAY, periods=len(units)), "product_id": "lamp"})
    return lifecycle.launch_monitor(frame.assign(sold=units, expected=expected), **options)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=25), st.sampled_from([0.0, 0.2]))
def test_the_evidence_is_the_likelihood_summed_and_never_below_zero(units, dispersion):
    table = watched(units, ratio=1.4, dispersion=dispersion)

    def log_likely(x, mean):
        if dispersion == 0:
            return poisson.logpmf(x, mean)
        return nbinom.logpmf(x, 1 / dispersion, 1 / (1 + dispersion * mean))

    for side, mean in (("above", 14.0), ("below", 10 / 1.4)):
        evidence, path = 0.0, []
        for x in units:
            evidence = max(0.0, evidence + log_likely(x, mean) - log_likely(x, 10.0))
            path.append(evidence)
        assert table[side].tolist() == pytest.approx(path, abs=1e-8)


def test_a_launch_on_plan_gives_fewer_false_alarms_than_allowed():
    rng = np.random.default_rng(4)
    products, days = 300, 100
    frame = pd.DataFrame(
        {
            "product_id": np.repeat(np.arange(products), days),
            "date": np.tile(pd.date_range(MONDAY, periods=days), products),
            "sold": rng.poisson(8, products * days),
            "expected": 8.0,
        }
    )
    alarms = lifecycle.launch_monitor(frame, false_alarm=1000).groupby("product_id")["alert"]
    above = alarms.apply(lambda alert: (alert == "above").any()).mean()
    assert above <= days / 1000 * 1.5


def test_sales_at_half_the_plan_are_seen_within_days_and_named():
    alert = watched([10, 11, 9, 5, 4, 6, 5, 5, 4])["alert"].tolist()
    assert alert[:4] == [""] * 4
    assert alert[-1] == "below"


def test_products_are_watched_apart():
    one = watched([20] * 6)
    frame = pd.concat([one.assign(product_id="a"), one.assign(product_id="b", sold=10)])[
        ["product_id", "date", "sold", "expected"]
    ]
    table = lifecycle.launch_monitor(frame)
    assert table[table["product_id"] == "a"]["above"].tolist() == one["above"].tolist()
    assert (table[table["product_id"] == "b"]["alert"] == "").all()


def test_more_sales_never_lower_the_evidence_for_more():
    paths = [watched([x] * 5)["above"].iloc[-1] for x in range(0, 30, 3)]
    assert all(a <= b for a, b in pairwise(paths))
