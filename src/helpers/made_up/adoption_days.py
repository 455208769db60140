"""Adoptions that took as long as was printed: days of the episodes of adopted children are moved, their counts are not.

The mean days from coming into care to living with the adoptive family (A10) are printed for some years. What may move
is the day a child came into care and the day of moving in with the family, each between the same two counted days, so
that nobody is in or out of care, in another home or under another order on a day that is counted. Long-term stability
and the number of homes in a year stay as they were too.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.made_up.adoption import (
    PLACEMENT_ORDER,
    WITH_FOSTER_CARER,
    YEARS_OF_THE_MEAN,
    bring_to_sum,
)
from helpers.made_up.care import ADOPTED
from helpers.made_up.choosing import OutOfReachError
from helpers.made_up.dates import NEVER, birthday
from helpers.made_up.event_draws import EventDraws
from helpers.made_up.plans import Plan
from helpers.made_up.postcodes import postcodes_by_zone
from helpers.made_up.reviews import months_after

A10 = "adoption_a10_days"
A2 = "adoption_a2_days"
THREE_YEAR = "three_year"
LONG_TERM_MONTHS, SETTLED_MONTHS = 30, 24
DAYS_BEFORE_FAMILY = 60
"""Days in care before a child lives with an adoptive family, where the other counts leave room for them."""
ORDER_BEFORE_FAMILY = 280
"""Most days from the placement order to moving in."""
FULL_ORDER = "C2"
SHORT_ORDERS = ("L1", "L2", "L3", "J1", "J2")

Row = dict[str, Any]
"""One episode: the columns of history.live and what the return tells beside them."""


def settle_adoption_days(
    children: pd.DataFrame,
    spells: pd.DataFrame,
    episodes: pd.DataFrame,
    plan: Plan,
    targets: pd.DataFrame,
    draws: EventDraws,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Move days of adopted children until the means of the printed years hold, and orders before moving in.

    children: child, born; spells, episodes: see history.live; targets: see event_draws.load_event_targets
    returns: spells and episodes, in the same order of child and day
    raises: OutOfReachError if no days between the counted ones give a printed mean
    """
    groups = _groups(spells, plan, targets)
    adopted = spells.loc[_adopted(spells, plan), "spell"].tolist()
    if not adopted:
        return spells, episodes
    printed = {spell for group, _ in groups for spell in group}
    paths = {path.spell: path for path in _paths(adopted, printed, children, spells, episodes, plan)}
    zones = postcodes_by_zone(plan.borough).values()
    for group, total in groups:
        _bring_to_total([paths[spell] for spell in group], total, zones, f"{plan.borough}, days to an adoptive family")
    usual = draws.values("days_from_order_to_family", len(paths)).astype(int)
    # Where the days from the order to the match are printed too, they need all the room there is.
    most = ORDER_BEFORE_FAMILY if (targets["indicator"] == A2).any() else 0
    for path, days in zip(paths.values(), usual, strict=True):
        path.order_before_family(max(int(days), most if path.spell in printed else 0))
    told = pd.DataFrame([row for path in paths.values() for row in path.linked()])[list(episodes)]
    others = episodes[~episodes["spell"].isin(adopted)]
    every = pd.concat([others, told.astype(episodes.dtypes.to_dict())], ignore_index=True)
    began = spells["spell"].map({path.spell: path.began for path in paths.values()})
    moved = spells.assign(began=began.fillna(spells["began"]).astype(np.int64))
    return moved, every.sort_values(["child", "day"], kind="stable", ignore_index=True)


def _groups(spells: pd.DataFrame, plan: Plan, targets: pd.DataFrame) -> list[tuple[list[int], int]]:
    """Give the periods of care that ended in adoption in each printed year, and the days they must add up to.

    A mean of three years says what the years without a mean of their own add up to.
    """
    adopted = spells[_adopted(spells, plan)]
    printed = targets[targets["indicator"] == A10]
    groups, done = [], {}
    for row in printed[printed["category"] != THREE_YEAR].itertuples():
        own = _between(adopted, row.day, 1)
        done |= dict.fromkeys(own, row.value)
        groups.append((own, round(row.value * len(own))))
    for row in printed[printed["category"] == THREE_YEAR].itertuples():
        own = _between(adopted, row.day, YEARS_OF_THE_MEAN)
        known = sum(total for group, total in groups if set(group) <= set(own))
        left = [spell for spell in own if spell not in done]
        groups.append((left, round(row.value * len(own)) - known))
    return [(group, total) for group, total in groups if group]


