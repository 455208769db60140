"""A corrected copy of one return in the official layout, with an account of every change and every row left out.

A cell read with certainty in another form is written in its official one; a cell that cannot be read stays as it
stood, and its row with it. Left out are repeats, lines that fit no header and rows of no known table, each listed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from helpers.clean import Collection
from helpers.clean.values import HIDDEN, read_column
from helpers.codes import load_codelist
from helpers.errors import ContractError, InputError
from helpers.private_files import OWNER_ONLY, OWNER_ONLY_FOLDER
from helpers.read.formulas import SIGNS, is_formula
from helpers.read.received import ROW, ReturnFile
from helpers.settings import project_root
from helpers.spreadsheet_text import frame_as_text_alone

CHANGE_LOG, ROWS_LEFT_OUT = "change_log.csv", "rows_left_out.csv"
LOGS = {
    CHANGE_LOG: ["file", "table", "row", "column", "from", "to", "why"],
    ROWS_LEFT_OUT: ["file", "table", "row", "rule"],
}
"""The two accounts beside the tables, and their columns. `row` is the line in the file as received."""
REPEAT_RULE = "The same row, in its official form, stands earlier in the table."
BLANK_RULE = "No column of the table is filled in the row."
UNKNOWN_TABLE_RULE = "The columns are those of no table that is read. If it should be one, put its header right."
PAGES = ("index.html", "briefing.html")
"""What stands in a folder of reports: nothing of a child may be written under it."""
_PLACE = "_place"


class CorrectedReturn(NamedTuple):
    """One return in the official layout.

    tables: file name -> rows as text under the official header, in the order of codelists/ssda903_tables.csv
    changes, left_out: columns as in LOGS; a cell that tells of one person is told by its kind
    account: one row per table of the return with table, file (blank where it is of no known layout), rows_read,
        rows_written, rows_left_out and to_put_right (rows written that hold a cell which cannot be read, or a blank
        that must be filled)
    """

    tables: dict[str, pd.DataFrame]
    changes: pd.DataFrame
    left_out: pd.DataFrame
    account: pd.DataFrame


class _Corrected(NamedTuple):
    """One table. rows: the official columns; changes and left_out: with the place of the file they are of."""

    rows: pd.DataFrame
    changes: pd.DataFrame
    left_out: pd.DataFrame
    to_put_right: int


def correct_return(files: Sequence[ReturnFile], collection: Collection) -> CorrectedReturn:
    """Correct every table of one collection; two files of one table become one, in the order given.

    files: what `collection` was typed from (read.returns.read_collection)
    raises: InputError when a cell begins as a formula, or when the files are not those of the collection;
        ContractError when a row is neither written nor listed
    """
    read = collection.files[["file", "table", "checksum"]].to_numpy().tolist()
    if read != [[file.file, file.table, file.checksum] for file in files]:
        raise InputError("The files changed while they were read. Close them and run again. Nothing was written.")
    counted = collection.files[[not _is_our_log(file) for file in files]]
    files = [file for file in files if not _is_our_log(file)]
    names = load_codelist("return_files").set_index("table")["file"]
    done = {}
    for table, spec in load_codelist("ssda903_tables").groupby("table", sort=False):
        own = {place: file for place, file in enumerate(files) if file.table == table}
        if own:
            done[table] = _correct_table(own, spec, collection.return_year)
    lines = [_lines_of_no_row(place, file, known=file.table in done) for place, file in enumerate(files)]
    left_out = _log(files, [*lines, *(one.left_out for one in done.values())], ROWS_LEFT_OUT)
    headers = [
        file.changes.rename(columns={"found": "from", "put": "to"}).assign(**{_PLACE: place})
        for place, file in enumerate(files)
    ]
    changes = _log(files, [*headers, *(one.changes for one in done.values())], CHANGE_LOG)
    return CorrectedReturn(
        {names[table]: one.rows for table, one in done.items()},
        changes,
        left_out,
        _account(counted, done, left_out, names),
    )


def _is_our_log(file: ReturnFile) -> bool:
    """Say whether this is an account that an earlier copy wrote: it is no part of the return."""
    return file.file in LOGS and list(file.rows.columns) == [*LOGS[file.file], ROW]


# --- one table ----------------------------------------------------------------------------------------------------


def _correct_table(files: dict[int, ReturnFile], spec: pd.DataFrame, return_year: int) -> _Corrected:
    columns = spec["column"].tolist()
    text = pd.concat(
        [file.rows.reindex(columns=[*columns, ROW]).assign(**{_PLACE: place}) for place, file in files.items()],
        ignore_index=True,
    )
    text[columns] = text[columns].astype("str").fillna("")
    official, changes, wrong = {}, [], pd.Series(False, index=text.index)
    for _, column in spec.iterrows():
        name = column["column"]
        read = read_column(text[name], column, return_year)
        changed = read.why != ""
        official[name] = text[name].mask(changed, read.shown.astype("str"))
        wrong |= read.unread
        if column["needed"] == "yes":
            wrong |= official[name] == ""
        if changed.any():
            changes.append(_changes(text[changed], official[name][changed], read.why[changed], column))
    rows = pd.DataFrame(official)
    blank, repeated = (rows == "").all(axis=1), rows.duplicated()
    out = blank | repeated
    _refuse_formulas(files, rows[~out], text)
    rule = pd.Series(REPEAT_RULE, index=text.index).mask(blank, BLANK_RULE)
    left_out = pd.DataFrame({_PLACE: text[_PLACE], "row": text[ROW], "rule": rule})[out]
    headers = spec["header"].where(spec["header"] != "", spec["column"]).tolist()
    return _Corrected(
        rows[~out].set_axis(headers, axis=1),
        pd.concat([one[~out.loc[one.index]] for one in changes]) if changes else _NOTHING,
        left_out,
        int((wrong & ~out).sum()),
    )


def _changes(text: pd.DataFrame, put: pd.Series, why: pd.Series, column: pd.Series) -> pd.DataFrame:
    """Tell the cells that are written in another form; one that tells of a person is named by its kind, never shown."""
    personal = HIDDEN.get(column["kind"], "text") if column["personal"] else None
    return pd.DataFrame(
        {
            _PLACE: text[_PLACE],
            "row": text[ROW],
            "column": column["column"],
            "from": personal or text[column["column"]],
            "to": personal or put,
            "why": why,
        }
    )


def _refuse_formulas(files: dict[int, ReturnFile], rows: pd.DataFrame, text: pd.DataFrame) -> None:
    """Refuse a cell that a spreadsheet would run: written, it is a danger, and left out, a row would be lost."""
    found = {name: _runs(cells) for name, cells in rows.items()}
    cells = sum(int(mask.sum()) for mask in found.values())
    if not cells:
        return
    column, mask = next((name, mask) for name, mask in found.items() if mask.any())
    first = text.loc[mask.index[mask][0]]
    raise InputError(
        f"{files[first[_PLACE]].file}, row {first[ROW]}, column {column}: the cell begins as a formula does, and a "
        f"spreadsheet would run it ({cells:,} {'cell' if cells == 1 else 'cells'} in the table). A value was expected. "
        f"Put the value in its place and run again. No copy was written."
    )


def _runs(cells: pd.Series) -> pd.Series:
    signed = cells[cells.str.startswith(SIGNS)].unique()
    return cells.isin([cell for cell in signed if is_formula(cell)])


# --- the account --------------------------------------------------------------------------------------------------


_NOTHING = pd.DataFrame({_PLACE: pd.Series(dtype=int), "row": pd.Series(dtype=int)})


def _lines_of_no_row(place: int, file: ReturnFile, *, known: bool) -> pd.DataFrame:
    """List the lines of a file that could not become rows of its table, and all rows of a file of no known table."""
    lines = file.aside[["row", "rule"]]
    if not known:
        rows = pd.DataFrame({"row": file.rows[ROW], "rule": UNKNOWN_TABLE_RULE})
        lines = pd.concat([lines, rows], ignore_index=True)
    return lines.assign(**{_PLACE: place})


def _log(files: Sequence[ReturnFile], parts: list[pd.DataFrame], name: str) -> pd.DataFrame:
    """Put the parts of one account into the order of the files and their lines, with file and table named."""
    columns = LOGS[name]
    filled = [part for part in parts if len(part)]
    if not filled:
        return pd.DataFrame(columns=columns)
    lines = pd.concat(filled, ignore_index=True).sort_values([_PLACE, "row"], kind="stable", ignore_index=True)
    lines["file"] = lines[_PLACE].map(dict(enumerate(file.file for file in files)))
    lines["table"] = lines[_PLACE].map(dict(enumerate(file.table for file in files)))
    return lines[columns]


def _account(
    counted: pd.DataFrame, done: dict[str, _Corrected], left_out: pd.DataFrame, names: pd.Series
) -> pd.DataFrame:
    """Hold the rows that were read, as the collection counted them, against those written and listed."""
    read = counted.groupby("table", sort=False)["rows_read"].sum()
    out = left_out.groupby("table").size()
    tables = [*done, *(table for table in read.index if table not in done)]
    account = pd.DataFrame(
        {
            "table": tables,
            "file": [names[table] if table in done else "" for table in tables],
            "rows_read": [int(read[table]) for table in tables],
            "rows_written": [len(done[table].rows) if table in done else 0 for table in tables],
            "rows_left_out": [int(out.get(table, 0)) for table in tables],
            "to_put_right": [done[table].to_put_right if table in done else 0 for table in tables],
        }
    )
    wrong = account[account["rows_read"] != account["rows_written"] + account["rows_left_out"]]
    if len(wrong):
        raise ContractError(
            f"{', '.join(wrong['table'])}: the rows written and left out are not those that were read. "
            f"This is a fault of the software; please report it. No copy was written."
        )
    return account


# --- where it may go ----------------------------------------------------------------------------------------------


def refuse_place(out: Path, checked: Path) -> None:
    """Refuse a folder where children's data could be lost, leave the building or take the place of something.

    checked: the folder of the return itself
    raises: InputError where `out` is not a new or empty folder, or lies inside the return, a folder of reports, or a
        git repository (its data/ apart, which never enters git)
    """
    place, inside = out.resolve(), [out.resolve(), *out.resolve().parents]
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        _refuse(out, "is there already and is not an empty folder", "a new folder")
    if checked.resolve() in inside:
        _refuse(out, "lies inside the folder that is checked, where it would be read as part of it", "another folder")
    if any(one.name.casefold() == "reports" or any((one / page).exists() for page in PAGES) for one in inside):
        _refuse(out, "lies inside a folder of reports, which leave the building", "a folder that is not passed on")
    root = project_root(place.parent)
    ours = (root / "pyproject.toml").exists() and root in place.parents
    if ours and root / "data" not in place.parents:
        _refuse(out, "lies inside the repository, and could enter git", "a folder under data/, or one elsewhere")
    repository = next((one for one in inside if (one / ".git").exists()), root)
    if repository != root:
        _refuse(out, "lies inside a git repository, and could enter git", "a folder elsewhere")


def _refuse(out: Path, why: str, instead: str) -> None:
    raise InputError(f"{out.as_posix()} {why}. The copy holds children's data: give {instead}. Nothing was written.")


# --- the files ----------------------------------------------------------------------------------------------------


def save_corrected(corrected: CorrectedReturn, out: Path) -> list[str]:
    """Write the copy whole or not at all, readable by its owner alone. Gives one line per file, to be told.

    On Windows the rights of the folder above hold. `refuse_place` comes first.
    raises: InputError where the folder cannot be written; nothing is left behind then
    """
    place = out.resolve()
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        _make_folders(place.parent)
        beside.mkdir(mode=OWNER_ONLY_FOLDER)
        for name, rows in corrected.tables.items():
            _write(rows, beside / name)
        for name, rows in ((CHANGE_LOG, corrected.changes), (ROWS_LEFT_OUT, corrected.left_out)):
            _write(_as_text_alone(rows), beside / name)
        if place.exists():
            place.rmdir()
        beside.rename(place)
    except OSError as error:
        raise InputError(
            f"The copy cannot be written to {out.as_posix()} ({error.strerror}). Give a new folder that you may write "
            f"to. Nothing was written."
        ) from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return _told(corrected, out)


def _make_folders(folder: Path) -> None:
    for one in [*reversed(folder.parents), folder]:
        if not one.is_dir():
            one.mkdir(mode=OWNER_ONLY_FOLDER)


def _write(rows: pd.DataFrame, path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        # With both characters in the end of a line, a cell that holds either is put in quotes.
        rows.to_csv(file, index=False, lineterminator="\r\n")


def _as_text_alone(rows: pd.DataFrame) -> pd.DataFrame:
    """Put an apostrophe before what a spreadsheet would run: a header or a code as it stood may begin so.

    What begins with a plain sign is judged as on reading, so that dashes and numbers stay as they stood.
    """
    text = rows.astype("str")
    safe = frame_as_text_alone(text)
    return text.apply(lambda cells: cells.mask(_runs(cells) | ~cells.str.startswith(SIGNS), safe[cells.name]))


def _told(corrected: CorrectedReturn, out: Path) -> list[str]:
    lines = [
        f"{f'wrote {one.file}' if one.file else f'nothing written of {one.table}'}: {one.rows_read:,} rows read = "
        f"{one.rows_written:,} written + {one.rows_left_out:,} left out"
        for one in corrected.account.itertuples()
        if one.file or one.rows_read
    ]
    lines.append(f"wrote {CHANGE_LOG}: every change of a cell or a header ({len(corrected.changes):,})")
    lines.append(f"wrote {ROWS_LEFT_OUT}: every row left out and why ({len(corrected.left_out):,})")
    wrong = int(corrected.account["to_put_right"].sum())
    if wrong:
        lines.append(
            f"Still to be put right: {wrong:,} of the rows written, where a cell that cannot be read, or is blank and "
            f"must be filled, is as it stood. `briefings check {out.as_posix()}` tells why."
        )
    lines.append(
        f"{out.as_posix()} holds children's data and is readable by you alone: load it into the council's own system, "
        f"then delete it."
    )
    return lines
