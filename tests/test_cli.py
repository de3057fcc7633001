"""The command line: what it says, and its exit codes."""

import pytest
from typer.testing import CliRunner

from ecomtrain import cli
from ecomtrain.errors import CourseError

run = CliRunner().invoke


@pytest.fixture
def course(tmp_path, monkeypatch):
    (tmp_path / "nbgrader_config.py").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_help_names_every_command():
    text = run(cli.app, ["--help"]).output
    for command in (
        "check",
        "build",
        "release",
        "demo-class",
        "grade",
        "report",
        "claims",
        "shop",
        "lab",
        "doctor",
    ):
        assert command in text


def test_outside_a_course_folder_a_sentence_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run(cli.app, ["report"])
    assert result.exit_code == 2
    assert "not a course folder" in result.output


def test_a_folder_inside_the_course_is_enough(course, monkeypatch):
    inside = course / "notebooks" / "deep"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    assert cli._root(None) == course


def test_a_named_folder_that_is_no_course_is_refused(course, tmp_path):
    result = run(cli.app, ["report", "--root", str(tmp_path / "elsewhere")])
    assert result.exit_code == 2
    assert "nbgrader_config.py" in result.output


def test_what_the_reader_can_mend_is_one_line_and_exit_code_1(monkeypatch, capsys):
    def fail():
        raise CourseError("Nobody has handed in ch02_data yet.")

    monkeypatch.setattr(cli, "app", fail)
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 1
    assert capsys.readouterr().err == "ecomtrain: Nobody has handed in ch02_data yet.\n"


def test_doctor_fails_where_the_course_folder_is_incomplete(course):
    result = run(cli.app, ["doctor", "--root", str(course)])
    assert result.exit_code == 1
    assert "notebooks, source, release not found" in result.output


def test_doctor_passes_on_the_course_itself(pytestconfig):
    result = run(cli.app, ["doctor", "--root", str(pytestconfig.rootpath)])
    assert result.exit_code == 0, result.output
    assert "checksums right" in result.output


def test_a_claim_is_audited_on_the_terminal():
    text = run(cli.app, ["claims", "C2.F2b"]).output
    assert "The outline says" in text
    assert "verdict  does not hold" in text


def test_the_claims_of_a_chapter_are_listed_with_their_verdicts():
    lines = run(cli.app, ["claims", "--chapter", "6"]).output.splitlines()
    assert [line.split()[0] for line in lines] == ["C6.T1", "C6.T2", "C6.T3", "C6.T4", "C6.T5"]


def test_an_unknown_claim_is_met_with_the_nearest():
    assert "there is no claim 'C2.F2'. Did you mean" in str(run(cli.app, ["claims", "C2.F2"]).exception)


def test_a_shop_of_any_size_is_written(tmp_path):
    result = run(cli.app, ["shop", str(tmp_path / "small"), "--scale", "0.001"])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "small" / "datapackage.json").is_file()
