"""Contract of what is found about who is in care, group by group."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

from helpers.schemas.results import STATUSES

REPRESENTATION_FINDINGS = ("over-represented", "under-represented", "no clear difference", "too few to say")


COMPARISONS = (
    "headline",
    "coming into care",
    "other population",
    "reference group",
    "finer groups",
    "without unaccompanied children",
)
"""What a row is for. The headline is children in care against everyone else, with the preferred population."""


class Disproportionality(pa.DataFrameModel):
    """One row per group compared with everyone else (or a reference). Source: compare.representation_results.

    Traps: only rows whose `comparison` is 'headline' are the answer; the others say how sure it is, or answer another
    question (who comes into care is a flow of the year up to as_at). Every row comes from released numbers: a hidden
    group has no statistic in any comparison. Against a reference group `ratio`, its interval, `excess`, the p-values
    and `finding` are against that group, and `index` stays against the population.
    """

    borough: Series[str] = pa.Field()
    as_at: Series[pd.Timestamp] = pa.Field()
    indicator: Series[str] = pa.Field()
    dimension: Series[str] = pa.Field(isin=("ethnic_group", "gender", "age_band", "ethnic_label"))
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
    comparison: Series[str] = pa.Field(isin=COMPARISONS)
    family: Series[str] = pa.Field(description="which tests were allowed for together")
    family_size: Series[int] = pa.Field(ge=0, description="how many tests the family has")
    correction: Series[str] = pa.Field(description="how the family was allowed for: Holm")
    rule: Series[int] = pa.Field(ge=1, le=7, description="row of the decision table, codelists/finding_rules.csv")
    total: Series[float] = pa.Field(nullable=True, description="children in care whose group is known")
    excess_lower: Series[float] = pa.Field(nullable=True)
    excess_upper: Series[float] = pa.Field(nullable=True)
    tipping_share: Series[float] = pa.Field(
        nullable=True, description="population share, 0 to 1, at which the interval would no longer leave out 1"
    )
    population_share_lower: Series[float] = pa.Field(
        nullable=True, description="ends of what the share can be: published rounded, or the number of unknown hidden"
    )
    population_share_upper: Series[float] = pa.Field(nullable=True)
    population_age_from: Series[int] = pa.Field(ge=0, description="ages that the population counts; care: 0 to 17")
    population_age_to: Series[int] = pa.Field(ge=0)
    other_sources: Series[str] = pa.Field(description="what other populations find: 'source: finding; ...', or blank")
    holds: Series[str] = pa.Field(
        isin=("", "yes", "no"), description="whether every other population finds the same; blank where there is none"
    )
    unknown_share: Series[float] = pa.Field(nullable=True, description="share of children in care of unknown group")
    index_unknown_out: Series[float] = pa.Field(
        nullable=True, description="index if no child of unknown group were in this group; where over 5% are unknown"
    )
    index_unknown_in: Series[float] = pa.Field(nullable=True, description="index if all of them were")
    unknown_matters: Series[str] = pa.Field(
        isin=("", "yes", "no"), description="whether the finding would not survive between the two; blank as above"
    )
    adjusted_ratio: Series[float] = pa.Field(
        nullable=True,
        description="children in care over those expected from the group's ages and genders, rounded to 0.01",
    )
    adjusted_lower: Series[float] = pa.Field(nullable=True)
    adjusted_upper: Series[float] = pa.Field(nullable=True)
    adjustment_matters: Series[str] = pa.Field(
        isin=("", "yes", "no"), description="whether adjusting moves the index by more than 10%; blank if not adjusted"
    )

    class Config:
        strict = True
        coerce = True
        unique = ["indicator", "dimension", "group", "reference", "population_source"]
