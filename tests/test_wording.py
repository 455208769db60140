"""Numbers to words: rounding half up, findings from rules, no banned word."""

import datetime as dt
import math

import pytest

from helpers import wording


def said(rule, index=1.5, **other):
    facts = {
        "who": "Black children",
        "count": 56,
        "share": 0.14,
        "population_share": 0.10,
        "index": index,
        "index_low": 1.08,
        "index_high": 1.78,
        "excess": 16.0,
        "excess_low": 3.2,
        "excess_high": 31.1,
        **other,
    }
    return wording.representation_words(rule=rule, **facts)


def test_a_finding_is_said_as_the_methods_say_it():
    assert said(3) == (
        "Black children are substantially over-represented: 14% of children in care, about 10% of local children. "
        "That is about 16 more children than expected (likely range 3 to 31)."
    )


def test_fewer_children_than_expected_are_told_as_a_positive_range():
    sentence = said(3, index=0.5, excess=-20.4, excess_low=-31.0, excess_high=-8.2)
    assert "under-represented" in sentence
    assert "20 fewer children than expected (likely range 8 to 31)" in sentence


@pytest.mark.parametrize("rule", [1, 2, 5, 6, 7])
def test_only_a_tested_finding_has_a_direction(rule):
    assert "represented" not in said(rule)


def test_a_suppressed_group_is_told_without_a_direction():
    sentence = said(1, **dict.fromkeys(("count", "share", "index", "excess"), math.nan))
    assert sentence == "Black children: numbers are too small to publish."


def test_change_is_a_fact_and_chance_is_a_test():
    told = wording.change_words(
        now=391, day=dt.date(2021, 3, 31), before=402, before_day=dt.date(2020, 3, 31), came=193, left=204, p_value=0.6
    )
    assert told == (
        "391 children were in care on 31 March 2021, 11 fewer than on 31 March 2020. "
        "In between 193 came into care and 204 left: no clear change."
    )


def test_a_change_that_was_not_tested_says_nothing_of_chance():
    told = wording.change_words(now=391, day=dt.date(2021, 3, 31), before=402, before_day=dt.date(2020, 3, 31))
    assert "clear" not in told


def test_two_years_are_never_called_a_trend():
    told = wording.trend_words(
        name="Children who left care",
        rule=2,
        finding="too few to say",
        kind="flow",
        first=204,
        last=181,
        first_day=dt.date(2021, 3, 31),
        last_day=dt.date(2022, 3, 31),
        annual=(math.nan,) * 3,
    )
    assert told == "Children who left care: was 204 in the year to 31 March 2021, now 181."


def test_rising_needs_its_test_and_tells_its_interval():
    told = wording.trend_words(
        name="Children who came into care",
        rule=4,
        finding="rising",
        kind="flow",
        first=100,
        last=150,
        first_day=dt.date(2017, 3, 31),
        last_day=dt.date(2022, 3, 31),
        annual=(6.25, 2.0, 10.6),
    )
    assert told.endswith("That is rising by about 6.3% a year (2.0 to 10.6).")


@pytest.mark.parametrize(
    ("words", "joined"), [([], ""), (["A"], "A"), (["A", "B"], "A and B"), (["A", "B", "C"], "A, B and C")]
)
def test_lists_read_as_sentences(words, joined):
    assert wording.joined(words) == joined
