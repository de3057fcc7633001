"""Options, risks and SWOT by weight: values worked out by hand, laws, and sentences for bad input."""

import re
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ecomtrain.analysis import scoring, selection
from ecomtrain.errors import CourseError

few = settings(max_examples=20, deadline=None)
TOOLS = pd.DataFrame(
    {"option": ["Sycm", "Tableau", "Python"], "ease": [5, 3, 2], "depth": [3, 4, 5], "cost": [2, 4, 1]}
)
WEIGHTS = {"ease": 40, "depth": 40, "cost": 20}
CHANCES, COSTS = (0.01, 0.1, 0.3, 0.6, 0.9), (1e4, 5e4, 2e5, 1e6, 5e6)

marks = st.integers(1, 5)
boards = st.lists(st.tuples(marks, marks, marks), min_size=1, max_size=6).map(
    lambda rows: pd.DataFrame(rows, columns=["a", "b", "c"]).assign(
        option=[f"o{i}" for i in range(len(rows))]
    )
)
shares = st.tuples(*[st.integers(1, 9)] * 3).map(lambda w: dict(zip("abc", w, strict=True)))
levels = st.lists(st.tuples(marks, marks), min_size=1, max_size=8).map(
    lambda rows: pd.DataFrame(rows, columns=["probability", "impact"]).assign(
        risk=[f"r{i}" for i in range(len(rows))]
    )
)
rising = st.lists(st.floats(0.01, 10), min_size=5, max_size=5).map(np.cumsum)


def weighed(tools=TOOLS, weights=WEIGHTS, **options):
    return scoring.weighted_scores(tools, weights, **{"less_is_better": ["cost"], **options})


def test_the_score_is_the_sumproduct_of_weights_and_scores_with_costs_counted_from_the_other_end():
    table = weighed()
    assert table.index.tolist() == ["Sycm", "Python", "Tableau"]
    assert table["score"].tolist() == pytest.approx(
        [0.4 * 5 + 0.4 * 3 + 0.2 * 4, 0.4 * 2 + 0.4 * 5 + 0.2 * 5, 0.4 * 3 + 0.4 * 4 + 0.2 * 2]
    )
    assert table["rank"].tolist() == [1, 2, 3]
    assert table[["low", "high"]].to_numpy() == pytest.approx(table[["score", "score"]].to_numpy())


def test_options_of_one_score_share_the_better_rank():
    tools = pd.DataFrame({"option": list("abc"), "x": [1, 4, 4], "y": [1, 3, 3]})
    assert weighed(tools, {"x": 0.1, "y": 0.2}, less_is_better=[])["rank"].tolist() == [1, 1, 3]


def test_a_missing_score_is_left_out_and_bounded_by_the_worst_and_the_best():
    tools = TOOLS.assign(depth=[3, 4, None])
    python = weighed(tools).loc["Python"]
    assert python["known"] == pytest.approx(0.6)
    assert python["score"] == pytest.approx((0.4 * 2 + 0.2 * 5) / 0.6)
    assert python[["low", "high"]].tolist() == pytest.approx([0.8 + 1 + 0.4, 0.8 + 1 + 2])
    assert np.isnan(python["depth"])
    nobody = weighed(TOOLS.assign(ease=[5, 3, None], depth=[3, 4, None], cost=[2, 4, None])).loc["Python"]
    assert nobody[["score", "low", "high", "rank"]].isna().all()
    assert nobody["known"] == 0


def test_several_judges_are_averaged():
    twice = pd.concat([TOOLS, TOOLS.assign(ease=[3, 3, 2])])
    assert weighed(twice).loc["Sycm", "score"] == pytest.approx(weighed().loc["Sycm", "score"] - 0.4)


@pytest.mark.parametrize(
    ("method", "points"),
    [
        ("rank", {"a": 0, "b": 50, "c": 100}),
        ("range", {"a": 0, "b": 10, "c": 100}),
        # Mean 373, variance 198,198: z = -0.8154, -0.5930, 1.4084.
        ("z", {"a": 20.74, "b": 27.66, "c": 92.05}),
    ],
)
def test_criteria_in_units_of_their_own_are_brought_to_0_to_100(method, points):
    table = pd.DataFrame({"option": list("abc"), "money": [10, 109, 1000]})
    found = scoring.weighted_scores(table, {"money": 1}, method=method)["score"]
    assert found.to_dict() == pytest.approx(points, abs=0.005)
    other = scoring.weighted_scores(table, {"money": 1}, method=method, less_is_better="money")["score"]
    assert (other + found).to_numpy() == pytest.approx(100)


