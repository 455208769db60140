"""How rules are run: skipped and passed look different, nothing is changed or hidden, and the peers' faults are not ours."""

import copy

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_rules_catalogue import POSTCODES, draw, find

from helpers.rules import check_rules, engine

ALL_LINES = ["code", "table", "file", "row"]


def status(report, code: str, table: str = "") -> str:
    return find(report, code, table)[0]["status"]


# --- the faults of other validators, numbered as they were measured ---------------------------------------------


def test_fault_1_repeated_children_switch_no_rule_off():
    this, last = draw("header +2; header +2 DOB=2010-05-06 SEX=M ETHNIC=WIRI UPN=B123456789012; last.header +2")
    report = check_rules(this, last, known_postcodes=POSTCODES)
    clean = check_rules(*draw(), known_postcodes=POSTCODES)
    ran = report.summary["status"] != "skipped"
    assert ran.equals(clean.summary["status"] != "skipped")
    assert find(report, "INT32", "header")[1] == [2, 5, 6]
    for code in ("202", "203", "204", "208"):
        assert find(report, code, "header")[1] == [6], code


def test_fault_2_supported_accommodation_is_valid_in_2025_and_not_before():
    now, before = draw("episodes 2 PLACE=K3", 2025)[0], draw("episodes 2 PLACE=K3", 2024)[0]
    assert status(check_rules(now), "146") == "passed"
    assert find(check_rules(before), "146", "")[1] == [2]


def test_fault_3_the_new_codes_of_sex_are_no_change():
    this, last = draw()
    assert list(last.tables["header"]["SEX"]) == ["2", "1", "1"]
    assert list(this.tables["header"]["SEX"]) == ["F", "M", "M"]
    assert status(check_rules(this, last), "202") == "passed"


def test_fault_4_every_overlap_is_found_whichever_row_it_comes_from():
    inside = "episodes 2 DECOM=2024-05-01 DEC=2024-12-01 REC=E4A; episodes +2 DECOM=2024-06-01 DEC=2024-06-10; episodes +2 DECOM=2024-07-01 DEC=2024-07-10"
    assert find(check_rules(draw(inside)[0]), "501", "")[1] == [4, 5]


@given(st.lists(st.tuples(st.sampled_from("XY"), st.integers(0, 40), st.integers(1, 20)), min_size=1, max_size=8))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_overlaps_are_those_of_comparing_every_pair(spells):
    first = pd.Timestamp(2024, 4, 1)
    days = [
        (child, first + pd.Timedelta(days=start), first + pd.Timedelta(days=start + length))
        for child, start, length in spells
    ]
    edits = "; ".join(
        f"episodes +2 CHILD={child} DECOM={start.date()} DEC={end.date()} REC=E4A" for child, start, end in days
    )
    told = find(check_rules(draw(edits)[0], only=frozenset({"501"})), "501", "")[1]
    order = sorted(range(len(days)), key=lambda at: (days[at], at))
    wanted = [
        at + 4
        for place, at in enumerate(order)
        if any(days[other][0] == days[at][0] and days[other][2] > days[at][1] for other in order[:place])
    ]
    assert told == sorted(wanted)


@pytest.mark.parametrize(("code", "table"), [("REP01", "episodes"), ("REP02", "reviews"), ("REP03", "missing")])
def test_fault_7_repeated_rows_are_found(code, table):
    this, _ = draw(f"{table} +2; {table} aside repeat")
    told = find(check_rules(this), code, table)
    assert told[0]["rows_broken"] == 3
    assert 99 in told[1], "an exact repeat that was taken out before is told too"


# --- skipped and passed -------------------------------------------------------------------------------------------


def test_without_last_year_the_rules_between_years_are_skipped():
    this, _ = draw()
    told = check_rules(this).summary.set_index("code")
    assert told.loc["203", ["status", "reason_skipped"]].tolist() == [
        "skipped",
        "It needs the collection of the return year before, which was not given.",
    ]
    assert told.loc["501", ["status", "reason_skipped"]].tolist() == ["passed", ""]
    assert told.loc["203", "rows_checked"] == 0 < told.loc["501", "rows_checked"]


def test_a_collection_two_years_back_is_not_last_year():
    this, last = draw()
    assert status(check_rules(this, last._replace(return_year=2023)), "203") == "skipped"


