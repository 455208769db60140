"""The tables of a page against what the edition's CSV files release: each reader yields what its cells must say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from lxml import html

from helpers.audit.grid import BY, DIGIT, Grid, Told, day_of, labels_of, plain, words
from helpers.audit.released import Edition, Row, in_words, indicators_named, shown_as
from helpers.audit.result import Audit
from helpers.audit.result_tables import RESULT_READERS
from helpers.codes import load_catalogue, load_codelist

_WHOLE = re.compile(r"\d[\d,]*")
_DIGIT = re.compile(r"[0-9]")
_SHARES, _RATES = ("stock share", "proportion"), ("stock rate", "rate")


@lru_cache
def _captions(borough: str) -> tuple[tuple[str, re.Pattern], ...]:
    listed = load_codelist("audit_tables")
    return tuple(
        (row.reads, re.compile(row.caption.replace("{borough}", re.escape(borough)))) for row in listed.itertuples()
    )


def check_tables(grids: list[Grid], place: str, audit: Audit, edition: Edition) -> None:
    """Note every cell that says another number than the released one, or any where the released one is hidden."""
    for grid in grids:
        check_small(grid, place, audit)
        decided = 0
        for one in _told(grid, edition):
            decided += 1
            if not one.agrees:
                what = "shows a number that is hidden" if None in one.allowed else "does not say the released number"
                audit.fault(f"{place}, table {grid.number}, row {one.row}, column {one.column}", what)
        audit.count("cells", decided)
        cells = sum(bool(DIGIT.search(cell)) for row in grid.rows for cell in row[1:])
        audit.count("other_cells", max(cells - decided, 0))


def _told(grid: Grid, edition: Edition) -> Iterator[Told]:
    for reads, caption in _captions(edition.borough):
        if found := caption.fullmatch(grid.caption):
            told = [one for one in READERS[reads](grid, edition, found.groupdict()) if one.allowed]
            if told:
                yield from told
                return


def check_cards(root: html.HtmlElement, place: str, audit: Audit, edition: Edition) -> None:
    """Note key figures that are another number than the released one, or one that is hidden or was never released."""
    for number, card in enumerate(root.xpath("//div[@class='card']"), start=1):
        parts = [words(part) for part in card]
        if len(parts) < 2 or not _WHOLE.fullmatch(parts[1]):
            continue
        names = [*indicators_named(parts[0]), *(["cla_rate_per_10000"] if parts[0].startswith("For every") else [])]
        day = day_of(parts[2]) if len(parts) > 2 else ""
        rows = [row for name in names if (row := edition.find(name, day or edition.as_at)) is not None]
        allowed = _of_rows(rows, "value") or tuple(f"{each:,}" for each in edition.numbers if each > audit.limit)
        audit.count("cards")
        if not Told(number, 1, parts[1], allowed).agrees:
            audit.fault(f"{place}, key figure {number}", "does not say the released number")


def check_small(grid: Grid, place: str, audit: Audit) -> None:
    """Note small whole numbers in columns that count people or rows, whatever the table."""
    counting = _counting()
    for line, row in enumerate(grid.rows, start=1):
        for column, cell in enumerate(row[1:], start=2):
            head = grid.heads[column - 1] if column <= len(grid.heads) else ""
            if _is_small(plain(cell), audit) and counting.search(head):
                audit.fault(
                    f"{place}, table {grid.number}, row {line}, column {column}",
                    f"shows a number of 1 to {audit.limit}",
                )


def _is_small(cell: str, audit: Audit) -> bool:
    return bool(_DIGIT.fullmatch(cell)) and audit.is_small(int(cell))


@lru_cache
def _counting() -> re.Pattern:
    listed = load_codelist("audit_sentences")
    return re.compile("|".join(listed.loc[listed["kind"] == "counted", "pattern"]), re.I)


# ------------------------------------------------------------------------------ tables of released counts


def _of_rows(rows: list[Row], measure: str) -> tuple[str | None, ...]:
    return tuple(shown_as(row, measure) for row in rows)


def _find(edition: Edition, names: list[str], day: str, by: str, label: str) -> list[Row]:
    cuts = [{by: each} for each in labels_of(by, label)] if by else [{}]
    return [row for name in names for cut in cuts if (row := edition.find(name, day, **cut)) is not None]


def _breakdown(grid: Grid, edition: Edition, told: dict[str, str]) -> Iterator[Told]:
    day, by = day_of(told["day"]), BY[told["by"]]
    for line, row in enumerate(grid.rows, start=1):
        rows = _find(edition, indicators_named(told["name"]), day, by, row[0])
        for column, measure in ((2, "number"), (3, "percent")):
            yield Told(line, column, row[column - 1], _of_rows(rows, measure))
        base = re.search(r"of ([\d,]+)", grid.heads[2])
        if base and any(each.denominator is not None for each in rows):
            yield Told(line, 0, base[1], _of_rows(rows, "base"))


def _by_day(grid: Grid, edition: Edition, told: dict[str, str]) -> Iterator[Told]:
    by = BY[told["by"]] if told.get("by") else ""
    for line, row in enumerate(grid.rows, start=1):
        for column, head in enumerate(grid.heads[1:], start=2):
            rows = _find(edition, indicators_named(told["name"]), day_of(head), by, row[0])
            yield Told(line, column, row[column - 1], _of_rows(rows, "number"))


def _shares(grid: Grid, edition: Edition, told: dict[str, str]) -> Iterator[Told]:
    names = indicators_named(grid.heads[0])
    for line, row in enumerate(grid.rows, start=1):
        for column, head in enumerate(grid.heads[1:], start=2):
            day = day_of(head.removesuffix(" (%)"))
            rows = [one for by in ("category", "age_band") for one in _find(edition, names, day, by, row[0])]
            yield Told(line, column, row[column - 1], _of_rows(rows, "percent"))


def _rate(grid: Grid, edition: Edition, told: dict[str, str]) -> Iterator[Told]:
    for line, row in enumerate(grid.rows, start=1):
        for column, area in enumerate(grid.heads[1:], start=2):
            found = edition.find("cla_rate_per_10000", day_of(row[0]), borough=area)
            yield Told(line, column, row[column - 1], _of_rows([found] if found else [], "value"))


def _flows(grid: Grid, edition: Edition, told: dict[str, str]) -> Iterator[Told]:
    names = {"Came into care": "cla_started", "Left care": "cla_ceased"}
    for line, row in enumerate(grid.rows, start=1):
        for column, head in enumerate(grid.heads[1:], start=2):
            found = edition.find(names.get(head, ""), day_of(row[0]))
            yield Told(line, column, row[column - 1], _of_rows([found] if found else [], "number"))


def _outcomes(grid: Grid, edition: Edition, told: dict[str, str]) -> Iterator[Told]:
    for line, row in enumerate(grid.rows, start=1):
        name, _, age = row[0].partition(", aged ")
        rows = _find(edition, indicators_named(name), day_of(row[1]), "age_band" if age else "", age)
        for column, measure in ((3, "number"), (4, "base"), (5, "percent")):
            yield Told(line, column, row[column - 1], _of_rows(rows, measure))
        if rows and all(shown_as(each, "value") is None for each in rows):
            yield Told(line, 6, row[5], (None,))


def _measures(grid: Grid, edition: Edition, told: dict[str, str]) -> Iterator[Told]:
    for line, row in enumerate(grid.rows, start=1):
        rows = edition.by_label.get((day_of(told["day"]), row[0]), [])
        yield Told(line, 2, row[1], _of_rows(rows, "number"))
        yield Told(line, 3, row[2], _of_rows(rows, "base"))


def _change(grid: Grid, edition: Edition, told: dict[str, str]) -> Iterator[Told]:
    kinds = _trend_kinds()
    for line, row in enumerate(grid.rows, start=1):
        for column in (2, 3):
            value, _, day = row[column - 1].removesuffix(")").rpartition(" (")
            for name in indicators_named(row[0]):
                if (found := edition.find(name, day_of(day))) is not None:
                    yield Told(line, column, value, (_as_change(found, kinds[name]), None))


@lru_cache
def _trend_kinds() -> dict[str, str]:
    return dict(load_catalogue()[["key", "trend_kind"]].itertuples(index=False))


def _as_change(row: Row, kind: str) -> str | None:
    if row.hidden:
        return None
    part = row.numerator / row.denominator if row.denominator else None
    if kind in _SHARES:
        return None if part is None else in_words(part, "share")
    if kind == "mean":
        return None if part is None else in_words(part, "decimal(1)")
    return in_words(row.exact if kind in _RATES and row.exact is not None else row.numerator, "whole")


def _rounded(grid: Grid, edition: Edition, told: dict[str, str]) -> Iterator[Told]:
    """A table rounded to 5 holds multiples of 5 alone; disclosure control has looked at what they tell."""
    for line, row in enumerate(grid.rows, start=1):
        for column, cell in enumerate(row[1:], start=2):
            if _WHOLE.fullmatch(cell):
                number = int(cell.replace(",", ""))
                yield Told(line, column, cell, (f"{number - number % 5:,}",))


READERS: dict[str, Callable[..., Iterator[Told]]] = {
    "breakdown": _breakdown,
    "by_day": _by_day,
    "shares": _shares,
    "rate": _rate,
    "flows": _flows,
    "outcomes": _outcomes,
    "measures": _measures,
    "change": _change,
    **RESULT_READERS,
    "rounded": _rounded,
    "boroughs": lambda grid, edition, told: iter(()),
}


def check_boroughs(grids: list[Grid], place: str, audit: Audit) -> None:
    """Look at the table of all boroughs: each edition's number is the one that the edition releases."""
    for grid in grids:
        check_small(grid, place, audit)
        if not any(reads == "boroughs" and caption.fullmatch(grid.caption) for reads, caption in _captions("")):
            continue
        for line, row in enumerate(grid.rows, start=1):
            told = audit.totals.get((row[0], day_of(row[1])))
            for column, expected in enumerate(told or (), start=3):
                audit.count("cells")
                if not Told(line, column, row[column - 1], (expected or None,)).agrees:
                    audit.fault(
                        f"{place}, table {grid.number}, row {line}, column {column}", "does not say the released number"
                    )
