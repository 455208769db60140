"""Rules within a row of outcomes or of a care leaver."""

from __future__ import annotations

import pandas as pd

from helpers.rules.context import Context, Rule


def both_are_given(context: Context, rule: Rule) -> pd.Series:
    """Two cells are given of which only one may be."""
    rows = context.rows_of(rule.table)
    return rows[rule.fields[0]].notna() & rows[rule.fields[1]].notna()


def answer_is_missing(context: Context, rule: Rule) -> pd.Series:
    """The first field is blank although the others ask for it. Parameter: when, cells of the other fields in order."""
    rows = context.rows_of(rule.table)
    asked = rows[rule.fields[0]].isna()
    for name, wanted in zip(rule.fields[1:], rule.values("when"), strict=True):
        asked &= rows[name] == float(wanted)
    return asked


def answer_is_not_expected(context: Context, rule: Rule) -> pd.Series:
    """An answer is given although the first field does not ask for it. Parameter: asked, the cell that does."""
    rows = context.rows_of(rule.table)
    given = rows[list(rule.fields[1:])].notna().any(axis=1)
    return given & (rows[rule.fields[0]] != float(rule.parameters["asked"]))


def answer_follows_a_yes(context: Context, rule: Rule) -> pd.Series:
    """The first field is given although the second already says yes."""
    rows = context.rows_of(rule.table)
    return rows[rule.fields[0]].notna() & (rows[rule.fields[1]] == 1)


def not_applicable_is_missing(context: Context, rule: Rule) -> pd.Series:
    """Contact has ended for good, and activity or accommodation is not 0. Parameter: codes."""
    rows = context.rows_of(rule.table)
    return rows["IN_TOUCH"].isin(rule.values("codes")) & ~((rows["ACTIV"] == "0") & (rows["ACCOM"] == "0"))


def in_touch_without_details(context: Context, rule: Rule) -> pd.Series:
    """In touch, and activity or accommodation is blank or 0. Parameter: codes."""
    rows = context.rows_of(rule.table)
    told = rows[["ACTIV", "ACCOM"]]
    return rows["IN_TOUCH"].isin(rule.values("codes")) & (told.isna() | (told == "0")).any(axis=1)


CHECKS = (
    both_are_given,
    answer_is_missing,
    answer_is_not_expected,
    answer_follows_a_yes,
    not_applicable_is_missing,
    in_touch_without_details,
)