@pytest.mark.parametrize("method", ["rank", "range", "z"])
def test_a_criterion_that_is_alike_gives_each_the_middle_and_one_of_a_single_option_none(method):
    table = pd.DataFrame({"option": list("ab"), "same": [0.1 + 0.2, 0.3], "one": [7, None]})
    found = scoring.weighted_scores(table, {"same": 1, "one": 1}, method=method)
    assert found["score"].tolist() == [50, 50]
    assert found["known"].tolist() == [0.5, 0.5]


@few
@given(boards, shares)
def test_what_the_criteria_add_makes_the_score(board, weights):
    table = scoring.weighted_scores(board, weights)
    assert table[["a", "b", "c"]].sum(axis=1).to_numpy() == pytest.approx(table["score"].to_numpy())
    assert table["score"].between(1 - 1e-9, 5 + 1e-9).all()


@few
@given(boards, shares, st.data())
def test_a_missing_score_lies_between_its_bounds_whatever_it_is(board, weights, data):
    gap = data.draw(st.sampled_from("abc"))
    lacking = scoring.weighted_scores(board.astype({gap: float}).assign(**{gap: np.nan}), weights)
    whole = scoring.weighted_scores(board, weights).loc[lacking.index]
    assert (lacking["low"] <= whole["score"] + 1e-9).all()
    assert (whole["score"] <= lacking["high"] + 1e-9).all()
    assert lacking["score"].between(lacking["low"] - 1e-9, lacking["high"] + 1e-9).all()


@few
@given(boards, shares, st.sampled_from("abc"))
def test_a_better_mark_never_lowers_an_options_score_or_rank(board, weights, name):
    better = board.copy()
    better.loc[0, name] = 5
    before, after = (scoring.weighted_scores(frame, weights).loc["o0"] for frame in (board, better))
    assert after["score"] >= before["score"] - 1e-9
    assert after["rank"] <= before["rank"]


@few
@given(boards, shares, st.integers(2, 9))
def test_the_unit_of_the_weights_plays_no_part(board, weights, times):
    more = {name: times * weight for name, weight in weights.items()}
    assert_frame_equal(scoring.weighted_scores(board, more), scoring.weighted_scores(board, weights))


@settings(max_examples=10, deadline=None)
@given(boards, shares)
def test_no_weight_between_the_turning_points_changes_the_winner_and_one_beyond_does(board, weights):
    found = scoring.weight_sensitivity(board, weights, draws=10)
    total = sum(weights.values())
    for name, row in found.table.iterrows():
        for end, ahead, out in (
            (row["lower"], row["winner_below"], -1),
            (row["upper"], row["winner_above"], 1),
        ):
            inside = (end if end == end else (out + 1) / 2) - 1e-4 * out
            for place, leads in ((inside, found.winner), (end + 1e-4 * out, ahead)):
                if not 0 < place < 1 or (place == inside and end == end and abs(end - row["weight"]) < 1e-4):
                    continue
                rest = total - weights[name]
                moved = {k: (1 - place) * w / rest for k, w in weights.items()} | {name: place}
                table = scoring.weighted_scores(board, moved)
                assert table.loc[leads, "rank"] == 1
    assert found.margin >= 0 or len(board) == 1


def test_the_smallest_change_is_the_one_worked_out_by_hand():
    found = scoring.weight_sensitivity(TOOLS, WEIGHTS, less_is_better=["cost"], draws=10)
    assert (found.winner, found.runner_up) == ("Sycm", "Python")
    assert found.margin == pytest.approx(0.2)
    # Its lead: 3 v - (1 - v) (2 * 2/3 + 1 * 1/3) = 0 at v = 5/14.
    assert found.table.loc["ease", "lower"] == pytest.approx(5 / 14)
    assert found.table.loc["ease", "winner_below"] == "Python"
    assert np.isnan(found.table.loc["ease", "upper"])
    # Of `depth`: (1 - v) (3 * 2/3 - 1/3) - 2 v = 0.
    assert found.table.loc["depth", "upper"] == pytest.approx(5 / 11)
    assert found.table.loc["cost", "upper"] == pytest.approx(1 / 3)
    assert found.criterion == "ease"
    assert found.change == pytest.approx(0.4 - 5 / 14)


def test_the_share_of_random_weights_is_the_share_of_the_line_on_which_an_option_leads():
    two = pd.DataFrame({"option": ["Sycm", "Python"], "ease": [5, 2], "depth": [3, 5]})
    found = scoring.weight_sensitivity(two, {"ease": 1, "depth": 1}, draws=20_000, seed=3)
    # Sycm leads where 3 v > 2 (1 - v): from v = 0.4 on.
    row = found.wins.loc["Sycm"]
    assert row["low"] < 0.6 < row["high"]
    assert found.wins["wins"].sum() == pytest.approx(1)
    again = scoring.weight_sensitivity(two, {"ease": 1, "depth": 1}, draws=20_000, seed=3)
    assert_frame_equal(again.wins, found.wins)