def _adopted(spells: pd.DataFrame, plan: Plan) -> pd.Series:
    """Tell the periods of care that ended in adoption in the years of the returns."""
    return spells["reason"].isin(ADOPTED) & (spells["ended"] >= plan.returns[0].first_day)


def _between(adopted: pd.DataFrame, day: int, years: int) -> list[int]:
    after = int(birthday(np.array([day]), -years)[0])
    return adopted.loc[(adopted["ended"] > after) & (adopted["ended"] <= day), "spell"].tolist()


def _paths(
    chosen: list[int],
    printed: set[int],
    children: pd.DataFrame,
    spells: pd.DataFrame,
    episodes: pd.DataFrame,
    plan: Plan,
) -> list[Path]:
    first_day = plan.returns[0].first_day
    counted = np.array([first_day - 1, *(period.to for period in plan.periods if period.to >= first_day)])
    born = children.set_index("child")["born"]
    own = episodes[episodes["spell"].isin(chosen)].sort_values("day", kind="stable")
    rows = {spell: part.to_dict("records") for spell, part in own.groupby("spell")}
    paths = []
    before = spells.sort_values("began").groupby("child")["ended"].shift(fill_value=0)
    for spell in spells.assign(before=before)[spells["spell"].isin(chosen)].itertuples():
        earliest = max(int(born[spell.child]) + 1, spell.before + 2)
        path = Path(rows[spell.spell], earliest, first_day, np.unique(counted))
        if spell.spell in printed:
            path.tell_the_beginning()
        paths.append(path)
    return paths


