"""Rules over placements: who provides them, whether they are registered, where they lie, and temporary ones."""

from __future__ import annotations

from functools import reduce
from operator import or_

import pandas as pd

from helpers.postcodes import NO_GRID, NOT_A_POSTCODE, NOT_LISTED, in_or_out, miles_between
from helpers.rules.codes import codes_of_year
from helpers.rules.context import CARRIED_OVER, CONTINUES, Context, Rule, in_table_order

UNKNOWN_URN = "XXXXXXX"
NOT_FOUND = (NOT_LISTED, NOT_A_POSTCODE)


def postcode_is_unknown(context: Context, rule: Rule) -> pd.Series:
    """A postcode is given that the national directory does not have; a blank one is withheld or not known."""
    found = [context.places_of(rule.table, name)["status"].isin(NOT_FOUND) for name in rule.fields]
    return reduce(or_, found)


def placement_is_at_home(context: Context, rule: Rule) -> pd.Series:
    """Home and placement have one postcode. Parameter: unless (placements at home)."""
    rows = context.rows_of(rule.table)
    return (rows["HOME_POST"] == rows["PL_POST"]) & ~rows["PLACE"].isin(rule.values("unless"))


def provider_is_wrong(context: Context, rule: Rule) -> pd.Series:
    """The provider is in no list, or stands where none belongs. Parameters: codelist; without (such placements)."""
    rows = context.rows_of(rule.table)
    listed = rows["PLACE_PROVIDER"].isin(codes_of_year(rule.parameters["codelist"], context.return_year))
    return rows["PLACE_PROVIDER"].notna() & (~listed | rows["PLACE"].isin(rule.values("without")))


def provider_is_missing(context: Context, rule: Rule) -> pd.Series:
    """A placement has no provider. Parameter: without (placements that have none)."""
    rows = context.rows_of(rule.table)
    return rows["PLACE"].notna() & ~rows["PLACE"].isin(rule.values("without")) & rows["PLACE_PROVIDER"].isna()


def urn_is_missing(context: Context, rule: Rule) -> pd.Series:
    """A registered placement in England has no URN. Parameters: placements; since (a day; those that ended are left).

    Where the placement lies is not known (the postcode is withheld, or not in the directory), it is taken to be in
    England: the URN is asked for.
    """
    rows = context.rows_of(rule.table)
    lacks = rows["PLACE"].isin(rule.values("placements")) & rows["URN"].isna()
    if "since" in rule.parameters:
        lacks &= ~(rows["DEC"] <= pd.Timestamp(rule.parameters["since"]))
    places = context.places_of(rule.table, "PL_POST")
    # Isle of Man and the Channel Islands have no authority, and Northern Ireland has one; none of them is on the grid.
    elsewhere = (places["status"] == NO_GRID) | places["authority_code"].str.startswith(("W", "S", "N")).fillna(False)
    return lacks & ~elsewhere.astype(bool)


def urn_is_not_expected(context: Context, rule: Rule) -> pd.Series:
    """A placement that no inspectorate registers has a URN. Parameters: placements; also, to year also_until."""
    rows, placements = context.rows_of(rule.table), rule.values("placements")
    if context.return_year <= int(rule.parameters["also_until"]):
        placements += rule.values("also")
    return rows["PLACE"].isin(placements) & rows["URN"].notna() & (rows["URN"] != UNKNOWN_URN)


def placement_change_lacks_reason(context: Context, rule: Rule) -> pd.Series:
    """The next episode is another placement, neither of the two temporary, and no reason is given."""
    rows, temporary = context.episodes, rule.values("temporary")
    moves = (rows["REC"] == CONTINUES) & rows["next_RNE"].isin(rule.values("codes"))
    lasting = ~rows["PLACE"].isin(temporary) & ~rows["next_PLACE"].isin(temporary)
    return in_table_order(moves & lasting & rows["REASON_PLACE_CHANGE"].isna())


def temporary_placement_has_reason(context: Context, rule: Rule) -> pd.Series:
    """A reason for a placement change stands at the start or end of a temporary placement."""
    rows, temporary = context.episodes, rule.values("temporary")
    near = rows["PLACE"].isin(temporary) | rows["next_PLACE"].isin(temporary)
    return in_table_order(near & rows["REASON_PLACE_CHANGE"].notna())


def open_episode_has_reason(context: Context, rule: Rule) -> pd.Series:
    """A reason for a placement change stands on an episode that is still open."""
    rows = context.rows_of(rule.table)
    return rows["REASON_PLACE_CHANGE"].notna() & rows["DEC"].isna()


def does_not_return_after_temporary_placement(context: Context, rule: Rule) -> pd.Series:
    """After one or more temporary placements the child is not where they were before them.

    A postcode that is withheld at either end tells nothing of where the child is.
    """
    rows, temporary = context.episodes, rule.values("temporary")
    stays = rows["PLACE"].isin(temporary)
    # The last lasting placement before each row, through any number of temporary ones.
    position = pd.Series(range(len(rows)), index=rows.index, dtype="float64")
    last = position.where(~stays).groupby(rows["CHILD"]).ffill().shift(1).where(rows["has_previous"])
    returns = ~stays & rows["previous_PLACE"].isin(temporary) & (rows["previous_DEC"] == rows["DECOM"]) & last.notna()
    now = rows[returns]
    before = rows.iloc[last[returns].astype(int)].set_axis(now.index)
    moved = now["PL_POST"].notna() & before["PL_POST"].notna() & (now["PL_POST"] != before["PL_POST"])
    elsewhere = (now["PLACE"] != before["PLACE"]) | moved
    return in_table_order(elsewhere.reindex(rows.index, fill_value=False))


def carried_over_place_differs(context: Context, rule: Rule) -> pd.Series:
    """What follows from the postcodes of a carried-over episode is not what followed from last year's.

    Both are worked out as of this collection's last day, so that an authority that was made anew is no change. What is
    not known in either year is not compared. Parameters: told (distance, authority or in_or_out); tolerance (miles)
    """
    told = rule.parameters["told"]
    now, before = (_placement(context, table, told) for table in ("episodes", CARRIED_OVER))
    known = now.notna() & before.notna()
    if told == "distance":
        return known & ((now - before).abs() >= float(rule.parameters["tolerance"]))
    return known & (now != before)


def _placement(context: Context, table: str, told: str) -> pd.Series:
    placement = context.places_of(table, "PL_POST")
    if told == "distance":
        return miles_between(context.places_of(table, "HOME_POST"), placement)
    return placement["authority_code"] if told == "authority" else in_or_out(placement, context.borough_code)


CHECKS = (
    postcode_is_unknown,
    placement_is_at_home,
    provider_is_wrong,
    provider_is_missing,
    urn_is_missing,
    urn_is_not_expected,
    placement_change_lacks_reason,
    temporary_placement_has_reason,
    open_episode_has_reason,
    does_not_return_after_temporary_placement,
    carried_over_place_differs,
)
