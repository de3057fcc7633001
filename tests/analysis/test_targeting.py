"""Purchases foretold without looking ahead, and beside what needs no model."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from ecomtrain.analysis import targeting
from ecomtrain.errors import CourseError

START = pd.Timestamp("2026-06-01", tz="Asia/Shanghai")


def log(*rows):
    frame = pd.DataFrame(rows, columns=["session_id", "second", "event"])
    frame["event_id"] = np.arange(len(frame))
    return frame.assign(ts=START + pd.to_timedelta(frame.pop("second"), unit="s"))


def sessions(n, seed=0, effect=0.8):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"likes": rng.poisson(1, n), "pages": rng.poisson(4, n)})
    frame["bought"] = rng.random(n) < 1 / (1 + np.exp(2.5 - effect * frame["likes"]))
    return frame.assign(started_at=START + pd.to_timedelta(rng.permutation(n), unit="min"))


def value(report, metric):
    return report.table.set_index("metric").loc[metric, "value"]


def test_counts_stop_at_the_checkout_and_buying_is_seen_after_it():
    events = log(
        (1, 0, "view"), (1, 1, "like"), (1, 2, "checkout"), (1, 3, "view"), (1, 4, "share"), (1, 5, "pay"),
        (2, 0, "view"), (2, 1, "comment"), (2, 2, "favourite"), (2, 3, "view"),
    )  # fmt: skip
    table = targeting.intent_features(events)
    assert table["pages"].tolist() == [1, 2]
    assert table["interactions"].tolist() == [1, 2]
    assert table["shares"].tolist() == [0, 0]
    assert table["bought"].tolist() == [True, False]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 3),
            st.integers(0, 30),
            st.sampled_from(["view", "like", "share", "checkout", "pay"]),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_features_are_what_reading_each_session_gives(rows):
    events = log(*rows)
    table = targeting.intent_features(events).set_index("session_id")
    for session, part in events.sort_values(["ts", "event_id"]).groupby("session_id"):
        names = part["event"].tolist()
        before = names[: names.index("checkout")] if "checkout" in names else names
        row = table.loc[session]
        assert [row["pages"], row["likes"], row["shares"]] == [
            before.count(n) for n in ("view", "like", "share")
        ]
        assert row["bought"] == ("pay" in names)
        assert row["started_at"] == part["ts"].min()
    assert_frame_equal(
        targeting.intent_features(events.sample(frac=1, random_state=0)), targeting.intent_features(events)
    )


def test_the_model_never_learns_from_the_sessions_it_is_judged_on():
    features = sessions(600)
    features = features.sort_values("started_at", ignore_index=True)
    flipped = features.copy()
    flipped.loc[420:, "bought"] = ~flipped.loc[420:, "bought"]
    first = targeting.intent_model(features, columns=["likes"], time="started_at")
    second = targeting.intent_model(flipped, columns=["likes"], time="started_at")
    # Other outcomes in the last 30 % turn the verdict round but leave the model as it was.
    assert_frame_equal(first.coefficients, second.coefficients)
    assert value(second, "auc") == pytest.approx(1 - value(first, "auc"))
    assert (first.table["n"] == 180).all()


def test_the_metrics_are_those_of_scikit_learn():
    features = sessions(500)
    report = targeting.intent_model(
        features, columns=["likes", "pages"], time="started_at", rule="likes >= 2"
    )
    rows = features.sort_values("started_at", ignore_index=True)
    from sklearn.linear_model import LogisticRegression

    scale = rows[["likes", "pages"]].iloc[:350].agg(["mean", lambda x: x.std(ddof=0)]).to_numpy()
    x, y = (rows[["likes", "pages"]].to_numpy() - scale[0]) / scale[1], rows["bought"].to_numpy()
    p = LogisticRegression().fit(x[:350], y[:350]).predict_proba(x[350:])[:, 1]
    assert value(report, "auc") == pytest.approx(roc_auc_score(y[350:], p))
    assert value(report, "average_precision") == pytest.approx(average_precision_score(y[350:], p))
    assert value(report, "brier") == pytest.approx(brier_score_loss(y[350:], p))
    assert value(report, "accuracy") == pytest.approx(np.mean((p >= 0.5) == y[350:]))
    assert value(report, "accuracy_rule") == pytest.approx(np.mean((rows["likes"] >= 2)[350:] == y[350:]))
    assert value(report, "brier_base_rate") == pytest.approx(np.mean((y[:350].mean() - y[350:]) ** 2))
    assert value(report, "base_rate") + value(report, "accuracy_always_no") == pytest.approx(1)
    table = report.table
    assert (table["low"].le(table["value"]) & table["high"].ge(table["value"])).all()


def test_a_rule_can_be_right_less_often_than_saying_no_and_still_carry_news():
    # 35 % of the sessions interact twice, and buy at 26 %; the others at 10.6 %.
    n = 20_000
    many = np.arange(n) < 0.35 * n
    order = np.random.default_rng(0).permutation(n)
    bought = np.zeros(n, dtype=bool)
    bought[: int(0.26 * 0.35 * n)] = True
    bought[many.sum() : many.sum() + int((0.16 - 0.091) * n)] = True
    features = pd.DataFrame({"interactions": np.where(many, 2, 1), "bought": bought}).iloc[order]
    report = targeting.intent_model(features, columns=["interactions"], rule="interactions >= 2")
    assert value(report, "accuracy_always_no") == pytest.approx(0.84, abs=0.001)
    assert value(report, "accuracy_rule") == pytest.approx(0.672, abs=0.001)
    assert value(report, "rule_precision") == pytest.approx(0.26, abs=0.001)
    assert value(report, "accuracy") == value(report, "accuracy_always_no")
    assert value(report, "auc") > 0.6
    assert value(report, "brier") < value(report, "brier_base_rate")


def test_the_interval_of_auc_covers_the_truth_as_often_as_it_says():
    truth = targeting.intent_model(sessions(40_000, seed=99), columns=["likes"], time="started_at")
    covered = 0
    for seed in range(40):
        table = targeting.intent_model(sessions(400, seed=seed), columns=["likes"], time="started_at").table
        row = table.set_index("metric").loc["auc"]
        covered += row["low"] <= value(truth, "auc") <= row["high"]
    assert covered >= 35


def test_the_calibration_holds_every_row_once_and_good_forecasts_hold_true():
    report = targeting.intent_model(sessions(20_000), columns=["likes", "pages"])
    table = report.calibration
    assert table["n"].sum() == 20_000
    assert table["predicted"].is_monotonic_increasing
    assert (table["predicted"].between(table["low"] - 0.02, table["high"] + 0.02)).all()


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000))
def test_lift_adds_up_and_averages_to_one(seed):
    report = targeting.intent_model(sessions(200, seed=seed), columns=["likes"])
    table = report.lift
    assert table["decile"].tolist() == list(range(1, 11))
    assert table["lift"].mean() == pytest.approx(1)
    assert table["cumulative_share"].iloc[-1] == pytest.approx(1)
    assert table["bought"].sum() == pytest.approx(value(report, "base_rate") * 200)


@pytest.mark.parametrize("time", [None, "started_at"])
def test_the_row_order_plays_no_part(time):
    features = sessions(300)
    shuffled = features.sample(frac=1, random_state=5)
    first, second = (
        targeting.intent_model(f, columns=["likes", "pages"], time=time) for f in (features, shuffled)
    )
    for part in ("table", "calibration", "lift", "coefficients"):
        assert_frame_equal(getattr(first, part), getattr(second, part))


def test_columns_without_news_give_no_better_than_chance():
    report = targeting.intent_model(sessions(3000), columns=["pages"])
    row = report.table.set_index("metric").loc["auc"]
    assert row["low"] <= 0.5 <= row["high"] + 0.03


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({"likes": "many"}, {}, "column 'likes' holds str, not numbers"),
        ({"likes": np.nan}, {}, "column 'likes' has missing values"),
        ({"bought": 2}, {}, "holds more than yes and no"),
        ({"bought": False}, {}, "of 200 rows to learn from, 0 are yes"),
        ({}, {"columns": []}, "give a list of numeric columns"),
        ({}, {"columns": "likes"}, "give a list of numeric columns"),
        ({}, {"rule": "likes >"}, "rule 'likes >' cannot be worked out"),
        ({}, {"rule": "like >= 2"}, "cannot be worked out"),
        ({}, {"rule": "likes + 2"}, "is no condition"),
        ({}, {"time": "likes"}, "column 'likes' holds int64, not times"),
        ({}, {"time": "started_at", "test_share": 1.5}, "test_share is 1.5"),
        ({"started_at": START}, {"time": "started_at"}, "of 0 rows to learn from"),
    ],
)
def test_bad_input_gets_a_sentence(change, options, message):
    features = sessions(200).assign(**change)
    with pytest.raises(CourseError, match=message):
        targeting.intent_model(features, **{"columns": ["likes"], **options})


def test_an_empty_log_gives_no_sessions_and_no_model():
    features = targeting.intent_features(log((1, 0, "view")).iloc[:0])
    assert features.empty
    with pytest.raises(CourseError, match="of 0 rows to learn from"):
        targeting.intent_model(features)
