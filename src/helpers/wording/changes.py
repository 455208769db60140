"""How a figure changed: two values, several years, records. 'Rose' and 'fell' come from a test's finding alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from helpers.wording.figures import (
    LARGEST_BASE_WITHOUT_PERCENT,
    STATUS_WORDS,
    Figure,
    contradicts,
    counted,
    did_by,
    first_hidden,
    gap,
    not_told,
    sentence,
    value_text,
    who_did,
)
from helpers.wording.words import percent

Finding = Literal["rising", "falling", "no clear change", "too few to say"]
Series = Sequence[tuple[str, Figure]]
"""Figures of one kind, each with its day or year in words, the earliest first."""

VERBS = {"rising": "rose", "falling": "fell"}
FEWEST_FOR_RECORD = 3
"""Years. The highest of two is no record."""


def level_and_change(now: Figure, before: Figure, did: str, when: str, earlier: str = "a year before") -> str:
    """Say a count and the one before: '430 children were in care, 17 more than a year before (413).'

    A fact about two counts, not a finding. raises: ValueError for figures that are not counts
    """
    if not now.is_shown:
        return not_told(who_did(now.noun, did, when), now)
    if now.kind != "count":
        raise ValueError("only counts change by a number of people: use was_now")
    level = f"{counted(now.value, now.noun)} {did_by(now.value, did)} {when}"
    if not before.is_shown:
        return sentence(f"{level}; {earlier}: {STATUS_WORDS[before.status]}", now)
    apart = gap(now, before)
    if not apart.order:
        return sentence(f"{level}, the same as {earlier}", now, before)
    more = "more" if apart.order > 0 else "fewer"
    return sentence(f"{level}, {apart.size} {more} than {earlier} ({apart.second})", now, before)


def change_in_percent(now: Figure, before: Figure, did: str, when: str, earlier: str = "a year before") -> str:
    """Say a count and its change in percent: '252 children came into care, 49 more (24%) than a year before.'

    raises: ValueError for an earlier count of ten or fewer, or figures that are not counts
    """
    if first_hidden(now, before) or now.kind != "count":
        return level_and_change(now, before, did, when, earlier)
    if before.value <= LARGEST_BASE_WITHOUT_PERCENT:
        raise ValueError(f"no percentage of {LARGEST_BASE_WITHOUT_PERCENT} or fewer: use level_and_change")
    if now.value == before.value:
        return level_and_change(now, before, did, when, earlier)
    more, size = "more" if now.value > before.value else "fewer", abs(now.value - before.value)
    level = f"{counted(now.value, now.noun)} {did_by(now.value, did)} {when}"
    share = percent(size, before.value)
    share = "under 1%" if share == "0%" else share
    return sentence(f"{level}, {size:,.0f} {more} ({share}) than {earlier}", now, before)


def was_now(name: str, now: Figure, before: Figure, then: str, finding: Finding | None = None) -> str:
    """Say two values: 'X: was 84% in 2019/20, now 88%, a difference of 4 percentage points.'

    finding: of the test of the two; 'rising' and 'falling' give 'rose' and 'fell', 'no clear change' says so
    raises: ValueError for a finding against the numbers, or figures of two kinds
    """
    if not now.is_shown:
        return not_told(name, now)
    if not before.is_shown:
        return sentence(f"{name}: {value_text(now)}; for {then} {STATUS_WORDS[before.status]}", now)
    apart = gap(now, before)
    _check_finding(finding, now, before)
    if not apart.order:
        return sentence(f"{name}: {apart.first}, the same as in {then}", now, before)
    if finding in VERBS:
        size = f" ({apart.size})" if apart.size and now.kind == "share" else ""
        return sentence(f"{name} {VERBS[finding]} from {apart.second} in {then} to {apart.first}{size}", now, before)
    end = ": no clear change" if finding == "no clear change" else ""
    size = f", a difference of {apart.size}" if apart.size and not end else ""
    return sentence(f"{name}: was {apart.second} in {then}, now {apart.first}{size}{end}", now, before)


def _check_finding(finding: str | None, now: Figure, before: Figure) -> None:
    if finding not in (None, *VERBS, "no clear change", "too few to say"):
        raise ValueError(f"{finding!r} is not a finding about a change")
    if finding in VERBS and contradicts(1 if finding == "rising" else -1, now, before):
        raise ValueError(f"the numbers do not agree with the finding {finding!r}")


def since_year(name: str, now: Figure, year: str, then: Figure, then_year: str, years: int) -> str:
    """Say two values some years apart: 'X: 27 in 2019, 11 in 2022, 3 years later.'"""
    if hidden_one := first_hidden(now, then):
        return not_told(name, hidden_one)
    apart = gap(now, then)
    later = "1 year later" if years == 1 else f"{years} years later"
    return sentence(f"{name}: {apart.second} in {then_year}, {apart.first} in {year}, {later}", now, then)


def went_and_returned(name: str, series: Series, findings: tuple[Finding | None, Finding | None]) -> str:
    """Say three values that turn: 'X fell from 417 in 2019 to 391 in 2021 and then rose to 430 in 2023.'

    findings: of the two steps; without both directions the three values are said and no direction
    raises: ValueError for findings against the numbers, or not three values
    """
    (day, one), (turn, two), (end, three) = series
    if hidden_one := first_hidden(one, two, three):
        return not_told(name, hidden_one)
    first, second = gap(two, one), gap(three, two)
    _check_finding(findings[0], two, one)
    _check_finding(findings[1], three, two)
    if all(finding in VERBS for finding in findings) and findings[0] != findings[1]:
        steps = [VERBS[finding] for finding in findings]
        return sentence(
            f"{name} {steps[0]} from {first.second} in {day} to {first.first} in {turn} "
            f"and then {steps[1]} to {second.first} in {end}",
            one, two, three,
        )  # fmt: skip
    return values_in_order(name, series)


def values_in_order(name: str, series: Series) -> str:
    """Say values one after the other, with no direction: 'X: 217 in 2012, 210 in 2013, 206 in 2014.'"""
    told = [f"{value_text(one)} in {day}" if one.is_shown else f"not shown for {day}" for day, one in series]
    return sentence(f"{name}: {', '.join(told)}", *(one for _, one in series))


def run_of_changes(name: str, series: Series, finding: Finding | None) -> str:
    """Say that a figure moved one way each year: 'X fell in each of the last 2 years: 417, 402, 391.'

    finding: of the test of the whole series; without a direction the values are said alone
    raises: ValueError where a year went the other way
    """
    figures = [one for _, one in series]
    if hidden_one := first_hidden(*figures):
        return not_told(name, hidden_one)
    if finding not in VERBS or len(series) < FEWEST_FOR_RECORD:
        return values_in_order(name, series)
    way = 1 if finding == "rising" else -1
    if any(gap(later, earlier).order != way for earlier, later in zip(figures, figures[1:], strict=False)):
        raise ValueError(f"not every year of the series is {finding}")
    told = ", ".join(value_text(one) for one in figures)
    return sentence(f"{name} {VERBS[finding]} in each of the last {len(series) - 1} years: {told}", *figures)


def run_at_least(name: str, series: Series, threshold: Figure) -> str:
    """Say for how many years a figure has been at a level or above: 'X: 63%, at or above 60% for 2 years running.'

    raises: ValueError where the last value is below the level, or only it is not
    """
    figures = [one for _, one in series]
    if not figures[-1].is_shown:
        return not_told(name, figures[-1])
    years = 0
    for figure in reversed(figures):
        if not figure.is_shown or gap(figure, threshold).order < 0:
            break
        years += 1
    if years < 2:
        raise ValueError("there is no run of years at or above the level")
    last = gap(figures[-1], threshold)
    running = f"at or above {last.second} for {years} years running"
    return sentence(f"{name}: {last.first}, {running}", *figures[-years:])


def run_of_none(series: Series, did: str) -> str:
    """Say for how many years something has not happened: 'No adoptions broke down, for the 8th year running.'

    raises: ValueError where the last two values are not 0
    """
    figures = [one for _, one in series]
    if not figures[-1].is_shown:
        return not_told(who_did(figures[-1].noun, did), figures[-1])
    ends = next((place for place, one in enumerate(reversed(figures)) if not one.is_shown or one.value), len(figures))
    if ends < 2:
        raise ValueError("there is no run of years without one")
    return sentence(f"no {figures[-1].noun} {did}, for the {ordinal(ends)} year running", *figures[-ends:])


def ordinal(number: int) -> str:
    """Give a place as people write it: 1st, 2nd, 3rd, 4th, 11th, 21st."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in (11, 12, 13) else "th"
    return f"{number}{ending}"


