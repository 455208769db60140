"""The text of a PDF (a page that somebody printed), and what its properties say: enough to look for identifiers.

No run writes one. Streams are unpacked with zlib; letters that a font names by number are read through its own table
(ToUnicode). What cannot be read is a fault, so nothing is passed unread. Source: ISO 32000-1, sections 7.3, 9.4, 9.10.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from helpers.audit.canaries import look_for_canaries
from helpers.audit.files import File
from helpers.audit.result import Audit

_STREAM = re.compile(rb"<<((?:[^>]|>(?!>))*(?:<<.*?>>(?:[^>]|>(?!>))*)*)>>\s*stream\r?\n(.*?)\r?\n?endstream", re.S)
_STRING = re.compile(rb"\((?:\\.|[^\\()]|\((?:\\.|[^\\()])*\))*\)|<([0-9A-Fa-f\s]+)>", re.S)
_SHOWN = re.compile(rb"(\[(?:[^\]\\]|\\.)*\]|\((?:\\.|[^\\()])*\)|<[0-9A-Fa-f\s]*>)\s*(?:TJ|Tj|'|\")", re.S)
_PERSON = re.compile(rb"/(?:Author|Keywords|Subject|Company|Manager)\s*(?:\((?!\))|<(?!>)(?!feff>))")
_SINGLE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_RANGE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*(?:<([0-9A-Fa-f]+)>|\[(.*?)\])", re.S)
_MOST_LETTERS = 65_535
_LARGEST = 64 * 1024 * 1024


def check_pdf(file: File, audit: Audit, days: set[str]) -> None:
    """Look at a PDF's text, its properties and what is embedded in it."""
    if not file.content.startswith(b"%PDF"):
        audit.fault(file.name, "no PDF")
        return
    for mark, what in (
        (b"/Encrypt", "is locked"),
        (b"/EmbeddedFile", "has files inside"),
        (b"/JavaScript", "has a script"),
    ):
        if mark in file.content:
            audit.fault(file.name, f"a PDF that {what}")
    contents = list(_unpacked(file, audit))
    if _PERSON.search(b"\n".join([file.content, *contents])):
        audit.fault(file.name, "document properties that name a person or a council, or say what nobody sees")
    maps = [letters for content in contents if b"beginbfchar" in content or b"beginbfrange" in content
            for letters in [_letters(content)]]  # fmt: skip
    told = [text for content in [file.content, *contents] for text in _texts(content, maps)]
    look_for_canaries("\n".join(told), file.name, audit, days | _days_made(file.content))
    if not maps and any(not part.isprintable() for content in contents for part in _plain_lines(content)):
        audit.fault(file.name, "letters that cannot be read")
    audit.count("pdfs")


def _unpacked(file: File, audit: Audit) -> Iterator[bytes]:
    for facts, stream in _STREAM.findall(file.content):
        if b"/Image" in facts or b"/FontFile" in facts or b"/Length1" in facts:
            continue
        if b"FlateDecode" not in facts:
            if b"/Filter" in facts:
                audit.fault(file.name, "a part that cannot be read")
            yield stream
            continue
        try:
            yield zlib.decompressobj().decompress(stream, _LARGEST)
        except zlib.error:
            audit.fault(file.name, "a part that cannot be read")


def _letters(table: bytes) -> dict[bytes, str]:
    """Read a font's table from its numbers to letters: single ones, spans, and spans with a letter for each."""
    letters = {}
    for section in re.findall(rb"beginbfchar(.*?)endbfchar", table, re.S):
        letters |= {bytes.fromhex(one.decode()): _utf16(letter) for one, letter in _SINGLE.findall(section)}
    for section in re.findall(rb"beginbfrange(.*?)endbfrange", table, re.S):
        for first, last, letter, each in _RANGE.findall(section):
            told = re.findall(rb"<([0-9A-Fa-f]+)>", each)
            for step in range(min(int(last, 16) - int(first, 16), _MOST_LETTERS) + 1):
                number = (int(first, 16) + step).to_bytes(len(first) // 2, "big")
                if letter:
                    letters[number] = _utf16(b"%0*x" % (len(letter), int(letter, 16) + step))
                elif step < len(told):
                    letters[number] = _utf16(told[step])
    return letters


def _utf16(digits: bytes) -> str:
    return bytes.fromhex(digits.decode()).decode("utf-16-be", errors="replace")


def _texts(content: bytes, maps: list[dict[bytes, str]]) -> Iterator[str]:
    """Give the strings that are shown on a page, read as plain letters and through the table of every font."""
    lines = _lines(content)
    yield "\n".join(_plain_lines(content))
    yield "".join(_plain_lines(content))
    for letters in maps:
        wide = max(map(len, letters), default=1)
        read = ["".join(letters.get(line[n : n + wide], "\ufffd") for n in range(0, len(line), wide)) for line in lines]
        yield "\n".join(read)
        yield "".join(read)
    yield "\n".join(_bytes_of(part).decode("latin-1") for part in _STRING.finditer(content) if part[0].startswith(b"("))


def _lines(content: bytes) -> list[bytes]:
    return [b"".join(_bytes_of(part) for part in _STRING.finditer(shown)) for shown in _SHOWN.findall(content)]


def _plain_lines(content: bytes) -> list[str]:
    return [line.decode("latin-1") for line in _lines(content)]


def _bytes_of(found: re.Match) -> bytes:
    text = found[0]
    if text.startswith(b"<"):
        digits = re.sub(rb"\s", b"", text[1:-1])
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
    return re.sub(rb"\\(.)", rb"\1", text[1:-1], flags=re.S)


def _days_made(content: bytes) -> set[str]:
    """The days on which a PDF says that it was made or changed."""
    found = re.findall(rb"/(?:CreationDate|ModDate)\s*\(D:(\d{4})(\d{2})(\d{2})", content)
    return {b"-".join(parts).decode() for parts in found}
