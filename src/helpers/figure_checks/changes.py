"""Changes that are told, against the two values they are the difference of.

A document rounds in one way: its values and its change are read under one rounding, another document's under its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import NamedTuple

from helpers.figure_checks.findings import Finding, between, plain, subject, told, where
from helpers.figure_checks.printed import TOTAL, Figure, Printed, dimension_role
from helpers.figure_checks.spans import ROUNDINGS, Span, difference, percent_change, printed_span, share

DIRECTIONS = {"increase": 1, "decrease": -1}
POINTS = ("points", "percentage_points")
SpanOf = Callable[[Figure], Span]


class Reading(NamedTuple):
    """One way to read a change under one choice of roundings: the span the values give, and the span that is told."""

    kind: str
    gives: Span
    told: Span

    @property
    def fits(self) -> bool:
        return self.gives.meets(self.told)

    @property
    def gap(self) -> float:
        return self.gives.gap(self.told)


def spans_under(roundings: dict[str, str]) -> SpanOf:
    """Give the function that reads a figure under its document's rounding; counts are read as they are."""

    def span_of(figure: Figure) -> Span:
        if figure.measure == "count":
            return figure.span
        return printed_span(figure.value, figure.places, roundings[figure.source])

    return span_of


def each_rounding(figures: Iterable[Figure]) -> Iterator[SpanOf]:
    """Give one reader for every choice of a rounding for every document."""
    sources = sorted({figure.source for figure in figures})
    for choice in product(ROUNDINGS, repeat=len(sources)):
        yield spans_under(dict(zip(sources, choice, strict=True)))


def changes(printed: Printed) -> Iterator[Finding]:
    """Find changes on an earlier year that the two values do not give, or that go the other way."""
    for change in printed.all:
        if change.role == "change":
            now, before = _two_values(printed, change)
            readings = [
                reading
                for span_of in each_rounding((change, *now, *before))
                for reading in _readings(change, now, before, span_of)
            ]
            found = _judged(change, readings, (*now, *before))
            if found is not None:
                yield found


def _judged(change: Figure, readings: list[Reading], rows: tuple[Figure, ...]) -> Finding | None:
    """A percent is a percent change of the number where that is printed, and of the percentage where it is not."""
    kinds = {reading.kind for reading in readings}
    if change.measure not in (*POINTS, "percent"):
        mine, other = {change.measure}, set()
    else:
        relative = {"percent of count"} & kinds or {"percent of percent"}
        mine, other = ({"points"}, relative) if change.measure in POINTS else (relative, {"points"})
    own = [reading for reading in readings if reading.kind in mine]
    others = [reading for reading in readings if reading.kind in other]
    if not own or any(reading.fits for reading in own):
        return None
    fitting = [reading for reading in others if reading.fits]
    return _told_as(change, own, fitting, rows) if fitting else _not_of_values(change, [*own, *others], rows)


def _told_as(change: Figure, own: list[Reading], fitting: list[Reading], rows: tuple[Figure, ...]) -> Finding:
    kinds = ("a percent change", "percentage points")
    rule = "percent_told_as_points" if change.measure in POINTS else "points_told_as_percent"
    fits_as, told_as = kinds if change.measure in POINTS else kinds[::-1]
    best = min(own, key=lambda reading: reading.gap)
    sentence = (
        f"{subject(change)}{_of(change)}: {where([change])} prints a change of {told(change)}, told as {told_as}. "
        f"{_listed(rows)} are printed, and {told_as} would be {between(best.gives, 1)}. {told(change)} fits only as "
        f"{fits_as}."
    )
    return Finding(rule, (change, *rows), sentence, best.gap, _fact_key(change))


