"""Whatever a borough sends is read by its columns, or refused in words that name the file and what to do."""

import csv
import io
import subprocess
import sys

import pytest
from drawn import write_return
from return_forms import (
    DRAWN,
    EPISODES,
    HEADER,
    PERIOD,
    account,
    as_csv,
    as_csv_files,
    drawn_return,
    drawn_rows,
    typed,
    write_files,
)

from helpers.clean import type_collection
from helpers.codes import boroughs, load_codelist
from helpers.errors import InputError, NoDataError
from helpers.read import text as text_files
from helpers.read.formulas import is_formula
from helpers.read.received import NOT_READ
from helpers.read.recognising import recognise
from helpers.read.returns import UNKNOWN, read_collection, read_collections
from helpers.read.several_boroughs import area_named, return_year_named

ONE, TWO = "A1,1,14/02/2010,WBRI,UN1,,", "A2,2,31/03/2004,BAFR,UN1,1,01/02/2021"
NAMES = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB"


def header_csv(folder, *lines, end="\n"):
    """Read a folder with one header.csv of these lines."""
    return typed(write_files(folder, {"header.csv": end.join(lines) + end}))


def children_of(collection):
    return collection.tables["header"]["CHILD"].tolist()


def aside_of(collection):
    return collection.set_aside[["row", "column"]].to_numpy().tolist()


def changes_of(collection):
    """Changes but for columns that did not come."""
    told = collection.changes[~collection.changes["why"].str.contains("did not come")]
    return told[["row", "column", "found", "put"]].to_numpy().tolist()


# --- which table --------------------------------------------------------------------------------------------------


def test_all_twelve_tables_are_known_by_their_columns_whatever_their_names(tmp_path):
    write_return(tmp_path, **{f"file_{place:02d}": text for place, text in enumerate(DRAWN.values())})
    assert [file.table for file in read_collection(tmp_path, PERIOD)] == list(DRAWN)
    assert typed(tmp_path).set_aside.empty
    assert set(typed(tmp_path).tables) == set(DRAWN)


@pytest.mark.parametrize("table", sorted(set(load_codelist("ssda903_tables")["table"])))
def test_every_table_is_told_from_every_other_by_its_full_header(table):
    spec = load_codelist("ssda903_tables")
    names = spec[spec["table"] == table]
    official = [header or column for header, column in zip(names["header"], names["column"], strict=True)]
    assert recognise(names["column"].tolist()) == recognise(official) == table
    assert recognise([name.lower() for name in official[::-1]] + ["Team", "Note"]) == table


@pytest.mark.parametrize("table", sorted(set(load_codelist("ssda903_tables")["table"])))
def test_a_table_without_any_of_the_columns_it_can_do_without_is_still_itself(table):
    spec = load_codelist("ssda903_tables")
    needed = spec[(spec["table"] == table) & (spec["needed"] != "")]
    assert recognise(needed["column"].tolist()) == table


def test_header_case_spaces_order_and_extra_columns_do_not_matter_and_are_told(tmp_path):
    collection = header_csv(
        tmp_path, "ethnic, Child ,DOB,Sex,Allocated team", "WBRI,A1,14/02/2010,1,North", "BAFR,A2,31/03/2004,2,South"
    )
    header = collection.tables["header"]
    assert list(header) == ["CHILD", "SEX", "DOB", "ETHNIC", "UPN", "MOTHER", "MC_DOB", "_file", "_row"]
    assert children_of(collection) == ["A1", "A2"]
    assert header.attrs["absent"] == ("UPN", "MOTHER", "MC_DOB")
    assert header[["UPN", "MOTHER", "MC_DOB"]].isna().all().all()
    assert changes_of(collection) == [
        [1, "ETHNIC", "ethnic", "ETHNIC"],
        [1, "CHILD", "Child", "CHILD"],
        [1, "SEX", "Sex", "SEX"],
        [1, "Allocated team", "Allocated team", ""],
        [1, "", "", ""],  # the order
    ]
    absent = collection.changes[collection.changes["why"].str.contains("did not come")]
    assert absent["column"].tolist() == ["UPN", "MOTHER", "MC_DOB"]


