"""Rows that can be read and cannot be counted: they contradict another row, or the collection's own day.

They stay in the typed tables that the rules are checked over, so every rule sees them. For counting, one row has to
stand for one thing; which of two contradicting rows is right nobody can know, so the choice is fixed, made once, told
with its rule, and never made by changing a cell.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from helpers.clean.collection import FILE, ROW, Collection
from helpers.clean.setting_aside import LOG_COLUMNS, aside, message_of
from helpers.codes import load_codelist
from helpers.schemas import FilesRead, SetAside, check

FIRST_KEPT = "The first was kept."
ENDED_KEPT = "The one with an end date was kept."
KEY = ["file", "table"]


def set_aside_contradictions(collections: Sequence[Collection]) -> list[Collection]:
    """Set aside what cannot be counted, in each collection of one borough.

    Rows without a header row are looked up in the headers of all the collections given.
    returns: the collections in the order given, with fewer rows in their tables and an account that still adds up
    """
    listed = load_codelist("cleaned_tables").set_index("table")
    consistent = [_of_one_collection(one, listed) for one in collections]
    children = pd.concat([one.tables["header"]["CHILD"] for one in consistent if "header" in one.tables] or [_NOBODY])
    known = pd.Index(children.astype(object).unique())
    return [_with_header_only(one, known, listed) for one in consistent]


_NOBODY = pd.Series(dtype=object)
_NOTHING = pd.DataFrame(columns=[*LOG_COLUMNS, *KEY])


def move_aside(collection: Collection, logs: Sequence[pd.DataFrame]) -> Collection:
    """Take rows out of a collection's tables and into its account.

    logs: results of `log_rows`, their index that of the rows in the table
    """
    logs = [log for log in logs if len(log)]
    if not logs:
        return collection
    tables = dict(collection.tables)
    for log in logs:
        table = log["table"].iloc[0]
        kept = tables[table].drop(index=log.index)
        kept.attrs = tables[table].attrs
        tables[table] = kept
    told = pd.concat([collection.set_aside, *(log.assign(period=collection.period.isoformat()) for log in logs)])
    told = told.sort_values(["file", "row"], kind="stable", ignore_index=True)
    moved = pd.concat(logs).groupby(KEY).size()
    here = moved.reindex(pd.MultiIndex.from_frame(collection.files[KEY]), fill_value=0).to_numpy()
    files = collection.files.assign(
        rows_kept=collection.files["rows_kept"] - here, rows_set_aside=collection.files["rows_set_aside"] + here
    )
    return collection._replace(
        tables={name: rows.reset_index(drop=True) for name, rows in tables.items()},
        set_aside=check(told, SetAside, source="set_aside"),
        files=check(files, FilesRead, source="files"),
    )


def log_rows(rows: pd.DataFrame, table: str, column: str, code: str, *, kept: str = "") -> pd.DataFrame:
    """Tell of rows to move aside, with the words of their rule. kept: what was done instead, if anything."""
    if rows.empty:
        return _NOTHING
    rule = f"{message_of(code)} {kept}".strip()
    return aside(rows[ROW], column, code, rule).assign(file=rows[FILE], table=table)


def _of_one_collection(collection: Collection, listed: pd.DataFrame) -> Collection:
    last_day = pd.Timestamp(collection.period)
    logs = []
    for table, rows in collection.tables.items():
        found = _impossible(table, rows, last_day)
        left = rows.drop(index=[place for log in found for place in log.index]) if found else rows
        keys, code = listed.loc[table, "one_row_per"].split(), listed.loc[table, "repeat_rule"]
        ended = table == "episodes"
        # Sorting is slow and most returns have no repeat: it is looked for first, in the order the rows stand in.
        if left.duplicated(subset=keys).any():
            order = left.sort_values("DEC", na_position="last", kind="stable") if ended else left
            again = order[order.duplicated(subset=keys)].sort_index()
            found.append(log_rows(again, table, keys[-1], code, kept=ENDED_KEPT if ended else FIRST_KEPT))
        logs += _one_log(found)
    return move_aside(collection, logs)


def _impossible(table: str, rows: pd.DataFrame, last_day: pd.Timestamp) -> list[pd.DataFrame]:
    """Rows whose own dates leave no day on which they could be counted."""
    wrong = {}
    if table == "header":
        wrong = {("DOB", "301"): rows["DOB"] > last_day}
    elif table == "episodes":
        backwards = rows["DEC"] < rows["DECOM"]
        wrong = {("DEC", "356"): backwards, ("DECOM", "354"): (rows["DECOM"] > last_day) & ~backwards}
    return [log_rows(rows[broken], table, *where) for where, broken in wrong.items() if broken.any()]


def _one_log(found: list[pd.DataFrame]) -> list[pd.DataFrame]:
    filled = [log for log in found if len(log)]
    return [pd.concat(filled)] if filled else []


def _with_header_only(collection: Collection, known: pd.Index, listed: pd.DataFrame) -> Collection:
    """Set aside rows of a child no header tells: without birth date and ethnicity it cannot be counted."""
    logs = []
    for table, rows in collection.tables.items():
        code = listed.loc[table, "no_header_rule"]
        if code:
            stray = ~rows["CHILD"].astype(object).isin(known)
            if stray.any():
                logs.append(log_rows(rows[stray], table, "CHILD", code))
    return move_aside(collection, logs)
