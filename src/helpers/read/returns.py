"""Returns as received: find the collections of each borough and read each file to text, row by row, nothing changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from helpers.codes import boroughs
from helpers.errors import InputError, NoDataError
from helpers.read.received import ROW, UNKNOWN, ReturnFile, to_return_file
from helpers.read.several_boroughs import keep_own_rows
from helpers.read.text import read_bytes, read_lines
from helpers.read.workbooks import SUFFIXES, read_workbook
from helpers.read.xml import read_xml
from helpers.settings import slug, to_date

__all__ = ["ROW", "UNKNOWN", "ReturnFile", "find_collections", "read_collection", "read_collections"]

MADE_UP_NAME, MADE_UP_MARK = "made_up_", b"MADEUP"
TABLES_AS_TEXT = (".csv",)
PACKED = (".zip", ".gz", ".tar", ".tgz", ".7z", ".rar", ".bz2", ".xz")


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

    returns: one ReturnFile per table of a file, in order of file name; two files of one table are two entries
    raises: NoDataError for a folder without a return, InputError naming file and line for one that cannot be trusted
    """
    files = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith((".", "~$")))
    packed = [file.name for file in files if file.suffix.lower() in PACKED]
    if packed:
        raise InputError(
            f"{packed[0]} is a packed file. Unpack it, put the files of the collection in the folder in its place "
            f"and run again. Nothing was written."
        )
    readable = [file for file in files if file.suffix.lower() in (*TABLES_AS_TEXT, ".xml", *SUFFIXES)]
    if not readable:
        raise NoDataError(
            f"{path.parent.name}/{path.name} holds no .csv file, XML collection or workbook. "
            f"Put the SSDA903 files of that collection in it."
        )
    return [one for file in readable for one in _read_file(file, period)]


def _folders_in(folder: Path) -> list[Path]:
    return sorted(one for one in folder.iterdir() if one.is_dir() and not one.name.startswith("."))


def _period_of(folder: Path) -> dt.date:
    try:
        return to_date(folder.name)
    except InputError:
        raise InputError(
            f"{folder.parent.name}/{folder.name}: a collection's folder is named for its last day, such as 2023-03-31."
        ) from None


def _read_file(path: Path, period: dt.date) -> list[ReturnFile]:
    kind = path.suffix.lower()
    if kind == ".xml":
        return read_xml(read_bytes(path, lines=False), path.name, period)
    if kind in SUFFIXES:
        tables = read_workbook(read_bytes(path, lines=False), path.name)
    else:
        tables = [read_lines(read_bytes(path, lines=True), path.name)]
    known = {slug(label): code for code, label in boroughs()[["code", "label"]].itertuples(index=False)}
    own, year = known.get(slug(path.parent.parent.name), ""), period.year + ((period.month, period.day) > (3, 31))
    return [keep_own_rows(to_return_file(cells, period), cells, own, year) for cells in tables]
