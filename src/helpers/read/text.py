"""Text files as received: bytes to text, text to lines and cells. Files that are not text are refused in words."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.errors import ParserError

from helpers.errors import InputError
from helpers.read.received import Cells, checksum, left_out

CHUNK = 1 << 20
LONGEST_LINE = 1 << 20
"""Bytes. A line of a return has a few hundred; a longer one is not a table and is not read into memory."""
LARGEST_FILE = 1 << 30
MOST_MISFITS = 0.5
"""Above this share of lines that do not fit the header, it is the header that is wrong."""
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
AGAIN = "Nothing was written."


def read_bytes(path: Path, *, lines: bool) -> bytes:
    """Read a file, never more of it than a return can have.

    lines: also refuse a line longer than LONGEST_LINE; the file is looked through in pieces first
    raises: InputError for an empty file, one that is too large, or a line that is too long
    """
    size = path.stat().st_size
    if size == 0:
        raise InputError(f"{path.name} is empty. Export the table again. {AGAIN}")
    if lines:
        _refuse_long_lines(path)
    if size > LARGEST_FILE:
        raise InputError(f"{path.name} has more than 1 GB. A return is far smaller: check the export. {AGAIN}")
    return path.read_bytes()


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


def to_text(raw: bytes, name: str) -> str:
    """Decode UTF-8, UTF-16 (with a mark or told by its zero bytes) or cp1252, in that order.

    raises: InputError for a file that is not text
    """
    for signature, kind in SIGNATURES.items():
        if raw.startswith(signature):
            raise InputError(f"{name} is {kind}, not a table as text. Save the table as CSV (UTF-8). {AGAIN}")
    for encoding in _encodings(raw):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text.removeprefix("\ufeff")
    raise InputError(f"{name} is not text. Save the table as CSV (UTF-8) and run again. {AGAIN}")


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

    raises: InputError when no line can be trusted: no header, a quote that is never closed, most lines misfit
    """
    text = to_text(raw, name)
    quick = _read_quickly(text, name, checksum(raw))
    if quick is not None:
        return quick
    numbers, lines = _split(text, name)
    filled = [place for place, line in enumerate(lines) if any(cell.strip() for cell in line)]
    if not filled:
        raise InputError(f"{name} is empty. Export the table again. {AGAIN}")
    first, *rest = filled
    header = [cell.strip() for cell in lines[first]]
    misfits = [place for place in rest if len(lines[place]) != len(header)]
    if misfits:
        _refuse_misfits(name, lines, numbers, misfits, header, len(rest))
    fitting = [lines[place] for place in rest if len(lines[place]) == len(header)]
    return Cells(
        name,
        checksum(raw),
        header,
        _frame(fitting, len(header)),
        np.array([numbers[place] for place in rest if len(lines[place]) == len(header)], dtype=int),
        left_out(
            [numbers[place] for place in misfits],
            "",
            f"The line does not have the {len(header)} cells of the header. A cell with a comma must stand in "
            f"double quotes. Put the line right and run again.",
        ),
        numbers[first],
    )


def _read_quickly(text: str, name: str, digest: str) -> Cells | None:
    """Read a table without quotes whose every line has the header's number of cells, ten times faster; else None.

    No line has more cells than the first, or pandas refuses; so if the separators add up, no line has fewer.
    """
    header = text[: text.find("\n")]
    separator = _separator(header)
    if '"' in text or not header.strip(" \t\r,;") or header.count(separator) == 0:
        return None
    try:
        rows = pd.read_csv(
            io.StringIO(text), sep=separator, header=None, dtype=str, keep_default_na=False, skip_blank_lines=False
        )
    except ParserError:
        return None
    if text.count(separator) != header.count(separator) * len(rows):
        return None
    rows = rows.apply(lambda cells: cells.str.strip())
    body = rows.iloc[1:]
    body = body[~body.eq("").all(axis=1)] if body[0].eq("").any() else body
    lines = body.index.to_numpy() + 1
    return Cells(name, digest, rows.iloc[0].tolist(), body.reset_index(drop=True), lines)


def _separator(line: str) -> str:
    return max(",;\t", key=line.count)


def _split(text: str, name: str) -> tuple[list[int], list[list[str]]]:
    """Give each line's number (where a row of several lines ends) and cells."""
    start = next((line for line in io.StringIO(text) if line.strip()), "")
    separator = _separator(start)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        lines = list(reader)
        if len(lines) == reader.line_num:
            return list(range(1, len(lines) + 1)), lines
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        return zip(*((reader.line_num, line) for line in reader), strict=True)
    except csv.Error:
        raise InputError(
            f"{name}, near line {reader.line_num}: the text cannot be told apart into cells. A double quote may be "
            f"opened there and never closed. Put it right, or export the table again. {AGAIN}"
        ) from None


def _refuse_misfits(
    name: str, lines: list[list[str]], numbers: list[int], misfits: list[int], header: list[str], rows: int
) -> None:
    """Refuse where a misfit is not one line's own fault: a quote left open, or a header that is wrong."""
    first = misfits[0]
    over_lines = [place for place in misfits if any("\n" in cell for cell in lines[place])]
    if over_lines:
        raise InputError(
            f"{name}, line {numbers[over_lines[0]]}: a double quote is opened and not closed on its line, so the lines "
            f"after it cannot be told apart. Put the quote right and run again. {AGAIN}"
        )
    if len(misfits) > MOST_MISFITS * rows:
        raise InputError(
            f"{name}, line {numbers[first]}: {len(lines[first])} cells where the header has {len(header)}, and "
            f"{len(misfits):,} of {rows:,} lines do not fit. Put the header or the lines right. "
            f"A cell with a comma must stand in double quotes. {AGAIN}"
        )


def _frame(lines: list[list[str]], width: int) -> pd.DataFrame:
    columns = zip(*lines, strict=True) if lines else [()] * width
    return pd.DataFrame({place: pd.Series(list(cells), dtype=str).str.strip() for place, cells in enumerate(columns)})
