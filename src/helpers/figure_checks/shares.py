"""Percentages against their counts and bases: does the count over the base give what is printed?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from helpers.figure_checks.findings import Finding, between, plain, subject, told, where, whole_children
from helpers.figure_checks.printed import OWN, TOTAL, Figure, Printed, limit
from helpers.figure_checks.spans import ROUNDINGS, Span, count_span, printed_span, share

MOST_TRIED = 100_000
"""Bases above this can give any percentage with the decimals that reports print."""


@dataclass(frozen=True)
class Pair:
    """A percentage and the counts it may be the share of; without a base, the whole is not stated beside them."""

    percent: Figure
    counts: tuple[Figure, ...]
    base: Fraction | None
    elsewhere: bool = False

    @property
    def base_span(self) -> Span:
        return count_span(self.base, exact=self.percent.comparator == OWN and not self.percent.role)

    def exact(self, count: Figure) -> Span:
        """The percentage that a count gives."""
        return share(count.span, self.base_span)

    def fitting(self) -> set[str]:
        """The roundings under which some count gives the printed percentage."""
        printed = {name: printed_span(self.percent.value, self.percent.places, name) for name in ROUNDINGS}
        return {name for name, span in printed.items() if any(self.exact(count).meets(span) for count in self.counts)}


def pair_up(printed: Printed) -> list[Pair]:
    """Put every percentage of a group or total beside the counts of the same thing in its document."""
    pairs = []
    for percent in printed.all:
        if percent.measure != "percent" or percent.role not in ("", "share"):
            continue
        thing = (*percent.thing[:-2], TOTAL, TOTAL) if percent.role == "share" else percent.thing
        counts = [
            figure
            for figure in printed.by_thing.get(thing, [])
            if figure.measure == "count" and figure.source == percent.source
        ]
        pair = _pair(percent, counts)
        if pair is not None:
            pairs.append(pair)
    return pairs


def _pair(percent: Figure, counts: list[Figure]) -> Pair | None:
    near = [count for count in counts if count.section == percent.section]
    if percent.role == "share":
        return Pair(percent, tuple(near or counts), percent.base) if counts else None
    same = [count for count in near if count.base == percent.base] or [
        count for count in counts if count.base == percent.base and percent.base is not None
    ]
    if same:
        return Pair(percent, tuple(same), percent.base)
    one_sided = [count for count in near if count.base is None or percent.base is None]
    if len({count.value for count in one_sided}) == 1:
        return Pair(percent, tuple(one_sided), percent.base or one_sided[0].base)
    with_base = {(count.value, count.base) for count in counts if count.base is not None}
    if not near and percent.base is None and len(with_base) == 1:
        return Pair(percent, tuple(counts), next(iter(with_base))[1], elsewhere=True)
    return None


def percent_not_of_count(printed: Printed) -> Iterator[Finding]:
    """Find percentages that no honest rounding of count over base gives."""
    for pair in pair_up(printed):
        if pair.base is None or pair.fitting():
            continue
        rule = "percent_not_of_count_elsewhere" if pair.elsewhere else "percent_not_of_count"
        if pair.elsewhere and _near_round_ten(pair):
            rule = "told_roundly"
        count = min(pair.counts, key=lambda own: pair.exact(own).gap(pair.percent.span))
        yield Finding(
            rule, (pair.percent, *pair.counts), _words(pair, count), pair.exact(count).gap(pair.percent.span),
            ("share", count.borough, count.thing, count.value, pair.base, pair.percent.value),
        )  # fmt: skip


def is_round_ten(figure: Figure) -> bool:
    """Tell whether a percentage is a round ten, which may be told roundly when it stands without its count."""
    return figure.measure == "percent" and figure.places == 0 and figure.value % 10 == 0 and 0 < figure.value < 100


def _near_round_ten(pair: Pair) -> bool:
    return is_round_ten(pair.percent) and any(
        abs(pair.exact(count).low - pair.percent.value) <= limit("round_ten") for count in pair.counts
    )


def _words(pair: Pair, count: Figure) -> str:
    exact, percent = pair.exact(count), pair.percent
    needed = Span(
        percent.span.low * pair.base / 100, percent.span.high * pair.base / 100, False, percent.span.open_high
    )
    there = f"{where(pair.counts)} prints {told(count)} of {plain(pair.base)}" if pair.elsewhere else (
        f"{where([percent])} prints {told(count)} of {plain(pair.base)} as {told(percent)}"
    )  # fmt: skip
    also = f", {where([percent])} prints {told(percent)}" if pair.elsewhere else ""
    return (
        f"{subject(percent)}: {there}{also}. {told(count)} of {plain(pair.base)} is {between(exact, 2)}%. "
        f"For {told(percent)} it would have to be {whole_children(needed)} of {plain(pair.base)}."
    )


def rounded_unlike(printed: Printed) -> Iterator[Finding]:
    """Find percentages rounded in another way than their document rounds, where its way is beyond doubt."""
    for pairs in _by_document(printed).values():
        only = {name: [pair for pair in pairs if pair.fitting() == {name}] for name in ROUNDINGS}
        distinct = {name: len({(p.counts[0].value, p.base) for p in own}) for name, own in only.items()}
        for way, other in (ROUNDINGS, ROUNDINGS[::-1]):
            enough = distinct[way] >= limit("rounding_evidence")
            if enough and distinct[way] >= limit("rounding_evidence") * distinct[other]:
                yield from (_unlike(pair, only[way][0], way, other) for pair in only[other])


def _by_document(printed: Printed) -> dict[str, list[Pair]]:
    grouped = defaultdict(list)
    for pair in pair_up(printed):
        if pair.base is not None and not pair.elsewhere and pair.percent.comparator == OWN:
            grouped[pair.percent.source].append(pair)
    return grouped


def _unlike(pair: Pair, example: Pair, way: str, other: str) -> Finding:
    count, percent = pair.counts[0], pair.percent
    ways = {"nearest": "rounded to the nearest", "cut off": "cut off"}
    sentence = (
        f"{subject(percent)}: {where([percent])} prints {told(count)} of {plain(pair.base)} as {told(percent)}. It is "
        f"{between(pair.exact(count), 2)}%, so {told(percent)} is {ways[other]}, while the document's other "
        f"percentages are {ways[way]} ({told(example.counts[0])} of {plain(example.base)} as {told(example.percent)})."
    )
    gap = pair.exact(count).gap(printed_span(percent.value, percent.places, way))
    key = ("share", count.borough, count.thing, count.value, pair.base, percent.value)
    return Finding("rounded_unlike", (percent, *pair.counts), sentence, gap, key)


def impossible_percent(printed: Printed) -> Iterator[Finding]:
    """Find percentages that no whole number of their printed base gives, where no count is printed."""
    paired = {pair.percent.row for pair in pair_up(printed) if not pair.elsewhere}
    for percent in printed.all:
        if percent.measure != "percent" or percent.role not in ("", "share") or percent.row in paired:
            continue
        base = percent.base_span
        if base is None or base.low != base.high or base.low > MOST_TRIED:
            continue
        needed = Span(
            percent.span.low * base.low / 100, percent.span.high * base.low / 100, False, percent.span.open_high
        )
        if whole_children(needed) != "no whole number":
            continue
        nearest = round(percent.value * base.low / 100)
        around = sorted(
            abs(100 * Fraction(count) / base.low - percent.value) for count in (nearest - 1, nearest, nearest + 1)
        )
        yield Finding(
            "impossible_percent", (percent,),
            f"{subject(percent)}: {where([percent])} prints {told(percent)} of {plain(base.low)}. No whole number out "
            f"of {plain(base.low)} gives that: {nearest} would be {plain(100 * Fraction(nearest) / base.low)}%.",
            around[0], ("impossible", percent.thing, percent.value, percent.base),
        )  # fmt: skip
