"""Several years of one borough as one history: what is told later counts, nothing is deleted, every change is logged.

An episode is known by child and first day. A later collection that tells it again replaces it whole, but for columns
that did not arrive there (attrs["absent"] of the typed table): of them nothing was told, and the earlier value stays.
An episode that no later collection tells again stays: closed ones are told once, in the year they end; one that was
open at the end of a collection should have been told again, and is marked (`end_not_told`). One that overlaps what a
later collection tells is marked too (`superseded`). No end date and no code is ever made up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.codes import load_codelist
from helpers.errors import ContractError

FILE, ROW = "_file", "_row"
LOG_COLUMNS = ("period", "file", "table", "row", "column", "from_period", "found", "put", "why")
ENDING = ("DEC", "REC", "REASON_PLACE_CHANGE")

CORRECTED = "The later collection tells it otherwise, and the later one counts."
ENDED_SINCE = "The episode was open at the end of the earlier collection and has ended since."
NOT_FILLED = "The later collection leaves it blank; the value told before is kept."
NOT_TOLD_AGAIN = (
    "The episode was open at the end of this collection and no later one tells it. It is kept and counts up to that "
    "day. Put the later return right: end the episode there, or carry it over."
)
SUPERSEDED = (
    "The episode overlaps one that a later collection tells of the same child. It is kept and marked, and the later "
    "collection counts. Put the earlier return right, or the later one."
)


class Linked(NamedTuple):
    """A borough's history and what linking found.

    rows: the table's columns, then told_on (last day of the latest collection that tells the row); for episodes also
        end_not_told and superseded
    log: LOG_COLUMNS; period, file and row are of the row that counts, from_period is the collection it differs from
    """

    rows: pd.DataFrame
    log: pd.DataFrame


def link_episodes(tables: Sequence[tuple[dt.date, pd.DataFrame]]) -> Linked:
    """Link one borough's episodes of several collections.

    tables: last day of the collection and its typed episodes (official columns, _file, _row), in any order
    returns: one row per child and first day (more where one collection tells more), in order of child, first day and
        place in the file; told_on, end_not_told and superseded added
    raises: ContractError where two tables are of one day, or CHILD or DECOM is blank
    """
    told = _stack(tables, ("CHILD", "DECOM"), "episodes")
    key = _key(told)
    told = _keep_what_did_not_arrive(told, key, tables)
    counts, log = _let_the_later_count(told, key, "episodes")
    latest = told["told_on"].max()
    counts["end_not_told"] = counts["DEC"].isna() & (counts["told_on"] < latest)
    counts["superseded"] = _overlaps_later_told(counts)
    marked = [
        _mark(counts[counts["end_not_told"]], "DEC", NOT_TOLD_AGAIN),
        _mark(counts[counts["superseded"]], "DECOM", SUPERSEDED),
    ]
    order = ["CHILD", "DECOM", "told_on", FILE, ROW]
    return Linked(counts.sort_values(order, kind="stable", ignore_index=True), _in_order([*log, *marked]))


def link_headers(tables: Sequence[tuple[dt.date, pd.DataFrame]]) -> Linked:
    """Link one borough's children of several collections: the later value of DOB, SEX and ETHNIC counts.

    A blank in a later collection is no value: the one told before is kept. 1 and M are one sex, so the change of codes
    in 2025 is no change. Of a changed date of birth the log says that it changed, never what it was.
    tables: as for link_episodes, typed header tables
    returns: one row per child
    raises: ContractError where two tables are of one day, or CHILD is blank
    """
    told = _stack(tables, ("CHILD",), "header")
    gender = load_codelist("gender").set_index("code")["label"]
    key = pd.factorize(told["CHILD"])[0]
    filled = told.copy()
    kept_values = []
    for column in ("DOB", "SEX", "ETHNIC"):
        filled[column] = told[column].groupby(key).ffill()
        refilled = told[column].isna() & filled[column].notna()
        before = told["told_on"].where(told[column].notna()).groupby(key).ffill()
        kept_values.append(_entries(told[refilled], column, before[refilled], NOT_FILLED, "header"))
    compared = filled.assign(SEX=filled["SEX"].map(gender).fillna(filled["SEX"]))
    _, log = _let_the_later_count(compared[["CHILD", "DOB", "SEX", "ETHNIC", FILE, ROW, "told_on"]], key, "header")
    latest = filled[~pd.Series(key).duplicated(keep="last").to_numpy()]
    return Linked(latest.sort_values("CHILD", kind="stable", ignore_index=True), _in_order([*log, *kept_values]))


def link_rows(tables: Sequence[tuple[dt.date, pd.DataFrame]], keys: Sequence[str], table: str) -> Linked:
    """Link the rows of any other table of several collections: the later telling of one key counts, whole.

    tables: as for link_episodes; table: its name in codelists/ssda903_tables.csv
    keys: columns that name one row; blank cells of two rows are the same
    returns: one row per key, in order of the keys, told_on added; columns that did not arrive keep what was told before
    raises: ContractError where two tables are of one day
    """
    told = _stack(tables, (), table)
    key = told.groupby(list(keys), dropna=False, sort=False).ngroup().to_numpy()
    told = _keep_what_did_not_arrive(told, key, tables)
    counts, log = _let_the_later_count(told, key, table)
    return Linked(counts.sort_values([*keys, FILE, ROW], kind="stable", ignore_index=True), _in_order(log))


def _stack(tables: Sequence[tuple[dt.date, pd.DataFrame]], needed: tuple[str, ...], name: str) -> pd.DataFrame:
    """Put the tables together, oldest first, each row with the last day of its collection."""
    days = [day for day, _ in tables]
    twice = sorted({day.isoformat() for day in days if days.count(day) > 1})
    if twice or not tables:
        found = f"two tables of {', '.join(twice)}" if twice else "no table"
        raise ContractError(f"{name}: {found}. Expected: one table for each collection.")
    told = pd.concat(
        [
            rows.assign(told_on=np.datetime64(day.isoformat(), "us"))
            for day, rows in sorted(tables, key=lambda one: one[0])
        ],
        ignore_index=True,
    )
    for column in needed:
        blank = int(told[column].isna().sum())
        if blank:
            raise ContractError(
                f"{name}, column {column}: {blank:,} rows are blank, and every row must be filled. "
                f"Set the rows aside when the return is cleaned."
            )
    return told


def _key(told: pd.DataFrame) -> NDArray[np.intp]:
    """Number the episodes: same child, same first day. Two in one collection are first and second of that day."""
    days = told["DECOM"].to_numpy("datetime64[D]").astype(np.int64)
    episode = pd.factorize(pd.factorize(told["CHILD"])[0].astype(np.int64) * 2**22 + days)[0]
    again = told.groupby([episode, "told_on"]).cumcount().to_numpy()
    return pd.factorize(episode * (int(again.max(initial=0)) + 1) + again)[0]


def _keep_what_did_not_arrive(
    told: pd.DataFrame, key: NDArray[np.intp], tables: Sequence[tuple[dt.date, pd.DataFrame]]
) -> pd.DataFrame:
    absent = {(column, day) for day, rows in tables for column in rows.attrs.get("absent", ())}
    kept = {}
    for column in sorted({column for column, _ in absent}):
        days = [np.datetime64(day.isoformat(), "us") for name, day in absent if name == column]
        kept[column] = told[column].where(~told["told_on"].isin(days), told[column].groupby(key).ffill())
    return told.assign(**kept)


def _let_the_later_count(
    told: pd.DataFrame, key: NDArray[np.intp], table: str
) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """Keep the last telling of each key, and log every value that differs between one telling and the next."""
    at = np.lexsort((np.arange(len(key)), key))
    follows = key[at][1:] == key[at][:-1]
    before, after = told.iloc[at[:-1][follows]], told.iloc[at[1:][follows]]
    log = []
    was_open = before["DEC"].isna().to_numpy() if "DEC" in told else np.zeros(len(before), dtype=bool)
    for column in told.columns.difference([FILE, ROW, "told_on"], sort=False):
        old, new = before[column].reset_index(drop=True), after[column].reset_index(drop=True)
        changed = (~((old == new) | (old.isna() & new.isna()))).to_numpy(bool)
        if not changed.any():
            continue
        ended = was_open[changed] & (column in ENDING) & old[changed].isna().to_numpy()
        why = np.where(ended, ENDED_SINCE, CORRECTED)
        later, from_day = after[changed], before["told_on"][changed]
        log.append(_entries(later, column, from_day, why, table, found=old[changed], put=new[changed]))
    last = np.append(~follows, True)[: len(key)]
    return told.iloc[np.sort(at[last])].copy(), log


def _overlaps_later_told(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Find rows that share a day with a row of the same child told later that is not itself overlapped by a later one.

    From the latest collection back: each is held against all that is told after it, by first days and the latest end
    so far, so the work grows with the rows and not with their pairs.
    """
    child = pd.factorize(rows["CHILD"])[0].astype(np.int64)
    start = rows["DECOM"].to_numpy("datetime64[D]")
    zero = start.min() if len(start) else np.datetime64("2000-01-01")
    # An open episode that was not told again is known to its collection's last day and no further.
    end = rows["DEC"].where(rows["DEC"].notna() | ~rows["end_not_told"], rows["told_on"])
    first = child * 2**22 + (start - zero).astype(np.int64)
    last_day = np.where(end.isna(), 2**21, (end.to_numpy("datetime64[D]") - zero).astype(np.int64))
    last = child * 2**22 + np.maximum(last_day, (start - zero).astype(np.int64))
    collection = rows["told_on"].to_numpy()
    superseded = np.zeros(len(rows), dtype=bool)
    for day in np.unique(collection)[-2::-1]:
        own = np.flatnonzero(collection == day)
        later = np.flatnonzero((collection > day) & ~superseded)
        later = later[np.argsort(first[later], kind="stable")]
        latest_end = np.maximum.accumulate(last[later])
        before = np.searchsorted(first[later], last[own], side="left") - 1
        superseded[own] = (before >= 0) & (latest_end[np.maximum(before, 0)] > first[own])
    return superseded


