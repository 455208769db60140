"""Contracts of editions: what went out, what of it was ever told, what may be told now, and what changed since."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

from helpers.schemas.results import KEY, Counts

TREATMENTS = ("as published", "hidden", "revised")


class PublishedFigures(Counts):
    """The borough's own rows of one edition, as they went out. Source: the released table of a published report.

    Traps: never rewritten. A hidden row has no numerator; its denominator stands where the edition told it.
    """


class EarlierFigures(Counts):
    """Every statistic that any edition of a borough told, with all that readers may hold. Source: the ledger.

    numerator, denominator, status, source and release are those of the latest edition that told the row.
    Traps: an edition may hide what an earlier one showed; `last_number` is then not missing though `numerator` is.
    """

    stands: Series[bool] = pa.Field(description="the row is in the latest edition that tells of its day")
    last_number: Series[float] = pa.Field(nullable=True, description="the numerator last shown, missing if none ever")
    last_base: Series[float] = pa.Field(nullable=True, description="the denominator last told, missing if none ever")
    first_shown: Series[pd.Int64Dtype] = pa.Field(nullable=True, description="first edition with a numerator")
    last_shown: Series[pd.Int64Dtype] = pa.Field(nullable=True, description="latest edition with a numerator")
    numbers: Series[object] = pa.Field(description="every different numerator ever shown, a tuple, oldest first")
    bases: Series[object] = pa.Field(description="every different denominator ever told, a tuple, oldest first")
    rests: Series[object] = pa.Field(description="every different denominator less numerator, where both were told")


class Settled(Counts):
    """Counts after what is already out was weighed, for disclosure control. Source: editions.settle.

    need_low, need_high: of a number that moved by a few, the window that a reader must not be able to rule out.
    Traps: rows of `as_published` days are copies of the latest edition, not counts of the return as it is now.
    """

    already_out: Series[bool] = pa.Field(description="the number is the one last shown: everybody knows it")
    hidden_before: Series[bool] = pa.Field(description="the latest edition that told the row hid it")
    as_published: Series[bool] = pa.Field(description="the whole day stays as the latest edition told it")
    must_hide: Series[bool] = pa.Field(description="shown, the number would tell that a few children moved")
    base_changed_by_few: Series[bool] = pa.Field(description="the denominator moved by a few and must not be told")
    need_low: Series[float] = pa.Field(nullable=True, description="that it is this or less must stay possible")
    need_high: Series[float] = pa.Field(nullable=True, description="that it is this or more must stay possible")


class Revisions(pa.DataFrameModel):
    """Statistics that were shown and whose count is another now: a list for the analyst. Source: editions.revisions.

    Traps: full precision, small differences too: never for readers. A row that is gone has 0 as its number now.
    """

    borough_code: Series[str] = pa.Field(str_matches=r"^E\d{8}$")
    period_end: Series[pd.Timestamp]
    period_type: Series[str]
    indicator: Series[str]
    category: Series[str]
    ethnic_group: Series[str]
    gender: Series[str]
    age_band: Series[str]
    number_then: Series[float] = pa.Field(description="the numerator last shown")
    number_now: Series[float] = pa.Field(description="the numerator as counted now")
    difference: Series[float] = pa.Field(description="number now less number then")
    base_then: Series[float] = pa.Field(nullable=True, description="the denominator last told")
    base_now: Series[float] = pa.Field(nullable=True, description="the denominator as counted now")
    edition: Series[int] = pa.Field(description="sequence of the latest edition that showed the number")
    treatment: Series[str] = pa.Field(isin=TREATMENTS, description="what the next edition does with it")

    class Config:
        strict = True
        coerce = True
        unique = KEY
