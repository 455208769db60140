"""Cells of codes to codes: in any case, with a prefix, with their name or in place of it; never by a guess."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from helpers.codes import load_codelist

PREFIX = re.compile(r"\(?[A-Za-z]{1,2}\s?\)\s*(.+)")
"""How Annex A numbers the entries of a list: a) Yes."""


@lru_cache
def answers(table: str) -> dict[str, str]:
    """Give the words of yes and no and the flag they stand for in a table; blank for not known, where that is told."""
    listed = load_codelist("yes_no")
    own = listed[[table.startswith(tables) for tables in listed["tables"]]]
    return dict(zip(own["found"], own["code"], strict=True))


@cache
def _listed(codelist: str) -> tuple[frozenset[str], dict[str, set[str]], dict[str, tuple[int, int]]]:
    """Give a codelist's codes, the codes of each name and known spelling, and the first and last year of each code."""
    listed = load_codelist(codelist)
    names: dict[str, set[str]] = {}
    for code, label in zip(listed["code"], listed["label"], strict=True):
        names.setdefault(_plain(label), set()).add(code)
    label_of = dict(zip(listed["code"], listed["label"], strict=True))
    for found, code in _fixes(codelist):
        names[_plain(found)] = names[_plain(label_of[code])] if code in label_of else {code}
    years = zip(listed["code"], listed["first_year"], listed["last_year"], strict=True)
    return frozenset(listed["code"]), names, {code: (int(first or 0), int(last or 9999)) for code, first, last in years}


class Codes:
    """One codelist with the names and known spellings of its codes, as one return year reads them."""

    def __init__(self, codelist: str, year: int) -> None:
        self.codes, self.names_of_any_year, years = _listed(codelist)
        valid = {code for code, (first, last) in years.items() if first <= year <= last}
        # A name that two codes share ("Male" is 1 or M) means the one of the year; no other choice is made.
        self.names = {
            name: (codes & valid if len(codes) > 1 else codes) for name, codes in self.names_of_any_year.items() if name
        }

    def named(self, text: str) -> str | None:
        """Give the one code that a name stands for."""
        codes = self.names.get(_plain(text), set())
        return next(iter(codes)) if len(codes) == 1 else None

    def read(self, cell: str) -> tuple[str, str] | None:
        """Give the code, and why where it stood in another form; None where it is not certain."""
        if cell in self.codes:
            return cell, ""
        if cell.upper() in self.codes:
            return cell.upper(), "The code was in small letters."
        if (whole := re.fullmatch(r"(.+?)\.0+", cell)) and whole[1] in self.codes:
            return whole[1], "A spreadsheet or data tool wrote the code with a decimal point."
        prefixed = PREFIX.fullmatch(cell)
        bare = prefixed[1].strip() if prefixed else cell
        if prefixed and bare.upper() in self.codes:
            return bare.upper(), "A prefix stood before the code."
        if code := self.named(bare):
            return code, "The name of the code stood in its place."
        together = re.sub(r"\s", "", bare).upper()
        if together in self.codes and re.search("[0-9]", together):
            return together, "The code was spaced otherwise."
        code = self._with_its_name(bare) or (self._with_its_name(cell) if prefixed else None)
        return (code, "The code stood with its name.") if code else None

    def _with_its_name(self, cell: str) -> str | None:
        """Read 'WBRI - White British', 'C2: FCO', 'E5 Moved on', '(RD1) Needs changed', 'White and Asian [MWAS]'."""
        for form in _CODE_AND_NAME:
            parts = form.fullmatch(cell)
            if parts and parts["code"].upper() in self.codes:
                code, name = parts["code"].upper(), parts["name"].strip(" ()[]:-–—")
                return code if self._agrees(code, name, spaced="space" in parts.re.groupindex) else None
        return None

    def _agrees(self, code: str, name: str, *, spaced: bool) -> bool:
        """Say whether the name may be the code's: not where it is, or holds, the name of another one.

        With no more than a space between, or where the code is a word such as NO, the name has to be known.
        """
        if name.upper() in self.codes - {code}:
            return False
        again = re.sub(rf"^{re.escape(code)}\b[\s:–—-]*", "", name, flags=re.IGNORECASE)
        if known := [words for words in (_plain(name), _plain(again)) if words in self.names_of_any_year]:
            return code in self.names_of_any_year[known[0]]
        if spaced and re.match(r"[A-Za-z0-9]\b", name):
            return False  # 'E4 A' is not E4
        held = [one for one in self.names_of_any_year if len(one) > 3 and f" {one} " in f" {_plain(name)} "]
        if held:
            return code in self.names_of_any_year[max(held, key=len)]
        surely_a_code = re.search("[0-9]", code) if spaced else code.casefold() not in answers("")
        return bool(surely_a_code) or not _plain(again)


_SPLIT = r"\s*(?:[:–—-])\s*"
_CODE_AND_NAME = [
    re.compile(form)
    for form in (
        rf"(?P<code>[A-Za-z0-9]{{1,6}}){_SPLIT}(?P<name>.*)",
        r"[(\[](?P<code>[A-Za-z0-9]{1,6})[)\]]\s*[:–—-]?\s*(?P<name>.+)",
        r"(?P<name>.+?)\s*[(\[](?P<code>[A-Za-z0-9]{1,6})[)\]]",
        r"(?P<code>[A-Za-z0-9]{1,6})\s*[(\[](?P<name>.+)[)\]]",
        r"(?P<name>.+?)\s+[-–—]\s+(?P<code>[A-Za-z0-9]{2,6})",
        r"(?P<code>[A-Za-z0-9]{1,6})(?P<space>\s+)(?P<name>.+)",
    )
]


@cache
def codes_of(codelist: str, year: int) -> Codes:
    """Give one codelist as one return year reads it; kept, because ten tables use the same.

    All of them are kept: ten years of returns have more pairs than the 128 that lru_cache keeps unless told otherwise,
    and one takes as long to make as a column takes to read.
    """
    return Codes(codelist, year)


def _fixes(codelist: str) -> list[tuple[str, str]]:
    try:
        listed = load_codelist(f"{codelist}_fixes")
    except FileNotFoundError:
        return []
    return list(listed[["found", "code"]].itertuples(index=False, name=None))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", name.casefold().replace("&", " and ")).strip()
