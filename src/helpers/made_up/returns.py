"""The made-up return of a borough: SSDA903 files with the official columns in order, one folder per collection."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.errors import InputError
from helpers.made_up.adoption_days import settle_adoption_days
from helpers.made_up.care_leaver_outcomes import care_leaver_outcomes
from helpers.made_up.care_leavers import choose_care_leavers
from helpers.made_up.choosing import OutOfReachError, load_options
from helpers.made_up.dates import NEVER, as_text, birthday, to_day
from helpers.made_up.draws import Draws
from helpers.made_up.event_draws import ORDERS, EventDraws, load_event_targets
from helpers.made_up.event_tables import event_tables, live_events
from helpers.made_up.history import live
from helpers.made_up.local_extras import local_tables
from helpers.made_up.outcome_figures import OutcomeFigures
from helpers.made_up.outcomes import outcomes, usual_scores
from helpers.made_up.places import place_episodes
from helpers.made_up.plans import Plan, Return
from helpers.made_up.pupil_numbers import pupil_numbers
from helpers.settings import slug

HEADER = ["CHILD", "SEX", "DOB", "ETHNIC", "UPN", "MOTHER", "MC_DOB"]
EPISODES = [
    "CHILD", "DECOM", "RNE", "LS", "CIN", "PLACE", "PLACE_PROVIDER", "DEC", "REC", "REASON_PLACE_CHANGE", "HOME_POST",
    "PL_POST", "URN",
]  # fmt: skip
UASC = ["CHILD", "SEX", "DOB", "DUC"]
OC2 = [
    "CHILD", "DOB", "SDQ_SCORE", "SDQ_REASON", "CONVICTED", "HEALTH_CHECK", "IMMUNISATIONS", "TEETH_CHECK",
    "HEALTH_ASSESSMENT", "SUBSTANCE_MISUSE", "INTERVENTION_RECEIVED", "INTERVENTION_OFFERED",
]  # fmt: skip
OC3 = ["CHILD", "DOB", "IN_TOUCH", "ACTIV", "ACCOM"]

PREFIX = "MADEUP"
DIGITS = np.array(list("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
MOST_CHILDREN = len(DIGITS) ** 4
STRIDE = 7919  # shares no factor with 36, so that running numbers become codes in no visible order

NO_URN_YET = "XXXXXXX"  # a made-up number could be a real home's
URN_SINCE = to_day("2013-04-01")
MOVE_REASONS_SINCE = to_day("2015-04-01")
AGE_ASSESSED = "E15"
DRAWS_TRIED = 8
SEEDS_APART = 1_000_003  # from the seed of a history to that of the one lived in its place


def write_returns(folder: Path, plan: Plan, seed: int) -> list[Path]:
    """Write every return of one borough under folder/<slug>/<period>/. The same plan and seed give the same bytes."""
    draws, children, spells, episodes = _live_and_settle(plan, seed)
    usual = usual_scores(children, draws)
    episodes = _told_episodes(children, episodes, draws)
    figures = OutcomeFigures.of(plan)
    children, leavers = choose_care_leavers(children.set_index("child", drop=False), spells, plan.returns,
                                            plan.care_leavers, draws, figures)  # fmt: skip
    children = _told_children(children, spells, plan, draws)
    events = live_events(children, spells, episodes, plan, seed)
    who = children[["CHILD", "DOB"]]
    written, told_before = [], np.zeros(0, dtype=np.int64)
    for told in plan.returns:
        oc2 = outcomes(children, spells, told, usual, draws, figures)
        oc3 = care_leaver_outcomes(leavers[told.name], children, told, draws, figures)
        here = folder / slug(plan.borough) / told.name
        here.mkdir(parents=True, exist_ok=True)
        tables = _tables(children, episodes, oc2, oc3, told, told_before)
        told_before = np.union1d(told_before, tables["header"].index)
        tables |= event_tables(events, who, episodes, told)
        tables |= local_tables(children, spells, leavers, oc3, told, draws, figures)
        for table, rows in tables.items():
            written.append(here / f"made_up_{told.name}_{table}.csv")
            rows.to_csv(written[-1], index=False, lineterminator="\n", encoding="utf-8")
    return written


def _live_and_settle(plan: Plan, seed: int) -> tuple[Draws, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Live a history in which adoptions took as long as was printed. One in which they cannot is lived again."""
    targets = load_event_targets(plan)
    for again in range(DRAWS_TRIED):
        draws, children, spells, episodes = _live(plan, seed + again * SEEDS_APART)
        try:
            spells, episodes = settle_adoption_days(
                children, spells, episodes, plan, targets, EventDraws(seed, plan, ORDERS)
            )
        except OutOfReachError:
            if again + 1 == DRAWS_TRIED:
                raise
        else:
            break
    return draws, children, spells, episodes


