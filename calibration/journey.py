"""The grid of outcomes along the journey (Benjamini-Hochberg): false findings where none, or a third, are true."""

from __future__ import annotations

import numpy as np
import pandas as pd

from calibration.chances import any_in_case, found
from calibration.results import drawn_row, mean_row
from helpers.disproportionality import outcome_findings

SHARES = np.array([0.2, 0.2, 0.1, 0.1, 0.4])
OUTCOMES = np.array([0.05, 0.1, 0.1, 0.15, 0.2, 0.3, 0.3, 0.4, 0.5, 0.6, 0.7, 0.85])
SIZES = (100, 300, 600)
DIFFERENT = 10
"""Outcomes in which two groups of five differ, in opposite directions: 20 of the 60 cells, a third."""
FARTHEST = 0.3
SEED = 701
RUNS = 4_000


def true_shares(different: int) -> tuple[np.ndarray, np.ndarray]:
    """Give each cell's true share of children with the outcome, shape (outcomes, groups), and the cell's direction.

    In the first `different` outcomes the first group lies below and the second above the others, by as much: the two
    are of one size, so that all others together keep the share and the other three groups are truly like them.
    """
    shares = np.repeat(OUTCOMES[:, None], len(SHARES), axis=1)
    direction = np.zeros(shares.shape, dtype=int)
    step = np.minimum(FARTHEST, 0.8 * np.minimum(OUTCOMES, 1 - OUTCOMES))[:different]
    shares[:different, 0] -= step
    shares[:different, 1] += step
    direction[:different, 0], direction[:different, 1] = -1, 1
    return shares, direction


def draw_grids(generator: np.random.Generator, runs: int, size: int, different: int) -> pd.DataFrame:
    """Draw the events of every cell, each outcome by itself: rows for `outcome_findings`, with the true direction."""
    shares, direction = true_shares(different)
    children = np.round(size * SHARES).astype(int)
    events = generator.binomial(children, shares, (runs, *shares.shape))
    outcomes, groups = shares.shape
    cells = outcomes * groups
    return pd.DataFrame({
        "case": np.repeat(np.arange(runs), cells),
        "group": np.tile([f"g{number}" for number in range(groups)], runs * outcomes),
        "events": events.ravel(),
        "children": np.tile(children, runs * outcomes),
        "all_events": np.repeat(events.sum(axis=-1).ravel(), groups),
        "all_children": children.sum(),
        "direction": np.tile(direction.ravel(), runs),
    })  # fmt: skip


def nothing_true(runs: int = RUNS) -> list[dict]:
    """No cell differs: how many grids have a finding?"""
    rows = []
    for place, size in enumerate(SIZES):
        grids = draw_grids(np.random.default_rng(SEED + place), runs, size, 0)
        wrong = any_in_case(outcome_findings(grids, family=["case"]))
        setting = f"12 outcomes of 5 groups, {size} children, no true difference"
        rows.append(drawn_row("Grids with any false finding", setting, wrong, SEED + place, promised="at most 5%"))
    return rows


def a_third_true(runs: int = RUNS) -> list[dict]:
    """A third of the cells differ: which part of the findings is false, and which part of the differences is found?"""
    rows = []
    for place, size in enumerate(SIZES):
        seed = SEED + 10 + place
        result = outcome_findings(draw_grids(np.random.default_rng(seed), runs, size, DIFFERENT), family=["case"])
        said = found(result, "over-represented").astype(int) - found(result, "under-represented").astype(int)
        direction = result["direction"].to_numpy()
        cells = pd.DataFrame({"said": said != 0, "false": (said != 0) & (said != direction)})
        sums = cells.groupby(result["case"].to_numpy()).sum()
        proportion = sums["false"] / np.maximum(sums["said"], 1)
        setting = f"12 outcomes of 5 groups, {size} children, a third truly different"
        rows.append(mean_row("Part of the findings that is false", setting, proportion, seed, promised="at most 5%"))
        caught = pd.Series((said == direction)[direction != 0])
        caught = caught.groupby(result.loc[direction != 0, "case"].to_numpy()).mean()
        rows.append(mean_row("Part of the true differences that is found", setting, caught, seed))
    return rows


PARTS = (nothing_true, a_third_true)
