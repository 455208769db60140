"""Spells of being missing from care, or away without authorisation: as many in a time as was printed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.errors import InputError
from helpers.made_up.dates import DAYS_IN_YEAR, birthday, to_day
from helpers.made_up.event_draws import EventDraws, asked_for
from helpers.made_up.plans import Plan

DAYS_FOR_A_SPELL = 4
"""Days that a spell needs at least, with the days up to the next: a child's spells of one time never touch."""
SETTLING_IN = 3  # days in care before a child goes missing
FEWEST_DAYS = 10
KNOWN_BEFORE = 2.0
"""Weight, as a logarithm, of children who were missing before: the same few go missing again and again."""
STILL_MISSING_DAYS = (1, 6)
MONTH = "month"


class Time(NamedTuple):
    """The days after one day and up to another, and the spells and children printed for it; None where none are.

    ends_return: the last day is a return's, on which nothing is printed, so that children may be missing on it
    """

    after: int
    to: int
    spells: float | None
    children: float | None
    ends_return: bool


def go_missing(
    children: pd.DataFrame,
    spells: pd.DataFrame,
    episodes: pd.DataFrame,
    plan: Plan,
    targets: pd.DataFrame,
    draws: EventDraws,
) -> pd.DataFrame:
    """Let children of 11 and over go missing in the years of a plan's returns.

    children: born, in order of child; spells: child, began, ended; episodes: child, day (the first), ended
    returns: child, start, end (the day the child is back, which is after the last day of a return for the few still
        missing on it), MISSING; spells lie inside one period of care and do not touch
    raises: InputError where more spells are asked for than the children have room for
    """
    free_from = np.zeros(len(children), dtype=np.int64)
    known = np.zeros(len(children), dtype=bool)
    found = []
    for time in _times(plan, targets):
        stays = _stays(children, spells, time, free_from, draws)
        chosen, count = _choose(stays, time, known, draws)
        rows = _lay_out(chosen, count, draws)
        if time.ends_return:
            rows = _stay_away(rows, chosen, episodes, time, draws)
        known[rows["child"]] = True
        np.maximum.at(free_from, rows["child"].to_numpy(), rows["end"].to_numpy() + 2)
        found.append(rows)
    every = pd.concat(found, ignore_index=True).sort_values(["child", "start"], ignore_index=True)
    return every.assign(MISSING=draws.values("missing", len(every)))


def missing_in(spells: pd.DataFrame, first_day: int, last_day: int) -> pd.DataFrame:
    """Give the spells that a return tells: those with a day in its year."""
    return spells[(spells["start"] <= last_day) & (spells["end"] >= first_day)]


def _times(plan: Plan, targets: pd.DataFrame) -> list[Time]:
    """The years of the returns; a year in which months are printed is told month by month."""
    months = targets[(targets["indicator"] == "cla_missing_episodes") & (targets["category"] == MONTH)]
    times = []
    for told in plan.returns:
        own = months[months["day"].between(told.first_day, told.last_day)].sort_values("day")
        for month in own.itertuples():
            begins = to_day(f"{month.date[:7]}-01")
            times.append(
                Time(
                    begins - 1,
                    month.day,
                    month.value,
                    asked_for(targets, "cla_missing_children", month.day, MONTH),
                    False,
                )
            )
        if own.empty:
            spells = asked_for(targets, "cla_missing_episodes", told.last_day)
            now = asked_for(targets, "cla_missing_children", told.last_day, "on_the_day")
            year = asked_for(targets, "cla_missing_children", told.last_day)
            times.append(Time(told.first_day - 1, told.last_day, spells, year, now is None))
    return times


def _stays(
    children: pd.DataFrame, spells: pd.DataFrame, time: Time, free_from: NDArray[np.int64], draws: EventDraws
) -> pd.DataFrame:
    """The longest stay in care of each child of the age inside the time: child, first, last, length."""
    child = spells["child"].to_numpy()
    old = birthday(children["born"].to_numpy()[child], int(draws.rate("missing_age_from")))
    first = np.maximum.reduce(
        [spells["began"] + SETTLING_IN, old, free_from[child], np.full(len(child), time.after + 1)]
    )
    last = np.minimum(spells["ended"].to_numpy() - 1, time.to - 1)
    stays = pd.DataFrame({"child": child, "first": first, "last": last, "length": last - first + 1,
                          "until": spells["ended"].to_numpy()})  # fmt: skip
    stays = stays[stays["length"] >= min(FEWEST_DAYS, time.to - time.after - 1)]
    return stays.sort_values(["child", "length"]).drop_duplicates("child", keep="last").reset_index(drop=True)


