"""The parts of an .xlsx file, looked through before a library opens it: what it would get wrong, or could not bear.

The library gives an error value (#N/A) and a formula whose result was not saved as empty cells, and makes room for
every cell up to the furthest one, so that one stray cell in the last corner of a sheet would take all memory there is.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from pathlib import PurePosixPath

from lxml import etree

from helpers.errors import InputError

LARGEST_UNPACKED = 1 << 30
LARGEST_AREA = 20_000_000
"""Cells from the first to the furthest of a sheet: more than a return of all of London has."""
LOCKED = "EncryptedPackage".encode("utf-16-le")
AGAIN = "Nothing was written."

_CELL = rb"<(?:\w+:)?c\b([^>]*)"
_ERROR = re.compile(_CELL + rb"\bt=[\"']e[\"'][^>]*>.*?<(?:\w+:)?v>([^<]*)", re.DOTALL)
_FORMULA = re.compile(
    _CELL + rb">\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v(?:\s*/>|>([^<]*)<))?", re.DOTALL
)
_PLACE = re.compile(rb"\br=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")
_CELL_PLACE = re.compile(rb"\br=[\"']([A-Z]{1,3})([0-9]{1,7})")
_WIDE, _TALL = re.compile(rb"\br=[\"'][A-Z]{2}"), re.compile(rb"\br=[\"'][A-Z]{1,3}[0-9]{5}")


def look_through(raw: bytes, name: str) -> dict[str, dict[tuple[int, int], str]]:
    """Look through every sheet of a workbook.

    returns: sheet name -> (row, column), from 0 -> the error value that stands there, such as #N/A
    raises: InputError for a file that is no .xlsx workbook, is damaged, is too large unpacked or has a cell too far
        out; for dates counted from 1904; and for a formula whose result was not saved
    """
    _refuse_other_kinds(raw, name)
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            sizes = sum(part.file_size for part in packed.infolist())
            if sizes > LARGEST_UNPACKED:
                raise InputError(
                    f"{name} unpacks to more than {LARGEST_UNPACKED >> 20:,} MB. A return is far smaller: check the "
                    f"export. {AGAIN}"
                )
            for part in set(packed.namelist()) & {"xl/sharedStrings.xml", "xl/styles.xml"}:
                packed.read(part)  # a damaged part is told here, and not read as something else
            sheets, recalculated = _sheets(packed, name)
            return {sheet: _errors_of(packed.read(part), name, sheet, recalculated) for sheet, part in sheets.items()}
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, OSError, NotImplementedError, RuntimeError):
        raise InputError(f"{name} is damaged: it cannot be unpacked. Save it again as .xlsx. {AGAIN}") from None
    except etree.XMLSyntaxError:
        raise InputError(
            f"{name} cannot be opened as a workbook; it may be damaged. Save it again as .xlsx. {AGAIN}"
        ) from None


def _refuse_other_kinds(raw: bytes, name: str) -> None:
    """Refuse what is not a packed workbook of the present kind, in words that say what it is."""
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        if LOCKED in raw:
            raise InputError(f"{name} is locked with a password. Save it without one and run again. {AGAIN}")
        raise InputError(f"{name} is a workbook of the old kind (.xls). Save it as .xlsx and run again. {AGAIN}")
    if not raw.startswith(b"PK"):
        raise InputError(
            f"{name} cannot be opened as a workbook. If it holds a table as text, name it .csv; else save it again as "
            f".xlsx. {AGAIN}"
        )


def _sheets(packed: zipfile.ZipFile, name: str) -> tuple[dict[str, str], bool]:
    """Give the part of each sheet by its name, and whether the results of formulas are to be worked out on opening."""
    parts = set(packed.namelist())
    if "xl/workbook.xml" not in parts:
        raise InputError(
            f"{name} is packed, but no .xlsx workbook: a zip, or a workbook of another kind. Save it as .xlsx and run "
            f"again. {AGAIN}"
        )
    book = _parse(packed.read("xl/workbook.xml"))
    for settings in book.iter("{*}workbookPr"):
        if settings.get("date1904", "0") not in ("0", "false"):
            raise InputError(
                f"{name} counts its days from 1904, so that a date kept as a number cannot be told for certain. Switch "
                f"that off in the spreadsheet's options, see that the dates are right, and save it again. {AGAIN}"
            )
    relations = _parse(packed.read("xl/_rels/workbook.xml.rels"))
    targets = {one.get("Id"): one.get("Target", "") for one in relations.iter("{*}Relationship")}
    found = {}
    for sheet in book.iter("{*}sheet"):
        identifier = next((value for key, value in sheet.items() if etree.QName(key).localname == "id"), "")
        target = targets.get(identifier, "")
        part = target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
        if part in parts and "chartsheets/" not in part and "dialogsheets/" not in part:
            found[sheet.get("name", "")] = part
    return found, any(one.get("fullCalcOnLoad") in ("1", "true") for one in book.iter("{*}calcPr"))


def _parse(raw: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    return etree.fromstring(raw, parser)


def _errors_of(sheet: bytes, name: str, title: str, recalculated: bool) -> dict[tuple[int, int], str]:
    _refuse_far_cells(sheet, name, title)
    if b"<f" in sheet or b":f" in sheet:
        _refuse_formulas_without_result(sheet, name, title, recalculated)
    if b't="e"' not in sheet and b"t='e'" not in sheet:
        return {}
    found = {}
    for cell in _ERROR.finditer(sheet):
        place = _PLACE.search(cell[0].split(b">", 1)[0])
        if place:
            found[int(place[2]) - 1, _number(place[1]) - 1] = cell[2].decode("ascii", "replace")
    return found


def _refuse_far_cells(sheet: bytes, name: str, title: str) -> None:
    """Measure a sheet from its first to its furthest cell; exactly only where a rough measure does not do."""
    wide, tall = _WIDE.search(sheet), _TALL.search(sheet)
    if not (wide and tall) and not re.search(rb"\br=[\"'](?:[A-Z]{3}|[A-Z]{1,3}[0-9]{6})", sheet):
        return  # at most 26 columns and 99,999 rows, or 702 columns and 9,999 rows
    places = _CELL_PLACE.findall(sheet)
    area = max(map(_number, {letters for letters, _ in places})) * max(map(int, {row for _, row in places}))
    if area > LARGEST_AREA:
        raise InputError(
            f"{name}, sheet {title}: a cell stands far away from the table, so that the sheet has {area:,} cells. "
            f"Delete the empty rows and columns around the table and save it again. {AGAIN}"
        )


def _refuse_formulas_without_result(sheet: bytes, name: str, title: str, recalculated: bool) -> None:
    for cell in _FORMULA.finditer(sheet):
        empty = not (cell[2] or b"").strip() and not re.search(rb"\bt=[\"']str[\"']", cell[1])
        if empty or recalculated:
            place = _PLACE.search(cell[1])
            where = f", cell {place[1].decode()}{place[2].decode()}" if place else ""
            raise InputError(
                f"{name}, sheet {title}{where}: a formula stands there, and its result was not saved. Put the value in "
                f"its place (copy, then paste as values), save the workbook and run again. {AGAIN}"
            )


def _number(letters: bytes) -> int:
    """Give the number of a column, 1 for A."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number
