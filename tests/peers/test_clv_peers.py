"""Summaries and models of lifetime value, beside those of lifetimes."""

import numpy as np
import pandas as pd
import pytest

from ecomtrain.analysis import clv
from ecomtrain.analysis._btyd import collapse
from ecomtrain.analysis._btyd_formulas import FORMULAS

SUMMARY = """
import pandas as pd
from lifetimes.utils import summary_data_from_transaction_data as summary
frame = pd.DataFrame(given["rows"], columns=["customer", "ts", "amount"])
frame["ts"] = pd.to_datetime(frame["ts"])
found = summary(frame, "customer", "ts", "amount", observation_period_end=given["last"], freq="D",
                freq_multiplier=given["days"])
result = found.sort_index().reset_index().values.tolist()
"""
MODEL = """
import lifetimes, numpy as np
x, last, age = (np.array(given[name]) for name in ("x", "last", "age"))
model = getattr(lifetimes, given["name"])().fit(x, last, age)
new = model.expected_number_of_purchases_up_to_time(np.array([13.0, 52.0]))
result = {
    "parameters": [float(v) for v in model.params_.values],
    "alive": np.ravel(model.conditional_probability_alive(x, last, age)).tolist(),
    "expected": np.ravel(
        model.conditional_expected_number_of_purchases_up_to_time(26, x, last, age)).tolist(),
    "new": np.ravel(new).tolist(),
}
"""
SPEND = """
import lifetimes, numpy as np
x, money = np.array(given["x"]), np.array(given["money"])
model = lifetimes.GammaGammaFitter().fit(x, money)
result = {"parameters": [float(v) for v in model.params_.values],
          "value": model.conditional_expected_average_profit(x, money).tolist()}
"""


@pytest.fixture(scope="module")
def orders():
    rng = np.random.default_rng(3)
    n = 300
    rate, stay = rng.gamma(0.8, 1 / 30, n), rng.beta(2, 1, n)
    rows = []
    for customer in range(n):
        day = float(rng.integers(0, 120))
        while day < 400:
            rows.append((customer, day, 10 + 5 * (customer % 7) + rng.gamma(3, 4)))
            if rng.random() > stay[customer]:
                break
            day += rng.exponential(1 / rate[customer])
    frame = pd.DataFrame(rows, columns=["customer_id", "day", "paid_amount"])
    frame["paid_at"] = pd.Timestamp("2025-01-01") + pd.to_timedelta(
        (frame.pop("day") * 1440).round(), unit="min"
    )
    return frame.round({"paid_amount": 2})


@pytest.fixture(scope="module")
def table(orders):
    return clv.summary(orders, end="2026-01-15", order=None)


@pytest.mark.parametrize(("unit", "days"), [("W", 7), ("D", 1)])
def test_the_summary_is_theirs(peer, orders, unit, days):
    ours = clv.summary(orders, end="2026-01-15", unit=unit, order=None)
    rows = [(int(c), str(t), a) for c, a, t in orders.itertuples(index=False)]
    theirs = np.array(peer("lifetimes", SUMMARY, rows=rows, last="2026-01-14", days=days))
    # Where nobody bought again they say 0 for the mean, which is no mean.
    assert ours.fillna({"monetary_value": 0}).to_numpy(dtype=float) == pytest.approx(theirs, rel=1e-12)


@pytest.mark.parametrize(
    ("fit", "name"),
    [
        (clv.bg_nbd, "BetaGeoFitter"),
        (clv.mbg_nbd, "ModifiedBetaGeoFitter"),
        (clv.pareto_nbd, "ParetoNBDFitter"),
    ],
)
def test_parameters_likelihood_and_forecasts_are_theirs(peer, table, fit, name):
    given = {"x": table["frequency"].tolist(), "last": table["recency"].tolist(), "age": table["T"].tolist()}
    theirs = peer("lifetimes", MODEL, name=name, **given)
    ours = fit(table)
    at = ours.table["value"].to_numpy()
    # Their simplex search for Pareto/NBD stops short of the maximum.
    loose = 3e-2 if name == "ParetoNBDFitter" else 2e-3
    seen = collapse(*(table[name].to_numpy(dtype=float) for name in ("frequency", "recency", "T")))
    likelihood = FORMULAS[ours.model].likelihood(np.array(theirs["parameters"]), seen)[0]
    assert ours.log_likelihood >= likelihood - 1e-6
    assert ours.log_likelihood == pytest.approx(likelihood, rel=1e-6)
    assert at == pytest.approx(theirs["parameters"], rel=loose)
    assert ours.p_alive(table).to_numpy() == pytest.approx(theirs["alive"], abs=loose)
    assert ours.expected_purchases(table, 26).to_numpy() == pytest.approx(
        theirs["expected"], rel=loose, abs=1e-3
    )
    assert ours.expected_new([13.0, 52.0]) == pytest.approx(theirs["new"], rel=loose)


def test_spend_is_theirs(peer, table):
    again = table[table["frequency"] > 0]
    given = {"x": again["frequency"].tolist(), "money": again["monetary_value"].tolist()}
    theirs = peer("lifetimes", SPEND, **given)
    ours = clv.gamma_gamma(table)
    assert ours.table["value"].to_numpy() == pytest.approx(theirs["parameters"], rel=2e-2)
    assert ours.expected_value(again).to_numpy() == pytest.approx(theirs["value"], rel=1e-3)
