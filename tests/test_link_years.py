"""Several years of one borough: the later telling counts, nothing is deleted, every change is in the log."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn import table
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.errors import ContractError
from helpers.link_years import ENDED_SINCE, NOT_FILLED, NOT_TOLD_AGAIN, SUPERSEDED, link_episodes, link_headers

FIRST, SECOND, THIRD = (dt.date(year, 3, 31) for year in (2021, 2022, 2023))
COLUMNS = [
    "CHILD", "DECOM", "RNE", "LS", "CIN", "PLACE", "PLACE_PROVIDER", "DEC", "REC", "REASON_PLACE_CHANGE",
    "HOME_POST", "PL_POST", "URN",
]  # fmt: skip
DATES = ["DECOM", "DEC", "DOB"]


def typed(text: str, columns=COLUMNS) -> pd.DataFrame:
    """A drawn table with the official columns and types, and where each row stands in its file."""
    drawn = table(text)
    drawn = drawn.reindex(columns=list(columns))
    if "SEX" in drawn:
        drawn["SEX"] = drawn["SEX"].map(lambda code: str(int(code)) if isinstance(code, float) else code)
    for column in drawn:
        drawn[column] = drawn[column].astype("datetime64[us]" if column in DATES else "str")
    return drawn.assign(_file="rows.csv", _row=np.arange(2, len(drawn) + 2))


LAST_YEAR = """
| CHILD | DECOM      | RNE | LS | CIN | PLACE | DEC        | REC | PL_POST |
| A1    | 2020-05-01 | S   | V2 | N1  | U6    |            |     | BR1 3UH |
| A2    | 2019-06-01 | S   | C2 | N1  | K2    | 2021-01-10 | E4A | BR2 8HA |
| A3    | 2020-07-01 | S   | C2 | N1  | K2    |            |     | BR2 8HA |
| A4    | 2020-08-01 | S   | C2 | N1  | K2    |            |     | BR2 8HA |
"""
THIS_YEAR = """
| CHILD | DECOM      | RNE | LS | CIN | PLACE | DEC        | REC | PL_POST |
| A1    | 2020-05-01 | S   | V2 | N1  | U4    | 2021-09-01 | E4A | BR1 3UJ |
| A4    | 2020-09-01 | S   | C2 | N1  | K2    |            |     | BR2 8HA |
"""


@pytest.fixture
def linked():
    return link_episodes([(SECOND, typed(THIS_YEAR)), (FIRST, typed(LAST_YEAR))])


def test_the_later_telling_counts_and_nothing_is_deleted(linked):
    rows = linked.rows.set_index(["CHILD", "DECOM"])
    assert len(rows) == 5
    assert rows.loc[("A1", "2020-05-01"), "PLACE"] == "U4"
    assert rows.loc[("A1", "2020-05-01"), "told_on"] == pd.Timestamp(SECOND)
    assert rows.loc[("A2", "2019-06-01"), "told_on"] == pd.Timestamp(FIRST)


def test_no_end_date_or_code_is_made_up(linked):
    rows = linked.rows.set_index(["CHILD", "DECOM"])
    lost = rows.loc[("A3", "2020-07-01")]
    assert pd.isna(lost["DEC"]) and pd.isna(lost["REC"]) and lost["end_not_told"] and not lost["superseded"]
    assert set(linked.rows["REC"].dropna()) <= {"E4A"}


def test_an_open_episode_of_the_latest_collection_is_not_lost(linked):
    assert linked.rows["end_not_told"].tolist() == [False, False, True, True, False]


def test_an_episode_that_a_later_collection_overlaps_is_marked(linked):
    """The first day of A4's care was put right: the later return tells 1 September, the earlier one 1 August."""
    assert linked.rows.loc[linked.rows["superseded"], ["CHILD", "DECOM"]].to_numpy().tolist() == [
        ["A4", pd.Timestamp("2020-08-01")]
    ]


def test_every_change_is_logged_with_its_place(linked):
    log = linked.log
    corrected = log[log["column"] == "PLACE"].iloc[0]
    assert corrected[["period", "file", "row", "from_period", "found", "put"]].tolist() == [
        "2022-03-31", "rows.csv", 2, "2021-03-31", "U6", "U4",
    ]  # fmt: skip
    ended = log[log["why"] == ENDED_SINCE]
    assert set(ended["column"]) == {"DEC", "REC"}
    assert ended.set_index("column")["put"].to_dict() == {"DEC": "2021-09-01", "REC": "E4A"}
    assert log.loc[log["why"] == NOT_TOLD_AGAIN, "row"].tolist() == [4, 5]
    assert log.loc[log["why"] == SUPERSEDED, "row"].tolist() == [5]
    assert len(log) == 7


def test_identifiers_and_addresses_are_never_in_the_log(linked):
    text = linked.log.to_csv()
    assert "BR1" not in text and "BR2" not in text
    assert not any(child in text for child in ("A1", "A2", "A3", "A4"))
    assert (linked.log["column"] == "PL_POST").any(), "that the address changed is told"


