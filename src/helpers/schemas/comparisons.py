"""Contract of one borough beside other places."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

from helpers.schemas.over_time import CORRECTIONS
from helpers.schemas.results import STATUSES

POSITIONS = ("higher", "lower", "similar", "too few to say")
RELATIONS = ("contains", "fixed", "separate")


class Comparisons(pa.DataFrameModel):
    """One row per measure and place: the borough's figure beside that place's, and what a test found.

    Source: compare.compare_places. Both figures are of the same period, and share no child: London is told without the
    borough. DfE rounds the numbers of London and England to 10: the interval and the p-value allow for it.
    """

    borough: Series[str] = pa.Field()
    as_at: Series[pd.Timestamp] = pa.Field()
    period_end: Series[pd.Timestamp] = pa.Field(description="of both figures; the last year end up to as_at")
    indicator: Series[str] = pa.Field()
    category: Series[str] = pa.Field()
    age_band: Series[str] = pa.Field()
    comparator: Series[str] = pa.Field(description="'London without X', 'England' or 'statistical neighbours'")
    relation: Series[str] = pa.Field(isin=RELATIONS, description="how trends.against_comparator compares the two")
    events: Series[float] = pa.Field(nullable=True, description="children of the borough with the event")
    base: Series[float] = pa.Field(nullable=True, description="children of the borough they are among")
    comparator_events: Series[float] = pa.Field(nullable=True, description="the same of the place, without the borough")
    comparator_base: Series[float] = pa.Field(nullable=True)
    value: Series[float] = pa.Field(nullable=True)
    comparator_value: Series[float] = pa.Field(nullable=True)
    unit_of_value: Series[str] = pa.Field(isin=("per 10,000", "share of 1"))
    ratio: Series[float] = pa.Field(nullable=True, description="value over comparator_value: 1 is the same")
    ratio_lower: Series[float] = pa.Field(nullable=True)
    ratio_upper: Series[float] = pa.Field(nullable=True)
    p_value: Series[float] = pa.Field(nullable=True)
    p_adjusted: Series[float] = pa.Field(nullable=True)
    family: Series[str] = pa.Field(description="the indicator: its places, groups and ages are adjusted together")
    family_size: Series[int] = pa.Field(ge=0)
    correction: Series[str] = pa.Field(isin=CORRECTIONS)
    position: Series[str] = pa.Field(isin=POSITIONS, description="from p_adjusted, never from two intervals")
    neighbours: Series[float] = pa.Field(
        nullable=True, description="neighbours with a figure; missing for other places"
    )
    rank_low: Series[float] = pa.Field(nullable=True, description="best place that chance leaves, 1 is the highest")
    rank_high: Series[float] = pa.Field(nullable=True)
    rank_of: Series[float] = pa.Field(nullable=True, description="neighbours with a figure, and the borough")
    sentence: Series[str] = pa.Field()
    status: Series[str] = pa.Field(isin=STATUSES)

    class Config:
        strict = True
        coerce = True
