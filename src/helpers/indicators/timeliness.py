"""What was due and whether it was done in time: reviews, visits, health assessments, plans.

Working days are Monday to Friday without England's bank holidays (codelists/bank_holidays.csv). Months are calendar
months: three months after 30 November is 28 February.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from helpers.codes import load_codelist
from helpers.indicators.people import SHORT_BREAKS
from helpers.indicators.windows import Window, last_year_end_before, years_before

FIRST_REVIEW_WORKING_DAYS = 20
MONTHS_TO_SECOND_REVIEW, MONTHS_TO_NEXT_REVIEW = 3, 6
VISIT_DAYS = 42
VISIT_MONTHS = 3
PLAN_MONTHS = 6
SCHOOL_AGES = (5, 15)


@lru_cache
def _calendar() -> np.busdaycalendar:
    return np.busdaycalendar(holidays=load_codelist("bank_holidays")["date"].to_numpy("datetime64[D]"))


def working_days_after(days: pd.Series, count: int) -> pd.Series:
    """Give the day so many working days after each day; missing stays missing.

    source: Care Planning, Placement and Case Review (England) Regulations 2010, reg. 33: 20 working days
    """
    known = days.notna()
    at = days[known].to_numpy("datetime64[D]")
    # A child who comes on a Saturday has the whole of the working days that follow.
    moved = np.busday_offset(at, count, roll="preceding", busdaycal=_calendar())
    return pd.Series(moved.astype("datetime64[us]"), index=days.index[known]).reindex(days.index)


def reviewed_in_time(
    stock: pd.DataFrame, episodes: pd.DataFrame, reviews: pd.DataFrame, window: Window
) -> pd.DataFrame:
    """Give the children in care for more than 20 working days, and whether every review due in the year was in time.

    stock: people.in_care_on; returns: its rows with in_care_since and in_time
    A child's first review is due 20 working days after coming into care, the second three months after the first, each
    further one six months after the one before; a child with none due in the year counts as in time. Of care that began
    before the first collection that tells reviews, the reviews before are not known: the first that is told is due
    within six months of that collection's first day, and the next ones six months after each.
    source: NI 66 (review cases within required timescales)
    """
    care = _care_since(stock, episodes)
    first_due = working_days_after(care["in_care_since"], FIRST_REVIEW_WORKING_DAYS)
    base = care.assign(first_due=first_due)[first_due < window.on]
    told_from = pd.Timestamp(last_year_end_before(reviews["told_on"].min().date())) if len(reviews) else window.on
    running = (base["in_care_since"] <= told_from) | ~base["opens"]
    half_a_year = told_from + pd.DateOffset(months=MONTHS_TO_NEXT_REVIEW)
    base = base.assign(running=running, first_due=base["first_due"].mask(running, half_a_year))
    due = _reviews_due(base, reviews, window)
    late = due.loc[due["late"], "child_id"].unique()
    return base.assign(in_time=~base["child_id"].isin(late))


def _care_since(stock: pd.DataFrame, episodes: pd.DataFrame) -> pd.DataFrame:
    """Add the first told day of the care, and whether the care opens on it (or had begun before the returns tell)."""
    care = episodes[~episodes["legal_status_code"].isin(SHORT_BREAKS)].sort_values(["child_id", "started_on"])
    first = care.drop_duplicates(["child_id", "period"])[["child_id", "period", "started_on", "reason_new_code"]]
    first = first.rename(columns={"started_on": "in_care_since"})
    first = first.assign(opens=first.pop("reason_new_code") == "S")
    return stock.merge(first, on=["child_id", "period"], how="left", validate="1:1")


def _reviews_due(base: pd.DataFrame, reviews: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Give each review that fell due in the year up to the day, and whether it was held later than its day or not yet.

    returns: child_id, due_on, late; one row for each review held in the care and one for the next that is not held
    """
    held = reviews.merge(base[["child_id", "in_care_since", "first_due", "running"]], on="child_id")
    held = held[(held["reviewed_on"] >= held["in_care_since"]) & (held["reviewed_on"] <= window.on)]
    held = held.sort_values(["child_id", "reviewed_on"])
    number = held.groupby("child_id").cumcount()
    before = held.groupby("child_id")["reviewed_on"].shift()
    due = _next_due(held["first_due"], before, number, held["running"])
    told = held.assign(due_on=due, late=held["reviewed_on"] > due)[["child_id", "due_on", "late"]]
    last = held.groupby("child_id").agg(last=("reviewed_on", "max"), number=("reviewed_on", "size"))
    after = base.set_index("child_id")[["first_due", "running"]].join(last)
    still = _next_due(after["first_due"], after["last"], after["number"].fillna(0), after["running"])
    # A review due on the day itself may still be held that day.
    open_ones = pd.DataFrame({"child_id": after.index, "due_on": still.to_numpy(), "late": True})
    open_ones = open_ones[open_ones["due_on"] < window.on]
    every = pd.concat([told, open_ones], ignore_index=True)
    year_began = pd.Timestamp(years_before(window.day, 1))
    return every[(every["due_on"] > year_began) & (every["due_on"] <= window.on)]


def _next_due(first_due: pd.Series, before: pd.Series, number: pd.Series, running: pd.Series) -> pd.Series:
    second = before + pd.DateOffset(months=MONTHS_TO_SECOND_REVIEW)
    later = before + pd.DateOffset(months=MONTHS_TO_NEXT_REVIEW)
    return first_due.where(number == 0, second.where((number == 1) & ~running, later))


def last_done(stock: pd.DataFrame, done: pd.DataFrame, on: pd.Timestamp) -> pd.Series:
    """Give for each child the last day up to a day on which something was done (a visit, a plan); missing for none.

    stock: with child_id; done: contracts of schemas.local with child_id and done_on
    """
    upto = done[done["done_on"] <= on]
    return stock["child_id"].map(upto.groupby("child_id")["done_on"].max())


def visited(stock: pd.DataFrame, visits: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Tell of children in care on the day whether a visit was made in the six weeks and the three months up to it."""
    last = last_done(stock, visits, window.on)
    six_weeks = window.on - pd.Timedelta(days=VISIT_DAYS)
    three_months = window.on - pd.DateOffset(months=VISIT_MONTHS)
    return stock.assign(visited_6_weeks=last >= six_weeks, visited_3_months=last >= three_months)


def with_plan(people: pd.DataFrame, plans: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Tell whether a plan was done in the six months up to the day (`up_to_date`), and in the seven months."""
    last = last_done(people, plans, window.on)
    since = {months: window.on - pd.DateOffset(months=months) for months in (PLAN_MONTHS, PLAN_MONTHS + 1)}
    return people.assign(up_to_date=last >= since[PLAN_MONTHS], up_to_date_7_months=last >= since[PLAN_MONTHS + 1])


def of_school_age(stock: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Give the children of statutory school age: 5 to 15 on the 31 August before the day (reception year left out)."""
    august = pd.Timestamp(
        window.day.year if (window.day.month, window.day.day) > (8, 31) else window.day.year - 1, 8, 31
    )
    born = stock["birth_month"]
    then = august.year - born.dt.year - (born.dt.month > august.month)
    return stock[then.between(*SCHOOL_AGES)]


def due_in(duties: pd.DataFrame, after: pd.Timestamp, window: Window) -> pd.DataFrame:
    """Give what fell due after one day and up to the window's, and whether it was done by its day (`in_time`)."""
    due = duties[(duties["due_on"] > after) & (duties["due_on"] <= window.on)]
    return due.assign(in_time=due["done_on"] <= due["due_on"])
