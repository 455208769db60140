"""A borough beside other places: nobody is compared with themselves, and no position comes without a test."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from helpers import page_parts as parts
from helpers.compare import compare_places
from helpers.counts import add_rates, gather, release_counts

BOROUGH, CODE = "Barking and Dagenham", "E09000002"
DAY = dt.date(2024, 3, 31)
AREAS = {BOROUGH: CODE, "London": "E12000007", "England": "E92000001"}
PLACES = {"Enfield": "E09000010", "Hounslow": "E09000018", "Ealing": "E09000009", "Brent": "E09000005"}


def cell(borough, events, base, indicator="cla_rate_per_10000", *, day=DAY, status="shown", **more):
    """Draw one figure of a table of counts."""
    is_rate = indicator.endswith("per_10000")
    row = {
        "borough_code": (AREAS | PLACES)[borough],
        "borough": borough,
        "period_end": pd.Timestamp(day),
        "period_type": "snapshot",
        "indicator": indicator,
        "category": "All",
        "ethnic_group": "All",
        "gender": "All",
        "age_band": "All",
        "numerator": float(events) if status == "shown" else np.nan,
        "denominator": float(base),
        "unit": "children per 10,000" if is_rate else "children",
        "source": "drawn",
        "release": "drawn",
        "status": status,
    }
    return row | more


def released(*rows, in_care=400):
    table = pd.DataFrame([*rows, cell(BOROUGH, in_care, np.nan, "cla_total")])
    return table.assign(value=np.nan, lower=np.nan, upper=np.nan, unit_of_value="")


def neighbours_of(*names):
    return pd.DataFrame(
        {
            "borough_code": CODE,
            "borough": BOROUGH,
            "rank": range(1, len(names) + 1),
            "neighbour_code": [(AREAS | PLACES)[name] for name in names],
            "neighbour": names,
            "closeness": "Close",
            "model": "2025",
        }
    )


def compared(table, published=None, neighbours=None):
    return compare_places(table, published, neighbours, borough=BOROUGH, as_at=DAY)


def test_london_is_told_without_the_borough():
    row = compared(released(cell(BOROUGH, 400, 60_000), cell("London", 9_900, 1_900_000))).iloc[0]
    assert row["comparator"] == f"London without {BOROUGH}"
    assert (row["comparator_events"], row["comparator_base"]) == (9_500, 1_840_000)
    assert row["ratio"] == pytest.approx((400 / 60_000) / (9_500 / 1_840_000))
    assert row["position"] == "higher"
    assert row["sentence"] == "Children in care per 10,000 children: 67, higher than the rest of London (52)."


@pytest.mark.parametrize(("events", "base"), [(10_500, 60_000), (400, 1_900_000)])
def test_a_london_that_cannot_hold_the_borough_is_not_tested(events, base):
    row = compared(released(cell(BOROUGH, events, base), cell("London", 9_900, 1_900_000))).iloc[0]
    assert row["position"] == "too few to say"
    assert pd.isna(row[["ratio", "p_value"]]).all()


def test_places_are_compared_at_the_same_day_alone():
    earlier = cell("England", 80_000, 11_900_000, day=dt.date(2023, 3, 31))
    assert compared(released(cell(BOROUGH, 400, 60_000), earlier)).empty


def test_the_rounding_of_a_small_london_figure_cannot_make_a_finding():
    """20 of 9,640 may be 15 to 25: the interval and the p-value hold at both."""
    drawn = [cell(BOROUGH, 8, 400, "cla_placed_over_20_miles"), cell("London", 60, 9_640, "cla_placed_over_20_miles")]
    wide = compared(released(*drawn)).iloc[0]
    exact = compared(released(drawn[0], drawn[1] | {"numerator": 61.0})).iloc[0]
    assert wide["p_value"] > exact["p_value"]
    assert wide["ratio_lower"] < exact["ratio_lower"]


def test_positions_come_from_p_values_adjusted_within_a_measure():
    table = compared(
        released(
            cell(BOROUGH, 330, 60_000), cell("London", 9_470, 1_900_000), cell("England", 59_100, 12_000_000),
        )
    )  # fmt: skip
    assert set(table["family_size"]) == {2}
    assert (table["p_adjusted"] >= table["p_value"]).all()
    expected = np.where(table["p_adjusted"] < 0.05, "higher", "similar")
    assert table["position"].tolist() == expected.tolist()


def test_a_hidden_figure_gets_no_statistic_and_no_direction():
    hidden = cell(BOROUGH, 0, 400, "cla_offending", status="suppressed")
    row = compared(released(hidden, cell("England", 1_000, 50_000, "cla_offending"))).iloc[0]
    assert (row["status"], row["position"]) == ("suppressed", "too few to say")
    assert row["sentence"].endswith("numbers are too small to publish.")
    assert pd.isna(row[["events", "value", "ratio", "p_value"]]).all()


def test_no_share_of_ten_children_is_told():
    row = compared(
        released(cell(BOROUGH, 8, 10, "cla_offending"), cell("England", 1_000, 50_000, "cla_offending"))
    ).iloc[0]
    assert row["sentence"].endswith("too few children to say.")
    assert pd.isna(row[["value", "ratio", "p_value"]]).all()


@pytest.mark.parametrize("children", [29, np.nan])
def test_a_borough_with_few_children_in_care_is_neither_higher_nor_lower(children):
    table = compared(released(cell(BOROUGH, 400, 60_000), cell("London", 9_900, 1_900_000), in_care=children))
    assert set(table["position"]) == {"too few to say"}
    assert table["ratio"].isna().all()


def test_neighbours_are_added_up_and_the_rank_is_a_range():
    published = pd.DataFrame(
        [cell("Enfield", 300, 80_000), cell("Hounslow", 350, 70_000), cell("Ealing", 0, 80_000, status="suppressed"),
         cell("Brent", 320, 75_000)]
    )  # fmt: skip
    table = compared(released(cell(BOROUGH, 400, 60_000)), published, neighbours_of(*PLACES))
    row = table.iloc[0]
    assert (row["comparator"], row["neighbours"], row["rank_of"]) == ("statistical neighbours", 3, 4)
    assert (row["comparator_events"], row["comparator_base"]) == (970, 225_000)
    assert 1 <= row["rank_low"] <= row["rank_high"] <= 4
    assert "higher than 3 of its statistical neighbours (43)" in row["sentence"]


@pytest.mark.parametrize("shown", [1, 2])
def test_fewer_than_three_neighbours_with_a_figure_do_not_stand_for_all(shown):
    published = pd.DataFrame(
        [
            cell(name, 300, 80_000, status="shown" if place < shown else "suppressed")
            for place, name in enumerate(PLACES)
        ]
    )
    row = compared(released(cell(BOROUGH, 400, 60_000)), published, neighbours_of(*PLACES)).iloc[0]
    assert (row["neighbours"], row["position"]) == (shown, "too few to say")
    assert pd.isna(row[["comparator_events", "comparator_value", "p_value", "rank_low"]]).all()
    assert "fewer than 3 statistical neighbours" in row["sentence"]


@pytest.mark.parametrize(("events", "told"), [(0, True), (2, False), (5, False), (6, True), (894, True), (895, False)])
def test_few_children_of_all_the_neighbours_are_neither_told_nor_compared_with(events, told):
    counts = [0, 0, events] if events < 300 else [300, 300, events - 600]
    drawn = zip(["Enfield", "Hounslow", "Ealing"], counts, strict=True)
    published = pd.DataFrame([cell(name, count, 300, "cla_offending") for name, count in drawn])
    own = released(cell(BOROUGH, 40, 400, "cla_offending"))
    row = compared(own, published, neighbours_of("Enfield", "Hounslow", "Ealing")).iloc[0]
    assert (row["events"], row["base"], row["neighbours"]) == (40, 400, 3)
    of_them = row[["comparator_events", "comparator_base", "comparator_value", "p_value", "rank_of"]]
    assert of_them.notna().all() if told else of_them.isna().all()
    if not told:
        assert row["position"] == "too few to say"
        assert row["sentence"].endswith("too few children to say.")


def test_neighbours_of_whom_nobody_has_a_figure_are_not_there():
    published = pd.DataFrame([cell(name, 300, 80_000, status="suppressed") for name in PLACES])
    assert compared(released(cell(BOROUGH, 400, 60_000)), published, neighbours_of(*PLACES)).empty


def test_a_borough_is_refused_among_its_own_neighbours():
    published = pd.DataFrame([cell(name, 300, 80_000) for name in (BOROUGH, *PLACES)])
    with pytest.raises(ValueError, match="its own statistical neighbours"):
        compared(released(cell(BOROUGH, 400, 60_000)), published, neighbours_of(BOROUGH, *PLACES))


def test_a_page_with_nobody_to_compare_with_says_so():
    table = compared(released(cell(BOROUGH, 400, 60_000)))
    assert table.empty
    assert "no other place" in str(parts.places_sentences(table))
    assert "no other place" in str(parts.places_table(table, borough=BOROUGH))
    assert str(parts.places_how_sure(table)) == ""


@pytest.mark.parametrize("borough", [BOROUGH, "Croydon", "City of London"])
def test_real_london(real_published, borough):
    counts = add_rates(
        gather(None, real_published.counts, borough=borough, as_at=DAY), real_published.population, borough=borough
    )
    table = compare_places(
        release_counts(counts, profile="la-1-5"),
        real_published.counts,
        real_published.neighbours,
        borough=borough,
        as_at=DAY,
    )
    clear = table["position"].isin(["higher", "lower"])
    if borough == "City of London":
        assert not clear.any()
        assert table["ratio"].isna().all()
        return
    assert clear.any()
    assert (table.loc[clear, "p_adjusted"] < 0.05).all()
    above = table["ratio"] > 1
    assert (above[table["position"] == "higher"]).all()
    assert (~above[table["position"] == "lower"]).all()
    assert table["period_end"].between("2023-03-31", "2024-03-31").all()
    assert set(parts.places_table(table, borough=borough).frame["head"]) >= {"Children in care per 10,000 children"}
