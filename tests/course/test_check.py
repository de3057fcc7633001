"""The checks: every right form passes quietly, every wrong one gets one sentence that gives nothing away."""

import os
import subprocess
import sys
import traceback
import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecomtrain.course import check
from ecomtrain.errors import CourseError


def said(test, *args, **kwargs):
    """Return the sentence that a check raises."""
    with pytest.raises(AssertionError) as error:
        test(*args, **kwargs)
    sentence = str(error.value)
    assert "\n" not in sentence
    assert sentence.endswith((".", "?"))
    return sentence


RIGHT_NUMBERS = [
    12.5,
    np.float64(12.5),
    np.float32(12.5),
    Decimal("12.5"),
    Fraction(25, 2),
    np.array(12.5),
    np.array([[12.5]]),
    pd.Series([12.5], index=["June"]),
    pd.Series([12.5], dtype="Float64"),
    pd.Series([12.5], dtype=object),
    pd.DataFrame({"paid": [12.5]}),
    pd.Index([12.5]),
]


@pytest.mark.parametrize("value", RIGHT_NUMBERS, ids=lambda value: type(value).__name__)
def test_every_form_of_a_right_number_passes(value):
    check.number(value, "per_buyer", above=0, below=100, unit="yuan")
    check.close(value, 12.5, "per_buyer")


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3), 3.0, pd.Series([3], dtype="Int64")])
def test_a_whole_number_may_be_of_any_type(value):
    check.number(value, "buyers", above=0, whole=True)
    check.close(value, 3, "buyers")


class Liar(float):
    def __eq__(self, other):
        return True

    __hash__ = None


class Claims:
    def __float__(self):
        return 12.5


WRONG_NUMBERS = [
    (None, "per_buyer holds nothing yet; a number in yuan is needed."),
    (..., "per_buyer holds nothing yet; a number in yuan is needed."),
    ("12.5", "per_buyer is text; give a number in yuan, without quotes or units."),
    (True, "per_buyer is True or False; a number in yuan is needed."),
    (np.bool_(False), "per_buyer is True or False; a number in yuan is needed."),
    ([12.5], "per_buyer is a list; a number in yuan is needed."),
    (12.5 + 0j, "per_buyer is a complex; a number in yuan is needed."),
    (len, "per_buyer is a builtin_function_or_method; a number in yuan is needed. Call it, with brackets."),
    (pd.Series([1.0, 2.0]), "per_buyer is a Series of 2 values; a number in yuan is needed."),
    (pd.DataFrame(), "per_buyer is a DataFrame of 0 values; a number in yuan is needed."),
    (pd.Timedelta("1s"), "length of time"),
    (np.timedelta64(1, "s"), "length of time"),
    (float("nan"), "per_buyer is NaN, not a number; look for an empty selection or a division by zero."),
    (pd.NA, "is NaN"),
    (pd.NaT, "is NaN"),
    (np.float64("inf"), "per_buyer is infinite; look for a division by zero."),
    (10**400, "is infinite"),
    (Decimal("-Infinity"), "is infinite"),
    (Liar(12.5), "per_buyer is a Liar; a number in yuan is needed."),
    (Claims(), "per_buyer is a Claims; a number in yuan is needed."),
    (-1, "per_buyer is -1; a plausible answer in yuan is above 0."),
    (0, "per_buyer is 0; a plausible answer in yuan is above 0."),
    (1e6, "per_buyer is 1e+06; a plausible answer in yuan is below 1000."),
]


@pytest.mark.parametrize(("value", "sentence"), WRONG_NUMBERS, ids=lambda part: type(part).__name__)
def test_a_wrong_number_gets_one_sentence(value, sentence):
    assert sentence in said(check.number, value, "per_buyer", above=0, below=1000, unit="yuan")


def test_a_count_is_whole_and_a_fraction_is_no_percentage():
    assert "whole number" in said(check.number, 2.5, "buyers", whole=True)
    assert said(check.number, 41.0, "share", above=0, below=1, unit="fraction") == (
        "share looks like a percentage; give a fraction between 0 and 1."
    )


