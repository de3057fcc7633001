"""Tenure against lifelines and agents against pyworkforce, where they are installed among the peers."""

import numpy as np
import pandas as pd
import pytest

from ecomtrain import datasets
from ecomtrain.analysis import service, team

TENURE = """
from lifelines import KaplanMeierFitter
fitted = KaplanMeierFitter().fit(given["durations"], given["observed"])
curve = fitted.survival_function_["KM_estimate"]
band = fitted.confidence_interval_survival_function_
result = {"time": list(curve.index), "survival": list(curve), "low": list(band.iloc[:, 0])}
"""


def test_the_tenure_curve_is_that_of_lifelines(peer):
    staff = datasets.load("staff", shop="social")
    start, end = pd.Timestamp("2025-01-01"), pd.Timestamp("2026-07-01")
    curve = team.tenure_curve(staff, start, end)
    hired = staff[(staff["hired_on"] >= start) & (staff["hired_on"] < end)]
    gone = hired["left_on"] < end
    last = hired["left_on"].add(pd.Timedelta("1D")).where(gone, end)
    days = (last - hired["hired_on"]).dt.days
    found = peer("lifelines", TENURE, durations=days.tolist(), observed=gone.tolist())
    at = np.searchsorted(found["time"], (curve["months"] * 365.25 / 12).round().to_numpy())
    assert np.array(found["survival"])[at] == pytest.approx(curve["survival"].to_numpy())
    low = np.array(found["low"])[at]
    known = curve["low"].notna().to_numpy() & ~np.isnan(low)
    assert low[known] == pytest.approx(curve["low"].to_numpy()[known])


AGENTS = """
from pyworkforce.queuing import ErlangC
result = []
for calls in given["calls"]:
    desk = ErlangC(transactions=calls, asa=20 / 60, aht=3, interval=30, shrinkage=0.3)
    result.append(desk.required_positions(service_level=0.8, max_occupancy=0.85))
"""


def test_as_many_agents_are_needed_as_pyworkforce_says(peer):
    calls = [1, 7, 40, 100, 333, 2000]
    found = peer("pyworkforce", AGENTS, calls=calls)
    ours = service.agents_needed(calls, 180, service_level=0.8, max_occupancy=0.85, shrinkage=0.3)
    for name, theirs in {
        "agents": "raw_positions",
        "staff": "positions",
        "service_level": "service_level",
        "occupancy": "occupancy",
        "p_wait": "waiting_probability",
    }.items():
        assert ours[name].tolist() == pytest.approx([row[theirs] for row in found]), name
