"""The parts of notebook 32: a board report's figures against the return and against themselves.

Figures of the return stand here unhidden, so the notebook stays on the analyst's machine and is not a page of a run.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from helpers.codes import load_catalogue, load_codelist
from helpers.page_parts import Sentences, paragraph
from helpers.tables import Column, Table
from helpers.wording import date_words, joined, whole

MEASURE_WORDS = {
    "count": "",
    "percent": "%",
    "rate_per_10000": " per 10,000",
    "days": " days",
    "mean_score": "",
    "years": " years",
}


def agreement_sentences(held: pd.DataFrame, borough: str) -> Sentences:
    """Say how many of a borough's figures the return bears out, how many it does not and how many it cannot tell.

    held: board_figures.hold_against_return
    """
    if held.empty:
        return paragraph(f"The report prints no figure of {borough}.")
    counted = held[held["agrees"].notna()]
    same = int(counted["agrees"].astype(bool).sum())
    later = counted[counted["counted_on"] != counted["period_end"]]
    told = [
        f"{whole(len(held))} figures of {borough}: {whole(same)} agree with the return, "
        f"{whole(len(counted) - same)} do not, {whole(len(held) - len(counted))} cannot be counted from it."
    ]
    if len(later):
        days = joined([date_words(dt.date.fromisoformat(day)) for day in sorted(later["counted_on"].unique())])
        told.append(f"{whole(len(later))} are printed for a day after the last return and held against {days}.")
    return paragraph(*told)


def disagreement_table(held: pd.DataFrame) -> Table:
    """Give one row per figure that the return does not bear out: what is printed, and what the return gives."""
    rows = held[held["agrees"].eq(False)]
    base = rows["our_denominator"].map(lambda number: "" if pd.isna(number) else f" of {number:,.0f}")
    rows = rows.assign(
        head=_names(rows),
        row=rows.index + 2,
        day=[date_words(dt.date.fromisoformat(day)) for day in rows["period_end"]],
        printed=rows["value"] + rows["measure"].map(MEASURE_WORDS),
        counted=rows["ours"] + rows["measure"].map(MEASURE_WORDS),
        out_of=rows["our_numerator"].map("{:,.0f}".format) + base,
    )
    columns = (
        Column("head", "Figure"),
        Column("row", "Row of the file", "whole"),
        Column("day", "Day"),
        Column("printed", "Printed"),
        Column("counted", "From the return"),
        Column("out_of", "Number and base"),
    )
    return Table("Figures that the return does not bear out", rows, columns)


def not_counted_table(held: pd.DataFrame) -> Table:
    """Give one row per reason why figures could not be counted, with how many and which indicators."""
    rows = held[held["agrees"].isna()]
    grouped = rows.groupby("why", as_index=False).agg(
        figures=("why", "size"), which=("indicator", lambda keys: ", ".join(dict.fromkeys(keys)))
    )
    grouped = grouped.sort_values(["figures", "why"], ascending=[False, True], ignore_index=True)
    columns = (Column("why", "Why"), Column("figures", "Figures", "whole"), Column("which", "Indicators"))
    return Table("Figures that cannot be counted from the return", grouped, columns)


def findings_sentences(findings: pd.DataFrame) -> Sentences:
    """Say how many contradictions the figures hold among themselves."""
    kinds = findings["kind"].value_counts()
    return paragraph(
        f"The figures contradict each other {whole(kinds.get('contradiction', 0))} times; "
        f"{whole(kinds.get('ask', 0))} more are worth asking about. Rounding explains none of them."
    )


def findings_table(findings: pd.DataFrame, kind: str) -> Table:
    """Give one row per finding of a kind ('contradiction' or 'ask'): what it is, in words, and the rows it is about."""
    names = load_codelist("figure_check_rules").set_index("key")["name"]
    rows = findings[findings["kind"] == kind]
    rows = rows.assign(head=rows["rule"].map(names))
    columns = (Column("head", "What is wrong"), Column("sentence", "Where"), Column("rows", "Rows of the file"))
    caption = "Figures that cannot all be true" if kind == "contradiction" else "Figures worth asking about"
    return Table(caption, rows, columns)


def _names(rows: pd.DataFrame) -> list[str]:
    names = load_catalogue().set_index("key")["name"]
    return [
        names.get(row.indicator, row.indicator.replace("_", " "))
        + ("" if row.category == "total" else f": {row.category.replace('_', ' ')}")
        for row in rows.itertuples()
    ]
