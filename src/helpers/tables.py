"""Tables a reader sees: rounded once, hidden cells in words, headers scoped; the same numbers on page, csv and xlsx."""

from __future__ import annotations

import csv
import datetime as dt
import io
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from helpers.errors import ContractError, LeakError
from helpers.rounding import format_date, format_number, places_of, rounded
from helpers.spreadsheet_text import as_text_alone

if TYPE_CHECKING:
    import gptables

STATUS_WORDS = {"suppressed": "hidden", "not_available": "not available", "not_applicable": "n/a"}
"""What a reader sees in place of a number. The keys are the statuses of schemas.STATUSES that carry no number."""

_WIDE = 4  # columns; a wider table than this may need to scroll on a phone


# ---------------------------------------------------------------------------------------------------------- tables


@dataclass(frozen=True)
class Link:
    """A link to stand in a text cell: words that make sense alone, and a relative address."""

    text: str
    address: str

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return f'<a href="{escape(self.address)}">{escape(self.text)}</a>'


@dataclass(frozen=True)
class Column:
    """One column: `name` in the frame, the `header` a reader sees with its unit, how values are shown.

    kind: text, date, or a kind of `format_number`. Text cells may hold objects that draw themselves (Link, Sparkline)
    status: the frame's column with the status of each value; without it a missing value is 'not available'
    """

    name: str
    header: str
    kind: str = "text"
    status: str | None = None

    @property
    def is_number(self) -> bool:
        return self.kind not in ("text", "date")


class _Cell(NamedTuple):
    """What one cell shows: the value at full precision, or the word in its place, and its status."""

    value: Any
    status: str


def missing(value: Any) -> bool:
    """Say whether a cell has no value: None, NaN, NaT or an empty text."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (pd.api.types.is_scalar(value) and pd.isna(value))


@dataclass(frozen=True, eq=False)
class Table:
    """A table with a caption, drawn by itself in JupyterLab and on the page.

    frame: one row per row shown; released values only. It is copied, so that a later change cannot reach the page
    columns: the columns to show, in order; the first is the row header unless `row_header` names another
    raises: LeakError where a cell marked suppressed still has a number; ContractError where a shown cell has none,
        a column is missing from the frame, or headers or caption are blank or repeated
    """

    caption: str
    frame: pd.DataFrame
    columns: tuple[Column, ...]
    row_header: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "frame", self.frame.reset_index(drop=True).copy())
        object.__setattr__(self, "columns", tuple(self.columns))
        object.__setattr__(self, "row_header", self.row_header or self.columns[0].name)
        needed = {c.name for c in self.columns} | {c.status for c in self.columns if c.status} | {self.row_header}
        absent = sorted(needed - set(self.frame.columns))
        if absent:
            raise ContractError(
                f"The table {self.caption!r} shows the columns {', '.join(absent)}, which its frame has not."
            )
        headers = [c.header.strip() for c in self.columns]
        if not self.caption.strip() or "" in headers or len(set(headers)) < len(headers):
            raise ContractError(f"The table {self.caption!r} needs a caption and a different header for each column.")
        for _ in self._rows():
            pass

    def _rows(self) -> Iterator[list[_Cell]]:
        for row in self.frame.to_dict("records"):
            yield [self._cell(column, row) for column in self.columns]

    def _cell(self, column: Column, row: dict) -> _Cell:
        value = row[column.name]
        status = row[column.status] if column.status else ("not_available" if missing(value) else "shown")
        place = f"The table {self.caption!r}, row {row[self.row_header]!s}, column {column.header!r}"
        if status == "suppressed" and not missing(value):
            raise LeakError(
                f"{place}: the cell is marked suppressed and still has a number. Release it again; nothing is shown."
            )
        if status in STATUS_WORDS:
            return _Cell(STATUS_WORDS[status], status)
        if missing(value):
            raise ContractError(
                f"{place}: the status is {status}, and there is no value. Missing is never shown as a number."
            )
        if column.is_number:
            rounded(value, column.kind)  # refuses what cannot be rounded before anything is drawn
        return _Cell(value, status)

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col"{_number_class(c)}>{escape(c.header)}</th>' for c in self.columns)
        body = "".join(f"<tr>{''.join(map(self._html_cell, self.columns, row))}</tr>" for row in self._rows())
        body = body or f'<tr><td colspan="{len(self.columns)}">No rows</td></tr>'
        caption = escape(self.caption)
        table = (
            f"<table><caption><span>{caption}</span></caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )
        if len(self.columns) < _WIDE:
            return f'<div class="table">{table}</div>'
        # A group and not a region: seven charts would make seven landmarks to step through.
        return f'<div class="table" role="group" aria-label="{caption} (table)" tabindex="0">{table}</div>'

    def _html_cell(self, column: Column, cell: _Cell) -> str:
        text = cell.value._repr_html_() if hasattr(cell.value, "_repr_html_") else escape(_text(column, cell))
        if cell.status in STATUS_WORDS:
            text = f'<span class="{"hidden" if cell.status == "suppressed" else "no"}-value">{text}</span>'
        if cell.status == "provisional":
            text += ' <span class="provisional">provisional</span>'
        if column.name == self.row_header:
            return f'<th scope="row"{_number_class(column)}>{text}</th>'
        return f"<td{_number_class(column)}>{text}</td>"

    def released(self) -> pd.DataFrame:
        """Give the table as shown: headers as column names, rounded numbers or the words in their place.

        Text that a spreadsheet could take for a formula (it begins with = + - @) gets an apostrophe in front.
        """
        rows = [[_plain(column, cell) for column, cell in zip(self.columns, row, strict=True)] for row in self._rows()]
        return pd.DataFrame(rows, columns=[as_text_alone(c.header) for c in self.columns], dtype=object)

    def to_csv(self) -> str:
        """Give the table as csv text: the page's rounded numbers without thousands separators, dates as 2025-03-31."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        shown = self.released()
        writer.writerow(shown.columns)
        writer.writerows(shown.to_numpy().tolist())
        return out.getvalue()


