"""What the statistics of a release have to do with each other, as the code lists say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

ALL = "All"
DIMENSIONS = ("ethnic_group", "gender", "age_band")
PARTS = ("category", *DIMENSIONS)
NOTHING_THE_SAME = pd.DataFrame(columns=["indicator", "category", "same_as_indicator", "same_as_category"])
NO_SUMS = pd.DataFrame(columns=["line", "indicator", "category", "age_band", "role"])
NO_BASES = pd.DataFrame(columns=["base", "counted_by", "within"])
NO_PAIRS = pd.DataFrame(columns=["indicator", "told_with", "how"])
NO_POOLED = pd.DataFrame(columns=["base", "of", "years"])
NO_RESTS = pd.DataFrame(columns=["rest", "indicator", "base", "sign"])


@dataclass(frozen=True)
class Relations:
    """What is known of the statistics beside their numbers; every part may be empty.

    base_of: indicator -> name of the base that it is a share of
    parents, age_parents: finer ethnic group -> its group, finer age band -> its band
    wider_ages: wider age band -> the bands that it takes together, for a breakdown that would be hidden too much
    same: rows of codelists/same_statistic.csv: statistics that are one number under two names
    sums: rows of codelists/sums.csv: statistics of which some (role part) add to another (role whole)
    bases: one row per base: base, counted_by (the indicator whose groups are its numbers, or blank), within (the bases
        it is a part of, joined by |)
    pairs: rows of codelists/apart.csv: indicator, told_with, how ('apart': a child is in one at most; 'within': the
        first is a part of the second)
    pooled: rows of codelists/pooled_bases.csv: bases of several years, and the base of one year that they add up
    rests: rows of codelists/rests.csv: sums over indicators and bases that count children themselves
    sensitive: indicator -> what tells of a whole group: 'all' (the measure holds for all of it) or 'none'
    means: units whose numerator is a sum over the children of the denominator
    rates: units whose denominator is a population that everybody knows
    """

    base_of: Mapping[str, str] = field(default_factory=dict)
    parents: Mapping[str, str] = field(default_factory=dict)
    age_parents: Mapping[str, str] = field(default_factory=dict)
    wider_ages: Mapping[str, list[str]] = field(default_factory=dict)
    same: pd.DataFrame = field(default_factory=NOTHING_THE_SAME.copy)
    sums: pd.DataFrame = field(default_factory=NO_SUMS.copy)
    bases: pd.DataFrame = field(default_factory=NO_BASES.copy)
    pairs: pd.DataFrame = field(default_factory=NO_PAIRS.copy)
    pooled: pd.DataFrame = field(default_factory=NO_POOLED.copy)
    rests: pd.DataFrame = field(default_factory=NO_RESTS.copy)
    sensitive: Mapping[str, str] = field(default_factory=dict)
    means: frozenset[str] = frozenset()
    rates: frozenset[str] = frozenset()

    @cached_property
    def counted_by(self) -> dict[str, str]:
        return {row.base: row.counted_by for row in self.bases.itertuples() if row.counted_by}

    @cached_property
    def within(self) -> list[tuple[str, str]]:
        """Give the pairs (base, larger base)."""
        told = {row.base: row.within for row in self.bases.itertuples()}
        return [(base, larger) for base, names in told.items() for larger in filter(None, names.split("|"))]

    @cached_property
    def parts_of(self) -> list[tuple[str, str]]:
        """Give the pairs (indicator, the indicator it is a part of)."""
        rows = self.pairs[self.pairs["how"] == "within"]
        return list(rows[["indicator", "told_with"]].itertuples(index=False, name=None))

    @cached_property
    def apart(self) -> list[tuple[str, ...]]:
        """Give every set of two and more indicators of which a child is in one at most."""
        rows = self.pairs[self.pairs["how"] == "apart"]
        pairs = {frozenset(pair) for pair in rows[["indicator", "told_with"]].itertuples(index=False, name=None)}
        names = sorted({name for pair in pairs for name in pair})
        sets: list[tuple[str, ...]] = []
        grown = [(name,) for name in names]
        while grown:
            grown = [
                (*some, name)
                for some in grown
                for name in names
                if name > some[-1] and all(frozenset((one, name)) in pairs for one in some)
            ]
            sets += grown
        return sets
