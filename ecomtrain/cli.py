"""The command ``ecomtrain``: each command calls one function of the classroom."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ecomtrain.errors import CourseError

app = typer.Typer(
    help="E-commerce management taught on data: check, build, release, grade and report the course.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


def _root(given: Path | None) -> Path:
    """Return the course folder: the one given, or the nearest one above that holds nbgrader_config.py."""
    if given is not None:
        if not (given / "nbgrader_config.py").exists():
            raise typer.BadParameter(f"{given} is not a course folder: it has no nbgrader_config.py.")
        return given.resolve()
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "nbgrader_config.py").exists():
            return folder
    raise typer.BadParameter("this is not a course folder (no nbgrader_config.py here or above); go there.")


Root = Annotated[
    Path | None,
    typer.Option("--root", help="The course folder; default: this one, or the nearest above that is one."),
]
Assignment = Annotated[
    str | None, typer.Argument(help="Such as ch02_data; not needed where there is only one.")
]
Jobs = Annotated[
    int | None, typer.Option("--jobs", "-j", min=1, help="How many at once; default: one per core.")
]


@app.command()
def check(root: Root = None, jobs: Jobs = None) -> None:
    """Run every notebook with papermill, in parallel; show the failing cell."""
    from ecomtrain import classroom

    results = classroom.check(_root(root), jobs=jobs)
    raise typer.Exit(not all(result.passed for result in results))


@app.command()
def build(
    root: Root = None,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; list what differs.")] = False,
) -> None:
    """Write every derived file again: notebooks, source, release, data."""
    from ecomtrain import classroom

    derived = classroom.build(_root(root), check=check)
    raise typer.Exit(check and any(one.changed for one in derived))


@app.command()
def release(assignment: Assignment = None, root: Root = None, jobs: Jobs = None) -> None:
    """Prove the assignment (its solution gets full marks, the empty release 0), then hand it out."""
    from ecomtrain import classroom

    classroom.release(_root(root), assignment, jobs=jobs)


@app.command("demo-class")
def demo_class(assignment: Assignment = None, root: Root = None, jobs: Jobs = None) -> None:
    """Play a class of 12 from release to report, in a folder of its own: build/demo-class/."""
    from ecomtrain import classroom

    classroom.demo_class(_root(root), assignment, jobs=jobs)


@app.command()
def grade(
    assignment: Assignment = None,
    root: Root = None,
    jobs: Jobs = None,
    force: Annotated[bool, typer.Option("--force", help="Grade again what is graded already.")] = False,
) -> None:
    """Collect, autograde and give feedback; one bad submission never stops the others."""
    from ecomtrain import classroom

    classroom.grade(_root(root), assignment, jobs=jobs, force=force)


@app.command()
def report(assignment: Assignment = None, root: Root = None) -> None:
    """Write the class report: one HTML page, and a CSV of scores per question."""
    from ecomtrain import classroom

    page = classroom.report(_root(root), assignment)
    typer.echo(f"{page}\n{page.with_suffix('.csv')}")


@app.command()
def claims(
    key: Annotated[str | None, typer.Argument(help="A claim's id, such as C2.F1c.")] = None,
    chapter: Annotated[int | None, typer.Option(help="Only the claims of this chapter.")] = None,
) -> None:
    """Hold the outline's figures against the simulated shop: one audit in full, or the list of verdicts."""
    from ecomtrain.course import claims as ledger
    from ecomtrain.course.units import told

    if key is not None:
        typer.echo(repr(ledger.audit(key)))
        return
    for row in map(ledger.audit, ledger.ledger(chapter)):
        sound = told(row.unit, row.sound, row.low, row.high)
        typer.echo(f"{row.id:8}{row.verdict:28}{sound:40}{row.statement}")


@app.command()
def shop(
    folder: Annotated[Path, typer.Argument(help="Where to write; made if it is not there.")],
    scale: Annotated[float, typer.Option(help="How big; 1 is what data/ holds, 100 the most.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Another seed, another draw; the course's is 2026.")] = 2026,
) -> None:
    """Make the simulated shop of any size as a data package, in bounded memory."""
    from ecomtrain import datasets
    from ecomtrain import shop as simulated
    from ecomtrain.classroom.terminal import bar

    seed, scale, truth = simulated.asked(seed, scale, None)
    with bar("Making the shop", simulated.count_pieces(scale)) as progress:
        files = datasets.stream(folder, seed=seed, scale=scale, truth=truth, step=progress.step)
    typer.echo(f"{len(files)} files in {folder}")


@app.command()
def lab(
    root: Root = None,
    port: Annotated[int | None, typer.Option(help="The port; default: the first free one from 8888.")] = None,
    browser: Annotated[bool, typer.Option(help="Open a browser window.")] = True,
    role: Annotated[str, typer.Option(help="instructor, or trainee: without formgrader.")] = "instructor",
) -> None:
    """Open the course in JupyterLab, nbgrader's panels enabled."""
    from ecomtrain.classroom.lab import lab as start

    raise typer.Exit(start(_root(root), port=port, browser=browser, role=role))


@app.command()
def doctor(root: Root = None) -> None:
    """Tell what is installed, what is missing and what to do."""
    from ecomtrain.classroom.doctor import examine

    findings = examine(root or Path.cwd())
    for finding in findings:
        typer.echo(f"{finding.state:>8}  {finding.what}: {finding.detail}")
        if finding.remedy:
            typer.echo(f"{'':>8}  -> {finding.remedy}")
    raise typer.Exit(any(finding.state == "missing" for finding in findings))


def main() -> None:
    """Run the command; what the reader can mend is one sentence, not a traceback."""
    try:
        app()
    except CourseError as error:
        typer.echo(f"ecomtrain: {error}", err=True)
        raise SystemExit(1) from None
