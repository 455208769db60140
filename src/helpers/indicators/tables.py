"""The cleaned tables of one borough as the counting rules take them."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd


class Tables(NamedTuple):
    """Cleaned tables, all collections linked. Contracts: schemas, under the names of clean.OTHERS for `others`.

    others: those of the further tables that arrived; a table that did not arrive is not a table without rows
    """

    children: pd.DataFrame
    episodes: pd.DataFrame
    outcomes: pd.DataFrame
    care_leavers: pd.DataFrame
    others: dict[str, pd.DataFrame] = {}
