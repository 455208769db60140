"""A council's own words and headings: checked line by line, kept as plain text, escaped where they are shown.

Causes and judgements are the council's own and never written by code. An analyst writes them into `commentary.md`; the
page shows them under a label that says whose words they are. This module opens no file: helpers.read.commentary does.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

from helpers.errors import InputError
from helpers.wording import joined

LABEL = "In the council's own words"
MOST_WORDS = 120
"""Of one heading: a reader has two minutes for the whole page."""
MOST_FAULTS = 10
"""Named in one message; the rest is counted."""
HEADING_COLUMNS = ("order", "heading", "indicator")
LONGEST_HEADING = 60
NOTHING_WRITTEN = "Nothing was written."

INSTEAD = {
    "LAC": "children in care",
    "LACs": "children in care",
    "CLA": "children in care",
    "looked after": "in care",
    "looked-after": "in care",
    "BAME": "ethnic minorities",
    "BME": "ethnic minorities",
    "people of colour": "ethnic minorities",
    "non-White": "ethnic minorities",
    "UASC": "children who came to England alone",
    "NEET": "not in education, work or training",
    "absconded": "went missing",
    "absconding": "going missing",
    "significant": "large, or the number itself",
    "significantly": "clearly, or the number itself",
    "trend for two": "was and now: two figures are no trend",
}
"""Words that are refused, with the word to use. Every word of helpers.wording.BANNED is among them."""

_SMALL = r"(?:[1-5]|one|two|three|four|five)"
_PEOPLE = r"(?:child|children|young\s+(?:person|people)|care\s+leavers?|boys?|girls?|baby|babies|siblings?|pupils?)"
_NOT_A_COUNT = r"(?:stage|years?|ages?|aged|levels?|promise|priority|page|phase|section|group)"
_BREAKS = (
    r"(?:to|for|from|with|by|about|after|before|when|where|that|which|who|in|on|at|per|percent|than|as|is|are|was|were|"
    r"weeks?|months?|years?|days?|hours?|times|thirds?|quarters?|fifths?|tenths?|hundred|thousand)"
)
_SHARE = re.compile(rf"\b(?:{_SMALL}|\d+)\s+in\s+(?:every\s+)?(?:{_SMALL}|ten|[\d,]+)\b", re.IGNORECASE)
_FEW_PEOPLE = re.compile(
    rf"(?<![\w.,-]){_SMALL}(?![.,]?\d)\b"
    rf"(?:\s+(?:out\s+of|of|and|or|to)\s+(?:the\s+|our\s+|these\s+|those\s+)?[\d,]+\b)?"
    rf"(?:\s+(?!{_BREAKS}\b)[\w'-]+){{0,3}}?\s+{_PEOPLE}\b(?!['\u2019]s)",
    re.IGNORECASE,
)
_BEFORE_A_NAME = re.compile(rf"\b{_NOT_A_COUNT}\s+(?:{_SMALL}\s+(?:to|and|or)\s+)?$", re.IGNORECASE)
_LINK = re.compile(
    r"\]\(|\]\[|\]:|\b\w+://|\bwww\.|\bmailto:|\S@\S|\b[\w-]+\.(?:gov|org|com|net|uk|info|io)\b", re.IGNORECASE
)
_HTML = re.compile(r"<\s*[a-z/!?]|&(?:#\w+|[a-z]+\d*);", re.IGNORECASE)
_MARKS = re.compile(r"^\s*(?:[-*+•]\s|\d+[.)]\s|>|\||```|~~~|(?:-{3,}|={3,}|\*{3,})\s*$)|\*\*|__|`|!\[")
_OF_A_PERSON = re.compile(
    r"\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b|\b[A-Z]*\d{6,}[A-Z\d]*\b|\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b|"
    r"\b\d{4}-\d{2}-\d{2}\b",
    re.IGNORECASE,
)
_HEADING = re.compile(r"^(#+)\s*(.*?)\s*#*\s*$")


@dataclass(frozen=True)
class CouncilWords:
    """Paragraphs of a council as a page shows them: labelled, and with every character escaped."""

    paragraphs: tuple[str, ...]

    def _repr_html_(self) -> str:
        if not self.paragraphs:
            return ""
        told = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in self.paragraphs)
        return f'<div class="council-words"><p><strong>{escape(LABEL)}</strong></p>{told}</div>'

    def __str__(self) -> str:
        return "\n\n".join((f"{LABEL}:", *self.paragraphs)) if self.paragraphs else ""


@dataclass(frozen=True)
class BoroughHeading:
    """One of a borough's own headings (a promise, a priority) and the indicators under it, in the file's order."""

    order: int
    heading: str
    indicators: tuple[str, ...]


def parse_commentary(text: str, name: str, headings: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Read a council's words: each line `## heading` opens a slot, and blank lines part its paragraphs.

    text: the file's text; name: the file's name, for messages
    headings: what may stand after `##`, with the key it is returned as (a section, an indicator)
    returns: key to paragraphs, in the file's order, as plain text; a heading with nothing under it is left out
    raises: InputError that names the file, each line at fault and what to write instead, for links, html, marks of
        lists, words that are not used, small numbers of people, a postcode or number of a person, an unknown or
        repeated heading, or a slot of more than 120 words. It never repeats a line that may tell of a child
    """
    known = {_folded(heading): key for heading, key in headings.items()}
    slots: dict[str, list[str]] = {}
    opened: dict[str, int] = {}
    faults: list[str] = []
    key: str | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _HEADING.match(line):
            if number == 1 and found[1] == "#":
                continue  # a title, for whoever opens the file
            key, fault = _opened(found, known, opened, number, headings)
            if key:
                slots[key], opened[key] = [], number
        elif key is None and line.strip() and not opened and not faults:
            fault = "words before the first heading. Put a line such as '## Summary' above them."
        else:
            fault = ""
        faults += [f"line {number}: {fault}"] if fault else []
        if not found:
            faults += [f"line {number}: {what}" for what in line_faults(line)]
            if key:
                slots[key].append(line.strip())
    paragraphs = {slot: _paragraphs(lines) for slot, lines in slots.items()}
    faults += _run_on_faults(paragraphs, opened, faults)
    faults += [f"line {opened[slot]}: {fault}" for slot, told in paragraphs.items() if (fault := _too_long(told))]
    _refuse(faults, name)
    return {slot: told for slot, told in paragraphs.items() if told}


