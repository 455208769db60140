"""Cells of text to values: dates, codes, flags, numbers, postcodes. What is read with certainty, and why it changed.

Each kind of column has a reader that takes one distinct cell and gives its value, the form it has in an official
return, and the reason where it stood in another form; None where it cannot be read. Nothing is blanked or guessed.
Readers run once per distinct cell, not per row.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.clean.code_cells import PREFIX, answers, codes_of
from helpers.codes import load_codelist

FURTHEST_YEARS_AHEAD = 20
"""Two-digit years: the last one that is at most this many years after the return year.

In the return of 2023, 43 is 2043 and 44 is 1944. No date of a return is further ahead: the furthest is the 18th
birthday of a child just born (DUC, MC_DOB).
"""
EXCEL_DAY_0, EXCEL_FIRST, EXCEL_LAST = dt.date(1899, 12, 30), 29_221, 73_050
"""Serial days of spreadsheets from 1 January 1980 to 31 December 2099; anything else in a date cell is not one."""
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][A-Z]{2})")
FORMULA = ("=", "@")
SPREADSHEET_ERROR = re.compile(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!|MULTIVALUE|#+)", re.IGNORECASE)
SHORTENED = re.compile(r"[0-9](\.[0-9]+)?[Ee]\+?[0-9]+")
MADE_A_DATE = re.compile(
    r"[0-9]{1,2}-[A-Z][a-z]{2}(-[0-9]{2,4})?|[A-Z][a-z]{2}-[0-9]{2}|[0-9]{2}/[0-9]{2}/[0-9]{4}( .*)?"
)
"""Identifiers that a spreadsheet changed: a long number cut to a few digits, or 3-10 made the third of October."""
HIDDEN = {"date": "a date", "identifier": "an identifier", "postcode": "a postcode", "decimal": "a number"}
"""What the log says in place of a cell that tells of one person."""
_ALREADY_OFFICIAL = {
    "identifier": "(?:[0-9]*|[A-Za-z]+[0-9][A-Za-z0-9]*)",
    "text": "(?:|[0-9]+|[A-Za-z0-9][^\n.]*)",
    "dropped": "(?:|[A-Za-z0-9][^\n]*)",
    "postcode": "(?:|[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z]{2})",
}
"""Cells the reader of that kind would give back as they are: a column of such cells alone needs no reader."""


class Cell(NamedTuple):
    """One cell as read. shown: its form in an official return; why: why it stood in another form, blank if not."""

    value: object
    shown: str
    why: str = ""


@dataclass(frozen=True)
class ColumnRead:
    """One column as read: typed (missing where blank or unread), and the same index for each of the rest.

    wanted: what was expected, for the message; places, cells: each row's distinct cell, and no cells where every one
    is as it would stand in an official return, which is the rule
    """

    typed: pd.Series
    wanted: str
    places: NDArray[np.intp]
    cells: list[Cell | None]

    @property
    def unread(self) -> pd.Series:
        """Where the cell is filled and cannot be read."""
        return self._each([cell is None for cell in self.cells], bool)

    @property
    def why(self) -> pd.Series:
        """Why the cell stood in another form; blank where it did not."""
        return self._each(["" if cell is None else cell.why for cell in self.cells], object)

    @property
    def shown(self) -> pd.Series:
        """Its form in an official return, where it stood in another; else blank."""
        return self._each(["" if cell is None or not cell.why else cell.shown for cell in self.cells], object)

    def _each(self, told: list, kind: type) -> pd.Series:
        if not told:
            return pd.Series(False if kind is bool else "", index=self.typed.index, dtype=kind)
        return pd.Series(np.array(told, dtype=kind)[self.places], index=self.typed.index)


Reader = Callable[[str], "Cell | None"]
AS_IT_STANDS = Cell(None, "")
"""A blank cell, or a date in its official form."""
NO_PLACES = np.array([], dtype=np.intp)


def read_column(text: pd.Series, column: Mapping[str, str], return_year: int) -> ColumnRead:
    """Turn one column of text into its type.

    text: trimmed cells, blank as ""; column: its row in codelists/ssda903_tables.csv
    """
    kind = column["kind"]
    reader, wanted = _READERS[kind](column, return_year)
    blanks = frozenset() if kind == "dropped" else _blank_spellings(kind)
    if kind in _ALREADY_OFFICIAL and _is_official(text, kind, blanks):
        blank = text == ""
        return ColumnRead(text.mask(blank) if blank.any() else text, wanted, NO_PLACES, [])
    places, distinct = pd.factorize(text)
    distinct = distinct.to_numpy(object)
    if kind == "date":
        values = _official_days(distinct)
        odd = np.flatnonzero(np.isnat(values) & (distinct != ""))
    else:
        values, odd = np.full(len(distinct), None, dtype=object), np.arange(len(distinct))
    cells: list[Cell | None] = [AS_IT_STANDS] * len(distinct)
    for place in odd:
        cells[place] = cell = _read_distinct(distinct[place], reader, blanks)
        values[place] = None if cell is None else cell.value
    typed = pd.Series(_typed(values, kind).take(places), index=text.index, name=text.name)
    as_it_stands = all(cell is not None and not cell.why for cell in cells)
    return ColumnRead(typed, wanted, *((NO_PLACES, []) if as_it_stands else (places, cells)))


def _is_official(text: pd.Series, kind: str, blanks: frozenset[str]) -> bool:
    if not text.str.fullmatch(_ALREADY_OFFICIAL[kind]).all():
        return False
    return kind != "text" or not text.str.casefold().isin(blanks).any()


def _read_distinct(cell: str, reader: Reader, blanks: frozenset[str]) -> Cell | None:
    if cell == "":
        return Cell(None, "")
    read = reader(cell)
    if cell.casefold() in blanks and (read is None or isinstance(read.value, str) and read.value == cell):
        return Cell(None, "", "The mark stands for an empty cell.")
    if read is not None:
        return read
    if cell.startswith("'") and cell.count("'") == 1 and (read := reader(cell[1:].strip())):
        return read._replace(why="A spreadsheet's mark of a text stood before it.")
    return None


def _typed(values: NDArray, kind: str) -> pd.api.extensions.ExtensionArray:
    """Make the distinct values an array of the column's type."""
    if kind == "date":
        return pd.array(values)
    if kind in ("flag", "number", "decimal"):
        return pd.Series(values, dtype=float).array
    return pd.Series(values, dtype="str").array


