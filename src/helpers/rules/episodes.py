"""Rules over a child's episodes in order: what may follow what, and for how long."""

from __future__ import annotations

import pandas as pd

from helpers.rules.codes import codes_of_year
from helpers.rules.context import Context, Rule, differ, no_row

STARTED, CONTINUES = "S", "X1"
PLACEMENT_DETAILS = ("PLACE", "PLACE_PROVIDER", "PL_POST", "URN")
UNKNOWN_URN = "XXXXXXX"


def end_and_reason_disagree(context: Context, rule: Rule) -> pd.Series:
    """One of end date and end reason is given without the other."""
    rows = context.rows_of(rule.table)
    return rows["DEC"].isna() != rows["REC"].isna()


def first_episode_does_not_start_care(context: Context, rule: Rule) -> pd.Series:
    """The child's first episode began in the year, and not as a start of care."""
    rows = context.episodes
    first_now = ~rows["has_previous"] & (rows["DECOM"] >= context.first_day)
    return (first_now & rows["RNE"].notna() & (rows["RNE"] != STARTED)).sort_index()


def starts_care_on_the_day_care_ended(context: Context, rule: Rule) -> pd.Series:
    """Care starts anew on the day the episode before ended."""
    rows = context.episodes
    return ((rows["RNE"] == STARTED) & (rows["previous_DEC"] == rows["DECOM"])).sort_index()


def continues_after_leaving(context: Context, rule: Rule) -> pd.Series:
    """The episode before ended care, and this one does not start it."""
    rows = context.episodes
    left = rows["previous_REC"].notna() & (rows["previous_REC"] != CONTINUES)
    return (left & rows["RNE"].notna() & (rows["RNE"] != STARTED)).sort_index()


def continues_on_another_day(context: Context, rule: Rule) -> pd.Series:
    """The episode continues care, and the one before did not end on the day it starts."""
    rows = context.episodes
    follows = rows["RNE"].notna() & (rows["RNE"] != STARTED) & rows["previous_DEC"].notna() & rows["DECOM"].notna()
    return (follows & (rows["previous_DEC"] != rows["DECOM"])).sort_index()


def is_not_followed(context: Context, rule: Rule) -> pd.Series:
    """The end reason announces a following episode, and none starts that day."""
    rows = context.episodes
    return ((rows["REC"] == CONTINUES) & (rows["next_DECOM"].isna() | (rows["next_DECOM"] != rows["DEC"]))).sort_index()


def change_does_not_fit_its_reason(context: Context, rule: Rule) -> pd.Series:
    """What changed is not what the reason says. Parameters: codes; legal and placement, each changes or stays."""
    rows = context.episodes
    legal = differ(rows["LS"], rows["previous_LS"])
    placement = no_row(rows)
    for name in PLACEMENT_DETAILS:
        placement |= differ(rows[name], rows[f"previous_{name}"])
    wrong_legal = legal != (rule.parameters["legal"] == "changes")
    wrong_placement = placement != (rule.parameters["placement"] == "changes")
    concerned = rows["has_previous"] & rows["RNE"].isin(rule.values("codes"))
    return (concerned & (wrong_legal | wrong_placement)).sort_index()


def follows_a_final_exit(context: Context, rule: Rule) -> pd.Series:
    """An earlier episode of the child, not only the one before, ended for a reason that nothing can follow."""
    rows = context.episodes
    final = rows["REC"].isin(rule.values("codes")).groupby(rows["CHILD"]).cumsum()
    return (final.shift(1).where(rows["has_previous"]).fillna(0) > 0).sort_index()


def need_changes_within_care(context: Context, rule: Rule) -> pd.Series:
    """Category of need differs from the episode before in the same period of care."""
    rows = context.episodes
    same_period = (rows["previous_REC"] == CONTINUES) & (rows["previous_DEC"] == rows["DECOM"])
    return (same_period & rows["CIN"].notna() & differ(rows["CIN"], rows["previous_CIN"])).sort_index()


def placement_change_lacks_reason(context: Context, rule: Rule) -> pd.Series:
    """The next episode is another placement, neither of the two temporary, and no reason is given."""
    rows, temporary = context.episodes, rule.values("temporary")
    moves = (rows["REC"] == CONTINUES) & rows["next_RNE"].isin(rule.values("codes"))
    lasting = ~rows["PLACE"].isin(temporary) & ~rows["next_PLACE"].isin(temporary)
    return (moves & lasting & rows["REASON_PLACE_CHANGE"].isna()).sort_index()


def temporary_placement_has_reason(context: Context, rule: Rule) -> pd.Series:
    """A reason for a placement change stands at the start or end of a temporary placement."""
    rows, temporary = context.episodes, rule.values("temporary")
    near = rows["PLACE"].isin(temporary) | rows["next_PLACE"].isin(temporary)
    return (near & rows["REASON_PLACE_CHANGE"].notna()).sort_index()


def open_episode_has_reason(context: Context, rule: Rule) -> pd.Series:
    """A reason for a placement change stands on an episode that is still open."""
    rows = context.rows_of(rule.table)
    return rows["REASON_PLACE_CHANGE"].notna() & rows["DEC"].isna()


def care_starts_in_temporary_placement(context: Context, rule: Rule) -> pd.Series:
    """Care starts in a temporary placement."""
    rows = context.rows_of(rule.table)
    return (rows["RNE"] == STARTED) & rows["PLACE"].isin(rule.values("temporary"))


