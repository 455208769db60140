"""False findings of a gap in an outcome where group and others have the same chance of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from calibration.chances import binomial_chances, chance_of, every_pair, found
from calibration.results import exact_row
from helpers.disproportionality import outcome_findings

GROUPS = ((10, 90), (20, 80), (30, 270), (75, 225), (60, 540), (150, 450))
SHARES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)
AT_MOST = "at most 5.5%"


def gaps(groups: Sequence[tuple[int, int]] = GROUPS) -> list[dict]:
    """Go through every count of a group's events and of the others': the worst over how common the outcome is."""
    rows = []
    for children, others in groups:
        own, other = every_pair(children, others)
        table = pd.DataFrame({
            "group": "group", "case": np.arange(own.size), "events": own.ravel(), "children": children,
            "all_events": (own + other).ravel(), "all_children": children + others,
        })  # fmt: skip
        wrong = found(outcome_findings(table, family=["case"])).reshape(own.shape)
        worst = max(
            chance_of(wrong, binomial_chances(children, share), binomial_chances(others, share)) for share in SHARES
        )
        setting = f"{children} in the group, {others} others, outcomes of 2% to 90%, the worst of them"
        rows.append(exact_row("Gap in an outcome, one group alone", setting, worst, promised=AT_MOST))
    return rows


PARTS = (gaps,)
