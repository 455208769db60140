"""Made-up children in care for tests of size: periods of care, episodes and homes, drawn whole columns at a time.

Faster and plainer than helpers.made_up, which is shaped to published figures. Days are whole numbers since 1970.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

YEARS = range(2016, 2026)
"""Return years: ten, and the last has the sex codes M and F."""
YEAR = 365.25
ENTRIES = ("2009-04-01", "2025-03-31")
AGAIN, UNACCOMPANIED = 0.15, 0.06
DAYS_IN_CARE, DAYS_OF_AN_EPISODE, DAYS_AWAY = 2.2 * YEAR, 270, 400
MOVES = 0.7
"""Share of new episodes that are a move; the rest are a new legal status."""
ORDERS = np.array(["V2", "C1", "C2"])
HOMES = np.array(["U6", "U6", "U4", "U3", "K2", "R1"])
PROVIDERS = np.array(["PR1", "PR4", "PR1", "PR1", "PR4", "PR4"])
OLD_ENOUGH_FOR_LAST_HOME = 16 * YEAR
WITHOUT_URN = "R1"
OFFICES = {
    "home": "BR1 3UH, SW1E 6QP, E14 2BG, N1C 4AG, IG1 1DD, CR0 1EA, E8 1EA, SE1 2QH, SE18 6PW, SW18 2PU, N22 8LE",
    "place": "IG11 7LU, KT1 1EU, RM1 3BD, E17 4JF, EN1 3XA, SM1 1EA, W8 7NX, W5 2HL, ME14 1XQ, CM1 1QH, SG13 8DE, "
    "BN7 1UE, LU1 2BQ, LS1 1UR, B1 1BB, M60 2LA",
}
"""Postcodes that the directory has and where nobody lives: town and county halls."""


class Lives(NamedTuple):
    """children: one row each, index 0, 1, ...; spells: periods of care; episodes: in order of child and day."""

    children: pd.DataFrame
    spells: pd.DataFrame
    episodes: pd.DataFrame


def to_day(text: str) -> int:
    """Give a day such as 2023-03-31 as a number."""
    return int(np.datetime64(text, "D").astype(int))


def birthday(born: np.ndarray, age: int) -> np.ndarray:
    """Give the day of a birthday; a child of 29 February has it on 1 March of other years."""
    months = born.astype("datetime64[D]").astype("datetime64[M]")
    day = born - months.astype("datetime64[D]").astype(int)
    return (months + 12 * age).astype("datetime64[D]").astype(int) + day


def live(children: int, rng: np.random.Generator) -> Lives:
    """Draw the children of one borough and what happened to them. The same state of rng gives the same lives."""
    born = _children(children, rng)
    spells = _spells(born, rng)
    return Lives(born, spells, _episodes(born, spells, rng))


def _children(size: int, rng: np.random.Generator) -> pd.DataFrame:
    entry = rng.integers(to_day(ENTRIES[0]), to_day(ENTRIES[1]), size)
    alone = rng.random(size) < UNACCOMPANIED
    age = np.where(alone, rng.uniform(15, 17.3, size), rng.beta(0.8, 0.9, size) * 17.2) * YEAR
    return pd.DataFrame(
        {
            "entry": entry,
            "born": entry - age.astype(int) - 1,
            "unaccompanied": alone,
            "boy": alone | (rng.random(size) < 0.55),
            "ethnic": rng.choice(["WBRI", "WOTH", "MWBC", "AOTH", "ABAN", "BAFR", "BCRB", "OOTH"], size),
            "told_late": rng.random(size) < 0.03,
        }
    )


def _spells(children: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    grown = birthday(children["born"].to_numpy(), 18)
    first = _stay(children.index.to_numpy(), children["entry"].to_numpy(), grown, rng)
    back = first["end"] + 30 + rng.exponential(DAYS_AWAY, len(first)).astype(int)
    returns = (rng.random(len(first)) < AGAIN) & (back < grown - 60)
    again = _stay(first.loc[returns, "child"].to_numpy(), back[returns].to_numpy(), grown[returns], rng)
    spells = pd.concat([first, again]).sort_values(["child", "start"], ignore_index=True)
    alone = children["unaccompanied"].to_numpy()[spells["child"]]
    needs = rng.choice(["N1", "N1", "N1", "N2", "N4", "N5"], len(spells))
    return spells.assign(need=np.where(alone, "N8", needs), home=_postcodes("home", len(spells), rng))


def _stay(child: np.ndarray, start: np.ndarray, grown: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    end = start + 10 + rng.exponential(DAYS_IN_CARE, len(start)).astype(int)
    left = np.where(rng.random(len(start)) < 0.7, "E4A", "E13")
    return pd.DataFrame(
        {"child": child, "start": start, "end": np.minimum(end, grown), "left": np.where(end < grown, left, "E5")}
    )


def _episodes(children: pd.DataFrame, spells: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Cut each period of care into episodes that follow one another, each a move or a new legal status."""
    length = (spells["end"] - spells["start"]).to_numpy()
    cuts = np.repeat(np.arange(len(spells)), rng.poisson(length / DAYS_OF_AN_EPISODE))
    offsets = 1 + (rng.random(len(cuts)) * (length[cuts] - 1)).astype(int)
    # A period and a day in it as one number: sorted and without repeats in one go.
    spell, offset = np.divmod(
        np.unique(np.concatenate([np.arange(len(spells)) << 16, (cuts << 16) + offsets])), 1 << 16
    )
    first = np.append(True, spell[1:] != spell[:-1])
    last = np.append(first[1:], True)
    of = spells.iloc[spell].reset_index(drop=True)
    start = of["start"].to_numpy() + offset
    rank, new_order = _orders(children, of, spell, first, rng)
    episodes = pd.DataFrame(
        {
            "child": of["child"],
            "start": start,
            "end": np.where(last, of["end"], np.append(start[1:], 0)),
            "new": np.where(first, "S", np.where(new_order, "L", "P")),
            "order": ORDERS[rank],
            "need": of["need"],
            "left": np.where(last, of["left"], "X1"),
            "moves_on": np.where(~last & np.append(~new_order[1:], False), "CARPL", ""),
            "home": of["home"],
            "forgotten": rng.random(len(spell)) < 0.002,
        }
    )
    return episodes.assign(**_places(children, episodes, first | ~new_order, rng))


