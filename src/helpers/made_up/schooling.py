"""Made-up education of children in care in a school year: special needs, results, suspensions and absence."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.made_up.dates import age_on, to_day
from helpers.made_up.draws import Draws
from helpers.made_up.duties import SCHOOL_AGES, august_before
from helpers.made_up.outcome_figures import OutcomeFigures, among, exactly, own_draws, size_that_prints
from helpers.made_up.outcomes import with_sum
from helpers.made_up.plans import Return
from helpers.made_up.shares import asked_for, usual_share

OWN_DRAWS = 9
STAGES = {7: "KS1", 11: "KS2", 16: "KS4"}
"""Age on the last day of a school year: the key stage that a pupil ends in it."""

SUPPRESSED = 5  # a council prints no number of pupils below six
KS4_SHARES = (("cla_ks4_english_maths_4plus", "total"), ("cla_ehcp", "ks4"))
PUPILS = ("cla_ehcp", "cla_sen_support", "cla_fixed_term_exclusion", "cla_permanent_exclusion", "cla_school_absence")
RESULTS = ("cla_ks4_english_maths_4plus", "cla_ks4_attainment8", "cla_ks2_expected_standard")
HIGHEST, SPREAD = 900, 110  # tenths of a point of Attainment 8


def education(
    children: pd.DataFrame, spells: pd.DataFrame, told: Return, draws: Draws, figures: OutcomeFigures
) -> pd.DataFrame:
    """Give the education of one return's children for the school years that a printed figure of it is about.

    returns: child and the columns of local_education as text, SCHOOL_YEAR_END as a day; no rows without a figure
    """
    august = august_before(told.last_day)
    ended = figures.rows["day"].eq(august) & figures.rows["indicator"].isin(RESULTS)
    running = figures.rows["day"].eq(told.last_day) & figures.rows["indicator"].isin(PUPILS)
    own = own_draws(draws, told.last_day, OWN_DRAWS)
    parts = []
    if ended.any() and august >= told.first_day:
        parts.append(_school_year(_pupils(children, spells, told, august, figures, own), august, august, figures, own))
    if running.any():
        end = to_day(f"{np.datetime64(august, 'D').astype('M8[Y]').astype(int) + 1971}-08-31")
        pupils = _of_the_day(children, spells, told, figures, own)
        parts.append(_school_year(pupils, end, told.last_day, figures, own))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _pupils(
    children: pd.DataFrame, spells: pd.DataFrame, told: Return, august: int, figures: OutcomeFigures, draws: Draws
) -> pd.DataFrame:
    """Children in care at the end of a school year; of two key stages as many as the printed shares need."""
    here = spells[(spells["began"] <= told.last_day) & (spells["ended"] >= told.first_day)]
    born = children["born"].to_numpy()
    at_end = here[(here["began"] <= august) & (here["ended"] > august)]["child"].unique()
    age = age_on(born[at_end], august)
    of_11, others = np.sort(at_end[age == 11]), at_end[(age > SCHOOL_AGES[0]) & (age < 16) & (age != 11)]
    shares = _printed([("cla_ks2_expected_standard", "reading_and_maths")], figures, august)
    ks2 = of_11[exactly(np.ones(len(of_11), dtype=bool), size_that_prints(len(of_11), len(of_11), shares), draws)]
    of_16 = here["child"].unique()
    of_16 = np.sort(of_16[age_on(born[of_16], august) == 16])
    in_care = np.isin(of_16, here.loc[here["began"] <= august, "child"])
    size = size_that_prints(int(in_care.sum()), len(of_16), _printed(KS4_SHARES, figures, august))
    ks4 = of_16[exactly(in_care, size, draws)]
    child = np.sort(np.concatenate([others, ks2, ks4]))
    return pd.DataFrame({"child": child, "age": age_on(born[child], august)})


def _printed(names: Iterable[tuple[str, str]], figures: OutcomeFigures, day: int) -> list[str]:
    return [row["printed"] for name in names for row in figures.of_indicator(*name) if row["day"] == day]


def _of_the_day(
    children: pd.DataFrame, spells: pd.DataFrame, told: Return, figures: OutcomeFigures, draws: Draws
) -> pd.DataFrame:
    """Children of school age in care on the last day of a return, as many as the printed base says."""
    stock = spells[(spells["began"] <= told.last_day) & (spells["ended"] > told.last_day)]
    child = np.sort(stock["child"].unique())
    age = age_on(children["born"].to_numpy()[child], august_before(told.last_day))
    of_age = (age >= SCHOOL_AGES[0]) & (age <= SCHOOL_AGES[1])
    printed = figures.rows[(figures.rows["day"] == told.last_day) & (figures.rows["indicator"] == "cla_ehcp")]
    bases = printed.loc[printed["base"] != "", "base"]
    size = int(bases.iloc[0]) if len(bases) else int(of_age.sum())
    near = -np.abs(np.clip(age, *SCHOOL_AGES) - age)
    chosen = exactly(of_age, min(size, len(child)), draws, first=near)
    return pd.DataFrame({"child": child[chosen], "age": age[chosen] + 1})


def _school_year(pupils: pd.DataFrame, end: int, day: int, figures: OutcomeFigures, draws: Draws) -> pd.DataFrame:
    """Lay out one school year. pupils: child, age at its end; day: the day that its printed figures are of."""
    ended = end == day
    # In a school year that still runs nobody has ended a key stage.
    stage = pupils["age"].map(STAGES).fillna("").to_numpy() if ended else np.full(len(pupils), "")
    size, nobody = len(pupils), np.zeros(len(pupils), dtype=bool)
    flags = {
        column: exactly(nobody, asked_for(name, day, size, draws, figures), draws)
        for name, column in (("cla_fixed_term_exclusion", "SUSPENDED"), ("cla_permanent_exclusion", "EXCLUDED"),
                             ("cla_school_absence", "ABSENT"))
    }  # fmt: skip
    ks4, ks2 = stage == "KS4", stage == "KS2"
    standard = figures.count("cla_ks2_expected_standard", day, int(ks2.sum()), "reading_and_maths")
    standard = round(usual_share("cla_ks2_expected_standard") * ks2.sum()) if standard is None else standard
    return pd.DataFrame(
        {
            "child": pupils["child"],
            "SCHOOL_YEAR_END": end,
            "KEY_STAGE": stage,
            "SEN": _needs(ks4, size, day, figures, draws),
            **_results(ks4, day, figures, draws),
            "READING_MATHS": _flag(among(ks2, nobody, standard, draws), ks2),
            **{column: _flag(chosen, ~nobody) for column, chosen in flags.items()},
        }
    )


def _needs(ks4: NDArray[np.bool_], size: int, day: int, figures: OutcomeFigures, draws: Draws) -> NDArray[np.str_]:
    """Give who has a plan and who has support, of all pupils and, where printed, of key stage 4."""
    of_ks4 = figures.count("cla_ehcp", day, int(ks4.sum()), "ks4")
    nobody = np.zeros(size, dtype=bool)
    if of_ks4 is None:
        plan = exactly(nobody, asked_for("cla_ehcp", day, size, draws, figures, spread=0), draws)
    else:
        others = round(usual_share("cla_ehcp") * (~ks4).sum())
        plan = among(ks4, nobody, of_ks4, draws) | among(~ks4, nobody, others, draws)
    support = among(~plan, nobody, asked_for("cla_sen_support", day, size, draws, figures, spread=0), draws)
    return np.where(plan, "E", np.where(support, "K", "N"))


def _results(ks4: NDArray[np.bool_], day: int, figures: OutcomeFigures, draws: Draws) -> dict[str, NDArray[np.str_]]:
    """Give the results of key stage 4: the better the Attainment 8 score, the likelier English and maths."""
    size, pupils = len(ks4), int(ks4.sum())
    mean = figures.mean("cla_ks4_attainment8", day)
    mean = 20.0 if mean is None else mean
    drawn = np.clip(np.round(draws.rng.normal(10 * mean, SPREAD, pupils)), 0, HIGHEST).astype(np.int64)
    points = np.zeros(size, dtype=np.int64)
    points[ks4] = with_sum(drawn, round(10 * mean * pupils), HIGHEST, draws)
    able = points + draws.rng.normal(0, SPREAD / 4, size)
    count = figures.count("cla_ks4_english_maths_4plus", day, pupils)
    count = min(round(usual_share("cla_ks4_english_maths_4plus") * pupils), SUPPRESSED) if count is None else count
    strong = min(round(usual_share("cla_ks4_english_maths_5plus") * pupils), SUPPRESSED, count)
    passed = among(ks4, np.zeros(size, dtype=bool), count, draws, first=able)
    best = among(ks4, np.zeros(size, dtype=bool), strong, draws, first=able)
    return {
        "ENGLISH_MATHS_4": _flag(passed, ks4),
        "ENGLISH_MATHS_5": _flag(best, ks4),
        "ATTAINMENT_8": np.where(ks4, [f"{one / 10:.1f}" for one in points], ""),
    }


def _flag(yes: NDArray[np.bool_], told: NDArray[np.bool_]) -> NDArray[np.str_]:
    return np.where(told, np.where(yes, "1", "0"), "")
