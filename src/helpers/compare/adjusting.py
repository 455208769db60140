"""Whether ages and genders explain a group's share of care, and whether combinations go beyond their parts.

The counts of ethnic group by gender by age stay inside. What leaves is a ratio that no small count can be worked out
from (`adjusted_ratios`), or which combinations differ (`combinations_beyond_their_parts`).
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from helpers.codes import ALL
from helpers.compare.group_shares import UNKNOWN, code_of, groups_in_care, groups_of
from helpers.counts import select
from helpers.disproportionality import adjusted, intersections
from helpers.population import population_cells
from helpers.rounding import half_up

CHARACTERISTICS = ["ethnic_group", "gender", "age_band"]
CELL = ["gender", "age_band"]
RATIOS = ["adjusted_ratio", "adjusted_lower", "adjusted_upper"]
SMALL = 5
"""A cell of 1 to 5 children could be worked out from exact results, so nothing is adjusted by it."""
FEWEST_NAMED = 10
"""Children in care that a combination has before it is named."""
FEWEST_IN_CARE = 30
PLACES = 2


def adjusted_ratios(
    counts: pd.DataFrame, released: pd.DataFrame, population: pd.DataFrame, *, borough: str, as_at: dt.date
) -> pd.DataFrame:
    """Give each ethnic group's children in care over those expected from its ages and genders.

    counts: contract schemas.Counts with ethnic group by gender by age; released: the released ones
    returns: columns group, adjusted_ratio, adjusted_lower, adjusted_upper (rounded to 0.01), adjustment_matters (yes
        where the ratio differs from the index by more than 10%). Only groups whose own number is released, and no row
        where a population by all three is not there, or a number of an age or a gender is hidden. Age bands are
        joined until none has 1 to 5 boys or girls: expected numbers come from those cells, and could give them away
    """
    nothing = pd.DataFrame(columns=["group", *RATIOS, "adjustment_matters"])
    here = {"borough": borough, "as_at": as_at}
    cells, groups = _cells(counts, **here), groups_in_care(released, "cla_total", "ethnic_group", **here)
    residents = _residents(population, **here)
    if cells.empty or residents.empty or groups.empty or not _all_released(released, **here):
        return nothing
    bands = _bands_wide_enough(cells.groupby(CELL)["count"].sum())
    in_care = _by_cell(cells, bands, "count").sum()
    everyone, children = _by_cell(residents, bands, "children").sum(), _by_cell(residents, bands, "children")
    children = children.reindex(groups["group"])
    shown = (groups["count"].notna() & (groups["total"] > 0)).to_numpy() & children.notna().all(axis=1).to_numpy()
    if in_care.between(1, SMALL).any() or ((everyone == 0) & (in_care > 0)).any() or not shown.any():
        return nothing
    # Children of unknown group are in the cells and not in the groups: they are taken to be spread as the known are.
    known = float(groups["total"].iloc[0]) / in_care.sum()
    return _ratios(groups[shown], children[shown], in_care * known, everyone)


def _by_cell(rows: pd.DataFrame, bands: dict[str, str], values: str) -> pd.DataFrame:
    """Lay rows out: one line an ethnic group, one column a gender and (joined) age band; empty cells are 0."""
    own = rows.assign(age_band=rows["age_band"].map(bands))
    names = pd.MultiIndex.from_product([groups_of("gender"), dict.fromkeys(bands.values())], names=CELL)
    wide = own.pivot_table(index="ethnic_group", columns=CELL, values=values, aggfunc="sum")
    return wide.reindex(columns=names).fillna(0)


def _bands_wide_enough(in_care: pd.Series) -> dict[str, str]:
    """Join neighbouring age bands until no gender has 1 to 5 children in one: band -> first band of its join."""
    joins = [[band] for band in groups_of("age_band")]
    by_age = in_care.reset_index().pivot_table(index="age_band", columns="gender", values="count", aggfunc="sum")
    by_age = by_age.reindex(groups_of("age_band")).fillna(0)
    while len(joins) > 1:
        small = [place for place, bands in enumerate(joins) if by_age.loc[bands].sum().between(1, SMALL).any()]
        if not small:
            break
        first = min(small[0], len(joins) - 2)
        joins[first : first + 2] = [joins[first] + joins[first + 1]]
    return {band: bands[0] for bands in joins for band in bands}


def _ratios(groups: pd.DataFrame, children: pd.DataFrame, in_care: pd.Series, everyone: pd.Series) -> pd.DataFrame:
    some = everyone.to_numpy() > 0
    count = np.zeros((len(groups), some.sum()))
    count[:, 0] = groups["count"]  # only the group's sum is compared
    found = adjusted(count, children.to_numpy()[:, some], in_care.to_numpy()[some], everyone.to_numpy()[some])
    table = pd.DataFrame(dict(zip(RATIOS, (found.ratio, found.low, found.high), strict=True)))
    table = table.map(lambda ratio: float(half_up(ratio, PLACES)) if np.isfinite(ratio) else np.nan)
    return table.assign(
        group=groups["group"].to_numpy(), adjustment_matters=np.where(found.changes_the_story, "yes", "no")
    )


def _all_released(released: pd.DataFrame, *, borough: str, as_at: dt.date) -> bool:
    """Say whether the number of every age and gender is released."""
    told = [groups_in_care(released, "cla_total", one, borough=borough, as_at=as_at) for one in CELL]
    return all(len(rows) and rows["count"].notna().all() for rows in told)


def combinations_beyond_their_parts(
    counts: pd.DataFrame, released: pd.DataFrame, population: pd.DataFrame, *, borough: str, as_at: dt.date
) -> pd.DataFrame:
    """Find combinations of ethnic group, gender and age that differ from what the three explain separately.

    returns: one row per combination that was looked at: ethnic_group, gender, age_band and finding ('over-represented',
        'under-represented', 'no clear difference', 'too few to say'), each relative to its parts. No number leaves.
        A direction is given only to a combination of 10 children or more, of a group, a gender and an age that are all
        released. No row where the population does not have all three, or fewer than 30 children are in care
    """
    nothing = pd.DataFrame(columns=[*CHARACTERISTICS, "finding"])
    here = {"borough": borough, "as_at": as_at}
    cells, residents = _cells(counts, **here), _residents(population, **here)
    known = cells[cells["ethnic_group"] != UNKNOWN]
    table = residents.merge(known, on=CHARACTERISTICS, how="left").assign(count=lambda rows: rows["count"].fillna(0))
    without = (table["children"] == 0) & (table["count"] > 0)
    if known["count"].sum() < FEWEST_IN_CARE or residents.empty or without.any():
        return nothing
    found = intersections(table.rename(columns={"children": "population"}), characteristics=CHARACTERISTICS)
    may_be_named = found["count"] >= FEWEST_NAMED
    for dimension in CHARACTERISTICS:
        rows = groups_in_care(released, "cla_total", dimension, **here)
        may_be_named &= found[dimension].isin(rows.loc[rows["count"].notna(), "group"])
    named = found["finding"].isin(["over-represented", "under-represented"]) & ~may_be_named
    return found.assign(finding=found["finding"].mask(named, "no clear difference"))[[*CHARACTERISTICS, "finding"]]


def _cells(counts: pd.DataFrame, *, borough: str, as_at: dt.date) -> pd.DataFrame:
    """Give the children in care by ethnic group (unknown too), gender and age; a hidden one leaves nothing to say."""
    own = counts[
        (counts["indicator"] == "cla_total")
        & (counts["borough"] == borough)
        & (counts["period_end"] == pd.Timestamp(as_at))
        & (counts["category"] == ALL)
        & (counts[CHARACTERISTICS] != ALL).all(axis=1)
    ]
    own = own[own["ethnic_group"].isin([*groups_of("ethnic_group"), UNKNOWN])]
    if own["numerator"].isna().any() or not _adds_up(own, counts, borough=borough, as_at=as_at):
        own = own.iloc[:0]
    return own[[*CHARACTERISTICS, "numerator"]].rename(columns={"numerator": "count"})


def _adds_up(own: pd.DataFrame, counts: pd.DataFrame, *, borough: str, as_at: dt.date) -> bool:
    whole = select(counts, "cla_total", borough=borough, period_end=as_at)["numerator"]
    return len(whole) > 0 and own["numerator"].sum() == whole.iloc[0]


def _residents(population: pd.DataFrame, *, borough: str, as_at: dt.date) -> pd.DataFrame:
    rows = population_cells(population, code_of(borough), as_at.year, CHARACTERISTICS)
    return rows[[*CHARACTERISTICS, "children"]]
