"""Pre-commit hook: refuse files that hold, or are likely to hold, records of single children.

Looks into the files, not only at their names: a return saved as .txt, a workbook called notes, a notebook with
outputs. It catches slips, not malice. tests/test_hooks.py looks with it over every file that git tracks, because a
hook may not be installed. It needs nothing but Python.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

LOCKED_FOLDERS = {"data", "reports"}
LARGEST = 256 * 1024
"""Bytes. The largest file of the project has 150 KB; a return of a council has more."""
CHECKPOINTS = ".ipynb_checkpoints"
BINARY_TABLES = {".parquet", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".feather", ".pkl", ".sav", ".db", ".sqlite"}
KEYS = re.compile(r"child-identifier-secret|(?:^|/)(?:\.env|[^/]*\.(?:pem|key|pfx|p12)|id_(?:rsa|ed25519)[^/]*)$")
PRIVATE_KEY = re.compile(r"^-----BEGIN [A-Z ]*PRIVATE KEY-----", re.M)

CHILD = {"CHILD", "CHILDID", "CHILDUNIQUEID", "UPN", "CHILDUPN", "UNIQUEPUPILNUMBER", "LACHILDID", "SWID"}
"""Names of columns that tell which child a row is of, without blanks and signs."""
OF_A_CHILD = {
    "SEX", "GENDER", "DOB", "DATEOFBIRTH", "ETHNIC", "ETHNICITY", "DECOM", "RNE", "LS", "CIN", "PLACE", "DEC", "REC",
    "HOMEPOST", "PLPOST", "URN", "MOTHER", "MCDOB", "DUC", "REVIEW", "REVIEWCODE", "MISSING", "MISSTART", "MISEND",
    "DATEPLACED", "DATEINT", "DATEMATCH", "INTOUCH", "ACTIV", "ACCOM", "SDQSCORE", "CONVICTED",
}  # fmt: skip
HEADER_LINES = 20
"""A header may stand below a title, a note or an empty line."""
SEPARATORS = (",", ";", "\t", "|")
WRITTEN = {".py", ".md", ".toml", ".yaml", ".yml", ".j2", ".css", ".json", ".html"}
"""Kinds of file in which words about columns stand in code and sentences; every other kind is looked at as a table."""
ROWS_BELOW = {".py": 8}
MOST_ROWS_BELOW = 3
"""Rows below a line of column names that make a table of it in a written file; tests draw tables of a few rows."""
LISTS_OF_DAYS = {"bank_holidays.csv", "made_up_returns.csv"}
"""Codelists of the project whose rows are days and no children."""

PUPIL_NUMBER = re.compile(r"\b[A-HJ-NP-RT-Z]\d{11}[0-9A-HJ-NP-RT-Z]\b")
POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b")
DAY = re.compile(r"\b(?:\d{1,2}/\d{1,2}/(?:19|20)\d\d|(?:19|20)\d\d-\d\d-\d\d)\b")
MOST_PUPILS = 4
"""Numbers of a pupil's form that may stand in a written file, as examples of the form."""
MOST_ROWS = 10
"""Lines with a postcode and a day, or days that are all different, that may stand in a table of no children."""
RETURN_XML = re.compile(r"<\w*SSDA903|<(?:\w+:)?CHILD>.{0,2000}<(?:\w+:)?DOB>", re.S)
WRITTEN_PAGE = "Made by corporate-parenting-briefings"


def reason_to_refuse(path: Path, root: Path | None = None) -> str | None:
    """Say why a file may not be committed, or None.

    root: the repository's folder; the working folder if not given
    """
    name = _name_in(path, root or Path.cwd())
    if reason := _name_reason(name):
        return reason
    raw = path.read_bytes()
    text = _as_text(raw)
    if text is None:
        return "it is no plain text, and cannot be looked through before it is shared"
    if len(raw) > LARGEST:
        return f"it has more than {LARGEST // 1024} KB, as returns have and nothing of the project has"
    if PRIVATE_KEY.search(text) or _is_random(raw):
        return "it is a secret key"
    if name.suffix.lower() == ".ipynb":
        return _notebook_reason(text)
    return _content_reason(text, name)


def _name_in(path: Path, root: Path) -> PurePosixPath:
    resolved = path.absolute()
    inside = root.absolute() in resolved.parents
    return PurePosixPath((resolved.relative_to(root.absolute()) if inside else path).as_posix())


def _name_reason(name: PurePosixPath) -> str | None:
    if name.parts[0].casefold() in LOCKED_FOLDERS and name.name != "README.md":
        return "data and reports stay out of git"
    if CHECKPOINTS in name.parts:
        return "JupyterLab keeps outputs in its checkpoints"
    if name.suffix.lower() in BINARY_TABLES:
        return "a table in a binary file cannot be looked through before it is shared"
    return "it is a secret key" if KEYS.search(name.as_posix()) else None


