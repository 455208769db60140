"""Who is over-represented: the chart, the table and the sentences of one dimension.

Each function reads the rows of one comparison, the headline unless told otherwise. representation_checks.py: whether
other ways of looking say the same, and how sure that is.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from html import escape

import pandas as pd

from helpers.charts import Chart, interval_chart
from helpers.codes import display_ethnic_group, load_codelist
from helpers.counts import select
from helpers.page_parts.breakdowns import breakdown_table
from helpers.page_parts.sections import DIMENSION_WORDS, Section, Sentences, paragraph, ranges, section, source_line
from helpers.population import age_caveat, scheme_caveat
from helpers.rounding import format_number
from helpers.tables import STATUS_WORDS, Column, Table
from helpers.wording import date_words, joined

YEARS_APART = 5
DIMENSIONS = {**DIMENSION_WORDS, "ethnic_label": "finer ethnic group"}
CAME_IN = "coming into care"
CLEAR = ("over-represented", "under-represented")
"""The findings that say a direction; a test has found them."""


@dataclass(frozen=True)
class Details:
    """A table that a reader opens; it stands open in print. The sentence before it says what it shows."""

    table: Table

    def _repr_html_(self) -> str:
        summary = f"<summary>{escape(self.table.caption)}</summary>"
        return f'<details class="data">{summary}{self.table._repr_html_()}</details>'


def rows_of(compared: pd.DataFrame, dimension: str, comparison: str = "headline") -> pd.DataFrame:
    """Choose the rows of one question: a dimension in one comparison."""
    return compared[(compared["comparison"] == comparison) & (compared["dimension"] == dimension)]


def display_of(rows: pd.DataFrame) -> pd.Series:
    """Give each group's name as a table or a chart shows it."""
    finer = load_codelist("finer_groups").drop_duplicates("compared_as").set_index("compared_as")["display"]
    shown = rows["group"].mask(rows["dimension"] == "ethnic_group", display_ethnic_group(rows["group"]))
    return shown.mask(rows["dimension"] == "ethnic_label", rows["group"].map(finer))


def representation_part(
    compared: pd.DataFrame, released: pd.DataFrame, *, borough: str, as_at: dt.date, dimension: str
) -> Section:
    """Give the chart and the table of a dimension, or the sentence that says why there is none."""
    if rows_of(compared, dimension).empty:
        return section(not_compared(compared, dimension))
    here = {"borough": borough, "as_at": as_at, "dimension": dimension}
    return section(
        population_caveat(compared, released, **here),
        representation_chart(compared, released, **here),
        representation_table(compared, **here),
    )


def representation_briefly(compared: pd.DataFrame, released: pd.DataFrame, *, borough: str, as_at: dt.date) -> Section:
    """Give the chart by ethnic group and what may be said; the full table stands on a page of its own."""
    if rows_of(compared, "ethnic_group").empty:
        return section(
            not_compared(compared, "ethnic_group"),
            breakdown_table(released, "cla_total", borough=borough, as_at=as_at, each="ethnic_group"),
        )
    return section(
        population_caveat(compared, released, borough=borough, as_at=as_at, dimension="ethnic_group"),
        representation_chart(compared, released, borough=borough, as_at=as_at, dimension="ethnic_group"),
        representation_sentences(compared, "ethnic_group"),
        breakdown_table(released, "cla_total", borough=borough, as_at=as_at, each="ethnic_group"),
    )


def population_caveat(
    compared: pd.DataFrame, released: pd.DataFrame, *, borough: str, as_at: dt.date, dimension: str
) -> Sentences:
    """Warn where the population is of other ages than the children in care, of a year far from the day, or counts
    Chinese children with another group."""
    one = rows_of(compared, dimension).iloc[0]
    year = int(one["population_year"])
    apart = abs(as_at.year - year)
    return paragraph(
        *(f"Take care. {words}" for words in differences(one, released, borough=borough, as_at=as_at)),
        f"Take care: the local population is of {year}, {apart} years from the children in care it is compared with."
        if apart > YEARS_APART
        else "",
    )


