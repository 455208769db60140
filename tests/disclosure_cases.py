"""Drawn releases of linked tables, shaped as the trial's cases: two years, crossed tables, published changes.

Children are drawn one by one, so every table of a case tells of the same children. A statistic of 1 to 5 is withheld.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from helpers.disclosure.system import Builder, System

LIMIT = 5
GROUPS = {"eth": ("White", "Mixed", "Asian", "Black", "Other"), "sex": ("Female", "Male")}
HOMES = ("foster", "children's home", "semi-independent", "with parents", "placed for adoption", "other")
AGES = ("0", "1 to 4", "5 to 9", "10 to 15", "16 and over")
SHARES = {
    "eth": (0.5, 0.14, 0.09, 0.21, 0.06),
    "sex": (0.44, 0.56),
    "home": (0.7, 0.12, 0.09, 0.04, 0.02, 0.03),
    "age": (0.05, 0.13, 0.18, 0.38, 0.26),
}
NAMES = {**GROUPS, "home": HOMES, "age": AGES}
Cell = tuple


class Case(NamedTuple):
    """A release: its system, and the place of every statistic by its key (year or "change", then (part, group) ...)."""

    name: str
    system: System
    place: dict[Cell, int]


def draw_case(name: str, seed: int = 1) -> Case:
    """Draw "small" (120 children), "report" (300) or "threeway" (300, ethnic group by sex by age)."""
    children, tables = {
        "small": (120, [("eth", "sex"), ("eth", "home")]),
        "report": (300, [("eth", "sex"), ("eth", "home"), ("eth", "age"), ("sex", "age")]),
        "threeway": (300, [("eth", "sex", "age"), ("eth", "home")]),
    }[name]
    return _case(name, children, tables, np.random.default_rng(seed))


def _case(name: str, children: int, tables: Sequence[tuple[str, ...]], draws: np.random.Generator) -> Case:
    builder = Builder()
    years = [_drawn(children, draws), _drawn(children, draws)]
    for year, drawn in enumerate(years):
        for table in tables:
            _add_table(builder, year, drawn, table)
    for group in (None, *NAMES["eth"]):
        _add_change(builder, () if group is None else (("eth", group),))
    return Case(name, builder.system(), dict(builder.place))


def _drawn(children: int, draws: np.random.Generator) -> dict[str, np.ndarray]:
    return {part: draws.choice(len(share), size=children, p=share) for part, share in SHARES.items()}


def _add_table(builder: Builder, year: int, drawn: dict[str, np.ndarray], parts: tuple[str, ...]) -> None:
    """Add a crossed table with every margin, and one equation for each line of it."""
    cells: list[dict[str, str]] = [{}]
    for part in parts:
        cells = [{**cell, **more} for cell in cells for more in ({}, *({part: name} for name in NAMES[part]))]
    for cell in cells:
        whole = _add_count(builder, year, drawn, cell)
        for part in parts:
            if part not in cell:
                line = [_add_count(builder, year, drawn, {**cell, part: name}) for name in NAMES[part]]
                _add_equation(builder, whole, tuple(line))


def _add_equation(builder: Builder, whole: int, line: tuple[int, ...]) -> None:
    """Two tables share margins; an equation is written once."""
    known = builder.__dict__.setdefault("_written", set())
    if (whole, frozenset(line)) not in known:
        known.add((whole, frozenset(line)))
        builder.equation({whole: -1.0, **dict.fromkeys(line, 1.0)})


def _add_count(builder: Builder, year: int, drawn: dict[str, np.ndarray], cell: dict[str, str]) -> int:
    inside = np.ones(len(drawn["sex"]), dtype=bool)
    for part, name in cell.items():
        inside &= drawn[part] == NAMES[part].index(name)
    count = float(inside.sum())
    needs = _needs(count)
    weight = 4.0 if count == 0 else 1 + np.log1p(count)
    return builder.add((year, *sorted(cell.items())), count, withheld=bool(needs), weight=weight, **needs)


def _add_change(builder: Builder, cell: Cell) -> None:
    before, after = builder.place[0, *cell], builder.place[1, *cell]
    change = float(builder.get(after, "value")) - float(builder.get(before, "value"))
    place = builder.add(("change", *cell), change, low=-np.inf, weight=2.0)
    builder.equation({after: 1.0, before: -1.0, place: -1.0})


def draw_release(children: int = 400, indicators: int = 40, years: int = 5, seed: int = 1) -> Case:
    """Draw a borough's whole release: each indicator of each year by ethnic group, sex and age, beside its base.

    What is left of a base is in no file and everybody can work it out. Groups that are shown only with their base are
    paired. About 12 statistics, 12 that follow and 15 equations for each indicator and year.
    """
    draws = np.random.default_rng(seed)
    builder = Builder()
    for year in range(years):
        drawn = _drawn(children, draws)
        _add_lines(builder, (year, "base"), drawn, np.ones(children, dtype=bool))
        for indicator in range(indicators):
            counted = draws.random(children) < draws.choice([0.03, 0.1, 0.3, 0.6, 0.9])
            _add_lines(builder, (year, indicator), drawn, counted)
            for part, name in _single_groups():
                count, base = builder.place[year, indicator, part, name], builder.place[year, "base", part, name]
                rest = float(builder.get(base, "value")) - float(builder.get(count, "value"))
                left = builder.add((year, indicator, part, name, "rest"), rest, offered=False, **_needs(rest))
                builder.equation({base: 1.0, count: -1.0, left: -1.0})
                if _needs(rest):
                    builder.set(count, withheld=True)
                builder.only_with(count, base)
    return Case("release", builder.system(), dict(builder.place))


def _single_groups() -> list[tuple[str | None, str | None]]:
    return [(None, None), *((part, name) for part in ("eth", "sex", "age") for name in NAMES[part])]


def _add_lines(builder: Builder, key: tuple, drawn: dict[str, np.ndarray], counted: np.ndarray) -> None:
    for part, name in _single_groups():
        inside = counted if part is None else counted & (drawn[part] == NAMES[part].index(name))
        count = float(inside.sum())
        needs = _needs(count)
        weight = 4.0 if count == 0 else 1 + np.log1p(count)
        builder.add((*key, part, name), count, withheld=bool(needs), weight=weight, **needs)
    for part in ("eth", "sex", "age"):
        line = [builder.place[*key, part, name] for name in NAMES[part]]
        builder.equation({builder.place[*key, None, None]: -1.0, **dict.fromkeys(line, 1.0)})


def _needs(number: float) -> dict[str, float]:
    """A number of 1 to 5 has to be able to be 1, and 5."""
    return {"need_low": 1.0, "need_high": float(LIMIT)} if 1 <= number <= LIMIT else {}


def next_smallest(case: Case) -> np.ndarray:
    """Hide as published tables do: in every line of a table with one hidden part, the next smallest part too."""
    system, hidden = case.system, case.system.withheld.copy()
    lines = [system.matrix[[row]] for row in range(system.matrix.shape[0])]
    parts = [line.indices[line.data > 0] for line in lines if (line.data > 0).sum() > 1]
    is_changed = True
    while is_changed:
        is_changed = False
        for line in parts:
            shown = line[~hidden[line] & system.may_hide[line] & (system.value[line] > 0)]
            if hidden[line].sum() == 1 and len(shown):
                hidden[shown[np.argmin(system.value[shown])]] = is_changed = True
    return hidden
