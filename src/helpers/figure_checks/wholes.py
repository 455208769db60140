"""Parts and wholes: parts that pass their whole, complete breakdowns that leave somebody out, family settings."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from helpers.codes import load_codelist
from helpers.figure_checks.bases import cohort_bases
from helpers.figure_checks.findings import Finding, label, plain, subject, told, where
from helpers.figure_checks.printed import OWN, TOTAL, Figure, Printed, fact, limit
from helpers.figure_checks.shares import is_round_ten
from helpers.figure_checks.spans import Span, exactly, share

MOST_COMBINATIONS = 512
LAST_AGE = 17


class Breakdown(NamedTuple):
    """The printed parts of one whole: several values of one part are several choices."""

    key: tuple
    parts: dict[str, list[Figure]]
    wholes: list[Figure]
    whole_spans: list[Span]
    complete: bool

    def sums(self) -> Iterator[tuple[Span, tuple[Figure, ...]]]:
        """Give the span of the parts' sum for every choice of their values."""
        for choice in product(*self.parts.values()):
            spans = [figure.span for figure in choice]
            yield (
                Span(
                    sum((span.low for span in spans), Fraction(0)),
                    sum((span.high for span in spans), Fraction(0)),
                    any(span.open_low for span in spans),
                    any(span.open_high for span in spans),
                ),
                choice,
            )


@lru_cache
def _listed() -> list[dict[str, str]]:
    return load_codelist("figure_wholes").to_dict("records")


def parts_and_wholes(printed: Printed) -> Iterator[Finding]:
    """Find breakdowns whose parts pass the whole, or that are complete and do not reach it."""
    found = [_compare(own) for own in [*_categories(printed), *_complements(printed), *_age_bands(printed)]]
    seen_counts = set()
    for finding in sorted(filter(None, found), key=lambda own: own.figures[0].measure != "count"):
        if finding.fact_key not in seen_counts:
            seen_counts.add(finding.fact_key)
            yield finding


def _compare(own: Breakdown) -> Finding | None:
    tried = list(own.sums())
    above = [
        all(span.low > whole.high or (span.low == whole.high and span.open_low) for whole in own.whole_spans)
        for span, _ in tried
    ]
    if all(above):
        return _finding("parts_above_whole", own, tried)
    if not own.complete:
        return None
    below = [not any(_reaches(span, whole, choice) for whole in own.whole_spans) for span, choice in tried]
    return _finding("parts_below_whole", own, tried) if all(below) else None


def _reaches(span: Span, whole: Span, choice: tuple[Figure, ...]) -> bool:
    return span.meets(whole) or span.low > whole.high


def _finding(rule: str, own: Breakdown, tried: list[tuple[Span, tuple[Figure, ...]]]) -> Finding:
    (span, choice), whole = min(
        (((span, choice), whole) for span, choice in tried for whole in own.whole_spans),
        key=lambda both: both[0][0].gap(both[1]),
    )
    total = sum((figure.value for figure in choice), Fraction(0))
    unit = "%" if choice[0].measure == "percent" else ""
    wanted = "100%" if unit else plain(whole.low)
    missing = abs(total - (100 if unit else whole.low))
    of = f" ({label(own.wholes[0])})" if own.wholes else ""
    listed = ", ".join(f"{told(figure)} {_part_name(figure)}" for figure in choice)
    outcome = (
        f"{plain(missing)}{unit} too many" if rule == "parts_above_whole" else f"{plain(missing)}{unit} not told of"
    )
    sentence = (
        f"{subject(choice[0])} and the parts beside it: {where(choice)} prints {listed}. Together that is "
        f"{plain(total)}{unit}, but the whole is {wanted}{of}: {outcome}."
    )
    return Finding(rule, (*choice, *own.wholes), sentence, span.gap(whole), ("parts", *own.key))


def _part_name(figure: Figure) -> str:
    name = figure.category if not figure.is_total else figure.indicator.removeprefix("cla_").removeprefix("cl_")
    return name.replace("_", " ")


