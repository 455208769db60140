"""What every part of a page is made of: sentences, sections, and the words for days, ranges and missing percentages."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from html import escape

import pandas as pd

from helpers.counts import ethnic_groups_only, in_order, latest_release
from helpers.rounding import format_number
from helpers.wording import date_words

COMPARATORS = ("London", "England")
YEARS_SHOWN = 6
YEARS_DRAWN = 10
DIMENSION_WORDS = {"ethnic_group": "ethnic group", "gender": "sex", "age_band": "age", "category": "group"}


@dataclass(frozen=True)
class Sentences:
    """Sentences a page shows as a list (or as one paragraph each), made by code and never typed in a notebook."""

    items: tuple[str, ...]
    as_list: bool = True

    def _repr_html_(self) -> str:
        if not self.items:
            return ""
        if self.as_list:
            return f'<ul class="sentences">{"".join(f"<li>{escape(item)}</li>" for item in self.items)}</ul>'
        return "".join(f"<p>{escape(item)}</p>" for item in self.items)

    def __str__(self) -> str:
        return "\n".join(self.items)


@dataclass(frozen=True)
class Section:
    """Parts shown one after the other: sentences, cards, charts, tables."""

    items: tuple[object, ...]

    def _repr_html_(self) -> str:
        return "".join(item._repr_html_() for item in self.items)


def section(*items: object) -> Section:
    """Put parts one after the other, leaving out those that are None."""
    return Section(tuple(item for item in items if item is not None))


def paragraph(*items: str) -> Sentences:
    """Give sentences as paragraphs."""
    return Sentences(tuple(item for item in items if item), as_list=False)


def source_line(released: pd.DataFrame, borough: str, as_at: dt.date) -> str:
    """Say where the borough's figures come from: source, release and day."""
    return f"{latest_release(released, borough)}. Day: {date_words(as_at)}."


def is_whole(rows: pd.DataFrame) -> pd.Series:
    return (rows[["category", "ethnic_group", "gender", "age_band"]] == "All").all(axis=1)


def ordered(rows: pd.DataFrame, each: str) -> pd.DataFrame:
    if each == "ethnic_group":
        return ethnic_groups_only(rows)
    return in_order(rows, each) if each == "age_band" else rows


def period_name(day: pd.Timestamp) -> str:
    """Name a day by its year where it is a year end, in full where it is not."""
    return f"{day:%Y}" if (day.month, day.day) == (3, 31) else date_words(day)


def status_of_percent(rows: pd.DataFrame) -> pd.Series:
    """A percentage of ten children or fewer is left out though its count is shown."""
    return rows["status"].mask(rows["value"].isna() & rows["status"].isin(["shown", "provisional"]), "not_applicable")


def ranges(low: pd.Series, high: pd.Series, kind: str) -> list[str]:
    return [
        f"{format_number(a, kind)} to {format_number(b, kind)}"
        if pd.notna(a) and pd.notna(b)
        else f"{format_number(a, kind)} or more"
        if pd.notna(a)
        else "-"
        for a, b in zip(low, high, strict=True)
    ]
