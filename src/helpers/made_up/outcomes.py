"""Outcomes of children in care for a year (oc2)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.made_up.dates import age_on, birthday
from helpers.made_up.draws import Draws
from helpers.made_up.outcome_figures import OutcomeFigures, among, own_draws
from helpers.made_up.plans import Return

SDQ_AGES = (4, 16)
SDQ_OLDEST = 17  # who turned 17 in the year may have been scored before
SDQ_MEAN, SDQ_SPREAD, SDQ_CHANGE = 13.0, 6.0, 2.5
"""Mean score, spread between children, and change of one child from year to year."""

SDQ_HIGHEST = 40
CONVICTED_FROM = 10
OWN_DRAWS = 2
FLAGS = {
    "cla_health_assessment_up_to_date": "HEALTH_ASSESSMENT",
    "cla_dental_check_up_to_date": "TEETH_CHECK",
    "cla_immunisations_up_to_date": "IMMUNISATIONS",
    "cla_offending": "CONVICTED",
}
"""Printed figure: the column of oc2 that it counts, over all rows of oc2."""


def outcomes(
    children: pd.DataFrame,
    spells: pd.DataFrame,
    told: Return,
    usual: NDArray,
    draws: Draws,
    figures: OutcomeFigures | None = None,
) -> pd.DataFrame:
    """Give the oc2 table of one return: children in care on its last day and for the 12 months before.

    usual: each child's usual SDQ score, in order of child; figures: printed figures to keep, None for none
    returns: child, usual (of SDQ), and SDQ_SCORE to INTERVENTION_OFFERED as text, blank where it does not apply
    """
    a_year_before = int(birthday(np.array([told.last_day]), -1)[0])
    long = spells[(spells["began"] <= a_year_before) & (spells["ended"] > told.last_day)]
    child = np.sort(long["child"].unique())
    age = age_on(children["born"].to_numpy()[child], told.last_day)
    answers = _drawn(child, age, usual, draws)
    return (
        answers
        if figures is None
        else _as_printed(answers, age, told, figures, own_draws(draws, told.last_day, OWN_DRAWS))
    )


def _drawn(child: NDArray[np.int64], age: NDArray[np.int64], usual: NDArray, draws: Draws) -> pd.DataFrame:
    size = len(child)
    of_age = (age >= SDQ_AGES[0]) & (age <= SDQ_AGES[1])
    has_score = of_age & (draws.values("sdq_told", size) == "yes")
    score = np.clip(np.round(usual[child] + draws.rng.normal(0, SDQ_CHANGE, size)), 0, SDQ_HIGHEST).astype(int)
    why_none = np.where(of_age, draws.values("sdq_reason", size), draws.values("sdq_reason", size, group="out_of_age"))
    misuse = np.where(age >= CONVICTED_FROM, draws.values("substance_misuse", size), "0")
    received = np.where(misuse == "1", draws.values("intervention", size), "")
    offered = np.where(received == "0", draws.values("intervention", size), "")
    return pd.DataFrame(
        {
            "child": child,
            "SDQ_SCORE": np.where(has_score, score.astype(str), ""),
            "SDQ_REASON": np.where(has_score | (age < SDQ_AGES[0]), "", why_none),
            "CONVICTED": np.where(age >= CONVICTED_FROM, draws.values("convicted", size), ""),
            "HEALTH_CHECK": np.where(age < 5, draws.values("health_check", size), ""),
            "IMMUNISATIONS": draws.values("immunisations", size),
            "TEETH_CHECK": draws.values("teeth_check", size),
            "HEALTH_ASSESSMENT": draws.values("health_assessment", size),
            "SUBSTANCE_MISUSE": misuse,
            "INTERVENTION_RECEIVED": received,
            "INTERVENTION_OFFERED": offered,
        }
    ).assign(usual=np.clip(np.round(usual[child]), 0, SDQ_HIGHEST).astype(int))


def _as_printed(
    answers: pd.DataFrame, age: NDArray[np.int64], told: Return, figures: OutcomeFigures, draws: Draws
) -> pd.DataFrame:
    """Turn as few drawn answers as the printed figures of the day need."""
    answers = answers.copy()
    for indicator, column in FLAGS.items():
        count = figures.near(indicator, told.last_day, len(answers), draws)
        if count is not None:
            able = (answers[column] != "").to_numpy()
            yes = among(able, (answers[column] == "1").to_numpy(), count, draws)
            answers[column] = np.where(able, np.where(yes, "1", "0"), "")
    return _scores_as_printed(answers, age, told, figures, draws)


def _scores_as_printed(
    answers: pd.DataFrame, age: NDArray[np.int64], told: Return, figures: OutcomeFigures, draws: Draws
) -> pd.DataFrame:
    """Give as many children of 4 and over a score as printed, and the scores their printed mean."""
    has_score = (answers["SDQ_SCORE"] != "").to_numpy()
    count = figures.count("cla_sdq_completed", told.last_day, int((age >= SDQ_AGES[0]).sum()), "4_and_over")
    if count is not None:
        able = (age >= SDQ_AGES[0]) & (age <= SDQ_OLDEST)
        has_score = among(able, has_score, count, draws, first=has_score * 2 + (age <= SDQ_AGES[1]))
    drawn = answers["SDQ_SCORE"].mask(answers["SDQ_SCORE"] == "", answers["usual"].astype(str)).astype(int)
    score = drawn.to_numpy()[has_score]
    mean = figures.mean("cla_sdq_score", told.last_day, draws)
    if mean is not None and len(score):
        score = with_sum(score, round(mean * len(score)), SDQ_HIGHEST, draws)
    told_score = np.full(len(answers), "", dtype="U2")
    told_score[has_score] = score.astype(str)
    of_age = (age >= SDQ_AGES[0]) & (age <= SDQ_AGES[1])
    why_none = np.where(of_age, draws.values("sdq_reason", len(age)), "SDQ1")
    reason = np.where(answers["SDQ_REASON"] == "", why_none, answers["SDQ_REASON"])
    no_reason = has_score | (age < SDQ_AGES[0])
    return answers.assign(SDQ_SCORE=told_score, SDQ_REASON=np.where(no_reason, "", reason))


def with_sum(scores: NDArray[np.int64], total: int, highest: int, draws: Draws) -> NDArray[np.int64]:
    """Move scores up or down by ones, a different child each time round, until they add up to `total`."""
    scores = scores.copy()
    while total != scores.sum():
        step = 1 if total > scores.sum() else -1
        able = np.flatnonzero((scores + step >= 0) & (scores + step <= highest))
        moved = draws.rng.permutation(able)[: abs(total - int(scores.sum()))]
        scores[moved] += step
    return scores


def usual_scores(children: pd.DataFrame, draws: Draws) -> NDArray[np.float64]:
    """Draw each child's usual SDQ score, in order of child."""
    return draws.rng.normal(SDQ_MEAN, SDQ_SPREAD, len(children))
