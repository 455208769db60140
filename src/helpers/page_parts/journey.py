"""Differences along the journey: the sentences, the chart and the table of a stage, and what they do not say."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from helpers.charts import Chart, interval_chart
from helpers.codes import load_codelist
from helpers.page_parts.representation import Details
from helpers.page_parts.sections import DIMENSION_WORDS, Section, Sentences, paragraph, ranges, section, source_line
from helpers.rounding import format_number
from helpers.tables import Column, Table
from helpers.wording import JOURNEY_NOTE, date_words, joined, journey_group_words

CLEAR, PERHAPS = 3, 4
"""Rules of the decision table that say something of a direction."""
SHOWN = ("shown", "provisional")
FINDING_WORDS = {"over-represented": "more often", "under-represented": "less often"}
OTHER_SEX = "Female"
POINTS = 100


def journey_note() -> Sentences:
    """Say what these figures are not: disproportionality in the population."""
    return paragraph(*JOURNEY_NOTE)


def journey_part(journey: pd.DataFrame, released: pd.DataFrame, *, borough: str, as_at: dt.date) -> Section:
    """Give, stage by stage, the chart by ethnic group where one may be drawn and the table of every measure."""
    here = {"borough": borough, "as_at": as_at}
    items = []
    for stage in dict.fromkeys(journey["stage"]):
        chart = journey_chart(journey, released, stage=stage, **here)
        items += [chart] if isinstance(chart, Chart) else []
        table = journey_table(journey, stage=stage, **here)
        items += [Details(table)] if len(table.frame) else []
    return section(*items)


def journey_sentences(journey: pd.DataFrame, stage: str | None = None) -> Sentences:
    """Give what differs, clear findings first, and how many comparisons were made.

    journey: contract schemas.Journey; stage: one of codelists/journey.csv, or None for all
    """
    rows = _of_stage(journey, stage)
    said = rows[rows["rule"].isin([CLEAR, PERHAPS])].sort_values("rule", kind="stable")["sentence"]
    return Sentences((*said, *_how_many(rows)))


def _how_many(rows: pd.DataFrame) -> list[str]:
    made, clear = int(rows["status"].isin(SHOWN).sum()), int((rows["rule"] == CLEAR).sum())
    if rows.empty:
        return ["The data do not tell these measures by group, so nothing is compared."]
    if not made:
        return ["No comparison could be made: too many numbers are hidden to protect children."]
    comparisons = "comparison was" if made == 1 else "comparisons were"
    told = f"{made} {comparisons} made; {clear or 'none'} {'shows' if clear == 1 else 'show'} a clear difference."
    left = len(rows) - made
    return [told, *([f"{left} more could not be made, because numbers are hidden or small."] if left else [])]


def journey_chart(
    journey: pd.DataFrame,
    released: pd.DataFrame,
    *,
    borough: str,
    as_at: dt.date,
    stage: str,
    dimension: str = "ethnic_group",
) -> Chart | Sentences:
    """Draw how many percentage points each group lies from the others, with intervals and a line at no difference.

    The chart draws the groups that are told, and says how many are not
    """
    rows = _of_stage(journey, stage)
    rows = rows[rows["dimension"] == dimension]
    hidden = int((~rows["status"].isin(SHOWN)).sum())
    rows = rows[rows["status"].isin(SHOWN)]
    if rows.empty:
        return paragraph(f"Nothing can be drawn by {DIMENSION_WORDS[dimension]}: the numbers are hidden or small.")
    words = _in_words(rows)
    clear = rows["rule"] == CLEAR
    frame = pd.DataFrame(
        {
            "group": words["outcome"].str.capitalize() + ": " + words["who"],
            "value": POINTS * rows["difference"],
            "low": POINTS * rows["difference_lower"],
            "high": POINTS * rows["difference_upper"],
            "status": rows["status"],
            "clear": clear,
        }
    )
    named = [f"{name} {format_number(points, 'whole')}" for name, points in zip(*_clear(frame), strict=True)]
    found = f"Clear differences, in percentage points: {joined(named)}." if named else "No difference is clear."
    return interval_chart(
        frame,
        key=f"journey-{stage.lower().replace(' ', '-')}-{dimension.replace('_', '-')}",
        title=f"{stage}: differences by {DIMENSION_WORDS[dimension]}",
        subtitle=f"Percentage points above or below other children in care, {borough}, {date_words(as_at)}",
        alt=f"Dot plot by measure and {DIMENSION_WORDS[dimension]}. {found}"[:250],
        source=f"{source_line(released, borough, as_at)}{_not_drawn(hidden)}",
        unit="percentage points",
        reference=0.0,
        reference_label="Same as the others",
        log=False,
        sort=False,
        group_header="Measure and group",
    )


def _not_drawn(hidden: int) -> str:
    are = "comparison is" if hidden == 1 else "comparisons are"
    return f" {hidden} {are} left out: hidden, or of few children." if hidden else ""


def _clear(frame: pd.DataFrame) -> tuple[list[str], list[float]]:
    found = frame[frame["clear"]]
    return found["group"].tolist(), found["value"].tolist()


def journey_table(journey: pd.DataFrame, *, borough: str, as_at: dt.date, stage: str) -> Table:
    """Give each measure and group of a stage that is told: its share, that of the others, the difference, the finding.

    Of what is hidden there is no row: a table of holes tells nobody anything
    """
    rows = _of_stage(journey, stage)
    rows = rows[rows["status"].isin(SHOWN)].reset_index(drop=True)
    words = _in_words(rows)
    spans = ranges(POINTS * rows["difference_lower"], POINTS * rows["difference_upper"], "whole")
    points = [
        f"{format_number(POINTS * value, 'whole')} ({span})" if pd.notna(value) else None
        for value, span in zip(rows["difference"], spans, strict=True)
    ]
    frame = pd.DataFrame(
        {
            "question": words["question"],
            "who": words["who"],
            "own": _shares(rows["share"], rows["children"]),
            "others": _shares(rows["other_share"], rows["other_children"]),
            "points": points,
            "finding": rows["finding"].replace(FINDING_WORDS),
            "status": rows["status"],
        }
    )
    columns = (
        Column("question", "Measure"),
        Column("who", "Group"),
        Column("own", "Of the group", status="status"),
        Column("others", "Of the others", status="status"),
        Column("points", "Difference in percentage points (likely range)", status="status"),
        Column("finding", "Finding"),
    )
    bases = joined(list(dict.fromkeys(rows["base"])))
    caption = f"{stage}: groups of {bases} in {borough}, {date_words(as_at)}" if bases else f"{stage} in {borough}"
    return Table(caption, frame, columns)


def _of_stage(journey: pd.DataFrame, stage: str | None) -> pd.DataFrame:
    """Keep a stage, and of the two sexes the one that is compared with the other: both would say one thing twice."""
    rows = journey if stage is None else journey[journey["stage"] == stage]
    paired = rows[(rows["dimension"] == "gender") & (rows["group"] != OTHER_SEX)]["indicator"]
    second = (rows["dimension"] == "gender") & (rows["group"] == OTHER_SEX) & rows["indicator"].isin(paired)
    return rows[~second].reset_index(drop=True)


def _in_words(rows: pd.DataFrame) -> pd.DataFrame:
    """Give for each row its question, its outcome and its group as readers see them."""
    words = load_codelist("journey").set_index("indicator")
    told = rows[["indicator"]].join(words[["question", "outcome", "who"]], on="indicator")
    names = zip(rows["dimension"], rows["group"], told["who"], strict=True)
    return told.assign(who=[journey_group_words(dimension, group, noun) for dimension, group, noun in names])


def _shares(share: pd.Series, base: pd.Series) -> list[str | None]:
    return [
        f"{format_number(one, 'share')} of {format_number(of, 'whole')}" if pd.notna(one) else None
        for one, of in zip(share, base, strict=True)
    ]
