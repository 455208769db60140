"""Counting rules on small drawn tables."""

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from drawn import table
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import indicators
from helpers.catalogue_page import catalogue_page
from helpers.codes import load_catalogue, load_codelist

CHILDREN = table(
    """
    | child_id         | borough_code | birth_month | gender | ethnicity_code |
    | 0000000000000001 | E09000002    | 2010-02-01  | Male   | WBRI           |
    | 0000000000000002 | E09000002    | 2005-03-01  | Female | BAFR           |
    | 0000000000000003 | E09000002    | 2019-04-01  | Female | NOBT           |
    """
).assign(child_id=["a", "b", "c"], uasc_from_return=[False, True, False], uasc_ceased_on=pd.NaT, made_up=False)

EPISODES = (
    table(
        """
    | child | started_on | reason_new_code | legal_status_code | placement_code | ended_on   | reason_ceased_code | told_on    |
    | a     | 2019-06-01 | S               | V2                | U6             | 2020-05-01 | X1                 | 2021-03-31 |
    | a     | 2020-05-01 | P               | C2                | K2             |            |                    | 2021-03-31 |
    | b     | 2020-07-01 | S               | V2                | H5             | 2021-03-31 | E5                 | 2021-03-31 |
    | c     | 2020-08-01 | S               | V4                | U6             |            |                    | 2021-03-31 |
    """
    )
    .rename(columns={"child": "child_id"})
    .assign(need_code="N1", provider_code="PR1", age_at_start=10.0, age_at_end=10.0)
)

MARCH_2021, MARCH_2020 = dt.date(2021, 3, 31), dt.date(2020, 3, 31)


def in_care(day):
    return set(indicators.in_care_on(CHILDREN, EPISODES, day)["child_id"])


def test_a_child_who_leaves_on_the_day_is_not_in_care_and_short_breaks_are_left_out():
    assert in_care(MARCH_2021) == {"a"}
    assert in_care(dt.date(2021, 3, 30)) == {"a", "b"}


def test_an_episode_that_no_later_return_tells_counts_no_further():
    assert in_care(dt.date(2021, 4, 1)) == set()


def test_started_and_ceased_count_children_and_not_moves():
    started = indicators.started_between(CHILDREN, EPISODES, MARCH_2020, MARCH_2021)
    ceased = indicators.ceased_between(CHILDREN, EPISODES, MARCH_2020, MARCH_2021)
    assert started["child_id"].tolist() == ["b"]
    assert ceased["child_id"].tolist() == ["b"]


def test_a_change_of_home_leaves_every_count_of_children_alone():
    """Pitfall 11: splitting one episode in two must not move a count, share or base."""
    whole = indicators.count_groups(indicators.in_care_on(CHILDREN, EPISODES, MARCH_2021), "cla_total")
    half = EPISODES[EPISODES["started_on"] == pd.Timestamp(2020, 5, 1)]
    first = half.assign(ended_on=pd.Timestamp(2020, 9, 1), reason_ceased_code="X1")
    second = half.assign(started_on=pd.Timestamp(2020, 9, 1), reason_new_code="P")
    split = pd.concat([EPISODES.drop(half.index), first, second], ignore_index=True)
    again = indicators.count_groups(indicators.in_care_on(CHILDREN, split, MARCH_2021), "cla_total")
    pd.testing.assert_frame_equal(whole, again)


def test_groups_always_add_to_the_total_and_zero_is_shown():
    counts = indicators.count_groups(indicators.in_care_on(CHILDREN, EPISODES, dt.date(2021, 3, 30)), "cla_total")
    gender = counts[counts["gender"] != "All"].set_index("gender")["numerator"]
    assert gender.to_dict() == {"Male": 1, "Female": 1}
    groups = counts[counts["ethnic_group"].isin(["White", "Mixed", "Asian", "Black", "Other", "Unknown"])]
    assert groups["numerator"].sum() == 2
    assert groups.set_index("ethnic_group")["numerator"]["Asian"] == 0


def test_a_code_missing_from_a_row_is_counted_as_not_recorded():
    counts = indicators.count_categories(pd.Series(["PR1", None]), "placement_provider", "x", to="label")
    assert counts["numerator"].sum() == 2
    assert counts.set_index("category")["numerator"]["Not recorded"] == 1


@pytest.mark.parametrize(
    ("birth_month", "age"), [("2010-03-01", 11), ("2010-04-01", 10), ("2003-04-01", 17), ("2021-03-01", 0)]
)
def test_ages_on_31_march_are_exact_from_the_month(birth_month, age):
    months = pd.Series(pd.to_datetime([birth_month]))
    assert indicators.age_at_month_end(months, pd.Timestamp(MARCH_2021)).tolist() == [age]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(ages=st.lists(st.integers(0, 17), max_size=30))
def test_every_age_has_one_band(ages):
    bands = indicators.age_band(pd.Series(ages, dtype=float))
    assert bands.notna().all()
    assert set(bands) <= {"Under 1", "1 to 4", "5 to 9", "10 to 15", "16 and over"}


@pytest.mark.parametrize(
    ("day", "before"), [("2021-03-31", "2020-03-31"), ("2022-06-30", "2022-03-31"), ("2022-01-31", "2021-03-31")]
)
def test_a_period_begins_after_the_last_year_end(day, before):
    assert indicators.last_year_end_before(dt.date.fromisoformat(day)) == dt.date.fromisoformat(before)


