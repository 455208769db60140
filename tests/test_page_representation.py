"""What the page on over-representation says: from the results alone, with its doubts, and nothing of hidden groups."""

import re

import pandas as pd
import pytest
from test_compare_representation import (
    EVERY_POPULATION,
    EVERYTHING,
    FLIPPED,
    GROUPS,
    HERE,
    SHARES,
    by_group,
    crossed_counts,
    population_of,
    released_of,
    results,
)

from helpers import page_parts as parts
from helpers.compare import combinations_beyond_their_parts
from helpers.wording import BANNED, combinations_words, doubt_words, reference_words, tipping_words, unknown_words


def released_with_source(rows: list[dict]) -> pd.DataFrame:
    return released_of(rows).assign(source="Return (drawn)", release="Return to 31 March 2022")


def other_ways(rows, population=None, *, counts=None, reference="White British") -> str:
    population = population_of() if population is None else population
    released = released_with_source(rows)
    compared = results(rows, population, counts=counts, reference=reference)
    combined = combinations_beyond_their_parts(released if counts is None else counts, released, population, **HERE)
    return str(parts.other_ways_part(compared, released, combined, reference=reference, **HERE).items[0])


# --- the headline alone -------------------------------------------------------------------------------------------


def test_a_part_of_the_page_reads_the_headline_rows_of_the_full_table_alone():
    compared, released = results(EVERYTHING, EVERY_POPULATION), released_with_source(EVERYTHING)
    assert len(parts.representation_sentences(compared, "ethnic_group").items) == 5
    table = parts.representation_table(compared, dimension="ethnic_group", **HERE)
    assert len(table.frame) == 5 and set(table.frame["comparison"]) == {"headline"}
    shown = parts.representation_part(compared, released, dimension="ethnic_group", **HERE)._repr_html_()
    assert shown.count("<table>") == 2, "the chart's data and the table"


def test_findings_come_first_and_a_dimension_without_population_says_so():
    said = parts.representation_sentences(results(by_group()), "ethnic_group").items
    assert re.search("represented", said[0]) and not re.search("represented", said[-1])
    none = parts.representation_part(results(by_group()).iloc[:0], released_of(by_group()), dimension="gender", **HERE)
    assert "no population by sex" in none._repr_html_()


def test_other_ages_in_the_population_are_said_beside_the_chart():
    fewer_ages = population_of().assign(age_from=4, age_to=15)
    compared = results(by_group(), fewer_ages)
    shown = parts.representation_part(
        compared, released_with_source(by_group()), dimension="ethnic_group", **HERE
    )._repr_html_()
    assert "Local children are those aged 4 to 15; children in care are aged 0 to 17." in shown


def test_another_scheme_for_chinese_children_is_said_beside_the_chart():
    dfe = "DfE, Children looked after in England including adoptions"
    of_census = population_of().assign(source="ONS Census 2021, children aged 0 to 17, by age and sex")
    compared = results(by_group(), of_census)
    for release, is_said in (("SFR 36/2013", True), ("2024 (to 31 March 2024)", False)):
        released = released_of(by_group()).assign(source=dfe, release=release)
        shown = parts.representation_part(compared, released, dimension="ethnic_group", **HERE)._repr_html_()
        assert ("Chinese children are counted with" in shown) == is_said


def test_other_ages_of_a_further_population_are_said_with_what_stands():
    both = population_of(schools=SHARES)
    assert "Local children are those aged 4 to 15; children in care" in other_ways(by_group(), both)
    of_every_age = both.assign(age_from=0, age_to=17)
    assert "children in care are aged 0 to 17" not in other_ways(by_group(), of_every_age)


def test_who_came_into_care_has_its_own_chart_and_tables():
    shown = parts.coming_into_care_part(results(EVERYTHING), released_with_source(EVERYTHING), **HERE)._repr_html_()
    assert "Times as likely to come into care" in shown and shown.count('<details class="data">') == 4
    assert 'id="coming-in-ethnic-group-title"' in shown
    none = parts.coming_into_care_part(results(by_group()), released_with_source(by_group()), **HERE)
    assert "not compared" in str(none)


def test_finer_groups_stand_in_a_table_with_the_ratio_to_the_reference():
    shown = parts.finer_groups_part(results(EVERYTHING, EVERY_POPULATION), **HERE)._repr_html_()
    assert "Ratio to White British children" in shown and "Gypsy, Roma or Irish Traveller" in shown
    assert "not compared" in str(parts.finer_groups_part(results(by_group()), **HERE))


# --- other ways of looking ----------------------------------------------------------------------------------------


def test_a_finding_that_flips_is_named_and_has_no_tipping_share():
    said = other_ways(by_group(), population_of(schools=FLIPPED))
    assert re.search(r"What is said of .*Black.* children does not stand", said)
    assert not re.search("Black.* children: the finding would stand", said)
    stands = other_ways(by_group(), population_of(schools=SHARES))
    assert "What is said of every ethnic group stands." in stands
    assert re.search(
        r"Black.* children: the finding would stand unless they now make up more than \d+\.\d% .*counted: 10%", stands
    )


def test_the_page_says_which_reference_and_why():
    assert "numbers of White British children are not there" in other_ways(by_group())
    assert "some other publications do" in other_ways(EVERYTHING, EVERY_POPULATION)
    small = other_ways(by_group(), reference="Black")
    assert "Black, Black British, Caribbean or African children are only 10% of local children" in small
    assert "unstable" in small


