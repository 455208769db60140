"""The SSDA903 collection as XML: CHILD elements with a HEADER and EPISODEs, turned into the tables of the CSV files.

Layout: DfE's XSD of 2021. CHILDID is CHILD and PL is PLACE; birth date and identifier stand on the header alone and are
carried to every table. Tables that CSV has only for some children (uasc, oc3, ad1, prev_perm, oc2) get a row only where
something stands in them. A table whose elements are there and empty came without rows; one of which no element is there
did not come.
Entities, document types and the network are never used.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from lxml import etree

from helpers.codes import load_codelist
from helpers.errors import InputError
from helpers.read.formulas import may_hold_formula, without_formulas
from helpers.read.received import ABSENT, NO_CHANGES, NO_LINES, ROW, Cells, ReturnFile, changed, checksum
from helpers.read.text import to_text

RENAMED = {"CHILDID": "CHILD", "PL": "PLACE"}
BLOCKS = {
    "EPISODE": "episodes",
    "AREVIEW": "reviews",
    "OC2": "oc2",
    "AD_PLACED": "placed_adoption",
    "PERMANENCE": "prev_perm",
    "AMISSING": "missing",
}
"""Elements that are one row each of a table."""
ON_HEADER = ("uasc", "oc3", "ad1")
"""Tables whose cells stand on the header itself; the header's UASC flag is a row of the CSV's uasc table too."""
CARRIED = ("CHILD", "DOB", "SEX")
NAMELESS = "The element stands in no CHILD with a HEADER, so that nothing tells whose row it is. Put the XML right."
NOT_USED = "The element is not one of the collection's and was not used."
AROUND = "The element is not one of the collection's. Only the children and rows in it were read."
TWO_HEADERS = "The CHILD has more than one HEADER, so that nothing tells whose row it is. Put the XML right."


class _Row(NamedTuple):
    """One row to be. cells: column -> text; fault: column and rule where the row cannot be trusted."""

    cells: dict[str, str]
    line: int
    fault: tuple[str, str] | None


class _Read:
    """What is gathered on the way through one file."""

    def __init__(self) -> None:
        self.columns = load_codelist("ssda903_tables").groupby("table", sort=False)["column"].agg(list)
        self.known = {name for table in ("header", *ON_HEADER, *BLOCKS.values()) for name in self.columns[table]}
        self.rows: dict[str, list[_Row]] = {table: [] for table in ("header", *BLOCKS.values(), *ON_HEADER)}
        self.seen: dict[str, int] = {}
        self.blocks: set[str] = set()
        self.unused: dict[tuple[str, str], int] = {}

    def came(self, table: str) -> bool:
        """Say whether any element of a table is in the file, be it an empty one."""
        own = [name for name in self.columns[table] if name not in CARRIED]
        on_header = table in ON_HEADER and any(name in self.seen for name in (*own, *(["UASC"] * (table == "uasc"))))
        return table in self.rows and (bool(self.rows[table]) or table in self.blocks or on_header)

    def add(self, table: str, cells: dict[str, str], line: int, fault: tuple[str, str] | None = None) -> None:
        self.rows[table].append(_Row(cells, line, fault))


def read_xml(raw: bytes, name: str, period: dt.date) -> list[ReturnFile]:
    """Read one XML collection into one ReturnFile per table of the layout.

    raises: InputError for a file that is cut off, has a document type or entities, holds a formula, or is no SSDA903
        collection
    """
    text = to_text(raw, name, "Export the collection again as XML")
    read, children = _Read(), 0
    for kind, element in _parts_of(_parse(text, name), read):
        if kind == "CHILD":
            children += 1
            _read_child(element, read)
        else:
            read.add(BLOCKS.get(kind, "header"), _cells(element, read)[0], _line(element), ("", NAMELESS))
    if not children:
        raise InputError(
            f"{name} is XML and holds no CHILD with a HEADER, so it is no SSDA903 collection. "
            f"Export the collection again. Nothing was written."
        )
    suspect = "&#" in text or may_hold_formula(_without_declaration(text))
    made = [
        _to_file(table, read, name, checksum(raw), period, suspect) for table in read.columns.index if read.came(table)
    ]
    told = [changed([line], tag, tag, "", why) for (tag, why), line in read.unused.items()]
    first = made[0]._replace(changes=pd.concat([made[0].changes, *told], ignore_index=True)) if told else made[0]
    return [first, *made[1:]]


def _without_declaration(text: str) -> str:
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text)


def _parse(text: str, name: str) -> etree._Element:
    """Parse text that was decoded already: what the declaration says of the encoding may be wrong, and is not used."""
    if "<!" in text and re.search(r"<!\s*(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise InputError(
            f"{name} holds a document type or an entity, which no SSDA903 collection needs. Nothing in it was "
            f"followed. Export the collection again without it. Nothing was written."
        )
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True, encoding="utf-8",
    )  # fmt: skip
    try:
        return etree.fromstring(_without_declaration(text).encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        raise InputError(
            f"{name}, line {error.lineno or 1}: the XML cannot be read; the file may be cut off. "
            f"Export the collection again. Nothing was written."
        ) from None


@lru_cache(maxsize=10_000)
def _plain_tag(tag: str) -> str:
    return etree.QName(tag).localname.upper()


def _line(element: etree._Element) -> int:
    return element.sourceline or 1


def _parts_of(container: etree._Element, read: _Read) -> Iterator[tuple[str, etree._Element]]:
    """Give the CHILD, HEADER and row elements in it, in order, through any other element but a CHILD."""
    for element in container.iterchildren(tag=etree.Element):
        tag = _plain_tag(element.tag)
        read.blocks.update([BLOCKS[tag]] if tag in BLOCKS else [])
        if not len(element):
            continue
        if tag in BLOCKS or tag in ("CHILD", "HEADER"):
            yield tag, element
        elif tag not in read.known:
            read.unused.setdefault((tag, AROUND), _line(element))
        if tag != "CHILD":
            yield from _parts_of(element, read)


def _read_child(child: etree._Element, read: _Read) -> None:
    parts = list(_parts_of(child, read))
    headers = [element for tag, element in parts if tag == "HEADER"]
    told, fault = _cells(headers[0], read) if headers else ({}, None)
    fault = ("", TWO_HEADERS if headers else NAMELESS) if len(headers) != 1 else fault
    for header in headers:
        cells = told if header is headers[0] else _cells(header, read)[0]
        read.add("header", cells, _line(header), fault)
        _read_tables_on_header(cells, _line(header), fault, read)
    carried = {name: told.get(name, "") for name in CARRIED}
    for tag, element in parts:
        if tag == "CHILD":
            _read_child(element, read)
        if tag not in BLOCKS:
            continue
        cells, own = _cells(element, read)
        if any(cells.values()) or own:
            read.add(BLOCKS[tag], {**carried, **cells}, _line(element), own or _shared(fault, BLOCKS[tag], read))


def _read_tables_on_header(cells: dict[str, str], line: int, fault: tuple[str, str] | None, read: _Read) -> None:
    flags = load_codelist("yes_no").set_index("found")["code"]
    told = cells.get("UASC", "").casefold()
    flag = flags.get(told, "") if told else "0"
    for table in ON_HEADER:
        filled = any(cells.get(column) for column in read.columns[table] if column not in CARRIED)
        if table == "uasc" and flag == "":
            read.add(table, cells, line, ("UASC", "The element UASC is not 0 or 1. Put it right and run again."))
        elif filled or (table == "uasc" and flag == "1"):
            read.add(table, cells, line, _shared(fault, table, read))


def _shared(fault: tuple[str, str] | None, table: str, read: _Read) -> tuple[str, str] | None:
    """Give the header's fault where it is one of the table's rows too: of the whole header, or a column in both."""
    return fault if fault and (not fault[0] or fault[0] in read.columns[table]) else None


def _cells(element: etree._Element, read: _Read) -> tuple[dict[str, str], tuple[str, str] | None]:
    """Give the leaves of an element by their column, and the fault of one that cannot be trusted."""
    cells: dict[str, str] = {}
    fault = None
    for leaf in element.iterchildren(tag=etree.Element):
        tag = _plain_tag(leaf.tag)
        column = RENAMED.get(tag, tag)
        if leaf.tail and leaf.tail.strip():
            read.unused.setdefault((tag, "Text stands after the element, in none, and was not used."), _line(leaf))
        if column not in read.known and column != "UASC":
            if not len(leaf):
                read.unused.setdefault((tag, NOT_USED), _line(leaf))
            continue
        read.seen.setdefault(column, _line(leaf))
        text = (leaf.text or "").strip()
        if len(leaf):
            fault = (column, "Other elements stand in the element, where its value was expected. Put the XML right.")
        elif not text and _has_value_elsewhere(leaf):
            fault = (column, "The value stands in an attribute, not in the element. Put the XML right.")
        elif cells.get(column, text) != text:
            fault = (column, "The element stands more than once, with different values. Put the XML right.")
        cells[column] = text
    return cells, fault


def _has_value_elsewhere(leaf: etree._Element) -> bool:
    return any(etree.QName(name).localname != "nil" for name in leaf.attrib)


def _to_file(table: str, read: _Read, name: str, digest: str, period: dt.date, suspect: bool) -> ReturnFile:
    columns, rows = read.columns[table], [row for row in read.rows[table] if row.fault is None]
    faulty = [row for row in read.rows[table] if row.fault is not None]
    given = [column for column in columns if column in read.seen or not read.rows[table]]
    frame = pd.DataFrame(
        {place: pd.Series([row.cells.get(column, "") for row in rows], dtype=str) for place, column in enumerate(given)}
    )
    cells = Cells(name, digest, given, frame, np.array([row.line for row in rows], dtype=int))
    if suspect:
        cells = without_formulas(cells, names=given)
    aside = pd.DataFrame([(row.line, *row.fault) for row in faulty], columns=["row", "column", "rule"])
    numbers = {str(place): column for place, column in enumerate(given)}
    told = cells.changes.assign(column=cells.changes["column"].map(numbers))
    absent = [changed([1], column, "", column, ABSENT) for column in columns if column not in given]
    told = pd.concat([one for one in (told, *absent) if len(one)] or [NO_CHANGES], ignore_index=True)
    return ReturnFile(
        period,
        name,
        table,
        digest,
        cells.rows.set_axis(given, axis=1).assign(**{ROW: cells.lines}),
        aside if faulty else NO_LINES,
        told,
    )