# --- categories of one dimension ----------------------------------------------------------------------------------


def _categories(printed: Printed) -> Iterator[Breakdown]:
    groups: dict[tuple, list[Figure]] = defaultdict(list)
    for figure in printed.all:
        if figure.measure in ("count", "percent") and not figure.role and figure.dimension != TOTAL:
            groups[(figure.source, *figure.thing[:6], figure.measure)].append(figure)
    for key, figures in groups.items():
        by_category = defaultdict(list)
        for figure in figures:
            by_category[figure.category].append(figure)
        for parent in dict.fromkeys(row["parent"] for row in _listed() if row["dimension"] == key[6]):
            breakdown = _breakdown(printed, key, parent, by_category)
            if breakdown is not None:
                yield breakdown


def _breakdown(printed: Printed, key: tuple, parent: str, by_category: dict[str, list[Figure]]) -> Breakdown | None:
    dimension, measure = key[6], key[7]
    children = [row for row in _listed() if row["dimension"] == dimension and row["parent"] == parent]
    parts = {row["category"]: by_category[row["category"]] for row in children if row["category"] in by_category}
    if parent == TOTAL:
        parts |= _orphans(dimension, by_category)
    parts = {name: _distinct(values) for name, values in parts.items()}
    many = 1
    for values in parts.values():
        many *= len(values)
    if not parts or (len(parts) < 2 and parent == TOTAL) or many > MOST_COMBINATIONS:
        return None
    first = next(iter(parts.values()))[0]
    wholes, spans = _wholes(printed, first, parent, by_category, measure)
    if not spans:
        return None
    complete = bool(children) and all(row["complete"] == "yes" and row["category"] in parts for row in children)
    complete = complete or (parent == TOTAL and measure == "count" and _learned(printed, first, set(parts)))
    return Breakdown((*key[1:7], parent), parts, wholes, spans, complete)


def _orphans(dimension: str, by_category: dict[str, list[Figure]]) -> dict[str, list[Figure]]:
    """Parts of a part that is not printed itself count as parts of the whole, unless they may be in two of them."""
    rows = [row for row in _listed() if row["dimension"] == dimension and row["parent"] != TOTAL]
    once = {row["category"] for row in rows} - {row["category"] for row in rows if _is_top(row["category"], dimension)}
    return {
        row["category"]: by_category[row["category"]]
        for row in rows
        if row["category"] in once and row["category"] in by_category and row["parent"] not in by_category
    }


def _is_top(category: str, dimension: str) -> bool:
    return any(
        row["category"] == category and row["dimension"] == dimension and row["parent"] == TOTAL for row in _listed()
    )


def _distinct(figures: list[Figure]) -> list[Figure]:
    return list({figure.text: figure for figure in reversed(figures)}.values())


def _wholes(
    printed: Printed, first: Figure, parent: str, by_category: dict[str, list[Figure]], measure: str
) -> tuple[list[Figure], list[Span]]:
    if parent != TOTAL:
        wholes = _distinct(by_category.get(parent, []))
        return wholes, [whole.span for whole in wholes]
    if measure == "percent":
        return [], [exactly(100)]
    wholes = _distinct(printed.wholes(first))
    spans = [whole.span for whole in wholes]
    bases = {figure.base_span for values in by_category.values() for figure in values if figure.base is not None}
    return wholes, spans + [base for base in sorted(bases) if base not in spans]


def _learned(printed: Printed, first: Figure, names: set[str]) -> bool:
    """Tell whether the same parts added to the whole exactly on enough other days, so that they are all there are."""
    days: dict[tuple, dict[str, set[Fraction]]] = defaultdict(lambda: defaultdict(set))
    wholes: dict[tuple, set[Fraction]] = defaultdict(set)
    for figure in printed.all:
        alike = (figure.borough, figure.comparator, figure.indicator, figure.dimension, figure.measure)
        if (
            alike != (first.borough, first.comparator, first.indicator, first.dimension, "count")
            or figure.day == first.day
        ):
            continue
        days[(figure.source, figure.day)][figure.category].add(figure.value)
        if figure.base is not None:
            wholes[(figure.source, figure.day)].add(figure.base)
    exact = {
        day
        for (source, day), values in days.items()
        if names == set(values)
        and any(sum(choice) in wholes[(source, day)] for choice in product(*(values[name] for name in names)))
    }
    return len(exact) >= limit("learned_days")


