"""Cells of text to values: dates, codes, flags, numbers, postcodes. What is read with certainty, and why it changed.

Each kind of column has a reader that takes one distinct cell and gives its value, the form it has in an official
return, and the reason where it stood in another form; None where it cannot be read. Nothing is blanked or guessed.
Readers run once per distinct cell, not per row.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.codes import load_codelist

FURTHEST_YEARS_AHEAD = 20
"""Two-digit years: the last one that is at most this many years after the return year.

In the return of 2023, 43 is 2043 and 44 is 1944. No date of a return is further ahead: the furthest is the 18th
birthday of a child just born (DUC, MC_DOB).
"""
EXCEL_DAY_0, EXCEL_FIRST, EXCEL_LAST = dt.date(1899, 12, 30), 29_221, 73_050
"""Serial days of spreadsheets from 1 January 1980 to 31 December 2099; anything else in a date cell is not one."""
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
PREFIX = re.compile(r"[A-Za-z]{1,2}\)\s*(.+)")
POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][A-Z]{2})")
FORMULA = ("=", "@", "+")
HIDDEN = {"date": "a date", "identifier": "an identifier", "postcode": "a postcode", "decimal": "a number"}
"""What the log says in place of a cell that tells of one person."""
_ALREADY_OFFICIAL = {
    "identifier": "(?:[0-9]*|[A-Za-z][A-Za-z0-9]*)",
    "text": "(?:|[A-Za-z0-9][^\n]*)",
    "dropped": "(?:|[A-Za-z0-9][^\n]*)",
    "postcode": "(?:|[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z]{2})",
}
"""Cells the reader of that kind would give back as they are: a column of such cells alone needs no reader."""


class Cell(NamedTuple):
    """One cell as read. shown: its form in an official return; why: why it stood in another form, blank if not."""

    value: object
    shown: str
    why: str = ""


class ColumnRead(NamedTuple):
    """One column as read: typed (missing where blank or unread), and the same index for each of the rest.

    unread: the cell is filled and cannot be read; shown and why: as in Cell, blank where nothing changed
    """

    typed: pd.Series
    unread: pd.Series
    shown: pd.Series
    why: pd.Series
    wanted: str


Reader = Callable[[str], "Cell | None"]


def read_column(text: pd.Series, column: pd.Series, return_year: int) -> ColumnRead:
    """Turn one column of text into its type.

    text: trimmed cells, blank as ""; column: its row in codelists/ssda903_tables.csv
    """
    reader, wanted = _READERS[column["kind"]](column, return_year)
    blanks = set() if column["kind"] in ("identifier", "dropped") else _blank_spellings()
    if column["kind"] in _ALREADY_OFFICIAL and text.str.fullmatch(_ALREADY_OFFICIAL[column["kind"]]).all():
        nothing = pd.Series("", index=text.index, dtype=object)
        return ColumnRead(text.where(text != ""), pd.Series(False, index=text.index), nothing, nothing, wanted)
    places, distinct = pd.factorize(text)
    cells = [_read_distinct(one, reader, blanks) for one in distinct]
    unread = np.array([cell is None for cell in cells], dtype=bool)
    values = _typed([None if cell is None else cell.value for cell in cells], column["kind"])
    shown = np.array(["" if cell is None or not cell.why else cell.shown for cell in cells], dtype=object)
    why = np.array(["" if cell is None else cell.why for cell in cells], dtype=object)
    return ColumnRead(
        pd.Series(values.take(places), index=text.index, name=text.name),
        pd.Series(unread[places], index=text.index),
        pd.Series(shown[places], index=text.index),
        pd.Series(why[places], index=text.index),
        wanted,
    )


def _read_distinct(cell: str, reader: Reader, blanks: set[str]) -> Cell | None:
    if cell == "":
        return Cell(None, "")
    read = reader(cell)
    if read is None and cell.casefold() in blanks:
        return Cell(None, "", "The mark stands for an empty cell.")
    return read


def _typed(values: list, kind: str) -> pd.api.extensions.ExtensionArray:
    """Make the distinct values an array of the column's type."""
    if kind == "date":
        return pd.array(np.array(values, dtype="datetime64[us]"))
    if kind in ("flag", "number", "decimal"):
        return pd.Series(values, dtype=float).array
    return pd.Series(values, dtype="str").array


def _blank_spellings() -> set[str]:
    return set(load_codelist("blank_spellings")["found"])


# --- text ---------------------------------------------------------------------------------------------------------


def _text_reader(_column: pd.Series, _year: int) -> tuple[Reader, str]:
    def read(cell: str) -> Cell | None:
        return None if cell.startswith(FORMULA) else Cell(cell, cell)

    return read, "text (it begins as a spreadsheet formula does)"