def test_a_column_that_did_not_arrive_takes_nothing_away():
    later = typed(THIS_YEAR).assign(PL_POST=pd.Series([None, None], dtype="str"))
    later.attrs["absent"] = ("PL_POST",)
    linked = link_episodes([(FIRST, typed(LAST_YEAR)), (SECOND, later)])
    assert linked.rows.set_index(["CHILD", "DECOM"]).loc[("A1", "2020-05-01"), "PL_POST"] == "BR1 3UH"
    assert not (linked.log["column"] == "PL_POST").any()


def test_a_telling_that_is_itself_overlapped_supersedes_nothing():
    """2022 told a second start by mistake; 2023 takes it back. The first year's row stands."""
    base = "| CHILD | DECOM | RNE | LS | CIN | PLACE | DEC | REC |\n"
    one = typed(base + "| A1 | 2020-04-01 | S | C2 | N1 | K2 | 2020-10-01 | X1 |")
    two = typed(base + "| A1 | 2020-09-01 | S | C2 | N1 | K2 | 2022-02-01 | X1 |")
    three = typed(base + "| A1 | 2020-10-01 | P | C2 | N1 | U6 | 2022-06-01 | E4A |")
    linked = link_episodes([(FIRST, one), (SECOND, two), (THIRD, three)])
    assert linked.rows.set_index("DECOM")["superseded"].to_dict() == {
        pd.Timestamp("2020-04-01"): False,
        pd.Timestamp("2020-09-01"): True,
        pd.Timestamp("2020-10-01"): False,
    }


EPISODE = st.tuples(st.sampled_from("AB"), st.integers(0, 1000), st.one_of(st.none(), st.integers(0, 400)))


@settings(deadline=None)
@given(st.lists(st.lists(EPISODE, max_size=6, unique_by=lambda one: one[:2]), min_size=1, max_size=4))
def test_overlaps_are_those_that_comparing_every_pair_finds(collections):
    frames = []
    for year, rows in enumerate(collections):
        starts = pd.to_datetime("2018-01-01") + pd.to_timedelta([start for _, start, _ in rows], unit="D")
        lengths = pd.to_timedelta([length for _, _, length in rows], unit="D")
        frame = pd.DataFrame({"CHILD": [child for child, _, _ in rows], "DECOM": starts, "DEC": starts + lengths})
        frame = frame.astype({"CHILD": "str", "DECOM": "datetime64[us]", "DEC": "datetime64[us]"})
        frames.append((dt.date(2020 + year, 3, 31), frame.assign(_file="rows.csv", _row=range(2, len(rows) + 2))))
    rows = link_episodes(frames).rows
    end = rows["DEC"].mask(rows["end_not_told"], rows["told_on"]).fillna(pd.Timestamp("2100-01-01"))
    rows["end"] = end.where(end >= rows["DECOM"], rows["DECOM"])
    expected = pd.Series(False, index=rows.index)
    for at in rows.sort_values("told_on", ascending=False, kind="stable").index:
        row = rows.loc[at]
        later = rows[(rows["CHILD"] == row["CHILD"]) & (rows["told_on"] > row["told_on"]) & ~expected]
        expected[at] = ((later["DECOM"] < row["end"]) & (later["end"] > row["DECOM"])).any()
    assert rows["superseded"].tolist() == expected.tolist()


def test_the_order_of_rows_and_tables_never_matters():
    last, this = typed(LAST_YEAR), typed(THIS_YEAR)
    expected = link_episodes([(FIRST, last), (SECOND, this)])
    assert len(last) == 4

    @settings(max_examples=30, deadline=None)
    @given(st.permutations(range(4)), st.permutations([0, 1]))
    def in_this_order(order, tables):
        told = [(FIRST, last.iloc[list(order)]), (SECOND, this)]
        found = link_episodes([told[at] for at in tables])
        pd.testing.assert_frame_equal(found.rows, expected.rows)
        pd.testing.assert_frame_equal(found.log, expected.log)

    in_this_order()


@pytest.mark.parametrize("tables", [[], [FIRST, FIRST]])
def test_each_collection_is_told_once(tables):
    with pytest.raises(ContractError, match="one table for each collection"):
        link_episodes([(day, typed(LAST_YEAR)) for day in tables])


def test_a_row_without_its_first_day_is_refused_without_naming_the_child():
    rows = typed(LAST_YEAR).assign(DECOM=pd.Series([pd.NaT] * 4, dtype="datetime64[us]"))
    with pytest.raises(ContractError, match="DECOM: 4 rows are blank") as refused:
        link_episodes([(FIRST, rows)])
    assert "A1" not in str(refused.value)


