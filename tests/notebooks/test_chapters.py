"""Every chapter keeps its form, runs quietly, and quotes no result that its own cells do not print."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbformat import NotebookNode

from ecomtrain.course import claims, syllabus

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = sorted((ROOT / "notebooks").glob("ch*.py"))
TAG = "syllabus:"

# What a cell may name though no cell prints it: how the analysis beside it is set up, laws, an example.
# A figure of the outline may be named where its claim is tagged. Every other number must come out of a cell.
SET_UP = {
    "C2.T1": "50 60 10 20",  # the example of points and per cent
    "C2.T3": "14 20 60",  # days looked at, picks, days foretold
    "C2.T5": "2.0 2016 679 4 5 25 32 2021 73 20",  # the laws; the k asked for, the width of a band
    "C2.M": "20 30",  # metrics, days
    "C2.L1": "30",  # minutes of silence
    "C2.F1a": "15 30",  # the band of seconds
    "C2.F1c": "4 0.001",  # steps of the claim; the alarm of the sample ratio
    "C2.F2b": "0.05 4",  # the level of q; the chapter that repeats the figure
    "C2.F2c": "5",  # the chapter that repeats the figure
    "C2.F3a": "1",  # the average day
    "C2.F3c": "24",  # the article of the law
    "C2.S": "2",  # this chapter
    "C2.P2": "30 3",  # days, the next chapter
    "C2.P3": "1 100 0 5 30",  # the chapter before; weights and scores; days
}


@cache
def chapter(path: Path) -> NotebookNode:
    return jupytext.read(path)


def tags(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def elements(cell: NotebookNode) -> list[str]:
    return [tag.removeprefix(TAG) for tag in tags(cell) if tag.startswith(TAG)]


def prose(path: Path) -> str:
    return "\n\n".join(cell.source for cell in chapter(path).cells if cell.cell_type == "markdown")


def number_of(path: Path) -> int:
    return int(path.stem[2:4])


def told(claim: claims.Claim) -> str:
    """Give a claim's figure as prose writes it, without the unit."""
    return f"{claim.figure * (100 if claim.unit in ('relative', 'share') else 1):.0f}"


