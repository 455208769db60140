"""DfE's Explore Education Statistics (2022 to today): long tables, one number per line, five years per release.

The layout is known by its pair of columns, never by one of them: `characteristic` is the breakdown's value to 2024
and its group from 2025. The kind of table is known by its labels. What each label counts stands in
codelists/published_ees.csv, and every wording of a label in codelists/published_labels.csv.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import pandas as pd

from helpers.codes import areas, load_codelist
from helpers.errors import UnlistedCodeError
from helpers.read.csv_tables import (
    CsvTable,
    NotATable,
    TableRead,
    columns_named,
    has_columns,
    listed_for,
    refusal,
    some,
    to_numbers,
)

ERA = "EES"
FAMILY = ["time_period", "geographic_level", "country_code", "new_la_code"]
AREA_COLUMNS = ["country_code", "region_code", "new_la_code"]
STATISTIC = ["series", "indicator", "category", "ethnic_group", "gender", "age_band"]


class Layout(NamedTuple):
    """Which columns hold a line's breakdown, its value, the count and the population; "" for one the layout lacks."""

    group_column: str
    item_column: str
    count_column: str
    population_column: str

    @property
    def filters(self) -> list[str]:
        """The columns of labels, the group before the item."""
        return [name for name in (self.group_column, self.item_column) if name]


def is_ees(table: CsvTable) -> bool:
    """Tell whether a table has the leading columns of Explore Education Statistics, or all of them but one."""
    return sum(has_columns(table, [name]) for name in FAMILY) >= len(FAMILY) - 1


def read_ees(table: CsvTable) -> TableRead | NotATable:
    """Read one table: a row per number, with its base of the same line, year and area.

    returns: TableRead.rows with borough_code, year, the columns STATISTIC, numerator, status, denominator, line,
        base_line; a table that is known and not counted from has no rows
    raises: InputError for a known table that is broken, UnlistedCodeError for a label that no codelist has
    """
    layout = _find_layout(table)
    if layout is None:
        return table.not_read(f"columns not known: {some(table.header[10:])}")
    if not any(has_columns(table, [name]) for name in AREA_COLUMNS[1:]):
        return table.not_read("an England table: it has no boroughs")
    labels = _labels_of(table, layout)
    kind = _find_kind(labels)
    if kind is None:
        return table.not_read(f"labels not known: {some(labels[-1].unique().tolist())}")
    cells = _to_cells(table, layout, labels, kind["kind"])
    if kind["left_out"]:
        left_out = pd.Series(kind["left_out"], index=table.cells.index, dtype=object)
        return _table_read(table, cells["year"], kind["kind"], pd.DataFrame(), left_out)
    counted, left_out = _choose(cells, kind["kind"], table.file)
    rows, baseless = _count(counted, kind["kind"], table.file)
    lines = pd.concat([rows["line"], rows["base_line"].dropna()])
    left_out = left_out.mask(left_out.eq("") & ~left_out.index.isin(lines), "a total with nothing under it")
    notes = (f"{baseless:,} numbers have no total to be a part of: the line is not there",) if baseless else ()
    return _table_read(table, cells["year"], kind["kind"], rows, left_out, notes)


def _table_read(table: CsvTable, years: pd.Series, kind: str, *found: object) -> TableRead:
    first, last = int(years.min()), int(years.max())
    release, periods = f"{last} (to 31 March {last})", (f"{first}-03-31", f"{last}-03-31")
    return TableRead(table.file, table.checksum, ERA, kind, release, last, periods, *found)


def _find_layout(table: CsvTable) -> Layout | None:
    """Find the layout that has most of its columns in the table; its count may be missing, to be refused by name."""
    layouts = [Layout(*row) for row in load_codelist("published_layouts")[list(Layout._fields)].itertuples(index=False)]
    near = [one for one in layouts if has_columns(table, one.filters)]
    return max(near, key=lambda one: (len(one.filters), has_columns(table, [one.count_column])), default=None)


def _labels_of(table: CsvTable, layout: Layout) -> list[pd.Series]:
    """Give the item column and, before it, the group column where there is one, every wording as its one label."""
    text = columns_named(table, layout.filters, "an Explore Education Statistics table of DfE")
    labels = _labels()
    return [
        column.map({found: labels.get(_plain(found), found) for found in column.unique()}) for _, column in text.items()
    ]


@lru_cache
def _labels() -> dict[str, str]:
    statistics, wordings = load_codelist("published_ees"), load_codelist("published_labels")
    labels = {_plain(label): label for column in ("group", "item", "base") for label in statistics[column].unique()}
    return labels | {_plain(row.published): row.label for row in wordings.itertuples()}


def _plain(label: str) -> str:
    return " ".join(label.replace("\u2019", "'").casefold().split())


def _find_kind(labels: list[pd.Series]) -> pd.Series | None:
    """Find the first kind of table one of whose marks is among the labels."""
    tables = listed_for("published_tables", "era", ERA)
    there = {_plain(label) for column in labels for label in column.unique()}
    match = tables[[any(_plain(mark) in there for mark in marks.split("|")) for marks in tables["marks"]]]
    return match.iloc[0] if len(match) else None


