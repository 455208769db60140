"""Days as whole numbers (days since 1970-01-01), so that a million of them are reckoned at once."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

NEVER = np.iinfo(np.int32).max
"""The last day of something that is still open."""

DAYS_IN_YEAR = 365.2425
CALENDAR = 5000  # days written at a time
DAYS_IN_MONTH = DAYS_IN_YEAR / 12

# Nobody is born on a day that a birthday would share with a day on which children are counted, on the day after it,
# or on 29 February: ages on those days are then the same under every convention. Month, day, days moved back.
MOVED_BIRTHDAYS = ((1, 31, 2), (2, 1, 3), (2, 29, 2), (3, 31, 2), (4, 1, 3), (6, 30, 2), (7, 1, 3))


def to_day(date: str | dt.date) -> int:
    """Give the number of a date (ISO text or a date)."""
    return int(np.datetime64(date, "D").astype(int))


def birthday(born: ArrayLike, years: ArrayLike) -> NDArray[np.int64]:
    """Give the day on which children born on `born` turn `years`, same shape. Nobody is born on 29 February."""
    months = _month_of(born)
    turned = (months + np.asarray(years) * 12).astype("M8[M]").astype("M8[D]").astype(np.int64)
    return turned + _day_in_month(born, months)


def age_on(born: ArrayLike, day: ArrayLike) -> NDArray[np.int64]:
    """Give whole years of age on `day`. Shapes broadcast."""
    months, day_months = _month_of(born), _month_of(day)
    whole = day_months - months - (_day_in_month(day, day_months) < _day_in_month(born, months))
    return whole // 12


def move_birthdays(born: ArrayLike) -> NDArray[np.int64]:
    """Move births off the days of MOVED_BIRTHDAYS, a few days back."""
    born = np.asarray(born, dtype=np.int64)
    months = _month_of(born)
    day, month = _day_in_month(born, months) + 1, months % 12 + 1
    for unwanted_month, unwanted_day, back in MOVED_BIRTHDAYS:
        born = np.where((month == unwanted_month) & (day == unwanted_day), born - back, born)
    return born


def as_text(days: ArrayLike) -> NDArray[np.str_]:
    """Write days as dd/mm/yyyy; NEVER becomes blank."""
    days = np.asarray(days, dtype=np.int64)
    known = days[days < NEVER]
    if not len(known):
        return np.full(days.shape, "", dtype="U10")
    first = int(known.min()) // CALENDAR * CALENDAR
    calendar = _calendar(first, -(-(int(known.max()) + 1) // CALENDAR) * CALENDAR)
    return calendar[np.where(days < NEVER, days - first, len(calendar) - 1)]


@lru_cache(maxsize=32)
def _calendar(first: int, end: int) -> NDArray[np.str_]:
    """Every day from first up to end as text, and a blank at the end."""
    days = np.arange(first, end).astype("M8[D]").tolist()
    return np.array([*(day.strftime("%d/%m/%Y") for day in days), ""])


def _month_of(days: ArrayLike) -> NDArray[np.int64]:
    return np.asarray(days, dtype=np.int64).astype("M8[D]").astype("M8[M]").astype(np.int64)


def _day_in_month(days: ArrayLike, months: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(days, dtype=np.int64) - months.astype("M8[M]").astype("M8[D]").astype(np.int64)
