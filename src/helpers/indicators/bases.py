"""The rows that figures are counted from: one function per base, each giving one row per child (or event) it counts.

codelists and indicators.csv name a base and say by a condition which of its rows count. Every base has what figures are
broken down by: ethnicity_code, gender and age (on the day, or on the day it happened).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import pandas as pd

from helpers.codes import load_codelist
from helpers.indicators.adoption import adopted_children
from helpers.indicators.people import age_at_month_end, ceased_between, in_care_on, started_between
from helpers.indicators.stability import add_stability, placement_spells
from helpers.indicators.tables import Tables
from helpers.indicators.timeliness import due_in, of_school_age, reviewed_in_time, visited, with_plan
from helpers.indicators.windows import Window, is_year_end, years_before

LATEST_COLLECTION_DAYS = 62
"""A figure told for a day up to two months after a collection is held against that collection."""


class Bases:
    """The bases of one borough's tables, each worked out once for a window."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self._found: dict[tuple[str, Window], pd.DataFrame | None] = {}

    def rows(self, base: str, window: Window) -> pd.DataFrame | None:
        """Give the rows of a base, or None where the tables it needs did not arrive or do not reach so far.

        base: a key of BASES
        """
        if (base, window) not in self._found:
            self._found[base, window] = BASES[base](self, window)
        return self._found[base, window]

    @cached_property
    def spells(self) -> pd.DataFrame:
        """Every placement of care: stability.placement_spells."""
        return placement_spells(self.tables.episodes)

    def told(self, name: str) -> pd.DataFrame | None:
        """Give a further table, or None where it did not arrive."""
        return self.tables.others.get(name)

    def collection_on(self, day: pd.Timestamp) -> pd.Timestamp | None:
        """Give the last day of the collection that a day is told by: that day, or the latest within two months."""
        days = pd.concat([self.tables.episodes["told_on"], self.tables.outcomes["told_on"]]).drop_duplicates()
        near = days[(days <= day) & (days >= day - pd.Timedelta(days=LATEST_COLLECTION_DAYS))]
        return None if near.empty else near.max()


def _in_care(bases: Bases, window: Window) -> pd.DataFrame:
    return in_care_on(bases.tables.children, bases.tables.episodes, window.day)


def _settled(bases: Bases, window: Window) -> pd.DataFrame:
    return add_stability(bases.rows("in_care", window), bases.spells, window)


def _placed(bases: Bases, window: Window) -> pd.DataFrame:
    stock = bases.rows("in_care", window)
    touching = load_codelist("touching_authorities").query("code == @window.borough_code")["touching_code"]
    known = stock["placement_authority_code"]
    near = known.isin([window.borough_code, *touching]).map({True: "near", False: "further"}).where(known.notna())
    return stock.assign(near=near)


def _started(bases: Bases, window: Window) -> pd.DataFrame:
    started = started_between(bases.tables.children, bases.tables.episodes, window.after, window.day)
    before = bases.tables.episodes.merge(started[["child_id", "started_on"]], on="child_id", suffixes=("", "_now"))
    known = before.loc[before["started_on"] < before["started_on_now"], "child_id"]
    return started.assign(first_time=~started["child_id"].isin(known))


def _ceased(bases: Bases, window: Window) -> pd.DataFrame:
    return ceased_between(bases.tables.children, bases.tables.episodes, window.after, window.day)


def _in_care_in_time(bases: Bases, window: Window) -> pd.DataFrame:
    """Children with a day of care in the window, once each; which homes and legal statuses they had in it."""
    episodes = bases.tables.episodes
    end = episodes["ended_on"].fillna(episodes["told_on"] + pd.Timedelta(days=1))
    own = episodes[
        ~episodes["short_break"]
        & (episodes["started_on"] <= window.on)
        & (end > window.begins_after + pd.Timedelta(days=1))
    ]
    flags = own.assign(
        in_custody=own["placement_code"].eq("R5"),
        remanded=own["legal_status_code"].eq("J1"),
        detained=own["placement_code"].eq("R2"),
    )
    told = flags.groupby("child_id", as_index=False)[["in_custody", "remanded", "detained"]].any()
    return _with_child(told, bases.tables.children, window.on)


