"""Tables and sentences of the analysts' notebooks: which release, which figures, what is hidden."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from helpers.counts import in_order, name_of
from helpers.editions import editions_summary
from helpers.looking import not_for_release_words
from helpers.page_parts import Sentences, paragraph
from helpers.settings import Settings
from helpers.tables import Column, Table
from helpers.wording import date_words, joined, whole


def run_words(settings: Settings, *, does: str) -> str:
    """Say what the notebook will do, before it does it, and first of all whether what it shows may leave."""
    return "".join(f"{line}\n" for line in not_for_release_words(settings)) + (
        f"For {settings.borough}, up to {date_words(settings.as_at)}: {does}.\n"
        f"Returns from {settings.returns.name}/, published tables from {settings.published.name}/, "
        f"disclosure rule {settings.disclosure}."
    )


def published_sentences(files: pd.DataFrame, counts: pd.DataFrame) -> Sentences:
    """Say how many published files were read and for how many areas."""
    if counts.empty:
        return paragraph(f"None of {whole(len(files))} files tells of children in care.")
    used = (files["rows_used"] > 0).sum()
    first, last = (date_words(day) for day in (counts["period_end"].min(), counts["period_end"].max()))
    return paragraph(
        f"{whole(used)} of {whole(len(files))} files were used. "
        f"They tell of {whole(counts['borough'].nunique())} areas, from {first} to {last}."
    )


def published_files_table(files: pd.DataFrame) -> Table:
    """Give one row per file: what it is, its release, rows used and left out, and why."""
    columns = (
        Column("file", "File"),
        Column("kind", "What it is"),
        Column("release", "Release"),
        Column("rows_used", "Rows used", "whole"),
        Column("rows_left_out", "Rows left out", "whole"),
        Column("why", "Why left out"),
    )
    shown = files.fillna("").replace({"why": {"": "-"}, "release": {"": "-"}, "kind": {"": "-"}})
    return Table("Published files", shown, columns)


def series_table(counts: pd.DataFrame) -> Table:
    """Give one row per indicator: which release tells which years."""
    spans = counts.groupby(["indicator", "release"], as_index=False)["period_end"].agg(["min", "max"])
    spans = spans.assign(
        head=[name_of(key) for key in spans["indicator"]],
        years=[
            f"{low.year} to {high.year}" if low.year != high.year else str(high.year)
            for low, high in zip(spans["min"], spans["max"], strict=True)
        ],
    )
    columns = (Column("head", "Measure"), Column("release", "Release"), Column("years", "Years"))
    return Table("Which release each series comes from", spans, columns)


def latest_table(released: pd.DataFrame, *, borough: str, as_at: dt.date) -> Table:
    """Give every released figure of the borough on the day, one row each."""
    own = released[(released["borough"] == borough) & (released["period_end"] == pd.Timestamp(as_at))]
    parts = [in_order(rows, "numerator") for _, rows in own.groupby("indicator", sort=False)]
    rows = pd.concat(parts, ignore_index=True)
    cut = rows[["category", "ethnic_group", "gender", "age_band"]].replace("All", "")
    rows = rows.assign(
        head=[
            joined([name_of(row["indicator"]), *filter(None, words)])
            for (_, row), words in zip(rows.iterrows(), cut.to_numpy().tolist(), strict=True)
        ],
        base_status=rows["status"]
        .where(rows["status"].eq("suppressed"), "not_applicable")
        .where(rows["denominator"].isna(), "shown"),
    )
    columns = (
        Column("head", "Measure"),
        Column("numerator", "Number", "whole", "status"),
        Column("denominator", "Of", "whole", "base_status"),
        Column("unit", "Counted in"),
    )
    return Table(f"Released figures of {borough}, {date_words(as_at)}", rows, columns)


def editions_note(settings: Settings) -> Sentences:
    """Say which days stay as published, and which figures were revised."""
    return Sentences(tuple(editions_summary(settings)))


def hidden_sentences(released: pd.DataFrame, *, borough: str, as_at: dt.date) -> Sentences:
    """Say how many of the day's figures are hidden."""
    own = released[(released["borough"] == borough) & (released["period_end"] == pd.Timestamp(as_at))]
    hidden = int((own["status"] == "suppressed").sum())
    return paragraph(f"{whole(hidden)} of {whole(len(own))} figures of the day are hidden.")
