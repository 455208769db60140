"""What an edition's own CSV files release: the statistics by their keys, and whether a number told elsewhere is one."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import NamedTuple

from helpers.audit.canaries import days_told, with_days_after
from helpers.codes import ALL, load_catalogue, load_codelist
from helpers.rounding import format_number

DIMENSIONS = ("category", "ethnic_group", "gender", "age_band")
RESULTS = ("disproportionality", "trends", "journey", "comparisons")
PER = 10_000
SIX_DIGITS = 6
Key = tuple[str, str, str, str, str, str, str]
"""borough, day (ISO), indicator, category, ethnic group, sex, age."""


class Row(NamedTuple):
    """One released row: its line in the file, its numbers (None where there is none) and words."""

    line: int
    numerator: float | None
    denominator: float | None
    value: float | None
    status: str
    unit: str
    unit_of_value: str
    release: str

    @property
    def hidden(self) -> bool:
        return self.numerator is None

    @property
    def exact(self) -> float | None:
        """The value at full precision: the file has six digits, which round differently now and then."""
        if self.value is None or self.numerator is None:
            return None
        if not self.denominator or self.unit_of_value == self.unit == "children":
            return self.numerator if self.denominator is None else self.value
        if self.unit_of_value == "%":
            return 100 * self.numerator / self.denominator
        if self.unit_of_value.startswith("per 10,000"):
            return PER * self.numerator / self.denominator
        return self.numerator / self.denominator if self.unit in ("days", "points") else self.value


@dataclass
class Edition:
    """One borough on one day, as its CSV files tell it.

    tables: the rows of each CSV file by its stem, as text by column; missing files are empty
    collections: days of the collections that run.json counts the rows of
    """

    borough: str
    as_at: str
    tables: Mapping[str, list[Line]] = field(repr=False)
    collections: frozenset[str] = frozenset()

    @cached_property
    def rows(self) -> dict[Key, Row]:
        """Released counts by their keys."""
        return {
            (one["borough"], one["period_end"], one["indicator"], *(one[name] for name in DIMENSIONS)): Row(
                line, number(one["numerator"]), number(one["denominator"]), number(one["value"]),
                one["status"], one["unit"], one["unit_of_value"], one["release"],
            )
            for line, one in enumerate(self.tables["indicators"], start=2)
        }  # fmt: skip

    def find(self, indicator: str, day: str, *, borough: str = "", **cut: str) -> Row | None:
        """Find one released row; dimensions that are not named are All."""
        parts = (cut.get(name, ALL) for name in DIMENSIONS)
        return self.rows.get((borough or self.borough, day, indicator, *parts))

    @cached_property
    def pairs(self) -> set[tuple[int, int]]:
        """Every number that is released together with the base it is of, and of no base."""
        own = {(row.numerator, row.denominator or 0) for row in self.rows.values() if not row.hidden}
        own |= {(number(one["count"]), number(one["total"])) for one in self.tables["disproportionality"]}
        for events, base in (("events", "children"), ("other_events", "other_children")):
            own |= {(number(one[events]), number(one[base])) for one in self.tables["journey"]}
        own |= {(number(one["events"]), number(one["base"])) for one in self.tables["comparisons"]}
        return {(int(a), int(b)) for a, b in own if a is not None and b is not None}

    @cached_property
    def numbers(self) -> set[int]:
        """Every number that is released: counts, bases and populations."""
        told = {each for row in self.rows.values() for each in (row.numerator, row.denominator)}
        populations = {number(one["population"]) for one in self.tables["disproportionality"]}
        return {int(each) for each in told | populations if each is not None} | {n for pair in self.pairs for n in pair}

    @cached_property
    def by_label(self) -> dict[tuple[str, str], list[Row]]:
        """The borough's rows by day and by the words of their measure and group, as the page of measures lists them."""
        found = defaultdict(list)
        for key, row in self.rows.items():
            if key[0] == self.borough:
                cut = [one for one in key[3:] if one != ALL]
                found[key[1], label_of(names().get(key[2], key[2]), cut)].append(row)
        return found

    @cached_property
    def days(self) -> set[str]:
        """Days that the files may tell: ends of months that they cover, the edition's own, those of releases."""
        told = {one["period_end"] for one in self.tables["indicators"]}
        told |= {one[name] for one in self.tables["trends"] for name in ("first_period", "last_period")}
        told |= self.collections
        told = {day for day in told if _ends_a_month(day)} | ({self.as_at} & days_told(self.as_at))
        releases = {one["release"] for one in self.tables["indicators"]}
        return with_days_after(told | days_told("\n".join(sorted(releases))))


@lru_cache
def names() -> dict[str, str]:
    """Give the reader's name of every measure of the catalogue."""
    return dict(load_catalogue()[["key", "name"]].itertuples(index=False))


@lru_cache
def indicators_named(name: str) -> tuple[str, ...]:
    """Give the measures that readers know by a name."""
    return tuple(key for key, known in names().items() if known == name)


@lru_cache
def groups_displayed(label: str) -> tuple[str, ...]:
    """Give what a label of an ethnic group may stand for in the files: its code where it is displayed otherwise."""
    listed, finer = load_codelist("ethnic_groups"), load_codelist("finer_groups")
    compared = finer.loc[finer["display"] == label, ["compared_as", "label"]].to_numpy().ravel()
    return tuple(dict.fromkeys([*listed.loc[listed["display"] == label, "label"], *compared, label]))


def label_of(name: str, cut: list[str]) -> str:
    words = [name, *cut]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def number(text: str) -> float | None:
    """Read a cell that holds a number; blank is None, and so is what is no number or has no end."""
    try:
        value = float(text) if text else None
    except ValueError:
        return None
    return value if value is not None and math.isfinite(value) else None


class Line(dict):
    """One line of a CSV file by column; a column that an older version did not write is blank."""

    def __missing__(self, column: str) -> str:
        return ""


def table_of(rows: list[list[str]]) -> list[dict[str, str]]:
    """Give the rows of a CSV file by column; a short row lacks its last cells."""
    return [Line(zip(rows[0], row, strict=False)) for row in rows[1:]] if rows else []


def ways_to_round(text: str, kind: str) -> tuple[str, ...]:
    """Give what pages may show of a number in a file: six digits may round otherwise than all of them. None: ()."""
    value = number(text)
    if value is None:
        return ()
    off = 0.5 * 10.0 ** (math.floor(math.log10(abs(value))) - SIX_DIGITS + 1) if value else 0.0
    return tuple(dict.fromkeys(in_words(each, kind) for each in (value, value - off, value + off)))


@lru_cache(maxsize=20_000)
def in_words(value: float, kind: str) -> str:
    """Write a number as pages do; the same few numbers stand in many places."""
    return format_number(value, kind)


def shown_as(row: Row, measure: str) -> str | None:
    """Give what a reader must see of a row: 'number', 'base', 'percent' or 'value'; None where it is hidden."""
    if measure == "base":
        return None if row.denominator is None else in_words(row.denominator, "whole")
    if row.hidden:
        return None
    if measure == "number":
        return in_words(row.numerator, "whole")
    if measure == "percent":
        return None if row.exact is None else in_words(row.exact, "percent")
    return None if row.exact is None else in_words(row.exact, "percent" if row.unit_of_value == "%" else "whole")


def _ends_a_month(day: str) -> bool:
    return any((dt.date.fromisoformat(one) + dt.timedelta(days=1)).day == 1 for one in days_told(day))
