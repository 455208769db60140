"""Rules between tables of one collection: the child is told in both, and of the same birth and sex."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.codes import load_codelist
from helpers.rules.context import Context, Rule, any_given, has_code, pairs_in


def child_is_not_in(context: Context, rule: Rule) -> pd.Series:
    """The child has no row in any of other tables. Parameter: other; those that did not arrive have no children."""
    others = np.concatenate([context.children_of(name) for name in rule.values("other")])
    return ~context.rows_of(rule.table)["CHILD"].isin(others)


def child_is_also_in(context: Context, rule: Rule) -> pd.Series:
    """The child has a row in another table too, where one of the two was expected. Parameters: other; details."""
    rows = context.rows_of(rule.table)
    given = rows[rule.values("details")].notna().any(axis=1)
    return given & rows["CHILD"].isin(context.rows_of(rule.parameters["other"])["CHILD"].dropna())


def disagrees_with(context: Context, rule: Rule) -> pd.Series:
    """The cell is that of none of the child's rows in another table. Parameters: other; codelist; ignore (its cells).

    With a codelist, labels are compared and not codes, so that 1 and M are the same. Blanks are not compared, nor are
    children that the other table does not have. A child who is there twice agrees with either row.
    """
    name = rule.fields[0]
    own, others = context.rows_of(rule.table), context.rows_of(rule.parameters["other"])
    mine, theirs = own[name], others[name].mask(has_code(others[name], rule.values("ignore")))
    if "codelist" in rule.parameters:
        label = load_codelist(rule.parameters["codelist"]).drop_duplicates("code").set_index("code")["label"]
        mine, theirs = mine.map(label), theirs.map(label)
    told = theirs.notna() & others["CHILD"].notna()
    left, right = (
        pd.DataFrame({"CHILD": child, "cell": cell})
        for child, cell in ((own["CHILD"], mine), (others["CHILD"][told], theirs[told]))
    )
    return own["CHILD"].isin(right["CHILD"]) & mine.notna() & ~pairs_in(left, right)


def row_is_missing(context: Context, rule: Rule) -> pd.Series:
    """The field has a code that asks for a row of the child in another table, and there is none.

    Parameters: codes; other; details (its columns, one of which must be given); within=year (only episodes that began
    in the year). A child whose row in the other table was set aside had one.
    """
    rows, table = context.rows_of(rule.table), rule.parameters["other"]
    other = context.rows_of(table)
    given = other.loc[any_given(other, rule.values("details")), "CHILD"].dropna()
    asked = has_code(rows[rule.fields[0]], rule.values("codes")) & rows["CHILD"].notna()
    if rule.parameters.get("within") == "year":
        asked &= rows["DECOM"].between(context.first_day, context.last_day)
    return asked & ~rows["CHILD"].isin(given) & ~rows["CHILD"].isin(context.aside_of(table))


def status_ended_without_status(context: Context, rule: Rule) -> pd.Series:
    """The status has an end date although the header says that the child never had it."""
    rows, header = context.rows_of(rule.table), context.rows_of("header")["CHILD"]
    had, never = header[context.unaccompanied].dropna(), header[~context.unaccompanied].dropna()
    return rows["DUC"].notna() & rows["CHILD"].isin(never) & ~rows["CHILD"].isin(had)


CHECKS = (
    child_is_not_in,
    child_is_also_in,
    disagrees_with,
    row_is_missing,
    status_ended_without_status,
)
