"""Along the journey: each group beside all other children in care, from released numbers, in words that say no more."""

import datetime as dt
import itertools
import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from helpers import page_parts as parts
from helpers.codes import load_catalogue, load_codelist
from helpers.compare import compare_along_journey
from helpers.disproportionality import outcome_gap
from helpers.rates.corrections import adjust_p_values
from helpers.schemas import Journey, Released, columns_of
from helpers.wording import BANNED, JOURNEY_NOTE, journey_group_words, journey_others_words, journey_words

BOROUGH, DAY = "Bromley", dt.date(2022, 3, 31)
JOURNEY = load_codelist("journey")
FAR = "cla_placed_out_of_borough"
NEAR = "cla_family_setting"
GROUPS = {"White": (45, 150), "Mixed": (30, 70), "Asian": (18, 60), "Black": (62, 90), "Unknown": (7, 20)}


def released(indicator=FAR, groups=None, *, dimension="ethnic_group", hidden=(), whole_hidden=False):
    groups = GROUPS if groups is None else groups
    rows = [("All", *(sum(pair[place] for pair in groups.values()) for place in (0, 1)))]
    rows += [(group, *pair) for group, pair in groups.items()]
    frame = pd.DataFrame(rows, columns=[dimension, "numerator", "denominator"]).astype({"numerator": float})
    gone = frame[dimension].isin(hidden) | (frame[dimension].eq("All") & whole_hidden)
    frame = frame.assign(
        numerator=frame["numerator"].mask(gone), status=gone.map({True: "suppressed", False: "shown"}),
        borough=BOROUGH, period_end=pd.Timestamp(DAY), period_type="snapshot", indicator=indicator, source="A return",
        release="Return of 2022", unit="children", value=float("nan"), borough_code="E09000006", lower=float("nan"),
        upper=float("nan"), unit_of_value="%",
    )  # fmt: skip
    every = {name: "All" for name in ("category", "ethnic_group", "gender", "age_band") if name not in frame}
    return frame.assign(**every)[columns_of(Released)]


def compared(*tables):
    return compare_along_journey(pd.concat(tables, ignore_index=True), borough=BOROUGH, as_at=DAY)


def row_of(found, group, indicator=FAR):
    return found[(found["group"] == group) & (found["indicator"] == indicator)].iloc[0]


def test_a_group_is_compared_with_all_others_of_known_group():
    black = row_of(compared(released()), "Black")
    assert (black["events"], black["children"], black["other_events"], black["other_children"]) == (62, 90, 93, 280)
    gap = outcome_gap(62, 90, 93, 280)
    assert black["difference"] == pytest.approx(float(gap.difference))
    assert black["difference_lower"] == pytest.approx(float(gap.difference_low))
    assert black["p_value"] == pytest.approx(float(gap.p_value))
    assert black["finding"] == "over-represented"
    assert black["sentence"] == (
        "Black children lived outside the borough more often than other children in care: 69% of 90, against 33% of "
        "280. Likely difference: 24 to 46 percentage points."
    )


def test_children_of_unknown_group_have_no_row():
    assert "Unknown" not in set(compared(released())["group"])


def test_children_of_unknown_group_stay_among_the_others_where_their_number_is_hidden():
    table = released(hidden=("Unknown", "Asian"))
    black, whole = row_of(compared(table), "Black"), table.set_index("ethnic_group").loc["All"]
    assert black["other_children"] == whole["denominator"] - black["children"]
    assert black["other_events"] == whole["numerator"] - black["events"]
    assert black["status"] == "shown"


def test_nothing_is_compared_with_others_that_are_hidden():
    found = compared(released(whole_hidden=True))
    numbers = found[["events", "children", "other_events", "other_children", "share", "difference", "ratio", "p_value"]]
    assert numbers.isna().all(axis=None)
    assert set(found["status"]) <= {"not_available", "suppressed"}
    assert set(found["finding"]) == {"too few to say"}


def test_a_hidden_group_has_no_result_and_is_outside_the_family():
    found = compared(released(hidden=("Asian", "Mixed")))
    asian = row_of(found, "Asian")
    assert asian["status"] == "suppressed"
    assert asian[["events", "children", "other_events", "share", "p_value", "ratio"]].isna().all()
    assert set(found["family_size"].dropna()) == {2}
    assert "hidden" in asian["sentence"]


