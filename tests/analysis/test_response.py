"""Adstock, saturation, the fit of both, and the split of a budget."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import check_grad

from ecomtrain import datasets
from ecomtrain.analysis._allocation import _Curves
from ecomtrain.analysis._response_model import Model
from ecomtrain.analysis.response import adstock, allocate, fit_response, hill
from ecomtrain.errors import CourseError

TRUTH = {"live": (3000.0, 0.6, 700.0), "feed": (2000.0, 0.2, 300.0), "search": (1000.0, 0.4, 900.0)}


def days(seed, n=300, noise=80.0, slope=1.0, together=0.4):
    """Sales of a shop whose curves are known, with errors that hang together from day to day."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"date": pd.date_range("2025-01-06", periods=n)})
    error = rng.normal(size=n)
    for at in range(1, n):
        error[at] = together * error[at - 1] + np.sqrt(1 - together**2) * error[at]
    amount = 5000 + 200 * np.sin(np.arange(n) / 7 * 2 * np.pi) + np.linspace(0, 500, n) + noise * error
    for channel, (beta, decay, half) in TRUTH.items():
        frame[channel] = half * rng.gamma(0.8, 1.3, n)
        amount = amount + beta * hill(adstock(frame[channel].to_numpy(), decay, normalised=True), half, slope)
    return frame.assign(amount=amount)


# --- adstock and hill --------------------------------------------------------------------------------------


@given(st.lists(st.floats(0, 1e6), max_size=30), st.floats(0, 0.99))
@settings(max_examples=50, deadline=None)
def test_adstock_is_the_spend_and_what_is_left_of_the_day_before(spend, decay):
    found = adstock(np.array(spend), decay)
    expected, left = [], 0.0
    for x in spend:
        left = x + decay * left
        expected.append(left)
    assert found == pytest.approx(expected, rel=1e-12)


def test_without_decay_adstock_is_the_spend_and_a_steady_spend_is_its_own_normalised_adstock():
    spend = np.full(400, 70.0)
    assert (adstock(spend, 0.0) == spend).all()
    assert adstock(spend, 0.9, normalised=True)[-1] == pytest.approx(70)
    assert adstock(spend, 0.9)[-1] == pytest.approx(700)


def test_each_column_carries_over_by_itself_and_the_rows_keep_their_place():
    day = pd.date_range("2026-06-01", periods=4)
    spend = pd.DataFrame({"live": [8.0, 0, 0, 0], "feed": [0.0, 4, 0, 0]}, index=day)
    back = adstock(spend.iloc[::-1], 0.5)
    assert list(back.index) == list(day[::-1])
    assert back.sort_index().to_numpy().tolist() == [[8, 0], [4, 4], [2, 2], [1, 1]]


def test_adstock_before_saturation_is_not_saturation_before_adstock():
    burst = np.array([1000.0, 0, 0, 0])
    right = hill(adstock(burst, 0.8), half=100.0)
    wrong = adstock(hill(burst, half=100.0), 0.8)
    assert right[0] == wrong[0]
    assert (right[1:] > wrong[1:]).all()


@given(st.floats(0, 1e12), st.floats(1e-6, 1e9), st.floats(0.05, 50))
def test_hill_is_a_share_is_half_at_half_and_rises(x, half, slope):
    found = hill([0.0, half, x, 2 * x], half, slope)
    assert found[0] == 0
    assert found[1] == pytest.approx(0.5)
    assert 0 <= found[2] <= found[3] <= 1


def test_hill_is_its_formula():
    x = np.array([0.5, 3.0, 20.0])
    assert hill(x, 4.0, 1.7) == pytest.approx(x**1.7 / (x**1.7 + 4.0**1.7), rel=1e-14)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: adstock([1.0], 1), "decay is 1"),
        (lambda: adstock([1.0], -0.1), "decay is -0.1"),
        (lambda: adstock([1.0], "half"), "decay is 'half'"),
        (lambda: adstock([1.0, np.nan], 0.5), "missing in 1 row"),
        (lambda: adstock(["a"], 0.5), "no number"),
        (lambda: adstock(pd.Series([1.0, 2], index=pd.to_datetime(["2026-06-01"] * 2)), 0.5), "there twice"),
        (lambda: hill([1.0], 1, 0), "slope is 0"),
        (lambda: hill([1.0], np.nan), "half is nan"),
        (lambda: hill([-1.0], 1), "negative"),
    ],
)
def test_slips_get_a_clear_sentence(call, says):
    with pytest.raises(CourseError, match=f"response.(adstock|hill): .*{says}"):
        call()


