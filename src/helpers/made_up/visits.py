"""Made-up visits of social workers: one is due in the first week of care and then every six weeks."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.made_up.dates import NEVER
from helpers.made_up.draws import Draws
from helpers.made_up.outcome_figures import OutcomeFigures, among, own_draws
from helpers.made_up.plans import Return
from helpers.made_up.shares import asked_for

OWN_DRAWS = 5
FIRST_DUE, EVERY = 7, 42
"""Days from coming into care to the first visit, and between visits."""

# Nobody's last visit lies on the days where one convention counts it in six weeks (or three months) and another not.
LATEST_OF_SIX_WEEKS, BEFORE_SIX_WEEKS = 40, 46
LATEST_OF_THREE_MONTHS, BEFORE_THREE_MONTHS = 85, 97
IN_CARE_FOR_SIX_WEEKS, IN_CARE_FOR_THREE_MONTHS = 60, 120
EARLY, LATE = 9, 14
"""Most days that a visit comes before its day or after it."""

ALONE = 0.85


def visits(spells: pd.DataFrame, told: Return, draws: Draws, figures: OutcomeFigures) -> pd.DataFrame:
    """Give the visits that fell due in the time of one return, with the printed shares on its last day.

    returns: child, VISIT_DUE and VISIT_DATE (days; NEVER while not made), SEEN_ALONE, in order of child and day
    """
    own = own_draws(draws, told.last_day, OWN_DRAWS)
    rows = _due(spells, told)
    if rows.empty:
        return rows
    made = rows["due"] - np.floor(own.rng.random(len(rows)) * (EARLY + 1)).astype(np.int64)
    rows["made"] = np.maximum(made, np.maximum(rows["began"], told.first_day))
    rows.loc[rows["made"] > told.last_day, "made"] = NEVER
    rows = _in_time(_as_on_the_day(rows, spells, told, own, figures), told, own, figures)
    alone = np.where(own.happens(len(rows), ALONE), "1", "0")
    rows = rows.assign(VISIT_DUE=rows["due"], VISIT_DATE=rows["made"],
                       SEEN_ALONE=np.where(rows["made"] < NEVER, alone, ""))  # fmt: skip
    return rows.sort_values(["child", "due"], kind="stable")


def _due(spells: pd.DataFrame, told: Return) -> pd.DataFrame:
    """One row for each visit due in the return's time and the child's care; a child of the last week has one too."""
    here = spells[(spells["began"] <= told.last_day) & (spells["ended"] > told.first_day)]
    last = np.minimum(here["ended"] - 1, told.last_day)
    first_due = here["began"] + FIRST_DUE
    number = np.maximum((last - first_due) // EVERY + 1, 0)
    number = number.mask((number == 0) & (here["ended"] > told.last_day), 1)
    rows = here.loc[here.index.repeat(number), ["child", "began", "ended"]]
    nth = rows.groupby(level=0).cumcount()
    rows = rows.assign(due=rows["began"] + FIRST_DUE + EVERY * nth).reset_index(drop=True)
    return rows[rows["due"] >= told.first_day].reset_index(drop=True)


def _as_on_the_day(
    rows: pd.DataFrame, spells: pd.DataFrame, told: Return, draws: Draws, figures: OutcomeFigures
) -> pd.DataFrame:
    """Give as many children of the last day a visit in the six weeks and three months up to it as printed."""
    day = told.last_day
    stock = spells[(spells["began"] <= day) & (spells["ended"] > day)].sort_values("child")
    size, since = len(stock), day - stock["began"].to_numpy()
    asked = [asked_for(name, day, size, draws, figures) for name in ("cla_visited_3_monthly", "cla_visited_6_weekly")]
    nobody = np.zeros(size, dtype=bool)
    not_in_three = among(since > IN_CARE_FOR_THREE_MONTHS, nobody, size - max(asked), draws)
    not_in_six = not_in_three | among(
        (since > IN_CARE_FOR_SIX_WEEKS) & ~not_in_three, nobody, max(asked) - asked[1], draws)  # fmt: skip
    child = stock["child"].to_numpy()
    return _set_last(rows, child[not_in_three], child[not_in_six & ~not_in_three], child[~not_in_six], told, draws)


def _set_last(
    rows: pd.DataFrame, none: NDArray, months: NDArray, weeks: NDArray, told: Return, draws: Draws
) -> pd.DataFrame:
    """Move the last visits of children who had none in three months, none in six weeks, or one in six weeks."""
    day, made, due = told.last_day, rows["made"].to_numpy().copy(), rows["due"].to_numpy()
    open_care = (rows["ended"] > day).to_numpy()
    child = rows["child"].to_numpy()
    earliest = np.maximum(rows["began"].to_numpy(), told.first_day)
    without, fewer = np.isin(child, none) & open_care, np.isin(child, months) & open_care
    made[without & (np.minimum(made, due) > day - BEFORE_THREE_MONTHS - EARLY)] = NEVER
    made[fewer & (np.minimum(made, due) > day - BEFORE_SIX_WEEKS)] = NEVER
    last_before = _last_of(child, fewer & (due <= day - BEFORE_SIX_WEEKS + 2))
    some_weeks_ago = np.clip(due[last_before] - 2, day - LATEST_OF_THREE_MONTHS, day - BEFORE_SIX_WEEKS)
    made[last_before] = np.maximum(some_weeks_ago, earliest[last_before])
    last = _last_of(child, np.isin(child, weeks) & open_care)
    again = last[(made[last] < day - LATEST_OF_SIX_WEEKS) | (made[last] > day)]
    early = np.floor(draws.rng.random(len(again)) * (EARLY + 1)).astype(np.int64)
    made[again] = np.maximum(np.clip(due[again] - early, day - LATEST_OF_SIX_WEEKS, day), earliest[again])
    touched = without | fewer
    touched[last] = True
    return rows.assign(made=made, settled=touched)


def _last_of(child: NDArray, among_rows: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Give the position of each child's last row among those told; rows are in order of child's care and day."""
    where = pd.Series(np.flatnonzero(among_rows))
    return where.groupby(child[among_rows]).max().to_numpy(dtype=np.int64)


def _in_time(rows: pd.DataFrame, told: Return, draws: Draws, figures: OutcomeFigures) -> pd.DataFrame:
    """Make as many of the visits by their due day as asked for; a late one comes within two weeks or never."""
    fell_due = (rows["due"] <= told.last_day).to_numpy()
    in_time = (rows["made"] <= rows["due"]).to_numpy()
    settled = rows["settled"].to_numpy(bool) | ~fell_due
    wanted = asked_for("cla_visits_in_timescale", told.last_day, int(fell_due.sum()), draws, figures, spread=0)
    keeps = among(~settled, in_time, max(wanted - int((in_time & settled & fell_due).sum()), 0), draws)
    late = rows["due"] + 1 + np.floor(draws.rng.random(len(rows)) * LATE).astype(np.int64)
    late = late.mask((late >= rows["ended"]) | (late > told.last_day), NEVER)
    made = rows["made"].mask(~settled & ~keeps, late)
    return rows.assign(made=made)
