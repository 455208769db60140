"""Returns that nobody here wrote: what each file is taken for, what became of every row, and why.

Each drawn table is the whole account of one sample: a figure that changes here is a figure that a council would see.
"""

import datetime as dt
import tarfile
from pathlib import Path

import pytest
from return_forms import drawn_rows, typed

from helpers.clean import year_warnings
from helpers.read.returns import read_collection

ROWS = ["rows_read", "rows_kept", "rows_set_aside", "rows_repeated"]
PROVIDERS = "Ofsted's list of providers, not used"


def account_of(collection):
    """File, table and the four counts of every file, as text."""
    files = collection.files[["file", "table", *ROWS]]
    return [list(map(str, row)) for row in files.itertuples(index=False)]


def reasons_of(folder, collection, period):
    """File, column, cell as it stood, code of the rule and number of rows, for every cell that set its row aside."""
    received = {(file.file, file.table): file.rows for file in read_collection(folder, period)}
    aside = collection.set_aside.query("outcome == 'set aside' and column != ''")
    told: dict[tuple[str, ...], int] = {}
    for one in aside.itertuples():
        rows = received[one.file, one.table]
        stood = rows.loc[rows["_row"] == one.row, one.column]
        assert len(stood) == 1 or one.file.endswith(".xml"), "the line finds the row"
        cell = stood.iloc[0] if len(stood) == 1 else "?"
        told[one.file, one.column, cell, one.code] = told.get((one.file, one.column, cell, one.code), 0) + 1
    return sorted([*key, str(rows)] for key, rows in told.items())


def drawn(text):
    return [list(row.values()) for row in drawn_rows(text)]


# --- data-to-insight/csc-validator-be-903: every table, XML and Ofsted's lists ------------------------------------

VALIDATOR = """
| file                                             | table           | read  | kept  | aside | repeated |
| DoLo.csv                                         | dolo            | 1     | 1     | 0     | 0        |
| LICENSE                                          | not read        | 0     | 0     | 0     | 0        |
| ad1.csv                                          | ad1             | 29    | 29    | 0     | 0        |
| ch_fake.xlsx, sheet Provider information         | providers       | 1     | 0     | 1     | 0        |
| ch_fake.xlsx, sheet Registration Conditions      | providers       | 1     | 0     | 1     | 0        |
| combined_scp_ch_fake.xlsx, sheet Providers       | providers       | 4     | 0     | 4     | 0        |
| episodes.csv                                     | episodes        | 5050  | 5050  | 0     | 0        |
| fake_903.xml                                     | header          | 253   | 253   | 0     | 0        |
| fake_903.xml                                     | episodes        | 459   | 459   | 0     | 0        |
| fake_903.xml                                     | reviews         | 1206  | 1206  | 0     | 0        |
| fake_903.xml                                     | uasc            | 12    | 12    | 0     | 0        |
| fake_903.xml                                     | oc2             | 253   | 253   | 0     | 0        |
| fake_903.xml                                     | oc3             | 6     | 3     | 3     | 0        |
| fake_903.xml                                     | ad1             | 3     | 3     | 0     | 0        |
| fake_903.xml                                     | placed_adoption | 3     | 0     | 3     | 0        |
| fake_903.xml                                     | prev_perm       | 253   | 253   | 0     | 0        |
| fake_903.xml                                     | missing         | 6     | 6     | 0     | 0        |
| header.csv                                       | header          | 2675  | 2675  | 0     | 0        |
| missing.csv                                      | missing         | 43    | 43    | 0     | 0        |
| oc2.csv                                          | oc2             | 2675  | 2675  | 0     | 0        |
| oc3.csv                                          | oc3             | 53    | 50    | 3     | 0        |
| placed_for_adoption.csv                          | placed_adoption | 29    | 0     | 29    | 0        |
| placed_for_adoption_errors.csv                   | placed_adoption | 30    | 0     | 29    | 1        |
| previous_permanence.csv                          | prev_perm       | 2675  | 2675  | 0     | 0        |
| reviews.csv                                      | reviews         | 12582 | 12580 | 0     | 2        |
| scp_ch_2025_fake.xlsx, sheet Providers           | providers       | 1     | 0     | 1     | 0        |
| scp_ch_2025_fake.xlsx, sheet SA Providers        | providers       | 1     | 0     | 1     | 0        |
| scp_fake.xlsx, sheet Current providers           | providers       | 1     | 0     | 1     | 0        |
| scp_fake.xlsx, sheet Providers closed in 2022-23 | providers       | 1     | 0     | 1     | 0        |
| scpch_assisted.xlsx, sheet Providers             | providers       | 4     | 0     | 4     | 0        |
| scpch_assisted.xlsx, sheet SA Providers          | providers       | 2     | 0     | 2     | 0        |
| sw_episodes.csv                                  | social_worker   | 1     | 0     | 1     | 0        |
| uasc.csv                                         | uasc            | 132   | 132   | 0     | 0        |
"""
# 01 and 02 are no padded 0: the generator puts 1 or 2 (suitable or not) behind a letter or a 0, and no list has either.
# S1 (no fixed abode, suitable) is in no list: it is never suitable. XXX stands in every row that the generator made of
# this column, SWLAZY is an invented reason. All rows of the XML stand on line 2, so that ? stands for the cell there.
VALIDATOR_REASONS = """
| file                           | column               | cell   | code     | rows |
| fake_903.xml                   | ACCOM                | ?      | 133      | 3    |
| fake_903.xml                   | REASON_PLACED_CEASED | ?      | 120      | 3    |
| oc3.csv                        | ACCOM                | 01     | 133      | 1    |
| oc3.csv                        | ACCOM                | 02     | 133      | 1    |
| oc3.csv                        | ACCOM                | S1     | 133      | 1    |
| placed_for_adoption.csv        | REASON_PLACED_CEASED | XXX    | 120      | 29   |
| placed_for_adoption_errors.csv | REASON_PLACED_CEASED | XXX    | 120      | 29   |
| sw_episodes.csv                | SW_REASON            | SWLAZY | SW13STG1 | 1    |
"""