def record(name: str, series: Series) -> str:
    """Say that the last value is a record: 'X: 63%, the highest since our records begin in 2018.'

    A fact about printed values, not a finding. A year that is hidden or missing refuses it: it could hold the record
    raises: ValueError for fewer than three years, or a last value that is neither
    """
    figures = [one for _, one in series]
    if hidden_one := first_hidden(*figures):
        if not figures[-1].is_shown:
            return not_told(name, figures[-1])
        raise ValueError(f"a year that is {hidden_one.status} could hold the record")
    orders = [gap(figures[-1], one).order for one in figures[:-1]]
    if len(figures) < FEWEST_FOR_RECORD or not (all(o >= 0 for o in orders) or all(o <= 0 for o in orders)):
        raise ValueError("the last value is no record of three years or more")
    if not any(orders):
        raise ValueError("every year has the same value: there is no record")
    which = "highest" if sum(orders) > 0 else "lowest"
    joint = "joint " if 0 in orders else ""
    told = _beside_nearest(figures)
    return sentence(f"{name}: {told}, the {joint}{which} since our records begin in {series[0][0]}", *figures)


def _beside_nearest(figures: Sequence[Figure]) -> str:
    """Write the last value with the decimals that tell it from the one nearest to it."""
    others = [one for one in figures[:-1] if gap(figures[-1], one).order]
    nearest = min(others, key=lambda one: abs(one.value - figures[-1].value))
    return gap(figures[-1], nearest).first


