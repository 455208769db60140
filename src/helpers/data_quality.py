"""The data-quality report of one return, as the command prints it, and the tables notebook 10 writes."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from pandas.api.types import is_datetime64_any_dtype

from helpers import schemas
from helpers.clean import OTHERS, Cleaned, Collection, link_collections, return_year, type_collection
from helpers.codes import boroughs, load_codelist
from helpers.completeness import count_not_known
from helpers.errors import InputError, NoDataError
from helpers.processed import save_table
from helpers.read.returns import ReturnFile, read_collection
from helpers.read.several_boroughs import ANY_PERIOD
from helpers.rules import RuleReport, check_rules
from helpers.schemas import check, columns_of
from helpers.settings import Settings, slug, to_date

TABLES = {
    "children": schemas.Children,
    "episodes": schemas.Episodes,
    "outcomes": schemas.Outcomes,
    "care_leavers": schemas.CareLeavers,
    "set_aside": schemas.SetAside,
    "files": schemas.FilesRead,
    "changes": schemas.Changes,
    "corrections": schemas.Corrections,
}
ROWS = ("rows_read", "rows_kept", "rows_set_aside", "rows_repeated")
NOT_OF_THE_YEAR = ("DOB", "MC_DOB", "DUC")
"""Dates that may lie far from the year of the return."""
MOST_SET_ASIDE = 0.5
"""Above this share of rows that cannot be used, a table is not counted from."""
LATEST_PERIOD = dt.date(2027, 3, 31)
"""The last return year whose layout is known: a first reading, to find out which year a folder is of."""
ANY_AREA = "E00000000"
"""Stands for the borough where the folder does not name one; nothing that is told depends on it."""


@dataclass(frozen=True)
class CheckReport:
    """One return, typed and checked: what became of every row, what was read in another form, which rules it breaks.

    collection: as typed, every row that can be read in it: what the rules are checked over
    files, set_aside: its account once what contradicts itself is set aside too, as notebook 10 gives it
    not_known: contract schemas.Completeness
    """

    collection: Collection
    rules: RuleReport
    files: pd.DataFrame
    set_aside: pd.DataFrame
    not_known: pd.DataFrame

    def to_json(self) -> str:
        """Give one entry per file, for other programs."""
        return json.dumps([self._entry(file) for _, file in self.files.iterrows()], indent=1)

    def _entry(self, file: pd.Series) -> dict:
        changes = _of_file(self.collection.changes, file).groupby(["column", "why"]).size()
        broken = _of_file(self.rules.rows, file).groupby("code").size()
        rules = self.rules.summary.drop_duplicates("code").set_index("code")
        summary = self.rules.summary
        own_table = summary["table"].str.removeprefix("previous.") == file["table"]
        skipped = summary[own_table & summary["status"].eq("skipped")]
        return {
            "file": file["file"],
            "table": file["table"],
            **{name: int(file[name]) for name in ROWS},
            "changes": [{"column": column, "why": why, "rows": int(rows)} for (column, why), rows in changes.items()],
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
            "rules_skipped": [{"code": row["code"], "reason": row["reason_skipped"]} for _, row in skipped.iterrows()],
        }

    def reasons(self, file: pd.Series) -> list[dict]:
        """Give why rows of a file were set aside: code and words of the rule, column, number of rows."""
        own = _of_file(self.set_aside, file).query("outcome == 'set aside'").groupby(["column", "code", "rule"]).size()
        return [
            {"column": column, "code": code, "rule": rule, "rows": int(rows)}
            for (column, code, rule), rows in own.items()
        ]


def _of_file(lines: pd.DataFrame, file: pd.Series) -> pd.DataFrame:
    return lines[(lines["file"] == file["file"]) & (lines["table"] == file["table"])]


def check_folder(folder: Path) -> CheckReport:
    """Type the files of one folder and check every rule over them; writes nothing.

    The collection of the year before is used where it lies beside the folder, under its own last day.
    raises: NoDataError when the folder holds no return
    """
    if not folder.is_dir():
        raise NoDataError(f"{folder.name} is not a folder. Give the folder that holds the files of one return.")
    folder = folder.resolve()  # `briefings check .` stands in a folder whose name is its day
    collection = type_collection(read_collection(folder, _period_of(folder)))
    before = _collection_before(folder)
    borough = _borough_of(folder)
    # Linked with a key that is thrown away: nothing is kept of it but the account and what is not known.
    both = [one for one in (before, collection) if one is not None]
    cleaned = link_collections(both, borough_code=borough or ANY_AREA, secret=secrets.token_bytes(32), others=())
    period = collection.period.isoformat()
    return CheckReport(
        collection,
        check_rules(collection, before, borough_code=borough),
        cleaned.files[cleaned.files["period"] == period],
        cleaned.set_aside[cleaned.set_aside["period"] == period],
        count_not_known(cleaned, collection.period),
    )


def _borough_of(folder: Path) -> str | None:
    codes = {slug(label): code for code, label in boroughs()[["code", "label"]].itertuples(index=False)}
    return codes.get(slug(folder.resolve().parent.name))


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
        # Files of several years are read whole: which year the folder is of is what is being looked for.
        files = [one._replace(period=LATEST_PERIOD) for one in read_collection(folder, ANY_PERIOD)]
        provisional = type_collection(files)
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
    """Print the short form: each file's rows, what was set aside and why, what is not known, which rules are broken."""
    for _, file in report.files.iterrows():
        print(f"{file['file']} ({file['table']}): {file['rows_read']:,} rows read, {file['rows_kept']:,} kept, "
              f"{file['rows_set_aside']:,} set aside, {file['rows_repeated']:,} exact repeats")  # fmt: skip
        for reason in report.reasons(file):
            where = f", {reason['column']}" if reason["column"] else ""
            print(f"  set aside by rule {reason['code']}, {reason['rows']:,} rows{where}: {reason['rule']}")
    print(f"{len(report.collection.changes):,} cells were read in another form than they stood in.")
    names = load_codelist("completeness").set_index("key")
    for gap in report.not_known.query("missing > 0").itertuples():
        told = names.loc[gap.key]
        print(f"not known: {told['name']}, {gap.missing:,} of {gap.children:,} ({told['base']})")
    _print_rules(report.rules.summary)


