"""Populations that rates and shares imply, against what is printed and against each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations

from helpers.figure_checks.findings import Finding, between, label, plain, subject, told, where, years_between
from helpers.figure_checks.printed import TOTAL, Figure, Printed, fact, limit
from helpers.figure_checks.shares import is_round_ten
from helpers.figure_checks.spans import Span, count_span, implied_whole, share
from helpers.rounding import format_date

PER = 10_000
RATE = "rate_per_10000"


def rates(printed: Printed) -> Iterator[Finding]:
    """Find rates that need another population than is printed, or two populations too far apart in one document."""
    implied: dict[tuple, list[tuple[Figure, Figure, Span]]] = defaultdict(list)
    for rate in printed.all:
        if rate.measure != RATE or rate.value <= 0 or rate.role:
            continue
        counts = [own for own in printed.totals(rate, "cla_total") if own.day == rate.day and own.source == rate.source]
        if not counts or len({count.value for count in counts}) > 1:
            continue
        needed = implied_whole(counts[0].span, rate.span, PER)
        if needed is None:
            continue
        yield from _against_printed(printed, rate, counts[0], needed)
        implied[(rate.source, rate.borough, rate.comparator)].append((rate, counts[0], needed))
    for told_rates in implied.values():
        for one, other in combinations(sorted(told_rates, key=lambda own: own[0].day), 2):
            yield from _jump(one, other)
            yield from _against_number(one, other)


def _against_printed(printed: Printed, rate: Figure, count: Figure, needed: Span) -> Iterator[Finding]:
    if rate.base is None:
        return
    base = count_span(rate.base, exact=False)
    if needed.meets(base):
        return
    sentence = (
        f"{subject(rate)}: {where([rate])} prints {told(rate)} and {told(count)} children in care, with "
        f"{plain(rate.base)} children in the borough. That would be {between(share(count.span, base, PER), 1)} per "
        f"10,000; the rate needs {between(needed)} children."
    )
    rows = (rate, count, *(own for own in printed.totals(rate, "child_population") if own.value == rate.base))
    yield Finding("rate_population", rows, sentence, needed.gap(base), ("rate", *rate.thing, rate.value, rate.base))


def _jump(one: tuple[Figure, Figure, Span], other: tuple[Figure, Figure, Span]) -> Iterator[Finding]:
    (rate, count, before), (later_rate, later_count, after) = one, other
    years = years_between(rate.day, later_rate.day)
    most = 1 + limit("child_population_growth") * years
    few = max(before.high, after.high) < limit("least_children")
    if few or before.meets(after) or (after.low <= before.high * most and before.low <= after.high * most):
        return
    apart = max(after.low / before.high, before.low / after.high) - 1
    sentence = (
        f"{subject(rate)}: {where([rate, later_rate])} prints {told(rate)} with {told(count)} children in care, and "
        f"{told(later_rate)} with {told(later_count)} for {later_rate.day:%Y}. The first needs {between(before)} "
        f"children in the borough, the second {between(after)}, {plain(100 * apart, 1)}% apart or more. The two rates "
        "cannot be compared."
    )
    gap = before.gap(after)
    key = ("rates", rate.source, *rate.thing[:2], rate.day, later_rate.day)
    yield Finding("rate_population_jump", (rate, count, later_rate, later_count), sentence, gap, key)


def _against_number(one: tuple[Figure, Figure, Span], other: tuple[Figure, Figure, Span]) -> Iterator[Finding]:
    (rate, count, _), (later_rate, later_count, _) = one, other
    number, of_rate = later_count.value - count.value, later_rate.value - rate.value
    if number * of_rate >= 0:
        return
    sentence = (
        f"{subject(rate)}: by {format_date(later_rate.day)} the number of children in care went from {told(count)} to "
        f"{told(later_count)}, and the rate from {told(rate)} to {told(later_rate)}. Only another population "
        "explains that."
    )
    key = ("rate against number", rate.source, *rate.thing[:2], rate.day, later_rate.day)
    yield Finding("rate_against_number", (rate, count, later_rate, later_count), sentence, abs(of_rate), key)


def shares_of_population(printed: Printed) -> Iterator[Finding]:
    """Find shares of the population that, with their count, need another population than the document's.

    A population printed for the day's last mid-year, or implied by the rate of that day, is the document's. Shares with
    a base beside them are checked as any other percentage (shares.py).
    """
    for percent in printed.all:
        if percent.role != "share" or percent.base is not None or percent.measure != "percent":
            continue
        if percent.dimension != "share_of_child_population":
            continue
        thing = (*percent.thing[:-2], TOTAL, TOTAL)
        counts = [f for f in printed.by_thing.get(thing, []) if f.measure == "count" and f.source == percent.source]
        needed = [span for count in counts if (span := implied_whole(count.span, percent.span)) is not None]
        known = list(_known_populations(printed, percent))
        if needed and known and not any(need.meets(span) for need in needed for _, span in known):
            figure, span = known[0]
            sentence = (
                f"{subject(percent)}: {where([percent])} prints {told(counts[0])} as {told(percent)} of all children "
                f"in the borough. That needs {between(needed[0])} children, but {told(figure)} ({label(figure)}) says "
                f"{between(span)}."
            )
            key = ("population share", *percent.thing, percent.value)
            yield Finding("share_population", (percent, *counts, figure), sentence, needed[0].gap(span), key)


def _known_populations(printed: Printed, percent: Figure) -> Iterator[tuple[Figure, Span]]:
    own = [
        f
        for f in printed.all
        if f.source == percent.source and f.borough == percent.borough and f.comparator == "borough"
    ]
    for figure in own:
        months = 12 * years_between(figure.day, percent.day)
        if (
            figure.indicator == "child_population"
            and figure.is_total
            and figure.measure == "count"
            and -4 <= months <= 12
        ):
            yield figure, figure.span
        if figure.measure == RATE and figure.day == percent.day and not figure.role:
            for count in printed.totals(figure, "cla_total"):
                if count.day == figure.day and count.source == figure.source:
                    needed = implied_whole(count.span, figure.span, PER)
                    if needed is not None:
                        yield figure, needed


def population_jumps(printed: Printed) -> Iterator[Finding]:
    """Find shares of who lives in a borough that differ between two days by more than such a share changes."""
    series: dict[tuple, list[Figure]] = defaultdict(list)
    for figure in printed.all:
        if fact(figure.indicator, "slow_population") == "yes" and figure.measure == "percent" and not figure.role:
            series[(*figure.thing[:2], *figure.thing[4:])].append(figure)
    for key, figures in series.items():
        for before, after in combinations(sorted(figures, key=lambda own: (own.day, own.row)), 2):
            years = years_between(before.day, after.day)
            old, new = _roundly(before), _roundly(after)
            most = Fraction((1 + float(limit("group_growth"))) ** float(years))
            apart = old.gap(new)
            if (
                years > 0
                and apart >= limit("group_points")
                and (new.low > old.high * most or old.low > new.high * most)
            ):
                sentence = (
                    f"{subject(before)}: {where([before])} of {before.source} prints {told(before)}, and "
                    f"{where([after])} of {after.source} prints {told(after)} {plain(years, 0)} "
                    f"{'year' if round(years) == 1 else 'years'} later. The people of a borough do not change so fast: "
                    "the two are not of the same group or the same source."
                )
                rule_key = ("jump", *key, before.day, after.day)
                yield Finding("population_jump", (before, after), sentence, apart, rule_key)


def _roundly(figure: Figure) -> Span:
    """The span of a percentage; a round ten may be told roundly."""
    if not is_round_ten(figure):
        return figure.span
    return Span(figure.value - limit("round_ten"), figure.value + limit("round_ten"))
