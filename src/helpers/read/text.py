"""Text files as received: bytes to text, text to lines and cells. Files that are not text are refused in words."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.errors import ParserError

from helpers.errors import InputError
from helpers.read.formulas import may_hold_formula, without_formulas
from helpers.read.received import NO_CHANGES, Cells, changed, checksum, left_out
from helpers.read.recognising import MOST_COLUMNS, UNKNOWN, recognise

CHUNK = 1 << 20
LONGEST_LINE = 1 << 20
"""Bytes. A line of a return has a few hundred; a longer one is not a table and is not read into memory."""
LARGEST_TEXT, LARGEST_PACKED = 1 << 30, 1 << 28
"""Bytes of a CSV file; and of XML or a workbook, which take many times their size in memory."""
TITLE_ROWS = 10
"""How far down the header may stand: Ofsted's template and many reports have a title above it."""
SEPARATORS = ",;\t|"
MOST_MISFITS = 0.5
"""Above this share of lines that do not fit the header, it is the header that is wrong."""
USUAL_SHARE = 0.9
"""From this share of lines with the same number of cells, it is the file's way of writing and no slip of one line."""
SIGNATURES = {
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"\x89PNG": "a picture (PNG)",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a zip file or a workbook",
    b"PK\x05\x06": "an empty zip file",
    b"\x1f\x8b": "a gzip file",
    b"7z\xbc\xaf": "a 7z file",
    b"\xd0\xcf\x11\xe0": "an Office document of the old kind",
}
SPACES = "\xa0\u2002\u2003\u2007\u2009\u202f\u3000"
UNSEEN = "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060\u00ad\u202a\u202b\u202c\u202d\u202e"
"""Spaces of other widths, read as a space; and marks that nobody sees, such as one pasted from a document."""
END_OF_FILE = "\x1a"
AGAIN = "Nothing was written."
TITLE = "The line stands above the header and was not used."
ROW_ABOVE = "The line stands above the header and holds a row. Put the header into the first line and run again."
_LINE_END = re.compile(r"[\r\n]")


def read_bytes(path: Path, *, lines: bool) -> bytes:
    """Read a file, never more of it than a return can have.

    lines: also refuse a line longer than LONGEST_LINE; the file is looked through in pieces first
    raises: InputError for an empty file, one that is too large or cannot be opened, or a line that is too long
    """
    largest = LARGEST_TEXT if lines else LARGEST_PACKED
    try:
        size = path.stat().st_size
        if size == 0:
            raise InputError(f"{path.name} is empty. Export the table again. {AGAIN}")
        if lines:
            _refuse_long_lines(path)
        if size > largest:
            raise InputError(
                f"{path.name} has more than {largest >> 20:,} MB. A return is far smaller: check the export. {AGAIN}"
            )
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            f"{path.name} cannot be opened ({error.strerror}). Close it in other programs, see that you may read it "
            f"and run again. {AGAIN}"
        ) from None


def _refuse_long_lines(path: Path) -> None:
    number, length = 1, 0
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            parts = piece.replace(b"\r", b"\n").split(b"\n")
            lengths = [length + len(parts[0]), *map(len, parts[1:])]
            if max(lengths) > LONGEST_LINE:
                raise InputError(
                    f"{path.name}, about line {number}: a line of more than {LONGEST_LINE:,} bytes. "
                    f"This is not a table with one row to a line. Export the table again as CSV (UTF-8). {AGAIN}"
                )
            number, length = number + piece.count(b"\n"), lengths[-1]


def to_text(raw: bytes, name: str, wanted: str = "Save the table as CSV (UTF-8)") -> str:
    """Decode UTF-8, UTF-16 (with a mark or told by its zero bytes) or cp1252, in that order.

    wanted: what the file should have been, for the message
    raises: InputError for a file that is not text
    """
    for signature, kind in SIGNATURES.items():
        if raw.startswith(signature):
            raise InputError(f"{name} is {kind}, not text. {wanted} and run again. {AGAIN}")
    for encoding in _encodings(raw):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        end = text.rstrip()
        return tidy(end.rstrip(END_OF_FILE) if end.endswith(END_OF_FILE) else text)
    raise InputError(f"{name} is not text. {wanted} and run again. {AGAIN}")


