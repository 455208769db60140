"""How rules are run: skipped and passed look different, nothing is changed or hidden, and nothing makes a rule crash."""

import copy
import datetime as dt
import os
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_rules_catalogue import BOROUGH, COLUMNS, DATES, NUMBERS, SET_ASIDE, SPEC, Drawn, draw, find

from helpers.codes import load_codelist
from helpers.rules import check_rules, engine, load_rules
from helpers.rules.engine import NO_BOROUGH, NOT_31_MARCH

ALL_LINES = ["code", "table", "file", "row"]
EXAMPLES = int(os.environ.get("BRIEFINGS_EXAMPLES", "25"))


def status(report, code: str, table: str = "") -> str:
    return find(report, code, table)[0]["status"]


def reason(report, code: str) -> str:
    return find(report, code, "")[0]["reason_skipped"]


# --- any collection whatever: no rule crashes, no table changes, and the report adds up ---------------------------

DAYS = ["1990-02-28", "2006-03-31", "2008-02-29", "2010-05-05", "2017-08-31", "2020-02-02", "2023-04-01", "2024-03-31",
        "2024-04-01", "2024-06-01", "2024-06-02", "2025-03-31", "2025-04-01", "2026-06-01", "2043-05-05"]  # fmt: skip
POOLS = {
    "identifier": ["A", "B", "C", "D", "0017"],
    "postcode": ["BR1 3UH", "SW1A 1AA", "CF10 4UW", "BT1 5GS", "ZZ99 3VZ", "nope", ""],
    "text": ["XXXXXXX", "SC00001", "SW1", "305", "text"],
    "dropped": ["A123456789012", "UN1", "UN4", "UN9", "b"],
    "date": DAYS,
    "flag": [0.0, 1.0],
    "number": [0.0, 1.0, 2.0, 7.5, 41.0, -1.0],
    "decimal": [0.0, 14.2, 29.9],
}
SHAPE = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 2**32 - 1),
        "rows": st.lists(st.integers(0, 6), min_size=len(COLUMNS), max_size=len(COLUMNS)),
        "blank": st.sampled_from([0.0, 0.3, 0.9]),
        "repeats": st.booleans(),
        "gone_tables": st.sets(st.sampled_from(sorted(COLUMNS))),
        "gone_columns": st.sets(st.sampled_from(sorted({*SPEC["column"]} - {"CHILD"})), max_size=12),
        "absent_columns": st.sets(st.sampled_from(sorted({*SPEC["column"]} - {"CHILD"})), max_size=12),
        "header_says": st.booleans(),
    }
)


def column_of(random: np.random.Generator, kind: str, codelist: str, size: int, blank: float) -> pd.Series:
    """A typed column of random cells, some of them blank."""
    pool = [*load_codelist(codelist)["code"], "??"] if kind == "code" else POOLS[kind]
    cells = pd.Series(np.array(pool, dtype=object)[random.integers(0, len(pool), size)], dtype=object)
    cells = cells.mask(random.random(size) < blank)
    if kind == "date":
        return pd.to_datetime(cells).astype("datetime64[us]")
    return cells.astype("float64" if kind in ("flag", "number", "decimal") else "str")


def random_collection(shape: dict, period: dt.date, return_year: int) -> Drawn:
    """A small collection as the typed tables have it, with what goes wrong in returns: all of it at once."""
    random, tables = np.random.default_rng(shape["seed"]), {}
    for (table, spec), size in zip(SPEC.groupby("table", sort=False), shape["rows"], strict=True):
        if table in shape["gone_tables"]:
            continue
        frame = pd.DataFrame(
            {one.column: column_of(random, one.kind, one.codelist, size, shape["blank"]) for one in spec.itertuples()}
        )
        if table == "header" and shape["header_says"]:
            frame["UASC"] = column_of(random, "flag", "", size, 0.3)
        if shape["repeats"]:
            frame = pd.concat([frame, frame.iloc[:2]], ignore_index=True)
        absent = [column for column in frame if column in shape["absent_columns"]]
        frame[absent] = frame[absent].mask(np.ones((len(frame), len(absent)), dtype=bool))
        frame = frame.drop(columns=[column for column in frame if column in shape["gone_columns"]])
        frame = frame.assign(_file=pd.Series([f"{table}.csv"] * len(frame), dtype="str"), _row=range(2, len(frame) + 2))
        frame.attrs["absent"] = tuple(absent)
        tables[table] = frame
    gone = [[period.isoformat(), "header.csv", "header", 98, "DOB", "set aside", "102", "why"],
            [period.isoformat(), "reviews.csv", "reviews", 99, "", "exact repeat", "AGAIN", "why"]]  # fmt: skip
    return Drawn(period, return_year, tables, pd.DataFrame(gone, columns=SET_ASIDE))


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(this=SHAPE, last=st.none() | SHAPE, year=st.sampled_from([2018, 2024, 2025, 2028]), in_year=st.booleans())
def test_whatever_arrives_no_rule_crashes_changes_a_table_or_tells_two_stories(this, last, year, in_year):
    own = random_collection(this, dt.date(year - 1, 9, 30) if in_year else dt.date(year, 3, 31), year)
    before = last and random_collection(last, dt.date(year - 1, 3, 31), year - 1)
    held = [one for one in (own, before) if one]
    kept = copy.deepcopy([(one.tables, one.set_aside) for one in held])
    report = check_rules(own, before, borough_code=BOROUGH)
    for one, (tables, set_aside) in zip(held, kept, strict=True):
        assert list(one.tables) == list(tables)
        for name in tables:
            pd.testing.assert_frame_equal(one.tables[name], tables[name], check_exact=True)
            assert one.tables[name].attrs == tables[name].attrs
        pd.testing.assert_frame_equal(one.set_aside, set_aside, check_exact=True)
    summary = report.summary
    assert summary["code"].tolist() == [rule.code for rule in load_rules()], "each rule is told, once"
    assert ((summary["reason_skipped"] != "") == (summary["status"] == "skipped")).all()
    assert ((summary["rows_broken"] > 0) == (summary["status"] == "broken")).all()
    assert (summary["rows_broken"] <= summary["rows_checked"]).all()
    lines = report.rows.groupby(["code", "table"]).size()
    broken = summary[summary["status"] == "broken"].set_index(["code", "table"])["rows_broken"]
    assert lines.to_dict() == broken.to_dict()
    assert not report.rows.duplicated().any()


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
    assert reason(check_rules(this), "444") == "The rule holds from return year 2026."


