"""Look through a reports folder as an outsider would, for what must never be in it.

A floor, not a proof: small counts in the released tables, identifiers, scripts, forms, requests and machine paths.
"""

from __future__ import annotations

import csv
import re
import zipfile
from pathlib import Path

from helpers.disclosure import SMALLEST
from helpers.errors import NoDataError

LIMIT = SMALLEST["la-1-5"]
TEXT = {".html", ".csv", ".json"}
PATTERNS = {
    "an identifier of a made-up child": re.compile(r"\bMADEUP[0-9A-Z]{4}\b"),
    "a keyed identifier of a child": re.compile(r"(?<![0-9a-f#-])[0-9a-f]{16}(?![0-9a-f])"),
    "a unique pupil number": re.compile(r"\b[A-HJ-NP-RT-Z]\d{12}\b"),
    "a full postcode": re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b"),
    "a path of a machine": re.compile(r"(?:/(?:home|root|Users|tmp)/|\b[A-Z]:\\)"),
}
HTML_PATTERNS = {
    "a script": re.compile(r"<script|\son\w+\s*=|javascript:", re.I),
    "a form": re.compile(r"<(?:form|input|iframe|object|embed)\b", re.I),
    "a request to another place": re.compile(
        r"(?:src|srcset|action)\s*=\s*[\"']?(?!data:)[a-z]+:|@import|url\(\s*[\"']?https?:", re.I
    ),
}


def audit_reports(folder: Path) -> tuple[list[str], int]:
    """Look through every file of a reports folder.

    returns: the faults found, one line each, naming the file and never what leaked; and how many files were looked at
    raises: NoDataError when there is nothing to look at
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "README.md")
    if not files:
        raise NoDataError(f"{folder.name} holds no files to look at. Give a reports folder that a run has written.")
    faults = [f"{path.relative_to(folder).as_posix()}: {fault}" for path in files for fault in _faults(path)]
    return faults, len(files)


def _faults(path: Path) -> list[str]:
    if path.suffix == ".xlsx":
        return _pattern_faults(_workbook_text(path), PATTERNS)
    if path.suffix not in TEXT:
        return [f"a file of a kind that no run writes ({path.suffix or 'no ending'})"]
    text = path.read_text(encoding="utf-8")
    faults = _pattern_faults(text, PATTERNS)
    if path.suffix == ".html":
        faults += _pattern_faults(text, HTML_PATTERNS)
    if path.name in ("indicators.csv", "disproportionality.csv"):
        faults += _small_counts(path)
    return faults


def _pattern_faults(text: str, patterns: dict[str, re.Pattern]) -> list[str]:
    return [what for what, pattern in patterns.items() if pattern.search(text)]


def _workbook_text(path: Path) -> str:
    with zipfile.ZipFile(path) as workbook:
        return "\n".join(workbook.read(name).decode("utf-8") for name in workbook.namelist() if name.endswith(".xml"))


def _small_counts(path: Path) -> list[str]:
    faults = []
    with path.open(newline="", encoding="utf-8") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            count = row.get("numerator", row.get("count")) or ""
            if count and 1 <= float(count) <= LIMIT:
                faults.append(f"line {line} shows a count of 1 to {LIMIT}")
            if count and row.get("status") == "suppressed":
                faults.append(f"line {line} is marked suppressed and shows its count")
    return faults