def _choose(
    stays: pd.DataFrame, time: Time, known: NDArray[np.bool_], draws: EventDraws
) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Choose who goes missing, and how often each."""
    part = (time.to - time.after) / DAYS_IN_YEAR
    usual = draws.rate("missing_children") * len(stays)
    size = int(round(usual) if time.children is None else time.children)
    scores = draws.gumbel(len(stays)) + KNOWN_BEFORE * known[stays["child"]] + np.log(stays["length"])
    order = np.argsort(-scores, kind="stable")[:size]
    chosen = stays.iloc[np.sort(order)].reset_index(drop=True)
    total = round(max(draws.rate("missing_spells_each") * part, 1) * size) if time.spells is None else int(time.spells)
    return chosen, _share_out(chosen["length"].to_numpy() // DAYS_FOR_A_SPELL, total, size, draws)


def _share_out(room: NDArray[np.int64], total: int, size: int, draws: EventDraws) -> NDArray[np.int64]:
    """Give each child one spell and share the others out unevenly, none beyond the room a child has."""
    if len(room) < size or total < size or (room.clip(min=1).sum() < total):
        raise InputError(
            f"made_up_event_targets.csv asks for {total} missing spells of {size} children, and {len(room)} children "
            f"have room for {int(room.clip(min=1).sum())}. Ask for fewer, or make up more children."
        )
    count = np.ones(len(room), dtype=np.int64)
    likely = draws.rng.exponential(size=len(room)) + 0.1
    while (left := total - int(count.sum())) > 0:
        open_to = np.where(count < room, likely, 0)
        more = np.bincount(draws.rng.choice(len(room), left, p=open_to / open_to.sum()), minlength=len(room))
        count = np.minimum(count + more, np.maximum(room, 1))
    return count


def _lay_out(chosen: pd.DataFrame, count: NDArray[np.int64], draws: EventDraws) -> pd.DataFrame:
    """Give each spell a share of its child's stay: it starts in the first half and ends before the share does."""
    at = np.repeat(np.arange(len(chosen)), count)
    number = np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count)
    first, length = chosen["first"].to_numpy()[at], chosen["length"].to_numpy()[at]
    low = first + length * number // count[at]
    high = first + length * (number + 1) // count[at] - 1
    start = low + np.floor(draws.rng.random(len(at)) * ((high - low) // 2 + 1)).astype(np.int64)
    days = draws.values("missing_days", len(at)).astype(np.int64)
    end = np.maximum(np.minimum(start + days, high - 1), start)
    return pd.DataFrame({"child": chosen["child"].to_numpy()[at], "start": start, "end": end, "low": low,
                         "of": at, "is_last": number == count[at] - 1})  # fmt: skip


def _stay_away(
    rows: pd.DataFrame, chosen: pd.DataFrame, episodes: pd.DataFrame, time: Time, draws: EventDraws
) -> pd.DataFrame:
    """Let a few children be missing on the last day: their last spell goes on into the next year, in the same home."""
    longest = STILL_MISSING_DAYS[1]
    running = episodes[(episodes["day"] <= time.to - DAYS_FOR_A_SPELL) & (episodes["ended"] > time.to + longest + 1)]
    stay = chosen.iloc[rows["of"]]
    able = rows["is_last"] & rows["child"].isin(running["child"]) & (stay["last"].to_numpy() == time.to - 1)
    able &= rows["low"] <= time.to - DAYS_FOR_A_SPELL
    rate = draws.rate("missing_still_at_the_end") / draws.rate("missing_children")
    able = np.flatnonzero(able)
    few = draws.rng.choice(able, min(int(np.ceil(rate * len(chosen))), len(able)), replace=False)
    start, end = rows["start"].to_numpy().copy(), rows["end"].to_numpy().copy()
    start[few] = time.to - draws.rng.integers(0, DAYS_FOR_A_SPELL, len(few))
    end[few] = time.to + draws.rng.integers(*STILL_MISSING_DAYS, len(few), endpoint=True)
    return rows.assign(start=start, end=end)
