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


def read(kind, *cells, year=2023, codelist="", lowest="0", highest="40", table="header"):
    """Give each cell's value (None where blank), or 'unread'."""
    column = pd.Series({"table": table, "kind": kind, "codelist": codelist, "lowest": lowest, "highest": highest})
    done = read_column(pd.Series(cells, dtype="str"), column, year)
    typed = [None if pd.isna(value) else value for value in done.typed]
    return ["unread" if unread else value for unread, value in zip(done.unread, typed, strict=True)]


@pytest.mark.parametrize(
    "cell",
    ["03/04/2021", "3/4/2021", "03-04-2021", "03.04.2021", "03 04 2021", "3 / 4 / 2021", "2021-04-03", "2021/04/03", "2021.04.03", "2021-4-3",
     "20210403", "20210403.0", "2021-04-03 00:00:00", "2021-04-03T09:30:00", "2021-04-03T00:00:00Z", "2021-04-03 00:00:00+00:00",
     "2021-04-03T00:00:00.000", "03/04/2021 00:00", "3/4/2021 12:00:00 AM", "03/04/2021 9:30 pm", "03-Apr-2021", "03Apr2021", "3/Apr/2021",
     "3 April 2021", "03-APR-21", "3rd April 2021", "3rd Apr, 2021", "April 3, 2021", "Apr 3 2021", "03/04/21", "3-4-21", "3.4.21", "44289",
     "44289.0", "44289.5", "03–04–2021", "'03/04/2021"],
)  # fmt: skip
def test_every_form_of_a_date_is_read_day_first(cell):
    assert read("date", cell) == [pd.Timestamp(2021, 4, 3)]


@pytest.mark.parametrize(
    "cell",
    ["31/02/2021", "29/02/2021", "04/13/2021", "12/13/2020", "2021-13-01", "2021-31-01", "13", "4428", "99999", "03-Foo-2021", "05-2020", "2020",
     "01/01/9999", "31/12/9999", "1/2/3", "=TODAY()", "٠٣/٠٤/٢٠٢١", "01/01/0021", "03/04/2021x", "00/00/0000", "0", "03042021", "Apr-21", "3-Apr",
     "04/2021", "2021-04-02T23:00:00Z", "2021-04-03 00:00:00+01:00", "03/04/2021 25:00", "03//04/2021", "03/04/202", "Sunday", "#N/A", "03/04/2021 x"],
)  # fmt: skip
def test_a_cell_that_is_not_surely_a_date_is_not_read(cell):
    assert read("date", cell) == ["unread"]


@pytest.mark.parametrize("day", range(13, 32))
def test_the_month_is_never_read_first(day):
    """Where the day is past 12 a reader that tries the month first would give a date: this one gives none."""
    assert read("date", f"03/{day}/2021", f"3/{day}/21", f"03-{day}-2021", f"2021-{day}-03") == ["unread"] * 4


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
        ("ethnicity", "White British (WBRI)", "WBRI"), ("ethnicity", "Gypsy / Roma", "WROM"), ("ethnicity", "WBRI  [White British]", "WBRI"),
        ("ethnicity", "White British - WBRI", "WBRI"), ("ethnicity", "both", "BOTH"), ("ethnicity", "WBRI White British", "WBRI"),
        ("ethnicity", "WBRI - British", "WBRI"), ("ethnicity", "WBRI-White - British", "WBRI"), ("ethnicity", "White: British", "WBRI"),
        ("ethnicity", "Asian/Asian British - Indian", "AIND"), ("ethnicity", "Mixed: White and Black African", "MWBA"),
        ("legal_status", "C2: FCO", "C2"), ("legal_status", "C1: ICO", "C1"), ("legal_status", "E1: Placement order", "E1"),
        ("legal_status", "V2: S20", "V2"), ("legal_status", "C 2", "C2"), ("legal_status", "Interim care order (C1)", "C1"),
        ("placement", "f) U6: Foster placement - not FFA", "U6"), ("placement", "d) U4: Foster placement - long term", "U4"),
        ("placement", "U1 : U1 Foster placement with relative or friend", "U1"), ("placement", "U1  [Foster place rel/friend]", "U1"),
        ("placement", "n) H5: Residential accommodation", "H5"), ("placement", "H5 Semi-independent living accommodation", "H5"),
        ("placement", "Placement with other foster carer - long term fostering", "U4"), ("placement", "P2: Independent living - no support", "P2"),
        ("placement", "o) K1: Secure Children’s Homes", "K1"), ("placement", "A4 Placed for adoption w. consent", "A4"),
        ("placement_provider", "e) PR4 - Private provision", "PR4"), ("placement_provider", "f) PR5 - Voluntary/third sector", "PR5"),
        ("in_touch", "a) Yes", "YES"), ("in_touch", "b) No", "NO"), ("in_touch", "c) Died", "DIED"), ("in_touch", "d) Refu", "REFU"),
        ("in_touch", "e) NREQ", "NREQ"), ("in_touch", "f) Rhom", "RHOM"), ("in_touch", "Young person refuses contact", "REFU"),
        ("gender", "1.0", "1"), ("gender", "a) Male", "1"), ("gender", "Female", "2"), ("gender", "1 - Male", "1"),
        ("gender", "c) Not stated/recorded", "U"), ("activity", "0", "0"), ("activity", "0.0", "0"),
        ("activity", "F2: Full time in education other than higher", "F2"), ("activity", "G5: Not in education, employment or training - other", "G5"),
        ("accommodation_type", "B: Parents/relatives", "B"), ("accommodation_type", "(B) With Parents or Relatives", "B"),
        ("accommodation_type", "U: Independent living", "U"), ("accommodation_type", "B1", "B"), ("suitability", "b) Unsuitable", "2"),
        ("reason_ceased", "k) E47: Special Guardianship Orders - relative/friend", "E47"), ("reason_ceased", "E5 Care ends into independence", "E5"),
        ("reason_ceased", "E45 -", "E45"), ("reason_ceased", "e4a", "E4A"), ("category_of_need", "N1 - Abuse or Neglect", "N1"),
        ("reason_placed_ceased", "(RD1) The child’s needs changed subsequent to the decision", "RD1"), ("sdq_reason", "SDQ 1", "SDQ1"),
        ("reason_place_change", "CARPL - Change to care plan", "CARPL"), ("missing", "M: Missing", "M"),
    ],
)  # fmt: skip
def test_codes_are_read_with_prefixes_names_and_in_any_case(codelist, cell, code):
    assert read("code", cell, codelist=codelist) == [code]


