"""From official columns to the columns that are kept: identifiers hashed, birth dates and postcodes cut, UPN dropped.

codelists/cleaned_columns.csv says for every column of every table what it is called afterwards and what is done to it,
so that the choice can be reviewed. What is not listed there with a name does not reach data/processed/.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from helpers.codes import load_codelist
from helpers.identifiers import hash_identifiers
from helpers.postcodes import district


def protect(rows: pd.DataFrame, table: str, secret: bytes) -> pd.DataFrame:
    """Give the rows of one table under their kept names, with nothing in them that names a child or a home.

    rows: typed, official columns; table: its name in codelists/ssda903_tables.csv
    secret: the installation's key for identifiers
    returns: the same index; the columns of cleaned_columns.csv that are not dropped, in its order
    """
    listed = load_codelist("cleaned_columns")
    own = listed[(listed["table"] == table) & (listed["how"] != "dropped")]
    ways = _ways(secret)
    return pd.DataFrame(
        {column.name: ways[column.how](rows[column.column]) for column in own.itertuples(index=False)},
        index=rows.index,
    )


def month_of(days: pd.Series) -> pd.Series:
    """Cut dates to the first day of their month."""
    months = days.to_numpy("datetime64[us]").astype("datetime64[M]").astype("datetime64[us]")
    return pd.Series(months, index=days.index)


def _ways(secret: bytes) -> dict[str, Callable[[pd.Series], pd.Series]]:
    gender = load_codelist("gender").set_index("code")["label"]
    return {
        "as it is": lambda cells: cells,
        "hash": lambda cells: hash_identifiers(cells, secret),
        "month": month_of,
        "district": district,
        "gender": lambda cells: cells.map(gender),
        "whole years": lambda cells: np.floor(cells),
    }
