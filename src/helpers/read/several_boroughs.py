"""Files of several boroughs and years in one, told by the columns LA and YEAR: the collection's own rows are kept."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

import pandas as pd

from helpers.codes import boroughs, load_codelist
from helpers.errors import InputError
from helpers.read.received import NO_CHANGES, ROW, Cells, ReturnFile, left_out
from helpers.read.recognising import plain
from helpers.settings import slug

LA, YEAR = "la", "year"
ANY_PERIOD = dt.date.max
"""The period of a collection whose last day is not known yet: rows of every year are given."""
OTHER_BOROUGH = (
    "The row is of another borough, or its LA cell names none. It was left to that borough's own collection."
)
OTHER_YEAR = (
    "The row is of another return year, or its YEAR cell names none. It was left to that year's own collection."
)
_AFTER_NAMES = re.compile(r" (?:lb|london borough|london boro|royal borough|borough|council|corporation)$")
_BEFORE_NAMES = re.compile(r"^(?:the )?(?:lb|rb|london borough|royal borough|city|corporation)(?: of)? ")
_TWICE_NAMED = (
    re.compile(r"([a-z0-9]+)(?:\s*[-:]\s*|\s+)(.+)"),
    re.compile(r"(.+?)\s*[(\[]([a-z0-9]+)[)\]]"),
    re.compile(r"(.+?)\s*-\s*([a-z0-9]+)"),
)


def keep_own_rows(file: ReturnFile, cells: Cells, borough_code: str, own_year: int) -> ReturnFile:
    """Keep the rows of one borough and return year; the others are left out with that reason.

    borough_code: ONS code of the folder's borough, "" where the folder names none
    raises: InputError when the file holds several boroughs and the folder says not which, or LA or YEAR stands twice
    """
    header = [plain(name) for name in cells.header]
    _refuse_twice(cells, header)
    if LA in header:
        told = cells.rows[header.index(LA)].loc[file.rows.index]
        codes = {one: area_named(one) for one in told.unique()}
        own = borough_code or _only_area(codes, file.file)
        file = _keep(file, told.map(codes) == own, "LA", OTHER_BOROUGH)
    if YEAR in header and file.period != ANY_PERIOD:
        told = cells.rows[header.index(YEAR)].loc[file.rows.index]
        years = told.map({one: return_year_named(one) for one in told.unique()})
        file = _keep(file, years == own_year, "YEAR", OTHER_YEAR)
    return _without_borough_in_identifier(file, own) if LA in header else file


def area_named(cell: str) -> str:
    """Give the ONS code of the borough a cell names: its name, ONS code, three-digit code or three letters.

    returns: the code; the cell itself in plain letters where it names an authority outside London; "" for a blank
    """
    small = re.sub(r"\.0$", "", cell.strip()).casefold()
    known = _known_areas()
    if small in known or slug(small) in known:
        return known.get(small) or known[slug(small)]
    for form in _TWICE_NAMED:
        if parts := form.fullmatch(small):
            both = {_code_of(part) for part in parts.groups()}
            if len(both) == 1 and "" not in both:
                return both.pop()
    return _code_of(small) or small


def return_year_named(cell: str) -> int | None:
    """Give the return year a cell names: 2023, 2022-23, 2022/2023, 202223 or its last day. None where it names none."""
    small = re.sub(r"^(return )?(financial )?(year|fy|period)( ending)?\s*", "", cell.strip().casefold())
    if one := re.fullmatch(r"(20[0-9]{2})(\.0)?", small):
        return int(one[1])
    if two := re.fullmatch(r"(20[0-9]{2})\s*(?:[-/_–—]|to)?\s*(?:20)?([0-9]{2})", small):
        return int(two[1]) + 1 if (int(two[1]) + 1) % 100 == int(two[2]) else None
    day = re.fullmatch(r"31[/. -](?:0?3|mar|march)[/. -](20[0-9]{2})( 00:00:00| 00:00)?", small)
    day = day or re.fullmatch(r"(20[0-9]{2})[/-]0?3[/-]31([ t]00:00:00| 00:00)?", small)
    return int(day[1]) if day else None


@lru_cache
def _known_areas() -> dict[str, str]:
    listed = boroughs()
    names = {slug(row.label): row.code for row in listed.itertuples()}
    codes = {one.casefold(): row.code for row in listed.itertuples() for one in (row.code, row.old_code)}
    others = {slug(row.found): row.code for row in load_codelist("borough_fixes").itertuples()}
    return others | codes | names


def _code_of(name: str) -> str:
    """Give a borough's code, with 'London Borough of' and 'Council' taken off its name as far as needed."""
    known, before = _known_areas(), ""
    while name != before:
        if code := known.get(slug(name)):
            return code
        shorter = _AFTER_NAMES.sub("", name).strip()
        before, name = name, shorter if shorter != name else _BEFORE_NAMES.sub("", name).strip()
    return ""


def _refuse_twice(cells: Cells, header: list[str]) -> None:
    for name in (LA, YEAR):
        if header.count(name) > 1:
            raise InputError(
                f"{cells.file}, line {cells.header_line}: the column {name.upper()} stands more than once. "
                f"Take out the one that is not to be used and run again. Nothing was written."
            )


def _only_area(codes: dict[str, str], file: str) -> str:
    found = {code for code in codes.values() if code}
    if len(found) > 1:
        raise InputError(
            f"{file}, column LA: rows of {len(found)} boroughs, and the folder does not say which to keep. "
            f"Put the file in <borough>/<date>/, such as bromley/2023-03-31/. Nothing was written."
        )
    return found.pop() if found else ""


def _keep(file: ReturnFile, own: pd.Series, column: str, rule: str) -> ReturnFile:
    own = own.reindex(file.rows.index).astype(bool)
    others = left_out(file.rows.loc[~own, ROW].tolist(), column, rule)
    return file._replace(rows=file.rows[own], aside=pd.concat([file.aside, others], ignore_index=True))


def _without_borough_in_identifier(file: ReturnFile, own: str) -> ReturnFile:
    """Take `_<LA code>` off identifiers where every row has its own borough's: then it is not part of them."""
    if "CHILD" not in file.rows or file.rows.empty:
        return file
    endings = tuple(f"_{one}" for one, code in _known_areas().items() if code == own)
    if not endings or not file.rows["CHILD"].str.casefold().str.endswith(endings).all():
        return file
    change = pd.DataFrame(
        {
            "row": file.rows[ROW].to_numpy(),
            "column": "CHILD",
            "found": "an identifier and the borough's code",
            "put": "the identifier",
            "why": "Files of several boroughs add the borough's code to every identifier.",
        }
    )
    rows = file.rows.assign(CHILD=file.rows["CHILD"].str.rsplit("_", n=1).str[0])
    return file._replace(rows=rows, changes=pd.concat([file.changes, change], ignore_index=True)[list(NO_CHANGES)])
