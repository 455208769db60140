"""How care leavers are doing (oc3): whether the council is in touch, what they do and where they live."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers import codes
from helpers.made_up.care_leavers import who_returned_home
from helpers.made_up.dates import age_on
from helpers.made_up.draws import Draws
from helpers.made_up.outcome_figures import OutcomeFigures, among, own_draws, redraw
from helpers.made_up.plans import Return

OWN_DRAWS = 4
IN_TOUCH, RETURNED_HOME = "YES", "RHOM"
NOT_TOLD = "0"
STAYS_PUT_FROM = 18
STAYING_PUT = {"Z1", "Z2"}
HIGHER_EDUCATION = {"F1", "P1"}
ACTIVITIES = {
    "full_time_eet": {"F1", "F2", "F3", "F4", "F5"},
    "part_time_eet": {"P1", "P2", "P3", "P4", "P5"},
    "neet_pregnancy_or_parenting": {"G6"},
    "neet_disability": {"G4"},
    "neet_other": {"G5"},
}
"""Printed groups of what care leavers do."""


def care_leaver_outcomes(
    child: NDArray[np.int64],
    children: pd.DataFrame,
    told: Return,
    draws: Draws,
    figures: OutcomeFigures | None = None,
) -> pd.DataFrame:
    """Give the oc3 table of one return: child, IN_TOUCH, ACTIV, ACCOM; both last are 0 where they are not told.

    child: the care leavers of the return; figures: printed figures to keep, None for none
    """
    size = len(child)
    people = children.loc[child].reset_index(drop=True)
    age = age_on(people["born"].to_numpy(), told.last_day)
    drawn = pd.DataFrame(
        {
            "IN_TOUCH": draws.values("in_touch", size),
            "ACTIV": draws.values("activity", size, year=told.year),
            "ACCOM": draws.values("accommodation", size, year=told.year),
        }
    )
    own = own_draws(draws, told.last_day, OWN_DRAWS)
    drawn["ACCOM"] = redraw(
        "accommodation", _homes() - STAYING_PUT, drawn["ACCOM"], age < STAYS_PUT_FROM, own, told.year
    )
    if figures is None or figures.rows.empty:
        tells = (drawn["IN_TOUCH"] == IN_TOUCH).to_numpy()
    else:
        drawn, tells = _as_printed(drawn, people, age, told, figures, own)
    for column in ("ACTIV", "ACCOM"):
        drawn[column] = np.where(
            tells if column == "ACCOM" else tells & (drawn["ACTIV"] != ""), drawn[column], NOT_TOLD
        )
    return drawn.assign(child=child)[["child", "IN_TOUCH", "ACTIV", "ACCOM"]]


def _homes(suitable: bool | None = None) -> set[str]:
    listed = codes.load_codelist("accommodation")
    listed = listed[listed["code"] != NOT_TOLD]
    if suitable is not None:
        listed = listed[(listed["group"] == "Suitable") == suitable]
    return set(listed["code"])


def _in_work() -> set[str]:
    return ACTIVITIES["full_time_eet"] | ACTIVITIES["part_time_eet"]


def _as_printed(
    drawn: pd.DataFrame,
    people: pd.DataFrame,
    age: NDArray[np.int64],
    told: Return,
    figures: OutcomeFigures,
    draws: Draws,
) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    """Change as few answers as the printed figures need; tell also of whom activity and home are told."""
    home = who_returned_home(people, told, figures, draws)
    base = ~home
    wanted = _Wanted(told, figures, draws, base, age)
    touch, in_work, suitable = wanted.choose(drawn)
    contact = redraw("in_touch", {"NO", "REFU", "NREQ"}, drawn["IN_TOUCH"], base & ~touch, draws, told.year)
    contact = np.where(touch, IN_TOUCH, np.where(home, RETURNED_HOME, contact))
    everybody = wanted.by_activity
    tells = base if everybody else touch
    activity = redraw("activity", _in_work(), drawn["ACTIV"], in_work, draws, told.year)
    activity = redraw("activity", {"G4", "G5", "G6"}, activity, ~in_work, draws, told.year)
    if everybody:
        activity = _by_activity(activity, in_work, base, told, figures, draws)
    homes = redraw("accommodation", _homes(True), drawn["ACCOM"], suitable, draws, told.year)
    homes = redraw("accommodation", _homes(False), homes, ~suitable, draws, told.year)
    homes = _staying_put(homes, suitable, tells, age, told, figures, draws)
    answers = pd.DataFrame({"IN_TOUCH": contact, "ACTIV": activity, "ACCOM": np.where(tells, homes, NOT_TOLD)})
    return answers, tells | everybody


class _Wanted:
    """Who is in touch, in education or work, and in a suitable home, with the printed numbers of one day."""

    def __init__(self, told: Return, figures: OutcomeFigures, draws: Draws, base: NDArray, age: NDArray) -> None:
        self.day, self.figures, self.draws, self.base, self.age = told.last_day, figures, draws, base, age
        self.by_activity = figures.count("cl_activity_status", told.last_day, len(base), "full_time_eet") is not None

    def choose(self, drawn: pd.DataFrame) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
        suits = drawn["ACCOM"].isin(_homes(True)).to_numpy()
        works = drawn["ACTIV"].isin(_in_work()).to_numpy()
        numbers = {name: self._number(name) for name in ("cl_in_touch", "cl_eet", "cl_suitable_accommodation")}
        needed = 0 if self.by_activity else max(numbers["cl_eet"] or 0, numbers["cl_suitable_accommodation"] or 0)
        touch = self.base & (drawn["IN_TOUCH"] == IN_TOUCH).to_numpy()
        count = numbers["cl_in_touch"]
        count = max(int(touch.sum()), needed) if count is None else max(count, needed)
        touch = among(self.base, touch, count, self.draws)
        may_suit = self.base if self.by_activity else touch
        return touch, self._among(touch, works, "cl_eet", numbers), self._among(
            may_suit, suits, "cl_suitable_accommodation", numbers)  # fmt: skip

    def _number(self, indicator: str) -> int | None:
        if self.by_activity and indicator == "cl_eet":
            full, part = (self.figures.count("cl_activity_status", self.day, len(self.base), name)
                          for name in ("full_time_eet", "part_time_eet"))  # fmt: skip
            return full + part
        return self.figures.near(indicator, self.day, int(self.base.sum()), self.draws)

    def _among(
        self, able: NDArray, drawn: NDArray, indicator: str, numbers: dict[str, int | None]
    ) -> NDArray[np.bool_]:
        """Choose the printed number, for one age alone where the figure is of that age."""
        chosen = able & drawn
        if numbers[indicator] is not None:
            return among(able, drawn, numbers[indicator], self.draws)
        rows = self.figures.rows
        ages = rows[(rows["indicator"] == indicator) & (rows["dimension"] == "age") & (rows["day"] == self.day)]
        for category in ages["category"].unique():
            of_age = able & (self.age == int(category))
            count = self.figures.count(indicator, self.day, int(of_age.sum()), category)
            chosen = np.where(self.age == int(category), among(of_age, drawn, count, self.draws), chosen)
        return chosen


def _by_activity(
    activity: NDArray, in_work: NDArray, base: NDArray, told: Return, figures: OutcomeFigures, draws: Draws
) -> NDArray:
    """Give every printed kind of activity its number; it is told of some who returned home, where need be."""
    counts = {name: figures.count("cl_activity_status", told.last_day, len(base), name) for name in ACTIVITIES}
    known = sum(counts.values())
    told_of = among(np.ones(len(base), dtype=bool), base, known, draws, first=in_work * 2 + base)
    result = np.full(len(base), "", dtype="U4")
    for name, listed in ACTIVITIES.items():
        able = told_of & (result == "") & (in_work == name.endswith("_eet"))
        chosen = among(able, np.isin(activity, sorted(listed)), counts[name], draws)
        result[chosen] = redraw("activity", listed, activity, chosen, draws, told.year)[chosen]
    count = figures.count("cl_in_higher_education", told.last_day, len(base))
    if count is not None:
        studies = np.isin(result, sorted(ACTIVITIES["full_time_eet"]))
        chosen = among(studies & base, result == "F1", count, draws)
        others = studies & ~chosen | np.isin(result, sorted(ACTIVITIES["part_time_eet"]))
        part = np.isin(result, sorted(ACTIVITIES["part_time_eet"]))
        result = redraw("activity", ACTIVITIES["full_time_eet"] - {"F1"}, result, others & ~part, draws, told.year)
        result = redraw("activity", ACTIVITIES["part_time_eet"] - {"P1"}, result, part, draws, told.year)
        result[chosen] = "F1"
    return result


def _staying_put(
    homes: NDArray, suitable: NDArray, tells: NDArray, age: NDArray, told: Return, figures: OutcomeFigures, draws: Draws
) -> NDArray:
    """Leave as many with their former foster carers as printed, and nobody under 18."""
    able = suitable & tells & (age >= STAYS_PUT_FROM)
    stays = np.isin(homes, sorted(STAYING_PUT))
    count = figures.count("cl_staying_put", told.last_day, len(homes))
    stays = able & stays if count is None else among(able, stays, count, draws)
    homes = redraw("accommodation", _homes(True) - STAYING_PUT, homes, suitable & ~stays, draws, told.year)
    homes[stays] = "Z1"
    return homes
