"""Rules over dates: present, in the collection's range, and in order."""

from __future__ import annotations

import pandas as pd

from helpers.rules.context import Context, Rule, birthday, in_table_order, latest_end_before, no_row


def cell_is_blank(context: Context, rule: Rule) -> pd.Series:
    """The cell is blank."""
    return context.rows_of(rule.table)[rule.fields[0]].isna()


def cell_was_unreadable(context: Context, rule: Rule) -> pd.Series:
    """No kept row has a cell that could not be read; the engine adds the rows that were set aside for it."""
    return no_row(context.rows_of(rule.table))


def date_is_after_the_collection(context: Context, rule: Rule) -> pd.Series:
    """The date is after the collection's last day."""
    return context.rows_of(rule.table)[rule.fields[0]] > context.last_day


def date_is_out_of_the_year(context: Context, rule: Rule) -> pd.Series:
    """The date is before the return year began, or after the collection's last day."""
    dates = context.rows_of(rule.table)[rule.fields[0]]
    return (dates < context.first_day) | (dates > context.last_day)


def date_is_before(context: Context, rule: Rule) -> pd.Series:
    """The date is before a day, of rows with certain codes. Parameters: day (or start of the year); codes."""
    rows, day = context.rows_of(rule.table), rule.parameters["day"]
    early = rows[rule.fields[0]] < (context.first_day if day == "start" else pd.Timestamp(day))
    return early & rows[rule.fields[1]].isin(rule.values("codes")) if "codes" in rule.parameters else early


def date_is_after(context: Context, rule: Rule) -> pd.Series:
    """The date is after a day, of rows with certain codes. Parameters: day, codes."""
    rows = context.rows_of(rule.table)
    late = rows[rule.fields[0]] > pd.Timestamp(rule.parameters["day"])
    return late & rows[rule.fields[1]].isin(rule.values("codes"))


def date_is_before_birth(context: Context, rule: Rule) -> pd.Series:
    """The date is before the child's date of birth. Parameter: same_day=broken."""
    dates, births = context.rows_of(rule.table)[rule.fields[0]], context.births_of(rule.table)
    return dates <= births if rule.parameters.get("same_day") == "broken" else dates < births


def ends_before_it_starts(context: Context, rule: Rule) -> pd.Series:
    """The second date is before the first. Fields: the two dates. Parameter: same_day=broken."""
    rows = context.rows_of(rule.table)
    start, end = rows[rule.fields[0]], rows[rule.fields[1]]
    return end <= start if rule.parameters.get("same_day") == "broken" else end < start


def ends_on_its_first_day(context: Context, rule: Rule) -> pd.Series:
    """The end is the day of the start. Fields: start, end."""
    rows = context.rows_of(rule.table)
    return rows[rule.fields[1]] == rows[rule.fields[0]]


def overlaps_an_earlier_one(context: Context, rule: Rule) -> pd.Series:
    """It starts before the latest end of all the child's earlier rows. Fields: start, end. Parameter: open=overlaps."""
    start, end = rule.fields[:2]
    rows = context.rows_of(rule.table)[["CHILD", start, end]].sort_values(["CHILD", start, end])
    latest = latest_end_before(rows, start, end, open_counts=rule.parameters.get("open") == "overlaps")
    return in_table_order(rows[start] < latest)


def is_open_but_not_the_latest(context: Context, rule: Rule) -> pd.Series:
    """It has no end although the child has a later one. Fields: start, end."""
    start, end = rule.fields[:2]
    rows = context.rows_of(rule.table)[["CHILD", start, end]].sort_values(["CHILD", start, end])
    return in_table_order(rows[end].isna() & (rows["CHILD"] == rows["CHILD"].shift(-1)))


def row_is_repeated(context: Context, rule: Rule) -> pd.Series:
    """Another row has the same cells in all the rule's fields. All of them are told, the first too."""
    rows = context.rows_of(rule.table)[list(rule.fields)]
    return rows.duplicated(keep=False) & rows.notna().all(axis=1)


def ends_after_18th_birthday(context: Context, rule: Rule) -> pd.Series:
    """The date is after the child's 18th birthday."""
    return context.rows_of(rule.table)[rule.fields[0]] > birthday(context.births_of(rule.table), 18)


CHECKS = (
    cell_is_blank,
    cell_was_unreadable,
    date_is_after_the_collection,
    date_is_out_of_the_year,
    date_is_before,
    date_is_after,
    date_is_before_birth,
    ends_before_it_starts,
    ends_on_its_first_day,
    overlaps_an_earlier_one,
    is_open_but_not_the_latest,
    row_is_repeated,
    ends_after_18th_birthday,
)