# --- the fit -----------------------------------------------------------------------------------------------


def test_curves_without_noise_are_found_exactly():
    found = fit_response(days(1, noise=0.0), spend=list(TRUTH)).table
    for channel, (beta, decay, half) in TRUTH.items():
        assert found.loc[channel, ["beta", "decay", "half"]].tolist() == pytest.approx(
            [beta, decay, half], 1e-3
        )


def test_slopes_without_noise_are_found_too():
    found = fit_response(days(2, noise=0.0, slope=1.6), spend=list(TRUTH), slope=None).table
    assert found["slope"].tolist() == pytest.approx([1.6] * 3, rel=1e-2)


def test_the_intervals_hold_the_truth_about_as_often_as_they_say():
    inside = []
    for seed in range(25):
        found = fit_response(days(seed, n=240, noise=200.0), spend=list(TRUTH)).table
        for channel, (beta, _, half) in TRUTH.items():
            spend = found.loc[channel, "spend"]
            true = {"half": half, "beta": beta, "marginal_return": beta * half / (half + spend) ** 2}
            inside += [
                found.loc[channel, f"{n}_low"] <= v <= found.loc[channel, f"{n}_high"]
                for n, v in true.items()
            ]
    assert 0.88 < np.mean(inside) < 0.99


def test_the_marginal_return_is_what_one_more_yuan_brings():
    row = fit_response(days(3), spend=list(TRUTH)).table.loc["live"]
    more, less = (row["beta"] * hill(row["spend"] + step, row["half"]) for step in (0.5, -0.5))
    assert row["marginal_return"] == pytest.approx(more - less, rel=1e-6)
    assert row["response"] == pytest.approx(row["beta"] * hill(row["spend"], row["half"]))


def test_the_derivatives_are_those_of_the_error():
    rng = np.random.default_rng(4)
    x, y = rng.gamma(1, 1, (60, 2)), rng.normal(size=60)
    model = Model(x, y, np.ones((55, 1)), slice(5, None), None)
    theta = np.array([[1.3, 0.4, 0.2, 0.3], [0.7, 0.2, -0.4, -0.2]])

    def cost(v):
        error = model.error(v.reshape(2, 4))
        return 0.5 * error @ error

    def slope(v):
        v = v.reshape(2, 4)
        return model.slopes(v).T @ model.error(v)

    assert check_grad(cost, slope, theta.ravel()) < 1e-5


def test_the_parts_add_up_to_what_is_expected():
    found = fit_response(days(5), spend=list(TRUTH), warm_up=14)
    parts = found.points.groupby("date")["contribution"].sum().to_numpy()
    assert found.series["base"].to_numpy() + parts == pytest.approx(found.series["expected"].to_numpy())
    left = found.series["actual"] - found.series["expected"]
    assert abs(left.sum()) < 1e-6 * found.series["actual"].sum()
    assert (found.n, len(found.series)) == (286, 286)
    assert 0.9 < found.r2 < 1


def test_a_curve_that_was_never_seen_to_bend_is_not_called_known():
    """A spend far below its bend tells the return of a yuan, and nothing of where it ends."""
    frame = days(6).assign(poster=np.random.default_rng(6).gamma(1, 100, 300))
    frame["amount"] += 4.0 * frame["poster"]
    found = fit_response(frame, spend=[*TRUTH, "poster"]).table
    assert found["identified"].tolist() == [True, True, True, False]
    assert found.loc["poster", "marginal_return"] == pytest.approx(4, rel=0.15)


def test_a_channel_that_brings_nothing_has_no_curve():
    frame = days(7).assign(poster=np.random.default_rng(7).gamma(1, 100, 300))
    row = fit_response(frame, spend=[*TRUTH, "poster"]).table.loc["poster"]
    assert not row["identified"]
    assert row["response"] < 60


def test_the_ads_are_credited_with_the_season_unless_it_is_held_apart():
    """Spend that follows demand: the trap of the notes, and the control that mends it."""
    rng = np.random.default_rng(8)
    demand = 1 + 0.5 * np.sin(np.arange(365) / 58)
    spend = 500 * demand * rng.gamma(20, 1 / 20, 365)
    frame = pd.DataFrame({"date": pd.date_range("2025-01-06", periods=365), "ads": spend, "demand": demand})
    frame["amount"] = 8000 * demand + 1000 * hill(spend, 500.0) + rng.normal(0, 100, 365)
    naive = fit_response(frame, spend="ads").table.loc["ads", "response"]
    sound = fit_response(frame, spend="ads", controls=["demand"]).table.loc["ads", "response"]
    assert naive > 3 * 500
    assert sound == pytest.approx(500, rel=0.5)


