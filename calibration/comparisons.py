"""False differences from a comparator, and clear states against a target, where the truth is on the line."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from calibration.chances import binomial_chances, chance_of, every_pair, most_events, poisson_chances
from calibration.results import exact_row
from helpers.trends import against_comparator, against_target

AT_MOST = "at most 5.5%"
SHARES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)
MEANS = (3, 10, 40, 160)
CHILDREN = 40_000
TIMES = 32
"""A comparator of London's size without the borough: as many children as 32 boroughs have."""
COHORT_TIMES = 4
"""A comparator of neighbours: as many children as 4 such areas have."""


def with_fixed(means: Sequence[float] = MEANS, cohorts: Sequence[int] = (20, 100, 300)) -> list[dict]:
    """Go through every count of an area held against a value that is taken as known (England)."""
    rows, what = [], "Higher or lower than a fixed value"
    for mean in means:
        counts = np.arange(most_events(mean) + 1)
        found = against_comparator(counts, CHILDREN, mean * 1_000, CHILDREN * 1_000, kind="rate", relation="fixed")
        chance = float(poisson_chances(mean, counts[-1]) @ _differs(found.position))
        rows.append(exact_row(what, f"rate, {mean} events expected", chance, promised=AT_MOST))
    for children in cohorts:
        chances = []
        for share in SHARES:
            found = against_comparator(
                np.arange(children + 1), children, share * 1_000_000, 1_000_000, kind="proportion", relation="fixed"
            )
            chances.append(float(binomial_chances(children, share) @ _differs(found.position)))
        setting = f"share, {children} children, values of 2% to 90%, the worst of them"
        rows.append(exact_row(what, setting, max(chances), promised=AT_MOST))
    return rows


def with_area(means: Sequence[float] = (3, 10, 40)) -> list[dict]:
    """Go through every pair of counts of a borough and of the rest of the area that contains it, or of neighbours."""
    rows, what = [], "Higher or lower than a larger area"
    for mean in means:
        own, rest = every_pair(most_events(mean), most_events(mean * TIMES))
        found = against_comparator(own, CHILDREN, own + rest, CHILDREN * (TIMES + 1), kind="rate", relation="contains")
        chances = [poisson_chances(part, size - 1) for part, size in zip((mean, mean * TIMES), own.shape, strict=True)]
        setting = f"rate, {mean} events expected in a borough, {mean * TIMES} in the rest of London"
        rows.append(exact_row(what, setting, chance_of(_differs(found.position), *chances), promised=AT_MOST))
    for children in (20, 60, 120):
        own, rest = every_pair(children, children * COHORT_TIMES)
        found = against_comparator(own, children, rest, children * COHORT_TIMES, kind="proportion", relation="separate")
        wrong = _differs(found.position)
        sizes = children, children * COHORT_TIMES
        worst = max(chance_of(wrong, *(binomial_chances(size, share) for size in sizes)) for share in SHARES)
        setting = f"share, {children} children, {sizes[1]} of neighbours, shares of 2% to 90%, the worst of them"
        rows.append(exact_row(what, setting, worst, promised=AT_MOST))
    return rows


def _differs(position: np.ndarray) -> np.ndarray:
    return np.isin(position.astype(str), ["higher", "lower"])


def targets(cohorts: Sequence[int] = (20, 60, 200), goals: Sequence[float] = (0.1, 0.5, 0.8, 0.9)) -> list[dict]:
    """Go through every count where the truth is exactly the target: each clear state is wrong by a hair's breadth."""
    rows = []
    for state in ("met, clear", "not met, clear"):
        for children in cohorts:
            chances = [
                float(
                    binomial_chances(children, goal)
                    @ (against_target(np.arange(children + 1), children, goal, better=better).state == state)
                )
                for goal in goals
                for better in ("higher", "lower")
            ]
            setting = f"{children} children, targets of 10% to 90%, the worst of them"
            rows.append(exact_row(f"Target: {state}", setting, max(chances), promised=AT_MOST))
    return rows


PARTS = (with_fixed, with_area, targets)
