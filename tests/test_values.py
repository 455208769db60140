"""Cells are read with certainty or set aside; what was read in another form is told, and never who it is about."""

import datetime as dt

import pandas as pd
import pytest
from drawn import write_return
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.clean import type_collection, year_warnings
from helpers.clean.values import read_column
from helpers.codes import load_codelist
from helpers.errors import InputError
from helpers.read.returns import read_collection
from helpers.schemas import Changes, FilesRead, SetAside, columns_of


def read(kind, *cells, year=2023, codelist="", lowest="0", highest="40"):
    """Give each cell's value (None where blank), or 'unread'."""
    column = pd.Series({"kind": kind, "codelist": codelist, "lowest": lowest, "highest": highest})
    done = read_column(pd.Series(cells, dtype="str"), column, year)
    typed = [None if pd.isna(value) else value for value in done.typed]
    return ["unread" if unread else value for unread, value in zip(done.unread, typed, strict=True)]


@pytest.mark.parametrize(
    "cell",
    ["03/04/2021", "3/4/2021", "03-04-2021", "03.04.2021", "2021-04-03", "2021/04/03", "2021-04-03 00:00:00",
     "2021-04-03T09:30:00", "03/04/2021 00:00", "03-Apr-2021", "3 April 2021", "03-APR-21", "03/04/21", "44289", "44289.0"],
)  # fmt: skip
def test_every_form_of_a_date_is_read_day_first(cell):
    assert read("date", cell) == [pd.Timestamp(2021, 4, 3)]


@pytest.mark.parametrize(
    "cell",
    ["31/02/2021", "29/02/2021", "04/13/2021", "2021-13-01", "13", "4428", "99999", "03-Foo-2021", "05-2020", "2020",
     "3rd April 2021", "01/01/9999", "1/2/3", "=TODAY()", "٠٣/٠٤/٢٠٢١", "01/01/0021", "03/04/2021x"],
)  # fmt: skip
def test_a_cell_that_is_not_surely_a_date_is_not_read(cell):
    assert read("date", cell) == ["unread"]


def test_two_digit_years_reach_twenty_years_ahead_of_the_return():
    days = read("date", "01/04/43", "01/04/44", "01/04/99", "01/04/00", year=2023)
    assert [day.year for day in days] == [2043, 1944, 1999, 2000]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(day=st.dates(dt.date(1980, 1, 1), dt.date(2040, 12, 31)), form=st.sampled_from(
    ["%d/%m/%Y", "%Y-%m-%d", "%d-%b-%Y", "%d %B %Y", "%d/%m/%y", "%d.%m.%Y", "%Y-%m-%d %H:%M:%S", "serial"]))  # fmt: skip
def test_a_date_comes_back_from_every_form(day, form):
    cell = str((day - dt.date(1899, 12, 30)).days) if form == "serial" else day.strftime(form)
    assert read("date", cell, year=2025) == [pd.Timestamp(day)]


@pytest.mark.parametrize(
    ("codelist", "cell", "code"),
    [
        ("ethnicity", "WBRI", "WBRI"), ("ethnicity", "wbri", "WBRI"), ("ethnicity", "WBRI - White British", "WBRI"),
        ("ethnicity", "White British", "WBRI"), ("ethnicity", "a) WBRI", "WBRI"), ("ethnicity", "s) NOBT", "NOBT"),
        ("ethnicity", "White and Asian [MWAS]", "MWAS"), ("ethnicity", "White & Asian", "MWAS"),
        ("ethnicity", "White British (WBRI)", "WBRI"), ("ethnicity", "Gypsy / Roma", "WROM"),
        ("ethnicity", "White British - WBRI", "WBRI"), ("ethnicity", "both", "BOTH"),
        ("legal_status", "C2: FCO", "C2"), ("legal_status", "C1: ICO", "C1"), ("legal_status", "E1: Placement order", "E1"),
        ("placement", "f) U6: Foster placement - not FFA", "U6"), ("placement", "d) U4: Foster placement - long term", "U4"),
        ("placement_provider", "e) PR4 - Private provision", "PR4"), ("in_touch", "a) Yes", "YES"), ("in_touch", "b) No", "NO"),
        ("gender", "1.0", "1"), ("gender", "a) Male", "1"), ("gender", "Female", "2"), ("activity", "0", "0"),
        ("reason_ceased", "k) E47: Special Guardianship Orders - relative/friend", "E47"),
    ],
)  # fmt: skip
def test_codes_are_read_with_prefixes_names_and_in_any_case(codelist, cell, code):
    assert read("code", cell, codelist=codelist) == [code]


