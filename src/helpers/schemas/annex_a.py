"""Contracts of Ofsted's Annex A lists 8, 9 and 10 as one collection told them. They never leave the machine.

An Annex A list tells of one day and looks back a year, so each collection's rows stay: `told_on` says which.
Traps: the lists round and shorten (one category of placement stands for several codes of SSDA903); where a borough has
both, the SSDA903 return is the one that is counted.
"""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

from helpers.schemas.events import OfOneChild


class OfAnnexA(OfOneChild):
    """What lists 8, 9 and 10 share."""

    gender: Series[str] = pa.Field(nullable=True, isin=("Male", "Female", "Unknown"))
    ethnicity_code: Series[str] = pa.Field(nullable=True)
    birth_month: Series[pd.Timestamp] = pa.Field(nullable=True, description="first day of the month of birth")
    age: Series[float] = pa.Field(nullable=True, description="whole years, as the list gives it")
    disability: Series[float] = pa.Field(nullable=True, description="1 or 0")


class AnnexAChildren(OfAnnexA):
    """List 8: one row per child in care in the last year and period of care."""

    uasc: Series[float] = pa.Field(nullable=True, description="1: unaccompanied in the last 12 months")
    started_on: Series[pd.Timestamp] = pa.Field()
    need_code: Series[str] = pa.Field(nullable=True)
    second_period: Series[float] = pa.Field(nullable=True, description="1: second or later period within 12 months")
    legal_status_on: Series[pd.Timestamp] = pa.Field(nullable=True)
    legal_status_code: Series[str] = pa.Field(nullable=True)
    reviewed_on: Series[pd.Timestamp] = pa.Field(nullable=True, description="latest statutory review")
    visited_on: Series[pd.Timestamp] = pa.Field(nullable=True, description="last social work visit")
    permanence_plan: Series[str] = pa.Field(nullable=True)
    reviewing_officer_visited_on: Series[pd.Timestamp] = pa.Field(nullable=True)
    health_assessed_on: Series[pd.Timestamp] = pa.Field(nullable=True)
    dental_check_on: Series[pd.Timestamp] = pa.Field(nullable=True)
    placements: Series[float] = pa.Field(nullable=True, description="placements in the last 12 months")
    ceased_on: Series[pd.Timestamp] = pa.Field(nullable=True)
    reason_ceased_code: Series[str] = pa.Field(nullable=True)
    placed_on: Series[pd.Timestamp] = pa.Field(nullable=True)
    placement_code: Series[str] = pa.Field(nullable=True)
    provider_code: Series[str] = pa.Field(nullable=True)
    placement_district: Series[str] = pa.Field(nullable=True)
    placement_location: Series[str] = pa.Field(nullable=True)
    placement_authority: Series[str] = pa.Field(nullable=True)
    missing_episodes: Series[float] = pa.Field(nullable=True, description="in the last 12 months")
    absent_episodes: Series[float] = pa.Field(nullable=True, description="in the last 12 months")
    interview_offered: Series[float] = pa.Field(nullable=True)
    interview_accepted: Series[float] = pa.Field(nullable=True)
    team: Series[str] = pa.Field(nullable=True)


class AnnexACareLeavers(OfAnnexA):
    """List 9: one row per care leaver."""

    uasc: Series[float] = pa.Field(nullable=True, description="1: unaccompanied, or was before 18")
    team: Series[str] = pa.Field(nullable=True)
    eligibility: Series[str] = pa.Field(nullable=True)
    pathway_plan_on: Series[pd.Timestamp] = pa.Field(nullable=True)
    in_touch_code: Series[str] = pa.Field(nullable=True)
    contacted_on: Series[pd.Timestamp] = pa.Field(nullable=True)
    accommodation_type_code: Series[str] = pa.Field(nullable=True)
    accommodation_suitable_code: Series[str] = pa.Field(nullable=True)
    activity_code: Series[str] = pa.Field(nullable=True)


class AnnexAAdoption(OfAnnexA):
    """List 10: one row per child with an adoption decision in the last year."""

    family_id: Series[str] = pa.Field(nullable=True, description="keyed hash, the same for brothers and sisters")
    started_on: Series[pd.Timestamp] = pa.Field(nullable=True, description="day the child came into care")
    decided_on: Series[pd.Timestamp] = pa.Field()
    placement_order_on: Series[pd.Timestamp] = pa.Field(nullable=True)
    matched_on: Series[pd.Timestamp] = pa.Field(nullable=True)
    placed_on: Series[pd.Timestamp] = pa.Field(nullable=True)
    adopted_on: Series[pd.Timestamp] = pa.Field(nullable=True)
    ended_on: Series[pd.Timestamp] = pa.Field(nullable=True, description="day the plan was given up, if it was")
    reason_ended_code: Series[str] = pa.Field(nullable=True)
    fostered_to_adopt_on: Series[pd.Timestamp] = pa.Field(nullable=True)
