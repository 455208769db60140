"""One child-level result whatever the door: the same children as CSV files, as XML and as one workbook."""

import csv
import datetime as dt
import io

import pandas as pd
import pytest
from return_forms import (
    DRAWN,
    IN_CSV_ONLY,
    as_csv,
    as_csv_files,
    as_workbook,
    as_xml,
    drawn_return,
    typed,
    write_files,
)

from helpers.codes import load_codelist
from helpers.read.returns import read_collection

WHERE = ["_file", "_row"]
TABLES = load_codelist("ssda903_tables")["table"].unique().tolist()


def assert_same_tables(one, other):
    """The same values, types and missing cells, a child's rows in the same order; children may come in another."""
    assert list(one.tables) == list(other.tables)
    for table, rows in one.tables.items():
        left, right = (
            frame.drop(columns=WHERE).sort_values("CHILD", kind="stable", ignore_index=True)
            for frame in (rows, other.tables[table])
        )
        pd.testing.assert_frame_equal(left, right, obj=table)


def rows_as_received(folder, period, *without):
    """Give the text of every table in a folder as rows, whatever door it came through."""
    tables = {}
    for file in read_collection(folder, period):
        if file.table in TABLES and file.table not in without:
            tables.setdefault(file.table, []).extend(file.rows.drop(columns="_row").to_dict("records"))
    return {table: tables[table] for table in TABLES if table in tables}


# --- drawn --------------------------------------------------------------------------------------------------------


def test_the_drawn_return_is_read_whole_through_every_door(tmp_path):
    tables = drawn_return(*IN_CSV_ONLY)
    by_door = {
        "csv": as_csv_files(tables),
        "xml": {"collection.xml": as_xml(tables)},
        "workbook": {"903.xlsx": as_workbook(tables)},
        "workbook with a title on every sheet": {"903.xlsx": as_workbook(tables, title="SSDA903 2020 to 2021")},
    }
    collections = {door: typed(write_files(tmp_path / door, files)) for door, files in by_door.items()}
    for collection in collections.values():
        assert_same_tables(collections["csv"], collection)
        assert collection.set_aside.empty
        assert {table: len(rows) for table, rows in collection.tables.items()} == {
            table: len(rows) for table, rows in tables.items()
        }
        assert all(rows.attrs["absent"] == () for rows in collection.tables.values())
        assert not collection.changes["row"].gt(3).any(), "no cell had to be read in another form"
    assert set(collections["csv"].tables["header"]["CHILD"]) == {"A1", "A2", "003"}, "leading noughts are kept"


def test_all_twelve_tables_come_from_csv_files_and_from_one_workbook(tmp_path):
    tables = drawn_return()
    from_csv = typed(write_files(tmp_path / "csv", as_csv_files(tables)))
    from_book = typed(write_files(tmp_path / "book", {"903.xlsx": as_workbook(tables)}))
    assert set(from_csv.tables) == set(DRAWN) and len(DRAWN) == 12
    assert_same_tables(from_csv, from_book)


def test_a_table_whose_elements_are_all_empty_came_without_rows_and_one_without_elements_did_not_come(tmp_path):
    tables = drawn_return(*IN_CSV_ONLY, "reviews", "ad1") | {"uasc": [], "oc3": []}
    from_csv = typed(write_files(tmp_path / "csv", as_csv_files(tables)))
    from_xml = typed(write_files(tmp_path / "xml", {"collection.xml": as_xml(tables)}))
    assert_same_tables(from_csv, from_xml)
    assert len(from_xml.tables["oc3"]) == len(from_xml.tables["uasc"]) == 0
    assert not {"reviews", "ad1"} & set(from_xml.tables)


def test_a_line_of_the_xml_or_a_row_of_the_sheet_is_told(tmp_path):
    tables = drawn_return(*IN_CSV_ONLY)
    xml = typed(write_files(tmp_path / "xml", {"collection.xml": as_xml(tables)}))
    book = typed(write_files(tmp_path / "book", {"903.xlsx": as_workbook(tables, title="SSDA903")}))
    lines = as_xml(tables).decode().splitlines()
    for line, started in xml.tables["episodes"][["_row", "DECOM"]].itertuples(index=False):
        assert f"<DECOM>{started:%d/%m/%Y}</DECOM>" in lines[line - 1]
    assert book.tables["oc3"]["_row"].tolist() == [4], "below a title and a blank row"


# --- returns with many children -----------------------------------------------------------------------------------


