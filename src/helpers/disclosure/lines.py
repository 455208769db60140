"""Counts, totals' shares and their breakdowns: small numbers hidden, and with them what would give them away.

The rules are those of the house profile `la-1-5`: counts of 1 to 5 children are hidden, and so are complements of 1 to
5; where one hidden part of a shown whole could be found by subtraction, the next smallest part is hidden too; a rate is
hidden with its count.

Left for a solver over the whole release: two hidden parts that add to less than 6; two totals' bases that differ by 1
to 5 (children in care, and those in care for 20 working days); sums over several days; earlier editions.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
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
    sums: rows of codelists/sums.csv, the statistics of which some are the sum of others, or follow them
    means: units whose numerator is a sum over the children of the denominator; such a row is small where they are few
    returns: the same rows and columns; hidden ones have a missing numerator and status 'suppressed'
    raises: InputError for an unknown profile
    source: the house rule (primary 1 to 5, then the next smallest of the line), as DfE applies it
    """
    if profile not in SMALLEST:
        raise InputError(f"disclosure {profile!r} is not a profile. Choose one of: {', '.join(SMALLEST)}.")
    limit = SMALLEST[profile]
    index, counts = counts.index, counts.reset_index(drop=True)
    hidden = counts["status"].eq("suppressed") | _is_small(counts, limit, counts["unit"].isin(means))
    lines = _lines(counts, parents) + _told_sums(counts, sums)
    twins, followers = _twins(counts, same), _followers(counts, sums)
    while limit:
        more = hidden | _protect_lines(counts, hidden, lines, limit) | _follow_twins(hidden, twins)
        more |= _follow_parts(counts, hidden, followers, limit)
        if more.equals(hidden):
            break
        hidden = more
    small_base = counts["denominator"].between(1, limit) if limit else pd.Series(False, index=counts.index)
    return counts.assign(
        numerator=counts["numerator"].mask(hidden),
        denominator=counts["denominator"].mask(small_base),
        status=counts["status"].mask(hidden, "suppressed"),
    ).set_axis(index)


def _is_small(counts: pd.DataFrame, limit: int, mean: pd.Series) -> pd.Series:
    rest = counts["denominator"] - counts["numerator"]
    few = counts["numerator"].between(1, limit) | rest.between(1, limit)
    return few.mask(mean, counts["denominator"].between(1, limit))


def _told_sums(counts: pd.DataFrame, sums: pd.DataFrame | None) -> list[tuple[pd.Index, pd.Index]]:
    """Find the statistics that add to another statistic on one day: (rows of the parts, row of the sum)."""
    if sums is None:
        return []
    lines = []
    for line in _rows_of_sums(counts, sums):
        parts, total = line.loc[line["role"] == "part", "index"], line.loc[line["role"] == "whole", "index"]
        if len(parts) and len(total):
            lines.append((pd.Index(parts), pd.Index(total)))
    return lines


def _rows_of_sums(counts: pd.DataFrame, sums: pd.DataFrame) -> list[pd.DataFrame]:
    """Give the rows of each line of sums.csv on each day; only an age band varies among them."""
    sums = sums if "age_band" in sums else sums.assign(age_band=ALL)
    plain = (counts[["ethnic_group", "gender"]] == ALL).all(axis=1)
    rows = counts[plain].reset_index().merge(sums, on=["indicator", "category", "age_band"])
    return [line for _, line in rows.groupby(["borough_code", "period_end", "line"], sort=False)]


def _followers(counts: pd.DataFrame, sums: pd.DataFrame | None) -> list[tuple[int, pd.Index, bool]]:
    """Find the rows that tell others again: (row, the others, whether a small difference from them tells too)."""
    if sums is None:
        return []
    found = []
    for line in _rows_of_sums(counts, sums):
        parts = pd.Index(line.loc[line["role"] == "part", "index"])
        for role in ("follower", "close"):
            found += [(row, parts, role == "close") for row in line.loc[line["role"] == role, "index"]]
    return found


def _follow_parts(
    counts: pd.DataFrame, hidden: pd.Series, followers: list[tuple[int, pd.Index, bool]], limit: int
) -> pd.Series:
    """Hide a row that tells hidden ones again; the rows that it follows stay as they are."""
    number, is_hidden, more = counts["numerator"].to_numpy(float), hidden.to_numpy(), np.zeros(len(counts), dtype=bool)
    for row, parts, close in followers:
        apart = abs(np.nansum(number[parts]) - number[row]) if close else 0
        more[row] = bool(is_hidden[parts].any()) or 1 <= apart <= limit
    return pd.Series(more, index=counts.index)


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
    number, is_hidden, more = counts["numerator"].to_numpy(float), hidden.to_numpy(), np.zeros(len(counts), dtype=bool)
    for parts, whole in lines:
        hidden_parts = int(is_hidden[parts].sum())
        whole_hidden = bool(is_hidden[whole].any())
        gives_away = (hidden_parts == 1 and not whole_hidden) or (hidden_parts == 0 and whole_hidden)
        if not gives_away:
            continue
        open_parts = parts[~is_hidden[parts]]
        candidates = open_parts[number[open_parts] > limit]
        if candidates.empty:
            more[open_parts[number[open_parts] > 0]] = True
        else:
            more[candidates[number[candidates].argmin()]] = True
    return pd.Series(more, index=counts.index)


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
    more, is_hidden = np.zeros(len(hidden), dtype=bool), hidden.to_numpy()
    for one, other in twins:
        if is_hidden[one] != is_hidden[other]:
            more[[one, other]] = True
    return pd.Series(more, index=hidden.index)
