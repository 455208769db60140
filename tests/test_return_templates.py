"""`briefings check --templates`: every table that is read has a template, and every column of it a meaning."""

import csv
import datetime as dt
import io

import pytest
from conftest import briefings

from helpers.clean import type_collection
from helpers.codes import load_catalogue, load_codelist
from helpers.errors import InputError
from helpers.read.returns import NOT_READ, read_collection
from helpers.return_templates import README, template_files, write_templates

PERIOD = dt.date(2025, 3, 31)
SPEC = load_codelist("ssda903_tables")
MEANINGS = load_codelist("column_meanings")
FILES = load_codelist("return_files").set_index("table")["file"]
TABLES = list(dict.fromkeys(SPEC["table"]))
OFFICIAL_FILES = {
    "header.csv", "episodes.csv", "reviews.csv", "uasc.csv", "oc2.csv", "oc3.csv", "ad1.csv", "placed_for_adoption.csv",
    "previous_permanence.csv", "missing.csv", "sw_episodes.csv", "DoLo.csv",
}  # fmt: skip


def official_header(table: str) -> list[str]:
    return [header or column for column, header in SPEC.query("table == @table")[["column", "header"]].to_numpy()]


def example_line(table: str) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(MEANINGS.query("table == @table")["example"])
    return line.getvalue()


def fill(folder, table: str) -> None:
    with (folder / FILES[table]).open("a", encoding="utf-8", newline="") as file:
        file.write(example_line(table))


def of_tables(lines):
    """Leave out what is told of the page beside the templates, which is no table and is not read."""
    return lines[lines["table"] != NOT_READ]


def test_every_column_that_is_read_has_a_meaning_and_nothing_else_has():
    assert MEANINGS[["table", "column"]].to_numpy().tolist() == SPEC[["table", "column"]].to_numpy().tolist()
    assert MEANINGS["meaning"].str.len().gt(10).all()
    wanted = SPEC["needed"].eq("yes").to_numpy()
    assert (MEANINGS.loc[wanted, "example"] != "").all(), "a cell that must be filled has an example"


def test_meanings_are_in_plain_words():
    words = MEANINGS["meaning"].str.cat(sep=" ") + load_codelist("return_files")["each_row"].str.cat(sep=" ")
    for bad in ("LAC", "CLA", "looked after", "looked-after", "|"):
        assert bad not in words, bad


def test_every_table_has_a_file_of_its_own_and_the_twelve_have_their_official_names():
    assert list(FILES.index) == TABLES
    assert FILES.is_unique
    ours = FILES.index.str.startswith(("annex_a_", "local_"))
    assert set(FILES[~ours]) == OFFICIAL_FILES
    assert FILES[ours].tolist() == [f"{table}.csv" for table in FILES.index[ours]]


def test_examples_are_invented():
    kinds = SPEC["kind"].to_numpy()
    identifiers = MEANINGS.loc[(kinds == "identifier"), "example"]
    assert identifiers.str.startswith("MADEUP").all()
    postcodes = MEANINGS.loc[(kinds == "postcode"), "example"]
    assert postcodes.str.contains("[CIKMOV]..?$").all(), "Royal Mail ends no postcode with these letters"
    indicators = MEANINGS.loc[MEANINGS["column"] == "INDICATOR", "example"]
    assert set(indicators) <= set(load_catalogue()["key"])


@pytest.mark.parametrize("table", TABLES)
def test_a_template_is_the_official_header_alone_as_a_spreadsheet_reads_it(tmp_path, table):
    write_templates(tmp_path)
    raw = (tmp_path / FILES[table]).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""))) == [official_header(table)]


@pytest.mark.parametrize("table", TABLES)
def test_a_template_with_its_example_is_read_as_its_table_and_nothing_is_changed(tmp_path, table):
    write_templates(tmp_path)
    fill(tmp_path, table)
    for other in set(FILES) - {FILES[table]}:
        (tmp_path / other).unlink()
    collection = type_collection(read_collection(tmp_path, PERIOD))
    account = of_tables(collection.files)[["table", "rows_read", "rows_kept"]].to_numpy().tolist()
    assert account == [[table, 1, 1]]
    assert of_tables(collection.changes).empty
    assert collection.set_aside.empty
    assert collection.tables[table].attrs["absent"] == ()
    filled = collection.tables[table].drop(columns=["_file", "_row"]).notna().iloc[0].tolist()
    assert filled == (MEANINGS.query("table == @table")["example"] != "").tolist()


def test_templates_that_nobody_filled_are_read_as_their_tables_without_a_row(tmp_path):
    write_templates(tmp_path)
    collection = type_collection(read_collection(tmp_path, PERIOD))
    assert list(collection.tables) == TABLES
    assert collection.files["rows_read"].sum() == 0
    assert of_tables(collection.changes).empty


def test_the_page_tells_of_every_column_what_it_means_its_form_and_an_example():
    told = template_files()[README]
    for table in TABLES:
        part = told.split(f"## {FILES[table]}: ")[1].split("\n## ")[0]
        rows = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("|")][2:]
        own = MEANINGS.query("table == @table")
        assert [row[:2] for row in rows] == [
            list(one) for one in zip(official_header(table), own["meaning"], strict=True)
        ]
        assert [row[4] for row in rows] == [one or "(blank here)" for one in own["example"]]
    columns = told.splitlines()
    form = {line.split(" | ")[0].removeprefix("| "): line.split(" | ")[2] for line in columns if line.startswith("| ")}
    assert form["SDQ_SCORE"] == "whole number from 0 to 40"
    assert form["DECOM"] == "date dd/mm/yyyy"
    assert form["LS"] == "code of codelists/legal_status.csv"
    assert form["SEEN_ALONE"] == "0 (no) or 1 (yes)"


def test_the_page_lists_every_code_that_a_cell_may_hold():
    told = template_files()[README].splitlines()
    for codelist in set(SPEC["codelist"]) - {""}:
        start = told.index(f"### codelists/{codelist}.csv")
        listed = load_codelist(codelist)
        lines = told[start + 2 : start + 2 + len(listed)]
        assert [line.split("`")[1] for line in lines] == listed["code"].tolist()
    assert "- `K3` Registered supported accommodation (from 2025)" in told
    assert "- `1` Male (to 2024)" in told


def test_a_file_that_is_there_is_never_written_over(tmp_path):
    (tmp_path / "oc3.csv").write_text("an analyst's own work", encoding="utf-8")
    done = briefings("check", "--templates", tmp_path)
    assert done.returncode == 2
    assert "oc3.csv" in done.stderr and "Nothing was written" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["oc3.csv"]
    assert (tmp_path / "oc3.csv").read_text(encoding="utf-8") == "an analyst's own work"


def test_a_folder_that_cannot_be_made_is_refused_in_words(tmp_path):
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be written"):
        write_templates(tmp_path / "taken")


def test_templates_written_in_part_are_taken_away(tmp_path, monkeypatch):
    whole = template_files()
    monkeypatch.setattr("helpers.return_templates.template_files", lambda: {**whole, "no/such/folder.csv": "x"})
    with pytest.raises(InputError, match="Nothing was written"):
        write_templates(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_templates_need_no_folder_to_check_and_nothing_else_goes_without_one(tmp_path):
    done = briefings("check", "--templates", tmp_path / "new")
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "new").iterdir()} == {*FILES, README}
    assert done.stdout.count("wrote ") == len(FILES) + 1
    for arguments in ([], ["--json"], ["--templates", tmp_path / "x", "--write-corrected", tmp_path / "y"]):
        done = briefings("check", *arguments)
        assert done.returncode == 2
        assert "FOLDER" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
