"""Change over time: the rate beside London and England, who came in and who left, and tables by year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pandas as pd

from helpers.charts import Chart, line_chart
from helpers.codes import display_ethnic_group
from helpers.counts import latest_release, name_of, select
from helpers.page_parts.sections import (
    COMPARATORS,
    DIMENSION_WORDS,
    YEARS_DRAWN,
    YEARS_SHOWN,
    Sentences,
    is_whole,
    ordered,
    paragraph,
    ranges,
    source_line,
)
from helpers.rounding import format_number
from helpers.tables import Column, Table
from helpers.wording import date_words, whole


def children_over_time(
    released: pd.DataFrame, trends: pd.DataFrame, *, borough: str, as_at: dt.date
) -> Chart | Sentences:
    """Draw the rate of children in care over the years: the borough, London and England."""
    whole_stock = trends[(trends["indicator"] == "cla_total") & is_whole(trends)]
    finding = whole_stock["finding"].iloc[0] if len(whole_stock) else ""
    rows = _areas_over_time(released, "cla_rate_per_10000", borough)
    own = rows[(rows["area"] == borough) & rows["value"].notna()]
    if (rows["area"] == borough).sum() == 0:
        return paragraph("There is no rate to draw: no population of children covers these years.")
    title = {
        "rising": f"More children are in care in {borough}",
        "falling": f"Fewer children are in care in {borough}",
    }.get(finding, f"Children in care in {borough} for every 10,000 children")
    first, last = (own.iloc[0], own.iloc[-1]) if len(own) else (None, None)
    numbers = (
        ""
        if first is None
        else (
            f"{borough} went from {format_number(first['value'], 'whole')} in {first['period']:%Y} to "
            f"{format_number(last['value'], 'whole')} in {last['period']:%Y}. "
        )
    )
    others = [
        f"{area} is at {format_number(part['value'].iloc[-1], 'whole')}."
        for area, part in rows.groupby("area", sort=False)
        if area != borough and pd.notna(part["value"].iloc[-1])
    ]
    return line_chart(
        rows,
        key="rate",
        highlight=borough,
        title=title,
        subtitle=f"Children in care for every 10,000 children on 31 March, to {rows['period'].max():%Y}",
        alt=f"Line chart of children in care for every 10,000 children. {numbers}{' '.join(others)}",
        source=source_line(released, borough, as_at),
        unit="per 10,000 children",
        kind="whole",
    )


def _areas_over_time(released: pd.DataFrame, indicator: str, borough: str) -> pd.DataFrame:
    rows = select(released, indicator)
    # Year ends alone: a day inside a year beside them would draw a step of months like a step of years.
    rows = rows[rows["period_type"] == "snapshot"]
    own = rows[rows["borough"] == borough]
    # Ten years at most, and none in which the borough has no rate: earlier history would squeeze what matters.
    known = own.loc[own["status"] != "not_available", "period_end"]
    if known.empty:
        return rows.iloc[:0].rename(columns={"period_end": "period", "borough": "area"})
    span = rows["period_end"].between(max(known.min(), known.max() - pd.DateOffset(years=YEARS_DRAWN)), known.max())
    rows = rows[span & rows["borough"].isin([borough, *COMPARATORS])]
    order = {area: place for place, area in enumerate([borough, *COMPARATORS])}
    rows = rows.sort_values(
        ["borough", "period_end"], key=lambda column: column.map(order) if column.name == "borough" else column
    )
    return rows.rename(columns={"period_end": "period", "borough": "area"})[["period", "area", "value", "status"]]


def flows_chart(released: pd.DataFrame, *, borough: str, as_at: dt.date) -> Chart | Sentences:
    """Draw the children who came into care and who left, year by year."""
    rows = released[
        released["indicator"].isin(["cla_started", "cla_ceased"])
        & is_whole(released)
        & released["borough"].eq(borough)
        & released["period_type"].eq("year")
    ]
    rows = rows[rows["period_end"] > pd.Timestamp(as_at) - pd.DateOffset(years=YEARS_DRAWN)]
    names = {"cla_started": "Came into care", "cla_ceased": "Left care"}
    frame = rows.assign(area=rows["indicator"].map(names)).rename(columns={"period_end": "period"})
    frame = frame[["period", "area", "value", "status"]].sort_values(["area", "period"])
    if frame.empty:
        return paragraph("The data do not tell who came into care or left.")
    last = frame.dropna(subset="value").groupby("area", sort=True).tail(1)
    told = [
        f"{row['area']}: {whole(row['value'])} in the year to {date_words(row['period'])}."
        for _, row in last.iterrows()
    ]
    return line_chart(
        frame,
        key="flows",
        highlight=frame["area"].iloc[0],
        title="Children who came into care and who left",
        subtitle=f"Children in {borough} in each year to 31 March",
        alt=f"Line chart of children. {' '.join(told)}"[:250],
        source=source_line(released, borough, as_at),
        unit="children",
    )


def numbers_by_year(
    released: pd.DataFrame, indicator: str, *, borough: str, each: str = "", years: int = YEARS_SHOWN
) -> Table:
    """Give a table of one indicator: a row per group (or one in all), a column per period, the latest last."""
    rows = select(released, indicator, borough=borough, **({"each": each} if each else {}))
    rows = ordered(rows, each)
    periods = sorted(rows["period_end"].unique())[-years:]
    wide, columns = _wide(rows[rows["period_end"].isin(periods)], each, periods)
    head = Column("head", DIMENSION_WORDS.get(each, "Group").capitalize() if each else "Measure")
    caption = f"{name_of(indicator)} in {borough}{' by ' + DIMENSION_WORDS.get(each, 'group') if each else ''}"
    return Table(caption, wide, (head, *columns), source=latest_release(released, borough))


def _wide(rows: pd.DataFrame, each: str, periods: Sequence[pd.Timestamp]) -> tuple[pd.DataFrame, list[Column]]:
    labels = rows[each] if each else pd.Series("Children", index=rows.index)
    names = list(dict.fromkeys(display_ethnic_group(labels) if each == "ethnic_group" else labels))
    keyed = rows.assign(_head=display_ethnic_group(labels) if each == "ethnic_group" else labels)
    wide, columns = pd.DataFrame({"head": names}), []
    for period in periods:
        own = keyed[keyed["period_end"] == period].set_index("_head").reindex(names)
        wide[f"value {period:%Y-%m-%d}"] = own["numerator"].to_numpy()
        wide[f"status {period:%Y-%m-%d}"] = own["status"].fillna("not_available").to_numpy()
        columns.append(Column(f"value {period:%Y-%m-%d}", date_words(period), "whole", f"status {period:%Y-%m-%d}"))
    return wide, columns


def trend_sentences(trends: pd.DataFrame, indicators: Sequence[str]) -> Sentences:
    """Give what may be said of the change of each indicator as a whole."""
    own = trends[trends["indicator"].isin(indicators) & is_whole(trends)]
    items = own.sort_values("indicator", key=lambda column: column.map(list(indicators).index))["sentence"]
    return Sentences(tuple(items) or ("There is no earlier year to compare with.",))


def trend_table(trends: pd.DataFrame, *, borough: str) -> Table | Sentences:
    """Give first and last value, the annual change and the finding of each series as a whole."""
    own = trends[is_whole(trends)].copy()
    if own.empty:
        return paragraph("There is no earlier year to compare with.")
    share = own["last_value"].between(0, 1) & own["first_value"].between(0, 1)
    own["head"] = [name_of(key) for key in own["indicator"]]
    for name in ("first", "last"):
        own[name] = [
            "hidden"
            if status == "suppressed"
            else "not available"
            if pd.isna(value)
            else format_number(value, "share" if is_share else "whole")
            for value, status, is_share in zip(own[f"{name}_value"], own["status"], share, strict=True)
        ]
        own[f"{name}_day"] = own[f"{name}_period"].map(date_words)
    own["annual"] = ranges(own["annual_lower"], own["annual_upper"], "decimal(1)")
    columns = (
        Column("head", "Measure"),
        Column("first_day", "From"),
        Column("first", "Value then"),
        Column("last_day", "To"),
        Column("last", "Value now"),
        Column("annual", "Likely yearly change, %"),
        Column("finding", "Finding"),
    )
    return Table(f"Change over time in {borough}", own, columns)
