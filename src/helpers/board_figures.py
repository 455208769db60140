"""A board report's figures held against the return: each figure counted again, and said to agree or not.

A figure names what it counts (indicator, dimension, category). Which rows that means, in codes, stands in
codelists/board_definitions.csv, with a borough's own definition before the general one; what is not listed there and
tells of a whole indicator is counted as indicators.csv says.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

import pandas as pd

from helpers.codes import ALL, find_borough, load_catalogue, load_codelist
from helpers.errors import InputError
from helpers.indicators import Bases, Tables, Window, last_year_end_before, meets, parse, years_before
from helpers.rounding import half_up

COLUMNS = (
    "source", "section", "borough", "period_type", "period_end", "indicator", "dimension", "category", "comparator",
    "measure", "value", "denominator", "note",
)  # fmt: skip
HELD = ("our_numerator", "our_denominator", "ours", "counted_on", "agrees", "why")
NEEDED = (
    "borough",
    "period_type",
    "period_end",
    "indicator",
    "dimension",
    "category",
    "comparator",
    "measure",
    "value",
)
MEASURES = ("count", "percent", "points", "rate_per_10000", "days", "mean_score", "years")
PERIOD_TYPES = ("snapshot", "year", "calendar_year", "month")
THRESHOLDS = {"target": "council", "government_threshold": "government"}
CHANGES = {"year": 1, "two years": 2}
DATED = ("pupils", "survey")
"""Rows with a day of their own: a later collection tells them whole, however far back they lie."""
CLOSE_DAYS = 62
"""A figure of a day up to two months after the last collection is held against that collection."""

NOT_DEFINED = "no definition of this figure in codes is listed"
NOT_TOLD = "the return does not tell it"
NOT_REACHED = "the returns that were read do not reach this day"
NO_TABLE = "the table it is counted from did not arrive"


class Level(NamedTuple):
    """A figure counted: how many, out of how many (missing for a plain number), and the day it is of."""

    numerator: float
    denominator: float
    day: dt.date


class NotCountedError(InputError):
    """A figure that cannot be counted from what was read; the message says why."""


def check_layout(figures: pd.DataFrame, *, source: str) -> pd.DataFrame:
    """Check a board report's figures as read (all text), and give them with every column of the layout.

    raises: InputError naming the line and the column of the first cell that cannot be right
    """
    missing = [column for column in NEEDED if column not in figures]
    if missing:
        raise InputError(
            f"{source} has no column {', '.join(missing)}. It needs: {', '.join(NEEDED)}; and may have: "
            f"{', '.join(column for column in COLUMNS if column not in NEEDED)}. Nothing was written."
        )
    whole = figures.reindex(columns=list(COLUMNS), fill_value="").reset_index(drop=True)
    rules = {"measure": MEASURES, "period_type": PERIOD_TYPES}
    for line, row in enumerate(whole.to_dict("records"), start=2):
        for column, allowed in rules.items():
            if row[column] not in allowed:
                raise InputError(
                    f"{source}, line {line}, column {column}: found {row[column]!r}, expected one of "
                    f"{', '.join(allowed)}. Nothing was written."
                )
        _check_cells(row, line, source)
    return whole


def _check_cells(row: dict[str, str], line: int, source: str) -> None:
    try:
        dt.date.fromisoformat(row["period_end"])
    except ValueError as error:
        raise InputError(
            f"{source}, line {line}, column period_end: found {row['period_end']!r}, expected a day such as "
            f"2023-03-31. Nothing was written."
        ) from error
    for column in ("value", "denominator"):
        try:
            number = Decimal(row[column]) if row[column] else Decimal(0)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise InputError(
                f"{source}, line {line}, column {column}: found {row[column]!r}, expected a number without a sign for "
                f"percent, or nothing where the report hides it. Nothing was written."
            )


def hold_against_return(
    figures: pd.DataFrame, tables: Tables, population: pd.DataFrame | None, *, borough: str
) -> pd.DataFrame:
    """Count every figure of a borough again from its return.

    figures: check_layout, of any boroughs; tables: cleaned tables of `borough`; population: schemas.Population or None
    returns: the figures of the borough, with our_numerator, our_denominator, ours (the value at the printed precision,
        half up), counted_on (the day it was counted for), agrees (True, False, or missing where it could not be
        counted) and why (empty where it was counted)
    """
    own = figures[figures["borough"] == borough]
    counter = _Counter(tables, population, borough)
    rows = [counter.hold(row) for row in own.to_dict("records")]
    found = pd.DataFrame(rows, index=own.index, columns=list(HELD))
    return own.join(found)


class _Counter:
    """Counts figures of one borough; every base is worked out once for each window."""

    def __init__(self, tables: Tables, population: pd.DataFrame | None, borough: str) -> None:
        self.bases = Bases(tables)
        self.borough = borough
        self.code = find_borough(borough)["code"]
        self.population = population
        self.first_day = last_year_end_before(tables.episodes["told_on"].min().date())
        self.last_day = tables.episodes["told_on"].max().date()
        self._listed = _definitions(borough)

    def hold(self, row: dict[str, str]) -> tuple:
        """Give the columns of HELD."""
        try:
            if not row["value"]:
                raise NotCountedError("the report hides the value")
            told, value = self._value(row)
        except NotCountedError as reason:
            return None, None, None, None, None, str(reason)
        printed = Decimal(row["value"])
        ours = half_up(value, max(-printed.as_tuple().exponent, 0))
        return told.numerator, told.denominator, str(ours), told.day.isoformat(), bool(ours == printed), ""

    def _value(self, row: dict[str, str]) -> tuple[Level, float]:
        if row["comparator"] in THRESHOLDS and row["dimension"] != "gap_to_comparator":
            return self._target(row)
        if row["comparator"] != "borough" and row["dimension"] != "gap_to_comparator":
            raise NotCountedError(NOT_TOLD)
        definition = self._definition(row)
        now = self._level(definition, row, 0)
        if definition["change"] == "target":
            target = self._target({**row, "measure": "days"})[1]
            return now, _measured(now, row["measure"]) - target
        if definition["change"]:
            before = self._level(definition, row, CHANGES[definition["change"]])
            return now, _change(now, before, row["measure"], share=definition["base"] != "none")
        return now, _measured(now, row["measure"])

    def _definition(self, row: dict[str, str]) -> dict[str, str]:
        key = (row["indicator"], row["dimension"], row["category"])
        for wanted in ((*key, row["period_type"]), (*key, "")):
            if wanted in self._listed:
                return self._listed[wanted]
        raise NotCountedError(NOT_DEFINED)

    def _level(self, definition: dict[str, str], row: dict[str, str], years: int) -> Level:
        window = self._window(row, years, dated=definition["rows"] in DATED)
        if definition["rows"] == "population":
            return self._population_level(definition, window.day)
        rows = self.bases.rows(definition["rows"], window)
        if rows is None:
            raise NotCountedError(NO_TABLE)
        base = rows[meets(rows, definition["among"])]
        if len(base) and any(base[term.column].isna().all() for term in parse(definition["counted"])):
            raise NotCountedError(NOT_TOLD)
        value = base[definition["average"]] if definition["average"] else meets(base, definition["counted"])
        if definition["base"] == "children":
            return Level(float(value.sum()), self._children(window.day), window.day)
        return Level(float(value.sum()), float(len(base)) if definition["base"] == "rows" else float("nan"), window.day)

    def _window(self, row: dict[str, str], years: int, *, dated: bool) -> Window:
        day = years_before(dt.date.fromisoformat(row["period_end"]), years)
        after = _begins_after(day, row)
        if self.last_day < day <= self.last_day + dt.timedelta(days=CLOSE_DAYS):
            day = self.last_day
        early = day < self.first_day or (row["period_type"] != "snapshot" and after < self.first_day)
        if day > self.last_day or (early and not dated):
            raise NotCountedError(NOT_REACHED)
        return Window(day, after, self.code)

    def _target(self, row: dict[str, str]) -> tuple[Level, float]:
        """The target that holds on the day; told in children, the share of the child population that it is."""
        day = dt.date.fromisoformat(row["period_end"])
        told = self.bases.rows("targets", Window(day, day, self.code))
        if told is None:
            raise NotCountedError(NO_TABLE)
        names = {row["indicator"], f"{row['indicator']} {row['dimension']} {row['category']}"}
        own = told[told["indicator"].isin(names)]
        own = own[own["target_source"].str.lower().str.contains(THRESHOLDS[row["comparator"]], na=False)]
        if own.empty:
            raise NotCountedError("no target of that day is told")
        exact = own[own["indicator"] != row["indicator"]]
        target = float((exact if len(exact) else own)["target"].iloc[-1])
        level = Level(target, float("nan"), day)
        if row["indicator"] == "cla_uasc" and row["measure"] == "count":
            return level, target / 100 * self._children(day)
        return level, target

    def _children(self, day: dt.date) -> float:
        """Children aged 0 to 17 at the last mid-year before a day."""
        year = day.year - (day <= dt.date(day.year, 6, 30))
        return self._people(year, ALL, exact=True)["children"].iloc[0]

    def _population_level(self, definition: dict[str, str], day: dt.date) -> Level:
        counted = definition["counted"]
        dimension = parse(counted)[0].column if counted else ALL
        rows = self._people(day.year, dimension, exact=not counted)
        if dimension == "ethnic_group":  # a source tells groups and their finer labels: the level that is asked for
            groups = load_codelist("ethnic_groups")["label"]
            asked = parse(counted)[0].told[0] in set(groups)
            rows = rows[rows["ethnic_group"].isin(groups) == asked]
        own = rows[meets(rows, counted)]
        if own.empty:
            raise NotCountedError(NOT_TOLD)
        return Level(float(own["children"].sum()), float(rows["children"].sum()), day)

    def _people(self, year: int, dimension: str, *, exact: bool) -> pd.DataFrame:
        if self.population is None:
            raise NotCountedError(NO_TABLE)
        cuts = ["ethnic_group", "gender", "age_band"]
        own = self.population[self.population["borough_code"] == self.code]
        split = (own[cuts] != ALL).sum(axis=1)
        own = own[split == 0] if dimension == ALL else own[(split == 1) & (own[dimension] != ALL)]
        own = own[(own["age_from"] == 0) & (own["age_to"] == 17)] if dimension == ALL else own
        near = own[own["year"] == year] if exact else own
        if near.empty:
            raise NotCountedError(NOT_TOLD)
        nearest = near["year"].iloc[(near["year"] - year).abs().argmin()]
        chosen = near[near["year"] == nearest]
        return chosen[chosen["source"] == chosen["source"].max()]


def _definitions(borough: str) -> dict[tuple[str, str, str, str], dict[str, str]]:
    """Definitions by indicator, dimension, category and kind of period (blank: any).

    The catalogue's come first, then the general ones, then the borough's own: the last of a key holds.
    """
    catalogue = load_catalogue()
    catalogue = catalogue[(catalogue["rows"] != "") & (catalogue["by"] == "")]
    listed = {
        (row["key"], "total", "total", ""): {**row, "base": "none" if row["kind"] == "number" else "rows", "change": ""}
        for row in catalogue.to_dict("records")
    }
    local = load_codelist("board_definitions")
    for one in ("", borough):
        for row in local[local["borough"] == one].to_dict("records"):
            listed[row["indicator"], row["dimension"], row["category"], row["period_type"]] = row
    return listed


def _begins_after(day: dt.date, row: dict[str, str]) -> dt.date:
    """The day before a figure's period begins. A snapshot's is the last year end: what fell due in the year so far."""
    if row["period_type"] == "month" or row["dimension"] == "period" and row["category"] == "month":
        return day.replace(day=1) - dt.timedelta(days=1)
    return last_year_end_before(day) if row["period_type"] == "snapshot" else years_before(day, 1)


def _measured(level: Level, measure: str) -> float:
    if measure == "count":
        return level.numerator
    if not level.denominator > 0:
        raise NotCountedError("there is nobody to take a share of")
    scale = {"percent": 100, "points": 100, "rate_per_10000": 10_000}.get(measure, 1)
    return scale * level.numerator / level.denominator


def _change(now: Level, before: Level, measure: str, *, share: bool) -> float:
    """A change: in children, in points for a share, in percent of the number before for a number."""
    if measure == "count":
        return now.numerator - before.numerator
    if share:
        return _measured(now, "percent") - _measured(before, "percent")
    if not before.numerator > 0:
        raise NotCountedError("there was nobody before")
    return 100 * (now.numerator - before.numerator) / before.numerator
