"""Which populations are compared with, what crosses several characteristics, and what a reader is told of a source."""

from itertools import product

import pandas as pd
import pytest

from helpers.codes import load_codelist
from helpers.population import (
    age_caveat,
    describe_source,
    population_cells,
    populations_table,
    populations_to_compare,
    preferred_population,
    scheme_caveat,
    scheme_of,
)
from helpers.schemas import Population, columns_of

MERTON = "E09000024"
CENSUS = "ONS Census 2021, children aged 0 to 17, by age and sex"
SHARES = "Census 2021 shares of ages 4 to 15 of the ONS mid-2021 estimate"
SCHOOL = "DfE school census 2024 to 2025 shares of the ONS mid-2024 estimate"
ADULTS = "ONS Census 2021, all ages"
DFE = "DfE, Children looked after in England including adoptions"
GROUPS = ["White", "Mixed", "Asian", "Black", "Other"]


def people(source: str, year: int, cells: dict[tuple[str, str, str], float], **columns: object) -> pd.DataFrame:
    """Draw one source's people: (ethnic group, gender, age band) -> children."""
    rows = [(*cell, number) for cell, number in cells.items()]
    table = pd.DataFrame(rows, columns=["ethnic_group", "gender", "age_band", "children"])
    known = {"borough_code": MERTON, "age_from": 0, "age_to": 17, "share_error": 0.0, "source": source, "year": year}
    return table.assign(**{**known, **columns})[columns_of(Population)]


def by_group(numbers: dict[str, float]) -> dict[tuple[str, str, str], float]:
    return {(group, "All", "All"): number for group, number in numbers.items()}


def sources(tables: list[pd.DataFrame]) -> list[str]:
    assert all(len(table[["source", "year"]].drop_duplicates()) == 1 for table in tables)
    return [table["source"].iloc[0] for table in tables]


FIVE = by_group(dict.fromkeys(GROUPS, 20.0) | {"All": 100.0})


def test_every_source_is_given_the_most_preferred_first():
    table = pd.concat([people(SCHOOL, 2024, FIVE), people(CENSUS, 2021, FIVE), people(SHARES, 2021, FIVE)])
    found = populations_to_compare(table, MERTON, 2024, "ethnic_group")
    assert sources(found) == [CENSUS, SHARES, SCHOOL]
    pd.testing.assert_frame_equal(found[0], preferred_population(table, MERTON, 2024, "ethnic_group"))


def test_adults_stand_for_children_only_where_nothing_else_does():
    adults = people(ADULTS, 2021, FIVE, age_to=120)
    assert sources(populations_to_compare(adults, MERTON, 2024, "ethnic_group")) == [ADULTS]
    both = pd.concat([adults, people("a source that nobody listed", 2021, FIVE)])
    assert sources(populations_to_compare(both, MERTON, 2024, "ethnic_group")) == ["a source that nobody listed"]
    older = populations_to_compare(both, MERTON, 2024, "ethnic_group", aged_at_most=120)
    assert sources(older) == [ADULTS, "a source that nobody listed"]


def test_the_order_is_that_of_the_list_and_unlisted_sources_come_last():
    starts = load_codelist("population_sources").astype({"order": int}).sort_values("order")["starts_with"].tolist()
    drawn = ["a source that nobody listed", *starts[::-1]]
    table = pd.concat([people(source, 2021, FIVE) for source in drawn])
    found = sources(populations_to_compare(table, MERTON, 2021, "ethnic_group"))
    assert found == [*starts, "a source that nobody listed"]


@pytest.mark.parametrize(("asked", "taken"), [(2018, 2019), (2019, 2019), (2020, 2019), (2022, 2022), (2030, 2022)])
def test_each_source_gives_its_last_year_not_after_the_one_asked_for(asked, taken):
    """Else its first after it; and each source its own year, whatever the others have."""
    table = pd.concat([people(SCHOOL, year, FIVE) for year in (2022, 2019)] + [people(CENSUS, 2021, FIVE)])
    found = populations_to_compare(table, MERTON, asked, "ethnic_group")
    assert [one["year"].unique().tolist() for one in found] == [[2021], [taken]]


