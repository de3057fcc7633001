"""What was handed in: every unreadable kind gets its own sentence."""

from __future__ import annotations

import json

import nbformat
import pytest

from ecomtrain.classroom.intake import fingerprint, refusal

NOTEBOOK = nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")]))


def with_cell(cell):
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [cell]}).encode()


@pytest.fixture
def folders(tmp_path):
    release, submitted = tmp_path / "release", tmp_path / "submitted"
    release.mkdir()
    submitted.mkdir()
    (release / "basket.ipynb").write_text(NOTEBOOK)
    return submitted, release


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file is empty"),
        (b"   \n", "the file is empty"),
        (NOTEBOOK[:80].encode(), "it is no JSON"),
        (b"<html></html>", "it is no JSON"),
        (b"\xff\xfe\x00", "it is no text in UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[1, 2]", "has no cells"),
        (b'{"cells": []}', "has no cells"),
        (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "breaks the notebook format"),
        (b'{"nbformat": "four", "cells": []}', "breaks the notebook format"),
        (with_cell({}), "breaks the notebook format"),
        (with_cell({"cell_type": "video", "source": "", "metadata": {}}), "cell 1 is no cell"),
        (with_cell({"cell_type": "markdown", "source": 7, "metadata": {}}), "breaks the notebook format"),
    ],
)
@pytest.mark.filterwarnings("ignore::nbformat.warnings.MissingIDFieldWarning")
def test_a_file_that_is_no_notebook_is_refused(content, sentence, folders):
    (folders[0] / "basket.ipynb").write_bytes(content)
    assert sentence in (refusal(*folders) or "accepted")


def test_an_empty_submission_is_refused(folders):
    assert "an empty folder" in refusal(*folders)


def test_a_renamed_notebook_is_named(folders):
    (folders[0] / "Untitled.ipynb").write_text(NOTEBOOK)
    assert "basket.ipynb is missing; it holds Untitled.ipynb" in refusal(*folders)


def test_a_link_is_refused(folders):
    (folders[0] / "basket.ipynb").symlink_to(folders[1] / "basket.ipynb")
    assert "not a file of its own" in refusal(*folders)


def test_a_notebook_is_accepted(folders):
    (folders[0] / "basket.ipynb").write_text(NOTEBOOK)
    assert refusal(*folders) is None


def test_a_fingerprint_changes_with_a_byte_a_name_and_the_tests(folders):
    folder = folders[1]
    seen = {fingerprint(folder), fingerprint(folder, "tests")}
    (folder / "basket.ipynb").write_text(NOTEBOOK + " ")
    seen.add(fingerprint(folder))
    (folder / "basket.ipynb").rename(folder / "other.ipynb")
    seen.add(fingerprint(folder))
    assert len(seen) == 4
