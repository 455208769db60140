"""Whether what was due was done in time, and how long adoption took, on small drawn tables."""

import datetime as dt

import pandas as pd
import pytest
from drawn import table

from helpers.indicators import Bases, Tables, Window
from helpers.indicators.timeliness import working_days_after

BOROUGH = "E09000002"
NO_ROWS = pd.DataFrame({"told_on": pd.Series(dtype="datetime64[us]")})


def days(*told: str) -> pd.Series:
    return pd.Series(pd.to_datetime(list(told)).astype("datetime64[us]"))


def children(*names: str, born: str = "2010-02-01") -> pd.DataFrame:
    return pd.DataFrame({"child_id": list(names)}).assign(
        borough_code=BOROUGH, birth_month=pd.Timestamp(born), gender="Male", ethnicity_code="WBRI",
        uasc_from_return=False, uasc_ceased_on=pd.NaT, mother=float("nan"), made_up=False,
    )  # fmt: skip


def episodes(text: str, told_on: str = "2023-03-31") -> pd.DataFrame:
    drawn = table(text).assign(
        need_code="N1", provider_code="PR1", age_at_start=5.0, age_at_end=6.0, short_break=False,
        told_on=pd.Timestamp(told_on), placement_authority_code=BOROUGH, in_borough="in", distance_miles=1.0,
    )  # fmt: skip
    drawn["child_id"] = drawn.pop("child")
    return drawn.assign(
        ended_on=pd.to_datetime(drawn["ended_on"]), reason_ceased_code=drawn["reason_ceased_code"].astype(str)
    )


def bases(people: pd.DataFrame, care: pd.DataFrame, **others: pd.DataFrame) -> Bases:
    return Bases(Tables(people, care, NO_ROWS, NO_ROWS, others))


def window(day: str, after: str = "2022-03-31") -> Window:
    return Window(dt.date.fromisoformat(day), dt.date.fromisoformat(after), BOROUGH)


@pytest.mark.parametrize(
    ("began", "due"),
    [
        ("2023-01-03", "2023-01-31"),  # twenty weekdays, no bank holiday
        ("2023-03-13", "2023-04-12"),  # over Good Friday and Easter Monday
        ("2022-12-01", "2023-01-03"),  # Christmas, Boxing Day and New Year's Day fall on substitutes
        ("2023-01-07", "2023-02-03"),  # a Saturday: the twenty days begin on Monday
    ],
)
def test_twenty_working_days_leave_out_weekends_and_bank_holidays(began, due):
    assert working_days_after(days(began), 20).tolist() == [pd.Timestamp(due)]


IN_CARE = """
    | child | started_on | reason_new_code | legal_status_code | placement_code | ended_on | reason_ceased_code | period | placement |
    | a     | 2022-05-03 | S               | C2                | U6             |          |                    | 1      | 1         |
    | b     | 2022-05-03 | S               | C2                | U6             |          |                    | 1      | 1         |
    | c     | 2023-03-20 | S               | C2                | U6             |          |                    | 1      | 1         |
    | d     | 2022-05-03 | S               | C2                | U6             |          |                    | 1      | 1         |
"""


def test_a_child_counts_as_reviewed_in_time_only_if_every_review_of_the_year_was():
    """First due 20 working days after 3 May 2022: 31 May 2022; then three months, then six."""
    held = pd.DataFrame(
        {
            "child_id": ["a", "a", "a", "b", "b", "d"],
            "told_on": pd.Timestamp("2023-03-31"),
            "reviewed_on": days("2022-05-31", "2022-08-31", "2023-02-28", "2022-05-31", "2022-09-01", "2022-05-20"),
        }
    )
    rows = bases(children("a", "b", "c", "d"), episodes(IN_CARE), reviews=held).rows("reviewed", window("2023-03-31"))
    in_time = rows.set_index("child_id")["in_time"]
    assert set(in_time.index) == {"a", "b", "d"}, "c is in care for less than 20 working days"
    assert in_time["a"]
    assert not in_time["b"], "the second review was a day late"
    assert not in_time["d"], "the second review was never held"


