"""What changes while a child is in care, day by day, and the episodes that follow from it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.made_up.care import EMERGENCY_ORDER, EMERGENCY_ORDER_DAYS, FOSTERED, POLICE_PROTECTION, STATE
from helpers.made_up.choosing import load_options
from helpers.made_up.dates import DAYS_IN_YEAR, NEVER
from helpers.made_up.draws import Draws, Numbers

EVENT = ["child", "spell", "day", *STATE, "place"]
"""One row per change: from `day` on the child is in this home (place) under this legal status."""

MOST_MOVES = 2
KINSHIP = ["U1", "U2", "U3", "Q1"]
ADOPTED_BY_CARER = "A5"
TEMPORARY_DAYS = (2, 6)
SHORTEST_EMERGENCY_ORDER = 6  # days


def live_parts(
    parts: pd.DataFrame, draws: Draws, numbers: Numbers, year: int
) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Turn parts of periods of care into changes.

    parts: child, spell, opens (the care begins with this part), closes, first, last, STATE and place on the first
        day (place -1 where it opens), and the state on the last day as end_placement, end_provider, end_legal_status
    returns: the changes (EVENT), and the place on the last day of each part
    """
    parts = parts.reset_index(drop=True)
    opens = parts["opens"].to_numpy(bool)
    place = parts["place"].to_numpy(np.int64).copy()
    place[opens] = numbers.take("place", int(opens.sum()))
    now = parts.assign(place=place, day=parts["first"])
    events = [now.loc[opens, EVENT]]
    now, after_orders = _after_short_orders(now, draws)
    events.append(after_orders)
    steps, place = _steps(now, draws, numbers, _settled(year))
    events += steps
    return pd.concat([frame for frame in events if len(frame)], ignore_index=True), place


def _after_short_orders(now: pd.DataFrame, draws: Draws) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Police protection ends within 72 hours and an emergency order within 21 days.

    The child stays in the same home under another status, or has left.
    """
    police = now["legal_status"] == POLICE_PROTECTION
    order = (now["legal_status"] == EMERGENCY_ORDER) & (now["last"] - now["first"] > EMERGENCY_ORDER_DAYS)
    under = now["opens"] & (police | order) & (now["end_legal_status"] != now["legal_status"])
    changed = now.loc[under].copy()
    accommodated = changed["end_legal_status"] == "V2"
    changed["legal_status"] = np.where(accommodated, "V2", "C1")
    days = draws.rng.integers(1, 3, len(changed))
    changed["day"] = changed["first"] + np.where(police[under], days, days + SHORTEST_EMERGENCY_ORDER)
    now = now.copy()
    now.loc[under, ["legal_status", "day"]] = changed[["legal_status", "day"]]
    return now, changed[EVENT]


def _steps(
    now: pd.DataFrame, draws: Draws, numbers: Numbers, settled: list[str]
) -> tuple[list[pd.DataFrame], NDArray[np.int64]]:
    """Moves, changes of status and short temporary stays between the first and the last day of each part."""
    rng, size = draws.rng, len(now)
    start, last = now["day"].to_numpy(np.int64), now["last"].to_numpy(np.int64)
    home_changes = (now["placement"] != now["end_placement"]) | (now["provider"] != now["end_provider"])
    home_changes = home_changes.to_numpy(bool)
    changes = home_changes | (now["legal_status"] != now["end_legal_status"]).to_numpy(bool)
    # A home or status that the child is too young for, or too short in care, waits for its day, without other moves.
    waits = changes & (now["possible"].to_numpy() > start + 1)
    start = np.where(waits, np.minimum(now["possible"].to_numpy(np.int64), last - 1) - 1, start)
    room = last - start - 1
    quiet = now["placement"].isin(settled) | now["end_placement"].isin(settled)
    moves = rng.poisson(draws.rate("moves_a_year") * np.maximum(room, 0) / DAYS_IN_YEAR).clip(0, MOST_MOVES)
    moves = np.where(quiet | waits, 0, np.minimum(moves, np.maximum(room - 1, 0)))
    count = moves + changes
    turning = np.where(changes, np.floor(rng.random(size) * np.maximum(count, 1)), count).astype(np.int64)
    keeps_carer = _keeps_carer(now, draws)
    place = now["place"].to_numpy(np.int64).copy()
    events = []
    for step in range(MOST_MOVES + 1):
        active = np.flatnonzero(count > step)
        turned = turning[active] <= step
        at_turn = turning[active] == step
        moved = np.where(at_turn, home_changes[active] & ~keeps_carer[active], True)
        place[active[moved]] = numbers.take("place", int(moved.sum()))
        events.append(_event(now, active, _slot(start, room, count, active, step, rng), turned, place[active]))
    stays = (count == 0) & (room > 60) & ~quiet.to_numpy(bool)
    stays &= rng.random(size) < draws.rate("temporary_stay_a_year") * room / DAYS_IN_YEAR
    return [*events, *_temporary_stays(now, np.flatnonzero(stays), place, draws, numbers)], place


def _slot(start, room, count, active, step: int, rng) -> NDArray[np.int64]:
    """A day in the step's share of the time, so that the steps of one part stand in order and on different days."""
    low = room[active] * step // count[active]
    high = room[active] * (step + 1) // count[active]
    return start[active] + 1 + low + np.floor(rng.random(len(active)) * (high - low)).astype(np.int64)


