"""Every plot, on results of the course's own data."""

import copy
import re
from itertools import combinations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.text import Text
from pandas.testing import assert_frame_equal, assert_series_equal
from plot_case import Case
from plot_cases import (
    CASES,
    audit,
    audits,
    by_arm,
    capability_scores,
    curve,
    questions,
    totals,
)

from ecomtrain import datasets, plots
from ecomtrain.analysis import inventory
from ecomtrain.errors import CourseError

EACH = pytest.mark.parametrize("case", CASES, ids=[f"{case.plot}-{i}" for i, case in enumerate(CASES)])
TABLES = pytest.mark.parametrize(
    "case", [case for case in CASES if not case.whole], ids=lambda case: case.plot
)


def drawn(case: Case, result: object, **options: object) -> np.ndarray:
    made = getattr(plots, case.plot)(result, **{**(case.options or {}), **options})
    return np.atleast_1d(np.array(made, dtype=object))


def numbers(sentence: str) -> list[tuple[float, int]]:
    """Numbers of a sentence, each with its decimals."""
    found = re.findall(r"[+−]?\d[\d,]*(?:\.\d+)?", sentence)
    plain = [text.replace(",", "").replace("−", "-") for text in found]
    return [(float(text), len(text.partition(".")[2])) for text in plain]


def states(sentence: str, value: float) -> bool:
    return any(abs(abs(n) - abs(value)) <= 0.5 * 10**-d * 1.0001 for n, d in numbers(sentence))


def same(one: object, other: object) -> None:
    if isinstance(one, pd.DataFrame):
        assert_frame_equal(one, other)
    elif isinstance(one, pd.Series):
        assert_series_equal(one, other)
    else:
        for name, value in vars(one).items():
            other_value = getattr(other, name)
            if isinstance(value, pd.DataFrame):
                assert_frame_equal(value, other_value)
            else:
                assert value == other_value or value != value


def test_every_plot_is_tested_here():
    assert set(plots.__all__) - {"data_uri", "finding", "use_style"} == {case.plot for case in CASES}


@EACH
def test_a_plot_states_its_finding_on_one_page_without_a_cut_text_and_changes_nothing(case, monkeypatch):
    result, settings = case.make(), dict(mpl.rcParams)
    before = copy.deepcopy(result)
    axes = drawn(case, result)
    same(result, before)
    assert dict(mpl.rcParams) == settings
    assert all(isinstance(ax, Axes) for ax in axes)
    assert len(plt.get_fignums()) == 1
    assert 7 <= axes[0].figure.get_figwidth() <= 9  # wide enough for a notebook, and no wider
    title = plots.finding(axes)
    missing = [value for value in case.states(result) if not states(title, value)]
    assert not missing, f"{title!r} does not state {missing}"
    assert not re.search(r"\bnan\b|n/a", title)
    cut, collisions = crowded(axes[0].figure, monkeypatch)
    assert cut == []
    assert collisions == []


def crowded(figure, monkeypatch):
    """Texts that leave the page, and pairs of texts that run into each other."""
    boxes = {}
    draw = Text.draw

    def recorded(text, renderer, *args, **kwargs):
        if text.get_visible() and text.get_text().strip():
            boxes[text] = Text.get_window_extent(text, renderer)
        return draw(text, renderer, *args, **kwargs)

    monkeypatch.setattr(Text, "draw", recorded)
    figure.canvas.draw()
    page = figure.bbox.padded(1)
    cut = [
        text.get_text()
        for text, box in boxes.items()
        if not all(page.containsx(x) for x in box.intervalx)
        or not all(page.containsy(y) for y in box.intervaly)
    ]
    kept = {text: box.padded(-1.0) for text, box in boxes.items()}
    return cut, [(a.get_text(), b.get_text()) for a, b in combinations(kept, 2) if kept[a].overlaps(kept[b])]


@EACH
def test_a_plot_draws_on_the_axes_it_is_given_and_under_the_title_it_is_given(case):
    count = case.panels
    polar = {"projection": "polar"} if case.polar else {}
    figure, given = plt.subplots(1, count, subplot_kw=polar, squeeze=False, figsize=(9 * count, 6))
    target = given[0] if count > 1 else given[0, 0]
    axes = drawn(case, case.make(), ax=target, title="Ours to say")
    assert list(axes) == list(given[0])
    assert plots.finding(axes) == "Ours to say"
    assert plt.get_fignums() == [figure.number]
    figure.canvas.draw()


