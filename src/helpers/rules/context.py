"""What rules share: the tables of a collection, and what is derived of them, once per run and only when asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import or_
from typing import NamedTuple, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.postcodes import locate
from helpers.rules.care import Care

RESPITE = ("V3", "V4")
CONTINUES = "X1"
CARRIED_OVER = "carried over"
NEIGHBOURS = {
    "previous": ("DECOM", "DEC", "REC", "LS", "CIN", "PLACE", "PLACE_PROVIDER", "PL_POST", "URN"),
    "next": ("DECOM", "RNE", "PLACE"),
}


class TypedCollection(Protocol):
    """What rules need of a collection: see clean.collection.Collection.

    It may have children_aside too: table -> CHILD of the rows that were set aside. A rule that asks for a row of a
    child does not say that there is none where there was one that could not be read.
    """

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
    """One collection as rules see it.

    tables: rows numbered 0, 1, 2 ...; results of rules are over that index. CHILD is a number, one for each child of
        both years, so that looking children up is fast and no rule can tell an identifier; missing where it was blank
    absent: the columns of each table that did not arrive
    aside: the children of each table's rows that were set aside
    """

    tables: Mapping[str, pd.DataFrame]
    absent: Mapping[str, frozenset[str]]
    aside: Mapping[str, NDArray[np.float64]]
    return_year: int
    last_day: pd.Timestamp
    previous: Context | None = None
    borough_code: str | None = None
    _births: dict[str, pd.Series] = field(default_factory=dict, repr=False)
    _places: dict[tuple[str, str], pd.DataFrame] = field(default_factory=dict, repr=False)

    @property
    def first_day(self) -> pd.Timestamp:
        """1 April of the return year."""
        return pd.Timestamp(self.return_year - 1, 4, 1)

    @property
    def ends_the_year(self) -> bool:
        """The collection's last day is 31 March."""
        return self.last_day == pd.Timestamp(self.return_year, 3, 31)

    def owner(self, table: str) -> tuple[Context | None, str]:
        """Give the context that holds a table, and its bare name: previous.episodes lies in last year's."""
        return (self.previous, table.removeprefix("previous.")) if table.startswith("previous.") else (self, table)

    def rows_of(self, table: str) -> pd.DataFrame:
        """Give the rows of a table, or of last year's as previous.<table>."""
        holder, name = self.owner(table)
        return holder.tables[name]

    def has(self, table: str, column: str) -> bool:
        """Say whether a column of a table arrived."""
        return table in self.tables and column in self.tables[table] and column not in self.absent[table]

    def aside_of(self, table: str) -> NDArray[np.float64]:
        """Give the children of whom a row of this collection's table was set aside."""
        return self.aside.get(table, np.array([]))

    def children_of(self, table: str) -> NDArray[np.float64]:
        """Give the children that have a row in a table, or had one that was set aside; none where it did not arrive."""
        own = self.tables[table]["CHILD"].dropna().to_numpy() if table in self.tables else np.array([])
        return np.append(own, self.aside_of(table))

    @cached_property
    def births(self) -> pd.Series:
        """Date of birth by CHILD, the first where the header has a child more than once."""
        if not self.has("header", "DOB"):
            return pd.Series(dtype="datetime64[us]", index=pd.Index([], dtype=float))
        header = self.tables["header"][["CHILD", "DOB"]].dropna()
        return header.drop_duplicates("CHILD").set_index("CHILD")["DOB"]

    def births_of(self, table: str) -> pd.Series:
        """Give the date of birth of each row's child: the header's, or the row's own where the header has none."""
        if table not in self._births:
            rows = self.rows_of(table)
            births = self.births.reindex(rows["CHILD"]).set_axis(rows.index)
            self._births[table] = births.fillna(rows["DOB"]) if "DOB" in rows else births
        return self._births[table]

    @cached_property
    def episodes(self) -> pd.DataFrame:
        """Episodes by child and start, open ones last on a day, with columns of the neighbours of the same child.

        The index is that of the table, so that a result is put back in its order by in_table_order.
        """
        wanted = {"RNE", *NEIGHBOURS["previous"], *NEIGHBOURS["next"], "CHILD", "REASON_PLACE_CHANGE"}
        rows = self.tables["episodes"].reindex(columns=sorted(wanted)).sort_values(["CHILD", "DECOM", "DEC"])
        child, place = rows["CHILD"].to_numpy(), np.arange(len(rows))
        has_previous = np.append(False, child[1:] == child[:-1])[: len(rows)]
        has_next = np.append(has_previous[1:], False)[: len(rows)]
        near = {"previous": np.where(has_previous, place - 1, -1), "next": np.where(has_next, place + 1, -1)}
        columns = {
            f"{which}_{name}": rows[name].array.take(near[which], allow_fill=True)
            for which, names in NEIGHBOURS.items()
            for name in names
        }
        return rows.assign(has_previous=has_previous, has_next=has_next, **columns)

    @cached_property
    def care(self) -> Care:
        """When each child was in care, by this collection's episodes; short breaks are care here."""
        return Care.of(self.episodes)

    @cached_property
    def left_care_on(self) -> pd.Series:
        """The day a child left care for good, by CHILD: the end of the last episode, with no other still open."""
        rows = self.episodes
        last = rows[~rows["has_next"] & rows["CHILD"].notna()].set_index("CHILD")
        still_open = rows.loc[rows["DEC"].isna(), "CHILD"]
        return last.loc[last["REC"].notna() & (last["REC"] != CONTINUES) & ~last.index.isin(still_open), "DEC"]

    @cached_property
    def in_care_this_year(self) -> pd.Index:
        """Children with an episode in this collection that is no short break."""
        rows = self.tables["episodes"]
        return pd.Index(rows.loc[~rows["LS"].isin(RESPITE), "CHILD"].dropna().unique())

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
    def unaccompanied(self) -> pd.Series:
        """Whether each header row's child has unaccompanied asylum-seeking status: True or False.

        The header says so in the XML layout. The CSV layout has no such column: there a row in the uasc table says it.
        """
        header = self.tables["header"]
        told = header["UASC"] == 1 if "UASC" in header else no_row(header)
        silent = header["UASC"].isna() if "UASC" in header else ~no_row(header)
        listed = self.tables["uasc"]["CHILD"].dropna() if "uasc" in self.tables else []
        return told | (silent & header["CHILD"].isin(listed))

    def places_of(self, table: str, column: str) -> pd.DataFrame:
        """Tell where the postcodes of a column lie, as of the last day; see postcodes.locate.

        table: one of this collection, or CARRIED_OVER for last year's postcodes beside this year's episodes
        """
        if (table, column) not in self._places:
            rows = self.carried_over if table == CARRIED_OVER else self.rows_of(table)
            self._places[table, column] = locate(rows[column], self.last_day.date())
        return self._places[table, column]

    @cached_property
    def carried_over(self) -> pd.DataFrame:
        """Last year's open episode of the same child and start beside each episode; all missing where there is none."""
        before = self.previous.tables["episodes"]
        still_open = before[before["DEC"].isna()].dropna(subset=["CHILD", "DECOM"]).drop_duplicates(["CHILD", "DECOM"])
        now = self.tables["episodes"][["CHILD", "DECOM"]]
        return now.merge(still_open, on=["CHILD", "DECOM"], how="left", indicator="carried").set_axis(now.index)


