"""Each group's own share of a measure: what of it may leave the building beside what is released already.

A share of a group is two numbers: how many of the group, of how many. Hidden are a number, or the rest of its base, of
1 to the limit; a group that is in one category to the last child, where the measure is sensitive; a group whose base is
hidden; and every group where the measure's whole is. Bases are measures too: children in care for a year are a part of
those in care, and a difference of 1 to the limit between the two is as small a number as any. Of each line, further
groups are hidden until no small number can be found from the rest (slack.py). Two measures of which a child is in one
at most, or of which one is a part of the other (apart.csv), are told together only where what is left is not small.
What lines.py released stays as it is: here rows are only added, and the ones that would give something away are not.

Left for a solver over the whole release (and why it may show more): a group is hidden with all that follows from it,
where hiding another row might do; numbers are moved along one line at a time, with the other measures held still.
And what it alone can find: sums of three numbers and more of different bases or days (those who came in the year, less
those in care, and those in care for a year, leave those who came and went), and earlier editions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

import numpy as np
import pandas as pd

from helpers.disclosure.lines import ALL, SHOWN, SMALLEST
from helpers.disclosure.slack import Flags, Floats, Line, is_protected, is_small, protect
from helpers.errors import InputError

DIMENSIONS = ("ethnic_group", "gender", "age_band")


@dataclass(frozen=True)
class Rules:
    """What the measures have to do with each other.

    measures: one row per measure: indicator, base, sensitive ('all', 'none' or blank)
    bases: one row per base: base, counted_by (the indicator whose groups are its numbers, or blank), within (the bases
        it is a part of, joined by |)
    apart: one row per pair: indicator, told_with (the measure told before it), how ('apart' or 'within')
    """

    measures: pd.DataFrame
    bases: pd.DataFrame
    apart: pd.DataFrame

    @cached_property
    def links(self) -> dict[str, dict[str, str]]:
        """Give for each measure those it is told with, and how; the order is that in which measures are decided."""
        told: dict[str, dict[str, str]] = {key: {} for key in self.measures["indicator"]}
        for row in self.apart.itertuples():
            if row.indicator in told:
                told[row.indicator][row.told_with] = row.how
        return dict(sorted(told.items(), key=lambda one: len(one[1])))

    @cached_property
    def base_of(self) -> dict[str, str]:
        return dict(zip(self.measures["indicator"], self.measures["base"], strict=True))

    @cached_property
    def tells(self) -> dict[str, str]:
        return dict(zip(self.measures["indicator"], self.measures["sensitive"], strict=True))

    @cached_property
    def told_bases(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Give for each base the indicator that counts its groups (or a blank) and the bases that it is a part of."""
        once = self.bases.drop_duplicates("base")
        return {row.base: (row.counted_by, tuple(filter(None, row.within.split("|")))) for row in once.itertuples()}


def release_group_shares(rows: pd.DataFrame, released: pd.DataFrame, *, profile: str, rules: Rules) -> pd.DataFrame:
    """Give the shares of groups that may be released: the same rows, with numbers that could tell of a child hidden.

    rows: contract schemas.Counts, of the measures in `rules` only, one of ethnic_group, gender and age_band filled
    released: what `release` gives of the same borough: the wholes of the measures and the counts of groups
    returns: the same rows and columns; hidden ones have no numerator, status 'suppressed', and their base only where it
        is itself a released count of that group
    raises: InputError for an unknown profile
    source: section 2 of the house rule: counts, complements and differences of 1 to 5, and groups in one category
    """
    if profile not in SMALLEST:
        raise InputError(f"disclosure {profile!r} is not a profile. Choose one of: {', '.join(SMALLEST)}.")
    limit = SMALLEST[profile]
    if rows.empty or not limit:
        return rows
    hidden, base_hidden = pd.Series(True, index=rows.index), pd.Series(True, index=rows.index)
    wholes = released[(released[["category", *DIMENSIONS]] == ALL).all(axis=1)]
    for dimension in DIMENSIONS:
        others = [name for name in DIMENSIONS if name != dimension]
        own = rows[(rows[dimension] != ALL) & (rows[others] == ALL).all(axis=1)]
        counted = released[(released[others] == ALL).all(axis=1) & (released[dimension] != ALL)]
        for place, part in own.groupby(["borough_code", "period_end"], sort=False):
            here = _Day(part, dimension, _at(wholes, place), _at(counted, place), rules, limit)
            hidden[part.index], base_hidden[part.index] = here.decide()
    numerators = rows["numerator"].mask(hidden)
    return rows.assign(
        numerator=numerators,
        denominator=rows["denominator"].mask(base_hidden),
        status=rows["status"].mask(hidden & rows["numerator"].notna(), "suppressed"),
    )


