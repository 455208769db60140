"""Census 2021 counts by ethnic group: custom tables of ONS, and table RM032 (ages 10 to 17)."""

from __future__ import annotations

import re
from itertools import product

import pandas as pd

from helpers.codes import ALL, areas, load_codelist
from helpers.errors import InputError, UnlistedCodeError
from helpers.read.csv_tables import (
    CsvTable,
    NotATable,
    TableRead,
    columns_named,
    has_columns,
    melted,
    refusal,
    to_numbers,
)

ERA = "ONS"
CENSUS_YEAR = 2021
CENSUS_DAY = "2021-03-21"
LAST_AGE = 17
EVERY_AGE = 120
ETHNIC = "Ethnic group (20 categories)"
SEX = "Sex (2 categories)"
OBSERVATION = "Observation"
NOT_ASKED = "Does not apply"
RM032_COLUMNS = ["new_la_code", "ethnic_group", "age_band", "sex", "population"]
RM032_BANDS = ["10-11", "12-14", "15-17"]


def read_census(table: CsvTable) -> TableRead | NotATable:
    """Read a custom table: area, ethnic group, and perhaps single years of age and sex, each with its code.

    With ages, those of 0 to 17 are kept; without, people of all ages are counted and the source says so.
    raises: InputError for a cell that is not a number, UnlistedCodeError for an ethnic group that no codelist has
    """
    age_columns = [name for name in table.header if re.fullmatch(r"Age \(\d+ categories\)", name)]
    columns = [ETHNIC, *age_columns, *([SEX] if has_columns(table, [SEX]) else []), OBSERVATION]
    text = columns_named(table, [table.header[0], *columns], "a Census 2021 table of ONS")
    codes = text[table.header[0]]
    ages = _single_ages(text[age_columns[0]]) if age_columns else pd.Series(0, index=text.index)
    if ages is None:
        return table.not_read("ages in bands: single years of age are needed")
    left_out = unknown_areas(codes).mask(ages > LAST_AGE, f"aged over {LAST_AGE}")
    left_out = left_out.mask(text[columns[:-1]].eq(NOT_ASKED).any(axis=1), "a group that does not apply")
    used = left_out.eq("")
    people = pd.DataFrame({
        "borough_code": codes[used], **ethnic_groups(text.loc[used, ETHNIC], table.file),
        "gender": text.loc[used, SEX] if SEX in text else ALL,
        "age_band": age_bands(ages[used]) if age_columns else ALL,
        "children": whole_numbers(text[used], [OBSERVATION], table.file)[OBSERVATION],
    })  # fmt: skip
    rows = with_margins(people).assign(
        year=CENSUS_YEAR, source=_source(bool(age_columns), SEX in text), age_from=0,
        age_to=LAST_AGE if age_columns else EVERY_AGE, share_error=0.0,
    )  # fmt: skip
    return _census_read(table, "Census 2021, ethnic groups", rows, left_out)


def read_rm032(table: CsvTable) -> TableRead:
    """Read table RM032: ethnic group by sex at ages 10 to 17, in three bands that are added up.

    raises: InputError for another band, or an area with a line missing or repeated
    """
    text = columns_named(table, RM032_COLUMNS, "Census 2021 RM032")
    _refuse_gaps(text, table.file)
    left_out = unknown_areas(text["new_la_code"])
    used = left_out.eq("")
    people = pd.DataFrame({
        "borough_code": text.loc[used, "new_la_code"],
        **ethnic_groups(text.loc[used, "ethnic_group"].str.casefold(), table.file),
        "gender": text.loc[used, "sex"].str.capitalize(), "age_band": ALL,
        "children": whole_numbers(text[used], ["population"], table.file)["population"],
    })  # fmt: skip
    rows = with_margins(people).assign(
        year=CENSUS_YEAR, source="ONS Census 2021 RM032, children aged 10 to 17", age_from=10, age_to=17,
        share_error=0.0,
    )  # fmt: skip
    return _census_read(table, "Census 2021 RM032", rows, left_out)


def _census_read(table: CsvTable, kind: str, rows: pd.DataFrame, left_out: pd.Series) -> TableRead:
    periods = (CENSUS_DAY, CENSUS_DAY)
    return TableRead(table.file, table.checksum, ERA, kind, "Census 2021", CENSUS_YEAR, periods, rows, left_out)


def _source(by_age: bool, by_sex: bool) -> str:
    """Name the source by its splits: ONS changes small numbers a little in each table, so two are never one source."""
    split = " and ".join([*(["age"] if by_age else []), *(["sex"] if by_sex else [])])
    people = "children aged 0 to 17" if by_age else "all ages"
    return f"ONS Census 2021, {people}{f', by {split}' if split else ''}"


