"""Returns as received: find the collections of each borough and read each file to text, row by row, nothing changed."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from helpers.codes import boroughs, load_codelist
from helpers.errors import InputError, NoDataError
from helpers.settings import slug, to_date

ROW = "_row"
"""Added column: the line of the file a row stands on (1 is the header)."""

MADE_UP_NAME, MADE_UP_MARK = "made_up_", b"MADEUP"
UNKNOWN = "not recognised"
"""The table of a file whose columns are those of no table in codelists/ssda903_tables.csv."""


class ReturnFile(NamedTuple):
    """One file as received. rows: text columns as named in codelists/ssda903_tables.csv, plus `_row`."""

    period: dt.date
    file: str
    table: str
    checksum: str
    rows: pd.DataFrame


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
    """Read the files of one collection. Tables are recognised by their columns, never by their names.

    raises: NoDataError for an empty folder, InputError for a file that is not text or whose lines do not fit its header
    """
    files = sorted(file for file in path.iterdir() if file.suffix.lower() == ".csv")
    if not files:
        raise NoDataError(
            f"{path.parent.name}/{path.name} holds no .csv file. Put the SSDA903 files of that collection in it."
        )
    return [_read_file(file, period) for file in files]


def _folders_in(folder: Path) -> list[Path]:
    return sorted(one for one in folder.iterdir() if one.is_dir() and not one.name.startswith("."))


def _period_of(folder: Path) -> dt.date:
    try:
        return to_date(folder.name)
    except InputError:
        raise InputError(
            f"{folder.parent.name}/{folder.name}: a collection's folder is named for its last day, such as 2023-03-31."
        ) from None


def _read_file(path: Path, period: dt.date) -> ReturnFile:
    raw = path.read_bytes()
    rows = _to_rows(_to_text(raw, path.name), path.name)
    table = _recognise(rows.columns)
    return ReturnFile(period, path.name, table, hashlib.sha256(raw).hexdigest(), rows)


def _to_text(raw: bytes, name: str) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(f"{name} is not text. Save the table as CSV (UTF-8) and run again. Nothing was written.")


def _to_rows(text: str, name: str) -> pd.DataFrame:
    lines = csv.reader(io.StringIO(text, newline=""))
    header = [cell.strip().upper() for cell in next(lines, [])]
    if not header:
        raise InputError(f"{name} is empty. Export the table again. Nothing was written.")
    cells, numbers = [], []
    for line in lines:
        if not any(cell.strip() for cell in line):
            continue
        if len(line) != len(header):
            raise InputError(
                f"{name}, line {lines.line_num}: {len(line)} cells where the header has {len(header)}. "
                f"A cell with a comma must stand in double quotes. Nothing was written."
            )
        cells.append([cell.strip() for cell in line])
        numbers.append(lines.line_num)
    return pd.DataFrame(cells, columns=header, dtype=str).assign(**{ROW: numbers})


def _recognise(columns: pd.Index) -> str:
    """Find the table whose columns a file has: all that it needs, and the most in common. UNKNOWN when none fits."""
    spec = load_codelist("ssda903_tables")
    given = set(columns) - {ROW}
    fits = {
        table: len(given & set(known["column"]))
        for table, known in spec.groupby("table", sort=False)
        if set(known.loc[known["needed"] == "yes", "column"]) <= given
    }
    return max(fits, key=fits.get) if fits else UNKNOWN
