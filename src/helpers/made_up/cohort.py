"""Who is in care: how many come and go in a period, and which children, so that the printed counts hold at its end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.errors import InputError
from helpers.made_up.choosing import Kept, choose_rows, counts_for, fits, load_options
from helpers.made_up.dates import DAYS_IN_YEAR, age_on, birthday, to_day
from helpers.made_up.draws import Draws, seen_on
from helpers.made_up.plans import Period

CHILD = ["child", "born", "gender", "ethnicity", "uasc", "need"]
"""What stays with a child for good."""

MORE_UASC = 60
"""Unaccompanied children added to the choice where their number is printed: a small council may draw too few."""

ROOM = 0.1  # eligible children in care above a count of homes or statuses, so that the later choices have room


@dataclass(frozen=True)
class Flows:
    """How many children of one period take each path.

    staying: come and are still there on the last day; passing: come and leave again; returning: are there on both
    days, and left and came back between; leaving_again: left, came back and left again; coming_again: came, left
    and came again. Each child counts once among those who started and once among those who ceased.
    """

    staying: int
    passing: int
    returning: int
    leaving_again: int
    coming_again: int


def plan_flows(period: Period, in_care: int, turning_18: int, draws: Draws) -> Flows:
    """Split the children who start and cease into paths that balance with the children in care on both days.

    in_care: children on the first day; turning_18: those of them who cannot be there on the last
    raises: InputError if the printed totals leave no such split
    """
    years = (period.to - period.after) / DAYS_IN_YEAR
    returning = round(draws.rate("children_who_leave_and_return") * in_care) if years > 0.9 else 0
    # Enough children must come to replace those who turn 18, with a tenth more for those who leave for other reasons.
    least = round(1.1 * turning_18) + period.total - in_care + returning
    started = period.started
    if started is None and period.ceased is not None:
        started = period.ceased + period.total - in_care
    elif started is None:
        usual = draws.rate("starts_a_year_per_child_in_care") * years * (in_care + period.total) / 2
        started = max(round(usual), round(least / (1 - draws.rate("starts_who_leave_in_the_same_period"))), 0)
    ceased = in_care + started - period.total if period.ceased is None else period.ceased
    surplus = in_care + started - ceased - period.total
    again, back = max(surplus, 0), max(-surplus, 0)
    most = started - returning - again
    passing = min(round(draws.rate("starts_who_leave_in_the_same_period") * started), most)
    if period.long is not None:
        passing = most - (period.total - period.long - returning)
    room = in_care - period.total + started - passing - returning - again - turning_18 - again
    passing = passing + min(room, 0)
    if passing < 0:
        raise InputError(
            f"{draws.borough}: {in_care} children, {started} who started and {ceased} who ceased cannot give "
            f"{period.total} children in care when {turning_18} turn 18. Correct made_up_targets.csv."
        )
    return Flows(started - passing - returning - again, passing, returning, again, back)


def draw_newcomers(period: Period, size: int, known: pd.DataFrame, draws: Draws, *, choice: bool) -> pd.DataFrame:
    """Draw children who could come and still be in care, a few of them known from an earlier period of care.

    size: children needed; choice: draw several times as many, for the counts to choose from
    known: children who went home before this return year (CHILD)
    returns: CHILD and began; `child` is -1 for children not seen before
    """
    wanted = 4 * size + 60 if choice else size
    drawn = round(1.2 * wanted) + 30
    began = draws.day_between(np.full(drawn, period.after + 2), np.full(drawn, period.to - 7))
    new = draws.children(began, "age_at_start").assign(began=began, child=-1)
    new = new[age_on(new["born"], period.to) < 18].iloc[:wanted]
    if choice and period.targets["uasc"].ne("").any():
        began = draws.day_between(np.full(MORE_UASC, period.after + 2), np.full(MORE_UASC, period.to - 7))
        more = draws.children(began, "age_at_start", uasc=True).assign(began=began, child=-1)
        new = pd.concat([new, more[age_on(more["born"], period.to) < 18]], ignore_index=True)
    few = min(round(draws.rate("starts_of_children_known_before") * wanted), len(known))
    again = known.iloc[draws.rng.choice(len(known), few, replace=False)] if few else known.iloc[:0]
    again = again.assign(began=new["began"].to_numpy()[:few])
    return pd.concat([again[[*CHILD, "began"]], new[[*CHILD, "began"]].iloc[few:]], ignore_index=True)


def choose_who(
    stock: pd.DataFrame, newcomers: pd.DataFrame, period: Period, flows: Flows, draws: Draws
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Choose which children stay and which newcomers come.

    stock: children in care on the first day, with their home and legal status
    returns: True for those of `stock` who are in care on the last day, True for those of `newcomers` who are
    """
    then = seen_on(stock, period.to)
    too_old = then["age"].to_numpy() >= 18
    leaving = load_options("leaving", period.year)
    before = seen_on(stock, period.to - 2)
    may_leave = fits(leaving, before)
    weights = (may_leave * leaving["weight"].to_numpy()).sum(axis=1)
    leave_score = np.log(np.where(too_old, 1, weights)) + draws.rng.gumbel(size=len(stock))
    stay = period.total - flows.staying
    if period.targets.empty:
        order = np.argsort(np.where(too_old, np.inf, leave_score), kind="stable")
        stays = np.zeros(len(stock), dtype=bool)
        stays[order[:stay]] = True
        return stays, np.ones(len(newcomers), dtype=bool)
    everyone = pd.concat([then, _as_started(newcomers, period)], ignore_index=True)
    old = np.arange(len(everyone)) < len(stock)
    scores = np.concatenate([-leave_score, draws.rng.gumbel(size=len(newcomers))])
    gone = np.concatenate([too_old, np.zeros(len(newcomers), dtype=bool)])
    kept = [Kept(old, stay, stay), Kept(~old, flows.staying, flows.staying), Kept(gone, 0, 0)]
    kept += _counts_of_people(everyone, period) + _room_for_homes_and_statuses(everyone, period)
    kept += _room_for_leavers(before, may_leave & ~too_old[:, None], leaving, period, len(everyone))
    chosen = choose_rows(scores, kept, told=f"{draws.borough}, children in care")
    return chosen[old], chosen[~old]


