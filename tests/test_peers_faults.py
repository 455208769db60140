"""Faults that were measured in other tools for the same returns, by the numbers under which they were written down.

Each test shows that this project does not have the fault. Where it concerns reading, cleaning or identifiers, files are
written, read and typed as a run does it.
"""

import datetime as dt
import hashlib
import sys
import tarfile
from pathlib import Path

import pandas as pd
import pytest
from drawn import write_return
from test_rules_catalogue import BOROUGH, CLEAN, COLUMNS, cells, draw, find, typed

from helpers.clean import Collection, clean_returns, type_collection
from helpers.codes import load_codelist
from helpers.data_quality import check_folder
from helpers.identifiers import hash_identifiers
from helpers.read.returns import read_collection
from helpers.rules import check_rules, load_rules

SECRET = b"a secret of the test"
HEADER = """
| CHILD  | SEX | DOB        | ETHNIC | UPN | MOTHER | MC_DOB |
| 100001 | 1   | 14/02/2010 | WBRI   | UN1 |        |        |
| 100002 | 2   | 31/03/2006 | BAFR   | UN1 |        |        |
"""
EPISODES = """
| CHILD  | DECOM      | RNE | LS | CIN | PLACE | PLACE_PROVIDER | DEC        | REC | REASON_PLACE_CHANGE | HOME_POST | PL_POST | URN |
| 100001 | 01/05/2020 | S   | V2 | N1  | U6    | PR1            |            |     |                     |           |         |     |
| 100002 | 01/06/2019 | S   | C2 | N1  | K2    | PR4            | 10/01/2021 | E4A |                     |           |         |     |
"""
OUTCOMES = "| CHILD | DOB | SDQ_SCORE | SDQ_REASON | CONVICTED | HEALTH_CHECK | IMMUNISATIONS | TEETH_CHECK | HEALTH_ASSESSMENT | SUBSTANCE_MISUSE | INTERVENTION_RECEIVED | INTERVENTION_OFFERED |"


def typed_files(folder: Path, period: str = "2021-03-31", **tables: str) -> Collection:
    """Write drawn files and read them as the collection of a day."""
    write_return(folder, **tables)
    return type_collection(read_collection(folder, dt.date.fromisoformat(period)))


def status(report, code: str) -> str:
    return find(report, code, "")[0]["status"]


def test_fault_1_repeated_children_switch_no_rule_off():
    """There, a child twice in the header makes five rules fail unseen, the very rules that dirty data needs."""
    this, last = draw("header +2; header 2 DOB=2010-05-06 SEX=M ETHNIC=WIRI UPN=B123456789012; last.header +2")
    report = check_rules(this, last, borough_code=BOROUGH)
    clean = check_rules(*draw(), borough_code=BOROUGH)
    ran = report.summary["status"] != "skipped"
    assert ran.equals(clean.summary["status"] != "skipped")
    assert find(report, "INT32", "header")[1] == [2, 5]
    for code in ("202", "203", "204", "208"):
        assert find(report, code, "header")[1] == [2], code
    twice = check_rules(*draw("; ".join(f"header +{line}" for line in (2, 3, 4)) + "; episodes +3; oc3 +2"))
    assert {status(twice, code) for code in ("203", "204", "208", "460", "3001")} == {"passed"}


def test_fault_2_supported_accommodation_is_valid_in_2025_and_not_before():
    """There, the list of 2025 has k3 in small letters, so that every such placement is flagged."""
    now, before = draw("episodes 2 PLACE=K3", 2025)[0], draw("episodes 2 PLACE=K3", 2024)[0]
    assert status(check_rules(now), "146") == "passed"
    assert find(check_rules(before), "146", "")[1] == [2]
    for name in ("placement", "reason_ceased", "legal_status", "ethnicity", "accommodation", "activity"):
        codes = load_codelist(name)["code"]
        assert (codes == codes.str.upper()).all(), name