@pytest.mark.parametrize(
    "names",
    ["Child ID,Gender,Date of Birth,Ethnicity", "child_id,SEX,Child’s Date of Birth,ETHNIC", "CHILDID,sex,DOB.,Ethnic ",
     '"Child Unique ID","Gender","Date of\nBirth","Ethnicity"', "\ufeffCHILD,\ufeffSEX,\xa0DOB\xa0,ETH\u200bNIC", "CHILD),(SEX),DOB?,ETHNIC:"],
)  # fmt: skip
def test_a_header_is_read_in_every_known_spelling(tmp_path, names):
    collection = typed(write_files(tmp_path, {"header.csv": f"{names}\nA1,1,14/02/2010,WBRI\n"}))
    assert children_of(collection) == ["A1"]
    assert collection.tables["header"].iloc[0][["SEX", "ETHNIC"]].tolist() == ["1", "WBRI"]


ANNEX_A_SPELLINGS = [
    ("annex_a_8", "CHILD", "Child's unique ID (local)"),
    ("annex_a_8", "CHILD", "Unique identifier of the child"),
    ("annex_a_8", "DOB", "Child's Date of Birth"),
    ("annex_a_8", "AGE", "Age"),
    ("annex_a_8", "AGE", "Child's age (years)"),
    ("annex_a_8", "UASC", "Unaccompanied Asylum Seeking Child (UASC) within the Last 12 Months (Y/N))"),
    ("annex_a_8", "UASC", "Unaccompanied Asylum Seeking Child"),
    ("annex_a_8", "SECOND_PERIOD", "Is this a second or subsequent period of being a Looked After Child?"),
    ("annex_a_8", "LS", "Child’s current legal status"),
    ("annex_a_8", "MISSING_EPISODES", "Number of Episodes the Child has been ‘Missing’ from their Placement in the last 12 months"),
    ("annex_a_8", "ABSENT_EPISODES", 'Number of Episodes the Child has been "Absent" from their Placement in the last 12 months '),
    ("annex_a_9", "UASC", "Unaccompanied Asylum Seeking Child (UASC), or formerly UASC if 18 or over"),
    ("annex_a_10", "ADOPTED_ON", "Date of Adoption Order "),
]  # fmt: skip


@pytest.mark.parametrize(("table", "column", "spelled"), ANNEX_A_SPELLINGS)
def test_annex_a_headers_are_read_in_the_spellings_seen(tmp_path, table, column, spelled):
    spec = load_codelist("ssda903_tables").query("table == @table")
    names = [spelled if own.column == column else own.header for own in spec.itertuples()]
    cells = ["A1" if own.column == "CHILD" else "" for own in spec.itertuples()]
    out = io.StringIO()
    csv.writer(out).writerows([names, cells])
    (file,) = read_collection(write_files(tmp_path, {"list.csv": out.getvalue()}), PERIOD)
    assert file.table == table
    assert set(spec["column"]) <= set(file.rows.columns)


def test_a_column_of_another_person_is_not_taken_for_the_childs(tmp_path):
    spec = load_codelist("ssda903_tables").query("table == 'annex_a_9'")
    names = [own.header for own in spec.itertuples()]
    others = ["Child's social worker ID", "Date of birth of mother", "Start date of child's legal status"]
    out = io.StringIO()
    csv.writer(out).writerows([others + names, ["W1", "01/01/1980", "01/01/2020", "A1", *[""] * (len(names) - 1)]])
    (file,) = read_collection(write_files(tmp_path, {"list.csv": out.getvalue()}), PERIOD)
    assert file.rows.iloc[0][["CHILD", "DOB"]].tolist() == ["A1", ""]


def test_a_list_of_other_children_is_not_taken_for_the_header_table(tmp_path):
    names = "Child ID,Gender,Ethnicity,Date of Birth," + ",".join(f"Question {number}" for number in range(9))
    (file,) = read_collection(write_files(tmp_path, {"children in need.csv": f"{names}\n{'x,' * 12}x\n"}), PERIOD)
    assert file.table == f"{UNKNOWN}: like header, with too many other columns"


