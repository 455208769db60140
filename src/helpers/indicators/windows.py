"""The time a figure is counted over: a day, and the day after which what happened counts."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import pandas as pd


class Window(NamedTuple):
    """What happened counts from the day after `after` up to `day`; a stock is that of `day`. `borough_code`: ONS."""

    day: dt.date
    after: dt.date
    borough_code: str

    @property
    def on(self) -> pd.Timestamp:
        return pd.Timestamp(self.day)

    @property
    def begins_after(self) -> pd.Timestamp:
        return pd.Timestamp(self.after)


def last_year_end_before(day: dt.date) -> dt.date:
    """Give the last 31 March before a day (for 31 March itself, the one a year earlier)."""
    return dt.date(day.year if (day.month, day.day) > (3, 31) else day.year - 1, 3, 31)


def years_before(day: dt.date, years: int) -> dt.date:
    """Give the same day some years earlier; for 29 February, 28 February."""
    return (pd.Timestamp(day) - pd.DateOffset(years=years)).date()


def return_window(day: dt.date, borough_code: str) -> Window:
    """Give the window of a collection: from the last 31 March before it, so an in-year one covers a part of a year."""
    return Window(day, last_year_end_before(day), borough_code)


def is_year_end(day: dt.date) -> bool:
    """Tell a 31 March from a day inside a return year."""
    return (day.month, day.day) == (3, 31)
