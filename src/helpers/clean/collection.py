"""One collection, typed: every row of every file is kept, set aside with its rule, or an exact repeat.

Whatever is read with certainty is read and told in `changes`; whatever is not sets its row aside. Nothing is blanked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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
        for table, spec in _columns_of_tables().items()
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


@cache
def _columns_of_tables() -> dict[str, list[dict[str, str]]]:
    """Give the rows of codelists/ssda903_tables.csv by table."""
    spec = load_codelist("ssda903_tables")
    return {table: rows.to_dict("records") for table, rows in spec.groupby("table", sort=False)}


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


def _type_table(files: list[tuple[int, ReceivedFile]], spec: list[dict[str, str]], period: dt.date) -> _Typed:
    columns = [column["column"] for column in spec]
    text = _stack_text(files, columns)
    repeated = _exact_repeats(text, columns)
    log = []
    if repeated.any():
        log.append(_log(text[repeated], "", AGAIN, message_of(AGAIN), outcome="exact repeat"))
    alive, changes, values = ~repeated, [], {}
    for column in spec:
        name = column["column"]
        read = read_column(text[name], column, return_year(period))
        values[name] = read.typed
        for rows, other, why in _lost(read, column):
            if (rows & alive).any():
                log.append(_log(text[rows & alive], name, code_for_cell(column["table"], name, other), why))
                alive &= ~rows
        if read.cells:
            changes.append(_changes(text, column, read))
    kept = pd.DataFrame(values | {name: text[name] for name in (FILE, ROW, _PLACE)})
    kept = kept if alive.all() else kept[alive].reset_index(drop=True)
    arrived = {column for _, file in files for column in file.rows.columns}
    kept.attrs["absent"] = tuple(column for column in columns if column not in arrived)
    gone = values["CHILD"][~alive & ~repeated].dropna() if "CHILD" in values else ()
    return _Typed(kept, frozenset(gone), log, [one[alive[one.index]] for one in changes if len(one)])


def _stack_text(files: list[tuple[int, ReceivedFile]], columns: list[str]) -> pd.DataFrame:
    """Put the rows of all files of one table together as text, blank as ""; a column that did not arrive is blank."""
    text = pd.concat(
        [
            file.rows.reindex(columns=[*columns, ROW], fill_value="").assign(**{FILE: file.file, _PLACE: place})
            for place, file in files
        ],
        ignore_index=True,
    )
    for name in columns:
        if text[name].dtype != "str" or text[name].hasnans:
            text[name] = text[name].astype("str").fillna("")
    return text


def _exact_repeats(text: pd.DataFrame, columns: list[str]) -> NDArray[np.bool_]:
    """Find rows whose every cell stands in an earlier row; only those alike in the first cells are compared in all."""
    alike = text.duplicated(columns[:3], keep=False).to_numpy()
    repeated = np.zeros(len(text), dtype=bool)
    if alike.any():
        repeated[alike] = text.loc[alike, columns].duplicated()
    return repeated


def _lost(read: ColumnRead, column: Mapping[str, str]) -> list[tuple[NDArray[np.bool_], str, str]]:
    """Give the rows that a column sets aside, for each reason its kind and message: not read, then blank."""
    lost = []
    if read.cells:
        lost.append(
            (read.unread.to_numpy(), READ, f"The cell is not {read.wanted}. Put it right in the return and run again.")
        )
    if column["needed"] == "yes":
        blank = read.typed.isna() & ~read.unread if read.cells else read.typed.isna()
        lost.append((blank.to_numpy(), BLANK, message_of(BLANK)))
    return lost


def _changes(text: pd.DataFrame, column: Mapping[str, str], read: ColumnRead) -> pd.DataFrame:
    """Tell the cells read in another form; a cell that tells of one person is named by its kind, never shown."""
    why = read.why.to_numpy()
    rows = why != ""
    changed = text.loc[rows, [_PLACE, ROW, column["column"]]]
    personal = HIDDEN.get(column["kind"], "text") if column["personal"] else None
    return pd.DataFrame(
        {
            _PLACE: changed[_PLACE],
            "row": changed[ROW],
            "column": column["column"],
            "found": personal or changed[column["column"]],
            "put": personal or read.shown.to_numpy()[rows],
            "why": why[rows],
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


@cache
def _nothing(contract: type) -> pd.DataFrame:
    """Give a table of the contract without a row. To hold an empty one against it takes as long as a full one."""
    return check(pd.DataFrame(columns=columns_of(contract)), contract, source=contract.__name__)


def _tell_changes(files: Sequence[ReceivedFile], cells: list[pd.DataFrame]) -> pd.DataFrame:
    headers = [file.changes.assign(**{_PLACE: place}) for place, file in enumerate(files) if len(file.changes)]
    if not headers and not cells:
        return _nothing(Changes).copy()
    lines = pd.concat([*headers, *cells], ignore_index=True).sort_values([_PLACE, "row"], kind="stable")
    return check(_named(files, lines).drop(columns=_PLACE), Changes, source="changes")


def _tell_set_aside(files: Sequence[ReceivedFile], log: pd.DataFrame) -> pd.DataFrame:
    if log.empty:
        return _nothing(SetAside).copy()
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
