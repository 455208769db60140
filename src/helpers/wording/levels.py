"""How many and what share: levels, bases, quantity in words, events beside the people they happened to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction

from helpers.rounding import format_date, rounded
from helpers.wording.figures import (
    BRIEF_STATUS_WORDS,
    LARGEST_BASE_WITHOUT_PERCENT,
    Figure,
    counted,
    did_by,
    exact_value,
    first_hidden,
    not_told,
    sentence,
    share,
    value_text,
    who_did,
)
from helpers.wording.words import joined

QUANTITY_BANDS = ((14, "few"), (44, "some"), (55, "about half"), (89, "most"), (100, "almost all"))
"""Last whole percentage of each word. The printed percentage decides, so that 90% is never said in two ways."""
NEAR_FRACTION = Fraction(2, 100)
"""How far a share may lie from the simple fraction that is said of it."""
FRACTIONS = ((1, 2), (1, 3), (2, 3), (1, 4), (3, 4), (1, 5), *((tenths, 10) for tenths in (1, 3, 4, 6, 7, 8, 9)))


def level(figure: Figure, did: str, when: str = "") -> str:
    """Say a count or a share: '430 children were in care on 31 March 2023.', '39% of children in care lived nearby.'

    did: a verb in the past with what belongs to it, such as 'were in care'; when: 'on 31 March 2023' or 'in 2022/23'
    """
    if not figure.is_shown:
        return not_told(who_did(figure.noun, did, when), figure)
    if figure.kind == "count":
        return sentence(f"{counted(figure.value, figure.noun)} {did_by(figure.value, did)} {when}", figure)
    if figure.kind == "share":
        return sentence(f"{value_text(figure)} of {figure.noun} {did} {when}", figure)
    raise ValueError(f"a {figure.kind} is not said as a level: use the function for it")


def level_with_base(part: Figure, base: int, did: str, when: str = "") -> str:
    """Say a count with its base and share: '312 of 430 children in care (73%) lived with foster carers.'

    part: a count, its noun that of the base. All and none are said so; a base of ten or fewer has no percentage
    raises: ValueError for a part that is not within its base
    """
    if not part.is_shown:
        return not_told(who_did(part.noun, did, when), part)
    if not 0 <= part.value <= base or base < 1:
        raise ValueError("the part is not within its base")
    if part.value == 0:
        return sentence(f"not one of the {counted(base, part.noun)} {did_by(1, did)} {when}", part)
    if part.value == base:
        who = f"all {counted(base, part.noun)}" if base > 1 else f"the only {counted(base, part.noun)[2:]}"
        return sentence(f"{who} {did_by(base, did)} {when}", part)
    beside = ""
    if base > LARGEST_BASE_WITHOUT_PERCENT:
        beside = f" ({value_text(share(int(part.value), base))})"
    return sentence(f"{int(part.value):,} of {counted(base, part.noun)}{beside} {did_by(part.value, did)} {when}", part)


def level_and_earlier(figure: Figure, did: str, when: str, earlier: Sequence[tuple[str, Figure]]) -> str:
    """Say a level with those of earlier days: '206 children were in care on 31 March 2013 (217 in 2012, 210 in 2011).'

    earlier: the day or year in words, and its figure; one that is hidden says so in place of its number
    """
    if not figure.is_shown or not earlier:
        return level(figure, did, when)
    told = [f"{value_text(one) if one.is_shown else BRIEF_STATUS_WORDS[one.status]} in {day}" for day, one in earlier]
    return sentence(f"{level(figure, did, when).removesuffix('.')} ({', '.join(told)})")


def quantity_band(part_of_one: Fraction | float) -> str:
    """Give the one word for a share: none, few, some, about half, most, almost all or all (see QUANTITY_BANDS)."""
    if not 0 <= part_of_one <= 1:
        raise ValueError("a share is between 0 and 1")
    if part_of_one in (0, 1):
        return "all" if part_of_one else "none"
    percent = rounded(part_of_one, "share")
    return next(word for last, word in QUANTITY_BANDS if percent <= last)


def quantity(figure: Figure, did: str, when: str = "") -> str:
    """Say a share by its word and its number: 'Most children in care (89%) were visited every 6 weeks.'"""
    if not figure.is_shown:
        return not_told(who_did(figure.noun, did, when), figure)
    band = quantity_band(figure.value)
    who = {"none": f"no {figure.noun}", "about half": f"about half of {figure.noun}"}.get(band)
    number = "" if band in ("none", "all") else f" ({value_text(figure)})"
    return sentence(f"{who or f'{band} {figure.noun}'}{number} {did} {when}", figure)


def simple_fraction(figure: Figure, did: str, when: str = "") -> str:
    """Say a share as people say it: 'About 1 in 5 children in care (19%) lived more than 20 miles from home.'

    raises: ValueError where no simple fraction is near
    """
    if not figure.is_shown:
        return not_told(who_did(figure.noun, did, when), figure)
    exact = exact_value(figure.value)
    top, bottom = min(FRACTIONS, key=lambda pair: abs(exact - Fraction(*pair)))
    if abs(exact - Fraction(top, bottom)) > NEAR_FRACTION:
        raise ValueError("no simple fraction is near this share: give the percentage")
    about = "" if exact == Fraction(top, bottom) else "about "
    return sentence(f"{about}{top} in {bottom} {figure.noun} ({value_text(figure)}) {did} {when}", figure)


def more_than(figure: Figure, percent: int, did: str, when: str = "") -> str:
    """Say a share by the round number it passes: 'More than 60% of care leavers (63%) were in education or work.'

    raises: ValueError for a share that does not pass it
    """
    if not figure.is_shown:
        return not_told(who_did(figure.noun, did, when), figure)
    if not exact_value(figure.value) * 100 > percent:
        raise ValueError(f"the share is not more than {percent}%")
    return sentence(f"more than {percent}% of {figure.noun} ({value_text(figure)}) {did} {when}", figure)


def in_year(figure: Figure, did: str, day: dt.date) -> str:
    """Say a level on a day within the year, so that nobody takes it for a year's end.

    raises: ValueError for a 31 March
    """
    if (day.month, day.day) == (3, 31):
        raise ValueError("31 March is the year's end, not a day within the year")
    end = dt.date(day.year + (day > dt.date(day.year, 3, 31)), 3, 31)
    when = f"on {format_date(day)}, within the year to {format_date(end)}"
    return level(figure, did, when)


def events_and_people(people: Figure, events: Figure, did: str, when: str = "") -> str:
    """Say how many people something happened to and how often: '20 children went missing, 71 times in all.'

    raises: ValueError for fewer events than people
    """
    if hidden_one := first_hidden(people, events):
        return not_told(who_did(people.noun, did, when), hidden_one)
    if events.value < people.value:
        raise ValueError("there cannot be fewer events than people they happened to")
    if people.value == 0:
        return sentence(f"no {people.noun} {did} {when}", people)
    often = counted(events.value, events.noun)
    return sentence(f"{counted(people.value, people.noun)} {did} {when}, {often} in all", people, events)


def two_groups(groups: Sequence[Figure], did: str, when: str = "") -> str:
    """Say two groups that are the whole together: '223 boys (57%) and 168 girls (43%) were in care.'

    groups: two counts with their nouns; percentages are left out where both are ten or fewer together
    """
    if hidden_one := first_hidden(*groups):
        return not_told(f"{joined([group.noun for group in groups])} who {did} {when}", hidden_one)
    base = int(sum(group.value for group in groups))
    told = []
    for group in groups:
        beside = f" ({value_text(share(int(group.value), base))})" if base > LARGEST_BASE_WITHOUT_PERCENT else ""
        told.append(f"{counted(group.value, group.noun)}{beside}")
    return sentence(f"{joined(told)} {did} {when}", *groups)
