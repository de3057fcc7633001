"""Balance before and after matching, and the path beside its counterfactual."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecomtrain.analysis.causal import balance, counterfactual, interrupted_series, matched_change
from ecomtrain.errors import CourseError


def people(seed=0, n=400):
    rng = np.random.default_rng(seed)
    past = rng.poisson(2, n)
    member = rng.random(n) < 0.15 + 0.12 * np.minimum(past, 5)
    city = np.where(rng.random(n) < 0.3 + 0.3 * member, "Hangzhou", "Ningbo")
    return pd.DataFrame({"member": member, "past": past, "city": city, "again": rng.random(n) < 0.3})


@given(st.integers(0, 200))
@settings(max_examples=15, deadline=None)
def test_what_is_matched_exactly_is_alike_afterwards(seed):
    found = balance(people(seed), treated="member", on=["past", "city"])
    assert found["smd_after"].tolist() == pytest.approx([0, 0, 0], abs=1e-9)
    assert (found["matched_treated"] - found["matched_control"]).abs().max() < 1e-9


def test_the_weights_are_those_of_the_matched_comparison():
    frame = people(3)
    row = matched_change(frame.astype({"again": float}), treated="member", outcome="again", on="past").iloc[0]
    found = balance(frame, treated="member", on="past", also="again").set_index("variable").loc["again"]
    assert found["matched_control"] == pytest.approx(row["control"])
    assert found["matched_treated"] == pytest.approx(row["treatment"])


def test_the_distance_is_in_standard_deviations_of_both_sides():
    frame = people(4)
    one, other = (frame.loc[frame["member"] == side, "past"] for side in (True, False))
    expected = (one.mean() - other.mean()) / np.sqrt((one.var() + other.var()) / 2)
    found = balance(frame, treated="member", on="city", also="past").set_index("variable")
    assert found.loc["past", "smd_before"] == pytest.approx(expected)


def test_what_was_not_matched_on_may_stay_apart():
    found = balance(people(5), treated="member", on="city", also="past").set_index("variable")
    assert found.loc["city", "alike"].all()
    assert not found.loc["past", "alike"]


def test_nobody_matched_is_nan():
    frame = pd.DataFrame({"member": [1, 1, 0, 0], "past": [1, 2, 3, 4]})
    row = balance(frame, treated="member", on="past").iloc[0]
    assert np.isnan([row["matched_treated"], row["matched_control"], row["smd_after"]]).all()
    assert not row["alike"]


def test_who_took_part_must_be_known():
    with pytest.raises(CourseError, match=r"causal\.balance: column 'member' holds values other than"):
        balance(people().assign(member=2), treated="member", on="past")


# --- the path beside what was expected ---------------------------------------------------------------------


def weeks(seed, effect=0.25, n=60, after=12):
    rng = np.random.default_rng(seed)
    date = pd.date_range("2025-01-06", periods=n, freq="7D")
    season = 1000 * (1 + 0.3 * np.sin(np.arange(n) / 8))
    others = pd.DataFrame({"others": season * np.exp(0.02 * rng.normal(size=n))}, index=date)
    lift = np.where(np.arange(n) >= n - after, 1 + effect, 1.0)
    return (
        pd.Series(2 * season * lift * np.exp(0.03 * rng.normal(size=n)), index=date),
        others,
        date[n - after],
    )


@pytest.mark.parametrize("with_controls", [True, False])
def test_the_last_row_is_what_the_interrupted_series_tells(with_controls):
    series, others, start = weeks(1)
    asked = {"start": start, "controls": others if with_controls else None}
    path, row = counterfactual(series, **asked), interrupted_series(series, **asked).iloc[0]
    last = path.iloc[-1]
    told = ["effect", "effect_low", "effect_high"]
    assert last[told].tolist() == pytest.approx(row[["effect", "low", "high"]].tolist())
    assert path.loc[path["after"], "expected"].sum() == pytest.approx(row["expected"])
    assert path.loc[~path["after"], told].isna().all().all()


def test_the_first_row_after_the_change_has_the_effect_of_one_row():
    series, others, start = weeks(2)
    path = counterfactual(series, start=start, controls=others)
    one = interrupted_series(series, start=start, end=start + pd.Timedelta(days=1), controls=others).iloc[0]
    first = path[path["after"]].iloc[0]
    assert first["effect"] == pytest.approx(one["effect"])
    assert first["effect_low"] == pytest.approx(one["low"])


def test_the_band_holds_about_as_many_rows_as_it_says():
    inside, quiet = [], []
    for seed in range(30):
        series, others, start = weeks(seed, effect=0.0)
        path = counterfactual(series, start=start, controls=others)
        held = path["actual"].between(path["low"], path["high"])
        inside += held[path["after"]].tolist()
        quiet += held[~path["after"]].tolist()
    assert np.mean(inside) == pytest.approx(0.95, abs=0.05)
    assert np.mean(quiet) == pytest.approx(0.95, abs=0.04)
