"""Returns in, typed tables out: every row is kept, set aside with its reason, or an exact repeat."""

import datetime as dt

import pandas as pd
import pytest
from drawn import write_return
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.clean import age_on, clean_returns, return_year
from helpers.errors import InputError
from helpers.read.returns import UNKNOWN, find_collections, read_collection, read_collections

HEADER = """
| CHILD | SEX | DOB        | ETHNIC | UPN | MOTHER | MC_DOB |
| A1    | 1   | 14/02/2010 | WBRI   | UN1 |        |        |
| A2    | 2   | 31/03/2006 | BAFR   | UN1 |        |        |
"""
EPISODES = """
| CHILD | DECOM      | RNE | LS | CIN | PLACE | PLACE_PROVIDER | DEC        | REC | REASON_PLACE_CHANGE | HOME_POST | PL_POST | URN |
| A1    | 01/05/2020 | S   | V2 | N1  | U6    | PR1            |            |     |                     |           |         |     |
| A2    | 01/06/2019 | S   | C2 | N1  | K2    | PR4            | 10/01/2021 | E4A |                     |           |         |     |
"""


def clean(folder, borough_code="E09000002"):
    files = read_collection(folder, dt.date.fromisoformat(folder.name))
    return clean_returns(files, borough_code=borough_code, secret=b"a secret of the test")


@pytest.fixture
def collection(tmp_path):
    folder = tmp_path / "2021-03-31"
    write_return(folder, header=HEADER, episodes=EPISODES)
    return folder


def test_a_clean_return_is_kept_whole(collection):
    cleaned = clean(collection)
    assert len(cleaned.children) == 2
    assert len(cleaned.episodes) == 2
    assert cleaned.set_aside.empty
    assert cleaned.files[["rows_read", "rows_kept"]].to_numpy().tolist() == [[2, 2], [2, 2]]


def test_identifiers_are_keyed_hashes(collection):
    files = read_collection(collection, dt.date(2021, 3, 31))
    one = clean_returns(files, borough_code="E09000002", secret=b"one").children["child_id"]
    other = clean_returns(files, borough_code="E09000002", secret=b"other").children["child_id"]
    assert one.str.fullmatch("[0-9a-f]{16}").all()
    assert not set(one) & set(other)
    assert not set(one) & {"A1", "A2"}


def test_birth_dates_are_cut_to_the_month_after_ages_are_known(collection):
    cleaned = clean(collection)
    assert (cleaned.children["birth_month"].dt.day == 1).all()
    assert sorted(cleaned.episodes["age_at_start"]) == [10, 13]


@pytest.mark.parametrize(
    ("table", "find", "put", "column", "code", "rule"),
    [
        ("episodes", "01/05/2020", "31/02/2020", "DECOM", "141", "not a date"),
        ("episodes", "01/05/2020", "05-2020", "DECOM", "141", "not a date"),
        ("episodes", "01/05/2020", "", "DECOM", "141", "must be filled"),
        ("episodes", "V2", "ZZ", "LS", "144", "legal_status"),
        ("episodes", "10/01/2021", "10/01/2018", "DEC", "356", "ends before it starts"),
        ("episodes", "01/05/2020", "01/05/2021", "DECOM", "354", "after the last day of the collection"),
        ("header", "WBRI", "WXYZ", "ETHNIC", "103", "ethnicity"),
        ("header", "14/02/2010", "14/02/2031", "DOB", "301", "after the last day of the collection"),
    ],
)
def test_a_row_that_cannot_be_used_is_set_aside_with_its_rule(collection, table, find, put, column, code, rule):
    text = {"header": HEADER, "episodes": EPISODES}[table].replace(find, put.ljust(len(find)))
    write_return(collection, **{table: text})
    aside = clean(collection).set_aside.query("table == @table")
    assert aside[["column", "code"]].iloc[0].tolist() == [column, code]
    assert rule in aside["rule"].iloc[0]
    assert not aside.astype(str).apply(lambda cells: cells.str.contains("A1|A2")).any().any(), "an identifier is told"


def test_episodes_without_a_header_are_set_aside(collection):
    write_return(collection, header=HEADER.replace("| A2 ", "| A9 "))
    cleaned = clean(collection)
    assert cleaned.set_aside[["column", "code"]].to_numpy().tolist() == [["CHILD", "INT03"]]
    assert len(cleaned.episodes) == 1


def test_exact_repeats_are_counted_apart(collection):
    lines = EPISODES.strip().splitlines()
    write_return(collection, episodes="\n".join([*lines, lines[-1]]))
    cleaned = clean(collection)
    row = cleaned.files.set_index("table").loc["episodes"]
    assert (row["rows_read"], row["rows_kept"], row["rows_set_aside"], row["rows_repeated"]) == (3, 2, 0, 1)


