"""False changes between two years where nothing has changed underneath."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from calibration.chances import (
    binomial_chances,
    chance_of,
    every_pair,
    most_events,
    poisson_chances,
)
from calibration.results import exact_row
from helpers.trends import change, trend_findings

AT_MOST = "at most 5.5%"
MEANS = (5, 10, 20, 40, 80, 160)
SHARES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)
STOCK = 1_000
"""Children in care on the first day: so many that the flows cannot empty it; the test looks at the flows only."""


def flows(means: Sequence[float] = MEANS) -> list[dict]:
    """Go through every pair of counts of two years."""
    before, after = every_pair(*[most_events(max(means))] * 2)
    wrong = change(before, after, kind="flow").p_value < 0.05
    return _poisson_rows("Change in a flow between two years", wrong, means, means, "events a year")


def rates(means: Sequence[float] = MEANS) -> list[dict]:
    """The same, where the population grows by a tenth or doubles."""
    rows = []
    for growth in (1.1, 2.0):
        later = [mean * growth for mean in means]
        before, after = every_pair(most_events(max(means)), most_events(max(later)))
        wrong = change(before, after, kind="rate", base_before=10_000, base_after=10_000 * growth).p_value < 0.05
        what = f"Change in a rate between two years, population times {growth:g}"
        rows += _poisson_rows(what, wrong, means, later, "events in the first year")
    return rows


def stocks(means: Sequence[float] = (10, 20, 40, 80)) -> list[dict]:
    """Go through every pair of entries and exits between two days: is the stock said to rise or to fall?"""
    came, went = (part.ravel() for part in every_pair(*[most_events(max(means))] * 2))
    table = pd.DataFrame({
        "case": np.repeat(np.arange(came.size), 2),
        "period": np.tile([2020, 2021], came.size),
        "kind": "stock",
        "events": np.stack([np.full(came.size, STOCK), STOCK + came - went], axis=1).ravel(),
        "entries": np.repeat(came, 2),
        "exits": np.repeat(went, 2),
    })  # fmt: skip
    said = trend_findings(table, series=["case"])["finding"].isin(["rising", "falling"]).to_numpy()
    side = int(np.sqrt(came.size))
    what = "Children in care rising or falling, entries against exits of one year"
    return _poisson_rows(what, said.reshape(side, side), means, means, "entries and as many exits expected")


def _poisson_rows(
    what: str, wrong: np.ndarray, first: Sequence[float], second: Sequence[float], unit: str
) -> list[dict]:
    sides = [size - 1 for size in wrong.shape]
    return [
        exact_row(
            what,
            f"{one:g} {unit}",
            chance_of(wrong, poisson_chances(one, sides[0]), poisson_chances(two, sides[1])),
            promised=AT_MOST,
        )
        for one, two in zip(first, second, strict=True)
    ]


def shares(cohorts: Sequence[tuple[int, int]] = ((30, 30), (30, 60), (100, 100), (100, 200), (200, 250))) -> list[dict]:
    """Go through every pair of counts of two cohorts; a change needs the p-value and the interval."""
    rows = []
    for first, second in cohorts:
        before, after = every_pair(first, second)
        found = change(before, after, kind="proportion", base_before=first, base_after=second)
        wrong = (found.p_value < 0.05) & ((found.change_low > 0) | (found.change_high < 0))
        worst = max(
            chance_of(wrong, binomial_chances(first, share), binomial_chances(second, share)) for share in SHARES
        )
        setting = f"cohorts of {first} and {second}, shares of 2% to 90%, the worst of them"
        rows.append(exact_row("Change in a share between two cohorts", setting, worst, promised=AT_MOST))
    return rows


PARTS = (flows, rates, stocks, shares)
