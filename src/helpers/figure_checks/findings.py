"""What a rule hands back, and the words that all rules share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from helpers.figure_checks.printed import Figure, fact
from helpers.figure_checks.spans import Span
from helpers.rounding import format_date, half_up

PLACES = {
    "borough": "", "london": "London", "england": "England", "statistical_neighbours": "similar areas",
    "target": "the target", "government_threshold": "the government's threshold",
}  # fmt: skip
_UNITS = {"percent": "%", "rate_per_10000": " per 10,000", "days": " days", "years": " years", "points": " points"}


@dataclass(frozen=True)
class Finding:
    """One contradiction, with the figures it rests on. `fact_key` tells the same fact found twice."""

    rule: str
    figures: tuple[Figure, ...]
    sentence: str
    gap: Fraction
    fact_key: tuple


def plain(number: Fraction | int, places: int = 2) -> str:
    """Write a number without needless zeros: 1.16, 3, 12,500."""
    text = f"{half_up(Fraction(number), places):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def told(figure: Figure) -> str:
    """Write a figure as printed, with its unit: 3.5%, 5, 44 per 10,000."""
    whole, dot, rest = figure.text.partition(".")
    digits = f"{int(whole or 0):,}" if whole.lstrip("-").isdigit() else whole
    sign = "-" if whole.startswith("-") and not digits.startswith("-") else ""
    return f"{sign}{digits}{dot}{rest}{_UNITS.get(figure.measure, '')}"


def subject(figure: Figure) -> str:
    """Write what a figure is about, to start a sentence: 'Bromley, 30 June 2022, children in care (white)'."""
    place = PLACES.get(figure.comparator, figure.comparator.replace("_", " "))
    there = f" ({place})" if place else ""
    return f"{figure.borough}{there}, {format_date(figure.day)}, {label(figure)}"


def label(figure: Figure) -> str:
    """Write what a figure is about inside a sentence, without place and day."""
    name = fact(figure.indicator, "name") or _from_key(figure.indicator)
    return name if figure.is_total or figure.role else f"{name} ({figure.category.replace('_', ' ')})"


def _from_key(indicator: str) -> str:
    for start, words in (("cla_", "children in care: "), ("cl_", "care leavers: ")):
        if indicator.startswith(start):
            return words + indicator.removeprefix(start).replace("_", " ")
    return indicator.replace("_", " ")


def where(figures: Iterable[Figure]) -> str:
    """Write which sections print figures, in the order of the rows."""
    sections = dict.fromkeys(figure.section for figure in sorted(figures, key=lambda figure: figure.row))
    return " and ".join(f"'{section}'" for section in sections)


def between(span: Span, places: int = 0) -> str:
    """Write a span for a reader, as '266 to 274' or one number."""
    low, high = plain(span.low, places), plain(span.high, places)
    return low if low == high else f"{low} to {high}"


def whole_children(span: Span) -> str:
    """Write the whole numbers in a span: '7 to 12', '9', or 'no whole number'."""
    low = -((-span.low.numerator) // span.low.denominator)
    high = span.high.numerator // span.high.denominator
    low += span.open_low and low == span.low
    high -= span.open_high and high == span.high
    if low > high:
        return "no whole number"
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def years_between(earlier: dt.date, later: dt.date) -> Fraction:
    """Give the years from one day to another."""
    return Fraction((later - earlier).days * 100, 36525)
