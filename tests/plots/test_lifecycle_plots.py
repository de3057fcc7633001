"""What the plots of lifecycles and prices say where there is little to say."""

import numpy as np
import pandas as pd
import pytest

from ecomtrain import plots
from ecomtrain.analysis import lifecycle, pricing
from ecomtrain.errors import CourseError

DAYS = pd.date_range("2026-03-02", periods=14)


def watched(units):
    frame = pd.DataFrame({"date": DAYS, "product_id": "lamp", "sold": units, "expected": 10.0})
    return lifecycle.launch_monitor(frame)


def answers(**columns):
    row = {
        "group": "all",
        "model": "price only",
        "elasticity": -2.0,
        "low": -2.5,
        "high": -1.5,
        "price_left": 1.0,
    }
    return pd.DataFrame({**row, **columns}, index=range(1))


def test_a_product_on_plan_is_not_called_a_success():
    title = plots.finding(plots.launch_watch(watched([11] * 14)))
    assert title == "Lamp keeps to its plan: it sold 10 % more than planned, which chance may bring"


def test_an_alarm_below_the_plan_says_less():
    title = plots.finding(plots.launch_watch(watched([4] * 14)))
    assert title.endswith(": so far it sold 60 % less than planned")


def test_where_no_product_is_sure_nobody_is_told_to_go():
    trials = pd.DataFrame({"product_id": ["mug", "pan"], "visitors": 100, "buyers": [3, 4]})
    title = plots.finding(plots.launch_test(lifecycle.test_launch(trials, 0.03), target=0.03))
    assert title == "No product is sure enough to beat 3.0 %; go on testing 2"


def test_an_elasticity_that_holds_zero_is_no_answer():
    title = plots.finding(plots.price_elasticity(answers(low=-4.2, high=0.2)))
    assert title == "No answer of the units to the price is shown: elasticity −2.0 (−4.2 to 0.2)"


def test_without_controls_the_price_only_goes_with_the_units():
    title = plots.finding(plots.price_elasticity(answers()))
    assert title == "1 % on the price goes with 2.0 % fewer units (1.5-2.5 %)"


def test_units_that_rise_with_the_price_are_not_called_demand():
    title = plots.finding(plots.price_elasticity(answers(elasticity=2.0, low=1.5, high=2.5)))
    assert title == "Units rise with the price, 2.0 % (1.5-2.5 %) for 1 %: something else moves both"


def test_a_price_that_moves_only_with_the_controls_tells_nothing():
    empty = {"elasticity": np.nan, "low": np.nan, "high": np.nan, "price_left": 0.0}
    title = plots.finding(plots.price_elasticity(answers(model="with controls", **empty)))
    assert title == "The price moves only together with the controls, so no elasticity can be told"


def test_todays_price_may_be_the_best():
    best = pricing.optimal_price(50, -2.0, price=100, quantity=10)
    assert plots.finding(plots.profit_curve(best)) == "Today's price of 100 is the best one allowed"


def test_ways_of_learning_that_lose_alike_have_no_winner():
    paths = pd.DataFrame({"method": ["thompson", "test"], "round": 50, "regret": [400.0, 420]})
    title = plots.finding(
        plots.price_learning(paths.assign(low=paths["regret"] - 50, high=paths["regret"] + 50))
    )
    assert title.startswith("After 50 rounds no way of learning is shown to lose less than the others")


def test_a_plan_that_gains_nothing_says_so():
    plan = pricing.markdown_plan(5, pd.DataFrame({"price": [10.0], "demand": [1.0]}), periods=3)
    assert plots.finding(plots.markdown(plan)).endswith("no more than holding 10")


def test_a_shop_that_sold_nothing_has_no_classes_to_draw():
    frame = pd.DataFrame({"date": DAYS, "product_id": "lamp", "amount": 0.0, "quantity": 0})
    title = plots.finding(plots.nine_boxes(lifecycle.abc_xyz(frame)))
    assert title == "Nothing was sold, so no product has a class"


def test_a_product_that_is_not_in_the_stages_is_named():
    stages = lifecycle.stage(pd.DataFrame({"date": DAYS, "product_id": "lamp", "sold": 5}))
    with pytest.raises(CourseError, match=r"product 'lamb' is not in the result\. Did you mean 'lamp'"):
        plots.life_stages(stages, products=["lamb"])
