"""One borough, one date: run the notebooks, export the pages, publish the folder whole or not at all.

The only module that knows papermill exists. Executed notebooks may hold numbers that are not released: they stay in
the processed folder, under runs/.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import pandas as pd
import papermill
from papermill.exceptions import PapermillExecutionError

from helpers import __version__
from helpers.audit import Audit, audit_folder
from helpers.briefing_page import export_page
from helpers.editions import publishing_edition
from helpers.errors import BriefingError, InputError, LeakError
from helpers.file_names import inputs_to_tell, names_to_tell
from helpers.looking import hidden_words, not_for_release_words, refuse_to_mix_with_releases
from helpers.page_parts import annex_table, indicator_table, left_out_rows
from helpers.private_files import make_private_folder, narrow_all, reserve_private
from helpers.private_kernel import private_kernel
from helpers.processed import load_or_none, load_table
from helpers.schemas import (
    Annex,
    Changes,
    Comparisons,
    Disproportionality,
    FilesRead,
    Journey,
    Released,
    RulesChecked,
    Trends,
)
from helpers.settings import Settings, project_root
from helpers.spreadsheet_text import frame_as_text_alone
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
LONGEST_TEXT = 4096
LONGEST_PARAMETER = {"outcomes": 1_000_000}
"""Characters of a parameter: a path has at most so many, and what became of 33 boroughs is one JSON text."""
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
    """Execute one notebook with parameters and keep the executed copy at `out`, for its owner alone.

    raises: InputError for a parameter the notebook does not have, or a value that is not of its kind;
        NotebookError when a cell fails
    """
    source = project_root() / "notebooks" / f"{name}.ipynb"
    check_parameters(name, papermill.inspect_notebook(_as_it_is(source)), parameters)
    make_private_folder(out.parent)
    reserve_private(out)
    # The last cell has run: a kernel has nothing left to say, and waiting for a graceful end takes seconds.
    options = {"parameters": parameters, "progress_bar": False, "shutdown_kernel": "immediate"}
    try:
        with private_kernel() as config:
            return papermill.execute_notebook(
                _as_it_is(source), _as_it_is(out), config=config, cwd=str(project_root()), **options
            )
    except PapermillExecutionError as error:
        raise _in_words(name, error, out) from None


def _as_it_is(path: Path) -> str:
    """Give a path that papermill, which fills in names between braces, leaves as it is."""
    return str(path).replace("{", "{{").replace("}", "}}")


def check_parameters(name: str, known: dict[str, dict], parameters: dict[str, Any]) -> None:
    """Hold parameters against the notebook's own: their names, the kind of each default, and what text may hold.

    known: as papermill.inspect_notebook gives it
    raises: InputError that names the parameter and shows no value
    """
    unknown = sorted(set(parameters) - set(known))
    if unknown:
        raise InputError(f"{name}.ipynb has no parameter {', '.join(unknown)}. It has: {', '.join(known)}.")
    for key, value in parameters.items():
        kind = type(ast.literal_eval(known[key]["default"]))
        if type(value) is not kind:
            raise InputError(
                f"{name}.ipynb, parameter {key}: a value of the kind {kind.__name__} was expected, and this is "
                f"{type(value).__name__}. Write it as in the notebook's own cell. Nothing was run."
            )
        longest = LONGEST_PARAMETER.get(key, LONGEST_TEXT)
        if isinstance(value, str) and (len(value) > longest or not value.isprintable()):
            raise InputError(
                f"{name}.ipynb, parameter {key}: text of at most {longest:,} characters in one line was expected, with "
                f"no line break or other character that is not seen. Write it again by hand. Nothing was run."
            )


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
    refuse_to_mix_with_releases(settings)
    if told.get("key") == key and not force:
        return Outcome(
            settings.borough, settings.as_at.isoformat(), "skipped", settings.report_folder, "nothing changed"
        )
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
    runs = settings.runs_folder / settings.slug / settings.as_at.isoformat()
    for name in ANALYSIS:
        began = time.perf_counter()
        executed[name] = run_notebook(name, runs / f"{name}.ipynb", parameters_of(settings, name))
        seconds[name] = round(time.perf_counter() - began, 2)
    return executed, seconds


def _publish(settings: Settings, executed: dict[str, nbformat.NotebookNode], parts: dict) -> None:
    """Write every file beside the folder, then put the folder in its place."""
    make_folder = make_private_folder if settings.not_for_release else _make_shared_folder
    make_folder(settings.report_folder.parent)
    holder = settings.report_folder.with_name(f".{settings.as_at}.{os.getpid()}")
    beside = holder / settings.slug / settings.as_at.isoformat()  # named as it will be, for the audit
    shutil.rmtree(holder, ignore_errors=True)
    make_folder(beside)
    try:
        for name, (file, title) in PAGES.items():
            page = page_facts(settings, title.format(borough=settings.borough), file, parts)
            (beside / file).write_text(export_page(executed[name], page), encoding="utf-8")
        _write_tables(settings, beside, made_up=parts["made_up"])
        (beside / "run.json").write_text(json.dumps(_run_facts(settings, parts), indent=1) + "\n", encoding="utf-8")
        if settings.not_for_release:
            narrow_all([beside])  # nobody else could enter it meanwhile
        else:
            refuse_leaks(audit_folder(beside))
        released = load_table(Released, settings.edition_folder / "released.parquet", made_by="20_indicators")
        told = checksums((file for file in beside.iterdir() if file.name != "run.json"), within=beside)
        with publishing_edition(settings, released, made_up=parts["made_up"], files=told):
            swap_in(beside, settings.report_folder)
    finally:
        shutil.rmtree(holder, ignore_errors=True)


def refuse_leaks(found: Audit) -> None:
    """Stop where the audit of finished files found a fault: what could give a child away is never put in its place.

    raises: LeakError that names the first places, never what leaked
    """
    if found.faults:
        more = f"\nand {len(found.faults) - 10} more" if len(found.faults) > 10 else ""
        told = "\n".join(found.faults[:10])
        raise LeakError(f"The audit of the finished pages found faults. Nothing was published:\n{told}{more}")


def _make_shared_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)


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
        "description": f"{title}. Figures of {date_words(settings.as_at)}, {hidden_words(settings)}.",
        "borough": settings.borough,
        "as_at": settings.as_at,
        "status": [*not_for_release_words(settings), *([MADE_UP_BANNER] if parts["made_up"] else [])],
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
    annex = load_or_none(Annex, edition / "annex.parquet")
    own = {"borough": settings.borough, "as_at": settings.as_at}
    rounded = [] if annex is None or annex.empty else [annex_table(annex, **own)]
    write_workbook(
        [*workbook_tables(released, settings), *rounded],
        folder / "tables.xlsx",
        title=f"Children in care in {settings.borough}, {date_words(settings.as_at)}",
        notes=workbook_notes(settings, made_up=made_up),
        sources=sorted(set(released["source"] + ", " + released["release"])),
    )


def rows_to_share(released: pd.DataFrame, borough: str) -> pd.DataFrame:
    """Give the borough's own rows, and of the areas it is compared with the totals that the charts show."""
    whole = (released[["ethnic_group", "gender", "age_band", "category"]] == "All").all(axis=1)
    return released[(released["borough"] == borough) | whole]


