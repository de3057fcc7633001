"""The titles of the lifetime plots where the finding is another one than on the course's data."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from plot_cases import CASES

from ecomtrain import plots
from ecomtrain.analysis import clv

MADE = {case.plot: case for case in CASES}


def test_customers_who_are_never_likely_gone_are_said_so():
    grid = pd.DataFrame({"frequency": [1, 1, 2, 2], "silence": [0.0, 9.0] * 2, "p_alive": 0.9})
    assert plots.finding(plots.alive_map(grid)).endswith(
        "gone than not after more than the 9 weeks shown, one with 1 after more than the 9 weeks shown"
    )


def test_tracking_without_a_time_held_out_says_so():
    table = MADE["tracking"].make().assign(holdout=False)
    assert "none of them held out" in plots.finding(plots.tracking(table))


def test_tracking_of_nobody_who_returns_divides_by_nothing():
    table = MADE["tracking"].make().assign(actual=0, cumulative_actual=0)
    assert plots.finding(plots.tracking(table)).endswith(
        "there were 0 repeat purchases in the 25 periods held out"
    )


def test_a_holdout_without_purchases_has_no_relative_error_to_tell():
    score = dataclasses.replace(MADE["holdout"].make(), actual=0.0, relative_error=np.nan)
    assert "there were 0; it is" in plots.finding(plots.holdout(score))


def test_value_by_tier_names_the_tier():
    found = MADE["lifetime_value"].make()
    groups = found.groups.rename(columns={"decile": "tier"}).assign(tier=[f"级{k}" for k in range(10)])
    title = plots.finding(plots.lifetime_value(dataclasses.replace(found, groups=groups)))
    assert title.startswith("级0 holds 3")


@pytest.mark.parametrize(
    ("correlation", "low", "high", "says"),
    [
        (0.5, 0.4, 0.6, "spend much more per purchase: correlation 0.50 (0.4"),
        (-0.2, -0.3, -0.1, "spend somewhat less per purchase"),
        (np.nan, np.nan, np.nan, "cannot be told"),
        (0.2, np.nan, np.nan, "tells nothing clear"),
    ],
)
def test_the_check_of_spend_says_no_more_than_the_interval_carries(correlation, low, high, says):
    model = dataclasses.replace(
        MADE["spend_check"].make(), correlation=correlation, correlation_low=low, correlation_high=high
    )
    assert says in plots.finding(plots.spend_check(model))


def test_three_models_are_named_each():
    summary = clv.alive_by_frequency(
        pd.DataFrame({"frequency": [0, 1], "recency": [0.0, 3.0], "T": 9.0}), *three_models()
    )
    assert plots.finding(plots.alive_by_frequency(summary)).count("says") == 3


def three_models():
    for name, names in {
        "BG/NBD": "r alpha a b", "MBG/NBD": "r alpha a b", "Pareto/NBD": "r alpha s beta"
    }.items():  # fmt: skip
        table = pd.DataFrame({"parameter": names.split(), "value": [0.6, 5.0, 0.8, 3.0]})
        yield clv.BuyerModel(name, table, pd.DataFrame(np.eye(4)), 0.0, 2)
