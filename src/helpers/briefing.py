"""One borough, one date: run the notebooks, export the pages, publish the folder whole or not at all.

The only module that knows papermill exists. Executed notebooks may hold numbers that are not released: they stay in
the processed folder, under runs/.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import pandas as pd
import papermill
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from helpers import __version__
from helpers.briefing_page import export_page
from helpers.errors import BriefingError, InputError
from helpers.page_parts import indicator_table
from helpers.processed import load_or_none, load_table
from helpers.schemas import Changes, Comparisons, Disproportionality, FilesRead, Journey, Released, RulesChecked, Trends
from helpers.settings import Settings, project_root
from helpers.tables import Table, write_workbook
from helpers.wording import date_words

ANALYSIS = ("10_clean_returns", "20_indicators", "21_disproportionality", "22_trends", "30_borough_briefing")
PAGES = {
    "30_borough_briefing": ("briefing.html", "Children in care in {borough}: corporate parenting briefing"),
    "21_disproportionality": ("disproportionality.html", "Which children are over-represented in care in {borough}?"),
    "20_indicators": ("measures.html", "What do the measures say of children in care in {borough}?"),
    "22_trends": ("trends.html", "What is changing for children in care in {borough}?"),
    "10_clean_returns": ("data-quality.html", "How good are the data on children in care in {borough}?"),
}
SIBLINGS = {
    "briefing.html": "Briefing",
    "measures.html": "Every measure in words",
    "disproportionality.html": "Over-representation",
    "trends.html": "Trends",
    "data-quality.html": "Data quality",
    "tables.xlsx": "All tables (spreadsheet)",
    "indicators.csv": "Figures (CSV)",
}
MADE_UP_BANNER = "Made-up children: every child on this page is invented."
COMPARES_WITH_A_REFERENCE = ("21_disproportionality",)
INSIDE_ONLY = ("population_year", "index", "index_lower", "index_upper", "sentence")
"""Columns of the results that the pages use and the files of a run, whose columns other programs know, do not have."""


class NotebookError(BriefingError):
    """A notebook stopped. Says which, at which heading, and the cause in words."""

    def __init__(self, notebook: str, heading: str, cause: str) -> None:
        super().__init__(f"{notebook} stopped at “{heading}”: {cause}")
        self.notebook, self.heading, self.cause = notebook, heading, cause


class Outcome(NamedTuple):
    """What became of one borough: written, skipped (nothing changed) or failed, and why."""

    borough: str
    as_at: str
    state: str
    folder: Path
    reason: str = ""
    seconds: float = 0.0


def run_notebook(name: str, out: Path, parameters: dict[str, Any]) -> nbformat.NotebookNode:
    """Execute one notebook with parameters and keep the executed copy at `out`.

    raises: InputError for a parameter the notebook does not have; NotebookError when a cell fails
    """
    source = project_root() / "notebooks" / f"{name}.ipynb"
    known = papermill.inspect_notebook(str(source))
    unknown = sorted(set(parameters) - set(known))
    if unknown:
        raise InputError(f"{name}.ipynb has no parameter {', '.join(unknown)}. It has: {', '.join(known)}.")
    out.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # The last cell has run: a kernel has nothing left to say, and waiting for a graceful end takes seconds.
    options = {"parameters": parameters, "progress_bar": False, "shutdown_kernel": "immediate"}
    try:
        with _private_sockets() as config:
            executed = papermill.execute_notebook(
                str(source), str(out), config=config, cwd=str(project_root()), **options
            )
    except PapermillExecutionError as error:
        raise _in_words(name, error, out) from None
    finally:
        if out.exists():
            out.chmod(0o600)
    return executed


@contextmanager
def _private_sockets() -> Iterator[Config]:
    """Let a kernel talk over sockets in a folder only its owner can enter; over TCP where there are no such sockets."""
    config = Config()
    if os.name != "posix":
        yield config
        return
    with tempfile.TemporaryDirectory(prefix="briefings-") as folder:
        config.KernelManager.transport = "ipc"
        # Left to itself jupyter_client names all sockets alike in the working folder, and two kernels would mix.
        config.KernelManager.ip = str(Path(folder) / "kernel")
        yield config


def _in_words(name: str, error: PapermillExecutionError, out: Path) -> NotebookError:
    cells = nbformat.read(out, as_version=4).cells
    before = cells[: error.cell_index]
    headings = [
        line.lstrip("# ")
        for cell in before
        if cell.cell_type == "markdown"
        for line in cell.source.splitlines()
        if line.startswith("#")
    ]
    own = {kind.__name__ for kind in _all_subclasses(BriefingError)}
    cause = error.evalue if error.ename in own else f"{error.ename}: {error.evalue}"
    return NotebookError(f"{name}.ipynb", headings[-1] if headings else "the start", cause)


def _all_subclasses(kind: type) -> set[type]:
    return {kind}.union(*(_all_subclasses(one) for one in kind.__subclasses__()))


def build_briefing(
    settings: Settings, *, inputs: dict[str, str], key: str, made_up: bool, force: bool = False
) -> Outcome:
    """Run the notebooks for one borough and date and publish its folder.

    inputs: name of each input -> its SHA-256, for run.json
    key: checksum of everything the pages depend on; a folder that carries the same key is skipped unless forced
    made_up: the children are invented, and every page says so
    raises: BriefingError in words; the folder in reports/ is then as it was
    """
    told = json.loads(run_file.read_text()) if (run_file := settings.report_folder / "run.json").exists() else {}
    _refuse_to_mix(told, made_up, settings)
    if told.get("key") == key and not force:
        return Outcome(
            settings.borough, settings.as_at.isoformat(), "skipped", settings.report_folder, "nothing changed"
        )
    if settings.disclosure == "none":
        raise InputError("disclosure='none' is for looking, not for release: nothing is written to reports/.")
    began = time.perf_counter()
    executed, seconds = _run_all(settings)
    parts = {"inputs": inputs, "key": key, "seconds": seconds, "made_up": made_up}
    _publish(settings, executed, parts)
    return Outcome(
        settings.borough,
        settings.as_at.isoformat(),
        "written",
        settings.report_folder,
        seconds=time.perf_counter() - began,
    )


def _refuse_to_mix(told: dict, made_up: bool, settings: Settings) -> None:
    if told and told.get("made_up") != made_up:
        there, new = ("made-up", "real") if told.get("made_up") else ("real", "made-up")
        raise InputError(
            f"reports/{settings.slug}/{settings.as_at} holds a briefing of {there} children and this run is of {new} "
            f"ones. Move that folder away, or give another --reports folder."
        )


def parameters_of(settings: Settings, notebook: str) -> dict[str, str]:
    """Give a run's choices as the parameters that a notebook for one borough takes."""
    own = {"reference": settings.reference} if notebook in COMPARES_WITH_A_REFERENCE else {}
    return {
        "borough": settings.borough,
        "as_at": settings.as_at.isoformat(),
        "returns": str(settings.returns),
        "published": str(settings.published),
        "processed": str(settings.processed),
        "disclosure": settings.disclosure,
        **own,
    }


