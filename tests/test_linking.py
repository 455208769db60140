"""All tables of all collections of a borough as one history, with nothing in it that names a child or a home."""

import datetime as dt
import re

import pandas as pd
import pytest
from drawn import write_return

from helpers.clean import OTHERS, clean_returns
from helpers.codes import load_codelist
from helpers.read.returns import read_collections
from helpers.schemas import columns_of

CHILD, BORN, HOME, PLACED, UPN, WORKER = "X7711", "14/02/2010", "SW1A 2AA", "RM10 7BN", "A123456789012", "SW987654"
FIRST = {
    "header": f"""
        | CHILD   | SEX | DOB    | ETHNIC | UPN   | MOTHER | MC_DOB     |
        | {CHILD} | 2   | {BORN} | NOBT   | {UPN} | 1      | 03/03/2022 |""",
    "episodes": f"""
        | CHILD   | DECOM      | RNE | LS | CIN | PLACE | PLACE_PROVIDER | DEC | REC | REASON_PLACE_CHANGE | HOME_POST | PL_POST  | URN     |
        | {CHILD} | 01/05/2021 | S   | V2 | N1  | U6    | PR1            |     |     |                     | {HOME}    | {PLACED} | SC12345 |""",
    "reviews": f"""
        | CHILD   | DOB    | REVIEW     | REVIEW_CODE |
        | {CHILD} | {BORN} | 01/06/2021 | PN1         |""",
    "uasc": f"""
        | CHILD   | SEX | DOB    | DUC        |
        | {CHILD} | 2   | {BORN} | 14/02/2028 |""",
    "ad1": f"""
        | CHILD   | DOB    | DATE_INT   | DATE_MATCH | FOSTER_CARE | NB_ADOPTR | SEX_ADOPTR | LS_ADOPTR |
        | {CHILD} | {BORN} | 01/08/2021 |            | 0           | 2         | MF         | L11       |""",
    "placed": f"""
        | CHILD   | DOB    | DATE_PLACED | DATE_PLACED_CEASED | REASON_PLACED_CEASED |
        | {CHILD} | {BORN} | 01/08/2021  |                    |                      |""",
    "prev": f"""
        | CHILD   | DOB    | PREV_PERM | LA_PERM | DATE_PERM |
        | {CHILD} | {BORN} | Z1        |         |           |""",
    "missing": f"""
        | CHILD   | DOB    | MISSING | MIS_START  | MIS_END |
        | {CHILD} | {BORN} | M       | 02/01/2022 |         |""",
    "sw": f"""
        | CHILD   | DOB    | SW_ID    | SW_DECOM   | SW_DEC | SW_REASON |
        | {CHILD} | {BORN} | {WORKER} | 01/05/2021 |        | MANAGE    |""",
    "dolo": f"""
        | CHILD   | DOB    | DOLO_START | DOLO_END |
        | {CHILD} | {BORN} | 01/02/2022 |          |""",
    "plans": f"""
        | CHILD   | PEP_DUE    | PEP_DATE | PEP_QUALITY |
        | {CHILD} | 01/12/2021 |          | good        |""",
}


@pytest.fixture
def returns(tmp_path):
    write_return(tmp_path / "bromley" / "2022-03-31", **FIRST)
    return tmp_path


def clean(folder):
    return clean_returns(read_collections(folder, "Bromley"), borough_code="E09000006", secret=b"a secret of the test")


def tables_of(cleaned):
    parts = cleaned._asdict()
    return {**parts.pop("others"), **parts}


def test_every_column_of_every_table_says_what_becomes_of_it():
    spec, kept = load_codelist("ssda903_tables"), load_codelist("cleaned_columns")
    assert spec[["table", "column"]].to_numpy().tolist() == kept[["table", "column"]].to_numpy().tolist()
    personal = kept[(spec["personal"] == "yes").to_numpy()]
    assert set(personal["how"]) <= {"dropped", "hash", "month", "district", "whole years"}


def test_the_kept_columns_are_those_of_the_contracts():
    listed = load_codelist("cleaned_tables").set_index("name")
    kept = load_codelist("cleaned_columns").query("how != 'dropped'")
    assert set(OTHERS) <= set(listed.index)
    for name, contract in OTHERS.items():
        own = kept.loc[kept["table"] == listed.loc[name, "table"], "name"]
        assert sorted([*own, "told_on"]) == sorted(columns_of(contract)), name


def test_nothing_that_is_kept_names_a_child_a_home_or_a_worker(returns):
    cleaned = clean(returns)
    assert len(cleaned.others) == 8
    for name, rows in tables_of(cleaned).items():
        cells = " ".join(map(str, rows.to_numpy().ravel()))
        for secret in (CHILD, UPN, WORKER, HOME, PLACED, "1A 2AA", "SC12345", "2010-02-14", BORN):
            assert secret not in cells, (name, secret)
    assert cleaned.children["birth_month"].tolist() == [pd.Timestamp(2010, 2, 1)]
    assert cleaned.children["own_child_born_month"].tolist() == [pd.Timestamp(2022, 3, 1)]
    assert cleaned.others["social_workers"]["social_worker_id"].str.fullmatch("[0-9a-f]{16}").all()