def test_another_area_has_no_children_here():
    assert populations_to_compare(people(CENSUS, 2021, FIVE), "E09000002", 2021, "ethnic_group") == []


def test_groups_are_the_five_and_labels_the_finer_ones():
    numbers = dict.fromkeys(GROUPS, 20.0) | {"All": 100.0, "White British": 20.0, "Unknown": 3.0}
    finer = {"White and Asian": 20.0, "Chinese": 20.0, "Black African": 20.0, "Any other ethnic group": 20.0}
    table = people(CENSUS, 2021, by_group(numbers | finer))
    (groups,) = populations_to_compare(table, MERTON, 2021, "ethnic_group")
    (labels,) = populations_to_compare(table, MERTON, 2021, "ethnic_label")
    assert set(groups["ethnic_group"]) == set(GROUPS)
    assert set(labels["ethnic_group"]) == {"White British", *finer}


def test_finer_labels_that_do_not_add_up_to_the_whole_are_no_population():
    """A share of White British alone would make White British everybody."""
    table = people(SHARES, 2021, FIVE | by_group({"White British": 15.0}), share_error=0.0005)
    assert populations_to_compare(table, MERTON, 2021, "ethnic_label") == []
    assert preferred_population(table, MERTON, 2021, "ethnic_label").empty


def crossed(source: str, genders=("Male", "Female"), bands=("Under 1", "1 to 4")) -> pd.DataFrame:
    """Every combination with its margins, as the readers give them."""
    cells = product([*GROUPS, "Chinese", "All"], [*genders, "All"], [*bands, "All"])
    return people(source, 2021, dict.fromkeys(cells, 1.0))


def test_cells_cross_the_dimensions_asked_for_and_no_other():
    table = pd.concat([crossed(CENSUS), people(SHARES, 2021, FIVE)])
    cells = population_cells(table, MERTON, 2021, ["ethnic_group", "gender", "age_band"])
    assert len(cells) == 5 * 2 * 2
    assert not cells[["ethnic_group", "gender", "age_band"]].isin(["All", "Chinese"]).any(axis=None)
    two = population_cells(table, MERTON, 2021, ["gender", "age_band"])
    assert len(two) == 4
    assert set(two["ethnic_group"]) == {"All"}


def test_no_cells_where_no_source_crosses_them():
    table = people(SHARES, 2021, FIVE)
    cells = population_cells(table, MERTON, 2021, ["ethnic_group", "gender"])
    assert cells.empty
    assert list(cells.columns) == columns_of(Population)


@pytest.mark.parametrize("dimensions", [[], ["sex"], ["ethnic_group", "ethnic_label"], ["gender", "gender"]])
def test_dimensions_that_make_no_sense_are_refused(dimensions):
    with pytest.raises(ValueError, match="dimension"):
        population_cells(crossed(CENSUS), MERTON, 2021, dimensions)


def test_adults_cross_the_dimensions_only_where_no_children_do():
    adults = crossed(ADULTS).assign(age_to=120, children=9.0)
    alone = population_cells(adults, MERTON, 2021, ["ethnic_group", "gender"])
    assert alone["source"].unique().tolist() == [ADULTS]
    last = crossed("a source that nobody listed")
    cells = population_cells(pd.concat([adults, last]), MERTON, 2021, ["ethnic_group", "gender"])
    assert cells["source"].unique().tolist() == ["a source that nobody listed"]


# --- where Chinese children are counted ----------------------------------------------------------------------------


def test_each_source_says_where_it_counts_chinese():
    listed = load_codelist("population_sources")
    found = {start: scheme_of(start) for start in listed["starts_with"]}
    assert set(found.values()) == {"Asian", "not known", ""}
    assert found["ONS mid-year estimates"] == ""
    assert scheme_of(DFE, "SFR 36/2013") == "Other"
    assert scheme_of(DFE, "2025 (to 31 March 2025)") == "Asian"
    assert scheme_of("The council's own return (SSDA903)") == "Asian"
    assert scheme_of("something else") == "not known"


