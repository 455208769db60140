"""`briefings check`: the short report of one return, on samples nobody here wrote and on files that are no return."""

import json
import re

import pytest
from conftest import briefings
from drawn import write_return

SAMPLES = ("be903_fake_data", "synthesizer/synth_1000/2023", "annex_a")


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_row_of_every_sample_is_accounted_for(shared, sample):
    folder = shared / "returns" / "samples" / sample
    done = briefings("check", folder, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    for entry in told:
        parts = (entry["rows_kept"], entry["rows_set_aside"], entry["rows_repeated"])
        assert entry["rows_read"] == sum(parts), entry["file"]
        assert sum(reason["rows"] for reason in entry["set_aside"]) == entry["rows_set_aside"], entry["file"]
    assert {entry["file"].split(",")[0] for entry in told} == {path.name for path in folder.iterdir()}, (
        "no file is ignored"
    )


def test_the_report_names_rules_and_lines_and_no_child(shared):
    folder = shared / "returns" / "samples" / "synthesizer" / "synth_1000" / "2023"
    children = {line.split(",")[0] for line in (folder / "header.csv").read_text(encoding="utf-8").splitlines()[1:]}
    told = briefings("check", folder, "--json").stdout
    assert not children & set(re.findall(r"\w+", told)), "a child's identifier is told"
    episodes = next(entry for entry in json.loads(told) if entry["table"] == "episodes")
    assert {rule["severity"] for rule in episodes["rules_broken"]} <= {"error", "warning"}
    assert all(rule["reason"] for rule in episodes["rules_skipped"]), "a rule that could not run says why"


BAD = {
    "an empty file": ("header.csv", b""),
    "a picture named csv": ("header.csv", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" * 50),
    "a zip": ("return.zip", b"PK\x03\x04" + b"\x00" * 100),
    "a zip named csv": ("header.csv", b"PK\x03\x04" + b"\x00" * 100),
    "a truncated XML": ("return.xml", b"<EXPSSDA903><CHILD><HEADER><CHILDID>PERSON1</CHILDID>"),
    "an entity bomb": (
        "return.xml",
        b'<!DOCTYPE x [<!ENTITY a "PERSON1"><!ENTITY b "&a;&a;&a;">]><EXPSSDA903><CHILD>&b;</CHILD></EXPSSDA903>',
    ),
    "an external entity": (
        "return.xml",
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><EXPSSDA903><CHILD>&a;</CHILD></EXPSSDA903>',
    ),
    "a formula": ("header.csv", b"CHILD,SEX,DOB,ETHNIC\nPERSON1,1,14/02/2010,=cmd|' /C calc'!A0\n"),
    "a formula in a header": ("header.csv", b"CHILD,SEX,DOB,ETHNIC,=PERSON1\n"),
    "a workbook of the old kind": ("903.xls", b"\xd0\xcf\x11\xe0" + b"\x00" * 600),
    "a workbook that is text": ("903.xlsx", b"CHILD,SEX,DOB,ETHNIC\nPERSON1,1,14/02/2010,WBRI\n"),
    "an open quote": ("header.csv", b'CHILD,SEX,DOB,ETHNIC\n"PERSON1,1,14/02/2010,WBRI\nPERSON1,1,14/02/2010,WBRI\n'),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_return_is_one_clear_message(tmp_path, name):
    folder = tmp_path / "2023-03-31"
    folder.mkdir()
    file, content = BAD[name]
    (folder / file).write_bytes(content)
    done = briefings("check", folder)
    assert done.returncode == 2
    assert file in done.stderr
    assert "Traceback" not in done.stderr
    assert "PERSON1" not in done.stderr + done.stdout
    assert "Nothing was written" in done.stderr
    assert [path.name for path in folder.iterdir()] == [file], "nothing is written"


def test_last_years_collection_beside_it_lets_the_rules_between_years_run(made_up_folder):
    folder = made_up_folder / "returns" / "bromley"
    with_last = json.loads(briefings("check", folder / "2021-03-31", "--json").stdout)
    without = json.loads(briefings("check", folder / "2020-03-31", "--json").stdout)
    between_years = {"203", "502"}

    def skipped(told):
        return {rule["code"] for entry in told for rule in entry["rules_skipped"]}

    assert between_years <= skipped(without)
    assert not between_years & skipped(with_last)


def test_a_cell_read_in_another_form_is_told(tmp_path):
    folder = tmp_path / "2023-03-31"
    write_return(
        folder,
        header="""
        | CHILD | SEX | DOB        | ETHNIC | UPN | MOTHER | MC_DOB |
        | A1    | 1   | 14/02/2010 | wbri   | UN1 |        |        |
        """,
    )
    (entry,) = json.loads(briefings("check", folder, "--json").stdout)
    assert entry["rows_kept"] == 1
    assert [change["column"] for change in entry["changes"]] == ["ETHNIC"]


def test_what_is_not_read_is_told_and_does_no_harm(tmp_path):
    folder = tmp_path / "2023-03-31"
    write_return(folder, header="| CHILD | SEX | DOB | ETHNIC |\n| A1 | 1 | 14/02/2010 | WBRI |")
    (folder / "README.txt").write_text("nothing of a return", encoding="utf-8")
    (folder / "old").mkdir()
    (folder / "Thumbs.db").write_bytes(b"x")
    done = briefings("check", folder)
    assert done.returncode == 0, done.stderr
    assert "README.txt (not read): 0 rows read" in done.stdout
    assert "old/ (not read): 0 rows read" in done.stdout
    assert "Thumbs.db" not in done.stdout
