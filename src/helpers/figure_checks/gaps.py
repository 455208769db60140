"""Gaps to a comparator that are told, against the borough's value and the comparator's."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from helpers.figure_checks.changes import POINTS, SpanOf, each_rounding
from helpers.figure_checks.findings import PLACES, Finding, between, plain, subject, told, where
from helpers.figure_checks.printed import OWN, TOTAL, Figure, Printed
from helpers.figure_checks.spans import Span, difference, percent_change

STANDING = ("target", "government_threshold")
"""Comparators that hold until another is printed, whichever group or average they are told beside."""


def gaps(printed: Printed) -> Iterator[Finding]:
    """Find gaps to a comparator that the borough's value and the comparator's do not give."""
    for gap in printed.all:
        if gap.role != "gap":
            continue
        own = _compared(printed, gap, OWN)
        theirs = _compared(printed, gap, gap.comparator)
        if own and theirs:
            yield from _check(gap, own, theirs)


def _compared(printed: Printed, gap: Figure, comparator: str) -> list[Figure]:
    """Give the latest values that a gap may be between."""
    standing = comparator in STANDING
    group = TOTAL if gap.category == "borough_minus_comparator" else gap.category
    measure = "percent" if gap.measure in POINTS else gap.measure
    found = [
        figure
        for figure in printed.all
        if figure.source == gap.source and figure.borough == gap.borough and figure.comparator == comparator
        and figure.indicator == gap.indicator and not figure.role and figure.measure == measure
        and figure.day <= gap.day and (standing or (figure.category == group and figure.day == gap.day))
    ]  # fmt: skip
    latest = max((figure.day for figure in found), default=None)
    return [figure for figure in found if figure.day == latest]


def _check(gap: Figure, own: list[Figure], theirs: list[Figure]) -> Iterator[Finding]:
    rows = (gap, *own, *theirs)
    differences, relatives = [], []
    for span_of in each_rounding(rows):
        for mine, other in product(own, theirs):
            for told_span in _either_way(gap, span_of):
                differences.append((difference(span_of(mine), span_of(other)), told_span))
                relative = percent_change(span_of(mine), span_of(other))
                relatives += [(relative, told_span)] if relative is not None else []
    as_difference = any(given.meets(told_span) for given, told_span in differences)
    as_percent = gap.measure == "percent" and any(given.meets(told_span) for given, told_span in relatives)
    place = PLACES.get(gap.comparator, gap.comparator)
    start = f"{subject(gap)}: {where([gap])} prints a gap of {told(gap)} to {place}"
    values = f"{told(own[0])} against {told(theirs[0])}"
    key = ("gap", *gap.thing, gap.value)
    if gap.measure == "percent" and as_difference and not as_percent and relatives:
        points = told(gap).removesuffix("%")
        sentence = (
            f"{start}. {values} is a gap of {points} percentage points; in percent it would be "
            f"{between(relatives[0][0], 1)}."
        )
        yield Finding("points_told_as_percent", rows, sentence, _least(relatives), key)
    elif not as_difference and not as_percent:
        sentence = f"{start}, but {values} is printed, which is {plain(own[0].value - theirs[0].value)}."
        yield Finding("gap_not_of_values", rows, sentence, _least(differences), key)


def _either_way(gap: Figure, span_of: SpanOf) -> list[Span]:
    """A gap told without a sign may be above or below."""
    span = span_of(gap)
    return [span] if gap.value < 0 else [span, Span(-span.high, -span.low, span.open_high, span.open_low)]


def _least(pairs: list[tuple[Span, Span]]):
    return min(given.gap(told_span) for given, told_span in pairs)