def _identifier_reader(_column: pd.Series, _year: int) -> tuple[Reader, str]:
    def read(cell: str) -> Cell | None:
        if cell.startswith(FORMULA) or re.fullmatch(r"[0-9](\.[0-9]+)?[Ee]\+?[0-9]+", cell):
            return None
        if whole := re.fullmatch(r"([0-9]+)\.0+", cell):
            return Cell(whole[1], whole[1], "A spreadsheet or data tool wrote the whole number with a decimal point.")
        return Cell(cell, cell)

    return read, "an identifier (a spreadsheet may have shortened it, or it begins as a formula does)"


def _postcode_reader(_column: pd.Series, _year: int) -> tuple[Reader, str]:
    def read(cell: str) -> Cell | None:
        parts = POSTCODE.fullmatch(re.sub(r"\s+", "", cell).upper())
        if not parts:
            return None
        full = f"{parts[1]} {parts[2]}"
        return Cell(full, full, "" if cell == full else "The postcode was in small letters or spaced otherwise.")

    return read, "a full postcode such as RM10 7BN; leave the cell blank where it is withheld or not known"


# --- dates --------------------------------------------------------------------------------------------------------


def _date_reader(_column: pd.Series, year: int) -> tuple[Reader, str]:
    def read(cell: str) -> Cell | None:
        return _read_date(cell, year)

    return read, "a date such as 31/03/2021"


@lru_cache(maxsize=50_000)
def _read_date(cell: str, return_year: int) -> Cell | None:
    """Read one date. Kept, because a child's birth date stands in ten tables."""
    for form, why in _DATE_FORMS:
        if parts := form.fullmatch(cell):
            day = _to_day(parts.groupdict(), return_year)
            return None if day is None else Cell(day, f"{day.day:02d}/{day.month:02d}/{day.year:04d}", why)
    return _serial_day(cell)


_TIME = r"(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?Z?)?"
_D, _M, _Y, _YY = "(?P<d>[0-9]{1,2})", "(?P<m>[0-9]{1,2})", "(?P<y>[0-9]{4})", "(?P<y>[0-9]{2})"
_WORD, _ANY = "(?P<mon>[A-Za-z]{3,9})", "(?P<y>[0-9]{2}(?:[0-9]{2})?)"
_DATE_FORMS = [
    (re.compile(form), why)
    for form, why in (
        (r"(?P<d>[0-9]{2})/(?P<m>[0-9]{2})/(?P<y>[0-9]{4})", ""),
        (f"{_D}[/.-]{_M}[/.-]{_Y}{_TIME}", "The date, day first, was written otherwise."),
        (f"{_Y}[/-]{_M}[/-]{_D}{_TIME}", "The date was written year first."),
        (f"{_D}[ -]{_WORD}[ -]{_ANY}{_TIME}", "The month was written as a word."),
        (f"{_D}[/.-]{_M}[/.-]{_YY}{_TIME}", "The year had two digits (day first)."),
    )
]


def _to_day(parts: dict[str, str], return_year: int) -> dt.date | None:
    month = _month_named(parts["mon"]) if "mon" in parts else int(parts["m"])
    year = int(parts["y"])
    if len(parts["y"]) == 2:
        last = return_year + FURTHEST_YEARS_AHEAD
        year = last - (last - year) % 100
    if not 1900 <= year <= 2199:
        return None
    try:
        return dt.date(year, month, int(parts["d"]))
    except ValueError:
        return None


def _month_named(word: str) -> int:
    """Give the number of a month; 0, which no date has, for another word."""
    full = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
            "november", "december")  # fmt: skip
    small = word.casefold()
    if small in (*MONTHS, "sept"):
        return MONTHS.index(small[:3]) + 1
    return full.index(small) + 1 if small in full else 0


def _serial_day(cell: str) -> Cell | None:
    whole = re.fullmatch(r"([0-9]{5})(?:\.[0-9]+)?", cell)
    if not whole or not EXCEL_FIRST <= int(whole[1]) <= EXCEL_LAST:
        return None
    day = EXCEL_DAY_0 + dt.timedelta(days=int(whole[1]))
    return Cell(day, f"{day:%d/%m/%Y}", "A spreadsheet wrote the date as a number of days.")


# --- numbers ------------------------------------------------------------------------------------------------------


def _flag_reader(_column: pd.Series, _year: int) -> tuple[Reader, str]:
    known = load_codelist("yes_no").set_index("found")["code"].to_dict()

    def read(cell: str) -> Cell | None:
        prefixed = PREFIX.fullmatch(cell)
        code = known.get((prefixed[1] if prefixed else cell).strip().casefold())
        if code is None:
            return None
        return Cell(float(code), code, "" if cell == code else "Yes or no was written in another known way.")

    return read, "0 or 1"


