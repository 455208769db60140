"""Cells that a spreadsheet would run: refused wherever they stand, because a return holds values alone.

One idiom is no danger and its meaning is certain: ="00123" is how spreadsheets export text that looks like a number.
"""

from __future__ import annotations

import re

import pandas as pd

from helpers.codes import load_codelist
from helpers.errors import InputError
from helpers.read.received import Cells, changed
from helpers.read.recognising import name_columns, recognise

SIGNS = ("=", "@", "+", "-")
EXPORTED_TEXT = re.compile(r'="([^"]*)"')
RUNS = re.compile(r"[|!=@]|[A-Za-z]\s*\(")
"""What makes a formula of a cell that begins as a number: a call, another sheet or a command."""
WORDS = re.compile(r"-\s+[^\W\d_][^|!=@()+*/\"]*")
"""A list's dash and words, which no spreadsheet runs."""
NUMBER = re.compile(r"[+-]\s*[(£.]?\s*[0-9].*", re.DOTALL)
DASHES = re.compile(r"[-+.\s]*")


def may_hold_formula(text: str) -> bool:
    """Say whether a whole file could hold a cell that begins as a formula does: quick, and True when in doubt."""
    if any(sign in text for sign in "=@+"):
        return True
    return text.startswith("-") or ("-" in text and any(f"{before}-" in text for before in ',;\t\n\r"> |'))


def is_formula(cell: str) -> bool:
    """Say whether a spreadsheet would run the (trimmed) cell. A lone dash, a number and a telephone number are not."""
    if cell[:1] in ("=", "@"):
        return True
    if not cell.startswith(SIGNS) or DASHES.fullmatch(cell) or WORDS.fullmatch(cell):
        return False
    if NUMBER.fullmatch(cell):
        return RUNS.search(cell) is not None
    return cell[1:].strip().casefold() not in set(load_codelist("blank_spellings")["found"])


def without_formulas(cells: Cells, *, names: list[str] | None = None) -> Cells:
    """Refuse a table with a formula in it; read ="00123" as the text 00123, with a record.

    names: the columns as the message may name them; told from the header if not given
    raises: InputError naming the file, line and column of the first formula, never what it says
    """
    for place, name in enumerate(cells.header):
        if is_formula(EXPORTED_TEXT.sub(r"\1", name)):
            _refuse(cells, cells.header_line, f"column {place + 1} of the header", name[0])
    header = [EXPORTED_TEXT.sub(r"\1", name).strip() for name in cells.header]
    cells = cells._replace(header=header)
    names = names or _names_to_tell(header)
    for place in cells.rows:
        cells = _without_formulas_in(cells, place, f"column {names[place] or place + 1}")
    return cells


def _names_to_tell(header: list[str]) -> list[str]:
    """Name the columns of a known table; blank elsewhere, because what stands in the first line may be a child's."""
    return name_columns(recognise(header), header)


def _without_formulas_in(cells: Cells, place: int, where: str) -> Cells:
    column = cells.rows[place]
    begins = column.str.startswith(SIGNS)
    if not begins.any():
        return cells
    signed = column[begins]
    exported = signed[signed.str.fullmatch(EXPORTED_TEXT.pattern)]
    plain_text = exported.str.slice(2, -1).str.strip()
    suspects = pd.concat([signed.drop(exported.index), plain_text])
    formulas = suspects.index[suspects.map({one: is_formula(one) for one in suspects.unique()}).astype(bool)]
    if len(formulas):
        first = cells.rows.index.get_loc(formulas.min())
        _refuse(cells, int(cells.lines[first]), where, suspects[formulas.min()][0])
    if exported.empty:
        return cells
    rows = cells.rows.copy()
    rows.loc[exported.index, place] = plain_text
    told = changed(
        cells.lines[rows.index.isin(exported.index)].tolist(), str(place), "a text written as a formula", "the text",
        "A spreadsheet's export wrote the text so that it would not be taken for a number.",
    )  # fmt: skip
    return cells._replace(rows=rows, changes=pd.concat([cells.changes, told], ignore_index=True))


def _refuse(cells: Cells, line: int, where: str, sign: str) -> None:
    raise InputError(
        f"{cells.file}, line {line}, {where}: the cell begins with {sign} as a formula does, and a spreadsheet would "
        f"run it. A return holds values alone. Put the value in its place and run again. Nothing was written."
    )
