"""Wider ages: numbers and bases are added, nothing hidden is told, and the wider band is known wherever ages are read."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from drawn import table
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.codes import age_order, load_codelist, wider_ages
from helpers.compare.group_shares import groups_in_care
from helpers.disclosure.collapsing import collapse_ages
from helpers.errors import ContractError
from helpers.population import in_wider_ages
from helpers.schemas import Counts, Population, check, columns_of
from helpers.wording import BANNED
from helpers.wording.words import group_words

FOUR = wider_ages("four")
BANDS = load_codelist("age_bands")["label"].tolist()
DAY = dt.date(2022, 3, 31)


def counts_of(text):
    rows = table(text)
    every = {name: "All" for name in ("category", "ethnic_group", "gender") if name not in rows}
    rows = rows.assign(
        **every, borough_code="E09000006", borough="Bromley", period_end=pd.Timestamp(DAY), period_type="snapshot",
        unit="children", source="Return", release="Return of 2022",
    )  # fmt: skip
    rows = rows.astype({"numerator": float, "denominator": float})
    return check(rows[columns_of(Counts)], Counts, source="drawn")


def numbers_of(counts):
    told = counts[["indicator", "age_band", "numerator", "denominator"]].astype(object)
    told = told.where(told.notna(), None)
    return {(row.indicator, row.age_band): (row.numerator, row.denominator) for row in told.itertuples()}


STOCK = """
    | indicator | age_band    | numerator | denominator | status |
    | cla_total | All         | 60        |             | shown  |
    | cla_total | Under 1     | 4         | 60          | shown  |
    | cla_total | 1 to 4      | 11        | 60          | shown  |
    | cla_total | 5 to 9      | 15        | 60          | shown  |
    | cla_total | 10 to 15    | 20        | 60          | shown  |
    | cla_total | 16 and over | 10        | 60          | shown  |