def derive_contexts(
    collection: TypedCollection, previous: TypedCollection | None = None, borough_code: str | None = None
) -> Context:
    """Give what rules see of a collection and of last year's. The collections themselves stay as they are."""
    both = [one for one in (collection, previous) if one is not None]
    told: dict[tuple[int, str, str], pd.Series] = {}
    for place, one in enumerate(both):
        told |= {(place, "tables", name): rows["CHILD"] for name, rows in one.tables.items() if "CHILD" in rows}
        aside = getattr(one, "children_aside", {})
        told |= {(place, "aside", name): pd.Series(list(children)) for name, children in aside.items()}
    numbers = _number_children(told)
    last_year = None if previous is None else _derive(previous, 1, numbers, None, None)
    return _derive(collection, 0, numbers, last_year, borough_code)


def _number_children(told: dict[tuple[int, str, str], pd.Series]) -> dict[tuple[int, str, str], NDArray[np.float64]]:
    """Give each child one number in all the columns; a blank stays missing."""
    if not told:
        return {}
    numbers = pd.factorize(pd.concat([children.astype(object) for children in told.values()], ignore_index=True))[0]
    ends = np.cumsum([len(children) for children in told.values()])[:-1]
    parts = np.split(np.where(numbers < 0, np.nan, numbers.astype(float)), ends)
    return dict(zip(told, parts, strict=True))


