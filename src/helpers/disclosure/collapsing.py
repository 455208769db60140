"""Wider age bands: where too much of a breakdown by age would be hidden, neighbouring bands are told as one.

Arithmetic on frames: which bands make up which is told by the caller (codelists/wider_ages.csv).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from helpers.errors import ContractError

ALL = "All"
AGE = "age_band"
STATISTIC = [
    "borough_code", "borough", "period_end", "period_type", "indicator", "category", "ethnic_group", "gender",
]  # fmt: skip
HARDEST_FIRST = ["not_available", "not_applicable", "suppressed", "provisional", "shown"]
"""Statuses, the one that a sum takes first: a sum is known only where all its parts are."""
KNOWN = ("provisional", "shown")


def collapse_ages(counts: pd.DataFrame, bands: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Put the rows of neighbouring age bands of one statistic together.

    counts: contract schemas.Counts: whole breakdowns, with their rows of all ages
    bands: wider band -> the bands that it takes together, as codes.wider_ages gives them
    returns: the same columns; a wider band stands where the first of its bands stood, and other rows are as they were.
        Numerators are added, and so are bases where each band has its own. Where a band is a part of everyone (the row
        of all ages has no base, and is theirs), the base stays everyone. A band without a row is of nobody: counts have
        no row for a share of nobody. Where a number of a band is missing, so is the sum, with the status of the band;
        further columns are those of the first band
    raises: ContractError where a band would be in two wider ones, or a wider band is there beside its parts
    """
    wider_of = {band: wider for wider, parts in bands.items() for band in parts}
    if len(wider_of) < sum(len(parts) for parts in bands.values()):
        raise ContractError("An age band would be in two wider bands at once. Nothing was written.")
    rows = counts.reset_index(drop=True)
    wider = rows[AGE].map(wider_of)
    if wider.isna().all():
        return rows
    parts = rows[wider.notna()].assign(**{AGE: wider.dropna()})
    others = rows[wider.isna()]
    key = [*STATISTIC, AGE]
    if others.set_index(key).index.isin(parts.set_index(key).index).any():
        raise ContractError("A wider age band is told beside the bands that it is made of. Nothing was written.")
    together = pd.concat([others, _added(parts, rows, key)]).sort_index()
    return together[counts.columns].reset_index(drop=True)


def _added(parts: pd.DataFrame, rows: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Give one row per wider band, at the index of its first part."""
    rank = parts["status"].map(HARDEST_FIRST.index)
    grouped = parts.groupby(key, sort=False)
    first = parts[~parts.duplicated(key)]
    place = pd.MultiIndex.from_frame(first[key])
    status = rank.groupby([parts[name] for name in key], sort=False).min().map(dict(enumerate(HARDEST_FIRST)))
    numbers = grouped[["numerator", "denominator"]].agg(lambda each: each.sum(skipna=False)).reindex(place)
    numbers["numerator"] = numbers["numerator"].where(status.reindex(place).isin(KNOWN))
    of_everyone = _is_part_of_everyone(first, rows).to_numpy()
    return first.assign(
        numerator=numbers["numerator"].to_numpy(),
        denominator=first["denominator"].where(of_everyone, numbers["denominator"].to_numpy()),
        status=status.reindex(place).to_numpy(),
    )


def _is_part_of_everyone(first: pd.DataFrame, rows: pd.DataFrame) -> pd.Series:
    """Tell the rows whose base is everyone: the row of all ages is a plain number without a base, and is theirs."""
    everyone = rows[(rows[AGE] == ALL) & rows["denominator"].isna()].set_index(STATISTIC)["numerator"]
    theirs = everyone.reindex(pd.MultiIndex.from_frame(first[STATISTIC]))
    return pd.Series(theirs.to_numpy() == first["denominator"].to_numpy(), index=first.index)