class Path:
    """One period of care that ends in adoption: its episodes, and how far its days may move."""

    def __init__(self, rows: list[Row], earliest: int, first_day: int, counted: NDArray[np.int64]) -> None:
        self.spell = rows[0]["spell"]
        self.rows = [dict(row) for row in rows]
        self.ended = rows[-1]["ended"]
        self._earliest, self._first_day, self._counted = earliest, first_day, counted
        self._told_begin = self.began

    @property
    def began(self) -> int:
        return self.rows[0]["day"]

    @property
    def days(self) -> int:
        """Days from coming into care to living with the family, as the returns tell them."""
        return self._stop_day() - self.began

    def linked(self) -> list[Row]:
        """Give the episodes, each with the end and the reason for the next that follow from the next."""
        for row, then in zip(self.rows, self.rows[1:], strict=False):
            row |= {"ended": then["day"], "rec": "X1", "next_rne": then["rne"]}
        return self.rows

    def bounds(self) -> tuple[int, int]:
        """Give the fewest and the most days that it can take."""
        if self._stop() == 0:
            return 0, 0
        begin, stop = self._begin_bounds(), self._stop_bounds()
        return max(stop[0] - begin[1], 0), stop[1] - begin[0]

    def take(self, days: int) -> None:
        """Move the beginning, and the day of moving in where that is not enough, so that it takes so many days."""
        if self._stop() == 0:
            return
        low, high = self._begin_bounds()
        begin = int(np.clip(self._stop_day() - days, low, high))
        if self._short_order():
            self.rows[1]["day"] += begin - self.began
        self.rows[0]["day"] = begin
        self.rows[self._stop()]["day"] = begin + days

    def with_foster_carers(self) -> bool:
        """Let the foster carers adopt, where no counted day lies between moving in and the adoption.

        returns: False where that cannot be
        """
        at = self._family()
        before, here = self.rows[at - 1], self.rows[at]
        if here["placement"] != "A6" or at + 1 < len(self.rows) or not before["placement"].startswith("U"):
            return False
        if ((self._counted >= here["day"]) & (self._counted < self.ended)).any():
            return False
        here |= {name: before[name] for name in ("place", "provider", "PL_POST") if name in here}
        here |= {"placement": "A5", "rne": "U" if here["legal_status"] != before["legal_status"] else "T"}
        return True

    def with_other_carers(self, zones: Collection[NDArray[np.str_]]) -> bool:
        """Let others than the foster carers adopt, where the child has no third home in the year then.

        zones: postcodes among which a home may be another without being counted elsewhere
        returns: False where that cannot be
        """
        at, here = self._family(), self.rows[self._family()]
        if self._stop() == at or here["placement"] != "A5" or at + 1 < len(self.rows):
            return False
        for day in self._counted[(self._counted >= here["day"]) & (self._counted < self.ended)]:
            year = self._counted[self._counted < day][-1]
            if len({row["place"] for row in self.rows if self._end_of(row) > year + 1 and row["day"] <= day}) > 1:
                return False
        status = here["legal_status"] != self.rows[at - 1]["legal_status"]
        here |= {"placement": "A6", "rne": "B" if status else "P", "place": -1 - self.spell}
        taken = {self.rows[at - 1].get("PL_POST"), here.get("HOME_POST")}
        for zone in zones:
            if here.get("PL_POST") in zone:
                here["PL_POST"] = next(post for post in zone if post not in taken)
        return True

    def _end_of(self, row: Row) -> int:
        at = self.rows.index(row)
        return self.rows[at + 1]["day"] if at + 1 < len(self.rows) else self.ended

    def _short_order(self) -> bool:
        """The care began under an order of days, and goes on in the same home: both episodes move together."""
        first, then = self.rows[0], self.rows[1]
        return first["legal_status"] in SHORT_ORDERS and then["rne"] == "L" and len(self.rows) > 2

    def order_before_family(self, days: int) -> None:
        """Let the placement order come some days before the day of moving in, where both came on one day."""
        at = self._family()
        before, here = self.rows[at - 1], self.rows[at]
        if before["legal_status"] == PLACEMENT_ORDER or here["legal_status"] != PLACEMENT_ORDER:
            return
        low = max(before["day"] + 1, self._interval(here["day"])[0], here["day"] - days)
        # Under a placement order a child lives with foster carers or adopters: not with parents, nor away for days.
        if low >= here["day"] or not before["placement"].startswith("U"):
            return
        self.rows.insert(at, {**before, "day": low, "legal_status": PLACEMENT_ORDER, "rne": "L"})
        here["rne"] = {"B": "P", "U": "T"}.get(here["rne"], here["rne"])

    def tell_the_beginning(self) -> None:
        """Leave out what ended before the first return, so that the beginning of the care is told.

        The first episode goes on to the first day that the returns tell; a child who was placed for adoption or under
        a placement order by then is so from that day on.
        """
        k = max((at for at, row in enumerate(self.rows) if row["day"] < self._first_day), default=None)
        if k is None:
            return
        now, begin = self.rows[k], self.rows[0]["day"]
        homes = [row for row in self.rows[: k + 1] if not row["placement"].startswith(("A", "T"))] or [now]
        status = now["legal_status"]
        if status == PLACEMENT_ORDER:
            earlier = [row["legal_status"] for row in self.rows[:k] if row["legal_status"] in ("C1", FULL_ORDER)]
            status = (earlier or [FULL_ORDER])[-1]
        first = {**homes[-1], "day": begin, "legal_status": status, "rne": "S"}
        self._told_begin = now["day"]
        later = self.rows[k + 1 :]
        if not later or later[0]["day"] > self._first_day:
            later = [{**now, "day": self._first_day}, *later]
        reason = _why_new(first, later[0])
        self.rows = [first, {**later[0], "rne": reason}, *later[1:]] if reason else [first, *later[1:]]
        low, high = self._begin_bounds()
        self.rows[0]["day"] = int(np.clip(begin, low, high))

    def _interval(self, day: int) -> tuple[int, int]:
        """Give the first and the last day between the two counted days around a day; nothing happens on those."""
        before, after = self._counted[self._counted < day], self._counted[self._counted >= day]
        return (int(before[-1]) + 1 if len(before) else 0), (int(after[0]) - 1 if len(after) else NEVER)

    def _begin_bounds(self) -> tuple[int, int]:
        """The days on which the care can begin: the child's part in long-term stability stays what it was."""
        begin = self._told_begin
        low, high = self._interval(begin)
        together = self.rows[1]["day"] - self.began if self._short_order() else 0
        following = self.rows[2]["day"] if together else self.rows[1]["day"]
        low, high = max(low, self._earliest), min(high, following - 1) - together
        for day in self._counted[(self._counted >= self._first_day) & (self._counted < self.ended)]:
            long_ago = int(months_after(np.array([day]), np.array([-LONG_TERM_MONTHS]))[0])
            low, high = (low, min(high, long_ago)) if begin <= long_ago else (max(low, long_ago + 1), high)
        if (self.rows[0]["legal_status"] in SHORT_ORDERS and not together) or low > high:
            return begin, begin
        return low, max(low, min(high, self._stop_day() - DAYS_BEFORE_FAMILY))

    def _family(self) -> int:
        """The first episode with the adoptive family, placed for adoption."""
        return next(at for at, row in enumerate(self.rows) if row["placement"].startswith("A"))

    def _stop(self) -> int:
        """The episode at which the clock stops: with the carers who adopt, or placed for adoption with others."""
        at = self._family()
        settled = [k for k in range(at) if not self.rows[k]["placement"].startswith("T")]
        if self.rows[at]["placement"] not in WITH_FOSTER_CARER or not settled:
            return at
        here = settled[-1]
        if not self.rows[here]["placement"].startswith("U"):
            return at
        return min(
            k for k in settled if all(self.rows[j]["place"] == self.rows[here]["place"] for j in settled if j >= k)
        )

    def _stop_day(self) -> int:
        return self.rows[self._stop()]["day"]

    def _stop_bounds(self) -> tuple[int, int]:
        """The days on which that episode can begin: homes in a year and two years in one home stay what they were."""
        at, day = self._stop(), self._stop_day()
        first, last = self._interval(day)
        following = self.rows[at + 1]["day"] if at + 1 < len(self.rows) else self.ended
        low, high = max(first + 1, self.rows[at - 1]["day"] + 1 if at > 1 else 0), min(last, following - 1)
        later = self._counted[(self._counted >= day) & (self._counted < self.ended)]
        moves_on = any(row["placement"].startswith("A") for row in self.rows[at + 1 :]) and at == self._family()
        if len(later) and (day == first or moves_on):
            return day, day
        for counted in later:
            settled = int(months_after(np.array([counted]), np.array([-SETTLED_MONTHS]))[0])
            low, high = (low, min(high, settled)) if day <= settled else (max(low, settled + 1), high)
        return (low, high) if low <= high else (day, day)