def last_as_high(name: str, series: Series) -> str:
    """Say when a figure was last as high: 'X: 35, last as high in 2015 (40).'

    raises: ValueError where no earlier year is as high, or a year since then is hidden
    """
    *earlier, (_, now) = series
    if not now.is_shown:
        return not_told(name, now)
    for year, figure in reversed(earlier):
        if not figure.is_shown:
            raise ValueError(f"a year that is {figure.status} could have been as high")
        if gap(figure, now).order >= 0:
            return sentence(f"{name}: {value_text(now)}, last as high in {year} ({value_text(figure)})", now, figure)
    raise ValueError("no earlier year is as high: use record")


def first_time_met(name: str, series: Series, target: Figure, better: Literal["higher", "lower"]) -> str:
    """Say that a target was met for the first time: 'X: 63%, the first time at or above the target of 60% since 2018.'

    raises: ValueError where it is not met now, was met before, or a year before is hidden
    """
    *earlier, (_, now) = series
    if not now.is_shown:
        return not_told(name, now)
    way = 1 if better == "higher" else -1
    if first_hidden(*(one for _, one in earlier)):
        raise ValueError("a year that is hidden could have met the target")
    if gap(now, target).order * way < 0 or any(gap(one, target).order * way >= 0 for _, one in earlier):
        raise ValueError("this is not the first time that the target is met")
    apart, side = gap(now, target), "at or above" if better == "higher" else "at or below"
    told = f"the first time {side} the target of {apart.second} since our records begin in {series[0][0]}"
    return sentence(f"{name}: {apart.first}, {told}", now)


def varied(name: str, series: Series) -> str:
    """Say the range of several years: 'X: between 427 days and 431 days in each year since 2019.'"""
    figures = [one for _, one in series]
    if hidden_one := first_hidden(*figures):
        return not_told(name, hidden_one)
    low, high = (pick(figures, key=lambda one: one.value) for pick in (min, max))
    if low.value == high.value:
        return sentence(f"{name}: {value_text(low)} in every year since {series[0][0]}", *figures)
    apart = gap(high, low)
    return sentence(f"{name}: between {apart.second} and {apart.first} in each year since {series[0][0]}", *figures)


def one_and_three_years(name: str, one_year: Figure, year: str, three_years: Figure, years: str) -> str:
    """Say a year beside the average over three: 'X: 435 days in 2020/21; 503 days over 3 years (2018 to 2021).'"""
    told = [
        f"{value_text(one)} {when}" if one.is_shown else f"{when}: {STATUS_WORDS[one.status]}"
        for one, when in ((one_year, f"in {year}"), (three_years, f"over 3 years ({years})"))
    ]
    return sentence(f"{name}: {'; '.join(told)}", one_year, three_years)