def test_a_table_that_lacks_a_column_it_cannot_do_without_is_told_with_that_column(tmp_path):
    rows = drawn_rows(EPISODES)
    for column in ("CIN", "DEC"):
        out = io.StringIO()
        writer = csv.DictWriter(out, [name for name in rows[0] if name != column], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
        collection = typed(write_files(tmp_path / column, {"episodes.csv": out.getvalue()}))
        assert account(collection) == {f"{UNKNOWN}: like episodes, without {column}": (4, 0, 4, 0)}


def test_a_column_that_stands_twice_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"header\.csv, line 1: the column DOB stands more than once"):
        header_csv(tmp_path, "CHILD,SEX,DOB,ETHNIC,dob", "A1,1,14/02/2010,WBRI,14/02/2011")


def test_a_file_without_a_header_loses_no_row(tmp_path):
    collection = header_csv(tmp_path, ONE, TWO)
    assert account(collection) == {UNKNOWN: (2, 0, 2, 0)}
    assert "no header" in collection.set_aside["rule"].iloc[0]


def test_a_file_of_a_header_alone_is_a_table_that_came_without_rows(tmp_path):
    for place, text in enumerate([NAMES, NAMES + "\n", NAMES + "\r\n\r\n", "\ufeff" + NAMES + "\n,,,,,,\n"]):
        collection = typed(write_files(tmp_path / str(place), {"header.csv": text}))
        assert account(collection) == {"header": (0, 0, 0, 0)}
        assert len(collection.tables["header"]) == 0


def test_two_files_of_one_table_are_stacked_and_repeats_across_them_are_found(tmp_path):
    files = {"header.csv": f"{NAMES}\n{ONE}\n{TWO}\n", "header_2.csv": f"{NAMES}\n{ONE}\nA3,1,01/01/2012,WBRI,UN1,,"}
    collection = typed(write_files(tmp_path, files))
    assert children_of(collection) == ["A1", "A2", "A3"]
    second = collection.files.set_index("file").loc["header_2.csv"]
    assert second[["rows_read", "rows_kept", "rows_set_aside", "rows_repeated"]].tolist() == [2, 1, 0, 1]
    assert collection.tables["header"]["_row"].tolist() == [2, 3, 3]


# --- encodings and lines ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_usual_encoding_gives_the_same_rows(tmp_path, encoding, separator, end):
    lines = [NAMES, "É1,1,14/02/2010,WBRI,UN1,,", TWO]
    for name, quoted in (("plain.csv", lines), ("quoted.csv", [quote(line) for line in lines])):
        text = "".join(line.replace(",", separator) + end for line in quoted)
        write_files(tmp_path, {name: text.encode(encoding)})
    for file in read_collection(tmp_path, PERIOD):
        assert file.rows[["CHILD", "SEX", "DOB"]].to_numpy().tolist() == [
            ["É1", "1", "14/02/2010"], ["A2", "2", "31/03/2004"]]  # fmt: skip
        assert file.rows["_row"].tolist() == [2, 3]


def quote(line, separator=","):
    return separator.join(f'"{cell}"' for cell in line.split(","))


WRITTEN_OTHERWISE = {
    "separators at every end, as spreadsheets write": [NAMES + ",,", ONE + ",,", TWO + ",,"],
    "separators at the end of the rows alone": [NAMES, ONE + ",", TWO + ","],
    "separators at the end of the header alone": [NAMES + ",,", ONE.rstrip(",") + ",0,", TWO],
    "a title": ["Header extract, 2020 to 2021", "run on 01/04/2021 by the team", "", NAMES, ONE, TWO],
    "a title with as many separators": ["Extract,,,,,,", ",,,,,,", NAMES, ONE, TWO],
    "a hint for spreadsheets": ["sep=,", NAMES, ONE, TWO],
    "spaces after the separators": [quote(line, ", ") for line in (NAMES, ONE, TWO)],
    "lines put in quotes whole": [f'"{line}"' for line in (NAMES, ONE, TWO)],
    "no end of the last line": [NAMES, ONE, TWO[:-1] + "1"],
    "a mark of the end": [NAMES, ONE, TWO, "\x1a"],
    "double ends": [NAMES + "\r", ONE + "\r", TWO + "\r"],
    "blank lines": ["", NAMES, "", ONE, ",,,,,,", TWO, "", ""],
    "unseen marks": [NAMES.replace("SEX", "\ufeffSEX"), ONE.replace("A1", "A1\u200b"), TWO.replace("BAFR", "\xa0BAFR\xa0")],
}  # fmt: skip