@lru_cache
def _blank_spellings(kind: str) -> frozenset[str]:
    """Give the marks that stand for an empty cell in columns of a kind: among text, only those of data tools."""
    listed = load_codelist("blank_spellings")
    named = listed["kinds"].str.split()
    own = [kind in kinds or "any" in kinds or (not kinds and kind != "text") for kinds in named]
    return frozenset(listed.loc[own, "found"])


# --- text ---------------------------------------------------------------------------------------------------------


def _text_reader(column: Mapping[str, str], _year: int) -> tuple[Reader, str]:
    def read(cell: str) -> Cell | None:
        if cell.startswith(FORMULA) or SPREADSHEET_ERROR.fullmatch(cell):
            return None
        if column["kind"] == "text" and (whole := re.fullmatch(r"([0-9]+)\.0+", cell)):
            return Cell(whole[1], whole[1], "A spreadsheet or data tool wrote the whole number with a decimal point.")
        return Cell(cell, cell)

    return read, "text (it begins as a spreadsheet formula does, or is a spreadsheet's error)"


def _identifier_reader(_column: Mapping[str, str], _year: int) -> tuple[Reader, str]:
    blanks = _blank_spellings("identifier")

    def read(cell: str) -> Cell | None:
        if cell.startswith((*FORMULA, "+", "'")) or cell.casefold() in blanks:
            return None
        if any(form.fullmatch(cell) for form in (SHORTENED, MADE_A_DATE, SPREADSHEET_ERROR)):
            return None
        if whole := re.fullmatch(r"([0-9]+)\.0+", cell):
            return Cell(whole[1], whole[1], "A spreadsheet or data tool wrote the whole number with a decimal point.")
        return Cell(cell, cell)

    return read, "an identifier (a spreadsheet may have shortened it, made it a date, or it begins as a formula does)"


def _postcode_reader(_column: Mapping[str, str], _year: int) -> tuple[Reader, str]:
    def read(cell: str) -> Cell | None:
        parts = POSTCODE.fullmatch(re.sub(r"\s+", "", cell).upper())
        if not parts:
            return None
        full = f"{parts[1]} {parts[2]}"
        return Cell(full, full, "" if cell == full else "The postcode was in small letters or spaced otherwise.")

    return read, "a full postcode such as RM10 7BN; leave the cell blank where it is withheld or not known"


# --- dates --------------------------------------------------------------------------------------------------------


def _date_reader(_column: Mapping[str, str], year: int) -> tuple[Reader, str]:
    def read(cell: str) -> Cell | None:
        return _read_date(cell, year)

    return read, "a date such as 31/03/2021"


