"""What a file of a return gives: the rows of one table as text, and an account of every line that is not among them."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.codes import load_codelist
from helpers.errors import InputError

ROW = "_row"
"""Added column: the line of the file a row stands on (1 is the header)."""
UNKNOWN = "not recognised"
"""The table of a file whose columns are those of no table in codelists/ssda903_tables.csv."""
SEVERAL = ("la", "year")
"""Columns of files of several boroughs and years: see read.several_boroughs."""
NO_LINES = pd.DataFrame({"row": pd.Series(dtype=int), "column": pd.Series(dtype=str), "rule": pd.Series(dtype=str)})
NO_CHANGES = pd.DataFrame(
    {"row": pd.Series(dtype=int), **{name: pd.Series(dtype=str) for name in ("column", "found", "put", "why")}}
)


class ReturnFile(NamedTuple):
    """One table of one file as received. rows: text columns as named in codelists/ssda903_tables.csv, plus `_row`.

    A workbook gives one per sheet and an XML collection one per table, with the same checksum.
    aside: lines that could not become rows (row, column, rule); changes: headers read in another spelling
    (row, column, found, put, why). Both are counted with the rows in the account of the file.
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
    """

    file: str
    raw_checksum: str
    header: list[str]
    rows: pd.DataFrame
    lines: np.ndarray
    aside: pd.DataFrame = NO_LINES
    header_line: int = 1


def checksum(raw: bytes) -> str:
    """Give the SHA-256 of a file's bytes."""
    return hashlib.sha256(raw).hexdigest()


def left_out(lines: list[int], column: str, rule: str) -> pd.DataFrame:
    """Make the account of lines that could not become rows."""
    return pd.DataFrame({"row": lines, "column": column, "rule": rule}) if lines else NO_LINES


def plain(name: str) -> str:
    """Give a header as it is compared: small letters and digits, so that quotes, spaces and brackets do not matter."""
    return re.sub(r"[^a-z0-9]+", " ", name.casefold()).strip()


@lru_cache
def headers_of_tables() -> dict[str, dict[str, str]]:
    """Give, for every table, each spelling of a header that is read (as `plain` gives it) and the column it names."""
    spec, variants = load_codelist("ssda903_tables"), load_codelist("header_variants")
    known: dict[str, dict[str, str]] = {}
    for table, columns in spec.groupby("table", sort=False):
        own = variants["column"].isin(columns["column"]) & variants["table"].isin(["", table])
        by_name = columns.assign(header=columns["column"])
        known[table] = _spelled(variants[own]) | _spelled(columns[columns["header"] != ""]) | _spelled(by_name)
    return known


def _spelled(listed: pd.DataFrame) -> dict[str, str]:
    return dict(zip(listed["header"].map(plain), listed["column"], strict=True))


def recognise(header: list[str]) -> str:
    """Find the table a header is of: one with all the columns it cannot do without, and the most in common.

    A table with more of its own columns filled wins a tie, so that {CHILD, SEX, DOB, DUC} is uasc and not header.
    returns: its name in codelists/ssda903_tables.csv, or UNKNOWN
    """
    wanted, sizes = _wanted()
    found = {
        table: {spellings[name] for name in map(plain, header) if name in spellings}
        for table, spellings in headers_of_tables().items()
    }
    fits = {table: (len(own), len(own) / sizes[table]) for table, own in found.items() if wanted[table] <= own}
    return max(fits, key=fits.get) if fits else UNKNOWN


@lru_cache
def _wanted() -> tuple[dict[str, set[str]], dict[str, int]]:
    """Give the columns each table cannot do without, and how many it has."""
    spec = load_codelist("ssda903_tables")
    wanted = spec[spec["needed"] != ""].groupby("table")["column"].agg(set)
    return wanted.to_dict(), spec.groupby("table").size().to_dict()


def to_return_file(cells: Cells, period: dt.date) -> ReturnFile:
    """Name the table and its columns. Columns of no table stay behind and are told among the changes.

    raises: InputError when a column of the table stands twice
    """
    table = recognise(cells.header)
    spellings = headers_of_tables().get(table, {name: name for name in cells.header})
    names = [spellings.get(plain(name) if table != UNKNOWN else name, "") for name in cells.header]
    if table != UNKNOWN:
        _refuse_twice(cells, [name for name in names if name])
    places = {name: place for place, name in reversed(list(enumerate(names))) if name}
    order = sorted(places, key=places.get)
    rows = pd.DataFrame({name: cells.rows[places[name]] for name in order}, index=cells.rows.index)
    return ReturnFile(
        period,
        cells.file,
        table,
        cells.raw_checksum,
        rows.assign(**{ROW: cells.lines.astype(int)}),
        cells.aside,
        NO_CHANGES if table == UNKNOWN else _header_changes(cells, names),
    )


def _refuse_twice(cells: Cells, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(
            f"{cells.file}, line {cells.header_line}: the column {', '.join(twice)} stands more than once. "
            f"Take out the one that is not to be used and run again. Nothing was written."
        )


def _header_changes(cells: Cells, names: list[str]) -> pd.DataFrame:
    official = load_codelist("ssda903_tables")
    forms = {plain(name) for name in [*official["column"], *official["header"]]}
    told = []
    for found, name in zip(cells.header, names, strict=True):
        if not name and found and plain(found) not in SEVERAL:
            told.append((found, found, "", "The column is not one of the table's and was not used."))
        elif name and plain(found) not in forms:
            told.append((name, found, name, "The header is spelled in another known way."))
    if not told:
        return NO_CHANGES
    return pd.DataFrame(told, columns=["column", "found", "put", "why"]).assign(row=cells.header_line)[
        list(NO_CHANGES.columns)
    ]
