"""The printed figures as records that can be compared: exact values, their precision, and what each is about."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import pandas as pd

from helpers.codes import load_codelist
from helpers.errors import ContractError
from helpers.figure_checks.spans import Span, count_span, honest_span

COLUMNS = (
    "source", "borough", "section", "period_type", "period_end", "indicator", "dimension", "category", "comparator",
    "measure", "value", "denominator", "note",
)  # fmt: skip
OWN = "borough"
TOTAL = "total"


@dataclass(frozen=True)
class Figure:
    """One printed figure. `row` is its row in the file as a spreadsheet shows it: the header is row 1."""

    row: int
    source: str
    section: str
    borough: str
    period_type: str
    day: dt.date
    indicator: str
    dimension: str
    category: str
    comparator: str
    measure: str
    value: Fraction
    places: int
    text: str
    base: Fraction | None
    note: str

    @property
    def thing(self) -> tuple:
        """What the figure is about, whichever document prints it and in whichever measure."""
        return (
            self.borough,
            self.comparator,
            self.period_type,
            self.day,
            self.indicator,
            self.dimension,
            self.category,
        )

    @property
    def span(self) -> Span:
        """What the printed value may stand for under any honest rounding."""
        if self.measure == "count":
            return count_span(self.value, exact=self.comparator == OWN)
        return honest_span(self.value, self.places)

    @property
    def base_span(self) -> Span | None:
        """What the printed base may stand for."""
        return None if self.base is None else count_span(self.base, exact=self.comparator == OWN)

    @property
    def is_total(self) -> bool:
        """Whether the figure is of everybody, not of a group."""
        return self.dimension == TOTAL and self.category == TOTAL

    @property
    def role(self) -> str:
        """What a dimension says that is not a group (a change, a gap, a share of a population), or blank."""
        return dimension_role(self.dimension, self.category)["role"]


@lru_cache
def _roles() -> dict[tuple[str, str], dict[str, str]]:
    listed = load_codelist("figure_dimensions").to_dict("records")
    return {(row["dimension"], row["category"]): row for row in listed}


def dimension_role(dimension: str, category: str) -> dict[str, str]:
    """Give the row of figure_dimensions.csv for a dimension and category; blanks where it is a plain group."""
    blank = {"role": "", "whole": "", "years_back": ""}
    return _roles().get((dimension, category)) or _roles().get((dimension, ""), blank)


@lru_cache
def indicator_facts() -> dict[str, dict[str, str]]:
    """Give figure_indicators.csv by indicator: name, polarity, whole, parts_of, cohort, slow_population."""
    return {row["indicator"]: row for row in load_codelist("figure_indicators").to_dict("records")}


def fact(indicator: str, column: str) -> str:
    """Give one fact of an indicator, blank where the list does not have it."""
    return indicator_facts().get(indicator, {}).get(column, "")


@lru_cache
def limit(key: str) -> Fraction:
    """Give one limit of figure_limits.csv, exactly."""
    return {row["key"]: Fraction(row["limit"]) for row in load_codelist("figure_limits").to_dict("records")}[key]


def read_figures(figures: pd.DataFrame) -> list[Figure]:
    """Turn the table of printed figures into records; rows without a value (hidden by the source) are left out.

    figures: columns COLUMNS. Text keeps what was printed: 31.0 is closer than 31. Values that came as numbers are read
        as precise as they look, which accuses less and never more. An index of whole numbers numbers the rows as they
        were read (0 is the file's row 2), so that a choice of rows keeps its numbers
    raises: ContractError naming the columns that are missing, or the first row with a value, base or day that is none
    """
    missing = [column for column in COLUMNS if column not in figures]
    if missing:
        raise ContractError(
            f"The table of printed figures has no column {', '.join(missing)}. It needs {', '.join(COLUMNS)}. "
            "Nothing was written."
        )
    records = figures[list(COLUMNS)].astype(object).where(figures[list(COLUMNS)].notna(), "").to_dict("records")
    read = [_figure(row, cells) for row, cells in zip(_row_numbers(figures.index), records, strict=True)]
    return [figure for figure in read if figure is not None]


def _row_numbers(index: pd.Index) -> list[int]:
    as_read = index if pd.api.types.is_integer_dtype(index) and index.is_unique else range(len(index))
    return [int(label) + 2 for label in as_read]


def _figure(row: int, cells: dict) -> Figure | None:
    text = {column: _as_text(cell) for column, cell in cells.items()}
    if not text["value"]:
        return None
    value = _number(row, "value", text["value"])
    base = _number(row, "denominator", text["denominator"]) if text["denominator"] else None
    if base is not None and base <= 0:
        raise ContractError(
            f"The table of printed figures, row {row}, column denominator: expected a number above zero. "
            "Correct it or leave the cell empty. Nothing was written."
        )
    return Figure(
        row=row, day=_day(row, text["period_end"]), value=value, base=base, text=text["value"].replace(",", ""),
        places=len(text["value"].partition(".")[2]), note=text["note"],
        **{name: text[name] for name in ("source", "section", "borough", "period_type", "indicator", "dimension",
                                         "category", "comparator", "measure")},
    )  # fmt: skip


def _as_text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.date):
        return f"{cell:%Y-%m-%d}"
    return str(cell).strip()


def _number(row: int, column: str, text: str) -> Fraction:
    plain = text.replace(",", "").replace("\N{MINUS SIGN}", "-")
    body = plain.removeprefix("-").replace(".", "", 1)
    if not (body.isascii() and body.isdigit()):
        raise ContractError(
            f"The table of printed figures, row {row}, column {column}: expected a number such as 12 or 3.5, without "
            "a % sign or words. Correct the cell, or leave it empty if the document hides the number. "
            "Nothing was written."
        )
    return Fraction(plain)


def _day(row: int, text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError as error:
        raise ContractError(
            f"The table of printed figures, row {row}, column period_end: expected a day such as 2023-03-31. "
            "Correct it. Nothing was written."
        ) from error


class Printed:
    """The figures with the look-ups that the rules share."""

    def __init__(self, figures: Iterable[Figure]) -> None:
        self.all = list(figures)
        self.by_thing: dict[tuple, list[Figure]] = defaultdict(list)
        self._totals: dict[tuple, list[Figure]] = defaultdict(list)
        for figure in self.all:
            self.by_thing[figure.thing].append(figure)
            if figure.is_total:
                self._totals[(figure.borough, figure.comparator, figure.indicator)].append(figure)

    def totals(self, like: Figure, indicator: str, measure: str = "count") -> list[Figure]:
        """Give the printed totals of an indicator for the place that a figure is of, every day and document."""
        own = self._totals.get((like.borough, like.comparator, indicator), [])
        return [figure for figure in own if figure.measure == measure]

    def wholes(self, figure: Figure, *, any_source: bool = False) -> list[Figure]:
        """Give the totals that a figure is a part of, of its day and (unless any_source) its document."""
        indicator = whole_of(figure)
        return [
            total
            for total in (self.totals(figure, indicator) if indicator else [])
            if total.day == figure.day and (any_source or total.source == figure.source)
        ]


def whole_of(figure: Figure) -> str:
    """Give the indicator whose total a figure is a part of, blank where it is none or not stated."""
    if figure.role:
        return dimension_role(figure.dimension, figure.category)["whole"] if figure.role == "share" else ""
    return fact(figure.indicator, "whole" if figure.is_total else "parts_of")
