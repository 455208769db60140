"""A borough's groups of children in care beside the same groups of local children: one row per group, to be compared.

Only released numbers go in. What is not known exactly (a hidden number of unknown, a rounded share) becomes a range.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from helpers.codes import age_order, areas, display_ethnic_group, load_codelist
from helpers.counts import select
from helpers.population import in_wider_ages, populations_to_compare
from helpers.wording import group_words

UNKNOWN = "Unknown"
LAST_AGE_OF_A_CHILD = 17
GROUP_COLUMNS = ["group", "count", "total", "least_total", "told"]
PART_OF = {"cla_not_uasc": "cla_total"}
"""Measures whose children are all among those of another."""
SMALLEST_WITHOUT_POPULATION = 5
"""This many children in care of a group that a population does not have: the two do not match."""


def column_of(dimension: str) -> str:
    """Name the column of counts and populations that a dimension lies in: finer groups stand with the ethnic groups."""
    return "ethnic_group" if dimension == "ethnic_label" else dimension


def groups_of(dimension: str) -> list[str]:
    """Give the known groups of a dimension, in the order readers expect."""
    if dimension == "ethnic_label":
        return list(dict.fromkeys(load_codelist("finer_groups")["compared_as"]))
    if dimension == "gender":
        return ["Male", "Female"]
    names = load_codelist("age_bands" if dimension == "age_band" else "ethnic_groups")["label"]
    return [name for name in names if name != UNKNOWN]


def groups_in_care(
    released: pd.DataFrame, indicator: str, dimension: str, *, borough: str, as_at: dt.date
) -> pd.DataFrame:
    """Give the released number of children of each known group on the day: columns group, count, total, least_total,
    told.

    total: children whose group is known; least_total: the least that number can be where the unknown are hidden;
    told: whether the indicator has a row of the group at all, hidden or not.
    A hidden number is missing. No row where the indicator is not told by these groups, or its total is hidden
    """
    here = {"borough": borough, "period_end": as_at}
    whole = select(released, indicator, **here)["numerator"]
    rows = select(released, indicator, **here, each=column_of(dimension))
    rows = rows.set_index(column_of(dimension))["numerator"]
    rows = rows[~rows.index.duplicated()]
    names = _ages_told(rows.index) if dimension == "age_band" else groups_of(dimension)
    unknown = rows.reindex([UNKNOWN]) if UNKNOWN in rows.index else pd.Series(dtype=float)
    if dimension == "ethnic_label":
        rows = _folded(rows)
    if whole.empty or pd.isna(whole.iloc[0]) or not rows.index.isin(names).any():
        return pd.DataFrame(columns=GROUP_COLUMNS)
    counts = rows.reindex(names)
    total, least = _known_total(float(whole.iloc[0]), unknown, counts)
    if indicator in PART_OF:
        # No more children of this part are unknown than of the whole that it is a part of.
        stock = groups_in_care(released, PART_OF[indicator], dimension, borough=borough, as_at=as_at)
        everyone = select(released, PART_OF[indicator], **here)["numerator"]
        if len(stock) and len(everyone):
            least = max(least, total - (everyone.iloc[0] - stock["least_total"].iloc[0]))
    told = [name in rows.index for name in names]
    return pd.DataFrame(
        {"group": names, "count": counts.to_numpy(), "total": total, "least_total": least, "told": told}
    )


def _ages_told(labels: pd.Index) -> list[str]:
    """Give the age bands, with each wider one that is told in the place of its bands (wider_ages.csv)."""
    listed = load_codelist("wider_ages").set_index("label")["of"].str.split("|")
    wider = listed[listed.index.isin(labels)]
    gone = {band for bands in wider for band in bands}
    return [age for age in age_order() if age in {*groups_of("age_band"), *wider.index} - gone]


def _folded(rows: pd.Series) -> pd.Series:
    """Put finer groups that the census counts as one together; hidden where one of them is hidden."""
    as_one = load_codelist("finer_groups").set_index("label")["compared_as"]
    own = rows[rows.index.isin(as_one.index)]
    return own.groupby(own.index.map(as_one)).agg(lambda counts: counts.sum(skipna=False))


def _known_total(total: float, unknown: pd.Series, counts: pd.Series) -> tuple[float, float]:
    """Give the children in care whose group is known, and the least that number can be when Unknown is hidden."""
    if unknown.empty:
        return total, total
    if unknown.notna().all():
        return total - unknown.iloc[0], total - unknown.iloc[0]
    return total, min(counts.sum(), total)


def sources_of(
    population: pd.DataFrame, groups: pd.DataFrame, dimension: str, *, borough: str, as_at: dt.date
) -> list[pd.DataFrame]:
    """Give the populations that the groups can be compared with, the most preferred first, each one frame.

    A population without one of the groups that are told, or without children in a group of which several are in care,
    cannot be compared. Finer groups are compared with populations of children alone
    """
    told = groups["group"] if dimension == "ethnic_label" else groups.loc[groups["told"], "group"]
    several = groups.loc[groups["count"] >= SMALLEST_WITHOUT_POPULATION, "group"]
    usable = []
    for frame in populations_to_compare(population, code_of(borough), as_at.year, dimension):
        if dimension == "age_band":
            frame = in_wider_ages(frame, groups["group"])
        children = frame.set_index(column_of(dimension))["children"].reindex(groups["group"])
        of_children = dimension != "ethnic_label" or frame["age_to"].max() <= LAST_AGE_OF_A_CHILD
        if of_children and children[told].notna().all() and (children[several] > 0).all() and children.sum() > 0:
            usable.append(frame)
    return usable


def beside_population(groups: pd.DataFrame, residents: pd.DataFrame, dimension: str) -> pd.DataFrame:
    """Lay a population beside the groups: one row per group, with the columns that `findings` reads.

    Where the number of unknown is hidden, the known total is known only within bounds: the index at the lower bound is
    the index at the same total with the share scaled down, so the share's range takes it up
    """
    local = residents.rename(columns={column_of(dimension): "group"})
    local = local[["group", "children", "share_error", "source", "year", "age_from", "age_to"]]
    table = groups.merge(local, on="group", how="left", validate="1:1")
    share = table["children"] / table["children"].sum()
    error, scale = table["share_error"].fillna(0), (table["least_total"] / table["total"]).fillna(1)
    return table[table["children"].notna()].assign(
        population_share=share,
        share_low=(share - error).clip(lower=0) * scale,
        share_high=(share + error).clip(upper=1),
        rounded=error > 0,
        suppressed=table["count"].isna(),
    )


def residents_for_rates(released: pd.DataFrame, table: pd.DataFrame, *, borough: str, as_at: dt.date) -> pd.Series:
    """Children of each group: its share of the census times the latest mid-year total, as methods.md section b says."""
    whole = select(released, "cla_rate_per_10000", borough=borough, period_end=as_at)
    latest = whole["denominator"].dropna()
    own = table.groupby(["dimension", "source"])["children"].transform("sum")
    return table["population_share"] * (latest.iloc[0] if len(latest) else own)


def unknown_of(released: pd.DataFrame, dimension: str, *, borough: str, as_at: dt.date) -> tuple[float, float]:
    """Give the children in care whose group is not known, and all children in care; missing where hidden, 0 if none."""
    here = {"borough": borough, "period_end": as_at}
    whole = select(released, "cla_total", **here)["numerator"]
    rows = select(released, "cla_total", **here, each=column_of(dimension))
    unknown = rows.loc[rows[column_of(dimension)] == UNKNOWN, "numerator"]
    total = float(whole.iloc[0]) if len(whole) else float("nan")
    return (float(unknown.iloc[0]) if len(unknown) else 0.0), total


def code_of(borough: str) -> str:
    """Give the ONS code of a borough."""
    return areas().set_index("label")["code"][borough]


def children_of(dimension: str, group: str) -> str:
    """Name the children of a group, as a sentence begins with them: 'Black African children', 'Boys'."""
    if dimension == "ethnic_label":
        return load_codelist("finer_groups").set_index("label")["children"][group]
    display = display_ethnic_group(pd.Series([group])).iloc[0] if dimension == "ethnic_group" else group
    return group_words(dimension, group, display)