def test_a_hidden_reference_leaves_nothing_to_say():
    rows = by_group(groups={**GROUPS, "White": None, "Other": None}, unknown=None)
    assert "numbers of White children or of the others are too small" in other_ways(rows)


def test_the_index_without_unaccompanied_children_is_told_where_it_moves():
    rows = [*by_group(), *by_group("cla_not_uasc", groups={**GROUPS, "Black": 30})]
    assert re.search(r"Black.*: index 1\.87 with unaccompanied children, 1\.00 without them", other_ways(rows))
    same = other_ways([*by_group(), *by_group("cla_not_uasc")])
    assert "moves the index of no group" in same
    assert "not told by ethnic group" in other_ways(by_group())


def test_unknown_ethnicity_is_told_above_five_percent_with_the_findings_it_could_undo():
    said = other_ways(by_group(unknown=200))
    assert "200 of 500 children in care is not known (40%)" in said and "might not stand for: " in said
    assert "is not known" not in other_ways(by_group(unknown=6))
    assert "is hidden" in other_ways(by_group(unknown=None))


def test_an_adjusted_ratio_is_shown_only_where_it_changes_the_story():
    population = population_of(crossed=True)
    assert "moves no index shown" in other_ways(by_group(), population, counts=crossed_counts())
    black = population["ethnic_group"].eq("Black") & population["gender"].ne("All") & population["age_band"].ne("All")
    older = population["age_band"].map({"16 and over": 4.0, "1 to 4": 0.3}).fillna(0.8)
    population.loc[black, "children"] *= older[black]
    told = other_ways(by_group(), population, counts=crossed_counts())
    assert re.search(r"Black.*: \d\.\d\d times as many children in care as their ages and genders", told)


def test_combinations_are_told_without_a_count_or_a_ratio():
    counts = crossed_counts({("Black", "Male", "16 and over"): 40})
    said = other_ways(by_group(), population_of(crossed=True), counts=counts).splitlines()[-1]
    assert said.startswith("50 combinations of ethnic group, gender and age were looked at.")
    assert "Boys aged 16 and over in the ethnic group Black" in said
    assert not re.search(r"\d", said.replace("50 combinations", "").replace("aged 16", ""))


def test_the_last_section_names_every_family_and_population():
    said = str(parts.findings_allow_for(results(EVERYTHING, EVERY_POPULATION)))
    assert "5 ethnic groups and 7 ages and genders" in said
    assert "Local children by ethnic group, sex and age: Census 2021, children aged 0 to 17." in said
    rounded = population_of()
    rounded["share_error"] = 0.0005
    assert "rounded percentages" in str(parts.findings_allow_for(results(by_group(), rounded)))


def test_no_part_has_a_banned_word_or_a_missing_value():
    compared, released = (
        results(EVERYTHING, EVERY_POPULATION, counts=crossed_counts()),
        released_with_source(EVERYTHING),
    )
    combined = combinations_beyond_their_parts(crossed_counts(), released, EVERY_POPULATION, **HERE)
    shown = [
        parts.coming_into_care_part(compared, released, **HERE),
        parts.finer_groups_part(compared, **HERE),
        parts.other_ways_part(compared, released, combined, reference="White British", **HERE),
        parts.findings_allow_for(compared),
    ]
    words = " ".join(one._repr_html_() for one in shown)
    assert not re.search("|".join(rf"\b{re.escape(word)}\b" for word in BANNED), words)
    assert not re.search(r"\b(nan|NaN|None|inf)\b", words)


# --- sentences ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("finding", "others", "told"),
    [
        ("over-represented", ["over-represented"], ""),
        ("over-represented", ["no clear difference"], " But that does not stand with another population: P0."),
        ("over-represented", ["under-represented"], " With P0 it would be the other way round."),
        ("no clear difference", ["over-represented"], " With another population they are over-represented: P0."),
        ("no clear difference", ["too few to say"], ""),
        ("under-represented", [], ""),
    ],
)
def test_doubt_follows_what_other_populations_find(finding, others, told):
    assert doubt_words(finding=finding, others=[(f"P{n}", other) for n, other in enumerate(others)]) == told


def test_the_tipping_share_is_said_as_the_methods_say_it():
    told = tipping_words(who="Black children", over=True, tipping_share=0.1079, population_share=0.10)
    assert told == (
        "Black children: the finding would stand unless they now make up more than 10.8% of local children (counted: 10%)."
    )


@pytest.mark.parametrize("rule", [1, 2, 5, 6, 7])
def test_only_a_tested_ratio_has_a_direction(rule):
    told = reference_words(rule=rule, who="Black children", reference="White children", ratio=1.5, low=1.1, high=1.9)
    assert "likely" not in told


def test_no_percentage_of_ten_children_or_fewer():
    assert "%" not in unknown_words(unknown=6, total=9, fragile=[])
    assert "(67%)" in unknown_words(unknown=8, total=12, fragile=[])


def test_combinations_that_differ_are_named_with_their_direction():
    assert combinations_words(looked_at=50, more=["boys under 1"], fewer=["girls aged 1 to 4", "boys under 1"]) == (
        "50 combinations of ethnic group, gender and age were looked at. Boys under 1 are in care more often than the "
        "three explain separately. Girls aged 1 to 4 and boys under 1 are in care less often than the three explain "
        "separately."
    )
