"""Which files a reports folder may hold, and the text of each kind, hidden or not."""

from __future__ import annotations

import csv
import io
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from helpers.audit.canaries import tellable
from helpers.audit.result import Audit
from helpers.codes import areas, load_codelist
from helpers.settings import slug

TOP, EDITION = "top", "edition"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
_NO_LETTERS = re.compile(rb"[^\x20-\x7e]+")


class File(NamedTuple):
    """One file to look at: where it is, its name from the reports folder, and its bytes."""

    path: Path
    name: str
    content: bytes

    @property
    def kind(self) -> str:
        return self.path.suffix.lower()


def editions_in(folder: Path) -> list[Path]:
    """Give the folders of editions, <borough>/<day>/, in order; hidden ones too, so that they are looked at."""
    return sorted(day for place in folder.iterdir() if place.is_dir() for day in place.iterdir() if day.is_dir())


def read_files(folder: Path, within: Path, audit: Audit, *, place: str) -> list[File]:
    """Read the files of an edition or of the top of a reports folder; note those that have no place there.

    place: 'top' for the folder of all reports (its own files alone), 'edition' for <borough>/<day>/ and all below it
    """
    allowed = load_codelist("audit_files").loc[lambda listed: listed["place"] == place, "name"].tolist()
    paths = folder.rglob("*") if place == EDITION else [*folder.iterdir(), *folder.glob("*/*")]
    files = []
    for path in sorted(one for one in paths if one.is_symlink() or one.is_file()):
        name = tellable(path.relative_to(within).as_posix())
        if path.is_symlink():
            audit.fault(name, "a link to another place, where a file should be")
            continue
        if path.parent != folder or not any(fnmatchcase(path.name, one) for one in allowed):
            audit.fault(name, "a file that no run writes there")
        files.append(File(path, name, path.read_bytes()))
    audit.files += len(files)
    return files


def check_place(folder: Path, audit: Audit) -> None:
    """Note an edition whose folder is not named after a London borough and a day."""
    known = {slug(name) for name in areas().loc[lambda listed: listed["level"] == "borough", "label"]}
    if folder.parent.name not in known or not _DAY.fullmatch(folder.name):
        place = tellable(f"{folder.parent.name}/{folder.name}")
        audit.fault(place, "a folder that is not named after a borough and a day")


def decoded(file: File, audit: Audit) -> str:
    """Give the text of a file that should be UTF-8; note it where it is not, and read it byte for byte."""
    try:
        return file.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        audit.fault(file.name, "text that is not UTF-8")
        return file.content.decode("latin-1")


def readable(content: bytes) -> str:
    """Give the plain letters and signs of bytes of any kind, a line for each stretch of them."""
    return _NO_LETTERS.sub(b"\n", content).decode("ascii")


def rows_of(text: str) -> list[list[str]]:
    """Read CSV text as rows of cells."""
    return list(csv.reader(io.StringIO(text)))


def words_of(rows: list[list[str]]) -> str:
    """Give every different cell that is not a plain number, a line each: what may hold words is looked at once."""
    cells = {cell for row in rows for cell in row}
    return "\n".join(sorted(cell for cell in cells if not _NUMBER.fullmatch(cell)))
