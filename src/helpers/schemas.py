"""One contract per table: what its columns mean, in which unit, what may be missing, and the traps.

Every table that passes between notebooks keeps one of these contracts; `check` refuses a table that does not.
Labels come from codelists/: ethnic groups from ethnic_groups.csv or ethnicity.csv, age bands from age_bands.csv.
"""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors
from pandera.typing.pandas import Series

from helpers.errors import ContractError

STATUSES = ("shown", "suppressed", "not_available", "not_applicable", "provisional")
PERIOD_TYPES = ("snapshot", "in_year_snapshot", "year", "in_year")
REPRESENTATION_FINDINGS = ("over-represented", "under-represented", "no clear difference", "too few to say")
TREND_FINDINGS = ("rising", "falling", "no clear change", "too few to say")

KEY = ["borough_code", "period_end", "period_type", "indicator", "category", "ethnic_group", "gender", "age_band"]
"""The columns that name one cell of `counts`; no two rows share them."""


class Counts(pa.DataFrameModel):
    """One row per statistic: a number of children (or starts, leavers: `unit` says) and its base.

    Source: child-level returns through indicators.py, or DfE's published tables through read.published.
    'All' in category, ethnic_group, gender or age_band means the total; cross-tabulated rows fill more than one.
    Traps: missing is missing, zero is zero, and a value the source suppressed is missing with status suppressed.
    London, Inner London, Outer London and England are rows too (see codelists/areas.csv), rounded to 10 by DfE.
    """

    borough_code: Series[str] = pa.Field(str_matches=r"^E\d{8}$", description="ONS code of the area")
    borough: Series[str] = pa.Field(description="name of the area, as in codelists/areas.csv")
    period_end: Series[pd.Timestamp] = pa.Field(description="the day of a snapshot, or the last day of a period")
    period_type: Series[str] = pa.Field(
        isin=PERIOD_TYPES, description="snapshot (31 March), year (1 April to 31 March), in_year"
    )
    indicator: Series[str] = pa.Field(description="key in indicators.csv, such as cla_total")
    category: Series[str] = pa.Field(description="the part counted, or All")
    ethnic_group: Series[str] = pa.Field(description="a group of ethnic_groups.csv, a label of ethnicity.csv, or All")
    gender: Series[str] = pa.Field(isin=("All", "Male", "Female", "Unknown"))
    age_band: Series[str] = pa.Field(
        description="a label of age_bands.csv, the source's own band for care leavers, or All"
    )
    numerator: Series[float] = pa.Field(nullable=True, description="whole number of `unit` (for a mean, the sum)")
    denominator: Series[float] = pa.Field(
        nullable=True, description="whole number the numerator is a part of, or its population"
    )
    unit: Series[str] = pa.Field(description="what is counted: children, children per 10,000, care leavers, ...")
    source: Series[str] = pa.Field(description="where the number comes from, for the page")
    release: Series[str] = pa.Field(description="which release or return, such as 2024 to 2025")
    status: Series[str] = pa.Field(isin=STATUSES)

    class Config:
        strict = True
        coerce = True
        unique = KEY

    @pa.dataframe_check(name="a_suppressed_value_is_missing")
    @classmethod
    def hidden_is_missing(cls, counts: pd.DataFrame) -> pd.Series:
        return counts["numerator"].isna() | counts["status"].isin(["shown", "provisional"])

    @pa.dataframe_check(name="a_shown_value_is_there")
    @classmethod
    def shown_is_there(cls, counts: pd.DataFrame) -> pd.Series:
        return counts["numerator"].notna() | ~counts["status"].isin(["shown", "provisional"])


class Population(pa.DataFrameModel):
    """Children of an area by year, ethnic group, gender and age. Source: ONS mid-year estimates and Census 2021.

    Traps: a share published as a rounded percentage is turned into children with the mid-year total of `year`, and
    `share_error` keeps half the rounding unit as a share (0.0005 for one decimal place, 0 for counts), so that no
    finding can lean on the rounding. `age_from` and `age_to` say which ages the group split was counted over.
    """

    borough_code: Series[str] = pa.Field(str_matches=r"^E\d{8}$")
    year: Series[int] = pa.Field(description="year of the estimate or census (30 June, or census day)")
    ethnic_group: Series[str] = pa.Field()
    gender: Series[str] = pa.Field(isin=("All", "Male", "Female"))
    age_band: Series[str] = pa.Field(description="a label of age_bands.csv, or All (0 to 17)")
    children: Series[float] = pa.Field(ge=0, description="children aged 0 to 17 (or the age band)")
    age_from: Series[int] = pa.Field(ge=0)
    age_to: Series[int] = pa.Field(
        description="last age counted (17 for all children; 120 where all ages were counted)"
    )
    share_error: Series[float] = pa.Field(
        ge=0, description="half the rounding unit of the published share; 0 for counts"
    )
    source: Series[str] = pa.Field(description="such as 'ONS mid-year estimate 2024, release 2025'")

    class Config:
        strict = True
        coerce = True
        unique = ["borough_code", "year", "ethnic_group", "gender", "age_band", "source"]


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
    made_up: Series[bool] = pa.Field(description="the child is invented")

    class Config:
        strict = True
        coerce = True


