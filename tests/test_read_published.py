"""Published tables of DfE: what the real files say, and each trap of their layouts in a small drawn table."""

import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.codes import areas, load_catalogue, load_codelist
from helpers.errors import InputError, NoDataError, UnlistedCodeError
from helpers.read.csv_tables import read_csv_table
from helpers.read.ees import STATISTIC, read_ees
from helpers.read.published import Published, read_published

LEADING = (
    "time_period,time_identifier,geographic_level,country_code,country_name,region_code,region_name,"
    "old_la_code,la_name,new_la_code"
)
ENGLAND = "Reporting year,National,E92000001,England,,,,,"
LONDON = "Reporting year,Regional,E92000001,England,E12000007,London,,,"
INNER = "Reporting year,Regional,E92000001,England,E13000001,Inner London,,,"
OUTER = "Reporting year,Regional,E92000001,England,E13000002,Outer London,,,"
MERTON = "Reporting year,Local authority,E92000001,England,E13000002,Outer London,315,Merton,E09000024"
LEEDS = "Reporting year,Local authority,E92000001,England,E12000003,Yorkshire and The Humber,383,Leeds,E08000035"

TO_2024 = f"{LEADING},cla_group,characteristic,number,percentage"
FROM_2025 = f"{LEADING},characteristic,breakdown,children_count,children_percent"

# Invented numbers of one borough, in the order group, item, number.
MARCH = [
    ("Ethnicity", "White", "40"), ("Ethnicity", "Mixed or Multiple ethnic groups", "c"),
    ("Ethnicity", '"Black, African, Caribbean or Black British"', "30"), ("Ethnicity", "Asian or Asian British", "c"),
    ("Ethnicity", "Other ethnic group", "0"), ("Ethnicity", "Refused or information not yet available", "z"),
    ("Ethnicity", "Total", "100"),
    ("Sex", "Female", "45"), ("Sex", "Male", "55"), ("Sex", "Total", "100"),
]  # fmt: skip


def ees(header: str, rows: list[tuple[str, ...]], *, year: int = 2024, area: str = MERTON) -> str:
    """Draw a table of Explore Education Statistics: each row's labels and number, with a percentage that is not read."""
    return "\n".join([header, *(f"{year},{area},{','.join(row)},0" for row in rows), ""])


