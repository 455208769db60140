"""Statutory reviews of children in care: when each is due, when it is held, and how the child took part.

The first is due 20 working days after a child comes into care, the second three months after the first, each further
one six months after the one before (Care Planning, Placement and Case Review (England) Regulations 2010, reg. 33).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.made_up.dates import DAYS_IN_YEAR, birthday
from helpers.made_up.event_draws import EventDraws, asked_for
from helpers.made_up.plans import Plan

FIRST_DUE = 20  # working days
MONTHS_TO_SECOND, MONTHS_TO_NEXT = 3, 6
MOST_DAYS_EARLY, MOST_DAYS_EARLY_AT_FIRST = 14, 8
DAYS_LATE = (4, 25)
"""A late review is a few days late at least: late however bank holidays are counted."""
LONGEST_BETWEEN = 184
"""Days from one review in time to the next, at most."""
YOUNG = 4  # years; a younger child is not asked to take part


def hold_reviews(
    children: pd.DataFrame, spells: pd.DataFrame, plan: Plan, targets: pd.DataFrame, draws: EventDraws
) -> pd.DataFrame:
    """Hold every review of a history, as many in time on each return's last day as was printed.

    children: born, in order of child; spells: child, began, ended (NEVER while open)
    returns: child, day, REVIEW_CODE of the reviews from the first day of the first return on
    """
    diary = _Diary(spells, draws)
    before = plan.returns[0].first_day - 1
    diary.hold_until(before)
    diary.forget()
    for told in plan.returns:
        share = asked_for(targets, "cla_reviews_in_timescale", told.last_day)
        varies = draws.rate("reviews_in_time_varies_by") * draws.rng.uniform(-1, 1)
        in_time = draws.rate("reviews_in_time") + varies if share is None else share / 100
        # A part of a year holds a part of the year's late reviews.
        late = (1 - in_time) * min((told.last_day - before) / DAYS_IN_YEAR, 1)
        if told is plan.returns[0]:
            # When the first review that is told fell due is not told: of the later ones it can be seen that they are.
            diary.hold_until(before + LONGEST_BETWEEN)
        diary.delay(before, told.last_day, late)
        diary.hold_until(told.last_day)
        before = told.last_day
    held = diary.held()
    codes = draws.values("review_code", len(held))
    young = held["day"].to_numpy() < birthday(children["born"].to_numpy()[held["child"]], YOUNG)
    return held.assign(REVIEW_CODE=np.where(young, "PN0", codes))


class _Diary:
    """The next review of every period of care, and the reviews held so far."""

    def __init__(self, spells: pd.DataFrame, draws: EventDraws) -> None:
        self._draws = draws
        self._child = spells["child"].to_numpy(np.int64)
        self._began = spells["began"].to_numpy(np.int64)
        self._ended = spells["ended"].to_numpy(np.int64)
        # Bank holidays are left out of account: a review in time by this day is in time with them too.
        started = self._began.astype("M8[D]")
        self._first_due = np.busday_offset(started, FIRST_DUE, roll="preceding").astype(np.int64)
        self._due = self._first_due.copy()
        self._planned = self._early(self._due, MOST_DAYS_EARLY_AT_FIRST)
        self._number = np.zeros(len(spells), dtype=np.int64)
        self._held: list[pd.DataFrame] = []

    def hold_until(self, day: int) -> None:
        """Hold the reviews planned up to a day, and plan the next from each."""
        while True:
            now = np.flatnonzero((self._planned <= day) & (self._planned < self._ended))
            if not len(now):
                return
            held = self._planned[now]
            self._held.append(pd.DataFrame({"child": self._child[now], "day": held}))
            months = np.where(self._number[now] == 0, MONTHS_TO_SECOND, MONTHS_TO_NEXT)
            self._number[now] += 1
            self._due[now] = months_after(held, months)
            self._planned[now] = self._early(self._due[now], MOST_DAYS_EARLY)

    def delay(self, after: int, to: int, share: float) -> None:
        """Plan one review too late for a share of the children in care on a day, of those with one due in time."""
        base = (self._began <= to) & (self._ended > to) & (self._first_due < to)
        able = np.flatnonzero(base & (self._due > after) & (self._due <= to - DAYS_LATE[1] - 3))
        size = min(round(share * int(base.sum())), len(able))
        late = self._draws.rng.choice(able, size, replace=False)
        days = self._draws.rng.integers(*DAYS_LATE, size, endpoint=True)
        self._planned[late] = self._due[late] + days
        weekend = _weekday(self._planned[late]) >= 5
        self._planned[late] += np.where(weekend, 2, 0)

    def forget(self) -> None:
        """Drop the reviews held so far: no return tells of them."""
        self._held = []

    def held(self) -> pd.DataFrame:
        """Give the reviews held: child, day, in order of both."""
        rows = pd.concat([pd.DataFrame({"child": [], "day": []}, dtype=np.int64), *self._held], ignore_index=True)
        return rows.sort_values(["child", "day"], ignore_index=True)

    def _early(self, due: NDArray[np.int64], most: int) -> NDArray[np.int64]:
        """A working day on which a review due on a day is held, up to `most` days before it."""
        day = due - self._draws.rng.integers(0, most, len(due), endpoint=True)
        return day - np.maximum(_weekday(day) - 4, 0)


def months_after(days: NDArray[np.int64], months: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the day so many calendar months later: three months after 30 November is the last day of February."""
    month = days.astype("M8[D]").astype("M8[M]")
    in_month = days - month.astype("M8[D]").astype(np.int64)
    then = month.astype(np.int64) + months
    first = then.astype("M8[M]").astype("M8[D]").astype(np.int64)
    last = (then + 1).astype("M8[M]").astype("M8[D]").astype(np.int64) - 1
    return np.minimum(first + in_month, last)


def _weekday(days: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give 0 for Monday to 6 for Sunday: 1 January 1970 was a Thursday."""
    return (days + 3) % 7


def reviews_of(reviews: pd.DataFrame, first_day: int, last_day: int) -> pd.DataFrame:
    """Give the reviews that a return tells: those held in its year. returns: child, day, REVIEW_CODE."""
    return reviews[reviews["day"].between(first_day, last_day)]