def _as_text(raw: bytes) -> str | None:
    """Read text of the kinds that spreadsheets save; None for what is no text (workbook, archive, parquet, picture)."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", errors="replace")
    if b"\0" in raw or raw[:4] in (b"%PDF", b"PK\x03\x04", b"PAR1"):
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
        unseen = sum(not (one.isprintable() or one.isspace()) for one in text)
        return None if unseen > len(text) / 50 else text


def _is_random(raw: bytes) -> bool:
    """Say whether a file is one long random-looking word and nothing else: a key in hexadecimal or base64."""
    return bool(re.fullmatch(rb"\s*(?:[0-9a-fA-F]{40,}|[A-Za-z0-9+/_-]{40,}={0,2})\s*", raw))


def _notebook_reason(text: str) -> str | None:
    try:
        notebook = json.loads(text)
        cells = notebook["cells"]
    except (ValueError, KeyError, TypeError):
        return "the notebook cannot be read, so that nobody knows what it holds"
    if any(cell.get("outputs") for cell in cells):
        return "the notebook holds outputs; run nbstripout on it"
    if any(cell.get("execution_count") is not None for cell in cells):
        return "the notebook tells that it was run; run nbstripout on it"
    if any(cell.get("attachments") for cell in cells):
        return "the notebook holds pasted pictures"
    if {"widgets", "papermill"} & set(notebook.get("metadata", {})):
        return "the notebook holds what a run left (widgets, parameters); run nbstripout on it"
    return _content_reason("\n".join("".join(cell.get("source", "")) for cell in cells), PurePosixPath("notebook.md"))


def _content_reason(text: str, name: PurePosixPath) -> str | None:
    kind = name.suffix.lower()
    is_table = kind not in WRITTEN
    if kind == ".html" and WRITTEN_PAGE in text:
        return "it is a page that a run wrote"
    if text.lstrip().startswith("<") and RETURN_XML.search(text):
        return "it is an SSDA903 return"
    if len(set(PUPIL_NUMBER.findall(text))) > (0 if is_table else MOST_PUPILS):
        return "it holds numbers of pupils (UPN)"
    if _starts_as_table(text) if is_table else _holds_table(text, ROWS_BELOW.get(kind, MOST_ROWS_BELOW)):
        return "its header has a child identifier"
    if is_table and name.name not in LISTS_OF_DAYS and _has_rows_of_children(text):
        return "its rows have postcodes with dates, or a different date each, as rows of children have"
    return None


def _starts_as_table(text: str) -> bool:
    lines = text.splitlines()[:HEADER_LINES]
    return any(_is_header(cells, first=n == 0) for n, line in enumerate(lines) for cells in _cut(line))


def _holds_table(text: str, rows: int) -> bool:
    """Look everywhere for a line of column names with so many rows of its width below it."""
    lines = text.splitlines()
    return any(
        _is_header(cells, first=False) and _followed(lines[n + 1 : n + 1 + rows], rows, len(cells))
        for n, line in enumerate(lines)
        for cells in _cut(line)
    )


def _is_header(cells: list[str], *, first: bool) -> bool:
    names = {re.sub(r"[\W_]", "", cell).upper() for cell in cells}
    return bool(names & CHILD) and (first or bool(names & OF_A_CHILD))


def _followed(lines: list[str], rows: int, width: int) -> bool:
    return len(lines) == rows and all(any(len(cells) == width for cells in _cut(line)) for line in lines)


def _cut(line: str) -> Iterator[list[str]]:
    """Cut a line at each separator it has; a line of one cell is that cell."""
    found = [one for one in SEPARATORS if one in line] or [SEPARATORS[0]]
    for separator in found:
        yield next(csv.reader([line.strip()], delimiter=separator), [])


def _has_rows_of_children(text: str) -> bool:
    """Look for rows that tell of people whatever their columns are called: a place and a day, or a day of its own."""
    rows = text.splitlines()
    placed = [row for row in rows if POSTCODE.search(row.upper()) and DAY.search(row)]
    days = {DAY.search(row)[0] for row in rows if DAY.search(row)}
    return len(placed) > MOST_ROWS or len(days) > max(MOST_ROWS, len(rows) / 2)


def main(names: list[str]) -> int:
    """Print every file refused and why; 1 when there is one."""
    refused = [(name, reason) for name in names if Path(name).is_file() and (reason := reason_to_refuse(Path(name)))]
    for name, reason in refused:
        print(f"{name}: {reason}. Take it out with: git reset {name}")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
