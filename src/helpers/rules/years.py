"""Rules between this year's collection and last year's. Some are told over last year's rows: table previous.<name>."""

from __future__ import annotations

import pandas as pd

from helpers.rules.codes import UNKNOWN_UPN
from helpers.rules.context import Context, Rule, birthday, differ, pairs_in


def upn_changed(context: Context, rule: Rule) -> pd.Series:
    """Last year's real UPN is not this year's. A child who was there twice agrees with either row."""
    own, before = (context.rows_of(name)[["CHILD", "UPN"]] for name in (rule.table, f"previous.{rule.table}"))
    real = before[before["UPN"].notna() & ~before["UPN"].astype("str").str.fullmatch(UNKNOWN_UPN)]
    return own["CHILD"].isin(real["CHILD"]) & own["UPN"].notna() & ~pairs_in(own, real)


def status_is_lost(context: Context, rule: Rule) -> pd.Series:
    """Unaccompanied asylum seeker last year beyond this year's first day, and not told as one this year."""
    rows, before = context.rows_of(rule.table), context.rows_of("previous.uasc")
    lasts = before[before["DUC"].isna() | (before["DUC"] >= context.first_day)]
    return rows["CHILD"].isin(lasts["CHILD"].dropna()) & ~rows["CHILD"].isin(context.rows_of("uasc")["CHILD"].dropna())


def status_is_new(context: Context, rule: Rule) -> pd.Series:
    """Unaccompanied asylum seeker this year, and told without that status last year."""
    child = context.rows_of(rule.table)["CHILD"]
    return (
        child.isin(context.rows_of("previous.header")["CHILD"].dropna())
        & ~child.isin(context.rows_of("previous.uasc")["CHILD"].dropna())
    )  # fmt: skip


def status_dates_disagree(context: Context, rule: Rule) -> pd.Series:
    """Told with the status in both years, and the ends do not fit: see below.

    The end must lie in this year or later, and be last year's. It may be another one in this year where last year's was
    the 18th birthday, which stands for an end that was not known yet.
    """
    rows, before = context.rows_of(rule.table), context.rows_of("previous.uasc")
    ended = before.dropna(subset=["CHILD", "DUC"])
    same = pairs_in(rows[["CHILD", "DUC"]], ended[["CHILD", "DUC"]])
    grown = pd.DataFrame({"CHILD": rows["CHILD"], "DUC": birthday(context.births_of(rule.table), 18)})
    was_open = pairs_in(grown, ended[["CHILD", "DUC"]]) & rows["DUC"].between(context.first_day, context.last_day)
    disagrees = rows["CHILD"].isin(ended["CHILD"]) & ~same & ~was_open
    return disagrees | (rows["CHILD"].isin(before["CHILD"].dropna()) & (rows["DUC"] < context.first_day))


def status_end_without_status(context: Context, rule: Rule) -> pd.Series:
    """The status has an end date although the header of neither year has the status."""
    rows = context.rows_of(rule.table)
    never = rows["DUC"].notna()
    for holder in (context, context.previous):
        child = holder.rows_of("header")["CHILD"]
        never &= rows["CHILD"].isin(child[~holder.unaccompanied].dropna())
    return never


def open_spell_does_not_reappear(context: Context, rule: Rule) -> pd.Series:
    """Open at last year's end, and no row of this year has the child and its start. Fields: start, end."""
    start, end = rule.fields[:2]
    before, now = context.rows_of(rule.table), context.rows_of(rule.table.removeprefix("previous."))
    return before[end].isna() & ~pairs_in(before[["CHILD", start]], now[["CHILD", start]])


def carried_over_differs(context: Context, rule: Rule) -> pd.Series:
    """A cell differs from last year's open episode of the same start.

    Parameters: ignore (last year's cells); renamed (last year's code and this year's for the same thing, as H5>K3)
    """
    name = rule.fields[0]
    now, before = context.rows_of(rule.table)[name], context.carried_over
    differs = (before["carried"] == "both") & ~before[name].isin(rule.values("ignore")) & differ(now, before[name])
    for pair in rule.values("renamed"):
        old, new = pair.split(">")
        differs &= ~((before[name] == old) & (now == new))
    return differs


def was_not_in_last_year(context: Context, rule: Rule) -> pd.Series:
    """The episode began before this year, and the child has no episode last year."""
    rows = context.rows_of(rule.table)
    known = context.rows_of("previous.episodes")["CHILD"].dropna()
    return (rows["DECOM"] < context.first_day) & ~rows["CHILD"].isin(known)


def lacks_its_part_of_last_year(context: Context, rule: Rule) -> pd.Series:
    """The episode began before this year, and last year's return has no episode of the child from that day."""
    rows, before = context.rows_of(rule.table), context.rows_of("previous.episodes")
    told = pairs_in(rows[["CHILD", "DECOM"]], before[["CHILD", "DECOM"]])
    return (rows["DECOM"] < context.first_day) & rows["CHILD"].notna() & ~told


def open_child_is_only_a_care_leaver(context: Context, rule: Rule) -> pd.Series:
    """Open at last year's end; this year no episode, but a care leaver's row."""
    before = context.rows_of(rule.table)
    gone = ~before["CHILD"].isin(context.rows_of("episodes")["CHILD"].dropna())
    return before["DEC"].isna() & gone & before["CHILD"].isin(context.rows_of("oc3")["CHILD"].dropna())


CHECKS = (
    upn_changed,
    status_is_lost,
    status_is_new,
    status_dates_disagree,
    status_end_without_status,
    open_spell_does_not_reappear,
    carried_over_differs,
    was_not_in_last_year,
    lacks_its_part_of_last_year,
    open_child_is_only_a_care_leaver,
)