def test_a_known_slip_is_named_even_when_rounded():
    slips = {88.123456: "This is sales per order; a buyer can place several."}
    sentence = "per_buyer: This is sales per order; a buyer can place several."
    assert said(check.close, 88.123456, 95.0, "per_buyer", slips=slips) == sentence
    assert said(check.close, 88.12, 95.0, "per_buyer", slips=slips) == sentence


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (41.0, "a hundred times too large"),
        (-0.41, "wrong sign"),
        (0.412, "close but not exact"),
        (0.6, "not right"),
    ],
)
def test_an_unknown_slip_is_told_by_its_kind(value, words):
    assert words in said(check.close, value, 0.41, "share")


def test_a_slip_that_equals_the_answer_costs_nothing():
    check.close(5, 5, "visitors", slips={5: "This is a slip that happens to be right."})


def test_a_tolerance_in_the_units_of_the_answer_lets_a_rounded_answer_pass():
    check.close(12.35, 12.3456, "per_buyer", abs=0.005)
    said(check.close, 12.3, 12.3456, "per_buyer", abs=0.005)


def test_an_expected_value_that_is_no_number_is_the_authors_mistake():
    with pytest.raises(CourseError, match="the expected value is NaN"):
        check.close(1.0, float("nan"), "share")


RIGHT_SERIES = [
    pd.Series({"app": 3, "live": 4}),
    pd.Series({"live": 4.0, "app": 3.0}, name="visitor_id"),
    pd.Series([3, 4], index=pd.CategoricalIndex(["app", "live"])),
    pd.Series([3, 4], index=["app", "live"], dtype="Int64"),
    {"live": 4, "app": np.int64(3)},
    pd.DataFrame({"visitors": [3, 4]}, index=["app", "live"]),
    pd.DataFrame({"channel": ["app", "live"], "visitors": [3, 4]}),
]


@pytest.mark.parametrize("value", RIGHT_SERIES, ids=lambda value: type(value).__name__)
def test_every_form_of_a_right_series_passes(value):
    check.series(value, "visitors", index=["app", "live"], above=0, whole=True)
    check.close_series(value, {"app": 3, "live": 4}, "visitors")


WRONG_SERIES = [
    (None, "visitors holds nothing yet; a pandas Series with one number per label is needed."),
    (7, "visitors is a int; a pandas Series with one number per label is needed."),
    (pd.Series({"app": 3}), "visitors has no number for 'live'; it has app."),
    (pd.Series({"app": 3, "Live": 4}), "Did you mean 'Live'?"),
    (pd.Series({"app": 3, "live": 4, "all": 7}), "visitors has a number for 'all', which was not asked for."),
    (pd.Series([3, 4, 4], index=["app", "live", "live"]), "visitors has the label 'live' twice"),
    (pd.Series({"app": 3, "live": np.nan}), "visitors['live'] is NaN"),
    (pd.Series({"app": 3, "live": -4}), "visitors['live'] is -4; a plausible answer is above 0."),
    (pd.DataFrame({"a": [1, 2], "b": [1, 2]}, index=["app", "live"]), "visitors has 2 columns"),
    ({"app": 3, "live": "4"}, "visitors['live'] is text"),
]


@pytest.mark.parametrize(("value", "sentence"), WRONG_SERIES, ids=lambda part: type(part).__name__)
def test_a_wrong_series_gets_one_sentence(value, sentence):
    assert sentence in said(check.series, value, "visitors", index=["app", "live"], above=0)


def test_labels_match_by_value_not_by_type():
    check.close_series({1: 2.0, 2: 3.0}, pd.Series({np.int64(2): 3.0, 1.0: 2.0}), "retention")
    day = pd.Timestamp("2026-06-01")
    check.close_series({day.date(): 2.0}, pd.Series({day: 2.0}), "sales")


def test_a_series_slip_is_named_and_otherwise_the_first_wrong_label():
    slips = [({"all": 9}, "The channels were added up.")]
    right = {"app": 3, "live": 4, "all": 6}
    named = said(check.close_series, {"app": 3, "live": 4, "all": 9}, right, "visitors", slips=slips)
    assert named == "visitors: The channels were added up."
    assert said(check.close_series, {"app": 3, "live": 5, "all": 8}, right, "visitors", slips=slips) == (
        "visitors is not right for 2 of 3 labels, first for 'live'."
    )
    assert "labels that were asked for" in said(
        check.close_series, {"app": 3}, right, "visitors", slips=slips
    )


