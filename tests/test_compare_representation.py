"""A borough's groups against its population, in every way: only released numbers, families, and findings that flip."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.codes import load_codelist
from helpers.compare import (
    adjusting,
    combinations_beyond_their_parts,
    compare_with_population,
    headline,
    representation_results,
    unknown_of,
)
from helpers.compare.adjusting import adjusted_ratios

BOROUGH, CODE, DAY = "Bromley", "E09000006", dt.date(2022, 3, 31)
HERE = {"borough": BOROUGH, "as_at": DAY}
GROUPS = {"White": 130, "Mixed": 40, "Asian": 60, "Black": 56, "Other": 14}
GENDERS = {"Male": 160, "Female": 140}
AGES = {"Under 1": 12, "1 to 4": 48, "5 to 9": 60, "10 to 15": 110, "16 and over": 70}
LABELS = load_codelist("finer_groups")["label"].tolist()
CENSUS, SCHOOLS = "ONS Census 2021, children aged 0 to 17, drawn", "DfE school census, drawn"
SHARES = {"White": 0.5, "Mixed": 0.12, "Asian": 0.22, "Black": 0.10, "Other": 0.06}
GENDER_SHARES = {"Male": 0.51, "Female": 0.49}
AGE_SHARES = {"Under 1": 0.05, "1 to 4": 0.22, "5 to 9": 0.29, "10 to 15": 0.34, "16 and over": 0.10}
ALL = {"category": "All", "ethnic_group": "All", "gender": "All", "age_band": "All"}


def cell(numerator, indicator="cla_total", **where) -> dict:
    hidden = numerator is None
    return {
        "borough_code": CODE, "borough": BOROUGH, "period_end": pd.Timestamp(DAY), "indicator": indicator,
        "period_type": "year" if indicator == "cla_started" else "snapshot", **ALL, **where,
        "numerator": np.nan if hidden else float(numerator), "denominator": np.nan,
        "status": "suppressed" if hidden else "shown",
    }  # fmt: skip


def by_group(indicator="cla_total", *, unknown=0, groups=GROUPS, genders=GENDERS, ages=AGES, whole=None) -> list[dict]:
    """Every row of an indicator: its whole, and its groups, genders and ages; None is a hidden number."""
    whole = whole or sum(GROUPS.values()) + (unknown or 0)
    return [
        cell(whole, indicator),
        *(cell(count, indicator, ethnic_group=name) for name, count in groups.items()),
        cell(unknown, indicator, ethnic_group="Unknown"),
        *(cell(count, indicator, gender=name) for name, count in genders.items()),
        *(cell(count, indicator, age_band=name) for name, count in ages.items()),
    ]


def finer(**counts) -> list[dict]:
    """The 18 finer groups: 10 children each, or as given with _ for a blank."""
    named = {name.replace("_", " "): count for name, count in counts.items()}
    return [cell(named.get(label, 10), ethnic_group=label) for label in LABELS]


def released_of(rows: list[dict]) -> pd.DataFrame:
    return pd.DataFrame(rows)


def children(share: float, source: str, error=0.0, **where) -> dict:
    ages = {"age_from": 4, "age_to": 15} if source == SCHOOLS else {"age_from": 0, "age_to": 17}
    place = {"borough_code": CODE, "year": 2021, "ethnic_group": "All", "gender": "All", "age_band": "All"}
    return {**place, **where, "children": 60_000 * share, "share_error": error, "source": source, **ages}


def population_of(*, shares=SHARES, schools=None, labels=False, crossed=False) -> pd.DataFrame:
    rows = [children(1, CENSUS), *(children(share, CENSUS, ethnic_group=name) for name, share in shares.items())]
    rows += [children(share, CENSUS, gender=name) for name, share in GENDER_SHARES.items()]
    rows += [children(share, CENSUS, age_band=name) for name, share in AGE_SHARES.items()]
    if schools:
        rows += [children(1, SCHOOLS)]
        rows += [children(share, SCHOOLS, 0.0005, ethnic_group=name) for name, share in schools.items()]
    if labels:
        compared = load_codelist("finer_groups")["compared_as"].unique()
        rows += [children(1 / len(compared), CENSUS, ethnic_group=name) for name in compared]
    if crossed:
        rows += [
            children(e * g * a, CENSUS, ethnic_group=group, gender=gender, age_band=age)
            for group, e in shares.items()
            for gender, g in GENDER_SHARES.items()
            for age, a in AGE_SHARES.items()
        ]
    return pd.DataFrame(rows)


def results(rows, population=None, **options) -> pd.DataFrame:
    population = population_of() if population is None else population
    return representation_results(released_of(rows), population, **HERE, **options)


EVERYTHING = [
    *by_group(), *finer(), *by_group("cla_started"), *by_group("cla_not_uasc"),
]  # fmt: skip
EVERY_POPULATION = population_of(schools=SHARES, labels=True, crossed=True)


def crossed_counts(counts: dict | None = None) -> pd.DataFrame:
    """Children in care by ethnic group, gender and age: each group spread as all children are, unless given."""
    given = counts or {}
    rows = [cell(sum(GROUPS.values()))]
    whole = pd.Series(
        {
            (group, gender, age): count * GENDERS[gender] * AGES[age] / 300**2
            for group, count in GROUPS.items()
            for gender in GENDERS
            for age in AGES
        }
    )
    exact = np.floor(whole)
    exact[(whole - exact).nlargest(int(300 - exact.sum())).index] += 1
    for key, count in exact.items():
        where = dict(zip(("ethnic_group", "gender", "age_band"), key, strict=True))
        rows.append(cell(given.get(key, count), **where))
    rows[0]["numerator"] = sum(row["numerator"] for row in rows[1:])
    return pd.DataFrame(rows)


# --- the headline and its families --------------------------------------------------------------------------------


def test_the_headline_is_children_in_care_against_everyone_else_with_the_preferred_population():
    full = results(EVERYTHING, EVERY_POPULATION)
    first = headline(full)
    assert set(first["indicator"]) == {"cla_total"} and set(first["reference"]) == {"everyone else"}
    assert set(first["population_source"]) == {CENSUS}
    assert first.groupby("dimension").size().to_dict() == {"ethnic_group": 5, "gender": 2, "age_band": 5}
    alone = compare_with_population(released_of(EVERYTHING), EVERY_POPULATION, **HERE)
    pd.testing.assert_frame_equal(alone, first)


def test_the_worked_example_of_the_methods_is_in_the_table():
    row = headline(results(by_group())).set_index("group").loc["Black"]
    assert row["total"] == 300 and row["excess"] == pytest.approx(56 - 30)
    assert row["index_lower"] < row["share"] / row["population_share"] < row["index_upper"]
    assert row["excess_lower"] < row["excess"] < row["excess_upper"]
    assert row["tipping_share"] == pytest.approx(row["index_lower"] * row["population_share"])
    assert row["finding"] == "over-represented" and row["correction"] == "Holm" and row["rule"] == 3


def test_ages_and_genders_are_one_family_and_ethnic_groups_another():
    first = headline(results(by_group()))
    sizes = first.groupby("dimension")[["family", "family_size"]].first()
    assert sizes["family_size"].to_dict() == {"ethnic_group": 5, "gender": 7, "age_band": 7}
    assert sizes.loc["gender", "family"] == sizes.loc["age_band", "family"] != sizes.loc["ethnic_group", "family"]


def test_each_further_question_is_a_family_of_its_own():
    full = results(EVERYTHING, EVERY_POPULATION)
    families = full.groupby("family")[["indicator", "comparison"]].agg(set)
    assert (families["indicator"].map(len) == 1).all() and (families["comparison"].map(len) == 1).all()
    finer_rows = full[full["comparison"] == "finer groups"]
    assert set(finer_rows["family_size"]) == {17}, "Gypsy or Roma and Irish Traveller children are one group here"


def test_hidden_groups_are_outside_the_family():
    groups = {**GROUPS, "Other": None, "Mixed": None}
    first = headline(results(by_group(groups=groups, unknown=None)))
    assert set(first.loc[first["dimension"] == "ethnic_group", "family_size"]) == {3}


def test_coming_into_care_is_told_as_a_flow_and_its_shares_are_of_those_who_came_in():
    came = results(EVERYTHING).query("comparison == 'coming into care'")
    assert set(came["dimension"]) == {"ethnic_group", "gender", "age_band"} and set(came["indicator"]) == {
        "cla_started"
    }
    over = came[came["finding"] == "over-represented"]["sentence"]
    assert len(over) and over.str.contains("of children who came into care in the year").all()


def test_what_the_data_do_not_tell_has_no_rows():
    assert set(results(by_group(), population_of())["comparison"]) == {"headline", "reference group"}
    assert results([cell(300)]).empty
    assert results(by_group(), population_of().iloc[:1]).empty


# --- only released numbers ----------------------------------------------------------------------------------------

MEASURES = ["count", "share", "rate_per_10000", "index", "ratio", "excess", "excess_lower", "p_value", "tipping_share",
            "index_unknown_in", "adjusted_ratio"]  # fmt: skip


@settings(max_examples=6, deadline=None)
@given(st.sampled_from([row for row in range(len(EVERYTHING)) if EVERYTHING[row]["ethnic_group"] != "Unknown"]))
def test_hiding_a_cell_removes_every_result_of_it_and_gives_it_no_direction(place):
    rows = list(EVERYTHING)
    told = rows[place]
    where = {name: told[name] for name in ("ethnic_group", "gender", "age_band")}
    rows[place] = cell(None, told["indicator"], **where)
    full = results(rows, EVERY_POPULATION, counts=crossed_counts())
    group = next((value for value in where.values() if value != "All"), None)
    label = load_codelist("finer_groups").set_index("label")["compared_as"].get(group, group)
    own = full[(full["indicator"] == told["indicator"]) & (full["group"] == label)]
    if group is None:
        assert full[full["indicator"] == told["indicator"]].empty
        return
    assert len(own) and own[MEASURES].isna().all(axis=None)
    assert set(own["status"]) == {"suppressed"} and set(own["finding"]) == {"too few to say"}
    assert not own["sentence"].str.contains("represented|likely|times|%").any()


def test_a_hidden_reference_says_nothing_of_any_group():
    rows = [*by_group(groups={**GROUPS, "White": None, "Other": None}, unknown=None)]
    against = results(rows).query("comparison == 'reference group'")
    assert set(against["finding"]) == {"too few to say"} and against["ratio"].isna().all()


def test_the_order_of_rows_changes_nothing():
    full = results(EVERYTHING, EVERY_POPULATION, counts=crossed_counts())
    turned = results(EVERYTHING[::-1], EVERY_POPULATION.iloc[::-1], counts=crossed_counts().iloc[::-1])
    pd.testing.assert_frame_equal(full, turned)


def test_nothing_is_found_among_fewer_than_thirty_children():
    groups, genders = {"White": 0, "Mixed": 0, "Asian": 0, "Black": 29, "Other": 0}, {"Male": 29, "Female": 0}
    rows = [
        cell(29),
        *(cell(n, ethnic_group=g) for g, n in groups.items()),
        *(cell(n, gender=g) for g, n in genders.items()),
    ]
    assert set(results(rows)["finding"]) == {"too few to say"}


# --- other populations --------------------------------------------------------------------------------------------

FLIPPED = {"White": 0.43, "Mixed": 0.12, "Asian": 0.22, "Black": 0.17, "Other": 0.06}


def test_a_finding_that_another_population_undoes_says_so_in_its_sentence():
    full = results(by_group(), population_of(schools=FLIPPED))
    black = headline(full).set_index("group").loc["Black"]
    assert black["finding"] == "over-represented" and black["holds"] == "no", "the preferred finding stays"
    assert black["sentence"].endswith(
        "But that does not stand with another population: School census, shares of pupils."
    )
    other = full.query("comparison == 'other population' and group == 'Black'").iloc[0]
    assert other["finding"] != "over-represented" and other["family"] != black["family"]
    assert other["population_source"] in black["other_sources"]


def test_a_finding_that_every_population_bears_out_carries_no_doubt():
    black = headline(results(by_group(), population_of(schools=SHARES))).set_index("group").loc["Black"]
    assert black["holds"] == "yes" and "But" not in black["sentence"]


def test_a_finding_holds_only_where_every_population_bears_it_out():
    third = population_of(schools=FLIPPED)
    third = third[third["source"] == SCHOOLS].assign(source="ONS Census 2021 RM032, drawn")
    both = pd.concat([population_of(schools=SHARES), third], ignore_index=True)
    black = headline(results(by_group(), both)).set_index("group").loc["Black"]
    assert black["holds"] == "no" and len(black["other_sources"].split("; ")) == 2


def test_a_hidden_number_of_unknown_widens_every_range_to_what_it_can_be():
    told = headline(results(by_group(unknown=4))).query("dimension == 'ethnic_group'").set_index("group")
    hidden = (
        headline(results(by_group(unknown=None, whole=304))).query("dimension == 'ethnic_group'").set_index("group")
    )
    assert (hidden["index_lower"] <= told["index_lower"]).all()
    assert (hidden["index_upper"] >= told["index"]).all()
    assert np.allclose(hidden["population_share_lower"] / hidden["population_share"], 300 / 304)


def test_a_rounded_share_is_a_range_and_widens_the_interval():
    exact = headline(results(by_group(), population_of()))
    rounded = population_of()
    rounded.loc[rounded["ethnic_group"] != "All", "share_error"] = 0.005
    wide = headline(results(by_group(), rounded))
    own = exact["dimension"] == "ethnic_group"
    assert (wide.loc[own, "index_lower"] < exact.loc[own, "index_lower"]).all()
    assert (wide.loc[own, "p_value"] >= exact.loc[own, "p_value"]).all()
    assert (wide.loc[own, "population_share_upper"] - wide.loc[own, "population_share"]).round(6).eq(0.005).all()


def test_a_population_without_children_of_a_group_in_care_is_not_compared():
    none = population_of(shares={**SHARES, "Other": 0.0, "White": 0.56})
    assert "ethnic_group" not in set(headline(results(by_group(), none))["dimension"])


# --- reference, finer groups, unaccompanied children --------------------------------------------------------------


def test_white_british_is_the_reference_where_finer_groups_are_told_and_white_where_not():
    with_labels = results(EVERYTHING, EVERY_POPULATION).query("comparison == 'reference group'")
    assert set(with_labels["reference"]) == {"White British"} and set(with_labels["dimension"]) == {"ethnic_label"}
    without = results(by_group()).query("comparison == 'reference group'")
    assert set(without["reference"]) == {"White"} and "White" not in set(without["group"])


def test_another_reference_can_be_asked_for():
    against = results(by_group(), reference="Black").query("comparison == 'reference group'").set_index("group")
    assert set(against["reference"]) == {"Black"}
    assert against.loc["White", "ratio"] == pytest.approx((130 / 0.5) / (56 / 0.1))


def test_a_hidden_number_of_unknown_does_not_touch_a_ratio_of_two_groups():
    told, hidden = results(by_group()), results(by_group(unknown=None, whole=304))
    columns = ["group", "ratio", "ratio_lower", "ratio_upper"]
    told, hidden = (
        full.query("comparison == 'reference group'")[columns].reset_index(drop=True) for full in (told, hidden)
    )
    pd.testing.assert_frame_equal(told, hidden)


def test_finer_groups_need_a_population_of_children():
    adults = EVERY_POPULATION.assign(age_to=120)
    assert "finer groups" not in set(results(EVERYTHING, adults)["comparison"])


def test_groups_that_the_census_counts_as_one_are_compared_as_one():
    full = results([*by_group(), *finer(Gypsy_or_Roma=9, Traveller_of_Irish_heritage=7)], EVERY_POPULATION)
    finer_rows = full.query("comparison == 'finer groups'").set_index("group")
    assert finer_rows.loc["Gypsy or Roma", "count"] == 16
    assert "Irish Traveller" in finer_rows.loc["Gypsy or Roma", "sentence"]
    assert "Traveller of Irish heritage" not in finer_rows.index


def test_unaccompanied_children_are_left_out_beside_the_whole():
    fewer = by_group("cla_not_uasc", groups={**GROUPS, "Black": 30})
    full = results([*by_group(), *fewer]).query("group == 'Black'").set_index("comparison")
    assert full.loc["without unaccompanied children", "index"] < full.loc["headline", "index"]


# --- children of unknown group ------------------------------------------------------------------------------------


@pytest.mark.parametrize("unknown", [1, 15, 80])
def test_children_of_unknown_group_move_no_index(unknown):
    told = headline(results(by_group(unknown=unknown))).query("dimension == 'ethnic_group'")
    none = headline(results(by_group(unknown=0))).query("dimension == 'ethnic_group'")
    pd.testing.assert_frame_equal(
        told[["group", "index", "ratio", "finding"]], none[["group", "index", "ratio", "finding"]]
    )
    assert unknown_of(released_of(by_group(unknown=unknown)), "ethnic_group", **HERE) == (unknown, 300 + unknown)
    assert set(told["unknown_share"]) == {unknown / (300 + unknown)}


def test_bounds_are_given_above_five_percent_and_hold_the_index_between_them():
    few = headline(results(by_group(unknown=15))).query("dimension == 'ethnic_group'")
    assert few["index_unknown_in"].isna().all() and set(few["unknown_matters"]) == {""}
    many = headline(results(by_group(unknown=25))).query("dimension == 'ethnic_group'")
    assert (many["index_unknown_out"] < many["index"]).all() and (many["index"] < many["index_unknown_in"]).all()


def test_a_finding_that_the_unknown_could_undo_is_marked():
    first = headline(results(by_group(unknown=200))).set_index("group")
    assert first.loc["Asian", "unknown_matters"] == "no", "no finding, so nothing to undo"
    assert first.loc["Black", "finding"] == "over-represented" and first.loc["Black", "unknown_matters"] == "yes"


# --- ages and genders, combinations -------------------------------------------------------------------------------


def test_adjusting_by_ages_and_genders_that_are_the_same_in_every_group_changes_nothing():
    population = population_of(crossed=True)
    first = headline(results(by_group(), population, counts=crossed_counts())).query("dimension == 'ethnic_group'")
    assert np.allclose(first["adjusted_ratio"], first["index"], atol=0.011)
    assert set(first["adjustment_matters"]) == {"no"}


def test_children_of_unknown_group_move_no_adjusted_ratio():
    """They are taken to be of the ages and genders of all, so that no number of them by age can be worked out."""
    counts, population = crossed_counts(), population_of(crossed=True)
    more = counts[counts["ethnic_group"] == "White"].assign(ethnic_group="Unknown")
    with_unknown = pd.concat([counts, more], ignore_index=True)
    unknown = int(more["numerator"].sum())
    with_unknown.loc[0, "numerator"] += unknown
    found = adjusted_ratios(with_unknown, released_of(by_group(unknown=unknown)), population, **HERE)
    none = adjusted_ratios(counts, released_of(by_group()), population, **HERE)
    assert np.allclose(found["adjusted_ratio"], none["adjusted_ratio"], atol=0.011)


def with_older_black_children() -> pd.DataFrame:
    population = population_of(crossed=True)
    black = population["ethnic_group"].eq("Black") & population["gender"].ne("All") & population["age_band"].ne("All")
    older = population["age_band"].map({"16 and over": 4.0, "1 to 4": 0.3}).fillna(0.8)
    population.loc[black, "children"] *= older[black]
    return population


def test_a_group_whose_children_are_older_is_expected_to_have_more_in_care():
    first = headline(results(by_group(), with_older_black_children(), counts=crossed_counts())).set_index("group")
    assert first.loc["Black", "adjusted_ratio"] < first.loc["Black", "index"] * 0.9
    assert first.loc["Black", "adjustment_matters"] == "yes"


def test_small_numbers_of_boys_or_girls_of_an_age_cannot_be_told_from_adjusted_ratios():
    """Moving two boys from one age to the next, which adjusted numbers could tell, moves no ratio where few are there."""
    counts, population = crossed_counts(), with_older_black_children()
    boys = counts[(counts["age_band"] == "Under 1") & (counts["gender"] == "Male")].index
    girls = counts[(counts["age_band"] == "Under 1") & (counts["gender"] == "Female")].index
    counts.loc[boys, "numerator"] = 0.0
    counts.loc[girls, "numerator"] = [12.0, *[0.0] * (len(girls) - 1)]
    counts.loc[boys[0], "numerator"] = 4.0
    counts.loc[0, "numerator"] = counts["numerator"].iloc[1:].sum()
    released = released_of(by_group())
    found = adjusted_ratios(counts, released, population, **HERE)
    older = counts[
        (counts["age_band"] == "1 to 4") & (counts["gender"] == "Male") & (counts["ethnic_group"] == "White")
    ].index
    moved = counts.copy()
    moved.loc[boys[0], "numerator"], moved.loc[older, "numerator"] = 2.0, moved.loc[older, "numerator"] + 2
    assert len(found) == 5 and found["adjusted_ratio"].equals(found["adjusted_ratio"].round(2))
    pd.testing.assert_frame_equal(found, adjusted_ratios(moved, released, population, **HERE))


def test_nothing_is_adjusted_where_an_age_or_a_gender_is_hidden():
    rows = by_group(ages={**AGES, "Under 1": None, "1 to 4": None})
    assert adjusted_ratios(crossed_counts(), released_of(rows), population_of(crossed=True), **HERE).empty


def test_a_combination_beyond_its_parts_is_named_without_a_number():
    counts = crossed_counts({("Black", "Male", "16 and over"): 40})
    rows = released_of(by_group())
    found = combinations_beyond_their_parts(counts, rows, population_of(crossed=True), **HERE)
    assert len(found) == 50 and list(found) == ["ethnic_group", "gender", "age_band", "finding"]
    named = found[found["finding"] == "over-represented"]
    assert ("Black", "Male", "16 and over") in set(
        named[["ethnic_group", "gender", "age_band"]].itertuples(index=False, name=None)
    )


def test_a_combination_of_a_hidden_group_has_no_direction():
    counts = crossed_counts({("Black", "Male", "16 and over"): 40})
    hidden = released_of(by_group(groups={**GROUPS, "Black": None, "Other": None}, unknown=None))
    found = combinations_beyond_their_parts(counts, hidden, population_of(crossed=True), **HERE)
    black = found[found["ethnic_group"] == "Black"]
    assert not black["finding"].isin(["over-represented", "under-represented"]).any()


@pytest.mark.parametrize(("fewest", "named"), [(40, True), (41, False)])
def test_a_combination_is_named_from_ten_children_on(fewest, named, monkeypatch):
    """Fewer than ten are too few for the test to find anything by itself, so the rule is tried at another number."""
    assert adjusting.FEWEST_NAMED == 10
    monkeypatch.setattr(adjusting, "FEWEST_NAMED", fewest)
    counts = crossed_counts({("Black", "Male", "16 and over"): 40})
    found = combinations_beyond_their_parts(counts, released_of(by_group()), population_of(crossed=True), **HERE)
    assert (found["finding"] == "over-represented").any() == named


def test_no_combinations_where_their_counts_do_not_add_up_to_all_children():
    counts = crossed_counts()
    counts.loc[0, "numerator"] += 1
    assert combinations_beyond_their_parts(counts, released_of(by_group()), population_of(crossed=True), **HERE).empty
