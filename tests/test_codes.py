"""Codelists are data with one shape, and names are forgiving."""

from importlib.resources import files

import pandas as pd
import pytest

from helpers.codes import areas, boroughs, decode, find_borough, find_ethnic_group, load_codelist
from helpers.errors import InputError, UnknownBoroughError, UnlistedCodeError
from helpers.settings import make_settings, slug, to_date

LISTS_OF_CODES = [
    "accommodation",
    "activity",
    "category_of_need",
    "ethnicity",
    "gender",
    "in_touch",
    "legal_status",
    "placement",
    "placement_provider",
    "reason_ceased",
    "reason_new_episode",
]


@pytest.mark.parametrize("name", LISTS_OF_CODES)
def test_codelists_have_one_shape_and_one_row_per_code(name):
    listed = load_codelist(name)
    assert {"code", "label", "group", "first_year", "last_year"} <= set(listed.columns)
    assert listed["code"].is_unique
    assert (listed[["code", "label", "group"]] != "").all().all()
    years = pd.concat([listed["first_year"], listed["last_year"]])
    assert years.str.fullmatch(r"(20\d\d)?").all()


def test_every_codelist_ends_its_lines_alike():
    for path in (files("helpers") / "codelists").iterdir():
        assert b"\r" not in path.read_bytes(), path.name


def test_london_has_33_boroughs_of_which_14_are_inner():
    assert len(boroughs()) == 33
    assert (boroughs()["region"] == "Inner London").sum() == 14, "DfE's Inner London; Greenwich is Outer"
    assert areas().set_index("label")["region"]["Greenwich"] == "Outer London"


@pytest.mark.parametrize(
    "name", ["Barking and Dagenham", "barking & dagenham", "BARKING-AND-DAGENHAM", "E09000002", "301"]
)
def test_a_borough_is_found_by_any_of_its_names(name):
    assert find_borough(name)["code"] == "E09000002"


def test_an_unknown_borough_gets_the_near_matches():
    with pytest.raises(UnknownBoroughError, match="Did you mean Bromley"):
        find_borough("Bromly")


def test_an_unlisted_code_stops_the_run_and_counts_its_rows():
    with pytest.raises(UnlistedCodeError, match="column ETHNIC: 'ZZZZ' in 2 rows"):
        decode(pd.Series(["ZZZZ", "WBRI", "ZZZZ"], name="ETHNIC"), "ethnicity", source="header.csv")


def test_chinese_children_are_counted_as_the_census_counts_them():
    assert load_codelist("ethnicity").set_index("code")["group"]["CHNE"] == "Asian"


def test_a_group_to_compare_with_is_found_in_any_case_and_another_is_refused_with_the_choices():
    assert find_ethnic_group("white british") == "White British"
    assert find_ethnic_group(" Black ") == "Black"
    for wrong in ("Unknown", "Everyone", ""):
        with pytest.raises(InputError, match="Choose one of: .*White British"):
            find_ethnic_group(wrong)


@pytest.mark.parametrize(
    ("name", "folder"),
    [("Barking and Dagenham", "barking-and-dagenham"), ("Kensington & Chelsea", "kensington-and-chelsea")],
)
def test_slugs(name, folder):
    assert slug(name) == folder


@pytest.mark.parametrize("value", ["31/03/2021", "2021", "2021-02-30", "March"])
def test_a_date_that_is_not_one_is_refused_in_words(value):
    with pytest.raises(InputError, match="such as 2023-03-31"):
        to_date(value)


def test_an_unknown_disclosure_profile_is_refused():
    with pytest.raises(InputError, match="la-1-5"):
        make_settings(borough="Bromley", as_at="2021-03-31", disclosure="off")
