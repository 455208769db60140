"""Made-up plans and first health assessments: what is due for a child or a care leaver, and when it is done."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from helpers import codes
from helpers.made_up.dates import NEVER, age_on, to_day
from helpers.made_up.draws import Draws
from helpers.made_up.outcome_figures import OutcomeFigures, among, exactly, own_draws, size_that_prints
from helpers.made_up.plans import Return
from helpers.made_up.shares import asked_for

OWN_HEALTH, OWN_EDUCATION, OWN_PATHWAY = 6, 7, 8
WORKING_DAYS = 20
LATEST = 60  # days that a late health assessment comes after its day
SCHOOL_AGES = (5, 15)
SIX_MONTHS = 175  # a little less, so that a plan counts under every way of counting six months
SEVEN_MONTHS = 205
OLD_PLAN = 215
AUTUMN = 165  # plans of the first half of a return's year are done by its mid-September
FIRST_HALF = 0.85
GRADES = (("Good", 0.62), ("Some work needed", 0.3), ("Not good enough", 0.08))
REASONS_LATE = (
    "No appointment free",
    "Consent came late",
    "Child lives far from the borough",
    "Child did not want to go",
)
PATHWAY_DAYS = {"Bromley": SEVEN_MONTHS}
"""Councils that count a plan of more than six months ago."""


def working_days_after(days: ArrayLike, count: int) -> NDArray[np.int64]:
    """Give the day that many working days later: Monday to Friday without bank holidays."""
    at = np.asarray(days, dtype=np.int64).astype("M8[D]")
    return np.busday_offset(at, count, roll="preceding", busdaycal=_calendar()).astype(np.int64)


@lru_cache(maxsize=1)
def _calendar() -> np.busdaycalendar:
    return np.busdaycalendar(holidays=codes.load_codelist("bank_holidays")["date"].to_numpy("datetime64[D]"))


def health_assessments(spells: pd.DataFrame, told: Return, draws: Draws, figures: OutcomeFigures) -> pd.DataFrame:
    """Give the first health assessments that fell due in the time of one return.

    returns: child, IHA_DUE, IHA_DATE (days; NEVER while not done), IHA_REASON_LATE
    """
    own = own_draws(draws, told.last_day, OWN_HEALTH)
    rows = spells.assign(due=working_days_after(spells["began"], WORKING_DAYS)).sort_values(["child", "began"])
    rows = rows[(rows["due"] >= told.first_day) & (rows["due"] <= told.last_day) & (rows["due"] < rows["ended"])]
    rows, in_time = _assessed_in_time(rows.reset_index(drop=True), told, own, figures)
    due, size = rows["due"].to_numpy(), len(rows)
    done = own.day_between(np.maximum(np.maximum(rows["began"] + 3, due - 20), told.first_day), due)
    late = due + 1 + np.floor(own.rng.random(size) * LATEST).astype(np.int64)
    late = np.where((late >= rows["ended"]) | (late > told.last_day), NEVER, late)
    reason = own.rng.choice(REASONS_LATE, size)
    return rows[["child"]].assign(
        IHA_DUE=due, IHA_DATE=np.where(in_time, done, late), IHA_REASON_LATE=np.where(in_time, "", reason)
    )


def _assessed_in_time(
    rows: pd.DataFrame, told: Return, draws: Draws, figures: OutcomeFigures
) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    """Tell which assessments are in time. A few children have none, where a printed share needs another base."""
    indicator, before = "cla_initial_health_assessment_in_time", told.first_day - 1
    due = rows["due"].to_numpy()
    in_time, dropped = np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
    for day in _days_inside(figures, indicator, told):
        upto, now = (due <= day) & ~dropped, (due > before) & (due <= day)
        printed = [row["printed"] for row in figures.of_indicator(indicator) if row["day"] == day]
        size = int(upto.sum())
        dropped |= among(now, dropped, size - size_that_prints(size, size, printed), draws)
        wanted = asked_for(indicator, day, int((upto & ~dropped).sum()), draws, figures)
        in_time |= among(now & ~dropped, in_time, max(wanted - int(in_time.sum()), 0), draws)
        before = day
    return rows[~dropped], in_time[~dropped]


def _days_inside(figures: OutcomeFigures, indicator: str, told: Return) -> list[int]:
    """Give the days with a printed figure inside a return's time, and its last day, in order."""
    days = {row["day"] for row in figures.of_indicator(indicator)}
    return sorted({day for day in days if told.first_day <= day < told.last_day} | {told.last_day})


