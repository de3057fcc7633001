"""What all plots share: fonts, words, numbers, and the way out to HTML."""

import base64
import math
import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from plot_cases import audit, capability_scores, questions

from ecomtrain import plots
from ecomtrain.errors import CourseError
from ecomtrain.plots import style, text


def picture(uri: str) -> bytes:
    return base64.b64decode(uri.partition(",")[2])


def test_asking_for_the_package_loads_no_matplotlib():
    code = "import sys, ecomtrain.plots; sys.exit('matplotlib' in sys.modules or 'pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_plot_is_listed_and_has_a_docstring_with_an_example():
    assert set(plots.__all__) <= set(dir(plots))
    without = [name for name in plots.__all__ if ">>>" not in (getattr(plots, name).__doc__ or "")]
    assert without == []


def test_a_name_that_is_no_plot_raises():
    with pytest.raises(AttributeError, match="'funnels'"):
        _ = plots.funnels


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_the_same_plot_gives_the_same_data_uri_and_closes_its_figure(kind):
    one, two = (plots.data_uri(plots.pass_rates(questions()), format=kind) for _ in range(2))
    assert one == two
    assert plt.get_fignums() == []


def test_a_data_uri_carries_no_date_and_draws_its_own_letters():
    svg = picture(plots.data_uri(plots.claim(audit()))).decode()
    assert svg.startswith("<?xml")
    assert "dc:date" not in svg
    assert "<text" not in svg


def test_a_png_is_sharp_enough_for_a_screen_of_double_density():
    data = picture(plots.data_uri(plots.pass_rates(questions()), format="png"))
    assert data.startswith(b"\x89PNG")
    assert int.from_bytes(data[16:20], "big") > 1700


def test_a_figure_and_an_array_of_axes_will_do_for_a_data_uri():
    figure, axes = plt.subplots(1, 2)
    assert plots.data_uri(axes) == plots.data_uri(figure)


@pytest.mark.parametrize("wrong", [None, 3, "plot", [], pd.DataFrame()])
def test_what_is_no_plot_gets_a_sentence(wrong):
    with pytest.raises(CourseError, match=r"plots\.data_uri: a figure or Axes is needed"):
        plots.data_uri(wrong)


def test_a_format_that_a_page_cannot_show_gets_a_sentence():
    with pytest.raises(CourseError, match="format is 'pdf'; give 'svg' or 'png'"):
        plots.data_uri(plt.figure(), format="pdf")


def test_interactive_mode_that_begins_while_drawing_lasts():
    """A notebook's backend turns it on with the first figure; without it no later figure is shown."""
    before = mpl.is_interactive()
    try:
        style.styled(lambda: mpl.interactive(True))()
        assert mpl.is_interactive()
    finally:
        mpl.interactive(before)


def test_use_style_changes_the_settings_of_later_figures_and_nothing_else_does():
    with mpl.rc_context():
        before = dict(mpl.rcParams)
        plots.claim(audit())
        assert dict(mpl.rcParams) == before
        plots.use_style()
        assert mpl.rcParams["axes.titleweight"] == "bold"
        assert mpl.rcParams["font.family"][0] == "DejaVu Sans"


@pytest.fixture
def only_latin(monkeypatch):
    monkeypatch.setattr(text, "_CHINESE", ())
    for cached in (text.fonts, text._glyphs):
        cached.cache_clear()
    yield
    monkeypatch.undo()
    for cached in (text.fonts, text._glyphs):
        cached.cache_clear()


CHINESE = pd.Series({"数据分析能力": 0.8, "供应链管理能力": 0.6, "合规运营能力": 0.4})


def drawn_texts(ax: plt.Axes) -> str:
    ax.figure.canvas.draw()
    return "".join([ax.get_title(), *(item.get_text() for item in ax.texts)])


def test_without_a_chinese_font_nothing_warns_and_letters_that_cannot_be_drawn_are_marked(only_latin):
    assert not text.has_chinese()
    said = drawn_texts(plots.radar(CHINESE))
    assert "□" in said
    assert "数" not in said


