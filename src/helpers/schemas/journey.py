"""Contract of what is found along the journey: outcomes of children in care, group against group."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

from helpers.schemas.representation import REPRESENTATION_FINDINGS
from helpers.schemas.results import STATUSES

_SHOWN = ("shown", "provisional")


class Journey(pa.DataFrameModel):
    """One row per measure and group, against all other children of known group. Source: compare.compare_along_journey.

    Shares, differences and their 95% intervals are of 1; the ratio of 1 means none. 'over-represented' says that the
    outcome is more frequent in the group than among other children in care: never that the group is over-represented in
    the population.
    Traps: `children` is the base of the measure (children in care, those who left, care leavers), never all children of
    the group. A row that is not shown has no numbers; not_available: the whole, or those of unknown group, are hidden;
    not_applicable: ten children or fewer, of whom no percentage is told.
    """

    borough: Series[str] = pa.Field()
    as_at: Series[pd.Timestamp] = pa.Field()
    stage: Series[str] = pa.Field(description="a stage of codelists/journey.csv")
    indicator: Series[str] = pa.Field()
    dimension: Series[str] = pa.Field(isin=("ethnic_group", "gender", "age_band"))
    group: Series[str] = pa.Field()
    base: Series[str] = pa.Field(description="whom the share is of, in words")
    events: Series[float] = pa.Field(nullable=True, description="children of the group with the outcome")
    children: Series[float] = pa.Field(nullable=True, description="children of the group in the base")
    other_events: Series[float] = pa.Field(nullable=True)
    other_children: Series[float] = pa.Field(nullable=True)
    share: Series[float] = pa.Field(nullable=True)
    other_share: Series[float] = pa.Field(nullable=True)
    difference: Series[float] = pa.Field(nullable=True)
    difference_lower: Series[float] = pa.Field(nullable=True)
    difference_upper: Series[float] = pa.Field(nullable=True)
    ratio: Series[float] = pa.Field(nullable=True)
    ratio_lower: Series[float] = pa.Field(nullable=True)
    ratio_upper: Series[float] = pa.Field(nullable=True)
    p_value: Series[float] = pa.Field(nullable=True)
    p_adjusted: Series[float] = pa.Field(nullable=True)
    family: Series[str] = pa.Field(description="which comparisons were adjusted together")
    family_size: Series[float] = pa.Field(nullable=True)
    correction: Series[str] = pa.Field()
    rule: Series[int] = pa.Field(ge=1, le=7, description="row of the decision table")
    finding: Series[str] = pa.Field(isin=REPRESENTATION_FINDINGS)
    sentence: Series[str] = pa.Field()
    status: Series[str] = pa.Field(isin=STATUSES)

    class Config:
        strict = True
        coerce = True
        unique = ["indicator", "dimension", "group"]

    @pa.dataframe_check(name="only_a_shown_row_has_a_share")
    @classmethod
    def hidden_is_missing(cls, found: pd.DataFrame) -> pd.Series:
        return found["share"].isna() | found["status"].isin(_SHOWN)
