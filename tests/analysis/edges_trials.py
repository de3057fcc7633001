"""Edge cases of experiments, of changes without one, and of the answer of sales to spend."""

import numpy as np
import pandas as pd
from edges import Case

from ecomtrain.analysis import causal, experiment, response

PANEL = {"outcome": "output", "unit": "team", "time": "month", "treated": "coached"}

CASES = {
    "causal.balance": Case(
        ("trials_members",),
        lambda trials_members: causal.balance(
            trials_members, treated="member", on=["past", "city"], also="age", bins={"past": [0, 2, 4]}
        ),
    ),
    "causal.counterfactual": Case(
        ("trials_weeks",),
        lambda trials_weeks: causal.counterfactual(
            trials_weeks.set_index("date")["visits"], start="2026-03-30",
            controls=trials_weeks.set_index("date")[["others"]],
        ),
        times=("trials_weeks.date",), refuses_negative=("trials_weeks.visits", "trials_weeks.others"),
    ),
    "causal.event_study": Case(
        ("trials_panel",), lambda trials_panel: causal.event_study(trials_panel, **PANEL)
    ),
    "experiment.adjust": Case(
        ("trials_tests",), lambda trials_tests: experiment.adjust(trials_tests["p"]), aligned=True
    ),
    "experiment.always_valid": Case(
        ("trials_units",),
        lambda trials_units: experiment.always_valid(trials_units, tau=2.0, outcome="paid", first=5),
        times=("trials_units.assigned_at",), refuses_currencies=("trials_units",),
    ),
    "experiment.cuped": Case(
        ("trials_units",),
        lambda trials_units: experiment.cuped(trials_units, outcome="paid", covariate="before"),
        refuses_currencies=("trials_units",),
    ),
    "experiment.five_steps": Case(
        ("trials_units",),
        lambda trials_units: experiment.five_steps(
            trials_units, hypothesis="Shorter is better", baseline=0.3, change=1.2, success="bought",
            guardrails={"returned": "lower"},
        ),
    ),
    "experiment.group_sequential": Case((), lambda: experiment.group_sequential(4)),
    "experiment.peeking": Case((), lambda: experiment.peeking([1, 3], trials=200)),
    "experiment.power": Case((), lambda: experiment.power(0.1, n=[500, 5000], change=0.1)),
    "experiment.sample_size": Case((), lambda: experiment.sample_size(0.1, change=0.1)),
    "response.adstock": Case(
        ("trials_spend",),
        lambda trials_spend: response.adstock(trials_spend.set_index("date")[["live", "feed"]], 0.5),
        times=("trials_spend.date",), refuses_negative=("trials_spend.live",), aligned=True,
    ),
    "response.allocate": Case(
        ("trials_curves",),
        lambda trials_curves: response.allocate(trials_curves.set_index("channel"), 900.0).sort_index(),
        refuses_negative=("trials_curves.beta", "trials_curves.spend"),
    ),
    "response.fit_response": Case(
        ("trials_spend",),
        lambda trials_spend: response.fit_response(trials_spend, spend=["live", "feed"], controls=["price"]),
        times=("trials_spend.date",), refuses_negative=("trials_spend.live", "trials_spend.feed"),
        refuses_shops=("trials_spend",), refuses_currencies=("trials_spend",),
    ),
    "response.hill": Case(
        ("trials_spend",), lambda trials_spend: response.hill(trials_spend["live"], 100.0, 1.5),
        refuses_negative=("trials_spend.live",), aligned=True,
    ),
}  # fmt: skip


def frames():
    i = np.arange(60)
    before = 20.0 + (7 * i) % 23
    arm = np.where(i % 2, "treatment", "control")
    paid = before + 3 * (i % 2) + i % 5
    units = {"visitor_id": i, "arm": arm, "before": before, "paid": paid, "bought": i % 3 == 0}
    units |= {
        "returned": i % 7 == 0,
        "assigned_at": pd.date_range("2026-06-01", periods=60, freq="3h", tz="Asia/Shanghai"),
    }
    team, month = (grid.ravel() for grid in np.indices((9, 6)))
    coached = (team < 4) & (month >= 3 + team % 2)
    output = 10.0 + team + month + 2 * coached + (5 * team * month + team) % 7 / 7
    day = np.arange(80)
    live, feed = 60.0 + (37 * day) % 101, 40.0 + (23 * day * day) % 67
    price = 5 + (day * 11) % 3
    amount = 500 + 300 * live / (live + 90) + 150 * feed / (feed + 50) - 9 * price + (day * day * 3) % 11
    spend = {"date": pd.date_range("2026-01-05", periods=80), "live": live, "feed": feed}
    others = np.array([90, 80, 85, 95, 90, 99, 97, 92, 94, 99, 98, 91, 96, 99, 94, 97])
    visits = 3.0 * others + np.array([2, -4, 3, 0, -2, 1, 4, -3, 0, 2, -1, -2, 68, 75, 70, 66])
    return {
        "trials_curves": pd.DataFrame(
            {"channel": ["live", "feed", "search"], "beta": [900.0, 700, 400], "half": [400.0, 150, 90],
             "slope": [1.0, 2.0, 0.8], "spend": [300.0, 300, 300]}
        ),
        "trials_members": pd.DataFrame(
            {"customer_id": i, "member": i % 3 == 0, "past": i % 6 + (i % 3 == 0), "age": 20.0 + i % 31,
             "city": np.where(i % 4 < 2, "Hangzhou", "Ningbo")}
        ),
        "trials_panel": pd.DataFrame({"team": team, "month": month, "coached": coached, "output": output}),
        "trials_spend": pd.DataFrame(spend | {"price": price, "amount": amount}),
        "trials_tests": pd.DataFrame({"metric": list("abcde"), "p": [0.004, 0.03, 0.02, 0.4, 0.02]}),
        "trials_units": pd.DataFrame(units),
        "trials_weeks": pd.DataFrame(
            {"date": pd.date_range("2026-01-05", periods=16, freq="7D"), "visits": visits, "others": others}
        ),
    }  # fmt: skip
