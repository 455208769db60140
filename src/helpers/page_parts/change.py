"""Change over time: the rate beside London and England, who came in and who left, and tables by year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pandas as pd

from helpers.charts import Chart, line_chart
from helpers.codes import display_ethnic_group, load_catalogue, load_codelist
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
    period_name,
    ranges,
    source_line,
)
from helpers.population import NOT_KNOWN, scheme_of
from helpers.rounding import format_number
from helpers.tables import Column, Table
from helpers.wording import date_words, whole
from helpers.wording.over_time import BADGE_WORDS, STOCK_WORDS, family_words

NO_RATIOS = (
    "The data do not tell who came into care by ethnic group over years, so nothing is said of change in "
    "over-representation."
)
RECENT_WORDS = {"not applicable": "-", "no significant change": "no clear change"}
"""OHID's words, but for one that is not used in text for readers."""


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


def scheme_change(released: pd.DataFrame, *, borough: str, years: int = YEARS_SHOWN) -> Sentences:
    """Say where the years of the table by ethnic group count Chinese children with different groups."""
    rows = ordered(select(released, "cla_total", borough=borough, each="ethnic_group"), "ethnic_group")
    periods = sorted(rows["period_end"].unique())[-years:]
    told = rows[rows["period_end"].isin(periods)].drop_duplicates("period_end").sort_values("period_end")
    schemes = [scheme_of(source, release) for source, release in zip(told["source"], told["release"], strict=True)]
    first = next((place for place, scheme in enumerate(schemes) if scheme != schemes[0]), 0)
    if not first or {"", NOT_KNOWN} & {schemes[0], schemes[first]}:
        return Sentences(())
    before, after = display_ethnic_group(pd.Series([schemes[0], schemes[first]]))
    day = date_words(told["period_end"].iloc[first])
    return paragraph(f"From {day} Chinese children are counted with '{after}', before with '{before}'.")


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
    """Give what may be said of the change of each indicator as a whole; a tested rate stands beside its count."""
    wanted = list(dict.fromkeys(name for key in indicators for name in _question(key, trends)))
    own = trends[trends["indicator"].isin(wanted) & is_whole(trends)]
    items = own.sort_values("indicator", key=lambda column: column.map(wanted.index))["sentence"]
    return Sentences(tuple(items) or ("There is no earlier year to compare with.",))


def _question(indicator: str, trends: pd.DataFrame) -> list[str]:
    """Give a measure after the rate that tells the same, where it is the rate that was tested."""
    rate = f"{indicator}_rate_per_10000"
    tested = trends["indicator"].eq(rate) & trends["family"].ne("") & is_whole(trends)
    return [rate, indicator] if tested.any() else [indicator]


def clear_changes(trends: pd.DataFrame) -> Sentences:
    """Give the sentences of every series beyond the headline measures that is rising or falling."""
    others = trends[trends["family"].eq("other series")]
    clear = others[others["finding"].isin(["rising", "falling"])]
    number = f"{whole(len(others))} other series were tested"
    if clear.empty:
        return paragraph(
            f"{number}: none is clearly rising or falling." if len(others) else "No other series could be tested."
        )
    return Sentences((f"{number}; these are clearly rising or falling.", *clear.sort_values("p_adjusted")["sentence"]))


def trend_table(trends: pd.DataFrame, *, borough: str) -> Table | Sentences:
    """Give first and last value, the annual change, OHID's marker and the finding of each series as a whole."""
    own = trends[is_whole(trends)].copy()
    if own.empty:
        return paragraph("There is no earlier year to compare with.")
    kinds = own["indicator"].map(load_catalogue().set_index("key")["trend_kind"])
    own["head"] = [name_of(key) for key in own["indicator"]]
    for name in ("first", "last"):
        values = zip(own[f"{name}_value"], own["status"], kinds, own[f"{name}_period"], strict=True)
        own[name] = [f"{_then(value, status, kind)} ({period_name(day)})" for value, status, kind, day in values]
    # A proportion's yearly change is of its odds, which no reader should take for a change of the share.
    plain = kinds.isin(["flow", "rate"])
    own["annual"] = ranges(own["annual_lower"].where(plain), own["annual_upper"].where(plain), "decimal(1)")
    own["recent"] = own["recent_trend"].replace(RECENT_WORDS)
    own["told"] = own["finding"].mask(own["rule"].eq(3), "described")
    columns = (
        Column("head", "Measure"),
        Column("first", "Then"),
        Column("last", "Now"),
        Column("annual", "Likely yearly change, %"),
        Column("recent", "Last five years"),
        Column("told", "Finding"),
    )
    return Table(f"Change over time in {borough}", own, columns)


