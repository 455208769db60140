"""Rules between tables of one collection."""

from __future__ import annotations

import pandas as pd

from helpers.codes import load_codelist
from helpers.rules.context import Context, Rule, birthday, pairs_in


def child_is_not_in(context: Context, rule: Rule) -> pd.Series:
    """The child has no row in any of other tables. Parameter: other; those that did not arrive have no children."""
    others = [context.rows_of(name)["CHILD"] for name in rule.values("other") if name in context.tables]
    return ~context.rows_of(rule.table)["CHILD"].isin(pd.concat(others).dropna())


def disagrees_with(context: Context, rule: Rule) -> pd.Series:
    """The cell is that of none of the child's rows in another table. Parameters: other; codelist; ignore (its cells).

    With a codelist, labels are compared and not codes, so that 1 and M are the same. Blanks are not compared, nor are
    children that the other table does not have. A child who is there twice agrees with either row.
    """
    name = rule.fields[0]
    own = context.rows_of(rule.table)[["CHILD", name]]
    others = context.rows_of(rule.parameters["other"])[["CHILD", name]].dropna()
    others = others[~others[name].isin(rule.values("ignore"))]
    if "codelist" in rule.parameters:
        label = load_codelist(rule.parameters["codelist"]).drop_duplicates("code").set_index("code")["label"]
        own = own.assign(**{name: own[name].map(label)})
        others = others.assign(**{name: others[name].map(label)}).dropna()
    return own["CHILD"].isin(others["CHILD"]) & own[name].notna() & ~pairs_in(own, others)


def adoption_details_are_missing(context: Context, rule: Rule) -> pd.Series:
    """The child was adopted in the year and has no complete row of adoption details. Parameter: codes."""
    details = [field.removeprefix("ad1.") for field in rule.fields if field.startswith("ad1.")]
    complete = context.rows_of("ad1").dropna(subset=["CHILD", *details])
    return _adopted_in_the_year(context, rule) & ~context.rows_of("episodes")["CHILD"].isin(complete["CHILD"])


def adoption_details_without_adoption(context: Context, rule: Rule) -> pd.Series:
    """Adoption details of a child who was not adopted in the year. Parameter: codes."""
    rows = context.rows_of(rule.table)
    adopted = context.rows_of("episodes").loc[_adopted_in_the_year(context, rule), "CHILD"]
    return rows[rule.values("details")].notna().any(axis=1) & ~rows["CHILD"].isin(adopted)


def _adopted_in_the_year(context: Context, rule: Rule) -> pd.Series:
    episodes = context.rows_of("episodes")
    return episodes["REC"].isin(rule.values("codes")) & episodes["DEC"].between(context.first_day, context.last_day)


def participation_does_not_fit_age(context: Context, rule: Rule) -> pd.Series:
    """The participation code does not go with the age at the review. Parameters: under_4 = yes or no."""
    rows = context.rows_of(rule.table)
    given = rows["REVIEW_CODE"].notna()
    young = rows["REVIEW_CODE"] == "PN0"
    fourth = birthday(rows["DOB"], 4)
    if rule.parameters["under_4"] == "yes":
        return young & (rows["REVIEW"] >= fourth)
    return given & ~young & (rows["REVIEW"] < fourth)


def status_ended_without_status(context: Context, rule: Rule) -> pd.Series:
    """The status has an end date although the header says that the child never had it."""
    rows, header = context.rows_of(rule.table), context.rows_of("header")
    had = header.loc[header["UASC"] == 1, "CHILD"]
    never = header.loc[header["UASC"] == 0, "CHILD"]
    return rows["DUC"].notna() & rows["CHILD"].isin(never) & ~rows["CHILD"].isin(had)


def missing_after_care(context: Context, rule: Rule) -> pd.Series:
    """A missing spell is open, or ends, after the child's last episode ended care."""
    rows, episodes = context.rows_of(rule.table), context.episodes
    last = episodes[~episodes["has_next"] & episodes["CHILD"].notna()].set_index("CHILD")
    open_still = episodes.loc[episodes["DEC"].isna(), "CHILD"]
    left = last.loc[last["REC"].notna() & (last["REC"] != "X1") & ~last.index.isin(open_still), "DEC"]
    left_on = left.reindex(rows["CHILD"]).set_axis(rows.index)
    return left_on.notna() & (rows["MIS_END"].isna() | (rows["MIS_END"] > left_on))


def outcomes_are_missing(context: Context, rule: Rule) -> pd.Series:
    """In care 12 months and no complete row of outcomes; told at the child's open episode. Parameter: details."""
    rows, outcomes = context.rows_of(rule.table), context.rows_of("oc2")
    complete = outcomes.loc[outcomes[rule.values("details")].notna().all(axis=1), "CHILD"]
    now = (rows["DEC"].isna() | (rows["DEC"] > context.last_day)) & (rows["DECOM"] <= context.last_day)
    return now & rows["CHILD"].isin(context.looked_after_12_months) & ~rows["CHILD"].isin(complete)


def outcomes_are_not_expected(context: Context, rule: Rule) -> pd.Series:
    """Outcomes of a child who was not in care for 12 months at the last day. Parameter: details."""
    rows = context.rows_of(rule.table)
    given = rows[rule.values("details")].notna().any(axis=1)
    return given & ~rows["CHILD"].isin(context.looked_after_12_months)


def care_leaver_died_in_care(context: Context, rule: Rule) -> pd.Series:
    """A care leaver's row of a child whose care ended with their death. Parameter: codes."""
    episodes = context.rows_of("episodes")
    died = episodes.loc[episodes["REC"].isin(rule.values("codes")), "CHILD"]
    return context.rows_of(rule.table)["CHILD"].isin(died.dropna())


CHECKS = (
    child_is_not_in,
    disagrees_with,
    adoption_details_are_missing,
    adoption_details_without_adoption,
    participation_does_not_fit_age,
    status_ended_without_status,
    missing_after_care,
    outcomes_are_missing,
    outcomes_are_not_expected,
    care_leaver_died_in_care,
)
