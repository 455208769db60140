"""Populations of ONS and the census: what the real files say, each layout in a small drawn table, and the choice."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.codes import load_codelist
from helpers.errors import InputError, NoDataError, UnlistedCodeError
from helpers.population import describe_source, population_cells, preferred_population, scheme_of
from helpers.read.published import Published, read_published
from helpers.schemas import Population, columns_of

MERTON, LEEDS = "E09000024", "E08000035"
GROUPS = {"White", "Mixed", "Asian", "Black", "Other"}


def read(folder: Path, **files: str) -> Published:
    """Write the files (double underscore for a dot) and read the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(content, encoding="utf-8")
    return read_published(folder)


def children(population: pd.DataFrame, area: str = MERTON, **key: object) -> float:
    """Find the children of one row; what is not named is All."""
    wanted = {"ethnic_group": "All", "gender": "All", "age_band": "All", **key}
    own = population[population["borough_code"].eq(area) & (population[list(wanted)] == pd.Series(wanted)).all(axis=1)]
    assert len(own) == 1, f"{len(own)} rows for {area} {key}"
    return own["children"].iloc[0]


@pytest.fixture(scope="session")
def published(real_published) -> Published:
    return real_published


@pytest.fixture(scope="session")
def population(published) -> pd.DataFrame:
    return published.population


# --- what the real files say ---------------------------------------------------------------------------------------


def test_mid_year_totals_are_as_published(population):
    """ONS mid-year estimates in DfE's file of 2025: Barking and Dagenham, mid-2024 and, rebased, mid-2023."""
    source = "ONS mid-year estimates 2012 to 2024"
    assert children(population, "E09000002", year=2024, source=source) == 66465
    assert children(population, "E09000002", year=2023, source=source) == 64907
    assert children(population, "E12000007", year=2024, source=source) == 1916086


def test_the_denominator_of_the_rate_is_the_mid_year_before(population, published):
    counts = published.counts
    rates = counts[counts["indicator"].eq("cla_rate_per_10000") & counts["period_end"].eq("2025-03-31")]
    totals = population[population["source"].eq("ONS mid-year estimates 2012 to 2024") & population["year"].eq(2024)]
    both = rates.merge(totals, on="borough_code", validate="1:1")
    assert len(both) == 37
    assert (both["denominator"] == both["children"]).all()


def test_shares_at_the_census_are_those_published(population):
    """Barking and Dagenham, ages 4 to 15: Black 26.5%, Asian 29.1%, White 22.3% and 9.8%; mid-2021 total 63,375."""
    chosen = preferred_population(population, "E09000002", 2021, "ethnic_group").set_index("ethnic_group")
    total = children(population, "E09000002", year=2021, source="ONS mid-year estimates 2012 to 2024")
    assert total == 63375
    assert chosen.loc["Black", "children"] == pytest.approx(0.265 * total)
    assert chosen.loc["White", "children"] == pytest.approx(0.321 * total)
    assert chosen.loc["White", "share_error"] == pytest.approx(0.001)
    assert chosen.loc["Asian", "share_error"] == 0.0005
    assert set(chosen.index) == GROUPS
    source = chosen["source"].iloc[0]
    white_british = children(population, "E09000002", source=source, ethnic_group="White British")
    assert white_british == pytest.approx(0.223 * total)
    assert set(chosen["age_from"]) == {4}
    assert set(chosen["age_to"]) == {15}


def test_rm032_adds_up(population, shared):
    raw = pd.read_csv(shared / "published/population/census2021_rm032_ethnicity_age_sex_10_17.csv")
    own = raw[raw["new_la_code"].eq("E09000002")]
    source = "ONS Census 2021 RM032, children aged 10 to 17"
    black = own[own["ethnic_group"].eq("Black")]
    assert children(population, "E09000002", source=source) == own["population"].sum()
    assert children(population, "E09000002", source=source, ethnic_group="Black") == black["population"].sum()
    girls = black.loc[black["sex"].eq("female"), "population"].sum()
    assert children(population, "E09000002", source=source, ethnic_group="Black", gender="Female") == girls


def test_single_ages_add_up_to_their_bands(population):
    """Barnet mid-2019, before rebasing: 93,672 children (FORMAT.md 12); 4,904 of them under 1."""
    source = "ONS estimates by single year of age, made before the 2021 Census"
    assert children(population, "E09000003", source=source, year=2019) == 93672
    assert children(population, "E09000003", source=source, year=2019, age_band="Under 1") == 4904
    bands = [
        children(population, "E09000003", source=source, year=2019, age_band=band)
        for band in load_codelist("age_bands")["label"]
    ]
    assert sum(bands) == 93672


