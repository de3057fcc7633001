"""Elasticities, best prices, learning and markdowns: planted truths, other ways to the same number, laws."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import poisson

from ecomtrain import datasets
from ecomtrain.analysis import pricing
from ecomtrain.errors import CourseError

# --- elasticity -----------------------------------------------------------------------------------------


def shelf(seed=1, truth=-1.8, banner=0.6, products=40, weeks=60):
    """Weeks of sales in which a banner comes with most price cuts, and a price that moves on its own too."""
    rng = np.random.default_rng(seed)
    product, week = (x.ravel() for x in np.meshgrid(np.arange(products), np.arange(weeks), indexing="ij"))
    promoted = rng.random(len(week)) < 0.15
    usual, level = rng.normal(3, 0.8, products), rng.normal(4, 1, products)
    moved = 0.06 * rng.normal(size=len(week)) - 0.25 * promoted
    mean = np.exp((level + 2)[product] + truth * moved + banner * promoted + 0.2 * rng.normal(size=len(week)))
    return pd.DataFrame(
        {
            "product_id": product,
            "week": week,
            "promotion": promoted,
            "unit_price": np.exp(usual[product] + moved),
            "quantity": rng.poisson(mean),
            "category": np.where(product % 2, "tops", "shoes"),
        }
    )


def test_the_planted_elasticity_is_found_with_the_control_and_overstated_without():
    alone, controlled = pricing.elasticity(shelf(2), controls=["promotion"]).itertuples()
    assert controlled.low < -1.8 < controlled.high
    assert controlled.high - controlled.low < 0.4
    assert alone.elasticity < -3.2  # the banner's sales are booked to the price
    assert alone.high < controlled.low


def test_it_is_least_squares_with_an_effect_for_each_product():
    frame = shelf(products=6, weeks=30)
    frame = frame[frame["quantity"] > 0]
    dummies = pd.get_dummies(frame["product_id"], dtype=float).to_numpy()
    design = np.column_stack([np.log(frame["unit_price"]), frame["promotion"].astype(float), dummies])
    import statsmodels.api as sm

    groups = {"groups": frame["product_id"], "use_correction": True}
    fit = sm.OLS(np.log(frame["quantity"]).to_numpy(), design).fit(
        cov_type="cluster", cov_kwds=groups, use_t=True
    )
    found = pricing.elasticity(frame, controls=["promotion"]).iloc[1]
    assert found["elasticity"] == pytest.approx(fit.params[0], abs=1e-9)
    # The products' effects lie within the clusters and cost no degrees of freedom; dummies are charged.
    n, k = design.shape
    assert found["se"] == pytest.approx(fit.bse[0] * np.sqrt((n - k) / (n - 2)))


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    held = []
    for seed in range(60):
        row = pricing.elasticity(shelf(seed, products=15, weeks=30), controls=["promotion"]).iloc[1]
        held.append(row["low"] <= -1.8 <= row["high"])
    assert 0.86 <= np.mean(held) <= 1


def test_categories_are_told_apart():
    frame = shelf()
    steep = frame["category"] == "shoes"
    frame.loc[steep, "quantity"] = np.rint(
        frame["quantity"][steep] * (frame["unit_price"][steep] / 20) ** -1.0
    )
    table = pricing.elasticity(frame, controls=["promotion"], by="category").set_index(["group", "model"])
    gap = (
        table.loc[("tops", "with controls"), "elasticity"]
        - table.loc[("shoes", "with controls"), "elasticity"]
    )
    assert gap == pytest.approx(1, abs=0.15)


def test_weeks_without_a_sale_are_counted_and_left_out_or_given_one_unit():
    frame = shelf(products=5, weeks=20)
    frame.loc[::4, "quantity"] = 0
    dropped, added = (pricing.elasticity(frame, zeros=rule).iloc[0] for rule in ("drop", "add"))
    assert dropped["zero_share"] == added["zero_share"] == 0.25
    assert (dropped["n"], added["n"]) == (75, 100)


def test_prices_that_only_move_with_the_promotion_leave_nothing_to_tell():
    frame = shelf(products=8, weeks=20)
    frame["unit_price"] = np.where(frame["promotion"], 8.0, 10.0)
    alone, controlled = pricing.elasticity(frame, controls=["promotion"]).itertuples()
    assert alone.elasticity < -1
    assert np.isnan(controlled.elasticity)
    assert controlled.price_left < 1e-9


def test_a_price_that_never_moves_has_no_elasticity():
    row = pricing.elasticity(shelf(products=4, weeks=10).assign(unit_price=9.9)).iloc[0]
    assert np.isnan(row[["elasticity", "low", "price_left"]].astype(float)).all()


def test_one_product_needs_another_cluster():
    frame = shelf(products=1, weeks=80)
    assert np.isnan(pricing.elasticity(frame).loc[0, "low"])
    row = pricing.elasticity(frame, controls=["promotion"], cluster="week").iloc[1]
    assert row["low"] < -1.8 < row["high"]


def test_the_courses_shop_cuts_prices_in_promotions_alone_so_that_no_control_can_help():
    lines = datasets.load("order_lines", shop="beauty")
    orders = datasets.load("orders", shop="beauty").set_index("order_id")["ordered_at"]
    calendar = datasets.load("calendar").set_index("date")["promotion"].notna()
    day = lines["order_id"].map(orders).dt.tz_convert("Asia/Shanghai").dt.tz_localize(None).dt.normalize()
    lines = lines.assign(date=day, promotion=day.map(calendar))
    keys = ["product_id", "date", "promotion", "unit_price"]
    table = pricing.elasticity(lines.groupby(keys, as_index=False)["quantity"].sum(), controls=["promotion"])
    assert table["price_left"].iloc[1] < 0.02
    width = table["high"] - table["low"]
    assert not width.iloc[1] < 10 * width.iloc[0]


# --- the best price -------------------------------------------------------------------------------------

inelastic, elastic = st.floats(-0.99, -0.1), st.floats(-8, -1.05)


@settings(max_examples=50, deadline=None)
@given(
    st.one_of(inelastic, elastic), st.floats(0.3, 1.1), st.floats(0.05, 1.5),
    st.one_of(st.none(), st.floats(5, 500)), st.floats(0, 0.3),
)  # fmt: skip
def test_no_price_within_the_bounds_earns_more(elasticity, cost, change, stock, margin):
    options = {"price": 10.0, "quantity": 100, "max_change": change, "stock": stock, "min_margin": margin}
    try:
        best = pricing.optimal_price(10 * cost, elasticity, **options)
    except CourseError as refusal:
        assert "no price is left" in str(refusal)
        return
    most = np.inf if stock is None else stock

    def lost(p):
        return -(p - 10 * cost) * min(100 * (p / 10) ** elasticity, most)

    ends = best.table["price"].iloc[[0, -1]]
    search = minimize_scalar(lost, bounds=tuple(ends), method="bounded")
    assert best.profit >= -search.fun - 1e-6 * abs(search.fun)
    assert best.profit == pytest.approx(best.table["profit"].max())
    assert (best.price - 10 * cost) / best.price >= margin - 1e-9
    assert abs(best.price / 10 - 1) <= change + 1e-9 or best.bound == "floor"


@settings(max_examples=30, deadline=None)
@given(elastic, st.floats(0.5, 100))
def test_without_bounds_the_markup_is_the_textbooks(elasticity, cost):
    best = pricing.optimal_price(cost, elasticity, price=cost * 2, quantity=10, max_change=50)
    assert best.unbounded == pytest.approx(cost * elasticity / (1 + elasticity))
    assert best.price == pytest.approx(max(best.unbounded, cost))
    assert best.bound == ("" if best.unbounded < 102 * cost else "ceiling")


def test_demand_that_hardly_answers_leads_to_the_highest_price_allowed():
    best = pricing.optimal_price(5, -0.7, price=10, quantity=100, max_change=0.2)
    assert (best.price, best.bound) == (12.0, "ceiling")
    assert np.isnan(best.unbounded)


def test_little_stock_raises_the_price_to_where_it_just_sells():
    best = pricing.optimal_price(5, -2.0, price=10, quantity=100, stock=81, max_change=0.5)
    assert best.bound == "stock"
    assert best.price == pytest.approx(10 * (81 / 100) ** -0.5)
    assert best.quantity == pytest.approx(81)


def test_the_interval_of_the_elasticity_spans_the_profit_and_the_price():
    best = pricing.optimal_price(5, -2.2, price=9, quantity=100, interval=(-3.0, -1.6), max_change=0.9)
    assert (best.low, best.high) == (pytest.approx(5 * 3 / 2), pytest.approx(5 * 1.6 / 0.6))
    assert best.low < best.price < best.high
    table = best.table
    assert ((table["low"] <= table["profit"] + 1e-9) & (table["profit"] <= table["high"] + 1e-9)).all()
    assert best.gain_low < best.gain < best.gain_high


def test_prices_keep_to_their_step_and_no_other_multiple_earns_more():
    best = pricing.optimal_price(5, -2.3, price=9.9, quantity=100, step=0.5)
    steps = np.arange(7.0, 12.9, 0.5)
    assert best.price in steps
    assert best.profit == pytest.approx(((steps - 5) * 100 * (steps / 9.9) ** -2.3).max())


# --- learning -------------------------------------------------------------------------------------------

MARKET = pd.DataFrame({"price": [29.0, 39, 49, 59], "rate": [0.10, 0.08, 0.055, 0.03]})


def test_thompson_sampling_learns_and_its_regret_bends_away_from_the_others():
    paths = pricing.explore(MARKET, seed=2, cost=12, rounds=400, runs=100)
    last = paths.groupby("method").last()
    assert last["regret"].idxmin() == "thompson"
    # The losses per round fall as it learns.
    path = paths[paths["method"] == "thompson"]["regret"].to_numpy()
    assert path[399] - path[299] < 0.3 * path[99]
    assert last.loc["thompson", "best_share"] > 0.6


def test_the_same_seed_gives_the_same_play_and_another_seed_another():
    one, same, other = (pricing.explore(MARKET, seed=s, rounds=20, runs=5) for s in (1, 1, 2))
    assert one.equals(same)
    assert not one.equals(other)


def test_regret_never_falls_and_is_zero_where_all_prices_earn_alike():
    paths = pricing.explore(MARKET, seed=5, cost=12, rounds=30, runs=10)
    assert (paths.groupby("method")["regret"].diff().dropna() >= 0).all()
    alike = pd.DataFrame({"price": [10.0, 20, 40], "rate": [0.4, 0.2, 0.1]})
    assert (pricing.explore(alike, seed=5, rounds=10, runs=5)["regret"].abs() < 1e-9).all()


def test_the_fixed_test_loses_what_its_turns_cost_and_then_keeps_to_one_price():
    paths = pricing.explore(MARKET, seed=3, cost=12, rounds=40, visitors=100, test_share=0.2, runs=8)
    test = paths[paths["method"] == "test"].set_index("round")
    profit = (MARKET["price"] - 12) * MARKET["rate"] * 100
    assert test.loc[8, "regret"] == pytest.approx(2 * (profit.max() - profit).sum())
    assert np.ptp(test.loc[9:, "best_share"]) == 0


# --- markdowns ------------------------------------------------------------------------------------------


@st.composite
def ladders(draw):
    price = np.cumsum(draw(st.lists(st.integers(1, 9), min_size=1, max_size=4)))[::-1]
    demand = np.cumsum(draw(st.lists(st.floats(0, 3), min_size=len(price), max_size=len(price))))
    return pd.DataFrame({"price": price.astype(float), "demand": demand})


@settings(max_examples=40, deadline=None)
@given(ladders(), st.integers(1, 15), st.integers(1, 5), st.floats(0, 3), st.booleans(), st.booleans())
def test_the_plan_is_no_worse_than_one_price_or_one_cut_and_adds_up(
    ladder, stock, periods, salvage, down, random
):
    plan = pricing.markdown_plan(
        stock, ladder, periods=periods, salvage=salvage, only_down=down, random=random
    )
    slack = 1e-9 * max(plan.revenue, 1)
    assert plan.revenue >= plan.cut - slack
    assert plan.cut >= plan.hold - slack
    assert plan.path["revenue"].sum() + salvage * plan.left == pytest.approx(plan.revenue, abs=1e-8)
    assert plan.path["sold"].sum() + plan.left == pytest.approx(stock)
    value = plan.table[plan.table["period"] == 1]["value"]
    assert (value.diff().dropna() >= -slack).all()
    free = pricing.markdown_plan(
        stock, ladder, periods=periods, salvage=salvage, only_down=False, random=random
    )
    assert free.revenue >= plan.revenue - slack


def play(stock, periods, ladder, salvage, asked, random=True):
    """Money expected of a path of prices fixed beforehand, by adding up all that may happen."""
    held = {stock: (1.0, 0.0)}  # chance and mean money of each stock left
    for t in range(periods):
        price, mean = ladder.iloc[asked[t]]
        after = {}
        for left, (chance, money) in held.items():
            for sold in range(left + 1):
                p = poisson.pmf(sold, mean) if sold < left else poisson.sf(left - 1, mean)
                old, earned = after.get(left - sold, (0.0, 0.0))
                after[left - sold] = (old + chance * p, earned + p * (money + chance * price * sold))
        held = after
    return sum(money + chance * salvage * left for left, (chance, money) in held.items())


def test_every_single_cut_was_tried_and_the_best_is_told():
    ladder = pd.DataFrame({"price": [10.0, 8, 5], "demand": [0.8, 1.5, 3.0]})
    plan = pricing.markdown_plan(6, ladder, periods=4, salvage=1)
    fixed = {
        (i, j, t): play(6, 4, ladder, 1, [i] * t + [j] * (4 - t))
        for i, j in itertools.combinations_with_replacement(range(3), 2)
        for t in range(4)
    }
    assert plan.hold == pytest.approx(max(play(6, 4, ladder, 1, [i] * 4) for i in range(3)))
    assert plan.cut == pytest.approx(max(fixed.values()))
    told = tuple(int(np.flatnonzero(ladder["price"] == p)[0]) for p in (plan.cut_from, plan.cut_to))
    assert fixed[*told, plan.cut_period - 1] == pytest.approx(plan.cut)


def test_it_is_the_best_of_all_rules_that_look_at_the_stock():
    ladder = pd.DataFrame({"price": [10.0, 6], "demand": [0.7, 1.6]})
    plan = pricing.markdown_plan(2, ladder, periods=2, salvage=0.5, only_down=False)

    def worth(rule):  # the price for each (period, stock) in turn
        value = {0: 0.0, 1: 0.5, 2: 1.0}
        for t in (1, 0):
            now = {0: 0.0}
            for left in (1, 2):
                price, mean = ladder.iloc[rule[2 * t + left - 1]]
                chance = [poisson.pmf(d, mean) for d in range(left)]
                chance.append(1 - sum(chance))
                now[left] = sum(p * (price * d + value[left - d]) for d, p in enumerate(chance))
            value = now
        return value[2]

    assert plan.revenue == pytest.approx(max(map(worth, itertools.product(range(2), repeat=4))))


def test_demand_without_chance_is_cleared_by_the_shortest_cut():
    ladder = pd.DataFrame({"price": [10.0, 6], "demand": [2.0, 5.0]})
    plan = pricing.markdown_plan(11, ladder, periods=4, random=False)
    # Two each at 10 for three periods, and the five that are left at 6.
    assert plan.path["price"].tolist() == [10, 10, 10, 6]
    assert plan.revenue == 90
    assert (plan.cut, plan.cut_period, plan.left) == (90.0, 4, 0.0)


def test_more_stock_and_less_time_never_raise_the_price():
    ladder = pd.DataFrame({"price": [10.0, 9, 7, 5], "demand": [1.0, 1.4, 2.5, 4.0]})
    table = pricing.markdown_plan(25, ladder, periods=6, only_down=False).table
    asked = table.set_index(["period", "stock"])["price"].unstack()  # noqa: PD010
    assert (asked.diff(axis=1).iloc[:, 1:] <= 0).all(axis=None)
    assert (asked.diff().iloc[1:] <= 0).all(axis=None)


def test_a_price_once_lowered_is_not_raised_again():
    # Demand dies at the high price in the second period only: free plans would go down and up again.
    rows = [(t, p, d) for t in (1, 2, 3) for p, d in ((10.0, 0.0 if t == 2 else 3.0), (5.0, 3.0))]
    ladder = pd.DataFrame(rows, columns=["period", "price", "demand"])
    free = pricing.markdown_plan(9, ladder, only_down=False, random=False)
    down = pricing.markdown_plan(9, ladder, random=False)
    assert free.path["price"].tolist() == [10, 5, 10]
    assert down.path["price"].is_monotonic_decreasing
    assert (free.revenue, down.revenue) == (75.0, 60.0)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"stock": 2.5}, "stock is 2.5"),
        ({"periods": 0}, "periods is 0"),
        ({"periods": None}, "periods is None"),
        ({"salvage": np.nan}, "salvage is nan"),
        ({"prices": pd.DataFrame({"price": [5, 5], "demand": [1, 2]})}, "there twice"),
        ({"prices": pd.DataFrame({"period": [1], "price": [5], "demand": [2]})}, "period 2 lacks"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(options, says):
    ladder = pd.DataFrame({"price": [10.0, 6], "demand": [0.7, 1.6]})
    with pytest.raises(CourseError, match=says):
        pricing.markdown_plan(**{"stock": 5, "prices": ladder, "periods": 2, **options})
