"""What reviews, missing spells and adoptions are drawn from, with generators of their own, and the figures they keep.

Proportions stand in made_up_event_proportions.csv, printed figures in made_up_event_targets.csv. A generator for each
table keeps what is drawn for one from moving what is drawn for another.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers import codes
from helpers.errors import InputError
from helpers.made_up.dates import to_day
from helpers.made_up.plans import Plan

REVIEWS, MISSING, ADOPTION, PERMANENCE, ORDERS = range(901, 906)
"""Third number of the seed of each table's generator; the histories themselves take the first few."""


class EventDraws:
    """The proportions of one return year after another, with one random generator. Every draw moves it on."""

    def __init__(self, seed: int, plan: Plan, table: int) -> None:
        self.rng = np.random.default_rng([seed, plan.number, table])
        listed = codes.load_codelist("made_up_event_proportions")
        self._listed = listed.assign(
            weight=listed["weight"].astype(float),
            first_year=pd.to_numeric(listed["first_year"]).fillna(0),
            last_year=pd.to_numeric(listed["last_year"]).fillna(9999),
        )

    def rate(self, name: str) -> float:
        """Give one number of the codelist, such as missing_children."""
        found = self._listed[(self._listed["draw"] == "rate") & (self._listed["value"] == name)]
        return float(found["weight"].item())

    def values(self, draw: str, size: int, year: int = 2020) -> NDArray[np.str_]:
        """Draw `size` values of a proportion as it holds in a return year.

        raises: InputError if the codelist has no such proportion in that year
        """
        own = self._listed[self._listed["draw"] == draw]
        own = own[(own["first_year"] <= year) & (year <= own["last_year"])]
        if own.empty:
            raise InputError(f"made_up_event_proportions.csv has no {draw} for the return year {year}.")
        weights = own["weight"].to_numpy()
        return self.rng.choice(own["value"].to_numpy(str), size=size, p=weights / weights.sum())

    def gumbel(self, size: int) -> NDArray[np.float64]:
        """Draw the noise by which a weighted choice is made: the highest of log weight plus noise is taken."""
        return self.rng.gumbel(size=size)


def load_event_targets(plan: Plan) -> pd.DataFrame:
    """Give the figures that a history must show beside those of made_up_targets.csv: the kept rows of one borough.

    returns: the columns of made_up_event_targets.csv, with `day` and `value`; no row where a plan keeps no figures
    """
    listed = codes.load_codelist("made_up_event_targets")
    shaped = any(len(period.targets) for period in plan.periods)
    own = listed[(listed["borough"] == plan.borough) & (listed["kept"] == "yes") & shaped]
    days = np.array([to_day(date) for date in own["date"]], dtype=np.int64)
    return own.assign(day=days, value=own["printed"].astype(float)).reset_index(drop=True)


def asked_for(targets: pd.DataFrame, indicator: str, day: int, category: str = "total") -> float | None:
    """Give the figure of one indicator on a day, or None where none is kept."""
    own = targets[(targets["indicator"] == indicator) & (targets["day"] == day) & (targets["category"] == category)]
    return float(own["value"].iloc[0]) if len(own) else None