@pytest.fixture(params=CHAPTERS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    return request.param


def test_there_is_a_chapter_to_look_at():
    assert CHAPTERS


# ---------------------------------------------------------------- form


def test_a_chapter_has_35_to_60_cells(path):
    assert 35 <= len(chapter(path).cells) <= 60


def test_code_cells_are_short_and_define_nothing(path):
    for cell in chapter(path).cells:
        if cell.cell_type == "code":
            lines = cell.source.splitlines()
            assert len(lines) <= 15, cell.source
            assert max(map(len, lines)) <= 110, cell.source
            kinds = {type(node) for node in ast.walk(ast.parse(cell.source))}
            assert not kinds & {ast.FunctionDef, ast.ClassDef, ast.While, ast.Try}, cell.source


def test_a_chapter_opens_with_a_scene_and_says_what_it_asks_and_gives(path):
    first, second = (cell.source for cell in chapter(path).cells[:2])
    assert re.match(r"# Chapter \d\. .+ \(.+\)\n", first)
    assert "?" in first, "the scene ends in a question to decide"
    for part in ("What you will be able to do", "**You need**", "**Time:**", "**Data:**"):
        assert part in second


def test_a_chapter_closes_with_recap_quiz_tasks_and_further_reading(path):
    text = prose(path)
    recap = text.split("Recap in five lines", 1)[1].split("\n#", 1)[0]
    assert re.findall(r"^(\d)\. \S", recap, flags=re.M) == list("12345")
    quiz = text.split("Check yourself", 1)[1].split("\n## ", 1)[0]
    questions = len(re.findall(r"^\*\*\d+\.\*\* ", quiz, flags=re.M))
    folded = re.findall(r"<details><summary>Answer</summary>.{20,}?</details>", quiz)
    assert questions == len(folded) >= 6
    parts = ["Recap in five", "Check yourself", "Preparation tasks", "To go further"]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_headings_are_numbered_without_gaps_and_speak_both_languages(path):
    headings = re.findall(r"^#{2,3} (\d+(?:\.\d+)?) (.*)", prose(path), flags=re.M)
    top = [int(number) for number, _ in headings if "." not in number]
    assert top == list(range(1, len(top) + 1))
    for section in top:
        under = [int(n.split(".")[1]) for n, _ in headings if n.startswith(f"{section}.")]
        assert under == list(range(1, len(under) + 1))
    chinese = [words for _, words in headings if re.search(r"[\u4e00-\u9fff]", words)]
    assert len(chinese) >= 0.8 * len(headings)


def test_prose_has_one_sentence_per_line(path):
    for line in prose(path).splitlines():
        if not line.startswith(("|", "<", "#")):
            plain = re.sub(r"\b(Art|[A-Z])\. |^\W*\d+\.\W*", "", line)
            assert not re.search(r"[a-z)%\d][.?!]\W? [*A-Z\"]", plain.rstrip()), line


# ---------------------------------------------------------------- the syllabus and its claims


def test_every_tag_is_in_the_syllabus_and_every_element_is_taught(path):
    asked = syllabus.elements(number_of(path))
    told_of, done = set(), set()
    for cell in chapter(path).cells:
        for element in elements(cell):
            assert element in asked, f"{element} is not in the syllabus of this chapter"
            (done if cell.cell_type == "code" else told_of).add(element)
    assert told_of == set(asked)
    # A preparation task may be the trainee's alone.
    assert {key for key, element in asked.items() if element.type != "P"} <= done


def test_every_claim_is_stated_audited_drawn_and_read(path):
    cells = chapter(path).cells
    for key in claims.ledger(number_of(path)):
        place = next(i for i, cell in enumerate(cells) if f'claims.audit("{key}")' in cell.source)
        before, code, after = cells[place - 1 : place + 2]
        assert "plots.claim(audit)" in code.source
        assert elements(code) == [key]
        assert key in elements(before)
        assert key in elements(after)
        assert re.search(r"^\*Claim: .*\*$", before.source, flags=re.M)
        for lead in ("**It shows**", "**It does not show**", "**On Monday:**"):
            assert lead in after.source, f"{key}: the reading lacks {lead}"


def test_a_line_of_the_outline_is_quoted_only_where_its_claim_is_tagged(path):
    ledger = claims.ledger(number_of(path))
    for cell in chapter(path).cells:
        quoted = re.findall(r"^(?:\*Claim: |> - )(.*)$", cell.source, flags=re.M)
        tagged = [told(ledger[key]) for key in elements(cell) if key in ledger]
        for line in quoted if cell.cell_type == "markdown" else []:
            assert any(re.search(rf"\b{figure}\b", line) for figure in tagged), line


def test_the_notebook_is_derived_and_carries_no_outputs(path):
    notebook = nbformat.read(path.with_suffix(".ipynb"), as_version=4)
    pairs = zip(notebook.cells, chapter(path).cells, strict=True)
    assert all((a.source, tags(a)) == (b.source, tags(b)) for a, b in pairs)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)


# ---------------------------------------------------------------- the run

