"""Rules over dates: present, in the collection's range, and in order; ages on a day."""

from __future__ import annotations

import pandas as pd

from helpers.rules.context import Context, Rule, birthday, latest_end_before, no_row


def cell_is_blank(context: Context, rule: Rule) -> pd.Series:
    """The cell is blank."""
    return context.rows_of(rule.table)[rule.fields[0]].isna()


def cell_was_unreadable(context: Context, rule: Rule) -> pd.Series:
    """No kept row has a cell that could not be read; the engine adds the rows that were set aside for it."""
    return no_row(context.rows_of(rule.table))


def date_is_after_the_collection(context: Context, rule: Rule) -> pd.Series:
    """The date is after the collection's last day."""
    return context.rows_of(rule.table)[rule.fields[0]] > context.last_day


def date_is_before(context: Context, rule: Rule) -> pd.Series:
    """The date is before a day. Parameter: day."""
    return context.rows_of(rule.table)[rule.fields[0]] < pd.Timestamp(rule.parameters["day"])


def child_is_too_old(context: Context, rule: Rule) -> pd.Series:
    """The child was past an age when the return year began. Parameter: oldest."""
    births = context.rows_of(rule.table)["DOB"]
    return birthday(births, int(rule.parameters["oldest"]) + 1) <= context.first_day


def ends_before_it_starts(context: Context, rule: Rule) -> pd.Series:
    """The end is before the start. Fields: start, end."""
    rows = context.rows_of(rule.table)
    return rows[rule.fields[1]] < rows[rule.fields[0]]


def ends_on_its_first_day(context: Context, rule: Rule) -> pd.Series:
    """The end is the day of the start. Fields: start, end."""
    rows = context.rows_of(rule.table)
    return rows[rule.fields[1]] == rows[rule.fields[0]]


def overlaps_an_earlier_one(context: Context, rule: Rule) -> pd.Series:
    """It starts before the latest end of all the child's earlier rows. Fields: start, end. Parameter: open=overlaps."""
    start, end = rule.fields[:2]
    rows = context.rows_of(rule.table)[["CHILD", start, end]].sort_values(["CHILD", start, end])
    latest = latest_end_before(rows, start, end, open_counts=rule.parameters.get("open") == "overlaps")
    return (rows[start] < latest).sort_index()


def is_open_but_not_the_latest(context: Context, rule: Rule) -> pd.Series:
    """It has no end although the child has a later one. Fields: start, end."""
    start, end = rule.fields[:2]
    rows = context.rows_of(rule.table)[["CHILD", start, end]].sort_values(["CHILD", start, end])
    return (rows[end].isna() & (rows["CHILD"] == rows["CHILD"].shift(-1))).sort_index()


def row_is_repeated(context: Context, rule: Rule) -> pd.Series:
    """Another row has the same cells in all the rule's fields. All of them are told, the first too."""
    rows = context.rows_of(rule.table)[list(rule.fields)]
    return rows.duplicated(keep=False) & rows.notna().all(axis=1)


def age_is_implausible(context: Context, rule: Rule) -> pd.Series:
    """A code does not go with the child's age. Fields: code, day. Parameters: codes, at_least, under (in years)."""
    rows, births = context.rows_of(rule.table), context.births_of(rule.table)
    day, concerned = rows[rule.fields[1]], rows[rule.fields[0]].isin(rule.values("codes"))
    broken = no_row(rows)
    if "at_least" in rule.parameters:
        broken |= day < birthday(births, int(rule.parameters["at_least"]))
    if "under" in rule.parameters:
        broken |= day >= birthday(births, int(rule.parameters["under"]))
    return concerned & broken


def starts_before_birth(context: Context, rule: Rule) -> pd.Series:
    """The date is before the child's date of birth."""
    return context.rows_of(rule.table)[rule.fields[0]] < context.births_of(rule.table)


def ends_after_18th_birthday(context: Context, rule: Rule) -> pd.Series:
    """The date is after the child's 18th birthday."""
    return context.rows_of(rule.table)[rule.fields[0]] > birthday(context.births_of(rule.table), 18)


CHECKS = (
    cell_is_blank,
    cell_was_unreadable,
    date_is_after_the_collection,
    date_is_before,
    child_is_too_old,
    ends_before_it_starts,
    ends_on_its_first_day,
    overlaps_an_earlier_one,
    is_open_but_not_the_latest,
    row_is_repeated,
    age_is_implausible,
    starts_before_birth,
    ends_after_18th_birthday,
)
