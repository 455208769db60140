"""One breakdown on one day: ages, sexes, homes, outcomes, and the tables of the spreadsheet."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from helpers.charts import Chart, bar_chart
from helpers.codes import display_ethnic_group
from helpers.counts import is_group_share, latest_release, name_of, select
from helpers.page_parts.sections import (
    DIMENSION_WORDS,
    Section,
    Sentences,
    ordered,
    paragraph,
    period_name,
    ranges,
    section,
    source_line,
    status_of_percent,
)
from helpers.rounding import format_number
from helpers.tables import Column, Table
from helpers.wording import date_words, joined, whole

YEARS_OLD = 3
LEAVER_AGES = ("17 to 18", "19 to 21")


OUTCOMES = (
    "cla_health_assessment_up_to_date",
    "cla_dental_check_up_to_date",
    "cla_immunisations_up_to_date",
    "cla_sdq_completed",
    "cla_three_plus_placements",
    "cla_long_term_stability",
    "cla_placed_out_of_borough",
    "cla_placed_over_20_miles",
    "cl_in_touch",
    "cl_eet",
    "cl_suitable_accommodation",
)


def breakdown_chart(
    released: pd.DataFrame,
    indicator: str,
    *,
    borough: str,
    as_at: dt.date,
    each: str,
    key: str,
    title: str,
    sort: bool = True,
) -> Chart | Sentences:
    """Draw the shares of one breakdown on the day, beside those of a year earlier where there are any."""
    rows = ordered(select(released, indicator, borough=borough, each=each), each)
    if not (rows["period_end"] == pd.Timestamp(as_at)).any():
        return paragraph(f"{name_of(indicator)}: not told in the data for this day.")
    days = sorted(day for day in rows["period_end"].unique() if day <= pd.Timestamp(as_at))[-2:]
    rows = rows[rows["period_end"].isin(days)]
    # A kind of home that nobody lives in, in either year, is a line without a bar: left to the table.
    lived = rows.groupby(each, sort=False)["numerator"].transform(
        lambda counts: counts.isna().any() or counts.sum() > 0
    )
    rows = rows[lived].assign(category=lambda part: part[each], series=lambda part: part["period_end"].map(period_name))
    rows = rows.sort_values("period_end", kind="stable").assign(status=status_of_percent)
    now = rows[(rows["period_end"] == pd.Timestamp(as_at)) & rows["value"].notna()].sort_values(
        "value", ascending=False
    )
    biggest = [f"{row['category']} {format_number(row['value'], 'percent')}" for _, row in now.head(3).iterrows()]
    alt = (
        f"Bar chart of {name_of(indicator).lower()}. Largest: {joined(biggest)}."
        if biggest
        else f"Bar chart of {name_of(indicator).lower()}. All are hidden."
    )
    return bar_chart(
        rows[["category", "value", "status", "series"]],
        key=key,
        title=title,
        subtitle=f"Percentage of children in care in {borough}, {date_words(as_at)}",
        alt=alt[:250],
        source=source_line(released, borough, as_at),
        unit="%",
        category_header=name_of(indicator),
        sort=sort,
    )


def breakdown_table(released: pd.DataFrame, indicator: str, *, borough: str, as_at: dt.date, each: str) -> Table:
    """Give a breakdown on the day: number, percentage of the whole."""
    rows = ordered(select(released, indicator, borough=borough, period_end=as_at, each=each), each)
    rows = rows.assign(
        head=display_ethnic_group(rows[each]) if each == "ethnic_group" else rows[each],
        percent_status=status_of_percent(rows),
    )
    base = rows["denominator"].dropna()
    of = f" of {whole(base.iloc[0])}" if len(base) else ""
    columns = (
        Column("head", DIMENSION_WORDS.get(each, "Group").capitalize()),
        Column("numerator", "Children", "whole", "status"),
        Column("value", f"%{of}", "percent", "percent_status"),
    )
    caption = f"{name_of(indicator)} in {borough} by {DIMENSION_WORDS.get(each, 'group')}, {date_words(as_at)}"
    return Table(caption, rows, columns, source=latest_release(released, borough))


def age_chart(released: pd.DataFrame, *, borough: str, as_at: dt.date) -> Chart | Sentences:
    """Draw the ages of the children, beside those of a year earlier."""
    return breakdown_chart(
        released,
        "cla_total",
        borough=borough,
        as_at=as_at,
        each="age_band",
        key="ages",
        title="Ages of the children in care",
        sort=False,
    )


def group_tables(released: pd.DataFrame, *, borough: str, as_at: dt.date) -> list[Table]:
    """Give the table by sex, and that of unaccompanied children where it is known."""
    tables = [breakdown_table(released, "cla_total", borough=borough, as_at=as_at, each="gender")]
    return [table for table in tables if len(table.frame)]


def homes(released: pd.DataFrame, *, borough: str, as_at: dt.date) -> Section | Sentences:
    """Give the chart and the table of where children live, in the council's groups or, without a return, in DfE's."""
    for indicator in ("cla_placement_type", "cla_placement_dfe"):
        if len(select(released, indicator, borough=borough, period_end=as_at, each="category")):
            here = {"borough": borough, "as_at": as_at, "each": "category"}
            chart = breakdown_chart(released, indicator, key="homes", title="Where children in care live", **here)
            return section(chart, breakdown_table(released, indicator, **here))
    return paragraph("Where children live is not told in the data for this day.")


def outcomes_table(released: pd.DataFrame, *, borough: str, as_at: dt.date) -> Table | Sentences:
    """Give the latest value of each outcome: how many of how many, the percentage and its likely range."""
    own = released[
        (released["borough"] == borough)
        & released["indicator"].isin(OUTCOMES)
        & released["category"].eq("All")
        & released["ethnic_group"].eq("All")
        & released["gender"].eq("All")
    ]
    own = own[~is_group_share(own) & (own["period_end"] > pd.Timestamp(as_at) - pd.DateOffset(years=YEARS_OLD))]
    own = own[~own["indicator"].str.startswith("cl_") | own["age_band"].isin(LEAVER_AGES)]
    latest = own.sort_values("period_end").drop_duplicates(["indicator", "age_band"], keep="last")
    if latest.empty:
        return paragraph("The data for this day tell nothing of health or of care leavers.")
    latest = latest.sort_values(
        ["indicator", "age_band"],
        key=lambda column: column.map(_outcome_order) if column.name == "indicator" else column,
    )
    percent_status = status_of_percent(latest)
    rows = latest.assign(
        head=[_outcome_name(row) for _, row in latest.iterrows()],
        day=latest["period_end"].map(period_name),
        percent_status=percent_status,
        base_status=_status_of_base(latest),
        likely=_ranges_where(latest, percent_status.isin(["shown", "provisional"])),
    )
    columns = (
        Column("head", "Measure"),
        Column("day", "Year"),
        Column("numerator", "Children or young people", "whole", "status"),
        Column("denominator", "Of", "whole", "base_status"),
        Column("value", "%", "percent", "percent_status"),
        Column("likely", "Likely range, %"),
    )
    return Table(
        f"Health, homes and care leavers in {borough}", rows, columns, source=latest_release(released, borough)
    )


def _status_of_base(rows: pd.DataFrame) -> pd.Series:
    """A base that is missing is hidden with its number, or there is none (a number of children has no base)."""
    hidden = rows["status"].eq("suppressed").map({True: "suppressed", False: "not_applicable"})
    return hidden.where(rows["denominator"].isna(), "shown")


def _outcome_order(indicator: str) -> int:
    return OUTCOMES.index(indicator)


def _outcome_name(row: pd.Series) -> str:
    return name_of(row["indicator"]) + (f", aged {row['age_band']}" if row["age_band"] != "All" else "")


def _ranges_where(rows: pd.DataFrame, shown: pd.Series) -> list[str]:
    likely = ranges(rows["lower"], rows["upper"], "whole")
    return [words if keep else "-" for words, keep in zip(likely, shown, strict=True)]


def indicator_table(rows: pd.DataFrame, *, borough: str) -> Table:
    """Give every released row of one indicator of the borough, for the spreadsheet: a row per day and group."""
    cut = rows.assign(ethnic_group=display_ethnic_group(rows["ethnic_group"]))
    rows = cut.assign(
        day=cut["period_end"].map(date_words),
        base_status=_status_of_base(cut),
        value_status=status_of_percent(cut),
    )
    unit = rows["unit_of_value"].iloc[0]
    kind = "percent" if unit == "%" else "whole"
    columns = (
        Column("day", "Day, or last day of the year"),
        Column("category", "Category"),
        Column("ethnic_group", "Ethnic group"),
        Column("gender", "Sex"),
        Column("age_band", "Age"),
        Column("numerator", f"Number of {rows['unit'].iloc[0].split(' per ')[0]}", "whole", "status"),
        Column("denominator", "Of", "whole", "base_status"),
        Column("value", f"Value ({unit})", kind, "value_status"),
        Column("release", "Release or return"),
    )
    return Table(f"{name_of(rows['indicator'].iloc[0])} in {borough}", rows, columns)
