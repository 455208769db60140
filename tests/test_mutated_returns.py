"""10,000 spoiled files, the same in every run: always rows that add up, or a refusal in words. No traceback, no hang.

CSV files of every table, Annex A, local extras, files of several boroughs, XML collections and workbooks, spoiled as bytes,
as lines or cell by cell. They are typed many together, because typing them one by one would take most of the time.
"""

import csv
import datetime as dt
import functools
import io
import re
import time

import numpy as np
import pytest
import xlsxwriter
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from return_forms import (
    DRAWN,
    IN_CSV_ONLY,
    PERIOD,
    as_csv,
    as_workbook,
    as_xml,
    columns_of,
    drawn_return,
    write_files,
)

from helpers.clean import link_collections, type_collection
from helpers.codes import load_codelist
from helpers.errors import InputError, NoDataError
from helpers.read.received import to_return_file
from helpers.read.returns import read_collection
from helpers.read.several_boroughs import keep_own_rows
from helpers.read.text import read_lines
from helpers.read.workbooks import read_workbook
from helpers.read.xml import read_xml

SHARDS, BATCHES, FILES = 10, 20, 50
"""10 shards of 20 batches of 50 files are the 10,000."""
TOGETHER = 4
"""Batches that are typed as one collection. With 1, a failure names the batch; the seeds give the same files again."""
LONGEST = 5.0
"""Seconds for one file: a hundred times what one takes."""
BROMLEY = "E09000006"


# --- sound files --------------------------------------------------------------------------------------------------


def _official_rows(table: str, rows: list[list[str]]) -> list[list[str]]:
    spec = load_codelist("ssda903_tables")
    own = spec[spec["table"] == table]
    return [[header or column for header, column in zip(own["header"], own["column"], strict=True)], *rows]


def _csv_of(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


LIST_8 = ["00123", "a) Male", "a) WBRI", "25/01/2008", "13.79", "b) No", "b) No", "01/05/2019", "N1 - Abuse or neglect", "b) No",
          "01/05/2019", "C2: FCO", "01/12/2020", "-", "", "", "", ".", "1", "", "", "01/05/2019", "d) U4: Foster placement - long term",
          "e) PR4 - Private provision", "RM10 7BN", "SC123456", "In", "Bromley", "0", "0", "", "", "Team", "Worker"]  # fmt: skip
LIST_9 = ["00124", "b) Female", "k) APKN", "25/01/2002", "19", "b) No", "a) Yes", "Team", "Worker", "Advisor", "b) Former relevant child",
          "01/02/2021", "a) Yes", "01/03/2021", "U: Independent living", "a) Suitable", "G5: Not in education - other"]  # fmt: skip


@functools.cache
def sound_files() -> dict[str, bytes]:
    """Give a sound file of every kind by its name."""
    tables = drawn_return()
    files = {f"{table}.csv": as_csv(table, rows) for table, rows in tables.items()}
    files["annex_a_8.csv"] = _csv_of(_official_rows("annex_a_8", [LIST_8]))
    files["annex_a_9.csv"] = _csv_of(_official_rows("annex_a_9", [LIST_9, LIST_9]))
    files["visits.csv"] = b"CHILD,VISIT_DUE,VISIT_DATE,SEEN_ALONE\nA1,01/05/2020,02/05/2020,yes\nA2,2020-06-01,,no\n"
    files["targets.csv"] = (
        b"INDICATOR,TARGET,FROM_DATE,TO_DATE,TARGET_SOURCE\ncla_total,85.5,01/04/2020,31/03/2021,Board\n"
    )
    files["london.csv"] = (
        b"LA,YEAR,CHILD,SEX,DOB,ETHNIC\nBromley,2021,1_305,1,14/02/2010,WBRI\n305,2020-21,2_305,2,14/02/2011,BAFR\n"
        b"Barking and Dagenham,2021,3_301,2,14/02/2010,WBRI\nBRO,2020,1_305,1,14/02/2010,WBRI\n"
    )
    files["903.xml"] = as_xml({table: rows for table, rows in tables.items() if table not in IN_CSV_ONLY})
    files["903.xlsx"] = as_workbook({table: tables[table] for table in ("header", "episodes", "missing")})
    return files


# --- spoiling -----------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [b",", b'"', b"\n", b"\r", b"\r\n", b";", b"\t", b"|", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"=cmd", b'="01"', b"@x", b"-1", b"+a",
     b"\xc3\x89", b"\x81", b"\x1a", b"<", b">", b"&a;", b"&#61;", b"<!DOCTYPE x>", b"31/02/2021", b"44000", b"2021-01-01", b"1/2/21", b"a) WBRI",
     b"1.0", b"-", b"CHILD", b"DOB", b"LA,", b"YEAR,", b"2021", b"Bromley", b"A1", b"</CHILD>", b"<HEADER>", b"<EPISODE>", b"</HEADER>",
     b"1E+99", b"1.2E+07", b"\xa0", b"\xe2\x80\x8b", b"99999999999999999999", b"10/10/10", b"nan", b"#N/A", b"N/A", b"'", b"wbri", b",,,,", b"__"]
)  # fmt: skip
STEP = st.tuples(
    st.sampled_from(["cell"] * 6 + ["put", "cut", "swap", "double", "piece", "line", "column", "element", "element"]),
    st.integers(0, 10_000),
    st.integers(0, 60),
    PIECES | st.binary(max_size=4),
)
STEPS = st.lists(STEP, min_size=1, max_size=3)
ENCODING = st.sampled_from(["", "", "", "", "utf-16", "utf-16-le", "cp1252"])
CSV_CELL, XML_CELL = re.compile(rb'[^,\r\n"]+'), re.compile(rb"(?<=>)[^<\n]*(?=</)")
XML_ELEMENT = re.compile(rb"<(\w+)>[^<]*</\1>|<\w+/>|</?\w+>")


