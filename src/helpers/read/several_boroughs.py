"""Files of several boroughs and years in one, told by the columns LA and YEAR: the collection's own rows are kept."""

from __future__ import annotations

import datetime as dt
import re

import pandas as pd

from helpers.codes import find_borough
from helpers.errors import InputError, UnknownBoroughError
from helpers.read.received import NO_CHANGES, ROW, Cells, ReturnFile, left_out, plain

LA, YEAR = "la", "year"
ANY_PERIOD = dt.date.max
"""The period of a collection whose last day is not known yet: rows of every year are given."""


def keep_own_rows(file: ReturnFile, cells: Cells, borough_code: str, own_year: int) -> ReturnFile:
    """Keep the rows of one borough and return year; the others are left out with that reason.

    borough_code: ONS code of the folder's borough, "" where the folder names none
    raises: InputError when the file holds several boroughs and the folder says not which
    """
    header = [plain(name) for name in cells.header]
    if LA in header:
        told = cells.rows[header.index(LA)].loc[file.rows.index]
        own = borough_code or _only_borough(told, file.file)
        file = _keep(
            file,
            told.map(_codes(told)) == own,
            "LA",
            "The row is of another borough, or its LA cell names none. It was left to that borough's own collection.",
        )
        file = _without_borough_in_identifier(file, told)
    if YEAR in header and file.period != ANY_PERIOD:
        told = cells.rows[header.index(YEAR)].loc[file.rows.index]
        years = told.map({one: return_year_named(one) for one in told.unique()})
        file = _keep(
            file,
            years == own_year,
            "YEAR",
            "The row is of another return year, or its YEAR cell names none. "
            "It was left to that year's own collection.",
        )
    return file


def return_year_named(cell: str) -> int | None:
    """Give the return year a cell names: 2023, 2022-23, 2022/2023. None where it names none."""
    if one := re.fullmatch(r"(20[0-9]{2})(\.0)?", cell):
        return int(one[1])
    if two := re.fullmatch(r"(20[0-9]{2})\s*[-/_]\s*(?:20)?([0-9]{2})", cell):
        return int(two[1]) + 1 if (int(two[1]) + 1) % 100 == int(two[2]) else None
    return None


def _codes(told: pd.Series) -> dict[str, str]:
    found = {}
    for one in told.unique():
        try:
            found[one] = find_borough(one)["code"]
        except UnknownBoroughError:
            found[one] = ""
    return found


def _only_borough(told: pd.Series, file: str) -> str:
    codes = {code for code in _codes(told).values() if code}
    if len(codes) > 1:
        raise InputError(
            f"{file}, column LA: rows of {len(codes)} boroughs, and the folder does not say which to keep. "
            f"Put the file in <borough>/<date>/, such as bromley/2023-03-31/. Nothing was written."
        )
    return codes.pop() if codes else ""


def _keep(file: ReturnFile, own: pd.Series, column: str, rule: str) -> ReturnFile:
    others = left_out(file.rows.loc[~own, ROW].tolist(), column, rule)
    return file._replace(rows=file.rows[own], aside=pd.concat([file.aside, others], ignore_index=True))


def _without_borough_in_identifier(file: ReturnFile, told: pd.Series) -> ReturnFile:
    """Take `_<LA code>` off identifiers where every row has its own borough's: then it is not part of them."""
    if "CHILD" not in file.rows or file.rows.empty:
        return file
    told = told.loc[file.rows.index]
    areas = {one: find_borough(one) for one in told.unique()}
    endings = told.map({one: (f"_{area['old_code']}", f"_{area['code']}") for one, area in areas.items()})
    ended = [child.endswith(ending) for child, ending in zip(file.rows["CHILD"], endings, strict=True)]
    if not all(ended):
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
