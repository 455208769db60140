"""One published CSV file as received: its bytes, header and cells as text. Numbers and symbols are told apart here."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas.errors import EmptyDataError, ParserError

from helpers.codes import load_codelist
from helpers.errors import InputError

DISTINCTIVE_COLUMNS = {"time_period", "geog_c", "observation"}
"""A file with one of these is DfE's or ONS's: if its lines do not fit its header it is refused, not passed over."""


class CsvTable(NamedTuple):
    """A file as text. cells: one row per line with anything on it, columns 0, 1, ... as in `header`, index the line.

    A line shorter than the header has empty cells at its end; `header` is trimmed, blanks and repeats kept.
    """

    file: str
    checksum: str
    header: list[str]
    cells: pd.DataFrame

    def not_read(self, why: str) -> NotATable:
        """Tell that the table is not one we know, and why."""
        return NotATable(self.file, self.checksum, why, len(self.cells))


class NotATable(NamedTuple):
    """A file that is not read, and why. rows: how many lines under a header it has, where that is known."""

    file: str
    checksum: str
    why: str
    rows: int = 0


class TableRead(NamedTuple):
    """What one file gave.

    rows: one row per number, with `line`, and `base_line` where its base stands on another line of the file
    left_out: index the lines of the file; the reason where a line is left out, "" where a number was taken from it
    release_year: the later, the newer; periods: the first and last day the numbers are of, blank when there are none
    """

    file: str
    checksum: str
    era: str
    kind: str
    release: str
    release_year: int
    periods: tuple[str, str]
    rows: pd.DataFrame
    left_out: pd.Series
    notes: tuple[str, ...] = ()


def listed_for(codelist: str, column: str, value: str) -> pd.DataFrame:
    """Give the rows of a codelist that are of one era or one kind of table."""
    listed = load_codelist(codelist)
    return listed[listed[column].eq(value)]


def some(names: list[str], most: int = 6) -> str:
    """Name the first few of a list, for a message."""
    return f"{', '.join(names[:most])}{' and others' if len(names) > most else ''}"


def refusal(file: str, line: object, column: str, found: str, expected: str, advice: str) -> InputError:
    """Make the message for a table that cannot be read: where, what was found, what was expected, what to do."""
    return InputError(
        f"{file}, line {line}, column {column}: found {found}, expected {expected}.\n{advice}\nNothing was written."
    )


def list_files(folder: Path) -> list[Path]:
    """Give every file in the folder and its sub-folders, in order of their path within it."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return sorted(files, key=lambda path: path.relative_to(folder).as_posix())


def read_csv_table(path: Path, folder: Path) -> CsvTable | NotATable:
    """Read one file to text. A file that holds no table of comma-separated values is named so, with the reason.

    raises: InputError for a table of DfE or ONS with a line longer than its header
    """
    raw = path.read_bytes()
    file, checksum = path.relative_to(folder).as_posix(), hashlib.sha256(raw).hexdigest()
    if path.suffix.lower() in (".txt", ".md"):
        return NotATable(file, checksum, "not a table")
    if path.suffix.lower() != ".csv":
        return NotATable(file, checksum, "not a CSV file: save the table as CSV to have it read")
    text = _to_text(raw)
    if not text.strip(" \t\r\n,"):
        return NotATable(file, checksum, "empty, or not text: save the table as CSV (UTF-8) to have it read")
    try:
        rows = _to_rows(text)
    except EmptyDataError:
        return NotATable(file, checksum, "not a table: its first line is blank")
    except ParserError as error:
        return _misfit(file, checksum, text, error)
    return CsvTable(file, checksum, rows.iloc[0].str.strip().tolist(), rows.iloc[1:])


def _to_text(raw: bytes) -> str:
    """Decode a file; text of neither encoding (a spreadsheet, UTF-16) is given as none."""
    if b"\0" in raw:
        return ""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return ""


def _to_rows(text: str) -> pd.DataFrame:
    rows = pd.read_csv(io.StringIO(text), header=None, dtype=str, keep_default_na=False, skip_blank_lines=False)
    rows.index = pd.RangeIndex(1, len(rows) + 1)
    return rows[~rows.eq("").all(axis=1)] if rows[0].eq("").any() else rows


def _misfit(file: str, checksum: str, text: str, error: ParserError) -> NotATable:
    """Refuse a table of DfE or ONS whose lines do not fit its header; pass over any other such file."""
    reason = str(error).strip().removeprefix("Error tokenizing data. C error: ")
    header = {name.strip().casefold() for name in next(csv.reader(io.StringIO(text)), [])}
    if header & DISTINCTIVE_COLUMNS:
        raise InputError(
            f"{file}: a line does not fit the header ({reason}).\nA cell with a comma must stand in double quotes. "
            f"Download the file again.\nNothing was written."
        )
    return NotATable(file, checksum, f"not a table: its lines do not fit its header ({reason})")


def has_columns(table: CsvTable, names: list[str]) -> bool:
    """Tell whether the header holds all the names, in any case."""
    return {name.casefold() for name in names} <= {name.casefold() for name in table.header}


def columns_named(table: CsvTable, names: list[str], kind: str) -> pd.DataFrame:
    """Give the named columns (in any case) as trimmed text, named as asked for.

    raises: InputError naming the columns that are missing or stand twice
    """
    header = [name.casefold() for name in table.header]
    again = "Download the file again; if the source has renamed a column, change the name in codelists/published_*.csv."
    missing = [name for name in names if name.casefold() not in header]
    if missing:
        raise refusal(table.file, 1, ", ".join(missing), "no such column", f"the columns of {kind}", again)
    twice = [name for name in names if header.count(name.casefold()) > 1]
    if twice:
        raise refusal(table.file, 1, ", ".join(twice), "the name more than once", "it once", again)
    text = table.cells[[header.index(name.casefold()) for name in names]].set_axis(names, axis=1)
    return pd.DataFrame({name: text[name].str.strip() for name in names})


def melted(text: pd.DataFrame) -> pd.DataFrame:
    """Give one row per cell: line, column (its name) and text. Like DataFrame.melt, at a third of its time."""
    lines, columns = text.shape
    return pd.DataFrame({
        "line": np.tile(text.index, columns), "column": np.repeat(text.columns, lines),
        "text": text.to_numpy(dtype=object).ravel(order="F"),
    })  # fmt: skip


def to_numbers(cells: pd.DataFrame, era: str, file: str) -> pd.DataFrame:
    """Tell numbers from symbols.

    cells: columns line, column (its name) and text (trimmed)
    returns: the same index; number (missing for a symbol) and status (of codelists/published_symbols.csv, or shown)
    raises: InputError naming the first cell that is neither a whole number from 0 nor a symbol of that era
    """
    symbols = listed_for("published_symbols", "era", era).set_index("symbol")["status"]
    status = cells["text"].map(symbols).astype(object)
    digits = cells.loc[status.isna(), "text"]
    odd = digits.index[~digits.str.fullmatch(r"[0-9]+")]
    if len(odd):
        line, column, text = cells.loc[odd[0], ["line", "column", "text"]]
        raise refusal(
            file, line, column, repr(text) if text else "an empty cell",
            f"a whole number from 0 or one of the symbols {' '.join(symbols.index) or '(none)'}",
            "Download the file again as CSV; add a symbol that is new to codelists/published_symbols.csv.",
        )  # fmt: skip
    return pd.DataFrame({"number": digits.astype(float).reindex(cells.index), "status": status.fillna("shown")})
