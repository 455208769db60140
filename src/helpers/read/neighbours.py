"""Statistical neighbours: the authorities that DfE's model finds most like each borough, from the files of each model.

A file of a model has a line per authority and its ten neighbours beside it, as DfE's three-digit numbers. Their names
stand in the same file, in codelists/areas.csv, or in DfE's list of authorities when that is in the folder.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import pandas as pd

from helpers.codes import boroughs, find_borough, load_codelist
from helpers.errors import InputError, UnlistedCodeError
from helpers.read.csv_tables import CsvTable, TableRead, has_columns, refusal
from helpers.schemas import Neighbours, columns_of
from helpers.schemas.neighbours import MOST_NEIGHBOURS
from helpers.tables import Column, Table

ERA = "neighbours"
RANKS = range(1, MOST_NEIGHBOURS + 1)
AUTHORITY_LIST = ["LA Number", "LA Name", "Region", "Type"]
YEAR_IN_NAME = re.compile(r"(?<!\d)20\d\d(?!\d)")


def neighbours_of(neighbours: pd.DataFrame, borough: str) -> pd.DataFrame:
    """Give one borough's statistical neighbours, the nearest first; no row where no file tells them.

    neighbours: contract schemas.Neighbours
    raises: UnknownBoroughError for a name that is no London borough
    """
    own = neighbours[neighbours["borough_code"].eq(find_borough(borough)["code"])]
    return own.sort_values("rank", ignore_index=True)


def neighbours_table(neighbours: pd.DataFrame) -> Table:
    """Give one row per borough: its neighbours in order, how many are London boroughs, and the model."""
    named = neighbours.assign(
        shown=neighbours["neighbour"].where(
            neighbours["neighbour"].ne(""), "authority " + neighbours["neighbour_code"]
        ),
        within=neighbours["neighbour_code"].str.startswith("E09"),
    ).sort_values(["borough", "rank"])
    told = named.groupby("borough", as_index=False).agg(
        listed=("shown", ", ".join), within=("within", "sum"), model=("model", "first")
    )
    columns = (
        Column("borough", "Borough"), Column("listed", "Statistical neighbours, nearest first"),
        Column("within", "In London", "whole"), Column("model", "Model of"),
    )  # fmt: skip
    return Table("Statistical neighbours", told, columns)


def is_neighbours(table: CsvTable) -> bool:
    """Tell whether a table is a model of statistical neighbours, or DfE's list of authorities that names them."""
    return _layout_of(table) is not None or has_columns(table, AUTHORITY_LIST)


def read_neighbours(table: CsvTable) -> TableRead:
    """Read one model of statistical neighbours, or the list of authorities (names alone).

    returns: TableRead.rows of a model, one per borough and rank: borough_code, borough, rank, number, closeness,
        model, line; and of both kinds, one per authority with rank missing: number, name
    raises: InputError naming file, line and column of a neighbour that is no number of three digits, is the authority
        itself or stands twice; UnlistedCodeError for a closeness that no codelist has
    """
    layout = _layout_of(table)
    if layout is None:
        text = _columns(table, dict(zip(("number", "name"), AUTHORITY_LIST, strict=False)))
        left_out = pd.Series("", index=text.index, dtype=object)
        return _table_read(table, "list of local authorities", "", text[["number", "name"]], left_out)
    wanted = _wanted(table, layout)
    text, shown = _columns(table, wanted), _shown_names(table, wanted)
    _refuse_odd(text, table.file, shown)
    london = boroughs().set_index("old_code")
    known = text["number"].isin(london.index)
    years = YEAR_IN_NAME.findall(PurePosixPath(table.file).name)
    model = years[0] if len(years) == 1 else layout["model"]
    long = pd.concat([_of_rank(text[known], rank, table.file, shown) for rank in RANKS], ignore_index=True)
    long = long.assign(
        borough_code=long["own"].map(london["code"]), borough=long["own"].map(london["label"]), model=model
    )
    rows = pd.concat([long.drop(columns="own"), text[["number", "name"]]], ignore_index=True)
    left_out = pd.Series("", index=text.index, dtype=object).mask(~known, "area not in codelists/areas.csv")
    return _table_read(table, "statistical neighbours", f"model of {model}", rows, left_out, int(model))