def _print_rules(summary: pd.DataFrame) -> None:
    for _, rule in summary.query("status == 'broken'").iterrows():
        print(f"- {rule['severity']} {rule['code']} ({rule['table']}), {rule['rows_broken']:,} rows: {rule['message']}")
    counts = summary["status"].value_counts()
    passed, failed, skipped = (counts.get(status, 0) for status in ("passed", "broken", "skipped"))
    print(f"Rules: {passed} passed, {failed} broken, {skipped} could not run.")


# --- notebook 10 --------------------------------------------------------------------------------------------------


def refuse_unusable(cleaned: Cleaned) -> None:
    """Refuse a borough of whose children or episodes more than half cannot be used: every figure would be wrong.

    raises: InputError naming the collection, the table, and the first row with its reason
    """
    counted = cleaned.files[cleaned.files["table"].isin(["header", "episodes"])]
    sums = counted.groupby(["period", "table"], as_index=False)[list(ROWS)].sum()
    bad = sums[sums["rows_set_aside"] > sums["rows_read"] * MOST_SET_ASIDE]
    for row in bad.itertuples():
        own = cleaned.set_aside.query("period == @row.period and table == @row.table and outcome == 'set aside'")
        first = own.iloc[0]
        raise InputError(
            f"The {row.table} table of {row.period}: {row.rows_set_aside:,} of {row.rows_read:,} rows cannot be used, "
            f"the first of them {first['file']}, line {first['row']}: {first['rule']} "
            f"No figure is made from such a return. Run `briefings check` on the folder for the lines, put them right "
            f"and run again."
        )


def check_latest(
    collections: Sequence[Collection], as_at: dt.date, *, borough_code: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Check the rules over the latest collection up to a day and the one before it.

    collections: of one borough, oldest first; borough_code: its ONS code
    returns: contract schemas.RulesChecked, and the broken rules' lines (period, code, table, file, row), for analysts
    """
    own = [one for one in collections if one.period <= as_at]
    checked = [(one, check_rules(one, _year_before(one, collections), borough_code=borough_code)) for one in own[-2:]]
    columns = columns_of(schemas.RulesChecked)
    summaries = [report.summary.assign(period=one.period.isoformat()) for one, report in checked]
    lines = [report.rows.assign(period=one.period.isoformat()) for one, report in checked]
    rules = pd.concat(summaries, ignore_index=True) if summaries else pd.DataFrame(columns=columns)
    return check(rules, schemas.RulesChecked, source="rules"), pd.concat(lines) if lines else pd.DataFrame()


def _year_before(own: Collection, collections: Sequence[Collection]) -> Collection | None:
    before = [one for one in collections if one.return_year == own.return_year - 1]
    return before[-1] if before else None


def not_known_latest(cleaned: Cleaned, as_at: dt.date) -> pd.DataFrame:
    """Count what is not known about children of the latest two collections up to a day: schemas.Completeness."""
    periods = sorted(day for day in cleaned.files["period"].unique() if day <= as_at.isoformat())[-2:]
    counted = [count_not_known(cleaned, dt.date.fromisoformat(period)) for period in periods]
    return pd.concat(counted, ignore_index=True) if counted else pd.DataFrame(columns=columns_of(schemas.Completeness))


def save_cleaned(
    cleaned: Cleaned, rules: pd.DataFrame, gaps: pd.DataFrame, files: Sequence[ReturnFile], settings: Settings
) -> list[Path]:
    """Write the borough's cleaned tables and their account; take away what an earlier run left and did not arrive."""
    tables = {name: (getattr(cleaned, name), contract) for name, contract in TABLES.items()}
    tables |= {name: (table, OTHERS[name]) for name, table in cleaned.others.items()}
    tables |= {"rules": (rules, schemas.RulesChecked), "not_known": (gaps, schemas.Completeness)}
    if not files:
        tables = {}
    for name in {*TABLES, *OTHERS, "rules", "not_known"} - set(tables):
        (settings.borough_folder / f"{name}.parquet").unlink(missing_ok=True)
    return [
        save_table(table, contract, settings.borough_folder / f"{name}.parquet")
        for name, (table, contract) in tables.items()
    ]
