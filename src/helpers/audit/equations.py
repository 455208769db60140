"""The attack: all editions of all boroughs together, as equations, and what a reader can work out of every hidden cell.

Knows the shown cells of every indicators.csv of the folder and the codelists, and nothing else. A number shown in one
edition is known in all. Bounds are exact, in whole numbers (disclosure/attack.py); London's figure, which DfE rounds to
10, bounds the one borough that is hidden beside it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.audit.result import Audit
from helpers.audit.rule import limit_of, told_of_run
from helpers.codes import boroughs
from helpers.disclosure import Reading, read_as_a_reader
from helpers.disclosure_rules import load_relations
from helpers.indicators import MADE_UP_SOURCE, RETURN_SOURCE
from helpers.schemas import KEY

ROUNDED_BY = 5
"""London's figures are rounded to 10: the sum of the boroughs lies within 5 of them."""
COLUMNS = [*KEY, "borough", "numerator", "denominator", "unit", "source", "status"]
_MANY = 4
_WITHOUT_BOROUGH = [column for column in KEY if column != "borough_code"]


def attack_editions(folder: Path) -> Audit:
    """Attack every hidden cell of the indicators.csv files below a folder, all boroughs and editions together."""
    audit = Audit()
    files = sorted(folder.glob("**/indicators.csv"))
    if not files:
        return audit
    read = pd.concat([_read(file, folder) for file in files], ignore_index=True)
    # Where editions of a borough follow several rules, what is small under any of them is small.
    read["limit"] = read.groupby("borough")["limit"].transform("max")
    known = set(boroughs()["label"])
    own = read[read["borough"].isin(known)]
    _faults_of_two_numbers(own, audit)
    together = _together(own)
    parts = [part.reset_index(drop=True) for _, part in together.groupby("borough", sort=True)]
    readings = pd.concat(_each(parts), ignore_index=True)
    _faults_of_bounds(readings, audit)
    _faults_beside_london(readings, _together(read[read["borough"] == "London"]), audit)
    audit.count("cells_attacked", int(readings["status"].eq("suppressed").sum()))
    audit.count("cells_known", int(readings["numerator"].notna().sum()))
    return audit


def _read(file: Path, folder: Path) -> pd.DataFrame:
    table = pd.read_csv(file, dtype={name: str for name in COLUMNS if name not in ("numerator", "denominator")})
    table = table.reindex(columns=COLUMNS)
    run = file.with_name("run.json")
    return table.assign(
        period_end=pd.to_datetime(table["period_end"]),
        place=file.parent.relative_to(folder).as_posix() + "/",
        limit=limit_of(told_of_run(run.read_bytes() if run.is_file() else b"")),
    )


def _together(rows: pd.DataFrame) -> pd.DataFrame:
    """Give one row for each statistic of all editions: the number where any edition shows it, and its base likewise."""
    by_key = rows.sort_values("numerator", na_position="last", kind="stable").groupby(KEY, sort=True, dropna=False)
    first = by_key.first()  # of each column the first that is not missing
    shown = first["numerator"].notna()
    status = first["status"].mask(shown & ~first["status"].isin(["shown", "provisional"]), "shown")
    return first.assign(status=status).reset_index()


def _each(parts: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
    """Attack each borough, several at once where there are many and the machine can."""
    cores = os.cpu_count() or 1
    if len(parts) < _MANY or cores == 1:
        return [attack_rows(part) for part in parts]
    with ProcessPoolExecutor(min(cores, len(parts))) as pool:
        return list(pool.map(attack_rows, parts))


def attack_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Attack the hidden rows of one borough: the same rows with low, high and narrow (a leak by itself).

    rows: with limit, one for the borough: counts of 1 to this many are small
    """
    is_own = bool(rows["source"].isin([RETURN_SOURCE, MADE_UP_SOURCE]).any())
    reading: Reading = read_as_a_reader(rows, load_relations(), limit=int(rows["limit"].max()), is_own=is_own)
    return rows.assign(low=reading.low, high=reading.high, narrow=reading.narrow)


# --- faults ----------------------------------------------------------------------------------------------------------


def _faults_of_two_numbers(rows: pd.DataFrame, audit: Audit) -> None:
    """One statistic with two numbers in two editions tells of those who were added or taken away."""
    told = rows[rows["numerator"].notna()].groupby([*KEY, "limit"])["numerator"].agg(["min", "max", "size"])
    audit.count("cells_in_two_editions", int((told["size"] > 1).sum()))
    told = told.reset_index("limit")
    apart = (told["max"] - told["min"]).between(1, told["limit"])
    for key, limit in told.loc[apart, "limit"].items():
        audit.fault(_place(dict(zip(KEY, key, strict=True))), f"two editions differ by 1 to {limit}")


def _faults_of_bounds(readings: pd.DataFrame, audit: Audit) -> None:
    for row in readings[readings["narrow"]].to_dict("records"):
        what = f"is hidden, and can be worked out to fewer than 1 to {row['limit']} from what is shown"
        audit.fault(_place(row), what)


def _faults_beside_london(readings: pd.DataFrame, london: pd.DataFrame, audit: Audit) -> None:
    """Where London is told and all boroughs have a row, the hidden ones add to London less the others, within 5."""
    totals = london[london["numerator"].notna()].set_index(_WITHOUT_BOROUGH)["numerator"]
    groups = readings[readings.set_index(_WITHOUT_BOROUGH).index.isin(totals.index)].groupby(_WITHOUT_BOROUGH)
    for key, rows in groups:
        hidden = rows["numerator"].isna() & rows["status"].eq("suppressed")
        if len(rows) != len(boroughs()) or not hidden.any() or (rows["numerator"].isna() & ~hidden).any():
            continue
        audit.count("london_sums")
        left = totals[key] - rows["numerator"].sum()
        part = rows[hidden]
        low = left - ROUNDED_BY - (part["high"].sum() - part["high"]).to_numpy()
        high = left + ROUNDED_BY - (part["low"].sum() - part["low"]).to_numpy()
        low = np.maximum(np.where(np.isfinite(low), low, 0), part["low"])
        high = np.minimum(high, part["high"])
        holds = low <= high  # DfE's own sums do not all hold
        narrow = holds & (low <= part["limit"]) & (high >= 1) & ((low > 1) | (high < part["limit"]))
        for row in part[narrow].to_dict("records"):
            audit.fault(_place(row), f"is hidden, and London's figure narrows it to fewer than 1 to {row['limit']}")


def _place(row: dict) -> str:
    """Name a statistic by what it counts, never by its number."""
    parts = [row["indicator"], *(row[name] for name in ("category", "ethnic_group", "gender", "age_band"))]
    told = ", ".join(part for part in parts if part != "All")
    return f"{row['borough_code']} {pd.Timestamp(row['period_end']).date()}: {told}"
