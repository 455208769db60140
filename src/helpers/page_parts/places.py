"""The borough beside other places: sentences, the chart of ratios, the table, and how sure the comparison is."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from helpers.charts import Chart, interval_chart
from helpers.compare.places import FEWEST_NEIGHBOURS, NEIGHBOURS, RATES, figure_of, measure_name, place_words
from helpers.page_parts.sections import Sentences, paragraph, period_name, source_line
from helpers.rounding import format_number
from helpers.tables import STATUS_WORDS, Column, Table
from helpers.wording import date_words, whole
from helpers.wording.over_time import beside_words, rank_words
from helpers.wording.statements import Comparator

NOTHING = "There is no other place to compare with: no figure of London, England or neighbours is of the same period."
SHORT_NAMES = {
    "cla_rate_per_10000": "In care",
    "cla_started_rate_per_10000": "Came into care",
    "cla_ceased_rate_per_10000": "Left care",
}
OLDER_CARE_LEAVERS = ("22", "23", "24", "25")


def places_sentences(compared: pd.DataFrame) -> Sentences:
    """Say each rate beside London without the borough, England and the neighbours, and the rank as a range."""
    rates = compared[compared["indicator"].isin(RATES)]
    if rates.empty:
        return paragraph(NOTHING)
    items = [_measure_sentence(part) for _, part in rates.groupby("indicator", sort=False)]
    return Sentences((*items, *_other_measures(compared)))


def _measure_sentence(part: pd.DataFrame) -> str:
    """Say a measure beside the areas in one sentence, beside the neighbours in another, and its rank in a third."""
    name = measure_name(*part[["indicator", "category", "age_band"]].iloc[0])
    told = part[part["value"].notna() & part["comparator_value"].notna()]
    if told.empty:
        return part["sentence"].iloc[0]
    figure = figure_of(told.iloc[0], "events", "base")
    near = told["comparator"].eq(NEIGHBOURS)
    sentences = [beside_words(name, figure, _comparators(rows)) for rows in (told[~near], told[near]) if len(rows)]
    ranked = told[told["rank_of"].notna()]
    if len(ranked):
        sentences.append(rank_words(*ranked[["rank_low", "rank_high", "rank_of"]].iloc[0]))
    return " ".join(sentences).strip()


def _comparators(rows: pd.DataFrame) -> list[Comparator]:
    return [
        Comparator(place_words(row), figure_of(row, "comparator_events", "comparator_base"), row["position"])
        for _, row in rows.iterrows()
    ]


def _other_measures(compared: pd.DataFrame) -> list[str]:
    """Count how the shares stand beside the rest of London: the table names them."""
    shares = _shown_measures(compared)
    shares = shares[~shares["indicator"].isin(RATES) & shares["relation"].eq("contains")]
    tested = shares[shares["position"] != "too few to say"]
    if tested.empty:
        return []
    number = tested["position"].value_counts()
    higher, lower, similar = (whole(number.get(way, 0)) for way in ("higher", "lower", "similar"))
    return [
        f"Of {whole(len(tested))} shares beside those of the rest of London: {higher} higher, {lower} lower and "
        f"{similar} in line (see the table)."
    ]


def _shown_measures(compared: pd.DataFrame) -> pd.DataFrame:
    """Leave out parts of measures and the oldest care leavers: the files hold them."""
    return compared[compared["category"].eq("All") & ~compared["age_band"].isin(OLDER_CARE_LEAVERS)]


def places_chart(compared: pd.DataFrame, released: pd.DataFrame, *, borough: str, as_at: dt.date) -> Chart | Sentences:
    """Draw how many times each other place's rate the borough's is, with intervals."""
    rows = compared[compared["indicator"].isin(RATES) & compared["ratio"].notna()]
    if rows.empty:
        return paragraph("No rate can be compared by a test: numbers are too small, or there is no other place.")
    names = rows["indicator"].map(SHORT_NAMES) + ": " + rows.apply(_chart_place, axis=1)
    clear = rows["position"].isin(["higher", "lower"])
    frame = pd.DataFrame(
        {
            "group": names,
            "value": rows["ratio"],
            "low": rows["ratio_lower"],
            "high": rows["ratio_upper"],
            "status": "shown",
            "clear": clear,
        }
    )
    told = [
        f"{name} {format_number(value, 'ratio')}"
        for name, value in zip(names[clear], rows["ratio"][clear], strict=True)
    ]
    alt = f"Dot plot. Clear differences: {'; '.join(told)}." if told else "Dot plot. No clear difference."
    return interval_chart(
        frame,
        key="places",
        title=f"{borough} beside other places",
        subtitle=f"{borough}'s rate as a multiple of each place's, {date_words(rows['period_end'].max())}",
        alt=alt[:250],
        source=source_line(released, borough, as_at),
        unit="times",
        reference_label="Same rate",
        group_header="Rate and place",
        sort=False,
        kind="ratio(2)",
    )


def _chart_place(row: pd.Series) -> str:
    if row["comparator"] == NEIGHBOURS:
        return f"{row['neighbours']:.0f} neighbours"
    return "rest of London" if row["relation"] == "contains" else row["comparator"]


def places_table(compared: pd.DataFrame, *, borough: str) -> Table | Sentences:
    """Give each measure of the borough and of every other place, and whether the borough is higher or lower."""
    rows = _shown_measures(compared)
    if rows.empty:
        return paragraph(NOTHING)
    lines = []
    for key, part in rows.groupby(["indicator", "age_band"], sort=False):
        places = part.set_index(part["comparator"].where(part["relation"].ne("contains"), "London"))
        first = part.iloc[0]
        told = {"head": measure_name(key[0], "All", key[1]), "own": _own_words(first)}
        told |= {place: _place_cell(places, place) for place in ("London", "England", NEIGHBOURS)}
        lines.append(told | {"day": period_name(first["period_end"])})
    columns = (
        Column("head", "Measure"),
        Column("own", borough),
        Column("London", "Rest of London: we are"),
        Column("England", "England: we are"),
        Column(NEIGHBOURS, "Neighbours (how many): we are"),
        Column("day", "To 31 March"),
    )
    return Table(
        f"{borough} and other places: rates for every 10,000 children, and shares", pd.DataFrame(lines), columns
    )


def _own_words(row: pd.Series) -> str:
    if pd.isna(row["value"]):
        return STATUS_WORDS.get(row["status"], "too few")
    return _number(row["value"], row["unit_of_value"])


def _place_cell(places: pd.DataFrame, place: str) -> str:
    if place not in places.index:
        return "not available"
    row = places.loc[place]
    count = f" ({row['neighbours']:.0f})" if place == NEIGHBOURS else ""
    if pd.isna(row["comparator_value"]):
        return (
            "not told" if pd.isna(row["neighbours"]) or row["neighbours"] >= FEWEST_NEIGHBOURS else "too few neighbours"
        )
    return f"{_number(row['comparator_value'], row['unit_of_value'])}{count}: {row['position']}"


def _number(value: float, unit: str) -> str:
    return format_number(value, "whole" if unit == "per 10,000" else "share")


def places_how_sure(compared: pd.DataFrame) -> Sentences:
    """Say what each place is, how many neighbours have a figure, and what the tests allow for."""
    if compared.empty:
        return Sentences(())
    near = compared.loc[compared["comparator"] == NEIGHBOURS, "neighbours"]
    items = [
        "London is told without the borough, because nobody is compared with themselves.",
        "DfE rounds the numbers of London and England to 10; the ranges allow for that.",
        "Higher and lower come from a test, after allowing for every comparison of the same measure (Holm).",
        f"Neighbours are added up, those with a figure alone: from {whole(near.min())} to {whole(near.max())} of them."
        if len(near)
        else "No statistical neighbour has a figure here.",
        "A rank is a range: places within it cannot be told apart from chance.",
    ]
    return Sentences(tuple(items))
