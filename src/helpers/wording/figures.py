"""One released number as a sentence needs it: unrounded, with its kind, its base and whether it may be shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from numbers import Integral, Real

from helpers.rounding import format_number, half_up, rounded
from helpers.wording.words import BANNED, joined

Number = Real | Decimal | Fraction

SHOWN = ("shown", "provisional")
STATUSES = (*SHOWN, "suppressed", "not_available", "not_applicable")
PLACES = {"count": 0, "share": 0, "rate": 0, "average": 1, "days": 0}
"""Decimal places of each kind of number. A share is of 1; a rate is of 10,000 children; an average names its unit."""
LARGEST_BASE_WITHOUT_PERCENT = 10
"""A percentage of ten people or fewer is not given: it tells of one person."""
SMALLEST_BASE_FOR_HUNDREDTHS = 1_000
"""A share below 1% has two decimals where its base is at least this (0.04% of all children), else it is 'under 1%'."""
MOST_PLACES = 2
LONGEST_SENTENCE = 25
"""Words. A longer sentence is refused: split what it says."""
ONE_OF = {
    "children": "child",
    "people": "person",
    "leavers": "leaver",
    "boys": "boy",
    "girls": "girl",
    "babies": "baby",
    "mothers": "mother",
    "pupils": "pupil",
    "members": "member",
    "days": "day",
    "times": "time",
    "points": "point",
    "years": "year",
    "months": "month",
    "episodes": "episode",
    "homes": "home",
    "moves": "move",
    "starts": "start",
    "adoptions": "adoption",
    "assessments": "assessment",
    "plans": "plan",
    "visits": "visit",
    "reviews": "review",
    "workers": "worker",
    "alerts": "alert",
    "carers": "carer",
}
"""Every plural a count may carry, with its singular, for '1 child'."""
PEOPLE = (
    "children",
    "people",
    "leavers",
    "boys",
    "girls",
    "babies",
    "mothers",
    "pupils",
    "members",
    "workers",
    "carers",
)


@dataclass(frozen=True)
class Figure:
    """One number that may be told, or the reason why it may not.

    value: unrounded; a share of 1 (0.73 is 73%), a rate of 10,000; None where the status hides it
    noun: what is counted, in the plural ('children', 'care leavers'); for an average its unit ('points')
    part, base: people counted and out of how many, where they are known
    places: decimal places other than the usual ones of its kind
    exact: False for a number that somebody else had rounded to its places; no decimal is ever added to it
    raises: ValueError for a hidden figure that carries a number, a shown one that has none, a percentage of ten people
        or fewer, a count that is not a whole number from 0 or whose noun has no singular in ONE_OF
    """

    value: Number | None
    kind: str = "count"
    noun: str = "children"
    status: str = "shown"
    part: int | None = None
    base: int | None = None
    places: int | None = None
    exact: bool = True

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise ValueError(f"{self.status!r} is not a status. Use one of: {', '.join(STATUSES)}")
        if self.kind not in PLACES:
            raise ValueError(f"{self.kind!r} is not a kind of figure. Use one of: {', '.join(PLACES)}")
        if self.kind == "count":
            one_of(self.noun)
        if not self.is_shown:
            _refuse_hidden_numbers(self)
        elif self.value is None or not isfinite(self.value):
            raise ValueError("a figure without a number needs a status that says why")
        elif self.value < 0 or (self.kind == "count" and self.value != int(self.value)):
            raise ValueError("a figure is not below 0, and a count is a whole number")
        elif self.kind == "share" and self.base is not None and self.base <= LARGEST_BASE_WITHOUT_PERCENT:
            raise ValueError(f"no percentage of {LARGEST_BASE_WITHOUT_PERCENT} people or fewer: give count and base")

    @property
    def is_shown(self) -> bool:
        return self.status in SHOWN

    @property
    def shown_places(self) -> int:
        return PLACES[self.kind] if self.places is None else self.places


def _refuse_hidden_numbers(figure: Figure) -> None:
    missing = figure.value is None or figure.value != figure.value  # a missing cell of a table is not equal to itself
    if not missing or figure.part is not None:
        raise ValueError(f"a figure with the status {figure.status} carries no number")


def count(value: Number, noun: str = "children", *, status: str = "shown") -> Figure:
    """Give a number of people or events."""
    return Figure(value, "count", noun, status)


def share(part: int, base: int, noun: str = "children", *, status: str = "shown") -> Figure:
    """Give a part of a base of people, kept exact. noun: the base, such as 'children in care'.

    raises: ValueError for a base of ten people or fewer, or a part that is not within its base
    """
    if int(part) != part or int(base) != base or not 0 <= part <= base or not base:
        raise ValueError("a share needs whole numbers of people, the part within its base, the base above 0")
    return Figure(Fraction(int(part), int(base)), "share", noun, status, int(part), int(base))


def published_share(percent: Number, noun: str = "children", *, places: int = 0, status: str = "shown") -> Figure:
    """Give a percentage as another body printed it, such as London's; its base is theirs."""
    return Figure(Fraction(str(percent)) / 100, "share", noun, status, places=places, exact=False)


