"""Permanence orders that children had before they came into care: table prev_perm, for those who start in a year."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.made_up.event_draws import EventDraws
from helpers.made_up.plans import Return

FIRST_RETURN_YEAR = 2014
NO_ORDER = "Z1"
OLD_ENOUGH = 700  # days from birth to the first period of care, for an order to lie between
DAYS_BETWEEN = 100
"""Fewest days from birth to an order, and from an order to the care."""


def orders_before_care(children: pd.DataFrame, spells: pd.DataFrame, draws: EventDraws) -> pd.DataFrame:
    """Draw each child's order before the first period of care, most had none.

    children: born, in order of child; spells: child, began
    returns: PREV_PERM and `ordered` (day; -1 for no order) in order of child, for children with a period of care
    """
    began = spells.groupby("child")["began"].min()
    born = children["born"].to_numpy()[began.index]
    order = draws.values("previous_permanence", len(began))
    old = (began - born).to_numpy() > OLD_ENOUGH
    order = np.where(old, order, NO_ORDER)
    part = draws.rng.random(len(began))
    room = began.to_numpy() - born - 2 * DAYS_BETWEEN
    day = born + DAYS_BETWEEN + np.floor(part * np.maximum(room, 1)).astype(np.int64)
    return pd.DataFrame({"PREV_PERM": order, "ordered": np.where(order == NO_ORDER, -1, day)}, index=began.index)


def orders_told(orders: pd.DataFrame, episodes: pd.DataFrame, told: Return) -> pd.DataFrame:
    """Give the orders that a return tells: of children who came into care in its year; none before 2014.

    returns: child, PREV_PERM, ordered
    """
    started = (episodes["rne"] == "S") & episodes["day"].between(told.first_day, told.last_day)
    child = np.unique(episodes.loc[started & (told.year >= FIRST_RETURN_YEAR), "child"])
    return orders.loc[child].rename_axis("child").reset_index()
