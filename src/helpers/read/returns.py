"""Returns as received: find the collections of each borough and read each file to text, row by row, nothing changed."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pandas as pd

from helpers.codes import boroughs
from helpers.errors import InputError, NoDataError
from helpers.read.commentary import is_own_words
from helpers.read.received import NOT_READ, ROW, ReturnFile, not_read, to_return_file
from helpers.read.recognising import UNKNOWN
from helpers.read.several_boroughs import keep_own_rows
from helpers.read.text import LARGEST_PACKED, holds_known_table, read_bytes, read_lines
from helpers.read.workbooks import OTHER_SUFFIXES, SUFFIXES, read_workbook
from helpers.read.xml import read_xml
from helpers.settings import slug, to_date

__all__ = [
    "NOT_READ",
    "ROW",
    "UNKNOWN",
    "ReturnFile",
    "borough_folder",
    "find_collections",
    "read_collection",
    "read_collections",
]

MADE_UP_NAME, MADE_UP_MARK = "made_up_", b"MADEUP"
TABLES_AS_TEXT = (".csv",)
PERHAPS_TABLES = (".txt", ".tsv", ".tab", ".dat")
"""Text that is read where its first lines hold a known header, and told as not read elsewhere."""
PACKED = (".zip", ".gz", ".tar", ".tgz", ".7z", ".rar", ".bz2", ".xz")
OF_THE_SYSTEM = ("thumbs.db", "desktop.ini", "icon\r")
"""Files that computers put into folders by themselves, beside those that begin with a dot or ~$: never told of."""


def find_collections(folder: Path) -> pd.DataFrame:
    """List the collections in a returns folder, laid out as <borough>/<period>/.

    returns: columns borough_code, borough, period (date), path; one row per borough and period, in order
    raises: InputError naming a folder that is not a borough, or a period that is not a date
    """
    by_slug = {slug(label): (code, label) for code, label in boroughs()[["code", "label"]].itertuples(index=False)}
    found = []
    for borough_folder in _folders_in(folder):
        known = by_slug.get(slug(borough_folder.name))
        if known is None:
            raise InputError(
                f"{folder.name}/{borough_folder.name} is not named for a borough. Name it as in codelists/areas.csv, "
                f"such as barking-and-dagenham, and put one folder per collection in it, such as 2023-03-31."
            )
        found += [(*known, _period_of(period), period) for period in _folders_in(borough_folder)]
    return pd.DataFrame(sorted(found, key=lambda row: row[1:3]), columns=["borough_code", "borough", "period", "path"])


def borough_folder(folder: Path, borough: str) -> Path | None:
    """Give the borough's own folder among the returns, or None where there is none."""
    named = [one for one in _folders_in(folder) if slug(one.name) == slug(borough)] if folder.is_dir() else []
    return named[0] if named else None


def read_collections(folder: Path, borough: str) -> list[ReturnFile]:
    """Read every file of every collection of one borough, oldest first; an empty list when it has none."""
    found = find_collections(folder) if folder.is_dir() else pd.DataFrame(columns=["borough", "period", "path"])
    own = found[found["borough"] == borough]
    return [file for _, one in own.iterrows() for file in read_collection(one["path"], one["period"])]


def tells_of_made_up_children(files: Iterable[Path]) -> bool:
    """Say whether any of these files was written by `briefings made-up`: its name or its identifiers tell."""
    return any(file.name.startswith(MADE_UP_NAME) or MADE_UP_MARK in _first_bytes(file) for file in files)