def target_share(percent: Number, *, places: int = 0) -> Figure:
    """Give a percentage that is set and not counted, such as a target of 69% or a threshold of 0.1% (one place)."""
    return Figure(Fraction(str(percent)) / 100, "share", places=places)


def rate(part: int, population: int, noun: str = "children", *, status: str = "shown") -> Figure:
    """Give a rate of 10,000 children, kept exact, with the children it stands for.

    raises: ValueError for a population that is not above 0
    """
    if not population > 0:
        raise ValueError("a rate needs a population above 0")
    return Figure(Fraction(int(part), int(population)) * 10_000, "rate", noun, status, int(part), int(population))


def published_rate(per_10_000: Number, *, places: int = 0) -> Figure:
    """Give a rate of 10,000 children as another body printed it."""
    return Figure(per_10_000, "rate", places=places, exact=False)


def average(value: Number, unit: str, *, base: int | None = None) -> Figure:
    """Give an average with one decimal place; days are whole. base: how many people it is of.

    raises: ValueError for an average of ten people or fewer
    """
    if base is not None and base <= LARGEST_BASE_WITHOUT_PERCENT:
        raise ValueError(f"no average of {LARGEST_BASE_WITHOUT_PERCENT} people or fewer")
    return Figure(value, "days" if unit == "days" else "average", unit, base=base)


def hidden(status: str, kind: str = "count", noun: str = "children") -> Figure:
    """Give a figure that is not told: suppressed, not_available or not_applicable."""
    return Figure(None, kind, noun, status)


def one_of(noun: str) -> str:
    """Give the singular of a counted noun: 'care leavers' is 'care leaver', 'children in care' 'child in care'.

    raises: ValueError for a noun that ONE_OF does not hold
    """
    words = noun.split()
    for place, word in enumerate(words):
        if word in ONE_OF:
            return " ".join([*words[:place], ONE_OF[word], *words[place + 1 :]])
    raise ValueError(f"no singular is known for {noun!r}: add it to ONE_OF")


def are_people(noun: str) -> bool:
    """Say whether a noun names people, who 'who' is said of."""
    return any(word in PEOPLE for word in noun.split())


def counted(number: Number, noun: str) -> str:
    """Give a number with its noun: '430 children', '1 child', 'no children'."""
    if number == 0:
        return f"no {noun}"
    return f"{format_number(number, 'whole')} {one_of(noun) if number == 1 else noun}"


def value_text(figure: Figure, places: int | None = None) -> str:
    """Write a shown figure without its noun: '430', '73%', '67', '435 days'. Never '0%' of some or '100%' of not all.

    places: decimal places other than the figure's own
    """
    places = places if figure.exact else None
    if figure.kind == "share":
        return _share_text(figure, places)
    if figure.kind == "days" and not places:
        return counted(rounded(figure.value, "whole"), figure.noun).replace("no ", "0 ")
    number = format_number(figure.value, f"decimal({figure.shown_places if places is None else places})")
    return f"{number} {figure.noun}" if figure.kind == "days" else number


def _share_text(figure: Figure, places: int | None) -> str:
    wanted = figure.shown_places if places is None else places
    told = rounded(figure.value, f"share({wanted})")
    if places is None and figure.places is None and figure.value not in (0, 1):
        if told < 1:
            wide = (figure.base or 0) >= SMALLEST_BASE_FOR_HUNDREDTHS and rounded(figure.value, "share(2)") > 0
            return format_number(figure.value, "share(2)") if wide else "under 1%"
        if told == 100:
            return "over 99%"
    return format_number(figure.value, f"share({wanted})")


@dataclass(frozen=True)
class Gap:
    """Two figures and how far they lie apart, written so that a reader who subtracts gets what is printed.

    size: '17', '7 percentage points', '9 days' apart; None where no printed precision lets the three agree
    order: 1 where the first is larger, 0 where both are equal, -1 where it is smaller; from the unrounded values
    """

    first: str
    second: str
    size: str | None
    order: int


