"""Who is over-represented: the chart, the table and the sentences of one dimension."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from helpers.charts import Chart, interval_chart
from helpers.codes import display_ethnic_group
from helpers.page_parts.breakdowns import breakdown_table
from helpers.page_parts.sections import DIMENSION_WORDS, Section, Sentences, paragraph, ranges, section, source_line
from helpers.rounding import format_number
from helpers.tables import STATUS_WORDS, Column, Table
from helpers.wording import date_words, joined

YEARS_APART = 5


def representation_part(
    compared: pd.DataFrame, released: pd.DataFrame, *, borough: str, as_at: dt.date, dimension: str
) -> Section:
    """Give the chart and the table of a dimension, or the sentence that says why there is none."""
    if not (compared["dimension"] == dimension).any():
        return section(not_compared(compared, dimension))
    here = {"borough": borough, "as_at": as_at, "dimension": dimension}
    return section(
        population_caveat(compared, as_at=as_at, dimension=dimension),
        representation_chart(compared, released, **here),
        representation_table(compared, **here),
    )


def representation_briefly(compared: pd.DataFrame, released: pd.DataFrame, *, borough: str, as_at: dt.date) -> Section:
    """Give the chart by ethnic group and what may be said; the full table stands on a page of its own."""
    if not (compared["dimension"] == "ethnic_group").any():
        return section(
            not_compared(compared, "ethnic_group"),
            breakdown_table(released, "cla_total", borough=borough, as_at=as_at, each="ethnic_group"),
        )
    return section(
        population_caveat(compared, as_at=as_at, dimension="ethnic_group"),
        representation_chart(compared, released, borough=borough, as_at=as_at, dimension="ethnic_group"),
        representation_sentences(compared, "ethnic_group"),
        breakdown_table(released, "cla_total", borough=borough, as_at=as_at, each="ethnic_group"),
    )


def population_caveat(compared: pd.DataFrame, *, as_at: dt.date, dimension: str) -> Sentences:
    """Warn where the population is of a year far from the day: local children may have changed since or before."""
    year = int(compared.loc[compared["dimension"] == dimension, "population_year"].iloc[0])
    apart = abs(as_at.year - year)
    if apart <= YEARS_APART:
        return Sentences(())
    return paragraph(
        f"Take care: the local population is of {year}, {apart} years from the children in care it is compared with."
    )


def not_compared(compared: pd.DataFrame, dimension: str) -> Sentences:
    """Say that a dimension could not be compared; nothing where it was."""
    if (compared["dimension"] == dimension).any():
        return Sentences(())
    return paragraph(
        f"There is no population by {DIMENSION_WORDS[dimension]} of all children here to compare with, so nothing is "
        f"said about over-representation by {DIMENSION_WORDS[dimension]}."
    )


def representation_sentences(compared: pd.DataFrame, dimension: str) -> Sentences:
    """Give what may be said of each group of a dimension; clear findings first."""
    rows = compared[compared["dimension"] == dimension]
    order = rows["finding"].map(
        {"over-represented": 0, "under-represented": 1, "no clear difference": 2, "too few to say": 3}
    )
    return Sentences(tuple(rows.assign(_order=order).sort_values("_order", kind="stable")["sentence"]))


def representation_chart(
    compared: pd.DataFrame, released: pd.DataFrame, *, borough: str, as_at: dt.date, dimension: str
) -> Chart:
    """Draw how many times as likely each group is to be in care as everyone else, with intervals."""
    rows = compared[compared["dimension"] == dimension]
    display = display_ethnic_group(rows["group"]) if dimension == "ethnic_group" else rows["group"]
    clear = rows["finding"].isin(["over-represented", "under-represented"])
    status = rows["status"].mask(rows["ratio"].isna() & rows["status"].eq("shown"), "not_applicable")
    frame = pd.DataFrame(
        {
            "group": display,
            "value": rows["ratio"],
            "low": rows["ratio_lower"],
            "high": rows["ratio_upper"],
            "status": status,
            "clear": clear,
        }
    )
    found = frame[clear].sort_values("value", ascending=False)
    named = [f"{row['group']} {format_number(row['value'], 'ratio')}" for _, row in found.iterrows()]
    told = f"Clear differences: {joined(named)}." if named else "No group differs clearly from everyone else."
    return interval_chart(
        frame,
        key=f"representation-{dimension.replace('_', '-')}",
        title=_representation_title(rows, dimension),
        subtitle=f"Times as likely to be in care as all other children in {borough}, {date_words(as_at)}",
        alt=f"Dot plot by {DIMENSION_WORDS[dimension]}. {told}"[:250],
        source=f"{source_line(released, borough, as_at)} Population: {rows['population_source'].iloc[0]}.",
        unit="times",
        reference_label="Same as everyone else",
        group_header=DIMENSION_WORDS[dimension].capitalize(),
        sort=dimension == "ethnic_group",
    )


def _representation_title(rows: pd.DataFrame, dimension: str) -> str:
    over = rows[rows["finding"] == "over-represented"].sort_values("ratio", ascending=False)["group"].tolist()
    if over and dimension == "ethnic_group":
        return f"{joined(over)} children are over-represented in care"
    return f"Children in care compared with local children, by {DIMENSION_WORDS[dimension]}"


def representation_table(compared: pd.DataFrame, *, borough: str, as_at: dt.date, dimension: str) -> Table:
    """Give share, population share, rate, index and ratio of each group of a dimension, with their likely ranges."""
    rows = compared[compared["dimension"] == dimension].copy()
    rows["head"] = display_ethnic_group(rows["group"]) if dimension == "ethnic_group" else rows["group"]
    rows["measured"] = rows["status"].mask(rows["share"].isna() & rows["status"].eq("shown"), "not_applicable")
    for name, value, kind in (
        ("rate", "rate_per_10000", "whole"),
        ("index", "index", "decimal(2)"),
        ("ratio", "ratio", "decimal(2)"),
    ):
        rows[f"{name}_words"] = _with_range(
            rows[value], rows[f"{name}_lower"], rows[f"{name}_upper"], rows["status"], kind
        )
    columns = (
        Column("head", DIMENSION_WORDS[dimension].capitalize()),
        Column("count", "Children in care", "whole", "status"),
        Column("share", "% of children in care", "share", "measured"),
        Column("population_share", "% of local children", "share"),
        Column("rate_words", "In care per 10,000 (likely range)"),
        Column("index_words", "Index: 1 is in line (likely range)"),
        Column("ratio_words", "Ratio to everyone else (likely range)"),
        Column("finding", "Finding"),
    )
    caption = f"Children in care and local children in {borough} by {DIMENSION_WORDS[dimension]}, {date_words(as_at)}"
    return Table(caption, rows, columns, source=rows["population_source"].iloc[0])


def _with_range(values: pd.Series, low: pd.Series, high: pd.Series, status: pd.Series, kind: str) -> list[str]:
    """Write each value with its likely range: '1.25 (1.11 to 1.44)'; hidden values in words."""
    words = ranges(low, high, kind)
    return [
        STATUS_WORDS.get(state, "n/a") if pd.isna(value) else f"{format_number(value, kind)} ({span})"
        for value, span, state in zip(values, words, status, strict=True)
    ]