def _orders(
    children: pd.DataFrame, of: pd.DataFrame, spell: np.ndarray, first: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Give each episode's legal status, by its place in ORDERS, and whether it is new; it never goes back."""
    begins = np.where(rng.random(spell.max() + 1) < 0.5, 0, 1)[spell]
    alone = children["unaccompanied"].to_numpy()[of["child"]]
    begins = np.where(alone, 0, begins)
    wanted = ~first & ~alone & (rng.random(len(spell)) > MOVES)
    nth = wanted.astype(int).cumsum()
    nth -= np.maximum.accumulate(np.where(first, nth, 0))
    new = wanted & (begins + nth < len(ORDERS))
    return np.minimum(begins + nth, len(ORDERS) - 1), new


def _places(
    children: pd.DataFrame, episodes: pd.DataFrame, moved: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Give each episode its home: the one of the latest move. No two homes that follow one another are the same."""
    size = len(episodes)
    since = np.maximum.accumulate(np.where(moved, np.arange(size), 0))
    age = (episodes["start"] - children["born"].to_numpy()[episodes["child"]]).to_numpy()
    kind = np.where(age > OLD_ENOUGH_FOR_LAST_HOME, rng.integers(0, len(HOMES), size), rng.integers(0, 5, size))[since]
    return {
        "place": HOMES[kind],
        "provider": PROVIDERS[kind],
        "postcode": _postcodes("place", size, rng)[since],
        "urn": np.where(HOMES[kind] == WITHOUT_URN, "", (1_000_000 + rng.permutation(size))[since].astype(str)),
        "urn_late": (rng.random(size) < 0.03)[since],
    }


def _postcodes(kind: str, size: int, rng: np.random.Generator) -> np.ndarray:
    known = np.array(OFFICES[kind].split(", "), dtype=object)
    return known[rng.integers(0, len(known), size)]