def read(folder: Path, **files: str | bytes) -> Published:
    """Write the files (double underscore for a dot) and read the folder."""
    for name, content in files.items():
        path = folder / name.replace("__", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return read_published(folder)


def cell(counts: pd.DataFrame, indicator: str, borough: str = "Merton", year: int = 2024, **key: str) -> pd.Series:
    """Find the one row of a cell; what is not named is All."""
    wanted = {"category": "All", "ethnic_group": "All", "gender": "All", "age_band": "All", **key}
    own = counts[counts["indicator"].eq(indicator) & counts["borough"].eq(borough)]
    own = own[own["period_end"].eq(pd.Timestamp(year, 3, 31)) & (own[list(wanted)] == pd.Series(wanted)).all(axis=1)]
    assert len(own) == 1, f"{len(own)} rows for {indicator} {borough} {year} {key}"
    return own.iloc[0]


@pytest.fixture(scope="session")
def published(real_published) -> Published:
    return real_published


# --- what the real files say ---------------------------------------------------------------------------------------


def test_barking_and_dagenham_2021_is_as_published(published):
    """DfE, release of November 2025; the total agrees with the borough's own report of 2020 to 2021."""
    own = {"borough": "Barking and Dagenham", "year": 2021}
    assert cell(published.counts, "cla_total", **own)["numerator"] == 391
    assert cell(published.counts, "cla_total", **own, gender="Male")["numerator"] == 220
    for group, number in {"White": 193, "Black": 80, "Mixed": 56, "Asian": 48}.items():
        row = cell(published.counts, "cla_total", **own, ethnic_group=group)
        assert (row["numerator"], row["denominator"], row["status"]) == (number, 391, "shown")
    other = cell(published.counts, "cla_total", **own, ethnic_group="Other")
    assert pd.isna(other["numerator"])
    assert other["status"] == "suppressed"


def test_redbridge_2013_is_as_published(published):
    """SFR 36/2013; the same numbers stand in the borough's board report of 2013."""
    own = {"borough": "Redbridge", "year": 2013}
    assert cell(published.counts, "cla_total", **own)["numerator"] == 206
    groups = {"White": 93, "Mixed": 36, "Asian": 27, "Black": 43, "Other": 7, "Unknown": 0}
    found = {group: cell(published.counts, "cla_total", **own, ethnic_group=group)["numerator"] for group in groups}
    assert found == groups
    assert cell(published.counts, "cla_total", **own, gender="Female")["numerator"] == 91
    assert cell(published.counts, "cla_total", **own)["release"] == "SFR 36/2013"


@pytest.mark.parametrize(("year", "number"), [(2023, 428), (2024, 433), (2025, 431)])
def test_years_told_again_come_from_the_release_of_2025(published, shared, year, number):
    """Barking and Dagenham 2024 was 436 in the release of 2024 and is 433 in that of 2025."""
    row = cell(published.counts, "cla_total", borough="Barking and Dagenham", year=year)
    raw = pd.read_csv(shared / "published/ees_2025/cla_number_and_rate_per_10k_children.csv", dtype=str)
    own = raw[raw["new_la_code"].eq("E09000002") & raw["time_period"].eq(str(year))]
    assert own.loc[own["population_type"].str.contains("on 31 March"), "children_count"].tolist() == [str(number)]
    assert (row["numerator"], row["release"]) == (number, "2025 (to 31 March 2025)")


def test_no_series_mixes_releases_in_a_year(published):
    catalogue = pd.concat([load_codelist("published_ees"), load_codelist("published_sfr")])
    catalogue = catalogue[catalogue["indicator"].ne("")].drop_duplicates(STATISTIC)[STATISTIC]
    series = published.counts.merge(catalogue, on=STATISTIC[1:], how="left")
    assert len(series) == len(published.counts)
    assert series["series"].notna().all()
    assert series.groupby(["series", "period_end"])["release"].nunique().max() == 1


def test_regions_and_england_are_there_each_once(published):
    """London's three lines share one code in the SFR files; numbers of SFR 20/2012 and of the release of 2025."""
    sfr = {name: cell(published.counts, "cla_total", borough=name, year=2012)["numerator"] for name in (
        "London", "Inner London", "Outer London", "England",
    )}  # fmt: skip
    assert sfr == {"London": 10250, "Inner London": 4560, "Outer London": 5680, "England": 67050}
    assert cell(published.counts, "cla_total", borough="England", year=2025)["numerator"] == 81770
    last = published.counts[
        published.counts["period_end"].eq("2025-03-31") & published.counts["indicator"].eq("cla_total")
    ]
    assert set(last["borough"]) == set(areas()["label"])


PARTS = ["ethnic_group", "gender", "age_band", "category"]
WHOLE_BREAKDOWNS = [
    "cla_total", "cla_started", "cla_ceased", "cla_placement_dfe", "cla_legal_status", "cla_category_of_need",
    "cla_placement_provider", "cla_started_by_legal_status_dfe", "cla_started_by_need", "cla_ceased_by_reason_dfe",
]  # fmt: skip


def added_up(counts: pd.DataFrame, part: str) -> pd.DataFrame:
    """Add up each borough's breakdown whose every part is shown: index area, day and indicator; added, total."""
    counts = counts[counts["borough_code"].str.startswith("E09") & counts["indicator"].isin(WHOLE_BREAKDOWNS)]
    rest = [other for other in PARTS if other != part]
    rows = counts[counts[part].ne("All") & (counts[rest] == "All").all(axis=1) & counts["status"].ne("not_applicable")]
    rows = rows.assign(hidden=rows["status"].ne("shown"))
    groups = rows.groupby(["borough_code", "period_end", "indicator"])
    sums = groups.agg(added=("numerator", "sum"), hidden=("hidden", "any"), total=("denominator", "first"))
    return sums[~sums["hidden"] & sums["total"].notna()].reset_index()


@pytest.mark.parametrize("part", PARTS)
def test_breakdowns_of_boroughs_add_up_to_their_total_from_2013(published, part):
    sums = added_up(published.counts, part)
    sums = sums[sums["period_end"].ge("2013-03-31")]
    assert len(sums) > 150
    odd = sums[sums["added"] != sums["total"]]
    assert odd.empty, odd.to_string()


def test_sex_of_2011_is_off_by_its_rounding_and_read_as_it_is(published):
    """2011 and, in four boroughs, 2012 were rounded from fractions: the two may be 1 off the total."""
    sums = added_up(published.counts, "gender")
    off = sums["added"] - sums["total"]
    of_2011 = off[sums["period_end"].eq("2011-03-31") & sums["indicator"].eq("cla_total")]
    assert (len(of_2011), of_2011.eq(0).sum()) == (32, 21)
    of_2012 = off[sums["period_end"].eq("2012-03-31") & sums["indicator"].eq("cla_total")]
    assert of_2012.ne(0).sum() == 2
    assert off.abs().max() == 1


def test_published_percentages_and_rates_follow_from_our_numbers(shared):
    """DfE rounds half up; regions and England were divided before their counts were rounded, so only boroughs are held."""
    checked = 0
    for path in sorted((shared / "published").glob("ees_202*/la_*.csv")) + sorted(
        (shared / "published").glob("ees_202*/cla_number*.csv")
    ):
        table = read_csv_table(path, shared / "published")
        rows = read_ees(table).rows
        if rows.empty:
            continue
        shown = table.cells.iloc[:, len(table.header) - 1].str.strip()
        rows = rows.assign(shown=rows["line"].map(shown))
        rows = rows[rows["borough_code"].str.startswith("E09") & rows["numerator"].notna() & rows["denominator"].gt(0)]
        rows = rows[rows["shown"].str.fullmatch(r"\d+")]
        # The tables of adoptions give percentages of all adoptions, and no base of ours.
        per = rows["indicator"].str.endswith("per_10000").map({True: 10_000, False: 100})
        ours = (2 * per * rows["numerator"] + rows["denominator"]) // (2 * rows["denominator"])
        odd = rows[ours != rows["shown"].astype(int)]
        assert odd.empty, f"{table.file}\n{odd.to_string()}"
        checked += len(rows)
    assert checked > 30_000


def test_every_file_is_listed_and_its_rows_add_up(published, shared):
    on_disk = {
        path.relative_to(shared / "published").as_posix()
        for path in (shared / "published").rglob("*")
        if path.is_file()
    }
    files = published.files
    assert set(files["file"]) == on_disk
    assert files["file"].is_monotonic_increasing
    assert (files["rows_read"] == files["rows_used"] + files["rows_left_out"]).all()
    assert files["checksum"].str.fullmatch("[0-9a-f]{64}").all()
    assert (files["why"].ne("") | files["rows_left_out"].eq(0)).all()
    of_no_day = files["era"].eq("neighbours")
    assert files.loc[files["rows_used"].gt(0) & ~of_no_day, "first_period"].notna().all()


def test_the_sfr_of_2015_that_says_2014_is_read_as_2015(published):
    row = published.files.set_index("file").loc["sfr_2015/SFR34_ADM2015.csv"]
    assert row["why"].startswith("the header says 2014: 2015, from the file name, is used")
    assert cell(published.counts, "cla_started", borough="Redbridge", year=2015)["numerator"] == 117
    assert cell(published.counts, "cla_started", borough="Redbridge", year=2014)["numerator"] == 145


def test_older_releases_are_told_in_the_reasons(published):
    row = published.files.set_index("file").loc["ees_2024/cla_number_and_rate_per_10k_children.csv"]
    assert row["why"] == "444 rows: older release of 2021, 2022, 2023 and 2024 not used"
    assert (row["rows_read"], row["rows_used"]) == (555, 111)


# --- the codelists -------------------------------------------------------------------------------------------------


def test_every_statistic_is_of_one_series_and_in_the_catalogue():
    listed = pd.concat([load_codelist("published_ees"), load_codelist("published_sfr")])
    listed = listed[listed["indicator"].ne("")]
    assert set(listed["indicator"]) <= set(load_catalogue()["key"])
    assert listed.groupby(STATISTIC[1:])["series"].nunique().max() == 1
    assert listed.groupby("series")["indicator"].nunique().max() == 1


def test_groups_and_bands_are_those_of_our_codelists():
    listed = pd.concat([load_codelist("published_ees"), load_codelist("published_sfr")])
    children = listed[listed["indicator"].isin(["cla_total", "cla_started"])]
    assert set(children["ethnic_group"]) <= {"All", *load_codelist("ethnic_groups")["label"]}
    assert set(children["age_band"]) <= {"All", *load_codelist("age_bands")["label"]}
    assert set(listed["gender"]) <= {"All", "Male", "Female", ""}


@pytest.mark.parametrize(
    ("indicator", "codelist", "column"),
    [
        ("cla_placement_dfe", "placement", "dfe_group"),
        ("cla_legal_status", "legal_status", "group"),
        ("cla_category_of_need", "category_of_need", "label"),
        ("cla_placement_provider", "placement_provider", "label"),
    ],
)
def test_categories_of_today_are_those_of_the_returns(indicator, codelist, column):
    listed = load_codelist("published_ees").query("indicator == @indicator")
    assert set(listed["category"]) - {"Not reported"} <= set(load_codelist(codelist)[column])


@pytest.mark.parametrize("indicator", ["cla_placement_dfe", "cla_legal_status"])
def test_categories_that_ended_say_so(indicator):
    today, before = (
        set(listed.loc[listed["indicator"].eq(indicator), "category"])
        for listed in (load_codelist("published_ees"), load_codelist("published_sfr"))
    )
    assert before - today
    assert all(re.search(r"\(to 201[47]\)$", category) for category in before - today)


# --- Explore Education Statistics ----------------------------------------------------------------------------------


def test_the_layouts_to_2024_and_from_2025_give_the_same_numbers(tmp_path):
    """`characteristic` is the value to 2024 and the group from 2025; Gender became Sex."""
    old = [("Gender" if group == "Sex" else group, item, number) for group, item, number in MARCH]
    before = read(tmp_path / "a", la_2024__csv=ees(TO_2024, old)).counts
    after = read(tmp_path / "b", la_2025__csv=ees(FROM_2025, MARCH)).counts
    pd.testing.assert_frame_equal(before, after)
    assert cell(after, "cla_total", ethnic_group="White")["numerator"] == 40
    assert cell(after, "cla_total", ethnic_group="Black")["numerator"] == 30
    assert cell(after, "cla_total", gender="Female")["denominator"] == 100


def test_a_symbol_is_neither_zero_nor_missing_without_a_word(tmp_path):
    counts = read(tmp_path, la__csv=ees(TO_2024, MARCH)).counts
    status = {group: cell(counts, "cla_total", ethnic_group=group)["status"] for group in ("Mixed", "Other", "Unknown")}
    assert status == {"Mixed": "suppressed", "Other": "shown", "Unknown": "not_applicable"}
    assert cell(counts, "cla_total", ethnic_group="Other")["numerator"] == 0
    assert pd.isna(cell(counts, "cla_total", ethnic_group="Mixed")["numerator"])


@pytest.mark.parametrize(
    ("symbol", "status"),
    [("c", "suppressed"), ("k", "suppressed"), ("low", "suppressed"), ("x", "not_available"), ("z", "not_applicable")],
)
def test_symbols_of_explore_education_statistics(tmp_path, symbol, status):
    rows = [("Ethnicity", "White", symbol), ("Ethnicity", "Total", "9")]
    assert (
        cell(read(tmp_path, la__csv=ees(TO_2024, rows)).counts, "cla_total", ethnic_group="White")["status"] == status
    )


def test_a_suppressed_total_leaves_the_parts_without_a_base(tmp_path):
    rows = [("Ethnicity", "White", "7"), ("Ethnicity", "Total", "c")]
    counts = read(tmp_path, la__csv=ees(TO_2024, rows)).counts
    white = cell(counts, "cla_total", ethnic_group="White")
    assert white["numerator"] == 7
    assert pd.isna(white["denominator"])
    assert cell(counts, "cla_total")["status"] == "suppressed"


def test_areas_not_ours_are_left_out_and_counted(tmp_path):
    text = ees(TO_2024, MARCH) + ees("", MARCH, area=LEEDS).lstrip("\n")
    found = read(tmp_path, la__csv=text)
    assert set(found.counts["borough"]) == {"Merton"}
    assert found.files["why"].tolist() == ["10 rows: area not in codelists/areas.csv"]
    assert found.files["rows_left_out"].tolist() == [10]


def test_each_region_row_is_its_own_area(tmp_path):
    rows = [("Ethnicity", "Total", "10"), ("Ethnicity", "White", "6")]
    parts = [
        ees(TO_2024 if area == ENGLAND else "", rows, area=area).strip("\n") for area in (ENGLAND, LONDON, INNER, OUTER)
    ]
    counts = read(tmp_path, la__csv="\n".join(parts)).counts
    assert set(counts["borough"]) == {"England", "London", "Inner London", "Outer London"}


RATE = f"{LEADING},population_count,population_estimate,number,rate_per_10000"
RATE_ROWS = [
    ("Children looked after at 31 March each year", "20000", "100"),
    ("Children starting to be looked after each year", "20000", "40"),
]


def test_number_and_rate_give_the_number_and_its_population(tmp_path):
    counts = read(tmp_path, rate__csv=ees(RATE, RATE_ROWS)).counts
    rate = cell(counts, "cla_rate_per_10000")
    assert (rate["numerator"], rate["denominator"], rate["unit"]) == (100, 20000, "children per 10,000")
    assert cell(counts, "cla_total")["numerator"] == 100
    assert pd.isna(cell(counts, "cla_total")["denominator"])
    assert cell(counts, "cla_started")["period_type"] == "year"


def test_the_wordings_of_placement_stability_are_one_measure(tmp_path):
    at, on = "at 31 March aged under 16 years", "on 31 March aged under 16 years"
    group = "Children looked after continuously for at least 2.5 years"
    header = f"{LEADING},cla_group,placement_stability"
    long = (
        '"Living with the same carer for at least 2 years, or are placed for adoption and their adoptive placement '
        'together with their previous placement, last for at least 2 years"'
    )
    old = ees(f"{header},number,percentage", [(f"{group} {at}", long, "30"), (f"{group} {at}", "Total children", "40")])
    new = ees(
        f"{header},children_count,children_percent",
        [
            (f"{group} {on}", "Living with the same carer for at least 2 years", "30"),
            (f"{group} {on}", "Total children", "40"),
        ],
    )
    before, after = read(tmp_path / "a", old__csv=old).counts, read(tmp_path / "b", new__csv=new).counts
    pd.testing.assert_frame_equal(before, after)
    row = cell(after, "cla_long_term_stability")
    assert (row["numerator"], row["denominator"]) == (30, 40)


def test_a_mean_without_its_sum_is_left_out_with_the_reason(tmp_path):
    group = "Ages 5 to 16 years with SDQ score"
    rows = [
        (group, "SDQ average score", "14.1"),
        (group, "SDQ score was received", "20"),
        (group, "Total ages 5 to 16 years", "25"),
    ]
    found = read(tmp_path, health__csv=ees(TO_2024, rows))
    assert found.files["why"].tolist() == ["1 row: a mean published without its sum"]
    assert found.counts["indicator"].tolist() == ["cla_sdq_completed"]


def test_care_leavers_of_each_age_have_that_age_as_base(tmp_path):
    header = f"{LEADING},care_leaver_age,breakdown,care_leaver_count,care_leaver_percent"
    rows = [
        ("17 to 18 years", "Accommodation considered suitable", "20"), ("17 to 18 years", "Suitability total", "22"),
        ("19 to 21 years", "Accommodation considered suitable", "50"), ("19 to 21 years", "Suitability total", "60"),
        ("19 to 21 years", "Accommodation considered unsuitable", "4"),
    ]  # fmt: skip
    counts = read(tmp_path, homes__csv=ees(header, rows)).counts
    row = cell(counts, "cl_suitable_accommodation", age_band="19 to 21")
    assert (row["numerator"], row["denominator"], row["unit"]) == (50, 60, "care leavers")
    assert cell(counts, "cl_unsuitable_accommodation", age_band="19 to 21")["numerator"] == 4


# --- releases ------------------------------------------------------------------------------------------------------


def test_the_latest_release_of_a_series_wins_whole(tmp_path):
    """The newer file tells 2024 again and hides White: the older White is not put beside the newer total."""
    older = ees(
        TO_2024,
        [
            ("Ethnicity", "White", "50"),
            ("Ethnicity", "Mixed or Multiple ethnic groups", "9"),
            ("Ethnicity", "Total", "90"),
        ],
    )
    newer = ees(FROM_2025, [("Ethnicity", "White", "c"), ("Ethnicity", "Total", "88")])
    newer += ees("", [("Ethnicity", "White", "c"), ("Ethnicity", "Total", "80")], year=2025).lstrip("\n")
    found = read(tmp_path, a__csv=older, b__csv=newer)
    white = cell(found.counts, "cla_total", ethnic_group="White")
    assert (white["status"], white["denominator"], white["release"]) == ("suppressed", 88, "2025 (to 31 March 2025)")
    assert "Mixed" not in set(found.counts["ethnic_group"])
    assert found.files.set_index("file").loc["a.csv", "why"] == "3 rows: older release of 2024 not used"


def test_two_files_of_one_release_that_agree_are_one(tmp_path):
    text = ees(TO_2024, MARCH)
    once, twice = read(tmp_path / "a", one__csv=text), read(tmp_path / "b", one__csv=text, two__csv=text)
    pd.testing.assert_frame_equal(once.counts, twice.counts)
    assert twice.files["why"].tolist() == ["", ""]


def test_two_files_of_one_release_that_disagree_are_refused(tmp_path):
    rows = [("Ethnicity", "White", "40"), ("Ethnicity", "Total", "100")]
    other = [("Ethnicity", "White", "41"), ("Ethnicity", "Total", "100")]
    with pytest.raises(
        InputError, match=r"(?s)E09000024, 2024, cla_total.*one.csv, line 2: 40; two.csv, line 2: 41.*Keep"
    ):
        read(tmp_path, one__csv=ees(TO_2024, rows), two__csv=ees(TO_2024, other))


# --- refused in words ----------------------------------------------------------------------------------------------


def test_a_cell_that_is_neither_number_nor_symbol_is_refused(tmp_path):
    rows = [("Ethnicity", "White", "forty"), ("Ethnicity", "Total", "100")]
    with pytest.raises(
        InputError, match=r"la.csv, line 2, column number: found 'forty', expected a whole number from 0"
    ):
        read(tmp_path, la__csv=ees(TO_2024, rows))


@pytest.mark.parametrize("found", ["", "1.5", "-3", "1e3", "٣"])
def test_a_count_is_a_whole_number_from_0(tmp_path, found):
    with pytest.raises(InputError, match="line 3, column number"):
        read(tmp_path, la__csv=ees(TO_2024, [("Ethnicity", "Total", "9"), ("Ethnicity", "White", found)]))


@pytest.mark.parametrize("column", ["number", "new_la_code", "time_period", "cla_group", "region_code"])
def test_a_known_table_without_a_column_is_refused(tmp_path, column):
    rows = ees(TO_2024, [("Placement", "Foster placements", "9"), ("Placement", "Total", "10")]).strip().split("\n")
    table = pd.DataFrame([line.split(",") for line in rows])
    cut = table.loc[:, table.iloc[0] != column]
    with pytest.raises(InputError, match=r"la.csv, line 1, column .*: found "):
        read(tmp_path, la__csv=cut.to_csv(index=False, header=False))


def test_the_column_that_is_missing_is_named(tmp_path):
    text = ees(TO_2024, [("Placement", "Foster placements", "9")]).replace(",number,", ",value,")
    with pytest.raises(InputError, match="column number: found no such column"):
        read(tmp_path, la__csv=text)


def test_a_label_that_no_codelist_has_is_refused(tmp_path):
    rows = [("Ethnicity", "White", "9"), ("Ethnicity", "Martian", "9"), ("Ethnicity", "Total", "18")]
    with pytest.raises(UnlistedCodeError, match=r"(?s)la.csv: 'Martian' in Ethnicity \(1 rows\).*published_labels.csv"):
        read(tmp_path, la__csv=ees(TO_2024, rows))


def test_a_breakdown_that_is_not_used_is_left_out_with_its_name(tmp_path):
    rows = [("Ethnicity", "White", "9"), ("Ethnicity", "Total", "18"), ("Star sign", "Leo", "9")]
    assert read(tmp_path, la__csv=ees(TO_2024, rows)).files["why"].tolist() == ["1 row: breakdown not used (Star sign)"]


def test_a_line_twice_is_refused(tmp_path):
    rows = [("Ethnicity", "White", "9"), ("Ethnicity", "White", "9"), ("Ethnicity", "Total", "18")]
    with pytest.raises(
        InputError, match="line 3, column number: found a second number for E09000024, 2024, Ethnicity, White"
    ):
        read(tmp_path, la__csv=ees(TO_2024, rows))


def test_a_line_cut_short_is_refused(tmp_path):
    text = ees(TO_2024, MARCH) + f"2023,{MERTON},Ethnicity,White\n"
    with pytest.raises(InputError, match="la.csv, line 12, column number: found an empty cell"):
        read(tmp_path, la__csv=text)


def test_a_line_longer_than_the_header_is_refused(tmp_path):
    text = ees(TO_2024, MARCH) + f"2024,{MERTON},Ethnicity,Black, African,9,0\n"
    with pytest.raises(InputError, match="(?s)la.csv: a line does not fit the header .*double quotes"):
        read(tmp_path, la__csv=text)


def test_an_academic_year_is_refused(tmp_path):
    with pytest.raises(InputError, match="column time_period: found '202425', expected a year of four digits"):
        read(tmp_path, la__csv=ees(TO_2024, MARCH, year=202425))


@pytest.mark.parametrize("content", [{}, {"README__md": "# Put the files here\n"}, {"other__csv": "a,b\n1,2\n"}])
def test_a_folder_with_nothing_to_read_says_what_to_do(tmp_path, content):
    with pytest.raises(NoDataError, match="(?s)holds no table of DfE or ONS.*Put the CSV files of"):
        read(tmp_path, **content)


def test_a_folder_that_is_not_there_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match="There is no folder published. Make it"):
        read_published(tmp_path / "published")


