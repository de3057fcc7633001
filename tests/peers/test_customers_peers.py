"""Waiting times against lifelines, sums by customer against lifetimes."""

import numpy as np
import pandas as pd
import pytest

from ecomtrain.analysis import survival
from ecomtrain.analysis._orders_by_customer import by_customer, day_numbers

WALTONS = """
from lifelines import KaplanMeierFitter
from lifelines.datasets import load_waltons
from lifelines.statistics import logrank_test
data = load_waltons()
fit = KaplanMeierFitter().fit(data["T"], data["E"])
band = fit.confidence_interval_survival_function_
one = data["group"] == "control"
test = logrank_test(data["T"][one], data["T"][~one], data["E"][one], data["E"][~one])
result = {
    "T": data["T"].tolist(), "E": data["E"].tolist(), "group": data["group"].tolist(),
    "median": fit.median_survival_time_, "time": fit.survival_function_.index.tolist(),
    "survival": fit.survival_function_.iloc[:, 0].tolist(), "low": band.iloc[:, 0].tolist(),
    "high": band.iloc[:, 1].tolist(), "chi2": test.test_statistic, "p": test.p_value,
}
"""


@pytest.fixture(scope="module")
def waltons(peer):
    return peer("lifelines", WALTONS)


def test_the_median_of_waltons_is_56(waltons):
    row = survival.quantiles(waltons["T"], np.array(waltons["E"]) == 1, q=[0.5]).iloc[0]
    assert row["value"] == waltons["median"] == 56
    assert (row["n"], row["events"]) == (163, 156)


def test_the_curve_and_its_band_are_theirs(waltons):
    curve = survival.kaplan_meier(waltons["T"], np.array(waltons["E"]) == 1).set_index("time")
    at = [time for time in waltons["time"] if time > 0]
    theirs = pd.DataFrame({k: waltons[k][-len(at) :] for k in ("survival", "low", "high")}, index=at)
    inside = theirs["survival"].between(0, 1, inclusive="neither")
    for column in theirs:
        found = curve.loc[theirs.index[inside], column]
        assert found.tolist() == pytest.approx(theirs.loc[inside, column].tolist(), rel=1e-9)


def test_the_log_rank_test_is_theirs(waltons):
    row = survival.log_rank(
        waltons["T"], np.array(waltons["E"]) == 1, waltons["group"], control="control"
    ).iloc[0]
    assert row["chi2"] == pytest.approx(waltons["chi2"], rel=1e-9)
    assert row["p"] == pytest.approx(waltons["p"], rel=1e-6)


def test_frequency_recency_and_age_are_those_of_lifetimes(peer):
    rng = np.random.default_rng(4)
    who, hour = rng.integers(0, 200, 2000), rng.integers(0, 24 * 300, 2000)
    orders = pd.DataFrame(
        {
            "customer_id": who,
            "paid_at": pd.Timestamp("2025-01-01") + pd.to_timedelta(hour, unit="h"),
            "paid_amount": rng.integers(10, 900, 2000).astype(float),
        }
    )
    code = """
import pandas as pd
from lifetimes.utils import summary_data_from_transaction_data as summary
frame = pd.DataFrame(given)
frame["paid_at"] = pd.to_datetime(frame["paid_at"])
made = summary(frame, "customer_id", "paid_at", "paid_amount", observation_period_end="2025-12-31")
result = made.sort_index().reset_index().to_dict("list")
"""
    rows = orders.assign(paid_at=orders["paid_at"].astype("str")).to_dict("list")
    theirs = pd.DataFrame(peer("lifetimes", code, **rows))
    found = by_customer(orders["customer_id"], orders["paid_at"], orders["paid_amount"])
    first, last = (day_numbers(pd.Series(times)) for times in (found.first, found.last))
    repeats = found.periods - 1
    assert found.customer.tolist() == theirs["customer_id"].tolist()
    assert repeats.tolist() == theirs["frequency"].tolist()
    assert (last - first).tolist() == theirs["recency"].tolist()
    assert ((pd.Timestamp("2025-12-31") - pd.Timestamp(0)).days - first).tolist() == theirs["T"].tolist()
    mean = (found.amount - found.first_amount) / np.maximum(repeats, 1)
    assert mean.tolist() == pytest.approx(theirs["monetary_value"].tolist())
