"""The loop as a trainee and an instructor walk it, in a real browser."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from ecomtrain.classroom import build, grade

from .driver import Visit
from .school import ASSIGNMENT, REPOSITORY, TRAINEE, School

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ASSIGNMENTS = "nbgrader:open-assignment-list"
FORMGRADER = "nbgrader:open-formgrader"


def test_the_course_opens_on_the_list_of_chapters_and_a_chapter_runs(visit: Visit, tmp_path: Path) -> None:
    course = tmp_path / "course"
    shutil.copytree(REPOSITORY / "notebooks", course / "notebooks")
    build(course, parts=["notebooks"])
    shutil.copy(REPOSITORY / "nbgrader_config.py", course)
    instructor = visit(course, "instructor")
    instructor.enter()
    for chapter in (course / "notebooks").glob("*.ipynb"):
        expect(instructor.files().get_by_text(chapter.name, exact=True)).to_be_visible()
    expect(instructor.page.locator(".jp-Dialog")).to_have_count(0)
    assert {ASSIGNMENTS, FORMGRADER} <= set(instructor.menu("Nbgrader"))
    instructor.page.keyboard.press("Escape")

    cells = nbformat.read(course / "notebooks" / f"{ASSIGNMENT}.ipynb", as_version=4).cells
    plot = next(n for n, cell in enumerate(cells) if re.search(r"^plots\.(?!use_style)", cell.source, re.M))
    instructor.files().get_by_text(f"{ASSIGNMENT}.ipynb", exact=True).dblclick()
    instructor.notebook_is_ready()
    picture = instructor.run_down_to(plot).locator(".jp-OutputArea img").first
    expect(picture).to_be_visible()
    picture.scroll_into_view_if_needed()
    instructor.screenshot("chapter")
    assert not {"/lab/api/news", "/lab/api/update"} & set(instructor.watch.paths)
    instructor.watch.assert_nothing_is_wrong()


def test_a_trainee_has_no_formgrader(visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").touch()
    trainee = visit(tmp_path, "trainee")
    trainee.enter()
    assert trainee.menu("Nbgrader") == [ASSIGNMENTS]
    for path in ("/formgrader", "/formgrader/gradebook", "/formgrader/api/assignments"):
        reply = trainee.page.request.get(trainee.server.url + path)
        assert reply.status == 404, f"{path} answers {reply.status}"
    trainee.watch.assert_nothing_is_wrong()


def test_a_trainee_answers_and_hands_in_and_the_instructor_sees_the_score(
    visit: Visit, school: School
) -> None:
    question = school.first_question()
    trainee = visit(school.trainee, "trainee")
    trainee.enter()
    page = trainee.page

    trainee.choose("Nbgrader", ASSIGNMENTS)
    released = page.locator("#released_assignments_list > .list_item", has_text=ASSIGNMENT)
    released.get_by_role("button", name="Fetch").click()
    fetched = page.locator("#fetched_assignments_list > .list_item", has_text=ASSIGNMENT)
    fetched.locator("a.assignment-notebooks-link").click()
    fetched.locator(".nested_list_item a").click()
    trainee.notebook_is_ready()

    trainee.write(question.answer_cell, question.wrong)
    test = trainee.run_down_to(question.test_cell)
    expect(test.locator(".jp-OutputArea")).to_contain_text(question.message)
    # A trainee reads a sentence, not the insides of what says it.
    expect(test.locator(".jp-OutputArea")).not_to_contain_text(str(REPOSITORY))
    trainee.screenshot("wrong_answer")

    trainee.write(question.answer_cell, question.right)
    test = trainee.run_down_to(question.test_cell)
    expect(test.locator(".jp-OutputArea-output")).to_have_count(0)
    trainee.screenshot("right_answer")

    trainee.execute("docmanager:save")
    page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .validate-button").click()
    verdict = page.locator(".jp-Dialog")
    answered, *unanswered = school.tests
    for title in unanswered:
        expect(verdict).to_contain_text(title)
    expect(verdict).not_to_contain_text(answered)
    trainee.screenshot("validation")
    verdict.locator("button.jp-mod-accept").click()

    trainee.choose("Nbgrader", ASSIGNMENTS)
    fetched.get_by_role("button", name="Submit").click()
    expect(page.locator("#submitted_assignments_list > .list_item")).to_contain_text(ASSIGNMENT)
    trainee.watch.assert_nothing_is_wrong()

    (outcome,) = grade(school.course.root, ASSIGNMENT)
    assert (outcome.student, outcome.score) == (TRAINEE, question.points), outcome.sentence

    instructor = visit(school.course.root, "instructor")
    instructor.enter()
    page = instructor.page
    instructor.choose("Nbgrader", FORMGRADER)
    formgrader = page.frame_locator("#formgrader-iframe iframe")
    formgrader.locator("td.num-submissions a").click()
    row = formgrader.locator("tr", has_text=TRAINEE)
    expect(row.locator("td.score")).to_have_text(f"{question.points:g} / {school.points:g}")
    instructor.screenshot("score")

    row.locator("td.student-name a").click()
    formgrader.get_by_role("link", name=ASSIGNMENT, exact=True).click()
    score = formgrader.locator("input.score").first
    expect(score).to_have_attribute("placeholder", f"{question.points:g}")
    # Stock formgrader waits for MathJax from outside before it answers a key and moves to the first score.
    page.wait_for_function(
        """() => {
            const inside = document.querySelector("#formgrader-iframe iframe").contentWindow;
            return inside.formgrader.loaded && inside.MathJax.loaded && !inside.$(":animated").length;
        }"""
    )
    score.scroll_into_view_if_needed()
    instructor.screenshot("formgrader")
    instructor.watch.assert_nothing_is_wrong()