FUNNEL = pd.DataFrame(
    {"step": ["view", "cart", "pay"], "reached": [9, 6, 4], "step_rate": [1.0, 6 / 9, 4 / 6]}
)
RIGHT_TABLES = [
    FUNNEL,
    FUNNEL.set_index("step"),
    FUNNEL.set_index("step").rename_axis(None),
    FUNNEL.iloc[::-1, ::-1],
    FUNNEL.assign(comment="more than asked for"),
    FUNNEL.astype({"step": "category", "reached": "Int64"}),
    FUNNEL.astype({"step": object, "reached": float}),
]


@pytest.mark.parametrize("value", RIGHT_TABLES, ids=range(len(RIGHT_TABLES)))
def test_every_form_of_a_right_table_passes(value):
    check.table(value, "funnel", columns=["reached", "step_rate"], rows=3, index="step")
    check.close_table(value, FUNNEL, "funnel", by="step")
    check.close_table(value, FUNNEL.set_index("step"), "funnel", by=["step"])


def test_a_wrong_table_gets_one_sentence():
    form = {"columns": ["reached"], "rows": 3, "index": "step"}
    assert "a pandas DataFrame is needed" in said(check.table, [1, 2], "funnel", **form)
    assert "has no column 'step'" in said(check.table, FUNNEL.drop(columns="step"), "funnel", **form)
    assert "Did you mean 'reach'?" in said(
        check.table, FUNNEL.rename(columns={"reached": "reach"}), "funnel", **form
    )
    assert said(check.table, FUNNEL.iloc[:2], "funnel", **form) == "funnel has 2 rows; 3 are needed."
    twice = FUNNEL.assign(step=["view", "view", "pay"])
    assert "more than one row for 'view'" in said(check.table, twice, "funnel", **form)


def test_a_wrong_value_in_a_table_is_placed_by_column_and_row():
    wrong = FUNNEL.assign(reached=[9, 7, 4])
    assert said(check.close_table, wrong, FUNNEL, "funnel", by="step") == (
        "funnel: column 'reached' is not right in 1 of 3 rows, first for 'cart'."
    )
    slips = [(wrong, "The order of the steps was not asked for.")]
    assert said(check.close_table, wrong, FUNNEL, "funnel", by="step", slips=slips) == (
        "funnel: The order of the steps was not asked for."
    )
    assert "lacks 1 rows" in said(check.close_table, FUNNEL.iloc[:2], FUNNEL, "funnel", by="step")
    assert "has 1 that do not" in said(check.close_table, FUNNEL, FUNNEL.iloc[:2], "funnel", by="step")


def test_a_gap_matches_a_gap_only_and_text_matches_text_only():
    right = pd.DataFrame(
        {"k": [1, 2], "n": [np.nan, 1.0], "t": ["a", "b"], "d": pd.to_datetime(["2026-06-01"] * 2)}
    )
    check.close_table(right.convert_dtypes(), right, "frame", by="k")
    assert "'n'" in said(check.close_table, right.assign(n=[0.0, 1.0]), right, "frame", by="k")
    assert "'n'" in said(check.close_table, right.assign(n=[np.nan, np.nan]), right, "frame", by="k")
    assert "'t'" in said(check.close_table, right.assign(t=["a", "c"]), right, "frame", by="k")
    assert "'d'" in said(check.close_table, right.assign(d="2026-06-01"), right, "frame", by="k")


def test_several_keys_match_in_the_index_or_in_columns():
    right = pd.DataFrame({"arm": ["a", "a", "b"], "day": [1, 2, 1], "n": [5, 6, 7]})
    check.close_table(right.set_index(["day", "arm"]), right, "frame", by=["arm", "day"])
    check.table(
        right.set_index(["arm", "day"]).rename_axis([None, None]),
        "frame",
        columns=["n"],
        index=["arm", "day"],
    )


def test_a_choice_is_one_of_the_words_and_a_wrong_one_is_named_where_the_slip_is_known():
    check.choice(np.str_("cart"), "worst", ["cart", "pay"])
    check.same(pd.Series(["cart"]), "cart", "worst")
    assert "text is needed" in said(check.choice, 2, "worst", ["cart", "pay"])
    assert "holds nothing yet" in said(check.choice, None, "worst", ["cart", "pay"])
    assert (
        said(check.same, "pay", "cart", "worst", slips={"pay": "This is the best."})
        == "worst: This is the best."
    )