@EACH
def test_a_wrong_argument_gets_a_sentence_that_names_the_plot_and_what_to_pass(case):
    for wrong in (3, "table", pd.DataFrame({"a": [1.0]}), None):
        if case.any_table and isinstance(wrong, pd.DataFrame):
            continue
        with pytest.raises(CourseError) as error:
            drawn(case, wrong)
        assert str(error.value).startswith(f"plots.{case.plot}: ")
        assert case.source in str(error.value)


@EACH
def test_an_ax_that_is_none_gets_a_sentence(case):
    with pytest.raises(CourseError, match=rf"plots\.{case.plot}: ax must be "):
        drawn(case, case.make(), ax="axes")


@TABLES
def test_a_table_without_rows_gets_a_sentence(case):
    with pytest.raises(CourseError, match=r"no rows, nothing to draw|not in the frame"):
        drawn(case, case.make().iloc[:0])


@TABLES
def test_a_column_of_text_in_place_of_numbers_gets_a_sentence(case):
    result = case.make()
    wrong = result.copy()
    last = next(name for name in reversed(wrong.columns) if wrong[name].dtype.kind in "iuf")
    wrong[case.number or last] = "much"
    with pytest.raises(CourseError, match="holds str, not numbers"):
        drawn(case, wrong)


def test_weeks_in_which_the_stock_settles_are_missing_after_the_switch_not_before_it():
    dates = {"W1": "2025-09-01", "W2": "2025-11-24", "W3": "2026-01-19", "W4": "2026-03-30"}
    stock, goods = (datasets.load(name, shop="fmcg") for name in ("inventory_daily", "products"))
    result = inventory.stepped_turnover(stock, goods, dates, settle_weeks=2)
    dots = [part for part in plots.turnover_steps(result).collections if isinstance(part, PathCollection)]
    drawn_weeks = {x for part in dots for x, _ in part.get_offsets()}
    assert {-2, -1, 2, 3} <= drawn_weeks
    assert not {0, 1} & drawn_weeks


def test_steps_of_one_name_are_kept_apart_in_a_funnel():
    table = pd.DataFrame(
        {
            "step": ["view", "view", "pay"],
            "reached": [100, 40, 30],
            "step_rate": [np.nan, 0.4, 0.75],
            "overall_rate": [1, 0.4, 0.3],
            "low": [np.nan, 0.31, 0.6],
            "high": [np.nan, 0.5, 0.86],
        }
    )
    ax = plots.funnel(table)
    assert [round(bar.get_width(), 2) for bar in ax.patches] == [1, 0.4, 0.3]
    assert plots.finding(ax) == "View to view loses most: 40 % go on (31-50 %)"


def test_a_funnel_that_nobody_enters_says_so():
    nobody = pd.DataFrame({"step": ["view", "pay"], "reached": [0, 0]})
    nobody = nobody.assign(step_rate=np.nan, overall_rate=np.nan, low=np.nan, high=np.nan)
    assert plots.finding(plots.funnel(nobody)) == "Nobody goes on from view"


def test_a_funnel_by_group_names_the_groups_and_draws_a_bar_for_each():
    table = by_arm()
    ax = plots.funnel(table)
    said = " ".join(text.get_text() for text in ax.texts)
    assert len(ax.patches) == len(table)
    assert re.search(r"control begin.*treatment begin", said)


def test_intervals_are_drawn_where_the_table_has_them():
    table = questions()
    ax = plots.pass_rates(table)
    drawn_ends = sorted(tuple(path[:, 0]) for lines in ax.collections for path in segments(lines))
    assert drawn_ends == sorted(zip(table["low"], table["high"], strict=True))


def segments(lines: object) -> list[np.ndarray]:
    return lines.get_segments() if hasattr(lines, "get_segments") else []


def test_the_waterfall_ends_where_the_total_does():
    table = pd.DataFrame({"before": [10, 2, 100], "after": [12, 5, 300], "effect": [80.0, 120.0, 200.0]})
    ax = plots.bridge(table.set_axis(["buyers", "price", "paid"]))
    assert [(bar.get_y(), bar.get_height()) for bar in ax.patches] == [
        (0, 100),
        (100, 80),
        (180, 120),
        (0, 300),
    ]


def test_a_waterfall_whose_axis_does_not_start_at_zero_says_so():
    table = pd.DataFrame({"before": [1, 1000], "after": [1, 1010], "effect": [10.0, 10.0]}, ["price", "paid"])
    ax = plots.bridge(table)
    assert ax.get_ylim()[0] > 0
    assert "does not start at 0" in ax.figure.get_supxlabel()


def test_a_fall_is_called_a_fall():
    table = pd.DataFrame({"before": [1, 100], "after": [1, 80], "effect": [-20.0, -20.0]}, ["price", "paid"])
    assert plots.finding(plots.bridge(table)).startswith("Paid fell by ¥20 (−20 %)")


