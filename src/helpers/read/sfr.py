"""DfE's Statistical First Releases (underlying data, 2011 to 2017): wide tables, one line per area, one year per file.

What each column counts, and in which years it means that, stands in codelists/published_sfr.csv.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import pandas as pd

from helpers.codes import areas, load_codelist
from helpers.errors import InputError
from helpers.read.csv_tables import (
    CsvTable,
    NotATable,
    TableRead,
    columns_named,
    has_columns,
    listed_for,
    melted,
    some,
    to_numbers,
)

ERA = "SFR"
FAMILY = ["New_geog_code", "geog_l", "geog_c", "geog_n"]
AREA_COLUMNS = ["New_geog_code", "geog_c"]
STATISTIC = ["series", "indicator", "category", "ethnic_group", "gender", "age_band"]
YEAR_AT_END = re.compile(r"(?<!\d)20\d\d$")
YEAR_IN_NAME = re.compile(r"20\d\d(?!\d)")
NUMBER_IN_NAME = re.compile(r"SF[RE](\d\d)(?!\d)", re.IGNORECASE)
WORST_LAST = ["shown", "not_applicable", "not_available", "suppressed"]


def is_sfr(table: CsvTable) -> bool:
    """Tell whether a table has the key columns of the Statistical First Releases, or all of them but one."""
    return sum(has_columns(table, [name]) for name in FAMILY) >= len(FAMILY) - 1


def read_sfr(table: CsvTable) -> TableRead | NotATable:
    """Read one table: a row per area and statistic; a statistic of several columns is their sum.

    returns: TableRead.rows with borough_code, year, the columns STATISTIC, numerator, status, denominator, line,
        base_line
    raises: InputError for a known table that is broken, or whose year or release is not known
    """
    kind = _find_kind(table)
    if kind is None:
        return table.not_read(f"columns not known: {some(table.header[4:])}")
    if kind["left_out"]:
        left_out = pd.Series(kind["left_out"], index=table.cells.index, dtype=object)
        return TableRead(table.file, table.checksum, ERA, kind["kind"], "", 0, ("", ""), pd.DataFrame(), left_out)
    year, notes = _find_year(table)
    statistics = _statistics_of(kind["kind"], year)
    text = _columns(table, statistics, year, kind["kind"])
    codes = area_codes(text)
    known = codes.isin(areas()["code"])
    rows = _count(text[known], statistics, table.file).assign(year=year)
    rows = rows.assign(borough_code=rows["line"].map(codes), base_line=rows["line"])
    notes = (*notes, *_columns_not_used(table, text.columns, year))
    left_out = pd.Series("", index=text.index, dtype=object).mask(~known, "area not in codelists/areas.csv")
    release, periods = _release(year, table.file), (f"{year}-03-31", f"{year}-03-31")
    return TableRead(table.file, table.checksum, ERA, kind["kind"], release, year, periods, rows, left_out, notes)


def area_codes(text: pd.DataFrame) -> pd.Series:
    """Give the ONS code of each line's area. Inner and Outer London repeat London's code: geog_c tells them apart."""
    own = load_codelist("published_areas").set_index("geog_c")["code"]
    return text["geog_c"].map(own).fillna(text["New_geog_code"])


def _find_kind(table: CsvTable) -> pd.Series | None:
    tables = listed_for("published_tables", "era", ERA)
    header = {_without_year(name).casefold() for name in table.header}
    match = tables[[any(mark.casefold() in header for mark in marks.split("|")) for marks in tables["marks"]]]
    return match.iloc[0] if len(match) else None


def _without_year(name: str) -> str:
    return YEAR_AT_END.sub("{year}", name)


def _find_year(table: CsvTable) -> tuple[int, tuple[str, ...]]:
    """Find the year: from the file name, else from the number of the release, else from the header.

    raises: InputError when none of them tells
    """
    name = PurePosixPath(table.file).name
    in_name = YEAR_IN_NAME.findall(name)
    in_header = sorted({year for column in table.header for year in YEAR_AT_END.findall(column)})
    releases = load_codelist("published_sfr_releases")
    number = NUMBER_IN_NAME.search(name)
    of_number = releases.loc[releases["number"] == number[1], "year"].tolist() if number else []
    if in_name:
        year, origin = in_name[-1], "the file name"
    elif len(of_number) == 1:
        year, origin = of_number[0], f"the number {number[0]}"
    elif len(in_header) == 1:
        year, origin = in_header[0], "the header"
    else:
        raise InputError(
            f"{table.file}: neither the file name nor the header tells one year.\n"
            f"Put the year in the file name, such as SFR36_CLA2013.csv.\nNothing was written."
        )
    other = [one for one in in_header if one != year]
    note = (f"the header says {', '.join(other)}: {year}, from {origin}, is used",) if other else ()
    return int(year), note


def _release(year: int, file: str) -> str:
    releases = load_codelist("published_sfr_releases").set_index("year")["release"]
    if str(year) not in releases.index:
        raise InputError(
            f"{file}: the year is {year}, and codelists/published_sfr_releases.csv has {', '.join(releases.index)}.\n"
            f"Put the right year in the file name, or add the release to the codelist.\nNothing was written."
        )
    return releases[str(year)]


def _statistics_of(kind: str, year: int) -> pd.DataFrame:
    """Give the columns to read of one kind of table in one year, each with the statistic it is (or is a part of)."""
    listed = listed_for("published_sfr", "kind", kind)
    in_use = (listed["first_year"].eq("") | (listed["first_year"] <= str(year))) & (
        listed["last_year"].eq("") | (listed["last_year"] >= str(year))
    )
    own = listed[in_use].reset_index(drop=True)
    own = own.assign(**{name: own[name].str.replace("{year}", str(year)) for name in ("column", "base")})
    return own.assign(statistic=own.groupby(STATISTIC, sort=False).ngroup())


def _columns(table: CsvTable, statistics: pd.DataFrame, year: int, kind: str) -> pd.DataFrame:
    """Give the area columns and every column that the statistics need, under this year's name."""
    header = [YEAR_AT_END.sub(str(year), name) for name in table.header]
    wanted = pd.concat([statistics["column"], statistics["base"]]).drop_duplicates()
    return columns_named(
        table._replace(header=header), [*AREA_COLUMNS, *wanted[wanted.ne("")]], f"{kind} in the release of {year}"
    )