def test_the_census_of_all_ages_says_so(population):
    own = population[population["source"].eq("ONS Census 2021, all ages")]
    assert set(own["age_to"]) == {120}
    assert set(own["borough_code"].str[:3]) == {"E09", "E12", "E92"}
    whole = own[own["borough_code"].eq("E09000002")].set_index("ethnic_group")["children"]
    assert whole[list(GROUPS)].sum() == whole["All"]


def test_every_group_of_a_source_adds_up_to_its_total(population):
    counted = population[
        population["gender"].eq("All") & population["age_band"].eq("All") & population["share_error"].eq(0)
    ]
    counted = counted[counted["ethnic_group"].isin({*GROUPS, "All"}) & counted["source"].str.startswith("ONS Census")]
    table = counted.pivot_table(index=["borough_code", "source"], columns="ethnic_group", values="children")
    assert len(table) == 45
    assert (table[list(GROUPS)].sum(axis=1) == table["All"]).all()


def test_a_total_is_told_last_by_the_estimates_after_the_census(population):
    """counts.add_rates takes the source whose label sorts last where a year has several of ages 0 to 17."""
    totals = population[
        population["age_from"].eq(0) & population["age_to"].eq(17) & population["ethnic_group"].eq("All")
    ]
    last = totals.sort_values("source").drop_duplicates(["borough_code", "year"], keep="last")
    assert set(last["source"]) == {"ONS mid-year estimates 2012 to 2024"}


# --- layouts in small ----------------------------------------------------------------------------------------------

MID_YEAR = (
    "time_period,time_identifier,geographic_level,country_code,country_name,region_code,region_name,old_la_code,"
    "new_la_code,la_name,age_group,population_estimate"
)


def mid_year(*rows: tuple[int, int], area: str = MERTON) -> str:
    """Draw a table of mid-year estimates: year and children."""
    place = f"Reporting year,Local authority,E92000001,England,E13000002,Outer London,315,{area},Merton"
    return "\n".join([MID_YEAR, *(f"{year},{place},Children aged 0 to 17 years,{number}" for year, number in rows), ""])


CENSUS = "Lower tier local authorities Code,Lower tier local authorities,Ethnic group (20 categories) Code,Ethnic group (20 categories)"
ROMA, TRAVELLER = "White: Roma", "White: Gypsy or Irish Traveller"
IRISH, CHINESE = "White: Irish", "Asian, Asian British or Asian Welsh: Chinese"
SINGLE_YEARS = ["Aged under 1 year", "Aged 1 year", *(f"Aged {age} years" for age in range(2, 18))]
BANDS_OF_23 = [
    "Aged 2 years and under", "Aged 3 to 4 years", "Aged 5 to 7 years", "Aged 8 to 9 years", "Aged 10 to 14 years",
    "Aged 15 years", "Aged 16 to 17 years", "Aged 18 to 19 years", "Aged 85 years and over",
]  # fmt: skip


def cells_of(people: dict[tuple[str, str, str], int], ages: list[str]) -> list[tuple[str, str, str, int]]:
    """Cross every group, age and sex as ONS does; those not told are 0."""
    groups = dict.fromkeys(group for group, _, _ in people)
    return [
        (group, age, sex, people.get((group, age, sex), 0))
        for group in groups
        for age in ages
        for sex in ("Female", "Male")
    ]


def by_age_and_sex(people: dict[tuple[str, str, str], int], ages: list[str], area: str = MERTON) -> str:
    """Draw a custom table of the census: the people of some groups, ages and sexes, and 0 of every other."""
    header = f"{CENSUS},Age (101 categories) Code,Age (101 categories),Sex (2 categories) Code,Sex (2 categories),Observation"
    lines = (
        f'{area},Merton,1,"{group}",0,{age},1,{sex},{number}' for group, age, sex, number in cells_of(people, ages)
    )
    return "\n".join([header, *lines, ""])


def test_mid_year_estimates_are_read_and_other_ages_left_out(tmp_path):
    text = mid_year((2023, 45000), (2024, 46000)) + mid_year((2024, 9)).split("\n")[1].replace("0 to 17", "0 to 4")
    found = read(tmp_path, any_name__csv=text)
    assert children(found.population, year=2024) == 46000
    assert found.population["source"].unique().tolist() == ["ONS mid-year estimates 2023 to 2024"]
    assert found.files["why"].tolist() == ["1 row: not children aged 0 to 17"]
    assert found.files.loc[0, ["first_period", "last_period"]].tolist() == [
        pd.Timestamp("2023-06-30"),
        pd.Timestamp("2024-06-30"),
    ]
    assert found.counts.empty


