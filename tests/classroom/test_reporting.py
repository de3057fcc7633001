"""The class report: numbers of the gradebook, one page that needs nothing else, nobody's text run as code."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pandas as pd
import pytest
from conftest import CELL_SECONDS

from ecomtrain.classroom import Course, grade, report
from ecomtrain.errors import CourseError

pytestmark = pytest.mark.slow


class Page(HTMLParser):
    """The tags of a page with their attributes."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def page(own_class):
    return report(own_class, "basket")


def test_a_report_on_nothing_says_what_to_do_first(course):
    with pytest.raises(CourseError, match="Release it first"):
        report(course, "basket")
    Course(course).generate("basket")
    with pytest.raises(CourseError, match="Run: ecomtrain grade basket"):
        report(course, "basket")


def test_the_page_asks_nothing_from_outside_and_runs_nothing(page):
    text = page.read_text(encoding="utf-8")
    parsed = Page(text)
    assert not parsed.all("script")
    assert not parsed.all("link")
    assert not parsed.all("iframe")
    addresses = [
        value for _, attrs in parsed.tags for name, value in attrs.items() if name in ("src", "href")
    ]
    assert addresses
    assert all(address.startswith("data:image/") for address in addresses)
    assert "url(" not in text
    assert "@import" not in text


def test_pictures_have_a_text_and_header_cells_a_scope(page):
    parsed = Page(page.read_text(encoding="utf-8"))
    assert len(parsed.all("img")) == 3
    assert all(image["alt"] for image in parsed.all("img"))
    assert all(cell.get("scope") for cell in parsed.all("th"))


def test_a_script_in_a_name_is_only_text(own_class):
    with Course(own_class).gradebook() as book:
        book.update_or_create_student(
            "trainee01", first_name='<script>alert("x")</script>', last_name="O'Neil & <b>"
        )
    text = report(own_class, "basket").read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "O&#39;Neil &amp; &lt;b&gt;" in text


def test_every_trainee_is_in_the_table_with_what_happened(page):
    text = page.read_text(encoding="utf-8")
    for number in range(1, 13):
        assert f"trainee{number:02}" in text
    assert "26 h late" in text
    assert "q2-answer did not end and was stopped." in text
    assert "10 July 2026, 23:59" in text


def test_the_csv_holds_the_points_of_the_gradebook(page, own_class):
    table = pd.read_csv(page.with_suffix(".csv"), index_col="student")
    assert table.loc["trainee01", ["q1-test", "q2-test", "q3-test", "score", "max_score"]].tolist() == [
        2,
        3,
        1,
        6,
        6,
    ]
    assert table.loc["trainee10", ["q1-test", "score"]].isna().all()
    assert table["hours_late"].to_dict()["trainee06"] == 26
    ended = {outcome.student: outcome for outcome in grade(own_class, "basket")}
    assert table["score"].dropna().to_dict() == {
        student: outcome.score for student, outcome in ended.items() if outcome.score is not None
    }


def test_points_given_by_hand_count_once_everybody_has_them(own_class):
    with Course(own_class).gradebook() as book:
        for submission in book.assignment_submissions("basket"):
            for grade_ in submission.notebooks[0].grades:
                if grade_.name == "memo":
                    grade_.manual_score = 4.0 if submission.student.id == "trainee01" else 1.0
        book.db.commit()
    path = report(own_class, "basket")
    table = pd.read_csv(path.with_suffix(".csv"), index_col="student")
    assert table.loc["trainee01", ["memo", "score", "max_score"]].tolist() == [4, 10, 10]
    assert "Not in it yet" not in path.read_text(encoding="utf-8")


def test_a_name_is_no_formula_for_a_spreadsheet(own_class):
    course = Course(own_class)
    with course.gradebook() as book:
        book.update_or_create_student("=1+1")
    lines = report(own_class, "basket").with_suffix(".csv").read_text(encoding="utf-8-sig").splitlines()
    assert any(line.startswith("'=1+1,missing") for line in lines)


def test_pass_rates_have_a_denominator_and_an_interval(page):
    text = page.read_text(encoding="utf-8")
    assert re.search(
        r"<td class=\"n\">\d+ of 10</td><td class=\"n\">\d+ %</td><td class=\"n\">\d+–\d+ %</td>", text
    )


def test_the_limit_of_the_class_is_that_of_its_own_file(own_class):
    assert Course(own_class).config.Execute.timeout == CELL_SECONDS
