"""The tables of results on a page (who is over-represented, the journey, places) against the edition's CSV files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import product

from helpers.audit.grid import BY, Grid, Told, day_of, labels_of
from helpers.audit.released import Edition, indicators_named, number, shown_as, ways_to_round
from helpers.codes import load_codelist
from helpers.counts import SMALLEST_BASE


def _ranged(one: dict[str, str], name: str, ends: str, kind: str) -> tuple[str | None, ...]:
    """Give a result with its range as pages may show it; a word where it is not told."""
    values = ways_to_round(one[name], kind)
    lows, highs = (ways_to_round(one[f"{ends}_{end}"], kind) for end in ("lower", "upper"))
    if not values:
        return (None,)
    if not lows:
        return tuple(f"{value} (-)" for value in values)
    spans = [f"{low} to {high}" for low in lows for high in highs] if highs else [f"{low} or more" for low in lows]
    return tuple(f"{value} ({span})" for value in values for span in spans)


def _rounded(rows: list[dict[str, str]], name: str, kind: str) -> tuple[str | None, ...]:
    """Give what pages may show of one column of rows; a word where there is no number."""
    return tuple(each for one in rows for each in ways_to_round(one[name], kind) or (None,))


def _ranges(rows: list[dict[str, str]], name: str, ends: str, kind: str) -> tuple[str | None, ...]:
    return tuple(each for one in rows for each in _ranged(one, name, ends, kind))


def _compared(edition: Edition, comparison: tuple[str, ...], by: str, label: str) -> list[dict[str, str]]:
    return [
        one
        for one in edition.tables["disproportionality"]
        if one["comparison"] in comparison and one["dimension"] == by and one["group"] in labels_of(by, label)
    ]


def _representation(grid: Grid, edition: Edition, told: dict[str, str], *, came_in: bool = False) -> Iterator[Told]:
    by = BY[told["by"]]
    comparison = "coming into care" if came_in else "finer groups" if by == "ethnic_label" else "headline"
    for line, row in enumerate(grid.rows, start=1):
        rows = _compared(edition, (comparison,), by, row[0])
        if not rows:
            continue
        yield Told(line, 2, row[1], _rounded(rows, "count", "whole"))
        yield Told(line, 3, row[2], (*_rounded(rows, "share", "share"), *_small_base(rows)))
        yield Told(line, 4, row[3], _rounded(rows, "population_share", "share"))
        yield Told(line, 5, row[4], _ranges(rows, "rate_per_10000", "rate", "whole"))
        yield Told(line, 7, row[6], _ranges(rows, "ratio", "ratio", "decimal(2)"))
        if all(number(one["count"]) is None for one in rows):
            yield from (Told(line, place, cell, (None,)) for place, cell in enumerate(row[5:-1], start=6))


def _small_base(rows: list[dict[str, str]]) -> tuple[None, ...]:
    """A share of few children is left out though it is in the file."""
    return (None,) if any((number(one["total"]) or 0) <= SMALLEST_BASE for one in rows) else ()


def _coming_in(grid: Grid, edition: Edition, told: dict[str, str]) -> Iterator[Told]:
    return _representation(grid, edition, told, came_in=True)


def _times(grid: Grid, edition: Edition, told: dict[str, str], comparison: str = "headline") -> Iterator[Told]:
    by = BY.get(grid.heads[0].lower(), "")
    for line, row in enumerate(grid.rows, start=1):
        rows = _compared(edition, (comparison,), by, row[0])
        for column, name in ((2, "ratio"), (3, "ratio_lower"), (4, "ratio_upper")):
            yield Told(line, column, row[column - 1], _rounded(rows, name, "decimal(1)"))


def _times_coming_in(grid: Grid, edition: Edition, told: dict[str, str]) -> Iterator[Told]:
    return _times(grid, edition, told, "coming into care")


def _journey(grid: Grid, edition: Edition, told: dict[str, str]) -> Iterator[Told]:
    """Rows of a question stand in the order of the file; where they are not as many, each must be one of them."""
    questions = _questions()
    rows = [one for one in edition.tables["journey"] if one["stage"] == told["stage"]]
    for question in dict.fromkeys(row[0] for row in grid.rows if row[0] in questions):
        lines = [(line, row) for line, row in enumerate(grid.rows, start=1) if row[0] == question]
        own = [one for one in rows if one["indicator"] == questions[question]]
        if len(own) == len(lines) + 1:  # of the two sexes one is told: the other would say the same again
            own = [one for one in own if one["group"] != "Female"]
        for place, (line, row) in enumerate(lines):
            candidates = [own[place]] if len(own) == len(lines) else own
            cells = [list(_journey_cells(line, row, one)) for one in candidates]
            for same in zip(*cells, strict=True):
                yield same[0]._replace(allowed=tuple(each for one in same for each in one.allowed))


@lru_cache
def _questions() -> dict[str, str]:
    return dict(load_codelist("journey")[["question", "indicator"]].itertuples(index=False))


def _journey_cells(line: int, row: tuple[str, ...], one: dict[str, str]) -> Iterator[Told]:
    for column, (share, base) in ((3, ("share", "children")), (4, ("other_share", "other_children"))):
        of = ways_to_round(one[base], "whole")
        told = tuple(f"{each} of {of[0]}" for each in ways_to_round(one[share], "share") if of)
        yield Told(line, column, row[column - 1], told or (None,))
    yield Told(line, 5, row[4], _ranged(_in_points(one), "difference", "difference", "whole"))


def _in_points(one: dict[str, str]) -> dict[str, str]:
    """Differences of shares in percentage points, worked out from the counts where both are told."""
    points = {name: str(100 * number(one[name])) if one[name] else "" for name in one if name.startswith("difference")}
    counts = [number(one[name]) for name in ("events", "children", "other_events", "other_children")]
    if points["difference"] and all(counts[n] is not None for n in range(4)) and counts[1] and counts[3]:
        points["difference"] = repr(100 * (counts[0] / counts[1] - counts[2] / counts[3]))
    return points


def _points(grid: Grid, edition: Edition, told: dict[str, str]) -> Iterator[Told]:
    """Differences drawn in a chart: each is one of the journey's, with its own range."""
    ends = ("difference", "difference_lower", "difference_upper")
    rows = [_in_points(one) for one in edition.tables["journey"] if all(one[name] for name in ends)]
    return _triples(grid, rows, ends, "whole")