def test_a_population_has_no_symbols(tmp_path):
    with pytest.raises(InputError, match="line 2, column population_estimate: found 'c'"):
        read(tmp_path, any_name__csv=mid_year((2024, 1)).replace(",1\n", ",c\n"))


def test_older_estimates_of_a_year_give_way_to_newer(tmp_path):
    found = read(tmp_path, a__csv=mid_year((2022, 1), (2023, 2)), b__csv=mid_year((2023, 3), (2024, 4)))
    years = found.population.set_index("year")["children"].to_dict()
    assert years == {2022: 1, 2023: 3, 2024: 4}
    assert found.files.set_index("file").loc["a.csv", "why"] == "1 row: older estimate of 2023 not used"
    assert found.files["rows_used"].tolist() == [1, 2]


def test_single_years_of_age_become_bands_groups_and_labels(tmp_path):
    people = {
        (IRISH, "Aged under 1 year", "Female"): 10, (IRISH, "Aged 17 years", "Male"): 20,
        (ROMA, "Aged 9 years", "Female"): 3, (TRAVELLER, "Aged 9 years", "Male"): 4,
        (CHINESE, "Aged 1 year", "Female"): 50, ("Does not apply", "Aged 5 years", "Male"): 0,
        (IRISH, "Aged 18 years", "Female"): 900, (IRISH, "Aged 100 years and over", "Male"): 1,
    }  # fmt: skip
    ages = [*SINGLE_YEARS, "Aged 18 years", "Aged 100 years and over"]
    found = read(tmp_path, census__csv=by_age_and_sex(people, ages))
    population = found.population
    assert children(population) == 87
    assert children(population, ethnic_group="White") == 37
    assert children(population, ethnic_group="Gypsy or Roma") == 7
    assert children(population, ethnic_group="Chinese", age_band="1 to 4", gender="Female") == 50
    assert children(population, ethnic_group="Asian", age_band="1 to 4") == 50
    assert children(population, age_band="16 and over", gender="Male") == 20
    assert children(population, gender="Female") == 63
    assert population["source"].unique().tolist() == ["ONS Census 2021, children aged 0 to 17, by age and sex"]
    assert (population["age_from"].unique().tolist(), population["age_to"].unique().tolist()) == ([0], [17])
    assert found.files["why"].tolist() == ["16 rows: aged over 17; 40 rows: a group that does not apply"]


def test_a_census_table_without_ages_counts_everyone_and_says_so(tmp_path):
    text = f"{CENSUS},Observation\n{MERTON},Merton,1,{IRISH},30\n{LEEDS},Leeds,1,{IRISH},9\n"
    found = read(tmp_path, census__csv=text)
    assert children(found.population, ethnic_group="White Irish") == 30
    assert found.population["age_to"].unique().tolist() == [120]
    assert found.population["source"].unique().tolist() == ["ONS Census 2021, all ages"]
    assert found.files["why"].tolist() == ["1 row: area not in codelists/areas.csv"]


def test_a_census_table_without_any_of_our_areas_gives_nothing(tmp_path):
    text = by_age_and_sex({(IRISH, "Aged 1 year", "Male"): 1}, SINGLE_YEARS, area=LEEDS)
    found = read(tmp_path, census__csv=text, ons__csv=mid_year((2021, 40000)))
    assert found.population["source"].unique().tolist() == ["ONS mid-year estimates 2021 to 2021"]
    assert found.files.set_index("file").loc["census.csv", "why"] == "36 rows: area not in codelists/areas.csv"


def test_bands_that_end_at_17_are_added_up_and_not_split(tmp_path):
    people = {
        (IRISH, "Aged 2 years and under", "Male"): 7, (IRISH, "Aged 16 to 17 years", "Female"): 5,
        (IRISH, "Aged 18 to 19 years", "Male"): 100,
    }  # fmt: skip
    found = read(tmp_path, census__csv=by_age_and_sex(people, BANDS_OF_23)).population
    assert children(found, ethnic_group="White") == 12
    assert children(found, ethnic_group="White Irish", gender="Female") == 5
    assert found["age_band"].unique().tolist() == ["All"]
    assert found["source"].unique().tolist() == ["ONS Census 2021, children aged 0 to 17, by sex"]


