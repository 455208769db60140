"""The door: the console command `briefings`. Parses arguments, calls, prints, exits. Does nothing itself."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from helpers.errors import BriefingError

if TYPE_CHECKING:
    from helpers.audit import Audit
    from helpers.briefing import Outcome

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Briefings on children in care, from returns to HTML."
)

Boroughs = Annotated[list[str] | None, typer.Option("--borough", help="a borough's name; may be given again")]


@app.command()
def run(
    borough: Boroughs = None,
    all_boroughs: Annotated[bool, typer.Option("--all", help="every borough that has data (the default)")] = False,
    as_at: Annotated[
        str | None, typer.Option(help="last day covered, such as 2023-03-31; the latest if not given")
    ] = None,
    returns: Annotated[Path | None, typer.Option(help="folder of returns, <borough>/<date>/")] = None,
    published: Annotated[Path | None, typer.Option(help="folder of DfE and ONS files as downloaded")] = None,
    processed: Annotated[Path | None, typer.Option(help="where processed tables go")] = None,
    reports: Annotated[Path | None, typer.Option(help="where the pages go")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="boroughs at once; the number of cores if not given")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="run what has not changed too")] = False,
    reference: Annotated[
        str, typer.Option(help="ethnic group that others are also compared with, beside everyone else")
    ] = "White British",
    made_up: Annotated[bool, typer.Option("--made-up", help="use the made-up returns in data/raw/made_up")] = False,
    disclosure: Annotated[
        str, typer.Option(help="which numbers are hidden: la-1-5, la-1-4, or none to look without releasing")
    ] = "la-1-5",
) -> None:
    """Run the notebooks for each borough and write the briefings."""
    from helpers.batch import Choice, audit_written, run_all
    from helpers.progress import Progress

    if borough and all_boroughs:
        raise typer.BadParameter("give --borough or --all, not both")
    base = Path("data/raw/made_up") if made_up else Path("data/raw")
    folders = {
        "returns": (returns or base / "returns"),
        "published": (published or base / "published"),
        "processed": processed or Path("data/processed/made_up" if made_up else "data/processed"),
        "reports": reports or Path("reports"),
    }
    absolute = {
        name: _from_here(path, given)
        for (name, path), given in zip(folders.items(), (returns, published, processed, reports), strict=True)
    }
    choice = Choice(borough or [], as_at, absolute, disclosure, workers or os.cpu_count() or 1, force, reference)
    with Progress() as progress:
        outcomes = run_all(choice, told=progress.told, done=progress.done)
        audit = audit_written(outcomes, absolute["reports"], disclosure=disclosure)
    _print_summary(outcomes, absolute["reports"])
    if audit is not None:
        _print_audit(audit)
    failed = any(one.state == "failed" for one in outcomes) or (audit is not None and bool(audit.faults))
    raise typer.Exit(1 if failed else 0)


def _from_here(path: Path, given: Path | None) -> Path:
    """A folder given on the command line is meant from where one stands; a default, from the project's root."""
    return path.resolve() if given else path


def _print_summary(outcomes: list[Outcome], reports: Path) -> None:
    for state in ("written", "skipped", "failed"):
        own = [one for one in outcomes if one.state == state]
        if own and state != "failed":
            typer.echo(
                f"{state}: {len(own)} {'borough' if len(own) == 1 else 'boroughs'}"
                f"{' (nothing changed since the last run)' if state == 'skipped' else ''}"
            )
            for one in own:
                typer.echo(f"  {one.borough}, {one.as_at}: {_relative(one.folder / 'briefing.html')}")
        for one in own if state == "failed" else []:
            typer.echo(f"FAILED  {one.borough}: {one.reason}", err=True)
    typer.echo(f"overview: {_relative(reports / 'index.html')}")


def _print_audit(audit: Audit) -> None:
    for line in audit.faults:
        typer.echo(f"LEAK    {line}", err=True)
    typer.echo(f"audit: {audit.files} files looked at, {len(audit.faults)} faults found")


def _relative(path: Path) -> str:
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


@app.command(name="made-up")
def made_up_command(
    folder: Path,
    borough: Boroughs = None,
    children: Annotated[
        int | None, typer.Option(min=30, help="children in care per borough, for tests of size")
    ] = None,
    seed: Annotated[int, typer.Option(help="the same seed gives the same bytes")] = 903,
) -> None:
    """Write made-up returns, populations and comparators in their official layouts."""
    from helpers.codes import find_borough
    from helpers.made_up import write_made_up

    names = [find_borough(name)["label"] for name in borough] if borough else None
    written = write_made_up(folder, boroughs=names, children=children, seed=seed)
    typer.echo(f"wrote {len(written)} files of made-up children to {folder.as_posix()}")


@app.command()
def check(
    folder: Annotated[Path | None, typer.Argument(help="folder of one collection's files")] = None,
    json: Annotated[bool, typer.Option("--json", help="one entry per file, for other programs")] = False,
    templates: Annotated[
        Path | None,
        typer.Option(help="write an empty template of every table, and what its columns mean, to this folder"),
    ] = None,
    write_corrected: Annotated[
        Path | None,
        typer.Option(help="write a corrected copy of the return, with a log of changes, to this new folder"),
    ] = None,
) -> None:
    """Clean one return and print what was kept and what was set aside. Writes nothing unless asked to."""
    if folder is None and (templates is None or write_corrected is not None or json):
        raise typer.BadParameter("give the folder of one collection's files", param_hint="FOLDER")
    if write_corrected is not None:
        from helpers.corrected_return import refuse_place

        refuse_place(write_corrected, folder)
    if templates is not None:
        from helpers.return_templates import write_templates

        for path in write_templates(templates):
            typer.echo(f"wrote {path.as_posix()}", err=json)
    if folder is not None:
        _check_folder(folder, json, write_corrected)


def _check_folder(folder: Path, json: bool, out: Path | None) -> None:
    from helpers.data_quality import check_folder, print_report

    report = check_folder(folder)
    typer.echo(report.to_json()) if json else print_report(report)
    if out is None:
        return
    from helpers.corrected_return import correct_return, save_corrected
    from helpers.read.returns import read_collection

    corrected = correct_return(read_collection(folder, report.collection.period), report.collection)
    for line in save_corrected(corrected, out):
        typer.echo(line, err=json)


@app.command()
def audit(folder: Annotated[Path, typer.Argument(help="a reports folder")]) -> None:
    """Look through a reports folder as an outsider would; print every leak and what was proved. Exit 1 on any leak."""
    from helpers.audit import audit_reports

    found = audit_reports(folder)
    for line in found.faults:
        typer.echo(f"LEAK    {line}", err=True)
    for sentence in found.proved:
        typer.echo(sentence)
    typer.echo(f"{found.files} files looked at, {len(found.faults)} faults found")
    raise typer.Exit(1 if found.faults else 0)


def main() -> None:
    """Run the command; an error that an analyst can fix is one message and exit code 2, never a traceback."""
    try:
        app()
    except BriefingError as error:
        typer.echo(str(error), err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
