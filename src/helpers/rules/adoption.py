"""Rules over adoption: decisions, matching, adopters, and the episodes that say that a child was adopted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.rules.context import Context, Rule, any_given, pairs_in


def adoption_details_are_missing(context: Context, rule: Rule) -> pd.Series:
    """The child was adopted in the year and has no complete row of adoption details. Parameter: codes."""
    details = [field.removeprefix("ad1.") for field in rule.fields if field.startswith("ad1.")]
    complete = context.rows_of("ad1").dropna(subset=["CHILD", *details])
    settled = np.append(complete["CHILD"].to_numpy(), context.aside_of("ad1"))
    return _adopted_in_the_year(context, rule) & ~context.rows_of("episodes")["CHILD"].isin(settled)


def adoption_details_without_adoption(context: Context, rule: Rule) -> pd.Series:
    """Adoption details of a child who was not adopted in the year. Parameters: codes, details."""
    rows = context.rows_of(rule.table)
    adopted = context.rows_of("episodes").loc[_adopted_in_the_year(context, rule), "CHILD"].dropna()
    return any_given(rows, rule.values("details")) & ~rows["CHILD"].isin(adopted)


def date_is_on_or_after_adoption(context: Context, rule: Rule) -> pd.Series:
    """The date is the day of the adoption or after it. Parameter: codes."""
    rows, episodes = context.rows_of(rule.table), context.rows_of("episodes")
    adopted = episodes[_adopted_in_the_year(context, rule)].dropna(subset=["CHILD"]).drop_duplicates("CHILD")
    return rows[rule.fields[0]] >= adopted.set_index("CHILD")["DEC"].reindex(rows["CHILD"]).set_axis(rows.index)


def decision_was_reversed(context: Context, rule: Rule) -> pd.Series:
    """The child was adopted, and the decision to place them is said to have been reversed. Parameter: codes.

    An earlier decision that was reversed before the one that led to the adoption is no breach.
    """
    rows = context.rows_of(rule.table)
    adopted = context.rows_of("episodes").loc[_adopted_in_the_year(context, rule), "CHILD"].dropna()
    latest = rows.sort_values(["CHILD", "DATE_PLACED"]).drop_duplicates("CHILD", keep="last").index
    return rows[rule.fields[0]].notna() & rows["CHILD"].isin(adopted) & rows.index.isin(latest)


def fostering_disagrees_with_placement(context: Context, rule: Rule) -> pd.Series:
    """Whether the child's foster carers adopt is not what the last placement says. Parameters: yes, no (placements)."""
    rows, episodes = context.rows_of(rule.table), context.episodes
    last = episodes[~episodes["has_next"] & episodes["CHILD"].notna()].set_index("CHILD")["PLACE"]
    place = last.reindex(rows["CHILD"]).set_axis(rows.index)
    told = rows[rule.fields[0]]
    return ((told == 0) & place.isin(rule.values("yes"))) | ((told == 1) & place.isin(rule.values("no")))


def dates_of_decision_differ(context: Context, rule: Rule) -> pd.Series:
    """The decision's date in the adoption details is that of none of the child's decisions. Field: the date."""
    rows, decisions = context.rows_of(rule.table), context.rows_of("placed_adoption")
    told = decisions[["CHILD", "DATE_PLACED"]].dropna()
    agrees = pairs_in(rows[["CHILD", rule.fields[0]]], told)
    return rows[rule.fields[0]].notna() & rows["CHILD"].isin(told["CHILD"]) & ~agrees


def _adopted_in_the_year(context: Context, rule: Rule) -> pd.Series:
    episodes = context.rows_of("episodes")
    return episodes["REC"].isin(rule.values("codes")) & episodes["DEC"].between(context.first_day, context.last_day)


CHECKS = (
    adoption_details_are_missing,
    adoption_details_without_adoption,
    date_is_on_or_after_adoption,
    decision_was_reversed,
    fostering_disagrees_with_placement,
    dates_of_decision_differ,
)
