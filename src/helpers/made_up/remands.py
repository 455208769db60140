"""Children on remand in a year: a few weeks under another legal status, some of them in a young offender institution.

Added once a history is lived, to children in care then, and over before the day that children are counted on, so that
the printed homes and legal statuses of that day stay as they are.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.made_up.choosing import OutOfReachError
from helpers.made_up.dates import NEVER, age_on, birthday
from helpers.made_up.draws import Draws
from helpers.made_up.events import EVENT

REMAND = "J1"
PRISON, PUBLIC = "R5", "PR3"
HOMES = ["U4", "U6", "Q2", "K2"]
"""Homes of children on remand who are not in prison."""

STATUSES = ["V2", "C2"]
AGES = (14, 17)
DAYS = (14, 40)
BOYS_PER_GIRL = 6


def add_remands(
    events: pd.DataFrame, spells: pd.DataFrame, children: pd.DataFrame, targets: pd.DataFrame, draws: Draws
) -> pd.DataFrame:
    """Add remands until the printed numbers of a year hold.

    events, spells, children: as history.live has them
    targets: rows of one or two counts of a year, of children under REMAND (legal_statuses) and in PRISON (placements)
    returns: all changes, events.EVENT
    raises: OutOfReachError where there are more of them already, or nobody more who could be
    """
    for day, wanted in targets.groupby("day"):
        first = int(birthday(np.array([day]), -1)[0]) + 1
        rows = _with_until(events, spells)
        there = (rows["day"] <= day) & (rows["until"] > first)
        on_remand = rows.loc[there & (rows["legal_status"] == REMAND), "child"].unique()
        in_prison = rows.loc[there & (rows["placement"] == PRISON), "child"].unique()
        remands = wanted.loc[wanted["legal_statuses"] == REMAND, "count"].sum() - len(on_remand)
        prison = wanted.loc[wanted["placements"] == PRISON, "count"].sum() - len(in_prison)
        stays = _stays(rows, children, [*on_remand, *in_prison], (first, day), draws)
        if remands < prison or prison < 0 or remands > len(stays):
            raise OutOfReachError(f"{draws.borough}, remands: {remands} more asked for, {len(stays)} are possible")
        events = pd.concat([events, _changes(stays.iloc[:remands], prison, events["place"].max())], ignore_index=True)
    return events


def _with_until(events: pd.DataFrame, spells: pd.DataFrame) -> pd.DataFrame:
    """Add `until`, the day of the next change or of leaving."""
    rows = events.sort_values(["child", "day"], kind="stable", ignore_index=True)
    ended = spells.set_index("spell")["ended"].reindex(rows["spell"]).to_numpy()
    goes_on = rows["spell"].eq(rows["spell"].shift(-1))
    return rows.assign(until=np.where(goes_on, rows["day"].shift(-1, fill_value=NEVER), ended))


def _stays(
    rows: pd.DataFrame, children: pd.DataFrame, taken: list[int], year: tuple[int, int], draws: Draws
) -> pd.DataFrame:
    """Draw, in random order with boys first as often as they are, who could be on remand from when to when."""
    low, high = np.maximum(rows["day"], year[0]) + 3, np.minimum(rows["until"], year[1]) - 3
    may = rows["placement"].isin(HOMES) & rows["legal_status"].isin(STATUSES) & (high - low > DAYS[1] + 5)
    may &= ~rows["child"].isin(taken)
    able = rows.assign(low=low, high=high)[may].drop_duplicates("child")
    people = children.set_index("child").loc[able["child"]]
    age_from, age_to = (age_on(people["born"].to_numpy(), able[name].to_numpy()) for name in ("low", "high"))
    fit = (age_from >= AGES[0]) & (age_to <= AGES[1]) & ~people["uasc"].to_numpy(bool)
    able, people = able[fit], people[fit]
    days = draws.rng.integers(*DAYS, len(able), endpoint=True)
    out = draws.day_between(able["low"].to_numpy(), able["high"].to_numpy() - days)
    weight = np.where(people["gender"] == "1", BOYS_PER_GIRL, 1)
    order = np.argsort(-(np.log(weight) + draws.rng.gumbel(size=len(able))), kind="stable")
    return able.assign(out=out, back=out + days).iloc[order]


def _changes(stays: pd.DataFrame, prison: int, last_place: int) -> pd.DataFrame:
    """The first `prison` of the stays are in prison, and lead to another home afterwards."""
    inside = np.arange(len(stays)) < prison
    number = last_place + 1 + 2 * np.arange(len(stays))
    out = stays.assign(
        day=stays["out"],
        legal_status=REMAND,
        placement=stays["placement"].mask(inside, PRISON),
        provider=stays["provider"].mask(inside, PUBLIC),
        place=stays["place"].mask(inside, number),
    )
    back = stays.assign(day=stays["back"], place=stays["place"].mask(inside, number + 1))
    return pd.concat([out, back])[EVENT]