def _why_new(before: Row, now: Row) -> str:
    """Give the reason for a new episode that follows from what changed; blank where nothing did."""
    status = before["legal_status"] != now["legal_status"]
    if before["place"] != now["place"]:
        return "B" if status else "P"
    kind = (before["placement"], before["provider"]) != (now["placement"], now["provider"])
    return ("U" if status else "T") if kind else "L" * status


def _bring_to_total(paths: list[Path], total: int, zones: Collection[NDArray[np.str_]], told: str) -> None:
    """Move the days of some adoptions until they add up.

    Where they are too many, foster carers adopt some children; where they are too few, others than foster carers do.
    """
    bounds = np.array([path.bounds() for path in paths])
    for at in np.argsort(-bounds[:, 0], kind="stable"):
        if bounds[:, 0].sum() > total and paths[at].with_foster_carers():
            bounds[at] = paths[at].bounds()
    for at in np.argsort(bounds[:, 1], kind="stable"):
        if bounds[:, 1].sum() < total and paths[at].with_other_carers(zones):
            bounds[at] = paths[at].bounds()
    if not bounds[:, 0].sum() <= total <= bounds[:, 1].sum():
        raise OutOfReachError(
            f"{told}: {total} days of {len(paths)} children were asked for in made_up_event_targets.csv, and between "
            f"{bounds[:, 0].sum()} and {bounds[:, 1].sum()} are in reach."
        )
    now = np.clip([path.days for path in paths], bounds[:, 0], bounds[:, 1])
    for path, days in zip(paths, bring_to_sum(now, bounds[:, 0], bounds[:, 1], total), strict=True):
        path.take(int(days))
