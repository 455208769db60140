"""Whatever a borough sends is read by its columns, or refused in words that name the file and what to do."""

import csv
import datetime as dt
import io
import tarfile
import zipfile
from xml.sax.saxutils import escape

import pandas as pd
import pytest
from drawn import write_return

from helpers.clean import type_collection
from helpers.codes import load_codelist
from helpers.errors import InputError, NoDataError
from helpers.read import text as text_files
from helpers.read import workbooks
from helpers.read.returns import UNKNOWN, read_collection, read_collections
from helpers.read.several_boroughs import return_year_named

PERIOD = dt.date(2021, 3, 31)
HEADER = """
| CHILD | SEX | DOB        | ETHNIC | UPN | MOTHER | MC_DOB     |
| A1    | 1   | 14/02/2010 | WBRI   | UN1 |        |            |
| A2    | 2   | 31/03/2004 | BAFR   | UN1 | 1      | 01/02/2021 |
"""
EPISODES = """
| CHILD | DECOM      | RNE | LS | CIN | PLACE | PLACE_PROVIDER | DEC        | REC | REASON_PLACE_CHANGE | HOME_POST | PL_POST  | URN     |
| A1    | 01/05/2020 | S   | V2 | N1  | U6    | PR1            |            |     |                     | RM10 7BN  | IG11 8PY | 1234567 |
| A2    | 01/06/2019 | S   | C2 | N1  | K2    | PR4            | 10/01/2021 | E4A |                     |           |          |         |
"""
OTHERS = {
    "reviews": "| CHILD | DOB | REVIEW | REVIEW_CODE |\n| A1 | 14/02/2010 | 01/06/2020 | PN1 |\n| A1 | 14/02/2010 | 01/12/2020 | PN5 |",
    "missing": "| CHILD | DOB | MISSING | MIS_START | MIS_END |\n| A2 | 31/03/2004 | M | 01/06/2020 | 02/06/2020 |",
    "uasc": "| CHILD | SEX | DOB | DUC |\n| A2 | 2 | 31/03/2004 | 31/03/2022 |",
    "oc2": "| CHILD | DOB | SDQ_SCORE | SDQ_REASON | CONVICTED | HEALTH_CHECK | IMMUNISATIONS | TEETH_CHECK | HEALTH_ASSESSMENT | SUBSTANCE_MISUSE | INTERVENTION_RECEIVED | INTERVENTION_OFFERED |\n"
    "| A1 | 14/02/2010 | 12 | | 0 | | 1 | 1 | 1 | 0 | | |",
    "oc3": "| CHILD | DOB | IN_TOUCH | ACTIV | ACCOM |\n| A2 | 31/03/2004 | YES | F1 | U1 |",
    "ad1": "| CHILD | DOB | DATE_INT | DATE_MATCH | FOSTER_CARE | NB_ADOPTR | SEX_ADOPTR | LS_ADOPTR |\n| A1 | 14/02/2010 | 01/02/2020 | 01/03/2020 | 0 | 2 | MF | L11 |",
    "placed_adoption": "| CHILD | DOB | DATE_PLACED | DATE_PLACED_CEASED | REASON_PLACED_CEASED |\n| A1 | 14/02/2010 | 01/04/2020 | 01/05/2020 | RD1 |",
    "prev_perm": "| CHILD | DOB | PREV_PERM | LA_PERM | DATE_PERM |\n| A1 | 14/02/2010 | P1 | WAL | 01/02/2015 |",
    "social_worker": "| CHILD | DOB | SW_ID | SW_DECOM | SW_DEC | SW_REASON |\n| A1 | 14/02/2010 | SW123 | 01/05/2020 | | FCONTA |",
    "dolo": "| CHILD | DOB | DOLO_START | DOLO_END |\n| A1 | 14/02/2010 | 01/05/2020 | |",
}  # fmt: skip
ALL = {"header": HEADER, "episodes": EPISODES, **OTHERS}


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "2021-03-31"
    write_return(path, header=HEADER, episodes=EPISODES)
    return path


def typed(folder, period=PERIOD):
    return type_collection(read_collection(folder, period))


