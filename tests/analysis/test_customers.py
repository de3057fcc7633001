"""Profiles from one channel and from all, judged on the same customers."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ecomtrain.analysis import customers
from ecomtrain.errors import CourseError


def tables(*rows, answers):
    """Identities from (channel, customer, category, views) and the customers' answers."""
    identities = pd.DataFrame(rows, columns=["channel", "customer_id", "category", "views"])
    identities = identities.astype({"customer_id": "Int64", "views": "int64"})
    asked = pd.DataFrame({"customer_id": list(answers), "survey_category": list(answers.values())})
    return identities, asked


def two_by_two(both, single, fused, neither):
    """Tables in which so many customers are guessed right by both profiles, by one, by none."""
    rows, answers = [], {}
    for kind, count in enumerate((both, single, fused, neither)):
        for _ in range(count):
            customer = len(answers)
            answers[customer] = "a"
            rows.append(("app", customer, "a" if kind < 2 else "b", 1))
            rows.append(("live", customer, "a" if kind in (0, 2) else "b", 9))
    return tables(*rows, answers=answers)


def test_fusing_adds_the_views_of_all_linked_channels():
    table = customers.profile_precision(
        *tables(("app", 1, "b", 5), ("live", 1, "a", 3), ("mini_program", 1, "a", 4), answers={1: "a"})
    )
    assert table["profile"].tolist() == ["app", "all channels"]
    assert table["correct"].tolist() == [0, 1]


def test_only_customers_who_answered_and_are_known_in_the_channel_count():
    identities, asked = tables(
        ("app", 1, "a", 1), ("live", 2, "a", 1), ("app", 3, "a", 1), ("app", None, "a", 1),
        answers={1: "a", 2: "a", 3: None},
    )  # fmt: skip
    assert customers.profile_precision(identities, asked)["n"].tolist() == [1, 1]


def test_the_paired_interval_is_the_published_formula():
    table = customers.profile_precision(*two_by_two(40, 10, 31, 19))
    row = table.iloc[1]
    assert table["precision"].tolist() == [0.5, 0.71]
    assert row["relative_change"] == pytest.approx(0.42)
    error = np.sqrt((10 + 31) / (50 * 71))
    assert row["relative_low"] == pytest.approx(1.42 * np.exp(-1.959964 * error) - 1)
    assert row["relative_high"] == pytest.approx(1.42 * np.exp(1.959964 * error) - 1)
    spread = 1.959964 * np.sqrt(41 - 21**2 / 100) / 100
    assert [row["change_low"], row["change_high"]] == pytest.approx([0.21 - spread, 0.21 + spread])
    assert table.iloc[0, 6:].isna().all()


def test_the_interval_of_the_ratio_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(2)
    cells = rng.multinomial(200, [0.40, 0.10, 0.31, 0.19], size=80)
    rows = [customers.profile_precision(*two_by_two(*cell)).iloc[1] for cell in cells]
    covered = [row["relative_low"] <= 0.42 <= row["relative_high"] for row in rows]
    assert np.mean(covered) >= 0.88


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=4, max_size=4))
def test_counts_and_bounds_agree_with_the_two_by_two_table(cells):
    table = customers.profile_precision(*two_by_two(*cells))
    both, single, fused, _ = cells
    assert table["correct"].tolist() == [both + single, both + fused]
    assert (table["n"] == sum(cells)).all()
    row = table.iloc[1]
    if both + single and both + fused:
        assert row["relative_low"] <= row["relative_change"] <= row["relative_high"]
    else:
        assert np.isnan(row["relative_low"])


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["app", "live"]), st.integers(1, 4), st.sampled_from("abc"), st.integers(1, 3)
        ),
        min_size=1,
    )
)
def test_ties_and_row_order_play_no_part(rows):
    identities, asked = tables(("app", 1, "a", 1), *rows, answers={1: "a", 2: "b", 3: "c", 4: "a"})
    shuffled = identities.sample(frac=1, random_state=1)
    assert_frame_equal(
        customers.profile_precision(identities, asked),
        customers.profile_precision(shuffled, asked.iloc[::-1]),
    )


def test_ids_of_nineteen_digits_stay_apart():
    first, second = 9007199254740993001, 9007199254740993002
    table = customers.profile_precision(
        *tables(("app", first, "a", 1), ("app", second, "b", 1), answers={first: "a", second: "b"})
    )
    assert table["correct"].tolist() == [2, 2]


def test_no_customer_in_common_leaves_the_rates_undefined():
    table = customers.profile_precision(*tables(("app", 1, "a", 1), answers={2: "a"}))
    assert table["n"].tolist() == [0, 0]
    assert table[["precision", "low", "high", "relative_change"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({}, {"channel": "ap"}, "channel 'ap' is not in identities; it has app. Did you mean 'app'"),
        ({"views": "many"}, {}, "column 'views' holds str, not numbers"),
        ({}, {"level": 1}, "level is 1"),
    ],
)
def test_bad_input_gets_a_sentence(change, options, message):
    identities, asked = tables(("app", 1, "a", 1), answers={1: "a"})
    with pytest.raises(CourseError, match=message):
        customers.profile_precision(identities.assign(**change), asked, **options)


def test_a_customer_listed_twice_is_refused():
    identities, asked = tables(("app", 1, "a", 1), answers={1: "a"})
    with pytest.raises(CourseError, match="comes twice in customers"):
        customers.profile_precision(identities, pd.concat([asked, asked]))
