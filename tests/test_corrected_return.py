"""`briefings check --write-corrected`: the official layout, every change told, and every row written or listed."""

import csv
import datetime as dt
import io
import json
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest
from conftest import ROOT, briefings
from drawn import write_return
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.clean import type_collection
from helpers.codes import load_codelist
from helpers.corrected_return import LOGS, CorrectedReturn, correct_return, refuse_place, save_corrected
from helpers.errors import ContractError, InputError
from helpers.read.returns import UNKNOWN, read_collection
from helpers.return_templates import README, write_templates

EXAMPLES = int(os.environ.get("BRIEFINGS_EXAMPLES", "200")) // 5
PERIOD = dt.date(2023, 3, 31)
SPEC = load_codelist("ssda903_tables")
NAMES = load_codelist("return_files").set_index("table")["file"]
HEADER = """
| CHILD  | SEX | DOB        | ETHNIC        | UPN           | MOTHER | MC_DOB     |
| 000123 | 1   | 2010-02-14 | wbri          | A123456789012 |        |            |
| A2     | 2   | 31/03/2004 | White British | UN1           | 1.0    | 01/02/2021 |
| A3     | 2   | 1/4/05     | BAFR          | UN1           |        | soon       |
| A3     | 2   | 1/4/05     | BAFR          | UN1           |        | soon       |
| A3     | 2   | 01/04/2005 | BAFR          | UN1           | -      | soon       |
| A4     |     | 31/03/2005 | bafr          | UN1           |        |            |
"""
CORRECTED = """\
CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\r
000123,1,14/02/2010,WBRI,A123456789012,,\r
A2,2,31/03/2004,WBRI,UN1,1,01/02/2021\r
A3,2,01/04/2005,BAFR,UN1,,soon\r
A4,,31/03/2005,BAFR,UN1,,\r
"""
WISHES = "| CHILD | WISH |\n| A1 | a bicycle |"


def read(folder):
    files = read_collection(folder, PERIOD)
    return files, type_collection(files)


class Done(NamedTuple):
    """A return as read, and what its copy was made of."""

    files: list
    collection: object
    corrected: CorrectedReturn


def correct(folder, out) -> Done:
    """Write a corrected copy of a folder and give what was written."""
    files, collection = read(folder)
    corrected = correct_return(files, collection)
    refuse_place(out, folder)
    save_corrected(corrected, out)
    return Done(files, collection, corrected)


