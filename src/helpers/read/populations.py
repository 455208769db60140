"""Populations of children: ONS mid-year estimates, and shares that others worked out or a council printed.

Each kind of file is known by its columns. Counts become rows as they are; shares wait for the mid-year total of their
year (see `combine_populations`). Which source is preferred stands in codelists/population_sources.csv.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePosixPath

import pandas as pd

from helpers.codes import ALL, load_codelist
from helpers.errors import InputError, UnlistedCodeError
from helpers.read.census import (
    CENSUS_YEAR,
    ERA,
    LAST_AGE,
    RM032_COLUMNS,
    age_bands,
    ethnic_groups,
    is_census,
    is_nomis,
    read_census,
    read_nomis,
    read_rm032,
    refuse_gaps,
    unknown_areas,
    whole_numbers,
    with_margins,
)
from helpers.read.csv_tables import CsvTable, NotATable, TableRead, columns_named, has_columns, refusal
from helpers.read.document_shares import DOCUMENT_COLUMNS, read_document_shares
from helpers.read.ees import AREA_COLUMNS, area_codes, years
from helpers.schemas import Population, columns_of

CHILDREN_0_TO_17 = "Children aged 0 to 17 years"
SINGLE_AGES = [str(age) for age in range(LAST_AGE + 1)]
HALF_A_TENTH_OF_A_PERCENT = 0.0005
CENSUS_SHARE = re.compile(r"census2021_age(?P<first>\d+)_(?P<last>\d+)_percent")
SCHOOL_SHARE = re.compile(r"school_census_(?P<first>\d{4})_(?P<last>\d\d)_percent")
YEAR_IN_NAME = re.compile(r"(?<!\d)20\d\d(?!\d)")
AREA_BY_SEX = re.compile(r"ladcode\d\d|lad\d{4}_code", re.IGNORECASE)
YEAR_BY_SEX = re.compile(r"population_(20\d\d)", re.IGNORECASE)
MID_YEAR = "ONS mid-year estimates"
BY_SEX = "ONS estimates of children by age and sex"
CELL = ["borough_code", "year", "ethnic_group", "gender", "age_band", "source"]


def population_reader(table: CsvTable) -> Callable[[CsvTable], TableRead | NotATable] | None:
    """Give the function that reads a table of this layout, or None when it is not a population."""
    if is_census(table) or is_nomis(table):
        return read_census if is_census(table) else read_nomis
    if _is_by_sex(_below_title(table)):
        return _read_by_sex
    readers = (
        (["time_period", "age_group", "population_estimate"], _read_mid_year),
        (RM032_COLUMNS, read_rm032),
        (["total_population", *SINGLE_AGES], _read_single_ages),
        (DOCUMENT_COLUMNS, read_document_shares),
        (["new_la_code", "academic_year", "ethnic_group", "percent"], _read_primary_schools),
        (["new_la_code", "ethnic_group", *_share_columns(table)[:1]], _read_shares),
    )
    known = readers if _share_columns(table) else readers[:-1]
    return next((reader for columns, reader in known if has_columns(table, columns)), None)


def _table_read(
    table: CsvTable, kind: str, release: str, days: tuple[str, str], rows: pd.DataFrame, left_out: pd.Series
) -> TableRead:
    year = int(days[1][:4] or 0)
    return TableRead(table.file, table.checksum, ERA, kind, release, year, days, rows, left_out)


def _read_mid_year(table: CsvTable) -> TableRead:
    """ONS mid-year estimates of children aged 0 to 17, in DfE's layout; time_period is the year of 30 June."""
    text = columns_named(
        table, ["time_period", *AREA_COLUMNS, "age_group", "population_estimate"], "ONS mid-year estimates"
    )
    codes, year = area_codes(text), years(text["time_period"], table.file)
    left_out = unknown_areas(codes).mask(text["age_group"].ne(CHILDREN_0_TO_17), "not children aged 0 to 17")
    used = left_out.eq("")
    first, last = int(year.min()), int(year.max())
    rows = pd.DataFrame({
        "borough_code": codes[used], "year": year[used], "ethnic_group": ALL, "gender": ALL, "age_band": ALL,
        "children": whole_numbers(text[used], ["population_estimate"], table.file)["population_estimate"],
        "age_from": 0, "age_to": LAST_AGE, "share_error": 0.0, "line": text.index[used],
        "source": f"{MID_YEAR} {first} to {last}",
    })  # fmt: skip
    days = (f"{first}-06-30", f"{last}-06-30")
    return _table_read(table, "mid-year estimates", f"{first} to {last}", days, rows, left_out)


