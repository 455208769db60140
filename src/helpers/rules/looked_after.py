"""Rules between the periods of care and what other tables tell of the child."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.rules.context import CONTINUES, Context, Rule, any_given


def date_is_outside_care(context: Context, rule: Rule) -> pd.Series:
    """The child was in care on no episode of that day. A child without episodes, and days before the year, are left."""
    rows = context.rows_of(rule.table)
    dates = rows[rule.fields[0]]
    told = context.care.begun(rows["CHILD"]).notna() & dates.between(context.first_day, context.last_day)
    return told & ~context.care.covers(rows["CHILD"], dates)


def date_is_before_care(context: Context, rule: Rule) -> pd.Series:
    """The date is before the child came into care; care that goes on from before the collection tells no such day."""
    rows, episodes = context.rows_of(rule.table), context.rows_of("episodes").sort_values("DECOM")
    first = episodes.drop_duplicates("CHILD").set_index("CHILD")
    began = first["DECOM"].where(first["RNE"] == "S").reindex(rows["CHILD"]).set_axis(rows.index)
    return rows[rule.fields[0]] < began


def date_is_not_before_care(context: Context, rule: Rule) -> pd.Series:
    """The date is on or after the first day of a period of care that began in the year, which it should precede."""
    rows = context.rows_of(rule.table)
    begun = context.care.begun(rows["CHILD"])
    return (begun >= context.first_day) & (rows[rule.fields[0]] >= begun)


def date_is_after_care(context: Context, rule: Rule) -> pd.Series:
    """The date is after the day the child left care for good."""
    rows = context.rows_of(rule.table)
    return rows[rule.fields[0]] > context.left_care_on.reindex(rows["CHILD"]).set_axis(rows.index)


def goes_on_after_care(context: Context, rule: Rule) -> pd.Series:
    """It is open, or ends, after the child left care for good. Field: its end."""
    rows = context.rows_of(rule.table)
    left_on = context.left_care_on.reindex(rows["CHILD"]).set_axis(rows.index)
    end = rows[rule.fields[0]]
    return left_on.notna() & (end.isna() | (end > left_on))


def outcomes_are_missing(context: Context, rule: Rule) -> pd.Series:
    """In care 12 months and no complete row of outcomes; told at the child's open episode. Parameter: details."""
    rows, outcomes = context.rows_of(rule.table), context.rows_of("oc2")
    complete = outcomes.loc[outcomes[rule.values("details")].notna().all(axis=1), "CHILD"].dropna()
    settled = np.append(complete.to_numpy(), context.aside_of("oc2"))
    now = (rows["DEC"].isna() | (rows["DEC"] > context.last_day)) & (rows["DECOM"] <= context.last_day)
    return now & rows["CHILD"].isin(context.looked_after_12_months) & ~rows["CHILD"].isin(settled)


def outcomes_are_not_expected(context: Context, rule: Rule) -> pd.Series:
    """Outcomes of a child who was not in care for 12 months at the last day. Parameter: details."""
    rows = context.rows_of(rule.table)
    given = any_given(rows, rule.values("details"))
    return given & ~rows["CHILD"].isin(context.looked_after_12_months)


def child_is_still_in_care(context: Context, rule: Rule) -> pd.Series:
    """The row is for children who left care, and the child was in care for 12 months on the last day."""
    return context.rows_of(rule.table)["CHILD"].isin(context.looked_after_12_months)


def care_leaver_left_otherwise(context: Context, rule: Rule) -> pd.Series:
    """A care leaver's row of a child whose care ended for a reason that leaves no care leaver. Parameter: codes.

    The last episode counts, in this year's return or, where it was given, last year's.
    """
    told = [context.episodes]
    if context.previous is not None and context.previous.has("episodes", "REC"):
        order = ["CHILD", "DECOM", "DEC"]
        told.insert(0, context.previous.tables["episodes"].reindex(columns=[*order, "REC"]).sort_values(order))
    episodes = pd.concat(
        [rows.loc[rows["CHILD"].notna() & (rows["REC"] != CONTINUES), ["CHILD", "REC"]] for rows in told]
    )
    last = episodes.drop_duplicates("CHILD", keep="last")
    gone = last.loc[last["REC"].isin(rule.values("codes")), "CHILD"]
    return context.rows_of(rule.table)["CHILD"].isin(gone)


def has_nobody_on_the_last_day(context: Context, rule: Rule) -> pd.Series:
    """In care on the last day, and the other table has no row of the child that is open then; told at the open episode.

    Parameters: other; end (its column); among=told (only children it has rows of) or untold (only the others)
    """
    rows, other = context.rows_of(rule.table), context.rows_of(rule.parameters["other"])
    told = rows["CHILD"].isin(other["CHILD"].dropna())
    end = other[rule.parameters["end"]]
    current = other.loc[end.isna() | (end >= context.last_day), "CHILD"]
    in_care = (rows["DECOM"] <= context.last_day) & (rows["DEC"].isna() | (rows["DEC"] > context.last_day))
    concerned = told if rule.parameters["among"] == "told" else ~told
    settled = np.append(current.dropna().to_numpy(), context.aside_of(rule.parameters["other"]))
    return in_care & rows["CHILD"].notna() & concerned & ~rows["CHILD"].isin(settled)


def placement_does_not_go_with_it(context: Context, rule: Rule) -> pd.Series:
    """An episode of the same days has a placement that does not go with the row. Fields: start, end.

    Parameters: only_with, or not_with (placements). A row without an end goes on to the last day.
    """
    rows, episodes = context.rows_of(rule.table), context.rows_of("episodes")
    start, end = rule.fields[:2]
    own = rows[["CHILD", start, end]].dropna(subset=["CHILD", start]).fillna({end: context.last_day})
    wrong = (
        episodes["PLACE"].isin(rule.values("not_with"))
        if "not_with" in rule.parameters
        else episodes["PLACE"].notna() & ~episodes["PLACE"].isin(rule.values("only_with"))
    )
    other = episodes.loc[wrong & episodes["CHILD"].notna(), ["CHILD", "DECOM", "DEC"]]
    both = own.reset_index().merge(other, on="CHILD")
    # An episode counts from its first day to the day before it ends.
    same_days = (both["DECOM"] <= both[end]) & (both["DEC"].isna() | (both["DEC"] > both[start]))
    return pd.Series(rows.index.isin(both.loc[same_days, "index"]), index=rows.index)


CHECKS = (
    date_is_outside_care,
    date_is_before_care,
    date_is_not_before_care,
    date_is_after_care,
    goes_on_after_care,
    outcomes_are_missing,
    outcomes_are_not_expected,
    child_is_still_in_care,
    care_leaver_left_otherwise,
    has_nobody_on_the_last_day,
    placement_does_not_go_with_it,
)
