"""Whether a finding would stand: with another population, or whatever the ethnic group of unknown children is."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from helpers.compare.group_shares import unknown_of
from helpers.disproportionality import unknown_bounds

DIRECTIONS = {"over-represented": 1, "under-represented": -1}
"""The findings that say a difference; every other finding says none."""

UNKNOWN_MATTERS_FROM = 0.05
ASKED_OF_OTHERS = ("headline", "coming into care")
ROW = ["indicator", "dimension", "group"]


def direction_of(finding: pd.Series) -> pd.Series:
    """Turn findings into 1 (over), -1 (under) or 0 (no difference said)."""
    return finding.map(DIRECTIONS).fillna(0).astype(int)


def with_other_sources(found: pd.DataFrame) -> pd.DataFrame:
    """Put beside each row what every further population finds of the same group.

    found: rows of `findings` with indicator, dimension, group, comparison, source and finding
    returns: the same rows with others (list of (source, finding)), other_sources (the same in one text) and holds: yes
        where every further population says the same direction, no where one does not, blank where there is none
    """
    further = found[found["comparison"] == "other population"]
    told: dict[tuple, list[tuple[str, str]]] = {}
    for row in further[[*ROW, "source", "finding"]].itertuples(index=False):
        told.setdefault(tuple(row[:3]), []).append((row.source, row.finding))
    asked = found["comparison"].isin(ASKED_OF_OTHERS)
    keys = found[ROW].itertuples(index=False, name=None)
    others = [told.get(key, []) if one else [] for key, one in zip(keys, asked, strict=True)]
    own = direction_of(found["finding"])
    same = [
        "" if not pairs else "yes" if all(DIRECTIONS.get(finding, 0) == way for _, finding in pairs) else "no"
        for pairs, way in zip(others, own, strict=True)
    ]
    words = ["; ".join(f"{source}: {finding}" for source, finding in pairs) for pairs in others]
    return found.assign(others=others, other_sources=words, holds=same)


def with_unknown_bounds(found: pd.DataFrame, released: pd.DataFrame, *, borough: str, as_at: dt.date) -> pd.DataFrame:
    """Put beside each headline row what its index could be with all, or none, of the unknown children in the group.

    returns: the same rows with unknown_share (of all children in care; missing where hidden), and where it is above 5%
        index_unknown_out, index_unknown_in and unknown_matters: yes where the row says a direction and an interval of
        the two does not leave out 1 on that side
    """
    table = found.assign(unknown_share=np.nan, index_unknown_out=np.nan, index_unknown_in=np.nan, unknown_matters="")
    for dimension, rows in found[found["comparison"] == "headline"].groupby("dimension"):
        unknown, total = unknown_of(released, dimension, borough=borough, as_at=as_at)
        if not total > 0 or np.isnan(unknown):
            continue
        table.loc[rows.index, "unknown_share"] = unknown / total
        share = rows["population_share"]
        rows = rows[rows["count"].notna() & ~rows["suppressed"] & share.between(0, 1, inclusive="neither")]
        if unknown / total <= UNKNOWN_MATTERS_FROM or rows.empty:
            continue
        bounds = unknown_bounds(rows["count"], rows["total"], unknown, rows["population_share"])
        survives = (direction_of(rows["finding"]) == 0).to_numpy() | bounds.same_direction
        table.loc[rows.index, "index_unknown_out"] = bounds.if_out.index
        table.loc[rows.index, "index_unknown_in"] = bounds.if_in.index
        table.loc[rows.index, "unknown_matters"] = np.where(survives, "no", "yes")
    return table