def combine_neighbours(reads: list[TableRead]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Take the newest model of all files: a fixed list that is chosen before any figure is looked at.

    returns: contract schemas.Neighbours (no row where no file tells any); and the lines of older models that were not
        used: file, line, year, what
    raises: InputError when two files tell the same model differently
    """
    parts = [read.rows.assign(file=read.file, release_year=read.release_year) for read in reads]
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["rank", "release_year"])
    ranked = rows[rows["rank"].notna()] if "rank" in rows else rows.iloc[:0]
    if ranked.empty:
        return pd.DataFrame(columns=columns_of(Neighbours)), pd.DataFrame(columns=["file", "line", "year", "what"])
    newest = ranked["release_year"].eq(ranked["release_year"].max())
    kept = _one_list(ranked[newest]).assign(rank=lambda frame: frame["rank"].astype(int))
    older = ranked.loc[~newest, ["file", "line", "release_year"]].drop_duplicates()
    older = older.rename(columns={"release_year": "year"}).astype({"line": int}).assign(what="older model")
    names = rows[rows["rank"].isna()].drop_duplicates("number").set_index("number")["name"]
    london = boroughs().set_index("old_code")
    found = kept.assign(
        neighbour_code=kept["number"].map(london["code"]).fillna(kept["number"]),
        neighbour=kept["number"].map(london["label"]).fillna(kept["number"].map(names)).fillna(""),
    )
    return found[columns_of(Neighbours)].sort_values(["borough_code", "rank"], ignore_index=True), older


def _layout_of(table: CsvTable) -> pd.Series | None:
    for _, layout in load_codelist("neighbour_layouts").iterrows():
        ranked = [layout["rank_columns"].format(rank=rank) for rank in RANKS]
        if has_columns(table, [layout["number_column"], *ranked]):
            return layout
    return None


def _wanted(table: CsvTable, layout: pd.Series) -> dict[str, str | int]:
    """Give the column of each thing wanted: its name, or its place where many columns share a name."""
    header = [name.casefold() for name in table.header]
    wanted: dict[str, str | int] = {"number": layout["number_column"], "name": layout["name_column"]}
    for rank in RANKS:
        column = layout["rank_columns"].format(rank=rank)
        beside = header.index(column.casefold()) + 1
        wanted[f"neighbour {rank}"] = column
        wanted[f"closeness {rank}"] = layout["closeness_column"].format(rank=rank) or beside
    return wanted


def _columns(table: CsvTable, wanted: dict[str, str | int]) -> pd.DataFrame:
    header = [name.casefold() for name in table.header]
    places = {
        thing: where if isinstance(where, int) else header.index(where.casefold()) for thing, where in wanted.items()
    }
    return pd.DataFrame({thing: table.cells[place].str.strip() for thing, place in places.items()})


def _shown_names(table: CsvTable, wanted: dict[str, str | int]) -> dict[str, str]:
    """Give the name that a reader finds each column by: its own, or where it stands when many share one."""
    return {
        thing: where if isinstance(where, str) else f"{table.header[where]} after {table.header[where - 1]}"
        for thing, where in wanted.items()
    }


def _refuse_odd(text: pd.DataFrame, file: str, shown: dict[str, str]) -> None:
    again = "Download the file again."
    ranked = [f"neighbour {rank}" for rank in RANKS]
    for thing in ["number", *ranked]:
        odd = text.index[~text[thing].str.fullmatch(r"\d{3}")]
        if len(odd):
            found = repr(text.loc[odd[0], thing])
            raise refusal(file, odd[0], shown[thing], found, "an authority's number of three digits", again)
    all_ten = f"{shown[ranked[0]]} to {shown[ranked[-1]]}"
    listed = text[ranked]
    itself = listed.eq(text["number"], axis=0)
    own = text.index[itself.any(axis=1)]
    if len(own):
        column = shown[itself.loc[own[0]].idxmax()]
        raise refusal(file, own[0], column, "the authority itself", "ten others", again)
    twice = text.index[listed.nunique(axis=1).lt(MOST_NEIGHBOURS)]
    if len(twice):
        raise refusal(file, twice[0], all_ten, "one authority twice", "ten different ones", again)
    again_listed = text.index[text["number"].duplicated()]
    if len(again_listed):
        found = "an authority of an earlier line"
        raise refusal(file, again_listed[0], shown["number"], found, "each authority once", again)


def _of_rank(text: pd.DataFrame, rank: int, file: str, shown: dict[str, str]) -> pd.DataFrame:
    # The files write 'Close ' and 'Not Close': spaces and capitals are the only differences from the list.
    closeness = text[f"closeness {rank}"].str.capitalize()
    odd = closeness[~closeness.isin(load_codelist("neighbour_closeness")["label"])]
    if len(odd):
        raise UnlistedCodeError(
            f"{file}, line {odd.index[0]}, column {shown[f'closeness {rank}']}: {odd.iloc[0]!r} in {len(odd):,} rows, "
            f"not listed in codelists/neighbour_closeness.csv.\nAdd the word there in its order.\nNothing was written."
        )
    return pd.DataFrame({
        "own": text["number"], "rank": rank, "number": text[f"neighbour {rank}"], "closeness": closeness,
        "line": text.index,
    })  # fmt: skip


def _one_list(ranked: pd.DataFrame) -> pd.DataFrame:
    """Keep one of the files that tell a model, after seeing that they agree."""
    told = ranked.groupby(["borough_code", "rank"])[["number", "closeness"]].nunique()
    if told.gt(1).any(axis=None):
        files = " and ".join(ranked["file"].unique())
        raise InputError(
            f"{files} give different statistical neighbours of one model.\nKeep one of them and take the other out.\n"
            f"Nothing was written."
        )
    return ranked.drop_duplicates(["borough_code", "rank"])


def _table_read(
    table: CsvTable, kind: str, release: str, rows: pd.DataFrame, left_out: pd.Series, year: int = 0
) -> TableRead:
    return TableRead(table.file, table.checksum, ERA, kind, release, year, ("", ""), rows, left_out)
