"""Contract of what is found about who is in care, group by group."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

from helpers.schemas.results import STATUSES

REPRESENTATION_FINDINGS = ("over-represented", "under-represented", "no clear difference", "too few to say")


class Disproportionality(pa.DataFrameModel):
    """One row per group compared with everyone else (or a reference). Source: disproportionality.representation."""

    borough: Series[str] = pa.Field()
    as_at: Series[pd.Timestamp] = pa.Field()
    indicator: Series[str] = pa.Field()
    dimension: Series[str] = pa.Field(isin=("ethnic_group", "gender", "age_band"))
    group: Series[str] = pa.Field()
    reference: Series[str] = pa.Field(description="'everyone else' or a group's name")
    population_source: Series[str] = pa.Field()
    population_year: Series[int] = pa.Field(description="year of the population; far from as_at, findings need care")
    count: Series[float] = pa.Field(nullable=True)
    population: Series[float] = pa.Field(nullable=True)
    share: Series[float] = pa.Field(nullable=True, description="share of children in care, 0 to 1")
    population_share: Series[float] = pa.Field(nullable=True, description="share of all children, 0 to 1")
    rate_per_10000: Series[float] = pa.Field(nullable=True)
    rate_lower: Series[float] = pa.Field(nullable=True)
    rate_upper: Series[float] = pa.Field(nullable=True)
    index: Series[float] = pa.Field(nullable=True, description="representation index: share over population share")
    index_lower: Series[float] = pa.Field(nullable=True)
    index_upper: Series[float] = pa.Field(nullable=True)
    ratio: Series[float] = pa.Field(nullable=True)
    ratio_lower: Series[float] = pa.Field(nullable=True)
    ratio_upper: Series[float] = pa.Field(nullable=True)
    excess: Series[float] = pa.Field(nullable=True)
    p_value: Series[float] = pa.Field(nullable=True)
    p_adjusted: Series[float] = pa.Field(nullable=True)
    finding: Series[str] = pa.Field(isin=REPRESENTATION_FINDINGS)
    sentence: Series[str] = pa.Field(description="what may be said, from the decision table of the methods")
    status: Series[str] = pa.Field(isin=STATUSES)

    class Config:
        strict = True
        coerce = True
        unique = ["indicator", "dimension", "group", "reference", "population_source"]