def _official_days(cells: NDArray[np.object_]) -> NDArray[np.datetime64]:
    """Give the days of cells such as 31/03/2021, all at once; NaT for any other cell, and for a day there is not."""
    signs = cells.astype("U11").view(np.uint32).reshape(len(cells), 11).astype(np.int64)
    figures = signs[:, [0, 1, 3, 4, 6, 7, 8, 9]] - ord("0")
    formed = ((figures >= 0) & (figures <= 9)).all(axis=1) & (signs[:, [2, 5]] == ord("/")).all(axis=1)
    day, month, year = figures[:, :2] @ [10, 1], figures[:, 2:4] @ [10, 1], figures[:, 4:] @ [1000, 100, 10, 1]
    formed &= (signs[:, 10] == 0) & (month >= 1) & (month <= 12) & (day >= 1) & (year >= 1900) & (year <= 2199)
    months = np.where(formed, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + np.where(formed, day - 1, 0)
    formed &= days.astype("datetime64[M]") == months
    return np.where(formed, days.astype("datetime64[us]"), np.datetime64("NaT", "us"))


@lru_cache(maxsize=50_000)
def _read_date(cell: str, return_year: int) -> Cell | None:
    """Read one date. Kept, because a child's birth date stands in ten tables."""
    plain = DASHES.sub("-", cell)
    for form, why in _DATE_FORMS:
        if parts := form.fullmatch(plain):
            day = _to_day(parts.groupdict(), return_year)
            return None if day is None else Cell(day, f"{day.day:02d}/{day.month:02d}/{day.year:04d}", why)
    return _serial_day(cell)


DASHES = re.compile("[\u2010-\u2015\u2212]")
_CLOCK = r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?(?: ?[AaPp][Mm])?"
# With a time zone, midnight may have been the evening before: only a clock at nought tells the day for certain.
_TIME = rf"(?:[ T]0{{1,2}}:00(?::00(?:\.0+)?)?(?:Z|[+-]00:?00)|[ T]+{_CLOCK})?"
_D, _M, _Y, _YY = "(?P<d>[0-9]{1,2})", "(?P<m>[0-9]{1,2})", "(?P<y>[0-9]{4})", "(?P<y>[0-9]{2})"
_WORD, _ANY = "(?P<mon>[A-Za-z]{3,9})", "(?P<y>[0-9]{2}(?:[0-9]{2})?)"
_DATE_FORMS = [
    (re.compile(form), why)
    for form, why in (
        (r"(?P<d>[0-9]{2})/(?P<m>[0-9]{2})/(?P<y>[0-9]{4})", ""),
        (f"{_D} ?[/.-] ?{_M} ?[/.-] ?{_Y}{_TIME}", "The date, day first, was written otherwise."),
        (f"{_D} {_M} {_Y}{_TIME}", "The date, day first, was written otherwise."),
        (f"{_Y}[/.-]{_M}[/.-]{_D}{_TIME}", "The date was written year first."),
        (
            f"(?P<y>(?:19|20)[0-9]{{2}})(?P<m>[0-9]{{2}})(?P<d>[0-9]{{2}})(?:\\.0+)?{_TIME}",
            "The date was written year first.",
        ),
        (f"{_D}(?:st|nd|rd|th)?[ /.-]*{_WORD}[ ,/.-]*{_ANY}{_TIME}", "The month was written as a word."),
        (f"{_WORD}[ .-]*{_D}(?:st|nd|rd|th)?,? +{_Y}{_TIME}", "The month was written as a word."),
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


_BOTH = re.compile(r"([01])\s*[-–:=]?\s*\(?([a-z]+)\)?")
_WHOLE = re.compile(r"([0-9]{1,9}|[0-9]{1,3}(?:,[0-9]{3})+)(\.0+)?")
_DECIMAL = re.compile(r"(?:[0-9]{1,9}|[0-9]{1,3}(?:,[0-9]{3})+)?(?:\.[0-9]+)?")


def _flag_reader(column: Mapping[str, str], _year: int) -> tuple[Reader, str]:
    known = answers(str(column.get("table", "")))

    def read(cell: str) -> Cell | None:
        prefixed = PREFIX.fullmatch(cell)
        answer = (prefixed[1] if prefixed else cell).strip().casefold()
        code = known.get(answer)
        if code is None and (both := _BOTH.fullmatch(answer)) and known.get(both[2]) == both[1]:
            code = both[1]
        if code is None and (whole := re.fullmatch(r"([01])\.0+", answer)):
            code = whole[1]
        if code == "":
            return Cell(None, "", "Not known is told by an empty cell.")
        if code is None:
            return None
        return Cell(float(code), code, "" if cell == code else "Yes or no was written in another known way.")

    return read, "0 or 1"


def _number_reader(column: Mapping[str, str], _year: int) -> tuple[Reader, str]:
    lowest, highest = int(column["lowest"]), int(column["highest"])

    def read(cell: str) -> Cell | None:
        whole = _WHOLE.fullmatch(cell)
        number = int(whole[1].replace(",", "")) if whole else None
        if number is None or not lowest <= number <= highest:
            return None
        return Cell(float(number), str(number), "" if cell == str(number) else _OTHERWISE)

    return read, f"a whole number from {lowest} to {highest}"


_OTHERWISE = "The whole number was written in another way."


def _decimal_reader(column: Mapping[str, str], _year: int) -> tuple[Reader, str]:
    lowest, highest = float(column["lowest"]), float(column["highest"])

    def read(cell: str) -> Cell | None:
        plain = cell.replace(",", "")
        if not cell or not _DECIMAL.fullmatch(cell) or not lowest <= float(plain) <= highest:
            return None
        return Cell(float(plain), plain, "" if cell == plain else "The number was written with a mark of thousands.")

    return read, f"a number from {column['lowest']} to {column['highest']}"


# --- codes --------------------------------------------------------------------------------------------------------


def _code_reader(column: Mapping[str, str], year: int) -> tuple[Reader, str]:
    listed = codes_of(column["codelist"], year)

    def read(cell: str) -> Cell | None:
        found = listed.read(cell)
        return None if found is None else Cell(found[0], *found)

    return read, f"a code of codelists/{column['codelist']}.csv"


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