@pytest.mark.parametrize(
    ("codelist", "cell"),
    [("ethnicity", "UNKN"), ("ethnicity", "White"), ("ethnicity", "WBRI - Black African"), ("ethnicity", "WBRI - BAFR"),
     ("ethnicity", "White British [MWAS]"), ("ethnicity", "WBRI/BAFR"), ("ethnicity", "Asian"), ("ethnicity", "=WBRI"),
     ("accommodation", "01"), ("accommodation", "S1"), ("legal_status", "section 20"), ("gender", "3"), ("gender", "1.5")],
)  # fmt: skip
def test_a_code_that_could_mean_two_things_or_none_is_not_guessed(codelist, cell):
    assert read("code", cell, codelist=codelist) == ["unread"]


def test_a_name_of_two_codes_means_the_one_of_the_year():
    assert read("code", "Male", "Female", codelist="gender", year=2024) == ["1", "2"]
    assert read("code", "Male", "Female", codelist="gender", year=2025) == ["M", "F"]


CODE_LISTS = sorted(set(load_codelist("ssda903_tables").query("kind == 'code'")["codelist"]))


@pytest.mark.parametrize("codelist", CODE_LISTS)
def test_every_code_and_name_of_every_list_reads_as_itself(codelist):
    listed = load_codelist(codelist)
    assert {"code", "label", "group", "first_year", "last_year"} <= set(listed.columns)
    assert listed["code"].is_unique and (listed[["code", "label", "group"]] != "").all().all()
    for code, label in listed[["code", "label"]].itertuples(index=False):
        forms = [code, code.lower(), f"{code} - {label}", f"{code}: {label}", f"a) {code}", f"{label} [{code}]"]
        assert read("code", *forms, codelist=codelist) == [code] * len(forms), f"{codelist} {code}"


@pytest.mark.parametrize("codelist", CODE_LISTS)
def test_every_known_spelling_names_a_code_of_its_list(codelist):
    try:
        fixes = load_codelist(f"{codelist}_fixes")
    except FileNotFoundError:
        return
    assert set(fixes["code"]) <= set(load_codelist(codelist)["code"])
    assert fixes["found"].is_unique
    for found in fixes["found"]:
        assert read("code", found, codelist=codelist) != ["unread"]


def test_flags_numbers_and_postcodes():
    assert read("flag", "1", "0", "1.0", "a) Yes", "b) No", "N", "TRUE", "", "2", "maybe") == [
        1,
        0,
        1,
        1,
        0,
        0,
        1,
        None,
        "unread",
        "unread",
    ]
    assert read("number", "0", "40", "7.0", "07", "", "41", "-1", "4.5", "x") == [
        0,
        40,
        7,
        7,
        None,
        "unread",
        "unread",
        "unread",
        "unread",
    ]
    assert read("decimal", "13.79", "20", "41", highest="40") == [13.79, 20, "unread"]
    assert read("postcode", "RM10 7BN", "rm107bn", " E1  1AA", "", "nope", "RM10", "RM10 7B") == [
        "RM10 7BN", "RM10 7BN", "E1 1AA", None, "unread", "unread", "unread"]  # fmt: skip


def test_marks_for_an_empty_cell_are_blank_but_in_identifiers():
    assert read("date", "-", ".", "<blank>", "NaT") == [None] * 4
    assert read("identifier", "001234", "123.0", "1.23E+07", "=A1") == ["001234", "123", "unread", "unread"]


