"""Conditions as data: `placement_code=U1|U2 & age=10..17`, read from a codelist and applied to rows.

An analyst can read and change them. A term is a column and what it must be: `column=a|b` (one of), `column!=a|b` (none
of; a missing cell is none of them), `column=10..17` (both included), `column>20`, `column=yes` or `column=no` (true or
false), `column=known` or `column=unknown` (filled or missing). Terms joined by & must all hold.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import pandas as pd

from helpers.errors import InputError

_TERM = re.compile(r"\s*([a-z_0-9]+)\s*(!=|>=|=|>)\s*(.+?)\s*")
_RANGE = re.compile(r"(-?[\d.]+)\.\.(-?[\d.]+)")


class Term(NamedTuple):
    """One condition: a column, how it is compared (is, is not, between, above, at least) and with what."""

    column: str
    how: str
    told: tuple[str, ...]


@lru_cache
def parse(text: str) -> tuple[Term, ...]:
    """Read a condition; an empty one has no term and always holds.

    raises: InputError naming the term that cannot be read
    """
    return tuple(_term(part) for part in text.split("&") if part.strip())


def _term(part: str) -> Term:
    found = _TERM.fullmatch(part)
    if not found:
        raise InputError(
            f"{part.strip()!r} is not a condition. Write a column, =, != or >, and values: placement_code=U1|U2."
        )
    column, sign, told = found.groups()
    between = _RANGE.fullmatch(told)
    if between and sign == "=":
        return Term(column, "between", between.groups())
    how = {"=": "is", "!=": "is not", ">": "above", ">=": "at least"}[sign]
    return Term(column, how, tuple(value.strip() for value in told.split("|")))


def meets(rows: pd.DataFrame, text: str) -> pd.Series:
    """Tell which rows meet a condition; a missing cell meets only `unknown` and `!=`.

    raises: InputError for a column that the rows do not have
    """
    result = pd.Series(True, index=rows.index)
    for term in parse(text):
        if term.column not in rows:
            raise InputError(
                f"{text!r} asks for {term.column}, which is not among: {', '.join(map(str, rows.columns))}."
            )
        result &= _holds(rows[term.column], term)
    return result


def _holds(cells: pd.Series, term: Term) -> pd.Series:
    if term.told == ("known",):
        return cells.notna()
    if term.told == ("unknown",):
        return cells.isna()
    if term.how == "between":
        low, high = map(float, term.told)
        return cells.between(low, high)
    if term.how in ("above", "at least"):
        limit = float(term.told[0])
        return cells.gt(limit) if term.how == "above" else cells.ge(limit)
    found = _is_one_of(cells, term.told)
    return found if term.how == "is" else ~found


def _is_one_of(cells: pd.Series, values: tuple[str, ...]) -> pd.Series:
    if pd.api.types.is_bool_dtype(cells):
        return cells.eq(values[0] == "yes")
    if pd.api.types.is_numeric_dtype(cells):
        return cells.isin([float(value) for value in values])
    return cells.isin(values)