@pytest.mark.parametrize(
    ("change", "options", "says"),
    [
        ({"live": 5.0}, {}, "'live' never moves"),
        ({"live": 0.0}, {}, "'live' never moves"),
        ({}, {"slope": -1}, "slope is -1"),
        ({}, {"sales": "live"}, "columns of their own"),
        ({}, {"warm_up": 290}, "too few"),
        ({"amount": np.nan}, {}, "'amount' is missing in 300"),
    ],
)
def test_what_cannot_be_fitted_gets_a_sentence(change, options, says):
    with pytest.raises(CourseError, match=f"response.fit_response: .*{says}"):
        fit_response(days(1).assign(**change), spend=list(TRUTH), **options)


# --- the split ---------------------------------------------------------------------------------------------


@st.composite
def curves(draw, most_slope=6.0):
    many = draw(st.integers(1, 5))
    numbers = st.lists(st.floats(0.01, 1), min_size=many, max_size=many)
    beta, half, steep, spend = (np.array(draw(numbers)) for _ in range(4))
    slope = np.clip(0.3 + steep * (most_slope - 0.3), 0.3, most_slope)
    return pd.DataFrame(
        {"beta": 1000 * beta, "half": 500 * half, "slope": slope, "spend": 400 * spend},
        index=[f"c{i}" for i in range(many)],
    )


def value(table, spend):
    with np.errstate(divide="ignore"):
        part = 1 / (1 + (table["half"].to_numpy() / spend) ** table["slope"].to_numpy())
    return part @ table["beta"].to_numpy()


