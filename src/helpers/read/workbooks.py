"""Workbooks as received: one table per sheet, the header in the first rows; each cell as the text a CSV would have."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import numpy as np
import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, WorksheetNotFound, XmlError, ZipError

from helpers.errors import InputError
from helpers.read.received import UNKNOWN, Cells, checksum, recognise

SUFFIXES = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
TITLE_ROWS = 10
"""How far down the header may stand: Ofsted's template has a title above it."""
LARGEST_UNPACKED = 1 << 30
AGAIN = "Nothing was written."


def read_workbook(raw: bytes, name: str) -> list[Cells]:
    """Read every sheet that has anything on it.

    raises: InputError for a workbook that is locked, damaged, or unpacks to more than a return can have
    """
    _refuse_bomb(raw, name)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        sheets = [(sheet, book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)) for sheet in book.sheet_names]
    except PasswordError:
        raise InputError(f"{name} is locked with a password. Save it without one and run again. {AGAIN}") from None
    except (CalamineError, ZipError, XmlError, WorksheetNotFound, OSError, ValueError):
        raise InputError(
            f"{name} cannot be opened as a workbook; it may be damaged. Save it again as .xlsx. {AGAIN}"
        ) from None
    found = [_to_cells(rows, f"{name}, sheet {sheet}", checksum(raw)) for sheet, rows in sheets]
    found = [cells for cells in found if cells is not None]
    if not found:
        raise InputError(f"{name} holds no sheet with anything on it. Export the tables again. {AGAIN}")
    return found


def _refuse_bomb(raw: bytes, name: str) -> None:
    if not raw.startswith(b"PK"):
        return
    try:
        unpacked = sum(part.file_size for part in zipfile.ZipFile(io.BytesIO(raw)).infolist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise InputError(f"{name} is damaged: it cannot be unpacked. Save it again as .xlsx. {AGAIN}") from None
    if unpacked > LARGEST_UNPACKED:
        raise InputError(f"{name} unpacks to more than 1 GB. A return is far smaller: check the export. {AGAIN}")


def _to_cells(sheet: list[list], name: str, digest: str) -> Cells | None:
    rows = [[_to_text(cell) for cell in row] for row in sheet]
    filled = [place for place, row in enumerate(rows) if any(row)]
    if not filled:
        return None
    first = next((place for place in filled[:TITLE_ROWS] if recognise(rows[place]) != UNKNOWN), filled[0])
    body = [place for place in filled if place > first]
    header = rows[first]
    columns = zip(*(rows[place] for place in body), strict=True) if body else [()] * len(header)
    frame = pd.DataFrame({place: pd.Series(list(cells), dtype=str) for place, cells in enumerate(columns)})
    lines = np.array([place + 1 for place in body], dtype=int)
    return Cells(name, digest, header, frame, lines, header_line=first + 1)


def _to_text(cell: object) -> str:
    """Give a cell as a CSV in the official form would have it: whole numbers plain, dates as dd/mm/yyyy."""
    if isinstance(cell, str):
        return cell.replace("\xa0", " ").strip()
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime) and (cell.hour or cell.minute or cell.second):
        return f"{cell.day:02d}/{cell.month:02d}/{cell.year:04d} {cell:%H:%M:%S}"
    if isinstance(cell, dt.date):
        return f"{cell.day:02d}/{cell.month:02d}/{cell.year:04d}"
    return str(cell)
