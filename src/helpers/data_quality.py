"""The data-quality report of one return: what arrived, what was kept, what was set aside and why."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from pandas.api.types import is_datetime64_any_dtype

from helpers.clean import Cleaned, Collection, return_year, type_collection
from helpers.errors import InputError, NoDataError
from helpers.processed import save_table
from helpers.read.returns import ReturnFile, read_collection
from helpers.rules import RuleReport, check_rules
from helpers.schemas import CareLeavers, Children, Episodes, FilesRead, Outcomes, SetAside
from helpers.settings import Settings, to_date

TABLES = {
    "children": Children,
    "episodes": Episodes,
    "outcomes": Outcomes,
    "care_leavers": CareLeavers,
    "set_aside": SetAside,
    "files": FilesRead,
}
ROWS = ("rows_read", "rows_kept", "rows_set_aside", "rows_repeated")
NOT_OF_THE_YEAR = ("DOB", "MC_DOB", "DUC")
"""Dates that may lie far from the year of the return."""

LATEST_PERIOD = dt.date(2027, 3, 31)
"""The last return year whose layout is known: a first reading, to find out which year a folder is of."""


@dataclass(frozen=True)
class CheckReport:
    """One return, typed and checked: what became of every row, what was read in another form, which rules it breaks."""

    collection: Collection
    rules: RuleReport

    def to_json(self) -> str:
        """Give one entry per file, for other programs."""
        return json.dumps([self._entry(file) for _, file in self.collection.files.iterrows()], indent=1)

    def _entry(self, file: pd.Series) -> dict:
        changes = self.collection.changes
        own = changes[(changes["file"] == file["file"]) & (changes["table"] == file["table"])]
        lines = self.rules.rows
        broken = lines[(lines["file"] == file["file"]) & (lines["table"] == file["table"])].groupby("code").size()
        rules = self.rules.summary.drop_duplicates("code").set_index("code")
        summary = self.rules.summary
        own_table = summary["table"].str.removeprefix("previous.") == file["table"]
        skipped = summary[own_table & summary["status"].eq("skipped")]
        return {
            "file": file["file"],
            "table": file["table"],
            **{name: int(file[name]) for name in ROWS},
            "changes": [{"column": column, "why": why, "rows": int(rows)} for (column, why), rows in
                        own.groupby(["column", "why"]).size().items()],
            "set_aside": self.reasons(file),
            "rules_broken": [
                {
                    "code": code,
                    "severity": rules.loc[code, "severity"],
                    "rows": int(rows),
                    "message": rules.loc[code, "message"],
                }
                for code, rows in broken.items()
            ],
            "rules_skipped": [
                {"code": row["code"], "reason": row["reason_skipped"]} for _, row in skipped.iterrows()
            ],
        }  # fmt: skip

    def reasons(self, file: pd.Series) -> list[dict]:
        aside = self.collection.set_aside
        own = aside[
            (aside["file"] == file["file"]) & (aside["table"] == file["table"]) & (aside["outcome"] == "set aside")
        ]
        reasons = own.groupby(["column", "rule"]).size()
        return [{"column": column, "rule": rule, "rows": int(rows)} for (column, rule), rows in reasons.items()]


def check_folder(folder: Path) -> CheckReport:
    """Type the files of one folder and check every rule over them; writes nothing.

    The collection of the year before is used where it lies beside the folder, under its own last day.
    raises: NoDataError when the folder holds no return
    """
    if not folder.is_dir():
        raise NoDataError(f"{folder.name} is not a folder. Give the folder that holds the files of one return.")
    collection = type_collection(read_collection(folder, _period_of(folder)))
    return CheckReport(collection, check_rules(collection, _collection_before(folder)))


def _collection_before(folder: Path) -> Collection | None:
    try:
        own = to_date(folder.name)
    except InputError:
        return None
    beside = folder.parent / dt.date(return_year(own) - 1, 3, 31).isoformat()
    return type_collection(read_collection(beside, to_date(beside.name))) if beside.is_dir() else None


def _period_of(folder: Path) -> dt.date:
    """The folder's name where it is a date; else the 31 March on or after all but the latest hundredth of its dates."""
    try:
        return to_date(folder.name)
    except InputError:
        provisional = type_collection(read_collection(folder, LATEST_PERIOD))
    days = [table[column].dropna() for table in provisional.tables.values() for column in table
            if is_datetime64_any_dtype(table[column]) and column not in NOT_OF_THE_YEAR]  # fmt: skip
    known = pd.concat(days) if days else pd.Series(dtype="datetime64[us]")
    if known.empty:
        raise NoDataError(
            f"{folder.name}: no date in it tells which year it is of. Name the folder for the return's last day, such "
            f"as 2023-03-31."
        )
    # A slip such as 2099 for 2009 must not choose the year, so the latest hundredth of the dates is not looked at.
    return dt.date(return_year(known.quantile(0.99, interpolation="higher").date()), 3, 31)


def print_report(report: CheckReport) -> None:
    """Print the short form: one line per file, what was set aside and why, then the rules that are broken."""
    for _, file in report.collection.files.iterrows():
        print(f"{file['file']} ({file['table']}): {file['rows_read']:,} rows read, {file['rows_kept']:,} kept, "
              f"{file['rows_set_aside']:,} set aside, {file['rows_repeated']:,} exact repeats")  # fmt: skip
        for reason in report.reasons(file):
            where = f", {reason['column']}" if reason["column"] else ""
            print(f"  set aside, {reason['rows']:,} rows{where}: {reason['rule']}")
    print(f"{len(report.collection.changes):,} cells were read in another form than they stood in.")
    broken = report.rules.summary.query("status == 'broken'")
    for _, rule in broken.iterrows():
        print(f"- {rule['severity']} {rule['code']} ({rule['table']}), {rule['rows_broken']:,} rows: {rule['message']}")
    counts = report.rules.summary["status"].value_counts()
    passed, failed, skipped = (counts.get(status, 0) for status in ("passed", "broken", "skipped"))
    print(f"Rules: {passed} passed, {failed} broken, {skipped} could not run.")


def save_cleaned(cleaned: Cleaned, files: Sequence[ReturnFile], settings: Settings) -> list[Path]:
    """Write the borough's cleaned tables; with no return, take away what an earlier run left."""
    paths = {name: settings.borough_folder / f"{name}.parquet" for name in TABLES}
    if not files:
        for path in paths.values():
            path.unlink(missing_ok=True)
        return []
    return [save_table(getattr(cleaned, name), TABLES[name], path) for name, path in paths.items()]