def test_the_validators_fake_return(shared):
    folder, period = shared / "returns/samples/be903_fake_data", dt.date(2018, 3, 31)
    collection = typed(folder, period)
    expected = [[PROVIDERS if cell == "providers" else cell for cell in row] for row in drawn(VALIDATOR)]
    assert account_of(collection) == expected
    assert reasons_of(folder, collection, period) == drawn(VALIDATOR_REASONS)
    xml = next(
        file.rows for file in read_collection(folder, period) if file.file.endswith("xml") and file.table == "oc3"
    )
    assert set(xml["ACCOM"]) - {"C1", "U2", "B1"} == {"01", "S1"}
    # What was read in another form: one MOTHER of 1.0, beside a header the XML has no element for in its permanence.
    told = collection.changes[["file", "column", "found", "put"]].to_numpy().tolist()
    assert told == [
        ["LICENSE", "", "", ""],
        ["fake_903.xml", "LA_PERM", "", "LA_PERM"],
        ["fake_903.xml", "DATE_PERM", "", "DATE_PERM"],
        ["header.csv", "MOTHER", "1.0", "1"],
    ]


def test_codes_of_other_years_are_kept_and_warned_of(shared):
    collection = typed(shared / "returns/samples/be903_fake_data", dt.date(2018, 3, 31))
    warned = year_warnings(collection)[["column", "code", "rows"]].to_numpy().tolist()
    assert warned == [
        ["LS", "D1", 395],
        ["REC", "E45", 60],
        ["REC", "E46", 54],
        ["REC", "E47", 65],
        ["REC", "E48", 62],
        ["REASON_PLACE_CHANGE", "CUSTOD", 235],
    ]


# --- SocialFinanceDigitalLabs/liia-tools-pipeline: Annex A --------------------------------------------------------

ANNEX_A = """
| file                                | table                                             | read | kept | aside | repeated |
| Annex_A_2024_Jan.xlsx, sheet List 1 | Annex A list 1 (contacts), not used                | 5 | 0 | 5 | 0 |
| Annex_A_2024_Jan.xlsx, sheet List 2 | Annex A list 2 (early help), not used              | 5 | 0 | 5 | 0 |
| Annex_A_2024_Jan.xlsx, sheet List 3 | Annex A list 3 (referrals), not used               | 6 | 0 | 6 | 0 |
| Annex_A_2024_Jan.xlsx, sheet List 4 | Annex A list 4 (assessments), not used             | 5 | 0 | 5 | 0 |
| Annex_A_2024_Jan.xlsx, sheet List 5 | Annex A list 5 (section 47 enquiries), not used    | 5 | 0 | 5 | 0 |
| Annex_A_2024_Jan.xlsx, sheet List 6 | Annex A list 6 (children in need), not used        | 5 | 0 | 5 | 0 |
| Annex_A_2024_Jan.xlsx, sheet List 7 | Annex A list 7 (child protection plans), not used  | 7 | 0 | 7 | 0 |
| Annex_A_2024_Jan.xlsx, sheet List 8 | annex_a_8                                          | 5 | 4 | 1 | 0 |
| Annex_A_2024_Jan.xlsx, sheet List 9 | annex_a_9                                          | 6 | 6 | 0 | 0 |
| Annex_A_2024_Jan.xlsx, sheet List 10 | annex_a_10                                        | 5 | 5 | 0 | 0 |
| Annex_A_2024_Jan.xlsx, sheet List 11 | Annex A list 11 (adopters), not used              | 5 | 0 | 5 | 0 |
| LICENSE                              | not read                                          | 0 | 0 | 0 | 0 |
"""  # fmt: skip
# "nope" may be a home without a postcode or one that is kept secret: nobody can know, so the row waits for its cell.
ANNEX_A_REASONS = """
| file                                | column  | cell | code | rows |
| Annex_A_2024_Jan.xlsx, sheet List 8 | PL_POST | nope | READ | 1    |
"""