def test_without_the_table_there_is_no_figure_and_not_a_zero():
    assert bases(children("a"), episodes(IN_CARE)).rows("reviewed", window("2023-03-31")) is None
    assert bases(children("a"), episodes(IN_CARE)).rows("visited", window("2023-03-31")) is None


def test_visits_count_in_six_weeks_and_in_three_months_up_to_the_day():
    made = pd.DataFrame(
        {
            "child_id": ["a", "b", "d"],
            "done_on": days("2023-02-17", "2023-02-16", "2023-04-01"),
            "due_on": days("2023-02-17", "2023-02-17", "2023-02-17"),
        }
    )
    rows = bases(children("a", "b", "c", "d"), episodes(IN_CARE), visits=made).rows("visited", window("2023-03-31"))
    told = rows.set_index("child_id")
    assert told["visited_6_weeks"].to_dict() == {"a": True, "b": False, "c": False, "d": False}
    assert told["visited_3_months"].to_dict() == {"a": True, "b": True, "c": False, "d": False}


def test_what_fell_due_is_the_base_and_what_is_not_done_is_not_in_time():
    due = pd.DataFrame(
        {"child_id": list("abcd"), "due_on": days("2022-04-01", "2023-03-31", "2023-04-01", "2022-12-01")}
    )
    due = due.assign(
        done_on=days("2022-04-01", "2023-04-02", "2023-04-01", "2022-12-01").mask([False, False, False, True])
    )
    rows = bases(children(*"abcd"), episodes(IN_CARE), initial_health_assessments=due).rows(
        "health_assessments_due", window("2023-03-31")
    )
    assert rows.set_index("child_id")["in_time"].to_dict() == {"a": True, "b": False, "d": False}


def test_school_age_is_that_of_the_31_august_before():
    care = episodes(IN_CARE)
    people = pd.concat(
        [children("a", born="2017-08-01"), children("b", born="2017-09-01"), children("d", born="2006-08-01")]
    )
    plans = pd.DataFrame({"child_id": ["a"], "due_on": days("2023-01-01"), "done_on": days("2022-10-01")})
    rows = bases(people, care[care["child_id"] != "c"], education_plans=plans).rows("school_age", window("2023-03-31"))
    assert rows.set_index("child_id")["up_to_date"].to_dict() == {"a": True}


ADOPTED = """
    | child | started_on | reason_new_code | legal_status_code | placement_code | ended_on   | reason_ceased_code | period | placement |
    | a     | 2021-01-01 | S               | C1                | U6             | 2021-06-01 | X1                 | 1      | 1         |
    | a     | 2021-06-01 | L               | E1                | U6             | 2021-12-01 | X1                 | 1      | 1         |
    | a     | 2021-12-01 | P               | E1                | A6             | 2022-06-01 | E12                | 1      | 2         |
    | b     | 2021-01-01 | S               | C1                | U6             | 2021-03-02 | X1                 | 1      | 1         |
    | b     | 2021-03-02 | P               | E1                | U5             | 2021-12-01 | X1                 | 1      | 2         |
    | b     | 2021-12-01 | T               | E1                | A5             | 2022-06-01 | E12                | 1      | 2         |
"""


def test_a10_stops_at_the_adopters_or_for_foster_carers_who_adopt_when_the_child_came_to_them():
    told = pd.DataFrame(
        {"child_id": ["a", "b"], "by_foster_carers": [0.0, 1.0], "matched_on": days("2021-09-09", "2021-03-12")}
    )
    rows = bases(children("a", "b"), episodes(ADOPTED), adoptions=told).rows("adopted", window("2023-03-31"))
    found = rows.set_index("child_id")
    assert found["days_to_family"].to_dict() == {"a": 334, "b": 60}
    assert found["days_order_to_match"].to_dict() == {"a": 100, "b": 10}


def test_a_mean_over_three_years_needs_three_years_of_returns():
    own = bases(children("a", "b"), episodes(ADOPTED), adoptions=None)
    assert own.rows("adopted_in_three_years", window("2023-03-31")) is None