def test_with_a_chinese_font_chinese_is_drawn():
    if not text.has_chinese():
        pytest.skip("no Chinese font is installed here")
    assert "数据分析能力" in drawn_texts(plots.radar(CHINESE)).replace("\n", "")


def test_chinese_names_of_metrics_are_shown_only_where_a_font_can(only_latin):
    table = pd.DataFrame(
        {
            "dimension": "user",
            "name": "Visitors",
            "name_zh": "访客数",
            "unit": "visitors",
            "value": [5],
            "numerator": [5],
            "denominator": [math.nan],
            "low": [math.nan],
            "high": [math.nan],
        },
        index=["U1"],
    )
    said = drawn_texts(plots.kpi_board(table))
    assert "Visitors" in said
    assert "□" not in said


def test_a_name_with_dollar_signs_is_drawn_as_it_stands():
    scores = capability_scores().rename({"Team": "US$5 to US$9"})
    ax = plots.radar(scores)
    ax.figure.canvas.draw()
    assert any("US$5 to US$9" in item.get_text().replace("\n", " ") for item in ax.texts)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.just(" "), max_size=60))
def test_a_wrapped_text_keeps_its_letters_and_fits(words):
    safe = text.safe(words)
    lines = text.wrapped(safe, 1.5).split("\n")
    assert "".join(lines).replace(" ", "") == safe.replace(" ", "")
    for line in lines:
        # One letter, or a number kept with its unit, may be wider than the line; a broken word may not.
        assert len(line) <= 1 or text.inches_of(line, text.TEXT, "normal") <= 1.5


def test_a_number_stays_with_its_unit_and_an_interval_with_itself():
    for width in np.arange(1.2, 4, 0.1):
        lines = text.wrapped("Paid rose by ¥31.6 k (+13 to +39 %), that is 58 % of all", width).split("\n")
        assert any("¥31.6 k" in line for line in lines)
        assert any("58 %" in line for line in lines)
        assert any("(+13 to +39 %)" in line for line in lines) or width < 1.3


@given(
    st.lists(st.floats(0, 100, allow_nan=False), min_size=1, max_size=12),
    st.floats(0.1, 10, allow_nan=False),
)
def test_labels_moved_apart_keep_their_order_and_their_distance(positions, gap):
    placed = style.spread(positions, gap)
    order = np.argsort(positions, kind="stable")
    assert np.all(np.diff(placed[order]) >= gap - 1e-6)
    assert abs(placed.mean() - np.mean(positions)) < 1e-6


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.583, "58 %"), (0.0123, "1.2 %"), (0.0042, "0.42 %"), (0, "0 %"), (-0.25, "−25 %"), (math.nan, "n/a")],
)
def test_a_fraction_is_said_in_per_cent(value, said):
    assert text.percent(value) == said


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.553, 0.611, "55-61 %"),
        (0.031, 0.034, "3.1-3.4 %"),
        (0.045, 0.08, "4.5-8.0 %"),
        (-0.03, 0.05, "−3.0 to 5.0 %"),
    ],
)
def test_an_interval_has_the_decimals_that_it_needs(low, high, said):
    assert text.interval(low, high) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(1_240_000, "¥1.24 m"), (38_200, "¥38.2 k"), (999_600, "¥1.00 m"), (-950, "−¥950"), (2.5e9, "¥2.50 bn")],
)
def test_money_is_said_in_short(value, said):
    assert text.compact(value, "¥") == said


def test_an_estimate_without_interval_is_said_alone():
    assert text.measured(0.58) == "58 %"
    assert text.measured(0.58, 0.55, 0.61, "of views") == "58 % of views (55-61 %)"
    assert text.measured(1.246, 1.23, 1.27, share=False) == "1.25 (1.23-1.27)"


def test_a_change_that_rounds_to_nothing_has_no_sign():
    assert text.number(-0.0004, 1, sign=True) == "0.0"
    assert text.percent(0.00001, 0, sign=True) == "0 %"