# --- a collection -------------------------------------------------------------------------------------------------

HEADER = """
| CHILD | SEX | DOB        | ETHNIC        | UPN | MOTHER | MC_DOB |
| A1    | 1   | 2010-02-14 | wbri          | UN1 |        |        |
| A2    | M   | 31/03/2004 | White British | UN1 | 1.0    |        |
| A3    | 2   | 31/03/2005 | BAFR          | UN1 |        | soon   |
| A3    | 2   | 31/03/2005 | BAFR          | UN1 |        | soon   |
| A4    |     | 31/03/2005 | BAFR          | UN1 |        |        |
"""


@pytest.fixture
def collection(tmp_path):
    write_return(tmp_path, header=HEADER)
    return type_collection(read_collection(tmp_path, dt.date(2023, 3, 31)))


def test_a_collection_keeps_its_contract(collection):
    header = collection.tables["header"]
    assert (collection.period, collection.return_year) == (dt.date(2023, 3, 31), 2023)
    assert header.dtypes.astype(str).to_dict() == {
        "CHILD": "str", "SEX": "str", "DOB": "datetime64[us]", "ETHNIC": "str", "UPN": "str", "MOTHER": "float64",
        "MC_DOB": "datetime64[us]", "_file": "str", "_row": "int64"}  # fmt: skip
    assert header["ETHNIC"].tolist() == ["WBRI", "WBRI"]
    assert header.attrs["absent"] == ()
    assert list(collection.changes) == columns_of(Changes)
    assert list(collection.set_aside) == columns_of(SetAside)
    assert list(collection.files) == columns_of(FilesRead)


def test_changes_tell_what_was_read_otherwise_and_hide_the_child(collection):
    told = collection.changes[["row", "column", "found", "put"]].to_numpy().tolist()
    assert sorted(told) == [
        [2, "DOB", "a date", "a date"],
        [2, "ETHNIC", "wbri", "WBRI"],
        [3, "ETHNIC", "White British", "WBRI"],
        [3, "MOTHER", "1.0", "1"],
    ]


def test_rows_set_aside_say_why_and_repeats_are_apart(collection):
    told = collection.set_aside[["row", "column", "outcome"]].to_numpy().tolist()
    assert told == [[4, "MC_DOB", "set aside"], [5, "", "exact repeat"], [6, "SEX", "set aside"]]
    assert collection.files[["rows_read", "rows_kept", "rows_set_aside", "rows_repeated"]].to_numpy().tolist() == [
        [5, 2, 2, 1]
    ]


def test_a_code_of_another_year_is_kept_and_warned_of(collection):
    assert year_warnings(collection).to_numpy().tolist() == [["header", "SEX", "M", "2025", "", 1]]


def test_files_of_two_periods_are_no_collection(tmp_path):
    write_return(tmp_path, header=HEADER)
    files = [one for year in (2022, 2023) for one in read_collection(tmp_path, dt.date(year, 3, 31))]
    with pytest.raises(InputError, match="one period"):
        type_collection(files)


def test_no_personal_cell_is_ever_shown_in_the_changes(tmp_path):
    write_return(
        tmp_path,
        header=HEADER.replace("A2 ", "7.0"),
        visits="| Child ID | VISIT_DUE | VISIT_DATE | SEEN_ALONE |\n| 12345.0 | 2023-01-01 | | yes |",
        episodes="| CHILD | DECOM | RNE | LS | CIN | PLACE | HOME_POST | PL_POST |\n| A1 | 1/4/22 | s | C2 | N1 | U6 | rm107bn | E11AA |",
    )
    changes = type_collection(read_collection(tmp_path, dt.date(2023, 3, 31))).changes
    personal = changes[
        changes["column"].isin(["CHILD", "DOB", "MC_DOB", "HOME_POST", "PL_POST"]) & changes["row"].gt(1)
    ]
    assert set(personal["column"]) == {"CHILD", "DOB", "HOME_POST", "PL_POST"}
    assert set(personal["found"]) | set(personal["put"]) == {"an identifier", "a date", "a postcode"}
