"""What a run left of each borough: its latest released results, or the reason why there are none."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from helpers.codes import find_borough
from helpers.compare import headline
from helpers.errors import ContractError
from helpers.processed import load_or_none
from helpers.schemas import Comparisons, Disproportionality, Released, Trends
from helpers.settings import slug

TABLES = {
    "released": Released,
    "disproportionality": Disproportionality,
    "trends": Trends,
    "comparisons": Comparisons,
}
"""The files of one borough's edition that the overview reads, in the order of the fields of Edition."""


@dataclass(frozen=True)
class Edition:
    """One borough's latest briefing: its released results, or the reason why there are none.

    compared, trends, places: contracts schemas.Disproportionality, Trends and Comparisons; places is None where the
        borough was not compared with other places
    """

    borough: str
    as_at: str
    state: str
    reason: str
    released: pd.DataFrame | None
    compared: pd.DataFrame | None = None
    trends: pd.DataFrame | None = None
    places: pd.DataFrame | None = None


def load_editions(processed: Path, outcomes: str) -> list[Edition]:
    """Read the released results of every borough of a run.

    outcomes: JSON list of [borough, as_at, state, reason], as the batch tells it; empty means every edition found,
        each borough's latest
    """
    told = json.loads(outcomes) or _found(processed)
    return [_load(processed, *one) for one in sorted(told)]


def _found(processed: Path) -> list[list[str]]:
    latest = {}
    for file in sorted(processed.glob("*/*/trends.parquet")):
        latest[file.parts[-3]] = file.parts[-2]
    return [[find_borough(name)["label"], as_at, "written", ""] for name, as_at in latest.items()]


def _load(processed: Path, borough: str, as_at: str, state: str, reason: str) -> Edition:
    folder = processed / slug(borough) / as_at
    if state == "failed":
        return Edition(borough, as_at, state, reason, None)
    try:
        tables = [load_or_none(kind, folder / f"{name}.parquet") for name, kind in TABLES.items()]
    except ContractError:
        old = "its tables are of another version of the software; run it again"
        return Edition(borough, as_at, "failed", old, None)
    return Edition(borough, as_at, state, reason, *tables)


def answers(compared: pd.DataFrame, dimension: str) -> pd.DataFrame:
    """Keep the headline answers of one dimension; the other rows say how sure they are, or answer other questions.

    compared: contract schemas.Disproportionality
    """
    rows = headline(compared)
    return rows[(rows["dimension"] == dimension) & (rows["indicator"] == "cla_total")]