def tidy(text: str) -> str:
    """Take out marks that nobody sees and read other kinds of space as a space: they carry no meaning."""
    if text.isascii():
        return text
    for mark in UNSEEN:
        if mark in text:
            text = text.replace(mark, "")
    for space in SPACES:
        if space in text:
            text = text.replace(space, " ")
    return text


def _encodings(raw: bytes) -> tuple[str, ...]:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    start = raw[:4096]
    # Western text in UTF-16 has a zero in nearly every second byte; text in any other encoding has none at all.
    if len(start) > 2 and start[1::2].count(0) > 0.7 * len(start[1::2]) and start[0::2].count(0) == 0:
        return ("utf-16-le",)
    if len(start) > 2 and start[0::2].count(0) > 0.7 * len(start[0::2]) and start[1::2].count(0) == 0:
        return ("utf-16-be",)
    return ("utf-8-sig", "cp1252")


def read_lines(raw: bytes, name: str) -> Cells:
    """Split a CSV file into cells. A line that does not fit the header is left out, with its reason.

    raises: InputError when no line can be trusted: no header, a quote that is never closed, most lines misfit; or for
        a cell that a spreadsheet would run
    """
    text = to_text(raw, name)
    if text.lstrip()[:1] == "<":
        raise InputError(
            f"{name} is XML or a web page, not a table as text. Name an XML collection .xml; else save the table as "
            f"CSV (UTF-8) and run again. {AGAIN}"
        )
    cells = _read_quickly(text, name, checksum(raw)) or _read_line_by_line(text, name, checksum(raw))
    return without_formulas(cells) if may_hold_formula(text) else cells