def education_plans(
    children: pd.DataFrame, spells: pd.DataFrame, told: Return, draws: Draws, figures: OutcomeFigures
) -> pd.DataFrame:
    """Give the personal education plans of one return's time, with the printed shares up to date on its last day.

    returns: child, PEP_DUE, PEP_DATE (days; NEVER while not done), PEP_QUALITY
    """
    own = own_draws(draws, told.last_day, OWN_EDUCATION)
    rows = pd.concat([_autumn_plans(children, spells, told, draws, figures, own),
                      _plans_of_the_day(children, spells, told, draws, figures)], ignore_index=True)  # fmt: skip
    names, weights = zip(*GRADES, strict=True)
    grade = own.rng.choice(names, len(rows), p=weights)
    rows = rows.rename(columns={"due": "PEP_DUE", "done": "PEP_DATE"}).sort_values(["child", "PEP_DUE"], kind="stable")
    return rows.assign(PEP_QUALITY=np.where(rows["PEP_DATE"] < NEVER, grade, ""))


def of_school_age(children: pd.DataFrame, spells: pd.DataFrame, day: int) -> pd.DataFrame:
    """Give the children in care on a day who were 5 to 15 on the 31 August before it: child, began, ended."""
    stock = spells[(spells["began"] <= day) & (spells["ended"] > day)].sort_values("child")
    age = age_on(children["born"].to_numpy()[stock["child"]], august_before(day))
    return stock.loc[(age >= SCHOOL_AGES[0]) & (age <= SCHOOL_AGES[1]), ["child", "began", "ended"]]


def august_before(day: int) -> int:
    """Give the last 31 August before a day."""
    year = np.datetime64(day, "D").astype("M8[Y]").astype(int) + 1970
    august = to_day(f"{year}-08-31")
    return august if august < day else to_day(f"{year - 1}-08-31")


def _plans_of_the_day(
    children: pd.DataFrame, spells: pd.DataFrame, told: Return, draws: Draws, figures: OutcomeFigures
) -> pd.DataFrame:
    """Plans of the last six months of a return: done for the printed share of the children of its last day."""
    own = own_draws(draws, told.last_day, OWN_EDUCATION + 100)
    stock, day = of_school_age(children, spells, told.last_day), told.last_day
    count = asked_for("cla_pep_up_to_date", day, len(stock), own, figures)
    # A child who has just come is the likeliest to have no plan yet.
    drawn = own.happens(len(stock), count / max(len(stock), 1)) & (day - stock["began"].to_numpy() > 15)
    planned = exactly(drawn, count, own)
    earliest = np.maximum(stock["began"].to_numpy(), max(day - SIX_MONTHS, told.first_day))
    done = own.day_between(earliest, np.full(len(stock), day))
    due = np.where(
        planned, done + own.rng.integers(0, 15, len(stock)), own.day_between(earliest, np.full(len(stock), day))
    )
    return stock[["child"]].assign(due=due, done=np.where(planned, done, NEVER))


