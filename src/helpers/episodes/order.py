"""Put episodes in one order, whatever order they came in, as arrays that later steps run over."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.codes import load_codelist
from helpers.errors import ContractError

_OPEN_DAYS = 2**21
_GROUP = 2**22


class Ordered(NamedTuple):
    """Episodes in order of child, kind (care first) and start. Days are whole numbers from `day_zero`.

    at: place of each row in the table that was given
    group: number of child and kind, ascending
    end: first day no longer in the episode; `open_end` while it is open
    """

    rows: pd.DataFrame
    at: NDArray[np.intp]
    child: NDArray[np.int64]
    group: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    day_zero: np.datetime64
    open_end: int

    def to_dates(self, days: NDArray[np.int64]) -> NDArray[np.datetime64]:
        """Turn days into dates; an open end into a missing date."""
        dates = (self.day_zero + np.minimum(days, _OPEN_DAYS)).astype("datetime64[us]")
        return np.where(days >= self.open_end, np.datetime64("NaT", "us"), dates)

    def to_day(self, date: object) -> int:
        """Turn a date into a day."""
        return int((np.datetime64(pd.Timestamp(date), "D") - self.day_zero).astype(int))


def in_order(episodes: pd.DataFrame) -> Ordered:
    """Sort episodes by child, kind, start and end; what is still alike by its other cells, so input order never counts.

    raises: ContractError counting the rows without CHILD or DECOM
    """
    for column in ("CHILD", "DECOM"):
        blank = int(episodes[column].isna().sum())
        if blank:
            raise ContractError(
                f"episodes, column {column}: {blank:,} rows are blank, and every row must be filled. "
                f"Set the rows aside when the return is cleaned."
            )
    child = pd.factorize(episodes["CHILD"], sort=True)[0].astype(np.int64)
    group = 2 * child + is_short_break(episodes["LS"])
    start, end, zero = _days(episodes)
    at = np.lexsort((end, start, group))
    key = np.stack([group[at], start[at], end[at]])
    if (key[:, 1:] == key[:, :-1]).all(axis=0).any():
        others = [pd.factorize(episodes[column], sort=True)[0] for column in sorted(episodes.columns, reverse=True)]
        at = np.lexsort((*others, end, start, group))
    return Ordered(episodes.iloc[at], at, child[at], group[at], start[at], end[at], zero, _OPEN_DAYS)


def is_short_break(legal_status: pd.Series) -> NDArray[np.bool_]:
    """Tell which episodes are short breaks (respite: V3, V4)."""
    listed = load_codelist("legal_status")
    return legal_status.isin(listed.loc[listed["group"] == "Short breaks", "code"]).to_numpy()


def running_end(group: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give, for each row, the latest end of the rows before it in its group; -1 for the first row of a group."""
    # Groups ascend, so one running maximum over group and end together never mixes two groups.
    latest = np.maximum.accumulate(group * _GROUP + end) - group * _GROUP
    before = np.append(-1, latest[:-1])
    return np.where(first_of(group), -1, before)


def first_of(group: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell the first row of each group, of rows in order of group."""
    return np.append(True, group[1:] != group[:-1])[: len(group)]


def _days(episodes: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64], np.datetime64]:
    start = episodes["DECOM"].to_numpy("datetime64[D]")
    zero = start.min() if len(start) else np.datetime64("2000-01-01")
    told_end = episodes["DEC"].to_numpy("datetime64[D]")
    if "end_not_told" in episodes:
        last_known = episodes["told_on"].to_numpy("datetime64[D]") + 1
        told_end = np.where(episodes["end_not_told"].to_numpy(bool), last_known, told_end)
    days = (start - zero).astype(np.int64)
    end = np.where(np.isnat(told_end), _OPEN_DAYS, (told_end - zero).astype(np.int64))
    # An episode that ends before it starts breaks a rule; here it has no days.
    return days, np.maximum(end, days), zero
