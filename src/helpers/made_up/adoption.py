"""Decisions to place children for adoption, and the details of adoptions: tables placed_adoption and ad1."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.made_up.care import ADOPTED
from helpers.made_up.dates import NEVER, birthday
from helpers.made_up.event_draws import EventDraws, asked_for
from helpers.made_up.plans import Plan

PLACEMENT_ORDER = "E1"
WITH_FOSTER_CARER = ("A3", "A5")
DAYS_FROM_DECISION = (14, 60)
"""Days from the decision that a child should be placed for adoption to the placement order or the placement."""
DAYS_TO_MATCH = (20, 240)
DAYS_BEFORE_ADOPTION = 10
"""Fewest days from the match to the adoption, and where there is room to the day of moving in."""
YEARS_OF_THE_MEAN = 3


def decide_placements(episodes: pd.DataFrame, draws: EventDraws) -> pd.DataFrame:
    """Give the decisions that children should be placed for adoption: one before each placement order or placement.

    episodes: child, spell, day, ended, placement, legal_status, rec, in order of child and day
    returns: child, spell, placed (day of the decision), starts (day of the order or placement), ends (day of what it
        led to), ceased and REASON_PLACED_CEASED (NEVER and blank where it led to adoption or still stands)
    """
    under = (episodes["legal_status"] == PLACEMENT_ORDER) | episodes["placement"].str.startswith("A")
    same = episodes["spell"].eq(episodes["spell"].shift())
    run = (under & ~(same & under.shift(fill_value=False))).cumsum()
    before = episodes["day"].shift(fill_value=0).where(same, episodes["day"])
    rows = episodes.assign(run=run, before=before)[under]
    runs = rows.groupby("run", as_index=False).agg(
        child=("child", "first"), spell=("spell", "first"), starts=("day", "first"), before=("before", "first"),
        ends=("ended", "last"), rec=("rec", "last"),
    )  # fmt: skip
    days = draws.rng.integers(*DAYS_FROM_DECISION, len(runs), endpoint=True)
    # Not before the episode that the order ends: the year's return tells that one too.
    placed = np.minimum(np.maximum(runs["starts"] - days, runs["before"] + 1), runs["starts"])
    goes_on = runs["rec"].isin(ADOPTED) | (runs["ends"] == NEVER)
    reasons = draws.values("placed_ceased", len(runs))
    return runs.assign(
        placed=placed,
        ceased=np.where(goes_on, NEVER, runs["ends"]),
        REASON_PLACED_CEASED=np.where(goes_on, "", reasons),
    ).drop(columns=["run", "before", "rec"])


def decisions_told(decisions: pd.DataFrame, first_day: int, last_day: int) -> pd.DataFrame:
    """Give the decisions that a return tells: those whose order or placement has a day in its year."""
    return decisions[(decisions["starts"] <= last_day) & (decisions["ends"] >= first_day)]


def adoption_details(
    episodes: pd.DataFrame, decisions: pd.DataFrame, plan: Plan, targets: pd.DataFrame, draws: EventDraws
) -> pd.DataFrame:
    """Give the details of every adoption, with days from order to match whose mean is the printed one.

    returns: child, adopted (day), DATE_INT and DATE_MATCH as days, FOSTER_CARE, NB_ADOPTR, SEX_ADOPTR, LS_ADOPTR
    """
    last = episodes[episodes["rec"].isin(ADOPTED)]
    own = episodes[episodes["spell"].isin(last["spell"])]
    ordered = own[own["legal_status"] == PLACEMENT_ORDER].groupby("spell")["day"].min()
    moved_in = own[own["placement"].str.startswith("A")].groupby("spell")["day"].min()
    decided = decisions.drop_duplicates("spell", keep="last").set_index("spell")["placed"]
    rows = pd.DataFrame({"child": last["child"].to_numpy(), "adopted": last["ended"].to_numpy()})
    spell = last["spell"].to_numpy()
    rows["decided"] = decided.reindex(spell).to_numpy()
    rows["ordered"] = ordered.reindex(spell).fillna(rows["decided"].set_axis(spell)).to_numpy()
    rows["moved_in"] = moved_in.reindex(spell).fillna(rows["adopted"].set_axis(spell)).to_numpy()
    adopters = pd.Series(draws.values("adopters", len(rows)), dtype=str).str.split(" ", expand=True)
    sex, status = (adopters.reindex(columns=[column])[column] for column in (0, 1))
    return rows.assign(
        DATE_INT=rows["decided"],
        DATE_MATCH=_matched(rows, plan, targets, draws),
        FOSTER_CARE=np.where(last["placement"].isin(WITH_FOSTER_CARER), "1", "0"),
        NB_ADOPTR=np.where(np.isin(sex, ["M1", "F1"]), "1", "2"),
        SEX_ADOPTR=sex,
        LS_ADOPTR=status,
    )[["child", "adopted", "DATE_INT", "DATE_MATCH", "FOSTER_CARE", "NB_ADOPTR", "SEX_ADOPTR", "LS_ADOPTR"]]


def _matched(rows: pd.DataFrame, plan: Plan, targets: pd.DataFrame, draws: EventDraws) -> np.ndarray:
    """Draw days of matching, and move those of three years together so that their mean is the printed one."""
    ordered, adopted = rows["ordered"].to_numpy(np.int64), rows["adopted"].to_numpy(np.int64)
    # Nobody is matched before the decision; an order that was given up and made again is older than the last decision.
    least = np.maximum(rows["decided"].to_numpy(np.int64) - ordered, 0) + 1
    most = np.maximum(adopted - ordered - DAYS_BEFORE_ADOPTION, least)
    usual = np.minimum(rows["moved_in"] - ordered - DAYS_BEFORE_ADOPTION, draws.rng.integers(*DAYS_TO_MATCH, len(rows)))
    days = np.clip(usual.to_numpy(np.int64), least, most)
    for told in plan.returns:
        mean = asked_for(targets, "adoption_a2_days", told.last_day, "three_year")
        after = int(birthday(np.array([told.last_day]), -YEARS_OF_THE_MEAN)[0])
        own = np.flatnonzero((adopted > after) & (adopted <= told.last_day))
        if mean is not None and len(own):
            days[own] = bring_to_sum(days[own], least[own], most[own], round(mean * len(own)))
    return ordered + days


def bring_to_sum(values: np.ndarray, least: np.ndarray, most: np.ndarray, total: int) -> np.ndarray:
    """Move whole numbers between their bounds until they add up to `total`, each by a like share of its room.

    returns: the values, same shape; at their bounds where the total is out of reach
    """
    missing = int(np.clip(total, least.sum(), most.sum())) - int(values.sum())
    room = most - values if missing > 0 else values - least
    if not missing or not room.sum():
        return values.copy()
    exact = room * (abs(missing) / room.sum())
    steps = np.floor(exact).astype(np.int64)
    rest = abs(missing) - int(steps.sum())
    steps[np.argsort(-(exact - steps), kind="stable")[:rest]] += 1
    return values + np.sign(missing) * steps
