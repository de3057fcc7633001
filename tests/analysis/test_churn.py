"""Who stays away: what is known when, and a model that is judged as it would be used."""

import numpy as np
import pandas as pd
import pytest

from ecomtrain import datasets
from ecomtrain.analysis import targeting
from ecomtrain.errors import CourseError

DAYS = ["2025-07-01", "2025-10-01", "2026-01-01", "2026-04-01"]


def orders(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "ordered_at"])
    times = pd.to_datetime(frame["ordered_at"], format="ISO8601")
    frame["ordered_at"] = times.dt.tz_localize("Asia/Shanghai")
    return frame.assign(order_id=range(len(frame)), paid_amount=10.0)


def test_an_order_at_the_day_itself_counts_as_coming_back_and_not_as_the_past():
    frame = orders((1, "2026-01-05"), (1, "2026-02-01"), (2, "2026-01-05"), (3, "2026-03-31"))
    table = targeting.churn_features(frame, asof="2026-02-01", horizon="30D").set_index("customer_id")
    assert table["churned"].to_dict() == {1: False, 2: True}
    assert table.loc[1, ["orders", "recency"]].tolist() == [1, 27]


def test_an_order_at_the_end_of_the_horizon_comes_too_late():
    frame = orders((1, "2026-01-05"), (1, "2026-03-03"), (2, "2026-01-05"), (2, "2026-03-02 23:59"))
    table = targeting.churn_features(frame, asof="2026-02-01", horizon="30D").set_index("customer_id")
    assert table["churned"].to_dict() == {1: True, 2: False}


def test_orders_before_the_look_back_count_for_the_tenure_alone():
    frame = orders((1, "2024-01-01"), (1, "2026-01-22"), (2, "2024-01-01"), (3, "2026-06-30"))
    table = targeting.churn_features(frame, asof="2026-02-01", horizon="30D").set_index("customer_id")
    assert table.index.tolist() == [1]
    assert table.loc[1, ["orders", "recency", "tenure"]].tolist() == [1, 10, 762]


def test_repeated_rows_of_an_order_count_once_with_the_larger_amount():
    frame = orders((1, "2026-01-05"), (1, "2026-01-05"), (2, "2026-03-31"))
    frame["order_id"], frame["paid_amount"] = [1, 1, 2], [10.0, 12.0, 1.0]
    for rows in (frame, frame.iloc[::-1]):
        found = targeting.churn_features(rows, asof="2026-02-01", horizon="30D").iloc[0]
        assert found[["orders", "amount"]].tolist() == [1, 12]


def test_what_is_not_known_yet_is_refused():
    with pytest.raises(CourseError, match="orders end on 2026-06-30, before 2026-07-02"):
        targeting.churn_features(
            datasets.load("orders", shop="fmcg").query("status == 'paid'"), asof="2026-06-01", horizon="31D"
        )


def test_the_model_learns_only_from_outcomes_known_on_the_day_of_the_forecast():
    """Rows whose horizon reaches beyond the day change nothing, however wrong they are."""
    rng = np.random.default_rng(0)
    n = 400
    days = pd.to_datetime(["2026-01-01", "2026-02-01", "2026-06-01"]).repeat(n)
    frame = pd.DataFrame({"asof": days, "recency": rng.integers(1, 90, 3 * n)})
    frame["known_at"] = frame["asof"] + pd.Timedelta("90D")
    frame["churned"] = rng.random(3 * n) < frame["recency"] / 90
    late = frame.assign(known_at=frame["known_at"].mask(days == "2026-02-01", pd.Timestamp("2026-07-01")))
    wrong = late.assign(churned=late["churned"] ^ (days == "2026-02-01"))
    one, two = (targeting.churn_model(f, columns=["recency"]).table for f in (late, wrong))
    pd.testing.assert_frame_equal(one, two)
    all_known = targeting.churn_model(frame, columns=["recency"]).table
    assert not one["value"].equals(all_known["value"])


def test_no_outcome_known_in_time_gets_a_sentence():
    days = pd.to_datetime(["2026-01-01", "2026-02-01"]).repeat(20)
    frame = pd.DataFrame({"asof": days, "known_at": days + pd.Timedelta("90D"), "recency": range(40)})
    with pytest.raises(CourseError, match="of 0 rows to learn from, 0 are yes"):
        targeting.churn_model(frame.assign(churned=frame["recency"] % 2 == 0), columns=["recency"])


def test_on_the_shops_orders_recency_tells_who_stays_away_better_than_chance():
    paid = datasets.load("orders", shop="fmcg").dropna(subset=["paid_at"])
    features = targeting.churn_features(paid, asof=DAYS, horizon="90D")
    report = targeting.churn_model(features, rule="recency > 90")
    found = report.table.set_index("metric")
    assert found.loc["auc", "low"] > 0.5
    assert found.loc["brier", "value"] < found.loc["brier_base_rate", "value"]
    assert found.loc["auc", "n"] == (features["asof"] >= "2026-01-01").sum()
    assert report.lift["churned"].sum() == pytest.approx(
        found.loc["base_rate", "value"] * found.loc["auc", "n"]
    )
    tells = report.coefficients.set_index("column")["odds_ratio"]
    assert tells["recency"] > 1 > tells["recent_orders"]