def test_what_is_counted_here_follows_the_recorded_choice(monkeypatch):
    """Returns and the census with finer labels move together with ethnicity.csv; five published groups cannot."""
    real = load_codelist("ethnicity")
    moved = real.assign(group=real["group"].where(real["code"].ne("CHNE"), "Other"))
    monkeypatch.setattr(
        "helpers.population.load_codelist", lambda name: moved if name == "ethnicity" else load_codelist(name)
    )
    assert scheme_of("The council's own return (SSDA903)") == "Other"
    assert scheme_of(CENSUS) == "Other"
    assert scheme_of("ONS Census 2021 in five groups, children aged 0 to 17, by age") == "Asian"
    assert scheme_caveat("The council's own return (SSDA903)", CENSUS) == ""
    assert "Chinese" in scheme_caveat("The council's own return (SSDA903)", SHARES)


def test_schemes_that_differ_are_told_in_one_sentence():
    assert scheme_caveat(DFE, SHARES, count_release="SFR 36/2013") == (
        "Chinese children are counted with 'Other ethnic group' among children in care and with "
        "'Asian or Asian British' among local children."
    )
    assert scheme_caveat(DFE, SHARES, count_release="2024 (to 31 March 2024)") == ""
    assert scheme_caveat(DFE, "ONS mid-year estimates 2012 to 2024", count_release="SFR 36/2013") == ""
    document = "Council's document, rounded percentages of ages 0 to 17: a report"
    told = "The source of local children does not say with which group it counts Chinese children."
    assert scheme_caveat(DFE, document) == told


def test_a_source_is_described_by_its_line_and_an_unlisted_one_by_its_name():
    assert describe_source(f"{ADULTS}, by sex")["name"] == "Census 2021, people of all ages"
    assert "adults are counted too" in describe_source(ADULTS)["caveat"].lower()
    assert describe_source("a source that nobody listed").tolist() == ["a source that nobody listed", ""]


# --- ages, and the table of sources --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ages", "told"),
    [
        ((0, 17), ""),
        ((10, 17), "Local children are those aged 10 to 17; children in care are aged 0 to 17."),
        ((0, 15), "Local children are those aged 0 to 15; children in care are aged 0 to 17."),
        ((0, 120), "Local people are of all ages, adults too; children in care are aged 0 to 17."),
        ((0, 24), "Local people are of ages 0 to 24; children in care are aged 0 to 17."),
    ],
)
def test_ages_that_differ_from_those_in_care_are_told(ages, told):
    assert age_caveat("ethnic_group", *ages) == told


def test_an_age_caveat_is_of_a_dimension_there_is():
    with pytest.raises(ValueError, match="not 'sex'"):
        age_caveat("sex", 0, 17)


def test_the_table_of_populations_tells_years_ages_splits_and_scheme():
    finer = {"White British": 50.0, "Chinese": 50.0}
    table = pd.concat([
        people(SHARES, 2021, FIVE | by_group({"White British": 15.0}), age_from=4, age_to=15),
        people(ADULTS, 2021, FIVE | by_group(finer), age_to=120),
        people("ONS mid-year estimates 2020 to 2021", 2020, by_group({"All": 90.0})),
        people("ONS mid-year estimates 2020 to 2021", 2021, by_group({"All": 100.0})),
    ])  # fmt: skip
    shown = populations_table(table).frame.set_index("name")
    assert shown["years"].tolist() == ["2020 to 2021", "2021", "2021"]
    assert shown["ages"].tolist() == ["0 to 17", "4 to 15", "all"]
    assert shown["splits"].tolist() == ["none", "ethnic group", "ethnic group, finer ethnic group"]
    assert shown["scheme"].tolist() == ["-", "Asian", "Asian"]
