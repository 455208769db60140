"""Earlier care: a few weeks in care, long before, so that a start in care is not the child's first.

Councils print how many young people came into care for the first time. Where more of them came in a made-up year, some
get an earlier stay, which lies between the days that children are counted on and so changes no other figure.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.made_up.choosing import OutOfReachError
from helpers.made_up.dates import age_on, birthday
from helpers.made_up.draws import Draws
from helpers.made_up.events import EVENT
from helpers.made_up.plans import Plan

DAYS = (14, 50)
AT_HOME = 90  # days at least between the two stays
TRIED = 40
WENT_HOME = "E4A"
STATE = {"placement": "U6", "provider": "PR1", "legal_status": "V2"}


def add_earlier_care(
    events: pd.DataFrame, spells: pd.DataFrame, children: pd.DataFrame, plan: Plan, draws: Draws
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give earlier stays to children until the printed number of a year came for the first time.

    events, spells, children: as history.live has them
    returns: events and spells with the earlier stays
    raises: OutOfReachError where too few came for the first time, or an earlier stay fits into too few lives
    """
    for target in plan.first_starts.to_dict("records"):
        first = _first_starts(spells, children, plan.returns[0].first_day, target)
        surplus = len(first) - target["count"]
        stays = _stays(first, plan, draws, int(birthday(np.array([target["day"]]), -1)[0]))
        if surplus < 0 or surplus > len(stays):
            raise OutOfReachError(f"{draws.borough}: {len(first)} first starts, {target['count']} asked for")
        stays = stays.iloc[:surplus].assign(
            spell=spells["spell"].max() + 1 + np.arange(surplus), place=events["place"].max() + 1 + np.arange(surplus)
        )
        spells = pd.concat([spells, stays.assign(reason=WENT_HOME)[spells.columns]], ignore_index=True)
        events = pd.concat([events, stays.assign(day=stays["began"], **STATE)[EVENT]], ignore_index=True)
    return events, spells


def _first_starts(spells: pd.DataFrame, children: pd.DataFrame, first_day: int, target: dict) -> pd.DataFrame:
    """The first stays told of, where they began in the year and at the age wanted: child, start, born, uasc."""
    told = spells[spells["ended"] >= first_day].sort_values("began", kind="stable").drop_duplicates("child")
    year_before = int(birthday(np.array([target["day"]]), -1)[0])
    told = told[(told["began"] > year_before) & (told["began"] <= target["day"])].sort_values("child")
    people = children.set_index("child").loc[told["child"]]
    age = age_on(people["born"].to_numpy(), told["began"].to_numpy())
    found = people[["born", "uasc"]].assign(start=told["began"].to_numpy()).reset_index()
    return found[(age >= int(target["age_from"])) & (age <= int(target["age_to"]))]


def _stays(first: pd.DataFrame, plan: Plan, draws: Draws, year_before: int) -> pd.DataFrame:
    """Draw, in random order, who could have been in care before the year, from when to when: child, began, ended."""
    able = first[~first["uasc"]].sample(frac=1, random_state=draws.rng)
    low = np.full(len(able), plan.returns[0].first_day + 2)
    counted = np.array([period.to for period in plan.periods])
    began, ended = np.full(len(able), -1), np.full(len(able), -1)
    for _ in range(TRIED):
        days = draws.rng.integers(*DAYS, len(able), endpoint=True)
        high = np.minimum(able["start"].to_numpy() - AT_HOME - days, year_before)
        out = draws.day_between(low, np.maximum(high, low))
        fits = (began < 0) & (high > low) & ~_covers(out, out + days, counted)
        began, ended = np.where(fits, out, began), np.where(fits, out + days, ended)
    return able.assign(began=began, ended=ended)[began >= 0]


def _covers(began: NDArray[np.int64], ended: NDArray[np.int64], days: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which stays touch one of the days, or the day beside it."""
    return ((began[:, None] <= days + 1) & (ended[:, None] >= days - 1)).any(axis=1)
