"""Census 2021 counts by ethnic group: custom tables of ONS, tables of Nomis, and table RM032 (ages 10 to 17).

Nomis's own RM032 has no age under 25 but "24 years and under", which counts adults: it is named so and not read.
"""

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
OBSERVATION = "Observation"
NOT_ASKED = "Does not apply"
ETHNIC_COLUMN = re.compile(r"Ethnic group \((?:6|20) categories\)", re.IGNORECASE)
SEX_COLUMN = re.compile(r"Sex \(2 categories\)", re.IGNORECASE)
SPLIT_COLUMN = re.compile(r".+ \(\d+ categories\)", re.IGNORECASE)
AGE_COLUMN = re.compile(r"Age(?: \([A-Z]\))? \(\d+ categories\)", re.IGNORECASE)
AGE_LABEL = re.compile(r"Aged (?:under (\d+)|(\d+)(?: to (\d+))?) years?(?: and (over|under))?")

NOMIS_AREA, NOMIS_NUMBER, NOMIS_MEASURE = "GEOGRAPHY_CODE", "OBS_VALUE", "MEASURES_NAME"
NOMIS_SEX = re.compile(r"C_SEX_NAME", re.IGNORECASE)
NOMIS_ETHNIC = re.compile(r"C2021_ETH_\d+_NAME", re.IGNORECASE)
NOMIS_AGE = re.compile(r"C2021_AGE_\d+_NAME", re.IGNORECASE)
NOMIS_WIDE = re.compile(r"Ethnic group: .+")
NOMIS_WIDE_AREA = "geography code"
TOTAL = re.compile(r"Total(?:: .+)?|All persons")

RM032_COLUMNS = ["new_la_code", "ethnic_group", "age_band", "sex", "population"]
RM032_BANDS = ["10-11", "12-14", "15-17"]


def is_census(table: CsvTable) -> bool:
    """Tell whether a table is a custom table of the census by ethnic group, as ONS's website makes them."""
    return len(_columns_like(table, ETHNIC_COLUMN)) == 1 and has_columns(table, [OBSERVATION])


def is_nomis(table: CsvTable) -> bool:
    """Tell whether a table is one of Nomis by ethnic group: a line per number, or the bulk file of table TS021."""
    long = len(_columns_like(table, NOMIS_ETHNIC)) == 1 and has_columns(table, [NOMIS_AREA, NOMIS_NUMBER])
    return long or (len(_columns_like(table, NOMIS_WIDE)) > 1 and has_columns(table, [NOMIS_WIDE_AREA]))


def read_census(table: CsvTable) -> TableRead | NotATable:
    """Read a custom table: area, ethnic group, and perhaps age and sex, each with its code.

    With ages, those of 0 to 17 are kept; without, people of all ages are counted and the source says so.
    returns: a table whose ages do not end at 17, or that lacks the youngest, is not read, with the reason
    raises: InputError for a cell that is not a number or an area with a line missing, UnlistedCodeError for an ethnic
        group that no codelist has
    """
    named = _named(table, (ETHNIC_COLUMN, AGE_COLUMN, SEX_COLUMN), OBSERVATION)
    others = [name for name in _columns_like(table, SPLIT_COLUMN) if name not in named.values()]
    if others:
        return table.not_read(f"split by more than ethnic group, age and sex: {others[0]}")
    text = columns_named(table, [table.header[0], *named.values()], "a Census 2021 table of ONS")
    cells = pd.DataFrame({"area": text[table.header[0]], **{name: text[column] for name, column in named.items()}})
    asked = cells[[name for name in named if name != "number"]].ne(NOT_ASKED).all(axis=1)
    left_out = unknown_areas(cells["area"]).mask(~asked, "a group that does not apply")
    return _read_people(table, cells, left_out, named, publisher="ONS Census 2021")


