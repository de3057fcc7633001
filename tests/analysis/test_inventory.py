"""Turnover by hand, and a change rolled out in steps told apart from the season."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from ecomtrain.analysis import intervals, inventory
from ecomtrain.errors import CourseError

SWITCHED = {"W1": "2025-06-02", "W2": "2025-08-04", "W3": "2025-10-06", "W4": None}


def stock(rows, start="2026-06-01"):
    """Daily stock from {product: [(opening, sold, closing), ...]}."""
    frames = [
        pd.DataFrame(days, columns=["opening", "sold", "closing"]).assign(
            product_id=product, date=pd.date_range(start, periods=len(days))
        )
        for product, days in rows.items()
    ]
    return pd.concat(frames, ignore_index=True)


def costs(**unit_cost):
    return pd.DataFrame({"product_id": list(unit_cost), "unit_cost": list(unit_cost.values())})


def panel(gain=0.23, noise=0.05, seed=0, weeks=60):
    """One product per warehouse; sales have a season; stock sinks by the gain where it switched."""
    rng = np.random.default_rng(seed)
    date = pd.date_range("2025-01-06", periods=7 * weeks)
    week = np.arange(7 * weeks) // 7
    season = 100 * np.exp(0.5 * np.sin(week / 6))
    frames = []
    for warehouse, switch in SWITCHED.items():
        live = date >= pd.Timestamp(switch) if switch else np.zeros(len(date), dtype=bool)
        sold = season * np.exp(noise * rng.normal(size=weeks))[week]
        level = 1000 * np.exp(0.3 * np.sin(week / 6)) / np.where(live, 1 + gain, 1.0)
        frames.append(
            pd.DataFrame(
                {"date": date, "product_id": warehouse, "opening": level, "sold": sold, "closing": level}
            )
        )
    products = pd.DataFrame({"product_id": list(SWITCHED), "warehouse": list(SWITCHED), "unit_cost": 2.0})
    return pd.concat(frames, ignore_index=True), products


def test_turnover_and_days_of_supply_by_hand():
    frame = stock({"a": [(10, 2, 8), (8, 4, 4)], "b": [(3, 0, 3), (3, 3, 0)]})
    row = inventory.turnover(frame, costs(a=5.0, b=2.0)).loc["all"]
    average = (10 + 8 + 4) / 3 * 5 + (3 + 3 + 0) / 3 * 2
    assert row["cogs"] == 6 * 5 + 3 * 2
    assert row["average_inventory"] == pytest.approx(average)
    assert row["turnover"] == pytest.approx(36 * 365 / 2 / average)
    assert row["days_of_supply"] == pytest.approx(4 * 5 / (36 / 2))
    parts = intervals.ratio([30 * 365 / 2, 6 * 365 / 2], [22 / 3 * 5, 4.0])
    assert (row["low"], row["high"]) == pytest.approx((max(parts.low, 0), parts.high))


def test_a_product_launched_in_the_window_has_no_stock_before():
    frame = stock({"a": [(10, 1, 9), (9, 1, 8)]})
    late = pd.concat([frame, stock({"b": [(0, 1, 5)]}, start="2026-06-02")])
    row = inventory.turnover(late, costs(a=1.0, b=1.0)).loc["all"]
    assert row["average_inventory"] == pytest.approx((10 + 9 + 8) / 3 + 5 / 3)
    assert row["days"] == 2


def test_days_of_supply_without_a_sale_are_unknown_and_the_turnover_is_zero():
    row = inventory.turnover(stock({"a": [(5, 0, 5), (5, 0, 5)]}), costs(a=1.0)).loc["all"]
    assert row["turnover"] == 0
    assert np.isnan(row["days_of_supply"])
    assert np.isnan(inventory.turnover(stock({"a": [(0, 0, 0)]}), costs(a=1.0))["turnover"].item())


def test_the_groups_add_up_to_the_whole(tables):
    frame, products = tables["inventory_daily"], tables["products"]
    whole = inventory.turnover(frame, products).loc["all"]
    for by in ("warehouse", "category", "shop"):
        parts = inventory.turnover(frame, products, by=by)
        for column in ("cogs", "average_inventory", "closing_inventory"):
            assert parts[column].sum() == pytest.approx(whole[column])
        assert parts.index.name == by
    assert list(inventory.turnover(frame, products, by="warehouse").index) == ["W1", "W2"]


def test_a_year_of_360_days_scales_the_turnover_only(tables):
    frame, products = tables["inventory_daily"], tables["products"]
    a, b = (inventory.turnover(frame, products, days_per_year=n).loc["all"] for n in (365, 360))
    assert b["turnover"] / a["turnover"] == pytest.approx(360 / 365)
    assert b["days_of_supply"] == a["days_of_supply"]


def test_the_effect_of_the_steps_is_exact_without_noise():
    # Season and warehouse cancel out of logarithms; what is left is the gain.
    result = inventory.stepped_turnover(*panel(noise=0), SWITCHED)
    assert result.effect == pytest.approx(0.23)
    assert result.weeks == 240
    assert list(result.table.columns) == ["warehouse", "week", "turnover", "switched", "used"]


def test_the_naive_before_and_after_mistakes_the_season_for_the_effect():
    frame, products = panel()
    one = frame[frame["product_id"] == "W1"]
    before, after = (
        inventory.turnover(part, products)["turnover"].item()
        for part in (one[one["date"] < "2025-06-02"], one[one["date"] >= "2025-06-02"])
    )
    result = inventory.stepped_turnover(frame, products, SWITCHED)
    assert abs(after / before - 1.23) > 0.05
    assert result.low < 0.23 < result.high


def test_the_interval_holds_the_effect_as_often_as_it_says():
    held = [
        result.low < 0.23 < result.high
        for result in (inventory.stepped_turnover(*panel(seed=seed), SWITCHED) for seed in range(30))
    ]
    assert np.mean(held) >= 0.85


def test_weeks_of_the_switch_and_of_settling_are_left_out():
    frame, products = panel()
    later = SWITCHED | {"W1": "2025-06-04"}
    middle = inventory.stepped_turnover(frame, products, later)
    settled = inventory.stepped_turnover(frame, products, SWITCHED, settle_weeks=2)
    assert middle.weeks == 239
    assert settled.weeks == 240 - 3 * 2
    out = settled.table[~settled.table["used"]]
    assert out["week"].min() == pd.Timestamp("2025-06-02")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            lambda f, p, s: (f, p, {k.replace("W4", "W4a"): date for k, date in s.items()}),
            "'W4' has no date in switched; give one, or None. Did you mean 'W4a'",
        ),
        (lambda f, p, s: (f, p, s | {"W1": "soon"}), "'soon' is not a date"),
        (lambda f, p, s: (f, p, dict.fromkeys(s, "2025-06-02")), "no two groups can be compared"),
        (lambda f, p, s: (f.iloc[:0], p, s), "no two groups can be compared"),
        (lambda f, p, s: (f, p.drop(columns="warehouse"), s), "by='warehouse' is a column of neither"),
    ],
)
def test_steps_that_cannot_be_compared_get_a_clear_sentence(change, says):
    frame, products = panel()
    with pytest.raises(CourseError, match=says):
        inventory.stepped_turnover(*change(frame, products, dict(SWITCHED)))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda f, p: (f.drop(columns="sold"), p), "column 'sold' is not in the frame"),
        (lambda f, p: (f.assign(sold=-1), p), "'sold' is negative in"),
        (lambda f, p: (f.assign(date="monday"), p), "not times"),
        (lambda f, p: (f, p.iloc[1:]), "product 'p1' has stock but no unit_cost"),
        (lambda f, p: (f, p.assign(currency=["CNY"] * 4 + ["USD"])), "values of 'currency'"),
        (lambda f, p: (f, p.assign(unit_cost="dear")), "not numbers"),
    ],
)
def test_bad_stock_gets_a_clear_sentence(tables, change, says):
    with pytest.raises(CourseError, match=says):
        inventory.turnover(*change(tables["inventory_daily"], tables["products"]))


def test_row_order_and_repeated_rows_play_no_part(tables):
    frame, products = tables["inventory_daily"], tables["products"]
    mixed = pd.concat([frame, frame]).sample(frac=1, random_state=1)
    expected = inventory.turnover(frame, products, by="warehouse")
    assert_frame_equal(inventory.turnover(mixed, products[::-1], by="warehouse"), expected)
