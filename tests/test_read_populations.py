"""Populations of ONS and the census: what the real files say, each layout in a small drawn table, and the choice."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.codes import load_codelist
from helpers.errors import InputError, NoDataError, UnlistedCodeError
from helpers.population import describe_source, preferred_population
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
def population(shared) -> pd.DataFrame:
    return read_published(shared / "published").population


# --- what the real files say ---------------------------------------------------------------------------------------


def test_mid_year_totals_are_as_published(population):
    """ONS mid-year estimates in DfE's file of 2025: Barking and Dagenham, mid-2024 and, rebased, mid-2023."""
    source = "ONS mid-year estimates 2012 to 2024"
    assert children(population, "E09000002", year=2024, source=source) == 66465
    assert children(population, "E09000002", year=2023, source=source) == 64907
    assert children(population, "E12000007", year=2024, source=source) == 1916086


def test_the_denominator_of_the_rate_is_the_mid_year_before(population, shared):
    counts = read_published(shared / "published").counts
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
    assert chosen.loc["White British", "children"] == pytest.approx(0.223 * total)
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
IRISH, CHINESE = "White: Irish", '"Asian, Asian British or Asian Welsh: Chinese"'


def by_age_and_sex(rows: list[tuple[str, str, str, int]], area: str = MERTON) -> str:
    """Draw a census table: ethnic group, age, sex and people."""
    header = f"{CENSUS},Age (101 categories) Code,Age (101 categories),Sex (2 categories) Code,Sex (2 categories),Observation"
    return "\n".join(
        [header, *(f"{area},Merton,1,{group},0,{age},1,{sex},{number}" for group, age, sex, number in rows), ""]
    )


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
    rows = [
        (IRISH, "Aged under 1 year", "Female", 10), (IRISH, "Aged 17 years", "Male", 20),
        (ROMA, "Aged 9 years", "Female", 3), (TRAVELLER, "Aged 9 years", "Male", 4),
        (CHINESE, "Aged 1 year", "Female", 50),
        (IRISH, "Aged 18 years", "Female", 900), (IRISH, "Aged 100 years and over", "Male", 1),
        ("Does not apply", "Aged 5 years", "Male", 0),
    ]  # fmt: skip
    found = read(tmp_path, census__csv=by_age_and_sex(rows))
    people = found.population
    assert children(people) == 87
    assert children(people, ethnic_group="White") == 37
    assert children(people, ethnic_group="Gypsy or Roma") == 7
    assert children(people, ethnic_group="Chinese", age_band="1 to 4", gender="Female") == 50
    assert children(people, ethnic_group="Asian", age_band="1 to 4") == 50
    assert children(people, age_band="16 and over", gender="Male") == 20
    assert children(people, gender="Female") == 63
    assert people["source"].unique().tolist() == ["ONS Census 2021, children aged 0 to 17, by age and sex"]
    assert (people["age_from"].unique().tolist(), people["age_to"].unique().tolist()) == ([0], [17])
    assert found.files["why"].tolist() == ["2 rows: aged over 17; 1 row: a group that does not apply"]


def test_a_census_table_without_ages_counts_everyone_and_says_so(tmp_path):
    text = f"{CENSUS},Observation\n{MERTON},Merton,1,{IRISH},30\n{LEEDS},Leeds,1,{IRISH},9\n"
    found = read(tmp_path, census__csv=text)
    assert children(found.population, ethnic_group="White Irish") == 30
    assert found.population["age_to"].unique().tolist() == [120]
    assert found.population["source"].unique().tolist() == ["ONS Census 2021, all ages"]
    assert found.files["why"].tolist() == ["1 row: area not in codelists/areas.csv"]


def test_ages_in_bands_are_not_taken_for_single_years(tmp_path):
    bands = by_age_and_sex([(IRISH, "Aged 4 years and under", "Female", 10)])
    with pytest.raises(NoDataError, match="ages in bands: single years of age are needed"):
        read(tmp_path, census__csv=bands)


def test_an_ethnic_group_that_no_codelist_has_is_refused(tmp_path):
    with pytest.raises(UnlistedCodeError, match=r"census.csv, column Ethnic group .*'Martian' in 1 rows"):
        read(tmp_path, census__csv=f"{CENSUS},Observation\n{MERTON},Merton,1,Martian,30\n")


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
    "ONS Census 2021, children aged 0 to 17, by age and sex",
    "ONS estimates by single year of age, made before the 2021 Census",
    "ONS mid-year estimates 2012 to 2024",
    "Census 2021 shares of ages 4 to 15 of the ONS mid-2021 estimate",
    "ONS Census 2021 RM032, children aged 10 to 17",
    "DfE school census 2024 to 2025 shares of the ONS mid-2024 estimate",
    "ONS Census 2021, all ages",
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
    with pytest.raises(ValueError, match="dimension is one of ethnic_group, gender, age_band, not 'sex'"):
        preferred_population(table, MERTON, 2024, "sex")


def test_every_source_of_ours_is_listed_with_a_name_and_a_caveat(population):
    for source in population["source"].unique():
        told = describe_source(source)
        assert told["name"] != source
        assert told["caveat"]