def differences(one: pd.Series, released: pd.DataFrame, *, borough: str, as_at: dt.date) -> list[str]:
    """Tell how a row's population differs from the children in care: in ages, or in the group of Chinese children."""
    dimension = one["dimension"]
    said = [age_caveat(dimension, int(one["population_age_from"]), int(one["population_age_to"]))]
    told = select(released, "cla_total", borough=borough, period_end=as_at)
    if dimension == "ethnic_group" and len(told):
        care = told.iloc[0]
        said.append(scheme_caveat(care["source"], one["population_source"], count_release=care["release"]))
    return [words for words in said if words]


def not_compared(compared: pd.DataFrame, dimension: str) -> Sentences:
    """Say that a dimension could not be compared; nothing where it was."""
    if len(rows_of(compared, dimension)):
        return Sentences(())
    return paragraph(
        f"There is no population by {DIMENSION_WORDS[dimension]} of all children here to compare with, so nothing is "
        f"said about over-representation by {DIMENSION_WORDS[dimension]}."
    )


def representation_sentences(compared: pd.DataFrame, dimension: str, *, comparison: str = "headline") -> Sentences:
    """Give what may be said of each group of a dimension; clear findings first."""
    rows = rows_of(compared, dimension, comparison)
    order = rows["finding"].map(
        {"over-represented": 0, "under-represented": 1, "no clear difference": 2, "too few to say": 3}
    )
    return Sentences(tuple(rows.assign(_order=order).sort_values("_order", kind="stable")["sentence"]))