def _count(text: pd.DataFrame, statistics: pd.DataFrame, file: str) -> pd.DataFrame:
    """Turn cells into statistics; a sum with a hidden part is hidden, and a hidden base is missing."""
    cells = melted(text.drop(columns=AREA_COLUMNS))
    cells = cells.join(to_numbers(cells, ERA, file))
    cells = cells.assign(rank=cells["status"].map({status: rank for rank, status in enumerate(WORST_LAST)}))
    parts = statistics[["statistic", "column"]].merge(cells[["column", "line", "number", "rank"]], on="column")
    added = parts.groupby(["statistic", "line"], sort=False)[["number", "rank"]].agg({"number": "sum", "rank": "max"})
    added = added.reset_index().merge(statistics.drop_duplicates("statistic").drop(columns="column"), on="statistic")
    status = added["rank"].map(dict(enumerate(WORST_LAST)))
    bases = cells[["line", "column", "number"]].rename(columns={"column": "base", "number": "denominator"})
    added = added.assign(status=status, numerator=added["number"].where(status.eq("shown")))
    rows = added.merge(bases, on=["line", "base"], how="left")
    return rows[[*STATISTIC, "numerator", "status", "denominator", "line"]]


def _columns_not_used(table: CsvTable, used: pd.Index, year: int) -> tuple[str, ...]:
    plain = {name.casefold() for name in (*used, *FAMILY, "LA_order")}
    rest = [name for name in table.header if name and YEAR_AT_END.sub(str(year), name).casefold() not in plain]
    return (f"{len(rest)} {'column' if len(rest) == 1 else 'columns'} not used: {some(rest)}",) if rest else ()
