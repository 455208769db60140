"""What a page says in words: no small number of children, none that is left over, none that was not released."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from lxml import etree, html

from helpers.audit.released import Edition
from helpers.audit.result import Audit
from helpers.codes import load_codelist

COUNCIL_WORDS = "council-words"
_TOLD_ATTRIBUTES = ("aria-label", "alt", "title", "content", "value", "placeholder", "summary", "label")
_WORDS = ("one", "two", "three", "four", "five")
_PART = re.compile(r"(?<![\d.,])(\d[\d,]*) of (?:the |all |its )?(\d[\d,]*)(?![\d.,]*%)(?= [a-z])")
_WORD = re.compile(r"[A-Za-z]{3}")
_MAY_COUNT = re.compile(rf"(?<![\d.,%])\b(?:[1-{len(_WORDS)}]|{'|'.join(_WORDS)})\b|\d [a-z]", re.I)


class Said(NamedTuple):
    """One text of a page: where it is, in words, what it says, and whether the council wrote it."""

    place: str
    text: str
    by_council: bool = False


class _Patterns(NamedTuple):
    small: tuple[re.Pattern, ...]
    rules: re.Pattern
    people: re.Pattern
    number_of_people: re.Pattern


@lru_cache
def _patterns(limit: int) -> _Patterns:
    """Give the patterns of texts under the rule that counts of 1 to `limit` are small."""
    few = rf"(?:[1-{limit}]|{'|'.join(_WORDS[:limit])})"
    listed = load_codelist("audit_sentences")
    words = {kind: "|".join(part["pattern"]) for kind, part in listed.groupby("kind") if kind != "rule"}
    people, not_between = rf"(?:{words['people']})", rf"(?!(?:{words['between']})\b)"
    before = "".join(rf"(?<!\b{word} )" for word in words["before"].split("|"))
    number = rf"(?<![\d.,%\u2212-]){before}\b{few}"
    all_but = rf"\b(?:all|everyone|everybody|none) (?:but|except(?: for)?) {few}\b(?! (?:year|day)s?\b)"
    small = (
        rf"{number}(?: {not_between}[a-z][\w-]*){{0,2}} {people}\b",
        rf"{number} of (?:the |all |its |those )?\d",
        rf"{number} \(\d[\d.]*%\)",
        all_but,
        rf"\bonly {few} (?:were|was|had|has|have|did|of)\b",
    )
    of_rules = [one.replace("{limit}", str(limit)) for one in listed.loc[listed["kind"] == "rule", "pattern"]]
    rules = re.compile("|".join(f"(?:{one})" for one in of_rules), re.I)
    of_people = rf"(?<![\d.,%\u2212-])\b(\d{{1,3}}(?:,\d{{3}})*|\d+) {not_between}(?:[a-z][\w-]* )?{people}\b"
    compiled = tuple(re.compile(one, re.I) for one in small)
    return _Patterns(compiled, rules, re.compile(rf"{people}\b", re.I), re.compile(of_people, re.I))


@lru_cache
def _blocks() -> frozenset[str]:
    """Elements whose text stands by itself; what is in any other belongs to the sentence around it."""
    listed = load_codelist("audit_elements")
    return frozenset(listed.loc[listed["block"] == "yes", "element"])


def texts_of(root: html.HtmlElement) -> Iterator[Said]:
    """Give every text of a page, one for each block (bold words are of their sentence), then attributes."""
    parts: dict[html.HtmlElement, list[str]] = {}
    holder: dict[html.HtmlElement, html.HtmlElement] = {}
    blocks = _blocks()
    for element in root.iter():
        parent = element.getparent()
        if isinstance(element.tag, str) and element.tag not in ("style", "script"):
            own = element if element.tag in blocks or parent is None else holder.get(parent, parent)
            holder[element] = own
            parts.setdefault(own, []).append(element.text or "")
            if element.tag in blocks and parent is not None:
                parts.setdefault(holder.get(parent, parent), []).append(" | ")
        if parent is not None and element.tail:
            parts.setdefault(holder.get(parent, parent), []).append(element.tail)
    seen: dict[str, int] = {}
    for element, words in parts.items():
        if text := " ".join("".join(words).split()).strip("| "):
            tag = element.tag if isinstance(element.tag, str) else "text"
            seen[tag] = seen.get(tag, 0) + 1
            yield Said(f"<{tag}> {seen[tag]}", text, _is_of_council(element))
    yield from _attributes(root)


def _is_of_council(element: html.HtmlElement) -> bool:
    return any(each.get("class") == COUNCIL_WORDS for each in (element, *element.iterancestors()))


def _attributes(root: html.HtmlElement) -> Iterator[Said]:
    for place, element in enumerate(root.iter(etree.Element), start=1):
        for name in _TOLD_ATTRIBUTES:
            if (text := element.get(name)) and "http-equiv" not in element.attrib:
                yield Said(f"{name} of <{element.tag}> {place}", " ".join(text.split()))


@lru_cache(maxsize=50_000)
def without_rules(text: str, limit: int) -> str:
    """Take out of a text what tells a rule and no number of children, such as 'numbers of 1 to 5'."""
    return _patterns(limit).rules.sub(" - ", text)


@lru_cache(maxsize=50_000)
def tells_of_few(text: str, limit: int) -> bool:
    """Say whether a text tells of 1 to `limit` children, or of all but so many."""
    return any(pattern.search(text) for pattern in _patterns(limit).small)


def check_sentences(said: list[Said], place: str, audit: Audit, edition: Edition | None) -> None:
    """Note every text that tells of a small number of children, or a number of a number that was not released."""
    for one in said:
        if not (_MAY_COUNT.search(one.text) and _WORD.search(one.text)):
            continue
        text = without_rules(one.text, audit.limit)
        if tells_of_few(text, audit.limit):
            audit.fault(f"{place}, {one.place}", f"tells of 1 to {audit.limit} children")
        # What a council writes in its own words may tell other numbers than those of its return.
        if edition is not None and not one.by_council:
            _check_parts(text, f"{place}, {one.place}", audit, edition)
            _check_numbers(text, f"{place}, {one.place}", audit, edition)
    audit.count("sentences", len(said))


def _check_parts(text: str, place: str, audit: Audit, edition: Edition) -> None:
    for found in _PART.finditer(text):
        clause = re.split(r"[,.;:(|]", text[found.end() : found.end() + 60], maxsplit=1)[0]
        if not _patterns(audit.limit).people.search(clause):
            continue
        part, whole = (int(each.replace(",", "")) for each in found.groups())
        if audit.is_small(whole - part):
            audit.fault(place, f"leaves 1 to {audit.limit} children of a number")
        if (part, whole) not in edition.pairs:
            audit.fault(place, "tells a number of children of a base that no released row has")
        audit.count("parts")


def _check_numbers(text: str, place: str, audit: Audit, edition: Edition) -> None:
    for found in _patterns(audit.limit).number_of_people.finditer(text):
        if int(found[1].replace(",", "")) > audit.limit:
            audit.count("numbers")
            if int(found[1].replace(",", "")) not in edition.numbers:
                audit.fault(place, "tells a number of children that no released row has")