@pytest.mark.parametrize("case", WRITTEN_OTHERWISE)
def test_a_file_that_is_written_otherwise_gives_the_same_rows(tmp_path, case):
    collection = header_csv(tmp_path, *WRITTEN_OTHERWISE[case])
    assert children_of(collection) == ["A1", "A2"]
    assert collection.tables["header"]["ETHNIC"].tolist() == ["WBRI", "BAFR"]
    assert collection.set_aside.empty


def test_lines_keep_their_numbers_below_a_title_blank_lines_and_cells_of_several_lines(tmp_path):
    files = {
        "one.csv": 'Title\nCHILD,SEX,DOB,ETHNIC\n\nA1,1,"14/02/2010",WBRI\n,,,\nA2,2,31/03/2004,BAFR\n',
        "two.csv": "CHILD,SEX,DOB,ETHNIC\nA4,1,14/02/2010,WBRI\n,,,\nA3,2,31/03/2004,BAFR\n",
        "three.csv": 'CHILD,SEX,DOB,ETHNIC,NOTE\nA5,1,14/02/2010,WBRI,"two\nlines"\nA6,2,31/03/2004,BAFR,\n',
    }
    read = {file.file: file.rows["_row"].tolist() for file in read_collection(write_files(tmp_path, files), PERIOD)}
    assert read == {"one.csv": [4, 6], "two.csv": [2, 4], "three.csv": [2, 4]}


@pytest.mark.parametrize(
    "line",
    ["A3,1,01/01/2010", "A3,1,01/01/2010,WBRI,UN1,,,,", "A3,1,01/01/2010,WBRI,UN1,,,x", "Total,2", "(2 rows affected)"],
)
def test_a_line_that_does_not_fit_is_set_aside_alone(tmp_path, line):
    collection = header_csv(tmp_path, NAMES, ONE, TWO, line, ONE.replace("A1", "A4"))
    assert aside_of(collection) == [[4, ""]]
    assert "does not have the 7 cells" in collection.set_aside["rule"].iloc[0]
    assert children_of(collection) == ["A1", "A2", "A4"]
    assert account(collection) == {"header": (4, 3, 1, 0)}


def test_a_line_of_totals_is_no_child(tmp_path):
    assert aside_of(header_csv(tmp_path, NAMES, ONE, "Total,1,,,,,")) == [[3, "DOB"]]


def test_a_header_told_again_within_a_file_is_no_child(tmp_path):
    collection = header_csv(tmp_path, NAMES, ONE, "\ufeff" + NAMES, TWO)
    assert children_of(collection) == ["A1", "A2"]
    assert aside_of(collection) == [[3, "SEX"]]


def test_rows_above_the_header_of_a_table_that_was_sorted_are_not_lost(tmp_path):
    collection = header_csv(tmp_path, "Extract of 1 April", ONE, NAMES, TWO)
    assert account(collection) == {"header": (2, 1, 1, 0)}
    assert aside_of(collection) == [[2, ""]] and "above the header" in collection.set_aside["rule"].iloc[0]
    assert changes_of(collection) == [[1, "", "", ""]]


def test_a_column_without_a_name_is_told_where_something_stands_in_it(tmp_path):
    assert changes_of(header_csv(tmp_path / "blank", NAMES + ",", ONE + ",")) == []
    assert changes_of(header_csv(tmp_path / "filled", NAMES + ",", ONE + ",x")) == [[1, "column 8", "", ""]]


# --- what is not read ---------------------------------------------------------------------------------------------