def test_a_folder_of_other_areas_says_so(tmp_path):
    with pytest.raises(NoDataError, match="area not in codelists/areas.csv"):
        read(tmp_path, la__csv=ees(TO_2024, MARCH, area=LEEDS))


def test_a_header_without_lines_is_refused(tmp_path):
    with pytest.raises(InputError, match="la.csv: a header with no line under it"):
        read(tmp_path, la__csv=TO_2024 + "\n")


def test_files_that_are_no_table_are_listed_with_the_reason(tmp_path):
    found = read(
        tmp_path, la__csv=ees(TO_2024, MARCH), notes__txt="x", book__xlsx=b"PK\x03\x04", empty__csv="",
        utf16__csv="a,b\n1,2\n".encode("utf-16"), commas__csv="\n,,\n,,\n", blank__csv="\n\na,b\n",
        ragged__csv="title\na,b,c\n", other__csv="name,age\nx,1\n", deep=ees(TO_2024, MARCH),
    )  # fmt: skip
    why = found.files.set_index("file")["why"]
    assert why["notes.txt"] == "not a table"
    assert why["book.xlsx"].startswith("not a CSV file")
    assert why["deep"].startswith("not a CSV file")
    assert all(why[name].startswith("empty, or not text") for name in ("empty.csv", "utf16.csv", "commas.csv"))
    assert why["blank.csv"] == "not a table: its first line is blank"
    assert why["ragged.csv"].startswith("not a table: its lines do not fit its header")
    assert why["other.csv"] == "columns not known: name, age"
    assert found.files.set_index("file").loc["other.csv", ["rows_read", "rows_left_out"]].tolist() == [1, 1]