def rows_of(collection):
    """Rows read and kept, by table."""
    return collection.files.groupby("table")[["rows_read", "rows_kept"]].sum().to_numpy().tolist()


def text_of(folder, name):
    return (folder / f"{name}.csv").read_text(encoding="utf-8")


# --- which table --------------------------------------------------------------------------------------------------


def test_all_twelve_tables_are_known_by_their_columns_whatever_their_names(tmp_path):
    write_return(tmp_path, **{f"file_{place:02d}": text for place, text in enumerate(ALL.values())})
    assert [file.table for file in read_collection(tmp_path, PERIOD)] == list(ALL)
    assert typed(tmp_path).set_aside.empty
    assert set(typed(tmp_path).tables) == set(ALL)


@pytest.mark.parametrize("table", sorted(set(load_codelist("ssda903_tables")["table"])))
def test_every_table_is_told_from_every_other_by_its_full_header(tmp_path, table):
    spec = load_codelist("ssda903_tables")
    names = spec[spec["table"] == table]
    (tmp_path / "one.csv").write_text(",".join(names["column"]) + "\n", encoding="utf-8")
    official = [header or column for header, column in zip(names["header"], names["column"], strict=True)]
    with (tmp_path / "two.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(official)
    assert {file.table for file in read_collection(tmp_path, PERIOD)} == {table}


def test_header_case_spaces_order_and_extra_columns_do_not_matter(folder):
    (folder / "header.csv").write_text(
        "ethnic, Child ,DOB,Sex,Allocated team\nWBRI,A1,14/02/2010,1,North\nBAFR,A2,31/03/2004,2,South\n"
    )
    collection = typed(folder)
    header = collection.tables["header"]
    assert list(header) == ["CHILD", "SEX", "DOB", "ETHNIC", "UPN", "MOTHER", "MC_DOB", "_file", "_row"]
    assert header["CHILD"].tolist() == ["A1", "A2"]
    assert header.attrs["absent"] == ("UPN", "MOTHER", "MC_DOB")
    assert header[["UPN", "MOTHER", "MC_DOB"]].isna().all().all()
    assert collection.changes[["row", "column", "put"]].to_numpy().tolist() == [[1, "Allocated team", ""]]


def test_a_column_that_stands_twice_is_refused(folder):
    (folder / "header.csv").write_text("CHILD,SEX,DOB,ETHNIC,dob\nA1,1,14/02/2010,WBRI,14/02/2011\n")
    with pytest.raises(InputError, match=r"header\.csv, line 1: the column DOB stands more than once"):
        typed(folder)


def test_two_files_of_one_table_are_stacked_and_repeats_across_them_are_found(folder):
    lines = text_of(folder, "header").splitlines()
    (folder / "header_2.csv").write_text("\n".join([lines[0], lines[1], "A3,1,01/01/2012,WBRI,UN1,,"]))
    collection = typed(folder)
    assert collection.tables["header"]["CHILD"].tolist() == ["A1", "A2", "A3"]
    second = collection.files.set_index("file").loc["header_2.csv"]
    assert second[["rows_read", "rows_kept", "rows_set_aside", "rows_repeated"]].tolist() == [2, 1, 0, 1]
    assert collection.tables["header"]["_row"].tolist() == [2, 3, 3]


# --- encodings and lines ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_usual_encoding_gives_the_same_rows(folder, encoding, separator, end):
    text = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\nÉ1,1,14/02/2010,WBRI,UN1,,\nA2,2,31/03/2004,BAFR,UN1,1,\n"
    expected = [["É1", "1", "14/02/2010"], ["A2", "2", "31/03/2004"]]
    (folder / "header.csv").write_bytes(text.replace(",", separator).replace("\n", end).encode(encoding))
    rows = read_collection(folder, PERIOD)[1].rows
    assert rows[["CHILD", "SEX", "DOB"]].to_numpy().tolist() == expected
    assert rows["_row"].tolist() == [2, 3]


def test_blank_lines_are_passed_over_and_lines_keep_their_numbers(folder):
    (folder / "header.csv").write_text('CHILD,SEX,DOB,ETHNIC\n\nA1,1,"14/02/2010",WBRI\n,,,\nA2,2,31/03/2004,BAFR\n')
    (folder / "more.csv").write_text("CHILD,SEX,DOB,ETHNIC\nA4,1,14/02/2010,WBRI\n,,,\nA3,2,31/03/2004,BAFR\n")
    files = {file.file: file.rows["_row"].tolist() for file in read_collection(folder, PERIOD)}
    assert files["header.csv"] == [3, 5]
    assert files["more.csv"] == [2, 4]


def test_a_line_that_does_not_fit_is_set_aside_alone(folder):
    with (folder / "header.csv").open("a", encoding="utf-8") as file:
        file.write("A3,1,01/01/2010\nA4,1,01/01/2010,WBRI,UN1,,\n")
    collection = typed(folder)
    assert collection.set_aside[["row", "column"]].to_numpy().tolist() == [[4, ""]]
    assert collection.tables["header"]["CHILD"].tolist() == ["A1", "A2", "A4"]
    assert rows_of(collection) == [[2, 2], [4, 3]]


# --- refused in words ---------------------------------------------------------------------------------------------

BAD = {
    "empty": ("header.csv", b"", "is empty"),
    "only blanks": ("header.csv", b"\n ,, \n", "is empty"),
    "a JPEG named .csv": ("header.csv", b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)), "picture"),
    "a workbook named .csv": ("header.csv", b"PK\x03\x04" + bytes(90), "zip file or a workbook"),
    "NUL bytes": ("header.csv", b"CHILD,SEX\n1,\x002\n", "not text"),
    "no encoding": ("header.csv", b"CHILD,SEX\n1,\x81\n", "not text"),
    "a zip": ("return.zip", b"PK\x03\x04", "packed file"),
    "an open quote": ("header.csv", b'CHILD,SEX,DOB,ETHNIC\n"A1,1,14/02/2010,WBRI\nA2,1,14/02/2010,WBRI\nA3,1,14/02/2010,WBRI\n', "quote"),
    "a wrong header": ("header.csv", b"CHILD,SEX,DOB\nA1,1,14/02/2010,WBRI\nA2,1,14/02/2010,WBRI\n", "line 2: 4 cells where the header has 3"),
    "cut-off XML": ("903.xml", b"<EXPSSDA903><CHILD><HEADER><CHILDID>A1</CHILDID>", "cut off"),
    "other XML": ("903.xml", b"<html><body/></html>", "no SSDA903 collection"),
    "an entity bomb": ("903.xml", b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><EXPSSDA903><CHILD><HEADER><CHILDID>&b;</CHILDID></HEADER></CHILD></EXPSSDA903>', "entity"),
    "an outside entity": ("903.xml", b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><EXPSSDA903><CHILD><HEADER><CHILDID>&a;</CHILDID></HEADER></CHILD></EXPSSDA903>', "entity"),
    "a hidden document type": ("903.xml", '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE EXPSSDA903 [<!ENTITY a "ha">]><EXPSSDA903><CHILD><HEADER><CHILDID>A1</CHILDID></HEADER></CHILD></EXPSSDA903>'.encode("utf-16"), "document type"),
    "no workbook": ("903.xlsx", b"PK\x03\x04 not really", "damaged"),
    "a workbook that is text": ("903.xlsx", b"CHILD,SEX", "cannot be opened"),
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


def test_a_line_without_end_is_refused_before_it_is_read(tmp_path, monkeypatch):
    with (tmp_path / "header.csv").open("wb") as file:
        file.write(b"CHILD,SEX,DOB,ETHNIC\nA1,1,14/02/2010,WBRI\n")
        file.seek(2 * 1024**3, io.SEEK_CUR)  # 2 GB without a line end, on paper: the file has holes
        file.write(b"x")
    monkeypatch.setattr(text_files.Path, "read_bytes", lambda path: pytest.fail("the whole file was read"))
    with pytest.raises(InputError, match=r"header\.csv, about line 3: a line of more than"):
        read_collection(tmp_path, PERIOD)


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(workbooks, "LARGEST_UNPACKED", 1 << 20)
    with zipfile.ZipFile(tmp_path / "903.xlsx", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", bytes(2 << 20))
    with pytest.raises(InputError, match="unpacks to more than"):
        read_collection(tmp_path, PERIOD)


def test_a_folder_without_a_return_says_so(tmp_path):
    with pytest.raises(NoDataError, match="holds no"):
        read_collection(tmp_path, PERIOD)


def test_a_formula_is_set_aside_and_never_run(folder):
    (folder / "header.csv").write_text("CHILD,SEX,DOB,ETHNIC\n=cmd|' /C calc'!A0,1,14/02/2010,WBRI\nA2,1,=1+1,WBRI\n")
    collection = typed(folder)
    assert collection.set_aside["column"].tolist() == ["CHILD", "DOB"]
    assert "header" in collection.tables and collection.tables["header"].empty


# --- several boroughs and years in one file -----------------------------------------------------------------------


def test_of_a_file_of_all_london_the_boroughs_own_rows_of_the_year_are_kept(tmp_path):
    folder = tmp_path / "bromley" / "2021-03-31"
    folder.mkdir(parents=True)
    (folder / "header.csv").write_text(
        "LA,YEAR,CHILD,SEX,DOB,ETHNIC\n"
        "Bromley,2021,1_305,1,14/02/2010,WBRI\nBromley,2020,1_305,1,14/02/2010,WBRI\n"
        "Barking and Dagenham,2021,1_301,2,14/02/2010,WBRI\nE09000006,2020-21,2_305,2,14/02/2011,BAFR\nAtlantis,2021,3,2,14/02/2011,BAFR\n"
    )
    collection = type_collection(read_collections(tmp_path, "Bromley"))
    assert collection.tables["header"]["CHILD"].tolist() == ["1", "2"], "the borough's code is not part of it"
    assert collection.set_aside[["row", "column"]].to_numpy().tolist() == [[3, "YEAR"], [4, "LA"], [6, "LA"]]
    assert not collection.changes[["found", "put"]].isin(["1_305", "2_305", "1", "2"]).any().any()


def test_a_file_of_several_boroughs_in_a_folder_of_none_is_refused(tmp_path):
    (tmp_path / "header.csv").write_text(
        "LA,CHILD,SEX,DOB,ETHNIC\nBromley,1,1,14/02/2010,WBRI\nSutton,2,1,14/02/2010,WBRI\n"
    )
    with pytest.raises(InputError, match="rows of 2 boroughs"):
        read_collection(tmp_path, PERIOD)


@pytest.mark.parametrize(
    ("cell", "year"),
    [("2021", 2021), ("2021.0", 2021), ("2020-21", 2021), ("2020/2021", 2021), ("2020-23", None), ("", None)],
)
def test_a_year_is_read_in_its_usual_forms(cell, year):
    assert return_year_named(cell) == year


# --- XML and workbooks --------------------------------------------------------------------------------------------


def as_xml(tables: dict[str, list[dict]]) -> str:
    """Write the collection as XML, in the order of DfE's layout of 2021."""

    def leaves(row, names):
        return "".join(f"<{tag}>{escape(row.get(column, ''))}</{tag}>" for tag, column in names)

    def same(*names):
        return [(name, name) for name in names]

    inside = [
        ("AMISSING", "missing", same("MISSING", "MIS_START", "MIS_END")),
        ("AREVIEW", "reviews", same("REVIEW", "REVIEW_CODE")),
        ("PERMANENCE", "prev_perm", same("PREV_PERM", "LA_PERM", "DATE_PERM")),
        ("OC2", "oc2", same(*tables["oc2"][0])[2:]),
        ("AD_PLACED", "placed_adoption", same("DATE_PLACED", "DATE_PLACED_CEASED", "REASON_PLACED_CEASED")),
    ]
    episode = [("PL", "PLACE") if name == "PLACE" else (name, name) for name in tables["episodes"][0]][1:]
    out = []
    for child in tables["header"]:
        own = {name: [row for row in rows if row["CHILD"] == child["CHILD"]] for name, rows in tables.items()}
        told = child | {
            name: cell for table in ("uasc", "ad1", "oc3") for row in own[table] for name, cell in row.items()
        }
        told["UASC"] = "1" if own["uasc"] else "0"
        head = [("CHILDID", "CHILD"), *same("UPN", "SEX", "DOB", "ETHNIC", "UASC", "DUC", "DATE_INT", "DATE_MATCH",
                "FOSTER_CARE", "NB_ADOPTR", "SEX_ADOPTR", "LS_ADOPTR", "IN_TOUCH", "ACTIV", "ACCOM", "MOTHER", "MC_DOB")]  # fmt: skip
        blocks = "".join(f"<{tag}>{leaves(row, names)}</{tag}>" for tag, table, names in inside for row in own[table])
        care = "".join(f"<EPISODE>{leaves(row, episode)}</EPISODE>" for row in own["episodes"])
        out.append(f"<CHILD><HEADER>{leaves(told, head)}{blocks}</HEADER>\n{care}</CHILD>\n")
    return f"<?xml version='1.0' encoding='utf-8'?>\n<EXPSSDA903>\n{''.join(out)}</EXPSSDA903>"


def test_xml_and_csv_of_the_same_children_give_the_same_tables(tmp_path):
    drawn = {name: text for name, text in ALL.items() if name not in ("social_worker", "dolo")}
    write_return(tmp_path / "csv", **drawn)
    files = {
        file.table: file.rows.drop(columns="_row").to_dict("records")
        for file in read_collection(tmp_path / "csv", PERIOD)
    }
    (tmp_path / "xml").mkdir()
    (tmp_path / "xml" / "collection.xml").write_text(as_xml(files), encoding="utf-8")
    from_csv, from_xml = typed(tmp_path / "csv"), typed(tmp_path / "xml")
    assert set(from_xml.tables) == set(drawn)
    for name, rows in from_csv.tables.items():
        pd.testing.assert_frame_equal(
            rows.drop(columns=["_file", "_row"]), from_xml.tables[name].drop(columns=["_file", "_row"])
        )
        assert rows.attrs["absent"] == from_xml.tables[name].attrs["absent"] == ()
    assert from_xml.set_aside.empty and from_xml.changes.empty
    assert from_xml.tables["episodes"]["_row"].tolist() == [4, 6], "the line of the XML file"


def test_an_element_that_is_not_known_is_told(tmp_path):
    (tmp_path / "903.xml").write_text(
        "<EXPSSDA903><CHILD><HEADER><CHILDID>A1</CHILDID><SEX>1</SEX><DOB>14/02/2010</DOB><ETHNIC>WBRI</ETHNIC>"
        "<SHOE>9</SHOE></HEADER></CHILD></EXPSSDA903>"
    )
    collection = typed(tmp_path)
    assert collection.changes["column"].tolist() == ["SHOE"]
    assert "UPN" in collection.tables["header"].attrs["absent"]


def test_a_workbook_with_a_sheet_per_table_gives_the_tables_of_the_csv_files(tmp_path):
    write_return(tmp_path / "csv", **ALL)
    (tmp_path / "xlsx").mkdir()
    with pd.ExcelWriter(tmp_path / "xlsx" / "903.xlsx") as book:
        for file in read_collection(tmp_path / "csv", PERIOD):
            rows = file.rows.drop(columns="_row")
            for column in rows.columns[rows.columns.str.contains("DEC|DOB")]:
                rows[column] = pd.to_datetime(rows[column].replace("", None), format="%d/%m/%Y").dt.date
            rows.to_excel(book, sheet_name=file.table[:20] + "s", index=False, startrow=1 if file.table == "oc3" else 0)
    from_csv, from_book = typed(tmp_path / "csv"), typed(tmp_path / "xlsx")
    for name, rows in from_csv.tables.items():
        pd.testing.assert_frame_equal(
            rows.drop(columns=["_file", "_row"]), from_book.tables[name].drop(columns=["_file", "_row"])
        )
    assert from_book.tables["oc3"]["_row"].tolist() == [3], "the row of the sheet, below a title"
    assert from_book.changes.empty


# --- samples nobody here wrote ------------------------------------------------------------------------------------


def account(collection):
    """Kept, set aside and repeated, by table."""
    counts = collection.files.groupby("table", sort=False)[["rows_kept", "rows_set_aside", "rows_repeated"]].sum()
    return {table: tuple(row) for table, row in zip(counts.index, counts.to_numpy().tolist(), strict=True)}


def reasons(collection):
    aside = collection.set_aside.query("outcome == 'set aside'")
    return aside.groupby(["table", "column"]).size().to_dict()


def test_the_validators_fake_return_is_read_with_csv_xml_and_workbooks_together(shared):
    collection = typed(shared / "returns/samples/be903_fake_data", dt.date(2018, 3, 31))
    assert account(collection) == {
        "dolo": (1, 0, 0),
        "ad1": (29 + 3, 0, 0),
        UNKNOWN: (0, 16, 0),  # the ten sheets of Ofsted's lists of providers
        "episodes": (5050 + 459, 0, 0),
        "header": (2675 + 253, 0, 0),
        "reviews": (12580 + 1206, 0, 2),
        "prev_perm": (2675 + 253, 0, 0),
        "oc2": (2675 + 253, 0, 0),
        "missing": (43 + 6, 0, 0),
        "uasc": (132 + 12, 0, 0),
        "oc3": (50 + 3, 3 + 3, 0),
        "placed_adoption": (0, 61, 1),
        "social_worker": (0, 1, 0),
    }
    assert reasons(collection) == {
        (UNKNOWN, ""): 16,
        ("oc3", "ACCOM"): 6,  # 01, 02 and S1, which no list has
        ("placed_adoption", "REASON_PLACED_CEASED"): 61,  # XXX in every row
        ("social_worker", "SW_REASON"): 1,  # SWLAZY
    }


def test_the_annex_a_sample_is_read_but_for_a_postcode_of_nope(shared):
    collection = typed(shared / "returns/samples/annex_a", dt.date(2024, 3, 31))
    assert account(collection) == {
        UNKNOWN: (0, 43, 0),
        "annex_a_8": (4, 1, 0),
        "annex_a_9": (6, 0, 0),
        "annex_a_10": (5, 0, 0),
    }
    assert reasons(collection) == {(UNKNOWN, ""): 43, ("annex_a_8", "PL_POST"): 1}
    assert set(collection.tables["annex_a_8"]["LS"]) == {"E1", "C2", "C1"}
    assert collection.tables["annex_a_9"]["SEX"].value_counts().to_dict() == {"1": 5, "2": 1}
    assert not collection.tables["annex_a_8"].attrs["absent"]


@pytest.mark.parametrize(("year", "sums"), [(2022, [8154, 8133, 19, 2]), (2023, [8529, 8513, 15, 1])])
def test_the_synthesizers_thousand_children_are_read(shared, year, sums):
    collection = typed(shared / f"returns/samples/synthesizer/synth_1000/{year}", dt.date(year, 3, 31))
    assert collection.files[["rows_read", "rows_kept", "rows_set_aside", "rows_repeated"]].sum().tolist() == sums
    assert set(reasons(collection)) == {("oc3", "ACCOM"), ("placed_adoption", "REASON_PLACED_CEASED")}


def test_the_synthesizers_ten_thousand_children_are_read(shared, tmp_path):
    with tarfile.open(shared / "returns/samples/synthesizer/synth_10000.tar.gz") as packed:
        packed.extractall(tmp_path, filter="data")
    collection = typed(tmp_path / "synth_10000" / "2023", dt.date(2023, 3, 31))
    sums = collection.files[["rows_read", "rows_kept", "rows_set_aside", "rows_repeated"]].sum().tolist()
    assert sums == [85303, 85137, 159, 7]
    assert set(reasons(collection)) == {("oc3", "ACCOM"), ("placed_adoption", "REASON_PLACED_CEASED")}