def test_one_curve_of_dwell_needs_no_page():
    single = curve(["home"]).drop(columns="page")
    assert plots.finding(plots.dwell(single)).startswith("Half of the views are over after")


def test_a_page_that_is_rarely_left_has_no_median_to_tell():
    table = pd.DataFrame({"seconds": [5.0, 9.0], "at_risk": [40, 39], "left": [1, 1]})
    table = table.assign(survival=[0.975, 0.95], low=[0.83, 0.81], high=[0.99, 0.98])
    assert (
        plots.finding(plots.dwell(table))
        == "More than half of the views are still open at the last second seen"
    )


def test_an_estimate_without_interval_or_truth_is_left_out_of_a_claim():
    ax = plots.claim(audit(naive=np.nan, truth=None, unit="days", figure=60, sound=47.5, low=35, high=58))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["The outline says", "Sound estimate"]
    assert plots.finding(ax) == "C2.F1c holds: the outline says 60 days, the data 48 days (35-58)"


def test_claims_count_the_verdicts_and_show_each_in_its_own_unit():
    ax = plots.claims(audits())
    assert plots.finding(ax) == "Of 2 claims: 1 “holds” and 1 “depends on what is counted”"
    beside = [" ".join(text.get_text().split()) for text in ax.texts]
    assert {"holds +37 % (+24 to +52 %)", "depends on what is counted 48 days (35-58)"} <= set(beside)


def test_the_radar_says_what_was_not_assessed():
    scores = capability_scores()
    scores.iloc[1] = np.nan
    ax = plots.radar(scores, reference=0.5)
    assert any("not assessed yet" in text.get_text() for text in ax.texts)


def test_a_radar_of_nothing_says_so():
    assert plots.finding(plots.radar(capability_scores() * np.nan)) == "No capability has been assessed yet"


@pytest.mark.parametrize("reference", [capability_scores() - 0.1, 0.5])
def test_the_radar_takes_a_reference_line(reference):
    without, with_one = plots.radar(capability_scores()), plots.radar(capability_scores(), reference)
    assert len(with_one.lines) == len(without.lines) + 1


def test_a_reference_without_a_capability_gets_a_sentence():
    with pytest.raises(CourseError, match="reference has no score for 'Team'"):
        plots.radar(capability_scores(), capability_scores().drop("Team"))


def test_each_trainee_is_a_dot_at_their_own_points():
    ax = plots.scores(totals(), max_points=12, pass_mark=7.2)
    at = np.sort(ax.collections[0].get_offsets()[:, 0])
    assert at.tolist() == sorted(totals().dropna())


def test_a_large_class_is_counted_in_bars():
    many = pd.Series(np.linspace(0, 100, 201))
    ax = plots.scores(many, max_points=100, pass_mark=60)
    assert sum(bar.get_height() for bar in ax.patches) == 201
    assert plots.finding(ax).startswith("81 of 201 pass (40 %")


def test_a_class_that_handed_nothing_in_is_drawn_and_said():
    ax = plots.scores(pd.Series([np.nan, np.nan]), max_points=10, pass_mark=6)
    assert plots.finding(ax) == "0 of 2 pass (0 %, interval 0-66 %); nobody handed in"


def test_points_above_the_most_are_drawn_at_the_most():
    ax = plots.scores(pd.Series([11.0, 3.0]), max_points=10)
    assert ax.collections[0].get_offsets()[:, 0].max() == 10


def test_a_question_nobody_was_graded_on_has_no_rate():
    table = questions()
    table.loc[:, ["passed", "graded"]] = 0
    assert plots.finding(plots.pass_rates(table)) == "No question has been graded yet"


def test_no_difference_is_not_sold_as_one():
    row = pd.DataFrame(
        {
            "control": [0.2],
            "treatment": [0.21],
            "n_control": [500],
            "n_treatment": [500],
            "relative_change": [0.05],
            "relative_low": [-0.18],
            "relative_high": [0.35],
        },
        index=["new page"],
    )
    assert plots.finding(plots.experiment(row)).endswith("no difference shown")


def test_everyone_safe_is_said_without_a_share():
    table = pd.DataFrame({"class_size": [7], "classes": [3], "rows": [21]})
    result = type(
        "Result",
        (),
        {"k": 7, "threshold": 5, "rows": 21, "rows_below": 0, "share_below": 0.0, "table": table},
    )
    assert plots.finding(plots.k_anonymity(result())).startswith("Everyone hides among at least 7 people")