# --- mutated tables give the same numbers --------------------------------------------------------------------------

EXPECTED_STATUS = {"c": "suppressed", "k": "suppressed", "x": "not_available", "z": "not_applicable"}
CELLS = st.one_of(st.integers(0, 500).map(str), st.sampled_from(sorted(EXPECTED_STATUS)))


@settings(max_examples=25, deadline=None)
@given(
    cells=st.lists(CELLS, min_size=len(MARCH), max_size=len(MARCH)),
    order=st.permutations(range(14)),
    lines=st.permutations(range(len(MARCH))),
    bom=st.booleans(),
    ending=st.sampled_from(["\n", "\r\n"]),
    layout=st.sampled_from([TO_2024, FROM_2025]),
    upper=st.booleans(),
)
def test_encoding_order_and_layout_do_not_change_the_numbers(
    tmp_path_factory, cells, order, lines, bom, ending, layout, upper
):
    rows = [(group, item.strip('"'), number) for (group, item, _), number in zip(MARCH, cells, strict=True)]
    totals = {group: number for group, item, number in rows if item == "Total"}
    rows = [(group, item, totals["Sex"] if item == "Total" else number) for group, item, number in rows]
    header = (layout.upper() if upper else layout).split(",")
    body = [[str(2024), *MERTON.split(","), *rows[line], "0"] for line in lines]
    table = pd.DataFrame(body, columns=header).iloc[:, list(order)]
    text = table.to_csv(index=False, lineterminator=ending)
    found = read(tmp_path_factory.mktemp("mutated"), la__csv=text.encode("utf-8-sig" if bom else "utf-8")).counts
    labels = load_codelist("published_ees").query("kind == 'children on 31 March by characteristics'")
    expected = (
        pd.DataFrame(rows, columns=["group", "item", "text"])
        .merge(labels, on=["group", "item"])
        .drop_duplicates(STATISTIC)
    )
    merged = found.merge(expected[[*STATISTIC[1:], "text"]], on=STATISTIC[1:], validate="1:1")
    assert len(merged) == len(found) == len(expected)
    numbers = merged["text"].where(merged["text"].str.isdigit()).astype(float)
    pd.testing.assert_series_equal(merged["numerator"], numbers, check_names=False)
    assert merged["status"].tolist() == merged["text"].map(EXPECTED_STATUS).fillna("shown").tolist()


