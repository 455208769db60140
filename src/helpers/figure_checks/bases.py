"""Bases: parts larger than their whole, percentages of another whole, and two sizes for one group of children."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

from helpers.figure_checks.findings import Finding, between, label, plain, subject, told, where
from helpers.figure_checks.printed import Figure, Printed, fact
from helpers.figure_checks.shares import Pair, pair_up
from helpers.figure_checks.spans import Span, implied_whole, share


def count_above_whole(printed: Printed) -> Iterator[Finding]:
    """Find counts above their own base, or above every total that their document prints for that day."""
    for count in printed.all:
        if count.measure != "count" or count.role:
            continue
        if count.base is not None and count.span.low > count.base_span.high:
            yield _above(count, count.base, ())
            continue
        wholes = [whole for whole in printed.wholes(count) if whole.row != count.row]
        if wholes and all(count.span.low > whole.span.high for whole in wholes):
            yield _above(count, max(whole.value for whole in wholes), tuple(wholes))


def _above(count: Figure, whole: Fraction, wholes: tuple[Figure, ...]) -> Finding:
    of = label(wholes[0]) if wholes else "their base"
    sentence = (
        f"{subject(count)}: {where([count])} prints {told(count)}, but {plain(whole)} in all ({of}). "
        f"A part cannot be larger than its whole: it would have to be {plain(whole)} or fewer."
    )
    key = ("above", count.thing, count.value, whole)
    return Finding("count_above_whole", (count, *wholes), sentence, count.value - whole, key)


def percent_of_another_base(printed: Printed) -> Iterator[Finding]:
    """Find counts with a percentage but no base that do not fit the whole printed for that day."""
    for pair in pair_up(printed):
        if pair.base is not None or pair.percent.role:
            continue
        for count in pair.counts:
            wholes = printed.wholes(count)
            fits = [share(count.span, whole.span).meets(pair.percent.span) for whole in wholes if whole.value > 0]
            implied = implied_whole(count.span, pair.percent.span)
            if fits and not any(fits) and implied is not None:
                yield _another_base(pair, count, wholes, implied)


def _another_base(pair: Pair, count: Figure, wholes: list[Figure], implied: Span) -> Finding:
    whole = min(wholes, key=lambda own: implied.gap(own.span))
    is_now = share(count.span, whole.span)
    sentence = (
        f"{subject(count)}: {where([count])} prints {told(count)} as {told(pair.percent)}. That needs "
        f"{between(implied)} in all, but the document prints {told(whole)} ({label(whole)}), of which {told(count)} is "
        f"{between(is_now, 1)}%."
    )
    key = ("another base", count.thing, count.value, pair.percent.value)
    return Finding("percent_of_another_base", (count, pair.percent, *wholes), sentence, implied.gap(whole.span), key)


def two_bases(printed: Printed) -> Iterator[Finding]:
    """Find two sizes of one group of children in one document: a base that is not the printed whole, or two bases of
    figures that are told of the same group (the cohort column of figure_indicators.csv).
    """
    yield from _bases_against_wholes(printed)
    yield from _bases_of_cohorts(printed)


def _bases_against_wholes(printed: Printed) -> Iterator[Finding]:
    unlike: dict[tuple, list[Figure]] = defaultdict(list)
    wholes_of: dict[tuple, list[Figure]] = {}
    for figure in printed.all:
        if figure.base is None or figure.measure not in ("count", "percent") or figure.role:
            continue
        wholes = [whole for whole in printed.wholes(figure) if whole.row != figure.row]
        if wholes and not any(whole.span.meets(figure.base_span) for whole in wholes):
            key = (figure.source, figure.borough, figure.comparator, figure.day, wholes[0].indicator, figure.base)
            unlike[key].append(figure)
            wholes_of[key] = wholes
    for key, figures in unlike.items():
        whole, base = wholes_of[key][0], key[-1]
        sentence = (
            f"{subject(whole)}: the document prints {told(whole)}, and {where(figures)} takes {plain(base)} as "
            f"the base of {len(figures)} {'figure' if len(figures) == 1 else 'figures'}. "
            "One group of children on one day has one size."
        )
        yield Finding("two_bases", (*figures, *wholes_of[key]), sentence, abs(base - whole.value), ("bases", *key))


def _bases_of_cohorts(printed: Printed) -> Iterator[Finding]:
    cohorts: dict[tuple, list[tuple[Span, Figure, Figure]]] = defaultdict(list)
    for base, figure, count in _known_bases(printed):
        cohort = fact(figure.indicator, "cohort")
        if cohort and not figure.role:
            group = figure.category if figure.dimension == "age" else ""
            key = (figure.source, figure.borough, figure.comparator, figure.day, cohort, group)
            cohorts[key].append((base, figure, count))
    for key, bases in cohorts.items():
        cohort = key[4].replace("_", " ")
        smallest = min(bases, key=lambda own: own[0].high)
        largest = max(bases, key=lambda own: own[0].low)
        if smallest[0].meets(largest[0]):
            continue
        sentence = (
            f"{subject(smallest[1])}, and {label(largest[1])}: both are told of one group ({cohort}). "
            f"{where([smallest[1]])} prints {_printed(smallest)}, which needs {between(smallest[0])} in the group; "
            f"{where([largest[1]])} prints {_printed(largest)}, which needs {between(largest[0])}."
        )
        rows = tuple(dict.fromkeys((smallest[1], smallest[2], largest[1], largest[2])))
        yield Finding("two_bases", rows, sentence, smallest[0].gap(largest[0]), ("bases", *key))


def _printed(base: tuple[Span, Figure, Figure]) -> str:
    _, figure, count = base
    return f"{told(count)} of {plain(figure.base)}" if figure.base is not None else f"{told(count)} as {told(figure)}"


def _known_bases(printed: Printed) -> Iterator[tuple[Span, Figure, Figure]]:
    """Give every base that is printed, or that a count and its percentage imply."""
    for figure in printed.all:
        if figure.base is not None and figure.measure == "count" and figure.dimension != "reason":
            yield figure.base_span, figure, figure
    for pair in pair_up(printed):
        if pair.base is None and len(pair.counts) == 1:
            implied = implied_whole(pair.counts[0].span, pair.percent.span)
            if implied is not None:
                yield implied, pair.percent, pair.counts[0]


def cohort_bases(printed: Printed, like: Figure) -> set[Fraction]:
    """Give the bases that the document prints for the group that a figure is told of, on its day."""
    cohort = fact(like.indicator, "cohort")
    return {
        figure.base
        for figure in printed.all
        if cohort and figure.base is not None and figure.measure == "count" and figure.dimension != "reason"
        and fact(figure.indicator, "cohort") == cohort
        and (figure.source, figure.borough, figure.comparator, figure.day)
        == (like.source, like.borough, like.comparator, like.day)
    }  # fmt: skip