def test_without_the_borough_only_what_lies_in_it_is_skipped():
    told = check_rules(*draw("episodes 2 PL_POST=CF10_4UW"))
    assert reason(told, "503J") == NO_BOROUGH
    assert [status(told, code) for code in ("503G", "503H", "392c")] == ["broken", "broken", "passed"]


def test_what_asks_about_31_march_is_skipped_in_a_collection_of_another_day():
    this, _ = draw()
    told = check_rules(this._replace(period=dt.date(2024, 12, 31)))
    assert {reason(told, code) for code in ("190", "191", "186", "542")} == {NOT_31_MARCH}
    assert status(told, "180") == "passed"


def test_rows_that_were_set_aside_still_count_against_the_rule():
    this, _ = draw("header aside DOB")
    line, told = find(check_rules(this), "102", "")
    assert (line["status"], line["rows_checked"], told) == ("broken", 4, [99])


class WithAside(NamedTuple):
    """A collection that also says of which children rows were set aside, as clean.Collection may."""

    period: dt.date
    return_year: int
    tables: dict[str, pd.DataFrame]
    set_aside: pd.DataFrame
    children_aside: dict[str, tuple[str, ...]]


@pytest.mark.parametrize(
    ("code", "table", "edits"),
    [
        ("INT03", "header", "header 2 CHILD=Q"),
        ("EPI", "oc3", "oc3 -"),
        ("601", "ad1", "ad1 2 CHILD=A"),
        ("551", "placed_adoption", "placed_adoption 2 CHILD=A"),
        ("191", "oc2", "oc2 2 CHILD=D"),
        ("SW01", "social_worker", "social_worker 2 CHILD=D"),
    ],
)
def test_a_row_that_could_not_be_read_is_not_a_row_that_is_missing(code, table, edits):
    this, _ = draw(edits)
    assert status(check_rules(this, only=frozenset({code})), code) == "broken"
    children = ("A", "D", "L")
    told = check_rules(WithAside(*this, {table: children}), only=frozenset({code}))
    assert status(told, code) == "passed"


# --- what no column holds is derived: the status of a child, and where a postcode lies ------------------------------


def test_in_the_csv_layout_a_row_in_the_uasc_table_is_the_status():
    """No header says it there, so no such child lacks it, and the rules run."""
    told = check_rules(*draw("uasc +2 CHILD=D DUC=2038-02-02; last.uasc +2 CHILD=D DUC=2038-02-02"))
    assert [status(told, code) for code in ("303", "205C")] == ["passed", "passed"]


def test_in_the_xml_layout_the_header_says_the_status_and_counts_before_the_table():
    this, last = draw("header 2 UASC=0; header 3 UASC=1; last.header 2 UASC=0; uasc +2 CHILD=D; last.uasc +2 CHILD=D")
    told = check_rules(this, last)
    assert [find(told, code, "")[1] for code in ("303", "205C")] == [[2], [2]]


def test_where_neither_says_the_status_the_rule_is_skipped():
    this, _ = draw("uasc aside DUC")
    del this.tables["uasc"]
    told = check_rules(this, only=frozenset({"303", "205A"}))
    assert reason(told, "303") == "Table uasc did not arrive."
    this, last = draw()
    del last.tables["uasc"]
    assert (
        reason(check_rules(this, last), "205C") == "Neither table uasc nor column UASC of header of last year arrived."
    )


def test_an_authority_made_anew_between_two_years_is_no_move():
    """Taunton was in the county of Somerset until 31 March 2023, and in Somerset Council's area since."""
    edits = "episodes 2 PL_POST=TA1_4DY; last.episodes 2 PL_POST=TA1_4DY"
    assert status(check_rules(*draw(edits, 2024)), "503H") == "passed"