def _single_ages(labels: pd.Series) -> pd.Series | None:
    """Turn 'Aged under 1 year', 'Aged 1 year', 'Aged 100 years and over' into years; None when they are bands."""
    found = [label for label in labels.unique() if label != NOT_ASKED]
    parts = {label: re.fullmatch(r"Aged (under 1|\d+) years?( and over)?", label) for label in found}
    if not all(parts.values()):
        return None
    ages = {label: 0 if part[1] == "under 1" else int(part[1]) for label, part in parts.items()}
    # 'Aged 4 years and under' does not match, so bands are found; an open last age must be of adults.
    if any(part[2] and ages[label] <= LAST_AGE for label, part in parts.items()):
        return None
    return labels.map(ages).fillna(EVERY_AGE).astype(int)


def unknown_areas(codes: pd.Series) -> pd.Series:
    """Give each line "" or, where its area is not one of ours, the reason to leave it out."""
    empty = pd.Series("", index=codes.index, dtype=object)
    return empty.mask(~codes.isin(areas()["code"]), "area not in codelists/areas.csv")


def whole_numbers(text: pd.DataFrame, columns: list[str], file: str) -> pd.DataFrame:
    """Give the columns as numbers; populations have no symbols, so one is refused."""
    numbers = to_numbers(melted(text[columns]), ERA, file)["number"].to_numpy()
    return pd.DataFrame(numbers.reshape(len(columns), len(text)).T, index=text.index, columns=columns)


def ethnic_groups(labels: pd.Series, file: str) -> dict[str, pd.Series]:
    """Give the group (of five) and the label (of ethnicity.csv, "" for none) of each published label.

    raises: UnlistedCodeError for a label that codelists/population_ethnic_groups.csv does not have
    """
    listed = load_codelist("population_ethnic_groups").set_index("published")
    unlisted = labels[~labels.isin(listed.index)].value_counts()
    if len(unlisted):
        found = ", ".join(f"{label!r} in {rows:,} rows" for label, rows in unlisted.items())
        raise UnlistedCodeError(
            f"{file}, column {labels.name}: {found}, not listed in codelists/population_ethnic_groups.csv.\n"
            f"Add the label there with its group.\nNothing was written."
        )
    return {"group": labels.map(listed["group"]), "label": labels.map(listed["label"])}


def age_bands(ages: pd.Series) -> pd.Series:
    """Give each age of 0 to 17 its band of codelists/age_bands.csv."""
    bands = load_codelist("age_bands")
    edges = [*bands["age_from"].astype(int), LAST_AGE + 1]
    return pd.cut(ages, bins=edges, right=False, labels=bands["label"]).astype(object)


def with_margins(people: pd.DataFrame) -> pd.DataFrame:
    """Add up people by group and by label of ethnicity, gender and age band, crossed, each with its total (All).

    people: columns borough_code, group, label, gender, age_band (All throughout where it is not split), children
    """
    gender, age_band = (
        (column, ALL) if people[column].ne(ALL).any() else (ALL,) for column in ("gender", "age_band")
    )  # fmt: skip
    parts = []
    for crossed in product(("group", "label", ALL), gender, age_band):
        by = [column for column in crossed if column != ALL]
        own = people[people["label"].ne("")] if "label" in by else people
        summed = own.groupby(["borough_code", *by], sort=True)["children"].sum().reset_index()
        summed = summed.rename(columns={"group": "ethnic_group", "label": "ethnic_group"})
        whole = {column: ALL for column in ("ethnic_group", "gender", "age_band") if column not in summed}
        parts.append(summed.assign(**whole)[["borough_code", "ethnic_group", "gender", "age_band", "children"]])
    return pd.concat(parts, ignore_index=True)


def _refuse_gaps(text: pd.DataFrame, file: str) -> None:
    """Refuse an area without each group, band and sex once: a sum would be wrong without a word."""
    odd = text[~text["age_band"].isin(RM032_BANDS)]
    if len(odd):
        raise refusal(
            file, odd.index[0], "age_band", repr(odd["age_band"].iloc[0]), f"one of {', '.join(RM032_BANDS)}",
            "Keep the bands of ages 10 to 17 only.",
        )  # fmt: skip
    wanted = text["ethnic_group"].nunique() * len(RM032_BANDS) * text["sex"].nunique()
    lines = text.groupby("new_la_code").size()
    distinct = text.drop_duplicates(RM032_COLUMNS[:-1]).groupby("new_la_code").size()
    wrong = lines.index[lines.ne(wanted) | distinct.ne(wanted)]
    if len(wrong):
        raise InputError(
            f"{file}: {wrong[0]} does not have each ethnic group, age band and sex once ({wanted} lines were expected, "
            f"{lines[wrong[0]]} found).\nAdd the missing lines or take the repeated ones out.\nNothing was written."
        )