@given(curves(), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_the_split_spends_all_equalises_marginal_returns_and_is_beaten_by_none(table, seed):
    plan = allocate(table)
    budget, each = table["spend"].sum(), plan.drop("all")
    assert each["spend"].sum() == pytest.approx(budget, abs=1e-9 * budget)
    inside = each.loc[each["at"] == "inside", "marginal_return"]
    if len(inside):
        assert inside.max() <= 1.01 * inside.min() + 1e-9
    reached = plan.loc["all", "response"] * (1 + 1e-9)
    rng = np.random.default_rng(seed)
    tried = rng.dirichlet(np.full(len(table), rng.uniform(0.1, 2)), 1000) * budget
    assert value(table, tried).max() <= reached
    assert value(table, table["spend"].to_numpy()) <= reached


@given(curves())
@settings(max_examples=15, deadline=None)
def test_bounds_are_kept_and_more_budget_never_brings_less(table):
    budget = float(table["spend"].sum())
    bounds = {"c0": (0.2 * budget, 0.5 * budget if len(table) > 1 else 2 * budget)}
    plan = allocate(table, budget, bounds=bounds)
    assert 0.2 * budget * (1 - 1e-9) <= plan.loc["c0", "spend"] <= bounds["c0"][1] * (1 + 1e-9)
    assert plan.loc["all", "response"] <= allocate(table, budget).loc["all", "response"] * (1 + 1e-9)
    assert plan.loc["all", "response"] <= allocate(table, 1.2 * budget).loc["all", "response"] * (1 + 1e-9)


def test_the_closed_form_of_two_concave_curves():
    """beta k / (k + x)² equal in both: x = √(beta k / price) − k."""
    table = pd.DataFrame({"beta": [900.0, 900], "half": [400.0, 100], "slope": 1.0}, index=["live", "feed"])
    found = allocate(table, 1000)
    root = (1000 + 500) / (np.sqrt(900 * 400) + np.sqrt(900 * 100))
    assert found["spend"].iloc[:2].tolist() == pytest.approx([600 * root - 400, 300 * root - 100])
    assert found["marginal_return"].tolist() == pytest.approx([1 / root**2] * 3)


def test_two_s_curves_that_share_a_small_budget_do_worst_where_their_marginal_returns_are_equal():
    table = pd.DataFrame({"beta": [100.0, 100], "half": [50.0, 50], "slope": 4.0}, index=["a", "b"])
    found = allocate(table, 60)
    assert sorted(found["spend"].iloc[:2]) == pytest.approx([0, 60], abs=1e-6)
    assert found.loc["all", "response"] > 2.9 * value(table, np.array([30.0, 30.0]))


def test_a_channel_that_brings_nothing_gets_what_no_other_can_take():
    table = pd.DataFrame({"beta": [100.0, 0.0], "half": 50.0, "slope": 1.0}, index=["a", "b"])
    assert allocate(table, 60)["spend"].tolist() == pytest.approx([60, 0, 60], abs=1e-3)
    assert allocate(table, 60, bounds={"a": (0, 40)})["spend"].tolist() == pytest.approx([40, 20, 60])
    assert allocate(table, 60, bounds={"a": (0, 40)})["at"].tolist() == ["upper", "inside", "inside"]


def test_no_budget_buys_nothing():
    table = pd.DataFrame({"beta": [100.0, 50], "half": 50.0, "slope": [1.0, 2.0]}, index=["a", "b"])
    assert allocate(table, 0)["response"].tolist() == [0, 0, 0]


def test_the_spend_at_a_price_has_that_marginal_return():
    table = _Curves(np.array([90.0, 70, 20]), np.array([40.0, 10, 5]), np.array([0.6, 1.0, 3.0]))
    for price in (1e-6, 1e-3, 0.1, 0.5):
        assert table.marginal(table.spend_at(np.log(price))) == pytest.approx([price] * 3, rel=1e-9)


def test_a_fit_can_be_handed_on_to_the_split():
    found = fit_response(days(9), spend=list(TRUTH)).table
    plan = allocate(found)
    assert plan.loc["all", "spend"] == pytest.approx(found["spend"].sum())
    assert plan.loc["all", "response"] > plan.loc["all", "present_response"]
    assert plan["present_marginal_return"].iloc[:3].tolist() == pytest.approx(
        found["marginal_return"].tolist()
    )


@pytest.mark.parametrize(
    ("change", "options", "says"),
    [
        ({"half": 0.0}, {}, "'half' is not above 0"),
        ({"beta": np.nan}, {}, "'beta' is missing"),
        ({}, {"budget": -1}, "budget is -1"),
        ({}, {"bounds": {"lve": (0, 1)}}, "Did you mean 'live'"),
        ({}, {"bounds": {"live": (5, 1)}}, r"bounds of 'live' are \(5, 1\)"),
        ({}, {"budget": 10, "bounds": {"live": (50, 60)}}, "ask for at least 50"),
    ],
)
def test_a_plan_that_cannot_be_gets_a_sentence(change, options, says):
    table = pd.DataFrame(
        {"beta": [9.0, 9], "half": [4.0, 1], "slope": 1.0, "spend": 5.0}, index=["live", "feed"]
    )
    with pytest.raises(CourseError, match=f"response.allocate: .*{says}"):
        allocate(table.assign(**change), **options)


def test_waves_of_the_year_are_not_credited_to_the_ads():
    rng = np.random.default_rng(11)
    day = np.arange(730)
    spend = rng.gamma(2, 200, 730) * (1 + 0.4 * np.sin(day / 365.25 * 2 * np.pi))
    amount = (
        5000 + 2000 * np.sin(day / 365.25 * 2 * np.pi) + 1500 * hill(spend, 400.0) + rng.normal(0, 150, 730)
    )
    frame = pd.DataFrame({"date": pd.date_range("2024-07-01", periods=730), "ads": spend, "amount": amount})
    without, held = (fit_response(frame, spend="ads", season=waves).table.loc["ads"] for waves in (0, 1))
    assert held["response_low"] < 1500 * hill(held["spend"], 400.0) < held["response_high"]
    assert without["response"] > 1.3 * held["response"]


def test_sales_in_proportion_to_spend_have_no_bend_to_find():
    """The course's shops sell in proportion to what they spend: no curve may be called known."""
    ads = datasets.load("ad_spend_daily", shop="home")
    wide = ads.pivot_table(index="date", columns="format", values="spend", aggfunc="sum")
    amount = ads.groupby("date")["attributed_amount"].sum().rename("amount")
    found = fit_response(wide.join(amount).reset_index(), spend=list(wide.columns)).table
    assert not found["identified"].any()
    sums = ads.groupby("format")[["attributed_amount", "spend"]].sum()
    returns = (sums["attributed_amount"] / sums["spend"]).reindex(found.index)
    held = returns.between(found["marginal_return_low"], found["marginal_return_high"])
    assert held.sum() >= 4