def _opened(
    found: re.Match, known: Mapping[str, str], opened: Mapping[str, int], number: int, headings: Iterable[str]
) -> tuple[str | None, str]:
    """Give the key of a heading line and, where it cannot be used, what is wrong with it."""
    if found[1] != "##":
        return None, "a heading starts with ## and a space."
    key = known.get(_folded(found[2]))
    if key is None:
        near = difflib.get_close_matches(_folded(found[2]), known, n=1)
        shown = next((heading for heading in headings if near and _folded(heading) == near[0]), "")
        nearest = f" Nearest: {shown}." if shown else ""
        return None, f"the heading is not known.{nearest} Use one of: {', '.join(headings)}."
    if key in opened:
        return None, f"the heading stands on line {opened[key]} already. Put both texts under one."
    return key, ""


def _folded(heading: str) -> str:
    return " ".join(heading.split()).casefold()


def _paragraphs(lines: Iterable[str]) -> tuple[str, ...]:
    blocks = re.split(r"\n\s*\n", "\n".join(lines))
    return tuple(" ".join(block.split()) for block in blocks if block.strip())


def _too_long(paragraphs: Iterable[str]) -> str:
    words = sum(len(paragraph.split()) for paragraph in paragraphs)
    return f"{words} words under this heading. Write {MOST_WORDS} or fewer." if words > MOST_WORDS else ""


def _run_on_faults(
    paragraphs: Mapping[str, Iterable[str]], opened: Mapping[str, int], faults: Iterable[str]
) -> list[str]:
    """Find what a line break hid from the look at each line: 'three' at a line's end, 'children' on the next."""
    seen = {fault.split(": ", 1)[1] for fault in faults}
    return [
        f"after line {opened[slot]}: {fault}"
        for slot, told in paragraphs.items()
        for paragraph in told
        for fault in line_faults(paragraph)
        if fault not in seen
    ]


