"""Periods, placements and days from episodes: the same children give the same answer however their rows are cut."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from drawn import table
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.episodes import (
    days_in_care,
    in_same_placement_since,
    periods_of_care,
    placements,
    placements_in_year,
    with_periods,
)
from helpers.errors import ContractError

COLUMNS = [
    "CHILD", "DECOM", "RNE", "LS", "CIN", "PLACE", "PLACE_PROVIDER", "DEC", "REC", "REASON_PLACE_CHANGE",
    "HOME_POST", "PL_POST", "URN",
]  # fmt: skip
AFTER, TO = dt.date(2021, 3, 31), dt.date(2022, 3, 31)


def episodes(text: str) -> pd.DataFrame:
    drawn = table(text).reindex(columns=COLUMNS)
    return drawn.astype({c: "datetime64[us]" if c in ("DECOM", "DEC") else "str" for c in COLUMNS})


ONE_CHILD = """
| CHILD | DECOM      | RNE | LS | PLACE | PLACE_PROVIDER | DEC        | REC | PL_POST |
| A1    | 2021-04-01 | S   | V2 | U6    | PR1            | 2021-05-01 | X1  | BR1 3UH |
| A1    | 2021-05-01 | L   | C1 | U6    | PR1            | 2021-06-01 | X1  | BR1 3UH |
| A1    | 2021-06-01 | T   | C1 | T1    |                | 2021-06-08 | X1  | BR6 8ND |
| A1    | 2021-06-08 | T   | C1 | U6    | PR1            | 2021-07-01 | X1  | BR1 3UH |
| A1    | 2021-07-01 | B   | C2 | K2    | PR4            | 2021-09-01 | E4A | ME14 1XQ |
| A1    | 2021-11-01 | S   | C2 | U4    | PR1            |            |     | BR2 8HA |
"""


def test_what_each_episode_changes():
    found = with_periods(episodes(ONE_CHILD).iloc[::-1]).iloc[::-1]
    assert found["period"].tolist() == [1, 1, 1, 1, 1, 2]
    assert found["starts_period"].tolist() == [True, False, False, False, False, True]
    assert found["placement"].tolist() == [1, 1, 1, 1, 2, 1]
    assert found["placement_changed"].tolist() == [False, False, True, True, True, False]
    assert found["legal_status_changed"].tolist() == [False, True, False, False, True, False]
    assert found["same_carer"].fillna(False).tolist() == [False, True, False, False, False, False]
    assert found["gap_before"].fillna(-1).tolist() == [-1, 0, 0, 0, 0, 61]
    assert not found["overlaps"].any()
    # The hospital is not the carer's home, so T (same carer) is not what the columns say.
    assert found["rne_agrees"].tolist() == [True, True, False, False, True, True]


def test_periods_of_care():
    periods = periods_of_care(episodes(ONE_CHILD))
    assert periods["started_on"].tolist() == [pd.Timestamp("2021-04-01"), pd.Timestamp("2021-11-01")]
    assert periods["ended_on"].tolist() == [pd.Timestamp("2021-09-01"), pd.NaT]
    assert periods["reason_ceased"].fillna("open").tolist() == ["E4A", "open"]
    assert periods["episodes"].tolist() == [5, 1]
    assert periods["placements"].tolist() == [2, 1]
    assert periods["counts_to"].isna().all()


def test_temporary_stays_are_not_moves_and_legal_changes_are_not_either():
    assert placements_in_year(episodes(ONE_CHILD), AFTER, TO).to_dict() == {"A1": 3}


def test_days_count_from_the_first_to_the_day_before_the_last():
    """153 days from 1 April to 31 August, and 151 from 1 November to 31 March."""
    assert days_in_care(episodes(ONE_CHILD), AFTER, TO).to_dict() == {"A1": 153 + 151}
    assert days_in_care(episodes(ONE_CHILD), dt.date(2021, 8, 30), dt.date(2021, 9, 30)).to_dict() == {"A1": 1}
    assert days_in_care(episodes(ONE_CHILD), dt.date(2021, 8, 31), dt.date(2021, 9, 30)).empty


def test_short_breaks_are_kept_apart():
    rows = episodes(
        """
        | CHILD | DECOM      | RNE | LS | PLACE | DEC        | REC | PL_POST |
        | A1    | 2021-04-03 | S   | V3 | U6    | 2021-04-06 | E8  | BR1 3UH |
        | A1    | 2021-05-03 | S   | V4 | U6    |            |     | BR1 3UH |
        | A1    | 2021-06-01 | S   | C2 | U4    | 2021-06-11 | E4A | BR2 8HA |
        | A2    | 2021-04-03 | S   | V3 | U6    | 2021-04-06 | E8  | BR1 3UH |
        """
    )
    periods = periods_of_care(rows)
    assert periods["kind"].tolist() == ["care", "short breaks", "short breaks", "short breaks"]
    assert periods["short_breaks_only"].tolist() == [False, True, True, True]
    assert periods["period"].tolist() == [1, 1, 2, 1]
    assert days_in_care(rows, AFTER, TO).to_dict() == {"A1": 10}
    assert placements_in_year(rows, AFTER, TO).to_dict() == {"A1": 1}
    assert in_same_placement_since(rows, TO).empty
    assert with_periods(rows)["overlaps"].tolist() == [False, False, True, False], "of either kind"


def test_one_long_episode_and_two_short_ones_inside_it_are_two_overlaps():
    """A published validator compares with the row before only, and reports one of the two (measured by the project)."""
    rows = episodes(
        """
        | CHILD | DECOM      | RNE | LS | PLACE | DEC        | REC |
        | A1    | 2021-04-01 | S   | C2 | U6    | 2022-01-01 | E4A |
        | A1    | 2021-05-01 | P   | C2 | K2    | 2021-06-01 | X1  |
        | A1    | 2021-07-01 | P   | C2 | U4    | 2021-08-01 | X1  |
        """
    )
    found = with_periods(rows)
    assert found["overlaps"].tolist() == [False, True, True]
    assert found["period_id"].tolist() == [1, 1, 1]
    assert periods_of_care(rows)["reason_ceased"].tolist() == ["E4A"], "of the episode that ends last"
    assert days_in_care(rows, AFTER, TO).to_dict() == {"A1": 275}, "each day once"


@pytest.mark.parametrize(
    ("before", "now", "rne", "same", "agrees", "number"),
    [
        # PLACE, provider, postcode, URN of the placement before and of this one; what the columns tell
        ("U6 PR1 BR13UH", "U4 PR1 BR13UH", "T", True, True, 1),  # becomes long term with the same carer
        ("U6 PR1 BR13UH", "U4 PR1 BR13UH", "P", True, False, 1),
        ("U6 PR1 BR13UH", "U6 PR1 BR28HA", "P", None, None, 2),  # another home: another carer, or a carer who moved
        ("U6 PR1 BR13UH", "U6 PR1 BR28HA", "T", None, None, 1),
        ("U6 PR1 BR13UH", "U6 PR4 BR28HA", "P", False, True, 2),
        ("U6 PR1 BR13UH", "K2 PR4 ME141XQ", "P", False, True, 2),
        ("U6 PR1 BR13UH", "K2 PR4 ME141XQ", "L", False, False, 2),  # the columns win
        ("K2 PR4 . 1234567", "K2 PR4 . 1234567", "P", True, False, 1),
        ("K2 PR4 . 1234567", "K2 PR4 . 7654321", "P", False, True, 2),
        ("K2 PR4 . 1234567", "K2 PR4 . XXXXXXX", "P", None, None, 2),  # a URN that is not known yet tells nothing
        ("U6 PR1 .", "U6 PR1 .", "P", None, None, 2),  # no address: RNE decides
        ("U6 PR1 .", "U6 PR1 .", "T", None, None, 1),
        ("U5 PR1 BR13UH", "A5 PR1 .", "T", True, True, 1),  # the foster carer adopts
        ("U6 PR1 BR13UH", "A6 PR1 .", "P", False, True, 2),
    ],
)
def test_whether_the_carer_is_the_same_is_told_from_the_columns(before, now, rne, same, agrees, number):
    def row(cells, **others):
        place, provider, post, urn = [*cells.split(), "."][:4] if len(cells.split()) == 3 else cells.split()
        told = {"PLACE": place, "PLACE_PROVIDER": provider, "PL_POST": post, "URN": urn}
        return {"CHILD": "A1", "LS": "C2"} | {k: v if v != "." else None for k, v in told.items()} | others

    rows = pd.DataFrame(
        [
            row(before, DECOM="2021-04-01", RNE="S", DEC="2021-06-01", REC="X1"),
            row(now, DECOM="2021-06-01", RNE=rne, DEC=None, REC=None),
        ]
    ).reindex(columns=COLUMNS)
    rows = rows.astype({c: "datetime64[us]" if c in ("DECOM", "DEC") else "str" for c in COLUMNS})
    found = with_periods(rows).iloc[1]
    assert (None if pd.isna(found["same_carer"]) else found["same_carer"]) == same
    assert (None if pd.isna(found["rne_agrees"]) else found["rne_agrees"]) == agrees
    assert found["placement"] == number


@pytest.mark.parametrize(
    ("place", "rne", "same_since", "stable_since"),
    [
        ("A3", "T", "2018-01-01", "2018-01-01"),  # with the current foster carer: one placement
        ("A5", "T", "2018-01-01", "2018-01-01"),
        ("A6", "P", "2021-06-01", "2018-01-01"),  # with others: counted together with the one before
        ("K2", "P", "2021-06-01", "2021-06-01"),
    ],
)
def test_an_adoptive_placement_is_counted_together_with_the_one_before(place, rne, same_since, stable_since):
    rows = episodes(
        f"""
        | CHILD | DECOM      | RNE  | LS | PLACE   | PLACE_PROVIDER | DEC        | REC | PL_POST |
        | A1    | 2016-01-01 | S    | C2 | K2      | PR4            | 2018-01-01 | X1  | ME14 1XQ |
        | A1    | 2018-01-01 | P    | C2 | U5      | PR1            | 2021-06-01 | X1  | BR1 3UH |
        | A1    | 2021-06-01 | {rne} | C2 | {place} | PR1            | 2022-03-01 | X1  |         |
        | A1    | 2022-03-01 | T    | C2 | T1      |                |            |     |         |
        """
    )
    since = in_same_placement_since(rows, TO)
    assert since.loc["A1", "in_care_since"] == pd.Timestamp("2016-01-01")
    assert since.loc["A1", "same_placement_since"] == pd.Timestamp(same_since)
    assert since.loc["A1", "stable_since"] == pd.Timestamp(stable_since)


def test_an_end_that_is_not_told_counts_to_the_last_day_known():
    rows = episodes(
        """
        | CHILD | DECOM      | RNE | LS | PLACE | DEC | REC |
        | A1    | 2021-03-01 | S   | C2 | U6    |     |     |
        """
    ).assign(told_on=pd.Timestamp("2021-04-10"), end_not_told=True)
    period = periods_of_care(rows).iloc[0]
    assert pd.isna(period["ended_on"]) and period["counts_to"] == pd.Timestamp("2021-04-10")
    assert days_in_care(rows, AFTER, TO).to_dict() == {"A1": 10}
    assert in_same_placement_since(rows, TO).empty
    assert len(in_same_placement_since(rows, dt.date(2021, 4, 10))) == 1


def test_no_rows_give_no_rows():
    none = episodes(ONE_CHILD).iloc[:0]
    assert with_periods(none).empty and periods_of_care(none).empty and placements(none).empty
    assert placements_in_year(none, AFTER, TO).empty and days_in_care(none, AFTER, TO).empty
    assert in_same_placement_since(none, TO).empty


def test_a_row_without_child_or_first_day_is_refused():
    with pytest.raises(ContractError, match="CHILD: 6 rows are blank"):
        with_periods(episodes(ONE_CHILD).assign(CHILD=None))


def test_going_back_after_a_temporary_stay_is_no_move_though_no_address_tells_so():
    """RNE of the last row tells of the stay in hospital, not of the placement before it."""
    rows = episodes(
        """
        | CHILD | DECOM      | RNE | LS | PLACE | PLACE_PROVIDER | DEC        | REC |
        | A1    | 2021-04-01 | S   | C2 | U6    | PR1            | 2021-06-01 | X1  |
        | A1    | 2021-06-01 | P   | C2 | T1    |                | 2021-06-08 | X1  |
        | A1    | 2021-06-08 | P   | C2 | U6    | PR1            |            |     |
        """
    )
    assert with_periods(rows)["placement"].tolist() == [1, 1, 1]


@settings(deadline=None, max_examples=10)
@given(st.permutations(range(3)))
def test_rows_of_the_same_days_have_one_order_too(order):
    rows = episodes(
        """
        | CHILD | DECOM      | RNE | LS | PLACE | PLACE_PROVIDER | DEC        | REC | PL_POST |
        | A1    | 2021-04-01 | S   | C2 | U6    | PR1            | 2021-06-01 | X1  | BR1 3UH |
        | A1    | 2021-04-01 | S   | C1 | K2    | PR4            | 2021-06-01 | E4A |         |
        | A1    | 2021-04-01 | P   | C2 | U4    | PR4            | 2021-06-01 | E8  | BR2 8HA |
        """
    )
    mixed = rows.iloc[list(order)]
    assert_alike(summary(rows), summary(mixed))
    pd.testing.assert_frame_equal(with_periods(mixed).sort_index(), with_periods(rows))


# --- properties ---------------------------------------------------------------------------------------------------

PLACES = ["U4", "U5", "U6", "K2", "P1", "T1", "A3", "A4", "A5", "A6", "R1", "H5"]
STAY = st.fixed_dictionaries(
    {
        "days": st.integers(2, 400),
        "gap": st.sampled_from([0, 0, 0, 30]),
        "LS": st.sampled_from(["C1", "V2", "V3"]),
        "RNE": st.sampled_from(list("SLPTBU")),
        "PLACE": st.sampled_from(PLACES),
        "PLACE_PROVIDER": st.sampled_from(["PR1", "PR4"]),
        "PL_POST": st.sampled_from(["BR1 3UH", "BR2 8HA", None]),
        "URN": st.sampled_from(["1234567", "XXXXXXX", None]),
    }
)
CHILDREN = st.lists(st.tuples(st.lists(STAY, min_size=1, max_size=6), st.booleans()), min_size=1, max_size=3)


def history(children) -> pd.DataFrame:
    """Write stays, each after the one before, as episodes; the last may be open."""
    rows = []
    for number, (stays, is_open) in enumerate(children):
        day = pd.Timestamp("2019-01-01")
        for stay in stays:
            day += pd.Timedelta(days=stay["gap"])
            end = day + pd.Timedelta(days=stay["days"])
            told = {key: value for key, value in stay.items() if key not in ("days", "gap")}
            rows.append({"CHILD": f"A{number}", "DECOM": day, "DEC": end, "REC": "X1", **told})
            day = end
        if is_open:
            rows[-1] |= {"DEC": pd.NaT, "REC": None}
    drawn = pd.DataFrame(rows).reindex(columns=COLUMNS)
    return drawn.astype({c: "datetime64[us]" if c in ("DECOM", "DEC") else "str" for c in COLUMNS})


def split(rows: pd.DataFrame, at: int, after: int) -> pd.DataFrame:
    """Cut one episode in two at a change of legal status, as a return tells it."""
    rows = rows.reset_index(drop=True)
    first, second = rows.loc[at].copy(), rows.loc[at].copy()
    longest = 400 if pd.isna(first["DEC"]) else (first["DEC"] - first["DECOM"]).days - 1
    day = first["DECOM"] + pd.Timedelta(days=1 + after % longest)
    first[["DEC", "REC"]] = [day, "X1"]
    second[["DECOM", "RNE"]] = [day, "L"]
    second["LS"] = {"C1": "C2", "V2": "C1", "V3": "V4"}[first["LS"]]
    both = pd.DataFrame([first, second]).astype(rows.dtypes)
    return pd.concat([rows.drop(index=at), both], ignore_index=True)


def summary(rows: pd.DataFrame) -> dict[str, object]:
    """All that a split and a change of order must leave alone."""
    periods = periods_of_care(rows).drop(columns="episodes")
    return {
        "periods": periods,
        "placements": placements(rows),
        "in_year": placements_in_year(rows, AFTER, TO),
        "days": days_in_care(rows, AFTER, TO),
        "since": in_same_placement_since(rows, TO),
    }


def assert_alike(one: dict[str, object], other: dict[str, object]) -> None:
    for name, expected in one.items():
        compare = pd.testing.assert_series_equal if isinstance(expected, pd.Series) else pd.testing.assert_frame_equal
        compare(other[name], expected)


@settings(deadline=None, max_examples=25)
@given(CHILDREN, st.integers(0, 100), st.integers(0, 1000))
def test_a_legal_change_within_an_episode_changes_no_period_placement_or_day(children, at, after):
    whole = history(children)
    cut = split(whole, at % len(whole), after)
    assert_alike(summary(whole), summary(cut))
    assert with_periods(cut)["starts_period"].sum() == with_periods(whole)["starts_period"].sum()


@settings(deadline=None, max_examples=25)
@given(CHILDREN, st.randoms(use_true_random=False), st.integers(0, 3))
def test_the_order_of_rows_never_matters(children, random, shift):
    rows = history(children)
    # Overlaps and rows with the same first day too: every so many rows start when the one before does.
    rows.loc[rows.index % (shift + 2) == 1, "DECOM"] = rows["DECOM"].shift().fillna(rows["DECOM"])
    order = list(range(len(rows)))
    random.shuffle(order)
    mixed = rows.iloc[order]
    assert_alike(summary(rows), summary(mixed))
    found, expected = with_periods(mixed), with_periods(rows)
    assert found.index.equals(mixed.index)
    pd.testing.assert_frame_equal(found.sort_index(), expected)


@settings(deadline=None, max_examples=25)
@given(CHILDREN, st.integers(0, 3))
def test_days_and_overlaps_are_those_of_counting_one_by_one(children, shift):
    rows = history(children)
    rows.loc[rows.index % (shift + 2) == 1, "DECOM"] = rows["DECOM"].shift().fillna(rows["DECOM"])
    days = pd.date_range(pd.Timestamp(AFTER) + pd.Timedelta(days=1), pd.Timestamp(TO))
    counted, overlaps = {}, []
    for child, own in rows.groupby("CHILD"):
        care = own[own["LS"] != "V3"]
        told = [((care["DECOM"] <= day) & ~(care["DEC"] <= day)).any() for day in days]
        if any(told):
            counted[child] = sum(told)
        own = own.assign(end=own["DEC"].fillna(pd.Timestamp("2100-01-01"))).sort_values(["DECOM", "end"])
        overlaps += [
            bool((own["end"].iloc[:at] > own["DECOM"].iloc[at]).any()) if at else False for at in range(len(own))
        ]
    assert days_in_care(rows, AFTER, TO).to_dict() == counted
    assert with_periods(rows)["overlaps"].sum() == np.sum(overlaps)
