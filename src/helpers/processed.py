"""Processed tables: one parquet file per contract, checked on the way in and on the way out.

Child-level tables lie here too, so files are readable by their owner alone (on Windows the folder's own rights hold).
"""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from helpers.errors import NoDataError
from helpers.schemas import check

OWNER_ONLY = 0o600
OWNER_ONLY_FOLDER = 0o700


def save_table(table: pd.DataFrame, contract: type[pa.DataFrameModel], path: Path) -> Path:
    """Check a table against its contract and write it, whole or not at all. Gives the path back."""
    checked = check(table, contract, source=path.stem)
    path.parent.mkdir(parents=True, exist_ok=True, mode=OWNER_ONLY_FOLDER)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        checked.to_parquet(file, index=False)
    beside.replace(path)
    return path


def load_table(contract: type[pa.DataFrameModel], path: Path, *, made_by: str) -> pd.DataFrame:
    """Read a processed table back and check that it still keeps its contract.

    made_by: the notebook that writes it, for the message
    raises: NoDataError when it is not there, saying which notebook to run
    """
    if not path.exists():
        raise NoDataError(
            f"{path.parent.name}/{path.name} is not there yet. Run notebook {made_by} first with the same borough, "
            f"date and folders, or let `briefings run` do all of them."
        )
    return check(pd.read_parquet(path), contract, source=path.name)


def load_or_none(contract: type[pa.DataFrameModel], path: Path) -> pd.DataFrame | None:
    """Read a processed table that a run may rightly be without (no return for this borough, say)."""
    return check(pd.read_parquet(path), contract, source=path.name) if path.exists() else None