def test_true_takes_only_a_plain_truth():
    check.true(np.bool_(True), "No.")
    for value in (False, None, pd.Series([True]), "yes"):
        assert said(check.true, value, "The two do not add up.") == "The two do not add up."


class Breaks:
    """An answer on which every operation fails."""

    def __getattribute__(self, name):
        raise RuntimeError("broken")


UNREADABLE = {
    "broken": lambda: Breaks(),
    "broken inside": lambda: {"app": Breaks()},
    "lists in a Series": lambda: pd.Series([[1], [2]]),
    "lists in a frame": lambda: pd.DataFrame([[[1]]]),
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_an_answer_that_cannot_be_read_is_still_one_sentence(kind):
    value = UNREADABLE[kind]()
    said(check.number, value, "x")
    said(check.series, value, "x", index=["app"])
    said(check.close_series, value, {"app": 1.0}, "x")
    said(check.table, value, "x", columns=["n"], index="n")


def test_the_traceback_is_the_cell_and_one_hidden_frame():
    with pytest.raises(AssertionError) as error:
        check.close_table(FUNNEL.iloc[:2], FUNNEL, "funnel", by="step")
    frames = list(traceback.walk_tb(error.value.__traceback__))
    assert len(frames) == 2
    assert frames[-1][0].f_locals["__tracebackhide__"] is True
    assert error.value.__cause__ is None
    assert error.value.__context__ is None


def test_a_notebook_shows_the_sentence_and_nothing_else(tmp_path):
    # in a process of its own, for a shell of IPython takes over __main__ and keeps a history
    cell = 'from ecomtrain.course import check; check.number(-1, "x", above=0)'
    code = (
        "from IPython.core.interactiveshell import InteractiveShell as Shell; "
        f"Shell(colors='nocolor').run_cell({cell!r})"
    )
    environment = {**os.environ, "IPYTHONDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.stdout == "AssertionError: x is -1; a plausible answer is above 0.\n"
    assert done.stderr == ""


def test_checks_neither_print_nor_warn_nor_return_points(capsys):
    class Noisy(pd.Series):
        pass

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert check.number(1, "x") is None
        assert check.close(1, 1, "x") is None
        assert check.series({"a": 1}, "x", index=["a"]) is None
        assert check.close_series({"a": 1}, {"a": 1}, "x") is None
        assert check.table(FUNNEL, "x", columns=["step"]) is None
        assert check.close_table(FUNNEL, FUNNEL, "x", by="step") is None
        assert check.choice("a", "x", ["a"]) is None
        assert check.same("a", "a", "x") is None
        assert check.true(True, "No.") is None
        said(check.number, Noisy([1.0]), "x")
    assert not caught
    assert capsys.readouterr() == ("", "")


def heard(test, *args, **kwargs):
    """Return what a check says, or nothing where it passes."""
    try:
        test(*args, **kwargs)
    except AssertionError as error:
        return str(error)
    return ""


distinct = st.integers(min_value=10_000, max_value=99_999)


@given(
    value=st.one_of(distinct, st.floats(), st.none(), st.text(alphabet="abc"), st.booleans()), right=distinct
)
def test_no_message_about_a_number_contains_the_expected_value(value, right):
    slips = {right + 1: "A slip.", right * 2: "Another."}
    assert str(right) not in heard(check.close, value, right, "answer", slips=slips)


@given(values=st.lists(distinct, min_size=3, max_size=3), right=st.lists(distinct, min_size=3, max_size=3))
def test_no_message_about_a_series_or_a_table_contains_an_expected_value(values, right):
    expected = pd.Series(right, index=["a", "b", "c"], name="n").rename_axis("k")
    given_ = pd.Series(values, index=["a", "b", "c"], name="n").rename_axis("k")
    heard_all = [
        heard(check.close_series, given_, expected, "answer"),
        heard(check.close_table, given_.to_frame(), expected.to_frame(), "answer", by="k"),
        heard(check.close_table, given_.iloc[:2].to_frame(), expected.to_frame(), "answer", by="k"),
    ]
    assert not any(str(number) in sentence for number in right for sentence in heard_all)


@given(st.permutations(range(3)))
def test_the_order_of_rows_never_matters(order):
    check.close_table(FUNNEL.iloc[list(order)], FUNNEL, "funnel", by="step")
    check.close_series(
        FUNNEL.set_index("step")["reached"].iloc[list(order)], {"view": 9, "cart": 6, "pay": 4}, "n"
    )