class Episodes(pa.DataFrameModel):
    """One row per episode of care, after cleaning. Source: SSDA903 episodes, all years of the borough linked.

    A child may have many episodes. The same start in two years is one episode: the later year's row wins.
    Short breaks (V3, V4) are kept here and left out of counts. Trap: an episode that is open in one year and not
    told in the next has no known end; it counts up to `told_on` and not beyond.
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
    told_on: Series[pd.Timestamp] = pa.Field(description="last day of the latest collection that tells the episode")

    class Config:
        strict = True
        coerce = True
        unique = ["child_id", "started_on"]


class Outcomes(pa.DataFrameModel):
    """One row per child and return year. Source: SSDA903 oc2 (children looked after for 12 months at 31 March)."""

    child_id: Series[str] = pa.Field(str_matches=r"^[0-9a-f]{16}$")
    return_year: Series[int] = pa.Field()
    age: Series[float] = pa.Field(description="whole years on 31 March")
    sdq_score: Series[float] = pa.Field(nullable=True, ge=0, le=40)
    convicted: Series[float] = pa.Field(nullable=True)
    health_check: Series[float] = pa.Field(nullable=True)
    immunisations: Series[float] = pa.Field(nullable=True)
    teeth_check: Series[float] = pa.Field(nullable=True)
    health_assessment: Series[float] = pa.Field(nullable=True)
    substance_misuse: Series[float] = pa.Field(nullable=True)

    class Config:
        strict = True
        coerce = True
        unique = ["child_id", "return_year"]


class CareLeavers(pa.DataFrameModel):
    """One row per care leaver and return year. Source: SSDA903 oc3 (aged 17 to 21)."""

    child_id: Series[str] = pa.Field(str_matches=r"^[0-9a-f]{16}$")
    return_year: Series[int] = pa.Field()
    age: Series[float] = pa.Field(description="whole years on the birthday in the year: age on 31 March")
    gender: Series[str] = pa.Field(isin=("Male", "Female", "Unknown"))
    ethnicity_code: Series[str] = pa.Field()
    in_touch_code: Series[str] = pa.Field(nullable=True)
    activity_code: Series[str] = pa.Field(nullable=True)
    accommodation_code: Series[str] = pa.Field(nullable=True)

    class Config:
        strict = True
        coerce = True
        unique = ["child_id", "return_year"]


class SetAside(pa.DataFrameModel):
    """Every row that was read and not kept, and why. Stays on this machine: `row` finds the child in the file."""

    period: Series[str] = pa.Field(description="folder of the collection, such as 2023-03-31")
    file: Series[str] = pa.Field(description="file name")
    table: Series[str] = pa.Field()
    row: Series[int] = pa.Field(description="line in the file; 1 is the header")
    column: Series[str] = pa.Field()
    outcome: Series[str] = pa.Field(isin=("set aside", "exact repeat"))
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


class Released(Counts):
    """Counts that may leave the building, with the value a reader sees. Source: disclosure.release.

    `value` is the number, percentage or rate in `unit_of_value`, with `lower` and `upper` its 95% interval; all
    three are missing wherever the numerator is.
    """

    value: Series[float] = pa.Field(nullable=True)
    lower: Series[float] = pa.Field(nullable=True)
    upper: Series[float] = pa.Field(nullable=True)
    unit_of_value: Series[str] = pa.Field(description="children, %, per 10,000, ...")


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


def columns_of(contract: type[pa.DataFrameModel]) -> list[str]:
    """Give the columns of a contract, in order."""
    return list(contract.to_schema().columns)


def check(table: pd.DataFrame, contract: type[pa.DataFrameModel], *, source: str) -> pd.DataFrame:
    """Give the table with its contract's types and column order, or refuse it.

    source: the file or notebook the table comes from, for the message
    raises: ContractError naming every column and rule that fails, with how many rows; never a value of a row
    """
    try:
        return contract.validate(table, lazy=True)[columns_of(contract)].reset_index(drop=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases
        told = cases.groupby([cases["column"].fillna("the table").astype(str), cases["check"].astype(str)]).size()
    lines = "\n".join(
        f"- {column}: {rule} ({rows} {'row' if rows == 1 else 'rows'})" for (column, rule), rows in told.items()
    )
    raise ContractError(f"{source} does not keep the contract {contract.__name__} of schemas.py:\n{lines}")
