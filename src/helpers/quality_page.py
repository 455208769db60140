"""The data-quality page: what arrived, what was changed, what was set aside, what is missing, which rules are broken.

Everything here may be read outside: numbers of rows and cells up to 5 are told as 'up to 5', and what is not known of
children as a band of shares, because an exact number could give a hidden one away. Exact numbers are for the analyst:
the tables of `save_cleaned`, and `briefings check`.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from fractions import Fraction

import pandas as pd

from helpers.clean import Cleaned
from helpers.codes import load_codelist
from helpers.link_years import ENDED_SINCE
from helpers.page_parts import Sentences, paragraph
from helpers.tables import Column, Table
from helpers.wording import date_words, whole

FEW = 5
"""Rows are children here: a number of rows up to this many is told as 'up to 5'."""
BANDS = (
    (Fraction(0), "none"),
    (Fraction(1, 20), "up to 1 in 20"),
    (Fraction(1, 10), "up to 1 in 10"),
    (Fraction(1, 4), "up to 1 in 4"),
    (Fraction(1, 2), "up to half"),
    (Fraction(1), "more than half"),
)
"""Shares of children of whom something is not known: each band ends at its share and starts above the one before."""
NO_TABLE = Sentences(())
NUMBERS = ["rows_read", "rows_kept", "rows_set_aside", "rows_repeated"]
NUMBER_COLUMNS = (
    Column("rows_read", "Rows read"),
    Column("rows_kept", "Rows kept"),
    Column("rows_set_aside", "Rows set aside"),
    Column("rows_repeated", "Exact repeats"),
)


def in_short(cleaned: Cleaned, rules: pd.DataFrame, gaps: pd.DataFrame, *, borough: str, as_at: dt.date) -> Sentences:
    """Say in a few sentences whether a leader can rely on the return.

    rules: contract schemas.RulesChecked; gaps: contract schemas.Completeness
    """
    files = cleaned.files[cleaned.files["period"] <= as_at.isoformat()]
    if files.empty:
        return paragraph(
            f"No return of {borough} was given. Its figures come from DfE's published tables, which DfE has checked."
        )
    period = files["period"].max()
    own = files[files["period"] == period]
    aside = int(own["rows_set_aside"].sum())
    sentences = [
        f"The return of {_day(period)} has {few(int(own['rows_read'].sum()))} rows in {_things(len(own), 'table')}; "
        f"{'every row could be used' if not aside else f'{few(aside)} could not be used'}.",
        *_gap_sentences(gaps, period),
        *_rule_sentences(rules, period),
        *_correction_sentences(cleaned.corrections),
    ]
    return Sentences(tuple(sentences))


def _gap_sentences(gaps: pd.DataFrame, period: str) -> list[str]:
    own = gaps[gaps["period"] == period].set_index("key")
    if "ethnicity" not in own.index:
        return []
    missing, children = own.loc["ethnicity", ["missing", "children"]]
    if not missing:
        return ["Ethnicity is known for every child in care."]
    return [f"Ethnicity is not known for {band(missing, children)} children in care."]


def _rule_sentences(rules: pd.DataFrame, period: str) -> list[str]:
    if not (rules["period"] == period).any():
        return []
    told = f"The return breaks {_errors_words(rules, period)}"
    before = sorted(set(rules["period"]) - {period})
    told += f"; that of {_day(before[-1])} broke {_errors_words(rules, before[-1])}." if before else "."
    skipped = int(((rules["period"] == period) & (rules["status"] == "skipped")).sum())
    if not skipped:
        return [told]
    why = "what they need did not arrive, or they hold in other years"
    return [told, f"{_things(skipped, 'rule')} could not be checked: {why}."]


def _errors_words(rules: pd.DataFrame, period: str) -> str:
    errors = _broken(rules, period).query("severity == 'error'")
    if errors.empty:
        return "no error rule"
    return f"{_things(len(errors), 'error rule')}, in {few(int(errors['rows_broken'].sum()))} rows"


def _correction_sentences(corrections: pd.DataFrame) -> list[str]:
    changed = _true_corrections(corrections)
    if changed.empty:
        return []
    return [f"Later returns tell {few(len(changed))} values of earlier ones otherwise; the later value counts."]


def _broken(rules: pd.DataFrame, period: str) -> pd.DataFrame:
    return rules[(rules["period"] == period) & (rules["status"] == "broken")]


def _true_corrections(corrections: pd.DataFrame) -> pd.DataFrame:
    """Leave out that episodes have ended since: that is the ordinary course of things."""
    return corrections[corrections["why"] != ENDED_SINCE]


# --- tables -------------------------------------------------------------------------------------------------------


def arrived_table(files: pd.DataFrame, *, borough: str) -> Table | Sentences:
    """Give one row per table of the latest collection: rows read, kept, set aside, repeated, and kept last time."""
    if files.empty:
        return NO_TABLE
    latest, *before = sorted(files["period"].unique(), reverse=True)
    rows = files[files["period"] == latest].groupby("table", sort=False)[NUMBERS].sum()
    told = rows.map(few).assign(head=rows.index.map(_label))
    columns = [Column("head", "Table"), *NUMBER_COLUMNS]
    if before:
        last = files[files["period"] == before[0]].groupby("table")["rows_kept"].sum().reindex(rows.index)
        told = told.assign(before=["did not arrive" if pd.isna(kept) else few(int(kept)) for kept in last])
        columns.append(Column("before", f"Rows kept, {_day(before[0])}"))
    return Table(f"What arrived from {borough}, {_day(latest)}", told, tuple(columns))


def collections_table(files: pd.DataFrame, *, borough: str) -> Table | Sentences:
    """Give one row per collection, the latest first: files, rows read, kept, set aside, repeated."""
    if files["period"].nunique() < 2:
        return NO_TABLE
    rows = files.groupby("period")[NUMBERS].sum().sort_index(ascending=False)
    told = rows.map(few).assign(head=rows.index.map(_day), tables=files.groupby("period").size())
    columns = (Column("head", "Collection"), Column("tables", "Tables", "whole"), *NUMBER_COLUMNS)
    return Table(f"Every collection of {borough}", told, columns)


def changed_table(changes: pd.DataFrame, *, borough: str) -> Table | Sentences:
    """Give one row per table, column and reason: how many cells were read in another form than they stood in."""
    if changes.empty:
        return paragraph("Every cell stood in the official form. Nothing was changed.")
    told = changes.groupby(["table", "column", "why"], as_index=False).size()
    told = told.assign(head=_place(told), cells=told["size"].map(few))
    columns = (Column("head", "Table and column"), Column("cells", "Cells"), Column("why", "What was found"))
    return Table(f"Cells of {borough}'s returns that were read in another form", told, columns)


def set_aside_table(set_aside: pd.DataFrame, *, borough: str) -> Table | Sentences:
    """Give one row per reason: table, column, rule, how many rows, what to do."""
    own = set_aside[set_aside["outcome"] == "set aside"]
    if own.empty:
        return paragraph("No row was set aside.")
    told = own.groupby(["table", "column", "code", "rule"], as_index=False).size()
    told = told.assign(head=_place(told), rows=told["size"].map(few))
    columns = (
        Column("head", "Table and column"),
        Column("rows", "Rows"),
        Column("code", "Rule"),
        Column("rule", "What was found, and what to do"),
    )
    return Table(f"Rows of {borough}'s returns that were set aside", told, columns)


def not_known_table(gaps: pd.DataFrame, *, borough: str) -> Table | Sentences:
    """Give one row per thing that may be missing: among whom, how large a part is not known, and last time."""
    if gaps.empty:
        return paragraph("No collection tells of children of whom anything could be missing.")
    listed = load_codelist("completeness").set_index("key")
    periods = sorted(gaps["period"].unique())[-2:]
    shown = gaps[gaps["period"].isin(periods)].assign(
        share=lambda rows: [band(a, b) for a, b in rows[["missing", "children"]].to_numpy()]
    )
    shares = {period: rows.set_index("key")["share"] for period, rows in shown.groupby("period")}
    table = pd.DataFrame(shares).reindex([key for key in listed.index if key in set(shown["key"])])
    table = table.assign(head=listed["name"], among=listed["base"]).reset_index(drop=True)
    columns = (
        Column("head", "What"),
        Column("among", "Among children"),
        *(Column(period, f"Not known, {_day(period)}") for period in reversed(periods)),
    )
    return Table(f"What is not known about children in {borough}", table, columns)


def broken_table(rules: pd.DataFrame, *, borough: str) -> Table | Sentences:
    """Give one row per broken rule of the latest collection: errors first, most rows first, with last time's rows."""
    if rules.empty:
        return NO_TABLE
    latest, *before = sorted(rules["period"].unique(), reverse=True)
    now = _broken(rules, latest)
    if now.empty:
        return paragraph(f"The return of {_day(latest)} breaks none of the rules that could be checked.")
    now = now.sort_values(["severity", "rows_broken", "code"], ascending=[True, False, True], kind="stable")
    told = now.assign(
        head=now["code"] + ", " + now["table"].str.removeprefix("previous.").map(_label),
        rows=now["rows_broken"].map(few),
    )
    columns = [Column("head", "Rule and table"), Column("severity", "Kind"), Column("rows", f"Rows, {_day(latest)}")]
    if before:
        told = told.assign(before=_rows_of(rules[rules["period"] == before[0]], told))
        columns.append(Column("before", f"Rows, {_day(before[0])}"))
    columns.append(Column("message", "What was found, and what to do"))
    return Table(f"Rules that {borough}'s return breaks", told, tuple(columns))


