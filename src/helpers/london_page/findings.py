"""What was found in each borough: the table of the page, and the rows of reports/findings.csv."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from helpers.codes import load_catalogue, load_codelist
from helpers.counts import name_of
from helpers.london_page.editions import Edition, answers
from helpers.page_parts import Sentences, paragraph
from helpers.settings import slug
from helpers.tables import Column, Link, Table
from helpers.wording import joined, whole

FINDING_COLUMNS = [
    "borough", "as_at", "about", "indicator", "group", "finding", "sentence", "population_source", "holds",
]  # fmt: skip
"""Columns of findings.csv, which other programs read; holds is 'no' where another population undoes the finding."""

ETHNIC_GROUP, OVER_TIME, PLACES, NOT_PRODUCED = "ethnic group", "change over time", "other places", "not produced"
REPRESENTED = ("over-represented", "under-represented")
MOVING = ("rising", "falling")
TOO_FEW = "too few to say"
DOUBT = " (not with another population)"
RATE = "cla_rate_per_10000"
RATE_OF = {
    "cla_rate_per_10000": "cla_total",
    "cla_uasc_rate_per_10000": "cla_uasc",
    "cla_started_rate_per_10000": "cla_started",
    "cla_ceased_rate_per_10000": "cla_ceased",
}
"""A rate and the number it is made of: where both move the same way, the page says it once."""


def finding_rows(editions: Sequence[Edition]) -> pd.DataFrame:
    """List what was found in each borough: by ethnic group, of each whole series over time, and beside other places.

    returns: columns FINDING_COLUMNS; `finding` is one of the words of the contracts (schemas.Disproportionality, Trends
        and Comparisons) or 'not produced' with the reason as its sentence; group is an ethnic group, All for a series,
        or the place that the borough is beside
    """
    parts = [part for edition in editions for part in _rows_of(edition)]
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=FINDING_COLUMNS)


def _rows_of(edition: Edition) -> list[pd.DataFrame]:
    here = {"borough": edition.borough, "as_at": edition.as_at}
    if edition.released is None:
        told = {"about": NOT_PRODUCED, "finding": NOT_PRODUCED, "sentence": edition.reason}
        return [pd.DataFrame([{**here, **told}]).reindex(columns=FINDING_COLUMNS, fill_value="")]
    groups = answers(edition.compared, "ethnic_group").assign(**here, about=ETHNIC_GROUP)
    series = edition.trends
    series = series[(series[["category", "ethnic_group", "gender", "age_band"]] == "All").all(axis=1)]
    series = series.assign(**here, about=OVER_TIME, group="All", population_source="", holds="")
    return [groups[FINDING_COLUMNS], series[FINDING_COLUMNS], _beside_places(edition.places, here)]


def _beside_places(places: pd.DataFrame | None, here: dict[str, str]) -> pd.DataFrame:
    if places is None:
        return pd.DataFrame(columns=FINDING_COLUMNS)
    rows = places[(places[["category", "age_band"]] == "All").all(axis=1)]
    rows = rows.assign(**here, about=PLACES, group=rows["comparator"], finding=rows["position"], population_source="")
    rows = rows.assign(holds="")
    return rows[FINDING_COLUMNS]


# ------------------------------------------------------------------------------------------------------- the page


def findings_table(editions: Sequence[Edition]) -> Table:
    """Give one row per borough, A to Z: which groups are over- or under-represented, and what is rising or falling."""
    rows = pd.DataFrame([_table_row(edition) for edition in editions])
    note = (Column("note", "Note"),) if (rows["note"] != "-").any() else ()
    columns = (
        Column("borough", "Borough"),
        Column("over", "Over-represented"),
        Column("under", "Under-represented"),
        Column("moving", "Rising or falling"),
        Column("rate", "Rate of children in care"),
        Column("few", "Groups with too few children to say"),
        *note,
    )
    return Table("What was found in each borough", rows, columns)


def _table_row(edition: Edition) -> dict[str, object]:
    if edition.released is None:
        blank = dict.fromkeys(("over", "under", "moving", "rate", "few"), "-")
        return {"borough": edition.borough, **blank, "note": f"Not produced: {edition.reason}"}
    rows = finding_rows([edition])
    groups, series = (rows[rows["about"] == about] for about in (ETHNIC_GROUP, OVER_TIME))
    over, under, few = (_groups(groups, finding) for finding in (*REPRESENTED, TOO_FEW))
    return {
        "borough": Link(edition.borough, f"{slug(edition.borough)}/{edition.as_at}/briefing.html"),
        "over": over,
        "under": under,
        "moving": "; ".join(filter(None, (_moving(series, finding) for finding in MOVING))) or "none",
        "rate": _beside(rows[(rows["about"] == PLACES) & (rows["indicator"] == RATE)]),
        "few": few,
        "note": "-" if len(groups) else "No population by ethnic group to compare with",
    }


def _groups(rows: pd.DataFrame, finding: str) -> str:
    if rows.empty:
        return "not compared"
    own = rows[rows["finding"] == finding]
    if len(own) == len(rows):
        return "all groups"
    doubted = set(own.loc[own["holds"] == "no", "group"])
    return joined([f"{group}{DOUBT if group in doubted else ''}" for group in _in_order(own["group"])]) or "none"


def _in_order(groups: pd.Series) -> list[str]:
    order = load_codelist("ethnic_groups")["label"].tolist()
    return sorted(groups, key=order.index)


def _moving(series: pd.DataFrame, finding: str) -> str:
    """Name the series that rise or fall: 'falling: children who left care (number and rate)'."""
    moving = set(series.loc[series["finding"] == finding, "indicator"])
    names = []
    for indicator in load_catalogue()["key"]:
        if indicator not in moving or RATE_OF.get(indicator) in moving:
            continue
        both = any(RATE_OF.get(other) == indicator for other in moving)
        words = " (number and rate)" if both else " (rate)" if indicator in RATE_OF else ""
        name = name_of(RATE_OF.get(indicator, indicator))
        names.append(f"{name[:1].lower()}{name[1:]}{words}")
    return f"{finding}: {', '.join(names)}" if names else ""


def _beside(rows: pd.DataFrame) -> str:
    """Say where the rate stands: 'higher than London, similar to England'. London is told without the borough."""
    places = rows["group"].str.split(" without ").str[0]
    parts = []
    for position, words in (("higher", "higher than"), ("similar", "similar to"), ("lower", "lower than")):
        there = places[rows["finding"] == position].tolist()
        parts += [f"{words} {joined(there)}"] if there else []
    return ", ".join(parts) or (TOO_FEW if len(rows) else "-")


def findings_sentences(editions: Sequence[Edition]) -> Sentences:
    """Say in how many boroughs each group is over- or under-represented, what moves, and where nothing was found."""
    rows = finding_rows(editions)
    groups, series = (rows[rows["about"] == about] for about in (ETHNIC_GROUP, OVER_TIME))
    stock = series[series["indicator"] == "cla_total"]
    told = rows[rows["about"] != NOT_PRODUCED]
    clear = told[told["finding"].isin([*REPRESENTED, *MOVING, "higher", "lower"])]
    without = [borough for borough in told["borough"].unique() if borough not in set(clear["borough"])]
    return paragraph(
        *(_how_often(groups, finding) for finding in REPRESENTED),
        _how_many_move(stock),
        f"Nothing was found beyond chance in {joined(without)}." if without else "",
    )


def _how_often(groups: pd.DataFrame, finding: str) -> str:
    """Count boroughs: 'Ethnic groups over-represented: Black in 20 and Mixed in 18 of 32 boroughs compared.'

    Findings that another population undoes are not counted
    """
    own = groups[(groups["finding"] == finding) & (groups["holds"] != "no")]
    if own.empty:
        return ""
    counts = own["group"].value_counts()
    counts = counts.loc[_in_order(pd.Series(counts.index))].sort_values(ascending=False, kind="stable")
    parts = [f"{group} in {whole(count)}" for group, count in counts.items()]
    return f"Ethnic groups {finding}: {joined(parts)} of {whole(groups['borough'].nunique())} boroughs compared."


def _how_many_move(stock: pd.DataFrame) -> str:
    counts = stock["finding"].value_counts()
    parts = [f"{finding} in {whole(counts[finding])}" for finding in MOVING if finding in counts]
    return f"The number of children in care is {joined(parts)} of {whole(len(stock))} boroughs." if parts else ""
