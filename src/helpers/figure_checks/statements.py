"""Statements in the note of a figure (above London, improved, the highest ever) against the values printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from helpers.codes import load_catalogue, load_codelist
from helpers.figure_checks.findings import PLACES, Finding, plain, subject, told, where
from helpers.figure_checks.printed import OWN, Figure, Printed, fact, limit
from helpers.figure_checks.spans import percent_change

_CLAUSES = re.compile(r"[;.]|,? but |\band (?=lower|higher|above|below)|, (?=lower|higher|above|below)")


@lru_cache
def _phrases(meaning: str) -> tuple[tuple[str, str], ...]:
    listed = load_codelist("figure_phrases")
    own = listed[listed["meaning"] == meaning]
    return tuple(zip(own["phrase"], own["value"], strict=True))


def polarity(indicator: str) -> str:
    """Give higher_better, lower_better or neutral; neutral where no list says."""
    known = fact(indicator, "polarity")
    if known:
        return known
    catalogue = load_catalogue()
    own = catalogue.loc[catalogue["key"] == indicator, "polarity"]
    return own.iloc[0] if len(own) else "neutral"


def statements(printed: Printed) -> Iterator[Finding]:
    """Find comparisons and changes told in a note that the printed values contradict."""
    for figure in printed.all:
        if figure.note and not figure.role and figure.comparator == OWN:
            note = figure.note.casefold()
            for clause in filter(None, map(str.strip, _CLAUSES.split(note))):
                yield from _compared(printed, figure, clause)
                yield from _over_time(printed, figure, clause)
        if figure.note and figure.comparator != OWN:
            yield from _other_place(figure)


def _said(clause: str, meaning: str) -> list[str]:
    return [value for phrase, value in _phrases(meaning) if re.search(rf"\b{re.escape(phrase)}\b", clause)]


def _compared(printed: Printed, figure: Figure, clause: str) -> Iterator[Finding]:
    said = [direction for direction in _said(clause, "compare") if direction]
    places = set(_said(clause, "place"))
    if len(said) != 1 or not places:
        return
    direction = _side(said[0], figure.indicator)
    for other in printed.all:
        alike = (other.source, other.borough, *other.thing[2:], other.measure) == (
            figure.source, figure.borough, *figure.thing[2:], figure.measure,
        )  # fmt: skip
        if not alike or other.comparator == OWN or not ({other.comparator, "all"} & places):
            continue
        against = other.span.low > figure.span.high if direction == "above" else figure.span.low > other.span.high
        if direction and against:
            place = PLACES.get(other.comparator, other.comparator)
            sentence = (
                f"{subject(figure)}: {where([figure])} calls {told(figure)} {said[0]} {place}, but prints "
                f"{told(other)} for {place}."
            )
            key = ("said", *figure.thing, other.comparator, said[0])
            yield Finding("statement_against_values", (figure, other), sentence, figure.span.gap(other.span), key)


def _side(said: str, indicator: str) -> str:
    """Turn better and worse into above and below by the polarity of the indicator; blank where it has none."""
    if said in ("above", "below"):
        return said
    better = {"higher_better": "above", "lower_better": "below"}.get(polarity(indicator), "")
    opposite = {"above": "below", "below": "above", "": ""}
    return better if said == "better" else opposite[better]


def _over_time(printed: Printed, figure: Figure, clause: str) -> Iterator[Finding]:
    series = [
        other
        for other in printed.all
        if other.source == figure.source and other.measure == figure.measure
        and (*other.thing[:3], *other.thing[4:]) == (*figure.thing[:3], *figure.thing[4:]) and other.day < figure.day
    ]  # fmt: skip
    if not series:
        return
    last = max(series, key=lambda own: own.day)
    for said in _said(clause, "trend"):
        side = {"rising": "above", "falling": "below"}.get(said) or _side(said, figure.indicator)
        if side:
            yield from _moved(figure, last, side, clause)
    for said in _said(clause, "record"):
        side = {"highest": "above", "lowest": "below"}.get(said) or _side(said, figure.indicator)
        for earlier in series if side else []:
            yield from _moved(figure, earlier, side, clause)
    if _said(clause, "steady"):
        yield from _steady(figure, last, clause)


def _moved(figure: Figure, earlier: Figure, side: str, clause: str) -> Iterator[Finding]:
    wrong = figure.span.high < earlier.span.low if side == "above" else figure.span.low > earlier.span.high
    if wrong:
        sentence = (
            f"{subject(figure)}: {where([figure])} says '{clause}' of {told(figure)}, but {told(earlier)} is printed "
            f"for {earlier.day:%Y}."
        )
        key = ("trend", *figure.thing, earlier.day)
        yield Finding("trend_against_values", (figure, earlier), sentence, figure.span.gap(earlier.span), key)


def _steady(figure: Figure, earlier: Figure, clause: str) -> Iterator[Finding]:
    moved = percent_change(figure.span, earlier.span)
    most = 100 * limit("static_change")
    if moved is not None and (moved.low > most or moved.high < -most):
        sentence = (
            f"{subject(figure)}: {where([figure])} says '{clause}', and prints {told(earlier)} for {earlier.day:%Y} "
            f"and {told(figure)} for {figure.day:%Y}: {plain(moved.low, 0)}%."
        )
        yield Finding("static_but_changed", (figure, earlier), sentence, abs(moved.low), ("steady", *figure.thing))


def _other_place(figure: Figure) -> Iterator[Finding]:
    for phrase, place in _phrases("other_place"):
        if figure.comparator == place and re.search(rf"\b{re.escape(phrase)}\b", figure.note.casefold()):
            sentence = (
                f"{subject(figure)}: {where([figure])} prints {told(figure)} as the value of {PLACES[place]}, and the "
                f"words call it '{phrase}'. Which place is it of?"
            )
            yield Finding(
                "comparator_place", (figure,), sentence, figure.value * 0, ("place", *figure.thing, figure.value)
            )


def runs(printed: Printed) -> Iterator[Finding]:
    """Find runs of years at zero in which a printed value is not zero."""
    for run in printed.all:
        if run.role != "run" or run.category != "consecutive_years_at_zero":
            continue
        for value in printed.all:
            inside = 0 <= run.day.year - value.day.year < run.value
            same = (value.borough, value.indicator, value.comparator) == (run.borough, run.indicator, run.comparator)
            if same and value.is_total and value.measure == "count" and inside and value.value != 0:
                sentence = (
                    f"{subject(run)}: {where([run])} tells of {told(run)} at zero, but {told(value)} is printed for "
                    f"{value.day:%Y}."
                )
                yield Finding("run_length", (run, value), sentence, abs(value.value), ("run", *run.thing, value.day))
