"""Rules within one row: cells that ask for others, or leave no room for them."""

from __future__ import annotations

import pandas as pd

from helpers.rules.context import Context, Rule, any_given, has_code


def both_are_given(context: Context, rule: Rule) -> pd.Series:
    """Two cells are given of which only one may be."""
    rows = context.rows_of(rule.table)
    return rows[rule.fields[0]].notna() & rows[rule.fields[1]].notna()


def one_is_given_without_the_other(context: Context, rule: Rule) -> pd.Series:
    """One of two cells that belong together is given without the other."""
    rows = context.rows_of(rule.table)
    return rows[rule.fields[0]].isna() != rows[rule.fields[1]].isna()


def some_cells_are_blank(context: Context, rule: Rule) -> pd.Series:
    """Some of the fields are given and others are blank; all or none was expected."""
    given = context.rows_of(rule.table)[list(rule.fields)].notna()
    return given.any(axis=1) & ~given.all(axis=1)


def cells_are_missing(context: Context, rule: Rule) -> pd.Series:
    """The first field has a code that asks for the other fields of the table, and one of them is blank.

    Parameters: codes; in_care=yes (only children with an episode other than of short breaks)
    """
    rows = context.rows_of(rule.table)
    asked = has_code(rows[rule.fields[0]], rule.values("codes"))
    if rule.parameters.get("in_care") == "yes":
        asked &= rows["CHILD"].isin(context.in_care_this_year)
    return asked & rows[[name for name in rule.fields[1:] if "." not in name]].isna().any(axis=1)


def cells_are_not_expected(context: Context, rule: Rule) -> pd.Series:
    """The first field leaves no room for the other fields, and one is given. Parameter: codes, or unless (codes)."""
    rows = context.rows_of(rule.table)
    own = rows[rule.fields[0]]
    closed = (
        has_code(own, rule.values("codes")) if "codes" in rule.parameters else ~has_code(own, rule.values("unless"))
    )
    return closed & any_given(rows, rule.fields[1:])


def codes_do_not_go_together(context: Context, rule: Rule) -> pd.Series:
    """The first field has one of some codes, and the second does not go with it; a blank second goes with all.

    Parameters: codes; not_with (codes of the second field), or only_with
    """
    rows = context.rows_of(rule.table)
    first, second = rows[rule.fields[0]], rows[rule.fields[1]]
    concerned = has_code(first, rule.values("codes"))
    if not concerned.any():
        return concerned
    wrong = (
        has_code(second, rule.values("not_with"))
        if "not_with" in rule.parameters
        else second.notna() & ~has_code(second, rule.values("only_with"))
    )
    return concerned & wrong


def answer_is_missing(context: Context, rule: Rule) -> pd.Series:
    """The first field is blank although the others ask for it. Parameter: when, cells of the other fields in order."""
    rows = context.rows_of(rule.table)
    asked = rows[rule.fields[0]].isna()
    for name, wanted in zip(rule.fields[1:], rule.values("when"), strict=True):
        asked &= rows[name] == float(wanted)
    return asked


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
    lacks = [rows[name].isna() | (rows[name] == "0") for name in ("ACTIV", "ACCOM")]
    return rows["IN_TOUCH"].isin(rule.values("codes")) & (lacks[0] | lacks[1])


CHECKS = (
    both_are_given,
    one_is_given_without_the_other,
    some_cells_are_blank,
    cells_are_missing,
    cells_are_not_expected,
    codes_do_not_go_together,
    answer_is_missing,
    answer_follows_a_yes,
    not_applicable_is_missing,
    in_touch_without_details,
)
