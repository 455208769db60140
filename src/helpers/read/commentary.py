"""The two small files a council writes beside its returns: commentary.md and headings.csv. Both may be missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from helpers.commentary import BoroughHeading, parse_commentary, parse_headings
from helpers.errors import InputError
from helpers.read.text import AGAIN, to_text

OWN_WORDS = ("commentary.md", "headings.csv")
"""What a council may put into its folder of returns: its own words and headings."""

LARGEST = 1 << 16
"""Bytes. All slots of a page together have far fewer."""


def read_commentary(path: Path, headings: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Read a council's own words; an empty dict where the file is missing.

    headings: what may stand after `##`, with the key it is returned as
    returns: key to paragraphs of plain text (see helpers.commentary.parse_commentary)
    raises: InputError for a file that cannot be opened or is no small text, or a line that may not be shown
    """
    text = _text(path, "Save the commentary as plain text (UTF-8)")
    return {} if text is None else parse_commentary(text, path.name, headings)


def read_headings(path: Path, indicators: Iterable[str]) -> tuple[BoroughHeading, ...]:
    """Read a borough's own headings; an empty tuple where the file is missing.

    indicators: keys of the catalogue
    raises: InputError for a file that cannot be opened or is no small text, or a row that cannot be used
    """
    text = _text(path, "Save the headings as CSV (UTF-8)")
    return () if text is None else parse_headings(text, path.name, indicators)


def _text(path: Path, wanted: str) -> str | None:
    try:
        if not path.exists():
            return None
        if path.stat().st_size > LARGEST:
            raise InputError(f"{path.name} has more than {LARGEST >> 10} KB. {wanted} and run again. {AGAIN}")
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"{path.name} cannot be opened ({error.strerror}). Close it in other programs, see that you may read it "
            f"and run again. {AGAIN}"
        ) from None
    return to_text(raw, path.name, wanted) if raw.strip() else None


def is_own_words(path: Path) -> bool:
    """Tell a council's own words from a file of its return."""
    return path.name.casefold() in OWN_WORDS


def own_words_files(folder: Path | None, day: dt.date) -> dict[str, Path]:
    """Find a council's two files: its words in the folder of the day, else of the borough; its headings in the latter.

    folder: the borough's folder among the returns, or None
    returns: name of OWN_WORDS -> path, for those that are there
    """
    if folder is None:
        return {}
    words, headings = OWN_WORDS
    places = {words: [folder / day.isoformat() / words, folder / words], headings: [folder / headings]}
    found = {name: [path for path in paths if path.is_file()] for name, paths in places.items()}
    return {name: paths[0] for name, paths in found.items() if paths}


def read_own_words(
    folder: Path | None,
    day: dt.date,
    indicators: Iterable[str],
    slots: Callable[[Sequence[BoroughHeading]], Mapping[str, str]],
) -> tuple[dict[str, tuple[str, ...]], tuple[BoroughHeading, ...]]:
    """Read both files of a borough for a day: its words by slot, and its headings. Nothing where there are none.

    slots: gives, for the borough's headings, what may stand after `##` and the key of each
    raises: InputError as read_commentary and read_headings
    """
    files = own_words_files(folder, day)
    words, arranged = OWN_WORDS
    headings = read_headings(files[arranged], indicators) if arranged in files else ()
    return (read_commentary(files[words], slots(headings)) if words in files else {}), headings
