"""Published tables of DfE and ONS as downloaded, put together: counts, populations, neighbours and each file's fate.

Two releases of one year are never mixed: DfE restates five years with each release, and the numbers hidden in one may
be worked out from the other. Each series (one breakdown of one indicator) is told, for each year, from the latest
release that has it, whole.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from helpers.codes import areas, load_catalogue
from helpers.errors import InputError, NoDataError
from helpers.read.csv_tables import CsvTable, NotATable, TableRead, list_files, read_csv_table, some
from helpers.read.ees import is_ees, read_ees
from helpers.read.neighbours import ERA as NEIGHBOURS
from helpers.read.neighbours import combine_neighbours, is_neighbours, read_neighbours
from helpers.read.populations import combine_populations, population_reader
from helpers.read.returns import MADE_UP_NAME
from helpers.read.sfr import is_sfr, read_sfr
from helpers.schemas import KEY, Counts, Neighbours, Population, check, columns_of

SOURCE = "DfE, Children looked after in England including adoptions"
MADE_UP_SOURCE = "Made-up figures in DfE's layout"
CELL = ["borough_code", "year", "indicator", "category", "ethnic_group", "gender", "age_band"]
FILE_COLUMNS = [
    "file", "kind", "era", "release", "first_period", "last_period", "checksum",
    "rows_read", "rows_used", "rows_left_out", "why",
]  # fmt: skip


class Published(NamedTuple):
    """What a folder of published files holds.

    counts: contract schemas.Counts. population: contract schemas.Population. neighbours: contract schemas.Neighbours
    files: one row per file found; rows_read = rows_used + rows_left_out, and `why` tells each reason with its rows
    """

    counts: pd.DataFrame
    population: pd.DataFrame
    neighbours: pd.DataFrame
    files: pd.DataFrame


def read_published(folder: Path) -> Published:
    """Read every table of DfE and ONS in the folder and its sub-folders. Tables are known by their columns and labels.

    raises: InputError naming file, line and column of a known table that is broken, or two files that disagree;
        UnlistedCodeError for a label that no codelist has; NoDataError when there is no table to read at all
    """
    if not folder.is_dir():
        raise InputError(
            f"There is no folder {folder.name}. Make it, and put the files of DfE and ONS in it as downloaded (CSV)."
        )
    found = [_read_file(path, folder) for path in list_files(folder)]
    reads = [_marked_if_made_up(one) for one in found if isinstance(one, TableRead)]
    if not any(len(one.rows) for one in reads if one.era != NEIGHBOURS):
        raise NoDataError(_nothing_to_read(folder, found))
    kept, older = _latest_release([one for one in reads if one.era not in ("ONS", NEIGHBOURS)])
    population, older_estimates = combine_populations([one for one in reads if one.era == "ONS"])
    neighbours, older_models = combine_neighbours([one for one in reads if one.era == NEIGHBOURS])
    return Published(
        counts=check(_to_counts(kept), Counts, source=folder.name),
        population=check(population, Population, source=folder.name),
        neighbours=check(neighbours, Neighbours, source=folder.name),
        files=_to_files(found, pd.concat([older, older_estimates, older_models], ignore_index=True)),
    )


def _marked_if_made_up(one: TableRead) -> TableRead:
    """Let the source of invented figures say so: they lie in the publishers' layouts and are not the publishers'."""
    if not Path(one.file).name.startswith(MADE_UP_NAME):
        return one
    if one.era == NEIGHBOURS:
        return (
            one._replace(rows=one.rows.assign(model=one.rows["model"] + " (made up)")) if "model" in one.rows else one
        )
    source = one.rows["source"] + " (made up)" if "source" in one.rows else MADE_UP_SOURCE
    return one._replace(rows=one.rows.assign(source=source))


def _read_file(path: Path, folder: Path) -> TableRead | NotATable:
    table = read_csv_table(path, folder)
    if isinstance(table, NotATable):
        return table
    reader = _find_reader(table)
    if reader is None:
        return table.not_read(f"columns not known: {some(table.header)}")
    if table.cells.empty:
        raise InputError(f"{table.file}: a header with no line under it.\nDownload it again.\nNothing was written.")
    return reader(table)


def _find_reader(table: CsvTable) -> Callable[[CsvTable], TableRead | NotATable] | None:
    reader = population_reader(table)
    if reader is not None:
        return reader
    if is_neighbours(table):
        return read_neighbours
    if is_ees(table):
        return read_ees
    return read_sfr if is_sfr(table) else None


def _nothing_to_read(folder: Path, found: list[TableRead | NotATable]) -> str:
    what = "\n".join(f"- {one.file}: {_reason(one)}" for one in found[:10])
    more = f"\nand {len(found) - 10} more files" if len(found) > 10 else ""
    seen = f" What is there:\n{what}{more}" if found else " The folder is empty."
    return (
        f"{folder.name} holds no table of DfE or ONS that can be read.{seen}\nPut the CSV files of 'Children looked "
        f"after in England including adoptions' (DfE) and of the mid-year population estimates (ONS) in it."
    )


def _reason(one: TableRead | NotATable) -> str:
    return one.why if isinstance(one, NotATable) else f"{one.kind}: {one.left_out.iloc[0]}"


def _latest_release(reads: list[TableRead]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep each series of each year from its latest release.

    returns: the rows kept, one per cell; and the lines not used: file, line, year, what
    raises: InputError when files of one release give a cell different numbers
    """
    told = [one for one in reads if len(one.rows)]
    parts = [
        one.rows.assign(
            file=one.file, release=one.release, release_year=one.release_year, source=one.rows.get("source", SOURCE)
        )
        for one in told
    ]
    if not parts:
        return pd.DataFrame(columns=[*CELL, "file"]), pd.DataFrame(columns=["file", "line", "year", "what"])
    rows = pd.concat(parts, ignore_index=True)
    latest = rows.groupby(["series", "year"], sort=False)["release_year"].transform("max").eq(rows["release_year"])
    kept, older = rows[latest], _lines(rows[~latest])
    used = pd.MultiIndex.from_frame(_lines(kept)[["file", "line"]])
    older = older[~pd.MultiIndex.from_frame(older[["file", "line"]]).isin(used)].drop_duplicates(["file", "line"])
    return _one_per_cell(kept), older.assign(what="older release")