def test_distance_and_borough_are_worked_out_before_postcodes_are_cut(returns):
    (episode,) = clean(returns).episodes.itertuples()
    assert (episode.home_district, episode.placement_district) == ("SW1A", "RM10")
    assert 10 < episode.distance_miles < 16, "Downing Street to Dagenham"
    assert (episode.placement_authority_code, episode.in_borough) == ("E09000002", "out")


def test_a_withheld_postcode_has_no_distance_and_is_neither_in_nor_out(returns):
    folder = returns / "bromley" / "2022-03-31"
    write_return(folder, episodes=FIRST["episodes"].replace(PLACED, " " * len(PLACED)))
    (episode,) = clean(returns).episodes.itertuples()
    assert pd.isna(episode.distance_miles)
    assert pd.isna(episode.in_borough)


def test_a_table_that_did_not_arrive_is_not_a_table_without_rows(returns):
    folder = returns / "bromley" / "2022-03-31"
    (folder / "missing.csv").write_text("CHILD,DOB,MISSING,MIS_START,MIS_END\n", encoding="utf-8")
    (folder / "reviews.csv").unlink()
    others = clean(returns).others
    assert others["missing_spells"].empty
    assert "reviews" not in others


def test_what_a_later_collection_tells_of_the_same_event_counts_and_is_logged(returns):
    later = {name: FIRST[name] for name in ("episodes", "uasc")}
    header = FIRST["header"].replace("NOBT", "WBRI")
    spell = FIRST["missing"].replace("02/01/2022 |         ", "02/01/2022 | 05/01/2022")
    write_return(returns / "bromley" / "2023-03-31", header=header, missing=spell, **later)
    cleaned = clean(returns)
    (spell,) = cleaned.others["missing_spells"].itertuples()
    assert (spell.ended_on, spell.told_on) == (pd.Timestamp(2022, 1, 5), pd.Timestamp(2023, 3, 31))
    assert cleaned.children["ethnicity_code"].tolist() == ["WBRI"]
    log = cleaned.corrections.set_index(["table", "column"])
    assert log.loc[("header", "ETHNIC"), ["found", "put"]].tolist() == ["NOBT", "WBRI"]
    assert log.loc[("missing", "MIS_END"), "put"] == "2022-01-05"
    assert cleaned.others["reviews"]["told_on"].tolist() == [pd.Timestamp(2022, 3, 31)], "told once, kept"


def test_an_episode_that_a_later_return_contradicts_is_set_aside_with_its_rule(returns):
    moved = FIRST["episodes"].replace("01/05/2021", "03/05/2021")
    write_return(returns / "bromley" / "2023-03-31", header=FIRST["header"], episodes=moved)
    cleaned = clean(returns)
    assert cleaned.episodes["started_on"].tolist() == [pd.Timestamp(2021, 5, 3)]
    assert cleaned.set_aside[["period", "table", "code"]].to_numpy().tolist() == [["2022-03-31", "episodes", "LATER"]]
    files = cleaned.files.query("table == 'episodes'").set_index("period")
    assert files.loc["2022-03-31", ["rows_read", "rows_kept", "rows_set_aside"]].tolist() == [1, 0, 1]


def test_each_annex_a_list_stays_as_its_collection_told_it(returns):
    columns = load_codelist("ssda903_tables").query("table == 'annex_a_9'")["header"]
    row = dict.fromkeys(columns, "") | {
        "Child Unique ID": CHILD, "Gender": "b) Female", "Ethnicity": "a) WBRI", "Date of Birth": "14/02/2004",
        "Eligibility Category": "Former relevant child", "LA in Touch": "a) Yes",
    }  # fmt: skip
    for period in ("2022-03-31", "2023-03-31"):
        quoted = [[f'"{cell}"' if "," in cell else cell for cell in cells] for cells in (row, row.values())]
        text = "\n".join(f"| {' | '.join(cells)} |" for cells in quoted)
        write_return(returns / "bromley" / period, list9=text)
    write_return(returns / "bromley" / "2023-03-31", header=FIRST["header"])
    leavers = clean(returns).others["annex_a_care_leavers"]
    assert leavers["told_on"].dt.year.tolist() == [2022, 2023]
    assert set(leavers["in_touch_code"]) == {"YES"}
    assert set(leavers["gender"]) == {"Female"}


def test_rows_of_two_years_are_all_accounted_for_whatever_contradicts(made_up_folder):
    cleaned = clean(made_up_folder / "returns")
    files = cleaned.files
    told = files["rows_kept"] + files["rows_set_aside"] + files["rows_repeated"]
    assert (files["rows_read"] == told).all()
    assert len(cleaned.set_aside) == files[["rows_set_aside", "rows_repeated"]].sum().sum()
    assert re.fullmatch(r"\d{4}-03-31|2022-06-30", files["period"].max())
    assert max(map(dt.date.fromisoformat, files["period"])) == dt.date(2022, 6, 30)