def turns_18(stock: pd.DataFrame, day: int) -> NDArray[np.bool_]:
    """Tell who cannot be in care on a day because the 18th birthday has come."""
    return birthday(stock["born"], 18) <= day


def _as_started(newcomers: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Newcomers with the commonest status of a start: their own is drawn once it is known who comes."""
    return seen_on(newcomers, period.to).assign(legal_status="V2", placement="", provider="")


def _counts_of_people(everyone: pd.DataFrame, period: Period) -> list[Kept]:
    """Ages are those of the day that a figure is of, which is later than the period for a wish."""
    kept = []
    people = period.targets[period.targets["stage"] == "people"]
    for day, targets in people.groupby("day"):
        members = counts_for(targets, seen_on(everyone, day))
        long_enough = [in_care_for(everyone, day, months) for months in targets["months_from"]]
        kept += to_keep([one & long for one, long in zip(members, long_enough, strict=True)], targets)
    return kept


def in_care_for(people: pd.DataFrame, day: int, months: str) -> NDArray[np.bool_]:
    """Tell who has been in care for so many calendar months on a day; everybody where months is blank."""
    if not months:
        return np.ones(len(people), dtype=bool)
    since = pd.Timestamp(day, unit="D") - pd.DateOffset(months=int(months))
    return people["began"].to_numpy() <= to_day(since.date())


def _room_for_homes_and_statuses(everyone: pd.DataFrame, period: Period) -> list[Kept]:
    kept = []
    for name, kind in (("placements", "home"), ("legal_statuses", "status")):
        targets = period.targets[period.targets["stage"] == kind]
        options = load_options(name, period.year)
        if targets.empty:
            continue
        may = fits(options, everyone, ignoring=["placements"])
        for one in to_keep(counts_for(targets, everyone, options), targets):
            least = min(one.low + int(np.ceil(ROOM * one.low)) + 2, period.total) if one.low else 0
            kept.append(Kept((may & one.members).any(axis=1), least, np.inf, one.binding))
    return kept


def _room_for_leavers(
    before: pd.DataFrame, may_leave: NDArray[np.bool_], leaving: pd.DataFrame, period: Period, size: int
) -> list[Kept]:
    """Those who stay must leave enough children to leave for each printed reason."""
    targets = period.targets[period.targets["stage"] == "reason"]
    kept = []
    for members, count in zip(counts_for(targets, before, leaving), targets["low"], strict=True):
        able = np.zeros(size, dtype=bool)
        able[: len(before)] = (may_leave & members).any(axis=1)
        kept.append(Kept(able, 0, max(int(able.sum()) - count - 2, 0)))
    return kept


def to_keep(members: list[NDArray[np.bool_]], targets: pd.DataFrame) -> list[Kept]:
    """Pair who would count for each target with its bounds."""
    bounds = targets[["low", "high", "binding"]].itertuples(index=False, name=None)
    return [Kept(one, *bound) for one, bound in zip(members, bounds, strict=True)]