def workbook_notes(settings: Settings, *, made_up: bool) -> list[str]:
    """Give the notes that hold for every table of the spreadsheet."""
    hidden = "Small numbers, and what would give them away, are hidden."
    notes = not_for_release_words(settings) or [hidden]
    notes.append("Percentages are whole numbers, rounded half up.")
    return ["Made-up children: every child in this workbook is invented.", *notes] if made_up else notes


def workbook_tables(released: pd.DataFrame, settings: Settings) -> list[Table]:
    """Give one table per indicator of the borough's own released counts: a row per period and group.

    A breakdown that is left out, because too much of it would be hidden, has no rows.
    """
    own = released[released["borough"] == settings.borough]
    own = own[~left_out_rows(own)]
    return [indicator_table(rows, borough=settings.borough) for _, rows in own.groupby("indicator", sort=True)]


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV: ISO dates, whole numbers without a decimal point, missing as blank; no text can run."""
    shown = frame_as_text_alone(table)
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
        "inputs": inputs_to_tell(parts["inputs"]),
        "key": parts["key"],
        **_account(settings),
        "seconds": parts["seconds"],
    }


FEW_ROWS = 5
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
        "rows": _rows_to_tell({name: int(files[name].sum()) for name in ROWS}),
        "files": _files_to_tell(files),
        "changes": len(changes),
        "rules": {status: int(latest.get(status, 0)) for status in ("passed", "broken", "skipped")},
    }


def _rows_to_tell(rows: dict[str, int]) -> dict[str, int | None]:
    """Leave out how many rows became what where that would tell of 1 to 5 of them: a row may be a child."""
    small = {name for name, number in rows.items() if 0 < number <= FEW_ROWS}
    if not small:
        return rows
    return {name: number if name == "rows_read" and name not in small else None for name, number in rows.items()}


def _files_to_tell(files: pd.DataFrame) -> list[dict[str, str]]:
    """Name the files of each period. How many rows each has stays inside: in a small table rows are children."""
    told = files[["period", "file", "table"]].copy()
    told["file"] = told.groupby("period")["file"].transform(lambda names: names.map(names_to_tell(names)))
    return told.to_dict("records")


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
