"""Contracts of child-level tables, all years of one borough linked. Source: SSDA903. They never leave the machine."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series


class Children(pa.DataFrameModel):
    """One row per child who appears in any return of the borough. Source: SSDA903 header, uasc.

    Two years' headers that differ: the later year wins. The birth date is cut to the month; ages on a month's last
    day are exact from it (a child has had this year's birthday by the last day of the birth month).
    """

    child_id: Series[str] = pa.Field(
        str_matches=r"^[0-9a-f]{16}$", unique=True, description="keyed hash, never the local identifier"
    )
    borough_code: Series[str] = pa.Field(str_matches=r"^E\d{8}$")
    birth_month: Series[pd.Timestamp] = pa.Field(description="first day of the month of birth")
    gender: Series[str] = pa.Field(isin=("Male", "Female", "Unknown"))
    ethnicity_code: Series[str] = pa.Field(description="labels and groups: codelists/ethnicity.csv")
    uasc_from_return: Series[bool] = pa.Field(
        description="in the unaccompanied asylum-seeking children table of any year"
    )
    uasc_ceased_on: Series[pd.Timestamp] = pa.Field(
        nullable=True, description="day the status ceased (DUC); often in the future"
    )
    mother: Series[float] = pa.Field(nullable=True, description="1: a mother, 0: not; missing if not told")
    own_child_born_month: Series[pd.Timestamp] = pa.Field(
        nullable=True, description="first day of the month in which her own child was born"
    )
    made_up: Series[bool] = pa.Field(description="the child is invented")

    class Config:
        strict = True
        coerce = True


class Episodes(pa.DataFrameModel):
    """One row per episode of care, after cleaning. Source: SSDA903 episodes, all years of the borough linked.

    A child may have many episodes. The same start in two years is one episode: the later year's row wins.
    Short breaks (V3, V4) are kept here and left out of counts. Trap: an episode that is open in one year and not
    told in the next has no known end (`end_not_told`); it counts up to `told_on` and not beyond. Periods, placements
    and distances are worked out before postcodes are cut to the district: see helpers.episodes and helpers.postcodes.
    """

    child_id: Series[str] = pa.Field(str_matches=r"^[0-9a-f]{16}$")
    started_on: Series[pd.Timestamp] = pa.Field(description="first day of the episode (DECOM)")
    reason_new_code: Series[str] = pa.Field(description="why it started (RNE)")
    legal_status_code: Series[str] = pa.Field()
    need_code: Series[str] = pa.Field(description="category of need (CIN)")
    placement_code: Series[str] = pa.Field()
    provider_code: Series[str] = pa.Field(nullable=True)
    ended_on: Series[pd.Timestamp] = pa.Field(nullable=True, description="last day (DEC); missing while open")
    reason_ceased_code: Series[str] = pa.Field(
        nullable=True, description="REC; X1 means another episode starts the same day"
    )
    age_at_start: Series[float] = pa.Field(
        nullable=True, description="whole years on the first day; missing if born later"
    )
    age_at_end: Series[float] = pa.Field(nullable=True, description="whole years on the last day; missing while open")
    reason_place_change_code: Series[str] = pa.Field(nullable=True, description="why the placement changes after it")
    home_district: Series[str] = pa.Field(nullable=True, description="postcode district of the home, such as RM8")
    placement_district: Series[str] = pa.Field(nullable=True, description="postcode district of the placement")
    placement_authority_code: Series[str] = pa.Field(
        nullable=True, description="ONS code of the authority the placement lies in; missing where not known"
    )
    distance_miles: Series[float] = pa.Field(
        nullable=True, ge=0, description="straight line from home; missing where either postcode is not known, never 0"
    )
    in_borough: Series[str] = pa.Field(
        nullable=True, isin=("in", "out"), description="placement in the responsible borough; missing where not known"
    )
    short_break: Series[bool] = pa.Field(description="legal status V3 or V4: kept apart from care")
    period: Series[int] = pa.Field(ge=1, description="number of the unbroken period among the child's of its kind")
    starts_period: Series[bool] = pa.Field(description="the first episode of its period")
    placement: Series[int] = pa.Field(ge=1, description="number of the placement (stay with one carer) in its period")
    placement_changed: Series[float] = pa.Field(
        nullable=True, description="1: another home or carer than the episode before; missing where columns do not tell"
    )
    overlaps: Series[bool] = pa.Field(description="starts before an earlier episode of the child has ended")
    end_not_told: Series[bool] = pa.Field(description="open, and no later collection tells it: counts to told_on only")
    told_on: Series[pd.Timestamp] = pa.Field(description="last day of the latest collection that tells the episode")

    class Config:
        strict = True
        coerce = True
        unique = ["child_id", "started_on"]


class Outcomes(pa.DataFrameModel):
    """One row per child and collection. Source: SSDA903 oc2 (children looked after for 12 months on its last day)."""

    child_id: Series[str] = pa.Field(str_matches=r"^[0-9a-f]{16}$")
    return_year: Series[int] = pa.Field()
    told_on: Series[pd.Timestamp] = pa.Field(description="last day of the collection: 31 March, or a day in the year")
    age: Series[float] = pa.Field(description="whole years on that day")
    sdq_score: Series[float] = pa.Field(nullable=True, ge=0, le=40)
    convicted: Series[float] = pa.Field(nullable=True)
    health_check: Series[float] = pa.Field(nullable=True)
    immunisations: Series[float] = pa.Field(nullable=True)
    teeth_check: Series[float] = pa.Field(nullable=True)
    health_assessment: Series[float] = pa.Field(nullable=True)
    substance_misuse: Series[float] = pa.Field(nullable=True)
    sdq_reason_code: Series[str] = pa.Field(nullable=True, description="why there is no score")
    intervention_received: Series[float] = pa.Field(nullable=True)
    intervention_offered: Series[float] = pa.Field(nullable=True)

    class Config:
        strict = True
        coerce = True
        unique = ["child_id", "told_on"]


class CareLeavers(pa.DataFrameModel):
    """One row per care leaver and collection. Source: SSDA903 oc3 (aged 17 to 21)."""

    child_id: Series[str] = pa.Field(str_matches=r"^[0-9a-f]{16}$")
    return_year: Series[int] = pa.Field()
    told_on: Series[pd.Timestamp] = pa.Field(description="last day of the collection: 31 March, or a day in the year")
    age: Series[float] = pa.Field(description="whole years on that day")
    gender: Series[str] = pa.Field(isin=("Male", "Female", "Unknown"))
    ethnicity_code: Series[str] = pa.Field()
    in_touch_code: Series[str] = pa.Field(nullable=True)
    activity_code: Series[str] = pa.Field(nullable=True)
    accommodation_code: Series[str] = pa.Field(nullable=True)

    class Config:
        strict = True
        coerce = True
        unique = ["child_id", "told_on"]
