"""Made-up answers of surveys, and the targets and thresholds that councils print beside their figures."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import codes
from helpers.made_up.dates import NEVER, to_day
from helpers.made_up.outcome_figures import OutcomeFigures, whole_number
from helpers.made_up.plans import Return

NAMES = "made_up_local_names"
KEYS = ["indicator", "dimension", "category"]
ASKED_IN = "11-30"  # of the year that the figure is of
RETURNED = 0.6  # share of those asked who answered
SURVEYS = {"age": "Survey of children in care", "population": "Survey of care leavers"}
SOURCES = {"target": "Council", "government_threshold": "Government"}


def surveys(told: Return, figures: OutcomeFigures) -> pd.DataFrame:
    """Give the surveys asked in the time of one return: one row per question and answer, numbers as text."""
    rows = figures.rows[figures.rows["indicator"].str.startswith("survey_")].drop_duplicates([*KEYS, "date"])
    asked_on = np.array([to_day(f"{date[:4]}-{ASKED_IN}") for date in rows["date"]], dtype=np.int64)
    rows = rows.assign(ASKED_ON=asked_on)[(asked_on >= told.first_day) & (asked_on <= told.last_day)]
    rows = rows.merge(_names("local_survey"), on=KEYS, how="left", validate="m:1").sort_values(["ASKED_ON", "name"])
    answered = rows["answers"].astype(int)
    yes = [whole_number(size, printed) for size, printed in zip(answered, rows["printed"], strict=True)]
    told_rows = [
        rows.assign(ANSWER=answer, ANSWERS=np.array(number, dtype=np.int64).astype(str))
        for answer, number in (("Yes", yes), ("No", answered - np.array(yes, dtype=np.int64)))
    ]
    both = pd.concat(told_rows).sort_index(kind="stable")
    return both.assign(
        SURVEY=both["dimension"].map(SURVEYS),
        QUESTION=both["name"],
        ASKED=(both["answers"].astype(int) / RETURNED).round().astype(int).astype(str),
    )


def targets(told: Return, figures: OutcomeFigures) -> pd.DataFrame:
    """Give the targets and thresholds of one return's or calendar year; one that holds on has no end."""
    rows = figures.rows[figures.rows["measure"].isin(SOURCES)].drop_duplicates([*KEYS, "date"])
    year_end = rows["date"].str.endswith("-03-31").to_numpy()
    year = rows["date"].str[:4].astype(int)
    began = [to_day(f"{one - 1}-04-01") if whole else to_day(f"{one}-01-01")
             for one, whole in zip(year, year_end, strict=True)]  # fmt: skip
    rows = rows.assign(FROM_DATE=np.array(began, dtype=np.int64), TO_DATE=rows["day"])
    # A target is told by the return of its last day, or by an in-year one of its time.
    now = (rows["TO_DATE"] >= told.first_day) & (rows["TO_DATE"] <= told.last_day)
    if told.last_day - told.first_day < 364:
        now |= (rows["FROM_DATE"] <= told.last_day) & (rows["TO_DATE"] > told.last_day)
    rows = rows[now].merge(_names("local_targets"), on=KEYS, how="left", validate="m:1")
    rows["TO_DATE"] = rows["TO_DATE"].mask(rows["holds_on"] == "yes", NEVER)
    rows = rows.rename(columns={"name": "INDICATOR", "printed": "TARGET"})
    return rows.assign(TARGET_SOURCE=rows["measure"].map(SOURCES)).sort_values(["INDICATOR", "FROM_DATE"])


def _names(table: str) -> pd.DataFrame:
    listed = codes.load_codelist(NAMES)
    return listed.loc[listed["table"] == table, [*KEYS, "name", "answers", "holds_on"]]
