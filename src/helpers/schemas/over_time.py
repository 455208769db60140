"""Contracts of what is found about changes over time."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

from helpers.schemas.results import STATUSES

TREND_FINDINGS = ("rising", "falling", "no clear change", "too few to say")
RECENT_TRENDS = ("increasing", "decreasing", "no significant change", "cannot be calculated", "not applicable")
CORRECTIONS = ("Holm", "Benjamini-Hochberg", "none")


class Trends(pa.DataFrameModel):
    """One row per series: its first and last value, and what may be said of the change. Source: compare.trends_of.

    Values are children, events per 10,000, shares of 1 or, for an average, its unit. 31 March numbers share most of
    their children: they are tested by who came in against who left between the two days, and by nothing else.
    """

    borough: Series[str] = pa.Field()
    indicator: Series[str] = pa.Field()
    category: Series[str] = pa.Field()
    ethnic_group: Series[str] = pa.Field()
    gender: Series[str] = pa.Field()
    age_band: Series[str] = pa.Field()
    first_period: Series[pd.Timestamp] = pa.Field()
    last_period: Series[pd.Timestamp] = pa.Field()
    periods: Series[int] = pa.Field(ge=0, description="periods with a figure; 0 where all are hidden")
    first_value: Series[float] = pa.Field(nullable=True)
    last_value: Series[float] = pa.Field(nullable=True)
    change: Series[float] = pa.Field(nullable=True)
    change_lower: Series[float] = pa.Field(nullable=True)
    change_upper: Series[float] = pa.Field(nullable=True)
    annual_change_percent: Series[float] = pa.Field(nullable=True, description="of a proportion's odds")
    annual_lower: Series[float] = pa.Field(nullable=True)
    annual_upper: Series[float] = pa.Field(nullable=True)
    method: Series[str] = pa.Field()
    p_value: Series[float] = pa.Field(nullable=True, description="missing where nothing was tested")
    finding: Series[str] = pa.Field(isin=TREND_FINDINGS)
    sentence: Series[str] = pa.Field()
    status: Series[str] = pa.Field(isin=STATUSES)
    family: Series[str] = pa.Field(description="the tests that p_adjusted allows for; '' where nothing was tested")
    family_size: Series[int] = pa.Field(ge=0, description="tests in the family")
    correction: Series[str] = pa.Field(isin=CORRECTIONS)
    rule: Series[int] = pa.Field(ge=1, le=5, description="row of the trend table in codelists/finding_rules.csv")
    p_adjusted: Series[float] = pa.Field(nullable=True)
    recent_trend: Series[str] = pa.Field(isin=RECENT_TRENDS, description="OHID's marker over the last five years")
    annual_without_2021_percent: Series[float] = pa.Field(
        nullable=True, description="annual change without the year to 31 March 2021, where the series spans it"
    )
    annual_without_2021_lower: Series[float] = pa.Field(nullable=True)
    annual_without_2021_upper: Series[float] = pa.Field(nullable=True)
    breaks: Series[str] = pa.Field(description="what of codelists/series_breaks.csv falls into the span, in words")

    class Config:
        strict = True
        coerce = True


class RatioTrends(pa.DataFrameModel):
    """One row per group: is its ratio to everyone else changing? Source: compare.disproportionality_over_time.

    Ratios are of children who came into care in a year, so no child is in two years for one stay. The local shares are
    of one source and one year, laid over every year: a change of the ratio may also be a change of the local children.
    """

    borough: Series[str] = pa.Field()
    dimension: Series[str] = pa.Field()
    group: Series[str] = pa.Field()
    first_period: Series[pd.Timestamp] = pa.Field()
    last_period: Series[pd.Timestamp] = pa.Field()
    periods: Series[int] = pa.Field(ge=0, description="years with a figure of the group and of everyone else")
    first_ratio: Series[float] = pa.Field(nullable=True, description="rate of the group over that of everyone else")
    last_ratio: Series[float] = pa.Field(nullable=True)
    percent: Series[float] = pa.Field(nullable=True, description="a year; over the whole time where there are two")
    lower: Series[float] = pa.Field(nullable=True)
    upper: Series[float] = pa.Field(nullable=True)
    p_value: Series[float] = pa.Field(nullable=True)
    p_adjusted: Series[float] = pa.Field(nullable=True, description="Holm, over the groups of the dimension")
    family: Series[str] = pa.Field()
    family_size: Series[int] = pa.Field(ge=0)
    correction: Series[str] = pa.Field(isin=CORRECTIONS)
    method: Series[str] = pa.Field(description="interaction over years, two years, or cannot be calculated")
    population_source: Series[str] = pa.Field()
    population_year: Series[int] = pa.Field()
    finding: Series[str] = pa.Field(isin=TREND_FINDINGS)
    sentence: Series[str] = pa.Field()
    status: Series[str] = pa.Field(isin=STATUSES)

    class Config:
        strict = True
        coerce = True