# --- Statistical First Releases ------------------------------------------------------------------------------------

KEYS = "New_geog_code,geog_l,geog_c,geog_n"
STARTED = (
    "SCLA_male,SCLA_female,SCLA_U1,SCLA_1to4,SCLA_5to9,SCLA_10to15,SCLA_16over,SCLA_AbNeg,SCLA_Cdisab,SCLA_ParIll,"
    "SCLA_FAcSt,SCLA_FD,SCLA_SUB,SCLA_LI,SCLA_AbsPar,SCLA_ICO,SCLA_FCO,SCLA_POG,SCLA_S20,SCLA_UPP,SCLA_SEPO,SCLA_UCAO,"
    "SCLA_ONCT,SCLA_PACE,SCLA_SORR"
)
STARTED_CELLS = "30,20,x,10,10,10,15,40,0,x,0,0,0,0,0,20,0,0,30,0,0,0,0,0,0"
AREAS = [
    "E92000001,NATIONAL,999,ENGLAND", "E12000007,REGION,G,LONDON", "E12000007,REGION,H,INNER LONDON",
    "E12000007,REGION,I,OUTER LONDON", "E09000024,LA,315,Merton", "E08000035,LA,383,Leeds",
]  # fmt: skip


def started(year: int, *, areas: list[str] = AREAS, extra: str = "", cells: str = STARTED_CELLS) -> str:
    header = f"{KEYS},CLA_started{year},{STARTED}{extra}"
    return "\r\n".join([header, *(f"{area},50,{cells}{extra}" for area in areas), ""])


