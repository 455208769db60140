"""Contracts of local extras: what councils keep beside the returns, in the layouts of `briefings check --templates`.

The same row told by two collections is one row: the later collection counts.
"""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

from helpers.schemas.events import OfOneChild


class OfDuty(OfOneChild):
    """Something that was to be done for a child by a day. Trap: not done yet and not due yet are told by the dates."""

    due_on: Series[pd.Timestamp] = pa.Field(nullable=True)
    done_on: Series[pd.Timestamp] = pa.Field(nullable=True, description="missing while not done")


class EducationPlans(OfDuty):
    """One row per personal education plan."""

    quality: Series[str] = pa.Field(nullable=True, description="the council's own grade")


class Visits(OfDuty):
    """One row per social work visit."""

    seen_alone: Series[float] = pa.Field(nullable=True, description="1 or 0")


class InitialHealthAssessments(OfDuty):
    """One row per initial health assessment, due 20 working days after coming into care."""

    reason_late: Series[str] = pa.Field(nullable=True)


class PathwayPlans(OfDuty):
    """One row per pathway plan of a young person."""


class Education(OfOneChild):
    """One row per child in care and school year. Source: the virtual school. Results only at the end of a key stage."""

    school_year_end: Series[pd.Timestamp] = pa.Field(description="31 August")
    key_stage: Series[str] = pa.Field(nullable=True, description="key stage finished in the year")
    special_needs_code: Series[str] = pa.Field(nullable=True, description="E, K or N")
    english_maths_4: Series[float] = pa.Field(nullable=True, description="1 with grades 9 to 4 in both, 0 without")
    english_maths_5: Series[float] = pa.Field(nullable=True, description="1 with grades 9 to 5 in both, 0 without")
    attainment_8: Series[float] = pa.Field(nullable=True, ge=0, le=90, description="score; missing outside KS4")
    reading_maths: Series[float] = pa.Field(nullable=True, description="1 at the expected standard in both, 0 if not")
    suspended: Series[float] = pa.Field(nullable=True, description="1 or 0")
    excluded: Series[float] = pa.Field(nullable=True, description="permanently, 1 or 0")
    absent: Series[float] = pa.Field(nullable=True, description="persistently, 1 or 0")


class _NotOfAChild(pa.DataFrameModel):
    told_on: Series[pd.Timestamp] = pa.Field(description="last day of the latest collection that tells the row")

    class Config:
        strict = True
        coerce = True


class SurveyAnswers(_NotOfAChild):
    """One row per survey, question and answer: how many gave it."""

    survey: Series[str] = pa.Field()
    asked_on: Series[pd.Timestamp] = pa.Field()
    question: Series[str] = pa.Field()
    answer: Series[str] = pa.Field()
    answers: Series[float] = pa.Field(ge=0, description="how many gave this answer")
    asked: Series[float] = pa.Field(nullable=True, ge=0, description="how many were asked")


class Targets(_NotOfAChild):
    """One row per target and the time it holds for."""

    indicator: Series[str] = pa.Field(description="key in indicators.csv")
    target: Series[float] = pa.Field()
    from_date: Series[pd.Timestamp] = pa.Field()
    to_date: Series[pd.Timestamp] = pa.Field(nullable=True, description="missing while it holds")
    target_source: Series[str] = pa.Field(nullable=True)


class BoardFigures(_NotOfAChild):
    """One row per figure a board report printed."""

    indicator: Series[str] = pa.Field()
    figure_date: Series[pd.Timestamp] = pa.Field()
    figure: Series[float] = pa.Field()
    denominator: Series[float] = pa.Field(nullable=True)
    figure_source: Series[str] = pa.Field(nullable=True)