def _then(value: float, status: str, kind: str) -> str:
    if status == "suppressed":
        return "hidden"
    if pd.isna(value):
        return "not available"
    return format_number(
        value, {"stock share": "share", "proportion": "share", "mean": "decimal(1)"}.get(kind, "whole")
    )


def ratio_trend_sentences(ratios: pd.DataFrame) -> Sentences:
    """Say of each group whether its ratio to everyone else is changing; clear changes first."""
    if ratios.empty:
        return paragraph(NO_RATIOS)
    order = ratios["finding"].map({"rising": 0, "falling": 0, "no clear change": 1, "too few to say": 2})
    return Sentences(tuple(ratios.assign(_order=order).sort_values("_order", kind="stable")["sentence"]))


def ratio_trend_table(ratios: pd.DataFrame, *, borough: str) -> Table | Sentences:
    """Give each group's first and last ratio to everyone else, and its likely yearly change."""
    if ratios.empty:
        return Sentences(())
    own = ratios.copy()
    own["head"] = display_ethnic_group(own["group"])
    for name in ("first", "last"):
        own[name] = [
            "hidden" if status == "suppressed" else "too few" if pd.isna(value) else format_number(value, "decimal(2)")
            for value, status in zip(own[f"{name}_ratio"], own["status"], strict=True)
        ]
    own["annual"] = ranges(own["lower"], own["upper"], "decimal(1)")
    columns = (
        Column("head", "Ethnic group"),
        Column("first", f"Ratio, year to {date_words(own['first_period'].iloc[0])}"),
        Column("last", f"Ratio, year to {date_words(own['last_period'].iloc[0])}"),
        Column("annual", "Likely yearly change, %"),
        Column("finding", "Finding"),
    )
    caption = f"Coming into care in {borough}: each group's rate over everyone else's"
    return Table(caption, own, columns, source=own["population_source"].iloc[0])


def how_sure_of_trends(trends: pd.DataFrame, ratios: pd.DataFrame) -> Sentences:
    """Say which tests were allowed for together, what the marker is, and which years and definitions need care."""
    tested = trends[trends["family"].ne("")].groupby("family", sort=False)
    families = {name: (len(part), part["correction"].iloc[0]) for name, part in tested}
    spanned = []
    for one in load_codelist("series_breaks").drop_duplicates("what").itertuples():
        if trends["breaks"].str.contains(one.what, regex=False).any():
            spanned += [one.what, _without_pandemic(trends)] if one.effect == "pandemic" else [one.what]
    items = [*STOCK_WORDS, family_words(families), *BADGE_WORDS, *spanned]
    if len(ratios):
        items.append(
            f"Ratios use the local shares of {ratios['population_year'].iloc[0]} for every year: "
            "a change may also be one of the local children."
        )
    return Sentences(tuple(item for item in items if item))


def _without_pandemic(trends: pd.DataFrame) -> str:
    clear = trends[trends["finding"].isin(["rising", "falling"]) & trends["annual_without_2021_percent"].notna()]
    if clear.empty:
        return ""
    unsure = (clear["annual_without_2021_lower"] <= 0) & (clear["annual_without_2021_upper"] >= 0)
    return f"Without that year {whole(unsure.sum())} of {whole(len(clear))} yearly changes would not be clear."