def test_no_result_tells_more_than_the_rows_that_are_shown():
    """The others are the whole less the group (and those of unknown group): all three are released numbers."""
    table = released(hidden=("Asian", "Mixed"))
    known = table.set_index("ethnic_group")
    for _, row in compared(table).query("status == 'shown'").iterrows():
        for name, other in (("numerator", "other_events"), ("denominator", "other_children")):
            assert row[other] == known.loc["All", name] - known.loc["Unknown", name] - known.loc[row["group"], name]


def test_all_measures_of_a_dimension_are_one_family():
    small = {group: (count // 3, base) for group, (count, base) in GROUPS.items()}
    boys = {"Male": (60, 200), "Female": (50, 190)}
    found = compared(released(), released(NEAR, small), released(FAR, boys, dimension="gender").iloc[1:])
    ethnic = found[found["dimension"] == "ethnic_group"]
    assert ethnic["family_size"].eq(8).all()
    assert ethnic["p_adjusted"].tolist() == pytest.approx(
        adjust_p_values(ethnic["p_value"].to_numpy(), correction="Benjamini-Hochberg")
    )
    assert found.loc[found["dimension"] == "gender", "family_size"].eq(2).all()


@pytest.mark.parametrize("base", [6, 10])
def test_ten_children_or_fewer_have_no_percentage(base):
    found = row_of(compared(released(groups={**GROUPS, "Other": (base, base)})), "Other")
    assert found["status"] == "not_applicable"
    assert found[["share", "difference", "ratio", "p_value"]].isna().all()
    assert found["finding"] == "too few to say"
    assert "%" not in found["sentence"]


def test_a_borough_without_groups_of_any_measure_has_no_rows():
    found = compared(released().iloc[:1])
    assert found.empty
    assert list(found.columns) == columns_of(Journey)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    groups=st.fixed_dictionaries(
        {group: st.integers(0, 80).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))) for group in GROUPS}
    ),
    hidden=st.sets(st.sampled_from(list(GROUPS)), max_size=3),
)
def test_any_numbers_give_rows_that_agree_with_themselves(groups, hidden):
    found = compared(released(groups=groups, hidden=hidden))
    shown = found[found["status"] == "shown"]
    assert not set(shown["group"]) & hidden
    assert (
        (shown["difference_lower"] <= shown["difference"]) & (shown["difference"] <= shown["difference_upper"])
    ).all()
    more = shown[shown["finding"] == "over-represented"]
    assert (more["difference_lower"] > 0).all()
    assert not found["sentence"].str.contains("nan|None").any()


# --- words --------------------------------------------------------------------------------------------------------


def sentences_of(row):
    numbers = {"events": 12_345, "children": 23_456, "other_events": 45_678, "other_children": 98_765,
               "difference_lower": 0.042, "difference_upper": 0.271}  # fmt: skip
    groups = [("ethnic_group", group) for group in ("White", "Mixed", "Asian", "Black", "Other")]
    for (dimension, group), rule in itertools.product([*groups, ("gender", "Male"), ("gender", "Female")], range(1, 8)):
        for status in ("shown", "not_available", "not_applicable"):
            yield journey_words(
                rule=rule, status=status, outcome=row.outcome, who=journey_group_words(dimension, group, row.who),
                others=journey_others_words(dimension, group, row.others, row.who), **numbers,
            )  # fmt: skip


@pytest.mark.parametrize("row", list(JOURNEY.itertuples()), ids=JOURNEY["indicator"])
def test_every_sentence_is_short_and_in_plain_words(row):
    for text in [*sentences_of(row), *JOURNEY_NOTE]:
        for one in re.split(r"(?<=[.;]) ", text):
            assert len(one.split()) <= 25, one
        assert not any(re.search(rf"\b{re.escape(word)}\b", text) for word in BANNED), text
        assert "represented" not in text or text in JOURNEY_NOTE, "that is a word for the population"


