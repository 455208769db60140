"""The SSDA903 collection as XML: CHILD elements with a HEADER and EPISODEs, turned into the tables of the CSV files.

Layout: DfE's XSD of 2021. CHILDID is CHILD and PL is PLACE; birth date and identifier stand on the header alone and are
carried to every table. Tables that CSV has only for some children (uasc, oc3, ad1, prev_perm, oc2) get a row only where
something stands in them. Entities, document types and the network are never used.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import numpy as np
import pandas as pd
from lxml import etree

from helpers.codes import load_codelist
from helpers.errors import InputError
from helpers.read.received import NO_CHANGES, ROW, ReturnFile, checksum

RENAMED = {"CHILDID": "CHILD", "PL": "PLACE", "PL_POST": "PL_POST"}
BLOCKS = {
    "AREVIEW": "reviews",
    "AMISSING": "missing",
    "AD_PLACED": "placed_adoption",
    "OC2": "oc2",
    "PERMANENCE": "prev_perm",
    "EPISODE": "episodes",
}
"""Elements that are one row each of a table."""
ON_HEADER = {"header": "", "uasc": "UASC", "oc3": "", "ad1": ""}
"""Tables whose cells stand on the header itself."""
CARRIED = ("CHILD", "DOB", "SEX")
NO = {"", "0", "0.0", "no", "n", "false"}


def read_xml(raw: bytes, name: str, period: dt.date) -> list[ReturnFile]:
    """Read one XML collection into one ReturnFile per table that it has rows or elements of.

    raises: InputError for a file that is cut off, has a document type or entities, or is no SSDA903 collection
    """
    root = _parse(raw, name)
    children = [element for element in root.iter("{*}CHILD") if element.find("{*}HEADER") is not None]
    if not children:
        raise InputError(
            f"{name} is XML and holds no CHILD with a HEADER, so it is no SSDA903 collection. "
            f"Export the collection again. Nothing was written."
        )
    columns = load_codelist("ssda903_tables").groupby("table", sort=False)["column"].agg(list)
    rows: dict[str, list[dict]] = {}
    seen: dict[str, int] = {}
    for child in children:
        for table, cells in _rows_of(child, columns, seen):
            rows.setdefault(table, []).append(cells)
    known = {RENAMED.get(tag, tag) for tag in seen}
    unused = _unused(seen, {column for table in [*BLOCKS.values(), *ON_HEADER] for column in columns[table]})
    made = [_to_file(table, own, columns[table], known, name, checksum(raw), period) for table, own in rows.items()]
    return [made[0]._replace(changes=unused), *made[1:]]


def _parse(raw: bytes, name: str) -> etree._Element:
    advice = "Nothing in it was followed. Export the collection again without it. Nothing was written."
    if re.search(rb"<!\s*(DOCTYPE|ENTITY)", raw, re.IGNORECASE):
        raise InputError(f"{name} holds a document type or an entity, which no SSDA903 collection needs. {advice}")
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise InputError(
            f"{name}, line {line}: the XML cannot be read; the file may be cut off. "
            f"Export the collection again. Nothing was written."
        ) from None
    # In UTF-16 the search above finds nothing: ask the parsed document too.
    if root.getroottree().docinfo.doctype:
        raise InputError(f"{name} holds a document type, which no SSDA903 collection needs. {advice}")
    return root


def _cells(element: etree._Element, seen: dict[str, int]) -> dict[str, str]:
    """Give the leaves of an element by their column, and remember every name met."""
    cells = {}
    for leaf in element.iterchildren(tag=etree.Element):
        tag = etree.QName(leaf).localname.upper()
        if len(leaf) == 0:
            seen.setdefault(tag, leaf.sourceline or 1)
            cells[RENAMED.get(tag, tag)] = (leaf.text or "").strip()
        elif tag not in BLOCKS:
            seen.setdefault(tag, leaf.sourceline or 1)
    return cells


def _rows_of(child: etree._Element, columns: pd.Series, seen: dict[str, int]) -> Iterator[tuple[str, dict]]:
    header = child.find("{*}HEADER")
    told = _cells(header, seen)
    carried = {name: told.get(name, "") for name in CARRIED}
    for table, flag in ON_HEADER.items():
        own = [column for column in columns[table] if column not in CARRIED]
        # The header's flag is a row of the CSV's uasc table; a 0 there says that the child is not.
        filled = any(told.get(column) for column in own) or (flag and told.get(flag, "").casefold() not in NO)
        if filled or table == "header":
            yield table, {**told, ROW: header.sourceline or 1}
    for element in [*header.iterchildren(tag=etree.Element), *child.iterchildren(tag=etree.Element)]:
        table = BLOCKS.get(etree.QName(element).localname.upper())
        if table:
            cells = _cells(element, seen)
            if any(cells.values()):
                yield table, {**carried, **cells, ROW: element.sourceline or 1}


def _unused(seen: dict[str, int], known: set[str]) -> pd.DataFrame:
    spare = {tag: line for tag, line in seen.items() if RENAMED.get(tag, tag) not in known and tag != "UASC"}
    if not spare:
        return NO_CHANGES
    return pd.DataFrame(
        {
            "row": list(spare.values()),
            "column": list(spare),
            "found": list(spare),
            "put": "",
            "why": "The element is not one of the collection's and was not used.",
        }
    )


def _to_file(
    table: str, rows: list[dict], columns: list[str], known: set[str], name: str, digest: str, period: dt.date
) -> ReturnFile:
    given = [column for column in columns if column in known]
    frame = pd.DataFrame({column: pd.Series([row.get(column, "") for row in rows], dtype=str) for column in given})
    lines = np.array([row[ROW] for row in rows], dtype=int)
    return ReturnFile(period, name, table, digest, frame.assign(**{ROW: lines}))