def _rows_of(rules: pd.DataFrame, told: pd.DataFrame) -> list[str]:
    known = rules.set_index(["code", "table"])
    lines = known.reindex(pd.MultiIndex.from_frame(told[["code", "table"]]))
    return [
        "not checked" if status != "broken" and status != "passed" else few(int(rows))
        for status, rows in lines[["status", "rows_broken"]].to_numpy()
    ]


def skipped_table(rules: pd.DataFrame, *, borough: str) -> Table | Sentences:
    """Give one row per reason why rules of the latest collection could not be checked."""
    own = rules[(rules["period"] == rules["period"].max()) & (rules["status"] == "skipped")]
    if own.empty:
        return NO_TABLE
    told = own.groupby("reason_skipped", as_index=False).size()
    columns = (Column("reason_skipped", "Why"), Column("size", "Rules", "whole"))
    return Table(f"Rules that could not be checked over {borough}'s return", told, columns)


def corrected_table(corrections: pd.DataFrame, *, borough: str) -> Table | Sentences:
    """Give one row per table, column and reason: how many values a later return tells otherwise."""
    own = _true_corrections(corrections)
    if own.empty:
        return paragraph("No later return tells anything of an earlier one otherwise.")
    told = own.groupby(["table", "column", "why"], as_index=False).size()
    told = told.assign(head=_place(told), values=told["size"].map(few))
    columns = (Column("head", "Table and column"), Column("values", "Values"), Column("why", "What was found"))
    return Table(f"What later returns of {borough} tell otherwise", told, columns)


