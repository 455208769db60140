"""Rules over a child's episodes in order: what may follow what, and for how long."""

from __future__ import annotations

import pandas as pd

from helpers.rules.context import CONTINUES, Context, Rule, differ, in_table_order, no_row, pairs_in
from helpers.rules.placements import UNKNOWN_URN

STARTED = "S"
PLACEMENT_DETAILS = ("PLACE", "PLACE_PROVIDER", "PL_POST", "URN")


def first_episode_does_not_start_care(context: Context, rule: Rule) -> pd.Series:
    """The child's first episode began in the year, and not as a start of care."""
    rows = context.episodes
    first_now = ~rows["has_previous"] & (rows["DECOM"] >= context.first_day)
    return in_table_order(first_now & rows["RNE"].notna() & (rows["RNE"] != STARTED))


def starts_care_on_the_day_care_ended(context: Context, rule: Rule) -> pd.Series:
    """Care starts anew on the day the episode before ended."""
    rows = context.episodes
    return in_table_order((rows["RNE"] == STARTED) & (rows["previous_DEC"] == rows["DECOM"]))


def continues_after_leaving(context: Context, rule: Rule) -> pd.Series:
    """The episode before ended care, and this one does not start it."""
    rows = context.episodes
    left = rows["previous_REC"].notna() & (rows["previous_REC"] != CONTINUES)
    return in_table_order(left & rows["RNE"].notna() & (rows["RNE"] != STARTED))


def continues_on_another_day(context: Context, rule: Rule) -> pd.Series:
    """The episode continues care, and the one before did not end on the day it starts."""
    rows = context.episodes
    follows = rows["RNE"].notna() & (rows["RNE"] != STARTED) & rows["previous_DEC"].notna() & rows["DECOM"].notna()
    return in_table_order(follows & (rows["previous_DEC"] != rows["DECOM"]))


def is_not_followed(context: Context, rule: Rule) -> pd.Series:
    """The end reason announces a following episode, and none starts on that day; without an end, none follows."""
    rows = context.rows_of(rule.table)
    followed = pairs_in(rows[["CHILD", "DEC"]], rows[["CHILD", "DECOM"]])
    has_next = context.episodes["has_next"].sort_index()
    return (rows["REC"] == CONTINUES) & ~followed.where(rows["DEC"].notna(), has_next)


def change_does_not_fit_its_reason(context: Context, rule: Rule) -> pd.Series:
    """What changed is not what the reason says. Parameters: codes; legal and placement, each changes or stays.

    A detail of the placement that is given in one of the two episodes only (a postcode withheld, a URN not yet known)
    says neither that it changed nor that it stayed.
    """
    concerned = context.episodes["has_previous"] & context.episodes["RNE"].isin(rule.values("codes"))
    rows = context.episodes[concerned]
    changed, unsure = no_row(rows).set_axis(rows.index), no_row(rows).set_axis(rows.index)
    for name in PLACEMENT_DETAILS:
        now, before = rows[name], rows[f"previous_{name}"]
        told, told_before = (cells.notna() & (cells != UNKNOWN_URN) for cells in (now, before))
        changed |= told & told_before & (now != before)
        unsure |= told != told_before
    wrong_legal = differ(rows["LS"], rows["previous_LS"]) != (rule.parameters["legal"] == "changes")
    wrong_placement = ~changed & ~unsure if rule.parameters["placement"] == "changes" else changed
    return in_table_order((wrong_legal | wrong_placement).reindex(concerned.index, fill_value=False))


def follows_a_final_exit(context: Context, rule: Rule) -> pd.Series:
    """An earlier episode of the child, not only the one before, ended for a reason that nothing can follow."""
    rows = context.episodes
    final = rows["REC"].isin(rule.values("codes")).groupby(rows["CHILD"]).cumsum()
    return in_table_order(final.shift(1).where(rows["has_previous"]).fillna(0) > 0)


def need_changes_within_care(context: Context, rule: Rule) -> pd.Series:
    """Category of need differs from the episode before in the same period of care."""
    rows = context.episodes
    same_period = (rows["previous_REC"] == CONTINUES) & (rows["previous_DEC"] == rows["DECOM"])
    return in_table_order(same_period & rows["CIN"].notna() & differ(rows["CIN"], rows["previous_CIN"]))


def code_lasts_too_long(context: Context, rule: Rule) -> pd.Series:
    """A legal status or placement lasts longer than it may.

    Fields: LS or PLACE. Parameters: codes, days; runs=yes counts episodes that follow each other as one.
    """
    rows, name = context.episodes, rule.fields[0]
    concerned = rows[name].isin(rule.values("codes"))
    if not concerned.any():
        return in_table_order(concerned)
    ends = rows["DEC"].fillna(context.last_day)
    starts = rows["DECOM"]
    if rule.parameters.get("runs") == "yes":
        follows = concerned & rows[f"previous_{name}"].isin(rule.values("codes"))
        follows &= rows["previous_DEC"] == rows["DECOM"]
        starts = starts.groupby((~follows).cumsum()).transform("min")
    return in_table_order(concerned & ((ends - starts).dt.days > int(rule.parameters["days"])))


def short_breaks_add_up_to_too_much(context: Context, rule: Rule) -> pd.Series:
    """The child's days of short breaks within the return year are too many. Parameters: codes, days."""
    rows = context.rows_of(rule.table)
    concerned = rows["LS"].isin(rule.values("codes"))
    if not concerned.any():
        return concerned
    starts = rows["DECOM"].clip(lower=context.first_day)
    ends = rows["DEC"].fillna(context.last_day).clip(upper=context.last_day)
    days = (ends - starts).dt.days.clip(lower=0).where(concerned & rows["DECOM"].notna(), 0)
    total = days.groupby(rows["CHILD"]).transform("sum")
    return concerned & (days > 0) & (total > int(rule.parameters["days"]))


CHECKS = (
    first_episode_does_not_start_care,
    starts_care_on_the_day_care_ended,
    continues_after_leaving,
    continues_on_another_day,
    is_not_followed,
    change_does_not_fit_its_reason,
    follows_a_final_exit,
    need_changes_within_care,
    code_lasts_too_long,
    short_breaks_add_up_to_too_much,
)