def test_of_two_episodes_that_start_on_one_day_the_one_with_an_end_is_kept(collection):
    lines = EPISODES.strip().splitlines()
    write_return(
        collection, episodes="\n".join([*lines, lines[2].replace("10/01/2021", "          ").replace("E4A", "   ")])
    )
    cleaned = clean(collection)
    assert len(cleaned.episodes) == 2
    assert cleaned.episodes["ended_on"].notna().sum() == 1
    assert cleaned.set_aside["code"].tolist() == ["REP01"]
    assert "with an end date was kept" in cleaned.set_aside["rule"].iloc[0]


def test_iso_dates_and_codes_in_lower_case_are_read(collection):
    write_return(collection, episodes=EPISODES.replace("01/05/2020", "2020-05-01").replace("| V2", "| v2"))
    episodes = clean(collection).episodes
    assert pd.Timestamp(2020, 5, 1) in set(episodes["started_on"])
    assert "V2" in set(episodes["legal_status_code"])


def test_a_table_that_is_not_read_yet_is_told_and_not_lost(collection):
    write_return(collection, wishes="| CHILD | DOB | WISH |\n| A1 | 14/02/2010 | a bicycle |")
    row = clean(collection).files.set_index("table").loc[UNKNOWN]
    assert (row["rows_read"], row["rows_kept"], row["rows_set_aside"]) == (1, 0, 1)


def test_the_later_year_wins_for_an_episode_told_twice(tmp_path):
    write_return(tmp_path / "bromley" / "2021-03-31", header=HEADER, episodes=EPISODES)
    closed = EPISODES.replace("PR1            |            |     ", "PR1            | 02/07/2021 | E4A ")
    write_return(tmp_path / "bromley" / "2022-03-31", header=HEADER, episodes=closed)
    files = read_collections(tmp_path, "Bromley")
    episodes = clean_returns(files, borough_code="E09000006", secret=b"s").episodes
    told = episodes.set_index("started_on").loc[pd.Timestamp(2020, 5, 1)]
    assert told["ended_on"] == pd.Timestamp(2021, 7, 2)
    assert told["told_on"] == pd.Timestamp(2022, 3, 31)


def test_a_folder_that_is_no_borough_is_refused_in_words(tmp_path):
    write_return(tmp_path / "bromly" / "2021-03-31", header=HEADER)
    with pytest.raises(InputError, match="not named for a borough"):
        find_collections(tmp_path)


def test_a_line_with_too_many_cells_is_set_aside_and_the_others_are_kept(collection):
    with (collection / "header.csv").open("a", encoding="utf-8") as file:
        file.write("A3,1,01/01/2010,WBRI,UN1,,,,\n")
    cleaned = clean(collection)
    assert cleaned.set_aside[["file", "row"]].to_numpy().tolist() == [["header.csv", 4]]
    assert "7 cells of the header" in cleaned.set_aside["rule"].iloc[0]
    assert len(cleaned.children) == 2


def test_ages_change_on_the_birthday_and_on_1_march_for_29_february():
    births = pd.Series(pd.to_datetime(["2010-03-31", "2010-04-01", "2008-02-29", "2008-02-29", "2022-01-01"]))
    days = pd.Series(pd.to_datetime(["2021-03-31", "2021-03-31", "2021-02-28", "2021-03-01", "2021-03-31"]))
    assert age_on(births, days).fillna(-1).tolist() == [11, 10, 12, 13, -1]


@pytest.mark.parametrize(
    ("day", "year"), [("2021-03-31", 2021), ("2021-04-01", 2022), ("2022-06-30", 2023), ("2022-01-31", 2022)]
)
def test_a_day_belongs_to_the_return_of_the_next_31_march(day, year):
    assert return_year(dt.date.fromisoformat(day)) == year


CELLS = st.sampled_from(["", "A1", "A2", "1", "WBRI", "14/02/2010", "2010-13-01", "01/05/2020", "zz", "0", "É"])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(rows=st.lists(st.lists(CELLS, min_size=13, max_size=13), max_size=6))
def test_rows_always_add_up_whatever_the_cells(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("mutated") / "2021-03-31"
    text = EPISODES.strip() + "".join("\n| " + " | ".join(row) + " |" for row in rows)
    write_return(folder, header=HEADER, episodes=text)
    files = clean(folder).files  # the contract itself checks that the sum holds
    assert files["rows_read"].sum() == 4 + sum(any(row) for row in rows)