@pytest.mark.parametrize("borough", ["barking-and-dagenham", "bromley"])
def test_made_up_returns_give_the_same_tables_as_csv_xml_and_workbook(made_up_folder, tmp_path, borough):
    folder = max((made_up_folder / "returns" / borough).iterdir())
    period = dt.date.fromisoformat(folder.name)
    tables = rows_as_received(folder, period)
    in_xml = {
        table: rows for table, rows in tables.items() if table not in IN_CSV_ONLY and not table.startswith("local")
    }
    from_csv = typed(write_files(tmp_path / "csv", as_csv_files(in_xml)), period)
    assert sum(map(len, from_csv.tables.values())) > 500, "the test is about many rows"
    assert_same_tables(from_csv, typed(write_files(tmp_path / "xml", {"903.xml": as_xml(in_xml)}), period))
    assert_same_tables(from_csv, typed(write_files(tmp_path / "book", {"903.xlsx": as_workbook(in_xml)}), period))
    everything = typed(write_files(tmp_path / "all", {"all.xlsx": as_workbook(tables)}), period)
    received = typed(folder, period)
    for table, rows in received.tables.items():
        pd.testing.assert_frame_equal(rows.drop(columns=WHERE), everything.tables[table].drop(columns=WHERE), obj=table)


def test_the_validators_csv_files_give_the_same_tables_as_xml_and_as_a_workbook(shared, tmp_path):
    folder, period = shared / "returns/samples/be903_fake_data", dt.date(2018, 3, 31)
    only_csv = write_files(tmp_path / "in", {path.name: path.read_bytes() for path in folder.glob("*.csv")})
    (only_csv / "placed_for_adoption_errors.csv").unlink()  # a second file of one table: XML has no such thing
    tables = rows_as_received(only_csv, period, *IN_CSV_ONLY)
    known = {row["CHILD"] for row in tables["header"]}
    tables = {table: [row for row in rows if row["CHILD"] in known] for table, rows in tables.items()}
    from_csv = typed(write_files(tmp_path / "csv", as_csv_files(tables)), period)
    assert_same_tables(from_csv, typed(write_files(tmp_path / "xml", {"903.xml": as_xml(tables)}), period))
    assert_same_tables(from_csv, typed(write_files(tmp_path / "book", {"903.xlsx": as_workbook(tables)}), period))


def test_the_validators_xml_gives_the_same_tables_when_it_is_written_as_csv(shared, tmp_path):
    period = dt.date(2018, 3, 31)
    xml = (shared / "returns/samples/be903_fake_data/fake_903.xml").read_bytes()
    folder = write_files(tmp_path / "xml", {"fake_903.xml": xml})
    tables = rows_as_received(folder, period)
    from_csv = typed(write_files(tmp_path / "csv", as_csv_files(tables)), period)
    assert_same_tables(typed(folder, period), from_csv)
    assert_same_tables(from_csv, typed(write_files(tmp_path / "again", {"903.xml": as_xml(tables)}), period))


def test_the_annex_a_workbook_gives_the_same_tables_as_its_sheets_saved_as_csv(shared, tmp_path):
    folder, period = shared / "returns/samples/annex_a", dt.date(2024, 3, 31)
    files = {}
    for file in read_collection(folder, period):
        out = io.StringIO()
        rows = file.rows.drop(columns="_row")
        csv.writer(out).writerows([rows.columns, *rows.to_numpy().tolist()])
        files[f"{file.table}.csv"] = out.getvalue().encode("cp1252")
    from_csv = typed(
        write_files(tmp_path / "csv", {name: raw for name, raw in files.items() if "annex" in name}), period
    )
    from_book = typed(folder, period)
    assert {table: len(rows) for table, rows in from_book.tables.items()} == {
        "annex_a_8": 4, "annex_a_9": 6, "annex_a_10": 5}  # fmt: skip
    assert_same_tables(from_book, from_csv)


def test_a_csv_file_is_written_in_the_official_layout():
    """The writer of this test is itself looked at: a writer and a reader that share a mistake would agree."""
    assert as_csv("uasc", drawn_return()["uasc"]) == b"CHILD,SEX,DOB,DUC\r\nA2,2,31/03/2004,31/03/2022\r\n"
    xml = as_xml(
        {table: rows[:1] for table, rows in drawn_return(*IN_CSV_ONLY).items() if table in ("header", "reviews")}
    )
    assert xml.decode() == (
        "<?xml version='1.0' encoding='utf-8'?>\n<EXPSSDA903>\n<CHILD><HEADER><CHILDID>A1</CHILDID><UPN>UN1</UPN><SEX>1</SEX>"
        "<DOB>14/02/2010</DOB><ETHNIC>WBRI</ETHNIC><AREVIEW><REVIEW>01/06/2020</REVIEW><REVIEW_CODE>PN1</REVIEW_CODE>"
        "</AREVIEW><MOTHER/><MC_DOB/></HEADER>\n</CHILD>\n</EXPSSDA903>\n"
    )