def _first_bytes(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(4096)


def read_collection(path: Path, period: dt.date) -> list[ReturnFile]:
    """Read the files of one collection: CSV, XML and workbooks. Tables are recognised by their columns, not by names.

    Anything else in the folder, but what computers put there by themselves, is told as not read.
    returns: one ReturnFile per table of a file, in order of file name; two files of one table are two entries
    raises: NoDataError for a folder without a return, InputError naming file and line for one that cannot be trusted
    """
    entries = sorted(entry for entry in path.iterdir() if not _of_the_system(entry) and not is_own_words(entry))
    _refuse_names(entries)
    packed = [entry.name for entry in entries if entry.is_file() and entry.suffix.lower() in PACKED]
    if packed:
        raise InputError(
            f"{packed[0]} is a packed file. Unpack it, put the files of the collection in the folder in its place "
            f"and run again. Nothing was written."
        )
    known = (*TABLES_AS_TEXT, *PERHAPS_TABLES, ".xml", *SUFFIXES, *OTHER_SUFFIXES)
    files = [_read_file(entry, period) for entry in entries if entry.is_file() and entry.suffix.lower() in known]
    read = [one for file in files for one in file]
    if not any(one.table != NOT_READ for one in read):
        raise NoDataError(
            f"{path.parent.name}/{path.name} holds no .csv file, XML collection or workbook. "
            f"Put the SSDA903 files of that collection in it."
        )
    others = [entry for entry in entries if not (entry.is_file() and entry.suffix.lower() in known)]
    return sorted(
        [*read, *(_tell_not_read(one, period) for one in others)], key=lambda one: one.file.split(", sheet ")[0]
    )


def _of_the_system(entry: Path) -> bool:
    return entry.name.startswith((".", "~$")) or entry.name.casefold() in OF_THE_SYSTEM


def _refuse_names(entries: list[Path]) -> None:
    """Refuse a file name in another encoding than the system's: no table could name it."""
    for entry in entries:
        if not entry.name.isprintable():
            shown = entry.name.encode("ascii", "replace").decode()
            raise InputError(
                f"{shown}: the file's name holds characters that cannot be shown. Rename the file and run again. "
                f"Nothing was written."
            )


def _tell_not_read(entry: Path, period: dt.date) -> ReturnFile:
    if entry.is_dir():
        why = "A folder within the folder is not looked into. Put the files of the collection beside each other."
        return not_read(period, f"{entry.name}/", "", why)
    if not entry.is_file():
        return not_read(period, entry.name, "", "It is no file that can be read.")
    return not_read(period, entry.name, _digest(entry), "The file is no CSV, XML or workbook, and was not read.")


def _digest(file: Path) -> str:
    """Give the SHA-256 of a file that is not read; blank for one that would take long or cannot be opened."""
    try:
        if file.stat().st_size > LARGEST_PACKED:
            return ""
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return ""


def _folders_in(folder: Path) -> list[Path]:
    return sorted(one for one in folder.iterdir() if one.is_dir() and not one.name.startswith("."))


def _period_of(folder: Path) -> dt.date:
    try:
        return to_date(folder.name)
    except InputError:
        raise InputError(
            f"{folder.parent.name}/{folder.name}: a collection's folder is named for its last day, such as 2023-03-31."
        ) from None


@cache
def _borough_codes() -> dict[str, str]:
    """Give the ONS code of each borough by the name of its folder."""
    return {slug(label): code for code, label in boroughs()[["code", "label"]].itertuples(index=False)}


def _read_file(path: Path, period: dt.date) -> list[ReturnFile]:
    kind = path.suffix.lower()
    if kind == ".xml":
        return read_xml(read_bytes(path, lines=False), path.name, period)
    if kind in OTHER_SUFFIXES:
        raise InputError(
            f"{path.name} is a workbook of another kind ({kind}), in which an error value cannot be told from an empty "
            f"cell. Save it as .xlsx, take this one out of the folder and run again. Nothing was written."
        )
    if kind in SUFFIXES:
        tables = read_workbook(read_bytes(path, lines=False), path.name)
    elif kind in PERHAPS_TABLES and not holds_known_table(path):
        return [_tell_not_read(path, period)]
    else:
        tables = [read_lines(read_bytes(path, lines=True), path.name)]
    own, year = (
        _borough_codes().get(slug(path.parent.parent.name), ""),
        period.year + ((period.month, period.day) > (3, 31)),
    )
    return [keep_own_rows(to_return_file(cells, period), cells, own, year) for cells in tables]
