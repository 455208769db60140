"""Rules over the values of single cells: codes in their lists, identifiers in their form."""

from __future__ import annotations

from functools import cache

import pandas as pd

from helpers.codes import load_codelist
from helpers.rules.context import Context, Rule, has_code

REAL_UPN = r"[A-HJ-NP-RT-Z](?:\d{12}|\d{11}[A-Z])"
UNKNOWN_UPN = r"UN[1-5]"


@cache
def codes_of_year(codelist: str, year: int) -> frozenset[str]:
    """Give the codes a codelist has for a return year."""
    listed = load_codelist(codelist)
    first = pd.to_numeric(listed["first_year"].replace("", "0"))
    last = pd.to_numeric(listed["last_year"].replace("", "9999"))
    return frozenset(listed.loc[(first <= year) & (year <= last), "code"])


@cache
def codes_of_any_year(codelist: str) -> frozenset[str]:
    """Give the codes a codelist has for any return year."""
    return frozenset(load_codelist(codelist)["code"])


def code_is_not_listed(context: Context, rule: Rule) -> pd.Series:
    """The code is in no list, or not in this year's. Parameters: codelist; years=any; blank=broken."""
    cells = context.rows_of(rule.table)[rule.fields[0]]
    codelist = rule.parameters["codelist"]
    every_year = rule.parameters.get("years") == "any"
    allowed = codes_of_any_year(codelist) if every_year else codes_of_year(codelist, context.return_year)
    broken = cells.notna() & ~cells.isin(allowed)
    return broken | cells.isna() if rule.parameters.get("blank") == "broken" else broken


def code_is_of_another_year(context: Context, rule: Rule) -> pd.Series:
    """The code is in the list, but of other return years. Parameter: codelist."""
    cells = context.rows_of(rule.table)[rule.fields[0]]
    name = rule.parameters["codelist"]
    return cells.isin(codes_of_any_year(name) - codes_of_year(name, context.return_year))


def code_is(context: Context, rule: Rule) -> pd.Series:
    """The cell has one of the codes that need a second look. Parameter: codes."""
    return has_code(context.rows_of(rule.table)[rule.fields[0]], rule.values("codes"))


def upn_is_malformed(context: Context, rule: Rule) -> pd.Series:
    """The UPN is neither of the 13 characters nor UN1 to UN5."""
    upn = context.rows_of(rule.table)["UPN"]
    return upn.notna() & ~upn.astype("str").str.fullmatch(f"{REAL_UPN}|{UNKNOWN_UPN}")


def upn_is_missing(context: Context, rule: Rule) -> pd.Series:
    """The child was in care other than in short breaks, and has no UPN."""
    rows = context.rows_of(rule.table)
    return rows["UPN"].isna() & rows["CHILD"].isin(context.in_care_this_year)


def upn_is_shared(context: Context, rule: Rule) -> pd.Series:
    """Two children have one UPN. The same child twice is the matter of another rule."""
    rows = context.rows_of(rule.table)
    real = rows[rows["UPN"].notna() & ~rows["UPN"].astype("str").str.fullmatch(UNKNOWN_UPN)]
    children = real.drop_duplicates(["UPN", "CHILD"])
    return rows["UPN"].isin(children.loc[children["UPN"].duplicated(), "UPN"])


def upn_is_still_new(context: Context, rule: Rule) -> pd.Series:
    """The UPN is said to be unknown because care has just begun, and it began longer ago. Parameters: code, days."""
    rows = context.rows_of(rule.table)
    new = rows["UPN"] == rule.parameters["code"]
    if not new.any():
        return new
    begun = context.care.begun(rows["CHILD"])
    in_care = context.care.covers(rows["CHILD"], pd.Series(context.last_day, index=rows.index))
    long_ago = begun < context.last_day - pd.Timedelta(days=int(rule.parameters["days"]))
    return new & in_care & long_ago


def text_is_malformed(context: Context, rule: Rule) -> pd.Series:
    """The text has not the form it should have. Parameter: form (a regular expression)."""
    cells = context.rows_of(rule.table)[rule.fields[0]]
    return cells.notna() & ~cells.astype("str").str.fullmatch(rule.parameters["form"])


def score_is_out_of_range(context: Context, rule: Rule) -> pd.Series:
    """The score is below the least, above the greatest, or not whole. Parameters: least, greatest."""
    score = context.rows_of(rule.table)[rule.fields[0]]
    least, greatest = float(rule.parameters["least"]), float(rule.parameters["greatest"])
    return score.notna() & ~(score.between(least, greatest) & (score % 1 == 0))


CHECKS = (
    code_is_not_listed,
    code_is_of_another_year,
    code_is,
    upn_is_malformed,
    upn_is_missing,
    upn_is_shared,
    upn_is_still_new,
    text_is_malformed,
    score_is_out_of_range,
)