def spoil(raw: bytes, steps) -> bytes:
    """Spoil a cell; put something in, cut something out, turn round or double a part; or spoil a line or a column."""
    for step, start, length, piece in steps:
        place = start * len(raw) // 10_000
        part = raw[place : place + length]
        if step == "cell":
            raw = _replaced(raw, XML_CELL if raw[:2] == b"<?" else CSV_CELL, start, piece)
        elif step == "element":
            raw = _replaced(raw, XML_ELEMENT, start, (b"", b"\\g<0>\\g<0>", b"<A>\\g<0></A>", piece)[length % 4])
        elif step == "line":
            lines = raw.split(b"\n")
            chosen = lines[start % len(lines)].replace(b",", piece, 1 + length % 3)
            raw = b"\n".join([*lines[: start % len(lines)], chosen, *lines[length % len(lines) :]])
        elif step == "column":
            order = -1 if length % 2 else 1
            raw = b"\n".join(b",".join(line.split(b",")[::order]) + piece for line in raw.split(b"\n"))
        else:
            done = {"put": piece + part, "cut": b"", "swap": part[::-1], "double": part * 2, "piece": piece * 3 + part}
            raw = raw[:place] + done[step] + raw[place + length :]
    return raw


def _replaced(raw: bytes, pattern: re.Pattern, number: int, by: bytes) -> bytes:
    """Put something in the place of one match of a pattern; `by` may name the match itself as \\g<0>."""
    found = list(pattern.finditer(raw))
    if not found:
        return raw
    one = found[number % len(found)]
    return raw[: one.start()] + by.replace(b"\\g<0>", one[0]) + raw[one.end() :]


def spoiled(*names: str) -> st.SearchStrategy[tuple[str, bytes]]:
    """Give the name and the bytes of one of these files, spoiled."""

    def spoiled_file(name: str, encoding: str, steps) -> tuple[str, bytes]:
        raw = sound_files()[name]
        return name, spoil(raw.decode().encode(encoding) if encoding and not name.endswith(".xlsx") else raw, steps)

    return st.builds(spoiled_file, st.sampled_from(names), ENCODING, STEPS)


CELLS = st.sampled_from(
    ["", "A1", "00123", "1", "WBRI", "a) WBRI", "14/02/2010", "2010-02-14", "C2: FCO", "-", "nope", "É", "=cmd|x", "@a", "-1", "\xa0", "1.0", "CHILD",
     1, 0, 1.5, -3, 40223, 40223.5, 1e17, 1e300, True, False, dt.datetime(2010, 2, 14), dt.datetime(2010, 2, 14, 9, 30), dt.time(9, 30),
     ("formula", 0), ("formula", "#N/A"), ("error", "#REF!")]
)  # fmt: skip
SHEET = st.tuples(
    st.sampled_from(["header", "episodes", "oc2", "annex_a_8", "local_visits"]),
    st.lists(st.lists(CELLS, max_size=14), max_size=6),
    st.integers(0, 3),
    st.booleans(),
)