def _with_child(rows: pd.DataFrame, children: pd.DataFrame, on: pd.Timestamp) -> pd.DataFrame:
    known = rows.merge(
        children[["child_id", "ethnicity_code", "gender", "birth_month"]], on="child_id", how="left", validate="m:1"
    )
    return known.assign(
        age=age_at_month_end(known["birth_month"], on),
        ethnicity_code=known["ethnicity_code"].fillna("NOBT"),
        gender=known["gender"].fillna("Unknown"),
    )


def _outcomes(bases: Bases, window: Window) -> pd.DataFrame | None:
    return _of_collection(bases, bases.tables.outcomes, window)


def _of_collection(bases: Bases, told: pd.DataFrame, window: Window) -> pd.DataFrame | None:
    """The rows of the collection of the day, with the child's own facts; None where that collection has none."""
    own = told[told["told_on"] == bases.collection_on(window.on)]
    if own.empty:
        return None
    facts = bases.tables.children.set_index("child_id")
    if "gender" not in own:
        own = own.assign(
            gender=own["child_id"].map(facts["gender"]).fillna("Unknown"),
            ethnicity_code=own["child_id"].map(facts["ethnicity_code"]).fillna("NOBT"),
        )
    return own.assign(uasc=own["child_id"].map(facts["uasc_from_return"]).fillna(False).astype(bool))


def _care_leavers(bases: Bases, window: Window) -> pd.DataFrame | None:
    told = _of_collection(bases, bases.tables.care_leavers, window)
    if told is None:
        return None
    groups = {
        name: load_codelist(name).set_index("code")["group"] for name in ("in_touch", "activity", "accommodation")
    }
    return told.assign(
        left_out=told["in_touch_code"].map(groups["in_touch"]).eq("Left out"),
        activity=told["activity_code"].map(groups["activity"]),
        accommodation=told["accommodation_code"].map(groups["accommodation"]),
    )


def _adopted(bases: Bases, window: Window) -> pd.DataFrame | None:
    return adopted_children(bases.tables, bases.spells, window)


def _adopted_in_three_years(bases: Bases, window: Window) -> pd.DataFrame | None:
    after = years_before(window.day, 3)
    if not is_year_end(window.day) or not _reaches(bases, after):
        return None
    return adopted_children(bases.tables, bases.spells, window._replace(after=after))


def _reaches(bases: Bases, after: object) -> bool:
    """Tell whether the returns tell what happened from the day after `after`: the first begins on 1 April."""
    first = bases.tables.episodes["told_on"].min()
    began = pd.Timestamp(first.year - (0 if (first.month, first.day) > (3, 31) else 1), 3, 31)
    return bool(pd.Timestamp(after) >= began)


def _missing(bases: Bases, window: Window) -> pd.DataFrame | None:
    """Spells of being missing or away that began in the window: one row per spell."""
    told = bases.told("missing_spells")
    if told is None:
        return None
    own = told[(told["started_on"] > window.begins_after) & (told["started_on"] <= window.on)]
    return _with_child(own, bases.tables.children, window.on)


def _missing_children(bases: Bases, window: Window) -> pd.DataFrame | None:
    """Children with a day of care in the window; whether they were missing or away in it, and in care on its day."""
    told = bases.told("missing_spells")
    if told is None:
        return None
    began = told[(told["started_on"] > window.begins_after) & (told["started_on"] <= window.on)]
    now = told[(told["started_on"] <= window.on) & (told["ended_on"].isna() | (told["ended_on"] > window.on))]
    rows = bases.rows("in_care_in_time", window)
    stock = bases.rows("in_care", window)["child_id"]
    return rows.assign(
        in_care=rows["child_id"].isin(stock),
        missing=rows["child_id"].isin(began.loc[began["missing_code"] == "M", "child_id"]),
        missing_or_away=rows["child_id"].isin(began["child_id"]),
        missing_now=rows["child_id"].isin(now["child_id"]) & rows["child_id"].isin(stock),
    )