def _mark(rows: pd.DataFrame, column: str, why: str) -> pd.DataFrame:
    return _entries(rows, column, rows["told_on"], why, "episodes")


def _entries(
    rows: pd.DataFrame,
    column: str,
    from_day: pd.Series,
    why: str | NDArray,
    table: str,
    *,
    found: pd.Series | None = None,
    put: pd.Series | None = None,
) -> pd.DataFrame:
    """Write log lines for one column; values are shown only where they cannot point to a child or a home."""
    return pd.DataFrame(
        {
            "period": _iso(rows["told_on"]),
            "file": rows[FILE].to_numpy(),
            "table": table,
            "row": rows[ROW].to_numpy(),
            "column": column,
            "from_period": _iso(from_day),
            "found": _shown(found, column, len(rows)),
            "put": _shown(put, column, len(rows)),
            "why": why,
        }
    )


def _shown(values: pd.Series | None, column: str, size: int) -> NDArray[np.object_]:
    if values is None or column in _unshown():
        return np.full(size, "", dtype=object)
    text = _iso(values) if pd.api.types.is_datetime64_any_dtype(values) else values.astype(object).to_numpy()
    return np.where(pd.isna(values), "", text).astype(object)


@lru_cache
def _unshown() -> frozenset[str]:
    """Columns that may point to a child or a home: that they changed is logged, what they held is not."""
    spec = load_codelist("ssda903_tables")
    return frozenset({*spec.loc[spec["personal"] == "yes", "column"], "URN"})


def _iso(days: pd.Series) -> NDArray[np.object_]:
    return days.to_numpy("datetime64[D]").astype("U10").astype(object)


def _in_order(log: list[pd.DataFrame]) -> pd.DataFrame:
    entries = [part for part in log if len(part)]
    if not entries:
        return pd.DataFrame({column: pd.Series(dtype=object) for column in LOG_COLUMNS})
    by = ["period", "file", "row", "column", "from_period", "why"]
    return pd.concat(entries, ignore_index=True).sort_values(by, kind="stable", ignore_index=True)
