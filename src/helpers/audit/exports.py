"""The CSV files and run.json: no small count, nothing beside a hidden one, and one statistic is one everywhere."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import NamedTuple

from helpers.audit.files import File
from helpers.audit.released import DIMENSIONS, PER, Edition, Row, number, shown_as
from helpers.audit.result import Audit
from helpers.codes import load_codelist

HIDDEN = ("suppressed", "not_available")
_TOLD_ALIKE = 5e-6  # the files have six digits
_FORMULA = re.compile(r"[=+\-@\t\r]")
_SIGNED_NUMBER = re.compile(r"[-+]?[\d.]+(?:e[-+]?\d+)?%?|-|-inf")


def check_cells(file: File, rows: list[list[str]], audit: Audit) -> None:
    """Note cells that a spreadsheet would run as a formula, and rows that do not fit their header."""
    width = len(rows[0]) if rows else 0
    for line, row in enumerate(rows, start=1):
        if len(row) != width:
            audit.fault(f"{file.name}, line {line}", "a row that does not fit the header")
        if any(cell[:1] in "=+-@\t\r" and cell and not _SIGNED_NUMBER.fullmatch(cell) for cell in row):
            audit.fault(f"{file.name}, line {line}", "a cell that a spreadsheet would run as a formula")
    audit.count("csv_rows", max(len(rows) - 1, 0))


def check_counts(edition: Edition, place: str, audit: Audit) -> None:
    """Look at every released count: small, leaving a small rest, or hidden and told all the same."""
    for one, row in zip(edition.tables["indicators"], edition.rows.values(), strict=False):
        where = f"{place}indicators.csv, line {row.line}"
        if audit.is_small(row.numerator) or audit.is_small(row.denominator):
            audit.fault(where, f"shows a number of 1 to {audit.limit}")
        is_part = not row.hidden and row.denominator is not None and row.unit not in ("days", "points")
        if is_part and audit.is_small(row.denominator - row.numerator):
            audit.fault(where, f"leaves a number of 1 to {audit.limit} of its base")
        if row.status in HIDDEN and any(one[name] for name in ("numerator", "value", "lower", "upper")):
            audit.fault(where, "is marked hidden and shows a number")
        if row.hidden and any(one[name] for name in ("value", "lower", "upper")):
            audit.fault(where, "has no count and shows what is worked out from it")
    if len(edition.rows) < len(edition.tables["indicators"]):
        audit.fault(f"{place}indicators.csv", "has a statistic twice")
    audit.count("counts", len(edition.rows))
    audit.count("hidden", sum(row.hidden for row in edition.rows.values()))


class _Columns(NamedTuple):
    """What the columns of a file of results are: statistics, numbers of people, and parts with their whole."""

    statistics: tuple[str, ...]
    counts: tuple[str, ...]
    parts: tuple[tuple[str, str], ...]


@lru_cache
def _columns() -> dict[str, _Columns]:
    listed = load_codelist("audit_results")
    return {
        table: _Columns(
            tuple(part.loc[part["use"] == "statistic", "column"]),
            tuple(part.loc[part["use"] == "count", "column"]),
            tuple(part.loc[part["of"] != "", ["column", "of"]].itertuples(index=False, name=None)),
        )
        for table, part in listed.groupby("table")
    }


def check_results(edition: Edition, place: str, audit: Audit) -> None:
    """Look at each file of results: a hidden row tells nothing, and what it tells is what indicators.csv does."""
    for table, columns in _columns().items():
        for line, one in enumerate(edition.tables[table], start=2):
            where = f"{place}{table}.csv, line {line}"
            if one.get("status") in HIDDEN and any(one.get(name) for name in columns.statistics):
                audit.fault(where, "is marked hidden and shows a number")
            if any(audit.is_small(number(one.get(name, ""))) for name in columns.counts):
                audit.fault(where, f"shows a number of 1 to {audit.limit}")
            for part, whole in columns.parts:
                rest = _minus(one.get(whole, ""), one.get(part, ""))
                if audit.is_small(rest):
                    audit.fault(where, f"leaves a number of 1 to {audit.limit} of its base")
            if not AGREES[table](edition, one):
                audit.fault(where, "tells a statistic otherwise than indicators.csv, or one that is hidden there")
            audit.count("results")


def _minus(whole: str, part: str) -> float | None:
    return None if number(whole) is None or number(part) is None else number(whole) - number(part)


# ------------------------------------------------------------------------- one statistic in two files


def _same_count(row: Row | None, told: str) -> bool:
    """Say whether a count told elsewhere is that of the row; one that has no row there cannot be compared."""
    return row is None or not told or (not row.hidden and row.numerator == number(told))


def _representation_agrees(edition: Edition, one: dict[str, str]) -> bool:
    dimension = "ethnic_group" if one["dimension"] == "ethnic_label" else one["dimension"]
    row = edition.find(one["indicator"], one["as_at"], **{dimension: one["group"]})
    return _same_count(row, one["count"]) and not (row and row.hidden and _tells(one, "disproportionality"))


def _journey_agrees(edition: Edition, one: dict[str, str]) -> bool:
    row = edition.find(one["indicator"], one["as_at"], **{one["dimension"]: one["group"]})
    if row and row.hidden and _tells(one, "journey"):
        return False
    base = row is None or not one["children"] or row.denominator in (None, number(one["children"]))
    return _same_count(row, one["events"]) and base


def _places_agree(edition: Edition, one: dict[str, str]) -> bool:
    row = edition.find(one["indicator"], one["period_end"], category=one["category"], age_band=one["age_band"])
    return _same_count(row, one["events"]) and not (row and row.hidden and one["value"])


def _trend_agrees(edition: Edition, one: dict[str, str]) -> bool:
    cut = {name: one[name] for name in DIMENSIONS}
    for end in ("first", "last"):
        row, told = edition.find(one["indicator"], one[f"{end}_period"], **cut), number(one[f"{end}_value"])
        if row is None or told is None:
            continue
        if row.hidden or not any(abs(told - each) <= _TOLD_ALIKE * max(abs(each), 1) for each in _ways_to_tell(row)):
            return False
    return True


def _ways_to_tell(row: Row) -> list[float]:
    """Give the numbers that a row may be told by: its count, a share of 1, a rate, a mean."""
    part = row.numerator / row.denominator if row.denominator else None
    return [row.numerator, *([part, 100 * part, PER * part] if part is not None else [])]


def _tells(one: dict[str, str], table: str) -> bool:
    return any(one.get(name) for name in _columns()[table].statistics)


AGREES = {
    "disproportionality": _representation_agrees,
    "journey": _journey_agrees,
    "comparisons": _places_agree,
    "trends": _trend_agrees,
}


# --------------------------------------------------------------------------------------------------- run.json


def check_run(file: File, text: str, audit: Audit) -> None:
    """Look at the keys of run.json, and at numbers of rows: of some tables, a row is a child."""
    try:
        told = json.loads(text)
    except json.JSONDecodeError:
        told = None
    if not isinstance(told, dict):
        audit.fault(file.name, "is no JSON, or not of a run")
        return
    known = set(load_codelist("audit_run_keys")["key"])
    unknown = sum(1 for key in told if key not in known)
    if unknown:
        audit.fault(file.name, f"has {unknown} keys that no run writes")
    if any(str(key).startswith("/") or ".." in str(key) or ":" in str(key) for key in told.get("inputs", {})):
        audit.fault(file.name, "an input that is named by its path on a machine")
    told_rows = [told.get("rows"), *told.get("files", [])]
    for place, entry in enumerate(told_rows):
        numbers = [value for value in entry.values() if isinstance(value, int)] if isinstance(entry, dict) else []
        if any(map(audit.is_small, numbers)):
            audit.fault(f"{file.name}, file {place}", f"counts 1 to {audit.limit} rows, and a row may be a child")
    audit.count("run_files")


def totals_of(edition: Edition) -> tuple[str, str]:
    """Give the children in care on the edition's day and their rate as a reader sees them; blank where hidden."""
    rows = [edition.find(name, edition.as_at) for name in ("cla_total", "cla_rate_per_10000")]
    number, rate = (shown_as(row, "value") if row is not None else None for row in rows)
    return number or "", rate or ""
