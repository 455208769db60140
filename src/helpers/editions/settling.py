"""What a later edition may tell beside the earlier ones. Arithmetic on frames: opens no file.

Two editions side by side tell the difference of every number that stands in both. A difference of 1 to 5 is a small
number like any other (specification of disclosure control, house rules 6 to 9), so no statistic may ever be shown with
two numbers that differ by so few, in whatever two editions.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from helpers.codes import ALL
from helpers.schemas import KEY, Counts, check, columns_of
from helpers.schemas.editions import EarlierFigures, Revisions, Settled

RATE_UNIT = "children per 10,000"
"""Unit whose base is a published population: its revisions are news of the statisticians, not of children in care."""

DECIMALS = 6
"""Sums of points carry the binary dust of their adding up; a published file does not."""

DIMENSIONS = ["category", "ethnic_group", "gender", "age_band"]
TOLD = ["last_number", "last_base", "last_shown", "numbers", "bases", "rests"]
FLAGS = ["already_out", "hidden_before", "as_published", "must_hide", "base_changed_by_few"]


def put_together(editions: Mapping[int, pd.DataFrame]) -> pd.DataFrame:
    """Give every statistic that the editions of one borough told, with all numbers that readers may hold.

    editions: sequence -> contract schemas PublishedFigures, oldest first
    returns: contract EarlierFigures, in order of key
    """
    rows = pd.concat([table.assign(edition=number) for number, table in editions.items()], ignore_index=True)
    rows["numerator"] = rows["numerator"].round(DECIMALS)
    rows["row"] = rows.groupby(KEY, sort=False).ngroup()
    latest = rows.drop_duplicates("row", keep="last").set_index("row")
    newest_of_day = latest["period_end"].map(rows.groupby("period_end")["edition"].max())
    shown = rows[rows["numerator"].notna()].groupby("row")
    told = latest.drop(columns="edition").assign(
        stands=latest["edition"].eq(newest_of_day),
        last_number=shown["numerator"].last(),
        last_base=rows[rows["denominator"].notna()].groupby("row")["denominator"].last(),
        first_shown=shown["edition"].min().astype("Int64"),
        last_shown=shown["edition"].max().astype("Int64"),
        numbers=_ever(rows["row"], rows["numerator"], latest.index),
        bases=_ever(rows["row"], rows["denominator"], latest.index),
        rests=_ever(rows["row"], rows["denominator"] - rows["numerator"], latest.index),
    )
    return check(told.sort_values(KEY), EarlierFigures, source="the ledger of editions")


def _ever(row: pd.Series, value: pd.Series, every_row: pd.Index) -> pd.Series:
    """Give the different values of each row as a tuple, in the order in which they were told."""
    values = pd.DataFrame({"row": row, "value": value}).dropna().drop_duplicates()
    found = values.groupby("row")["value"].agg(tuple).reindex(every_row)
    return found.map(lambda one: one if isinstance(one, tuple) else ()).astype(object)


def settle(
    counts: pd.DataFrame, earlier: pd.DataFrame | None, *, limit: int, means: Collection[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Hold the counts against what is already out, before disclosure control; give them and the list of revisions.

    Only the borough that `earlier` tells of is held; London and England are DfE's to revise. Of each of its days:

    1. Every number that the latest edition of the day shows is the number now: the counts stand, `already_out`.
    2. Numbers moved, none by more than `limit`: the whole day stays as the latest edition told it. Its rows are
       those of that edition, and what it hid or had not got is not told now either. Showing the correction would
       tell of 1 to 5 children, and showing half of it would contradict itself. Of a statistic that the edition had
       not got, the total stays as a hidden row; its parts go, because which parts there are tells of few children.
       A day that drifts by steps is told anew once some number is further than `limit` from the one that is out.
    3. Some number moved by more (a revision): the counts stand. A number within `limit` of one that was ever shown,
       and not itself shown before, gets `must_hide` and the window need_low to need_high: old + 1 to old + limit if
       it rose, old - limit (at least 0) to old - 1 if it fell, the widest over all old numbers. Its status is
       untouched. The rest of the released table must not narrow the window; that is for disclosure control.

    A base counts as a statistic: `base_changed_by_few` says that the denominator must not be told, though the number
    may be. So does what is left of a base: where number and base both moved further and the rest by few, the number
    must be hidden (or the base, where the number is already out). The base of a rate is a population and counts for
    nothing here. The sum behind a mean is not children: while its base moves by `limit` or less, any other sum tells
    of those few, so the mean must be hidden. A row that is gone while its indicator is still counted counts as 0.
    In days of kind 1 the windows of kind 3 hold as well, because an edition before the latest may have shown more.

    counts: contract schemas.Counts; earlier: contract EarlierFigures of one borough, or None before the first edition
    limit: the largest number that is small (of the profile); means: units whose numerator is a sum, no children
    returns: (contract Settled, in order of key; contract Revisions)
    source: house rules 7 and 9 of the specification of disclosure control
    """
    plain = counts.assign(**dict.fromkeys(FLAGS, False), need_low=float("nan"), need_high=float("nan"))
    if earlier is None:
        return check(plain.sort_values(KEY), Settled, source="counts"), _listed(None)
    own = counts["borough_code"].isin(earlier["borough_code"])
    held = _held_against(counts[own], earlier, limit, means)
    standing = held[held["there_now"] & ~held["as_published"]]
    kept = held.loc[held["as_published"], "period_end"].unique()
    parts = [plain[~own], standing[columns_of(Settled)], _as_published(earlier, counts[own], kept)]
    parts = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return check(parts.sort_values(KEY), Settled, source="counts"), _listed(held)