def test_three_london_lines_with_one_code_are_three_areas(tmp_path):
    found = read(tmp_path, SFR36_ADM2013__csv=started(2013))
    assert set(found.counts["borough"]) == {"England", "London", "Inner London", "Outer London", "Merton"}
    assert found.files["why"].tolist() == ["1 row: area not in codelists/areas.csv"]
    assert (found.files["rows_used"] + found.files["rows_left_out"]).tolist() == [6]


def test_sfr_symbols_and_zeros(tmp_path):
    cells = STARTED_CELLS.replace("30,20,x", "..,#VALUE!,x")
    counts = read(tmp_path, SFR36_ADM2013__csv=started(2013, cells=cells)).counts
    assert cell(counts, "cla_started", year=2013, age_band="Under 1")["status"] == "suppressed"
    assert cell(counts, "cla_started", year=2013, gender="Male")["status"] == "not_available"
    assert cell(counts, "cla_started", year=2013, gender="Female")["status"] == "not_available"
    assert cell(counts, "cla_started_by_need", year=2013, category="Child's disability")["numerator"] == 0


def test_sfr_columns_without_a_name_and_with_spaces_are_passed_over(tmp_path):
    plain = read(tmp_path / "a", SFR36_ADM2013__csv=started(2013)).counts
    blank = started(2013, extra=",,,").replace("SCLA_SORR,", "SCLA_SORR ,")
    pd.testing.assert_frame_equal(plain, read(tmp_path / "b", SFR36_ADM2013__csv=blank).counts)