def _reviewed(bases: Bases, window: Window) -> pd.DataFrame | None:
    told = bases.told("reviews")
    if told is None:
        return None
    return reviewed_in_time(bases.rows("in_care", window), bases.tables.episodes, told, window)


def _visited(bases: Bases, window: Window) -> pd.DataFrame | None:
    told = bases.told("visits")
    return None if told is None else visited(bases.rows("in_care", window), told, window)


def _visits_due(bases: Bases, window: Window) -> pd.DataFrame | None:
    told = bases.told("visits")
    if told is None:
        return None
    return _with_child(
        due_in(told, pd.Timestamp(years_before(window.day, 1)), window), bases.tables.children, window.on
    )


def _health_assessments_due(bases: Bases, window: Window) -> pd.DataFrame | None:
    told = bases.told("initial_health_assessments")
    return (
        None
        if told is None
        else _with_child(due_in(told, window.begins_after, window), bases.tables.children, window.on)
    )


def _school_age(bases: Bases, window: Window) -> pd.DataFrame | None:
    told = bases.told("education_plans")
    if told is None:
        return None
    return with_plan(of_school_age(bases.rows("in_care", window), window), told, window)


def _planned(bases: Bases, window: Window) -> pd.DataFrame | None:
    told, leavers = bases.told("pathway_plans"), bases.rows("care_leavers", window)
    if told is None or leavers is None:
        return None
    return with_plan(leavers[~leavers["left_out"]], told, window)


def _pupils(bases: Bases, window: Window) -> pd.DataFrame | None:
    """Education in the latest school year that ended by the day, or that the collection of the day tells of."""
    told = bases.told("education")
    if told is None:
        return None
    collection = bases.collection_on(window.on)
    ended = told["school_year_end"] <= window.on
    running = (
        (told["told_on"] == collection) & (told["school_year_end"] > window.on) if collection is not None else False
    )
    years = told.loc[ended | running, "school_year_end"]
    if years.empty:
        return None
    return _with_child(told[told["school_year_end"] == years.max()], bases.tables.children, window.on)


def _social_workers(bases: Bases, window: Window) -> pd.DataFrame | None:
    """Children in care on the day, and how many social workers they had in the year up to it."""
    told = bases.told("social_workers")
    if told is None:
        return None
    year = pd.Timestamp(years_before(window.day, 1))
    own = told[(told["started_on"] <= window.on) & (told["ended_on"].isna() | (told["ended_on"] > year))]
    count = own.groupby("child_id")["social_worker_id"].nunique()
    stock = bases.rows("in_care", window)
    return stock.assign(workers=stock["child_id"].map(count).fillna(0))


def _survey(bases: Bases, window: Window) -> pd.DataFrame | None:
    """One row per answer given in a survey of the window: survey, question, answer."""
    told = bases.told("survey_answers")
    if told is None:
        return None
    own = told[(told["asked_on"] > window.begins_after) & (told["asked_on"] <= window.on)]
    return own.loc[own.index.repeat(own["answers"].astype(int))].reset_index(drop=True)


def _targets(bases: Bases, window: Window) -> pd.DataFrame | None:
    """The targets that hold on the day: indicator, target, target_source."""
    told = bases.told("targets")
    if told is None:
        return None
    return told[(told["from_date"] <= window.on) & (told["to_date"].isna() | (told["to_date"] >= window.on))]


BASES: dict[str, Callable[[Bases, Window], pd.DataFrame | None]] = {
    "in_care": _in_care,
    "settled": _settled,
    "placed": _placed,
    "started": _started,
    "ceased": _ceased,
    "in_care_in_time": _in_care_in_time,
    "outcomes": _outcomes,
    "care_leavers": _care_leavers,
    "adopted": _adopted,
    "adopted_in_three_years": _adopted_in_three_years,
    "missing": _missing,
    "missing_children": _missing_children,
    "reviewed": _reviewed,
    "visited": _visited,
    "visits_due": _visits_due,
    "health_assessments_due": _health_assessments_due,
    "school_age": _school_age,
    "planned": _planned,
    "pupils": _pupils,
    "social_workers": _social_workers,
    "survey": _survey,
    "targets": _targets,
}
"""Every base by its name in indicators.csv and board_definitions.csv."""
