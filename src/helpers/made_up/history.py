"""One made-up history per borough: the same children from year to year, period by period."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.made_up.care import STATE, care_at_end, care_on_day, close_care, go_home, open_care
from helpers.made_up.cohort import CHILD, Flows, choose_who, draw_newcomers, in_care_for, plan_flows, turns_18
from helpers.made_up.dates import DAYS_IN_MONTH, NEVER, age_on, birthday, to_day
from helpers.made_up.draws import Draws, Numbers
from helpers.made_up.earlier_care import add_earlier_care
from helpers.made_up.events import live_parts, to_episodes
from helpers.made_up.moves import shape_moves
from helpers.made_up.plans import Period, Plan, return_year
from helpers.made_up.remands import add_remands

SPELL = ["child", "spell", "began"]
LEFT = [*CHILD, "spell", "began", "ended", "reason"]

AT_HOME = (8, 60)
"""Fewest and most days at home of a child who leaves and comes back in one period."""

SCHOOL_AGES = (4, 15)
"""Ages of the children who leave and come back in one period."""


@dataclass
class History:
    """Everything that happened in one borough so far. `stock`: children in care now, with SPELL, STATE and place."""

    stock: pd.DataFrame
    children: list[pd.DataFrame] = field(default_factory=list)
    events: list[pd.DataFrame] = field(default_factory=list)
    left: list[pd.DataFrame] = field(default_factory=list)


def live(plan: Plan, draws: Draws) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Live through every period of a plan.

    returns: children (CHILD), spells (child, spell, began, ended, reason; one row per period of care) and
        episodes (see events.to_episodes)
    """
    numbers = Numbers()
    history = _begin(plan, draws, numbers)
    for period in plan.periods:
        _live_period(history, period, draws, numbers)
    still = history.stock[SPELL].assign(ended=NEVER, reason="")
    spells = pd.concat([*history.left, still], ignore_index=True)[[*SPELL, "ended", "reason"]]
    children = pd.concat(history.children, ignore_index=True)
    events = pd.concat(history.events, ignore_index=True)
    events, spells = add_earlier_care(events, spells, children, plan, draws.apart())
    events = add_remands(events, spells, children, plan.in_year, draws.apart())
    events = shape_moves(events, spells, children, plan, draws.apart())
    return children, spells, to_episodes(events, spells)


def _begin(plan: Plan, draws: Draws, numbers: Numbers) -> History:
    """The children in care on the first day, each with a care that began earlier and the changes since."""
    first = plan.periods[0]
    today = Period(first.after, first.after, plan.first_total, None, None, first.targets.iloc[:0], first.year)
    children = draws.children(np.full(plan.first_total, today.to), "age_at_first")
    children["born"] = np.minimum(children["born"], today.to - 20)
    usual = np.where(
        children["uasc"], draws.rate("months_in_care_at_first_uasc"), draws.rate("months_in_care_at_first")
    )
    months = draws.rng.exponential(usual)
    began = today.to - 10 - np.ceil(months * DAYS_IN_MONTH).astype(np.int64)
    # Unaccompanied children came to the country at 14 or later; nobody is in care before birth.
    earliest = np.where(children["uasc"], birthday(children["born"], 14), children["born"] + 1)
    began = np.minimum(np.maximum(began, earliest), today.to - 7)
    stock = children.assign(
        child=numbers.take("child", len(children)), spell=numbers.take("spell", len(children)), began=began
    )
    stock[STATE] = open_care(stock, today, draws, counted=np.ones(len(stock), dtype=bool))
    ends = care_on_day(stock, today, draws, ignoring=("after", "legal_statuses"))
    parts = _with_end(stock.assign(opens=True, closes=False, first=began, last=today.to, place=-1), ends)
    changes, place = live_parts(parts, draws, numbers, today.year)
    stock = stock.assign(**{name: ends[name] for name in STATE}, place=place)
    return History(stock[[*LEFT[:-2], *STATE, "place"]], [stock[CHILD]], [changes])


def _live_period(history: History, period: Period, draws: Draws, numbers: Numbers) -> None:
    """Move a history on to the last day of a period."""
    stock = history.stock
    flows = plan_flows(period, len(stock), int(turns_18(stock, period.to).sum()), draws)
    known = _known_before(history, period)
    newcomers = draw_newcomers(period, flows.staying, known, draws, choice=not period.targets.empty)
    stays, comes = choose_who(stock, newcomers, period, flows, draws)
    newcomers = newcomers[comes].reset_index(drop=True)
    parts = _parts(stock, stays, newcomers, period, flows, draws, numbers)
    parts = _open_and_close(parts, period, draws)
    changes, place = live_parts(parts, draws, numbers, period.year)
    parts = parts.assign(place=place)
    there = parts[~parts["closes"]]
    history.stock = there.assign(**{name: there[f"end_{name}"] for name in STATE})[[*LEFT[:-2], *STATE, "place"]]
    history.stock = history.stock.reset_index(drop=True)
    gone = parts[parts["closes"]]
    history.left.append(gone.assign(ended=gone["last"])[LEFT])
    history.events.append(changes)
    history.children.append(parts.loc[parts["first_seen"], CHILD])


def _known_before(history: History, period: Period) -> pd.DataFrame:
    """Children who went home before this return year began and have not come back: CHILD."""
    if not history.left:
        return history.stock[CHILD].iloc[:0]
    left = pd.concat(history.left, ignore_index=True).drop_duplicates("child", keep="last")
    year_began = to_day(f"{return_year(period.to) - 1}-04-01")
    home = left["reason"].isin(["E4", "E4A", "E4B", "E13"]) & (left["ended"] < year_began - 30)
    home &= ~left["child"].isin(history.stock["child"]) & ~left["uasc"] & (age_on(left["born"], period.to) < 17)
    return left.loc[home, CHILD]


