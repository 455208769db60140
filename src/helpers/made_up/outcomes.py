"""Outcomes of children in care for a year (oc2) and of young people who have left care (oc3)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.made_up.cohort import CHILD
from helpers.made_up.dates import DAYS_IN_YEAR, NEVER, age_on, birthday, move_birthdays
from helpers.made_up.draws import Draws
from helpers.made_up.plans import Return

CARE_LEAVER_AGES = (17, 21)
LEFT_AT_LEAST = 16
SDQ_AGES = (4, 16)
SDQ_MEAN, SDQ_SPREAD, SDQ_CHANGE = 13.0, 6.0, 2.5
"""Mean score, spread between children, and change of one child from year to year."""


def outcomes(children: pd.DataFrame, spells: pd.DataFrame, told: Return, usual: NDArray, draws: Draws) -> pd.DataFrame:
    """Give the oc2 table of one return: children in care on its last day and for the 12 months before.

    usual: each child's usual SDQ score, in order of child
    returns: child, and SDQ_SCORE to INTERVENTION_OFFERED as text, blank where the question does not apply
    """
    a_year_before = int(birthday(np.array([told.last_day]), -1)[0])
    long = spells[(spells["began"] <= a_year_before) & (spells["ended"] > told.last_day)]
    child = np.sort(long["child"].unique())
    size, age = len(child), age_on(children["born"].to_numpy()[child], told.last_day)
    of_age = (age >= SDQ_AGES[0]) & (age <= SDQ_AGES[1])
    has_score = of_age & (draws.values("sdq_told", size) == "yes")
    score = np.clip(np.round(usual[child] + draws.rng.normal(0, SDQ_CHANGE, size)), 0, 40).astype(int).astype(str)
    why_none = np.where(of_age, draws.values("sdq_reason", size), draws.values("sdq_reason", size, group="out_of_age"))
    misuse = np.where(age >= 10, draws.values("substance_misuse", size), "0")
    received = np.where(misuse == "1", draws.values("intervention", size), "")
    offered = np.where(received == "0", draws.values("intervention", size), "")
    return pd.DataFrame(
        {
            "child": child,
            "SDQ_SCORE": np.where(has_score, score, ""),
            "SDQ_REASON": np.where(has_score, "", why_none),
            "CONVICTED": np.where(age >= 10, draws.values("convicted", size), ""),
            "HEALTH_CHECK": np.where(age < 5, draws.values("health_check", size), ""),
            "IMMUNISATIONS": draws.values("immunisations", size),
            "TEETH_CHECK": draws.values("teeth_check", size),
            "HEALTH_ASSESSMENT": draws.values("health_assessment", size),
            "SUBSTANCE_MISUSE": misuse,
            "INTERVENTION_RECEIVED": received,
            "INTERVENTION_OFFERED": offered,
        }
    )


def usual_scores(children: pd.DataFrame, draws: Draws) -> NDArray[np.float64]:
    """Draw each child's usual SDQ score, in order of child."""
    return draws.rng.normal(SDQ_MEAN, SDQ_SPREAD, len(children))


def choose_care_leavers(
    children: pd.DataFrame, spells: pd.DataFrame, returns: list[Return], wanted: pd.DataFrame, draws: Draws
) -> tuple[pd.DataFrame, dict[str, NDArray[np.int64]]]:
    """Choose the care leavers that each return tells of; who is told of once is told of until 21.

    wanted: targets of care leavers (day, count, uasc); without one for a day, all who left care at 16 or later
    returns: children, with those added who left care before the first return (they have no episode), and the
        numbers of the care leavers of each return, by its name
    """
    last = spells.sort_values("ended", kind="stable").drop_duplicates("child", keep="last").set_index("child")
    ended = last["ended"].reindex(children.index).to_numpy()
    left_old = age_on(children["born"].to_numpy(), np.where(ended < NEVER, ended, 0)) >= LEFT_AT_LEAST
    may = pd.Series((ended < NEVER) & left_old, index=children.index)
    began = [spells["child"].to_numpy(), spells["began"].to_numpy(), spells["ended"].to_numpy()]
    chosen: dict[str, NDArray[np.int64]] = {}
    before = np.zeros(0, dtype=np.int64)
    for told in returns:
        in_care = np.unique(began[0][(began[1] <= told.last_day) & (began[2] > told.last_day)])
        age = age_on(children["born"].to_numpy(), told.last_day)
        able = may & (np.r_[ended, np.zeros(len(children) - len(ended))] <= told.last_day)
        able &= (age >= CARE_LEAVER_AGES[0]) & (age <= CARE_LEAVER_AGES[1]) & ~children.index.isin(in_care)
        order = draws.rng.permutation(np.flatnonzero(able))
        order = order[np.argsort(~np.isin(order, before), kind="stable")]
        counts = wanted[wanted["day"] == told.last_day].set_index("uasc")["count"]
        groups, short = _pick(order, children["uasc"].to_numpy(bool), counts)
        for uasc, missing in short.items():
            added = _from_before(missing, uasc, told, len(children), draws)
            children = pd.concat([children, added])
            may = pd.concat([may, pd.Series(True, index=added.index)])
            groups.append(added.index.to_numpy())
        before = np.sort(np.concatenate(groups)).astype(np.int64)
        chosen[told.name] = before
    return children, chosen


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


def care_leaver_outcomes(child: NDArray[np.int64], told: Return, draws: Draws) -> pd.DataFrame:
    """Give the oc3 table of one return: child, IN_TOUCH, ACTIV, ACCOM; both last are 0 for those not in touch."""
    in_touch = draws.values("in_touch", len(child))
    activity = draws.values("activity", len(child), year=told.year)
    home = draws.values("accommodation", len(child), year=told.year)
    yes = in_touch == "YES"
    return pd.DataFrame(
        {"child": child, "IN_TOUCH": in_touch, "ACTIV": np.where(yes, activity, "0"), "ACCOM": np.where(yes, home, "0")}
    )
