"""Words that every sentence is made of: numbers, days, groups of children, and the words that are not used."""

from __future__ import annotations

import datetime as dt

from helpers.rounding import format_date, format_number

BANNED = ("LAC", "CLA", "BAME", "BME", "non-White", "looked after", "significant", "significantly", "trend for two")
"""Words that may not stand in text for readers; tests look for them in every page."""


def whole(value: float) -> str:
    """Give a whole number with thousands separators: 1,204."""
    return format_number(value, "whole")


def decimal(value: float, places: int = 1) -> str:
    """Give a number with a fixed number of decimal places: 1.4."""
    return format_number(value, f"decimal({places})")


def percent(part: float, base: float) -> str:
    """Give a share as a whole percentage of its base: 56%.

    raises: ValueError for a base that is not above 0
    """
    if not base > 0:
        raise ValueError("a percentage needs a base above 0")
    return format_number(part / base, "share")


def date_words(day: dt.date) -> str:
    """Give a date as people write it: 31 March 2021."""
    return format_date(day)


def children_words(count: float) -> str:
    """Give a number of children in words: '1,204 children', '1 child'."""
    return f"{whole(count)} {'child' if count == 1 else 'children'}"


def times(ratio: float) -> str:
    """Give a ratio as people say it: '2.1 times', with one decimal place."""
    return f"{decimal(ratio)} times"


def joined(words: list[str]) -> str:
    """Join words as a sentence does: 'A', 'A and B', 'A, B and C'."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def group_words(dimension: str, group: str, display: str) -> str:
    """Name a group of children: 'Children from Asian or Asian British backgrounds', 'Boys', 'Children aged 5 to 9'."""
    if dimension == "gender":
        return {"Male": "Boys", "Female": "Girls"}.get(group, "Children whose sex is not recorded")
    if dimension == "age_band":
        if group == "Under 1":
            return "Babies under 1"
        return f"Children {group.lower()}" if group.startswith("Under ") else f"Children aged {group}"
    if group == "Unknown":
        return "Children whose ethnic group is not known"
    if group == "Other":
        return "Children from other ethnic groups"
    return f"Children from {article_free(display)} backgrounds" if group == "Mixed" else f"{display} children"


def article_free(display: str) -> str:
    """Turn a group's name into an adjective: 'Mixed or multiple ethnic groups' becomes 'mixed or multiple ethnic'."""
    return display.removesuffix(" groups").replace("Mixed", "mixed")
