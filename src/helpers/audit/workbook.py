"""The spreadsheet: every part of the file, every cell of every sheet, hidden or not, against indicators.csv."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from lxml import etree

from helpers.audit.canaries import look_for_canaries
from helpers.audit.files import File
from helpers.audit.grid import DIGIT, day_of
from helpers.audit.released import Edition, Row, groups_displayed, indicators_named, shown_as
from helpers.audit.result import Audit
from helpers.codes import load_codelist

_PARTS = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|docProps/(?:app|core)\.xml|xl/(?:workbook|styles|sharedStrings)\.xml|"
    r"xl/_rels/workbook\.xml\.rels|xl/theme/theme1\.xml|xl/worksheets/sheet\d+\.xml|"
    r"xl/worksheets/_rels/sheet\d+\.xml\.rels|xl/tables/table\d+\.xml"
)
_PEOPLE = ("creator", "lastModifiedBy", "Manager", "Company", "description", "keywords", "category", "subject")
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=False, huge_tree=True)
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_VALUE = f"{_MAIN}v"
_LARGEST = 64 * 1024 * 1024  # bytes of a part unpacked; ours have less than one
_HEADS = 3  # title, instructions, heads: tables begin below
_TABLE = re.compile(r"Table \d+")
_AROUND = ("Cover", "Contents", "Notes")


class Cell(NamedTuple):
    """One cell of a sheet: its column from 0, and its text; a number is told as in the file."""

    column: int
    text: str
    is_number: bool


def check_workbook(file: File, audit: Audit, edition: Edition | None, days: set[str]) -> None:
    """Look at one spreadsheet. edition: None where there is nothing to hold its cells against."""
    try:
        with zipfile.ZipFile(io.BytesIO(file.content)) as packed:
            if any(part.file_size > _LARGEST for part in packed.infolist()):
                audit.fault(file.name, "a part too large to be a briefing's")
                return
            parts = {part.filename: packed.read(part) for part in packed.infolist()}
            if packed.comment or any(part.comment for part in packed.infolist()):
                audit.fault(file.name, "a comment in the packed file")
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError):
        audit.fault(file.name, "no spreadsheet that can be opened")
        return
    try:
        trees = {name: etree.fromstring(content, _PARSER) for name, content in parts.items() if _is_xml(name)}
    except etree.XMLSyntaxError:
        audit.fault(file.name, "a part that cannot be read")
        return
    _check_parts(file.name, parts, audit)
    look_for_canaries(_all_text(trees), file.name, audit, days | _made_days(trees))
    _check_properties(file.name, trees, audit)
    _check_sheets(file.name, trees, audit, edition)


def _is_xml(name: str) -> bool:
    return name.endswith((".xml", ".rels", ".vml"))


def _check_parts(place: str, parts: dict[str, bytes], audit: Audit) -> None:
    """Parts that a briefing has none of: comments, drawings, links to other files, macros, embedded files."""
    unknown = sum(1 for name in parts if not _PARTS.fullmatch(name))
    if unknown:
        audit.fault(place, f"{unknown} parts that a briefing's spreadsheet has not (comments, pictures, links, files)")
    if any(b'TargetMode="External"' in content for name, content in parts.items() if name.endswith(".rels")):
        audit.fault(place, "a link to another file or place")


def _all_text(trees: dict[str, etree._Element]) -> str:
    """Every text and attribute of every part but style and shape, each different one once."""
    told: set[str] = set()
    for name, tree in trees.items():
        if name.startswith(("xl/styles", "xl/theme", "[Content")) or name.endswith(".rels"):
            continue
        for part in tree:
            if part.tag == f"{_MAIN}sheetData":
                told.update(each.text or "" for each in part.iter(f"{_MAIN}v", f"{_MAIN}t", f"{_MAIN}f"))
                continue
            for element in part.iter():
                told.update([element.text or "", *(element.attrib.values() if isinstance(element.tag, str) else ())])
    return "\n".join(sorted(text for text in told if not text.isdigit() and "schemas." not in text))


def _made_days(trees: dict[str, etree._Element]) -> set[str]:
    """The day that the properties say the file was made, where it is the fixed one of every briefing."""
    core = trees.get("docProps/core.xml")
    told = {text[:10] for text in core.itertext()} if core is not None else set()
    return told & {"2000-01-01"}


def _check_properties(place: str, trees: dict[str, etree._Element], audit: Audit) -> None:
    for name in ("docProps/core.xml", "docProps/app.xml"):
        for element in trees[name].iter(etree.Element) if name in trees else ():
            if element.tag.rpartition("}")[2] in _PEOPLE and (element.text or "").strip():
                audit.fault(place, "document properties that name a person or a council, or say what nobody sees")


# --------------------------------------------------------------------------------------------------- sheets


def _check_sheets(place: str, trees: dict[str, etree._Element], audit: Audit, edition: Edition | None) -> None:
    book, links = trees.get("xl/workbook.xml"), trees.get("xl/_rels/workbook.xml.rels")
    if book is None or links is None:
        audit.fault(place, "a spreadsheet without a list of its sheets")
        return
    if book.find(f"{_MAIN}definedNames") is not None or book.find(f"{_MAIN}externalReferences") is not None:
        audit.fault(place, "names for cells, or links to other files")
    targets = {one.get("Id"): f"xl/{one.get('Target').removeprefix('/xl/')}" for one in links}
    listed = [(one.get("name"), one.get("state"), targets.get(one.get(_LINK))) for one in book.iter(f"{_MAIN}sheet")]
    if len(listed) != sum(name.startswith("xl/worksheets/sheet") for name in trees):
        audit.fault(place, "a sheet that the workbook does not list")
    strings = _strings(trees.get("xl/sharedStrings.xml"))
    for number, (name, state, part) in enumerate(listed, start=1):
        where = f"{place}, sheet {number}"
        if state in ("hidden", "veryHidden"):
            audit.fault(where, "a hidden sheet")
        if part not in trees:
            audit.fault(where, "a sheet that is not there")
            continue
        _check_hiding(trees[part], where, audit)
        rows = list(_rows(trees[part], strings))
        if _TABLE.fullmatch(name or "") and edition is not None:
            _check_table(rows, where, audit, edition)
        elif name not in _AROUND:
            audit.fault(where, "a sheet that is no table of a briefing")
        audit.count("sheets")


def _strings(tree: etree._Element | None) -> list[str]:
    items = tree.iter(f"{_MAIN}si") if tree is not None else ()
    return ["".join(part.text or "" for part in item.iter(f"{_MAIN}t")) for item in items]


def _check_hiding(sheet: etree._Element, where: str, audit: Audit) -> None:
    hiding = ("row", "col")
    if any(one.get("hidden") in ("1", "true") for tag in hiding for one in sheet.iter(f"{_MAIN}{tag}")):
        audit.fault(where, "hidden rows or columns")
    if next(sheet.iter(f"{_MAIN}f"), None) is not None:
        audit.fault(where, "a formula")
    if next(sheet.iter(f"{_MAIN}headerFooter", f"{_MAIN}dataValidation", f"{_MAIN}legacyDrawing"), None) is not None:
        audit.fault(where, "words outside its cells")


def _rows(sheet: etree._Element, strings: list[str]) -> Iterator[tuple[int, list[Cell]]]:
    """Give the cells of each row that has any, with its number from 1."""
    for row in sheet.iter(f"{_MAIN}row"):
        cells = [_cell(cell, strings) for cell in row.iter(f"{_MAIN}c")]
        if told := [cell for cell in cells if cell.text]:
            yield int(row.get("r", 0)), told


def _cell(cell: etree._Element, strings: list[str]) -> Cell:
    kind, value = cell.get("t", "n"), ""
    for part in cell:
        if part.tag == _VALUE:
            value = part.text or ""
    if kind == "s":
        value = strings[int(value)] if value.isdigit() and int(value) < len(strings) else value
    elif kind == "inlineStr":
        value = "".join(part.text or "" for part in cell.iter(f"{_MAIN}t"))
    return Cell(_column(cell.get("r", "A")), value, kind == "n")


@lru_cache(maxsize=1000)
def _letters(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _column(reference: str) -> int:
    return _letters(reference.rstrip("0123456789"))


def _check_table(rows: list[tuple[int, list[Cell]]], where: str, audit: Audit, edition: Edition) -> None:
    """Each row of a table is a released row: its number, base and value as released, and hidden where hidden."""
    title = rows[0][1][0].text if rows else ""
    if ", rounded to 5, " in title:
        _check_rounded(rows, where, audit)
        return
    names = indicators_named(title.removesuffix(f" in {edition.borough}"))
    heads = {cell.column: cell.text for number, cells in rows if number == _HEADS for cell in cells}
    measures = dict(_measured(heads))
    if not names or len(measures) != 3:
        audit.fault(where, "a table of a measure that the catalogue has not")
        return
    for number, cells in rows:
        told = {cell.column: cell for cell in cells}
        if number <= _HEADS or (number == rows[-1][0] and len(cells) == 1 and told.get(0)):
            continue
        found = _row_of(told, names, edition)
        if found is None or max(told) >= len(heads):
            audit.fault(f"{where}, row {number}", "a row that indicators.csv has not")
            continue
        for column, measure in measures.items():
            expected = shown_as(found, measure)
            if not _agrees(told.get(column), expected):
                what = "shows a number that is hidden" if expected is None else "does not say the released number"
                audit.fault(f"{where}, row {number}, column {column + 1}", what)
        audit.count("sheet_cells", len(measures))


def _check_rounded(rows: list[tuple[int, list[Cell]]], where: str, audit: Audit) -> None:
    """A table rounded to 5 holds multiples of 5 alone."""
    for number, cells in rows:
        for cell in cells:
            if re.fullmatch(r"\d+(\.\d+)?", cell.text) and float(cell.text) % 5:
                audit.fault(f"{where}, row {number}, column {cell.column + 1}", "a number that is not rounded to 5")


def _measured(heads: dict[int, str]) -> Iterator[tuple[int, str]]:
    for column, head in heads.items():
        if head.startswith("Number of "):
            yield column, "number"
        elif head == "Of":
            yield column, "base"
        elif head.startswith("Value ("):
            yield column, "value"


def _row_of(told: dict[int, Cell], names: tuple[str, ...], edition: Edition) -> Row | None:
    parts = [told[column].text.removeprefix("'") if column in told else "" for column in range(5)]
    day = _day(parts[0])
    for name in names:
        for group in (*groups_displayed(parts[2]), *_coded(parts[2])):
            found = edition.rows.get((edition.borough, day, name, parts[1], group, *parts[3:]))
            if found is not None:
                return found
    return None


@lru_cache(maxsize=1000)
def _day(text: str) -> str:
    return day_of(text)


@lru_cache
def _coded(display: str) -> tuple[str, ...]:
    listed = load_codelist("ethnic_groups")
    return tuple(listed.loc[listed["display"] == display, "code"])


def _agrees(cell: Cell | None, expected: str | None) -> bool:
    if cell is None or expected is None:
        return expected is None and (cell is None or not DIGIT.search(cell.text))
    return cell.is_number and float(cell.text) == float(
        expected.replace(",", "").removesuffix("%").replace("\u2212", "-")
    )
