"""Look through a reports folder as an outsider would, for what must never be in it.

Each part looks at what lies in the folder and at nothing else. files.py: which files may be there, and their text.
canaries.py: identifiers, days, paths, names. markup.py: what a page's source may hold. grid.py, pages.py and
result_tables.py: tables against the CSV files. sentences.py: what is said. marks.py: charts, turned back into numbers.
exports.py: the CSV files and run.json. workbook.py: the spreadsheet. equations.py: what can be
worked out from all editions together. pdf.py: a printed page. released.py: what the
CSV files release. rule.py: what must be hidden. result.py: what was found.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from helpers.audit.canaries import days_told, look_for_canaries, tellable
from helpers.audit.equations import attack_editions
from helpers.audit.exports import check_cells, check_counts, check_results, check_run, totals_of
from helpers.audit.files import (
    EDITION,
    TOP,
    File,
    check_place,
    decoded,
    editions_in,
    read_files,
    readable,
    rows_of,
    words_of,
)
from helpers.audit.grid import grids_of
from helpers.audit.marks import check_figures
from helpers.audit.markup import check_markup, parse, unseen_texts
from helpers.audit.pages import check_boroughs, check_cards, check_tables
from helpers.audit.pdf import check_pdf
from helpers.audit.released import RESULTS, Edition, table_of
from helpers.audit.result import Audit
from helpers.audit.rule import USUAL, limit_of, rule_of, told_of_run
from helpers.audit.sentences import Said, check_sentences, texts_of
from helpers.audit.workbook import check_workbook
from helpers.errors import NoDataError

__all__ = ["Audit", "audit_folder", "audit_overview", "audit_reports"]

_DAYS_OF_A_YEAR = 366
_MANY = 8  # editions; for fewer, starting more processes takes longer than the work

ACROSS: list[Callable[[Path], Audit]] = [attack_editions]
"""Looks over all editions of a reports folder together, such as equations between them."""


def audit_reports(folder: Path) -> Audit:
    """Look through every file of a reports folder, or of the one edition that the folder is.

    raises: NoDataError when there is nothing to look at
    """
    if (folder / "run.json").is_file() or (folder / "indicators.csv").is_file():
        return audit_folder(folder)
    editions = _audit_each(editions_in(folder) if folder.is_dir() else [])
    found = audit_overview(folder, editions)
    for look in ACROSS:
        found.add(look(folder))
    return found


def _audit_each(editions: list[Path]) -> list[Audit]:
    """Look through each edition, several at once where there are many and the machine can."""
    cores = os.cpu_count() or 1
    if len(editions) < _MANY or cores == 1:
        return [audit_folder(edition) for edition in editions]
    with ProcessPoolExecutor(min(cores, len(editions))) as pool:
        return list(pool.map(audit_folder, editions))


def audit_folder(folder: Path) -> Audit:
    """Look through one edition, <borough>/<day>/, from its own files alone.

    returns: with the days it may tell and its totals, which audit_overview holds index.html against
    """
    audit = Audit()
    check_place(folder, audit)
    within = folder.resolve().parents[1]
    files = read_files(folder.resolve(), within, audit, place=EDITION)
    run = told_of_run(next((file.content for file in files if file.path == folder.resolve() / "run.json"), b""))
    audit.limit = limit_of(run)
    texts = {file.name: decoded(file, audit) for file in files if file.kind in (".csv", ".html", ".json")}
    tables = {file.name: rows_of(texts[file.name]) for file in files if file.kind == ".csv"}
    edition = _edition(folder, files, tables, run)
    audit.days = edition.days
    audit.totals[edition.borough, edition.as_at] = totals_of(edition)
    place = tellable(f"{folder.resolve().parent.name}/{folder.resolve().name}/")
    if not edition.rows:
        audit.fault(f"{place}indicators.csv", "is missing or empty, so that nothing can be held against it")
    if not rule_of(run).may_leave:
        audit.fault(f"{place}run.json", "is of a run that hides nothing: not for release")
    check_counts(edition, place, audit)
    check_results(edition, place, audit)
    for file in files:
        _look_at(file, texts.get(file.name, ""), tables.get(file.name, []), audit, edition)
    audit.count("editions")
    return audit


def audit_overview(folder: Path, editions: Sequence[Audit]) -> Audit:
    """Look through the files at the top of a reports folder, and add what was found in its editions.

    editions: what audit_folder found in each edition of the folder
    raises: NoDataError when there is no file at all
    """
    # A table of all boroughs shows what each edition may: what is small in every one of them is small there.
    audit = Audit(limit=min((one.limit for one in editions), default=USUAL.limit))
    for one in editions:
        audit.add(one)
    files = read_files(folder, folder, audit, place=TOP) if folder.is_dir() else []
    if not audit.files or (not editions and all(file.path.name == "README.md" for file in files)):
        raise NoDataError(f"{folder.name} holds no files to look at. Give a reports folder that a run has written.")
    for file in files:
        text = decoded(file, audit) if file.kind in (".csv", ".html", ".json", ".md", "") else ""
        _look_at(file, text, rows_of(text) if file.kind == ".csv" else [], audit, None)
    return audit


def _edition(folder: Path, files: list[File], tables: dict[str, list[list[str]]], told: dict) -> Edition:
    """Put together what the CSV files of an edition tell; the borough is the one of run.json or of the results."""
    by_name = {file.path.name: tables.get(file.name, []) for file in files}
    read = {name: table_of(by_name.get(f"{name}.csv", [])) for name in ("indicators", *RESULTS)}
    names = [told.get("borough", ""), *(one["borough"] for name in (*RESULTS, "indicators") for one in read[name][:1])]
    collections = frozenset(str(one.get("period", "")) for one in told.get("files", []) if isinstance(one, dict))
    return Edition(str(next(filter(None, names), "")), folder.resolve().name, read, collections)


def _look_at(file: File, text: str, rows: list[list[str]], audit: Audit, edition: Edition | None) -> None:
    """Look at one file by its kind. edition: None at the top, where there are no figures to hold it against."""
    days = edition.days if edition is not None else audit.days
    if file.kind == ".html":
        _look_at_page(file, text, audit, edition, days)
    elif file.kind == ".csv":
        check_cells(file, rows, audit)
        look_for_canaries(words_of(rows), file.name, audit, days)
        sentences = [Said(f"line {n}", cell) for n, row in enumerate(rows, 1) for cell in row if cell.count(" ") > 2]
        check_sentences(sentences, file.name, audit, None)
    elif file.kind == ".xlsx":
        check_workbook(file, audit, edition, days)
    elif file.kind == ".pdf":
        check_pdf(file, audit, days)
    else:
        look_for_canaries(text or readable(file.content), file.name, audit, days)
        if file.kind == ".json":
            check_run(file, text, audit)


def _look_at_page(file: File, source: str, audit: Audit, edition: Edition | None, days: set[str]) -> None:
    root = parse(source)
    after = source[source.lower().rfind("</html>") + len("</html>") :].strip()
    if after:  # a browser shows it; the parser leaves it out
        audit.fault(file.name, "something stands after the end of the page")
    look_for_canaries(after, file.name, audit, days)
    for place, carried in check_markup(root, source, file.name, audit):
        look_for_canaries(carried, place, audit, days)
    said = list(texts_of(root))
    days = days | _days_of_council("\n".join(one.text for one in said if one.by_council), edition)
    texts = sorted(unseen_texts(root) | {one.text for one in said})
    look_for_canaries("\n".join(texts), file.name, audit, days)
    check_sentences(said, file.name, audit, edition)
    check_figures(root, file.name, audit)
    grids = list(grids_of(root))
    if edition is not None:
        check_tables(grids, file.name, audit, edition)
        check_cards(root, file.name, audit, edition)
    else:
        check_boroughs(grids, file.name, audit)


def _days_of_council(text: str, edition: Edition | None) -> set[str]:
    """Days that a council tells in its own words, such as of a meeting: those within a year of the edition's."""
    if edition is None or edition.as_at not in days_told(edition.as_at):
        return set()
    day = dt.date.fromisoformat(edition.as_at)
    return {told for told in days_told(text) if abs((dt.date.fromisoformat(told) - day).days) <= _DAYS_OF_A_YEAR}