# A process that is started from a big one counts as big itself; so a small one starts the run and measures.
WATCHED = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(done.returncode)
"""


@pytest.mark.slow
def test_a_chapter_runs_quietly_shows_every_plot_and_quotes_only_what_it_prints(path, tmp_path):
    """One run for all these questions, because the run is what takes the time."""
    files = [tmp_path / "in.ipynb", tmp_path / "out.ipynb"]
    jupytext.write(chapter(path), files[0])
    papermill = [sys.executable, "-m", "papermill", "--no-progress-bar", "--cwd", str(ROOT / "notebooks")]
    watch = [sys.executable, "-c", WATCHED, *papermill, *map(str, files)]
    done = subprocess.run(watch, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    cells = nbformat.read(files[1], as_version=4).cells
    assert not said_on_stderr(cells)
    assert not unseen_or_unread_plots(cells)
    assert not unprinted(cells, number_of(path))
    assert int(done.stdout.split()[-1]) < 1.5 * 1024**2  # kibibytes


def said_on_stderr(cells: list[NotebookNode]) -> list[str]:
    return [o["text"] for cell in cells for o in cell.get("outputs", []) if o.get("name") == "stderr"]


def unseen_or_unread_plots(cells: list[NotebookNode]) -> list[str]:
    found = []
    for place, cell in enumerate(cells):
        drawn = len(re.findall(r"^plots\.(?!use_style)\w+\(", cell.source, flags=re.M))
        pictures = [o for o in cell.get("outputs", []) if "image/png" in o.get("data", {})]
        following = next((c.source for c in cells[place + 1 :] if c.cell_type == "markdown"), "")
        if len(pictures) != drawn:
            found.append(f"{drawn} plots, {len(pictures)} pictures:\n{cell.source}")
        elif drawn and not re.search(r"\bshows?\*\*", following):
            found.append(f"no reading after:\n{cell.source}")
    return found


def unprinted(cells: list[NotebookNode], chapter_number: int) -> list[str]:
    """List what the prose states though no code cell just above, or earlier about the same, prints it."""
    figures = {key: told(claim) for key, claim in claims.ledger(chapter_number).items()}
    found = []
    for place, cell in enumerate(cells):
        if cell.cell_type != "markdown" or place < 2 or "quiz" in tags(cell):
            continue
        about = elements(cell)
        text = printed(cells, place, set(about))
        values = [float(n.replace(",", "")) for n in re.findall(r"\d[\d,]*(?:\.\d+)?(?:e[-+]\d+)?", text)]
        named = {figures[key] for key in about if key in figures}
        named = named.union(*(SET_UP.get(key, "").split() for key in about))
        stated = [n for n in numbers(cell.source) if n not in named and not any(agrees(n, v) for v in values)]
        # Names that a reading lists are the list that a cell printed.
        for line in re.findall(r'^.* are "[^.]*', cell.source, flags=re.M):
            names = ", ".join(re.findall(r'"([^"]+)"', line))
            stated += [names] if names not in text else []
        found += [f"{', '.join(about)}: {what}" for what in stated]
    return found


def printed(cells: list[NotebookNode], place: int, about: set[str]) -> str:
    """Join the text put out by the code just above a cell and by earlier code about the same elements."""
    last = max(i for i in range(place) if cells[i].cell_type == "code")
    block = max(i for i in range(last) if cells[i].cell_type != "code")
    code = [cell for i, cell in enumerate(cells[:place]) if i > block or about & set(elements(cell))]
    outputs = [output for cell in code for output in cell.get("outputs", [])]
    return "\n".join(o.get("text") or o.get("data", {}).get("text/plain", "") for o in outputs)


def numbers(text: str) -> list[str]:
    """Take the numbers out of prose, but for those in headings, tables, code, names and references."""
    lines = [line for line in text.split("To go further")[0].splitlines() if not line.startswith(("#", "|"))]
    plain = re.sub(r"`[^`]*`|\bC\d\.\w+|\bP\d\b|\b618\b|^\d+\. ", " ", "\n".join(lines), flags=re.M)
    return re.findall(r"(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?(?!\w)", plain)


def agrees(text: str, value: float) -> bool:
    """Whether prose may write `value`, a number or a share of 1, as `text`."""
    whole, _, decimals = text.replace(",", "").partition(".")
    zeros = len(whole) - len(whole.rstrip("0")) if not decimals and len(whole) > 3 else 0
    half = 0.5 * 10.0 ** (zeros - len(decimals))
    return any(abs(value * scale - float(text.replace(",", ""))) <= half * 1.0001 for scale in (1, 100))


@pytest.mark.parametrize(
    ("text", "value", "same"),
    [("38", 0.375, True), ("3.7", 0.037, True), ("62,860", 62860.27, True), ("34,000", 33557.0, True),
     ("39", 0.375, False), ("62,870", 62860.27, False), ("3.8", 0.037, False)],
)  # fmt: skip
def test_prose_may_round_a_number_but_not_change_it(text, value, same):
    assert agrees(text, value) is same


def test_numbers_are_found_in_prose_and_left_alone_in_names():
    text = "## 3.1 A\nUp 9 points (6 to 12 %), `k=5`, C2.F1a, 4,100 yuan.\n| 7 |\n# To go further\n2020"
    assert numbers(text) == ["9", "6", "12", "4,100"]