def test_weights_drawn_close_to_the_given_ones_keep_the_winner():
    near = scoring.weight_sensitivity(TOOLS, WEIGHTS, less_is_better=["cost"], concentration=1e6, draws=500)
    assert near.wins.loc["Sycm", "wins"] == 1


def test_an_option_that_is_best_on_everything_wins_under_all_weights():
    board = pd.DataFrame({"option": list("xy"), "a": [5, 2], "b": [4, 3]})
    found = scoring.weight_sensitivity(board, {"a": 1, "b": 2}, draws=100)
    assert found.criterion is None
    assert np.isnan(found.change)
    assert found.wins.loc["x", ["wins", "high"]].tolist() == [1, 1]


def test_options_that_are_the_same_share_the_wins_and_no_weight_parts_them():
    board = pd.DataFrame({"option": list("xyz"), "a": [5, 5, 1], "b": [2, 2, 1]})
    found = scoring.weight_sensitivity(board, {"a": 1, "b": 2}, draws=100)
    assert found.wins["wins"].tolist() == [0.5, 0.5, 0]
    assert found.criterion is None
    assert found.margin == 0


def test_attractiveness_is_the_weighted_rank_with_the_range_of_ranks_under_other_weights():
    table = pd.DataFrame(
        {"category": list("abc"), "size": [9, 2, 5], "growth": [0.02, 0.12, 0.08], "return_rate": [6, 2, 9]}
    )
    weights = {"size": 40, "growth": 40, "return_rate": 20}
    found = selection.category_attractiveness(table, weights)
    assert found["score"].to_dict() == pytest.approx({"b": 60, "a": 50, "c": 40})
    same = scoring.weighted_scores(
        table, weights, by="category", method="rank", less_is_better=["return_rate"]
    )
    assert_frame_equal(found.drop(columns=["best_rank", "worst_rank"]), same)
    # Twice the weight on size puts a first: 80/140 against 60/140.
    assert found.loc["a", ["best_rank", "rank", "worst_rank"]].tolist() == [1, 2, 3]


@few
@given(boards, shares)
def test_the_rank_lies_within_its_range(board, weights):
    found = selection.category_attractiveness(board, weights, by="option")
    ranked = found.dropna(subset="rank")
    assert (ranked["best_rank"] <= ranked["rank"]).all()
    assert (ranked["rank"] <= ranked["worst_rank"]).all()


def test_risks_are_scored_banded_and_held_against_what_control_leaves():
    risks = pd.DataFrame(
        {
            "risk": ["a", "b", "c", "d"],
            "probability": [4, 2, 5, 3],
            "impact": [4, 2, 5, None],
            "residual_impact": [1, None, 4, 2],
        }
    )
    table = scoring.risk_matrix(risks)
    assert table.index.tolist() == ["c", "a", "b", "d"]
    assert table["score"].tolist()[:3] == [25, 16, 4]
    assert table["band"].tolist()[:3] == ["critical", "high", "low"]
    assert table["residual"].tolist() == [20, 4, 4, 6]
    assert table["residual_band"].tolist() == ["critical", "low", "low", "medium"]
    assert table["reduction"].tolist()[:3] == pytest.approx([0.2, 0.75, 0])
    assert table.loc["d", ["score", "band", "reduction", "rank"]].isna().all()


def test_bands_of_ones_own_are_used():
    risks = pd.DataFrame({"risk": ["a", "b"], "probability": [2, 5], "impact": [5, 5]})
    assert scoring.risk_matrix(risks, bands={"fine": 10, "stop": 25})["band"].tolist() == ["stop", "fine"]


@few
@given(levels, rising, rising)
def test_the_reversed_pairs_are_those_found_one_by_one(risks, chances, money):
    chances = chances / chances[-1]
    found = scoring.rank_reversal(risks, probabilities=chances, amounts=money)
    p, i = risks["probability"].to_numpy(), risks["impact"].to_numpy()
    loss = chances[p - 1] * money[i - 1]
    pairs = set()
    for a, b in combinations(range(len(risks)), 2):
        for x, y in ((a, b), (b, a)):
            if p[x] * i[x] > p[y] * i[y] and loss[x] * (1 + 1e-9) < loss[y]:
                pairs.add((f"r{x}", f"r{y}"))
    assert set(zip(found.table["risk"], found.table["other"], strict=True)) == pairs
    assert found.reversed == len(pairs) <= found.crossing <= found.pairs == len(risks) * (len(risks) - 1) // 2
    assert (found.table["times"] > 1).all()