def gap(first: Figure, second: Figure) -> Gap:
    """Set two figures of one kind against each other. A decimal is added where the rounded ones seem to disagree.

    raises: ValueError for figures of two kinds, or one that is not shown
    """
    if first.kind != second.kind:
        raise ValueError(f"a {first.kind} and a {second.kind} cannot be compared")
    if not (first.is_shown and second.is_shown):
        raise ValueError("only two figures that are shown can be compared")
    scale = 100 if first.kind == "share" else 1
    one, two = exact_value(first.value) * scale, exact_value(second.value) * scale
    order = (one > two) - (one < two)
    fewest = max(first.shown_places, second.shown_places)
    for places in range(fewest, max(fewest, 0 if first.kind == "count" else MOST_PLACES) + 1):
        apart = half_up(abs(one - two), places)
        shown = abs(half_up(one, _printed(first, places)) - half_up(two, _printed(second, places)))
        if apart == shown and (apart > 0) == (order != 0):
            known = all(_printed(figure, places) == places for figure in (first, second))
            return Gap(*_texts(first, second, places), _size_text(apart, first) if known else None, order)
    return Gap(*_texts(first, second, max(fewest, 1)), None, order)


def contradicts(way: int, first: Figure, second: Figure) -> bool:
    """Say whether a tested direction (1: the first is larger, -1: smaller) cannot be true of two figures.

    Figures that somebody else had rounded may lie half a unit of their last place away from what is printed.
    """
    scale = 100 if first.kind == "share" else 1
    margin = sum(Fraction(1, 2 * 10**one.shown_places) / scale for one in (first, second) if not one.exact)
    apart = (exact_value(first.value) - exact_value(second.value)) * way
    return apart < -margin or (not margin and apart == 0)


def exact_value(value: Number) -> Fraction:
    """Give a number as a fraction; a float stands for the decimal number it prints, as helpers.rounding reads it."""
    if isinstance(value, Integral):
        return Fraction(int(value))
    return Fraction(value) if isinstance(value, Fraction | Decimal) else Fraction(f"{float(value):.14g}")


def _printed(figure: Figure, places: int) -> int:
    return places if figure.exact else figure.shown_places


def _texts(first: Figure, second: Figure, places: int) -> list[str]:
    return [_plain_text(figure, _printed(figure, places)) for figure in (first, second)]


def _plain_text(figure: Figure, places: int) -> str:
    kind = "share" if figure.kind == "share" else "decimal"
    number = format_number(figure.value, f"{kind}({places})")
    return f"{number} {figure.noun}" if figure.kind == "days" else number


def _size_text(apart: Decimal, figure: Figure) -> str:
    if figure.kind == "share":
        return f"{apart:,f} percentage point{'' if apart == 1 else 's'}"
    if figure.kind == "days":
        return f"{apart:,f} {'day' if apart == 1 else 'days'}"
    return f"{apart:,f}"


def did_by(number: Number, did: str) -> str:
    """Let a verb in the past agree with its number: 'were in care' is 'was in care' of one child."""
    return did.replace("were ", "was ", 1) if number == 1 and did.startswith("were ") else did


STATUS_WORDS = {
    "suppressed": "hidden to protect children",
    "not_available": "we were not told",
    "not_applicable": "this does not apply",
}
BRIEF_STATUS_WORDS = {
    "suppressed": "hidden",
    "not_available": "not known",
    "not_applicable": "not applicable",
}


def not_told(name: str, figure: Figure) -> str:
    """Say why there is no number: 'Children adopted: hidden to protect children.'

    raises: ValueError for a figure that is shown
    """
    if figure.is_shown:
        raise ValueError("a figure that is shown is told")
    return sentence(f"{name}: {STATUS_WORDS[figure.status]}")


def first_hidden(*figures: Figure) -> Figure | None:
    """Give the first figure that may not be told, or nothing."""
    return next((figure for figure in figures if not figure.is_shown), None)


def who_did(noun: str, did: str, when: str = "") -> str:
    """Name what is counted: 'children who were adopted in 2022/23', 'reviews that were held in time'."""
    return f"{noun} {'who' if are_people(noun) else 'that'} {did} {when}".strip()


def sentence(text: str, *figures: Figure) -> str:
    """Finish a sentence: one space between words, a capital, a full stop, and 'provisional' where a figure is.

    raises: ValueError for more than 25 words, a word of BANNED, or a number that is missing
    """
    told = re.sub(r" ([,;:])", r"\1", " ".join(text.split())).removesuffix(".")
    told = f"{told[:1].upper()}{told[1:]}"
    if any(figure.status == "provisional" for figure in figures):
        told = f"{told[:-1]}; provisional)" if told.endswith(")") else f"{told} (provisional)"
    banned = [word for word in BANNED if re.search(rf"\b{re.escape(word)}\b", told)]
    if banned:
        raise ValueError(f"{joined(banned)} may not stand in text for readers")
    if re.search(r"\b(?:nan|inf|None|NaN)\b", told):
        raise ValueError("a missing number is told in words")
    if len(told.split()) > LONGEST_SENTENCE:
        raise ValueError(f"a sentence of {len(told.split())} words: at most {LONGEST_SENTENCE} are read")
    return f"{told}."
