"""What rules share: the tables of a collection, and what is derived of them once per run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np
import pandas as pd

RESPITE = ("V3", "V4")
NEIGHBOURS = {
    "previous": ("DECOM", "DEC", "REC", "LS", "CIN", "PLACE", "PLACE_PROVIDER", "PL_POST", "URN"),
    "next": ("DECOM", "RNE", "PLACE"),
}


class TypedCollection(Protocol):
    """What rules need of a collection: see clean.collection.Collection."""

    period: dt.date
    return_year: int
    tables: Mapping[str, pd.DataFrame]
    set_aside: pd.DataFrame


class Rule(NamedTuple):
    """One row of codelists/rules.csv. `fields` are columns of `table`, or others as table.COLUMN."""

    code: str
    table: str
    fields: tuple[str, ...]
    severity: str
    rule_class: str
    check: str
    parameters: dict[str, str]
    first_year: int | None
    last_year: int | None
    message: str
    needs_previous: bool
    source: str

    def values(self, name: str) -> list[str]:
        """Give a parameter that is a list (cells between bars); empty where the rule has none."""
        return self.parameters[name].split("|") if name in self.parameters else []


@dataclass(frozen=True)
class Context:
    """One collection as rules see it. Tables are numbered 0, 1, 2 ...; results of rules are over that index."""

    tables: Mapping[str, pd.DataFrame]
    return_year: int
    last_day: pd.Timestamp
    previous: Context | None = None
    known_postcodes: frozenset[str] | None = None

    @property
    def first_day(self) -> pd.Timestamp:
        """1 April of the return year."""
        return pd.Timestamp(self.return_year - 1, 4, 1)

    def owner(self, table: str) -> tuple[Context | None, str]:
        """Give the context that holds a table, and its bare name: previous.episodes lies in last year's."""
        return (self.previous, table.removeprefix("previous.")) if table.startswith("previous.") else (self, table)

    def rows_of(self, table: str) -> pd.DataFrame:
        """Give the rows of a table, or of last year's as previous.<table>."""
        holder, name = self.owner(table)
        return holder.tables[name]

    @cached_property
    def births(self) -> pd.Series:
        """Date of birth by CHILD, the first where the header has a child more than once."""
        header = self.tables["header"].dropna(subset=["CHILD", "DOB"])
        return header.drop_duplicates("CHILD").set_index("CHILD")["DOB"]

    def births_of(self, table: str) -> pd.Series:
        """Give the header's date of birth of each row's child."""
        rows = self.rows_of(table)
        return self.births.reindex(rows["CHILD"]).set_axis(rows.index)

    @cached_property
    def episodes(self) -> pd.DataFrame:
        """Episodes by child and start, open ones last on a day, with columns of the neighbours of the same child.

        The index is that of the table, so that a result is put back in its order by sort_index.
        """
        wanted = {"RNE", *NEIGHBOURS["previous"], *NEIGHBOURS["next"], "CHILD", "REASON_PLACE_CHANGE"}
        rows = self.tables["episodes"].reindex(columns=sorted(wanted)).sort_values(["CHILD", "DECOM", "DEC"])
        has_previous = rows["CHILD"] == rows["CHILD"].shift(1)
        has_next = rows["CHILD"] == rows["CHILD"].shift(-1)
        before, after = rows.shift(1), rows.shift(-1)
        return rows.assign(
            has_previous=has_previous,
            has_next=has_next,
            **{f"previous_{name}": before[name].where(has_previous) for name in NEIGHBOURS["previous"]},
            **{f"next_{name}": after[name].where(has_next) for name in NEIGHBOURS["next"]},
        )

    @cached_property
    def looked_after_12_months(self) -> pd.Index:
        """Children in care on the last day, without a break for 12 months; short breaks do not count as care."""
        rows = self.episodes[~self.episodes["LS"].isin(RESPITE)].dropna(subset=["CHILD", "DECOM"])
        gap = rows["DECOM"] > latest_end_before(rows, "DECOM", "DEC", open_counts=True)
        period = (gap | (rows["CHILD"] != rows["CHILD"].shift(1))).cumsum()
        begun = rows.groupby(period)["DECOM"].transform("min")
        in_care = (rows["DECOM"] <= self.last_day) & (rows["DEC"].isna() | (rows["DEC"] > self.last_day))
        year_ago = self.last_day - pd.DateOffset(years=1) + pd.Timedelta(days=1)
        return pd.Index(rows.loc[in_care & (begun <= year_ago), "CHILD"].unique())

    @cached_property
    def carried_over(self) -> pd.DataFrame:
        """Last year's open episode of the same child and start beside each episode; all missing where there is none."""
        before = self.previous.tables["episodes"]
        still_open = before[before["DEC"].isna()].drop_duplicates(["CHILD", "DECOM"])
        now = self.tables["episodes"][["CHILD", "DECOM"]]
        return now.merge(still_open, on=["CHILD", "DECOM"], how="left", indicator="carried").set_axis(now.index)


def derive_context(
    collection: TypedCollection, previous: Context | None = None, known_postcodes: frozenset[str] | None = None
) -> Context:
    """Give what rules see of a collection. The collection itself stays as it is."""
    # Python strings keep their hash: looking children up in other tables is many times faster than in Arrow strings.
    tables = {
        name: rows.assign(CHILD=rows["CHILD"].astype(object)).reset_index(drop=True)
        for name, rows in collection.tables.items()
        if "CHILD" in rows
    }
    return Context(tables, collection.return_year, pd.Timestamp(collection.period), previous, known_postcodes)


def latest_end_before(rows: pd.DataFrame, start: str, end: str, *, open_counts: bool) -> pd.Series:
    """Give the latest end of all earlier rows of the same child: the running maximum, not the row before.

    rows: sorted by CHILD and start
    open_counts: whether a row without an end lasts for ever; else it has no end to compare with
    returns: the same index; missing for a child's first row
    """
    stay = rows[end].where(rows[start].notna())
    stay = stay.fillna(pd.Timestamp(2200, 1, 1) if open_counts else pd.Timestamp(1800, 1, 1))
    latest = stay.groupby(rows["CHILD"], sort=False).cummax()
    earlier = latest.shift(1).where(rows["CHILD"] == rows["CHILD"].shift(1))
    return earlier.mask(earlier == pd.Timestamp(1800, 1, 1))


def birthday(births: pd.Series, age: int) -> pd.Series:
    """Give the day each child reaches an age; a child of 29 February on 1 March of other years, as in law."""
    known = births.dropna()
    months = ((known.dt.year + age - 1970) * 12 + known.dt.month - 1).to_numpy().astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (known.dt.day.to_numpy() - 1).astype("timedelta64[D]")
    return pd.Series(days.astype("datetime64[us]"), index=known.index).reindex(births.index)


def differ(left: pd.Series, right: pd.Series) -> pd.Series:
    """Say where two columns differ; two blanks are the same."""
    return (left != right) & ~(left.isna() & right.isna())


def pairs_in(left: pd.DataFrame, right: pd.DataFrame) -> pd.Series:
    """Say which rows of `left` stand, with all their cells, in `right`. Columns are matched in order."""
    found = left.merge(
        right.set_axis(left.columns, axis=1).drop_duplicates(), on=list(left.columns), how="left", indicator=True
    )
    return pd.Series((found["_merge"] == "both").to_numpy(), index=left.index)


def no_row(rows: pd.DataFrame) -> pd.Series:
    """Give a result in which no row breaks the rule."""
    return pd.Series(np.zeros(len(rows), dtype=bool), index=rows.index)