def _event(now: pd.DataFrame, rows: NDArray[np.int64], day, turned: NDArray[np.bool_], place) -> pd.DataFrame:
    own = now.iloc[rows]
    state = {name: np.where(turned, own[f"end_{name}"], own[name]) for name in STATE}
    return pd.DataFrame({"child": own["child"], "spell": own["spell"], "day": day, **state, "place": place})[EVENT]


def _keeps_carer(now: pd.DataFrame, draws: Draws) -> NDArray[np.bool_]:
    """The same foster carer may go on under another kind of placement; one who adopts (A5) always does."""
    fostered = now["placement"].str[0].isin(FOSTERED)
    kin = now["placement"].isin(KINSHIP) == now["end_placement"].isin(KINSHIP)
    may = fostered & now["end_placement"].str[0].isin(FOSTERED) & kin & (now["provider"] == now["end_provider"])
    keeps = may & draws.happens(len(now), draws.rate("same_carer_after_change_of_kind"))
    return (keeps | (fostered & (now["end_placement"] == ADOPTED_BY_CARER))).to_numpy(bool)


def _temporary_stays(now, rows, place, draws: Draws, numbers: Numbers) -> list[pd.DataFrame]:
    """A few days in hospital or elsewhere; the child goes back to the same home."""
    own = now.iloc[rows]
    days = draws.rng.integers(*TEMPORARY_DAYS, len(rows), endpoint=True)
    away = draws.day_between(own["day"].to_numpy() + 10, own["last"].to_numpy() - 20)
    there = own.assign(
        day=away,
        placement=draws.values("temporary", len(rows)),
        provider="",
        place=numbers.take("place", len(rows)),
    )
    back = own.assign(day=away + days, place=place[rows])
    return [there[EVENT], back[EVENT]]


def _settled(year: int) -> list[str]:
    homes = load_options("placements", year)
    return homes.loc[homes["settled"] == "yes", "placement"].unique().tolist()


def to_episodes(events: pd.DataFrame, spells: pd.DataFrame) -> pd.DataFrame:
    """Turn all changes of a history into episodes of care.

    events: EVENT; spells: spell, ended (NEVER while open), reason
    returns: EVENT's columns with `day` as the first day, rne, ended, rec and next_rne (why the next episode starts,
        blank for the last), in order of child and day
    """
    events = events.sort_values(["child", "day"], kind="stable", ignore_index=True)
    same = events["spell"].eq(events["spell"].shift())
    moved = events["place"].ne(events["place"].shift())
    kind = events["placement"].ne(events["placement"].shift()) | events["provider"].ne(events["provider"].shift())
    status = events["legal_status"].ne(events["legal_status"].shift())
    rne = np.select(
        [~same, moved & status, moved, kind & status, kind, status], ["S", "B", "P", "U", "T", "L"], default=""
    )
    episodes = events.assign(rne=rne)[rne != ""].reset_index(drop=True)
    goes_on = episodes["spell"].eq(episodes["spell"].shift(-1))
    own = spells.set_index("spell").loc[episodes["spell"]]
    return episodes.assign(
        ended=np.where(goes_on, episodes["day"].shift(-1, fill_value=NEVER), own["ended"]),
        rec=np.where(goes_on, "X1", own["reason"]),
        next_rne=np.where(goes_on, episodes["rne"].shift(-1, fill_value=""), ""),
    )
