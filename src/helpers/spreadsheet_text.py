"""Text that a spreadsheet must not run: an apostrophe before what could begin a formula. Numbers stay numbers."""

from __future__ import annotations

import re

import pandas as pd

_SIGNS = r"[=+\-@\uff1d\uff0b\uff0d\uff20\u2212\ufe62\ufe63\ufe66\ufe6b]"
"""What begins a formula, in full-width and small forms too, which some spreadsheets read as the plain ones."""
_BEFORE = r"[\s\"\u200b\ufeff]*"
"""Blanks and quotes, which some readers drop."""
_BEGINS = re.compile(rf"{_BEFORE}{_SIGNS}|[\t\r\n]")
_NEXT_CELL = re.compile(rf"(?<=[;\t\r\n])(?={_BEFORE}{_SIGNS})")
"""Where a reader with other separators would begin a new cell inside the text."""


def as_text_alone(text: str) -> str:
    """Keep a spreadsheet from running text as a formula. Source: OWASP, CSV injection.

    A carriage return becomes a line feed: alone it is not put in quotes, and a reader would begin a new row there.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    words = text.lstrip(" \t\r\n'\"\u200b\ufeff")  # so that text which is safe already stays as it is
    begins = "'" if _BEGINS.match(text) else ""
    return begins + text[: len(text) - len(words)] + _NEXT_CELL.sub("'", words)


def frame_as_text_alone(table: pd.DataFrame) -> pd.DataFrame:
    """Give a copy in which no header and no cell of text can run; numbers, dates and blanks are as they were."""
    safe = table.rename(columns=lambda name: as_text_alone(name) if isinstance(name, str) else name)
    for place in range(safe.shape[1]):
        cells = safe.iloc[:, place]
        if pd.api.types.is_numeric_dtype(cells) or pd.api.types.is_datetime64_any_dtype(cells):
            continue
        changed = {
            one: put for one in cells.dropna().unique() if isinstance(one, str) and (put := as_text_alone(one)) != one
        }
        if changed:
            safe.isetitem(place, cells.astype(object).map(lambda cell, put=changed: put.get(cell, cell)))
    return safe