@pytest.mark.parametrize(
    ("ages", "why"),
    [
        (["Aged 15 years and under", "Aged 16 to 24 years"], "'Aged 16 to 24 years' counts adults too"),
        (["Aged 4 years and under"], "ages not there: 5, 6, 7"),
        (["Aged 9 years and under", "Aged 5 to 17 years"], "some ages stand in two bands"),
        ([*SINGLE_YEARS[:-1], "Aged 17 years and over"], "'Aged 17 years and over' counts adults too"),
        (["0-15"], "ages not known: '0-15'"),
    ],
)
def test_ages_that_do_not_make_0_to_17_are_not_read_and_the_reason_is_told(tmp_path, ages, why):
    with pytest.raises(NoDataError, match=why):
        read(tmp_path, census__csv=by_age_and_sex({(IRISH, ages[0], "Male"): 1}, ages))


def test_a_census_table_with_another_split_is_not_read(tmp_path):
    text = by_age_and_sex({(IRISH, "Aged 1 year", "Male"): 1}, SINGLE_YEARS)
    text = text.replace("Observation", "Religion (10 categories),Observation").replace(",1\n", ",Any,1\n")
    with pytest.raises(NoDataError, match=r"split by more than ethnic group, age and sex: Religion \(10 categories\)"):
        read(tmp_path, census__csv=text.replace(",0\n", ",Any,0\n"))


def test_a_census_table_with_a_line_missing_or_repeated_is_refused(tmp_path):
    lines = by_age_and_sex({(IRISH, "Aged 1 year", "Male"): 1}, SINGLE_YEARS).splitlines()
    with pytest.raises(InputError, match=r"each ethnic group, age and sex once \(36 lines were expected, 35 found\)"):
        read(tmp_path / "a", census__csv="\n".join(lines[:-1]))
    with pytest.raises(InputError, match=r"\(36 lines were expected, 37 found\)"):
        read(tmp_path / "b", census__csv="\n".join([*lines, lines[-1]]))


def test_five_groups_alone_are_a_source_of_their_own(tmp_path):
    text = by_age_and_sex({("Asian, Asian British or Asian Welsh", "Aged 1 year", "Male"): 8}, SINGLE_YEARS)
    found = read(tmp_path, census__csv=text.replace("(20 categories)", "(6 categories)")).population
    assert children(found, ethnic_group="Asian", age_band="1 to 4") == 8
    assert found["source"].unique().tolist() == [
        "ONS Census 2021 in five groups, children aged 0 to 17, by age and sex"
    ]
    assert scheme_of(found["source"].iloc[0]) == "Asian"


def test_an_ethnic_group_that_no_codelist_has_is_refused(tmp_path):
    with pytest.raises(UnlistedCodeError, match=r"census.csv, column Ethnic group .*'Martian' in 1 rows"):
        read(tmp_path, census__csv=f"{CENSUS},Observation\n{MERTON},Merton,1,Martian,30\n")


NOMIS = "DATE,GEOGRAPHY,GEOGRAPHY_NAME,GEOGRAPHY_CODE,C2021_ETH_20,C2021_ETH_20_NAME,C2021_AGE_92,C2021_AGE_92_NAME,C_SEX,C_SEX_NAME,MEASURES,MEASURES_NAME,OBS_VALUE"
GROUP, EVERYBODY = "White", "Total: All usual residents"


def nomis(rows: list[tuple[str, str, str, int]], measure: str = "Value") -> str:
    lines = (
        f'2021,1,Merton,{MERTON},1,"{group}",1,{age},1,{sex},20100,{measure},{number}'
        for group, age, sex, number in rows
    )
    return "\n".join([NOMIS, *lines, ""])


def test_nomis_totals_and_percentages_are_left_out(tmp_path):
    people = {(CHINESE, "Aged 3 years", "Male"): 4, (IRISH, "Aged 3 years", "Female"): 6}
    rows = cells_of(people, SINGLE_YEARS)
    totals = [
        (group, age, sex, 10)
        for group, age, sex in ((EVERYBODY, "Aged 3 years", "Male"), (IRISH, "Total", "Male"), (GROUP, "Total", "Male"),
                                (IRISH, "Aged 3 years", "All persons"), (GROUP, "Aged 3 years", "Female"))
    ]  # fmt: skip
    percent = nomis([(IRISH, "Aged 3 years", "Female", 60)], "Percent").splitlines()[1]
    found = read(tmp_path, nomis__csv=nomis([*rows, *totals]) + percent + "\n")
    assert children(found.population) == 10
    assert children(found.population, ethnic_group="Asian", age_band="1 to 4", gender="Male") == 4
    source = "ONS Census 2021 from Nomis, children aged 0 to 17, by age and sex"
    assert found.population["source"].unique().tolist() == [source]
    assert found.files["why"].tolist() == ["5 rows: a total; 1 row: a percentage, not a number of people"]