def holds_known_table(path: Path) -> bool:
    """Say whether a text file's first lines hold the header of a known table. A file that cannot be read does not."""
    try:
        with path.open("rb") as file:
            start = file.read(1 << 16)
        text = to_text(start[: len(start) // 4 * 4], path.name)
    except (InputError, OSError):
        return False
    lines = [line for line in text.splitlines() if line.strip()][:TITLE_ROWS]
    return any(
        not recognise([cell.strip(' "') for cell in line.split(separator)]).startswith(UNKNOWN)
        for line in lines
        for separator in SEPARATORS
    )


def _read_line_by_line(text: str, name: str, digest: str) -> Cells:
    numbers, lines, separator = _split(text, name)
    filled = [place for place, line in enumerate(lines) if any(cell.strip() for cell in line)]
    if not filled:
        raise InputError(f"{name} is empty. Export the table again. {AGAIN}")
    lines = _unwrapped(lines, filled, separator)
    start = header_place([lines[place] for place in filled[:TITLE_ROWS]])
    above, first, rest = filled[:start], filled[start], filled[start + 1 :]
    width = columns_to_read(lines[first], f"{name}, line {numbers[first]}")
    if width < len(lines[first]):
        lines = [line[:width] for line in lines]
    header = [cell.strip() for cell in lines[first]]
    fitted, blanks_beyond = _fitted(lines, rest, header)
    misfits = [place for place in rest if place not in fitted]
    _refuse_swallowed(name, fitted, numbers, separator)
    if misfits:
        _refuse_misfits(name, lines, numbers, misfits, header, len(rest))
    rows_above = [place for place in above if is_row(lines[place], header)]
    told = [
        changed([numbers[place] for place in above if place not in rows_above], "", "", "", TITLE),
        changed(
            [numbers[first]] if blanks_beyond else [], "", "", "", "Blank cells beyond the header were passed over."
        ),
    ]
    return Cells(
        name,
        digest,
        header,
        _frame(list(fitted.values()), len(header)),
        np.array([numbers[place] for place in fitted], dtype=int),
        _left_out(numbers, misfits, rows_above, header),
        numbers[first],
        pd.concat([one for one in told if len(one)] or [NO_CHANGES], ignore_index=True),
    )


def _left_out(numbers: list[int], misfits: list[int], rows_above: list[int], header: list[str]) -> pd.DataFrame:
    rule = (
        f"The line does not have the {len(header)} cells of the header. A cell with a comma must stand in double "
        f"quotes. Put the line right and run again."
    )
    above = left_out([numbers[place] for place in rows_above], "", ROW_ABOVE)
    return pd.concat([above, left_out([numbers[place] for place in misfits], "", rule)], ignore_index=True)


def is_row(line: list[str], header: list[str]) -> bool:
    """Say whether a line above the header is a row and no title: at least half as many cells are filled as have names.

    A table that was sorted with its header has some of its rows above it.
    """
    filled, named = (sum(bool(cell.strip()) for cell in cells) for cells in (line, header))
    return filled > 2 and 2 * filled >= named


def header_place(lines: list[list[str]]) -> int:
    """Find the header among the first filled lines: the first that is of a known table, else the first of all."""
    known = (place for place, line in enumerate(lines) if not recognise(line).startswith(UNKNOWN))
    near = (place for place, line in enumerate(lines) if recognise(line) != UNKNOWN)
    return next(known, next(near, 0))


def columns_to_read(header: list[str], where: str) -> int:
    """Give how many columns are read: all, but of a very wide table those up to the last that has a name.

    raises: InputError for a header with more names than any table has
    """
    if len(header) <= MOST_COLUMNS:
        return len(header)
    named = max(place for place, name in enumerate(header) if name.strip()) + 1
    if named > MOST_COLUMNS:
        raise InputError(f"{where}: a table of {named:,} columns, which no return has. Check the export. {AGAIN}")
    return named


def _read_quickly(text: str, name: str, digest: str) -> Cells | None:
    """Read a table without quotes whose every line has the header's number of cells, ten times faster; else None.

    No line has more cells than the first, or pandas refuses; so if the separators add up, no line has fewer.
    """
    if '"' in text:
        return None
    first = re.split(r"[\r\n]", text[:LONGEST_LINE], maxsplit=1)[0]
    separator = _separator(first)
    if first.count(separator) > MOST_COLUMNS or recognise(first.split(separator)).startswith(UNKNOWN):
        return None
    try:
        rows = pd.read_csv(
            io.StringIO(text), sep=separator, header=None, dtype=str, keep_default_na=False, skip_blank_lines=False
        )
    except ParserError:
        return None
    if text.count(separator) != first.count(separator) * len(rows):
        return None
    rows = pd.DataFrame({place: cells.str.strip() for place, cells in rows.items()})
    body = rows.iloc[1:]
    body = body[~body.eq("").all(axis=1)] if body[0].eq("").any() else body
    lines = body.index.to_numpy() + 1
    return Cells(name, digest, rows.iloc[0].tolist(), body.reset_index(drop=True), lines)


def _separator(line: str) -> str:
    return max(SEPARATORS, key=line.count)


def _split(text: str, name: str) -> tuple[list[int], list[list[str]], str]:
    """Give each line's number (where a row of several lines starts) and cells, and what separates them."""
    starts = [line for line in text[: 1 << 16].splitlines() if line.strip()][:TITLE_ROWS] or [""]
    separator = _separator(max(starts, key=lambda line: max(map(line.count, SEPARATORS))))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    numbers, lines, start = [], [], 1
    try:
        for line in reader:
            numbers.append(start)
            lines.append(line)
            start = reader.line_num + 1
    except csv.Error:
        raise InputError(
            f"{name}, near line {reader.line_num}: the text cannot be told apart into cells. A double quote may be "
            f"opened there and never closed. Put it right, or export the table again. {AGAIN}"
        ) from None
    return numbers, lines, separator


def _unwrapped(lines: list[list[str]], filled: list[int], separator: str) -> list[list[str]]:
    """Split lines that were put in quotes whole, as happens to a CSV file that is opened and saved in one column."""
    header = [cell for cell in lines[filled[0]] if cell.strip()]
    if len(header) != 1 or recognise(header[0].split(separator)).startswith(UNKNOWN):
        return lines
    return [_inner(line[0], separator) if line and line[0] and not any(line[1:]) else line for line in lines]


def _inner(cell: str, separator: str) -> list[str]:
    """Split a cell that holds a line; one that holds several, or a quote left open, stays as it is and fits nowhere."""
    if _LINE_END.search(cell):
        return [cell]
    try:
        return next(csv.reader([cell], delimiter=separator, skipinitialspace=True), [])
    except csv.Error:
        return [cell]


def _fitted(lines: list[list[str]], places: list[int], header: list[str]) -> tuple[dict[int, list[str]], bool]:
    """Give the lines with the header's cells, by place; blank cells beyond the last name may be more or fewer.

    Spreadsheets and databases write a separator too many at the end of every line, or too few where nothing follows.
    One line alone that has more or fewer may have them anywhere.
    returns: the lines, and whether blank cells beyond the header's were passed over
    """
    width, named = len(header), max((place for place, name in enumerate(header) if name), default=-1) + 1
    usual, times = Counter(len(lines[place]) for place in places).most_common(1)[0] if places else (width, 0)
    shared = times > 1 and times >= USUAL_SHARE * len(places)
    fitted, beyond = {}, False
    for place in places:
        line = lines[place]
        if shared and len(line) == usual > width and not any(cell.strip() for cell in line[width:]):
            line, beyond = line[:width], True
        elif named <= len(line) < width and (line[named - 1].strip() or (shared and len(line) == usual)):
            line = line + [""] * (width - len(line))
        if len(line) == width:
            fitted[place] = line
    return fitted, beyond


def _refuse_swallowed(name: str, fitted: dict[int, list[str]], numbers: list[int], separator: str) -> None:
    """Refuse a cell of several lines with another row in it: a quote that was left open took the row in."""
    for place, line in fitted.items():
        width = len(line) - 1
        if width > 1 and any(_LINE_END.search(cell) and cell.count(separator) >= width for cell in line):
            _refuse_open_quote(name, numbers[place])


def _refuse_open_quote(name: str, number: int) -> None:
    raise InputError(
        f"{name}, line {number}: a double quote is opened and not closed on its line, so the lines after it cannot be "
        f"told apart. Put the quote right and run again. {AGAIN}"
    )


def _refuse_misfits(
    name: str, lines: list[list[str]], numbers: list[int], misfits: list[int], header: list[str], rows: int
) -> None:
    """Refuse where a misfit is not one line's own fault: a quote left open, or a header that is wrong."""
    first = misfits[0]
    over_lines = [place for place in misfits if any(_LINE_END.search(cell) for cell in lines[place])]
    if over_lines:
        _refuse_open_quote(name, numbers[over_lines[0]])
    if len(misfits) > max(1, MOST_MISFITS * rows):
        raise InputError(
            f"{name}, line {numbers[first]}: {len(lines[first])} cells where the header has {len(header)}, and "
            f"{len(misfits):,} of {rows:,} lines do not fit. Put the header or the lines right. "
            f"A cell with a comma must stand in double quotes. {AGAIN}"
        )


def _frame(lines: list[list[str]], width: int) -> pd.DataFrame:
    columns = zip(*lines, strict=True) if lines else [()] * width
    return pd.DataFrame({place: pd.Series(list(cells), dtype=str).str.strip() for place, cells in enumerate(columns)})
