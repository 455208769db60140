"""The made-up return of a borough: SSDA903 files with the official columns in order, one folder per collection."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.errors import InputError
from helpers.made_up.choosing import OutOfReachError, load_options
from helpers.made_up.dates import NEVER, as_text, birthday, to_day
from helpers.made_up.draws import Draws
from helpers.made_up.history import live
from helpers.made_up.outcomes import care_leaver_outcomes, choose_care_leavers, outcomes, usual_scores
from helpers.made_up.plans import Plan, Return
from helpers.made_up.postcodes import home_postcodes, place_postcodes
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

NO_UPN = "UN1"
NO_URN_YET = "XXXXXXX"  # a made-up number could be a real home's
URN_SINCE = to_day("2013-04-01")
MOVE_REASONS_SINCE = to_day("2015-04-01")
AGE_ASSESSED = "E15"
DRAWS_TRIED = 8


def write_returns(folder: Path, plan: Plan, seed: int) -> list[Path]:
    """Write every return of one borough under folder/<slug>/<period>/. The same plan and seed give the same bytes."""
    draws, children, spells, episodes = _live(plan, seed)
    usual = usual_scores(children, draws)
    episodes = _told_episodes(children, episodes, draws)
    children, leavers = choose_care_leavers(children.set_index("child", drop=False), spells, plan.returns,
                                            plan.care_leavers, draws)  # fmt: skip
    children = _told_children(children, spells, plan, draws)
    written = []
    for told in plan.returns:
        oc2 = outcomes(children, spells, told, usual, draws)
        oc3 = care_leaver_outcomes(leavers[told.name], told, draws)
        here = folder / slug(plan.borough) / told.name
        here.mkdir(parents=True, exist_ok=True)
        for table, rows in _tables(children, episodes, oc2, oc3, told).items():
            written.append(here / f"made_up_{told.name}_{table}.csv")
            rows.to_csv(written[-1], index=False, lineterminator="\n", encoding="utf-8")
    return written


def _live(plan: Plan, seed: int) -> tuple[Draws, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Live a history that keeps every count. An unlucky draw of children, from which it cannot, is drawn again."""
    for attempt in range(DRAWS_TRIED):
        draws = Draws(plan.borough, np.random.default_rng([seed, plan.number, attempt]))
        try:
            children, spells, episodes = live(plan, draws)
        except OutOfReachError:
            if attempt + 1 == DRAWS_TRIED:
                raise
        else:
            break
    if len(children) > MOST_CHILDREN:
        raise InputError(f"{plan.borough}: at most {MOST_CHILDREN:,} children can be made up. Ask for fewer.")
    return draws, children.sort_values("child", ignore_index=True), spells, episodes


def _told_children(children: pd.DataFrame, spells: pd.DataFrame, plan: Plan, draws: Draws) -> pd.DataFrame:
    """Add what the header and uasc tables tell: CHILD, DOB, duc and mother_on (days; NEVER for neither)."""
    born = children["born"].to_numpy()
    assessed = spells[spells["reason"] == AGE_ASSESSED].drop_duplicates("child", keep="last").set_index("child")
    duc = np.minimum(birthday(born, 18), assessed["ended"].reindex(children.index).fillna(NEVER).to_numpy())
    mothers = draws.happens(len(children), draws.rate("mothers_of_girls_over_15")) & (children["gender"] == "2")
    mother_on = birthday(born, 15) + draws.rng.integers(180, 1000, len(children))
    return children.assign(
        CHILD=identifiers(children.index.to_numpy(), plan.number),
        DOB=as_text(born),
        duc=duc.astype(np.int64),
        mother_on=np.where(mothers, mother_on, NEVER),
    )


def _told_episodes(children: pd.DataFrame, episodes: pd.DataFrame, draws: Draws) -> pd.DataFrame:
    """Add what the episodes table tells beside the codes: need, postcodes, URN and why the home changed."""
    homes = home_postcodes(children, draws)
    child = episodes["child"].to_numpy()
    placements = load_options("placements", 2020)
    registered = placements.loc[placements["registered"] == "yes", "placement"].unique()
    urn = episodes["placement"].isin(registered) & (episodes["day"] >= URN_SINCE)
    return episodes.assign(
        CIN=children["need"].to_numpy()[child],
        HOME_POST=homes[child],
        PL_POST=place_postcodes(episodes, homes, draws),
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
    children: pd.DataFrame, episodes: pd.DataFrame, oc2: pd.DataFrame, oc3: pd.DataFrame, told: Return
) -> dict[str, pd.DataFrame]:
    """Lay out the five tables of one return as text."""
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
        UPN=NO_UPN,
        MOTHER=np.where(girl, np.where(mother, "1", "0"), ""),
        MC_DOB=as_text(here["mother_on"].where(mother, NEVER)),
    )
    uasc = header[header["uasc"]].assign(DUC=lambda rows: as_text(rows["duc"]))
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
    mixed = (np.asarray(numbers) + borough * (MOST_CHILDREN // 33)) * STRIDE % MOST_CHILDREN
    text = np.full(len(mixed), PREFIX, dtype="U10")
    for place in (3, 2, 1, 0):
        text = np.char.add(text, DIGITS[mixed // len(DIGITS) ** place % len(DIGITS)])
    return text
