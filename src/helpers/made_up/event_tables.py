"""What happens to children in care beside their episodes, laid out as the tables of one return."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.made_up import event_draws
from helpers.made_up.adoption import adoption_details, decide_placements, decisions_told
from helpers.made_up.dates import NEVER, as_text
from helpers.made_up.event_draws import EventDraws, load_event_targets
from helpers.made_up.missing import go_missing, missing_in
from helpers.made_up.permanence import FIRST_RETURN_YEAR, orders_before_care, orders_told
from helpers.made_up.plans import Plan, Return
from helpers.made_up.reviews import hold_reviews, reviews_of

REVIEWS = ["CHILD", "DOB", "REVIEW", "REVIEW_CODE"]
AD1 = ["CHILD", "DOB", "DATE_INT", "DATE_MATCH", "FOSTER_CARE", "NB_ADOPTR", "SEX_ADOPTR", "LS_ADOPTR"]
PLACED_ADOPTION = ["CHILD", "DOB", "DATE_PLACED", "DATE_PLACED_CEASED", "REASON_PLACED_CEASED"]
PREV_PERM = ["CHILD", "DOB", "PREV_PERM", "LA_PERM", "DATE_PERM"]
MISSING = ["CHILD", "DOB", "MISSING", "MIS_START", "MIS_END"]


class Events(NamedTuple):
    """The events of one history: one table each, children by their number, days as numbers."""

    reviews: pd.DataFrame
    missing: pd.DataFrame
    decisions: pd.DataFrame
    adoptions: pd.DataFrame
    orders: pd.DataFrame


def live_events(children: pd.DataFrame, spells: pd.DataFrame, episodes: pd.DataFrame, plan: Plan, seed: int) -> Events:
    """Let the events of a history happen: reviews, missing spells, adoptions, orders before care.

    children: born, in order of child; spells and episodes: see history.live
    """
    targets = load_event_targets(plan)
    adoption = EventDraws(seed, plan, event_draws.ADOPTION)
    decisions = decide_placements(episodes, adoption)
    return Events(
        reviews=hold_reviews(children, spells, plan, targets, EventDraws(seed, plan, event_draws.REVIEWS)),
        missing=go_missing(children, spells, episodes, plan, targets, EventDraws(seed, plan, event_draws.MISSING)),
        decisions=decisions,
        adoptions=adoption_details(episodes, decisions, plan, targets, adoption),
        orders=orders_before_care(children, spells, EventDraws(seed, plan, event_draws.PERMANENCE)),
    )


def event_tables(events: Events, who: pd.DataFrame, episodes: pd.DataFrame, told: Return) -> dict[str, pd.DataFrame]:
    """Lay out the further tables of one return as text, in the official columns.

    who: CHILD and DOB as text, by the child's number; episodes: see history.live
    returns: by table; an SSDA903 return of the year has each, with or without rows
    """
    tables = {
        "reviews": _reviews(events.reviews, who, told),
        "ad1": _adoptions(events.adoptions, who, told),
        "placed_adoption": _decisions(events.decisions, who, told),
        "missing": _missing(events.missing, who, told),
    }
    if told.year >= FIRST_RETURN_YEAR:
        tables["prev_perm"] = _orders(events.orders, who, episodes, told)
    return tables


def _reviews(reviews: pd.DataFrame, who: pd.DataFrame, told: Return) -> pd.DataFrame:
    own = reviews_of(reviews, told.first_day, told.last_day).join(who, on="child")
    return own.assign(REVIEW=as_text(own["day"]))[REVIEWS]


def _adoptions(adoptions: pd.DataFrame, who: pd.DataFrame, told: Return) -> pd.DataFrame:
    own = adoptions[adoptions["adopted"].between(told.first_day, told.last_day)].join(who, on="child")
    return own.assign(DATE_INT=as_text(own["DATE_INT"]), DATE_MATCH=as_text(own["DATE_MATCH"]))[AD1]


def _decisions(decisions: pd.DataFrame, who: pd.DataFrame, told: Return) -> pd.DataFrame:
    own = decisions_told(decisions, told.first_day, told.last_day).join(who, on="child")
    stands = own["ceased"] > told.last_day
    return own.assign(
        DATE_PLACED=as_text(own["placed"]),
        DATE_PLACED_CEASED=as_text(own["ceased"].mask(stands, NEVER)),
        REASON_PLACED_CEASED=own["REASON_PLACED_CEASED"].mask(stands, ""),
    )[PLACED_ADOPTION]


def _missing(missing: pd.DataFrame, who: pd.DataFrame, told: Return) -> pd.DataFrame:
    own = missing_in(missing, told.first_day, told.last_day).join(who, on="child")
    back = own["end"].mask(own["end"] > told.last_day, NEVER)
    return own.assign(MIS_START=as_text(own["start"]), MIS_END=as_text(back))[MISSING]


def _orders(orders: pd.DataFrame, who: pd.DataFrame, episodes: pd.DataFrame, told: Return) -> pd.DataFrame:
    own = orders_told(orders, episodes, told).join(who, on="child")
    day = np.where(own["ordered"] < 0, NEVER, own["ordered"])
    return own.assign(LA_PERM="", DATE_PERM=as_text(day))[PREV_PERM]