def care_ends_in_temporary_placement(context: Context, rule: Rule) -> pd.Series:
    """Care ends in a temporary placement."""
    rows = context.rows_of(rule.table)
    return rows["REC"].notna() & (rows["REC"] != CONTINUES) & rows["PLACE"].isin(rule.values("temporary"))


def does_not_return_after_temporary_placement(context: Context, rule: Rule) -> pd.Series:
    """After one or more temporary placements the child is not where they were before them."""
    rows, temporary = context.episodes, rule.values("temporary")
    stays = rows["PLACE"].isin(temporary)
    # The last lasting placement before each row, through any number of temporary ones.
    position = pd.Series(range(len(rows)), index=rows.index, dtype="float64")
    last = position.where(~stays).groupby(rows["CHILD"]).ffill().shift(1).where(rows["has_previous"])
    returns = ~stays & rows["previous_PLACE"].isin(temporary) & (rows["previous_DEC"] == rows["DECOM"]) & last.notna()
    now = rows[returns]
    before = rows.iloc[last[returns].astype(int)].set_axis(now.index)
    elsewhere = differ(now["PLACE"], before["PLACE"]) | differ(now["PL_POST"], before["PL_POST"])
    return elsewhere.reindex(rows.index, fill_value=False).sort_index()


def legal_status_lasts_too_long(context: Context, rule: Rule) -> pd.Series:
    """A status lasts longer than it may. Parameters: codes, days; runs=yes counts episodes that follow each other."""
    rows = context.episodes[["CHILD", "DECOM", "DEC", "LS", "previous_DEC", "previous_LS"]]
    concerned = rows["LS"].isin(rule.values("codes"))
    ends = rows["DEC"].fillna(context.last_day)
    starts = rows["DECOM"]
    if rule.parameters.get("runs") == "yes":
        follows = concerned & rows["previous_LS"].isin(rule.values("codes")) & (rows["previous_DEC"] == rows["DECOM"])
        starts = starts.groupby((~follows).cumsum()).transform("min")
    return (concerned & ((ends - starts).dt.days > int(rule.parameters["days"]))).sort_index()


def short_breaks_add_up_to_too_much(context: Context, rule: Rule) -> pd.Series:
    """The child's days of short breaks within the return year are too many. Parameters: codes, days."""
    rows = context.rows_of(rule.table)
    concerned = rows["LS"].isin(rule.values("codes"))
    starts = rows["DECOM"].clip(lower=context.first_day)
    ends = rows["DEC"].fillna(context.last_day).clip(upper=context.last_day)
    days = (ends - starts).dt.days.clip(lower=0).where(concerned & rows["DECOM"].notna(), 0)
    total = days.groupby(rows["CHILD"]).transform("sum")
    return concerned & (days > 0) & (total > int(rule.parameters["days"]))


def provider_is_wrong(context: Context, rule: Rule) -> pd.Series:
    """The provider is in no list, or stands where none belongs. Parameters: codelist; without (such placements)."""
    rows = context.rows_of(rule.table)
    listed = rows["PLACE_PROVIDER"].isin(codes_of_year(rule.parameters["codelist"], context.return_year))
    return rows["PLACE_PROVIDER"].notna() & (~listed | rows["PLACE"].isin(rule.values("without")))


def provider_is_missing(context: Context, rule: Rule) -> pd.Series:
    """A placement has no provider. Parameter: without (placements that have none)."""
    rows = context.rows_of(rule.table)
    return rows["PLACE"].notna() & ~rows["PLACE"].isin(rule.values("without")) & rows["PLACE_PROVIDER"].isna()


def provider_does_not_fit_placement(context: Context, rule: Rule) -> pd.Series:
    """A provider goes only with certain placements. Parameters: provider, placements."""
    rows = context.rows_of(rule.table)
    own = rows["PLACE_PROVIDER"] == rule.parameters["provider"]
    return own & rows["PLACE"].notna() & ~rows["PLACE"].isin(rule.values("placements"))


def urn_is_missing(context: Context, rule: Rule) -> pd.Series:
    """A registered placement has no URN. Parameters: placements; outside (postcode areas out of England)."""
    rows = context.rows_of(rule.table)
    area = rows["PL_POST"].astype("str").str.extract(r"^([A-Za-z]{1,2})\d", expand=False).str.upper()
    return rows["PLACE"].isin(rule.values("placements")) & rows["URN"].isna() & ~area.isin(rule.values("outside"))


def urn_is_not_expected(context: Context, rule: Rule) -> pd.Series:
    """A placement that no inspectorate registers has a URN. Parameter: placements."""
    rows = context.rows_of(rule.table)
    return rows["PLACE"].isin(rule.values("placements")) & rows["URN"].notna() & (rows["URN"] != UNKNOWN_URN)


CHECKS = (
    end_and_reason_disagree,
    first_episode_does_not_start_care,
    starts_care_on_the_day_care_ended,
    continues_after_leaving,
    continues_on_another_day,
    is_not_followed,
    change_does_not_fit_its_reason,
    follows_a_final_exit,
    need_changes_within_care,
    placement_change_lacks_reason,
    temporary_placement_has_reason,
    open_episode_has_reason,
    care_starts_in_temporary_placement,
    care_ends_in_temporary_placement,
    does_not_return_after_temporary_placement,
    legal_status_lasts_too_long,
    short_breaks_add_up_to_too_much,
    provider_is_wrong,
    provider_is_missing,
    provider_does_not_fit_placement,
    urn_is_missing,
    urn_is_not_expected,
)
