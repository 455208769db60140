"""Which table a header is of, told by its columns and never by the file's name, in every spelling that is known."""

from __future__ import annotations

import re
from functools import lru_cache

from helpers.codes import load_codelist

UNKNOWN = "not recognised"
"""The table of a file whose columns are those of no table in codelists/ssda903_tables.csv."""
MOST_COLUMNS, LONGEST_NAME = 500, 300
SEVERAL = ("la", "year", "year latest", "episode source")
"""Columns of files of several boroughs and years, as `plain` gives them: see read.several_boroughs."""
MOST_STRANGE = 2
"""A table of ours has at most twice as many other columns as its own: a list of other children may have ours too."""
MOST_MISSING, LEAST_SHARE = 2, 0.4
"""A header is said to look like a table when it lacks at most so many needed columns and has this share of all."""


def plain(name: str) -> str:
    """Give a header as it is compared: small letters and digits, so that quotes, spaces and brackets do not matter."""
    return re.sub(r"[^a-z0-9]+", " ", name.casefold()).strip()


def recognise(header: list[str]) -> str:
    """Find the table a header is of: one with all the columns it cannot do without, and the most in common.

    A table with more of its own columns filled wins a tie, so that {CHILD, SEX, DOB, DUC} is uasc and not header.
    returns: its name in codelists/ssda903_tables.csv; a name of codelists/tables_not_used.csv for a table that is known
        and not used; else UNKNOWN, with what is missing where it looks like one of ours
    """
    return _recognise(_start_of(header))


def name_columns(table: str, header: list[str]) -> list[str]:
    """Give the column of the table that each header names, blank where it names none."""
    start = _start_of(header)
    return [*_name_columns(table, start), *[""] * (len(header) - len(start))]


def _start_of(header: list[str]) -> tuple[str, ...]:
    """Give as much of a header as a table of ours can have: a first line of any length costs no time."""
    return tuple(name[:LONGEST_NAME] for name in header[:MOST_COLUMNS])


@lru_cache
def official_headers(table: str) -> dict[str, str]:
    """Give each column of a table and its header in the official layout, in order; none for another table."""
    spec = load_codelist("ssda903_tables")
    own = spec[spec["table"] == table]
    return dict(zip(own["column"], own["header"].where(own["header"] != "", own["column"]), strict=True))


@lru_cache(maxsize=1000)
def _recognise(header: tuple[str, ...]) -> str:
    names = {plain(name) for name in header}
    for own, table in _not_used():
        if own <= names:
            return table
    wanted, sizes = _wanted()
    most_known = len([name for name in names if name and name not in SEVERAL]) / (1 + MOST_STRANGE)
    found = {table: {name for name in _name_columns(table, header) if name} for table in wanted}
    fits = {
        table: (len(own), len(own) / sizes[table])
        for table, own in found.items()
        if wanted[table] <= own and len(own) >= most_known
    }
    if fits:
        return max(fits, key=fits.get)
    near = {
        table: len(own)
        for table, own in found.items()
        if len(own) >= LEAST_SHARE * sizes[table] and len(wanted[table] - own) <= MOST_MISSING and len(own) > 2
    }
    if not near:
        return UNKNOWN
    table = max(near, key=near.get)
    missing = ", ".join(sorted(wanted[table] - found[table]))
    return f"{UNKNOWN}: like {table}, {f'without {missing}' if missing else 'with too many other columns'}"


@lru_cache(maxsize=1000)
def _name_columns(table: str, header: tuple[str, ...]) -> tuple[str, ...]:
    """Name by exact spelling first; a pattern names a column only where nothing else does, and only one header fits."""
    spellings, patterns = _spellings().get(table, ({}, []))
    names = [spellings.get(plain(name), "") for name in header]
    for pattern, column in patterns:
        fit = [place for place, name in enumerate(header) if not names[place] and pattern.search(plain(name))]
        if column not in names and len(fit) == 1:
            names[fit[0]] = column
    return tuple(names)


@lru_cache
def _spellings() -> dict[str, tuple[dict[str, str], list[tuple[re.Pattern, str]]]]:
    """Give, for every table, each spelling of a header that is read and the column it names, and the patterns."""
    spec, variants = load_codelist("ssda903_tables"), load_codelist("header_variants")
    known = {}
    for table, columns in spec.groupby("table", sort=False):
        kinds = ["", table, *(["annex_a"] if table.startswith("annex_a") else [])]
        own = variants[variants["column"].isin(columns["column"]) & variants["table"].isin(kinds)]
        spelled = {plain(row.header): row.column for row in own.itertuples() if not row.header.startswith("/")}
        official = {plain(row.header): row.column for row in columns.itertuples() if row.header}
        by_name = {plain(row.column): row.column for row in columns.itertuples()}
        patterns = [
            (re.compile(row.header.strip("/")), row.column) for row in own.itertuples() if row.header.startswith("/")
        ]
        known[table] = (spelled | official | by_name, patterns)
    return known


@lru_cache
def _wanted() -> tuple[dict[str, set[str]], dict[str, int]]:
    """Give the columns each table cannot do without, and how many it has."""
    spec = load_codelist("ssda903_tables")
    wanted = spec[spec["needed"] != ""].groupby("table")["column"].agg(set)
    return wanted.to_dict(), spec.groupby("table").size().to_dict()


@lru_cache
def _not_used() -> list[tuple[set[str], str]]:
    listed = load_codelist("tables_not_used")
    return [({plain(name) for name in row.headers.split(";")}, row.table) for row in listed.itertuples()]