"""


def test_numbers_of_two_bands_are_added_and_parts_of_everyone_stay_parts_of_everyone():
    found = collapse_ages(counts_of(STOCK), FOUR)
    assert numbers_of(found) == {
        ("cla_total", "All"): (60, None),
        ("cla_total", "0 to 4"): (15, 60),
        ("cla_total", "5 to 9"): (15, 60),
        ("cla_total", "10 to 15"): (20, 60),
        ("cla_total", "16 and over"): (10, 60),
    }
    assert found["age_band"].tolist() == ["All", "0 to 4", "5 to 9", "10 to 15", "16 and over"]
    check(found, Counts, source="collapsed")


def test_bases_of_bands_that_have_their_own_are_added_even_where_they_are_the_same():
    found = collapse_ages(
        counts_of("""
            | indicator     | age_band | numerator | denominator | status |
            | cla_offending | All      | 9         | 40          | shown  |
            | cla_offending | Under 1  | 2         | 10          | shown  |
            | cla_offending | 1 to 4   | 3         | 10          | shown  |
            | cla_offending | 5 to 9   | 4         | 20          | shown  |
        """),
        FOUR,
    )
    assert numbers_of(found)["cla_offending", "0 to 4"] == (5, 20)


@pytest.mark.parametrize("status", ["suppressed", "not_available", "not_applicable"])
def test_where_a_number_of_a_band_is_not_told_neither_is_the_sum(status):
    text = STOCK.replace("| 4         | 60          | shown  |", f"|           | 60          | {status}  |")
    found = collapse_ages(counts_of(text), FOUR).set_index("age_band").loc["0 to 4"]
    assert np.isnan(found["numerator"])
    assert found["status"] == status


def test_a_sum_with_a_provisional_number_is_provisional():
    text = STOCK.replace("| 11        | 60          | shown  |", "| 11        | 60          | provisional |")
    found = collapse_ages(counts_of(text), FOUR).set_index("age_band").loc["0 to 4"]
    assert (found["numerator"], found["status"]) == (15, "provisional")


def test_a_band_without_a_row_is_of_nobody():
    text = "\n".join(line for line in STOCK.splitlines() if "Under 1" not in line)
    assert numbers_of(collapse_ages(counts_of(text), FOUR))["cla_total", "0 to 4"] == (11, 60)


def test_bands_that_would_be_in_two_wider_ones_or_beside_one_are_refused():
    with pytest.raises(ContractError, match="two wider bands"):
        collapse_ages(counts_of(STOCK), FOUR | wider_ages("two"))
    both = pd.concat([counts_of(STOCK), collapse_ages(counts_of(STOCK), FOUR)]).drop_duplicates()
    with pytest.raises(ContractError, match="beside the bands"):
        collapse_ages(both, FOUR)


@st.composite
def breakdowns(draw):
    lines = []
    for sex in draw(st.sampled_from([("All",), ("Male", "Female")])):
        for band in BANDS:
            number, more = draw(st.integers(0, 30)), draw(st.integers(0, 9))
            status = draw(st.sampled_from(["shown", "shown", "suppressed"]))
            lines.append(("cla_pep", sex, band, number if status == "shown" else None, number + more, status))
    names = ["indicator", "gender", "age_band", "numerator", "denominator", "status"]
    frame = pd.DataFrame(lines, columns=names).assign(
        category="All", ethnic_group="All", borough_code="E09000006", borough="Bromley", period_end=pd.Timestamp(DAY),
        period_type="snapshot", unit="children", source="Return", release="Return of 2022",
    )  # fmt: skip
    return check(frame[columns_of(Counts)], Counts, source="drawn")


@given(breakdowns(), st.sampled_from(["four", "two"]))
@settings(max_examples=15, deadline=None)
def test_every_wider_band_is_the_sum_of_its_bands_and_no_child_is_lost(counts, name):
    bands = wider_ages(name)
    found = collapse_ages(counts, bands)
    check(found, Counts, source="collapsed")
    assert found["denominator"].sum() == counts["denominator"].sum()
    for row in found.to_dict("records"):
        parts = bands.get(row["age_band"], [row["age_band"]])
        own = counts[counts["age_band"].isin(parts) & (counts["gender"] == row["gender"])]
        assert row["denominator"] == own["denominator"].sum()
        assert row["status"] == ("shown" if own["numerator"].notna().all() else "suppressed")
        assert np.isnan(row["numerator"]) or row["numerator"] == own["numerator"].sum()


def test_a_table_without_ages_is_as_it_was():
    counts = counts_of(STOCK).query("age_band == 'All'")
    pd.testing.assert_frame_equal(collapse_ages(counts, FOUR), counts)


# --- wherever ages are read -------------------------------------------------------------------------------------------


def test_a_wider_band_stands_before_the_bands_that_it_is_made_of():
    order = age_order()
    assert [age for age in order if age in BANDS] == BANDS
    for name in ("four", "two"):
        for wider, parts in wider_ages(name).items():
            assert all(order.index(wider) < order.index(part) for part in parts)


def test_the_list_says_the_ages_of_each_wider_band():
    bands = load_codelist("age_bands").set_index("label")
    for row in load_codelist("wider_ages").itertuples():
        parts = bands.loc[row.of.split("|")].astype(int)
        assert (int(row.age_from), int(row.age_to)) == (parts["age_from"].min(), parts["age_to"].max())


def test_children_in_care_of_a_wider_band_are_laid_beside_all_local_children_of_those_ages():
    counts = collapse_ages(counts_of(STOCK), FOUR)
    groups = groups_in_care(counts, "cla_total", "age_band", borough="Bromley", as_at=DAY)
    assert groups.set_index("group")["count"].to_dict() == {
        "0 to 4": 15,
        "5 to 9": 15,
        "10 to 15": 20,
        "16 and over": 10,
    }
    local = pd.DataFrame({"age_band": BANDS, "children": [10.0, 40.0, 50.0, 60.0, 20.0]}).assign(
        borough_code="E09000006", year=2021, ethnic_group="All", gender="All", age_from=0, age_to=17, share_error=0.0,
        source="ONS",
    )[columns_of(Population)]  # fmt: skip
    wider = in_wider_ages(local, groups["group"])
    assert wider.set_index("age_band")["children"].to_dict() == {
        "0 to 4": 50,
        "5 to 9": 50,
        "10 to 15": 60,
        "16 and over": 20,
    }
    pd.testing.assert_frame_equal(in_wider_ages(local, BANDS), local)


def test_ages_that_are_not_made_wider_are_compared_as_before():
    groups = groups_in_care(counts_of(STOCK), "cla_total", "age_band", borough="Bromley", as_at=DAY)
    assert groups["group"].tolist() == BANDS


@pytest.mark.parametrize(
    ("age", "words"),
    [("0 to 4", "Children aged 0 to 4"), ("Under 10", "Children under 10"), ("10 and over", "Children aged 10 and over"),
     ("Under 1", "Babies under 1")],
)  # fmt: skip
def test_a_wider_band_has_words(age, words):
    assert group_words("age_band", age, age) == words
    assert not [rule for rule in BANNED if rule in words]