def _at(rows: pd.DataFrame, place: tuple[str, pd.Timestamp]) -> pd.DataFrame:
    return rows[(rows["borough_code"] == place[0]) & (rows["period_end"] == place[1])]


@dataclass
class _Base:
    """A base over the groups: how many children, in all, and which groups' numbers are hidden."""

    count: Floats
    total: float
    hidden: Flags
    is_counted: bool


@dataclass
class _Day:
    """One dimension of one borough on one day. The last group stands for children of no group that is told."""

    rows: pd.DataFrame
    dimension: str
    wholes: pd.DataFrame
    counted: pd.DataFrame
    rules: Rules
    limit: int
    counts: dict[str, Floats] = field(default_factory=dict)
    hidden: dict[str, Flags] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    shut: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.groups = sorted(self.rows[self.dimension].unique())
        self.place = {group: number for number, group in enumerate(self.groups)}
        self.numbers, self.bases_of = self._laid_out("numerator"), self._laid_out("denominator")
        whole = self.wholes.drop_duplicates("indicator")
        shown = whole["numerator"].where(whole["status"].isin(SHOWN))
        self.whole = dict(zip(whole["indicator"], shown, strict=True))
        self.whole_base = dict(zip(whole["indicator"], whole["denominator"], strict=True))

    def _laid_out(self, column: str) -> dict[str, Floats]:
        laid = {key: np.full(len(self.groups), np.nan) for key in self.rows["indicator"].unique()}
        for key, group, number in zip(
            self.rows["indicator"], self.rows[self.dimension], self.rows[column], strict=True
        ):
            laid[key][self.place[group]] = number
        return laid

    def decide(self) -> tuple[Flags, Flags]:
        """Tell for each row whether its share is hidden, and whether its base is."""
        bases = self._bases()
        for key, numbers in self.numbers.items():
            rest = self.whole.get(key, np.nan) - np.nansum(numbers)
            self.counts[key] = np.append(np.nan_to_num(numbers), np.nan_to_num(rest))
        for key in self.rules.links:
            if key in self.numbers:
                self.hidden[key] = self._measure(key, bases[self.rules.base_of[key]])
        self._hide_what_follows()
        cells = [(key, self.place[group]) for key, group in self.rows[["indicator", self.dimension]].to_numpy()]
        share = [bool(self.hidden[key][group]) for key, group in cells]
        told = [bases[self.rules.base_of[key]] for key, _ in cells]
        base = [
            bool(one.hidden[group]) if one.is_counted else hides
            for one, (_, group), hides in zip(told, cells, share, strict=True)
        ]
        return np.array(share), np.array(base)

    def _hide_what_follows(self) -> None:
        """Hide the measures of bases that were closed, and the parts of measures that were hidden after them."""
        for name, (_, within) in self.rules.told_bases.items():
            if self.closed & {name, *within}:
                self.closed.add(name)
        for key, hidden in self.hidden.items():
            if self.rules.base_of[key] in self.closed:
                hidden[:] = True
            for other, how in self.rules.links[key].items():
                if how == "within" and other in self.hidden:
                    hidden |= self.hidden[other]

    # --- bases ----------------------------------------------------------------------------------------------------

    def _bases(self) -> dict[str, _Base]:
        found: dict[str, _Base] = {}
        for name, (counted_by, within) in self.rules.told_bases.items():
            keys = [key for key in self.bases_of if self.rules.base_of[key] == name]
            if keys:
                found[name] = self._base(keys, counted_by, [found[parent] for parent in within if parent in found])
        return found

    def _base(self, keys: list[str], counted_by: str, parents: list[_Base]) -> _Base:
        told = [np.nan_to_num(self.bases_of[key]) for key in keys]
        wholes = [self.whole_base.get(key, np.nan) for key in keys]
        total = next((whole for whole in wholes if whole == whole), np.nan)
        count = np.append(told[0], total - told[0].sum())
        everything = _Base(count, total, count > 0, bool(counted_by))
        differ = any((other != told[0]).any() for other in told) or any(w != total for w in wholes if w == w)
        if differ or not total > self.limit or count[-1] < 0:
            return everything
        if counted_by:
            return self._counted(everything, counted_by)
        hidden = (count > 0) & (np.arange(len(count)) == len(count) - 1)
        rests = []
        for parent in parents:
            if is_small(np.array([parent.total - total]), self.limit)[0]:
                return everything
            hidden = hidden | parent.hidden
            rests.append(parent.count - count)
        room = np.minimum.reduce([np.maximum(rest, 0) for rest in rests]) if rests else None
        line = Line(count, count > 0, tuple(np.abs(rest) for rest in rests), room=room, least=1)
        return _Base(count, total, protect(line, hidden, self.limit), False)

    def _counted(self, base: _Base, counted_by: str) -> _Base:
        """A base whose numbers are released counts: what they hide is hidden, and all of it where that is not safe."""
        rows = self.counted[(self.counted["indicator"] == counted_by) & (self.counted["category"] == ALL)]
        numbers = rows.set_index(self.dimension)["numerator"].reindex(self.groups).to_numpy(float)
        hidden = np.append(np.isnan(numbers), True) & (base.count > 0)
        shown = ~hidden[:-1] & (base.count[:-1] > 0)
        line = Line(base.count, base.count > 0, least=1)
        agrees = (numbers[shown] == base.count[:-1][shown]).all()
        if not agrees or (protect(line, hidden, self.limit) != hidden).any():
            return base
        return _Base(base.count, base.total, hidden, True)

    # --- measures -------------------------------------------------------------------------------------------------

    def _measure(self, key: str, base: _Base) -> Flags:
        """Hide groups of one measure: all of them where its whole is hidden or not told, or nothing less is safe.

        Where even that is not, because a measure that it is told with leaves too little, that one is hidden too; and
        where the numbers of the base do it, and are told nowhere else, every measure of that base.
        """
        numbers, count = self.numbers[key], self.counts[key]
        if not count[-1] >= 0 or np.isnan(self.whole.get(key, np.nan)) or np.isnan(numbers[base.count[:-1] > 0]).any():
            return np.ones(len(count), dtype=bool)
        line, outer = self._line(key, base)
        hidden = protect(line, base.hidden | outer, self.limit)
        if key in self.shut or not is_protected(line, hidden, self.limit):
            return self._shut(key, base)
        return hidden

    def _shut(self, key: str, base: _Base) -> Flags:
        """Hide a measure whole, with those that leave too little of it; with its base, where that alone tells it."""
        count, everything = self.counts[key], np.ones(len(self.counts[key]), dtype=bool)
        for other in self._linked(key):
            self.shut.add(other)
            if other in self.hidden:
                self.hidden[other] = everything.copy()
        rest = base.count - count
        alone = Line(count, base.count > 0, (rest,), room=np.maximum(rest, 0), **self._tells(key))
        if not base.is_counted and not is_protected(alone, everything, self.limit):
            self.closed.add(self.rules.base_of[key])
        return everything

    def _tells(self, key: str) -> dict[str, bool]:
        return {"all_tell": self.rules.tells[key] == "all", "none_tell": self.rules.tells[key] == "none"}

    def _line(self, key: str, base: _Base) -> tuple[Line, Flags]:
        """Give the measure's line, and the groups for which the measure that it is a part of is hidden: so is it.

        What the measures told after it leave counts too: they may be shown where it is not.
        """
        count, links = self.counts[key], self._linked(key)
        within = [self.counts[other] - count for other, how in links.items() if how == "within"]
        holds = [count - self.counts[other] for other, how in links.items() if how == "holds"]
        left = {
            others: base.count - count - sum(self.counts[other] for other in others)
            for others in _subsets([other for other, how in links.items() if how == "apart"])
        }
        decided = {other: how for other, how in self.rules.links[key].items() if other in self.hidden}
        outer = np.zeros(len(count), dtype=bool)
        seen = [base.count - count]
        for other in (other for other, how in decided.items() if how == "within"):
            outer |= self.hidden[other]
            seen.append(np.where(self.hidden[other], np.nan, np.abs(self.counts[other] - count)))
        for others in _subsets([other for other, how in decided.items() if how == "apart"]):
            unseen = base.hidden | np.any([self.hidden[other] for other in others], axis=0)
            seen.append(np.where(unseen, np.nan, left[others]))
        line = Line(
            count,
            base.count > 0,
            rests=tuple(seen),
            inner=tuple(holds),
            outer=(*within, *left.values()),
            give=np.maximum(np.minimum.reduce([count, *holds]), 0),
            room=np.maximum(np.minimum.reduce([base.count - count, *within, *left.values()]), 0),
            **self._tells(key),
        )
        return line, outer

    def _linked(self, key: str) -> dict[str, str]:
        """Give all measures that one has to do with: apart from it, those it is within, those that it holds."""
        found = {other: how for other, how in self.rules.links[key].items() if other in self.counts}
        for other in self.counts:
            if how := self.rules.links[other].get(key):
                found[other] = "holds" if how == "within" else how
        return found


def _subsets(names: list[str]) -> list[tuple[str, ...]]:
    return [some for size in range(1, len(names) + 1) for some in combinations(names, size)]
