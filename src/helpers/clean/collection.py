"""One collection, typed: every row of every file is kept, set aside with its rule, or an exact repeat.

Whatever is read with certainty is read and told in `changes`; whatever is not sets its row aside. Nothing is blanked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import pandas as pd

from helpers.clean.ages import return_year
from helpers.clean.setting_aside import (
    AGAIN,
    BLANK,
    LOG_COLUMNS,
    READ,
    aside,
    code_for_cell,
    code_for_line,
    code_for_table,
    message_of,
)
from helpers.clean.values import HIDDEN, ColumnRead, read_column
from helpers.codes import load_codelist
from helpers.errors import InputError
from helpers.schemas import Changes, FilesRead, SetAside, check, columns_of

ROW, FILE = "_row", "_file"
_PLACE = "_place"


class ReceivedFile(Protocol):
    """What `clean` needs of a file as read: see read.received.ReturnFile."""

    period: dt.date
    file: str
    table: str
    checksum: str
    rows: pd.DataFrame
    aside: pd.DataFrame
    changes: pd.DataFrame


class Collection(NamedTuple):
    """One borough's collection of one period, typed.

    period: its last day; return_year: the year of the next 31 March on or after it
    tables: table name -> rows kept; the tables of codelists/ssda903_tables.csv that arrived, in its order, with its
        columns in order, then `_file` and `_row`. Dates are datetime64[us], flags and numbers float, all else text;
        blank is missing. A column that did not arrive is all missing and named in `attrs["absent"]`.
    changes, set_aside, files: contracts schemas.Changes, SetAside and FilesRead
    children_aside: table -> children of whom a row was set aside, so that a rule does not call them missing there;
        held in memory only
    """

    period: dt.date
    return_year: int
    tables: dict[str, pd.DataFrame]
    changes: pd.DataFrame
    set_aside: pd.DataFrame
    files: pd.DataFrame
    children_aside: dict[str, frozenset[str]]


class _Typed(NamedTuple):
    """One table on its way. kept has `_place`, the number of the file each row came from."""

    kept: pd.DataFrame
    children_aside: frozenset[str]
    log: list[pd.DataFrame]
    changes: list[pd.DataFrame]


def type_collection(files: Sequence[ReceivedFile]) -> Collection:
    """Type all files of one collection; two files of one table are stacked, in the order given.

    files: of one period (read.returns.read_collection)
    raises: InputError when there is no file, or files of several periods
    """
    periods = {file.period for file in files}
    if len(periods) != 1:
        raise InputError(f"A collection has files of one period, not of {len(periods)}. Read one folder at a time.")
    period = periods.pop()
    typed = {
        table: _type_table([(place, file) for place, file in enumerate(files) if file.table == table], spec, period)
        for table, spec in load_codelist("ssda903_tables").groupby("table", sort=False)
        if any(file.table == table for file in files)
    }
    unknown = [
        _log(pd.DataFrame({ROW: file.rows[ROW], _PLACE: place}), "", code, message_of(code))
        for place, file in enumerate(files)
        if file.table not in typed
        for code in (code_for_table(file.table),)
    ]
    lines = [
        file.aside.assign(outcome="set aside", code=file.aside["column"].map(code_for_line), **{_PLACE: place})
        for place, file in enumerate(files)
        if len(file.aside)
    ]
    log = pd.concat([_NO_LOG, *unknown, *lines, *(part for one in typed.values() for part in one.log)])
    return Collection(
        period,
        return_year(period),
        {table: one.kept.drop(columns=_PLACE) for table, one in typed.items()},
        _tell_changes(files, [part for one in typed.values() for part in one.changes]),
        _tell_set_aside(files, log),
        _tell_files(files, log, [one.kept[_PLACE] for one in typed.values()]),
        {table: one.children_aside for table, one in typed.items() if one.children_aside},
    )


def year_warnings(collection: Collection) -> pd.DataFrame:
    """Tell the codes that belong to another return year. They are kept: councils and peers differ on the years.

    returns: table, column, code, first_year, last_year (text, blank for no limit) and rows, in order
    """
    spec = load_codelist("ssda903_tables")
    found = []
    for column in spec[spec["kind"] == "code"].itertuples():
        rows = collection.tables.get(column.table)
        if rows is None:
            continue
        listed = load_codelist(column.codelist)
        first, last = (pd.to_numeric(listed[name].replace("", None)) for name in ("first_year", "last_year"))
        other = listed[(first > collection.return_year) | (last < collection.return_year)]
        counts = rows[column.column].value_counts()
        found += [
            (column.table, column.column, one.code, one.first_year, one.last_year, int(counts[one.code]))
            for one in other.itertuples()
            if one.code in counts
        ]
    return pd.DataFrame(found, columns=["table", "column", "code", "first_year", "last_year", "rows"])


# --- one table ----------------------------------------------------------------------------------------------------


def _type_table(files: list[tuple[int, ReceivedFile]], spec: pd.DataFrame, period: dt.date) -> _Typed:
    columns = spec["column"].tolist()
    text = pd.concat(
        [
            file.rows.reindex(columns=[*columns, ROW]).assign(**{FILE: file.file, _PLACE: place})
            for place, file in files
        ],
        ignore_index=True,
    )
    text[columns] = text[columns].astype("str").fillna("")
    repeated = text.duplicated(subset=columns)
    log = []
    if repeated.any():
        log.append(_log(text[repeated], "", AGAIN, message_of(AGAIN), outcome="exact repeat"))
    alive, changes, values = ~repeated, [], {}
    for _, column in spec.iterrows():
        name = column["column"]
        read = read_column(text[name], column, return_year(period))
        values[name] = read.typed
        rule = f"The cell is not {read.wanted}. Put it right in the return and run again."
        blank = read.typed.isna() & ~read.unread & (column["needed"] == "yes")
        for rows, other, why in ((read.unread, READ, rule), (blank, BLANK, message_of(BLANK))):
            if (rows & alive).any():
                log.append(_log(text[rows & alive], name, code_for_cell(column["table"], name, other), why))
                alive &= ~rows
        if (read.why != "").any():
            changes.append(_changes(text, column, read))
    kept = pd.DataFrame(values).assign(**{name: text[name] for name in (FILE, ROW, _PLACE)})[alive]
    arrived = {column for _, file in files for column in file.rows.columns}
    kept.attrs["absent"] = tuple(column for column in columns if column not in arrived)
    gone = values["CHILD"][~alive & ~repeated].dropna() if "CHILD" in values else ()
    return _Typed(kept.reset_index(drop=True), frozenset(gone), log, [one[alive.loc[one.index]] for one in changes])


def _changes(text: pd.DataFrame, column: pd.Series, read: ColumnRead) -> pd.DataFrame:
    """Tell the cells read in another form; a cell that tells of one person is named by its kind, never shown."""
    changed = text.loc[read.why != "", [_PLACE, ROW, column["column"]]]
    personal = HIDDEN.get(column["kind"], "text") if column["personal"] else None
    return pd.DataFrame(
        {
            _PLACE: changed[_PLACE],
            "row": changed[ROW],
            "column": column["column"],
            "found": personal or changed[column["column"]],
            "put": personal or read.shown[changed.index],
            "why": read.why[changed.index],
        }
    )


def _log(rows: pd.DataFrame, column: str, code: str, rule: str, *, outcome: str = "set aside") -> pd.DataFrame:
    return aside(rows[ROW], column, code, rule, outcome=outcome).assign(**{_PLACE: rows[_PLACE]})


_NO_LOG = pd.DataFrame(
    {_PLACE: pd.Series(dtype=int), "row": pd.Series(dtype=int)}
    | {name: pd.Series(dtype="str") for name in LOG_COLUMNS if name != "row"}
)


# --- the account --------------------------------------------------------------------------------------------------


def _named(files: Sequence[ReceivedFile], lines: pd.DataFrame) -> pd.DataFrame:
    """Put period, file and table in the place of the file's number."""
    places = lines[_PLACE].to_numpy()
    told = pd.DataFrame(
        {"period": [file.period.isoformat() for file in files], "file": [file.file for file in files],
         "table": [file.table for file in files]}, dtype="str",
    )  # fmt: skip
    return told.take(places).set_axis(lines.index).join(lines)


