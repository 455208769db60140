"""What a file of a return gives: the rows of one table as text, and an account of every line that is not among them."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.errors import InputError
from helpers.read.recognising import SEVERAL, name_columns, official_headers, plain, recognise

ROW = "_row"
"""Added column: the line of the file a row stands on (1 is the header)."""
NOT_READ = "not read"
"""The table of a file that is neither CSV, XML nor a workbook, and of a folder within the folder."""
NO_LINES = pd.DataFrame({"row": pd.Series(dtype=int), "column": pd.Series(dtype=str), "rule": pd.Series(dtype=str)})
NO_CHANGES = pd.DataFrame(
    {"row": pd.Series(dtype=int), **{name: pd.Series(dtype=str) for name in ("column", "found", "put", "why")}}
)
ABSENT = "The column did not come. Its cells are missing."


class ReturnFile(NamedTuple):
    """One table of one file as received. rows: text columns as named in codelists/ssda903_tables.csv, plus `_row`.

    A workbook gives one per sheet and an XML collection one per table, with the same checksum.
    table: its name in codelists/ssda903_tables.csv; else UNKNOWN (and what it lacks), NOT_READ, or a name of
        codelists/tables_not_used.csv
    aside: lines that could not become rows (row, column, rule); changes: what was read otherwise than it stood before
        there were cells, such as headers (row, column, found, put, why)
    """

    period: dt.date
    file: str
    table: str
    checksum: str
    rows: pd.DataFrame
    aside: pd.DataFrame = NO_LINES
    changes: pd.DataFrame = NO_CHANGES


class Cells(NamedTuple):
    """A table before it is known which: its header as it stands, the text below it, and the lines left out.

    rows: columns 0, 1, ... as in `header`, blanks as empty text; lines: the line of each row
    changes: as in ReturnFile, but `column` is the number of the column (from 0) as text, blank for the whole line
    """

    file: str
    raw_checksum: str
    header: list[str]
    rows: pd.DataFrame
    lines: np.ndarray
    aside: pd.DataFrame = NO_LINES
    header_line: int = 1
    changes: pd.DataFrame = NO_CHANGES


def checksum(raw: bytes) -> str:
    """Give the SHA-256 of a file's bytes."""
    return hashlib.sha256(raw).hexdigest()


def left_out(lines: list[int], column: str, rule: str) -> pd.DataFrame:
    """Make the account of lines that could not become rows."""
    return pd.DataFrame({"row": lines, "column": column, "rule": rule}) if lines else NO_LINES


def changed(lines: list[int], column: str, found: str, put: str, why: str) -> pd.DataFrame:
    """Make the account of what was read in another form, the same on each of these lines."""
    told = pd.DataFrame({"row": lines, "column": column, "found": found, "put": put, "why": why})
    return told if lines else NO_CHANGES


def not_read(period: dt.date, name: str, digest: str, why: str) -> ReturnFile:
    """Tell of a file that is not read: a table of no rows, with the reason among its changes."""
    rows = pd.DataFrame({ROW: pd.Series(dtype=int)})
    return ReturnFile(period, name, NOT_READ, digest, rows, changes=changed([1], "", "", "", why))


def to_return_file(cells: Cells, period: dt.date) -> ReturnFile:
    """Name the table and its columns. Columns of no table stay behind and are told among the changes.

    raises: InputError when a column of the table stands twice
    """
    table = recognise(cells.header)
    known = bool(official_headers(table))
    names = name_columns(table, cells.header) if known else cells.header
    if known:
        _refuse_twice(cells, [name for name in names if name])
    places = {name: place for place, name in reversed(list(enumerate(names))) if name}
    order = sorted(places, key=places.get)
    rows = pd.DataFrame({name: cells.rows[places[name]] for name in order}, index=cells.rows.index)
    told = cells.changes.assign(column=cells.changes["column"].map(_told_names(names if known else [""] * len(names))))
    headers = _header_changes(cells, names, table) if known else NO_CHANGES
    return ReturnFile(
        period,
        cells.file,
        table,
        cells.raw_checksum,
        rows.assign(**{ROW: cells.lines.astype(int)}),
        cells.aside if known or not _holds_values(cells.header) else _with_first_line(cells),
        pd.concat([one for one in (told, headers) if len(one)] or [NO_CHANGES], ignore_index=True),
    )


def _holds_values(header: list[str]) -> bool:
    """Say whether the first line is a row: a date or a number names no column."""
    return any(re.fullmatch(r"[0-9][0-9./: -]*", name) for name in header)


def _with_first_line(cells: Cells) -> pd.DataFrame:
    first = left_out(
        [cells.header_line], "", "The first line holds values, so that the file has no header. Put one above it."
    )
    return pd.concat([first, cells.aside], ignore_index=True)


def _told_names(names: list[str]) -> dict[str, str]:
    """Give what the account calls each column: its place where it has no name of ours: the file's may be a child."""
    return {"": "", **{str(place): name or f"column {place + 1}" for place, name in enumerate(names)}}


def _refuse_twice(cells: Cells, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(
            f"{cells.file}, line {cells.header_line}: the column {', '.join(twice)} stands more than once. "
            f"Take out the one that is not to be used and run again. Nothing was written."
        )


# --- what is told of the header -----------------------------------------------------------------------------------


def _header_changes(cells: Cells, names: list[str], table: str) -> pd.DataFrame:
    """Tell headers in another spelling, columns that were not used, that did not come, or stand in another order."""
    official = official_headers(table)
    told = []
    for place, (found, name) in enumerate(zip(cells.header, names, strict=True)):
        if name and found not in (name, official[name]):
            told.append((name, found, official[name], _why_read(found, name, official[name])))
        elif not name and found and plain(found) not in SEVERAL:
            told.append((found, found, "", "The column is not one of the table's and was not used."))
        elif not name and not found and (cells.rows[place] != "").any():
            told.append((f"column {place + 1}", "", "", "The column has no name and was not used."))
    came = [name for name in names if name]
    told += [(name, "", official[name], ABSENT) for name in official if name not in came]
    if came != [name for name in official if name in came]:
        told.append(("", "", "", "The columns stand in another order."))
    if not told:
        return NO_CHANGES
    lines = pd.DataFrame(told, columns=["column", "found", "put", "why"]).assign(row=cells.header_line)
    return lines[list(NO_CHANGES.columns)]


def _why_read(found: str, name: str, official: str) -> str:
    if plain(found) in (plain(name), plain(official)):
        return "The header is in other letters, or spaced or marked otherwise."
    return "The header is spelled in another known way."