def first_things(rules: pd.DataFrame, set_aside: pd.DataFrame) -> Sentences:
    """Say what to put right first: what keeps rows out, then the errors in most rows."""
    aside = set_aside[set_aside["outcome"] == "set aside"].groupby(["table", "rule"]).size()
    broken = _broken(rules, rules["period"].max()) if len(rules) else rules
    errors = broken[broken["severity"] == "error"].nlargest(3, "rows_broken", keep="first")
    told = [
        *(f"{_label(table)}: {rule}" for table, rule in aside.sort_values(ascending=False, kind="stable").index[:3]),
        *(f"{_label(row.table.removeprefix('previous.'))}: {row.message}" for row in errors.itertuples()),
    ]
    return Sentences(tuple(dict.fromkeys(told)) or ("Nothing has to be put right.",))


# --- words --------------------------------------------------------------------------------------------------------


def few(number: int) -> str:
    """Give a number of rows or cells as it may be told outside."""
    return "none" if number == 0 else f"up to {FEW}" if number <= FEW else whole(number)


def band(part: int, base: int) -> str:
    """Give a part of children as a band of shares ('up to 1 in 20'), or 'up to 5' where so few are meant.

    In a small borough a band of shares alone would tell a small number exactly.
    """
    if 0 < part <= FEW:
        return f"up to {FEW}"
    return BANDS[bisect_left([end for end, _ in BANDS], Fraction(int(part), int(base)))][1]


def _label(table: str) -> str:
    labels = load_codelist("cleaned_tables").set_index("table")["label"]
    return labels.get(table, "No known table")


def _place(told: pd.DataFrame) -> pd.Series:
    return told["table"].map(_label) + told["column"].map(lambda name: f", {name}" if name else "")


def _day(period: str) -> str:
    return date_words(dt.date.fromisoformat(period))


def _things(number: int, thing: str) -> str:
    return f"{whole(number)} {thing}{'' if number == 1 else 's'}"