def _number_reader(column: pd.Series, _year: int) -> tuple[Reader, str]:
    lowest, highest = int(column["lowest"]), int(column["highest"])

    def read(cell: str) -> Cell | None:
        whole = re.fullmatch(r"([0-9]{1,9})(\.0+)?", cell)
        if not whole or not lowest <= int(whole[1]) <= highest:
            return None
        put = str(int(whole[1]))
        return Cell(float(put), put, "" if cell == put else "The whole number was written in another way.")

    return read, f"a whole number from {lowest} to {highest}"


def _decimal_reader(column: pd.Series, _year: int) -> tuple[Reader, str]:
    lowest, highest = float(column["lowest"]), float(column["highest"])

    def read(cell: str) -> Cell | None:
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", cell) or not lowest <= float(cell) <= highest:
            return None
        return Cell(float(cell), cell)

    return read, f"a number from {column['lowest']} to {column['highest']}"


# --- codes --------------------------------------------------------------------------------------------------------


class _Codes:
    """One codelist with the names and known spellings of its codes, as one return year reads them."""

    def __init__(self, codelist: str, year: int) -> None:
        listed = load_codelist(codelist)
        self.codes = set(listed["code"])
        names: dict[str, set[str]] = {}
        for code, label in listed[["code", "label"]].itertuples(index=False):
            names.setdefault(_plain(label), set()).add(code)
        label_of = listed.set_index("code")["label"]
        for found, code in _fixes(codelist):
            names[_plain(found)] = names[_plain(label_of[code])] if code in label_of else {code}
        valid = {code for code, *years in listed[["code", "first_year", "last_year"]].itertuples(index=False)
                 if int(years[0] or 0) <= year <= int(years[1] or 9999)}  # fmt: skip
        self.names_of_any_year = names
        # A name that two codes share ("Male" is 1 or M) means the one of the year; no other choice is made.
        self.names = {name: (codes & valid if len(codes) > 1 else codes) for name, codes in names.items() if name}

    def named(self, text: str) -> str | None:
        """Give the one code that a name stands for."""
        codes = self.names.get(_plain(text), set())
        return next(iter(codes)) if len(codes) == 1 else None

    def read(self, cell: str) -> Cell | None:
        if cell in self.codes:
            return Cell(cell, cell)
        if cell.upper() in self.codes:
            return Cell(cell.upper(), cell.upper(), "The code was in small letters.")
        if (whole := re.fullmatch(r"(.+)\.0", cell)) and whole[1] in self.codes:
            return Cell(whole[1], whole[1], "A spreadsheet or data tool wrote the code with a decimal point.")
        prefixed = PREFIX.fullmatch(cell)
        bare = prefixed[1].strip() if prefixed else cell
        if prefixed and bare.upper() in self.codes:
            return Cell(bare.upper(), bare.upper(), "A prefix stood before the code.")
        if code := self.named(bare):
            return Cell(code, code, "The name of the code stood in its place.")
        code = self._with_its_name(bare)
        return Cell(code, code, "The code stood with its name.") if code else None

    def _with_its_name(self, cell: str) -> str | None:
        """Read 'WBRI - White British', 'C2: FCO', 'White and Asian [MWAS]'; not where the name is another code's."""
        for form in (
            r"(?P<code>[A-Za-z0-9]{1,6})\s*(?:[:–—]|-)\s*(?P<name>.+)",
            r"(?P<name>.+?)\s*[(\[](?P<code>[A-Za-z0-9]{1,6})[)\]]",
            r"(?P<name>.+?)\s+[-–—]\s+(?P<code>[A-Za-z0-9]{2,6})",
        ):
            parts = re.fullmatch(form, cell)
            if parts and parts["code"].upper() in self.codes:
                code, name = parts["code"].upper(), parts["name"].strip()
                named = {name.upper()} & self.codes or self.names_of_any_year.get(_plain(name), {code})
                return code if code in named else None
        return None


@lru_cache
def _codes(codelist: str, year: int) -> _Codes:
    return _Codes(codelist, year)


def _code_reader(column: pd.Series, year: int) -> tuple[Reader, str]:
    return _codes(column["codelist"], year).read, f"a code of codelists/{column['codelist']}.csv"


def _fixes(codelist: str) -> list[tuple[str, str]]:
    try:
        listed = load_codelist(f"{codelist}_fixes")
    except FileNotFoundError:
        return []
    return list(listed[["found", "code"]].itertuples(index=False, name=None))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", name.casefold().replace("&", " and ")).strip()


_READERS = {
    "identifier": _identifier_reader,
    "text": _text_reader,
    "dropped": _text_reader,
    "date": _date_reader,
    "code": _code_reader,
    "flag": _flag_reader,
    "number": _number_reader,
    "decimal": _decimal_reader,
    "postcode": _postcode_reader,
}