def _number_class(column: Column) -> str:
    return ' class="number"' if column.is_number else ""


def _text(column: Column, cell: _Cell) -> str:
    if cell.status in STATUS_WORDS or column.kind == "text":
        return str(cell.value)
    if column.kind == "date":
        return format_date(cell.value)
    return format_number(cell.value, column.kind)


def _plain(column: Column, cell: _Cell) -> str | Decimal:
    if column.is_number and cell.status not in STATUS_WORDS:
        return rounded(cell.value, column.kind)
    if column.kind == "date" and cell.status not in STATUS_WORDS:
        return f"{cell.value:%Y-%m-%d}"
    return as_text_alone(str(cell.value))


# ----------------------------------------------------------------------------------------------------------- cards


@dataclass(frozen=True)
class Card:
    """One key figure: what it is, its value in words or digits, and the base or comparison below it."""

    label: str
    value: str
    detail: str = ""


@dataclass(frozen=True)
class Cards:
    """The key figures of a page side by side; a list of terms and values for screen readers."""

    cards: tuple[Card, ...]

    def _repr_html_(self) -> str:
        items = "".join(
            f'<div class="card"><dt>{escape(card.label)}</dt><dd class="figure">{escape(card.value)}</dd>'
            + (f"<dd>{escape(card.detail)}</dd>" if card.detail else "")
            + "</div>"
            for card in self.cards
        )
        return f'<dl class="cards">{items}</dl>'


# ----------------------------------------------------------------------------------------------------- spreadsheet

_DOCUMENT_DATE = dt.datetime(2000, 1, 1)  # fixed, so that the same tables make the same bytes


def write_workbook(
    tables: Sequence[Table], path: str | Path, *, title: str, notes: Sequence[str], sources: Sequence[str]
) -> None:
    """Write the tables as one accessible .xlsx: cover, contents, notes, one table a sheet, no merged cells.

    Numbers are the rounded ones of the page, as numbers; hidden cells carry the word. The same tables give the same
    bytes. Source: Analysis Function, 'Releasing statistics in spreadsheets', through gptables.
    """
    import gptables  # 0.7 s, and only needed where a spreadsheet is written

    sheets = {f"Table {n}": _sheet(table, f"table_{n}") for n, table in enumerate(tables, start=1)}
    cover = gptables.Cover(
        title=_sheet_text(title),
        intro=["This workbook holds the tables of the briefing, with the same numbers.", *_words_legend()],
        about=[_sheet_text(source) for source in sources] or None,
    )
    note_rows = pd.DataFrame({"reference": [f"note {n}" for n in range(len(notes))], "Note": map(_sheet_text, notes)})
    with warnings.catch_warnings():
        # The notes hold for all tables, so no single cell refers to them.
        warnings.filterwarnings("ignore", message="The following notes are not referenced")
        warnings.filterwarnings("ignore", message="No note text provided")
        # How gptables 2.0 calls pandas is its own affair; our pins keep the two together.
        warnings.simplefilter("ignore", pd.errors.PandasChangeWarning)
        workbook = gptables.produce_workbook(
            filename=str(path),
            sheets=sheets,
            cover=cover,
            notes_table=note_rows if notes else None,
            workbook_options={"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
        )
    workbook.set_properties({"title": title, "created": _DOCUMENT_DATE})
    workbook.close()


def _words_legend() -> list[str]:
    return [
        "The word 'hidden' stands for a small number that is not shown, so that no child can be recognised.",
        "The words 'not available' mean that a number was not collected or not published; 'n/a' that it cannot apply.",
    ]


def _sheet(table: Table, name: str) -> gptables.GPTable:
    import gptables

    shown = table.released().map(lambda value: float(value) if isinstance(value, Decimal) else _sheet_text(value))
    shown = shown.astype(object)
    if shown.empty:
        shown = pd.DataFrame([["No rows", *["n/a"] * (len(shown.columns) - 1)]], columns=shown.columns)
    formats = [
        {"column": {"columns": [position], "format": {"num_format": _excel_format(column.kind), "align": "right"}}}
        for position, column in enumerate(table.columns)
        if column.is_number
    ]
    return gptables.GPTable(
        table=shown.rename(columns=_sheet_text),
        table_name=name,
        title=_sheet_text(table.caption),
        instructions="This worksheet contains one table. The notes sheet holds for all tables.",
        source=_sheet_text(table.source) or None,
        index_columns={2: [c.name for c in table.columns].index(table.row_header)},
        additional_formatting=formats,
    )


def _sheet_text(text: str) -> str:
    """Keep gptables from reading note marks ($$) or links ([..](..)) into text that comes from data.

    A cell of signs alone, such as a dash, becomes n/a: a screen reader says nothing for it, and gptables refuses it.
    """
    if text and not any(letter.isalnum() for letter in text):
        return STATUS_WORDS["not_applicable"]
    return as_text_alone(text.replace("$$", "$ $").replace("](", "] ("))


def _excel_format(kind: str) -> str:
    name, places = places_of(kind)
    decimals = "0." + "0" * places if places else "0"
    return f"#,##{decimals}" + ('"%"' if name in ("percent", "share") else "")