def _autumn_plans(
    children: pd.DataFrame, spells: pd.DataFrame, told: Return, draws: Draws, figures: OutcomeFigures, own: Draws
) -> pd.DataFrame:
    """Plans of the first half of a return's year; with a printed figure of a day inside it, as that day needs."""
    start, end = told.first_day, told.first_day + AUTUMN
    inside = [day for day in _days_inside(figures, "cla_pep_up_to_date", told) if day < end and day != told.last_day]
    if told.last_day < end:
        return pd.DataFrame({"child": [], "due": [], "done": []}, dtype=np.int64)
    stock = of_school_age(children, spells, inside[0] if inside else start + AUTUMN // 2)
    last = np.minimum(stock["ended"].to_numpy() - 1, end)
    planned = own.happens(len(stock), FIRST_HALF)
    if inside:
        planned, last = _as_on_a_day_inside(stock, children, spells, inside[0], told, draws, figures, own)
    done = own.day_between(np.maximum(stock["began"].to_numpy(), start), last)
    rows = stock[["child"]].assign(done=done, due=np.minimum(done + own.rng.integers(0, 15, len(stock)), end))
    return rows.loc[planned, ["child", "due", "done"]]


def _as_on_a_day_inside(
    stock: pd.DataFrame,
    children: pd.DataFrame,
    spells: pd.DataFrame,
    day: int,
    told: Return,
    draws: Draws,
    figures: OutcomeFigures,
    own: Draws,
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Tell whose plan is done by a day inside the return's time, so that with earlier plans the share is printed."""
    year_before = Return(told.first_day - 365, told.first_day - 1, told.year - 1, "")
    earlier = _plans_of_the_day(children, spells, year_before, draws, figures)
    earlier = earlier.loc[(earlier["done"] > day - OLD_PLAN) & (earlier["done"] < NEVER), "child"]
    has_one = stock["child"].isin(earlier).to_numpy()
    count = asked_for("cla_pep_up_to_date", day, len(stock), own, figures)
    return exactly(has_one, count, own), np.full(len(stock), day)


def pathway_plans(
    leavers: dict[str, NDArray], oc3: pd.DataFrame, told: Return, draws: Draws, figures: OutcomeFigures
) -> pd.DataFrame:
    """Give the pathway plans of the care leavers of one return, with the printed share up to date on its last day.

    returns: child, PATHWAY_PLAN_DUE, PATHWAY_PLAN_DATE (days; NEVER while not done)
    """
    base = oc3.loc[~oc3["IN_TOUCH"].isin(["RHOM", "DIED"])].sort_values("child")
    who, day = base["child"].to_numpy(), told.last_day
    own = own_draws(draws, day, OWN_PATHWAY)
    count = asked_for("cl_pathway_plan_up_to_date", day, len(who), own, figures)
    window = PATHWAY_DAYS.get(draws.borough, SIX_MONTHS)
    has_one = np.isin(who, _planned_before(leavers, told, draws, figures, day - OLD_PLAN))
    planned = exactly(has_one, count, own)
    done = own.day_between(np.full(len(who), max(day - window, told.first_day)), np.full(len(who), day))
    due = np.where(planned, done + own.rng.integers(0, 15, len(who)), day - own.rng.integers(1, 60, len(who)))
    return pd.DataFrame({"child": who, "PATHWAY_PLAN_DUE": due, "PATHWAY_PLAN_DATE": np.where(planned, done, NEVER)})


def _planned_before(
    leavers: dict[str, NDArray], told: Return, draws: Draws, figures: OutcomeFigures, since: int
) -> NDArray[np.int64]:
    """Give the care leavers with a plan of an earlier return that may still count; only an in-year one has such."""
    names = list(leavers)
    place = names.index(told.name)
    if place == 0 or to_day(names[place - 1]) < since:
        return np.zeros(0, dtype=np.int64)
    before = to_day(names[place - 1])
    everybody = pd.DataFrame({"child": np.sort(leavers[names[place - 1]]), "IN_TOUCH": "YES"})
    earlier = Return(before - 364, before, told.year - 1, names[place - 1])
    plans = pathway_plans({earlier.name: leavers[earlier.name]}, everybody, earlier, draws, figures)
    return plans.loc[(plans["PATHWAY_PLAN_DATE"] > since) & (plans["PATHWAY_PLAN_DATE"] < NEVER), "child"].to_numpy()