def _tell_changes(files: Sequence[ReceivedFile], cells: list[pd.DataFrame]) -> pd.DataFrame:
    headers = [file.changes.assign(**{_PLACE: place}) for place, file in enumerate(files) if len(file.changes)]
    if not headers and not cells:
        return check(pd.DataFrame(columns=columns_of(Changes)), Changes, source="changes")
    lines = pd.concat([*headers, *cells], ignore_index=True).sort_values([_PLACE, "row"], kind="stable")
    return check(_named(files, lines).drop(columns=_PLACE), Changes, source="changes")


def _tell_set_aside(files: Sequence[ReceivedFile], log: pd.DataFrame) -> pd.DataFrame:
    lines = log.sort_values([_PLACE, "row"], kind="stable", ignore_index=True)
    return check(_named(files, lines).drop(columns=_PLACE), SetAside, source="set_aside")


def _tell_files(files: Sequence[ReceivedFile], log: pd.DataFrame, kept: list[pd.Series]) -> pd.DataFrame:
    """Count what became of every row. The rows kept are counted in the tables, so that the contract checks the sum."""
    lines = log.groupby([_PLACE, "outcome"]).size()
    rows = pd.concat(kept).value_counts() if kept else {}
    told = [
        (
            file.period.isoformat(),
            file.file,
            file.table,
            file.checksum,
            len(file.rows) + len(file.aside),
            int(rows.get(place, 0)),
            *(int(lines.get((place, outcome), 0)) for outcome in ("set aside", "exact repeat")),
        )
        for place, file in enumerate(files)
    ]
    return check(pd.DataFrame(told, columns=columns_of(FilesRead)), FilesRead, source="files")
