"""Counts as statistics and equations: what one reader of the whole release can put together.

Every numerator is a statistic, and so is every base; what is told under two names is one. The equations say that parts
add to their whole, that a part is at most its base, and what codelists tell of measures. What is left of a base, of a
larger number, or of two bases, is a statistic too, in no file: it tells of children as a count does.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from math import isnan, log

import numpy as np
import pandas as pd

from helpers.disclosure.relations import ALL, DIMENSIONS, PARTS, Relations
from helpers.disclosure.system import Builder, Flags, Ints, System

Place = tuple[str, str, pd.Timestamp]
Group = tuple[str, str, str]
EVERYONE: Group = (ALL, ALL, ALL)
TOLD = ("shown", "provisional", "suppressed")
LEFT_OUT = "left out"
"""A row of a breakdown that is in no file; a reader who knows the rest may still work it out."""
UNKNOWN = "Unknown"
FEWEST_OF_A_MEAN = 10
"""A mean of fewer children than this is not shown: section 2 of the house rule."""
HEADLINE = {"cla_total": 10.0, "cla_started": 3.0, "cla_ceased": 3.0}
"""Numbers that a briefing is about weigh more than others, so that others are hidden first."""


@dataclass(frozen=True)
class Release:
    """A system, and where the rows of the counts are in it: the statistic of each numerator and base, -1 for none."""

    system: System
    numerators: Ints
    bases: Ints

    def of_rows(self, found: Flags) -> Flags:
        """Tell the rows whose number or base is one of the statistics found."""
        told = [(places >= 0) & found[places] for places in (self.numerators, self.bases)]
        return told[0] | told[1]


def release_system(counts: pd.DataFrame, relations: Relations, *, limit: int, is_own: bool = True) -> Release:
    """Give the statistics of a release and all equations between them.

    counts: contract schemas.Counts of any boroughs and days; a numerator that its source suppressed is missing, with
        status 'suppressed'; a row that is in no file has status LEFT_OUT. Columns of schemas.Settled, where they are
        there, tell what earlier editions have shown and hidden, and what has moved since
    limit: the largest number that is small (5)
    is_own: the counts are the council's own; where not, they are a publisher's, and may not add up
    """
    return _Collector(relations, limit, is_own=is_own).collected(counts)


@dataclass
class _Row:
    """One row of the counts, as the equations need it."""

    place: Place
    period_type: str
    indicator: str
    category: str
    group: Group
    number: float
    base: float
    is_mean: bool
    is_offered: bool = True
    is_out: bool = False
    base_moved_by_few: bool = False
    base_is_out: bool = False
    base_hidden_before: bool = False
    statistic: int = -1
    base_statistic: int = -1


@dataclass
class _Collector:
    relations: Relations
    limit: int
    builder: Builder = field(default_factory=Builder)
    rows: list[_Row] = field(default_factory=list)
    cells: dict = field(default_factory=dict)
    bases: dict = field(default_factory=dict)
    summed: set = field(default_factory=set)
    is_own: bool = True

    def collected(self, counts: pd.DataFrame) -> Release:
        self.same = self._same_names()
        wider = {band: wide for wide, bands in self.relations.wider_ages.items() for band in bands}
        self.age_parents = {**self.relations.age_parents, **wider}
        told = counts["status"].isin([*TOLD, LEFT_OUT]).to_numpy()
        for position, row in enumerate(counts.to_dict("records")):
            if told[position]:
                self.rows.append(self._numerator(row, position))
        self.shares = {(row.place, row.indicator) for row in self.rows if _is_whole(row) and not isnan(row.base)}
        for row in self.rows:
            self._base(row)
        self._near_names()
        self._lines()
        self._told_sums()
        self._parts_of_others()
        self._larger_bases()
        self._pooled_bases()
        self._rests()
        numerators, bases = np.full(len(counts), -1), np.full(len(counts), -1)
        for row, position in zip(self.rows, np.flatnonzero(told), strict=True):
            numerators[position], bases[position] = row.statistic, row.base_statistic
        return Release(self.builder.system(), numerators, bases)

    # --- statistics -----------------------------------------------------------------------------------------------

    def _same_names(self) -> dict[tuple[str, str], list[tuple[str, str, str]]]:
        names = defaultdict(list)
        for row in self.relations.same.to_dict("records"):
            name = (row["indicator"], row["category"], row.get("how", "same"))
            names[row["same_as_indicator"], row["same_as_category"]].append(name)
        return names

    def _numerator(self, row: dict, position: int) -> _Row:
        place = (row["borough_code"], row["period_end"])
        group = tuple(row[name] for name in DIMENSIONS)
        base = np.nan if row["unit"] in self.relations.rates else row["denominator"]
        one = _Row(
            place, row["period_type"], row["indicator"], row["category"], group, row["numerator"], base,
            row["unit"] in self.relations.means, row["status"] != LEFT_OUT,
            bool(row.get("already_out", False)), bool(row.get("base_changed_by_few", False)),
            bool(row.get("base_out", False)), bool(row.get("base_hidden_before", False)),
        )  # fmt: skip
        key = (*place, one.indicator, one.category, group)
        number = one.number
        facts: dict[str, float | bool] = {"weight": _weight(one)}
        if one.is_out:
            facts |= {"locked": True}
        elif one.is_mean:
            facts |= {"withheld": not base >= FEWEST_OF_A_MEAN or isnan(number)}
        else:
            facts |= self._small(number)
            facts |= {name: row[name] for name in ("need_low", "need_high") if not isnan(row.get(name, np.nan))}
        withheld = facts.get("withheld", False) or row.get("must_hide", False) or row.get("hidden_before", False)
        facts["withheld"] = (withheld or not one.is_offered) and not one.is_out
        one.statistic = self.builder.add(key, number, **facts)
        self.cells[key] = one
        return one

    def _small(self, number: float) -> dict[str, float | bool]:
        if isnan(number) or 1 <= number <= self.limit:
            return {"withheld": True, "need_low": 1.0, "need_high": float(self.limit)}
        return {}

    def _base(self, row: _Row) -> None:
        """Find the base of a row, and say that the row is shown only where its base is."""
        is_hidden = isnan(row.base) and (row.place, row.indicator) in self.shares and row.group != EVERYONE
        if isnan(row.base) and not is_hidden:
            return
        name = self.relations.base_of.get(row.indicator, row.indicator)
        counted = self.cells.get((*row.place, self.relations.counted_by.get(name, ""), ALL, row.group))
        whole = self._whole_that_is_base(row)
        if whole is not None and whole.number == row.base:
            row.base_statistic = whole.statistic
        elif counted is not None and (counted.number == row.base or (is_hidden and isnan(counted.number))):
            row.base_statistic = counted.statistic
        else:
            key = (*row.place, "base", name, row.group, "hidden" if is_hidden else row.base)
            weight = 4 * (1 + log(1 + np.nan_to_num(row.base)))
            facts = self._small(row.base) | {"weight": weight, "offered": False}
            row.base_statistic = self.builder.add(key, row.base, **facts)
            self._tell_of_base(row)
            if whole is not None and isnan(whole.number) and self.relations.counted_by.get(name) == row.indicator:
                self.builder.equation({row.base_statistic: 1, whole.statistic: -1})
        group = row.group if whole is None else EVERYONE
        self.bases.setdefault((*row.place, name, group), row.base_statistic)
        if row.is_offered:
            self.builder.only_with(row.statistic, row.base_statistic)
        if not row.is_mean:
            self._rest_of_base(row)

    def _whole_that_is_base(self, row: _Row) -> _Row | None:
        """Give the row of everyone where a count's parts have it as their base: their base tells its number."""
        whole = self.cells.get((*row.place, row.indicator, ALL, EVERYONE))
        return whole if whole is not None and whole is not row and isnan(whole.base) else None

    def _tell_of_base(self, row: _Row) -> None:
        """A base that an earlier edition told is known; one that has moved by few since then must not be told."""
        if row.is_offered:
            self.builder.set(row.base_statistic, offered=True)
        if row.is_out or row.base_is_out:
            self.builder.set(row.base_statistic, locked=True, withheld=False, need_low=np.nan, need_high=np.nan)
        elif (row.base_moved_by_few or row.base_hidden_before) and not self.builder.get(row.base_statistic, "locked"):
            self.builder.set(row.base_statistic, withheld=True)

    def _rest_of_base(self, row: _Row) -> None:
        rest = self._rest(("rest", row.statistic, row.base_statistic), {row.base_statistic: 1, row.statistic: -1})
        tells = self.relations.sensitive.get(row.indicator, "")
        if rest is None or row.group == EVERYONE or not row.base >= 1 or not tells:
            return
        if self.builder.get(rest, "value") == 0 and tells == "all":
            self.builder.set(rest, need_high=float(self.limit))
        if row.number == 0 and tells == "none" and not self.builder.get(row.statistic, "locked"):
            self.builder.set(row.statistic, withheld=True, need_high=float(self.limit))

    def _rest(self, key: object, terms: dict[int, float]) -> int | None:
        """Add what a sum leaves as a statistic that is in no file. None where the sum is below zero: not a rest."""
        if key in self.builder.place:
            return self.builder.place[key]
        value = float(sum(sign * self.builder.get(one, "value") for one, sign in terms.items()))
        if value < 0:
            return None
        small = {} if isnan(value) else self._small(value)
        facts = {name: fact for name, fact in small.items() if name != "withheld"}
        rest = self.builder.add(key, value, offered=False, weight=0.0, **facts)
        self.builder.equation({**terms, rest: -1})
        return rest

    # --- equations ------------------------------------------------------------------------------------------------

    def _near_names(self) -> None:
        """One number under two names is hidden under both; where one name holds a few more, they tell of children."""
        for (*place, indicator, category, group), other in list(self.cells.items()):
            for *name, how in self.same.get((indicator, category), []):
                one = self.cells.get((*place, *name, group))
                if one is None:
                    continue
                if how == "within":
                    key = ("within", one.statistic, other.statistic)
                    self._rest(key, {other.statistic: 1, one.statistic: -1})
                elif one.number == other.number or isnan(one.number) or isnan(other.number):
                    self.builder.equation({one.statistic: 1, other.statistic: -1})
                    if one.is_offered and other.is_offered:
                        self.builder.only_with(one.statistic, other.statistic)
                        self.builder.only_with(other.statistic, one.statistic)

    def _lines(self) -> None:
        """Parts along a dimension add to their whole, and so do the bases of groups."""
        lines: dict[tuple, list[_Row]] = defaultdict(list)
        for row in self.rows:
            if row.is_mean:
                continue
            values = (row.category, *row.group)
            for number, name in enumerate(PARTS):
                if values[number] == ALL:
                    continue
                whole = (*values[:number], self._whole_of(name, values[number]), *values[number + 1 :])
                if (*row.place, row.indicator, whole[0], whole[1:]) not in self.cells:
                    whole = (*values[:number], ALL, *values[number + 1 :])
                lines[(row.place, row.period_type, row.indicator, name, whole)].append(row)
        for (place, _, indicator, name, whole), parts in lines.items():
            self._line(parts, self.cells.get((*place, indicator, whole[0], whole[1:])), name)
            if name != "category":
                self._line_of_bases(place, indicator, parts, whole[1:])

    def _whole_of(self, name: str, value: str) -> str:
        """Give what a part is a part of: a finer group of its group, all else of everyone."""
        parents = {"ethnic_group": self.relations.parents, "age_band": self.age_parents}.get(name, {})
        group = parents.get(value, ALL)
        return ALL if group == value else group

    def _line(self, parts: list[_Row], whole: _Row | None, name: str) -> None:
        if whole is None and name == "category":
            same_base = {part.base_statistic for part in parts}
            if len(same_base) == 1 and same_base != {-1}:
                self._sum([part.statistic for part in parts], same_base.pop())
        elif whole is not None:
            self._sum([part.statistic for part in parts], whole.statistic)
            if name != "category" and whole.group == EVERYONE:
                self._others([(part.group, part.statistic) for part in parts], whole.statistic)

    def _line_of_bases(self, place: Place, indicator: str, parts: list[_Row], whole: Group) -> None:
        name = self.relations.base_of.get(indicator, indicator)
        total = self.bases.get((*place, name, whole))
        bases = [part.base_statistic for part in parts]
        if total is not None and total not in bases and -1 not in bases:
            self._sum(bases, total)
            self._others([(part.group, part.base_statistic) for part in parts], total)

    def _others(self, parts: list[tuple[Group, int]], whole: int) -> None:
        """All but one group, with those of unknown group and without: the journey compares with them."""
        unknown = {one for group, one in parts if UNKNOWN in group}
        for _, part in parts:
            for left in dict.fromkeys([frozenset((part,)), frozenset((part, *unknown))]):
                if part not in unknown and whole not in left:
                    terms = {whole: 1.0, **dict.fromkeys(sorted(left), -1.0)}
                    self._rest(("others", whole, *sorted(left)), terms)

    def _sum(self, parts: list[int], whole: int) -> None:
        """Say that parts add to a whole. What they leave of it is a statistic that is in no file."""
        key = ("sum", whole, *sorted(parts))
        if whole in parts or key in self.summed:
            return
        self.summed.add(key)
        known = [self.builder.get(part, "value") for part in parts]
        rest = self.builder.get(whole, "value") - sum(known)
        if rest == 0 or isnan(rest):
            self.builder.equation({**dict.fromkeys(parts, 1.0), whole: -1.0})
        elif self.is_own:  # a published table that does not add up tells of its rounding, not of children
            self._rest(key, {whole: 1, **dict.fromkeys(parts, -1.0)})

    def _told_sums(self) -> None:
        places = sorted({row.place for row in self.rows})
        for _, line in self.relations.sums.groupby("line", sort=False):
            whole, parts = (self._names(line[line["role"] == role]) for role in ("whole", "part"))
            for place in places:
                total, some = self._named(place, whole), self._named(place, parts)
                if len(total) != 1 or not some:
                    continue
                # A part that nobody is in has no row; where a part was not told at all, nothing adds up.
                left = self.builder.get(total[0], "value") - sum(self.builder.get(part, "value") for part in some)
                if len(some) == len(parts) or left == 0:
                    self._sum(some, total[0])

    def _names(self, lines: pd.DataFrame) -> list[tuple[str, str, Group]]:
        told = lines[["indicator", "category", "age_band"]].to_numpy().tolist()
        return [(indicator, category, (ALL, ALL, age_band)) for indicator, category, age_band in told]

    def _named(self, place: Place, names: list[tuple[str, str, Group]]) -> list[int]:
        return [self.cells[(*place, *name)].statistic for name in names if (*place, *name) in self.cells]

    def _parts_of_others(self) -> None:
        """What is left of a larger measure, and of a base when measures that a child is in one of are taken from it."""
        for (*place, indicator, category, group), one in list(self.cells.items()):
            if category != ALL:
                continue
            for part, larger in self.relations.parts_of:
                other = self.cells.get((*place, larger, ALL, group)) if part == indicator else None
                if other is not None:
                    self._rest(("within", one.statistic, other.statistic), {other.statistic: 1, one.statistic: -1})
            for some in self.relations.apart:
                if some[0] == indicator and one.base_statistic >= 0:
                    told = [self.cells.get((*place, name, ALL, group)) for name in some]
                    if all(told) and len({other.base_statistic for other in told}) == 1:
                        terms = {other.statistic: -1.0 for other in told}
                        self._rest(("apart", *sorted(terms)), {one.base_statistic: 1, **terms})

    def _larger_bases(self) -> None:
        for (*place, name, group), one in list(self.bases.items()):
            for base, larger in self.relations.within:
                other = self._base_named(place, larger, group) if base == name else None
                if other is not None and other != one:
                    self._rest(("base within", one, other), {other: 1, one: -1})

    def _pooled_bases(self) -> None:
        """A base of several years is the sum of those of its years, where all are told."""
        for (code, day, name, group), whole in list(self.bases.items()):
            for base, of, years in self.relations.pooled[["base", "of", "years"]].to_numpy().tolist():
                if base == name:
                    days = [day - pd.DateOffset(years=back) for back in range(years)]
                    parts = [self.bases.get((code, one, of, group)) for one in days]
                    if None not in parts:
                        self._sum(parts, whole)

    def _base_named(self, place: Place | list, name: str, group: Group) -> int | None:
        """Find a base: where some row is a share of it, or where an indicator counts it."""
        counted = self.cells.get((*place, self.relations.counted_by.get(name, ""), ALL, group))
        return counted.statistic if counted is not None else self.bases.get((*place, name, group))

    def _rests(self) -> None:
        """Sums over indicators and bases that count children themselves, as codelists/rests.csv tells them."""
        groups = sorted({(row.place, row.group) for row in self.rows})
        for name, lines in self.relations.rests.groupby("rest", sort=False):
            terms = lines[["indicator", "base", "sign"]].to_numpy().tolist()
            for place, group in groups:
                found = {self._term(place, group, *told): float(sign) for *told, sign in terms}
                if None not in found and len(found) == len(terms):
                    self._rest((name, *found), found)

    def _term(self, place: Place, group: Group, indicator: str, base: str) -> int | None:
        if not indicator:
            return self._base_named(place, base, group)
        row = self.cells.get((*place, indicator, ALL, group))
        return row.statistic if row else None


def _is_whole(row: _Row) -> bool:
    return row.group == EVERYONE and row.category == ALL


def _weight(row: _Row) -> float:
    """Weigh what is lost when a row is hidden: large numbers, totals and what a briefing is about weigh more."""
    plain = 4.0 if row.number == 0 else 1 + log(1 + (0 if isnan(row.number) else row.number))
    total = 5.0 if _is_whole(row) else 1.0
    return plain * total * HEADLINE.get(row.indicator, 1.0)