def _not_of_values(change: Figure, readings: list[Reading], rows: tuple[Figure, ...]) -> Finding:
    best = min(readings, key=lambda reading: reading.gap)
    wrong_way = all(
        (reading.gives.high < 0 < reading.told.low) or (reading.gives.low > 0 > reading.told.high)
        for reading in readings
    )
    short = best.gives.high < best.told.low
    furthest = f"more than {plain(best.gives.high, 1)}" if short else f"less than {plain(best.gives.low, 1)}"
    sentence = (
        f"{subject(change)}{_of(change)}: {where([change])} prints a change of {told(change)}, but {_listed(rows)} are "
        f"printed. No rounding makes that a change of {furthest}."
    )
    rule = "change_wrong_direction" if wrong_way else "change_not_of_values"
    return Finding(rule, (change, *rows), sentence, best.gap, _fact_key(change))


def _fact_key(change: Figure) -> tuple:
    return ("change", *change.thing, change.measure, change.value)


def _of(change: Figure) -> str:
    target = _target(change)[1]
    return "" if target == TOTAL else f", {target.replace('_', ' ')}"


def _listed(rows: Iterable[Figure]) -> str:
    """Write the values once each, the later year first: '312 (73%) for 2023 and 293 for 2022'."""
    by_year: dict[int, list[str]] = {}
    for figure in sorted(rows, key=lambda own: (-own.day.toordinal(), own.measure, own.row)):
        by_year.setdefault(figure.day.year, []).append(told(figure))
    return " and ".join(
        values[0] + (f" ({', '.join(values[1:])})" if values[1:] else "") + f" for {year}"
        for year, values in by_year.items()
    )


def _target(change: Figure) -> tuple[str, str]:
    """Give the direction a change is told in, and the category whose change it is."""
    head, _, tail = change.category.rpartition("_")
    return (tail, head or TOTAL) if tail in DIRECTIONS else ("", change.category)


def _signed(change: Figure, span: Span) -> Span:
    """Give the span of a change with its sign: a decrease of 8 and a decrease of -8 are the same change."""
    if DIRECTIONS.get(_target(change)[0]) == -1 and change.value > 0:
        return Span(-span.high, -span.low, span.open_high, span.open_low)
    return span


def _two_values(printed: Printed, change: Figure) -> tuple[tuple[Figure, ...], tuple[Figure, ...]]:
    """Give the figures of the thing on its day and the years before; the document's own where it prints them."""
    years = int(dimension_role(change.dimension, change.category)["years_back"])
    last = 28 if change.day.month == 2 else change.day.day
    earlier_day = change.day.replace(year=change.day.year - years, day=min(change.day.day, last))
    category = _target(change)[1]
    own = [
        figure
        for figure in printed.all
        if figure.thing[:3] == change.thing[:3] and figure.indicator == change.indicator
        and not figure.role and figure.category == category
    ]  # fmt: skip
    return tuple(_prefer(own, change, change.day)), tuple(_prefer(own, change, earlier_day))


def _prefer(figures: list[Figure], change: Figure, day: object) -> Iterator[Figure]:
    of_day = [figure for figure in figures if figure.day == day]
    mine = [figure for figure in of_day if figure.source == change.source]
    measures = {figure.measure for figure in mine}
    seen = set()
    for figure in [*mine, *(figure for figure in of_day if figure.measure not in measures)]:
        if (figure.measure, figure.text) not in seen:
            seen.add((figure.measure, figure.text))
            yield figure


def _readings(
    change: Figure, now: tuple[Figure, ...], before: tuple[Figure, ...], span_of: SpanOf
) -> Iterator[Reading]:
    """Give what the change may be, in its measure, in percent and in points, under one choice of roundings."""
    told_span = _signed(change, span_of(change))
    for later, earlier in product(now, before):
        if later.measure != earlier.measure:
            continue
        new, old = span_of(later), span_of(earlier)
        is_percent = later.measure == "percent"
        yield Reading("points" if is_percent else later.measure, difference(new, old), told_span)
        relative = percent_change(new, old)
        if relative is not None:
            yield Reading(f"percent of {'percent' if is_percent else 'count'}", relative, told_span)
        if later.measure == "count" and None not in (later.base, earlier.base):
            shares = (share(new, later.base_span), share(old, earlier.base_span))
            yield Reading("points", difference(*shares), told_span)