def test_no_percentage_is_said_without_a_clear_finding():
    for row in JOURNEY.itertuples():
        told = {text for text in sentences_of(row) if "%" in text}
        assert all("Likely difference" in text for text in told)


def test_the_note_says_that_this_is_not_the_population():
    note = str(parts.journey_note())
    assert "already in care" in note
    assert "local population" in note


def test_the_journey_is_data_that_names_indicators_of_the_catalogue_once():
    catalogue = load_catalogue().set_index("key")
    assert JOURNEY["indicator"].is_unique
    assert set(JOURNEY["indicator"]) <= set(catalogue.index)
    assert not JOURNEY.duplicated(["stage", "order"]).any()
    assert (JOURNEY != "").all(axis=None)
    better = {"higher_better": "higher", "lower_better": "lower", "neutral": "neutral"}
    told = JOURNEY.set_index("indicator")["better"]
    set_by_us = {"cla_started_police_protection", "cla_in_foster_care_of_friends_or_family",
                 "cla_residential_or_semi_independent", "cla_ceased_adopted"}  # fmt: skip
    same = told.drop(list(set_by_us))
    assert same.to_dict() == catalogue.loc[same.index, "polarity"].map(better).to_dict()


# --- page parts ---------------------------------------------------------------------------------------------------

STAGE = "Where they live"


def test_clear_findings_come_first_and_the_comparisons_are_counted():
    found = compared(released(), released(NEAR, {"White": (70, 150), "Black": (56, 90)}))
    said = parts.journey_sentences(found, STAGE).items
    clear = [text for text in said if "Likely difference" in text]
    perhaps = [text for text in said if "perhaps" in text]
    assert clear
    assert perhaps
    assert said == (*clear, *perhaps, f"6 comparisons were made; {len(clear)} show a clear difference.")


def test_the_two_sexes_are_told_once():
    both = compared(released(FAR, {"Male": (90, 150), "Female": (40, 150)}, dimension="gender"))
    assert len(both) == 2
    said = parts.journey_sentences(both).items
    assert said[0].startswith("Boys lived outside the borough more often than girls")
    assert said[1:] == ("1 comparison was made; 1 shows a clear difference.",)


def test_where_nothing_can_be_compared_the_page_says_so():
    found = compared(released(whole_hidden=True))
    assert parts.journey_sentences(found, STAGE).items == (
        "No comparison could be made: too many numbers are hidden to protect children.",
    )
    here = {"borough": BOROUGH, "as_at": DAY, "stage": STAGE}
    assert "hidden or small" in str(parts.journey_chart(found, released(), **here))
    assert "69%" not in parts.journey_table(found, borough=BOROUGH, as_at=DAY, stage=STAGE)._repr_html_()


def test_the_table_tells_shares_with_their_bases_and_no_row_of_what_is_hidden():
    found = compared(released(hidden=("Asian", "Mixed")))
    table = parts.journey_table(found, borough=BOROUGH, as_at=DAY, stage=STAGE)
    cells = [[cell.text_content() for cell in row] for row in html.fromstring(table._repr_html_()).iter("tr")]
    question = "Who lives outside the borough?"
    assert [question, "Black children", "69% of 90", "33% of 280", "36 (24 to 46)", "more often"] in cells
    assert not any("Asian" in cell for row in cells for cell in row), "of what is hidden there is no row"


def test_the_chart_shows_differences_on_both_sides_of_no_difference():
    table = released()
    found = compared(table)
    chart = parts.journey_chart(found, table, borough=BOROUGH, as_at=DAY, stage=STAGE)
    figure = chart.draw()
    low, high = figure.axes[0].get_xlim()
    assert low <= 100 * found["difference_lower"].min()
    assert high >= 100 * found["difference_upper"].max()
    assert "Black children 36" in chart.alt


def test_nothing_of_a_hidden_group_is_in_the_chart():
    table = released(hidden=("Asian", "Mixed"))
    chart = parts.journey_chart(compared(table), table, borough=BOROUGH, as_at=DAY, stage=STAGE)
    assert not chart.table.frame["group"].str.contains("Asian|mixed").any()
    assert "Black children" in str(chart.table.frame["group"].tolist())
    assert "2 comparisons are left out: hidden, or of few children." in chart.source
