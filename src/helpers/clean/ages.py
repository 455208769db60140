"""Ages and return years."""

from __future__ import annotations

import datetime as dt

import pandas as pd


def age_on(births: pd.Series, days: pd.Series | pd.Timestamp) -> pd.Series:
    """Give whole years of age on a day; missing where the day or birth is missing or the child is not yet born.

    A child born on 29 February has a birthday on 1 March of other years, as in law.
    """
    days = pd.Series(days, index=births.index) if isinstance(days, pd.Timestamp) else days
    had_birthday = (days.dt.month > births.dt.month) | (
        (days.dt.month == births.dt.month) & (days.dt.day >= births.dt.day)
    )
    age = days.dt.year - births.dt.year - (~had_birthday).astype(int)
    return age.where(births.notna() & days.notna() & (days >= births)).astype(float)


def return_year(period: dt.date) -> int:
    """Give the return year a day belongs to: the year of the next 31 March (30 June 2022 is 2023)."""
    return period.year + ((period.month, period.day) > (3, 31))