def test_rm032_of_nomis_has_no_children_of_their_own_and_says_so(tmp_path):
    """The youngest of its five age groups is 24 and under."""
    ages = ["Aged 24 years and under", "Aged 25 to 34 years", "Aged 65 years and over"]
    with pytest.raises(NoDataError, match="'Aged 24 years and under' counts adults too: single years of age, or bands"):
        read(tmp_path, nomis__csv=nomis(cells_of({(IRISH, ages[0], "Male"): 1}, ages)))


def test_the_bulk_file_of_nomis_counts_everyone(tmp_path):
    header = ["date", "geography", "geography code", f"Ethnic group: {EVERYBODY}", f"Ethnic group: {GROUP}",
              f"Ethnic group: {IRISH}", f"Ethnic group: {ROMA}", f'"Ethnic group: {CHINESE}"']  # fmt: skip
    text = f"{','.join(header)}\n2021,Merton,{MERTON},60,30,10,20,30\n2021,Leeds,{LEEDS},1,1,1,0,0\n"
    found = read(tmp_path, census2021_ts021_ltla__csv=text)
    assert children(found.population) == 60
    assert children(found.population, ethnic_group="White") == 30
    assert children(found.population, ethnic_group="Gypsy or Roma") == 20
    assert found.population["source"].unique().tolist() == ["ONS Census 2021 from Nomis, all ages"]
    assert found.files.loc[0, ["rows_used", "rows_left_out"]].tolist() == [1, 1]


BY_SEX = "ladcode23,laname23,country,sex,age,population_2022,population_2023"


def by_sex(
    change: Callable[[list[str]], list[str]] = list, codes: tuple[str, str] = ("M", "F"), area: str = MERTON
) -> str:
    """Draw ONS's detailed estimates: 10 boys and 20 girls of each age in 2022, one more of each in 2023."""
    lines = [
        f"{area},Merton,E,{code},{age},{number},{number + 1}"
        for code, number in zip(codes, (10, 20), strict=True) for age in range(91)
    ]  # fmt: skip
    return "\n".join([BY_SEX, *change(lines), ""])


@pytest.mark.parametrize("codes", [("M", "F"), ("m", "f"), ("1", "2")])
def test_estimates_by_age_and_sex_are_read_by_year(tmp_path, codes):
    found = read(tmp_path, myeb1__csv=by_sex(codes=codes))
    assert children(found.population, year=2022) == 18 * 30
    assert children(found.population, year=2022, gender="Male") == 180
    assert children(found.population, year=2023, gender="Female", age_band="16 and over") == 42
    assert found.population["source"].unique().tolist() == ["ONS estimates of children by age and sex, 2022 to 2023"]
    assert found.files["why"].tolist() == ["146 rows: aged over 17"]
    cells = population_cells(found.population, MERTON, 2024, ["gender", "age_band"])
    assert len(cells) == 10
    assert cells["year"].unique().tolist() == [2023]


def test_a_title_over_the_header_is_passed_over(tmp_path):
    title = "Estimates of the population by sex and single year of age" + "," * 6 + "\n"
    found = read(tmp_path, myeb1__csv=title + by_sex())
    assert children(found.population, year=2022) == 540


def test_estimates_by_age_and_sex_with_a_fault_are_refused(tmp_path):
    with pytest.raises(InputError, match="found no line aged 5, expected each age from 0 to 17 of both sexes"):
        read(tmp_path / "a", m__csv=by_sex(lambda lines: [line for line in lines if ",5," not in line]))
    with pytest.raises(InputError, match="found only Male"):
        read(tmp_path / "b", m__csv=by_sex(lambda lines: lines[:91]))
    with pytest.raises(InputError, match=r"each sex and age once \(36 lines were expected, 35 found\)"):
        read(tmp_path / "c", m__csv=by_sex(lambda lines: lines[1:]))
    with pytest.raises(InputError, match="line 2, column age: found 'all'"):
        read(tmp_path / "d", m__csv=by_sex(lambda lines: [lines[0].replace(",0,", ",all,"), *lines]))
    with pytest.raises(UnlistedCodeError, match="column sex: 'x' in 91 rows, not listed in codelists/population_sexes"):
        read(tmp_path / "e", m__csv=by_sex(codes=("x", "F")))


