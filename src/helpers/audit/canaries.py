"""What must stand in no file of any kind: identifiers, days that may be of birth, paths, names of users."""

from __future__ import annotations

import calendar
import datetime as dt
import getpass
import re
from collections.abc import Iterable
from functools import lru_cache

from helpers.audit.result import Audit
from helpers.codes import areas, load_catalogue, load_codelist

_MONTHS = {name: number for number, name in enumerate(calendar.month_name) if name}
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_SLASHES = re.compile(r"(?<![\d/])(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?![\d/])")
_MONTH_NAMES = "|".join([*_MONTHS, *(name[:3] for name in _MONTHS)])
_WORDS = re.compile(rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)? ({_MONTH_NAMES}),? (\d{{4}})(?!\d)")
_MANY_DIGITS = re.compile(r"\d{5}")
_SHORTEST_NAME = 4  # letters; a shorter user name stands in ordinary words
_DAYS_TOLD_IN_CODELISTS = ("rules", "series_breaks", "board_definitions", "finding_rules")


@lru_cache
def _patterns() -> tuple[tuple[str, re.Pattern], ...]:
    listed = load_codelist("audit_patterns")
    return tuple((row.what, re.compile(row.pattern)) for row in listed.itertuples())


@lru_cache
def user_pattern(name: str) -> re.Pattern | None:
    """Give the pattern of a user's name; None for one that is short, or an ordinary word or place."""
    ordinary = {one.lower() for one in load_codelist("audit_ordinary_user_names")["name"]}
    places = {word.lower() for label in areas()["label"] for word in label.split()}
    if len(name) < _SHORTEST_NAME or name.lower() in ordinary | places:
        return None
    return re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])", re.I)


def current_user() -> str:
    """Give the name of who runs this; blank where the machine does not say."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def look_for_canaries(text: str, place: str, audit: Audit, days: Iterable[str]) -> None:
    """Note every kind of identifier, path, name or unknown day that a text holds. Lines are told, never what leaked."""
    for what, pattern in _patterns():
        if pattern.search(text):
            audit.fault(place, what)
    user = user_pattern(current_user())
    if user is not None and user.search(text):
        audit.fault(place, "the name of the user who ran this")
    known = {*days, *days_in_codelists()}
    if any(day not in known for day in days_told(text)):
        audit.fault(place, "a day that is none of an edition or a release: it may be of birth")
    audit.count("texts")


def tellable(name: str) -> str:
    """Give the name of a file as a fault may tell it: what of it may be of a child is left out."""
    return "/".join("(name not told)" if _may_be_of_a_child(part) else part for part in name.split("/"))


def _may_be_of_a_child(name: str) -> bool:
    return bool(_MANY_DIGITS.search(name)) or any(pattern.search(name) for _, pattern in _patterns())


def days_told(text: str) -> set[str]:
    """Give every day that a text tells in figures or words, as ISO. What is no day of the calendar is none."""
    found = [(year, month, day) for year, month, day in _ISO.findall(text)]
    found += [(year, month, day) for day, month, year in _SLASHES.findall(text)]
    numbers = {**_MONTHS, **{name[:3]: number for name, number in _MONTHS.items()}}
    found += [(year, numbers[month], day) for day, month, year in _WORDS.findall(text)]
    return {day for parts in found if (day := _iso(*map(int, parts)))}


def _iso(year: int, month: int, day: int) -> str:
    try:
        return dt.date(year, month, day).isoformat()
    except ValueError:
        return ""


def with_days_after(days: Iterable[str]) -> set[str]:
    """Give days and the day after each: a year to 31 March is told as beginning on 1 April."""
    known = set(days)
    return known | {(dt.date.fromisoformat(day) + dt.timedelta(days=1)).isoformat() for day in known}


@lru_cache
def days_in_codelists() -> frozenset[str]:
    """Give the days that rules and definitions tell: laws, breaks of a series."""
    lists = [*map(load_codelist, _DAYS_TOLD_IN_CODELISTS), load_catalogue()]
    return frozenset(
        day for listed in lists for column in listed for day in days_told("\n".join(listed[column].unique()))
    )
