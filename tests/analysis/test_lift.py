"""What a campaign caused: gold values, laws, coverage, and sentences for bad input."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ecomtrain.analysis.channels import incremental_return
from ecomtrain.errors import CourseError

CAMPAIGNS = pd.DataFrame(
    {
        "region": ["R1", "R1", "R2", "R2"],
        "arm": ["exposed", "holdout"] * 2,
        "users": [1000, 500, 2000, 1000],
        "spend": [100.0, 0.0, 210.0, 0.0],
        "amount": [1500.0, 450.0, 3200.0, 950.0],
    }
)


def regions(rng, *, caused=5.0, anyway=8.0, count=40, campaign="broad"):
    """Regions in which a yuan of ads causes `caused` yuan on average."""
    size = rng.integers(800, 1600, count)
    spend = size * 0.4 * rng.gamma(100, 0.01, count)
    rate = 0.4 * anyway * rng.gamma(60, 1 / 60, count)
    exposed = size * rate + spend * caused * rng.gamma(60, 1 / 60, count)
    noise = rng.normal(0, 0.05, (2, count))
    shown = pd.DataFrame(
        {"arm": "exposed", "users": size, "spend": spend, "amount": exposed * (1 + noise[0])}
    )
    held = pd.DataFrame(
        {"arm": "holdout", "users": size // 2, "spend": 0.0, "amount": size // 2 * rate * (1 + noise[1])}
    )
    names = [f"R{i}" for i in range(count)]
    return pd.concat([part.assign(region=names, campaign=campaign) for part in (shown, held)])


def test_the_holdout_tells_what_the_exposed_would_have_bought_anyway():
    row = incremental_return(CAMPAIGNS, margin=0.5).loc["all"]
    assert row["incremental_amount"] == (1500 - 2 * 450) + (3200 - 2 * 950)
    assert row["incremental_roas"] == pytest.approx(1900 / 310)
    assert row["roi"] == pytest.approx(0.5 * 1900 / 310 - 1)
    assert row[["regions", "users", "holdout_users"]].tolist() == [2, 3000, 1500]


def test_ads_that_change_nothing_have_no_return():
    idle = CAMPAIGNS.assign(amount=CAMPAIGNS["users"] * 0.9)
    assert incremental_return(idle)["incremental_roas"].item() == pytest.approx(0)
    assert incremental_return(idle, margin=0.5)["roi"].item() == pytest.approx(-1)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 99), st.integers(1, 5))
def test_rows_of_one_region_and_arm_are_added_up(seed, parts):
    rng = np.random.default_rng(seed)
    whole = regions(rng, count=5)
    split = pd.concat([whole.assign(users=whole["users"] * 1.0)] * parts)
    split[["users", "spend", "amount"]] /= parts
    one, other = (incremental_return(frame, margin=0.4) for frame in (whole, split))
    assert_frame_equal(one.iloc[:, 3:], other.iloc[:, 3:], rtol=1e-9)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 99), st.floats(0.1, 0.9))
def test_what_everybody_buys_anyway_takes_no_part_in_the_return(seed, more):
    whole = regions(np.random.default_rng(seed), count=6)
    richer = whole.assign(amount=whole["amount"] + more * whole["users"])
    one, other = (incremental_return(frame).loc["all"] for frame in (whole, richer))
    assert one["incremental_roas"] == pytest.approx(other["incremental_roas"])


def test_the_interval_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(5)
    worlds = pd.concat([regions(rng, campaign=str(world)) for world in range(300)])
    table = incremental_return(worlds, by="campaign")
    assert 0.91 <= table["low"].le(5).mul(table["high"].ge(5)).mean() <= 0.985
    assert table["incremental_roas"].mean() == pytest.approx(5, rel=0.02)


def test_two_campaigns_are_compared_by_what_they_caused_not_by_what_their_audience_buys():
    rng = np.random.default_rng(6)
    hits = []
    for _ in range(80):
        both = pd.concat(
            [regions(rng), regions(rng, caused=6.0, anyway=14.0, campaign="targeted")], ignore_index=True
        )
        row = incremental_return(both, by="campaign", control="broad").loc["targeted"]
        hits.append(row["relative_low"] <= 0.2 <= row["relative_high"])
    assert 0.91 <= np.mean(hits) <= 0.985


def test_the_control_is_compared_with_nothing_and_one_region_has_no_interval():
    both = pd.concat([CAMPAIGNS.assign(campaign="broad"), CAMPAIGNS.assign(campaign="targeted")])
    table = incremental_return(both, by="campaign", control="broad")
    assert table.index.name == "campaign"
    assert table.loc["broad", ["relative_change", "relative_low", "relative_high"]].isna().all()
    assert table.loc["targeted", "relative_change"] == pytest.approx(0)
    row = incremental_return(CAMPAIGNS[CAMPAIGNS["region"] == "R1"]).loc["all"]
    assert row["incremental_roas"] == 6
    assert row[["low", "high"]].isna().all()


@pytest.mark.parametrize(
    ("edit", "options", "words"),
    [
        (lambda c: c, {"level": 0}, "level is 0; give a fraction such as 0.95."),
        (lambda c: c, {"margin": 50}, "margin is 50; give a fraction of the revenue"),
        (lambda c: c, {"control": "broad"}, "control='broad' is given without by="),
        (lambda c: c.assign(campaign="a"), {"by": "campaign", "control": "b"}, "the groups are a."),
        (lambda c: c.iloc[:0], {}, "there is no row to count"),
        (lambda c: c.iloc[:3], {}, "region 'R2' has no users in the arm 'holdout'"),
        (lambda c: c.iloc[1:], {}, "region 'R1' has no users in any arm but 'holdout'"),
        (
            lambda c: c.assign(campaign="a").iloc[:3],
            {"by": "campaign"},
            "region 'R2' of campaign 'a' has no users in the arm 'holdout'",
        ),
        (lambda c: c.drop(columns="users"), {}, "column 'users' is not in the frame"),
        (lambda c: c.assign(amount=np.nan), {}, "column 'amount' is missing in 4 row(s)"),
        (lambda c: c.assign(spend=-1.0), {}, "column 'spend' is negative in 4 row(s)"),
        (lambda c: c.assign(shop=list("abab")), {}, "2 values of 'shop'"),
    ],
)
def test_bad_input_is_met_with_a_sentence(edit, options, words):
    with pytest.raises(CourseError, match=re.escape(words)) as refusal:
        incremental_return(edit(CAMPAIGNS), **options)
    assert str(refusal.value).startswith("channels.incremental_return: ")
