"""Rules over ages: what a child of that age can be, or should be told of."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.rules.context import Context, Rule, any_given, birthday, has_code, no_row


def child_is_too_old(context: Context, rule: Rule) -> pd.Series:
    """The child had passed a birthday before the return year began. Parameter: oldest."""
    births = context.rows_of(rule.table)["DOB"]
    return birthday(births, int(rule.parameters["oldest"])) < context.first_day


def age_is_implausible(context: Context, rule: Rule) -> pd.Series:
    """A code does not go with the child's age. Fields: code, day. Parameters: codes, at_least, under (in years)."""
    rows = context.rows_of(rule.table)
    concerned = has_code(rows[rule.fields[0]], rule.values("codes"))
    return concerned & _age_is_wrong(context, rule, rows[rule.fields[1]]) if concerned.any() else concerned


def age_on_the_day_is_implausible(context: Context, rule: Rule) -> pd.Series:
    """The child is too young or too old on a day. Fields: day. Parameters: at_least, under (in years)."""
    return _age_is_wrong(context, rule, context.rows_of(rule.table)[rule.fields[0]])


def age_at_the_end_is_implausible(context: Context, rule: Rule) -> pd.Series:
    """The child is too young or too old on the last day. Parameters: at_least, under; blank (a date that is not)."""
    rows = context.rows_of(rule.table)
    last_day = pd.Series(context.last_day, index=rows.index)
    wrong = _age_is_wrong(context, rule, last_day)
    return wrong & rows[rule.parameters["blank"]].isna() if "blank" in rule.parameters else wrong


def _age_is_wrong(context: Context, rule: Rule, day: pd.Series) -> pd.Series:
    births = context.births_of(rule.table)
    wrong = no_row(day.to_frame())
    if "at_least" in rule.parameters:
        wrong |= day < birthday(births, int(rule.parameters["at_least"]))
    if "under" in rule.parameters:
        wrong |= day >= birthday(births, int(rule.parameters["under"]))
    return wrong


def answer_does_not_fit_age(context: Context, rule: Rule) -> pd.Series:
    """An answer is given, or missing, although the child's age says otherwise.

    Parameters: given or missing (fields: any of them given, all of them missing), or codes (of the first field);
    from and below: an age and, after @, the day it is asked for (start or end of the year, or school: 31 August before
    it); turned: ages, one of which the child reached in the year; care=12 months
    """
    rows, births = context.rows_of(rule.table), context.births_of(rule.table)
    if "given" in rule.parameters:
        concerned = any_given(rows, rule.values("given"))
    elif "missing" in rule.parameters:
        concerned = ~any_given(rows, rule.values("missing"))
    else:
        concerned = has_code(rows[rule.fields[0]], rule.values("codes"))
    if rule.parameters.get("care") == "12 months":
        concerned &= rows["CHILD"].isin(context.looked_after_12_months)
    if "from" in rule.parameters:
        concerned &= _reached(births, rule.parameters["from"], context)
    if "below" in rule.parameters:
        concerned &= births.notna() & ~_reached(births, rule.parameters["below"], context)
    if "turned" in rule.parameters:
        turned = [birthday(births, int(age)) for age in rule.values("turned")]
        concerned &= np.logical_or.reduce([day.between(context.first_day, context.last_day) for day in turned])
    return concerned


def _reached(births: pd.Series, asked: str, context: Context) -> pd.Series:
    age, day = asked.split("@")
    days = {
        "start": context.first_day,
        "end": context.last_day,
        "school": pd.Timestamp(context.return_year - 2, 8, 31),
    }
    return birthday(births, int(age)) <= days[day]


def age_disagrees_with_birth(context: Context, rule: Rule) -> pd.Series:
    """The age in whole years is not that of the date of birth on the last day. Fields: age, date of birth."""
    rows = context.rows_of(rule.table)
    age, births = rows[rule.fields[0]], rows[rule.fields[1]]
    on = context.last_day
    later = (births.dt.month > on.month) | ((births.dt.month == on.month) & (births.dt.day > on.day))
    whole = on.year - births.dt.year - later
    return age.notna() & births.notna() & (births <= on) & (np.floor(age) != whole)


def participation_does_not_fit_age(context: Context, rule: Rule) -> pd.Series:
    """The participation code does not go with the age at the review. Parameters: under_4 = yes or no."""
    rows = context.rows_of(rule.table)
    given = rows["REVIEW_CODE"].notna()
    young = rows["REVIEW_CODE"] == "PN0"
    fourth = birthday(rows["DOB"].fillna(context.births_of(rule.table)), 4)
    if rule.parameters["under_4"] == "yes":
        return young & (rows["REVIEW"] >= fourth)
    return given & ~young & (rows["REVIEW"] < fourth)


def stays_in_care_at_18(context: Context, rule: Rule) -> pd.Series:
    """The episode goes on past the 18th birthday, and not as it may. Parameters: legal, placement (what may go on)."""
    rows = context.rows_of(rule.table)
    until = rows["DEC"].fillna(context.last_day)
    allowed = rows["LS"].isin(rule.values("legal")) & rows["PLACE"].isin(rule.values("placement"))
    return (until > birthday(context.births_of(rule.table), 18)) & rows["DECOM"].notna() & ~allowed


CHECKS = (
    child_is_too_old,
    age_is_implausible,
    age_on_the_day_is_implausible,
    age_at_the_end_is_implausible,
    answer_does_not_fit_age,
    age_disagrees_with_birth,
    participation_does_not_fit_age,
    stays_in_care_at_18,
)
