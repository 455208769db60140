"""Count every indicator of the catalogue from a borough's cleaned tables: indicators.csv says from which rows and how.

Its columns for this: `rows` (a base of bases.py; blank for what no return tells), `among` (which of the rows are the
base), `counted` (which of those are the numerator; blank for all), `average` (the column whose mean is told),
`by` (column/codelist/column of the codelist, for the parts of a breakdown) and `split` (how the total is broken down,
one or more words: `groups` by ethnic group, sex and age with the total as base; `crossed` by all three at once;
`shares` each group's own share; `ages` care leavers' two age groups; `inside` its groups' shares are never released;
blank for not at all). `sensitive` names the share of a group that tells of every child in it: `all` or `none`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pandas as pd

from helpers.codes import ALL, load_catalogue
from helpers.indicators.bases import Bases
from helpers.indicators.conditions import meets, parse
from helpers.indicators.counting import count_categories, count_crossed, count_groups, count_share_by_group, keyed
from helpers.indicators.tables import Tables
from helpers.indicators.windows import Window, is_year_end, return_window
from helpers.schemas import KEY, Counts, check

RETURN_SOURCE = "The council's own return (SSDA903)"
MADE_UP_SOURCE = "Made-up return: every child is invented"
CARE_LEAVER_AGES = (("17 to 18", 17, 18), ("19 to 21", 19, 21))


def count_indicator(rule: pd.Series, rows: pd.DataFrame) -> pd.DataFrame:
    """Count one indicator from the rows of its base.

    rule: a line of indicators.csv; rows: bases.Bases.rows of its base
    returns: key columns, numerator (for a mean the sum), denominator (missing for a plain number)
    """
    base = rows[meets(rows, rule["among"])] if rule["among"] else rows
    split = rule["split"].split()
    if rule["by"]:
        return _categories(rule, base)
    if "groups" in split and not rule["counted"]:
        groups = count_groups(base, rule["key"])
        crossed = [count_crossed(base, rule["key"])] if "crossed" in split else []
        return pd.concat([groups, *crossed], ignore_index=True)
    value = base[rule["average"]] if rule["average"] else meets(base, rule["counted"]).astype(float)
    if len(base) and any(base[term.column].isna().all() for term in parse(rule["counted"])):
        value = value * float("nan")  # a column that no row fills tells nothing: not a zero
    values = [(ALL, value)]
    if "ages" in split:
        values += [(band, value[base["age"].between(low, high)]) for band, low, high in CARE_LEAVER_AGES]
    totals = _totals(values, rule["key"], plain=rule["kind"] == "number")
    if "shares" not in split:
        return totals
    # Of an age band, a share that is itself about age tells nothing; care leavers have age groups of their own.
    about_age = "ages" in split or any(term.column == "age" for term in parse(rule["counted"]))
    shares = count_share_by_group(base, value, rule["key"], without=("age_band",) if about_age else ())
    return pd.concat([totals, shares], ignore_index=True)


def _categories(rule: pd.Series, base: pd.DataFrame) -> pd.DataFrame:
    """Count the parts of a breakdown, for care leavers of each of the two age groups too where the rule asks for it."""
    column, codelist, to = rule["by"].split("/")
    whole = count_categories(base[column], codelist, rule["key"], to=to)
    if "ages" not in rule["split"].split():
        return whole
    bands = [
        count_categories(base.loc[base["age"].between(low, high), column], codelist, rule["key"], to=to).assign(
            age_band=band
        )
        for band, low, high in CARE_LEAVER_AGES
    ]
    return pd.concat([whole, *bands], ignore_index=True)


def _totals(values: list[tuple[str, pd.Series]], indicator: str, *, plain: bool) -> pd.DataFrame:
    """Give one row per age band (All first): the sum of its values and how many there are."""
    rows = {
        "age_band": [band for band, _ in values],
        "numerator": [value.sum(min_count=1) if len(value) else 0.0 for _, value in values],
        "denominator": [float("nan") if plain else float(len(value)) for _, value in values],
    }
    return keyed(pd.DataFrame(rows), indicator)


def count_window(bases: Bases, window: Window) -> pd.DataFrame:
    """Count every indicator that the tables can tell for one collection; period_type says whether it is in-year."""
    year_end = is_year_end(window.day)
    parts = []
    for _, rule in _countable().iterrows():
        rows = bases.rows(rule["rows"], window)
        if rows is None:
            continue
        stock = rule["period_type"] == "snapshot"
        period_type = ("snapshot" if stock else "year") if year_end else ("in_year_snapshot" if stock else "in_year")
        parts.append(count_indicator(rule, rows).assign(period_type=period_type, unit=rule["unit"]))
    return pd.concat(parts, ignore_index=True).assign(period_end=window.on)


def _countable() -> pd.DataFrame:
    catalogue = load_catalogue()
    return catalogue[catalogue["rows"] != ""]


def count_returns(tables: Tables, *, borough_code: str, borough: str, periods: Iterable[dt.date]) -> pd.DataFrame:
    """Count every indicator for each collection's last day and the year (or part of a year) up to it.

    periods: last days of the borough's collections
    returns: contract schemas.Counts, without rates (see counts.add_rates)
    """
    bases = Bases(tables)
    parts = [
        count_window(bases, return_window(period, borough_code)).assign(
            release=f"Return to {period.day} {period:%B %Y}"
        )
        for period in sorted(periods)
    ]
    made_up = bool(tables.children["made_up"].any())
    counts = pd.concat(parts, ignore_index=True).assign(
        borough_code=borough_code, borough=borough, source=MADE_UP_SOURCE if made_up else RETURN_SOURCE
    )
    nobody = counts["denominator"] == 0  # a share of nobody is not zero: there is no statistic
    status = pd.Series("shown", index=counts.index).mask(counts["numerator"].isna(), "not_available")
    counts = counts.assign(numerator=counts["numerator"].mask(nobody), status=status.mask(nobody, "not_applicable"))
    return check(counts.sort_values(KEY, ignore_index=True), Counts, source=f"counts from the returns of {borough}")
