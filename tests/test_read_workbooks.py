"""Workbooks of a return: what a spreadsheet keeps that a table of text does not, and what it cannot be trusted with."""

import datetime as dt
import io
import re
import time
import zipfile

import pytest
import xlsxwriter
from return_forms import account, columns_of, typed, write_files

from helpers.errors import InputError
from helpers.read import workbook_parts
from helpers.read.workbooks import read_workbook

ONE = ["A1", 1, dt.date(2010, 2, 14), "WBRI"]


def workbook(*sheets, names=("CHILD", "SEX", "DOB", "ETHNIC"), **options) -> bytes:
    """Write a workbook: one list of rows per sheet, each below a header, the cells typed as they are."""
    return written(lambda book: [fill(book, rows, names) for rows in sheets], **options)


def written(draw, **options) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, **options})
    draw(book)
    book.close()
    return out.getvalue()


def fill(book, rows, names=("CHILD", "SEX", "DOB", "ETHNIC"), *, name=None, above=0):
    sheet = book.add_worksheet(name)
    date = book.add_format({"num_format": "dd/mm/yyyy"})
    for line, row in enumerate([names, *rows], start=above):
        for place, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(line, place, cell)
            elif isinstance(cell, (dt.date, dt.time)):
                sheet.write_datetime(line, place, cell, date)
            elif cell is not None:
                sheet.write(line, place, cell)
    return sheet