@pytest.mark.parametrize(
    ("name", "in_header", "year", "why"),
    [
        ("SFR34_ADM2015__csv", 2014, 2015, "the header says 2014: 2015, from the file name, is used; "),
        ("SFE21_ADM__csv", 2011, 2011, ""),
        ("SFE21_ADM__csv", 2012, 2011, "the header says 2012: 2011, from the number SFE21, is used; "),
        ("SFR36_ADM__csv", 2014, 2014, ""),
        ("admitted__csv", 2016, 2016, ""),
        ("SFR50_CareLeavers19to212013__csv", 2013, 2013, ""),
        ("revised_in_2014_SFR36_ADM2013__csv", 2013, 2013, ""),
    ],
)
def test_the_year_of_an_sfr_file(tmp_path, name, in_header, year, why):
    found = read(tmp_path, **{name: started(in_header)})
    assert found.counts["period_end"].unique().tolist() == [pd.Timestamp(year, 3, 31)]
    assert found.files["why"].tolist() == [f"{why}1 row: area not in codelists/areas.csv"]
    assert found.counts["release"].iloc[0].endswith(f"/{year}")


def test_an_sfr_of_an_unknown_year_is_refused(tmp_path):
    with pytest.raises(InputError, match="the year is 2009, and codelists/published_sfr_releases.csv has 2011"):
        read(tmp_path, SFR36_ADM2009__csv=started(2013).replace("SCLA_POG", "SCLA_POG"))


