"""Young people who have left care (oc3): which of them each return tells of, and how they are doing."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers import codes
from helpers.made_up.choosing import Kept, choose_rows
from helpers.made_up.cohort import CHILD
from helpers.made_up.dates import DAYS_IN_YEAR, NEVER, age_on, move_birthdays
from helpers.made_up.draws import Draws
from helpers.made_up.outcome_figures import OutcomeFigures, own_draws
from helpers.made_up.plans import Return

CARE_LEAVER_AGES = (17, 21)
LEFT_AT_LEAST = 16
NOT_CARE_LEAVERS = ("E2", "E3")
"""Reasons for leaving care after which a return has no care leaver: the child died, or another council took over."""

OWN_DRAWS = 3
MORE = 150  # young people from before the first return to choose from, of each kind
TOLD_BEFORE, KNOWN = 8.0, 4.0
"""How much sooner young people are chosen whom the return before told of, or whose care the returns tell."""


def choose_care_leavers(
    children: pd.DataFrame,
    spells: pd.DataFrame,
    returns: list[Return],
    wanted: pd.DataFrame,
    draws: Draws,
    figures: OutcomeFigures | None = None,
) -> tuple[pd.DataFrame, dict[str, NDArray[np.int64]]]:
    """Choose the care leavers that each return tells of; who is told of once is told of until 21.

    wanted: targets of care leavers (day, count, uasc); without one for a day, all who left care at 16 or later
    figures: further printed figures of care leavers by age, sex and ethnicity, None for none
    returns: children, with those added who left care before the first return (they have no episode), and the
        numbers of the care leavers of each return, by its name
    raises: OutOfReachError if no choice keeps the printed figures
    """
    ended, may = _left_care_old(children, spells)
    chosen: dict[str, NDArray[np.int64]] = {}
    before = np.zeros(0, dtype=np.int64)
    for told in returns:
        in_care = spells.loc[(spells["began"] <= told.last_day) & (spells["ended"] > told.last_day), "child"]
        age = age_on(children["born"].to_numpy(), told.last_day)
        able = may & (np.r_[ended, np.zeros(len(children) - len(ended))] <= told.last_day)
        able &= (age >= CARE_LEAVER_AGES[0]) & (age <= CARE_LEAVER_AGES[1]) & ~children.index.isin(in_care)
        order = draws.rng.permutation(np.flatnonzero(able))
        order = order[np.argsort(~np.isin(order, before), kind="stable")]
        counts = wanted[wanted["day"] == told.last_day].set_index("uasc")["count"]
        by_group = _by_group(figures, told.last_day)
        if len(by_group):
            before, added = _choose_by_group(children, order, before, counts, by_group, told, draws)
        else:
            before, added = _choose(children, order, counts, told, draws)
        children = pd.concat([children, added])
        may = pd.concat([may, pd.Series(True, index=added.index)])
        chosen[told.name] = before
    return children, chosen


def _left_care_old(children: pd.DataFrame, spells: pd.DataFrame) -> tuple[NDArray, pd.Series]:
    """Give the day on which each child last left care, and who may be a care leaver from it on."""
    last = spells.sort_values("ended", kind="stable").drop_duplicates("child", keep="last").set_index("child")
    ended = last["ended"].reindex(children.index).to_numpy()
    left_old = age_on(children["born"].to_numpy(), np.where(ended < NEVER, ended, 0)) >= LEFT_AT_LEAST
    elsewhere = last["reason"].reindex(children.index).isin(NOT_CARE_LEAVERS).to_numpy()
    return ended, pd.Series((ended < NEVER) & left_old & ~elsewhere, index=children.index)


def _choose(
    children: pd.DataFrame, order: NDArray, counts: pd.Series, told: Return, draws: Draws
) -> tuple[NDArray[np.int64], pd.DataFrame]:
    """Take the first of the order; where they are too few, add young people from before the first return."""
    groups, short = _pick(order, children["uasc"].to_numpy(bool), counts)
    every = [children.iloc[:0][CHILD]]
    for uasc, missing in short.items():
        added = _from_before(missing, uasc, told, len(children) + sum(map(len, every)), draws)
        every.append(added)
        groups.append(added.index.to_numpy())
    return np.sort(np.concatenate(groups)).astype(np.int64), pd.concat(every)


def _pick(order: NDArray, uasc: NDArray[np.bool_], counts: pd.Series) -> tuple[list[NDArray], dict[bool, int]]:
    """Take the first of each kind, and tell how many are missing of it."""
    if "" not in counts:
        return [order], {}
    if "yes" not in counts:
        return [order[: counts[""]]], {False: max(int(counts[""]) - len(order), 0)}
    parts = {True: int(counts["yes"]), False: int(counts[""] - counts["yes"])}
    taken = {kind: order[uasc[order] == kind][:size] for kind, size in parts.items()}
    return list(taken.values()), {kind: parts[kind] - len(taken[kind]) for kind in parts}


def _from_before(size: int, uasc: bool, told: Return, first: int, draws: Draws) -> pd.DataFrame:
    """Care leavers whose care lies before the first return, or in another council's: no episode tells of them."""
    drawn = draws.children(np.full(size, told.last_day), "age_at_start", uasc=uasc)
    years = draws.rng.uniform(18.05, 21.9, size)
    drawn["born"] = move_birthdays(told.last_day - np.ceil(years * DAYS_IN_YEAR).astype(np.int64))
    return drawn.assign(child=np.arange(first, first + size), index=np.arange(first, first + size)).set_index("index")[
        CHILD
    ]