def test_rules_that_do_not_ask_for_postcodes_look_none_up(monkeypatch):
    def refuse(*_):
        raise AssertionError("the directory was opened")

    monkeypatch.setattr("helpers.rules.context.locate", refuse)
    this, last = draw()
    asks = frozenset({"392c", "218", "230", "503G", "503H", "503J", "A820"})
    check_rules(this, last, borough_code=BOROUGH, only=frozenset(rule.code for rule in load_rules()) - asks)


# --- nothing is hidden or told of a child ------------------------------------------------------------------------------


def test_no_rule_changes_the_data():
    this, last = draw("header +2; episodes +2 DECOM=2024-06-01; missing +2 MIS_END=")
    before = copy.deepcopy((this.tables, last.tables))
    check_rules(this, last, borough_code=BOROUGH)
    for held, kept in zip((this.tables, last.tables), before, strict=True):
        for name in kept:
            pd.testing.assert_frame_equal(held[name], kept[name])


def test_the_order_of_rows_does_not_matter():
    this, last = draw(
        "header +2; episodes +2 DECOM=2024-06-01; episodes +2 DECOM=2024-05-01 DEC=2024-07-01 REC=X1; missing +2 MIS_END="
    )
    mixed = this._replace(tables={name: rows.iloc[::-1] for name, rows in this.tables.items()})
    told, again = (
        check_rules(one, last, borough_code=BOROUGH).rows.sort_values(ALL_LINES, ignore_index=True)
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


def test_rules_see_numbers_in_the_place_of_identifiers(monkeypatch):
    seen = []
    monkeypatch.setitem(
        engine.CHECKS, "child_is_not_in", lambda context, rule: seen.append(context.rows_of(rule.table)["CHILD"].dtype)
    )
    with pytest.raises(AttributeError):
        check_rules(draw()[0])
    assert seen == [np.dtype("float64")]


@pytest.mark.parametrize("table", sorted({"header", "episodes"} | {rule.table for rule in load_rules()} - {"dolo"}))
def test_a_table_without_rows_is_no_crash_and_its_rules_are_skipped(table):
    if table.startswith("previous."):
        edits = f"last.{table.removeprefix('previous.')} -"
    else:
        edits = f"{table} -" + (f"; last.{table} -" if table in ("header", "episodes", "uasc", "missing") else "")
    told = check_rules(*draw(edits), borough_code=BOROUGH).summary
    assert set(told.loc[told["table"] == table, "status"]) == {"skipped"}


def test_rows_without_a_child_or_a_date_are_no_crash():
    this, last = draw(
        "header +2 CHILD=; episodes +2 CHILD= DECOM= DEC=; missing +2 CHILD= MIS_START=; last.episodes +2 CHILD= DECOM=; uasc +2 CHILD="
    )
    report = check_rules(this, last, borough_code=BOROUGH)
    assert find(report, "141", "")[1] == [4]
    assert find(report, "INT03", "")[1] == [4]


def test_a_child_who_is_not_named_is_not_taken_for_another_who_is_not():
    """Blank and blank are not one child: no rule may find the partner of a row without a child."""
    edits = "header +2 CHILD= UPN=; episodes +2 CHILD= REC=E2; oc3 +2 CHILD=; ad1 +2 CHILD= DATE_INT=2023-08-05"
    report = check_rules(draw(edits)[0])
    assert find(report, "442", "")[1] == []
    assert find(report, "1000", "")[1] == []
    assert find(report, "523", "")[1] == []


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


@given(
    st.lists(st.tuples(st.sampled_from("XY"), st.integers(0, 30), st.integers(0, 9)), max_size=6),
    st.tuples(st.sampled_from("XYZ"), st.integers(0, 45)),
)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_a_day_is_outside_care_as_looking_through_the_episodes_says(spells, review):
    """The lookup by running maximum against one episode after the other; a child without episodes is another rule's."""
    first = pd.Timestamp(2024, 4, 1)
    edits = [
        f"episodes +2 CHILD={child} DECOM={(first + pd.Timedelta(days=start)).date()} "
        f"DEC={(first + pd.Timedelta(days=start + length)).date()}"
        for child, start, length in spells
    ]
    child, day = review
    edits.append(f"reviews 2 CHILD={child} REVIEW={(first + pd.Timedelta(days=day)).date()}")
    told = find(check_rules(draw("; ".join(edits))[0], only=frozenset({"REV03"})), "REV03", "")[1]
    own = [(start, start + length) for name, start, length in spells if name == child]
    assert told == ([2] if own and not any(start <= day <= end for start, end in own) else [])


def test_kinds_of_columns_are_those_of_the_layout():
    """The random collections above cover every kind that the layout has."""
    assert set(SPEC["kind"]) == {*POOLS, "code"}
    assert {"DOB", "DECOM"} <= DATES
    assert "SDQ_SCORE" in NUMBERS
