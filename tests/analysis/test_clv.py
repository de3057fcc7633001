"""Summaries, spend, contracts, lifetime value, and whether the models were right."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import beta as beta_function
from test_btyd import simulated

from ecomtrain import datasets
from ecomtrain.analysis import clv
from ecomtrain.errors import CourseError

few = settings(max_examples=8, deadline=None)
REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241]
HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491]


def survivors(counts):
    return pd.DataFrame({"period": range(len(counts)), "survivors": counts})


@pytest.fixture(scope="module")
def base():
    """Customers of an MBG/NBD who spend as a gamma-gamma, p 6, q 4, v 60, whatever their frequency."""
    table = simulated("MBG/NBD", 4_000, 4)
    rng = np.random.default_rng(4)
    x = table["frequency"].to_numpy()
    mean = rng.gamma(6 * np.maximum(x, 1), 60 / rng.gamma(4, 1, len(x))) / np.maximum(x, 1)
    return table.assign(customer_id=np.arange(len(x)), monetary_value=np.where(x > 0, mean, np.nan))


@pytest.fixture(scope="module")
def valued(base):
    return clv.lifetime_value(base, clv.mbg_nbd(base), clv.gamma_gamma(base), margin=0.4, horizon=52)


# --- summary ---------------------------------------------------------------------------------------------


def orders(rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "order_id", "paid_at", "paid_amount"])
    return frame.assign(paid_at=pd.to_datetime(frame["paid_at"]))


def test_orders_of_one_day_are_one_purchase_and_the_first_day_is_left_out_of_the_mean():
    made = orders(
        [
            (7, 1, "2026-06-01 09:00", 10.0),
            (7, 2, "2026-06-01 21:00", 30.0),
            (7, 3, "2026-06-15 08:00", 50.0),
            (7, 4, "2026-06-15 23:59", 20.0),
            (7, 4, "2026-06-15 23:59", 20.0),
            (7, 5, "2026-06-22 10:00", 40.0),
        ]
    )
    row = clv.summary(made, end="2026-06-30").iloc[0]
    assert row[["frequency", "recency", "T"]].tolist() == [2, 3.0, 4.0]
    assert row["monetary_value"] == (70 + 40) / 2


def test_an_end_within_a_day_counts_that_day():
    made = orders([(1, 1, "2026-06-01 09:00", 10.0)])
    ends = {"2026-06-03": 1.0, "2026-06-03 00:01": 2.0, "2026-06-04": 2.0}
    found = {end: clv.summary(made, end=end, unit="D")["T"].iloc[0] for end in ends}
    assert found == ends


def test_the_day_is_the_shops_whatever_clock_the_orders_are_on():
    made = orders([(1, 1, "2026-06-01 23:30", 10.0), (1, 2, "2026-06-02 00:30", 10.0)])
    shop = made.assign(paid_at=made["paid_at"].dt.tz_localize("Asia/Shanghai"))
    abroad = shop.assign(paid_at=shop["paid_at"].dt.tz_convert("America/New_York"))
    for frame in (made, shop, abroad):
        assert clv.summary(frame, end="2026-06-05", unit="D")["frequency"].tolist() == [1]


# --- spend -----------------------------------------------------------------------------------------------


def test_spend_is_found_again_and_hardly_correlated(base):
    model = clv.gamma_gamma(base, level=0.999)
    assert ((model.table["low"] < [6, 4, 60]) & (model.table["high"] > [6, 4, 60])).all()
    assert model.correlation_low < 0 < model.correlation_high
    assert "hardly go together" in model.note
    assert model.spread[["observed", "expected"]].sum().tolist() == pytest.approx([1, 1])
    assert (model.spread["observed"] - model.spread["expected"]).abs().max() < 0.02


def test_spend_that_goes_with_frequency_is_warned_of(base):
    tied = base.assign(monetary_value=base["monetary_value"] * (1 + base["frequency"]))
    assert "takes for independent" in clv.gamma_gamma(tied).note


@given(st.floats(0.01, 100))
@few
def test_another_currency_rescales_v_alone_and_the_values(base, rate):
    part = base.head(400)
    one, two = (clv.gamma_gamma(t) for t in (part, part.assign(monetary_value=part["monetary_value"] * rate)))
    scaled = one.table["value"].to_numpy() * [1, 1, rate]
    assert two.table["value"].to_numpy() == pytest.approx(scaled, rel=1e-5)


def test_expected_spend_lies_between_a_customers_own_and_that_of_all(base):
    model = clv.gamma_gamma(base)
    value = model.expected_value(base)
    everyone = value[base["frequency"] == 0].iloc[0]
    again = base["frequency"] > 0
    own = base["monetary_value"][again]
    assert (value[again] >= np.minimum(own, everyone) - 1e-9).all()
    assert (value[again] <= np.maximum(own, everyone) + 1e-9).all()


# --- contracts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("counts", "alpha", "beta"), [(REGULAR, 0.704, 1.182), (HIGH_END, 0.668, 3.806)])
def test_years_0_to_7_give_the_published_parameters(counts, alpha, beta):
    values = clv.sbg(survivors(counts)).parameters["value"].round(3)
    assert values.tolist() == [alpha, beta]


def test_shares_who_leave_add_up_and_retention_rises():
    model = clv.sbg(survivors(HIGH_END))
    alpha, beta = model.parameters["value"]
    years = np.arange(1, 400)
    leave = beta_function(alpha + 1, beta + years - 1) / beta_function(alpha, beta)
    assert 1 - np.cumsum(leave) == pytest.approx(model.survival(years), rel=1e-8)
    retention = model.retention(years)
    assert (np.diff(retention) > 0).all()
    assert np.cumprod(retention) == pytest.approx(model.survival(years), rel=1e-9)


@pytest.mark.parametrize("renewals", [0, 3])
def test_the_residual_lifetime_is_the_discounted_sum_of_renewals(renewals):
    model = clv.sbg(survivors(REGULAR))
    years = np.arange(1, 3_000)
    still = model.survival(renewals + years) / model.survival(renewals)
    assert model.residual_lifetime(0.1, renewals=renewals) == pytest.approx(
        (still * 1.1 ** -(years - 1.0)).sum(), rel=1e-9
    )


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        ([100, 100, 100], "nobody leaves"),
        ([100, 0, 0], "everyone does at once"),
        ([100, 60, 70], "never rise"),
        ([100, 60], "too few"),
        ([1.0, 0.6, 0.5], "give counts, not shares"),
    ],
)
def test_survivors_that_cannot_be_are_refused(counts, says):
    with pytest.raises(CourseError, match=says):
        clv.sbg(survivors(counts))


# --- value -----------------------------------------------------------------------------------------------


def test_deciles_add_up_to_the_total_and_fall(valued):
    groups = valued.groups
    assert groups["total"].sum() == pytest.approx(valued.total, rel=1e-9)
    assert groups["share"].sum() == pytest.approx(1, rel=1e-9)
    assert valued.table["clv"].sum() == pytest.approx(valued.total, rel=1e-9)
    assert (groups["clv"].diff().dropna() < 0).all()
    assert (groups["low"] < groups["total"]).all()
    assert (groups["total"] < groups["high"]).all()
    assert valued.low < valued.total < valued.high


def test_without_interest_value_is_purchases_times_spend_times_margin(base):
    found = clv.lifetime_value(
        base, clv.mbg_nbd(base), clv.gamma_gamma(base), margin=0.4, horizon=52, discount=0
    ).table
    assert found["clv"].to_numpy() == pytest.approx(
        0.4 * (found["expected_purchases"] * found["expected_value"]).to_numpy(), rel=1e-12
    )


def test_interest_discounts_each_purchase_to_its_own_moment(base, valued):
    buying = clv.mbg_nbd(base)
    times = np.linspace(0, 52, 131)
    first = base.head(40)
    made = np.array([buying.expected_purchases(first, t) for t in times])
    middle = (times[1:] + times[:-1]) / 2
    worth = (np.diff(made, axis=0) * 1.1 ** (-middle[:, None] * 7 / 365.25)).sum(axis=0)
    own = valued.table.set_index("customer_id").loc[first["customer_id"]]
    assert (own["clv"] / own["expected_value"] / 0.4).to_numpy() == pytest.approx(worth, rel=1e-5)


def test_the_interval_of_the_total_is_that_of_fits_to_other_samples(base, valued):
    """The spread of the total per customer over samples, against the standard error of one of them."""
    totals = []
    for seed in range(12):
        table = base.sample(frac=1, replace=True, random_state=seed).assign(customer_id=range(len(base)))
        worth = clv.mbg_nbd(table).expected_purchases(base, 52) * clv.gamma_gamma(table).expected_value(base)
        totals.append(worth.sum())
    error = np.log(valued.high / valued.low) / (2 * 1.96)
    assert 0.5 < np.std(np.log(totals)) / error < 2


def test_a_tier_groups_in_place_of_the_decile(base):
    tiers = base.assign(tier=np.where(base["frequency"] > 3, "gold", "plain"))
    tiers.loc[0, "tier"] = None
    found = clv.lifetime_value(
        tiers, clv.mbg_nbd(base), clv.gamma_gamma(base), margin=0.4, horizon=52, by="tier"
    )
    assert found.groups["tier"].tolist() == ["gold", "plain"]
    assert found.groups["customers"].sum() == len(base) - 1
    assert 0.99 < found.groups["share"].sum() < 1


def test_a_customer_listed_twice_is_refused(base):
    models = clv.mbg_nbd(base), clv.gamma_gamma(base)
    with pytest.raises(CourseError, match="each customer_id must be there once"):
        clv.lifetime_value(base.assign(customer_id=1), *models, margin=0.4, horizon=52)


# --- holdout ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def beauty():
    made = datasets.load("orders", shop="beauty")
    return made[["customer_id", "order_id", "paid_at", "paid_amount"]]


@pytest.fixture(scope="module")
def split(beauty):
    held = clv.calibration_holdout(beauty, split="2026-01-01", end="2026-07-01")
    return held, clv.mbg_nbd(held)


def test_the_calibration_part_is_the_summary_up_to_the_split(beauty, split):
    columns = ["customer_id", "frequency", "recency", "T", "monetary_value"]
    pd.testing.assert_frame_equal(split[0][columns], clv.summary(beauty, end="2026-01-01"))
    later = clv.summary(beauty, end="2026-07-01").set_index("customer_id")["frequency"]
    held = split[0].set_index("customer_id")
    both = held["frequency"] + held["frequency_holdout"]
    pd.testing.assert_series_equal(both, later.loc[held.index], check_names=False)


def test_a_model_of_its_own_customers_forecasts_within_the_interval():
    later = simulated_later(8_000)
    score = clv.holdout_score(clv.mbg_nbd(later), later)
    assert abs(score.relative_error) < 0.06
    assert score.mae < score.mae_naive
    inside = (score.table["low"] <= score.table["expected"]) & (
        score.table["expected"] <= score.table["high"]
    )
    assert inside.sum() >= 6
    assert score.table["customers"].sum() == len(later)


def simulated_later(n):
    """Customers of an MBG/NBD over 39 weeks, and what they do in the 39 after."""
    rng = np.random.default_rng(11)
    rate, chance = rng.gamma(0.6, 1 / 4.0, n), rng.beta(0.8, 2.5, n)
    now, there = np.zeros(n), rng.random(n) >= chance
    x, last, after = np.zeros(n), np.zeros(n), np.zeros(n)
    while there.any():
        now = now + rng.exponential(1 / np.maximum(rate, 1e-12))
        there &= now < 78
        seen = there & (now < 39)
        x, last, after = x + seen, np.where(seen, now, last), after + (there & ~seen)
        there &= rng.random(n) >= chance
    frame = pd.DataFrame({"frequency": x, "recency": last, "T": 39.0})
    return frame.assign(frequency_holdout=after, duration_holdout=39.0)


def test_the_tracked_purchases_are_those_of_the_summary_and_the_model(beauty, split):
    held, model = split
    weeks = clv.tracking(model, beauty, split="2026-01-01", end="2026-06-29")
    assert (weeks["start"].iloc[0], len(weeks)) == (pd.Timestamp("2024-07-01"), 104)
    assert weeks["customers"].iloc[-1] == len(held)
    known = clv.summary(beauty, end="2026-06-29").set_index("customer_id").loc[held["customer_id"]]
    assert weeks["cumulative_actual"].iloc[-1] == known["frequency"].sum()
    assert weeks["cumulative_expected"].iloc[-1] == pytest.approx(
        model.expected_new(known["T"].to_numpy()).sum(), rel=1e-9
    )
    assert weeks["expected"].sum() == pytest.approx(weeks["cumulative_expected"].iloc[-1], rel=1e-12)
    assert weeks.loc[weeks["holdout"], "start"].min() == pd.Timestamp("2026-01-05")


def test_only_bg_has_everyone_without_a_repeat_purchase_alive(split):
    held = split[0]
    found = clv.alive_by_frequency(held, clv.bg_nbd(held), split[1])
    alive = found.pivot_table(index="frequency", columns="model", values="p_alive")
    assert alive.loc["0", "BG/NBD"] == 1
    assert alive.loc["0", "MBG/NBD"] < 0.95
    assert found.groupby("model")["customers"].sum().tolist() == [len(held)] * 2


def test_the_same_silence_means_more_in_a_frequent_customer(split):
    grid = clv.alive_grid(split[1], T=52, purchases=10, steps=8)
    wide = grid.pivot_table(index="frequency", columns="silence", values="p_alive")
    assert (wide.diff(axis=1).iloc[:, 1:] < 0).all(axis=None)
    assert (wide[26.0].diff().iloc[3:] < 0).all()
