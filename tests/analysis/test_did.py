"""Differences in differences: what it estimates, how wide its interval is, and what it refuses."""

import re

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st

from ecomtrain.analysis.causal import difference_in_differences
from ecomtrain.errors import CourseError

ASKED = {"outcome": "y", "unit": "team", "time": "month", "treated": "on"}


def panel(seed, teams=20, months=12, effect=0.1, gaps=0.0):
    """Teams that start at different months or never, with errors that hang together over time."""
    rng = np.random.default_rng(seed)
    i, t = (grid.ravel() for grid in np.indices((teams, months)))
    error = rng.normal(size=(teams, months))
    for at in range(1, months):
        error[:, at] = 0.6 * error[:, at - 1] + 0.8 * error[:, at]
    starts = np.where(np.arange(teams) % 5 < 2, rng.integers(months // 3, months - 1, teams), months)
    on = t >= starts[i]
    y = rng.normal(size=teams)[i] + rng.normal(size=months)[t] + effect * on + 0.1 * error.ravel()
    frame = pd.DataFrame({"team": i, "month": t, "on": on, "y": y})
    return frame[rng.random(len(frame)) >= gaps]


def estimate(frame, **more):
    return difference_in_differences(frame, **ASKED, **more).iloc[0]


@pytest.mark.parametrize("gaps", [0.0, 0.3])
def test_it_is_the_regression_with_a_dummy_for_every_unit_and_period(gaps):
    frame = panel(1, gaps=gaps)
    model = smf.ols("y ~ on + C(team) + C(month)", frame.astype({"on": int}))
    peer = model.fit(cov_type="cluster", cov_kwds={"groups": frame["team"]})
    found = estimate(frame)
    assert found["effect"] == pytest.approx(peer.params["on"], abs=1e-10)
    # The jackknife is a little more careful than the sandwich.
    assert 0.9 < found["se"] / peer.bse["on"] < 1.3
    assert found[["units", "periods", "n"]].tolist() == [20, 12, len(frame)]
    assert found["treated_units"] == frame.loc[frame["on"], "team"].nunique()


@pytest.mark.parametrize("gaps", [0.0, 0.3])
def test_its_standard_error_is_that_of_leaving_each_unit_out(gaps):
    frame = panel(2, teams=9, months=6, gaps=gaps)

    def slope(part):
        d = pd.get_dummies(part[["team", "month"]].astype(str), dtype=float).assign(
            on=part["on"].astype(float)
        )
        return np.linalg.lstsq(d.to_numpy(), part["y"].to_numpy(), rcond=None)[0][-1]

    slopes = np.array([slope(frame[frame["team"] != one]) for one in frame["team"].unique()])
    count = len(slopes)
    by_hand = np.sqrt((count - 1) / count * ((slopes - slopes.mean()) ** 2).sum())
    assert estimate(frame)["se"] == pytest.approx(by_hand, rel=1e-9)


@pytest.mark.parametrize(("teams", "gaps"), [(20, 0.0), (20, 0.2), (40, 0.0), (80, 0.2)])
def test_the_interval_covers_the_effect_as_often_as_it_says(teams, gaps):
    found = [estimate(panel(seed, teams=teams, gaps=gaps)) for seed in range(120)]
    covers = np.mean([row["low"] <= 0.1 <= row["high"] for row in found])
    assert 0.89 <= covers <= 0.995


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.25]), st.floats(-50, 50), st.floats(0.1, 20))
def test_levels_of_units_and_periods_play_no_part_and_units_of_measure_scale(seed, gaps, shift, factor):
    frame = panel(seed, teams=10, months=6, gaps=gaps)
    frame = frame[frame.groupby("team")["month"].transform("size") > 1]
    moved = frame.assign(y=factor * (frame["y"] + shift * frame["team"] - 2 * shift * frame["month"]))
    one, two = estimate(frame), estimate(moved)
    for name in ("effect", "low", "high", "se"):
        assert two[name] == pytest.approx(factor * one[name], rel=1e-6, abs=1e-6, nan_ok=True)


def test_a_relative_effect_is_that_of_the_logarithm():
    frame = panel(3)
    one, two = estimate(frame), estimate(frame.assign(y=np.exp(frame["y"])), relative=True)
    for name in ("effect", "low", "high"):
        assert two[name] == pytest.approx(np.expm1(one[name]))
    assert two["se"] == pytest.approx(one["se"])
    tenfold = estimate(frame.assign(y=10 * np.exp(frame["y"])), relative=True)
    assert tenfold["effect"] == pytest.approx(two["effect"])


def test_two_groups_and_two_periods_give_the_difference_of_the_differences():
    frame = panel(4, teams=10, months=6)
    frame = frame[frame["month"].isin([0, 5])].assign(on=lambda f: (f["team"] < 5) & (f["month"] == 5))
    change = frame.pivot_table("y", "team", "month").diff(axis=1)[5]
    assert estimate(frame)["effect"] == pytest.approx(change[:5].mean() - change[5:].mean())


def test_with_one_treated_unit_there_is_an_effect_but_no_interval():
    frame = panel(5, teams=6)
    alone = frame.assign(on=(frame["team"] == 1) & (frame["month"] >= 6))
    found = estimate(alone)
    assert np.isfinite(found["effect"])
    assert found[["low", "high", "se"]].isna().all()


def test_a_fit_without_errors_has_no_interval():
    i, t = (grid.ravel() for grid in np.indices((4, 3)))
    on = (i < 2) & (t > 0)
    found = estimate(pd.DataFrame({"team": i, "month": t, "on": on, "y": i + 2.0 * t + 3 * on}))
    assert found["effect"] == pytest.approx(3)
    assert np.isnan(found["low"])


def test_a_big_panel_with_gaps_needs_no_dummies():
    frame = panel(6, teams=3000, months=24, gaps=0.1)
    found = estimate(frame)
    assert abs(found["effect"] - 0.1) < 5 * found["se"]
    assert found["se"] < 0.01


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f.drop(columns="on"), "column 'on' is not in the frame; it has team, month, y."),
        (lambda f: f.assign(on=f["month"] >= 6), "'on' is the same for every unit in each period"),
        (lambda f: f.assign(on=False), "'on' is the same for every unit in each period, or never changes"),
        (lambda f: f.assign(on=2), "column 'on' holds values other than 0 and 1"),
        (lambda f: f.assign(y="much"), "column 'y' holds str, not numbers."),
        (lambda f: f.assign(y=f["y"].where(f["team"] > 0)), "column 'y' is missing in 12 row(s)."),
        (lambda f: pd.concat([f, f.head(1)]), "team 0 has more than one row in month 0. Add them up first"),
        (lambda f: f[f["month"] == 3], "two units and two periods or more are needed."),
        (lambda f: f.head(0), "two units and two periods or more are needed."),
    ],
)
def test_what_cannot_be_compared_is_refused_with_a_sentence(change, words):
    with pytest.raises(CourseError, match=re.escape(f"causal.difference_in_differences: {words}")):
        estimate(change(panel(7)))


def test_a_relative_change_of_nothing_is_refused():
    with pytest.raises(CourseError, match=r"column 'y' is not above 0 in \d+ row"):
        estimate(panel(8), relative=True)
