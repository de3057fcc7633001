"""Plots of markets, surveys, options and risks where there is little to say: none claims more than it may."""

import numpy as np
import pandas as pd
import pytest

from ecomtrain import plots
from ecomtrain.analysis import content, market, scoring, selection, surveys
from ecomtrain.errors import CourseError


def finding(plot, *given, **options):
    return plots.finding(getattr(plots, plot)(*given, **options))


def test_a_projection_from_exact_figures_has_no_band_to_read():
    ax = plots.market_fan(market.project(7, 0.12, [0, 1]))
    assert plots.finding(ax) == "From 7.0 today to 7.8 1 year on, if the rate holds"
    assert ax.figure.get_supxlabel() == "No rounding was given, so no band."
    assert finding("market_fan", market.project(7, 0.12, 0)) == "The figure is 7.0 today"


@pytest.mark.parametrize(
    ("sold", "says"),
    [
        ([5.0], "1 seller makes all sales; HHI 10,000, the most there is"),
        ([5.0, 5.0], "2 sellers make all sales; HHI 5,000, as with 2 sellers of one size"),
    ],
)
def test_a_market_of_few_sellers_is_not_told_by_its_four_largest(sold, says):
    sellers = pd.DataFrame({"seller": range(len(sold)), "gmv": sold})
    assert finding("lorenz", market.lorenz(sellers, seller="seller", value="gmv")) == says


def test_ranges_that_do_not_meet_are_said_not_to():
    below = market.bottom_up(pd.DataFrame({"price": [1.0], "units": [10]}))
    say = finding("market_size", market.top_down(360, {"smart": (0.4, 0.6, 0.7)}), below)
    assert say == "From above the niche is ¥216 (144-252), from below ¥10: the ranges do not meet"


def test_a_share_of_nothing_is_not_told():
    table = market.penetration(pd.DataFrame({"a": [0.0], "b": [0.0]}), "a", "b")
    assert finding("penetration", table) == "There is nothing to take a share of"


def test_a_claim_within_the_interval_is_said_to_lie_within():
    asked = pd.DataFrame({"yes": [1] * 17 + [0] * 3})
    assert finding("weighted_share", surveys.weighted_share(asked, success="yes"), claim=0.8).endswith(
        "the claimed 80 % lies within"
    )


def test_nobody_who_answered_gives_no_score():
    nobody = pd.DataFrame({"score": [np.nan]})
    assert finding("net_promoter_score", surveys.net_promoter_score(nobody)) == (
        "Nobody answered, so there is no NPS"
    )


def test_an_audience_like_the_target_has_no_segment_to_blame():
    audience = pd.DataFrame({"platform": "Douyin", "gender": ["F", "M"], "accounts": [50, 50]})
    target = pd.DataFrame({"gender": ["F", "M"] * 20})
    assert finding("tgi", content.tgi(audience, target, segments=["gender"])).startswith("No segment's TGI")
    assert finding("audience_fit", content.audience_fit(audience, target, segments=["gender"])).startswith(
        "Douyin fits the target: 100 %"
    )


@pytest.mark.parametrize(
    ("benchmark", "side"), [(0.03, "lies above"), (0.05, "is not surely off"), (0.09, "lies below")]
)
def test_a_rate_is_called_above_or_below_only_where_the_interval_bears_it_out(benchmark, side):
    posts = pd.DataFrame({"plays": [1000, 2000, 1500, 500], "clicks": [52, 90, 80, 21]})
    row = content.rate_against_benchmark(posts, benchmark=benchmark, benchmark_se=0.003)
    assert f"The click rate of 4.9 % {side} the benchmark" in finding("rate_against_benchmark", row)


def test_phrases_searched_too_rarely_have_no_growth_to_tell():
    month = pd.date_range("2024-07-01", periods=24, freq="MS")
    rare = selection.keyword_growth(pd.DataFrame({"month": month, "term": "x", "searches": 1}))
    assert finding("keyword_growth", rare) == "No phrase is searched often enough to tell its growth"


def test_a_phrase_that_may_not_have_grown_is_not_said_to():
    table = pd.DataFrame(
        {"months": 12, "recent": [900.0], "growth": [0.04], "low": [-0.02], "high": [0.1]}, index=["tea"]
    )
    assert finding("keyword_growth", table).startswith("“tea” shows no sure change: +4 % (−2 to +10 %)")


