"""Contracts of figures: counts, populations, what may be released, and what is found in it."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

STATUSES = ("shown", "suppressed", "not_available", "not_applicable", "provisional")
PERIOD_TYPES = ("snapshot", "in_year_snapshot", "year", "in_year")

KEY = ["borough_code", "period_end", "period_type", "indicator", "category", "ethnic_group", "gender", "age_band"]
"""The columns that name one cell of `counts`; no two rows share them."""


class Counts(pa.DataFrameModel):
    """One row per statistic: a number of children (or starts, leavers: `unit` says) and its base.

    Source: child-level returns through indicators.py, or DfE's published tables through read.published.
    'All' in category, ethnic_group, gender or age_band means the total; cross-tabulated rows fill more than one.
    Traps: missing is missing, zero is zero, and a value the source suppressed is missing with status suppressed.
    London, Inner London, Outer London and England are rows too (see codelists/areas.csv), rounded to 10 by DfE.
    """

    borough_code: Series[str] = pa.Field(str_matches=r"^E\d{8}$", description="ONS code of the area")
    borough: Series[str] = pa.Field(description="name of the area, as in codelists/areas.csv")
    period_end: Series[pd.Timestamp] = pa.Field(description="the day of a snapshot, or the last day of a period")
    period_type: Series[str] = pa.Field(
        isin=PERIOD_TYPES, description="snapshot (31 March), year (1 April to 31 March), in_year"
    )
    indicator: Series[str] = pa.Field(description="key in indicators.csv, such as cla_total")
    category: Series[str] = pa.Field(description="the part counted, or All")
    ethnic_group: Series[str] = pa.Field(description="a group of ethnic_groups.csv, a label of ethnicity.csv, or All")
    gender: Series[str] = pa.Field(isin=("All", "Male", "Female", "Unknown"))
    age_band: Series[str] = pa.Field(
        description="a label of age_bands.csv, the source's own band for care leavers, or All"
    )
    numerator: Series[float] = pa.Field(nullable=True, description="whole number of `unit` (for a mean, the sum)")
    denominator: Series[float] = pa.Field(
        nullable=True, description="whole number the numerator is a part of, or its population"
    )
    unit: Series[str] = pa.Field(description="what is counted: children, children per 10,000, care leavers, ...")
    source: Series[str] = pa.Field(description="where the number comes from, for the page")
    release: Series[str] = pa.Field(description="which release or return, such as 2024 to 2025")
    status: Series[str] = pa.Field(isin=STATUSES)

    class Config:
        strict = True
        coerce = True
        unique = KEY

    @pa.dataframe_check(name="a_suppressed_value_is_missing")
    @classmethod
    def hidden_is_missing(cls, counts: pd.DataFrame) -> pd.Series:
        return counts["numerator"].isna() | counts["status"].isin(["shown", "provisional"])

    @pa.dataframe_check(name="a_shown_value_is_there")
    @classmethod
    def shown_is_there(cls, counts: pd.DataFrame) -> pd.Series:
        return counts["numerator"].notna() | ~counts["status"].isin(["shown", "provisional"])


class Population(pa.DataFrameModel):
    """Children of an area by year, ethnic group, gender and age. Source: ONS mid-year estimates and Census 2021.

    Traps: a share published as a rounded percentage is turned into children with the mid-year total of `year`, and
    `share_error` keeps half the rounding unit as a share (0.0005 for one decimal place, 0 for counts), so that no
    finding can lean on the rounding. `age_from` and `age_to` say which ages the group split was counted over.
    """

    borough_code: Series[str] = pa.Field(str_matches=r"^E\d{8}$")
    year: Series[int] = pa.Field(description="year of the estimate or census (30 June, or census day)")
    ethnic_group: Series[str] = pa.Field()
    gender: Series[str] = pa.Field(isin=("All", "Male", "Female"))
    age_band: Series[str] = pa.Field(description="a label of age_bands.csv, or All (0 to 17)")
    children: Series[float] = pa.Field(ge=0, description="children aged 0 to 17 (or the age band)")
    age_from: Series[int] = pa.Field(ge=0)
    age_to: Series[int] = pa.Field(
        description="last age counted (17 for all children; 120 where all ages were counted)"
    )
    share_error: Series[float] = pa.Field(
        ge=0, description="half the rounding unit of the published share; 0 for counts"
    )
    source: Series[str] = pa.Field(description="such as 'ONS mid-year estimate 2024, release 2025'")

    class Config:
        strict = True
        coerce = True
        unique = ["borough_code", "year", "ethnic_group", "gender", "age_band", "source"]


class Released(Counts):
    """Counts that may leave the building, with the value a reader sees. Source: disclosure.release.

    `value` is the number, percentage or rate in `unit_of_value`, with `lower` and `upper` its 95% interval; all
    three are missing wherever the numerator is.
    """

    value: Series[float] = pa.Field(nullable=True)
    lower: Series[float] = pa.Field(nullable=True)
    upper: Series[float] = pa.Field(nullable=True)
    unit_of_value: Series[str] = pa.Field(description="children, %, per 10,000, ...")
