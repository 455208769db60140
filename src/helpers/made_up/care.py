"""Where children live and under which legal status, when a period of care opens, on a counted day, and how it ends."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.made_up.choosing import Kept, choose_options, counts_for, fits, load_options, score
from helpers.made_up.cohort import to_keep
from helpers.made_up.dates import DAYS_IN_MONTH, DAYS_IN_YEAR, birthday
from helpers.made_up.draws import Draws, seen_on
from helpers.made_up.plans import Period

STATE = ["placement", "provider", "legal_status"]
POLICE_PROTECTION = "L1"
POLICE_PROTECTION_DAYS = 3
EMERGENCY_ORDER, EMERGENCY_ORDER_DAYS = "L2", 21
FOSTERED = ["U", "Q"]
LONG_STAY = (18, 16)  # months in care at least, and younger than
ADOPTED = ("E11", "E12")


def open_care(starts: pd.DataFrame, period: Period, draws: Draws, *, counted: NDArray[np.bool_]) -> pd.DataFrame:
    """Give the home and legal status on the first day of care.

    starts: children with began; counted: True where the start is the child's first of the period, which the printed
        shares of starts count
    returns: STATE, same index
    """
    people = seen_on(starts, starts["began"].to_numpy()).assign(legal_status="")
    homes = load_options("placements", period.year, "weight_at_start")
    fit = fits(homes, people, ignoring=["legal_statuses", "placements"])
    chosen = choose_options(score(homes["weight_at_start"].to_numpy(), fit, draws.rng), [], told="first homes")
    placed = homes.iloc[chosen]
    people = people.assign(placement=placed["placement"].to_numpy())
    statuses = load_options("legal_statuses", period.year, "weight_at_start")
    fit = fits(statuses, people, ignoring=["after"])
    targets = period.targets[period.targets["stage"] == "start"]
    kept = to_keep([members & counted[:, None] for members in counts_for(targets, people, statuses)], targets)
    chosen = choose_options(
        score(statuses["weight_at_start"].to_numpy(), fit, draws.rng), kept, told=f"{draws.borough}, starts"
    )
    return pd.DataFrame(
        {
            "placement": placed["placement"].to_numpy(),
            "provider": placed["provider"].to_numpy(),
            "legal_status": statuses["legal_status"].to_numpy()[chosen],
        },
        index=starts.index,
    )


def care_on_day(people: pd.DataFrame, period: Period, draws: Draws, *, ignoring: tuple[str, ...] = ()) -> pd.DataFrame:
    """Give the home and legal status on the last day of a period, after those people have now.

    people: children in care on that day, with began and STATE as it was before
    ignoring: conditions on what was before that do not bind (for the first day of a history)
    returns: STATE and `possible`, the first day on which the child is old enough and long enough in care for it, same
        index
    """
    then = seen_on(people, period.to)
    homes = load_options("placements", period.year)
    fit = fits(homes, then, ignoring=ignoring)
    scores = score(homes["weight"].to_numpy(), fit, draws.rng)
    provider = np.equal.outer(then["provider"].to_numpy(str), homes["provider"].to_numpy(str))
    same = provider & np.equal.outer(then["placement"].to_numpy(str), homes["placement"].to_numpy(str))
    scores += np.log(draws.rate("same_provider_as_before")) * (provider & ~same)
    scores += (np.log(draws.rate("same_home_as_before")) + _short(period)) * same
    # Who has been in care for long moves least of all: that is whom long-term stability is counted of.
    scores += np.log(draws.rate("same_home_of_a_long_stay")) * (same & _long_stay(then)[:, None])
    chosen = choose_options(scores, _kept(period, "home", then, homes), told=f"{draws.borough}, homes")
    placement = homes["placement"].to_numpy()[chosen]
    statuses = load_options("legal_statuses", period.year)
    fit = fits(statuses, then.assign(placement=placement), ignoring=ignoring)
    scores = score(statuses["weight"].to_numpy(), fit, draws.rng)
    scores += _short(period) * np.equal.outer(
        then["legal_status"].to_numpy(str), statuses["legal_status"].to_numpy(str)
    )
    status = choose_options(scores, _kept(period, "status", then, statuses), told=f"{draws.borough}, legal statuses")
    return pd.DataFrame(
        {
            "placement": placement,
            "provider": homes["provider"].to_numpy()[chosen],
            "legal_status": statuses["legal_status"].to_numpy()[status],
            "possible": np.maximum(_possible(then, homes.iloc[chosen]), _possible(then, statuses.iloc[status])),
        },
        index=people.index,
    )


def _long_stay(people: pd.DataFrame) -> NDArray[np.bool_]:
    months, age = LONG_STAY
    return ((people["months"] >= months) & (people["age"] < age)).to_numpy()


def _possible(people: pd.DataFrame, options: pd.DataFrame) -> NDArray[np.int64]:
    """The first day on which each child has the age and the months in care that its option asks for."""
    old_enough = birthday(people["born"], options["age_from"].to_numpy().astype(int))
    months = options["months_from"].fillna(0).to_numpy()
    return np.maximum(old_enough, np.ceil(people["began"].to_numpy() + months * DAYS_IN_MONTH).astype(np.int64))


def close_care(ends: pd.DataFrame, period: Period, draws: Draws) -> pd.DataFrame:
    """Give the reason and the day for periods of care that end for good in a period.

    ends: children with began, first, STATE, and `last`, which is the day where it is fixed and -1 where it is not
    returns: reason, last, same index; nobody stays beyond the 18th birthday
    """
    fixed = ends["last"].to_numpy() >= 0
    turned = birthday(ends["born"], 18)
    at_18 = ~fixed & (turned <= period.to)
    early = at_18 & draws.happens(len(ends), draws.rate("leave_before_18th_birthday"))
    early &= turned - 1 >= period.after + 2
    latest = np.where(fixed, ends["last"], period.to - 2)
    latest = np.where(at_18, np.where(early, np.minimum(turned - 1, period.to - 2), turned), latest)
    people = seen_on(ends, latest)
    leaving = load_options("leaving", period.year)
    scores = score(leaving["weight"].to_numpy(), fits(leaving, people), draws.rng)
    chosen = choose_options(scores, _kept(period, "reason", people, leaving), told=f"{draws.borough}, leavers")
    reason = leaving["reason"].to_numpy()[chosen]
    earliest = np.maximum(ends["first"].to_numpy() + 2, _possible(ends, leaving.iloc[chosen]))
    # A child adopted from foster care lives with the adopters first.
    moves_in = np.isin(reason, ADOPTED) & ~ends["placement"].str.startswith("A").to_numpy()
    earliest = np.minimum(earliest + 40 * moves_in, latest)
    free = ~fixed & ~(at_18 & ~early)
    last = np.where(free, draws.day_between(earliest, latest), latest)
    return pd.DataFrame({"reason": reason, "last": last}, index=ends.index)


def go_home(ends: pd.DataFrame, period: Period, draws: Draws) -> NDArray[np.str_]:
    """Draw the reason for children who leave and come back within the period."""
    leaving = load_options("leaving", period.year)
    leaving = leaving[leaving["may_return"] == "yes"].reset_index(drop=True)
    people = seen_on(ends, ends["last"].to_numpy())
    fit = fits(leaving, people, ignoring=["legal_statuses", "placements"])
    return leaving["reason"].to_numpy(str)[
        choose_options(score(leaving["weight"].to_numpy(), fit, draws.rng), [], told="short returns home")
    ]


def care_at_end(ends: pd.DataFrame, draws: Draws) -> pd.DataFrame:
    """Give STATE on the last day of care, and `possible`, as care_on_day does.

    Adopted children live with their adopters, and police protection or an emergency order has run out.

    ends: first, last, reason and STATE on the first day of this part of the care
    """
    state = ends[STATE].copy()
    adopted = ends["reason"].isin(ADOPTED) & ~ends["placement"].str.startswith("A")
    by_carer = draws.happens(int(adopted.sum()), 0.3) & state.loc[adopted, "placement"].str[0].isin(FOSTERED)
    state.loc[adopted, "placement"] = np.where(by_carer, "A5", "A6")
    state.loc[adopted, "provider"] = "PR1"
    state.loc[ends["reason"].isin(ADOPTED), "legal_status"] = "E1"
    days = ends["last"] - ends["first"]
    over = ends["opens"] & (
        ((ends["legal_status"] == POLICE_PROTECTION) & (days > POLICE_PROTECTION_DAYS))
        | ((ends["legal_status"] == EMERGENCY_ORDER) & (days > EMERGENCY_ORDER_DAYS))
    )
    state.loc[over, "legal_status"] = np.where(draws.happens(int(over.sum()), 0.5), "V2", "C1")
    return state.assign(possible=ends["first"])


def _short(period: Period) -> float:
    """What makes it likelier that nothing changes in a part of a year: the weights of the codelists are for a year."""
    years = (period.to - period.after) / DAYS_IN_YEAR
    return -np.log(years) if 0 < years < 1 else 0.0


def _kept(period: Period, kind: str, people: pd.DataFrame, options: pd.DataFrame) -> list[Kept]:
    targets = period.targets[period.targets["stage"] == kind]
    return to_keep(counts_for(targets, people, options), targets)