def test_a_table_that_did_not_arrive_skips_its_rules_and_those_that_lean_on_it():
    this, _ = draw()
    del this.tables["header"]
    told = check_rules(this).summary.set_index("code")
    assert told.loc[["102", "302", "INT03"], "reason_skipped"].unique().tolist() == ["Table header did not arrive."]


def test_a_column_that_did_not_arrive_is_skipped_and_not_passed():
    this, _ = draw("episodes 2 URN=; episodes 3 URN=")
    this.tables["episodes"].attrs["absent"] = ("URN",)
    line, told = find(check_rules(this), "218", "")
    assert (line["status"], line["reason_skipped"], told) == (
        "skipped",
        "Column URN of table episodes did not arrive.",
        [],
    )


def test_a_rule_of_other_years_is_skipped():
    this, _ = draw()
    assert find(check_rules(this), "444", "")[0]["reason_skipped"] == "The rule holds from return year 2026."


def test_rows_that_were_set_aside_still_count_against_the_rule():
    this, _ = draw("header aside DOB")
    line, told = find(check_rules(this), "102", "")
    assert (line["status"], line["rows_checked"], told) == ("broken", 4, [99])


# --- nothing is changed, hidden or told of a child -------------------------------------------------------------------


def test_no_rule_changes_the_data():
    this, last = draw("header +2; episodes +2 DECOM=2024-06-01; missing +2 MIS_END=")
    before = copy.deepcopy((this.tables, last.tables))
    check_rules(this, last, known_postcodes=POSTCODES)
    for held, kept in zip((this.tables, last.tables), before, strict=True):
        for name in kept:
            pd.testing.assert_frame_equal(held[name], kept[name])


def test_the_order_of_rows_does_not_matter():
    this, last = draw(
        "header +2; episodes +2 DECOM=2024-06-01; episodes +2 DECOM=2024-05-01 DEC=2024-07-01 REC=X1; missing +2 MIS_END="
    )
    mixed = this._replace(tables={name: rows.iloc[::-1] for name, rows in this.tables.items()})
    told, again = (
        check_rules(one, last, known_postcodes=POSTCODES).rows.sort_values(ALL_LINES, ignore_index=True)
        for one in (this, mixed)
    )
    pd.testing.assert_frame_equal(told, again)


def test_a_rule_that_crashes_is_not_caught(monkeypatch):
    def crash(context, rule):
        raise IndexError("as the other validator does")

    monkeypatch.setitem(engine.CHECKS, "cell_is_blank", crash)
    with pytest.raises(IndexError, match="as the other validator does"):
        check_rules(draw()[0])


def test_a_rule_must_answer_for_every_row(monkeypatch):
    monkeypatch.setitem(engine.CHECKS, "cell_is_blank", lambda context, rule: pd.Series([True]))
    with pytest.raises(TypeError, match="one True or False for each row of header"):
        check_rules(draw()[0])


def test_the_lines_told_hold_no_identifier():
    report = check_rules(draw("header +2; header 2 SEX=X ETHNIC=")[0])
    assert list(report.rows) == ALL_LINES
    assert len(report.rows) == report.summary["rows_broken"].sum()
    assert list(report.summary) == [
        "code",
        "table",
        "severity",
        "status",
        "rows_checked",
        "rows_broken",
        "reason_skipped",
        "message",
    ]


@pytest.mark.parametrize("table", ["header", "episodes", "oc2", "oc3", "uasc", "missing", "reviews", "ad1"])
def test_a_table_without_rows_is_no_crash(table):
    this, last = draw(
        f"{table} -" + (f"; last.{table} -" if table in ("header", "episodes", "uasc", "missing") else "")
    )
    told = check_rules(this, last, known_postcodes=POSTCODES).summary
    assert set(told.loc[told["table"] == table, "status"]) == {"skipped"}


def test_rows_without_a_child_or_a_date_are_no_crash():
    this, last = draw(
        "header +2 CHILD=; episodes +2 CHILD= DECOM= DEC=; missing +2 CHILD= MIS_START=; last.episodes +2 CHILD= DECOM=; uasc +2 CHILD="
    )
    report = check_rules(this, last, known_postcodes=POSTCODES)
    assert find(report, "141", "")[1] == [4]
    assert find(report, "INT03", "")[1] == [4]