def contents(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def tables_alone(folder) -> dict[str, bytes]:
    return {name: raw for name, raw in contents(folder).items() if name not in LOGS}


def kept(collection) -> dict[str, pd.DataFrame]:
    """The rows kept, by table; a row that repeats an earlier one once it is typed stands once."""
    return {
        table: rows.drop(columns=["_file", "_row"]).drop_duplicates(ignore_index=True)
        for table, rows in collection.tables.items()
    }


def log(out, name) -> list[list[str]]:
    with (out / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def assert_nothing_is_lost_or_altered(folder, base: Path, first: Done) -> None:
    """The promises of a corrected copy, whatever the return. first: its copy, in base / "one"."""
    correct(folder, base / "again")
    assert contents(base / "one") == contents(base / "again"), "two runs give the same bytes"

    second = correct(base / "one", base / "two")
    before, after = kept(first.collection), kept(second.collection)
    assert list(before) == list(after)
    for table, rows in before.items():
        pd.testing.assert_frame_equal(rows, after[table])
    told_again = second.collection.changes
    assert told_again[told_again["table"] != UNKNOWN].empty, "what is official already is read as it stands"
    assert tables_alone(base / "one") == tables_alone(base / "two"), "a copy of the copy is the copy"
    assert second.corrected.changes.empty and second.corrected.left_out.empty

    account = first.corrected.account
    assert (account["rows_read"] == account["rows_written"] + account["rows_left_out"]).all()
    assert account["rows_read"].sum() == sum(len(file.rows) + len(file.aside) for file in first.files)
    lines = {name: len(log(base / "one", name)) - 1 for name in tables_alone(base / "one")}
    written = account[account["file"] != ""].set_index("file")["rows_written"]
    assert written.to_dict() == lines, "the files hold the rows that the account counts"
    assert len(log(base / "one", "rows_left_out.csv")) - 1 == account["rows_left_out"].sum()


# --- one return, seen whole ---------------------------------------------------------------------------------------


@pytest.fixture
def dirty(tmp_path):
    folder = tmp_path / "bromley" / "2023-03-31"
    write_return(folder, children=HEADER, wishes=WISHES)
    with (folder / "children.csv").open("a", encoding="utf-8") as file:
        file.write("A5,1,01/01/2010,WBRI,UN1,,,,\n")
    return folder


def test_a_copy_has_official_names_columns_and_cells_and_keeps_what_cannot_be_read(dirty, tmp_path):
    correct(dirty, tmp_path / "out")
    assert set(contents(tmp_path / "out")) == {"header.csv", "change_log.csv", "rows_left_out.csv"}
    assert (tmp_path / "out" / "header.csv").read_bytes().decode("utf-8") == CORRECTED


def test_every_change_is_told_and_no_cell_that_tells_of_a_person(dirty, tmp_path):
    correct(dirty, tmp_path / "out")
    columns, *told = log(tmp_path / "out", "change_log.csv")
    assert columns == ["file", "table", "row", "column", "from", "to", "why"]
    assert [one[:6] for one in told] == [
        ["children.csv", "header", "2", "DOB", "a date", "a date"],
        ["children.csv", "header", "2", "ETHNIC", "wbri", "WBRI"],
        ["children.csv", "header", "3", "ETHNIC", "White British", "WBRI"],
        ["children.csv", "header", "3", "MOTHER", "1.0", "1"],
        ["children.csv", "header", "4", "DOB", "a date", "a date"],
        ["children.csv", "header", "7", "ETHNIC", "bafr", "BAFR"],
    ]
    assert all(one[6] for one in told)


def test_every_row_left_out_is_listed_with_its_reason(dirty, tmp_path):
    corrected = correct(dirty, tmp_path / "out").corrected
    columns, *told = log(tmp_path / "out", "rows_left_out.csv")
    assert columns == ["file", "table", "row", "rule"]
    assert [one[:3] for one in told] == [
        ["children.csv", "header", "5"],
        ["children.csv", "header", "6"],
        ["children.csv", "header", "8"],
        ["wishes.csv", "not recognised", "2"],
    ]
    assert ["stands earlier" in one[3] for one in told] == [True, True, False, False]
    assert "7 cells of the header" in told[2][3]
    assert corrected.account.to_numpy().tolist() == [
        ["header", "header.csv", 7, 4, 3, 2],
        ["not recognised", "", 1, 0, 1, 0],
    ]


def test_the_copy_keeps_the_promises_on_a_return_with_every_kind_of_fault(dirty, tmp_path):
    assert_nothing_is_lost_or_altered(dirty, tmp_path, correct(dirty, tmp_path / "one"))


def test_of_a_file_of_all_london_only_the_boroughs_own_rows_are_written(tmp_path):
    folder = tmp_path / "bromley" / "2023-03-31"
    write_return(
        folder,
        all_london="""
        | LA      | YEAR | CHILD  | DOB        | REVIEW     | REVIEW_CODE |
        | Bromley | 2023 | A1_305 | 14/02/2010 | 2022-05-01 | PN1         |
        | Barnet  | 2023 | A1_302 | 14/02/2011 | 01/05/2022 | PN1         |
        | Bromley | 2022 | A1_305 | 14/02/2010 | 01/05/2021 | PN1         |
        """,
    )
    correct(folder, tmp_path / "out")
    assert (tmp_path / "out" / "reviews.csv").read_text().splitlines()[1:] == ["A1,14/02/2010,01/05/2022,PN1"]
    assert [one[2] for one in log(tmp_path / "out", "rows_left_out.csv")[1:]] == ["3", "4"]


def test_two_files_of_one_table_become_one_and_a_column_that_never_came_is_blank_and_told(tmp_path):
    folder = tmp_path / "in"
    write_return(
        folder,
        visits_1="| CHILD | VISIT_DUE | VISIT_DATE | SEEN_ALONE |\n| 01 | 01/05/2022 | 01/05/2022 | yes |",
        visits_2="| VISIT_DATE | Child ID | VISIT_DUE | NOTE |\n| 02/06/2022 | 02 | 03/06/2022 | x |",
    )
    correct(folder, tmp_path / "out")
    assert (tmp_path / "out" / "local_visits.csv").read_text().splitlines() == [
        "CHILD,VISIT_DUE,VISIT_DATE,SEEN_ALONE", "01,01/05/2022,01/05/2022,1", "02,03/06/2022,02/06/2022,",
    ]  # fmt: skip
    told = [one[:4] for one in log(tmp_path / "out", "change_log.csv")[1:]]
    assert ["visits_1.csv", "local_visits", "2", "SEEN_ALONE"] in told
    for column in ("CHILD", "NOTE", "SEEN_ALONE"):
        assert ["visits_2.csv", "local_visits", "1", column] in told, "other spellings, unused and absent columns"


def test_a_row_in_which_no_column_of_the_table_is_filled_is_left_out_and_listed(tmp_path):
    folder = tmp_path / "in"
    write_return(
        folder,
        visits="""
        | CHILD | VISIT_DUE  | VISIT_DATE | NOTE   |
        |       |            |            | absent |
        | A1    | 01/05/2022 |            |        |
        |       |            |            | late   |
        """,
    )
    first = correct(folder, tmp_path / "one")
    told = log(tmp_path / "one", "rows_left_out.csv")[1:]
    assert [one[2] for one in told] == ["2", "4"]
    assert all("No column of the table is filled" in one[3] for one in told)
    assert_nothing_is_lost_or_altered(folder, tmp_path, first)


def test_the_copy_of_a_return_in_its_official_form_is_the_return(tmp_path):
    folder, meanings = tmp_path / "in", load_codelist("column_meanings")
    write_templates(folder)
    for table, name in NAMES.items():
        with (folder / name).open("a", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\r\n").writerow(meanings.loc[meanings["table"] == table, "example"])
    correct(folder, tmp_path / "out")
    official = {name: raw.removeprefix(b"\xef\xbb\xbf") for name, raw in contents(folder).items() if name != README}
    assert tables_alone(tmp_path / "out") == official


# --- returns nobody here wrote ------------------------------------------------------------------------------------

SAMPLES = ("be903_fake_data", "synthesizer/synth_1000/2023", "annex_a")


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_copy_keeps_the_promises_on_every_sample(shared, tmp_path, sample):
    folder = shared / "returns" / "samples" / sample
    assert_nothing_is_lost_or_altered(folder, tmp_path, correct(folder, tmp_path / "one"))


@pytest.mark.parametrize("sample", SAMPLES)
def test_what_the_check_tells_as_changed_is_in_the_log_of_changes(shared, tmp_path, sample):
    files, collection = read(shared / "returns" / "samples" / sample)
    key = ["file", "table", "row", "column", "from", "to", "why"]
    told = correct_return(files, collection).changes.set_index(key).index
    checked = collection.changes.rename(columns={"found": "from", "put": "to"}).set_index(key).index
    assert checked.isin(told).all()


def test_xml_alone_becomes_csv_files(shared, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(shared / "returns" / "samples" / "be903_fake_data" / "fake_903.xml", folder)
    assert_nothing_is_lost_or_altered(folder, tmp_path, correct(folder, tmp_path / "one"))
    assert {"header.csv", "episodes.csv", "reviews.csv"} <= set(contents(tmp_path / "one"))


# --- drawn returns ------------------------------------------------------------------------------------------------

READABLE = {
    "identifier": ["A1", "A2", "00123", "123.0", "-"],
    "date": ["14/02/2010", "2010-02-14", "1/2/10", "14-Feb-2010", "40223", "14/02/2010 00:00"],
    "flag": ["0", "1", "1.0", "a) Yes", "no"],
    "number": ["1", "2.0", "01"],
    "decimal": ["0", "13.79", "7.0"],
    "postcode": ["RM10 7KV", "rm107kv", " RM10  7KV "],
    "text": ["XXXXXXX", "-", "words, and more", 'a "quoted" word', "two\nlines"],
}
UNREADABLE = ["31/02/2021", "soon", "1.23E+07", "99999999", "-3", "ZZZ", "nope", "-", "<blank>", ""]
ODD = st.text(st.sampled_from("ab1 ,;\"'\n\r\t\x0b\x1c\x85\xa0\u2028\ufeff\u00c9\u0661.|"), max_size=6)


def readable(column) -> st.SearchStrategy[str]:
    """Draw a cell that can be read, official or not."""
    if column.kind != "code":
        return st.sampled_from(READABLE["text" if column.kind == "dropped" else column.kind])
    listed = load_codelist(column.codelist)
    code, label = listed[["code", "label"]].iloc[-1]
    return st.sampled_from([*listed["code"][:4], code.lower(), f"a) {code}", f"{code} - {label}", label])


@st.composite
def drawn_returns(draw) -> dict[str, str]:
    """One or two tables of a return, as CSV by file name: readable rows, some with cells that are not, some twice."""
    made = {}
    for table in draw(st.lists(st.sampled_from(list(NAMES.index)), min_size=1, max_size=2, unique=True)):
        columns = list(SPEC[SPEC["table"] == table].itertuples())
        rows = draw(st.lists(st.tuples(*map(readable, columns)), max_size=4))
        rows += draw(st.lists(st.sampled_from(rows), max_size=2)) if rows else []
        lines = [list(row) for row in rows]
        for line in lines:
            for place in draw(st.lists(st.integers(0, len(line) - 1), max_size=2)):
                line[place] = draw(st.sampled_from(UNREADABLE) | ODD)
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerows([[one.header or one.column for one in columns], *lines])
        made[f"{table}.csv"] = text.getvalue()
    return made


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(drawn=drawn_returns())
def test_the_copy_keeps_the_promises_on_any_return_that_is_read(drawn):
    with tempfile.TemporaryDirectory() as base:
        folder = Path(base) / "in"
        folder.mkdir()
        for name, text in drawn.items():
            (folder / name).write_text(text, encoding="utf-8", newline="")
        try:
            first = correct(folder, Path(base) / "one")
        except InputError as refused:
            assert any(name in str(refused) for name in drawn), "the return itself cannot be trusted"
            return
        assert_nothing_is_lost_or_altered(folder, Path(base), first)


# --- where it may go, and who may read it -------------------------------------------------------------------------


def test_files_are_for_their_owner_alone(dirty, tmp_path):
    correct(dirty, tmp_path / "new" / "out")
    for path in [tmp_path / "new", tmp_path / "new" / "out", *(tmp_path / "new" / "out").iterdir()]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path.name


def test_an_empty_folder_that_is_there_is_used_and_closed_to_others(dirty, tmp_path):
    (tmp_path / "out").mkdir(mode=0o755)
    correct(dirty, tmp_path / "out")
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700
    assert "header.csv" in contents(tmp_path / "out")


def project(folder) -> Path:
    (folder / "notebooks").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / "pyproject.toml").touch()
    return folder


REFUSED = {
    "a folder with something in it": ("full", "not an empty folder"),
    "a file": ("a_file", "not an empty folder"),
    "the return itself": ("bromley/2023-03-31", "not an empty folder"),
    "inside the return": ("bromley/2023-03-31/out", "inside the folder that is checked"),
    "inside the return, by another way": ("full/../bromley/2023-03-31/out", "inside the folder that is checked"),
    "inside the return, by a link": ("link/out", "inside the folder that is checked"),
    "the folder of reports": ("reports", "a folder of reports"),
    "inside the folder of reports": ("reports/bromley/2023-03-31", "a folder of reports"),
    "inside reports of another name": ("pages/bromley", "a folder of reports"),
    "inside the repository": ("ours/notes", "inside the repository"),
    "a folder of the repository named like data": ("ours/database/out", "inside the repository"),
    "inside a repository": ("theirs/data/out", "a git repository"),
    "inside a repository within data": ("ours/data/nested/out", "a git repository"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_place_where_children_could_be_lost_or_given_away_is_refused(dirty, tmp_path, case):
    place, why = REFUSED[case]
    project(tmp_path / "ours")
    for name in ("theirs/.git", "ours/data/nested/.git", "full", "pages"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("full/kept.txt", "a_file", "pages/index.html"):
        (tmp_path / name).touch()
    (tmp_path / "link").symlink_to(dirty, target_is_directory=True)
    before = sorted(path for path in tmp_path.rglob("*"))
    done = briefings("check", dirty, "--write-corrected", tmp_path / place)
    assert done.returncode == 2
    assert why in " ".join(done.stderr.split())
    assert done.stderr.count("Nothing was written.") == 1
    assert done.stdout == ""
    assert sorted(path for path in tmp_path.rglob("*")) == before


def test_a_return_given_by_a_link_is_known_as_the_folder_it_leads_to(dirty, tmp_path):
    (tmp_path / "link").symlink_to(dirty, target_is_directory=True)
    with pytest.raises(InputError, match="inside the folder that is checked"):
        refuse_place(dirty / "out", tmp_path / "link")


@pytest.mark.parametrize("place", ["ours/data/out", "elsewhere/out", "data_of_reports/out"])
def test_the_data_folder_and_folders_outside_any_repository_are_allowed(dirty, tmp_path, place):
    project(tmp_path / "ours")
    refuse_place(tmp_path / place, dirty)


def test_this_repository_is_known_as_one(dirty):
    with pytest.raises(InputError, match="repository"):
        refuse_place(ROOT / "notebooks" / "corrected", dirty)


@pytest.mark.parametrize("cell", ["=cmd()", "@sum", "+A1*2", "-cmd()"])
def test_a_cell_that_a_spreadsheet_would_run_is_never_written(tmp_path, cell):
    folder = tmp_path / "in"
    write_return(folder, visits="| CHILD | VISIT_DUE | VISIT_DATE |\n| A1 | | |\n| A2 | soon | |")
    (file,) = read_collection(folder, PERIOD)
    # No file is read that holds one: it is put in here, as a fault of the reading would.
    spoiled = [file._replace(rows=file.rows.replace("soon", cell))]
    with pytest.raises(InputError, match=r"visits.csv, row 3, column VISIT_DUE.*No copy was written") as refused:
        correct_return(spoiled, type_collection(spoiled))
    assert cell not in str(refused.value)


@pytest.mark.parametrize("cell", ["-", "-3", "-0.5", "a=b", "1-2"])
def test_a_dash_a_negative_number_and_a_sign_within_are_written_as_they_stand(tmp_path, cell):
    folder = tmp_path / "in"
    write_return(folder, plans=f"| CHILD | PEP_DUE | PEP_DATE | PEP_QUALITY |\n| A1 | 01/05/2022 | | {cell} |")
    correct(folder, tmp_path / "out")
    assert log(tmp_path / "out", "local_education_plans.csv")[1] == ["A1", "01/05/2022", "", cell]


def test_the_logs_hold_a_formula_as_text(tmp_path):
    write_return(tmp_path / "in", **{"=cmd()": HEADER})
    correct(tmp_path / "in", tmp_path / "out")
    for name in LOGS:
        assert {one[0] for one in log(tmp_path / "out", name)[1:]} == {"'=cmd().csv"}


def test_a_copy_that_cannot_be_finished_leaves_nothing_behind(dirty, tmp_path, monkeypatch):
    corrected = correct_return(*read(dirty))
    before = sorted(path for path in tmp_path.rglob("*"))

    def full_disk(rows, path):
        path.write_text("half", encoding="utf-8")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("helpers.corrected_return._write", full_disk)
    with pytest.raises(InputError, match="No space left on device.*Nothing was written"):
        save_corrected(corrected, tmp_path / "out")
    assert sorted(path for path in tmp_path.rglob("*")) == before


def test_a_row_that_is_neither_written_nor_listed_stops_the_copy(dirty):
    files, collection = read(dirty)
    one_more = collection.files.assign(rows_read=collection.files["rows_read"] + [1, 0])
    with pytest.raises(ContractError, match="header: the rows written and left out are not those that were read"):
        correct_return(files, collection._replace(files=one_more))


def test_files_that_changed_since_they_were_checked_are_refused(dirty):
    _, collection = read(dirty)
    write_return(dirty, children=HEADER.replace("A2", "A9"))
    with pytest.raises(InputError, match="changed while they were read"):
        correct_return(read(dirty)[0], collection)


# --- the command --------------------------------------------------------------------------------------------------


def test_the_command_tells_each_file_the_sum_and_what_to_do_with_it(dirty, tmp_path):
    done = briefings("check", dirty, "--write-corrected", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "wrote header.csv: 7 rows read = 4 written + 3 left out" in lines
    assert "nothing written of not recognised: 1 rows read = 0 written + 1 left out" in lines
    assert any(line.startswith("wrote change_log.csv") for line in lines)
    assert any(line.startswith("wrote rows_left_out.csv") for line in lines)
    assert any("Still to be put right: 2 of the rows written" in line for line in lines)
    assert "load it into the council's own system, then delete it" in lines[-1]
    assert "000123" not in done.stdout + done.stderr


def test_json_stays_json_when_a_copy_is_written(dirty, tmp_path):
    done = briefings("check", dirty, "--json", "--write-corrected", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert {entry["table"] for entry in json.loads(done.stdout)} == {"header", "not recognised"}
    assert "wrote header.csv" in done.stderr


def test_what_is_no_return_is_refused_and_no_folder_is_made(tmp_path):
    (tmp_path / "2023-03-31").mkdir()
    (tmp_path / "2023-03-31" / "header.csv").write_bytes(b"")
    done = briefings("check", tmp_path / "2023-03-31", "--write-corrected", tmp_path / "out")
    assert done.returncode == 2
    assert not (tmp_path / "out").exists()
