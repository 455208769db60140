"""When children were in care, by the episodes of one collection: looked up for many children and days at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_CHILD = 2**22
"""Days of one child in a number of child and day together: more than any date of a return has."""
_OPEN = 2**21


class Care(NamedTuple):
    """Episodes that have a child and a start, in order of both.

    begins: child and first day as one number; until: the latest last day so far of the same child, as one number
    first: the first day of care by child
    """

    begins: NDArray[np.int64]
    until: NDArray[np.int64]
    first: pd.Series

    @classmethod
    def of(cls, episodes: pd.DataFrame) -> Care:
        """Derive it from episodes in order of CHILD and DECOM; an open episode lasts for ever."""
        rows = episodes[episodes["CHILD"].notna() & episodes["DECOM"].notna()]
        child = rows["CHILD"].to_numpy().astype(np.int64) * _CHILD
        end = np.where(rows["DEC"].isna(), _OPEN, _days(rows["DEC"]))
        return cls(
            child + _days(rows["DECOM"]),
            np.maximum.accumulate(child + np.maximum(end, 0)) if len(rows) else child,
            rows.drop_duplicates("CHILD").set_index("CHILD")["DECOM"],
        )

    def covers(self, child: pd.Series, days: pd.Series) -> pd.Series:
        """Say which days fall in an episode of the child, its last day included; False where either is missing."""
        known = (child.notna() & days.notna()).to_numpy()
        number = np.where(known, child.fillna(0), 0).astype(np.int64) * _CHILD
        at = number + np.where(known, _days(days), 0)
        place = np.searchsorted(self.begins, at, side="right") - 1
        found = known & (place >= 0)
        place = np.maximum(place, 0)
        if len(self.begins):
            found &= (self.begins[place] >= number) & (self.until[place] >= at)
        return pd.Series(found, index=child.index)

    def begun(self, child: pd.Series) -> pd.Series:
        """Give the first day of care of each row's child; missing where the child has no episode."""
        return self.first.reindex(child).set_axis(child.index)


def _days(dates: pd.Series) -> NDArray[np.int64]:
    """Days from 1900 on, so that no day of a return is below zero; a missing date is 0."""
    days = dates.to_numpy("datetime64[D]")
    return np.where(np.isnat(days), 0, (days - np.datetime64("1900-01-01")).astype(np.int64))