def _run_all(settings: Settings) -> tuple[dict[str, nbformat.NotebookNode], dict[str, float]]:
    executed, seconds = {}, {}
    runs = settings.processed / "runs" / settings.slug / settings.as_at.isoformat()
    for name in ANALYSIS:
        began = time.perf_counter()
        executed[name] = run_notebook(name, runs / f"{name}.ipynb", parameters_of(settings, name))
        seconds[name] = round(time.perf_counter() - began, 2)
    return executed, seconds


def _publish(settings: Settings, executed: dict[str, nbformat.NotebookNode], parts: dict) -> None:
    """Write every file beside the folder, then put the folder in its place."""
    settings.report_folder.parent.mkdir(parents=True, exist_ok=True)
    beside = settings.report_folder.with_name(f".{settings.as_at}.{os.getpid()}")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    try:
        for name, (file, title) in PAGES.items():
            page = page_facts(settings, title.format(borough=settings.borough), file, parts)
            (beside / file).write_text(export_page(executed[name], page), encoding="utf-8")
        _write_tables(settings, beside, made_up=parts["made_up"])
        (beside / "run.json").write_text(json.dumps(_run_facts(settings, parts), indent=1) + "\n", encoding="utf-8")
        swap_in(beside, settings.report_folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def swap_in(beside: Path, place: Path) -> None:
    """Put a finished folder in its place; what was there goes only once the new one stands."""
    old = place.with_name(f".{place.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    beside.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def page_facts(settings: Settings, title: str, file: str, parts: dict) -> dict[str, Any]:
    """Give what the template prints around a page: title, status, footer and links to the sibling pages.

    parts: made_up (bool) and inputs (name -> checksum)
    """
    return {
        "title": f"{title}{'' if title.endswith('?') else ','} {date_words(settings.as_at)}",
        "description": f"{title}. Figures of {date_words(settings.as_at)}, small numbers hidden.",
        "borough": settings.borough,
        "as_at": settings.as_at,
        "status": [MADE_UP_BANNER] if parts["made_up"] else [],
        "footer": [
            f"Made by corporate-parenting-briefings {__version__}.",
            f"Input checksum {input_checksum(parts['inputs'])[:12]}.",
        ],
        "links": [(text, href) for href, text in SIBLINGS.items() if href != file],
    }


def _write_tables(settings: Settings, folder: Path, *, made_up: bool) -> None:
    edition = settings.edition_folder
    released = load_table(Released, edition / "released.parquet", made_by="20_indicators")
    compared = load_table(Disproportionality, edition / "disproportionality.parquet", made_by="21_disproportionality")
    trends = load_table(Trends, edition / "trends.parquet", made_by="22_trends")
    write_csv(rows_to_share(released, settings.borough), folder / "indicators.csv")
    write_csv(compared.drop(columns=[*INSIDE_ONLY]), folder / "disproportionality.csv")
    write_csv(trends.drop(columns=["sentence"]), folder / "trends.csv")
    journey = load_table(Journey, edition / "journey.parquet", made_by="21_disproportionality")
    places = load_table(Comparisons, edition / "comparisons.parquet", made_by="22_trends")
    write_csv(journey.drop(columns=["sentence"]), folder / "journey.csv")
    write_csv(places.drop(columns=["sentence"]), folder / "comparisons.csv")
    write_workbook(
        workbook_tables(released, settings),
        folder / "tables.xlsx",
        title=f"Children in care in {settings.borough}, {date_words(settings.as_at)}",
        notes=workbook_notes(made_up=made_up),
        sources=sorted(set(released["source"] + ", " + released["release"])),
    )


def rows_to_share(released: pd.DataFrame, borough: str) -> pd.DataFrame:
    """Give the borough's own rows, and of the areas it is compared with the totals that the charts show."""
    whole = (released[["ethnic_group", "gender", "age_band", "category"]] == "All").all(axis=1)
    return released[(released["borough"] == borough) | whole]


def workbook_notes(*, made_up: bool) -> list[str]:
    """Give the notes that hold for every table of the spreadsheet."""
    notes = [
        "Numbers from 1 to 5, and what would give them away, are hidden.",
        "Percentages are whole numbers, rounded half up.",
    ]
    return ["Made-up children: every child in this workbook is invented.", *notes] if made_up else notes


def workbook_tables(released: pd.DataFrame, settings: Settings) -> list[Table]:
    """Give one table per indicator of the borough's own released counts: a row per period and group."""
    own = released[released["borough"] == settings.borough]
    return [indicator_table(rows, borough=settings.borough) for _, rows in own.groupby("indicator", sort=True)]


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV: ISO dates, whole numbers without a decimal point, missing as blank."""
    shown = table.copy()
    for column in shown:
        if pd.api.types.is_datetime64_any_dtype(shown[column]):
            shown[column] = shown[column].dt.strftime("%Y-%m-%d")
        elif pd.api.types.is_float_dtype(shown[column]) and (shown[column].dropna() % 1 == 0).all():
            shown[column] = shown[column].astype("Int64")
    shown.to_csv(path, index=False, lineterminator="\n", float_format="%.6g")


def _run_facts(settings: Settings, parts: dict) -> dict[str, Any]:
    return {
        "borough": settings.borough,
        "as_at": settings.as_at.isoformat(),
        "outcome": "written",
        "made_up": parts["made_up"],
        "software_version": __version__,
        "parameters": {
            "borough": settings.borough,
            "as_at": settings.as_at.isoformat(),
            "disclosure": settings.disclosure,
            "reference": settings.reference,
        },
        "inputs": parts["inputs"],
        "key": parts["key"],
        **_account(settings),
        "seconds": parts["seconds"],
    }


ROWS = ["rows_read", "rows_kept", "rows_set_aside", "rows_repeated"]


def _account(settings: Settings) -> dict[str, Any]:
    """Give what became of every row of every file of the return, and how many rules it keeps; empty without one."""
    folder = settings.borough_folder
    files = load_or_none(FilesRead, folder / "files.parquet")
    if files is None:
        return {"rows": {}, "files": []}
    changes = load_table(Changes, folder / "changes.parquet", made_by="10_clean_returns")
    rules = load_table(RulesChecked, folder / "rules.parquet", made_by="10_clean_returns")
    latest = rules[rules["period"] == rules["period"].max()]["status"].value_counts()
    return {
        "rows": {name: int(files[name].sum()) for name in ROWS},
        "files": files[["period", "file", "table", *ROWS]].to_dict("records"),
        "changes": len(changes),
        "rules": {status: int(latest.get(status, 0)) for status in ("passed", "broken", "skipped")},
    }


def checksum(path: Path) -> str:
    """Give the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def checksums(paths: Iterable[Path], *, within: Path) -> dict[str, str]:
    """Give the checksum of each file by its path within a folder, in order."""
    return {path.relative_to(within).as_posix(): checksum(path) for path in sorted(paths)}


def input_checksum(inputs: dict[str, str]) -> str:
    """Give one checksum for many inputs, whatever their order."""
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def code_checksums() -> dict[str, str]:
    """Give the checksums of what the pages are made by: the package's files and the notebooks."""
    package = Path(__file__).parent
    sources = [path for path in package.rglob("*") if path.suffix in {".py", ".csv", ".css", ".j2", ".json"}]
    notebooks = project_root() / "notebooks"
    return {**checksums(sources, within=package), **checksums(notebooks.glob("*.ipynb"), within=notebooks.parent)}