def spoiled_workbook(sheets) -> tuple[str, bytes]:
    """Write a workbook cell by cell: any kind of cell in any column, below some blank rows, some sheets hidden."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "nan_inf_to_errors": True})
    date = book.add_format({"num_format": "dd/mm/yyyy"})
    for number, (table, rows, above, hidden) in enumerate(sheets):
        sheet = book.add_worksheet(f"sheet {number}")
        for line, row in enumerate([columns_of(table), *rows], start=above):
            for place, cell in enumerate(row):
                if isinstance(cell, tuple):
                    sheet.write_formula(line, place, "=1+1" if cell[0] == "formula" else "=NA()", None, cell[1])
                elif isinstance(cell, str):
                    sheet.write_string(line, place, cell)
                elif isinstance(cell, (dt.datetime, dt.time)):
                    sheet.write_datetime(line, place, cell, date)
                else:
                    sheet.write(line, place, cell)
        if hidden and number:
            sheet.hide()
    book.close()
    return "cells.xlsx", out.getvalue()


# --- what holds for every file ------------------------------------------------------------------------------------


def read_one(name: str, raw: bytes):
    """Read one file as the folder bromley/2021-03-31 would; None where it is refused in words that name it."""
    began = time.monotonic()
    try:
        if name.endswith(".xml"):
            return read_xml(raw, name, PERIOD)
        tables = read_workbook(raw, name) if name.endswith(".xlsx") else [read_lines(raw, name)]
        return [keep_own_rows(to_return_file(cells, PERIOD), cells, BROMLEY, 2021) for cells in tables]
    except InputError as refused:
        assert str(refused).startswith(name)
        assert "Nothing was written" in str(refused)
        assert "14/02/2010" not in str(refused) and "A1" not in str(refused).replace("cell A1", ""), (
            "a child is told of"
        )
        return None
    finally:
        assert time.monotonic() - began < LONGEST


def assert_rows_add_up(files, collection) -> None:
    """Every row read is kept, set aside or an exact repeat, and is so once."""
    assert collection.files["rows_read"].tolist() == [len(file.rows) + len(file.aside) for file in files]
    sums = collection.files[["rows_kept", "rows_set_aside", "rows_repeated"]].sum(axis=1)
    assert collection.files["rows_read"].tolist() == sums.tolist()
    kept = {table: len(rows) for table, rows in collection.tables.items()}
    assert collection.files.groupby("table")["rows_kept"].sum().reindex(list(kept)).to_dict() == kept
    assert len(collection.set_aside) == collection.files[["rows_set_aside", "rows_repeated"]].sum().sum()
    assert (collection.set_aside["rule"] != "").all()
    for rows in collection.tables.values():
        for column in rows.select_dtypes("datetime"):
            assert rows[column].dropna().between("1900-01-01", "2199-12-31").all()
        for column in rows.select_dtypes("number").columns.drop("_row"):
            assert np.isfinite(rows[column].dropna()).all()


def read_batch(batch: list[tuple[str, bytes]]) -> list:
    """Read each file by itself; give all that are not refused."""
    read = [(number, read_one(name, raw)) for number, (name, raw) in enumerate(batch)]
    return [one._replace(file=f"{number} {one.file}") for number, own in read if own for one in own]


SETTINGS = settings(
    deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), print_blob=False
)
"""Nothing is looked for in an earlier run or made smaller, so that a run takes the same time whatever is found."""
TABLES = [f"{table}.csv" for table in DRAWN]
BATCH = st.tuples(
    *[spoiled("header.csv")] * 3,
    *[spoiled("episodes.csv")] * 3,
    *[spoiled(name) for name in TABLES[2:]],
    *[spoiled("annex_a_8.csv")] * 4,
    *[spoiled("annex_a_9.csv")] * 2,
    *[spoiled("visits.csv"), spoiled("targets.csv")] * 2,
    *[spoiled("london.csv")] * 5,
    *[spoiled("903.xml")] * 9,
    *[spoiled("903.xlsx")] * 3,
    *[st.lists(SHEET, min_size=1, max_size=2).map(spoiled_workbook)] * 7,
)
"""Files of every kind, so that none is tried by chance alone: 50 in all."""


@pytest.mark.parametrize("shard", range(SHARDS))
def test_spoiled_files_give_rows_that_add_up_or_a_refusal(shard):
    tried, read = [], []

    @seed(903 + shard)
    @settings(SETTINGS, max_examples=BATCHES)
    @given(BATCH)
    def read_them(batch):
        tried.append(len(batch))
        read.append(read_batch(batch))

    read_them()
    assert sum(tried) == BATCHES * FILES, "a tenth of the 10,000"
    assert len(read) == BATCHES
    for first in range(0, BATCHES, TOGETHER):
        files = [file for batch in read[first : first + TOGETHER] for file in batch]
        assert_rows_add_up(files, type_collection(files))


@settings(SETTINGS, max_examples=60, derandomize=True)
@given(chosen=st.lists(spoiled(*sorted(sound_files())), min_size=1, max_size=4))
def test_a_folder_of_spoiled_files_gives_a_history_or_a_refusal(tmp_path_factory, chosen):
    folder = tmp_path_factory.mktemp("spoiled", numbered=True) / "bromley" / "2021-03-31"
    write_files(folder, {f"{number} {name}": raw for number, (name, raw) in enumerate(chosen)})
    try:
        files = read_collection(folder, PERIOD)
    except (InputError, NoDataError) as refused:
        assert any(str(refused).startswith(path.name) for path in folder.iterdir())
        return
    collection = type_collection(files)
    assert_rows_add_up(files, collection)
    cleaned = link_collections([collection], borough_code=BROMLEY, secret=b"a secret of the test")
    assert cleaned.files["rows_read"].tolist() == collection.files["rows_read"].tolist()


def test_the_sound_files_are_sound():
    """A file that is refused before it is spoiled would show nothing."""
    for name, raw in sound_files().items():
        read = read_one(name, raw)
        assert read, name
        others = {"london.csv": 2}.get(name, 0)
        assert sum(len(one.aside) for one in read) == others, name
        assert all(not one.table.startswith("not") for one in read), name