@pytest.mark.parametrize(
    ("codelist", "cell"),
    [("ethnicity", "UNKN"), ("ethnicity", "White"), ("ethnicity", "WBRI - Black African"), ("ethnicity", "WBRI - BAFR"),
     ("ethnicity", "White British [MWAS]"), ("ethnicity", "WBRI/BAFR"), ("ethnicity", "Asian"), ("ethnicity", "=WBRI"), ("ethnicity", "African"),
     ("ethnicity", "White British/Irish"), ("ethnicity", "MWBC White and Black African"), ("ethnicity", "Gypsy or Irish Traveller"),
     ("ethnicity", "zzCodeError"), ("ethnicity", "W B R I"), ("ethnicity", "A1 - White British"), ("ethnicity", "WHITE BRITISH, MIXED BRITISH"),
     ("accommodation", "01"), ("accommodation", "02"), ("accommodation", "S1"), ("accommodation", "X1"), ("legal_status", "section 20"),
     ("legal_status", "Care order"), ("legal_status", "C2 - Interim care order"), ("gender", "3"), ("gender", "1.5"), ("gender", "M - Female"),
     ("gender", "01"), ("gender", "d) Neither"), ("placement", "H5 - Young Offender Institution or Prison"), ("placement", "R5 - Independent living"),
     ("placement", "H5 - Placed with own parents or other person with parental responsibility"), ("placement", "U1a"),
     ("placement", "Foster placement"), ("placement_provider", "PR4 - Own provision"), ("in_touch", "NO - refuses contact"),
     ("in_touch", "No - something else"), ("in_touch", "nope"), ("reason_ceased", "E4 A - Return home"), ("reason_ceased", "E8 - Died"),
     ("reason_ceased", "E99"), ("reason_place_change", "LIIAF"), ("reason_placed_ceased", "XXX"), ("reason_placed_ceased", "RD3 - Any other reason"),
     ("category_of_need", "N9"), ("category_of_need", "N1: Absent parenting"), ("missing", "Away"), ("social_worker_reason", "SWLAZY"),
     ("suitability", "2 - Suitable"), ("accommodation_type", "Y - Not suitable")],
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
        forms = [code, code.lower(), f"{code} - {label}", f"{code}: {label}", f"a) {code}", f"{label} [{code}]", 
                 f"{code} {label}", f"b) {code}: {label.upper()}", f"{code}{chr(0x2013)}{label}"]  # fmt: skip
        forms += [f"({code}) {label}"] if len(code) > 1 else []  # of one letter, it may be the number of a list
        assert read("code", *forms, codelist=codelist) == [code] * len(forms), f"{codelist} {code}"


@pytest.mark.parametrize("codelist", CODE_LISTS)
def test_no_code_is_read_beside_the_name_of_another(codelist):
    listed = load_codelist(codelist)[["code", "label"]]
    for code, own in listed.itertuples(index=False):
        for label in listed["label"].unique():
            if label != own:
                cells = [f"{code} - {label}", f"{label} ({code})", f"{code} {label}", f"a) {code}: {label}"]
                assert code not in read("code", *cells, codelist=codelist), f"{codelist} {code} {label}"


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


def test_flags():
    assert (
        read("flag", "1", "1.0", "1.00", "TRUE", "t", "Yes", "y", "a) Yes", "A)yes", "(a) Yes", "1 - Yes", "1 = Yes")
        == [1] * 12
    )
    assert read("flag", "0", "0.0", "False", "NO", "n", "b) No", "0 - No", "0 (No)") == [0] * 8
    assert read("flag", "2", "maybe", "1 - No", "0 - Yes", "unknown", "c) Unknown", "01", "-1") == ["unread"] * 8
    assert read("flag", "", "-", "<blank>", ".", "n/a", "NULL") == [None] * 6


def test_not_known_is_an_answer_in_annex_a_alone():
    assert read("flag", "c) Unknown", "Not known", "a) Yes", table="annex_a_8") == [None, None, 1]
    assert read("flag", "Unknown", table="oc2") == ["unread"]


def test_numbers():
    assert read("number", "0", "40", "7.0", "07", "", "41", "-1", "4.5", "x", "none", "1e1") == [
        0, 40, 7, 7, None, "unread", "unread", "unread", "unread", "unread", "unread"]  # fmt: skip
    assert read("number", "1,234", "12,34", "1234.0", highest="99999") == [1234, "unread", 1234]
    assert read("decimal", "13.79", "20", ".5", "41", "-1", "13,79", "1,2", highest="40") == [
        13.79, 20, 0.5, "unread", "unread", "unread", "unread"]  # fmt: skip


def test_postcodes():
    assert read("postcode", "RM10 7BN", "rm107bn", " E1  1AA", "EC1A1BB", "", "-", "nope", "RM10", "RM10 7B", "RM10 7BN.") == [
        "RM10 7BN", "RM10 7BN", "E1 1AA", "EC1A 1BB", None, None, "unread", "unread", "unread", "unread"]  # fmt: skip


def test_text():
    assert read("text", "SC123456", "XXXXXXX", "1234567.0", "0012345", "1.5", "- a", "Team 2.0") == [
        "SC123456", "XXXXXXX", "1234567", "0012345", "1.5", "- a", "Team 2.0"]  # fmt: skip
    assert read("text", "nan", "NULL", "<blank>", "", "-", "n/a") == [None, None, None, None, "-", "n/a"]
    assert read("text", "#N/A", "#REF!", "########", "=A1", "@x") == ["unread"] * 5


@pytest.mark.parametrize("cell", ["1.23E+05", "1.23e5", "1E5", "1.2345678901234E+17", "10-Mar", "Mar-10", "10-Mar-2021", "14/02/2010", "#N/A", "#####",
                                  "=A1", "@A1", "+1", "''1"])  # fmt: skip
def test_an_identifier_that_a_spreadsheet_changed_is_not_read(cell):
    assert read("identifier", cell) == ["unread"]


def test_identifiers_are_text_and_keep_their_noughts():
    cells = ["001234", "A/12-3 B", "A1_305", "12E3", "É1", "1E5A", "10/03"]
    assert read("identifier", *cells) == cells
    assert read("identifier", "123.0", "0012.0", "'00123") == ["123", "0012", "00123"]
    assert read("identifier", "-", "nan", "NULL", "None", "n/a", "") == [None] * 6


def test_marks_for_an_empty_cell_are_blank_and_none_is_not_a_number():
    for kind in ("date", "identifier", "postcode"):
        assert read(kind, "-", "--", ".", "<blank>", "(blank)", "NaT", "nan", "null", "None", "N/A") == [None] * 10
    assert read("code", "-", ".", "<blank>", "none", codelist="reason_ceased") == [None] * 4
    assert read("code", "None", codelist="previous_permanence") == ["Z1"], "a name of a code comes first"
    assert read("number", "none") == read("flag", "none") == ["unread"]


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
        episodes="| CHILD | DECOM | RNE | LS | CIN | PLACE | DEC | HOME_POST | PL_POST |\n| A1 | 1/4/22 | s | C2 | N1 | U6 | | rm107bn | E11AA |",
    )
    changes = type_collection(read_collection(tmp_path, dt.date(2023, 3, 31))).changes
    personal = changes[
        changes["column"].isin(["CHILD", "DOB", "MC_DOB", "HOME_POST", "PL_POST"]) & changes["row"].gt(1)
    ]
    assert set(personal["column"]) == {"CHILD", "DOB", "HOME_POST", "PL_POST"}
    assert set(personal["found"]) | set(personal["put"]) == {"an identifier", "a date", "a postcode"}