def _read_single_ages(table: CsvTable) -> TableRead:
    """ONS mid-year estimates by single year of age, one line per area. The year is in the file name alone."""
    in_name = YEAR_IN_NAME.findall(PurePosixPath(table.file).name)
    if len(in_name) != 1:
        raise InputError(
            f"{table.file}: the table does not say its year and the file name does not tell one.\n"
            f"Put the year in the file name, such as mye_2020_persons.csv.\nNothing was written."
        )
    year = int(in_name[0])
    text = columns_named(table, [table.header[0], *SINGLE_AGES], "mid-year estimates by single year of age")
    left_out = unknown_areas(text[table.header[0]])
    used = left_out.eq("")
    numbers = whole_numbers(text[used], SINGLE_AGES, table.file)
    people = numbers.melt(var_name="age", value_name="children", ignore_index=False)
    people = people.assign(
        borough_code=text[table.header[0]], group=ALL, label="", gender=ALL,
        age_band=age_bands(people["age"].astype(int)),
    )  # fmt: skip
    rows = with_margins(people).drop_duplicates()
    # The label sorts before that of the mid-year estimates after the census: where one total is wanted, theirs wins.
    source = "ONS estimates by single year of age, made before the 2021 Census"
    rows = rows.assign(year=year, age_from=0, age_to=LAST_AGE, share_error=0.0, source=source)
    days = (f"{year}-06-30", f"{year}-06-30")
    return _table_read(table, "mid-year estimates by single year of age", str(year), days, rows, left_out)


def _below_title(table: CsvTable) -> CsvTable:
    """Take off a title that stands over the header, as when a sheet of a workbook is saved as CSV."""
    if sum(name != "" for name in table.header) != 1 or len(table.header) == 1 or table.cells.empty:
        return table
    return table._replace(header=table.cells.iloc[0].str.strip().tolist(), cells=table.cells.iloc[1:])


def _is_by_sex(table: CsvTable) -> bool:
    areas = [name for name in table.header if AREA_BY_SEX.fullmatch(name)]
    years_told = [name for name in table.header if YEAR_BY_SEX.fullmatch(name)]
    return len(areas) == 1 and bool(years_told) and has_columns(table, ["sex", "age"])


def _read_by_sex(table: CsvTable) -> TableRead:
    """ONS's detailed estimates (MYEB1): one line per authority, sex and single year of age, one column per year."""
    table = _below_title(table)
    area = next(name for name in table.header if AREA_BY_SEX.fullmatch(name))
    told = {int(name[-4:]): name for name in table.header if YEAR_BY_SEX.fullmatch(name)}
    text = columns_named(table, [area, "sex", "age", *told.values()], "ONS estimates by age and sex")
    odd = text.index[~text["age"].str.fullmatch(r"\d{1,3}\+?")]
    if len(odd):
        found = repr(text.loc[odd[0], "age"])
        raise refusal(table.file, odd[0], "age", found, "a single year of age", "Download the file again.")
    ages = text["age"].str.rstrip("+").astype(int)
    left_out = unknown_areas(text[area]).mask(ages > LAST_AGE, f"aged over {LAST_AGE}")
    own = text[left_out.eq("")].assign(gender=_sexes(text["sex"], table.file), age=ages)
    _refuse_other_ages(own, table.file)
    refuse_gaps(own, area, ["sex", "age"], table.file)
    numbers = whole_numbers(own, list(told.values()), table.file)
    first, last = min(told), max(told)
    people = pd.DataFrame({
        "borough_code": own[area], "group": ALL, "label": "", "gender": own["gender"],
        "age_band": age_bands(own["age"]),
    })  # fmt: skip
    parts = [with_margins(people.assign(children=numbers[name])).assign(year=year) for year, name in told.items()]
    rows = pd.concat(parts, ignore_index=True).drop_duplicates()
    source = f"{BY_SEX}, {first} to {last}"
    rows = rows.assign(age_from=0, age_to=LAST_AGE, share_error=0.0, source=source)
    days = (f"{first}-06-30", f"{last}-06-30")
    return _table_read(table, "mid-year estimates by age and sex", f"{first} to {last}", days, rows, left_out)