def revisions(counts: pd.DataFrame, earlier: pd.DataFrame, *, limit: int, means: Collection[str]) -> pd.DataFrame:
    """Give the statistics that were shown with another number, or on another base, than counted now.

    counts, earlier, limit, means: as in settle
    returns: contract Revisions; a statistic whose source hides it now is not listed, nor a new population of a rate
    """
    own = counts[counts["borough_code"].isin(earlier["borough_code"])]
    return _listed(_held_against(own, earlier, limit, means))


def _held_against(own: pd.DataFrame, earlier: pd.DataFrame, limit: int, means: Collection[str]) -> pd.DataFrame:
    """Put what is counted now beside what was told, a row per key of either, and weigh every row and day."""
    both = _side_by_side(own, earlier, means)
    mean, rate = both["unit"].isin(means), both["unit"].eq(RATE_UNIT)
    largest = _moved(both, mean, rate).groupby(both["period_end"]).transform("max")
    both["as_published"] = largest.gt(0) & largest.le(limit)
    number, base = both["number_now"], both["base_now"]
    near = _near(number.mask(mean), both["numbers"], limit)
    near_base = _near(base.mask(rate), both["bases"], limit)["low"].notna()
    same_number, same_base = number.eq(both["last_number"]), base.eq(both["last_base"])
    near_rest = _near((base - number).mask(mean | rate), both["rests"], limit)["low"].notna()
    few_behind = near_base | _is_one_of(base, both["bases"])
    mean_of_few = mean & few_behind & both["last_number"].notna() & number.notna() & ~(same_number & same_base)
    both["already_out"] = same_number & (same_base | ~mean)
    both["must_hide"] = near["low"].notna() | mean_of_few | (near_rest & ~near_base & ~same_number)
    both["base_changed_by_few"] = near_base | (near_rest & same_number)
    both["hidden_before"] = both["status_then"].eq("suppressed")
    return both.assign(need_low=near["low"], need_high=near["high"])


def _side_by_side(own: pd.DataFrame, earlier: pd.DataFrame, means: Collection[str]) -> pd.DataFrame:
    then = earlier[earlier["period_end"].isin(own["period_end"])]
    then = then[[*KEY, *TOLD]].assign(
        number_standing=then["numerator"].where(then["stands"]),
        base_standing=then["denominator"].where(then["stands"]),
        status_then=then["status"],
        unit_then=then["unit"],
    )
    both = own.merge(then, on=KEY, how="outer", indicator="where")
    both["there_now"] = both.pop("where").ne("right_only")
    for column in ("numbers", "bases", "rests"):
        both[column] = both[column].map(lambda one: one if isinstance(one, tuple) else ()).astype(object)
    both["unit"] = both["unit"].fillna(both.pop("unit_then"))
    # No row is no child, where the same indicator is counted on that day at all.
    counted = own[own["numerator"].notna()].set_index(["period_end", "indicator"]).index
    gone = ~both["there_now"] & both.set_index(["period_end", "indicator"]).index.isin(counted)
    number = both["numerator"].mask(gone & ~both["unit"].isin(means), 0.0)
    return both.assign(number_now=number.round(DECIMALS), base_now=both["denominator"])


