"""Children by borough, year, ethnic group, gender and age: which source to lay beside the children in care."""

from __future__ import annotations

import pandas as pd

from helpers.codes import ALL, load_codelist
from helpers.schemas import Population, columns_of

DIMENSIONS = ("ethnic_group", "gender", "age_band")


def preferred_population(population: pd.DataFrame, borough_code: str, year: int, dimension: str) -> pd.DataFrame:
    """Give one source's children of one area, split one way: the most preferred source, at its year nearest to `year`.

    population: contract schemas.Population
    dimension: ethnic_group, gender or age_band
    returns: the contract's columns; rows of one source and one year, the dimension filled and the others All;
        the year is the last not after `year`, else the first after it. No row when no source has the split
    source: order of preference in codelists/population_sources.csv
    """
    if dimension not in DIMENSIONS:
        raise ValueError(f"dimension is one of {', '.join(DIMENSIONS)}, not {dimension!r}")
    others = [other for other in DIMENSIONS if other != dimension]
    split = population[dimension].ne(ALL) & population[others].eq(ALL).all(axis=1)
    own = population[population["borough_code"].eq(borough_code) & split]
    ranked = own.assign(order=_order(own["source"]))
    best = ranked[ranked["order"].eq(ranked["order"].min())]
    if best.empty:
        return pd.DataFrame(columns=columns_of(Population))
    years = best["year"]
    chosen = years[years <= year].max() if (years <= year).any() else years.min()
    best = best[best["year"].eq(chosen)]
    return best.loc[best["source"].eq(best["source"].max()), columns_of(Population)].reset_index(drop=True)


def describe_source(source: str) -> pd.Series:
    """Give what a reader is told of a source: its name and caveat (codelists/population_sources.csv)."""
    match = _listed(source)
    return pd.Series({"name": source, "caveat": ""}) if match is None else match[["name", "caveat"]]


def _order(sources: pd.Series) -> pd.Series:
    """Rank each source by the list's order; a source that is not listed comes last."""
    found = {source: _listed(source) for source in sources.unique()}
    last = len(load_codelist("population_sources")) + 1
    return sources.map({source: last if match is None else int(match["order"]) for source, match in found.items()})


def _listed(source: str) -> pd.Series | None:
    """Find the line of the list whose beginning the source has."""
    listed = load_codelist("population_sources")
    match = listed[[source.startswith(start) for start in listed["starts_with"]]]
    return match.iloc[0] if len(match) else None