def _multiples(grid: Grid, edition: Edition, told: dict[str, str]) -> Iterator[Told]:
    """Ratios to places drawn in a chart: each is one of the comparisons', with its own range."""
    ends = ("ratio", "ratio_lower", "ratio_upper")
    rows = [one for one in edition.tables["comparisons"] if all(one[name] for name in ends)]
    return _triples(grid, rows, ends, "decimal(2)")


def _triples(grid: Grid, rows: list[dict[str, str]], ends: tuple[str, ...], kind: str) -> Iterator[Told]:
    known = [" | ".join(each) for one in rows for each in product(*(ways_to_round(one[name], kind) for name in ends))]
    for line, row in enumerate(grid.rows, start=1):
        yield Told(line, 2, " | ".join(row[1:4]), (*known, None) if known else ())


def _ways(grid: Grid, edition: Edition, told: dict[str, str]) -> Iterator[Told]:
    """Other ways to look at a group: nothing of a group that is hidden."""
    for line, row in enumerate(grid.rows, start=1):
        rows = _compared(edition, ("headline",), "ethnic_group", row[0])
        if rows and all(number(one["count"]) is None for one in rows):
            yield from (Told(line, column, cell, (None,)) for column, cell in enumerate(row[1:], start=2))


def _ratios(grid: Grid, edition: Edition, told: dict[str, str]) -> Iterator[Told]:
    """Ratios over time are in no file: where the group's number of that year is hidden there must be none."""
    for line, row in enumerate(grid.rows, start=1):
        for column, head in enumerate(grid.heads[1:3], start=2):
            cuts = [
                edition.find("cla_started", day_of(head), ethnic_group=one) for one in labels_of("ethnic_group", row[0])
            ]
            if any(found is not None and found.hidden for found in cuts):
                yield Told(line, column, row[column - 1], (None,))


def _places(grid: Grid, edition: Edition, told: dict[str, str]) -> Iterator[Told]:
    """The borough's own column beside other places: the released value of the year in the last column."""
    for line, row in enumerate(grid.rows, start=1):
        found = [edition.find(name, day_of(row[-1])) for name in indicators_named(row[0])]
        shown = tuple(shown_as(one, measure) for one in found if one is not None for measure in ("value", "percent"))
        yield Told(line, 2, row[1], (*shown, None) if shown else ())  # "too few" is a word, and allowed


RESULT_READERS: dict[str, Callable[..., Iterator[Told]]] = {
    "representation": _representation,
    "coming_in": _coming_in,
    "times": _times,
    "times_coming_in": _times_coming_in,
    "journey": _journey,
    "points": _points,
    "multiples": _multiples,
    "ways": _ways,
    "ratios": _ratios,
    "places": _places,
}
