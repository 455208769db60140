"""Children by borough, year, ethnic group, gender and age: which sources to lay beside the children in care."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from helpers.codes import ALL, display_ethnic_group, load_codelist, wider_ages
from helpers.schemas import Population, columns_of
from helpers.tables import Column, Table

DIMENSIONS = ("ethnic_group", "gender", "age_band")
LABELS = "ethnic_label"
"""The dimension of the finer labels of ethnicity.csv; they stand in the column ethnic_group too."""

LAST_AGE_OF_A_CHILD = 17
EVERY_AGE = 120
NOT_KNOWN = "not known"


def preferred_population(population: pd.DataFrame, borough_code: str, year: int, dimension: str) -> pd.DataFrame:
    """Give one source's children of one area, split one way: the first of `populations_to_compare`.

    returns: the contract's columns; no row when no source has the split
    """
    found = populations_to_compare(population, borough_code, year, dimension)
    return found[0] if found else pd.DataFrame(columns=columns_of(Population))


def populations_to_compare(
    population: pd.DataFrame, borough_code: str, year: int, dimension: str, *, aged_at_most: int = LAST_AGE_OF_A_CHILD
) -> list[pd.DataFrame]:
    """Give each source's children of one area, split one way, the most preferred source first.

    population: contract schemas.Population
    dimension: ethnic_group (the five groups), ethnic_label (the finer labels, of a source whose labels add up to its
        whole), gender or age_band
    aged_at_most: a source that counts older people is given only where no source of children has the split
    returns: one table per source, in the contract's columns; rows of one source and one year, the dimension filled and
        the others All; the year is the last not after `year`, else the first after it. Empty where no source has it
    source: order of preference in codelists/population_sources.csv
    """
    return _sources_split_by(population, borough_code, year, [dimension], aged_at_most)


def population_cells(
    population: pd.DataFrame,
    borough_code: str,
    year: int,
    dimensions: Sequence[str],
    *,
    aged_at_most: int = LAST_AGE_OF_A_CHILD,
) -> pd.DataFrame:
    """Give one area's children crossed by several dimensions at once: the most preferred source that crosses them.

    dimensions: of ethnic_group or ethnic_label, gender and age_band, such as ["gender", "age_band"]
    returns: the contract's columns, one row per combination; no row when no source crosses them. Otherwise as
        `populations_to_compare`
    """
    found = _sources_split_by(population, borough_code, year, dimensions, aged_at_most)
    return found[0] if found else pd.DataFrame(columns=columns_of(Population))


def in_wider_ages(residents: pd.DataFrame, ages: Iterable[str]) -> pd.DataFrame:
    """Put the age bands of a population together where children in care are told in wider ones (wider_ages.csv).

    residents: contract schemas.Population, split by age (and perhaps more). ages: the bands that are asked for
    returns: the same columns; a wider band that is asked for is the sum of its bands, where all of them are there.
        Errors of rounded shares are added too
    """
    asked = {*ages}
    parts = {
        label: bands
        for name in load_codelist("wider_ages")["bands"].unique()
        for label, bands in wider_ages(name).items()
        if label in asked and set(bands) <= set(residents["age_band"])
    }
    wider = residents["age_band"].map({band: label for label, bands in parts.items() for band in bands})
    if wider.isna().all():
        return residents
    rows = residents.assign(age_band=wider.fillna(residents["age_band"]))
    key = [name for name in columns_of(Population) if name not in ("children", "share_error")]
    return rows.groupby(key, sort=False, as_index=False)[["children", "share_error"]].sum()[columns_of(Population)]


def describe_source(source: str) -> pd.Series:
    """Give what a reader is told of a source: its name and caveat (codelists/population_sources.csv)."""
    match = _listed(source)
    return pd.Series({"name": source, "caveat": ""}) if match is None else match[["name", "caveat"]]


def scheme_of(source: str, release: str = "") -> str:
    """Give the ethnic group that a source counts Chinese children with: a population's, or that of counts.

    release: of counts, which tells DfE's older releases (SFR) from those of today
    returns: Asian or Other; not known where the source does not say; "" where it has no ethnic groups
    source: chinese_with in codelists/population_sources.csv and ethnic_schemes.csv. What is regrouped here from finer
        labels, returns and census alike, follows the group of ethnicity.csv: the recorded choice
    """
    match = _listed(source)
    told = _counted_scheme(source, release) if match is None else match["chinese_with"]
    if told != "ethnicity.csv":
        return told
    return load_codelist("ethnicity").set_index("code").loc["CHNE", "group"]


def scheme_caveat(count_source: str, population_source: str, *, count_release: str = "") -> str:
    """Say where children in care and local children count Chinese children with different groups; "" where they agree.

    count_source, count_release: as in the contract Counts. population_source: as in the contract Population
    """
    care, local = scheme_of(count_source, count_release), scheme_of(population_source)
    if care == local or "" in (care, local):
        return ""
    if NOT_KNOWN in (care, local):
        which = "local children" if local == NOT_KNOWN else "children in care"
        return f"The source of {which} does not say with which group it counts Chinese children."
    care, local = display_ethnic_group(pd.Series([care, local]))
    return f"Chinese children are counted with '{care}' among children in care and with '{local}' among local children."


def age_caveat(dimension: str, age_from: int, age_to: int) -> str:
    """Say where local children are of other ages than children in care, who are 0 to 17; "" where they are the same.

    dimension: as in `populations_to_compare`. age_from, age_to: as in the contract Population
    """
    if dimension not in (*DIMENSIONS, LABELS):
        raise ValueError(f"dimension is one of {', '.join((*DIMENSIONS, LABELS))}, not {dimension!r}")
    care = f"children in care are aged 0 to {LAST_AGE_OF_A_CHILD}."
    if (age_from, age_to) == (0, LAST_AGE_OF_A_CHILD):
        return ""
    if age_to <= LAST_AGE_OF_A_CHILD:
        return f"Local children are those aged {age_from} to {age_to}; {care}"
    ages = "all ages, adults too" if (age_from, age_to) == (0, EVERY_AGE) else f"ages {age_from} to {age_to}"
    return f"Local people are of {ages}; {care}"


def populations_table(population: pd.DataFrame) -> Table:
    """Give one row per source, the most preferred first: years, areas, ages, splits and the scheme for Chinese."""
    labels = load_codelist("ethnicity")
    finer = population["ethnic_group"].isin(labels["label"])
    # A share of White British alone is no split by finer groups.
    finer &= population["ethnic_group"].where(finer).groupby(population["source"]).transform("nunique").gt(1)
    five = population["ethnic_group"].isin(labels["group"])
    splits = {
        "ethnic group": five, "finer ethnic group": finer, "gender": population["gender"].ne(ALL),
        "age band": population["age_band"].ne(ALL),
    }  # fmt: skip
    ordered = population.assign(order=_order(population["source"]), **splits)
    rows = [
        {
            "name": describe_source(source)["name"],
            "years": _span_words(own["year"].min(), own["year"].max()),
            "areas": own["borough_code"].nunique(),
            "ages": "all" if own["age_to"].max() == EVERY_AGE else f"{own['age_from'].min()} to {own['age_to'].max()}",
            "splits": ", ".join(split for split in splits if own[split].any()) or "none",
            "scheme": scheme_of(source) or "-",
        }
        for (_, source), own in ordered.groupby(["order", "source"])
    ]
    columns = (
        Column("name", "Source"), Column("years", "Years"), Column("areas", "Areas", "whole"), Column("ages", "Ages"),
        Column("splits", "Split by"), Column("scheme", "Chinese counted with"),
    )  # fmt: skip
    return Table(
        "Populations, the most preferred first", pd.DataFrame(rows, columns=[one.name for one in columns]), columns
    )


def _span_words(first: int, last: int) -> str:
    return str(first) if first == last else f"{first} to {last}"


def _counted_scheme(source: str, release: str) -> str:
    """Find the scheme of counts; the first line of the list that fits tells it."""
    for line in load_codelist("ethnic_schemes").itertuples():
        if source.startswith(line.source_starts_with) and release.startswith(line.release_starts_with):
            return line.chinese_with
    return NOT_KNOWN


def _sources_split_by(
    population: pd.DataFrame, borough_code: str, year: int, dimensions: Sequence[str], aged_at_most: int
) -> list[pd.DataFrame]:
    own = population[population["borough_code"].eq(borough_code)]
    split = own[_is_split_by(own, dimensions)]
    if LABELS in dimensions:
        split = split[_adds_up_to_the_whole(split, own, dimensions)]
    of_children = split["age_to"].le(aged_at_most)
    split = split[of_children] if of_children.any() else split
    # Tables of one publication stand on one line of the list and are one source; unlisted sources each on their own.
    kind = _order(split["source"])
    return [_one_year(rows, year) for _, rows in split.groupby(kind, sort=True)]


def _is_split_by(rows: pd.DataFrame, dimensions: Sequence[str]) -> pd.Series:
    """Tell which rows fill each of the dimensions and no other."""
    unknown = set(dimensions) - {*DIMENSIONS, LABELS}
    if unknown or not dimensions:
        found = ", ".join(repr(one) for one in sorted(unknown)) or "none"
        raise ValueError(f"dimension is one of {', '.join((*DIMENSIONS, LABELS))}, not {found}")
    if len({_column(dimension) for dimension in dimensions}) < len(dimensions):
        raise ValueError(f"each dimension stands once, and ethnic_group or {LABELS}: {', '.join(dimensions)}")
    listed = load_codelist("ethnicity")
    listed = listed[listed["group"].ne("Unknown")]
    among = {"ethnic_group": listed["group"].unique(), LABELS: listed["label"].unique()}
    others = [column for column in DIMENSIONS if column not in {_column(one) for one in dimensions}]
    split = rows[others].eq(ALL).all(axis=1)
    for dimension in dimensions:
        values = rows[_column(dimension)]
        split &= values.isin(among[dimension]) if dimension in among else values.ne(ALL)
    return split


def _column(dimension: str) -> str:
    return "ethnic_group" if dimension == LABELS else dimension


def _adds_up_to_the_whole(split: pd.DataFrame, own: pd.DataFrame, dimensions: Sequence[str]) -> pd.Series:
    """Tell which rows are of a source and year whose finer labels add up to its own total of everyone."""
    everyone = own[own[list(DIMENSIONS)].eq(ALL).all(axis=1)].set_index(["source", "year"])["children"]
    keys = pd.MultiIndex.from_frame(split[["source", "year"]])
    whole = pd.Series(everyone.reindex(keys).to_numpy(), index=split.index)
    added = split.groupby(["source", "year"])["children"].transform("sum")
    rounding = split.groupby(["source", "year"])["share_error"].transform("sum") * whole
    return (added - whole).abs().le(rounding + 0.5)


def _one_year(rows: pd.DataFrame, year: int) -> pd.DataFrame:
    """Keep the year nearest to the one asked for, and of several tables of that year the one whose name sorts last."""
    years = rows["year"]
    chosen = years[years <= year].max() if (years <= year).any() else years.min()
    rows = rows[years.eq(chosen)]
    return rows.loc[rows["source"].eq(rows["source"].max()), columns_of(Population)].reset_index(drop=True)


def _order(sources: pd.Series) -> pd.Series:
    """Rank each source by the list's order; sources that are not listed come last, each by itself."""
    found = {source: _listed(source) for source in sources.unique()}
    last = load_codelist("population_sources")["order"].astype(int).max()
    unlisted = sorted((source for source, match in found.items() if match is None), reverse=True)
    ranks = {source: int(match["order"]) for source, match in found.items() if match is not None}
    return sources.map(ranks | {source: last + place for place, source in enumerate(unlisted, start=1)})


def _listed(source: str) -> pd.Series | None:
    """Find the line of the list whose beginning the source has."""
    listed = load_codelist("population_sources")
    match = listed[[source.startswith(start) for start in listed["starts_with"]]]
    return match.iloc[0] if len(match) else None
