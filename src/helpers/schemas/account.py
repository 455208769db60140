"""Contracts of the account of a return: what became of every row and cell, and which rules it breaks."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series


class SetAside(pa.DataFrameModel):
    """Every row that was read and not kept, and why. Stays on this machine: `row` finds the child in the file."""

    period: Series[str] = pa.Field(description="folder of the collection, such as 2023-03-31")
    file: Series[str] = pa.Field(description="file name")
    table: Series[str] = pa.Field()
    row: Series[int] = pa.Field(description="line in the file; 1 is the header")
    column: Series[str] = pa.Field()
    outcome: Series[str] = pa.Field(isin=("set aside", "exact repeat"))
    code: Series[str] = pa.Field(description="the rule: a code of rules.csv or set_aside_codes.csv")
    rule: Series[str] = pa.Field(description="what was found, what was expected and what to do")

    class Config:
        strict = True
        coerce = True


class Changes(pa.DataFrameModel):
    """Every cell, header or element read in another form than it stood in. Nothing here is a guess.

    Traps: a cell that tells of one person (identifier, birth date, postcode, name) is told by its kind ('a date'),
    never in clear. A row of the header tells of a column that was named otherwise or not used.
    """

    period: Series[str] = pa.Field(description="folder of the collection, such as 2023-03-31")
    file: Series[str] = pa.Field(description="file name; a sheet of a workbook is named after it")
    table: Series[str] = pa.Field()
    row: Series[int] = pa.Field(description="line in the file, sheet or XML; 1 is the header of a CSV")
    column: Series[str] = pa.Field()
    found: Series[str] = pa.Field(description="what stood there")
    put: Series[str] = pa.Field(description="its form in an official return; blank where nothing was put")
    why: Series[str] = pa.Field()

    class Config:
        strict = True
        coerce = True


class FilesRead(pa.DataFrameModel):
    """One row per file: rows_read = rows_kept + rows_set_aside + rows_repeated."""

    period: Series[str] = pa.Field()
    file: Series[str] = pa.Field()
    table: Series[str] = pa.Field()
    checksum: Series[str] = pa.Field(description="SHA-256 of the file's bytes")
    rows_read: Series[int] = pa.Field(ge=0)
    rows_kept: Series[int] = pa.Field(ge=0)
    rows_set_aside: Series[int] = pa.Field(ge=0)
    rows_repeated: Series[int] = pa.Field(ge=0)

    class Config:
        strict = True
        coerce = True

    @pa.dataframe_check(name="nothing_is_lost")
    @classmethod
    def adds_up(cls, files: pd.DataFrame) -> pd.Series:
        return files["rows_read"] == files["rows_kept"] + files["rows_set_aside"] + files["rows_repeated"]


class Corrections(pa.DataFrameModel):
    """Every value that two collections of the borough tell differently, and what linking marked. Stays on this machine.

    `period`, `file` and `row` are of the row that counts, `from_period` is the collection it differs from. What may
    point to a child or a home (birth date, postcode, URN) is told as changed, never in clear.
    """

    period: Series[str] = pa.Field()
    file: Series[str] = pa.Field()
    table: Series[str] = pa.Field()
    row: Series[int] = pa.Field()
    column: Series[str] = pa.Field()
    from_period: Series[str] = pa.Field(description="the earlier collection; blank where no value stood there")
    found: Series[str] = pa.Field(description="what the earlier collection told")
    put: Series[str] = pa.Field(description="what counts now")
    why: Series[str] = pa.Field()

    class Config:
        strict = True
        coerce = True


class RulesChecked(pa.DataFrameModel):
    """One row per collection and rule of rules.csv: passed, broken or could not run. Source: rules.check_rules."""

    period: Series[str] = pa.Field()
    code: Series[str] = pa.Field()
    table: Series[str] = pa.Field()
    severity: Series[str] = pa.Field(isin=("error", "warning"))
    status: Series[str] = pa.Field(isin=("passed", "broken", "skipped"))
    rows_checked: Series[int] = pa.Field(ge=0)
    rows_broken: Series[int] = pa.Field(ge=0)
    reason_skipped: Series[str] = pa.Field()
    message: Series[str] = pa.Field(description="what was found, what was expected and what to do")

    class Config:
        strict = True
        coerce = True
        unique = ["period", "code", "table"]


class Completeness(pa.DataFrameModel):
    """One row per collection and thing that may be missing: of how many children it is not known. Inside only."""

    period: Series[str] = pa.Field()
    key: Series[str] = pa.Field(description="a key of completeness.csv")
    missing: Series[int] = pa.Field(ge=0, description="children of whom it is not known")
    children: Series[int] = pa.Field(ge=0, description="children of whom it should be")

    class Config:
        strict = True
        coerce = True
        unique = ["period", "key"]