def test_shares_can_be_a_part_of_the_estimates_by_age_and_sex(tmp_path):
    found = read(tmp_path, shares__csv=shares(), myeb1__csv=by_sex())
    census = found.population[found.population["source"].str.startswith("Census 2021 shares")]
    assert children(census, ethnic_group="Asian") == pytest.approx(0.2 * 540)
    both = read(tmp_path, ons__csv=mid_year((2022, 40000))).population
    census = both[both["source"].str.startswith("Census 2021 shares")]
    assert children(census, ethnic_group="Asian") == pytest.approx(0.2 * 40000)


DOCUMENT = "borough,year,dimension,group,percent,decimals,ages,source"
PRINTED = [("White", "33.4"), ("Asian", "26"), ("Black", "29.6"), ("Mixed", "8.2"), ("Other", "2.9")]


def document(rows: list[tuple[str, str]] = PRINTED, dimension="ethnic_group", decimals="1", ages="0 to 17", year="2021",
             borough="Merton", source="Corporate parenting report 2021") -> str:  # fmt: skip
    lines = (f"{borough},{year},{dimension},{group},{percent},{decimals},{ages},{source}" for group, percent in rows)
    return "\n".join([DOCUMENT, *lines, ""])


def test_rounded_percentages_of_a_document_become_children_with_their_rounding(tmp_path):
    genders = document([("Female", "49"), ("Male", "51")], "gender", "0").split("\n", 1)[1]
    found = read(tmp_path, document__csv=document() + genders, ons__csv=mid_year((2021, 40000))).population
    own = found[found["source"].str.startswith("Council's document")]
    assert children(own, ethnic_group="Black") == pytest.approx(0.296 * 40000)
    assert children(own, gender="Female") == pytest.approx(0.49 * 40000)
    assert children(own) == 40000
    errors = own.set_index(["ethnic_group", "gender"])["share_error"]
    assert errors["Black", "All"] == pytest.approx(0.0005)
    assert errors["All", "Male"] == pytest.approx(0.005)
    assert own["source"].unique().tolist() == [
        "Council's document, rounded percentages of ages 0 to 17: Corporate parenting report 2021 of the ONS mid-2021 estimate"
    ]
    assert "rounded percentages" in describe_source(own["source"].iloc[0])["caveat"]
    assert scheme_of(own["source"].iloc[0]) == "not known"


def test_finer_groups_of_a_document_are_added_up_with_their_rounding(tmp_path):
    rows = [("White British", "40"), ("any other white background", "20"), ("Indian", "30"), ("Black African", "11")]
    text = document(rows, decimals="0", ages="all", borough="E09000024")
    found = read(tmp_path, document__csv=text, ons__csv=mid_year((2020, 1000))).population
    own = found[found["age_to"].eq(120)].set_index("ethnic_group")
    assert own.loc["White", "children"] == pytest.approx(600)
    assert own.loc["White", "share_error"] == pytest.approx(0.01)
    assert own.loc["White British", "children"] == pytest.approx(400)


@pytest.mark.parametrize(
    ("rows", "choices", "message"),
    [
        (PRINTED[:-1], {}, "line 2, column percent: found 4 percentages that add up to 97.2, expected 100, give or take 0.2"),
        ([*PRINTED, ("White", "0.1")], {}, "line 7, column group: found 'White' again"),
        ([*PRINTED[1:], ("White British", "33.4")], {}, "found groups and finer groups in one set"),
        ([("White", "99"), ("Not known", "1")], {}, "line 3, column group: found 'Not known', expected one of White"),
        ([("White", "66.66"), ("Black", "33.34")], {}, "line 2, column percent: found '66.66', expected no more places"),
        ([("White", "c"), ("Black", "33")], {}, "line 2, column percent: found 'c', expected a percentage"),
        ([("White", "101")], {}, "found '101', expected a percentage from 0 to 100"),
        (PRINTED, {"decimals": "one"}, "column decimals: found 'one', expected how many decimal places"),
        (PRINTED, {"ages": "young"}, "column ages: found 'young', expected ages such as '0 to 17', or 'all'"),
        (PRINTED, {"ages": "17 to 0"}, "line 2, column ages: found '17 to 0', expected the first age, then the last"),
        (PRINTED, {"ages": "0 to 170"}, "line 2, column ages: found '0 to 170', expected the first age, then the last"),
        (PRINTED, {"year": "21"}, "column year: found '21', expected a year"),
        (PRINTED, {"dimension": "religion"}, "column dimension: found 'religion', expected one of ethnic_group"),
        (PRINTED, {"borough": "Mertn"}, "(?s)line 2, column borough: There is no borough called 'Mertn'.*Did you mean Merton"),
        (PRINTED, {"source": ""}, "column source: found '', expected the document's name"),
    ],
)  # fmt: skip
def test_a_document_that_cannot_be_right_is_refused_in_words(tmp_path, rows, choices, message):
    with pytest.raises(InputError, match=message):
        read(tmp_path, document__csv=document(rows, **choices), ons__csv=mid_year((2021, 40000)))


