"""A table as a reader sees it: caption, headers and cells; and the words of days and numbers in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lxml import html

from helpers.audit.canaries import days_told
from helpers.audit.released import groups_displayed

DIGIT = re.compile(r"\d")
BY = {
    "ethnic group": "ethnic_group",
    "finer ethnic group": "ethnic_label",
    "sex": "gender",
    "age": "age_band",
    "group": "category",
}
_YEAR = re.compile(r"\d{4}")


@dataclass(frozen=True)
class Grid:
    """One table: `number` from the top of its page; `rows` of cells as text, the first of each the row's header."""

    number: int
    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def grids_of(root: html.HtmlElement) -> Iterator[Grid]:
    """Give every table of a page, or of a part of it."""
    for number, table in enumerate(root.iter("table"), start=1):
        yield grid_of(table, number)


def grid_of(table: html.HtmlElement, number: int = 1) -> Grid:
    lines = [tuple(words(cell) for cell in row.iterchildren("th", "td")) for row in table.iter("tr")]
    caption = table.find("caption")
    return Grid(number, words(caption) if caption is not None else "", lines[0] if lines else (), tuple(lines[1:]))


def day_of(text: str) -> str:
    """Read a day as pages tell it, as ISO: '30 June 2022', or a year that stands for its 31 March. Blank if neither."""
    if _YEAR.fullmatch(text.strip()):
        return f"{text.strip()}-03-31"
    return next(iter(days_told(text)), "")


def plain(text: str) -> str:
    """Give a cell without the word that marks it provisional."""
    return text.removesuffix(" provisional").strip()


class Told(NamedTuple):
    """One cell: its row and column from 1, its text, and what it may say; None there is any word without a digit."""

    row: int
    column: int
    text: str
    allowed: tuple[str | None, ...]

    @property
    def agrees(self) -> bool:
        return any(not DIGIT.search(self.text) if each is None else plain(self.text) == each for each in self.allowed)


def labels_of(by: str, label: str) -> tuple[str, ...]:
    """Give what the label of a row may be called in the files."""
    return groups_displayed(label) if by in ("ethnic_group", "ethnic_label") else (label,)