def test_an_sfr_without_a_column_is_refused(tmp_path):
    with pytest.raises(InputError, match="SFR36_ADM2013.csv, line 1, column SCLA_SORR: found no such column"):
        read(tmp_path, SFR36_ADM2013__csv=started(2013).replace("SCLA_SORR", "SCLA_other"))


def test_a_bad_cell_of_an_sfr_is_named(tmp_path):
    with pytest.raises(InputError, match="SFR36_ADM2013.csv, line 2, column SCLA_male: found '3O'"):
        read(tmp_path, SFR36_ADM2013__csv=started(2013, cells=STARTED_CELLS.replace("30,20", "3O,20")))


def test_the_two_sfr_columns_of_2011_that_swap_places_keep_their_meaning(published, shared):
    raw = pd.read_csv(shared / "published/sfr_2011/SFR21_CLA.csv", dtype=str, encoding="cp1252")
    england = raw[raw["geog_n"].eq("ENGLAND")].iloc[0]
    own = {"borough": "England", "year": 2011}
    youth = cell(published.counts, "cla_legal_status", **own, category="Youth justice")["numerator"]
    assert youth == int(england["CLA_YJLS"])
    assert cell(published.counts, "cla_legal_status", **own, category="Child protection")["numerator"] == int(
        england["CLA_CPG"]
    )
    assert england["CLA_YJLS"] != england["CLA_CPG"]


def test_the_last_age_column_of_those_who_left_changes_meaning_in_2016(published):
    """CLA_cea16 is 16 and over to 2015 and 16 alone in 2016: Redbridge 49 of 118 and x of 141."""
    assert (
        cell(published.counts, "cla_ceased", borough="Redbridge", year=2015, age_band="16 and over")["numerator"] == 49
    )
    assert cell(published.counts, "cla_ceased", borough="Redbridge", year=2016, age_band="16")["status"] == "suppressed"
    assert (
        cell(published.counts, "cla_ceased", borough="Redbridge", year=2016, age_band="18 and over")["numerator"] == 38
    )


def test_a_sum_with_a_hidden_part_is_hidden(published):
    """Redbridge 2013: special guardianship to former carers 10, to others x."""
    assert cell(published.counts, "cla_ceased_sgo", borough="Redbridge", year=2013)["status"] == "suppressed"
    row = cell(published.counts, "cla_ceased_sgo", borough="Redbridge", year=2017)
    assert row["status"] == "suppressed"
    died = cell(published.counts, "cla_ceased_by_reason_dfe", borough="Redbridge", year=2012, category="Died")
    assert died["status"] == "suppressed"


def test_adoptions_of_the_table_of_adoptions_are_all_adoptions(published):
    """SFR21_ADP: Redbridge 9. In SFR21_CEA the column of that name holds unopposed adoptions alone (x)."""
    assert cell(published.counts, "cla_ceased_adopted", borough="Redbridge", year=2011)["numerator"] == 9
    reason = cell(published.counts, "cla_ceased_by_reason_dfe", borough="Redbridge", year=2011, category="Adopted")
    assert reason["status"] == "suppressed"


def test_other_placements_of_2016_stand_under_the_wrong_name(published):
    """The header of 2016 says CLA_Miss where the file's metadata lists other placements."""
    own = {"borough": "England", "year": 2016}
    assert cell(published.counts, "cla_placement_dfe", **own, category="Other placements")["numerator"] == 100
    rows = published.counts[published.counts["period_end"].eq("2016-03-31")]
    assert not rows["category"].str.startswith("Missing").any()