def test_levels_that_are_their_own_numbers_reverse_nothing():
    risks = pd.DataFrame({"risk": list("abc"), "probability": [5, 2, 3], "impact": [2, 4, 3]})
    found = scoring.rank_reversal(risks, probabilities=[0.2, 0.4, 0.6, 0.8, 1], amounts=[1, 2, 3, 4, 5])
    assert (found.reversed, found.alike, found.crossing, found.pairs) == (0, 0, 3, 3)
    real = scoring.rank_reversal(risks, probabilities=CHANCES, amounts=COSTS)
    assert real.losses["expected_loss"].to_dict() == pytest.approx({"b": 1e5, "c": 6e4, "a": 4.5e4})
    pairs = list(zip(real.table["risk"], real.table["other"], strict=True))
    assert pairs == [("a", "b"), ("c", "b"), ("a", "c")]
    assert real.table["times"].tolist() == pytest.approx([1e5 / 4.5e4, 1e5 / 6e4, 6e4 / 4.5e4])


def test_swot_is_added_up_within_each_side():
    items = pd.DataFrame(
        {"kind": ["S", "strengths", "W", "O", "T"], "weight": [1, 1, 2, 3, 1], "rating": [4, 2, 2, 4, 4]}
    )
    found = scoring.tows(items)
    assert found.table["score"].tolist() == [1.5, 1, 3, 1]
    assert found.table["items"].tolist() == [2, 1, 1, 1]
    assert (found.internal, found.external) == (0.5, 2)
    assert found.strategy.startswith("SO")


@few
@given(st.lists(st.tuples(st.sampled_from("SWOT"), marks, marks), min_size=1, max_size=8))
def test_the_weights_of_each_side_add_up_to_one(rows):
    found = scoring.tows(pd.DataFrame(rows, columns=["kind", "weight", "rating"]))
    for good, bad, difference in (("S", "W", found.internal), ("O", "T", found.external)):
        side = found.table.loc[[good, bad]]
        if side["items"].sum():
            assert side["weight"].sum() == pytest.approx(1)
            assert -5 <= difference <= 5
        else:
            assert np.isnan(difference)


def test_an_even_balance_points_nowhere():
    items = pd.DataFrame({"kind": list("SWOT"), "weight": 1, "rating": [3, 3, 4, 2]})
    assert scoring.tows(items).strategy == "undecided"


RISK = pd.DataFrame({"risk": ["a"], "probability": [2], "impact": [3]})


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: weighed(weights={}), "the weights add up to 0"),
        (lambda: weighed(weights={"ease": -1}), "the weight of 'ease' is -1; give a number of 0 or above"),
        (lambda: weighed(weights={"ease": "much"}), "weights is {'ease': 'much'}; give a number"),
        (lambda: weighed(weights={"ease": 1}), "less_is_better names 'cost', which has no weight."),
        (lambda: weighed(TOOLS.assign(ease=6)), "'ease' of Python is 6, off the scale of 1 to 5."),
        (lambda: weighed(TOOLS.assign(ease="good")), "column 'ease' holds"),
        (lambda: weighed(scale=(5, 1)), "scale is (5, 1); give its lowest and highest score"),
        (lambda: weighed(method="best"), "method is 'best'; give one of scale, range, rank, z."),
        (lambda: weighed(TOOLS.assign(rank=1), {"rank": 1}), "a criterion may not be called 'rank'"),
        (lambda: weighed(TOOLS.assign(ease=[5, np.inf, 1])), "a score is infinite"),
        (
            lambda: scoring.weight_sensitivity(TOOLS.assign(ease=[5, None, 1]), {"ease": 1}),
            "there is no score of 'Tableau' on 'ease'. Fill in what is missing",
        ),
        (lambda: scoring.weight_sensitivity(TOOLS, WEIGHTS, draws=0), "draws is 0; give a whole number"),
        (lambda: scoring.weight_sensitivity(TOOLS, WEIGHTS, concentration=0), "concentration is 0; give"),
        (lambda: scoring.risk_matrix(RISK, bands={"low": 4}), "bands is {'low': 4}; give each band"),
        (lambda: scoring.risk_matrix(RISK.assign(probability=0)), "holds 0, which is no level from 1 to 5"),
        (
            lambda: scoring.rank_reversal(RISK.assign(impact=2.5), probabilities=CHANCES, amounts=COSTS),
            "a level is no whole number",
        ),
        (
            lambda: scoring.rank_reversal(RISK, probabilities=COSTS, amounts=COSTS),
            "probabilities ends with 5e+06; a chance is a fraction up to 1.",
        ),
        (
            lambda: scoring.rank_reversal(RISK, probabilities=CHANCES, amounts=[1, 2, 2, 3, 4]),
            "amounts is [1, 2, 2, 3, 4]; give five rising numbers",
        ),
        (
            lambda: selection.category_attractiveness(TOOLS, {"ease": 1}, by="option", method="scale"),
            "method is 'scale'; give 'rank', 'z' or 'range'",
        ),
    ],
)
def test_bad_input_is_met_with_a_sentence(call, words):
    with pytest.raises(CourseError, match=re.escape(words)):
        call()
