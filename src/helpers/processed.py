"""Processed tables: one parquet file per contract, checked on the way in and on the way out.

Child-level tables lie here too, so files are readable by their owner alone (on Windows the folder's own rights hold).
"""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from helpers.codes import boroughs
from helpers.errors import NoDataError
from helpers.private_files import OWNER_ONLY as OWNER_ONLY
from helpers.private_files import OWNER_ONLY_FOLDER as OWNER_ONLY_FOLDER
from helpers.private_files import make_private_folder, narrow, narrow_all, open_private
from helpers.schemas import check
from helpers.settings import OTHER_RULES, project_root, slug

KINDS_OF_OURS = ("published", "runs", "released", *OTHER_RULES.values())
"""Folders of the processed folder besides those of the boroughs."""


def save_table(table: pd.DataFrame, contract: type[pa.DataFrameModel], path: Path) -> Path:
    """Check a table against its contract and write it, whole or not at all. Gives the path back."""
    checked = check(table, contract, source=path.stem)
    make_private_folder(path.parent)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with open_private(beside, "wb") as file:
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


def narrow_processed(processed: Path) -> int:
    """Take what earlier versions left open to others from them; gives how many files and folders that were.

    Looks into the folders that a run writes and no other. The processed folder itself is narrowed unless it is, or
    holds, somebody's home or the project.
    """
    if not processed.exists():
        return 0
    theirs = {Path.home().resolve(), project_root().resolve()}
    holds_more = any(one == processed.resolve() or processed.resolve() in one.parents for one in theirs)
    names = [*KINDS_OF_OURS, *map(slug, boroughs()["label"])]
    return (0 if holds_more else narrow(processed)) + narrow_all(processed / name for name in names)