def test_fault_3_the_new_codes_of_sex_are_no_change():
    """There, every child who stays in care is flagged in the year in which 1 and 2 became M and F."""
    this, last = draw()
    assert list(last.tables["header"]["SEX"]) == ["2", "1", "1"]
    assert list(this.tables["header"]["SEX"]) == ["F", "M", "M"]
    assert status(check_rules(this, last), "202") == "passed"
    assert find(check_rules(*draw("header 2 SEX=M")), "202", "")[1] == [2], "a real change is still told"


def test_fault_4_every_overlap_is_found_whichever_row_it_comes_from():
    """There, an episode is held against the one before it only: of two inside a long one, one is found."""
    inside = (
        "episodes 2 DECOM=2024-05-01 DEC=2024-12-01 REC=E4A; episodes +2 DECOM=2024-06-01 DEC=2024-06-10; "
        "episodes +2 DECOM=2024-07-01 DEC=2024-07-10"
    )
    assert find(check_rules(draw(inside)[0]), "501", "")[1] == [4, 5]


def test_fault_5_a_second_file_of_a_table_is_read_too(tmp_path):
    """There, the last of two files of one table wins and nothing is said."""
    second = HEADER.replace("100001", "100003").replace("100002", "100004")
    read = typed_files(tmp_path, header=HEADER, more_children=second, episodes=EPISODES)
    assert read.tables["header"]["CHILD"].tolist() == ["100001", "100002", "100003", "100004"]
    assert read.files.loc[read.files["table"] == "header", "rows_kept"].tolist() == [2, 2]
    assert set(read.tables["header"]["_file"]) == {"header.csv", "more_children.csv"}, "each row knows its file"


def test_fault_5_an_odd_column_costs_no_file_and_is_named(tmp_path):
    """There, one header in small letters or one column too many rejects the whole upload, and which is not said."""
    odd = (
        HEADER.replace("| CHILD ", "| child ")
        .replace("| MC_DOB |", "| MC_DOB | NOTES |")
        .replace("|        |\n", "|        | x |\n")
    )
    read = typed_files(tmp_path, header=odd, episodes=EPISODES)
    assert len(read.tables["header"]) == 2
    assert "NOTES" in set(read.changes["column"]), read.changes.to_string()


def calls_of(work) -> int:
    """How many Python functions are called while some work is done."""
    count = 0

    def counted(frame, event, argument):
        nonlocal count
        count += event == "call"

    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def many_times(table: str, times: int) -> pd.DataFrame:
    """The rows of the clean return, for many children."""
    lines = [cells(line) for line in CLEAN[table]]
    rows = [line | {"CHILD": f"{line['CHILD']}{n}"} for n in range(times) for line in lines]
    return typed(table, rows, f"{table}.csv")


def test_fault_6_nothing_is_done_row_by_row():
    """There, building the report takes 8 to 88 seconds, row by row. Here ten times the rows call the same functions."""
    small, large = (
        draw()[0]._replace(tables={table: many_times(table, times) for table in CLEAN}) for times in (20, 200)
    )
    check_rules(small), check_rules(large)
    few, many = calls_of(lambda: check_rules(small)), calls_of(lambda: check_rules(large))
    assert many < 1.5 * few
    header = large.tables["header"].assign(DOB=pd.NaT, SEX="X", ETHNIC="X")
    broken = large._replace(tables=large.tables | {"header": header})
    assert len(check_rules(broken).rows) > 1000, "and the report of many broken lines is no slower work"
    assert calls_of(lambda: check_rules(broken)) < 1.5 * few


def test_fault_6_the_report_of_a_large_return_sums_rules_up(shared, tmp_path):
    """The same 10,000 children of which the other validator's report took up to 88 seconds; benchmarks/ times ours."""
    with tarfile.open(shared / "returns/samples/synthesizer/synth_10000.tar.gz") as packed:
        packed.extractall(tmp_path, filter="data")
    returns = next(tmp_path.glob("synth*"))
    for year in ("2022", "2023"):
        (returns / year).rename(returns / f"{year}-03-31")
    report = check_folder(returns / "2023-03-31")
    written = report.to_json()
    assert report.rules.summary["rows_broken"].sum() > 10_000
    assert len(written) < 1_000_000, "rules are summed up, not listed child by child"


