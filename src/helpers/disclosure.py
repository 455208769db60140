"""Disclosure control: small numbers hidden, and with them what would give them away.

Arithmetic on frames: opens no file, knows no borough. The rules are those of the house profile `la-1-5`: counts of
1 to 5 children are hidden, and so are complements of 1 to 5; where one hidden part of a shown whole could be found by
subtraction, the next smallest part is hidden too; a rate is hidden with its count.
"""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from helpers.errors import InputError

SMALLEST = {"la-1-5": 5, "la-1-4": 4, "none": 0}
SHOWN = ("shown", "provisional")
PARTS = ("category", "ethnic_group", "gender", "age_band")
PLACE = ["borough_code", "period_end", "period_type", "indicator"]
ALL = "All"


def release(
    counts: pd.DataFrame,
    *,
    profile: str = "la-1-5",
    parents: dict[str, str],
    same: pd.DataFrame,
    sums: pd.DataFrame | None = None,
    means: Collection[str] = (),
) -> pd.DataFrame:
    """Give the counts that may leave the building: the same rows, with numbers that could tell of a child hidden.

    counts: contract schemas.Counts; a value its source suppressed stays suppressed
    parents: label of a finer ethnic group -> its group, so that labels and their group are hidden together
    same: rows of codelists/same_statistic.csv, the statistics that are one number under two names
    sums: rows of codelists/sums.csv, the statistics of which some are the sum of others
    means: units whose numerator is a sum over the children of the denominator; such a row is small where they are few
    returns: the same rows and columns; hidden ones have a missing numerator and status 'suppressed'
    raises: InputError for an unknown profile
    source: the house rule (primary 1 to 5, then the next smallest of the line), as DfE applies it
    """
    if profile not in SMALLEST:
        raise InputError(f"disclosure {profile!r} is not a profile. Choose one of: {', '.join(SMALLEST)}.")
    limit = SMALLEST[profile]
    hidden = counts["status"].eq("suppressed") | _is_small(counts, limit, counts["unit"].isin(means))
    lines = _lines(counts, parents) + _told_sums(counts, sums)
    twins = _twins(counts, same)
    while limit:
        more = hidden | _protect_lines(counts, hidden, lines, limit) | _follow_twins(hidden, twins)
        if more.equals(hidden):
            break
        hidden = more
    small_base = counts["denominator"].between(1, limit) if limit else pd.Series(False, index=counts.index)
    return counts.assign(
        numerator=counts["numerator"].mask(hidden),
        denominator=counts["denominator"].mask(small_base),
        status=counts["status"].mask(hidden, "suppressed"),
    )


def _is_small(counts: pd.DataFrame, limit: int, mean: pd.Series) -> pd.Series:
    rest = counts["denominator"] - counts["numerator"]
    few = counts["numerator"].between(1, limit) | rest.between(1, limit)
    return few.mask(mean, counts["denominator"].between(1, limit))


def _told_sums(counts: pd.DataFrame, sums: pd.DataFrame | None) -> list[tuple[pd.Index, pd.Index]]:
    """Find the statistics that add to another statistic on one day: (rows of the parts, row of the sum)."""
    if sums is None:
        return []
    whole = (counts[["ethnic_group", "gender", "age_band"]] == ALL).all(axis=1)
    rows = counts[whole].reset_index().merge(sums, on=["indicator", "category"])
    lines = []
    for _, line in rows.groupby(["borough_code", "period_end", "line"], sort=False):
        parts, total = line.loc[line["role"] == "part", "index"], line.loc[line["role"] == "whole", "index"]
        if len(parts) and len(total):
            lines.append((pd.Index(parts), pd.Index(total)))
    return lines


def _lines(counts: pd.DataFrame, parents: dict[str, str]) -> list[tuple[pd.Index, pd.Index]]:
    """Find every line of parts that add to a whole: (rows of the parts, row of the whole or none if always shown).

    A part's line is told by what varies along it; groups and their finer labels are two levels of one line.
    """
    varies = pd.Series("", index=counts.index)
    for column in reversed(PARTS):
        varies = varies.mask(counts[column] != ALL, column)
    parent = counts["ethnic_group"].map(lambda group: parents.get(group, "")).where(varies == "ethnic_group", "")
    fixed = {column: counts[column].where(varies != column, ALL) for column in PARTS}
    keys = counts[PLACE].assign(**fixed, _varies=varies, _parent=parent, _base=counts["denominator"])
    parts = keys[varies != ""]
    named = counts.reset_index().set_index([*PLACE, *PARTS])["index"]
    lines = []
    where = [*PLACE, *PARTS, "_varies", "_parent"]
    for key, rows in parts.groupby(where, dropna=False, sort=False).groups.items():
        fixed_values, parent_group = list(key[4:8]), key[9]
        if parent_group:
            fixed_values[PARTS.index("ethnic_group")] = parent_group
        whole = named.get((*key[:4], *fixed_values))
        if whole is not None:  # shares of groups too: their numbers add to that of all, whatever their bases
            lines += [(rows, pd.Index([whole]))] if len(rows) > 1 else []
            continue
        # Parts of one base add to it; rows of different bases (care leavers of two ages) are no line.
        same_base = parts.loc[rows].groupby("_base", dropna=False, sort=False).groups.values()
        lines += [(own, pd.Index([])) for own in same_base if len(own) > 1]
    return lines


def _protect_lines(
    counts: pd.DataFrame, hidden: pd.Series, lines: list[tuple[pd.Index, pd.Index]], limit: int
) -> pd.Series:
    """Hide one more part of every line that gives a hidden number away."""
    more = pd.Series(False, index=counts.index)
    for parts, whole in lines:
        hidden_parts = int(hidden[parts].sum())
        whole_hidden = bool(hidden[whole].any())
        gives_away = (hidden_parts == 1 and not whole_hidden) or (hidden_parts == 0 and whole_hidden)
        if not gives_away:
            continue
        open_parts = counts.loc[parts, "numerator"][~hidden[parts]]
        candidates = open_parts[open_parts > limit]
        if candidates.empty:
            more[parts] |= open_parts.reindex(parts).gt(0)
        else:
            more[candidates.idxmin()] = True
    return more


def _twins(counts: pd.DataFrame, same: pd.DataFrame) -> list[tuple[int, int]]:
    """Find the rows that are one statistic under two names."""
    where = [*PLACE, *PARTS]
    rows = counts[where].assign(_row=counts.index)
    paired = rows.merge(same, on=["indicator", "category"])
    other = rows.drop(columns="period_type").rename(
        columns={"indicator": "same_as_indicator", "category": "same_as_category", "_row": "_other"}
    )
    keys = [column for column in other if column != "_other"]
    return list(paired.merge(other, on=keys)[["_row", "_other"]].itertuples(index=False, name=None))


def _follow_twins(hidden: pd.Series, twins: list[tuple[int, int]]) -> pd.Series:
    more = pd.Series(False, index=hidden.index)
    for one, other in twins:
        if hidden[one] != hidden[other]:
            more[[one, other]] = True
    return more
