"""Run the rules of codelists/rules.csv over a collection: passed, broken, or skipped with the reason."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.codes import load_codelist
from helpers.rules import adoption, ages, codes, cross_table, dates, episodes, looked_after, outcomes, placements, years
from helpers.rules.context import Context, Rule, TypedCollection, derive_contexts

PARTS = (codes, dates, ages, episodes, placements, cross_table, looked_after, adoption, outcomes, years)
CHECKS = {check.__name__: check for part in PARTS for check in part.CHECKS}
SUMMARY = ["code", "table", "severity", "status", "rows_checked", "rows_broken", "reason_skipped", "message"]
ROWS = ["code", "table", "file", "row"]
NO_BOROUGH = "It needs the code of the borough, which was not given."
NOT_31_MARCH = "It asks about 31 March, and the collection ends on another day."


class RuleReport(NamedTuple):
    """What the rules found.

    summary: one row per rule: code, table, severity, status (passed, broken, skipped), rows_checked, rows_broken,
        reason_skipped (blank unless skipped), message. Rows set aside for the rule count as checked and broken.
    rows: one row per broken rule and line: code, table, file, row (line of the file); never an identifier. A table
        called previous.<name> is last year's.
    """

    summary: pd.DataFrame
    rows: pd.DataFrame


def load_rules() -> list[Rule]:
    """Give the rules of codelists/rules.csv in order."""
    return list(_rules())


@cache
def _rules() -> tuple[Rule, ...]:
    return tuple(_to_rule(row) for row in load_codelist("rules").itertuples(index=False))


def _to_rule(row: NamedTuple) -> Rule:
    parameters = dict(part.strip().split("=", 1) for part in row.parameters.split(";") if part.strip())
    return Rule(
        code=row.code,
        table=row.table,
        fields=tuple(row.fields.split()),
        severity=row.severity,
        rule_class=row.rule_class,
        check=row.check,
        parameters=parameters,
        first_year=int(row.first_year) if row.first_year else None,
        last_year=int(row.last_year) if row.last_year else None,
        message=row.message,
        needs_previous=row.needs_previous == "yes",
        source=row.source,
    )


def check_rules(
    collection: TypedCollection,
    previous: TypedCollection | None = None,
    *,
    borough_code: str | None = None,
    only: frozenset[str] | None = None,
) -> RuleReport:
    """Check every rule over one collection. Nothing is changed; a rule that crashes is not caught.

    previous: the collection of the return year before; rules between years are skipped without it
    borough_code: ONS code of the borough the return is of; what lies in the borough is not asked without it
    only: codes of the rules to check; all of them without it
    raises: errors.InputError where the directory of postcodes is not installed whole
    """
    last_year = previous if previous is not None and previous.return_year == collection.return_year - 1 else None
    context = derive_contexts(collection, last_year, borough_code)
    rules = [rule for rule in load_rules() if only is None or rule.code in only]
    removed = _removed(collection.set_aside)
    told = [_check_rule(context, rule, removed.get(_removed_as(rule), _NOTHING_REMOVED)) for rule in rules]
    return RuleReport(pd.DataFrame([line for line, _ in told], columns=SUMMARY), _rows_told(lines for _, lines in told))


class _Lines(NamedTuple):
    """Lines of files, as two arrays of one length."""

    files: np.ndarray
    numbers: np.ndarray


_NOTHING_REMOVED = _Lines(np.array([], dtype=object), np.array([], dtype=np.int64))


def _check_rule(context: Context, rule: Rule, removed: _Lines) -> tuple[dict, tuple[Rule, _Lines]]:
    reason = reason_to_skip(context, rule, len(removed.numbers))
    told = {"code": rule.code, "table": rule.table, "severity": rule.severity, "message": rule.message}
    if reason:
        counts = {"status": "skipped", "rows_checked": 0, "rows_broken": 0, "reason_skipped": reason}
        return {**told, **counts}, (rule, _NOTHING_REMOVED)
    rows = context.rows_of(rule.table)
    broken = CHECKS[rule.check](context, rule)
    if not broken.index.equals(rows.index) or broken.dtype != bool:
        raise TypeError(f"rule {rule.code}: {rule.check} must give one True or False for each row of {rule.table}")
    at, lines = np.flatnonzero(broken.to_numpy()), removed
    if len(at):
        lines = _Lines(
            np.append(rows["_file"].iloc[at].to_numpy(object), removed.files),
            np.append(rows["_row"].iloc[at].to_numpy(np.int64), removed.numbers),
        )
    counts = {"rows_checked": len(rows) + len(removed.numbers), "rows_broken": len(lines.numbers), "reason_skipped": ""}
    return {**told, "status": "broken" if len(lines.numbers) else "passed", **counts}, (rule, lines)


def _rows_told(lines: Iterable[tuple[Rule, _Lines]]) -> pd.DataFrame:
    """Put the lines of all broken rules in one table, in order of rule."""
    broken = [(rule, own) for rule, own in lines if len(own.numbers)]
    sizes = [len(own.numbers) for _, own in broken]
    told = {
        "code": np.repeat(np.array([rule.code for rule, _ in broken], dtype=object), sizes),
        "table": np.repeat(np.array([rule.table for rule, _ in broken], dtype=object), sizes),
        "file": np.concatenate([own.files for _, own in broken] or [_NOTHING_REMOVED.files]),
        "row": np.concatenate([own.numbers for _, own in broken] or [_NOTHING_REMOVED.numbers]),
    }
    return pd.DataFrame(told, columns=ROWS).astype({"code": "str", "table": "str", "file": "str", "row": "int64"})


def _removed(set_aside: pd.DataFrame) -> dict[tuple[str, str, str], _Lines]:
    """Rows that were set aside, by table, outcome and column: no longer there to be checked."""
    keys = [set_aside[name].astype(object) for name in ("table", "outcome", "column")]
    return {
        key: _Lines(rows["file"].to_numpy(object), rows["row"].to_numpy(np.int64))
        for key, rows in set_aside.groupby(keys, sort=False)
    }


def _removed_as(rule: Rule) -> tuple[str, str, str] | None:
    """Say which rows that were set aside break the rule: unread or blank in its first field, or repeated."""
    wanted = rule.parameters.get("set_aside")
    if wanted is None:
        return None
    return (rule.table, "exact repeat", "") if wanted == "repeats" else (rule.table, "set aside", rule.fields[0])


def reason_to_skip(context: Context, rule: Rule, removed: int) -> str:
    """Say why a rule cannot be checked over this collection; blank if it can.

    removed: how many rows were set aside for what the rule is about
    """
    if rule.first_year and context.return_year < rule.first_year:
        return f"The rule holds from return year {rule.first_year}."
    if rule.last_year and context.return_year > rule.last_year:
        return f"The rule held up to return year {rule.last_year}."
    if rule.needs_previous and context.previous is None:
        return "It needs the collection of the return year before, which was not given."
    if rule.parameters.get("needs") == "borough" and context.borough_code is None:
        return NO_BOROUGH
    if rule.parameters.get("needs") == "31 March" and not context.ends_the_year:
        return NOT_31_MARCH
    for field in rule.fields:
        table, column = field.rsplit(".", 1) if "." in field else (rule.table, field)
        reason = _reason_of_column(context, table, column)
        if reason:
            return reason
    if context.rows_of(rule.table).empty and not removed:
        return f"Table {_name(rule.table)} has no rows."
    return ""


def _reason_of_column(context: Context, table: str, column: str) -> str:
    holder, name = context.owner(table)
    if name not in holder.tables:
        return f"Table {_name(table)} did not arrive."
    if (name, column) == ("header", "UASC") and not holder.has(name, column):
        # The CSV layout has no such column: a row in the uasc table says the same.
        return "" if "uasc" in holder.tables else f"Neither table uasc nor column UASC of {_name(table)} arrived."
    return "" if holder.has(name, column) else f"Column {column} of table {_name(table)} did not arrive."


def _name(table: str) -> str:
    return f"{table.removeprefix('previous.')} of last year" if table.startswith("previous.") else table
