"""The data-quality report of one return: what arrived, what was kept, what was set aside and why."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from helpers.clean import Cleaned, clean_returns
from helpers.errors import InputError, NoDataError
from helpers.processed import save_table
from helpers.read.returns import ReturnFile, read_collection
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


@dataclass(frozen=True)
class CheckReport:
    """One return, file by file. `files`: contract schemas.FilesRead; `set_aside`: contract schemas.SetAside."""

    files: pd.DataFrame
    set_aside: pd.DataFrame

    def to_json(self) -> str:
        """Give one entry per file, for other programs."""
        return json.dumps([self._entry(file) for _, file in self.files.iterrows()], indent=1)

    def _entry(self, file: pd.Series) -> dict:
        own = self.set_aside[(self.set_aside["file"] == file["file"]) & (self.set_aside["outcome"] == "set aside")]
        broken = own.groupby(["column", "rule"]).size()
        return {
            "file": file["file"],
            "table": file["table"],
            **{name: int(file[name]) for name in ROWS},
            "changes": [],
            "rules_broken": [
                {"column": column, "rule": rule, "rows": int(rows)} for (column, rule), rows in broken.items()
            ],
            "rules_skipped": [],
        }


def check_folder(folder: Path) -> CheckReport:
    """Clean the files of one folder and report; writes nothing.

    raises: NoDataError when the folder holds no return
    """
    if not folder.is_dir():
        raise NoDataError(f"{folder.name} is not a folder. Give the folder that holds the files of one return.")
    period = _period_of(folder)
    # A report needs no identifier that lasts: a throw-away key leaves this installation's secret alone.
    cleaned = clean_returns(read_collection(folder, period), borough_code="E00000000", secret=b"report only")
    return CheckReport(cleaned.files, cleaned.set_aside)


def _period_of(folder: Path) -> dt.date:
    """The folder's name where it is a date; else the first 31 March on or after the last episode start in the files."""
    try:
        return to_date(folder.name)
    except InputError:
        files = read_collection(folder, dt.date.max)
    days = [day for file in files if file.table == "episodes" for day in file.rows["DECOM"].map(_day_or_none) if day]
    if not days:
        raise NoDataError(
            f"{folder.name}: no episode with a start date (DECOM). Name the folder for the return's last day, "
            f"such as 2023-03-31."
        )
    last = max(days)
    return dt.date(last.year + ((last.month, last.day) > (3, 31)), 3, 31)


def _day_or_none(cell: str) -> dt.date | None:
    for form in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return dt.datetime.strptime(cell, form).date()
        except ValueError:
            continue
    return None


def print_report(report: CheckReport) -> None:
    """Print the short form: one line per file, then each reason with its number of rows."""
    for _, file in report.files.iterrows():
        print(
            f"{file['file']} ({file['table']}): {file['rows_read']:,} rows read, {file['rows_kept']:,} kept, "
            f"{file['rows_set_aside']:,} set aside, {file['rows_repeated']:,} exact repeats"
        )
    own = report.set_aside[report.set_aside["outcome"] == "set aside"]
    for (file, column, rule), rows in own.groupby(["file", "column", "rule"]).groups.items():
        lines = ", ".join(str(row) for row in own.loc[rows, "row"].head(5))
        print(
            f"- {file}{', column ' + column if column else ''}, {len(rows):,} rows (lines {lines}"
            f"{', ...' if len(rows) > 5 else ''}): {rule}"
        )


def save_cleaned(cleaned: Cleaned, files: Sequence[ReturnFile], settings: Settings) -> list[Path]:
    """Write the borough's cleaned tables; with no return, take away what an earlier run left."""
    paths = {name: settings.borough_folder / f"{name}.parquet" for name in TABLES}
    if not files:
        for path in paths.values():
            path.unlink(missing_ok=True)
        return []
    return [save_table(getattr(cleaned, name), TABLES[name], path) for name, path in paths.items()]