def test_the_annex_a_workbook(shared):
    folder, period = shared / "returns/samples/annex_a", dt.date(2024, 3, 31)
    collection = typed(folder, period)
    assert account_of(collection) == drawn(ANNEX_A)
    assert reasons_of(folder, collection, period) == drawn(ANNEX_A_REASONS)
    children, leavers = collection.tables["annex_a_8"], collection.tables["annex_a_9"]
    assert children["LS"].tolist() == ["E1", "C2", "C2", "C1"]
    assert children["PLACE"].tolist() == ["U6", "U4", "U6", "H5"]
    assert children["PLACE_PROVIDER"].tolist() == ["PR4", "PR5", "PR4", "PR4"]
    assert children["ETHNIC"].isna().tolist() == [False, True, False, False], "a blank ethnicity stays blank"
    assert leavers["ACCOM_TYPE"].fillna("").tolist() == ["Y", "U", "Y", "", "U", "U"]
    assert leavers["ACTIV"].fillna("").tolist() == ["F1", "F2", "G5", "", "F3", "F3"]
    assert leavers["IN_TOUCH"].eq("YES").all()
    assert collection.tables["annex_a_10"]["REASON_PLACED_CEASED"].fillna("").tolist() == ["", "", "RD2", "", ""]
    assert children.attrs["absent"] == leavers.attrs["absent"] == ()


def test_no_row_of_another_annex_a_list_is_taken_for_a_child_in_care(shared):
    """Lists 1 to 7 have identifier, sex, birth date and ethnicity too, as the header table of a return does."""
    collection = typed(shared / "returns/samples/annex_a", dt.date(2024, 3, 31))
    assert set(collection.tables) == {"annex_a_8", "annex_a_9", "annex_a_10"}


# --- SocialFinanceDigitalLabs/csc-data-synthesizer ----------------------------------------------------------------

