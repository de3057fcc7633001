"""The models of buying until leaving: laws, limits, and parameters found again."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy.special import hyp2f1

from ecomtrain.analysis import _btyd, clv
from ecomtrain.analysis._btyd_formulas import FORMULAS, _silence
from ecomtrain.errors import CourseError

FITS = {"BG/NBD": clv.bg_nbd, "MBG/NBD": clv.mbg_nbd, "Pareto/NBD": clv.pareto_nbd}
EVERY = pytest.mark.parametrize("model", list(FITS))
PARAMETERS = {
    "BG/NBD": [0.6, 4.0, 0.8, 2.5],
    "MBG/NBD": [0.6, 4.0, 0.8, 2.5],
    "Pareto/NBD": [0.6, 6.0, 0.7, 10.0],
}
few = settings(max_examples=25, deadline=None)


def simulated(model, n, seed, weeks=78):
    """Customers who buy and leave as the model says."""
    rng = np.random.default_rng(seed)
    r, alpha, a, b = PARAMETERS[model]
    rate, age = rng.gamma(r, 1 / alpha, n), rng.integers(weeks // 2, weeks, n).astype(float)
    life, chance = np.full(n, np.inf), np.zeros(n)
    if model == "Pareto/NBD":
        life = rng.exponential(1 / rng.gamma(a, 1 / b, n))
    else:
        chance = rng.beta(a, b, n)
    x, last, now = np.zeros(n), np.zeros(n), np.zeros(n)
    there = rng.random(n) >= chance if model == "MBG/NBD" else np.ones(n, bool)
    while there.any():
        now = now + rng.exponential(1 / np.maximum(rate, 1e-12))
        there &= now < np.minimum(age, life)
        x, last = x + there, np.where(there, now, last)
        there &= rng.random(n) >= chance
    return pd.DataFrame({"frequency": x, "recency": last, "T": age})


def fitted(model, values=None):
    """A model with parameters that were not fitted."""
    names = list(FORMULAS[model].names)
    table = pd.DataFrame({"parameter": names, "value": values or PARAMETERS[model]})
    return clv.BuyerModel(model, table, pd.DataFrame(np.eye(4), names, names), 0.0, 1)


@st.composite
def customers(draw):
    x = draw(st.integers(0, 60))
    age = draw(st.floats(1, 200))
    share = draw(st.floats(0.05, 0.95))
    return pd.DataFrame({"frequency": [x], "recency": [age * share * (x > 0)], "T": [age]})


positive = st.lists(st.floats(0.1, 20), min_size=4, max_size=4)


@EVERY
def test_the_slope_of_the_likelihood_is_its_derivative(model):
    seen = _btyd.collapse(*_btyd.read_summary(simulated(model, 300, 1), "here"))
    likelihood, at = FORMULAS[model].likelihood, np.array(PARAMETERS[model])
    steps = np.diag(1e-5 * at)
    numeric = [(likelihood(at + h, seen)[0] - likelihood(at - h, seen)[0]) / (2 * h.sum()) for h in steps]
    assert likelihood(at, seen)[1] == pytest.approx(numeric, rel=1e-5, abs=1e-4)


@EVERY
def test_the_fit_finds_the_parameters_that_made_the_customers(model):
    found = FITS[model](simulated(model, 6_000, 5), level=0.999)
    assert ((found.table["low"] < PARAMETERS[model]) & (found.table["high"] > PARAMETERS[model])).all()
    assert found.table["value"][:2].to_numpy() == pytest.approx(PARAMETERS[model][:2], rel=0.25)


@EVERY
def test_neither_the_order_of_rows_nor_how_often_a_row_is_given_at_a_time_changes_the_fit(model):
    table = simulated(model, 800, 3).round(1)
    once, shuffled = FITS[model](table), FITS[model](table.sample(frac=1, random_state=1))
    assert_frame_equal(once.table, shuffled.table, check_exact=True)
    doubled = FITS[model](pd.concat([table, table]))
    assert doubled.table["value"].to_numpy() == pytest.approx(once.table["value"].to_numpy(), rel=1e-6)
    assert doubled.log_likelihood == pytest.approx(2 * once.log_likelihood, rel=1e-10)


@EVERY
def test_another_unit_of_time_rescales_the_parameters_of_time_alone(model):
    weeks = simulated(model, 1500, 2)
    one, two = FITS[model](weeks), FITS[model](weeks.assign(recency=weeks["recency"] * 7, T=weeks["T"] * 7))
    factor = [7.0 if name in ("alpha", "beta") else 1.0 for name in one.table["parameter"]]
    assert two.table["value"].to_numpy() == pytest.approx(one.table["value"].to_numpy() * factor, rel=1e-6)
    days = weeks.assign(recency=weeks["recency"] * 7, T=weeks["T"] * 7)
    assert two.p_alive(days).to_numpy() == pytest.approx(one.p_alive(weeks).to_numpy(), abs=1e-8)
    assert two.expected_purchases(days, 70).to_numpy() == pytest.approx(
        one.expected_purchases(weeks, 10).to_numpy(), rel=1e-6
    )


@EVERY
@given(customers(), positive)
@few
def test_the_chance_to_be_alive_is_one_and_falls_with_silence(model, customer, values):
    known = fitted(model, values)
    now, later = known.p_alive(customer)[0], known.p_alive(customer.assign(T=customer["T"] + 10))[0]
    assert 0 <= later <= now <= 1
    if model == "BG/NBD" and customer["frequency"][0] == 0:
        assert later == 1
    else:
        assert later < now or now < 1e-12


@EVERY
@given(customers(), positive, st.floats(0.1, 50))
@few
def test_expected_purchases_rise_with_time_and_never_beyond_those_of_a_customer_who_stays(
    model, customer, values, time
):
    known = fitted(model, values)
    made = [known.expected_purchases(customer, t)[0] for t in (0, time, 2 * time)]
    assert made[0] == pytest.approx(0, abs=1e-9)
    assert -1e-9 <= made[1] <= made[2] + 1e-9
    r, alpha = values[:2]
    rate = (r + customer["frequency"][0]) / (alpha + customer["T"][0])
    assert made[1] <= rate * time * (1 + 1e-9) + 1e-9


@EVERY
@pytest.mark.parametrize("value", [1.0, 1.0 + 1e-9])
def test_the_formula_has_its_limit_where_it_is_a_quotient_of_noughts(model, value):
    near = [*PARAMETERS[model][:2], value, PARAMETERS[model][3]]
    beside = [*near[:2], 1.001, near[3]]
    at, close = (fitted(model, p).expected_new(26.0) for p in (near, beside))
    assert at == pytest.approx(close, rel=2e-3)


@EVERY
def test_what_is_expected_is_what_customers_of_the_model_do(model):
    first = simulated(model, 30_000, 7)
    assert first["frequency"].mean() == pytest.approx(
        fitted(model).expected_new(first["T"].to_numpy()).mean(), rel=0.04
    )


def test_a_new_customer_stands_where_an_old_one_without_history_does():
    for model in FITS:
        known = fitted(model)
        zero = pd.DataFrame({"frequency": [0], "recency": [0.0], "T": [0.0]})
        alive = known._values((np.zeros(1), np.zeros(1), np.zeros(1)))[0][0]
        assert alive == pytest.approx({"MBG/NBD": 2.5 / 3.3}.get(model, 1.0))
        with pytest.raises(CourseError, match="not be 0 throughout"):
            known.p_alive(zero)


@pytest.mark.parametrize(
    "parameters", [(0.55, 10.6, 0.6, 11.7), (0.55, 11.7, 0.6, 10.6), (2.0, 3.0, 1.5, 3.0)]
)
@pytest.mark.parametrize("row", [(0, 0, 30), (2, 30.4, 38.9), (29, 37, 39), (3, 5, 39), (1, 39, 39)])
def test_the_integral_over_silence_is_the_difference_of_hypergeometric_functions(parameters, row):
    r, alpha, s, beta = parameters
    x, last, age = row
    low, high = min(alpha, beta), max(alpha, beta)
    power, second = r + s + x, s + 1 if alpha >= beta else r + x

    def term(y):
        return hyp2f1(power, second, power + 1, (high - low) / (high + y)) / (high + y) ** power

    published = (term(last) - term(age)) / power
    value = _silence(parameters, *(np.array([float(part)]) for part in row)).value[0]
    assert np.exp(value) == pytest.approx(published, rel=1e-9)


def test_thousands_of_purchases_do_not_overflow():
    heavy = pd.DataFrame({"frequency": [5_000], "recency": [99.0], "T": [100.0]})
    for model in FITS:
        known = fitted(model)
        assert known.expected_purchases(heavy, 10.0)[0] == pytest.approx(
            known.p_alive(heavy)[0] * 500, rel=0.5
        )


def test_customers_who_never_leave_settle_no_model_of_leaving():
    rng = np.random.default_rng(0)
    x = rng.poisson(rng.gamma(2, 2, 500))
    table = pd.DataFrame({"frequency": x, "recency": np.where(x > 0, 52.0, 0), "T": 52.0})
    with pytest.raises(CourseError, match=r"clv.bg_nbd: the 500 customers do not settle the parameter [ab]:"):
        clv.bg_nbd(table)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"recency": 99.0}, "must lie between 0 and T"),
        ({"frequency": 1.5}, "no whole number"),
        ({"frequency": 0}, "without a repeat purchase"),
        ({"T": np.nan}, "have no frequency, recency or T"),
        ({"T": -1.0}, "negative"),
    ],
)
def test_columns_that_do_not_belong_together_are_refused(change, says):
    table = pd.DataFrame({"frequency": [1, 2], "recency": [3.0, 4.0], "T": [9.0, 9.0]})
    with pytest.raises(CourseError, match=says):
        clv.bg_nbd(table.assign(**change))


def test_periods_must_be_a_time():
    table = pd.DataFrame({"frequency": [1, 2], "recency": [3.0, 4.0], "T": [9.0, 9.0]})
    for wrong in (-1, np.nan, "soon"):
        with pytest.raises(CourseError, match="give a number of 0 or more"):
            fitted("BG/NBD").expected_purchases(table, wrong)
    with pytest.raises(CourseError, match="give one number"):
        fitted("BG/NBD").expected_purchases(table, [1, 2])