def line_faults(line: str) -> list[str]:
    """Say what may not stand in a line of a council's words, each with what to do, repeating no more than a word."""
    faults = []
    if _LINK.search(line):
        faults.append("a link or an address. A page makes no request: name the document in words.")
    if _HTML.search(line):
        faults.append("html. Write plain sentences.")
    if _MARKS.search(line):
        faults.append(
            "marks of a list, a table or bold type. Write plain sentences, with an empty line between paragraphs."
        )
    if _OF_A_PERSON.search(line):
        faults.append("a postcode, an identifier or a date in figures, which may be a child's. Leave it out.")
    if tells_small_number(line):
        faults.append("a number from 1 to 5 of children. Small numbers are hidden: write 'a few children'.")
    for word, instead in INSTEAD.items():
        if re.search(rf"(?<![\w-]){re.escape(word).replace(chr(92) + ' ', r'[ -]+')}(?![\w])", line, re.IGNORECASE):
            faults.append(f"the word '{word}'. Write: {instead}.")
    return faults


def tells_small_number(line: str) -> bool:
    """Say whether a number from 1 to 5 counts children, young people or care leavers ('three of our children').

    Shares ('1 in 5 children'), ages, school years and stages are not counts. In doubt it is a count.
    """
    line = _SHARE.sub("some", line)
    return any(not _BEFORE_A_NAME.search(line[: found.start()]) for found in _FEW_PEOPLE.finditer(line))


def parse_headings(text: str, name: str, indicators: Iterable[str]) -> tuple[BoroughHeading, ...]:
    """Read a borough's own headings from CSV text with the columns order, heading, indicator.

    One row for each indicator under a heading; order is a whole number, the same in all rows of a heading
    indicators: keys of the catalogue
    returns: the headings by their order, each with its indicators in the file's order
    raises: InputError that names the file and each row at fault: other columns, an order that is no whole number or
        belongs to two headings, an unknown indicator (with the nearest key), one that stands twice, text that a page
        may not show
    """
    keys = list(indicators)
    rows = [(number, row) for number, row in enumerate(csv.reader(io.StringIO(text)), 1) if any(map(str.strip, row))]
    if not rows or tuple(cell.strip().casefold() for cell in rows[0][1]) != HEADING_COLUMNS:
        _refuse([f"row 1: the columns are {', '.join(HEADING_COLUMNS)}, in this order."], name)
    faults: list[str] = []
    found: dict[int, tuple[str, list[str]]] = {}
    for number, row in rows[1:]:
        cells = [cell.strip() for cell in row]
        fault = _row_fault(cells, found, keys)
        if fault:
            faults.append(f"row {number}: {fault}")
        else:
            found.setdefault(int(cells[0]), (cells[1], []))[1].append(cells[2])
    _refuse(faults, name)
    return tuple(BoroughHeading(order, heading, tuple(under)) for order, (heading, under) in sorted(found.items()))


def _row_fault(cells: list[str], found: Mapping[int, tuple[str, list[str]]], keys: list[str]) -> str:
    if len(cells) != len(HEADING_COLUMNS):
        return f"{len(cells)} cells. Write three: {', '.join(HEADING_COLUMNS)}; put a heading with a comma in quotes."
    order, heading, key = cells
    if not re.fullmatch(r"[0-9]{1,4}", order):
        return "column order: not a whole number. Write 1, 2, 3."
    if not 0 < len(heading) <= LONGEST_HEADING:
        return f"column heading: {len(heading)} characters. Write 1 to {LONGEST_HEADING}."
    if faults := line_faults(heading):
        return f"column heading: {faults[0]}"
    if int(order) in found and found[int(order)][0] != heading:
        return f"column order: {order} belongs to another heading. Give each heading one number."
    if any(heading == other for place, (other, _) in found.items() if place != int(order)):
        return "column heading: it has another number above. Give each heading one number."
    if key not in keys:
        near = difflib.get_close_matches(key, keys, n=1, cutoff=0.3)
        return f"column indicator: not in the catalogue.{f' Nearest: {near[0]}.' if near else ''} See indicators.csv."
    if int(order) in found and key in found[int(order)][1]:
        return f"column indicator: {key} stands under this heading already. Leave one out."
    return ""


def _refuse(faults: list[str], name: str) -> None:
    """Raise one error for all faults, so that the file is put right in one go."""
    if not faults:
        return
    told = "\n".join(f"{name}, {fault}" for fault in faults[:MOST_FAULTS])
    more = f"\nAnd {len(faults) - MOST_FAULTS} more." if len(faults) > MOST_FAULTS else ""
    raise InputError(
        f"{told}{more}\nPut {joined(['it' if len(faults) == 1 else 'them'])} right and run again. {NOTHING_WRITTEN}"
    )