def _by_group(figures: OutcomeFigures | None, day: int) -> pd.DataFrame:
    """Give the figures of care leavers of a day by age, sex, ethnicity or as unaccompanied children."""
    if figures is None:
        return pd.DataFrame()
    rows = figures.rows[(figures.rows["indicator"] == "cl_total") & (figures.rows["day"] == day)]
    return rows[(rows["dimension"] != "in_touch") & (rows["category"] != "all")]


def returned_home(figures: OutcomeFigures | None, day: int) -> int:
    """Give how many care leavers of a day have returned home: they are in the table but not in the printed base."""
    return 0 if figures is None else figures.count("cl_total", day, 10_000, "returned_home") or 0


def _choose_by_group(
    children: pd.DataFrame,
    order: NDArray,
    before: NDArray[np.int64],
    counts: pd.Series,
    by_group: pd.DataFrame,
    told: Return,
    draws: Draws,
) -> tuple[NDArray[np.int64], pd.DataFrame]:
    """Choose so that every printed group has its number, those told of before first."""
    own = own_draws(draws, told.last_day, OWN_DRAWS)
    new = [_from_before(MORE + size, kind, told, 0, own) for kind, size in ((False, int(counts[""])), (True, 0))]
    pool = pd.concat([children.loc[order, CHILD], *new], ignore_index=True)
    known = np.arange(len(pool)) < len(order)
    scores = own.rng.gumbel(size=len(pool)) + known * KNOWN
    scores[: len(order)] += np.isin(order, before) * TOLD_BEFORE
    bases = by_group.loc[by_group["base"] != "", "base"].astype(int)
    total = int(bases.max())
    kept = [Kept(np.ones(len(pool), dtype=bool), total, total)]
    kept += [
        Kept(of_group(pool, row["category"], told.last_day), *[_wanted(row)] * 2) for row in _of_all(by_group, total)
    ]
    chosen = choose_rows(scores, kept, told=f"{draws.borough}, care leavers")
    added = pool[chosen & ~known]
    added.index = np.arange(len(children), len(children) + len(added))
    added = added.assign(child=added.index)
    return np.sort(np.r_[order[chosen[: len(order)]], added.index]).astype(np.int64), added


def _of_all(by_group: pd.DataFrame, total: int) -> list[dict]:
    """Give the figures whose base is everybody in the table; those of a smaller base are met by who returned home."""
    return by_group[by_group["base"].isin([str(total), ""])].drop_duplicates("category").to_dict("records")


def _wanted(row: dict) -> int:
    if row["measure"] == "percent":
        return round(float(row["printed"]) * int(row["base"]) / 100)
    return int(row["printed"])


def of_group(people: pd.DataFrame, category: str, day: int) -> NDArray[np.bool_]:
    """Tell who is in a printed group: an age, a sex, former_uasc, or ethnic groups joined by 'or' and '_'."""
    if category.isdigit():
        return age_on(people["born"].to_numpy(), day) == int(category)
    if category in ("male", "female"):
        return (people["gender"] == ("1" if category == "male" else "2")).to_numpy()
    if category == "former_uasc":
        return people["uasc"].to_numpy(bool)
    ethnicity = codes.load_codelist("ethnicity").set_index("code")["group"].str.lower()
    return people["ethnicity"].map(ethnicity).isin(category.split("_")).to_numpy()


def who_returned_home(people: pd.DataFrame, told: Return, figures: OutcomeFigures, draws: Draws) -> NDArray[np.bool_]:
    """Choose those who returned home, so that the printed groups of the others have their number.

    people: the care leavers of the return (CHILD), in order; draws: of their own
    """
    count, size = returned_home(figures, told.last_day), len(people)
    if not count:
        return np.zeros(size, dtype=bool)
    kept = [Kept(np.ones(size, dtype=bool), count, count)]
    by_group = _by_group(figures, told.last_day)
    for row in by_group[by_group["base"] == str(size - count)].drop_duplicates("category").to_dict("records"):
        members = of_group(people, row["category"], told.last_day)
        kept.append(Kept(members, *[int(members.sum()) - _wanted(row)] * 2))
    return choose_rows(draws.rng.gumbel(size=size), kept, told=f"{draws.borough}, care leavers who returned home")
