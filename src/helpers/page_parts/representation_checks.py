"""Whether other ways of looking at who is over-represented say the same, and how sure that is, in sentences."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from helpers.compare import children_of, unknown_of
from helpers.page_parts.representation import CLEAR, Details, differences, display_of, ratio_words, rows_of, with_range
from helpers.page_parts.sections import DIMENSION_WORDS, Section, Sentences, paragraph, section
from helpers.population import describe_source
from helpers.rounding import format_number
from helpers.tables import STATUS_WORDS, Column, Table
from helpers.wording import (
    adjusted_words,
    combinations_words,
    date_words,
    family_words,
    group_words,
    joined,
    tipping_words,
    unknown_words,
    unstable_reference_words,
)

SMALL_REFERENCE = 0.20
WITHOUT = "without unaccompanied children"
UNKNOWN_TOLD_FROM = 0.05
MATTERS_FROM = 0.10
"""A second index is told group by group where it differs from the first by more than this part of it."""


def other_ways_part(
    compared: pd.DataFrame,
    released: pd.DataFrame,
    combinations: pd.DataFrame,
    *,
    borough: str,
    as_at: dt.date,
    reference: str,
) -> Section:
    """Say whether the ethnic groups' findings stand when looked at in other ways, with every way in one table.

    compared: contract schemas.Disproportionality, every comparison; reference: the group asked for
    combinations: as combinations_beyond_their_parts gives them
    """
    rows = rows_of(compared, "ethnic_group")
    if rows.empty:
        return section(paragraph("There is no population by ethnic group here, so no other way of looking either."))
    said = [
        *_second_population(compared, released, borough=borough, as_at=as_at),
        *_tipping(rows),
        *_reference(compared, reference),
        *_without_unaccompanied(compared, released, borough=borough, as_at=as_at),
        *_unknown(rows, released, borough=borough, as_at=as_at),
        *_adjusted(rows),
        *_combinations(combinations),
    ]
    return section(Sentences(tuple(said)), Details(ways_table(compared, borough=borough, as_at=as_at)))


def findings_allow_for(compared: pd.DataFrame) -> Sentences:
    """Say what ranges and findings allow for, and what is special about each population."""
    asked = compared[compared["comparison"] == "headline"].drop_duplicates("family")
    sizes = [(row["family"].split(": ")[1], int(row["family_size"])) for _, row in asked.iterrows()]
    said = [family_words(sizes)]
    headline = compared[compared["comparison"] == "headline"]
    for source, rows in headline.groupby("population_source", sort=False):
        about = describe_source(source)
        split = joined([DIMENSION_WORDS[one] for one in rows["dimension"].unique()])
        said.append(f"Local children by {split}: {about['name']}. {about['caveat']}".rstrip())
    exact = (compared["population_share_upper"] - compared["population_share"]).abs() < 1e-12
    if (~exact & compared["comparison"].eq("headline")).any():
        said.append(
            "Some shares are derived from rounded percentages: each range covers every share that they can stand for."
        )
    return Sentences(tuple(dict.fromkeys(said)))


def _second_population(compared: pd.DataFrame, released: pd.DataFrame, *, borough: str, as_at: dt.date) -> list[str]:
    rows = rows_of(compared, "ethnic_group")
    further = rows_of(compared, "ethnic_group", "other population")
    if further.empty:
        return ["There is no second population by ethnic group here to hold the findings against."]
    names = [describe_source(source)["name"] for source in further["population_source"].unique()]
    flips = rows.loc[rows["holds"] == "no", "group"]
    begin = f"Also compared with: {joined(names)}."
    stands = (
        "What is said of every ethnic group stands."
        if flips.empty
        else f"What is said of {joined(list(flips))} children does not stand; of every other group it does."
    )
    care = [
        f"{describe_source(one['population_source'])['name']}: {words}"
        for _, one in further.drop_duplicates("population_source").iterrows()
        for words in differences(one, released, borough=borough, as_at=as_at)
    ]
    return [f"{begin} {stands}", *care]


def _tipping(rows: pd.DataFrame) -> list[str]:
    """Tell how far the population may be off; not of a finding that another population has undone already."""
    return [
        tipping_words(
            who=children_of("ethnic_group", row["group"]),
            over=row["finding"] == "over-represented",
            tipping_share=row["tipping_share"],
            population_share=row["population_share"],
        )
        for _, row in rows[rows["finding"].isin(CLEAR) & (rows["holds"] != "no")].iterrows()
    ]


def _reference(compared: pd.DataFrame, asked: str) -> list[str]:
    rows = compared[compared["comparison"] == "reference group"]
    if rows.empty:
        return [f"There are no numbers of {asked} children to compare with."]
    dimension, used = rows["dimension"].iloc[0], rows["reference"].iloc[0]
    who = children_of(dimension, used)
    said = [
        f"Groups are also compared with {who} alone, as some other publications do. No group is the norm."
        if used == asked
        else f"Groups are also compared with {who} alone: numbers of {asked} children are not there to compare with."
    ]
    own = compared[(compared["dimension"] == dimension) & (compared["group"] == used)]
    share = own.loc[own["comparison"].isin(["headline", "finer groups"]), "population_share"].iloc[0]
    if share < SMALL_REFERENCE:
        said.append(unstable_reference_words(reference=who, population_share=share))
    clear = rows.loc[rows["finding"].isin(CLEAR), "sentence"].tolist()
    if (rows["rule"] == 1).all():
        return [*said, f"Nothing can be said: numbers of {who} or of the others are too small to publish."]
    return [*said, *(clear or [f"No group clearly differs from {who}."])]


def _without_unaccompanied(
    compared: pd.DataFrame, released: pd.DataFrame, *, borough: str, as_at: dt.date
) -> list[str]:
    rows, other = rows_of(compared, "ethnic_group"), rows_of(compared, "ethnic_group", WITHOUT)
    if other.empty:
        return ["Unaccompanied children are in all figures here; they are not told by ethnic group in the data."]
    both = rows.merge(other[["group", "index", "finding"]], on="group", suffixes=("", "_without"))
    both = both[both["index"].notna() & both["index_without"].notna()]
    moved = both[(both["index_without"] / both["index"] - 1).abs() > MATTERS_FROM]
    if moved.empty:
        return ["Leaving out unaccompanied children moves the index of no group shown by more than a tenth."]
    told = [
        f"{children_of('ethnic_group', row['group'])}: index {format_number(row['index'], 'decimal(2)')} with "
        f"unaccompanied children, {format_number(row['index_without'], 'decimal(2)')} without them "
        f"({row['finding_without']})."
        for _, row in moved.iterrows()
    ]
    return ["Unaccompanied children do not come from the local population, so groups are also compared without.", *told]


def _unknown(rows: pd.DataFrame, released: pd.DataFrame, *, borough: str, as_at: dt.date) -> list[str]:
    unknown, total = unknown_of(released, "ethnic_group", borough=borough, as_at=as_at)
    if np.isnan(unknown) or np.isnan(total):
        return ["The number of children of unknown ethnic group is hidden; every range allows for what it can be."]
    if total > 0 and unknown / total <= UNKNOWN_TOLD_FROM:
        return []  # the last section says how many
    fragile = [children_of("ethnic_group", group) for group in rows.loc[rows["unknown_matters"] == "yes", "group"]]
    return [unknown_words(unknown=unknown, total=total, fragile=fragile)]


def _adjusted(rows: pd.DataFrame) -> list[str]:
    if (rows["adjustment_matters"] == "").all():
        return ["Ages and genders could not be allowed for: the numbers needed are not there, or too small to use."]
    moved = rows[rows["adjustment_matters"] == "yes"]
    if moved.empty:
        return ["Allowing for the ages and genders of each group moves no index shown by more than a tenth."]
    return [
        adjusted_words(
            who=children_of("ethnic_group", row["group"]),
            index=row["index"],
            ratio=row["adjusted_ratio"],
            low=row["adjusted_lower"],
            high=row["adjusted_upper"],
        )
        for _, row in moved.iterrows()
    ]


def _combinations(combinations: pd.DataFrame) -> list[str]:
    if combinations.empty:
        return []
    names = combinations.apply(_combination_name, axis=1)
    more, fewer = (names[combinations["finding"] == finding].tolist() for finding in CLEAR)
    return [combinations_words(looked_at=len(combinations), more=more, fewer=fewer)]


def _combination_name(row: pd.Series) -> str:
    """Name a combination: 'girls aged 10 to 15 in the Black ethnic group'."""
    boys_or_girls = group_words("gender", row["gender"], row["gender"]).lower()
    age = "under 1" if row["age_band"] == "Under 1" else f"aged {row['age_band']}"
    return f"{boys_or_girls} {age} in the ethnic group {row['ethnic_group']}"


def ways_table(compared: pd.DataFrame, *, borough: str, as_at: dt.date) -> Table:
    """Give each ethnic group's index in every way it was looked at, side by side, with likely ranges."""
    rows = rows_of(compared, "ethnic_group").reset_index(drop=True)
    rows["head"] = display_of(rows)
    ranged = ("index", "index_lower", "index_upper", "decimal(2)")
    rows["first"] = with_range(rows, *ranged)
    columns = [Column("head", "Ethnic group"), Column("first", "Index (likely range)")]
    other = compared[compared["comparison"].isin(["other population", WITHOUT])]
    other = other[(other["dimension"] == "ethnic_group") & (other["indicator"] != "cla_started")]
    for place, (_, part) in enumerate(other.groupby(["comparison", "population_source"], sort=False)):
        aligned = part.set_index("group").reindex(rows["group"]).reset_index()
        aligned["status"] = aligned["status"].fillna("not_available")
        rows[f"way {place}"] = with_range(aligned, *ranged)
        one = part.iloc[0]
        head = one["comparison"] if one["comparison"] == WITHOUT else describe_source(one["population_source"])["name"]
        columns.append(Column(f"way {place}", f"{head[0].upper()}{head[1:]}"))
    against = compared[(compared["comparison"] == "reference group") & (compared["dimension"] == "ethnic_group")]
    if len(against):
        used = against["reference"].iloc[0]
        words = dict(zip(against["group"], ratio_words(against), strict=True))
        rows["against"] = rows["group"].map(words).fillna(STATUS_WORDS["not_applicable"])
        columns.append(Column("against", f"Ratio to {used} children (likely range)"))
    rows["tip"] = [
        f"{format_number(share, 'share(1)')}" if finding in CLEAR else STATUS_WORDS["not_applicable"]
        for share, finding in zip(rows["tipping_share"], rows["finding"], strict=True)
    ]
    columns.append(Column("tip", "Share of local children at which the range reaches 1"))
    caption = f"Ethnic groups looked at in other ways: children in care in {borough}, {date_words(as_at)}"
    return Table(caption, rows, tuple(columns), source=rows["population_source"].iloc[0])