def representation_chart(
    compared: pd.DataFrame,
    released: pd.DataFrame,
    *,
    borough: str,
    as_at: dt.date,
    dimension: str,
    comparison: str = "headline",
) -> Chart:
    """Draw how many times as likely each group is to be in care (or to come in) as everyone else, with intervals."""
    rows = rows_of(compared, dimension, comparison)
    clear = rows["finding"].isin(CLEAR)
    status = rows["status"].mask(rows["ratio"].isna() & rows["status"].eq("shown"), "not_applicable")
    frame = pd.DataFrame(
        {
            "group": display_of(rows),
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
    came_in = comparison == CAME_IN
    likely, day = ("come into care", "year to ") if came_in else ("be in care", "")
    return interval_chart(
        frame,
        key=f"{'coming-in' if came_in else 'representation'}-{dimension.replace('_', '-')}",
        title=_representation_title(rows, dimension, came_in=came_in),
        subtitle=f"Times as likely to {likely} as all other children in {borough}, {day}{date_words(as_at)}",
        alt=f"Dot plot by {DIMENSIONS[dimension]}. {told}"[:250],
        source=f"{source_line(released, borough, as_at)} Population: {rows['population_source'].iloc[0]}.",
        unit="times",
        reference_label="Same as everyone else",
        group_header=DIMENSIONS[dimension].capitalize(),
        sort=dimension == "ethnic_group",
    )


def _representation_title(rows: pd.DataFrame, dimension: str, *, came_in: bool) -> str:
    # A heading is read without its doubts: it names the groups alone whose finding stands with every population.
    stands = rows["finding"].eq("over-represented") & rows["holds"].ne("no")
    over = rows[stands].sort_values("ratio", ascending=False)["group"].tolist()
    if over and dimension == "ethnic_group":
        return f"{joined(over)} children are over-represented {'coming into' if came_in else 'in'} care"
    who = "Children coming into care" if came_in else "Children in care"
    return f"{who} compared with local children, by {DIMENSIONS[dimension]}"


def representation_table(
    compared: pd.DataFrame,
    *,
    borough: str,
    as_at: dt.date,
    dimension: str,
    comparison: str = "headline",
) -> Table:
    """Give share, population share, rate, index and ratio of each group of a dimension, with their likely ranges."""
    rows = rows_of(compared, dimension, comparison).copy()
    rows["head"] = display_of(rows)
    rows["measured"] = rows["status"].mask(rows["share"].isna() & rows["status"].eq("shown"), "not_applicable")
    for name, value, kind in (
        ("rate", "rate_per_10000", "whole"),
        ("index", "index", "decimal(2)"),
        ("ratio", "ratio", "decimal(2)"),
    ):
        rows[f"{name}_words"] = with_range(rows, value, f"{name}_lower", f"{name}_upper", kind)
    came_in = comparison == CAME_IN
    who = "Children who came into care" if came_in else "Children in care"
    columns = (
        Column("head", DIMENSIONS[dimension].capitalize()),
        Column("count", who, "whole", "status"),
        Column("share", f"% of {who[0].lower()}{who[1:]}", "share", "measured"),
        Column("population_share", "% of local children", "share"),
        Column("rate_words", f"{'Came in' if came_in else 'In care'} per 10,000 (likely range)"),
        Column("index_words", "Index: 1 is in line (likely range)"),
        Column("ratio_words", "Ratio to everyone else (likely range)"),
        Column("finding", "Finding"),
    )
    day = f"{'year to ' if came_in else ''}{date_words(as_at)}"
    caption = f"{who} and local children in {borough} by {DIMENSIONS[dimension]}, {day}"
    return Table(caption, rows, columns, source=rows["population_source"].iloc[0])


def with_range(rows: pd.DataFrame, value: str, low: str, high: str, kind: str) -> list[str]:
    """Write each value with its likely range: '1.25 (1.11 to 1.44)'; hidden values in words."""
    words = ranges(rows[low], rows[high], kind)
    return [
        STATUS_WORDS.get(state, "n/a") if pd.isna(number) else f"{format_number(number, kind)} ({span})"
        for number, span, state in zip(rows[value], words, rows["status"], strict=True)
    ]


def coming_into_care_part(
    compared: pd.DataFrame, released: pd.DataFrame, *, borough: str, as_at: dt.date
) -> Section | Sentences:
    """Give who came into care in the year, against local children: the chart by ethnic group, and the tables."""
    told = [one for one in ("ethnic_group", "gender", "age_band") if len(rows_of(compared, one, CAME_IN))]
    if not told:
        return paragraph("Who came into care is not told by group in the data for this year, so it is not compared.")
    here = {"borough": borough, "as_at": as_at, "comparison": CAME_IN}
    chart = representation_chart(compared, released, dimension=told[0], **here)
    others = compared[(compared["comparison"] == CAME_IN) & compared["dimension"].isin(["gender", "age_band"])]
    tables = [Details(representation_table(compared, dimension=one, **here)) for one in told]
    return section(
        paragraph(f"Counted over the year up to {date_words(as_at)}; each child once."),
        chart,
        Sentences(tuple(others.loc[others["finding"].isin(CLEAR), "sentence"])),
        *tables,
    )


def finer_groups_part(compared: pd.DataFrame, *, borough: str, as_at: dt.date) -> Section | Sentences:
    """Say which finer ethnic groups stand out within the five, with their table; or why they are not compared."""
    rows = rows_of(compared, "ethnic_label", "finer groups")
    if rows.empty:
        return paragraph(
            "Finer ethnic groups are not compared: that needs the children in care and a population of children, both "
            "by the 18 groups."
        )
    clear = rows[rows["finding"].isin(CLEAR)]
    hidden = int((rows["status"] == "suppressed").sum())
    if hidden == len(rows):
        return paragraph("Finer ethnic groups are left out: more than a quarter of their numbers would be hidden.")
    said = [
        f"Within the five groups, {len(rows)} finer ones were compared; the numbers of {hidden} are hidden.",
        *clear["sentence"],
        *([] if len(clear) else ["No finer group is clearly over-represented or under-represented."]),
    ]
    here = {"borough": borough, "as_at": as_at, "dimension": "ethnic_label"}
    table = representation_table(compared, comparison="finer groups", **here)
    return section(Sentences(tuple(said)), Details(_beside_reference(table, compared)))


def _beside_reference(table: Table, compared: pd.DataFrame) -> Table:
    """Add the ratio to the reference group, where it is one of the finer groups."""
    against = rows_of(compared, "ethnic_label", "reference group")
    if against.empty:
        return table
    words = dict(zip(against["group"], ratio_words(against), strict=True))
    frame = table.frame.assign(against=table.frame["group"].map(words).fillna(STATUS_WORDS["not_applicable"]))
    column = Column("against", f"Ratio to {against['reference'].iloc[0]} children (likely range)")
    return Table(table.caption, frame, (*table.columns[:-1], column, table.columns[-1]), source=table.source)


def ratio_words(against: pd.DataFrame) -> list[str]:
    """Write each ratio to the reference group with its range; hidden where the group or the reference is."""
    hidden = against["status"].mask(against["rule"] == 1, "suppressed")
    return with_range(against.assign(status=hidden), "ratio", "ratio_lower", "ratio_upper", "decimal(2)")
