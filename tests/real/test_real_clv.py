"""The models of lifetime value on the published sample of CDNOW, 39 weeks to fit and 39 to judge by."""

import pytest

from ecomtrain.analysis import clv

COLUMNS = {"time": "ts", "amount": "amount", "order": None}


@pytest.fixture(scope="module")
def purchases(real):
    return real("cdnow_sample")


@pytest.fixture(scope="module")
def held(purchases):
    return clv.calibration_holdout(purchases, split="1997-10-01", end="1998-07-01", **COLUMNS)


def test_the_summary_has_the_published_customers_and_purchases(held):
    assert (len(held), held["frequency"].sum(), (held["frequency"] > 0).sum()) == (2_357, 2_457, 946)
    assert held["T"].max() == pytest.approx(272 / 7)
    assert (held["duration_holdout"] == 39).all()


@pytest.mark.parametrize(
    ("fit", "values", "likelihood"),
    [
        (clv.bg_nbd, [0.2426, 4.4136, 0.7929, 2.4259], -9582.4),
        (clv.pareto_nbd, [0.553, 10.578, 0.606, 11.67], -9595.0),
    ],
)
def test_the_parameters_are_the_published_ones(held, fit, values, likelihood):
    model = fit(held)
    # The published digits of Pareto/NBD are three; a later print of BG/NBD ends 4.4135 and 2.4258.
    assert model.table["value"].to_numpy() == pytest.approx(values, rel=6e-4)
    assert model.log_likelihood == pytest.approx(likelihood, abs=0.05)


def test_the_parameters_of_spend_are_the_published_ones_and_hardly_correlated(held):
    model = clv.gamma_gamma(held[(held["frequency"] == 0) | (held["monetary_value"] > 0)])
    assert model.n == 946
    # The print of 15.45 rests on means that were rounded to cents.
    assert model.table["value"].to_numpy() == pytest.approx([6.25, 3.74, 15.45], abs=0.01)
    assert model.correlation == pytest.approx(0.114, abs=0.0005)


def test_the_models_forecast_the_second_39_weeks_better_than_the_rates_of_the_first(purchases, held):
    later = purchases.loc[purchases["ts"] >= "1997-10-01", ["customer_id", "ts"]]
    scores = [clv.holdout_score(fit(held), held) for fit in (clv.bg_nbd, clv.mbg_nbd, clv.pareto_nbd)]
    for score in scores:
        assert score.actual == len(later.drop_duplicates()) == 1_882
        assert score.mae < 0.8 * score.mae_naive
        assert -0.17 < score.relative_error < -0.11
    assert [round(score.mae, 3) for score in scores] == [0.785, 0.765, 0.755]


@pytest.mark.parametrize(("fit", "reached"), [(clv.bg_nbd, 0.96), (clv.pareto_nbd, 0.98)])
def test_after_78_weeks_the_tracking_curve_is_as_near_as_published(purchases, held, fit, reached):
    weeks = clv.tracking(fit(held), purchases, split="1997-10-01", end="1998-07-01", order=None, time="ts")
    last = weeks.iloc[-1]
    assert (len(weeks), last["cumulative_actual"]) == (78, 2_457 + 1_882)
    assert last["cumulative_expected"] / last["cumulative_actual"] == pytest.approx(reached, abs=0.005)