@pytest.mark.parametrize(("code", "table"), [("REP01", "episodes"), ("REP02", "reviews"), ("REP03", "missing")])
def test_fault_7_repeated_rows_are_found(code, table):
    """There, episodes, reviews and missing spells that stand twice break no rule."""
    this, _ = draw(f"{table} +2; {table} aside repeat")
    told = find(check_rules(this), code, table)
    assert told[0]["rows_broken"] == 3
    assert 99 in told[1], "an exact repeat that was taken out before is told too"


def test_fault_7_rules_name_the_tables_there_are():
    """There, OC2s, MIssing and HEader_last stand among the tables that rules say they are about."""
    for rule in load_rules():
        named = {rule.table, *(field.rsplit(".", 1)[0] for field in rule.fields if "." in field)}
        assert {name.removeprefix("previous.") for name in named} <= set(COLUMNS), rule.code


def test_fault_8_a_score_has_a_least_and_a_greatest(tmp_path):
    """There, the greatest is never checked: 41 passes, and -1 is blanked."""
    scores = ["40", "41", "-1", "0", "12.5", ""]
    drawn = OUTCOMES + "".join(
        f"\n| 10000{n} | 14/02/2010 | {score} | | | | | | 1 | | | |" for n, score in enumerate(scores)
    )
    read = typed_files(tmp_path, header=HEADER, episodes=EPISODES, oc2=drawn)
    assert read.tables["oc2"]["SDQ_SCORE"].dropna().tolist() == [40, 0]
    assert len(read.tables["oc2"]) == 3, "a blank is kept as blank"
    aside = read.set_aside[read.set_aside["table"] == "oc2"]
    assert aside[["row", "column"]].to_numpy().tolist() == [[3, "SDQ_SCORE"], [4, "SDQ_SCORE"], [6, "SDQ_SCORE"]]
    assert find(check_rules(read, only=frozenset({"180"})), "180", "")[1] == [3, 4, 6]


@pytest.mark.parametrize(
    ("period", "cell", "column", "read"),
    [
        ("2021-03-31", "2010-02-14", "DOB", pd.Timestamp(2010, 2, 14)),
        ("2021-03-31", "40223", "DOB", pd.Timestamp(2010, 2, 14)),
        ("2021-03-31", "M", "SEX", "M"),
        ("2025-03-31", "1", "SEX", "1"),
        ("2021-03-31", "wbri", "ETHNIC", "WBRI"),
        ("2021-03-31", "UNKN", "ETHNIC", None),
        ("2021-03-31", "31/02/2010", "DOB", None),
        ("2021-03-31", "X", "SEX", None),
    ],
)
def test_fault_9_no_cell_is_blanked(tmp_path, period, cell, column, read):
    """There, what cannot be converted vanishes from the clean file. Here it is read, or its row is set aside and told."""
    place = {"SEX": 1, "DOB": 2, "ETHNIC": 3}[column]
    line = ["100001", "1" if period < "2025" else "M", "14/02/2010", "WBRI", "UN1", "", ""]
    line[place] = cell
    drawn = HEADER.strip().splitlines()[0] + "\n| " + " | ".join(line) + " |"
    collection = typed_files(tmp_path, period, header=drawn, episodes=EPISODES)
    kept, aside = collection.tables["header"], collection.set_aside.query("table == 'header'")
    if read is None:
        assert kept.empty
        assert aside[["row", "column", "outcome"]].to_numpy().tolist() == [[2, column, "set aside"]]
        assert aside["rule"].str.contains("Put it right").all()
    else:
        assert kept[column].tolist() == [read]
        assert aside.empty