def collections_of(borough: Path, name: str) -> list[tuple[dt.date, pd.DataFrame]]:
    told = []
    for file in sorted(borough.glob(f"*/*{name}.csv")):
        rows = pd.read_csv(file, dtype=str, keep_default_na=False).replace("", None)
        dates = {c: pd.to_datetime(rows[c], format="%d/%m/%Y").astype("datetime64[us]") for c in DATES if c in rows}
        rows = rows.assign(**dates, _file=file.name, _row=range(2, len(rows) + 2))
        told.append((dt.date.fromisoformat(file.parent.name), rows))
    return told


def test_where_nothing_conflicts_linking_is_keeping_the_last_telling(made_up_folder):
    """The made-up boroughs' years agree with each other: what is left is one row per child and first day."""
    boroughs = sorted(path for path in (made_up_folder / "returns").iterdir() if path.is_dir())
    assert boroughs
    for borough in boroughs:
        told = collections_of(borough, "episodes")
        assert len(told) > 1
        linked = link_episodes(told)
        stacked = pd.concat([rows.assign(told_on=pd.Timestamp(day)) for day, rows in told], ignore_index=True)
        last = stacked.drop_duplicates(["CHILD", "DECOM"], keep="last").sort_values(
            ["CHILD", "DECOM"], ignore_index=True
        )
        columns = [*COLUMNS, "told_on"]
        pd.testing.assert_frame_equal(linked.rows[columns], last[columns], check_dtype=False)


def test_nothing_of_a_sample_is_lost(shared):
    """Two years of a sample that nobody here wrote: every telling is the one that counts, or was told again."""
    told = []
    for year in (2022, 2023):
        rows = pd.read_csv(shared / f"returns/samples/synthesizer/synth_1000/{year}/episodes.csv", dtype="str")
        dates = {"DECOM": "%d/%m/%Y", "DEC": "%d/%m/%Y"}
        for column, form in dates.items():
            days = rows[column].str.replace(r"/(\d\d)$", r"/20\1", regex=True)
            rows[column] = pd.to_datetime(days, format=form).astype("datetime64[us]")
        told.append((dt.date(year, 3, 31), rows.assign(_file="episodes.csv", _row=range(2, len(rows) + 2))))
    linked = link_episodes(told)
    (_, before), (_, after) = told
    number = [rows.groupby(["CHILD", "DECOM"]).cumcount() for rows in (before, after)]
    keys = [
        set(zip(rows["CHILD"], rows["DECOM"], at, strict=True))
        for rows, at in zip((before, after), number, strict=True)
    ]
    assert len(linked.rows) == len(keys[0] | keys[1]) == len(before) + len(after) - len(keys[0] & keys[1])
    still_open = before["DEC"].isna()
    again = pd.Series([key in keys[1] for key in zip(before["CHILD"], before["DECOM"], number[0], strict=True)])
    assert linked.rows["end_not_told"].sum() == (still_open & ~again).sum() > 0
    assert (linked.log["why"] == NOT_TOLD_AGAIN).sum() == linked.rows["end_not_told"].sum()
    assert (linked.log["why"] == SUPERSEDED).sum() == linked.rows["superseded"].sum() > 0
    assert len(linked.rows[linked.rows["told_on"] == pd.Timestamp(2023, 3, 31)]) == len(after)


HEADERS = ["CHILD", "SEX", "DOB", "ETHNIC", "UPN", "MOTHER", "MC_DOB"]


def test_children_take_the_later_value_and_the_log_keeps_birth_dates_to_itself():
    before = typed(
        """
        | CHILD | SEX | DOB        | ETHNIC |
        | A1    | 1   | 2010-02-14 | NOBT   |
        | A2    | 2   | 2006-03-31 | BAFR   |
        | A3    | 2   | 2007-03-31 | WBRI   |
        """,
        HEADERS,
    )
    after = typed(
        """
        | CHILD | SEX | DOB        | ETHNIC |
        | A1    | M   | 2010-02-15 | WBRI   |
        | A2    | M   | 2006-03-31 |        |
        """,
        HEADERS,
    )
    linked = link_headers([(FIRST, before), (SECOND, after)])
    assert linked.rows["CHILD"].tolist() == ["A1", "A2", "A3"]
    assert linked.rows["ETHNIC"].tolist() == ["WBRI", "BAFR", "WBRI"]
    assert linked.rows["DOB"].iloc[0] == pd.Timestamp("2010-02-15")
    log = linked.log.set_index(["row", "column"])
    assert log.loc[(2, "DOB"), ["found", "put"]].tolist() == ["", ""]
    assert log.loc[(2, "ETHNIC"), ["found", "put"]].tolist() == ["NOBT", "WBRI"]
    assert log.loc[(3, "SEX"), ["found", "put"]].tolist() == ["Female", "Male"]
    assert log.loc[(3, "ETHNIC"), "why"] == NOT_FILLED
    assert (2, "SEX") not in log.index, "1 and M are one sex"
    assert len(log) == 4
    assert "2010" not in linked.log.drop(columns=["period", "from_period"]).to_csv()