@settings(max_examples=20, deadline=None)  # each example reads a folder
@given(st.lists(st.integers(1, 999), min_size=2, max_size=5), st.integers(0, 2))
def test_percentages_rounded_from_real_numbers_are_never_refused(numbers, decimals):
    groups = ["White", "Asian", "Black", "Mixed", "Other"]
    rows = [(group, f"{100 * one / sum(numbers):.{decimals}f}") for group, one in zip(groups, numbers, strict=False)]
    text = document(rows, decimals=str(decimals))
    with TemporaryDirectory() as folder:
        found = read(Path(folder), document__csv=text, ons__csv=mid_year((2021, 40000))).population
    own = found[found["source"].str.startswith("Council's document") & found["ethnic_group"].ne("All")]
    true = dict(zip(groups, numbers, strict=False))
    shares = own.set_index("ethnic_group")
    for group, row in shares.iterrows():
        assert abs(row["children"] / 40000 - true[group] / sum(numbers)) <= row["share_error"] + 1e-9


SHARES = "new_la_code,la_name,ethnic_group,census2021_age4_15_percent,school_census_2024_25_percent,school_census_2024_25_pupils"
SHARE_ROWS = [
    ("asian", "20", "21.5"),
    ("black", "10.1", "9"),
    ("white_british", "40.2", "39"),
    ("white_other", "29.7", "30.5"),
]


def shares(rows: list[tuple[str, str, str]] = SHARE_ROWS, area: str = MERTON) -> str:
    return "\n".join([SHARES, *(f"{area},Merton,{','.join(row)},30000" for row in rows), ""])


def test_shares_become_children_of_the_nearest_mid_year(tmp_path):
    found = read(tmp_path, shares__csv=shares(), ons__csv=mid_year((2021, 40000), (2023, 50000)))
    own = found.population[found.population["age_to"].eq(15)]
    census, school = (own[own["source"].str.startswith(start)] for start in ("Census", "DfE"))
    assert census["source"].unique().tolist() == ["Census 2021 shares of ages 4 to 15 of the ONS mid-2021 estimate"]
    assert school["source"].unique().tolist() == ["DfE school census 2024 to 2025 shares of the ONS mid-2023 estimate"]
    assert school["year"].unique().tolist() == [2023]
    assert children(census, ethnic_group="White") == pytest.approx(0.699 * 40000)
    assert children(school, ethnic_group="Asian") == pytest.approx(0.215 * 50000)
    assert children(census) == 40000


def test_shares_without_a_total_are_refused(tmp_path):
    with pytest.raises(InputError, match=f"(?s)shares.csv: the shares of {MERTON} have no total.*Put the ONS mid-year"):
        read(tmp_path, shares__csv=shares(), ons__csv=mid_year((2021, 40000), area="E09000002"))


@pytest.mark.parametrize("text", ["10.25", "101", "c", "", "-1"])
def test_a_share_is_a_percentage_to_one_decimal_place(tmp_path, text):
    with pytest.raises(InputError, match="shares.csv, line 2, column census2021_age4_15_percent: found"):
        read(tmp_path, shares__csv=shares([("asian", text, "10")]), ons__csv=mid_year((2021, 40000)))


SINGLE = "utla20_code,utla20_name,total_population," + ",".join(str(age) for age in range(26))


def test_the_year_of_single_ages_is_in_the_file_name(tmp_path):
    text = f"{SINGLE}\n{MERTON},Merton,999,{','.join(str(age + 1) for age in range(26))}\n"
    found = read(tmp_path / "a", mye_2020_persons__csv=text)
    assert children(found.population, year=2020) == sum(range(1, 19))
    assert children(found.population, year=2020, age_band="16 and over") == 17 + 18
    with pytest.raises(
        InputError, match="(?s)persons.csv: the table does not say its year.*Put the year in the file name"
    ):
        read(tmp_path / "b", persons__csv=text)


