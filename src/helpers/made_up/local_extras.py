"""Local extras beside a made-up return: visits, plans, first health assessments, education, surveys and targets."""

from __future__ import annotations

import pandas as pd
from numpy.typing import NDArray

from helpers.made_up.dates import NEVER, as_text
from helpers.made_up.draws import Draws
from helpers.made_up.duties import education_plans, health_assessments, pathway_plans
from helpers.made_up.outcome_figures import OutcomeFigures
from helpers.made_up.plans import Return
from helpers.made_up.schooling import education
from helpers.made_up.surveys_and_targets import surveys, targets
from helpers.made_up.visits import visits

COLUMNS = {
    "local_visits": ["CHILD", "VISIT_DUE", "VISIT_DATE", "SEEN_ALONE"],
    "local_health_assessments": ["CHILD", "IHA_DUE", "IHA_DATE", "IHA_REASON_LATE"],
    "local_education_plans": ["CHILD", "PEP_DUE", "PEP_DATE", "PEP_QUALITY"],
    "local_pathway_plans": ["CHILD", "PATHWAY_PLAN_DUE", "PATHWAY_PLAN_DATE"],
    "local_education": [
        "CHILD", "SCHOOL_YEAR_END", "KEY_STAGE", "SEN", "ENGLISH_MATHS_4", "ENGLISH_MATHS_5", "ATTAINMENT_8",
        "READING_MATHS", "SUSPENDED", "EXCLUDED", "ABSENT",
    ],
    "local_survey": ["SURVEY", "ASKED_ON", "QUESTION", "ANSWER", "ANSWERS", "ASKED"],
    "local_targets": ["INDICATOR", "TARGET", "FROM_DATE", "TO_DATE", "TARGET_SOURCE"],
}  # fmt: skip
DATES = ["VISIT_DUE", "VISIT_DATE", "IHA_DUE", "IHA_DATE", "PEP_DUE", "PEP_DATE", "PATHWAY_PLAN_DUE",
         "PATHWAY_PLAN_DATE", "SCHOOL_YEAR_END", "ASKED_ON", "FROM_DATE", "TO_DATE"]  # fmt: skip


def local_tables(
    children: pd.DataFrame,
    spells: pd.DataFrame,
    leavers: dict[str, NDArray],
    oc3: pd.DataFrame,
    told: Return,
    draws: Draws,
    figures: OutcomeFigures,
) -> dict[str, pd.DataFrame]:
    """Give the local extras of one return by table name, in the official columns as text, those with rows alone.

    children: CHILD (the text) and born, in order of their number; spells: one row per period of care
    leavers: numbers of the care leavers of every return in order of time; oc3: child and IN_TOUCH of this return
    figures: printed figures to keep (none for a borough without); nothing is drawn from `draws` itself
    """
    made = {
        "local_visits": visits(spells, told, draws, figures),
        "local_health_assessments": health_assessments(spells, told, draws, figures),
        "local_education_plans": education_plans(children, spells, told, draws, figures),
        "local_pathway_plans": pathway_plans(leavers, oc3, told, draws, figures),
        "local_education": education(children, spells, told, draws, figures),
        "local_survey": surveys(told, figures),
        "local_targets": targets(told, figures),
    }
    return {table: _as_told(rows, children, COLUMNS[table]) for table, rows in made.items() if len(rows)}


def _as_told(rows: pd.DataFrame, children: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    dates = {column: as_text(rows[column].fillna(NEVER)) for column in DATES if column in rows}
    if "child" in rows:
        dates["CHILD"] = children["CHILD"].to_numpy()[rows["child"]]
    return rows.assign(**dates)[columns].reset_index(drop=True)