def test_the_catalogue_tells_each_indicator_once_and_whole():
    catalogue = load_catalogue()
    assert catalogue["key"].is_unique
    assert set(catalogue["polarity"]) <= {"higher_better", "lower_better", "neutral"}
    assert set(catalogue["kind"]) == {"number", "share", "rate", "mean"}
    assert set(catalogue["rows"]) - {""} <= set(indicators.BASES)
    needed = ["name", "definition", "unit", "numerator_rule", "denominator_rule", "period_type", "trend_kind"]
    assert (catalogue[needed] != "").all().all()
    neutral = catalogue.set_index("key")["polarity"]
    assert neutral["cla_total"] == neutral["cla_rate_per_10000"] == "neutral", "DfE gives them no polarity"


def test_the_page_of_the_catalogue_is_up_to_date():
    page = Path(__file__).parents[1] / "docs" / "indicators.md"
    assert page.read_text(encoding="utf-8") == catalogue_page(), "run `make docs`"


def test_every_condition_of_the_catalogue_and_of_board_definitions_can_be_read():
    for rules in (load_catalogue(), load_codelist("board_definitions")):
        for text in [*rules["among"], *rules["counted"]]:
            indicators.parse(text)
    defined = load_codelist("board_definitions")
    assert set(defined["rows"]) <= {*indicators.BASES, "population"}
    assert not defined.duplicated(["indicator", "dimension", "category", "period_type", "borough"]).any()


STOCK = pd.DataFrame(
    {
        "ethnicity_code": ["WBRI", "WBRI", "BAFR", "BAFR", "NOBT"],
        "gender": ["Male", "Female", "Male", "Male", "Female"],
        "age": [3.0, 12.0, 16.0, 16.0, 0.0],
        "uasc": [False, False, True, False, False],
    }
)


def counted(rows=STOCK, **rule):
    blank = {"key": "x", "among": "", "counted": "", "average": "", "by": "", "kind": "share", "split": ""}
    return indicators.count_indicator(pd.Series({**blank, **rule}), rows)


def test_crossed_counts_add_to_the_total_and_have_every_combination():
    both = counted(kind="number", split="groups crossed")
    crossed = both[(both[["ethnic_group", "gender", "age_band"]] != "All").all(axis=1)]
    assert len(crossed) == 6 * 2 * 5
    assert crossed["numerator"].sum() == len(STOCK)
    cell = crossed.set_index(["ethnic_group", "gender", "age_band"])["numerator"]
    assert cell["Black", "Male", "16 and over"] == 2
    pd.testing.assert_frame_equal(both.drop(crossed.index), indicators.count_groups(STOCK, "x"))


def test_children_who_are_not_unaccompanied_are_counted_of_each_group():
    rule = load_catalogue().set_index("key", drop=False).loc["cla_not_uasc"]
    shares = indicators.count_indicator(rule, STOCK).set_index("ethnic_group")
    black = shares.loc["Black"]
    assert (black["numerator"], black["denominator"]) == (1, 2)
    assert shares.loc["White", "numerator"] == 2


def test_care_leavers_have_their_two_ages_and_each_groups_own_share():
    leavers = STOCK.assign(age=[17.0, 18.0, 19.0, 20.0, 21.0], here=[1.0, 0.0, 1.0, 1.0, 0.0])
    both = counted(leavers, counted="here=1", split="ages shares")
    assert both.loc[both["age_band"] != "All", "age_band"].tolist() == ["17 to 18", "19 to 21"]
    assert both.set_index("ethnic_group").loc["Black", ["numerator", "denominator"]].tolist() == [2, 2]


def test_a_share_about_age_is_not_split_by_age():
    by_age = counted(counted="age>=10", split="shares")
    assert set(by_age["age_band"]) == {"All"}
    assert set(counted(counted="uasc=yes", split="shares")["age_band"]) > {"All"}


@pytest.mark.parametrize(("score", "concern"), [(13.0, 0), (16.0, 0), (17.0, 1), (40.0, 1)])
def test_a_wellbeing_score_is_of_concern_from_17(score, concern):
    """DfE: normal 0 to 13, borderline 14 to 16, cause for concern 17 to 40; children aged 5 to 16 with a score."""
    rule = load_catalogue().set_index("key", drop=False).loc["cla_sdq_concern"]
    rows = STOCK.assign(sdq_score=[score, None, None, None, None], age=[5.0, 9.0, 9.0, 9.0, 9.0])
    whole = indicators.count_indicator(rule, rows).iloc[0]
    assert (whole["numerator"], whole["denominator"]) == (concern, 1)


def test_the_words_of_split_and_sensitive_are_known():
    catalogue = load_catalogue()
    assert set(" ".join(catalogue["split"]).split()) == {"groups", "crossed", "shares", "ages", "inside"}
    assert set(catalogue["sensitive"]) == {"", "all", "none"}


def test_every_measure_of_the_journey_is_released_for_groups_and_has_a_base():
    catalogue = load_catalogue().set_index("key")
    bases = load_codelist("released_bases")
    journey = load_codelist("journey")["indicator"]
    own = catalogue.loc[[*journey, "cla_not_uasc"]]
    assert own["split"].isin(["shares", "ages shares"]).all()
    assert own.reset_index().merge(bases, on=["rows", "among"]).shape[0] == len(own)
    assert set(bases["counted_by"]) - {""} <= set(catalogue.index)
    apart = load_codelist("apart")
    assert set(apart["indicator"]) | set(apart["told_with"]) <= {*journey, "cla_missing_children"}
    links = apart["indicator"].value_counts()
    later = apart["indicator"].map(links) > apart["told_with"].map(links).fillna(0)
    assert later.all(), "a measure is decided after all that it is told with"
