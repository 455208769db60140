"""Run the rules of codelists/rules.csv over a collection: passed, broken, or skipped with the reason."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from helpers.codes import load_codelist
from helpers.rules import codes, cross_table, dates, episodes, outcomes, years
from helpers.rules.context import Context, Rule, TypedCollection, derive_context

CHECKS = {
    check.__name__: check for part in (codes, dates, episodes, cross_table, outcomes, years) for check in part.CHECKS
}
SUMMARY = ["code", "table", "severity", "status", "rows_checked", "rows_broken", "reason_skipped", "message"]
ROWS = ["code", "table", "file", "row"]


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
    return [_to_rule(row) for row in load_codelist("rules").itertuples(index=False)]


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
    known_postcodes: frozenset[str] | None = None,
    only: frozenset[str] | None = None,
) -> RuleReport:
    """Check every rule over one collection. Nothing is changed; a rule that crashes is not caught.

    previous: the collection of the return year before; rules between years are skipped without it
    known_postcodes: all postcodes there are; the rule over them is skipped without it
    only: codes of the rules to check; all of them without it
    """
    last_year = previous if previous is not None and previous.return_year == collection.return_year - 1 else None
    context = derive_context(collection, derive_context(last_year) if last_year else None, known_postcodes)
    rules = [rule for rule in load_rules() if only is None or rule.code in only]
    told = [_check_rule(context, rule, _removed(rule, collection)) for rule in rules]
    lines = [line for _, lines in told for line in lines]
    return RuleReport(
        pd.DataFrame([line for line, _ in told], columns=SUMMARY),
        pd.DataFrame(lines, columns=ROWS).astype({"code": "str", "table": "str", "file": "str", "row": "int64"}),
    )


def _check_rule(context: Context, rule: Rule, removed: pd.DataFrame) -> tuple[dict, list[tuple]]:
    reason = reason_to_skip(context, rule, removed)
    told = {"code": rule.code, "table": rule.table, "severity": rule.severity, "message": rule.message}
    if reason:
        return {**told, "status": "skipped", "rows_checked": 0, "rows_broken": 0, "reason_skipped": reason}, []
    rows = context.rows_of(rule.table)
    broken = CHECKS[rule.check](context, rule)
    if not broken.index.equals(rows.index) or broken.dtype != bool:
        raise TypeError(f"rule {rule.code}: {rule.check} must give one True or False for each row of {rule.table}")
    found = broken.to_numpy()
    files = [*rows["_file"][found], *removed["file"]]
    numbers = [*rows["_row"][found], *removed["row"]]
    lines = [(rule.code, rule.table, file, number) for file, number in zip(files, numbers, strict=True)]
    counts = {"rows_checked": len(rows) + len(removed), "rows_broken": len(lines), "reason_skipped": ""}
    return {**told, "status": "broken" if lines else "passed", **counts}, lines


def _removed(rule: Rule, collection: TypedCollection) -> pd.DataFrame:
    """Rows that were set aside for what this rule is about, and so are no longer there to be checked."""
    wanted = rule.parameters.get("set_aside")
    gone = collection.set_aside
    if wanted is None:
        return gone.iloc[:0]
    gone = gone[gone["table"] == rule.table]
    if wanted == "repeats":
        return gone[gone["outcome"] == "exact repeat"]
    return gone[(gone["outcome"] == "set aside") & (gone["column"] == rule.fields[0])]


def reason_to_skip(context: Context, rule: Rule, removed: pd.DataFrame) -> str:
    """Say why a rule cannot be checked over this collection; blank if it can."""
    if rule.first_year and context.return_year < rule.first_year:
        return f"The rule holds from return year {rule.first_year}."
    if rule.last_year and context.return_year > rule.last_year:
        return f"The rule held up to return year {rule.last_year}."
    if rule.needs_previous and context.previous is None:
        return "It needs the collection of the return year before, which was not given."
    if "known_postcodes" in rule.parameters and context.known_postcodes is None:
        return "It needs the national list of postcodes, which was not given."
    for field in rule.fields:
        table, column = field.rsplit(".", 1) if "." in field else (rule.table, field)
        reason = _reason_of_column(context, table, column)
        if reason:
            return reason
    if context.rows_of(rule.table).empty and removed.empty:
        return f"Table {_name(rule.table)} has no rows."
    return ""


def _reason_of_column(context: Context, table: str, column: str) -> str:
    holder, name = context.owner(table)
    if name not in holder.tables:
        return f"Table {_name(table)} did not arrive."
    rows = holder.tables[name]
    if column not in rows or column in rows.attrs.get("absent", ()):
        return f"Column {column} of table {_name(table)} did not arrive."
    return ""


def _name(table: str) -> str:
    return f"{table.removeprefix('previous.')} of last year" if table.startswith("previous.") else table