def test_everything_in_the_folder_is_read_or_told_as_not_read(tmp_path):
    write_files(
        tmp_path, {"header.CSV": f"{NAMES}\n{ONE}\n", "list.txt": f"Title\n{NAMES}\n{TWO}\n".replace(",", "\t")}
    )
    write_files(
        tmp_path, {"README.txt": "CHILD is not a header here", "guide.pdf": b"%PDF-1.4", "notes.docx": b"PK\x03\x04"}
    )
    write_files(
        tmp_path,
        {".DS_Store": b"x", "Thumbs.db": b"x", "desktop.ini": b"x", "~$903.xlsx": b"x", ".~lock.903.xlsx#": b""},
    )
    write_files(tmp_path / "previous", {"header.csv": f"{NAMES}\n{TWO}\n"})
    collection = typed(tmp_path)
    told = dict(zip(collection.files["file"], collection.files["table"], strict=True))
    assert told == {
        "header.CSV": "header", "list.txt": "header",
        "README.txt": NOT_READ, "guide.pdf": NOT_READ, "notes.docx": NOT_READ, "previous/": NOT_READ,
    }  # fmt: skip
    assert children_of(collection) == ["A1", "A2"]
    assert set(collection.changes.query("table == @NOT_READ")["file"]) == set(told) - {"header.CSV", "list.txt"}
    assert collection.files.query("table == @NOT_READ")["rows_read"].eq(0).all()


def test_a_folder_without_a_return_says_so(tmp_path):
    with pytest.raises(NoDataError, match="holds no"):
        read_collection(tmp_path, PERIOD)
    write_files(tmp_path, {"README.txt": "nothing yet"})
    with pytest.raises(NoDataError, match="holds no"):
        read_collection(tmp_path, PERIOD)


@pytest.mark.parametrize("name", ["903.xls", "903.xlsb", "903.ods"])
def test_a_workbook_of_another_kind_is_refused_because_an_error_in_it_reads_as_a_blank(tmp_path, name):
    write_files(tmp_path, {name: b"\xd0\xcf\x11\xe0", "header.csv": f"{NAMES}\n{ONE}\n"})
    with pytest.raises(InputError, match=rf"{name}.*Save it as \.xlsx"):
        read_collection(tmp_path, PERIOD)


# --- refused in words ---------------------------------------------------------------------------------------------

