"""Rates and the children behind them, averages, days as people count them, and people for each worker."""

from __future__ import annotations

from decimal import Decimal

from helpers.rounding import format_number, half_up
from helpers.wording.figures import Figure, counted, not_told, one_of, sentence, value_text

DAYS_A_MONTH = Decimal("30.4375")
LONGEST_IN_DAYS, LONGEST_IN_WEEKS, LONGEST_IN_MONTHS = 13, 90, 1095
"""Days. Up to 13 they stand alone; up to 90 they are told in weeks too, up to 3 years in months, then in years."""


def rate_and_children(figure: Figure, did: str, when: str = "") -> str:
    """Say a rate and how many children that is: '67 in every 10,000 children were in care, which is 430 children.'

    figure: a rate, with its children where they may be told (rate, not published_rate)
    """
    if not figure.is_shown:
        return not_told(f"children who {did} {when}".strip(), figure)
    if figure.kind != "rate":
        raise ValueError("rate_and_children is for rates")
    level = f"{value_text(figure)} in every 10,000 children {did} {when}".strip()
    behind = "" if figure.part is None else f", which is {counted(figure.part, figure.noun)}"
    return sentence(f"{level}{behind}", figure)


def average_with_spread(name: str, figure: Figure, low: float | None = None, high: float | None = None) -> str:
    """Say an average and where the middle half lies: 'X: 11.6 points on average, between 7 and 16 for the middle half.'

    low, high: the quartiles; a few people's lowest and highest are never told
    raises: ValueError for quartiles that are not in order
    """
    if not figure.is_shown:
        return not_told(name, figure)
    value = value_text(figure) if figure.kind == "days" else f"{value_text(figure)} {figure.noun}"
    if low is None or high is None:
        return sentence(f"{name}: {value} on average", figure)
    if not low <= high:
        raise ValueError("the quartiles are not in order")
    ends = f"between {format_number(low, 'whole')} and {format_number(high, 'whole')}"
    return sentence(f"{name}: {value} on average, {ends} for the middle half", figure)


def days_in_words(name: str, figure: Figure) -> str:
    """Say days as people count them: 'X: 435 days (about 14 months).'"""
    if not figure.is_shown:
        return not_told(name, figure)
    about = _about(Decimal(int(half_up(figure.value, 0))))
    return sentence(f"{name}: {value_text(figure)}{about}", figure)


def _about(days: Decimal) -> str:
    if days <= LONGEST_IN_DAYS:
        return ""
    if days <= LONGEST_IN_WEEKS:
        return f" (about {half_up(days / 7, 0)} weeks)"
    if days <= LONGEST_IN_MONTHS:
        return f" (about {half_up(days / DAYS_A_MONTH, 0)} months)"
    return f" (about {half_up(days / DAYS_A_MONTH / 12, 1)} years)"


def per_worker(people: Figure, worker: str) -> str:
    """Say people for each worker: '71 children for each reviewing officer, on average.'

    people: an average or a count that is one already; worker: one of them, in words
    """
    if not people.is_shown:
        return not_told(f"{people.noun} for each {worker}", people)
    value = format_number(people.value, "whole")
    noun = one_of(people.noun) if value == "1" else people.noun
    return sentence(f"{value} {noun} for each {worker}, on average", people)
