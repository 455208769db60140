"""Contracts of events in a child's care, all years linked. Source: SSDA903, one table each. Never leave the machine.

The same event told by two collections is one row: the later collection counts. `told_on` is the last day of the latest
collection that tells it.
"""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series


class OfOneChild(pa.DataFrameModel):
    """What every row of these tables has: whose it is, and which collection tells it last."""

    child_id: Series[str] = pa.Field(str_matches=r"^[0-9a-f]{16}$", description="keyed hash, as in children")
    told_on: Series[pd.Timestamp] = pa.Field(description="last day of the latest collection that tells the row")

    class Config:
        strict = True
        coerce = True


class Reviews(OfOneChild):
    """One row per statutory review. Source: SSDA903 reviews."""

    reviewed_on: Series[pd.Timestamp] = pa.Field(description="day of the review (REVIEW)")
    participation_code: Series[str] = pa.Field(description="PN0 to PN7: codelists/review_code.csv")


class MissingSpells(OfOneChild):
    """One row per spell of being missing (M) or away without authorisation (A). Source: SSDA903 missing.

    Trap: a spell still open has no end; it is not a spell of no length.
    """

    missing_code: Series[str] = pa.Field(isin=("M", "A"))
    started_on: Series[pd.Timestamp] = pa.Field(description="first day (MIS_START)")
    ended_on: Series[pd.Timestamp] = pa.Field(nullable=True, description="last day (MIS_END); missing while open")


class Adoptions(OfOneChild):
    """One row per adopted child. Source: SSDA903 ad1. The day of the order is the end of the last episode."""

    decided_on: Series[pd.Timestamp] = pa.Field(description="best-interest decision (DATE_INT)")
    matched_on: Series[pd.Timestamp] = pa.Field(nullable=True, description="match with the adopters (DATE_MATCH)")
    by_foster_carers: Series[float] = pa.Field(nullable=True, description="1: adopted by the child's foster carers")
    adopters: Series[float] = pa.Field(nullable=True, description="number of adopters, 1 or 2")
    adopters_sex_code: Series[str] = pa.Field(nullable=True)
    adopters_status_code: Series[str] = pa.Field(nullable=True)


class AdoptionDecisions(OfOneChild):
    """One row per decision that a child should be placed for adoption. Source: SSDA903 placed for adoption."""

    decided_on: Series[pd.Timestamp] = pa.Field(description="day of the decision (DATE_PLACED)")
    ended_on: Series[pd.Timestamp] = pa.Field(nullable=True, description="day the plan was given up, if it was")
    reason_ended_code: Series[str] = pa.Field(nullable=True, description="RD1 to RD4")


class PreviousPermanence(OfOneChild):
    """One row per child who came into care: whether it had been adopted or under a permanent order before."""

    previous_permanence_code: Series[str] = pa.Field(nullable=True, description="P1 to P4, Z1 for none")
    previous_authority: Series[str] = pa.Field(nullable=True, description="code of the authority of that order")
    previous_order_on: Series[pd.Timestamp] = pa.Field(nullable=True)


class SocialWorkers(OfOneChild):
    """One row per spell with one social worker, from return year 2024. Source: SSDA903 social worker episodes."""

    social_worker_id: Series[str] = pa.Field(str_matches=r"^[0-9a-f]{16}$", description="keyed hash of the number")
    started_on: Series[pd.Timestamp] = pa.Field()
    ended_on: Series[pd.Timestamp] = pa.Field(nullable=True, description="missing while open")
    reason_code: Series[str] = pa.Field(nullable=True, description="why it began: codelists/social_worker_reason.csv")


class LibertyOrders(OfOneChild):
    """One row per order that deprives a child of liberty, from return year 2027. Source: SSDA903 DoLo."""

    started_on: Series[pd.Timestamp] = pa.Field()
    ended_on: Series[pd.Timestamp] = pa.Field(nullable=True, description="missing while in force")