BAD = {
    "empty": ("header.csv", b"", "is empty"),
    "only blanks": ("header.csv", b"\n ,, \n", "is empty"),
    "a JPEG named .csv": ("header.csv", b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)), "picture"),
    "a workbook named .csv": ("header.csv", b"PK\x03\x04" + bytes(90), "zip file or a workbook"),
    "a web page named .csv": ("header.csv", b"<html><table><tr><td>CHILD</td></tr></table></html>", "web page"),
    "NUL bytes": ("header.csv", b"CHILD,SEX\n1,\x002\n", "not text"),
    "no encoding": ("header.csv", b"CHILD,SEX\n1,\x81\n", "not text"),
    "half a character": ("header.csv", f"{NAMES}\n{ONE}".encode("utf-16")[:-1], "not text"),
    "four bytes to a character": ("header.csv", f"{NAMES}\n{ONE}".encode("utf-32"), "not text"),
    "a zip": ("return.zip", b"PK\x03\x04", "packed file"),
    "an open quote": ("header.csv", b'CHILD,SEX,DOB,ETHNIC\n"A1,1,14/02/2010,WBRI\nA2,1,14/02/2010,WBRI\nA3,1,14/02/2010,WBRI\n', "quote"),
    "a quote that takes in a row": ("header.csv", b'CHILD,SEX,DOB,ETHNIC\nA1,1,14/02/2010,"WBRI\nA2,2,31/03/2004,"BAFR\nA3,1,01/01/2001,WBRI\n', "line 2: a double quote"),
    "a quote that takes in a row, lines ended otherwise": ("header.csv", b'CHILD,SEX,DOB,ETHNIC\rA1,1,14/02/2010,"WBRI\rA2,2,31/03/2004,"BAFR\rA3,1,01/01/2001,WBRI\r', "line 2: a double quote"),
    "a note that takes in a row": ("header.csv", b'CHILD,SEX,DOB,ETHNIC,NOTE\nA1,1,14/02/2010,WBRI,"x\nA2,2,31/03/2004,BAFR,y"\n', "line 2: a double quote"),
    "a wrong header": ("header.csv", b"CHILD,SEX,DOB\nA1,1,14/02/2010,WBRI\nA2,1,14/02/2010,WBRI\n", "line 2: 4 cells where the header has 3"),
    "thousands of columns": ("header.csv", ",".join(map(str, range(5000))).encode() + b"\nA1\n", "5,000 columns"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_in_words_that_name_the_file(tmp_path, case):
    name, raw, told = BAD[case]
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(InputError) as refused:
        read_collection(tmp_path, PERIOD)
    assert name in str(refused.value)
    assert told in str(refused.value)
    assert "Nothing was written" in str(refused.value)
    assert "A1" not in str(refused.value)


def test_a_file_that_cannot_be_opened_is_refused_in_words(tmp_path, monkeypatch):
    write_files(tmp_path, {"header.csv": f"{NAMES}\n{ONE}\n"})

    def locked(path, *_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(text_files.Path, "read_bytes", locked)
    with pytest.raises(InputError, match=r"header\.csv cannot be opened \(Permission denied\)"):
        read_collection(tmp_path, PERIOD)


def test_a_name_that_cannot_be_shown_is_refused_in_words(tmp_path):
    try:
        (tmp_path / "header_\udcff.csv").write_text(f"{NAMES}\n{ONE}\n", encoding="utf-8")
    except (OSError, UnicodeError):
        pytest.skip("this system has no such names")
    with pytest.raises(InputError, match="cannot be shown. Rename the file"):
        read_collection(tmp_path, PERIOD)


HUGE = {
    "header.csv": "about line 3: a line of more than",
    "903.xml": "more than 256 MB",
    "903.xlsx": "more than 256 MB",
}


@pytest.mark.parametrize("name", HUGE)
def test_two_gigabytes_without_a_line_end_are_refused_without_reading_them(tmp_path, name):
    pytest.importorskip("resource")  # how much memory a program took is not told everywhere
    with (tmp_path / name).open("wb") as file:
        file.write(b"CHILD,SEX,DOB,ETHNIC\nA1,1,14/02/2010,WBRI\n")
        file.truncate(2 * 1024**3)  # on paper: the file has holes
    script = (
        "import datetime, pathlib, resource, sys\n"
        "from helpers.errors import InputError\n"
        "from helpers.read.returns import read_collection\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try:\n    read_collection(pathlib.Path(sys.argv[1]), datetime.date(2021, 3, 31))\n"
        "except InputError as refused:\n    print(refused)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True, timeout=60
    )
    told, grown = done.stdout.strip().rsplit("\n", 1)
    assert told.startswith(name) and HUGE[name] in told
    unit = 1 if sys.platform == "darwin" else 1024
    assert int(grown) * unit < 50 * 1024**2, "the file was read into memory"


def test_a_first_line_of_half_a_million_blank_columns_takes_no_time(tmp_path):
    collection = header_csv(tmp_path, "CHILD,SEX,DOB,ETHNIC" + "," * 500_000, "A1,1,14/02/2010,WBRI" + "," * 500_000)
    assert children_of(collection) == ["A1"]


# --- formulas -----------------------------------------------------------------------------------------------------

FORMULAS = ["=cmd|' /C calc'!A0", "=1+1", "=", "@SUM(A1:A2)", "+cmd|' /C calc'!A0", "-cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0",
            "+1+HYPERLINK(A1)", "-A1", "=HYPERLINK(B1)", "-1-Sheet2!A1", '="x"&A1']  # fmt: skip
NO_FORMULAS = ["", "-", "--", "- -", "+", ".", "-1", "-1.5", "+44 20 7946 0000", "+44 (0)20 7946 0000", "-£5", "- none recorded", "-n/a", "-null",
               "A=B", "a@b.uk", "1-2", "-10/02/2021", "−1"]  # fmt: skip


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_cell_that_a_spreadsheet_would_run_is_refused_with_its_place_and_without_its_words(tmp_path, cell):
    assert is_formula(cell)
    out = io.StringIO()
    csv.writer(out).writerows([NAMES.split(","), ONE.split(","), ["A2", cell, *TWO.split(",")[2:]]])
    with pytest.raises(InputError, match=r"header\.csv, line 3, column SEX: the cell begins with") as refused:
        typed(write_files(tmp_path, {"header.csv": out.getvalue()}))
    assert cell[1:] == "" or cell not in str(refused.value)
    assert "Nothing was written" in str(refused.value)


@pytest.mark.parametrize("cell", NO_FORMULAS)
def test_a_dash_a_number_or_a_telephone_number_is_no_formula(tmp_path, cell):
    assert not is_formula(cell)
    out = io.StringIO()
    csv.writer(out).writerows([[*NAMES.split(","), "NOTE"], [*ONE.split(","), cell], [*TWO.split(","), ""]])
    assert children_of(typed(write_files(tmp_path, {"header.csv": out.getvalue()}))) == ["A1", "A2"]


@pytest.mark.parametrize(
    ("names", "row", "where"),
    [
        (NAMES.replace("MC_DOB", "=cmd"), ONE, "line 1, column 7 of the header"),
        (NAMES + ",NOTE", ONE + ",=cmd", "line 2, column 8"),
        ("CODE,NAME", "x,=cmd", "line 2, column 2"),
        (NAMES, "\xa0 =A1" + ONE[2:], "line 2, column CHILD"),
        (NAMES, '"=A1"' + ONE[2:], "line 2, column CHILD"),
        ("A1,1,14/02/2010", "A2,=1,14/02/2010", "line 2, column 2"),
    ],
)
def test_a_formula_is_refused_wherever_it_stands_and_no_child_is_told_of(tmp_path, names, row, where):
    with pytest.raises(InputError, match=rf"header\.csv, {where}: the cell begins with =") as refused:
        header_csv(tmp_path, names, row)
    assert "A1" not in str(refused.value) and "14/02/2010" not in str(refused.value)


def test_text_that_a_spreadsheet_exported_as_a_formula_is_read_as_text_and_told(tmp_path):
    collection = header_csv(tmp_path, NAMES, '="00123",1,14/02/2010,"=""WBRI""",UN1,,', TWO)
    assert children_of(collection) == ["00123", "A2"]
    assert collection.tables["header"]["ETHNIC"].tolist() == ["WBRI", "BAFR"]
    told = collection.changes[["row", "column", "found", "put"]].to_numpy().tolist()
    assert told == [[2, column, "a text written as a formula", "the text"] for column in ("CHILD", "ETHNIC")]
    with pytest.raises(InputError, match="column CHILD"):
        header_csv(tmp_path / "again", NAMES, '"=""=cmd""",1,14/02/2010,WBRI,UN1,,')


# --- several boroughs and years in one file -----------------------------------------------------------------------

LONDON = """
| LA                   | YEAR    | CHILD | SEX | DOB        | ETHNIC |
| Bromley              | 2021    | 1_305 | 1   | 14/02/2010 | WBRI   |
| Bromley              | 2020    | 1_305 | 1   | 14/02/2010 | WBRI   |
| Barking and Dagenham | 2021    | 1_301 | 2   | 14/02/2010 | WBRI   |
| E09000006            | 2020-21 | 2_305 | 2   | 14/02/2011 | BAFR   |
| Atlantis             | 2021    | 3     | 2   | 14/02/2011 | BAFR   |
|                      | 2021    | 4     | 2   | 14/02/2011 | BAFR   |
"""


def test_of_a_file_of_all_london_the_boroughs_own_rows_of_the_year_are_kept(tmp_path):
    write_return(tmp_path / "bromley" / "2021-03-31", header=LONDON)
    collection = type_collection(read_collections(tmp_path, "Bromley"))
    assert children_of(collection) == ["1", "2"], "the borough's code is not part of it"
    assert aside_of(collection) == [[3, "YEAR"], [4, "LA"], [6, "LA"], [7, "LA"]]
    assert account(collection) == {"header": (6, 2, 4, 0)}
    told = collection.changes.query("column == 'CHILD'")
    assert told["row"].tolist() == [2, 5], "a row that was not kept was not changed"
    assert not collection.changes[["found", "put"]].isin(["1_305", "2_305", "1", "2"]).any().any()


@pytest.mark.parametrize("suffix", ["_305", "_BRO", "_bro", "_E09000006"])
def test_the_boroughs_code_behind_every_identifier_is_taken_off_in_every_form(tmp_path, suffix):
    rows = "".join(f"305,2021,{number}{suffix},1,14/02/2010,WBRI\n" for number in (7, 8))
    folder = write_files(tmp_path / "bromley" / "2021-03-31", {"h.csv": f"LA,YEAR,CHILD,SEX,DOB,ETHNIC\n{rows}"})
    assert children_of(typed(folder)) == ["7", "8"]


def test_an_ending_that_not_every_identifier_has_is_part_of_the_identifier(tmp_path):
    text = "LA,CHILD,SEX,DOB,ETHNIC\n305,7_305,1,14/02/2010,WBRI\n305,8,1,14/02/2010,WBRI\n"
    assert children_of(typed(write_files(tmp_path / "bromley" / "2021-03-31", {"h.csv": text}))) == ["7_305", "8"]


def test_a_file_of_several_boroughs_in_a_folder_of_none_is_refused(tmp_path):
    for number, others in enumerate([("Bromley", "Sutton"), ("Kent", "Essex"), ("Bromley", "Kent")]):
        rows = "".join(f"{name},1,1,14/02/2010,WBRI\n" for name in others)
        folder = write_files(tmp_path / str(number), {"header.csv": f"LA,CHILD,SEX,DOB,ETHNIC\n{rows}"})
        with pytest.raises(InputError, match="rows of 2 boroughs"):
            read_collection(folder, PERIOD)


def test_a_file_of_one_authority_is_read_in_a_folder_of_none(tmp_path):
    for name in ("Bromley", "Kent"):
        folder = write_files(tmp_path / name, {"h.csv": f"LA,CHILD,SEX,DOB,ETHNIC\n{name},1,1,14/02/2010,WBRI\n"})
        assert children_of(typed(folder)) == ["1"]


def test_the_columns_that_joined_files_add_are_no_odd_columns(tmp_path):
    text = "LA,YEAR,YEAR_latest,Episode_source,CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n305,2021,2021,Original,1,1,14/02/2010,WBRI,,,\n"
    collection = typed(write_files(tmp_path / "bromley" / "2021-03-31", {"h.csv": text}))
    assert children_of(collection) == ["1"] and collection.changes.empty


@pytest.mark.parametrize(
    "form", ["{}", "{} ", "LB {}", "London Borough of {}", "{} Council", "{} ({})", "{1} - {0}", "{1}: {0}", "{1} {0}"]
)
def test_a_borough_is_known_in_every_usual_form_of_its_name(form):
    for borough in boroughs().itertuples():
        for name in (borough.label, borough.label.upper(), borough.label.replace(" and ", " & ")):
            assert area_named(form.format(name, borough.old_code)) == borough.code
    assert area_named("E09000006") == area_named("305") == area_named("305.0") == area_named("bro") == "E09000006"


@pytest.mark.parametrize(
    "cell", ["302 - Bromley", "Bromley (302)", "Sutton Coldfield", "Kent", "London", "999", "Bromley and Sutton"]
)
def test_a_name_that_is_not_surely_a_borough_is_none(cell):
    assert not area_named(cell).startswith("E09")


@pytest.mark.parametrize(
    ("cell", "year"),
    [("2021", 2021), ("2021.0", 2021), ("2020-21", 2021), ("2020/2021", 2021), ("2020/21", 2021), ("202021", 2021), ("2020_21", 2021),
     ("2020–21", 2021), ("FY2020/21", 2021), ("31/03/2021", 2021), ("2021-03-31", 2021), ("31-Mar-2021", 2021), ("2020-23", None),
     ("", None), ("21", None), ("01/04/2021", None), ("2020-12", None)],
)  # fmt: skip
def test_a_year_is_read_in_its_usual_forms(cell, year):
    assert return_year_named(cell) == year


# --- one return of every table ------------------------------------------------------------------------------------


def test_the_line_of_every_row_finds_it_again(tmp_path):
    files = as_csv_files(drawn_return())
    collection = typed(write_files(tmp_path, files))
    for table, rows in collection.tables.items():
        lines = files[f"{table}.csv"].decode().splitlines()
        for child, row in rows[["CHILD", "_row"]].itertuples(index=False):
            assert lines[row - 1].startswith(f"{child},")


def test_a_row_is_read_the_same_whatever_stands_around_it(tmp_path):
    """The quick reader and the line-by-line reader agree: a quote anywhere sends the whole file to the second."""
    rows = drawn_rows(HEADER)
    quick = typed(write_files(tmp_path / "quick", {"h.csv": as_csv("header", rows)}))
    quoted = as_csv("header", rows).replace(b"WBRI", b'"WBRI"')
    slow = typed(write_files(tmp_path / "slow", {"h.csv": quoted}))
    assert quick.tables["header"].equals(slow.tables["header"])