def _to_cells(table: CsvTable, layout: Layout, labels: list[pd.Series], kind: str) -> pd.DataFrame:
    """Give each line its borough_code, year, group, item and text, and the population beside it where there is one."""
    _refuse_without_group(table, layout, kind)
    counts = {layout.count_column: "text", layout.population_column: "population"}
    counts.pop("", None)
    text = columns_named(table, ["time_period", *AREA_COLUMNS, *counts], f"the table {kind}")
    *group, item = labels
    return text[list(counts)].rename(columns=counts).assign(
        borough_code=area_codes(text), year=years(text["time_period"], table.file),
        group=group[0] if group else "", item=item, line=text.index, column=layout.count_column,
    )  # fmt: skip


def _refuse_without_group(table: CsvTable, layout: Layout, kind: str) -> None:
    groups = listed_for("published_ees", "kind", kind)["group"]
    if not layout.group_column and groups.ne("").any():
        pairs = [one for one in load_codelist("published_layouts")["group_column"].unique() if one]
        expected = f"it beside its groups ({' or '.join(pairs)}) or its values"
        raise refusal(table.file, 1, layout.item_column, "it alone", expected, "Download the file again.")


def area_codes(text: pd.DataFrame) -> pd.Series:
    """Give the ONS code of each line's area: the council's, else the region's, else the country's.

    London's region rows are E12000007 (London), E13000001 (Inner) and E13000002 (Outer), each once.
    """
    council, region = text["new_la_code"], text["region_code"]
    return council.where(council.ne(""), region.where(region.ne(""), text["country_code"]))


def years(text: pd.Series, file: str) -> pd.Series:
    """Turn time_period into a year (ending 31 March). Academic years, such as 202425, are refused."""
    odd = [found for found in text.unique() if not re.fullmatch(r"(?:19|20)\d\d", found)]
    if odd:
        raise refusal(
            file, text.index[text.eq(odd[0])][0], "time_period", repr(odd[0]), "a year of four digits, such as 2025",
            "Download the file again as CSV.",
        )  # fmt: skip
    return text.map({found: int(found) for found in text.unique()})


def _choose(cells: pd.DataFrame, kind: str, file: str) -> tuple[pd.DataFrame, pd.Series]:
    """Part the lines to count from those left out, each with its reason.

    raises: UnlistedCodeError for a label of a breakdown we count that the codelist does not have
    """
    statistics = listed_for("published_ees", "kind", kind)
    reasons = statistics.groupby(["group", "item"])["left_out"].first()
    bases = statistics.loc[statistics["base"].ne(""), ["group", "base"]].drop_duplicates()
    known = pd.concat([reasons, pd.Series("", index=pd.MultiIndex.from_frame(bases))])
    known = known[~known.index.duplicated()]
    pairs = pd.MultiIndex.from_frame(cells[["group", "item"]])
    in_areas, in_group = cells["borough_code"].isin(areas()["code"]), cells["group"].isin(statistics["group"])
    reason = pd.Series(known.reindex(pairs).to_numpy(), index=cells.index, dtype=object)
    _refuse_unlisted(cells[in_areas & in_group & reason.isna()], file)
    reason = reason.where(in_group, "breakdown not used (" + cells["group"].astype(object) + ")")
    reason = reason.where(in_areas, "area not in codelists/areas.csv")
    return cells[reason.eq("")], reason


def _refuse_unlisted(unlisted: pd.DataFrame, file: str) -> None:
    if unlisted.empty:
        return
    rows = unlisted.groupby(["group", "item"]).size()
    found = "; ".join(f"{item!r} in {group or 'the table'} ({number:,} rows)" for (group, item), number in rows.items())
    raise UnlistedCodeError(
        f"{file}: {found}, not listed in codelists/published_ees.csv.\nIf DfE has reworded a label, add the new "
        f"wording to codelists/published_labels.csv; if it is new, add it to published_ees.csv.\nNothing was written."
    )


def _count(cells: pd.DataFrame, kind: str, file: str) -> tuple[pd.DataFrame, int]:
    """Turn the chosen lines into numbers, each with the number of its base: a line of the same area, year and group.

    returns: the rows, and how many of them have no line for their base
    """
    _refuse_repeats(cells, file)
    cells = cells.join(to_numbers(cells, ERA, file))
    statistics = listed_for("published_ees", "kind", kind)
    statistics = statistics[statistics["indicator"].ne("")]
    rows = cells.merge(statistics[["group", "item", "base", *STATISTIC]], on=["group", "item"], sort=False)
    bases = cells.assign(base=cells["item"], denominator=cells["number"], base_line=cells["line"])
    place = ["borough_code", "year", "group", "base"]
    rows = rows.merge(bases[[*place, "denominator", "base_line"]], on=place, how="left", sort=False)
    of_population = rows["base"].eq("population_estimate")
    if of_population.any():
        population = to_numbers(rows.assign(text=rows["population"], column="population_estimate"), ERA, file)["number"]
        rows = rows.assign(denominator=rows["denominator"].mask(of_population, population))
    baseless = int((rows["base"].ne("") & ~of_population & rows["base_line"].isna()).sum())
    columns = ["borough_code", "year", *STATISTIC, "numerator", "status", "denominator", "line", "base_line"]
    return rows.rename(columns={"number": "numerator"})[columns], baseless


def _refuse_repeats(cells: pd.DataFrame, file: str) -> None:
    repeated = cells[cells.duplicated(["borough_code", "year", "group", "item"])]
    if len(repeated):
        line = repeated.iloc[0]
        raise refusal(
            file, line["line"], line["column"], f"a second number for {line['borough_code']}, {line['year']}, "
            f"{line['group'] or 'all'}, {line['item']}", "one", "Download the file again.",
        )  # fmt: skip