def test_fault_10_white_and_asian_is_mixed_however_it_is_written(tmp_path):
    """There, 'White and Asian [MWAS]' becomes Asian."""
    told = ["White and Asian [MWAS]", "MWAS - White and Asian", "a) MWAS", "White and Asian", "mixed white and asian"]
    lines = [f"| 10000{n} | 1 | 14/02/2010 | {ethnicity} | UN1 | | |" for n, ethnicity in enumerate(told)]
    drawn = "\n".join([HEADER.strip().splitlines()[0], *lines])
    header = typed_files(tmp_path, header=drawn, episodes=EPISODES).tables["header"]
    assert header["ETHNIC"].tolist() == ["MWAS"] * len(told)
    group = load_codelist("ethnicity").set_index("code")["group"]
    assert group["MWAS"] == "Mixed"


def test_fault_10_no_two_groups_differ_in_case_alone():
    """There, 'a) White' and 'a) white', 'Foster Placement' and 'Foster placement' are two categories each."""
    names = {
        name: load_codelist(name)
        for name in ("ethnicity", "ethnic_groups", "placement", "legal_status", "reason_ceased")
    }
    for name, listed in names.items():
        for column in {"label", "group", "dfe_group", "display"} & set(listed):
            groups = pd.Series(listed[column].unique())
            assert not groups.str.casefold().str.strip().duplicated().any(), (name, column)


def test_fault_11_no_code_and_no_end_is_made_up(tmp_path):
    """There, episodes left open are closed with E99, and a placement change gets LIIAF."""
    gap = EPISODES + "| 100002 | 01/02/2021 | P | C2 | N1 | U4 | PR1 | | | | | | |\n"
    first, second = tmp_path / "2020-03-31", tmp_path / "2021-03-31"
    write_return(first, header=HEADER, episodes=EPISODES.replace("10/01/2021 | E4A", "           |    "))
    write_return(second, header=HEADER, episodes=gap.replace("| 100001 |", "| 100009 |"))
    files = [file for folder in (first, second) for file in read_collection(folder, dt.date.fromisoformat(folder.name))]
    cleaned = clean_returns(files, borough_code="E09000002", secret=SECRET)
    told = {"E4A", "X1"}
    assert set(cleaned.episodes["reason_ceased_code"].dropna()) <= told
    assert set(cleaned.episodes["ended_on"].dropna()) <= {pd.Timestamp(2021, 1, 10)}
    for codelist in ("reason_ceased", "reason_place_change"):
        assert {"E99", "LIIAF"}.isdisjoint(load_codelist(codelist)["code"]), codelist


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [("E4A", "E99", "REC"), ("E4A |                     |", "E4A | LIIAF |", "REASON_PLACE_CHANGE")],
)
def test_fault_11_codes_that_another_tool_made_up_are_refused(tmp_path, old, new, column):
    read = typed_files(tmp_path, header=HEADER, episodes=EPISODES.replace(old, new))
    assert read.set_aside[["table", "row", "column"]].to_numpy().tolist() == [["episodes", 3, column]]


def test_fault_12_trying_every_identifier_undoes_nothing(tmp_path):
    """There, the hash of an identifier of six digits is found by hashing all of them: no secret is in it."""
    write_return(tmp_path / "2021-03-31", header=HEADER, episodes=EPISODES)
    files = read_collection(tmp_path / "2021-03-31", dt.date(2021, 3, 31))
    children = clean_returns(files, borough_code="E09000002", secret=SECRET).children["child_id"]
    tried = [f"{number:06d}" for number in range(99_000, 101_000)]
    for digest in (hashlib.sha256, hashlib.sha1, hashlib.md5, hashlib.blake2b):
        known = {digest(one.encode()).hexdigest() for one in tried}
        assert not any(hashed in other for hashed in children for other in known), digest
    guessed = hash_identifiers(pd.Series(tried), b"another secret")
    assert set(children).isdisjoint(guessed)
    assert set(children) <= set(hash_identifiers(pd.Series(tried), SECRET)), "only the secret of the installation does"