def _lines(rows: pd.DataFrame) -> pd.DataFrame:
    """List the lines that numbers and their bases stand on: file, line, year."""
    own = rows[["file", "line", "year"]]
    bases = rows.loc[rows["base_line"].notna(), ["file", "base_line", "year"]].rename(columns={"base_line": "line"})
    return pd.concat([own, bases.astype({"line": int})], ignore_index=True)


def _one_per_cell(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep one row of a cell that several files of its release tell: a number before a symbol, with its base."""
    repeated = rows[rows.duplicated(CELL, keep=False)]
    for column in ("numerator", "denominator"):
        spread = repeated.groupby(CELL)[column].agg(["min", "max"])
        odd = spread[spread["min"] < spread["max"]]
        if len(odd):
            _refuse_disagreement(repeated, column, dict(zip(CELL, odd.index[0], strict=True)))
    order = rows.assign(hidden=rows["numerator"].isna(), baseless=rows["denominator"].isna())
    return order.sort_values([*CELL, "hidden", "baseless", "file", "line"]).drop_duplicates(CELL)


def _refuse_disagreement(rows: pd.DataFrame, column: str, cell: dict[str, object]) -> None:
    own = rows[(rows[CELL] == pd.Series(cell)).all(axis=1) & rows[column].notna()]
    told = "; ".join(f"{row['file']}, line {row['line']}: {row[column]:g}" for _, row in own.iterrows())
    place = ", ".join(str(part) for part in cell.values())
    raise InputError(
        f"Files of one release give different numbers ({column}) for {place}.\n{told}.\n"
        f"Keep the files of one download and take the others out.\nNothing was written."
    )


def _to_counts(rows: pd.DataFrame) -> pd.DataFrame:
    if rows.empty:
        return pd.DataFrame(columns=columns_of(Counts))
    catalogue = load_catalogue().set_index("key")
    names = areas().set_index("code")["label"]
    counts = rows.assign(
        borough=rows["borough_code"].map(names),
        period_end=pd.to_datetime(rows["year"].astype(str) + "-03-31"),
        period_type=rows["indicator"].map(catalogue["period_type"]),
        unit=rows["indicator"].map(catalogue["unit"]),
    )
    return counts[columns_of(Counts)].sort_values(KEY, ignore_index=True)


def _to_files(found: list[TableRead | NotATable], not_used: pd.DataFrame) -> pd.DataFrame:
    lines = dict(list(not_used.groupby("file")))
    files = pd.DataFrame([_file_row(one, lines.get(one.file)) for one in found], columns=FILE_COLUMNS)
    periods = ("first_period", "last_period")
    return files.assign(**{name: pd.to_datetime(files[name], format="ISO8601") for name in periods})


def _file_row(one: TableRead | NotATable, not_used: pd.DataFrame | None) -> tuple:
    if isinstance(one, NotATable):
        return (one.file, "", "", "", None, None, one.checksum, one.rows, 0, one.rows, one.why)
    left_out = one.left_out.copy()
    if not_used is not None:
        years = [str(year) for year in sorted(not_used["year"].unique())]
        listed = " and ".join([part for part in (", ".join(years[:-1]), years[-1]) if part])
        left_out.loc[not_used["line"]] = f"{not_used['what'].iloc[0]} of {listed} not used"
    told = left_out[left_out.ne("")].value_counts(sort=False)
    rows = (f"{number:,} {'row' if number == 1 else 'rows'}: {reason}" for reason, number in told.items())
    why = "; ".join([*one.notes, *rows])
    first, last = (day or None for day in one.periods)
    read, used = len(left_out), int(left_out.eq("").sum())
    return (one.file, one.kind, one.era, one.release, first, last, one.checksum, read, used, read - used, why)