def _moved(both: pd.DataFrame, mean: pd.Series, rate: pd.Series) -> pd.Series:
    """How many children each row moved by since the latest edition of its day; 0 where that is not known."""
    number = (both["number_now"] - both["number_standing"]).abs()
    base = (both["base_now"] - both["base_standing"]).abs().mask(rate)
    rest_now = both["base_now"] - both["number_now"]
    rest = (rest_now - (both["base_standing"] - both["number_standing"])).abs().mask(mean | rate)
    number = number.mask(mean & number.gt(0), 1)  # days or points: of how many children, nobody can say
    return pd.concat([number, base, rest], axis=1).max(axis=1).fillna(0)


def _near(now: pd.Series, ever: pd.Series, limit: int) -> pd.DataFrame:
    """Give the window (low, high) of each number that is near an older one; missing where it is not, or is one."""
    pairs = pd.DataFrame({"now": now, "then": ever}).explode("then").astype(float).dropna()
    apart = pairs["now"] - pairs["then"]
    said = pairs.index[apart.eq(0)]
    few = apart.abs().le(limit) & ~pairs.index.isin(said)
    then, rose = pairs.loc[few, "then"], apart[few].gt(0)
    low = (then + 1).where(rose, (then - limit).clip(lower=0)).groupby(level=0).min()
    high = (then + limit).where(rose, then - 1).groupby(level=0).max()
    return pd.DataFrame({"low": low, "high": high}, dtype=float).reindex(now.index)


def _is_one_of(now: pd.Series, ever: pd.Series) -> pd.Series:
    pairs = pd.DataFrame({"now": now, "then": ever}).explode("then").astype(float)
    return pairs["now"].eq(pairs["then"]).groupby(level=0).any()


def _as_published(earlier: pd.DataFrame, own: pd.DataFrame, days: Collection) -> pd.DataFrame:
    """Give the rows of days that stay as the latest edition told them, with the totals that it had not got, hidden."""
    rows = earlier[earlier["stands"] & earlier["period_end"].isin(days)]
    there = rows.set_index(KEY).index
    new = own[own["period_end"].isin(days) & own[DIMENSIONS].eq(ALL).all(axis=1)]
    new = new[~new.set_index(KEY).index.isin(there)]
    new = new.assign(
        numerator=float("nan"),
        denominator=float("nan"),
        status=new["status"].replace({"shown": "suppressed", "provisional": "suppressed"}),
    )
    copy = pd.concat([rows[columns_of(Counts)], new], ignore_index=True)
    shown = copy["numerator"].notna()
    flags = {**dict.fromkeys(FLAGS, False), "already_out": shown, "as_published": True}
    flags["hidden_before"] = copy["status"].eq("suppressed")
    return copy.assign(**flags, need_low=float("nan"), need_high=float("nan"))


def _listed(held: pd.DataFrame | None) -> pd.DataFrame:
    if held is None:
        return pd.DataFrame({column: [] for column in columns_of(Revisions)}).pipe(check, Revisions, source="revisions")
    number_moved = held["number_now"].ne(held["last_number"])
    base_moved = held["base_now"].ne(held["last_base"]) & held["base_now"].notna() & held["last_base"].notna()
    listed = held["last_number"].notna() & held["number_now"].notna()
    rows = held[listed & (number_moved | (base_moved & held["unit"].ne(RATE_UNIT)))]
    hidden = rows["must_hide"] | rows["base_changed_by_few"]
    found = rows[KEY].assign(
        number_then=rows["last_number"],
        number_now=rows["number_now"],
        difference=rows["number_now"] - rows["last_number"],
        base_then=rows["last_base"],
        base_now=rows["base_now"],
        edition=rows["last_shown"].astype("int64"),
        treatment=hidden.map({True: "hidden", False: "revised"}).mask(rows["as_published"], "as published"),
    )
    return check(found.sort_values(KEY), Revisions, source="revisions")
