"""Names of a return's files as a report may tell them: the usual names as they are, any other by its place.

Whoever saves a return chooses its name, and a name may tell of a child. Pages and run.json leave the building.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath

from helpers.codes import boroughs, load_codelist
from helpers.settings import slug

UNNAMED = "a file of the return"
WORDS_OF_NAMES = "made up ssda return returns annex list sheet commentary headings and of csv tsv txt xlsx xlsm xml md"
KNOWN_ENDINGS = (".csv", ".txt", ".tsv", ".tab", ".dat", ".xml", ".xlsx", ".xlsm", ".md")
_PARTS = re.compile(r"[^\W\d_]+|\d+")
_PLAIN_NUMBER = re.compile(r"\d{1,2}|903|(?:19|20)\d\d|(?:19|20)\d{6}")
_PLAIN_SIGNS = re.compile(r"[\w ,.()-]+", re.ASCII)


@lru_cache
def _known_words() -> frozenset[str]:
    listed = load_codelist("return_files")
    words = " ".join([*listed["table"], *listed["file"], *listed["name"], *boroughs()["label"], WORDS_OF_NAMES])
    return frozenset(_PARTS.findall(words.replace("_", " ").casefold()))


def is_usual(name: str) -> bool:
    """Say whether a file's name has only words of tables and boroughs, days and years: it can tell of nobody."""
    parts = _PARTS.findall(name.casefold())
    return bool(_PLAIN_SIGNS.fullmatch(name)) and all(
        part in _known_words() or _PLAIN_NUMBER.fullmatch(part) for part in parts
    )


def names_to_tell(names: Iterable[str]) -> dict[str, str]:
    """Give for each name of one folder what may be told: itself, or 'file 3.csv' by its place in order of name."""
    order = sorted(set(names))
    return {name: name if is_usual(name) else f"file {n}{_ending(name)}" for n, name in enumerate(order, start=1)}


def _ending(name: str) -> str:
    ending = PurePosixPath(name.split(", sheet ")[0]).suffix.lower()
    return ending if ending in KNOWN_ENDINGS else ""


def inputs_to_tell(inputs: Mapping[str, str]) -> dict[str, str]:
    """Give the checksums of a run's inputs under names that may be told; published files keep the names they have.

    inputs: path within the folder of returns (<borough>/<date>/<name>) or of published files -> checksum
    """
    known = set(map(slug, boroughs()["label"]))
    paths = {path: PurePosixPath(path) for path in inputs}
    own = {path: at for path, at in paths.items() if len(at.parts) > 1 and slug(at.parts[0]) in known}
    folders: dict[PurePosixPath, list[str]] = {}
    for at in own.values():
        folders.setdefault(at.parent, []).append(at.name)
    told = {folder: names_to_tell(names) for folder, names in folders.items()}
    return {
        (str(at.parent / told[at.parent][at.name]) if (at := own.get(path)) else path): checksum
        for path, checksum in inputs.items()
    }


def without_file_names(reason: str, returns: Path) -> str:
    """Take from a message for a page the names of files of returns that are not usual ones."""
    names = {path.name for path in returns.glob("*/*/*")} if returns.is_dir() else set()
    for name in sorted((name for name in names if not is_usual(name)), key=len, reverse=True):
        reason = reason.replace(name, UNNAMED)
    return reason
