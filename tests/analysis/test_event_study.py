"""An effect period by period: what it estimates, its test of the periods before, and what it refuses."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from ecomtrain import datasets
from ecomtrain.analysis.causal import difference_in_differences, event_study
from ecomtrain.errors import CourseError
from ecomtrain.shop.truth import Truth

ASKED = {"outcome": "y", "unit": "team", "time": "month", "treated": "on"}


def panel(seed, starts=(5, 5, 5, 99, 99, 99, 99), months=9, effect=1.0, trend=0.0, noise=0.3):
    """Teams with their own start (99: never) and an effect that grows by the same amount each month."""
    rng = np.random.default_rng(seed)
    start = np.array(starts)
    i, t = (grid.ravel() for grid in np.indices((len(start), months)))
    since = t - start[i]
    y = rng.normal(size=len(start))[i] + rng.normal(size=months)[t] + noise * rng.normal(size=i.size)
    y = y + effect * (since + 1) * (since >= 0) + trend * t * (start[i] < months)
    return pd.DataFrame({"team": i, "month": t, "on": since >= 0, "y": y})


def test_with_one_start_it_is_the_regression_with_a_dummy_for_each_period():
    frame = panel(1)
    frame["since"] = np.where(frame["team"] < 3, frame["month"] - 5, -1).astype(str)
    model = smf.ols("y ~ C(since, Treatment('-1')) + C(team) + C(month)", frame).fit()
    found = event_study(frame, **ASKED, window=9).table.set_index("period")["effect"]
    for name, value in model.params.items():
        if "since" in name:
            assert found[int(name.split("T.")[1].rstrip("]"))] == pytest.approx(value, abs=1e-9)


def test_its_standard_error_is_that_of_leaving_each_unit_out():
    frame = panel(2, starts=(3, 3, 5, 5, 99, 99, 99))
    found = event_study(frame, **ASKED).table.set_index("period")
    parts = [
        event_study(frame[frame["team"] != team], **ASKED).table.set_index("period")["effect"]
        for team in range(7)
    ]
    without = pd.concat(parts, axis=1)
    expected = np.sqrt(6 / 7 * ((without.T - without.mean(axis=1)) ** 2).sum())
    for period in (-3, -2, 0, 2):
        assert found.loc[period, "se"] == pytest.approx(expected[period], rel=1e-9)


def test_an_effect_that_grows_is_told_truly_where_starts_are_staggered():
    """One regression makes early starters the measure of late ones, and finds too little."""
    frame = panel(3, starts=(2, 2, 2, 5, 5, 5, 8, 8, 8), months=9, noise=0.0)
    found = event_study(frame, **ASKED, window=5).table.set_index("period")["effect"]
    assert found.loc[0:3].tolist() == pytest.approx([1, 2, 3, 4])
    assert found.loc[-4:-1].tolist() == pytest.approx([0, 0, 0, 0], abs=1e-9)
    naive = difference_in_differences(frame, **ASKED)["effect"].item()
    assert naive < found.loc[0:3].mean() - 1


def test_groups_that_went_apart_before_are_found_out():
    starts = (5,) * 8 + (99,) * 8
    assert event_study(panel(4, starts, trend=0.4), **ASKED).pretrend_p < 0.01
    assert event_study(panel(4, starts), **ASKED).pretrend_p > 0.05


def test_the_test_of_the_periods_before_is_wrong_as_often_as_it_says():
    """Sixteen units and four periods: few clusters, where a normal test is wrong too often."""
    p = [event_study(panel(seed, (5,) * 8 + (99,) * 8, effect=0), **ASKED).pretrend_p for seed in range(150)]
    assert 0.005 < np.mean(np.array(p) < 0.05) < 0.1


def test_a_relative_effect_is_a_share():
    frame = panel(5, noise=0.0)
    frame["y"] = np.exp(0.1 * frame["team"] + 0.02 * frame["month"]) * np.where(frame["on"], 1.2, 1.0)
    found = event_study(frame, **ASKED, relative=True)
    assert found.effect == pytest.approx(0.2)
    assert found.table.set_index("period").loc[0, "effect"] == pytest.approx(0.2)


def test_a_single_treated_unit_has_an_effect_and_no_interval():
    found = event_study(panel(6, (5, 99, 99, 99)), **ASKED)
    assert np.isfinite(found.effect)
    assert np.isnan([found.low, found.high, found.pretrend_p]).all()


def test_the_three_day_week_shows_no_difference_before_and_its_planted_effect_after():
    kpis = datasets.load("kpis")
    kpis["three"] = kpis["pattern"] == "3+3"
    teams = (
        kpis.groupby(["team", "month"]).agg({"output": "sum", "hours": "sum", "three": "max"}).reset_index()
    )
    teams["value"] = teams["output"] / teams["hours"]
    found = event_study(teams, outcome="value", unit="team", time="month", treated="three", relative=True)
    assert found.low < Truth().three_on_output < found.high
    assert found.pretrend_p > 0.05


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (lambda f: f.assign(on=f["month"] == 5), "team 0 stops being treated"),
        (lambda f: f.assign(on=False), "nobody begins"),
        (lambda f: f.assign(on=f["month"] >= 5), "nobody has yet to begin"),
        (lambda f: f.assign(y=np.nan), "'y' is missing"),
        (lambda f: pd.concat([f, f.iloc[:1]]), "more than one row"),
    ],
)
def test_a_panel_that_cannot_tell_gets_a_sentence(edit, says):
    with pytest.raises(CourseError, match=f"causal.event_study: .*{says}"):
        event_study(edit(panel(1)), **ASKED)


@pytest.mark.parametrize("window", [0, 1.5, True])
def test_the_window_is_a_number_of_periods(window):
    with pytest.raises(CourseError, match="window is"):
        event_study(panel(1), **ASKED, window=window)
