"""Age bands that leave an age out, or have one twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

from helpers.figure_checks.findings import Finding, plain, subject, told, where
from helpers.figure_checks.printed import Figure, Printed
from helpers.figure_checks.wholes import ages_of


def band_edges(printed: Printed) -> Iterator[Finding]:
    """Find bands that leave an age out and still add to everybody, and bands that share an age at their edge."""
    groups: dict[tuple, dict[str, Figure]] = defaultdict(dict)
    for figure in printed.all:
        if figure.dimension == "age" and figure.measure == "count" and ages_of(figure.category):
            groups[(figure.source, *figure.thing[:6])][figure.category] = figure
    for key, by_band in groups.items():
        bands = sorted(by_band.values(), key=lambda figure: ages_of(figure.category))
        for left, right in zip(bands, bands[1:], strict=False):
            last, first = ages_of(left.category)[1], ages_of(right.category)[0]
            if first > last + 1 and _adds_up(printed, bands):
                ages = str(last + 1) if first == last + 2 else f"{last + 1} to {first - 1}"
                yield _finding(left, right, f"leave out age {ages}, yet the bands add to everybody", key)
            if last == first and ages_of(left.category)[0] < first < ages_of(right.category)[1]:
                yield _finding(left, right, f"both have age {first}", key)


def _adds_up(printed: Printed, bands: list[Figure]) -> bool:
    wholes = {whole.value for whole in printed.wholes(bands[0])} | {band.base for band in bands}
    return sum((band.value for band in bands), Fraction(0)) in wholes


def _finding(left: Figure, right: Figure, words: str, key: tuple) -> Finding:
    names = f"{left.category.replace('_', ' ')} ({told(left)}) and {right.category.replace('_', ' ')} ({told(right)})"
    sentence = (
        f"{subject(left)}: in {where([left, right])} the bands {names} {words}. {plain(left.value)} is of which ages?"
    )
    return Finding("band_edges", (left, right), sentence, Fraction(0), ("bands", *key, left.category, right.category))