THOUSAND_2022 = """
| file                    | table           | read | kept | aside | repeated |
| ad1.csv                 | ad1             | 10   | 10   | 0     | 0        |
| episodes.csv            | episodes        | 1616 | 1616 | 0     | 0        |
| header.csv              | header          | 1000 | 1000 | 0     | 0        |
| missing.csv             | missing         | 5    | 5    | 0     | 0        |
| oc2.csv                 | oc2             | 738  | 738  | 0     | 0        |
| oc3.csv                 | oc3             | 187  | 178  | 9     | 0        |
| placed_for_adoption.csv | placed_adoption | 10   | 0    | 10    | 0        |
| previous_permanence.csv | prev_perm       | 1000 | 1000 | 0     | 0        |
| reviews.csv             | reviews         | 3524 | 3522 | 0     | 2        |
| uasc.csv                | uasc            | 64   | 64   | 0     | 0        |
"""
THOUSAND_2023 = """
| file                    | table           | read | kept | aside | repeated |
| ad1.csv                 | ad1             | 3    | 3    | 0     | 0        |
| episodes.csv            | episodes        | 1699 | 1699 | 0     | 0        |
| header.csv              | header          | 1000 | 1000 | 0     | 0        |
| missing.csv             | missing         | 10   | 10   | 0     | 0        |
| oc2.csv                 | oc2             | 794  | 794  | 0     | 0        |
| oc3.csv                 | oc3             | 193  | 181  | 12    | 0        |
| placed_for_adoption.csv | placed_adoption | 3    | 0    | 3     | 0        |
| previous_permanence.csv | prev_perm       | 1000 | 1000 | 0     | 0        |
| reviews.csv             | reviews         | 3774 | 3773 | 0     | 1        |
| uasc.csv                | uasc            | 53   | 53   | 0     | 0        |
"""
TEN_THOUSAND_2022 = """
| file                    | table           | read  | kept  | aside | repeated |
| ad1.csv                 | ad1             | 105   | 105   | 0     | 0        |
| episodes.csv            | episodes        | 16990 | 16990 | 0     | 0        |
| header.csv              | header          | 10000 | 10000 | 0     | 0        |
| missing.csv             | missing         | 81    | 81    | 0     | 0        |
| oc2.csv                 | oc2             | 7474  | 7474  | 0     | 0        |
| oc3.csv                 | oc3             | 1849  | 1707  | 142   | 0        |
| placed_for_adoption.csv | placed_adoption | 105   | 0     | 105   | 0        |
| previous_permanence.csv | prev_perm       | 10000 | 10000 | 0     | 0        |
| reviews.csv             | reviews         | 35670 | 35662 | 0     | 8        |
| uasc.csv                | uasc            | 539   | 539   | 0     | 0        |
"""
TEN_THOUSAND_2023 = """
| file                    | table           | read  | kept  | aside | repeated |
| ad1.csv                 | ad1             | 33    | 33    | 0     | 0        |
| episodes.csv            | episodes        | 17098 | 17098 | 0     | 0        |
| header.csv              | header          | 10000 | 10000 | 0     | 0        |
| missing.csv             | missing         | 95    | 95    | 0     | 0        |
| oc2.csv                 | oc2             | 7794  | 7794  | 0     | 0        |
| oc3.csv                 | oc3             | 1688  | 1562  | 126   | 0        |
| placed_for_adoption.csv | placed_adoption | 33    | 0     | 33    | 0        |
| previous_permanence.csv | prev_perm       | 10000 | 10000 | 0     | 0        |
| reviews.csv             | reviews         | 38051 | 38044 | 0     | 7        |
| uasc.csv                | uasc            | 511   | 511   | 0     | 0        |
"""
# The same three codes and the same XXX as above: the synthesizer draws from the validator's lists. Its repeated CHILD
# in header.csv are other children by the same identifier, so no row there is an exact repeat; linking sets one aside.
SYNTHESIZED = {
    ("synth_1000", 2022): (THOUSAND_2022, {"01": 3, "02": 4, "S1": 2, "XXX": 10}),
    ("synth_1000", 2023): (THOUSAND_2023, {"01": 6, "02": 3, "S1": 3, "XXX": 3}),
    ("synth_10000", 2022): (TEN_THOUSAND_2022, {"01": 48, "02": 50, "S1": 44, "XXX": 105}),
    ("synth_10000", 2023): (TEN_THOUSAND_2023, {"01": 34, "02": 49, "S1": 43, "XXX": 33}),
}


@pytest.fixture(scope="module")
def synthesizer(shared, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("synthesizer")
    with tarfile.open(shared / "returns/samples/synthesizer/synth_10000.tar.gz") as packed:
        packed.extractall(folder, filter="data")
    (folder / "synth_1000").symlink_to(shared / "returns/samples/synthesizer/synth_1000")
    return folder


@pytest.mark.parametrize(("sample", "year"), SYNTHESIZED)
def test_the_synthesizers_children(synthesizer, sample, year):
    folder, period = synthesizer / sample / str(year), dt.date(year, 3, 31)
    collection = typed(folder, period)
    expected, cells = SYNTHESIZED[sample, year]
    assert account_of(collection) == drawn(expected)
    told = {cell: int(rows) for _, _, cell, _, rows in reasons_of(folder, collection, period)}
    assert told == cells
    assert collection.changes.empty


def test_ten_thousand_children_of_two_years_add_up(synthesizer):
    rows = [
        typed(synthesizer / "synth_10000" / str(year), dt.date(year, 3, 31)).files[ROWS].sum().tolist()
        for year in (2022, 2023)
    ]
    assert rows == [[82813, 82558, 247, 8], [85303, 85137, 159, 7]]


def test_no_file_of_any_sample_is_passed_over(shared):
    """Every file of the folders is named in the account, be it only to say that it was not read."""
    samples = shared / "returns/samples"
    for folder in ("be903_fake_data", "annex_a", "synthesizer/synth_1000/2022", "synthesizer/synth_1000/2023"):
        told = {one.file.split(", sheet ")[0] for one in read_collection(samples / folder, dt.date(2023, 3, 31))}
        assert told == {path.name for path in (samples / folder).iterdir()}