def test_rm032_with_a_line_missing_is_refused(tmp_path):
    header = "new_la_code,la_name,ethnic_group,age_band,sex,population"
    rows = [
        f"{MERTON},Merton,{group},{band},{sex},10"
        for group in ("Asian", "White")
        for band in ("10-11", "12-14", "15-17")
        for sex in ("female", "male")
    ]
    found = read(tmp_path / "a", rm032__csv="\n".join([header, *rows]))
    assert children(found.population, ethnic_group="Asian", gender="Male") == 30
    assert children(found.population) == 120
    with pytest.raises(
        InputError, match=r"E09000024 does not have each ethnic group.*\(12 lines were expected, 11 found\)"
    ):
        read(tmp_path / "b", rm032__csv="\n".join([header, *rows[1:]]))
    with pytest.raises(InputError, match="line 2, column age_band: found '0-9'"):
        read(tmp_path / "c", rm032__csv="\n".join([header, rows[0].replace("10-11", "0-9"), *rows[1:]]))


def test_files_that_give_one_population_different_numbers_are_refused(tmp_path):
    with pytest.raises(
        InputError, match="(?s)a.csv and b.csv give different populations for E09000024, 2024.*1 and 2.*Keep"
    ):
        read(tmp_path, a__csv=mid_year((2024, 1)), b__csv=mid_year((2024, 2)))


# --- which source --------------------------------------------------------------------------------------------------


def drawn(rows: list[tuple[str, int, str, str, float]]) -> pd.DataFrame:
    """Draw a population: source, year, dimension's column, its value, children."""
    table = pd.DataFrame([
        {"source": source, "year": year, "ethnic_group": "All", "gender": "All", "age_band": "All", column: value, "children": number}
        for source, year, column, value, number in rows
    ])  # fmt: skip
    return table.assign(borough_code=MERTON, age_from=0, age_to=17, share_error=0.0)[columns_of(Population)]


ORDER = [
    "ONS estimates of children by age and sex, 2011 to 2024",
    "ONS Census 2021, children aged 0 to 17, by age and sex",
    "ONS Census 2021 in five groups, children aged 0 to 17, by age and sex",
    "ONS Census 2021 from Nomis, children aged 0 to 17, by sex",
    "ONS Census 2021 from Nomis in five groups, children aged 0 to 17, by sex",
    "ONS estimates by single year of age, made before the 2021 Census",
    "ONS mid-year estimates 2012 to 2024",
    "Census 2021 shares of ages 4 to 15 of the ONS mid-2021 estimate",
    "ONS Census 2021 RM032, children aged 10 to 17",
    "DfE school census 2024 to 2025 shares of the ONS mid-2024 estimate",
    "Council's document, rounded percentages of ages 0 to 17: a report of the ONS mid-2024 estimate",
    "ONS Census 2021, all ages",
    "ONS Census 2021 in five groups, all ages",
    "ONS Census 2021 from Nomis, all ages",
    "ONS Census 2021 from Nomis in five groups, all ages",
    "a source that nobody listed",
]


@pytest.mark.parametrize("best", range(len(ORDER)))
def test_the_most_preferred_source_there_is_chosen(best):
    table = drawn([(source, 2021, "ethnic_group", "White", rank) for rank, source in enumerate(ORDER) if rank >= best])
    chosen = preferred_population(table.iloc[::-1], MERTON, 2021, "ethnic_group")
    assert chosen["source"].tolist() == [ORDER[best]]


@given(years=st.sets(st.integers(2010, 2030), min_size=1), year=st.integers(2010, 2030))
def test_the_year_is_the_last_not_after_the_one_asked_for_else_the_first(years, year):
    table = drawn([(ORDER[1], one, "age_band", "Under 1", one) for one in sorted(years)])
    before = [one for one in years if one <= year]
    chosen = preferred_population(table, MERTON, year, "age_band")
    assert chosen["year"].tolist() == [max(before) if before else min(years)]


def test_only_rows_split_one_way_are_given():
    table = drawn(
        [
            (ORDER[0], 2021, "gender", "Male", 5),
            (ORDER[0], 2021, "gender", "Female", 6),
            (ORDER[0], 2021, "gender", "All", 11),
        ]
    )
    crossed = table.iloc[[0]].assign(ethnic_group="White", children=2.0)
    chosen = preferred_population(pd.concat([table, crossed]), MERTON, 2024, "gender")
    assert chosen["children"].tolist() == [5, 6]
    assert list(chosen.columns) == columns_of(Population)
    assert preferred_population(table, MERTON, 2024, "age_band").empty
    assert preferred_population(table, LEEDS, 2024, "gender").empty
    with pytest.raises(ValueError, match="dimension is one of ethnic_group, gender, age_band, ethnic_label, not 'sex'"):
        preferred_population(table, MERTON, 2024, "sex")


def test_every_source_of_ours_is_listed_with_a_name_and_a_caveat(population):
    for source in population["source"].unique():
        told = describe_source(source)
        assert told["name"] != source
        assert told["caveat"]
