"""How many of a base a local extra is asked to show: the printed figure, a year near it, or the usual share."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from helpers import codes
from helpers.made_up.draws import Draws
from helpers.made_up.outcome_figures import YEAR_TO_YEAR, OutcomeFigures

USUAL = "made_up_local_shares"


def asked_for(
    indicator: str, day: int, base: int, draws: Draws, figures: OutcomeFigures, *, spread: float = YEAR_TO_YEAR
) -> int:
    """Give the printed count of a day, or one near the borough's printed years, or one near the usual share."""
    count = figures.near(indicator, day, base, draws, spread=spread)
    if count is None:
        count = round(base * (usual_share(indicator) + draws.rng.normal(0, 1) * spread))
    return int(np.clip(count, 0, base))


@lru_cache(maxsize=32)
def usual_share(indicator: str) -> float:
    """Give the usual share of made_up_local_shares.csv."""
    listed = codes.load_codelist(USUAL)
    return float(listed.loc[listed["indicator"] == indicator, "share"].item())
