"""One figure beside others: other places, groups, ranks. 'Higher' and 'lower' come from a test's finding alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from helpers.wording.changes import ordinal
from helpers.wording.figures import (
    BRIEF_STATUS_WORDS,
    MOST_PLACES,
    Figure,
    contradicts,
    gap,
    not_told,
    sentence,
    value_text,
)
from helpers.wording.words import decimal, joined

Position = Literal["higher", "lower", "similar", "too few to say"]
Polarity = Literal["higher_better", "lower_better", "neutral"]

POSITIONS = ("higher", "lower", "similar", "too few to say")
FEWEST_FOR_ALL = 2
"""Comparators. 'All' is not said of one."""


class Comparator(NamedTuple):
    """A place to compare with, its figure, and what the test of the two found; None where nothing was tested."""

    place: str
    figure: Figure
    position: Position | None = None


def compared(name: str, figure: Figure, comparators: Sequence[Comparator]) -> str:
    """Say a figure beside those of other places: 'X: 67, higher than London (52) but lower than England (70).'

    Above one and below another, above or below all, and in line with, as the tests found. Places that were not tested
    have their figures named, with no direction; a figure that is not known is named as such
    raises: ValueError for a position against the numbers, or no comparator
    """
    if not figure.is_shown:
        return not_told(name, figure)
    if not comparators:
        raise ValueError("there is nothing to compare with")
    shown = [one for one in comparators if one.figure.is_shown]
    for one in shown:
        _check_position(one, figure)
    places = _places_that_tell_apart(figure, shown)
    grouped = {position: [one for one in shown if one.position == position] for position in (*POSITIONS, None)}
    clauses = _tested_clauses(grouped, places, len(comparators))
    rest = [f"{one.place} {value_text(one.figure, places)}" for one in [*grouped["too few to say"], *grouped[None]]]
    rest += [f"{one.place} {BRIEF_STATUS_WORDS[one.figure.status]}" for one in comparators if not one.figure.is_shown]
    told = ", ".join([value_text(figure, places), " but ".join(clauses)] if clauses else [value_text(figure, places)])
    return sentence("; ".join([f"{name}: {told}", *([", ".join(rest)] if rest else [])]), figure)


def _check_position(one: Comparator, figure: Figure) -> None:
    if one.position not in (None, *POSITIONS):
        raise ValueError(f"{one.position!r} is not a position. Use one of: {', '.join(POSITIONS)}")
    ways = {"higher": 1, "lower": -1}
    if one.position in ways and contradicts(ways[one.position], figure, one.figure):
        raise ValueError(f"the numbers do not agree with the position {one.position!r}")


def _places_that_tell_apart(figure: Figure, others: Sequence[Comparator]) -> int | None:
    """The fewest decimal places at which 'higher' and 'lower' can be seen; None for the usual ones."""
    differ = [one.figure for one in others if one.position in ("higher", "lower")]
    if all(value_text(one) != value_text(figure) for one in differ):
        return None
    for places in range(figure.shown_places + 1, MOST_PLACES + 1):
        if all(value_text(one, places) != value_text(figure, places) for one in differ):
            return places
    return MOST_PLACES


def _tested_clauses(grouped: dict, places: int | None, number: int) -> list[str]:
    clauses = []
    for position, words in (("higher", "higher than"), ("similar", "in line with"), ("lower", "lower than")):
        group = grouped[position]
        if not group:
            continue
        every = "all comparators: " if len(group) == number >= FEWEST_FOR_ALL else ""
        clauses.append(f"{words} {every}{joined([f'{one.place} ({value_text(one.figure, places)})' for one in group])}")
    return clauses


def better_or_worse(name: str, figure: Figure, comparator: Comparator, polarity: Polarity) -> str:
    """Say which of two figures is the better one: 'X: 89%, better than England (86%).'

    raises: ValueError for an indicator of which neither direction is good, or a comparison that was not tested
    """
    if polarity not in ("higher_better", "lower_better"):
        raise ValueError("neither direction of this indicator is good: use compared")
    if not (figure.is_shown and comparator.figure.is_shown) or comparator.position in ("similar", "too few to say"):
        return compared(name, figure, [comparator])
    if comparator.position is None:
        raise ValueError("better and worse need a test's finding")
    _check_position(comparator, figure)
    word = "better" if (comparator.position == "higher") == (polarity == "higher_better") else "worse"
    apart = gap(figure, comparator.figure)
    return sentence(f"{name}: {apart.first}, {word} than {comparator.place} ({apart.second})", figure)


def points_apart(name: str, figure: Figure, comparators: Sequence[Comparator]) -> str:
    """Say how far a figure lies from others: 'X: 60%, 6 percentage points higher than London (54%).'

    raises: ValueError for a comparison that was not tested, or found similar: a distance would tell a direction
    """
    if not figure.is_shown:
        return not_told(name, figure)
    if any(not one.figure.is_shown for one in comparators):
        return compared(name, figure, comparators)
    clauses, texts = [], set()
    for one in comparators:
        _check_position(one, figure)
        if one.position not in ("higher", "lower"):
            raise ValueError("a distance needs a finding that there is one: use compared")
        apart = gap(figure, one.figure)
        texts.add(apart.first)
        size = f"{apart.size} " if apart.size else ""
        clauses.append(f"{size}{one.position} than {one.place} ({apart.second})")
    return sentence(f"{name}: {max(texts, key=len)}, {joined(clauses)}", figure)


def represented(who: str, share: Figure, population_share: Figure, finding: str) -> str:
    """Say a group's share of children in care beside its share of local children, and what the test found.

    finding: over-represented, under-represented, no clear difference or too few to say; findings.representation_words
        says more, with the interval
    raises: ValueError for a finding against the numbers, or another finding
    """
    if not share.is_shown:
        return not_told(who, share)
    if not population_share.is_shown:
        return sentence(f"{who}: {value_text(share)} of children in care; their share of local children is not known")
    apart = gap(share, population_share)
    beside = f"{apart.first} of children in care, {apart.second} of local children"
    if finding in ("no clear difference", "too few to say"):
        return sentence(f"{who}: {beside}: {finding}", share)
    if finding not in ("over-represented", "under-represented"):
        raise ValueError(f"{finding!r} is not a finding about representation")
    if apart.order != (1 if finding == "over-represented" else -1):
        raise ValueError(f"the numbers do not agree with the finding {finding!r}")
    return sentence(f"{who} are {finding}: {beside}", share)


def times_as_likely(who: str, ratio: float, low: float, high: float, other: str, outcome: str) -> str:
    """Say a ratio with its interval: 'Boys were 1.4 times as likely as girls to be in care (95% interval 1.2 to 1.6).'

    raises: ValueError for a ratio outside its interval; an interval that holds 1 gives 'no clear difference'
    """
    if not 0 < low <= ratio <= high:
        raise ValueError("a ratio lies within its interval, above 0")
    interval = f"95% interval {decimal(low)} to {decimal(high)}"
    if low <= 1 <= high:
        return sentence(f"{who} and {other}: no clear difference in how likely they were {outcome} ({interval} times)")
    return sentence(f"{who} were {decimal(ratio)} times as likely as {other} {outcome} ({interval})")


def times_the_figure(name: str, figure: Figure, other: Figure, place: str) -> str:
    """Say a ratio of two figures: 'X: 23%, 2.5 times the figure for England (9%).'

    raises: ValueError for a figure of 0 to compare with
    """
    if not (figure.is_shown and other.is_shown):
        return compared(name, figure, [Comparator(place, other)])
    if other.value == 0:
        raise ValueError("nothing is a number of times 0")
    ratio = decimal(float(figure.value) / float(other.value))
    apart = gap(figure, other)
    return sentence(f"{name}: {apart.first}, {ratio} times the figure for {place} ({apart.second})", figure)


def rank_range(name: str, low: int, high: int, of: int, places: str = "London boroughs") -> str:
    """Say a rank as the range that chance leaves: 'X: between 5th and 12th highest of 33 London boroughs.'

    raises: ValueError for a single place, or places outside the list
    """
    if not 1 <= low <= high <= of:
        raise ValueError("a range of places lies within the list")
    if low == high:
        raise ValueError("a rank is told as a range, never as a single place")
    if (low, high) == (1, of):
        return sentence(f"{name}: the place among {of} {places} cannot be told from chance")
    return sentence(f"{name}: between {ordinal(low)} and {ordinal(high)} highest of {of} {places}")
