"""Contract of what is found about changes over time."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

from helpers.schemas.results import STATUSES

TREND_FINDINGS = ("rising", "falling", "no clear change", "too few to say")


class Trends(pa.DataFrameModel):
    """One row per series: its first and last value, and what may be said of the change. Source: trends."""

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
    annual_change_percent: Series[float] = pa.Field(nullable=True)
    annual_lower: Series[float] = pa.Field(nullable=True)
    annual_upper: Series[float] = pa.Field(nullable=True)
    method: Series[str] = pa.Field()
    p_value: Series[float] = pa.Field(nullable=True)
    finding: Series[str] = pa.Field(isin=TREND_FINDINGS)
    sentence: Series[str] = pa.Field()
    status: Series[str] = pa.Field(isin=STATUSES)

    class Config:
        strict = True
        coerce = True
