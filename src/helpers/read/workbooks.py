"""Workbooks as received: one table per sheet, the header in the first rows; each cell as the text a CSV would have."""

from __future__ import annotations

import datetime as dt
import io

import numpy as np
import pandas as pd
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    WorksheetNotFound,
    XmlError,
    ZipError,
)

from helpers.errors import InputError
from helpers.read.formulas import SIGNS, without_formulas
from helpers.read.received import NO_CHANGES, Cells, changed, checksum, left_out
from helpers.read.text import ROW_ABOVE, TITLE, TITLE_ROWS, columns_to_read, header_place, is_row, tidy
from helpers.read.workbook_parts import look_through

SUFFIXES = (".xlsx", ".xlsm")
OTHER_SUFFIXES = (".xls", ".xlsb", ".ods", ".numbers")
"""Workbooks of other kinds. In them an error such as #N/A cannot be told from an empty cell, so they are refused."""
LARGEST_EXACT = 10**15
"""A spreadsheet keeps 15 digits: a longer number has lost its last ones."""
AGAIN = "Nothing was written."


def read_workbook(raw: bytes, name: str) -> list[Cells]:
    """Read every sheet that has anything on it, hidden ones too.

    raises: InputError for a workbook that is locked, damaged, or unpacks to more than a return can have; for a formula
        whose result was not saved, or a text that begins as one
    """
    errors = look_through(raw, name)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        sheets = [
            (sheet, _filled_rows(book.get_sheet_by_name(sheet.name)))
            for sheet in book.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet
        ]
    except (CalamineError, PasswordError, ZipError, XmlError, WorksheetNotFound, OSError, ValueError):
        raise InputError(
            f"{name} cannot be opened as a workbook; it may be damaged. Save it again as .xlsx. {AGAIN}"
        ) from None
    found = [
        _to_cells(
            _with_errors(rows, errors.get(sheet.name, {})),
            f"{name}, sheet {sheet.name}",
            checksum(raw),
            hidden=sheet.visible != SheetVisibleEnum.Visible,
        )
        for sheet, rows in sheets
    ]
    found = [cells for cells in found if cells is not None]
    if not found:
        raise InputError(f"{name} holds no sheet with anything on it. Export the tables again. {AGAIN}")
    return found


def _filled_rows(sheet: CalamineSheet) -> dict[int, list]:
    """Give the rows with anything in them by their place, from 0. The library leaves out empty columns on the left."""
    left = [""] * (sheet.start[1] if sheet.start else 0)
    blank = [""] * sheet.width
    return {place: left + row for place, row in enumerate(sheet.iter_rows()) if row != blank}


def _with_errors(rows: dict[int, list], errors: dict[tuple[int, int], str]) -> dict[int, list]:
    """Put error values such as #N/A where they stand: the library gives them as empty cells."""
    for (row, column), error in errors.items():
        cells = rows.setdefault(row, [])
        cells += [""] * (column + 1 - len(cells))
        cells[column] = error
    width = max(map(len, rows.values()), default=0)
    return {place: rows[place] + [""] * (width - len(rows[place])) for place in sorted(rows)}


def _to_cells(sheet: dict[int, list], name: str, digest: str, *, hidden: bool) -> Cells | None:
    rows = {place: [_to_text(cell) for cell in row] for place, row in sheet.items()}
    filled = [place for place, row in rows.items() if any(row)]
    if not filled:
        return None
    start = header_place([rows[place] for place in filled[:TITLE_ROWS]])
    above, first, body = filled[:start], filled[start], filled[start + 1 :]
    width = columns_to_read(rows[first], f"{name}, line {first + 1}")
    rows = {place: row[:width] for place, row in rows.items()}
    header = rows[first]
    columns = list(zip(*(rows[place] for place in body), strict=True)) if body else [()] * len(header)
    frame = pd.DataFrame({place: pd.Series(list(cells), dtype=str) for place, cells in enumerate(columns)})
    rows_above = [place for place in above if is_row(rows[place], header)]
    told = [
        changed([1] if hidden else [], "", "", "", "The sheet is hidden. It was read like the others."),
        changed([place + 1 for place in above if place not in rows_above], "", "", "", TITLE),
    ]
    cells = Cells(
        name,
        digest,
        header,
        frame,
        np.array([place + 1 for place in body], dtype=int),
        left_out([place + 1 for place in rows_above], "", ROW_ABOVE),
        header_line=first + 1,
        changes=pd.concat([one for one in told if len(one)] or [NO_CHANGES], ignore_index=True),
    )
    signed = any(cell.startswith(SIGNS) for column in (header, *columns) for cell in column)
    return without_formulas(cells) if signed else cells


def _to_text(cell: object) -> str:
    """Give a cell as a CSV in the official form would have it: whole numbers plain, dates as dd/mm/yyyy."""
    if isinstance(cell, str):
        return tidy(cell).strip()
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, float):
        if not abs(cell) < LARGEST_EXACT:
            return f"{cell:.14E}"
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, dt.datetime) and (cell.hour or cell.minute or cell.second):
        return f"{cell.day:02d}/{cell.month:02d}/{cell.year:04d} {cell:%H:%M:%S}"
    if isinstance(cell, dt.date):
        return f"{cell.day:02d}/{cell.month:02d}/{cell.year:04d}"
    return str(cell)
