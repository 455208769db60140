"""Pre-commit hook: refuse files that hold, or are likely to hold, records of single children.

Looks at the names and the first line of the files given. It catches mistakes, not malice: a return saved under
tests/, a parquet file, a workbook, anything under data/ or reports/ but their READMEs.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

LOCKED_FOLDERS = ("data/raw/", "data/processed/", "reports/")
BINARY_TABLES = {".parquet", ".xlsx", ".xls", ".feather", ".pkl", ".sav", ".db", ".sqlite"}
CHILD_COLUMNS = {"CHILD", "CHILDID", "UPN", "CHILD UNIQUE ID", "CHILD_ID"}


def reason_to_refuse(path: Path) -> str | None:
    """Say why a file may not be committed, or None."""
    name = path.as_posix()
    if name.startswith(LOCKED_FOLDERS) and path.name != "README.md":
        return "data and reports stay out of git"
    if path.suffix.lower() in BINARY_TABLES:
        return "a table in a binary file cannot be looked through before it is shared"
    if path.suffix.lower() in {".csv", ".txt", ".tsv"} and CHILD_COLUMNS & _header(path):
        return "its header has a child identifier"
    if path.suffix.lower() == ".xml" and b"<EXPSSDA903" in path.read_bytes()[:4096]:
        return "it is an SSDA903 return"
    if path.suffix.lower() == ".ipynb" and _has_outputs(path):
        return "the notebook holds outputs; run nbstripout on it"
    return None


def _header(path: Path) -> set[str]:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        first = file.readline()
    separator = "\t" if "\t" in first else ","
    return {cell.strip().strip('"').upper() for cell in first.split(separator)}


def _has_outputs(path: Path) -> bool:
    return any(cell.get("outputs") for cell in json.loads(path.read_text(encoding="utf-8"))["cells"])


def main(names: list[str]) -> int:
    """Print every file refused and why; 1 when there is one."""
    refused = [(name, reason) for name in names if Path(name).is_file() and (reason := reason_to_refuse(Path(name)))]
    for name, reason in refused:
        print(f"{name}: {reason}. Take it out with: git reset {name}")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
