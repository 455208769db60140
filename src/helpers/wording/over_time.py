"""What may be said of years, and of places, beside one another: how sure a trend is, whether a ratio is changing."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

from helpers.wording.comparisons import Comparator, compared, rank_range
from helpers.wording.figures import LONGEST_SENTENCE, Figure
from helpers.wording.words import decimal, joined, whole

BADGE_WORDS = (
    "The marker of the last five years is OHID's, from public health: it speaks only when chance is very unlikely.",
    "The yearly change, with its range, is the evidence.",
)
STOCK_WORDS = (
    "Numbers on 31 March share most of their children from year to year. They are described, not tested as a trend.",
    "The number in care is tested by who came in against who left.",
)


def yearly_change_words(percent: float, low: float, high: float) -> str:
    """Give a yearly change with its interval: '4.2% less a year (7.3% less to 1.0% less)'."""
    return f"{_more(percent)} a year ({_more(low)} to {_more(high)})"


def _more(percent: float) -> str:
    return f"{decimal(abs(percent))}% {'less' if percent < 0 else 'more'}"


def without_year_words(year: int, percent: float, low: float, high: float) -> str:
    """Say what a rising or falling series does without one year; nothing where it is as clear without it."""
    if not math.isfinite(percent) or low > 0 or high < 0:
        return ""
    return f"Without the year to 31 March {year} the change is not clear."


def family_words(families: dict[str, tuple[int, str]]) -> str:
    """Say which tests were allowed for together.

    families: name of the family to its number of tests and the correction's name
    """
    told = [f"{whole(size)} {name} ({correction})" for name, (size, correction) in families.items() if size]
    if not told:
        return "Nothing here could be tested."
    return f"Tests are allowed for together, so that chance alone seldom makes a finding: {joined(told)}."


def ratio_trend_words(
    *,
    who: str,
    finding: str,
    method: str,
    hidden: bool,
    first: float,
    last: float,
    first_day: dt.date,
    last_day: dt.date,
    change: tuple[float, float, float],
    clear: bool,
) -> str:
    """Say whether a group's ratio to everyone else is changing. Neither direction is ever called good.

    method: as trends.ratio_change tells it; change: percent a year (for two years: between them) with its interval;
        clear: for two years, whether the test of the two tells them apart
    """
    if hidden:
        return f"{who}: numbers are too small to publish."
    if method == "cannot be calculated" or not math.isfinite(change[0]):
        return f"{who}: too few years, or too few children, to say."
    was = (
        f"{who}: {decimal(first)} times as likely as everyone else to come into care in {first_day:%Y}, "
        f"{decimal(last)} times in {last_day:%Y}."
    )
    if method == "two years":
        return f"{was} {'The two years differ clearly' if clear else 'No evidence of change'}; two years are no trend."
    if finding in ("rising", "falling"):
        low, high = sorted((abs(change[1]), abs(change[2])))
        size = f"{decimal(abs(change[0]))}% a year ({decimal(low)} to {decimal(high)})"
        return f"{was} The ratio is {finding} by about {size}."
    if finding == "too few to say":
        return f"{who}: too few children to say."
    return f"{was} No evidence of change: {yearly_change_words(*change)}."


def beside_words(name: str, figure: Figure, comparators: Sequence[Comparator]) -> str:
    """Say a figure beside those of other places, in one sentence where it is short enough, else in one for each place.

    A name too long for any sentence of 25 words is told before the figures, in a sentence of its own.
    """
    words = len(name.split()) + 1 + sum(len(one.place.split()) + 4 for one in comparators)
    if words <= LONGEST_SENTENCE:
        return compared(name, figure, comparators)
    if len(comparators) > 1:
        return " ".join(beside_words(name, figure, [one]) for one in comparators)
    return f"{name}. {compared('The figure', figure, comparators)}"


def rank_words(low: float, high: float, of: float) -> str:
    """Say a rank among neighbours as a range; nothing where there is none, or where it is a single place."""
    if not (math.isfinite(low) and math.isfinite(high)) or low == high:
        return ""
    return rank_range("Rank", int(low), int(high), int(of), "places (its neighbours and itself)")