def _sexes(codes: pd.Series, file: str) -> pd.Series:
    listed = load_codelist("population_sexes").set_index("published")["gender"]
    sexes = codes.str.casefold().map(listed)
    if sexes.isna().any():
        found = ", ".join(f"{code!r} in {rows:,} rows" for code, rows in codes[sexes.isna()].value_counts().items())
        raise UnlistedCodeError(
            f"{file}, column {codes.name}: {found}, not listed in codelists/population_sexes.csv.\n"
            f"Add the code there.\nNothing was written."
        )
    return sexes


def _refuse_other_ages(own: pd.DataFrame, file: str) -> None:
    """Refuse a table without each age of 0 to 17, or without both sexes: its totals would not be those of children."""
    absent = [str(age) for age in range(LAST_AGE + 1) if age not in set(own["age"])]
    if len(own) and (absent or own["gender"].nunique() < 2):
        found = f"no line aged {', '.join(absent)}" if absent else f"only {own['gender'].iloc[0]}"
        raise InputError(
            f"{file}, columns sex and age: found {found}, expected each age from 0 to {LAST_AGE} of both sexes.\n"
            f"Download the file again.\nNothing was written."
        )


def _read_primary_schools(table: CsvTable) -> TableRead:
    reason = "shares of primary pupils alone: older children's groups differ"
    left_out = pd.Series(reason, index=table.cells.index, dtype=object)
    return _table_read(table, "primary school census shares", "", ("", ""), pd.DataFrame(), left_out)


def _share_columns(table: CsvTable) -> list[str]:
    return [name for name in table.header if CENSUS_SHARE.fullmatch(name) or SCHOOL_SHARE.fullmatch(name)]


def _read_shares(table: CsvTable) -> TableRead:
    """Ethnic groups as percentages to one decimal place, worked out by others: one source per percentage column.

    White British and the other White groups are added to White, whose rounding error is then twice that of one share.
    """
    found = _share_columns(table)
    text = columns_named(table, ["new_la_code", "ethnic_group", *found], "children's ethnic groups in percent")
    left_out = unknown_areas(text["new_la_code"])
    own = text[left_out.eq("")]
    groups = ethnic_groups(own["ethnic_group"].str.casefold(), table.file)
    parts = []
    for name in found:
        shares = pd.DataFrame({
            "borough_code": own["new_la_code"], **groups, "share": _percentages(own[name], table.file) / 100,
            "share_error": HALF_A_TENTH_OF_A_PERCENT,
        })  # fmt: skip
        parts.append(_added_shares(shares).assign(**_share_source(name)))
    rows = pd.concat(parts, ignore_index=True)
    last = max(_share_source(name)["year"] for name in found)
    days = (f"{CENSUS_YEAR}-01-01", f"{last}-12-31")
    return _table_read(table, "ethnic groups of children, shares", "", days, rows, left_out)


def _share_source(column: str) -> dict[str, object]:
    census = CENSUS_SHARE.fullmatch(column)
    if census:
        first, last = int(census["first"]), int(census["last"])
        source = f"Census 2021 shares of ages {first} to {last}"
        return {"age_from": first, "age_to": last, "year": CENSUS_YEAR, "source": source}
    school = SCHOOL_SHARE.fullmatch(column)
    last_year = int(school["first"][:2] + school["last"])
    source = f"DfE school census {school['first']} to {last_year} shares"
    # The table does not give the ages of the pupils; most are of the ages of compulsory school or a year younger.
    return {"age_from": 4, "age_to": 15, "year": last_year, "source": source}


def _added_shares(shares: pd.DataFrame) -> pd.DataFrame:
    by_group = shares.groupby(["borough_code", "group"], sort=True)[["share", "share_error"]].sum().reset_index()
    by_label = shares[shares["label"].ne("")].drop(columns="group").rename(columns={"label": "group"})
    whole = by_group.drop_duplicates("borough_code").assign(group=ALL, share=1.0, share_error=0.0)
    rows = pd.concat([by_group, by_label, whole], ignore_index=True).rename(columns={"group": "ethnic_group"})
    return rows[["borough_code", "ethnic_group", "share", "share_error"]].assign(gender=ALL, age_band=ALL)