def _parts(
    stock: pd.DataFrame, stays, newcomers: pd.DataFrame, period: Period, flows: Flows, draws: Draws, numbers: Numbers
) -> pd.DataFrame:
    """Lay out who is in care when: one row per stretch of care of one child inside the period.

    returns: CHILD, SPELL, STATE, place, opens, closes, first, last (-1 where the leaving day is still to be drawn),
        home (the stretch ends with a short return home), first_seen
    """
    going = stock.assign(opens=False, closes=~stays, first=period.after, last=np.where(stays, period.to, -1))
    passing = _passing(flows.passing, period, draws)
    coming = newcomers.assign(closes=False, last=period.to)
    new = pd.concat([coming, passing], ignore_index=True).assign(opens=True, place=-1)
    new = new.assign(first=new["began"], first_seen=new["child"] < 0)
    unseen = new["first_seen"].to_numpy(bool)
    new.loc[unseen, "child"] = numbers.take("child", int(unseen.sum()))
    new["spell"] = numbers.take("spell", len(new))
    parts = pd.concat([going, new], ignore_index=True)
    flags = {"opens": False, "closes": False, "first_seen": False}
    parts = parts.assign(home=False).fillna({**flags, **dict.fromkeys(STATE, "")})
    parts = parts.astype({**dict.fromkeys([*flags, "uasc"], bool), "place": np.int64})
    return _leave_and_return(parts, period, flows, draws, numbers)


def _passing(size: int, period: Period, draws: Draws) -> pd.DataFrame:
    """Children who come and leave again inside the period."""
    began = draws.day_between(np.full(size, period.after + 2), np.full(size, period.to - 8))
    children = draws.children(began, "age_at_start").assign(child=-1, began=began, closes=True)
    stay = 1 + np.floor(draws.rng.exponential(draws.rate("days_of_a_short_stay"), size)).astype(np.int64)
    latest = np.minimum(period.to - 2, birthday(children["born"], 18))
    return children.assign(last=np.minimum(began + stay, latest))


def _leave_and_return(
    parts: pd.DataFrame, period: Period, flows: Flows, draws: Draws, numbers: Numbers
) -> pd.DataFrame:
    """Break the care of a few children in two, with some weeks at home in between."""
    length = period.to - period.after
    age = age_on(parts["born"], period.to)
    able = ~parts["uasc"] & (age >= SCHOOL_AGES[0]) & (age <= SCHOOL_AGES[1])
    able &= ~parts["placement"].str.startswith("A") & (parts["legal_status"] != "E1")
    for months in set(period.targets["months_from"]) - {""}:
        # Who was chosen for a long time in care is not sent home after the choice.
        able &= ~in_care_for(parts, period.to, months)
    early = parts["opens"] & (parts["first"] < period.after + length // 3)
    groups = [
        (able & ~parts["opens"] & ~parts["closes"], flows.returning),
        (able & ~parts["opens"] & parts["closes"], flows.leaving_again),
        (able & early & ~parts["closes"], flows.coming_again),
    ]
    rows = np.concatenate([draws.rng.choice(np.flatnonzero(who), size, replace=False) for who, size in groups])
    rows = rows.astype(np.int64)
    low = np.maximum(parts["first"].to_numpy()[rows], period.after) + 5
    out = draws.day_between(low, low + length // 4)
    back = out + draws.rng.integers(*AT_HOME, len(rows), endpoint=True)
    second = parts.iloc[rows].assign(
        spell=numbers.take("spell", len(rows)), began=back, first=back, opens=True, place=-1,
        first_seen=False, **dict.fromkeys(STATE, ""),
    )  # fmt: skip
    leaves = second["closes"].to_numpy(bool)
    second.loc[leaves, "last"] = draws.day_between(back[leaves] + 20, np.full(int(leaves.sum()), period.to - 2))
    parts.loc[rows, ["closes", "home"]] = True
    parts.loc[rows, "last"] = out
    return pd.concat([parts, second], ignore_index=True)


def _open_and_close(parts: pd.DataFrame, period: Period, draws: Draws) -> pd.DataFrame:
    """Give every part its first state, the reason and day of its end, and its last state."""
    parts = parts.copy()
    opens = parts["opens"].to_numpy(bool)
    starts = parts[opens]
    parts.loc[opens, STATE] = open_care(starts, period, draws, counted=_first_starts(starts))
    parts["reason"] = ""
    home = parts["home"].to_numpy(bool)
    parts.loc[home, "reason"] = go_home(parts[home], period, draws)
    closes = parts["closes"].to_numpy(bool)
    final = closes & ~home
    parts.loc[final, ["reason", "last"]] = close_care(parts[final], period, draws)
    ends = [care_at_end(parts[closes], draws), care_on_day(parts[~closes], period, draws)]
    return _with_end(parts, pd.concat(ends).reindex(parts.index))


def _first_starts(starts: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell the first start of each child in the period."""
    return ~starts.sort_values("first", kind="stable").duplicated("child").reindex(starts.index).to_numpy()


def _with_end(parts: pd.DataFrame, ends: pd.DataFrame) -> pd.DataFrame:
    """Add the last state of each part, and from when on it is possible (`possible`)."""
    return parts.assign(**{f"end_{name}": ends[name] for name in STATE}, possible=ends["possible"])