def _live(plan: Plan, seed: int) -> tuple[Draws, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Live a history that keeps every count. An unlucky draw of children, from which it cannot, is drawn again."""
    for attempt in range(DRAWS_TRIED):
        draws = Draws(plan.borough, np.random.default_rng([seed, plan.number, attempt]))
        try:
            children, spells, episodes = live(plan, draws)
            children = children.sort_values("child", ignore_index=True)
            episodes = place_episodes(children, episodes, plan.placed, draws.apart())
        except OutOfReachError:
            if attempt + 1 == DRAWS_TRIED:
                raise
        else:
            break
    if len(children) > MOST_CHILDREN:
        raise InputError(f"{plan.borough}: at most {MOST_CHILDREN:,} children can be made up. Ask for fewer.")
    return draws, children, spells, episodes


def _told_children(children: pd.DataFrame, spells: pd.DataFrame, plan: Plan, draws: Draws) -> pd.DataFrame:
    """Add what header and uasc tell: CHILD, DOB, pupil_number, duc and mother_on (days; NEVER for neither)."""
    born = children["born"].to_numpy()
    assessed = spells[spells["reason"] == AGE_ASSESSED].drop_duplicates("child", keep="last").set_index("child")
    duc = np.minimum(birthday(born, 18), assessed["ended"].reindex(children.index).fillna(NEVER).to_numpy())
    mothers = draws.happens(len(children), draws.rate("mothers_of_girls_over_15")) & (children["gender"] == "2")
    mother_on = birthday(born, 15) + draws.rng.integers(180, 1000, len(children))
    return children.assign(
        CHILD=identifiers(children.index.to_numpy(), plan.number),
        pupil_number=_mixed(children.index.to_numpy(), plan.number),
        DOB=as_text(born),
        duc=duc.astype(np.int64),
        mother_on=np.where(mothers, mother_on, NEVER),
    )


def _told_episodes(children: pd.DataFrame, episodes: pd.DataFrame, draws: Draws) -> pd.DataFrame:
    """Add what the episodes table tells beside the codes and postcodes: need, URN and why the home changed."""
    child = episodes["child"].to_numpy()
    placements = load_options("placements", 2020)
    registered = placements.loc[placements["registered"] == "yes", "placement"].unique()
    urn = episodes["placement"].isin(registered) & (episodes["ended"] >= URN_SINCE)
    return episodes.assign(
        CIN=children["need"].to_numpy()[child],
        URN=np.where(urn, NO_URN_YET, ""),
        REASON_PLACE_CHANGE=_move_reasons(episodes, draws),
    )


def _move_reasons(episodes: pd.DataFrame, draws: Draws) -> NDArray[np.str_]:
    """Why the home changed, on the episode that the change ended; none around temporary stays (rules 225, 226)."""
    moved = episodes["next_rne"].isin(["P", "B", "T", "U"]) & (episodes["ended"] >= MOVE_REASONS_SINCE)
    temporary = episodes["placement"].str.startswith("T")
    moved &= ~temporary & ~temporary.shift(-1, fill_value=False)
    same_carer = episodes["next_rne"].isin(["T", "U"])
    size = len(episodes)
    drawn = draws.values("reason_place_change", size, year=2020)
    only_kind = draws.values("reason_place_change", size, group="same_carer", year=2020)
    return np.where(moved, np.where(same_carer, only_kind, drawn), "")


def _tables(
    children: pd.DataFrame,
    episodes: pd.DataFrame,
    oc2: pd.DataFrame,
    oc3: pd.DataFrame,
    told: Return,
    told_before: NDArray[np.int64],
) -> dict[str, pd.DataFrame]:
    """Lay out header, episodes, uasc, oc2 and oc3 of one return as text. told_before: children of earlier returns."""
    own = episodes[(episodes["day"] <= told.last_day) & (episodes["ended"] >= told.first_day)]
    running = own["ended"] > told.last_day
    told_episodes = own.assign(
        CHILD=children["CHILD"].to_numpy()[own["child"]],
        DECOM=as_text(own["day"]),
        DEC=as_text(own["ended"].mask(running, NEVER)),
        REC=own["rec"].mask(running, ""),
        REASON_PLACE_CHANGE=own["REASON_PLACE_CHANGE"].mask(running, ""),
    ).rename(columns={"rne": "RNE", "legal_status": "LS", "placement": "PLACE", "provider": "PLACE_PROVIDER"})
    present = np.unique(np.concatenate([own["child"], oc2["child"], oc3["child"]]))
    here = children.loc[present]
    girl = here["gender"] == "2"
    mother = here["mother_on"] <= told.last_day
    header = here.assign(
        SEX=here["gender"],
        ETHNIC=here["ethnicity"],
        UPN=pupil_numbers(here["born"].to_numpy(), here["pupil_number"].to_numpy(), told.last_day),
        MOTHER=np.where(girl, np.where(mother, "1", "0"), ""),
        MC_DOB=as_text(here["mother_on"].where(mother, NEVER)),
    )
    # A status that ended before the year is told no more, but once where no earlier return tells of the child.
    has_status = header["uasc"] & ((header["duc"] >= told.first_day) | ~header.index.isin(told_before))
    uasc = header[has_status].assign(DUC=lambda rows: as_text(rows["duc"]))
    who = children[["CHILD", "DOB"]]
    return {
        "header": header[HEADER],
        "episodes": told_episodes[EPISODES],
        "uasc": uasc[UASC],
        "oc2": oc2.join(who, on="child")[OC2],
        "oc3": oc3.join(who, on="child")[OC3],
    }


def identifiers(numbers: NDArray[np.int64], borough: int) -> NDArray[np.str_]:
    """Write running numbers as MADEUP and four digits or letters, all different within a borough."""
    mixed = _mixed(numbers, borough)
    text = np.full(len(mixed), PREFIX, dtype="U10")
    for place in (3, 2, 1, 0):
        text = np.char.add(text, DIGITS[mixed // len(DIGITS) ** place % len(DIGITS)])
    return text


def _mixed(numbers: NDArray[np.int64], borough: int) -> NDArray[np.int64]:
    """Turn running numbers into numbers below MOST_CHILDREN in no visible order, all different within a borough."""
    return (np.asarray(numbers) + borough * (MOST_CHILDREN // 33)) * STRIDE % MOST_CHILDREN