def _percentages(text: pd.Series, file: str) -> pd.Series:
    odd = text[~text.str.fullmatch(r"(?:\d{1,2}(?:\.\d)?|100(?:\.0)?)")]
    if len(odd):
        expected = "a percentage from 0 to 100 with at most one decimal place"
        raise refusal(file, odd.index[0], str(text.name), repr(odd.iloc[0]), expected, "Correct the cell.")
    return text.astype(float)


def combine_populations(reads: list[TableRead]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put the populations of all files together and turn shares into children.

    returns: rows of the contract schemas.Population; and the lines that were not used after all: file, line, year, what
    raises: InputError when two files give one source different numbers, or shares have no total to be a part of
    """
    columns = columns_of(Population)
    parts = [read.rows.assign(file=read.file, release_year=read.release_year) for read in reads if len(read.rows)]
    if not parts:
        return pd.DataFrame(columns=columns), pd.DataFrame(columns=["file", "line", "year", "what"])
    rows = pd.concat(parts, ignore_index=True).reindex(columns=[*columns, "share", "line", "file", "release_year"])
    is_share = rows["share"].notna()
    counts, older = _latest_estimates(rows[~is_share])
    whole = pd.concat([counts, _children_of_shares(rows[is_share], counts)], ignore_index=True)
    _refuse_disagreement(whole)
    whole = whole.drop_duplicates(CELL).sort_values(["borough_code", "source", *CELL[1:5]], ignore_index=True)
    return whole[columns], older


def _latest_estimates(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep, for each year, the mid-year estimates of the newest file: ONS changes earlier years after each census."""
    is_estimate = rows["line"].notna()
    newest = rows[is_estimate].groupby("year")["release_year"].transform("max").reindex(rows.index)
    old = is_estimate & rows["release_year"].lt(newest)
    return rows[~old], rows.loc[old, ["file", "line", "year"]].assign(what="older estimate")


def _children_of_shares(shares: pd.DataFrame, counts: pd.DataFrame) -> pd.DataFrame:
    """Multiply each share by its area's total of children aged 0 to 17 at the mid-year nearest to it."""
    if shares.empty:
        return shares
    whole = counts[["ethnic_group", "gender", "age_band"]].eq(ALL).all(axis=1)
    totals = counts.loc[whole & counts["source"].str.startswith((MID_YEAR, BY_SEX))]
    # Where both tell a year, the estimates of all children together come first: they are the newest.
    totals = totals.assign(first=~totals["source"].str.startswith(MID_YEAR)).sort_values("first")
    totals = totals.drop_duplicates(["borough_code", "year"])[["borough_code", "year", "children"]]
    totals = totals.rename(columns={"year": "mid_year", "children": "total"})
    pairs = shares.reset_index().merge(totals, on="borough_code", how="left")
    if pairs["total"].isna().any():
        area, file = pairs.loc[pairs["total"].isna(), ["borough_code", "file"]].iloc[0]
        raise InputError(
            f"{file}: the shares of {area} have no total of children to be a part of.\nPut the ONS mid-year population "
            f"estimates (the CSV as downloaded) into the folder, or take the shares out.\nNothing was written."
        )
    away = (pairs["mid_year"] - pairs["year"]).abs()
    nearest = pairs.assign(away=away).sort_values(["index", "away", "mid_year"]).drop_duplicates("index")
    mid_year = nearest["mid_year"].astype(int)
    return nearest.assign(
        children=nearest["share"] * nearest["total"], year=mid_year,
        source=nearest["source"] + " of the ONS mid-" + mid_year.astype(str) + " estimate",
    )[shares.columns]  # fmt: skip


def _refuse_disagreement(rows: pd.DataFrame) -> None:
    repeated = rows[rows.duplicated(CELL, keep=False)]
    spread = repeated.groupby(CELL)["children"].agg(["min", "max"])
    odd = spread[spread["min"] < spread["max"]]
    if odd.empty:
        return
    place = dict(zip(CELL, odd.index[0], strict=True))
    files = repeated.loc[(repeated[CELL] == pd.Series(place)).all(axis=1), "file"].unique()
    raise InputError(
        f"{' and '.join(files)} give different populations for {', '.join(str(part) for part in place.values())}: "
        f"{odd.iloc[0]['min']:g} and {odd.iloc[0]['max']:g}.\nKeep the file that is right and take the other out.\n"
        f"Nothing was written."
    )