def read_nomis(table: CsvTable) -> TableRead | NotATable:
    """Read a table of Nomis by ethnic group: area, group, perhaps age and sex, and totals of each, which are left out.

    returns, raises: as `read_census`
    """
    publisher = "ONS Census 2021 from Nomis"
    if not has_columns(table, [NOMIS_NUMBER]):
        cells, named = _unfolded(table)
        return _read_people(table, cells, unknown_areas(cells["area"]), named, publisher=publisher)
    named = _named(table, (NOMIS_ETHNIC, NOMIS_AGE, NOMIS_SEX), NOMIS_NUMBER)
    named |= {"measure": NOMIS_MEASURE} if has_columns(table, [NOMIS_MEASURE]) else {}
    text = columns_named(table, [NOMIS_AREA, *named.values()], "a Census 2021 table of Nomis")
    cells = pd.DataFrame({"area": text[NOMIS_AREA], **{name: text[column] for name, column in named.items()}})
    left_out = unknown_areas(cells["area"])
    if "measure" in cells:
        left_out = left_out.mask(cells["measure"].str.casefold().ne("value"), "a percentage, not a number of people")
    for split in [name for name in ("age", "sex") if name in cells]:
        total = cells[split].str.fullmatch(TOTAL)
        if total.all():
            cells = cells.drop(columns=split)
        left_out = left_out.mask(total & ~total.all(), "a total")
    left_out = left_out.mask(_is_total_of_groups(cells["ethnic"]), "a total")
    return _read_people(table, cells, left_out, named, publisher=publisher)


def _columns_like(table: CsvTable, pattern: re.Pattern) -> list[str]:
    return [name for name in table.header if pattern.fullmatch(name)]


def _named(table: CsvTable, patterns: tuple[re.Pattern, ...], number: str) -> dict[str, str]:
    """Name the table's columns by what they hold: ethnic, age and sex where they are there, and number."""
    found = {name: _columns_like(table, one)[:1] for name, one in zip(("ethnic", "age", "sex"), patterns, strict=True)}
    return {name: columns[0] for name, columns in found.items() if columns} | {"number": number}


def _unfolded(table: CsvTable) -> tuple[pd.DataFrame, dict[str, str]]:
    """Turn the bulk file, a column per ethnic group, into a line per number (several of one line of the file)."""
    wide = _columns_like(table, NOMIS_WIDE)
    text = columns_named(table, [NOMIS_WIDE_AREA, *wide], "the bulk file of a Census 2021 table of Nomis")
    labels = pd.Series(wide, index=wide).str.removeprefix("Ethnic group: ")
    kept = labels[~_is_total_of_groups(labels)]
    long = melted(text[kept.index.tolist()])
    cells = pd.DataFrame({"ethnic": long["column"].map(kept), "number": long["text"]}).set_axis(long["line"])
    return cells.assign(area=text[NOMIS_WIDE_AREA].reindex(cells.index)), {"ethnic": "Ethnic group", "number": "number"}


def _is_total_of_groups(labels: pd.Series) -> pd.Series:
    """Tell which ethnic groups are totals: of everybody, or one of the five where its own parts are listed too."""
    listed = load_codelist("population_ethnic_groups")
    fives = set(listed.loc[listed["label"].eq(""), "published"])
    return labels.str.fullmatch(TOTAL) | (labels.isin(fives) & labels.isin(set(listed["published"]) - fives).any())


def _read_people(
    table: CsvTable, cells: pd.DataFrame, left_out: pd.Series, named: dict[str, str], *, publisher: str
) -> TableRead | NotATable:
    """Turn cells (area, ethnic, perhaps age and sex, number) into rows with every total."""
    by_age, by_sex = "age" in cells, "sex" in cells
    spans = _spans(cells["age"]) if by_age else {}
    if isinstance(spans, str):
        return table.not_read(spans)
    if by_age:
        older = cells["age"].isin([label for label, (first, _) in spans.items() if first > LAST_AGE])
        left_out = left_out.mask(left_out.eq("") & older, f"aged over {LAST_AGE}")
    own = cells[left_out.eq("")]
    refuse_gaps(own, "area", [name for name in ("ethnic", "age", "sex") if name in own], table.file)
    groups = ethnic_groups(own["ethnic"].rename(named["ethnic"]), table.file)
    number = own[["number"]].set_axis([named["number"]], axis=1)
    bands = _bands(own["age"], spans) if by_age else ALL
    people = pd.DataFrame({
        "borough_code": own["area"], **groups, "gender": own["sex"] if by_sex else ALL, "age_band": bands,
        "children": whole_numbers(number, [named["number"]], table.file)[named["number"]],
    })  # fmt: skip
    split = [name for name, is_split in (("age", people["age_band"].ne(ALL).any()), ("sex", by_sex)) if is_split]
    source = _source(publisher, finer=groups["label"].ne("").any(), of_children=by_age, split=split)
    rows = with_margins(people).assign(
        year=CENSUS_YEAR, source=source, age_from=0, age_to=LAST_AGE if by_age else EVERY_AGE, share_error=0.0
    )
    return _census_read(table, "Census 2021, ethnic groups", rows, left_out.groupby(level=0).first())


