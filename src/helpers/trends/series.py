"""A tidy table of figures as a grid: one row per series, one column per period; all series are fitted at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.rates.corrections import name_rows
from helpers.rates.inputs import Floats, as_numbers

KINDS = ("stock", "stock rate", "stock share", "flow", "rate", "proportion")
BASED = ("stock rate", "stock share", "rate", "proportion")


class SeriesGrid(NamedTuple):
    """Figures of many series. Grids have shape (series, periods), padded with NaN; the rest has shape (series,).

    periods counts those with a figure. A series with any suppressed figure has none in its grids."""

    keys: pd.DataFrame
    kind: np.ndarray
    suppressed: np.ndarray
    few: np.ndarray
    times: Floats
    events: Floats
    base: Floats
    entries: Floats
    exits: Floats
    first: np.ndarray
    last: np.ndarray
    periods: np.ndarray

    def at(self, grid: Floats, place: np.ndarray) -> Floats:
        """Give one value of each series: the one at its place."""
        return grid[np.arange(len(grid)), place]


def to_grid(table: pd.DataFrame, series: Sequence[str]) -> SeriesGrid:
    """Lay a tidy table out as a grid. The columns are those of `findings.trend_findings`.

    returns: SeriesGrid, series in the order of their first row in the table; keys has the columns of series, kind,
        first_period and last_period (of the periods that have a figure). A series with any suppressed figure has none
    raises: ValueError where a column is missing, a kind is unknown, a series has two kinds or one period twice
    """
    series = [series] if isinstance(series, str) else list(series)
    absent = [name for name in [*series, "period", "kind", "events"] if name not in table.columns]
    if absent:
        raise ValueError(f"the table has no column {', '.join(absent)}; it has {', '.join(map(str, table.columns))}")
    unknown = sorted(set(table["kind"]) - set(KINDS))
    if unknown:
        raise ValueError(f"kind {', '.join(map(repr, unknown))} is not known; choose from {', '.join(KINDS)}")
    based = table["kind"].isin(BASED)
    if based.any() and "base" not in table.columns:
        raise ValueError(f"the table has no column base, and {table.loc[based, 'kind'].iloc[0]!r} needs one")
    number = table.groupby(series, dropna=False, sort=False, observed=True).ngroup().to_numpy()
    rows = pd.DataFrame({
        "number": number,
        "time": years(table["period"]),
        "period": table["period"].to_numpy(),
        "kind": table["kind"].to_numpy(),
        **{name: _marked(table, name) for name in ("suppressed", "few")},
        "events": as_numbers(table["events"]),
        "base": np.where(based, as_numbers(table["base"]), np.nan) if "base" in table.columns else np.nan,
        **{name: as_numbers(table[name]) if name in table.columns else np.nan for name in ("entries", "exits")},
    })  # fmt: skip
    first_rows = table.iloc[np.unique(number, return_index=True)[1]]
    _refuse_twice(rows, name_rows(first_rows, series))
    return _lay_out(rows.sort_values(["number", "time"], kind="stable"), first_rows[series].reset_index(drop=True))


def _marked(table: pd.DataFrame, column: str) -> np.ndarray:
    """Give an optional column of True and False; False in every row where the table has none."""
    if column not in table.columns:
        return np.zeros(len(table), dtype=bool)
    if table[column].isna().any():
        raise ValueError(f"the column {column} must be True or False in every row")
    return table[column].to_numpy(dtype=bool)


def years(period: pd.Series) -> Floats:
    """Give periods (years or dates) as years: 31 March is .25 in leap years too, so that it lies one year apart."""
    if pd.api.types.is_numeric_dtype(period):
        return as_numbers(period)
    when = pd.to_datetime(period).dt
    months = when.month - 1 + when.day / when.days_in_month
    return (when.year + months / 12).to_numpy(dtype=float)


def _refuse_twice(rows: pd.DataFrame, names: pd.Series) -> None:
    twice = rows.duplicated(["number", "time"])
    if twice.any():
        raise ValueError(f"the series {names[rows.loc[twice, 'number'].iloc[0]]} has the same period more than once")
    kinds = rows.groupby("number")["kind"].nunique()
    if (kinds > 1).any():
        raise ValueError(f"the series {names[kinds.index[kinds > 1][0]]} has more than one kind")


def _lay_out(rows: pd.DataFrame, keys: pd.DataFrame) -> SeriesGrid:
    number, place = rows["number"].to_numpy(), rows.groupby("number").cumcount().to_numpy()
    shape = (len(keys), int(place.max()) + 1 if len(place) else 1)
    grids = {name: np.full(shape, np.nan) for name in ("time", "events", "base", "entries", "exits")}
    for name, grid in grids.items():
        grid[number, place] = rows[name]
    suppressed, few = (
        np.bincount(number, rows[name].to_numpy(dtype=float), len(keys)) > 0 for name in ("suppressed", "few")
    )
    kind = rows.drop_duplicates("number")["kind"].to_numpy()
    needs_base = np.isin(kind, BASED)[:, None]
    told = ~np.isnan(grids["events"]) & (~np.isnan(grids["base"]) | ~needs_base)
    # A cohort without children has no share: that period is left out. A population of 0 is refused where it is used.
    told &= ~(np.isin(kind, ("proportion", "stock share"))[:, None] & (grids["base"] == 0))
    periods = told.sum(axis=1)
    told &= ~suppressed[:, None]
    # A series without any figure keeps the first and last of its periods, so that the page can name them.
    shown = np.where(told.any(axis=1, keepdims=True), told, ~np.isnan(grids["time"]))
    first, last = shown.argmax(axis=1), shape[1] - 1 - shown[:, ::-1].argmax(axis=1)
    dates = pd.Series(rows["period"].to_numpy(), index=pd.MultiIndex.from_arrays([number, place]))
    ends = {
        name: dates.reindex(pd.MultiIndex.from_arrays([np.arange(len(keys)), where])).to_numpy()
        for name, where in (("first_period", first), ("last_period", last))
    }
    return SeriesGrid(
        keys=keys.assign(kind=kind, **ends),
        kind=kind,
        suppressed=suppressed,
        few=few,
        times=grids["time"],
        events=np.where(told, grids["events"], np.nan),
        base=np.where(told, grids["base"], np.nan),
        entries=grids["entries"],
        exits=grids["exits"],
        first=first,
        last=last,
        periods=periods,
    )
