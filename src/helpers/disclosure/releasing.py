"""The one released table: the counts that may leave the building, with what could tell of a child hidden.

Small numbers first (counts, complements and differences of 1 to the limit; groups that are in one sensitive category
to the last child; means of few). Then, over all rows at once, what would give them away (suppress.py). A breakdown of
which more than a quarter would be hidden is left out whole. At the end what is about to leave is looked at once more as
a reader would, from the shown numbers alone; if anything can be worked out, nothing is released.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.disclosure import attack
from helpers.disclosure.profiles import find_profile
from helpers.disclosure.relations import ALL, PARTS, Relations
from helpers.disclosure.statistics import LEFT_OUT, TOLD, Release, release_system
from helpers.disclosure.suppress import protect
from helpers.disclosure.system import Flags, Floats, System
from helpers.errors import LeakError

TOO_MUCH_HIDDEN = 0.25


def release(
    counts: pd.DataFrame,
    relations: Relations,
    *,
    profile: str = "la-1-5",
    is_own: bool = True,
    kept_whole: pd.Series | None = None,
) -> pd.DataFrame:
    """Give the counts that may leave the building: the same rows, with numbers that could tell of a child hidden.

    counts: contract schemas.Counts, all rows of one borough that a reader will see; a value its source suppressed
        stays suppressed. Columns already_out, need_low and need_high as statistics.release_system takes them
    relations: what the statistics have to do with each other
    is_own: the council's own counts; where not, a publisher's, which need not add up
    kept_whole: rows that are never left out as a breakdown with too much hidden
    returns: the same rows and columns; hidden ones have a missing numerator and status 'suppressed', and their base is
        missing where it is hidden too
    raises: InputError for an unknown profile; LeakError where what is left would still give a number away
    source: the house rule; secondary suppression after Fischetti and Salazar, audited in whole numbers
    """
    limit = find_profile(profile).limit
    if not limit or counts.empty:
        return counts
    index, counts = counts.index, counts.reset_index(drop=True)
    kept = np.zeros(len(counts), dtype=bool) if kept_whole is None else kept_whole.to_numpy()
    left_out = np.zeros(len(counts), dtype=bool)
    if is_own:
        left_out = _ages_told(counts, _left_out(counts, kept, relations, limit), relations)
    made, hidden = _protected_without(counts, left_out, relations, limit, is_own=is_own)
    tables = _breakdowns(counts, relations, kept | left_out)
    more = _rows_left_out(counts, made, hidden, tables) if is_own else left_out
    if is_own and (more & ~left_out).any():
        left_out = left_out | more
        made, hidden = _protected_without(counts, left_out, relations, limit, is_own=is_own)
    released = _masked(counts, made, hidden, left_out)
    _look_again(released, relations, limit=limit, is_own=is_own, exposed=_rows_exposed(made))
    return released.set_axis(index)


def _ages_told(counts: pd.DataFrame, left_out: Flags, relations: Relations) -> Flags:
    """Tell wider age bands in the place of their parts where the breakdown would be left out, and nowhere else."""
    is_wide = counts["age_band"].isin(relations.wider_ages)
    parts = [band for bands in relations.wider_ages.values() for band in bands]
    by_age = counts["age_band"].ne(ALL) & counts[["category", "ethnic_group", "gender"]].eq(ALL).all(axis=1)
    gone = counts["indicator"].isin(counts.loc[is_wide, "indicator"]) & by_age & left_out & ~is_wide
    told = by_age & counts["indicator"].isin(counts.loc[gone, "indicator"]) & ~counts["age_band"].isin(parts)
    told &= ~counts["age_band"].isin(relations.age_parents)
    return ((left_out | is_wide) & ~told).to_numpy()


def _left_out(counts: pd.DataFrame, kept: Flags, relations: Relations, limit: int) -> Flags:
    """Tell the rows of breakdowns of which too much would be hidden.

    Finer ones by their small numbers alone, the others by what protecting them by themselves would hide
    """
    looked_at = ~(kept | counts["age_band"].isin(relations.wider_ages).to_numpy())
    plain = counts[looked_at].reset_index(drop=True)
    tables = _breakdowns(plain, relations, np.zeros(len(plain), dtype=bool))
    made = release_system(plain, relations, limit=limit)
    left_out = _rows_left_out(plain, made, made.system.withheld, tables[tables["finer"]])
    made, hidden = _protected_without(plain, left_out, relations, limit, is_own=True, uniform=False)
    found = np.zeros(len(counts), dtype=bool)
    found[looked_at] = left_out | _rows_left_out(plain, made, hidden, tables)
    return found


def _protected_without(
    counts: pd.DataFrame, left_out: Flags, relations: Relations, limit: int, *, is_own: bool, uniform: bool = True
) -> tuple[Release, Flags]:
    """Leave rows out, and protect what is left."""
    without = counts.assign(status=counts["status"].mask(left_out, LEFT_OUT))
    made = release_system(without, relations, limit=limit, is_own=is_own)
    return made, protect(_already_exposed(made.system), optimum=False, uniform=uniform, limit=limit).hidden


def _already_exposed(system: System) -> System:
    """Take away the needs that nothing can meet any more: what earlier editions have told cannot be taken back."""
    if not system.locked.any():
        return system
    exposed = attack.unsafe(system, system.withheld | system.may_hide)
    return system.with_needs(np.where(exposed, np.nan, system.need_low), np.where(exposed, np.nan, system.need_high))


def _rows_exposed(made: Release) -> Flags:
    """Tell the rows that a reader of earlier editions could narrow whatever is hidden now."""
    system = made.system
    if not system.locked.any():
        return made.of_rows(np.zeros(system.size, dtype=bool))
    unseen = system.offered & ~system.locked
    low = np.where(unseen, np.fmin(system.need_low, 1), system.need_low)
    asked = system.with_needs(np.where(unseen & np.isnan(low), 1.0, low), system.need_high)
    return made.of_rows(attack.unsafe(asked, system.withheld | system.may_hide))


def _masked(counts: pd.DataFrame, made: Release, hidden: Flags, left_out: Flags) -> pd.DataFrame:
    told = counts["status"].isin(TOLD)
    is_hidden = told & (left_out | ((made.numerators >= 0) & hidden[made.numerators]))
    base_hidden = told & (left_out | ((made.bases >= 0) & hidden[made.bases]))
    return counts.assign(
        numerator=counts["numerator"].mask(is_hidden),
        denominator=counts["denominator"].mask(base_hidden),
        status=counts["status"].mask(is_hidden, "suppressed"),
    )


# --- breakdowns with too much hidden --------------------------------------------------------------------------------


def _breakdowns(counts: pd.DataFrame, relations: Relations, kept: Flags) -> pd.DataFrame:
    """Give for each row of a breakdown its table, told by the indicator and what varies; children of no known group
    are no cell of it.
    """
    varies = pd.DataFrame({name: counts[name] != ALL for name in PARTS})
    finer = counts["ethnic_group"].isin(relations.parents) & ~counts["ethnic_group"].isin(relations.parents.values())
    finer |= counts["age_band"].isin(relations.age_parents)
    table = counts["borough_code"] + "/" + counts["indicator"] + "/" + finer.astype(str)
    for name in PARTS:
        table = table + "/" + varies[name].map({True: name, False: ""})
    is_cell = varies.any(axis=1) & counts["status"].isin(TOLD) & ~kept
    return pd.DataFrame({"table": table, "finer": finer, "counts": counts["ethnic_group"] != "Unknown"})[is_cell]


def _rows_left_out(counts: pd.DataFrame, made: Release, hidden: Flags, tables: pd.DataFrame) -> Flags:
    """Tell the rows of the breakdowns of which more than a quarter is hidden."""
    is_hidden = pd.Series((made.numerators >= 0) & hidden[made.numerators], index=counts.index)
    share = is_hidden[tables.index].where(tables["counts"]).astype(float).groupby(tables["table"]).mean()
    out = np.zeros(len(counts), dtype=bool)
    out[tables.index[tables["table"].map(share) > TOO_MUCH_HIDDEN]] = True
    return out


# --- the last look --------------------------------------------------------------------------------------------------


def _look_again(
    released: pd.DataFrame, relations: Relations, *, limit: int, is_own: bool, exposed: Flags | bool = False
) -> None:
    """Build the equations anew from the released rows alone and refuse them if a hidden number can be narrowed.

    exposed: rows that earlier editions have given away; nothing can take that back
    """
    found = leaks(released, relations, limit=limit, is_own=is_own) & ~np.asarray(exposed)
    if found.any():
        raise LeakError(
            f"{int(found.sum())} hidden numbers could be narrowed to fewer than 1 to {limit} from what would be shown. "
            f"This is a fault of the program, not of the return. Nothing was written."
        )


def leaks(released: pd.DataFrame, relations: Relations, *, limit: int, is_own: bool = True) -> pd.Series:
    """Tell which rows of a released table are hidden and can be narrowed by a reader who sees nothing else.

    released: rows as released, of any boroughs and days
    returns: flags, one for each row. A hidden count that may be small must be able to be 1 or less, and limit or more
    """
    return pd.Series(_Reader.of(released, relations, limit, is_own).narrow(), index=released.index)


@dataclass(frozen=True)
class Reading:
    """What a reader makes of each row: it lies between low and high; narrow: it may be small, and is told too well."""

    low: Floats
    high: Floats
    narrow: Flags


def read_as_a_reader(released: pd.DataFrame, relations: Relations, *, limit: int, is_own: bool = True) -> Reading:
    """Give the exact bounds of every row from the shown rows alone; for rows that are shown, their number."""
    reader = _Reader.of(released, relations, limit, is_own)
    seen = attack.bounds(reader.made.system, reader.made.system.withheld, wanted=reader.unsure)
    rows, there = reader.made.numerators, reader.made.numerators >= 0
    low, high = np.where(there, seen.low[rows], np.nan), np.where(there, seen.high[rows], np.nan)
    narrow = reader.unsure & (seen.low <= limit) & (seen.high >= 1) & ((seen.low > 1) | (seen.high < limit))
    return Reading(low, high, reader.made.of_rows(narrow))


@dataclass(frozen=True)
class _Reader:
    """Sees the released rows alone; unsure: statistics that are hidden and could be small."""

    made: Release
    unsure: Flags
    limit: int

    @classmethod
    def of(cls, released: pd.DataFrame, relations: Relations, limit: int, is_own: bool) -> _Reader:
        made = release_system(released, relations, limit=limit, is_own=is_own)
        unsure = made.system.offered & np.isnan(made.system.value) & ~np.isnan(made.system.need_high)
        return cls(made, unsure, limit)

    def narrow(self) -> Flags:
        system = self.made.system
        low, high = np.where(self.unsure, 1.0, np.nan), np.where(self.unsure, float(self.limit), np.nan)
        found = attack.unsafe(system.with_needs(low, high), system.withheld)
        if found.any():  # what cannot be 1 to 5 tells of no child
            seen = attack.bounds(system, system.withheld, wanted=found)
            found &= (seen.low <= self.limit) & (seen.high >= 1)
        return self.made.of_rows(found)