# --- indicators that complement each other ------------------------------------------------------------------------


def _complements(printed: Printed) -> Iterator[Breakdown]:
    groups: dict[str, list[str]] = defaultdict(list)
    for row in _listed():
        if not row["dimension"]:
            groups[row["group"]].append(row["category"])
    complete = {row["group"] for row in _listed() if not row["dimension"] and row["complete"] == "yes"}
    for group, indicators in groups.items():
        places: dict[tuple, dict[str, list[Figure]]] = defaultdict(lambda: defaultdict(list))
        for figure in printed.all:
            if figure.indicator in indicators and figure.measure == "percent" and not figure.role:
                place = (figure.source, *figure.thing[:4], *figure.thing[5:])
                places[place][figure.indicator].append(figure)
        for place, parts in places.items():
            if len(parts) == len(indicators):
                values = {name: _distinct(figures) for name, figures in parts.items()}
                yield Breakdown((*place[1:], group), values, [], [exactly(100)], group in complete)


def complements_of_whole_numbers(printed: Printed) -> Iterator[Finding]:
    """Find complements whose percentages, as whole numbers of every base printed for their group, pass that base.

    96% and 5% may both be rounded up halves of a whole, but not of 243: they are at least 233 and 11 of it.
    """
    for own in _complements(printed):
        figures = [values[0] for values in own.parts.values() if len(values) == 1]
        bases = sorted(cohort_bases(printed, figures[0])) if len(figures) == len(own.parts) else []
        least = {base: [-(-figure.span.low * base // 100) for figure in figures] for base in bases}
        if not bases or any(sum(numbers) <= base for base, numbers in least.items()):
            continue
        base = min(bases, key=lambda own_base: sum(least[own_base]) - own_base)
        listed = " and ".join(f"{told(f)} {_part_name(f)}" for f in figures)
        numbers = " and ".join(map(str, least[base]))
        sentence = (
            f"{subject(figures[0])} and the part beside it: {where(figures)} prints {listed}. Of {plain(base)} that is "
            f"at least {numbers}, together {sum(least[base])}."
            + "".join(f" Of {plain(other)} it does not fit either." for other in bases if other != base)
        )
        gap = Fraction(sum(least[base]) - base)
        yield Finding("parts_above_whole", tuple(figures), sentence, gap, ("parts", *own.key))


# --- age bands ----------------------------------------------------------------------------------------------------


def ages_of(category: str) -> tuple[int, int] | None:
    """Give the first and last age of a band such as 10-17, under_5 or 17_and_over; None for anything else."""
    if match := re.fullmatch(r"(\d+)-(\d+)", category):
        return int(match[1]), int(match[2])
    if match := re.fullmatch(r"under_(\d+)", category):
        return 0, int(match[1]) - 1
    if match := re.fullmatch(r"(\d+)_and_over", category):
        return int(match[1]), 200
    return None


def _age_bands(printed: Printed) -> Iterator[Breakdown]:
    groups: dict[tuple, dict[str, list[Figure]]] = defaultdict(lambda: defaultdict(list))
    for figure in printed.all:
        banded = figure.dimension == "age" and ages_of(figure.category) and fact(figure.indicator, "parts_of")
        if banded and figure.measure in ("count", "percent"):
            groups[(figure.source, *figure.thing[:6], figure.measure)][figure.category].append(figure)
    for key, found in groups.items():
        parts = {name: _distinct(figures) for name, figures in found.items()}
        bands = sorted(ages_of(name) for name in parts)
        first = next(iter(parts.values()))[0]
        if all(left[1] < right[0] for left, right in zip(bands, bands[1:], strict=False)) and len(parts) > 1:
            wholes, spans = _wholes(printed, first, TOTAL, parts, key[7])
            if spans:
                yield Breakdown((*key[1:7], TOTAL), parts, wholes, spans, _covers_childhood(bands))
        else:
            yield from _nested(key, parts)


def _covers_childhood(bands: list[tuple[int, int]]) -> bool:
    joined = all(left[1] + 1 == right[0] for left, right in zip(bands, bands[1:], strict=False))
    return joined and bands[0][0] == 0 and bands[-1][1] >= LAST_AGE


def _nested(key: tuple, parts: dict[str, list[Figure]]) -> Iterator[Breakdown]:
    for outer, figures in parts.items():
        for inner, inside in parts.items():
            (low, high), (first, last) = ages_of(outer), ages_of(inner)
            if inner != outer and low <= first and last <= high:
                yield Breakdown(
                    (*key[1:7], outer, inner), {inner: inside}, figures, [own.span for own in figures], False
                )


# --- family settings ----------------------------------------------------------------------------------------------


def family_setting(printed: Printed) -> Iterator[Finding]:
    """Find family setting figures that the homes of the same document do not give, where those add to all children."""
    family = {row["category"] for row in _listed() if row["family"] == "yes"}
    for key, figures in printed.by_thing.items():
        if key[4] != "cla_family_setting" or not figures[0].is_total or figures[0].comparator != OWN:
            continue
        for source in dict.fromkeys(figure.source for figure in figures):
            own = [figure for figure in figures if figure.source == source]
            known = _family_count(printed, own[0], family)
            if known is not None:
                yield from _against_homes(own, *known)


def _family_count(
    printed: Printed, figure: Figure, family: set[str]
) -> tuple[Fraction, Fraction, tuple[Figure, ...]] | None:
    """Give the children in family settings, all children, and the homes that say so, where every home is told of."""
    homes: dict[str, list[Figure]] = defaultdict(list)
    top = {row["category"] for row in _listed() if row["dimension"] == "placement_type" and row["parent"] == TOTAL}
    for home in printed.all:
        same = (home.source, home.borough, home.comparator, home.day) == (
            figure.source, figure.borough, figure.comparator, figure.day,
        )  # fmt: skip
        if same and home.indicator == "cla_placement_type" and home.measure == "count" and home.category in top:
            homes[home.category].append(home)
    everybody = {
        base.value
        for base in printed.totals(figure, "cla_total")
        if base.day == figure.day and base.source == figure.source
    }
    values = [_distinct(own) for own in homes.values()]
    known = [
        (sum((home.value for home in choice if home.category in family), Fraction(0)), total, choice)
        for choice in (product(*values) if values else [])
        for total in everybody
        if sum(home.value for home in choice) == total
    ]
    return known[0] if len({(count, total) for count, total, _ in known}) == 1 else None


def _against_homes(
    figures: list[Figure], count: Fraction, total: Fraction, homes: tuple[Figure, ...]
) -> Iterator[Finding]:
    exact = share(exactly(count), exactly(total))
    fits = [
        figure.span.meets(exact if figure.measure == "percent" else exactly(count))
        or (is_round_ten(figure) and abs(exact.low - figure.value) <= limit("round_ten"))
        for figure in figures
    ]
    if any(fits):
        return
    figure = figures[0]
    sentence = (
        f"{subject(figure)}: {where([figure])} prints {told(figure)}. The homes in {where(homes)} add to all "
        f"{plain(total)} children, and {plain(count)} of them ({plain(exact.low, 1)}%) are with foster carers, "
        "relatives, parents or adopters."
    )
    gap = exact.gap(figure.span) if figure.measure == "percent" else abs(count - figure.value)
    yield Finding("family_setting", (figure, *homes), sentence, gap, ("family", *figure.thing, figure.source))