def read_rm032(table: CsvTable) -> TableRead:
    """Read table RM032: ethnic group by sex at ages 10 to 17, in three bands that are added up.

    raises: InputError for another band, or an area with a line missing or repeated
    """
    text = columns_named(table, RM032_COLUMNS, "Census 2021 RM032")
    _refuse_other_bands(text, table.file)
    refuse_gaps(text, "new_la_code", RM032_COLUMNS[1:-1], table.file)
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


def _source(publisher: str, *, finer: bool, of_children: bool, split: list[str]) -> str:
    """Name the source by its splits: ONS changes small numbers a little in each table, so two are never one source."""
    people = f"children aged 0 to {LAST_AGE}" if of_children else "all ages"
    parts = [f"{publisher}{'' if finer else ' in five groups'}", people]
    return ", ".join([*parts, f"by {' and '.join(split)}"] if split else parts)


def _spans(labels: pd.Series) -> dict[str, tuple[int, int]] | str:
    """Give the first and last age of each label, such as 'Aged 5 to 7 years'; or why they do not make ages 0 to 17."""
    told = [label for label in labels.unique() if label != NOT_ASKED and not TOTAL.fullmatch(label)]
    parts = {label: AGE_LABEL.fullmatch(label) for label in told}
    unknown = [label for label, part in parts.items() if part is None]
    if unknown:
        return f"ages not known: {unknown[0]!r}"
    spans = {label: _span(*part.groups()) for label, part in parts.items()}
    mixed = [label for label, (first, last) in spans.items() if first <= LAST_AGE < last]
    if mixed:
        return f"{mixed[0]!r} counts adults too: single years of age, or bands that end at {LAST_AGE}, are needed"
    counted = [age for first, last in spans.values() if first <= LAST_AGE for age in range(first, last + 1)]
    absent = sorted(set(range(LAST_AGE + 1)) - set(counted))
    if absent or len(counted) > len(set(counted)):
        return f"ages not there: {', '.join(map(str, absent))}" if absent else "some ages stand in two bands"
    return spans


def _span(under: str | None, first: str | None, last: str | None, open_end: str | None) -> tuple[int, int]:
    if under:
        return 0, int(under) - 1
    start, end = int(first), int(last or first)
    return {"over": (start, EVERY_AGE), "under": (0, end)}.get(open_end, (start, end))


def _bands(labels: pd.Series, spans: dict[str, tuple[int, int]]) -> pd.Series:
    """Give each label its band of age_bands.csv; All throughout when the table's own bands cut across ours."""
    ends = pd.DataFrame(spans, index=["first", "last"]).T
    ends = ends[ends["first"].le(LAST_AGE)]
    band = age_bands(ends["first"])
    return labels.map(band) if band.eq(age_bands(ends["last"])).all() else pd.Series(ALL, index=labels.index)


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
    finer = load_codelist("ethnicity").drop_duplicates("label").set_index("label")["group"]
    label = labels.map(listed["label"])
    # One list says to which group a finer label belongs, for returns and populations alike: see the note on Chinese.
    return {"group": label.map(finer).where(label.ne(""), labels.map(listed["group"])), "label": label}


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


def refuse_gaps(cells: pd.DataFrame, area: str, keys: list[str], file: str) -> None:
    """Refuse an area without each combination of the keys once: a sum would be wrong without a word.

    cells: one row per number, with the columns `area` and `keys`; combinations are those of the table's own values
    """
    wanted = 1
    for key in keys:
        wanted *= cells[key].nunique()
    lines = cells.groupby(area).size()
    distinct = cells.drop_duplicates([area, *keys]).groupby(area).size()
    wrong = lines.index[lines.ne(wanted) | distinct.ne(wanted)]
    if len(wrong):
        raise InputError(
            f"{file}: {wrong[0]} does not have each {_listed(keys)} once ({wanted} lines were expected, "
            f"{lines[wrong[0]]} found).\nAdd the missing lines or take the repeated ones out.\nNothing was written."
        )


def _listed(keys: list[str]) -> str:
    words = [{"ethnic": "ethnic group"}.get(key, key.replace("_", " ")) for key in keys]
    return " and ".join([part for part in (", ".join(words[:-1]), words[-1]) if part])


def _refuse_other_bands(text: pd.DataFrame, file: str) -> None:
    odd = text[~text["age_band"].isin(RM032_BANDS)]
    if len(odd):
        raise refusal(
            file, odd.index[0], "age_band", repr(odd["age_band"].iloc[0]), f"one of {', '.join(RM032_BANDS)}",
            "Keep the bands of ages 10 to 17 only.",
        )  # fmt: skip