def weighed(**scores):
    board = pd.DataFrame({"option": list("ab"), **scores})
    return finding("weighted_scores", scoring.weighted_scores(board, dict.fromkeys(scores, 1)))


def test_a_lead_that_is_shared_or_rests_on_missing_scores_is_said_to():
    assert weighed(x=[3, 4], y=[4, 3]).startswith("A and b share the lead with 3.50 points")
    assert weighed(x=[3, 2], y=[4, None]).startswith("A leads with 3.50 points, 1.50 ahead of b")
    assert weighed(x=[3, 3], y=[4, None]).endswith("missing scores could turn that round")


def test_options_without_any_score_have_no_leader():
    nobody = pd.DataFrame({"option": list("ab"), "x": [np.nan, np.nan]})
    assert finding("weighted_scores", scoring.weighted_scores(nobody, {"x": 1})) == "No option has a score"


def test_what_takes_away_from_a_score_is_drawn_to_the_left_of_nought():
    board = pd.DataFrame({"option": list("ab"), "x": [2, 1], "y": [-2, 0]})
    ax = plots.weighted_scores(scoring.weighted_scores(board, {"x": 3, "y": 1}, scale=(-2, 2)))
    spans = sorted(bar.get_x() + min(bar.get_width(), 0) for bar in ax.patches)
    assert spans[0] == pytest.approx(-0.5)
    assert ax.get_xlim()[0] < 0


def test_a_winner_that_no_single_weight_unseats_is_said_to_stay():
    board = pd.DataFrame({"option": list("ab"), "x": [5, 2], "y": [4, 3]})
    found = scoring.weight_sensitivity(board, {"x": 1, "y": 1}, draws=20)
    assert (
        finding("weight_sensitivity", found)
        == "A leads whatever one weight is changed to, and in 100 % of random weights"
    )
    alone = scoring.weight_sensitivity(board.head(1), {"x": 1, "y": 1}, draws=20)
    assert finding("weight_sensitivity", alone) == "A is the only option"


def niches(buyers, listings):
    return pd.DataFrame(
        {"term": [f"n{i}" for i in range(len(buyers))], "buyers": buyers, "listings": listings}
    )


def test_a_market_without_blue_ocean_is_said_to_have_none():
    table = selection.blue_ocean(niches([1, 2, 3], [1, 2, 3]))
    assert finding("blue_ocean", table, rank=(0.9, 0.1)) == (
        "None of 3 sub-niches (0 %) is a blue ocean by demand P90 and supply P10"
    )
    with pytest.raises(CourseError, match=r"rank is \(60, 40\); give two quantiles"):
        plots.blue_ocean(table, rank=(60, 40))
    none = selection.blue_ocean_rate(niches([], []).astype({"buyers": int, "listings": int}))
    assert finding("blue_ocean_rate", none, claim=0.4) == "There are no sub-niches to take a rate of"


def test_niches_that_are_neither_wanted_nor_served_leave_nothing_to_rank():
    found = selection.blue_ocean_sensitivity(niches([0, 0], [0, 0]), demands="buyers")
    with pytest.raises(CourseError, match="no sub-niche that is wanted or served"):
        plots.blue_ocean_sensitivity(found)


RISKS = pd.DataFrame({"risk": ["a", "b"], "probability": [4, 2], "impact": [4, 5]})


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({}, "A is the largest risk (4 × 4 = 16); no control is entered yet"),
        (
            {"residual_probability": [1, 2]},
            "A is the largest risk (4 × 4 = 16); control brings it to 4 and leaves b on top (10)",
        ),
        (
            {"residual_probability": [3, 1]},
            "A is the largest risk (4 × 4 = 16) and stays it after control (12)",
        ),
        ({"probability": [np.nan, np.nan]}, "No risk has both levels"),
    ],
)
def test_the_largest_risk_is_told_with_what_control_leaves(change, says):
    assert finding("risk_matrix", scoring.risk_matrix(RISKS.assign(**change))) == says


def test_scales_that_keep_the_order_reverse_nothing():
    found = scoring.rank_reversal(RISKS, probabilities=[0.2, 0.4, 0.6, 0.8, 1], amounts=[1, 2, 3, 4, 5])
    assert (
        finding("rank_reversal", found) == "No pair of risks changes places under these numbers (1 compared)"
    )


def test_a_swot_without_an_outside_is_undecided():
    found = scoring.tows(pd.DataFrame({"kind": ["S"], "weight": [1.0], "rating": [3]}))
    assert finding("tows", found) == "Inside +3.00, outside unknown: undecided"