def changed_part(raw: bytes, part: str, change) -> bytes:
    """Rewrite a workbook with one part changed; leave the part out where the change gives nothing."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            held = change(old.read(name)) if re.search(part, name) else old.read(name)
            if held is not None:
                new.writestr(name, held)
    return out.getvalue()


def saved_by_a_spreadsheet(raw: bytes) -> bytes:
    """Take away the mark that the results of formulas are still to be worked out."""
    return changed_part(raw, "workbook.xml$", lambda part: part.replace(b' fullCalcOnLoad="1"', b""))


def read(folder, raw: bytes, period=dt.date(2021, 3, 31)):
    return typed(write_files(folder, {"903.xlsx": raw}), period)


def refusal(raw: bytes) -> str:
    with pytest.raises(InputError) as refused:
        read_workbook(raw, "903.xlsx")
    assert str(refused.value).startswith("903.xlsx") and str(refused.value).endswith("Nothing was written.")
    return str(refused.value)


# --- cells --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    [dt.date(2010, 2, 14), dt.datetime(2010, 2, 14), dt.datetime(2010, 2, 14, 9, 30), 40223, 40223.25, "14/02/2010", "2010-02-14", "14-Feb-10"],
)  # fmt: skip
def test_a_date_is_read_from_every_kind_of_cell(tmp_path, cell):
    rows = read(tmp_path, workbook([["A1", 1, cell, "WBRI"]])).tables["header"]
    assert rows["DOB"].dt.date.tolist() == [dt.date(2010, 2, 14)]


@pytest.mark.parametrize("cell", [dt.time(9, 30), 0.5, 1, True, 1e300, -40223])
def test_what_is_no_date_is_not_read_as_one(tmp_path, cell):
    assert account(read(tmp_path, workbook([["A1", 1, cell, "WBRI"]]))) == {"header": (1, 0, 1, 0)}


def test_numbers_flags_and_identifiers(tmp_path):
    rows = [[9212044, 1, dt.date(2010, 2, 14), "WBRI"], ["00123", "1", dt.date(2010, 2, 14), "WBRI"],
            [123456789012345, True, dt.date(2010, 2, 14), "WBRI"]]  # fmt: skip
    header = read(tmp_path, workbook(rows)).tables["header"]
    assert header["CHILD"].tolist() == ["9212044", "00123", "123456789012345"]
    assert header["SEX"].tolist() == ["1", "1", "1"]


@pytest.mark.parametrize("cell", [1234567890123456789, dt.date(2010, 3, 10), 1e17])
def test_an_identifier_that_lost_digits_or_became_a_date_sets_its_row_aside(tmp_path, cell):
    assert account(read(tmp_path, workbook([[cell, *ONE[1:]]]))) == {"header": (1, 0, 1, 0)}


def test_an_error_value_is_not_an_empty_cell(tmp_path):
    def draw(book):
        sheet = fill(book, [ONE, ["A2", *ONE[1:]]], ["CHILD", "SEX", "DOB", "ETHNIC", "UPN", "MOTHER", "MC_DOB"])
        sheet.write_formula(1, 6, "=NA()", None, "#N/A")
        sheet.write_formula(4, 0, "=A1/0", None, "#DIV/0!")

    collection = read(tmp_path, saved_by_a_spreadsheet(written(draw)))
    assert collection.tables["header"]["CHILD"].tolist() == ["A2"]
    assert collection.set_aside[["row", "column"]].to_numpy().tolist() == [[2, "MC_DOB"], [5, "CHILD"]]


# --- formulas -----------------------------------------------------------------------------------------------------


def with_formula(result=0):
    def draw(book):
        fill(book, [ONE], [*"ABC", "CHILD", "SEX", "DOB", "ETHNIC"]).write_formula(1, 4, "=1+1", None, result)

    return written(draw)


def test_the_saved_result_of_a_formula_is_read(tmp_path):
    def draw(book):
        date = book.add_format({"num_format": "dd/mm/yyyy"})
        fill(book, [["A1", 1, None, "WBRI"]]).write_formula(1, 2, "=DATE(2010,2,14)", date, 40223)

    header = read(tmp_path, saved_by_a_spreadsheet(written(draw))).tables["header"]
    assert header["DOB"].dt.date.tolist() == [dt.date(2010, 2, 14)]


@pytest.mark.parametrize("saved", [b"", b"<v></v>", b"<v/>", b"<v />"])
def test_a_formula_whose_result_was_not_saved_is_refused_with_its_cell(saved):
    raw = changed_part(saved_by_a_spreadsheet(with_formula()), "sheet1.xml$", lambda part: part.replace(b"<v>0</v></c></row></sheetData>", saved + b"</c></row></sheetData>"))  # fmt: skip
    assert "sheet Sheet1, cell E2: a formula stands there" in refusal(raw)


def test_a_formula_whose_result_is_still_to_be_worked_out_is_refused():
    assert "cell E2: a formula stands there, and its result was not saved" in refusal(with_formula())


@pytest.mark.parametrize("cell", ["=cmd|' /C calc'!A0", "@SUM(A1)", "+A1", "-A1"])
def test_text_that_begins_as_a_formula_is_refused(cell):
    told = refusal(workbook([["A1", cell, *ONE[2:]]]))
    assert "sheet Sheet1, line 2, column SEX: the cell begins with" in told and cell not in told
    assert "column 4 of the header" in refusal(workbook([ONE], names=["CHILD", "SEX", "DOB", cell]))


def test_text_exported_as_a_formula_is_read_as_text(tmp_path):
    collection = read(tmp_path, workbook([['="00123"', *ONE[1:]]]))
    assert collection.tables["header"]["CHILD"].tolist() == ["00123"]
    assert collection.changes.query("column == 'CHILD'")["why"].str.contains("export").all()


# --- sheets -------------------------------------------------------------------------------------------------------


def test_a_header_stands_below_a_title_and_cells_that_were_joined(tmp_path):
    def draw(book):
        sheet = fill(book, [ONE], above=3)
        sheet.merge_range(0, 0, 0, 3, "Children in care")
        sheet.write_string(1, 0, "run on 01/04/2021")

    collection = read(tmp_path, written(draw))
    assert collection.tables["header"]["_row"].tolist() == [5]
    assert collection.changes.query("column == ''")["row"].tolist() == [1, 2]


def test_rows_above_the_header_of_a_sheet_that_was_sorted_are_not_lost(tmp_path):
    names = ["CHILD", "SEX", "DOB", "ETHNIC"]
    collection = read(
        tmp_path, workbook([["A1", 1, "14/02/2010", "WBRI"], names, ["D1", 1, "14/02/2010", "WBRI"]], names=["Title"])
    )
    assert account(collection) == {"header": (2, 1, 1, 0)}
    assert collection.set_aside["row"].tolist() == [2]


def test_hidden_sheets_are_read_and_told_charts_and_empty_sheets_are_nothing(tmp_path):
    def draw(book):
        fill(book, [ONE], name="one")
        fill(book, [["A2", *ONE[1:]]], name="two").hide()
        fill(book, [["A3", *ONE[1:]]], name="three").very_hidden()
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=one!$B$1:$B$2"})
        book.add_chartsheet("chart").set_chart(chart)
        book.add_worksheet("empty")
        book.add_worksheet("notes").write_string(0, 0, "What the sheets are")

    collection = read(tmp_path, written(draw))
    assert collection.tables["header"]["CHILD"].tolist() == ["A1", "A2", "A3"]
    hidden = collection.changes[collection.changes["why"].str.contains("hidden")]
    assert hidden["file"].tolist() == ["903.xlsx, sheet two", "903.xlsx, sheet three"]
    assert collection.files["file"].tolist() == [f"903.xlsx, sheet {name}" for name in ("one", "two", "three", "notes")]


def test_a_sheet_of_a_header_alone_is_a_table_that_came_without_rows(tmp_path):
    collection = read(tmp_path, workbook([], names=columns_of("missing")))
    assert account(collection) == {"missing": (0, 0, 0, 0)} and len(collection.tables["missing"]) == 0


def test_a_table_that_does_not_begin_in_the_first_column_is_read(tmp_path):
    header = read(tmp_path, workbook([[None, None, *ONE]], names=[None, None, "CHILD", "SEX", "DOB", "ETHNIC"]))
    assert header.tables["header"]["CHILD"].tolist() == ["A1"]


def test_a_workbook_with_macros_is_read_like_one_without(tmp_path):
    assert account(typed(write_files(tmp_path, {"903.xlsm": workbook([ONE])}))) == {"header": (1, 1, 0, 0)}


@pytest.mark.parametrize(
    "rewrite",
    [lambda part: re.sub(rb' r="[A-Z]+[0-9]+"', b"", part),
     lambda part: re.sub(rb"<(/?)(?!\?)", rb"<\1x:", part).replace(b"xmlns=", b"xmlns:x="),
     lambda part: part.replace(b'"', b"'")],
    ids=["places left out", "another prefix", "other quotes"],
)  # fmt: skip
def test_a_sheet_that_another_program_wrote_gives_the_same_rows(tmp_path, rewrite):
    raw = workbook([ONE, ["A2", *ONE[1:]]])
    collection = read(tmp_path, changed_part(raw, "sheet1.xml$", rewrite))
    assert (
        collection.tables["header"]
        .drop(columns="_file")
        .equals(read(tmp_path / "2", raw).tables["header"].drop(columns="_file"))
    )


# --- what is refused ----------------------------------------------------------------------------------------------


def test_a_cell_far_away_from_the_table_is_refused_before_room_is_made_for_all_between():
    for line, place in ((1_048_575, 16_383), (100_000, 1_000), (1_048_575, 30)):
        raw = written(lambda book, line=line, place=place: fill(book, [ONE]).write_string(line, place, "x"))
        assert "a cell stands far away from the table" in refusal(raw)
    assert "16,384 columns" in refusal(written(lambda book: fill(book, [ONE]).write_string(0, 16_383, "x")))


def test_a_stray_cell_far_down_is_a_row_set_aside(tmp_path):
    began = time.monotonic()
    collection = read(tmp_path, written(lambda book: fill(book, [ONE]).write_string(300_000, 2, "x")))
    assert account(collection) == {"header": (2, 1, 1, 0)}
    assert time.monotonic() - began < 20


def test_dates_counted_from_1904_are_refused():
    assert "counts its days from 1904" in refusal(workbook([ONE], date_1904=True))


def test_a_workbook_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(workbook_parts, "LARGEST_UNPACKED", 1 << 20)
    assert "unpacks to more than 1 MB" in refusal(changed_part(workbook([ONE]), "theme", lambda _: bytes(2 << 20)))


OLE = b"\xd0\xcf\x11\xe0" + bytes(600)
BROKEN = {
    "cut off": (lambda raw: raw[:-200], "damaged"),
    "no zip": (lambda raw: b"PK\x03\x04 not really", "damaged"),
    "a byte turned in a sheet": (lambda raw: turned(raw, "xl/worksheets/sheet1.xml"), "damaged"),
    "a byte turned in the texts": (lambda raw: turned(raw, "xl/sharedStrings.xml"), "damaged"),
    "text": (lambda raw: b"CHILD,SEX\nA1,1\n", "name it .csv"),
    "empty of sheets": (lambda raw: written(lambda book: book.add_worksheet()), "no sheet with anything on it"),
    "of the old kind": (lambda raw: OLE, "of the old kind"),
    "locked": (lambda raw: OLE + "EncryptedPackage".encode("utf-16-le"), "locked with a password"),
    "a document": (lambda raw: changed_part(raw, "^xl/", lambda _: None), "no .xlsx workbook"),
    "a sheet missing": (lambda raw: changed_part(raw, "sheet1.xml$", lambda _: None), "damaged"),
    "a sheet cut off": (lambda raw: changed_part(raw, "sheet1.xml$", lambda part: part[:500]), "damaged"),
    "texts cut off": (lambda raw: changed_part(raw, "sharedStrings", lambda part: part[:100]), "damaged"),
    "a list of sheets cut off": (lambda raw: changed_part(raw, "^xl/workbook.xml$", lambda part: part[:300]), "damaged"),
}  # fmt: skip


def turned(raw: bytes, part: str) -> bytes:
    """Turn one byte in the middle of a packed part."""
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        info = packed.getinfo(part)
    place = info.header_offset + 30 + len(part) + info.compress_size // 2
    return raw[:place] + bytes([raw[place] ^ 0xFF]) + raw[place + 1 :]


@pytest.mark.parametrize("case", BROKEN)
def test_a_workbook_that_is_none_or_is_broken_is_refused_in_words(case):
    spoil, told = BROKEN[case]
    assert told in refusal(spoil(workbook([ONE] * 50)))
