"""What a promotion adds: the days of it, the days after it, both."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecomtrain.analysis.sales import promotion_lift
from ecomtrain.errors import CourseError

FIRST = (11, 46, 81)
DAYS = pd.date_range("2026-01-05", periods=7 * 17)


def made(gross=1.2, pulled=0.9, trend=0.0, seed=None):
    """Three promotions of three days, whose buyers are missing over the ten days after."""
    day = np.arange(len(DAYS))
    base = np.array([90.0, 95, 100, 100, 105, 130, 125])[day % 7] * (1 + trend * day)
    on = np.zeros(len(day), bool)
    amount = base.copy()
    for first in FIRST:
        on[first : first + 3] = True
        amount[first : first + 3] *= 1 + gross
        amount[first + 3 : first + 13] -= pulled * base[first : first + 3].sum() / 10
    if seed is not None:
        amount *= np.exp(0.05 * np.random.default_rng(seed).normal(size=len(day)))
    return pd.DataFrame({"date": DAYS, "promotion": on, "amount": amount})


def test_gross_after_and_net_by_hand():
    table = promotion_lift(made(), after=11)
    assert table["lift"].tolist() == pytest.approx([1.2, -0.9, 0.3])
    assert table["promotions"].tolist() == [3, 3, 3]
    base = [[105, 130, 125][i] for i in range(3)]
    assert table.loc["net", "amount"] == pytest.approx(0.3 * 3 * sum(base))


def test_trend_and_weekday_drop_out():
    net = promotion_lift(made(gross=0.0, pulled=0.0, trend=0.004), after=11)["lift"]
    assert net.abs().max() < 1e-9


@settings(max_examples=10, deadline=None)
@given(st.floats(0.1, 3), st.floats(0, 1.5), st.integers(0, 99), st.floats(0.01, 1e4))
def test_net_is_gross_and_after_and_does_not_depend_on_the_currency(gross, pulled, seed, rate):
    daily = made(gross, pulled, seed=seed)
    table = promotion_lift(daily, after=11)
    assert table["lift"].loc["net"] == pytest.approx(table["lift"].loc[["gross", "after"]].sum(), abs=1e-9)
    other = promotion_lift(daily.assign(amount=daily["amount"] * rate), after=11)
    assert np.allclose(other[["lift", "low", "high"]], table[["lift", "low", "high"]])


def test_the_interval_covers_the_net_gain_as_often_as_it_says():
    tables = [promotion_lift(made(seed=seed), after=11).loc["net"] for seed in range(80)]
    assert 0.88 <= np.mean([row["low"] <= 0.3 <= row["high"] for row in tables]) <= 0.99


def test_days_after_that_nobody_looks_at_make_a_promotion_look_good():
    daily = made(gross=1.0, pulled=1.0)
    assert promotion_lift(daily, after=0).loc["net", "lift"] > 0.8
    assert promotion_lift(daily, after=11).loc["net", "lift"] == pytest.approx(0.0, abs=1e-9)


def test_a_promotion_without_clear_weeks_around_it_is_left_out():
    daily = made()
    crowded = daily.assign(promotion=daily["promotion"] | (daily["date"] == DAYS[40]))
    assert promotion_lift(crowded, after=11)["promotions"].iloc[0] == 2
    assert promotion_lift(daily.iloc[8:], after=11)["promotions"].iloc[0] == 2
    calendar = pd.DataFrame({"date": DAYS, "promotion": np.where(np.arange(119) == 20, "618", None)})
    for out in ([DAYS[20]], calendar):
        assert promotion_lift(daily, after=11, leave_out=out)["promotions"].iloc[0] == 2


def test_no_promotion_gives_no_number():
    table = promotion_lift(made().assign(promotion=False))
    assert table["lift"].isna().all()
    assert (table["promotions"] == 0).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.assign(promotion="yes"), "column 'promotion' holds values other than True and False"),
        (lambda d: d.assign(amount=d["amount"].mask(d.index == 4)), "column 'amount' is missing in a row"),
        (lambda d: pd.concat([d, d]), "2026-01-05 is there twice. Choose one shop"),
        (lambda d: d.assign(shop=["a"] + ["b"] * (len(d) - 1)), "2 values of 'shop'"),
        (lambda d: d.drop(columns="promotion"), "column 'promotion' is not in the frame"),
    ],
)
def test_bad_input_is_met_with_a_sentence(change, words):
    with pytest.raises(CourseError, match=re.escape(words)):
        promotion_lift(change(made()))


@pytest.mark.parametrize("after", [-1, 2.5, True, "a week"])
def test_a_number_of_days_is_asked_for(after):
    with pytest.raises(CourseError, match="is not a number of days"):
        promotion_lift(made(), after=after)