def _derive(
    one: TypedCollection,
    place: int,
    numbers: dict[tuple[int, str, str], NDArray[np.float64]],
    previous: Context | None,
    borough_code: str | None,
) -> Context:
    own = {
        kind: {key[2]: part for key, part in numbers.items() if key[:2] == (place, kind)}
        for kind in ("tables", "aside")
    }
    tables = {
        name: one.tables[name].assign(CHILD=child).reset_index(drop=True) for name, child in own["tables"].items()
    }
    absent = {name: frozenset(one.tables[name].attrs.get("absent", ())) for name in tables}
    for rows in tables.values():
        # Attributes are copied with every step of pandas; what they say is in `absent`.
        rows.attrs = {}
    return Context(tables, absent, own["aside"], one.return_year, pd.Timestamp(one.period), previous, borough_code)


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
    born = births.to_numpy("datetime64[D]")
    months = born.astype("datetime64[M]")
    days = (months + 12 * age).astype("datetime64[D]") + (born - months.astype("datetime64[D]"))
    return pd.Series(days.astype("datetime64[us]"), index=births.index)


def differ(left: pd.Series, right: pd.Series) -> pd.Series:
    """Say where two columns differ; two blanks are the same."""
    return (left != right) & ~(left.isna() & right.isna())


def has_code(cells: pd.Series, codes: list[str]) -> pd.Series:
    """Say where a cell is one of the codes; in columns of numbers and flags they are numbers."""
    return cells.isin([float(code) for code in codes] if pd.api.types.is_numeric_dtype(cells) else codes)


def pairs_in(left: pd.DataFrame, right: pd.DataFrame) -> pd.Series:
    """Say which rows of `left` stand, with all their cells, in `right`. Columns are matched in order."""
    key = np.zeros(len(left) + len(right), dtype=np.int64)
    for own, other in zip(left, right, strict=True):
        cells = np.concatenate([left[own].to_numpy(), right[other].to_numpy()])
        numbers, distinct = pd.factorize(cells, use_na_sentinel=False)
        key = pd.factorize(key * len(distinct) + numbers)[0].astype(np.int64)
    return pd.Series(key[: len(left)], index=left.index).isin(key[len(left) :])


def any_given(rows: pd.DataFrame, names: Sequence[str]) -> pd.Series:
    """Say where one of the columns is given."""
    return reduce(or_, (rows[name].notna() for name in names))


def in_table_order(found: pd.Series) -> pd.Series:
    """Put a result over Context.episodes, or over any table that was sorted, back in the order of the table."""
    told = np.empty(len(found), dtype=bool)
    told[found.index.to_numpy()] = found.to_numpy()
    return pd.Series(told)


def no_row(rows: pd.DataFrame) -> pd.Series:
    """Give a result in which no row breaks the rule."""
    return pd.Series(np.zeros(len(rows), dtype=bool), index=rows.index)
